#include "menu/catalog.h"

#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "menu/search.h"
#include "text/json_read.h"

#define SEARCH_BATCH 200

/* --- rows ---------------------------------------------------------------------------------- */

static const struct db_col category_cols[] = {
	COL_I64(struct catalog_category, id),
	COL_FIXED(struct catalog_category, public_id),
	COL_TEXT(struct catalog_category, external_id),
	COL_TEXT(struct catalog_category, name),
	COL_I64(struct catalog_category, display_order),
	COL_BOOL(struct catalog_category, is_active),
	COL_TEXT(struct catalog_category, image_url),
	COL_I64(struct catalog_category, locked_fields),
};
static const struct db_shape category_shape = DB_SHAPE(struct catalog_category, category_cols);

static const struct db_col tax_cols[] = {
	COL_I64(struct catalog_tax, id),
	COL_FIXED(struct catalog_tax, public_id),
	COL_TEXT(struct catalog_tax, external_id),
	COL_TEXT(struct catalog_tax, name),
	COL_TEXT(struct catalog_tax, kind),
	COL_I64(struct catalog_tax, rate_micro),
	COL_I64(struct catalog_tax, amount_minor),
	COL_I64(struct catalog_tax, order_types),
	COL_I64(struct catalog_tax, charges),
	COL_BOOL(struct catalog_tax, is_active),
	COL_I64(struct catalog_tax, display_order),
	COL_I64(struct catalog_tax, locked_fields),
};
static const struct db_shape tax_shape = DB_SHAPE(struct catalog_tax, tax_cols);

static const struct db_col discount_cols[] = {
	COL_I64(struct catalog_discount, id),
	COL_FIXED(struct catalog_discount, public_id),
	COL_TEXT(struct catalog_discount, external_id),
	COL_TEXT(struct catalog_discount, name),
	COL_TEXT(struct catalog_discount, code),
	COL_TEXT(struct catalog_discount, kind),
	COL_I64(struct catalog_discount, rate_micro),
	COL_I64(struct catalog_discount, amount_minor),
	COL_I64(struct catalog_discount, min_subtotal_minor),
	COL_I64(struct catalog_discount, max_discount_minor),
	COL_I64(struct catalog_discount, order_types),
	COL_TIME(struct catalog_discount, starts_at),
	COL_TIME(struct catalog_discount, ends_at),
	COL_I64(struct catalog_discount, uses_max),
	COL_I64(struct catalog_discount, uses_per_user_max),
	COL_BOOL(struct catalog_discount, first_order_only),
	COL_BOOL(struct catalog_discount, is_active),
	COL_I64(struct catalog_discount, locked_fields),
	COL_TIME(struct catalog_discount, created_at),
	COL_TIME(struct catalog_discount, updated_at),
	COL_I64(struct catalog_discount, uses),
};
static const struct db_shape discount_shape = DB_SHAPE(struct catalog_discount, discount_cols);

static const struct db_col group_cols[] = {
	COL_I64(struct catalog_group, id),
	COL_FIXED(struct catalog_group, public_id),
	COL_TEXT(struct catalog_group, external_id),
	COL_TEXT(struct catalog_group, name),
	COL_BOOL(struct catalog_group, is_active),
	COL_I64(struct catalog_group, display_order),
	COL_I64(struct catalog_group, locked_fields),
};
static const struct db_shape group_shape = DB_SHAPE(struct catalog_group, group_cols);

static const struct db_col addon_cols[] = {
	COL_I64(struct catalog_addon, id),
	COL_FIXED(struct catalog_addon, public_id),
	COL_I64(struct catalog_addon, addon_group_id),
	COL_TEXT(struct catalog_addon, external_id),
	COL_TEXT(struct catalog_addon, name),
	COL_I64(struct catalog_addon, price_minor),
	COL_BOOL(struct catalog_addon, is_available),
	COL_BOOL(struct catalog_addon, is_active),
	COL_I64(struct catalog_addon, display_order),
	COL_TIME(struct catalog_addon, returns_at),
	COL_I64(struct catalog_addon, locked_fields),
};
static const struct db_shape addon_shape = DB_SHAPE(struct catalog_addon, addon_cols);

static const struct db_col item_cols[] = {
	COL_I64(struct catalog_item, id),
	COL_FIXED(struct catalog_item, public_id),
	COL_I64(struct catalog_item, category_id),
	COL_TEXT(struct catalog_item, external_id),
	COL_TEXT(struct catalog_item, name),
	COL_TEXT(struct catalog_item, description),
	COL_I64(struct catalog_item, price_minor),
	COL_I64(struct catalog_item, packing_minor),
	COL_TEXT(struct catalog_item, image_url),
	COL_TEXT(struct catalog_item, diet),
	COL_BOOL(struct catalog_item, is_available),
	COL_BOOL(struct catalog_item, is_active),
	COL_TEXT(struct catalog_item, time_slots_json),
	COL_I64(struct catalog_item, order_types),
	COL_BOOL(struct catalog_item, tax_inclusive),
	COL_TEXT(struct catalog_item, gst_liability),
	COL_I64(struct catalog_item, display_order),
	COL_TIME(struct catalog_item, returns_at),
	COL_I64(struct catalog_item, locked_fields),
	COL_TIME(struct catalog_item, created_at),
	COL_TIME(struct catalog_item, updated_at),
	COL_FIXED(struct catalog_item, category_public_id),
	COL_TEXT(struct catalog_item, category_name),
};
static const struct db_shape item_shape = DB_SHAPE(struct catalog_item, item_cols);

static const struct db_col variation_cols[] = {
	COL_I64(struct catalog_variation, id),
	COL_FIXED(struct catalog_variation, public_id),
	COL_I64(struct catalog_variation, item_id),
	COL_TEXT(struct catalog_variation, external_id),
	COL_TEXT(struct catalog_variation, name),
	COL_I64(struct catalog_variation, price_minor),
	COL_I64(struct catalog_variation, packing_minor),
	COL_BOOL(struct catalog_variation, is_available),
	COL_BOOL(struct catalog_variation, is_active),
	COL_I64(struct catalog_variation, display_order),
	COL_TIME(struct catalog_variation, returns_at),
	COL_I64(struct catalog_variation, locked_fields),
};
static const struct db_shape variation_shape = DB_SHAPE(struct catalog_variation, variation_cols);

static const struct db_col choice_cols[] = {
	COL_I64(struct catalog_choice, item_id),
	COL_I64(struct catalog_choice, variation_id),
	COL_I64(struct catalog_choice, addon_group_id),
	COL_I64(struct catalog_choice, min),
	COL_I64(struct catalog_choice, max),
	COL_I64(struct catalog_choice, display_order),
};
static const struct db_shape choice_shape = DB_SHAPE(struct catalog_choice, choice_cols);

static const struct db_col item_tax_cols[] = {
	COL_I64(struct catalog_item_tax, item_id),
	COL_I64(struct catalog_item_tax, tax_id),
	COL_FIXED(struct catalog_item_tax, public_id),
};
static const struct db_shape item_tax_shape = DB_SHAPE(struct catalog_item_tax, item_tax_cols);

/* What every row begins with. */
struct key {
	int64_t id;
	unsigned char public_id[16];
};
#define KEY_LEADS(type) \
	_Static_assert(offsetof(struct type, id) == offsetof(struct key, id) && \
		offsetof(struct type, public_id) == offsetof(struct key, public_id), "struct key")
KEY_LEADS(catalog_item);
KEY_LEADS(catalog_category);
KEY_LEADS(catalog_group);
KEY_LEADS(catalog_tax);
KEY_LEADS(catalog_discount);

static struct key
key_of(const void *rows, size_t size, size_t i)
{
	struct key key;

	memcpy(&key, (const char *)rows + i * size, sizeof key);
	return key;
}

/* The ids of n rows of a size as a JSON array. */
static const char *
ids_json(struct arena *arena, const void *rows, size_t n, size_t size)
{
	struct buf buf;

	buf_init(&buf, arena, n * 21 + 3);
	for (size_t i = 0; i < n; i++)
		buf_addf(&buf, "%c%lld", i == 0 ? '[' : ',', (long long)key_of(rows, size, i).id);
	buf_adds(&buf, n == 0 ? "[]" : "]");
	return buf.data;
}

/* Rows that belong to some others, those of one together. */
static enum err
many_of(struct op *op, int64_t restaurant_id, enum stmt stmt, const char *ids,
    const struct db_shape *shape, void *ret_rows, size_t *ret_n)
{
	return db_many(op, stmt,
	    DB_ARGS(DB_TEXT("ids", ids), DB_I64("restaurant_id", restaurant_id)), shape, ret_rows,
	    ret_n);
}

/* --- what belongs to a group --------------------------------------------------------------- */

static enum err
groups_nest(struct op *op, int64_t restaurant_id, void *rows, size_t n)
{
	struct catalog_group *groups = rows;
	struct catalog_addon *addons;
	size_t addons_n;
	enum err e;

	if (n == 0)
		return OK;
	e = many_of(op, restaurant_id, STMT_catalog_addons,
	    ids_json(op->arena, groups, n, sizeof *groups), &addon_shape, &addons, &addons_n);
	for (size_t i = 0; e == OK && i < addons_n; i++)
		for (size_t g = 0; g < n; g++)
			if (groups[g].id == addons[i].addon_group_id && groups[g].addons_n++ == 0)
				groups[g].addons = &addons[i];
	return e;
}

/* --- what belongs to an item --------------------------------------------------------------- */

/* All that belongs to some items, by item_id. */
struct parts {
	struct catalog_variation *variations;
	struct catalog_choice *choices;
	struct catalog_item_tax *taxes;
	struct catalog_group *groups;
	size_t variations_n, choices_n, taxes_n, groups_n;
};

static enum err
parts_read(struct op *op, int64_t restaurant_id, const char *ids, struct parts *p)
{
	enum err e = many_of(op, restaurant_id, STMT_catalog_variations, ids, &variation_shape,
	    &p->variations, &p->variations_n);

	if (e == OK)
		e = many_of(op, restaurant_id, STMT_catalog_choices, ids, &choice_shape,
		    &p->choices, &p->choices_n);
	if (e == OK)
		e = many_of(op, restaurant_id, STMT_catalog_item_taxes, ids, &item_tax_shape,
		    &p->taxes, &p->taxes_n);
	if (e == OK)
		e = many_of(op, restaurant_id, STMT_catalog_groups_of, ids, &group_shape,
		    &p->groups, &p->groups_n);
	if (e == OK)
		e = groups_nest(op, restaurant_id, p->groups, p->groups_n);
	for (size_t i = 0; e == OK && i < p->choices_n; i++)
		for (size_t g = 0; g < p->groups_n; g++)
			if (p->groups[g].id == p->choices[i].addon_group_id)
				p->choices[i].group = &p->groups[g];
	return e;
}

/* The list of a JSON array of strings; anything else in it is passed over. */
static void
slots_tie(struct arena *arena, struct catalog_item *item)
{
	struct json_object *list;
	const char **slots, *why;
	size_t n;

	if (item->time_slots_json == NULL ||
	    json_read(arena, item->time_slots_json, strlen(item->time_slots_json),
		&json_limits_default, &list, &why) != OK)
		return;
	n = json_array_n(list);
	slots = arena_array(arena, n, sizeof *slots);
	for (size_t i = 0; i < n; i++)
		if (json_as_string(json_element(list, i), &slots[item->time_slots_n]))
			item->time_slots_n++;
	item->time_slots = slots;
}

/* The choices of an item stand together, its own (variation_id 0) first. */
static void
choices_tie(struct parts *p, struct catalog_item *item, struct catalog_variation *variations)
{
	for (size_t i = 0; i < p->choices_n; i++) {
		struct catalog_choice *c = &p->choices[i];

		if (c->item_id != item->id || c->group == NULL)
			continue;
		if (c->variation_id == 0 && item->choices_n++ == 0)
			item->choices = c;
		for (size_t v = 0; v < item->variations_n; v++)
			if (variations[v].id == c->variation_id && variations[v].choices_n++ == 0)
				variations[v].choices = c;
	}
}

static void
item_tie(struct arena *arena, struct parts *p, struct catalog_item *item)
{
	struct catalog_variation *variations = NULL;

	slots_tie(arena, item);
	for (size_t i = 0; i < p->variations_n; i++)
		if (p->variations[i].item_id == item->id && item->variations_n++ == 0)
			variations = &p->variations[i];
	item->variations = variations;
	for (size_t i = 0; i < p->taxes_n; i++)
		if (p->taxes[i].item_id == item->id && item->taxes_n++ == 0)
			item->taxes = &p->taxes[i];
	choices_tie(p, item, variations);
}

static enum err
items_nest(struct op *op, int64_t restaurant_id, void *rows, size_t n)
{
	struct catalog_item *items = rows;
	struct parts parts = { .groups_n = 0 };
	enum err e;

	if (n == 0)
		return OK;
	e = parts_read(op, restaurant_id, ids_json(op->arena, items, n, sizeof *items), &parts);
	for (size_t i = 0; e == OK && i < n; i++)
		item_tie(op->arena, &parts, &items[i]);
	return e;
}

/* --- one ----------------------------------------------------------------------------------- */

/* How a kind of row is read, and what belongs to it (NULL: nothing). */
struct kind {
	enum stmt page, one;
	const struct db_shape *shape;
	enum err (*nest)(struct op *, int64_t restaurant_id, void *rows, size_t n);
};
static const struct kind kinds[] = {
	[CATALOG_ITEM] = { STMT_catalog_items, STMT_catalog_item, &item_shape, items_nest },
	[CATALOG_CATEGORY] = { STMT_catalog_categories, STMT_catalog_category, &category_shape,
	    NULL },
	[CATALOG_GROUP] = { STMT_catalog_groups, STMT_catalog_group, &group_shape, groups_nest },
	[CATALOG_TAX] = { STMT_catalog_taxes, STMT_catalog_tax, &tax_shape, NULL },
	[CATALOG_DISCOUNT] = { STMT_catalog_discounts, STMT_catalog_discount, &discount_shape,
	    NULL },
};
_Static_assert(sizeof kinds / sizeof kinds[0] == CATALOG__MAX, "one row per kind");

size_t
catalog_row_size(enum catalog_kind kind)
{
	return kinds[kind].shape->size;
}

static enum err
row_read(struct op *op, const struct kind *kind, int64_t restaurant_id,
    const unsigned char public_id[16], void *ret_row)
{
	return db_one(op, kind->one,
	    DB_ARGS(DB_BYTES("public_id", public_id, 16), DB_I64("restaurant_id", restaurant_id)),
	    kind->shape, ret_row);
}

struct one {
	const struct kind *kind;
	int64_t restaurant_id;
	const unsigned char *public_id;
	void *row;
};

static enum err
one_body(struct op *op, void *arg)
{
	const struct one *o = arg;
	enum err e = row_read(op, o->kind, o->restaurant_id, o->public_id, o->row);

	return e == OK && o->kind->nest != NULL ? o->kind->nest(op, o->restaurant_id, o->row, 1)
						: e;
}

enum err
catalog_row(struct op *op, enum catalog_kind kind, int64_t restaurant_id,
    const unsigned char public_id[16], void *ret_row)
{
	size_t size = catalog_row_size(kind);
	struct one o = { &kinds[kind], restaurant_id, public_id, arena_alloc(op->arena, size) };
	enum err e = op->in_transaction || o.kind->nest == NULL ? one_body(op, &o)
								: db_snapshot(op, one_body, &o);

	if (e == OK)
		memcpy(ret_row, o.row, size);
	return e;
}

enum err
catalog_id(struct op *op, enum catalog_kind kind, int64_t restaurant_id,
    const unsigned char public_id[16], int64_t *ret_id)
{
	void *row = arena_alloc(op->arena, catalog_row_size(kind));
	enum err e = row_read(op, &kinds[kind], restaurant_id, public_id, row);

	if (e == OK)
		*ret_id = key_of(row, 0, 0).id;
	return e;
}

/* --- a page -------------------------------------------------------------------------------- */

struct paging {
	const struct kind *kind;
	int64_t restaurant_id, after_id, category_id;
	const struct catalog_filter *filter;
	const char *needle; /* folded; NULL: all rows are wanted */
	struct catalog_page page;
};

static enum err
batch_read(struct op *op, const struct paging *p, int64_t n, void *ret_rows, size_t *ret_n)
{
	const struct catalog_filter *f = p->filter;
	const struct db_arg args[] = {
		DB_I64("restaurant_id", p->restaurant_id),
		DB_I64("after_id", p->after_id),
		f->has_active ? DB_I64("is_active", f->is_active) : DB_NULL("is_active"),
		DB_I64("n", n),
		DB_ID("category_id", p->category_id),
	};

	/* The last is the items' only. */
	return db_many(op, p->kind->page, args, p->kind == &kinds[CATALOG_ITEM] ? 5 : 4,
	    p->kind->shape, ret_rows, ret_n);
}

/* Where the page begins and what it is of, by their ids. */
static enum err
paging_begin(struct op *op, struct paging *p)
{
	void *last = arena_alloc(op->arena, p->kind->shape->size);
	enum err e = OK;

	p->after_id = p->category_id = 0;
	if (p->filter->category != NULL) {
		e = catalog_id(op, CATALOG_CATEGORY, p->restaurant_id, p->filter->category,
		    &p->category_id);
		if (e == ERR_NO_ROW)
			return fail_field(op, "category_id", "is no category of this restaurant");
	}
	if (e == OK && p->filter->after != NULL) {
		e = row_read(op, p->kind, p->restaurant_id, p->filter->after, last);
		if (e == ERR_NO_ROW)
			return fail_field(op, "cursor", "is not one of ours");
		p->after_id = e == OK ? key_of(last, 0, 0).id : 0;
	}
	if (p->filter->search != NULL)
		p->needle = search_fold(op->arena, p->filter->search);
	return e;
}

static bool
is_wanted(struct arena *arena, const struct paging *p, const void *row)
{
	const struct catalog_item *item = row;

	return p->needle == NULL || search_finds(arena, item->name, p->needle) ||
	    search_finds(arena, item->description, p->needle);
}

/*
 * Reads until the page is full and one more is seen, or the rows end, or enough of them were looked
 * at.
 */
static enum err
paging_body(struct op *op, void *arg)
{
	struct paging *p = arg;
	const size_t size = p->kind->shape->size, max = (size_t)p->filter->n;
	char *rows = arena_array(op->arena, max, size), *batch;
	size_t n = 0, batch_n, looked_n = 0;
	struct key last = { .id = 0 };
	enum err e = paging_begin(op, p);

	p->page.has_more = false;
	while (e == OK) {
		int64_t ask = p->needle != NULL ? SEARCH_BATCH : p->filter->n + 1;

		e = batch_read(op, p, ask, &batch, &batch_n);
		for (size_t i = 0; e == OK && i < batch_n && !p->page.has_more; i++) {
			p->page.has_more = n == max;
			if (p->page.has_more)
				break;
			if (is_wanted(op->arena, p, batch + i * size))
				memcpy(rows + n++ * size, batch + i * size, size);
			last = key_of(batch, size, i);
		}
		if (e != OK || p->page.has_more || batch_n < (size_t)ask)
			break;
		looked_n += batch_n;
		p->after_id = last.id;
		p->page.has_more = looked_n >= CATALOG_SCAN_MAX;
		if (p->page.has_more)
			break;
	}
	if (e == OK && p->kind->nest != NULL)
		e = p->kind->nest(op, p->restaurant_id, rows, n);
	p->page.rows = rows;
	p->page.n = n;
	memcpy(p->page.last, last.public_id, sizeof p->page.last);
	return e;
}

enum err
catalog_page(struct op *op, enum catalog_kind kind, int64_t restaurant_id,
    const struct catalog_filter *filter, struct catalog_page *ret)
{
	struct paging p = {
		.kind = &kinds[kind], .restaurant_id = restaurant_id, .filter = filter
	};
	enum err e = db_snapshot(op, paging_body, &p);

	if (e == OK)
		*ret = p.page;
	return e;
}

const void *
catalog_page_row(const struct catalog_page *page, size_t size, size_t i)
{
	return (const char *)page->rows + i * size;
}

void
catalog_page_row_id(
    const struct catalog_page *page, size_t size, size_t i, unsigned char ret_id[16])
{
	struct key key = key_of(page->rows, size, i);

	memcpy(ret_id, key.public_id, sizeof key.public_id);
}
