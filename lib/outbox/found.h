/*
 * found: the messages that are due at some places and may be had: found and locked for a claim, in
 * the caller's transaction.
 *
 * What somebody else has locked is passed over, and so is all of a lane but its first unfinished
 * message. Nothing is waited for, and nothing is written.
 */
#ifndef TICKETRAIL_OUTBOX_FOUND_H
#define TICKETRAIL_OUTBOX_FOUND_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "outbox/outbox.h"

struct op;

struct found_message {
	int64_t id, lost_claims;
};

/* What was found, and locked, at a place; n are to be taken. */
struct found {
	struct found_message *messages;
	size_t n;
};

struct finding {
	enum runner runner;
	/* is_cut of each is set, and its wait_us where something is locked by somebody else */
	struct outbox_place *places;
	size_t places_n, max;
	int64_t suspect; /* what has lost so many claims, or more, is left out */
};

/*
 * At most max in all. Each place gets an even share, and one at least if there are no more places
 * than messages to be had: whoever stands first cannot take it all. What a place leaves over may go
 * to those behind it. ret: one per place.
 */
enum err found_read(struct op *, const struct finding *, struct found *ret);

#endif
