/*
 * batch: ended attempts are written down, several in one transaction.
 *
 * One transaction each costs three to five times as many flushes (1,600-4,100 a second against
 * 9,300-12,000). All of a batch are locked in one order, that of provider_lock_key(). If a batch
 * fails, each of its attempts gets a transaction of its own, so that none harms another. A commit
 * whose answer was lost may simply be run again: what it had finished bears another token then, or
 * is gone, and answers that it is stale.
 */
#ifndef TICKETRAIL_RELAY_BATCH_H
#define TICKETRAIL_RELAY_BATCH_H

#include <stddef.h>

#include "outbox/outbox.h"
#include "outbox/outcome.h"
#include "provider/call.h"
#include "relay/shift.h"

#define BATCH_MAX 64

enum batch_end {
	BATCH_OPEN,   /* the database is not there: again later */
	BATCH_DONE,   /* written; outcome is set */
	BATCH_STALE,  /* the claim had passed on: somebody else has, or has finished, the message */
	BATCH_BROKEN, /* cannot be written; an error in the log. The message is still claimed. */
};

struct batch_item {
	const struct message *message;
	const struct provider_result *result;
	enum batch_end end;
	enum outcome outcome;
};

/* Tries to write n of them (at most BATCH_MAX). The items are sorted on the way. */
void batch_finish(struct shift *, const struct provider *, struct batch_item *, size_t n);

#endif
