#include "menu/menu_check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "text/json_read.h"
#include "text/utf8.h"

/* Widths of the columns in sql/schema/0004_menu.sql, in characters. */
#define ID_MAX 80
#define NAME_MAX_SHORT 100
#define NAME_MAX_ITEM 200
#define DESCRIPTION_MAX 2000
#define IMAGE_URL_MAX 1000
#define SLOTS_MAX 24

/* Ten thousand million of a currency's units: above it something was misread. */
#define PRICE_MAX_MINOR INT64_C(1000000000000)

void
problems_init(struct problems *p, struct arena *arena)
{
	*p = (struct problems){ .arena = arena };
	p->list = arena_array(arena, PROBLEMS_MAX, sizeof *p->list);
}

void
problem_add(struct problems *p, const char *kind, const char *id, const char *format, ...)
{
	va_list args;

	if (p->n == PROBLEMS_MAX) {
		p->lost++;
		return;
	}
	p->list[p->n].what = id != NULL ? arena_printf(p->arena, "%s %s", kind, id) : kind;
	va_start(args, format);
	p->list[p->n].sentence = arena_vprintf(p->arena, format, args);
	va_end(args);
	p->n++;
}

/* --- single values ------------------------------------------------------------------------- */

/*
 * Nothing for utf8_sanitise() to do: true of nearly every text of nearly every menu, and worth a
 * look because a cleaned copy takes room for three times the text.
 */
static bool
is_plain(const char *text, size_t max)
{
	size_t n = 0;

	for (; text[n] != '\0'; n++)
		if (text[n] < ' ' || text[n] > '~' || n == max ||
		    (text[n] == ' ' && (n == 0 || text[n + 1] == ' ' || text[n + 1] == '\0')))
			return false;
	return n > 0;
}

/*
 * An id is kept exactly or not at all; collations drop blanks at its end, people cannot see other
 * marks.
 */
static bool
id_ok(struct problems *p, const char *kind, const char *id)
{
	if (id == NULL || id[0] == '\0') {
		problem_add(p, kind, NULL, "has no id and was left out");
		return false;
	}
	if (is_plain(id, ID_MAX))
		return true;
	if (utf8_n(id) > ID_MAX || strcmp(utf8_sanitise(p->arena, id, ID_MAX), id) != 0) {
		problem_add(p, kind, utf8_sanitise(p->arena, id, ID_MAX),
		    "has an id that cannot be kept and was left out");
		return false;
	}
	return true;
}

/* NULL if nothing is left of it. */
static const char *
text_fit(struct problems *p, const char *kind, const char *id, const char *text, size_t max)
{
	const char *clean;

	if (text == NULL || is_plain(text, max))
		return text;
	clean = utf8_sanitise(p->arena, text, SIZE_MAX);
	if (utf8_n(clean) > max) {
		problem_add(p, kind, id, "has a text longer than %zu characters, which was cut",
		    max);
		clean = utf8_sanitise(p->arena, clean, max);
	}
	return clean[0] != '\0' ? clean : NULL;
}

static bool
name_fit(struct problems *p, const char *kind, const char *id, const char **name, size_t max)
{
	*name = text_fit(p, kind, id, *name, max);
	if (*name != NULL)
		return true;
	problem_add(p, kind, id, "has no name and was left out");
	return false;
}

static bool
price_ok(struct problems *p, const char *kind, const char *id, int64_t price_minor)
{
	if (price_minor >= 0 && price_minor <= PRICE_MAX_MINOR)
		return true;
	problem_add(p, kind, id, "has an impossible price and was left out");
	return false;
}

static int64_t
within(int64_t n, int64_t min, int64_t max)
{
	return n < min ? min : n > max ? max : n;
}

static int64_t
order_fit(int64_t display_order)
{
	return within(display_order, INT32_MIN, INT32_MAX);
}

static const char *
image_fit(struct problems *p, const char *kind, const char *id, const char *url)
{
	if (url == NULL || url[0] == '\0')
		return NULL;
	if (utf8_is_valid(url, strlen(url)) && utf8_n(url) <= IMAGE_URL_MAX)
		return url;
	problem_add(p, kind, id, "has an image address that cannot be kept");
	return NULL;
}

static const char *
json_fit(struct problems *p, const char *kind, const char *id, const char *json)
{
	struct json_survey survey;
	const char *why;

	if (json == NULL || json[0] == '\0')
		return NULL;
	if (json_scan(p->arena, json, strlen(json), &json_limits_default, &survey, &why) == OK)
		return json;
	problem_add(p, kind, id, "has timings that are not JSON, which were left out");
	return NULL;
}

/* --- the second of its name ---------------------------------------------------------------- */

struct seen {
	const char *id;
	size_t i;
};

static int
seen_compare(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order != 0 ? order : (x->i > y->i) - (x->i < y->i);
}

/*
 * The ids of n rows of a size, at an offset; fills `is_again` for every row whose id an earlier row
 * has. A NULL id is nobody's.
 */
static const bool *
again_find(struct arena *arena, const void *rows, size_t n, size_t size, size_t id_offset)
{
	struct seen *seen = arena_array(arena, n, sizeof *seen);
	bool *is_again = arena_array(arena, n, sizeof *is_again);
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		const char *id;

		memcpy(&id, (const char *)rows + i * size + id_offset, sizeof id);
		if (id != NULL)
			seen[m++] = (struct seen){ id, i };
	}
	if (m > 1)
		qsort(seen, m, sizeof *seen, seen_compare);
	for (size_t i = 1; i < m; i++)
		is_again[seen[i].i] = strcmp(seen[i].id, seen[i - 1].id) == 0;
	return is_again;
}

static bool
is_first(struct problems *p, const char *kind, const char *id, bool is_again)
{
	if (is_again)
		problem_add(p, kind, id, "is there twice; the second was left out");
	return !is_again;
}

/* --- the kinds of rows --------------------------------------------------------------------- */

static void
taxes_check(const struct menu_doc *doc, struct problems *p, struct menu_doc *ret)
{
	const bool *is_again = again_find(p->arena, doc->taxes, doc->taxes_n, sizeof *doc->taxes,
	    offsetof(struct menu_doc_tax, external_id));
	struct menu_doc_tax *out = arena_array(p->arena, doc->taxes_n, sizeof *out);
	size_t n = 0;

	for (size_t i = 0; i < doc->taxes_n; i++) {
		struct menu_doc_tax t = doc->taxes[i];

		if (!id_ok(p, "tax", t.external_id) ||
		    !is_first(p, "tax", t.external_id, is_again[i]) ||
		    !name_fit(p, "tax", t.external_id, &t.name, NAME_MAX_SHORT) ||
		    !price_ok(p, "tax", t.external_id,
			t.is_percent ? t.rate_micro : t.amount_minor))
			continue;
		if (t.is_percent)
			t.amount_minor = 0;
		else
			t.rate_micro = 0;
		t.order_types &= MENU_ALL_TYPES;
		t.charges &= MENU_ON_PACKING | MENU_ON_DELIVERY;
		t.display_order = order_fit(t.display_order);
		out[n++] = t;
	}
	ret->taxes = out;
	ret->taxes_n = n;
}

static void
categories_check(const struct menu_doc *doc, struct problems *p, struct menu_doc *ret)
{
	const bool *is_again = again_find(p->arena, doc->categories, doc->categories_n,
	    sizeof *doc->categories, offsetof(struct menu_doc_category, external_id));
	struct menu_doc_category *out = arena_array(p->arena, doc->categories_n, sizeof *out);
	size_t n = 0;

	for (size_t i = 0; i < doc->categories_n; i++) {
		struct menu_doc_category c = doc->categories[i];
		const char *id = c.external_id;

		if (!id_ok(p, "category", id) || !is_first(p, "category", id, is_again[i]) ||
		    !name_fit(p, "category", id, &c.name, NAME_MAX_SHORT))
			continue;
		c.display_order = order_fit(c.display_order);
		c.image_url = image_fit(p, "category", id, c.image_url);
		c.timings = json_fit(p, "category", id, c.timings);
		out[n++] = c;
	}
	ret->categories = out;
	ret->categories_n = n;
}

static void
addons_check(struct menu_doc_addon_group *group, struct problems *p)
{
	const bool *is_again = again_find(p->arena, group->addons, group->addons_n,
	    sizeof *group->addons, offsetof(struct menu_doc_addon, external_id));
	struct menu_doc_addon *out = arena_array(p->arena, group->addons_n, sizeof *out);
	size_t n = 0;

	for (size_t i = 0; i < group->addons_n; i++) {
		struct menu_doc_addon a = group->addons[i];
		const char *id = a.external_id;

		if (!id_ok(p, "add-on", id) || !is_first(p, "add-on", id, is_again[i]) ||
		    !name_fit(p, "add-on", id, &a.name, NAME_MAX_SHORT) ||
		    !price_ok(p, "add-on", id, a.price_minor))
			continue;
		a.display_order = order_fit(a.display_order);
		out[n++] = a;
	}
	group->addons = out;
	group->addons_n = n;
}

static void
groups_check(const struct menu_doc *doc, struct problems *p, struct menu_doc *ret)
{
	const bool *is_again = again_find(p->arena, doc->addon_groups, doc->addon_groups_n,
	    sizeof *doc->addon_groups, offsetof(struct menu_doc_addon_group, external_id));
	struct menu_doc_addon_group *out = arena_array(p->arena, doc->addon_groups_n, sizeof *out);
	size_t n = 0;

	for (size_t i = 0; i < doc->addon_groups_n; i++) {
		struct menu_doc_addon_group g = doc->addon_groups[i];
		const char *id = g.external_id;

		if (!id_ok(p, "add-on group", id) ||
		    !is_first(p, "add-on group", id, is_again[i]) ||
		    !name_fit(p, "add-on group", id, &g.name, NAME_MAX_SHORT))
			continue;
		g.display_order = order_fit(g.display_order);
		addons_check(&g, p);
		out[n++] = g;
	}
	ret->addon_groups = out;
	ret->addon_groups_n = n;
}

static void
choices_check(const char *kind, const char *id, struct problems *p,
    const struct menu_doc_choice **choices, size_t *choices_n)
{
	const bool *is_again = again_find(p->arena, *choices, *choices_n, sizeof **choices,
	    offsetof(struct menu_doc_choice, group_external_id));
	struct menu_doc_choice *out = arena_array(p->arena, *choices_n, sizeof *out);
	size_t n = 0;

	for (size_t i = 0; i < *choices_n; i++) {
		struct menu_doc_choice c = (*choices)[i];

		if (c.group_external_id == NULL || is_again[i]) {
			problem_add(p, kind, id,
			    "names an add-on group twice, or one without an id");
			continue;
		}
		c.min = within(c.min, 0, INT32_MAX);
		c.max = within(c.max, 0, INT32_MAX);
		if (c.max > 0 && c.min > c.max) {
			problem_add(p, kind, id,
			    "wants at least %lld and at most %lld of add-on group %s",
			    (long long)c.min, (long long)c.max, c.group_external_id);
			c.min = c.max;
		}
		out[n++] = c;
	}
	*choices = out;
	*choices_n = n;
}

static void
variations_check(struct menu_doc_item *item, struct problems *p)
{
	const bool *is_again = again_find(p->arena, item->variations, item->variations_n,
	    sizeof *item->variations, offsetof(struct menu_doc_variation, external_id));
	struct menu_doc_variation *out = arena_array(p->arena, item->variations_n, sizeof *out);
	size_t n = 0, active_n = 0;

	for (size_t i = 0; i < item->variations_n; i++) {
		struct menu_doc_variation v = item->variations[i];
		const char *id = v.external_id;

		if (!id_ok(p, "variation", id) || !is_first(p, "variation", id, is_again[i]) ||
		    !name_fit(p, "variation", id, &v.name, NAME_MAX_SHORT) ||
		    !price_ok(p, "variation", id, v.price_minor) ||
		    !price_ok(p, "variation", id, v.packing_minor))
			continue;
		v.variation_code = text_fit(p, "variation", id, v.variation_code, ID_MAX);
		v.display_order = order_fit(v.display_order);
		choices_check("variation", id, p, &v.choices, &v.choices_n);
		active_n += v.is_active;
		out[n++] = v;
	}
	/* Without its variations it would be sold at a price of its own, which often is 0. */
	if (item->variations_n > 0 && active_n == 0)
		item->is_active = false;
	item->variations = out;
	item->variations_n = n;
}

static void
tax_ids_check(struct menu_doc_item *item, struct problems *p)
{
	const bool *is_again = again_find(p->arena, item->tax_external_ids, item->taxes_n,
	    sizeof *item->tax_external_ids, 0);
	const char **out = arena_array(p->arena, item->taxes_n, sizeof *out);
	size_t n = 0;

	for (size_t i = 0; i < item->taxes_n; i++)
		if (item->tax_external_ids[i] != NULL && !is_again[i])
			out[n++] = item->tax_external_ids[i];
	item->tax_external_ids = out;
	item->taxes_n = n;
}

static void
slots_check(struct menu_doc_item *item, struct problems *p)
{
	size_t n = item->time_slots_n < SLOTS_MAX ? item->time_slots_n : SLOTS_MAX;
	const char **out = arena_array(p->arena, n, sizeof *out);

	item->time_slots_n = 0;
	for (size_t i = 0; i < n; i++) {
		const char *slot =
		    text_fit(p, "item", item->external_id, item->time_slots[i], ID_MAX);

		if (slot != NULL)
			out[item->time_slots_n++] = slot;
	}
	item->time_slots = out;
}

static bool
item_check(struct menu_doc_item *item, struct problems *p, bool is_again)
{
	const char *id = item->external_id;

	if (!id_ok(p, "item", id) || !is_first(p, "item", id, is_again) ||
	    !name_fit(p, "item", id, &item->name, NAME_MAX_ITEM) ||
	    !price_ok(p, "item", id, item->price_minor) ||
	    !price_ok(p, "item", id, item->packing_minor))
		return false;
	item->description = text_fit(p, "item", id, item->description, DESCRIPTION_MAX);
	item->image_url = image_fit(p, "item", id, item->image_url);
	if ((unsigned)item->diet > DIET_OTHER)
		item->diet = DIET_OTHER;
	item->order_types &= MENU_ALL_TYPES;
	if (item->gst_liability == NULL || strcmp(item->gst_liability, "vendor") != 0)
		item->gst_liability = "restaurant";
	item->display_order = order_fit(item->display_order);
	slots_check(item, p);
	tax_ids_check(item, p);
	choices_check("item", id, p, &item->choices, &item->choices_n);
	variations_check(item, p);
	return true;
}

static void
items_check(const struct menu_doc *doc, struct problems *p, struct menu_doc *ret)
{
	const bool *is_again = again_find(p->arena, doc->items, doc->items_n, sizeof *doc->items,
	    offsetof(struct menu_doc_item, external_id));
	struct menu_doc_item *out = arena_array(p->arena, doc->items_n, sizeof *out);
	size_t n = 0;

	for (size_t i = 0; i < doc->items_n; i++) {
		out[n] = doc->items[i];
		if (item_check(&out[n], p, is_again[i]))
			n++;
	}
	ret->items = out;
	ret->items_n = n;
}

struct menu_doc
menu_check(const struct menu_doc *doc, struct problems *p)
{
	struct menu_doc ret = { .provider_restaurant_id = doc->provider_restaurant_id };

	for (size_t i = 0; i < doc->problems_n; i++)
		problem_add(p, doc->problems[i].what, NULL, "%s", doc->problems[i].sentence);
	taxes_check(doc, p, &ret);
	categories_check(doc, p, &ret);
	groups_check(doc, p, &ret);
	items_check(doc, p, &ret);
	return ret;
}
