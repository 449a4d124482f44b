/*
 * menu: a provider's menu document, read and checked. What of it is kept can be: ids that are there, unique among their kind and
 * printable, names that are there, prices that are not negative, timings that are JSON.
 */
#include <string.h>

#include "fuzz.h"
#include "menu/menu_check.h"
#include "pos/pos.h"
#include "text/utf8.h"

static void
name_check(const char *id, const char *name, const char *what)
{
	must(id != NULL && id[0] != '\0' && fuzz_is_printable(id) && utf8_n(id) <= 80, "%s has an id", what);
	must(name != NULL && name[0] != '\0' && fuzz_is_printable(name) && utf8_n(name) <= 200, "%s %s has a name", what, id);
}

/* Rows of a size, each of which begins with its id. */
static void
ids_check(const void *rows, size_t n, size_t size, const char *what)
{
	const char *at = rows;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			must(strcmp(*(const char *const *)(const void *)(at + i * size),
				 *(const char *const *)(const void *)(at + j * size)) != 0,
			    "%s are told from each other", what);
}
#define IDS_CHECK(rows, n, what) ids_check((rows), (n), sizeof *(rows), (what))

static void
choices_check(const struct menu_doc_choice *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		must(c[i].group_external_id != NULL && c[i].min >= 0 && c[i].max >= 0 && (c[i].max == 0 || c[i].min <= c[i].max),
		    "a choice can be made");
}

static void
item_check(const struct menu_doc_item *item)
{
	name_check(item->external_id, item->name, "an item");
	must(item->price_minor >= 0 && item->packing_minor >= 0, "it costs nothing or more");
	must(item->description == NULL || utf8_is_valid(item->description, strlen(item->description)), "it is described in UTF-8");
	must((item->order_types & ~(unsigned)MENU_ALL_TYPES) == 0, "it is for orders of our types");
	must(strcmp(item->gst_liability, "restaurant") == 0 || strcmp(item->gst_liability, "vendor") == 0, "somebody owes its tax");
	choices_check(item->choices, item->choices_n);
	for (size_t i = 0; i < item->variations_n; i++) {
		const struct menu_doc_variation *v = &item->variations[i];

		name_check(v->external_id, v->name, "a variation");
		must(v->price_minor >= 0 && v->packing_minor >= 0, "it costs nothing or more");
		choices_check(v->choices, v->choices_n);
	}
	IDS_CHECK(item->variations, item->variations_n, "variations");
}

static void
doc_check(struct arena *a, const struct menu_doc *d)
{
	for (size_t i = 0; i < d->items_n; i++)
		item_check(&d->items[i]);
	for (size_t i = 0; i < d->categories_n; i++) {
		name_check(d->categories[i].external_id, d->categories[i].name, "a category");
		must(d->categories[i].timings == NULL || fuzz_is_json(a, d->categories[i].timings), "timings are JSON");
	}
	for (size_t i = 0; i < d->taxes_n; i++) {
		name_check(d->taxes[i].external_id, d->taxes[i].name, "a tax");
		must(d->taxes[i].rate_micro >= 0 && d->taxes[i].amount_minor >= 0, "a tax takes nothing or more");
	}
	for (size_t i = 0; i < d->addon_groups_n; i++) {
		const struct menu_doc_addon_group *g = &d->addon_groups[i];

		name_check(g->external_id, g->name, "a group");
		for (size_t j = 0; j < g->addons_n; j++) {
			name_check(g->addons[j].external_id, g->addons[j].name, "an add-on");
			must(g->addons[j].price_minor >= 0, "it costs nothing or more");
		}
		IDS_CHECK(g->addons, g->addons_n, "add-ons");
	}
	IDS_CHECK(d->items, d->items_n, "items");
	IDS_CHECK(d->categories, d->categories_n, "categories");
	IDS_CHECK(d->taxes, d->taxes_n, "taxes");
	IDS_CHECK(d->addon_groups, d->addon_groups_n, "groups");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	struct bytes body = fuzz_bytes(a, data, size);
	struct menu_doc doc = { .items_n = 0 }, checked;
	struct problems problems;
	const char *why;

	for (const struct pos_adapter *const *pos = pos_adapters(); *pos != NULL; pos++) {
		if ((*pos)->read_menu == NULL)
			continue;
		doc = (struct menu_doc){ .items_n = 0 };
		why = (*pos)->read_menu(a, fuzz_config(a, *pos), &(struct pos_page){ .body = body }, 1, &doc);
		must(why == NULL || (fuzz_is_printable(why) && doc.items_n == 0), "what is refused leaves nothing");
		if (why != NULL)
			continue;
		for (size_t i = 0; i < doc.problems_n; i++)
			must(fuzz_is_printable(doc.problems[i].what) && fuzz_is_printable(doc.problems[i].sentence),
			    "a problem can be shown");
		problems_init(&problems, a);
		checked = menu_check(&doc, &problems);
		doc_check(a, &checked);
		for (size_t i = 0; i < problems.n; i++)
			must(fuzz_is_printable(problems.list[i].what) && fuzz_is_printable(problems.list[i].sentence),
			    "so can one of the check");
	}
	arena_free(&a);
	return 0;
}
