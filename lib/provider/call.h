/*
 * call: a message of the outbox becomes a request to a provider, and what came of it becomes moves.
 *
 * The relay asks provider_begin() what to send and tells provider_end() how that ended; it never
 * looks inside. Between the two no transaction is open. Everything that must be known before the
 * first byte leaves is committed by begin.
 */
#ifndef TICKETRAIL_PROVIDER_CALL_H
#define TICKETRAIL_PROVIDER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/secret.h"
#include "err/err.h"
#include "outbox/call.h"
#include "outbox/outbox.h"

struct op;
struct config;
struct named_secret;

/* What a relay needs to act for all providers. Owned by the program. */
struct provider {
	const struct config *config;
	struct secret_keypair keys; /* opens credentials */
};

/*
 * One attempt, ready to be sent. Lives in the arena of the op that began it; credentials in it are
 * wiped with that.
 */
struct provider_call {
	struct http_call call;       /* filled: real values, never to be stored or logged */
	struct call_limits limits;
	struct http_call intent;     /* the same with secrets by name, and their values beside it */
	const struct named_secret *secrets;
	size_t secrets_n;
};

/* The same, in that arena alone, which is to be one that wipes. */
struct provider_call provider_call_copy(struct arena *, const struct provider_call *);

/*
 * Begins an attempt in a transaction of its own: locks what the message is about, looks whether it
 * is still wanted, writes the intent, marks the message as begun under its token. *ret_send false:
 * there is nothing to send, and the message has been finished or delayed already. ERR_CONFLICT: the
 * claim is stale. Other errors: nothing happened, the lease will run out; but with *ret_send set,
 * which is to be false before, the attempt is begun and could neither be filled nor ended: it is
 * the caller's to end it with CALL_NOT_FILLED.
 */
enum err provider_begin(struct op *, const struct provider *, const struct message *,
    bool *ret_send, struct provider_call *ret_call);

/*
 * The same for several at once, in one transaction: each with an op of its own, in whose arena its
 * call is to live. OK: each one's e and send are what provider_begin() would have answered. Else
 * none of them was begun (but for ERR_COMMIT_UNSURE, which may be any of both), and each may be
 * tried by itself. They must be in the order of provider_lock_compare().
 */
struct provider_beginning {
	struct op *op;
	const struct message *message;
	struct provider_call *call;
	enum err e;
	bool send;
	struct attempt *attempt; /* this room's */
};
enum err provider_begin_some(
    struct op *, const struct provider *, struct provider_beginning *, size_t n);

/*
 * The same in two halves: in the caller's transaction, and after its commit, for which e and send
 * are what is said above. If the first fails the transaction is to be rolled back. In one that has
 * ended other steps before, of the same orders or others, what waits of these (gather.h) is written
 * together with what begins.
 */
enum err provider_begin_within(
    struct op *, const struct provider *, struct provider_beginning *, size_t n);
void provider_begun(struct provider_beginning *, size_t n);

/* How an attempt ended. */
struct provider_result {
	bool has_reply;
	struct http_reply reply;   /* with has_reply */
	enum call_failure failure; /* without */
};

/* What came of one. */
struct provider_ending {
	enum outcome outcome;
	bool has_next;        /* its message is not over: another step follows at once, */
	struct bytes payload; /* and goes on from this */
};

/*
 * Ends an attempt inside the caller's transaction: reply or failure becomes an outcome, the outcome
 * becomes moves, and the message is finished or delayed. If another step follows it is still the
 * caller's, who gives it back with outbox_next(), or keeps it with outbox_go_on() and begins that
 * step. May be run again after a rollback. Callers that end several in one transaction do it in the
 * order of provider_lock_compare().
 */
enum err provider_end_step(struct op *, const struct provider *, const struct message *,
    const struct provider_result *, struct provider_ending *ret);

/* The same, and gives it back. */
enum err provider_end(struct op *, const struct provider *, const struct message *,
    const struct provider_result *, enum outcome *ret_outcome);

/*
 * Sets a message aside that nobody can carry out, in the caller's transaction: what it was for goes
 * to people (an order into doubt and then to staff), and the message is listed as dead.
 */
enum err provider_quarantine(struct op *, const struct message *, const char *why);

/* Who comes first, as in qsort: orders are locked in the order of their ids. */
int provider_lock_compare(const struct message *, const struct message *);

#endif
