/*
 * Toast: what its replies, and the lack of one, mean, at each step of each conversation. Bodies are
 * those of Toast's guide and specification; the hostile ones are ours.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "op/op.h"
#include "order_file.h"
#include "tap.h"
#include "toast.h"

#define AT_ORDER "{\"step\":\"order\",\"total\":\"10.17\"}"
#define AT_CHECK "{\"step\":\"check\",\"why\":\"Toast calls the request invalid (no)\"}"
#define NAME "\"externalId\":\"TICKETRAIL:bistro.ORD-1\""
#define GUID_IS "\"guid\":\"" TOAST_ORDER_GUID "\""
#define CHECKS(total) "\"checks\":[{\"totalAmount\":" total ",\"payments\":[]}]"
#define ERROR(status, code, message)                                                               \
	"{\"status\":" status ",\"code\":" code ",\"message\":\"" message                          \
	"\",\"messageKey\":null,\"fieldName\":null,\"link\":null,\"requestId\":\"r\","             \
	"\"developerMessage\":null,\"errors\":[],\"canRetry\":null}"

struct row {
	enum pos_verb verb;
	const char *progress;
	int status;
	const char *body;
	enum outcome outcome;
	enum cause cause;
	const char *next; /* the progress; NULL: no next step */
};

static const struct row rows[] = {
	/* what it comes to */
	{ POS_CREATE, "", 200, "{\"guid\":null," CHECKS("10.17") "}", OUTCOME_DONE, CAUSE_NONE,
	    AT_ORDER },
	{ POS_CREATE, "{}", 200, "{\"orders\":[{" CHECKS("10.17") "}]}", OUTCOME_DONE, CAUSE_NONE,
	    AT_ORDER },
	{ POS_CREATE, "{}", 200,
	    "{\"checks\":[{\"totalAmount\":4},{\"totalAmount\":6.165,\"payments\":null}]}",
	    OUTCOME_DONE, CAUSE_NONE, AT_ORDER },
	{ POS_CREATE, "", 200, "{\"checks\":[]}", OUTCOME_LATER, CAUSE_GARBLED, NULL },
	{ POS_CREATE, "", 200, "{" CHECKS("null") "}", OUTCOME_LATER, CAUSE_GARBLED, NULL },
	{ POS_CREATE, "", 200, "{" CHECKS("-1") "}", OUTCOME_LATER, CAUSE_GARBLED, NULL },
	{ POS_CREATE, "", 200, "<html>", OUTCOME_LATER, CAUSE_GARBLED, NULL },
	{ POS_CREATE, "", 400, ERROR("400", "10025", "Unknown menu item"), OUTCOME_REFUSED,
	    CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, "", 400, ERROR("400", "10025", "externalId is in use"), OUTCOME_REFUSED,
	    CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, "", 503, "", OUTCOME_LATER, CAUSE_PROVIDER, NULL },
	{ POS_CREATE, "", 404, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ POS_CREATE, "", 409, "", OUTCOME_LATER, CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, "not json", 503, "", OUTCOME_LATER, CAUSE_PROVIDER, NULL },
	/* the order */
	{ POS_CREATE, AT_ORDER, 200, "{" GUID_IS "," NAME "," CHECKS("10.17") "}", OUTCOME_DONE,
	    CAUSE_NONE, NULL },
	{ POS_CREATE, AT_ORDER, 200, "{\"orders\":[{" GUID_IS "," CHECKS("10.17") "}]}",
	    OUTCOME_DONE, CAUSE_NONE, NULL },
	{ POS_CREATE, AT_ORDER, 201, "{" GUID_IS ",\"externalId\":null," CHECKS("10.17") "}",
	    OUTCOME_DONE, CAUSE_NONE, NULL },
	{ POS_CREATE, AT_ORDER, 200, "{" GUID_IS ",\"externalId\":\"TICKETRAIL:bistro.ORD-2\"}",
	    OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 200, "{\"guid\":\"26\"}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 200, "{\"orders\":[]}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 200, "{\"orders\":[{" GUID_IS "},{" GUID_IS "}]}", OUTCOME_UNSURE,
	    CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 200, "[{" GUID_IS "}]", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 200, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 200, "null", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 200, "{" GUID_IS ",\"guid\":\"x\"}", OUTCOME_UNSURE, CAUSE_GARBLED,
	    NULL },
	{ POS_CREATE, AT_ORDER, 204, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 302, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ POS_CREATE, AT_ORDER, 303, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 400, ERROR("400", "10025", "Unknown menu item"), OUTCOME_REFUSED,
	    CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 400, "", OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 401, ERROR("401", "10401", "Unauthorized"), OUTCOME_LATER,
	    CAUSE_AUTH, NULL },
	{ POS_CREATE, AT_ORDER, 403, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ POS_CREATE, AT_ORDER, 404, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ POS_CREATE, AT_ORDER, 405, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ POS_CREATE, AT_ORDER, 408, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CREATE, AT_ORDER, 409, ERROR("409", "1", "The check was changed"), OUTCOME_UNSURE,
	    CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 409, "", OUTCOME_UNSURE, CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 413, "", OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 415, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ POS_CREATE, AT_ORDER, 422, "", OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 429, "", OUTCOME_LATER, CAUSE_BUSY, NULL },
	{ POS_CREATE, AT_ORDER, 499, "", OUTCOME_UNSURE, CAUSE_PROVIDER, NULL },
	{ POS_CREATE, AT_ORDER, 500, ERROR("500", "1", "duplicate externalId"), OUTCOME_UNSURE,
	    CAUSE_PROVIDER, NULL },
	{ POS_CREATE, AT_ORDER, 502, "", OUTCOME_UNSURE, CAUSE_PROVIDER, NULL },
	{ POS_CREATE, AT_ORDER, 503, "", OUTCOME_UNSURE, CAUSE_PROVIDER, NULL },
	{ POS_CREATE, AT_ORDER, 504, "", OUTCOME_UNSURE, CAUSE_PROVIDER, NULL },
	{ POS_CREATE, AT_ORDER, 0, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	/* it may be there already */
	{ POS_CREATE, AT_ORDER, 400,
	    ERROR("400", "10025", "order with externalId TICKETRAIL:bistro.ORD-1 already exists"),
	    OUTCOME_DONE, CAUSE_NONE, NULL },
	{ POS_CREATE, AT_ORDER, 409, ERROR("409", "1", "Duplicate external ID"), OUTCOME_DONE,
	    CAUSE_NONE, NULL },
	{ POS_CREATE, AT_ORDER, 409, ERROR("409", "\\\"DUPLICATE_ORDER\\\"", "x"), OUTCOME_UNSURE,
	    CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 409, "{\"status\":409,\"code\":\"DUPLICATE_ORDER\"}", OUTCOME_DONE,
	    CAUSE_NONE, NULL },
	{ POS_CREATE, AT_ORDER, 400, "{\"fieldName\":\"externalId\",\"message\":\"conflict\"}",
	    OUTCOME_DONE, CAUSE_NONE, NULL },
	{ POS_CREATE, AT_ORDER, 400,
	    "{\"message\":\"Bad Request\",\"errors\":[{\"message\":\"External id must be unique\"}]"
	    "}",
	    OUTCOME_DONE, CAUSE_NONE, NULL },
	{ POS_CREATE, AT_ORDER, 400,
	    ERROR("400", "1", "externalId has a naming authority that is not yours"),
	    OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 400, ERROR("400", "1", "externalId must be of the form A:id"),
	    OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 400, ERROR("400", "1", "duplicate modifier option"),
	    OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 422, ERROR("422", "1", "duplicate externalId"), OUTCOME_REFUSED,
	    CAUSE_PAYLOAD, NULL },
	{ POS_CREATE, AT_ORDER, 400, "duplicate externalId", OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	/* a quote */
	{ POS_QUOTE, "", 200, "{" CHECKS("10.17") "}", OUTCOME_DONE, CAUSE_NONE, NULL },
	{ POS_QUOTE, "", 200, "{}", OUTCOME_LATER, CAUSE_GARBLED, NULL },
	{ POS_QUOTE, "", 500, "", OUTCOME_LATER, CAUSE_PROVIDER, NULL },
	/* may we give orders? */
	{ POS_CONFIRM, "", 400, ERROR("400", "10025", "checks must not be empty"), OUTCOME_DONE,
	    CAUSE_NONE, NULL },
	{ POS_CONFIRM, "", 200, "{}", OUTCOME_DONE, CAUSE_NONE, NULL },
	{ POS_CONFIRM, "", 400, "<html>", OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ POS_CONFIRM, "", 403, ERROR("403", "10403", "Forbidden"), OUTCOME_REFUSED, CAUSE_CONFIG,
	    NULL },
	{ POS_CONFIRM, "", 404, ERROR("404", "10404", "Restaurant not found"), OUTCOME_REFUSED,
	    CAUSE_CONFIG, NULL },
	{ POS_CONFIRM, "", 401, "", OUTCOME_LATER, CAUSE_AUTH, NULL },
	{ POS_CONFIRM, "", 503, "", OUTCOME_LATER, CAUSE_PROVIDER, NULL },
	/* taking back */
	{ POS_CANCEL, AT_ORDER, 200, "{" GUID_IS ",\"voided\":true}", OUTCOME_DONE, CAUSE_NONE,
	    NULL },
	{ POS_CANCEL, "", 200, "{" GUID_IS ",\"voided\":false}", OUTCOME_DONE, CAUSE_NONE,
	    "{\"step\":\"check\",\"why\":\"Toast did not void it\"}" },
	{ POS_CANCEL, "", 200, "{}", OUTCOME_DONE, CAUSE_NONE,
	    "{\"step\":\"check\",\"why\":\"Toast did not void it\"}" },
	{ POS_CANCEL, "", 400, ERROR("400", "10025", "no"), OUTCOME_DONE, CAUSE_NONE,
	    "{\"step\":\"check\",\"why\":\"Toast calls the request invalid (10025: no)\"}" },
	{ POS_CANCEL, "", 409, "", OUTCOME_DONE, CAUSE_NONE,
	    "{\"step\":\"check\",\"why\":\"Toast says that it conflicts with what is there\"}" },
	{ POS_CANCEL, "", 200, "<html>", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ POS_CANCEL, "", 401, "", OUTCOME_LATER, CAUSE_AUTH, NULL },
	{ POS_CANCEL, "", 403, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ POS_CANCEL, "", 429, "", OUTCOME_LATER, CAUSE_BUSY, NULL },
	{ POS_CANCEL, "", 500, "", OUTCOME_UNSURE, CAUSE_PROVIDER, NULL },
	{ POS_CANCEL, AT_CHECK, 200, "{" GUID_IS ",\"voided\":true}", OUTCOME_DONE, CAUSE_NONE,
	    NULL },
	{ POS_CANCEL, AT_CHECK, 200, "{" GUID_IS ",\"deleted\":true}", OUTCOME_DONE, CAUSE_NONE,
	    NULL },
	{ POS_CANCEL, AT_CHECK, 200, "{" GUID_IS ",\"approvalStatus\":\"NOT_APPROVED\"}",
	    OUTCOME_DONE, CAUSE_NONE, NULL },
	{ POS_CANCEL, AT_CHECK, 404, ERROR("404", "10404", "Order not found"), OUTCOME_DONE,
	    CAUSE_NONE, NULL },
	{ POS_CANCEL, AT_CHECK, 404, ERROR("404", "10404", "Restaurant not found"),
	    OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ POS_CANCEL, AT_CHECK, 200, "{" GUID_IS ",\"approvalStatus\":\"APPROVED\"}",
	    OUTCOME_REFUSED, CAUSE_PROVIDER, NULL },
	{ POS_CANCEL, AT_CHECK, 500, "", OUTCOME_LATER, CAUSE_PROVIDER, NULL },
	{ POS_CANCEL, AT_CHECK, 200, "[]", OUTCOME_LATER, CAUSE_GARBLED, NULL },
};

static struct pos_task
task_of(struct arena *a, const char *progress)
{
	return (struct pos_task){ .config = toast_config(a, "{}", "USD"),
		.reference = "ORD-1",
		.pos_order_id = TOAST_ORDER_GUID,
		.progress = adapter_text(progress),
		.since = TIME_NONE,
		.now = TOAST_NOW };
}

static struct pos_outcome
read_reply(struct arena *a, enum pos_verb verb, const struct pos_task *task, int status,
    const char *body, const struct call_header *header)
{
	struct http_reply r = { .status = status,
		.headers = header,
		.headers_n = header != NULL,
		.body = adapter_text(body) };

	return pos_toast.talks[verb].read(a, task, &r);
}

static const char *
text_of(struct arena *a, struct bytes b)
{
	return b.data == NULL ? NULL : arena_strndup(a, b.data, b.len);
}

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *w = &rows[i];
		struct arena *a = arena_new(4u << 20);
		struct pos_task task = task_of(a, w->progress);
		struct pos_outcome o = read_reply(a, w->verb, &task, w->status, w->body, NULL);
		is_str(outcome_name(o.verdict.outcome), outcome_name(w->outcome),
		    "POS-04 verb %d %.20s: %d %.80s is %s", w->verb, w->progress, w->status, w->body,
		    outcome_name(w->outcome));
		is_str(cause_name(o.verdict.cause), cause_name(w->cause), "POS-32 of cause %s",
		    cause_name(w->cause));
		ok(o.has_next == (w->next != NULL) && o.verdict.sentence[0] != '\0',
		    "POS-04 with what follows: %s", o.verdict.sentence);
		if (w->next != NULL)
			is_str(text_of(a, o.progress), w->next, "and from where");
		arena_free(&a);
	}
}

/* ---- what is told of an order ---- */

#define SELECTION(status) "{\"voided\":false,\"fulfillmentStatus\":\"" status "\"}"
#define ORDER(approval, check, more)                                                               \
	"{" GUID_IS ",\"approvalStatus\":\"" approval "\",\"checks\":[{\"totalAmount\":10.17,"     \
	"\"paymentStatus\":\"OPEN\"," check "}]" more "}"

static const struct {
	const char *body, *status;
} orders[] = {
	{ ORDER("NEEDS_APPROVAL", "\"selections\":[]", ""), NULL },
	{ ORDER("FUTURE", "\"selections\":[]", ""), NULL },
	{ ORDER("APPROVED", "\"selections\":[" SELECTION("NEW") "]", ""), "confirmed" },
	{ ORDER("APPROVED", "\"selections\":[" SELECTION("HOLD") "]", ""), "confirmed" },
	{ ORDER("APPROVED", "\"selections\":[" SELECTION("SENT") "," SELECTION("NEW") "]", ""),
	    "preparing" },
	{ ORDER("APPROVED", "\"selections\":[" SELECTION("READY") "," SELECTION("SENT") "]", ""),
	    "preparing" },
	{ ORDER("APPROVED",
	      "\"selections\":[" SELECTION("READY") ",{\"voided\":true,\"fulfillmentStatus\":"
						    "\"NEW\"}]",
	      ""),
	    "ready" },
	{ ORDER("APPROVED", "\"selections\":[" SELECTION("READY") "]",
	      ",\"deliveryInfo\":{\"deliveryState\":\"IN_PROGRESS\"}"),
	    "ready" },
	{ ORDER("APPROVED", "\"selections\":[" SELECTION("SENT") "]",
	      ",\"deliveryInfo\":{\"deliveryState\":\"PICKED_UP\"}"),
	    "out_for_delivery" },
	{ ORDER("APPROVED", "\"selections\":[]",
	      ",\"deliveryInfo\":{\"deliveryState\":\"DELIVERED\"}"),
	    "completed" },
	{ ORDER("APPROVED", "\"selections\":[" SELECTION("READY") "]", ",\"voided\":true"),
	    "cancelled" },
	{ ORDER("APPROVED", "\"selections\":[]", ",\"deleted\":true"), "cancelled" },
	{ ORDER("NOT_APPROVED", "\"selections\":[]", ""), "rejected" },
	{ "{" GUID_IS ",\"approvalStatus\":\"APPROVED\",\"checks\":[{\"totalAmount\":10.17,"
	  "\"paymentStatus\":\"CLOSED\",\"payments\":[]}]}",
	    "completed" },
	{ "{" GUID_IS ",\"approvalStatus\":\"APPROVED\",\"checks\":[{\"totalAmount\":10.17,"
	  "\"paymentStatus\":\"CLOSED\",\"payments\":[{\"type\":\"OTHER\",\"tipAmount\":0}]}]}",
	    "confirmed" },
};

static void
test_orders(void)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct pos_task task = task_of(a, "");
		struct pos_outcome o = read_reply(a, POS_LOOK, &task, 200, orders[i].body, NULL);
		ok(o.verdict.outcome == OUTCOME_DONE && o.presence == POS_PRESENT &&
			o.total_minor == 1017,
		    "POS-05 it is there: %s", o.verdict.sentence);
		is_str(o.status, orders[i].status, "POS-05 as told: %.150s", orders[i].body);
		is_str(o.pos_order_id, TOAST_ORDER_GUID, "POS-24 under its id");
		arena_free(&a);
	}
}

/* A tip in cash that has no service charge is in the note alone, and known to be in no sum of theirs. */
static void
test_tips(void)
{
	static const struct {
		const char *settings, *payments;
		int64_t total;
		const char *name;
	} tips[] = {
		{ "{}", "[]", 1317, "POS-02 a tip that was not sent is no difference" },
		{ "{}", "[{\"type\":\"CREDIT\",\"tipAmount\":2.00}]", 1217, "POS-02 one that was paid there is in their sum" },
		{ "{\"tip_service_charge_guid\":\"" TOAST_ORDER_GUID "\"}", "[]", 1017, "POS-02 so is one that is charged" },
	};

	for (size_t i = 0; i < sizeof(tips) / sizeof(tips[0]); i++)
		for (int k = 0; k < 2; k++) {
			struct arena *a = arena_new(1u << 20);
			struct pos_task task = task_of(a, k == 0 ? AT_ORDER : "");
			task.config = toast_config(a, tips[i].settings, "USD");
			task.tip_minor = 300;
			is_int(read_reply(a, k == 0 ? POS_CREATE : POS_LOOK, &task, 200,
				   arena_printf(a, "{" GUID_IS ",\"checks\":[{\"totalAmount\":10.17,\"payments\":%s}]}", tips[i].payments),
				   NULL).total_minor, tips[i].total, "%s%s", tips[i].name, k == 0 ? "" : ", when it is looked at");
			arena_free(&a);
		}
}

static void
test_created(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_task task = task_of(a, AT_ORDER);
	struct pos_outcome o = read_reply(a, POS_CREATE, &task, 200,
	    "{" GUID_IS ",\"estimatedFulfillmentDate\":\"2026-02-13T17:30:00.000+0000\","
	    "\"approvalStatus\":\"NEEDS_APPROVAL\",\"checks\":[{\"totalAmount\":10.165,"
	    "\"payments\":[{\"type\":\"OTHER\",\"amount\":10.17,\"tipAmount\":3.00}]},{"
	    "\"totalAmount\":1}]}",
	    NULL);

	is_str(o.pos_order_id, TOAST_ORDER_GUID, "POS-09 the GUID is kept");
	is_int(o.total_minor, 1417, "POS-02 the total, of all checks, with the tip");
	is_int(o.estimated_ready_time, TOAST_NOW + INT64_C(1200) * 1000000,
	    "POS-09 POS-26 and when it will be ready");
	ok(o.presence == POS_NO_ANSWER && o.status == NULL, "a receipt is no acceptance");
	o = read_reply(a, POS_CREATE, &task, 409, ERROR("409", "1", "Duplicate externalId"), NULL);
	ok(o.pos_order_id == NULL && o.total_minor == -1,
	    "protocol: a duplicate is there, and has to be looked up");
	o = read_reply(a, POS_CREATE, &task, 200,
	    "{" GUID_IS ",\"estimatedFulfillmentDate\":\"soon\",\"checks\":[{\"totalAmount\":"
	    "99999999999999999}]}",
	    NULL);
	ok(o.verdict.outcome == OUTCOME_DONE && o.estimated_ready_time == TIME_NONE &&
		o.total_minor == -1,
	    "POS-09 what makes no sense is not said");
	arena_free(&a);
}

/* ---- looking ---- */

#define OTHER_GUID "11111111-0000-4000-8000-00000000abcd"

static const struct {
	const char *pos_order_id, *body;
	int status;
	enum outcome outcome;
	enum pos_presence presence;
	const char *other;
} looks[] = {
	{ TOAST_ORDER_GUID, ERROR("404", "1", "Order not found"), 404, OUTCOME_DONE, POS_ABSENT,
	    NULL },
	{ TOAST_ORDER_GUID, ERROR("404", "1", "Restaurant not found"), 404, OUTCOME_REFUSED,
	    POS_NO_ANSWER, NULL },
	{ TOAST_ORDER_GUID, "<html>nginx</html>", 404, OUTCOME_REFUSED, POS_NO_ANSWER, NULL },
	{ TOAST_ORDER_GUID, "{\"guid\":\"" OTHER_GUID "\"}", 200, OUTCOME_LATER, POS_NO_ANSWER,
	    NULL },
	{ TOAST_ORDER_GUID, "[]", 200, OUTCOME_LATER, POS_NO_ANSWER, NULL },
	{ TOAST_ORDER_GUID, "", 504, OUTCOME_LATER, POS_NO_ANSWER, NULL },
	{ TOAST_ORDER_GUID, "", 401, OUTCOME_LATER, POS_NO_ANSWER, NULL },
	{ NULL, "[]", 200, OUTCOME_DONE, POS_ABSENT, NULL },
	{ NULL, "{}", 200, OUTCOME_LATER, POS_NO_ANSWER, NULL },
	{ NULL, "[null,1,{\"externalId\":null},{" NAME "}]", 200, OUTCOME_DONE, POS_ABSENT, NULL },
	{ NULL, "[{" GUID_IS ",\"externalId\":\"TICKETRAIL:bistro.ORD-10\"}]", 200, OUTCOME_DONE,
	    POS_ABSENT, NULL },
	{ NULL, "[{" GUID_IS ",\"externalId\":\"OTHER:bistro.ORD-1\"}]", 200, OUTCOME_DONE, POS_ABSENT,
	    NULL },
	{ NULL, "[{\"guid\":\"" OTHER_GUID "\"},{" GUID_IS "," NAME "}]", 200, OUTCOME_DONE,
	    POS_PRESENT, NULL },
	{ NULL, "[{\"guid\":\"" OTHER_GUID "\",\"voided\":true," NAME "},{" GUID_IS "," NAME "}]",
	    200, OUTCOME_DONE, POS_PRESENT, NULL },
	{ NULL, "[{" GUID_IS "," NAME "},{\"guid\":\"" OTHER_GUID "\"," NAME "}]", 200,
	    OUTCOME_DONE, POS_PRESENT, OTHER_GUID },
	{ NULL, "[{" GUID_IS "," NAME "},{\"guid\":\"" OTHER_GUID "\",\"deleted\":true," NAME "}]",
	    200, OUTCOME_DONE, POS_PRESENT, NULL },
	{ NULL, "", 404, OUTCOME_REFUSED, POS_NO_ANSWER, NULL },
	{ NULL, "", 429, OUTCOME_LATER, POS_NO_ANSWER, NULL },
};

static void
test_looks(void)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct pos_task task = task_of(a, "");
		struct pos_outcome o;
		task.pos_order_id = looks[i].pos_order_id;
		o = read_reply(a, POS_LOOK, &task, looks[i].status, looks[i].body, NULL);
		ok(o.verdict.outcome == looks[i].outcome && o.presence == looks[i].presence &&
			!o.has_next,
		    "POS-05 a look: %d %.90s: %s", looks[i].status, looks[i].body,
		    o.verdict.sentence);
		is_str(o.other_id, looks[i].other, "and who else lives there");
		if (o.presence == POS_PRESENT)
			is_str(o.pos_order_id, TOAST_ORDER_GUID, "POS-24 the living one is ours");
		arena_free(&a);
	}
}

/* A page that is full is followed by the next, over the same time. */
static void
test_pages(void)
{
	struct arena *a = arena_new(8u << 20);
	struct pos_task task = task_of(a, "");
	const char *page = "[{}";
	struct pos_outcome o;
	struct http_call call = { 0 };
	struct pos_problems problems = { 0 };

	task.pos_order_id = NULL;
	for (int i = 1; i < 100; i++)
		page = arena_printf(a, "%s,{}", page);
	page = arena_printf(a, "%s]", page);
	o = read_reply(a, POS_LOOK, &task, 200, page, NULL);
	ok(o.has_next && o.presence == POS_NO_ANSWER, "POS-05 a full page is not all");
	is_str(text_of(a, o.progress),
	    "{\"from\":\"2026-02-12T17:10:00.000+0000\",\"to\":\"2026-02-13T17:15:00.000+0000\","
	    "\"page\":\"2\"}",
	    "POS-05 the next one is of the same time");
	task.progress = o.progress;
	task.now += INT64_C(60000000);
	ok(pos_toast.talks[POS_LOOK].call(a, &task, &call, &problems) &&
		strstr(call.url, "endDate=2026-02-13T17%3A15%3A00.000%2B0000&page=2&") != NULL,
	    "POS-05 though the clock goes on");
	o = read_reply(a, POS_LOOK, &task, 200, page, NULL);
	ok(o.has_next && strstr(text_of(a, o.progress), "\"page\":\"3\"") != NULL, "and on");
	task.progress = adapter_text("{\"page\":\"200\"}");
	o = read_reply(a, POS_LOOK, &task, 200, page, NULL);
	ok(!o.has_next && o.verdict.outcome == OUTCOME_LATER, "POS-05 but not for ever");
	arena_free(&a);
}

/* ---- tokens ---- */

static void
test_login(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_task task = task_of(a, "");
	struct pos_outcome o = read_reply(a, POS_LOGIN, &task, 200,
	    "{\"token\":{\"tokenType\":\"Bearer\",\"scope\":null,\"expiresIn\":19168,"
	    "\"accessToken\":\"eyJ.a.b\",\"idToken\":null,\"refreshToken\":null},"
	    "\"status\":\"SUCCESS\"}",
	    NULL);
	static const struct {
		int status;
		const char *body;
		enum outcome outcome;
		enum cause cause;
	} bad[] = {
		{ 401, ERROR("401", "1", "Unauthorized"), OUTCOME_REFUSED, CAUSE_AUTH },
		{ 400, "", OUTCOME_REFUSED, CAUSE_AUTH },
		{ 403, "", OUTCOME_REFUSED, CAUSE_CONFIG },
		{ 429, "", OUTCOME_LATER, CAUSE_BUSY },
		{ 500, "", OUTCOME_LATER, CAUSE_PROVIDER },
		{ 200, "{\"token\":null,\"status\":\"SUCCESS\"}", OUTCOME_LATER, CAUSE_GARBLED },
		{ 200, "{\"token\":{\"accessToken\":\"\"}}", OUTCOME_LATER, CAUSE_GARBLED },
		{ 200, "{\"token\":{\"accessToken\":\"a b\"}}", OUTCOME_LATER, CAUSE_GARBLED },
		{ 200, "{\"token\":{\"accessToken\":\"a\\r\\nb: c\"}}", OUTCOME_LATER,
		    CAUSE_GARBLED },
		{ 200, "ok", OUTCOME_LATER, CAUSE_GARBLED },
	};

	is_str(o.session.access_token, "eyJ.a.b", "POS-19 a token");
	is_int(o.session.expires_at, TOAST_NOW + INT64_C(19168) * 1000000,
	    "POS-19 and how long it lives");
	ok(o.session.refresh_token == NULL && o.session.refresh_expires_at == TIME_NONE,
	    "POS-19 there is none to refresh it");
	o = read_reply(a, POS_LOGIN, &task, 200,
	    "{\"token\":{\"expiresIn\":-5,\"accessToken\":\"x\"}}", NULL);
	ok(o.verdict.outcome == OUTCOME_DONE && o.session.expires_at == TIME_NONE,
	    "POS-19 nonsense is not said");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		o = read_reply(a, POS_LOGIN, &task, bad[i].status, bad[i].body, NULL);
		ok(o.verdict.outcome == bad[i].outcome && o.verdict.cause == bad[i].cause &&
			o.session.access_token == NULL,
		    "POS-19 a login: %d %.60s: %s", bad[i].status, bad[i].body,
		    o.verdict.sentence);
	}
	arena_free(&a);
}

/* ---- how long to wait, and what is said ---- */

static void
test_words(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_task task = task_of(a, AT_ORDER);
	static const struct call_header after = { "Retry-After", "30" },
					reset = { "X-Toast-RateLimit-Reset", "1771002610" },
					past = { "x-toast-ratelimit-reset", "1771002000" },
					far = { "X-Toast-RateLimit-Reset", "9771002610" },
					junk = { "X-Toast-RateLimit-Reset", "soon" };
	struct pos_outcome o;

	is_int(read_reply(a, POS_CREATE, &task, 429, "", &after).verdict.retry_after_s, 30,
	    "POS-18 Retry-After is kept");
	is_int(read_reply(a, POS_CREATE, &task, 503, "", &after).verdict.retry_after_s, 30,
	    "POS-18 for an unsure one too");
	is_int(read_reply(a, POS_CREATE, &task, 429, "", &reset).verdict.retry_after_s, 11,
	    "POS-18 or the second at which they listen again");
	is_int(read_reply(a, POS_CREATE, &task, 429, "", &past).verdict.retry_after_s, 1,
	    "POS-18 if that is past, soon");
	is_int(read_reply(a, POS_CREATE, &task, 429, "", &far).verdict.retry_after_s, 3600,
	    "POS-18 at most an hour");
	is_int(read_reply(a, POS_CREATE, &task, 429, "", &junk).verdict.retry_after_s, 0,
	    "POS-18 or nothing");
	o = read_reply(a, POS_CREATE, &task, 400,
	    "{\"code\":10025,\"message\":\"Unknown\\u0007 item {{secret:client_secret}}\","
	    "\"developerMessage\":\"look\"}",
	    NULL);
	is_str(o.verdict.sentence,
	    "Toast calls the request invalid (10025: Unknown item { {secret:client_secret}}; look)",
	    "POS-32 staff read our words and theirs, made harmless");
	o = read_reply(a, POS_CANCEL, &task, 400, ERROR("400", "1", "paid by card"), NULL);
	task.progress = o.progress;
	o = read_reply(a, POS_CANCEL, &task, 200, "{" GUID_IS "}", NULL);
	is_str(o.verdict.sentence,
	    "Toast calls the request invalid (1: paid by card); the order lives there still, void "
	    "it at the till",
	    "POS-32 a refused void says the first reason, and what to do");
	is_str(text_of(a, o.progress), "{}", "who tries again begins with the voiding");
	arena_free(&a);
}

/* ---- no reply ---- */

static void
test_failures(void)
{
	static const struct {
		enum pos_verb verb;
		const char *progress;
		bool has_effect;
	} steps[] = {
		{ POS_CREATE, "", false },
		{ POS_CREATE, "{}", false },
		{ POS_CREATE, AT_ORDER, true },
		{ POS_CANCEL, AT_ORDER, true },
		{ POS_CANCEL, AT_CHECK, false },
		{ POS_LOOK, "", false },
		{ POS_MENU, "", false },
		{ POS_LOGIN, "", false },
		{ POS_QUOTE, "", false },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		for (int f = 0; f < CALL_FAILURE__MAX; f++) {
			struct arena *a = arena_new(1u << 20);
			struct pos_task task = task_of(a, steps[i].progress);
			struct pos_outcome o = pos_toast.read_failure(
			    a, steps[i].verb, &task, (enum call_failure)f);
			struct verdict want =
			    pos_failure((enum call_failure)f, steps[i].has_effect);
			ok(o.verdict.outcome == want.outcome && o.verdict.cause == want.cause,
			    "POS-04 verb %d at %.20s, %s: %s", steps[i].verb, steps[i].progress,
			    call_failure_name((enum call_failure)f),
			    outcome_name(want.outcome));
			arena_free(&a);
		}
}

static void
test_no_price_call(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_task task = task_of(a, "");

	task.config = toast_config(a, "{\"use_price_call\":false}", "USD");
	is_str(outcome_name(
		   read_reply(a, POS_CREATE, &task, 200, "{" GUID_IS "}", NULL).verdict.outcome),
	    "DONE", "POS-06 without the price call the first answer is the order's");
	is_str(outcome_name(
		   pos_toast.read_failure(a, POS_CREATE, &task, CALL_TIMED_OUT).verdict.outcome),
	    "UNSURE", "POS-04 and its loss a doubt");
	arena_free(&a);
}

/* A body that is deep or long, in a block of exactly its size, at every step. */
static void
test_hostile_sizes(void)
{
	static const size_t sizes[] = { 33, 5000, (1u << 20) + 1 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int verb = 0; verb < POS_VERB__MAX; verb++) {
			struct arena *a = arena_new(64u << 20);
			char *body = malloc(sizes[i]);
			struct http_reply r = { .status = 200, .body = { body, sizes[i] } };
			struct pos_task task = task_of(a, verb == POS_CREATE ? AT_ORDER : "");
			struct pos_outcome o;
			if (!pos_can(&pos_toast, (enum pos_verb)verb)) {
				free(body);
				arena_free(&a);
				continue;
			}
			memset(body, verb % 2 == 0 ? '[' : '{', sizes[i]);
			o = pos_toast.talks[verb].read(a, &task, &r);
			ok(o.verdict.outcome ==
				(verb == POS_CREATE || verb == POS_CANCEL ? OUTCOME_UNSURE
									   : OUTCOME_LATER),
			    "POS-04 verb %d: %zu bytes of '%c' prove nothing", verb, sizes[i],
			    *body);
			free(body);
			arena_free(&a);
		}
}

/* Every beginning of a good answer that is not all of it proves nothing. */
static void
test_truncated(void)
{
	static const char whole[] = "{" GUID_IS "," NAME "," CHECKS("10.17") "}";
	size_t unsure = 0;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		struct arena *a = arena_new(1u << 20);
		char *body = malloc(n == 0 ? 1 : n);
		struct http_reply r = { .status = 200, .body = { body, n } };
		struct pos_task task = { .reference = "ORD-1", .progress = adapter_text(AT_ORDER) };
		memcpy(body, whole, n);
		unsure += pos_toast.talks[POS_CREATE].read(a, &task, &r).verdict.outcome ==
			  OUTCOME_UNSURE;
		free(body);
		arena_free(&a);
	}
	is_int(unsure, sizeof(whole) - 1, "POS-04 a truncated yes is no yes");
}

int
main(void)
{
	test_rows();
	test_orders();
	test_created();
	test_tips();
	test_looks();
	test_pages();
	test_login();
	test_words();
	test_failures();
	test_no_price_call();
	test_hostile_sizes();
	test_truncated();
	return tap_done();
}
