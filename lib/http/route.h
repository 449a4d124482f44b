/*
 * route: the table at the top of every pool's file, and finding a request's row in it.
 *
 * A row is everything that must hold before a handler runs, as columns: who may, which body, how
 * large, which tenant. A handler starts with a decoded body, a known caller and the tenant's row,
 * and answers by filling its reply or by returning a failure that it has recorded with fail().
 * `PROGRAM --routes` prints the rows; tests hold nginx's dispatch and openapi.yaml to them.
 *
 *	static const struct route routes[] = {
 *		{ .method = METHOD_POST, .path = "/api/v1/orders/{id}/cancel", .roles = ROLE_GUEST,
 *		  .tenant = TENANT_NEEDED, .body = &cancel_body, .body_max = 4096, .rate = RATE_WRITE,
 *		  .idempotency = IDEMPOTENCY_ACCEPTED, .handle = order_cancel_route,
 *		  .sentence = "The guest cancels an order that is not in preparation yet" },
 *	};
 */
#ifndef TICKETRAIL_HTTP_ROUTE_H
#define TICKETRAIL_HTTP_ROUTE_H

#include <stddef.h>
#include <stdio.h>

#include "err/err.h"
#include "http/request.h"
#include "person/role.h"

struct body_shape;
struct reply;

/*
 * Who may: a set of bits of person/role.h, ROLE_GUEST | ROLES_STAFF. ROLE_ANYBODY alone: tokens are
 * not even looked at (a login must work with an expired one in the header). ROLE_ANYBODY |
 * ROLE_GUEST: nobody needs a token, but one that is sent must be good, so that the handler may know
 * its caller. 0 is a bug and aborts.
 */
#define ROLE_ANYBODY (1 << 30)

/* Which restaurant a request is about. */
enum route_tenant {
	/* about none (jwks, health), or the handler finds out (provider callbacks) */
	TENANT_NONE,
	TENANT_OPTIONAL, /* if path, host or default name one; else request->restaurant is NULL */
	TENANT_NEEDED,   /* 404 without one */
};

/*
 * What kind of asking it is, for people and their tools: what may be asked how often is said in
 * nginx's limits.conf.
 */
enum route_rate { RATE_READ, RATE_WRITE, RATE_LOGIN, RATE_WEBHOOK, RATE_NONE };

/*
 * What an Idempotency-Key means here: nothing, or it is handed to the handler (lib/idempotency
 * keeps the answer).
 */
enum route_idempotency { IDEMPOTENCY_NONE, IDEMPOTENCY_ACCEPTED };

/* As the query of a route: whatever comes. A provider may call with more than we know of. */
#define QUERY_ANY "*"

typedef enum err route_handler(struct op *, const struct request *, struct reply *);

struct route {
	enum method method;
	const char *path;              /* "{name}" stands for one whole segment */
	int roles;
	enum route_tenant tenant;
	/* NULL: no body. &body_raw: bytes in request->body, any type */
	const struct body_shape *body;
	size_t body_max;               /* bytes; 0 with body NULL */
	/*
	 * The query parameters there are, with blanks between; NULL: none. Another one is refused:
	 * a filter that is misspelt would else be one that was not asked for.
	 */
	const char *query;
	enum route_rate rate;
	enum route_idempotency idempotency;
	route_handler *handle;
	const char *sentence;          /* what it does, for people */
};

struct route_table {
	const struct route *routes;
	size_t n;
};
#define ROUTE_TABLE(array) { .routes = (array), .n = sizeof(array) / sizeof((array)[0]) }

/*
 * Finds the row of request->method and request->path and fills request->route and request->params.
 * HEAD finds GET. A literal segment wins over a {name} in the same place, whatever the order of the
 * rows. ERR_NOT_FOUND, or ERR_METHOD_NOT_ALLOWED with *ret_allowed set to the bits of the methods
 * the path has.
 */
enum err route_find(struct op *, const struct route_table *, struct request *,
    unsigned *ret_allowed);

/*
 * ERR_VALIDATION_ERROR naming each query parameter of the request that its route does not have.
 */
enum err route_query_check(struct op *, const struct request *);

/* "GET, HEAD, POST" for the Allow header. */
const char *route_allow(struct arena *, unsigned methods);

/*
 * Aborts with a message when a row contradicts itself or two rows are the same: called once at
 * start.
 */
void route_check(const struct route_table *);

/*
 * method path roles tenant body_max body query rate idempotency sentence, tab-separated, a heading
 * first. Roles by name, "anybody" for a public route. body is "-", "raw" or "json", query "-", "*"
 * or the names.
 */
void route_print(const struct route_table *, FILE *);

#endif
