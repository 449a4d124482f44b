#include "order/settle.h"

#include <string.h>

#include "db/db.h"
#include "op/op.h"

static enum err
is_cash(struct op *op, const struct order_axes *x)
{
	if (strcmp(x->payment_method, "cash") != 0)
		return fail(op, ERR_ILLEGAL_TRANSITION, "This order is not paid in cash");
	return OK;
}

/* One step of the axis, and whoever watches sees it. */
static enum err
payment_step(struct op *op, struct order_axes *x, const char *event, enum payment_status to,
    const char *reason)
{
	enum err e = order_history_add(
	    op, x, "payment", event, payment_name(x->payment_status), payment_name(to), reason);

	if (e != OK)
		return e;
	x->payment_status = to;
	order_tell(op, x, "payment_changed");
	return OK;
}

enum err
order_settle_cash(struct op *op, struct order_axes *x)
{
	bool moved;
	enum err e = is_cash(op, x);

	if (e != OK || x->payment_status == PAYMENT_paid)
		return e;
	if (x->payment_status != PAYMENT_pending || x->status == STATUS_cancelled ||
	    x->status == STATUS_rejected)
		return fail(op, ERR_ILLEGAL_TRANSITION, "No payment is due for this order");
	e = payment_step(op, x, "cash_received", PAYMENT_paid, NULL);
	if (e == OK && x->pos_completed_at != TIME_NONE)
		e = order_status_move(op, x, STATUS_EVENT_complete, WHO_POS,
		    "The POS had reported it before it was paid", &moved);
	return e;
}

enum err
order_settle_cash_undo(struct op *op, struct order_axes *x, const char *reason)
{
	enum err e = is_cash(op, x);

	if (e != OK || x->payment_status == PAYMENT_pending)
		return e;
	if (x->status == STATUS_completed)
		return fail(op, ERR_ILLEGAL_TRANSITION,
		    "The order is completed: its payment can be refunded, not undone");
	if (x->payment_status != PAYMENT_paid)
		return fail(op, ERR_ILLEGAL_TRANSITION, "No cash was received for this order");
	return payment_step(op, x, "cash_undone", PAYMENT_pending, reason);
}

struct first_row {
	bool is_first;
};
static const struct db_col first_cols[] = { COL_BOOL(struct first_row, is_first) };
static const struct db_shape first_shape = DB_SHAPE(struct first_row, first_cols);

enum err
order_was_paid_first(struct op *op, int64_t order_id, bool *ret_was)
{
	struct first_row row;
	enum err e = db_one(op, STMT_order_paid_first, DB_ARGS(DB_I64("order_id", order_id)),
	    &first_shape, &row);

	if (e == OK)
		*ret_was = row.is_first;
	return e;
}
