#include "menu/item.h"

#include "db/db.h"
#include "menu/field.h"
#include "menu/menu.h"
#include "op/crash.h"
#include "tenant/day.h"
#include "tenant/settings.h"

struct stock_row {
	int64_t id;
	const char *external_id;
	bool is_available;
	int64_t returns_at, locked_fields;
};
static const struct db_col stock_cols[] = {
	COL_I64(struct stock_row, id),
	COL_TEXT(struct stock_row, external_id),
	COL_BOOL(struct stock_row, is_available),
	COL_TIME(struct stock_row, returns_at),
	COL_I64(struct stock_row, locked_fields),
};
static const struct db_shape stock_shape = DB_SHAPE(struct stock_row, stock_cols);

struct stock_change {
	int64_t restaurant_id;
	const char *const *external_ids;
	size_t n;
	enum stock_kind kind;
	bool is_available, is_by_staff;
	int64_t returns_at;
	int64_t changed;
	const char **unknown;
	size_t unknown_n;
};

/* What staff switch off is locked against imports; whoever switches on unlocks it. */
static int64_t
locks_of(const struct stock_change *c, const struct stock_row *row)
{
	if (c->is_available)
		return row->locked_fields & ~(int64_t)FIELD_AVAILABLE;
	return c->is_by_staff && row->external_id != NULL ? row->locked_fields | FIELD_AVAILABLE
							  : row->locked_fields;
}

/* Switches the rows that are the other way, or are to come back at another time. */
static enum err
rows_set(struct op *op, struct stock_change *c, enum stmt set, const struct stock_row *rows,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t locked = locks_of(c, &rows[i]);
		enum err e;

		if (rows[i].is_available == c->is_available &&
		    rows[i].returns_at == c->returns_at && rows[i].locked_fields == locked)
			continue;
		e = db_run(op, set,
		    DB_ARGS(DB_I64("id", rows[i].id), DB_I64("restaurant_id", c->restaurant_id),
			DB_I64("is_available", c->is_available),
			DB_TIME("returns_at", c->returns_at), DB_I64("locked_fields", locked)));
		if (e != OK)
			return e;
		c->changed += rows[i].is_available != c->is_available;
	}
	return OK;
}

/* The rows of a list statement that carry the id. */
static enum err
many_set(struct op *op, struct stock_change *c, const char *external_id, enum stmt find,
    enum stmt set, size_t *ret_found)
{
	struct stock_row *rows;
	enum err e;

	e = db_many(op, find,
	    DB_ARGS(DB_I64("restaurant_id", c->restaurant_id), DB_TEXT("external_id", external_id)),
	    &stock_shape, &rows, ret_found);
	return e == OK ? rows_set(op, c, set, rows, *ret_found) : e;
}

static enum err
item_or_variation_set(struct op *op, struct stock_change *c, const char *external_id,
    size_t *ret_found)
{
	struct stock_row row;
	enum err e;

	e = db_one(op, STMT_stock_item,
	    DB_ARGS(DB_I64("restaurant_id", c->restaurant_id), DB_TEXT("external_id", external_id)),
	    &stock_shape, &row);
	if (e == ERR_NO_ROW)
		return many_set(op, c, external_id, STMT_stock_variations, STMT_stock_variation_set,
		    ret_found);
	if (e != OK)
		return e;
	*ret_found = 1;
	return rows_set(op, c, STMT_stock_item_set, &row, 1);
}

/* All that a POS means by an id that it tells nothing more of. */
static enum err
any_set(struct op *op, struct stock_change *c, const char *external_id, size_t *ret_found)
{
	size_t alone = 0, placed = 0, addons = 0;
	enum err e = item_or_variation_set(op, c, external_id, &alone);

	if (e == OK)
		e = many_set(op, c, external_id, STMT_stock_items_placed, STMT_stock_item_set,
		    &placed);
	if (e == OK)
		e = many_set(
		    op, c, external_id, STMT_stock_addons, STMT_stock_addon_set, &addons);
	*ret_found = alone + placed + addons;
	return e;
}

/* After the rows: the version, and the message for the time at which they come back. */
static enum err
stock_end(struct op *op, const struct stock_change *c)
{
	int64_t delay_us = c->returns_at - op->now_us;

	CRASH_POINT("item_stock.before_version");
	if (c->changed > 0)
		menu_changed(op, c->restaurant_id);
	if (c->returns_at == TIME_NONE)
		return OK;
	return outbox_put(op,
	    &(struct message_new){ .kind = MESSAGE_stock_return,
		.destination = arena_printf(op->arena, "stock:%lld", (long long)c->restaurant_id),
		.restaurant_id = c->restaurant_id,
		.subject_id = c->restaurant_id,
		.delay_us = delay_us > 0 ? delay_us : 0 });
}

static enum err
stock_body(struct op *op, void *arg)
{
	struct stock_change *c = arg;
	int64_t version;
	enum err e;

	c->changed = 0;
	c->unknown_n = 0;
	e = menu_take(op, c->restaurant_id, &version);
	for (size_t i = 0; e == OK && i < c->n; i++) {
		size_t found = 0;

		if (c->kind == STOCK_ITEM)
			e = item_or_variation_set(op, c, c->external_ids[i], &found);
		else if (c->kind == STOCK_ANY)
			e = any_set(op, c, c->external_ids[i], &found);
		else
			e = many_set(op, c, c->external_ids[i], STMT_stock_addons,
			    STMT_stock_addon_set, &found);
		if (e == OK && found == 0)
			c->unknown[c->unknown_n++] = c->external_ids[i];
	}
	return e != OK ? e : stock_end(op, c);
}

enum err
item_stock_set(struct op *op, int64_t restaurant_id, const char *const *external_ids, size_t n,
    enum stock_kind kind, bool is_available, int64_t returns_at, int64_t *ret_changed,
    const char **ret_unknown, size_t *ret_unknown_n)
{
	struct stock_change c = {
		.restaurant_id = restaurant_id,
		.external_ids = external_ids,
		.n = n,
		.kind = kind,
		.is_available = is_available,
		.returns_at = is_available ? TIME_NONE : returns_at,
		.unknown = arena_array(op->arena, n, sizeof *c.unknown),
	};
	enum err e;

	e = op->in_transaction ? stock_body(op, &c) : db_tx(op, stock_body, &c);
	if (e != OK)
		return e;
	*ret_changed = c.changed;
	if (ret_unknown != NULL) {
		for (size_t i = 0; i < c.unknown_n; i++)
			ret_unknown[i] = c.unknown[i];
		*ret_unknown_n = c.unknown_n;
	}
	return OK;
}

/* --- by staff ------------------------------------------------------------------------------ */

static const struct {
	enum stmt find, set;
} things[] = {
	[THING_ITEM] = { STMT_stock_item_public, STMT_stock_item_set },
	[THING_VARIATION] = { STMT_stock_variation_public, STMT_stock_variation_set },
	[THING_ADDON] = { STMT_stock_addon_public, STMT_stock_addon_set },
};
_Static_assert(sizeof things / sizeof things[0] == THING__MAX, "one row per kind");

static enum err
thing_set(struct op *op, struct stock_change *c, const struct thing *thing)
{
	struct stock_row row;
	enum err e = db_one(op, things[thing->kind].find,
	    DB_ARGS(DB_BYTES("public_id", thing->public_id, sizeof thing->public_id),
		DB_I64("restaurant_id", c->restaurant_id)),
	    &stock_shape, &row);

	if (e == ERR_NO_ROW && thing->field == NULL)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == ERR_NO_ROW)
		return fail_field(op, thing->field, "names nothing of this restaurant");
	return e != OK ? e : rows_set(op, c, things[thing->kind].set, &row, 1);
}

enum err
item_available_set(struct op *op, int64_t restaurant_id, const struct thing *list, size_t n,
    bool is_available, int64_t returns_at, int64_t *ret_changed)
{
	struct stock_change c = {
		.restaurant_id = restaurant_id,
		.is_available = is_available,
		.is_by_staff = true,
		.returns_at = is_available ? TIME_NONE : returns_at,
	};
	int64_t version;
	enum err e = menu_take(op, restaurant_id, &version);

	for (size_t i = 0; e == OK && i < n; i++)
		e = thing_set(op, &c, &list[i]);
	if (e == OK)
		e = stock_end(op, &c);
	if (e == OK)
		*ret_changed = c.changed;
	return e;
}

/* --- coming back --------------------------------------------------------------------------- */

enum err
item_day_end(struct op *op, const struct restaurant *r, int64_t at_us, int64_t *ret_us)
{
	struct settings settings;
	int64_t day, from_us;
	enum err e = settings_read(op, r->id, r->currency, &settings);

	if (e != OK)
		return e;
	if (!day_of(r->time_zone, settings.day_starts_min, at_us, &day) ||
	    !day_bounds(r->time_zone, settings.day_starts_min, day, &from_us, ret_us))
		return fail(op, ERR_INTERNAL_ERROR, "The restaurant is in no known time zone");
	return OK;
}

enum err
item_return(struct op *op, const struct message *m)
{
	static const enum stmt stmts[] = { STMT_stock_items_return, STMT_stock_variations_return,
		STMT_stock_addons_return };
	int64_t version, changed = 0;
	enum err e = menu_take(op, m->restaurant_id, &version);

	for (size_t i = 0; e == OK && i < sizeof stmts / sizeof stmts[0]; i++) {
		int64_t n;

		e = db_changed(op, stmts[i],
		    DB_ARGS(DB_I64("restaurant_id", m->restaurant_id),
			DB_I64("available", FIELD_AVAILABLE)),
		    &n);
		changed += e == OK ? n : 0;
	}
	CRASH_POINT("item_return.before_version");
	if (e == OK && changed > 0)
		menu_changed(op, m->restaurant_id);
	return e != OK ? e : outbox_finish(op, m, OUTCOME_DONE, NULL);
}
