/*
 * day_sums: the figures of business days that are over, written down so that a report need not
 * read their orders again. They are a copy: the orders are the truth, and every figure is that of
 * figures.h, read from the orders and kept.
 *
 * A day is over when its restaurant has taken an order of a later one: order numbers never go back
 * to an earlier day (restaurant_counters.order_day), so no order is added to it any more. What is
 * there can still change: an order of old is settled, refunded, cancelled. Whoever does that
 * (order_save) marks the day's sums as stale in the same transaction, and until they are made anew
 * a report reads the orders of that day. So no report shows a figure that is not so.
 *
 * Sums are made by a job, a message day_sums for each restaurant: written with the first order of a
 * day, and by whoever makes sums stale. First a row of day_sums says that a day is to have them;
 * that is committed before any order of it is read for the first time. Then the day's orders are
 * locked, which waits for everybody who was changing one and could not know, and then the row,
 * which everybody who changes one later will have to take. It goes with the order of locks: orders
 * before the day's row, that before anything else.
 *
 * Placing an order of today takes none of these locks.
 */
#ifndef TICKETRAIL_ORDER_DAY_SUMS_H
#define TICKETRAIL_ORDER_DAY_SUMS_H

#include <stdint.h>

#include "err/err.h"
#include "outbox/outbox.h"

struct op;

/*
 * In the transaction that placed the first order of a day (as digits): what is over can be summed
 * up. Leaves a message if there is any earlier day.
 */
enum err day_sums_wanted(struct op *, int64_t restaurant_id, const char *day);

/* In the transaction that has changed an order, whose row it holds: its day's sums are stale. */
enum err day_sums_spoil(struct op *, int64_t restaurant_id, int64_t order_id);

/*
 * The job: makes the sums of some days, newest first, and finishes the message, or puts it back
 * while there are more.
 */
enum err day_sums_write(struct op *, const struct message *);

#endif
