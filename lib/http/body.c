#include "http/body.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem/buf.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/money.h"
#include "text/utf8.h"
#include "text/uuid.h"

#define SHAPE_DEPTH_MAX 8
#define PATH_LEN_MAX ((size_t)4096)

const struct body_shape body_raw = { .size = 0 };

/* One decoding. */
struct reader {
	struct op *op;
	unsigned exponent;
	int faults;
};

static void read_shape(struct reader *, const struct body_shape *, struct json_object *,
    const char *path,
    void *into);

/* --- content type ----------------------------------------------------------------------------- */

/*
 * What follows the media type: ;name=value as often as wanted (RFC 9110 section 5.6.6), a charset
 * once, and then UTF-8. What does not read like that is not guessed at.
 */
static bool
parameters_are_good(const char *at)
{
	bool has_charset = false;

	for (at += strspn(at, " \t"); *at == ';'; at += strspn(at, " \t")) {
		size_t name_len, len;
		const char *name;

		name = at += 1 + strspn(at + 1, " \t");
		name_len = strcspn(name, "=; \t\"");
		at += name_len;
		if (name_len == 0 && *at != '=' && *at != '"')
			continue; /* a semicolon too many */
		if (name_len == 0 || *at++ != '=')
			return false;
		len = *at == '"' ? strcspn(at + 1, "\"\\") + 2 : strcspn(at, "; \t\"");
		if (len == 0 || strlen(at) < len || (*at == '"' && at[len - 1] != '"'))
			return false;
		if (name_len == 7 && strncasecmp(name, "charset", 7) == 0) {
			bool is_quoted = *at == '"';

			if (has_charset || len != (is_quoted ? 7u : 5u) ||
			    strncasecmp(at + is_quoted, "utf-8", 5) != 0)
				return false;
			has_charset = true;
		}
		at += len;
	}
	return *at == '\0';
}

/* RFC 8259 section 11: application/json has no parameters, but clients send a charset. */
static bool
content_type_is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t len = sizeof json - 1;

	return type != NULL && strncasecmp(type, json, len) == 0 && parameters_are_good(type + len);
}

/* --- fields ----------------------------------------------------------------------------------- */

static const char *
field_name(const struct body_field *f)
{
	return f->json_name != NULL ? f->json_name : f->name;
}

static bool
shape_is_bare(const struct body_shape *shape)
{
	return shape->n == 1 && field_name(&shape->fields[0])[0] == '\0';
}

/* A name that would not be told from a path: ["a.b"] (problem.h makes a JSON Pointer of it). */
static const char *
path_of_strange(struct reader *r, const char *parent, const char *name)
{
	struct buf b;

	buf_init(&b, r->op->arena, PATH_LEN_MAX);
	buf_addf(&b, "%s[\"", parent);
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			buf_addc(&b, '\\');
		buf_addc(&b, *name);
	}
	buf_adds(&b, "\"]");
	return b.data;
}

static const char *
path_of(struct reader *r, const char *parent, const char *name)
{
	if (name[strcspn(name, ".[]\"")] != '\0' || *name == '\0')
		return path_of_strange(r, parent, name);
	return *parent == '\0' ? name : arena_printf(r->op->arena, "%s.%s", parent, name);
}

static void wrong(struct reader *, const char *path, const char *,
    ...) __attribute__((format(printf, 3, 4)));

static void
wrong(struct reader *r, const char *path, const char *format, ...)
{
	va_list args;
	const char *sentence;

	if (r->faults++ >= BODY_FAULTS_MAX)
		return;
	va_start(args, format);
	sentence = arena_vprintf(r->op->arena, format, args);
	va_end(args);
	(void)fail_field(r->op, path, "%s", sentence);
}

static bool
field_is_bounded(const struct body_field *f)
{
	return f->min != 0 || f->max != 0;
}

static bool
text_has_controls(const char *s)
{
	uint32_t cp = 0;
	size_t len = strlen(s), step;

	for (; len > 0; s += step, len -= step) {
		step = utf8_next(s, len, &cp);
		if (step == 0)
			return true;
		if ((cp < ' ' && cp != '\t' && cp != '\n' && cp != '\r') ||
		    (cp >= 0x7f && cp < 0xa0))
			return true;
	}
	return false;
}

static bool
read_text(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	int64_t max = f->max != 0 ? f->max : BODY_TEXT_MAX, n;
	const char *s;

	if (!json_as_string(node, &s)) {
		wrong(r, path, "must be text");
		return false;
	}
	n = (int64_t)utf8_n(s);
	if (n < f->min || n > max) {
		if (f->min == 0)
			wrong(r, path, "must have at most %lld characters", (long long)max);
		else
			wrong(r, path, "must have between %lld and %lld characters",
			    (long long)f->min, (long long)max);
		return false;
	}
	if (text_has_controls(s) || (f->charset != NULL && strspn(s, f->charset) != strlen(s))) {
		wrong(r, path, "has a character that is not allowed here");
		return false;
	}
	*(const char **)into = arena_strdup(r->op->arena, s);
	return true;
}

static bool
read_word(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	struct buf list;
	const char *s;

	if (json_as_string(node, &s))
		for (int i = 0; f->words[i] != NULL; i++)
			if (strcmp(f->words[i], s) == 0) {
				*(int *)into = i;
				return true;
			}
	buf_init(&list, r->op->arena, 2000);
	for (int i = 0; f->words[i] != NULL; i++)
		buf_addf(&list, "%s%s", i > 0 ? ", " : "", f->words[i]);
	wrong(r, path, "must be one of %s", list.data);
	return false;
}

static bool
read_i64(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	int64_t n;

	if (!json_as_int64(node, &n)) {
		wrong(r, path, "must be a whole number");
		return false;
	}
	if (field_is_bounded(f) && (n < f->min || n > f->max)) {
		wrong(
		    r, path, "must be between %lld and %lld", (long long)f->min, (long long)f->max);
		return false;
	}
	*(int64_t *)into = n;
	return true;
}

static bool
read_money(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	char min[MONEY_TEXT_LEN], max[MONEY_TEXT_LEN];
	const char *s;
	int64_t minor;

	if ((!json_as_decimal(node, &s) && !json_as_string(node, &s)) ||
	    !money_parse(s, r->exponent, &minor)) {
		wrong(r, path, "must be an amount with at most %u decimals", r->exponent);
		return false;
	}
	if (field_is_bounded(f) && (minor < f->min || minor > f->max)) {
		money_format(f->min, r->exponent, min);
		money_format(f->max, r->exponent, max);
		wrong(r, path, "must be between %s and %s", min, max);
		return false;
	}
	*(int64_t *)into = minor;
	return true;
}

static bool
read_bool(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	(void)f;
	if (json_as_bool(node, into))
		return true;
	wrong(r, path, "must be true or false");
	return false;
}

static bool
read_uuid(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	const char *s;

	(void)f;
	if (json_as_string(node, &s) && uuid_parse(s, into))
		return true;
	wrong(r, path, "must be a UUID");
	return false;
}

static bool
read_time(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	const char *s;

	(void)f;
	if (json_as_string(node, &s) && iso8601_parse(s, into))
		return true;
	wrong(r, path, "must be a time such as 2026-02-13T08:30:00Z");
	return false;
}

static bool
read_array(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	size_t n = json_array_n(node);
	char *elements;

	if (!json_is_array(node)) {
		wrong(r, path, "must be a list");
		return false;
	}
	if ((int64_t)n < f->min || (int64_t)n > f->max) {
		wrong(r, path, "must have between %lld and %lld elements", (long long)f->min,
		    (long long)f->max);
		return false;
	}
	elements = arena_array(r->op->arena, n, f->of->size);
	for (size_t i = 0; i < n && r->faults < BODY_FAULTS_MAX; i++)
		read_shape(r, f->of, json_element(node, i),
		    arena_printf(r->op->arena, "%s[%zu]", path, i), elements + i * f->of->size);
	*(const void **)into = elements;
	return true;
}

static bool
read_object(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	void *object = arena_alloc(r->op->arena, f->of->size);

	read_shape(r, f->of, node, path, object);
	*(const void **)into = object;
	return true;
}

static bool
read_json(struct reader *r, const struct body_field *f, struct json_object *node,
    const char *path, void *into)
{
	(void)r;
	(void)f;
	(void)path;
	*(struct json_object **)into = node;
	return true;
}

/* How each kind is read: true and the value at `into`, or false and a wrong(). */
static bool (*const readers[])(struct reader *, const struct body_field *, struct json_object *,
    const char *path, void *into) = {
	[BODY_KIND_TEXT] = read_text,
	[BODY_KIND_WORD] = read_word,
	[BODY_KIND_I64] = read_i64,
	[BODY_KIND_BOOL] = read_bool,
	[BODY_KIND_UUID] = read_uuid,
	[BODY_KIND_MONEY] = read_money,
	[BODY_KIND_TIME] = read_time,
	[BODY_KIND_ARRAY] = read_array,
	[BODY_KIND_OBJECT] = read_object,
	[BODY_KIND_JSON] = read_json,
};
_Static_assert(sizeof readers / sizeof readers[0] == BODY_KIND_JSON + 1, "a reader for every kind");

/* What a field is when nothing is said; all else is zero already. */
static void
field_preset(const struct body_field *f, void *into)
{
	switch (f->kind) {
	case BODY_KIND_WORD:
		*(int *)into = -1;
		break;
	case BODY_KIND_TIME:
		*(int64_t *)into = TIME_NONE;
		break;
	case BODY_KIND_I64:
	case BODY_KIND_MONEY:
		*(int64_t *)into = f->absent;
		break;
	default:
		break;
	}
}

static void
read_field(struct reader *r, const struct body_field *f, bool is_there, struct json_object *node,
    const char *path, char *into)
{
	size_t before = (size_t)r->faults;

	field_preset(f, into + f->offset);
	if (!is_there) {
		if (!f->is_optional)
			wrong(r, path, "is missing");
		return;
	}
	if (f->given_offset != 0)
		*(bool *)(void *)(into + f->given_offset - 1) = true;
	if (node == NULL && f->kind != BODY_KIND_JSON) {
		if (!f->is_nullable)
			wrong(r, path, "must not be null");
		return;
	}
	if (!readers[f->kind](r, f, node, path, into + f->offset) || (size_t)r->faults != before)
		return;
	if (f->kind == BODY_KIND_ARRAY)
		*(size_t *)(void *)(into + f->count_offset) = json_array_n(node);
	if (f->has_offset != 0)
		*(bool *)(void *)(into + f->has_offset - 1) = true;
}

static void
refuse_unknown(struct reader *r, const struct body_shape *shape, struct json_object *object,
    const char *path)
{
	json_object_object_foreach(object, name, value) {
		size_t i = 0;

		(void)value;
		while (i < shape->n && strcmp(field_name(&shape->fields[i]), name) != 0)
			i++;
		if (i == shape->n)
			wrong(r, path_of(r, path, utf8_truncate(r->op->arena, name, 64)),
			    "is not known here");
	}
}

static void
read_shape(struct reader *r, const struct body_shape *shape, struct json_object *node,
    const char *path,
    void *into)
{
	if (shape_is_bare(shape)) {
		read_field(r, &shape->fields[0], true, node, path, into);
		return;
	}
	if (!json_is_object(node)) {
		wrong(r, path, "must be an object");
		return;
	}
	for (size_t i = 0; i < shape->n; i++) {
		const char *name = field_name(&shape->fields[i]);

		read_field(r, &shape->fields[i], json_has_member(node, name),
		    json_member(node, name), path_of(r, path, name), into);
	}
	if (!shape->takes_unknown)
		refuse_unknown(r, shape, node, path);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool
shape_is_optional(const struct body_shape *shape)
{
	for (size_t i = 0; i < shape->n; i++)
		if (!shape->fields[i].is_optional)
			return false;
	return true;
}

enum err
body_read(struct op *op, const struct body_shape *shape, const char *content_type,
    struct bytes body,
    unsigned exponent, const void **ret)
{
	struct reader r = { .op = op, .exponent = exponent };
	const struct json_limits *limits = &json_limits_default;
	struct json_object *root = NULL;
	const char *why = NULL;
	void *into;

	if (body.len == 0 && shape_is_optional(shape)) {
		body = (struct bytes){ "{}", 2 };
		content_type = "application/json";
	}
	if (body.len == 0)
		return fail(
		    op, ERR_VALIDATION_ERROR, "The body is missing: it must be a JSON object");
	if (!content_type_is_json(content_type))
		return fail(op, ERR_UNSUPPORTED_MEDIA_TYPE, "The body must be application/json");
	if (body.len > limits->len_max)
		limits = &json_limits_menu;
	if (json_read(op->arena, body.data, body.len, limits, &root, &why) != OK)
		return fail(op, ERR_VALIDATION_ERROR, "The body is not valid JSON: %s", why);
	if (!json_is_object(root))
		return fail(op, ERR_VALIDATION_ERROR, "The body must be a JSON object");
	into = arena_alloc(op->arena, shape->size);
	read_shape(&r, shape, root, "", into);
	if (r.faults > 0)
		return op->fault.code;
	*ret = into;
	return OK;
}

static void
shape_wrong(const char *name, const char *why)
{
	fprintf(stderr, "body field %s: %s\n", name, why);
	abort();
}

static void
shape_check(const struct body_shape *shape, int depth)
{
	if (depth > SHAPE_DEPTH_MAX)
		shape_wrong("?", "shapes lie too deep in one another");
	for (size_t i = 0; i < shape->n; i++) {
		const struct body_field *f = &shape->fields[i];

		if (f->offset >= shape->size)
			shape_wrong(f->name, "lies outside of the struct");
		if (f->kind == BODY_KIND_WORD && f->words == NULL)
			shape_wrong(f->name, "has no words");
		if (f->max < f->min && f->max != 0)
			shape_wrong(f->name, "has its bounds the wrong way round");
		if (f->kind != BODY_KIND_ARRAY && f->kind != BODY_KIND_OBJECT)
			continue;
		if (f->kind == BODY_KIND_ARRAY && f->max <= 0)
			shape_wrong(f->name, "is a list without a largest size");
		if (f->of == NULL || f->of->size != f->of_size)
			shape_wrong(f->name, "points to something else than its shape describes");
		shape_check(f->of, depth + 1);
	}
}

void
body_check(const struct body_shape *shape)
{
	shape_check(shape, 0);
}
