/*
 * batch: ended attempts are written down, several in one transaction.
 *
 * One transaction each costs three to five times as many flushes (1,600-4,100 a second against
 * 9,300-12,000). All of a batch are locked in one order, that of provider_lock_compare(). If a
 * batch fails, each of its attempts gets a transaction of its own, so that none harms another.
 * Somebody else's lock is waited for twice in a round at most (a second each: there is a heartbeat
 * to be sent); what it bars is left for later, and with it what belongs to the same restaurant.
 * After a commit whose answer was lost the rows are asked whether it was one.
 */
#ifndef TICKETRAIL_RELAY_BATCH_H
#define TICKETRAIL_RELAY_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "outbox/outbox.h"
#include "outbox/outcome.h"
#include "provider/call.h"
#include "relay/shift.h"

#define BATCH_MAX 128

enum batch_end {
	BATCH_OPEN,   /* not written yet: again, when the database is there */
	BATCH_LOCKED, /* somebody holds what it is about: again after a while */
	BATCH_DONE,   /* written; outcome is set */
	BATCH_STALE,  /* the claim had passed on: somebody else has, or has finished, the message */
	BATCH_BROKEN, /* cannot be written; an error in the log. The message is still claimed. */
};

/*
 * The step that follows another, begun in the transaction that ended that one: the message is kept,
 * and the rate of its place debited, as if it had been given back and claimed once more.
 */
struct batch_next {
	struct op op; /* in whose arena it is begun */
	/* set if it was begun; then as provider_begin() says, of the message as it is now */
	struct message *message; /* NULL: it was not, and whoever claims it does */
	struct provider_call call;
	enum err e;
	bool send;
};

struct batch_item {
	const struct message *message;
	const struct provider_result *result;
	struct batch_next *next; /* room for a step that may follow at once; NULL: none may */
	/* a commit of it got no answer; kept, with the outcome, from one try to the next */
	bool is_unsure;
	enum batch_end end;
	enum outcome outcome;
};

/*
 * Tries to write n of them (at most BATCH_MAX). The items are sorted on the way. In the op's arena
 * lies what the steps that follow have in common, as in provider_begin_some().
 */
void batch_finish(
    struct op *, struct shift *, const struct provider *, struct batch_item *, size_t n);

#endif
