/* Bytes as text: hexadecimal, base64, base64url. Vectors of RFC 4648, section 10. */
#include <string.h>

#include "mem/arena.h"
#include "tap.h"
#include "text/hex.h"

static const struct vector {
	const char *plain, *base64, *base64url, *hex;
} vectors[] = {
	{ "", "", "", "" },
	{ "f", "Zg==", "Zg", "66" },
	{ "fo", "Zm8=", "Zm8", "666f" },
	{ "foo", "Zm9v", "Zm9v", "666f6f" },
	{ "foob", "Zm9vYg==", "Zm9vYg", "666f6f62" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE", "666f6f6261" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172" },
	{ "\xff\xef\xbe", "/+++", "_---", "ffefbe" },
};

static void
test_vectors(struct arena *a)
{
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		const struct vector *v = &vectors[i];
		size_t len = strlen(v->plain);
		struct bytes b = { 0 };
		char back[8];

		is_str(base64_encode(a, v->plain, len), v->base64, "base64 of '%s'", v->hex);
		is_str(
		    base64url_encode(a, v->plain, len), v->base64url, "base64url of '%s'", v->hex);
		is_str(hex_encode(a, v->plain, len), v->hex, "hex '%s'", v->hex);
		ok(base64_decode(a, v->base64, strlen(v->base64), &b) && b.len == len &&
			memcmp(b.data, v->plain, len) == 0, "base64 '%s' back", v->base64);
		ok(base64url_decode(a, v->base64url, strlen(v->base64url), &b) && b.len == len &&
			memcmp(b.data, v->plain, len) == 0, "base64url '%s' back", v->base64url);
		ok(hex_decode(v->hex, back, len) && memcmp(back, v->plain, len) == 0,
		    "hex '%s' back", v->hex);
	}
}

static void
test_base64_refused(struct arena *a)
{
	static const char *const bad[] = { "Zg", "Zg=", "Zg===", "Z", "Zh==", "Zm9=", "Zm 9v",
		"Zm9v\n", " Zm9v", "Zm9v=", "=", "====", "Zg==Zg==", "_---", "Zm9*", "Zm\xc3\xa9" };
	static const char *const bad_url[] = { "Zg==", "Zg=", "Z", "Zh", "Zm9", "/+++", "Zm9v\n",
		"Zm 9v", "Zm9v.", "ZZZZZ" };
	struct bytes b = { .data = "kept", .len = 4 };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!base64_decode(a, bad[i], strlen(bad[i]), &b), "S85 base64 refuses sample %zu",
		    i);
	for (size_t i = 0; i < sizeof bad_url / sizeof bad_url[0]; i++)
		ok(!base64url_decode(a, bad_url[i], strlen(bad_url[i]), &b),
		    "S85 base64url refuses sample %zu", i);
	ok(!base64_decode(a, "Zm9v\0Zm9v", 9, &b), "a NUL inside is refused");
	ok(b.len == 4 && strcmp(b.data, "kept") == 0, "a refusal leaves the output alone");
	ok(base64_decode(a, "Zm9vXXXX", 4, &b) && b.len == 3,
	    "no byte past the length is looked at");
}

/* Each byte in each place of a group of four: only the alphabet is taken. */
static void
test_alphabet(struct arena *a)
{
	static const char common[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	unsigned wrong = 0;

	for (unsigned c = 0; c < 256; c++)
		for (unsigned place = 0; place < 4; place++) {
			bool is_common = c != 0 && strchr(common, (int)c) != NULL;
			char text[5] = "AAAA";
			struct bytes b;

			text[place] = (char)c;
			wrong += base64_decode(a, text, 4, &b) !=
			    (is_common || c == '+' || c == '/' || (c == '=' && place == 3));
			wrong +=
			    base64url_decode(a, text, 4, &b) != (is_common || c == '-' || c == '_');
		}
	is_int(wrong, 0, "S85 no byte outside the alphabet is taken");
}

static void
test_hex(void)
{
	unsigned char out[4] = { 1, 2, 3, 4 };

	ok(hex_decode("DEADbeef", out, 4) && memcmp(out, "\xde\xad\xbe\xef", 4) == 0,
	    "either case");
	ok(!hex_decode("deadbee", out, 4), "too short");
	ok(!hex_decode("deadbeef0", out, 4), "too long");
	ok(!hex_decode("deadbeef00", out, 4), "a byte too long");
	ok(!hex_decode("00 00 00", out, 4), "blanks");
	ok(!hex_decode("0000000g", out, 4), "no hex digit");
	ok(!hex_decode("0x000000", out, 4), "prefix");
	ok(memcmp(out, "\xde\xad\xbe\xef", 4) == 0, "a refusal leaves the output alone");
}

static void
test_all_lengths(struct arena *a)
{
	unsigned char data[100];
	unsigned wrong = 0;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (unsigned char)(i * 151 + 7);
	for (size_t n = 0; n <= sizeof data; n++) {
		char *text = base64_encode(a, data, n), *url = base64url_encode(a, data, n);
		struct bytes b;

		wrong += !base64_decode(a, text, strlen(text), &b) || b.len != n ||
		    memcmp(b.data, data, n) != 0;
		wrong += !base64url_decode(a, url, strlen(url), &b) || b.len != n ||
		    memcmp(b.data, data, n) != 0;
	}
	is_int(wrong, 0, "0 to 100 bytes come back");
}

int
main(void)
{
	struct arena *a = arena_new(1 << 20);

	test_vectors(a);
	test_base64_refused(a);
	test_alphabet(a);
	test_hex();
	test_all_lengths(a);
	arena_free(&a);
	return tap_done();
}
