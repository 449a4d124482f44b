/*
 * inside: what the files of the relay share: a claimed message on its way through, and all of them.
 * Other rooms never see it.
 */
#ifndef TICKETRAIL_RELAY_INSIDE_H
#define TICKETRAIL_RELAY_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "op/op.h"
#include "outbox/outbox.h"
#include "provider/call.h"
#include "provider/traffic.h"
#include "relay/batch.h"
#include "relay/destination.h"
#include "relay/discard.h"
#include "relay/shift.h"
#include "relay/transfer.h"

/*
 * One claimed message on its way through. Its op lives, with the credentials in it, until the
 * ending is written.
 */
struct flight {
	TAILQ_ENTRY(flight) entry;
	struct op op;
	const struct message *message;
	struct destination *destination;
	struct provider_call call;
	struct transfer transfer;
	int64_t claimed_us; /* steady clock, before the claim */
	bool is_lost;       /* somebody else has the message */
	bool is_unsure;     /* a commit of its ending got no answer */
	enum outcome outcome; /* as last written, perhaps in vain */
	int64_t write_at_us, write_pause_us; /* its ending met a lock: not before; after so long */
	int64_t release_delay_us;
};

TAILQ_HEAD(flight_list, flight);

struct relay {
	struct shift shift;
	struct provider provider;
	struct transfers *transfers;
	struct discards discards;
	struct db_meanwhile meanwhile; /* both are seen to while the database is waited for */
	struct destinations *destinations;
	struct flight_list under_way; /* sent, or about to be */
	struct flight_list ended;     /* to be written down */
	struct flight_list unbegun;   /* to be given back */
	size_t flights_n;
	bool has_backlog; /* the last claim got many */
	/*
	 * A message that may be killing relays is tried by itself: until it has ended nothing is
	 * begun that it could be blamed for, or that for it; for a second at most. The next claim
	 * is of others.
	 */
	size_t suspects_n;
	bool has_tried;
	int64_t trial_until_us;
	int64_t forget_at_us;
	struct traffic traffic;
};

/* begin.c */

/* Nothing stands against beginning something new, if anything is due. */
bool relay_may_begin(const struct relay *);

/* Claims what is due and begins it, a few dozen at a time. */
void relay_begin(struct relay *);

/*
 * The step that follows was begun: the flight goes on with it, under the claim of then. Returns
 * what it was begun in, which is to be freed when all that were begun together have gone on. NULL:
 * there is nothing to be sent.
 */
struct arena *flight_go_on(
    struct relay *, struct flight *, const struct batch_next *, int64_t claimed_us);

/* Its call has ended, or will not be made: its place is free again, with this news of it. */
void flight_leave(struct relay *, struct flight *, enum destination_news, int retry_after_s);

/* Nothing is left to do for it. It is in no list any more. */
void flight_end(struct relay *, struct flight *);

#endif
