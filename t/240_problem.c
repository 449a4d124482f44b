/* problem: who wants the form of RFC 9457, where a field is, and what is told. */
#include <string.h>

#include "http/body.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/route.h"
#include "tap.h"

static struct op op;

static void
test_wanted(void)
{
	static const struct {
		const char *accept;
		bool want;
	} cases[] = {
		{ NULL, false }, { "", false }, { "*/*", false }, { "application/json", false }, { "application/*", false },
		{ "application/problem+json", true }, { "APPLICATION/Problem+JSON", true },
		{ "application/json, application/problem+json", true }, { "application/problem+json;q=0.1,text/html", true },
		{ "text/html , application/problem+json ; charset=utf-8", true }, { " ,, application/problem+json", true },
		{ "application/problem+json;q=0", false }, { "application/problem+json; q=0.000", false },
		{ "application/problem+json;Q=0;x=y", false }, { "application/problem+json;x=y;q=0", false },
		{ "application/problem+json;q=0.001", true }, { "application/problem+json;q=00.5", true },
		{ "application/problem+jsonx", false }, { "xapplication/problem+json", false },
		{ "application/problem+xml", false }, { "text/x;y=application/problem+json", false },
		{ "application/problem+json;q=0, application/problem+json", true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_int(problem_is_wanted(cases[i].accept), cases[i].want, "ERR-01 Accept: %s",
		    cases[i].accept ? cases[i].accept : "(none)");
}

static void
test_pointer(void)
{
	static const struct {
		const char *field, *want;
	} cases[] = {
		{ "phone", "#/phone" }, { "items[0].quantity", "#/items/0/quantity" },
		{ "items[12].addons[3].addon_item_id", "#/items/12/addons/3/addon_item_id" }, { "items[0]", "#/items/0" },
		{ "", "#" }, { "[0].x", "#/0/x" }, { "[\"a.b\"]", "#/a.b" }, { "items[0][\"a.b\"]", "#/items/0/a.b" },
		{ "[\"\"]", "#/" }, { "[\"a/b~c\"]", "#/a~1b~0c" }, { "[\"say \\\"x\\\\\"]", "#/say%20%22x%5C" },
		{ "a#b%", "#/a%23b%25" }, { "[\"[0]\"].x", "#/%5B0%5D/x" }, { "n\xc3\xa9", "#/n%C3%A9" }, { "[\"cut", "#/cut" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_str(problem_pointer(op.arena, cases[i].field), cases[i].want, "ERR-01 %s", cases[i].field);
}

struct input {
	const char *name;
};
static const struct body_field fields[] = { BODY_TEXT(struct input, name) };
static const struct body_shape shape = BODY_SHAPE(struct input, fields);

static const char *
told(struct request *r)
{
	struct reply reply;

	reply_init(&reply, op.arena);
	r->accept = "application/problem+json";
	reply_fault(&reply, &op, r);
	reply_close(&reply);
	op_forgive(&op);
	return reply.body.data;
}

static void
test_members(void)
{
	struct request_param query = { "limit", "x" };
	struct route post = { .body = &shape }, get = { .body = NULL };
	struct request r = { .route = &post, .query = &query, .query_n = 1 };

	(void)fail_field(&op, "items[0].quantity", "is missing");
	(void)fail_field(&op, "limit", "must be a number");
	is_str(told(&r),
	    "{\"type\":\"/problems/validation-error\",\"title\":\"The request is not valid\",\"status\":400,"
	    "\"detail\":\"The request is not valid\",\"code\":\"VALIDATION_ERROR\",\"details\":{},\"errors\":["
	    "{\"detail\":\"is missing\",\"pointer\":\"#/items/0/quantity\"},"
	    "{\"detail\":\"must be a number\",\"parameter\":\"limit\"}]}",
	    "ERR-01 SEC-04 a member has a pointer, a parameter its name");
	r.route = &get;
	(void)fail_field(&op, "cursor", "is not one of ours");
	ok(strstr(told(&r), "{\"detail\":\"is not one of ours\",\"parameter\":\"cursor\"}") != NULL,
	    "without a body there are only parameters");
	r.route = NULL;
	(void)fail(&op, ERR_ORDER_LIMIT_REACHED, NULL);
	op.fault.details = "{\"current\":50,\"max\":50}";
	ok(strstr(told(&r), "\"details\":{\"current\":50,\"max\":50}}") != NULL, "ERR-06 details stay what they are");
	(void)fail(&op, ERR_INTERNAL_ERROR, "table users is broken");
	is_str(told(&r),
	    "{\"type\":\"/problems/internal-error\",\"title\":\"Something went wrong on our side\",\"status\":500,"
	    "\"detail\":\"Something went wrong on our side\",\"code\":\"INTERNAL_ERROR\",\"details\":{}}",
	    "ERR-09 S52 of our own failures nothing is told in this form either");
}

/* What a client wrote as a member's name, told back without being mistaken for a path. */
static void
test_strange_names(void)
{
	static const char body[] = "{\"name\":\"x\",\"a.b\":1,\"\":2,\"c[0]\":3,\"d\\\"\\\\e\":4}";
	static const char *const want[] = { "[\"a.b\"]", "[\"\"]", "[\"c[0]\"]", "[\"d\\\"\\\\e\"]" };
	static const char *const pointers[] = { "#/a.b", "#/", "#/c%5B0%5D", "#/d%22%5Ce" };
	const struct fault_field *f;
	const void *input = NULL;
	size_t i = 0;

	is_int(body_read(&op, &shape, "application/json", (struct bytes){ body, sizeof body - 1 }, 2, &input),
	    ERR_VALIDATION_ERROR, "members nobody knows are refused");
	for (f = op.fault.fields; f != NULL && i < 4; f = f->next, i++) {
		is_str(f->field, want[i], "and named");
		is_str(problem_pointer(op.arena, f->field), pointers[i], "and found");
	}
	is_int((long long)i, 4, "all of them");
	op_forgive(&op);
}

static void
test_content_types(void)
{
	static const struct {
		const char *type;
		enum err want;
	} cases[] = {
		{ "application/json", OK }, { "APPLICATION/JSON", OK }, { "application/json;charset=utf-8", OK },
		{ "application/json ; charset=\"UTF-8\"", OK }, { "application/json; charset=utf-8; profile=\"x y\"", OK },
		{ "application/json;", OK }, { "application/json; version=1", OK }, { "application/json;;charset=utf-8", OK },
	#define NO ERR_UNSUPPORTED_MEDIA_TYPE
		{ NULL, NO }, { "", NO }, { "text/plain", NO }, { "application/jsonp", NO }, { "application/json-seq", NO },
		{ "application/problem+json", NO }, { "application/x-www-form-urlencoded", NO }, { "multipart/form-data", NO },
		{ "application/json, text/plain", NO }, { "application/json charset=utf-8", NO }, { "application/json; charset", NO },
		{ "application/json; charset=", NO }, { "application/json; charset=utf-16", NO }, { "application/json; charset=utf-8x", NO },
		{ "application/json; charset=utf", NO }, { "application/json; charset=\"utf-8", NO }, { "application/json; charset=\"utf-8\"x", NO },
		{ "application/json; charset=utf-8; charset=utf-16", NO }, { "application/json; charset=utf-8; charset=utf-8", NO },
		{ "application/json; =utf-8", NO }, { "application/json; \"charset\"=utf-8", NO }, { "application/json; charset =utf-8", NO },
		{ "application/json; charset= utf-8", NO },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const void *input = NULL;

		is_int(body_read(&op, &shape, cases[i].type, (struct bytes){ "{\"name\":\"x\"}", 12 }, 2, &input), cases[i].want,
		    "S59 SEC-04 Content-Type: %s", cases[i].type ? cases[i].type : "(none)");
		op_forgive(&op);
	}
}

int
main(void)
{
	op_begin(&op, NULL, (size_t)16 * 1024 * 1024, NULL);
	test_wanted();
	test_pointer();
	test_members();
	test_strange_names();
	test_content_types();
	op_end(&op);
	return tap_done();
}
