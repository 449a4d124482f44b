#include "order/price.h"

#include <stddef.h>
#include <string.h>

#include "menu/menu.h"
#include "menu/menu_doc.h"
#include "menu/slot.h"
#include "op/op.h"
#include "order/unavailable.h"
#include "tenant/restaurant.h"
#include "tenant/settings.h"
#include "text/money.h"
#include "text/uuid.h"

#define NO_ADDON "does not go with this item"
#define NO_VARIATION "is not a variation of this item"

/* What stays the same over all lines of one cart. */
struct pricing {
	struct op *op;
	const struct menu *menu;
	const struct settings *settings;
	const struct restaurant *restaurant;
	unsigned order_type; /* one bit of MENU_ALL_TYPES */
	int64_t at_us;       /* when it is to be eaten: time slots are looked at for this */
	const struct cart *cart;
	struct unavailable *unavailable;
	size_t unavailable_n;
	bool overflowed;
};

static const struct {
	const char *word;
	unsigned bit;
} order_types[] = { { "delivery", MENU_DELIVERY }, { "pickup", MENU_PICKUP },
	{ "dine_in", MENU_DINE_IN } };

static void
add(struct pricing *p, int64_t *sum, int64_t minor)
{
	if (!money_add(*sum, minor, sum))
		p->overflowed = true;
}

static int64_t
times(struct pricing *p, int64_t minor, int64_t n)
{
	int64_t product = 0;

	if (!money_mul(minor, n, &product))
		p->overflowed = true;
	return product;
}

static struct bytes
id_copy(struct op *op, const unsigned char id[UUID_LEN])
{
	return (struct bytes){ .data = arena_bytes(op->arena, id, UUID_LEN), .len = UUID_LEN };
}

/* How many pieces of a group were chosen against its rule. */
static void
group_check(
    struct pricing *p, size_t line, const struct cart_line *in, const struct menu_choice *choice)
{
	const char *field = arena_printf(p->op->arena, "items[%zu].addons", line);
	int64_t chosen = 0;

	for (size_t i = 0; i < in->addons_n; i++) {
		const struct menu_addon *a = menu_addon_find(p->menu, in->addons[i].addon_item_id);

		if (a != NULL && a->group == choice->group)
			chosen += in->addons[i].quantity;
	}
	if (chosen < choice->min)
		fail_field(p->op, field, "needs at least %lld of %s", (long long)choice->min,
		    choice->group->name);
	else if (choice->max > 0 && chosen > choice->max)
		fail_field(p->op, field, "takes at most %lld of %s", (long long)choice->max,
		    choice->group->name);
}

/* A variation's own rule for a group stands in for the item's. */
static void
groups_check(struct pricing *p, size_t line, const struct cart_line *in,
    const struct menu_item *item, const struct menu_variation *v)
{
	for (size_t i = 0; v != NULL && i < v->choices_n; i++)
		group_check(p, line, in, &v->choices[i]);
	for (size_t i = 0; i < item->choices_n; i++)
		if (menu_choice_find(item, v, item->choices[i].group) == &item->choices[i])
			group_check(p, line, in, &item->choices[i]);
}

static bool
addon_is_repeated(const struct cart_line *in, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (memcmp(in->addons[j].addon_item_id, in->addons[i].addon_item_id, UUID_LEN) == 0)
			return true;
	return false;
}

static void
unavailable(struct pricing *p, const unsigned char *item_id, const unsigned char *id,
    const char *field, enum unavailable_cause cause, int64_t until)
{
	p->unavailable[p->unavailable_n++] = (struct unavailable){ .id = id,
		.item_id = item_id,
		.field = field,
		.cause = cause,
		.until = until > p->op->now_us ? until : TIME_NONE };
}

/* The menu has no such thing: it was taken off, or there never was one, which is a mistake. */
static void
absent(struct pricing *p, const unsigned char *item_id, const unsigned char *id, const char *field,
    const char *mistake)
{
	const struct absent *a = absent_find(p->cart, id);

	if (a == NULL)
		fail_field(p->op, field, "%s", mistake);
	else
		unavailable(p, item_id, id, field, a->cause, TIME_NONE);
}

static void
addons_price(struct pricing *p, size_t line, const struct cart_line *in,
    const struct menu_item *item, const struct menu_variation *v, struct order_line *out)
{
	struct order_addon *addons = arena_array(p->op->arena, in->addons_n, sizeof *addons);
	bool is_whole = true;
	size_t n = 0;

	for (size_t i = 0; i < in->addons_n; i++) {
		const struct menu_addon *a = menu_addon_find(p->menu, in->addons[i].addon_item_id);
		const char *field =
		    arena_printf(p->op->arena, "items[%zu].addons[%zu].addon_item_id", line, i);

		if (a == NULL) {
			absent(p, in->addons[i].addon_item_id, in->addons[i].addon_item_id, field,
			    NO_ADDON);
			is_whole = false;
			continue;
		}
		if (menu_choice_find(item, v, a->group) == NULL) {
			fail_field(p->op, field, NO_ADDON);
			continue;
		}
		if (addon_is_repeated(in, i)) {
			fail_field(p->op, field, "is named twice: use its quantity");
			continue;
		}
		if (!a->is_available)
			unavailable(p, in->addons[i].addon_item_id, in->addons[i].addon_item_id,
			    field, UNAVAILABLE_SOLD_OUT, a->returns_at);
		addons[n] = (struct order_addon){
			.line_no = out->line_no,
			.addon_no = (int64_t)n + 1,
			.addon_item_id = a->id,
			.addon_public_id = id_copy(p->op, a->public_id),
			.external_id = arena_strdup(p->op->arena, a->external_id),
			.name = arena_strdup(p->op->arena, a->name),
			.group_external_id = arena_strdup(p->op->arena, a->group->external_id),
			.group_name = arena_strdup(p->op->arena, a->group->name),
			.price_minor = a->price_minor,
			.quantity = in->addons[i].quantity,
		};
		add(p, &out->addons_minor, times(p, a->price_minor, in->addons[i].quantity));
		n++;
	}
	out->addons = addons;
	out->addons_n = n;
	if (is_whole)
		groups_check(p, line, in, item, v);
}

/*
 * Inclusive taxes are found together and split by rate; the last one takes what rounding left, so
 * that they add up to exactly what is contained.
 */
static void
taxes_within(struct pricing *p, struct order_tax *taxes, size_t n, int64_t line_minor)
{
	int64_t rates = 0, contained = 0, rest, last = -1;

	for (size_t i = 0; i < n; i++)
		if (strcmp(taxes[i].kind, "percent") == 0) {
			rates += taxes[i].rate_micro;
			last = (int64_t)i;
		}
	if (rates == 0)
		return;
	if (!money_tax_within(line_minor, rates, &contained))
		p->overflowed = true;
	rest = contained;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(taxes[i].kind, "percent") != 0)
			continue;
		taxes[i].amount_minor =
		    (int64_t)i == last
			? rest
			: (int64_t)((__int128)contained * taxes[i].rate_micro / rates);
		rest -= taxes[i].amount_minor;
	}
}

static void
taxes_price(struct pricing *p, const struct menu_item *item, struct order_line *out)
{
	struct order_tax *taxes = arena_array(p->op->arena, item->taxes_n, sizeof *taxes);
	int64_t taxed = out->line_total_minor - out->discount_minor;
	size_t n = 0;

	for (size_t i = 0; i < item->taxes_n; i++) {
		const struct menu_tax *t = item->taxes[i];
		int64_t amount = 0;

		if (((unsigned)t->order_types & p->order_type) == 0)
			continue;
		if (strcmp(t->kind, "fixed") == 0)
			amount = times(p, t->amount_minor, out->quantity);
		else if (!out->tax_inclusive && !money_scale(taxed, t->rate_micro, &amount))
			p->overflowed = true;
		taxes[n] = (struct order_tax){
			.line_no = out->line_no,
			.tax_no = (int64_t)n + 1,
			.external_id = arena_strdup(p->op->arena, t->external_id),
			.name = arena_strdup(p->op->arena, t->name),
			.kind = strcmp(t->kind, "fixed") == 0 ? "fixed" : "percent",
			.rate_micro = t->rate_micro,
			.amount_minor = amount,
			.is_inclusive = out->tax_inclusive,
		};
		n++;
	}
	if (out->tax_inclusive)
		taxes_within(p, taxes, n, taxed);
	out->taxes = taxes;
	out->taxes_n = n;
}

/* Which variation the line means; NULL: it names none, or what was wrong with it has been told. */
static const struct menu_variation *
variation_of(
    struct pricing *p, size_t line, const struct cart_line *in, const struct menu_item *item)
{
	const char *field = arena_printf(p->op->arena, "items[%zu].variation_id", line);
	const struct menu_variation *v;

	if (!in->has_variation) {
		if (item->variations_n > 0)
			fail_field(p->op, field, "is needed: %s comes in variations", item->name);
		return NULL;
	}
	v = menu_variation_find(p->menu, in->variation_id);
	if (v != NULL && v->item == item)
		return v;
	if (v != NULL)
		fail_field(p->op, field, NO_VARIATION);
	else
		absent(p, in->menu_item_id, in->variation_id, field, NO_VARIATION);
	return NULL;
}

/* Item and variation are on the menu: can they be had? One reason is told, the first that holds. */
static void
availability_check(struct pricing *p, const char *field, const struct cart_line *in,
    const struct menu_item *item, const struct menu_variation *v)
{
	const struct settings *s = p->settings;
	const char *zone = p->restaurant->time_zone;
	int64_t until = TIME_NONE;

	if (!item->is_available)
		unavailable(p, in->menu_item_id, in->menu_item_id, field, UNAVAILABLE_SOLD_OUT,
		    item->returns_at);
	else if (((unsigned)item->order_types & p->order_type) == 0)
		unavailable(p, in->menu_item_id, in->menu_item_id, field,
		    UNAVAILABLE_NOT_FOR_ORDER_TYPE, TIME_NONE);
	else if (!item_is_orderable_at(item, s->slots, s->slots_n, zone, p->at_us)) {
		(void)item_next_orderable(item, s->slots, s->slots_n, zone, p->at_us, &until);
		unavailable(p, in->menu_item_id, in->menu_item_id, field, UNAVAILABLE_NOT_NOW,
		    until);
	} else if (v != NULL && !v->is_available)
		unavailable(p, in->menu_item_id, in->variation_id,
		    arena_printf(p->op->arena, "%.*s.variation_id", (int)strcspn(field, "."),
			field),
		    UNAVAILABLE_SOLD_OUT, v->returns_at);
}

static void
line_price(struct pricing *p, size_t i, const struct cart_line *in, struct order_line *out)
{
	struct arena *arena = p->op->arena;
	const struct menu_item *item = menu_item_find(p->menu, in->menu_item_id);
	const char *field = arena_printf(arena, "items[%zu].menu_item_id", i);
	const struct menu_variation *v;

	if (item == NULL) {
		absent(p, in->menu_item_id, in->menu_item_id, field, "is not on the menu");
		return;
	}
	v = variation_of(p, i, in, item);
	if (v == NULL && (in->has_variation || item->variations_n > 0))
		return;
	availability_check(p, field, in, item, v);
	*out = (struct order_line){
		.line_no = (int64_t)i + 1,
		.item_id = item->id,
		.item_public_id = id_copy(p->op, item->public_id),
		.external_id = arena_strdup(arena, item->external_id),
		.item_name = arena_strdup(arena, item->name),
		.item_price_minor = v != NULL ? v->price_minor : item->price_minor,
		.quantity = in->quantity,
		.tax_inclusive = item->tax_inclusive,
		.gst_liability = arena_strdup(arena, item->gst_liability),
		.special_instructions = in->special_instructions,
	};
	if (v != NULL) {
		out->variation_id = v->id;
		out->variation_public_id = id_copy(p->op, v->public_id);
		out->variation_external_id = arena_strdup(arena, v->external_id);
		out->variation_code = arena_strdup(arena, v->variation_code);
		out->variation_name = arena_strdup(arena, v->name);
	}
	addons_price(p, i, in, item, v, out);
	out->line_total_minor = times(p, out->item_price_minor, in->quantity);
	add(p, &out->line_total_minor, times(p, out->addons_minor, in->quantity));
	out->packing_minor =
	    times(p, v != NULL ? v->packing_minor : item->packing_minor, in->quantity);
}

/* --- the order as a whole --------------------------------------------------------------------- */

static void
sums_begin(struct pricing *p, struct order *o)
{
	o->subtotal_minor = o->packing_minor = o->delivery_charge_minor = 0;
	for (size_t i = 0; i < o->lines_n; i++) {
		add(p, &o->subtotal_minor, o->lines[i].line_total_minor);
		add(p, &o->packing_minor, o->lines[i].packing_minor);
	}
	if (p->order_type == MENU_DELIVERY)
		o->delivery_charge_minor = p->settings->delivery_charge_minor;
}

/* A copy of what the order was placed with. */
static const struct order_discount *
discount_copy(struct op *op, const struct menu_discount *d, int64_t amount_minor)
{
	struct order_discount *copy = arena_alloc(op->arena, sizeof *copy);

	*copy = (struct order_discount){
		.discount_no = 1,
		.discount_id = d->id,
		.discount_public_id = id_copy(op, d->public_id),
		.external_id = arena_strdup(op->arena, d->external_id),
		.name = arena_strdup(op->arena, d->name),
		.code = arena_strdup(op->arena, d->code),
		.kind = strcmp(d->kind, "fixed") == 0 ? "fixed" : "percent",
		.rate_micro = d->rate_micro,
		.amount_minor = amount_minor,
	};
	return copy;
}

/* Which one it is, if any; a code that does not apply is a fault. */
static const struct menu_discount *
discount_choose(struct pricing *p, const struct cart *cart, int64_t subtotal_minor, int64_t *ret)
{
	struct discount_case c = { .subtotal_minor = subtotal_minor, .order_type = p->order_type,
		.now_us = p->op->now_us, .uses = cart->uses };
	const struct menu_discount *d;
	enum discount_verdict v = DISCOUNT_UNKNOWN;
	unsigned exponent = 0;

	if (cart->discount_code == NULL)
		return discount_best(p->menu, &c, ret);
	d = discount_by_code(p->menu, cart->discount_code);
	if (d != NULL)
		v = discount_look(d, &c, ret);
	if (v == DISCOUNT_APPLIES)
		return d;
	(void)money_exponent(p->restaurant->currency, &exponent);
	fail_field(
	    p->op, "discount_code", "%s", discount_sentence(p->op->arena, v, d, exponent));
	return NULL;
}

static void
discount_set(struct pricing *p, const struct cart *cart, struct order_line *lines, struct order *o)
{
	int64_t *parts = arena_array(p->op->arena, o->lines_n, sizeof *parts);
	int64_t *shares = arena_array(p->op->arena, o->lines_n, sizeof *shares);
	const struct menu_discount *d;

	o->discount_minor = o->discount_id = 0;
	o->discounts = NULL;
	o->discounts_n = 0;
	d = discount_choose(p, cart, o->subtotal_minor, &o->discount_minor);
	if (d == NULL)
		return;
	o->discount_id = d->id;
	o->discounts = discount_copy(p->op, d, o->discount_minor);
	o->discounts_n = 1;
	for (size_t i = 0; i < o->lines_n; i++)
		parts[i] = lines[i].line_total_minor;
	discount_spread(p->op->arena, parts, o->lines_n, o->discount_minor, shares);
	for (size_t i = 0; i < o->lines_n; i++)
		lines[i].discount_minor = shares[i];
}

/* What the restaurant charges beside the goods, and the bit of a tax that is on it. */
static const struct {
	const char *word;
	int64_t bit;
	size_t offset;
} charges[] = {
	{ "packing", MENU_ON_PACKING, offsetof(struct order, packing_minor) },
	{ "delivery", MENU_ON_DELIVERY, offsetof(struct order, delivery_charge_minor) },
};
#define CHARGES_N (sizeof charges / sizeof charges[0])

static void
charge_taxes_set(struct pricing *p, struct order *o)
{
	const struct menu *menu = p->menu;
	struct order_tax *taxes =
	    arena_array(p->op->arena, CHARGES_N * menu->taxes_n, sizeof *taxes);

	o->taxes = taxes;
	o->taxes_n = 0;
	for (size_t i = 0; i < CHARGES_N * menu->taxes_n; i++) {
		const struct menu_tax *t = &menu->taxes[i % menu->taxes_n];
		size_t c = i / menu->taxes_n;
		bool is_fixed = strcmp(t->kind, "fixed") == 0;
		int64_t charge, amount = t->amount_minor;

		memcpy(&charge, (const char *)o + charges[c].offset, sizeof charge);
		if (charge == 0 || (t->charges & charges[c].bit) == 0 ||
		    ((unsigned)t->order_types & p->order_type) == 0)
			continue;
		if (!is_fixed && !money_scale(charge, t->rate_micro, &amount))
			p->overflowed = true;
		taxes[o->taxes_n] = (struct order_tax){
			.tax_no = (int64_t)o->taxes_n + 1,
			.external_id = arena_strdup(p->op->arena, t->external_id),
			.name = arena_strdup(p->op->arena, t->name),
			.kind = is_fixed ? "fixed" : "percent",
			.rate_micro = t->rate_micro,
			.amount_minor = amount,
			.charge = charges[c].word,
		};
		o->taxes_n++;
	}
}

static void
sums_end(struct pricing *p, struct order *o, int64_t tip_minor)
{
	o->tax_minor = o->total_minor = 0;
	for (size_t i = 0; i < o->lines_n; i++)
		for (size_t t = 0; t < o->lines[i].taxes_n; t++)
			if (!o->lines[i].taxes[t].is_inclusive)
				add(p, &o->tax_minor, o->lines[i].taxes[t].amount_minor);
	for (size_t t = 0; t < o->taxes_n; t++)
		add(p, &o->tax_minor, o->taxes[t].amount_minor);
	o->tip_minor = tip_minor;
	add(p, &o->total_minor, o->subtotal_minor);
	add(p, &o->total_minor, -o->discount_minor);
	add(p, &o->total_minor, o->tax_minor);
	add(p, &o->total_minor, o->packing_minor);
	add(p, &o->total_minor, o->delivery_charge_minor);
	add(p, &o->total_minor, o->tip_minor);
}

static void
order_price(struct pricing *p, const struct cart *cart, struct order_line *lines, struct order *o)
{
	sums_begin(p, o);
	if (p->overflowed)
		return;
	discount_set(p, cart, lines, o);
	for (size_t i = 0; i < o->lines_n; i++)
		taxes_price(p, menu_item_find(p->menu, cart->lines[i].menu_item_id), &lines[i]);
	charge_taxes_set(p, o);
	sums_end(p, o, cart->tip_minor);
}

enum err
cart_price(struct op *op, const struct menu *menu, const struct settings *settings,
    const struct restaurant *restaurant, const struct cart *cart, struct order *ret)
{
	struct pricing p = { .op = op, .menu = menu, .settings = settings, .restaurant = restaurant,
		.cart = cart,
		.at_us = ret->scheduled_time != TIME_NONE ? ret->scheduled_time : op->now_us };
	size_t addons_n = 0;
	struct order_line *lines;

	if (cart->lines_n == 0)
		return fail(op, ERR_CART_EMPTY, NULL);
	for (size_t i = 0; i < sizeof order_types / sizeof order_types[0]; i++)
		if (strcmp(order_types[i].word, cart->order_type) == 0)
			p.order_type = order_types[i].bit;
	for (size_t i = 0; i < cart->lines_n; i++)
		addons_n += cart->lines[i].addons_n;
	/* One for each line at most, and one for each of its add-ons. */
	p.unavailable = arena_array(op->arena, cart->lines_n + addons_n, sizeof *p.unavailable);
	lines = arena_array(op->arena, cart->lines_n, sizeof *lines);
	for (size_t i = 0; i < cart->lines_n; i++)
		line_price(&p, i, &cart->lines[i], &lines[i]);
	if (op->fault.code != OK)
		return op->fault.code;
	if (p.unavailable_n > 0)
		return unavailable_fail(op, p.unavailable, p.unavailable_n);
	ret->lines = lines;
	ret->lines_n = cart->lines_n;
	ret->currency = restaurant->currency;
	ret->menu_version = menu->version;
	order_price(&p, cart, lines, ret);
	if (p.overflowed)
		return fail_field(op, "items", "make a total that is too large");
	return op->fault.code;
}
