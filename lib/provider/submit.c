/* Orders to the POS, and off it again: pos_submit and pos_void. */
#include <string.h>

#include "config/config.h"
#include "db/db.h"
#include "inbox/inbox.h"
#include "op/crash.h"
#include "op/op.h"
#include "order/order.h"
#include "order/submission.h"
#include "provider/connect.h"
#include "provider/handler.h"

#define CALLBACK_TOKEN "callback_token"
/* A repeat that resolves a doubt need not wait as long as one that hopes for better weather. */
#define DOUBT_PAUSE_MAX_US (INT64_C(5) * 1000000)
/* What is kept of an answer; the rest says nothing new. */
#define RESPONSE_MAX ((size_t)64 * 1024)

/*
 * What both messages begin with. *ret_order false: the order is gone; c->adapter NULL: its
 * restaurant's POS is.
 */
static enum err
submission_load(struct op *op, const struct message *m, struct order_axes *x, struct connection *c,
    bool *ret_order)
{
	enum err e = order_lock(op, m->restaurant_id, m->subject_id, x);

	*c = (struct connection){ .adapter = NULL };
	*ret_order = e == OK;
	if (e == OK)
		e = connection_of(op, m->restaurant_id, c);
	return e == ERR_NO_ROW ? OK : e;
}

/*
 * The order's picture is written and its message finished: what every way out of a handler ends
 * with.
 */
static enum err
settled(struct op *op, const struct message *m, struct order_axes *x, enum outcome outcome,
    const char *why)
{
	enum err e = order_save(op, x);

	return e != OK ? e : outbox_finish(op, m, outcome, why);
}

static struct pos_task
task_of(const struct op *op, const struct connection *c, const struct order_axes *x)
{
	return (struct pos_task){ .config = c->config,
		.reference = x->pos_reference,
		.pos_order_id = x->pos_order_id,
		.now = op->now_us,
		.since = TIME_NONE };
}

/*
 * The URL by which the POS reports on this order. The token is a secret and stands in it by name.
 */
static const char *
callback_url(struct op *op, const struct provider *p, const struct connection *c)
{
	const char *base = c->integration.webhook_base_url != NULL ? c->integration.webhook_base_url
								   : p->config->webhook_base_url;

	return arena_printf(op->arena, "%s/pp_callback/%s/?k=%s", base, c->restaurant.slug,
	    call_secret(op->arena, CALLBACK_TOKEN));
}

/* The credentials, and the order's own callback token among them. */
static enum err
secrets_load(struct op *op, struct attempt *a, const struct connection *c, const char *reference)
{
	struct named_secret *stored, *all;
	struct bytes *keys;
	size_t n, keys_n;
	enum err e = integration_secrets_open(op, &a->provider->keys, &c->integration, &stored, &n);

	if (e == OK)
		e = webhook_secrets_open(
		    op, &a->provider->keys, &c->integration, WEBHOOK_CALLBACK, &keys, &keys_n);
	if (e != OK)
		return e;
	if (keys_n == 0)
		return fail(op, ERR_INTERNAL_ERROR, "The integration has no callback key");
	all = arena_array(op->arena, n + 1, sizeof *all);
	memcpy(all, stored, n * sizeof *all);
	all[n] = (struct named_secret){ .name = CALLBACK_TOKEN,
		.value = callback_token(op->arena, keys[0], c->restaurant.id, reference) };
	a->secrets = all;
	a->secrets_n = n + 1;
	return OK;
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

/*
 * The first submission is the order's number; a later one, of an order that was refused, is another
 * name: "-2".
 */
static const char *
reference_of(struct op *op, const struct order_axes *x)
{
	if (x->submission_no <= 1)
		return x->order_number;
	return arena_printf(op->arena, "%s-%lld", x->order_number, (long long)x->submission_no);
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

static const char *
problems_sentence(struct op *op, const struct pos_problems *p)
{
	const char *all = "";

	for (size_t i = 0; i < p->n && i < 5; i++)
		all = arena_printf(op->arena, "%s%s%s %s", all, i == 0 ? "" : "; ", p->v[i].field,
		    p->v[i].sentence);
	return all;
}

/* Nothing may be sent: that is a refusal before the first byte. */
static enum err
refuse_unsent(struct op *op, const struct message *m, struct order_axes *x,
    const struct submission_terms *terms, const char *why)
{
	bool go;
	enum err e = submission_begin(op, x, terms, reference_of(op, x), (struct bytes){ 0 }, &go);

	if (e == OK && go)
		e = submission_refused(op, x, why);
	return e != OK ? e : settled(op, m, x, OUTCOME_REFUSED, why);
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
submit_too_late(struct op *op, const struct message *m, struct order_axes *x)
{
	static const char why[] = "The order ended before it was sent";
	bool again;
	enum err e = submission_later(op, x, true, why, &again);

	return e != OK ? e : settled(op, m, x, OUTCOME_REFUSED, why);
}

/*
 * A submission that was put off goes out again as it did before, byte for byte, whatever has become
 * of the order meanwhile: a POS may hold a name to the bytes that first came with it. Only where it
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

/* A submission that surely is not there: the request is made, kept, and only then sent. */
static enum err
submit_fresh(struct op *op, struct attempt *a, struct order_axes *x, struct connection *c)
{
	const char *reference = reference_of(op, x);
	struct pos_problems problems = c->problems;
	struct pos_task task = task_of(op, c, x);
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
		return refuse_unsent(
		    op, a->message, x, &c->terms, problems_sentence(op, &problems));
	secret_allow(op, &a->call, CALLBACK_TOKEN);
	if (x->pos_reference != NULL && strcmp(x->pos_reference, reference) == 0)
		e = intent_again(op, x, &a->call);
	if (e == OK)
		e = submission_begin(
		    op, x, &c->terms, reference, call_store(op->arena, &a->call), &go);
	if (e == OK)
		e = secrets_load(op, a, c, reference);
	if (e == OK)
		e = order_save(op, x);
	a->is_sent = e == OK && go;
	CRASH_POINT("submit.intent_written");
	return e != OK || go ? e : submit_too_late(op, a->message, x);
}

/* The same bytes once more, to resolve a doubt where a repeat is safe. */
static enum err
submit_repeat(struct op *op, struct attempt *a, struct order_axes *x, struct connection *c)
{
	bool go;
	enum err e = intent_load(op, x, &a->call);

	if (e == OK)
		e = submission_begin(op, x, &c->terms, x->pos_reference, (struct bytes){ 0 }, &go);
	if (e == OK)
		e = secrets_load(op, a, c, x->pos_reference);
	if (e == OK)
		e = order_save(op, x);
	a->is_sent = e == OK && go;
	return e != OK || go ? e : nothing_to_send(op, a->message);
}

/* The doubt stays, and no further send would resolve it: its deadline hands it to staff. */
static enum err
submit_stop(struct op *op, struct attempt *a, struct order_axes *x, const char *why)
{
	return settled(op, a->message, x, OUTCOME_UNSURE, why);
}

enum err
submit_begin(struct op *op, struct attempt *a)
{
	const struct message *m = a->message;
	bool was_lost = m->begun_at != TIME_NONE, has_order, again;
	struct connection c;
	struct order_axes x;
	enum err e = submission_load(op, m, &x, &c, &has_order);

	if (e != OK)
		return e;
	if (!has_order)
		return outbox_finish(op, m, OUTCOME_REFUSED, "The order is gone");
	if (x.submission_no != m->subject_no)
		return outbox_finish(
		    op, m, OUTCOME_REFUSED, "A later submission has taken its place");
	if (was_lost && x.pos_state == POS_unsure)
		return submit_stop(op, a, &x, "The repeat was lost too");
	if (x.pos_state == POS_submitting) {
		/* Whoever had it is gone: what it sent, if anything, is not known. */
		e = submission_unsure(
		    op, &x, &c.terms, true, call_failure_sentence(CALL_SENDER_LOST));
		if (e != OK)
			return e;
	}
	if (c.adapter == NULL)
		return x.pos_state == POS_queued
			   ? refuse_unsent(
				 op, m, &x, &c.terms, "the restaurant has no POS any more")
			   : submit_stop(op, a, &x, "The restaurant has no POS any more");
	a->limits = c.adapter->create_limits;
	if (x.pos_state == POS_unsure)
		return c.adapter->traits.repeat_is_safe == POS_REPEAT_NO
			   ? submit_stop(op, a, &x, "A repeat would not be safe")
			   : submit_repeat(op, a, &x, &c);
	if (x.pos_state == POS_queued && m->expires_at != TIME_NONE &&
	    op->now_us >= m->expires_at) {
		e = submission_later(op, &x, true, "The POS could not be reached in time", &again);
		return e != OK ? e : settled(op, m, &x, OUTCOME_LATER, "Its lifetime is over");
	}
	if (x.pos_state == POS_queued)
		return submit_fresh(op, a, &x, &c);
	return nothing_to_send(op, m);
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

static enum err
submit_unsure(struct op *op, const struct message *m, struct order_axes *x,
    const struct connection *c, const struct verdict *v)
{
	bool is_first = x->pos_state == POS_submitting;
	int64_t pause = outbox_pause(op, m, v->retry_after_s);
	enum err e = submission_unsure(op, x, &c->terms, false, v->sentence);

	if (e != OK)
		return e;
	if (!is_first || c->adapter->traits.repeat_is_safe == POS_REPEAT_NO)
		return outbox_finish(op, m, OUTCOME_UNSURE, v->sentence);
	return outbox_later(
	    op, m, pause < DOUBT_PAUSE_MAX_US ? pause : DOUBT_PAUSE_MAX_US, v->sentence);
}

static enum err
submit_later(struct op *op, const struct message *m, struct order_axes *x, const struct verdict *v)
{
	bool again;
	enum err e = submission_later(op, x, outbox_is_last(op, m), v->sentence, &again);

	if (e != OK)
		return e;
	return again ? outbox_later(op, m, outbox_pause(op, m, v->retry_after_s), v->sentence)
		     : outbox_finish(op, m, OUTCOME_LATER, v->sentence);
}

static enum err
submit_apply(struct op *op, const struct message *m, struct order_axes *x,
    const struct connection *c, const struct pos_outcome *o)
{
	enum err e;

	switch (o->verdict.outcome) {
	case OUTCOME_DONE:
		e = submission_done(op, x, &c->terms, o->pos_order_id, o->estimated_ready_time,
		    o->verdict.sentence);
		/* Events that name the POS's own id may have overtaken this answer. */
		if (e == OK && x->pos_order_id != NULL)
			e = inbox_unpark(op, x->restaurant_id, c->adapter->name, x->pos_order_id);
		break;
	case OUTCOME_REFUSED:
		/* From unsure this changes nothing: it does not speak for the earlier send. */
		e = submission_refused(op, x, o->verdict.sentence);
		break;
	case OUTCOME_LATER:
		return submit_later(op, m, x, &o->verdict);
	default:
		return submit_unsure(op, m, x, c, &o->verdict);
	}
	return e != OK ? e : outbox_finish(op, m, o->verdict.outcome, o->verdict.sentence);
}

/*
 * The answer comes when people have decided already that the order is not there: it moves nothing,
 * least of all a submission that is not its own, but a yes is worth a look.
 */
static enum err
submit_past(
    struct op *op, const struct message *m, const struct order_axes *x, const struct verdict *v)
{
	enum err e =
	    v->outcome == OUTCOME_DONE ? submission_late_yes(op, x, v->sentence) : OK;

	return e != OK ? e : outbox_finish(op, m, v->outcome, v->sentence);
}

enum err
submit_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, enum outcome *ret_outcome)
{
	struct pos_task task;
	struct pos_outcome o;
	struct connection c;
	struct order_axes x;
	bool has_order;
	enum err e = submission_load(op, m, &x, &c, &has_order);

	(void)p;
	if (e != OK)
		return e;
	if (!has_order)
		return outbox_finish(op, m, *ret_outcome = OUTCOME_UNSURE, "The order is gone");
	if (c.adapter == NULL) {
		*ret_outcome = OUTCOME_UNSURE;
		e = submission_unsure(
		    op, &x, &c.terms, false, "the restaurant has no POS any more");
		return e != OK ? e
			       : settled(op, m, &x, OUTCOME_UNSURE,
				     "The restaurant has no POS any more");
	}
	task = task_of(op, &c, &x);
	o = r->has_reply ? c.adapter->talks[POS_CREATE].read(op->arena, &task, &r->reply)
			 : c.adapter->read_failure(op->arena, POS_CREATE, &task, r->failure);
	CRASH_POINT("submit.before_outcome");
	if (submission_is_past(&x, m->subject_no)) {
		*ret_outcome = o.verdict.outcome;
		return submit_past(op, m, &x, &o.verdict);
	}
	response_keep(&x, r);
	e = submit_apply(op, m, &x, &c, &o);
	if (e == OK)
		e = order_save(op, &x);
	if (e == OK)
		*ret_outcome = o.verdict.outcome;
	return e;
}

/*
 * Whoever sent it died of it: what was under way is in doubt, what was not is surely not at the
 * POS.
 */
enum err
submit_dead(struct op *op, const struct message *m, const char *why)
{
	struct connection c;
	struct order_axes x;
	bool has_order, again;
	enum err e = submission_load(op, m, &x, &c, &has_order);

	if (e != OK || !has_order || x.submission_no != m->subject_no)
		return e;
	e = x.pos_state == POS_queued ? submission_later(op, &x, true, why, &again)
				      : submission_unsure(op, &x, &c.terms, true, why);
	return e != OK ? e : order_save(op, &x);
}

enum err
void_dead(struct op *op, const struct message *m, const char *why)
{
	struct connection c;
	struct order_axes x;
	bool has_order;
	enum err e = submission_load(op, m, &x, &c, &has_order);

	if (e == OK && has_order && x.cancel_wanted != NULL)
		e = submission_void_refused(op, &x, why);
	return e != OK || !has_order ? e : order_save(op, &x);
}

static enum err
void_impossible(struct op *op, const struct message *m, struct order_axes *x, const char *why)
{
	enum err e = submission_void_refused(op, x, why);

	return e != OK ? e : settled(op, m, x, OUTCOME_REFUSED, why);
}

enum err
void_begin(struct op *op, struct attempt *a)
{
	const struct message *m = a->message;
	struct pos_problems problems = { 0 };
	struct pos_task task;
	struct connection c;
	struct order_axes x;
	struct order order;
	bool has_order;
	enum err e = submission_load(op, m, &x, &c, &has_order);

	if (e != OK)
		return e;
	if (!has_order || x.pos_state != POS_accepted || x.cancel_wanted == NULL)
		return outbox_finish(op, m, OUTCOME_DONE, "Nothing is left to cancel");
	if (c.adapter == NULL)
		return void_impossible(op, m, &x, "the restaurant has no POS any more");
	e = order_read(op, x.restaurant_id, x.id, &order);
	if (e != OK)
		return e;
	a->limits = c.adapter->create_limits;
	task = task_of(op, &c, &x);
	task.order = &order;
	task.reason = x.cancellation_reason != NULL ? x.cancellation_reason : "Cancelled";
	if (!c.adapter->talks[POS_CANCEL].call(op->arena, &task, &a->call, &problems))
		return void_impossible(op, m, &x, problems_sentence(op, &problems));
	e = secrets_load(op, a, &c, x.pos_reference);
	a->is_sent = e == OK;
	return e;
}

/*
 * A void may be repeated, so what is not known is simply asked again, until it is time to call
 * staff.
 */
enum err
void_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, enum outcome *ret_outcome)
{
	struct pos_task task;
	struct verdict v;
	struct connection c;
	struct order_axes x;
	bool has_order;
	enum err e = submission_load(op, m, &x, &c, &has_order);

	(void)p;
	*ret_outcome = OUTCOME_UNSURE;
	if (e != OK)
		return e;
	if (!has_order)
		return outbox_finish(op, m, OUTCOME_UNSURE, "The order is gone");
	if (c.adapter == NULL)
		return void_impossible(op, m, &x, "the restaurant has no POS any more");
	task = task_of(op, &c, &x);
	v = r->has_reply ? c.adapter->talks[POS_CANCEL].read(op->arena, &task, &r->reply).verdict
			 : c.adapter->read_failure(op->arena, POS_CANCEL, &task, r->failure)
			       .verdict;
	*ret_outcome = v.outcome;
	if ((v.outcome == OUTCOME_LATER || v.outcome == OUTCOME_UNSURE) && !outbox_is_last(op, m))
		return outbox_later(op, m, outbox_pause(op, m, v.retry_after_s), v.sentence);
	e = v.outcome == OUTCOME_DONE ? submission_voided(op, &x, v.sentence)
				      : submission_void_refused(op, &x, v.sentence);
	return e != OK ? e : settled(op, m, &x, v.outcome, v.sentence);
}
