/* What happens to a submission when a time has passed and nothing else has. */
#include "notice/notice.h"
#include "op/op.h"
#include "order/submission_inside.h"
#include "outbox/outbox.h"

/* The kitchen has it, and it is to be cancelled: also one that has ended, and lives there. */
static bool
is_void_awaited(const struct order_axes *x)
{
	return x->pos_state == POS_accepted && x->cancel_wanted != NULL &&
	       x->status != STATUS_completed;
}

/* It is there, and what is still to be done with it waits: for access, or for the POS. */
static enum err
unfollowed(struct op *op, struct order_axes *x)
{
	const char *why = NULL;
	bool waits = false;
	enum err e =
	    outbox_waits(op, MESSAGE_pos_follow, x->id, x->submission_no, &waits, &why);

	if (e != OK || !waits)
		return e;
	if (why == NULL)
		why = "nobody has seen to it";
	submission_trouble(op, x, cause_name(CAUSE_NONE), why);
	return submission_tell_staff(op, x, NOTICE_pos_follow_waits, why);
}

enum err
submission_undecided(struct op *op, struct order_axes *x)
{
	const char *reason = x->pos_state == POS_queued ? "it has not been sent, or was not taken"
			     : x->pos_state == POS_unsure
				 ? "it was sent and may or may not have arrived"
				 : "it is being sent";

	if (is_void_awaited(x))
		return submission_tell_staff_again(op, x, NOTICE_pos_void_waits,
		    x->cancellation_reason != NULL ? x->cancellation_reason : "as was wished");
	if (status_is_end(x->status))
		return OK;
	if (x->pos_state == POS_accepted && !x->by_hand)
		return unfollowed(op, x);
	if (!pos_is_undecided(x->pos_state))
		return OK;
	return submission_tell_staff(op, x, NOTICE_pos_undecided, reason);
}

enum err
submission_doubt_over(struct op *op, struct order_axes *x, const char *known)
{
	bool moved;
	enum err e = submission_move(op, x, POS_EVENT_deadline, known, &moved);

	return e != OK || !moved ? e : submission_tell_staff(op, x, NOTICE_pos_manual, known);
}

enum err
submission_unproved(struct op *op, struct order_axes *x)
{
	static const char reason[] = "the POS said yes, but no word from the kitchen has followed";
	bool moved;
	enum err e;

	/* One that is being voided is decided by the void, whose answer must find it. */
	if (x->pos_proved_at != TIME_NONE || x->by_hand || x->cancel_wanted != NULL ||
	    status_is_end(x->status))
		return OK;
	e = submission_move(op, x, POS_EVENT_unproved, reason, &moved);
	/* Also those who were told before that nobody knows, and then that it is there. */
	return e != OK || !moved ? e
				 : submission_tell_staff_again(op, x, NOTICE_pos_manual, reason);
}

enum err
submission_unaccepted(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    bool is_to_end)
{
	static const char reason[] = "The restaurant did not confirm the order in time";
	bool ended;
	enum err e;

	if (x->status != STATUS_received || x->cancel_wanted != NULL)
		return OK;
	e = submission_tell_staff(op, x,
	    is_to_end ? NOTICE_unaccepted_ended : NOTICE_unaccepted, pos_state_name(x->pos_state));
	return e != OK || !is_to_end ? e
				     : submission_cancel(op, x, terms, STATUS_EVENT_cancel,
					   WHO_HOUSE, reason, &ended);
}

enum err
submission_compensate(struct op *op, struct order_axes *x, int64_t submission_no)
{
	if (x->pos_state != POS_failed || x->submission_no != submission_no ||
	    status_is_end(x->status))
		return OK;
	return order_close(
	    op, x, STATUS_EVENT_cancel, WHO_HOUSE, "The restaurant could not take the order");
}
