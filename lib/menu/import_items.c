#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "menu/import_rows.h"
#include "menu/public_id.h"
#include "op/crash.h"
#include "text/json_write.h"

#define SLOTS_JSON_MAX ((size_t)64 * 1024)

const char *const diet_words[] = {
	[DIET_VEG] = "veg",
	[DIET_NON_VEG] = "non_veg",
	[DIET_EGG] = "egg",
	[DIET_OTHER] = "other",
};
_Static_assert(sizeof diet_words / sizeof diet_words[0] == DIET_OTHER + 1, "one word per diet");

/* --- add-on groups beside an item ---------------------------------------------------------- */

/*
 * Collects what an item's links shall be: the item's own choices and those of its variations; and
 * of which of them (0: the item) the document speaks. Of what is locked it does not, nor of
 * variations that staff made.
 */
struct wanted {
	struct item_choice_row *list;
	int64_t *spoken;
	size_t n, spoken_n;
};

static bool
is_spoken_of(const struct wanted *w, int64_t variation_id)
{
	for (size_t i = 0; i < w->spoken_n; i++)
		if (w->spoken[i] == variation_id)
			return true;
	return false;
}

static void
choices_want(struct import *im, struct wanted *w, const char *kind, const char *id,
    int64_t variation_id, const struct menu_doc_choice *choices, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct pair *group =
		    import_reference(im, &im->groups, choices[i].group_external_id);

		if (group == NULL) {
			problem_add(&im->problems, kind, id,
			    "names add-on group %s, which is not there",
			    choices[i].group_external_id);
			continue;
		}
		w->list[w->n++] = (struct item_choice_row){
			.variation_id = variation_id,
			.addon_group_id = group->id,
			.min_choices = choices[i].min,
			.max_choices = choices[i].max,
			.display_order = (int64_t)i,
		};
	}
}

static const struct item_choice_row *
choice_find(const struct item_choice_row *list, size_t n, const struct item_choice_row *key)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].variation_id == key->variation_id &&
		    list[i].addon_group_id == key->addon_group_id)
			return &list[i];
	return NULL;
}

static enum err
choice_put(struct import *im, int64_t item_id, const struct item_choice_row *c)
{
	im->changed++;
	return db_run(im->op, STMT_item_choice_put,
	    DB_ARGS(DB_I64("restaurant_id", im->restaurant_id), DB_I64("item_id", item_id),
		DB_I64("variation_id", c->variation_id),
		DB_I64("addon_group_id", c->addon_group_id), DB_I64("min_choices", c->min_choices),
		DB_I64("max_choices", c->max_choices), DB_I64("display_order", c->display_order)));
}

static enum err
choice_drop(struct import *im, int64_t item_id, const struct item_choice_row *c)
{
	im->changed++;
	return db_run(im->op, STMT_item_choice_drop,
	    DB_ARGS(DB_I64("restaurant_id", im->restaurant_id), DB_I64("item_id", item_id),
		DB_I64("variation_id", c->variation_id),
		DB_I64("addon_group_id", c->addon_group_id)));
}

static enum err
choices_bring(struct import *im, int64_t item_id, const struct wanted *w)
{
	const struct item_choice_row *rows;
	size_t first, n;
	enum err e = OK;

	rows_of_parent(im->rows.choices, im->rows.choices_n, sizeof *rows,
	    offsetof(struct item_choice_row, item_id), item_id, &first, &n);
	rows = im->rows.choices + first;
	for (size_t i = 0; e == OK && i < n; i++)
		if (is_spoken_of(w, rows[i].variation_id) &&
		    choice_find(w->list, w->n, &rows[i]) == NULL)
			e = choice_drop(im, item_id, &rows[i]);
	for (size_t i = 0; e == OK && i < w->n; i++) {
		const struct item_choice_row *row = choice_find(rows, n, &w->list[i]);

		if (row == NULL || row->min_choices != w->list[i].min_choices ||
		    row->max_choices != w->list[i].max_choices ||
		    row->display_order != w->list[i].display_order)
			e = choice_put(im, item_id, &w->list[i]);
	}
	return e;
}

/* --- taxes on an item ---------------------------------------------------------------------- */

static bool
has_tax(const struct item_tax_row *list, size_t n, int64_t tax_id)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].tax_id == tax_id)
			return true;
	return false;
}

static enum err
item_tax_write(struct import *im, enum stmt stmt, int64_t item_id, int64_t tax_id)
{
	im->changed++;
	return db_run(im->op, stmt,
	    DB_ARGS(DB_I64("restaurant_id", im->restaurant_id), DB_I64("item_id", item_id),
		DB_I64("tax_id", tax_id)));
}

static enum err
item_taxes_bring(struct import *im, int64_t item_id, const struct menu_doc_item *item)
{
	struct item_tax_row *wanted = arena_array(im->op->arena, item->taxes_n, sizeof *wanted);
	const struct item_tax_row *rows;
	size_t first, n, wanted_n = 0;
	enum err e = OK;

	for (size_t i = 0; i < item->taxes_n; i++) {
		const struct pair *tax =
		    import_reference(im, &im->taxes, item->tax_external_ids[i]);

		if (tax != NULL)
			wanted[wanted_n++].tax_id = tax->id;
		else
			problem_add(&im->problems, "item", item->external_id,
			    "names tax %s, which is not there", item->tax_external_ids[i]);
	}
	rows_of_parent(im->rows.item_taxes, im->rows.item_taxes_n, sizeof *rows,
	    offsetof(struct item_tax_row, item_id), item_id, &first, &n);
	rows = im->rows.item_taxes + first;
	for (size_t i = 0; e == OK && i < n; i++)
		if (!has_tax(wanted, wanted_n, rows[i].tax_id))
			e = item_tax_write(im, STMT_item_tax_drop, item_id, rows[i].tax_id);
	for (size_t i = 0; e == OK && i < wanted_n; i++)
		if (!has_tax(rows, n, wanted[i].tax_id))
			e = item_tax_write(im, STMT_item_tax_put, item_id, wanted[i].tax_id);
	return e;
}

/* --- variations ---------------------------------------------------------------------------- */

static bool
variation_is_same(const struct variation_row *row, const struct menu_doc_variation *v)
{
	return text_is_same(row->variation_code, v->variation_code) &&
	       text_is_same(row->name, v->name) && row->price_minor == v->price_minor &&
	       row->packing_minor == v->packing_minor && row->is_available == v->is_available &&
	       row->is_active == v->is_active && row->display_order == v->display_order;
}

static enum err
variation_write(struct import *im, struct pair *pair, int64_t item_id,
    const struct menu_doc_variation *v)
{
	struct public_id public_id;

	im->changed++;
	if (pair->id != 0)
		return db_run(im->op, STMT_variation_update,
		    DB_ARGS(DB_I64("id", pair->id), DB_I64("restaurant_id", im->restaurant_id),
			DB_TEXT("variation_code", v->variation_code), DB_TEXT("name", v->name),
			DB_I64("price_minor", v->price_minor),
			DB_I64("packing_minor", v->packing_minor),
			DB_I64("is_available", v->is_available), DB_I64("is_active", v->is_active),
			DB_I64("display_order", v->display_order)));
	public_id = public_id_make(im->op);
	return db_newid(im->op, STMT_variation_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id.bytes, sizeof public_id.bytes),
		DB_I64("restaurant_id", im->restaurant_id), DB_I64("item_id", item_id),
		DB_TEXT("external_id", v->external_id),
		DB_TEXT("variation_code", v->variation_code), DB_TEXT("name", v->name),
		DB_I64("price_minor", v->price_minor), DB_I64("packing_minor", v->packing_minor),
		DB_I64("is_available", v->is_available), DB_I64("is_active", v->is_active),
		DB_I64("display_order", v->display_order)),
	    &pair->id);
}

static enum err
variation_retire(struct import *im, const struct pair *pair)
{
	if (!pair->is_row_active || lock_keeps(im, "variation", pair->external_id, pair->locked))
		return OK;
	im->changed++;
	return db_run(im->op, STMT_variation_retire,
	    DB_ARGS(DB_I64("id", pair->id), DB_I64("restaurant_id", im->restaurant_id)));
}

static enum err
variation_bring(struct import *im, int64_t item_id, const struct menu_doc_variation *told,
    struct pair *pair, const struct variation_row *row, struct wanted *w)
{
	struct menu_doc_variation v = *told;
	enum err e = OK;

	if (row != NULL && row->locked_fields != 0)
		lock_variation(im, row, &v);
	if (row == NULL || !variation_is_same(row, &v))
		e = variation_write(im, pair, item_id, &v);
	if (e != OK || (pair->locked & FIELD_GROUPS) != 0)
		return e;
	w->spoken[w->spoken_n++] = pair->id;
	choices_want(im, w, "variation", v.external_id, pair->id, v.choices, v.choices_n);
	return OK;
}

/* An item that is named is named whole: what it no longer lists is gone in every kind of sync. */
static enum err
variations_bring(struct import *im, int64_t item_id, const struct menu_doc_item *item,
    struct wanted *w)
{
	struct variation_row *rows;
	struct pairs pairs;
	size_t first, n;

	rows_of_parent(im->rows.variations, im->rows.variations_n, sizeof *rows,
	    offsetof(struct variation_row, item_id), item_id, &first, &n);
	rows = im->rows.variations + first;
	pairs = pairs_make(im->op->arena, KEYED_ROWS(rows, n, struct variation_row),
	    KEYED(item->variations, item->variations_n, struct menu_doc_variation));
	w->spoken = arena_array(im->op->arena, pairs.n + 1, sizeof *w->spoken);
	for (size_t i = 0; i < pairs.n; i++) {
		struct pair *pair = &pairs.list[i];
		enum err e;

		if (pair->doc == PAIR_NONE) {
			if ((pair->locked & (FIELD_ACTIVE | FIELD_GROUPS)) == 0)
				w->spoken[w->spoken_n++] = pair->id;
			e = variation_retire(im, pair);
		} else
			e = variation_bring(im, item_id, &item->variations[pair->doc], pair,
			    pair->row != PAIR_NONE ? &rows[pair->row] : NULL, w);
		if (e != OK)
			return e;
	}
	return OK;
}

/* --- items --------------------------------------------------------------------------------- */

/* The document's slots as JSON; where it names none, what the row has. */
static const char *
slots_json(struct import *im, const struct item_row *row, const struct menu_doc_item *item)
{
	struct json_write w;
	struct buf buf;

	if (item->time_slots_n == 0)
		return row != NULL ? row->time_slots : NULL;
	buf_init(&buf, im->op->arena, SLOTS_JSON_MAX);
	json_write_init(&w, &buf);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < item->time_slots_n; i++)
		json_write_string(&w, NULL, item->time_slots[i]);
	json_write_array_end(&w);
	json_write_done(&w);
	return buf.data;
}

static bool
item_is_same(struct import *im, const struct item_row *row, const struct menu_doc_item *item,
    int64_t category_id, const char *slots)
{
	return row->category_id == category_id && text_is_same(row->name, item->name) &&
	    text_is_same(row->description, item->description) &&
	    row->price_minor == item->price_minor && row->packing_minor == item->packing_minor &&
	    text_is_same(row->image_url, item->image_url) &&
	    text_is_same(row->diet, diet_words[item->diet]) &&
	    row->is_available == item->is_available && row->is_active == item->is_active &&
	    row->order_types == item->order_types && row->tax_inclusive == item->tax_inclusive &&
	    text_is_same(row->gst_liability, item->gst_liability) &&
	    row->display_order == item->display_order &&
	    json_is_same(im->op->arena, row->time_slots, slots);
}

static enum err
item_insert(struct import *im, struct pair *pair, const struct menu_doc_item *item,
    int64_t category_id, const char *slots)
{
	struct public_id public_id = public_id_make(im->op);

	return db_newid(im->op, STMT_item_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id.bytes, sizeof public_id.bytes),
		DB_I64("restaurant_id", im->restaurant_id), DB_I64("category_id", category_id),
		DB_TEXT("external_id", item->external_id), DB_TEXT("name", item->name),
		DB_TEXT("description", item->description), DB_I64("price_minor", item->price_minor),
		DB_I64("packing_minor", item->packing_minor), DB_TEXT("image_url", item->image_url),
		DB_TEXT("diet", diet_words[item->diet]), DB_I64("is_veg", item->diet == DIET_VEG),
		DB_I64("is_available", item->is_available), DB_I64("is_active", item->is_active),
		DB_TEXT("time_slots", slots), DB_I64("order_types", item->order_types),
		DB_I64("tax_inclusive", item->tax_inclusive),
		DB_TEXT("gst_liability", item->gst_liability),
		DB_I64("display_order", item->display_order)), &pair->id);
}

static enum err
item_update(struct import *im, const struct pair *pair, const struct menu_doc_item *item,
    int64_t category_id, const char *slots)
{
	return db_run(im->op, STMT_item_update,
	    DB_ARGS(DB_I64("id", pair->id), DB_I64("restaurant_id", im->restaurant_id),
		DB_I64("category_id", category_id), DB_TEXT("name", item->name),
		DB_TEXT("description", item->description), DB_I64("price_minor", item->price_minor),
		DB_I64("packing_minor", item->packing_minor), DB_TEXT("image_url", item->image_url),
		DB_TEXT("diet", diet_words[item->diet]), DB_I64("is_veg", item->diet == DIET_VEG),
		DB_I64("is_available", item->is_available), DB_I64("is_active", item->is_active),
		DB_TEXT("time_slots", slots), DB_I64("order_types", item->order_types),
		DB_I64("tax_inclusive", item->tax_inclusive),
		DB_TEXT("gst_liability", item->gst_liability),
		DB_I64("display_order", item->display_order)));
}

static size_t
choices_count(const struct menu_doc_item *item)
{
	size_t n = item->choices_n;

	for (size_t i = 0; i < item->variations_n; i++)
		n += item->variations[i].choices_n;
	return n;
}

static enum err
item_bring(struct import *im, struct pair *pair, const struct menu_doc_item *item,
    int64_t category_id)
{
	const struct item_row *row = pair->row != PAIR_NONE ? &im->rows.items[pair->row] : NULL;
	struct wanted w = { .n = 0 };
	const char *slots = slots_json(im, row, item);
	enum err e = OK;

	if (row == NULL || !item_is_same(im, row, item, category_id, slots)) {
		im->changed++;
		e = row == NULL ? item_insert(im, pair, item, category_id, slots)
		                : item_update(im, pair, item, category_id, slots);
	}
	w.list = arena_array(im->op->arena, choices_count(item), sizeof *w.list);
	if (e == OK)
		e = variations_bring(im, pair->id, item, &w);
	if (e == OK && (pair->locked & FIELD_GROUPS) == 0) {
		w.spoken[w.spoken_n++] = 0;
		choices_want(im, &w, "item", item->external_id, 0, item->choices, item->choices_n);
	}
	if (e == OK)
		e = choices_bring(im, pair->id, &w);
	if (e == OK && (pair->locked & FIELD_TAXES) == 0)
		e = item_taxes_bring(im, pair->id, item);
	return e;
}

/* Where staff have put it, whatever the document says. */
static int64_t
category_keep(struct import *im, const struct pair *pair, const struct pair *theirs)
{
	int64_t ours = im->rows.items[pair->row].category_id;

	if (theirs == NULL || theirs->id != ours)
		override_add(im, "item", pair->external_id, FIELD_BIT_CATEGORY, NULL,
		    theirs != NULL ? theirs->external_id : NULL);
	return ours;
}

/*
 * The pair of an item that is to be left out loses its document side: a full sync then retires its
 * row.
 */
static enum err
items_bring(struct import *im)
{
	for (size_t i = 0; i < im->doc->items_n; i++) {
		const struct menu_doc_item *item = &im->doc->items[i];
		struct pair *pair = pairs_find(&im->items, item->external_id);
		const struct pair *category = import_reference(im, &im->categories,
		    item->category_external_id);
		int64_t category_id = category != NULL ? category->id : 0;
		enum err e;

		if (pair->row != PAIR_NONE && (pair->locked & FIELD_CATEGORY) != 0)
			category_id = category_keep(im, pair, category);
		if (category_id == 0) {
			problem_add(&im->problems, "item", item->external_id,
			    "names category %s, which is not there; it was left out",
			    item->category_external_id != NULL ? item->category_external_id
							       : "none");
			pair->doc = PAIR_NONE;
			continue;
		}
		e = item_bring(im, pair, item, category_id);
		if (e != OK)
			return e;
		im->items_n++;
		im->sellable_n += im->told->items[i].is_active;
		if (i == im->doc->items_n / 2)
			CRASH_POINT("menu_import.half_of_items");
	}
	return OK;
}

enum err
import_items(struct import *im)
{
	enum err e = items_bring(im);

	for (size_t i = 0; e == OK && import_is_full(im) && i < im->items.n; i++) {
		const struct pair *pair = &im->items.list[i];

		if (pair->doc != PAIR_NONE || !pair->is_row_active ||
		    lock_keeps(im, "item", pair->external_id, pair->locked))
			continue;
		im->changed++;
		e = db_run(im->op, STMT_item_retire,
		    DB_ARGS(DB_I64("id", pair->id), DB_I64("restaurant_id", im->restaurant_id)));
	}
	return e;
}
