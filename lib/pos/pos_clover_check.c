/*
 * Clover: is it all there, and does it add up? Asked before an order is written (POS-16): the total
 * we post is what the till asks the guest for.
 */
#include <string.h>

#include "op/op.h"
#include "pos/pos_clover.h"
#include "text/civil.h"
#include "text/money.h"
#include "text/zone.h"

#define MINOR_MAX INT64_C(99999999999)
#define CENTS 2 /* the exponent of every currency of theirs */

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

	/* Without an id it goes as an open item, which lives by its name. */
	if (pos_is_blank(addon->name))
		problem(c, path(c, line, arena_printf(c->arena, "%s.name", at)), "is required");
	if (addon->quantity < 1 || addon->quantity > CLOVER_NESTED_MAX)
		problem(c, path(c, line, arena_printf(c->arena, "%s.quantity", at)),
		    "must be from 1 to 100");
	if (!is_amount(addon->price_minor))
		problem(c, path(c, line, arena_printf(c->arena, "%s.price", at)), "is no amount");
}

static void
check_line(struct checker *c, size_t i, const struct order_line *line)
{
	int64_t addons = 0, n = 0, one, whole;

	if (pos_is_blank(line->item_name))
		problem(c, path(c, i, ".name"), "is required");
	if (line->quantity < 1 || line->quantity > CLOVER_PIECES_MAX)
		problem(c, path(c, i, ".quantity"), "must be from 1 to 1000");
	if (!is_amount(line->item_price_minor) || !is_amount(line->line_total_minor))
		problem(c, path(c, i, ".price"), "is no amount");
	for (size_t k = 0; k < line->addons_n; k++) {
		check_addon(c, i, k, &line->addons[k]);
		n += line->addons[k].quantity;
		if (!money_mul(line->addons[k].price_minor, line->addons[k].quantity, &one) ||
		    !money_add(addons, one, &addons))
			addons = -1;
	}
	if (n > CLOVER_NESTED_MAX)
		problem(c, path(c, i, ".addons"), "must be at most 100 for a piece");
	if (addons != line->addons_minor)
		problem(c, path(c, i, ".addons"), "do not add up to the line's add-on price");
	if (!money_add(line->item_price_minor, line->addons_minor, &one) ||
	    !money_mul(one, line->quantity, &whole) || whole != line->line_total_minor)
		problem(c, path(c, i, ".price"), "and quantity do not add up to the line's total");
}

static bool
discount_adds_up(const struct order *o)
{
	int64_t named = 0;

	for (size_t i = 0; i < o->discounts_n; i++) {
		if (!is_amount(o->discounts[i].amount_minor))
			return false;
		named += o->discounts[i].amount_minor;
	}
	return named == o->discount_minor && o->discount_minor <= o->subtotal_minor;
}

/* Do the order's own sums agree? A bill that does not add up is not sent on. */
static void
check_sums(struct checker *c)
{
	const struct order *o = c->order;
	int64_t goods = 0;

	for (size_t i = 0; i < o->lines_n; i++)
		goods += o->lines[i].line_total_minor;
	if (!is_amount(o->packing_minor) || !is_amount(o->delivery_charge_minor) ||
	    !is_amount(o->tip_minor) || !is_amount(o->total_minor) || !is_amount(o->tax_minor))
		problem(c, "total", "is no amount");
	else if (goods != o->subtotal_minor)
		problem(c, "subtotal", "is not the sum of the items");
	else if (!discount_adds_up(o))
		problem(c, "discount_total", "is not the sum of the discounts");
	else if (goods - o->discount_minor + o->tax_minor + o->packing_minor +
			 o->delivery_charge_minor + o->tip_minor !=
		 o->total_minor)
		problem(c, "total", "is not the sum of its parts");
}

static void
check_currency(struct checker *c)
{
	const char *theirs = c->config->core.currency, *ours = c->order->currency;
	unsigned exponent;

	if (pos_is_blank(ours) || !money_exponent(ours, &exponent) || exponent != CENTS)
		problem(c, "currency", "must be one that has cents: Clover counts in cents");
	else if (theirs != NULL && strcmp(theirs, ours) != 0)
		problem(c, "currency", "is not the restaurant's");
}

void
clover_check_order(struct arena *a, const struct order *o, const struct pos_config *config,
    struct pos_problems *problems)
{
	struct checker c = { a, o, config, problems };
	size_t before = problems->n;
	const char *type = o->order_type == NULL ? "" : o->order_type;
	struct civil civil;

	if (pos_is_blank(o->pos_reference) || strlen(o->pos_reference) > CLOVER_TITLE_MAX)
		problem(&c, "order_id", "is required, at most 127 characters");
	if (strcmp(type, "pickup") != 0 && strcmp(type, "delivery") != 0 &&
	    strcmp(type, "dine_in") != 0)
		problem(&c, "order_type", "must be dine_in, pickup or delivery");
	if (strcmp(type, "delivery") == 0 && pos_is_blank(o->delivery_address))
		problem(&c, "customer_address", "is required");
	if (pos_is_blank(o->payment_method))
		problem(&c, "payment_type", "is required");
	if (o->lines_n < 1)
		problem(&c, "items", "must be at least one");
	if (o->scheduled_time != TIME_NONE &&
	    !zone_to_civil(pos_config_text(config, CLOVER_ZONE), o->scheduled_time, &civil))
		problem(&c, "scheduled_time", "is not a time");
	check_currency(&c);
	for (size_t i = 0; i < o->lines_n; i++)
		check_line(&c, i, &o->lines[i]);
	if (problems->n == before && clover_pieces_n(o) > CLOVER_PIECES_MAX)
		problem(&c, "items", "must be at most 1000 pieces: Clover has no quantities");
	if (problems->n == before)
		check_sums(&c);
}
