/*
 * Reading values out of a document: strictly from clients, leniently from providers, decimals as
 * they were written.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem/arena.h"
#include "tap.h"
#include "text/json_read.h"
#include "text/money.h"

static struct json_object *
read_text(struct arena *a, const char *text)
{
	struct json_object *tree = NULL;
	const char *why = "";

	if (json_read(a, text, strlen(text), &json_limits_default, &tree, &why) != OK)
		diag("%s: %s", text, why);
	return tree;
}

static void
test_members(struct arena *a)
{
	struct json_object *o =
	    read_text(a, "{\"a\":1,\"n\":null,\"o\":{\"x\":[10,null,30]},\"\\u00e9\":\"e\"}");
	struct json_object *list = json_member(json_member(o, "o"), "x");
	const char *s = "";
	int64_t v = 0;

	ok(json_is_object(o) && !json_is_array(o), "an object");
	ok(json_has_member(o, "n") && json_member(o, "n") == NULL,
	    "a null member is there and is NULL");
	ok(!json_has_member(o, "z") && json_member(o, "z") == NULL, "an absent one is not there");
	ok(!json_has_member(o, "A"), "names are exact");
	ok(json_as_string(json_member(o, "\xc3\xa9"), &s) && strcmp(s, "e") == 0,
	    "an escaped name is unescaped");
	ok(json_is_array(list) && json_array_n(list) == 3, "an array of three");
	ok(json_as_int64(json_element(list, 2), &v) && v == 30, "its last element");
	ok(json_element(list, 1) == NULL && json_element(list, 3) == NULL,
	    "a null and one past the end");
	ok(json_member(NULL, "a") == NULL && !json_has_member(NULL, "a") &&
		json_array_n(NULL) == 0 && json_element(NULL, 0) == NULL && !json_is_object(NULL) &&
		!json_is_array(NULL),
	    "nothing has no members and no elements");
	ok(json_member(list, "a") == NULL && json_array_n(o) == 0 && json_element(o, 0) == NULL,
	    "an array has no members, an object no elements");
}

static void
test_strict(struct arena *a)
{
	struct json_object *o = read_text(a,
	    "{\"s\":\"x\",\"e\":\"\",\"i\":7,\"d\":7.0,\"t\":true,\"f\":false,\"n\":null,"
	    "\"one\":1,\"min\":-9223372036854775808,\"max\":9223372036854775807,\"num\":\"7\"}");
	const char *s = "kept";
	bool b = true;
	int64_t v = 5;

	ok(json_as_string(json_member(o, "s"), &s) && strcmp(s, "x") == 0, "a string");
	ok(json_as_string(json_member(o, "e"), &s) && strcmp(s, "") == 0, "an empty string");
	ok(json_as_int64(json_member(o, "i"), &v) && v == 7, "an integer");
	ok(json_as_int64(json_member(o, "min"), &v) && v == INT64_MIN, "the smallest");
	ok(json_as_int64(json_member(o, "max"), &v) && v == INT64_MAX, "the largest");
	ok(json_as_bool(json_member(o, "f"), &b) && !b, "false");
	ok(json_as_bool(json_member(o, "t"), &b) && b, "true");
	s = "kept";
	v = 5;
	ok(!json_as_string(json_member(o, "i"), &s) && !json_as_string(json_member(o, "t"), &s) &&
		!json_as_string(json_member(o, "n"), &s) &&
		!json_as_string(json_member(o, "z"), &s) && !json_as_string(o, &s),
	    "no string");
	ok(!json_as_int64(json_member(o, "d"), &v) && !json_as_int64(json_member(o, "num"), &v) &&
		!json_as_int64(json_member(o, "t"), &v) && !json_as_int64(NULL, &v), "no integer");
	ok(!json_as_bool(json_member(o, "one"), &b) && !json_as_bool(json_member(o, "s"), &b) &&
		!json_as_bool(NULL, &b), "no bool");
	ok(!json_as_decimal(json_member(o, "num"), &s) &&
		!json_as_decimal(json_member(o, "n"), &s) &&
		!json_as_decimal(json_member(o, "t"), &s),
	    "no decimal");
	ok(strcmp(s, "kept") == 0 && v == 5 && b, "a refusal leaves the output alone");
}

static void
test_decimals(struct arena *a)
{
	static const char *const texts[] = { "180.10", "180.00", "439", "-0.05", "0", "1.8e2",
		"1E-2", "0.1000000000000000055", "99999999999999999.99",
		"123456789012345678901234567890.5", "1e-400", "9.99e307", "0.0" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char *doc = arena_printf(a, "{\"price\":%s}", texts[i]);
		const char *got = NULL;

		ok(json_as_decimal(json_member(read_text(a, doc), "price"), &got),
		    "D14 %s is a decimal", texts[i]);
		is_str(got, texts[i], "D14 and keeps its text");
	}
}

static void
test_lax(struct arena *a)
{
	struct json_object *o = read_text(a,
	    "{\"price\":\"439.00\",\"n\":439,\"d\":439.50,\"on\":\"1\",\"off\":\"0\",\"one\":1,"
	    "\"zero\":0,\"t\":true,\"ts\":\"true\",\"fs\":\"false\",\"two\":2,\"yes\":\"yes\","
	    "\"e\":\"\",\"sp\":\" 1\","
	    "\"null\":null,\"list\":[1],\"q\":\"3.00\",\"q1\":3.0,\"half\":\"2.5\",\"comma\":\"1,"
	    "000\",\"big\":\"1e30\"}");
	static const char *const on[] = { "on", "one", "t", "ts" },
				 *const off[] = { "off", "zero", "fs" };
	static const char *const neither[] = { "two", "yes", "e", "sp", "null", "list", "absent",
		"d" };
	const char *s = NULL;
	int64_t v = 5;
	bool b;

	for (size_t i = 0; i < sizeof on / sizeof on[0]; i++)
		ok(json_lax_bool(json_member(o, on[i]), &b) && b, "%s is true", on[i]);
	for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
		ok(json_lax_bool(json_member(o, off[i]), &b) && !b, "%s is false", off[i]);
	for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++)
		ok(!json_lax_bool(json_member(o, neither[i]), &b), "%s is neither", neither[i]);
	ok(json_lax_decimal(json_member(o, "price"), &s) && strcmp(s, "439.00") == 0,
	    "\"439.00\" is a decimal");
	ok(json_lax_decimal(json_member(o, "n"), &s) && strcmp(s, "439") == 0, "439 is one");
	ok(json_lax_decimal(json_member(o, "d"), &s) && strcmp(s, "439.50") == 0, "439.50 is one");
	ok(money_parse(s, 2, &v) && v == 43950, "D14 and becomes money");
	ok(!json_lax_decimal(json_member(o, "comma"), &s) &&
		!json_lax_decimal(json_member(o, "e"), &s) &&
		!json_lax_decimal(json_member(o, "sp"), &s) &&
		!json_lax_decimal(json_member(o, "t"), &s) &&
		!json_lax_decimal(json_member(o, "null"), &s),
	    "other things are none");
	ok(json_lax_int64(json_member(o, "q"), &v) && v == 3, "\"3.00\" is an integer");
	ok(json_lax_int64(json_member(o, "q1"), &v) && v == 3, "3.0 is one");
	ok(json_lax_int64(json_member(o, "n"), &v) && v == 439, "439 is one");
	ok(json_lax_int64(json_member(o, "on"), &v) && v == 1, "\"1\" is one");
	v = 5;
	ok(!json_lax_int64(json_member(o, "half"), &v) &&
		!json_lax_int64(json_member(o, "e"), &v) &&
		!json_lax_int64(json_member(o, "big"), &v) &&
		!json_lax_int64(json_member(o, "t"), &v) && v == 5,
	    "other things are none");
	ok(json_lax_string(json_member(o, "yes"), &s) && strcmp(s, "yes") == 0,
	    "a string is a string");
	ok(json_lax_string(json_member(o, "n"), &s) && strcmp(s, "439") == 0,
	    "a number is its text");
	ok(json_lax_string(json_member(o, "d"), &s) && strcmp(s, "439.50") == 0, "a decimal too");
	ok(!json_lax_string(json_member(o, "t"), &s) &&
		!json_lax_string(json_member(o, "list"), &s) &&
		!json_lax_string(json_member(o, "null"), &s),
	    "other things are none");
}

static void
test_tops(struct arena *a)
{
	struct json_object *tree = read_text(a, "[]");
	const char *why = "", *s = NULL;
	int64_t v = 0;

	ok(json_read(a, "null", 4, &json_limits_default, &tree, &why) == OK && tree == NULL,
	    "null alone is NULL");
	ok(json_as_int64(read_text(a, "42"), &v) && v == 42, "a number alone");
	ok(json_as_decimal(read_text(a, "42.50 "), &s) && strcmp(s, "42.50") == 0,
	    "a decimal alone");
	ok(json_as_string(read_text(a, "\"a\\ud83d\\ude00\\n\""), &s) &&
		strcmp(s, "a\xf0\x9f\x98\x80\n") == 0,
	    "escapes become characters");
	ok(json_read(a, "[1]trailing", 3, &json_limits_default, &tree, &why) == OK &&
		json_array_n(tree) == 1,
	    "no byte past the length is looked at");
	ok(json_read(a, "42", 1, &json_limits_default, &tree, &why) == OK &&
		json_as_int64(tree, &v) && v == 4,
	    "not even of a number");
}

/*
 * The arena's end gives json-c's memory back; the leak checker of ASan sees it otherwise. Two trees
 * in one arena both go.
 */
static void
test_ownership(void)
{
	struct arena *a = arena_new(1 << 20);
	struct json_object *first =
	    read_text(a, "{\"a\":[1,2,{\"b\":\"long enough to be allocated on its own\"}]}");
	struct json_object *second = read_text(a, "[1.50]");
	const char *s = "";

	ok(json_as_decimal(json_element(second, 0), &s) && strcmp(s, "1.50") == 0 &&
		json_is_object(first),
	    "two trees live side by side");
	arena_reset(a);
	ok(json_is_array(read_text(a, "[]")), "and the arena is good for another");
	arena_free(&a);
}

/* json-c makes names with this one, which stands before the C library's: the one of this number fails; 0: none. */
static int strdup_fails;

char *
strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = strdup_fails > 0 && --strdup_fails == 0 ? NULL : malloc(size);

	return copy != NULL ? memcpy(copy, text, size) : NULL;
}

enum { WHOLE, CUT = 9, ENDED = 10 };

/* What becomes of it when the n-th name gets no memory: the process ends, by us or in json-c, or it is whole all the same. */
static int
read_without(int n)
{
	static const char text[] = "{\"a\":{\"b\":1,\"c\":[{\"d\":null},{}]},\"e\":2}";
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct arena *a = arena_new(1 << 20);
		struct json_object *tree;
		const char *why;

		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		strdup_fails = n;
		if (json_read(a, text, sizeof text - 1, &json_limits_default, &tree, &why) != OK ||
		    strcmp(json_text(a, tree), text) != 0)
			_exit(CUT);
		_exit(strdup_fails > 0 ? WHOLE : ENDED);
	}
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) != 1 ? WEXITSTATUS(status) : ENDED; /* 1: a sanitizer */
}

static void
test_memory(void)
{
	int cut = 0, n = 1;

	for (int was; (was = read_without(n)) != WHOLE && n < 100; n++)
		cut += was == CUT;
	ok(n > 5 && n < 100, "%d names were made", n - 1);
	is_int(cut, 0, "F21 a member whose name got no memory is not left out in silence");
}

int
main(void)
{
	struct arena *a = arena_new(1 << 20);

	test_members(a);
	test_strict(a);
	test_decimals(a);
	test_lax(a);
	test_tops(a);
	test_ownership();
	test_memory();
	arena_free(&a);
	return tap_done();
}
