/*
 * Square: its catalog as our menu: fetched over its pages, what is read of it, what is left out,
 * and what is refused as a whole.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "menu/menu_check.h"
#include "order_file.h"
#include "pos/pos.h"
#include "tap.h"

#define DIR "t/golden/square/"
#define SOLD_OUT(id) "{\"type\":\"ITEM_VARIATION\",\"id\":\"" id "\",\"item_variation_data\":{\"name\":\"" id "\"," \
	"\"price_money\":{\"amount\":100,\"currency\":\"USD\"},\"location_overrides\":[{\"location_id\":\"demo4bistro\",\"sold_out\":true}]}}"

static const struct pos_config *
square_config(struct arena *a)
{
	return adapter_config(a, &pos_square, "{}", "USD");
}

static const struct menu_doc_item *
item(const struct menu_doc *d, const char *id)
{
	for (size_t i = 0; i < d->items_n; i++)
		if (strcmp(d->items[i].external_id, id) == 0)
			return &d->items[i];
	return NULL;
}

static bool
has_problem(const struct menu_doc *d, const char *what, const char *sentence)
{
	for (size_t i = 0; i < d->problems_n; i++)
		if (strcmp(d->problems[i].what, what) == 0 &&
		    strcmp(d->problems[i].sentence, sentence) == 0)
			return true;
	diag("no problem: %s %s", what, sentence);
	return false;
}

static bool
read_files(struct arena *a, struct menu_doc *ret)
{
	struct pos_page pages[2] = {
		{ .name = "2", .body = adapter_text(json_file_compact(a, DIR "menu_2.json")) },
		{ .name = "1", .body = adapter_text(json_file_compact(a, DIR "menu_1.json")) },
	};
	const char *why = pos_square.read_menu(a, square_config(a), pages, 2, ret);

	if (why != NULL)
		diag("%s", why);
	return why == NULL;
}

static void
test_lists(const struct menu_doc *d)
{
	static const struct {
		const char *id, *name;
		bool is_active;
	} categories[] = {
		{ "C5", "Lunch menu", true },
		{ "CA", NULL, true }, /* a circle ends somewhere */
		{ "C4", "Starters", true },
		{ "C3", "Drinks / Cold", true },
		{ "C2", "Drinks / Hot", true },
		{ "C8", "Hidden / Below hidden", false },
		{ "ticketrail-uncategorised", "Other", true },
	};
	const struct menu_doc_addon_group *g = d->addon_groups;

	ok(d->taxes_n == 3 && strcmp(d->taxes[0].external_id, "T1") == 0 &&
		d->taxes[0].rate_micro == 85000 && d->taxes[0].is_percent && d->taxes[0].is_active,
	    "SYNC-02 taxes of the location, with their rates");
	ok(!d->taxes[2].is_active, "SYNC-02 one that is switched off is so here");
	is_int(d->categories_n, sizeof(categories) / sizeof(categories[0]),
	    "SYNC-02 categories that something is in");
	for (size_t i = 0; i < d->categories_n && i < sizeof(categories) / sizeof(categories[0]);
	     i++) {
		is_str(d->categories[i].external_id, categories[i].id, "SYNC-02 in their order");
		if (categories[i].name != NULL)
			is_str(d->categories[i].name, categories[i].name, "nested in their names");
		ok(d->categories[i].is_active == categories[i].is_active &&
			d->categories[i].display_order == (int64_t)i,
		    "SYNC-02 %s", d->categories[i].is_active ? "shown" : "hidden");
	}
	ok(d->addon_groups_n == 2 && g[0].addons_n == 2 && g[0].addons[0].price_minor == 0 &&
		g[0].addons[1].price_minor == 25 && g[0].addons[1].display_order == 2,
	    "SYNC-02 a modifier list; no price is nothing");
	ok(g[1].addons_n == 4 && g[1].display_order == 5 && g[1].addons[0].price_minor == 175,
	    "SYNC-02 a modifier's price at this location");
	ok(!g[1].addons[1].is_available && g[1].addons[1].is_active && !g[1].addons[2].is_active &&
		strcmp(g[1].addons[3].external_id, "M8") == 0,
	    "SYNC-02 one that is sold out, one that is hidden");
}

static void
test_items(const struct menu_doc *d)
{
	const struct menu_doc_item *tikka = item(d, "IT1"), *samosa = item(d, "V3"),
				   *tea = item(d, "V4"), *lassi = item(d, "IT4");

	is_int(d->items_n, 11, "SYNC-02 eleven of twenty items can be sold here");
	if (tikka == NULL || samosa == NULL || tea == NULL || lassi == NULL) {
		ok(false, "the good ones are among them");
		return;
	}
	ok(tikka->variations_n == 2 && tikka->variations[0].price_minor == 900 &&
		tikka->variations[1].price_minor == 1499 &&
		strcmp(tikka->variations[1].external_id, "V2") == 0 &&
		tikka->variations[1].display_order == 7,
	    "SYNC-02 variations go by their own ids, at the location's prices");
	ok(tikka->price_minor == 900 && tikka->is_available && tikka->diet == DIET_VEG &&
		tikka->taxes_n == 1 && strcmp(tikka->tax_external_ids[0], "T1") == 0 &&
		!tikka->tax_inclusive && tikka->order_types == MENU_ALL_TYPES,
	    "SYNC-02 what costs least stands for the item; taxes of here that are on");
	is_str(tikka->category_external_id, "C4", "a category before a menu");
	is_str(tikka->description, "Charcoal grilled", "its description is one line");
	is_str(tikka->image_url, "https://img.example/1.jpg", "its first image");
	ok(tikka->choices_n == 2 && tikka->choices[0].min == 0 && tikka->choices[0].max == 1 &&
		tikka->choices[1].min == 0 && tikka->choices[1].max == 3,
	    "MENU-08 a single choice is one at most; what an item leaves open its list says");
	ok(samosa->variations_n == 0 && samosa->price_minor == 499 && !samosa->is_available &&
		samosa->tax_inclusive && samosa->taxes_n == 1 && samosa->choices_n == 1 &&
		samosa->choices[0].min == 2 && samosa->choices[0].max == 2,
	    "SYNC-02 an item with one variation goes by its id, and is sold out with it");
	ok(samosa->display_order < tikka->display_order,
	    "SYNC-02 items stand as they do in their category");
	ok(tea->price_minor == 0 && tea->taxes_n == 0 && tea->diet == DIET_OTHER &&
		strcmp(tea->category_external_id, "C2") == 0,
	    "SYNC-02 a free one without taxes");
	is_str(tea->description, "Hot", "the older description");
	ok(lassi->variations_n == 2 && lassi->is_available &&
		!lassi->variations[1].is_available && lassi->price_minor == 350,
	    "SYNC-02 what is asked at the till, deleted or not sold is no variation");
	ok(item(d, "V17") != NULL &&
		strcmp(item(d, "V17")->category_external_id, "C5") == 0,
	    "one that only a menu has is in that");
	ok(item(d, "V18") != NULL && strcmp(item(d, "V18")->category_external_id, "C4") == 0 &&
		item(d, "V23") != NULL &&
		strcmp(item(d, "V23")->category_external_id, "C4") == 0,
	    "the older field and the reports' name a category too");
	ok(item(d, "V15") != NULL &&
		strcmp(item(d, "V15")->category_external_id, "ticketrail-uncategorised") == 0,
	    "one without a category has one here");
	ok(item(d, "V22") != NULL && item(d, "V22")->choices_n == 1 &&
		item(d, "V22")->choices[0].max == 0,
	    "a possible choice is kept where others are not");
}

static const struct {
	const char *what, *sentence;
} problems[] = {
	{ "tax T4", "has no rate" },
	{ "tax T1", "is listed twice" },
	{ "tax T6", "has no id or no name" },
	{ "category C10", "has no id or no name" },
	{ "modifier list L1", "is listed twice" },
	{ "modifier list L3", "asks for a text, which goes into the item's note instead" },
	{ "modifier M7", "has no id or no name" },
	{ "modifier M8", "is twice in its list" },
	{ "modifier M9", "has no price in the restaurant's currency" },
	{ "variation V6", "has a price that is asked at the till" },
	{ "variation V5", "is twice in its item" },
	{ "variation V10", "is sold by weight or measure" },
	{ "item IT5", "has no variation that can be sold here" },
	{ "item IT6", "has taxes that are in its price and others that are not" },
	{ "item IT7", "is not something to eat or drink" },
	{ "item IT2", "names a modifier list that is not on the menu" },
	{ "item IT2", "names a modifier list twice" },
	{ "item IT15", "has no id or no name" },
	{ "variation V21", "has no price in the restaurant's currency" },
	{ "item IT17", "asks for an impossible number of modifiers" },
	{ "item IT17", "names a modifier list that is not on the menu" },
	{ "variation without id", "has no id that can be kept" },
	{ "item V22", "is listed twice" },
};

static void
test_problems(const struct menu_doc *d)
{
	size_t n = sizeof(problems) / sizeof(problems[0]);

	for (size_t i = 0; i < n; i++)
		ok(has_problem(d, problems[i].what, problems[i].sentence), "SYNC-02 %s %s",
		    problems[i].what, problems[i].sentence);
	/* IT16 and IT18 have no other variation. */
	is_int(d->problems_n, n + 2, "SYNC-02 and no other problem is told");
	for (size_t i = 0; d->problems_n != n + 2 && i < d->problems_n; i++)
		diag("%s %s", d->problems[i].what, d->problems[i].sentence);
}

static void
test_kept(struct arena *a, const struct menu_doc *d)
{
	struct problems found;
	struct menu_doc kept;

	problems_init(&found, a);
	kept = menu_check(d, &found);
	/* It begins with the document's own. */
	ok(found.n == d->problems_n && kept.items_n == d->items_n && kept.categories_n == d->categories_n,
	    "SYNC-02 all of it can be kept");
	for (size_t i = d->problems_n; i < found.n; i++)
		diag("%s %s", found.list[i].what, found.list[i].sentence);
}

/* What of a catalog can not be said here is named; what has no variation left is sold out. */
static void
test_more(void)
{
	static const char body[] =
	    "{\"objects\":[{\"type\":\"CATEGORY\",\"id\":\"C1\",\"category_data\":{\"name\":\"Breakfast\","
	    "\"availability_period_ids\":[\"P1\"]}},"
	    "{\"type\":\"TAX\",\"id\":\"T1\",\"tax_data\":{\"name\":\"Two\",\"percentage\":\"2\","
	    "\"calculation_phase\":\"TAX_TOTAL_PHASE\"}},"
	    "{\"type\":\"ITEM\",\"id\":\"I1\",\"item_data\":{\"name\":\"Eggs\",\"categories\":[{\"id\":\"C1\"}],"
	    "\"variations\":[" SOLD_OUT("V1") "," SOLD_OUT("V2") "]}}]}";
	struct arena *a = arena_new(16u << 20);
	struct menu_doc d = { .items_n = 0 };

	is_str(adapter_menu(a, square_config(a), adapter_text(body), &d), NULL, "SYNC-02 a catalog");
	ok(d.items_n == 1 && d.items[0].variations_n == 2 && !d.items[0].is_available,
	    "SYNC-02 an item whose variations are all sold out is sold out");
	ok(has_problem(&d, "category C1",
	       "is to be had at Square at certain hours, which are not kept here: its items need time slots of their own"),
	    "SYNC-04 the hours of a category are named");
	ok(has_problem(&d, "tax T1", "is taken of other taxes too at Square, and not here"),
	    "SYNC-04 and a tax upon taxes");
	arena_free(&a);
}

static void
test_refused(void)
{
	static const char *const bodies[] = {
		"",
		"[]",
		"{",
		"{}",
		"{\"objects\":[]}",
		"{\"objects\":7}",
		"{\"objects\":[7,null,{},{\"type\":7},{\"type\":\"ITEM\"}]}",
		"{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct arena *a = arena_new(16u << 20);
		struct menu_doc d = { .items_n = 0 };
		const char *why =
		    adapter_menu(a, square_config(a), adapter_text(bodies[i]), &d);
		ok(why != NULL && d.items_n == 0, "SYNC-02 nothing to sell: %s: %s", bodies[i],
		    why == NULL ? "" : why);
		arena_free(&a);
	}
}

/* ---- fetching ---- */

static struct pos_outcome
fetched(struct arena *a, const char *progress, int status, const char *body)
{
	struct pos_task task = { .config = square_config(a), .progress = adapter_text(progress) };
	struct http_reply r = { .status = status, .body = adapter_text(body) };

	return pos_square.talks[POS_MENU].read(a, &task, &r);
}

static void
test_pages(void)
{
	struct arena *a = arena_new(64u << 20);
	struct pos_outcome o =
	    fetched(a, "", 200, json_file_compact(a, DIR "menu_1.json"));
	const char *much = arena_printf(a, "{\"cursor\":\"%s\"}", (char *)memset(
				arena_alloc(a, 2000), 'c', 1999));

	ok(o.verdict.outcome == OUTCOME_DONE && o.has_next, "SYNC-02 a page with a cursor goes on");
	is_str(o.page, "1", "SYNC-02 it has a name");
	is_str(o.progress.data, "{\"cursor\":\"next\",\"page\":2}", "SYNC-02 and where to go on");
	o = fetched(a, o.progress.data, 200, json_file_compact(a, DIR "menu_2.json"));
	ok(o.verdict.outcome == OUTCOME_DONE && !o.has_next && strcmp(o.page, "2") == 0,
	    "SYNC-02 the last one ends it");
	o = fetched(a, "", 200, "{}");
	ok(o.verdict.outcome == OUTCOME_DONE && !o.has_next, "SYNC-02 a page may be empty");
	o = fetched(a, "{\"cursor\":\"next\",\"page\":2}", 200, "{\"cursor\":\"next\"}");
	ok(o.verdict.outcome == OUTCOME_LATER && !o.has_next, "a cursor that comes again is no end");
	o = fetched(a, "{\"cursor\":\"x\",\"page\":500}", 200, "{\"cursor\":\"y\"}");
	ok(o.verdict.outcome == OUTCOME_LATER, "nor are five hundred pages");
	ok(fetched(a, "", 200, much).verdict.outcome == OUTCOME_LATER, "nor is an endless cursor");
	ok(fetched(a, "", 200, "{\"objects\":{}}").verdict.outcome == OUTCOME_LATER &&
		fetched(a, "", 200, "<html>").verdict.outcome == OUTCOME_LATER &&
		fetched(a, "", 500, "").verdict.outcome == OUTCOME_LATER,
	    "POS-14 what is no menu is asked again");
	ok(fetched(a, "", 401, "").verdict.outcome == OUTCOME_REFUSED &&
		fetched(a, "", 401, "").verdict.cause == CAUSE_AUTH,
	    "POS-14 a no is a no");
	o = fetched(a, "", 400, "{\"errors\":[{\"code\":\"INVALID_CURSOR\"}]}");
	ok(o.verdict.outcome == OUTCOME_REFUSED, "POS-14 whatever it is for");
	arena_free(&a);
}

int
main(void)
{
	struct arena *a = arena_new(64u << 20);
	struct menu_doc d;

	if (read_files(a, &d)) {
		test_lists(&d);
		test_items(&d);
		test_problems(&d);
		test_kept(a, &d);
	} else {
		ok(false, "the menu is read");
	}
	arena_free(&a);
	test_refused();
	test_more();
	test_pages();
	return tap_done();
}
