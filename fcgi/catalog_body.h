/*
 * catalog_body: what may be said to the catalog pool, for fcgi/catalog.c only: its tables of body
 * fields, most of them of the wishes of menu/edit.h.
 */
#ifndef TICKETRAIL_FCGI_CATALOG_BODY_H
#define TICKETRAIL_FCGI_CATALOG_BODY_H

#include "http/body.h"
#include "menu/catalog_json.h"
#include "menu/edit.h"
#include "menu/field.h"

#define THINGS_MAX 400 /* switched at once */
#define USES_MAX 1000000000
#define ORDER_MAX INT32_MAX
#define PRICE(type, member, least, ...) \
	BODY_MONEY(type, member, .min = (least), .max = EDIT_PRICE_MAX, __VA_ARGS__)
#define DISPLAY_ORDER(type) \
	BODY_I64(type, display_order, .min = -ORDER_MAX, .max = ORDER_MAX, .is_optional = true, \
	    BODY_HAS(type, has_display_order))
#define FLAG(type, member) \
	BODY_BOOL(type, member, .is_optional = true, BODY_HAS(type, has_##member))
#define NULLABLE_TEXT(type, member, longest) \
	BODY_TEXT(type, member, .max = (longest), .is_optional = true, .is_nullable = true, \
	    BODY_GIVEN(type, member##_given))

static const struct body_field id_fields[] = { BODY_UUID(struct edit_id, id, .json_name = "") };
static const struct body_shape id_shape = BODY_SHAPE(struct edit_id, id_fields);
static const struct body_field slot_fields[] = {
	BODY_TEXT(struct edit_slot, name, .json_name = "", .min = 1, .max = 64),
};
static const struct body_shape slot_shape = BODY_SHAPE(struct edit_slot, slot_fields);
static const struct body_field type_fields[] = {
	BODY_WORD(struct edit_type, bit, catalog_order_types, .json_name = ""),
};
static const struct body_shape type_shape = BODY_SHAPE(struct edit_type, type_fields);

static const struct body_field charge_fields[] = {
	BODY_WORD(struct edit_charge, bit, catalog_charges, .json_name = ""),
};
static const struct body_shape charge_shape = BODY_SHAPE(struct edit_charge, charge_fields);

static const struct body_field choice_fields[] = {
	BODY_UUID(struct choice_wish, id),
	BODY_I64(struct choice_wish, min, .min = 0, .max = EDIT_CHOICES_MAX, .is_optional = true),
	BODY_I64(struct choice_wish, max, .min = 0, .max = EDIT_CHOICES_MAX, .is_optional = true),
};
static const struct body_shape choice_shape = BODY_SHAPE(struct choice_wish, choice_fields);

static const struct body_field variation_fields[] = {
	BODY_UUID(struct variation_wish, id, .is_optional = true,
	    BODY_HAS(struct variation_wish, has_id)),
	BODY_TEXT(struct variation_wish, name, .min = 1, .max = 100),
	PRICE(struct variation_wish, price, 1, .is_optional = false),
	PRICE(struct variation_wish, packing_charge, 0, .is_optional = true,
	    BODY_HAS(struct variation_wish, has_packing_charge)),
	FLAG(struct variation_wish, is_available),
	FLAG(struct variation_wish, is_active),
	DISPLAY_ORDER(struct variation_wish),
	BODY_ARRAY(struct variation_wish, addon_groups, addon_groups_n, &choice_shape,
	    .max = EDIT_GROUPS_MAX, .is_optional = true,
	    BODY_HAS(struct variation_wish, has_addon_groups)),
};
static const struct body_shape variation_shape =
    BODY_SHAPE(struct variation_wish, variation_fields);

static const struct body_field item_fields[] = {
	BODY_TEXT(struct item_wish, name, .min = 1, .max = 200),
	NULLABLE_TEXT(struct item_wish, description, 2000),
	PRICE(struct item_wish, price, 0, .is_optional = false),
	BODY_UUID(struct item_wish, category_id),
	NULLABLE_TEXT(struct item_wish, image_url, 1000),
	FLAG(struct item_wish, is_veg),
	BODY_WORD(struct item_wish, diet, edit_diets, .is_optional = true),
	FLAG(struct item_wish, is_available),
	FLAG(struct item_wish, is_active),
	FLAG(struct item_wish, tax_inclusive),
	PRICE(struct item_wish, packing_charge, 0, .is_optional = true,
	    BODY_HAS(struct item_wish, has_packing_charge)),
	DISPLAY_ORDER(struct item_wish),
	BODY_ARRAY(struct item_wish, time_slots, time_slots_n, &slot_shape, .max = EDIT_SLOTS_MAX,
	    .is_optional = true, BODY_HAS(struct item_wish, has_time_slots)),
	BODY_ARRAY(struct item_wish, order_types, order_types_n, &type_shape, .max = 3,
	    .is_optional = true, BODY_HAS(struct item_wish, has_order_types)),
	BODY_ARRAY(struct item_wish, tax_ids, tax_ids_n, &id_shape, .max = EDIT_TAXES_MAX,
	    .is_optional = true, BODY_HAS(struct item_wish, has_tax_ids)),
	BODY_ARRAY(struct item_wish, addon_groups, addon_groups_n, &choice_shape,
	    .max = EDIT_GROUPS_MAX, .is_optional = true,
	    BODY_HAS(struct item_wish, has_addon_groups)),
	BODY_ARRAY(struct item_wish, variations, variations_n, &variation_shape,
	    .max = EDIT_VARIATIONS_MAX, .is_optional = true,
	    BODY_HAS(struct item_wish, has_variations)),
};
static const struct body_shape item_body = BODY_SHAPE(struct item_wish, item_fields);

static const struct body_field category_fields[] = {
	BODY_TEXT(struct category_wish, name, .min = 1, .max = 100),
	NULLABLE_TEXT(struct category_wish, image_url, 1000),
	FLAG(struct category_wish, is_active),
	DISPLAY_ORDER(struct category_wish),
};
static const struct body_shape category_body = BODY_SHAPE(struct category_wish, category_fields);

static const struct body_field addon_fields[] = {
	BODY_UUID(struct addon_wish, id, .is_optional = true, BODY_HAS(struct addon_wish, has_id)),
	BODY_TEXT(struct addon_wish, name, .min = 1, .max = 100),
	PRICE(struct addon_wish, price, 0, .is_optional = false),
	FLAG(struct addon_wish, is_available),
	FLAG(struct addon_wish, is_active),
	DISPLAY_ORDER(struct addon_wish),
};
static const struct body_shape addon_shape = BODY_SHAPE(struct addon_wish, addon_fields);

static const struct body_field group_fields[] = {
	BODY_TEXT(struct group_wish, name, .min = 1, .max = 100),
	FLAG(struct group_wish, is_active),
	DISPLAY_ORDER(struct group_wish),
	BODY_ARRAY(struct group_wish, addon_items, addon_items_n, &addon_shape,
	    .max = EDIT_ADDONS_MAX, .is_optional = true,
	    BODY_HAS(struct group_wish, has_addon_items)),
};
static const struct body_shape group_body = BODY_SHAPE(struct group_wish, group_fields);

static const struct body_field tax_fields[] = {
	BODY_TEXT(struct tax_wish, name, .min = 1, .max = 100),
	BODY_WORD(struct tax_wish, kind, edit_tax_kinds),
	BODY_TEXT(struct tax_wish, percent, .max = 16, .is_optional = true, .is_nullable = true),
	PRICE(struct tax_wish, amount, 0, .is_optional = true, .is_nullable = true,
	    BODY_HAS(struct tax_wish, has_amount)),
	BODY_ARRAY(struct tax_wish, order_types, order_types_n, &type_shape, .max = 3,
	    .is_optional = true, BODY_HAS(struct tax_wish, has_order_types)),
	BODY_ARRAY(struct tax_wish, charges, charges_n, &charge_shape, .max = 2,
	    .is_optional = true, BODY_HAS(struct tax_wish, has_charges)),
	FLAG(struct tax_wish, is_active),
	DISPLAY_ORDER(struct tax_wish),
};
static const struct body_shape tax_body = BODY_SHAPE(struct tax_wish, tax_fields);

/* A bound of a discount: null takes it away. */
#define BOUND(kind, member, ...) \
	kind(struct discount_wish, member, .is_optional = true, .is_nullable = true, \
	    BODY_GIVEN(struct discount_wish, member##_given), __VA_ARGS__)
static const struct body_field discount_fields[] = {
	BODY_TEXT(struct discount_wish, name, .min = 1, .max = 100),
	BODY_WORD(struct discount_wish, kind, edit_tax_kinds),
	BODY_TEXT(
	    struct discount_wish, percent, .max = 16, .is_optional = true, .is_nullable = true),
	PRICE(struct discount_wish, amount, 0, .is_optional = true, .is_nullable = true,
	    BODY_HAS(struct discount_wish, has_amount)),
	BOUND(BODY_TEXT, code, .min = 1, .max = 32),
	BOUND(BODY_MONEY, min_subtotal, .min = 0, .max = EDIT_PRICE_MAX),
	BOUND(BODY_MONEY, max_discount, .min = 1, .max = EDIT_PRICE_MAX),
	BODY_ARRAY(struct discount_wish, order_types, order_types_n, &type_shape, .max = 3,
	    .is_optional = true, BODY_HAS(struct discount_wish, has_order_types)),
	BOUND(BODY_TIME, starts_at, ),
	BOUND(BODY_TIME, ends_at, ),
	BOUND(BODY_I64, uses_max, .min = 1, .max = USES_MAX),
	BOUND(BODY_I64, uses_per_guest_max, .min = 1, .max = USES_MAX),
	FLAG(struct discount_wish, first_order_only),
	FLAG(struct discount_wish, is_active),
};
static const struct body_shape discount_body =
    BODY_SHAPE(struct discount_wish, discount_fields);

struct unlock_field {
	int bit;
};
static const struct body_field unlock_field_fields[] = {
	BODY_WORD(struct unlock_field, bit, field_words, .json_name = ""),
};
static const struct body_shape unlock_field_shape =
    BODY_SHAPE(struct unlock_field, unlock_field_fields);
struct unlock_input {
	const struct unlock_field *fields;
	size_t fields_n;
	bool has_fields;
};
static const struct body_field unlock_fields[] = {
	BODY_ARRAY(struct unlock_input, fields, fields_n, &unlock_field_shape, .min = 1,
	    .max = FIELD_BIT__MAX, .is_optional = true, BODY_HAS(struct unlock_input, has_fields)),
};
static const struct body_shape unlock_body = BODY_SHAPE(struct unlock_input, unlock_fields);

struct available_input {
	const struct edit_id *items, *variations, *addon_items;
	size_t items_n, variations_n, addon_items_n;
	bool is_available, until_end_of_day;
	int64_t until;
};
#define UNTIL(type) \
	BODY_BOOL(type, is_available), \
	    BODY_TIME(type, until, .is_optional = true, .is_nullable = true), \
	    BODY_BOOL(type, until_end_of_day, .is_optional = true)
static const struct body_field available_fields[] = { UNTIL(struct available_input) };
static const struct body_shape available_body =
    BODY_SHAPE(struct available_input, available_fields);
#define THINGS(member) \
	BODY_ARRAY(struct available_input, member, member##_n, &id_shape, .max = THINGS_MAX, \
	    .is_optional = true)
static const struct body_field all_available_fields[] = {
	THINGS(items),
	THINGS(variations),
	THINGS(addon_items),
	UNTIL(struct available_input),
};
static const struct body_shape all_available_body =
    BODY_SHAPE(struct available_input, all_available_fields);

#endif
