#include "provider/deadline.h"

#include "notice/notice.h"
#include "op/op.h"
#include "order/move.h"
#include "order/submission.h"
#include "provider/connect.h"
#include "tenant/settings.h"

static enum err
unaccepted(struct op *op, struct order_axes *x)
{
	struct settings settings;
	struct connection c = { .adapter = NULL };
	enum err e = settings_read(op, x->restaurant_id, x->currency, &settings);

	if (e == OK)
		e = connection_of(op, x->restaurant_id, &c);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	return submission_unaccepted(op, x, &c.terms, settings.accept_or_cancel);
}

/*
 * A doubt lasts until nothing that was sent can take effect any more and, where the POS can be
 * asked, looks have had their time after that. *ret_us: how long that is still.
 */
static enum err
doubt_lasts(struct op *op, const struct order_axes *x, int64_t *ret_us)
{
	struct connection c = { .adapter = NULL };
	enum err e;

	*ret_us = 0;
	if (x->pos_state != POS_unsure || x->settled_at == TIME_NONE)
		return OK;
	e = connection_of(op, x->restaurant_id, &c);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret_us = x->settled_at - op->now_us + (c.terms.can_look ? SUBMISSION_LOOKS_US : 0);
	return OK;
}

/* *ret_done: there is nothing more to do for now. */
static enum err
doubt_waits(
    struct op *op, const struct message *m, const struct order_axes *x, bool *ret_done)
{
	bool is_earlier = false;
	int64_t lasts_us = 0;
	enum err e = outbox_has_another(op, m, &is_earlier);

	*ret_done = is_earlier;
	if (e == OK && is_earlier)
		return outbox_finish(op, m, OUTCOME_DONE, "A later doubt has its own deadline");
	if (e == OK)
		e = doubt_lasts(op, x, &lasts_us);
	if (e != OK || lasts_us <= 0)
		return e;
	*ret_done = true;
	return outbox_later(op, m, lasts_us, "Not settled yet");
}

/* What staff are to know of a doubt: why there is one, and where they have to look. */
static enum err
doubt_known(struct op *op, const struct order_axes *x, const char **ret)
{
	struct connection c = { .adapter = NULL };
	enum err e = connection_of(op, x->restaurant_id, &c);

	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret = e == OK && submission_is_elsewhere(x, &c.terms) ? SUBMISSION_ELSEWHERE
							       : x->pos_failure_reason;
	return OK;
}

static enum err
doubt_over(struct op *op, struct order_axes *x)
{
	const char *known;
	enum err e = doubt_known(op, x, &known);

	return e != OK ? e : submission_doubt_over(op, x, known);
}

static enum err
deadline_move(struct op *op, const struct message *m, struct order_axes *x)
{
	if (m->kind == MESSAGE_pos_accept)
		return unaccepted(op, x);
	/* Of an earlier submission: another one is under way, with deadlines of its own. */
	if (x->submission_no != m->subject_no)
		return OK;
	switch (m->kind) {
	case MESSAGE_pos_undecided:
		return submission_undecided(op, x);
	case MESSAGE_pos_deadline:
		return doubt_over(op, x);
	case MESSAGE_pos_proof:
		return submission_unproved(op, x);
	case MESSAGE_pos_compensate:
		return submission_compensate(op, x, m->subject_no);
	default:
		return fail(op, ERR_INTERNAL_ERROR, "Not a deadline");
	}
}

enum err
deadline_apply(struct op *op, const struct message *m)
{
	struct order_axes x;
	bool is_done = false;
	enum err e = order_lock(op, m->restaurant_id, m->subject_id, &x);

	if (e == ERR_NO_ROW)
		return outbox_finish(op, m, OUTCOME_DONE, "The order is gone");
	if (e == OK && m->kind == MESSAGE_pos_deadline)
		e = doubt_waits(op, m, &x, &is_done);
	if (e == OK && is_done)
		return OK;
	if (e == OK)
		e = deadline_move(op, m, &x);
	if (e == OK)
		e = order_save(op, &x);
	return e != OK ? e : outbox_finish(op, m, OUTCOME_DONE, NULL);
}

enum err
deadline_dead(struct op *op, const struct message *m, const char *why)
{
	struct order_axes x;
	enum err e = order_lock(op, m->restaurant_id, m->subject_id, &x);

	if (e == ERR_NO_ROW || (e == OK && status_is_end(x.status)))
		return OK;
	return e != OK ? e
		       : notice_staff(op, NOTICE_pos_manual,
			     &(struct notice_about){ .restaurant_id = x.restaurant_id,
				 .order_id = x.id,
				 .order_number = x.order_number,
				 .reason = why,
				 .round = x.submission_no });
}
