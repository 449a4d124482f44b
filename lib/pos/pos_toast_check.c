/*
 * Toast: is it all there? Asked before an order is written (POS-16). What the order comes to is
 * not checked: Toast counts by its own menu and taxes, and says what it came to.
 */
#include <string.h>

#include "op/op.h"
#include "pos/pos_toast.h"
#include "text/civil.h"
#include "text/money.h"

#define LINES_MAX 300
#define ADDONS_MAX 100 /* of one line, counted as often as they are taken */
#define QUANTITY_MAX 999
#define MINOR_MAX INT64_C(99999999999)

struct checker {
	struct arena *arena;
	const struct order *order;
	const struct pos_config *config;
	struct pos_problems *problems;
};

static void
problem(struct checker *c, const char *field, const char *sentence)
{
	pos_problem_add(c->arena, c->problems, field, "%s", sentence);
}

/* ---- what a name of ours is there ---- */

bool
toast_key(struct arena *a, const char *key, const char **ret_first, const char **ret_second)
{
	const char *first, *second = NULL;
	size_t len = key == NULL ? 0 : strlen(key);

	if (len != TOAST_GUID_LEN && (len <= TOAST_GUID_LEN || key[TOAST_GUID_LEN] != '/'))
		return false;
	first = toast_guid(a, arena_strndup(a, key, TOAST_GUID_LEN));
	if (len > TOAST_GUID_LEN)
		second = toast_guid(a, key + TOAST_GUID_LEN + 1);
	if (first == NULL)
		return false;
	*ret_first = first;
	*ret_second = second;
	return true;
}

bool
toast_line_is_open(struct arena *a, const struct order_line *line)
{
	const char *item, *group;

	if (!toast_key(a, line->external_id, &item, &group))
		return true;
	return line->variation_id != 0 &&
	       (toast_guid(a, line->variation_external_id) == NULL ||
		   toast_guid(a, line->variation_code) == NULL);
}

bool
toast_addon_is_open(struct arena *a, const struct order_addon *addon)
{
	const char *group, *rest;

	return toast_guid(a, addon->external_id) == NULL ||
	       !toast_key(a, addon->group_external_id, &group, &rest);
}

bool
toast_is_open_item(
    struct arena *a, const struct order_line *line, const struct order_addon *addon)
{
	return toast_line_is_open(a, line) || (addon != NULL && toast_addon_is_open(a, addon));
}

const char *
toast_dining_option(
    const struct pos_config *config, const char *order_type, bool *ret_is_curbside)
{
	static const char *const keys[][2] = {
		{ "pickup", "dining_options.pickup" },
		{ "delivery", "dining_options.delivery" },
		{ "dine_in", "dining_options.dine_in" },
	};
	const char *guid = NULL;

	*ret_is_curbside = false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && order_type != NULL; i++)
		if (strcmp(order_type, keys[i][0]) == 0)
			guid = pos_config_text(config, keys[i][1]);
	if (guid == NULL && order_type != NULL && strcmp(order_type, "pickup") == 0) {
		guid = pos_config_text(config, "dining_options.curbside");
		*ret_is_curbside = guid != NULL;
	}
	return guid;
}

/* `tables` is "12=GUID 13=GUID"; a number may also be the GUID itself. */
const char *
toast_table(struct arena *a, const struct pos_config *config, const char *number)
{
	const char *at = pos_config_text(config, "tables");
	size_t len = number == NULL ? 0 : strlen(number), part;

	if (toast_guid(a, number) != NULL)
		return arena_strdup(a, number);
	for (; len > 0 && at != NULL && *(at += strspn(at, " ,")) != '\0'; at += part) {
		part = strcspn(at, " ,");
		if (part == len + 1 + TOAST_GUID_LEN && strncmp(at, number, len) == 0 &&
		    at[len] == '=')
			return toast_guid(a, arena_strndup(a, at + len + 1, TOAST_GUID_LEN));
	}
	return NULL;
}

/* ---- what is asked of an order ---- */

static const char *
path(struct checker *c, size_t line, const char *rest)
{
	return arena_printf(c->arena, "items[%zu]%s", line, rest);
}

static bool
takes_open_items(struct checker *c)
{
	return pos_config_text(c->config, "open_item_guid") != NULL;
}

static void
check_addon(struct checker *c, size_t line, size_t i, const struct order_addon *addon,
    bool is_open_line)
{
	const char *at = arena_printf(c->arena, ".addons[%zu]", i);

	if (!is_open_line && toast_addon_is_open(c->arena, addon) && !takes_open_items(c))
		problem(c, path(c, line, arena_printf(c->arena, "%s.id", at)),
		    "is not known to the POS, and open_item_guid is not set");
	if (addon->quantity < 1 || addon->quantity > ADDONS_MAX)
		problem(c, path(c, line, arena_printf(c->arena, "%s.quantity", at)),
		    "must be from 1 to 100");
	if (pos_is_blank(addon->name))
		problem(c, path(c, line, arena_printf(c->arena, "%s.name", at)), "is required");
	if (addon->price_minor < 0 || addon->price_minor > MINOR_MAX)
		problem(c, path(c, line, arena_printf(c->arena, "%s.price", at)), "is no amount");
}

static void
check_line(struct checker *c, size_t i, const struct order_line *line)
{
	bool is_open = toast_line_is_open(c->arena, line);
	int64_t addons = 0;

	if (is_open && !takes_open_items(c))
		problem(c, path(c, i, ".id"),
		    "is not known to the POS, and open_item_guid is not set");
	if (pos_is_blank(line->item_name))
		problem(c, path(c, i, ".name"), "is required");
	if (line->quantity < 1 || line->quantity > QUANTITY_MAX)
		problem(c, path(c, i, ".quantity"), "must be from 1 to 999");
	if (line->item_price_minor < 0 || line->item_price_minor > MINOR_MAX ||
	    line->addons_minor < 0 || line->addons_minor > MINOR_MAX)
		problem(c, path(c, i, ".price"), "is no amount");
	for (size_t k = 0; k < line->addons_n; k++) {
		check_addon(c, i, k, &line->addons[k], is_open);
		addons += line->addons[k].quantity > ADDONS_MAX ? ADDONS_MAX + 1
								: line->addons[k].quantity;
	}
	if (addons > ADDONS_MAX)
		problem(c, path(c, i, ".addons"), "must be at most 100");
}

/* Toast asks for the guest's name and number unless they sit at a table. */
static void
check_guest(struct checker *c)
{
	struct toast_guest g;
	struct toast_address t;
	const struct order *o = c->order;

	toast_guest(c->arena, c->config, o, &g);
	if (strcmp(o->order_type, "dine_in") != 0 && g.phone == NULL)
		problem(c, "customer_phone",
		    "must be a number of ten digits; fallback_phone is not set");
	if (strcmp(o->order_type, "delivery") == 0 &&
	    !toast_address(c->arena, c->config, o->delivery_address, &t))
		problem(c, "customer_address",
		    "must end in town, state and ZIP code; delivery_city, delivery_state and "
		    "delivery_zip are not set");
}

static bool
is_amount(int64_t minor)
{
	return minor >= 0 && minor <= MINOR_MAX;
}

void
toast_check_order(struct arena *a, const struct order *o, const struct pos_config *config,
    struct pos_problems *problems)
{
	struct checker c = { a, o, config, problems };
	bool is_curbside;
	unsigned exponent;

	if (pos_is_blank(o->pos_reference) || strlen(o->pos_reference) > TOAST_REFERENCE_MAX)
		problem(&c, "order_id", "is required, at most 256 characters");
	if (pos_is_blank(pos_config_text(config, TOAST_AUTHORITY)))
		problem(&c, TOAST_AUTHORITY, "is required");
	if (pos_is_blank(o->currency) || !money_exponent(o->currency, &exponent) ||
	    (config->core.currency != NULL && strcmp(config->core.currency, o->currency) != 0))
		problem(&c, "currency", "must be the restaurant's own");
	if (o->lines_n < 1 || o->lines_n > LINES_MAX)
		problem(&c, "items", "must be from 1 to 300");
	if (!is_amount(o->packing_minor) || !is_amount(o->delivery_charge_minor) ||
	    !is_amount(o->tip_minor) || !is_amount(o->discount_minor) ||
	    !is_amount(o->total_minor))
		problem(&c, "total", "is no amount");
	if (o->scheduled_time != TIME_NONE &&
	    (o->scheduled_time < 0 || o->scheduled_time > CIVIL_US_MAX))
		problem(&c, "scheduled_time", "is not a time");
	for (size_t i = 0; i < o->lines_n; i++)
		check_line(&c, i, &o->lines[i]);
	if (o->order_type == NULL ||
	    toast_dining_option(config, o->order_type, &is_curbside) == NULL)
		problem(&c, "order_type", "has no dining option in the settings");
	else
		check_guest(&c);
}
