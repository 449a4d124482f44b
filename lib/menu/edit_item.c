#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "menu/edit_inside.h"
#include "menu/field.h"
#include "menu/public_id.h"
#include "menu/search.h"
#include "menu/slot.h"
#include "op/crash.h"
#include "text/json_write.h"
#include "text/utf8.h"

#define SLOTS_JSON_MAX ((size_t)64 * 1024)

/* --- variations ---------------------------------------------------------------------------- */

static const struct catalog_variation *
variation_find(const struct catalog_item *was, const unsigned char id[16])
{
	for (size_t i = 0; was != NULL && i < was->variations_n; i++)
		if (memcmp(was->variations[i].public_id, id, 16) == 0)
			return &was->variations[i];
	return NULL;
}

/* To be named again is to be wanted, unless it is said that it is not. */
static bool
is_wanted(const struct variation_wish *w)
{
	return !w->has_is_active || w->is_active;
}

static bool
keeps_name(const struct catalog_item *was, const struct variation_wish *w)
{
	const struct catalog_variation *row = w->has_id ? variation_find(was, w->id) : NULL;

	return row != NULL && strcmp(row->name, w->name) == 0;
}

static int64_t
variation_changes(const struct catalog_variation *a, const struct catalog_variation *b)
{
	return CHANGED(FIELD_NAME, edit_same(a->name, b->name)) |
	    CHANGED(FIELD_PRICE, a->price_minor == b->price_minor) |
	    CHANGED(FIELD_PACKING, a->packing_minor == b->packing_minor) |
	    CHANGED(FIELD_AVAILABLE, a->is_available == b->is_available) |
	    CHANGED(FIELD_ACTIVE, a->is_active == b->is_active) |
	    CHANGED(FIELD_ORDER, a->display_order == b->display_order);
}

static enum err
variation_update(struct edit *edit, const struct catalog_variation *v)
{
	return db_run(edit->op, STMT_catalog_variation_edit,
	    DB_ARGS(DB_I64("id", v->id), DB_I64("restaurant_id", edit->restaurant->id),
		DB_TEXT("name", v->name), DB_I64("price_minor", v->price_minor),
		DB_I64("packing_minor", v->packing_minor), DB_I64("is_available", v->is_available),
		DB_I64("is_active", v->is_active), DB_I64("display_order", v->display_order),
		DB_TIME("returns_at", v->returns_at), DB_I64("locked_fields", v->locked_fields)));
}

static enum err
variation_insert(struct edit *edit, struct catalog_variation *v)
{
	struct public_id public_id = public_id_make(edit->op);

	return db_newid(edit->op, STMT_variation_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id.bytes, sizeof public_id.bytes),
		DB_I64("restaurant_id", edit->restaurant->id), DB_I64("item_id", v->item_id),
		DB_NULL("external_id"), DB_NULL("variation_code"), DB_TEXT("name", v->name),
		DB_I64("price_minor", v->price_minor), DB_I64("packing_minor", v->packing_minor),
		DB_I64("is_available", v->is_available), DB_I64("is_active", v->is_active),
		DB_I64("display_order", v->display_order)),
	    &v->id);
}

/* What a wish makes of a variation; `was` NULL: of none. at: the path of the wish. */
static enum err
variation_make(struct edit *edit, const char *at, const struct variation_wish *w,
    const struct catalog_variation *was, size_t place, struct catalog_variation *ret)
{
	struct catalog_variation v = { .is_available = true, .is_active = true,
		.display_order = (int64_t)place, .returns_at = TIME_NONE };
	enum err e;

	if (was != NULL)
		v = *was;
	e = edit_name(edit->op, arena_printf(edit->op->arena, "%s.name", at), w->name, &v.name);
	v.price_minor = w->price;
	v.is_active = is_wanted(w);
	if (w->has_packing_charge)
		v.packing_minor = w->packing_charge;
	if (w->has_display_order)
		v.display_order = w->display_order;
	if (w->has_is_available)
		v.is_available = w->is_available;
	if (was != NULL && v.is_available != was->is_available)
		v.returns_at = TIME_NONE;
	if (e == OK)
		*ret = v;
	return e;
}

static enum err
variation_choices(struct edit *edit, const char *at, const struct variation_wish *w,
    const struct catalog_variation *was, int64_t item_id, struct catalog_variation *v,
    bool *ret_changed)
{
	struct catalog_choice *now =
	    arena_array(edit->op->arena, w->addon_groups_n, sizeof *now);
	const struct catalog_choice *old = was != NULL ? was->choices : NULL;
	size_t old_n = was != NULL ? was->choices_n : 0;
	enum err e = edit_choices_read(edit, arena_printf(edit->op->arena, "%s.addon_groups", at),
	    w->addon_groups, w->addon_groups_n, now);

	if (e != OK || edit_choices_same(old, old_n, now, w->addon_groups_n))
		return e;
	*ret_changed = true;
	return edit_choices_write(edit, item_id, v->id, old, old_n, now, w->addon_groups_n);
}

/* One wish among an item's variations. */
static enum err
variation_edit(struct edit *edit, const char *at, const struct variation_wish *w,
    const struct catalog_variation *was, int64_t item_id, size_t place, bool *ret_is_active)
{
	struct catalog_variation v;
	bool has_new_choices = false;
	int64_t changed = 0;
	enum err e = variation_make(edit, at, w, was, place, &v);

	v.item_id = item_id;
	if (e == OK && was == NULL) {
		edit_count(edit, 0);
		e = variation_insert(edit, &v);
	}
	if (e == OK && w->has_addon_groups)
		e = variation_choices(edit, at, w, was, item_id, &v, &has_new_choices);
	if (e == OK && was != NULL) {
		changed = variation_changes(was, &v) |
		    CHANGED(FIELD_GROUPS, !has_new_choices);
		v.locked_fields = edit_locks(v.external_id, v.locked_fields, changed,
		    v.is_available);
	}
	if (changed != 0) {
		edit_count(edit, 0);
		e = variation_update(edit, &v);
	}
	*ret_is_active |= e == OK && v.is_active;
	return e;
}

static enum err
variation_drop(struct edit *edit, const struct catalog_variation *was)
{
	struct catalog_variation v = *was;

	v.is_active = false;
	v.locked_fields = edit_locks(v.external_id, v.locked_fields, FIELD_ACTIVE, false);
	edit_count(edit, 0);
	return variation_update(edit, &v);
}

static bool
is_named_by_id(const struct item_wish *w, const unsigned char id[16])
{
	for (size_t i = 0; i < w->variations_n; i++)
		if (w->variations[i].has_id && memcmp(w->variations[i].id, id, 16) == 0)
			return true;
	return false;
}

static bool
is_among(const struct catalog_variation *const *rows, size_t n, const struct catalog_variation *v)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i] == v)
			return true;
	return false;
}

/* The one of a name that nobody has asked for yet: an active one, if there is one. */
static const struct catalog_variation *
variation_by_name(struct arena *arena, const struct item_wish *w, const struct catalog_item *was,
    size_t i, const struct catalog_variation *const *rows)
{
	const char *name = utf8_sanitise(arena, w->variations[i].name, SIZE_MAX);
	const struct catalog_variation *found = NULL;

	for (size_t k = 0; was != NULL && k < was->variations_n; k++) {
		const struct catalog_variation *v = &was->variations[k];

		if (strcmp(v->name, name) == 0 && !is_named_by_id(w, v->public_id) &&
		    !is_among(rows, i, v) && (found == NULL || (v->is_active && !found->is_active)))
			found = v;
	}
	return found;
}

/*
 * What each wish is about; NULL: nothing that is there. Without an id it is the one of its name, so
 * that a list that is sent again as it is changes nothing, and past orders, reports and the POS
 * still mean the same.
 */
static const struct catalog_variation **
variations_match(struct arena *arena, const struct item_wish *w, const struct catalog_item *was)
{
	const struct catalog_variation **rows = arena_array(arena, w->variations_n, sizeof(void *));

	for (size_t i = 0; i < w->variations_n; i++)
		rows[i] = w->variations[i].has_id
			      ? variation_find(was, w->variations[i].id)
			      : variation_by_name(arena, w, was, i, rows);
	return rows;
}

static enum err
variations_drop(struct edit *edit, const struct catalog_variation *const *rows, size_t n,
    const struct catalog_item *was)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && was != NULL && i < was->variations_n; i++)
		if (was->variations[i].is_active && !is_among(rows, n, &was->variations[i]))
			e = variation_drop(edit, &was->variations[i]);
	return e;
}

/*
 * Nobody could tell two of one name apart. Those that came so from the POS may stay so, as long as
 * none is given its name anew.
 */
static enum err
variation_name_check(struct edit *edit, const struct item_wish *w, const struct catalog_item *was,
    const char *at, size_t i)
{
	struct arena *arena = edit->op->arena;
	const struct variation_wish *one = &w->variations[i];
	const char *name = search_fold(arena, utf8_sanitise(arena, one->name, SIZE_MAX));

	for (size_t k = 0; k < i; k++) {
		const struct variation_wish *other = &w->variations[k];
		const char *its = search_fold(arena, utf8_sanitise(arena, other->name, SIZE_MAX));

		if (strcmp(name, its) == 0 && is_wanted(one) && is_wanted(other) &&
		    !(keeps_name(was, one) && keeps_name(was, other)))
			return edit_taken(edit->op, arena_printf(arena, "%s.name", at),
			    "name of another variation");
	}
	return OK;
}

static enum err
variations_edit(struct edit *edit, const struct item_wish *w, const struct catalog_item *was,
    int64_t item_id, bool *ret_any_active)
{
	struct op *op = edit->op;
	const struct catalog_variation **rows = variations_match(op->arena, w, was);
	enum err e = variations_drop(edit, rows, w->variations_n, was);

	for (size_t i = 0; e == OK && i < w->variations_n; i++) {
		const struct variation_wish *one = &w->variations[i];
		const char *at = arena_printf(op->arena, "variations[%zu]", i);

		if (one->has_id && rows[i] == NULL)
			return edit_missing(op, arena_printf(op->arena, "%s.id", at), "variation");
		for (size_t k = 0; one->has_id && k < i; k++)
			if (w->variations[k].has_id &&
			    memcmp(w->variations[k].id, one->id, sizeof one->id) == 0)
				return fail_field(op, at, "is there twice");
		e = variation_name_check(edit, w, was, at, i);
		if (e != OK)
			return e;
		e = variation_edit(edit, at, one, rows[i], item_id, i, ret_any_active);
	}
	return e;
}

/* --- the item ------------------------------------------------------------------------------ */

static const char *
slots_json(struct arena *arena, const struct edit_slot *slots, size_t n)
{
	struct json_write w;
	struct buf buf;

	if (n == 0)
		return NULL;
	buf_init(&buf, arena, SLOTS_JSON_MAX);
	json_write_init(&w, &buf);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		json_write_string(&w, NULL, slots[i].name);
	json_write_array_end(&w);
	json_write_done(&w);
	return buf.data;
}

static bool
slots_are_same(const struct catalog_item *item, const struct edit_slot *slots, size_t n)
{
	for (size_t i = 0; i < n && i < item->time_slots_n; i++)
		if (strcmp(item->time_slots[i], slots[i].name) != 0)
			return false;
	return n == item->time_slots_n;
}

static enum err
slots_take(struct edit *edit, const struct item_wish *w, struct catalog_item *item)
{
	struct settings settings;
	struct op *op = edit->op;
	enum err e;

	if (!w->has_time_slots || slots_are_same(item, w->time_slots, w->time_slots_n))
		return OK;
	e = settings_read(op, edit->restaurant->id, edit->restaurant->currency, &settings);
	for (size_t i = 0; e == OK && i < w->time_slots_n; i++) {
		const char *field = arena_printf(op->arena, "time_slots[%zu]", i);

		if (slot_find(settings.slots, settings.slots_n, w->time_slots[i].name) == NULL)
			return fail_field(op, field, "is not a time slot of this restaurant");
		for (size_t k = 0; k < i; k++)
			if (strcmp(w->time_slots[k].name, w->time_slots[i].name) == 0)
				return fail_field(op, field, "is there twice");
	}
	edit->fields |= FIELD_SLOTS;
	item->time_slots_json = slots_json(op->arena, w->time_slots, w->time_slots_n);
	return e;
}

/* is_veg is the coarse word for the diet: no meat becomes vegetable by it, nor an egg meat. */
static enum err
diet_take(struct op *op, const struct item_wish *w, struct catalog_item *item)
{
	const char *veg = edit_diets[DIET_VEG];

	if (w->diet >= 0)
		item->diet = edit_diets[w->diet];
	else if (w->has_is_veg && w->is_veg)
		item->diet = veg;
	else if (w->has_is_veg && strcmp(item->diet, veg) == 0)
		item->diet = edit_diets[DIET_NON_VEG];
	if (w->has_is_veg && w->is_veg != (strcmp(item->diet, veg) == 0))
		return fail_field(op, "is_veg", "is not what diet says");
	return OK;
}

static void
plain_take(const struct item_wish *w, struct catalog_item *item)
{
	bool was_available = item->is_available;

	item->price_minor = w->price;
	if (w->description_given)
		item->description = w->description != NULL && w->description[0] != '\0'
		    ? w->description : NULL;
	if (w->has_packing_charge)
		item->packing_minor = w->packing_charge;
	if (w->has_display_order)
		item->display_order = w->display_order;
	if (w->has_is_available)
		item->is_available = w->is_available;
	if (w->has_is_active)
		item->is_active = w->is_active;
	if (w->has_tax_inclusive)
		item->tax_inclusive = w->tax_inclusive;
	if (item->is_available != was_available)
		item->returns_at = TIME_NONE;
}

/* The row itself as the wish wants it. */
static enum err
item_take(struct edit *edit, const struct item_wish *w, struct catalog_item *item)
{
	struct op *op = edit->op;
	enum err e = edit_name(op, "name", w->name, &item->name);

	plain_take(w, item);
	if (e == OK && w->image_url_given && !edit_same(w->image_url, item->image_url))
		e = edit_image(op, w->image_url, &item->image_url);
	if (e == OK)
		e = diet_take(op, w, item);
	if (e == OK && w->has_order_types)
		e = edit_order_types(op, w->order_types, w->order_types_n, &item->order_types);
	if (e == OK)
		e = slots_take(edit, w, item);
	if (e == OK)
		e = catalog_id(op, CATALOG_CATEGORY, edit->restaurant->id, w->category_id,
		    &item->category_id);
	return e == ERR_NO_ROW ? edit_missing(op, "category_id", "category") : e;
}

static int64_t
item_changes(const struct catalog_item *a, const struct catalog_item *b)
{
	return CHANGED(FIELD_NAME, edit_same(a->name, b->name)) |
	    CHANGED(FIELD_DESCRIPTION, edit_same(a->description, b->description)) |
	    CHANGED(FIELD_PRICE, a->price_minor == b->price_minor) |
	    CHANGED(FIELD_PACKING, a->packing_minor == b->packing_minor) |
	    CHANGED(FIELD_IMAGE, edit_same(a->image_url, b->image_url)) |
	    CHANGED(FIELD_CATEGORY, a->category_id == b->category_id) |
	    CHANGED(FIELD_ACTIVE, a->is_active == b->is_active) |
	    CHANGED(FIELD_AVAILABLE, a->is_available == b->is_available) |
	    CHANGED(FIELD_ORDER, a->display_order == b->display_order) |
	    CHANGED(FIELD_TYPES, a->order_types == b->order_types) |
	    CHANGED(FIELD_INCLUSIVE, a->tax_inclusive == b->tax_inclusive) |
	    CHANGED(FIELD_DIET, edit_same(a->diet, b->diet));
}

static enum err
item_insert(struct edit *edit, const unsigned char public_id[16], struct catalog_item *i)
{
	edit_count(edit, 0);
	return db_newid(edit->op, STMT_item_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id, 16),
		DB_I64("restaurant_id", edit->restaurant->id),
		DB_I64("category_id", i->category_id), DB_NULL("external_id"),
		DB_TEXT("name", i->name), DB_TEXT("description", i->description),
		DB_I64("price_minor", i->price_minor), DB_I64("packing_minor", i->packing_minor),
		DB_TEXT("image_url", i->image_url), DB_TEXT("diet", i->diet),
		DB_I64("is_veg", strcmp(i->diet, edit_diets[DIET_VEG]) == 0),
		DB_I64("is_available", i->is_available), DB_I64("is_active", i->is_active),
		DB_TEXT("time_slots", i->time_slots_json), DB_I64("order_types", i->order_types),
		DB_I64("tax_inclusive", i->tax_inclusive),
		DB_TEXT("gst_liability", i->gst_liability),
		DB_I64("display_order", i->display_order)),
	    &i->id);
}

static enum err
item_update(struct edit *edit, const struct catalog_item *i)
{
	edit_count(edit, 0);
	return db_run(edit->op, STMT_catalog_item_edit,
	    DB_ARGS(DB_I64("id", i->id), DB_I64("restaurant_id", edit->restaurant->id),
		DB_I64("category_id", i->category_id), DB_TEXT("name", i->name),
		DB_TEXT("description", i->description), DB_I64("price_minor", i->price_minor),
		DB_I64("packing_minor", i->packing_minor), DB_TEXT("image_url", i->image_url),
		DB_TEXT("diet", i->diet),
		DB_I64("is_veg", strcmp(i->diet, edit_diets[DIET_VEG]) == 0),
		DB_I64("is_available", i->is_available), DB_I64("is_active", i->is_active),
		DB_TEXT("time_slots", i->time_slots_json), DB_I64("order_types", i->order_types),
		DB_I64("tax_inclusive", i->tax_inclusive),
		DB_I64("display_order", i->display_order), DB_TIME("returns_at", i->returns_at),
		DB_I64("locked_fields", i->locked_fields)));
}

/* Taxes and groups, where the wish speaks of them: FIELD_TAXES, FIELD_GROUPS of what is other. */
static enum err
links_edit(struct edit *edit, const struct item_wish *w, const struct catalog_item *was,
    int64_t item_id, int64_t *ret_changed)
{
	struct arena *arena = edit->op->arena;
	struct catalog_item_tax *taxes = arena_array(arena, w->tax_ids_n, sizeof *taxes);
	struct catalog_choice *choices = arena_array(arena, w->addon_groups_n, sizeof *choices);
	const struct catalog_choice *old = was != NULL ? was->choices : NULL;
	size_t old_n = was != NULL ? was->choices_n : 0;
	bool has_new_taxes = false;
	enum err e = OK;

	if (w->has_tax_ids)
		e = edit_taxes_read(edit, w, taxes);
	if (e == OK && w->has_tax_ids)
		e = edit_taxes_write(edit, item_id, was, taxes, w->tax_ids_n, &has_new_taxes);
	if (e == OK && has_new_taxes)
		*ret_changed |= FIELD_TAXES;
	if (e == OK && w->has_addon_groups)
		e = edit_choices_read(edit, "addon_groups", w->addon_groups, w->addon_groups_n,
		    choices);
	if (e != OK || !w->has_addon_groups ||
	    edit_choices_same(old, old_n, choices, w->addon_groups_n))
		return e;
	*ret_changed |= FIELD_GROUPS;
	return edit_choices_write(edit, item_id, 0, old, old_n, choices, w->addon_groups_n);
}

static bool
has_active_variation(const struct catalog_item *was)
{
	for (size_t i = 0; was != NULL && i < was->variations_n; i++)
		if (was->variations[i].is_active)
			return true;
	return false;
}

/* All of an item whose row is there, and that row once more with what has become of it. */
static enum err
item_finish(struct edit *edit, const struct item_wish *w, const struct catalog_item *was,
    struct catalog_item *now)
{
	bool is_sized = !w->has_variations && has_active_variation(was);
	int64_t changed = edit->fields;
	enum err e = links_edit(edit, w, was, now->id, &changed);

	CRASH_POINT("menu_edit.links_written");
	if (e == OK && w->has_variations)
		e = variations_edit(edit, w, was, now->id, &is_sized);
	if (e == OK && !is_sized && now->price_minor == 0)
		return fail_field(edit->op, "price",
		    "must be more than 0 where there are no variations");
	if (e != OK || was == NULL)
		return e;
	changed |= item_changes(was, now);
	edit->fields = changed;
	if (changed == 0)
		return OK;
	now->locked_fields =
	    edit_locks(now->external_id, now->locked_fields, changed, now->is_available);
	return item_update(edit, now);
}

enum err
edit_item(struct edit *edit, const void *old, const unsigned char public_id[16], const void *wish)
{
	const struct catalog_item *was = old;
	struct catalog_item now = { .is_available = true, .is_active = true,
		.order_types = MENU_ALL_TYPES, .diet = edit_diets[DIET_VEG],
		.gst_liability = "restaurant", .returns_at = TIME_NONE };
	enum err e;

	if (was != NULL)
		now = *was;
	e = item_take(edit, wish, &now);
	if (e == OK && was == NULL)
		e = item_insert(edit, public_id, &now);
	if (e == OK)
		e = item_finish(edit, wish, was, &now);
	return edit_end(edit, e);
}

enum err
edit_item_retire(struct edit *edit, const void *old)
{
	struct catalog_item now = *(const struct catalog_item *)old;
	enum err e = OK;

	if (now.is_active) {
		now.is_active = false;
		edit->fields |= FIELD_ACTIVE;
		now.locked_fields =
		    edit_locks(now.external_id, now.locked_fields, FIELD_ACTIVE, false);
		e = item_update(edit, &now);
	}
	return edit_end(edit, e);
}

enum err
edit_item_unlock(struct edit *edit, const void *was, int64_t fields)
{
	const struct catalog_item *item = was;
	const struct db_arg args[] = { DB_I64("id", item->id),
		DB_I64("restaurant_id", edit->restaurant->id), DB_I64("fields", fields) };
	enum err e = db_run(edit->op, STMT_catalog_item_unlock, args, 3);

	return e != OK ? e : db_run(edit->op, STMT_catalog_variations_unlock, args, 3);
}
