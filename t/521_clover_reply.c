/*
 * Clover: what its replies, and the lack of one, mean at each step. The rule behind the tables:
 * before the order is opened nothing is in doubt, only put off, with the draft where that is safe;
 * opening it may be repeated; and once it is open, nothing that follows can make it less so.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "op/op.h"
#include "order_file.h"
#include "tap.h"
#include "text/civil.h"
#include "text/json_read.h"

#define ORDERS "t/golden/clover/"
#define AT(step) "{\"step\":\"" step "\",\"reference\":\"A-1\",\"draft\":\"DRAFT1\"}"
#define OPENED "{\"id\":\"DRAFT1\",\"state\":\"open\",\"total\":2390}"
#define WHOLE                                                                                      \
	"{\"id\":\"DRAFT1\",\"lineItems\":{\"elements\":["                                         \
	"{\"id\":\"L1\",\"item\":{\"id\":\"ITM0000000011\"},\"price\":450},"                       \
	"{\"id\":\"L2\",\"item\":{\"id\":\"ITM0000000001\"},\"price\":1295,"                       \
	"\"modifications\":{\"elements\":[]}},"                                                    \
	"{\"id\":\"L3\",\"item\":{\"id\":\"ITM0000000011\"},\"price\":450}]}}"

/* then: "" it is over, "=" from the same place, else what the progress holds. */
struct row {
	const char *progress;
	int status;
	const char *body;
	enum outcome outcome;
	enum cause cause;
	bool has_next;
	const char *then;
};

#define NEXT(step) OUTCOME_DONE, CAUSE_NONE, true, "\"step\":\"" step "\""
#define DONE OUTCOME_DONE, CAUSE_NONE, false, "\"step\":\"first\""
#define NO(cause) OUTCOME_REFUSED, (cause), false, ""
#define WAIT(cause) OUTCOME_LATER, (cause), false, "="
/* A new draft, and the one before is to be deleted. */
#define ANEW(cause) OUTCOME_LATER, (cause), false, "\"old\":[\"DRAFT1\"]"
#define DOUBT(cause) OUTCOME_UNSURE, (cause), false, "="
#define DROP NEXT("drop")

static const struct row rows[] = {
	/* the draft: of one that was lost nobody knows the id, and nobody sees it */
	{ "", 200, "{\"id\":\"DRAFT1\"}", NEXT("lines") },
	{ "", 201, "{\"id\":\"DRAFT1\",\"state\":null}", NEXT("lines") },
	{ "", 200, "{}", WAIT(CAUSE_GARBLED) },
	{ "", 200, "[]", WAIT(CAUSE_GARBLED) },
	{ "", 200, "{\"id\":\"../x\"}", WAIT(CAUSE_GARBLED) },
	{ "", 200, "<html>", OUTCOME_LATER, CAUSE_GARBLED, false, "\"step\":\"first\"" },
	{ "", 400, "{\"message\":\"bad_request\",\"details\":\"note\"}", NO(CAUSE_PAYLOAD) },
	{ "", 401, "{\"message\":\"401 Unauthorized\"}", NO(CAUSE_AUTH) },
	{ "", 403, "", NO(CAUSE_AUTH) },
	{ "", 404, "{\"message\":\"Not Found\"}", NO(CAUSE_CONFIG) },
	{ "", 405, "", NO(CAUSE_CONFIG) },
	{ "", 415, "", NO(CAUSE_CONFIG) },
	{ "", 302, "", NO(CAUSE_CONFIG) },
	{ "", 413, "", NO(CAUSE_PAYLOAD) },
	{ "", 429, "{\"message\":\"429 Too Many Requests\"}", WAIT(CAUSE_BUSY) },
	{ "", 500, "", OUTCOME_LATER, CAUSE_PROVIDER, false, "\"step\":\"first\"" },
	{ "", 100, "", OUTCOME_LATER, CAUSE_PROVIDER, false, "\"step\":\"first\"" },
	/* lines: sent twice they would be there twice */
	{ AT("lines"), 200, "[]", NEXT("check") },
	{ AT("lines"), 200, "{\"items\":[]}", NEXT("check") },
	{ AT("lines"), 200, "", ANEW(CAUSE_GARBLED) },
	{ AT("lines"), 500, "", ANEW(CAUSE_PROVIDER) },
	{ AT("lines"), 503, "", ANEW(CAUSE_PROVIDER) },
	{ AT("lines"), 429, "", WAIT(CAUSE_BUSY) },
	{ AT("lines"), 400, "{\"message\":\"item_does_not_exist\"}", DROP },
	{ AT("lines"), 401, "", OUTCOME_REFUSED, CAUSE_AUTH, false, "=" },
	{ AT("lines"), 404, "", OUTCOME_LATER, CAUSE_PROVIDER, false, "\"step\":\"first\"" },
	{ AT("discount"), 200, "{\"id\":\"D\"}", NEXT("check") },
	{ AT("discount"), 400, "{\"message\":\"invalid_discount_attribute\"}", DROP },
	{ AT("discount"), 502, "", ANEW(CAUSE_PROVIDER) },
	{ AT("modify"), 200, "{\"id\":\"M\"}", NEXT("check") },
	{ AT("modify"), 400, "{\"message\":\"invalid_modifier\"}", DROP },
	{ AT("modify"), 504, "", ANEW(CAUSE_PROVIDER) },
	/* reading it back changes nothing */
	{ AT("check"), 200, WHOLE, NEXT("open") },
	{ AT("check"), 200, "{\"id\":\"DRAFT1\",\"lineItems\":{\"elements\":[]}}",
	    NEXT("lines") },
	{ AT("check"), 200, "{\"id\":\"DRAFT1\"}", WAIT(CAUSE_GARBLED) },
	{ AT("check"), 200, "{\"id\":\"DRAFT2\"}", WAIT(CAUSE_GARBLED) },
	{ AT("check"), 200, "nothing", WAIT(CAUSE_GARBLED) },
	{ AT("check"), 500, "", WAIT(CAUSE_PROVIDER) },
	{ AT("check"), 429, "", WAIT(CAUSE_BUSY) },
	{ AT("check"), 404, "", OUTCOME_LATER, CAUSE_PROVIDER, false, "\"step\":\"first\"" },
	{ AT("check"), 200,
	    "{\"id\":\"DRAFT1\",\"lineItems\":{\"elements\":[{\"id\":\"L\",\"item\":{\"id\":"
	    "\"OTHER\"},\"price\":1}]}}",
	    ANEW(CAUSE_PROVIDER) },
	/* opening */
	{ AT("open"), 200, OPENED, DONE },
	{ AT("open"), 200, "{\"id\":\"DRAFT1\",\"state\":\"Open\"}", DONE },
	{ AT("open"), 200, "{\"id\":\"DRAFT1\",\"state\":\"locked\"}", DONE },
	{ AT("open"), 200, "{\"id\":\"DRAFT2\",\"state\":\"open\"}", DOUBT(CAUSE_GARBLED) },
	{ AT("open"), 200, "{\"id\":\"DRAFT1\"}", DOUBT(CAUSE_GARBLED) },
	{ AT("open"), 200, "{\"id\":\"DRAFT1\",\"state\":null}", DOUBT(CAUSE_GARBLED) },
	{ AT("open"), 200, "", DOUBT(CAUSE_GARBLED) },
	{ AT("open"), 500, "", DOUBT(CAUSE_PROVIDER) },
	{ AT("open"), 408, "", DOUBT(CAUSE_PROVIDER) },
	{ AT("open"), 429, "", WAIT(CAUSE_BUSY) },
	{ AT("open"), 400, "{\"message\":\"Order is locked\"}", NO(CAUSE_PAYLOAD) },
	{ AT("open"), 401, "", NO(CAUSE_AUTH) },
	{ AT("open"), 404, "", OUTCOME_LATER, CAUSE_PROVIDER, false, "\"step\":\"first\"" },
	/* an older version did what follows in the same breath: it is opened once more */
	{ AT("print"), 200, OPENED, DONE },
	{ AT("pay"), 500, "", DOUBT(CAUSE_PROVIDER) },
	/* a draft that is to go */
	{ "{\"step\":\"first\",\"reference\":\"A-1\",\"old\":[\"X1\"]}", 200, "{}", NEXT("first") },
	{ "{\"step\":\"first\",\"old\":[\"X1\"]}", 200, "", NEXT("first") },
	{ "{\"step\":\"first\",\"old\":[\"X1\"]}", 404, "", NEXT("first") },
	{ "{\"step\":\"first\",\"old\":[\"X1\",\"X2\"]}", 200, "", NEXT("sweep") },
	{ "{\"step\":\"first\",\"old\":[\"X1\"]}", 500, "", WAIT(CAUSE_PROVIDER) },
	{ "{\"step\":\"first\",\"old\":[\"X1\"]}", 429, "", WAIT(CAUSE_BUSY) },
	{ "{\"step\":\"first\",\"old\":[\"X1\"]}", 400, "{\"message\":\"Order has payments\"}",
	    NO(CAUSE_PAYLOAD) },
	{ "{\"step\":\"drop\",\"draft\":\"D\",\"cause\":3,\"why\":\"Not so\"}", 200, "{}",
	    OUTCOME_REFUSED, CAUSE_PAYLOAD, false, "\"step\":\"first\"" },
	{ "{\"step\":\"drop\",\"draft\":\"D\",\"cause\":3,\"why\":\"Not so\"}", 400, "{}",
	    OUTCOME_REFUSED, CAUSE_PAYLOAD, false, "\"old\":[\"D\"]" },
	{ "{\"step\":\"drop\",\"draft\":\"D\",\"cause\":3,\"why\":\"Not so\"}", 500, "",
	    WAIT(CAUSE_PROVIDER) },
	/* another order's draft is only something to delete */
	{ "{\"step\":\"open\",\"reference\":\"A-0\",\"draft\":\"X1\"}", 200, "{}", NEXT("first") },
	{ "not JSON", 200, "{\"id\":\"DRAFT1\"}", NEXT("lines") },
};

static const struct row atomic_rows[] = {
	{ "", 200, "{\"id\":\"O1\",\"state\":\"open\",\"total\":2390}", DONE },
	{ "", 200, "{\"id\":\"O1\"}", DOUBT(CAUSE_GARBLED) },
	{ "", 200, "{}", DOUBT(CAUSE_GARBLED) },
	{ "", 200, "", DOUBT(CAUSE_GARBLED) },
	{ "", 500, "", DOUBT(CAUSE_PROVIDER) },
	{ "", 429, "", WAIT(CAUSE_BUSY) },
	{ "", 400, "{\"message\":\"invalid_modifier\",\"details\":\"X\"}", NO(CAUSE_PAYLOAD) },
	{ "", 400, "{\"message\":\"cart_is_empty_or_missing\"}", NO(CAUSE_PAYLOAD) },
	{ "", 404, "", NO(CAUSE_CONFIG) },
	{ "", 401, "", NO(CAUSE_AUTH) },
};

/* A task at that place, with the order of a file; settings of its own where there are some. */
static struct pos_task
task_of(struct arena *a, const char *file, const char *settings, const char *progress)
{
	static const char *const secrets[] = { "access_token" };
	const char *path = arena_printf(a, ORDERS "%s.order.json", file);
	struct order *order = order_file(a, path);
	struct pos_problems problems = { 0 };

	return (struct pos_task){
		.config = adapter_config_with(a, &pos_clover,
		    settings != NULL ? settings : order_file_config(a, path), "USD", secrets, 1,
		    &problems),
		.progress = adapter_text(progress),
		.reference = order->pos_reference,
		.order = order,
		.now = 1,
		.since = TIME_NONE,
	};
}

static struct pos_outcome
follow_at(struct arena *a, const struct pos_task *task, int status, const char *body)
{
	struct http_reply r = { .status = status, .body = adapter_text(body) };

	return pos_clover.talks[POS_FOLLOW].read(a, task, &r);
}

static struct pos_outcome
read_at(struct arena *a, const struct pos_task *task, int status, const char *body)
{
	struct http_reply r = { .status = status, .body = adapter_text(body) };

	return pos_clover.talks[POS_CREATE].read(a, task, &r);
}

static bool
goes_there(const struct pos_outcome *o, const char *then)
{
	if (strcmp(then, "=") == 0)
		return o->progress.data == NULL;
	return *then == '\0' || (o->progress.data != NULL && strstr(o->progress.data, then) != NULL);
}

static void
test_rows(const struct row *v, size_t n, const char *settings)
{
	for (size_t i = 0; i < n; i++) {
		struct arena *a = arena_new(4u << 20);
		struct pos_task task = task_of(a, "pickup", settings, v[i].progress);
		struct pos_outcome o = read_at(a, &task, v[i].status, v[i].body);
		is_str(outcome_name(o.verdict.outcome), outcome_name(v[i].outcome),
		    "POS-04 %.60s: %d %.60s", v[i].progress, v[i].status, v[i].body);
		is_str(cause_name(o.verdict.cause), cause_name(v[i].cause), "POS-32 its cause");
		ok(o.has_next == v[i].has_next && goes_there(&o, v[i].then) &&
			o.progress.len <= POS_PROGRESS_MAX && o.verdict.sentence != NULL &&
			*o.verdict.sentence != '\0',
		    "POS-04 and where it goes on: %.*s", (int)o.progress.len,
		    o.progress.len == 0 ? "" : (const char *)o.progress.data);
		arena_free(&a);
	}
}

/* ---- what is done with an order that is there ---- */

/* Of an order that is paid; print comes first, and the order is known by its id. */
#define NEXT_DEED(step) OUTCOME_DONE, CAUSE_NONE, true, "\"step\":\"" step "\""
#define ALL_DONE OUTCOME_DONE, CAUSE_NONE, false, "\"step\":\"followed\""
#define BUT(cause, step) OUTCOME_REFUSED, (cause), true, "\"step\":\"" step "\""
#define NOT_ALL(cause) OUTCOME_REFUSED, (cause), false, "\"step\":\"followed\""
#define SEE(cause, step) OUTCOME_LATER, (cause), false, "\"step\":\"see_" step "\""
#define BEFORE(step, more) "{\"step\":\"" step "\",\"reference\":\"A-1001\",\"draft\":\"O1\"" more "}"
#define TORN ",\"cause\":3,\"why\":\"it could not be printed: no paper\""

static const struct row follows[] = {
	/* whatever the CREATE has left, when a look has shown the order: at the opening, or before */
	{ "", 200, "{\"id\":\"E\",\"state\":\"CREATED\"}", NEXT_DEED("pay") },
	{ AT("open"), 200, "{\"id\":\"E\"}", NEXT_DEED("pay") },
	{ "{\"step\":\"first\",\"reference\":\"A-1001\"}", 200, "{\"id\":\"E\"}", NEXT_DEED("pay") },
	/* printing */
	{ BEFORE("print", ""), 200, "{\"id\":\"E\",\"state\":\"FAILED\"}", BUT(CAUSE_PROVIDER, "pay") },
	{ BEFORE("print", ""), 400, "{\"message\":\"no printer\"}", BUT(CAUSE_PAYLOAD, "pay") },
	{ BEFORE("print", ""), 404, "", BUT(CAUSE_CONFIG, "pay") },
	{ BEFORE("print", ""), 401, "", BUT(CAUSE_AUTH, "pay") },
	{ BEFORE("print", ""), 429, "", WAIT(CAUSE_BUSY) },
	{ BEFORE("print", ""), 500, "", SEE(CAUSE_PROVIDER, "printed") },
	{ BEFORE("print", ""), 200, "<html>", SEE(CAUSE_GARBLED, "printed") },
	/* was it printed? */
	{ BEFORE("see_printed", ""), 200, "{\"id\":\"O1\",\"lineItems\":{\"elements\":[{\"printed\":true}]}}",
	    NEXT_DEED("pay") },
	{ BEFORE("see_printed", ""), 200, "{\"id\":\"O1\",\"lineItems\":{\"elements\":[{\"printed\":false}]}}",
	    NEXT_DEED("print") },
	{ BEFORE("see_printed", ",\"rounds\":1"), 200, "{\"id\":\"O1\"}", BUT(CAUSE_PROVIDER, "pay") },
	{ BEFORE("see_printed", ""), 200, "{\"id\":\"O2\"}", WAIT(CAUSE_GARBLED) },
	{ BEFORE("see_printed", ""), 200, "", WAIT(CAUSE_GARBLED) },
	{ BEFORE("see_printed", ""), 500, "", WAIT(CAUSE_PROVIDER) },
	{ BEFORE("see_printed", ""), 404, "", BUT(CAUSE_CONFIG, "pay") },
	{ BEFORE("see_printed", ""), 401, "", BUT(CAUSE_AUTH, "pay") },
	{ BEFORE("see_printed", ""), 200, "{\"id\":\"O1\",\"deletedTimestamp\":1767607203120}", NEXT_DEED("pay") },
	/* paying */
	{ BEFORE("pay", ""), 200, "{\"id\":\"P\"}", ALL_DONE },
	{ BEFORE("pay", TORN), 200, "{\"id\":\"P\"}", NOT_ALL(CAUSE_PAYLOAD) },
	{ BEFORE("pay", ""), 400, "{\"message\":\"Payment must include\"}", NOT_ALL(CAUSE_CONFIG) },
	{ BEFORE("pay", ""), 401, "", NOT_ALL(CAUSE_AUTH) },
	{ BEFORE("pay", ""), 500, "", SEE(CAUSE_PROVIDER, "paid") },
	{ BEFORE("pay", ""), 429, "", WAIT(CAUSE_BUSY) },
	{ BEFORE("see_paid", ""), 200, "{\"id\":\"O1\",\"paymentState\":\"PAID\"}", ALL_DONE },
	{ BEFORE("see_paid", ""), 200,
	    "{\"id\":\"O1\",\"payments\":{\"elements\":[{\"externalPaymentId\":\"A-1001\"}]}}", ALL_DONE },
	{ BEFORE("see_paid", ""), 200, "{\"id\":\"O1\",\"paymentState\":\"OPEN\"}", NEXT_DEED("pay") },
	{ BEFORE("see_paid", ",\"rounds\":1"), 200, "{\"id\":\"O1\",\"paymentState\":\"OPEN\"}",
	    NOT_ALL(CAUSE_PROVIDER) },
	/* all is done: nothing is asked any more */
	{ BEFORE("followed", ""), 200, "{}", OUTCOME_DONE, CAUSE_NONE, false, "=" },
};

static struct pos_task
follow_task(struct arena *a, const char *progress)
{
	struct pos_task task = task_of(a, "paid", NULL, progress);

	task.reference = "A-1001";
	task.pos_order_id = "O1";
	return task;
}

static void
test_follow(void)
{
	for (size_t i = 0; i < sizeof(follows) / sizeof(follows[0]); i++) {
		struct arena *a = arena_new(4u << 20);
		struct pos_task task = follow_task(a, follows[i].progress);
		struct pos_outcome o = follow_at(a, &task, follows[i].status, follows[i].body);
		is_str(outcome_name(o.verdict.outcome), outcome_name(follows[i].outcome),
		    "POS-10 it is there; %.50s: %d %.60s", follows[i].progress, follows[i].status,
		    follows[i].body);
		is_str(cause_name(o.verdict.cause), cause_name(follows[i].cause), "POS-32 its cause");
		ok(o.has_next == follows[i].has_next && goes_there(&o, follows[i].then) &&
			o.progress.len <= POS_PROGRESS_MAX && *o.verdict.sentence != '\0',
		    "POS-10 and what comes next: %.*s", (int)o.progress.len,
		    o.progress.len == 0 ? "" : (const char *)o.progress.data);
		arena_free(&a);
	}
}

/* What may have been done is looked at; what surely was not is done later. */
static void
test_follow_silence(void)
{
	static const struct {
		const char *progress, *then;
	} places[] = {
		{ "", "\"step\":\"see_printed\"" },
		{ BEFORE("pay", ""), "\"step\":\"see_paid\"" },
		{ BEFORE("see_paid", ""), "=" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (int f = 0; f < CALL_FAILURE__MAX; f++) {
			enum call_failure failure = (enum call_failure)f;
			struct arena *a = arena_new(4u << 20);
			struct pos_task task = follow_task(a, places[i].progress);
			struct pos_outcome o =
			    pos_clover.read_failure(a, POS_FOLLOW, &task, failure);
			bool after = call_failure_is_after_send(failure);
			ok(o.verdict.outcome ==
				    (failure == CALL_NOT_FILLED ? OUTCOME_REFUSED : OUTCOME_LATER) &&
				goes_there(&o, after ? places[i].then : "="),
			    "POS-10 %.40s: %s", places[i].progress, call_failure_name(failure));
			arena_free(&a);
		}
}

static void
test_follow_calls(void)
{
	struct arena *a = arena_new(4u << 20);
	struct pos_problems problems = { 0 };
	struct pos_task task = follow_task(a, BEFORE("see_paid", ""));
	struct http_call call = { 0 };

	ok(pos_clover.talks[POS_FOLLOW].call(a, &task, &call, &problems), "POS-10 a look");
	is_str(call.url,
	    "https://pos.example/v3/merchants/demo4bistro/orders/O1?expand=lineItems,payments",
	    "POS-10 is by the order's id");
	task.progress = adapter_text(BEFORE("followed", ""));
	ok(!pos_clover.talks[POS_FOLLOW].call(a, &task, &call, &problems) && problems.n == 0,
	    "POS-10 when all is done nothing is asked, and nothing is wrong");
	task.progress = adapter_text("");
	task.pos_order_id = NULL;
	ok(!pos_clover.talks[POS_FOLLOW].call(a, &task, &call, &problems) && problems.n == 1,
	    "POS-10 an order without an id can not be seen to");
	arena_free(&a);
}

/* ---- no reply ---- */

static const struct {
	const char *progress;
	enum outcome before, after; /* a byte may have left */
	const char *then;           /* after */
} silences[] = {
	{ "", OUTCOME_LATER, OUTCOME_LATER, "\"step\":\"first\"" },
	{ AT("lines"), OUTCOME_LATER, OUTCOME_LATER, "\"old\":[\"DRAFT1\"]" },
	{ AT("discount"), OUTCOME_LATER, OUTCOME_LATER, "\"old\":[\"DRAFT1\"]" },
	{ AT("modify"), OUTCOME_LATER, OUTCOME_LATER, "\"old\":[\"DRAFT1\"]" },
	{ AT("check"), OUTCOME_LATER, OUTCOME_LATER, "=" },
	{ AT("open"), OUTCOME_LATER, OUTCOME_UNSURE, "=" },
	{ AT("drop"), OUTCOME_LATER, OUTCOME_LATER, "=" },
	{ "{\"old\":[\"X\"]}", OUTCOME_LATER, OUTCOME_LATER, "=" },
};

static void
test_silence(void)
{
	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++)
		for (int f = 0; f < CALL_FAILURE__MAX; f++) {
			enum call_failure failure = (enum call_failure)f;
			bool after = call_failure_is_after_send(failure);
			struct arena *a = arena_new(4u << 20);
			struct pos_task task = task_of(a, "pickup", NULL, silences[i].progress);
			struct pos_outcome o =
			    pos_clover.read_failure(a, POS_CREATE, &task, failure);
			enum outcome want = after ? silences[i].after : silences[i].before;
			if (failure == CALL_NOT_FILLED && want != OUTCOME_DONE)
				want = OUTCOME_REFUSED;
			is_str(outcome_name(o.verdict.outcome), outcome_name(want),
			    "POS-04 %.60s: %s", silences[i].progress, call_failure_name(failure));
			ok(!after || goes_there(&o, silences[i].then), "and where it goes on");
			arena_free(&a);
		}
}

static void
test_atomic_silence(void)
{
	struct arena *a = arena_new(4u << 20);
	struct pos_task task = task_of(a, "pickup", "{\"use_atomic\":true}", "");

	is_str(outcome_name(pos_clover.read_failure(a, POS_CREATE, &task, CALL_TIMED_OUT)
			   .verdict.outcome),
	    "UNSURE", "POS-04 one call that timed out is in doubt");
	is_str(outcome_name(pos_clover.read_failure(a, POS_CREATE, &task, CALL_NOT_CONNECTED)
			   .verdict.outcome),
	    "LATER", "POS-04 one that never left is not");
	arena_free(&a);
}

/* ---- words, waits, tokens ---- */

static void
test_words(void)
{
	static const struct call_header wait = { "retry-after", "7" };
	struct arena *a = arena_new(4u << 20);
	struct pos_task task = task_of(a, "pickup", NULL, "");
	struct http_reply r = { .status = 400,
		.body = adapter_text("{\"message\":\"item_does_not_exist\",\"details\":"
				     "\"X\\u0007 {{secret:access_token}}\"}") };

	is_str(pos_clover.talks[POS_CREATE].read(a, &task, &r).verdict.sentence,
	    "Clover does not know an item of the order: the menu has to be fetched again "
	    "(item_does_not_exist: X { {secret:access_token}})",
	    "POS-32 staff read our words and theirs, made harmless");
	r = (struct http_reply){ .status = 429, .body = adapter_text("") };
	is_int(pos_clover.talks[POS_CREATE].read(a, &task, &r).verdict.retry_after_s, 1,
	    "POS-18 to slow down is at least a second");
	r.headers = &wait;
	r.headers_n = 1;
	is_int(pos_clover.talks[POS_CREATE].read(a, &task, &r).verdict.retry_after_s, 7,
	    "POS-18 or what they say");
	arena_free(&a);
}

static void
test_renewing(void)
{
	static const char *const secrets[] = { "access_token", "refresh_token" };
	struct arena *a = arena_new(4u << 20);
	struct pos_problems problems = { 0 };
	struct pos_task task = task_of(a, "pickup", NULL, "");
	struct pos_outcome o;

	task.config = adapter_config_with(
	    a, &pos_clover, "{\"client_id\":\"APP\"}", "USD", secrets, 2, &problems);
	o = read_at(a, &task, 401, "{\"message\":\"401 Unauthorized\"}");
	ok(pos_clover.logs_in(task.config) && o.verdict.outcome == OUTCOME_REFUSED &&
		o.verdict.cause == CAUSE_AUTH && o.progress.data == NULL,
	    "POS-19 a refused token is told as that, for who renews tokens");
	arena_free(&a);
}

static const struct {
	int status;
	const char *body;
	enum outcome outcome;
	enum cause cause;
} logins[] = {
	{ 200,
	    "{\"access_token\":\"a.b-c\",\"access_token_expiration\":1767609000,"
	    "\"refresh_token\":\"clvroar-1\",\"refresh_token_expiration\":1799143200}",
	    OUTCOME_DONE, CAUSE_NONE },
	{ 200, "{\"access_token\":\"a\",\"refresh_token\":\"r\"}", OUTCOME_DONE, CAUSE_NONE },
	{ 200, "{\"access_token\":\"a\"}", OUTCOME_LATER, CAUSE_GARBLED },
	{ 200, "{\"access_token\":\"a b\",\"refresh_token\":\"r\"}", OUTCOME_LATER, CAUSE_GARBLED },
	{ 200, "", OUTCOME_LATER, CAUSE_GARBLED },
	{ 401, "{\"message\":\"Invalid refresh token\"}", OUTCOME_REFUSED, CAUSE_AUTH },
	{ 400, "{\"message\":\"no\"}", OUTCOME_REFUSED, CAUSE_AUTH },
	{ 404, "", OUTCOME_REFUSED, CAUSE_CONFIG },
	{ 429, "", OUTCOME_LATER, CAUSE_BUSY },
	{ 500, "", OUTCOME_LATER, CAUSE_PROVIDER },
};

/* A merchant gives access, and comes back with a code. */
static void
test_authorize(void)
{
	static const char *const secrets[] = { "client_secret", "refresh_token", POS_CODE };
	static const char json[] = "{\"client_id\":\"APP\"}";
	struct arena *a = arena_new(4u << 20);
	struct pos_problems problems = { 0 };
	struct pos_task task = { .config = adapter_config_with(
				     a, &pos_clover, json, "USD", secrets, 1, &problems) };
	struct http_call call = { 0 };

	is_str(pos_clover.authorize_url(a, task.config, "https://hub.example/back", "1.2.a_b"),
	    "https://pos.example/oauth/v2/authorize?client_id=APP&response_type=code&redirect_uri="
	    "https%3A%2F%2Fhub.example%2Fback&state=1.2.a_b",
	    "E54 where the merchant gives access");
	ok(pos_clover.logs_in(task.config) &&
		!pos_clover.talks[POS_LOGIN].call(a, &task, &call, &problems),
	    "E54 before that there is nothing to log in with");
	task.config = adapter_config_with(a, &pos_clover, json, "USD", secrets, 3, &problems);
	ok(pos_clover.talks[POS_LOGIN].call(a, &task, &call, &problems), "E54 a code is exchanged");
	is_str(call.url, "https://pos.example/oauth/v2/token", "E54 at another address");
	is_str(call.body.data,
	    "{\"client_id\":\"APP\",\"client_secret\":\"{{secret:client_secret}}\",\"code\":\"{{"
	    "secret:authorization_code}}\"}",
	    "E54 with the app's secret");
	arena_free(&a);
}

/* Is a token for this restaurant? Clover says 401 to whom another merchant is none of their business. */
static void
test_confirm(void)
{
	static const struct {
		int status;
		const char *body;
		enum outcome outcome;
		enum cause cause;
	} answers[] = {
		{ 200, "{\"merchantRef\":{\"id\":\"demo4bistro\"},\"timezone\":\"America/New_York\"}", OUTCOME_DONE, CAUSE_NONE },
		{ 200, "{\"timezone\":\"America/New_York\"}", OUTCOME_DONE, CAUSE_NONE },
		{ 200, "{\"merchantRef\":{\"id\":\"ANOTHER\"}}", OUTCOME_REFUSED, CAUSE_CONFIG },
		{ 200, "", OUTCOME_LATER, CAUSE_GARBLED },
		{ 401, "{\"message\":\"401 Unauthorized\"}", OUTCOME_REFUSED, CAUSE_AUTH },
		{ 404, "", OUTCOME_REFUSED, CAUSE_CONFIG },
		{ 429, "", OUTCOME_LATER, CAUSE_BUSY },
		{ 500, "", OUTCOME_LATER, CAUSE_PROVIDER },
	};
	static const char *const secrets[] = { "access_token" };
	struct arena *a = arena_new(4u << 20);
	struct pos_problems problems = { 0 };
	struct pos_task task = { .config = adapter_config_with(a, &pos_clover, "{}", "USD", secrets, 1, &problems),
		.token = POS_NEW_ACCESS };
	struct http_call call = { 0 };

	ok(pos_clover.talks[POS_CONFIRM].call(a, &task, &call, &problems), "E54 the merchant is asked for");
	ok(strstr(call.url, "/properties") != NULL, "E54 by what the menu begins with");
	is_str(call.headers[0].value, "Bearer {{secret:unconfirmed_access_token}}", "SEC-07 with the new token");
	ok(call.secrets_n == 1 && strcmp(call.secrets[0], POS_NEW_ACCESS) == 0, "SEC-07 and it alone");
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct http_reply r = { .status = answers[i].status, .body = adapter_text(answers[i].body) };
		struct pos_outcome o = pos_clover.talks[POS_CONFIRM].read(a, &task, &r);

		ok(o.verdict.outcome == answers[i].outcome && o.verdict.cause == answers[i].cause, "E54 %d %s: %s, %s, %s", answers[i].status, answers[i].body,
		    outcome_name(o.verdict.outcome), cause_name(o.verdict.cause), o.verdict.sentence);
	}
	arena_free(&a);
}

static void
test_login(void)
{
	static const char *const secrets[] = { "refresh_token" };
	struct arena *a = arena_new(4u << 20);
	struct pos_problems problems = { 0 };
	struct pos_task task = { .config = adapter_config_with(a, &pos_clover,
				     "{\"client_id\":\"APP\"}", "USD", secrets, 1, &problems) };
	struct http_call call = { 0 };
	struct pos_outcome o;

	ok(pos_clover.talks[POS_LOGIN].call(a, &task, &call, &problems), "POS-19 a login");
	is_str(call.url, "https://pos.example/oauth/v2/refresh", "POS-19 goes to the API's host");
	is_str(call.body.data,
	    "{\"client_id\":\"APP\",\"refresh_token\":\"{{secret:refresh_token}}\"}",
	    "SEC-07 the token is named, not told");
	ok(call.headers_n == 3 && strcmp(call.headers[1].name, "User-Agent") == 0 &&
		call.secrets_n == 1,
	    "with a User-Agent, and no access token");
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		struct http_reply r = { .status = logins[i].status,
			.body = adapter_text(logins[i].body) };
		o = pos_clover.talks[POS_LOGIN].read(a, &task, &r);
		ok(o.verdict.outcome == logins[i].outcome && o.verdict.cause == logins[i].cause,
		    "POS-19 login: %d %.40s is %s, %s", r.status, logins[i].body,
		    outcome_name(o.verdict.outcome), cause_name(o.verdict.cause));
		if (i == 0)
			ok(strcmp(o.session.access_token, "a.b-c") == 0 &&
				strcmp(o.session.refresh_token, "clvroar-1") == 0 &&
				o.session.expires_at == 1767609000 * US_PER_SECOND &&
				o.session.refresh_expires_at == 1799143200 * US_PER_SECOND,
			    "POS-19 a pair, and until when each is good");
	}
	arena_free(&a);
}

/* ---- hostile ones ---- */

/* Whatever comes, at whatever step: one of the four, and progress that can be kept. */
static void
test_noise(void)
{
	static const char *const steps[] = { "", AT("customer"), AT("lines"), AT("discount"),
		AT("check"), AT("modify"), AT("open"), AT("pay"), AT("print"), AT("drop") };
	static const char *const pieces[] = { "{", "}", "[", "]", "\"id\":", "\"DRAFT1\"", ",",
		"\"lineItems\":", "\"elements\":", "\"modifications\":", "\"modifier\":", "1295",
		"\"price\":", "\"item\":", "\"ITM0000000001\"", "\"state\":", "\"open\"", "null",
		"\"total\":", "-1", "9223372036854775807", "\xff", "\"message\":" };
	unsigned seed = 7;
	size_t bad = 0;

	for (int round = 0; round < 4000; round++) {
		struct arena *a = arena_new(4u << 20);
		struct pos_task task = task_of(
		    a, "addons", NULL, steps[(size_t)rand_r(&seed) % (sizeof steps / sizeof *steps)]);
		const char *body = "";
		struct pos_outcome o;
		for (int k = rand_r(&seed) % 12; k > 0; k--)
			body = arena_printf(a, "%s%s", body,
			    pieces[(size_t)rand_r(&seed) % (sizeof pieces / sizeof *pieces)]);
		o = read_at(a, &task, rand_r(&seed) % 4 == 0 ? 500 : 200, body);
		bad += o.progress.len > POS_PROGRESS_MAX || o.verdict.sentence == NULL ||
		       (o.has_next && o.verdict.outcome != OUTCOME_DONE);
		arena_free(&a);
	}
	is_int(bad, 0, "POS-04 noise at any step is understood as such");
}

int
main(void)
{
	test_rows(rows, sizeof(rows) / sizeof(rows[0]), "{}");
	test_rows(atomic_rows, sizeof(atomic_rows) / sizeof(atomic_rows[0]),
	    "{\"use_atomic\":true}");
	test_silence();
	test_follow();
	test_follow_silence();
	test_follow_calls();
	test_atomic_silence();
	test_words();
	test_renewing();
	test_authorize();
	test_login();
	test_confirm();
	test_noise();
	return tap_done();
}
