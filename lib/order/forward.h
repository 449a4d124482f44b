/*
 * forward: an order moved on by people, whose word also takes in hand what the POS does not have.
 *
 * Like the other movers these change a locked picture; the caller saves it.
 */
#ifndef TICKETRAIL_ORDER_FORWARD_H
#define TICKETRAIL_ORDER_FORWARD_H

#include "err/err.h"
#include "order/move.h"

struct op;
struct submission_terms;

/*
 * Towards completed. Being there already is OK. ERR_ILLEGAL_TRANSITION with the fault set where the
 * table has no such move for `who`, or the order is to be cancelled and the POS does not have it
 * for sure; ERR_ORDER_NOT_PAID.
 */
enum err order_forward(struct op *, struct order_axes *, enum order_status to, unsigned who,
    const char *reason);

/* Entered by people, so the restaurant has accepted it. ERR_ILLEGAL_TRANSITION if it has ended. */
enum err order_by_hand(struct op *, struct order_axes *, const struct submission_terms *,
    const char *reason);

#endif
