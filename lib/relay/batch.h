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

#define BATCH_MAX 64

enum batch_end {
	BATCH_OPEN,   /* not written yet: again, when the database is there */
	BATCH_LOCKED, /* somebody holds what it is about: again after a while */
	BATCH_DONE,   /* written; outcome is set */
	BATCH_STALE,  /* the claim had passed on: somebody else has, or has finished, the message */
	BATCH_BROKEN, /* cannot be written; an error in the log. The message is still claimed. */
};

struct batch_item {
	const struct message *message;
	const struct provider_result *result;
	/* a commit of it got no answer; kept, with the outcome, from one try to the next */
	bool is_unsure;
	enum batch_end end;
	enum outcome outcome;
};

/* Tries to write n of them (at most BATCH_MAX). The items are sorted on the way. */
void batch_finish(struct shift *, const struct provider *, struct batch_item *, size_t n);

#endif
