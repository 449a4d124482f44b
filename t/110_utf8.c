/* UTF-8: what is well formed, counting and cutting by code points, and text made fit to send. */
#include <stdlib.h>
#include <string.h>

#include "mem/arena.h"
#include "tap.h"
#include "text/utf8.h"

static bool
valid(const char *s, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len); /* no byte to spare: ASan sees a step too far */
	bool good;

	memcpy(copy, s, len);
	good = utf8_is_valid(copy, len);
	free(copy);
	return good;
}

/* Encodes without asking what is allowed. */
static size_t
encode(uint32_t cp, char out[4])
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3f));
	out[0] = (char)(lead[n] | cp);
	return n;
}

static void
test_every_code_point(void)
{
	unsigned wrong = 0;

	for (uint32_t cp = 0; cp < 0x110400; cp++) {
		bool want = cp <= 0x10ffff && !(cp >= 0xd800 && cp <= 0xdfff);
		uint32_t got = 0;
		char s[4];
		size_t n = encode(cp, s), read = utf8_next(s, n, &got);

		wrong += want ? read != n || got != cp : read != 0;
		wrong += n > 1 && utf8_next(s, n - 1, &got) != 0;
	}
	is_int(wrong, 0,
	    "each code point is read back, surrogates and what lies past U+10FFFF are not");
}

static void
test_two_bytes(void)
{
	unsigned taken = 0;

	for (unsigned hi = 0; hi < 256; hi++)
		for (unsigned lo = 0; lo < 256; lo++) {
			char s[2] = { (char)hi, (char)lo };

			taken += utf8_is_valid(s, 2);
		}
	is_int(taken, 128 * 128 + 30 * 64, "of all pairs of bytes only the well-formed are valid");
}

static void
test_valid(void)
{
	ok(valid("", 0), "nothing is valid");
	ok(valid("a\0b", 3), "a NUL is a character");
	ok(valid("caf\xc3\xa9 \xe2\x82\xb9 \xf0\x9f\x8d\x9b", 14), "characters of each length");
	ok(!valid("\xc0\xaf", 2), "an overlong slash is not");
	ok(!valid("\xed\xa0\x80", 3), "a surrogate is not");
	ok(!valid("ok\xe2\x82", 4), "a cut character is not");
}

static void
test_lengths(struct arena *a)
{
	is_int(utf8_n("\xe0\xa4\xa8\xe0\xa4\xae a"), 4, "code points are counted");
	is_int(utf8_n("a\xff\xfe"), 3, "a stray byte counts as one");
	is_str(utf8_truncate(a, "\xe2\x82\xb9""12", 2), "\xe2\x82\xb9""1", "cut at code points");
	is_str(utf8_truncate(a, "abc", 9), "abc", "nothing to cut");
	is_str(utf8_truncate(a, "abc", 0), "", "cut to nothing");
}

static void
test_sanitise(struct arena *a)
{
	is_str(utf8_sanitise(a, NULL, 9), NULL, "NULL stays NULL");
	is_str(utf8_sanitise(a, "", 9), "", "nothing stays nothing");
	is_str(utf8_sanitise(a, "  no\tonions\r\n\r\nplease \n", 99), "no onions please",
	    "S51 blanks and line ends become one space, and none at the ends");
	is_str(utf8_sanitise(a, "a\x1b[31mb\x07\x7f", 99), "a[31mb", "S51 control characters go");
	is_str(utf8_sanitise(a,
		   "a\xc2\x9b"
		   "b\xe2\x80\xae"
		   "c\xef\xbb\xbf"
		   "d\xe2\x80\x8b"
		   "e",
		   99),
	    "abcde", "C1 controls, direction marks, byte order marks and zero-width spaces go");
	is_str(utf8_sanitise(a, "a\xe2\x80\xa8" "b\xc2\xa0" "c", 99), "a b c",
	    "S51 U+2028 and the no-break space are blanks");
	is_str(utf8_sanitise(a,
		   "a\xff"
		   "b",
		   99),
	    "a\xef\xbf\xbd"
	    "b",
	    "a stray byte becomes U+FFFD");
	is_str(utf8_sanitise(a, "\xff\xff\xff", 99), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	    "three stray bytes have room for three");
	is_str(utf8_sanitise(a, "\xe0\xa4\xa8\xe0\xa4\xae\xe2\x80\x8d", 99),
	    "\xe0\xa4\xa8\xe0\xa4\xae\xe2\x80\x8d", "joiners stay");
	is_str(utf8_sanitise(a, "abcdef", 3), "abc", "cut to the limit");
	is_str(utf8_sanitise(a, "ab cd", 3), "ab", "no space is left at the cut");
	is_str(utf8_sanitise(a, "ab cd", 4), "ab c", "a space and what follows it");
	is_str(utf8_sanitise(a, "abc", 0), "", "a limit of none");
}

int
main(void)
{
	struct arena *a = arena_new(1 << 20);

	test_every_code_point();
	test_two_bytes();
	test_valid();
	test_lengths(a);
	test_sanitise(a);
	arena_free(&a);
	return tap_done();
}
