/*
 * delivery: the pool for those who bring orders to guests: what is theirs to bring, and how far
 * they have got.
 *
 * It is a pool of its own because it serves telephones that lie about: the user with which it
 * reaches the database may not do what the back office may.
 */
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "http/body.h"
#include "http/deed.h"
#include "http/front.h"
#include "http/reply.h"
#include "mem/buf.h"
#include "order/delivery.h"
#include "order/order.h"
#include "order/order_json.h"
#include "person/role.h"
#include "tenant/restaurant.h"
#include "text/json_write.h"
#include "text/uuid.h"

#define PAGE_DEFAULT 50
#define PAGE_BYTES ((size_t)2 * 1024 * 1024) /* one order more still fits an answer */
#define ROLES_DELIVERY (ROLE_DELIVERY | ROLE_ADMIN) /* as delivery.h says who may be assigned */

/* To whoever does not bring it, an order is one that does not exist. */
static enum err
own_order(struct op *op, const struct request *r, struct order *ret)
{
	unsigned char id[UUID_LEN];
	enum err e = request_path_uuid(op, r, "id", id);

	if (e == OK)
		e = order_read_public(op, r->restaurant->id, id, ret);
	if (e == ERR_NO_ROW ||
	    (e == OK && (ret->delivery == NULL || ret->delivery->staff_id != op->actor.id)))
		return fail(op, ERR_NOT_FOUND, NULL);
	return e;
}

static enum err
delivery_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct order order;
	struct json_write *w;
	enum err e = own_order(op, r, &order);

	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	order_json_delivery(w, "order", &order);
	json_write_object_end(w);
	order_tag(op, r, reply, order.history_seq);
	return OK;
}

static const char *const delivery_moves[] = { "picked_up", "delivered", NULL };

struct delivery_input {
	int status;
	bool cash_received;
};
static const struct body_field delivery_fields[] = {
	BODY_WORD(struct delivery_input, status, delivery_moves),
	BODY_BOOL(struct delivery_input, cash_received, .is_optional = true),
};
static const struct body_shape delivery_body = BODY_SHAPE(struct delivery_input, delivery_fields);

static enum err
delivery_act(struct op *op, struct deed *d, struct order_axes *x)
{
	const struct delivery_input *in = d->request->input;

	if (in->status == 1)
		return delivery_hand_over(op, x, op->actor.id, in->cash_received);
	return delivery_pick_up(op, x, op->actor.id);
}

static enum err
delivery_patch(struct op *op, const struct request *r, struct reply *reply)
{
	const struct delivery_input *in = r->input;
	struct deed d = { .act = delivery_act,
		.audit = in->status == 1 ? "delivery.delivered" : "delivery.picked_up",
		.detail = in->cash_received ? "{\"cash_received\":true}" : NULL };
	enum err e;

	if (in->cash_received && in->status == 0)
		return fail_field(op, "cash_received", "is for delivered");
	e = deed_do(op, r, &d);
	return e != OK ? e : delivery_get(op, r, reply);
}

/*
 * A page of a list in which an order may move on while it is being read: the cursor says where it
 * stood, "open-" or "ended-" and its id.
 */
static enum err
delivery_cursor_read(struct op *op, const struct request *r, struct delivery_cursor *place,
    const struct delivery_cursor **ret)
{
	const char *text = request_query(r, "cursor");
	unsigned char id[UUID_LEN];
	struct order order;
	enum err e;

	if (text == NULL)
		return OK;
	place->is_open = strncmp(text, "open-", 5) == 0;
	if ((!place->is_open && strncmp(text, "ended-", 6) != 0) ||
	    !uuid_parse(strchr(text, '-') + 1, id))
		return fail_field(op, "cursor", "is not one of ours");
	e = order_head(op, r->restaurant->id, id, &order);
	if (e == ERR_NO_ROW)
		return fail_field(op, "cursor", "is not one of ours");
	if (e == OK) {
		place->order_id = order.id;
		*ret = place;
	}
	return e;
}

struct bringing {
	const struct request *request;
	const struct delivery_cursor *after;
	int64_t n;
	struct order *orders;
	size_t orders_n;
	bool has_more;
};

static enum err
bringing_body(struct op *op, void *arg)
{
	struct bringing *b = arg;
	int64_t restaurant_id = b->request->restaurant->id, *ids;
	size_t n;
	enum err e =
	    delivery_list(op, restaurant_id, op->actor.id, b->after, b->n, &ids, &n);

	b->orders_n = 0;
	if (e == OK)
		e = orders_read(op, restaurant_id, ids, n, &b->orders, &b->orders_n);
	b->has_more = e == OK && ((int64_t)n == b->n || b->orders_n < n);
	return e;
}

static enum err
deliveries_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct bringing b = { .request = r, .n = PAGE_DEFAULT };
	struct delivery_cursor place;
	char id[UUID_TEXT_LEN], cursor[UUID_TEXT_LEN + sizeof "ended-"] = "";
	struct json_write *w;
	size_t i;
	enum err e = request_query_i64(op, r, "limit", 1, ORDERS_READ_MAX, &b.n);

	if (e == OK)
		e = delivery_cursor_read(op, r, &place, &b.after);
	if (e == OK)
		e = db_snapshot(op, bringing_body, &b);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "orders");
	for (i = 0; i < b.orders_n && w->out->len < PAGE_BYTES; i++)
		order_json_delivery(w, NULL, &b.orders[i]);
	json_write_array_end(w);
	b.has_more |= i < b.orders_n;
	if (i > 0) {
		uuid_format(b.orders[i - 1].public_id.data, id);
		(void)snprintf(cursor, sizeof cursor, "%s-%s",
		    b.orders[i - 1].delivery->is_open ? "open" : "ended", id);
	}
	json_write_string(w, "next_cursor", b.has_more && i > 0 ? cursor : NULL);
	json_write_object_end(w);
	return OK;
}

static const struct route routes[] = {
	{ .method = METHOD_GET,
	    .path = "/api/v1/delivery/orders",
	    .roles = ROLES_DELIVERY,
	    .tenant = TENANT_NEEDED,
	    .query = "limit cursor",
	    .rate = RATE_READ,
	    .handle = deliveries_get,
	    .sentence = "What one has to bring, then what one has brought" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/delivery/orders/{id}",
	    .roles = ROLES_DELIVERY,
	    .tenant = TENANT_NEEDED,
	    .rate = RATE_READ,
	    .handle = delivery_get,
	    .sentence = "One order that is, or was, one's own to bring" },
	{ .method = METHOD_PATCH,
	    .path = "/api/v1/delivery/orders/{id}",
	    .roles = ROLES_DELIVERY,
	    .tenant = TENANT_NEEDED,
	    .body = &delivery_body,
	    .body_max = 4096,
	    .rate = RATE_WRITE,
	    .handle = delivery_patch,
	    .sentence = "It is picked up, or handed over" },
};

static const struct pool pool = {
	.name = "delivery", .program = PROGRAM_delivery, .routes = ROUTE_TABLE(routes)
};

int
main(int argc, char **argv)
{
	return front_main(argc, argv, &pool);
}
