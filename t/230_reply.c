/* reply: heads, bodies and the error envelope. */
#include <string.h>

#include "http/reply.h"
#include "http/request.h"
#include "tap.h"
#include "text/json_write.h"

static struct op op;
static struct reply reply;

static void
fresh(void)
{
	op_forgive(&op);
	reply_init(&reply, op.arena);
}

static void
body_is(const char *want, const char *name)
{
	reply_close(&reply);
	is_str(reply.body.data, want, "%s", name);
}

static bool
head_has(const char *line)
{
	return strstr(reply_head(&reply).data, line) != NULL;
}

static void
test_json(void)
{
	struct json_write *w;

	fresh();
	w = reply_json(&reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "half", "of an answer");
	w = reply_json(&reply, 201);
	json_write_object(w, NULL);
	json_write_money(w, "total", 18000, 2);
	json_write_object_end(w);
	reply_header(&reply, "Location", "/x");
	reply_header(&reply, "location", "/y");
	body_is("{\"total\":180.00}", "begun again, only the second answer counts");
	is_str(reply_head(&reply).data,
	    "Status: 201 Created\r\nContent-Type: application/json\r\nContent-Length: 16\r\n"
	    "Cache-Control: no-store\r\nlocation: /y\r\n\r\n",
	    "the head is CGI, a header set twice is there once");
	fresh();
	reply_raw(&reply, 200, "text/plain", (struct bytes){ "abc", 3 });
	reply_header(&reply, "Cache-Control", "max-age=60");
	ok(head_has("\r\nCache-Control: max-age=60\r\n") && !head_has("no-store"), "a handler may allow caching");
	fresh();
	reply_empty(&reply, 204);
	ok(!head_has("Content-Length") && !head_has("Content-Type"), "a 204 has no body at all");
}

static void
test_etag(void)
{
	static const struct {
		const char *header;
		bool want;
	} cases[] = {
		{ NULL, false }, { "\"v7\"", true }, { "W/\"v7\"", true }, { "\"v6\", \"v7\"", true }, { "*", true },
		{ "\"v77\"", false }, { "v7", false }, { "", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct request r = { .if_none_match = cases[i].header };

		fresh();
		is_int(reply_not_modified(&reply, &r, "v7"), cases[i].want, "If-None-Match: %s",
		    cases[i].header ? cases[i].header : "(none)");
		ok(head_has("ETag: \"v7\"\r\n"), "has the tag");
		is_int(reply.status, cases[i].want ? 304 : 0, "and the status");
	}
}

static void
test_location(void)
{
	struct request bare = { .tenant_slug = NULL }, named = { .tenant_slug = "bistro" };

	fresh();
	reply_location(&reply, &bare, "/api/v1/orders/7");
	ok(head_has("Location: /api/v1/orders/7\r\n"), "ARC-03 a path without an id leads to one without");
	fresh();
	reply_location(&reply, &named, "/api/v1/orders/7");
	ok(head_has("Location: /r/bistro/api/v1/orders/7\r\n"), "ARC-02 and one that names the restaurant to one that does");
}

static void
test_match(void)
{
	static const struct {
		const char *header;
		enum err want;
	} cases[] = {
		{ NULL, OK }, { "\"v7\"", OK }, { "\"v6\", \"v7\"", OK }, { "*", OK }, { "\"v6\",\"v7\" ", OK },
		{ "W/\"v7\"", ERR_PRECONDITION_FAILED }, { "\"v77\"", ERR_PRECONDITION_FAILED }, { "\"v\"", ERR_PRECONDITION_FAILED },
		{ "v7", ERR_PRECONDITION_FAILED }, { "", ERR_PRECONDITION_FAILED }, { "\"v7", ERR_PRECONDITION_FAILED },
		{ "\"v7\"x", ERR_PRECONDITION_FAILED },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct request r = { .if_match = cases[i].header };

		fresh();
		is_int(request_match(&op, &r, "v7"), cases[i].want, "If-Match: %s", cases[i].header ? cases[i].header : "(none)");
		is_int(op.fault.code, cases[i].want, "and the fault says so");
	}
}

static void
test_match_head(void)
{
	static const struct {
		const char *header;
		enum err want;
	} cases[] = {
		{ NULL, OK }, { "\"7-ab\"", OK }, { "\"6-ab\", \"7-cd\"", OK }, { "*", OK }, { "\"7-\"", OK }, { "\"7-ab\" , \"x\"", OK },
		{ "\"77-ab\"", ERR_PRECONDITION_FAILED }, { "W/\"7-ab\"", ERR_PRECONDITION_FAILED }, { "\"7\"", ERR_PRECONDITION_FAILED },
		{ "\"7-ab", ERR_PRECONDITION_FAILED }, { "\"7-ab\"x", ERR_PRECONDITION_FAILED }, { "7-ab", ERR_PRECONDITION_FAILED },
		{ "\"7-,\"", ERR_PRECONDITION_FAILED }, { "", ERR_PRECONDITION_FAILED },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct request r = { .if_match = cases[i].header };

		fresh();
		is_int(request_match_head(&op, &r, "7-"), cases[i].want, "If-Match, what it begins with: %s", cases[i].header ? cases[i].header : "(none)");
	}
}

static void
test_faults(void)
{
	struct request r = { 0 };

	fresh();
	(void)fail(&op, ERR_ORDER_LIMIT_REACHED, NULL);
	op.fault.details = "{\"current\":50,\"max\":50}";
	reply_fault(&reply, &op, &r);
	body_is("{\"error\":{\"code\":\"ORDER_LIMIT_REACHED\","
		"\"message\":\"Maximum orders for this time slot have been reached\","
		"\"details\":{\"current\":50,\"max\":50}}}",
	    "ERR-01 the envelope of the API, with details");
	is_int(reply.status, 409, "and the table's status");

	fresh();
	(void)fail_field(&op, "items[0].quantity", "must be between %d and %d", 1, 999);
	(void)fail_field(&op, "type", "is missing");
	reply_fault(&reply, &op, &r);
	body_is("{\"error\":{\"code\":\"VALIDATION_ERROR\",\"message\":\"The request is not valid\",\"details\":"
		"{\"fields\":[{\"field\":\"items[0].quantity\",\"message\":\"must be between 1 and 999\"},"
		"{\"field\":\"type\",\"message\":\"is missing\"}]}}}",
	    "SEC-04 wrong fields are named");

	fresh();
	(void)fail(&op, ERR_INTERNAL_ERROR, "table %s is broken", "users");
	op.fault.internal = "1146";
	reply_fault(&reply, &op, &r);
	body_is("{\"error\":{\"code\":\"INTERNAL_ERROR\",\"message\":\"Something went wrong on our side\",\"details\":{}}}",
	    "of our own failures nothing is told");

	fresh();
	(void)fail(&op, ERR_NO_ROW, "select 1");
	reply_fault(&reply, &op, NULL);
	is_int(reply.status, 500, "an answer of the database never leaves the house");
	body_is("{\"error\":{\"code\":\"INTERNAL_ERROR\",\"message\":\"Something went wrong on our side\",\"details\":{}}}",
	    "as what it is");

	fresh();
	r.accept = "text/html, application/problem+json;q=0.9";
	(void)fail(&op, ERR_NOT_FOUND, "There is no such order");
	reply_fault(&reply, &op, &r);
	ok(head_has("Content-Type: application/problem+json\r\n"), "RFC 9457 for who asks for it");
	body_is("{\"type\":\"/problems/not-found\",\"title\":\"There is no such thing\",\"status\":404,"
		"\"detail\":\"There is no such order\",\"code\":\"NOT_FOUND\",\"details\":{}}",
	    "with its members");
}

static void
test_fault_headers(void)
{
	fresh();
	(void)fail(&op, ERR_RATE_LIMITED, NULL);
	op.fault.retry_after_s = 17;
	reply_fault(&reply, &op, NULL);
	ok(head_has("Retry-After: 17\r\n"), "Retry-After as the fault says");
	fresh();
	(void)fail(&op, ERR_UNAVAILABLE, NULL);
	reply_fault(&reply, &op, NULL);
	ok(head_has("Status: 503 ") && head_has("Retry-After: 1\r\n"), "a 503 always says when");
	fresh();
	(void)fail(&op, ERR_TOKEN_EXPIRED, NULL);
	reply_fault(&reply, &op, NULL);
	ok(head_has("WWW-Authenticate: Bearer realm=\"ticketrail\", error=\"invalid_token\""),
	    "SEC-09 a 401 says how (RFC 6750)");
	fresh();
	reply_header(&reply, "ETag", "\"x\"");
	(void)fail(&op, ERR_CONFLICT, NULL);
	reply_fault(&reply, &op, NULL);
	ok(!head_has("ETag"), "what a handler had set is gone");
}

static void
header_split(void *value)
{
	reply_header(&reply, "Location", value);
}

static void
test_splitting(void)
{
	fresh();
	ok(tap_aborts(header_split, (char[]){ "/x\r\nSet-Cookie: a=b" }), "SEC-04 a line break in a header aborts");
	ok(!tap_aborts(header_split, (char[]){ "/x" }), "a plain value does not");
}

int
main(void)
{
	op_begin(&op, NULL, (size_t)16 * 1024 * 1024, NULL);
	test_json();
	test_etag();
	test_location();
	test_match();
	test_match_head();
	test_faults();
	test_fault_headers();
	test_splitting();
	op_end(&op);
	return tap_done();
}
