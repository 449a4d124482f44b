/*
 * PetPooja: its menu as our menu_doc: what is read, how leniently, what is left out, and what is
 * refused as a whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "order_file.h"
#include "pos/pos.h"
#include "tap.h"

static const struct pos_config *
petpooja_config(struct arena *a)
{
	return adapter_config(a, &pos_petpooja, "{}", "INR");
}

static enum outcome
reply_read(struct arena *a, const struct http_reply *r)
{
	struct pos_task task = { .config = petpooja_config(a) };

	return pos_petpooja.talks[POS_MENU].read(a, &task, r).verdict.outcome;
}

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

static bool
read_file(struct arena *a, const char *path, struct menu_doc *ret)
{
	size_t len;
	char *text = tap_file(path, &len);
	const char *why =
	    adapter_menu(a, petpooja_config(a), (struct bytes){ text, len }, ret);

	free(text); /* nothing of the document may point there */
	if (why != NULL)
		diag("%s", why);
	return why == NULL;
}

static void
test_lists(const struct menu_doc *d)
{
	is_str(
	    d->provider_restaurant_id, "ab12cd34ef", "SYNC-02 a menu is known by its sharing code");
	ok(d->taxes_n == 4 && d->taxes[0].is_percent && d->taxes[0].rate_micro == 25000 &&
		d->taxes[0].order_types == MENU_ALL_TYPES,
	    "SYNC-02 a rate as text");
	ok(strcmp(d->taxes[1].external_id, "20375") == 0 && d->taxes[1].rate_micro == 25000 &&
		d->taxes[1].order_types == (MENU_DELIVERY | MENU_PICKUP),
	    "a rate and an id as numbers");
	ok(!d->taxes[2].is_percent && d->taxes[2].amount_minor == 500 && !d->taxes[2].is_active,
	    "a fixed tax");
	ok(d->categories_n == 3 && d->categories[0].display_order == 2 &&
		d->categories[0].is_active && !d->categories[1].is_active &&
		strcmp(d->categories[1].external_id, "501") == 0,
	    "SYNC-02 categories");
	is_str(d->categories[0].name, "Break fast", "a name is made printable");
	is_str(d->categories[0].timings,
	    "[{\"schedule_name\":\"Breakfast\",\"schedule_time_from\":\"07:00\"}]",
	    "MENU-05 timings that are JSON stay so");
	is_str(d->categories[2].timings, "\"from six \\\"on\\\"\"",
	    "MENU-05 other timings become a JSON string");
	ok(d->categories[1].timings == NULL && d->categories[1].image_url == NULL,
	    "empty is absent");
	ok(d->addon_groups_n == 2 && d->addon_groups[0].addons_n == 2 &&
		d->addon_groups[1].addons_n == 0,
	    "SYNC-02 add-on groups");
	ok(d->addon_groups[0].addons[0].price_minor == 3000 &&
		d->addon_groups[0].addons[0].is_active &&
		d->addon_groups[0].addons[1].price_minor == 0 &&
		!d->addon_groups[0].addons[1].is_active,
	    "and add-ons");
}

static void
test_items(const struct menu_doc *d)
{
	const struct menu_doc_item *dosa = item(d, "7765862"), *curry = item(d, "7765863"),
				   *egg = item(d, "10"), *water = item(d, "11");

	is_int(d->items_n, 5, "SYNC-02 five of thirteen items can be sold");
	if (dosa == NULL || curry == NULL || egg == NULL || water == NULL) {
		ok(false, "the good ones are among them");
		return;
	}
	ok(dosa->price_minor == 12000 && dosa->packing_minor == 1050 && dosa->is_available &&
		dosa->is_active && dosa->diet == DIET_VEG && dosa->display_order == 5 &&
		!dosa->tax_inclusive && dosa->taxes_n == 2 && dosa->order_types == MENU_ALL_TYPES &&
		dosa->image_url == NULL && dosa->time_slots_n == 0,
	    "SYNC-02 a plain item");
	is_str(dosa->description, "Crisp and thin", "its description is one line");
	is_str(dosa->gst_liability, "restaurant", "the restaurant owes the GST unless it is said");
	ok(dosa->choices_n == 1 && dosa->choices[0].min == 1 && dosa->choices[0].max == 2,
	    "MENU-08 its add-ons");
	ok(curry->price_minor == 34000 && !curry->is_available && curry->diet == DIET_NON_VEG &&
		curry->order_types == MENU_PICKUP && curry->packing_minor == 0 &&
		strcmp(curry->category_external_id, "501") == 0,
	    "an item written in numbers");
	ok(curry->tax_inclusive && strcmp(curry->gst_liability, "vendor") == 0,
	    "a backward tax is in the price");
	ok(curry->variations_n == 2 && curry->choices_n == 0,
	    "MENU-08 add-ons by variation are not the item's");
	ok(strcmp(curry->variations[0].external_id, "7765310") == 0 &&
		strcmp(curry->variations[0].variation_code, "89081") == 0 &&
		curry->variations[0].choices_n == 1 && curry->variations[0].choices[0].max == 4 &&
		curry->variations[0].packing_minor == 1500,
	    "MENU-08 a variation has both ids, its charge and its add-ons");
	ok(curry->variations[1].price_minor == 62001 && !curry->variations[1].is_active &&
		curry->variations[1].choices_n == 0,
	    "a computed price is rounded to the coin");
	ok(egg->diet == DIET_EGG && egg->is_available && egg->tax_inclusive && egg->taxes_n == 0 &&
		egg->order_types == MENU_ALL_TYPES,
	    "an attribute goes by its name in the document");
	ok(water->price_minor == 0 && water->taxes_n == 0 && water->diet == DIET_OTHER &&
		water->is_available,
	    "a free item without taxes");
}

static void
test_problems(const struct menu_doc *d)
{
	static const char *const want[][2] = {
		{ "tax 5", "has no rate" },
		{ "tax 11213", "is listed twice" },
		{ "category 503", "has no id or no name" },
		{ "category 500", "is listed twice" },
		{ "add-on 1150783", "is twice in its group" },
		{ "add-on 1150785", "has no price" },
		{ "add-on group without id", "has no id or no name" },
		{ "item 7765862", "names an add-on group that is not in the document" },
		{ "item 7765862", "names an add-on group twice" },
		{ "item 7765862", "asks for an impossible number of add-ons" },
		{ "variation 7765312", "has not both ids and a name" },
		{ "variation 7765310", "is twice in its item" },
		{ "variation 7765313", "has no price" },
		{ "item 12", "names category '12', which is not in the document" },
		{ "item 13", "has no price" },
		{ "item 14", "has no price" },
		{ "item 15", "is sold in variations, and none of them can be used" },
		{ "item 7765862", "is listed twice" },
		{ "item 16", "names a tax that is not in the document" },
		{ "item without id", "has no id or no name" },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ok(has_problem(d, want[i][0], want[i][1]), "SYNC-04 POS-32 %s %s", want[i][0],
		    want[i][1]);
	is_int(d->problems_n, 22, "SYNC-04 and nothing else is wrong");
}

static const struct {
	const char *body, *why;
} unusable[] = {
	{ "", NULL },
	{ "<html>", NULL },
	{ "null", "The menu is not a JSON object" },
	{ "[]", "The menu is not a JSON object" },
	{ "{}", "The menu has no items" },
	{ "{\"success\":\"1\",\"items\":{}}", "The menu has no items" },
	{ "{\"success\":\"0\",\"message\":\"unable to fetch Object from s3 bucket\"}",
	    "PetPooja has no menu: unable to fetch Object from s3 bucket" },
	{ "{\"items\":[{\"itemid\":\"1\",\"itemname\":\"x\",\"price\":\"1\"}]}",
	    "The menu has no item that can be used; item 1 names category '', which is not in the "
	    "document" },
};

static void
test_unusable(void)
{
	for (size_t i = 0; i < sizeof(unusable) / sizeof(unusable[0]); i++) {
		struct arena *a = arena_new(4u << 20);
		struct menu_doc doc = { .items_n = 77 };
		const char *why = adapter_menu(
		    a, petpooja_config(a), adapter_text(unusable[i].body), &doc);
		ok(why != NULL && doc.items_n == 77, "SYNC-02 nothing is made of %.60s",
		    unusable[i].body);
		if (unusable[i].why != NULL)
			is_str(why, unusable[i].why, "POS-32 and why is said");
		arena_free(&a);
	}
}

/* Many broken items in one document: the list of problems ends, the good item stays. */
static void
test_many(void)
{
	struct arena *a = arena_new(256u << 20);
	char *body = malloc(4u << 20);
	size_t len = (size_t)snprintf(body, 200,
	    "{\"categories\":[{\"categoryid\":\"1\",\"categoryname\":\"c\"}],\"items\":[");
	struct menu_doc doc = { 0 };

	for (int i = 0; i < 20000; i++)
		len += (size_t)snprintf(body + len, 100,
		    "{\"itemid\":\"%d\",\"itemname\":\"n\",\"price\":\"%s\",\"item_categoryid\":"
		    "\"1\"},",
		    i, i % 2 ? "1.00" : "x");
	len += (size_t)snprintf(body + len, 10, "7]}");
	ok(adapter_menu(a, petpooja_config(a), (struct bytes){ body, len }, &doc) == NULL &&
		doc.items_n == 10000,
	    "SYNC-09 ten thousand items are read, ten thousand left out");
	ok(doc.problems_n == 500 &&
		strcmp(doc.problems[499].sentence, "has more problems than are listed") == 0,
	    "the list of problems has an end");
	free(body);
	arena_free(&a);
}

/* The menu that the simulated PetPooja serves. */
static void
test_simulated(void)
{
	struct arena *a = arena_new(64u << 20);
	struct menu_doc doc = { 0 };
	const struct menu_doc_item *tikka, *butter;

	ok(read_file(a, "t/sim/petpooja_menu.json", &doc), "POS-14 the simulator's menu is read");
	ok(doc.items_n > 40 && doc.categories_n > 10 && doc.addon_groups_n > 3 && doc.taxes_n >= 2,
	    "POS-14 all its parts");
	for (size_t i = 0; i < doc.problems_n; i++)
		diag("%s %s", doc.problems[i].what, doc.problems[i].sentence);
	is_int(doc.problems_n, 0, "POS-14 with nothing left out");
	tikka = item(&doc, "10464009");
	butter = item(&doc, "10464031");
	ok(tikka != NULL && tikka->variations_n == 2 && tikka->choices_n == 1 &&
		tikka->variations[0].choices_n == 0 && tikka->variations[0].price_minor == 24000,
	    "MENU-08 variations with the item's add-ons");
	ok(butter != NULL && butter->choices_n == 0 && butter->variations_n == 2 &&
		butter->variations[1].choices_n == 2 && butter->variations[1].choices[0].min == 2,
	    "MENU-08 variations with add-ons of their own");
	arena_free(&a);
}

static void
test_reply(void)
{
	static const struct {
		int status;
		const char *body;
		enum outcome outcome;
	} replies[] = {
		{ 200, "{\"success\":\"0\",\"message\":\"unable to fetch Object from s3 bucket\"}",
		    OUTCOME_REFUSED },
		{ 200, "{\"success\":\"0\",\"errorCode\":\"GN_105\"}", OUTCOME_REFUSED },
		{ 200, "{\"success\":\"1\"", OUTCOME_LATER },
		{ 200, "{\"success\":\"1\",\"items\":[]}", OUTCOME_LATER },
		{ 500, "", OUTCOME_LATER },
		{ 429, "", OUTCOME_LATER },
		{ 403, "", OUTCOME_REFUSED },
	};
	struct arena *a = arena_new(64u << 20);
	struct menu_doc doc = { 0 };
	const char *menu = json_file_compact(a, "t/golden/petpooja/menu_small.json");
	struct http_reply r = { .status = 200, .body = { menu, strlen(menu) } };

	ok(reply_read(a, &r) == OUTCOME_DONE &&
		adapter_menu(a, petpooja_config(a), r.body, &doc) == NULL && doc.items_n == 5,
	    "POS-14 a menu fetched");
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		r = (struct http_reply){ .status = replies[i].status,
			.body = { replies[i].body, strlen(replies[i].body) } };
		is_str(outcome_name(reply_read(a, &r)),
		    outcome_name(replies[i].outcome), "POS-14 %d %.50s", replies[i].status,
		    replies[i].body);
	}
	arena_free(&a);
}

int
main(void)
{
	struct arena *a = arena_new(16u << 20);
	struct menu_doc doc = { 0 };

	ok(read_file(a, "t/golden/petpooja/menu_small.json", &doc), "SYNC-02 a menu is read");
	test_lists(&doc);
	test_items(&doc);
	test_problems(&doc);
	arena_free(&a);
	test_unusable();
	test_many();
	test_simulated();
	test_reply();
	return tap_done();
}
