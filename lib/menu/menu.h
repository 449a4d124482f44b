/*
 * menu: everything of a restaurant's menu that can be shown and ordered, as it was at one menu
 * version.
 *
 * Only active rows are in it: an item whose category is not active, a variation or an add-on that
 * the POS no longer lists are not. What is merely sold out (is_available false) is. A menu is read
 * only and complete: pointers inside it lead to other rows of the same menu. Money is in minor
 * units of the restaurant's currency.
 *
 * A menu_cache keeps the menus a process used last. The version is read from the database at every
 * use, so a menu that was changed by anybody a moment ago is never served again. A menu got from a
 * cache is held for the op that asked and may be used until op_end().
 *
 * It will not change anything (menu/menu_import.h and menu/item.h do) and knows nothing of time
 * (menu/slot.h does).
 */
#ifndef TICKETRAIL_MENU_MENU_H
#define TICKETRAIL_MENU_MENU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"

struct op;

struct menu_category {
	int64_t id;
	unsigned char public_id[16]; /* UUIDv7 */
	const char *external_id; /* the POS's id; NULL: made by the staff, as everywhere here */
	const char *name;
	int64_t display_order;
	const char *image_url; /* or NULL */
};

struct menu_tax {
	int64_t id;
	const char *external_id, *name;
	const char *kind;     /* "percent" or "fixed" */
	int64_t rate_micro;   /* percent: millionths of one, 2.5 % is 25000 */
	int64_t amount_minor; /* fixed */
	int64_t order_types;  /* MENU_DELIVERY | MENU_PICKUP | MENU_DINE_IN of menu/menu_doc.h */
	int64_t charges;      /* MENU_ON_PACKING | MENU_ON_DELIVERY: what it is on beside items */
	int64_t display_order;
};

/* What is taken off an order (order/discount.h). 0 of a bound: there is none. */
struct menu_discount {
	int64_t id;
	unsigned char public_id[16];
	const char *external_id, *name;
	const char *code;     /* in capitals; NULL: it applies by itself */
	const char *kind;     /* "percent" or "fixed" */
	int64_t rate_micro, amount_minor;
	int64_t min_subtotal_minor, max_discount_minor;
	int64_t order_types;
	int64_t starts_at, ends_at; /* when it may be ordered with; TIME_NONE: no bound */
	int64_t uses_max, uses_per_user_max;
	bool first_order_only;
};

struct menu_addon {
	int64_t id;
	unsigned char public_id[16];
	int64_t addon_group_id;
	const char *external_id, *name;
	int64_t price_minor;
	bool is_available;
	int64_t returns_at; /* when it is to be had again; TIME_NONE: nobody knows, or it is */
	int64_t display_order;
	const struct menu_addon_group *group;
};

struct menu_addon_group {
	int64_t id;
	unsigned char public_id[16];
	const char *external_id, *name;
	int64_t display_order;
	const struct menu_addon *addons; /* in display order */
	size_t addons_n;
};

/* A group to choose from, with an item or with one of its variations. */
struct menu_choice {
	const struct menu_addon_group *group;
	int64_t min, max; /* how many of its add-ons; max 0: no limit */
};

struct menu_variation {
	int64_t id;
	unsigned char public_id[16];
	int64_t item_id;
	const char *external_id;    /* PetPooja: `id` of the pair (item, variation) */
	const char *variation_code; /* PetPooja: `variationid` */
	const char *name;
	int64_t price_minor, packing_minor;
	bool is_available;
	int64_t returns_at; /* as an add-on's */
	int64_t display_order;
	const struct menu_item *item;
	const struct menu_choice *choices; /* this variation's own; the item's come on top */
	size_t choices_n;
};

struct menu_item {
	int64_t id;
	unsigned char public_id[16];
	int64_t category_id;
	const char *external_id, *name;
	const char *description; /* or NULL */
	int64_t price_minor, packing_minor; /* where it has variations, theirs count */
	const char *image_url; /* or NULL */
	bool is_veg, is_available;
	int64_t returns_at; /* as an add-on's */
	const char *time_slots_json; /* as stored; use time_slots */
	int64_t order_types;
	bool tax_inclusive;
	const char *gst_liability; /* "restaurant" or "vendor" */
	int64_t display_order;
	const struct menu_category *category;
	const char *const *time_slots; /* names of slots; n 0: always */
	size_t time_slots_n;
	const struct menu_tax *const *taxes; /* in display order */
	size_t taxes_n;
	const struct menu_choice *choices;
	size_t choices_n;
	const struct menu_variation *variations; /* n 0: ordered without; else one must be named */
	size_t variations_n;
};

struct menu_by_id; /* one entry of the indexes below */
struct menu_home;  /* where a menu lives; menu.c's own */

struct menu {
	struct menu_home *home;
	int64_t restaurant_id;
	int64_t version;
	const char *currency; /* ISO 4217, of all prices here */
	const struct menu_category *categories; /* in display order */
	size_t categories_n;
	const struct menu_item *items; /* by display order of category, then of item */
	size_t items_n;
	const struct menu_addon_group *addon_groups;
	size_t addon_groups_n;
	const struct menu_tax *taxes; /* in display order */
	size_t taxes_n;
	const struct menu_discount *discounts; /* by id */
	size_t discounts_n;
	const struct menu_by_id *item_index, *variation_index, *addon_index; /* by public id */
	size_t variations_n, addons_n;
};

/* By the 16 bytes of a public id; NULL when the menu has no such row. */
const struct menu_category *menu_category_find(const struct menu *, const void *public_id);
const struct menu_item *menu_item_find(const struct menu *, const void *public_id);
const struct menu_variation *menu_variation_find(const struct menu *, const void *public_id);
const struct menu_addon *menu_addon_find(const struct menu *, const void *public_id);

/*
 * The choice that puts a group beside an item ordered with a variation (NULL: without one): the
 * variation's own rule if there is one, else the item's; NULL when the group does not go with it.
 */
const struct menu_choice *menu_choice_find(const struct menu_item *, const struct menu_variation *,
    const struct menu_addon_group *);

struct menu_cache;

/*
 * A cache for a process, holding at most max_bytes of menus (0: 64 MiB) besides those in use. Never
 * NULL.
 */
struct menu_cache *menu_cache_new(size_t max_bytes);
void menu_cache_free(struct menu_cache **);

/*
 * The version that the menu has now. ERR_NOT_FOUND for an unknown restaurant, or a database fault.
 */
enum err menu_version_read(struct op *, int64_t restaurant_id, int64_t *ret_version);

/*
 * The menu as it is now. One small read when the cache has it; else the menu is read whole in one
 * snapshot. May be called inside a transaction too; what it reads there is not put into the cache,
 * because it might be rolled back. The cache is op->menus; NULL: read for this op only.
 * ERR_NOT_FOUND for an unknown restaurant, or a database fault.
 */
enum err menu_get(struct op *, int64_t restaurant_id, const struct menu **ret_menu);

/*
 * The same for a version and currency that this op has read already, which saves reading them
 * again; version 0: it has not.
 */
enum err menu_get_at(struct op *, int64_t restaurant_id, int64_t version, const char *currency,
    const struct menu **ret_menu);

/*
 * Bytes made out of a menu (a rendered answer) that are to be kept as long as the menu itself is.
 * menu_body gives {NULL, 0} when there are none yet; menu_body_keep copies them and returns the
 * copy.
 */
enum menu_body {
	MENU_BODY_CATEGORIES,
	MENU_BODY_ITEMS,
	MENU_BODY_ITEMS_NAME, /* what http/shelf.h calls MENU_BODY_ITEMS; a text */
	MENU_BODY__MAX
};
struct bytes menu_body(const struct menu *, enum menu_body);
struct bytes menu_body_keep(const struct menu *, enum menu_body, struct bytes);

/*
 * For whoever changes a menu, in a transaction. menu_take comes first: it holds all other writers
 * of this menu off until the end of the transaction, and gives the version the menu has.
 * menu_changed, after a change: as the last thing before the commit the version is raised, once,
 * and those who watch the restaurant are told.
 */
enum err menu_take(struct op *, int64_t restaurant_id, int64_t *ret_version);
void menu_changed(struct op *, int64_t restaurant_id);

#endif
