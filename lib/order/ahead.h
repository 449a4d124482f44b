/*
 * ahead: many orders locked, read and saved in one statement each, for a transaction that goes
 * through them one by one, and may come back to some of them.
 *
 * What was locked or read ahead is kept in the op until the transaction ends. order_lock() and
 * order_read() take an order from there if it is there, and order_save() puts the picture back: who
 * locks it next in this transaction gets it as it was saved, and it is written once, by
 * db_notes_write(). One that somebody has and has not saved, and one that was not locked ahead, is
 * read when it is asked for. Nothing else changes for them.
 *
 * What an order consists of stays as it was sold, and is read once for all; where it stands says
 * the picture that order_lock() gives, and not what was read.
 */
#ifndef TICKETRAIL_ORDER_AHEAD_H
#define TICKETRAIL_ORDER_AHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "order/move.h"
#include "order/order.h"

struct op;

struct order_name {
	int64_t restaurant_id, id;
};

/*
 * Locks these orders, in the order in which they are named: by their ids. In a transaction, before
 * anything else is locked. One that does not exist is left out; one may be named twice. Those that
 * are there already cost nothing.
 */
enum err orders_lock_ahead(struct op *, const struct order_name *, size_t n);

/* Reads these whole: locked already. */
enum err orders_read_ahead(struct op *, const struct order_name *, size_t n);

/* For db_notes_begin(): notes what was saved and is not written yet. */
enum err orders_save_late(struct op *);

/* --- for move.c and order.c ------------------------------------------------------------------- */

/* A locked order. */
struct order_ahead {
	struct order_axes axes; /* as it was locked, or saved last */
	bool is_taken;          /* somebody has it, who has not saved it yet */
	bool is_unwritten;
};

struct orders_ahead {
	struct order_ahead *locked;
	struct order *read;
	size_t locked_n, read_n;
};

/* "[[restaurant,order],...]" */
const char *orders_named(struct op *, const struct order_name *, size_t n);

/* The op's own; made if there is none. */
struct orders_ahead *orders_ahead_of(struct op *);

/* NULL: it was not locked ahead, or not read. */
struct order_ahead *order_locked_ahead(const struct op *, int64_t restaurant_id, int64_t id);
struct order *order_read_already(const struct op *, int64_t restaurant_id, int64_t id);

/*
 * Puts the picture back, to be written once; *x is what the caller has from then on. The row still
 * is as it was when it was locked, and what is to be kept beside it (the request, the answer, the
 * callback) waits with it.
 */
void order_keep(struct order_ahead *, const struct order_axes *x);

/* Those that are not there yet; *ret_n may be 0. */
const struct order_name *orders_missing(struct op *, const struct order_name *, size_t n,
    bool (*is_there)(const struct op *, const struct order_name *), size_t *ret_n);

#endif
