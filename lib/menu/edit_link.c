/* What goes with an item: its taxes, and the add-on groups beside it or one of its variations. */
#include <string.h>

#include "db/db.h"
#include "menu/edit_inside.h"

/* --- finding what a wish names -------------------------------------------------------------- */

static bool
id_is_again(const struct edit_id *ids, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (memcmp(ids[k].id, ids[i].id, sizeof ids[i].id) == 0)
			return true;
	return false;
}

static enum err
group_find(struct edit *edit, const char *field, const unsigned char id[16], int64_t *ret_id)
{
	enum err e = catalog_id(edit->op, CATALOG_GROUP, edit->restaurant->id, id, ret_id);

	return e == ERR_NO_ROW ? edit_missing(edit->op, field, "add-on group") : e;
}

/* --- add-on groups beside it --------------------------------------------------------------- */

/* The choices that a wish asks for, as rows. `at` is the path of the list. */
enum err
edit_choices_read(struct edit *edit, const char *at, const struct choice_wish *wishes, size_t n,
    struct catalog_choice *ret)
{
	struct op *op = edit->op;

	for (size_t i = 0; i < n; i++) {
		const char *field = arena_printf(op->arena, "%s[%zu]", at, i);
		enum err e;

		if (wishes[i].max > 0 && wishes[i].min > wishes[i].max)
			return fail_field(op, arena_printf(op->arena, "%s.min", field),
			    "must not be more than max");
		ret[i] = (struct catalog_choice){ .min = wishes[i].min, .max = wishes[i].max,
			.display_order = (int64_t)i };
		e = group_find(edit, arena_printf(op->arena, "%s.id", field), wishes[i].id,
		    &ret[i].addon_group_id);
		if (e != OK)
			return e;
		for (size_t k = 0; k < i; k++)
			if (ret[k].addon_group_id == ret[i].addon_group_id)
				return fail_field(op, field, "is there twice");
	}
	return OK;
}

static bool
choices_have(const struct catalog_choice *list, size_t n, int64_t group_id)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].addon_group_id == group_id)
			return true;
	return false;
}

/* By position: where a group stands in the list is part of it. */
bool
edit_choices_same(const struct catalog_choice *a, size_t a_n, const struct catalog_choice *b,
    size_t b_n)
{
	for (size_t i = 0; i < a_n && i < b_n; i++)
		if (a[i].addon_group_id != b[i].addon_group_id || a[i].min != b[i].min ||
		    a[i].max != b[i].max)
			return false;
	return a_n == b_n;
}

enum err
edit_choices_write(struct edit *edit, int64_t item_id, int64_t variation_id,
    const struct catalog_choice *was, size_t was_n, const struct catalog_choice *now, size_t now_n)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < was_n; i++)
		if (!choices_have(now, now_n, was[i].addon_group_id))
			e = db_run(edit->op, STMT_item_choice_drop,
			    DB_ARGS(DB_I64("restaurant_id", edit->restaurant->id),
				DB_I64("item_id", item_id), DB_I64("variation_id", variation_id),
				DB_I64("addon_group_id", was[i].addon_group_id)));
	for (size_t i = 0; e == OK && i < now_n; i++)
		e = db_run(edit->op, STMT_item_choice_put,
		    DB_ARGS(DB_I64("restaurant_id", edit->restaurant->id),
			DB_I64("item_id", item_id), DB_I64("variation_id", variation_id),
			DB_I64("addon_group_id", now[i].addon_group_id),
			DB_I64("min_choices", now[i].min), DB_I64("max_choices", now[i].max),
			DB_I64("display_order", now[i].display_order)));
	return e;
}

/* --- taxes on it --------------------------------------------------------------------------- */

enum err
edit_taxes_read(struct edit *edit, const struct item_wish *w, struct catalog_item_tax *ret)
{
	struct op *op = edit->op;

	for (size_t i = 0; i < w->tax_ids_n; i++) {
		const char *field = arena_printf(op->arena, "tax_ids[%zu]", i);
		enum err e;

		if (id_is_again(w->tax_ids, i))
			return fail_field(op, field, "is there twice");
		e = catalog_id(op, CATALOG_TAX, edit->restaurant->id, w->tax_ids[i].id,
		    &ret[i].tax_id);
		if (e == ERR_NO_ROW)
			return edit_missing(op, field, "tax");
		if (e != OK)
			return e;
	}
	return OK;
}

static bool
taxes_have(const struct catalog_item_tax *list, size_t n, int64_t tax_id)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].tax_id == tax_id)
			return true;
	return false;
}

static enum err
tax_write(struct edit *edit, enum stmt stmt, int64_t item_id, int64_t tax_id, bool *ret_changed)
{
	*ret_changed = true;
	return db_run(edit->op, stmt,
	    DB_ARGS(DB_I64("restaurant_id", edit->restaurant->id), DB_I64("item_id", item_id),
		DB_I64("tax_id", tax_id)));
}

enum err
edit_taxes_write(struct edit *edit, int64_t item_id, const struct catalog_item *was,
    const struct catalog_item_tax *now, size_t now_n, bool *ret_changed)
{
	const struct catalog_item_tax *old = was != NULL ? was->taxes : NULL;
	size_t old_n = was != NULL ? was->taxes_n : 0;
	enum err e = OK;

	for (size_t i = 0; e == OK && i < old_n; i++)
		if (!taxes_have(now, now_n, old[i].tax_id))
			e = tax_write(edit, STMT_item_tax_drop, item_id, old[i].tax_id,
			    ret_changed);
	for (size_t i = 0; e == OK && i < now_n; i++)
		if (!taxes_have(old, old_n, now[i].tax_id))
			e = tax_write(edit, STMT_item_tax_put, item_id, now[i].tax_id, ret_changed);
	return e;
}
