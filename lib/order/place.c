#include "order/place.h"

#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "event/event.h"
#include "idempotency/idempotency.h"
#include "menu/menu.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "op/op.h"
#include "order/capacity.h"
#include "order/day_sums.h"
#include "order/discount_use.h"
#include "order/move.h"
#include "order/place_rows.h"
#include "order/submission.h"
#include "order/unavailable.h"
#include "tenant/day.h"
#include "tenant/restaurant.h"
#include "tenant/settings.h"
#include "text/uuid.h"

/*
 * A menu that changes while one order is placed is priced again; one that changes this often is not
 * the guest's fault.
 */
#define MINUTE_US (INT64_C(60) * 1000000)
#define PRICE_TRIES 5
/* The counter row answers with one number: the event's times this plus the order's of the day. */
#define ORDERS_PER_DAY 1000000

struct placing {
	const struct restaurant *restaurant;
	const struct submission_terms *terms;
	const struct order_wish *wish;
	struct idempotency *idem;
	struct bytes (*render)(struct arena *, const struct order *);
	const struct menu *menu;
	struct settings settings;
	unsigned char public_id[UUID_LEN];
	char day[DAY_DIGITS_LEN]; /* the business day, a date to SQL too */
	struct capacity_slot slot;
	struct order order;
	bool is_priced, is_outdated; /* outdated: by a menu, or a discount, that is gone */
};

/* The business day, as it stands in the order's number. */
static enum err
day_set(struct op *op, struct placing *p)
{
	int64_t day;

	if (!day_of(p->restaurant->time_zone, p->settings.day_starts_min, op->now_us, &day))
		return fail(op, ERR_INTERNAL_ERROR, "The restaurant's time zone is unknown");
	day_digits(day, p->day);
	return OK;
}

/* Which part of which day the order takes a place of. */
static enum err
slot_set(struct op *op, struct placing *p)
{
	enum err e = capacity_slot_at(op, p->restaurant, &p->settings,
	    wish_promised(op, &p->settings, p->wish), &p->slot);

	p->order.slot_date = p->slot.day;
	p->order.slot = p->slot.name;
	return e;
}

static enum err
price(struct op *op, struct placing *p)
{
	struct cart cart = p->wish->cart;
	enum err e;

	if (p->is_priced)
		return OK;
	p->order = (struct order){
		.public_id = { .data = p->public_id, .len = UUID_LEN },
		.restaurant_id = p->restaurant->id,
		.user_id = p->wish->user_id,
		.payment_method = p->wish->payment_method,
		.order_type = p->wish->cart.order_type,
		.table_number = p->wish->table_number,
		.customer_name = p->wish->customer_name,
		.customer_phone = p->wish->customer_phone,
		.delivery_address = p->wish->delivery_address,
		.special_instructions = p->wish->special_instructions,
		.scheduled_time = p->wish->scheduled_time,
		.payment_status = payment_name(PAYMENT_pending),
		.estimated_ready_time = wish_ready(op, &p->settings, p->wish),
		.estimated_delivery_time = TIME_NONE,
		.created_at = op->now_us,
		.updated_at = op->now_us,
	};
	e = wish_check(op, p->restaurant, &p->settings, p->wish);
	if (e == OK)
		e = slot_set(op, p);
	if (e == OK)
		e = discount_uses_read(op, p->menu, p->restaurant->id, p->wish->user_id,
		    cart.discount_code, &cart.uses);
	if (e == OK)
		e = absent_read(op, p->menu, &cart);
	if (e == OK)
		e = cart_price(op, p->menu, &p->settings, p->restaurant, &cart, &p->order);
	p->is_priced = e == OK;
	return e;
}

struct day_row {
	const char *day;
};
static const struct db_col day_cols[] = { COL_TEXT(struct day_row, day) };
static const struct db_shape day_shape = DB_SHAPE(struct day_row, day_cols);

/*
 * Midnight has passed since this op looked at the clock, or the restaurant has moved west: the
 * count goes on in the day that it has reached.
 */
static enum err
day_catch_up(struct op *op, struct placing *p)
{
	struct day_row row;
	enum err e = db_one(op, STMT_order_day,
	    DB_ARGS(DB_I64("restaurant_id", p->restaurant->id), DB_TEXT("day", p->day)), &day_shape,
	    &row);

	if (e == OK)
		(void)snprintf(p->day, sizeof p->day, "%s", row.day);
	return e == ERR_NO_ROW ? OK : e;
}

/* The switch was thrown since the settings were read: what do they say now? */
static enum err
closed_meanwhile(struct op *op, struct placing *p)
{
	enum err e =
	    settings_read(op, p->restaurant->id, p->restaurant->currency, &p->settings);

	return e != OK ? e : wish_closed(op, p->restaurant, &p->settings, op->now_us);
}

/* The counter row did not match: closed, priced by a menu that is gone, or of another day? */
static enum err
counter_refused(struct op *op, struct placing *p)
{
	bool accepting;
	enum err e = restaurant_accepting(op, p->restaurant->id, &accepting);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_INTERNAL_ERROR, "The restaurant has no counters");
	if (e != OK)
		return e;
	if (!accepting)
		return closed_meanwhile(op, p);
	e = day_catch_up(op, p);
	if (e != OK)
		return e;
	p->is_outdated = true;
	return fail(op, ERR_CONFLICT, "The menu is changing");
}

/*
 * The last lock: order number and event number together, under the assertion that the price still
 * holds.
 */
static enum err
number_take(struct op *op, struct placing *p, struct order_axes *x)
{
	int64_t numbers;
	enum err e;

	CRASH_POINT("order_place.before_counter");
	e = db_newid(op, STMT_order_number_take,
	    DB_ARGS(DB_I64("restaurant_id", p->restaurant->id), DB_TEXT("day", p->day),
		DB_I64("priced_at", p->order.menu_version)),
	    &numbers);
	if (e == ERR_NO_ROW)
		return counter_refused(op, p);
	if (e != OK)
		return e;
	x->order_number = p->order.order_number = arena_printf(op->arena, "ORD-%s-%03lld", p->day,
	    (long long)(numbers % ORDERS_PER_DAY));
	e = db_run(op, STMT_order_number_set,
	    DB_ARGS(DB_I64("id", x->id), DB_I64("restaurant_id", x->restaurant_id),
		DB_TEXT("order_number", x->order_number), DB_I64("history_seq", x->history_seq)));
	if (e != OK)
		return e;
	CRASH_POINT("order_place.after_counter");
	if (numbers % ORDERS_PER_DAY == 1) {
		e = day_sums_wanted(op, x->restaurant_id, p->day);
		if (e != OK)
			return e;
	}
	return event_insert(op, p->restaurant->id, numbers / ORDERS_PER_DAY, "order_placed", x->id,
	    order_event_data(op, x));
}

/*
 * The last use of a discount may have gone since it was looked at: a guest who named it is told,
 * for another the order is priced again, without it.
 */
static enum err
discount_take(struct op *op, struct placing *p, const struct order_axes *x)
{
	const struct menu_discount *d = discount_by_id(p->menu, p->order.discount_id);
	enum discount_verdict v = DISCOUNT_APPLIES;
	enum err e = OK;

	if (d != NULL)
		e = discount_use_take(
		    op, d, x->restaurant_id, p->wish->user_id, x->id, &v);
	if (e != OK || v == DISCOUNT_APPLIES)
		return e;
	if (d->code != NULL)
		return fail_field(op, "discount_code", "%s",
		    discount_sentence(op->arena, v, d, 0));
	p->is_outdated = true;
	return fail(op, ERR_CONFLICT, "The discounts are changing");
}

/* The kitchen gives itself so long to confirm it (E8). What needs no POS is confirmed already. */
static enum err
acceptance_watch(struct op *op, const struct placing *p, const struct order_axes *x)
{
	int64_t hold_us;
	enum err e;

	if (p->settings.accept_minutes == 0 || p->terms == NULL)
		return OK;
	e = submission_held_us(op, x, p->terms, &hold_us);
	return e != OK
		   ? e
		   : outbox_put(op,
			 &(struct message_new){ .kind = MESSAGE_pos_accept,
			     .destination = "orders",
			     .restaurant_id = x->restaurant_id,
			     .subject_id = x->id,
			     .delay_us = hold_us + p->settings.accept_minutes * MINUTE_US });
}

static enum err
rows_insert(struct op *op, struct placing *p, struct order_axes *x)
{
	enum err e;

	CRASH_POINT("order_place.before_insert");
	e = place_rows_insert(op, &p->order, x, p->day, &x->id);
	if (e == OK)
		e = order_history_add(
		    op, x, "status", "place", "none", status_name(STATUS_received), NULL);
	if (e == OK)
		e = submission_started(op, x, p->terms);
	if (e == OK)
		e = acceptance_watch(op, p, x);
	if (e == OK)
		e = discount_take(op, p, x);
	if (e == OK)
		e = capacity_take(
		    op, p->restaurant->id, &p->slot, p->settings.max_orders_per_slot);
	if (e == OK)
		e = number_take(op, p, x);
	return e;
}

static enum err
place_body(struct op *op, void *arg)
{
	struct placing *p = arg;
	struct order_axes x = {
		.restaurant_id = p->restaurant->id,
		.user_id = p->wish->user_id,
		.currency = p->restaurant->currency,
		.status = STATUS_received,
		.pos_state = POS_not_required,
		.payment_status = PAYMENT_pending,
		.pos_total_minor = -1,
	};
	enum err e = OK;

	if (p->idem != NULL)
		e = idempotency_take(op, p->idem);
	if (e != OK || (p->idem != NULL && p->idem->is_answered))
		return e;
	e = price(op, p);
	if (e != OK)
		return e;
	for (size_t s = 0; s < STATUS__MAX; s++)
		x.stamps[s] = TIME_NONE;
	memcpy(x.public_id, p->public_id, sizeof x.public_id);
	x.estimated_ready_time = p->order.estimated_ready_time;
	x.scheduled_time = p->order.scheduled_time;
	submission_start(op, &x, p->terms);
	e = rows_insert(op, p, &x);
	if (e != OK)
		return e;
	p->order.id = x.id;
	p->order.status = status_name(x.status);
	p->order.pos_state = pos_state_name(x.pos_state);
	p->order.released_at = x.released_at;
	return p->idem == NULL
		   ? OK
		   : idempotency_keep(op, p->idem, 201, p->render(op->arena, &p->order));
}

struct there_row {
	int64_t id;
};
static const struct db_col there_cols[] = { COL_I64(struct there_row, id) };
static const struct db_shape there_shape = DB_SHAPE(struct there_row, there_cols);

/*
 * After a commit whose answer was lost: is the order there? The public id was chosen before the
 * first try.
 */
static enum err
place_happened(struct op *op, void *arg, bool *ret)
{
	struct placing *p = arg;
	struct there_row row;
	enum err e = db_one(op, STMT_order_is_there,
	    DB_ARGS(DB_BYTES("public_id", p->public_id, UUID_LEN),
		DB_I64("restaurant_id", p->restaurant->id)),
	    &there_shape, &row);

	if (e == ERR_NO_ROW)
		*ret = false;
	else if (e == OK)
		*ret = true;
	return e == ERR_NO_ROW ? OK : e;
}

/* What is looked at before the menu: the time, the settings, the day. */
static enum err
placing_begin(struct op *op, struct placing *p)
{
	enum err e = db_now(op);

	if (e == OK)
		e = settings_read(op, p->restaurant->id, p->restaurant->currency, &p->settings);
	return e == OK ? day_set(op, p) : e;
}

/* The version it came with will do, until it turns out to be an old one. */
static enum err
menu_look(struct op *op, struct placing *p, bool is_first)
{
	return menu_get_at(op, p->restaurant->id, is_first ? p->restaurant->menu_version : 0,
	    p->restaurant->currency, &p->menu);
}

enum err
order_place(struct op *op, const struct restaurant *restaurant,
    const struct submission_terms *terms, const struct order_wish *wish, struct idempotency *idem,
    struct bytes (*render)(struct arena *, const struct order *), struct order *ret_order)
{
	struct placing p = { .restaurant = restaurant,
		.terms = terms,
		.wish = wish,
		.idem = idem,
		.render = render };
	uint8_t random[UUID_RANDOM_LEN];
	enum err e = placing_begin(op, &p);

	if (e != OK)
		return e;
	op_random(op, random, sizeof random);
	uuid_v7(op->now_us, random, p.public_id);
	for (int i = 0; i < PRICE_TRIES; i++) {
		p.is_outdated = p.is_priced = false;
		e = menu_look(op, &p, i == 0);
		if (e == OK)
			e = db_tx_keyed(op, place_body, &p, place_happened);
		if (e == OK || !p.is_outdated)
			break;
		op_forgive(op);
	}
	if (e == OK && (idem == NULL || !idem->is_answered)) {
		counter_add(COUNTER_orders_placed, 1);
		*ret_order = p.order;
		ret_order->public_id.data = arena_bytes(op->arena, p.public_id, UUID_LEN);
	}
	return e;
}

enum err
order_quote(struct op *op, const struct restaurant *restaurant, const struct order_wish *wish,
    struct order *ret_order)
{
	struct placing p = { .restaurant = restaurant, .wish = wish };
	bool accepting;
	enum err e = placing_begin(op, &p);

	if (e == OK)
		e = menu_look(op, &p, false);
	if (e == OK)
		e = price(op, &p);
	if (e == OK)
		e = restaurant_accepting(op, restaurant->id, &accepting);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_INTERNAL_ERROR, "The restaurant has no counters");
	if (e == OK && !accepting)
		return closed_meanwhile(op, &p);
	if (e == OK)
		e = capacity_look(op, restaurant->id, &p.slot, p.settings.max_orders_per_slot);
	if (e == OK)
		*ret_order = p.order;
	return e;
}
