/*
 * Toast's modifier groups as our add-on groups, and the group that an item's sizes are as its
 * variations.
 *
 * A group is told once and referred to by number; the same GUID may be there under several numbers
 * with different prices. Groups priced by size become one group for each size, "GROUP/SIZE". Prices
 * by turn (the first topping free) can be told beforehand only if one option is the most, or if all
 * turns cost the same. Options with choices of their own are offered without these, if they need
 * not be made.
 */
#include <string.h>
#include <strings.h>

#include "pos/pos_toast_menu.h"
#include "text/json_read.h"

#define CHOICES_MAX 50
#define OPTIONS_MAX 300
#define SIZES_MAX 50

static bool
no(const char **ret_why, const char *sentence)
{
	*ret_why = sentence;
	return false;
}

/* What a reference leads to; NULL: nowhere. *ret_name: the number as text. */
static struct json_object *
follow(struct toast_reader *r, struct json_object *table, struct json_object *ref,
    const char **ret_name)
{
	int64_t n;

	if (!json_lax_int64(ref, &n))
		return NULL;
	*ret_name = arena_printf(r->arena, "%lld", (long long)n);
	return json_member(table, *ret_name);
}

/* ---- prices ---- */

/* Of a row of prices by turn: the first, if no other can be asked for. */
static bool
turn_price(struct toast_reader *r, struct json_object *row, int64_t max, int64_t *ret_minor)
{
	struct json_object *prices = json_member(row, "sequencePrices");
	int64_t first, other;

	if (!toast_menu_price(r, json_element(prices, 0), "price", &first))
		return false;
	for (size_t i = 1; max != 1 && i < json_array_n(prices); i++)
		if (!toast_menu_price(r, json_element(prices, i), "price", &other) ||
		    other != first)
			return false;
	*ret_minor = first;
	return true;
}

static bool
is_of_size(struct json_object *row, struct json_object *size)
{
	const char *theirs, *ours;

	if (json_as_string(json_member(row, "sizeGuid"), &theirs) &&
	    json_as_string(json_member(size, "guid"), &ours) && strcasecmp(theirs, ours) == 0)
		return true;
	return json_as_string(json_member(row, "sizeName"), &theirs) &&
	       json_as_string(json_member(size, "name"), &ours) && strcasecmp(theirs, ours) == 0;
}

/* The row that holds: of the size, or of none where sizes do not matter. NULL: there is none. */
static struct json_object *
row_of(struct json_object *group, bool by_size, struct json_object *size)
{
	struct json_object *rows = json_member(
	    json_member(group, "pricingRules"), "sizeSequencePricingRules");

	for (size_t i = 0; i < json_array_n(rows); i++) {
		struct json_object *row = json_element(rows, i);
		if (by_size && size != NULL ? is_of_size(row, size)
					    : json_member(row, "sizeName") == NULL)
			return row;
	}
	return !by_size && json_array_n(rows) == 1 ? json_element(rows, 0) : NULL;
}

static bool
is_priced_by_size(struct json_object *group)
{
	return pos_is_word(group, "pricingStrategy", "SIZE_PRICE") ||
	       pos_is_word(group, "pricingStrategy", "SIZE_SEQUENCE_PRICE");
}

/* Do its options have prices of their own? */
static bool
is_priced_by_option(struct json_object *group)
{
	return json_member(group, "pricingStrategy") == NULL ||
	       pos_is_word(group, "pricingStrategy", "NONE");
}

/* The one price of all options of a group that has rules. */
static bool
rule_price(struct toast_reader *r, struct json_object *group, struct json_object *size,
    int64_t max, int64_t *ret_minor)
{
	bool by_size = is_priced_by_size(group);

	if (!by_size && !pos_is_word(group, "pricingStrategy", "SEQUENCE_PRICE"))
		return false;
	return turn_price(r, row_of(group, by_size, size), max, ret_minor);
}

static bool
option_price(struct toast_reader *r, struct json_object *option, int64_t *ret_minor)
{
	if (json_member(option, "pricingStrategy") != NULL &&
	    !pos_is_word(option, "pricingStrategy", "BASE_PRICE") &&
	    !pos_is_word(option, "pricingStrategy", "MENU_SPECIFIC_PRICE"))
		return false;
	return toast_menu_price(r, option, "price", ret_minor);
}

/* ---- groups ---- */

/* How many are to be chosen. False: impossibly many. */
static bool
read_bounds(struct json_object *group, struct toast_made *m)
{
	bool is_multi;

	m->min = pos_is_word(group, "requiredMode", "REQUIRED") ? 1 : 0;
	if (json_member(group, "minSelections") != NULL &&
	    !json_lax_int64(json_member(group, "minSelections"), &m->min))
		return false;
	if (json_member(group, "maxSelections") != NULL &&
	    !json_lax_int64(json_member(group, "maxSelections"), &m->max))
		return false;
	if (json_as_bool(json_member(group, "isMultiSelect"), &is_multi) && !is_multi &&
	    m->max == 0)
		m->max = 1;
	if (pos_is_word(group, "requiredMode", "REQUIRED") && m->min == 0)
		m->min = 1;
	return m->min >= 0 && m->max >= 0 && m->max <= INT32_MAX && m->min <= INT32_MAX &&
	       (m->max == 0 || m->min <= m->max);
}

/* Must a choice be made within the option, which we can not offer? */
static bool
needs_more(struct toast_reader *r, struct json_object *option)
{
	struct json_object *refs = json_member(option, "modifierGroupReferences");
	const char *name;

	for (size_t i = 0; i < json_array_n(refs); i++) {
		struct json_object *group =
		    follow(r, r->group_refs, json_element(refs, i), &name);
		struct toast_made bounds = { 0 };
		if (group != NULL && (!read_bounds(group, &bounds) || bounds.min > 0))
			return true;
	}
	return false;
}

static bool
read_option(struct toast_reader *r, struct json_object *group, struct json_object *option,
    const int64_t *rule_minor, struct menu_doc_addon *ret, const char **ret_why)
{
	bool is_default;

	ret->external_id = toast_menu_guid(r, option, "guid");
	ret->name = toast_menu_text(r, option, "name", TOAST_NAME_MAX);
	ret->is_active = true;
	if (ret->external_id == NULL || ret->name == NULL)
		return no(ret_why, "has no GUID or no name");
	if (needs_more(r, option))
		return no(ret_why, "asks for a choice of its own, which can not be offered");
	if (json_array_n(json_member(option, "modifierGroupReferences")) > 0)
		toast_menu_problem(r, "modifier", ret->external_id,
		    "has choices of its own, and is offered without them");
	ret->is_available = toast_menu_is_in_stock(r, ret->external_id);
	if (rule_minor != NULL)
		ret->price_minor = *rule_minor;
	else if (!option_price(r, option, &ret->price_minor))
		return no(ret_why, "has no price that can be told beforehand");
	if (pos_is_word(group, "defaultOptionsChargePrice", "NO") &&
	    json_as_bool(json_member(option, "isDefault"), &is_default) && is_default)
		ret->price_minor = 0;
	return true;
}

static void
read_options(struct toast_reader *r, struct json_object *group, const int64_t *rule_minor,
    struct menu_doc_addon_group *g)
{
	struct json_object *refs = json_member(group, "modifierOptionReferences");
	size_t n = json_array_n(refs) < OPTIONS_MAX ? json_array_n(refs) : OPTIONS_MAX;
	struct menu_doc_addon *addons = arena_array(r->arena, n, sizeof(*addons));
	struct id_set seen;
	const char *name, *why = "";

	if (json_array_n(refs) > n)
		toast_menu_problem(r, "modifier group", g->external_id,
		    "has more than 300 modifiers; the rest is left out");
	id_set_init(&seen, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct json_object *option =
		    follow(r, r->option_refs, json_element(refs, i), &name);
		struct menu_doc_addon addon = { .display_order = (int64_t)i };
		if (option == NULL)
			toast_menu_problem(r, "modifier group", g->external_id,
			    "names a modifier that is not in the document");
		else if (!toast_menu_is_shown(option))
			continue;
		else if (!read_option(r, group, option, rule_minor, &addon, &why))
			toast_menu_problem(r, "modifier", addon.external_id, why);
		else if (!id_set_add(&seen, addon.external_id, i))
			toast_menu_problem(
			    r, "modifier", addon.external_id, "is twice in its group");
		else
			addons[g->addons_n++] = addon;
	}
	g->addons = addons;
}

/* GUID, GUID/SIZE, or where that is taken by another reference GUID/NUMBER; NULL: no name left. */
static const char *
name_group(struct toast_reader *r, const char *guid, const char *number, struct json_object *size)
{
	const char *size_guid = toast_menu_guid(r, size, "guid");
	const char *names[] = {
		size_guid == NULL ? guid : arena_printf(r->arena, "%s/%s", guid, size_guid),
		arena_printf(r->arena, "%s/%s", guid, number),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (id_set_add(&r->group_ids, names[i], r->doc.addon_groups_n))
			return names[i];
	return NULL;
}

static bool
make_group(struct toast_reader *r, struct json_object *group, const char *number,
    struct json_object *size, struct toast_made *m)
{
	struct menu_doc_addon_group g = { .is_active = true,
		.name = toast_menu_text(r, group, "name", TOAST_NAME_MAX),
		.display_order = (int64_t)r->doc.addon_groups_n };
	const char *guid = toast_menu_guid(r, group, "guid");
	bool has_rule = !is_priced_by_option(group);
	int64_t rule_minor = 0;

	if (guid == NULL || g.name == NULL)
		return no(&m->why, "names a modifier group without GUID or name");
	if (!read_bounds(group, m))
		return no(&m->why, "asks for an impossible number of modifiers");
	if (has_rule && !rule_price(r, group, size, m->max, &rule_minor))
		return no(&m->why,
		    arena_printf(r->arena,
			"has modifiers (%s) whose prices can not be told beforehand", g.name));
	if (r->doc.addon_groups_n == r->rows_max)
		return no(&m->why, "has one modifier group too many");
	g.external_id = name_group(r, guid, number, size);
	if (g.external_id == NULL)
		return no(&m->why, "names a modifier group that is there too often");
	read_options(r, group, has_rule ? &rule_minor : NULL, &g);
	if (g.addons_n == 0)
		return no(&m->why,
		    arena_printf(r->arena,
			"has a modifier group (%s) of which nothing can be offered", g.name));
	r->groups[r->doc.addon_groups_n++] = g;
	m->external_id = g.external_id;
	return true;
}

/* One that is hidden from us is no loss, unless Toast takes no order without a choice of it. */
static const struct toast_made *
hidden_group(struct json_object *group)
{
	static const struct toast_made needed = {
		.why = "needs a choice that is not shown to ordering partners: Toast may refuse it"
	};
	struct toast_made bounds = { 0 };

	return read_bounds(group, &bounds) && bounds.min == 0 ? NULL : &needed;
}

/* The group of a reference, made when it is first asked for. NULL: it is hidden. */
static const struct toast_made *
group_of(struct toast_reader *r, struct json_object *ref, struct json_object *size)
{
	static const struct toast_made nowhere = {
		.why = "names a modifier group that is not in the document"
	};
	const char *number = "", *size_guid = toast_menu_guid(r, size, "guid"), *key;
	struct json_object *group = follow(r, r->group_refs, ref, &number);
	size_t at;

	if (group == NULL)
		return &nowhere;
	if (!toast_menu_is_shown(group))
		return hidden_group(group);
	if (!is_priced_by_size(group))
		size = NULL;
	key = size == NULL || size_guid == NULL
		  ? number
		  : arena_printf(r->arena, "%s/%s", number, size_guid);
	if (id_set_find(&r->made_ids, key, &at))
		return &r->made[at];
	if (r->made_n == r->rows_max)
		return &nowhere;
	at = r->made_n++;
	id_set_add(&r->made_ids, key, at);
	make_group(r, group, number, size, &r->made[at]);
	return &r->made[at];
}

bool
toast_menu_choices(struct toast_reader *r, struct json_object *refs, struct json_object *size,
    struct json_object *skip, const char *item_id, const struct menu_doc_choice **ret,
    size_t *ret_n, const char **ret_why)
{
	size_t n = json_array_n(refs) < CHOICES_MAX ? json_array_n(refs) : CHOICES_MAX, taken = 0;
	struct menu_doc_choice *choices = arena_array(r->arena, n, sizeof(*choices));

	if (json_array_n(refs) > n)
		return no(ret_why, "has more than 50 modifier groups");
	for (size_t i = 0; i < n; i++) {
		const struct toast_made *m =
		    json_element(refs, i) == skip ? NULL : group_of(r, json_element(refs, i), size);
		bool is_twice = false;
		if (m == NULL)
			continue;
		if (m->external_id == NULL && m->min > 0)
			return no(ret_why, m->why);
		for (size_t k = 0; k < taken && m->external_id != NULL; k++)
			is_twice |= strcmp(choices[k].group_external_id, m->external_id) == 0;
		if (m->external_id == NULL)
			toast_menu_problem(r, "item", item_id, m->why);
		else if (!is_twice)
			choices[taken++] =
			    (struct menu_doc_choice){ m->external_id, m->min, m->max };
	}
	*ret = choices;
	*ret_n = taken;
	return true;
}

/* ---- sizes ---- */

/* The reference, among the item's, to the group with its sizes. */
static struct json_object *
size_ref(struct toast_reader *r, struct json_object *item, struct json_object **ret_group)
{
	struct json_object *refs = json_member(item, "modifierGroupReferences");
	const char *wanted, *name, *guid;

	if (!json_as_string(json_member(json_member(item, "pricingRules"),
				"sizeSpecificPricingGuid"),
		&wanted))
		return NULL;
	for (size_t i = 0; i < json_array_n(refs); i++) {
		struct json_object *group =
		    follow(r, r->group_refs, json_element(refs, i), &name);
		if (json_as_string(json_member(group, "guid"), &guid) &&
		    strcasecmp(guid, wanted) == 0) {
			*ret_group = group;
			return json_element(refs, i);
		}
	}
	return NULL;
}

static bool
read_size(struct toast_reader *r, struct json_object *item, struct json_object *ref,
    struct json_object *option, struct menu_doc_variation *v, const char **ret_why)
{
	const char *item_guid = toast_menu_guid(r, item, "guid");

	v->external_id = toast_menu_guid(r, option, "guid");
	v->name = toast_menu_text(r, option, "name", TOAST_NAME_MAX);
	v->is_active = true;
	if (v->external_id == NULL || v->name == NULL)
		return no(ret_why, "has no GUID or no name");
	v->is_available = toast_menu_is_in_stock(r, v->external_id);
	if (!option_price(r, option, &v->price_minor))
		return no(ret_why, "has no price that can be told beforehand");
	if (needs_more(r, option))
		return no(ret_why, "asks for a choice of its own, which can not be offered");
	return toast_menu_choices(r, json_member(item, "modifierGroupReferences"), option, ref,
	    item_guid, &v->choices, &v->choices_n, ret_why);
}

bool
toast_menu_sizes(struct toast_reader *r, struct json_object *item, struct menu_doc_item *ret,
    const char **ret_why)
{
	struct json_object *group = NULL, *ref = size_ref(r, item, &group), *refs;
	const char *group_guid = toast_menu_guid(r, group, "guid"), *name, *why = "";
	struct menu_doc_variation *variations;
	struct id_set seen;
	size_t n;

	if (ref == NULL || group_guid == NULL || !is_priced_by_option(group))
		return no(ret_why, "is priced by size, and its sizes can not be told");
	refs = json_member(group, "modifierOptionReferences");
	n = json_array_n(refs) < SIZES_MAX ? json_array_n(refs) : SIZES_MAX;
	if (json_array_n(refs) > n)
		toast_menu_problem(r, "item", ret->external_id,
		    "has more than 50 sizes; the rest is left out");
	variations = arena_array(r->arena, n, sizeof(*variations));
	id_set_init(&seen, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct json_object *option =
		    follow(r, r->option_refs, json_element(refs, i), &name);
		struct menu_doc_variation v = { .variation_code = group_guid,
			.display_order = (int64_t)i };
		if (option == NULL || !toast_menu_is_shown(option))
			continue;
		if (!read_size(r, item, ref, option, &v, &why))
			toast_menu_problem(r, "size", v.external_id, why);
		else if (id_set_add(&seen, v.external_id, i))
			variations[ret->variations_n++] = v;
	}
	ret->variations = variations;
	return ret->variations_n > 0 ||
	       no(ret_why, "is priced by size, and none of its sizes can be offered");
}
