#include "provider/apply.h"

#include <string.h>

#include "db/db.h"
#include "event/event.h"
#include "menu/item.h"
#include "notice/notice.h"
#include "op/op.h"
#include "order/move.h"
#include "order/order.h"
#include "order/submission.h"
#include "provider/login.h"
#include "provider/menu.h"
#include "provider/report.h"
#include "tenant/pause.h"
#include "tenant/settings.h"
#include "text/civil.h"
#include "text/utf8.h"
#include "text/zone.h"

/* Our record of an order of ours is written by then; whoever writes it unparks what waits. */
#define STRANGER_US (INT64_C(600) * 1000000)
#define STRANGER_FIRST_US (INT64_C(30) * 1000000)
#define STRANGER_SECOND_US (INT64_C(300) * 1000000)
#define PAUSE_MIN_US (INT64_C(1) * 1000000)
#define PAUSE_MAX_US (INT64_C(3600) * 1000000)

struct applying {
	struct connection *connection;
	const struct delivery *delivery;
	const struct pos_event *event;
	struct order_axes order;
};

int64_t
delivery_pause(int64_t age_us)
{
	int64_t pause = age_us / 4;

	return pause < PAUSE_MIN_US ? PAUSE_MIN_US : pause > PAUSE_MAX_US ? PAUSE_MAX_US : pause;
}

static enum err
order_event_apply(struct op *op, struct applying *a, bool is_repeat, struct applied *ret)
{
	const struct report report = { .connection = a->connection,
		.event = a->event,
		.received_at = a->delivery->received_at,
		.seen = "The POS reports on it" };
	struct reported came;
	enum err e = report_apply(op, &a->order, &report, &came);

	ret->state = !came.has_meaning			? DELIVERY_IGNORED
		     : came.has_moved || !is_repeat	? DELIVERY_PROCESSED
							: DELIVERY_DUPLICATE;
	if (e == OK && !came.has_moved && !is_repeat)
		e = order_status_ignored(op, &a->order,
		    status_event_to(came.to) != STATUS_EVENT__MAX
			? status_event_name(status_event_to(came.to))
			: "report",
		    report_ignored_why(&a->order, &came));
	a->order.pos_callback = a->delivery->body;
	if (e == OK)
		e = order_save(op, &a->order);
	ret->has_status = true;
	ret->status = a->order.status;
	return e;
}

/*
 * Some tell of every order of the restaurant: hundreds an hour, of which hardly one is ours. They
 * are tried seldom, lest a wake-up was missed, and then nothing of them is kept: they are other
 * people's orders.
 */
static enum err
order_strange(struct op *op, const struct applying *a, struct applied *ret)
{
	int64_t age = op->now_us - a->delivery->received_at;

	ret->state = age > STRANGER_US ? DELIVERY_IGNORED : DELIVERY_PARKED;
	ret->is_forgotten = age > STRANGER_US;
	ret->pause_us = (age < STRANGER_FIRST_US    ? STRANGER_FIRST_US
			    : age < STRANGER_SECOND_US ? STRANGER_SECOND_US
						       : STRANGER_US + PAUSE_MIN_US) -
			age;
	return ret->is_forgotten ? inbox_forget(op, a->delivery->id) : OK;
}

/*
 * No order has that name at the POS now. Their own id may have overtaken our record of it: it
 * waits. Our name may be that of an earlier submission, which surely was not there when staff sent
 * the order again: if it lives, staff must see to it.
 */
static enum err
order_unknown(struct op *op, struct applying *a, struct applied *ret)
{
	const struct pos_event *ev = a->event;
	struct order_axes *x = &a->order;
	int64_t id = 0;
	enum err e;

	if (ev->pos_order_id != NULL && ev->is_anybodys)
		return order_strange(op, a, ret);
	if (ev->pos_order_id != NULL) {
		ret->state = DELIVERY_PARKED;
		return OK;
	}
	e = order_find_earlier(op, a->delivery->restaurant_id, ev->reference, &id);
	if (e != OK)
		return e;
	if (id == 0) {
		ret->state = DELIVERY_DEAD;
		ret->http_status = 404;
		ret->refusal = "No such order";
		return OK;
	}
	e = order_lock(op, a->delivery->restaurant_id, id, x);
	if (e == OK)
		e = order_status_ignored(op, x, "report", "about an earlier submission");
	if (e == OK)
		e = notice_staff(op, NOTICE_pos_earlier,
		    &(struct notice_about){ .restaurant_id = x->restaurant_id,
			.order_id = x->id,
			.order_number = x->order_number,
			.reason = ev->code,
			.round = x->submission_no });
	if (e == OK)
		e = order_save(op, x);
	ret->has_status = true;
	ret->status = x->status;
	return e;
}

/*
 * Both are said, and theirs is known: ours must be a name of the same order, now or of an earlier
 * submission. One that names nothing is no agreement.
 */
static enum err
names_agree(struct op *op, const struct applying *a, int64_t by_reference, int64_t by_pos_id,
    bool *ret_agree)
{
	int64_t id = by_reference;
	enum err e = OK;

	if (a->event->reference != NULL && by_pos_id != 0 && id == 0)
		e = order_find_earlier(op, a->delivery->restaurant_id, a->event->reference, &id);
	if (e == OK)
		*ret_agree = a->event->reference == NULL || by_pos_id == 0 || id == by_pos_id;
	return e;
}

/* Something changed, and they do not say what: it is looked at, once for all hints that wait. */
static enum err
order_hint(struct op *op, struct applying *a, struct applied *ret)
{
	const struct order_axes *x = &a->order;
	enum err e = outbox_drop(op, MESSAGE_pos_hint, x->id);

	if (e == OK)
		e = outbox_put(op, &(struct message_new){ .kind = MESSAGE_pos_hint,
				       .destination = a->connection->terms.destination,
				       .restaurant_id = x->restaurant_id,
				       .subject_id = x->id,
				       .subject_no = x->submission_no });
	ret->has_status = true;
	ret->status = x->status;
	return e;
}

/* Which order, by our name for it or theirs. If both are said they must agree. */
static enum err
order_event(struct op *op, struct applying *a, struct applied *ret)
{
	int64_t by_reference = 0, by_pos_id = 0, id;
	bool is_repeat, agree = false;
	bool binds = pos_traits_of(a->connection->config).binds_by_reference;
	enum err e =
	    order_find(op, a->delivery->restaurant_id, a->event->reference, NULL, &by_reference);

	if (e == OK)
		e = order_find(
		    op, a->delivery->restaurant_id, NULL, a->event->pos_order_id, &by_pos_id);
	if (e == OK)
		e = names_agree(op, a, by_reference, by_pos_id, &agree);
	if (e != OK)
		return e;
	if (!agree) {
		ret->state = DELIVERY_DEAD;
		ret->http_status = 400;
		ret->refusal = "The two ids name different orders";
		return OK;
	}
	id = by_reference != 0 ? by_reference : by_pos_id;
	if (id == 0)
		return order_unknown(op, a, ret);
	/* Under the lock: of equal ones that arrive together only the first is none. */
	e = order_lock(op, a->delivery->restaurant_id, id, &a->order);
	/* A name that two may bear there proves nothing: it is worth a look by their id. */
	if (e == OK && (a->event->is_hint || (by_pos_id == 0 && !binds)))
		return order_hint(op, a, ret);
	if (e == OK)
		e = inbox_is_repeat(op, a->delivery, &is_repeat);
	return e != OK ? e : order_event_apply(op, a, is_repeat, ret);
}

/* When what is switched off comes back by itself, counted from when they said so. */
static enum err
stock_back(struct op *op, const struct applying *a, int64_t *ret_at)
{
	const struct restaurant *r = &a->connection->restaurant;
	struct civil wall;

	*ret_at = TIME_NONE;
	if (a->event->back == POS_RETURN_END_OF_DAY)
		return item_day_end(op, r, a->delivery->received_at, ret_at);
	if (a->event->back == POS_RETURN_AT && civil_parse(a->event->back_local, &wall) &&
	    !zone_from_civil(r->time_zone, &wall, ret_at))
		return fail(op, ERR_INTERNAL_ERROR, "The restaurant is in no known time zone");
	return OK;
}

static enum err
stock_event(struct op *op, struct applying *a, struct applied *ret)
{
	static const enum stock_kind kinds[] = {
		[POS_STOCK_ITEM] = STOCK_ITEM,
		[POS_STOCK_ADDON] = STOCK_ADDON,
		[POS_STOCK_ANY] = STOCK_ANY,
	};
	const struct pos_event *ev = a->event;
	int64_t changed, back;
	enum err e = stock_back(op, a, &back);

	if (e == OK)
		e = item_stock_set(op, a->delivery->restaurant_id, ev->external_ids,
		    ev->external_ids_n,
		    kinds[ev->stock_kind],
		    ev->is_available, back, &changed, NULL, NULL);
	if (e == OK)
		ret->state = changed > 0 ? DELIVERY_PROCESSED : DELIVERY_IGNORED;
	return e;
}

/*
 * When they say that we are to open again, by the restaurant's clock; TIME_NONE: not by itself. A
 * time that had passed when they said so is none.
 */
static int64_t
store_until(const struct applying *a)
{
	struct civil wall;
	int64_t us;

	if (a->event->back != POS_RETURN_AT || !civil_parse(a->event->back_local, &wall) ||
	    !zone_from_civil(a->connection->restaurant.time_zone, &wall, &us) ||
	    us <= a->delivery->received_at)
		return TIME_NONE;
	return us;
}

/*
 * The switch as anybody throws it (tenant/pause.h). One that is applied late does not undo what was
 * done since it came; and where its own time to open has passed meanwhile, it is open.
 */
static enum err
store_set_event(struct op *op, struct applying *a, struct applied *ret)
{
	const struct pos_event *ev = a->event;
	int64_t until = store_until(a);
	struct setting s;
	enum err e = pause_lock(op, &a->connection->restaurant, &s);

	if (e != OK)
		return e;
	if (s.has_row && s.updated_at > a->delivery->received_at) {
		ret->state = DELIVERY_IGNORED;
		return setting_leave(op, &s);
	}
	if (ev->is_open || (until != TIME_NONE && until <= op->now_us))
		return pause_end(op, &s);
	return pause_begin(op, &s,
	    ev->reason != NULL && ev->reason[0] != '\0'
		? utf8_sanitise(op->arena, ev->reason, PAUSE_REASON_MAX)
		: NULL,
	    until);
}

/* As guests are told: by the switch, whoever threw it. */
static enum err
store_asked_event(struct op *op, struct applying *a, struct applied *ret)
{
	const struct restaurant *r = &a->connection->restaurant;
	struct settings settings;
	enum err e = settings_read(op, r->id, r->currency, &settings);

	if (e == OK)
		ret->is_open = settings.restaurant_open;
	return e;
}

static enum err
event_apply(struct op *op, struct applying *a, struct applied *ret)
{
	ret->state = DELIVERY_PROCESSED;
	switch (a->event->kind) {
	case POS_EVENT_ORDER:
		return order_event(op, a, ret);
	case POS_EVENT_STOCK:
		return stock_event(op, a, ret);
	case POS_EVENT_STORE_SET:
		return store_set_event(op, a, ret);
	case POS_EVENT_STORE_ASKED:
		return store_asked_event(op, a, ret);
	case POS_EVENT_MENU:
		return menu_publish_put(op, a->delivery->restaurant_id, a->delivery->id, 0, NULL);
	case POS_EVENT_MENU_CHANGED:
		return menu_sync_news(op, a->delivery->restaurant_id);
	case POS_EVENT_REVOKED:
		/* A login shows whether that is so still, and tells people if it is. */
		if (login_is_needed(a->connection))
			return login_renew(op, a->connection);
		return notice_staff(op, NOTICE_pos_access,
		    &(struct notice_about){ .restaurant_id = a->delivery->restaurant_id,
			.reason = "it was taken away there",
			.round = a->delivery->id });
	case POS_EVENT_HELLO:
	case POS_EVENT_NOTHING:
		ret->state = DELIVERY_IGNORED;
		return OK;
	}
	return fail(op, ERR_INTERNAL_ERROR, "No such kind of event");
}

/* A dead one is not: it is only applied again when an operator has put its message back. */
static bool
is_done(const struct delivery *d)
{
	return strcmp(d->state, "processed") == 0 || strcmp(d->state, "duplicate") == 0 ||
	       strcmp(d->state, "ignored") == 0;
}

enum err
delivery_apply(struct op *op, struct connection *c, const struct delivery *d, struct applied *ret)
{
	const struct pos_delivery *kind = pos_delivery_find(c->adapter, d->type);
	struct pos_event event = { .kind = POS_EVENT_ORDER };
	struct applying a = { .connection = c, .delivery = d, .event = &event };
	struct applied applied = { .state = DELIVERY_PROCESSED };
	const char *problem;
	enum err e;

	*ret = applied;
	if (is_done(d) || !d->is_verified || kind == NULL)
		return OK;
	problem = kind->read(op->arena, d->body, &event);
	if (problem != NULL) {
		ret->state = DELIVERY_DEAD;
		return inbox_set(op, d->id, DELIVERY_DEAD, problem);
	}
	e = event_apply(op, &a, &applied);
	if (e == OK && !applied.is_forgotten)
		e = inbox_set(op, d->id, applied.state, applied.refusal);
	if (e == OK)
		*ret = applied;
	return e;
}
