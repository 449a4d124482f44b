/* URLs: taken apart, refused when anything about them is odd; percent-encoding both ways. */
#include <string.h>

#include "mem/arena.h"
#include "tap.h"
#include "text/url.h"

static const struct sample {
	const char *text;
	bool is_https;
	uint16_t port;
	const char *host, *path, *query;
} samples[] = {
	{ "https://api.petpooja.com/V1/save_order", true, 443, "api.petpooja.com", "/V1/save_order",
	    NULL },
	{ "http://localhost:8080/x", false, 8080, "localhost", "/x", NULL },
	{ "https://example.com", true, 443, "example.com", "/", NULL },
	{ "https://example.com/", true, 443, "example.com", "/", NULL },
	{ "https://example.com?a=1", true, 443, "example.com", "/", "a=1" },
	{ "https://example.com/p?", true, 443, "example.com", "/p", "" },
	{ "https://example.com/p?a=/?b@c:d", true, 443, "example.com", "/p", "a=/?b@c:d" },
	{ "https://example.com/a@b:c", true, 443, "example.com", "/a@b:c", NULL },
	{ "https://example.com/%E2%82%B9%2f", true, 443, "example.com", "/%E2%82%B9%2f", NULL },
	{ "HTTPS://EXAMPLE.com:443/A", true, 443, "example.com", "/A", NULL },
	{ "http://127.0.0.1:1/", false, 1, "127.0.0.1", "/", NULL },
	{ "http://[::1]/", false, 80, "::1", "/", NULL },
	{ "https://[2001:DB8::1]:65535/x", true, 65535, "2001:db8::1", "/x", NULL },
	{ "https://xn--bcher-kva.example/", true, 443, "xn--bcher-kva.example", "/", NULL },
	{ "https://a_b.example-1.com/", true, 443, "a_b.example-1.com", "/", NULL },
	{ "https://1.2.example/", true, 443, "1.2.example", "/", NULL },
};

static void
test_samples(struct arena *a)
{
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		const struct sample *s = &samples[i];
		struct url u = { 0 };

		ok(url_parse(a, s->text, &u) && u.is_https == s->is_https && u.port == s->port &&
			strcmp(u.scheme, s->is_https ? "https" : "http") == 0,
		    "S40 %s is taken", s->text);
		is_str(u.host, s->host, "its host");
		is_str(u.path, s->path, "its path");
		is_str(u.query, s->query, "its query");
	}
}

static void
test_refused(struct arena *a)
{
	static const char *const bad[] = { "", "example.com", "//example.com/", "/path",
		"https:/example.com/", "https://", "https:///x", "https://?x", "ftp://example.com/",
		"file:///etc/passwd", "gopher://example.com/", "javascript:alert(1)",
		" https://example.com/", "https://example.com/ ", "https://example.com/a b",
		"https://example.com/\r\nHost: evil", "https://exam\tple.com/",
		"https://example.com/\x7f", "https://user@example.com/",
		"https://user:pass@example.com/", "https://@example.com/",
		"https://example.com#frag", "https://example.com/#frag",
		"https://example.com\\@evil.com/", "https://example.com:0/",
		"https://example.com:65536/", "https://example.com:/", "https://example.com:x/",
		"https://example.com:+80/", "https://example.com:080000/",
		"https://example.com:80:80/", "https://.example.com/", "https://example..com/",
		"https://example.com./", "https://-x.com/", "https://exam%70le.com/",
		"https://m\xc3\xbcnchen.example/", "https://example.com/\xc3\xbc", "https://example.com/%", "https://example.com/%4",
		"https://example.com/%zz", "https://example.com/<x>", "https://example.com/\"",
		"http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://127.1/",
		"http://0177.0.0.1/", "http://127.0.0.1.5/", "http://127.0.0.256/",
		"http://127.0.0.0x1/", "http://0/", "http://[::1/", "http://[::1]x/",
		"http://[127.0.0.1]/", "http://[]/", "http://[::1%25eth0]/", "http://::1/",
		"http://[::1]:/" };
	struct url u = { .host = "kept" };
	char *longest = arena_alloc(a, URL_LEN_MAX + 2);

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!url_parse(a, bad[i], &u), "S40 refused: sample %zu", i);
	ok(!url_parse(a, NULL, &u), "S40 refused: NULL");
	is_str(u.host, "kept", "a refusal leaves the output alone");
	memset(longest, 'a', URL_LEN_MAX + 1);
	memcpy(longest, "https://a.example/", 18);
	ok(!url_parse(a, longest, &u), "a URL past the limit is refused");
	longest[URL_LEN_MAX] = '\0';
	ok(url_parse(a, longest, &u), "one at the limit is taken");
}

static void
test_encode(struct arena *a)
{
	const char *text = "kept";

	is_str(url_encode(a, "az-AZ_09.~"), "az-AZ_09.~", "unreserved characters stay");
	is_str(url_encode(a, "a/b?c=d&e+f %\xe2\x82\xb9"), "a%2Fb%3Fc%3Dd%26e%2Bf%20%25%E2%82%B9",
	    "all else is encoded");
	is_str(url_encode(a, ""), "", "nothing stays nothing");
	ok(!url_decode(a, "%0", 2, &text) && !url_decode(a, "%", 1, &text) &&
		!url_decode(a, "%00", 3, &text) && !url_decode(a, "%g0", 3, &text) &&
		!url_decode(a, "%FF", 3, &text) && !url_decode(a, "%41", 2, &text),
	    "what is no encoding is refused");
	is_str(text, "kept", "and the output left alone");
	ok(url_decode(a, "a%2fb%2Bc+d%E2%82%B9", 20, &text), "either case of hex digits");
	is_str(text, "a/b+c+d\xe2\x82\xb9", "and + stays +");
}

static void
test_round_trip(struct arena *a)
{
	char all[128];
	const char *back = "";
	char *encoded;

	for (int i = 1; i < 128; i++)
		all[i - 1] = (char)i;
	all[127] = '\0';
	encoded = url_encode(a, all);
	ok(url_decode(a, encoded, strlen(encoded), &back), "all of ASCII is encoded and decoded");
	ok(strcmp(back, all) == 0, "and is the same");
}

int
main(void)
{
	struct arena *a = arena_new(1 << 20);

	test_samples(a);
	test_refused(a);
	test_encode(a);
	test_round_trip(a);
	arena_free(&a);
	return tap_done();
}
