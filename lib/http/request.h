/*
 * request: what a worker knows of one HTTP request before any handler has seen it.
 *
 * It is read from the FastCGI parameters nginx sets and lives in the op's arena. Routing uses
 * ROUTE_PATH only (nginx has decoded and normalised it and taken the tenant off); REQUEST_URI is
 * never looked at, so that what is authorised is what is routed. A header that is no list and comes
 * twice is refused with 400: one of two Authorization or signature values would be checked and the
 * other used. The body is bytes as they came; whether it is JSON is the route's matter.
 *
 * It will not read from the network (front does), will not decode bodies (body), and does not know
 * who is asking (guard).
 *
 * Sources: RFC 9110 (methods, fields), RFC 3875 (the parameters), W3C Trace Context.
 */
#ifndef TICKETRAIL_HTTP_REQUEST_H
#define TICKETRAIL_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "op/op.h"

struct config;
struct restaurant;
struct route;

#define REQUEST_PARAMS_MAX 6   /* {names} in one path */
#define REQUEST_QUERY_MAX 64   /* more are refused */
#define REQUEST_HEADERS_MAX 96 /* nginx's buffers end long before */

/* Bits, because a path remembers which methods it has (405 and Allow). */
enum method {
	METHOD_OTHER = 0,
	METHOD_GET = 1,
	METHOD_HEAD = 2, /* answered as GET without the body; never in a route table */
	METHOD_POST = 4,
	METHOD_PUT = 8,
	METHOD_PATCH = 16,
	METHOD_DELETE = 32,
};

/* A name and a value: of a header, a query parameter or a part of the path. */
struct request_param {
	const char *name, *value;
};

struct request {
	enum method method;
	const char *method_name;       /* as it came, for the log */
	const char *path;              /* ROUTE_PATH: "/api/v1/orders/0190.../cancel" */
	const struct route *route;     /* NULL until matched */
	const struct config *config;   /* the program's; NULL in tests of pure code */
	const struct restaurant *restaurant; /* the tenant, when the route has one; else NULL */

	const char *tenant_slug;       /* TENANT: from /r/{slug}/; NULL when the path named none */
	const char *host;              /* lower case, without the port; NULL if none */
	const char *client_address;    /* REMOTE_ADDR, after nginx's realip; "" if none */
	const char *request_id;        /* REQUEST_ID: echoed to the client and logged; "" if none */
	const char *trace_id;          /* TRACE_ID; NULL if none (op_begin makes one) */
	const char *shelf;             /* SHELF: where nginx has http/shelf.h's; NULL: none */

	const char *content_type;      /* NULL if none */
	size_t content_length;         /* CONTENT_LENGTH; 0 if none */
	struct bytes body;             /* exactly content_length bytes, NUL behind them */
	const void *input;             /* body.h's struct of the route; NULL without a shape */

	const char *authorization;     /* whole header, NULL if none */
	const char *accept;            /* NULL if none */
	const char *if_match;          /* NULL if none; see request_match() */
	const char *if_none_match;     /* NULL if none */
	const char *idempotency_key;   /* 1..255 visible ASCII; NULL if none or not accepted here */

	struct request_param params[REQUEST_PARAMS_MAX]; /* {id} of the path, decoded */
	size_t params_n;
	struct request_param *query;   /* decoded; no name twice */
	size_t query_n;
	struct request_param *headers; /* lower-case-names, values as they came; for webhooks */
	size_t headers_n;
};

/*
 * Reads everything but the body from FastCGI parameters: a NULL-terminated array of "NAME=value",
 * which must outlive the op. OK, or ERR_VALIDATION_ERROR with the fault set (also for a length or a
 * path that makes no sense).
 */
enum err request_read(struct op *, char *const *env, struct request *ret_request);

/*
 * A header by its name in any case, a query parameter, a part of the path; NULL if there is none.
 */
const char *request_header(const struct request *, const char *name);
const char *request_query(const struct request *, const char *name);
const char *request_path(const struct request *, const char *name);

/*
 * The part {name} of the path as a UUID. One that is no UUID names nothing: ERR_NOT_FOUND, as for
 * one that does not exist.
 */
enum err request_path_uuid(struct op *, const struct request *, const char *name,
    unsigned char ret_id[16]);

/* The part {name} of the path as a positive number; ERR_NOT_FOUND otherwise. */
enum err request_path_i64(struct op *, const struct request *, const char *name, int64_t *ret);

/*
 * A query parameter as a number within bounds, a UUID, or one of a NULL-terminated list of words
 * (its index). Absent: OK and *ret untouched, so set the default before. Wrong:
 * ERR_VALIDATION_ERROR naming the parameter.
 */
enum err request_query_i64(struct op *, const struct request *, const char *name, int64_t min,
    int64_t max,
    int64_t *ret);
enum err request_query_uuid(struct op *, const struct request *, const char *name,
    bool *ret_is_there,
    unsigned char ret_id[16]);
/* The same as a moment: RFC 3339 with a zone, as everywhere in the API. */
enum err request_query_time(struct op *, const struct request *, const char *name, int64_t *ret_us);
/*
 * since and until, the two ends of a range: [since, until). One that ends before it begins is
 * refused, as everywhere: it is a mistake, and an empty list would hide it.
 */
enum err request_query_since(
    struct op *, const struct request *, int64_t *ret_since_us, int64_t *ret_until_us);
enum err request_query_word(struct op *, const struct request *, const char *name,
    const char *const *words,
    int *ret);

/* One or more of at most 32 words, with commas between: the set of their indices' bits. */
enum err request_query_words(struct op *, const struct request *, const char *name,
    const char *const *words, unsigned *ret_set);

/*
 * An edit that names what it was made of: ERR_PRECONDITION_FAILED with the fault set if there is an
 * If-Match and it names neither `tag` (without quotes) nor "*". Strong comparison (RFC 9110 section
 * 13.1.1): a weak tag names nothing. To be asked where what the tag stands for is locked.
 */
enum err request_match(struct op *, const struct request *, const char *tag);
/* The same with any tag that begins so. */
enum err request_match_head(struct op *, const struct request *, const char *head);

#endif
