/*
 * menu_json: the menu as the API shows it.
 *
 *	{"categories": [{"id","name","display_order","image_url"}, ...]}
 *	{"items": [ITEM, ...], "total": n}
 *	ITEM: {"id","name","description","price","image_url","is_veg","is_available",
 *	       "time_slots":[], "category":{"id","name"},
 *	       "variations":[{"id","name","price","is_available"}],
 *	       "addon_groups":[{"id","name","min","max",
 *	                        "addon_items":[{"id","name","price","is_available"}]}]}
 *
 * Prices are decimals (180.00). time_slots [] is always. A group that goes with one variation only
 * stands in that variation's own "addon_groups", which is there only then.
 */
#ifndef TICKETRAIL_MENU_MENU_JSON_H
#define TICKETRAIL_MENU_MENU_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "mem/buf.h"
#include "menu/menu.h"

/* Which items are wanted; NULL members want all. */
struct menu_filter {
	const struct menu_category *category;
	bool is_nothing;       /* a category was asked for that is not on this menu */
	const char *time_slot; /* items of that slot, and those without slots */
	const char *search;    /* in name or description, see menu/search.h */
};

/* Each writes one JSON document into the buf. */
void menu_json_categories(struct buf *, const struct menu *);
void menu_json_items(struct buf *, const struct menu *, const struct menu_filter *);
void menu_json_item(struct buf *, const struct menu *, const struct menu_item *);

#endif
