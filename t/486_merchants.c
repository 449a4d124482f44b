/* merchants: Square's news of a merchant, of which all their restaurants hear; names of news however long; and who says hello. */
#include <stdio.h>
#include <string.h>

#include "crypto/hmac.h"
#include "db/db.h"
#include "mem/arena.h"
#include "op/op.h"
#include "provider/connect.h"
#include "provider/webhook.h"
#include "tap.h"
#include "text/hex.h"
#include "till.h"

#define URL "https://us.example/api/webhooks/square"
#define CONFIG "{\"access_token\":\"CANARY-TOKEN\",\"notification_url\":\"" URL "\"}"
#define SQUARE_NAME_MAX 192
#define KEY "the key of our application"
#define OTHER_KEY "the key of another application"

static struct shop first, second, third, fourth;
static struct arena *memory;

struct connecting {
	const struct shop *shop;
	const char *location, *key;
};

static enum err
connect_body(struct op *op, void *arg)
{
	struct connecting *c = arg;
	struct connection saved;

	return connection_save(op, &c->shop->restaurant, &(struct connection_wish){ .provider_name = "square",
	    .pos_restaurant_id = c->location, .endpoint = "https://pos.example", .config = { CONFIG, sizeof CONFIG - 1 },
	    .webhook_secret = c->key }, &saved);
}

static void
connect(const struct shop *s, const char *location, const char *key)
{
	struct connecting c = { .shop = s, .location = location, .key = key };
	struct op op;

	shop_op(&op, PROGRAM_integrations, s);
	ok(db_tx(&op, connect_body, &c) == OK, "a restaurant is the location %s", location);
	op_end(&op);
}

static const char *
header_find(const void *request, const char *name)
{
	return strcmp(name, "x-square-hmacsha256-signature") == 0 ? request : NULL;
}

/* What is answered; 0 for a fault. key NULL: no signature; slug NULL: the plain address. */
static int
call_at(const char *provider, const char *slug, const char *key, const char *body)
{
	const char *whole = arena_printf(memory, "%s%s", URL, body);
	unsigned char mac[HMAC_SIZE];
	struct webhook_call c = { .provider = provider, .type = "events", .slug = slug, .header = header_find,
		.headers = "x: y\n", .source_address = "192.0.2.7", .body = { body, strlen(body) } };
	struct webhook_answer answer = { .http_status = 0 };
	struct op op;
	enum err e;

	if (key != NULL) {
		hmac_sha256(key, strlen(key), whole, strlen(whole), mac);
		c.request = base64_encode(memory, mac, sizeof mac);
	}
	shop_op(&op, PROGRAM_webhooks, NULL);
	e = webhook_take(&op, &shop_keys, &c, &answer);
	if (e != OK)
		diag("%s %s", err_info(e)->name, op.fault.internal != NULL ? op.fault.internal : "");
	op_end(&op);
	return e == OK ? answer.http_status : 0;
}

static int
call(const char *key, const char *body)
{
	return call_at("square", NULL, key, body);
}

static const char *
news(const char *merchant, const char *type, const char *id)
{
	return arena_printf(memory, "{\"merchant_id\":\"%s\",\"type\":\"%s\",\"event_id\":\"%s\",\"created_at\":\"2026-02-13T08:30:00Z\","
	    "\"data\":{\"type\":\"x\",\"id\":\"y\"}}", merchant, type, id);
}

static const char *
order_news(const char *merchant, const char *location, const char *id)
{
	return arena_printf(memory, "{\"merchant_id\":\"%s\",\"location_id\":\"%s\",\"type\":\"order.updated\",\"event_id\":\"%s\","
	    "\"created_at\":\"2026-02-13T08:30:00Z\",\"data\":{\"type\":\"order_updated\",\"id\":\"ORDER1\",\"object\":{\"order_updated\":"
	    "{\"order_id\":\"ORDER1\",\"location_id\":\"%s\",\"state\":\"OPEN\"}}}}", merchant, location, id, location);
}

/* "1:processed 2:processed" by restaurant, of the news of that name; - is nobody. */
static const char *
became(const char *like)
{
	return shop_text("SELECT COALESCE(GROUP_CONCAT(CONCAT_WS(':', COALESCE(restaurant_id, '-'), state) ORDER BY id SEPARATOR ' '), '')"
	    " FROM webhook_logs WHERE CONVERT(body USING utf8mb4) LIKE '%%\"event_id\":\"%s\"%%'", like);
}

static const char *
merchants(void)
{
	return shop_text("SELECT GROUP_CONCAT(COALESCE(pos_merchant_id, '-') ORDER BY id SEPARATOR ' ') FROM restaurant_pos_integrations");
}

static int64_t
syncs(void)
{
	return world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'menu_fetch'");
}

/* Nobody knows yet whose they are; news of an order says so. */
static void
test_learned(void)
{
	is_str(merchants(), "- - - -", "WH-26 nobody has said whose the restaurants are");
	is_int(call(KEY, news("ML1", "catalog.version.updated", "early")), 401, "WH-17 so news of a merchant is nobody's");
	is_int(call(OTHER_KEY, order_news("ML1", "L1", "forged")), 401, "WH-17 what is not proved");
	is_str(merchants(), "- - - -", "SEC-12 tells nothing");
	is_int(call(KEY, order_news("ML1", "L1", "o1")), 202, "WH-26 news of an order");
	is_int(call(KEY, order_news("ML1", "L2", "o2")), 202, "WH-26 and of another");
	is_int(call(OTHER_KEY, order_news("ML1", "L3", "o3")), 202, "WH-26 under another application");
	is_int(call(KEY, order_news("ML2", "L4", "o4")), 202, "WH-26 and of another merchant");
	is_str(merchants(), "ML1 ML1 ML1 ML2", "WH-26 says whose each is");
}

static void
test_merchant(void)
{
	const char *both = shop_text("SELECT '%lld:processed %lld:processed'", (long long)first.restaurant.id, (long long)second.restaurant.id);

	is_int(call(KEY, news("ML1", "catalog.version.updated", "menu")), 200, "SYNC-02 a merchant's menu changed");
	is_str(became("menu"), both, "SYNC-02 each of their restaurants hears of it, under its own secret");
	is_int(syncs(), 2, "SYNC-02 and fetches it");
	is_int(call(KEY, news("ML1", "catalog.version.updated", "menu")), 200, "WH-10 told again");
	is_str(became("menu"), both, "WH-10 it is known");
	is_int(call(OTHER_KEY, news("ML2", "catalog.version.updated", "forged2")), 401, "WH-17 not under another's secret");
	is_int(call(NULL, news("ML1", "catalog.version.updated", "bare")), 401, "WH-17 nor under none");
	is_int(call(KEY, news("ML9", "catalog.version.updated", "unknown")), 401, "WH-17 whom nobody knows nobody proves");
	is_int(syncs(), 2, "SEC-12 nothing comes of those");
	is_int(call(KEY, news("ML1", "oauth.authorization.revoked", "gone")), 200, "E54 a merchant takes our access away");
	is_str(became("gone"), both, "E54 each of their restaurants hears of it");
	is_str(shop_text("SELECT GROUP_CONCAT(DISTINCT restaurant_id ORDER BY restaurant_id) FROM notification_queue WHERE type = 'pos_access'"),
	    shop_text("SELECT '%lld,%lld'", (long long)first.restaurant.id, (long long)second.restaurant.id), "E54 and its staff");
	is_int(call(KEY, news("ML1", "customer.created", "guest")), 200, "WH-26 what is nothing to us is taken");
	is_str(became("guest"), shop_text("SELECT '%lld:ignored'", (long long)first.restaurant.id), "WH-26 once");
}

/* The address of one restaurant. */
static void
test_own(void)
{
	int64_t before = syncs();

	world_sql("DELETE FROM outbox WHERE kind = 'menu_fetch'");
	is_int(call_at("square", "m1", KEY, news("ML1", "catalog.version.updated", "own")), 200, "SYNC-02 at the address of one");
	is_str(became("own"), shop_text("SELECT '%lld:processed'", (long long)first.restaurant.id), "SYNC-02 that one hears of it");
	is_int(call_at("square", "m1", KEY, news("ML2", "oauth.authorization.revoked", "others")), 401, "SEC-12 of another merchant it hears nothing");
	ok(before == 2 && syncs() == 1, "SEC-12 and does nothing");
}

/* Two long names that begin alike are two. */
static void
test_long(void)
{
	char name[SQUARE_NAME_MAX + 1];

	memset(name, 'n', SQUARE_NAME_MAX);
	name[SQUARE_NAME_MAX] = '\0';
	for (size_t len = 118; len <= SQUARE_NAME_MAX; len += len < 122 ? 1 : 10) {
		const char *one = arena_printf(memory, "%.*s1", (int)len - 1, name), *two = arena_printf(memory, "%.*s2", (int)len - 1, name);

		is_int(call(KEY, order_news("ML1", "L1", one)), 202, "WH-10 news with a name of %zu bytes", len);
		is_int(call(KEY, order_news("ML1", "L1", two)), 202, "WH-10 and other news whose name begins alike");
		is_int(call(KEY, order_news("ML1", "L1", one)), 200, "WH-10 the first once more");
		is_int(world_int("SELECT COUNT(*) FROM webhook_logs WHERE CONVERT(body USING utf8mb4) LIKE '%%\"event_id\":\"%s\"%%'", one), 1, "WH-10 is known");
		is_int(world_int("SELECT COUNT(*) FROM webhook_logs WHERE CONVERT(body USING utf8mb4) LIKE '%%\"event_id\":\"%s\"%%'", two), 1,
		    "WH-10 and the other is not taken for it");
	}
	ok(world_int("SELECT MAX(LENGTH(event_key)) FROM webhook_logs") == 120, "WH-10 nothing is longer than there is room for");
}

/* Who tries the address out proves nothing. */
static void
test_hello(void)
{
	int64_t before;

	world_sql("DELETE FROM webhook_logs");
	is_int(call_at("clover", NULL, NULL, "{\"verificationCode\":\"5f9a2c10-0000-4000-8000-000000000001\"}"), 200, "WH-26 Clover tries the address out");
	is_str(shop_text("SELECT CONCAT_WS(' ', provider, subject, state, http_status, is_verified, restaurant_id IS NULL, body IS NULL) FROM webhook_logs"),
	    "clover 5f9a2c10-0000-4000-8000-000000000001 ignored 200 0 1 1", "WH-26 the operator finds what it says");
	for (int i = 0; i < 30; i++)
		if (call_at("clover", NULL, NULL, arena_printf(memory, "{\"verificationCode\":\"guess-%d\"}", i)) != 200)
			ok(false, "SEC-12 anybody may");
	is_int(world_int("SELECT COUNT(*) FROM webhook_logs"), 10, "SEC-12 anybody could: of many in a minute a few are kept");
	for (int i = 0; i < 80; i++)
		(void)call_at("clover", NULL, NULL, arena_printf(memory, "{\"merchants\":{\"NOBODY\":\"%d\"}}", i));
	before = world_int("SELECT COUNT(*) FROM webhook_logs");
	ok(before == 70, "SEC-12 and of rubbish not more than ever: %lld", (long long)before);
	world_sql("UPDATE webhook_logs SET received_at = received_at - INTERVAL 2 MINUTE WHERE state = 'ignored'");
	is_int(call_at("clover", NULL, NULL, "{\"verificationCode\":\"the-real-one\"}"), 200, "WH-26 which takes no room from");
	is_int(world_int("SELECT COUNT(*) FROM webhook_logs WHERE subject = 'the-real-one'"), 1, "WH-26 who says hello");
	is_int(call_at("clover", NULL, NULL, "{\"verificationCode\":\"a\\nb\"}"), 400, "SEC-12 what would be more than a word");
	is_int(call_at("clover", NULL, NULL, arena_printf(memory, "{\"verificationCode\":\"%065d\"}", 1)), 400, "SEC-12 or a long one is none");
}

int
main(void)
{
	memory = arena_new((size_t)16 << 20);
	shop_make(&first, "m1");
	shop_make(&second, "m2");
	shop_make(&third, "m3");
	shop_make(&fourth, "m4");
	connect(&first, "L1", KEY);
	connect(&second, "L2", KEY);
	connect(&third, "L3", OTHER_KEY);
	connect(&fourth, "L4", KEY);
	world_sql("DELETE FROM outbox WHERE kind = 'menu_fetch'");
	test_learned();
	test_merchant();
	test_own();
	test_long();
	test_hello();
	arena_free(&memory);
	return tap_done();
}
