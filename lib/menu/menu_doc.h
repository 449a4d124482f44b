/*
 * menu_doc: a menu as a provider told it, in our words, before it is anybody's menu.
 *
 * Adapters make one out of a provider's document; menu/menu_import.h brings it into the tables as
 * one menu version. Rows are named by the provider's ids (external_id), which must be unique among
 * their kind (variations: within their item; add-on items: within their group). Everything lives in
 * the arena it was read into. Money is in minor units of the restaurant's currency.
 */
#ifndef TICKETRAIL_MENU_MENU_DOC_H
#define TICKETRAIL_MENU_MENU_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Order types as bits, as in items.order_types. */
enum { MENU_DELIVERY = 1, MENU_PICKUP = 2, MENU_DINE_IN = 4, MENU_ALL_TYPES = 7 };
/* What is charged beside the goods, as bits, as in taxes.charges. */
enum { MENU_ON_PACKING = 1, MENU_ON_DELIVERY = 2 };

struct menu_doc_tax {
	const char *external_id, *name;
	bool is_percent;
	int64_t rate_micro;   /* percent: 2.5 % is 25000 */
	int64_t amount_minor; /* fixed */
	unsigned order_types;
	unsigned charges;     /* MENU_ON_PACKING | MENU_ON_DELIVERY */
	bool is_active;
	int64_t display_order;
};

struct menu_doc_category {
	const char *external_id, *name;
	int64_t display_order;
	bool is_active;
	const char *image_url;
	const char *timings; /* JSON as the provider gave it, or NULL */
};

struct menu_doc_addon {
	const char *external_id, *name;
	int64_t price_minor;
	bool is_available, is_active;
	int64_t display_order;
};

struct menu_doc_addon_group {
	const char *external_id, *name;
	bool is_active;
	int64_t display_order;
	const struct menu_doc_addon *addons;
	size_t addons_n;
};

/* A group that goes with an item, or with one variation of it. */
struct menu_doc_choice {
	const char *group_external_id;
	int64_t min, max; /* max 0: no limit */
};

struct menu_doc_variation {
	const char *external_id;    /* PetPooja: `id` */
	const char *variation_code; /* PetPooja: `variationid` */
	const char *name;
	int64_t price_minor, packing_minor;
	bool is_available, is_active;
	int64_t display_order;
	const struct menu_doc_choice *choices;
	size_t choices_n;
};

enum menu_diet { DIET_VEG, DIET_NON_VEG, DIET_EGG, DIET_OTHER };

struct menu_doc_item {
	const char *external_id, *category_external_id;
	const char *name, *description, *image_url;
	int64_t price_minor, packing_minor;
	enum menu_diet diet;
	bool is_available, is_active;
	unsigned order_types;
	bool tax_inclusive;
	const char *gst_liability; /* "restaurant", "vendor" */
	/* Names of slots; n 0: the POS does not say, and what is set here stays. */
	const char *const *time_slots;
	size_t time_slots_n;
	int64_t display_order;
	const char *const *tax_external_ids;
	size_t taxes_n;
	const struct menu_doc_choice *choices;
	size_t choices_n;
	const struct menu_doc_variation *variations;
	size_t variations_n;
};

/* Something in the document that could not be used: the rest is imported without it. */
struct menu_doc_problem {
	const char *what;     /* "item 7765862" */
	const char *sentence; /* "names category 12, which is not in the document" */
};

struct menu_doc {
	const char *provider_restaurant_id; /* whose menu it says it is; NULL: it does not say */
	const struct menu_doc_tax *taxes;
	size_t taxes_n;
	const struct menu_doc_category *categories;
	size_t categories_n;
	const struct menu_doc_addon_group *addon_groups;
	size_t addon_groups_n;
	const struct menu_doc_item *items;
	size_t items_n;
	const struct menu_doc_problem *problems;
	size_t problems_n;
};

#endif
