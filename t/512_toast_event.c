/*
 * Toast: its calls to us: what they say, what is refused, how they prove themselves.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "crypto/hmac.h"
#include "op/op.h"
#include "order_file.h"
#include "tap.h"
#include "text/hex.h"
#include "toast.h"

#define ENVELOPE(category, type, details)                                                          \
	"{\"timestamp\":\"2026-02-13T17:10:00.000Z\",\"eventCategory\":\"" category                \
	"\",\"eventType\":\"" type "\",\"guid\":\"5a1f\",\"details\":{" details "}}"
#define AT "\"restaurantGuid\":\"" TOAST_RESTAURANT_GUID "\""
#define GUEST(status)                                                                              \
	ENVELOPE("guest_order_status", "guestOrderStatusUpdated",                                  \
	    AT ",\"eventGuid\":\"5a1f\",\"orderGuid\":\"" TOAST_ORDER_GUID                         \
	       "\",\"guestOrderStatus\":\"" status                                                 \
	       "\",\"lastUpdated\":\"2026-02-13T17:09:59.900+0000\",\"version\":null")
#define ORDER(category, more)                                                                      \
	ENVELOPE(category, category,                                                               \
	    AT ",\"appliedPackagingInfo\":null,\"order\":{\"guid\":\"" TOAST_ORDER_GUID            \
	       "\",\"externalId\":\"TICKETRAIL:bistro.ORD-1\"," more "}")
#define STOCK(type) ENVELOPE("stock", type, AT ",\"itemGuid\":\"" TOAST_ORDER_GUID "\"")

static const struct {
	const char *body;
	enum pos_event_kind kind;
	const char *code, *status;
	bool is_hint, is_anybodys;
} events[] = {
	{ GUEST("RECEIVED"), POS_EVENT_ORDER, "RECEIVED", "confirmed", false, false },
	{ GUEST("IN_PREPARATION"), POS_EVENT_ORDER, "IN_PREPARATION", "preparing", false, false },
	{ GUEST("READY_FOR_PICKUP"), POS_EVENT_ORDER, "READY_FOR_PICKUP", "ready", false, false },
	{ GUEST("CLOSED"), POS_EVENT_ORDER, "CLOSED", "completed", false, false },
	{ GUEST("VOIDED"), POS_EVENT_ORDER, "VOIDED", "cancelled", false, false },
	{ GUEST("SOMETHING_NEW"), POS_EVENT_ORDER, "SOMETHING_NEW", NULL, true, false },
	{ ORDER("order_updated", "\"approvalStatus\":\"NEEDS_APPROVAL\""), POS_EVENT_ORDER,
	    "NEEDS_APPROVAL", NULL, true, true },
	{ ORDER("order_updated", "\"approvalStatus\":\"APPROVED\""), POS_EVENT_ORDER, "APPROVED",
	    "confirmed", false, true },
	{ ORDER("order_updated", "\"voided\":true"), POS_EVENT_ORDER, "VOIDED", "cancelled", false,
	    true },
	{ ORDER("Order_Updated", "\"approvalStatus\":\"NOT_APPROVED\""), POS_EVENT_ORDER,
	    "NOT_APPROVED", "rejected", false, true },
	{ ORDER("channel_order_updated",
	      "\"deliveryInfo\":{\"deliveryState\":\"PICKED_UP\"},\"approvalStatus\":\"APPROVED\""),
	    POS_EVENT_ORDER, "PICKED_UP", "out_for_delivery", false, false },
	{ ENVELOPE("CHANNEL ORDER UPDATED", "order_updated",
	      AT ",\"order\":{\"guid\":\"" TOAST_ORDER_GUID "\",\"approvalStatus\":\"APPROVED\"}"),
	    POS_EVENT_ORDER, "APPROVED", "confirmed", false, false },
	{ ENVELOPE("menus", "menus_updated", AT ",\"publishedDate\":\"x\""),
	    POS_EVENT_MENU_CHANGED, NULL, NULL, false, false },
	{ ENVELOPE("MENUS", "MENUS_UPDATED", AT), POS_EVENT_MENU_CHANGED, NULL, NULL, false,
	    false },
	{ STOCK("out_of_stock"), POS_EVENT_STOCK, NULL, NULL, false, false },
	{ STOCK("in_stock"), POS_EVENT_STOCK, NULL, NULL, false, false },
	{ STOCK("low_quantity"), POS_EVENT_STOCK, NULL, NULL, false, false },
	{ ENVELOPE("restaurant_availability", "availability_online", AT), POS_EVENT_STORE_SET, NULL,
	    NULL, false, false },
	{ ENVELOPE("restaurant_availability", "availability_offline", AT), POS_EVENT_STORE_SET,
	    NULL, NULL, false, false },
	{ ENVELOPE("partners", "partner_removed", AT), POS_EVENT_REVOKED, NULL, NULL, false,
	    false },
	{ ENVELOPE("partners", "partner_added", AT), POS_EVENT_NOTHING, NULL, NULL, false, false },
	{ ENVELOPE("ordering_schedule_updated", "ordering_schedule_updated", AT), POS_EVENT_NOTHING,
	    NULL, NULL, false, false },
	{ ENVELOPE("packaging_updated", "packaging_updated", ""), POS_EVENT_NOTHING, NULL, NULL,
	    false, false },
	{ "{\"timestamp\":\"x\"}", POS_EVENT_NOTHING, NULL, NULL, false, false },
};

static const char *
read_one(struct arena *a, const char *body, struct pos_event *ret)
{
	return pos_delivery_find(&pos_toast, "events")->read(a, adapter_text(body), ret);
}

static void
test_events(void)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct pos_event e = { 0 };
		const char *why = read_one(a, events[i].body, &e);
		ok(why == NULL && e.kind == events[i].kind && e.is_hint == events[i].is_hint &&
			e.is_anybodys == events[i].is_anybodys,
		    "WH-02 %.160s is read: %s", events[i].body, why == NULL ? "" : why);
		is_str(e.code, events[i].code, "WH-02 as it came");
		is_str(e.status, events[i].status, "WH-03 in our words");
		ok(e.reference == NULL, "WH-02 an order is known by its GUID alone");
		if (e.kind == POS_EVENT_ORDER)
			is_str(e.pos_order_id, TOAST_ORDER_GUID, "WH-02 which is told");
		if (e.kind != POS_EVENT_NOTHING)
			is_str(e.rest_id, TOAST_RESTAURANT_GUID, "WH-02 and whose it is");
		arena_free(&a);
	}
}

static void
test_details(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_event e = { 0 };

	ok(read_one(a, GUEST("CLOSED"), &e) == NULL, "WH-11 a whole event");
	is_str(e.event_id, "5a1f", "WH-07 its own name, by which a repeat is known");
	is_int(e.occurred_at, TOAST_NOW - 100000, "WH-13 when it happened");
	ok(e.minimum_prep_time_min == -1 && e.ready_at == TIME_NONE && !e.is_modified,
	    "WH-11 what is not said is not said");
	ok(read_one(a, ORDER("order_updated", "\"approvalStatus\":\"APPROVED\",\"estimatedFulfillmentDate\":\"2026-02-13T17:10:00.000+0000\""),
	       &e) == NULL,
	    "E6 an order that is promised");
	is_int(e.ready_at, TOAST_NOW, "E6 when it will be ready is not left to the next look");
	ok(read_one(a, ENVELOPE("a", "availability_offline", AT), &e) == NULL && !e.is_open &&
		e.back == POS_RETURN_NEVER && e.reason != NULL,
	    "WH-11 a restaurant that is offline takes no orders");
	ok(read_one(a, ENVELOPE("a", "availability_online", AT), &e) == NULL && e.is_open,
	    "WH-11 until it is back");
	ok(read_one(a, STOCK("out_of_stock"), &e) == NULL && e.stock_kind == POS_STOCK_ANY &&
		!e.is_available && e.external_ids_n == 1 &&
		strcmp(e.external_ids[0], TOAST_ORDER_GUID) == 0 && e.back == POS_RETURN_NEVER,
	    "WH-22 something is sold out, wherever it stands in the menu");
	ok(read_one(a, STOCK("low_quantity"), &e) == NULL && e.is_available,
	    "WH-22 of what is running short there is some left");
	e = pos_event_of(POS_EVENT_ORDER);
	e.status = "out_for_delivery";
	ok(pos_toast.applies_to(&e, "delivery") && !pos_toast.applies_to(&e, "pickup"),
	    "C6 only what is brought is on its way");
	e.status = "completed";
	ok(pos_toast.applies_to(&e, "dine_in"), "C6 all else means something to all");
	arena_free(&a);
}

static const char *const bad[] = {
	"",
	"status=1",
	"[]",
	"null",
	"{}",
	"{\"timestamp\":1}",
	"{\"timestamp\":\"x\",\"timestamp\":\"y\"}",
	ENVELOPE("guest_order_status", "guestOrderStatusUpdated", ""),
	ENVELOPE("guest_order_status", "guestOrderStatusUpdated", AT),
	ENVELOPE("guest_order_status", "x", AT ",\"orderGuid\":\"" TOAST_ORDER_GUID "\""),
	ENVELOPE("guest_order_status", "x",
	    AT ",\"orderGuid\":\"12\",\"guestOrderStatus\":\"CLOSED\""),
	ENVELOPE("order_updated", "order_updated", AT),
	ENVELOPE("order_updated", "order_updated", AT ",\"order\":{\"guid\":\"x\"}"),
	ENVELOPE("menus", "menus_updated", "\"restaurantGuid\":\"bistro\""),
	ENVELOPE("stock", "out_of_stock", "\"restaurantGuid\":null"),
	ENVELOPE("stock", "out_of_stock", AT ",\"itemGuid\":\"x\""),
};

static void
test_bad(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct pos_event e = { .code = "untouched" };
		const char *why = read_one(a, bad[i], &e);
		ok(why != NULL && strcmp(e.code, "untouched") == 0,
		    "WH-31 WH-07 %.90s is refused: %s", bad[i], why == NULL ? "it was taken" : why);
		arena_free(&a);
	}
}

/* ---- proof ---- */

/* Toast publishes no vector; this one was computed with Python's hmac. */
#define VECTOR_BODY                                                                                \
	"{\"timestamp\":\"2024-03-28T15:11:01.050Z\",\"eventCategory\":\"order_updated\","         \
	"\"eventType\":\"order_updated\",\"guid\":\"e1\"}"
#define VECTOR_SIGNATURE "cJC0Y3h9u2rjRotykC9ascU5gaJUXbyKedpmerNciQo="

static const struct {
	const char *secret, *header, *body, *what;
	bool is_proved;
} proofs[] = {
	{ "toast-secret", VECTOR_SIGNATURE, VECTOR_BODY, "the vector", true },
	{ "other toast-secret", VECTOR_SIGNATURE, VECTOR_BODY, "the second of two secrets", true },
	{ " toast-secret  other ", VECTOR_SIGNATURE, VECTOR_BODY, "the first of two", true },
	{ "toast-secre", VECTOR_SIGNATURE, VECTOR_BODY, "another secret", false },
	{ "toast- secret", VECTOR_SIGNATURE, VECTOR_BODY, "a secret in two parts", false },
	{ "", VECTOR_SIGNATURE, VECTOR_BODY, "no secret", false },
	{ " ", VECTOR_SIGNATURE, VECTOR_BODY, "blanks for a secret", false },
	{ "toast-secret", NULL, VECTOR_BODY, "no signature", false },
	{ "toast-secret", "", VECTOR_BODY, "an empty one", false },
	{ "toast-secret", "cJC0Y3h9u2rjRotykC9ascU5gaJUXbyKedpmerNciQo", VECTOR_BODY,
	    "one without its padding", false },
	{ "toast-secret", VECTOR_SIGNATURE " ", VECTOR_BODY, "one with a blank behind it", false },
	{ "toast-secret", "CJC0Y3h9u2rjRotykC9ascU5gaJUXbyKedpmerNciQo=", VECTOR_BODY,
	    "another one", false },
	{ "toast-secret", VECTOR_SIGNATURE, VECTOR_BODY " ", "a body with a blank behind it",
	    false },
	{ "toast-secret", VECTOR_SIGNATURE, "{\"timestamp\":\"2024-03-28T15:11:01.050Z\"}",
	    "another body", false },
	{ "toast-secret", VECTOR_SIGNATURE, "{}", "a body without a time", false },
	{ "toast-secret", VECTOR_SIGNATURE, "", "no body", false },
};

static void
test_proof(void)
{
	struct arena *a = arena_new(16u << 20);
	struct pos_config *config = toast_config(a, "{}", "USD");

	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++)
		ok(adapter_proves(config, POS_POLICY_HMAC, adapter_text(proofs[i].secret),
		       proofs[i].header, adapter_text(proofs[i].body)) == proofs[i].is_proved,
		    "WH-16 D3 %s %s", proofs[i].what,
		    proofs[i].is_proved ? "proves it" : "proves nothing");
	ok(!adapter_proves(config, POS_POLICY_AUTHORIZATION, adapter_text("toast-secret"),
	       "toast-secret", adapter_text(VECTOR_BODY)),
	    "WH-16 Toast signs, and has no agreed value");
	is_str(pos_toast.policy_header(POS_POLICY_HMAC), "toast-signature", "WH-16 in its header");
	ok(pos_toast.policy_header(POS_POLICY_AUTHORIZATION) == NULL &&
		pos_toast.policy_header(POS_POLICY_NONE) == NULL,
	    "WH-16 and in no other");
	arena_free(&a);
}

/* What is signed is the bytes as they came, of any length. */
static void
test_large(void)
{
	struct arena *a = arena_new(64u << 20);
	struct pos_config *config = toast_config(a, "{}", "USD");
	const size_t fill = 700000;
	const char *head = "{\"timestamp\":\"t1\",\"guid\":\"";
	char *body = arena_alloc(a, fill + 100), *all = arena_alloc(a, fill + 100);
	unsigned char mac[HMAC_SIZE];
	size_t len = strlen(head);

	memcpy(body, head, len);
	memset(body + len, 'x', fill);
	memcpy(body + len + fill, "\"}", 3);
	len += fill + 2;
	memcpy(all, body, len);
	memcpy(all + len, "t1", 2);
	hmac_sha256("k", 1, all, len + 2, mac);
	ok(adapter_proves(config, POS_POLICY_HMAC, adapter_text("k"),
	       base64_encode(a, mac, sizeof(mac)), (struct bytes){ body, len }),
	    "WH-16 an order of 700 kB proves itself");
	ok(pos_delivery_find(&pos_toast, "events")->body_max >= 2u << 20 &&
		pos_delivery_find(&pos_toast, "events")->trust == POS_TRUST_POLICY,
	    "WH-16 two megabytes are taken");
	arena_free(&a);
}

static void
test_answers(void)
{
	struct arena *a = arena_new(1u << 20);
	const struct pos_delivery *d = pos_delivery_find(&pos_toast, "events");

	is_str(d->reply(a, &(struct pos_answer){ .http_status = 200 }), "{\"success\":true}",
	    "C22 a plain answer");
	is_str(d->reply(a, &(struct pos_answer){ .http_status = 401, .sentence = "No \"proof\"\n" }),
	    "{\"success\":false,\"message\":\"No \\\"proof\\\"\"}", "C22 and what was wrong");
	arena_free(&a);
}

int
main(void)
{
	test_events();
	test_details();
	test_bad();
	test_proof();
	test_large();
	test_answers();
	return tap_done();
}
