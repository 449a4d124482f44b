/*
 * pos_square_menu: a menu of Square's while it is being read. Only pos_square_menu.c and
 * pos_square_item.c include this. All of it lives in the arena.
 */
#ifndef TICKETRAIL_POS_POS_SQUARE_MENU_H
#define TICKETRAIL_POS_POS_SQUARE_MENU_H

#include "pos/id_set.h"
#include "pos/pos_square.h"

/* Bytes; an id is never cut. */
#define SQUARE_MENU_ID_MAX 80

/* How many of a modifier list; -1: not said. */
struct square_bounds {
	int64_t min, max;
	bool is_single;
};

struct square_category {
	const char *id, *name, *parent;
	int64_t ordinal;
	size_t at; /* its place in the document */
	bool is_menu, is_visible;
	bool is_used; /* something is in it */
	/* Of those in use: */
	const struct square_category **path; /* from the outermost to itself */
	size_t path_n;
	const char *full_name;
	bool is_shown;
};

struct square_menu {
	struct arena *arena;
	const char *location, *currency;
	struct menu_doc doc;
	struct menu_doc_problem *problems;
	struct menu_doc_tax *taxes;
	bool *tax_is_inclusive;
	struct menu_doc_addon_group *groups;
	struct square_bounds *list_bounds;
	struct square_category *categories;
	size_t categories_n;
	bool has_uncategorised;
	const char **images;
	size_t images_n;
	struct json_object **item_nodes;
	size_t items_n;
	struct id_set taxes_by_id, lists_by_id, text_lists, categories_by_id, images_by_id,
	    items_by_id;
};

void square_menu_problem(
    struct square_menu *, const char *kind, const char *id, const char *sentence);
/* NULL unless it is one that can be kept. */
const char *square_menu_id(struct arena *, struct json_object *);
/* NULL when absent or empty; cut at max code points. */
const char *square_menu_text(
    struct arena *, struct json_object *, const char *key, size_t max);
bool square_menu_flag(struct json_object *, const char *key, bool otherwise);
int64_t square_menu_int(struct json_object *, const char *key, int64_t otherwise);
/* Is it sold at the location? */
bool square_menu_is_here(const struct square_menu *, struct json_object *);
/* What the location says otherwise; NULL: nothing. */
struct json_object *square_menu_override(const struct square_menu *, struct json_object *data);
/* The category of what has none. */
const char *square_menu_uncategorised(struct square_menu *);

/* pos_square_item.c: doc.items out of item_nodes; marks the categories that are used. */
void square_menu_read_items(struct square_menu *);

#endif
