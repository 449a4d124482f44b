/*
 * What a submission that was given up has left at the POS, seen by nobody: pos_tidy. CANCEL takes
 * it off, and begins with what the CREATE left: that is the message's own, as the order may have
 * been sent again since. Best effort: nothing waits for it, and nobody is told.
 */
#include "op/op.h"
#include "order/order.h"
#include "provider/handler.h"
#include "provider/login.h"
#include "provider/subject.h"

#define NOTHING_LEFT "Nothing is left there"

/* Should it have come to be there after all, it is no draft. */
static bool
is_wanted(const struct message *m, const struct subject *s)
{
	return s->has_order && s->connection.adapter != NULL &&
	       pos_traits_of(s->connection.config).leaves_drafts &&
	       (s->order.submission_no > m->subject_no || s->order.pos_state == POS_failed);
}

static struct pos_task
task_of(struct op *op, const struct message *m, const struct subject *s)
{
	struct pos_task task = subject_task(op, s);

	task.progress = m->payload;
	task.reference = subject_reference(op, &s->order, m->subject_no);
	task.pos_order_id = NULL;
	task.reason = "It was given up";
	return task;
}

enum err
tidy_begin(struct op *op, struct attempt *a)
{
	const struct message *m = a->message;
	struct pos_problems problems = { 0 };
	struct pos_task task;
	struct subject s;
	struct order order;
	bool ready = false;
	enum err e = subject_load(op, m, &s);

	if (e != OK)
		return e;
	if (!is_wanted(m, &s) || s.connection.problems.n > 0)
		return outbox_finish(op, m, OUTCOME_DONE, NOTHING_LEFT);
	e = login_ready(op, &s.connection, &ready);
	if (e == OK && !ready)
		return login_waited_too_long(op, m)
			   ? outbox_finish(op, m, OUTCOME_LATER, LOGIN_WAITS)
			   : login_wait(op, m, &s.connection);
	if (e == OK)
		e = order_read(op, s.order.restaurant_id, s.order.id, &order);
	if (e != OK)
		return e;
	task = task_of(op, m, &s);
	task.order = &order;
	if (!s.connection.adapter->talks[POS_CANCEL].call(op->arena, &task, &a->call, &problems))
		return outbox_finish(op, m, OUTCOME_DONE, NOTHING_LEFT);
	a->limits = s.connection.adapter->create_limits;
	e = subject_secrets(op, a, &s, task.reference);
	a->is_sent = e == OK;
	return e;
}

enum err
tidy_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	struct pos_outcome o;
	struct pos_task task;
	struct subject s;
	enum err e = subject_load(op, m, &s);

	(void)p;
	ret->outcome = OUTCOME_DONE;
	if (e != OK)
		return e;
	if (!is_wanted(m, &s))
		return outbox_finish(op, m, OUTCOME_DONE, NOTHING_LEFT);
	task = task_of(op, m, &s);
	o = attempt_heard(op, s.connection.adapter, POS_CANCEL, &task, r);
	e = login_review(op, &s.connection, m, &o.verdict);
	if (e != OK)
		return e;
	ret->outcome = o.verdict.outcome;
	if (o.verdict.outcome == OUTCOME_DONE && o.has_next)
		return attempt_next(ret, o.progress);
	/* Taken off twice it is off. */
	if (o.verdict.outcome == OUTCOME_UNSURE)
		o.verdict.outcome = OUTCOME_LATER;
	return attempt_again_or_finish(op, m, &o.verdict);
}
