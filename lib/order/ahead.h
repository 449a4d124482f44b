/*
 * ahead: many orders locked, or read, in one statement each, for a transaction that goes through
 * them one by one.
 *
 * What was read ahead is kept in the op until the transaction ends. order_lock() and order_read()
 * take an order from there if it is there, once: whoever asks a second time may have changed it
 * meanwhile, and gets what the database says by then. Nothing else changes for them; an order that
 * was not read ahead is read when it is asked for.
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
 * anything else is locked. One that does not exist is left out; one may be named twice.
 */
enum err orders_lock_ahead(struct op *, const struct order_name *, size_t n);

/* Reads these whole: locked already. */
enum err orders_read_ahead(struct op *, const struct order_name *, size_t n);

/* For move.c and order.c: what an op has of them. */
struct orders_ahead {
	struct order_axes *axes; /* by id; id 0: taken */
	size_t axes_n;
	struct order *orders; /* by id; id 0: taken */
	size_t orders_n;
};

/* "[[restaurant,order],...]" */
const char *orders_named(struct op *, const struct order_name *, size_t n);

/* The op's own; made if there is none. */
struct orders_ahead *orders_ahead_of(struct op *);

#endif
