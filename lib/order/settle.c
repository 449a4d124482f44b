#include "order/settle.h"

#include <string.h>

#include "op/op.h"

enum err
order_settle_cash(struct op *op, struct order_axes *x)
{
	enum err e;

	if (strcmp(x->payment_method, "cash") != 0)
		return fail(op, ERR_ILLEGAL_TRANSITION, "This order is not paid in cash");
	if (x->payment_status == PAYMENT_paid)
		return OK;
	if (x->payment_status != PAYMENT_pending || x->status == STATUS_cancelled ||
	    x->status == STATUS_rejected)
		return fail(op, ERR_ILLEGAL_TRANSITION, "No payment is due for this order");
	e = order_history_add(op, x, "payment", "cash_received", payment_name(x->payment_status),
	    payment_name(PAYMENT_paid), NULL);
	if (e != OK)
		return e;
	x->payment_status = PAYMENT_paid;
	order_tell(op, x, "payment_changed");
	return OK;
}
