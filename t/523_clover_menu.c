/*
 * Clover: its lists, page by page, as our menu_doc: what is read, what is left out, what is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "mem/buf.h"
#include "op/op.h"
#include "tap.h"
#include "text/json_read.h"

#define FILE_NAME "t/golden/clover/menu.json"

static const struct pos_config *
config_of(struct arena *a)
{
	return adapter_config(a, &pos_clover, "{\"client_id\":\"APP\"}", "USD");
}

/* ---- fetching ---- */

static const char *
page_of(struct arena *a, size_t n)
{
	struct buf b;

	buf_init(&b, a, 1u << 20);
	buf_adds(&b, "{\"elements\":[");
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s{\"id\":\"X%zu\"}", i == 0 ? "" : ",", i);
	buf_adds(&b, "]}");
	return b.data;
}

static void
test_fetch(void)
{
	static const struct {
		const char *url, *page;
		size_t n; /* elements of the answer */
	} steps[] = {
		{ "properties", "properties/0", 0 },
		{ "categories?limit=1000&offset=0", "categories/0", 3 },
		{ "tax_rates?limit=1000&offset=0", "tax_rates/0", 0 },
		{ "modifier_groups?expand=modifiers&limit=1000&offset=0", "modifier_groups/0", 1 },
		{ "item_groups?limit=1000&offset=0", "item_groups/0", 0 },
		{ "item_stocks?limit=1000&offset=0", "item_stocks/0", 999 },
		{ "items?expand=categories,modifierGroups,taxRates&limit=1000&offset=0", "items/0",
		    1000 },
		{ "items?expand=categories,modifierGroups,taxRates&limit=1000&offset=1000",
		    "items/1000", 1000 },
		{ "items?expand=categories,modifierGroups,taxRates&limit=1000&offset=2000",
		    "items/2000", 17 },
	};
	size_t n = sizeof(steps) / sizeof(steps[0]);
	struct arena *a = arena_new(64u << 20);
	struct pos_task task = { .config = config_of(a) };

	for (size_t i = 0; i < n; i++) {
		struct pos_problems problems = { 0 };
		struct http_call call = { 0 };
		struct http_reply r = { .status = 200,
			.body = adapter_text(page_of(a, steps[i].n)) };
		struct pos_outcome o;
		ok(pos_clover.talks[POS_MENU].call(a, &task, &call, &problems) &&
			strcmp(call.method, "GET") == 0,
		    "POS-14 a step of the menu");
		is_str(strstr(call.url, "/demo4bistro/") + strlen("/demo4bistro/"), steps[i].url,
		    "POS-14 asks for a page");
		o = pos_clover.talks[POS_MENU].read(a, &task, &r);
		ok(o.verdict.outcome == OUTCOME_DONE && o.has_next == (i + 1 < n),
		    "POS-14 and goes on until the last");
		is_str(o.page, steps[i].page, "which it names");
		task.progress = o.progress;
	}
	arena_free(&a);
}

static void
test_fetch_replies(void)
{
	static const struct {
		int status;
		const char *body;
		enum outcome outcome;
	} replies[] = {
		{ 200, "{}", OUTCOME_LATER },
		{ 200, "[]", OUTCOME_LATER },
		{ 200, "", OUTCOME_LATER },
		{ 500, "", OUTCOME_LATER },
		{ 429, "", OUTCOME_LATER },
		{ 403, "", OUTCOME_REFUSED },
		{ 404, "", OUTCOME_REFUSED },
	};
	struct arena *a = arena_new(8u << 20);
	struct pos_task task = { .config = config_of(a),
		.progress = adapter_text("{\"part\":\"items\",\"offset\":0}") };

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct http_reply r = { .status = replies[i].status,
			.body = adapter_text(replies[i].body) };
		is_str(outcome_name(pos_clover.talks[POS_MENU].read(a, &task, &r).verdict.outcome),
		    outcome_name(replies[i].outcome), "POS-14 %d %s", r.status,
		    replies[i].body);
	}
	arena_free(&a);
}

/* ---- reading ---- */

static const struct menu_doc_item *
item(const struct menu_doc *doc, const char *id)
{
	for (size_t i = 0; i < doc->items_n; i++)
		if (strcmp(doc->items[i].external_id, id) == 0)
			return &doc->items[i];
	return NULL;
}

static bool
has_problem(const struct menu_doc *doc, const char *what, const char *sentence)
{
	for (size_t i = 0; i < doc->problems_n; i++)
		if (strcmp(doc->problems[i].what, what) == 0 &&
		    strcmp(doc->problems[i].sentence, sentence) == 0)
			return true;
	return false;
}

static void
test_lists(const struct menu_doc *d)
{
	is_str(d->provider_restaurant_id, "demo4bistro", "SYNC-02 whose menu it is");
	ok(d->taxes_n == 3 && d->taxes[0].is_percent && d->taxes[0].rate_micro == 88750 &&
		!d->taxes[2].is_percent && d->taxes[2].amount_minor == 5,
	    "SYNC-02 8.875 %% and five cents; what takes nothing is no tax");
	ok(d->categories_n == 3 && d->categories[0].display_order == 2 &&
		strcmp(d->categories[0].name, "Burgers") == 0 &&
		strcmp(d->categories[2].name, "Other") == 0 &&
		d->categories[2].display_order == 3,
	    "SYNC-02 categories, and one for what is in none");
	ok(d->addon_groups_n == 2 && d->addon_groups[0].addons_n == 2 &&
		d->addon_groups[0].addons[0].is_available &&
		!d->addon_groups[0].addons[1].is_available &&
		d->addon_groups[1].addons_n == 1 &&
		d->addon_groups[1].addons[0].price_minor == 150,
	    "MENU-08 add-on groups");
}

static void
test_items(const struct menu_doc *d)
{
	const struct menu_doc_item *burger = item(d, "ITM1"), *pizza = item(d, "IGR1"),
				   *roll = item(d, "ITM5"), *beer = item(d, "ITM6"),
				   *spoon = item(d, "ITM11");

	is_int(d->items_n, 5, "SYNC-02 five can be sold");
	if (burger == NULL || pizza == NULL || roll == NULL || beer == NULL || spoon == NULL) {
		ok(false, "and are there");
		return;
	}
	ok(burger->price_minor == 1295 && burger->is_available && burger->taxes_n == 1 &&
		strcmp(burger->category_external_id, "CAT1") == 0 && !burger->tax_inclusive,
	    "SYNC-02 a plain item, in the first category that there is");
	ok(burger->choices_n == 2 && burger->choices[0].min == 1 && burger->choices[0].max == 1 &&
		burger->choices[1].min == 0 && burger->choices[1].max == 0,
	    "MENU-08 its add-ons: one of, and any of");
	ok(strcmp(pizza->name, "Margherita") == 0 && pizza->variations_n == 2 &&
		pizza->price_minor == 999 && pizza->is_available &&
		strcmp(pizza->variations[0].external_id, "ITM2") == 0 &&
		strcmp(pizza->variations[0].name, "Small") == 0 &&
		strcmp(pizza->variations[1].name, "Large") == 0 &&
		!pizza->variations[1].is_available && pizza->variations[0].choices_n == 1 &&
		pizza->choices_n == 0,
	    "MENU-08 an item group is one item, and its items the variations");
	ok(!roll->is_available && beer->is_available && beer->taxes_n == 2,
	    "SYNC-02 sold out where Clover counts, and two taxes");
	is_str(spoon->category_external_id, "none", "SYNC-02 an item in no category can be sold");
}

static void
test_problems(const struct menu_doc *d)
{
	static const char *const want[][2] = {
		{ "tax TAX4", "has no usable rate" },
		{ "tax TAX5", "has no id or no name" },
		{ "category CAT2", "is listed twice" },
		{ "category CAT3", "has no id or no name" },
		{ "add-on MOD2", "is twice in its group" },
		{ "add-on MOD4", "has no price of nothing or more" },
		{ "add-on MOD5", "has no id or no name" },
		{ "add-on group GRP3", "asks for an impossible number of add-ons" },
		{ "item ITM1", "names an add-on group that can not be used" },
		{ "item ITM4", "is taxed otherwise than its group" },
		{ "item ITM7", "has a price that is typed at the till or goes by weight" },
		{ "item ITM8", "has a price that is typed at the till or goes by weight" },
		{ "item ITM12", "has no id or no name" },
		{ "item ITM13", "has no price" },
		{ "item ITM14", "has no price" },
		{ "item ITM1", "is listed twice" },
	};

	is_int(d->problems_n, sizeof(want) / sizeof(want[0]), "SYNC-05 what was left out is named");
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ok(has_problem(d, want[i][0], want[i][1]), "SYNC-05 %s %s", want[i][0],
		    want[i][1]);
}

static void
test_document(void)
{
	struct arena *a = arena_new(16u << 20);
	struct menu_doc d;
	size_t len;
	char *text = tap_file(FILE_NAME, &len);
	const char *why = adapter_menu(a, config_of(a), (struct bytes){ text, len }, &d);

	free(text); /* nothing of the document may point there */
	is_str(why, NULL, "SYNC-02 the menu is read");
	if (why == NULL) {
		test_lists(&d);
		test_items(&d);
		test_problems(&d);
	}
	arena_free(&a);
}

static void
test_pages(void)
{
	static const char items[] =
	    "{\"elements\":[{\"id\":\"I1\",\"name\":\"Tea\",\"price\":200,\"categories\":"
	    "{\"elements\":[{\"id\":\"C1\"}]}}]}";
	struct arena *a = arena_new(8u << 20);
	struct pos_page pages[] = {
		{ "properties/0", adapter_text("{\"vat\":true,\"defaultCurrency\":\"USD\"}") },
		{ "categories/0", adapter_text("{\"elements\":[{\"id\":\"C1\",\"name\":\"A\"}]}") },
		{ "items/0", adapter_text(items) },
		{ "items/1000", adapter_text("{\"elements\":[{\"id\":\"I2\",\"name\":\"Cake\","
					     "\"price\":300}]}") },
	};
	struct menu_doc d;

	is_str(pos_clover.read_menu(a, config_of(a), pages, 4, &d), NULL,
	    "POS-14 a menu of several pages");
	ok(d.items_n == 2 && d.items[0].tax_inclusive && d.categories_n == 2,
	    "POS-14 is one; VAT is in the prices");
	pages[0].body = adapter_text("{\"defaultCurrency\":\"CAD\"}");
	is_str(pos_clover.read_menu(a, config_of(a), pages, 4, &d),
	    "The merchant counts in CAD, the restaurant in USD",
	    "C17 another currency is another merchant");
	pages[0].body = adapter_text("{}");
	ok(pos_clover.read_menu(a, config_of(a), pages, 2, &d) != NULL,
	    "SYNC-05 a menu without items is refused");
	pages[2].name = "elsewhere/0";
	ok(pos_clover.read_menu(a, config_of(a), pages, 3, &d) != NULL, "and so is another part");
	arena_free(&a);
}

static void
test_hostile(void)
{
	static const char *const bodies[] = { "", "[]", "{}", "{\"items\":{}}",
		"{\"items\":{\"elements\":[null,1,\"x\",[],{}]}}",
		"{\"items\":{\"elements\":[{\"id\":\"A\",\"name\":\"B\",\"price\":1e300}]}}",
		"{\"modifier_groups\":{\"elements\":[{\"id\":{},\"name\":[]}]}}" };

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct arena *a = arena_new(8u << 20);
		struct menu_doc d;
		ok(adapter_menu(a, config_of(a), adapter_text(bodies[i]), &d) != NULL,
		    "SYNC-05 refused: %s", bodies[i]);
		arena_free(&a);
	}
}

/* Lists that never end, groups of one, taxes without number: refused, or told, and never too much. */
static void
test_huge(void)
{
	struct arena *a = arena_new(256u << 20), *small = arena_new(24u << 20);
	struct pos_task task = { .config = config_of(a),
		.progress = adapter_text("{\"part\":\"items\",\"offset\":50000}") };
	struct http_reply r = { .status = 200, .body = adapter_text(page_of(a, 1000)) };
	struct menu_doc d = { .items_n = 0 };
	struct buf b;

	ok(pos_clover.talks[POS_MENU].read(a, &task, &r).verdict.outcome == OUTCOME_LATER,
	    "SYNC-05 a list that does not end is not cut in silence");
	buf_init(&b, a, 64u << 20);
	buf_adds(&b, "{\"tax_rates\":{\"elements\":[");
	for (int i = 0; i < 300; i++)
		buf_addf(&b, "%s{\"id\":\"T%d\",\"name\":\"T\",\"rate\":100000}", i == 0 ? "" : ",", i);
	buf_adds(&b, "]},\"items\":{\"elements\":[");
	for (int i = 0; i < 5000; i++)
		buf_addf(&b, "%s{\"id\":\"I%d\",\"name\":\"I\",\"price\":1,\"itemGroup\":{\"id\":\"G%d\"}}",
		    i == 0 ? "" : ",", i, i < 40 ? 0 : i);
	buf_adds(&b, "]}}");
	/* A hundred variations for each of so many groups would not fit in there. */
	ok(adapter_menu(small, config_of(a), (struct bytes){ b.data, b.len }, &d) == NULL &&
		d.items_n == 4961 && d.items[0].variations_n == 40,
	    "SYNC-02 groups take the room that they need");
	is_str(d.items[0].variations[39].external_id, "I39", "SYNC-02 and keep all that is in them");
	ok(d.taxes_n == 200 && has_problem(&d, "tax T200", "is beyond the two hundredth"),
	    "SYNC-05 taxes beyond any reason are named");
	arena_free(&small);
	arena_free(&a);
}

int
main(void)
{
	test_fetch();
	test_fetch_replies();
	test_document();
	test_pages();
	test_hostile();
	test_huge();
	return tap_done();
}
