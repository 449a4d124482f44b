#include "http/problem.h"

#include <string.h>
#include <strings.h>

#include "http/body.h"
#include "http/request.h"
#include "http/route.h"
#include "mem/buf.h"
#include "op/op.h"
#include "text/json_write.h"

#define POINTER_LEN_MAX ((size_t)8192)

static const char media_type[] = "application/problem+json";

/* --- is it wanted? ---------------------------------------------------------------------------- */

/* q=0, q=0.0 ... (RFC 9110 section 12.4.2): not at any price. */
static bool
weight_is_zero(const char *parameter, size_t len)
{
	if (len < 3 || strncasecmp(parameter, "q=0", 3) != 0)
		return false;
	return strspn(parameter + 3, ".0") >= len - 3;
}

/* One element of an Accept, "type/subtype;name=value;q=0.5". */
static bool
range_names_problem(const char *range, size_t len)
{
	size_t type_len = strcspn(range, "; \t,"), n;

	if (type_len != sizeof media_type - 1 || strncasecmp(range, media_type, type_len) != 0)
		return false;
	for (size_t at = type_len; at < len; at += n) {
		at += strspn(range + at, "; \t");
		n = strcspn(range + at, "; \t,");
		if (weight_is_zero(range + at, n))
			return false;
	}
	return true;
}

bool
problem_is_wanted(const char *accept)
{
	while (accept != NULL && *accept != '\0') {
		size_t len;

		accept += strspn(accept, " \t,");
		len = strcspn(accept, ",");
		if (range_names_problem(accept, len))
			return true;
		accept += len;
	}
	return false;
}

/* --- where ------------------------------------------------------------------------------------ */

/* A byte of a name in a pointer in a fragment (RFC 6901 sections 3 and 6, RFC 3986 section 3.5). */
static void
pointer_add(struct buf *b, unsigned char c)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._!$&'()*+,;=:@?";

	if (c == '~')
		buf_adds(b, "~0");
	else if (c == '/')
		buf_adds(b, "~1");
	else if (c != '\0' && strchr(plain, c) != NULL)
		buf_add(b, &c, 1);
	else
		buf_addf(b, "%%%02X", c);
}

/* ["a name"], with \ before " and \: what stands behind it. */
static const char *
quoted_add(struct buf *b, const char *at)
{
	for (at += 2; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		pointer_add(b, (unsigned char)*at);
	}
	return strncmp(at, "\"]", 2) == 0 ? at + 2 : at + strlen(at);
}

const char *
problem_pointer(struct arena *arena, const char *field)
{
	struct buf b;

	buf_init(&b, arena, POINTER_LEN_MAX);
	buf_adds(&b, *field != '\0' ? "#/" : "#");
	if (*field == '[' && field[1] != '"')
		field++; /* the whole body is a list */
	while (*field != '\0')
		if (strncmp(field, "[\"", 2) == 0) {
			if (b.data[b.len - 1] != '/')
				buf_adds(&b, "/");
			field = quoted_add(&b, field);
		} else if (*field == '.' || *field == '[') {
			buf_adds(&b, "/");
			field++;
		} else if (*field == ']')
			field++;
		else
			pointer_add(&b, (unsigned char)*field++);
	return b.data;
}

/* A field that is wrong is a member of the body, unless there is none or the query has the name. */
static bool
is_in_body(const struct request *r, const char *field)
{
	const struct body_shape *body = r != NULL && r->route != NULL ? r->route->body : NULL;

	return body != NULL && body != &body_raw && request_query(r, field) == NULL;
}

static void
write_errors(struct json_write *w, struct arena *arena, const struct fault *fault,
    const struct request *r)
{
	json_write_array(w, "errors");
	for (const struct fault_field *f = fault->fields; f != NULL; f = f->next) {
		json_write_object(w, NULL);
		json_write_string(w, "detail", f->sentence);
		if (is_in_body(r, f->field))
			json_write_string(w, "pointer", problem_pointer(arena, f->field));
		else
			json_write_string(w, "parameter", f->field);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* VALIDATION_ERROR is explained at /problems/validation-error. */
static const char *
type_of(struct arena *arena, const char *name)
{
	char *type = arena_printf(arena, "/problems/%s", name);

	for (char *c = type; *c != '\0'; c++) {
		if (*c == '_')
			*c = '-';
		else if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	}
	return type;
}

void
problem_write(struct json_write *w, struct arena *arena, const struct fault *fault, enum err code,
    const char *detail, const struct request *r)
{
	const struct err_info *info = err_info(code);

	json_write_object(w, NULL);
	json_write_string(w, "type", type_of(arena, info->name));
	json_write_string(w, "title", info->sentence);
	json_write_int64(w, "status", info->status);
	json_write_string(w, "detail", detail);
	json_write_string(w, "code", info->name);
	if (fault->details != NULL)
		json_write_raw(w, "details", fault->details);
	else {
		json_write_object(w, "details");
		json_write_object_end(w);
	}
	if (fault->details == NULL && fault->fields != NULL)
		write_errors(w, arena, fault, r);
	json_write_object_end(w);
}
