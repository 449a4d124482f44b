/*
 * call: one HTTP request to a provider as a value, the reply to it, and the ways a call can end
 * without a reply.
 *
 * Adapters make calls, the outbox and the submission row keep them, the relay sends them. Secrets
 * stand in a call by name only, as {{secret:app_key}}, in the URL, in header values and in the
 * body; call_fill() puts the values in at the moment of sending, in memory that nobody stores or
 * logs. Everything before that moment may be stored, logged and compared with a golden file. So
 * that nobody's name or note can smuggle a secret's name into a call, text that comes from people
 * goes through call_text() first.
 *
 * A call does not know what it is for, and opens no socket.
 */
#ifndef TICKETRAIL_OUTBOX_CALL_H
#define TICKETRAIL_OUTBOX_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "mem/arena.h"

/* How the body is written, which decides how a secret's value is escaped inside it. */
enum call_body { CALL_BODY_NONE, CALL_BODY_JSON, CALL_BODY_FORM };

struct call_header {
	const char *name, *value;
};

/*
 * Time limits of a call (protocol.md rules 3 and 4). Nothing may leave later than window_ms after
 * the claim; a request that did leave may stay under way, or be worked on, for flight_ms. lag_ms:
 * what a look-up may miss meanwhile.
 */
struct call_limits {
	int connect_ms, total_ms;
	int window_ms, flight_ms, lag_ms;
	size_t reply_max; /* bytes of a reply that are worth reading */
};

struct http_call {
	const char *method, *url;
	const struct call_header *headers;
	size_t headers_n;
	enum call_body body_kind;
	struct bytes body;
	const char *const *secrets; /* names that may be filled in */
	size_t secrets_n;
};

struct http_reply {
	int status;
	const struct call_header *headers;
	size_t headers_n;
	struct bytes body;
};

/*
 * How a call can end without a whole reply. The relay translates curl's codes; adapters decide what
 * each means.
 */
enum call_failure {
	CALL_NOT_RESOLVED,    /* the host name has no address */
	CALL_NOT_CONNECTED,   /* refused, unreachable, or no answer within connect_ms */
	CALL_NOT_TRUSTED,     /* TLS: wrong certificate or no common ground */
	CALL_WINDOW_CLOSED,   /* connected, but too late after the claim: we sent nothing */
	CALL_NOT_FILLED,      /* a secret is missing or not one of the call's: we sent nothing */
	CALL_CUT_SENDING,     /* the connection ended while the request was being sent */
	CALL_CUT_WAITING,     /* ... after it was sent, before the reply was whole */
	CALL_TIMED_OUT,       /* total_ms passed after the request had begun to leave */
	CALL_REPLY_TOO_LARGE, /* more than reply_max */
	CALL_REPLY_BROKEN,    /* not HTTP, or cut short by its own length */
	/* our own relay died, or lost its lease, with the call in its hands */
	CALL_SENDER_LOST,
	CALL_FAILURE__MAX
};

/* "timed_out". Never NULL. */
const char *call_failure_name(enum call_failure);
/* For people. Never NULL. */
const char *call_failure_sentence(enum call_failure);
/*
 * Can a byte of the request have left before this happened? A matter of transport alone; adapters
 * build on it.
 */
bool call_failure_is_after_send(enum call_failure);

/* The value of a header, whatever the case of its name; NULL if there is none. */
const char *http_reply_header(const struct http_reply *, const char *name);

/*
 * Retry-After in seconds, 0 if absent or neither a number nor a date, at most an hour. A date is
 * taken by their own clock, which is in Date beside it.
 */
int http_reply_retry_after(const struct http_reply *);

/* "{{secret:app_key}}" in the arena. */
const char *call_secret(struct arena *, const char *name);

/*
 * The text with every "{{" pulled apart, so that it can not name a secret. The text itself if there
 * is none.
 */
const char *call_text(struct arena *, const char *);

/*
 * Values for the names: looks a name up, true and *ret_value (not owned) if it has one. Values are
 * text without NUL.
 */
typedef bool call_lookup(void *arg, const char *name, const char **ret_value);

/*
 * The call ready for sending: every {{secret:name}} in URL (percent-encoded), header values
 * (refused if it holds CR or LF) and body (escaped for its kind) replaced. False, with the name in
 * *ret_missing, when a name is not among the call's own or has no usable value; then nothing may be
 * sent.
 */
bool call_fill(struct arena *, const struct http_call *, call_lookup *, void *arg,
    struct http_call *ret_filled, const char **ret_missing);

/* The same call, in that arena alone. */
struct http_call call_copy(struct arena *, const struct http_call *);

/*
 * A call as bytes for a row, and back: what was about to be sent, secrets by name. The same call
 * always gives the same bytes. call_load: false when the bytes are not such a call. What it returns
 * points into the arena.
 */
struct bytes call_store(struct arena *, const struct http_call *);
bool call_load(struct arena *, struct bytes, struct http_call *ret_call);

#endif
