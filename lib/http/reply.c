#include "http/reply.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/problem.h"
#include "http/request.h"
#include "text/json_write.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

static const char *
reason_of(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}

void
reply_init(struct reply *r, struct arena *arena)
{
	*r = (struct reply){ .arena = arena };
}

struct json_write *
reply_json(struct reply *r, int status)
{
	r->status = status;
	r->content_type = "application/json";
	r->body = (struct bytes){ 0 };
	if (r->text == NULL) {
		r->text = arena_alloc(r->arena, sizeof *r->text);
		buf_init(r->text, r->arena, REPLY_BODY_MAX);
	} else
		buf_clear(r->text);
	r->json = arena_alloc(r->arena, sizeof *r->json);
	json_write_init(r->json, r->text);
	return r->json;
}

void
reply_raw(struct reply *r, int status, const char *content_type, struct bytes body)
{
	r->status = status;
	r->content_type = content_type;
	r->body = body;
	r->json = NULL;
}

void
reply_empty(struct reply *r, int status)
{
	reply_raw(r, status, NULL, (struct bytes){ 0 });
}

/* A token (RFC 9110 section 5.6.2) for the name; no control characters in the value. */
static bool
header_is_plain(const char *name, const char *value)
{
	for (const char *c = name; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 0x7f || *c == ':')
			return false;
	for (const char *c = value; *c != '\0'; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return false;
	return *name != '\0';
}

void
reply_header(struct reply *r, const char *name, const char *value)
{
	size_t i = 0;

	if (!header_is_plain(name, value))
		abort();
	while (i < r->headers_n && strcasecmp(r->headers[i].name, name) != 0)
		i++;
	if (i == REPLY_HEADERS_MAX)
		abort();
	r->headers[i] = (struct reply_header){
		.name = arena_strdup(r->arena, name),
		.value = arena_strdup(r->arena, value),
	};
	if (i == r->headers_n)
		r->headers_n++;
}

void
reply_location(struct reply *r, const struct request *request, const char *path)
{
	const char *slug = request->tenant_slug;

	reply_header(r, "Location",
	    slug != NULL ? arena_printf(r->arena, "/r/%s%s", slug, path) : path);
}

/* Does an If-None-Match name the tag? Weak comparison, RFC 9110 section 13.1.2. */
static bool
tag_is_named(const char *list, const char *quoted)
{
	size_t len = strlen(quoted);

	while (*list != '\0') {
		list += strspn(list, " \t,");
		if (list[0] == '*')
			return true;
		if (list[0] == 'W' && list[1] == '/')
			list += 2;
		if (strncmp(list, quoted, len) == 0 && strchr(" \t,", list[len]) != NULL)
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

bool
reply_not_modified(struct reply *r, const struct request *request, const char *tag)
{
	const char *quoted = arena_printf(r->arena, "\"%s\"", tag);

	reply_header(r, "ETag", quoted);
	if (request->if_none_match == NULL || !tag_is_named(request->if_none_match, quoted))
		return false;
	reply_empty(r, 304);
	return true;
}

/* --- faults ----------------------------------------------------------------------------------- */

static void
write_fields(struct json_write *w, const struct fault *fault)
{
	json_write_array(w, "fields");
	for (const struct fault_field *f = fault->fields; f != NULL; f = f->next) {
		json_write_object(w, NULL);
		json_write_string(w, "field", f->field);
		json_write_string(w, "message", f->sentence);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

/* `details` is always an object, empty where there is nothing to say: a client need not ask. */
static void
write_details(struct json_write *w, const struct fault *fault)
{
	if (fault->details != NULL) {
		json_write_raw(w, "details", fault->details);
		return;
	}
	json_write_object(w, "details");
	if (fault->fields != NULL)
		write_fields(w, fault);
	json_write_object_end(w);
}

/* What a client may read: of our own failures nothing but the table's sentence. */
static const char *
sentence_of(const struct fault *fault, const struct err_info *info)
{
	return fault->sentence != NULL && info->band != BAND_OURS ? fault->sentence
								  : info->sentence;
}

/*
 * The answers of the database that must not leave the house: a handler forgot to turn one into an
 * answer.
 */
static enum err
code_outside(enum err code)
{
	if (code == OK || code == ERR_NO_ROW || code == ERR_DUPLICATE || code == ERR_BUSY)
		return ERR_INTERNAL_ERROR;
	return code;
}

static void
fault_headers(struct reply *r, const struct fault *fault, enum err code,
    const struct err_info *info)
{
	int after_s = fault->retry_after_s;

	if (after_s <= 0 && info->status == 503)
		after_s = 1;
	if (after_s > 0)
		reply_header(r, "Retry-After", arena_printf(r->arena, "%d", after_s));
	/* RFC 6750 section 3. Without any token the error could be left out; it does no harm. */
	if (code == ERR_INVALID_TOKEN)
		reply_header(
		    r, "WWW-Authenticate", "Bearer realm=\"ticketrail\", error=\"invalid_token\"");
	else if (code == ERR_TOKEN_EXPIRED)
		reply_header(r, "WWW-Authenticate",
		    "Bearer realm=\"ticketrail\", error=\"invalid_token\", "
		    "error_description=\"expired\"");
	else if (info->status == 401)
		reply_header(r, "WWW-Authenticate", "Bearer realm=\"ticketrail\"");
}

void
reply_fault(struct reply *r, const struct op *op, const struct request *request)
{
	const struct fault *fault = &op->fault;
	enum err code = code_outside(fault->code);
	const struct err_info *info = err_info(code);
	struct json_write *w;

	r->headers_n = 0;
	fault_headers(r, fault, code, info);
	w = reply_json(r, info->status);
	if (request != NULL && problem_is_wanted(request->accept)) {
		r->content_type = "application/problem+json";
		problem_write(w, r->arena, fault, code, sentence_of(fault, info), request);
		return;
	}
	json_write_object(w, NULL);
	json_write_object(w, "error");
	json_write_string(w, "code", info->name);
	json_write_string(w, "message", sentence_of(fault, info));
	write_details(w, fault);
	json_write_object_end(w);
	json_write_object_end(w);
}

/* --- the end ---------------------------------------------------------------------------------- */

void
reply_close(struct reply *r)
{
	if (r->json == NULL)
		return;
	json_write_done(r->json);
	/* An answer that does not fit is a LIMIT that somebody forgot. */
	if (r->text->overflowed)
		abort();
	r->body = (struct bytes){ r->text->data, r->text->len };
	r->json = NULL;
}

static bool
has_header(const struct reply *r, const char *name)
{
	for (size_t i = 0; i < r->headers_n; i++)
		if (strcasecmp(r->headers[i].name, name) == 0)
			return true;
	return false;
}

struct bytes
reply_head(const struct reply *r)
{
	struct buf head;

	buf_init(&head, r->arena, 64 * 1024);
	buf_addf(&head, "Status: %d %s\r\n", r->status, reason_of(r->status));
	if (r->content_type != NULL)
		buf_addf(&head, "Content-Type: %s\r\n", r->content_type);
	/* RFC 9110 section 8.6: none in a 204; that of a 304 would be the one of the 200. */
	if (r->status != 204 && r->status != 304)
		buf_addf(&head, "Content-Length: %zu\r\n", r->body.len);
	if (!has_header(r, "Cache-Control"))
		buf_adds(&head, "Cache-Control: no-store\r\n");
	for (size_t i = 0; i < r->headers_n; i++)
		buf_addf(&head, "%s: %s\r\n", r->headers[i].name, r->headers[i].value);
	buf_adds(&head, "\r\n");
	return (struct bytes){ head.data, head.len };
}
