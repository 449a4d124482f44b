/*
 * Square: giving it an order.
 *
 *	order  POST /v2/orders                 no kitchen sees it yet, but where nothing is marked as paid
 *	pay    POST /v2/payments               what was paid elsewhere: now the kitchen sees it
 *	free   POST /v2/orders/{id}/pay        instead, where nothing is due
 *
 * and, where these are refused:
 *
 *	find   POST /v2/orders/search          the key was used before: which order is it?
 *	check  GET /v2/orders/{id}             is it ours, is it paid?
 *	undo   PUT /v2/orders/{id}             an unpaid one that will not be paid is cancelled
 *
 * Each has its key, so that each may be repeated.
 */
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_square.h"
#include "text/civil.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/url.h"
#include "text/utf8.h"

#define BODY_MAX (2u << 20)
#define WHY_MAX 200
#define CAUSE_TEXT "The order was not paid at Square"
/* Its clock and ours may differ by so much. */
#define SKEW_US (10 * US_PER_MINUTE)

/* Progress of another submission is none of this one's. */
static struct square_progress
progress_of(struct arena *a, const struct pos_task *task)
{
	struct square_progress p = square_progress_read(a, task->progress);

	if (p.reference == NULL || task->reference == NULL ||
	    strcmp(p.reference, task->reference) != 0)
		p = square_progress_read(a, (struct bytes){ "", 0 });
	p.reference = task->reference;
	return p;
}

/* Their id is told with the last step only: until then the order may be undone. */
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

/* ---- calls ---- */

static void
put_external(struct arena *a, struct json_write *w, const struct pos_task *task, int64_t minor)
{
	const struct pos_config *config = task->config;
	const char *source = pos_config_text(config, "external_source");
	bool is_cash = square_paid(config) == SQUARE_PAID_CASH &&
		       strcmp(task->order->payment_method, "cash") == 0;

	json_write_string(w, "source_id", is_cash ? "CASH" : "EXTERNAL");
	if (is_cash) {
		json_write_object(w, "cash_details");
		square_write_money(w, "buyer_supplied_money", minor, task->order->currency);
		json_write_object_end(w);
		return;
	}
	if (source == NULL)
		source = pos_config_text(config, "source_name");
	json_write_object(w, "external_details");
	json_write_string(
	    w, "type", pos_text(a, pos_config_text(config, "external_type"), 50));
	json_write_string(w, "source", pos_text(a, source, 255));
	json_write_string(w, "source_id", task->reference);
	json_write_object_end(w);
}

static void
pay_body(struct arena *a, struct json_write *w, const struct pos_task *task,
    const struct square_progress *p)
{
	const struct order *o = task->order;
	int64_t tip = square_tip_is_paid(o, task->config) ? o->tip_minor : 0;

	json_write_object(w, NULL);
	json_write_string(w, "idempotency_key", square_key(a, task, "pay", p->order));
	put_external(a, w, task, p->minor + tip);
	square_write_money(w, "amount_money", p->minor, o->currency);
	if (tip > 0)
		square_write_money(w, "tip_money", tip, o->currency);
	json_write_string(w, "order_id", p->order);
	json_write_string(w, "location_id",
	    pos_text(a, pos_config_text(task->config, SQ_LOCATION), SQUARE_ID_MAX));
	json_write_string(w, "reference_id", task->reference);
	json_write_bool(w, "autocomplete", true);
	json_write_object_end(w);
}

static void
free_body(struct arena *a, struct json_write *w, const struct pos_task *task,
    const struct square_progress *p)
{
	json_write_object(w, NULL);
	json_write_string(w, "idempotency_key", square_key(a, task, "free", p->order));
	json_write_array(w, "payment_ids");
	json_write_array_end(w);
	json_write_object_end(w);
}

static bool
order_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "idempotency_key", square_key(a, task, "order", ""));
	square_write_order(
	    a, &w, task, !square_tip_is_paid(task->order, task->config));
	json_write_object_end(&w);
	json_write_done(&w);
	if (b.overflowed) {
		pos_problem_add(a, problems, "items", "are too many to send");
		return false;
	}
	*ret_call = square_call(a, task->config, "POST",
	    square_url(a, task->config, "/v2/orders"), (struct bytes){ b.data, b.len });
	return true;
}

static struct http_call
money_call(struct arena *a, const struct pos_task *task, const struct square_progress *p)
{
	bool is_free = square_is_step(p, "free");
	const char *path =
	    is_free ? arena_printf(a, "/v2/orders/%s/pay", url_encode(a, p->order))
		    : "/v2/payments";
	struct json_write w;
	struct buf b;

	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	if (is_free)
		free_body(a, &w, task, p);
	else
		pay_body(a, &w, task, p);
	json_write_done(&w);
	return square_call(a, task->config, "POST", square_url(a, task->config, path),
	    (struct bytes){ b.data, b.len });
}

static bool
is_about_order(const struct square_progress *p)
{
	return p->order != NULL &&
	       (square_is_step(p, "check") || square_is_step(p, "undo") ||
		   square_is_step(p, "free") || (square_is_step(p, "pay") && p->minor > 0));
}

bool
square_create_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct square_progress p = progress_of(a, task);
	const struct order *o = task->order;
	size_t before = problems->n;
	int64_t since = o->created_at == TIME_NONE ? task->now - US_PER_DAY
						   : o->created_at - SKEW_US;

	square_check_order(a, o, task->config, problems);
	if (task->reference == NULL)
		pos_problem_add(a, problems, "order_id", "is required");
	if (problems->n > before)
		return false;
	if (square_is_step(&p, "find"))
		*ret_call = square_search_call(a, task, since, p.cursor);
	else if (!is_about_order(&p))
		return order_call(a, task, ret_call, problems);
	else if (square_is_step(&p, "check"))
		*ret_call = square_get_order_call(a, task->config, p.order);
	else if (square_is_step(&p, "undo"))
		*ret_call = square_void_call(a, task, &p, "undo", true);
	else
		*ret_call = money_call(a, task, &p);
	return true;
}

/* ---- replies ---- */

/* It is there, and the kitchen has it. */
static struct pos_outcome
there(struct arena *a, struct square_progress p, const struct square_order *o, const char *sentence)
{
	struct pos_outcome out =
	    pos_outcome_of((struct verdict){ OUTCOME_DONE, CAUSE_NONE, sentence, 0 });

	p.step = "done";
	p.why = p.cursor = NULL;
	p.cause = 0;
	out.progress = square_progress_write(a, &p);
	out.pos_order_id = p.order;
	if (o != NULL) {
		out.total_minor = o->total_minor;
		out.contents = square_order_contents(a, o);
		out.estimated_ready_time = o->ready_at;
	}
	return out;
}

/* What it was refused for at first; nothing of it is left to go on from. */
static struct pos_outcome
refused(const struct square_progress *p, const char *why)
{
	enum cause cause = p->cause > CAUSE_NONE && p->cause < CAUSE__MAX ? (enum cause)p->cause
									    : CAUSE_PAYLOAD;
	struct pos_outcome o =
	    pos_outcome_of((struct verdict){ OUTCOME_REFUSED, cause, why, 0 });

	o.progress = (struct bytes){ "{}", 2 };
	return o;
}

/*
 * It can be neither paid nor undone. That it was not paid is sure only if no payment was in doubt
 * before, which is not known here: people are to look.
 */
static struct pos_outcome
left_behind(struct arena *a, const struct square_progress *p, const char *why)
{
	struct pos_outcome o = refused(p,
	    arena_printf(
		a, "%s; the order stays at Square, where no kitchen sees it while unpaid", why));

	o.verdict.outcome = OUTCOME_UNSURE;
	o.progress = (struct bytes){ NULL, 0 };
	return o;
}

/* An order of ours is there; what is missing until the kitchen sees it? */
static struct pos_outcome
go_on(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct square_order *o)
{
	bool was_paid = o->due_minor == 0 && (o->total_minor > 0 || !square_order_is(o, "OPEN"));

	p.order = o->id;
	p.version = o->version;
	p.minor = o->due_minor;
	p.fulfillment = o->fulfillment;
	p.kind = o->kind;
	p.cursor = NULL;
	if (square_order_is(o, "CANCELED"))
		return refused(&p, p.why != NULL
				       ? p.why
				       : "An order of this name was cancelled at Square");
	if (was_paid || square_paid(task->config) == SQUARE_PAID_NONE) {
		p.payment = was_paid ? o->payment : NULL;
		p.minor = p.payment != NULL ? o->total_minor : -1;
		return there(a, p, o, "Square has the order");
	}
	if (p.why != NULL)
		return next(a, p, "undo", "The unpaid order is to be cancelled");
	if (o->due_minor == 0)
		return next(a, p, "free", "Square has the order, of which nothing is due");
	return next(a, p, "pay", "Square has the order; its payment is to follow");
}

static bool
is_ours(const struct pos_task *task, const struct square_order *o)
{
	return o->reference != NULL && task->reference != NULL &&
	       strcmp(o->reference, task->reference) == 0;
}

/* "Order <id> already exists."; NULL: it does not say so. */
static const char *
existing_id(struct arena *a, const struct square_reply *s)
{
	static const char before[] = "Order ", behind[] = " already exists";
	const char *end;
	size_t len;

	if (strncmp(s->detail, before, sizeof(before) - 1) != 0)
		return NULL;
	end = strstr(s->detail, behind);
	len = end == NULL ? 0 : (size_t)(end - s->detail) - (sizeof(before) - 1);
	if (end == NULL || len == 0 || len > SQUARE_ID_MAX)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (s->detail[sizeof(before) - 1 + i] <= 0x20 ||
		    s->detail[sizeof(before) - 1 + i] >= 0x7f)
			return NULL;
	return arena_strndup(a, s->detail + sizeof(before) - 1, len);
}

static struct pos_outcome
read_order(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	bool has_effect = square_paid(task->config) == SQUARE_PAID_NONE;
	struct square_reply s = square_reply_read(a, r, false);
	struct square_order o;

	if (s.is_good && square_order_read(a, task->config, json_member(s.top, "order"), &o)) {
		if (o.reference != NULL && !is_ours(task, &o))
			return pos_outcome_of(square_garbled(
			    has_effect, "Square's answer is about another order"));
		return go_on(a, task, p, &o);
	}
	/* The same key with other bytes: it was sent before, and is there as it was then. */
	if (r->status == 400 && existing_id(a, &s) != NULL) {
		p.order = existing_id(a, &s);
		return next(a, p, "check", "Square has an order under this key");
	}
	if (r->status == 400 && strcmp(s.code, "IDEMPOTENCY_KEY_REUSED") == 0)
		return next(a, p, "find", "Square knows the key of this order");
	return pos_outcome_of(square_verdict(a, task, r, &s, has_effect));
}

/*
 * Whatever is found under the reference is the order; one that is not cancelled before one that is.
 */
static struct pos_outcome
read_find(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, true);
	struct json_object *list = json_member(s.top, "orders");
	struct square_order o, found = { .id = NULL };
	const char *cursor;

	if (!s.is_good)
		return pos_outcome_of(square_verdict(a, task, r, &s, false));
	for (size_t i = 0; i < json_array_n(list); i++)
		if (square_order_read(a, task->config, json_element(list, i), &o) &&
		    is_ours(task, &o) &&
		    (found.id == NULL || square_order_is(&found, "CANCELED")))
			found = o;
	if (found.id != NULL)
		return go_on(a, task, p, &found);
	if (json_as_string(json_member(s.top, "cursor"), &cursor) && *cursor != '\0' &&
	    strlen(cursor) <= SQUARE_CURSOR_MAX) {
		p.cursor = cursor;
		return next(a, p, "find", "It is not among these orders");
	}
	/* Its index lags; the same question again is what resolves it. */
	return pos_outcome_of((struct verdict){ OUTCOME_UNSURE, CAUSE_PAYLOAD,
	    "Square knows the key of this order, and no order of its name is found there", 0 });
}

static struct pos_outcome
read_check(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	struct square_order o;
	struct verdict v;

	if (s.is_good && square_order_read(a, task->config, json_member(s.top, "order"), &o)) {
		if (is_ours(task, &o))
			return go_on(a, task, p, &o);
		p.cause = CAUSE_PAYLOAD;
		return refused(&p, "Square has another order under the key of this one");
	}
	v = square_verdict(a, task, r, &s, false);
	if (v.outcome != OUTCOME_REFUSED)
		return pos_outcome_of(v);
	if (p.why != NULL)
		return r->status == 404 ? refused(&p, p.why) : left_behind(a, &p, p.why);
	v.outcome = OUTCOME_UNSURE; /* it said that there is one */
	return pos_outcome_of(v);
}

/* The payment will not come: is there none already? Then the order is taken back. */
static struct pos_outcome
not_paid(struct arena *a, struct square_progress p, const struct verdict *v)
{
	p.why = utf8_sanitise(a, v->sentence, WHY_MAX);
	p.cause = v->cause;
	return next(a, p, "check", "The payment was refused: is the order unpaid?");
}

static struct pos_outcome
read_pay(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	struct json_object *payment = json_member(s.top, "payment");
	const char *status = "", *order = square_id(a, json_member(payment, "order_id"));
	struct verdict v;
	struct pos_outcome o;

	p.payment = square_id(a, json_member(payment, "id"));
	json_as_string(json_member(payment, "status"), &status);
	if (!s.is_good || p.payment == NULL) {
		v = square_verdict(a, task, r, &s, true);
		return v.outcome == OUTCOME_REFUSED ? not_paid(a, p, &v) : pos_outcome_of(v);
	}
	if (order != NULL && strcmp(order, p.order) != 0)
		return pos_outcome_of(
		    square_garbled(true, "Square's answer is about another order's payment"));
	if (strcmp(status, "FAILED") == 0 || strcmp(status, "CANCELED") == 0) {
		v = (struct verdict){ OUTCOME_REFUSED, CAUSE_PROVIDER,
			"Square did not take the payment that was made elsewhere", 0 };
		p.payment = NULL;
		return not_paid(a, p, &v);
	}
	if (strcmp(status, "COMPLETED") != 0)
		return pos_outcome_of(
		    square_garbled(true, "Square has not completed the payment"));
	if (!square_money(json_member(payment, "total_money"), task->config->core.currency,
		&p.minor))
		p.minor = -1;
	o = there(a, p, NULL, "Square has the order and its payment");
	o.total_minor = p.minor;
	return o;
}

static struct pos_outcome
read_free(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	struct square_order o;
	struct verdict v;

	if (s.is_good && square_order_read(a, task->config, json_member(s.top, "order"), &o)) {
		if (strcmp(o.id, p.order) != 0)
			return pos_outcome_of(
			    square_garbled(true, "Square's answer is about another order"));
		p.version = o.version;
		p.minor = -1;
		return there(a, p, &o, "Square has the order, of which nothing is due");
	}
	v = square_verdict(a, task, r, &s, true);
	return v.outcome == OUTCOME_REFUSED ? not_paid(a, p, &v) : pos_outcome_of(v);
}

static struct pos_outcome
read_undo(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	struct verdict v = square_verdict(a, task, r, &s, false);
	const char *why = p.why == NULL ? CAUSE_TEXT : p.why;
	struct square_order order;
	struct pos_outcome o;

	if (s.is_good &&
	    square_order_read(a, task->config, json_member(s.top, "order"), &order) &&
	    square_order_is(&order, "CANCELED"))
		return refused(&p, why);
	if (s.is_good || square_is_outdated(r, &s)) {
		/* Somebody changed it: perhaps they paid. */
		o = pos_outcome_of(v);
		o.verdict.outcome = OUTCOME_LATER;
		p.step = "check";
		o.progress = square_progress_write(a, &p);
		return o;
	}
	if (v.outcome != OUTCOME_REFUSED)
		return pos_outcome_of(v);
	return left_behind(a, &p, why);
}

struct pos_outcome
square_create_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct square_progress p = progress_of(a, task);

	if (square_is_step(&p, "find"))
		return read_find(a, task, p, r);
	if (!is_about_order(&p))
		return read_order(a, task, p, r);
	if (square_is_step(&p, "check"))
		return read_check(a, task, p, r);
	if (square_is_step(&p, "undo"))
		return read_undo(a, task, p, r);
	return square_is_step(&p, "free") ? read_free(a, task, p, r) : read_pay(a, task, p, r);
}

/* An order that is not paid is seen by nobody. */
bool
square_create_has_effect(struct arena *a, const struct pos_task *task)
{
	struct square_progress p = progress_of(a, task);

	if (square_is_step(&p, "find"))
		return false;
	if (!is_about_order(&p))
		return square_paid(task->config) == SQUARE_PAID_NONE;
	return square_is_step(&p, "pay") || square_is_step(&p, "free");
}
