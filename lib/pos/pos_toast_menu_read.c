/*
 * Toast's menus as our menu_doc: menus, groups within groups, items, tax rates, stock.
 *
 * What is not shown to ordering partners is left out without a word; what is shown and can not be
 * sold (no price that could be told beforehand, a choice that can not be offered) is left out and
 * named. Groups become categories, one within another as "Wings / Sides". An item stands in every
 * group that it is in, as "ITEM/GROUP".
 */
#include "pos/pos_toast_menu.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "mem/buf.h"
#include "text/json_read.h"
#include "text/money.h"
#include "text/utf8.h"

#define ITEM_NAME_MAX 200
#define DESCRIPTION_MAX 2000
#define URL_MAX 1000
#define TIMINGS_MAX 4000
#define HOURS_SHOWN_MAX 120
#define TAXES_MAX 20
#define DEPTH_MAX 8
#define PROBLEMS_MAX 500
#define ROWS_MAX 20000
#define SHOWN_TO_US "ORDERING_PARTNERS"

static bool
no(const char **ret_why, const char *sentence)
{
	*ret_why = sentence;
	return false;
}

void
toast_menu_problem(
    struct toast_reader *r, const char *kind, const char *id, const char *sentence)
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

const char *
toast_menu_text(struct toast_reader *r, struct json_object *o, const char *key, size_t max)
{
	const char *s;

	if (!json_as_string(json_member(o, key), &s))
		return NULL;
	s = utf8_sanitise(r->arena, s, max);
	return *s == '\0' ? NULL : s;
}

const char *
toast_menu_guid(struct toast_reader *r, struct json_object *o, const char *key)
{
	const char *s;

	return json_as_string(json_member(o, key), &s) ? toast_guid(r->arena, s) : NULL;
}

/* A list that is not there hides nothing: the partners' menus may do without it. */
bool
toast_menu_is_shown(struct json_object *o)
{
	struct json_object *list = json_member(o, "visibility");
	const char *s;

	for (size_t i = 0; i < json_array_n(list); i++)
		if (json_as_string(json_element(list, i), &s) && strcasecmp(s, SHOWN_TO_US) == 0)
			return true;
	return !json_is_array(list);
}

bool
toast_menu_price(
    struct toast_reader *r, struct json_object *o, const char *key, int64_t *ret_minor)
{
	const char *text;

	return json_as_decimal(json_member(o, key), &text) &&
	       money_parse_rounded(text, r->exponent, ret_minor) && *ret_minor >= 0;
}

bool
toast_menu_is_in_stock(struct toast_reader *r, const char *guid)
{
	size_t at;

	return !id_set_find(&r->sold_out, guid, &at);
}

/* ---- taxes and stock ---- */

static bool
read_tax(struct toast_reader *r, struct json_object *o, struct menu_doc_tax *t,
    const char **ret_why)
{
	const char *rate;

	t->external_id = toast_menu_guid(r, o, "guid");
	t->name = toast_menu_text(r, o, "name", TOAST_NAME_MAX);
	t->is_percent = pos_is_word(o, "type", "PERCENT");
	t->order_types = MENU_ALL_TYPES;
	t->is_active = true;
	if (t->external_id == NULL || t->name == NULL)
		return no(ret_why, "has no GUID or no name");
	if (!t->is_percent)
		return no(ret_why, "is of a kind that only Toast can count");
	/* 0.0625 is 6.25 %. */
	if (!json_as_decimal(json_member(o, "rate"), &rate) ||
	    !money_parse_rounded(rate, 6, &t->rate_micro) || t->rate_micro < 0)
		return no(ret_why, "has no rate");
	return true;
}

static void
read_taxes(struct toast_reader *r, struct json_object *list)
{
	size_t n = json_array_n(list) < ROWS_MAX ? json_array_n(list) : ROWS_MAX;
	struct menu_doc_tax *taxes = arena_array(r->arena, n, sizeof(*taxes));
	const char *why = "";

	id_set_init(&r->tax_ids, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct menu_doc_tax t = { .display_order = (int64_t)i };
		if (!read_tax(r, json_element(list, i), &t, &why))
			toast_menu_problem(r, "tax rate", t.external_id, why);
		else if (!id_set_add(&r->tax_ids, t.external_id, i))
			toast_menu_problem(r, "tax rate", t.external_id, "is listed twice");
		else
			taxes[r->doc.taxes_n++] = t;
	}
	r->doc.taxes = taxes;
}

static void
read_stock(struct toast_reader *r, struct json_object *list)
{
	size_t n = json_array_n(list);

	id_set_init(&r->sold_out, r->arena, n);
	for (size_t i = 0; i < n; i++) {
		const char *guid = toast_menu_guid(r, json_element(list, i), "guid");
		if (guid != NULL && pos_is_word(json_element(list, i), "status", "OUT_OF_STOCK"))
			id_set_add(&r->sold_out, guid, i);
	}
}

/* ---- items ---- */

static void
read_item_taxes(struct toast_reader *r, struct json_object *o, struct menu_doc_item *item)
{
	struct json_object *list = json_member(o, "taxInfo");
	const char **ids = arena_array(r->arena, TAXES_MAX, sizeof(*ids)), *s;
	size_t at;

	item->tax_external_ids = ids;
	if (!r->has_taxes) /* Toast alone counts them */
		return;
	for (size_t i = 0; i < json_array_n(list) && item->taxes_n < TAXES_MAX; i++) {
		const char *id = json_as_string(json_element(list, i), &s)
				     ? toast_guid(r->arena, s)
				     : NULL;
		if (id != NULL && id_set_find(&r->tax_ids, id, &at))
			ids[item->taxes_n++] = id;
		else
			toast_menu_problem(r, "item", item->external_id,
			    "bears a tax that can not be counted beforehand");
	}
	item->tax_inclusive = pos_is_word(o, "taxInclusion", "TAX_INCLUDED");
	if (pos_is_word(o, "taxInclusion", "SMART_TAX"))
		toast_menu_problem(r, "item", item->external_id,
		    "has its tax added or included as Toast sees fit; here it is added");
}

static enum menu_diet
diet_of(struct json_object *o)
{
	struct json_object *tags = json_member(o, "itemTags");

	for (size_t i = 0; i < json_array_n(tags); i++)
		if (pos_is_word(json_element(tags, i), "name", "vegetarian") ||
		    pos_is_word(json_element(tags, i), "name", "vegan"))
			return DIET_VEG;
	return DIET_OTHER;
}

/* A price that holds at any time and in any size; or else sizes. */
static bool
read_price(struct toast_reader *r, struct json_object *o, struct menu_doc_item *item,
    const char **ret_why)
{
	if (pos_is_word(o, "pricingStrategy", "SIZE_PRICE"))
		return toast_menu_sizes(r, o, item, ret_why);
	if (pos_is_word(o, "pricingStrategy", "TIME_SPECIFIC_PRICE"))
		return no(ret_why, "has a price that changes with the time of day");
	if (pos_is_word(o, "pricingStrategy", "OPEN_PRICE"))
		return no(ret_why, "has an open price");
	if (json_member(o, "pricingStrategy") != NULL &&
	    !pos_is_word(o, "pricingStrategy", "BASE_PRICE") &&
	    !pos_is_word(o, "pricingStrategy", "MENU_SPECIFIC_PRICE"))
		return no(ret_why, "is priced in a way that is not known");
	if (!toast_menu_price(r, o, "price", &item->price_minor))
		return no(ret_why, "has no price");
	return toast_menu_choices(r, json_member(o, "modifierGroupReferences"), NULL, NULL,
	    item->external_id, &item->choices, &item->choices_n, ret_why);
}

static bool
read_item(struct toast_reader *r, struct json_object *o, const char *category,
    struct menu_doc_item *item, const char **ret_why)
{
	const char *guid = toast_menu_guid(r, o, "guid");

	item->category_external_id = category;
	item->external_id = guid;
	item->name = toast_menu_text(r, o, "name", ITEM_NAME_MAX);
	item->description = toast_menu_text(r, o, "description", DESCRIPTION_MAX);
	item->image_url = toast_menu_text(r, o, "image", URL_MAX);
	item->diet = diet_of(o);
	item->is_active = true;
	item->order_types = MENU_ALL_TYPES;
	item->gst_liability = "restaurant";
	item->display_order = (int64_t)r->doc.items_n;
	if (guid == NULL || item->name == NULL)
		return no(ret_why, "has no GUID or no name");
	item->external_id = arena_printf(r->arena, "%s/%s", guid, category);
	item->is_available = toast_menu_is_in_stock(r, guid);
	read_item_taxes(r, o, item);
	return read_price(r, o, item, ret_why);
}

static void
read_items(struct toast_reader *r, struct json_object *list, const char *category)
{
	const char *why = "";

	for (size_t i = 0; i < json_array_n(list); i++) {
		struct json_object *o = json_element(list, i);
		struct menu_doc_item item = { 0 };
		if (!toast_menu_is_shown(o))
			continue;
		if (r->doc.items_n == r->rows_max) {
			toast_menu_problem(r, "menu group", category,
			    "has items beyond what a menu may have; they are left out");
			return;
		}
		if (!read_item(r, o, category, &item, &why))
			toast_menu_problem(r, "item", item.external_id, why);
		else if (!id_set_add(&r->item_ids, item.external_id, r->doc.items_n))
			toast_menu_problem(
			    r, "item", item.external_id, "is twice in its group");
		else
			r->items[r->doc.items_n++] = item;
	}
}

/* ---- groups of items ---- */

/* When the menu is to be had, as Toast tells it; NULL: always. */
static struct json_object *
schedule_of(struct json_object *menu)
{
	struct json_object *availability = json_member(menu, "availability");
	struct json_object *schedule = json_member(availability, "schedule");
	bool is_always;

	if (!json_is_array(schedule) ||
	    (json_as_bool(json_member(availability, "alwaysAvailable"), &is_always) && is_always))
		return NULL;
	return schedule;
}

static const char *
timings_of(struct toast_reader *r, struct json_object *schedule)
{
	const char *text = schedule == NULL ? NULL : json_text(r->arena, schedule);

	return text == NULL || strlen(text) > TIMINGS_MAX ? NULL : text;
}

/* "MONDAY TUESDAY 07:00-11:00; ...", as far as it goes. */
static const char *
hours_shown(struct toast_reader *r, struct json_object *schedule)
{
	struct buf b;

	buf_init(&b, r->arena, HOURS_SHOWN_MAX * 4);
	for (size_t i = 0; i < json_array_n(schedule); i++) {
		struct json_object *one = json_element(schedule, i);
		struct json_object *days = json_member(one, "days");
		struct json_object *ranges = json_member(one, "timeRanges");
		const char *s;
		buf_adds(&b, i == 0 ? "" : "; ");
		for (size_t k = 0; k < json_array_n(days); k++)
			if (json_as_string(json_element(days, k), &s))
				buf_addf(&b, "%s ", toast_text(r->arena, s, 12));
		for (size_t k = 0; k < json_array_n(ranges); k++) {
			struct json_object *range = json_element(ranges, k);
			const char *from = toast_menu_text(r, range, "start", 12);
			const char *to = toast_menu_text(r, range, "end", 12);
			if (from != NULL && to != NULL)
				buf_addf(&b, "%s%s-%s", k == 0 ? "" : ", ", from, to);
		}
	}
	return b.overflowed ? "many hours" : utf8_truncate(r->arena, b.data, HOURS_SHOWN_MAX);
}

/*
 * Hours of a menu are days of the week and times of the clock; here an item has named parts of the
 * day, which the restaurant sets. They are not dropped in silence.
 */
static void
note_hours(struct toast_reader *r, struct json_object *menu, struct json_object *schedule)
{
	const char *name = toast_menu_text(r, menu, "name", TOAST_NAME_MAX);

	toast_menu_problem(r, "menu", name == NULL ? toast_menu_guid(r, menu, "guid") : name,
	    arena_printf(r->arena,
		"is to be had at Toast at certain hours (%s), which are not kept here: its items "
		"need time slots of their own",
		hours_shown(r, schedule)));
}

/* A group that stands in two menus is one category, with the items of the first. */
static void
read_group(struct toast_reader *r, struct json_object *o, const char *parent, const char *timings,
    int depth)
{
	struct json_object *items = json_member(o, "menuItems"), *inner;
	const char *guid = toast_menu_guid(r, o, "guid");
	const char *name = toast_menu_text(r, o, "name", TOAST_NAME_MAX);
	size_t at;

	if (!toast_menu_is_shown(o))
		return;
	if (guid == NULL || name == NULL) {
		toast_menu_problem(r, "menu group", guid, "has no GUID or no name");
		return;
	}
	if (depth == DEPTH_MAX) {
		toast_menu_problem(r, "menu group", guid, "lies too deep in other groups");
		return;
	}
	if (id_set_find(&r->category_ids, guid, &at) || r->groups_seen == r->rows_max)
		return;
	id_set_add(&r->category_ids, guid, r->groups_seen++);
	if (parent != NULL)
		name = utf8_sanitise(
		    r->arena, arena_printf(r->arena, "%s / %s", parent, name), TOAST_NAME_MAX);
	if (json_array_n(items) > 0) {
		r->categories[r->doc.categories_n] = (struct menu_doc_category){ guid, name,
			(int64_t)r->doc.categories_n, true,
			toast_menu_text(r, o, "image", URL_MAX), timings };
		r->doc.categories_n++;
		read_items(r, items, guid);
	}
	inner = json_member(o, "menuGroups");
	for (size_t i = 0; i < json_array_n(inner); i++)
		read_group(r, json_element(inner, i), name, timings, depth + 1);
}

static void
read_menus(struct toast_reader *r, struct json_object *top)
{
	struct json_object *menus = json_member(top, "menus");

	for (size_t i = 0; i < json_array_n(menus); i++) {
		struct json_object *menu = json_element(menus, i);
		struct json_object *groups = json_member(menu, "menuGroups");
		struct json_object *schedule = schedule_of(menu);
		const char *timings = timings_of(r, schedule);
		if (!toast_menu_is_shown(menu))
			continue;
		if (schedule != NULL)
			note_hours(r, menu, schedule);
		for (size_t k = 0; k < json_array_n(groups); k++)
			read_group(r, json_element(groups, k), NULL, timings, 0);
	}
}

/* ---- the document ---- */

/* What is named by a GUID takes more than its length to be written down. */
static void
make_room(struct toast_reader *r, size_t len)
{
	size_t n = len / TOAST_GUID_LEN + 1 < ROWS_MAX ? len / TOAST_GUID_LEN + 1 : ROWS_MAX;

	r->rows_max = n;
	r->categories = arena_array(r->arena, n, sizeof(*r->categories));
	r->items = arena_array(r->arena, n, sizeof(*r->items));
	r->groups = arena_array(r->arena, n, sizeof(*r->groups));
	r->made = arena_array(r->arena, n, sizeof(*r->made));
	r->problems = arena_array(r->arena, PROBLEMS_MAX, sizeof(*r->problems));
	id_set_init(&r->category_ids, r->arena, n);
	id_set_init(&r->item_ids, r->arena, n);
	id_set_init(&r->group_ids, r->arena, n);
	id_set_init(&r->made_ids, r->arena, n);
	id_set_init(&r->tax_ids, r->arena, 1);
	id_set_init(&r->sold_out, r->arena, 1);
	r->doc.categories = r->categories;
	r->doc.items = r->items;
	r->doc.addon_groups = r->groups;
	r->doc.problems = r->problems;
}

/* The page of a name; one without a name is the menus. NULL: it is not there. */
static const struct pos_page *
page_of(const struct pos_page *pages, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(pages[i].name == NULL ? "menus" : pages[i].name, name) == 0)
			return &pages[i];
	return NULL;
}

/* The tree of a page; NULL and why. */
static struct json_object *
read_page(struct toast_reader *r, const struct pos_page *page, const char **ret_why)
{
	struct json_object *top = NULL;
	const char *why;

	if (json_read(r->arena, page->body.data, page->body.len, &json_limits_menu, &top, &why) !=
	    OK)
		*ret_why = arena_printf(r->arena, "The menu is not JSON: %s", why);
	else if (top == NULL)
		*ret_why = "The menu is not a JSON object";
	return top;
}

/*
 * A menu without a single item that can be sold is refused as a whole: it is far likelier to be an
 * accident than the wish to sell nothing.
 */
const char *
toast_read_menu(struct arena *a, const struct pos_config *config, const struct pos_page *pages,
    size_t pages_n, struct menu_doc *ret_menu)
{
	struct toast_reader r = { .arena = a };
	const struct pos_page *menus = page_of(pages, pages_n, "menus");
	const struct pos_page *taxes = page_of(pages, pages_n, "taxes");
	const struct pos_page *stock = page_of(pages, pages_n, "stock");
	const char *why = NULL;
	struct json_object *top;

	if (menus == NULL)
		return "There is no menu among the pages";
	if (config->core.currency == NULL || !money_exponent(config->core.currency, &r.exponent))
		return "The restaurant's currency is not known";
	top = read_page(&r, menus, &why);
	if (why == NULL && !json_is_array(json_member(top, "menus")))
		why = "The menu is not an object with menus";
	if (why != NULL)
		return why;
	make_room(&r, menus->body.len);
	r.has_taxes = taxes != NULL;
	if (taxes != NULL)
		read_taxes(&r, read_page(&r, taxes, &why));
	if (stock != NULL && why == NULL)
		read_stock(&r, read_page(&r, stock, &why));
	if (why != NULL)
		return why;
	r.group_refs = json_member(top, "modifierGroupReferences");
	r.option_refs = json_member(top, "modifierOptionReferences");
	r.doc.provider_restaurant_id = toast_menu_guid(&r, top, "restaurantGuid");
	read_menus(&r, top);
	if (r.doc.items_n == 0)
		return r.doc.problems_n == 0
			   ? "The menu has no items"
			   : arena_printf(a, "The menu has no item that can be used; %s %s",
				 r.problems[0].what, r.problems[0].sentence);
	*ret_menu = r.doc;
	return NULL;
}
