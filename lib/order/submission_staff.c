/* What people decide about a submission. */
#include <string.h>

#include "db/db.h"
#include "notice/notice.h"
#include "op/op.h"
#include "order/submission_inside.h"

enum err
submission_retry(
    struct op *op, struct order_axes *x, const struct submission_terms *terms, bool *ret_did)
{
	bool moved = false;
	enum err e = OK;

	if (!status_is_end(x->status))
		e = submission_move(op, x, POS_EVENT_retry, NULL, &moved);
	*ret_did = moved;
	if (e != OK || !moved)
		return e;
	x->submission_no++;
	/* What was said of an earlier ticket says nothing of this one. */
	x->pos_failure = x->pos_failure_reason = x->pos_order_id = x->pos_cause = NULL;
	x->pos_progress = (struct bytes){ 0 };
	x->pos_total_minor = -1;
	x->pos_proved_at = TIME_NONE;
	x->pos_place = terms->place;
	return submission_put(op, x, terms);
}

enum err
submission_by_hand(struct op *op, struct order_axes *x, const char *reason)
{
	bool moved, is_surely_absent = x->pos_state == POS_failed;
	enum err e;

	if (x->cancel_wanted != NULL)
		return fail(op, ERR_ILLEGAL_TRANSITION, "The order is to be cancelled");
	e = submission_move(op, x, POS_EVENT_staff_by_hand, reason, &moved);
	if (e == OK && moved) {
		x->by_hand = true;
		/* Else a ticket may live there, and a cancel must see to it. */
		if (is_surely_absent)
			x->settled_at = TIME_NONE;
		x->pos_failure = x->pos_failure_reason = x->pos_cause = NULL;
	}
	return e;
}

bool
submission_is_past(const struct order_axes *x, int64_t submission_no)
{
	return x->submission_no != submission_no || x->pos_state == POS_failed;
}

enum err
submission_late_yes(struct op *op, const struct order_axes *x, const char *reason)
{
	/* They, or we, have taken it off there since. */
	if (x->pos_failure != NULL && strcmp(x->pos_failure, "cancelled") == 0)
		return OK;
	return submission_tell_staff(op, x, NOTICE_pos_late_answer, reason);
}

/* The kitchen keeps what the guest wanted cancelled: the wish has its answer. */
static enum err
wish_declined(struct op *op, struct order_axes *x)
{
	x->cancel_wanted = x->cancellation_reason = x->cancellation_code = NULL;
	return notice_guest(op, NOTICE_cancel_declined,
	    &(struct notice_about){ .restaurant_id = x->restaurant_id,
		.order_id = x->id,
		.user_id = x->user_id,
		.phone = x->customer_phone,
		.order_number = x->order_number,
		.reason = "The kitchen has it and goes on.",
		.round = x->history_seq });
}

static enum err
seen_there(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    const char *reason)
{
	bool moved;
	enum err e;

	if (status_is_end(x->status))
		return fail(op, ERR_ILLEGAL_TRANSITION,
		    "The order is %s: what is there is to be taken off", status_name(x->status));
	e = submission_move(op, x, POS_EVENT_staff_there, reason, &moved);
	x->pos_failure = x->pos_failure_reason = x->pos_cause = NULL;
	x->pos_proved_at = op->now_us;
	if (e == OK && x->cancel_wanted != NULL)
		e = wish_declined(op, x);
	if (e == OK)
		e = order_status_move(op, x, STATUS_EVENT_confirm, WHO_STAFF, NULL, &moved);
	return e != OK ? e : submission_follow(op, x, terms);
}

static enum err
seen_gone(struct op *op, struct order_axes *x, bool was_removed, const char *reason)
{
	bool moved;
	enum err e = submission_move(op, x,
	    was_removed ? POS_EVENT_staff_removed : POS_EVENT_staff_not_there, reason, &moved);

	submission_failed_because(op, x, was_removed ? "cancelled" : "exhausted", reason);
	if (e != OK || status_is_end(x->status))
		return e;
	if (x->cancel_wanted != NULL)
		return submission_close_as_wanted(op, x);
	return was_removed ? order_close(op, x, STATUS_EVENT_cancel, WHO_STAFF, reason)
			   : submission_compensation_put(op, x);
}

enum err
submission_decide(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    enum submission_seen seen, const char *reason)
{
	enum err e;

	if (x->pos_state != POS_manual)
		return fail(op, ERR_ILLEGAL_TRANSITION,
		    "There is nothing to decide: the order is %s at the POS",
		    pos_state_name(x->pos_state));
	if (x->settled_at != TIME_NONE && x->settled_at > op->now_us)
		return fail(op, ERR_ILLEGAL_TRANSITION,
		    "What was sent may still take effect; please look again in a minute");
	if (seen == SEEN_THERE)
		return seen_there(op, x, terms, reason);
	e = seen_gone(op, x, seen == SEEN_REMOVED, reason);
	return e == OK && seen == SEEN_NOT_THERE ? submission_watch(op, x, terms) : e;
}
