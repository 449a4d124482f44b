/*
 * capacity: how many orders a kitchen takes for one part of its day, and that it never takes more,
 * however many guests ask at once.
 *
 * A part is a named slot of the setting time_slots ("lunch"), "other" between those, or, where the
 * setting slot_minutes says so, a window of so many minutes named by when it begins ("12:30"). An
 * order holds one place of the part in which it is promised, from the transaction that places it to
 * the one that cancels or rejects it; one that is completed keeps its place. Which place is written
 * on the order (slot_date, slot), and given back by order_status_move() and by nobody else.
 *
 * Places are counted in a row of order_slots, also while no limit is near: one that is set later
 * must know. The limit is not in that row but in the settings, so a change of it holds for the next
 * order: lowered below what is taken, no more are taken and none is lost.
 *
 * Slot rows are locked behind the order's row and its messages and before restaurant_counters,
 * several of them in the order of their keys.
 */
#ifndef TICKETRAIL_ORDER_CAPACITY_H
#define TICKETRAIL_ORDER_CAPACITY_H

#include <stdint.h>

#include "err/err.h"

struct op;
struct restaurant;
struct settings;

/* Which part of which day. Lives in the op's arena. */
struct capacity_slot {
	/*
	 * The business day in which the part began: of one that runs past midnight, or past the
	 * hour at which books are closed, the day before. All of it is one row.
	 */
	const char *day; /* "2026-02-13" */
	const char *name;
};

/*
 * The part in which an order is promised (µs UTC). Of two named slots that hold it is the one that
 * began last. ERR_INTERNAL_ERROR if the restaurant's zone is none.
 */
enum err capacity_slot_at(struct op *, const struct restaurant *, const struct settings *,
    int64_t promised_us, struct capacity_slot *ret);

/*
 * In the placing transaction, just before the order is numbered: takes a place. max 0: none is
 * taken. ERR_ORDER_LIMIT_REACHED with the fault set and details {"current":n,"max":n}.
 */
enum err capacity_take(
    struct op *, int64_t restaurant_id, const struct capacity_slot *, int64_t max);

/* Would a place be left? The same answer, and nothing is taken or locked. */
enum err capacity_look(
    struct op *, int64_t restaurant_id, const struct capacity_slot *, int64_t max);

/*
 * In a transaction: the place of an order that ends is given back with its commit. day, name: as
 * they stand on the order, to live as long as the op.
 */
void capacity_release(struct op *, int64_t restaurant_id, const char *day, const char *name);

#endif
