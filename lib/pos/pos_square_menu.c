/*
 * Square's catalog as a menu: fetched page by page, read as a whole.
 *
 * What is not at the location, deleted or archived is left out without a word: it is not of this
 * menu. What can not be sold through us is left out and named: a price that is asked at the till,
 * sale by weight, an appointment. What is ordered is a variation: an item that has only one goes by
 * that one's id and offers no choice.
 */
#include "pos/pos_square_menu.h"

#include <stdlib.h>
#include <string.h>

#include "mem/buf.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/money.h"
#include "text/url.h"
#include "text/utf8.h"

#define PAGES_MAX 500
#define NAME_MAX 100
#define URL_MAX 1000
#define PROBLEMS_MAX 500
#define NESTING_MAX 10
#define NONE_ID "ticketrail-uncategorised"
#define NONE_NAME "Other"

/* ---- fetching ---- */

bool
square_menu_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct square_progress p = square_progress_read(a, task->progress);
	const char *path = "/v2/catalog/list?types=ITEM,CATEGORY,MODIFIER_LIST,TAX,IMAGE";

	(void)problems;
	if (p.cursor != NULL)
		path = arena_printf(a, "%s&cursor=%s", path, url_encode(a, p.cursor));
	*ret_call = square_call(a, task->config, "GET", square_url(a, task->config, path),
	    (struct bytes){ NULL, 0 });
	return true;
}

struct pos_outcome
square_menu_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct square_progress p = square_progress_read(a, task->progress);
	struct square_reply s = square_reply_read(a, r, true);
	struct json_object *objects = json_member(s.top, "objects");
	const char *cursor = "";
	struct pos_outcome o;

	if (!s.is_good || (objects == NULL && json_has_member(s.top, "errors")) ||
	    (objects != NULL && !json_is_array(objects)))
		return pos_outcome_of(square_verdict(a, task, r, &s, false));
	json_as_string(json_member(s.top, "cursor"), &cursor);
	if (strlen(cursor) > SQUARE_CURSOR_MAX || p.page >= PAGES_MAX || p.page < 1 ||
	    (p.cursor != NULL && strcmp(p.cursor, cursor) == 0))
		return pos_outcome_of(square_garbled(false, "Square's menu does not end"));
	o = pos_outcome_of(
	    (struct verdict){ OUTCOME_DONE, CAUSE_NONE, "Square sent its menu", 0 });
	o.page = arena_printf(a, "%lld", (long long)p.page);
	if (*cursor == '\0')
		return o;
	p.cursor = cursor;
	p.page++;
	o.has_next = true;
	o.progress = square_progress_write(a, &p);
	return o;
}

/* ---- what parts have in common ---- */

void
square_menu_problem(
    struct square_menu *m, const char *kind, const char *id, const char *sentence)
{
	if (m->doc.problems_n >= PROBLEMS_MAX)
		return;
	m->problems[m->doc.problems_n] = (struct menu_doc_problem){
		arena_printf(m->arena, "%s %s", kind, id == NULL ? "without id" : id), sentence
	};
	if (m->doc.problems_n == PROBLEMS_MAX - 1)
		m->problems[m->doc.problems_n] =
		    (struct menu_doc_problem){ "menu", "has more problems than are listed" };
	m->doc.problems_n++;
}

const char *
square_menu_id(struct arena *a, struct json_object *node)
{
	const char *id = square_id(a, node);

	return id != NULL && strlen(id) <= SQUARE_MENU_ID_MAX ? id : NULL;
}

const char *
square_menu_text(struct arena *a, struct json_object *o, const char *key, size_t max)
{
	const char *s;

	if (!json_as_string(json_member(o, key), &s))
		return NULL;
	s = utf8_sanitise(a, s, max);
	return *s == '\0' ? NULL : s;
}

bool
square_menu_flag(struct json_object *o, const char *key, bool otherwise)
{
	bool is_on;

	return json_as_bool(json_member(o, key), &is_on) ? is_on : otherwise;
}

int64_t
square_menu_int(struct json_object *o, const char *key, int64_t otherwise)
{
	int64_t n;

	return json_lax_int64(json_member(o, key), &n) ? n : otherwise;
}

static bool
has_id(struct json_object *list, const char *id)
{
	const char *s;

	for (size_t i = 0; i < json_array_n(list); i++)
		if (json_as_string(json_element(list, i), &s) && strcmp(s, id) == 0)
			return true;
	return false;
}

bool
square_menu_is_here(const struct square_menu *m, struct json_object *o)
{
	if (square_menu_flag(o, "is_deleted", false))
		return false;
	if (square_menu_flag(o, "present_at_all_locations", true))
		return !has_id(json_member(o, "absent_at_location_ids"), m->location);
	return has_id(json_member(o, "present_at_location_ids"), m->location);
}

/* What the location says otherwise; NULL: nothing. */
struct json_object *
square_menu_override(const struct square_menu *m, struct json_object *data)
{
	struct json_object *list = json_member(data, "location_overrides");
	const char *s;

	for (size_t i = 0; i < json_array_n(list); i++)
		if (json_as_string(json_member(json_element(list, i), "location_id"), &s) &&
		    strcmp(s, m->location) == 0)
			return json_element(list, i);
	return NULL;
}

/* ---- taxes ---- */

static void
read_tax(struct square_menu *m, struct json_object *o)
{
	struct json_object *data = json_member(o, "tax_data");
	const char *rate, *kind = "";
	struct menu_doc_tax tax = {
		.external_id = square_menu_id(m->arena, json_member(o, "id")),
		.name = square_menu_text(m->arena, data, "name", NAME_MAX),
		.is_percent = true,
		.order_types = MENU_ALL_TYPES,
		.is_active = square_menu_flag(data, "enabled", true),
		.display_order = (int64_t)m->doc.taxes_n,
	};

	if (tax.external_id == NULL || tax.name == NULL) {
		square_menu_problem(m, "tax", tax.external_id, "has no id or no name");
	} else if (!json_lax_decimal(json_member(data, "percentage"), &rate) ||
		   !money_parse_percent(rate, &tax.rate_micro) || tax.rate_micro < 0) {
		square_menu_problem(m, "tax", tax.external_id, "has no rate");
	} else if (!id_set_add(&m->taxes_by_id, tax.external_id, m->doc.taxes_n)) {
		square_menu_problem(m, "tax", tax.external_id, "is listed twice");
	} else {
		json_as_string(json_member(data, "inclusion_type"), &kind);
		m->tax_is_inclusive[m->doc.taxes_n] = strcmp(kind, "INCLUSIVE") == 0;
		if (pos_is_word(data, "calculation_phase", "TAX_TOTAL_PHASE"))
			square_menu_problem(m, "tax", tax.external_id,
			    "is taken of other taxes too at Square, and not here");
		m->taxes[m->doc.taxes_n++] = tax;
	}
}

/* ---- modifier lists ---- */

static void
read_modifier(struct square_menu *m, struct json_object *o, size_t i, struct id_set *seen,
    struct menu_doc_addon_group *group, struct menu_doc_addon *addons)
{
	struct json_object *data = json_member(o, "modifier_data");
	struct json_object *here = square_menu_override(m, data);
	struct json_object *price = json_member(here, "price_money");
	struct menu_doc_addon addon = {
		.external_id = square_menu_id(m->arena, json_member(o, "id")),
		.name = square_menu_text(m->arena, data, "name", NAME_MAX),
		.is_available = !square_menu_flag(here, "sold_out", false),
		.is_active = !square_menu_flag(data, "hidden_online", false),
		.display_order = square_menu_int(data, "ordinal", (int64_t)i),
	};

	if (!square_menu_is_here(m, o))
		return;
	if (price == NULL)
		price = json_member(data, "price_money");
	if (addon.external_id == NULL || addon.name == NULL)
		square_menu_problem(m, "modifier", addon.external_id, "has no id or no name");
	else if (price != NULL &&
		 (!square_money(price, m->currency, &addon.price_minor) || addon.price_minor < 0))
		square_menu_problem(
		    m, "modifier", addon.external_id, "has no price in the restaurant's currency");
	else if (!id_set_add(seen, addon.external_id, i))
		square_menu_problem(m, "modifier", addon.external_id, "is twice in its list");
	else
		addons[group->addons_n++] = addon;
}

/* What is to be typed in can not be ordered here. */
static void
read_modifier_list(struct square_menu *m, struct json_object *o)
{
	struct json_object *data = json_member(o, "modifier_list_data");
	struct json_object *list = json_member(data, "modifiers");
	size_t n = json_array_n(list);
	struct menu_doc_addon *addons = arena_array(m->arena, n, sizeof(*addons));
	const char *type = "LIST", *selection = "MULTIPLE";
	struct menu_doc_addon_group g = {
		.external_id = square_menu_id(m->arena, json_member(o, "id")),
		.name = square_menu_text(m->arena, data, "name", NAME_MAX),
		.is_active = true,
		.display_order = square_menu_int(data, "ordinal", (int64_t)m->doc.addon_groups_n),
		.addons = addons,
	};
	struct id_set seen;

	json_as_string(json_member(data, "modifier_type"), &type);
	json_as_string(json_member(data, "selection_type"), &selection);
	if (g.external_id == NULL || g.name == NULL) {
		square_menu_problem(m, "modifier list", g.external_id, "has no id or no name");
	} else if (strcmp(type, "TEXT") == 0) {
		square_menu_problem(m, "modifier list", g.external_id,
		    "asks for a text, which goes into the item's note instead");
		id_set_add(&m->text_lists, g.external_id, 0);
	} else if (!id_set_add(&m->lists_by_id, g.external_id, m->doc.addon_groups_n)) {
		square_menu_problem(m, "modifier list", g.external_id, "is listed twice");
	} else {
		id_set_init(&seen, m->arena, n);
		for (size_t i = 0; i < n; i++)
			read_modifier(m, json_element(list, i), i, &seen, &g, addons);
		m->list_bounds[m->doc.addon_groups_n] = (struct square_bounds){
			.min = square_menu_int(data, "min_selected_modifiers", -1),
			.max = square_menu_int(data, "max_selected_modifiers", -1),
			.is_single = strcmp(selection, "SINGLE") == 0,
		};
		m->groups[m->doc.addon_groups_n++] = g;
	}
}

/* ---- categories ---- */

/* MENU_CATEGORY and REGULAR_CATEGORY; a kitchen's are not for guests. */
static void
read_category(struct square_menu *m, struct json_object *o)
{
	struct json_object *data = json_member(o, "category_data");
	struct json_object *parent = json_member(data, "parent_category");
	const char *type = "REGULAR_CATEGORY", *id, *name;

	json_as_string(json_member(data, "category_type"), &type);
	if (strcmp(type, "KITCHEN_CATEGORY") == 0)
		return;
	id = square_menu_id(m->arena, json_member(o, "id"));
	name = square_menu_text(m->arena, data, "name", NAME_MAX);
	if (id == NULL || name == NULL) {
		square_menu_problem(m, "category", id, "has no id or no name");
	} else if (!id_set_add(&m->categories_by_id, id, m->categories_n)) {
		square_menu_problem(m, "category", id, "is listed twice");
	} else {
		m->categories[m->categories_n] = (struct square_category){
			.id = id,
			.name = name,
			.parent = square_menu_id(m->arena, json_member(parent, "id")),
			.ordinal = square_menu_int(parent, "ordinal", 0),
			.at = m->categories_n,
			.is_menu = strcmp(type, "MENU_CATEGORY") == 0,
			.is_visible = square_menu_flag(data, "online_visibility", true),
		};
		m->categories_n++;
		/* Days and times, where an item here has named parts of the day. */
		if (json_array_n(json_member(data, "availability_period_ids")) > 0)
			square_menu_problem(m, "category", id,
			    "is to be had at Square at certain hours, which are not kept here: "
			    "its items need time slots of their own");
	}
}

/* From the outermost to the category itself; a circle ends somewhere. */
static void
path_find(struct square_menu *m, struct square_category *c)
{
	const struct square_category *way[NESTING_MAX], *at = c;
	size_t n = 0, where;

	while (n < NESTING_MAX) {
		way[n++] = at;
		if (at->parent == NULL ||
		    !id_set_find(&m->categories_by_id, at->parent, &where))
			break;
		at = &m->categories[where];
	}
	c->path_n = n;
	c->path = arena_array(m->arena, n, sizeof(*c->path));
	c->full_name = way[n - 1]->name;
	for (size_t i = 0; i < n; i++) {
		c->path[i] = way[n - 1 - i];
		c->is_shown = (i == 0 || c->is_shown) && way[n - 1 - i]->is_visible;
		if (i > 0)
			c->full_name =
			    arena_printf(m->arena, "%s / %s", c->full_name, c->path[i]->name);
	}
	c->full_name = utf8_truncate(m->arena, c->full_name, NAME_MAX);
}

static int
path_compare(const void *left, const void *right)
{
	const struct square_category *a = *(const struct square_category *const *)left;
	const struct square_category *b = *(const struct square_category *const *)right;

	for (size_t i = 0; i < a->path_n && i < b->path_n; i++) {
		const struct square_category *x = a->path[i], *y = b->path[i];
		if (x->ordinal != y->ordinal)
			return x->ordinal < y->ordinal ? -1 : 1;
		if (x->at != y->at)
			return x->at < y->at ? -1 : 1;
	}
	return a->path_n < b->path_n ? -1 : a->path_n > b->path_n;
}

/* Those that something is in, a category before what is nested in it. */
static void
list_categories(struct square_menu *m)
{
	struct square_category **order = arena_array(m->arena, m->categories_n, sizeof(*order));
	struct menu_doc_category *list =
	    arena_array(m->arena, m->categories_n + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < m->categories_n; i++)
		if (m->categories[i].is_used) {
			path_find(m, &m->categories[i]);
			order[n++] = &m->categories[i];
		}
	if (n > 1)
		qsort(order, n, sizeof(*order), path_compare);
	for (size_t i = 0; i < n; i++)
		list[i] = (struct menu_doc_category){ .external_id = order[i]->id,
			.name = order[i]->full_name,
			.display_order = (int64_t)i,
			.is_active = order[i]->is_shown };
	if (m->has_uncategorised) {
		list[n] = (struct menu_doc_category){ .external_id = NONE_ID,
			.name = NONE_NAME,
			.display_order = (int64_t)n,
			.is_active = true };
		n++;
	}
	m->doc.categories = list;
	m->doc.categories_n = n;
}

const char *
square_menu_uncategorised(struct square_menu *m)
{
	m->has_uncategorised = true;
	return NONE_ID;
}

/* ---- the whole ---- */

static void
read_image(struct square_menu *m, struct json_object *o)
{
	const char *id = square_id(m->arena, json_member(o, "id"));
	const char *url =
	    square_menu_text(m->arena, json_member(o, "image_data"), "url", URL_MAX);

	if (id != NULL && url != NULL && id_set_add(&m->images_by_id, id, m->images_n))
		m->images[m->images_n++] = url;
}

static void
menu_init(struct square_menu *m, size_t n)
{
	struct arena *a = m->arena;

	m->problems = arena_array(a, PROBLEMS_MAX, sizeof(*m->problems));
	m->taxes = arena_array(a, n, sizeof(*m->taxes));
	m->tax_is_inclusive = arena_array(a, n, sizeof(*m->tax_is_inclusive));
	m->groups = arena_array(a, n, sizeof(*m->groups));
	m->list_bounds = arena_array(a, n, sizeof(*m->list_bounds));
	m->categories = arena_array(a, n, sizeof(*m->categories));
	m->images = arena_array(a, n, sizeof(*m->images));
	m->item_nodes = arena_array(a, n, sizeof(*m->item_nodes));
	id_set_init(&m->taxes_by_id, a, n);
	id_set_init(&m->lists_by_id, a, n);
	id_set_init(&m->text_lists, a, n);
	id_set_init(&m->categories_by_id, a, n);
	id_set_init(&m->images_by_id, a, n);
	id_set_init(&m->items_by_id, a, n);
	m->doc.problems = m->problems;
	m->doc.taxes = m->taxes;
	m->doc.addon_groups = m->groups;
}

static void
read_object(struct square_menu *m, struct json_object *o)
{
	const char *type;

	if (!json_as_string(json_member(o, "type"), &type))
		return;
	if (strcmp(type, "IMAGE") == 0)
		read_image(m, o);
	else if (!square_menu_is_here(m, o))
		return;
	else if (strcmp(type, "TAX") == 0)
		read_tax(m, o);
	else if (strcmp(type, "MODIFIER_LIST") == 0)
		read_modifier_list(m, o);
	else if (strcmp(type, "CATEGORY") == 0)
		read_category(m, o);
	else if (strcmp(type, "ITEM") == 0)
		m->item_nodes[m->items_n++] = o;
}

/*
 * A menu without a single item that can be sold is refused as a whole: it is far likelier to be an
 * accident than the wish to sell nothing, and taking it would empty the shop.
 */
const char *
square_read_menu(struct arena *a, const struct pos_config *config, const struct pos_page *pages,
    size_t pages_n, struct menu_doc *ret_menu)
{
	struct square_menu m = { .arena = a,
		.location = pos_config_text(config, SQ_LOCATION),
		.currency = config->core.currency };
	struct json_object **lists = arena_array(a, pages_n, sizeof(*lists));
	const char *why;
	size_t n = 0;

	if (m.location == NULL || m.currency == NULL)
		return "The restaurant's location_id or currency is not known";
	for (size_t i = 0; i < pages_n; i++) {
		struct json_object *top;
		if (json_read(a, pages[i].body.data, pages[i].body.len, &json_limits_menu, &top,
			&why) != OK)
			return arena_printf(a, "The menu is not JSON: %s", why);
		if (!json_is_object(top))
			return "The menu is not a JSON object";
		lists[i] = json_member(top, "objects");
		n += json_array_n(lists[i]);
	}
	menu_init(&m, n);
	for (size_t i = 0; i < pages_n; i++)
		for (size_t k = 0; k < json_array_n(lists[i]); k++)
			read_object(&m, json_element(lists[i], k));
	square_menu_read_items(&m);
	list_categories(&m);
	if (m.doc.items_n == 0)
		return m.doc.problems_n == 0
			   ? "The menu has no items"
			   : arena_printf(a, "The menu has no item that can be used; %s %s",
				 m.problems[0].what, m.problems[0].sentence);
	*ret_menu = m.doc;
	return NULL;
}
