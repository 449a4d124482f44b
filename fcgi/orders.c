/*
 * orders: the pool in which guests place orders and look after them.
 */
#include <string.h>

#include "db/db.h"
#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
#include "idempotency/idempotency.h"
#include "mem/buf.h"
#include "menu/menu.h"
#include "order/discount.h"
#include "order/move.h"
#include "order/order.h"
#include "order/order_json.h"
#include "order/place.h"
#include "order/submission.h"
#include "person/role.h"
#include "person/user.h"
#include "provider/connect.h"
#include "tenant/restaurant.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/uuid.h"

#define PAGE_DEFAULT 20
#define PAGE_MAX 100
#define AMOUNT_MAX INT64_C(1000000000) /* of a tip, in minor units */
#define CODE_MAX 64

static const char *const order_types[] = { "dine_in", "pickup", "delivery", NULL };
static const char *const statuses[] = {
#define STATUS_STATE(word, stamp) #word,
#include "order/order_state.def"
#undef STATUS_STATE
	NULL
};
static const char *const payment_methods[] = { "cash", "upi", NULL };

struct order_input {
	const struct cart_line *items;
	size_t items_n;
	int order_type, payment_method;
	const char *special_instructions, *delivery_address, *table_number, *customer_name,
	    *discount_code;
	int64_t scheduled_time, tip;
};

static const struct body_field addon_fields[] = {
	BODY_UUID(struct cart_addon, addon_item_id),
	BODY_I64(
	    struct cart_addon, quantity, .min = 1, .max = 99, .absent = 1, .is_optional = true),
};
static const struct body_shape addon_shape = BODY_SHAPE(struct cart_addon, addon_fields);

static const struct body_field line_fields[] = {
	BODY_UUID(struct cart_line, menu_item_id),
	BODY_UUID(struct cart_line, variation_id, .is_optional = true, .is_nullable = true,
	    BODY_HAS(struct cart_line, has_variation)),
	BODY_ARRAY(struct cart_line, addons, addons_n, &addon_shape, .max = CART_ADDONS_MAX,
	    .is_optional = true),
	BODY_I64(struct cart_line, quantity, .min = 1, .max = CART_QUANTITY_MAX),
	BODY_TEXT(struct cart_line, special_instructions, .max = 255, .is_optional = true,
	    .is_nullable = true),
};
static const struct body_shape line_shape = BODY_SHAPE(struct cart_line, line_fields);

static const struct body_field order_fields[] = {
	BODY_ARRAY(struct order_input, items, items_n, &line_shape, .max = CART_LINES_MAX),
	BODY_WORD(struct order_input, order_type, order_types),
	BODY_WORD(struct order_input, payment_method, payment_methods),
	BODY_TEXT(struct order_input, special_instructions, .max = 500, .is_optional = true,
	    .is_nullable = true),
	BODY_TEXT(struct order_input, delivery_address, .max = 500, .is_optional = true,
	    .is_nullable = true),
	BODY_TEXT(
	    struct order_input, table_number, .max = 20, .is_optional = true, .is_nullable = true),
	BODY_TEXT(struct order_input, customer_name, .max = 100, .is_optional = true,
	    .is_nullable = true),
	BODY_TIME(struct order_input, scheduled_time, .is_optional = true, .is_nullable = true),
	BODY_TEXT(struct order_input, discount_code, .max = CODE_MAX, .is_optional = true,
	    .is_nullable = true),
	BODY_MONEY(struct order_input, tip, .min = 0, .max = AMOUNT_MAX, .is_optional = true,
	    .is_nullable = true),
};
static const struct body_shape order_body = BODY_SHAPE(struct order_input, order_fields);

struct cancel_input {
	const char *reason;
};
static const struct body_field cancel_fields[] = {
	BODY_TEXT(
	    struct cancel_input, reason, .max = 255, .is_optional = true, .is_nullable = true),
};
static const struct body_shape cancel_body = BODY_SHAPE(struct cancel_input, cancel_fields);

/* Under an Idempotency-Key the request is what it was: restaurant, method, path and body. */
static struct idempotency
idempotency_of(struct op *op, const struct request *r)
{
	struct buf whole;

	buf_init(&whole, op->arena, r->body.len + strlen(r->path) + 64);
	buf_addf(&whole, "%lld %s %s\n", (long long)r->restaurant->id, r->method_name, r->path);
	buf_add(&whole, r->body.data, r->body.len);
	return (struct idempotency){
		.principal = arena_printf(op->arena, "user:%lld", (long long)op->actor.id),
		.key = r->idempotency_key,
		.request = { .data = whole.data, .len = whole.len },
	};
}

static void
placed_reply(
    struct op *op, const struct request *r, struct reply *reply, const struct order *o)
{
	char id[UUID_TEXT_LEN];

	uuid_format(o->public_id.data, id);
	reply_raw(reply, 201, "application/json", order_json_placed(op->arena, o));
	reply_location(reply, r, arena_printf(op->arena, "/api/v1/orders/%s", id));
}

/* The answer as it was, and the Location it had: the id is in it. */
static void
replayed_reply(struct op *op, const struct request *r, struct reply *reply,
    const struct idempotency *key)
{
	struct json_object *top;
	const char *id, *why;

	reply_raw(reply, key->status, "application/json", key->answer);
	reply_header(reply, "Idempotent-Replayed", "true");
	if (json_read(op->arena, key->answer.data, key->answer.len, &json_limits_default, &top,
		&why) == OK &&
	    json_as_string(json_member(json_member(top, "order"), "id"), &id))
		reply_location(reply, r, arena_printf(op->arena, "/api/v1/orders/%s", id));
}

static struct order_wish
wish_of(const struct op *op, const struct order_input *in)
{
	const struct user *user = op->actor.user;

	return (struct order_wish){
		.cart = { .lines = in->items,
		    .lines_n = in->items_n,
		    .order_type = order_types[in->order_type],
		    .tip_minor = in->tip,
		    .discount_code = discount_code(op->arena, in->discount_code) },
		.payment_method = payment_methods[in->payment_method],
		.special_instructions = in->special_instructions,
		.delivery_address = in->delivery_address,
		.table_number = in->table_number,
		.customer_name = in->customer_name != NULL ? in->customer_name : user->name,
		.customer_phone = user->phone,
		.user_id = user->id,
		.scheduled_time = in->scheduled_time,
	};
}

static enum err
order_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct idempotency idem, *key = NULL;
	struct submission_terms terms;
	struct order_wish wish = wish_of(op, r->input);
	struct order order;
	bool has_pos;
	enum err e;

	e = connection_terms(op, r->restaurant, &has_pos, &terms);
	if (e != OK)
		return e;
	if (r->idempotency_key != NULL) {
		idem = idempotency_of(op, r);
		key = &idem;
	}
	e = order_place(
	    op, r->restaurant, has_pos ? &terms : NULL, &wish, key, order_json_placed, &order);
	if (e != OK)
		return e;
	if (key != NULL && key->is_answered)
		replayed_reply(op, r, reply, key);
	else
		placed_reply(op, r, reply, &order);
	return OK;
}

static enum err
order_quote_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct order_wish wish = wish_of(op, r->input);
	struct order order;
	struct json_write *w;
	enum err e = order_quote(op, r->restaurant, &wish, &order);

	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	order_json_quote(w, "quote", &order);
	json_write_object_end(w);
	return OK;
}

/* An order of somebody else is one that does not exist. */
static enum err
own_order(struct op *op, const struct request *r,
    enum err (*read)(struct op *, int64_t, const unsigned char[16], struct order *),
    struct order *ret)
{
	unsigned char id[UUID_LEN];
	enum err e = request_path_uuid(op, r, "id", id);

	if (e == OK)
		e = read(op, r->restaurant->id, id, ret);
	if (e == ERR_NO_ROW || (e == OK && ret->user_id != op->actor.id))
		return fail(op, ERR_NOT_FOUND, NULL);
	return e;
}

static void
order_reply(struct reply *reply, int status, const struct order *o)
{
	struct json_write *w = reply_json(reply, status);

	json_write_object(w, NULL);
	order_json_full(w, "order", o);
	json_write_null(w, "payment");
	json_write_object_end(w);
}

static enum err
order_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct order order;
	enum err e = own_order(op, r, order_read_public, &order);

	if (e == OK)
		order_reply(reply, 200, &order);
	return e;
}

static enum err
order_status_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct order order;
	enum err e = own_order(op, r, order_head, &order);

	if (e == OK)
		order_json_status(reply_json(reply, 200), NULL, &order);
	return e;
}

static enum err
order_classic_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct json_write *w;
	struct order order;
	enum err e = own_order(op, r, order_read_public, &order);

	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	order_json_classic(w, "order", &order);
	json_write_array(w, "payments");
	json_write_array_end(w);
	json_write_bool(w, "status_updated", false);
	json_write_object_end(w);
	return OK;
}

/* Where a page begins: behind the order that ended the page before. */
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
	if (e == ERR_NO_ROW || (e == OK && last.user_id != op->actor.id))
		return fail_field(op, "cursor", "is not one of ours");
	if (e == OK)
		*ret_before_id = last.id;
	return e;
}

static enum err
filter_read(struct op *op, const struct request *r, struct order_filter *f)
{
	int status = -1;
	enum err e = request_query_i64(op, r, "limit", 1, PAGE_MAX, &f->n);

	if (e == OK)
		e = request_query_word(op, r, "status", statuses, &status);
	if (e == OK && status >= 0)
		f->status = statuses[status];
	if (e == OK)
		e = request_query_since(op, r, &f->since_us, &f->until_us);
	return e != OK ? e : cursor_read(op, r, &f->before_id);
}

static enum err
orders_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct order_filter filter = { .user_id = op->actor.id,
		.since_us = TIME_NONE,
		.until_us = TIME_NONE,
		.n = PAGE_DEFAULT };
	struct order *orders = NULL;
	char cursor[UUID_TEXT_LEN];
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
		order_json_full(w, NULL, &orders[i]);
	json_write_array_end(w);
	if (n > 0)
		uuid_format(orders[n - 1].public_id.data, cursor);
	json_write_string(w, "next_cursor", (int64_t)n == filter.n ? cursor : NULL);
	json_write_object_end(w);
	return OK;
}

struct cancelling {
	int64_t restaurant_id, order_id;
	const struct submission_terms *terms;
	const char *reason;
	bool ended;
};

static enum err
cancel_in_tx(struct op *op, void *arg)
{
	struct cancelling *c = arg;
	struct order_axes x;
	enum err e = order_lock(op, c->restaurant_id, c->order_id, &x);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	/* Said again it is no mistake: the first time decides. */
	c->ended = x.status == STATUS_cancelled;
	if (e != OK || c->ended)
		return e;
	e = submission_cancel(
	    op, &x, c->terms, STATUS_EVENT_cancel, WHO_GUEST, c->reason, &c->ended);
	return e != OK ? e : order_save(op, &x);
}

static enum err
order_cancel_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct cancel_input *in = r->input;
	struct submission_terms terms = { 0 };
	struct cancelling c = { .restaurant_id = r->restaurant->id,
		.terms = &terms,
		.reason = in->reason != NULL && in->reason[0] != '\0' ? in->reason
								      : "Cancelled by the guest" };
	struct order order;
	bool has_pos;
	enum err e = own_order(op, r, order_head, &order);

	if (e == OK)
		e = connection_terms(op, r->restaurant, &has_pos, &terms);
	if (e != OK)
		return e;
	c.order_id = order.id;
	e = db_tx(op, cancel_in_tx, &c);
	if (e == OK)
		e = order_read(op, r->restaurant->id, order.id, &order);
	if (e == OK)
		order_reply(reply, c.ended ? 200 : 202, &order);
	return e;
}

static const struct route routes[] = {
	{ .method = METHOD_POST,
	    .path = "/api/v1/orders",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_NEEDED,
	    .body = &order_body,
	    .body_max = 65536,
	    .rate = RATE_WRITE,
	    .idempotency = IDEMPOTENCY_ACCEPTED,
	    .handle = order_post,
	    .sentence = "Place an order" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/orders/quote",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_NEEDED,
	    .body = &order_body,
	    .body_max = 65536,
	    .rate = RATE_WRITE,
	    .handle = order_quote_post,
	    .sentence = "What an order would cost, and when it would be ready" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/orders",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_NEEDED,
	    .query = "limit cursor since status until",
	    .rate = RATE_READ,
	    .handle = orders_get,
	    .sentence = "One's own orders, newest first" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/orders/{id}",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_READ,
	    .handle = order_get,
	    .sentence = "One order with its lines" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/orders/{id}/status",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_READ,
	    .handle = order_status_get,
	    .sentence = "Only where an order stands, for polling" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/orders/{id}/cancel",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_NEEDED,
	    .body = &cancel_body,
	    .body_max = 4096,
	    .rate = RATE_WRITE,
	    .handle = order_cancel_post,
	    .sentence = "Cancel an order that is not ready yet" },
	{ .method = METHOD_GET,
	    .path = "/api/common/orders/{id}/",
	    .roles = ROLE_GUEST,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_READ,
	    .handle = order_classic_get,
	    .sentence = "An order in the words of older clients" },
};

static struct menu_cache *menus;

static void
menus_lend(struct op *op)
{
	if (menus == NULL)
		menus = menu_cache_new(0);
	op->menus = menus;
}

static const struct pool pool = { .name = "orders",
	.program = PROGRAM_orders,
	.routes = ROUTE_TABLE(routes),
	.begin = menus_lend };

int
main(int argc, char **argv)
{
	int status = front_main(argc, argv, &pool);

	menu_cache_free(&menus);
	return status;
}
