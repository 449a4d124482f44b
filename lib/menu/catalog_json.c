#include "menu/catalog_json.h"

#include <stdio.h>
#include <string.h>

#include "menu/field.h"

#define PERCENT_TEXT_LEN 32

const char *const catalog_order_types[4] = { "delivery", "pickup", "dine_in", NULL };
_Static_assert(MENU_DELIVERY == 1 && MENU_PICKUP == 2 && MENU_DINE_IN == 4, "by bit");

static void
order_types_write(struct json_write *w, int64_t order_types)
{
	json_write_array(w, "order_types");
	for (int bit = 0; catalog_order_types[bit] != NULL; bit++)
		if ((order_types & (1 << bit)) != 0)
			json_write_string(w, NULL, catalog_order_types[bit]);
	json_write_array_end(w);
}

static void
addon_write(struct json_write *w, const struct catalog_addon *a, unsigned exponent)
{
	json_write_object(w, NULL);
	json_write_uuid(w, "id", a->public_id);
	json_write_string(w, "name", a->name);
	json_write_money(w, "price", a->price_minor, exponent);
	json_write_bool(w, "is_available", a->is_available);
	json_write_time(w, "available_at", a->returns_at);
	json_write_bool(w, "is_active", a->is_active);
	json_write_int64(w, "display_order", a->display_order);
	json_write_string(w, "external_id", a->external_id);
	fields_write(w, "locked_fields", a->locked_fields);
	json_write_object_end(w);
}

static void
addons_write(struct json_write *w, const struct catalog_group *g, unsigned exponent)
{
	json_write_array(w, "addon_items");
	for (size_t i = 0; i < g->addons_n; i++)
		addon_write(w, &g->addons[i], exponent);
	json_write_array_end(w);
}

void
catalog_json_group(struct json_write *w, const char *key, const void *row, unsigned exponent)
{
	const struct catalog_group *g = row;

	json_write_object(w, key);
	json_write_uuid(w, "id", g->public_id);
	json_write_string(w, "name", g->name);
	json_write_bool(w, "is_active", g->is_active);
	json_write_int64(w, "display_order", g->display_order);
	json_write_string(w, "external_id", g->external_id);
	fields_write(w, "locked_fields", g->locked_fields);
	addons_write(w, g, exponent);
	json_write_object_end(w);
}

static void
choices_write(struct json_write *w, const struct catalog_choice *choices, size_t n,
    unsigned exponent)
{
	json_write_array(w, "addon_groups");
	for (size_t i = 0; i < n; i++) {
		const struct catalog_group *g = choices[i].group;

		json_write_object(w, NULL);
		json_write_uuid(w, "id", g->public_id);
		json_write_string(w, "name", g->name);
		json_write_int64(w, "min", choices[i].min);
		json_write_int64(w, "max", choices[i].max);
		json_write_bool(w, "is_active", g->is_active);
		addons_write(w, g, exponent);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void
variation_write(struct json_write *w, const struct catalog_variation *v, unsigned exponent)
{
	json_write_object(w, NULL);
	json_write_uuid(w, "id", v->public_id);
	json_write_string(w, "name", v->name);
	json_write_money(w, "price", v->price_minor, exponent);
	json_write_money(w, "packing_charge", v->packing_minor, exponent);
	json_write_bool(w, "is_available", v->is_available);
	json_write_time(w, "available_at", v->returns_at);
	json_write_bool(w, "is_active", v->is_active);
	json_write_int64(w, "display_order", v->display_order);
	json_write_string(w, "external_id", v->external_id);
	fields_write(w, "locked_fields", v->locked_fields);
	choices_write(w, v->choices, v->choices_n, exponent);
	json_write_object_end(w);
}

/* What guests see too, in the same words. */
static void
item_face_write(struct json_write *w, const struct catalog_item *item, unsigned exponent)
{
	json_write_uuid(w, "id", item->public_id);
	json_write_string(w, "name", item->name);
	json_write_string(w, "description", item->description);
	json_write_money(w, "price", item->price_minor, exponent);
	json_write_string(w, "image_url", item->image_url);
	json_write_bool(w, "is_veg", strcmp(item->diet, "veg") == 0);
	json_write_bool(w, "is_available", item->is_available);
	json_write_array(w, "time_slots");
	for (size_t i = 0; i < item->time_slots_n; i++)
		json_write_string(w, NULL, item->time_slots[i]);
	json_write_array_end(w);
	json_write_object(w, "category");
	json_write_uuid(w, "id", item->category_public_id);
	json_write_string(w, "name", item->category_name);
	json_write_object_end(w);
	json_write_array(w, "variations");
	for (size_t i = 0; i < item->variations_n; i++)
		variation_write(w, &item->variations[i], exponent);
	json_write_array_end(w);
	choices_write(w, item->choices, item->choices_n, exponent);
}

void
catalog_json_item(struct json_write *w, const char *key, const void *row, unsigned exponent)
{
	const struct catalog_item *item = row;

	json_write_object(w, key);
	item_face_write(w, item, exponent);
	json_write_bool(w, "is_active", item->is_active);
	json_write_time(w, "available_at", item->returns_at);
	json_write_string(w, "diet", item->diet);
	json_write_money(w, "packing_charge", item->packing_minor, exponent);
	order_types_write(w, item->order_types);
	json_write_bool(w, "tax_inclusive", item->tax_inclusive);
	json_write_array(w, "tax_ids");
	for (size_t i = 0; i < item->taxes_n; i++)
		json_write_uuid(w, NULL, item->taxes[i].public_id);
	json_write_array_end(w);
	json_write_int64(w, "display_order", item->display_order);
	json_write_string(w, "external_id", item->external_id);
	fields_write(w, "locked_fields", item->locked_fields);
	json_write_time(w, "created_at", item->created_at);
	json_write_time(w, "updated_at", item->updated_at);
	json_write_object_end(w);
}

void
catalog_json_category(struct json_write *w, const char *key, const void *row, unsigned exponent)
{
	const struct catalog_category *c = row;

	(void)exponent;
	json_write_object(w, key);
	json_write_uuid(w, "id", c->public_id);
	json_write_string(w, "name", c->name);
	json_write_int64(w, "display_order", c->display_order);
	json_write_string(w, "image_url", c->image_url);
	json_write_bool(w, "is_active", c->is_active);
	json_write_string(w, "external_id", c->external_id);
	fields_write(w, "locked_fields", c->locked_fields);
	json_write_object_end(w);
}

/* 25000 millionths are "2.5". */
static void
percent_write(struct json_write *w, int64_t rate_micro)
{
	char text[PERCENT_TEXT_LEN];
	size_t len = (size_t)snprintf(text, sizeof text, "%lld.%04lld",
	    (long long)(rate_micro / 10000), (long long)(rate_micro % 10000));

	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	json_write_string_n(w, "percent", text, len);
}

void
catalog_json_tax(struct json_write *w, const char *key, const void *row, unsigned exponent)
{
	const struct catalog_tax *t = row;
	bool is_percent = strcmp(t->kind, "percent") == 0;

	json_write_object(w, key);
	json_write_uuid(w, "id", t->public_id);
	json_write_string(w, "name", t->name);
	json_write_string(w, "kind", t->kind);
	if (is_percent) {
		percent_write(w, t->rate_micro);
		json_write_null(w, "amount");
	} else {
		json_write_null(w, "percent");
		json_write_money(w, "amount", t->amount_minor, exponent);
	}
	order_types_write(w, t->order_types);
	json_write_bool(w, "is_active", t->is_active);
	json_write_int64(w, "display_order", t->display_order);
	json_write_string(w, "external_id", t->external_id);
	fields_write(w, "locked_fields", t->locked_fields);
	json_write_object_end(w);
}
