#include "menu/catalog_json.h"

#include <stdio.h>
#include <string.h>

#include "menu/field.h"

#define PERCENT_TEXT_LEN 32

const char *const catalog_order_types[4] = { "delivery", "pickup", "dine_in", NULL };
_Static_assert(MENU_DELIVERY == 1 && MENU_PICKUP == 2 && MENU_DINE_IN == 4, "by bit");
const char *const catalog_charges[3] = { "packing", "delivery", NULL };
_Static_assert(MENU_ON_PACKING == 1 && MENU_ON_DELIVERY == 2, "by bit");

/* A set of words by bit. */
static void
words_write(struct json_write *w, const char *key, const char *const *words, int64_t set)
{
	json_write_array(w, key);
	for (int bit = 0; words[bit] != NULL; bit++)
		if ((set & (1 << bit)) != 0)
			json_write_string(w, NULL, words[bit]);
	json_write_array_end(w);
}

static void
order_types_write(struct json_write *w, int64_t order_types)
{
	words_write(w, "order_types", catalog_order_types, order_types);
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

/* Of both the one that its kind has. */
static void
rate_write(struct json_write *w, const char *kind, int64_t rate_micro, int64_t amount_minor,
    unsigned exponent)
{
	json_write_string(w, "kind", kind);
	if (strcmp(kind, "percent") == 0) {
		percent_write(w, rate_micro);
		json_write_null(w, "amount");
	} else {
		json_write_null(w, "percent");
		json_write_money(w, "amount", amount_minor, exponent);
	}
}

void
catalog_json_tax(struct json_write *w, const char *key, const void *row, unsigned exponent)
{
	const struct catalog_tax *t = row;

	json_write_object(w, key);
	json_write_uuid(w, "id", t->public_id);
	json_write_string(w, "name", t->name);
	rate_write(w, t->kind, t->rate_micro, t->amount_minor, exponent);
	order_types_write(w, t->order_types);
	words_write(w, "charges", catalog_charges, t->charges);
	json_write_bool(w, "is_active", t->is_active);
	json_write_int64(w, "display_order", t->display_order);
	json_write_string(w, "external_id", t->external_id);
	fields_write(w, "locked_fields", t->locked_fields);
	json_write_object_end(w);
}

/* A bound of 0 is none. */
static void
bound_write(struct json_write *w, const char *key, int64_t n)
{
	if (n == 0)
		json_write_null(w, key);
	else
		json_write_int64(w, key, n);
}

static void
money_bound_write(struct json_write *w, const char *key, int64_t minor, unsigned exponent)
{
	if (minor == 0)
		json_write_null(w, key);
	else
		json_write_money(w, key, minor, exponent);
}

void
catalog_json_discount(struct json_write *w, const char *key, const void *row, unsigned exponent)
{
	const struct catalog_discount *d = row;

	json_write_object(w, key);
	json_write_uuid(w, "id", d->public_id);
	json_write_string(w, "name", d->name);
	json_write_string(w, "code", d->code);
	rate_write(w, d->kind, d->rate_micro, d->amount_minor, exponent);
	money_bound_write(w, "min_subtotal", d->min_subtotal_minor, exponent);
	money_bound_write(w, "max_discount", d->max_discount_minor, exponent);
	order_types_write(w, d->order_types);
	json_write_time(w, "starts_at", d->starts_at);
	json_write_time(w, "ends_at", d->ends_at);
	bound_write(w, "uses_max", d->uses_max);
	bound_write(w, "uses_per_guest_max", d->uses_per_user_max);
	json_write_bool(w, "first_order_only", d->first_order_only);
	json_write_int64(w, "uses", d->uses);
	json_write_bool(w, "is_active", d->is_active);
	json_write_string(w, "external_id", d->external_id);
	fields_write(w, "locked_fields", d->locked_fields);
	json_write_time(w, "created_at", d->created_at);
	json_write_time(w, "updated_at", d->updated_at);
	json_write_object_end(w);
}
