/*
 * Looking at what the POS knows of an order: pos_look, again and again as long as that may change;
 * pos_hint, once, because the POS said that something did, or a few times because an order may be
 * there and nothing but a look could show it before all that was sent has settled; and pos_watch,
 * for hours, by the name of a submission that was in doubt and counted as not there.
 */
#include <string.h>

#include "config/config.h"
#include "db/db.h"
#include "inbox/inbox.h"
#include "op/crash.h"
#include "op/op.h"
#include "order/submission.h"
#include "provider/amendment.h"
#include "provider/connect.h"
#include "provider/discrepancy.h"
#include "provider/handler.h"
#include "provider/login.h"
#include "provider/report.h"
#include "provider/subject.h"

#define SECOND_US (INT64_C(1) * 1000000)
/* While it is in doubt or without a name: soon, then less and less often. */
#define DOUBT_PAUSE_FIRST_US (INT64_C(2) * SECOND_US)
#define DOUBT_PAUSE_MAX_US (INT64_C(60) * SECOND_US)
/* An open order: as often as its POS is polled, and after so many polls a quarter as often. */
#define POLLS_OFTEN 30
#define POLL_SELDOM 4
/* Nobody cooks for so long: what is still open then has been forgotten. */
#define POLL_OVER_US (INT64_C(12) * 3600 * SECOND_US)
#define HINT_PAUSE_US (INT64_C(1) * SECOND_US)
#define WATCH_PAUSE_US (INT64_C(300) * SECOND_US)
/* So many looks in a row that came to nothing are news: some minutes, at the pace of polls. */
#define UNSEEN_LOOKS 5

/* It is to be taken off there, and we know no name of it that the POS could be told. */
static bool
is_unnamed(const struct order_axes *x)
{
	return x->pos_state == POS_accepted && x->cancel_wanted != NULL && x->pos_order_id == NULL;
}

/* Is there anything that looking could tell? */
static bool
is_wanted(const struct op *op, const struct message *m, const struct order_axes *x)
{
	if (m->kind == MESSAGE_pos_watch)
		return op->now_us < m->created_at + SUBMISSION_WATCH_US;
	if (x->submission_no != m->subject_no)
		return false;
	switch (x->pos_state) {
	case POS_unsure:
	case POS_manual:
		return op->now_us < m->created_at + POLL_OVER_US;
	case POS_accepted:
		if (is_unnamed(x))
			return op->now_us < m->created_at + POLL_OVER_US;
		return !status_is_end(x->status) && x->cancel_wanted == NULL &&
		       !(x->by_hand && x->settled_at == TIME_NONE) &&
		       op->now_us < m->created_at + POLL_OVER_US;
	case POS_failed:
		return m->kind == MESSAGE_pos_hint;
	case POS_submitting:
	case POS_not_required:
	case POS_queued:
	case POS__MAX:
		break;
	}
	return false;
}

static struct pos_task
task_of(struct op *op, const struct message *m, const struct subject *s)
{
	struct pos_task task = subject_task(op, s);

	task.progress = m->payload;
	if (m->kind == MESSAGE_pos_watch) {
		task.reference = subject_reference(op, &s->order, m->subject_no);
		task.pos_order_id = NULL;
	}
	return task;
}

/* Nothing is heard of it any more: what the kitchen does with it staff must see themselves. */
static enum err
look_elsewhere(struct op *op, const struct message *m, struct subject *s)
{
	enum err e = m->kind == MESSAGE_pos_look && s->order.pos_state == POS_accepted
			 ? submission_unfinished(op, &s->order, cause_name(CAUSE_CONFIG), s->gone)
			 : OK;

	return e != OK ? e : subject_settle(op, m, s, OUTCOME_REFUSED, s->gone);
}

enum err
look_begin(struct op *op, struct attempt *a)
{
	const struct message *m = a->message;
	struct pos_problems problems = { 0 };
	struct subject s;
	struct pos_task task;
	bool ready;
	enum err e = subject_load(op, m, &s);

	if (e != OK)
		return e;
	/* A hint overtakes the answer, and perhaps steps that are to follow: they come first. */
	if (m->kind == MESSAGE_pos_hint && s.has_order && s.order.pos_state == POS_submitting)
		return outbox_later(op, m, HINT_PAUSE_US, "It is being sent");
	if (s.has_order && s.gone != NULL && is_wanted(op, m, &s.order))
		return look_elsewhere(op, m, &s);
	if (!s.has_order || s.connection.adapter == NULL ||
	    !pos_can(s.connection.adapter, POS_LOOK) || !is_wanted(op, m, &s.order))
		return outbox_finish(op, m, OUTCOME_DONE, "There is nothing to look for");
	if (m->kind == MESSAGE_pos_look && s.order.settled_at > op->now_us &&
	    (s.order.pos_state == POS_unsure ||
		(is_unnamed(&s.order) && s.connection.terms.absence_counts)))
		return outbox_later(op, m, s.order.settled_at - op->now_us, "Not settled yet");
	e = login_ready(op, &s.connection, &ready);
	if (e == OK && !ready && login_waited_too_long(op, m))
		return outbox_finish(op, m, OUTCOME_LATER, LOGIN_WAITS);
	if (e != OK || !ready)
		return e != OK ? e : login_wait(op, m, &s.connection);
	task = task_of(op, m, &s);
	if (s.connection.problems.n > 0 ||
	    !s.connection.adapter->talks[POS_LOOK].call(op->arena, &task, &a->call, &problems))
		return outbox_finish(op, m, OUTCOME_REFUSED, "It can not be looked for");
	a->limits = s.connection.adapter->ask_limits;
	e = subject_secrets(op, a, &s, task.reference);
	a->is_sent = e == OK;
	return e;
}

/*
 * How long until the next look: by how long it has been looked for, since a look of several steps
 * counts each of them as an attempt of its own.
 */
static int64_t
look_pause(const struct op *op, const struct message *m, const struct subject *s)
{
	int64_t poll = s->connection.terms.poll_us, settled_at = s->order.settled_at;
	bool is_settled_since = settled_at > m->created_at && settled_at <= op->now_us;
	int64_t age = op->now_us - (is_settled_since ? settled_at : m->created_at);

	if (m->kind == MESSAGE_pos_watch)
		return WATCH_PAUSE_US;
	if (s->order.pos_state == POS_accepted && s->order.pos_order_id != NULL && poll > 0)
		return age < poll * POLLS_OFTEN ? poll : poll * POLL_SELDOM;
	return age < DOUBT_PAUSE_FIRST_US ? DOUBT_PAUSE_FIRST_US
	       : age < DOUBT_PAUSE_MAX_US ? age
					  : DOUBT_PAUSE_MAX_US;
}

struct count_row {
	int64_t n;
};
static const struct db_col count_cols[] = { COL_I64(struct count_row, n) };
static const struct db_shape count_shape = DB_SHAPE(struct count_row, count_cols);

/* It is not there. Was this the last time that it is sent again for that? */
static enum err
absent(struct op *op, struct subject *s, const char *reason)
{
	struct count_row row = { 0 };
	enum err e = db_one(
	    op, STMT_order_absences, DB_ARGS(DB_I64("order_id", s->order.id)), &count_shape, &row);

	return e != OK ? e
		       : submission_absent(op, &s->order, &s->connection.terms,
			     row.n + 1 >= op->config->attempts * s->order.submission_no, reason);
}

static bool
is_gone(const char *status)
{
	return status != NULL &&
	       (strcmp(status, "cancelled") == 0 || strcmp(status, "rejected") == 0);
}

/*
 * It is there. One that the POS itself counts as over is there only for an order that was: for one
 * that never came to be it is no proof of a ticket.
 */
static enum err
present(struct op *op, struct subject *s, const struct pos_outcome *o)
{
	struct pos_event event = pos_event_of(POS_EVENT_ORDER);
	const struct report report = { .connection = &s->connection,
		.event = &event,
		.received_at = op->now_us,
		.seen = "A look at the POS shows it" };
	bool had_id = s->order.pos_order_id != NULL;
	int64_t total_before = s->order.pos_total_minor;
	struct reported came;
	enum err e;

	if (is_gone(o->status) && s->order.pos_state == POS_failed)
		return OK;
	event.pos_order_id = o->pos_order_id;
	event.code = event.status = o->status;
	event.ready_at = o->estimated_ready_time;
	if (o->total_minor >= 0)
		s->order.pos_total_minor = o->total_minor;
	e = report_apply(op, &s->order, &report, &came);
	if (e == OK && !is_gone(o->status) && !status_is_end(s->order.status))
		e = amendment_seen(op, &s->order, o->contents, total_before);
	/* Where the answer was lost that would have said it. */
	if (e == OK && total_before < 0)
		e = discrepancy_total(op, &s->order);
	if (e == OK && o->other_id != NULL)
		e = submission_twice(op, &s->order, o->other_id);
	/* Events that name the POS's own id may have waited for it. */
	if (e == OK && !had_id && s->order.pos_order_id != NULL)
		e = inbox_unpark(op, s->order.restaurant_id, s->connection.adapter->name,
		    s->order.pos_order_id);
	return e;
}

/*
 * Did the look begin when nothing that was sent could still take effect? look_begin() has seen to
 * it, and whoever has sent something since has put settled_at ahead of now by more than a look
 * takes.
 */
static bool
is_after_settling(const struct op *op, const struct message *m, const struct order_axes *x)
{
	return m->kind == MESSAGE_pos_look && x->settled_at != TIME_NONE &&
	       x->settled_at <= op->now_us;
}

/*
 * Something of that name is there after all. It is the order, if that has no other one there; else
 * people must take it off.
 */
static enum err
watched(struct op *op, const struct message *m, struct subject *s, const struct pos_outcome *o)
{
	const struct order_axes *x = &s->order;
	bool is_now = x->submission_no == m->subject_no;

	if (o->presence != POS_PRESENT || is_gone(o->status))
		return OK;
	if (is_now && (x->pos_state == POS_queued || x->pos_state == POS_submitting))
		return OK; /* whether there are two will be seen */
	if (is_now && !x->by_hand &&
	    (x->pos_order_id == NULL || o->pos_order_id == NULL ||
		strcmp(x->pos_order_id, o->pos_order_id) == 0))
		return present(op, s, o);
	return submission_twice(op, x, o->pos_order_id);
}

/* It was to be taken off there, and is not there: that is as good, and is watched. */
static enum err
unnamed_absent(struct op *op, struct subject *s, const char *reason)
{
	enum err e = submission_watch(op, &s->order, &s->connection.terms);

	return e != OK ? e : submission_voided(op, &s->order, reason);
}

static enum err
found(struct op *op, const struct message *m, struct subject *s, const struct pos_outcome *o)
{
	if (m->kind == MESSAGE_pos_watch)
		return watched(op, m, s, o);
	if (!is_wanted(op, m, &s->order))
		return OK;
	if (o->presence == POS_PRESENT)
		return present(op, s, o);
	/* Nor is it known any more where it was looked for, if the restaurant is elsewhere now. */
	if (o->presence != POS_ABSENT || !s->connection.terms.absence_counts || s->gone != NULL ||
	    !is_after_settling(op, m, &s->order))
		return OK;
	if (s->order.pos_state == POS_unsure)
		return absent(op, s, o->verdict.sentence);
	return is_unnamed(&s->order) ? unnamed_absent(op, s, o->verdict.sentence) : OK;
}

/* The order goes on there, and nobody hears how. */
static enum err
unseen(struct op *op, const struct message *m, const struct subject *s, const struct verdict *v)
{
	bool is_open = v->outcome == OUTCOME_LATER || v->outcome == OUTCOME_UNSURE;

	if (!is_open || m->kind != MESSAGE_pos_look || m->attempts + 1 != UNSEEN_LOOKS ||
	    s->order.pos_state != POS_accepted || !is_wanted(op, m, &s->order))
		return OK;
	return submission_unseen(op, &s->order, v->sentence);
}

/*
 * In doubt, and nothing is sent that could end it; a look may show that it is there, and not yet
 * that it is not.
 */
static bool
is_early(const struct op *op, const struct message *m, const struct subject *s)
{
	return m->kind == MESSAGE_pos_hint && s->order.pos_state == POS_unsure &&
	       s->gone == NULL && s->order.settled_at > op->now_us &&
	       is_wanted(op, m, &s->order);
}

/* Once more later, or not at all. */
static enum err
look_over(struct op *op, const struct message *m, const struct subject *s, const struct verdict *v)
{
	bool is_once = m->kind == MESSAGE_pos_hint && !is_early(op, m, s), has_another = false;
	bool again = is_once ? v->outcome != OUTCOME_DONE && v->outcome != OUTCOME_REFUSED &&
				   !outbox_is_last(op, m)
			     : is_wanted(op, m, &s->order);
	int64_t pause = is_once ? outbox_pause(op, m, v->retry_after_s) : look_pause(op, m, s);
	enum err e = again && !is_once ? outbox_has_another(op, m, &has_another) : OK;

	if (e != OK)
		return e;
	if (!again || has_another)
		return outbox_finish(op, m, v->outcome, v->sentence);
	if (pause < v->retry_after_s * SECOND_US)
		pause = v->retry_after_s * SECOND_US;
	/* Only one that was put off goes on from the page that it has come to. */
	return v->outcome == OUTCOME_DONE || v->outcome == OUTCOME_REFUSED
		   ? outbox_anew(op, m, pause, v->sentence)
		   : outbox_later(op, m, pause, v->sentence);
}

enum err
look_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	struct pos_outcome o;
	struct pos_task task;
	struct subject s;
	enum err e = subject_load_answered(op, m, &s);

	(void)p;
	ret->outcome = OUTCOME_REFUSED;
	if (e != OK)
		return e;
	if (!s.has_order || s.connection.adapter == NULL)
		return outbox_finish(op, m, OUTCOME_REFUSED, "The order or its POS is gone");
	task = task_of(op, m, &s);
	o = attempt_heard(op, s.connection.adapter, POS_LOOK, &task, r);
	e = login_review(op, &s.connection, m, &o.verdict);
	if (e != OK)
		return e;
	ret->outcome = o.verdict.outcome;
	if (o.verdict.outcome == OUTCOME_DONE && o.has_next)
		return attempt_next(ret, o.progress);
	if (o.verdict.outcome == OUTCOME_DONE)
		e = found(op, m, &s, &o);
	if (e == OK)
		e = unseen(op, m, &s, &o.verdict);
	CRASH_POINT("look.before_save");
	if (e == OK)
		e = order_save(op, &s.order);
	return e != OK ? e : look_over(op, m, &s, &o.verdict);
}
