/*
 * amended: an order that the restaurant changes at its POS after it was accepted: what is told to whom, and what is not.
 */
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "mem/arena.h"
#include "mem/buf.h"
#include "op/op.h"
#include "pos/contents.h"
#include "provider/connect.h"
#include "tap.h"
#include "text/json_read.h"
#include "till.h"

#define GUID(n) "000000" n "-0000-4000-8000-0000000000" n
#define SQUARE "{\"access_token\":\"CANARY-TOKEN\",\"location_id\":\"L1\"}"
#define CLOVER "{\"access_token\":\"CANARY-TOKEN\",\"order_types.pickup\":\"PICKUP0000001\"}"
#define TOAST "{\"naming_authority\":\"TICKETRAIL\",\"use_price_call\":false,\"restaurant_guid\":\"" GUID("0a") "\"," \
	"\"dining_options\":{\"pickup\":\"" GUID("d1") "\"},\"packing_service_charge_guid\":\"" GUID("c2") "\",\"client_id\":\"CANARY-ID\",\"client_secret\":\"CANARY-SECRET\"}"

#define TOKEN "{\"token\":{\"tokenType\":\"Bearer\",\"expiresIn\":86400,\"accessToken\":\"CANARY-TOKEN\"},\"status\":\"SUCCESS\"}"

struct connecting {
	const struct shop *shop;
	const char *provider, *rest_id, *config;
};

static enum err
connect_body(struct op *op, void *arg)
{
	const struct connecting *c = arg;
	struct connection saved;

	return connection_save(op, &c->shop->restaurant, &(struct connection_wish){ .provider_name = c->provider,
	    .pos_restaurant_id = c->rest_id, .endpoint = "https://pos.example", .config = { c->config, strlen(c->config) } }, &saved);
}

static void
connect(const struct shop *s, const char *provider, const char *rest_id, const char *config)
{
	struct connecting c = { .shop = s, .provider = provider, .rest_id = rest_id, .config = config };
	struct op op;

	shop_op(&op, PROGRAM_integrations, s);
	ok(db_tx(&op, connect_body, &c) == OK, "the restaurant is at %s", provider);
	op_end(&op);
}

/* An order that was accepted, known there as `there`, of which the POS has said the sum that it has here. */
static int64_t
accepted(const struct shop *s, const char *there)
{
	int64_t id = shop_order(s);

	world_sql("UPDATE outbox SET kind = 'pos_look', attempts = 0 WHERE kind = 'pos_submit' AND subject_id = %lld", (long long)id);
	world_sql("UPDATE orders SET pos_state = 'accepted', pos_reference = order_number, pos_order_id = '%s', pos_total_minor = total_minor,"
	    " pos_proved_at = NOW(6), settled_at = NOW(6) WHERE id = %lld", there, (long long)id);
	world_sql("INSERT INTO order_status_history (order_id, seq, axis, event, old_status, new_status, changed_by, trace_id, created_at)"
	    " SELECT id, history_seq + 1, 'pos', 'present', 'queued', 'accepted', 'test', REPEAT('0', 32), NOW(6) FROM orders WHERE id = %lld",
	    (long long)id);
	world_sql("UPDATE orders SET history_seq = history_seq + 1 WHERE id = %lld", (long long)id);
	return id;
}

static void
look(const struct shop *s, int64_t id, const char *reply)
{
	struct attempt_seen a = till_attempt(s, MESSAGE_pos_look, id, TILL_REPLY(200, reply));

	ok(a.is_sent && a.outcome == OUTCOME_DONE, "E48 it is looked at: %s", a.url);
}

static const char *
texts(int64_t id, const char *type)
{
	return shop_text("SELECT COALESCE(GROUP_CONCAT(message ORDER BY id SEPARATOR ' | '), '') FROM notification_queue WHERE order_id = %lld"
	    " AND type = '%s'", (long long)id, type);
}

static const char *
modified(int64_t id)
{
	return shop_column(id, "CONCAT_WS(' | ', is_modified, pos_contents, pos_total_minor = total_minor)");
}

/* --- what an order consists of ----------------------------------------------------------------------------------- */

static const char *
words(struct arena *a, const char *json)
{
	struct json_object *list;
	const char *why;
	struct contents c;

	if (json_read(a, json, strlen(json), &json_limits_default, &list, &why) != OK)
		return why;
	contents_init(&c, a);
	for (size_t i = 0; i < json_array_n(list); i++)
		contents_add(&c, json_member(json_element(list, i), "n"), json_member(json_element(list, i), "name"),
		    json_member(json_element(list, i), "with"), "name");
	return contents_text(&c);
}

static void
test_words(void)
{
	struct arena *a = arena_new(1 << 20);
	struct buf many;

	ok(words(a, "[]") == NULL, "E23 no lines are no words");
	is_str(words(a, "[{\"name\":\"Cola\"},{\"name\":\"Ale\",\"n\":2},{\"name\":\"Cola\",\"n\":\"3.0\"}]"), "2 x Ale, 4 x Cola",
	    "E23 equal lines are one, whatever their order");
	is_str(words(a, "[{\"name\":\"Pie\",\"n\":\"1.5\",\"with\":[{\"name\":\"Salt\"},{\"name\":\"Oil\"}]}]"), "1 x 1.5 Pie (Salt, Oil)",
	    "E23 a part of one, and what is on it");
	is_str(words(a, "[{\"name\":\"Pie\",\"n\":-4},{\"name\":\"Tea\",\"n\":99999999999}]"), "1 x -4 Pie, 1 x 99999999999 Tea",
	    "E23 what makes no sense does no harm");
	ok(words(a, "[{\"name\":\"Tea\"},{\"n\":1}]") == NULL && words(a, "[{\"name\":\"Tea\",\"with\":[{}]}]") == NULL,
	    "E23 names that are told later are no change");
	is_str(words(a, "[{\"name\":\"A\\u0007\\nB\"}]"), "1 x A B", "SEC-12 nor does what no name should hold");
	buf_init(&many, a, 20000);
	for (int i = 0; i < 200; i++)
		buf_addf(&many, "%s{\"name\":\"Dish number %d\"}", i > 0 ? "," : "[", i);
	buf_addc(&many, ']');
	ok(strlen(words(a, many.data)) <= CONTENTS_MAX + 40 && strstr(words(a, many.data), " more") != NULL, "E23 of a feast the rest is counted");
	arena_free(&a);
}

/* --- the stories ------------------------------------------------------------------------------------------------- */

static const char *
square(int64_t id, int64_t total, const char *lines)
{
	return shop_text("SELECT CONCAT('{\"order\":{\"id\":\"SQ1\",\"location_id\":\"L1\",\"state\":\"OPEN\",\"version\":4,\"reference_id\":\"',"
	    " order_number, '\",\"line_items\":[%s],\"total_money\":{\"amount\":', total_minor + %lld, ',\"currency\":\"INR\"},"
	    "\"net_amount_due_money\":{\"amount\":0,\"currency\":\"INR\"}}}') FROM orders WHERE id = %lld", lines, (long long)total, (long long)id);
}

static void
test_square(void)
{
	static struct shop s;
	int64_t id;

	shop_make(&s, "am-square");
	connect(&s, "square", NULL, SQUARE);
	id = accepted(&s, "SQ1");
	look(&s, id, square(id, 0, "{\"name\":\"Paneer Tikka\",\"quantity\":\"1\"}"));
	is_str(modified(id), "0 | 1 x Paneer Tikka | 1", "E23 how it came there");
	look(&s, id, square(id, 0, "{\"name\":\"Paneer Tikka\",\"quantity\":\"1\"}"));
	is_str(shop_notices(id), "", "E23 as long as it stays so nobody hears of it");

	look(&s, id, square(id, 4000, "{\"name\":\"Masala Chai\",\"quantity\":\"2\",\"modifiers\":[{\"name\":\"Sugar\"}]},"
	    "{\"name\":\"Paneer Tikka\",\"quantity\":\"1\"}"));
	is_str(modified(id), "1 | 2 x Masala Chai (Sugar), 1 x Paneer Tikka | 0", "E23 the restaurant adds something");
	is_str(shop_notices(id), "pos_amended order_amended", "E23 staff and the guest are told");
	ok(strstr(texts(id, "pos_amended"), "now 2 x Masala Chai (Sugar), 1 x Paneer Tikka; in all ") != NULL &&
	    strstr(texts(id, "pos_amended"), " before, ") != NULL, "E23 what it is now, and the sums: %s", texts(id, "pos_amended"));
	ok(strstr(texts(id, "order_amended"), "It is now 2 x Masala Chai (Sugar), 1 x Paneer Tikka; in all ") != NULL,
	    "E23 and so is the guest: %s", texts(id, "order_amended"));
	look(&s, id, square(id, 4000, "{\"name\":\"Paneer Tikka\",\"quantity\":\"1\"},"
	    "{\"name\":\"Masala Chai\",\"quantity\":\"2\",\"modifiers\":[{\"name\":\"Sugar\"}]}"));
	is_str(shop_notices(id), "pos_amended order_amended", "E23 once, in whatever order its lines come");

	look(&s, id, square(id, 4000, "{\"name\":\"Paneer Tikka\",\"quantity\":\"1\"},{\"name\":\"Lassi\",\"quantity\":\"2\"}"));
	is_str(shop_notices(id), "pos_amended order_amended pos_amended order_amended", "E23 another change, of the same sum, is told too");
	is_str(shop_text("SELECT GROUP_CONCAT(event ORDER BY seq) FROM order_status_history WHERE order_id = %lld AND axis = 'status'", (long long)id),
	    "place,amended,amended", "E23 and the history has both");
	is_str(shop_column(id, "CONCAT_WS(' ', total_minor, (SELECT COUNT(*) FROM order_items i WHERE i.order_id = orders.id))"),
	    shop_column(id, "CONCAT(subtotal_minor + tax_minor + packing_minor + delivery_charge_minor + tip_minor - discount_minor, ' 1')"),
	    "E23 what the guest ordered stays as it was");
	shop_check(&s, id, "an order that was changed at Square");
}

static void
test_toast(void)
{
	static struct shop s;
	static const char lines[] = "{\"guid\":\"" GUID("0b") "\",\"externalId\":\"TICKETRAIL:x\",\"checks\":[{\"totalAmount\":%s,\"selections\":["
				    "{\"displayName\":\"Thali\",\"quantity\":1.0,\"voided\":%s},{\"displayName\":\"Cola\",\"quantity\":%s}]}]}";
	char reply[500];
	int64_t id, integration_id;

	shop_make(&s, "am-toast");
	connect(&s, "toast", NULL, TOAST);
	integration_id = world_int("SELECT id FROM restaurant_pos_integrations WHERE restaurant_id = %lld", (long long)s.restaurant.id);
	till_attempt(&s, MESSAGE_pos_login, integration_id, TILL_REPLY(200, TOKEN));
	id = accepted(&s, GUID("0b"));
	world_sql("UPDATE orders SET pos_total_minor = 30000, total_minor = 30000 WHERE id = %lld", (long long)id);
	(void)snprintf(reply, sizeof reply, lines, "300.00", "false", "1.0");
	look(&s, id, reply);
	is_str(modified(id), "0 | 1 x Cola, 1 x Thali | 1", "E23 as it is at Toast");
	(void)snprintf(reply, sizeof reply, lines, "120.50", "true", "2.0");
	look(&s, id, reply);
	is_str(modified(id), "1 | 2 x Cola | 0", "E23 what is voided there is off, and more of something is more");
	ok(strstr(texts(id, "pos_amended"), "in all 120.50 there, 300.00 before, 300.00 here") != NULL, "E23 the sums: %s", texts(id, "pos_amended"));
}

static void
test_clover(void)
{
	static struct shop s;
	static const char lines[] = "{\"id\":\"CLOVER0000001\",\"state\":\"open\",\"total\":%d,\"lineItems\":{\"elements\":[{\"name\":\"Naan\"},"
				    "{\"name\":\"Dal\",\"refunded\":%s},{\"name\":\"Naan\",\"exchanged\":%s}]}}";
	char reply[500];
	int64_t id;

	shop_make(&s, "am-clover");
	connect(&s, "clover", "MERCH1", CLOVER);
	id = accepted(&s, "CLOVER0000001");
	world_sql("UPDATE orders SET pos_total_minor = 30000, total_minor = 30000, tip_minor = 500 WHERE id = %lld", (long long)id);
	(void)snprintf(reply, sizeof reply, lines, 30000, "false", "false");
	look(&s, id, reply);
	is_str(modified(id), "0 | 1 x Dal, 2 x Naan | 0", "E22 a sum that is apart by the tip is none that was changed");
	(void)snprintf(reply, sizeof reply, lines, 20000, "true", "true");
	look(&s, id, reply);
	is_str(modified(id), "1 | 1 x Naan | 0", "E23 given back, or swapped, it is off");
	is_str(shop_notices(id), "pos_amended order_amended", "E23 staff and the guest are told");
	(void)snprintf(reply, sizeof reply, lines, 15000, "true", "true");
	look(&s, id, reply);
	is_str(shop_notices(id), "pos_amended order_amended pos_amended order_amended", "E23 as they are of a sum alone");
}

/* It says that, and not what. */
static void
test_petpooja(void)
{
	static struct shop s;
	int64_t id;

	shop_make(&s, "am-pp");
	shop_connect(&s, NULL);
	id = shop_order(&s);
	till_attempt(&s, MESSAGE_pos_submit, id, till_yes(id, NULL));
	till_callback(&s, id, "1", ",\"is_modified\":\"No\"");
	is_str(shop_notices(id), "", "WH-11 it is as it was");
	till_callback(&s, id, "2", ",\"is_modified\":\"Yes\"");
	is_str(shop_notices(id), "pos_amended order_amended", "E23 WH-11 changed at PetPooja: staff and the guest are told");
	ok(strstr(texts(id, "pos_amended"), "does not say how") != NULL, "E23 that it does not say how: %s", texts(id, "pos_amended"));
	till_callback(&s, id, "5", ",\"is_modified\":\"Yes\"");
	is_str(shop_notices(id), "pos_amended order_amended", "E23 once");
	is_str(shop_axes(id), "ready/accepted/pending", "ORD-14 and the order goes on");
	shop_check(&s, id, "an order that was changed at PetPooja");
	id = shop_order(&s);
	till_attempt(&s, MESSAGE_pos_submit, id, till_yes(id, NULL));
	till_callback(&s, id, "-1", ",\"is_modified\":\"Yes\",\"cancel_reason\":\"closed\"");
	is_str(shop_notices(id), "order_ended", "E23 of one that has ended only the end is told");
}

int
main(void)
{
	test_words();
	test_square();
	test_toast();
	test_clover();
	test_petpooja();
	return tap_done();
}
