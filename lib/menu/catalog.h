/*
 * catalog: a restaurant's menu as its staff see and change it: what is not active too, with what a
 * guest is not told (packing charges, taxes, what is locked against the POS).
 *
 * A row that is deleted becomes is_active false and stays: old orders name it, and it may come
 * back. Every change is made in a transaction that begins with menu_take(), so that writers of one
 * menu go one after the other and what was read after it is what is changed; one that guests could
 * notice ends in menu_changed() (menu/menu.h). Who changes a member of a row that a POS tells locks
 * it there (menu/field.def).
 *
 * A wish is what a client sends. A member that was not sent (`*_given` false) leaves things as they
 * are, or as they are by default in something new. A list that is sent is the whole list:
 * variations and add-on items with an id are kept or changed, those without are made, those that
 * are not in it become inactive.
 *
 * It will not show a menu to guests (menu/menu.h) and will not read what a POS tells
 * (menu/menu_import.h).
 */
#ifndef TICKETRAIL_MENU_CATALOG_H
#define TICKETRAIL_MENU_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "menu/menu_doc.h"
#include "op/op.h"

/* --- rows ---------------------------------------------------------------------------------- */

/* locked_fields: bits of menu/field.h. external_id NULL: staff made it. */

struct catalog_category {
	int64_t id;
	unsigned char public_id[16];
	const char *external_id, *name;
	int64_t display_order;
	bool is_active;
	const char *image_url;
	int64_t locked_fields;
};

struct catalog_tax {
	int64_t id;
	unsigned char public_id[16];
	const char *external_id, *name;
	const char *kind; /* "percent", "fixed" */
	int64_t rate_micro, amount_minor, order_types;
	int64_t charges; /* MENU_ON_PACKING | MENU_ON_DELIVERY */
	bool is_active;
	int64_t display_order, locked_fields;
};

/* As struct menu_discount has it. uses: by orders that are neither cancelled nor rejected. */
struct catalog_discount {
	int64_t id;
	unsigned char public_id[16];
	const char *external_id, *name, *code, *kind;
	int64_t rate_micro, amount_minor, min_subtotal_minor, max_discount_minor, order_types;
	int64_t starts_at, ends_at, uses_max, uses_per_user_max;
	bool first_order_only, is_active;
	int64_t locked_fields, created_at, updated_at;
	int64_t uses;
};

struct catalog_addon {
	int64_t id;
	unsigned char public_id[16];
	int64_t addon_group_id;
	const char *external_id, *name;
	int64_t price_minor;
	bool is_available, is_active;
	int64_t display_order;
	int64_t returns_at; /* when it is to be had again; TIME_NONE: nobody said */
	int64_t locked_fields;
};

struct catalog_group {
	int64_t id;
	unsigned char public_id[16];
	const char *external_id, *name;
	bool is_active;
	int64_t display_order, locked_fields;
	const struct catalog_addon *addons; /* in display order */
	size_t addons_n;
};

/* A group beside an item (variation_id 0), or beside one of its variations. */
struct catalog_choice {
	int64_t item_id, variation_id, addon_group_id;
	int64_t min, max, display_order; /* max 0: no limit */
	const struct catalog_group *group;
};

struct catalog_variation {
	int64_t id;
	unsigned char public_id[16];
	int64_t item_id;
	const char *external_id, *name;
	int64_t price_minor, packing_minor;
	bool is_available, is_active;
	int64_t display_order, returns_at, locked_fields;
	const struct catalog_choice *choices;
	size_t choices_n;
};

struct catalog_item_tax {
	int64_t item_id, tax_id;
	unsigned char public_id[16];
};

struct catalog_item {
	int64_t id;
	unsigned char public_id[16];
	int64_t category_id;
	const char *external_id, *name, *description;
	int64_t price_minor, packing_minor;
	const char *image_url, *diet;
	bool is_available, is_active;
	const char *time_slots_json; /* as stored; use time_slots */
	int64_t order_types;
	bool tax_inclusive;
	const char *gst_liability;
	int64_t display_order, returns_at, locked_fields, created_at, updated_at;
	unsigned char category_public_id[16];
	const char *category_name;
	const char *const *time_slots; /* n 0: always */
	size_t time_slots_n;
	const struct catalog_item_tax *taxes;
	size_t taxes_n;
	const struct catalog_choice *choices; /* the item's own */
	size_t choices_n;
	const struct catalog_variation *variations; /* in display order */
	size_t variations_n;
};

/* --- reading ------------------------------------------------------------------------------- */

/* Which rows, in the order in which they were made. */
struct catalog_filter {
	const unsigned char *after;    /* public id of the last one seen; NULL: of none */
	int64_t n;                     /* at most */
	bool has_active, is_active;
	const unsigned char *category; /* items: of that category; NULL: of any */
	const char *search;            /* items: as menu/search.h has it; or NULL */
};

/*
 * A page of rows of one kind. It may be short, even empty, and there may be more all the same: a
 * search looks at CATALOG_SCAN_MAX items at most.
 */
struct catalog_page {
	const void *rows; /* struct catalog_item ... */
	size_t n;
	bool has_more;
	unsigned char last[16]; /* has_more: go on behind it */
};
#define CATALOG_SCAN_MAX 2000

/* What a row is: struct catalog_item ... */
enum catalog_kind { CATALOG_ITEM, CATALOG_CATEGORY, CATALOG_GROUP, CATALOG_TAX,
	CATALOG_DISCOUNT, CATALOG__MAX };
size_t catalog_row_size(enum catalog_kind);

/*
 * A page. ERR_VALIDATION_ERROR for a cursor, ERR_NOT_FOUND for a category that the restaurant does
 * not have.
 */
enum err catalog_page(struct op *, enum catalog_kind, int64_t restaurant_id,
    const struct catalog_filter *, struct catalog_page *ret);

/* The so many'th row of a page, and its public id; size is that of the page's kind. */
const void *catalog_page_row(const struct catalog_page *, size_t size, size_t i);
void catalog_page_row_id(
    const struct catalog_page *, size_t size, size_t i, unsigned char ret_id[16]);

/* One row with what belongs to it. ERR_NO_ROW (no fault): the restaurant has none of that id. */
enum err catalog_row(struct op *, enum catalog_kind, int64_t restaurant_id,
    const unsigned char public_id[16], void *ret_row);

/* Our own id of one that is to be linked. ERR_NO_ROW as above. */
enum err catalog_id(struct op *, enum catalog_kind, int64_t restaurant_id,
    const unsigned char public_id[16], int64_t *ret_id);

#endif
