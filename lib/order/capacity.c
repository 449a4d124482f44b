#include "order/capacity.h"

#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "menu/slot.h"
#include "op/crash.h"
#include "op/op.h"
#include "tenant/day.h"
#include "tenant/restaurant.h"
#include "tenant/settings.h"
#include "text/civil.h"
#include "text/utf8.h"
#include "text/zone.h"

#define DAY_MIN (24 * 60)
#define NAME_MAX_N 100 /* characters, as the column has them */
#define OTHER "other"   /* what lies between the named slots */

/* --- which part of the day -------------------------------------------------------------------- */

/* How long ago, on the wall, it was `start_min`; both are minutes of a day. */
static int
minutes_since(int start_min, int minute)
{
	return (minute - start_min + 2 * DAY_MIN) % DAY_MIN;
}

/* Which of two slots that hold a minute: the one that began last, and of two the first by name. */
static bool
is_nearer(const struct settings_slot *a, const struct settings_slot *b, int minute)
{
	int since_a = minutes_since(a->start_min, minute);
	int since_b = minutes_since(b->start_min, minute);

	return since_a != since_b ? since_a < since_b : strcmp(a->name, b->name) < 0;
}

static const struct settings_slot *
named_slot_at(const struct settings *s, int minute)
{
	const struct settings_slot *found = NULL;

	for (size_t i = 0; i < s->slots_n; i++)
		if (slot_holds(&s->slots[i], minute) &&
		    (found == NULL || is_nearer(&s->slots[i], found, minute)))
			found = &s->slots[i];
	return found;
}

/*
 * How many minutes ago the part began, and its name. Windows are counted from the hour at which a
 * business day begins, so that none belongs to two.
 */
static int
part_at(struct op *op, const struct settings *s, int minute, const char **ret_name)
{
	const struct settings_slot *slot;
	int into, start;

	if (s->slot_minutes > 0) {
		into = minutes_since(s->day_starts_min, minute) % (int)s->slot_minutes;
		start = minutes_since(into, minute);
		*ret_name = arena_printf(op->arena, "%02d:%02d", start / 60, start % 60);
		return into;
	}
	slot = named_slot_at(s, minute);
	*ret_name = slot != NULL ? utf8_truncate(op->arena, slot->name, NAME_MAX_N) : OTHER;
	return slot != NULL ? minutes_since(slot->start_min, minute) : 0;
}

enum err
capacity_slot_at(struct op *op, const struct restaurant *r, const struct settings *s,
    int64_t promised_us, struct capacity_slot *ret)
{
	struct capacity_slot slot;
	char text[DAY_TEXT_LEN];
	struct civil wall;
	int into;

	if (!zone_to_civil(r->time_zone, promised_us, &wall))
		return fail(op, ERR_INTERNAL_ERROR, "The restaurant's time zone is unknown");
	into = part_at(op, s, wall.hour * 60 + wall.minute, &slot.name);
	/* On the wall, as the part itself: where clocks are set on, it began fewer minutes ago. */
	day_format(day_of_wall(&wall, s->day_starts_min, into), text);
	slot.day = arena_strdup(op->arena, text);
	*ret = slot;
	return OK;
}

/* --- a place is taken ------------------------------------------------------------------------- */

struct taken_row {
	int64_t taken;
};
static const struct db_col taken_cols[] = { COL_I64(struct taken_row, taken) };
static const struct db_shape taken_shape = DB_SHAPE(struct taken_row, taken_cols);

static enum err
limit_reached(struct op *op, int64_t current, int64_t max)
{
	enum err e = fail(op, ERR_ORDER_LIMIT_REACHED, NULL);

	op->fault.details = arena_printf(op->arena, "{\"current\":%lld,\"max\":%lld}",
	    (long long)current, (long long)max);
	return e;
}

/* 0 where nobody has taken any yet. *ret_is_there may be NULL. */
static enum err
taken_read(struct op *op, enum stmt stmt, int64_t restaurant_id, const struct capacity_slot *slot,
    bool *ret_is_there, int64_t *ret_taken)
{
	struct taken_row row = { 0 };
	enum err e = db_one(op, stmt,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("slot_date", slot->day),
		DB_TEXT("slot", slot->name)),
	    &taken_shape, &row);

	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret_is_there = e == OK;
	*ret_taken = row.taken;
	return OK;
}

static enum err
place_take(struct op *op, int64_t restaurant_id, const struct capacity_slot *slot, int64_t max,
    bool *ret_took)
{
	int64_t changed = 0;
	enum err e = db_changed(op, STMT_capacity_take,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("slot_date", slot->day),
		DB_TEXT("slot", slot->name), DB_I64("max_orders", max)),
	    &changed);

	*ret_took = changed == 1;
	return e;
}

/*
 * None was left, or the row is not there yet. From the locked read on, or from the making, the row
 * is ours: what was given back in between is found, and nobody is told a number that is not so.
 */
static enum err
place_take_slowly(
    struct op *op, int64_t restaurant_id, const struct capacity_slot *slot, int64_t max)
{
	int64_t taken = 0;
	bool is_there = false, took = false;
	enum err e =
	    taken_read(op, STMT_capacity_lock, restaurant_id, slot, &is_there, &taken);

	if (e == OK && taken >= max)
		return limit_reached(op, taken, max);
	if (e == OK && !is_there)
		e = db_run(op, STMT_capacity_make,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("slot_date", slot->day),
			DB_TEXT("slot", slot->name), DB_I64("max_orders", max)));
	if (e == OK)
		e = place_take(op, restaurant_id, slot, max, &took);
	if (e != OK || took)
		return e;
	/* Whoever made it first has filled it since. */
	e = taken_read(op, STMT_capacity_lock, restaurant_id, slot, &is_there, &taken);
	return e != OK ? e : limit_reached(op, taken, max);
}

enum err
capacity_take(struct op *op, int64_t restaurant_id, const struct capacity_slot *slot, int64_t max)
{
	bool took;
	enum err e;

	CRASH_POINT("capacity.before_take");
	e = place_take(op, restaurant_id, slot, max, &took);
	if (e == OK && !took)
		e = place_take_slowly(op, restaurant_id, slot, max);
	CRASH_POINT("capacity.after_take");
	return e;
}

enum err
capacity_look(struct op *op, int64_t restaurant_id, const struct capacity_slot *slot, int64_t max)
{
	int64_t taken = 0;
	bool is_there;
	enum err e =
	    taken_read(op, STMT_capacity_look, restaurant_id, slot, &is_there, &taken);

	return e == OK && taken >= max ? limit_reached(op, taken, max) : e;
}

/* --- and given back --------------------------------------------------------------------------- */

struct capacity_note {
	struct capacity_note *next;
	int64_t restaurant_id, places;
	const char *day, *name;
};

static int
note_compare(
    const struct capacity_note *n, int64_t restaurant_id, const char *day, const char *name)
{
	int order;

	if (n->restaurant_id != restaurant_id)
		return n->restaurant_id < restaurant_id ? -1 : 1;
	order = strcmp(n->day, day);
	return order != 0 ? order : strcmp(n->name, name);
}

/*
 * A row that is not there, or counts none, is a finding of `ticketrail check` and no reason why an
 * order could not end.
 */
static enum err
releases_write(struct op *op, void *unused)
{
	enum err e = OK;

	(void)unused;
	CRASH_POINT("capacity.before_release");
	for (const struct capacity_note *n = op->places; e == OK && n != NULL; n = n->next)
		e = db_run(op, STMT_capacity_release,
		    DB_ARGS(DB_I64("restaurant_id", n->restaurant_id), DB_TEXT("slot_date", n->day),
			DB_TEXT("slot", n->name), DB_I64("places", n->places)));
	return e;
}

void
capacity_release(struct op *op, int64_t restaurant_id, const char *day, const char *name)
{
	struct capacity_note **at = &op->places, *n;
	int order = 1;

	while (*at != NULL && (order = note_compare(*at, restaurant_id, day, name)) < 0)
		at = &(*at)->next;
	if (*at != NULL && order == 0) {
		(*at)->places++;
		return;
	}
	n = arena_alloc(op->arena, sizeof *n);
	*n = (struct capacity_note){ .next = *at, .restaurant_id = restaurant_id, .places = 1,
		.day = day, .name = name };
	*at = n;
	op_before_commit_early(op, releases_write, NULL);
}
