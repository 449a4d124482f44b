#include "text/json_read.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "mem/arena.h"
#include "text/money.h"

static void
tree_end(void *tree)
{
	json_object_put(tree);
}

/*
 * Out of memory, json-c 0.16 stops in the middle, says success, and gives the part that it is at:
 * a body without its last members. What it took of the text tells.
 */
static bool
is_whole(struct json_tokener *tokener, const char *data, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", data[len - 1]) != NULL)
		len--;
	return json_tokener_get_parse_end(tokener) >= len;
}

static struct json_object *
tree_build(const void *data, size_t len, enum json_tokener_error *ret_error)
{
	/* json-c counts the levels a little differently; the depth has been checked. */
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 2);
	struct json_object *tree;
	bool is_cut;

	if (tokener == NULL)
		abort(); /* out of memory, as in the arena */
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	tree = json_tokener_parse_ex(tokener, data, (int)len);
	if (json_tokener_get_error(tokener) == json_tokener_continue) {
		/* A NUL tells that a number at the top, or a null, ends here. */
		tree = json_tokener_parse_ex(tokener, "", 1);
		is_cut = tree == NULL && memchr(data, 'n', len) == NULL;
	} else
		is_cut = !is_whole(tokener, data, len);
	if (is_cut && json_tokener_get_error(tokener) == json_tokener_success)
		abort();
	*ret_error = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	return tree;
}

/* As json_scan() counts them. */
static size_t
nodes_of(struct json_object *tree)
{
	size_t n = 1;

	if (json_object_is_type(tree, json_type_object)) {
		n = JSON_OBJECT_WEIGHT;
		json_object_object_foreach(tree, name, value) {
			(void)name;
			n += nodes_of(value);
		}
	} else
		for (size_t i = 0; i < json_array_n(tree); i++)
			n += nodes_of(json_element(tree, i));
	return n;
}

enum err
json_read(struct arena *a, const void *data, size_t len, const struct json_limits *limits,
    struct json_object **ret, const char **ret_why)
{
	struct json_survey survey;
	struct json_object *tree;
	enum json_tokener_error error;
	enum err e;

	e = json_scan(a, data, len, limits, &survey, ret_why);
	if (e != OK)
		return e;
	tree = tree_build(data, len, &error);
	if (error != json_tokener_success) {
		json_object_put(tree);
		*ret_why = arena_printf(a, "json-c refuses it: %s", json_tokener_error_desc(error));
		return ERR_VALIDATION_ERROR;
	}
	/* Out of memory, json-c 0.16 also leaves single members out and does not say so. */
	if (nodes_of(tree) != survey.nodes)
		abort();
	if (tree != NULL)
		arena_adopt(a, tree_end, tree);
	*ret = tree;
	return OK;
}

struct json_object *
json_member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	if (json_is_object(o))
		(void)json_object_object_get_ex(o, name, &value);
	return value;
}

bool
json_has_member(struct json_object *o, const char *name)
{
	return json_is_object(o) && json_object_object_get_ex(o, name, NULL);
}

bool
json_is_object(struct json_object *o)
{
	return json_object_is_type(o, json_type_object);
}

bool
json_is_array(struct json_object *o)
{
	return json_object_is_type(o, json_type_array);
}

size_t
json_array_n(struct json_object *o)
{
	return json_is_array(o) ? json_object_array_length(o) : 0;
}

struct json_object *
json_element(struct json_object *o, size_t i)
{
	return i < json_array_n(o) ? json_object_array_get_idx(o, i) : NULL;
}

/* json-c gives none only when it is out of memory: as in the arena. */
static const char *
given(const char *text)
{
	if (text == NULL)
		abort();
	return text;
}

const char *
json_text(struct arena *a, struct json_object *o)
{
	return arena_strdup(a, given(json_object_to_json_string_ext(o,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
}

bool
json_as_string(struct json_object *o, const char **ret)
{
	if (!json_object_is_type(o, json_type_string))
		return false;
	*ret = given(json_object_get_string(o));
	return true;
}

bool
json_as_int64(struct json_object *o, int64_t *ret)
{
	if (!json_object_is_type(o, json_type_int))
		return false;
	*ret = json_object_get_int64(o);
	return true;
}

bool
json_as_bool(struct json_object *o, bool *ret)
{
	if (!json_object_is_type(o, json_type_boolean))
		return false;
	*ret = json_object_get_boolean(o);
	return true;
}

bool
json_as_decimal(struct json_object *o, const char **ret)
{
	if (!json_object_is_type(o, json_type_int) && !json_object_is_type(o, json_type_double))
		return false;
	/* json-c keeps the text of a decimal it has parsed and gives that back. */
	*ret = given(json_object_get_string(o));
	return true;
}

bool
json_lax_string(struct json_object *o, const char **ret)
{
	return json_as_string(o, ret) || json_as_decimal(o, ret);
}

bool
json_lax_int64(struct json_object *o, int64_t *ret)
{
	const char *text;

	return json_lax_string(o, &text) && money_parse(text, 0, ret);
}

bool
json_lax_bool(struct json_object *o, bool *ret)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = { { "1", true }, { "true", true }, { "0", false }, { "false", false } };
	const char *text;

	if (json_as_bool(o, ret))
		return true;
	if (!json_lax_string(o, &text))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(text, words[i].text) == 0) {
			*ret = words[i].value;
			return true;
		}
	return false;
}

bool
json_lax_decimal(struct json_object *o, const char **ret)
{
	const char *text;

	if (!json_lax_string(o, &text) || !json_is_number(text))
		return false;
	*ret = text;
	return true;
}
