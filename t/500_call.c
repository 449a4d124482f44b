/*
 * A call as a value: secrets filled in where they stand, kept as bytes and back, and what its ends
 * mean.
 */
#include <string.h>

#include "outbox/call.h"
#include "outbox/outcome.h"
#include "tap.h"

static bool
lookup(void *arg, const char *name, const char **ret_value)
{
	static const char *const values[][2] = {
		{ "key", "se\"cr\\et\t\xc3\xa9" },
		{ "plain", "abc-123" },
		{ "odd", "a b&c=d/\xe0\xa4\xb9" },
		{ "split", "one\r\nX-Evil: two" },
		{ "empty", "" },
		{ "bytes", "\xff\xfe" },
		{ "nested", "{{secret:plain}}" },
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(values[i][0], name) == 0) {
			*ret_value = values[i][1];
			return true;
		}
	return false;
}

static const char *const all[] = { "key", "plain", "odd", "split", "empty", "bytes", "nested",
	"none" };

static struct http_call
call_of(enum call_body kind, const char *url, const struct call_header *header, const char *body)
{
	return (struct http_call){
		.method = "POST",
		.url = url,
		.headers = header,
		.headers_n = header == NULL ? 0 : 1,
		.body_kind = kind,
		.body = { body, strlen(body) },
		.secrets = all,
		.secrets_n = sizeof(all) / sizeof(all[0]),
	};
}

static void
is_filled(struct arena *a, enum call_body kind, const char *in, const char *want, const char *name)
{
	struct http_call call = call_of(kind, "https://x.example/", NULL, in), filled = { 0 };
	const char *missing = NULL;

	ok(call_fill(a, &call, lookup, NULL, &filled, &missing), "SEC-07 %s: it is filled in",
	    name);
	is_str(filled.body.data, want, "SEC-07 %s", name);
	ok(filled.body.len == strlen(want), "its length is right");
}

static void
is_refused(struct arena *a, enum call_body kind, const char *in, const char *want, const char *name)
{
	struct http_call call = call_of(kind, "https://x.example/", NULL, in), filled = { 0 };
	const char *missing = NULL;

	ok(!call_fill(a, &call, lookup, NULL, &filled, &missing) && filled.url == NULL,
	    "SEC-07 %s: nothing is sent", name);
	is_str(missing, want, "it says which");
}

static void
test_fill(struct arena *a)
{
	is_filled(a, CALL_BODY_JSON, "{\"a\":\"{{secret:key}}\"}",
	    "{\"a\":\"se\\\"cr\\\\et\\u0009\xc3\xa9\"}", "a value is escaped in JSON");
	is_filled(a, CALL_BODY_JSON, "{{secret:plain}}{{secret:plain}} {{secret:plain}}",
	    "abc-123abc-123 abc-123", "a name may come often");
	is_filled(a, CALL_BODY_FORM, "k={{secret:odd}}&z=1", "k=a%20b%26c%3Dd%2F%E0%A4%B9&z=1",
	    "a value is percent-encoded in a form");
	is_filled(a, CALL_BODY_JSON, "", "", "an empty body stays empty");
	is_filled(a, CALL_BODY_JSON, "{{ secret:plain}} {{x}} }}", "{{ secret:plain}} {{x}} }}",
	    "other braces are left alone");
	is_filled(a, CALL_BODY_JSON, "{{secret:nested}}", "{{secret:plain}}",
	    "a value is not looked into");
	is_refused(a, CALL_BODY_JSON, "{{secret:none}}", "none", "a name without a value");
	is_refused(a, CALL_BODY_JSON, "{{secret:empty}}", "empty", "an empty value");
	is_refused(a, CALL_BODY_JSON, "{{secret:bytes}}", "bytes", "a value that is not text");
	is_refused(
	    a, CALL_BODY_JSON, "{{secret:foreign}}", "foreign", "a name that is not the call's");
	is_refused(a, CALL_BODY_JSON, "{{secret:plain", "", "a name without an end");
	is_refused(a, CALL_BODY_JSON, "{{secret:}}", "", "no name");
}

static void
test_places(struct arena *a)
{
	struct call_header good = { "authkey", "Key {{secret:plain}}" };
	struct call_header bad = { "authkey", "{{secret:split}}" };
	struct http_call call =
	    call_of(CALL_BODY_NONE, "https://x.example/?o={{secret:odd}}", &good, "");
	struct http_call filled = { 0 };
	const char *missing = NULL;

	ok(call_fill(a, &call, lookup, NULL, &filled, &missing), "URL and header are filled in");
	is_str(filled.url, "https://x.example/?o=a%20b%26c%3Dd%2F%E0%A4%B9", "the URL is encoded");
	is_str(filled.headers[0].value, "Key abc-123", "a header takes the value as it is");
	is_str(call.headers[0].value, "Key {{secret:plain}}",
	    "the call itself still holds names only");
	call.headers = &bad;
	filled = (struct http_call){ 0 };
	ok(!call_fill(a, &call, lookup, NULL, &filled, &missing) && filled.url == NULL,
	    "a value can not end a header and begin another");
	is_str(missing, "split", "it says which");
}

static void
test_text(struct arena *a)
{
	is_str(call_text(a, "{{secret:key}}"), "{ {secret:key}}",
	    "SEC-07 people can not name a secret");
	is_str(call_text(a, "{{{{"), "{ { { {", "however many braces they write");
	is_str(call_text(a, "{a} {"), "{a} {", "single braces stay");
	ok(call_text(a, NULL) == NULL, "nothing is nothing");
}

static void
test_store(struct arena *a)
{
	struct call_header header = { "X-Name", "\"{{secret:plain}}\"" };
	struct http_call call = call_of(CALL_BODY_JSON, "https://x.example/a?b=1", &header,
	    "{\"n\":\"h\xc3\xa9\\u0007 {{secret:key}}\"}");
	struct http_call back = { 0 };
	struct bytes bytes = call_store(a, &call), again = call_store(a, &call);

	ok(bytes.len == again.len && memcmp(bytes.data, again.data, bytes.len) == 0,
	    "a call has one form");
	ok(call_load(a, bytes, &back), "it comes back");
	is_str(back.method, "POST", "its method");
	is_str(back.url, call.url, "its address");
	ok(back.headers_n == 1 && strcmp(back.headers[0].value, header.value) == 0, "its headers");
	ok(back.body.len == call.body.len &&
		memcmp(back.body.data, call.body.data, call.body.len) == 0,
	    "its body, byte for byte");
	ok(back.body_kind == CALL_BODY_JSON && back.secrets_n == call.secrets_n &&
		strcmp(back.secrets[1], "plain") == 0,
	    "and its secrets' names");
	call.body = (struct bytes){ "\0\xff{{secret:x}}", 14 };
	ok(call_load(a, call_store(a, &call), &back) && back.body.len == 14 &&
		memcmp(back.body.data, call.body.data, 14) == 0,
	    "a body need not be text");
	call.body = (struct bytes){ NULL, 0 };
	ok(call_load(a, call_store(a, &call), &back) && back.body.len == 0, "nor be there");
	back.url = NULL;
	ok(!call_load(a, (struct bytes){ bytes.data, bytes.len - 1 }, &back) &&
		!call_load(a, (struct bytes){ "{}", 2 }, &back) &&
		!call_load(a, (struct bytes){ "", 0 }, &back) &&
		!call_load(a, (struct bytes){ "null", 4 }, &back) && back.url == NULL,
	    "what is no call does not come back as one");
}

/* The copy stands when what it was made of is gone. */
static void
test_copy(struct arena *a)
{
	struct arena *other = arena_new(1 << 20);
	struct call_header header = { arena_strdup(other, "X-Name"), arena_strdup(other, "{{secret:plain}}") };
	struct http_call call = call_of(CALL_BODY_JSON, arena_strdup(other, "https://x.example/a"), &header,
	    arena_strdup(other, "{\"n\":1}"));
	struct http_call none = { .method = "GET", .url = "https://x.example/" };
	struct bytes bytes = call_store(a, &call);
	struct http_call copy = call_copy(a, &call);

	arena_wipes(other);
	arena_free(&other);
	memset(&header, 0, sizeof header);
	is_int((int64_t)call_store(a, &copy).len, (int64_t)bytes.len, "a copy is as long");
	ok(memcmp(call_store(a, &copy).data, bytes.data, bytes.len) == 0, "and needs nothing of what it was made of");
	copy = call_copy(a, &none);
	ok(copy.body.data == NULL && copy.headers_n == 0 && copy.secrets_n == 0, "what is not there is not there in a copy");
}

static void
test_reply(void)
{
	static const struct call_header headers[] = { { "Content-Type", "text/html" },
		{ "Retry-After", "17" } };
	static const struct {
		const char *value;
		int seconds;
	} waits[] = {
		{ "0", 0 },
		{ "120", 120 },
		{ "99999999999999999999", 3600 },
		{ "", 0 },
		{ "-1", 0 },
		{ "Wed, 21 Oct 2026 07:28:00 GMT", 0 },
		{ "1.5", 0 },
	};
	static const struct {
		const char *value;
		int seconds;
	} dates[] = {
		{ "Wed, 21 Oct 2026 07:28:00 GMT", 90 },
		{ "Thu, 22 Oct 2026 00:00:00 GMT", 3600 },
		{ "Wed, 21 Oct 2026 07:26:30 GMT", 0 },
		{ "Tue, 20 Oct 2026 07:28:00 GMT", 0 },
		{ "Wed, 21 Oct 2026 07:28:00 CET", 0 },
		{ "30", 30 },
	};
	struct http_reply r = { .status = 429, .headers = headers, .headers_n = 2 };

	is_str(http_reply_header(&r, "content-TYPE"), "text/html", "header names have no case");
	ok(http_reply_header(&r, "x") == NULL, "an absent header is absent");
	is_int(http_reply_retry_after(&r), 17, "Retry-After in seconds");
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		struct call_header h = { "retry-after", waits[i].value };
		r = (struct http_reply){ .status = 503, .headers = &h, .headers_n = 1 };
		is_int(http_reply_retry_after(&r), waits[i].seconds, "Retry-After: %s",
		    waits[i].value);
	}
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct call_header h[] = { { "Retry-After", dates[i].value },
			{ "date", "Wed, 21 Oct 2026 07:26:30 GMT" } };
		r = (struct http_reply){ .status = 503, .headers = h, .headers_n = 2 };
		is_int(http_reply_retry_after(&r), dates[i].seconds,
		    "POS-23 E46 Retry-After: %s, by their clock", dates[i].value);
	}
}

static void
test_names(void)
{
	int before = 0;

	is_str(outcome_name(OUTCOME_UNSURE), "UNSURE", "an outcome's name is the database's word");
	is_str(cause_name(CAUSE_AUTH), "auth", "a cause has a name");
	ok(cause_needs_repair(CAUSE_CONFIG) && cause_needs_repair(CAUSE_AUTH) &&
		!cause_needs_repair(CAUSE_PAYLOAD) && !cause_needs_repair(CAUSE_NETWORK),
	    "only configuration and credentials need repair");
	for (int f = 0; f < CALL_FAILURE__MAX; f++) {
		ok(*call_failure_name((enum call_failure)f) != '\0' &&
			*call_failure_sentence((enum call_failure)f) != '\0',
		    "failure %d has words", f);
		before += !call_failure_is_after_send((enum call_failure)f);
	}
	is_int(before, 5, "five ways to fail before a byte leaves");
	for (int o = 0; o < OUTCOME__MAX; o++)
		ok(*outcome_sentence((enum outcome)o) != '\0', "outcome %d has words", o);
}

int
main(void)
{
	struct arena *a = arena_new(64u << 20);

	test_fill(a);
	test_places(a);
	test_text(a);
	test_store(a);
	test_copy(a);
	test_reply();
	test_names();
	arena_free(&a);
	return tap_done();
}
