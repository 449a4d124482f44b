/*
 * reply: what goes back to the client: a status, headers, and JSON or raw bytes.
 *
 * A handler opens the JSON with reply_json() and writes it with text/json_write.h; front closes and
 * sends it. A handler that fails just returns: what it had written is dropped and the fault becomes
 * the error envelope of err.def
 *	{"error":{"code":"VALIDATION_ERROR","message":"...",
 *	  "details":{"fields":[{"field":"...","message":"..."}]}}}
 * or application/problem+json (problem.h) when the client's Accept asks for that. Of a fault in the
 * band OURS a client sees only the table's sentence; what the database said goes to the log.
 *
 * Cache-Control is no-store unless a handler says otherwise: nearly every answer belongs to one
 * person. Header values are checked: one with a line break in it would be a second header, and
 * aborts.
 */
#ifndef TICKETRAIL_HTTP_REPLY_H
#define TICKETRAIL_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "mem/arena.h"
#include "mem/buf.h"
#include "op/op.h"

struct json_write;
struct request;

#define REPLY_BODY_MAX ((size_t)8 * 1024 * 1024)
#define REPLY_HEADERS_MAX 24

struct reply_header {
	const char *name, *value;
};

struct reply {
	struct arena *arena;
	int status;               /* 0 until something was put in */
	const char *content_type; /* NULL: no body */
	struct bytes body;        /* set by reply_close() for JSON */
	struct buf *text;         /* where the JSON grows */
	struct json_write *json;
	struct reply_header headers[REPLY_HEADERS_MAX];
	size_t headers_n;
};

void reply_init(struct reply *, struct arena *);

/*
 * Starts a JSON answer and gives the writer, to be filled with exactly one value. Called again it
 * starts over.
 */
struct json_write *reply_json(struct reply *, int status);

/*
 * An answer that is bytes already: a kept idempotent answer, a provider's own form, the metrics.
 * Not copied.
 */
void reply_raw(struct reply *, int status, const char *content_type, struct bytes);

/* No body: 204, 304. */
void reply_empty(struct reply *, int status);

/* Sets a header, replacing one of that name. Name and value are copied. */
void reply_header(struct reply *, const char *name, const char *value);

/*
 * Sets Location: where a path (of the route table's kind, "/api/v1/orders/0190...") is for whoever
 * sent this request, under /r/{slug} if that is how they came.
 */
void reply_location(struct reply *, const struct request *, const char *path);

/*
 * Sets ETag. True if the request's If-None-Match names it: then the reply is a finished 304. `tag`
 * without quotes.
 */
bool reply_not_modified(struct reply *, const struct request *, const char *tag);

/*
 * Replaces everything by the op's fault. Headers that a fault needs (Retry-After, WWW-Authenticate,
 * ETag none) are set.
 */
void reply_fault(struct reply *, const struct op *, const struct request *);

/*
 * Ends the JSON: afterwards status, content_type and body are final. For front, idempotency and
 * tests; twice does no harm.
 */
void reply_close(struct reply *);

/*
 * The head as CGI has it ("Status: 200 OK\r\n...\r\n\r\n"), Content-Length included. After
 * reply_close().
 */
struct bytes reply_head(const struct reply *);

#endif
