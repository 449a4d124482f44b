#include "menu/menu_load.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "text/json_read.h"

#define LOAD_TRIES 4

static const struct db_col head_cols[] = {
	COL_I64(struct menu_head, version),
	COL_TEXT(struct menu_head, currency),
};
static const struct db_shape head_shape = DB_SHAPE(struct menu_head, head_cols);

static const struct db_col category_cols[] = {
	COL_I64(struct menu_category, id),
	COL_FIXED(struct menu_category, public_id),
	COL_TEXT(struct menu_category, external_id),
	COL_TEXT(struct menu_category, name),
	COL_I64(struct menu_category, display_order),
	COL_TEXT(struct menu_category, image_url),
};
static const struct db_shape category_shape = DB_SHAPE(struct menu_category, category_cols);

static const struct db_col item_cols[] = {
	COL_I64(struct menu_item, id),
	COL_FIXED(struct menu_item, public_id),
	COL_I64(struct menu_item, category_id),
	COL_TEXT(struct menu_item, external_id),
	COL_TEXT(struct menu_item, name),
	COL_TEXT(struct menu_item, description),
	COL_I64(struct menu_item, price_minor),
	COL_I64(struct menu_item, packing_minor),
	COL_TEXT(struct menu_item, image_url),
	COL_BOOL(struct menu_item, is_veg),
	COL_BOOL(struct menu_item, is_available),
	COL_TEXT(struct menu_item, time_slots_json),
	COL_I64(struct menu_item, order_types),
	COL_BOOL(struct menu_item, tax_inclusive),
	COL_TEXT(struct menu_item, gst_liability),
	COL_I64(struct menu_item, display_order),
	COL_TIME(struct menu_item, returns_at),
};
static const struct db_shape item_shape = DB_SHAPE(struct menu_item, item_cols);

static const struct db_col variation_cols[] = {
	COL_I64(struct menu_variation, id),
	COL_FIXED(struct menu_variation, public_id),
	COL_I64(struct menu_variation, item_id),
	COL_TEXT(struct menu_variation, external_id),
	COL_TEXT(struct menu_variation, variation_code),
	COL_TEXT(struct menu_variation, name),
	COL_I64(struct menu_variation, price_minor),
	COL_I64(struct menu_variation, packing_minor),
	COL_BOOL(struct menu_variation, is_available),
	COL_I64(struct menu_variation, display_order),
	COL_TIME(struct menu_variation, returns_at),
};
static const struct db_shape variation_shape = DB_SHAPE(struct menu_variation, variation_cols);

static const struct db_col group_cols[] = {
	COL_I64(struct menu_addon_group, id),
	COL_FIXED(struct menu_addon_group, public_id),
	COL_TEXT(struct menu_addon_group, external_id),
	COL_TEXT(struct menu_addon_group, name),
	COL_I64(struct menu_addon_group, display_order),
};
static const struct db_shape group_shape = DB_SHAPE(struct menu_addon_group, group_cols);

static const struct db_col addon_cols[] = {
	COL_I64(struct menu_addon, id),
	COL_FIXED(struct menu_addon, public_id),
	COL_I64(struct menu_addon, addon_group_id),
	COL_TEXT(struct menu_addon, external_id),
	COL_TEXT(struct menu_addon, name),
	COL_I64(struct menu_addon, price_minor),
	COL_BOOL(struct menu_addon, is_available),
	COL_I64(struct menu_addon, display_order),
	COL_TIME(struct menu_addon, returns_at),
};
static const struct db_shape addon_shape = DB_SHAPE(struct menu_addon, addon_cols);

static const struct db_col tax_cols[] = {
	COL_I64(struct menu_tax, id),
	COL_TEXT(struct menu_tax, external_id),
	COL_TEXT(struct menu_tax, name),
	COL_TEXT(struct menu_tax, kind),
	COL_I64(struct menu_tax, rate_micro),
	COL_I64(struct menu_tax, amount_minor),
	COL_I64(struct menu_tax, order_types),
	COL_I64(struct menu_tax, charges),
	COL_I64(struct menu_tax, display_order),
};
static const struct db_shape tax_shape = DB_SHAPE(struct menu_tax, tax_cols);

static const struct db_col discount_cols[] = {
	COL_I64(struct menu_discount, id),
	COL_FIXED(struct menu_discount, public_id),
	COL_TEXT(struct menu_discount, external_id),
	COL_TEXT(struct menu_discount, name),
	COL_TEXT(struct menu_discount, code),
	COL_TEXT(struct menu_discount, kind),
	COL_I64(struct menu_discount, rate_micro),
	COL_I64(struct menu_discount, amount_minor),
	COL_I64(struct menu_discount, min_subtotal_minor),
	COL_I64(struct menu_discount, max_discount_minor),
	COL_I64(struct menu_discount, order_types),
	COL_TIME(struct menu_discount, starts_at),
	COL_TIME(struct menu_discount, ends_at),
	COL_I64(struct menu_discount, uses_max),
	COL_I64(struct menu_discount, uses_per_user_max),
	COL_BOOL(struct menu_discount, first_order_only),
};
static const struct db_shape discount_shape = DB_SHAPE(struct menu_discount, discount_cols);

struct choice_row {
	int64_t item_id, variation_id, addon_group_id, min, max;
};
static const struct db_col choice_cols[] = {
	COL_I64(struct choice_row, item_id),
	COL_I64(struct choice_row, variation_id),
	COL_I64(struct choice_row, addon_group_id),
	COL_I64(struct choice_row, min),
	COL_I64(struct choice_row, max),
};
static const struct db_shape choice_shape = DB_SHAPE(struct choice_row, choice_cols);

struct item_tax_row {
	int64_t item_id, tax_id;
};
static const struct db_col item_tax_cols[] = {
	COL_I64(struct item_tax_row, item_id),
	COL_I64(struct item_tax_row, tax_id),
};
static const struct db_shape item_tax_shape = DB_SHAPE(struct item_tax_row, item_tax_cols);

/* The rows of one version, before they are tied together. */
struct rows {
	struct menu_category *categories;
	struct menu_item *items;
	struct menu_variation *variations;
	struct menu_addon_group *groups;
	struct menu_addon *addons;
	struct menu_tax *taxes;
	struct menu_discount *discounts;
	struct choice_row *choices;
	struct item_tax_row *item_taxes;
	size_t categories_n, items_n, variations_n, groups_n, addons_n, taxes_n,
	    discounts_n, choices_n, item_taxes_n;
};

enum err
menu_head_read(struct op *op, int64_t restaurant_id, struct menu_head *ret)
{
	enum err e;

	e = db_one(op, STMT_menu_version, DB_ARGS(DB_I64("restaurant_id", restaurant_id)),
	    &head_shape, ret);
	return e == ERR_NO_ROW ? fail(op, ERR_NOT_FOUND, "There is no such restaurant") : e;
}

static enum err
rows_read(struct op *op, int64_t restaurant_id, struct rows *r)
{
	const struct {
		enum stmt stmt;
		const struct db_shape *shape;
		void *rows;
		size_t *n;
	} lists[] = {
		{ STMT_menu_categories, &category_shape, &r->categories, &r->categories_n },
		{ STMT_menu_items, &item_shape, &r->items, &r->items_n },
		{ STMT_menu_variations, &variation_shape, &r->variations, &r->variations_n },
		{ STMT_menu_addon_groups, &group_shape, &r->groups, &r->groups_n },
		{ STMT_menu_addons, &addon_shape, &r->addons, &r->addons_n },
		{ STMT_menu_taxes, &tax_shape, &r->taxes, &r->taxes_n },
		{ STMT_menu_discounts, &discount_shape, &r->discounts, &r->discounts_n },
		{ STMT_menu_choices, &choice_shape, &r->choices, &r->choices_n },
		{ STMT_menu_item_taxes, &item_tax_shape, &r->item_taxes, &r->item_taxes_n },
	};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		enum err e = db_many(op, lists[i].stmt,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id)), lists[i].shape, lists[i].rows,
		    lists[i].n);

		if (e != OK)
			return e;
	}
	return OK;
}

/* --- finding rows by our own id ------------------------------------------------------------ */

struct by_number {
	int64_t id;
	void *row;
};

struct numbers {
	struct by_number *entries;
	size_t n;
};

static int
number_compare(const void *a, const void *b)
{
	const struct by_number *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* Over n rows of a size that begin with their id, as all rows of a menu do. */
static struct numbers
numbers_make(struct arena *arena, void *rows, size_t n, size_t size)
{
	struct numbers t = { arena_array(arena, n, sizeof *t.entries), n };

	for (size_t i = 0; i < n; i++) {
		t.entries[i].row = (char *)rows + i * size;
		memcpy(&t.entries[i].id, t.entries[i].row, sizeof t.entries[i].id);
	}
	if (n > 1)
		qsort(t.entries, n, sizeof *t.entries, number_compare);
	return t;
}

static void *
numbers_find(const struct numbers *t, int64_t id)
{
	const struct by_number key = { .id = id }, *found;

	if (t->n == 0)
		return NULL;
	found = bsearch(&key, t->entries, t->n, sizeof key, number_compare);
	return found != NULL ? found->row : NULL;
}

_Static_assert(offsetof(struct menu_category, id) == 0, "numbers_make");
_Static_assert(offsetof(struct menu_item, id) == 0, "numbers_make");
_Static_assert(offsetof(struct menu_variation, id) == 0, "numbers_make");
_Static_assert(offsetof(struct menu_addon_group, id) == 0, "numbers_make");
_Static_assert(offsetof(struct menu_tax, id) == 0, "numbers_make");

/* --- tying together ------------------------------------------------------------------------ */

/* By the order of the categories, which is that of their array, then by their own. */
static int
item_compare(const void *a, const void *b)
{
	const struct menu_item *x = a, *y = b;

	if (x->category != y->category)
		return x->category < y->category ? -1 : 1;
	if (x->display_order != y->display_order)
		return x->display_order < y->display_order ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* The list of a JSON array of strings; anything else in it is passed over. */
static void
slots_tie(struct arena *arena, struct menu_item *item)
{
	struct json_object *list;
	const char **slots, *why;
	size_t n;

	if (item->time_slots_json == NULL)
		return;
	if (json_read(arena, item->time_slots_json, strlen(item->time_slots_json),
	    &json_limits_default, &list, &why) != OK)
		return;
	n = json_array_n(list);
	slots = arena_array(arena, n, sizeof *slots);
	for (size_t i = 0; i < n; i++)
		if (json_as_string(json_element(list, i), &slots[item->time_slots_n]))
			item->time_slots_n++;
	item->time_slots = slots;
}

/* Drops items of categories that are not shown, puts the rest in order. */
static void
items_tie(struct arena *arena, struct rows *r)
{
	struct numbers categories = numbers_make(arena, r->categories, r->categories_n,
	    sizeof *r->categories);
	size_t n = 0;

	for (size_t i = 0; i < r->items_n; i++) {
		struct menu_item *item = &r->items[i];

		item->category = numbers_find(&categories, item->category_id);
		if (item->category == NULL)
			continue;
		slots_tie(arena, item);
		r->items[n++] = *item;
	}
	r->items_n = n;
	if (n > 1)
		qsort(r->items, n, sizeof *r->items, item_compare);
}

/* Those of one item stand together; those of items that are not shown go. */
static void
variations_tie(struct rows *r, const struct numbers *items)
{
	size_t n = 0;

	for (size_t i = 0; i < r->variations_n; i++) {
		struct menu_item *item = numbers_find(items, r->variations[i].item_id);

		if (item == NULL)
			continue;
		r->variations[n] = r->variations[i];
		r->variations[n].item = item;
		if (item->variations_n++ == 0)
			item->variations = &r->variations[n];
		n++;
	}
	r->variations_n = n;
}

static void
addons_tie(struct rows *r, const struct numbers *groups)
{
	size_t n = 0;

	for (size_t i = 0; i < r->addons_n; i++) {
		struct menu_addon_group *group = numbers_find(groups, r->addons[i].addon_group_id);

		if (group == NULL)
			continue;
		r->addons[n] = r->addons[i];
		r->addons[n].group = group;
		if (group->addons_n++ == 0)
			group->addons = &r->addons[n];
		n++;
	}
	r->addons_n = n;
}

static void
choices_tie(struct arena *arena, struct rows *r, const struct numbers *items,
    const struct numbers *groups)
{
	struct numbers variations = numbers_make(arena, r->variations, r->variations_n,
	    sizeof *r->variations);
	struct menu_choice *c = arena_array(arena, r->choices_n, sizeof *c);

	for (size_t i = 0; i < r->choices_n; i++) {
		const struct choice_row *row = &r->choices[i];
		struct menu_item *item = numbers_find(items, row->item_id);
		struct menu_variation *variation = numbers_find(&variations, row->variation_id);

		*c = (struct menu_choice){
			.group = numbers_find(groups, row->addon_group_id),
			.min = row->min,
			.max = row->max,
		};
		if (item == NULL || c->group == NULL)
			continue;
		if (row->variation_id == 0) {
			if (item->choices_n++ == 0)
				item->choices = c;
		} else if (variation != NULL && variation->item == item) {
			if (variation->choices_n++ == 0)
				variation->choices = c;
		} else
			continue;
		c++;
	}
}

static void
taxes_tie(struct arena *arena, struct rows *r, const struct numbers *items)
{
	struct numbers taxes = numbers_make(arena, r->taxes, r->taxes_n, sizeof *r->taxes);
	const struct menu_tax **t = arena_array(arena, r->item_taxes_n, sizeof(void *));

	for (size_t i = 0; i < r->item_taxes_n; i++) {
		struct menu_item *item = numbers_find(items, r->item_taxes[i].item_id);

		*t = numbers_find(&taxes, r->item_taxes[i].tax_id);
		if (item == NULL || *t == NULL)
			continue;
		if (item->taxes_n++ == 0)
			item->taxes = t;
		t++;
	}
}

static int
index_compare(const void *a, const void *b)
{
	return memcmp(((const struct menu_by_id *)a)->public_id,
	    ((const struct menu_by_id *)b)->public_id, 16);
}

static const struct menu_by_id *
index_make(struct arena *arena, const void *rows, size_t n, size_t size, size_t public_id_offset)
{
	struct menu_by_id *index = arena_array(arena, n, sizeof *index);

	for (size_t i = 0; i < n; i++) {
		const char *row = (const char *)rows + i * size;

		memcpy(index[i].public_id, row + public_id_offset, sizeof index[i].public_id);
		index[i].row = row;
	}
	if (n > 1)
		qsort(index, n, sizeof *index, index_compare);
	return index;
}

static void
menu_tie(struct arena *arena, struct rows *r, struct menu *menu)
{
	struct numbers items, groups;

	items_tie(arena, r);
	items = numbers_make(arena, r->items, r->items_n, sizeof *r->items);
	groups = numbers_make(arena, r->groups, r->groups_n, sizeof *r->groups);
	variations_tie(r, &items);
	addons_tie(r, &groups);
	choices_tie(arena, r, &items, &groups);
	taxes_tie(arena, r, &items);
	menu->categories = r->categories;
	menu->categories_n = r->categories_n;
	menu->items = r->items;
	menu->items_n = r->items_n;
	menu->addon_groups = r->groups;
	menu->addon_groups_n = r->groups_n;
	menu->taxes = r->taxes;
	menu->taxes_n = r->taxes_n;
	menu->discounts = r->discounts;
	menu->discounts_n = r->discounts_n;
	menu->variations_n = r->variations_n;
	menu->addons_n = r->addons_n;
	menu->item_index = index_make(arena, r->items, r->items_n, sizeof *r->items,
	    offsetof(struct menu_item, public_id));
	menu->variation_index = index_make(arena, r->variations, r->variations_n,
	    sizeof *r->variations, offsetof(struct menu_variation, public_id));
	menu->addon_index = index_make(arena, r->addons, r->addons_n, sizeof *r->addons,
	    offsetof(struct menu_addon, public_id));
}

enum err
menu_load(struct op *op, void *arg)
{
	struct menu *menu = arg;

	for (int i = 0; i < LOAD_TRIES; i++) {
		struct menu_head before, after;
		struct rows rows = { 0 };
		enum err e;

		e = menu_head_read(op, menu->restaurant_id, &before);
		if (e == OK)
			e = rows_read(op, menu->restaurant_id, &rows);
		if (e == OK)
			e = menu_head_read(op, menu->restaurant_id, &after);
		if (e != OK)
			return e;
		if (after.version != before.version)
			continue;
		menu->version = after.version;
		menu->currency = after.currency;
		menu_tie(op->arena, &rows, menu);
		return OK;
	}
	return fail(op, ERR_CONFLICT, "The menu is being changed");
}
