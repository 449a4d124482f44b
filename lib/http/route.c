#include "http/route.h"

#include <stdlib.h>
#include <string.h>

#include "http/body.h"
#include "mem/buf.h"
#include "text/utf8.h"

#define SEGMENTS_MAX 24

static const struct {
	enum method method;
	const char *name;
} method_names[] = {
	{ METHOD_GET, "GET" },
	{ METHOD_HEAD, "HEAD" },
	{ METHOD_POST, "POST" },
	{ METHOD_PUT, "PUT" },
	{ METHOD_PATCH, "PATCH" },
	{ METHOD_DELETE, "DELETE" },
};

static const char *const tenant_names[] = {
	[TENANT_NONE] = "none",
	[TENANT_OPTIONAL] = "optional",
	[TENANT_NEEDED] = "needed",
};
static const char *const rate_names[] = {
	[RATE_READ] = "read",
	[RATE_WRITE] = "write",
	[RATE_LOGIN] = "login",
	[RATE_WEBHOOK] = "webhook",
	[RATE_NONE] = "none",
};
static const char *const idempotency_names[] = {
	[IDEMPOTENCY_NONE] = "none",
	[IDEMPOTENCY_ACCEPTED] = "accepted",
};

/* One segment of a path, not NUL-terminated. */
struct segment {
	const char *s;
	size_t len;
};

static bool
segment_next(const char **path, struct segment *ret)
{
	const char *s = *path;

	if (*s != '/')
		return false;
	s++;
	*ret = (struct segment){ s, strcspn(s, "/") };
	*path = s + ret->len;
	return true;
}

static bool
segment_is_name(struct segment s)
{
	return s.len > 2 && s.s[0] == '{' && s.s[s.len - 1] == '}';
}

/*
 * How well a pattern fits a path: -1 not at all, else a number in which an earlier literal segment
 * weighs more than any later one.
 */
static int
pattern_fit(const char *pattern, const char *path)
{
	struct segment want, got;
	int fit = 0;

	while (segment_next(&pattern, &want)) {
		if (!segment_next(&path, &got))
			return -1;
		fit *= 2;
		if (segment_is_name(want)) {
			if (got.len == 0)
				return -1; /* a name stands for something */
		} else if (want.len == got.len && memcmp(want.s, got.s, want.len) == 0)
			fit++;
		else
			return -1;
	}
	return *path == '\0' ? fit : -1;
}

static void
params_take(struct op *op, struct request *r)
{
	const char *pattern = r->route->path, *path = r->path;
	struct segment want, got;

	r->params_n = 0;
	while (segment_next(&pattern, &want) && segment_next(&path, &got))
		if (segment_is_name(want))
			r->params[r->params_n++] = (struct request_param){
				.name = arena_strndup(op->arena, want.s + 1, want.len - 2),
				.value = arena_strndup(op->arena, got.s, got.len),
			};
}

enum err
route_find(struct op *op, const struct route_table *table, struct request *r, unsigned *ret_allowed)
{
	enum method method = r->method == METHOD_HEAD ? METHOD_GET : r->method;
	const struct route *best = NULL;
	unsigned allowed = 0;
	int best_fit = -1;

	for (size_t i = 0; i < table->n; i++) {
		const struct route *route = &table->routes[i];
		int fit = pattern_fit(route->path, r->path);

		if (fit < 0 || fit < best_fit)
			continue;
		if (fit > best_fit) {
			/* A better path: what a worse one could do does not count. */
			best_fit = fit;
			best = NULL;
			allowed = 0;
		}
		allowed |= route->method;
		if (route->method == method)
			best = route;
	}
	if (best_fit < 0)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (best == NULL) {
		*ret_allowed = allowed;
		return fail(op, ERR_METHOD_NOT_ALLOWED, NULL);
	}
	r->route = best;
	params_take(op, r);
	return OK;
}

static bool
has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		if (n == len && memcmp(words, word, len) == 0)
			return true;
		words += n + (words[n] == ' ');
	}
	return false;
}

enum err
route_query_check(struct op *op, const struct request *r)
{
	const char *names = r->route->query != NULL ? r->route->query : "";
	enum err e = OK;

	if (strcmp(names, QUERY_ANY) == 0)
		return OK;
	for (size_t i = 0; i < r->query_n; i++)
		if (!has_word(names, r->query[i].name))
			e = fail_field(op, utf8_sanitise(op->arena, r->query[i].name, 100),
			    "is no parameter here%s%s", names[0] != '\0' ? "; there are " : "",
			    names);
	return e;
}

const char *
route_allow(struct arena *arena, unsigned methods)
{
	struct buf list;

	if ((methods & METHOD_GET) != 0)
		methods |= METHOD_HEAD;
	buf_init(&list, arena, 100);
	for (size_t i = 0; i < sizeof method_names / sizeof method_names[0]; i++)
		if ((methods & method_names[i].method) != 0)
			buf_addf(&list, "%s%s", list.len > 0 ? ", " : "", method_names[i].name);
	return list.data;
}

static const char *
method_name(enum method method)
{
	for (size_t i = 0; i < sizeof method_names / sizeof method_names[0]; i++)
		if (method_names[i].method == method)
			return method_names[i].name;
	return "?";
}

static void
row_wrong(const struct route *route, const char *why)
{
	fprintf(stderr, "route %s %s: %s\n", method_name(route->method),
	    route->path != NULL ? route->path : "(no path)", why);
	abort();
}

static void
row_check(const struct route *route)
{
	struct segment s;
	const char *path = route->path;
	size_t names = 0, segments = 0;

	if (path == NULL || path[0] != '/')
		row_wrong(route, "a path begins with /");
	while (segment_next(&path, &s)) {
		names += segment_is_name(s);
		segments++;
	}
	if (*path != '\0' || names > REQUEST_PARAMS_MAX || segments > SEGMENTS_MAX)
		row_wrong(route, "too many segments or names");
	if (strcmp(method_name(route->method), "?") == 0 || route->method == METHOD_HEAD)
		row_wrong(route, "no such method in a table; HEAD comes with GET");
	if (route->roles == 0)
		row_wrong(route, "nobody may: ROLE_ANYBODY makes it public");
	if (route->handle == NULL || route->sentence == NULL)
		row_wrong(route, "no handler or no sentence");
	if ((route->body == NULL) != (route->body_max == 0))
		row_wrong(route, "a body has a size, and no body has none");
	if (route->method == METHOD_GET &&
	    (route->body != NULL || route->idempotency != IDEMPOTENCY_NONE))
		row_wrong(route, "GET has no body and needs no key");
	if (route->body != NULL && route->body != &body_raw)
		body_check(route->body);
}

void
route_check(const struct route_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		row_check(&table->routes[i]);
		for (size_t j = 0; j < i; j++)
			if (table->routes[i].method == table->routes[j].method &&
			    strcmp(table->routes[i].path, table->routes[j].path) == 0)
				row_wrong(&table->routes[i], "is there twice");
	}
}

static void
roles_print(int roles, FILE *out)
{
	static const int bits[] = {
#define ROLE_ROW(name, bit, word, sentence) ROLE_##name,
#include "person/role.def"
#undef ROLE_ROW
	};
	const char *comma = "";

	if ((roles & ROLE_ANYBODY) != 0) {
		fputs("anybody", out);
		comma = ",";
	}
	for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
		if ((roles & bits[i]) != 0) {
			fprintf(out, "%s%s", comma, role_word((enum role)bits[i]));
			comma = ",";
		}
}

void
route_print(const struct route_table *table, FILE *out)
{
	fputs("method\tpath\troles\ttenant\tbody_max\tbody\tquery\trate\tidempotency\tsentence\n",
	    out);
	for (size_t i = 0; i < table->n; i++) {
		const struct route *r = &table->routes[i];

		fprintf(out, "%s\t%s\t", method_name(r->method), r->path);
		roles_print(r->roles, out);
		fprintf(out, "\t%s\t%zu\t%s\t%s\t%s\t%s\t%s\n", tenant_names[r->tenant],
		    r->body_max,
		    r->body == NULL        ? "-"
		    : r->body == &body_raw ? "raw"
					   : "json",
		    r->query != NULL ? r->query : "-",
		    rate_names[r->rate], idempotency_names[r->idempotency], r->sentence);
	}
}
