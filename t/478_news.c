/* news: what Clover, which tells of every merchant in one call and of every order of the house, calls us with. */
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "op/op.h"
#include "provider/connect.h"
#include "provider/webhook.h"
#include "tap.h"
#include "till.h"

#define AGREED "6d0a1a52-5c3f-4a63-8f4d-2f1fb6ad9a0e"
#define CONFIG "{\"access_token\":\"CANARY-TOKEN\",\"order_types.pickup\":\"PICKUP0000001\"}"

static struct shop shop, other;

/* --- connecting, and calling ------------------------------------------------------------------------------------- */

struct connecting {
	const struct shop *shop;
	const char *merchant, *agreed;
};

static enum err
connect_body(struct op *op, void *arg)
{
	struct connecting *c = arg;
	struct connection saved;

	return connection_save(op, &c->shop->restaurant, &(struct connection_wish){ .provider_name = "clover",
	    .pos_restaurant_id = c->merchant, .endpoint = "https://pos.example", .config = { CONFIG, sizeof CONFIG - 1 },
	    .authorization = c->agreed }, &saved);
}

static void
connect(const struct shop *s, const char *merchant, const char *agreed)
{
	struct connecting c = { .shop = s, .merchant = merchant, .agreed = agreed };
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_integrations, s);
	e = db_tx(&op, connect_body, &c);
	if (e != OK)
		diag("%s %s", err_info(e)->name, op.fault.details != NULL ? op.fault.details : "");
	ok(e == OK, "the restaurant is %s at Clover", merchant);
	op_end(&op);
}

static const char *
header_find(const void *request, const char *name)
{
	return strcmp(name, "x-clover-auth") == 0 ? request : NULL;
}

/* What is answered; 0 for a fault. */
static int
call(const char *agreed, const char *body)
{
	struct webhook_call c = { .provider = "clover", .type = "events", .header = header_find, .request = agreed,
		.headers = "x: y\n", .source_address = "192.0.2.7", .body = { body, strlen(body) } };
	struct webhook_answer answer = { .http_status = 0 };
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_webhooks, NULL);
	e = webhook_take(&op, &shop_keys, &c, &answer);
	if (e != OK)
		diag("%s %s", err_info(e)->name, op.fault.internal != NULL ? op.fault.internal : "");
	op_end(&op);
	return e == OK ? answer.http_status : 0;
}

static const char *
one(const char *merchant, const char *object, int64_t ts)
{
	static char body[4][300];
	static size_t n;
	char *to = body[n++ % 4];

	(void)snprintf(to, sizeof body[0], "{\"merchants\":{\"%s\":[{\"objectId\":\"%s\",\"type\":\"UPDATE\",\"ts\":%lld}]}}", merchant,
	    object, (long long)ts);
	return to;
}

/* Of as many orders that are none of ours. */
static const char *
many(struct buf *b, const char *merchant, size_t n)
{
	buf_addf(b, "{\"merchants\":{\"%s\":[", merchant);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s{\"objectId\":\"O:ORDER%08zu\",\"type\":\"UPDATE\",\"ts\":%zu}", i > 0 ? "," : "", i, 1767607203120 + i);
	buf_adds(b, "]}}");
	return b->data;
}

/* --- the stories ------------------------------------------------------------------------------------------------- */

/* In how many seconds after it came the delivery is tried again; -1: it is not. */
static int64_t
tried_again(int64_t delivery_id)
{
	return world_int("SELECT COALESCE((SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, w.received_at, o.due_at) / 1000000) FROM outbox o"
	    " JOIN webhook_logs w ON w.id = o.subject_id WHERE o.kind = 'inbox_apply' AND o.subject_id = %lld), -1)", (long long)delivery_id);
}

static void
passes(int64_t delivery_id, int64_t seconds)
{
	shop_clock(seconds * 1000000);
	ok(till_job(&shop, MESSAGE_inbox_apply, delivery_id), "%lld seconds later it is tried", (long long)seconds);
}

/* Most orders of a house are none of ours, and a house has hundreds in an hour. */
static void
test_strange(void)
{
	int64_t id;

	is_int(call(AGREED, one("MERCH1", "O:NOTOURS000001", 1767607203001)), 202, "WH-26 an order that is not known");
	id = world_int("SELECT MAX(id) FROM webhook_logs");
	is_str(shop_text("SELECT state FROM webhook_logs WHERE id = %lld", (long long)id), "parked", "WH-26 may be one soon");
	passes(id, 2);
	is_int(tried_again(id), 30, "PERF-03 it is not tried every few seconds");
	passes(id, 31);
	is_int(tried_again(id), 300, "PERF-03 nor every minute");
	passes(id, 301);
	is_int(tried_again(id), 601, "PERF-03 but once more");
	passes(id, 602);
	is_int(tried_again(id), -1, "WH-26 and then it is none of ours");
	is_int(world_int("SELECT COUNT(*) FROM webhook_logs WHERE id = %lld", (long long)id), 0, "SEC-12 of which nothing is kept");
	shop_clock(0);
}

static int64_t
kept(void)
{
	return world_int("SELECT COUNT(*) FROM webhook_logs");
}

static const char *
fetches(void)
{
	return shop_text("SELECT COALESCE(GROUP_CONCAT(CONCAT(owner, ':', TIMESTAMPDIFF(SECOND, created_at, due_at)) ORDER BY id SEPARATOR ' '), '')"
	    " FROM outbox WHERE kind = 'menu_fetch' AND restaurant_id = %lld", (long long)shop.restaurant.id);
}

/* Somebody changes the price of everything: Clover tells it of each thing. */
static void
test_menu(void)
{
	struct arena *a = arena_new((size_t)8 << 20);
	struct buf b;

	world_sql("DELETE FROM outbox WHERE kind = 'menu_fetch'");
	world_sql("UPDATE menu_sync_history SET started_at = started_at - INTERVAL 1 HOUR");
	buf_init(&b, a, 1 << 20);
	buf_adds(&b, "{\"merchants\":{\"MERCH1\":[");
	for (int i = 0; i < 15; i++)
		buf_addf(&b, "%s{\"objectId\":\"I:ITEM%06d\",\"type\":\"UPDATE\",\"ts\":%lld}", i > 0 ? "," : "", i, 1767607300000LL + i);
	buf_adds(&b, "]}}");
	is_int(call(AGREED, b.data), 200, "SYNC-02 many things of the menu have changed");
	is_str(fetches(), "0:0", "SYNC-02 it is fetched once, now");
	world_sql("UPDATE outbox SET owner = 7 WHERE kind = 'menu_fetch'");
	is_int(call(AGREED, one("MERCH1", "I:ITEM000099", 1767607300100)), 200, "SYNC-02 another, while it is fetched");
	is_str(fetches(), "7:0 0:5", "SYNC-02 is fetched after that");
	is_int(call(AGREED, one("MERCH1", "I:ITEM000100", 1767607300101)), 200, "SYNC-02 and one more");
	is_str(fetches(), "7:0 0:5", "SYNC-02 with it");
	world_sql("UPDATE outbox SET owner = 0, payload = '12:items \n{}' WHERE kind = 'menu_fetch' AND owner = 0");
	world_sql("UPDATE menu_sync_history SET started_at = started_at - INTERVAL 1 HOUR");
	is_int(call(AGREED, one("MERCH1", "I:ITEM000101", 1767607300102)), 200, "SYNC-02 one while another fetch stands between two pages");
	is_str(fetches(), "7:0 0:5 0:0", "SYNC-02 is fetched anew");
	world_sql("DELETE FROM outbox WHERE kind = 'menu_fetch'");
	arena_free(&a);
}

/* Each part is proved by the secret of the restaurant that it is about. */
static void
test_many(void)
{
	int64_t before = kept(), id;
	struct arena *a = arena_new((size_t)8 << 20);
	struct buf b;

	buf_init(&b, a, 1 << 20);
	is_int(call("guess", many(&b, "MERCH1", 1000)), 401, "WH-02 a thousand things that nothing proves");
	is_int(kept() - before, 20, "SEC-12 are not a thousand rows");
	before = kept();
	buf_clear(&b);
	is_int(call(AGREED, many(&b, "NOBODYS", 1000)), 200, "WH-01 another restaurant has the same application");
	is_int(kept() - before, 0, "SEC-12 and nothing of it is kept");
	buf_clear(&b);
	is_int(call(AGREED, many(&b, "MERCH1", 1000)), 202, "WH-01 a thousand things at once");
	is_int(kept() - before, 1000, "WH-10 are a thousand rows");
	is_str(shop_text("SELECT GROUP_CONCAT(CONCAT(state, ' ', n) ORDER BY state SEPARATOR ', ') FROM (SELECT state, COUNT(*) AS n FROM webhook_logs"
	    " WHERE subject LIKE 'ORDER0000____' AND is_verified = 1 GROUP BY state) t"), "received 980, parked 20", "WH-32 of which some are tried before the answer");
	is_int(world_int("SELECT COUNT(*) FROM outbox o JOIN webhook_logs w ON w.id = o.subject_id WHERE o.kind = 'inbox_apply' AND w.subject LIKE"
	    " 'ORDER0000____'"), 1000, "WH-25 and all are left to the jobs");
	id = world_int("SELECT MAX(id) FROM webhook_logs");
	ok(till_job(&shop, MESSAGE_inbox_apply, id), "WH-25 which try them");
	is_str(shop_text("SELECT state FROM webhook_logs WHERE id = %lld", (long long)id), "parked", "WH-26 as if alone");
	is_int(call(AGREED, b.data), 200, "WH-10 all of it once more");
	is_int(kept() - before, 1000, "WH-10 is known");
	arena_free(&a);
}

/* Of two restaurants in one call, only what is proved by a restaurant's own secret is about it. */
static void
test_both(void)
{
	static const char body[] = "{\"merchants\":{\"MERCH1\":[{\"objectId\":\"O:BOTH0001\",\"type\":\"UPDATE\",\"ts\":1767607203002}],"
	    "\"MERCH2\":[{\"objectId\":\"O:BOTH0002\",\"type\":\"UPDATE\",\"ts\":1767607203003}]}}";

	is_int(call(AGREED, body), 401, "WH-02 one of two restaurants has another secret");
	is_str(shop_text("SELECT GROUP_CONCAT(CONCAT_WS(' ', restaurant_id = %lld, is_verified, state) ORDER BY id SEPARATOR ', ') FROM webhook_logs"
	    " WHERE subject LIKE 'BOTH000_'", (long long)shop.restaurant.id), "1 1 parked, 0 0 failed",
	    "SEC-12 what is proved for the one is nothing to the other");
}

/* What Clover said and waits is not read as if another POS had said it. */
static void
test_replaced(void)
{
	int64_t id, order;

	is_int(call(AGREED, one("MERCH1", "O:REPLACED001", 1767607203004)), 202, "WH-26 an order that is not known yet");
	id = world_int("SELECT MAX(id) FROM webhook_logs");
	shop_connect(&shop, NULL);
	world_sql("UPDATE restaurant_pos_integrations i JOIN pos_providers p ON p.id = i.pos_provider_id SET i.active = 0"
	    " WHERE i.restaurant_id = %lld AND p.provider_name = 'clover'", (long long)shop.restaurant.id);
	order = shop_order(&shop);
	world_sql("UPDATE orders SET pos_order_id = 'REPLACED001' WHERE id = %lld", (long long)order);
	ok(till_job(&shop, MESSAGE_inbox_apply, id), "WH-26 now it is known");
	is_str(shop_text("SELECT state FROM webhook_logs WHERE id = %lld", (long long)id), "processed", "WH-26 and the news is what it was");
}

int
main(void)
{
	shop_make(&shop, "cl");
	shop_make(&other, "cm");
	connect(&shop, "MERCH1", AGREED);
	connect(&other, "MERCH2", "another application's");
	test_strange();
	test_both();
	test_many();
	test_menu();
	test_replaced();
	return tap_done();
}
