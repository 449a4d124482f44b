/* What of a provider's menu can be kept. */

#include <string.h>

#include "menu/menu_check.h"
#include "tap.h"

static struct arena *arena;
static struct problems problems;

static struct menu_doc
check(struct menu_doc doc)
{
	problems_init(&problems, arena);
	return menu_check(&doc, &problems);
}

static bool
said(const char *what, const char *part)
{
	for (size_t i = 0; i < problems.n; i++)
		if (strcmp(problems.list[i].what, what) == 0 && strstr(problems.list[i].sentence, part) != NULL)
			return true;
	return false;
}

static const char *
repeat(const char *one, size_t n)
{
	char *s = arena_alloc(arena, strlen(one) * n + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(s + i * strlen(one), one, strlen(one));
	return s;
}

static void
test_categories(void)
{
	const struct menu_doc_category c[] = {
		{ "1", "  Main \n courses ", 1, true, "", "" },
		{ "2", "Two", INT64_MAX, true, repeat("u", 1001), "[1,]" },
		{ "3", "", 1, true, NULL, NULL },
		{ "", "No id", 1, true, NULL, NULL },
		{ NULL, "No id", 1, true, NULL, NULL },
		{ "1", "Again", 1, true, NULL, NULL },
		{ "4 ", "A blank behind its id", 1, true, NULL, NULL },
		{ repeat("9", 81), "A long id", 1, true, NULL, NULL },
		{ repeat("ñ", 80), "An id that just fits", 1, true, NULL, "{}" },
	};
	struct menu_doc d = check((struct menu_doc){ .categories = c, .categories_n = 9 });

	is_int(d.categories_n, 3, "SYNC-04 three of nine can be kept");
	is_str(d.categories[0].name, "Main courses", "a name is made fit for one line");
	ok(d.categories[0].image_url == NULL && d.categories[0].timings == NULL, "nothing is NULL, not empty");
	is_int(d.categories[1].display_order, INT32_MAX, "an order beyond the column is the last");
	ok(d.categories[1].image_url == NULL && said("category 2", "image address"), "an address too long goes");
	ok(d.categories[1].timings == NULL && said("category 2", "not JSON"), "timings that are not JSON go");
	ok(said("category 3", "no name") && said("category", "no id") && said("category 1", "twice"),
	    "what was left out is named");
	ok(said("category 4", "cannot be kept"), "an id is kept exactly or not at all");
	is_str(d.categories[2].timings, "{}", "the last one is whole");
	is_int(problems.n, 8, "and nothing is told twice");
}

static void
test_items(void)
{
	static const struct menu_doc_variation off[] = {
		{ .external_id = "v1", .name = "Half", .price_minor = 100 },
		{ .external_id = "v2", .name = "Full", .price_minor = -1, .is_active = true },
	};
	static const char *const taxes[] = { "t1", "t1", "t2" };
	static const struct menu_doc_choice choices[] = { { "g", -3, 9 }, { "g", 0, 1 }, { NULL, 0, 0 } };
	const struct menu_doc_item items[] = {
		{ .external_id = "1", .name = "Free", .is_active = true, .variations = off, .variations_n = 2,
		  .gst_liability = "somebody", .order_types = 255, .diet = (enum menu_diet)77 },
		{ .external_id = "2", .name = "Debt", .price_minor = -1 },
		{ .external_id = "3", .name = "Gold", .price_minor = INT64_MAX },
		{ .external_id = "4", .name = repeat("न", 250), .description = repeat("d", 2500), .tax_external_ids = taxes,
		  .taxes_n = 3, .choices = choices, .choices_n = 3, .gst_liability = "vendor" },
	};
	struct menu_doc d = check((struct menu_doc){ .items = items, .items_n = 4 });

	is_int(d.items_n, 2, "SYNC-04 items with impossible prices are left out");
	ok(said("item 2", "impossible price") && said("item 3", "impossible price"), "and named");
	ok(!d.items[0].is_active, "an item none of whose variations is sold is not sold, least of all for nothing");
	is_int(d.items[0].variations_n, 1, "a variation with an impossible price is left out");
	is_str(d.items[0].gst_liability, "restaurant", "who is liable for tax is the restaurant unless said otherwise");
	is_str(d.items[1].gst_liability, "vendor", "which it may be");
	is_int(d.items[0].order_types, MENU_ALL_TYPES, "types of orders that we know");
	is_int(d.items[0].diet, DIET_OTHER, "a diet that we know");
	is_int(strlen(d.items[1].name), 600, "a long name is cut by characters, not bytes");
	is_int(strlen(d.items[1].description), 2000, "a long description too");
	is_int(d.items[1].taxes_n, 2, "a tax named twice is one tax");
	is_int(d.items[1].choices_n, 1, "a group named twice is one choice");
	ok(d.items[1].choices[0].min == 0 && d.items[1].choices[0].max == 9, "of nothing less than nothing");
}

static void
test_many(void)
{
	struct menu_doc_tax *taxes = arena_array(arena, PROBLEMS_MAX + 7, sizeof *taxes);

	check((struct menu_doc){ .taxes = taxes, .taxes_n = PROBLEMS_MAX + 7 });
	is_int(problems.n, PROBLEMS_MAX, "so many problems are told");
	is_int(problems.lost, 7, "and the rest is counted");
}

int
main(void)
{
	arena = arena_new((size_t)64 * 1024 * 1024);
	test_categories();
	test_items();
	test_many();
	arena_free(&arena);
	return tap_done();
}
