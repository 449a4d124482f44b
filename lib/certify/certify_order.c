/* Orders made up out of the menu that is there, priced as the house prices them. */
#include <string.h>

#include "certify/inside.h"
#include "op/op.h"
#include "text/money.h"
#include "text/uuid.h"

#define ADDONS_MAX 20
#define ADDONS_WANTED 2
#define MINUTE_US (60 * SECOND_US)
#define DISCOUNT_SHARE_MICRO 100000 /* a tenth */

struct pick {
	const struct menu_doc_item *item;
	const struct menu_doc_variation *variation; /* NULL: none */
};

/* ---- finding something on the menu ---- */

static unsigned
type_bit(const char *order_type)
{
	return strcmp(order_type, "delivery") == 0  ? MENU_DELIVERY
	       : strcmp(order_type, "dine_in") == 0 ? MENU_DINE_IN
						    : MENU_PICKUP;
}

static bool
is_wanted(const struct certify *c, const struct menu_doc_item *item)
{
	for (size_t i = 0; i < c->items_n; i++)
		if (strcmp(c->items[i], item->external_id) == 0)
			return true;
	return c->items_n == 0;
}

/* By its id, whatever else the menu says of it: that is for the POS to refuse. */
static bool
item_named(struct certify *c, const struct certify_shape *s, struct pick *ret)
{
	for (size_t i = 0; i < c->menu.items_n; i++) {
		const struct menu_doc_item *item = &c->menu.items[i];
		struct pick p = { item, NULL };

		if (strcmp(item->external_id, s->item) != 0)
			continue;
		for (size_t k = 0; k < item->variations_n && p.variation == NULL; k++)
			if (s->variation == NULL ||
			    strcmp(item->variations[k].external_id, s->variation) == 0)
				p.variation = &item->variations[k];
		*ret = p;
		return s->variation == NULL || p.variation != NULL;
	}
	return false;
}

static bool
is_orderable(const struct certify *c, const struct menu_doc_item *item, unsigned type)
{
	return item->is_active && item->is_available && (item->order_types & type) != 0 &&
	       item->time_slots_n == 0 && is_wanted(c, item);
}

static const struct menu_doc_addon_group *
group_find(const struct menu_doc *menu, const char *id)
{
	for (size_t i = 0; i < menu->addon_groups_n; i++)
		if (menu->addon_groups[i].is_active &&
		    strcmp(menu->addon_groups[i].external_id, id) == 0)
			return &menu->addon_groups[i];
	return NULL;
}

static const struct menu_doc_variation *
variation_find(const struct menu_doc_item *item)
{
	for (size_t i = 0; i < item->variations_n; i++)
		if (item->variations[i].is_active && item->variations[i].is_available)
			return &item->variations[i];
	return NULL;
}

/* How many of a group are to be taken: what it demands, and of those that may be, so many more. */
static int64_t
wanted_of(const struct menu_doc_choice *choice, int64_t more)
{
	int64_t n = choice->min > 0 ? choice->min : 0;

	if (n > 0 || more <= 0)
		return n;
	return choice->max == 0 || choice->max > more ? more : choice->max;
}

static void
addon_take(const struct menu_doc_addon_group *g, const struct menu_doc_addon *a,
    struct order_line *line, struct order_addon *addons)
{
	if (line->addons_n == ADDONS_MAX)
		return;
	addons[line->addons_n] = (struct order_addon){ .line_no = line->line_no,
		.addon_no = (int64_t)line->addons_n + 1,
		.external_id = a->external_id,
		.name = a->name,
		.group_external_id = g->external_id,
		.group_name = g->name,
		.price_minor = a->price_minor,
		.quantity = 1 };
	line->addons_n++;
	line->addons_minor += a->price_minor;
}

static void
choice_take(struct certify *c, const struct menu_doc_choice *choice, int64_t more,
    struct order_line *line, struct order_addon *addons)
{
	const struct menu_doc_addon_group *g = group_find(&c->menu, choice->group_external_id);
	int64_t n = g == NULL ? 0 : wanted_of(choice, more);

	for (size_t i = 0; g != NULL && i < g->addons_n && n > 0; i++) {
		const struct menu_doc_addon *a = &g->addons[i];

		if (!a->is_active || !a->is_available)
			continue;
		addon_take(g, a, line, addons);
		n--;
	}
}

/* Those of the choice that are named. */
static void
choice_named(struct certify *c, const struct menu_doc_choice *choice,
    const struct certify_shape *s, struct order_line *line, struct order_addon *addons)
{
	const struct menu_doc_addon_group *g = group_find(&c->menu, choice->group_external_id);

	for (size_t i = 0; g != NULL && i < g->addons_n; i++)
		for (size_t k = 0; k < s->addons_n; k++)
			if (strcmp(g->addons[i].external_id, s->addons[k]) == 0)
				addon_take(g, &g->addons[i], line, addons);
}

/* A variation's own rule for a group stands in for the item's. */
static bool
is_overruled(const struct menu_doc_variation *v, const char *group)
{
	for (size_t i = 0; v != NULL && i < v->choices_n; i++)
		if (strcmp(v->choices[i].group_external_id, group) == 0)
			return true;
	return false;
}

static void
addons_take(struct certify *c, const struct pick *p, int64_t more, struct order_line *line)
{
	struct order_addon *addons = arena_array(c->op->arena, ADDONS_MAX, sizeof *addons);

	for (size_t i = 0; p->variation != NULL && i < p->variation->choices_n; i++)
		choice_take(c, &p->variation->choices[i],
		    more - (int64_t)line->addons_n, line, addons);
	for (size_t i = 0; i < p->item->choices_n; i++)
		if (!is_overruled(p->variation, p->item->choices[i].group_external_id))
			choice_take(c, &p->item->choices[i], more - (int64_t)line->addons_n,
			    line, addons);
	line->addons = addons;
}

static void
addons_named(struct certify *c, const struct certify_shape *s, const struct pick *p,
    struct order_line *line)
{
	struct order_addon *addons = arena_array(c->op->arena, ADDONS_MAX, sizeof *addons);

	for (size_t i = 0; p->variation != NULL && i < p->variation->choices_n; i++)
		choice_named(c, &p->variation->choices[i], s, line, addons);
	for (size_t i = 0; i < p->item->choices_n; i++)
		if (!is_overruled(p->variation, p->item->choices[i].group_external_id))
			choice_named(c, &p->item->choices[i], s, line, addons);
	line->addons = addons;
}

static bool
demands_addons(const struct pick *p)
{
	for (size_t i = 0; i < p->item->choices_n; i++)
		if (p->item->choices[i].min > 0)
			return true;
	for (size_t i = 0; p->variation != NULL && i < p->variation->choices_n; i++)
		if (p->variation->choices[i].min > 0)
			return true;
	return false;
}

static bool
has_addons(struct certify *c, const struct pick *p)
{
	struct order_line line = { .line_no = 1 };

	addons_take(c, p, ADDONS_WANTED, &line);
	return line.addons_n > 0;
}

static bool
suits(struct certify *c, const struct certify_shape *s, const struct pick *p)
{
	int64_t price = p->variation != NULL ? p->variation->price_minor : p->item->price_minor;

	switch (s->pick) {
	case PICK_VARIED:
		return p->variation != NULL && price > 0;
	case PICK_WITH_ADDONS:
		return has_addons(c, p) && price > 0;
	default:
		return p->item->variations_n == 0 && price > 0 && !demands_addons(p);
	}
}

/*
 * The plainest that there is: first what suits and demands nothing else, then what suits, then, for
 * a plain order, what can be ordered at all.
 */
static bool
item_pick(struct certify *c, const struct certify_shape *s, unsigned type, struct pick *ret)
{
	if (s->pick == PICK_NAMED)
		return item_named(c, s, ret);
	for (int strict = 2; strict >= (s->pick == PICK_PLAIN ? 0 : 1); strict--)
		for (size_t i = 0; i < c->menu.items_n; i++) {
			struct pick p = { &c->menu.items[i],
				variation_find(&c->menu.items[i]) };

			if (!is_orderable(c, p.item, type) ||
			    (p.item->variations_n > 0 && p.variation == NULL) ||
			    (strict == 2 && demands_addons(&p)))
				continue;
			if (strict == 0 || suits(c, s, &p)) {
				*ret = p;
				return true;
			}
		}
	return false;
}

/* ---- what it comes to ---- */

static void
tax_add(struct certify *c, const struct menu_doc_tax *t, unsigned type, struct order_line *line,
    struct order_tax *taxes)
{
	int64_t taxed = line->line_total_minor - line->discount_minor, amount = 0;

	(void)c;
	if (!t->is_active || (t->order_types & type) == 0)
		return;
	if (!t->is_percent)
		amount = t->amount_minor * line->quantity;
	else if (line->tax_inclusive)
		(void)money_tax_within(taxed, t->rate_micro, &amount);
	else
		(void)money_scale(taxed, t->rate_micro, &amount);
	taxes[line->taxes_n] = (struct order_tax){ .line_no = line->line_no,
		.tax_no = (int64_t)line->taxes_n + 1,
		.external_id = t->external_id,
		.name = t->name,
		.kind = t->is_percent ? "percent" : "fixed",
		.rate_micro = t->rate_micro,
		.amount_minor = amount,
		.is_inclusive = line->tax_inclusive };
	line->taxes_n++;
}

static void
taxes_add(struct certify *c, const struct menu_doc_item *item, unsigned type,
    struct order_line *line)
{
	struct order_tax *taxes =
	    arena_array(c->op->arena, item->taxes_n + 1, sizeof *taxes);

	for (size_t i = 0; i < item->taxes_n; i++)
		for (size_t k = 0; k < c->menu.taxes_n; k++)
			if (strcmp(c->menu.taxes[k].external_id, item->tax_external_ids[i]) == 0)
				tax_add(c, &c->menu.taxes[k], type, line, taxes);
	line->taxes = taxes;
}

static void
discount_add(struct certify *c, struct order *o, struct order_line *line)
{
	struct order_discount *d = arena_alloc(c->op->arena, sizeof *d);

	if (!money_scale(line->line_total_minor, DISCOUNT_SHARE_MICRO, &line->discount_minor))
		return;
	*d = (struct order_discount){ .order_id = o->id,
		.discount_no = 1,
		.discount_id = 1,
		.name = "Certify",
		.kind = "fixed",
		.amount_minor = line->discount_minor };
	o->discounts = d;
	o->discounts_n = 1;
	o->discount_minor = line->discount_minor;
}

static void
sums_add(struct order *o, const struct order_line *line)
{
	o->subtotal_minor = line->line_total_minor;
	for (size_t i = 0; i < line->taxes_n; i++)
		o->tax_minor += line->taxes[i].is_inclusive ? 0 : line->taxes[i].amount_minor;
	o->total_minor = o->subtotal_minor - o->discount_minor + o->tax_minor + o->tip_minor;
}

static void
line_make(struct certify *c, const struct certify_shape *s, const struct pick *p,
    struct order_line *line)
{
	*line = (struct order_line){ .order_id = 1,
		.line_no = 1,
		.item_id = 1,
		.external_id = p->item->external_id,
		.item_name = p->item->name,
		.item_price_minor = p->item->price_minor,
		.quantity = s->quantity > 0 ? s->quantity : 1,
		.tax_inclusive = p->item->tax_inclusive,
		.gst_liability = p->item->gst_liability,
		.special_instructions = s->line_note };
	if (p->variation != NULL) {
		line->variation_id = 1;
		line->variation_external_id = p->variation->external_id;
		line->variation_code = p->variation->variation_code;
		line->variation_name = p->variation->name;
		line->item_price_minor = p->variation->price_minor;
	}
	if (s->addons_n > 0)
		addons_named(c, s, p, line);
	else
		addons_take(c, p, s->pick == PICK_WITH_ADDONS ? ADDONS_WANTED : 0, line);
	line->line_total_minor = (line->item_price_minor + line->addons_minor) * line->quantity;
}

/* ---- the order ---- */

const char *
certify_reference(struct certify *c)
{
	return arena_printf(c->op->arena, "%s-%02d", c->name, ++c->references_n);
}

static struct order *
order_head_make(struct certify *c, const struct certify_shape *s)
{
	struct order *o = arena_alloc(c->op->arena, sizeof *o);
	unsigned char *id = arena_alloc(c->op->arena, UUID_LEN), random[UUID_RANDOM_LEN];
	int64_t now = certify_now();

	op_random(c->op, random, sizeof random);
	uuid_v7(now, random, id);
	*o = (struct order){ .id = 1,
		.public_id = { id, UUID_LEN },
		.restaurant_id = 1,
		.pos_reference = certify_reference(c),
		.status = "received",
		.pos_state = "submitting",
		.payment_status = "pending",
		.payment_method = "cash",
		.order_type = s->order_type != NULL ? s->order_type : "pickup",
		.customer_name = s->guest_name != NULL ? s->guest_name : c->guest_name,
		.customer_email = c->guest_email,
		.customer_phone = c->guest_phone,
		.special_instructions = s->note,
		.scheduled_time =
		    s->is_scheduled ? now + c->scheduled_in_min * MINUTE_US : TIME_NONE,
		.currency = c->config->core.currency,
		.tip_minor = s->tip_minor,
		.pos_total_minor = -1,
		.created_at = now,
		.updated_at = now };
	o->order_number = o->pos_reference;
	if (strcmp(o->order_type, "delivery") == 0)
		o->delivery_address = c->guest_address;
	if (strcmp(o->order_type, "dine_in") == 0)
		o->table_number = c->table;
	return o;
}

static const char *
lacking(const struct certify_shape *s)
{
	return s->pick == PICK_NAMED ? "The menu has no such item or variation"
	       : s->pick == PICK_VARIED	     ? "The menu has no variations to order"
	       : s->pick == PICK_WITH_ADDONS ? "The menu has no add-ons to order"
					     : "The menu has nothing of the kind to order";
}

struct order *
certify_order(struct certify *c, const struct certify_shape *s, const char **ret_why)
{
	unsigned type = type_bit(s->order_type != NULL ? s->order_type : "pickup");
	struct order_line *line = arena_alloc(c->op->arena, sizeof *line);
	struct order *o;
	struct pick p;

	if (!item_pick(c, s, type, &p)) {
		*ret_why = lacking(s);
		return NULL;
	}
	o = order_head_make(c, s);
	line_make(c, s, &p, line);
	if (s->is_discounted)
		discount_add(c, o, line);
	taxes_add(c, p.item, type, line);
	if (line->addons_n < s->addons_n) {
		*ret_why = "Not all of these add-ons go with the item";
		return NULL;
	}
	o->lines = line;
	o->lines_n = 1;
	sums_add(o, line);
	return o;
}

/* ---- the menu ---- */

const char *
certify_menu(struct certify *c, struct certify_talk *ret)
{
	const char *why;

	*ret = (struct certify_talk){ .verb = POS_MENU, .task.since = TIME_NONE };
	if (c->has_menu || c->no_menu != NULL)
		return c->no_menu;
	if (!pos_can(c->adapter, POS_MENU))
		return "This POS gives no menu to order from";
	certify_speak(c, ret);
	if (!certify_is_done(ret))
		why = certify_says(c, "Fetching the menu", &ret->outcome);
	else
		why = c->adapter->read_menu(
		    c->op->arena, c->config, ret->pages, ret->pages_n, &c->menu);
	c->has_menu = why == NULL;
	c->no_menu = why;
	return why;
}
