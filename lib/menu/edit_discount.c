/* Discounts. */
#include <string.h>

#include "db/db.h"
#include "menu/edit_inside.h"
#include "menu/field.h"

#define CODE_MIN 3
#define CODE_MAX 32

/* As guests' codes are looked for: in capitals. NULL: it applies by itself. */
static enum err
code_take(struct op *op, const char *text, const char **ret)
{
	char *code;

	if (text == NULL) {
		*ret = NULL;
		return OK;
	}
	code = arena_strdup(op->arena, text);
	for (char *c = code; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	if (strlen(code) < CODE_MIN || strlen(code) > CODE_MAX ||
	    strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != strlen(code))
		return fail_field(op, "code",
		    "must be of %d to %d letters of A to Z, digits, - and _", CODE_MIN, CODE_MAX);
	*ret = code;
	return OK;
}

/* The bounds; what is not sent stays. */
static enum err
terms_take(struct op *op, const struct discount_wish *w, struct catalog_discount *d)
{
	bool is_fixed = w->kind == EDIT_TAX_FIXED;

	if (w->min_subtotal_given)
		d->min_subtotal_minor = w->min_subtotal;
	if (w->max_discount_given && is_fixed && w->max_discount > 0)
		return fail_field(op, "max_discount", "is for a percentage");
	if (w->max_discount_given || is_fixed)
		d->max_discount_minor = w->max_discount_given ? w->max_discount : 0;
	if (w->starts_at_given)
		d->starts_at = w->starts_at;
	if (w->ends_at_given)
		d->ends_at = w->ends_at;
	if (w->uses_max_given)
		d->uses_max = w->uses_max;
	if (w->uses_per_guest_max_given)
		d->uses_per_user_max = w->uses_per_guest_max;
	if (w->has_first_order_only)
		d->first_order_only = w->first_order_only;
	if (d->starts_at != TIME_NONE && d->ends_at != TIME_NONE && d->ends_at <= d->starts_at)
		return fail_field(op, "ends_at", "must lie after starts_at");
	return OK;
}

static bool
terms_are_same(const struct catalog_discount *a, const struct catalog_discount *b)
{
	return a->min_subtotal_minor == b->min_subtotal_minor &&
	    a->max_discount_minor == b->max_discount_minor && a->starts_at == b->starts_at &&
	    a->ends_at == b->ends_at && a->uses_max == b->uses_max &&
	    a->uses_per_user_max == b->uses_per_user_max &&
	    a->first_order_only == b->first_order_only;
}

static int64_t
changes(const struct catalog_discount *a, const struct catalog_discount *b)
{
	return CHANGED(FIELD_NAME, edit_same(a->name, b->name)) |
	    CHANGED(FIELD_PRICE, edit_same(a->kind, b->kind) && a->rate_micro == b->rate_micro &&
		    a->amount_minor == b->amount_minor) |
	    CHANGED(FIELD_CODE, edit_same(a->code, b->code)) |
	    CHANGED(FIELD_TERMS, terms_are_same(a, b)) |
	    CHANGED(FIELD_TYPES, a->order_types == b->order_types) |
	    CHANGED(FIELD_ACTIVE, a->is_active == b->is_active);
}

/* What both statements take. */
#define DISCOUNT_ARGS(edit, d) \
	DB_I64("restaurant_id", (edit)->restaurant->id), DB_TEXT("name", (d)->name), \
	    DB_TEXT("code", (d)->code), DB_TEXT("kind", (d)->kind), \
	    DB_I64("rate_micro", (d)->rate_micro), DB_I64("amount_minor", (d)->amount_minor), \
	    DB_I64("min_subtotal_minor", (d)->min_subtotal_minor), \
	    DB_I64("max_discount_minor", (d)->max_discount_minor), \
	    DB_I64("order_types", (d)->order_types), DB_TIME("starts_at", (d)->starts_at), \
	    DB_TIME("ends_at", (d)->ends_at), DB_I64("uses_max", (d)->uses_max), \
	    DB_I64("uses_per_user_max", (d)->uses_per_user_max), \
	    DB_I64("first_order_only", (d)->first_order_only), \
	    DB_I64("is_active", (d)->is_active)

static enum err
insert(struct edit *edit, const unsigned char public_id[16], const struct catalog_discount *d)
{
	int64_t id;

	edit_count(edit, 0);
	return db_newid(edit->op, STMT_discount_insert,
	    DB_ARGS(DB_BYTES("public_id", public_id, 16), DB_NULL("external_id"),
		DISCOUNT_ARGS(edit, d)),
	    &id);
}

static enum err
update(struct edit *edit, const struct catalog_discount *was, struct catalog_discount *now)
{
	int64_t changed = changes(was, now);

	if (changed == 0)
		return OK;
	now->locked_fields = edit_locks(now->external_id, now->locked_fields, changed, true);
	edit_count(edit, changed);
	return db_run(edit->op, STMT_discount_edit,
	    DB_ARGS(DB_I64("id", now->id), DISCOUNT_ARGS(edit, now),
		DB_I64("locked_fields", now->locked_fields)));
}

/* Of two active ones with one code nobody knew which is meant. */
static enum err
discount_end(struct edit *edit, enum err e)
{
	if (e == ERR_DUPLICATE)
		return edit_taken(edit->op, "code", "code of another discount");
	return edit_end(edit, e);
}

enum err
edit_discount(struct edit *edit, const void *old, const unsigned char public_id[16],
    const void *wish)
{
	const struct catalog_discount *was = old;
	const struct discount_wish *w = wish;
	struct catalog_discount now = { .is_active = true, .order_types = MENU_ALL_TYPES,
		.starts_at = TIME_NONE, .ends_at = TIME_NONE };
	enum err e;

	if (was != NULL)
		now = *was;
	if (w->has_is_active)
		now.is_active = w->is_active;
	now.kind = edit_tax_kinds[w->kind];
	e = edit_name(edit->op, "name", w->name, &now.name);
	if (e == OK)
		e = edit_rate(edit->op, "discount", w->kind, w->percent,
		    w->has_amount ? &w->amount : NULL, 1, &now.rate_micro, &now.amount_minor);
	if (e == OK && w->code_given)
		e = code_take(edit->op, w->code, &now.code);
	if (e == OK)
		e = terms_take(edit->op, w, &now);
	if (e == OK && w->has_order_types)
		e = edit_order_types(edit->op, w->order_types, w->order_types_n, &now.order_types);
	if (e == OK)
		e = was == NULL ? insert(edit, public_id, &now) : update(edit, was, &now);
	return discount_end(edit, e);
}

enum err
edit_discount_retire(struct edit *edit, const void *was)
{
	struct catalog_discount now = *(const struct catalog_discount *)was;

	now.is_active = false;
	return discount_end(edit, update(edit, was, &now));
}

enum err
edit_discount_unlock(struct edit *edit, const void *was, int64_t fields)
{
	return db_run(edit->op, STMT_catalog_discount_unlock,
	    DB_ARGS(DB_I64("id", ((const struct catalog_discount *)was)->id),
		DB_I64("restaurant_id", edit->restaurant->id), DB_I64("fields", fields)));
}
