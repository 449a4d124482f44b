/* What staff have locked: the document gives way to the row, and the difference is told. */
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "menu/field.h"
#include "menu/import_rows.h"
#include "menu/menu_load.h"
#include "op/op.h"
#include "text/json_write.h"
#include "text/money.h"

/* --- differences --------------------------------------------------------------------------- */

void
override_add(struct import *im, const char *kind, const char *id, enum field_bit field,
    const char *ours, const char *theirs)
{
	struct overrides *o = &im->overrides;

	if (o->list == NULL)
		o->list = arena_array(im->op->arena, OVERRIDES_MAX, sizeof *o->list);
	if (o->n == OVERRIDES_MAX) {
		o->lost++;
		return;
	}
	o->list[o->n++] = (struct override){ .kind = kind, .id = id, .field = field, .ours = ours,
		.theirs = theirs };
}

const char *
overrides_json(struct arena *arena, const struct overrides *o)
{
	struct json_write w;
	struct buf buf;

	buf_init(&buf, arena, OVERRIDES_JSON_MAX);
	json_write_init(&w, &buf);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < o->n; i++) {
		const struct override *one = &o->list[i];

		json_write_object(&w, NULL);
		json_write_string(&w, "what", arena_printf(arena, "%s %s", one->kind, one->id));
		json_write_string(&w, "field", field_words[one->field]);
		json_write_string(&w, "ours", one->ours);
		json_write_string(&w, "theirs", one->theirs);
		json_write_object_end(&w);
	}
	if (o->lost > 0) {
		json_write_object(&w, NULL);
		json_write_string(&w, "what", arena_printf(arena, "%zu more", o->lost));
		json_write_object_end(&w);
	}
	json_write_array_end(&w);
	json_write_done(&w);
	return buf.overflowed ? "[]" : buf.data;
}

/* --- one row ------------------------------------------------------------------------------- */

/* A row with locks, and the copy of the document's word on it that is changed. */
struct lock {
	struct import *im;
	const char *kind, *id;
	int64_t locked;
};

static bool
lock_holds(const struct lock *l, enum field_bit field)
{
	return (l->locked & (INT64_C(1) << field)) != 0;
}

static void
lock_text(struct lock *l, enum field_bit field, const char *ours, const char **theirs)
{
	if (!lock_holds(l, field) || text_is_same(ours, *theirs))
		return;
	override_add(l->im, l->kind, l->id, field, ours, *theirs);
	*theirs = ours;
}

static void
lock_money(struct lock *l, enum field_bit field, int64_t ours, int64_t *theirs)
{
	char a[MONEY_TEXT_LEN], b[MONEY_TEXT_LEN];
	struct arena *arena = l->im->op->arena;

	if (!lock_holds(l, field) || ours == *theirs)
		return;
	money_format(ours, l->im->exponent, a);
	money_format(*theirs, l->im->exponent, b);
	override_add(l->im, l->kind, l->id, field, arena_strdup(arena, a), arena_strdup(arena, b));
	*theirs = ours;
}

static void
lock_number(struct lock *l, enum field_bit field, int64_t ours, int64_t *theirs)
{
	struct arena *arena = l->im->op->arena;

	if (!lock_holds(l, field) || ours == *theirs)
		return;
	override_add(l->im, l->kind, l->id, field, arena_printf(arena, "%lld", (long long)ours),
	    arena_printf(arena, "%lld", (long long)*theirs));
	*theirs = ours;
}

static void
lock_bool(struct lock *l, enum field_bit field, bool ours, bool *theirs)
{
	if (!lock_holds(l, field) || ours == *theirs)
		return;
	override_add(l->im, l->kind, l->id, field, ours ? "true" : "false",
	    *theirs ? "true" : "false");
	*theirs = ours;
}

bool
lock_keeps(struct import *im, const char *kind, const char *id, int64_t locked)
{
	if ((locked & FIELD_ACTIVE) == 0)
		return false;
	override_add(im, kind, id, FIELD_BIT_ACTIVE, "true", NULL);
	return true;
}

void
lock_variation(struct import *im, const struct variation_row *row, struct menu_doc_variation *v)
{
	struct lock l = { im, "variation", v->external_id, row->locked_fields };

	lock_text(&l, FIELD_BIT_NAME, row->name, &v->name);
	lock_money(&l, FIELD_BIT_PRICE, row->price_minor, &v->price_minor);
	lock_money(&l, FIELD_BIT_PACKING, row->packing_minor, &v->packing_minor);
	lock_bool(&l, FIELD_BIT_AVAILABLE, row->is_available, &v->is_available);
	lock_bool(&l, FIELD_BIT_ACTIVE, row->is_active, &v->is_active);
	lock_number(&l, FIELD_BIT_ORDER, row->display_order, &v->display_order);
}

void
lock_addon(struct import *im, const struct addon_row *row, struct menu_doc_addon *a)
{
	struct lock l = { im, "add-on", a->external_id, row->locked_fields };

	lock_text(&l, FIELD_BIT_NAME, row->name, &a->name);
	lock_money(&l, FIELD_BIT_PRICE, row->price_minor, &a->price_minor);
	lock_bool(&l, FIELD_BIT_AVAILABLE, row->is_available, &a->is_available);
	lock_bool(&l, FIELD_BIT_ACTIVE, row->is_active, &a->is_active);
	lock_number(&l, FIELD_BIT_ORDER, row->display_order, &a->display_order);
}

/* --- the lists of the document ------------------------------------------------------------- */

/* A list whose records are changed is the import's own. */
static void *
list_own(struct import *im, const void *list, size_t n, size_t size)
{
	return n > 0 ? arena_bytes(im->op->arena, list, n * size) : NULL;
}

/* The next pair of a row with locks that the document names; NULL: no more. */
static const struct pair *
locked_next(const struct pairs *pairs, size_t *i)
{
	while (*i < pairs->n) {
		const struct pair *pair = &pairs->list[(*i)++];

		if (pair->row != PAIR_NONE && pair->doc != PAIR_NONE && pair->locked != 0)
			return pair;
	}
	return NULL;
}

static void
taxes_lock(struct import *im, struct menu_doc *doc)
{
	struct menu_doc_tax *list = list_own(im, doc->taxes, doc->taxes_n, sizeof *list);
	const struct pair *pair;

	doc->taxes = list;
	for (size_t i = 0; (pair = locked_next(&im->taxes, &i)) != NULL;) {
		const struct tax_row *row = &im->rows.taxes[pair->row];
		struct menu_doc_tax *t = &list[pair->doc];
		struct lock l = { im, "tax", t->external_id, row->locked_fields };
		int64_t types = t->order_types, charges = t->charges;

		if (lock_holds(&l, FIELD_BIT_PRICE))
			t->is_percent = strcmp(row->kind, "percent") == 0;
		lock_text(&l, FIELD_BIT_NAME, row->name, &t->name);
		lock_number(&l, FIELD_BIT_PRICE, row->rate_micro, &t->rate_micro);
		lock_money(&l, FIELD_BIT_PRICE, row->amount_minor, &t->amount_minor);
		lock_number(&l, FIELD_BIT_TYPES, row->order_types, &types);
		lock_number(&l, FIELD_BIT_CHARGES, row->charges, &charges);
		lock_bool(&l, FIELD_BIT_ACTIVE, row->is_active, &t->is_active);
		lock_number(&l, FIELD_BIT_ORDER, row->display_order, &t->display_order);
		t->order_types = (unsigned)types;
		t->charges = (unsigned)charges;
	}
}

static void
categories_lock(struct import *im, struct menu_doc *doc)
{
	struct menu_doc_category *list =
	    list_own(im, doc->categories, doc->categories_n, sizeof *list);
	const struct pair *pair;

	doc->categories = list;
	for (size_t i = 0; (pair = locked_next(&im->categories, &i)) != NULL;) {
		const struct category_row *row = &im->rows.categories[pair->row];
		struct menu_doc_category *c = &list[pair->doc];
		struct lock l = { im, "category", c->external_id, row->locked_fields };

		lock_text(&l, FIELD_BIT_NAME, row->name, &c->name);
		lock_text(&l, FIELD_BIT_IMAGE, row->image_url, &c->image_url);
		lock_bool(&l, FIELD_BIT_ACTIVE, row->is_active, &c->is_active);
		lock_number(&l, FIELD_BIT_ORDER, row->display_order, &c->display_order);
	}
}

static void
groups_lock(struct import *im, struct menu_doc *doc)
{
	struct menu_doc_addon_group *list =
	    list_own(im, doc->addon_groups, doc->addon_groups_n, sizeof *list);
	const struct pair *pair;

	doc->addon_groups = list;
	for (size_t i = 0; (pair = locked_next(&im->groups, &i)) != NULL;) {
		const struct group_row *row = &im->rows.groups[pair->row];
		struct menu_doc_addon_group *g = &list[pair->doc];
		struct lock l = { im, "add-on group", g->external_id, row->locked_fields };

		lock_text(&l, FIELD_BIT_NAME, row->name, &g->name);
		lock_bool(&l, FIELD_BIT_ACTIVE, row->is_active, &g->is_active);
		lock_number(&l, FIELD_BIT_ORDER, row->display_order, &g->display_order);
	}
}

/* Its category, taxes and groups are no members of the record: see import_items.c. */
static void
item_lock(struct import *im, const struct item_row *row, struct menu_doc_item *item)
{
	struct lock l = { im, "item", item->external_id, row->locked_fields };
	int64_t types = item->order_types;

	lock_text(&l, FIELD_BIT_NAME, row->name, &item->name);
	lock_text(&l, FIELD_BIT_DESCRIPTION, row->description, &item->description);
	lock_money(&l, FIELD_BIT_PRICE, row->price_minor, &item->price_minor);
	lock_money(&l, FIELD_BIT_PACKING, row->packing_minor, &item->packing_minor);
	lock_text(&l, FIELD_BIT_IMAGE, row->image_url, &item->image_url);
	lock_bool(&l, FIELD_BIT_AVAILABLE, row->is_available, &item->is_available);
	lock_bool(&l, FIELD_BIT_ACTIVE, row->is_active, &item->is_active);
	lock_number(&l, FIELD_BIT_TYPES, row->order_types, &types);
	lock_bool(&l, FIELD_BIT_INCLUSIVE, row->tax_inclusive, &item->tax_inclusive);
	lock_number(&l, FIELD_BIT_ORDER, row->display_order, &item->display_order);
	item->order_types = (unsigned)types;
	if (lock_holds(&l, FIELD_BIT_SLOTS))
		item->time_slots_n = 0; /* none named: the row's stay */
	if (lock_holds(&l, FIELD_BIT_DIET)) {
		const char *diet = diet_words[item->diet];

		lock_text(&l, FIELD_BIT_DIET, row->diet, &diet);
		for (int d = 0; d <= DIET_OTHER; d++)
			if (strcmp(diet_words[d], diet) == 0)
				item->diet = (enum menu_diet)d;
	}
}

static void
items_lock(struct import *im, struct menu_doc *doc)
{
	struct menu_doc_item *list = list_own(im, doc->items, doc->items_n, sizeof *list);
	const struct pair *pair;

	doc->items = list;
	for (size_t i = 0; (pair = locked_next(&im->items, &i)) != NULL;)
		item_lock(im, &im->rows.items[pair->row], &list[pair->doc]);
}

static bool
has_locks(const struct pairs *pairs)
{
	size_t i = 0;

	return locked_next(pairs, &i) != NULL;
}

enum err
import_locks_apply(struct import *im)
{
	struct menu_doc *doc = arena_alloc(im->op->arena, sizeof *doc);
	struct menu_head head;
	enum err e = menu_head_read(im->op, im->restaurant_id, &head);

	if (e != OK)
		return e;
	im->exponent = 2;
	(void)money_exponent(head.currency, &im->exponent);
	*doc = *im->doc;
	if (has_locks(&im->taxes))
		taxes_lock(im, doc);
	if (has_locks(&im->categories))
		categories_lock(im, doc);
	if (has_locks(&im->groups))
		groups_lock(im, doc);
	if (has_locks(&im->items))
		items_lock(im, doc);
	im->doc = doc;
	return OK;
}
