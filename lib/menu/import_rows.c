#include "menu/import_rows.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "db/db.h"
#include "text/json_read.h"

static const struct db_col tax_cols[] = {
	COL_I64(struct tax_row, id),
	COL_TEXT(struct tax_row, external_id),
	COL_TEXT(struct tax_row, name),
	COL_TEXT(struct tax_row, kind),
	COL_I64(struct tax_row, rate_micro),
	COL_I64(struct tax_row, amount_minor),
	COL_I64(struct tax_row, order_types),
	COL_I64(struct tax_row, charges),
	COL_BOOL(struct tax_row, is_active),
	COL_I64(struct tax_row, display_order),
	COL_I64(struct tax_row, locked_fields),
};
static const struct db_shape tax_shape = DB_SHAPE(struct tax_row, tax_cols);

static const struct db_col category_cols[] = {
	COL_I64(struct category_row, id),
	COL_TEXT(struct category_row, external_id),
	COL_TEXT(struct category_row, name),
	COL_I64(struct category_row, display_order),
	COL_BOOL(struct category_row, is_active),
	COL_TEXT(struct category_row, image_url),
	COL_TEXT(struct category_row, timings),
	COL_I64(struct category_row, locked_fields),
};
static const struct db_shape category_shape = DB_SHAPE(struct category_row, category_cols);

static const struct db_col group_cols[] = {
	COL_I64(struct group_row, id),
	COL_TEXT(struct group_row, external_id),
	COL_TEXT(struct group_row, name),
	COL_BOOL(struct group_row, is_active),
	COL_I64(struct group_row, display_order),
	COL_I64(struct group_row, locked_fields),
};
static const struct db_shape group_shape = DB_SHAPE(struct group_row, group_cols);

static const struct db_col addon_cols[] = {
	COL_I64(struct addon_row, id),
	COL_I64(struct addon_row, addon_group_id),
	COL_TEXT(struct addon_row, external_id),
	COL_TEXT(struct addon_row, name),
	COL_I64(struct addon_row, price_minor),
	COL_BOOL(struct addon_row, is_available),
	COL_BOOL(struct addon_row, is_active),
	COL_I64(struct addon_row, display_order),
	COL_I64(struct addon_row, locked_fields),
};
static const struct db_shape addon_shape = DB_SHAPE(struct addon_row, addon_cols);

static const struct db_col item_cols[] = {
	COL_I64(struct item_row, id),
	COL_I64(struct item_row, category_id),
	COL_TEXT(struct item_row, external_id),
	COL_TEXT(struct item_row, name),
	COL_TEXT(struct item_row, description),
	COL_I64(struct item_row, price_minor),
	COL_I64(struct item_row, packing_minor),
	COL_TEXT(struct item_row, image_url),
	COL_TEXT(struct item_row, diet),
	COL_BOOL(struct item_row, is_available),
	COL_BOOL(struct item_row, is_active),
	COL_TEXT(struct item_row, time_slots),
	COL_I64(struct item_row, order_types),
	COL_BOOL(struct item_row, tax_inclusive),
	COL_TEXT(struct item_row, gst_liability),
	COL_I64(struct item_row, display_order),
	COL_I64(struct item_row, locked_fields),
};
static const struct db_shape item_shape = DB_SHAPE(struct item_row, item_cols);

static const struct db_col variation_cols[] = {
	COL_I64(struct variation_row, id),
	COL_I64(struct variation_row, item_id),
	COL_TEXT(struct variation_row, external_id),
	COL_TEXT(struct variation_row, variation_code),
	COL_TEXT(struct variation_row, name),
	COL_I64(struct variation_row, price_minor),
	COL_I64(struct variation_row, packing_minor),
	COL_BOOL(struct variation_row, is_available),
	COL_BOOL(struct variation_row, is_active),
	COL_I64(struct variation_row, display_order),
	COL_I64(struct variation_row, locked_fields),
};
static const struct db_shape variation_shape = DB_SHAPE(struct variation_row, variation_cols);

static const struct db_col choice_cols[] = {
	COL_I64(struct item_choice_row, item_id),
	COL_I64(struct item_choice_row, variation_id),
	COL_I64(struct item_choice_row, addon_group_id),
	COL_I64(struct item_choice_row, min_choices),
	COL_I64(struct item_choice_row, max_choices),
	COL_I64(struct item_choice_row, display_order),
};
static const struct db_shape choice_shape = DB_SHAPE(struct item_choice_row, choice_cols);

static const struct db_col item_tax_cols[] = {
	COL_I64(struct item_tax_row, item_id),
	COL_I64(struct item_tax_row, tax_id),
};
static const struct db_shape item_tax_shape = DB_SHAPE(struct item_tax_row, item_tax_cols);

enum err
import_rows_read(struct op *op, int64_t restaurant_id, struct import_rows *ret)
{
	struct import_rows r = { 0 };
	const struct {
		enum stmt stmt;
		const struct db_shape *shape;
		void *rows;
		size_t *n;
	} lists[] = {
		{ STMT_tax_rows, &tax_shape, &r.taxes, &r.taxes_n },
		{ STMT_category_rows, &category_shape, &r.categories, &r.categories_n },
		{ STMT_addon_group_rows, &group_shape, &r.groups, &r.groups_n },
		{ STMT_addon_rows, &addon_shape, &r.addons, &r.addons_n },
		{ STMT_item_rows, &item_shape, &r.items, &r.items_n },
		{ STMT_variation_rows, &variation_shape, &r.variations, &r.variations_n },
		{ STMT_item_choice_rows, &choice_shape, &r.choices, &r.choices_n },
		{ STMT_item_tax_rows, &item_tax_shape, &r.item_taxes, &r.item_taxes_n },
	};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		enum err e = db_many(op, lists[i].stmt,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id)), lists[i].shape, lists[i].rows,
		    lists[i].n);

		if (e != OK)
			return e;
	}
	*ret = r;
	return OK;
}

/* --- pairing ------------------------------------------------------------------------------- */

static int
pair_compare(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->external_id, ((const struct pair *)b)->external_id);
}

static const char *
keyed_id(const struct keyed *k, size_t i)
{
	const char *id;

	memcpy(&id, (const char *)k->records + i * k->size + k->id_offset, sizeof id);
	return id;
}

struct pairs
pairs_make(struct arena *arena, struct keyed rows, struct keyed docs)
{
	struct pairs p = { arena_array(arena, rows.n + docs.n, sizeof *p.list), rows.n };
	size_t n;

	for (size_t i = 0; i < rows.n; i++) {
		p.list[i] =
		    (struct pair){.external_id = keyed_id(&rows, i), .row = i, .doc = PAIR_NONE};
		/* Every row begins with its id. */
		memcpy(&p.list[i].id, (const char *)rows.records + i * rows.size,
		    sizeof p.list[i].id);
		memcpy(&p.list[i].is_row_active,
		    (const char *)rows.records + i * rows.size + rows.active_offset, sizeof(bool));
		memcpy(&p.list[i].locked,
		    (const char *)rows.records + i * rows.size + rows.locked_offset,
		    sizeof p.list[i].locked);
	}
	if (p.n > 1)
		qsort(p.list, p.n, sizeof *p.list, pair_compare);
	n = p.n;
	for (size_t i = 0; i < docs.n; i++) {
		const char *id = keyed_id(&docs, i);
		struct pair *known = pairs_find(&p, id);

		if (known != NULL)
			known->doc = i;
		else
			p.list[n++] = (struct pair){.external_id = id, .row = PAIR_NONE, .doc = i};
	}
	p.n = n;
	if (p.n > 1)
		qsort(p.list, p.n, sizeof *p.list, pair_compare);
	return p;
}

struct pair *
pairs_find(const struct pairs *p, const char *external_id)
{
	const struct pair key = { .external_id = external_id };

	return p->n == 0 ? NULL : bsearch(&key, p->list, p->n, sizeof key, pair_compare);
}

void
rows_of_parent(const void *rows, size_t n, size_t size, size_t parent_offset, int64_t parent,
    size_t *ret_first, size_t *ret_n)
{
	const char *at = (const char *)rows + parent_offset;
	size_t low = 0, high = n, end;
	int64_t id;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		memcpy(&id, at + middle * size, sizeof id);
		if (id < parent)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < n; end++) {
		memcpy(&id, at + end * size, sizeof id);
		if (id != parent)
			break;
	}
	*ret_first = low;
	*ret_n = end - low;
}

/* --- what the parts share ------------------------------------------------------------------ */

bool
import_is_full(const struct import *im)
{
	return im->sync == MENU_SYNC_FULL;
}

const struct pair *
import_reference(const struct import *im, const struct pairs *pairs, const char *external_id)
{
	const struct pair *pair = external_id != NULL ? pairs_find(pairs, external_id) : NULL;

	if (pair == NULL || pair->id == 0)
		return NULL;
	if (pair->doc == PAIR_NONE && (import_is_full(im) || !pair->is_row_active))
		return NULL;
	return pair;
}

bool
text_is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
json_is_same(struct arena *arena, const char *a, const char *b)
{
	struct json_object *x, *y;
	const char *why;

	if (text_is_same(a, b))
		return true;
	if (a == NULL || b == NULL)
		return false;
	return json_read(arena, a, strlen(a), &json_limits_default, &x, &why) == OK &&
	    json_read(arena, b, strlen(b), &json_limits_default, &y, &why) == OK &&
	    json_object_equal(x, y) != 0;
}
