/*
 * admin: the pool in which staff see and move a restaurant's orders.
 */
#include <string.h>

#include "audit/audit.h"
#include "db/db.h"
#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
#include "order/move.h"
#include "order/order.h"
#include "order/order_json.h"
#include "order/settle.h"
#include "order/submission.h"
#include "person/role.h"
#include "provider/connect.h"
#include "tenant/restaurant.h"
#include "text/json_write.h"
#include "text/uuid.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 200
#define ROLES_KITCHEN (ROLE_KITCHEN | ROLE_ADMIN)

/* The statuses staff may name: all but received, in the order of order_state.def. */
static const char *const moves[] = { "confirmed", "preparing", "ready", "out_for_delivery",
	"completed", "cancelled", "rejected", NULL };
static const char *const statuses[] = { "received", "confirmed", "preparing", "ready",
	"out_for_delivery", "completed", "cancelled", "rejected", NULL };
static const char *const pos_states[] = { "not_required", "queued", "submitting", "unsure",
	"accepted", "failed", "manual", NULL };
static const char *const payment_statuses[] = { "pending", "authorized", "paid", "failed",
	"partially_refunded", "refunded", NULL };
static const char *const order_types[] = { "dine_in", "pickup", "delivery", NULL };

struct move_input {
	int status;
	const char *reason;
};
static const struct body_field move_fields[] = {
	BODY_WORD(struct move_input, status, moves),
	BODY_TEXT(struct move_input, reason, .max = 255, .is_optional = true, .is_nullable = true),
};
static const struct body_shape move_body = BODY_SHAPE(struct move_input, move_fields);

/* One deed on one order, in a transaction under its lock. */
struct deed {
	const struct request *request;
	int64_t order_id;
	bool has_pos;
	struct submission_terms terms;
	enum err (*act)(struct op *, struct deed *, struct order_axes *);
	const char *audit;
	int status; /* of the answer */
};

/* What an order's ETag is made of. */
static const char *
tag_of(struct op *op, int64_t history_seq)
{
	return arena_printf(op->arena, "%lld", (long long)history_seq);
}

static enum err
deed_body(struct op *op, void *arg)
{
	struct deed *d = arg;
	struct order_axes x;
	enum err e = order_lock(op, d->request->restaurant->id, d->order_id, &x);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK)
		e = request_match(op, d->request, tag_of(op, x.history_seq));
	if (e == OK)
		e = d->act(op, d, &x);
	if (e == OK)
		e = order_save(op, &x);
	return e != OK ? e : audit_record(op, d->audit, x.order_number, NULL);
}

static enum err
deed_do(struct op *op, const struct request *r, struct deed *d)
{
	unsigned char id[UUID_LEN];
	struct order order;
	enum err e = request_path_uuid(op, r, "id", id);

	if (e == OK)
		e = order_head(op, r->restaurant->id, id, &order);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK)
		e = connection_terms(op, r->restaurant, &d->has_pos, &d->terms);
	if (e != OK)
		return e;
	d->request = r;
	d->order_id = order.id;
	d->status = 200;
	return db_tx(op, deed_body, d);
}

static enum err
order_reply(
    struct op *op, const struct request *r, int64_t order_id, int status, struct reply *reply)
{
	struct order_move *history = NULL;
	struct json_write *w;
	struct order order;
	size_t n = 0;
	enum err e = order_read(op, r->restaurant->id, order_id, &order);

	if (e == OK)
		e = order_history(op, order_id, &history, &n);
	if (e != OK)
		return e;
	if (reply_not_modified(reply, r, tag_of(op, order.history_seq)))
		return OK;
	w = reply_json(reply, status);
	json_write_object(w, NULL);
	order_json_staff(w, "order", &order, history, n);
	json_write_object_end(w);
	return OK;
}

/* Entered by people: the restaurant has accepted it. */
static enum err
by_hand(struct op *op, struct order_axes *x, const char *reason)
{
	bool moved;
	enum err e;

	if (status_is_end(x->status))
		return fail(
		    op, ERR_ILLEGAL_TRANSITION, "The order is %s", status_name(x->status));
	e = submission_by_hand(op, x, reason);
	return e != OK ? e
		       : order_status_move(op, x, STATUS_EVENT_confirm, WHO_STAFF, reason, &moved);
}

/* Forward: the word of a person, which also takes an order in hand that the POS does not have. */
static enum err
forward(struct op *op, struct order_axes *x, enum order_status to, const char *reason)
{
	bool moved;
	enum err e = OK;

	if (x->status == to)
		return OK;
	if (x->pos_state == POS_failed || x->pos_state == POS_manual)
		e = submission_by_hand(op, x, reason);
	if (e == OK)
		e = order_status_move(op, x, status_event_to(to), WHO_STAFF, reason, &moved);
	if (e == OK && !moved)
		return fail(op, ERR_ILLEGAL_TRANSITION, "An order that is %s cannot become %s",
		    status_name(x->status), status_name(to));
	return e;
}

static enum err
move_act(struct op *op, struct deed *d, struct order_axes *x)
{
	const struct move_input *in = d->request->input;
	enum order_status to = status_by_name(moves[in->status]);
	bool ended = false;
	enum err e;

	if (to != STATUS_cancelled && to != STATUS_rejected)
		return forward(op, x, to, in->reason);
	if (x->status == to)
		return OK;
	e = submission_cancel(op, x, &d->terms, status_event_to(to), WHO_STAFF,
	    in->reason != NULL ? in->reason : "Cancelled by the restaurant", &ended);
	d->status = ended ? 200 : 202;
	return e;
}

static enum err
status_patch(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = move_act, .audit = "order.status" };
	enum err e = deed_do(op, r, &d);

	return e != OK ? e : order_reply(op, r, d.order_id, d.status, reply);
}

static enum err
cash_act(struct op *op, struct deed *d, struct order_axes *x)
{
	(void)d;
	return order_settle_cash(op, x);
}

static enum err
cash_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = cash_act, .audit = "order.cash_received" };
	enum err e = deed_do(op, r, &d);

	return e != OK ? e : order_reply(op, r, d.order_id, d.status, reply);
}

static enum err
retry_act(struct op *op, struct deed *d, struct order_axes *x)
{
	bool did = false;
	enum err e = OK;

	if (d->has_pos)
		e = submission_retry(op, x, &d->terms, &did);
	if (e == OK && !did)
		return fail(op, ERR_VALIDATION_ERROR, "Order is not in failed state");
	return e;
}

static enum err
retry_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = retry_act, .audit = "order.retry_pos" };
	struct json_write *w;
	enum err e = deed_do(op, r, &d);

	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "status", "retry_scheduled");
	json_write_object_end(w);
	return OK;
}

/* What staff see at the POS; by_hand: it is not there, and they have entered it. */
static const char *const sights[] = { [SEEN_THERE] = "there",
	[SEEN_REMOVED] = "removed",
	[SEEN_NOT_THERE] = "not_there",
	[SEEN__MAX] = "by_hand",
	NULL };

struct decision_input {
	int decision;
	const char *reason;
};
static const struct body_field decision_fields[] = {
	BODY_WORD(struct decision_input, decision, sights),
	BODY_TEXT(struct decision_input, reason, .max = 255, .is_optional = true,
	    .is_nullable = true),
};
static const struct body_shape decision_body = BODY_SHAPE(struct decision_input, decision_fields);

static enum err
decision_act(struct op *op, struct deed *d, struct order_axes *x)
{
	const struct decision_input *in = d->request->input;
	const char *reason = in->reason != NULL ? in->reason : "Decided by the restaurant";

	if (in->decision != SEEN__MAX)
		return submission_decide(op, x, (enum submission_seen)in->decision, reason);
	if (x->pos_state != POS_failed && x->pos_state != POS_manual)
		return fail(op, ERR_ILLEGAL_TRANSITION,
		    "There is nothing to enter by hand: the order is %s at the POS",
		    pos_state_name(x->pos_state));
	return by_hand(op, x, reason);
}

static enum err
decision_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = decision_act, .audit = "order.pos_decision" };
	enum err e = deed_do(op, r, &d);

	return e != OK ? e : order_reply(op, r, d.order_id, d.status, reply);
}

static enum err
order_get(struct op *op, const struct request *r, struct reply *reply)
{
	unsigned char id[UUID_LEN];
	struct order order;
	enum err e = request_path_uuid(op, r, "id", id);

	if (e == OK)
		e = order_head(op, r->restaurant->id, id, &order);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	return e != OK ? e : order_reply(op, r, order.id, 200, reply);
}

/* A filter by one of a list of words: absent leaves *ret. */
static enum err
word_filter(struct op *op, const struct request *r, const char *name, const char *const *words,
    const char **ret)
{
	int word = -1;
	enum err e = request_query_word(op, r, name, words, &word);

	if (e == OK && word >= 0)
		*ret = words[word];
	return e;
}

static enum err
cursor_read(struct op *op, const struct request *r, int64_t *ret_before_id)
{
	unsigned char id[UUID_LEN];
	struct order last;
	bool is_there = false;
	enum err e = request_query_uuid(op, r, "cursor", &is_there, id);

	if (e != OK || !is_there)
		return e;
	e = order_head(op, r->restaurant->id, id, &last);
	if (e == ERR_NO_ROW)
		return fail_field(op, "cursor", "is not one of ours");
	if (e == OK)
		*ret_before_id = last.id;
	return e;
}

static enum err
filter_read(struct op *op, const struct request *r, struct order_filter *f)
{
	enum err e = request_query_i64(op, r, "limit", 1, PAGE_MAX, &f->n);

	if (e == OK)
		e = word_filter(op, r, "status", statuses, &f->status);
	if (e == OK)
		e = word_filter(op, r, "pos_state", pos_states, &f->pos_state);
	if (e == OK)
		e = word_filter(op, r, "payment_status", payment_statuses, &f->payment_status);
	if (e == OK)
		e = word_filter(op, r, "order_type", order_types, &f->order_type);
	return e != OK ? e : cursor_read(op, r, &f->before_id);
}

static enum err
orders_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct order_filter filter = {
		.since_us = TIME_NONE, .until_us = TIME_NONE, .n = PAGE_DEFAULT
	};
	char cursor[UUID_TEXT_LEN];
	struct order *orders = NULL;
	struct json_write *w;
	size_t n = 0;
	enum err e = filter_read(op, r, &filter);

	if (e == OK)
		e = order_list(op, r->restaurant->id, &filter, &orders, &n);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "orders");
	for (size_t i = 0; i < n; i++)
		order_json_staff(w, NULL, &orders[i], NULL, 0);
	json_write_array_end(w);
	if (n > 0)
		uuid_format(orders[n - 1].public_id.data, cursor);
	json_write_string(w, "next_cursor", (int64_t)n == filter.n ? cursor : NULL);
	json_write_object_end(w);
	return OK;
}

static const struct route routes[] = {
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/orders",
	    .roles = ROLES_KITCHEN,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_READ,
	    .handle = orders_get,
	    .sentence = "The restaurant's orders, newest first" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/orders/{id}",
	    .roles = ROLES_KITCHEN,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_READ,
	    .handle = order_get,
	    .sentence = "One order with its lines and its history" },
	{ .method = METHOD_PATCH,
	    .path = "/api/v1/admin/orders/{id}/status",
	    .roles = ROLES_KITCHEN,
	    .tenant = TENANT_NEEDED,
	    .body = &move_body,
	    .body_max = 4096,
	    .rate = RATE_WRITE,
	    .handle = status_patch,
	    .sentence = "Move an order on" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/admin/orders/{id}/cash-received",
	    .roles = ROLES_KITCHEN,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_WRITE,
	    .handle = cash_post,
	    .sentence = "The guest has paid in cash" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/admin/orders/{id}/retry-pos",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_WRITE,
	    .handle = retry_post,
	    .sentence = "Send an order that failed at the POS once more" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/admin/orders/{id}/pos-decision",
	    .roles = ROLES_KITCHEN,
	    .tenant = TENANT_NEEDED,
	    .body = &decision_body,
	    .body_max = 4096,
	    .rate = RATE_WRITE,
	    .handle = decision_post,
	    .sentence = "Say what of an order in doubt is at the POS" },
};

static const struct pool pool = {
	.name = "admin", .program = PROGRAM_admin, .routes = ROUTE_TABLE(routes)
};

int
main(int argc, char **argv)
{
	return front_main(argc, argv, &pool);
}
