/*
 * rates: how many of what is wanted at some places their rates allow (struct outbox_rate), in the
 * caller's transaction. The places are in the order of their rates' names; `wanted` has one number
 * for each.
 */
#ifndef TICKETRAIL_OUTBOX_RATES_H
#define TICKETRAIL_OUTBOX_RATES_H

#include <stddef.h>

#include "err/err.h"
#include "outbox/outbox.h"

struct op;

/* The rows of the rates of those places at which something is wanted, locked. */
struct rates {
	struct rate_row *rows;
	size_t n;
};

enum err rates_lock(struct op *, const struct outbox_place *, const size_t *wanted,
    size_t places_n, struct rates *ret);

/*
 * Debits them. wanted is what may go; the wait_us of a place is made longer if the next one has to
 * wait there.
 */
enum err rates_debit(struct op *, const struct rates *, struct outbox_place *, size_t *wanted,
    size_t places_n);

#endif
