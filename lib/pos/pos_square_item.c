/* Square: the items of its catalog, and their variations. */
#include <stdlib.h>

#include "pos/pos_square_menu.h"
#include "text/json_read.h"

#define NAME_MAX 200
#define VARIATION_NAME_MAX 100
#define DESCRIPTION_MAX 2000
#define CHOICES_MAX 50
#define VARIATIONS_MAX 100
#define TAXES_MAX 20

/* An item and where it stands in its category. */
struct placed {
	struct menu_doc_item item;
	int64_t ordinal;
	size_t at;
};

static bool
no(const char **ret_why, const char *sentence)
{
	*ret_why = sentence;
	return false;
}

/* ---- variations ---- */

/* The location's own price and kind of price win. */
static bool
read_price(struct square_menu *m, struct json_object *data, struct json_object *here,
    int64_t *ret_minor, const char **ret_why)
{
	struct json_object *price = json_member(here, "price_money");
	struct json_object *says = json_has_member(here, "pricing_type") ? here : data;

	if (pos_is_word(says, "pricing_type", "VARIABLE_PRICING"))
		return no(ret_why, "has a price that is asked at the till");
	if (json_member(data, "measurement_unit_id") != NULL)
		return no(ret_why, "is sold by weight or measure");
	if (price == NULL)
		price = json_member(data, "price_money");
	if (!square_money(price, m->currency, ret_minor) || *ret_minor < 0)
		return no(ret_why, "has no price in the restaurant's currency");
	return true;
}

static bool
read_variation(struct square_menu *m, struct json_object *o, size_t i,
    struct menu_doc_variation *v, const char **ret_why)
{
	struct json_object *data = json_member(o, "item_variation_data");
	struct json_object *here = square_menu_override(m, data);

	*v = (struct menu_doc_variation){
		.external_id = square_menu_id(m->arena, json_member(o, "id")),
		.name = square_menu_text(m->arena, data, "name", VARIATION_NAME_MAX),
		.is_available = !square_menu_flag(here, "sold_out", false),
		.is_active = true,
		.display_order = square_menu_int(data, "ordinal", (int64_t)i),
	};
	if (v->external_id == NULL)
		return no(ret_why, "has no id that can be kept");
	if (v->name == NULL)
		v->name = "Regular";
	return read_price(m, data, here, &v->price_minor, ret_why);
}

static void
read_variations(struct square_menu *m, struct json_object *list, struct menu_doc_item *item)
{
	size_t n = json_array_n(list);
	struct menu_doc_variation *variations;
	const char *why = "";
	struct id_set seen;

	if (n > VARIATIONS_MAX) {
		square_menu_problem(m, "item", item->external_id, "has more than 100 variations");
		n = VARIATIONS_MAX;
	}
	variations = arena_array(m->arena, n, sizeof(*variations));
	id_set_init(&seen, m->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_element(list, i);
		struct menu_doc_variation v;
		if (!square_menu_is_here(m, o) ||
		    !square_menu_flag(json_member(o, "item_variation_data"), "sellable", true))
			continue;
		if (!read_variation(m, o, i, &v, &why))
			square_menu_problem(m, "variation", v.external_id, why);
		else if (!id_set_add(&seen, v.external_id, i))
			square_menu_problem(
			    m, "variation", v.external_id, "is twice in its item");
		else
			variations[item->variations_n++] = v;
	}
	item->variations = variations;
}

/* ---- what an item refers to ---- */

/* max 0: no limit. What an item leaves open (-1) its list says; a single one is one at most. */
static struct menu_doc_choice
choice_of(const struct square_menu *m, struct json_object *info, size_t list)
{
	const struct square_bounds *b = &m->list_bounds[list];
	int64_t min = square_menu_int(info, "min_selected_modifiers", -1);
	int64_t max = square_menu_int(info, "max_selected_modifiers", -1);

	if (min < 0)
		min = b->min < 0 ? 0 : b->min;
	if (max < 0)
		max = b->max < 0 ? (b->is_single ? 1 : 0) : b->max;
	return (struct menu_doc_choice){ m->groups[list].external_id, min, max };
}

static void
read_choices(struct square_menu *m, struct json_object *list, struct menu_doc_item *item)
{
	size_t n = json_array_n(list), at;
	struct menu_doc_choice *choices =
	    arena_array(m->arena, n < CHOICES_MAX ? n : CHOICES_MAX, sizeof(*choices));
	struct id_set seen;

	id_set_init(&seen, m->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct json_object *info = json_element(list, i);
		const char *id =
		    square_menu_id(m->arena, json_member(info, "modifier_list_id"));
		struct menu_doc_choice c;
		if (!square_menu_flag(info, "enabled", true) ||
		    (id != NULL && id_set_find(&m->text_lists, id, &at)))
			continue;
		if (id == NULL || !id_set_find(&m->lists_by_id, id, &at)) {
			square_menu_problem(m, "item", item->external_id,
			    "names a modifier list that is not on the menu");
			continue;
		}
		c = choice_of(m, info, at);
		if (c.max > INT32_MAX || c.min > INT32_MAX || (c.max > 0 && c.min > c.max))
			square_menu_problem(m, "item", item->external_id,
			    "asks for an impossible number of modifiers");
		else if (!id_set_add(&seen, id, i))
			square_menu_problem(
			    m, "item", item->external_id, "names a modifier list twice");
		else if (item->choices_n == CHOICES_MAX)
			square_menu_problem(m, "item", item->external_id,
			    "has more than 50 modifier lists; the rest is left out");
		else
			choices[item->choices_n++] = c;
	}
	item->choices = choices;
}

/* False when some of its taxes are in the price and some are not: no price can be told. */
static bool
read_taxes(struct square_menu *m, struct json_object *data, struct menu_doc_item *item)
{
	struct json_object *list = json_member(data, "tax_ids");
	const char **ids = arena_array(m->arena, TAXES_MAX, sizeof(*ids));
	size_t inclusive_n = 0, at;

	item->tax_external_ids = ids;
	if (!square_menu_flag(data, "is_taxable", true))
		return true;
	for (size_t i = 0; i < json_array_n(list) && item->taxes_n < TAXES_MAX; i++) {
		const char *id = square_menu_id(m->arena, json_element(list, i));
		/* One that is not at this location is not taken there. */
		if (id == NULL || !id_set_find(&m->taxes_by_id, id, &at) ||
		    !m->taxes[at].is_active)
			continue;
		inclusive_n += m->tax_is_inclusive[at];
		ids[item->taxes_n++] = m->taxes[at].external_id;
	}
	item->tax_inclusive = inclusive_n > 0;
	return inclusive_n == 0 || inclusive_n == item->taxes_n;
}

static struct square_category *
category_find(struct square_menu *m, struct json_object *node)
{
	const char *id = square_menu_id(m->arena, node);
	size_t at;

	return id != NULL && id_set_find(&m->categories_by_id, id, &at) ? &m->categories[at]
									 : NULL;
}

/* The first that guests know; one of a menu only if there is no other; then the older fields. */
static void
read_category(struct square_menu *m, struct json_object *data, struct placed *p)
{
	struct json_object *list = json_member(data, "categories");
	struct square_category *found = NULL, *c;

	for (size_t i = 0; i < json_array_n(list); i++) {
		c = category_find(m, json_member(json_element(list, i), "id"));
		if (c == NULL || (found != NULL && (!found->is_menu || c->is_menu)))
			continue;
		found = c;
		p->ordinal = square_menu_int(json_element(list, i), "ordinal", 0);
	}
	if (found == NULL)
		found = category_find(m, json_member(data, "category_id"));
	if (found == NULL)
		found =
		    category_find(m, json_member(json_member(data, "reporting_category"), "id"));
	if (found != NULL)
		found->is_used = true;
	p->item.category_external_id =
	    found != NULL ? found->id : square_menu_uncategorised(m);
}

static enum menu_diet
diet_of(struct json_object *data)
{
	struct json_object *list = json_member(
	    json_member(data, "food_and_beverage_details"), "dietary_preferences");

	for (size_t i = 0; i < json_array_n(list); i++)
		if (pos_is_word(json_element(list, i), "standard_name", "VEGETARIAN") ||
		    pos_is_word(json_element(list, i), "standard_name", "VEGAN"))
			return DIET_VEG;
	return DIET_OTHER;
}

static const char *
image_of(struct square_menu *m, struct json_object *data)
{
	const char *id =
	    square_id(m->arena, json_element(json_member(data, "image_ids"), 0));
	size_t at;

	return id != NULL && id_set_find(&m->images_by_id, id, &at) ? m->images[at] : NULL;
}

/* ---- items ---- */

static bool
is_food(struct json_object *data)
{
	return !json_has_member(data, "product_type") ||
	       pos_is_word(data, "product_type", "REGULAR") ||
	       pos_is_word(data, "product_type", "FOOD_AND_BEV");
}

/* What costs least stands for the item; a single variation is the item. */
static void
settle_price(struct menu_doc_item *item)
{
	const struct menu_doc_variation *v = item->variations;

	item->price_minor = v[0].price_minor;
	for (size_t i = 0; i < item->variations_n; i++) {
		if (v[i].price_minor < item->price_minor)
			item->price_minor = v[i].price_minor;
		item->is_available |= v[i].is_available;
	}
	if (item->variations_n > 1)
		return;
	item->external_id = v[0].external_id;
	item->variations = NULL;
	item->variations_n = 0;
}

static bool
read_item(struct square_menu *m, struct json_object *o, struct placed *p, const char **ret_why)
{
	struct json_object *data = json_member(o, "item_data");
	struct menu_doc_item *item = &p->item;

	item->external_id = square_menu_id(m->arena, json_member(o, "id"));
	item->name = square_menu_text(m->arena, data, "name", NAME_MAX);
	item->description =
	    square_menu_text(m->arena, data, "description_plaintext", DESCRIPTION_MAX);
	if (item->description == NULL)
		item->description =
		    square_menu_text(m->arena, data, "description", DESCRIPTION_MAX);
	item->image_url = image_of(m, data);
	item->diet = diet_of(data);
	item->is_active = true;
	item->order_types = MENU_ALL_TYPES;
	item->gst_liability = "restaurant";
	if (item->external_id == NULL || item->name == NULL)
		return no(ret_why, "has no id or no name");
	if (!is_food(data))
		return no(ret_why, "is not something to eat or drink");
	read_variations(m, json_member(data, "variations"), item);
	if (item->variations_n == 0)
		return no(ret_why, "has no variation that can be sold here");
	if (!read_taxes(m, data, item))
		return no(ret_why, "has taxes that are in its price and others that are not");
	read_choices(m, json_member(data, "modifier_list_info"), item);
	read_category(m, data, p);
	settle_price(item);
	return true;
}

static int
placed_compare(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;

	if (a->ordinal != b->ordinal)
		return a->ordinal < b->ordinal ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

void
square_menu_read_items(struct square_menu *m)
{
	struct placed *placed = arena_array(m->arena, m->items_n, sizeof(*placed));
	struct menu_doc_item *items = arena_array(m->arena, m->items_n, sizeof(*items));
	const char *why = "";
	size_t n = 0;

	for (size_t i = 0; i < m->items_n; i++) {
		struct placed p = { .at = i };
		struct json_object *data = json_member(m->item_nodes[i], "item_data");
		if (square_menu_flag(data, "is_archived", false))
			continue;
		if (!read_item(m, m->item_nodes[i], &p, &why))
			square_menu_problem(m, "item", p.item.external_id, why);
		else if (!id_set_add(&m->items_by_id, p.item.external_id, n))
			square_menu_problem(m, "item", p.item.external_id, "is listed twice");
		else
			placed[n++] = p;
	}
	/* Their ordinals are far too large to be kept: only their order is. */
	if (n > 1)
		qsort(placed, n, sizeof(*placed), placed_compare);
	for (size_t i = 0; i < n; i++) {
		items[i] = placed[i].item;
		items[i].display_order = (int64_t)i;
	}
	m->doc.items = items;
	m->doc.items_n = n;
}
