#define _GNU_SOURCE
#include "till.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hmac.h"
#include "op/op.h"
#include "provider/call.h"
#include "provider/connect.h"
#include "provider/deadline.h"
#include "provider/gather.h"
#include "provider/menu.h"
#include "provider/webhook.h"
#include "retention/purge.h"
#include "tap.h"
#include "tenant/pause.h"

static struct provider
provider_by_hand(void)
{
	return (struct provider){ .config = &shop_config, .keys = shop_keys };
}

/* --- attempts -------------------------------------------------------------------------------------------------- */

static struct provider_result
result_of(const struct till_reply *r, struct call_header *retry)
{
	struct provider_result result = { .has_reply = r->status > 0, .failure = r->failure };

	*retry = (struct call_header){ "Retry-After", r->retry_after };
	if (r->status > 0)
		result.reply = (struct http_reply){ .status = r->status, .headers = retry, .headers_n = r->retry_after != NULL,
			.body = { r->body, strlen(r->body) } };
	return result;
}

struct ending {
	const struct provider *provider;
	const struct message *message;
	const struct provider_result *result;
	enum outcome outcome;
};

static enum err
end_body(struct op *op, void *arg)
{
	struct ending *e = arg;

	return provider_end(op, e->provider, e->message, e->result, &e->outcome);
}

static void
seen(const struct http_call *c, struct attempt_seen *ret)
{
	size_t at = 0;

	(void)snprintf(ret->url, sizeof ret->url, "%s", c->url);
	(void)snprintf(ret->body, sizeof ret->body, "%.*s", (int)c->body.len, c->body.len > 0 ? (const char *)c->body.data : "");
	for (size_t i = 0; i < c->headers_n; i++)
		at += (size_t)snprintf(ret->headers + at, sizeof ret->headers - at, "%s: %s\n", c->headers[i].name, c->headers[i].value);
}

static void
due_now(enum message_kind kind, int64_t subject_id)
{
	world_sql("UPDATE outbox SET due_at = LEAST(due_at, UTC_TIMESTAMP(6) - INTERVAL 1 HOUR), lease_until = NULL WHERE kind = '%s'"
	    " AND subject_id = %lld ORDER BY id LIMIT 1", message_info(kind)->name, (long long)subject_id);
}

static void
end(struct op *op, const struct provider *p, const struct message *m, const struct till_reply *r, struct attempt_seen *ret)
{
	struct call_header retry;
	struct provider_result result = result_of(r, &retry);
	struct ending ending = { .provider = p, .message = m, .result = &result };

	ret->e = db_tx(op, end_body, &ending);
	ret->outcome = ending.outcome;
}

struct attempt_seen
till_attempt(const struct shop *s, enum message_kind kind, int64_t subject_id, struct till_reply reply)
{
	struct attempt_seen ret = { .outcome = OUTCOME__MAX };
	struct provider provider = provider_by_hand();
	struct provider_call call;
	const struct message *m;
	struct op op;

	due_now(kind, subject_id);
	shop_op(&op, PROGRAM_relay, s);
	op.actor = (struct actor){ .kind = ACTOR_SYSTEM, .name = "relay" };
	m = shop_claim(&op, RUNNER_RELAY, kind, subject_id);
	ret.is_claimed = m != NULL;
	if (m != NULL) {
		ret.message_id = m->id;
		ret.attempts = m->attempts;
		ret.lost_claims = m->lost_claims;
		ret.e = provider_begin(&op, &provider, m, &ret.is_sent, &call);
	}
	if (m != NULL && ret.e == OK && ret.is_sent) {
		ret.limits = call.limits;
		seen(&call.call, &ret);
		if (reply.meanwhile != NULL)
			world_sql("%s", reply.meanwhile);
		if (!reply.is_not_ended)
			end(&op, &provider, m, &reply, &ret);
	}
	if (ret.e != OK)
		diag("%s: %s %s %s", message_info(kind)->name, err_info(ret.e)->name, op.fault.sentence != NULL ? op.fault.sentence : "",
		    op.fault.internal != NULL ? op.fault.internal : "");
	op_end(&op);
	if (reply.is_not_ended)
		shop_cut(PROGRAM_relay);
	return ret;
}

void
till_others_aside(enum message_kind kind, int64_t subject_id)
{
	world_sql("UPDATE outbox SET due_at = due_at + INTERVAL 10 YEAR WHERE kind <> '%s' OR subject_id <> %lld", message_info(kind)->name,
	    (long long)subject_id);
}

void
till_others_back(void)
{
	world_sql("UPDATE outbox SET due_at = due_at - INTERVAL 10 YEAR WHERE due_at > UTC_TIMESTAMP(6) + INTERVAL 5 YEAR");
}

struct attempt_seen
till_attempt_alone(const struct shop *s, enum message_kind kind, int64_t subject_id, struct till_reply reply)
{
	struct attempt_seen a;

	till_others_aside(kind, subject_id);
	a = till_attempt(s, kind, subject_id, reply);
	till_others_back();
	return a;
}

#define TOGETHER_MAX 8
struct together {
	const struct provider *provider;
	const struct message *messages[TOGETHER_MAX];
	size_t n;
	const struct till_reply *replies;
	struct attempt_seen *ret;
	struct attempt_seen *next; /* NULL: nothing is to follow at once */
	/* what follows; follows_n of them, each of messages[of[i]] */
	struct provider_beginning follows[TOGETHER_MAX];
	struct provider_call follow_calls[TOGETHER_MAX];
	size_t follows_n, of[TOGETHER_MAX];
};

static enum err
together_follow(struct op *op, struct together *t, size_t i, struct op *next_op)
{
	struct message *m;
	enum err e = outbox_go_on(op, t->messages[i], (struct bytes){ 0 }, INT64_C(30) * 1000000, &m);
	size_t at = t->follows_n;

	if (e != OK)
		return e;
	t->of[at] = i;
	t->follows[at] = (struct provider_beginning){ .op = next_op, .message = m, .call = &t->follow_calls[at] };
	t->follows_n++;
	return OK;
}

static enum err
together_end_body(struct op *op, void *arg)
{
	struct together *t = arg;
	enum err e = gather_begin(op, t->messages, t->n, GATHER_ENDINGS);

	t->follows_n = 0;
	for (size_t i = 0; i < t->n && e == OK; i++) {
		struct provider_ending ending = { .has_next = false };
		struct call_header retry;
		struct provider_result result = result_of(&t->replies[i], &retry);

		op->restaurant_id = t->messages[i]->restaurant_id;
		if (t->next == NULL)
			e = provider_end(op, t->provider, t->messages[i], &result, &t->ret[i].outcome);
		else
			e = provider_end_step(op, t->provider, t->messages[i], &result, &ending);
		if (t->next != NULL)
			t->ret[i].outcome = ending.outcome;
		if (e == OK && ending.has_next)
			e = together_follow(op, t, i, op);
	}
	if (e == OK && t->follows_n > 0)
		e = provider_begin_within(op, t->provider, t->follows, t->follows_n);
	return e != OK ? e : db_notes_write(op);
}

static void
together_followed(struct together *t)
{
	provider_begun(t->follows, t->follows_n);
	for (size_t i = 0; i < t->follows_n; i++) {
		struct attempt_seen *next = &t->next[t->of[i]];

		*next = (struct attempt_seen){ .is_claimed = true, .e = t->follows[i].e, .is_sent = t->follows[i].send,
			.message_id = t->follows[i].message->id, .outcome = OUTCOME__MAX };
		if (next->is_sent)
			seen(&t->follow_calls[i].call, next);
	}
}

static void
together(const struct shop *s, enum message_kind kind, const int64_t *subject_ids, size_t n, const struct till_reply *replies,
    struct attempt_seen *ret, struct attempt_seen *next)
{
	struct provider provider = provider_by_hand();
	struct together t = { .provider = &provider, .n = n, .replies = replies, .ret = ret, .next = next };
	struct provider_beginning beginnings[TOGETHER_MAX];
	struct provider_call calls[TOGETHER_MAX];
	struct op op, ops[TOGETHER_MAX];
	enum err e;

	shop_op(&op, PROGRAM_relay, s);
	op.actor = (struct actor){ .kind = ACTOR_SYSTEM, .name = "relay" };
	for (size_t i = 0; i < n; i++) {
		due_now(kind, subject_ids[i]);
		shop_op(&ops[i], PROGRAM_relay, s);
		t.messages[i] = shop_claim(&op, RUNNER_RELAY, kind, subject_ids[i]);
		ret[i] = (struct attempt_seen){ .is_claimed = t.messages[i] != NULL, .outcome = OUTCOME__MAX };
		beginnings[i] = (struct provider_beginning){ .op = &ops[i], .message = t.messages[i], .call = &calls[i] };
	}
	e = provider_begin_some(&op, &provider, beginnings, n);
	for (size_t i = 0; i < n; i++) {
		ret[i].e = e != OK ? e : beginnings[i].e;
		ret[i].is_sent = beginnings[i].send;
		if (ret[i].e == OK && ret[i].is_sent)
			seen(&calls[i].call, &ret[i]);
	}
	if (e == OK)
		e = db_tx(&op, together_end_body, &t);
	if (e == OK && next != NULL)
		together_followed(&t);
	for (size_t i = 0; i < n; i++) {
		ret[i].e = ret[i].e != OK ? ret[i].e : e;
		op_end(&ops[i]);
	}
	op_end(&op);
}

void
till_together(const struct shop *s, enum message_kind kind, const int64_t *subject_ids, size_t n, const struct till_reply *replies,
    struct attempt_seen *ret)
{
	together(s, kind, subject_ids, n, replies, ret, NULL);
}

void
till_onward(const struct shop *s, enum message_kind kind, const int64_t *subject_ids, size_t n, const struct till_reply *replies,
    struct attempt_seen *ret, struct attempt_seen *next)
{
	for (size_t i = 0; i < n; i++)
		next[i] = (struct attempt_seen){ .is_claimed = false, .outcome = OUTCOME__MAX };
	together(s, kind, subject_ids, n, replies, ret, next);
	shop_cut(PROGRAM_relay);
}

struct till_reply
till_yes(int64_t order_id, const char *pos_order_id)
{
	return TILL_REPLY(200, shop_text("SELECT CONCAT('{\"success\":\"1\",\"message\":\"Your order is saved.\",\"clientOrderID\":\"',"
	    " COALESCE(pos_reference, order_number), '\",\"orderID\":\"%s\"}') FROM orders WHERE id = %lld", pos_order_id != NULL ? pos_order_id : "",
	    (long long)order_id));
}

struct till_reply
till_no(void)
{
	return TILL_REPLY(200, "{\"success\":\"0\",\"message\":\"Invalid request\",\"errorCode\":\"GN_103\"}");
}

static enum err
job_body(struct op *op, void *arg)
{
	const struct message *m = arg;

	switch (m->kind) {
	case MESSAGE_inbox_apply: return webhook_apply(op, m);
	case MESSAGE_menu_publish: return menu_publish(op, m);
	case MESSAGE_menu_poll: return menu_poll(op, m);
	case MESSAGE_store_resume:
	case MESSAGE_store_calm: return pause_apply(op, m);
	case MESSAGE_purge: return purge_run(op, m);
	default: return deadline_apply(op, m);
	}
}

bool
till_job(const struct shop *s, enum message_kind kind, int64_t subject_id)
{
	struct message *m;
	struct op op;
	enum err e = OK;

	due_now(kind, subject_id);
	shop_op(&op, PROGRAM_jobs, s);
	op.actor = (struct actor){ .kind = ACTOR_SYSTEM, .name = "jobs" };
	m = shop_claim(&op, RUNNER_JOBS, kind, subject_id);
	if (m != NULL)
		e = db_tx(&op, job_body, m);
	if (e != OK)
		diag("%s: %s %s %s", message_info(kind)->name, err_info(e)->name, op.fault.sentence != NULL ? op.fault.sentence : "",
		    op.fault.internal != NULL ? op.fault.internal : "");
	op_end(&op);
	return m != NULL && e == OK;
}

/* --- deliveries ------------------------------------------------------------------------------------------------ */

const char *
till_header_find(const void *header, const char *name)
{
	const struct till_header *h = header;

	return h->name != NULL && strcmp(h->name, name) == 0 ? h->value : NULL;
}

static struct till_answer
take(const struct shop *s, struct webhook_call call)
{
	struct till_answer ret = { .status = 0 };
	struct webhook_answer answer;
	struct op op;

	shop_op(&op, PROGRAM_webhooks, NULL);
	(void)s;
	call.provider = "petpooja";
	call.header = till_header_find;
	call.headers = "x: y\n";
	call.source_address = "192.0.2.7";
	ret.e = webhook_take(&op, &shop_keys, &call, &answer);
	if (ret.e == OK) {
		ret.status = answer.http_status;
		(void)snprintf(ret.body, sizeof ret.body, "%s", answer.body);
	} else {
		diag("delivery: %s %s %s", err_info(ret.e)->name, op.fault.sentence != NULL ? op.fault.sentence : "",
		    op.fault.internal != NULL ? op.fault.internal : "");
	}
	op_end(&op);
	ret.delivery_id = world_int("SELECT COALESCE(MAX(id), 0) FROM webhook_logs");
	return ret;
}

const char *
till_token(const struct shop *s, const char *reference)
{
	static char token[64];
	struct integration integration;
	struct bytes *keys = NULL;
	struct op op;
	size_t n = 0;

	shop_op(&op, PROGRAM_webhooks, s);
	if (integration_with(&op, s->restaurant.id, "petpooja", &integration) == OK &&
	    webhook_secrets_open(&op, &shop_keys, &integration, WEBHOOK_CALLBACK, &keys, &n) == OK && n > 0)
		(void)snprintf(token, sizeof token, "%s", callback_token(op.arena, keys[0], s->restaurant.id, reference));
	op_end(&op);
	return token;
}

struct till_answer
till_callback_raw(const struct shop *s, const char *slug, const char *token, const char *body)
{
	struct till_header none = { NULL, NULL };

	return take(s, (struct webhook_call){ .type = "callback", .slug = slug, .token = token, .request = &none,
	    .body = { body, strlen(body) } });
}

struct till_answer
till_callback(const struct shop *s, int64_t order_id, const char *status, const char *more)
{
	const char *reference = shop_column(order_id, "COALESCE(pos_reference, order_number)");
	char body[500];

	(void)snprintf(body, sizeof body, "{\"restID\":\"rest-%s\",\"orderID\":\"%s\",\"status\":\"%s\"%s}", s->restaurant.slug,
	    reference, status, more != NULL ? more : "");
	return till_callback_raw(s, s->restaurant.slug, till_token(s, reference), body);
}

struct till_answer
till_webhook(const struct shop *s, const char *type, const char *header, const char *value, const char *body)
{
	struct till_header h = { header, value };
	unsigned char mac[HMAC_SIZE];
	char signature[80] = "sha256=";

	if (header != NULL && value == NULL && strcmp(header, "authorization") == 0)
		h.value = "agreed value";
	if (header != NULL && value == NULL && strcmp(header, "x-petpooja-signature") == 0) {
		hmac_sha256("signing secret", 14, body, strlen(body), mac);
		for (size_t i = 0; i < HMAC_SIZE; i++)
			(void)snprintf(signature + 7 + 2 * i, 3, "%02x", mac[i]);
		h.value = signature;
	}
	return take(s, (struct webhook_call){ .type = type, .request = &h, .body = { body, strlen(body) } });
}
