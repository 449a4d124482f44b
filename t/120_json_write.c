/*
 * The writer: exact text for each kind of value, escapes, misuse that aborts, and output that our
 * own reader takes.
 */
#include <stdlib.h>
#include <string.h>

#include "mem/arena.h"
#include "mem/buf.h"
#include "tap.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/json_write.h"

struct bench {
	struct arena *a;
	struct buf b;
	struct json_write w;
};

static void
start(struct bench *x, struct arena *a)
{
	x->a = a;
	buf_init(&x->b, a, 1 << 20);
	json_write_init(&x->w, &x->b);
}

static const uint8_t id[16] = { 0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3, 0x98, 0xc4, 0xdc,
	0x0c, 0x0c, 0x07, 0x39, 0x8f };

static void
test_kinds(struct arena *a)
{
	struct bench x;
	struct json_write *w = &x.w;

	start(&x, a);
	json_write_object(w, NULL);
	json_write_string(w, "s", "tea");
	json_write_string(w, "none", NULL);
	json_write_string_n(w, "part", "teapot", 3);
	json_write_int64(w, "min", INT64_MIN);
	json_write_int64(w, "max", INT64_MAX);
	json_write_bool(w, "t", true);
	json_write_bool(w, "f", false);
	json_write_null(w, "n");
	json_write_money(w, "total", 18000, 2);
	json_write_money(w, "off", -5, 2);
	json_write_money(w, "yen", 700, 0);
	json_write_time(w, "at", INT64_C(1770971400123456));
	json_write_time(w, "on", INT64_C(1770971400000000));
	json_write_time(w, "never", TIME_NONE);
	json_write_uuid(w, "id", id);
	json_write_uuid(w, "no_id", NULL);
	json_write_raw(w, "raw", "{\"a\":[1]}");
	json_write_raw(w, "no_raw", NULL);
	json_write_object_end(w);
	json_write_done(w);
	is_str(x.b.data,
	    "{\"s\":\"tea\",\"none\":null,\"part\":\"tea\",\"min\":-9223372036854775808,"
	    "\"max\":9223372036854775807,\"t\":true,\"f\":false,\"n\":null,\"total\":180.00,"
	    "\"off\":-0.05,\"yen\":700,"
	    "\"at\":\"2026-02-13T08:30:00.123456Z\",\"on\":\"2026-02-13T08:30:00Z\",\"never\":null,"
	    "\"id\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\",\"no_id\":null,\"raw\":{\"a\":[1]},"
	    "\"no_raw\":null}",
	    "each kind of value");
}

static void
test_nesting(struct arena *a)
{
	struct bench x;
	struct json_write *w = &x.w;

	start(&x, a);
	json_write_array(w, NULL);
	json_write_object(w, NULL);
	json_write_object_end(w);
	json_write_array(w, NULL);
	json_write_array_end(w);
	json_write_object(w, NULL);
	json_write_array(w, "a");
	json_write_int64(w, NULL, 1);
	json_write_string(w, NULL, "2");
	json_write_array_end(w);
	json_write_object(w, "o");
	json_write_int64(w, "x", 1);
	json_write_object_end(w);
	json_write_null(w, "z");
	json_write_object_end(w);
	json_write_bool(w, NULL, true);
	json_write_array_end(w);
	json_write_done(w);
	is_str(x.b.data, "[{},[],{\"a\":[1,\"2\"],\"o\":{\"x\":1},\"z\":null},true]",
	    "commas where they belong");
}

static void
writes(struct arena *a, const char *s, size_t len, const char *want, const char *name)
{
	struct bench x;

	start(&x, a);
	json_write_string_n(&x.w, NULL, s, len);
	json_write_done(&x.w);
	is_str(x.b.data, want, "%s", name);
}
#define WRITES(a, s, want, name) writes((a), (s), sizeof(s) - 1, (want), (name))

static void
test_strings(struct arena *a)
{
	WRITES(a, "", "\"\"", "nothing");
	WRITES(
	    a, "a\"b\\c/d", "\"a\\\"b\\\\c/d\"", "quote and backslash are escaped, a slash is not");
	WRITES(a, "\n\r\t\b\f", "\"\\n\\r\\t\\u0008\\u000c\"", "S51 control characters");
	WRITES(a, "a\0b\x1f\x7f", "\"a\\u0000b\\u001f\\u007f\"", "S51 NUL, U+001F and DEL");
	WRITES(a, "x\xe2\x80\xa8y\xe2\x80\xa9z", "\"x\\u2028y\\u2029z\"", "S51 U+2028 and U+2029");
	WRITES(
	    a, "\xe2\x80\xa7\xe2\x80\xaa", "\"\xe2\x80\xa7\xe2\x80\xaa\"", "their neighbours stay");
	WRITES(a, "\xc3\xa9\xe2\x82\xb9\xf0\x9f\x8d\x9b",
	    "\"\xc3\xa9\xe2\x82\xb9\xf0\x9f\x8d\x9b\"", "UTF-8 stays");
	WRITES(a,
	    "a\xff"
	    "b\xc3",
	    "\"a\xef\xbf\xbd"
	    "b\xef\xbf\xbd\"",
	    "S51 what is not UTF-8 becomes U+FFFD");
	WRITES(
	    a, "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"", "a raw surrogate too");
	WRITES(a, "\n", "\"\\n\"", "an escape alone");
	WRITES(a, "ab\n", "\"ab\\n\"", "an escape at the end");
}

/* Every byte, in names and in values: the reader takes it, and hands back what is text. */
static void
test_reads_back(struct arena *a)
{
	struct json_object *tree = NULL;
	const char *why = "", *s = "";
	char all[256], ascii[128];
	struct bench x;

	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	memcpy(ascii, all, 127);
	ascii[127] = '\0';
	start(&x, a);
	json_write_object(&x.w, NULL);
	json_write_string(&x.w, all, all);
	json_write_string(&x.w, ascii, ascii);
	json_write_object_end(&x.w);
	if (!ok(json_read(a, x.b.data, x.b.len, &json_limits_default, &tree, &why) == OK,
		"S58 the reader takes every byte the writer was given"))
		diag("%s", why);
	ok(json_as_string(json_member(tree, ascii), &s) && strcmp(s, ascii) == 0,
	    "S58 and ASCII comes back as it was");
}

static void
test_overflow(struct arena *a)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, a, 8);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	json_write_string(&w, NULL, "more than eight bytes");
	json_write_array_end(&w);
	json_write_done(&w);
	ok(b.overflowed && b.len <= 8, "a full buf is seen at the end");
}

static void
test_long(struct arena *a)
{
	const size_t len = (1 << 20) - 2;
	char *text = arena_alloc(a, len + 1);
	struct bench x;

	memset(text, 'x', len);
	start(&x, a);
	json_write_string(&x.w, NULL, text);
	ok(!x.b.overflowed && x.b.len == len + 2, "a long string");
}

static struct json_write *
fresh(void *arena, bool in_object)
{
	struct bench *x = arena_alloc(arena, sizeof *x);

	start(x, arena);
	if (in_object)
		json_write_object(&x->w, NULL);
	return &x->w;
}

static void
no_key(void *a)
{
	json_write_int64(fresh(a, true), NULL, 1);
}

static void
key_in_array(void *a)
{
	struct json_write *w = fresh(a, false);

	json_write_array(w, NULL);
	json_write_int64(w, "k", 1);
}

static void
key_at_root(void *a)
{
	json_write_int64(fresh(a, false), "k", 1);
}

static void
two_roots(void *a)
{
	struct json_write *w = fresh(a, false);

	json_write_int64(w, NULL, 1);
	json_write_int64(w, NULL, 2);
}

static void
wrong_end(void *a)
{
	json_write_array_end(fresh(a, true));
}

static void
end_of_nothing(void *a)
{
	json_write_object_end(fresh(a, false));
}

static void
done_open(void *a)
{
	json_write_done(fresh(a, true));
}

static void
done_empty(void *a)
{
	json_write_done(fresh(a, false));
}

static void
too_deep(void *a)
{
	struct json_write *w = fresh(a, false);

	for (int i = 0; i <= JSON_WRITE_DEPTH_MAX; i++)
		json_write_array(w, NULL);
}

static void
just_deep_enough(void *a)
{
	struct json_write *w = fresh(a, false);

	for (int i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
		json_write_array(w, NULL);
	for (int i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
		json_write_array_end(w);
	json_write_done(w);
}

static void
test_misuse(struct arena *a)
{
	ok(tap_aborts(no_key, a), "a value without a key in an object aborts");
	ok(tap_aborts(key_in_array, a), "a key in an array aborts");
	ok(tap_aborts(key_at_root, a), "a key at the root aborts");
	ok(tap_aborts(two_roots, a), "a second root aborts");
	ok(tap_aborts(wrong_end, a), "the wrong end aborts");
	ok(tap_aborts(end_of_nothing, a), "an end too many aborts");
	ok(tap_aborts(done_open, a), "being done with an open object aborts");
	ok(tap_aborts(done_empty, a), "being done without a value aborts");
	ok(tap_aborts(too_deep, a), "33 levels abort");
	ok(!tap_aborts(just_deep_enough, a), "32 do not");
}

int
main(void)
{
	struct arena *a = arena_new((size_t)64 << 20);

	test_kinds(a);
	test_nesting(a);
	test_strings(a);
	test_reads_back(a);
	test_overflow(a);
	test_long(a);
	test_misuse(a);
	arena_free(&a);
	return tap_done();
}
