/*
 * Square: is it all there, and does it add up? Asked before an order is written (POS-16), so that
 * people are told which field it is, and nothing goes out that Square would take and print wrong.
 */
#include <string.h>

#include "pos/pos_square.h"
#include "text/money.h"

#define LINES_MAX 500
#define QUANTITY_MAX 9999
#define MINOR_MAX INT64_C(99999999999)
#define RATE_MAX_MICRO MONEY_ONE_MILLION /* Square's percentages end at 100 */

struct checker {
	struct arena *arena;
	const struct order *order;
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

/* A variation is what is ordered; an item that has only one goes by that one's id. */
const char *
square_line_id(const struct order_line *line)
{
	const char *id = line->variation_id != 0 ? line->variation_external_id : line->external_id;

	return pos_is_blank(id) ? NULL : id;
}

/* What is not on the menu can not have what belongs to something that is. */
bool
square_is_open_item(
    struct arena *a, const struct order_line *line, const struct order_addon *addon)
{
	(void)a;
	return square_line_id(line) == NULL || (addon != NULL && pos_is_blank(addon->external_id));
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

	if (pos_is_blank(addon->external_id) && pos_is_blank(addon->name))
		problem(c, path(c, line, arena_printf(c->arena, "%s.name", at)), "is required");
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
		if (pos_is_blank(taxes[i].external_id) && pos_is_blank(taxes[i].name))
			problem(c, arena_printf(c->arena, "%staxes[%zu].name", at, i),
			    "is required");
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

	if (square_line_id(line) == NULL && pos_is_blank(line->item_name))
		problem(c, path(c, i, ".name"), "is required of what is not on Square's menu");
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

/* Do the order's own sums agree? */
static void
check_sums(struct checker *c)
{
	const struct order *o = c->order;
	int64_t goods = 0, taxes = 0, off = 0;

	for (size_t i = 0; i < o->lines_n; i++) {
		goods += o->lines[i].line_total_minor;
		for (size_t k = 0; k < o->lines[i].taxes_n; k++)
			taxes += o->lines[i].taxes[k].is_inclusive
				     ? 0
				     : o->lines[i].taxes[k].amount_minor;
	}
	for (size_t k = 0; k < o->taxes_n; k++)
		taxes += o->taxes[k].is_inclusive ? 0 : o->taxes[k].amount_minor;
	for (size_t k = 0; k < o->discounts_n; k++)
		off += o->discounts[k].amount_minor;
	if (!is_amount(o->packing_minor) || !is_amount(o->delivery_charge_minor) ||
	    !is_amount(o->tip_minor) || !is_amount(o->total_minor) ||
	    !is_amount(o->discount_minor))
		problem(c, "total", "is no amount");
	else if (goods != o->subtotal_minor)
		problem(c, "subtotal", "is not the sum of the items");
	else if (off != o->discount_minor)
		problem(c, "discount_total", "is not the sum of the discounts");
	else if (taxes != o->tax_minor)
		problem(c, "tax_total", "is not the sum of the taxes");
	else if (goods - o->discount_minor + taxes + o->packing_minor + o->delivery_charge_minor +
			 o->tip_minor !=
		 o->total_minor)
		problem(c, "total", "is not the sum of its parts");
}

static void
check_guest(struct checker *c, const struct pos_config *config)
{
	const struct order *o = c->order;

	if (pos_is_blank(o->customer_name) &&
	    pos_config_text(config, "default_customer_name") == NULL)
		problem(c, "customer_name", "is required");
	if (pos_is_blank(o->delivery_address) && strcmp(o->order_type, "delivery") == 0)
		problem(c, "customer_address", "is required");
}

void
square_check_order(struct arena *a, const struct order *o, const struct pos_config *config,
    struct pos_problems *problems)
{
	struct checker c = { a, o, problems };
	size_t before = problems->n;
	unsigned exponent;

	if (pos_is_blank(o->pos_reference) || strlen(o->pos_reference) > SQUARE_REFERENCE_MAX)
		problem(&c, "order_id", "is required, at most 40 characters");
	if (pos_is_blank(pos_config_text(config, SQ_LOCATION)))
		problem(&c, SQ_LOCATION, "is required");
	if (pos_is_blank(o->currency) || !money_exponent(o->currency, &exponent))
		problem(&c, "currency", "is not a currency that we know");
	if (pos_is_blank(o->payment_method))
		problem(&c, "payment_type", "is required");
	if (pos_is_blank(o->order_type) ||
	    (strcmp(o->order_type, "pickup") != 0 && strcmp(o->order_type, "delivery") != 0 &&
		strcmp(o->order_type, "dine_in") != 0))
		problem(&c, "order_type", "must be dine_in, pickup or delivery");
	else
		check_guest(&c, config);
	if (o->lines_n < 1 || o->lines_n > LINES_MAX)
		problem(&c, "items", "must be from 1 to 500");
	for (size_t i = 0; i < o->lines_n; i++)
		check_line(&c, i, &o->lines[i]);
	check_taxes(&c, "", o->taxes, o->taxes_n);
	if (problems->n == before)
		check_sums(&c);
}
