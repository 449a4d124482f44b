#include "menu/item.h"

#include "db/db.h"
#include "menu/menu.h"
#include "op/crash.h"

struct stock_row {
	int64_t id;
	bool is_available;
};
static const struct db_col stock_cols[] = {
	COL_I64(struct stock_row, id),
	COL_BOOL(struct stock_row, is_available),
};
static const struct db_shape stock_shape = DB_SHAPE(struct stock_row, stock_cols);

struct stock_change {
	int64_t restaurant_id;
	const char *const *external_ids;
	size_t n;
	enum stock_kind kind;
	bool is_available;
	int64_t changed;
	const char **unknown;
	size_t unknown_n;
};

/* Switches the rows that are the other way. */
static enum err
rows_set(struct op *op, struct stock_change *c, enum stmt set, const struct stock_row *rows,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum err e;

		if (rows[i].is_available == c->is_available)
			continue;
		e = db_run(op, set,
		    DB_ARGS(DB_I64("id", rows[i].id), DB_I64("restaurant_id", c->restaurant_id),
			DB_I64("is_available", c->is_available)));
		if (e != OK)
			return e;
		c->changed++;
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
		else
			e = many_set(op, c, c->external_ids[i], STMT_stock_addons,
			    STMT_stock_addon_set, &found);
		if (e == OK && found == 0)
			c->unknown[c->unknown_n++] = c->external_ids[i];
	}
	CRASH_POINT("item_stock.before_version");
	if (e == OK && c->changed > 0)
		menu_changed(op, c->restaurant_id);
	return e;
}

enum err
item_stock_set(struct op *op, int64_t restaurant_id, const char *const *external_ids, size_t n,
    enum stock_kind kind, bool is_available, int64_t *ret_changed, const char **ret_unknown,
    size_t *ret_unknown_n)
{
	struct stock_change c = {
		.restaurant_id = restaurant_id,
		.external_ids = external_ids,
		.n = n,
		.kind = kind,
		.is_available = is_available,
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
