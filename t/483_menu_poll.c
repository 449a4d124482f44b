/* menu_poll: a menu is fetched once in a while, though nobody said that it changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "provider/connect.h"
#include "provider/menu.h"
#include "tap.h"
#include "till.h"

#define CONFIG "{\"access_token\":\"CANARY-TOKEN\",\"location_id\":\"L1\"}"
#define MENU(price) "{\"objects\":[{\"type\":\"CATEGORY\",\"id\":\"C1\",\"version\":1,\"category_data\":{\"name\":\"Drinks\"}},{\"type\":\"ITEM\"," \
	"\"id\":\"I1\",\"version\":1,\"present_at_all_locations\":true,\"item_data\":{\"name\":\"Chai\",\"categories\":[{\"id\":\"C1\"}],\"variations\":[" \
	"{\"type\":\"ITEM_VARIATION\",\"id\":\"V1\",\"version\":1,\"present_at_all_locations\":true,\"item_variation_data\":{\"item_id\":\"I1\"," \
	"\"name\":\"Regular\",\"pricing_type\":\"FIXED_PRICING\",\"price_money\":{\"amount\":" price ",\"currency\":\"INR\"}}}]}}]}"

static struct shop shop;

static enum err
connect_body(struct op *op, void *arg)
{
	return connection_save(op, &shop.restaurant, &(struct connection_wish){ .provider_name = "square",
	    .endpoint = "https://pos.example", .config = { CONFIG, sizeof CONFIG - 1 } }, arg);
}

static enum err
sync_body(struct op *op, void *arg)
{
	return menu_sync_start(op, shop.restaurant.id, arg);
}

static bool
as_integrations(enum err (*body)(struct op *, void *), void *arg)
{
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_integrations, &shop);
	e = db_tx(&op, body, arg);
	if (e != OK)
		diag("%s %s", err_info(e)->name, op.fault.details != NULL ? op.fault.details : "");
	op_end(&op);
	return e == OK;
}

/* In how many hours the next fetch is due; -1: none is. */
static int64_t
polled_in(void)
{
	return world_int("SELECT COALESCE((SELECT ROUND(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due_at) / 3600) FROM outbox WHERE kind = 'menu_poll'"
	    " AND restaurant_id = %lld), -1)", (long long)shop.restaurant.id);
}

static int64_t
last_sync(void)
{
	return world_int("SELECT COALESCE(MAX(id), 0) FROM menu_sync_history WHERE restaurant_id = %lld", (long long)shop.restaurant.id);
}

static int64_t
documents(void)
{
	return world_int("SELECT COUNT(*) FROM webhook_logs WHERE restaurant_id = %lld AND webhook_type = 'menu-fetch'", (long long)shop.restaurant.id);
}

/* A sync that is under way goes through, and how it ends. */
static const char *
fetch(int64_t sync_id, const char *menu)
{
	struct attempt_seen a = till_attempt(&shop, MESSAGE_menu_fetch, sync_id, TILL_REPLY(200, menu));
	int64_t document = world_int("SELECT MAX(id) FROM webhook_logs WHERE webhook_type = 'menu-fetch'");

	ok(a.is_sent && a.outcome == OUTCOME_DONE, "POS-14 the menu is fetched: %s", a.url);
	ok(till_job(&shop, MESSAGE_menu_publish, document), "SYNC-02 and published");
	return shop_text("SELECT CONCAT_WS(' ', status, changed > 0) FROM menu_sync_history WHERE id = %lld", (long long)sync_id);
}

int
main(void)
{
	struct connection c;
	int64_t sync_id = 0;

	shop_make(&shop, "polled");
	ok(as_integrations(connect_body, &c), "the restaurant is at Square");
	is_int(polled_in(), -1, "E48 no menu was published yet");
	ok(as_integrations(sync_body, &sync_id), "POS-14 somebody wants the menu");
	is_str(fetch(sync_id, MENU("1200")), "success 1", "SYNC-04 it is new");
	is_int(polled_in(), 1, "E48 after an hour it is fetched again");
	is_int(documents(), 1, "SYNC-02 the document is kept");

	ok(till_job(&shop, MESSAGE_menu_poll, shop.restaurant.id), "E48 an hour has passed, and nobody said that the menu changed");
	ok(last_sync() > sync_id, "E48 it is looked at all the same");
	sync_id = last_sync();
	is_int(polled_in(), 1, "E48 and will be in another hour");
	is_str(fetch(sync_id, MENU("1200")), "success 0", "E48 it is as it was");
	is_int(documents(), 1, "PERF-03 and a second copy of it is not kept");

	ok(till_job(&shop, MESSAGE_menu_poll, shop.restaurant.id), "E48 another hour");
	sync_id = last_sync();
	is_str(fetch(sync_id, MENU("1300")), "success 1", "E48 the call that told of another price was lost");
	is_int(documents(), 2, "SYNC-02 this document is kept");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'menu_poll'"), 1, "PERF-03 one such message is enough");

	world_sql("INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, subject_no, due_at, trace_id, created_at)"
	    " SELECT runner, kind, destination, restaurant_id, subject_id, subject_no, due_at, trace_id, created_at FROM outbox WHERE kind = 'menu_poll'");
	ok(till_job(&shop, MESSAGE_menu_poll, shop.restaurant.id), "E48 should there be two");
	is_int(last_sync(), sync_id, "PERF-03 the first of them does nothing");
	is_int(polled_in(), 1, "PERF-03 and is gone");

	world_sql("UPDATE restaurant_pos_integrations SET active = 0 WHERE restaurant_id = %lld", (long long)shop.restaurant.id);
	ok(till_job(&shop, MESSAGE_menu_poll, shop.restaurant.id), "POS-22 the restaurant leaves its POS");
	is_int(polled_in(), -1, "POS-22 and there is nothing to fetch any more");
	is_int(last_sync(), sync_id, "POS-22 nor tried to be");
	return tap_done();
}
