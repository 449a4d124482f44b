#include "menu/menu_json.h"

#include <string.h>

#include "mem/arena.h"
#include "menu/search.h"
#include "text/json_write.h"
#include "text/money.h"

static unsigned
exponent_of(const struct menu *menu)
{
	unsigned exponent = 2;

	(void)money_exponent(menu->currency, &exponent);
	return exponent;
}

static void
group_write(struct json_write *w, const struct menu_choice *choice, unsigned exponent)
{
	const struct menu_addon_group *group = choice->group;

	json_write_object(w, NULL);
	json_write_uuid(w, "id", group->public_id);
	json_write_string(w, "name", group->name);
	json_write_int64(w, "min", choice->min);
	json_write_int64(w, "max", choice->max);
	json_write_array(w, "addon_items");
	for (size_t i = 0; i < group->addons_n; i++) {
		const struct menu_addon *addon = &group->addons[i];

		json_write_object(w, NULL);
		json_write_uuid(w, "id", addon->public_id);
		json_write_string(w, "name", addon->name);
		json_write_money(w, "price", addon->price_minor, exponent);
		json_write_bool(w, "is_available", addon->is_available);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_object_end(w);
}

static void
groups_write(struct json_write *w, const struct menu_choice *choices, size_t n, unsigned exponent)
{
	json_write_array(w, "addon_groups");
	for (size_t i = 0; i < n; i++)
		group_write(w, &choices[i], exponent);
	json_write_array_end(w);
}

static void
variation_write(struct json_write *w, const struct menu_variation *variation, unsigned exponent)
{
	json_write_object(w, NULL);
	json_write_uuid(w, "id", variation->public_id);
	json_write_string(w, "name", variation->name);
	json_write_money(w, "price", variation->price_minor, exponent);
	json_write_bool(w, "is_available", variation->is_available);
	if (variation->choices_n > 0)
		groups_write(w, variation->choices, variation->choices_n, exponent);
	json_write_object_end(w);
}

static void
item_write(struct json_write *w, const struct menu_item *item, unsigned exponent)
{
	json_write_object(w, NULL);
	json_write_uuid(w, "id", item->public_id);
	json_write_string(w, "name", item->name);
	json_write_string(w, "description", item->description);
	json_write_money(w, "price", item->price_minor, exponent);
	json_write_string(w, "image_url", item->image_url);
	json_write_bool(w, "is_veg", item->is_veg);
	json_write_bool(w, "is_available", item->is_available);
	json_write_array(w, "time_slots");
	for (size_t i = 0; i < item->time_slots_n; i++)
		json_write_string(w, NULL, item->time_slots[i]);
	json_write_array_end(w);
	json_write_object(w, "category");
	json_write_uuid(w, "id", item->category->public_id);
	json_write_string(w, "name", item->category->name);
	json_write_object_end(w);
	json_write_array(w, "variations");
	for (size_t i = 0; i < item->variations_n; i++)
		variation_write(w, &item->variations[i], exponent);
	json_write_array_end(w);
	groups_write(w, item->choices, item->choices_n, exponent);
	json_write_object_end(w);
}

static bool
has_slot(const struct menu_item *item, const char *name)
{
	for (size_t i = 0; i < item->time_slots_n; i++)
		if (strcmp(item->time_slots[i], name) == 0)
			return true;
	return item->time_slots_n == 0;
}

static bool
is_wanted(struct arena *arena, const struct menu_item *item, const struct menu_filter *filter,
    const char *needle)
{
	if (filter->is_nothing || (filter->category != NULL && item->category != filter->category))
		return false;
	if (filter->time_slot != NULL && !has_slot(item, filter->time_slot))
		return false;
	return needle == NULL || search_finds(arena, item->name, needle) ||
	    search_finds(arena, item->description, needle);
}

void
menu_json_items(struct buf *buf, const struct menu *menu, const struct menu_filter *filter)
{
	const char *needle =
	    filter->search != NULL ? search_fold(buf->arena, filter->search) : NULL;
	unsigned exponent = exponent_of(menu);
	struct json_write w;
	int64_t total = 0;

	json_write_init(&w, buf);
	json_write_object(&w, NULL);
	json_write_array(&w, "items");
	for (size_t i = 0; i < menu->items_n; i++) {
		if (!is_wanted(buf->arena, &menu->items[i], filter, needle))
			continue;
		item_write(&w, &menu->items[i], exponent);
		total++;
	}
	json_write_array_end(&w);
	json_write_int64(&w, "total", total);
	json_write_object_end(&w);
	json_write_done(&w);
}

void
menu_json_item(struct buf *buf, const struct menu *menu, const struct menu_item *item)
{
	struct json_write w;

	json_write_init(&w, buf);
	item_write(&w, item, exponent_of(menu));
	json_write_done(&w);
}

void
menu_json_categories(struct buf *buf, const struct menu *menu)
{
	struct json_write w;

	json_write_init(&w, buf);
	json_write_object(&w, NULL);
	json_write_array(&w, "categories");
	for (size_t i = 0; i < menu->categories_n; i++) {
		const struct menu_category *category = &menu->categories[i];

		json_write_object(&w, NULL);
		json_write_uuid(&w, "id", category->public_id);
		json_write_string(&w, "name", category->name);
		json_write_int64(&w, "display_order", category->display_order);
		json_write_string(&w, "image_url", category->image_url);
		json_write_object_end(&w);
	}
	json_write_array_end(&w);
	json_write_object_end(&w);
	json_write_done(&w);
}
