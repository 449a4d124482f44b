/*
 * edit: what staff do to a menu.
 *
 * Each function runs in a transaction that began with menu_take(); the row it is given was read
 * after that. What a wish says and what the rows say is compared, only what differs is written and,
 * in a row that a POS tells too, locked against it (menu/field.def); then the version is raised
 * (menu_changed). Nothing different: nothing is written.
 *
 * Ids in a wish that the restaurant has nothing under are ERR_NOT_FOUND with the field named,
 * whoever else may have them. Everything else that is wrong is ERR_VALIDATION_ERROR.
 */
#ifndef TICKETRAIL_MENU_EDIT_H
#define TICKETRAIL_MENU_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "menu/catalog.h"
#include "op/op.h"
#include "tenant/restaurant.h"

#define EDIT_VARIATIONS_MAX 50
#define EDIT_GROUPS_MAX 50
#define EDIT_ADDONS_MAX 200
#define EDIT_TAXES_MAX 20
#define EDIT_SLOTS_MAX 24
#define EDIT_CHOICES_MAX 99
/* Of a price: what a DECIMAL(10,2) holds. */
#define EDIT_PRICE_MAX INT64_C(9999999999)
#define EDIT_PERCENT_MAX_MICRO 1000000

/* NULL-terminated, in the order of enum menu_diet of menu/menu_doc.h. */
extern const char *const edit_diets[];
extern const char *const edit_tax_kinds[];
enum { EDIT_TAX_PERCENT, EDIT_TAX_FIXED };

/* One edit: by whom it is asked, and what came of it. */
struct edit {
	struct op *op;
	const struct restaurant *restaurant;
	int64_t fields; /* what of the row itself is other than before (menu/field.h) */
	int64_t rows;   /* written, those that belong to it and its links too; 0: nothing changed */
};

/* --- wishes: what a body says --------------------------------------------------------------- */

struct edit_id {
	unsigned char id[16];
};
struct edit_slot {
	const char *name;
};
struct edit_type {
	int bit; /* index into catalog_order_types */
};
struct edit_charge {
	int bit; /* index into catalog_charges */
};

struct choice_wish {
	unsigned char id[16]; /* of an add-on group */
	int64_t min, max;
};

struct variation_wish {
	unsigned char id[16];
	const char *name;
	int64_t price, packing_charge, display_order;
	bool is_available, is_active;
	const struct choice_wish *addon_groups;
	size_t addon_groups_n;
	bool has_id, has_packing_charge, has_display_order, has_is_available, has_is_active,
	    has_addon_groups;
};

struct item_wish {
	unsigned char category_id[16];
	const char *name, *description, *image_url;
	int64_t price, packing_charge, display_order;
	bool is_veg, is_available, is_active, tax_inclusive;
	int diet; /* index into edit_diets, -1: not said */
	const struct edit_slot *time_slots;
	const struct edit_type *order_types;
	const struct edit_id *tax_ids;
	const struct choice_wish *addon_groups;
	const struct variation_wish *variations;
	size_t time_slots_n, order_types_n, tax_ids_n, addon_groups_n, variations_n;
	bool description_given, image_url_given;
	bool has_packing_charge, has_display_order, has_is_veg, has_is_available, has_is_active,
	    has_tax_inclusive, has_time_slots, has_order_types, has_tax_ids, has_addon_groups,
	    has_variations;
};

struct category_wish {
	const char *name, *image_url;
	int64_t display_order;
	bool is_active;
	bool image_url_given, has_display_order, has_is_active;
};

struct addon_wish {
	unsigned char id[16];
	const char *name;
	int64_t price, display_order;
	bool is_available, is_active;
	bool has_id, has_display_order, has_is_available, has_is_active;
};

struct group_wish {
	const char *name;
	int64_t display_order;
	bool is_active;
	const struct addon_wish *addon_items;
	size_t addon_items_n;
	bool has_display_order, has_is_active, has_addon_items;
};

struct tax_wish {
	const char *name;
	int kind;            /* index into edit_tax_kinds */
	const char *percent; /* "2.5" */
	int64_t amount;
	const struct edit_type *order_types;
	const struct edit_charge *charges;
	size_t order_types_n, charges_n;
	int64_t display_order;
	bool is_active;
	bool has_amount, has_order_types, has_charges, has_display_order, has_is_active;
};

/* A bound that is null (given, 0 or TIME_NONE) is none. */
struct discount_wish {
	const char *name, *code;
	int kind;            /* index into edit_tax_kinds */
	const char *percent; /* "12.5" */
	int64_t amount, min_subtotal, max_discount;
	const struct edit_type *order_types;
	size_t order_types_n;
	int64_t starts_at, ends_at, uses_max, uses_per_guest_max;
	bool first_order_only, is_active;
	bool code_given, min_subtotal_given, max_discount_given, starts_at_given, ends_at_given,
	    uses_max_given, uses_per_guest_max_given;
	bool has_amount, has_order_types, has_first_order_only, has_is_active;
};

/* --- deeds ---------------------------------------------------------------------------------- */

/*
 * Makes a row under a new public id (was NULL), or brings the row that is there to what the wish
 * says; was and wish are of the kind's structs.
 */
enum err edit_item(struct edit *, const void *was, const unsigned char public_id[16],
    const void *wish);
enum err edit_category(struct edit *, const void *was, const unsigned char public_id[16],
    const void *wish);
enum err edit_group(struct edit *, const void *was, const unsigned char public_id[16],
    const void *wish);
enum err edit_tax(struct edit *, const void *was, const unsigned char public_id[16],
    const void *wish);
enum err edit_discount(struct edit *, const void *was, const unsigned char public_id[16],
    const void *wish);

/*
 * Takes it off the menu. A category's items go with it, and come back with it; so do the choices of
 * a group, and what a tax adds.
 */
enum err edit_item_retire(struct edit *, const void *was);
enum err edit_category_retire(struct edit *, const void *was);
enum err edit_group_retire(struct edit *, const void *was);
enum err edit_tax_retire(struct edit *, const void *was);
enum err edit_discount_retire(struct edit *, const void *was);

/*
 * Lets the POS have its say again: fields of the row, and of its variations or add-on items, are
 * unlocked, and the next import brings them into line. No guest notices: the version stays.
 */
enum err edit_item_unlock(struct edit *, const void *was, int64_t fields);
enum err edit_category_unlock(struct edit *, const void *was, int64_t fields);
enum err edit_group_unlock(struct edit *, const void *was, int64_t fields);
enum err edit_tax_unlock(struct edit *, const void *was, int64_t fields);
enum err edit_discount_unlock(struct edit *, const void *was, int64_t fields);

#endif
