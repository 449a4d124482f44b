#include "provider/webhook.h"

#include <string.h>

#include "config/config.h"
#include "crypto/hmac.h"
#include "db/db.h"
#include "inbox/inbox.h"
#include "log/log.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "op/op.h"
#include "order/words.h"
#include "provider/apply.h"
#include "provider/connect.h"
#include "provider/menu.h"

/*
 * Of so many parts that nothing proves the rest are left: whoever calls could make a thousand
 * transactions of one request.
 */
#define REFUSED_MAX 20

/* One delivery on its way in. */
struct taking {
	const struct secret_keypair *keys;
	const struct webhook_call *call;
	const struct pos_adapter *adapter;
	const struct pos_delivery *kind;
	struct bytes body; /* the call's, or one part of it */
	bool is_part;
	struct connection connection;
	bool has_connection;
	struct pos_event event;
	const char *problem; /* what is wrong with the body; NULL: nothing */
	bool is_verified;
	int http_status;     /* of the answer so far */
	const char *refusal; /* why it is refused; NULL: it is not */
	int64_t delivery_id;
	bool is_known; /* it came before */
	struct applied applied;
};

/* Who history says it was. */
static void
actor_set(struct op *op, const struct pos_adapter *adapter, const struct pos_delivery *kind)
{
	op->actor = (struct actor){ .kind = ACTOR_PROVIDER,
		.name = arena_printf(op->arena, "%s_%s", adapter->name,
		    kind->trust == POS_TRUST_TOKEN ? "callback" : "webhook") };
}

static enum err
connection_by_slug(struct op *op, struct taking *t)
{
	struct integration integration;
	struct restaurant restaurant;
	enum err e = restaurant_by_slug(op, t->call->slug, &restaurant);

	if (e == OK)
		e = integration_with(op, restaurant.id, t->adapter->name, &integration);
	return e != OK ? e : connection_make(op, &restaurant, &integration, &t->connection);
}

/*
 * The path names the restaurant. Of a call that names one itself it must be the same: what is
 * proved by this restaurant's secret says nothing of another.
 */
static bool
names_another(const struct taking *t)
{
	const struct integration *own = &t->connection.integration;

	if (t->event.rest_id != NULL)
		return own->pos_restaurant_id != NULL &&
		       strcmp(t->event.rest_id, own->pos_restaurant_id) != 0;
	return t->event.merchant_id != NULL && own->pos_merchant_id != NULL &&
	       strcmp(t->event.merchant_id, own->pos_merchant_id) != 0;
}

/*
 * The body names the restaurant by the provider's id; the secret that is then checked belongs to
 * exactly that id.
 */
static enum err
connection_by_body(struct op *op, struct taking *t)
{
	struct integration integration;
	struct restaurant restaurant;
	enum err e;

	if (t->event.rest_id == NULL)
		return ERR_NO_ROW;
	e = integration_by_pos_restaurant(op, t->adapter->name, t->event.rest_id, &integration);
	if (e == OK)
		e = restaurant_by_id(op, integration.restaurant_id, &restaurant);
	return e != OK ? e : connection_make(op, &restaurant, &integration, &t->connection);
}

static enum err
connection_find(struct op *op, struct taking *t)
{
	enum err e = t->call->slug != NULL ? connection_by_slug(op, t) : connection_by_body(op, t);

	t->has_connection = e == OK;
	return e == ERR_NO_ROW ? OK : e;
}

/* The token in the URL we handed out, under any of the callback keys that are still accepted. */
static enum err
token_check(struct op *op, struct taking *t)
{
	struct bytes *keys;
	size_t n;
	enum err e = webhook_secrets_open(
	    op, t->keys, &t->connection.integration, WEBHOOK_CALLBACK, &keys, &n);

	for (size_t i = 0; i < n && e == OK && t->call->token != NULL && t->event.reference != NULL;
	     i++)
		t->is_verified |= hmac_equal_text(
		    t->call->token, callback_token(op->arena, keys[i], t->connection.restaurant.id,
					t->event.reference));
	return e;
}

static enum err
policy_check(struct op *op, struct taking *t)
{
	enum pos_policy policy = t->kind->trust == POS_TRUST_AUTHORIZATION
				     ? POS_POLICY_AUTHORIZATION
				     : pos_webhook_policy(t->connection.config);
	const char *name = t->adapter->policy_header(policy), *value;
	struct bytes *secrets;
	size_t n;
	enum err e;

	if (name == NULL)
		return OK;
	value = t->call->header(t->call->request, name);
	e = webhook_secrets_open(op, t->keys, &t->connection.integration,
	    policy == POS_POLICY_HMAC ? WEBHOOK_SIGNATURE : WEBHOOK_AUTHORIZATION, &secrets, &n);
	for (size_t i = 0; i < n && e == OK; i++)
		t->is_verified |= t->adapter->verify(policy, secrets[i],
		    &(struct pos_proof){ .header = value,
			.body = t->call->body, /* the whole of it is signed */
			.config = t->connection.config });
	return e;
}

/*
 * Is it theirs? A callback that is not gets the answer of an order that is not there, whatever is
 * wrong with it: who guesses learns nothing.
 */
static enum err
verify(struct op *op, struct taking *t)
{
	bool by_token = t->kind->trust == POS_TRUST_TOKEN;
	enum err e = OK;

	if (t->call->slug != NULL && !t->has_connection) {
		t->http_status = 404;
		t->refusal = by_token ? "No such order" : "No such restaurant";
		return OK;
	}
	if (t->problem != NULL) {
		t->http_status = 400;
		t->refusal = t->problem;
		return OK;
	}
	if (t->has_connection && !t->is_verified)
		e = by_token ? token_check(op, t) : policy_check(op, t);
	if (!by_token && t->call->slug != NULL && names_another(t))
		t->is_verified = false;
	if (e == OK && !t->is_verified) {
		t->http_status = by_token ? 404 : 401;
		t->refusal = by_token ? "No such order" : "Invalid signature";
	}
	return e;
}

static enum err
store_body(struct op *op, void *arg)
{
	struct taking *t = arg;
	struct delivery_new d = {
		.restaurant_id = t->has_connection ? t->connection.restaurant.id : 0,
		.provider = t->adapter->name,
		.type = t->kind->name,
		.subject = t->event.reference != NULL ? t->event.reference : t->event.pos_order_id,
		.headers = t->call->headers,
		.source_address = t->call->source_address,
		.body = t->body,
		.event_key = t->is_verified ? t->event.event_id : NULL,
		.is_verified = t->is_verified,
		.http_status = t->http_status,
		.error = t->refusal,
	};
	enum err e = inbox_store(op, &d, &t->delivery_id);

	/* They tell it again under the same name: it is here, and applied or about to be. */
	t->is_known = e == ERR_DUPLICATE;
	if (t->is_known)
		return OK;
	if (e != OK || !t->is_verified)
		return e;
	/* Who names both tells us whose the restaurant is. */
	if (t->event.rest_id != NULL)
		e = integration_merchant_told(
		    op, &t->connection.integration, t->event.merchant_id);
	if (e != OK)
		return e;
	if (t->event.kind == POS_EVENT_MENU)
		return menu_publish_put(op, d.restaurant_id, t->delivery_id, 0, NULL);
	return outbox_put(op, &(struct message_new){ .kind = MESSAGE_inbox_apply,
	    .destination = arena_printf(op->arena, "inbox:%lld", (long long)d.restaurant_id),
	    .restaurant_id = d.restaurant_id, .subject_id = t->delivery_id });
}

/* The worker's own application of what it has just stored; the job runner may have been quicker. */
static enum err
apply_body(struct op *op, void *arg)
{
	struct taking *t = arg;
	struct delivery d;
	enum err e = inbox_lock(op, t->delivery_id, &d);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_INTERNAL_ERROR, "A stored delivery is gone");
	if (e == OK)
		e = delivery_apply(op, &t->connection, &d, &t->applied);
	if (e == OK && t->applied.state != DELIVERY_PARKED)
		e = outbox_drop(op, MESSAGE_inbox_apply, d.id);
	CRASH_POINT("webhook.before_apply_commit");
	return e;
}

static void
answer_write(struct op *op, const struct taking *t, struct webhook_answer *ret)
{
	enum word_surface surface =
	    t->kind->trust == POS_TRUST_TOKEN ? WORDS_CALLBACK : WORDS_WEBHOOK;
	struct pos_answer a = {
		.http_status = t->http_status,
		.sentence = t->refusal,
		.reference = t->event.reference,
		.status = t->applied.has_status ? status_word(surface, t->applied.status) : NULL,
		.is_open = t->applied.is_open,
		.rest_id = t->event.rest_id,
	};

	if (a.reference == NULL)
		a.reference = t->event.pos_order_id;
	if (a.status == NULL && t->event.status != NULL)
		a.status = status_word(surface, status_by_name(t->event.status) == STATUS__MAX
						    ? STATUS_received
						    : status_by_name(t->event.status));
	ret->http_status = t->http_status;
	ret->body = t->kind->reply(op->arena, &a);
}

static void
count(const struct op *op, const struct taking *t)
{
	static const enum counter counters[DELIVERY_STATE__MAX] = {
		[DELIVERY_RECEIVED] = COUNTER_deliveries_applied,
		[DELIVERY_PROCESSED] = COUNTER_deliveries_applied,
		[DELIVERY_DUPLICATE] = COUNTER_deliveries_duplicate,
		[DELIVERY_IGNORED] = COUNTER_deliveries_ignored,
		[DELIVERY_PARKED] = COUNTER_deliveries_parked,
		[DELIVERY_FAILED] = COUNTER_deliveries_failed,
		[DELIVERY_DEAD] = COUNTER_deliveries_failed,
	};

	if (t->problem != NULL)
		counter_add(COUNTER_deliveries_malformed, 1);
	else if (!t->is_verified) {
		counter_add(COUNTER_deliveries_unverified, 1);
		log_event(LOG_LEVEL_WARN, "delivery_unverified", op->trace_id,
		    LOG_FIELDS(LOG_TEXT("provider", t->adapter->name),
			LOG_TEXT("type", t->kind->name),
			LOG_TEXT("source", t->call->source_address),
			LOG_I64("restaurant_id", op->restaurant_id)));
	} else
		counter_add(counters[t->applied.state], 1);
}

static enum err
apply_now(struct op *op, struct taking *t)
{
	enum err e;

	if (t->event.kind == POS_EVENT_MENU)
		return OK;
	if (t->is_known) {
		t->applied.state = DELIVERY_DUPLICATE;
		return OK;
	}
	CRASH_POINT("webhook.stored");
	e = db_tx(op, apply_body, t);
	if (e == OK && t->applied.state == DELIVERY_PARKED)
		t->http_status = 202;
	if (e == OK && t->applied.refusal != NULL) {
		t->http_status = t->applied.http_status;
		t->refusal = t->applied.refusal;
	}
	return e;
}

static enum err
store_hello(struct op *op, void *arg)
{
	struct taking *t = arg;

	return inbox_store(op,
	    &(struct delivery_new){ .provider = t->adapter->name,
		.type = t->kind->name,
		.subject = t->event.code,
		.headers = t->call->headers,
		.source_address = t->call->source_address,
		.body = t->body,
		.is_nothing = true,
		.http_status = t->http_status },
	    &t->delivery_id);
}

/*
 * They try out whether anybody is at the address, and want to be told what they say: not by an
 * answer but by the operator, who finds it among the deliveries, and here. Nothing shows that it
 * was they: there is room for a few in a minute.
 */
static enum err
hello_take(struct op *op, struct taking *t)
{
	enum err e = db_tx(op, store_hello, t);

	if (e == OK && t->delivery_id != 0)
		log_event(LOG_LEVEL_INFO, "provider_hello", op->trace_id,
		    LOG_FIELDS(LOG_TEXT("provider", t->adapter->name),
			LOG_TEXT("code", t->event.code),
			LOG_TEXT("source", t->call->source_address)));
	return e;
}

/* It is known whose it would be, or that it is nobody's. */
static enum err
news_settle(struct op *op, struct taking *t)
{
	enum err e = verify(op, t);

	if (e == OK && t->has_connection)
		op->restaurant_id = t->connection.restaurant.id;
	if (e == OK)
		e = db_tx(op, store_body, t);
	if (e == OK && t->is_verified)
		e = apply_now(op, t);
	if (e == OK)
		count(op, t);
	return e;
}

/*
 * News of a merchant, which names no restaurant: that of each of theirs under whose own secret it
 * is proved. Those under whose it is not have another way to hear of it, or none.
 */
static enum err
merchant_take(struct op *op, struct taking *t)
{
	const struct taking bare = *t; /* what is proved of one says nothing of the next */
	struct integration *theirs;
	size_t n, proved_n = 0;
	enum err e = integrations_of_merchant(
	    op, t->adapter->name, t->event.merchant_id, &theirs, &n);

	for (size_t i = 0; i < n && e == OK && (proved_n > 0 || i < REFUSED_MAX); i++) {
		struct restaurant restaurant;
		struct taking one = bare;

		e = restaurant_by_id(op, theirs[i].restaurant_id, &restaurant);
		if (e == OK)
			e = connection_make(op, &restaurant, &theirs[i], &one.connection);
		one.has_connection = e == OK;
		if (e == OK)
			e = policy_check(op, &one);
		if (e != OK || !one.is_verified)
			continue;
		e = news_settle(op, &one);
		if (e == OK && (proved_n == 0 || one.http_status > t->http_status))
			*t = one;
		proved_n++;
		if (t->event.kind == POS_EVENT_NOTHING)
			break;
	}
	return e != OK || proved_n > 0 ? e : news_settle(op, t);
}

static bool
is_of_merchant(const struct taking *t)
{
	const struct pos_event *ev = &t->event;

	return t->call->slug == NULL && ev->rest_id == NULL && ev->merchant_id != NULL &&
	       (ev->kind == POS_EVENT_MENU_CHANGED || ev->kind == POS_EVENT_REVOKED ||
		   ev->kind == POS_EVENT_NOTHING);
}

/* One piece of news. */
static enum err
news_take(struct op *op, struct taking *t)
{
	enum err e = OK;

	t->problem = t->kind->read(op->arena, t->body, &t->event);
	if (t->problem == NULL && t->event.kind == POS_EVENT_HELLO) {
		e = hello_take(op, t);
	} else if (t->problem == NULL && is_of_merchant(t)) {
		e = merchant_take(op, t);
	} else {
		e = connection_find(op, t);
		/* One address speaks for all that have the application: some are none of ours. */
		if (e == OK && (t->has_connection || !t->is_part || t->call->slug != NULL ||
				   t->problem != NULL))
			e = news_settle(op, t);
	}
	if (e != OK)
		counter_add(COUNTER_deliveries_failed, 1);
	return e;
}

/*
 * The worst of all parts is the answer: whoever is told no comes again with all of them, and each
 * is known again. Restaurants that are none of ours do not count.
 */
static bool
is_worse(const struct taking *t, const struct taking *worst)
{
	bool counts = t->has_connection || t->call->slug != NULL;

	return counts && (!worst->has_connection || t->http_status > worst->http_status);
}

static enum err
parts_take(struct op *op, struct taking *whole, const struct bytes *parts, size_t n)
{
	struct taking worst = *whole;
	size_t proved_n = 0, refused_n = 0;
	enum err e = OK;

	for (size_t i = 0; i < n && e == OK && (proved_n > 0 || refused_n < REFUSED_MAX); i++) {
		struct taking t = *whole;

		t.body = parts[i];
		t.is_part = true;
		op->restaurant_id = 0;
		e = news_take(op, &t);
		proved_n += t.is_verified;
		refused_n += t.refusal != NULL && !t.is_verified;
		if (is_worse(&t, &worst))
			worst = t;
	}
	*whole = worst;
	return e;
}

enum err
webhook_take(struct op *op, const struct secret_keypair *keys, const struct webhook_call *call,
    struct webhook_answer *ret)
{
	struct taking t = { .keys = keys,
		.call = call,
		.body = call->body,
		.adapter = pos_adapter_find(call->provider),
		.http_status = 200 };
	const struct bytes *parts;
	size_t n = 0;
	enum err e;

	if (t.adapter != NULL)
		t.kind = pos_delivery_find(t.adapter, call->type);
	if (t.kind == NULL)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (call->body.len > t.kind->body_max)
		return fail(op, ERR_PAYLOAD_TOO_LARGE, NULL);
	actor_set(op, t.adapter, t.kind);
	if (t.kind->split != NULL)
		t.kind->split(op->arena, call->body, &parts, &n);
	e = n > 0 ? parts_take(op, &t, parts, n) : news_take(op, &t);
	if (e == OK)
		answer_write(op, &t, ret);
	return e;
}

/* Whose delivery it is: the restaurant may have another POS by now. */
static enum err
connection_by_delivery(struct op *op, const struct delivery *d, struct connection *ret)
{
	struct integration integration;
	struct restaurant restaurant;
	enum err e = restaurant_by_id(op, d->restaurant_id, &restaurant);

	if (e == OK)
		e = integration_with(op, d->restaurant_id, d->provider, &integration);
	return e != OK ? e : connection_make(op, &restaurant, &integration, ret);
}

enum err
webhook_apply(struct op *op, const struct message *m)
{
	const struct pos_delivery *kind;
	struct connection c;
	struct applied applied;
	struct delivery d;
	enum err e = inbox_lock(op, m->subject_id, &d);

	if (e == OK)
		e = connection_by_delivery(op, &d, &c);
	if (e == ERR_NO_ROW)
		return outbox_finish(op, m, OUTCOME_REFUSED, "The POS or the delivery is gone");
	kind = e == OK ? pos_delivery_find(c.adapter, d.type) : NULL;
	if (kind != NULL)
		actor_set(op, c.adapter, kind);
	if (e == OK)
		e = delivery_apply(op, &c, &d, &applied);
	if (e != OK)
		return e;
	if (applied.state != DELIVERY_PARKED)
		return outbox_finish(op, m, OUTCOME_DONE, NULL);
	if (m->expires_at != TIME_NONE && op->now_us >= m->expires_at) {
		e = inbox_set(op, d.id, DELIVERY_DEAD, "Nothing that it is about ever came to be");
		return e != OK ? e : outbox_finish(op, m, OUTCOME_REFUSED, "Parked for too long");
	}
	return outbox_later(op, m,
	    applied.pause_us > 0 ? applied.pause_us : delivery_pause(op->now_us - d.received_at),
	    "Parked");
}

enum err
webhook_dead(struct op *op, const struct message *m, const char *why)
{
	return inbox_set(op, m->subject_id, DELIVERY_DEAD, why);
}
