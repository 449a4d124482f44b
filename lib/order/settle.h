/*
 * settle: money enters an order here and nowhere else (the axis payment_status).
 */
#ifndef TICKETRAIL_ORDER_SETTLE_H
#define TICKETRAIL_ORDER_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"
#include "order/move.h"

struct op;

/*
 * Staff have the cash of an order in their hands: pending becomes paid. Said again it changes
 * nothing and is OK. If the POS has said already that the order was handed over, it is completed
 * now. ERR_ILLEGAL_TRANSITION with the fault set for an order that is not paid in cash or was
 * cancelled or rejected.
 */
enum err order_settle_cash(struct op *, struct order_axes *);

/*
 * That was a mistake, there is no cash: paid becomes pending again. Both stand in the history. Said
 * again it changes nothing. ERR_ILLEGAL_TRANSITION with the fault set for an order that is not paid
 * in cash, or is completed: then it is in the books, and what is wrong there is not undone but
 * refunded.
 */
enum err order_settle_cash_undo(struct op *, struct order_axes *, const char *reason);

/* Of one that is paid: was it when its present submission was sent for the first time? */
enum err order_was_paid_first(struct op *, int64_t order_id, bool *ret_was);

#endif
