/*
 * PetPooja's menu document: fetched, or pushed when the merchant presses "menu trigger".
 *
 * It is read leniently (nearly every scalar is a string, some are numbers, absent ones are "") and
 * in parts: what can not be used is left out and named. What would make a wrong bill or an order
 * that can not be cooked counts as unusable: no id, no price, no category, a variation without its
 * pair of ids.
 */
#include "pos/pos_petpooja.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem/buf.h"
#include "pos/id_set.h"
#include "pos/pos_petpooja_member.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/money.h"
#include "text/utf8.h"

/* Widths of the columns the menu goes to. */
#define ID_MAX PETPOOJA_MEMBER_ID_MAX
#define NAME_MAX 100
#define ITEM_NAME_MAX 200
#define DESCRIPTION_MAX 2000
#define URL_MAX 1000
#define PROBLEMS_MAX 500
#define CHOICES_MAX 50
#define VARIATIONS_MAX 100
#define TAXES_MAX 20
#define ATTRIBUTES_MAX 50

static const struct diet_name {
	const char *id, *name;
	enum menu_diet diet;
} diet_names[] = {
	{ "1", "veg", DIET_VEG },
	{ "2", "non-veg", DIET_NON_VEG },
	{ "24", "egg", DIET_EGG },
};
#define DIET_NAMES_N (sizeof(diet_names) / sizeof(diet_names[0]))

struct reader {
	struct arena *arena;
	unsigned exponent;
	struct menu_doc doc;
	struct menu_doc_problem *problems;
	struct menu_doc_tax *taxes; /* = doc.taxes */
	struct id_set categories, groups, items, taxes_by_id;
	bool *tax_is_backward;   /* by place in doc.taxes: contained in prices */
	struct diet_name *diets; /* the document's attributes */
	size_t diets_n;
};

static void
problem(struct reader *r, const char *kind, const char *id, const char *sentence)
{
	if (r->doc.problems_n >= PROBLEMS_MAX)
		return;
	if (r->doc.problems_n == PROBLEMS_MAX - 1) {
		r->problems[r->doc.problems_n++] =
		    (struct menu_doc_problem){ "menu", "has more problems than are listed" };
		return;
	}
	r->problems[r->doc.problems_n++] = (struct menu_doc_problem){
		arena_printf(r->arena, "%s %s", kind, id == NULL ? "without id" : id), sentence
	};
}

/* False, and why. */
static bool
no(const char **ret_why, const char *sentence)
{
	*ret_why = sentence;
	return false;
}

/* ---- taxes, categories, add-on groups ---- */

static bool
read_tax(struct reader *r, struct json_object *o, struct menu_doc_tax *tax, const char **ret_why)
{
	const char *rate;

	tax->external_id = member_id(r->arena, o, "taxid");
	tax->name = member_text(r->arena, o, "taxname", NAME_MAX);
	tax->is_percent = member_int(o, "taxtype", 1) != 2;
	tax->order_types = member_order_types(r->arena, o, "tax_ordertype");
	tax->is_active = member_flag(o, "active", true);
	tax->display_order = member_int(o, "rank", 0);
	if (tax->external_id == NULL || tax->name == NULL)
		return no(ret_why, "has no id or no name");
	if (!tax->is_percent && !member_amount(r->exponent, o, "tax", &tax->amount_minor))
		return no(ret_why, "has no amount");
	if (tax->is_percent &&
	    (!json_lax_decimal(json_member(o, "tax"), &rate) ||
		!money_parse_percent(rate, &tax->rate_micro) || tax->rate_micro < 0))
		return no(ret_why, "has no rate");
	return true;
}

static void
read_taxes(struct reader *r, struct json_object *list)
{
	size_t n = json_array_n(list);
	struct menu_doc_tax *taxes = arena_array(r->arena, n, sizeof(*taxes));
	const char *why = "is listed twice";

	id_set_init(&r->taxes_by_id, r->arena, n);
	r->tax_is_backward = arena_array(r->arena, n, sizeof(bool));
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_element(list, i);
		struct menu_doc_tax tax = { 0 };
		size_t at = r->doc.taxes_n;
		if (!read_tax(r, o, &tax, &why)) {
			problem(r, "tax", tax.external_id, why);
		} else if (!id_set_add(&r->taxes_by_id, tax.external_id, at)) {
			problem(r, "tax", tax.external_id, "is listed twice");
		} else {
			r->tax_is_backward[at] = member_int(o, "tax_taxtype", 1) == 2;
			taxes[r->doc.taxes_n++] = tax;
		}
	}
	r->doc.taxes = r->taxes = taxes;
}

/* The next of "11213, 20375", and *at behind it; NULL: that was all. */
static const char *
next_id(struct reader *r, const char **at)
{
	const char *id = "", *end;

	while (*id == '\0' && **at != '\0') {
		end = *at + strcspn(*at, ",");
		id = utf8_sanitise(
		    r->arena, arena_strndup(r->arena, *at, (size_t)(end - *at)), ID_MAX);
		*at = *end == '\0' ? end : end + 1;
	}
	return *id == '\0' ? NULL : id;
}

/*
 * What is charged beside the goods bears the taxes that the restaurant's details name. One that is
 * contained in prices would be contained in the charge: it adds nothing to it.
 */
static void
read_charge_taxes(struct reader *r, struct json_object *details, const char *switch_key,
    const char *ids_key, unsigned charge)
{
	const char *at = member_text(r->arena, details, ids_key, 1000), *id;
	size_t tax;

	if (at == NULL || !member_flag(details, switch_key, false))
		return;
	while ((id = next_id(r, &at)) != NULL) {
		if (!id_set_find(&r->taxes_by_id, id, &tax))
			problem(r, "tax", id, "is on a charge and is not in the document");
		else if (!r->tax_is_backward[tax])
			r->taxes[tax].charges |= charge;
	}
}

static void
read_categories(struct reader *r, struct json_object *list)
{
	size_t n = json_array_n(list);
	struct menu_doc_category *categories = arena_array(r->arena, n, sizeof(*categories));

	id_set_init(&r->categories, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_element(list, i);
		struct menu_doc_category c = {
			.external_id = member_id(r->arena, o, "categoryid"),
			.name = member_text(r->arena, o, "categoryname", NAME_MAX),
			.display_order = member_int(o, "categoryrank", (int64_t)i),
			.is_active = member_flag(o, "active", true),
			.image_url = member_text(r->arena, o, "category_image_url", URL_MAX),
			.timings = member_json(r->arena, json_member(o, "categorytimings")),
		};
		if (c.external_id == NULL || c.name == NULL)
			problem(r, "category", c.external_id, "has no id or no name");
		else if (!id_set_add(&r->categories, c.external_id, r->doc.categories_n))
			problem(r, "category", c.external_id, "is listed twice");
		else
			categories[r->doc.categories_n++] = c;
	}
	r->doc.categories = categories;
}

static void
read_addons(struct reader *r, struct json_object *list, struct menu_doc_addon_group *group)
{
	size_t n = json_array_n(list);
	struct menu_doc_addon *addons = arena_array(r->arena, n, sizeof(*addons));
	struct id_set seen;

	id_set_init(&seen, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_element(list, i);
		struct menu_doc_addon addon = {
			.external_id = member_id(r->arena, o, "addonitemid"),
			.name = member_text(r->arena, o, "addonitem_name", NAME_MAX),
			.is_available = member_is_in_stock(o),
			.is_active = member_flag(o, "active", true),
			.display_order = member_int(o, "addonitem_rank", (int64_t)i),
		};
		if (addon.external_id == NULL || addon.name == NULL)
			problem(r, "add-on", addon.external_id, "has no id or no name");
		else if (!member_amount(r->exponent, o, "addonitem_price", &addon.price_minor))
			problem(r, "add-on", addon.external_id, "has no price");
		else if (!id_set_add(&seen, addon.external_id, i))
			problem(r, "add-on", addon.external_id, "is twice in its group");
		else
			addons[group->addons_n++] = addon;
	}
	group->addons = addons;
}

static void
read_groups(struct reader *r, struct json_object *list)
{
	size_t n = json_array_n(list);
	struct menu_doc_addon_group *groups = arena_array(r->arena, n, sizeof(*groups));

	id_set_init(&r->groups, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_element(list, i);
		struct menu_doc_addon_group g = {
			.external_id = member_id(r->arena, o, "addongroupid"),
			.name = member_text(r->arena, o, "addongroup_name", NAME_MAX),
			.is_active = member_flag(o, "active", true),
			.display_order = member_int(o, "addongroup_rank", (int64_t)i),
		};
		if (g.external_id == NULL || g.name == NULL) {
			problem(r, "add-on group", g.external_id, "has no id or no name");
		} else if (!id_set_add(&r->groups, g.external_id, r->doc.addon_groups_n)) {
			problem(r, "add-on group", g.external_id, "is listed twice");
		} else {
			read_addons(r, json_member(o, "addongroupitems"), &g);
			groups[r->doc.addon_groups_n++] = g;
		}
	}
	r->doc.addon_groups = groups;
}

/* ---- items ---- */

static void
read_choices(struct reader *r, struct json_object *list, const char *kind, const char *id,
    const struct menu_doc_choice **ret, size_t *ret_n)
{
	size_t n = json_array_n(list), at;
	struct menu_doc_choice *choices;

	if (n > CHOICES_MAX) {
		problem(r, kind, id, "has more than 50 add-on groups; the rest is left out");
		n = CHOICES_MAX;
	}
	choices = arena_array(r->arena, n, sizeof(*choices));
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_element(list, i);
		struct menu_doc_choice c = {
			.group_external_id = member_id(r->arena, o, "addon_group_id"),
			.min = member_int(o, "addon_item_selection_min", 0),
			.max = member_int(o, "addon_item_selection_max", 0),
		};
		bool is_twice = false;
		for (size_t k = 0; k < *ret_n && c.group_external_id != NULL; k++)
			is_twice |= strcmp(choices[k].group_external_id, c.group_external_id) == 0;
		if (c.group_external_id == NULL ||
		    !id_set_find(&r->groups, c.group_external_id, &at))
			problem(r, kind, id, "names an add-on group that is not in the document");
		else if (is_twice)
			problem(r, kind, id, "names an add-on group twice");
		else if (c.min < 0 || c.max < 0 || c.max > INT32_MAX ||
			 (c.max > 0 && c.min > c.max))
			problem(r, kind, id, "asks for an impossible number of add-ons");
		else
			choices[(*ret_n)++] = c;
	}
	*ret = choices;
}

static void
read_variations(
    struct reader *r, struct json_object *item, bool addons_by_variation, struct menu_doc_item *ret)
{
	struct json_object *list = json_member(item, "variation");
	size_t n = json_array_n(list);
	struct menu_doc_variation *variations;
	struct id_set seen;

	if (n > VARIATIONS_MAX) {
		problem(r, "item", ret->external_id, "has more than 100 variations");
		n = VARIATIONS_MAX;
	}
	variations = arena_array(r->arena, n, sizeof(*variations));
	id_set_init(&seen, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_element(list, i);
		struct menu_doc_variation v = {
			.external_id = member_id(r->arena, o, "id"),
			.variation_code = member_id(r->arena, o, "variationid"),
			.name = member_text(r->arena, o, "name", NAME_MAX),
			.is_available = member_is_in_stock(o),
			.is_active = member_flag(o, "active", true),
			.display_order = member_int(o, "variationrank", (int64_t)i),
		};
		if (v.external_id == NULL || v.variation_code == NULL || v.name == NULL) {
			problem(r, "variation", v.external_id, "has not both ids and a name");
		} else if (!member_has_amount(o, "price") ||
			   !member_amount(r->exponent, o, "price", &v.price_minor) ||
			   !member_amount(
			       r->exponent, o, "item_packingcharges", &v.packing_minor)) {
			problem(r, "variation", v.external_id, "has no price");
		} else if (!id_set_add(&seen, v.external_id, i)) {
			problem(r, "variation", v.external_id, "is twice in its item");
		} else {
			if (addons_by_variation && member_flag(o, "variationallowaddon", true))
				read_choices(r, json_member(o, "addon"), "variation", v.external_id,
				    &v.choices, &v.choices_n);
			variations[ret->variations_n++] = v;
		}
	}
	ret->variations = variations;
}

/*
 * item_tax is "11213,20375". A tax that the document does not have can not be charged, so the item
 * goes without.
 */
static void
read_item_taxes(struct reader *r, struct json_object *o, struct menu_doc_item *item)
{
	const char *csv = member_text(r->arena, o, "item_tax", 1000), *id;
	const char **ids = arena_array(r->arena, TAXES_MAX, sizeof(*ids));
	size_t at;

	item->tax_external_ids = ids;
	if (csv == NULL || member_flag(o, "ignore_taxes", false))
		return;
	while (item->taxes_n < TAXES_MAX && (id = next_id(r, &csv)) != NULL) {
		if (!id_set_find(&r->taxes_by_id, id, &at)) {
			problem(r, "item", item->external_id,
			    "names a tax that is not in the document");
			continue;
		}
		ids[item->taxes_n++] = id;
		item->tax_inclusive |= r->tax_is_backward[at];
	}
}

/* The document's own attributes: which id means which diet. */
static void
read_attributes(struct reader *r, struct json_object *list)
{
	size_t n = json_array_n(list);

	for (size_t i = 0; i < n && r->diets_n < ATTRIBUTES_MAX; i++) {
		struct json_object *o = json_element(list, i);
		const char *id = member_id(r->arena, o, "attributeid");
		const char *name = member_text(r->arena, o, "attribute", NAME_MAX);
		struct diet_name *d = &r->diets[r->diets_n];
		if (id == NULL || name == NULL)
			continue;
		*d = (struct diet_name){ id, name, DIET_OTHER };
		for (size_t k = 0; k < DIET_NAMES_N; k++)
			if (strcasecmp(name, diet_names[k].name) == 0)
				d->diet = diet_names[k].diet;
		r->diets_n++;
	}
}

/* By the document's own attributes; by the numbers PetPooja has always used, where it has none. */
static enum menu_diet
diet_of(struct reader *r, struct json_object *o)
{
	const char *id = member_id(r->arena, o, "item_attributeid");

	for (size_t i = 0; id != NULL && i < r->diets_n; i++)
		if (strcmp(id, r->diets[i].id) == 0)
			return r->diets[i].diet;
	for (size_t i = 0; id != NULL && i < DIET_NAMES_N; i++)
		if (strcmp(id, diet_names[i].id) == 0)
			return diet_names[i].diet;
	return DIET_OTHER;
}

/* False, and why, when the item can not be sold. */
static bool
read_item(struct reader *r, struct json_object *o, struct menu_doc_item *item, const char **ret_why)
{
	bool has_variations =
	    member_flag(o, "itemallowvariation", json_array_n(json_member(o, "variation")) > 0);
	bool has_addons =
	    member_flag(o, "itemallowaddon", json_array_n(json_member(o, "addon")) > 0);
	bool by_variation = has_addons && member_int(o, "itemaddonbasedon", 0) == 1;
	const char *liability = member_text(r->arena, o, "gst_liability", ID_MAX);
	size_t at;

	item->external_id = member_id(r->arena, o, "itemid");
	item->category_external_id = member_id(r->arena, o, "item_categoryid");
	item->name = member_text(r->arena, o, "itemname", ITEM_NAME_MAX);
	item->description = member_text(r->arena, o, "itemdescription", DESCRIPTION_MAX);
	item->image_url = member_text(r->arena, o, "item_image_url", URL_MAX);
	item->diet = diet_of(r, o);
	item->is_available = member_is_in_stock(o);
	item->is_active = member_flag(o, "active", true);
	item->order_types = member_order_types(r->arena, o, "item_ordertype");
	item->display_order = member_int(o, "itemrank", 0);
	item->tax_inclusive = member_flag(o, "tax_inclusive", false);
	item->gst_liability =
	    liability != NULL && strcmp(liability, "vendor") == 0 ? "vendor" : "restaurant";
	if (item->external_id == NULL || item->name == NULL)
		return no(ret_why, "has no id or no name");
	if (item->category_external_id == NULL ||
	    !id_set_find(&r->categories, item->category_external_id, &at))
		return no(ret_why,
		    arena_printf(r->arena, "names category '%s', which is not in the document",
			item->category_external_id == NULL ? "" : item->category_external_id));
	if ((!has_variations && !member_has_amount(o, "price")) ||
	    !member_amount(r->exponent, o, "price", &item->price_minor) ||
	    !member_amount(r->exponent, o, "item_packingcharges", &item->packing_minor))
		return no(ret_why, "has no price");
	if (has_variations)
		read_variations(r, o, by_variation, item);
	if (has_variations && item->variations_n == 0)
		return no(ret_why, "is sold in variations, and none of them can be used");
	read_item_taxes(r, o, item);
	if (has_addons && !by_variation)
		read_choices(r, json_member(o, "addon"), "item", item->external_id, &item->choices,
		    &item->choices_n);
	return true;
}

static void
read_items(struct reader *r, struct json_object *list)
{
	size_t n = json_array_n(list);
	struct menu_doc_item *items = arena_array(r->arena, n, sizeof(*items));
	const char *why = "";

	id_set_init(&r->items, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct menu_doc_item item = { 0 };
		if (!read_item(r, json_element(list, i), &item, &why))
			problem(r, "item", item.external_id, why);
		else if (!id_set_add(&r->items, item.external_id, r->doc.items_n))
			problem(r, "item", item.external_id, "is listed twice");
		else
			items[r->doc.items_n++] = item;
	}
	r->doc.items = items;
}

/*
 * A menu without a single item that can be sold is refused as a whole: it is far likelier to be an
 * accident than the wish to sell nothing, and taking it would empty the shop.
 */
const char *
petpooja_read_menu(struct arena *a, const struct pos_config *config, const struct pos_page *pages,
    size_t pages_n, struct menu_doc *ret_menu)
{
	struct reader r = { .arena = a };
	struct json_object *top, *details;
	const char *why, *message;
	bool is_success;

	if (pages_n != 1)
		return "PetPooja's menu is one document";
	if (!money_exponent(config->core.currency, &r.exponent))
		return "The restaurant's currency is not known";
	if (json_read(a, pages->body.data, pages->body.len, &json_limits_menu, &top, &why) != OK)
		return arena_printf(a, "The menu is not JSON: %s", why);
	if (!json_is_object(top))
		return "The menu is not a JSON object";
	if (json_lax_bool(json_member(top, "success"), &is_success) && !is_success) {
		message = member_text(a, top, "message", NAME_MAX);
		return arena_printf(
		    a, "PetPooja has no menu: %s", message == NULL ? "no reason given" : message);
	}
	r.problems = arena_array(a, PROBLEMS_MAX, sizeof(*r.problems));
	r.doc.problems = r.problems;
	r.diets = arena_array(a, ATTRIBUTES_MAX, sizeof(*r.diets));
	read_attributes(&r, json_member(top, "attributes"));
	details = json_member(json_element(json_member(top, "restaurants"), 0), "details");
	r.doc.provider_restaurant_id = member_id(a, details, "menusharingcode");
	read_taxes(&r, json_member(top, "taxes"));
	read_charge_taxes(&r, details, "calculatetaxonpacking", "pc_taxes_id", MENU_ON_PACKING);
	read_charge_taxes(
	    &r, details, "calculatetaxondelivery", "dc_taxes_id", MENU_ON_DELIVERY);
	read_categories(&r, json_member(top, "categories"));
	read_groups(&r, json_member(top, "addongroups"));
	read_items(&r, json_member(top, "items"));
	if (r.doc.items_n == 0)
		return r.doc.problems_n == 0
			   ? "The menu has no items"
			   : arena_printf(a, "The menu has no item that can be used; %s %s",
				 r.problems[0].what, r.problems[0].sentence);
	*ret_menu = r.doc;
	return NULL;
}
