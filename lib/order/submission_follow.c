/* An order that is there: what is still to be done with it, and that it is looked at. */
#include "notice/notice.h"
#include "op/op.h"
#include "order/submission_inside.h"
#include "outbox/outbox.h"
#include "text/utf8.h"

enum err
submission_follow(
    struct op *op, const struct order_axes *x, const struct submission_terms *terms)
{
	const struct message_new messages[] = {
		{ .kind = MESSAGE_pos_follow,
		    .destination = terms != NULL ? terms->destination : NULL,
		    .lane = x->id,
		    .restaurant_id = x->restaurant_id,
		    .subject_id = x->id,
		    .subject_no = x->submission_no },
		submission_undecided_message(op, x, 0),
	};

	if (terms == NULL || !terms->follows || status_is_end(x->status))
		return OK;
	return outbox_put_all(op, messages, sizeof messages / sizeof messages[0]);
}

void
submission_trouble(
    struct op *op, struct order_axes *x, const char *cause, const char *reason)
{
	x->pos_cause = cause;
	x->pos_failure_reason = reason == NULL ? NULL : utf8_truncate(op->arena, reason, 500);
}

enum err
submission_unfinished(
    struct op *op, struct order_axes *x, const char *cause, const char *reason)
{
	enum err e = outbox_drop(op, MESSAGE_pos_undecided, x->id);

	submission_trouble(op, x, cause, reason);
	return e != OK ? e : submission_tell_staff(op, x, NOTICE_pos_unfinished, reason);
}

enum err
submission_finished(struct op *op, struct order_axes *x)
{
	submission_trouble(op, x, NULL, NULL);
	return outbox_drop(op, MESSAGE_pos_undecided, x->id);
}

enum err
submission_unseen(struct op *op, const struct order_axes *x, const char *reason)
{
	return submission_tell_staff(op, x, NOTICE_pos_unseen, reason);
}
