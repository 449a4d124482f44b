/*
 * Clover: its webhook taken apart and proved; what a look at an order says; and taking one back.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "mem/buf.h"
#include "op/op.h"
#include "order_file.h"
#include "tap.h"
#include "text/civil.h"
#include "text/json_read.h"

#define DELIVERY                                                                                   \
	"{\"appId\":\"A1B2C3D4E5F6G\",\"merchants\":{\"MERCH00000001\":["                          \
	"{\"objectId\":\"O:ORDER00000001\",\"type\":\"UPDATE\",\"ts\":1767607203120},"             \
	"{\"objectId\":\"I:ITEM000000001\",\"type\":\"DELETE\",\"ts\":1767607203999}],"            \
	"\"MERCH00000002\":[{\"objectId\":\"A:A1B2C3D4E5F6G\",\"type\":\"DELETE\",\"ts\":1}]}}"
#define ONE(object, type)                                                                          \
	"{\"merchants\":{\"M1\":[{\"objectId\":\"" object "\",\"type\":\"" type "\",\"ts\":5}]}}"

/* ---- events ---- */

static const struct {
	const char *body;
	enum pos_event_kind kind;
	const char *pos_order_id, *code;
} events[] = {
	{ ONE("O:ORDER00000001", "CREATE"), POS_EVENT_ORDER, "ORDER00000001", "CREATE" },
	{ ONE("O:ORDER00000001", "DELETE"), POS_EVENT_ORDER, "ORDER00000001", "DELETE" },
	{ ONE("I:X", "UPDATE"), POS_EVENT_MENU_CHANGED, NULL, "UPDATE" },
	{ ONE("IC:X", "UPDATE"), POS_EVENT_MENU_CHANGED, NULL, "UPDATE" },
	{ ONE("IG:X", "CREATE"), POS_EVENT_MENU_CHANGED, NULL, "CREATE" },
	{ ONE("IM:X", "DELETE"), POS_EVENT_MENU_CHANGED, NULL, "DELETE" },
	{ ONE("P:PAY1", "CREATE"), POS_EVENT_NOTHING, NULL, "CREATE" },
	{ ONE("M:M1", "UPDATE"), POS_EVENT_NOTHING, NULL, "UPDATE" },
	{ ONE("SH:X", "UPDATE"), POS_EVENT_NOTHING, NULL, "UPDATE" },
	{ ONE("C:X", "CREATE"), POS_EVENT_NOTHING, NULL, "CREATE" },
	{ ONE("CA:X", "CREATE"), POS_EVENT_NOTHING, NULL, "CREATE" },
	{ ONE("E:X", "UPDATE"), POS_EVENT_NOTHING, NULL, "UPDATE" },
	{ ONE("NEW:X", "UPDATE"), POS_EVENT_NOTHING, NULL, "UPDATE" },
	{ ONE("A:APP", "CREATE"), POS_EVENT_NOTHING, NULL, "CREATE" },
	{ ONE("A:APP", "DELETE"), POS_EVENT_REVOKED, NULL, "DELETE" },
	{ "{\"merchants\":{}}", POS_EVENT_NOTHING, NULL, NULL },
	{ "{\"merchants\":{\"M1\":[]}}", POS_EVENT_NOTHING, NULL, NULL },
	{ "{\"verificationCode\":\"5f9a2c10-0000-4000-8000-000000000001\"}", POS_EVENT_HELLO, NULL,
	    "5f9a2c10-0000-4000-8000-000000000001" },
};

static const char *const bad_bodies[] = {
	"",
	"[]",
	"{}",
	"{\"merchants\":[]}",
	"{\"merchants\":{\"M 1\":[]}}",
	"{\"merchants\":{\"M1\":{}}}",
	"{\"merchants\":{\"M1\":[1]}}",
	"{\"merchants\":{\"M1\":[{\"objectId\":\"O\",\"type\":\"UPDATE\"}]}}",
	"{\"merchants\":{\"M1\":[{\"objectId\":\"O:\",\"type\":\"UPDATE\"}]}}",
	"{\"merchants\":{\"M1\":[{\"objectId\":\"O:X\"}]}}",
	"{\"merchants\":{\"M1\":[{\"objectId\":\"O:X Y\",\"type\":\"UPDATE\"}]}}",
	"{\"verificationCode\":\"\"}",
	"{\"verificationCode\":\"a b\"}",
};

static void
test_events(void)
{
	const struct pos_delivery *d = pos_delivery_find(&pos_clover, "events");

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct pos_event e = { 0 };
		const char *why = d->read(a, adapter_text(events[i].body), &e);
		ok(why == NULL && e.kind == events[i].kind, "WH-01 %.80s", events[i].body);
		is_str(e.pos_order_id, events[i].pos_order_id, "about their order");
		is_str(e.code, events[i].code, "in their word");
		ok(e.kind != POS_EVENT_ORDER || (e.is_hint && e.is_anybodys && e.status == NULL),
		    "an order is to be looked at");
		arena_free(&a);
	}
	for (size_t i = 0; i < sizeof(bad_bodies) / sizeof(bad_bodies[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct pos_event e = { 0 };
		ok(d->read(a, adapter_text(bad_bodies[i]), &e) != NULL && e.rest_id == NULL,
		    "WH-02 refused: %s", bad_bodies[i]);
		arena_free(&a);
	}
}

static void
test_split(void)
{
	const struct pos_delivery *d = pos_delivery_find(&pos_clover, "events");
	struct arena *a = arena_new(1u << 20);
	const struct bytes *parts;
	struct pos_event e = { 0 };
	size_t n;

	d->split(a, adapter_text(DELIVERY), &parts, &n);
	is_int(n, 3, "WH-01 a call is of as many things as it holds");
	ok(d->read(a, parts[0], &e) == NULL && e.kind == POS_EVENT_ORDER &&
		strcmp(e.rest_id, "MERCH00000001") == 0 &&
		strcmp(e.pos_order_id, "ORDER00000001") == 0 &&
		e.occurred_at == 1767607203120 * 1000,
	    "WH-01 an order of the first merchant, and when");
	is_str(e.event_id, "MERCH00000001/O:ORDER00000001/UPDATE/1767607203120",
	    "WH-05 each has a name of its own");
	ok(d->read(a, parts[1], &e) == NULL && e.kind == POS_EVENT_MENU_CHANGED &&
		strcmp(e.rest_id, "MERCH00000001") == 0,
	    "WH-01 an item of the same");
	ok(d->read(a, parts[2], &e) == NULL && e.kind == POS_EVENT_REVOKED &&
		strcmp(e.rest_id, "MERCH00000002") == 0,
	    "WH-01 and another has left");
	d->split(a, adapter_text("{\"verificationCode\":\"x\"}"), &parts, &n);
	is_int(n, 0, "a hello is whole");
	d->split(a, adapter_text("nothing"), &parts, &n);
	is_int(n, 0, "and so is nonsense");
	arena_free(&a);
}

/* A thousand parts that all hold what was said once would be more than a worker has. */
static void
test_swollen(void)
{
	enum { KEY_N = 400000, ENTRIES_N = 1000 };
	const struct pos_delivery *d = pos_delivery_find(&pos_clover, "events");
	struct arena *a = arena_new(64u << 20);
	struct pos_event e = pos_event_of(POS_EVENT_NOTHING);
	const struct bytes *parts;
	struct buf b;
	size_t n;

	buf_init(&b, a, 1u << 20);
	buf_adds(&b, "{\"merchants\":{\"M1\":[");
	for (size_t i = 0; i < ENTRIES_N; i++)
		buf_adds(&b, i == 0 ? "{\"objectId\":\"O:X\",\"type\":\"UPDATE\"}" : ",{}");
	buf_adds(&b, "],\"");
	for (size_t i = 0; i < KEY_N; i++)
		buf_addc(&b, 'M');
	buf_adds(&b, "\":[");
	for (size_t i = 0; i < ENTRIES_N; i++)
		buf_adds(&b, i == 0 ? "{}" : ",{}");
	buf_adds(&b, "]}}");
	ok(!b.overflowed, "a body of the greatest length");
	d->split(a, (struct bytes){ b.data, b.len }, &parts, &n);
	is_int(n, 0, "SEC-12 a merchant's id that is none is not repeated in every part");
	ok(d->read(a, (struct bytes){ b.data, b.len }, &e) != NULL, "SEC-12 and the call is refused");
	arena_free(&a);
}

static void
test_proof(void)
{
	static const char secret[] = "6d0a1a52-5c3f-4a63-8f4d-2f1fb6ad9a0e";
	struct arena *a = arena_new(1u << 20);
	const struct pos_config *config = adapter_config(a, &pos_clover, "{}", "USD");
	const struct pos_delivery *d = pos_delivery_find(&pos_clover, "events");
	struct bytes key = adapter_text(secret), body = adapter_text(DELIVERY);

	is_str(pos_clover.policy_header(POS_POLICY_AUTHORIZATION), "x-clover-auth",
	    "WH-16 the proof is X-Clover-Auth");
	ok(pos_clover.policy_header(POS_POLICY_HMAC) == NULL &&
		pos_webhook_policy(config) == POS_POLICY_AUTHORIZATION,
	    "WH-16 and there is no other");
	ok(adapter_proves(config, POS_POLICY_AUTHORIZATION, key, secret, body),
	    "WH-16 the agreed value proves it");
	ok(!adapter_proves(config, POS_POLICY_AUTHORIZATION, key, "6d0a1a52", body) &&
		!adapter_proves(config, POS_POLICY_AUTHORIZATION, key, "", body) &&
		!adapter_proves(config, POS_POLICY_AUTHORIZATION, key, NULL, body) &&
		!adapter_proves(config, POS_POLICY_AUTHORIZATION, adapter_text(""), "", body) &&
		!adapter_proves(config, POS_POLICY_HMAC, key, secret, body) &&
		!adapter_proves(config, POS_POLICY_NONE, key, secret, body),
	    "WH-16 nothing else does");
	is_str(d->reply(a, &(struct pos_answer){ .http_status = 200 }), "{\"success\":true}",
	    "WH-03 a plain yes");
	is_str(d->reply(a, &(struct pos_answer){ .http_status = 401, .sentence = "No" }),
	    "{\"success\":false,\"message\":\"No\"}", "WH-03 and a plain no");
	arena_free(&a);
}

/* ---- looking ---- */

#define LIVE(id, more) "{\"id\":\"" id "\",\"title\":\"A-1\",\"state\":\"open\"" more "}"
#define LIST(all) "{\"elements\":[" all "],\"href\":\"x\"}"

static const struct {
	const char *pos_order_id, *progress;
	int status;
	const char *body;
	enum outcome outcome;
	enum pos_presence presence;
	const char *word, *id, *other;
	int64_t total;
	bool has_next;
} looks[] = {
	{ "O1", "", 200, LIVE("O1", ",\"total\":1410,\"paymentState\":\"OPEN\""), OUTCOME_DONE,
	    POS_PRESENT, "confirmed", "O1", NULL, 1410, false },
	{ "O1", "", 200, LIVE("O1", ",\"paymentState\":\"PAID\""), OUTCOME_DONE, POS_PRESENT,
	    "completed", "O1", NULL, -1, false },
	{ "O1", "", 200, "{\"id\":\"O1\",\"state\":\"locked\"}", OUTCOME_DONE, POS_PRESENT,
	    "completed", "O1", NULL, -1, false },
	{ "O1", "", 200,
	    "{\"id\":\"O1\",\"state\":\"locked\",\"payments\":{\"elements\":[{"
	    "\"externalPaymentId\":\"A-1\"}]}}",
	    OUTCOME_DONE, POS_PRESENT, "confirmed", "O1", NULL, -1, false },
	{ "O1", "", 200,
	    "{\"id\":\"O1\",\"state\":\"locked\",\"payments\":{\"elements\":[{"
	    "\"externalPaymentId\":\"A-1\"},{\"id\":\"P2\"}]}}",
	    OUTCOME_DONE, POS_PRESENT, "completed", "O1", NULL, -1, false },
	{ "O1", "", 200, LIVE("O1", ",\"lineItems\":{\"elements\":[{\"printed\":true}]}"),
	    OUTCOME_DONE, POS_PRESENT, "confirmed", "O1", NULL, -1, false },
	{ "O1", "", 200, LIVE("O1", ",\"deletedTimestamp\":1767607203120"), OUTCOME_DONE,
	    POS_PRESENT, "cancelled", "O1", NULL, -1, false },
	{ "O1", "", 200, LIVE("O1", ",\"paymentState\":\"REFUNDED\""), OUTCOME_DONE, POS_PRESENT,
	    "cancelled", "O1", NULL, -1, false },
	/* Deleted, or is the address, or the merchant, another one's? A list tells. */
	{ "O1", "", 404, "{\"message\":\"Not Found\"}", OUTCOME_DONE, POS_NO_ANSWER, NULL, NULL,
	    NULL, -1, true },
	{ "O1", "{\"by\":\"gone\"}", 200, LIST(""), OUTCOME_DONE, POS_PRESENT, "cancelled", "O1",
	    NULL, -1, false },
	{ "O1", "{\"by\":\"gone\"}", 200, LIST(LIVE("O2", "")), OUTCOME_DONE, POS_PRESENT,
	    "cancelled", "O1", NULL, -1, false },
	{ "O1", "{\"by\":\"gone\"}", 200, LIST(LIVE("O1", "")), OUTCOME_DONE, POS_PRESENT,
	    "confirmed", "O1", NULL, -1, false },
	{ "O1", "{\"by\":\"gone\"}", 404, "{\"message\":\"Not Found\"}", OUTCOME_REFUSED,
	    POS_NO_ANSWER, NULL, NULL, NULL, -1, false },
	{ "O1", "{\"by\":\"gone\"}", 500, "", OUTCOME_LATER, POS_NO_ANSWER, NULL, NULL, NULL, -1,
	    false },
	{ "O1", "", 200, "{\"id\":\"O1\"}", OUTCOME_DONE, POS_ABSENT, NULL, NULL, NULL, -1, false },
	{ "O1", "", 200, LIVE("O2", ""), OUTCOME_LATER, POS_NO_ANSWER, NULL, NULL, NULL, -1, false },
	{ "O1", "", 200, "[]", OUTCOME_LATER, POS_NO_ANSWER, NULL, NULL, NULL, -1, false },
	{ "O1", "", 500, "", OUTCOME_LATER, POS_NO_ANSWER, NULL, NULL, NULL, -1, false },
	{ "O1", "", 429, "", OUTCOME_LATER, POS_NO_ANSWER, NULL, NULL, NULL, -1, false },
	{ "O1", "", 401, "", OUTCOME_REFUSED, POS_NO_ANSWER, NULL, NULL, NULL, -1, false },
	/* by our reference */
	{ NULL, "", 200, LIST(LIVE("O1", "")), OUTCOME_DONE, POS_PRESENT, "confirmed", "O1", NULL,
	    -1, false },
	{ NULL, "", 200, LIST(LIVE("O2", ",\"createdTime\":9") "," LIVE("O1", ",\"createdTime\":5")),
	    OUTCOME_DONE, POS_PRESENT, "confirmed", "O1", "O2", -1, false },
	{ NULL, "", 200, LIST("{\"id\":\"O1\",\"title\":\"A-10\",\"state\":\"open\"}"),
	    OUTCOME_DONE, POS_NO_ANSWER, NULL, NULL, NULL, -1, true },
	{ NULL, "", 200, LIST("{\"id\":\"O1\",\"title\":\"A-1\"}"), OUTCOME_DONE, POS_NO_ANSWER,
	    NULL, NULL, NULL, -1, true },
	{ NULL, "", 200, LIST(""), OUTCOME_DONE, POS_NO_ANSWER, NULL, NULL, NULL, -1, true },
	{ NULL, "{\"by\":\"external\"}", 200, LIST(""), OUTCOME_DONE, POS_ABSENT, NULL, NULL, NULL,
	    -1, false },
	{ NULL, "{\"by\":\"external\"}", 200,
	    LIST("{\"id\":\"O1\",\"externalReferenceId\":\"A-1\",\"state\":\"open\"}"),
	    OUTCOME_DONE, POS_PRESENT, "confirmed", "O1", NULL, -1, false },
	{ NULL, "", 404, "", OUTCOME_REFUSED, POS_NO_ANSWER, NULL, NULL, NULL, -1, false },
	{ NULL, "", 200, "{}", OUTCOME_LATER, POS_NO_ANSWER, NULL, NULL, NULL, -1, false },
};

static struct pos_task
look_task(struct arena *a, const char *id, const char *progress, int64_t since)
{
	static const char *const secrets[] = { "access_token" };
	struct pos_problems problems = { 0 };

	return (struct pos_task){ .config = adapter_config_with(a, &pos_clover, "{}", "USD",
				      secrets, 1, &problems),
		.progress = adapter_text(progress),
		.reference = "A-1",
		.pos_order_id = id,
		.since = since };
}

static void
test_looks(void)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct pos_task task =
		    look_task(a, looks[i].pos_order_id, looks[i].progress, TIME_NONE);
		struct http_reply r = { .status = looks[i].status,
			.body = adapter_text(looks[i].body) };
		struct pos_outcome o = pos_clover.talks[POS_LOOK].read(a, &task, &r);
		ok(o.verdict.outcome == looks[i].outcome && o.presence == looks[i].presence &&
			o.has_next == looks[i].has_next && o.total_minor == looks[i].total,
		    "POS-05 a look: %d %.70s", r.status, looks[i].body);
		is_str(o.status, looks[i].word, "its status");
		is_str(o.pos_order_id, looks[i].id, "its id");
		is_str(o.other_id, looks[i].other, "another one");
		arena_free(&a);
	}
}

static void
test_look_calls(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_problems problems = { 0 };
	struct pos_task task = look_task(a, "O1", "", TIME_NONE);
	struct http_call call = { 0 };

	ok(pos_clover.talks[POS_LOOK].call(a, &task, &call, &problems), "POS-05 a look");
	is_str(call.url,
	    "https://pos.example/v3/merchants/demo4bistro/orders/O1?expand=lineItems,payments",
	    "POS-05 by their id where it is known");
	task = look_task(a, NULL, "", 1767607800 * US_PER_SECOND);
	task.reference = "A&1=2";
	ok(pos_clover.talks[POS_LOOK].call(a, &task, &call, &problems), "POS-05 else by ours");
	is_str(call.url,
	    "https://pos.example/v3/merchants/demo4bistro/orders?filter=title%3DA%261%3D2"
	    "&filter=createdTime%3E%3D1767607200000&expand=lineItems,payments&limit=100",
	    "POS-05 which is the whole title, and not of long ago");
	task.progress = adapter_text("{\"by\":\"external\"}");
	ok(pos_clover.talks[POS_LOOK].call(a, &task, &call, &problems) &&
		strstr(call.url, "filter=externalReferenceId%3DA%261%3D2&") != NULL,
	    "POS-05 then by the other place where it stands");
	task.pos_order_id = "O1";
	task.progress = adapter_text("{\"by\":\"gone\"}");
	ok(pos_clover.talks[POS_LOOK].call(a, &task, &call, &problems) &&
		strstr(call.url, "orders?filter=title%3DA%261%3D2&") != NULL,
	    "POS-05 and whether an unknown id is a deleted order, by whether there is a list");
	task.pos_order_id = task.reference = NULL;
	ok(!pos_clover.talks[POS_LOOK].call(a, &task, &call, &problems), "not by nothing");
	arena_free(&a);
}

/* ---- cancelling ---- */

#define VOID "{\"step\":\"void\",\"reference\":\"A-1\",\"draft\":\"O1\"}"
#define DOUBTED "{\"step\":\"void_doubted\",\"reference\":\"A-1\",\"draft\":\"O1\"}"

static const struct {
	const char *progress;
	int status;
	const char *body;
	enum outcome outcome;
	bool has_next;
} cancels[] = {
	{ "", 200, LIVE("O1", ",\"paymentState\":\"OPEN\""), OUTCOME_DONE, true },
	{ "{\"step\":\"print\",\"draft\":\"O1\"}", 200, LIVE("O1", ""), OUTCOME_DONE, true },
	/* not known: a wrong address says so too, and a merchant's list does not */
	{ "", 404, "", OUTCOME_DONE, true },
	{ DOUBTED, 200, "{\"elements\":[]}", OUTCOME_DONE, false },
	{ DOUBTED, 200, "{\"elements\":[{\"id\":\"O2\"}]}", OUTCOME_DONE, false },
	{ DOUBTED, 200, "{\"elements\":[" LIVE("O1", "") "]}", OUTCOME_DONE, true },
	{ DOUBTED, 200, "{\"elements\":[" LIVE("O1", ",\"paymentState\":\"PAID\"") "]}", OUTCOME_REFUSED, false },
	{ DOUBTED, 200, "{}", OUTCOME_LATER, false },
	{ DOUBTED, 404, "", OUTCOME_REFUSED, false },
	{ DOUBTED, 401, "", OUTCOME_REFUSED, false },
	{ DOUBTED, 500, "", OUTCOME_LATER, false },
	{ "", 200, LIVE("O2", ""), OUTCOME_LATER, false },
	{ "", 200, LIVE("O1", ",\"deletedTime\":5"), OUTCOME_DONE, false },
	{ "", 200, LIVE("O1", ",\"paymentState\":\"PAID\""), OUTCOME_REFUSED, false },
	{ "", 200, LIVE("O1", ",\"paymentState\":\"PARTIALLY_PAID\""), OUTCOME_REFUSED, false },
	{ "", 200, LIVE("O1", ",\"payments\":{\"elements\":[{\"externalPaymentId\":\"A-1\"}]}"),
	    OUTCOME_REFUSED, false },
	{ "", 200, "{\"id\":\"O1\",\"state\":\"locked\"}", OUTCOME_REFUSED, false },
	{ "", 200, "", OUTCOME_LATER, false },
	{ "", 500, "", OUTCOME_LATER, false },
	{ "", 429, "", OUTCOME_LATER, false },
	{ "", 401, "", OUTCOME_REFUSED, false },
	{ VOID, 200, "{}", OUTCOME_DONE, false },
	{ VOID, 200, "", OUTCOME_DONE, false },
	{ VOID, 204, "", OUTCOME_DONE, false },
	{ VOID, 404, "", OUTCOME_DONE, false },
	{ VOID, 400, "{\"message\":\"Order has payments and cannot be deleted\"}", OUTCOME_REFUSED,
	    false },
	{ VOID, 405, "", OUTCOME_REFUSED, false },
	{ VOID, 429, "", OUTCOME_LATER, false },
	{ VOID, 500, "", OUTCOME_UNSURE, false },
};

static void
test_cancels(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_problems problems = { 0 };
	struct http_call call = { 0 };
	struct pos_task task = look_task(a, "O1", "", TIME_NONE);

	for (size_t i = 0; i < sizeof(cancels) / sizeof(cancels[0]); i++) {
		struct http_reply r = { .status = cancels[i].status,
			.body = adapter_text(cancels[i].body) };
		struct pos_outcome o;
		task = look_task(a, "O1", cancels[i].progress, TIME_NONE);
		o = pos_clover.talks[POS_CANCEL].read(a, &task, &r);
		is_str(outcome_name(o.verdict.outcome), outcome_name(cancels[i].outcome),
		    "POS-01 cancelling %.20s: %d %.60s", cancels[i].progress, r.status,
		    cancels[i].body);
		ok(o.has_next == cancels[i].has_next, "and whether that was all");
	}
	task = look_task(a, "O1", "", TIME_NONE);
	ok(pos_clover.talks[POS_CANCEL].call(a, &task, &call, &problems) &&
		strcmp(call.method, "GET") == 0 && strstr(call.url, "/orders/O1?expand=payments"),
	    "POS-01 first it is looked whether it is paid");
	task = look_task(a, NULL, VOID, TIME_NONE);
	ok(pos_clover.talks[POS_CANCEL].call(a, &task, &call, &problems) &&
		strcmp(call.method, "DELETE") == 0 &&
		strstr(call.url, "/demo4bistro/orders/O1") != NULL && call.body.len == 0,
	    "POS-01 then it is deleted");
	task = look_task(a, "O1", DOUBTED, TIME_NONE);
	ok(pos_clover.talks[POS_CANCEL].call(a, &task, &call, &problems) &&
		strcmp(call.method, "GET") == 0 && strstr(call.url, "/orders?filter=title%3DA-1") != NULL,
	    "POS-01 or looked for, if it is not known: %s", call.url);
	task = look_task(a, NULL, "", TIME_NONE);
	ok(!pos_clover.talks[POS_CANCEL].call(a, &task, &call, &problems) &&
		strcmp(problems.v[0].field, "pos_order_id") == 0,
	    "an order that never came there is not cancelled");
	task = look_task(a, "O1", VOID, TIME_NONE);
	is_str(outcome_name(
		   pos_clover.read_failure(a, POS_CANCEL, &task, CALL_TIMED_OUT).verdict.outcome),
	    "UNSURE", "a deletion that timed out is in doubt, and may be repeated");
	task = look_task(a, "O1", "", TIME_NONE);
	is_str(outcome_name(
		   pos_clover.read_failure(a, POS_CANCEL, &task, CALL_TIMED_OUT).verdict.outcome),
	    "LATER", "a look is not");
	arena_free(&a);
}

/* What was begun and given up: each draft is read, and deleted, one after the other. */
static void
test_drafts(void)
{
	static const struct {
		const char *method, *path, *body;
	} steps[] = {
		{ "GET", "/orders/D3?", "{\"id\":\"D3\",\"state\":null}" },
		{ "DELETE", "/orders/D3", "" },
		{ "GET", "/orders/D1?", "{\"id\":\"D1\"}" },
		{ "DELETE", "/orders/D1", "{}" },
		{ "GET", "/orders/D2?", "{\"id\":\"D2\"}" },
		{ "DELETE", "/orders/D2", "{}" },
	};
	size_t n = sizeof(steps) / sizeof(steps[0]);
	struct arena *a = arena_new(1u << 20);
	struct pos_task task = look_task(a, NULL,
	    "{\"step\":\"lines\",\"reference\":\"A-1\",\"draft\":\"D3\",\"at\":100,\"old\":[\"D1\",\"D2\"]}", TIME_NONE);
	struct pos_problems problems = { 0 };
	struct http_call call = { 0 };
	struct pos_outcome o;

	for (size_t i = 0; i < n; i++) {
		struct http_reply r = { .status = 200, .body = adapter_text(steps[i].body) };
		ok(pos_clover.talks[POS_CANCEL].call(a, &task, &call, &problems) &&
			strcmp(call.method, steps[i].method) == 0 && strstr(call.url, steps[i].path) != NULL,
		    "POS-10 a draft that was given up: %s %s", call.method, call.url);
		o = pos_clover.talks[POS_CANCEL].read(a, &task, &r);
		ok(o.verdict.outcome == OUTCOME_DONE && o.has_next == (i + 1 < n), "and on");
		task.progress = o.progress;
	}
	ok(!pos_clover.talks[POS_CANCEL].call(a, &task, &call, &problems), "until none is left");
	arena_free(&a);
}

int
main(void)
{
	test_events();
	test_split();
	test_swollen();
	test_proof();
	test_looks();
	test_look_calls();
	test_cancels();
	test_drafts();
	return tap_done();
}
