#include "order/forward.h"

#include "op/op.h"
#include "order/submission.h"

enum err
order_forward(struct op *op, struct order_axes *x, enum order_status to, unsigned who,
    const char *reason)
{
	bool moved;
	enum err e = OK;

	if (x->status == to)
		return OK;
	if (x->pos_state == POS_failed || x->pos_state == POS_manual)
		e = submission_by_hand(op, x, reason);
	if (e == OK)
		e = order_status_move(op, x, status_event_to(to), who, reason, &moved);
	if (e == OK && !moved)
		return fail(op, ERR_ILLEGAL_TRANSITION, "An order that is %s cannot become %s",
		    status_name(x->status), status_name(to));
	return e;
}

enum err
order_by_hand(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    const char *reason)
{
	bool moved;
	enum err e;

	if (status_is_end(x->status))
		return fail(
		    op, ERR_ILLEGAL_TRANSITION, "The order is %s", status_name(x->status));
	e = submission_by_hand(op, x, reason);
	/* What was sent may arrive all the same: then there are two. */
	if (e == OK && x->settled_at != TIME_NONE)
		e = submission_watch(op, x, terms);
	return e != OK ? e
		       : order_status_move(op, x, STATUS_EVENT_confirm, WHO_STAFF, reason, &moved);
}
