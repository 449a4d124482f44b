/* A POS's menu becomes ours: once, again, changed, broken, interrupted, and two at a time. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "menu/menu_import.h"
#include "tap.h"
#include "world.h"

#define ARENA_MAX ((size_t)512 * 1024 * 1024)

/* --- a small menu, changed as the tests need it -------------------------------------------------- */

static const struct menu_doc_choice cheese[] = { { "g1", 0, 2 } };
static const struct menu_doc_choice crust[] = { { "g2", 1, 1 } };
static const char *const gst[] = { "t1", "t2" };

struct small {
	struct menu_doc doc;
	struct menu_doc_tax taxes[2];
	struct menu_doc_category categories[4];
	struct menu_doc_addon cheeses[2], crusts[2];
	struct menu_doc_addon_group groups[2];
	struct menu_doc_variation sizes[2];
	struct menu_doc_item items[5];
};

#define ITEM(id, category, title, price) \
	{ .external_id = (id), .category_external_id = (category), .name = (title), .price_minor = (price), \
	  .diet = DIET_VEG, .is_available = true, .is_active = true, .order_types = MENU_ALL_TYPES, \
	  .gst_liability = "restaurant", .tax_external_ids = gst, .taxes_n = 2 }

/* 2 taxes, 3 categories, 2 groups with 2 add-ons each, 4 items (one with 2 variations): 23 rows with their links. */
#define SMALL_ROWS (2 + 3 + 2 + 4 + 4 + 2 + 8 + 2)

static void
small_make(struct small *s)
{
	*s = (struct small){
		.taxes = {
			{ "t1", "CGST", true, 25000, 0, MENU_ALL_TYPES, true, 1 },
			{ "t2", "SGST", true, 25000, 0, MENU_ALL_TYPES, true, 2 },
		},
		.categories = {
			{ "c1", "Starters", 1, true, NULL, NULL },
			{ "c2", "Pizza", 2, true, "https://img/pizza.png", "[{\"day\": \"mon\", \"from\": 10}]" },
			{ "c3", "Drinks", 3, true, NULL, NULL },
		},
		.cheeses = { { "a1", "Cheddar", 3000, true, true, 1 }, { "a2", "Feta", 4000, true, true, 2 } },
		.crusts = { { "a1", "Thin", 0, true, true, 1 }, { "a3", "Stuffed", 5000, true, true, 2 } },
		.sizes = {
			{ .external_id = "v1", .variation_code = "89058", .name = "Small", .price_minor = 20000,
			  .is_available = true, .is_active = true, .choices = crust, .choices_n = 1 },
			{ .external_id = "v2", .variation_code = "89059", .name = "Large", .price_minor = 35000,
			  .packing_minor = 500, .is_available = true, .is_active = true, .display_order = 1 },
		},
		.items = {
			ITEM("i1", "c1", "Paneer Tikka", 18000), ITEM("i2", "c2", "Margherita", 0),
			ITEM("i3", "c3", "Masala Chai", 2500), ITEM("i4", "c3", "Lassi", 4000),
			ITEM("i5", "c3", "Nimbu Pani", 3000),
		},
	};
	s->groups[0] = (struct menu_doc_addon_group){ "g1", "Cheese", true, 1, s->cheeses, 2 };
	s->groups[1] = (struct menu_doc_addon_group){ "g2", "Crust", true, 2, s->crusts, 2 };
	s->items[0].description = "Grilled cottage cheese…";
	s->items[1].variations = s->sizes;
	s->items[1].variations_n = 2;
	s->items[1].choices = cheese;
	s->items[1].choices_n = 1;
	s->doc = (struct menu_doc){
		.taxes = s->taxes, .taxes_n = 2, .categories = s->categories, .categories_n = 3,
		.addon_groups = s->groups, .addon_groups_n = 2, .items = s->items, .items_n = 4,
	};
}

/* --- helpers ------------------------------------------------------------------------------------- */

static int64_t
restaurant_make(const char *slug)
{
	int64_t id;

	world_sql("INSERT INTO restaurants (slug, name, created_at, updated_at) VALUES ('%s', '%s', NOW(6), NOW(6))",
	    slug, slug);
	id = world_int("SELECT id FROM restaurants WHERE slug = '%s'", slug);
	world_sql("INSERT INTO restaurant_counters (restaurant_id) VALUES (%lld)", (long long)id);
	return id;
}

/* The result lives in the op, which the caller has begun. */
static enum err
import(struct op *op, int64_t restaurant_id, const struct menu_doc *doc, enum menu_sync sync,
    struct menu_import_result *ret)
{
	const struct menu_import what = { .restaurant_id = restaurant_id, .doc = doc, .sync = sync };

	return menu_import(op, &what, ret);
}

static int64_t
version_of(int64_t restaurant_id)
{
	return world_int("SELECT menu_version FROM restaurant_counters WHERE restaurant_id = %lld",
	    (long long)restaurant_id);
}

static int64_t
count_of(const char *table, int64_t restaurant_id, const char *condition)
{
	return world_int("SELECT COUNT(*) FROM %s WHERE restaurant_id = %lld AND %s", table,
	    (long long)restaurant_id, condition);
}

/* A fingerprint of everything that a guest could notice. */
static char *
picture_of(int64_t restaurant_id)
{
	return world_text("SELECT MD5(CONCAT_WS('#',"
	    "(SELECT GROUP_CONCAT(CONCAT_WS('|', HEX(public_id), external_id, name, display_order, is_active) ORDER BY id)"
	    " FROM categories WHERE restaurant_id = r.id),"
	    "(SELECT GROUP_CONCAT(CONCAT_WS('|', HEX(public_id), external_id, name, price_minor, is_active, category_id)"
	    " ORDER BY id) FROM items WHERE restaurant_id = r.id),"
	    "(SELECT GROUP_CONCAT(CONCAT_WS('|', HEX(public_id), external_id, name, price_minor, is_active) ORDER BY id)"
	    " FROM variations WHERE restaurant_id = r.id),"
	    "(SELECT GROUP_CONCAT(CONCAT_WS('|', HEX(public_id), external_id, name, price_minor, is_active) ORDER BY id)"
	    " FROM addon_items WHERE restaurant_id = r.id),"
	    "(SELECT GROUP_CONCAT(CONCAT_WS('|', item_id, variation_id, addon_group_id, min_choices, max_choices)"
	    " ORDER BY item_id, variation_id, addon_group_id) FROM item_addon_groups WHERE restaurant_id = r.id),"
	    "(SELECT GROUP_CONCAT(CONCAT_WS('|', item_id, tax_id) ORDER BY item_id, tax_id)"
	    " FROM item_taxes WHERE restaurant_id = r.id)))"
	    " FROM restaurants r WHERE r.id = %lld", (long long)restaurant_id);
}

static bool
problem_is_there(const struct menu_import_result *r, const char *what, const char *part)
{
	for (size_t i = 0; i < r->problems_n; i++)
		if (strcmp(r->problems[i].what, what) == 0 && strstr(r->problems[i].sentence, part) != NULL)
			return true;
	diag("no problem of %s with \"%s\" among %zu:", what, part, r->problems_n);
	for (size_t i = 0; i < r->problems_n; i++)
		diag("  %s %s", r->problems[i].what, r->problems[i].sentence);
	return false;
}

/* --- first, again, changed ------------------------------------------------------------------------ */

static void
test_first(void)
{
	int64_t id = restaurant_make("first");
	struct menu_import_result r;
	struct small s;
	struct op op;
	char *text;

	small_make(&s);
	world_op(&op, PROGRAM_jobs);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-02 a menu is imported");
	is_str(r.status, "success", "SYNC-04 nothing was wrong with it");
	is_int(r.problems_n, 0, "SYNC-04 and no problem is named");
	is_int(r.items, 4, "SYNC-04 items");
	is_int(r.categories, 3, "SYNC-04 categories");
	is_int(r.changed, SMALL_ROWS, "SYNC-02 every row and link of it was written");
	is_int(r.version, 1, "D9 it is the first version");
	is_int(version_of(id), 1, "D9 and so says the counter");
	is_int(count_of("categories", id, "external_id IN ('c1','c2','c3') AND is_active = 1"), 3,
	    "DB-18 categories carry the POS's ids");
	is_int(count_of("items", id, "external_id IN ('i1','i2','i3','i4')"), 4,
	    "DB-19 items carry the POS's ids");
	is_int(count_of("variations", id, "external_id IN ('v1','v2') AND variation_code IN ('89058','89059')"), 2,
	    "DB-20 variations carry the POS's ids");
	is_int(count_of("addon_groups", id, "external_id IN ('g1','g2')"), 2,
	    "DB-21 add-on groups carry the POS's ids");
	is_int(count_of("addon_items", id, "external_id = 'a1'"), 2,
	    "DB-22 one add-on of the POS may be in two groups");
	is_int(count_of("item_addon_groups", id, "variation_id = 0 AND max_choices = 2"), 1,
	    "MENU-08 a group beside an item");
	is_int(count_of("item_addon_groups", id, "variation_id > 0 AND min_choices = 1"), 1,
	    "MENU-08 a group beside one variation");
	is_int(world_int("SELECT COUNT(DISTINCT public_id) FROM items WHERE restaurant_id = %lld"
	    " AND SUBSTR(HEX(public_id), 13, 1) = '7'", (long long)id), 4, "DB-19 public ids are UUIDs of version 7");
	text = world_text("SELECT CONCAT_WS('|', sync_type, status, items_synced, categories_synced, changed, menu_version,"
	    " completed_at >= started_at) FROM menu_sync_history WHERE id = %lld", (long long)r.sync_id);
	is_str(text, "full|success|4|3|27|1|1", "DB-17 the history of it");
	free(text);
	is_int(count_of("events", id, "kind = 'menu_changed'"), 1, "whoever watches is told");
	op_end(&op);
}

static void
test_again(void)
{
	int64_t id = restaurant_make("again");
	struct menu_import_result r;
	struct small s;
	struct op op;
	char *before, *after;

	small_make(&s);
	world_op(&op, PROGRAM_jobs);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-03 once");
	op_end(&op);
	before = picture_of(id);
	for (int i = 0; i < 2; i++) {
		world_op(&op, PROGRAM_jobs);
		is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-03 and again");
		is_int(r.changed, 0, "SYNC-03 the same document changes no row");
		is_int(r.version, 1, "SYNC-03 and makes no version");
		is_str(r.status, "success", "SYNC-03 it is a success all the same");
		op_end(&op);
	}
	after = picture_of(id);
	is_str(after, before, "SYNC-03 nothing moved");
	is_int(version_of(id), 1, "SYNC-03 nor did the counter");
	is_int(count_of("menu_sync_history", id, "status = 'success'"), 3, "SYNC-04 each stands in the history");
	is_int(count_of("events", id, "1 = 1"), 1, "SYNC-03 nobody is told of nothing");
	free(before);
	free(after);
}

static void
test_changed(void)
{
	int64_t id = restaurant_make("changed");
	struct menu_import_result r;
	struct small s;
	struct op op;
	char *was, *is;

	small_make(&s);
	world_op(&op, PROGRAM_jobs);
	import(&op, id, &s.doc, MENU_SYNC_FULL, &r);
	was = world_text("SELECT HEX(public_id) FROM items WHERE restaurant_id = %lld AND external_id = 'i1'", (long long)id);
	s.items[0].name = "Paneer Tikka (8 pieces)";
	s.items[0].price_minor = 19000;
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-03 a changed document");
	is_int(r.changed, 1, "SYNC-03 only the row that differs is written");
	is_int(r.version, 2, "D9 that is a new version");
	is = world_text("SELECT HEX(public_id) FROM items WHERE restaurant_id = %lld AND name LIKE '%%8 pieces%%'"
	    " AND price_minor = 19000", (long long)id);
	is_str(is, was, "SYNC-03 it is the same item as before");
	free(was);
	free(is);

	/* Something of every kind at once. */
	s.taxes[1].rate_micro = 60000;
	s.categories[1].timings = "[{\"from\":11,\"day\":\"mon\"}]";
	s.cheeses[0].price_minor = 3500;
	s.groups[1].name = "Base";
	s.sizes[1].name = "Family";
	s.items[1].taxes_n = 1;
	s.items[1].choices_n = 0;
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-03 a change of every kind");
	is_int(r.changed, 7, "SYNC-03 seven rows for seven changes");
	is_int(count_of("item_addon_groups", id, "variation_id = 0"), 0, "SYNC-03 a link that is gone is gone");
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-03 once more");
	is_int(r.changed, 0, "SYNC-03 and then nothing");
	s.categories[1].timings = " [ { \"day\" : \"mon\", \"from\" : 11 } ] ";
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-03 the same JSON written another way");
	is_int(r.changed, 0, "SYNC-03 is the same");
	op_end(&op);
}

static void
test_gone(void)
{
	int64_t id = restaurant_make("gone"), row;
	struct menu_import_result r;
	struct small s;
	struct op op;

	small_make(&s);
	world_op(&op, PROGRAM_jobs);
	import(&op, id, &s.doc, MENU_SYNC_FULL, &r);
	row = world_int("SELECT id FROM items WHERE restaurant_id = %lld AND external_id = 'i4'", (long long)id);
	s.doc.items_n = 3; /* no Lassi */
	s.items[1].variations_n = 1;
	s.groups[0].addons_n = 1;
	s.doc.taxes_n = 1;
	s.items[0].taxes_n = s.items[1].taxes_n = s.items[2].taxes_n = 1;
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-03 a document that names less");
	is_str(r.status, "success", "SYNC-03 which is nothing wrong");
	is_int(count_of("items", id, "external_id = 'i4' AND is_active = 0"), 1, "SYNC-03 an item is retired, not deleted");
	is_int(count_of("variations", id, "external_id = 'v2' AND is_active = 0"), 1, "SYNC-03 so is a variation");
	is_int(count_of("addon_items", id, "external_id = 'a2' AND is_active = 0"), 1, "SYNC-03 an add-on");
	is_int(count_of("taxes", id, "external_id = 't2' AND is_active = 0"), 1, "SYNC-03 a tax");
	is_int(r.changed, 4 + 3, "SYNC-03 four rows retired, three links cut");
	small_make(&s);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-03 and back again");
	is_int(world_int("SELECT id FROM items WHERE restaurant_id = %lld AND external_id = 'i4' AND is_active = 1",
	    (long long)id), row, "SYNC-03 it is the same row");
	is_int(count_of("items", id, "is_active = 1"), 4, "SYNC-03 all four are sold again");

	s.doc.categories_n = 2; /* no Drinks, but items in it */
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-02 items of a category that is gone");
	is_str(r.status, "partial", "SYNC-04 are a problem");
	ok(problem_is_there(&r, "item i3", "names category c3"), "SYNC-04 which is named");
	is_int(count_of("items", id, "category_id = (SELECT id FROM categories WHERE restaurant_id = items.restaurant_id"
	    " AND external_id = 'c3') AND is_active = 1"), 0, "SYNC-02 they are not sold");
	op_end(&op);
}

/* --- staff, slots, kinds of sync ------------------------------------------------------------------ */

static void
test_own(void)
{
	int64_t id = restaurant_make("own");
	struct menu_import_result r;
	struct small s;
	struct op op;
	char *text;

	small_make(&s);
	world_op(&op, PROGRAM_jobs);
	import(&op, id, &s.doc, MENU_SYNC_FULL, &r);
	world_sql("UPDATE items SET time_slots = '[\"lunch\", \"dinner\"]' WHERE restaurant_id = %lld AND external_id = 'i1'",
	    (long long)id);
	world_sql("INSERT INTO categories (public_id, restaurant_id, name) VALUES (UNHEX(REPLACE(UUID(),'-','')), %lld, 'Ours')",
	    (long long)id);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "C21 a sync after the staff's own work");
	is_int(r.changed, 0, "C21 leaves it alone");
	text = world_text("SELECT time_slots FROM items WHERE restaurant_id = %lld AND external_id = 'i1'", (long long)id);
	is_str(text, "[\"lunch\", \"dinner\"]", "C21 MENU-05 slots that the POS does not speak of stay");
	free(text);
	is_int(count_of("categories", id, "external_id IS NULL AND is_active = 1"), 1, "C21 and so does their category");
	s.items[0].time_slots = (const char *const[]){ "breakfast" };
	s.items[0].time_slots_n = 1;
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "MENU-05 a POS that does speak of slots");
	text = world_text("SELECT time_slots FROM items WHERE restaurant_id = %lld AND external_id = 'i1'", (long long)id);
	is_str(text, "[\"breakfast\"]", "MENU-05 has the last word");
	free(text);
	is_int(r.changed, 1, "MENU-05 one row");
	op_end(&op);
}

static void
test_part(void)
{
	int64_t id = restaurant_make("part");
	struct menu_import_result r;
	struct small s;
	struct op op;
	char *text;

	small_make(&s);
	world_op(&op, PROGRAM_jobs);
	import(&op, id, &s.doc, MENU_SYNC_FULL, &r);
	s.items[3].price_minor = 4500;
	s.doc = (struct menu_doc){ .items = &s.items[3], .items_n = 2 }; /* Lassi, and Nimbu Pani, which is new */
	is_int(import(&op, id, &s.doc, MENU_SYNC_PARTIAL, &r), OK, "SYNC-07 a document of two items");
	is_str(r.status, "success", "SYNC-07 finds its category and taxes among what is there");
	is_int(count_of("items", id, "is_active = 1"), 5, "SYNC-07 everything else stays");
	is_int(count_of("items", id, "external_id = 'i4' AND price_minor = 4500"), 1, "SYNC-07 what it names is changed");
	is_int(count_of("item_taxes", id, "item_id = (SELECT id FROM items WHERE external_id = 'i5'"
	    " AND restaurant_id = item_taxes.restaurant_id)"), 2, "SYNC-07 with the taxes it names");
	small_make(&s);
	s.categories[2].name = "Beverages";
	s.items[0].price_minor = 1;
	is_int(import(&op, id, &s.doc, MENU_SYNC_CATEGORIES, &r), OK, "DB-17 a sync of categories");
	is_int(r.changed, 1, "DB-17 looks at nothing else");
	s.categories[2].name = "Drinks";
	is_int(import(&op, id, &s.doc, MENU_SYNC_ITEMS, &r), OK, "DB-17 a sync of items");
	is_int(count_of("categories", id, "name = 'Beverages'"), 1, "DB-17 looks at no category");
	is_int(count_of("items", id, "price_minor = 1"), 1, "DB-17 but at items");
	text = world_text("SELECT GROUP_CONCAT(sync_type ORDER BY id) FROM menu_sync_history WHERE restaurant_id = %lld",
	    (long long)id);
	is_str(text, "full,partial,categories,items", "DB-17 the history knows them apart");
	free(text);
	op_end(&op);
}

/* --- what is wrong with a document ---------------------------------------------------------------- */

static void
test_names(void)
{
	int64_t id = restaurant_make("names");
	struct menu_import_result r;
	struct small s;
	struct op op;
	char *text;

	small_make(&s);
	s.categories[2].name = "STÁRTERS";
	world_op(&op, PROGRAM_jobs);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "DB-26 two categories of one name");
	is_str(r.status, "partial", "DB-26 are a problem");
	ok(problem_is_there(&r, "category c3", "has the name of another category"), "DB-26 which is named");
	text = world_text("SELECT GROUP_CONCAT(name ORDER BY external_id) FROM categories WHERE restaurant_id = %lld",
	    (long long)id);
	is_str(text, "Starters,Pizza,STÁRTERS (2)", "DB-26 the second gets a number");
	free(text);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "DB-26 again");
	is_int(r.changed, 0, "SYNC-03 which is no change");
	is_str(r.status, "partial", "DB-26 and still a problem");

	s.categories[0].name = "Pizza";
	s.categories[1].name = "Starters";
	s.categories[2].name = "Drinks";
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "DB-26 two categories exchange their names");
	is_str(r.status, "success", "DB-26 without standing in each other's way");
	is_int(r.changed, 3, "DB-26 three rows");
	text = world_text("SELECT GROUP_CONCAT(name ORDER BY external_id) FROM categories WHERE restaurant_id = %lld"
	    " AND is_active = 1", (long long)id);
	is_str(text, "Pizza,Starters,Drinks", "DB-26 as the document has it");
	free(text);
	op_end(&op);
}

static void
test_partial(void)
{
	static const char *const no_tax[] = { "t1", "t9" };
	static const struct menu_doc_choice no_group[] = { { "g9", 0, 1 }, { "g1", 5, 2 } };
	static const struct menu_doc_problem theirs[] = { { "item x", "has a price that is no number" } };
	int64_t id = restaurant_make("partial");
	struct menu_import_result r;
	struct small s;
	struct op op;
	char *text, long_name[4 * 250 + 1];

	memset(long_name, 'x', 250);
	long_name[250] = '\0';
	small_make(&s);
	s.doc.problems = theirs;
	s.doc.problems_n = 1;
	s.doc.items_n = 5;
	s.items[0].category_external_id = "c9";
	s.items[1].choices = no_group;
	s.items[1].choices_n = 2;
	s.items[2].tax_external_ids = no_tax;
	s.items[3].external_id = "i3";
	s.items[4].name = long_name;
	world_op(&op, PROGRAM_jobs);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-04 a document with mistakes is imported");
	is_str(r.status, "partial", "SYNC-04 in part");
	is_int(r.items, 3, "SYNC-04 without what cannot be used");
	ok(problem_is_there(&r, "item x", "no number"), "SYNC-04 what the reader found");
	ok(problem_is_there(&r, "item i1", "names category c9"), "SYNC-04 an unknown category: left out");
	ok(problem_is_there(&r, "item i2", "names add-on group g9"), "SYNC-04 an unknown group: without it");
	ok(problem_is_there(&r, "item i2", "at least 5 and at most 2"), "SYNC-04 a rule that nobody can keep");
	ok(problem_is_there(&r, "item i3", "names tax t9"), "SYNC-04 an unknown tax: without it");
	ok(problem_is_there(&r, "item i3", "there twice"), "SYNC-04 an id twice: once");
	ok(problem_is_there(&r, "item i5", "longer than 200"), "SYNC-04 a name too long: cut");
	is_int(count_of("items", id, "is_active = 1"), 3, "SYNC-04 the rest is sold");
	text = world_text("SELECT CONCAT(status, ' ', JSON_LENGTH(errors), ' ', JSON_VALUE(errors, '$[0].what'))"
	    " FROM menu_sync_history WHERE restaurant_id = %lld", (long long)id);
	is_str(text, "partial 7 item x", "DB-17 the history has them as JSON");
	free(text);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-05 the same again");
	is_int(r.changed, 0, "SYNC-03 changes nothing");
	small_make(&s);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-05 and put right");
	is_str(r.status, "success", "SYNC-05 it is a success");
	is_int(count_of("items", id, "is_active = 1"), 4, "SYNC-05 with all of it");
	op_end(&op);
}

static void
test_refused(void)
{
	int64_t id = restaurant_make("refused");
	struct menu_import_result r = { .version = -7 };
	struct menu_doc empty = { .provider_restaurant_id = "x" };
	struct small s;
	struct op op;
	char *before, *after, *text;

	small_make(&s);
	world_op(&op, PROGRAM_jobs);
	import(&op, id, &s.doc, MENU_SYNC_FULL, &r);
	op_end(&op);
	before = picture_of(id);
	r.version = -7;
	world_op(&op, PROGRAM_jobs);
	is_int(import(&op, id, &empty, MENU_SYNC_FULL, &r), ERR_MENU_SYNC_ERROR, "SYNC-02 an empty menu is refused");
	is_int(op.fault.code, ERR_MENU_SYNC_ERROR, "SYNC-02 and that is the op's fault");
	is_int(r.version, -7, "nothing is said of a result");
	op_end(&op);
	after = picture_of(id);
	is_str(after, before, "SYNC-02 the old menu stands");
	is_int(version_of(id), 1, "SYNC-02 at its version");
	text = world_text("SELECT CONCAT(status, ' ', JSON_VALUE(errors, '$[0].sentence'), ' ', completed_at IS NOT NULL)"
	    " FROM menu_sync_history WHERE restaurant_id = %lld ORDER BY id DESC LIMIT 1", (long long)id);
	is_str(text, "failed The menu holds no item that could be sold 1", "SYNC-04 the history says why");
	free(text);
	free(before);
	free(after);

	for (size_t i = 0; i < 4; i++)
		s.items[i].is_active = false;
	world_op(&op, PROGRAM_jobs);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), ERR_MENU_SYNC_ERROR,
	    "SYNC-02 a menu of which nothing is sold is refused too");
	op_end(&op);
	world_op(&op, PROGRAM_jobs);
	is_int(import(&op, 999999, &s.doc, MENU_SYNC_FULL, &r), ERR_NOT_FOUND, "an unknown restaurant has no menu");
	op_end(&op);
}

/* --- transactions --------------------------------------------------------------------------------- */

struct twice {
	int64_t restaurant_id;
	const struct menu_doc *doc;
	struct menu_import_result result;
	bool fails;
};

static enum err
twice_body(struct op *op, void *arg)
{
	struct twice *t = arg;
	enum err e = import(op, t->restaurant_id, t->doc, MENU_SYNC_FULL, &t->result);

	return e == OK && t->fails ? fail(op, ERR_CONFLICT, "on purpose") : e;
}

static void
test_caller(void)
{
	struct twice t = { .restaurant_id = restaurant_make("caller"), .fails = true };
	struct small s;
	struct op op;

	small_make(&s);
	t.doc = &s.doc;
	world_op(&op, PROGRAM_jobs);
	is_int(db_tx(&op, twice_body, &t), ERR_CONFLICT, "an import in a transaction that is rolled back");
	is_int(count_of("items", t.restaurant_id, "1 = 1"), 0, "has not happened");
	is_int(version_of(t.restaurant_id), 0, "nor its version");
	is_int(count_of("menu_sync_history", t.restaurant_id, "1 = 1"), 0, "nor its history");
	op_forgive(&op);
	t.fails = false;
	is_int(db_tx(&op, twice_body, &t), OK, "the same in one that is committed");
	is_int(t.result.changed, SMALL_ROWS, "has");
	is_int(version_of(t.restaurant_id), 1, "with one version");
	op_end(&op);
}

/* In a child, which is killed on the way; returns the signal that ended it. */
static int
import_killed(int64_t restaurant_id, const struct menu_doc *doc, const char *where)
{
	char dir[] = "/tmp/crash.XXXXXX", path[128];
	int status;
	pid_t pid;

	if (mkdtemp(dir) == NULL)
		abort();
	(void)snprintf(path, sizeof path, "%s/kill.%s", dir, where);
	fclose(fopen(path, "w"));
	pid = fork();
	if (pid == 0) {
		struct db_options options = world_options(PROGRAM_jobs);
		struct menu_import_result r;
		struct db *db = db_new(&options);
		struct op op;

		setenv("TICKETRAIL_CRASH_DIR", dir, 1);
		op_begin(&op, db, ARENA_MAX, NULL);
		if (db_ready(&op) == OK)
			(void)import(&op, restaurant_id, doc, MENU_SYNC_FULL, &r);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	(void)snprintf(path, sizeof path, "%s/seen", dir);
	unlink(path);
	rmdir(dir);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
test_killed(void)
{
	static const char *const where[] = { "menu_import.categories_cleared", "menu_import.categories_written",
	    "menu_import.half_of_items", "menu_import.items_written", "menu_import.before_commit" };
	int64_t id = restaurant_make("killed");
	struct menu_import_result r;
	struct small s;
	struct op op;
	char *before, *after;

	small_make(&s);
	world_op(&op, PROGRAM_jobs);
	import(&op, id, &s.doc, MENU_SYNC_FULL, &r);
	op_end(&op);
	before = picture_of(id);
	s.categories[0].name = "Small plates";
	s.items[0].price_minor = 1;
	s.items[3].price_minor = 2;
	s.doc.items_n = 5;
	for (size_t i = 0; i < sizeof where / sizeof where[0]; i++) {
		is_int(import_killed(id, &s.doc, where[i]), SIGKILL, "SYNC-05 killed at %s", where[i]);
		after = picture_of(id);
		is_str(after, before, "SYNC-05 the old menu stands whole");
		is_int(version_of(id), 1, "SYNC-05 at its version");
		free(after);
	}
	is_int(import_killed(id, &s.doc, "menu_import.after_commit"), SIGKILL, "SYNC-05 killed after the commit");
	is_int(version_of(id), 2, "SYNC-05 the new menu is there");
	world_op(&op, PROGRAM_jobs);
	is_int(import(&op, id, &s.doc, MENU_SYNC_FULL, &r), OK, "SYNC-05 and the retry");
	is_int(r.changed, 0, "SYNC-05 finds nothing left to do");
	op_end(&op);
	free(before);
}

static void
test_race(void)
{
	int64_t id = restaurant_make("race");
	struct small s;
	pid_t pids[4];

	small_make(&s);
	for (size_t i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct db_options options = world_options(PROGRAM_jobs);
			struct menu_import_result r;
			struct db *db = db_new(&options);
			struct op op;

			op_begin(&op, db, ARENA_MAX, NULL);
			_exit(db_ready(&op) != OK || import(&op, id, &s.doc, MENU_SYNC_FULL, &r) != OK);
		}
	}
	for (size_t i = 0; i < 4; i++) {
		int status;

		waitpid(pids[i], &status, 0);
		is_int(status, 0, "SYNC-03 one of four at the same time");
	}
	is_int(version_of(id), 1, "SYNC-03 one of them made the version");
	is_int(count_of("items", id, "1 = 1"), 4, "SYNC-03 and the rows");
	is_int(count_of("menu_sync_history", id, "changed = 0"), 3, "SYNC-03 the others found them there");
}

/* --- size ----------------------------------------------------------------------------------------- */

#define BIG_ITEMS 300

static struct menu_doc
big_make(struct arena *arena)
{
	static const struct menu_doc_choice choices[] = { { "g1", 0, 2 }, { "g2", 0, 0 } };
	struct menu_doc_category *categories = arena_array(arena, 20, sizeof *categories);
	struct menu_doc_item *items = arena_array(arena, BIG_ITEMS, sizeof *items);
	struct small *s = arena_alloc(arena, sizeof *s);

	small_make(s);
	for (size_t i = 0; i < 20; i++)
		categories[i] = (struct menu_doc_category){ .external_id = arena_printf(arena, "c%zu", i),
			.name = arena_printf(arena, "Category %zu", i), .display_order = (int64_t)i, .is_active = true };
	for (size_t i = 0; i < BIG_ITEMS; i++) {
		struct menu_doc_variation *v = arena_array(arena, 2, sizeof *v);

		items[i] = (struct menu_doc_item)ITEM(arena_printf(arena, "%zu", 7765000 + i), categories[i % 20].external_id,
		    arena_printf(arena, "Item number %zu", i), (int64_t)i * 100);
		for (size_t j = 0; j < 2; j++)
			v[j] = (struct menu_doc_variation){ .external_id = arena_printf(arena, "%zu", 9000000 + 2 * i + j),
				.name = j == 0 ? "Half" : "Full", .price_minor = (int64_t)(i + j) * 100, .is_active = true,
				.is_available = true };
		items[i].description = "As it is made where it comes from, with what grows there";
		items[i].variations = v;
		items[i].variations_n = 2;
		items[i].choices = choices;
		items[i].choices_n = 2;
	}
	return (struct menu_doc){ .taxes = s->taxes, .taxes_n = 2, .categories = categories, .categories_n = 20,
		.addon_groups = s->groups, .addon_groups_n = 2, .items = items, .items_n = BIG_ITEMS };
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
test_big(void)
{
	int64_t id = restaurant_make("big"), begin;
	struct menu_import_result r;
	struct menu_doc doc;
	struct op op;

	world_op(&op, PROGRAM_jobs);
	doc = big_make(op.arena);
	begin = now_ms();
	is_int(import(&op, id, &doc, MENU_SYNC_FULL, &r), OK, "SYNC-09 a menu of 300 items with 600 variations");
	diag("first import: %lld rows in %lld ms", (long long)r.changed, (long long)(now_ms() - begin));
	is_int(r.changed, 2 + 20 + 2 + 4 + 300 * (1 + 2 + 2 + 2), "SYNC-09 all of it");
	ok(now_ms() - begin < 10000, "TEST-08 in a time that nobody's call runs out in");
	begin = now_ms();
	is_int(import(&op, id, &doc, MENU_SYNC_FULL, &r), OK, "SYNC-09 and again");
	diag("second import: %lld rows in %lld ms", (long long)r.changed, (long long)(now_ms() - begin));
	is_int(r.changed, 0, "SYNC-03 without a change");
	op_end(&op);
}

int
main(void)
{
	world_begin();
	test_first();
	test_again();
	test_changed();
	test_gone();
	test_own();
	test_part();
	test_names();
	test_partial();
	test_refused();
	test_caller();
	test_killed();
	test_race();
	test_big();
	return tap_done();
}
