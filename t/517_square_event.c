/*
 * Square: its calls to us: what they say, what is refused, how they prove themselves, and what they
 * are answered.
 */
#include <string.h>

#include "adapter.h"
#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos.h"
#include "tap.h"

static const struct pos_delivery *
events(void)
{
	return pos_delivery_find(&pos_square, "events");
}

static const char *
read_one(struct arena *a, const char *body, struct pos_event *ret)
{
	return events()->read(a, adapter_text(body), ret);
}

/* ---- proof: the vectors of Square's own SDK (tests/integration/webhooks.test.ts) ---- */

static const struct {
	const char *key, *url, *body, *header;
	bool is_proved;
	const char *what;
} proofs[] = {
#define KEY_A "Ibxx_5AKakO-3qeNVR61Dw"
#define URL_A "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9"
#define BODY_A                                                                                     \
	"{\"merchant_id\":\"MLEFBHHSJGVHD\",\"type\":\"webhooks.test_notification\",\"event_id\":" \
	"\"ac3ac95b-f97d-458c-a6e6-18981597e05f\",\"created_at\":\"2022-07-13T20:30:59."           \
	"037339943Z\",\"data\":{\"type\":\"webhooks\",\"id\":\"bc368e64-01aa-407e-b46e-"           \
	"3231809b1129\"}}"
#define MAC_A "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4="
#define URL_B "https://webhook.site/webhooks"
#define BODY_B "{\"data\":{\"type\":\"webhooks\",\"id\":\"fake_id\"}}"
#define MAC_B "W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOA="
	{ KEY_A, URL_A, BODY_A, MAC_A, true, "a delivery of theirs" },
	{ "signature-key", URL_B, BODY_B, MAC_B, true, "another" },
	{ "signature-key", URL_B, "{\"data\":{\"type\":\"webhooks\",\"id\":\">id<\"}}",
	    "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=", true, "one with < and >" },
	{ KEY_A, URL_B, BODY_A, MAC_A, false, "another address" },
	{ KEY_A, URL_A "/", BODY_A, MAC_A, false, "an address with a slash more" },
	{ "signature-key", URL_A, BODY_A, MAC_A, false, "another key" },
	{ KEY_A, URL_A, BODY_B, MAC_A, false, "another body" },
	{ "signature-key", URL_B, "{ \"data\":{\"type\":\"webhooks\",\"id\":\"fake_id\"}}", MAC_B,
	    false, "a body written anew" },
	{ "", URL_B, BODY_B, MAC_B, false, "no key" },
	{ "signature-key", NULL, BODY_B, MAC_B, false, "no address" },
	{ "signature-key", URL_B, BODY_B, NULL, false, "no signature" },
	{ "signature-key", URL_B, BODY_B, "", false, "an empty one" },
	{ "signature-key", URL_B, BODY_B, "W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOA", false,
	    "one without its padding" },
	{ "signature-key", URL_B, BODY_B, "W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOB=", false,
	    "one with bits left over" },
	{ "signature-key", URL_B, BODY_B, "W3FlCNk5IA3ZQ2LHTWoajvzfaDu/OwY2tNHIHC3IUOE=", false,
	    "one that differs in its last letter" },
	{ "signature-key", URL_B, BODY_B, "sha256=" MAC_B, false, "one in another form" },
};

static void
test_proof(void)
{
	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		struct arena *a = arena_new(16u << 20);
		const char *json =
		    proofs[i].url == NULL
			? "{}"
			: arena_printf(a, "{\"notification_url\":\"%s\"}", proofs[i].url);
		const struct pos_config *config = adapter_config(a, &pos_square, json, "USD");

		ok(adapter_proves(config, POS_POLICY_HMAC, adapter_text(proofs[i].key),
		       proofs[i].header, adapter_text(proofs[i].body)) == proofs[i].is_proved,
		    "WH-16 WH-17 %s %s", proofs[i].what,
		    proofs[i].is_proved ? "is proved" : "proves nothing");
		ok(!adapter_proves(config, POS_POLICY_AUTHORIZATION, adapter_text(proofs[i].key),
		       proofs[i].header, adapter_text(proofs[i].body)) &&
			!adapter_proves(config, POS_POLICY_NONE, adapter_text(proofs[i].key),
			    proofs[i].header, adapter_text(proofs[i].body)),
		    "SEC-08 nor by any other policy");
		is_int(pos_webhook_policy(config),
		    proofs[i].url == NULL || proofs[i].url[0] == '\0' ? POS_POLICY_NONE
								     : POS_POLICY_HMAC,
		    "SEC-08 they are signed, address and all");
		arena_free(&a);
	}
	is_str(pos_square.policy_header(POS_POLICY_HMAC), "x-square-hmacsha256-signature",
	    "WH-16 the signature's header");
	ok(pos_square.policy_header(POS_POLICY_AUTHORIZATION) == NULL &&
		pos_square.policy_header(POS_POLICY_NONE) == NULL,
	    "SEC-08 there is no other proof");
}

/* ---- orders ---- */

#define FULFILLMENT(states)                                                                        \
	"{\"merchant_id\":\"ML1\",\"type\":\"order.fulfillment.updated\",\"event_id\":\"E1\","     \
	"\"created_at\":\"2026-01-05T10:00:03Z\",\"data\":{\"type\":"                              \
	"\"order_fulfillment_updated\",\"id\":\"ORD1\",\"object\":{\"order_fulfillment_updated\":" \
	"{\"order_id\":\"ORD1\",\"version\":4,\"location_id\":\"LOC1\",\"state\":\"OPEN\","        \
	"\"created_at\":\"2026-01-05T09:55:00Z\",\"updated_at\":\"2026-01-05T10:00:02Z\","         \
	"\"fulfillment_update\":[" states "]}}}}"
#define MOVED(to) "{\"fulfillment_uid\":\"f1\",\"old_state\":\"PROPOSED\",\"new_state\":\"" to "\"}"

static const struct {
	const char *body, *code, *status;
} moves[] = {
	{ FULFILLMENT(MOVED("RESERVED")), "RESERVED", "preparing" },
	{ FULFILLMENT(MOVED("PREPARED")), "PREPARED", "ready" },
	{ FULFILLMENT(MOVED("COMPLETED")), "COMPLETED", "completed" },
	{ FULFILLMENT(MOVED("CANCELED")), "CANCELED", "cancelled" },
	{ FULFILLMENT(MOVED("FAILED")), "FAILED", "cancelled" },
	{ FULFILLMENT(MOVED("RESERVED") "," MOVED("PREPARED")), "PREPARED", "ready" },
	{ FULFILLMENT(MOVED("PROPOSED")), "PROPOSED", NULL },
	{ FULFILLMENT(MOVED("TELEPORTED")), "TELEPORTED", NULL },
	{ FULFILLMENT(""), NULL, NULL },
	{ FULFILLMENT("7"), NULL, NULL },
};

static void
test_moves(struct arena *a)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		struct pos_event e = { 0 };
		ok(read_one(a, moves[i].body, &e) == NULL && e.kind == POS_EVENT_ORDER &&
			e.is_anybodys && e.reference == NULL,
		    "WH-20 a fulfillment that moved is read");
		is_str(e.code, moves[i].code, "WH-20 as it came");
		is_str(e.status, moves[i].status, "WH-20 and in our words");
		ok(e.is_hint == (moves[i].status == NULL), "WH-20 what is not said is looked at");
		is_str(e.pos_order_id, "ORD1", "WH-20 of that order");
		is_str(e.rest_id, "LOC1", "C8 at that location");
		is_str(e.event_id, "E1", "WH-31 under its own name");
		is_int(e.occurred_at, INT64_C(1767607202000000), "D13 when it happened");
		ok(pos_square.applies_to(&e, "dine_in") && pos_square.applies_to(&e, "delivery"),
		    "WH-20 whatever the type of the order");
	}
}

static void
test_hints(struct arena *a)
{
	struct pos_event e = { 0 };

	ok(read_one(a,
	       "{\"merchant_id\":\"ML1\",\"location_id\":\"LOC1\",\"type\":\"order.updated\","
	       "\"event_id\":\"E2\",\"created_at\":\"2026-01-05T10:00:03Z\",\"data\":{\"type\":"
	       "\"order_updated\",\"id\":\"ORD1\",\"object\":{\"order_updated\":{\"order_id\":"
	       "\"ORD1\",\"version\":3,\"state\":\"COMPLETED\"}}}}",
	       &e) == NULL &&
		e.kind == POS_EVENT_ORDER && e.is_hint && e.is_anybodys && e.status == NULL,
	    "WH-20 an order that was updated is looked at");
	is_str(e.pos_order_id, "ORD1", "WH-20 by its id");
	is_str(e.rest_id, "LOC1", "C8 the envelope names the location");
	ok(read_one(a, "{\"type\":\"order.created\",\"data\":{\"id\":\"ORD1\"}}", &e) == NULL &&
		e.is_hint && e.occurred_at == TIME_NONE && e.event_id == NULL && e.rest_id == NULL,
	    "WH-20 so is one that was made, though no more is said");
	is_str(e.pos_order_id, "ORD1", "WH-20 by the envelope's id");
}

static void
test_others(struct arena *a)
{
	static const struct {
		const char *type;
		enum pos_event_kind kind;
	} others[] = {
		{ "catalog.version.updated", POS_EVENT_MENU_CHANGED },
		{ "oauth.authorization.revoked", POS_EVENT_REVOKED },
		{ "webhooks.test_notification", POS_EVENT_HELLO },
		{ "payment.created", POS_EVENT_NOTHING },
		{ "payment.updated", POS_EVENT_NOTHING },
		{ "refund.updated", POS_EVENT_NOTHING },
		{ "location.updated", POS_EVENT_NOTHING },
		{ "something.new", POS_EVENT_NOTHING },
		{ "inventory.count.updated", POS_EVENT_NOTHING }, /* it counts nothing */
	};
	struct pos_event e = { 0 };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ok(read_one(a,
		       arena_printf(a,
			   "{\"merchant_id\":\"ML1\",\"type\":\"%s\",\"event_id\":\"E%zu\","
			   "\"created_at\":\"2026-01-05T10:00:03Z\",\"data\":{\"object\":{}}}",
			   others[i].type, i),
		       &e) == NULL &&
			e.kind == others[i].kind && !e.is_hint && e.pos_order_id == NULL,
		    "WH-20 %s", others[i].type);
		ok(e.event_id != NULL && e.occurred_at != TIME_NONE, "WH-31 with name and time");
	}
	read_one(a, BODY_A, &e);
	is_str(e.code, "webhooks.test_notification", "they try the address out");
}

static const char *const bad[] = {
	"",
	"[]",
	"null",
	"{",
	"{}",
	"{\"type\":7}",
	"{\"type\":\"\"}",
	"{\"type\":\"order.updated\"}",
	"{\"type\":\"order.updated\",\"data\":{\"id\":\"\"}}",
	"{\"type\":\"order.updated\",\"data\":{\"id\":\"a b\"}}",
	"{\"type\":\"order.updated\",\"data\":{\"id\":7}}",
	"{\"type\":\"order.fulfillment.updated\",\"data\":{}}",
	"{\"type\":\"inventory.count.updated\",\"data\":{\"object\":{\"inventory_counts\":[{"
	"\"state\":\"IN_STOCK\",\"quantity\":\"1\",\"location_id\":\"L1\"}]}}}",
	"{\"type\":\"inventory.count.updated\",\"data\":{\"object\":{\"inventory_counts\":[{"
	"\"state\":\"IN_STOCK\",\"catalog_object_id\":\"V1\",\"location_id\":\"L1\"}]}}}",
	"{\"type\":\"inventory.count.updated\",\"data\":{\"object\":{\"inventory_counts\":[{"
	"\"state\":\"IN_STOCK\",\"catalog_object_id\":\"V1\",\"quantity\":\"1\"}]}}}",
	"{\"type\":\"order.updated\",\"type\":\"order.created\",\"data\":{\"id\":\"O1\"}}",
};

static void
test_bad(struct arena *a)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pos_event e = { .kind = POS_EVENT_MENU };
		const char *why = read_one(a, bad[i], &e);
		ok(why != NULL && *why != '\0' && e.kind == POS_EVENT_MENU,
		    "WH-31 refused: %.60s: %s", bad[i], why == NULL ? "" : why);
	}
}

/* ---- stock ---- */

#define COUNT(id, state, location, quantity)                                                       \
	"{\"calculated_at\":\"2026-01-05T10:00:00Z\",\"catalog_object_id\":\"" id                  \
	"\",\"catalog_object_type\":\"ITEM_VARIATION\",\"location_id\":\"" location                \
	"\",\"quantity\":\"" quantity "\",\"state\":\"" state "\"}"
#define COUNTS(list)                                                                               \
	"{\"merchant_id\":\"ML1\",\"type\":\"inventory.count.updated\",\"event_id\":\"E7\","       \
	"\"created_at\":\"2026-01-05T10:00:03Z\",\"data\":{\"type\":\"inventory_counts\","         \
	"\"id\":\"x\",\"object\":{\"inventory_counts\":[" list "]}}}"

static void
test_stock(struct arena *a)
{
	static const struct {
		const char *body;
		bool is_available;
	} counts[] = {
		{ COUNTS(COUNT("V1", "IN_STOCK", "L1", "3")), true },
		{ COUNTS(COUNT("V1", "IN_STOCK", "L1", "0.5")), true },
		{ COUNTS(COUNT("V1", "IN_STOCK", "L1", "0")), false },
		{ COUNTS(COUNT("V1", "IN_STOCK", "L1", "0.00000")), false },
		{ COUNTS(COUNT("V1", "IN_STOCK", "L1", "-2")), false },
	};
	const struct bytes *parts;
	struct pos_event e = { 0 };
	size_t n;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		ok(read_one(a, counts[i].body, &e) == NULL && e.kind == POS_EVENT_STOCK &&
			e.stock_kind == POS_STOCK_ITEM && e.external_ids_n == 1 &&
			strcmp(e.external_ids[0], "V1") == 0 && strcmp(e.rest_id, "L1") == 0,
		    "WH-22 a variation was counted");
		ok(e.is_available == counts[i].is_available && e.back == POS_RETURN_NEVER,
		    "WH-22 it is %s", counts[i].is_available ? "there" : "gone");
		events()->split(a, adapter_text(counts[i].body), &parts, &n);
		is_int(n, 0, "one count is one piece of news");
	}
	ok(read_one(a, COUNTS(COUNT("V1", "SOLD", "L1", "3")), &e) == NULL &&
		e.kind == POS_EVENT_NOTHING,
	    "WH-22 what was sold is no stock");
	events()->split(a,
	    adapter_text(COUNTS(COUNT("V1", "IN_STOCK", "L1", "3") "," COUNT(
		"V2", "IN_STOCK", "L2", "0") "," COUNT("V3", "WASTE", "L1", "1"))),
	    &parts, &n);
	is_int(n, 3, "WH-22 three counts are three");
	ok(events()->read(a, parts[0], &e) == NULL && e.is_available &&
		strcmp(e.external_ids[0], "V1") == 0 && strcmp(e.rest_id, "L1") == 0 &&
		strcmp(e.event_id, "E7:0") == 0 && e.occurred_at != TIME_NONE,
	    "WH-22 the first, under a name of its own");
	ok(events()->read(a, parts[1], &e) == NULL && !e.is_available &&
		strcmp(e.external_ids[0], "V2") == 0 && strcmp(e.rest_id, "L2") == 0 &&
		strcmp(e.event_id, "E7:1") == 0,
	    "WH-22 the second, at another location");
	ok(events()->read(a, parts[2], &e) == NULL && e.kind == POS_EVENT_NOTHING,
	    "WH-22 the third, which is nothing to us");
	events()->split(a, adapter_text(FULFILLMENT(MOVED("RESERVED"))), &parts, &n);
	is_int(n, 0, "an order's news has no parts");
	events()->split(a, adapter_text("["), &parts, &n);
	is_int(n, 0, "nor has garbage");
}

/* A thousand parts that all hold what was said once would be more than a worker has. */
static void
test_swollen(void)
{
	enum { LONG_N = 300000, COUNTS_N = 1000 };
	struct arena *a = arena_new(64u << 20);
	const struct bytes *parts;
	struct pos_event e;
	struct buf b;
	size_t n;

	buf_init(&b, a, 512u << 10);
	buf_adds(&b, "{\"merchant_id\":\"");
	for (size_t i = 0; i < LONG_N; i++)
		buf_addc(&b, 'M');
	buf_adds(&b, "\",\"type\":\"inventory.count.updated\",\"event_id\":\"E8\","
		     "\"data\":{\"object\":{\"inventory_counts\":[");
	for (size_t i = 0; i < COUNTS_N; i++)
		buf_adds(&b, i == 0 ? COUNT("V1", "IN_STOCK", "L1", "0") : ",{}");
	buf_adds(&b, "]}}}");
	ok(!b.overflowed, "a body of the greatest length");
	events()->split(a, (struct bytes){ b.data, b.len }, &parts, &n);
	is_int(n, COUNTS_N, "WH-22 a thousand counts");
	ok(parts[0].len < 1000 && events()->read(a, parts[0], &e) == NULL && !e.is_available,
	    "SEC-12 what can be no merchant's id is not repeated in every part");
	arena_free(&a);
}

static void
test_answers(struct arena *a)
{
	is_str(events()->reply(a, &(struct pos_answer){ .http_status = 200 }),
	    "{\"success\":true}", "WH-05 what was taken is answered shortly");
	is_str(events()->reply(a,
		   &(struct pos_answer){ .http_status = 401, .sentence = "Invalid signature" }),
	    "{\"success\":false,\"message\":\"Invalid signature\"}", "WH-06 what was not says why");
	ok(events()->trust == POS_TRUST_POLICY && pos_square.deliveries_n == 1,
	    "SEC-08 all of them must prove themselves");
}

int
main(void)
{
	struct arena *a = arena_new(64u << 20);

	test_proof();
	test_moves(a);
	test_hints(a);
	test_others(a);
	test_bad(a);
	test_stock(a);
	test_swollen();
	test_answers(a);
	arena_free(&a);
	return tap_done();
}
