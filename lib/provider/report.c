#include "provider/report.h"

#include "op/op.h"
#include "order/submission.h"
#include "provider/amendment.h"
#include "text/utf8.h"

#define MINUTE_US (INT64_C(60) * 1000000)
/* A kitchen that says a day means something else. */
#define PREP_MINUTES_MAX 1440

static bool
is_minutes(int64_t n)
{
	return n >= 0 && n <= PREP_MINUTES_MAX;
}

/*
 * What it says besides the status: estimate, rider, that the order was changed at the POS. A late
 * one estimates nothing.
 */
static void
details_take(
    struct op *op, struct order_axes *x, const struct report *r, enum order_status to)
{
	const struct pos_event *ev = r->event;
	bool is_late = status_is_end(x->status) || (to != STATUS__MAX && to < x->status);

	if (!is_late && is_minutes(ev->minimum_prep_time_min))
		order_estimate(op, x, r->received_at + ev->minimum_prep_time_min * MINUTE_US);
	if (!is_late && is_minutes(ev->minimum_delivery_time_min))
		x->estimated_delivery_time =
		    r->received_at + ev->minimum_delivery_time_min * MINUTE_US;
	if (!is_late && ev->ready_at != TIME_NONE)
		order_estimate(op, x, ev->ready_at);
	if (ev->rider_name != NULL && ev->rider_name[0] != '\0')
		x->rider_name = utf8_sanitise(op->arena, ev->rider_name, 100);
	if (ev->rider_phone != NULL && ev->rider_phone[0] != '\0')
		x->rider_phone = utf8_sanitise(op->arena, ev->rider_phone, 20);
	x->pos_status_updated_at = op->now_us;
}

static enum err
taken_back(struct op *op, struct order_axes *x, const struct pos_event *ev, enum order_status to,
    bool *ret_moved)
{
	const char *reason = ev->cancel_reason != NULL && ev->cancel_reason[0] != '\0'
				 ? utf8_sanitise(op->arena, ev->cancel_reason, 255)
				 : "Cancelled by the restaurant";
	bool was_open = !status_is_end(x->status);
	enum err e = submission_pos_cancelled(op, x,
	    to == STATUS_rejected ? STATUS_EVENT_reject : STATUS_EVENT_cancel, reason);

	*ret_moved = was_open && status_is_end(x->status);
	return e;
}

enum err
report_apply(
    struct op *op, struct order_axes *x, const struct report *r, struct reported *ret)
{
	const struct pos_event *ev = r->event;
	enum order_status to = status_by_name(ev->status);
	bool is_end = to == STATUS_cancelled || to == STATUS_rejected;
	bool applies = r->connection->adapter->applies_to(ev, x->order_type);
	struct reported came = { .has_meaning = applies && to != STATUS__MAX, .to = to };
	enum err e = OK;

	/* Whatever it says, who reports on an order has it. */
	if (applies && is_end)
		e = taken_back(op, x, ev, to, &came.has_moved);
	else if (!is_end)
		e = submission_present(
		    op, x, &r->connection->terms, ev->pos_order_id, r->seen);
	if (e == OK && came.has_meaning && !is_end && status_event_to(to) != STATUS_EVENT__MAX)
		e = order_status_move(
		    op, x, status_event_to(to), WHO_POS, NULL, &came.has_moved);
	if (e == OK && came.has_meaning)
		details_take(op, x, r, to);
	/* What has ended is no more the guest's concern. */
	if (e == OK && ev->is_modified && !status_is_end(x->status))
		e = amendment_said(op, x);
	if (e == OK)
		*ret = came;
	return e;
}

/* What is completed and not paid is kept, and takes effect with the money (order_settle_cash). */
const char *
report_ignored_why(const struct order_axes *x, const struct reported *came)
{
	if (!came->has_meaning)
		return "means nothing for this type of order";
	return came->to == STATUS_completed && !status_is_end(x->status) &&
		       x->payment_status != PAYMENT_paid
		   ? "kept until the cash is confirmed"
		   : "late, early or repeated";
}
