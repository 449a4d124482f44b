/* What becomes of a wish to cancel. */
#include "notice/notice.h"
#include "op/op.h"
#include "order/submission_inside.h"
#include "outbox/outbox.h"
#include "text/utf8.h"

enum err
submission_wish_pursue(
    struct op *op, struct order_axes *x, const struct submission_terms *terms)
{
	const struct message_new messages[] = {
		{ .kind = MESSAGE_pos_void,
		    .destination = terms->destination,
		    .lane = x->id,
		    .restaurant_id = x->restaurant_id,
		    .subject_id = x->id,
		    .subject_no = x->submission_no },
		submission_undecided_message(op, x, 0),
	};
	enum err e = terms->follows ? outbox_drop(op, MESSAGE_pos_follow, x->id) : OK;

	if (e == OK && terms->follows)
		e = outbox_drop(op, MESSAGE_pos_undecided, x->id);
	if (e != OK)
		return e;
	submission_trouble(op, x, NULL, NULL);
	if (!terms->can_cancel)
		return submission_void_refused(op, x, "This POS cannot be asked to cancel");
	return outbox_put_all(op, messages, sizeof messages / sizeof messages[0]);
}

enum err
submission_void_refused(struct op *op, struct order_axes *x, const char *reason)
{
	bool moved;
	enum err e = submission_move(op, x, POS_EVENT_void_refused, reason, &moved);

	if (e != OK || !moved)
		return e;
	submission_failed_because(op, x, x->pos_failure, reason);
	return submission_tell_staff_again(op, x, NOTICE_pos_void_refused, reason);
}

static enum err
cancel_now(struct op *op, struct order_axes *x, enum status_event event, unsigned who,
    const char *reason, bool *ret_ended)
{
	enum err e = order_close(op, x, event, who, reason);

	if (e == OK)
		*ret_ended = true;
	return e;
}

enum err
submission_cancel(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    enum status_event event, unsigned who, const char *reason, bool *ret_ended)
{
	const struct status_row *row = status_row_find(x->status, event);
	bool moved, is_guest = (who & WHO_GUEST) != 0;
	enum err e = OK;

	if (row == NULL || (row->who & who) == 0)
		return fail(op, ERR_ILLEGAL_TRANSITION, "An order that is %s cannot be cancelled",
		    status_name(x->status));
	*ret_ended = false;
	switch (x->pos_state) {
	case POS_queued:
		e = submission_move(op, x, POS_EVENT_cancelled, reason, &moved);
		submission_failed_because(op, x, "cancelled", reason);
		if (e == OK)
			e = outbox_drop(op, MESSAGE_pos_submit, x->id);
		if (e == OK)
			e = submission_watch_if_doubted(op, x, terms);
		if (e == OK)
			e = submission_tidy(op, x, terms);
		return e != OK ? e : cancel_now(op, x, event, who, reason, ret_ended);
	case POS_not_required:
	case POS_failed:
		return cancel_now(op, x, event, who, reason, ret_ended);
	case POS_accepted:
		if (x->by_hand && x->settled_at == TIME_NONE)
			return cancel_now(op, x, event, who, reason, ret_ended);
		break;
	case POS_submitting:
	case POS_unsure:
	case POS_manual: /* a wish says nothing of what is at the POS: submission_decide() does */
	case POS__MAX:
		break;
	}
	if (x->cancel_wanted != NULL)
		return OK;
	x->cancel_wanted = is_guest ? "guest" : "house";
	x->cancellation_reason = reason == NULL ? NULL : utf8_truncate(op->arena, reason, 255);
	e = order_history_add(op, x, "pos", "cancel_wanted", pos_state_name(x->pos_state),
	    pos_state_name(x->pos_state), reason);
	if (e == OK && x->pos_state == POS_accepted)
		e = submission_wish_pursue(op, x, terms);
	return e;
}
