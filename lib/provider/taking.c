#include "provider/taking.h"

#include <string.h>

#include "crypto/hmac.h"
#include "db/db.h"
#include "inbox/inbox.h"
#include "log/log.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "op/op.h"
#include "provider/menu.h"

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

enum err
taking_find(struct op *op, struct taking *t)
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

enum err
taking_judge(struct op *op, struct taking *t)
{
	enum err e = OK;

	if (!t->is_judged) {
		e = policy_check(op, t);
		t->is_judged = e == OK;
		t->is_proved = t->is_verified;
	}
	t->is_verified = e == OK && t->is_proved;
	return e;
}

/*
 * Is it theirs? A callback that is not gets the answer of an order that is not there, whatever is
 * wrong with it: who guesses learns nothing.
 */
enum err
taking_verify(struct op *op, struct taking *t)
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
		e = by_token ? token_check(op, t) : taking_judge(op, t);
	if (!by_token && t->call->slug != NULL && names_another(t))
		t->is_verified = false;
	if (e == OK && !t->is_verified) {
		t->http_status = by_token ? 404 : 401;
		t->refusal = by_token ? "No such order" : "Invalid signature";
	}
	return e;
}

enum err
taking_store(struct op *op, void *arg)
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

/* One that is logged is kept: there is room for so many a minute, and a flood fills no disk. */
static void
unverified_log(const struct op *op, const struct taking *t)
{
	if (t->delivery_id != 0)
		log_event(LOG_LEVEL_WARN, "delivery_unverified", op->trace_id,
		    LOG_FIELDS(LOG_TEXT("provider", t->adapter->name),
			LOG_TEXT("type", t->kind->name),
			LOG_TEXT("source", t->call->source_address),
			LOG_I64("restaurant_id", op->restaurant_id)));
}

void
taking_count(const struct op *op, const struct taking *t)
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
		unverified_log(op, t);
	} else
		counter_add(counters[t->applied.state], 1);
}

enum err
taking_apply(struct op *op, struct taking *t)
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
