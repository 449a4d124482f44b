/*
 * till: PetPooja's part, played by hand: attempts of messages with made-up replies, and deliveries with made-up headers.
 * Nothing goes over a network.
 */
#ifndef TICKETRAIL_TILL_H
#define TICKETRAIL_TILL_H

#include "mem/arena.h"
#include "outbox/call.h"
#include "outbox/outbox.h"
#include "shop.h"

/* One attempt of a message, from claim to end. */
struct attempt_seen {
	bool is_claimed, is_sent;
	int64_t message_id, attempts, lost_claims;
	struct call_limits limits;
	char url[400], headers[1000], body[8000]; /* as it would have left */
	enum outcome outcome;
	enum err e; /* of whatever went wrong on our side */
};

/*
 * How it ends: by a reply (status > 0) or a failure. NOT_ENDED: the relay vanishes with it; its connection is cut, and the lease is
 * made to have run out.
 */
struct till_reply {
	int status;
	const char *body;
	const char *retry_after; /* NULL: none */
	enum call_failure failure;
	bool is_not_ended;
	const char *meanwhile; /* SQL that is run between begin and end; NULL: none */
};
#define TILL_FAILURE(f) ((struct till_reply){ .failure = (f) })
#define TILL_LOST ((struct till_reply){ .is_not_ended = true })
#define TILL_REPLY(s, text) ((struct till_reply){ .status = (s), .body = (text) })

/* Claims the due message of that kind about the subject, however long it would still wait, and goes through with it. */
struct attempt_seen till_attempt(const struct shop *, enum message_kind, int64_t subject_id, struct till_reply);

/* The same, and whatever else is due at the same place is left alone: who claims takes it along. */
struct attempt_seen till_attempt_alone(const struct shop *, enum message_kind, int64_t subject_id, struct till_reply);
/* All other messages than that are put off by years, and come back. */
void till_others_aside(enum message_kind, int64_t subject_id);
void till_others_back(void);

/* The same of several, begun in one transaction and ended in another. Subjects in the order of their ids; n is at most 8. */
void till_together(const struct shop *, enum message_kind, const int64_t *subject_ids, size_t n, const struct till_reply *,
    struct attempt_seen *ret);

/*
 * The same, and what follows an ending begins in its transaction: next[i] is what is sent then, is_claimed false: nothing follows.
 * Nobody ends that: its sender is gone.
 */
void till_onward(const struct shop *, enum message_kind, const int64_t *subject_ids, size_t n, const struct till_reply *,
    struct attempt_seen *ret, struct attempt_seen *next);

/* PetPooja's yes to an order; pos_order_id NULL: without an id of theirs. */
struct till_reply till_yes(int64_t order_id, const char *pos_order_id);
struct till_reply till_no(void);

/* Carries out the due local message (a deadline, an inbox row, a menu), however long it would still wait. False: there is none. */
bool till_job(const struct shop *, enum message_kind, int64_t subject_id);

/* --- deliveries ------------------------------------------------------------------------------------------------ */

/* The one header of a request, for webhook_call; name NULL: it has none. */
struct till_header {
	const char *name, *value;
};
const char *till_header_find(const void *header, const char *name);

struct till_answer {
	enum err e;
	int status;
	char body[500];
	int64_t delivery_id; /* the last row of webhook_logs */
};

/* A status callback for an order, with the right token unless another one is given ("": none). */
struct till_answer till_callback(const struct shop *, int64_t order_id, const char *status, const char *more);
struct till_answer till_callback_raw(const struct shop *, const char *slug, const char *token, const char *body);
/* The token under which the order's callbacks are accepted. */
const char *till_token(const struct shop *, const char *reference);

/* Any other delivery: header is "authorization" or "x-petpooja-signature" (value NULL: the right one) or NULL for none. */
struct till_answer till_webhook(const struct shop *, const char *type, const char *header, const char *value, const char *body);

#endif
