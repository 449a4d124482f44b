/* What a run is told as: lines for people, or JSON. Of a check that failed, what was said. */
#include <stdio.h>
#include <string.h>

#include "certify/inside.h"
#include "inbox/redact.h"
#include "mem/buf.h"
#include "op/op.h"
#include "text/iso8601.h"
#include "text/json_write.h"
#include "text/utf8.h"
#include "text/version.h"

#define SHOWN_MAX 4000 /* code points */
#define SECRET_MIN 4 /* shorter ones are parts of anything */
#define JSON_MAX ((size_t)4 * 1024 * 1024)

static const char *const state_words[] = {
	[CERTIFY_PASSED] = "passed",
	[CERTIFY_FAILED] = "failed",
	[CERTIFY_NOT_HERE] = "not possible here",
};
_Static_assert(sizeof state_words / sizeof state_words[0] == CERTIFY_STATE__MAX,
    "a word for each state");

static const char *
endpoint_of(const struct certify *c)
{
	const char *base = pos_config_text(c->config, "base_url");

	return c->endpoint != NULL ? c->endpoint : base != NULL ? base : "the adapter's own";
}

static size_t
count(const struct certify_line *lines, size_t n, enum certify_state state)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += lines[i].result.state == state ? 1 : 0;
	return found;
}

/* "502", or how the call ended without one. */
static const char *
answer_line(struct certify *c, const struct certify_exchange *x)
{
	return x->has_reply ? arena_printf(c->op->arena, "%d", x->reply.status)
			    : call_failure_sentence(x->failure);
}

/* The text with each value of a secret replaced by its name. */
static const char *
secrets_named(struct certify *c, const char *s)
{
	for (size_t i = 0; i < c->secrets_n; i++) {
		const char *value = c->secrets[i].value, *at;
		size_t len = strlen(value);
		struct buf b;

		if (len < SECRET_MIN || strstr(s, value) == NULL)
			continue;
		buf_init(&b, c->op->arena, JSON_MAX);
		for (; (at = strstr(s, value)) != NULL; s = at + len) {
			buf_add(&b, s, (size_t)(at - s));
			buf_adds(&b, call_secret(c->op->arena, c->secrets[i].name));
		}
		buf_adds(&b, s);
		s = b.data;
	}
	return s;
}

/* A body as it can be shown; NULL: there is none. */
static const char *
shown(struct certify *c, struct bytes body)
{
	const char *s = body.len == 0 ? NULL : redact_json(c->op, body);

	if (body.len > 0 && s == NULL)
		s = arena_strndup(c->op->arena, body.data, body.len);
	return s == NULL ? NULL : utf8_sanitise(c->op->arena, secrets_named(c, s), SHOWN_MAX);
}

/* What we send has its secrets by name, and its guests are made up. */
static const char *
sent_body(struct certify *c, const struct http_call *call)
{
	const char *s = call->body.len == 0
			    ? NULL
			    : arena_strndup(c->op->arena, call->body.data, call->body.len);

	return s == NULL ? NULL : utf8_sanitise(c->op->arena, s, SHOWN_MAX);
}

/* ---- for people ---- */

/* The sentence with nothing in it that moves a terminal's cursor. */
static void
put(const char *s)
{
	for (; *s != '\0'; s++)
		putchar((unsigned char)*s < ' ' || *s == 0x7f ? ' ' : *s);
}

static void
exchange_print(struct certify *c, const struct certify_exchange *x)
{
	const char *sent, *answered;

	sent = sent_body(c, x->call);
	answered = x->has_reply ? shown(c, x->reply.body) : NULL;
	printf("    > %s ", x->call->method);
	put(x->call->url);
	if (sent != NULL) {
		printf("\n    > ");
		put(sent);
	}
	printf("\n    < ");
	put(answer_line(c, x));
	if (answered != NULL) {
		printf("\n    < ");
		put(answered);
	}
	putchar('\n');
}

void
certify_report(struct certify *c, const struct certify_line *lines, size_t n, int64_t took_us)
{
	char at[ISO8601_LEN];

	for (size_t i = 0; i < n; i++) {
		const struct certify_line *l = &lines[i];

		printf("%-17s  %-18s ", state_words[l->result.state], l->check->name);
		put(l->result.sentence);
		putchar('\n');
		for (size_t k = 0; k < l->said_n; k++)
			exchange_print(c, &l->said[k]);
	}
	iso8601_format(certify_now(), at);
	printf("\n%zu passed, %zu failed, %zu not possible here\n"
	       "ticketrail %s, adapter %s, at %s, %s, in %lld.%lld s\n",
	    count(lines, n, CERTIFY_PASSED), count(lines, n, CERTIFY_FAILED),
	    count(lines, n, CERTIFY_NOT_HERE), VERSION, c->adapter->name, endpoint_of(c), at,
	    (long long)(took_us / SECOND_US), (long long)(took_us % SECOND_US / 100000));
}

void
certify_list(void)
{
	for (size_t i = 0; i < certify_checks_n; i++)
		printf("%-18s %s\n", certify_checks[i].name, certify_checks[i].sentence);
}

/* ---- for programs ---- */

static void
exchange_write(struct certify *c, struct json_write *w, const struct certify_exchange *x)
{
	json_write_object(w, NULL);
	json_write_string(w, "method", x->call->method);
	json_write_string(w, "url", x->call->url);
	json_write_string(w, "sent", sent_body(c, x->call));
	if (x->has_reply)
		json_write_int64(w, "status", x->reply.status);
	else
		json_write_string(w, "failure", call_failure_name(x->failure));
	json_write_string(w, "answered", x->has_reply ? shown(c, x->reply.body) : NULL);
	json_write_object_end(w);
}

static void
line_write(struct certify *c, struct json_write *w, const struct certify_line *l)
{
	json_write_object(w, NULL);
	json_write_string(w, "name", l->check->name);
	json_write_string(w, "about", l->check->sentence);
	json_write_string(w, "result", state_words[l->result.state]);
	json_write_string(w, "sentence", l->result.sentence);
	if (l->result.state == CERTIFY_FAILED) {
		json_write_array(w, "exchanges");
		for (size_t i = 0; i < l->said_n; i++)
			exchange_write(c, w, &l->said[i]);
		json_write_array_end(w);
	}
	json_write_object_end(w);
}

void
certify_report_json(
    struct certify *c, const struct certify_line *lines, size_t n, int64_t took_us)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, c->op->arena, JSON_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "adapter", c->adapter->name);
	json_write_string(&w, "version", VERSION);
	json_write_string(&w, "endpoint", endpoint_of(c));
	json_write_time(&w, "at", certify_now());
	json_write_int64(&w, "took_ms", took_us / 1000);
	json_write_int64(&w, "passed", (int64_t)count(lines, n, CERTIFY_PASSED));
	json_write_int64(&w, "failed", (int64_t)count(lines, n, CERTIFY_FAILED));
	json_write_int64(&w, "not_possible", (int64_t)count(lines, n, CERTIFY_NOT_HERE));
	json_write_array(&w, "checks");
	for (size_t i = 0; i < n; i++)
		line_write(c, &w, &lines[i]);
	json_write_array_end(&w);
	json_write_object_end(&w);
	json_write_done(&w);
	printf("%s\n", b.data);
}
