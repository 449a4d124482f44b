/* A menu as the API shows it, and finding things in it. */

#include <string.h>

#include "mem/buf.h"
#include "menu/menu_json.h"
#include "menu/search.h"
#include "tap.h"

static struct arena *arena;

static const struct menu_category starters = {
	.id = 1, .public_id = { 0x01, 0x90 }, .name = "Starters", .display_order = 2,
};
static const struct menu_category drinks = {
	.id = 2, .public_id = { 0x02 }, .name = "Drinks", .display_order = 3, .image_url = "https://img/d.png",
};
static const struct menu_addon_group spice;
static const struct menu_addon mild[] = {
	{ .id = 1, .public_id = { 0x05 }, .name = "Mild", .is_available = true, .group = &spice },
	{ .id = 2, .public_id = { 0x06 }, .name = "\"Hot\"", .price_minor = 550, .group = &spice },
};
static const struct menu_addon_group spice = {
	.id = 1, .public_id = { 0x04 }, .name = "Spice level", .addons = mild, .addons_n = 2,
};
static const struct menu_choice one_spice[] = { { &spice, 1, 1 } };
static const struct menu_choice any_spice[] = { { &spice, 0, 0 } };
static const struct menu_variation sizes[] = {
	{ .id = 1, .public_id = { 0x03 }, .name = "Half", .price_minor = 18000, .is_available = true },
	{ .id = 2, .public_id = { 0x07 }, .name = "Full", .price_minor = 30000, .choices = any_spice, .choices_n = 1 },
};
static const char *const dinner[] = { "lunch", "dinner" };
static const struct menu_item items[] = {
	{ .id = 1, .public_id = { 0x11 }, .name = "Paneer Tikka", .description = "Grilled cottage cheese…",
	  .price_minor = 18000, .image_url = "https://img/p.png", .is_veg = true, .is_available = true,
	  .time_slots = dinner, .time_slots_n = 2, .category = &starters, .variations = sizes, .variations_n = 2,
	  .choices = one_spice, .choices_n = 1 },
	{ .id = 2, .public_id = { 0x12 }, .name = "CAFÉ glacé", .price_minor = 5, .category = &drinks },
};
static const struct menu_category categories[] = {
	{ .id = 1, .public_id = { 0x01, 0x90 }, .name = "Starters", .display_order = 2 },
	{ .id = 2, .public_id = { 0x02 }, .name = "Drinks", .display_order = 3, .image_url = "https://img/d.png" },
};
static const struct menu menu = {
	.currency = "INR", .categories = categories, .categories_n = 2, .items = items, .items_n = 2,
};

#define ID(first) first "000000-0000-0000-0000-000000000000"

static const char *
item_text(const struct menu *of, const struct menu_item *item)
{
	struct buf buf;

	buf_init(&buf, arena, 100000);
	menu_json_item(&buf, of, item);
	return buf.data;
}

static const char *
items_text(struct menu_filter filter)
{
	struct buf buf;

	buf_init(&buf, arena, 100000);
	menu_json_items(&buf, &menu, &filter);
	return buf.data;
}
#define ITEMS(...) items_text((struct menu_filter){ __VA_ARGS__ })

static void
test_shape(void)
{
	static const char spice_items[] = "\"addon_items\":["
		"{\"id\":\"" ID("05") "\",\"name\":\"Mild\",\"price\":0.00,\"is_available\":true},"
		"{\"id\":\"" ID("06") "\",\"name\":\"\\\"Hot\\\"\",\"price\":5.50,\"is_available\":false}]}";
	const char *want = arena_printf(arena,
	    "{\"id\":\"" ID("11") "\",\"name\":\"Paneer Tikka\",\"description\":\"Grilled cottage cheese…\","
	    "\"price\":180.00,\"image_url\":\"https://img/p.png\",\"is_veg\":true,\"is_available\":true,"
	    "\"time_slots\":[\"lunch\",\"dinner\"],"
	    "\"category\":{\"id\":\"01900000-0000-0000-0000-000000000000\",\"name\":\"Starters\"},"
	    "\"variations\":[{\"id\":\"" ID("03") "\",\"name\":\"Half\",\"price\":180.00,\"is_available\":true},"
	    "{\"id\":\"" ID("07") "\",\"name\":\"Full\",\"price\":300.00,\"is_available\":false,"
	    "\"addon_groups\":[{\"id\":\"" ID("04") "\",\"name\":\"Spice level\",\"min\":0,\"max\":0,%s]}],"
	    "\"addon_groups\":[{\"id\":\"" ID("04") "\",\"name\":\"Spice level\",\"min\":1,\"max\":1,%s]}",
	    spice_items, spice_items);
	struct menu yen = menu;
	struct buf buf;

	is_str(item_text(&menu, &items[0]), want, "MENU-04 MENU-08 an item with everything");
	is_str(item_text(&menu, &items[1]), "{\"id\":\"" ID("12") "\",\"name\":\"CAFÉ glacé\",\"description\":null,"
	    "\"price\":0.05,\"image_url\":null,\"is_veg\":false,\"is_available\":false,\"time_slots\":[],"
	    "\"category\":{\"id\":\"" ID("02") "\",\"name\":\"Drinks\"},\"variations\":[],\"addon_groups\":[]}",
	    "MENU-04 an item with nothing: empty lists, null where there is none");
	yen.currency = "JPY";
	ok(strstr(item_text(&yen, &items[0]), "\"price\":18000,") != NULL, "MENU-04 a currency without decimals");
	buf_init(&buf, arena, 10000);
	menu_json_categories(&buf, &menu);
	is_str(buf.data, "{\"categories\":["
	    "{\"id\":\"01900000-0000-0000-0000-000000000000\",\"name\":\"Starters\",\"display_order\":2,\"image_url\":null},"
	    "{\"id\":\"" ID("02") "\",\"name\":\"Drinks\",\"display_order\":3,\"image_url\":\"https://img/d.png\"}]}",
	    "MENU-01 categories");
}

/* Which of the two are in the answer: "12", "1", "2", "". */
static const char *
which(const char *text)
{
	bool first = strstr(text, "Paneer") != NULL, second = strstr(text, "CAF") != NULL;

	if (strstr(text, first && second ? "\"total\":2}" : first || second ? "\"total\":1}" : "\"total\":0}") == NULL)
		return "a wrong total";
	return first && second ? "12" : first ? "1" : second ? "2" : "";
}

static void
test_filter(void)
{
	is_str(which(ITEMS(.category = NULL)), "12", "MENU-02 all items and how many");
	is_str(which(ITEMS(.category = &starters)), "1", "MENU-02 those of a category");
	is_str(which(ITEMS(.is_nothing = true)), "", "MENU-02 none of one that is not there");
	is_str(which(ITEMS(.time_slot = "dinner")), "12", "MENU-02 of a slot: its own and those that are always there");
	is_str(which(ITEMS(.time_slot = "breakfast")), "2", "MENU-02 not those of other slots only");
	is_str(which(ITEMS(.search = "pan")), "1", "MENU-02 by a part of the name");
	is_str(which(ITEMS(.search = "COTTAGE  cheese")), "1", "MENU-02 or of the description");
	is_str(which(ITEMS(.search = "cafe glace")), "2", "MENU-02 without accents");
	is_str(which(ITEMS(.search = "café")), "2", "MENU-02 with them");
	is_str(which(ITEMS(.search = "cafe\xcc\x81")), "2", "MENU-02 with them written apart");
	is_str(which(ITEMS(.search = "%")), "", "MENU-02 a percent sign is a percent sign");
	is_str(which(ITEMS(.search = " ")), "12", "MENU-02 a blank is in everything");
	is_str(which(ITEMS(.category = &drinks, .search = "paneer")), "", "MENU-02 all conditions hold together");
}

static void
test_fold(void)
{
	is_str(search_fold(arena, "ÀÉÎÕÜÇÑ"), "aeioucn", "capital letters with accents");
	is_str(search_fold(arena, "Straße, Œuvre, Ægir, Þor, Ĳssel"), "strasse, oeuvre, aegir, thor, ijssel",
	    "letters that are two");
	is_str(search_fold(arena, "ŁÓDŹ Škoda ĞİŞ"), "lodz skoda gis", "Polish, Czech, Turkish");
	is_str(search_fold(arena, "ΣΠΑΝΑΚΙ БОРЩ Ёлка"), "σπανακι борщ ёлка", "Greek and Cyrillic are lowered");
	is_str(search_fold(arena, "पनीर टिक्का"), "पनीर टिक्का", "Devanagari stays, with its marks");
	is_str(search_fold(arena, "×÷ 3×4"), "×÷ 3×4", "signs stay");
	is_str(search_fold(arena, " \t a\xc2\xa0\n b  "), "a b", "blanks become one, none at the ends");
	is_str(search_fold(arena, "a\xff\xc3"), "a\xff\xc3", "bytes that are not UTF-8 stay");
	is_str(search_fold(arena, ""), "", "nothing");
	ok(search_finds(arena, "anything", ""), "an empty needle is everywhere");
	ok(!search_finds(arena, NULL, ""), "but not in nothing");
}

int
main(void)
{
	arena = arena_new((size_t)64 * 1024 * 1024);
	test_shape();
	test_filter();
	test_fold();
	arena_free(&arena);
	return tap_done();
}
