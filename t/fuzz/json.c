/*
 * json: text/json_scan, json_read and json_write. What the scan takes is JSON by a grammar of the target's own, and json-c
 * takes it as the same document; what is written of it is read again as the same; what is JSON and yet refused is so for one
 * of the reasons that json_scan.h names.
 */
#include <json-c/json.h>
#include <string.h>

#include "fuzz.h"
#include "mem/buf.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/money.h"
#include "text/utf8.h"

static const struct json_limits narrow = { .len_max = 300, .depth_max = 4, .node_max = 40 };

/* What a tree of json-c's holds, counted as json_scan() counts a text. */
static void
tree_count(struct json_object *o, unsigned depth, struct json_survey *c)
{
	if (json_object_is_type(o, json_type_object)) {
		c->nodes += JSON_OBJECT_WEIGHT;
		depth++;
		json_object_object_foreach(o, name, value)
		{
			must(utf8_is_valid(name, strlen(name)), "a name is UTF-8");
			c->members++;
			tree_count(value, depth, c);
		}
	} else {
		c->nodes++;
		if (json_object_is_type(o, json_type_array)) {
			depth++;
			for (size_t i = 0; i < json_array_n(o); i++)
				tree_count(json_element(o, i), depth, c);
		}
	}
	if (depth > c->depth)
		c->depth = depth;
}

/* The readers of one value: what one of them says the others do not deny. */
static void
value_check(struct json_object *o)
{
	const char *text = NULL, *decimal = NULL;
	int64_t n = 0, lax = 0, minor;
	bool truth, is_decimal = json_as_decimal(o, &decimal);

	if (json_as_string(o, &text))
		must((size_t)json_object_get_string_len(o) == strlen(text) && utf8_is_valid(text, strlen(text)),
		    "a string is UTF-8 without NUL");
	if (json_as_int64(o, &n))
		must(is_decimal && money_parse(decimal, 0, &minor) && minor == n && json_lax_int64(o, &lax) && lax == n,
		    "an integer is one number to all");
	if (is_decimal)
		must(json_is_number(decimal), "a number keeps the form of one: %s", decimal);
	if (json_lax_decimal(o, &decimal))
		must(json_is_number(decimal), "a lax decimal is a number: %s", decimal);
	if (json_as_bool(o, &truth)) {
		bool other = !truth;

		must(json_lax_bool(o, &other) && other == truth && !is_decimal, "a truth is one");
	}
}

/* Writes the tree with our own writer. */
static void
tree_write(struct arena *a, struct json_write *w, const char *key, struct json_object *o)
{
	const char *text;
	int64_t n;
	bool truth;

	value_check(o);
	if (json_is_object(o)) {
		json_write_object(w, key);
		json_object_object_foreach(o, name, value) tree_write(a, w, name, value);
		json_write_object_end(w);
	} else if (json_is_array(o)) {
		json_write_array(w, key);
		for (size_t i = 0; i < json_array_n(o); i++)
			tree_write(a, w, NULL, json_element(o, i));
		json_write_array_end(w);
	} else if (json_as_string(o, &text))
		json_write_string(w, key, text);
	else if (json_as_bool(o, &truth))
		json_write_bool(w, key, truth);
	else if (json_as_int64(o, &n))
		json_write_int64(w, key, n);
	else
		json_write_raw(w, key, json_text(a, o));
}

static void
taken_check(struct arena *a, struct bytes in, const struct json_survey *survey)
{
	struct json_object *tree = NULL, *again = NULL;
	struct json_survey c = { 0 };
	struct json_write w;
	const char *why = NULL, *text;
	struct buf b;

	must(json_read(a, in.data, in.len, &json_limits_default, &tree, &why) == OK, "json-c takes it too: %s", why);
	tree_count(tree, 0, &c);
	must(c.nodes == survey->nodes && c.members == survey->members && c.depth == survey->depth,
	    "json-c has seen the same document");
	text = json_text(a, tree);
	must(json_read(a, text, strlen(text), &json_limits_menu, &again, &why) == OK, "json-c's text is taken: %s", why);
	must(strcmp(json_text(a, again), text) == 0, "and is the same");
	buf_init(&b, a, 8 * in.len + 64);
	json_write_init(&w, &b);
	tree_write(a, &w, NULL, tree);
	json_write_done(&w);
	must(!b.overflowed, "what is written is at most eight times as long");
	must(json_read(a, b.data, b.len, &json_limits_menu, &again, &why) == OK, "our own text is taken: %s", why);
	must(strcmp(json_text(a, again), text) == 0, "and is the same");
}

/* --- RFC 8259 once more, by the letter: what the grammar takes and nothing else --------------------------------------- */

/* Each gives where its rule ends, NULL where the text is not of it; NULL in is NULL out. */
static const char *value_end(const char *, unsigned depth);

static const char *
blanks_end(const char *s)
{
	return s != NULL ? s + strspn(s, " \t\r\n") : NULL;
}

static const char *
digits_end(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 ? s + n : NULL;
}

static const char *
number_end(const char *s)
{
	s += *s == '-';
	s = *s == '0' ? s + 1 : digits_end(s);
	if (s != NULL && *s == '.')
		s = digits_end(s + 1);
	if (s != NULL && (*s == 'e' || *s == 'E'))
		s = digits_end(s + 1 + (s[1] == '+' || s[1] == '-'));
	return s;
}

static const char *
string_end(const char *s)
{
	for (s++; *s != '"'; s++) {
		if ((unsigned char)*s < 0x20)
			return NULL;
		if (*s != '\\')
			continue;
		s++;
		if (*s == 'u' && strspn(s + 1, "0123456789abcdefABCDEF") >= 4)
			s += 4;
		else if (*s == '\0' || strchr("\"\\/bfnrt", *s) == NULL)
			return NULL;
	}
	return s + 1;
}

static const char *
list_end(const char *s, char close, unsigned depth)
{
	s = blanks_end(s + 1);
	if (*s == close)
		return s + 1;
	for (;;) {
		if (close == '}') {
			s = *s == '"' ? blanks_end(string_end(s)) : NULL;
			if (s == NULL || *s++ != ':')
				return NULL;
			s = blanks_end(s);
		}
		s = blanks_end(value_end(s, depth + 1));
		if (s == NULL || *s != ',')
			break;
		s = blanks_end(s + 1);
	}
	return s != NULL && *s == close ? s + 1 : NULL;
}

static const char *
value_end(const char *s, unsigned depth)
{
	static const char *const words[] = { "null", "true", "false" };

	if (depth > 2000) /* of this recursion; the text is not looked at further */
		return NULL;
	if (*s == '{' || *s == '[')
		return list_end(s, *s == '{' ? '}' : ']', depth);
	if (*s == '"')
		return string_end(s);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strncmp(s, words[i], strlen(words[i])) == 0)
			return s + strlen(words[i]);
	return *s == '-' || (*s >= '0' && *s <= '9') ? number_end(s) : NULL;
}

static bool
is_json(struct arena *a, struct bytes in)
{
	const char *text = arena_strndup(a, in.data, in.len), *end;

	if (memchr(in.data, '\0', in.len) != NULL || !utf8_is_valid(in.data, in.len))
		return false;
	end = blanks_end(value_end(blanks_end(text), 0));
	return end != NULL && *end == '\0';
}

/* What the grammar takes is refused only for these, json_scan.h's own. */
static const char *const ours[] = { "a number is too large", "\\u0000 is not allowed", "a surrogate has no partner",
	"two members of the same name", "nested too deeply", "too many values", "too long" };

static void
refused_check(struct arena *a, const char *why, struct bytes in)
{
	bool is_ours = false;

	must(why != NULL && fuzz_is_printable(why) && strlen(why) < 120, "it is said why");
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		is_ours = is_ours || strstr(why, ours[i]) != NULL;
	must(is_ours || !is_json(a, in), "it is JSON, and refused because %s", why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct bytes in = fuzz_bytes(a, data, size);
	struct json_survey survey = { 0 }, small = { 0 };
	const char *why = NULL, *ignored;
	enum err e = json_scan(a, in.data, in.len, &json_limits_default, &survey, &why);

	must(survey.steps <= 3 * size + 64, "it looks at every byte a few times: %zu steps", survey.steps);
	must(survey.probes <= 64 + 16 * survey.members, "names do not collide: %zu probes", survey.probes);
	if (e == OK) {
		must(is_json(a, in), "what is taken is JSON");
		taken_check(a, in, &survey);
	} else
		refused_check(a, why, in);
	if (json_scan(a, in.data, in.len, &narrow, &small, &ignored) == OK)
		must(e == OK && size <= 300 && survey.depth <= 4 && survey.nodes <= 40, "narrow limits hold");
	else
		must(e != OK || size > 300 || survey.depth > 4 || survey.nodes > 40, "narrow limits refuse no more");
	if (memchr(in.data, '\0', in.len) == NULL && json_is_number(fuzz_text(a, data, size)))
		must(e == OK, "a number is a document");
	arena_free(&a);
	return 0;
}
