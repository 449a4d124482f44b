/* The menu in memory is never older than the one in the tables; what a POS switches off is off everywhere. */

#include <stdlib.h>
#include <string.h>

#include "menu/item.h"
#include "menu/menu.h"
#include "menu/menu_doc.h"
#include "tap.h"
#include "world.h"

/* Ids that the test can name: 16 bytes, the last one telling. */
#define ID(last) "UNHEX('000000000000000000000000000000" last "')"
static const unsigned char item_1[16] = { [15] = 0x11 }, item_off[16] = { [15] = 0x13 }, item_hidden[16] = { [15] = 0x14 };
static const unsigned char half[16] = { [15] = 0x21 }, full[16] = { [15] = 0x22 }, old[16] = { [15] = 0x23 };
static const unsigned char mild[16] = { [15] = 0x41 }, category_2[16] = { [15] = 0x02 };

static void
rows_make(void)
{
	world_sql("INSERT INTO restaurants (id, slug, name, created_at, updated_at) VALUES (1, 'a', 'A', NOW(6), NOW(6)),"
	    " (2, 'b', 'B', NOW(6), NOW(6))");
	world_sql("INSERT INTO restaurant_counters (restaurant_id, menu_version) VALUES (1, 5), (2, 1)");
	world_sql("INSERT INTO categories (id, public_id, restaurant_id, external_id, name, display_order, is_active) VALUES"
	    " (1, " ID("01") ", 1, 'c1', 'Second', 2, 1), (2, " ID("02") ", 1, 'c2', 'First', 1, 1),"
	    " (3, " ID("03") ", 1, 'c3', 'Hidden', 0, 0), (4, " ID("04") ", 2, 'c1', 'Theirs', 0, 1)");
	world_sql("INSERT INTO items (id, public_id, restaurant_id, category_id, external_id, name, price_minor, is_available,"
	    " is_active, time_slots, display_order, created_at, updated_at) VALUES"
	    " (1, " ID("11") ", 1, 1, 'i1', 'Pizza', 100, 1, 1, '[\"lunch\", 7, \"dinner\"]', 2, NOW(6), NOW(6)),"
	    " (2, " ID("12") ", 1, 2, 'i2', 'Soup', 200, 1, 1, NULL, 9, NOW(6), NOW(6)),"
	    " (3, " ID("13") ", 1, 1, 'i3', 'Retired', 300, 1, 0, NULL, 1, NOW(6), NOW(6)),"
	    " (4, " ID("14") ", 1, 3, 'i4', 'In a hidden category', 300, 1, 1, NULL, 1, NOW(6), NOW(6)),"
	    " (5, " ID("15") ", 1, 1, 'i5', 'Salad', 300, 0, 1, '[]', 1, NOW(6), NOW(6)),"
	    " (6, " ID("16") ", 2, 4, 'i1', 'Their pizza', 300, 1, 1, NULL, 1, NOW(6), NOW(6))");
	world_sql("INSERT INTO variations (id, public_id, restaurant_id, item_id, external_id, name, price_minor, is_active,"
	    " display_order) VALUES (1, " ID("21") ", 1, 1, 'v1', 'Half', 50, 1, 2), (2, " ID("22") ", 1, 1, 'v2', 'Full', 90, 1, 1),"
	    " (3, " ID("23") ", 1, 1, 'v3', 'Old', 90, 0, 0), (4, " ID("24") ", 1, 3, 'v4', 'Of the retired', 90, 1, 0)");
	world_sql("INSERT INTO addon_groups (id, public_id, restaurant_id, external_id, name, is_active, display_order) VALUES"
	    " (1, " ID("31") ", 1, 'g1', 'Spice', 1, 1), (2, " ID("32") ", 1, 'g2', 'Gone', 0, 2), (3, " ID("33") ", 1, 'g3', 'Dip', 1, 0)");
	world_sql("INSERT INTO addon_items (id, public_id, restaurant_id, addon_group_id, external_id, name, price_minor, is_active)"
	    " VALUES (1, " ID("41") ", 1, 1, 'a1', 'Mild', 0, 1), (2, " ID("42") ", 1, 2, 'a2', 'Gone', 0, 1),"
	    " (3, " ID("43") ", 1, 3, 'a1', 'Mild dip', 0, 1), (4, " ID("44") ", 1, 1, 'a4', 'Not now', 0, 0)");
	world_sql("INSERT INTO item_addon_groups (restaurant_id, item_id, variation_id, addon_group_id, min_choices, max_choices,"
	    " display_order) VALUES (1, 1, 0, 1, 0, 2, 1), (1, 1, 0, 2, 0, 2, 0), (1, 1, 0, 3, 0, 0, 0), (1, 1, 2, 1, 1, 1, 0),"
	    " (1, 1, 3, 1, 1, 1, 0)");
	world_sql("INSERT INTO taxes (id, restaurant_id, external_id, name, kind, rate_micro, is_active, display_order) VALUES"
	    " (1, 1, 't1', 'SGST', 'percent', 25000, 1, 2), (2, 1, 't2', 'CGST', 'percent', 25000, 1, 1),"
	    " (3, 1, 't3', 'Old', 'percent', 99, 0, 0)");
	world_sql("INSERT INTO item_taxes (restaurant_id, item_id, tax_id) VALUES (1, 1, 1), (1, 1, 2), (1, 1, 3), (1, 5, 1)");
}

static void
test_whole(void)
{
	const struct menu_variation *v;
	const struct menu_item *item;
	const struct menu *menu;
	struct op op;

	world_op(&op, PROGRAM_menu);
	is_int(menu_get(&op, 1, &menu), OK, "MENU-02 a menu is read");
	is_int(menu->version, 5, "D9 with its version");
	is_str(menu->currency, "INR", "and its currency");
	ok(menu->categories_n == 2 && strcmp(menu->categories[0].name, "First") == 0,
	    "MENU-01 active categories in display order");
	ok(menu->items_n == 3 && strcmp(menu->items[0].name, "Soup") == 0 && strcmp(menu->items[1].name, "Salad") == 0 &&
		strcmp(menu->items[2].name, "Pizza") == 0,
	    "MENU-02 items in the order of their categories, then their own");
	item = menu_item_find(menu, item_1);
	ok(item == &menu->items[2], "MENU-03 an item by its public id");
	ok(menu_item_find(menu, item_off) == NULL, "MENU-03 not a retired one");
	ok(menu_item_find(menu, item_hidden) == NULL, "MENU-03 nor one of a category that is not shown");
	ok(menu_category_find(menu, category_2) == item[-2].category, "MENU-02 a category by its public id");
	ok(item->time_slots_n == 2 && strcmp(item->time_slots[1], "dinner") == 0, "MENU-05 its slots");
	is_int(menu->items[1].time_slots_n, 0, "MENU-05 an empty list is always");
	ok(!menu->items[1].is_available, "MENU-04 what is sold out is on the menu");
	ok(item->variations_n == 2 && strcmp(item->variations[0].name, "Full") == 0, "MENU-08 its variations in order");
	ok(menu_variation_find(menu, half) == &item->variations[1], "MENU-08 a variation by its public id");
	ok(menu_variation_find(menu, old) == NULL, "MENU-08 not one that is gone");
	ok(menu_variation_find(menu, half)->item == item, "MENU-08 it knows its item");
	ok(item->choices_n == 2 && strcmp(item->choices[0].group->name, "Dip") == 0, "MENU-08 its groups, without one that is gone");
	ok(menu_addon_find(menu, mild)->group == item->choices[1].group, "MENU-08 an add-on knows its group");
	is_int(item->choices[1].group->addons_n, 1, "MENU-08 a group has what is active in it");
	v = menu_variation_find(menu, full);
	is_int(menu_choice_find(item, v, item->choices[1].group)->min, 1, "MENU-08 a variation's own rule comes first");
	is_int(menu_choice_find(item, NULL, item->choices[1].group)->min, 0, "MENU-08 else the item's");
	ok(menu_choice_find(item, v, item->choices[0].group) == &item->choices[0], "MENU-08 for every group");
	ok(menu_choice_find(&menu->items[0], NULL, item->choices[0].group) == NULL, "MENU-08 and none for the soup");
	ok(item->taxes_n == 2 && strcmp(item->taxes[0]->name, "CGST") == 0, "taxes in order, active ones only");
	is_int(menu_get(&op, 3, &menu), ERR_NOT_FOUND, "a restaurant that is not there has none");
	op_end(&op);
}

static const struct menu *
get(struct op *op, struct menu_cache *cache, int64_t restaurant_id)
{
	const struct menu *menu = NULL;

	world_op(op, PROGRAM_menu);
	op->menus = cache;
	if (menu_get(op, restaurant_id, &menu) != OK)
		diag("no menu: %s", op->fault.sentence);
	return menu;
}

static void
test_cache(void)
{
	struct menu_cache *cache = menu_cache_new(0);
	const struct menu *first, *again, *changed;
	struct bytes kept;
	struct op a, b;

	first = get(&a, cache, 1);
	ok(menu_body(first, MENU_BODY_ITEMS).data == NULL, "a new menu has no rendered body");
	kept = menu_body_keep(first, MENU_BODY_ITEMS, (struct bytes){ "abc", 3 });
	op_end(&a);
	again = get(&a, cache, 1);
	ok(again == first, "MENU-09 the second time it comes from memory");
	ok(menu_body(again, MENU_BODY_ITEMS).data == kept.data && memcmp(kept.data, "abc", 3) == 0, "MENU-09 its body too");
	world_sql("UPDATE restaurant_counters SET menu_version = menu_version + 1 WHERE restaurant_id = 1");
	changed = get(&b, cache, 1);
	ok(changed != first && changed->version == 6, "D9 a version later it is read again");
	ok(menu_body(changed, MENU_BODY_ITEMS).data == NULL, "D9 and rendered again");
	is_int(first->version, 5, "an op that holds the old one still may look at it");
	is_str(first->items[0].name, "Soup", "all of it");
	op_end(&a);
	op_end(&b);
	world_sql("UPDATE restaurants SET currency = 'EUR' WHERE id = 1");
	is_str(get(&a, cache, 1)->currency, "EUR", "prices in another currency are another menu");
	op_end(&a);
	world_sql("UPDATE restaurants SET currency = 'INR' WHERE id = 1");
	menu_cache_free(&cache);
	ok(cache == NULL, "and the cache can go");

	cache = menu_cache_new(1); /* room for no menu besides the newest */
	first = get(&a, cache, 1);
	again = get(&b, cache, 2);
	ok(first->restaurant_id == 1 && again->restaurant_id == 2, "MENU-09 each restaurant has its own");
	op_end(&a);
	op_end(&b);
	ok(get(&a, cache, 2) == again, "MENU-09 the newest stays in a cache that is too small");
	op_end(&a);
	menu_cache_free(&cache);
}

static enum err
get_body(struct op *op, void *arg)
{
	const struct menu **menu = arg;
	int64_t changed;
	enum err e;

	e = item_stock_set(op, 1, (const char *const[]){ "i2" }, 1, STOCK_ITEM, false, TIME_NONE, &changed, NULL, NULL);
	if (e == OK)
		e = menu_get(op, 1, menu);
	if (e == OK && (*menu)->items[0].is_available)
		return fail(op, ERR_INTERNAL_ERROR, "does not see its own work");
	return e != OK ? e : fail(op, ERR_CONFLICT, "on purpose");
}

static void
test_transaction(void)
{
	struct menu_cache *cache = menu_cache_new(0);
	const struct menu *inside = NULL, *after;
	struct op op;

	world_op(&op, PROGRAM_jobs);
	op.menus = cache;
	is_int(db_tx(&op, get_body, &inside), ERR_CONFLICT, "a transaction that reads what it wrote, and is rolled back");
	op_forgive(&op);
	is_int(menu_get(&op, 1, &after), OK, "then the menu is read again");
	ok(after != inside && after->items[0].is_available, "D9 what was rolled back is not in the cache");
	op_end(&op);
	menu_cache_free(&cache);
}

static int64_t
stock(const char *const *ids, size_t n, enum stock_kind kind, bool on, size_t *ret_unknown_n)
{
	const char *unknown[8];
	int64_t changed = -1;
	size_t unknown_n = 0;
	struct op op;

	world_op(&op, PROGRAM_webhooks);
	if (item_stock_set(&op, 1, ids, n, kind, on, TIME_NONE, &changed, unknown, &unknown_n) != OK)
		diag("stock: %s %s", op.fault.sentence, op.fault.internal);
	if (unknown_n == 1 && ids != NULL)
		is_str(unknown[0], n == 1 ? ids[0] : ids[1], "the unknown one is named");
	if (ret_unknown_n != NULL)
		*ret_unknown_n = unknown_n;
	op_end(&op);
	return changed;
}

static void
test_stock(void)
{
	static const char *const some[] = { "i1", "i77", "v2" };
	struct menu_cache *cache = menu_cache_new(0);
	int64_t version = world_int("SELECT menu_version FROM restaurant_counters WHERE restaurant_id = 1");
	const struct menu *menu;
	size_t unknown_n;
	struct op op;

	(void)get(&op, cache, 1);
	op_end(&op);
	is_int(stock(some, 3, STOCK_ITEM, false, &unknown_n), 2, "WH-22 an item and a variation are switched off");
	is_int(unknown_n, 1, "what nobody knows is told");
	menu = get(&op, cache, 1);
	is_int(menu->version, version + 1, "D9 that is a version");
	ok(!menu_item_find(menu, item_1)->is_available, "D9 the next reader sees it");
	ok(!menu_variation_find(menu, full)->is_available && menu_variation_find(menu, half)->is_available,
	    "D9 the variation too, and only that one");
	op_end(&op);
	is_int(world_int("SELECT is_available FROM items WHERE id = 6"), 1, "ARC-02 another restaurant's i1 is not ours");
	is_int(world_int("SELECT COUNT(*) FROM events WHERE restaurant_id = 1 AND kind = 'menu_changed'"), 1,
	    "whoever watches is told");
	is_int(stock(some, 3, STOCK_ITEM, false, NULL), 0, "off again changes nothing");
	is_int(stock(some, 3, STOCK_ITEM, true, NULL), 2, "on");
	is_int(stock(some, 3, STOCK_ITEM, false, NULL), 2, "and off a second time counts: on, off, on are three things");
	is_int(world_int("SELECT menu_version FROM restaurant_counters WHERE restaurant_id = 1"), version + 3,
	    "D9 three changes, three versions");
	is_int(stock((const char *const[]){ "a1" }, 1, STOCK_ADDON, false, NULL), 2, "WH-22 an add-on in every group it stands in");
	is_int(stock((const char *const[]){ "i1" }, 1, STOCK_ADDON, false, &unknown_n), 0, "an item is no add-on");
	is_int(stock(NULL, 0, STOCK_ITEM, false, NULL), 0, "nothing at all");
	menu_cache_free(&cache);
}

/* A POS that names a thing alone, where our menu names it by what it stands in too. */
static void
test_stock_anywhere(void)
{
	static const char *const sold_out[] = { "a1", "a" };
	size_t unknown_n;

	world_sql("UPDATE addon_items SET is_available = 1");
	world_sql("UPDATE items SET is_available = 1, external_id = 'a1/g1' WHERE id = 1");
	world_sql("UPDATE items SET is_available = 1, external_id = 'a1/g2' WHERE id = 2");
	world_sql("UPDATE items SET is_available = 1, external_id = 'a10/g1' WHERE id = 5");
	is_int(stock(sold_out, 2, STOCK_ANY, false, &unknown_n), 4, "WH-22 a thing is sold out in every place, and as an add-on");
	is_int(unknown_n, 1, "WH-22 what only begins alike is another");
	is_int(world_int("SELECT SUM(is_available) FROM items WHERE id IN (1, 2)"), 0, "WH-22 both places");
	is_int(world_int("SELECT is_available FROM items WHERE id = 5"), 1, "WH-22 and no other");
	is_int(stock(sold_out, 1, STOCK_ANY, true, NULL), 4, "WH-22 and it comes back");
	world_sql("UPDATE items SET external_id = CONCAT('i', id) WHERE id IN (1, 2, 5)");
}

/* On as many rows as fifty restaurants have, the hot statements go by their keys. */
static void
test_plans(void)
{
	static const struct {
		const char *what, *sql, *key;
	} plans[] = {
		{ "the version", "SELECT c.menu_version, r.currency FROM restaurant_counters c JOIN restaurants r"
		  " ON r.id = c.restaurant_id WHERE c.restaurant_id = 1", "PRIMARY" },
		{ "items", "SELECT * FROM items WHERE restaurant_id = 1 AND is_active = 1 ORDER BY display_order, id LIMIT 50000",
		  "uq_items_external" },
		{ "variations", "SELECT * FROM variations WHERE restaurant_id = 1 AND is_active = 1 ORDER BY item_id,"
		  " display_order, id LIMIT 200000", "uq_variations_external" },
		{ "an item by the POS's id", "SELECT id, is_available FROM items WHERE restaurant_id = 1 AND external_id = 'i1'",
		  "uq_items_external" },
		{ "items by the POS's id and place", "SELECT id, is_available FROM items WHERE restaurant_id = 1"
		  " AND external_id LIKE CONCAT('i1', '/%') ORDER BY id LIMIT 10000", "uq_items_external" },
		{ "variations by the POS's id", "SELECT id, is_available FROM variations WHERE restaurant_id = 1"
		  " AND external_id = 'v1' ORDER BY id LIMIT 10000", "ix_variations_external" },
	};

	world_sql("INSERT INTO restaurants (id, slug, name, created_at, updated_at) SELECT seq, CONCAT('r', seq), 'R', NOW(6),"
	    " NOW(6) FROM seq_100_to_149");
	world_sql("INSERT INTO categories (id, public_id, restaurant_id, name) SELECT seq, UNHEX(MD5(CONCAT('c', seq))), seq, 'C'"
	    " FROM seq_100_to_149");
	world_sql("INSERT INTO items (id, public_id, restaurant_id, category_id, external_id, name, price_minor, created_at,"
	    " updated_at) SELECT seq, UNHEX(MD5(CONCAT('i', seq))), 100 + seq %% 50, 100 + seq %% 50, CONCAT('i', seq), 'I', 1,"
	    " NOW(6), NOW(6) FROM seq_1000_to_10999");
	world_sql("INSERT INTO variations (public_id, restaurant_id, item_id, external_id, name, price_minor) SELECT"
	    " UNHEX(MD5(CONCAT('v', seq))), 100 + (seq DIV 2) %% 50, 1000 + (seq - 2000) DIV 2, CONCAT('v', seq %% 100), 'V', 1"
	    " FROM seq_2000_to_21999");
	world_sql("ANALYZE TABLE items");
	world_sql("ANALYZE TABLE variations");
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
		char *plan = world_text("EXPLAIN FORMAT=JSON %s", plans[i].sql);

		if (!ok(plan != NULL && strstr(plan, plans[i].key) != NULL && strstr(plan, "\"ALL\"") == NULL,
		    "SYNC-09 MENU-09 %s by a key, not by looking at everything", plans[i].what))
			diag("%s", plan);
		free(plan);
	}
}

int
main(void)
{
	world_begin();
	rows_make();
	test_whole();
	test_cache();
	test_transaction();
	test_stock();
	test_stock_anywhere();
	test_plans();
	return tap_done();
}
