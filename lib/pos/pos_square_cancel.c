/*
 * Square: taking an order back.
 *
 *	read     GET /v2/orders/{id}           how does it stand?
 *	payment  GET /v2/payments/{id}         unless we know that it is ours, and how much it was
 *	refund   POST /v2/refunds              our own external payment: no money moves
 *	again    GET /v2/orders/{id}           its version has moved on
 *	void     PUT /v2/orders/{id}           order and fulfillment to CANCELED
 *	part     PUT /v2/orders/{id}           the fulfillment alone, where the order may not be
 *
 * "Only open and unpaid orders can be cancelled": hence the refund first. Whether a refunded one
 * counts as unpaid is not documented; where it does not, the kitchen is told by the fulfillment. A
 * payment that is not ours is nobody's to give back but the seller's.
 */
#include <string.h>

#include "mem/buf.h"
#include "pos/pos_square.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/url.h"

#define BODY_MAX (64u << 10)
#define REASON_MAX 100 /* of a fulfillment; a refund's may be longer */

static const char *const steps[] = { "read", "payment", "refund", "again", "void", "part" };

static bool
is_own_step(const struct square_progress *p)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (square_is_step(p, steps[i]))
			return true;
	return false;
}

/* It goes on from what the CREATE left, if that was of this order. */
static struct square_progress
progress_of(struct arena *a, const struct pos_task *task)
{
	struct square_progress p = square_progress_read(a, task->progress);

	if (task->pos_order_id != NULL &&
	    (p.order == NULL || strcmp(p.order, task->pos_order_id) != 0)) {
		p = square_progress_read(a, (struct bytes){ "", 0 });
		p.order = task->pos_order_id;
	}
	if (!is_own_step(&p)) {
		/* What a payment was is known once it was made; before that it was what is due. */
		if (p.payment == NULL)
			p.minor = -1;
		p.step = "read";
	}
	p.reference = task->reference;
	p.why = p.cursor = NULL;
	return p;
}

static struct pos_outcome
next(struct arena *a, struct square_progress p, const char *step, const char *sentence)
{
	struct pos_outcome o =
	    pos_outcome_of((struct verdict){ OUTCOME_DONE, CAUSE_NONE, sentence, 0 });

	p.step = step;
	o.has_next = true;
	o.progress = square_progress_write(a, &p);
	return o;
}

static struct pos_outcome
gone(const char *sentence)
{
	return pos_outcome_of((struct verdict){ OUTCOME_DONE, CAUSE_NONE, sentence, 0 });
}

/* Another wish to cancel begins anew. */
static struct pos_outcome
refused(struct arena *a, struct square_progress p, enum cause cause, const char *sentence)
{
	struct pos_outcome o =
	    pos_outcome_of((struct verdict){ OUTCOME_REFUSED, cause, sentence, 0 });

	p.step = "done";
	p.has_asked = false;
	o.progress = square_progress_write(a, &p);
	return o;
}

/* ---- calls ---- */

static void
put_fulfillment(struct arena *a, struct json_write *w, const struct pos_task *task,
    const struct square_progress *p)
{
	static const char *const details[][2] = {
		{ "PICKUP", "pickup_details" },
		{ "DELIVERY", "delivery_details" },
	};
	const char *reason = pos_text(a, task->reason, REASON_MAX);

	if (p->fulfillment == NULL)
		return;
	json_write_array(w, "fulfillments");
	json_write_object(w, NULL);
	json_write_string(w, "uid", p->fulfillment);
	json_write_string(w, "state", "CANCELED");
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++)
		if (p->kind != NULL && *reason != '\0' && strcmp(p->kind, details[i][0]) == 0) {
			json_write_object(w, details[i][1]);
			json_write_string(w, "cancel_reason", reason);
			json_write_object_end(w);
		}
	json_write_object_end(w);
	json_write_array_end(w);
}

struct http_call
square_void_call(struct arena *a, const struct pos_task *task, const struct square_progress *p,
    const char *what, bool with_order)
{
	const char *path = arena_printf(a, "/v2/orders/%s", url_encode(a, p->order));
	const char *which =
	    arena_printf(a, "%s:%lld", p->order, (long long)p->version);
	struct json_write w;
	struct buf b;

	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "idempotency_key", square_key(a, task, what, which));
	json_write_object(&w, "order");
	json_write_string(&w, "location_id",
	    pos_text(a, pos_config_text(task->config, SQ_LOCATION), SQUARE_ID_MAX));
	json_write_int64(&w, "version", p->version);
	if (with_order)
		json_write_string(&w, "state", "CANCELED");
	put_fulfillment(a, &w, task, p);
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_done(&w);
	return square_call(a, task->config, "PUT", square_url(a, task->config, path),
	    (struct bytes){ b.data, b.len });
}

static struct http_call
refund_call(struct arena *a, const struct pos_task *task, const struct square_progress *p)
{
	const char *which = arena_printf(a, "%s:%lld", p->payment, (long long)p->minor);
	const char *reason = pos_text(a, task->reason, REASON_MAX);
	struct json_write w;
	struct buf b;

	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "idempotency_key", square_key(a, task, "refund", which));
	json_write_string(&w, "payment_id", p->payment);
	square_write_money(&w, "amount_money", p->minor, task->config->core.currency);
	if (*reason != '\0')
		json_write_string(&w, "reason", reason);
	json_write_object_end(&w);
	json_write_done(&w);
	return square_call(a, task->config, "POST", square_url(a, task->config, "/v2/refunds"),
	    (struct bytes){ b.data, b.len });
}

static struct http_call
payment_call(struct arena *a, const struct pos_task *task, const struct square_progress *p)
{
	const char *path = arena_printf(a, "/v2/payments/%s", url_encode(a, p->payment));

	return square_call(a, task->config, "GET", square_url(a, task->config, path),
	    (struct bytes){ NULL, 0 });
}

bool
square_cancel_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct square_progress p = progress_of(a, task);
	bool needs_payment = square_is_step(&p, "payment") || square_is_step(&p, "refund");

	if (p.order == NULL)
		pos_problem_add(a, problems, "pos_order_id", "is required");
	if (task->config->core.currency == NULL)
		pos_problem_add(a, problems, "currency", "is required");
	if (p.order == NULL || task->config->core.currency == NULL)
		return false;
	if (square_is_step(&p, "void"))
		*ret_call = square_void_call(a, task, &p, "void", true);
	else if (square_is_step(&p, "part"))
		*ret_call = square_void_call(a, task, &p, "part", false);
	else if (!needs_payment || p.payment == NULL)
		*ret_call = square_get_order_call(a, task->config, p.order);
	else if (square_is_step(&p, "payment"))
		*ret_call = payment_call(a, task, &p);
	else
		*ret_call = refund_call(a, task, &p);
	return true;
}

bool
square_cancel_has_effect(struct arena *a, const struct pos_task *task)
{
	struct square_progress p = progress_of(a, task);

	return square_is_step(&p, "refund") || square_is_step(&p, "void") ||
	       square_is_step(&p, "part");
}

/* ---- replies ---- */

static struct pos_outcome
verdict_of(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r, const struct square_reply *s, bool has_effect)
{
	struct verdict v = square_verdict(a, task, r, s, has_effect);

	return v.outcome == OUTCOME_REFUSED ? refused(a, p, v.cause, v.sentence)
					    : pos_outcome_of(v);
}

/* Open, as it stands: what is to be done first? */
static struct pos_outcome
take_back(struct arena *a, struct square_progress p, const struct square_order *o, bool is_refunded)
{
	const char *payment = o->tenders_n > 0 ? o->payment : p.payment;
	bool is_known = payment != NULL && p.payment != NULL && strcmp(payment, p.payment) == 0;

	if (is_refunded || (o->tenders_n == 0 && p.payment == NULL))
		return next(a, p, "void", "It can be cancelled");
	if (payment == NULL)
		return refused(a, p, CAUSE_PROVIDER,
		    "It was paid in several parts at the till: it is to be cancelled there");
	p.payment = payment;
	if (is_known && p.minor > 0)
		return next(a, p, "refund", "Our payment of it is to be refunded");
	p.minor = -1;
	return next(a, p, "payment", "Its payment is to be looked at");
}

static struct pos_outcome
read_order(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	const char *status;
	struct square_order o;

	if (!s.is_good || !square_order_read(a, task->config, json_member(s.top, "order"), &o) ||
	    p.order == NULL || strcmp(o.id, p.order) != 0)
		return verdict_of(a, task, p, r, &s, false);
	if (o.reference != NULL && task->reference != NULL &&
	    strcmp(o.reference, task->reference) != 0)
		return refused(
		    a, p, CAUSE_PAYLOAD, "Under this id Square has another order than this one");
	status = square_order_status(&o);
	if (status != NULL && strcmp(status, "cancelled") == 0)
		return gone("Square has cancelled it already");
	if (status != NULL && strcmp(status, "completed") == 0)
		return refused(a, p, CAUSE_PROVIDER,
		    "Too late: Square counts the order as completed");
	p.version = o.version;
	p.fulfillment = o.fulfillment;
	p.kind = o.kind;
	return take_back(a, p, &o, square_is_step(&p, "again"));
}

static bool
is_our_payment(const struct pos_task *task, struct json_object *payment)
{
	const char *source = "", *reference = "";

	json_as_string(json_member(payment, "source_type"), &source);
	json_as_string(json_member(payment, "reference_id"), &reference);
	return (strcmp(source, "EXTERNAL") == 0 || strcmp(source, "CASH") == 0) &&
	       task->reference != NULL && strcmp(reference, task->reference) == 0;
}

static struct pos_outcome
read_payment(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	struct json_object *payment = json_member(s.top, "payment");
	const char *id = square_id(a, json_member(payment, "id")), *currency;
	int64_t total, refunded = 0;

	currency = task->config->core.currency;
	if (!s.is_good || id == NULL || strcmp(id, p.payment) != 0 ||
	    !square_money(json_member(payment, "total_money"), currency, &total))
		return verdict_of(a, task, p, r, &s, false);
	if (!is_our_payment(task, payment))
		return refused(a, p, CAUSE_PROVIDER,
		    "It was paid at the till, not by us: it is to be cancelled there");
	(void)square_money(json_member(payment, "refunded_money"), currency, &refunded);
	if (refunded >= total)
		return next(a, p, "again", "Our payment of it is refunded");
	if (p.has_asked && p.minor == total - refunded)
		return refused(a, p, CAUSE_PROVIDER, "Square does not refund our payment of it");
	p.minor = total - refunded;
	p.has_asked = true;
	return next(a, p, "refund", "Our payment of it is to be refunded");
}

/* What it says against a refund that may have been made by other hands. */
static bool
is_refund_made(const struct square_reply *s)
{
	return strcmp(s->code, "REFUND_AMOUNT_INVALID") == 0 ||
	       strcmp(s->code, "PAYMENT_NOT_REFUNDABLE") == 0 ||
	       strcmp(s->code, "IDEMPOTENCY_KEY_REUSED") == 0;
}

static struct pos_outcome
read_refund(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	const char *status = "", *id;

	id = square_id(a, json_member(json_member(s.top, "refund"), "id"));
	json_as_string(json_member(json_member(s.top, "refund"), "status"), &status);
	if (s.is_good && id != NULL) {
		if (strcmp(status, "REJECTED") == 0 || strcmp(status, "FAILED") == 0)
			return refused(
			    a, p, CAUSE_PROVIDER, "Square did not refund our payment of it");
		return next(a, p, "again", "Our payment of it is refunded");
	}
	if (r->status >= 400 && r->status <= 499) {
		if (strcmp(s.code, "REFUND_ALREADY_PENDING") == 0)
			return next(a, p, "again", "Our payment of it is being refunded");
		if (is_refund_made(&s)) {
			if (p.has_asked)
				return verdict_of(a, task, p, r, &s, true);
			p.minor = -1;
			return next(a, p, "payment", "Was our payment refunded already?");
		}
	}
	return verdict_of(a, task, p, r, &s, true);
}

static struct pos_outcome
read_void(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	struct verdict v = square_verdict(a, task, r, &s, true);
	const char *status;
	struct square_order order;
	struct pos_outcome o;
	bool is_told = s.is_good &&
		       square_order_read(a, task->config, json_member(s.top, "order"), &order);

	status = is_told ? square_order_status(&order) : NULL;
	if (status != NULL && strcmp(status, "cancelled") == 0)
		return gone("Square has cancelled it");
	if (is_told || square_is_outdated(r, &s)) {
		/* The kitchen touched it: look again, and see whether it is too late. */
		o = pos_outcome_of(v);
		o.verdict.outcome = OUTCOME_LATER;
		p.step = "again";
		o.progress = square_progress_write(a, &p);
		return o;
	}
	if (v.outcome != OUTCOME_REFUSED)
		return pos_outcome_of(v);
	if (square_is_step(&p, "void") && p.fulfillment != NULL && r->status == 400)
		return next(a, p, "part", "The order may not be cancelled: the handing out may");
	return refused(a, p, v.cause,
	    arena_printf(a, "Square does not let it be cancelled any more: %s", v.sentence));
}

struct pos_outcome
square_cancel_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct square_progress p = progress_of(a, task);

	if (square_is_step(&p, "void") || square_is_step(&p, "part"))
		return read_void(a, task, p, r);
	if (square_is_step(&p, "payment") && p.payment != NULL)
		return read_payment(a, task, p, r);
	if (square_is_step(&p, "refund") && p.payment != NULL)
		return read_refund(a, task, p, r);
	return read_order(a, task, p, r);
}
