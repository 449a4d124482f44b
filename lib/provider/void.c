/* Orders off the POS again: pos_void. One whose id there is not known is looked for first. */
#include "op/op.h"
#include "order/order.h"
#include "order/submission.h"
#include "provider/handler.h"
#include "provider/login.h"
#include "provider/subject.h"

/* So long is it looked for, after all that was sent has settled, and this often is that tried. */
#define UNNAMED_US (INT64_C(120) * 1000000)
#define UNNAMED_PAUSE_US (INT64_C(3) * 1000000)

enum err
void_dead(struct op *op, const struct message *m, const char *why)
{
	struct subject s;
	enum err e = subject_load(op, m, &s);

	if (e == OK && s.has_order && s.order.cancel_wanted != NULL)
		e = submission_void_refused(op, &s.order, why);
	return e != OK || !s.has_order ? e : order_save(op, &s.order);
}

static enum err
void_impossible(struct op *op, const struct message *m, struct subject *s, const char *why)
{
	enum err e = submission_void_refused(op, &s->order, why);

	return e != OK ? e : subject_settle(op, m, s, OUTCOME_REFUSED, why);
}

/*
 * What is there without a name that we know can not be asked for: it is looked for by ours, for a
 * while, and the void waits. Should the look say that it is not there, and may be believed, the
 * order is closed by that.
 */
static enum err
void_unnamed(struct op *op, const struct message *m, struct subject *s,
    const struct pos_problems *problems)
{
	const struct order_axes *x = &s->order;
	bool is_settled_later = x->settled_at != TIME_NONE && x->settled_at > m->created_at;
	int64_t since = is_settled_later ? x->settled_at : m->created_at;
	enum err e;

	if (x->pos_order_id != NULL || x->pos_reference == NULL || !s->connection.terms.can_look)
		return void_impossible(op, m, s, subject_problems(op, problems));
	if (op->now_us >= since + UNNAMED_US)
		return void_impossible(op, m, s, "it was not found there under our name");
	e = outbox_hasten(op, &(struct message_new){ .kind = MESSAGE_pos_look,
				  .destination = m->destination,
				  .restaurant_id = m->restaurant_id,
				  .subject_id = x->id,
				  .subject_no = x->submission_no });
	return e != OK ? e : outbox_later(op, m, UNNAMED_PAUSE_US, "Its id is looked for");
}

enum err
void_begin(struct op *op, struct attempt *a)
{
	const struct message *m = a->message;
	struct pos_problems problems = { 0 };
	const struct pos_adapter *adapter;
	struct pos_task task;
	struct subject s;
	struct order order;
	bool ready;
	enum err e = subject_load(op, m, &s);

	if (e != OK)
		return e;
	/* What was eaten and paid is not taken off any more, whoever wanted that. */
	if (!s.has_order || s.order.pos_state != POS_accepted || s.order.cancel_wanted == NULL ||
	    s.order.status == STATUS_completed)
		return outbox_finish(op, m, OUTCOME_DONE, "Nothing is left to cancel");
	adapter = s.connection.adapter;
	if (adapter == NULL)
		return void_impossible(op, m, &s, s.gone);
	e = login_ready(op, &s.connection, &ready);
	if (e == OK && !ready && login_waited_too_long(op, m))
		return void_impossible(op, m, &s, "we had no access to the POS");
	if (e != OK || !ready)
		return e != OK ? e : login_wait(op, m, &s.connection);
	e = order_read(op, s.order.restaurant_id, s.order.id, &order);
	if (e != OK)
		return e;
	a->limits = adapter->create_limits;
	task = subject_task(op, &s);
	task.order = &order;
	task.reason = s.order.cancellation_reason != NULL ? s.order.cancellation_reason
							  : "Cancelled";
	if (!adapter->talks[POS_CANCEL].call(op->arena, &task, &a->call, &problems))
		return void_unnamed(op, m, &s, &problems);
	e = subject_secrets(op, a, &s, s.order.pos_reference);
	a->is_sent = e == OK;
	return e;
}

static enum err
void_apply(struct op *op, const struct message *m, struct subject *s, const struct pos_outcome *o,
    struct provider_ending *ret)
{
	const struct verdict *v = &o->verdict;
	bool is_open = v->outcome == OUTCOME_LATER || v->outcome == OUTCOME_UNSURE;
	enum err e;

	if (o->progress.data != NULL)
		submission_progress(op, &s->order, o->progress);
	if (v->outcome == OUTCOME_DONE && o->has_next)
		e = attempt_next(ret, (struct bytes){ 0 });
	else if (is_open && !attempt_is_last(op, m, v))
		e = attempt_again(op, m, v);
	else {
		e = v->outcome == OUTCOME_DONE
			? submission_voided(op, &s->order, v->sentence)
			: submission_void_refused(op, &s->order, v->sentence);
		return e != OK ? e : subject_settle(op, m, s, v->outcome, v->sentence);
	}
	return e != OK ? e : order_save(op, &s->order);
}

/*
 * A void may be repeated, so what is not known is simply asked again, until it is time to call
 * staff.
 */
enum err
void_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	struct pos_outcome o;
	struct pos_task task;
	struct subject s;
	enum err e = subject_load_answered(op, m, &s);

	(void)p;
	ret->outcome = OUTCOME_UNSURE;
	if (e != OK)
		return e;
	if (!s.has_order)
		return outbox_finish(op, m, OUTCOME_UNSURE, "The order is gone");
	if (s.connection.adapter == NULL)
		return void_impossible(op, m, &s, s.gone);
	task = subject_task(op, &s);
	o = attempt_heard(op, s.connection.adapter, POS_CANCEL, &task, r);
	e = login_review(op, &s.connection, m, &o.verdict);
	if (e != OK)
		return e;
	ret->outcome = o.verdict.outcome;
	return void_apply(op, m, &s, &o, ret);
}
