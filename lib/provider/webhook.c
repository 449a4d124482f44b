#include "provider/webhook.h"

#include <string.h>

#include "db/db.h"
#include "inbox/inbox.h"
#include "log/log.h"
#include "metric/counter.h"
#include "op/op.h"
#include "order/words.h"
#include "provider/taking.h"

/*
 * Of so many parts that nothing proves the rest are left: whoever calls could make a thousand
 * transactions of one request.
 */
#define REFUSED_MAX 20
/* So many parts are stored in one transaction, and so many applied before the call is answered. */
#define BATCH_MAX 100
#define APPLIED_MAX 20

/* Who history says it was. */
static void
actor_set(struct op *op, const struct pos_adapter *adapter, const struct pos_delivery *kind)
{
	op->actor = (struct actor){ .kind = ACTOR_PROVIDER,
		.name = arena_printf(op->arena, "%s_%s", adapter->name,
		    kind->trust == POS_TRUST_TOKEN ? "callback" : "webhook") };
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
	enum err e = taking_verify(op, t);

	if (e == OK && t->has_connection)
		op->restaurant_id = t->connection.restaurant.id;
	if (e == OK)
		e = db_tx(op, taking_store, t);
	if (e == OK && t->is_verified)
		e = taking_apply(op, t);
	if (e == OK)
		taking_count(op, t);
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
			e = taking_judge(op, &one);
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
		e = taking_find(op, t);
		if (e == OK)
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

/* What is known already of the restaurant that this part is about; NULL: nothing. */
static const struct taking *
same_place(const struct taking *t, const struct taking *before, size_t n)
{
	for (size_t i = n; i > 0; i--) {
		const struct taking *b = &before[i - 1];

		if (b->problem == NULL &&
		    (t->call->slug != NULL ||
			(b->event.rest_id != NULL && t->event.rest_id != NULL &&
			    strcmp(b->event.rest_id, t->event.rest_id) == 0)))
			return b;
	}
	return NULL;
}

/* Whose each is, and whether that is proved: asked once for all of a restaurant. */
static enum err
part_judge(struct op *op, struct taking *t, const struct taking *before, size_t n)
{
	const struct taking *same;
	enum err e = OK;

	t->problem = t->kind->read(op->arena, t->body, &t->event);
	same = t->problem == NULL ? same_place(t, before, n) : NULL;
	if (same == NULL) {
		e = taking_find(op, t);
	} else {
		t->connection = same->connection;
		t->has_connection = same->has_connection;
		t->is_judged = same->is_judged;
		t->is_proved = same->is_proved;
	}
	/* One address speaks for all that have the application: some are none of ours. */
	t->is_nobodys = !t->has_connection && t->call->slug == NULL && t->problem == NULL;
	return e != OK || t->is_nobodys ? e : taking_verify(op, t);
}

struct batch {
	struct taking *v;
	size_t n;
};

static enum err
batch_store(struct op *op, void *arg)
{
	struct batch *b = arg;
	enum err e = OK;

	for (size_t i = 0; i < b->n && e == OK; i++) {
		op->restaurant_id = b->v[i].has_connection ? b->v[i].connection.restaurant.id : 0;
		if (!b->v[i].is_nobodys)
			e = taking_store(op, &b->v[i]);
	}
	return e;
}

/* Some are applied here; of the others, which are kept, the jobs see to that. */
static enum err
parts_settle(struct op *op, struct taking *v, size_t n)
{
	size_t applied_n = 0;
	enum err e = OK;

	for (size_t at = 0; at < n && e == OK; at += BATCH_MAX) {
		struct batch b = { .v = v + at, .n = n - at < BATCH_MAX ? n - at : BATCH_MAX };

		e = db_tx(op, batch_store, &b);
	}
	for (size_t i = 0; i < n && e == OK; i++) {
		op->restaurant_id = v[i].has_connection ? v[i].connection.restaurant.id : 0;
		if (v[i].is_verified && (v[i].is_known || applied_n++ < APPLIED_MAX))
			e = taking_apply(op, &v[i]);
		else if (v[i].is_verified)
			v[i].http_status = 202;
		if (e == OK && !v[i].is_nobodys)
			taking_count(op, &v[i]);
	}
	return e;
}

static enum err
parts_take(struct op *op, struct taking *whole, const struct bytes *parts, size_t n)
{
	struct taking *v = arena_array(op->arena, n, sizeof *v), worst = *whole;
	size_t taken_n = 0, proved_n = 0, refused_n = 0;
	enum err e = OK;

	while (taken_n < n && e == OK && (proved_n > 0 || refused_n < REFUSED_MAX)) {
		struct taking *t = &v[taken_n];

		*t = *whole;
		t->body = parts[taken_n];
		e = part_judge(op, t, v, taken_n);
		proved_n += t->is_verified;
		refused_n += t->refusal != NULL && !t->is_verified;
		taken_n++;
	}
	if (e == OK)
		e = parts_settle(op, v, taken_n);
	for (size_t i = 0; i < taken_n; i++)
		if (is_worse(&v[i], &worst))
			worst = v[i];
	if (e != OK)
		counter_add(COUNTER_deliveries_failed, 1);
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
