/*
 * pos_toast_menu: what the two halves of reading a menu of Toast's have in common. For
 * pos_toast_menu_read.c (menus, groups of items, items, taxes) and pos_toast_menu_group.c (modifier
 * groups and sizes) alone.
 */
#ifndef TICKETRAIL_POS_POS_TOAST_MENU_H
#define TICKETRAIL_POS_POS_TOAST_MENU_H

#include "pos/id_set.h"
#include "pos/pos_toast.h"

#define TOAST_NAME_MAX 100

/* A modifier group as it was made once, for all that refer to it. */
struct toast_made {
	const char *external_id; /* NULL: nothing of it can be offered */
	const char *why;         /* then; NULL: it is hidden, and no loss */
	int64_t min, max;
};

struct toast_reader {
	struct arena *arena;
	unsigned exponent;
	struct menu_doc doc;
	/* The arrays of `doc`, with room for so many. */
	struct menu_doc_category *categories;
	struct menu_doc_item *items;
	struct menu_doc_addon_group *groups;
	struct menu_doc_problem *problems;
	size_t rows_max;
	struct json_object *group_refs, *option_refs;
	struct id_set category_ids, item_ids, group_ids, tax_ids, made_ids, sold_out;
	size_t groups_seen; /* of items, with or without any */
	struct toast_made *made;
	size_t made_n;
	bool has_taxes;
};

void toast_menu_problem(
    struct toast_reader *, const char *kind, const char *id, const char *sentence);
/* NULL: no such text, or an empty one. */
const char *toast_menu_text(
    struct toast_reader *, struct json_object *, const char *key, size_t max);
const char *toast_menu_guid(struct toast_reader *, struct json_object *, const char *key);
/* Is it for sale through us? */
bool toast_menu_is_shown(struct json_object *);
/* A price that is one; false for null, text and less than nothing. */
bool toast_menu_price(
    struct toast_reader *, struct json_object *, const char *key, int64_t *ret_minor);
bool toast_menu_is_in_stock(struct toast_reader *, const char *guid);

/*
 * The modifier groups that an item, or a size of it, refers to, as choices. False, and why, if a
 * choice has to be made that can not be offered. size: the option that the size is; NULL: none.
 * skip: the reference that is the sizes themselves.
 */
bool toast_menu_choices(struct toast_reader *, struct json_object *refs, struct json_object *size,
    struct json_object *skip, const char *item_id, const struct menu_doc_choice **ret,
    size_t *ret_n, const char **ret_why);

/* The sizes of an item as its variations. False, and why. */
bool toast_menu_sizes(struct toast_reader *, struct json_object *item, struct menu_doc_item *ret,
    const char **ret_why);

#endif
