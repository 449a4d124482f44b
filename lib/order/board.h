/*
 * board: a page of a restaurant's orders as its staff look for them: the kitchen's screen, the back
 * office's list, somebody on the telephone.
 *
 * Sorted by the time of placing. What is open is found among the open orders, however many have
 * ended; everything else by time, so that a page of a narrow filter is read as far as it takes to
 * fill it. A page is one picture (snapshot) in a bounded number of statements.
 */
#ifndef TICKETRAIL_ORDER_BOARD_H
#define TICKETRAIL_ORDER_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "order/order.h"

struct op;

/* Of orders that are under way: who brings them. */
enum board_delivery {
	BOARD_DELIVERY_ANY,
	BOARD_DELIVERY_UNASSIGNED, /* a delivery order that nobody has */
	BOARD_DELIVERY_ASSIGNED,
	BOARD_DELIVERY_PICKED_UP,
	BOARD_DELIVERY_STRANDED, /* with somebody who is not active any more */
};

enum board_released { BOARD_RELEASED, BOARD_UNRELEASED, BOARD_RELEASED_OR_NOT };

struct board_filter {
	/* lists of words, "ready,completed"; NULL: any */
	const char *statuses, *order_types, *payment_statuses, *pos_states;
	bool is_open_only; /* statuses names none that is an end */
	enum board_released released;
	enum board_delivery delivery; /* anything but ANY: of open orders only */
	const char *order_number;     /* exactly; NULL: any */
	const char *tail; /* digits with which a number, or a telephone's, ends; NULL: any */
	bool tail_is_number; /* and only a number's */
	int64_t since_us, until_us; /* placed within [since, until); TIME_NONE: no bound */
	bool is_oldest_first;
	const struct order *after; /* begin behind this one; NULL: at the beginning */
	int64_t n;                 /* at most ORDERS_READ_MAX */
};

/*
 * Whole orders, as many as orders_read() gives. *ret_more: there may be others behind the last one.
 */
enum err board_read(struct op *, int64_t restaurant_id, const struct board_filter *,
    struct order **ret, size_t *ret_n, bool *ret_more);

#endif
