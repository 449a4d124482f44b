/* Orders to the POS, in as many steps as it takes: pos_submit. */
#include <string.h>

#include "config/config.h"
#include "db/db.h"
#include "inbox/inbox.h"
#include "op/crash.h"
#include "op/op.h"
#include "order/order.h"
#include "order/submission.h"
#include "provider/amendment.h"
#include "provider/discrepancy.h"
#include "provider/handler.h"
#include "provider/login.h"
#include "provider/subject.h"

/* A repeat that resolves a doubt need not wait as long as one that hopes for better weather. */
#define DOUBT_PAUSE_MAX_US (INT64_C(5) * 1000000)
/* What is kept of an answer; the rest says nothing new. */
#define RESPONSE_MAX ((size_t)64 * 1024)

/*
 * The URL by which the POS reports on this order. The token is a secret and stands in it by name.
 */
static const char *
callback_url(struct op *op, const struct provider *p, const struct connection *c)
{
	const char *base = c->integration.webhook_base_url != NULL ? c->integration.webhook_base_url
								   : p->config->webhook_base_url;

	return arena_printf(op->arena, "%s/pp_callback/%s/?k=%s", base, c->restaurant.slug,
	    call_secret(op->arena, SUBJECT_CALLBACK_TOKEN));
}

static void
secret_allow(struct op *op, struct http_call *call, const char *name)
{
	const char **names = arena_array(op->arena, call->secrets_n + 1, sizeof *names);

	for (size_t i = 0; i < call->secrets_n; i++)
		names[i] = call->secrets[i];
	names[call->secrets_n] = name;
	call->secrets = names;
	call->secrets_n++;
}

static const char *
reference_of(struct op *op, const struct order_axes *x)
{
	return subject_reference(op, x, x->submission_no);
}

struct intent_row {
	struct bytes pos_request;
};
static const struct db_col intent_cols[] = { COL_BYTES(struct intent_row, pos_request) };
static const struct db_shape intent_shape = DB_SHAPE(struct intent_row, intent_cols);

/* *ret_has false: nothing is stored of it that can be read. */
static enum err
intent_find(struct op *op, const struct order_axes *x, struct http_call *ret, bool *ret_has)
{
	struct intent_row row;
	enum err e = db_one(op, STMT_order_intent,
	    DB_ARGS(DB_I64("id", x->id), DB_I64("restaurant_id", x->restaurant_id)), &intent_shape,
	    &row);

	*ret_has = e == OK && call_load(op->arena, row.pos_request, ret);
	return e == ERR_NO_ROW ? OK : e;
}

static enum err
intent_load(struct op *op, const struct order_axes *x, struct http_call *ret)
{
	bool has;
	enum err e = intent_find(op, x, ret, &has);

	return e != OK || has
		   ? e
		   : fail(op, ERR_INTERNAL_ERROR, "The stored request of an order is unreadable");
}

/*
 * Nothing may be sent: that is a refusal before the first byte. Of a step that follows others it is
 * not known what these have come to.
 */
static enum err
refuse_unsent(struct op *op, const struct message *m, struct subject *s, enum cause cause,
    const char *why)
{
	struct order_axes *x = &s->order;
	bool go;
	enum err e = submission_begin(
	    op, x, &s->connection.terms, reference_of(op, x), (struct bytes){ 0 }, &go);

	x->pos_cause = cause_name(cause);
	if (e == OK && go)
		e = submission_refused(op, x, &s->connection.terms, why);
	else if (e == OK)
		e = submission_unsure(op, x, &s->connection.terms, false, why);
	return e != OK ? e : subject_settle(op, m, s, OUTCOME_REFUSED, why);
}

/* The order has ended by other hands, or is to end: the message has no more to do. */
static enum err
nothing_to_send(struct op *op, const struct message *m)
{
	return outbox_finish(op, m, OUTCOME_DONE, "Nothing is left to send");
}

/*
 * Staff have carried it to its end while it waited to be sent: it is not there and will not be, and
 * nothing may wait for it.
 */
static enum err
submit_too_late(struct op *op, const struct message *m, struct subject *s)
{
	static const char why[] = "The order ended before it was sent";
	bool again;
	enum err e = submission_later(
	    op, &s->order, &s->connection.terms, true, why, &again);

	return e != OK ? e : subject_settle(op, m, s, OUTCOME_REFUSED, why);
}

/*
 * A step that was put off goes out again as it did before, byte for byte, whatever has become of
 * the order meanwhile: a POS may hold a name to the bytes that first came with it. Only where it
 * goes, and the values of its secrets, are today's, so that a corrected address helps those who
 * wait. If nothing is stored of it, what was just made goes: it surely is not there.
 */
static enum err
intent_again(struct op *op, const struct order_axes *x, struct http_call *call)
{
	struct http_call stored;
	bool has;
	enum err e = intent_find(op, x, &stored, &has);

	if (e != OK || !has)
		return e;
	stored.url = call->url;
	*call = stored;
	return OK;
}

/* Before the first byte leaves, of the first step and of each that follows. */
static enum err
intent_write(struct op *op, struct subject *s, const char *reference, struct bytes request,
    bool *ret_go)
{
	struct order_axes *x = &s->order;

	if (x->pos_state != POS_submitting)
		return submission_begin(
		    op, x, &s->connection.terms, reference, request, ret_go);
	submission_go_on(op, x, &s->connection.terms, request, ret_go);
	return OK;
}

/* A step that surely has not been done: the request is made, kept, and only then sent. */
static enum err
submit_fresh(struct op *op, struct attempt *a, struct subject *s)
{
	struct order_axes *x = &s->order;
	struct connection *c = &s->connection;
	const char *reference = reference_of(op, x);
	struct pos_problems problems = c->problems;
	struct pos_task task = subject_task(op, s);
	struct order order;
	bool go;
	enum err e = order_read(op, x->restaurant_id, x->id, &order);

	if (e != OK)
		return e;
	order.pos_reference = task.reference = reference;
	task.order = &order;
	task.callback_url = callback_url(op, a->provider, c);
	if (problems.n > 0 ||
	    !c->adapter->talks[POS_CREATE].call(op->arena, &task, &a->call, &problems))
		return refuse_unsent(op, a->message, s,
		    c->problems.n > 0 ? CAUSE_CONFIG : CAUSE_PAYLOAD,
		    subject_problems(op, &problems));
	secret_allow(op, &a->call, SUBJECT_CALLBACK_TOKEN);
	if (x->has_request && x->pos_reference != NULL && strcmp(x->pos_reference, reference) == 0)
		e = intent_again(op, x, &a->call);
	if (e == OK)
		e = intent_write(op, s, reference, call_store(op->arena, &a->call), &go);
	if (e == OK)
		e = subject_secrets(op, a, s, reference);
	if (e == OK && go)
		e = discrepancy_given(op, &s->connection, &order);
	if (e == OK)
		e = order_save(op, x);
	a->is_sent = e == OK && go;
	CRASH_POINT("submit.intent_written");
	return e != OK || go ? e : submit_too_late(op, a->message, s);
}

/* The same bytes once more, to resolve a doubt where a repeat is safe. */
static enum err
submit_repeat(struct op *op, struct attempt *a, struct subject *s)
{
	struct order_axes *x = &s->order;
	bool go;
	enum err e = intent_load(op, x, &a->call);

	if (e == OK)
		e = submission_begin(op, x, &s->connection.terms, x->pos_reference,
		    (struct bytes){ 0 }, &go);
	if (e == OK)
		e = subject_secrets(op, a, s, x->pos_reference);
	if (e == OK)
		e = order_save(op, x);
	a->is_sent = e == OK && go;
	return e != OK || go ? e : nothing_to_send(op, a->message);
}

static bool
repeat_is_safe(const struct subject *s)
{
	return pos_traits_of(s->connection.config).repeat_is_safe != POS_REPEAT_NO;
}

/* The doubt stays, and no further send would resolve it: a look does, or its deadline. */
static enum err
submit_stop(struct op *op, struct attempt *a, struct subject *s, const char *why)
{
	enum err e = submission_look_soon(op, &s->order, &s->connection.terms);

	return e != OK ? e : subject_settle(op, a->message, s, OUTCOME_UNSURE, why);
}

/*
 * Of a step in doubt nothing that was learned before is forgotten, nor the bytes that were sent: it
 * may be there, and is repeated as it was.
 */
static void
progress_take(struct op *op, struct order_axes *x, const struct pos_outcome *o)
{
	if (o->progress.data != NULL && x->pos_state != POS_unsure &&
	    o->verdict.outcome != OUTCOME_UNSURE)
		submission_progress(op, x, o->progress);
}

/* What was ordered, for an adapter that reads answers by it. */
static enum err
order_for_reading(
    struct op *op, const struct subject *s, struct order *order, struct pos_task *task)
{
	enum err e;

	if (s->connection.adapter == NULL || !s->connection.adapter->reads_with_order)
		return OK;
	e = order_read(op, s->order.restaurant_id, s->order.id, order);
	if (e != OK)
		return e;
	order->pos_reference = task->reference;
	task->order = order;
	return OK;
}

/*
 * Whoever had it is gone: what it sent, if anything, is not known. That is a doubt only if the step
 * is one with an effect.
 */
static enum err
submit_lost(struct op *op, const struct message *m, struct subject *s)
{
	const char *why = call_failure_sentence(CALL_SENDER_LOST);
	struct order_axes *x = &s->order;
	struct pos_task task = subject_task(op, s);
	struct pos_outcome o = { .verdict.outcome = OUTCOME_UNSURE };
	struct order order;
	bool again;
	enum err e = order_for_reading(op, s, &order, &task);

	if (e != OK)
		return e;
	if (s->connection.adapter != NULL)
		o = s->connection.adapter->read_failure(
		    op->arena, POS_CREATE, &task, CALL_SENDER_LOST);
	if (o.verdict.outcome != OUTCOME_LATER)
		return submission_unsure(op, x, &s->connection.terms, true, why);
	progress_take(op, x, &o);
	return submission_later(
	    op, x, &s->connection.terms, outbox_is_last(op, m), why, &again);
}

/*
 * Without access nothing is sent and nothing is tried: the order stays where it is, or goes back
 * into the queue if it stood between two steps; not if it has a name there already, since what
 * follows then may follow the step that brought it there. What is in doubt has a deadline of its
 * own.
 */
static enum err
submit_wait(struct op *op, const struct message *m, struct subject *s)
{
	struct order_axes *x = &s->order;
	bool is_over = login_waited_too_long(op, m), may_be_there = x->pos_order_id != NULL;
	bool again = true;
	enum err e = OK;

	if (x->pos_state == POS_submitting && may_be_there && is_over) {
		e = submission_unsure(op, x, &s->connection.terms, false, LOGIN_WAITS);
		return e != OK ? e : subject_settle(op, m, s, OUTCOME_UNSURE, LOGIN_WAITS);
	}
	if (x->pos_state == POS_submitting && !may_be_there)
		e = submission_later(
		    op, x, &s->connection.terms, is_over, LOGIN_WAITS, &again);
	if (e != OK || !again)
		return e != OK ? e : subject_settle(op, m, s, OUTCOME_LATER, LOGIN_WAITS);
	e = order_save(op, x);
	return e != OK ? e : login_wait(op, m, &s->connection);
}

static enum err
submit_go(struct op *op, struct attempt *a, struct subject *s)
{
	bool ready = s->connection.problems.n > 0;
	enum err e = ready ? OK : login_ready(op, &s->connection, &ready);

	if (e != OK || !ready)
		return e != OK ? e : submit_wait(op, a->message, s);
	/* A step by which a doubt was to be ended, and that surely was not done, is made again. */
	return s->order.pos_state == POS_unsure && s->order.has_request ? submit_repeat(op, a, s)
									 : submit_fresh(op, a, s);
}

/*
 * It was sent, and may be there: the same once more shows it, as long as the POS knows what it was
 * sent (rule 12). After that a look shows it, or people do.
 */
static enum err
submit_doubted(struct op *op, struct attempt *a, struct subject *s)
{
	int64_t lasts_us =
	    INT64_C(1000000) * pos_traits_of(s->connection.config).repeat_lasts_s;
	int64_t first_at = TIME_NONE;
	enum err e = OK;

	if (!repeat_is_safe(s))
		return submit_stop(op, a, s, "A repeat would not be safe");
	if (lasts_us > 0)
		e = submission_first_sent(op, &s->order, &first_at);
	if (e != OK)
		return e;
	if (first_at != TIME_NONE && op->now_us >= first_at + lasts_us)
		return submit_stop(op, a, s, "The POS may have forgotten what it was sent");
	return submit_go(op, a, s);
}

static enum err
submit_begin_loaded(struct op *op, struct attempt *a, struct subject *s)
{
	const struct message *m = a->message;
	struct order_axes *x = &s->order;
	bool again;
	enum err e;

	if (s->connection.adapter == NULL)
		return x->pos_state == POS_queued || x->pos_state == POS_submitting
			   ? refuse_unsent(op, m, s, CAUSE_CONFIG, s->gone)
			   : submit_stop(op, a, s, s->gone);
	a->limits = s->connection.adapter->create_limits;
	if (x->pos_state == POS_unsure)
		return submit_doubted(op, a, s);
	if (x->pos_state == POS_queued && m->expires_at != TIME_NONE &&
	    op->now_us >= m->expires_at) {
		e = submission_later(op, x, &s->connection.terms, true,
		    "The POS could not be reached in time", &again);
		return e != OK ? e
			       : subject_settle(op, m, s, OUTCOME_LATER, "Its lifetime is over");
	}
	if (x->pos_state == POS_queued || x->pos_state == POS_submitting)
		return submit_go(op, a, s);
	e = order_save(op, x);
	return e != OK ? e : nothing_to_send(op, m);
}

enum err
submit_begin(struct op *op, struct attempt *a)
{
	const struct message *m = a->message;
	bool was_lost = m->begun_at != TIME_NONE;
	struct subject s;
	enum err e = subject_load(op, m, &s);

	if (e != OK)
		return e;
	if (!s.has_order)
		return outbox_finish(op, m, OUTCOME_REFUSED, "The order is gone");
	if (s.order.submission_no != m->subject_no)
		return outbox_finish(
		    op, m, OUTCOME_REFUSED, "A later submission has taken its place");
	if (was_lost && s.order.pos_state == POS_unsure)
		return submit_stop(op, a, &s, "The repeat was lost too");
	if (was_lost && s.order.pos_state == POS_submitting)
		e = submit_lost(op, m, &s);
	return e != OK ? e : submit_begin_loaded(op, a, &s);
}

/* Written with the order's picture. */
static void
response_keep(struct order_axes *x, const struct provider_result *r)
{
	size_t len = r->reply.body.len < RESPONSE_MAX ? r->reply.body.len : RESPONSE_MAX;

	if (r->has_reply)
		x->pos_response = (struct bytes){
			r->reply.body.data != NULL ? r->reply.body.data : "", len };
}

/* Nothing more is sent. */
static enum err
submit_over(struct op *op, const struct message *m, const struct subject *s, enum outcome outcome,
    const char *sentence)
{
	enum err e = submission_look_soon(op, &s->order, &s->connection.terms);

	return e != OK ? e : outbox_finish(op, m, outcome, sentence);
}

static enum err
submit_unsure(struct op *op, const struct message *m, struct subject *s, const struct verdict *v)
{
	bool is_first = s->order.pos_state == POS_submitting;
	int64_t pause = outbox_pause(op, m, v->retry_after_s);
	enum err e =
	    submission_unsure(op, &s->order, &s->connection.terms, false, v->sentence);

	if (e != OK)
		return e;
	if (!is_first || !repeat_is_safe(s))
		return submit_over(op, m, s, OUTCOME_UNSURE, v->sentence);
	return outbox_later(
	    op, m, pause < DOUBT_PAUSE_MAX_US ? pause : DOUBT_PAUSE_MAX_US, v->sentence);
}

static enum err
submit_later(struct op *op, const struct message *m, struct subject *s, const struct verdict *v)
{
	bool again;
	enum err e = submission_later(op, &s->order, &s->connection.terms,
	    attempt_is_last(op, m, v), v->sentence, &again);

	if (e != OK)
		return e;
	return again ? attempt_again(op, m, v)
		     : submit_over(op, m, s, OUTCOME_LATER, v->sentence);
}

/* This step is done, and the next follows at once; unless others have decided meanwhile. */
static enum err
submit_next(struct op *op, const struct message *m, struct subject *s, const struct pos_outcome *o,
    struct provider_ending *ret)
{
	struct order_axes *x = &s->order;
	bool goes_on = false;
	enum err e = submission_stepped(op, x, o->pos_order_id, o->verdict.sentence, &goes_on);

	if (e != OK)
		return e;
	submission_progress(op, x, o->progress);
	return goes_on ? attempt_next(ret, (struct bytes){ 0 })
		       : outbox_finish(op, m, OUTCOME_DONE, o->verdict.sentence);
}

static enum err
submit_done(struct op *op, struct subject *s, const struct pos_outcome *o)
{
	struct order_axes *x = &s->order;
	enum err e = submission_done(op, x, &s->connection.terms, o->pos_order_id,
	    o->estimated_ready_time, o->verdict.sentence);

	if (o->progress.data != NULL)
		x->pos_progress = o->progress;
	if (e == OK)
		e = amendment_first(op, x, o->contents);
	if (e == OK)
		e = discrepancy_total(op, x);
	/* Events that name the POS's own id may have overtaken this answer. */
	if (e == OK && x->pos_order_id != NULL)
		e = inbox_unpark(
		    op, x->restaurant_id, s->connection.adapter->name, x->pos_order_id);
	return e;
}

static enum err
submit_apply(struct op *op, const struct message *m, struct subject *s,
    const struct pos_outcome *o, struct provider_ending *ret)
{
	struct order_axes *x = &s->order;
	enum err e;

	if (o->total_minor >= 0)
		x->pos_total_minor = o->total_minor;
	if (o->verdict.outcome == OUTCOME_DONE && o->has_next)
		return submit_next(op, m, s, o, ret);
	if (o->verdict.outcome != OUTCOME_DONE) {
		/* Of one that is there by now nothing of this stands in the way. */
		if (x->pos_state != POS_accepted)
			x->pos_cause = cause_name(o->verdict.cause);
		progress_take(op, x, o);
	}
	switch (o->verdict.outcome) {
	case OUTCOME_DONE:
		e = submit_done(op, s, o);
		break;
	case OUTCOME_REFUSED:
		/* From unsure this changes nothing: it does not speak for the earlier send. */
		e = submission_refused(op, x, &s->connection.terms, o->verdict.sentence);
		break;
	case OUTCOME_LATER:
		return submit_later(op, m, s, &o->verdict);
	default:
		return submit_unsure(op, m, s, &o->verdict);
	}
	return e != OK ? e : outbox_finish(op, m, o->verdict.outcome, o->verdict.sentence);
}

/*
 * The answer comes when people have decided already that the order is not there: it moves nothing,
 * least of all a submission that is not its own, but a yes is worth a look.
 */
static enum err
submit_past(struct op *op, const struct message *m, const struct order_axes *x,
    const struct pos_outcome *o)
{
	const struct verdict *v = &o->verdict;
	enum err e = v->outcome == OUTCOME_DONE && !o->has_next
			 ? submission_late_yes(op, x, v->sentence)
			 : OK;

	return e != OK ? e : outbox_finish(op, m, v->outcome, v->sentence);
}

static enum err
submit_orphan(struct op *op, const struct message *m, struct subject *s)
{
	enum err e = submission_unsure(op, &s->order, &s->connection.terms, false, s->gone);

	return e != OK ? e : subject_settle(op, m, s, OUTCOME_UNSURE, s->gone);
}

enum err
submit_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	struct pos_outcome o;
	struct pos_task task;
	struct subject s;
	struct order order;
	enum err e = subject_load_answered(op, m, &s);

	(void)p;
	if (e != OK)
		return e;
	ret->outcome = OUTCOME_UNSURE;
	if (!s.has_order)
		return outbox_finish(op, m, OUTCOME_UNSURE, "The order is gone");
	if (s.connection.adapter == NULL)
		return submit_orphan(op, m, &s);
	task = subject_task(op, &s);
	e = order_for_reading(op, &s, &order, &task);
	if (e != OK)
		return e;
	o = attempt_heard(op, s.connection.adapter, POS_CREATE, &task, r);
	CRASH_POINT("submit.before_outcome");
	ret->outcome = o.verdict.outcome;
	if (submission_is_past(&s.order, m->subject_no))
		return submit_past(op, m, &s.order, &o);
	e = login_review(op, &s.connection, m, &o.verdict);
	if (e != OK)
		return e;
	ret->outcome = o.verdict.outcome;
	response_keep(&s.order, r);
	e = submit_apply(op, m, &s, &o, ret);
	return e != OK ? e : order_save(op, &s.order);
}

/*
 * Whoever sent it died of it: what was under way is in doubt, what was not is surely not at the
 * POS.
 */
enum err
submit_dead(struct op *op, const struct message *m, const char *why)
{
	struct subject s;
	bool again;
	enum err e = subject_load(op, m, &s);

	if (e != OK || !s.has_order || s.order.submission_no != m->subject_no)
		return e;
	e = s.order.pos_state == POS_queued
		? submission_later(op, &s.order, &s.connection.terms, true, why, &again)
		: submission_unsure(op, &s.order, &s.connection.terms, true, why);
	return e != OK ? e : order_save(op, &s.order);
}
