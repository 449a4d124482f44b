/*
 * PetPooja: what its replies, and the lack of one, mean. Bodies are those of the vendor's guides
 * and of integrators; the hostile ones are ours. The rule behind the table: only a plain yes is
 * DONE, only a plain no is REFUSED.
 */
#include <stdlib.h>
#include <string.h>

#include "op/op.h"
#include "pos/pos.h"
#include "tap.h"

#define SAVED                                                                                      \
	"\"message\":\"Your order is "                                                             \
	"saved.\",\"restID\":\"demo4bistro\",\"clientOrderID\":\"A-1\""

static const struct {
	int status;
	const char *body;
	enum outcome outcome;
	enum cause cause;
	const char *pos_order_id;
} replies[] = {
	{ 200, "{\"success\":\"1\"," SAVED ",\"orderID\":\"26\"}", OUTCOME_DONE, CAUSE_NONE, "26" },
	{ 200, "{\"success\":\"1\"," SAVED ",\"orderID\":\"\"}", OUTCOME_DONE, CAUSE_NONE, NULL },
	{ 200, "{\"success\":\"1\"," SAVED "}", OUTCOME_DONE, CAUSE_NONE, NULL },
	{ 200, "{\"success\":1," SAVED ",\"orderID\":26}", OUTCOME_DONE, CAUSE_NONE, "26" },
	{ 200, "{\"success\":true," SAVED ",\"orderID\":null}", OUTCOME_DONE, CAUSE_NONE, NULL },
	{ 200, "{\"success\":\"success\",\"message\":\"ok\"}", OUTCOME_DONE, CAUSE_NONE, NULL },
	{ 201, " {\"success\":\"1\",\"clientOrderID\":\"\"} ", OUTCOME_DONE, CAUSE_NONE, NULL },
	{ 200,
	    "{\"success\":\"0\",\"errorCode\":\"GN_105\",\"message\":\"Invalid client "
	    "credentials.\"}",
	    OUTCOME_REFUSED, CAUSE_AUTH, NULL },
	{ 200, "{\"success\":\"0\",\"errorCode\":\"GN_102\",\"message\":\"Invalid Token\"}",
	    OUTCOME_REFUSED, CAUSE_AUTH, NULL },
	{ 200, "{\"success\":\"0\",\"errorCode\":\"GN_103\",\"message\":\"Invalid request\"}",
	    OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ 200,
	    "{\"success\":0,\"code\":100,\"message\":\"Please provide all request parameters.\"}",
	    OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ 200,
	    "{\"success\":\"0\",\"errorCode\":\"MS_101\",\"message\":\"There were some error in "
	    "restaurant "
	    "mapping.\",\"validation_errors\":{\"restID\":[\"not found\"]}}",
	    OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ 200, "{\"success\":\"0\",\"message\":\"Invalid order relay payload \"}", OUTCOME_REFUSED,
	    CAUSE_PAYLOAD, NULL },
	{ 200, "{\"success\":false,\"message\":\"Something new\"}", OUTCOME_REFUSED, CAUSE_PROVIDER,
	    NULL },
	{ 200, "{\"success\":\"0\"}", OUTCOME_REFUSED, CAUSE_PROVIDER, NULL },
	{ 403, "{\"message\":\"Forbidden\"}", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ 403, "{\"message\":\"Missing Authentication Token\"}", OUTCOME_REFUSED, CAUSE_CONFIG,
	    NULL },
	{ 415, "{\"message\":\"Unsupported Media Type\"}", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ 401, "", OUTCOME_REFUSED, CAUSE_AUTH, NULL },
	{ 404, "<html>", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ 400, "{\"success\":\"1\"}", OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ 413, "", OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ 302, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ 429, "{\"message\":\"Too Many Requests\"}", OUTCOME_LATER, CAUSE_BUSY, NULL },
	{ 500, "{\"message\":\"Internal server error\"}", OUTCOME_UNSURE, CAUSE_PROVIDER, NULL },
	{ 502, "{\"success\":\"0\",\"errorCode\":\"GN_105\"}", OUTCOME_UNSURE, CAUSE_PROVIDER,
	    NULL },
	{ 503, "", OUTCOME_UNSURE, CAUSE_PROVIDER, NULL },
	{ 504, "{\"message\":\"Endpoint request timed out\"}", OUTCOME_UNSURE, CAUSE_PROVIDER,
	    NULL },
	{ 408, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 303, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 0, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	/* hostile */
	{ 200, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "<html><body>Bad gateway</body></html>", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":\"1\"," SAVED, OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":\"0\",\"success\":\"1\"}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":NaN}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":\"2\"}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":null}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":[\"1\"]}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":{}}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"message\":\"Your order is saved.\"}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "[{\"success\":\"1\"}]", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "\"1\"", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "null", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":\"1\"}{\"success\":\"1\"}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":\"1\",\"x\":\"\xff\"}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"success\":\"1\",\"x\":99999999999999999999}", OUTCOME_UNSURE, CAUSE_GARBLED,
	    NULL },
	{ 200, "{\"success\":\"1\",\"clientOrderID\":\"A-2\"}", OUTCOME_UNSURE, CAUSE_GARBLED,
	    NULL },
};

static const struct pos_task task = { .reference = "A-1" };

static struct pos_outcome
reply_read(struct arena *a, enum pos_verb verb, const struct http_reply *r)
{
	return pos_petpooja.talks[verb].read(a, &task, r);
}

static struct http_reply
reply_of(int status, const char *body)
{
	return (struct http_reply){ .status = status, .body = { body, strlen(body) } };
}

static void
test_create(void)
{
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct arena *a = arena_new(4u << 20);
		struct http_reply r = reply_of(replies[i].status, replies[i].body);
		struct pos_outcome o = reply_read(a, POS_CREATE, &r);
		const char *want = outcome_name(replies[i].outcome);
		is_str(outcome_name(o.verdict.outcome), want, "POS-04 %d %.60s is %s", r.status,
		    replies[i].body, want);
		is_str(cause_name(o.verdict.cause), cause_name(replies[i].cause),
		    "POS-32 of cause %s", cause_name(replies[i].cause));
		is_str(o.pos_order_id, replies[i].pos_order_id, "POS-24 with this id of theirs");
		ok(o.verdict.sentence != NULL && *o.verdict.sentence != '\0' && !o.has_next &&
			o.estimated_ready_time == TIME_NONE,
		    "POS-04 with a sentence; a receipt is no acceptance");
		arena_free(&a);
	}
}

/* A body that is deep or long, in a block of exactly its size. */
static void
test_hostile_sizes(void)
{
	static const size_t sizes[] = { 33, 5000, 1u << 20, (1u << 20) + 1, 3u << 20 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int kind = 0; kind < 3; kind++) {
			struct arena *a = arena_new(64u << 20);
			char *body = malloc(sizes[i]);
			struct http_reply r = { .status = 200, .body = { body, sizes[i] } };
			struct pos_outcome o;
			memset(body, kind == 0 ? '[' : kind == 1 ? ' ' : '{', sizes[i]);
			o = reply_read(a, POS_CREATE, &r);
			is_str(outcome_name(o.verdict.outcome), "UNSURE",
			    "POS-04 %zu bytes of '%c' prove nothing", sizes[i], *body);
			free(body);
			arena_free(&a);
		}
}

/* Every beginning of a good answer that is not all of it proves nothing. */
static void
test_truncated(void)
{
	static const char whole[] = "{\"success\":\"1\"," SAVED ",\"orderID\":\"26\"}";
	size_t unsure = 0;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		struct arena *a = arena_new(1u << 20);
		char *body = malloc(n == 0 ? 1 : n);
		struct http_reply r = { .status = 200, .body = { body, n } };
		memcpy(body, whole, n);
		unsure += reply_read(a, POS_CREATE, &r).verdict.outcome == OUTCOME_UNSURE;
		free(body);
		arena_free(&a);
	}
	is_int(unsure, sizeof(whole) - 1, "POS-04 a truncated yes is no yes");
}

static void
test_words(void)
{
	struct arena *a = arena_new(1u << 20);
	struct http_reply r = reply_of(200,
	    "{\"success\":\"0\",\"errorCode\":\"GN_105\",\"message\":\"Invalid client "
	    "credentials.\\u0007 {{secret:app_key}}\"}");
	static const struct call_header wait = { "Retry-After", "30" };

	is_str(reply_read(a, POS_CREATE, &r).verdict.sentence,
	    "PetPooja does not accept our app_key or app_secret (GN_105: Invalid client "
	    "credentials. "
	    "{ {secret:app_key}})",
	    "POS-32 staff read our words and theirs, made harmless");
	r = reply_of(429, "");
	r.headers = &wait;
	r.headers_n = 1;
	is_int(reply_read(a, POS_CREATE, &r).verdict.retry_after_s, 30,
	    "POS-18 Retry-After is kept");
	r.status = 503;
	is_int(reply_read(a, POS_CREATE, &r).verdict.retry_after_s, 30,
	    "for an unsure one too");
	arena_free(&a);
}

static void
test_failures(void)
{
	static const struct {
		enum outcome outcome;
		enum cause cause;
	} want[] = {
		[CALL_NOT_RESOLVED] = { OUTCOME_LATER, CAUSE_NETWORK },
		[CALL_NOT_CONNECTED] = { OUTCOME_LATER, CAUSE_NETWORK },
		[CALL_NOT_TRUSTED] = { OUTCOME_LATER, CAUSE_NETWORK },
		[CALL_WINDOW_CLOSED] = { OUTCOME_LATER, CAUSE_NETWORK },
		[CALL_NOT_FILLED] = { OUTCOME_REFUSED, CAUSE_CONFIG },
		[CALL_CUT_SENDING] = { OUTCOME_UNSURE, CAUSE_NETWORK },
		[CALL_CUT_WAITING] = { OUTCOME_UNSURE, CAUSE_NETWORK },
		[CALL_TIMED_OUT] = { OUTCOME_UNSURE, CAUSE_NETWORK },
		[CALL_REPLY_TOO_LARGE] = { OUTCOME_UNSURE, CAUSE_GARBLED },
		[CALL_REPLY_BROKEN] = { OUTCOME_UNSURE, CAUSE_GARBLED },
		[CALL_SENDER_LOST] = { OUTCOME_UNSURE, CAUSE_NETWORK },
	};
	_Static_assert(sizeof(want) / sizeof(want[0]) == CALL_FAILURE__MAX, "all failures");

	for (int f = 0; f < CALL_FAILURE__MAX; f++) {
		struct verdict v =
		    pos_petpooja.read_failure(NULL, POS_CREATE, &task, (enum call_failure)f)
			.verdict;
		ok(v.outcome == want[f].outcome && v.cause == want[f].cause && v.sentence != NULL,
		    "POS-04 %s is %s", call_failure_name((enum call_failure)f),
		    outcome_name(want[f].outcome));
		ok(v.outcome != OUTCOME_UNSURE || call_failure_is_after_send((enum call_failure)f),
		    "POS-04 unsure only after a byte may have left");
	}
}

static void
test_cancel(void)
{
	static const struct {
		int status;
		const char *body;
		enum outcome outcome;
	} cancels[] = {
		{ 200,
		    "{\"success\":\"1\",\"message\":\"Order status updated "
		    "successfully.\",\"restID\":\"r\","
		    "\"clientOrderID\":\"A-1\",\"status\":\"-1\"}",
		    OUTCOME_DONE },
		{ 200,
		    "{\"success\":\"1\",\"message\":\"Order status updated "
		    "successfully.\",\"orderID\":\"\"}",
		    OUTCOME_DONE },
		{ 200,
		    "{\"success\":\"0\",\"errorCode\":\"GN_103\",\"message\":\"Order can not be "
		    "cancelled.\"}",
		    OUTCOME_REFUSED },
		{ 500, "", OUTCOME_UNSURE },
		{ 429, "", OUTCOME_LATER },
		{ 200, "{\"success\":\"1\",\"clientOrderID\":\"B-9\"}", OUTCOME_UNSURE },
	};

	for (size_t i = 0; i < sizeof(cancels) / sizeof(cancels[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct http_reply r = reply_of(cancels[i].status, cancels[i].body);
		is_str(outcome_name(reply_read(a, POS_CANCEL, &r).verdict.outcome),
		    outcome_name(cancels[i].outcome), "POS-01 cancelling: %d %.70s",
		    cancels[i].status, cancels[i].body);
		arena_free(&a);
	}
}

int
main(void)
{
	test_create();
	test_hostile_sizes();
	test_truncated();
	test_words();
	test_failures();
	test_cancel();
	return tap_done();
}
