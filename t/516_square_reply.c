/*
 * Square: what its replies, and the lack of one, mean at each step. The rule behind the tables:
 * only a plain yes is DONE, only a plain no is REFUSED; what nobody sees is never in doubt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "op/op.h"
#include "pos/pos.h"
#include "tap.h"

#define REF "ORD-20260213-001"
#define NOW INT64_C(1771000000000000)
#define USD(n) "{\"amount\":" n ",\"currency\":\"USD\"}"
#define ORDER_OF(id, ref, state, version, total, due, more)                                        \
	"{\"order\":{\"id\":\"" id "\",\"location_id\":\"demo4bistro\",\"reference_id\":\"" ref    \
	"\",\"state\":\"" state "\",\"version\":" version ",\"total_money\":" USD(total)           \
	",\"net_amount_due_money\":" USD(due) more "}}"
#define ORDER(state, total, due) ORDER_OF("O1", REF, state, "1", total, due, "")
#define FULFILLED(state, f, more)                                                                  \
	ORDER_OF("O1", REF, state, "4", "599", "0",                                                \
	    ",\"fulfillments\":[{\"uid\":\"1\",\"type\":\"PICKUP\",\"state\":\"" f                 \
	    "\",\"pickup_details\":{\"pickup_at\":\"2026-02-13T18:00:00Z\"}}]" more)
#define PAYMENT(status, order, total)                                                              \
	"{\"payment\":{\"id\":\"P1\",\"status\":\"" status "\",\"order_id\":\"" order              \
	"\",\"source_type\":\"EXTERNAL\",\"reference_id\":\"" REF                                  \
	"\",\"total_money\":" USD(total) "}}"
#define NO(code, detail)                                                                           \
	"{\"errors\":[{\"category\":\"INVALID_REQUEST_ERROR\",\"code\":\"" code                    \
	"\",\"detail\":\"" detail "\"}]}"
#define NO_AT(code, detail, field)                                                                 \
	"{\"errors\":[{\"code\":\"" code "\",\"detail\":\"" detail "\",\"field\":\"" field "\"}]}"
#define STEP(step, more) "{\"step\":\"" step "\",\"reference\":\"" REF "\"," more "}"
#define PAY STEP("pay", "\"order\":\"O1\",\"version\":1,\"minor\":499")
#define FREE STEP("free", "\"order\":\"O1\",\"version\":1,\"minor\":0")
#define FIND STEP("find", "\"version\":0")
#define CHECK STEP("check", "\"order\":\"O1\"")
#define CHECK_WHY STEP("check", "\"order\":\"O1\",\"minor\":499,\"cause\":2,\"why\":\"No scope\"")
#define UNDO STEP("undo", "\"order\":\"O1\",\"version\":1,\"minor\":499,\"cause\":2,\"why\":\"No scope\"")
#define TENDER(id) ",\"tenders\":[{\"id\":\"" id "\",\"payment_id\":\"" id "\"}]"

struct expected {
	enum outcome outcome;
	enum cause cause;
	const char *next;  /* the step that follows; NULL: none */
	const char *id;    /* theirs */
	int64_t total;
};

struct exchange {
	const char *config; /* NULL: {} */
	const char *progress;
	int status;
	const char *body;
	struct expected want;
};

#define DONE_AT(step) { OUTCOME_DONE, CAUSE_NONE, step, NULL, -1 }
#define THERE(total) { OUTCOME_DONE, CAUSE_NONE, NULL, "O1", total }
#define IS(outcome, cause) { OUTCOME_##outcome, CAUSE_##cause, NULL, NULL, -1 }
#define OAUTH "{\"client_id\":\"sq0idp-1\"}"
#define NONE "{\"mark_paid\":\"none\"}"

static const struct exchange creates[] = {
	/* the order: nobody sees it yet */
	{ NULL, "", 200, ORDER("OPEN", "499", "499"), DONE_AT("pay") },
	{ NULL, "", 200, ORDER("OPEN", "0", "0"), DONE_AT("free") },
	{ NULL, "", 200, ORDER("OPEN", "599", "0"), THERE(599) },
	{ NULL, "", 200, ORDER("COMPLETED", "0", "0"), THERE(0) },
	{ NULL, "", 200, ORDER("CANCELED", "499", "499"), IS(REFUSED, PAYLOAD) },
	{ NONE, "", 200, ORDER("OPEN", "499", "499"), THERE(499) },
	{ NULL, "", 200, ORDER_OF("O1", "ORD-2", "OPEN", "1", "499", "499", ""), IS(LATER, GARBLED) },
	{ NONE, "", 200, ORDER_OF("O1", "ORD-2", "OPEN", "1", "499", "499", ""), IS(UNSURE, GARBLED) },
	{ NULL, "", 200, "{\"order\":{\"id\":\"O1\"}}", IS(LATER, GARBLED) },
	{ NONE, "", 200, "{\"order\":{\"id\":\"O1\"}}", IS(UNSURE, GARBLED) },
	{ NULL, "", 200, ORDER("OPEN", "-5", "1"), IS(LATER, GARBLED) },
	{ NULL, "", 200, "{\"order\":{\"id\":\"O1\",\"state\":\"OPEN\",\"total_money\":{\"amount\":5,\"currency\":\"CAD\"}}}",
	    IS(LATER, GARBLED) },
	{ NULL, "", 400, NO("BAD_REQUEST", "Order O1 already exists."), DONE_AT("check") },
	{ NULL, "", 400, NO("BAD_REQUEST", "Order  already exists."), IS(REFUSED, PAYLOAD) },
	{ NULL, "", 400, NO("IDEMPOTENCY_KEY_REUSED", "x"), DONE_AT("find") },
	{ NULL, "", 400, NO_AT("VALUE_TOO_LONG", "Field must not be greater than 30 in length", "order.ticket_name"),
	    IS(REFUSED, PAYLOAD) },
	{ NULL, "", 400, NO("SOMETHING_NEW", "x"), IS(REFUSED, PAYLOAD) },
	{ NULL, "", 400, "<html>", IS(REFUSED, PAYLOAD) },
	{ NULL, "", 401, NO("UNAUTHORIZED", "x"), IS(REFUSED, AUTH) },
	{ NULL, "", 401, NO("ACCESS_TOKEN_EXPIRED", "x"), IS(REFUSED, AUTH) },
	{ OAUTH, "", 401, NO("ACCESS_TOKEN_EXPIRED", "x"), IS(LATER, AUTH) },
	{ OAUTH, "", 401, NO("UNAUTHORIZED", "x"), IS(LATER, AUTH) },
	{ OAUTH, "", 401, NO("ACCESS_TOKEN_REVOKED", "x"), IS(REFUSED, AUTH) },
	{ OAUTH, "", 403, NO("INSUFFICIENT_SCOPES", "x"), IS(REFUSED, AUTH) },
	{ NULL, "", 403, "", IS(REFUSED, AUTH) },
	{ NULL, "", 404, "", IS(REFUSED, CONFIG) },
	{ NULL, "", 404, NO_AT("NOT_FOUND", "x", "order.location_id"), IS(REFUSED, CONFIG) },
	{ NULL, "", 404, NO("NOT_FOUND", "Item variation not found with catalog ID: V1"), IS(REFUSED, PAYLOAD) },
	{ NULL, "", 400, NO("CURRENCY_MISMATCH", "x"), IS(REFUSED, CONFIG) },
	{ NULL, "", 301, "", IS(REFUSED, CONFIG) },
	{ NULL, "", 413, "", IS(REFUSED, PAYLOAD) },
	{ NULL, "", 415, "", IS(REFUSED, CONFIG) },
	{ NULL, "", 408, "", IS(LATER, PROVIDER) },
	{ NULL, "", 409, NO("CONFLICT", "in progress"), IS(LATER, PROVIDER) },
	{ NULL, "", 429, NO("RATE_LIMITED", "x"), IS(LATER, BUSY) },
	{ NULL, "", 500, NO("INTERNAL_SERVER_ERROR", "x"), IS(LATER, PROVIDER) },
	{ NULL, "", 503, "", IS(LATER, PROVIDER) },
	{ NONE, "", 503, "", IS(UNSURE, PROVIDER) },
	{ NONE, "", 409, NO("CONFLICT", "in progress"), IS(UNSURE, PROVIDER) },
	{ NONE, "", 429, "", IS(LATER, BUSY) },
	{ NULL, "", 303, "", IS(LATER, GARBLED) },
	{ NULL, "", 0, "", IS(LATER, GARBLED) },
	/* the payment: from here on it is seen */
	{ NULL, PAY, 200, PAYMENT("COMPLETED", "O1", "599"), THERE(599) },
	{ NULL, PAY, 200, PAYMENT("APPROVED", "O1", "599"), IS(UNSURE, GARBLED) },
	{ NULL, PAY, 200, PAYMENT("COMPLETED", "O2", "599"), IS(UNSURE, GARBLED) },
	{ NULL, PAY, 200, PAYMENT("FAILED", "O1", "599"), DONE_AT("check") },
	{ NULL, PAY, 200, "{}", IS(UNSURE, GARBLED) },
	{ NULL, PAY, 200, "", IS(UNSURE, GARBLED) },
	{ NULL, PAY, 400, NO("BAD_REQUEST", "The order is already paid."), DONE_AT("check") },
	{ NULL, PAY, 400, NO("IDEMPOTENCY_KEY_REUSED", "x"), DONE_AT("check") },
	{ NULL, PAY, 403, NO("INSUFFICIENT_SCOPES", "x"), DONE_AT("check") },
	{ NULL, PAY, 401, NO("UNAUTHORIZED", "x"), DONE_AT("check") },
	{ OAUTH, PAY, 401, NO("ACCESS_TOKEN_EXPIRED", "x"), IS(LATER, AUTH) },
	{ NULL, PAY, 429, "", IS(LATER, BUSY) },
	{ NULL, PAY, 408, "", IS(UNSURE, PROVIDER) },
	{ NULL, PAY, 409, "", IS(UNSURE, PROVIDER) },
	{ NULL, PAY, 502, "<html>", IS(UNSURE, PROVIDER) },
	{ NULL, PAY, 303, "", IS(UNSURE, GARBLED) },
	{ NULL, FREE, 200, ORDER_OF("O1", REF, "OPEN", "2", "0", "0", ""), THERE(0) },
	{ NULL, FREE, 200, ORDER_OF("O2", REF, "OPEN", "2", "0", "0", ""), IS(UNSURE, GARBLED) },
	{ NULL, FREE, 400, NO("BAD_REQUEST", "x"), DONE_AT("check") },
	{ NULL, FREE, 500, "", IS(UNSURE, PROVIDER) },
	/* whose key is it? */
	{ NULL, FIND, 200, "{\"orders\":[]}", IS(UNSURE, PAYLOAD) },
	{ NULL, FIND, 200, "{}", IS(UNSURE, PAYLOAD) },
	{ NULL, FIND, 200, "{\"orders\":[{\"id\":\"O9\",\"state\":\"OPEN\",\"reference_id\":\"X\"}],\"cursor\":\"abc\"}",
	    DONE_AT("find") },
	{ NULL, FIND, 200,
	    "{\"orders\":[{\"id\":\"O1\",\"state\":\"OPEN\",\"reference_id\":\"" REF "\",\"total_money\":" USD("499") "}]}",
	    DONE_AT("pay") },
	{ NULL, FIND, 200,
	    "{\"orders\":[{\"id\":\"O0\",\"state\":\"CANCELED\",\"reference_id\":\"" REF "\",\"total_money\":" USD("499") "},"
	    "{\"id\":\"O1\",\"state\":\"OPEN\",\"reference_id\":\"" REF "\",\"total_money\":" USD("599")
	    ",\"net_amount_due_money\":" USD("0") "}]}",
	    THERE(599) },
	{ NULL, FIND, 500, "", IS(LATER, PROVIDER) },
	{ NULL, CHECK, 200, ORDER("OPEN", "499", "499"), DONE_AT("pay") },
	{ NULL, CHECK, 200, ORDER("OPEN", "499", "0"), THERE(499) },
	{ NULL, CHECK, 200, ORDER_OF("O1", "ORD-2", "OPEN", "1", "499", "499", ""), IS(REFUSED, PAYLOAD) },
	{ NULL, CHECK, 404, NO("NOT_FOUND", "x"), IS(UNSURE, PAYLOAD) },
	{ NULL, CHECK, 503, "", IS(LATER, PROVIDER) },
	/* a payment that was refused: undone, and then refused for the first reason */
	{ NULL, CHECK_WHY, 200, ORDER("OPEN", "499", "499"), DONE_AT("undo") },
	{ NULL, CHECK_WHY, 200, ORDER("OPEN", "0", "0"), DONE_AT("undo") },
	{ NULL, CHECK_WHY, 200, ORDER("OPEN", "499", "0"), THERE(499) },
	{ NULL, CHECK_WHY, 200, ORDER("CANCELED", "499", "499"), IS(REFUSED, AUTH) },
	{ NULL, CHECK_WHY, 404, NO("NOT_FOUND", "x"), IS(REFUSED, AUTH) },
	{ NULL, CHECK_WHY, 403, "", IS(UNSURE, AUTH) },
	{ NULL, CHECK_WHY, 503, "", IS(LATER, PROVIDER) },
	{ NULL, UNDO, 200, ORDER("CANCELED", "499", "499"), IS(REFUSED, AUTH) },
	{ NULL, UNDO, 200, ORDER("OPEN", "499", "499"), IS(LATER, GARBLED) },
	{ NULL, UNDO, 409, NO("VERSION_MISMATCH", "x"), IS(LATER, PROVIDER) },
	{ NULL, UNDO, 400, NO("BAD_REQUEST", "x"), IS(UNSURE, AUTH) },
	{ NULL, UNDO, 500, "", IS(LATER, PROVIDER) },
	/* progress of another submission, or none that can be read: from the start */
	{ NULL, "{\"step\":\"pay\",\"reference\":\"ORD-2\",\"order\":\"O7\",\"minor\":499}", 200,
	    ORDER("OPEN", "499", "499"), DONE_AT("pay") },
	{ NULL, "{\"step\":", 200, ORDER("OPEN", "499", "499"), DONE_AT("pay") },
	{ NULL, STEP("pay", "\"minor\":499"), 200, ORDER("OPEN", "499", "499"), DONE_AT("pay") },
	/* hostile */
	{ NULL, "", 200, "", IS(LATER, GARBLED) },
	{ NULL, "", 200, "[]", IS(LATER, GARBLED) },
	{ NULL, "", 200, "{\"order\":[]}", IS(LATER, GARBLED) },
	{ NULL, "", 200, "{\"order\":{\"id\":\"\",\"state\":\"OPEN\",\"total_money\":" USD("1") "}}", IS(LATER, GARBLED) },
	{ NULL, "", 200, "{\"order\":{\"id\":\"O\\u00e91\",\"state\":\"OPEN\",\"total_money\":" USD("1") "}}",
	    IS(LATER, GARBLED) },
	{ NULL, PAY, 200, "{\"payment\":{\"id\":\"P1\",\"status\":null}}", IS(UNSURE, GARBLED) },
};

/* CANCEL */
#define C_REFUND "{\"step\":\"refund\",\"order\":\"O1\",\"payment\":\"P1\",\"minor\":599}"
#define C_ASKED "{\"step\":\"refund\",\"order\":\"O1\",\"payment\":\"P1\",\"minor\":599,\"has_asked\":1}"
#define C_PAYMENT "{\"step\":\"payment\",\"order\":\"O1\",\"payment\":\"P1\"}"
#define C_VOID "{\"step\":\"void\",\"order\":\"O1\",\"version\":4,\"fulfillment\":\"1\",\"kind\":\"PICKUP\"}"
#define C_PART "{\"step\":\"part\",\"order\":\"O1\",\"version\":4,\"fulfillment\":\"1\",\"kind\":\"PICKUP\"}"
#define C_PAID "{\"step\":\"done\",\"reference\":\"" REF "\",\"order\":\"O1\",\"payment\":\"P1\",\"minor\":599}"
#define C_AGAIN "{\"step\":\"again\",\"order\":\"O1\",\"payment\":\"P1\",\"minor\":599}"
#define REFUND(status) "{\"refund\":{\"id\":\"R1\",\"status\":\"" status "\"}}"
#define GONE { OUTCOME_DONE, CAUSE_NONE, NULL, NULL, -1 }

static const struct exchange cancels[] = {
	{ NULL, C_PAID, 200, FULFILLED("OPEN", "PROPOSED", TENDER("P1")), DONE_AT("refund") },
	{ NULL, C_PAID, 200, FULFILLED("OPEN", "RESERVED", ""), DONE_AT("refund") },
	{ NULL, C_PAID, 200, FULFILLED("OPEN", "PROPOSED", TENDER("P2")), DONE_AT("payment") },
	{ NULL, "", 200, FULFILLED("OPEN", "PROPOSED", TENDER("P1")), DONE_AT("payment") },
	{ NULL, "", 200, FULFILLED("OPEN", "PROPOSED", ",\"tenders\":[{\"id\":\"P1\"},{\"id\":\"P2\"}]"), IS(REFUSED, PROVIDER) },
	{ NULL, "", 200, ORDER("OPEN", "499", "499"), DONE_AT("void") },
	{ NULL, PAY, 200, ORDER("OPEN", "499", "499"), DONE_AT("void") },
	{ NULL, "", 200, ORDER("CANCELED", "499", "499"), GONE },
	{ NULL, "", 200, FULFILLED("OPEN", "CANCELED", ""), GONE },
	{ NULL, "", 200, FULFILLED("COMPLETED", "CANCELED", ""), GONE },
	{ NULL, "", 200, FULFILLED("COMPLETED", "COMPLETED", ""), IS(REFUSED, PROVIDER) },
	{ NULL, "", 200, FULFILLED("OPEN", "COMPLETED", ""), IS(REFUSED, PROVIDER) },
	{ NULL, "", 200, ORDER_OF("O1", "ORD-2", "OPEN", "1", "499", "499", ""), IS(REFUSED, PAYLOAD) },
	{ NULL, "", 200, ORDER_OF("O2", REF, "OPEN", "1", "499", "499", ""), IS(LATER, GARBLED) },
	{ NULL, "", 404, NO("NOT_FOUND", "Order not found"), IS(REFUSED, PAYLOAD) },
	{ NULL, "", 503, "", IS(LATER, PROVIDER) },
	{ NULL, C_PAYMENT, 200, PAYMENT("COMPLETED", "O1", "599"), DONE_AT("refund") },
	{ NULL, C_PAYMENT, 200,
	    "{\"payment\":{\"id\":\"P1\",\"source_type\":\"CARD\",\"reference_id\":\"" REF "\",\"total_money\":" USD("599") "}}",
	    IS(REFUSED, PROVIDER) },
	{ NULL, C_PAYMENT, 200,
	    "{\"payment\":{\"id\":\"P1\",\"source_type\":\"EXTERNAL\",\"total_money\":" USD("599") "}}", IS(REFUSED, PROVIDER) },
	{ NULL, C_PAYMENT, 200,
	    "{\"payment\":{\"id\":\"P1\",\"source_type\":\"CASH\",\"reference_id\":\"" REF "\",\"total_money\":" USD("599")
	    ",\"refunded_money\":" USD("599") "}}",
	    DONE_AT("again") },
	{ NULL, C_PAYMENT, 403, NO("INSUFFICIENT_SCOPES", "x"), IS(REFUSED, AUTH) },
	{ NULL, C_PAYMENT, 500, "", IS(LATER, PROVIDER) },
	{ NULL, C_REFUND, 200, REFUND("COMPLETED"), DONE_AT("again") },
	{ NULL, C_REFUND, 200, REFUND("PENDING"), DONE_AT("again") },
	{ NULL, C_REFUND, 200, REFUND("REJECTED"), IS(REFUSED, PROVIDER) },
	{ NULL, C_REFUND, 400, NO("REFUND_ALREADY_PENDING", "x"), DONE_AT("again") },
	{ NULL, C_REFUND, 400, NO("REFUND_AMOUNT_INVALID", "x"), DONE_AT("payment") },
	{ NULL, C_ASKED, 400, NO("REFUND_AMOUNT_INVALID", "x"), IS(REFUSED, PAYLOAD) },
	{ NULL, C_REFUND, 403, NO("INSUFFICIENT_SCOPES", "x"), IS(REFUSED, AUTH) },
	{ NULL, C_REFUND, 500, "", IS(UNSURE, PROVIDER) },
	{ NULL, C_REFUND, 200, "{}", IS(UNSURE, GARBLED) },
	{ NULL, C_REFUND, 429, "", IS(LATER, BUSY) },
	{ NULL, C_AGAIN, 200, FULFILLED("OPEN", "PROPOSED", TENDER("P1")), DONE_AT("void") },
	{ NULL, C_AGAIN, 200, FULFILLED("OPEN", "COMPLETED", TENDER("P1")), IS(REFUSED, PROVIDER) },
	{ NULL, C_VOID, 200, ORDER("CANCELED", "499", "499"), GONE },
	{ NULL, C_VOID, 200, ORDER("OPEN", "499", "499"), IS(LATER, GARBLED) },
	{ NULL, C_VOID, 409, NO("VERSION_MISMATCH", "x"), IS(LATER, PROVIDER) },
	{ NULL, C_VOID, 400, NO("VERSION_MISMATCH", "x"), IS(LATER, PAYLOAD) },
	{ NULL, C_VOID, 400, NO("BAD_REQUEST", "Orders with tenders cannot be canceled."), DONE_AT("part") },
	{ NULL, C_VOID, 403, "", IS(REFUSED, AUTH) },
	{ NULL, C_VOID, 500, "", IS(UNSURE, PROVIDER) },
	{ NULL, C_PART, 200, FULFILLED("OPEN", "CANCELED", ""), GONE },
	{ NULL, C_PART, 400, NO("BAD_REQUEST", "x"), IS(REFUSED, PAYLOAD) },
	{ NULL, C_PART, 504, "", IS(UNSURE, PROVIDER) },
	{ NULL, "{\"step\":\"done\",\"order\":\"OTHER\",\"payment\":\"P9\",\"minor\":1}", 200, ORDER("OPEN", "499", "499"),
	    DONE_AT("void") },
};

static struct pos_task
task_of(struct arena *a, const char *config, const char *progress)
{
	return (struct pos_task){
		.config = adapter_config(a, &pos_square, config == NULL ? "{}" : config, "USD"),
		.progress = adapter_text(progress),
		.reference = REF,
		.now = NOW,
		.since = NOW - 1000000,
	};
}

static struct http_reply
reply_of(int status, const char *body)
{
	return (struct http_reply){ .status = status, .body = { body, strlen(body) } };
}

static bool
says(const struct pos_outcome *o, const char *step)
{
	char quoted[40];

	snprintf(quoted, sizeof(quoted), "\"step\":\"%s\"", step);
	return o->progress.data != NULL && strstr(o->progress.data, quoted) != NULL;
}

static void
check(struct arena *a, enum pos_verb verb, const struct exchange *x, const char *pos_order_id)
{
	struct pos_task task = task_of(a, x->config, x->progress);
	struct http_reply r = reply_of(x->status, x->body);
	struct pos_outcome o;
	const struct expected *w = &x->want;

	task.pos_order_id = pos_order_id;
	o = pos_square.talks[verb].read(a, &task, &r);
	is_str(arena_printf(a, "%s %s%s", outcome_name(o.verdict.outcome),
		   cause_name(o.verdict.cause), o.has_next ? ", and on" : ""),
	    arena_printf(a, "%s %s%s", outcome_name(w->outcome), cause_name(w->cause),
		w->next != NULL ? ", and on" : ""),
	    "POS-04 %.60s %d %.90s", x->progress, x->status, x->body);
	if (w->next != NULL)
		ok(says(&o, w->next), "POS-04 with %s: %s", w->next,
		    o.progress.data == NULL ? "" : (const char *)o.progress.data);
	is_str(o.pos_order_id, w->id, "POS-24 with this id of theirs");
	is_int(o.total_minor, w->total, "POS-04 and this sum");
	ok(o.verdict.sentence != NULL && *o.verdict.sentence != '\0' &&
		o.progress.len <= POS_PROGRESS_MAX,
	    "POS-32 %s", o.verdict.sentence);
}

static void
test_tables(void)
{
	for (size_t i = 0; i < sizeof(creates) / sizeof(creates[0]); i++) {
		struct arena *a = arena_new(16u << 20);
		check(a, POS_CREATE, &creates[i], NULL);
		arena_free(&a);
	}
	for (size_t i = 0; i < sizeof(cancels) / sizeof(cancels[0]); i++) {
		struct arena *a = arena_new(16u << 20);
		check(a, POS_CANCEL, &cancels[i], "O1");
		arena_free(&a);
	}
}

/* ---- looking ---- */

static const struct {
	const char *config, *body;
	enum pos_presence presence;
	const char *status;
	int64_t total;
} looks[] = {
	{ NULL, ORDER("OPEN", "499", "499"), POS_NO_ANSWER, NULL, -1 },
	{ NULL, ORDER("DRAFT", "499", "0"), POS_NO_ANSWER, NULL, -1 },
	{ NONE, ORDER("OPEN", "499", "499"), POS_PRESENT, NULL, 499 },
	{ NULL, ORDER("OPEN", "0", "0"), POS_NO_ANSWER, NULL, -1 },
	{ NULL, ORDER_OF("O1", REF, "OPEN", "2", "0", "0", ""), POS_PRESENT, NULL, 0 },
	{ NULL, FULFILLED("OPEN", "PROPOSED", ""), POS_PRESENT, "received", 599 },
	{ NULL, FULFILLED("OPEN", "RESERVED", ""), POS_PRESENT, "preparing", 599 },
	{ NULL, FULFILLED("OPEN", "PREPARED", ""), POS_PRESENT, "ready", 599 },
	{ NULL, FULFILLED("OPEN", "COMPLETED", ""), POS_PRESENT, "completed", 599 },
	{ NULL, FULFILLED("COMPLETED", "PREPARED", ""), POS_PRESENT, "completed", 599 },
	{ NULL, FULFILLED("OPEN", "CANCELED", ""), POS_PRESENT, "cancelled", 599 },
	{ NULL, FULFILLED("COMPLETED", "CANCELED", ""), POS_PRESENT, "cancelled", 599 },
	{ NULL, FULFILLED("OPEN", "FAILED", ""), POS_PRESENT, "cancelled", 599 },
	{ NULL, FULFILLED("OPEN", "SOMETHING", ""), POS_PRESENT, NULL, 599 },
	{ NULL, ORDER("CANCELED", "499", "499"), POS_PRESENT, "cancelled", 499 },
};

static void
test_look_by_id(void)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct arena *a = arena_new(4u << 20);
		struct pos_task task = task_of(a, looks[i].config, "");
		struct http_reply r = reply_of(200, looks[i].body);
		struct pos_outcome o;
		task.pos_order_id = "O1";
		o = pos_square.talks[POS_LOOK].read(a, &task, &r);
		ok(o.verdict.outcome == OUTCOME_DONE && !o.has_next &&
			o.presence == looks[i].presence,
		    "POS-05 %.150s", looks[i].body);
		is_str(o.status, looks[i].status, "POS-05 its status");
		is_int(o.total_minor, looks[i].total, "POS-05 its sum");
		is_str(o.pos_order_id, looks[i].presence == POS_PRESENT ? "O1" : NULL,
		    "POS-05 its id");
		if (strstr(looks[i].body, "pickup_at") != NULL)
			is_int(o.estimated_ready_time, INT64_C(1771005600000000),
			    "POS-26 when it is to be ready");
		arena_free(&a);
	}
}

static struct pos_outcome
look(struct arena *a, const char *progress, const char *id, int status, const char *body)
{
	struct pos_task task = task_of(a, NULL, progress);
	struct http_reply r = reply_of(status, body);

	task.pos_order_id = id;
	return pos_square.talks[POS_LOOK].read(a, &task, &r);
}

#define ROW(id, ref, state, due)                                                                   \
	"{\"id\":\"" id "\",\"reference_id\":\"" ref "\",\"state\":\"" state                       \
	"\",\"total_money\":" USD("499") ",\"net_amount_due_money\":" USD(due) "}"

static void
test_look_by_reference(void)
{
	struct arena *a = arena_new(32u << 20);
	struct pos_outcome o = look(a, "", NULL, 200, "{\"orders\":[" ROW("O9", "X", "OPEN", "0") "]}");
	struct pos_task task;
	struct http_reply r;

	ok(o.verdict.outcome == OUTCOME_DONE && !o.has_next && o.presence == POS_ABSENT,
	    "POS-05 it is not among them");
	o = look(a, "", NULL, 200, "{}");
	ok(o.presence == POS_ABSENT, "POS-05 there are none at all");
	task = task_of(a, NULL, "");
	task.since = TIME_NONE;
	r = reply_of(200, "{}");
	o = pos_square.talks[POS_LOOK].read(a, &task, &r);
	ok(o.presence == POS_NO_ANSWER, "POS-05 who does not know since when has not seen all");
	o = look(a, "", NULL, 200,
	    "{\"orders\":[" ROW("O1", REF, "OPEN", "0") "],\"cursor\":\"c2\"}");
	ok(o.has_next && o.presence == POS_NO_ANSWER && says(&o, "search"),
	    "POS-05 found, and the next page may hold another");
	o = look(a, o.progress.data, NULL, 200, "{\"orders\":[" ROW("O2", REF, "OPEN", "0") "]}");
	ok(o.has_next && says(&o, "order"), "POS-05 two are there");
	o = look(a, o.progress.data, NULL, 200, FULFILLED("OPEN", "RESERVED", ""));
	ok(o.presence == POS_PRESENT && !o.has_next, "POS-05 the first is read by its id");
	is_str(o.pos_order_id, "O1", "its id");
	is_str(o.other_id, "O2", "D5 and the second's");
	o = look(a, "", NULL, 200,
	    "{\"orders\":[" ROW("O0", REF, "CANCELED", "499") "," ROW("O1", REF, "OPEN", "0") "]}");
	o = look(a, o.progress.data, NULL, 200, FULFILLED("OPEN", "PROPOSED", ""));
	ok(o.presence == POS_PRESENT && strcmp(o.pos_order_id, "O1") == 0 && o.other_id == NULL,
	    "POS-05 a cancelled one is no second one");
	o = look(a, "", NULL, 200,
	    "{\"orders\":[" ROW("O0", REF, "CANCELED", "499") "],\"cursor\":\"c2\"}");
	o = look(a, o.progress.data, NULL, 200, "{\"orders\":[" ROW("O1", REF, "OPEN", "0") "]}");
	o = look(a, o.progress.data, NULL, 200, FULFILLED("OPEN", "PROPOSED", ""));
	ok(o.presence == POS_PRESENT && strcmp(o.pos_order_id, "O1") == 0 && o.other_id == NULL,
	    "POS-05 nor over two pages");
	o = look(a, "", NULL, 200, "{\"orders\":[" ROW("O1", REF, "OPEN", "499") "]}");
	o = look(a, o.progress.data, NULL, 200, ORDER("OPEN", "499", "499"));
	ok(o.verdict.outcome == OUTCOME_DONE && o.presence == POS_NO_ANSWER,
	    "protocol.md an unpaid one is neither there nor not");
	o = look(a, "", NULL, 200, "{\"orders\":7}");
	ok(o.verdict.outcome == OUTCOME_LATER, "POS-05 garbage says nothing");
	o = look(a, "", "O1", 404, NO("NOT_FOUND", "Order not found for id O1."));
	ok(o.verdict.outcome == OUTCOME_REFUSED && o.presence == POS_NO_ANSWER,
	    "POS-05 an id that is not known there is no proof of absence");
	o = look(a, "", "O1", 200, ORDER_OF("O2", REF, "OPEN", "1", "5", "0", ""));
	ok(o.verdict.outcome == OUTCOME_LATER, "POS-05 another order's answer says nothing");
	arena_free(&a);
}

/* ---- tokens, quotes ---- */

static void
test_login(void)
{
	static const struct {
		int status;
		const char *body;
		enum outcome outcome;
		enum cause cause;
	} logins[] = {
		{ 200, "{\"access_token\":\"EAAA1\",\"expires_at\":\"2026-03-15T00:00:00Z\"}",
		    OUTCOME_DONE, CAUSE_NONE },
		{ 200, "{\"access_token\":\"EA AA\"}", OUTCOME_LATER, CAUSE_GARBLED },
		{ 200, "{}", OUTCOME_LATER, CAUSE_GARBLED },
		{ 400, "{\"message\":\"Missing required parameter\",\"type\":\"bad_request\"}",
		    OUTCOME_REFUSED, CAUSE_AUTH },
		{ 401, NO("UNAUTHORIZED", "x"), OUTCOME_REFUSED, CAUSE_AUTH },
		{ 401, "", OUTCOME_REFUSED, CAUSE_AUTH },
		{ 404, "", OUTCOME_REFUSED, CAUSE_CONFIG },
		{ 429, "", OUTCOME_LATER, CAUSE_BUSY },
		{ 500, "", OUTCOME_LATER, CAUSE_PROVIDER },
	};
	struct arena *a = arena_new(16u << 20);
	struct pos_task task = task_of(a, OAUTH, "");
	struct http_reply r;
	struct pos_outcome o;

	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		r = reply_of(logins[i].status, logins[i].body);
		o = pos_square.talks[POS_LOGIN].read(a, &task, &r);
		ok(o.verdict.outcome == logins[i].outcome && o.verdict.cause == logins[i].cause,
		    "POS-19 %d %s", logins[i].status, logins[i].body);
	}
	r = reply_of(200, "{\"access_token\":\"EAAA1\",\"token_type\":\"bearer\",\"expires_at\":"
			  "\"2026-03-15T00:00:00Z\",\"refresh_token\":\"EQAA2\","
			  "\"refresh_token_expires_at\":\"2026-05-14T00:00:00Z\"}");
	o = pos_square.talks[POS_LOGIN].read(a, &task, &r);
	is_str(o.session.access_token, "EAAA1", "POS-19 the token");
	is_str(o.session.refresh_token, "EQAA2", "POS-19 and what renews it next");
	is_int(o.session.expires_at, INT64_C(1773532800000000), "POS-19 until when");
	is_int(o.session.refresh_expires_at, INT64_C(1778716800000000), "POS-19 and that");
	r = reply_of(200, "{\"access_token\":\"EAAA1\",\"merchant_id\":\"ML1\"}");
	is_str(pos_square.talks[POS_LOGIN].read(a, &task, &r).merchant_id, "ML1", "E54 and whose it is");
	r = reply_of(200, ORDER_OF("calculated", REF, "OPEN", "1", "712", "712", ""));
	o = pos_square.talks[POS_QUOTE].read(a, &task, &r);
	ok(o.verdict.outcome == OUTCOME_DONE && o.total_minor == 712 && o.pos_order_id == NULL,
	    "C18 what an order would come to");
	r = reply_of(400, NO("BAD_REQUEST", "x"));
	ok(pos_square.talks[POS_QUOTE].read(a, &task, &r).verdict.outcome == OUTCOME_REFUSED,
	    "C18 or why not");
	arena_free(&a);
}

#define SCOPES(more) "{\"scopes\":[\"ORDERS_READ\",\"ITEMS_READ\",\"PAYMENTS_READ\"," more "],\"merchant_id\":\"ML1\"}"
#define ALL_SCOPES SCOPES("\"ORDERS_WRITE\",\"PAYMENTS_WRITE\",\"MERCHANT_PROFILE_READ\"")
#define NO_PROFILE SCOPES("\"ORDERS_WRITE\",\"PAYMENTS_WRITE\"")
#define AT_LOCATION "{\"step\":\"location\",\"merchant\":\"ML1\"}"
#define AT_ORDERS "{\"step\":\"orders\",\"merchant\":\"ML1\"}"

/* Is a token for this restaurant, and for all that is done there? */
static const struct confirm_row {
	const char *progress;
	int status;
	const char *body;
	enum outcome outcome;
	enum cause cause;
	const char *next, *merchant;
} confirms[] = {
	{ "", 200, ALL_SCOPES, OUTCOME_DONE, CAUSE_NONE, AT_LOCATION, NULL },
	{ "", 200, NO_PROFILE, OUTCOME_DONE, CAUSE_NONE, AT_ORDERS, NULL },
	{ "", 200, SCOPES("\"ORDERS_WRITE\""), OUTCOME_REFUSED, CAUSE_AUTH, NULL, NULL },
	{ "", 200, "{\"scopes\":[]}", OUTCOME_REFUSED, CAUSE_AUTH, NULL, NULL },
	{ "", 200, "{}", OUTCOME_DONE, CAUSE_NONE, "{\"step\":\"location\"}", NULL },
	{ "", 404, "", OUTCOME_DONE, CAUSE_NONE, "{\"step\":\"location\"}", NULL },
	{ "", 401, NO("ACCESS_TOKEN_EXPIRED", "x"), OUTCOME_REFUSED, CAUSE_AUTH, NULL, NULL },
	{ "", 429, "", OUTCOME_LATER, CAUSE_BUSY, NULL, NULL },
	{ "", 200, "<html>", OUTCOME_LATER, CAUSE_GARBLED, NULL, NULL },
	{ "", 302, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL, NULL },
	{ "", 503, "", OUTCOME_LATER, CAUSE_PROVIDER, NULL, NULL },
	{ AT_LOCATION, 200, "{\"location\":{\"id\":\"demo4bistro\",\"merchant_id\":\"ML2\"}}",
	    OUTCOME_DONE, CAUSE_NONE, NULL, "ML2" },
	{ AT_LOCATION, 200, "{\"location\":{\"id\":\"demo4bistro\"}}", OUTCOME_DONE, CAUSE_NONE,
	    NULL, "ML1" },
	{ AT_LOCATION, 200, "{\"location\":{\"id\":\"another\"}}", OUTCOME_REFUSED, CAUSE_CONFIG,
	    NULL, NULL },
	{ AT_LOCATION, 200, "{\"location\":{}}", OUTCOME_LATER, CAUSE_GARBLED, NULL, NULL },
	{ AT_LOCATION, 200, "", OUTCOME_LATER, CAUSE_GARBLED, NULL, NULL },
	{ AT_LOCATION, 404, NO("NOT_FOUND", "no such location"), OUTCOME_REFUSED, CAUSE_CONFIG,
	    NULL, NULL },
	{ AT_LOCATION, 400, NO("BAD_REQUEST", "x"), OUTCOME_REFUSED, CAUSE_CONFIG, NULL, NULL },
	{ AT_LOCATION, 403, NO("INSUFFICIENT_SCOPES", "x"), OUTCOME_DONE, CAUSE_NONE, AT_ORDERS,
	    NULL },
	{ AT_LOCATION, 401, NO("ACCESS_TOKEN_REVOKED", "x"), OUTCOME_REFUSED, CAUSE_AUTH, NULL,
	    NULL },
	{ AT_LOCATION, 401, NO("UNAUTHORIZED", "x"), OUTCOME_REFUSED, CAUSE_AUTH, NULL, NULL },
	{ AT_LOCATION, 429, "", OUTCOME_LATER, CAUSE_BUSY, NULL, NULL },
	{ AT_LOCATION, 503, "", OUTCOME_LATER, CAUSE_PROVIDER, NULL, NULL },
	{ AT_ORDERS, 200, "{}", OUTCOME_DONE, CAUSE_NONE, NULL, "ML1" },
	{ AT_ORDERS, 404, NO("NOT_FOUND", "x"), OUTCOME_REFUSED, CAUSE_CONFIG, NULL, NULL },
	{ AT_ORDERS, 400, NO("INVALID_LOCATION", "x"), OUTCOME_REFUSED, CAUSE_CONFIG, NULL, NULL },
	{ AT_ORDERS, 403, NO("INSUFFICIENT_SCOPES", "x"), OUTCOME_REFUSED, CAUSE_AUTH, NULL, NULL },
	{ AT_ORDERS, 401, "", OUTCOME_REFUSED, CAUSE_AUTH, NULL, NULL },
	{ AT_ORDERS, 200, "<html>", OUTCOME_LATER, CAUSE_GARBLED, NULL, NULL },
	{ AT_ORDERS, 500, "", OUTCOME_LATER, CAUSE_PROVIDER, NULL, NULL },
};

static void
test_confirm_call(const char *progress, const char *method, const char *path)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_task task = task_of(a, OAUTH, progress);
	struct pos_problems problems = { 0 };
	struct http_call call;

	ok(pos_square.talks[POS_CONFIRM].call(a, &task, &call, &problems), "E54 it is asked");
	is_str(call.method, method, "E54 by a %s", method);
	is_str(call.url, arena_printf(a, "https://pos.example%s", path), "E54 at %s", path);
	is_str(call.headers[0].value, "Bearer {{secret:access_token}}",
	    "SEC-07 with the token in use");
	task.token = POS_NEW_ACCESS;
	ok(pos_square.talks[POS_CONFIRM].call(a, &task, &call, &problems), "E54 or with a new one");
	is_str(call.headers[0].value, "Bearer {{secret:unconfirmed_access_token}}",
	    "SEC-07 which is named, not told");
	ok(call.secrets_n == 1 && strcmp(call.secrets[0], POS_NEW_ACCESS) == 0, "SEC-07 it alone");
	arena_free(&a);
}

static void
test_confirm(void)
{
	struct arena *a = arena_new(16u << 20);
	struct http_reply r = reply_of(200, SCOPES("\"ORDERS_WRITE\""));
	struct pos_task task;

	test_confirm_call("", "POST", "/oauth2/token/status");
	test_confirm_call(AT_LOCATION, "GET", "/v2/locations/demo4bistro");
	test_confirm_call(AT_ORDERS, "POST", "/v2/orders/search");
	for (size_t i = 0; i < sizeof(confirms) / sizeof(confirms[0]); i++) {
		const struct confirm_row *w = &confirms[i];
		struct http_reply reply = reply_of(w->status, w->body);
		struct pos_outcome o;
		task = task_of(a, OAUTH, w->progress);
		o = pos_square.talks[POS_CONFIRM].read(a, &task, &reply);
		ok(o.verdict.outcome == w->outcome && o.verdict.cause == w->cause &&
			o.has_next == (w->next != NULL),
		    "E54 %s %d %s: %s", w->progress, w->status, w->body, o.verdict.sentence);
		is_str(o.has_next ? arena_strndup(a, o.progress.data, o.progress.len) : NULL,
		    w->next, "E54 where it goes on");
		is_str(o.merchant_id, w->merchant, "E54 whose it is");
	}
	task = task_of(a, OAUTH, "");
	is_str(pos_square.talks[POS_CONFIRM].read(a, &task, &r).verdict.sentence,
	    "The access token lacks PAYMENTS_WRITE: the seller has to authorise it for that",
	    "POS-34 what is missing is named");
	task = task_of(a, NONE, "");
	ok(pos_square.talks[POS_CONFIRM].read(a, &task, &r).has_next,
	    "POS-34 unless nothing is ever marked as paid");
	arena_free(&a);
}

/* ---- words, waiting, failures ---- */

static void
test_words(void)
{
	static const struct call_header wait = { "Retry-After", "30" };
	static const struct call_header reset = { "X-RateLimit-Reset", "1771000042" };
	static const struct call_header odd = { "X-RateLimit-Reset", "soon" };
	struct arena *a = arena_new(4u << 20);
	struct pos_task task = task_of(a, NULL, "");
	struct http_reply r = reply_of(400,
	    NO_AT("VALUE_TOO_LONG", "Too long\\u0007 {{secret:access_token}}", "order.note"));

	is_str(pos_square.talks[POS_CREATE].read(a, &task, &r).verdict.sentence,
	    "Square calls the request invalid (VALUE_TOO_LONG: Too long "
	    "{ {secret:access_token}}, order.note)",
	    "POS-32 staff read our words and theirs, made harmless");
	r = reply_of(429, "");
	r.headers_n = 1;
	r.headers = &wait;
	is_int(pos_square.talks[POS_CREATE].read(a, &task, &r).verdict.retry_after_s, 30,
	    "POS-18 Retry-After is kept");
	r.headers = &reset;
	is_int(pos_square.talks[POS_CREATE].read(a, &task, &r).verdict.retry_after_s, 42,
	    "POS-18 so is X-RateLimit-Reset");
	r.headers = &odd;
	is_int(pos_square.talks[POS_CREATE].read(a, &task, &r).verdict.retry_after_s, 0,
	    "POS-18 if it says anything");
	r.headers = &wait;
	r.status = 503;
	is_int(pos_square.talks[POS_CREATE].read(a, &task, &r).verdict.retry_after_s, 30,
	    "POS-18 of a failure too");
	task = task_of(a, NULL, UNDO);
	r = reply_of(400, NO("BAD_REQUEST", "x"));
	is_str(pos_square.talks[POS_CREATE].read(a, &task, &r).verdict.sentence,
	    "No scope; the order stays at Square, where no kitchen sees it while unpaid",
	    "what was left behind is told");
	arena_free(&a);
}

static void
test_failures(void)
{
	static const struct {
		enum pos_verb verb;
		const char *config, *progress;
		bool has_effect;
	} cases[] = {
		{ POS_CREATE, NULL, "", false },
		{ POS_CREATE, NONE, "", true },
		{ POS_CREATE, NULL, PAY, true },
		{ POS_CREATE, NULL, FREE, true },
		{ POS_CREATE, NULL, FIND, false },
		{ POS_CREATE, NULL, CHECK, false },
		{ POS_CREATE, NULL, UNDO, false },
		{ POS_CANCEL, NULL, "", false },
		{ POS_CANCEL, NULL, C_PAYMENT, false },
		{ POS_CANCEL, NULL, C_REFUND, true },
		{ POS_CANCEL, NULL, C_VOID, true },
		{ POS_CANCEL, NULL, C_PART, true },
		{ POS_LOOK, NULL, "", false },
		{ POS_LOGIN, NULL, "", false },
		{ POS_MENU, NULL, "", false },
		{ POS_QUOTE, NULL, "", false },
		{ POS_CONFIRM, NULL, "", false },
	};
	struct arena *a = arena_new(16u << 20);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int f = 0; f < CALL_FAILURE__MAX; f++) {
			struct pos_task task = task_of(a, cases[i].config, cases[i].progress);
			struct verdict v = pos_square
						.read_failure(a, cases[i].verb, &task,
						    (enum call_failure)f)
						.verdict;
			enum outcome want =
			    f == CALL_NOT_FILLED ? OUTCOME_REFUSED
			    : cases[i].has_effect &&
				    call_failure_is_after_send((enum call_failure)f)
				? OUTCOME_UNSURE
				: OUTCOME_LATER;
			ok(v.outcome == want, "POS-04 %s at %d %.30s is %s",
			    call_failure_name((enum call_failure)f), (int)cases[i].verb,
			    cases[i].progress, outcome_name(want));
		}
	arena_free(&a);
}

/* Every beginning of a good answer that is not all of it proves nothing. */
static void
test_truncated(void)
{
	static const char whole[] = PAYMENT("COMPLETED", "O1", "599");
	size_t unsure = 0;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		struct arena *a = arena_new(4u << 20);
		struct pos_task task = task_of(a, NULL, PAY);
		char *body = malloc(n == 0 ? 1 : n);
		struct http_reply r = { .status = 200, .body = { body, n } };
		memcpy(body, whole, n);
		unsure += pos_square.talks[POS_CREATE].read(a, &task, &r).verdict.outcome ==
			  OUTCOME_UNSURE;
		free(body);
		arena_free(&a);
	}
	is_int(unsure, sizeof(whole) - 1, "POS-04 a truncated yes is no yes");
}

/* ---- whatever comes ---- */

static uint64_t seed = 88172645463325252u;

static size_t
any(size_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed % below);
}

/* A body of the tables with some bytes of it changed, at whatever step and status. */
static void
test_random(void)
{
	static const int statuses[] = { 200, 200, 200, 201, 400, 401, 403, 404, 409, 429, 500 };
	static const char *const progresses[] = { "", PAY, FREE, FIND, CHECK, CHECK_WHY, UNDO,
		C_PAID, C_REFUND, C_ASKED, C_PAYMENT, C_VOID, C_PART, C_AGAIN,
		"{\"step\":\"search\",\"order\":\"O1\",\"cursor\":\"c\"}",
		"{\"step\":\"order\",\"order\":\"O1\",\"other\":\"O2\"}" };
	size_t bad = 0;

	for (int i = 0; i < 20000; i++) {
		struct arena *a = arena_new(16u << 20);
		enum pos_verb verb = (enum pos_verb)any(POS_VERB__MAX);
		struct pos_task task = task_of(a, any(4) == 0 ? NONE : NULL,
		    progresses[any(sizeof(progresses) / sizeof(progresses[0]))]);
		const char *from = any(2) == 0
				       ? creates[any(sizeof(creates) / sizeof(creates[0]))].body
				       : cancels[any(sizeof(cancels) / sizeof(cancels[0]))].body;
		size_t len = strlen(from);
		char *body = malloc(len + 1);
		struct http_reply r = { .status = statuses[any(sizeof(statuses) / sizeof(int))],
			.body = { body, len } };
		struct pos_outcome o;

		if (!pos_can(&pos_square, verb))
			verb = POS_LOOK;
		memcpy(body, from, len + 1);
		for (size_t n = any(4); n > 0 && len > 0; n--)
			body[any(len)] = (char)any(256);
		if (any(2) == 0)
			task.pos_order_id = "O1";
		o = pos_square.talks[verb].read(a, &task, &r);
		bad += o.verdict.sentence == NULL || o.progress.len > POS_PROGRESS_MAX ||
		       (o.has_next && (o.verdict.outcome != OUTCOME_DONE ||
					  o.progress.data == NULL)) ||
		       (r.status >= 500 && (o.verdict.outcome == OUTCOME_DONE ||
					       o.verdict.outcome == OUTCOME_REFUSED)) ||
		       (o.verdict.outcome == OUTCOME_DONE) != (o.verdict.cause == CAUSE_NONE);
		free(body);
		arena_free(&a);
	}
	is_int(bad, 0, "POS-04 whatever comes, at whatever step, is an outcome that holds");
}

int
main(void)
{
	test_tables();
	test_random();
	test_look_by_id();
	test_look_by_reference();
	test_login();
	test_confirm();
	test_words();
	test_failures();
	test_truncated();
	return tap_done();
}
