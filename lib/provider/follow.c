/*
 * What is still to be done at the POS with an order that is there: pos_follow. It decides nothing
 * about the order. What could not be done is told to staff; what may have been done is looked at
 * first by the adapter, and done again if it was not.
 */
#include <string.h>

#include "op/op.h"
#include "order/order.h"
#include "order/settle.h"
#include "order/state.h"
#include "order/submission.h"
#include "provider/handler.h"
#include "provider/login.h"
#include "provider/subject.h"

#define NOTHING_LEFT "Nothing is left to be done there"

/* Who has it by hand sees to it; what is to be cancelled, or is over, needs nothing. */
static bool
is_open(const struct message *m, const struct subject *s)
{
	const struct order_axes *x = &s->order;

	return s->has_order && x->submission_no == m->subject_no &&
	       x->pos_state == POS_accepted && !x->by_hand && x->cancel_wanted == NULL &&
	       !status_is_end(x->status);
}

static bool
is_wanted(const struct message *m, const struct subject *s)
{
	return is_open(m, s) && s->connection.adapter != NULL &&
	       pos_can(s->connection.adapter, POS_FOLLOW);
}

static void
progress_take(struct subject *s, const struct pos_outcome *o)
{
	if (o->progress.data != NULL)
		s->order.pos_progress = o->progress;
}

static enum err
unfinished(struct op *op, const struct message *m, struct subject *s, const struct verdict *v)
{
	enum err e =
	    submission_unfinished(op, &s->order, cause_name(v->cause), v->sentence);

	return e != OK ? e : subject_settle(op, m, s, v->outcome, v->sentence);
}

/* Nothing was asked of it, and nothing will be. */
static enum err
unasked(struct op *op, const struct message *m, struct subject *s, enum outcome outcome,
    enum cause cause, const char *why)
{
	return unfinished(op, m, s,
	    &(struct verdict){ .outcome = outcome, .cause = cause, .sentence = why });
}

static enum err
finished(struct op *op, const struct message *m, struct subject *s, const char *what)
{
	enum err e = submission_finished(op, &s->order);

	return e != OK ? e : subject_settle(op, m, s, OUTCOME_DONE, what);
}

/*
 * As it was when it was sent: one that was paid only since then stands there as one to be paid, its
 * till takes the money, or has, and nobody may book it twice.
 */
static enum err
payment_as_sent(struct op *op, struct order *order)
{
	bool was_first = true;
	enum err e = OK;

	if (strcmp(order->payment_status, payment_name(PAYMENT_paid)) == 0)
		e = order_was_paid_first(op, order->id, &was_first);
	if (e == OK && !was_first)
		order->payment_status = payment_name(PAYMENT_pending);
	return e;
}

/* What the next step is about, the order in it whole. */
static enum err
task_whole(struct op *op, const struct subject *s, struct order *order, struct pos_task *ret)
{
	enum err e = order_read(op, s->order.restaurant_id, s->order.id, order);

	if (e == OK)
		e = payment_as_sent(op, order);
	if (e != OK)
		return e;
	*ret = subject_task(op, s);
	order->pos_reference = ret->reference;
	ret->order = order;
	return OK;
}

static enum err
step_make(struct op *op, struct attempt *a, struct subject *s)
{
	const struct pos_adapter *adapter = s->connection.adapter;
	struct pos_problems problems = s->connection.problems;
	struct pos_task task;
	struct order order;
	enum err e = task_whole(op, s, &order, &task);

	if (e != OK)
		return e;
	if (problems.n > 0 ||
	    !adapter->talks[POS_FOLLOW].call(op->arena, &task, &a->call, &problems))
		return problems.n > 0
			   ? unasked(op, a->message, s, OUTCOME_REFUSED,
				 s->connection.problems.n > 0 ? CAUSE_CONFIG : CAUSE_PAYLOAD,
				 subject_problems(op, &problems))
			   : finished(op, a->message, s, NOTHING_LEFT);
	a->limits = adapter->create_limits;
	e = subject_secrets(op, a, s, s->order.pos_reference);
	if (e == OK)
		e = order_save(op, &s->order);
	a->is_sent = e == OK;
	return e;
}

/* Whoever had it is gone, and may have done it. */
static enum err
step_lost(struct op *op, struct subject *s)
{
	struct pos_task task;
	struct pos_outcome o;
	struct order order;
	enum err e = task_whole(op, s, &order, &task);

	if (e != OK)
		return e;
	o = s->connection.adapter->read_failure(op->arena, POS_FOLLOW, &task, CALL_SENDER_LOST);
	progress_take(s, &o);
	return OK;
}

enum err
follow_begin(struct op *op, struct attempt *a)
{
	const struct message *m = a->message;
	struct subject s;
	bool ready;
	enum err e = subject_load(op, m, &s);

	if (e != OK)
		return e;
	if (is_open(m, &s) && s.gone != NULL)
		return unasked(op, m, &s, OUTCOME_REFUSED, CAUSE_CONFIG, s.gone);
	if (!is_wanted(m, &s))
		return outbox_finish(op, m, OUTCOME_DONE, NOTHING_LEFT);
	if (m->begun_at != TIME_NONE)
		e = step_lost(op, &s);
	if (e == OK)
		e = login_ready(op, &s.connection, &ready);
	if (e != OK)
		return e;
	if (!ready && login_waited_too_long(op, m))
		return unasked(
		    op, m, &s, OUTCOME_LATER, CAUSE_AUTH, "we had no access to the POS");
	if (ready)
		return step_make(op, a, &s);
	e = order_save(op, &s.order);
	return e != OK ? e : login_wait(op, m, &s.connection);
}

static enum err
follow_apply(struct op *op, const struct message *m, struct subject *s,
    const struct pos_outcome *o, struct provider_ending *ret)
{
	const struct verdict *v = &o->verdict;
	bool is_open = v->outcome == OUTCOME_LATER || v->outcome == OUTCOME_UNSURE;
	enum err e = OK;

	if (is_open && attempt_is_last(op, m, v))
		return unfinished(op, m, s, v);
	if (!is_open && !o->has_next)
		return v->outcome == OUTCOME_REFUSED ? unfinished(op, m, s, v)
						     : finished(op, m, s, v->sentence);
	e = order_save(op, &s->order);
	if (e != OK)
		return e;
	return is_open ? attempt_again(op, m, v)
		       : attempt_next(ret, (struct bytes){ 0 });
}

/* What was ordered, for an adapter that reads answers by it. */
static enum err
outcome_read(struct op *op, struct subject *s, const struct provider_result *r,
    struct pos_outcome *ret)
{
	const struct pos_adapter *adapter = s->connection.adapter;
	struct pos_task task = subject_task(op, s);
	struct order order;
	enum err e = adapter->reads_with_order ? task_whole(op, s, &order, &task) : OK;

	if (e != OK)
		return e;
	*ret = attempt_heard(op, adapter, POS_FOLLOW, &task, r);
	return OK;
}

enum err
follow_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	struct pos_outcome o;
	enum outcome said;
	struct subject s;
	enum err e = subject_load_answered(op, m, &s);

	(void)p;
	ret->outcome = OUTCOME_DONE;
	if (e != OK)
		return e;
	if (is_open(m, &s) && s.connection.adapter == NULL)
		return unasked(op, m, &s, OUTCOME_UNSURE, CAUSE_CONFIG, s.gone);
	if (!s.has_order || s.connection.adapter == NULL || s.order.submission_no != m->subject_no)
		return outbox_finish(op, m, OUTCOME_DONE, NOTHING_LEFT);
	e = outcome_read(op, &s, r, &o);
	if (e != OK)
		return e;
	said = o.verdict.outcome;
	e = login_review(op, &s.connection, m, &o.verdict);
	if (e != OK)
		return e;
	ret->outcome = o.verdict.outcome;
	/* With another token the same step may go through. */
	if (o.verdict.outcome == said)
		progress_take(&s, &o);
	return is_wanted(m, &s)
		   ? follow_apply(op, m, &s, &o, ret)
		   : subject_settle(op, m, &s, o.verdict.outcome, o.verdict.sentence);
}

enum err
follow_dead(struct op *op, const struct message *m, const char *why)
{
	struct subject s;
	enum err e = subject_load(op, m, &s);

	if (e != OK || !is_open(m, &s))
		return e;
	e = submission_unfinished(op, &s.order, cause_name(CAUSE_NONE), why);
	return e != OK ? e : order_save(op, &s.order);
}
