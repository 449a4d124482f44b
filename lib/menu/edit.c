#include <string.h>

#include "menu/edit_inside.h"
#include "menu/field.h"
#include "menu/menu.h"
#include "op/crash.h"
#include "text/money.h"
#include "text/url.h"
#include "text/utf8.h"

const char *const edit_diets[] = {
	[DIET_VEG] = "veg",
	[DIET_NON_VEG] = "non_veg",
	[DIET_EGG] = "egg",
	[DIET_OTHER] = "other",
	NULL,
};
const char *const edit_tax_kinds[] = {
	[EDIT_TAX_PERCENT] = "percent", [EDIT_TAX_FIXED] = "fixed", NULL
};

enum err
edit_missing(struct op *op, const char *field, const char *what)
{
	return fail_field(op, field, "names no %s of this restaurant", what);
}

enum err
edit_taken(struct op *op, const char *field, const char *what)
{
	enum err e = fail(op, ERR_CONFLICT, "This is the %s already", what);

	(void)fail_field(op, field, "is the %s", what);
	return e;
}

enum err
edit_name(struct op *op, const char *field, const char *name, const char **ret)
{
	const char *clean = utf8_sanitise(op->arena, name, SIZE_MAX);

	if (clean[0] == '\0')
		return fail_field(op, field, "must not be blank");
	*ret = clean;
	return OK;
}

enum err
edit_image(struct op *op, const char *address, const char **ret)
{
	struct url url;

	if (address == NULL || address[0] == '\0')
		*ret = NULL;
	else if (url_parse(op->arena, address, &url))
		*ret = address;
	else
		return fail_field(op, "image_url", "must be an http or https address");
	return OK;
}

enum err
edit_order_types(struct op *op, const struct edit_type *types, size_t n, int64_t *ret)
{
	int64_t set = 0;

	for (size_t i = 0; i < n; i++) {
		if ((set & (1 << types[i].bit)) != 0)
			return fail_field(op, "order_types", "names one twice");
		set |= 1 << types[i].bit;
	}
	if (set == 0)
		return fail_field(op, "order_types", "must name at least one");
	*ret = set;
	return OK;
}

enum err
edit_charges(struct op *op, const struct edit_charge *charges, size_t n, int64_t *ret)
{
	int64_t set = 0;

	for (size_t i = 0; i < n; i++) {
		if ((set & (1 << charges[i].bit)) != 0)
			return fail_field(op, "charges", "names one twice");
		set |= 1 << charges[i].bit;
	}
	*ret = set;
	return OK;
}

enum err
edit_rate(struct op *op, const char *what, int kind, const char *percent, const int64_t *amount,
    int64_t least, int64_t *ret_rate_micro, int64_t *ret_amount_minor)
{
	int64_t rate_micro;

	if (kind == EDIT_TAX_FIXED) {
		if (amount == NULL)
			return fail_field(op, "amount", "is missing");
		if (*amount < least)
			return fail_field(op, "amount", "must be more than nothing");
		if (percent != NULL)
			return fail_field(op, "percent", "is not for a fixed %s", what);
		*ret_rate_micro = 0;
		*ret_amount_minor = *amount;
		return OK;
	}
	if (amount != NULL)
		return fail_field(op, "amount", "is for a fixed %s", what);
	if (percent == NULL)
		return fail_field(op, "percent", "is missing");
	if (!money_parse_percent(percent, &rate_micro) || rate_micro < least ||
	    rate_micro > EDIT_PERCENT_MAX_MICRO)
		return fail_field(op, "percent", "must be %s 100, with at most four decimals",
		    least > 0 ? "more than 0 and at most" : "between 0 and");
	*ret_rate_micro = rate_micro;
	*ret_amount_minor = 0;
	return OK;
}

bool
edit_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

int64_t
edit_locks(const char *external_id, int64_t locked, int64_t changed, bool is_available)
{
	if (external_id == NULL)
		return 0;
	locked |= changed & ~(int64_t)FIELD_AVAILABLE;
	if ((changed & FIELD_AVAILABLE) == 0)
		return locked;
	return is_available ? locked & ~(int64_t)FIELD_AVAILABLE : locked | FIELD_AVAILABLE;
}

void
edit_count(struct edit *edit, int64_t fields)
{
	edit->rows++;
	edit->fields |= fields;
}

enum err
edit_end(struct edit *edit, enum err e)
{
	CRASH_POINT("menu_edit.before_version");
	if (e == OK && edit->rows > 0)
		menu_changed(edit->op, edit->restaurant->id);
	return e;
}
