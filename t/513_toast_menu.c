/*
 * Toast: its menu, tax rates and stock as our menu_doc: what is read, what is left out and named,
 * and what is refused as a whole; and the steps in which it is fetched.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "mem/buf.h"
#include "op/op.h"
#include "order_file.h"
#include "tap.h"
#include "toast.h"

#define DIR "t/golden/toast/"
#define ID(kind, n) "0000" kind n "-0000-4000-8000-00000000" kind n
#define ITEM(n, group) ID("10", n) "/" ID("20", group)
#define GROUP(n) ID("40", n)
#define OPTION(n) ID("30", n)

static const struct menu_doc_item *
item(const struct menu_doc *doc, const char *id)
{
	for (size_t i = 0; i < doc->items_n; i++)
		if (strcmp(doc->items[i].external_id, id) == 0)
			return &doc->items[i];
	ok(false, "there is an item %s", id);
	exit(tap_done());
}

static const struct menu_doc_addon_group *
group(const struct menu_doc *doc, const char *id)
{
	for (size_t i = 0; i < doc->addon_groups_n; i++)
		if (strcmp(doc->addon_groups[i].external_id, id) == 0)
			return &doc->addon_groups[i];
	ok(false, "there is a group %s", id);
	exit(tap_done());
}

static struct pos_page
page(struct arena *a, const char *name)
{
	return (struct pos_page){ name,
		adapter_text(json_file_compact(a, arena_printf(a, DIR "menu_%s.json", name))) };
}

static void
test_lists(const struct menu_doc *d)
{
	is_str(d->provider_restaurant_id, TOAST_RESTAURANT_GUID, "SYNC-02 whose menu it is");
	ok(d->taxes_n == 2 && d->taxes[0].rate_micro == 62500 && d->taxes[0].is_percent &&
		d->taxes[1].rate_micro == 7500,
	    "SYNC-02 tax rates: 0.0625 is 6.25 %%");
	is_int(d->categories_n, 6, "SYNC-02 groups that have items are categories");
	is_str(d->categories[0].name, "Burgers", "the first of them");
	is_str(d->categories[3].name, "Wings / Sides", "SYNC-02 one within another");
	ok(d->categories[0].timings == NULL && d->categories[3].display_order == 3,
	    "MENU-05 always to be had, in the order of the menu");
	is_str(d->categories[5].timings,
	    "[{\"days\":[\"SUNDAY\"],\"timeRanges\":[{\"start\":\"08:00\",\"end\":\"11:30\"}]}]",
	    "MENU-05 a menu that is not always to be had says when");
	is_int(d->items_n, 12, "SYNC-02 what can be sold");
}

static void
test_items(const struct menu_doc *d)
{
	const struct menu_doc_item *burger = item(d, ITEM("01", "01"));
	const struct menu_doc_item *veggie = item(d, ITEM("02", "01"));
	const struct menu_doc_item *slaw = item(d, ITEM("10", "04"));

	is_str(burger->name, "Cheese burger", "a name is made printable");
	is_str(burger->description, "Six ounces", "with its description");
	is_str(burger->image_url, "https://img.example/1.jpg", "and image");
	is_str(burger->category_external_id, ID("20", "01"), "in its category");
	ok(burger->price_minor == 950 && burger->is_available && burger->is_active &&
		burger->taxes_n == 1 && !burger->tax_inclusive &&
		burger->order_types == MENU_ALL_TYPES && burger->diet == DIET_OTHER,
	    "SYNC-02 an item");
	ok(burger->choices_n == 2 && burger->choices[0].min == 1 && burger->choices[0].max == 1 &&
		burger->choices[1].min == 0 && burger->choices[1].max == 4,
	    "MENU-08 its choices, without the hidden one");
	ok(veggie->diet == DIET_VEG && veggie->taxes_n == 2 && veggie->choices_n == 1 &&
		veggie->description == NULL,
	    "SYNC-02 another one");
	ok(!item(d, ITEM("03", "01"))->is_available && !item(d, ITEM("03", "04"))->is_available,
	    "SYNC-02 an item stands in each of its groups; out of stock is so in both");
	ok(item(d, ITEM("09", "03"))->price_minor == 1100, "a price is rounded to the coin");
	ok(item(d, ITEM("0f", "03"))->tax_inclusive, "C9 a tax within the price");
	ok(slaw->price_minor == 200 && slaw->taxes_n == 0 && !slaw->tax_inclusive,
	    "a tax that can not be counted is not on it");
}

static void
test_groups(const struct menu_doc *d)
{
	const struct menu_doc_addon_group *extras = group(d, GROUP("02"));
	const struct menu_doc_addon_group *combos = group(d, GROUP("02") "/10");
	const struct menu_doc_addon_group *sauce = group(d, GROUP("06"));

	is_int(d->addon_groups_n, 6, "SYNC-02 modifier groups that can be offered");
	ok(extras->addons_n == 2 && extras->addons[0].price_minor == 100 &&
		!extras->addons[0].is_available && extras->addons[1].is_available,
	    "SYNC-02 modifiers: out of stock, hidden and priceless");
	is_int(extras->addons[1].price_minor, 0, "SYNC-02 a default that is not charged");
	ok(combos->addons_n == 1 && strcmp(combos->addons[0].external_id, OPTION("13")) == 0,
	    "SYNC-02 the same GUID under another number; what asks for more is left out");
	ok(sauce->addons_n == 1 && sauce->addons[0].price_minor == 50,
	    "SYNC-02 of prices by turn the first, if there is but one");
}

static void
test_sizes(const struct menu_doc *d)
{
	const struct menu_doc_item *pizza = item(d, ITEM("06", "02"));

	ok(pizza->variations_n == 2 && pizza->choices_n == 0 && pizza->price_minor == 0,
	    "MENU-08 sizes are variations");
	if (pizza->variations_n != 2)
		return;
	is_str(pizza->variations[0].external_id, OPTION("0b"), "MENU-08 under the option's GUID");
	is_str(pizza->variations[0].variation_code, GROUP("03"), "MENU-08 and their group's");
	ok(pizza->variations[0].price_minor == 1100 && !pizza->variations[0].is_available &&
		pizza->variations[1].price_minor == 1850 && pizza->variations[1].is_available,
	    "MENU-08 with their prices");
	ok(pizza->variations[0].choices_n == 1 && pizza->variations[1].choices_n == 1,
	    "MENU-08 and toppings");
	is_str(pizza->variations[0].choices[0].group_external_id, GROUP("04") "/" OPTION("0b"),
	    "SYNC-02 toppings priced by size are a group for each");
	ok(group(d, GROUP("04") "/" OPTION("0b"))->addons[0].price_minor == 125 &&
		group(d, GROUP("04") "/" OPTION("0c"))->addons[1].price_minor == 175,
	    "SYNC-02 a size is known by name or GUID");
}

static void
test_problems(const struct menu_doc *d)
{
	static const char *const want[][2] = {
		{ "tax rate " ID("70", "03"), "is of a kind that only Toast can count" },
		{ "item " ITEM("01", "01"),
		    "needs a choice that is not shown to ordering partners: Toast may refuse it" },
		{ "menu Breakfast",
		    "is to be had at Toast at certain hours (SUNDAY 08:00-11:30), which are not kept "
		    "here: its items need time slots of their own" },
		{ "tax rate " ID("70", "04"), "has no rate" },
		{ "tax rate " ID("70", "01"), "is listed twice" },
		{ "tax rate without id", "has no GUID or no name" },
		{ "modifier " OPTION("06"), "has no price that can be told beforehand" },
		{ "modifier group " GROUP("02"), "names a modifier that is not in the document" },
		{ "modifier " OPTION("03"), "is twice in its group" },
		{ "item " ITEM("03", "01"), "is twice in its group" },
		{ "size " OPTION("0e"), "has no price that can be told beforehand" },
		{ "item " ITEM("07", "02"), "is priced by size, and its sizes can not be told" },
		{ "item " ITEM("08", "03"),
		    "has modifiers (Sauces) whose prices can not be told beforehand" },
		{ "item " ITEM("0a", "03"), "has a price that changes with the time of day" },
		{ "item " ITEM("0b", "03"), "has an open price" },
		{ "item " ITEM("0c", "03"), "has no price" },
		{ "item " ITEM("0d", "03"), "is priced in a way that is not known" },
		{ "item " ITEM("0e", "03"), "has no price" },
		{ "item " ITEM("0f", "03"),
		    "has modifiers (Sauces for some) whose prices can not be told beforehand" },
		{ "item " ITEM("10", "04"), "bears a tax that can not be counted beforehand" },
		{ "item " ITEM("10", "04"),
		    "has its tax added or included as Toast sees fit; here it is added" },
		{ "item " ITEM("12", "06"), "names a modifier group that is not in the document" },
		{ "item " ITEM("13", "06"), "asks for an impossible number of modifiers" },
		{ "item without id", "has no GUID or no name" },
		{ "modifier " OPTION("12"),
		    "asks for a choice of its own, which can not be offered" },
		{ "modifier " OPTION("13"), "has choices of its own, and is offered without them" },
		{ "item " ITEM("15", "06"),
		    "has modifiers (Toppings) whose prices can not be told beforehand" },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		bool is_there = false;
		for (size_t k = 0; k < d->problems_n; k++)
			is_there |= strcmp(d->problems[k].what, want[i][0]) == 0 &&
				    strcmp(d->problems[k].sentence, want[i][1]) == 0;
		ok(is_there, "SYNC-04 POS-32 %s %s", want[i][0], want[i][1]);
	}
	is_int(d->problems_n, sizeof(want) / sizeof(want[0]), "SYNC-04 and nothing else is wrong");
}

static void
test_whole(void)
{
	struct arena *a = arena_new(64u << 20);
	struct menu_doc d = { 0 };
	struct pos_page pages[3] = { page(a, "taxes"), page(a, "stock"), page(a, "menus") };
	struct pos_config *config = toast_config(a, "{}", "USD");
	const char *why = pos_toast.read_menu(a, config, pages, 3, &d);

	ok(why == NULL, "SYNC-02 a menu in three pages, in any order: %s", why == NULL ? "" : why);
	if (why == NULL) {
		test_lists(&d);
		test_items(&d);
		test_groups(&d);
		test_sizes(&d);
		test_problems(&d);
	}
	ok(pos_toast.read_menu(a, config, &pages[2], 1, &d) == NULL && d.taxes_n == 0 &&
		item(&d, ITEM("01", "01"))->taxes_n == 0 &&
		item(&d, ITEM("03", "01"))->is_available,
	    "SYNC-02 without rates and stock Toast alone knows of them");
	arena_free(&a);
}

static const struct {
	const char *body, *why;
} unusable[] = {
	{ "", NULL },
	{ "<html>", NULL },
	{ "null", "The menu is not a JSON object" },
	{ "[]", "The menu is not an object with menus" },
	{ "{}", "The menu is not an object with menus" },
	{ "{\"menus\":[]}", "The menu has no items" },
	{ "{\"menus\":[{\"menuGroups\":[{\"name\":\"x\"}]}]}",
	    "The menu has no item that can be used; menu group without id has no GUID or no name" },
	{ "{\"menus\":[{\"visibility\":[\"POS\"],\"menuGroups\":[{\"name\":\"x\"}]}]}",
	    "The menu has no items" },
};

static void
test_unusable(void)
{
	for (size_t i = 0; i < sizeof(unusable) / sizeof(unusable[0]); i++) {
		struct arena *a = arena_new(4u << 20);
		struct menu_doc doc = { .items_n = 77 };
		const char *why = adapter_menu(a, toast_config(a, "{}", "USD"),
		    adapter_text(unusable[i].body), &doc);
		ok(why != NULL && doc.items_n == 77, "SYNC-02 nothing is made of %.60s",
		    unusable[i].body);
		if (unusable[i].why != NULL)
			is_str(why, unusable[i].why, "POS-32 and why is said");
		arena_free(&a);
	}
}

/* Groups within groups within groups. */
static void
test_deep(void)
{
	struct arena *a = arena_new(16u << 20);
	struct menu_doc d = { 0 };
	const char *inner = "";
	const char *why;

	for (int i = 0; i < 12; i++)
		inner = arena_printf(a,
		    "{\"name\":\"g\",\"guid\":\"" ID("20", "%02d") "\",\"menuItems\":[{\"name\":"
		    "\"i\",\"guid\":\"" ID("10", "01") "\",\"price\":1}],\"menuGroups\":[%s]}",
		    i, i, inner);
	why = adapter_menu(a, toast_config(a, "{}", "USD"),
	    adapter_text(arena_printf(a, "{\"menus\":[{\"menuGroups\":[%s]}]}", inner)), &d);
	ok(why == NULL && d.items_n == 8 && d.problems_n == 1,
	    "SYNC-02 eight levels are enough, and the ninth is named: %s", why == NULL ? "" : why);
	arena_free(&a);
}

/* What is more than can be kept is named, and the rest kept. */
static void
test_many(void)
{
	struct arena *a = arena_new(256u << 20);
	const char *refs = "1";
	struct menu_doc d = { 0 };
	struct buf b;

	buf_init(&b, a, 64u << 20);
	buf_adds(&b, "{\"menus\":[{\"menuGroups\":[{\"name\":\"g\",\"guid\":\"" ID("20", "01") "\",\"menuItems\":[");
	buf_adds(&b, "{\"name\":\"Pizza\",\"guid\":\"" ID("10", "01") "\",\"pricingStrategy\":\"SIZE_PRICE\",\"pricingRules\":"
	    "{\"sizeSpecificPricingGuid\":\"" ID("40", "01") "\"},\"modifierGroupReferences\":[1]}");
	for (int i = 0; i < 20000; i++)
		buf_addf(&b, ",{\"name\":\"i\",\"guid\":\"00001100-0000-4000-8000-%012d\",\"price\":1}", i);
	for (int i = 2; i <= 60; i++)
		refs = arena_printf(a, "%s,%d", refs, i);
	buf_addf(&b, "]}]}],\"modifierGroupReferences\":{\"1\":{\"name\":\"Size\",\"guid\":\"" ID("40", "01") "\","
	    "\"modifierOptionReferences\":[%s]}},\"modifierOptionReferences\":{", refs);
	for (int i = 1; i <= 60; i++)
		buf_addf(&b, "%s\"%d\":{\"name\":\"s\",\"guid\":\"00003000-0000-4000-8000-%012d\",\"price\":2}", i == 1 ? "" : ",", i, i);
	buf_adds(&b, "}}");
	is_str(adapter_menu(a, toast_config(a, "{}", "USD"), (struct bytes){ b.data, b.len }, &d), NULL, "SYNC-02 a very long menu");
	ok(d.items_n == 20000 && d.items[0].variations_n == 50 && d.problems_n == 2, "SYNC-02 as much of it as can be kept");
	is_str(d.problems[0].sentence, "has more than 50 sizes; the rest is left out", "SYNC-04 sizes beyond that are named");
	is_str(d.problems[1].sentence, "has items beyond what a menu may have; they are left out", "SYNC-04 and items");
	arena_free(&a);
}

/* ---- fetching ---- */

static const char *
step(struct arena *a, const char *config, const char *progress, int status, const char *body,
    struct pos_outcome *o)
{
	struct pos_task task = { .config = toast_config(a, config, "USD"),
		.progress = adapter_text(progress),
		.now = TOAST_NOW };
	struct http_reply r = { .status = status, .body = adapter_text(body) };

	*o = pos_toast.talks[POS_MENU].read(a, &task, &r);
	return o->progress.data == NULL ? "" : arena_strndup(a, o->progress.data, o->progress.len);
}

static void
test_steps(void)
{
	struct arena *a = arena_new(64u << 20);
	const char *menus = page(a, "menus").body.data;
	struct pos_outcome o;

	is_str(step(a, "{}", "", 200, menus, &o), "{\"step\":\"taxes\"}", "POS-14 first the menus");
	ok(o.has_next && strcmp(o.page, "menus") == 0, "POS-14 a page of their own");
	is_str(step(a, "{}", "{\"step\":\"taxes\"}", 200, "[]", &o), "{\"step\":\"stock\"}",
	    "POS-14 then the rates");
	ok(o.has_next && strcmp(o.page, "taxes") == 0, "POS-14 another page");
	is_str(step(a, "{}", "{\"step\":\"stock\"}", 200, "[]", &o), "", "POS-14 then the stock");
	ok(!o.has_next && strcmp(o.page, "stock") == 0 && o.verdict.outcome == OUTCOME_DONE,
	    "POS-14 which is the last");
	is_str(step(a, "{\"use_tax_rates\":false}", "", 200, menus, &o), "{\"step\":\"stock\"}",
	    "POS-14 what is not wanted is left out");
	step(a, "{\"use_tax_rates\":false,\"use_stock\":false}", "", 200, menus, &o);
	ok(!o.has_next && o.verdict.outcome == OUTCOME_DONE, "POS-14 both of it");
	step(a, "{}", "{\"step\":\"taxes\"}", 403, "", &o);
	ok(o.verdict.outcome == OUTCOME_REFUSED && o.verdict.cause == CAUSE_CONFIG &&
		strstr(o.verdict.sentence, "use_tax_rates off would do without") != NULL,
	    "POS-34 a missing scope says what would do: %s", o.verdict.sentence);
	step(a, "{}", "{\"step\":\"taxes\"}", 200, "{}", &o);
	ok(o.verdict.outcome == OUTCOME_LATER, "POS-14 a page that is no list is asked for again");
	step(a, "{}", "", 200, "{\"menus\":[]}", &o);
	ok(o.verdict.outcome == OUTCOME_LATER && !o.has_next,
	    "POS-14 and so is a menu that sells nothing: %s", o.verdict.sentence);
	step(a, "{}", "", 503, "", &o);
	ok(o.verdict.outcome == OUTCOME_LATER, "POS-14 asking changes nothing");
	arena_free(&a);
}

int
main(void)
{
	test_whole();
	test_unusable();
	test_deep();
	test_many();
	test_steps();
	return tap_done();
}
