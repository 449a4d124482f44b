#include "http/request.h"

#include <string.h>
#include <strings.h>

#include "mem/buf.h"
#include "text/form.h"
#include "text/iso8601.h"
#include "text/utf8.h"
#include "text/uuid.h"

#define PATH_LEN_MAX ((size_t)2048)
#define KEY_LEN_MAX ((size_t)255)
#define HEADER_SHOWN_MAX 64 /* of a name, to people */

static const struct {
	const char *name;
	enum method method;
} methods[] = {
	{ "GET", METHOD_GET },
	{ "HEAD", METHOD_HEAD },
	{ "POST", METHOD_POST },
	{ "PUT", METHOD_PUT },
	{ "PATCH", METHOD_PATCH },
	{ "DELETE", METHOD_DELETE },
};

/*
 * Headers that are lists or harmless twice (RFC 9110 section 5.3). All others are single here: that
 * covers Authorization, Idempotency-Key, Host, Content-Type and every provider's signature header
 * without naming them.
 */
static const char *const list_headers[] = {
	"accept",
	"accept-charset",
	"accept-encoding",
	"accept-language",
	"cache-control",
	"connection",
	"cookie",
	"dnt",
	"early-data",
	"forwarded",
	"if-match",
	"if-none-match",
	"pragma",
	"prefer",
	"priority",
	"te",
	"trailer",
	"tracestate",
	"upgrade",
	"via",
	"warning",
	"x-forwarded-for",
	"x-forwarded-host",
	"x-forwarded-proto",
};

static bool
header_is_list(const char *name)
{
	for (size_t i = 0; i < sizeof list_headers / sizeof list_headers[0]; i++)
		if (strcmp(name, list_headers[i]) == 0)
			return true;
	return false;
}

/* Visible ASCII only. */
static bool
text_is_visible(const char *s, size_t min, size_t max)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] >= 0x7f)
			return false;
	return len >= min && len <= max;
}

static const char *
param_find(const struct request_param *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].value;
	return NULL;
}

/* HTTP_X_REQUEST_ID to x-request-id. */
static char *
header_name(struct arena *arena, const char *name, size_t len)
{
	char *s = arena_strndup(arena, name, len);

	for (char *c = s; *c != '\0'; c++) {
		if (*c == '_')
			*c = '-';
		else if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	return s;
}

static enum err
header_add(struct op *op, struct request *r, const char *name, size_t name_len, const char *value)
{
	const char *key = header_name(op->arena, name, name_len);

	if (param_find(r->headers, r->headers_n, key) != NULL && !header_is_list(key))
		return fail(op, ERR_VALIDATION_ERROR, "The header %s came twice",
		    utf8_sanitise(op->arena, key, HEADER_SHOWN_MAX));
	if (r->headers_n == REQUEST_HEADERS_MAX)
		return fail(op, ERR_VALIDATION_ERROR, "There are more than %d headers",
		    REQUEST_HEADERS_MAX);
	r->headers[r->headers_n++] = (struct request_param){ key, value };
	return OK;
}

static enum method
method_of(const char *name)
{
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (strcmp(name, methods[i].name) == 0)
			return methods[i].method;
	return METHOD_OTHER;
}

static enum err
length_read(struct op *op, const char *text, size_t *ret)
{
	size_t n = 0;

	if (*text == '\0')
		return OK;
	for (const char *c = text; *c != '\0'; c++) {
		if (*c < '0' || *c > '9' || __builtin_mul_overflow(n, (size_t)10, &n) ||
		    __builtin_add_overflow(n, (size_t)(*c - '0'), &n))
			return fail(op, ERR_VALIDATION_ERROR, "The Content-Length is not a number");
	}
	*ret = n;
	return OK;
}

static enum err
query_read(struct op *op, struct request *r, const char *text)
{
	struct form form;
	const char *why = NULL;

	if (form_read(op->arena, text, strlen(text), &form, &why) != OK)
		return fail(op, ERR_VALIDATION_ERROR, "The query string is not valid: %s", why);
	if (form.n > REQUEST_QUERY_MAX)
		return fail(op, ERR_VALIDATION_ERROR, "There are more than %d query parameters",
		    REQUEST_QUERY_MAX);
	r->query = arena_array(op->arena, form.n, sizeof *r->query);
	for (size_t i = 0; i < form.n; i++)
		r->query[i] = (struct request_param){ form.pairs[i].name, form.pairs[i].value };
	r->query_n = form.n;
	return OK;
}

/* What nginx tells beside the headers (nginx/fastcgi.conf). */
struct gateway {
	const char *method, *path, *query, *length, *type, *tenant, *address, *request_id,
	    *trace_id, *shelf;
};

static void
gateway_take(struct gateway *g, const char *name, size_t len, const char *value)
{
	const struct {
		const char *name;
		const char **into;
	} known[] = {
		{ "REQUEST_METHOD", &g->method },
		{ "ROUTE_PATH", &g->path },
		{ "QUERY_STRING", &g->query },
		{ "CONTENT_LENGTH", &g->length },
		{ "CONTENT_TYPE", &g->type },
		{ "TENANT", &g->tenant },
		{ "REMOTE_ADDR", &g->address },
		{ "REQUEST_ID", &g->request_id },
		{ "TRACE_ID", &g->trace_id },
		{ "SHELF", &g->shelf },
	};

	/*
	 * The first wins, as with FCGX_GetParam: nginx's own come before anything a client could
	 * add.
	 */
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (*known[i].into == NULL && strlen(known[i].name) == len &&
		    memcmp(known[i].name, name, len) == 0)
			*known[i].into = value;
}

static enum err
env_read(struct op *op, char *const *env, struct gateway *g, struct request *r)
{
	enum err e = OK;

	r->headers = arena_array(op->arena, REQUEST_HEADERS_MAX, sizeof *r->headers);
	for (; *env != NULL && e == OK; env++) {
		const char *equals = strchr(*env, '=');
		size_t len = equals != NULL ? (size_t)(equals - *env) : 0;

		if (equals == NULL)
			continue;
		if (len > 5 && memcmp(*env, "HTTP_", 5) == 0)
			e = header_add(op, r, *env + 5, len - 5, equals + 1);
		else
			gateway_take(g, *env, len, equals + 1);
	}
	return e;
}

static const char *
non_empty(const char *s)
{
	return s != NULL && *s != '\0' ? s : NULL;
}

static const char *
text_or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static enum err
path_check(struct op *op, const char *path)
{
	size_t len = strlen(path);

	if (path[0] != '/' || len > PATH_LEN_MAX || !utf8_is_valid(path, len))
		return fail(op, ERR_VALIDATION_ERROR, "The path is not valid");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)path[i] < ' ' || path[i] == 0x7f)
			return fail(op, ERR_VALIDATION_ERROR, "The path is not valid");
	return OK;
}

static enum err
idempotency_read(struct op *op, struct request *r)
{
	const char *key = request_header(r, "idempotency-key");

	if (key == NULL)
		return OK;
	if (!text_is_visible(key, 1, KEY_LEN_MAX))
		return fail(op, ERR_VALIDATION_ERROR,
		    "The Idempotency-Key must be 1 to 255 visible ASCII characters");
	r->idempotency_key = key;
	return OK;
}

enum err
request_read(struct op *op, char *const *env, struct request *ret_request)
{
	struct gateway g = { 0 };
	struct request r = { 0 };
	enum err e;

	e = env_read(op, env, &g, &r);
	r.method_name = text_or_empty(g.method);
	r.method = method_of(r.method_name);
	r.path = text_or_empty(g.path);
	r.config = op->config;
	r.tenant_slug = non_empty(g.tenant);
	r.client_address = text_or_empty(g.address);
	r.request_id = text_or_empty(g.request_id);
	r.trace_id = non_empty(g.trace_id);
	r.shelf = non_empty(g.shelf);
	r.content_type = non_empty(g.type);
	r.host = non_empty(request_header(&r, "host"));
	r.authorization = request_header(&r, "authorization");
	r.accept = request_header(&r, "accept");
	r.if_match = request_header(&r, "if-match");
	r.if_none_match = request_header(&r, "if-none-match");
	if (e == OK)
		e = path_check(op, r.path);
	if (e == OK)
		e = length_read(op, text_or_empty(g.length), &r.content_length);
	if (e == OK)
		e = query_read(op, &r, text_or_empty(g.query));
	if (e == OK)
		e = idempotency_read(op, &r);
	/* Also of a refused request the log and the reply need to know whose it was. */
	*ret_request = r;
	return e;
}

const char *
request_header(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->headers_n; i++)
		if (strcasecmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	return NULL;
}

const char *
request_query(const struct request *r, const char *name)
{
	return param_find(r->query, r->query_n, name);
}

const char *
request_path(const struct request *r, const char *name)
{
	return param_find(r->params, r->params_n, name);
}

/* A whole decimal number without sign of plus or leading zeroes. */
static bool
number_read(const char *s, int64_t *ret)
{
	bool is_negative = *s == '-';
	int64_t n = 0;

	s += is_negative;
	if (*s == '\0' || (*s == '0' && (s[1] != '\0' || is_negative)))
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(n, (int64_t)10, &n) ||
		    __builtin_sub_overflow(n, (int64_t)(*s - '0'), &n))
			return false;
	}
	/* Counted downwards: INT64_MIN has no positive twin. */
	if (!is_negative && n == INT64_MIN)
		return false;
	*ret = is_negative ? n : -n;
	return true;
}

enum err
request_path_uuid(struct op *op, const struct request *r, const char *name,
    unsigned char ret_id[16])
{
	if (!uuid_parse(request_path(r, name), ret_id))
		return fail(op, ERR_NOT_FOUND, NULL);
	return OK;
}

enum err
request_path_i64(struct op *op, const struct request *r, const char *name, int64_t *ret)
{
	const char *text = request_path(r, name);
	int64_t n;

	if (text == NULL || !number_read(text, &n) || n < 1)
		return fail(op, ERR_NOT_FOUND, NULL);
	*ret = n;
	return OK;
}

enum err
request_query_i64(struct op *op, const struct request *r, const char *name, int64_t min,
    int64_t max,
    int64_t *ret)
{
	const char *text = request_query(r, name);
	int64_t n;

	if (text == NULL)
		return OK;
	if (!number_read(text, &n) || n < min || n > max)
		return fail_field(op, name, "must be a number between %lld and %lld",
		    (long long)min, (long long)max);
	*ret = n;
	return OK;
}

enum err
request_query_uuid(struct op *op, const struct request *r, const char *name, bool *ret_is_there,
    unsigned char ret_id[16])
{
	const char *text = request_query(r, name);

	if (text != NULL && !uuid_parse(text, ret_id))
		return fail_field(op, name, "must be a UUID");
	*ret_is_there = text != NULL;
	return OK;
}

enum err
request_query_time(struct op *op, const struct request *r, const char *name, int64_t *ret_us)
{
	const char *text = request_query(r, name);
	int64_t us;

	if (text == NULL)
		return OK;
	/* One that a database's DATETIME cannot hold is no time of ours. */
	if (!iso8601_parse(text, &us) || us < 0)
		return fail_field(op, name, "must be a time, as 2026-02-13T08:30:00Z");
	*ret_us = us;
	return OK;
}

enum err
request_query_since(
    struct op *op, const struct request *r, int64_t *ret_since_us, int64_t *ret_until_us)
{
	int64_t since = TIME_NONE, until = TIME_NONE;
	enum err e = request_query_time(op, r, "since", &since);

	if (e == OK)
		e = request_query_time(op, r, "until", &until);
	if (e != OK)
		return e;
	if (since != TIME_NONE && until != TIME_NONE && until < since)
		return fail_field(op, "until", "must not lie before `since`");
	if (since != TIME_NONE)
		*ret_since_us = since;
	if (until != TIME_NONE)
		*ret_until_us = until;
	return OK;
}

/* Which of the words it is; -1: none. */
static int
word_find(const char *const *words, const char *text, size_t len)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
			return i;
	return -1;
}

static const char *
words_text(struct op *op, const char *const *words)
{
	struct buf list;

	buf_init(&list, op->arena, 1000);
	for (int i = 0; words[i] != NULL; i++)
		buf_addf(&list, "%s%s", i > 0 ? ", " : "", words[i]);
	return list.data;
}

enum err
request_query_word(struct op *op, const struct request *r, const char *name,
    const char *const *words, int *ret)
{
	const char *text = request_query(r, name);
	int word;

	if (text == NULL)
		return OK;
	word = word_find(words, text, strlen(text));
	if (word < 0)
		return fail_field(op, name, "must be one of %s", words_text(op, words));
	*ret = word;
	return OK;
}

enum err
request_query_words(struct op *op, const struct request *r, const char *name,
    const char *const *words, unsigned *ret_set)
{
	const char *text = request_query(r, name);
	unsigned set = 0;

	if (text == NULL)
		return OK;
	for (;;) {
		size_t len = strcspn(text, ",");
		int word = word_find(words, text, len);

		if (word < 0)
			return fail_field(op, name, "must be some of %s, with commas between",
			    words_text(op, words));
		set |= 1u << word;
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	*ret_set = set;
	return OK;
}

/* Behind the part of a tag that was asked for: its end, or anything if it only begins so. */
static bool
tag_ends(const char *at, bool is_head)
{
	if (is_head)
		at += strcspn(at, "\",");
	return at[0] == '"' && strchr(" \t,", at[1]) != NULL;
}

static enum err
match(struct op *op, const struct request *r, const char *tag, bool is_head)
{
	size_t len = strlen(tag);
	const char *list = r->if_match;

	while (list != NULL && *list != '\0') {
		list += strspn(list, " \t,");
		if (list[0] == '*')
			return OK;
		if (list[0] == '"' && strncmp(list + 1, tag, len) == 0 &&
		    tag_ends(list + 1 + len, is_head))
			return OK;
		list += strcspn(list, ",");
	}
	return r->if_match == NULL ? OK : fail(op, ERR_PRECONDITION_FAILED, NULL);
}

enum err
request_match(struct op *op, const struct request *r, const char *tag)
{
	return match(op, r, tag, false);
}

enum err
request_match_head(struct op *op, const struct request *r, const char *head)
{
	return match(op, r, head, true);
}
