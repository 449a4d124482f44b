/*
 * What is a JSON document to us, in the manner of Seriot's JSONTestSuite (y_ taken, n_ refused); the
 * cases are our own.
 */
#include <stdlib.h>
#include <string.h>

#include "mem/arena.h"
#include "mem/buf.h"
#include "tap.h"
#include "text/json_read.h"

struct sample {
	const char *name;
	const char *text;
	size_t len; /* 0: up to the NUL */
};
#define BYTES(s) (s), sizeof(s) - 1

static const struct sample taken[] = {
	{ "empty array", "[]", 0 },
	{ "empty object", "{}", 0 },
	{ "blanks everywhere", " \t\r\n[ \t\r\n] \t\r\n", 0 },
	{ "blanks in an object", " { \"a\" : 1 , \"b\" : 2 } ", 0 },
	{ "string alone", "\"x\"", 0 },
	{ "empty string alone", "\"\"", 0 },
	{ "number alone", "42", 0 },
	{ "negative number alone", "-1", 0 },
	{ "decimal alone", "0.5", 0 },
	{ "number alone and a line end", "42\n", 0 },
	{ "true alone", "true", 0 },
	{ "false alone", "false", 0 },
	{ "null alone", "null", 0 },
	{ "null in an array", "[null]", 0 },
	{ "values of each type", "[1,\"a\",true,false,null,{},[],1.5]", 0 },
	{ "nested", "{\"a\":{\"b\":[{\"c\":[[]]}]}}", 0 },
	{ "empty name", "{\"\":0}", 0 },
	{ "same name in different objects", "[{\"a\":1},{\"a\":{\"a\":2}}]", 0 },
	{ "names that differ in case", "{\"a\":1,\"A\":2}", 0 },
	{ "a name that begins another", "{\"a\":1,\"aa\":2}", 0 },
	{ "zero", "[0]", 0 },
	{ "minus zero", "[-0]", 0 },
	{ "minus zero decimal", "[-0.0]", 0 },
	{ "zero with a wild exponent", "[0e999999]", 0 },
	{ "decimal zero with a wild exponent", "[0.000E+99999999999999999999]", 0 },
	{ "exponents", "[1e2,1E2,1e+2,1E-2,1.5e0,20e00]", 0 },
	{ "largest int64", "[9223372036854775807]", 0 },
	{ "smallest int64", "[-9223372036854775808]", 0 },
	{ "past 2^53", "[9007199254740993]", 0 },
	{ "largest power taken", "[9.99e307]", 0 },
	{ "large power through leading zeros", "[0.0001e311]", 0 },
	{ "a tiny number", "[1e-400]", 0 },
	{ "a tiny number written out",
	    "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]",
	    0 },
	{ "money", "[180.00,0.05,439]", 0 },
	{ "all short escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", 0 },
	{ "escaped backslash at the end", "[\"\\\\\"]", 0 },
	{ "escaped quote only", "[\"\\\"\"]", 0 },
	{ "unicode escapes of one, two, three bytes", "[\"\\u0041\\u00e9\\u20AC\"]", 0 },
	{ "surrogate pair", "[\"\\ud83d\\ude00\"]", 0 },
	{ "last surrogate pair", "[\"\\udbff\\udfff\"]", 0 },
	{ "smallest escaped character", "[\"\\u0001\"]", 0 },
	{ "escaped control character in a name", "{\"\\u001f\":1}", 0 },
	{ "noncharacters", "[\"\\uffff\\uFDD0\xef\xbf\xbf\"]", 0 },
	{ "raw DEL", "[\"\x7f\"]", 0 },
	{ "raw UTF-8 of each length", "[\"\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"]",
	    0 },
	{ "raw U+2028", "[\"\xe2\x80\xa8\"]", 0 },
	{ "brackets in a string", "[\"]}{[\"]", 0 },
	{ "comment marks in a string", "[\"/* no */ // comment\"]", 0 },
	{ "a byte order mark inside a string", "[\"\xef\xbb\xbf\"]", 0 },
};

static const struct sample refused[] = {
	{ "nothing", "", 0 },
	{ "blanks only", " \n", 0 },
	{ "byte order mark", "\xef\xbb\xbf{}", 0 },
	{ "byte order mark only", "\xef\xbb\xbf", 0 },
	{ "UTF-16", BYTES("\xff\xfe[\0]\0") },
	{ "unclosed array", "[", 0 },
	{ "unclosed array with a value", "[1", 0 },
	{ "unclosed array after a comma", "[1,", 0 },
	{ "unclosed object", "{", 0 },
	{ "unclosed object after a name", "{\"a\"", 0 },
	{ "unclosed object after a colon", "{\"a\":", 0 },
	{ "unclosed object after a comma", "{\"a\":1,", 0 },
	{ "closing bracket alone", "]", 0 },
	{ "one bracket too many", "[]]", 0 },
	{ "brackets crossed", "[{]}", 0 },
	{ "array closed as an object", "[1}", 0 },
	{ "object closed as an array", "{\"a\":1]", 0 },
	{ "trailing comma in an array", "[1,]", 0 },
	{ "trailing comma in an object", "{\"a\":1,}", 0 },
	{ "leading comma", "[,1]", 0 },
	{ "comma only", "[,]", 0 },
	{ "double comma", "[1,,2]", 0 },
	{ "missing comma", "[1 2]", 0 },
	{ "missing comma in an object", "{\"a\":1 \"b\":2}", 0 },
	{ "colon in an array", "[\"a\":1]", 0 },
	{ "comma for a colon", "{\"a\",1}", 0 },
	{ "double colon", "{\"a\"::1}", 0 },
	{ "missing value", "{\"a\":}", 0 },
	{ "missing name", "{:1}", 0 },
	{ "value for a pair", "{1}", 0 },
	{ "number as a name", "{1:1}", 0 },
	{ "bare name", "{a:1}", 0 },
	{ "single quotes", "['a']", 0 },
	{ "name in single quotes", "{'a':1}", 0 },
	{ "two documents", "{}{}", 0 },
	{ "two numbers", "1 2", 0 },
	{ "trailing text", "{}x", 0 },
	{ "trailing NUL", BYTES("{}\0") },
	{ "NUL between", BYTES("[1\0]") },
	{ "NUL first", BYTES("\0[]") },
	{ "trailing comment", "[] // x", 0 },
	{ "comment", "[/* x */]", 0 },
	{ "form feed as a blank", "[\f]", 0 },
	{ "vertical tab as a blank", "[\v]", 0 },
	{ "no-break space as a blank", "[\xc2\xa0]", 0 },
	{ "U+2060 as a blank", "[\xe2\x81\xa0]", 0 },
	{ "True", "[True]", 0 },
	{ "TRUE", "[TRUE]", 0 },
	{ "tru", "[tru]", 0 },
	{ "tru at the end", "tru", 0 },
	{ "truex", "[truex]", 0 },
	{ "nul", "nul", 0 },
	{ "nulll", "nulll", 0 },
	{ "undefined", "[undefined]", 0 },
	{ "NaN", "[NaN]", 0 },
	{ "minus NaN", "[-NaN]", 0 },
	{ "Infinity", "[Infinity]", 0 },
	{ "minus Infinity", "[-Infinity]", 0 },
	{ "inf", "[inf]", 0 },
	{ "leading zero", "[01]", 0 },
	{ "leading zero behind a minus", "[-01]", 0 },
	{ "two zeros", "[00]", 0 },
	{ "leading zero of a decimal", "[00.5]", 0 },
	{ "plus sign", "[+1]", 0 },
	{ "minus alone", "[-]", 0 },
	{ "two minuses", "[--1]", 0 },
	{ "minus and a blank", "[- 1]", 0 },
	{ "point at the end", "[1.]", 0 },
	{ "point first", "[.5]", 0 },
	{ "point behind a minus", "[-.5]", 0 },
	{ "point before an exponent", "[1.e3]", 0 },
	{ "two points", "[1.2.3]", 0 },
	{ "empty exponent", "[1e]", 0 },
	{ "empty exponent with a sign", "[1e+]", 0 },
	{ "empty exponent at the end", "1E-", 0 },
	{ "exponent with a fraction", "[1e2.5]", 0 },
	{ "two exponents", "[1e2e3]", 0 },
	{ "hexadecimal", "[0x1F]", 0 },
	{ "octal", "[0o7]", 0 },
	{ "thousands separator", "[1_000]", 0 },
	{ "blank in a number", "[1 000]", 0 },
	{ "letter in a number", "[12a]", 0 },
	{ "Arabic digits", "[\xd9\xa1]", 0 },
	{ "one past int64", "[9223372036854775808]", 0 },
	{ "one below int64", "[-9223372036854775809]", 0 },
	{ "past uint64", "[18446744073709551616]", 0 },
	{ "a hundred digits",
	    "[1000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	    "000]",
	    0 },
	{ "1e999", "[1e999]", 0 },
	{ "-1e999", "[-1e999]", 0 },
	{ "1e308", "[1e308]", 0 },
	{ "hidden 1e308", "[0.00001e313]", 0 },
	{ "exponent past every integer", "[1e99999999999999999999999]", 0 },
	{ "unclosed string", "[\"a", 0 },
	{ "unclosed string through an escape", "[\"a\\\"]", 0 },
	{ "backslash at the end", "\"\\", 0 },
	{ "line end in a string", "[\"a\nb\"]", 0 },
	{ "tab in a string", "[\"\t\"]", 0 },
	{ "NUL in a string", BYTES("[\"\0\"]") },
	{ "raw U+001F", "[\"\x1f\"]", 0 },
	{ "unknown escape", "[\"\\x41\"]", 0 },
	{ "escaped single quote", "[\"\\'\"]", 0 },
	{ "escape of a NUL", BYTES("[\"\\\0\"]") },
	{ "capital U escape", "[\"\\U0041\"]", 0 },
	{ "short unicode escape", "[\"\\u004\"]", 0 },
	{ "unicode escape cut by the end", "\"\\u00", 0 },
	{ "unicode escape of no hex", "[\"\\u00g1\"]", 0 },
	{ "escaped NUL", "[\"\\u0000\"]", 0 },
	{ "escaped NUL in a name", "{\"a\\u0000b\":1}", 0 },
	{ "lone high surrogate", "[\"\\ud800\"]", 0 },
	{ "lone low surrogate", "[\"\\udc00\"]", 0 },
	{ "two high surrogates", "[\"\\ud800\\ud800\"]", 0 },
	{ "surrogates reversed", "[\"\\ude00\\ud83d\"]", 0 },
	{ "high surrogate before text", "[\"\\ud800abcdef\"]", 0 },
	{ "high surrogate before another escape", "[\"\\ud800\\n\"]", 0 },
	{ "high surrogate before a plain escape", "[\"\\ud800\\u0041\"]", 0 },
	{ "high surrogate cut by the end", "\"\\ud83d\\ude", 0 },
	{ "lone surrogate in a name", "{\"\\udfff\":1}", 0 },
	{ "continuation byte alone", "[\"\x80\"]", 0 },
	{ "cut two-byte character", "[\"\xc3\"]", 0 },
	{ "cut three-byte character", "[\"\xe2\x82\"]", 0 },
	{ "cut four-byte character", "[\"\xf0\x9f\x98\"]", 0 },
	{ "character cut by the end", "\"\xf0\x9f", 0 },
	{ "overlong slash", "[\"\xc0\xaf\"]", 0 },
	{ "overlong of three bytes", "[\"\xe0\x80\xaf\"]", 0 },
	{ "overlong of four bytes", "[\"\xf0\x80\x80\xaf\"]", 0 },
	{ "overlong NUL", "[\"\xc0\x80\"]", 0 },
	{ "raw surrogate", "[\"\xed\xa0\x80\"]", 0 },
	{ "past U+10FFFF", "[\"\xf4\x90\x80\x80\"]", 0 },
	{ "byte F5", "[\"\xf5\x80\x80\x80\"]", 0 },
	{ "byte FF", "[\"\xff\"]", 0 },
	{ "Latin-1", "[\"\xe9\"]", 0 },
	{ "bad UTF-8 in a name", "{\"\xe9\":1}", 0 },
	{ "bad UTF-8 outside a string", "[\xe9]", 0 },
	{ "duplicate member", "{\"a\":1,\"a\":1}", 0 },
	{ "duplicate member far apart", "{\"a\":1,\"b\":{\"a\":1},\"c\":[{\"a\":2}],\"a\":3}", 0 },
	{ "duplicate empty name", "{\"\":1,\"\":2}", 0 },
	{ "duplicate by an escape", "{\"a\":1,\"\\u0061\":2}", 0 },
	{ "duplicate by an escaped slash", "{\"a\\/b\":1,\"a/b\":2}", 0 },
	{ "duplicate by a surrogate pair", "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", 0 },
	{ "duplicate by escapes of two and three bytes",
	    "{\"\\u00e9\\u20ac\\t\":1,\"\xc3\xa9\xe2\x82\xac\\t\":2}", 0 },
	{ "duplicate in an inner object", "[{\"x\":{\"a\":1,\"a\":2}}]", 0 },
	{ "HTML", "<html><body>502 Bad Gateway</body></html>", 0 },
};

static size_t
len_of(const struct sample *s)
{
	return s->len != 0 ? s->len : strlen(s->text);
}

/* The bytes in memory of their own, so that ASan sees one step too far. */
static enum err
read_exact(struct arena *a, const void *text, size_t len, const struct json_limits *limits,
    struct json_object **ret, const char **ret_why)
{
	char *copy = malloc(len == 0 ? 1 : len);
	enum err e;

	memcpy(copy, text, len);
	e = json_read(a, copy, len, limits, ret, ret_why);
	free(copy);
	return e;
}

static void
test_taken(struct arena *a)
{
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
		struct json_object *tree;
		const char *why = "taken";
		enum err e = read_exact(
		    a, taken[i].text, len_of(&taken[i]), &json_limits_default, &tree, &why);

		if (!ok(e == OK, "S58 taken: %s", taken[i].name))
			diag("%s", why);
	}
}

static void
test_refused(struct arena *a)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct json_object *tree = NULL;
		const char *why = "";
		enum err e = read_exact(
		    a, refused[i].text, len_of(&refused[i]), &json_limits_default, &tree, &why);

		/* "json-c" in the sentence would mean that the scan let it pass. */
		if (!ok(e == ERR_VALIDATION_ERROR && tree == NULL &&
			    strstr(why, "(at byte ") != NULL,
			"S58 refused: %s", refused[i].name))
			diag("%s", why);
	}
}

static void
why_is(struct arena *a, const char *text, const char *want)
{
	struct json_object *tree;
	const char *why = "";

	(void)json_read(a, text, strlen(text), &json_limits_default, &tree, &why);
	is_str(why, want, "S58 the refusal of %s names the place", text);
}

static void
test_sentences(struct arena *a)
{
	why_is(a, "{\"a\": 01}", "a number may not begin with 0 (at byte 6)");
	why_is(a, "{\"a\":1,\"a\":2}", "an object has two members of the same name (at byte 7)");
	why_is(a, "[1,", "the document ends too early (at byte 3)");
	why_is(a, "[\"\\u0000\"]", "\\u0000 is not allowed (at byte 2)");
	why_is(a, "[NaN]", "a value is expected (at byte 1)");
	why_is(a, "{} x", "something follows the document (at byte 3)");
}

static bool
nests(struct arena *a, unsigned depth, const char *open, const char *close, unsigned depth_max)
{
	const struct json_limits limits = {
		.len_max = 1 << 20, .depth_max = depth_max, .node_max = 100000
	};
	struct json_object *tree;
	const char *why;
	struct buf b;

	buf_init(&b, a, 1 << 20);
	for (unsigned i = 0; i < depth; i++)
		buf_adds(&b, open);
	buf_adds(&b, "1");
	for (unsigned i = 0; i < depth; i++)
		buf_adds(&b, close);
	return json_read(a, b.data, b.len, &limits, &tree, &why) == OK;
}

static void
test_limits(struct arena *a)
{
	const struct json_limits small = { .len_max = 40, .depth_max = 3, .node_max = 12 };
	struct json_object *tree;
	const char *why = "";

	ok(nests(a, 32, "[", "]", 32), "S58 32 arrays in one another are taken");
	ok(!nests(a, 33, "[", "]", 32), "S58 33 are not");
	ok(nests(a, 32, "{\"a\":", "}", 32), "S58 32 objects in one another are taken");
	ok(!nests(a, 33, "{\"a\":", "}", 32), "S58 33 are not");
	ok(!nests(a, 50000, "[", "]", 32), "S58 50,000 are refused without using up the stack");
	ok(nests(a, 0, "[", "]", 0) && !nests(a, 1, "[", "]", 0),
	    "S58 depth 0 takes a bare value only");
	ok(json_read(a, "[1,2,3,4,5,6,7,8,9,0,1]", 23, &small, &tree, &why) == OK,
	    "12 nodes fit 12");
	ok(json_read(a, "[1,2,3,4,5,6,7,8,9,0,1,2]", 25, &small, &tree, &why) != OK, "13 do not");
	is_str(why, "the document has too many values (at byte 23)", "and that is said");
	ok(json_read(a, "[{}]", 4, &small, &tree, &why) == OK, "an object weighs eight");
	ok(json_read(a, "[{},{}]", 7, &small, &tree, &why) != OK, "so two do not fit");
	ok(json_read(a, "[                                      ]", 40, &small, &tree, &why) == OK,
	    "40 bytes fit 40");
	ok(json_read(a, "[                                       ]", 41, &small, &tree, &why) != OK,
	    "41 do not");
}

/*
 * One step a byte at most, and few probes a name: counted, since a clock would lie on a busy
 * machine.
 */
static void
many_names(struct arena *a, const char *what, unsigned objects, unsigned names, const char *prefix)
{
	const struct json_limits limits = {
		.len_max = 16 << 20, .depth_max = 32, .node_max = 1000000
	};
	struct json_survey s = { 0 };
	const char *why = "";
	struct buf b;
	size_t n = (size_t)objects * names;

	buf_init(&b, a, 16 << 20);
	for (unsigned o = 0; o < objects; o++) {
		buf_adds(&b, o == 0 ? "[{" : "},{");
		for (unsigned i = 0; i < names; i++) {
			buf_adds(&b, i == 0 ? "\"" : ",\"");
			buf_addf(&b, "%s%u\":1", prefix, i);
		}
	}
	buf_adds(&b, "}]");
	if (!ok(json_scan(a, b.data, b.len, &limits, &s, &why) == OK, "S58 %s: taken", what))
		diag("%s", why);
	is_int(s.members, n, "S58 %s: all are counted", what);
	ok(s.steps <= 2 * b.len, "S58 %s: %zu steps over %zu bytes", what, s.steps, b.len);
	ok(s.probes <= 6 * n, "S58 %s: %zu probes for %zu names", what, s.probes, n);
}

static void
test_linear(struct arena *a)
{
	const size_t mib = 1 << 20;
	const struct json_limits limits = { .len_max = 2 << 20, .depth_max = 32, .node_max = 10 };
	struct json_survey s = { 0 };
	const char *why, *text;
	struct json_object *tree;
	char *big = arena_alloc(a, mib + 3);

	many_names(a, "10^5 members", 1, 100000, "member");
	many_names(a, "10^5 escaped names", 1, 100000, "\\u006dember");
	many_names(a, "ten names in 10^4 objects", 10000, 10, "");

	memset(big, 'x', mib + 2);
	big[0] = big[mib + 1] = '"';
	ok(json_scan(a, big, mib + 2, &limits, &s, &why) == OK && s.steps <= mib + 2,
	    "S58 a string of 1 MiB is one step a byte");
	ok(json_read(a, big, mib + 2, &limits, &tree, &why) == OK && json_as_string(tree, &text) &&
		strlen(text) == mib, "S58 and it is read whole");
	memset(big, '[', mib);
	ok(json_scan(a, big, mib, &limits, &s, &why) != OK, "S58 1 MiB of [ is refused");
	memset(big, '1', mib);
	ok(json_scan(a, big, mib, &limits, &s, &why) != OK, "S58 1 MiB of digits is refused");
	memset(big + 1, '.', 1);
	ok(json_scan(a, big, mib, &limits, &s, &why) != OK, "S58 1 MiB of decimals is refused");
}

/*
 * Documents with a few bytes changed at random (a fixed seed): whatever the scan takes, json-c
 * takes too, and neither steps outside. Their disagreement would show as a refusal without a byte.
 */
static void
test_mutations(void)
{
	static const char seed_text[] =
	    "{\"a\":[1,-2.50e+3,true,null,\"x\\u00e9\\ud83d\\ude00\\n\xe2\x82\xb9\"],\"b\":"
	    "{\"c\":{},\"d\":[[],0]},\"e\":\"\\\\\",\"f\":false}";
	static const char bytes[] = "{}[]:,\"\\u0019+-.eE tfn\x01\x80\xc3\xff";
	uint64_t x = UINT64_C(0x2545f4914f6cdd1d);
	unsigned taken_n = 0, disagreed = 0;

	for (unsigned i = 0; i < 50000; i++) {
		struct arena *one = arena_new(1 << 20);
		char text[sizeof seed_text];
		struct json_object *tree;
		const char *why = "";

		memcpy(text, seed_text, sizeof text);
		for (unsigned k = 0; k <= i % 3; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			text[x % (sizeof text - 1)] = bytes[(x >> 32) % (sizeof bytes - 1)];
		}
		if (read_exact(one, text, sizeof text - 1, &json_limits_default, &tree, &why) == OK)
			taken_n++;
		else
			disagreed += strstr(why, "(at byte ") == NULL;
		arena_free(&one);
	}
	is_int(disagreed, 0, "S85 json-c takes what the scan takes");
	ok(taken_n > 1000 && taken_n < 40000, "S85 of 50,000 changed documents some are taken (%u)",
	    taken_n);
}

static void
test_number(void)
{
	static const char *const good[] = { "0", "-0", "12", "439.00", "1e5", "-1.5E-3",
		"9223372036854775807" };
	static const char *const bad[] = { "", " 1", "1 ", "+1", "01", "1.", ".5", "-", "1e", "abc",
		"1,000", "0x1", "9223372036854775808", "1e308", "NaN" };

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		ok(json_is_number(good[i]), "'%s' is a number", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!json_is_number(bad[i]), "'%s' is none", bad[i]);
}

int
main(void)
{
	struct arena *a = arena_new((size_t)256 << 20);

	test_taken(a);
	test_refused(a);
	test_sentences(a);
	test_limits(a);
	test_linear(a);
	test_mutations();
	test_number();
	arena_free(&a);
	return tap_done();
}
