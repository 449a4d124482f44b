/* MSG91: the two calls, with the key and the code by name only, and what replies mean. */
#include <stdlib.h>
#include <string.h>

#include "notify/notify.h"
#include "order_file.h"
#include "tap.h"

static const struct notify_config config = {
	.base_url = "https://control.msg91.example/",
	.otp_template_id = "64b7f0 otp",
	.flow_template_id = "64b7f0aad6fc05",
	.sender = "HUBORD",
};

static bool
lookup(void *arg, const char *name, const char **ret_value)
{
	(void)arg;
	*ret_value = strcmp(name, NOTIFY_OTP_SECRET) == 0 ? "123456" : "the key";
	return true;
}

static void
test_otp(struct arena *a)
{
	struct http_call call = { 0 }, filled = { 0 };
	const char *why = NULL;

	ok(notify_msg91.otp_call(a, &config, "+919000000001", "123456", 300, &call, &why),
	    "AUTH-21 a code is sent");
	is_str(call.url,
	    "https://control.msg91.example/api/v5/otp?template_id=64b7f0%20otp&mobile=919000000001"
	    "&otp_length=6&otp_expiry=5&otp={{secret:otp}}",
	    "AUTH-21 the code itself is not in the call");
	ok(strcmp(call.method, "POST") == 0 && strcmp(call.headers[0].name, "authkey") == 0 &&
		strcmp(call.headers[0].value, "{{secret:msg91_authkey}}") == 0,
	    "SEC-07 the key goes in a header, by name");
	ok(call_fill(a, &call, lookup, NULL, &filled, &why) &&
		strstr(filled.url, "&otp=123456") != NULL &&
		strcmp(filled.headers[0].value, "the key") == 0,
	    "AUTH-21 both are filled in at sending");
	ok(notify_msg91.otp_call(a, &config, "+919000000001", "123456", 301, &call, &why) &&
		strstr(call.url, "otp_expiry=6&") != NULL,
	    "AUTH-02 its expiry is never shorter than ours");
}

static const struct {
	const char *phone, *code;
	int64_t ttl_s;
} bad_otps[] = {
	{ "9000000001", "123456", 300 },
	{ "+91", "123456", 300 },
	{ "+9190000x0001", "123456", 300 },
	{ "+0919000000001", "123456", 300 },
	{ NULL, "123456", 300 },
	{ "", "123456", 300 },
	{ "+9190000000010000000", "123456", 300 },
	{ "+919000000001", "123", 300 },
	{ "+919000000001", "1234567890", 300 },
	{ "+919000000001", "12345a", 300 },
	{ "+919000000001", NULL, 300 },
	{ "+919000000001", "123456", 0 },
	{ "+919000000001", "123456", 86401 },
	{ "+919000000001&x=1", "123456", 300 },
};

static void
test_bad_otps(struct arena *a)
{
	struct notify_config bare = config;
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(bad_otps) / sizeof(bad_otps[0]); i++) {
		struct http_call call = { 0 };
		why = NULL;
		ok(!notify_msg91.otp_call(a, &config, bad_otps[i].phone, bad_otps[i].code,
		       bad_otps[i].ttl_s, &call, &why) &&
			why != NULL && call.url == NULL,
		    "SEC-04 no call is made: %s", why == NULL ? "" : why);
	}
	bare.otp_template_id = "";
	ok(!notify_msg91.otp_call(
	       a, &bare, "+919000000001", "123456", 300, &(struct http_call){ 0 }, &why),
	    "without a template none either");
}

static void
test_text(struct arena *a)
{
	static const struct notify_var vars[] = {
		{ "ORDER", "A-1" },
		{ "Name", " Asha\n\"A\" राव {{secret:msg91_authkey}}" },
		{ "note", NULL },
	};
	static const struct notify_var taken[] = { { "mobiles", "910000000000" } },
				       odd[] = { { "a b", "x" } };
	struct http_call call = { 0 };
	const char *why = NULL;

	ok(notify_msg91.text_call(a, &config, "+919000000001", NULL, vars, 3, &call, &why),
	    "NOT-01 a text is sent");
	is_str(call.url, "https://control.msg91.example/api/v5/flow", "NOT-01 by the flow call");
	is_str(call.body.data, json_file_compact(a, "t/golden/msg91/flow.json"),
	    "NOT-01 its variables as the template spells them");
	ok(call.secrets_n == 1 && strcmp(call.secrets[0], "msg91_authkey") == 0,
	    "SEC-07 it may ask for the key alone");
	call.url = NULL;
	ok(!notify_msg91.text_call(a, &config, "+919000000001", NULL, taken, 1, &call, &why) &&
		!notify_msg91.text_call(a, &config, "+919000000001", NULL, odd, 1, &call, &why) &&
		!notify_msg91.text_call(a, &config, "900", NULL, vars, 1, &call, &why) &&
		!notify_msg91.text_call(a, &config, "+919000000001", NULL, vars, 21, &call, &why) &&
		call.url == NULL,
	    "SEC-04 a variable can not be a recipient, a recipient not anything");
	ok(notify_msg91.text_call(a, &config, "+919000000001", "other", vars, 1, &call, &why) &&
		strstr(call.body.data, "\"template_id\":\"other\"") != NULL,
	    "a template may be named");
}

static const struct {
	int status;
	const char *body;
	enum outcome outcome;
	enum cause cause;
	const char *request_id;
} replies[] = {
	{ 200, "{\"request_id\":\"3763646c3058373530393938\",\"type\":\"success\"}", OUTCOME_DONE,
	    CAUSE_NONE, "3763646c3058373530393938" },
	{ 200, "{\"type\":\"success\",\"message\":\"60aa00000000000000000001\"}", OUTCOME_DONE,
	    CAUSE_NONE, "60aa00000000000000000001" },
	{ 200, "{\"type\":\"success\"}", OUTCOME_DONE, CAUSE_NONE, NULL },
	{ 200, "{\"type\":\"error\",\"message\":\"Mobile no. not found\"}", OUTCOME_REFUSED,
	    CAUSE_PAYLOAD, NULL },
	{ 200, "{\"type\":\"error\",\"message\":\"Invalid authkey\"}", OUTCOME_REFUSED, CAUSE_AUTH,
	    NULL },
	{ 200, "{\"type\":\"error\",\"message\":\"x\",\"code\":\"301\"}", OUTCOME_REFUSED,
	    CAUSE_CONFIG, NULL },
	{ 200, "{\"type\":\"error\",\"message\":\"x\",\"code\":311}", OUTCOME_LATER, CAUSE_BUSY,
	    NULL },
	{ 400, "{\"type\":\"error\",\"message\":\"template id missing\"}", OUTCOME_REFUSED,
	    CAUSE_PAYLOAD, NULL },
	{ 400, "", OUTCOME_REFUSED, CAUSE_PAYLOAD, NULL },
	{ 401, "{\"type\":\"error\",\"message\":\"Unauthorized\",\"code\":\"201\"}",
	    OUTCOME_REFUSED, CAUSE_AUTH, NULL },
	{ 418, "{\"type\":\"error\",\"message\":\"IP is not whitelisted\"}", OUTCOME_REFUSED,
	    CAUSE_CONFIG, NULL },
	{ 404, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ 429, "", OUTCOME_LATER, CAUSE_BUSY, NULL },
	{ 500, "{\"type\":\"error\"}", OUTCOME_UNSURE, CAUSE_PROVIDER, NULL },
	{ 503, "", OUTCOME_UNSURE, CAUSE_PROVIDER, NULL },
	{ 200, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "OK", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "<html>", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"type\":\"succ", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"type\":1}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"type\":\"error\",\"type\":\"success\"}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "{\"type\":NaN}", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 200, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
	{ 302, "", OUTCOME_REFUSED, CAUSE_CONFIG, NULL },
	{ 100, "", OUTCOME_UNSURE, CAUSE_GARBLED, NULL },
};

static void
test_replies(struct arena *a)
{
	char *huge = malloc(1u << 20);
	struct http_reply r = { .status = 200, .body = { huge, 1u << 20 } };

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct http_reply one = { .status = replies[i].status,
			.body = { replies[i].body, strlen(replies[i].body) } };
		struct notify_outcome o = notify_msg91.read_reply(a, &one);
		ok(o.verdict.outcome == replies[i].outcome && o.verdict.cause == replies[i].cause &&
			o.verdict.sentence != NULL,
		    "NOT-04 %d %.60s is %s (%s)", one.status, replies[i].body,
		    outcome_name(replies[i].outcome), cause_name(replies[i].cause));
		is_str(o.request_id, replies[i].request_id, "with this request id");
	}
	memset(huge, '{', 1u << 20);
	ok(notify_msg91.read_reply(a, &r).verdict.outcome == OUTCOME_UNSURE,
	    "a mebibyte of braces proves nothing");
	free(huge);
}

static void
test_failures(void)
{
	for (int f = 0; f < CALL_FAILURE__MAX; f++) {
		enum outcome got = notify_msg91.read_failure((enum call_failure)f).outcome;
		enum outcome want = f == CALL_NOT_FILLED ? OUTCOME_REFUSED
				    : call_failure_is_after_send((enum call_failure)f)
					? OUTCOME_UNSURE
					: OUTCOME_LATER;
		is_str(outcome_name(got), outcome_name(want), "NOT-04 %s",
		    call_failure_name((enum call_failure)f));
	}
	ok(notify_msg91.otp_repeat_after_s == 0 && notify_msg91.text_repeat_after_s == 60,
	    "NOT-05 an unsure code is never repeated by itself, a text once after a minute");
	ok(notify_adapter_find("msg91") == &notify_msg91 && notify_adapter_find("pigeon") == NULL &&
		notify_adapter_find(NULL) == NULL,
	    "the provider is found by name");
}

int
main(void)
{
	struct arena *a = arena_new(64u << 20);

	test_otp(a);
	test_bad_otps(a);
	test_text(a);
	test_replies(a);
	test_failures();
	arena_free(&a);
	return tap_done();
}
