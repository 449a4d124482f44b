/* A submission of which it is not known whether the POS has it, or may come to have it. */
#include "db/db.h"
#include "op/op.h"
#include "order/submission_inside.h"
#include "outbox/outbox.h"

#define WATCH_FIRST_US (INT64_C(60) * 1000000)
/* An order that came to be is listed there by now, or nearly. */
#define EARLY_LOOK_US (INT64_C(2) * 1000000)

enum err
submission_deadline_put(
    struct op *op, const struct order_axes *x, enum message_kind kind, int64_t delay_us)
{
	return outbox_put(op, &(struct message_new){ .kind = kind,
				  .destination = "orders",
				  .restaurant_id = x->restaurant_id,
				  .subject_id = x->id,
				  .subject_no = x->submission_no,
				  .delay_us = delay_us });
}

enum err
submission_look_put(struct op *op, const struct order_axes *x, const struct submission_terms *terms,
    enum message_kind kind, int64_t delay_us)
{
	return outbox_put(op, &(struct message_new){ .kind = kind,
				  .destination = terms->destination,
				  .restaurant_id = x->restaurant_id,
				  .subject_id = x->id,
				  .subject_no = x->submission_no,
				  .delay_us = delay_us });
}

enum err
submission_watch(
    struct op *op, const struct order_axes *x, const struct submission_terms *terms)
{
	return terms != NULL && terms->can_look
		   ? submission_look_put(op, x, terms, MESSAGE_pos_watch, WATCH_FIRST_US)
		   : OK;
}

struct doubts_row {
	int64_t n, claimed_at;
};
static const struct db_col doubts_cols[] = {
	COL_I64(struct doubts_row, n),
	COL_TIME(struct doubts_row, claimed_at),
};
static const struct db_shape doubts_shape = DB_SHAPE(struct doubts_row, doubts_cols);

static enum err
doubts_read(struct op *op, const struct order_axes *x, struct doubts_row *ret)
{
	return db_one(
	    op, STMT_order_doubts, DB_ARGS(DB_I64("order_id", x->id)), &doubts_shape, ret);
}

enum err
submission_first_sent(struct op *op, const struct order_axes *x, int64_t *ret_at)
{
	struct doubts_row row;
	enum err e = doubts_read(op, x, &row);

	if (e == OK)
		*ret_at = row.claimed_at;
	return e;
}

enum err
submission_was_in_doubt(struct op *op, const struct order_axes *x, bool *ret_was)
{
	struct doubts_row row;
	enum err e = doubts_read(op, x, &row);

	if (e == OK)
		*ret_was = row.n > 0;
	return e;
}

enum err
submission_watch_if_doubted(
    struct op *op, const struct order_axes *x, const struct submission_terms *terms)
{
	bool was = x->pos_order_id != NULL;
	enum err e = OK;

	if (terms == NULL || !terms->can_look)
		return OK;
	if (!was)
		e = submission_was_in_doubt(op, x, &was);
	return e != OK || !was ? e : submission_watch(op, x, terms);
}

enum err
submission_unsure(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    bool sender_lost, const char *reason)
{
	int64_t delay = SUBMISSION_DOUBT_US;
	bool moved;
	enum err e =
	    submission_move(op, x, sender_lost ? POS_EVENT_lost : POS_EVENT_unsure, reason, &moved);

	if (e != OK || !moved)
		return e;
	submission_failed_because(op, x, NULL, reason);
	x->failed_at = TIME_NONE;
	if (x->settled_at != TIME_NONE && x->settled_at - op->now_us > delay)
		delay = x->settled_at - op->now_us;
	if (terms->settle_us > delay)
		delay = terms->settle_us;
	if (!terms->can_look)
		return submission_deadline_put(op, x, MESSAGE_pos_deadline, delay);
	e = submission_deadline_put(op, x, MESSAGE_pos_deadline, delay + SUBMISSION_LOOKS_US);
	if (e == OK)
		e = submission_look_put(
		    op, x, terms, MESSAGE_pos_look, x->settled_at - op->now_us);
	return e;
}

enum err
submission_look_soon(
    struct op *op, const struct order_axes *x, const struct submission_terms *terms)
{
	return x->pos_state == POS_unsure && terms->can_look && x->settled_at > op->now_us
		   ? submission_look_put(op, x, terms, MESSAGE_pos_hint, EARLY_LOOK_US)
		   : OK;
}

enum err
submission_twice(struct op *op, const struct order_axes *x, const char *other_id)
{
	return submission_tell_staff(op, x, NOTICE_pos_twice, other_id);
}
