/* Categories, add-on groups and taxes. */
#include <string.h>

#include "db/db.h"
#include "menu/edit_inside.h"
#include "menu/field.h"
#include "menu/public_id.h"
#include "text/utf8.h"

static enum err
unlock(struct edit *edit, enum stmt stmt, int64_t id, int64_t fields)
{
	return db_run(edit->op, stmt,
	    DB_ARGS(DB_I64("id", id), DB_I64("restaurant_id", edit->restaurant->id),
		DB_I64("fields", fields)));
}

/* --- categories ---------------------------------------------------------------------------- */

static int64_t
category_changes(const struct catalog_category *a, const struct catalog_category *b)
{
	return CHANGED(FIELD_NAME, edit_same(a->name, b->name)) |
	    CHANGED(FIELD_ORDER, a->display_order == b->display_order) |
	    CHANGED(FIELD_ACTIVE, a->is_active == b->is_active) |
	    CHANGED(FIELD_IMAGE, edit_same(a->image_url, b->image_url));
}

/* Two of one name cannot be told apart: the name of an inactive one is nobody's. */
static enum err
category_end(struct edit *edit, enum err e)
{
	if (e == ERR_DUPLICATE)
		return edit_taken(edit->op, "name", "name of another category");
	return edit_end(edit, e);
}

static enum err
category_update(struct edit *edit, const struct catalog_category *was,
    struct catalog_category *now)
{
	int64_t changed = category_changes(was, now);

	if (changed == 0)
		return OK;
	now->locked_fields = edit_locks(now->external_id, now->locked_fields, changed, true);
	edit_count(edit, changed);
	return db_run(edit->op, STMT_catalog_category_edit,
	    DB_ARGS(DB_I64("id", now->id), DB_I64("restaurant_id", edit->restaurant->id),
		DB_TEXT("name", now->name), DB_I64("display_order", now->display_order),
		DB_I64("is_active", now->is_active), DB_TEXT("image_url", now->image_url),
		DB_I64("locked_fields", now->locked_fields)));
}

static enum err
category_insert(struct edit *edit, const unsigned char public_id[16],
    const struct catalog_category *c)
{
	int64_t id;

	edit_count(edit, 0);
	return db_newid(edit->op, STMT_category_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id, 16),
		DB_I64("restaurant_id", edit->restaurant->id), DB_NULL("external_id"),
		DB_TEXT("name", c->name), DB_I64("display_order", c->display_order),
		DB_I64("is_active", c->is_active), DB_TEXT("image_url", c->image_url),
		DB_NULL("timings")),
	    &id);
}

enum err
edit_category(struct edit *edit, const void *old, const unsigned char public_id[16],
    const void *wish)
{
	const struct catalog_category *was = old;
	const struct category_wish *w = wish;
	struct catalog_category now = { .is_active = true };
	enum err e;

	if (was != NULL)
		now = *was;
	if (w->has_display_order)
		now.display_order = w->display_order;
	if (w->has_is_active)
		now.is_active = w->is_active;
	e = edit_name(edit->op, "name", w->name, &now.name);
	if (e == OK && w->image_url_given && !edit_same(w->image_url, now.image_url))
		e = edit_image(edit->op, w->image_url, &now.image_url);
	if (e == OK)
		e = was == NULL ? category_insert(edit, public_id, &now)
				: category_update(edit, was, &now);
	return category_end(edit, e);
}

enum err
edit_category_retire(struct edit *edit, const void *was)
{
	struct catalog_category now = *(const struct catalog_category *)was;

	now.is_active = false;
	return edit_end(edit, category_update(edit, was, &now));
}

enum err
edit_category_unlock(struct edit *edit, const void *was, int64_t fields)
{
	return unlock(edit, STMT_catalog_category_unlock,
	    ((const struct catalog_category *)was)->id, fields);
}

/* --- add-on items -------------------------------------------------------------------------- */

static int64_t
addon_changes(const struct catalog_addon *a, const struct catalog_addon *b)
{
	return CHANGED(FIELD_NAME, edit_same(a->name, b->name)) |
	    CHANGED(FIELD_PRICE, a->price_minor == b->price_minor) |
	    CHANGED(FIELD_AVAILABLE, a->is_available == b->is_available) |
	    CHANGED(FIELD_ACTIVE, a->is_active == b->is_active) |
	    CHANGED(FIELD_ORDER, a->display_order == b->display_order);
}

static enum err
addon_update(struct edit *edit, const struct catalog_addon *was, struct catalog_addon *now)
{
	int64_t changed = addon_changes(was, now);

	if (changed == 0)
		return OK;
	now->locked_fields =
	    edit_locks(now->external_id, now->locked_fields, changed, now->is_available);
	edit_count(edit, 0);
	return db_run(edit->op, STMT_catalog_addon_edit,
	    DB_ARGS(DB_I64("id", now->id), DB_I64("restaurant_id", edit->restaurant->id),
		DB_TEXT("name", now->name), DB_I64("price_minor", now->price_minor),
		DB_I64("is_available", now->is_available), DB_I64("is_active", now->is_active),
		DB_I64("display_order", now->display_order),
		DB_TIME("returns_at", now->returns_at),
		DB_I64("locked_fields", now->locked_fields)));
}

static enum err
addon_insert(struct edit *edit, int64_t group_id, const struct catalog_addon *a)
{
	struct public_id public_id = public_id_make(edit->op);
	int64_t id;

	edit_count(edit, 0);
	return db_newid(edit->op, STMT_addon_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id.bytes, sizeof public_id.bytes),
		DB_I64("restaurant_id", edit->restaurant->id), DB_I64("addon_group_id", group_id),
		DB_NULL("external_id"), DB_TEXT("name", a->name),
		DB_I64("price_minor", a->price_minor), DB_I64("is_available", a->is_available),
		DB_I64("is_active", a->is_active), DB_I64("display_order", a->display_order)),
	    &id);
}

static enum err
addon_edit(struct edit *edit, const char *at, const struct addon_wish *w,
    const struct catalog_addon *was, int64_t group_id, size_t place)
{
	struct catalog_addon now = { .is_available = true, .display_order = (int64_t)place,
		.returns_at = TIME_NONE };
	enum err e;

	if (was != NULL)
		now = *was;
	now.price_minor = w->price;
	now.is_active = !w->has_is_active || w->is_active;
	if (w->has_display_order)
		now.display_order = w->display_order;
	if (w->has_is_available)
		now.is_available = w->is_available;
	if (was != NULL && now.is_available != was->is_available)
		now.returns_at = TIME_NONE;
	e = edit_name(edit->op, arena_printf(edit->op->arena, "%s.name", at), w->name, &now.name);
	if (e != OK)
		return e;
	return was == NULL ? addon_insert(edit, group_id, &now) : addon_update(edit, was, &now);
}

static bool
addon_is_named(const struct group_wish *w, size_t n, const unsigned char id[16])
{
	for (size_t i = 0; i < n; i++)
		if (w->addon_items[i].has_id && memcmp(w->addon_items[i].id, id, 16) == 0)
			return true;
	return false;
}

static bool
is_among(const struct catalog_addon *const *rows, size_t n, const struct catalog_addon *a)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i] == a)
			return true;
	return false;
}

static const struct catalog_addon *
addon_find(const struct catalog_group *was, const unsigned char id[16])
{
	for (size_t i = 0; was != NULL && i < was->addons_n; i++)
		if (memcmp(was->addons[i].public_id, id, 16) == 0)
			return &was->addons[i];
	return NULL;
}

/* The one of a name that nobody has asked for yet: an active one, if there is one. */
static const struct catalog_addon *
addon_by_name(struct arena *arena, const struct group_wish *w, const struct catalog_group *was,
    size_t i, const struct catalog_addon *const *rows)
{
	const char *name = utf8_sanitise(arena, w->addon_items[i].name, SIZE_MAX);
	const struct catalog_addon *found = NULL;

	for (size_t k = 0; was != NULL && k < was->addons_n; k++) {
		const struct catalog_addon *a = &was->addons[k];

		if (strcmp(a->name, name) == 0 &&
		    !addon_is_named(w, w->addon_items_n, a->public_id) && !is_among(rows, i, a) &&
		    (found == NULL || (a->is_active && !found->is_active)))
			found = a;
	}
	return found;
}

/* What each wish is about, as of variations (edit_item.c); NULL: nothing that is there. */
static const struct catalog_addon **
addons_match(struct arena *arena, const struct group_wish *w, const struct catalog_group *was)
{
	const struct catalog_addon **rows = arena_array(arena, w->addon_items_n, sizeof(void *));

	for (size_t i = 0; i < w->addon_items_n; i++)
		rows[i] = w->addon_items[i].has_id ? addon_find(was, w->addon_items[i].id)
						   : addon_by_name(arena, w, was, i, rows);
	return rows;
}

static enum err
addons_drop(struct edit *edit, const struct catalog_addon *const *rows, size_t n,
    const struct catalog_group *was)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && was != NULL && i < was->addons_n; i++) {
		struct catalog_addon now = was->addons[i];

		now.is_active = false;
		if (!is_among(rows, n, &was->addons[i]))
			e = addon_update(edit, &was->addons[i], &now);
	}
	return e;
}

static enum err
addons_edit(struct edit *edit, const struct group_wish *w, const struct catalog_group *was,
    int64_t group_id)
{
	struct op *op = edit->op;
	const struct catalog_addon **rows = addons_match(op->arena, w, was);
	enum err e = addons_drop(edit, rows, w->addon_items_n, was);

	for (size_t i = 0; e == OK && i < w->addon_items_n; i++) {
		const struct addon_wish *one = &w->addon_items[i];
		const char *at = arena_printf(op->arena, "addon_items[%zu]", i);

		if (one->has_id && rows[i] == NULL)
			return edit_missing(op, arena_printf(op->arena, "%s.id", at),
			    "add-on item");
		if (one->has_id && addon_is_named(w, i, one->id))
			return fail_field(op, at, "is there twice");
		e = addon_edit(edit, at, one, rows[i], group_id, i);
	}
	return e;
}

/* --- add-on groups ------------------------------------------------------------------------- */

static enum err
group_update(struct edit *edit, const struct catalog_group *was, struct catalog_group *now)
{
	int64_t changed = CHANGED(FIELD_NAME, edit_same(was->name, now->name)) |
	    CHANGED(FIELD_ACTIVE, was->is_active == now->is_active) |
	    CHANGED(FIELD_ORDER, was->display_order == now->display_order);

	if (changed == 0)
		return OK;
	now->locked_fields = edit_locks(now->external_id, now->locked_fields, changed, true);
	edit_count(edit, changed);
	return db_run(edit->op, STMT_catalog_group_edit,
	    DB_ARGS(DB_I64("id", now->id), DB_I64("restaurant_id", edit->restaurant->id),
		DB_TEXT("name", now->name), DB_I64("is_active", now->is_active),
		DB_I64("display_order", now->display_order),
		DB_I64("locked_fields", now->locked_fields)));
}

static enum err
group_insert(struct edit *edit, const unsigned char public_id[16], struct catalog_group *g)
{
	edit_count(edit, 0);
	return db_newid(edit->op, STMT_addon_group_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id, 16),
		DB_I64("restaurant_id", edit->restaurant->id), DB_NULL("external_id"),
		DB_TEXT("name", g->name), DB_I64("is_active", g->is_active),
		DB_I64("display_order", g->display_order)),
	    &g->id);
}

enum err
edit_group(struct edit *edit, const void *old, const unsigned char public_id[16], const void *wish)
{
	const struct catalog_group *was = old;
	const struct group_wish *w = wish;
	struct catalog_group now = { .is_active = true };
	enum err e;

	if (was != NULL)
		now = *was;
	if (w->has_display_order)
		now.display_order = w->display_order;
	if (w->has_is_active)
		now.is_active = w->is_active;
	e = edit_name(edit->op, "name", w->name, &now.name);
	if (e == OK)
		e = was == NULL ? group_insert(edit, public_id, &now)
				: group_update(edit, was, &now);
	if (e == OK && w->has_addon_items)
		e = addons_edit(edit, w, was, now.id);
	return edit_end(edit, e);
}

enum err
edit_group_retire(struct edit *edit, const void *was)
{
	struct catalog_group now = *(const struct catalog_group *)was;

	now.is_active = false;
	return edit_end(edit, group_update(edit, was, &now));
}

enum err
edit_group_unlock(struct edit *edit, const void *was, int64_t fields)
{
	int64_t id = ((const struct catalog_group *)was)->id;
	enum err e = unlock(edit, STMT_catalog_group_unlock, id, fields);

	return e != OK ? e : unlock(edit, STMT_catalog_addons_unlock, id, fields);
}

/* --- taxes --------------------------------------------------------------------------------- */

static int64_t
tax_changes(const struct catalog_tax *a, const struct catalog_tax *b)
{
	return CHANGED(FIELD_NAME, edit_same(a->name, b->name)) |
	    CHANGED(FIELD_PRICE, edit_same(a->kind, b->kind) && a->rate_micro == b->rate_micro &&
		    a->amount_minor == b->amount_minor) |
	    CHANGED(FIELD_TYPES, a->order_types == b->order_types) |
	    CHANGED(FIELD_CHARGES, a->charges == b->charges) |
	    CHANGED(FIELD_ACTIVE, a->is_active == b->is_active) |
	    CHANGED(FIELD_ORDER, a->display_order == b->display_order);
}

static enum err
tax_update(struct edit *edit, const struct catalog_tax *was, struct catalog_tax *now)
{
	int64_t changed = tax_changes(was, now);

	if (changed == 0)
		return OK;
	now->locked_fields = edit_locks(now->external_id, now->locked_fields, changed, true);
	edit_count(edit, changed);
	return db_run(edit->op, STMT_catalog_tax_edit,
	    DB_ARGS(DB_I64("id", now->id), DB_I64("restaurant_id", edit->restaurant->id),
		DB_TEXT("name", now->name), DB_TEXT("kind", now->kind),
		DB_I64("rate_micro", now->rate_micro), DB_I64("amount_minor", now->amount_minor),
		DB_I64("order_types", now->order_types), DB_I64("charges", now->charges),
		DB_I64("is_active", now->is_active), DB_I64("display_order", now->display_order),
		DB_I64("locked_fields", now->locked_fields)));
}

static enum err
tax_insert(struct edit *edit, const unsigned char public_id[16], const struct catalog_tax *t)
{
	int64_t id;

	edit_count(edit, 0);
	return db_newid(edit->op, STMT_tax_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id, 16),
		DB_I64("restaurant_id", edit->restaurant->id), DB_NULL("external_id"),
		DB_TEXT("name", t->name), DB_TEXT("kind", t->kind),
		DB_I64("rate_micro", t->rate_micro), DB_I64("amount_minor", t->amount_minor),
		DB_I64("order_types", t->order_types), DB_I64("charges", t->charges),
		DB_I64("is_active", t->is_active), DB_I64("display_order", t->display_order)),
	    &id);
}

enum err
edit_tax(struct edit *edit, const void *old, const unsigned char public_id[16], const void *wish)
{
	const struct catalog_tax *was = old;
	const struct tax_wish *w = wish;
	struct catalog_tax now = { .is_active = true, .order_types = MENU_ALL_TYPES };
	enum err e;

	if (was != NULL)
		now = *was;
	if (w->has_display_order)
		now.display_order = w->display_order;
	if (w->has_is_active)
		now.is_active = w->is_active;
	e = edit_name(edit->op, "name", w->name, &now.name);
	now.kind = edit_tax_kinds[w->kind];
	if (e == OK)
		e = edit_rate(edit->op, "tax", w->kind, w->percent,
		    w->has_amount ? &w->amount : NULL, 0, &now.rate_micro, &now.amount_minor);
	if (e == OK && w->has_charges)
		e = edit_charges(edit->op, w->charges, w->charges_n, &now.charges);
	if (e == OK && w->has_order_types)
		e = edit_order_types(edit->op, w->order_types, w->order_types_n, &now.order_types);
	if (e == OK)
		e = was == NULL ? tax_insert(edit, public_id, &now) : tax_update(edit, was, &now);
	return edit_end(edit, e);
}

enum err
edit_tax_retire(struct edit *edit, const void *was)
{
	struct catalog_tax now = *(const struct catalog_tax *)was;

	now.is_active = false;
	return edit_end(edit, tax_update(edit, was, &now));
}

enum err
edit_tax_unlock(struct edit *edit, const void *was, int64_t fields)
{
	return unlock(edit, STMT_catalog_tax_unlock, ((const struct catalog_tax *)was)->id, fields);
}
