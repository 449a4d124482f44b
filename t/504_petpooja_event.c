/*
 * PetPooja: its calls to us: what they say, what is refused, how they prove themselves, and the
 * words of the answers.
 */
#include <string.h>

#include "adapter.h"
#include "op/op.h"
#include "pos/pos.h"
#include "tap.h"

static struct bytes
text(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static const char *
read_one(struct arena *a, const char *name, const char *body, struct pos_event *ret)
{
	return pos_delivery_find(&pos_petpooja, name)->read(a, text(body), ret);
}

/* s0, section 6.2, with the keys the vendor adds. */
#define CALLBACK(status)                                                                           \
	"{\"restID\":\"xxxxxx\",\"orderID\":\"A-1\",\"status\":" status                            \
	",\"cancel_reason\":\"\",\"minimum_prep_time\":20,"                                        \
	"\"minimum_delivery_time\":\"\",\"rider_name\":\"\",\"rider_phone_number\":\"\",\"is_"     \
	"modified\":\"No\",\"autoaccept\":\"0\"}"

static const struct {
	const char *body, *code, *status;
} callbacks[] = {
	{ CALLBACK("\"-1\""), "-1", "cancelled" },
	{ CALLBACK("\"1\""), "1", "confirmed" },
	{ CALLBACK("\"2\""), "2", "confirmed" },
	{ CALLBACK("\"3\""), "3", "confirmed" },
	{ CALLBACK("\"4\""), "4", "out_for_delivery" },
	{ CALLBACK("\"5\""), "5", "ready" },
	{ CALLBACK("\"10\""), "10", "completed" },
	{ CALLBACK("-1"), "-1", "cancelled" },
	{ CALLBACK("5"), "5", "ready" },
};

static void
test_callback(struct arena *a)
{
	struct pos_event e = { 0 };

	for (size_t i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++) {
		const char *why = read_one(a, "callback", callbacks[i].body, &e);
		ok(why == NULL && e.kind == POS_EVENT_ORDER, "WH-02 status %s is read",
		    callbacks[i].code);
		is_str(e.code, callbacks[i].code, "WH-02 as it came");
		is_str(
		    e.status, callbacks[i].status, "WH-03 TEST-03 %s is %s", e.code, callbacks[i].status);
	}
	is_str(e.reference, "A-1", "WH-02 orderID is our name for the order");
	is_str(e.rest_id, "xxxxxx", "WH-02 restID is theirs for the restaurant");
	ok(e.minimum_prep_time_min == 20 && e.minimum_delivery_time_min == -1 &&
		e.cancel_reason == NULL && e.rider_name == NULL && e.rider_phone == NULL &&
		!e.is_modified && e.pos_order_id == NULL && e.occurred_at == TIME_NONE,
	    "WH-11 what is not said is not said");
	ok(read_one(a, "callback",
	       "{\"restID\":\"r\",\"orderID\":\"A-1\",\"status\":\"-1\",\"cancel_reason\":\" Out "
	       "of\\n stock \","
	       "\"minimum_prep_time\":\"25\",\"minimum_delivery_time\":\"40\",\"rider_name\":"
	       "\"Ravi\\u0000\"}",
	       &e) != NULL,
	    "WH-31 a NUL in a text is no JSON of ours");
	ok(read_one(a, "callback",
	       "{\"restID\":\"r\",\"orderID\":\"A-1\",\"status\":\"-1\",\"cancel_reason\":\" Out "
	       "of\\n stock \","
	       "\"minimum_prep_time\":\"25\",\"minimum_delivery_time\":\"40\",\"rider_name\":"
	       "\"Ravi\\u0007\","
	       "\"rider_phone_number\":9000000002,\"is_modified\":\"Yes\"}",
	       &e) == NULL,
	    "WH-11 all that can be said");
	is_str(e.cancel_reason, "Out of stock", "WH-11 the reason, in one line");
	is_int(e.minimum_prep_time_min, 25, "WH-11 minutes may come as text");
	is_int(e.minimum_delivery_time_min, 40, "WH-11 of delivery too");
	is_str(e.rider_name, "Ravi", "WH-11 the rider, printable");
	is_str(e.rider_phone, "9000000002", "WH-11 a phone may come as a number");
	ok(e.is_modified, "WH-11 is_modified \"Yes\"");
	ok(read_one(a, "callback",
	       "{\"orderID\":\"A-1\",\"status\":1,\"is_modified\":true,\"minimum_prep_time\":-5}",
	       &e) == NULL &&
		e.is_modified && e.minimum_prep_time_min == -1 && e.rest_id == NULL,
	    "WH-11 is_modified true; nonsense minutes are not worth losing an event for");
}

static const struct {
	const char *delivery, *body;
} bad[] = {
	{ "callback", "" },
	{ "callback", "status=1" },
	{ "callback", "[]" },
	{ "callback", "null" },
	{ "callback", "{\"orderID\":\"A-1\"}" },
	{ "callback", "{\"status\":\"1\"}" },
	{ "callback", "{\"orderID\":\"\",\"status\":\"1\"}" },
	{ "callback", "{\"orderID\":\"A 1\",\"status\":\"1\"}" },
	{ "callback", "{\"orderID\":\"A-1\\n\",\"status\":\"1\"}" },
	{ "callback", "{\"orderID\":[\"A-1\"],\"status\":\"1\"}" },
	{ "callback", "{\"orderID\":"
		      "\"0123456789012345678901234567890123456789012345678901234567890123456789\","
		      "\"status\":\"1\"}" },
	{ "callback", CALLBACK("\"0\"") },
	{ "callback", CALLBACK("\"6\"") },
	{ "callback", CALLBACK("\"01\"") },
	{ "callback", CALLBACK("\" 1\"") },
	{ "callback", CALLBACK("\"\"") },
	{ "callback", CALLBACK("null") },
	{ "callback", CALLBACK("true") },
	{ "callback", CALLBACK("1.5") },
	{ "callback", CALLBACK("NaN") },
	{ "callback", CALLBACK("\"ready\"") },
	{ "callback", "{\"orderID\":\"A-1\",\"status\":\"1\",\"status\":\"-1\"}" },
	{ "order-status", "{\"status\":\"CONFIRMED\",\"restaurant_id\":\"r\"}" },
	{ "order-status", "{\"order_id\":\"1\",\"status\":\"EATEN\",\"restaurant_id\":\"r\"}" },
	{ "order-status", "{\"order_id\":\"1\",\"status\":1,\"restaurant_id\":\"r\"}" },
	{ "order-status", "{\"order_id\":\"1\",\"status\":\"READY\"}" },
	{ "order-status", "{\"order_id\":\"1\",\"status\":\"READY\",\"restaurant_id\":\"r\","
			  "\"timestamp\":\"yesterday\"}" },
	{ "order-status", "{\"order_id\":\"1\",\"status\":\"READY\",\"restaurant_id\":\"r\","
			  "\"timestamp\":1705314600}" },
	{ "menu-update", "{\"items_updated\":[\"1\"]}" },
	{ "menu-update", "{\"restaurant_id\":\"r\",\"items_updated\":\"1\"}" },
	{ "inventory-update", "{\"restaurant_id\":\"r\",\"availability\":true}" },
	{ "inventory-update",
	    "{\"restaurant_id\":\"r\",\"item_id\":[\"1\"],\"availability\":true}" },
	{ "inventory-update",
	    "{\"restaurant_id\":\"r\",\"item_id\":\"1\",\"availability\":\"maybe\"}" },
	{ "push-menu", "{\"items\":[]}" },
	{ "push-menu", "{\"restaurants\":[{\"details\":{\"menusharingcode\":\"r\"}}]}" },
	{ "item-stock", "{\"restID\":\"r\",\"type\":\"item\",\"inStock\":true,\"itemID\":[]}" },
	{ "item-stock",
	    "{\"restID\":\"r\",\"type\":\"item\",\"inStock\":true,\"itemID\":[[\"1\"]]}" },
	{ "item-stock", "{\"restID\":\"r\",\"type\":\"pan\",\"inStock\":true,\"itemID\":[\"1\"]}" },
	{ "item-stock",
	    "{\"restID\":\"r\",\"type\":\"item\",\"inStock\":\"x\",\"itemID\":[\"1\"]}" },
	{ "item-stock", "{\"type\":\"item\",\"inStock\":true,\"itemID\":[\"1\"]}" },
	{ "item-stock", "{\"restID\":\"r\",\"type\":\"item\",\"inStock\":false,\"itemID\":[\"1\"],"
			"\"autoTurnOnTime\":\"custom\",\"customTurnOnTime\":\"soon\"}" },
	{ "store-status", "{}" },
	{ "store-status-update", "{\"restID\":\"r\"}" },
	{ "store-status-update", "{\"restID\":\"r\",\"store_status\":\"2\"}" },
	{ "store-status-update",
	    "{\"restID\":\"r\",\"store_status\":0,\"turn_on_time\":\"2024-13-01 10:00:00\"}" },
};

static void
test_bad(struct arena *a)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pos_event e = { .code = "untouched" };
		const char *why = read_one(a, bad[i].delivery, bad[i].body, &e);
		ok(why != NULL && strcmp(e.code, "untouched") == 0,
		    "WH-31 WH-07 %s: %.70s is refused: %s", bad[i].delivery, bad[i].body,
		    why == NULL ? "it was taken" : why);
	}
}

static void
test_order_status(struct arena *a)
{
	static const char *const words[][2] = {
		{ "CONFIRMED", "confirmed" },
		{ "PREPARING", "preparing" },
		{ "READY", "ready" },
		{ "DISPATCHED", "out_for_delivery" },
		{ "DELIVERED", "completed" },
		{ "CANCELLED", "cancelled" },
		{ "REJECTED", "rejected" },
	};
	struct pos_event e = { 0 };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *body = arena_printf(a,
		    "{\"order_id\":\"12345\",\"pos_order_id\":\"PP_67890\",\"status\":\"%s\","
		    "\"timestamp\":\"2024-01-15T10:30:00Z\",\"restaurant_id\":\"rest_123\","
		    "\"signature\":\"sha256=forged\"}",
		    words[i][0]);
		ok(read_one(a, "order-status", body, &e) == NULL, "WH-13 %s is read", words[i][0]);
		is_str(e.status, words[i][1], "WH-19 %s is %s", words[i][0], words[i][1]);
	}
	ok(strcmp(e.reference, "12345") == 0 && strcmp(e.pos_order_id, "PP_67890") == 0 &&
		strcmp(e.rest_id, "rest_123") == 0,
	    "WH-13 both ids and the restaurant's");
	is_int(e.occurred_at, INT64_C(1705314600000000), "WH-13 its own time");
	ok(read_one(a, "order-status",
	       "{\"pos_order_id\":\"PP_1\",\"status\":\"READY\",\"restaurant_id\":\"r\"}",
	       &e) == NULL &&
		e.reference == NULL && e.occurred_at == TIME_NONE,
	    "WH-13 one id is enough, the time optional");
}

static void
test_menu_and_stock(struct arena *a)
{
	struct pos_event e = { 0 };

	ok(read_one(a, "menu-update",
	       "{\"restaurant_id\":\"rest_123\",\"items_updated\":[\"item_1\",\"item_2\"],"
	       "\"timestamp\":\"2024-01-15T10:30:00Z\"}",
	       &e) == NULL &&
		e.kind == POS_EVENT_MENU_CHANGED && e.external_ids_n == 2 &&
		strcmp(e.external_ids[1], "item_2") == 0,
	    "WH-14 SYNC-07 a changed menu and its items");
	ok(read_one(a, "inventory-update",
	       "{\"restaurant_id\":\"rest_123\",\"item_id\":\"item_1\",\"availability\":false}",
	       &e) == NULL &&
		e.kind == POS_EVENT_STOCK && !e.is_available && e.external_ids_n == 1 &&
		e.stock_kind == POS_STOCK_ITEM,
	    "WH-15 one item is gone");
	ok(read_one(a, "push-menu",
	       "{\"restaurants\":[{\"details\":{\"menusharingcode\":\"ab12\"}}],\"items\":[{}]}",
	       &e) == NULL &&
		e.kind == POS_EVENT_MENU && strcmp(e.rest_id, "ab12") == 0,
	    "WH-21 a pushed menu says whose it is");
	ok(read_one(a, "item-stock",
	       "{\"restID\":\"r\",\"type\":\"item\",\"inStock\":false,\"itemID\":[\"7765862\","
	       "7765097],"
	       "\"autoTurnOnTime\":\"custom\",\"customTurnOnTime\":\"2024-01-15 18:30\"}",
	       &e) == NULL &&
		!e.is_available && e.external_ids_n == 2 &&
		strcmp(e.external_ids[1], "7765097") == 0 && e.back == POS_RETURN_AT &&
		strcmp(e.back_local, "2024-01-15 18:30:00") == 0,
	    "WH-22 items off until a time");
	ok(read_one(a, "item-stock",
	       "{\"restID\":\"r\",\"type\":\"addon\",\"inStock\":\"false\",\"itemID\":{\"0\":\"1\","
	       "\"1\":\"2\"},"
	       "\"autoTurnOnTime\":\"endofday\"}",
	       &e) == NULL &&
		e.stock_kind == POS_STOCK_ADDON && e.external_ids_n == 2 &&
		e.back == POS_RETURN_END_OF_DAY,
	    "WH-22 add-ons off for today, their ids as an object");
	ok(read_one(a, "item-stock",
	       "{\"restID\":\"r\",\"type\":\"item\",\"inStock\":true,\"itemID\":[\"1\"],"
	       "\"autoTurnOnTime\":\"custom\",\"customTurnOnTime\":\"\"}",
	       &e) == NULL &&
		e.is_available && e.back == POS_RETURN_NEVER,
	    "WH-22 an item on, for which no time matters");
	ok(read_one(a, "store-status", "{\"restID\":\"r\"}", &e) == NULL &&
		e.kind == POS_EVENT_STORE_ASKED,
	    "they ask whether we are open");
	ok(read_one(a, "store-status-update",
	       "{\"restID\":\"r\",\"store_status\":0,\"turn_on_time\":\"2024-01-15 "
	       "18:30:00\",\"reason\":\"Rain\"}",
	       &e) == NULL &&
		e.kind == POS_EVENT_STORE_SET && !e.is_open && e.back == POS_RETURN_AT &&
		strcmp(e.reason, "Rain") == 0,
	    "they close us until a time");
	ok(read_one(a, "store-status-update",
	       "{\"restID\":\"r\",\"store_status\":\"1\",\"turn_on_time\":\"\",\"reason\":\"\"}",
	       &e) == NULL &&
		e.is_open && e.back == POS_RETURN_NEVER && e.reason == NULL,
	    "they open us");
}

static const struct {
	const char *delivery;
	struct pos_answer answer;
	const char *body;
} answers[] = {
	{ "callback", { .http_status = 200, .reference = "A-1", .status = "confirmed" },
	    "{\"success\":true,\"message\":\"Order status updated "
	    "successfully\",\"order_id\":\"A-1\",\"new_status\":\"confirmed\"}" },
	{ "callback", { .http_status = 404, .sentence = "Not found" },
	    "{\"success\":false,\"message\":\"Not found\"}" },
	{ "order-status", { .http_status = 200, .reference = "12", .status = "ready" },
	    "{\"success\":true,\"message\":\"Order status updated "
	    "successfully\",\"order_id\":\"12\",\"new_status\":\"ready\"}" },
	{ "order-status", { .http_status = 401, .sentence = "Invalid signature" },
	    "{\"error\":\"Invalid signature\"}" },
	{ "menu-update", { .http_status = 200 },
	    "{\"success\":true,\"message\":\"Menu update received\"}" },
	{ "inventory-update", { .http_status = 200 },
	    "{\"success\":true,\"message\":\"Inventory updated successfully\"}" },
	{ "push-menu", { .http_status = 200 },
	    "{\"success\":\"1\",\"message\":\"Menu items are successfully listed.\"}" },
	{ "push-menu", { .http_status = 400, .sentence = "items is missing" },
	    "{\"success\":\"0\",\"message\":\"items is missing\"}" },
	{ "item-stock", { .http_status = 200 },
	    "{\"code\":200,\"status\":\"success\",\"message\":\"Stock status updated "
	    "successfully\"}" },
	{ "item-stock", { .http_status = 400, .sentence = "no" },
	    "{\"code\":400,\"status\":\"failed\",\"message\":\"no\"}" },
	{ "store-status", { .http_status = 200, .is_open = true },
	    "{\"http_code\":200,\"status\":\"success\",\"store_status\":\"1\",\"message\":\"Store "
	    "Delivery Status fetched successfully\"}" },
	{ "store-status", { .http_status = 200 },
	    "{\"http_code\":200,\"status\":\"success\",\"store_status\":\"0\",\"message\":\"Store "
	    "Delivery Status fetched successfully\"}" },
	{ "store-status", { .http_status = 404, .sentence = "Not found" },
	    "{\"http_code\":404,\"status\":\"failed\",\"message\":\"Not found\"}" },
	{ "store-status-update", { .http_status = 200, .rest_id = "ab12cd34ef" },
	    "{\"http_code\":200,\"status\":\"success\",\"message\":\"Store Status updated "
	    "successfully for store ab12cd34ef\"}" },
	{ "store-status-update", { .http_status = 401 },
	    "{\"http_code\":401,\"status\":\"failed\",\"message\":\"Failed\"}" },
};

static void
test_answers(struct arena *a)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		is_str(pos_delivery_find(&pos_petpooja, answers[i].delivery)
			   ->reply(a, &answers[i].answer),
		    answers[i].body, "WH-05 WH-06 %s answers %d in its own words",
		    answers[i].delivery, answers[i].answer.http_status);
	ok(pos_delivery_find(&pos_petpooja, "order_status") == NULL &&
		pos_delivery_find(&pos_petpooja, NULL) == NULL,
	    "another call is not known");
	ok(pos_delivery_find(&pos_petpooja, "callback")->trust == POS_TRUST_TOKEN,
	    "WH-01 the callback is known by its token");
	for (size_t i = 0; i < pos_petpooja.deliveries_n; i++)
		ok(strcmp(pos_petpooja.deliveries[i].name, "callback") == 0 ||
			pos_petpooja.deliveries[i].trust == POS_TRUST_POLICY ||
			pos_petpooja.deliveries[i].trust == POS_TRUST_AUTHORIZATION,
		    "SEC-08 %s must prove itself", pos_petpooja.deliveries[i].name);
	ok(pos_delivery_find(&pos_petpooja, "push-menu")->trust == POS_TRUST_AUTHORIZATION,
	    "the dashboard's calls are known by the agreed value");
}

/* echo -n '{"a":1}' | openssl dgst -sha256 -hmac s3cret */
#define MAC "5910e62016ef5034272c926c27071992a465c2335cecf41851bda071577f4f6d"

static void
test_proof(struct arena *a)
{
	const struct bytes body = text("{\"a\":1}"), secret = text("s3cret");
	const char *good = "sha256=" MAC;
	const struct pos_adapter *p = &pos_petpooja;
	const struct pos_config *config = adapter_config(a, p, "{}", "INR");

	ok(adapter_proves(config, POS_POLICY_HMAC, secret, good, body),
	    "WH-16 the HMAC-SHA256 of the raw bytes is the proof");
	ok(!adapter_proves(config, POS_POLICY_HMAC, secret, good, text("{\"a\":1} ")),
	    "WH-16 of exactly these bytes");
	ok(!adapter_proves(config, POS_POLICY_HMAC, text("s3cres"), good, body), "WH-16 under exactly this key");
	ok(!adapter_proves(config, POS_POLICY_HMAC, secret, MAC, body) &&
		!adapter_proves(config, POS_POLICY_HMAC, secret, "sha256=", body) &&
		!adapter_proves(config, POS_POLICY_HMAC, secret, "", body) &&
		!adapter_proves(config, POS_POLICY_HMAC, secret, NULL, body) &&
		!adapter_proves(config, POS_POLICY_HMAC, secret, arena_printf(a, "%s0", good), body) &&
		!adapter_proves(config, POS_POLICY_HMAC, secret, arena_strndup(a, good, strlen(good) - 1), body) &&
		!adapter_proves(config, POS_POLICY_HMAC, secret, arena_printf(a, "SHA1=%s", MAC), body),
	    "WH-17 in exactly this form");
	ok(!adapter_proves(config, POS_POLICY_HMAC, text(""), good, body),
	    "WH-17 an empty secret proves nothing");
	ok(adapter_proves(config, POS_POLICY_AUTHORIZATION, text("Basic abc"), "Basic abc", body) &&
		!adapter_proves(config, POS_POLICY_AUTHORIZATION, text("Basic abc"), "Basic abcd", body) &&
		!adapter_proves(config, POS_POLICY_AUTHORIZATION, text("Basic abc"), "Basic ab", body) &&
		!adapter_proves(config, POS_POLICY_AUTHORIZATION, text("Basic abc"), NULL, body) &&
		!adapter_proves(config, POS_POLICY_AUTHORIZATION, text(""), "", body),
	    "WH-17 the agreed authorization value, all of it");
	ok(!adapter_proves(config, POS_POLICY_NONE, secret, good, body),
	    "SEC-08 without a policy nothing is believed");
	is_str(p->policy_header(POS_POLICY_HMAC), "x-petpooja-signature",
	    "WH-16 the signature's header");
	is_str(p->policy_header(POS_POLICY_AUTHORIZATION), "authorization", "the value's header");
	ok(p->policy_header(POS_POLICY_NONE) == NULL, "no policy, no header");
}

static void
test_applies(struct arena *a)
{
	static const struct {
		const char *code, *type;
		bool applies;
	} cases[] = {
		{ "4", "delivery", true },
		{ "4", "pickup", false },
		{ "4", "dine_in", false },
		{ "10", "delivery", true },
		{ "10", "pickup", true },
		{ "10", "dine_in", false },
		{ "5", "dine_in", true },
		{ "1", "dine_in", true },
		{ "-1", "pickup", true },
	};
	struct pos_event e = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_one(a, "callback",
		    arena_printf(a, "{\"orderID\":\"A-1\",\"status\":\"%s\"}", cases[i].code), &e);
		ok(pos_petpooja.applies_to(&e, cases[i].type) == cases[i].applies,
		    "WH-04 %s %s to a %s order", cases[i].code,
		    cases[i].applies ? "applies" : "says nothing", cases[i].type);
	}
	read_one(a, "order-status",
	    "{\"order_id\":\"1\",\"status\":\"DELIVERED\",\"restaurant_id\":\"r\"}", &e);
	ok(pos_petpooja.applies_to(&e, "dine_in"), "WH-20 the word DELIVERED ends any order");
	read_one(a, "order-status",
	    "{\"order_id\":\"1\",\"status\":\"DISPATCHED\",\"restaurant_id\":\"r\"}", &e);
	ok(!pos_petpooja.applies_to(&e, "pickup"), "WH-04 nobody dispatches a pickup");
}

int
main(void)
{
	struct arena *a = arena_new(64u << 20);

	test_callback(a);
	test_bad(a);
	test_order_status(a);
	test_menu_and_stock(a);
	test_answers(a);
	test_proof(a);
	test_applies(a);
	arena_free(&a);
	return tap_done();
}
