#define _GNU_SOURCE /* memmem */
#include "outbox/call.h"

#include <string.h>
#include <strings.h>

#include "mem/buf.h"
#include "text/civil.h"
#include "text/hex.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/url.h"
#include "text/utf8.h"

#define SECRET_OPEN "{{secret:"
#define SECRET_CLOSE "}}"
#define SECRET_NAME_MAX 64
#define HEADERS_MAX 64
#define FILLED_MAX (8u << 20)
#define RETRY_AFTER_MAX_S 3600

static const struct {
	const char *name, *sentence;
	bool is_after_send;
} failures[] = {
	[CALL_NOT_RESOLVED] = { "not_resolved", "The host name could not be resolved", false },
	[CALL_NOT_CONNECTED] = { "not_connected", "No connection came about", false },
	[CALL_NOT_TRUSTED] = { "not_trusted", "The server could not prove who it is", false },
	[CALL_WINDOW_CLOSED] = { "window_closed", "It was too late to send anything", false },
	[CALL_NOT_FILLED] = { "not_filled", "A credential is missing, so nothing was sent", false },
	[CALL_CUT_SENDING] = { "cut_sending", "The connection ended while sending", true },
	[CALL_CUT_WAITING] = { "cut_waiting", "The connection ended before the answer came", true },
	[CALL_TIMED_OUT] = { "timed_out", "No answer came in time", true },
	[CALL_REPLY_TOO_LARGE] = { "reply_too_large", "The answer was too large to read", true },
	[CALL_REPLY_BROKEN] = { "reply_broken", "The answer was cut short or is not HTTP", true },
	[CALL_SENDER_LOST] = { "sender_lost", "The relay died with the request under way", true },
};
_Static_assert(sizeof(failures) / sizeof(failures[0]) == CALL_FAILURE__MAX, "all failures");

static const char *const body_kinds[] = {
	[CALL_BODY_NONE] = "none",
	[CALL_BODY_JSON] = "json",
	[CALL_BODY_FORM] = "form",
};

/* Out of range can only be a defect; the cautious row answers for it. */
static size_t
failure_row(enum call_failure f)
{
	return (size_t)f < CALL_FAILURE__MAX ? (size_t)f : CALL_SENDER_LOST;
}

const char *
call_failure_name(enum call_failure f)
{
	return failures[failure_row(f)].name;
}

const char *
call_failure_sentence(enum call_failure f)
{
	return failures[failure_row(f)].sentence;
}

bool
call_failure_is_after_send(enum call_failure f)
{
	return failures[failure_row(f)].is_after_send;
}

const char *
http_reply_header(const struct http_reply *r, const char *name)
{
	for (size_t i = 0; i < r->headers_n; i++)
		if (strcasecmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	return NULL;
}

/* 0: they do not say when it is, or it is over. */
static int
seconds_until(const struct http_reply *r, const struct civil *then)
{
	struct civil now;
	int64_t seconds;

	if (!civil_parse_http(http_reply_header(r, "date"), &now))
		return 0;
	seconds = (civil_to_us(then) - civil_to_us(&now)) / US_PER_SECOND;
	return seconds < 0 ? 0 : seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (int)seconds;
}

int
http_reply_retry_after(const struct http_reply *r)
{
	const char *s = http_reply_header(r, "retry-after");
	struct civil then;
	int seconds = 0;

	if (s == NULL || *s == '\0')
		return 0;
	if (civil_parse_http(s, &then))
		return seconds_until(r, &then);
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return 0;
		seconds = seconds * 10 + (*s - '0');
		if (seconds > RETRY_AFTER_MAX_S)
			seconds = RETRY_AFTER_MAX_S;
	}
	return seconds;
}

const char *
call_secret(struct arena *a, const char *name)
{
	return arena_printf(a, SECRET_OPEN "%s" SECRET_CLOSE, name);
}

const char *
call_text(struct arena *a, const char *s)
{
	struct buf b;

	if (s == NULL || strstr(s, "{{") == NULL)
		return s;
	buf_init(&b, a, 2 * strlen(s) + 1);
	for (; *s != '\0'; s++) {
		buf_addc(&b, *s);
		if (s[0] == '{' && s[1] == '{')
			buf_addc(&b, ' ');
	}
	return b.data;
}

/* ---- filling in ---- */

enum place { IN_URL, IN_HEADER, IN_JSON, IN_FORM };

struct filler {
	struct arena *arena;
	const struct http_call *call;
	call_lookup *lookup;
	void *arg;
	const char **ret_missing;
};

static void
add_json_escaped(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			buf_addf(b, "\\u%04x", (unsigned)*s);
		else
			buf_addc(b, *s);
	}
}

static bool
may_stand_in_header(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* Writes a name's value as its place demands. False: no such secret, or it can not stand there. */
static bool
fill_one(const struct filler *f, enum place place, const char *name, struct buf *out)
{
	const char *value = NULL;
	bool is_declared = false;

	for (size_t i = 0; i < f->call->secrets_n; i++)
		is_declared |= strcmp(f->call->secrets[i], name) == 0;
	if (!is_declared || !f->lookup(f->arg, name, &value) || value == NULL || *value == '\0')
		return false;
	switch (place) {
	case IN_URL:
	case IN_FORM:
		buf_adds(out, url_encode(f->arena, value));
		return true;
	case IN_HEADER:
		if (!may_stand_in_header(value))
			return false;
		buf_adds(out, value);
		return true;
	case IN_JSON:
		if (!utf8_is_valid(value, strlen(value)))
			return false;
		add_json_escaped(out, value);
		return true;
	}
	return false;
}

/* The first of needle in [at, end), or NULL. */
static const char *
find(const char *at, const char *end, const char *needle)
{
	return memmem(at, (size_t)(end - at), needle, strlen(needle));
}

static bool
fill(const struct filler *f, enum place place, struct bytes in, struct bytes *ret)
{
	const char *at = in.len == 0 ? "" : in.data, *end = at + in.len;
	const char *open, *name, *close;
	struct buf out;

	*f->ret_missing = "";
	buf_init(&out, f->arena, FILLED_MAX);
	while ((open = find(at, end, SECRET_OPEN)) != NULL) {
		name = open + strlen(SECRET_OPEN);
		close = find(name, end, SECRET_CLOSE);
		if (close == NULL || close - name > SECRET_NAME_MAX)
			return false;
		*f->ret_missing = arena_strndup(f->arena, name, (size_t)(close - name));
		buf_add(&out, at, (size_t)(open - at));
		if (!fill_one(f, place, *f->ret_missing, &out))
			return false;
		at = close + strlen(SECRET_CLOSE);
	}
	buf_add(&out, at, (size_t)(end - at));
	if (out.overflowed)
		return false;
	*ret = (struct bytes){ out.data, out.len };
	return true;
}

static bool
fill_text(const struct filler *f, enum place place, const char *in, const char **ret)
{
	struct bytes out;

	if (!fill(f, place, (struct bytes){ in, strlen(in) }, &out))
		return false;
	*ret = out.data;
	return true;
}

bool
call_fill(struct arena *a, const struct http_call *call, call_lookup *lookup, void *arg,
    struct http_call *ret_filled, const char **ret_missing)
{
	const struct filler f = { a, call, lookup, arg, ret_missing };
	struct http_call c = *call;
	struct call_header *headers = arena_array(a, call->headers_n, sizeof(*headers));

	if (!fill_text(&f, IN_URL, call->url, &c.url))
		return false;
	for (size_t i = 0; i < call->headers_n; i++) {
		headers[i].name = call->headers[i].name;
		if (!fill_text(&f, IN_HEADER, call->headers[i].value, &headers[i].value))
			return false;
	}
	c.headers = headers;
	if (!fill(&f, call->body_kind == CALL_BODY_FORM ? IN_FORM : IN_JSON, call->body, &c.body))
		return false;
	c.secrets = NULL;
	c.secrets_n = 0;
	*ret_filled = c;
	return true;
}

struct http_call
call_copy(struct arena *a, const struct http_call *call)
{
	struct call_header *headers = arena_array(a, call->headers_n, sizeof(*headers));
	const char **secrets = arena_array(a, call->secrets_n, sizeof(*secrets));
	struct http_call c = *call;

	for (size_t i = 0; i < call->headers_n; i++)
		headers[i] = (struct call_header){ arena_strdup(a, call->headers[i].name),
			arena_strdup(a, call->headers[i].value) };
	for (size_t i = 0; i < call->secrets_n; i++)
		secrets[i] = arena_strdup(a, call->secrets[i]);
	c.method = arena_strdup(a, call->method);
	c.url = arena_strdup(a, call->url);
	c.headers = headers;
	c.secrets = secrets;
	if (call->body.data != NULL)
		c.body.data = arena_bytes(a, call->body.data, call->body.len);
	return c;
}

/* ---- as bytes for a row ---- */

struct bytes
call_store(struct arena *a, const struct http_call *call)
{
	struct buf b;
	struct json_write w;
	bool is_text =
	    utf8_is_valid(call->body.data, call->body.len) &&
	    (call->body.len == 0 || memchr(call->body.data, '\0', call->body.len) == NULL);

	buf_init(&b, a, FILLED_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "method", call->method);
	json_write_string(&w, "url", call->url);
	json_write_array(&w, "headers");
	for (size_t i = 0; i < call->headers_n; i++) {
		json_write_array(&w, NULL);
		json_write_string(&w, NULL, call->headers[i].name);
		json_write_string(&w, NULL, call->headers[i].value);
		json_write_array_end(&w);
	}
	json_write_array_end(&w);
	json_write_array(&w, "secrets");
	for (size_t i = 0; i < call->secrets_n; i++)
		json_write_string(&w, NULL, call->secrets[i]);
	json_write_array_end(&w);
	json_write_string(&w, "body_kind", body_kinds[call->body_kind]);
	if (is_text)
		json_write_string_n(
		    &w, "body", call->body.len == 0 ? "" : call->body.data, call->body.len);
	else
		json_write_string(
		    &w, "body_base64", base64_encode(a, call->body.data, call->body.len));
	json_write_object_end(&w);
	json_write_done(&w);
	return (struct bytes){ b.data, b.len };
}

static bool
load_headers(struct arena *a, struct json_object *list, struct http_call *call)
{
	size_t n = json_array_n(list);
	struct call_header *headers;

	if (!json_is_array(list) || n > HEADERS_MAX)
		return false;
	headers = arena_array(a, n, sizeof(*headers));
	for (size_t i = 0; i < n; i++) {
		struct json_object *pair = json_element(list, i);
		if (json_array_n(pair) != 2 ||
		    !json_as_string(json_element(pair, 0), &headers[i].name) ||
		    !json_as_string(json_element(pair, 1), &headers[i].value))
			return false;
	}
	call->headers = headers;
	call->headers_n = n;
	return true;
}

static bool
load_secrets(struct arena *a, struct json_object *list, struct http_call *call)
{
	size_t n = json_array_n(list);
	const char **names;

	if (!json_is_array(list) || n > HEADERS_MAX)
		return false;
	names = arena_array(a, n, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		if (!json_as_string(json_element(list, i), &names[i]))
			return false;
	call->secrets = names;
	call->secrets_n = n;
	return true;
}

static bool
load_body(struct arena *a, struct json_object *top, struct http_call *call)
{
	const char *kind, *body;
	size_t k = 0, n = sizeof(body_kinds) / sizeof(body_kinds[0]);

	if (!json_as_string(json_member(top, "body_kind"), &kind))
		return false;
	while (k < n && strcmp(kind, body_kinds[k]) != 0)
		k++;
	if (k == n)
		return false;
	call->body_kind = (enum call_body)k;
	if (json_as_string(json_member(top, "body"), &body)) {
		call->body = (struct bytes){ body, strlen(body) };
		return true;
	}
	return json_as_string(json_member(top, "body_base64"), &body) &&
	       base64_decode(a, body, strlen(body), &call->body);
}

bool
call_load(struct arena *a, struct bytes bytes, struct http_call *ret_call)
{
	struct json_object *top;
	struct http_call call = { 0 };
	const char *why;

	if (json_read(a, bytes.data, bytes.len, &json_limits_menu, &top, &why) != OK ||
	    !json_as_string(json_member(top, "method"), &call.method) ||
	    !json_as_string(json_member(top, "url"), &call.url) ||
	    !load_headers(a, json_member(top, "headers"), &call) ||
	    !load_secrets(a, json_member(top, "secrets"), &call) || !load_body(a, top, &call))
		return false;
	*ret_call = call;
	return true;
}
