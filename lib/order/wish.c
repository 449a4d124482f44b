#include "order/wish.h"

#include <string.h>

#include "op/op.h"
#include "tenant/day.h"
#include "tenant/opening.h"
#include "tenant/restaurant.h"
#include "tenant/settings.h"
#include "text/civil.h"
#include "text/utf8.h"

/* As the kitchen would read it: blanks of any script are nothing. */
static bool
is_blank(struct op *op, const char *text)
{
	return text == NULL || utf8_sanitise(op->arena, text, SIZE_MAX)[0] == '\0';
}

bool
wish_is_offered(const struct settings *s, const char *order_type)
{
	return strcmp(order_type, "delivery") != 0 || s->delivery_enabled;
}

bool
wish_is_taken(const struct settings *s, const char *payment_method)
{
	/* upi_payment_enabled is not enough: nobody here collects it. */
	return strcmp(payment_method, "cash") == 0 && s->cash_payment_enabled;
}

static void
type_check(struct op *op, const struct settings *s, const struct order_wish *w)
{
	bool is_delivery = strcmp(w->cart.order_type, "delivery") == 0;

	if (!wish_is_offered(s, w->cart.order_type))
		fail_field(op, "order_type", "delivery is not offered by this restaurant");
	if (is_delivery && is_blank(op, w->delivery_address))
		fail_field(op, "delivery_address", "is needed for a delivery");
	if (strcmp(w->cart.order_type, "dine_in") == 0 && is_blank(op, w->table_number))
		fail_field(op, "table_number", "is needed at a table");
}

static void
payment_check(struct op *op, const struct settings *s, const struct order_wish *w)
{
	bool is_wanted = strcmp(w->payment_method, "upi") == 0 && s->upi_payment_enabled;

	if (!wish_is_taken(s, w->payment_method))
		fail_field(op, "payment_method", "%s is not %s this restaurant", w->payment_method,
		    is_wanted ? "available at" : "taken by");
}

/* Days are business days: until the books are closed it is still today. */
static void
schedule_check(
    struct op *op, const struct restaurant *r, const struct settings *s, const struct order_wish *w)
{
	int64_t today, then;

	if (w->scheduled_time == TIME_NONE)
		return;
	if (w->scheduled_time < op->now_us)
		fail_field(op, "scheduled_time", "lies in the past");
	else if (!day_of(r->time_zone, s->day_starts_min, op->now_us, &today) ||
		 !day_of(r->time_zone, s->day_starts_min, w->scheduled_time, &then) ||
		 then - today > s->schedule_days_max)
		fail_field(op, "scheduled_time", "is more than %lld days ahead",
		    (long long)s->schedule_days_max);
}

enum err
wish_closed(struct op *op, const struct restaurant *r, const struct settings *s, int64_t at_us)
{
	struct opening opening = opening_at(s, r->time_zone, at_us);
	bool is_first = op->fault.code == OK;
	enum err e = fail(op, ERR_RESTAURANT_CLOSED, NULL);

	if (is_first && r->is_active && opening.cause != OPENING_NOTHING)
		op->fault.details = opening_details(op->arena, &opening);
	return e;
}

enum err
wish_check(
    struct op *op, const struct restaurant *r, const struct settings *s, const struct order_wish *w)
{
	int64_t at = w->scheduled_time != TIME_NONE ? w->scheduled_time : op->now_us;

	if (!r->is_active || !s->restaurant_open)
		return wish_closed(op, r, s, at);
	type_check(op, s, w);
	payment_check(op, s, w);
	schedule_check(op, r, s, w);
	if (op->fault.code == OK && opening_cause_at(s, r->time_zone, at) != OPENING_NOTHING)
		return wish_closed(op, r, s, at);
	return op->fault.code;
}

/* The soonest. */
static int64_t
kitchen_ready(const struct op *op, const struct settings *s)
{
	return op->now_us + (s->prep_minutes + s->busy_minutes) * US_PER_MINUTE;
}

int64_t
wish_promised(const struct op *op, const struct settings *s, const struct order_wish *w)
{
	return w->scheduled_time != TIME_NONE ? w->scheduled_time : kitchen_ready(op, s);
}

int64_t
wish_ready(const struct op *op, const struct settings *s, const struct order_wish *w)
{
	int64_t promised = wish_promised(op, s, w), soonest = kitchen_ready(op, s);

	return promised > soonest ? promised : soonest;
}
