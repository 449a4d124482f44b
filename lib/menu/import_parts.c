#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "menu/import_rows.h"
#include "menu/public_id.h"
#include "op/crash.h"
#include "text/utf8.h"

#define CATEGORY_NAME_MAX 100
#define SUFFIX_MAX 99

/* --- taxes --------------------------------------------------------------------------------- */

static bool
tax_is_same(const struct tax_row *row, const struct menu_doc_tax *t)
{
	return text_is_same(row->name, t->name) &&
	    text_is_same(row->kind, t->is_percent ? "percent" : "fixed") &&
	    row->rate_micro == t->rate_micro && row->amount_minor == t->amount_minor &&
	    row->order_types == t->order_types && row->charges == t->charges &&
	    row->is_active == t->is_active &&
	    row->display_order == t->display_order;
}

static enum err
tax_write(struct import *im, struct pair *pair, const struct menu_doc_tax *t)
{
	struct public_id public_id;

	im->changed++;
	if (pair->id != 0)
		return db_run(im->op, STMT_tax_update,
		    DB_ARGS(DB_I64("id", pair->id), DB_I64("restaurant_id", im->restaurant_id),
			DB_TEXT("name", t->name),
			DB_TEXT("kind", t->is_percent ? "percent" : "fixed"),
			DB_I64("rate_micro", t->rate_micro),
			DB_I64("amount_minor", t->amount_minor),
			DB_I64("order_types", t->order_types), DB_I64("charges", t->charges),
			DB_I64("is_active", t->is_active),
			DB_I64("display_order", t->display_order)));
	public_id = public_id_make(im->op);
	return db_newid(im->op, STMT_tax_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id.bytes, sizeof public_id.bytes),
		DB_I64("restaurant_id", im->restaurant_id),
		DB_TEXT("external_id", t->external_id), DB_TEXT("name", t->name),
		DB_TEXT("kind", t->is_percent ? "percent" : "fixed"),
		DB_I64("rate_micro", t->rate_micro), DB_I64("amount_minor", t->amount_minor),
		DB_I64("order_types", t->order_types), DB_I64("charges", t->charges),
			DB_I64("is_active", t->is_active),
		DB_I64("display_order", t->display_order)),
	    &pair->id);
}

/* A row that the document no longer names, by the statement of its kind. */
static enum err
row_retire(struct import *im, enum stmt stmt, int64_t id)
{
	im->changed++;
	return db_run(im->op, stmt,
	    DB_ARGS(DB_I64("id", id), DB_I64("restaurant_id", im->restaurant_id)));
}

static enum err
rows_retire(struct import *im, const struct pairs *pairs, const char *kind, enum stmt stmt)
{
	for (size_t i = 0; import_is_full(im) && i < pairs->n; i++) {
		const struct pair *pair = &pairs->list[i];
		enum err e;

		if (pair->doc != PAIR_NONE || !pair->is_row_active ||
		    lock_keeps(im, kind, pair->external_id, pair->locked))
			continue;
		e = row_retire(im, stmt, pair->id);
		if (e != OK)
			return e;
	}
	return OK;
}

enum err
import_taxes(struct import *im)
{
	for (size_t i = 0; i < im->doc->taxes_n; i++) {
		const struct menu_doc_tax *t = &im->doc->taxes[i];
		struct pair *pair = pairs_find(&im->taxes, t->external_id);
		enum err e;

		if (pair->row != PAIR_NONE && tax_is_same(&im->rows.taxes[pair->row], t))
			continue;
		e = tax_write(im, pair, t);
		if (e != OK)
			return e;
	}
	return rows_retire(im, &im->taxes, "tax", STMT_tax_retire);
}

/* --- categories ---------------------------------------------------------------------------- */

/* A name kept apart from another category's of the same name: "Starters (2)". */
static const char *
name_suffixed(struct arena *arena, const char *name, int no)
{
	char suffix[16];

	(void)snprintf(suffix, sizeof suffix, " (%d)", no);
	return arena_printf(arena, "%s%s",
	    utf8_truncate(arena, name, CATEGORY_NAME_MAX - strlen(suffix)), suffix);
}

static bool
name_is_suffixed(struct arena *arena, const char *stored, const char *name)
{
	for (int no = 2; no <= SUFFIX_MAX; no++)
		if (strcmp(stored, name_suffixed(arena, name, no)) == 0)
			return true;
	return false;
}

struct count_row {
	int64_t n;
};
static const struct db_col count_cols[] = { COL_I64(struct count_row, n) };
static const struct db_shape count_shape = DB_SHAPE(struct count_row, count_cols);

static enum err
name_is_taken(struct import *im, const char *name, int64_t id, bool *ret)
{
	struct count_row row;
	enum err e;

	e = db_one(im->op, STMT_category_name_taken,
	    DB_ARGS(DB_I64("restaurant_id", im->restaurant_id), DB_TEXT("name", name),
		DB_I64("id", id)),
	    &count_shape, &row);
	if (e == OK)
		*ret = row.n > 0;
	return e;
}

/*
 * Takes out of the way what will get another name or go, so that two categories may exchange names:
 * the name of an inactive category is nobody's.
 */
static enum err
categories_clear(struct import *im)
{
	for (size_t i = 0; i < im->categories.n; i++) {
		struct pair *pair = &im->categories.list[i];
		const struct menu_doc_category *c;
		struct category_row *row;
		enum err e;

		if (pair->row == PAIR_NONE || pair->doc == PAIR_NONE)
			continue;
		row = &im->rows.categories[pair->row];
		c = &im->doc->categories[pair->doc];
		if (!row->is_active || !c->is_active || strcmp(row->name, c->name) == 0 ||
		    name_is_suffixed(im->op->arena, row->name, c->name))
			continue;
		row->is_active = false; /* so it is written below, and counted there */
		e = db_run(im->op, STMT_category_retire,
		    DB_ARGS(DB_I64("id", pair->id), DB_I64("restaurant_id", im->restaurant_id)));
		if (e != OK)
			return e;
	}
	return OK;
}

static bool
category_is_same(struct import *im, const struct category_row *row,
    const struct menu_doc_category *c, const char *name)
{
	return text_is_same(row->name, name) && row->display_order == c->display_order &&
	    row->is_active == c->is_active && text_is_same(row->image_url, c->image_url) &&
	    json_is_same(im->op->arena, row->timings, c->timings);
}

/* ERR_DUPLICATE when the name is taken. */
static enum err
category_put(struct import *im, struct pair *pair, const struct menu_doc_category *c,
    const char *name)
{
	struct public_id public_id;

	if (pair->id != 0)
		return db_run(im->op, STMT_category_update,
		    DB_ARGS(DB_I64("id", pair->id), DB_I64("restaurant_id", im->restaurant_id),
			DB_TEXT("name", name), DB_I64("display_order", c->display_order),
			DB_I64("is_active", c->is_active), DB_TEXT("image_url", c->image_url),
			DB_TEXT("timings", c->timings)));
	public_id = public_id_make(im->op);
	return db_newid(im->op, STMT_category_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id.bytes, sizeof public_id.bytes),
		DB_I64("restaurant_id", im->restaurant_id), DB_TEXT("external_id", c->external_id),
		DB_TEXT("name", name), DB_I64("display_order", c->display_order),
		DB_I64("is_active", c->is_active), DB_TEXT("image_url", c->image_url),
		DB_TEXT("timings", c->timings)), &pair->id);
}

static void
suffix_report(struct import *im, const struct menu_doc_category *c, const char *name)
{
	problem_add(&im->problems, "category", c->external_id,
	    "has the name of another category, \"%s\"; it is shown as \"%s\"", c->name, name);
}

static enum err
category_write(struct import *im, struct pair *pair, const struct menu_doc_category *c)
{
	const char *name = c->name;

	im->changed++;
	for (int no = 2;; no++) {
		enum err e = category_put(im, pair, c, name);

		if (e == OK && name != c->name)
			suffix_report(im, c, name);
		if (e != ERR_DUPLICATE || !db_duplicate_is(im->op, "uq_categories_name") ||
		    no > SUFFIX_MAX)
			return e;
		name = name_suffixed(im->op->arena, c->name, no);
	}
}

static enum err
category_bring(struct import *im, struct pair *pair, const struct menu_doc_category *c)
{
	const struct category_row *row;
	bool is_taken;
	enum err e;

	if (pair->row == PAIR_NONE)
		return category_write(im, pair, c);
	row = &im->rows.categories[pair->row];
	if (category_is_same(im, row, c, c->name))
		return OK;
	/* Perhaps it differs only because its name is still another's. */
	if (c->is_active && category_is_same(im, row, c, row->name) &&
	    name_is_suffixed(im->op->arena, row->name, c->name)) {
		e = name_is_taken(im, c->name, row->id, &is_taken);
		if (e != OK)
			return e;
		if (is_taken) {
			suffix_report(im, c, row->name);
			return OK;
		}
	}
	return category_write(im, pair, c);
}

enum err
import_categories(struct import *im)
{
	enum err e;

	e = rows_retire(im, &im->categories, "category", STMT_category_retire);
	if (e == OK)
		e = categories_clear(im);
	CRASH_POINT("menu_import.categories_cleared");
	for (size_t i = 0; e == OK && i < im->doc->categories_n; i++) {
		const struct menu_doc_category *c = &im->doc->categories[i];

		e = category_bring(im, pairs_find(&im->categories, c->external_id), c);
	}
	return e;
}

/* --- add-on groups and their add-ons ------------------------------------------------------- */

static enum err
addon_write(struct import *im, struct pair *pair, int64_t group_id, const struct menu_doc_addon *a)
{
	struct public_id public_id;

	im->changed++;
	if (pair->id != 0)
		return db_run(im->op, STMT_addon_update,
		    DB_ARGS(DB_I64("id", pair->id), DB_I64("restaurant_id", im->restaurant_id),
			DB_TEXT("name", a->name), DB_I64("price_minor", a->price_minor),
			DB_I64("is_available", a->is_available), DB_I64("is_active", a->is_active),
			DB_I64("display_order", a->display_order)));
	public_id = public_id_make(im->op);
	return db_newid(im->op, STMT_addon_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id.bytes, sizeof public_id.bytes),
		DB_I64("restaurant_id", im->restaurant_id), DB_I64("addon_group_id", group_id),
		DB_TEXT("external_id", a->external_id), DB_TEXT("name", a->name),
		DB_I64("price_minor", a->price_minor), DB_I64("is_available", a->is_available),
		DB_I64("is_active", a->is_active), DB_I64("display_order", a->display_order)),
	    &pair->id);
}

static bool
addon_is_same(const struct addon_row *row, const struct menu_doc_addon *a)
{
	return text_is_same(row->name, a->name) && row->price_minor == a->price_minor &&
	    row->is_available == a->is_available && row->is_active == a->is_active &&
	    row->display_order == a->display_order;
}

static enum err
addon_bring(struct import *im, int64_t group_id, const struct menu_doc_addon_group *g,
    struct pair *pair, const struct addon_row *row)
{
	struct menu_doc_addon told;

	if (pair->doc == PAIR_NONE) {
		if (!pair->is_row_active ||
		    lock_keeps(im, "add-on", pair->external_id, pair->locked))
			return OK;
		return row_retire(im, STMT_addon_retire, pair->id);
	}
	told = g->addons[pair->doc];
	if (row != NULL && row->locked_fields != 0)
		lock_addon(im, row, &told);
	return row != NULL && addon_is_same(row, &told) ? OK
							: addon_write(im, pair, group_id, &told);
}

/* A group that is named is named whole: what it no longer lists is gone in every kind of sync. */
static enum err
addons_bring(struct import *im, int64_t group_id, const struct menu_doc_addon_group *g)
{
	struct addon_row *rows;
	struct pairs pairs;
	size_t first, n;

	rows_of_parent(im->rows.addons, im->rows.addons_n, sizeof *rows,
	    offsetof(struct addon_row, addon_group_id), group_id, &first, &n);
	rows = im->rows.addons + first;
	pairs = pairs_make(im->op->arena, KEYED_ROWS(rows, n, struct addon_row),
	    KEYED(g->addons, g->addons_n, struct menu_doc_addon));
	for (size_t i = 0; i < pairs.n; i++) {
		struct pair *pair = &pairs.list[i];
		enum err e = addon_bring(im, group_id, g, pair,
		    pair->row != PAIR_NONE ? &rows[pair->row] : NULL);

		if (e != OK)
			return e;
	}
	return OK;
}

static enum err
group_write(struct import *im, struct pair *pair, const struct menu_doc_addon_group *g)
{
	struct public_id public_id;

	im->changed++;
	if (pair->id != 0)
		return db_run(im->op, STMT_addon_group_update,
		    DB_ARGS(DB_I64("id", pair->id), DB_I64("restaurant_id", im->restaurant_id),
			DB_TEXT("name", g->name), DB_I64("is_active", g->is_active),
			DB_I64("display_order", g->display_order)));
	public_id = public_id_make(im->op);
	return db_newid(im->op, STMT_addon_group_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id.bytes, sizeof public_id.bytes),
		DB_I64("restaurant_id", im->restaurant_id), DB_TEXT("external_id", g->external_id),
		DB_TEXT("name", g->name), DB_I64("is_active", g->is_active),
		DB_I64("display_order", g->display_order)), &pair->id);
}

enum err
import_groups(struct import *im)
{
	for (size_t i = 0; i < im->doc->addon_groups_n; i++) {
		const struct menu_doc_addon_group *g = &im->doc->addon_groups[i];
		struct pair *pair = pairs_find(&im->groups, g->external_id);
		const struct group_row *row;
		enum err e = OK;

		row = pair->row != PAIR_NONE ? &im->rows.groups[pair->row] : NULL;
		if (row == NULL || !text_is_same(row->name, g->name) ||
		    row->is_active != g->is_active || row->display_order != g->display_order)
			e = group_write(im, pair, g);
		if (e == OK)
			e = addons_bring(im, pair->id, g);
		if (e != OK)
			return e;
	}
	return rows_retire(im, &im->groups, "add-on group", STMT_addon_group_retire);
}
