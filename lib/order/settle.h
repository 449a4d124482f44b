/*
 * settle: money enters an order here and nowhere else (the axis payment_status).
 */
#ifndef TICKETRAIL_ORDER_SETTLE_H
#define TICKETRAIL_ORDER_SETTLE_H

#include "err/err.h"
#include "order/move.h"

struct op;

/*
 * Staff have the cash of an order in their hands: pending becomes paid. Said again it changes
 * nothing and is OK. ERR_ILLEGAL_TRANSITION with the fault set for an order that is not paid in
 * cash or was cancelled or rejected.
 */
enum err order_settle_cash(struct op *, struct order_axes *);

#endif
