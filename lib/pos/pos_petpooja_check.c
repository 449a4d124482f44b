/*
 * PetPooja: is it all there, and does it add up? Asked before an order is written (POS-16), since
 * PetPooja tells of a missing field with one sentence for all, and prints a bill that does not add
 * up without a word.
 */
#include <string.h>

#include "op/op.h"
#include "pos/pos_petpooja.h"
#include "text/civil.h"
#include "text/money.h"
#include "text/zone.h"

#define LINES_MAX 200
#define QUANTITY_MAX 9999
#define MINOR_MAX INT64_C(99999999999) /* nine digits of rupees */
#define RATE_MAX_MICRO (10 * MONEY_ONE_MILLION)

struct checker {
	struct arena *arena;
	const struct order *order;
	const struct pos_config *config;
	struct pos_problems *problems;
};

/* H home delivery, P parcel, D dine-in (POS-15). */
const char *
petpooja_order_type(const char *type)
{
	static const char *const codes[][2] = {
		{ "delivery", "H" },
		{ "pickup", "P" },
		{ "dine_in", "D" },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (type != NULL && strcmp(type, codes[i][0]) == 0)
			return codes[i][1];
	return NULL;
}

static void
problem(struct checker *c, const char *field, const char *sentence)
{
	pos_problem_add(c->arena, c->problems, field, "%s", sentence);
}

static bool
is_amount(int64_t minor)
{
	return minor >= 0 && minor <= MINOR_MAX;
}

static const char *
path(struct checker *c, size_t line, const char *rest)
{
	return arena_printf(c->arena, "items[%zu]%s", line, rest);
}

static void
check_addon(struct checker *c, size_t line, size_t i, const struct order_addon *addon)
{
	const char *at = arena_printf(c->arena, ".addons[%zu]", i);

	if (pos_is_blank(addon->external_id))
		problem(c, path(c, line, arena_printf(c->arena, "%s.id", at)),
		    "is not known to the POS");
	if (pos_is_blank(addon->name))
		problem(c, path(c, line, arena_printf(c->arena, "%s.name", at)), "is required");
	if (pos_is_blank(addon->group_external_id))
		problem(c, path(c, line, arena_printf(c->arena, "%s.group_id", at)),
		    "is not known to the POS");
	if (addon->quantity < 1 || addon->quantity > QUANTITY_MAX)
		problem(c, path(c, line, arena_printf(c->arena, "%s.quantity", at)),
		    "must be from 1 to 9999");
	if (!is_amount(addon->price_minor))
		problem(c, path(c, line, arena_printf(c->arena, "%s.price", at)), "is no amount");
}

static void
check_taxes(struct checker *c, const char *at, const struct order_tax *taxes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		/* One on a charge has no row of its own there, only a sum. */
		if (pos_is_blank(taxes[i].external_id) && taxes[i].charge == NULL)
			problem(c, arena_printf(c->arena, "%staxes[%zu].id", at, i),
			    "is not known to the POS");
		if (!is_amount(taxes[i].amount_minor) || taxes[i].rate_micro < 0 ||
		    taxes[i].rate_micro > RATE_MAX_MICRO)
			problem(c, arena_printf(c->arena, "%staxes[%zu].amount", at, i),
			    "is no amount");
	}
}

static void
check_line(struct checker *c, size_t i, const struct order_line *line)
{
	int64_t addons = 0, one, whole;

	if (pos_is_blank(line->variation_id != 0 ? line->variation_external_id : line->external_id))
		problem(c, path(c, i, ".id"), "is not known to the POS");
	if (pos_is_blank(line->item_name))
		problem(c, path(c, i, ".name"), "is required");
	if (line->quantity < 1 || line->quantity > QUANTITY_MAX)
		problem(c, path(c, i, ".quantity"), "must be from 1 to 9999");
	if (!is_amount(line->item_price_minor) || !is_amount(line->line_total_minor))
		problem(c, path(c, i, ".price"), "is no amount");
	for (size_t k = 0; k < line->addons_n; k++) {
		check_addon(c, i, k, &line->addons[k]);
		if (!money_mul(line->addons[k].price_minor, line->addons[k].quantity, &one) ||
		    !money_add(addons, one, &addons))
			addons = -1;
	}
	check_taxes(c, path(c, i, "."), line->taxes, line->taxes_n);
	if (addons != line->addons_minor)
		problem(c, path(c, i, ".addons"), "do not add up to the line's add-on price");
	if (!money_add(line->item_price_minor, line->addons_minor, &one) ||
	    !money_mul(one, line->quantity, &whole) || whole != line->line_total_minor)
		problem(c, path(c, i, ".price"), "and quantity do not add up to the line's total");
}

static void
check_customer(struct checker *c)
{
	const struct order *o = c->order;
	bool is_strict = pos_config_is_on(c->config, "require_customer_details");

	if (pos_is_blank(o->customer_name) &&
	    (is_strict || pos_config_text(c->config, "default_customer_name") == NULL))
		problem(c, "customer_name", "is required");
	if (pos_is_blank(o->delivery_address) &&
	    (is_strict || strcmp(o->order_type, "delivery") == 0))
		problem(c, "customer_address", "is required");
	if (pos_is_blank(o->customer_phone) && is_strict)
		problem(c, "customer_phone", "is required");
}

static bool
discount_adds_up(const struct order *o)
{
	int64_t named = 0, shared = 0;

	for (size_t i = 0; i < o->discounts_n; i++)
		named += o->discounts[i].amount_minor;
	for (size_t i = 0; i < o->lines_n; i++) {
		if (o->lines[i].discount_minor < 0 ||
		    o->lines[i].discount_minor > o->lines[i].line_total_minor)
			return false;
		shared += o->lines[i].discount_minor;
	}
	return shared == o->discount_minor && named == o->discount_minor;
}

/* Do the order's own sums agree? A bill that does not add up is not sent on. */
static void
check_sums(struct checker *c)
{
	const struct order *o = c->order;
	int64_t goods = 0, taxes = 0;

	for (size_t i = 0; i < o->lines_n; i++) {
		goods += o->lines[i].line_total_minor;
		for (size_t k = 0; k < o->lines[i].taxes_n; k++)
			taxes += o->lines[i].taxes[k].is_inclusive
				     ? 0
				     : o->lines[i].taxes[k].amount_minor;
	}
	for (size_t k = 0; k < o->taxes_n; k++)
		taxes += o->taxes[k].is_inclusive ? 0 : o->taxes[k].amount_minor;
	if (!is_amount(o->packing_minor) || !is_amount(o->delivery_charge_minor) ||
	    !is_amount(o->tip_minor) || !is_amount(o->total_minor))
		problem(c, "total", "is no amount");
	else if (goods != o->subtotal_minor)
		problem(c, "subtotal", "is not the sum of the items");
	else if (!discount_adds_up(o))
		problem(c, "discount_total", "is not the sum of the items' discounts");
	else if (taxes != o->tax_minor)
		problem(c, "tax_total", "is not the sum of the taxes");
	else if (goods - o->discount_minor + taxes + o->packing_minor + o->delivery_charge_minor +
			 o->tip_minor !=
		 o->total_minor)
		problem(c, "total", "is not the sum of its parts");
}

static void
check_order(struct checker *c)
{
	const struct order *o = c->order;
	size_t before = c->problems->n;
	const char *zone = pos_config_text(c->config, PP_ZONE);
	struct civil civil;

	if (pos_is_blank(o->pos_reference) || strlen(o->pos_reference) > PETPOOJA_ID_MAX)
		problem(c, "order_id", "is required, at most 64 characters");
	if (pos_is_blank(pos_config_text(c->config, PP_REST_ID)))
		problem(c, "restID", "is required");
	if (pos_is_blank(o->currency) || strcmp(o->currency, PETPOOJA_CURRENCY) != 0)
		problem(c, "currency", "must be INR: PetPooja counts in rupees");
	if (pos_is_blank(o->payment_method))
		problem(c, "payment_type", "is required");
	if (o->lines_n < 1 || o->lines_n > LINES_MAX)
		problem(c, "items", "must be from 1 to 200");
	if (o->created_at == TIME_NONE || !zone_to_civil(zone, o->created_at, &civil))
		problem(c, "created_on", "is not a time");
	if (o->scheduled_time != TIME_NONE && !zone_to_civil(zone, o->scheduled_time, &civil))
		problem(c, "preorder_time", "is not a time");
	check_customer(c);
	for (size_t i = 0; i < o->lines_n; i++)
		check_line(c, i, &o->lines[i]);
	check_taxes(c, "", o->taxes, o->taxes_n);
	if (c->problems->n == before)
		check_sums(c);
}

void
petpooja_check_order(struct arena *a, const struct order *order, const struct pos_config *config,
    const char *callback_url, struct pos_problems *problems)
{
	struct checker c = { a, order, config, problems };

	if (pos_is_blank(callback_url))
		problem(&c, "callback_url", "is required");
	if (petpooja_order_type(order->order_type) == NULL)
		problem(&c, "order_type", "must be dine_in, pickup or delivery");
	else
		check_order(&c);
}
