/* request and route: reading FastCGI parameters, finding the row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/body.h"
#include "http/reply.h"
#include "http/route.h"
#include "tap.h"

static enum err
never(struct op *op, const struct request *request, struct reply *reply)
{
	(void)request;
	(void)reply;
	return fail(op, ERR_INTERNAL_ERROR, NULL);
}

#define ROW(m, p) { .method = (m), .path = (p), .roles = ROLE_ANYBODY, .handle = never, .sentence = "a row" }

static const struct route routes[] = {
	ROW(METHOD_GET, "/api/v1/orders"),
	ROW(METHOD_POST, "/api/v1/orders"),
	ROW(METHOD_GET, "/api/v1/orders/{id}"),
	ROW(METHOD_GET, "/api/v1/orders/active"),
	ROW(METHOD_POST, "/api/v1/orders/{id}/cancel"),
	ROW(METHOD_GET, "/a/{x}/{y}"),
	ROW(METHOD_GET, "/a/b/{y}"),
	ROW(METHOD_GET, "/a/{x}/c"),
	ROW(METHOD_POST, "/pp_callback/{slug}/"),
};
static const struct route_table table = ROUTE_TABLE(routes);

static struct op op;

static enum err
find(const char *method, const char *path, struct request *ret, unsigned *ret_allowed)
{
	char m[32], p[300];
	char *env[] = { m, p, NULL };
	enum err e;

	op_forgive(&op);
	(void)snprintf(m, sizeof m, "REQUEST_METHOD=%s", method);
	(void)snprintf(p, sizeof p, "ROUTE_PATH=%s", path);
	*ret_allowed = 0;
	e = request_read(&op, env, ret);
	ret->path = arena_strdup(op.arena, ret->path);
	return e == OK ? route_find(&op, &table, ret, ret_allowed) : e;
}

static void
test_finding(void)
{
	static const struct {
		const char *method, *path;
		enum err want;
		const char *row, *param; /* the first parameter */
	} cases[] = {
		{ "GET", "/api/v1/orders", OK, "/api/v1/orders", NULL },
		{ "HEAD", "/api/v1/orders", OK, "/api/v1/orders", NULL },
		{ "GET", "/api/v1/orders/17", OK, "/api/v1/orders/{id}", "17" },
		{ "GET", "/api/v1/orders/active", OK, "/api/v1/orders/active", NULL },
		{ "POST", "/api/v1/orders/x%20y/cancel", OK, "/api/v1/orders/{id}/cancel", "x%20y" },
		{ "GET", "/a/b/c", OK, "/a/b/{y}", "c" },
		{ "GET", "/a/z/c", OK, "/a/{x}/c", "z" },
		{ "POST", "/pp_callback/demo/", OK, "/pp_callback/{slug}/", "demo" },
		{ "POST", "/pp_callback/demo", ERR_NOT_FOUND, NULL, NULL },
		{ "GET", "/api/v1/orders/", ERR_NOT_FOUND, NULL, NULL },
		{ "GET", "/api/v1/orders/1/2", ERR_NOT_FOUND, NULL, NULL },
		{ "GET", "/api/v1", ERR_NOT_FOUND, NULL, NULL },
		{ "GET", "/", ERR_NOT_FOUND, NULL, NULL },
		{ "GET", "/api/v1/Orders", ERR_NOT_FOUND, NULL, NULL },
		{ "DELETE", "/api/v1/orders", ERR_METHOD_NOT_ALLOWED, NULL, NULL },
		{ "BREW", "/api/v1/orders", ERR_METHOD_NOT_ALLOWED, NULL, NULL },
		{ "get", "/api/v1/orders", ERR_METHOD_NOT_ALLOWED, NULL, NULL },
		{ "HEAD", "/pp_callback/demo/", ERR_METHOD_NOT_ALLOWED, NULL, NULL },
		{ "GET", "api/v1/orders", ERR_VALIDATION_ERROR, NULL, NULL },
		{ "GET", "", ERR_VALIDATION_ERROR, NULL, NULL },
		{ "GET", "/\xff", ERR_VALIDATION_ERROR, NULL, NULL },
		{ "GET", "/a\nb", ERR_VALIDATION_ERROR, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct request r;
		unsigned allowed;

		is_int(find(cases[i].method, cases[i].path, &r, &allowed), cases[i].want, "%s %zu is answered so",
		    cases[i].method, i);
		is_str(r.route ? r.route->path : NULL, cases[i].row, "by this row");
		is_str(r.params_n > 0 ? r.params[0].value : NULL, cases[i].param, "with this parameter");
	}
}

static void
test_allow(void)
{
	struct request r;
	unsigned allowed;

	(void)find("DELETE", "/api/v1/orders", &r, &allowed);
	is_str(route_allow(op.arena, allowed), "GET, HEAD, POST", "a 405 says what is allowed, HEAD with GET");
	(void)find("GET", "/api/v1/orders/5/cancel", &r, &allowed);
	is_str(route_allow(op.arena, allowed), "POST", "and only of this path");
}

static enum err
read_with(const char *const *env, struct request *ret)
{
	char *all[40] = { (char[]){ "REQUEST_METHOD=GET" }, (char[]){ "ROUTE_PATH=/x" } };

	op_forgive(&op);
	for (size_t i = 0; env[i] != NULL; i++)
		all[i + 2] = arena_strdup(op.arena, env[i]);
	return request_read(&op, all, ret);
}
#define READ(r, ...) read_with((const char *const[]){ __VA_ARGS__, NULL }, (r))

static void
test_headers(void)
{
	struct request r;

	is_int(READ(&r, "HTTP_AUTHORIZATION=Bearer a", "HTTP_X_FORWARDED_FOR=1", "HTTP_X_FORWARDED_FOR=2"), OK,
	    "a list header may come twice");
	is_str(r.authorization, "Bearer a", "Authorization is found");
	is_str(request_header(&r, "X-Forwarded-For"), "1", "a header is found in any case");
	is_str(request_header(&r, "X-Nothing"), NULL, "an absent one is not");
	is_int(READ(&r, "HTTP_AUTHORIZATION=Bearer a", "HTTP_AUTHORIZATION=Bearer b"), ERR_VALIDATION_ERROR,
	    "SEC-08 Authorization twice is refused");
	is_int(READ(&r, "HTTP_IDEMPOTENCY_KEY=a", "HTTP_IDEMPOTENCY_KEY=a"), ERR_VALIDATION_ERROR,
	    "Idempotency-Key twice is refused, even if the same");
	is_int(READ(&r, "HTTP_X_RAZORPAY_SIGNATURE=a", "HTTP_X_RAZORPAY_SIGNATURE=b"), ERR_VALIDATION_ERROR,
	    "SEC-08 a signature twice is refused");
	is_int(READ(&r, "HTTP_IDEMPOTENCY_KEY=0190-a_B"), OK, "a plain key is taken");
	is_str(r.idempotency_key, "0190-a_B", "as it is");
	is_int(READ(&r, "HTTP_IDEMPOTENCY_KEY="), ERR_VALIDATION_ERROR, "an empty key is refused");
	is_int(READ(&r, "HTTP_IDEMPOTENCY_KEY=a b"), ERR_VALIDATION_ERROR, "a blank in it too");
	is_int(READ(&r, "HTTP_IDEMPOTENCY_KEY=\xc3\xa0"), ERR_VALIDATION_ERROR, "and what is not ASCII");
}

static void
test_numbers(void)
{
	struct request r;
	int64_t n = 20;
	int word = 7;
	bool there = true;
	unsigned char id[16];
	static const char *const words[] = { "new", "old", NULL };

	is_int(READ(&r, "CONTENT_LENGTH=12"), OK, "a length is read");
	is_int(r.content_length, 12, "as a number");
	is_int(READ(&r, "CONTENT_LENGTH=-1"), ERR_VALIDATION_ERROR, "no negative length");
	is_int(READ(&r, "CONTENT_LENGTH=1x"), ERR_VALIDATION_ERROR, "no half number");
	is_int(READ(&r, "CONTENT_LENGTH=99999999999999999999"), ERR_VALIDATION_ERROR, "no absurd length");
	is_int(READ(&r, "QUERY_STRING=limit=5&s=a%20b"), OK, "a query is read");
	is_str(request_query(&r, "s"), "a b", "and decoded");
	is_int(request_query_i64(&op, &r, "limit", 1, 100, &n), OK, "a number in it");
	is_int(n, 5, "has its value");
	is_int(request_query_i64(&op, &r, "page", 1, 100, &n), OK, "an absent one is fine");
	is_int(n, 5, "and leaves the default");
	is_int(request_query_word(&op, &r, "kind", words, &word), OK, "an absent word too");
	is_int(word, 7, "is left");
	is_int(request_query_uuid(&op, &r, "after", &there, id), OK, "an absent id is fine");
	ok(!there, "and said to be absent");
	is_int(request_query_i64(&op, &r, "limit", 6, 100, &n), ERR_VALIDATION_ERROR, "out of bounds is refused");
	is_str(op.fault.fields->field, "limit", "by name");
	is_int(READ(&r, "QUERY_STRING=limit=5&limit=6"), ERR_VALIDATION_ERROR, "a parameter twice is refused");
	is_int(READ(&r, "QUERY_STRING=limit=%zz"), ERR_VALIDATION_ERROR, "broken encoding is refused");
	is_int(READ(&r, "QUERY_STRING=n=-9223372036854775808&m=9223372036854775808&k=01&kind=x"), OK, "edges");
	is_int(request_query_i64(&op, &r, "n", INT64_MIN, INT64_MAX, &n), OK, "the smallest number");
	is_int(n, INT64_MIN, "is read whole");
	is_int(request_query_i64(&op, &r, "m", INT64_MIN, INT64_MAX, &n), ERR_VALIDATION_ERROR, "one too large is not");
	op_forgive(&op);
	is_int(request_query_i64(&op, &r, "k", INT64_MIN, INT64_MAX, &n), ERR_VALIDATION_ERROR, "nor a leading zero");
	op_forgive(&op);
	is_int(request_query_word(&op, &r, "kind", words, &word), ERR_VALIDATION_ERROR, "another word is refused");
	is_str(op.fault.fields->sentence, "must be one of new, old", "with the words");
}

static void
test_query_names(void)
{
	struct route lists = ROW(METHOD_GET, "/l"), none = ROW(METHOD_GET, "/n"), any = ROW(METHOD_POST, "/a");
	struct request r = { .query = (struct request_param[]){ { "limit", "1" }, { "lim", "1" }, { "limits", "" }, { "", "x" }, { "a b", "" } } };

	lists.query = "status limit";
	any.query = QUERY_ANY;
	for (r.query_n = 0; r.query_n <= 5; r.query_n++) {
		op_forgive(&op);
		r.route = &lists;
		is_int(route_query_check(&op, &r), r.query_n <= 1 ? OK : ERR_VALIDATION_ERROR, "ERR-02 a parameter that is none: %zu", r.query_n);
		op_forgive(&op);
		r.route = &none;
		is_int(route_query_check(&op, &r), r.query_n == 0 ? OK : ERR_VALIDATION_ERROR, "ERR-02 nor where there are none");
		op_forgive(&op);
		r.route = &any;
		is_int(route_query_check(&op, &r), OK, "ERR-02 a provider may say more");
	}
	r.query_n = 2;
	r.route = &lists;
	(void)route_query_check(&op, &r);
	is_str(op.fault.fields->field, "lim", "ERR-02 it is named");
	is_str(op.fault.fields->sentence, "is no parameter here; there are status limit", "ERR-02 with what there is");
	op_forgive(&op);
}

static void
test_path_ids(void)
{
	struct request r;
	unsigned allowed;
	unsigned char id[16] = { 0 };
	int64_t n = 0;

	(void)find("GET", "/api/v1/orders/0190163d-8694-739b-aea5-966c26f8ad91", &r, &allowed);
	is_int(request_path_uuid(&op, &r, "id", id), OK, "a UUID in the path");
	is_int(id[0] << 8 | id[15], 0x0191, "is sixteen bytes");
	(void)find("GET", "/api/v1/orders/0190163d", &r, &allowed);
	is_int(request_path_uuid(&op, &r, "id", id), ERR_NOT_FOUND, "what is no UUID names nothing");
	op_forgive(&op);
	is_int(request_path_i64(&op, &r, "id", &n), ERR_NOT_FOUND, "nor does a number with a leading zero");
	(void)find("GET", "/api/v1/orders/42", &r, &allowed);
	is_int(request_path_i64(&op, &r, "id", &n), OK, "a number");
	is_int(n, 42, "is read");
}

static void
check(void *rows)
{
	route_check(rows);
}

static void
test_check(void)
{
	static const struct body_shape empty = { .size = 1 };
	struct route twice[] = { ROW(METHOD_GET, "/x"), ROW(METHOD_GET, "/x") };
	struct route nobody[] = { { .method = METHOD_GET, .path = "/x", .handle = never, .sentence = "s" } };
	struct route head[] = { ROW(METHOD_HEAD, "/x") };
	struct route sizeless[] = { ROW(METHOD_POST, "/x") };
	struct route bodied[] = { ROW(METHOD_GET, "/x") };

	sizeless[0].body = &empty;
	bodied[0].body = &empty;
	bodied[0].body_max = 10;
	ok(!tap_aborts(check, &(struct route_table){ routes, table.n }), "a good table passes");
	ok(tap_aborts(check, &(struct route_table)ROUTE_TABLE(twice)), "the same row twice aborts");
	ok(tap_aborts(check, &(struct route_table)ROUTE_TABLE(nobody)), "SEC-14 a row for nobody aborts");
	ok(tap_aborts(check, &(struct route_table)ROUTE_TABLE(head)), "HEAD is no row");
	ok(tap_aborts(check, &(struct route_table)ROUTE_TABLE(sizeless)), "a body needs a size");
	ok(tap_aborts(check, &(struct route_table)ROUTE_TABLE(bodied)), "GET has no body");
}

static void
test_print(void)
{
	static const struct route one[] = { {
		.method = METHOD_POST,
		.path = "/x/{id}",
		.roles = ROLE_GUEST | ROLE_ADMIN,
		.tenant = TENANT_NEEDED,
		.body = &body_raw,
		.body_max = 100,
		.rate = RATE_WRITE,
		.idempotency = IDEMPOTENCY_ACCEPTED,
		.handle = never,
		.sentence = "Does it",
	} };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	route_print(&(struct route_table)ROUTE_TABLE(one), out);
	fclose(out);
	is_str(strchr(text, '\n') + 1, "POST\t/x/{id}\tguest,admin\tneeded\t100\traw\t-\twrite\taccepted\tDoes it\n",
	    "a row is printed with tabs");
	free(text);
}

int
main(void)
{
	op_begin(&op, NULL, (size_t)8 * 1024 * 1024, NULL);
	test_finding();
	test_allow();
	test_headers();
	test_numbers();
	test_query_names();
	test_path_ids();
	test_check();
	test_print();
	op_end(&op);
	return tap_done();
}
