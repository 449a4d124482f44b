/* Forms and query strings: decoding, what is refused, and a writer whose output reads back. */
#include <stdlib.h>
#include <string.h>

#include "mem/arena.h"
#include "mem/buf.h"
#include "tap.h"
#include "text/form.h"

/* Bytes without a NUL behind them, so that ASan sees a step too far. To be freed. */
static char *
bytes_of(const char *text, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);

	for (size_t i = 0; i < len; i++)
		copy[i] = text[i];
	return copy;
}

static enum err
read_text(struct arena *a, const char *text, struct form *ret, const char **ret_why)
{
	size_t len = strlen(text);
	char *copy = bytes_of(text, len);
	enum err e;

	e = form_read(a, copy, len, ret, ret_why);
	free(copy);
	return e;
}

static void
test_read(struct arena *a)
{
	struct form f = { 0 };
	const char *why = "";

	ok(read_text(a, "", &f, &why) == OK && f.n == 0, "nothing is an empty form");
	ok(read_text(a, "a=1&b=2", &f, &why) == OK && f.n == 2, "two pairs");
	is_str(form_get(&f, "a"), "1", "the first");
	is_str(form_get(&f, "b"), "2", "the second");
	is_str(form_get(&f, "c"), NULL, "none");
	is_str(form_get(&f, "A"), NULL, "names are exact");
	ok(read_text(a, "a&b=&=c&&d=1=2&", &f, &why) == OK && f.n == 4, "odd ones that are fine");
	is_str(form_get(&f, "a"), "", "a name without =");
	is_str(form_get(&f, "b"), "", "an empty value");
	is_str(form_get(&f, ""), "c", "an empty name");
	is_str(form_get(&f, "d"), "1=2", "a = in a value");
	ok(read_text(a, "na%6De=a+b%2Bc%26d%3D%E2%82%B9%0A", &f, &why) == OK, "percent-encoding");
	is_str(form_get(&f, "name"), "a b+c&d=\xe2\x82\xb9\n", "is undone");
	ok(read_text(a, "id%5B%5D=1&id[]=2", &f, &why) == OK && f.n == 2,
	    "a list may repeat its name");
	is_str(f.pairs[1].value, "2", "in order");
}

static void
test_refused(struct arena *a)
{
	static const char *const bad[] = { "a=%", "a=%4", "a=%4g", "a=%%34", "a=%00", "%00=1",
		"a=b c", "a=b\n", "a=\x7f", "a=\xc3\xa9", "a=%C3", "a=%C0%AF", "a=%ED%A0%80",
		"a=1&a=2", "a=1&%61=2", "a=1&b=2&a=1", "a&a", "a%3=1", "a=%2&b=0" };
	struct form f = { .n = 77 };
	const char *why;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		why = NULL;
		ok(read_text(a, bad[i], &f, &why) == ERR_VALIDATION_ERROR && why != NULL,
		    "S85 refused: sample %zu", i);
	}
	ok(f.n == 77, "a refusal leaves the output alone");
}

static void
test_many(struct arena *a)
{
	struct form f = { 0 };
	const char *why = "";
	struct buf b;

	buf_init(&b, a, 1 << 16);
	for (unsigned i = 0; i < FORM_PAIRS_MAX; i++)
		buf_addf(&b, "&p%u=%u", i, i);
	ok(read_text(a, b.data, &f, &why) == OK && f.n == FORM_PAIRS_MAX,
	    "as many pairs as may be");
	is_str(form_get(&f, "p255"), "255", "and the last one is there");
	buf_adds(&b, "&one=more");
	ok(read_text(a, b.data, &f, &why) == ERR_VALIDATION_ERROR, "one more is refused");
	is_str(why, "there are too many parameters", "and that is said");
}

static void
test_write(struct arena *a)
{
	struct form f = { 0 };
	const char *why = "";
	struct buf b;

	buf_init(&b, a, 1000);
	form_write(&b, "phone", "+91 98765");
	form_write(&b, "a&b", "\xe2\x82\xb9=1%");
	is_str(b.data, "phone=%2B91%2098765&a%26b=%E2%82%B9%3D1%25", "written");
	ok(form_read(a, b.data, b.len, &f, &why) == OK && f.n == 2, "and read");
	is_str(form_get(&f, "phone"), "+91 98765", "the first value");
	is_str(form_get(&f, "a&b"), "\xe2\x82\xb9=1%", "the second");
}

int
main(void)
{
	struct arena *a = arena_new(1 << 20);

	test_read(a);
	test_refused(a);
	test_many(a);
	test_write(a);
	arena_free(&a);
	return tap_done();
}
