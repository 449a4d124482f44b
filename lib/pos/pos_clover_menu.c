/*
 * Clover's menu: seven lists, each in pages, one page a step.
 *
 * Sizes and colours are items of their own in an item group: the group becomes the item, and they
 * its variations. Prices that are typed at the till or go by weight can not be worked out here, so
 * such items are left out and named. Hidden and deleted ones are left out, what is switched off or
 * sold out is marked. A document without a name is all lists in one object, by their names.
 */
#include <json-c/json.h>
#include <string.h>

#include "mem/buf.h"
#include "pos/id_set.h"
#include "pos/pos_clover.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/utf8.h"

#define NAME_MAX 100
#define ITEM_NAME_MAX 200
#define DESCRIPTION_MAX 2000
#define PROBLEMS_MAX 500
#define CHOICES_MAX 50
#define VARIATIONS_MAX 100
#define VARIATIONS_FIRST 4 /* doubled as they come: most groups have few */
#define TAXES_MAX 20
#define TAX_RATES_MAX 200 /* each item is held against each of them */
#define RATE_PER_MICRO 10 /* their 7.25 % is 725000, ours is 72500 */
#define RATE_MAX INT64_C(1000000000)
#define PRICE_MAX INT64_C(99999999999)
/* For items that are in none. */
#define NO_CATEGORY "none"

/* What a group asks for, beside its row in the document. */
struct group_bounds {
	int64_t min, max;
};

struct reader {
	struct arena *arena;
	struct clover_rows rows[CLOVER_PART__MAX];
	struct menu_doc doc;
	struct menu_doc_problem *problems;
	struct menu_doc_item *items; /* = doc.items */
	bool *is_default;            /* by place in doc.taxes */
	struct group_bounds *bounds; /* by place in doc.addon_groups */
	struct id_set categories, taxes, groups, item_groups, items_by_id, members, sold_out;
	bool is_vat, needs_category;
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

static const char *
text(struct reader *r, struct json_object *o, const char *key, size_t max)
{
	const char *s;

	if (!json_as_string(json_member(o, key), &s))
		return NULL;
	s = utf8_sanitise(r->arena, s, max);
	return *s == '\0' ? NULL : s;
}

static const char *
id_of(struct reader *r, struct json_object *o)
{
	return clover_id(r->arena, json_member(o, "id"));
}

static bool
flag(struct json_object *o, const char *key, bool otherwise)
{
	bool is_on;

	return json_as_bool(json_member(o, key), &is_on) ? is_on : otherwise;
}

static int64_t
number(struct json_object *o, const char *key, int64_t otherwise)
{
	int64_t n;

	return json_as_int64(json_member(o, key), &n) ? n : otherwise;
}

static bool
price(struct json_object *o, const char *key, int64_t *ret)
{
	return json_as_int64(json_member(o, key), ret) && *ret >= 0 && *ret <= PRICE_MAX;
}

/* The ids in an expanded list. */
static struct json_object *
refs(struct json_object *o, const char *key)
{
	return json_member(json_member(o, key), "elements");
}

static void
read_taxes(struct reader *r, const struct clover_rows *rows)
{
	struct menu_doc_tax *taxes = arena_array(r->arena, rows->n, sizeof(*taxes));

	id_set_init(&r->taxes, r->arena, rows->n);
	r->is_default = arena_array(r->arena, rows->n, sizeof(bool));
	for (size_t i = 0; i < rows->n; i++) {
		struct json_object *o = rows->v[i];
		int64_t rate = number(o, "rate", 0), flat = number(o, "taxAmount", 0);
		struct menu_doc_tax tax = {
			.external_id = id_of(r, o),
			.name = text(r, o, "name", NAME_MAX),
			.is_percent = flat == 0,
			.order_types = MENU_ALL_TYPES,
			.is_active = true,
			.display_order = (int64_t)i,
		};
		/* NO_TAX_APPLIED, which every merchant has, and what takes nothing */
		if (rate == 0 && flat == 0)
			continue;
		if (tax.external_id == NULL || tax.name == NULL)
			problem(r, "tax", tax.external_id, "has no id or no name");
		else if (rate < 0 || rate > RATE_MAX || flat < 0 || flat > PRICE_MAX ||
			 (rate != 0 && flat != 0))
			problem(r, "tax", tax.external_id, "has no usable rate");
		else if (!id_set_add(&r->taxes, tax.external_id, r->doc.taxes_n))
			problem(r, "tax", tax.external_id, "is listed twice");
		else if (r->doc.taxes_n == TAX_RATES_MAX)
			problem(r, "tax", tax.external_id, "is beyond the two hundredth");
		else {
			tax.rate_micro = (rate + RATE_PER_MICRO / 2) / RATE_PER_MICRO;
			tax.amount_minor = flat;
			r->is_default[r->doc.taxes_n] = flag(o, "isDefault", false);
			taxes[r->doc.taxes_n++] = tax;
		}
	}
	r->doc.taxes = taxes;
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
			.external_id = id_of(r, o),
			.name = text(r, o, "name", NAME_MAX),
			.is_available = flag(o, "available", true),
			.is_active = true,
			.display_order = (int64_t)i,
		};
		if (addon.external_id == NULL || addon.name == NULL)
			problem(r, "add-on", addon.external_id, "has no id or no name");
		else if (!price(o, "price", &addon.price_minor))
			problem(r, "add-on", addon.external_id,
			    "has no price of nothing or more");
		else if (!id_set_add(&seen, addon.external_id, i))
			problem(r, "add-on", addon.external_id, "is twice in its group");
		else
			addons[group->addons_n++] = addon;
	}
	group->addons = addons;
	if (n >= CLOVER_NESTED_MAX)
		problem(r, "add-on group", group->external_id,
		    "has 100 add-ons or more; Clover tells no more than 100");
}

static void
read_groups(struct reader *r, const struct clover_rows *rows)
{
	struct menu_doc_addon_group *groups = arena_array(r->arena, rows->n, sizeof(*groups));

	id_set_init(&r->groups, r->arena, rows->n);
	r->bounds = arena_array(r->arena, rows->n, sizeof(*r->bounds));
	for (size_t i = 0; i < rows->n; i++) {
		struct json_object *o = rows->v[i];
		struct menu_doc_addon_group g = {
			.external_id = id_of(r, o),
			.name = text(r, o, "name", NAME_MAX),
			.is_active = true,
			.display_order = number(o, "sortOrder", (int64_t)i),
		};
		struct group_bounds b = { number(o, "minRequired", 0),
			number(o, "maxAllowed", 0) };
		if (flag(o, "deleted", false))
			continue;
		if (g.external_id == NULL || g.name == NULL)
			problem(r, "add-on group", g.external_id, "has no id or no name");
		else if (b.min < 0 || b.max < 0 || b.max > INT32_MAX || b.min > INT32_MAX ||
			 (b.max > 0 && b.min > b.max))
			problem(r, "add-on group", g.external_id,
			    "asks for an impossible number of add-ons");
		else if (!id_set_add(&r->groups, g.external_id, r->doc.addon_groups_n))
			problem(r, "add-on group", g.external_id, "is listed twice");
		else {
			read_addons(r, refs(o, "modifiers"), &g);
			r->bounds[r->doc.addon_groups_n] = b;
			groups[r->doc.addon_groups_n++] = g;
		}
	}
	r->doc.addon_groups = groups;
}

static void
read_choices(struct reader *r, struct json_object *item, const char *id,
    const struct menu_doc_choice **ret, size_t *ret_n)
{
	struct json_object *list = refs(item, "modifierGroups");
	size_t n = json_array_n(list), at;
	struct menu_doc_choice *choices;
	struct id_set seen;

	if (n > CHOICES_MAX) {
		problem(r, "item", id, "has more than 50 add-on groups; the rest is left out");
		n = CHOICES_MAX;
	}
	choices = arena_array(r->arena, n, sizeof(*choices));
	id_set_init(&seen, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		const char *group = id_of(r, json_element(list, i));
		if (group == NULL || !id_set_find(&r->groups, group, &at))
			problem(r, "item", id, "names an add-on group that can not be used");
		else if (id_set_add(&seen, group, i))
			choices[(*ret_n)++] = (struct menu_doc_choice){ group,
				r->bounds[at].min, r->bounds[at].max };
	}
	*ret = choices;
}

/* Its own, and where it takes the default ones, those. */
static void
read_item_taxes(struct reader *r, struct json_object *o, struct menu_doc_item *item)
{
	const char **ids = arena_array(r->arena, TAXES_MAX, sizeof(*ids));
	struct json_object *list = refs(o, "taxRates");
	bool defaults = flag(o, "defaultTaxRates", false);

	for (size_t at = 0; at < r->doc.taxes_n && item->taxes_n < TAXES_MAX; at++) {
		const char *id = r->doc.taxes[at].external_id;
		bool has = defaults && r->is_default[at];
		for (size_t i = 0; i < json_array_n(list) && !has; i++) {
			const char *s;
			has = json_as_string(json_member(json_element(list, i), "id"), &s) &&
			      strcmp(s, id) == 0;
		}
		if (has)
			ids[item->taxes_n++] = id;
	}
	item->tax_external_ids = ids;
	item->tax_inclusive = r->is_vat;
}

/* The first of its categories that there is. */
static const char *
category_of(struct reader *r, struct json_object *o)
{
	struct json_object *list = refs(o, "categories");
	size_t at;

	for (size_t i = 0; i < json_array_n(list); i++) {
		const char *id = id_of(r, json_element(list, i));
		if (id != NULL && id_set_find(&r->categories, id, &at))
			return id;
	}
	r->needs_category = true;
	return NO_CATEGORY;
}

/* False, and why, when it can not be sold; NULL when that is as it should be. */
static bool
read_item(struct reader *r, struct json_object *o, struct menu_doc_item *item, const char **ret_why)
{
	const char *type = text(r, o, "priceType", NAME_MAX);
	size_t at;

	item->external_id = id_of(r, o);
	item->name = text(r, o, "name", ITEM_NAME_MAX);
	item->description = text(r, o, "description", DESCRIPTION_MAX);
	item->diet = DIET_OTHER;
	item->is_active = true;
	item->order_types = MENU_ALL_TYPES;
	item->gst_liability = "restaurant";
	*ret_why = NULL;
	if (flag(o, "deleted", false) || flag(o, "hidden", false))
		return false;
	*ret_why = "has no id or no name";
	if (item->external_id == NULL || item->name == NULL)
		return false;
	*ret_why = "has a price that is typed at the till or goes by weight";
	if (type != NULL && strcmp(type, "FIXED") != 0)
		return false;
	*ret_why = "has no price";
	if (!price(o, "price", &item->price_minor))
		return false;
	item->is_available =
	    flag(o, "available", true) &&
	    !(flag(o, "autoManage", false) && id_set_find(&r->sold_out, item->external_id, &at));
	return true;
}

/* "Margherita Small" of "Margherita" is "Small". */
static const char *
variation_name(struct reader *r, const char *group, const char *item)
{
	size_t len = strlen(group);

	if (strncmp(item, group, len) == 0 && item[len] != '\0')
		item = utf8_sanitise(r->arena, item + len, NAME_MAX);
	return *item == '\0' ? group : utf8_truncate(r->arena, item, NAME_MAX);
}

/* Room for one more variation. */
static struct menu_doc_variation *
variation_add(struct reader *r, struct menu_doc_item *whole)
{
	size_t n = whole->variations_n;
	struct menu_doc_variation *all = (struct menu_doc_variation *)whole->variations;

	if (n == 0 || (n >= VARIATIONS_FIRST && (n & (n - 1)) == 0)) {
		all = arena_array(r->arena, n == 0 ? VARIATIONS_FIRST : 2 * n, sizeof(*all));
		if (n > 0)
			memcpy(all, whole->variations, n * sizeof(*all));
		whole->variations = all;
	}
	whole->variations_n++;
	return &all[n];
}

static bool
are_taxes_same(const struct menu_doc_item *one, const struct menu_doc_item *other)
{
	if (one->taxes_n != other->taxes_n)
		return false;
	for (size_t i = 0; i < one->taxes_n; i++)
		if (strcmp(one->tax_external_ids[i], other->tax_external_ids[i]) != 0)
			return false;
	return true;
}

/* An item of a group: its first makes the item, each is a variation of it. */
static void
read_member(struct reader *r, struct json_object *o, const char *group, struct menu_doc_item *item)
{
	struct menu_doc_variation v = { .external_id = item->external_id,
		.variation_code = item->external_id,
		.price_minor = item->price_minor,
		.is_available = item->is_available,
		.is_active = true };
	struct menu_doc_item *whole;
	const char *name;
	size_t at, row;

	read_item_taxes(r, o, item);
	if (!id_set_find(&r->members, group, &at)) {
		at = r->doc.items_n;
		whole = &r->items[r->doc.items_n++];
		*whole = *item;
		whole->external_id = group;
		name = id_set_find(&r->item_groups, group, &row)
			   ? text(r, r->rows[CLOVER_ITEM_GROUPS].v[row], "name", ITEM_NAME_MAX)
			   : NULL;
		whole->name = name == NULL ? item->name : name;
		whole->category_external_id = category_of(r, o);
		whole->display_order = (int64_t)at;
		whole->is_available = false;
		(void)id_set_add(&r->members, group, at);
	}
	whole = &r->items[at];
	if (whole->variations_n >= VARIATIONS_MAX)
		problem(r, "item", item->external_id, "is beyond the hundredth of its group");
	else if (!are_taxes_same(whole, item))
		problem(r, "item", item->external_id, "is taxed otherwise than its group");
	else {
		v.name = variation_name(r, whole->name, item->name);
		v.display_order = (int64_t)whole->variations_n;
		read_choices(r, o, item->external_id, &v.choices, &v.choices_n);
		whole->is_available |= v.is_available;
		if (v.price_minor < whole->price_minor)
			whole->price_minor = v.price_minor;
		*variation_add(r, whole) = v;
	}
}

static void
read_items(struct reader *r, const struct clover_rows *rows)
{
	const char *why, *group;

	r->doc.items = r->items = arena_array(r->arena, rows->n, sizeof(*r->items));
	id_set_init(&r->items_by_id, r->arena, 2 * rows->n);
	id_set_init(&r->members, r->arena, rows->n);
	for (size_t i = 0; i < rows->n; i++) {
		struct json_object *o = rows->v[i];
		struct menu_doc_item item = { 0 };
		size_t at;
		if (!read_item(r, o, &item, &why)) {
			if (why != NULL)
				problem(r, "item", item.external_id, why);
			continue;
		}
		group = id_of(r, json_member(o, "itemGroup"));
		if (!id_set_add(&r->items_by_id, item.external_id, i)) {
			problem(r, "item", item.external_id, "is listed twice");
		} else if (group != NULL) {
			if (!id_set_find(&r->members, group, &at) &&
			    !id_set_add(&r->items_by_id, group, i))
				problem(r, "item", item.external_id,
				    "is in a group that has an item's id");
			else
				read_member(r, o, group, &item);
		} else {
			item.category_external_id = category_of(r, o);
			item.display_order = (int64_t)r->doc.items_n;
			read_item_taxes(r, o, &item);
			read_choices(
			    r, o, item.external_id, &item.choices, &item.choices_n);
			r->items[r->doc.items_n++] = item;
		}
	}
}

static void
read_categories(struct reader *r, const struct clover_rows *rows)
{
	struct menu_doc_category *categories =
	    arena_array(r->arena, rows->n + 1, sizeof(*categories));

	id_set_init(&r->categories, r->arena, rows->n);
	for (size_t i = 0; i < rows->n; i++) {
		struct json_object *o = rows->v[i];
		struct menu_doc_category c = {
			.external_id = id_of(r, o),
			.name = text(r, o, "name", NAME_MAX),
			.display_order = number(o, "sortOrder", (int64_t)i),
			.is_active = true,
		};
		if (flag(o, "deleted", false))
			continue;
		if (c.external_id == NULL || c.name == NULL ||
		    strcmp(c.external_id, NO_CATEGORY) == 0)
			problem(r, "category", c.external_id, "has no id or no name");
		else if (!id_set_add(&r->categories, c.external_id, r->doc.categories_n))
			problem(r, "category", c.external_id, "is listed twice");
		else
			categories[r->doc.categories_n++] = c;
	}
	r->doc.categories = categories;
}

/* Behind all others, and only where something is in it. */
static void
add_no_category(struct reader *r)
{
	struct menu_doc_category *all = (struct menu_doc_category *)r->doc.categories;
	int64_t last = 0;

	if (!r->needs_category)
		return;
	for (size_t i = 0; i < r->doc.categories_n; i++)
		if (all[i].display_order > last)
			last = all[i].display_order;
	all[r->doc.categories_n++] = (struct menu_doc_category){ .external_id = NO_CATEGORY,
		.name = "Other",
		.display_order = last < INT32_MAX ? last + 1 : last,
		.is_active = true };
}

/* Which items' stock is used up, and where the groups of items stand. */
static void
read_indexes(struct reader *r)
{
	const struct clover_rows *stocks = &r->rows[CLOVER_STOCKS];
	const struct clover_rows *groups = &r->rows[CLOVER_ITEM_GROUPS];

	id_set_init(&r->sold_out, r->arena, stocks->n);
	for (size_t i = 0; i < stocks->n; i++) {
		struct json_object *o = stocks->v[i];
		const char *id = id_of(r, json_member(o, "item"));
		int64_t left;
		bool is_out =
		    json_as_int64(json_member(o, "quantity"), &left)
			? left <= 0
			: json_as_int64(json_member(o, "stockCount"), &left) && left <= 0;
		if (id != NULL && is_out)
			(void)id_set_add(&r->sold_out, id, i);
	}
	id_set_init(&r->item_groups, r->arena, groups->n);
	for (size_t i = 0; i < groups->n; i++) {
		const char *id = id_of(r, groups->v[i]);
		if (id != NULL)
			(void)id_set_add(&r->item_groups, id, i);
	}
}

/* ---- documents ---- */

/* VAT is in the prices; and a merchant who counts in another currency is another merchant. */
static const char *
read_properties(struct reader *r, const struct pos_config *config)
{
	const struct clover_rows *rows = &r->rows[CLOVER_PROPERTIES];
	struct json_object *o = rows->n == 0 ? NULL : rows->v[0];
	const char *currency = text(r, o, "defaultCurrency", 8);

	r->is_vat = flag(o, "vat", false);
	r->doc.provider_restaurant_id = id_of(r, json_member(o, "merchantRef"));
	if (currency != NULL && config->core.currency != NULL &&
	    strcmp(currency, config->core.currency) != 0)
		return arena_printf(r->arena, "The merchant counts in %s, the restaurant in %s",
		    currency, config->core.currency);
	return NULL;
}

/*
 * A menu without a single item that can be sold is refused as a whole: it is far likelier to be an
 * accident than the wish to sell nothing, and taking it would empty the shop.
 */
const char *
clover_read_menu(struct arena *a, const struct pos_config *config, const struct pos_page *pages,
    size_t pages_n, struct menu_doc *ret_menu)
{
	struct reader r = { .arena = a };
	const char *why = NULL;

	for (size_t i = 0; i < pages_n && why == NULL; i++)
		why = clover_rows_add(a, r.rows, &pages[i]);
	if (why == NULL)
		why = read_properties(&r, config);
	if (why != NULL)
		return why;
	r.problems = arena_array(a, PROBLEMS_MAX, sizeof(*r.problems));
	r.doc.problems = r.problems;
	read_taxes(&r, &r.rows[CLOVER_TAX_RATES]);
	read_categories(&r, &r.rows[CLOVER_CATEGORIES]);
	read_groups(&r, &r.rows[CLOVER_GROUPS]);
	read_indexes(&r);
	read_items(&r, &r.rows[CLOVER_ITEMS]);
	add_no_category(&r);
	if (r.doc.items_n == 0)
		return r.doc.problems_n == 0
			   ? "The menu has no items"
			   : arena_printf(a, "The menu has no item that can be used; %s %s",
				 r.problems[0].what, r.problems[0].sentence);
	*ret_menu = r.doc;
	return NULL;
}
