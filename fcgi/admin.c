/*
 * admin: the pool in which staff see and move a restaurant's orders, and give them to whoever
 * brings them.
 */
#include <string.h>

#include "db/db.h"
#include "http/body.h"
#include "http/deed.h"
#include "http/front.h"
#include "http/reply.h"
#include "mem/buf.h"
#include "order/board.h"
#include "order/cancel_reason.h"
#include "order/delivery.h"
#include "order/forward.h"
#include "order/move.h"
#include "order/order.h"
#include "order/order_json.h"
#include "order/trouble.h"
#include "order/settle.h"
#include "order/submission.h"
#include "person/role.h"
#include "tenant/day.h"
#include "tenant/restaurant.h"
#include "tenant/settings.h"
#include "text/iso8601.h"
#include "text/json_write.h"
#include "text/uuid.h"

#define PAGE_DEFAULT 50
#define PAGE_BYTES ((size_t)2 * 1024 * 1024) /* one order more still fits an answer */
#define ROLES_KITCHEN (ROLE_KITCHEN | ROLE_ADMIN)
#define MINUTE_US (INT64_C(60) * 1000000)
#define DAY_US (1440 * MINUTE_US)

/* The statuses staff may name: all but received, in the order of order_state.def. */
static const char *const moves[] = { "confirmed", "preparing", "ready", "out_for_delivery",
	"completed", "cancelled", "rejected", NULL };

struct move_input {
	int status, reason_code;
	const char *reason;
};
static const struct body_field move_fields[] = {
	BODY_WORD(struct move_input, status, moves),
	BODY_TEXT(struct move_input, reason, .max = 255, .is_optional = true, .is_nullable = true),
	BODY_WORD(struct move_input, reason_code, cancel_reason_codes, .is_optional = true,
	    .is_nullable = true),
};
static const struct body_shape move_body = BODY_SHAPE(struct move_input, move_fields);

/* The kitchen tells guests apart and need not call them. */
static bool
may_call(const struct op *op)
{
	return op->actor.role != ROLE_KITCHEN;
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
	w = reply_json(reply, status);
	json_write_object(w, NULL);
	order_json_staff(w, "order", &order, history, n, may_call(op));
	json_write_object_end(w);
	order_tag(op, r, reply, order.history_seq);
	return OK;
}

/* Forward is the kitchen's way; an end has a reason, in their words or in one of ours. */
static enum err
move_act(struct op *op, struct deed *d, struct order_axes *x)
{
	const struct move_input *in = d->request->input;
	enum order_status to = status_by_name(moves[in->status]);
	bool has_code = in->reason_code >= 0, is_first = x->cancel_wanted == NULL, ended = false;
	const char *reason = in->reason;
	enum err e;

	if (to != STATUS_cancelled && to != STATUS_rejected)
		return has_code ? fail_field(op, "reason_code", "is for cancelled and rejected")
				: order_forward(op, x, to, WHO_STAFF, reason);
	if (x->status == to)
		return OK;
	if (reason == NULL || reason[0] == '\0')
		reason = cancel_reason_sentence(
		    has_code ? (enum cancel_reason)in->reason_code : CANCEL_REASON_other);
	e = submission_cancel(
	    op, x, &d->terms, status_event_to(to), WHO_STAFF, reason, &ended);
	/* A wish that was there before is the one that stands. */
	if (e == OK && (ended || is_first))
		x->cancellation_code = has_code ? cancel_reason_codes[in->reason_code] : NULL;
	d->status = ended ? 200 : 202;
	return e;
}

static enum err
status_patch(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = move_act, .audit = "order.status", .wants_pos = true };
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

struct undo_input {
	const char *reason;
};
static const struct body_field undo_fields[] = {
	BODY_TEXT(struct undo_input, reason, .min = 1, .max = 255),
};
static const struct body_shape undo_body = BODY_SHAPE(struct undo_input, undo_fields);

static enum err
cash_undo_act(struct op *op, struct deed *d, struct order_axes *x)
{
	const struct undo_input *in = d->request->input;

	return order_settle_cash_undo(op, x, in->reason);
}

static enum err
cash_undo_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = cash_undo_act, .audit = "order.cash_undone" };
	enum err e = deed_do(op, r, &d);

	return e != OK ? e : order_reply(op, r, d.order_id, d.status, reply);
}

struct ready_input {
	int64_t minutes, at; /* from now, or the moment */
};
static const struct body_field ready_fields[] = {
	BODY_I64(struct ready_input, minutes, .min = 1, .max = 1440, .is_optional = true),
	BODY_TIME(struct ready_input, at, .is_optional = true),
};
static const struct body_shape ready_body = BODY_SHAPE(struct ready_input, ready_fields);

static enum err
ready_act(struct op *op, struct deed *d, struct order_axes *x)
{
	const struct ready_input *in = d->request->input;
	int64_t at = in->minutes > 0 ? op->now_us + in->minutes * MINUTE_US : in->at;
	char text[ISO8601_LEN];

	if ((in->minutes > 0) == (in->at != TIME_NONE))
		return fail_field(op, "minutes", "is needed, or at, and not both");
	if (at <= op->now_us || at > op->now_us + 7 * DAY_US)
		return fail_field(op, "at", "must lie ahead, within a week");
	if (x->status >= STATUS_ready)
		return fail(op, ERR_ILLEGAL_TRANSITION,
		    "There is nothing to wait for: the order is %s", status_name(x->status));
	order_estimate(op, x, at);
	iso8601_format(at, text);
	d->detail = arena_printf(op->arena, "{\"ready_by\":\"%s\"}", text);
	return order_status_ignored(
	    op, x, "ready_time", arena_printf(op->arena, "Ready by %s", text));
}

static enum err
ready_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = ready_act, .audit = "order.ready_time" };
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
	struct deed d = { .act = retry_act, .audit = "order.retry_pos", .wants_pos = true };
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
		return submission_decide(op, x, d->has_pos ? &d->terms : NULL,
		    (enum submission_seen)in->decision, reason);
	if (x->pos_state != POS_failed && x->pos_state != POS_manual)
		return fail(op, ERR_ILLEGAL_TRANSITION,
		    "There is nothing to enter by hand: the order is %s at the POS",
		    pos_state_name(x->pos_state));
	return order_by_hand(op, x, d->has_pos ? &d->terms : NULL, reason);
}

static enum err
decision_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = decision_act,
		.audit = "order.pos_decision",
		.wants_pos = true };
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

static enum err
reasons_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct json_write *w = reply_json(reply, 200);

	(void)op;
	(void)r;
	json_write_object(w, NULL);
	json_write_array(w, "reasons");
	for (enum cancel_reason i = 0; i < CANCEL_REASON__MAX; i++) {
		json_write_object(w, NULL);
		json_write_string(w, "code", cancel_reason_codes[i]);
		json_write_string(w, "sentence", cancel_reason_sentence(i));
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_object_end(w);
	return OK;
}

/* --- the list --------------------------------------------------------------------------------- */

/* `open` stands for the five before the ends. */
static const char *const statuses[] = { "received", "confirmed", "preparing", "ready",
	"out_for_delivery", "completed", "cancelled", "rejected", "open", NULL };
static const char *const pos_states[] = { "not_required", "queued", "submitting", "unsure",
	"accepted", "failed", "manual", NULL };
static const char *const payment_statuses[] = { "pending", "authorized", "paid", "failed",
	"partially_refunded", "refunded", NULL };
static const char *const order_types[] = { "dine_in", "pickup", "delivery", NULL };
static const char *const sorts[] = { "newest", "oldest", NULL };
static const char *const releases[] = { [BOARD_RELEASED] = "true",
	[BOARD_UNRELEASED] = "false",
	[BOARD_RELEASED_OR_NOT] = "any",
	NULL };
static const char *const deliveries[] = { [BOARD_DELIVERY_ANY] = "any",
	[BOARD_DELIVERY_UNASSIGNED] = "unassigned",
	[BOARD_DELIVERY_ASSIGNED] = "assigned",
	[BOARD_DELIVERY_PICKED_UP] = "picked_up",
	[BOARD_DELIVERY_STRANDED] = "stranded",
	NULL };

#define STATUSES_OPEN (1u << STATUS__MAX)
#define SEARCH_DAYS 7 /* looks at so many days unless it is told which */
#define SEARCH_MIN 2
#define SEARCH_TAIL_MAX 16
#define SEARCH_TAIL_KITCHEN 4 /* of a number that they do not see more of */
#define SEARCH_NUMBER_MAX 20

static const char *
list_of(struct op *op, const char *const *words, unsigned set)
{
	struct buf list;

	if (set == 0)
		return NULL;
	buf_init(&list, op->arena, 1000);
	for (int i = 0; words[i] != NULL; i++)
		if ((set & 1u << i) != 0)
			buf_addf(&list, "%s%s", list.len > 0 ? "," : "", words[i]);
	return list.data;
}

static enum err
words_filter(struct op *op, const struct request *r, const char *name, const char *const *words,
    const char **ret)
{
	unsigned set = 0;
	enum err e = request_query_words(op, r, name, words, &set);

	if (e == OK)
		*ret = list_of(op, words, set);
	return e;
}

static enum err
statuses_filter(struct op *op, const struct request *r, struct board_filter *f)
{
	unsigned set = 0;
	enum err e = request_query_words(op, r, "status", statuses, &set);

	if (e != OK)
		return e;
	if ((set & STATUSES_OPEN) != 0)
		set = (set & ~STATUSES_OPEN) | ((1u << STATUS_completed) - 1);
	f->statuses = list_of(op, statuses, set);
	f->is_open_only = set != 0 && set < 1u << STATUS_completed;
	return OK;
}

/* Business days as a person counts them, both included. */
static enum err
days_filter(struct op *op, const struct request *r, struct board_filter *f)
{
	const char *from = request_query(r, "from"), *to = request_query(r, "to");
	const char *zone = r->restaurant->time_zone;
	struct settings settings;
	int64_t day, begins, ends;
	int starts;
	enum err e;

	if (from == NULL && to == NULL)
		return OK;
	if (f->since_us != TIME_NONE || f->until_us != TIME_NONE)
		return fail_field(op, "from", "does not go with since and until");
	e = settings_read(op, r->restaurant->id, r->restaurant->currency, &settings);
	if (e != OK)
		return e;
	starts = settings.day_starts_min;
	if (from != NULL &&
	    (!day_parse(from, &day) || !day_bounds(zone, starts, day, &f->since_us, &ends)))
		return fail_field(op, "from", "must be a date, as 2026-02-13");
	if (to != NULL &&
	    (!day_parse(to, &day) || !day_bounds(zone, starts, day, &begins, &f->until_us)))
		return fail_field(op, "to", "must be a date, as 2026-02-13");
	if (f->since_us != TIME_NONE && f->until_us != TIME_NONE && f->until_us <= f->since_us)
		return fail_field(op, "to", "must not lie before `from`");
	return OK;
}

static bool
is_number_of_orders(const char *text)
{
	static const char prefix[] = "ORD-";
	size_t len = strlen(text);

	return strncmp(text, prefix, sizeof prefix - 1) == 0 && len <= SEARCH_NUMBER_MAX &&
	       strspn(text + sizeof prefix - 1, "0123456789-") == len - (sizeof prefix - 1);
}

/* An order's number, or the digits that it, or the guest's telephone number, ends with. */
static enum err
search_filter(struct op *op, const struct request *r, struct board_filter *f)
{
	const char *text = request_query(r, "search");
	size_t len;

	if (text == NULL)
		return OK;
	if (is_number_of_orders(text)) {
		f->order_number = text;
		return OK;
	}
	text += *text == '+';
	len = strlen(text);
	if (len < SEARCH_MIN || len > SEARCH_TAIL_MAX || strspn(text, "0123456789") != len)
		return fail_field(op, "search",
		    "must be an order's number, or its or a telephone's last %d digits or more",
		    SEARCH_MIN);
	f->tail = text;
	f->tail_is_number = !may_call(op) && len > SEARCH_TAIL_KITCHEN;
	if (f->since_us == TIME_NONE && f->until_us == TIME_NONE)
		f->since_us = op->now_us - SEARCH_DAYS * DAY_US;
	return OK;
}

/* Where a page begins: behind the order that ended the page before. */
static enum err
cursor_read(struct op *op, const struct request *r, struct order *cursor, struct board_filter *f)
{
	unsigned char id[UUID_LEN];
	bool is_there = false;
	enum err e = request_query_uuid(op, r, "cursor", &is_there, id);

	if (e != OK || !is_there)
		return e;
	e = order_head(op, r->restaurant->id, id, cursor);
	if (e == ERR_NO_ROW)
		return fail_field(op, "cursor", "is not one of ours");
	f->after = cursor;
	return e;
}

static enum err
word_filter(struct op *op, const struct request *r, struct board_filter *f)
{
	int released = BOARD_RELEASED, delivery = BOARD_DELIVERY_ANY, sort = 0;
	enum err e = request_query_word(op, r, "released", releases, &released);

	if (e == OK)
		e = request_query_word(op, r, "delivery", deliveries, &delivery);
	if (e == OK)
		e = request_query_word(op, r, "sort", sorts, &sort);
	f->released = (enum board_released)released;
	f->delivery = (enum board_delivery)delivery;
	f->is_oldest_first = sort == 1;
	return e;
}

static enum err
filter_read(
    struct op *op, const struct request *r, struct order *cursor, struct board_filter *f)
{
	enum err e = request_query_i64(op, r, "limit", 1, ORDERS_READ_MAX, &f->n);

	if (e == OK)
		e = statuses_filter(op, r, f);
	if (e == OK)
		e = words_filter(op, r, "pos_state", pos_states, &f->pos_states);
	if (e == OK)
		e = words_filter(op, r, "payment_status", payment_statuses, &f->payment_statuses);
	if (e == OK)
		e = words_filter(op, r, "order_type", order_types, &f->order_types);
	if (e == OK)
		e = word_filter(op, r, f);
	if (e == OK)
		e = request_query_since(op, r, &f->since_us, &f->until_us);
	if (e == OK)
		e = days_filter(op, r, f);
	if (e == OK)
		e = search_filter(op, r, f);
	return e != OK ? e : cursor_read(op, r, cursor, f);
}

static enum err
orders_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct board_filter filter = {
		.since_us = TIME_NONE, .until_us = TIME_NONE, .n = PAGE_DEFAULT
	};
	char cursor[UUID_TEXT_LEN];
	struct order *orders = NULL, last;
	struct json_write *w;
	bool has_more = false;
	size_t n = 0, i;
	enum err e = filter_read(op, r, &last, &filter);

	if (e == OK)
		e = board_read(op, r->restaurant->id, &filter, &orders, &n, &has_more);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "orders");
	for (i = 0; i < n && w->out->len < PAGE_BYTES; i++)
		order_json_staff(w, NULL, &orders[i], NULL, 0, may_call(op));
	json_write_array_end(w);
	has_more |= i < n;
	if (i > 0)
		uuid_format(orders[i - 1].public_id.data, cursor);
	json_write_string(w, "next_cursor", has_more && i > 0 ? cursor : NULL);
	json_write_object_end(w);
	return OK;
}

/* --- what somebody must see to ---------------------------------------------------------------- */

static enum err
failures_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct order *orders = NULL, last = { .id = 0 };
	struct board_filter page = { .n = PAGE_DEFAULT };
	char cursor[UUID_TEXT_LEN];
	struct json_write *w;
	bool has_more = false;
	size_t n = 0, i;
	enum err e = request_query_i64(op, r, "limit", 1, ORDERS_READ_MAX, &page.n);

	if (e == OK)
		e = cursor_read(op, r, &last, &page);
	if (e == OK)
		e = trouble_read(
		    op, r->restaurant->id, last.id, page.n, &orders, &n, &has_more);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "failures");
	for (i = 0; i < n && w->out->len < PAGE_BYTES; i++)
		order_json_staff(w, NULL, &orders[i], NULL, 0, may_call(op));
	json_write_array_end(w);
	has_more |= i < n;
	if (i > 0)
		uuid_format(orders[i - 1].public_id.data, cursor);
	json_write_string(w, "next_cursor", has_more && i > 0 ? cursor : NULL);
	json_write_object_end(w);
	return OK;
}

/* --- who brings it ---------------------------------------------------------------------------- */

struct assign_input {
	unsigned char staff_id[UUID_LEN];
};
static const struct body_field assign_fields[] = { BODY_UUID(struct assign_input, staff_id) };
static const struct body_shape assign_body = BODY_SHAPE(struct assign_input, assign_fields);

static enum err
assign_act(struct op *op, struct deed *d, struct order_axes *x)
{
	const struct assign_input *in = d->request->input;
	char id[UUID_TEXT_LEN];

	uuid_format(in->staff_id, id);
	d->detail = arena_printf(op->arena, "{\"staff_id\":\"%s\"}", id);
	return delivery_assign(op, x, in->staff_id);
}

static enum err
assign_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = assign_act, .audit = "order.assign_delivery" };
	enum err e = deed_do(op, r, &d);

	return e != OK ? e : order_reply(op, r, d.order_id, d.status, reply);
}

static enum err
unassign_act(struct op *op, struct deed *d, struct order_axes *x)
{
	(void)d;
	return delivery_unassign(op, x);
}

static enum err
assign_delete(struct op *op, const struct request *r, struct reply *reply)
{
	struct deed d = { .act = unassign_act, .audit = "order.unassign_delivery" };
	enum err e = deed_do(op, r, &d);

	return e != OK ? e : order_reply(op, r, d.order_id, d.status, reply);
}

static const struct route routes[] = {
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/orders",
	    .roles = ROLES_KITCHEN,
	    .tenant = TENANT_NEEDED,
	    .query = "limit cursor sort status order_type payment_status pos_state released "
		     "delivery from to since until search",
	    .rate = RATE_READ,
	    .handle = orders_get,
	    .sentence = "The restaurant's orders, whole, by many filters" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/pos-failures",
	    .roles = ROLES_KITCHEN,
	    .tenant = TENANT_NEEDED,
	    .query = "limit cursor",
	    .rate = RATE_READ,
	    .handle = failures_get,
	    .sentence = "Orders that somebody must see to at the POS, why, and what to do" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/cancel-reasons",
	    .roles = ROLES_KITCHEN,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_READ,
	    .handle = reasons_get,
	    .sentence = "The reasons that staff may name for ending an order" },
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
	    .path = "/api/v1/admin/orders/{id}/cash-undone",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .body = &undo_body,
	    .body_max = 4096,
	    .rate = RATE_WRITE,
	    .handle = cash_undo_post,
	    .sentence = "It was a mistake that the guest has paid in cash" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/admin/orders/{id}/ready-time",
	    .roles = ROLES_KITCHEN,
	    .tenant = TENANT_NEEDED,
	    .body = &ready_body,
	    .body_max = 4096,
	    .rate = RATE_WRITE,
	    .handle = ready_post,
	    .sentence = "Say when an order will be ready" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/admin/orders/{id}/assign-delivery",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .body = &assign_body,
	    .body_max = 4096,
	    .rate = RATE_WRITE,
	    .handle = assign_post,
	    .sentence = "Give an order to whoever is to bring it" },
	{ .method = METHOD_DELETE,
	    .path = "/api/v1/admin/orders/{id}/assign-delivery",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_WRITE,
	    .handle = assign_delete,
	    .sentence = "Take an order from whoever was to bring it" },
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
