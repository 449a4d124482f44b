#include "menu/menu.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "event/event.h"
#include "menu/menu_load.h"
#include "op/op.h"

#define MENU_ARENA_MAX ((size_t)512 * 1024 * 1024)
#define CACHE_BYTES ((size_t)64 * 1024 * 1024)

/*
 * A menu with the arena it lives in, itself included. Held by the cache and by every op that got
 * it; the last one to let go ends it.
 */
struct menu_home {
	struct menu menu;
	struct arena *arena;
	unsigned holders;
	struct bytes bodies[MENU_BODY__MAX];
	struct menu_home *next; /* in the cache: the one used before this one */
};

struct menu_cache {
	struct menu_home *newest;
	size_t max_bytes;
};

static struct menu_home *
home_new(void)
{
	struct arena *arena = arena_new(MENU_ARENA_MAX);
	struct menu_home *home = arena_alloc(arena, sizeof *home);

	home->arena = arena;
	home->menu.home = home;
	return home;
}

static void
home_let_go(void *arg)
{
	struct menu_home *home = arg;
	struct arena *arena = home->arena;

	if (--home->holders == 0)
		arena_free(&arena);
}

static void
home_hold(struct op *op, struct menu_home *home)
{
	home->holders++;
	arena_adopt(op->arena, home_let_go, home);
}

struct menu_cache *
menu_cache_new(size_t max_bytes)
{
	struct menu_cache *cache = calloc(1, sizeof *cache);

	if (cache == NULL)
		abort();
	cache->max_bytes = max_bytes > 0 ? max_bytes : CACHE_BYTES;
	return cache;
}

/* Takes the home at *at out of the list. */
static void
cache_drop(struct menu_home **at)
{
	struct menu_home *home = *at;

	*at = home->next;
	home->next = NULL;
	home_let_go(home);
}

void
menu_cache_free(struct menu_cache **cache)
{
	if (*cache == NULL)
		return;
	while ((*cache)->newest != NULL)
		cache_drop(&(*cache)->newest);
	free(*cache);
	*cache = NULL;
}

/*
 * Brings the restaurant's menu of that version to the front of the list; NULL if it is not there.
 */
static struct menu_home *
cache_find(struct menu_cache *cache, int64_t restaurant_id, const struct menu_head *head)
{
	for (struct menu_home **at = &cache->newest; *at != NULL; at = &(*at)->next) {
		struct menu_home *home = *at;

		if (home->menu.restaurant_id != restaurant_id)
			continue;
		if (home->menu.version != head->version ||
		    strcmp(home->menu.currency, head->currency) != 0)
			return NULL;
		*at = home->next;
		home->next = cache->newest;
		cache->newest = home;
		return home;
	}
	return NULL;
}

/* Whatever it has of the restaurant is older than home. The newest stays, however large it is. */
static void
cache_put(struct menu_cache *cache, struct menu_home *home)
{
	struct menu_home **at;
	size_t bytes = 0;

	for (at = &cache->newest; *at != NULL;)
		if ((*at)->menu.restaurant_id == home->menu.restaurant_id)
			cache_drop(at);
		else
			at = &(*at)->next;
	home->holders++;
	home->next = cache->newest;
	cache->newest = home;
	for (at = &cache->newest; *at != NULL;) {
		bytes += arena_used((*at)->arena);
		if (bytes > cache->max_bytes && *at != home)
			cache_drop(at);
		else
			at = &(*at)->next;
	}
}

/* db_many() reads into the op's arena: while a menu is read, that is the menu's own. */
static enum err
home_fill(struct op *op, struct menu_home *home)
{
	struct arena *of_op = op->arena;
	enum err e;

	op->arena = home->arena;
	e = op->in_transaction ? menu_load(op, &home->menu)
			       : db_snapshot(op, menu_load, &home->menu);
	op->arena = of_op;
	return e;
}

static enum err
menu_of(struct op *op, int64_t restaurant_id, const struct menu_head *head,
    const struct menu **ret_menu)
{
	struct menu_home *home = NULL;
	enum err e;

	if (op->menus != NULL)
		home = cache_find(op->menus, restaurant_id, head);
	if (home != NULL) {
		home_hold(op, home);
		*ret_menu = &home->menu;
		return OK;
	}
	home = home_new();
	home_hold(op, home); /* before it is read: a fault's text may lie in its arena */
	home->menu.restaurant_id = restaurant_id;
	e = home_fill(op, home);
	if (e != OK)
		return e;
	if (op->menus != NULL && !op->in_transaction)
		cache_put(op->menus, home);
	*ret_menu = &home->menu;
	return OK;
}

enum err
menu_get(struct op *op, int64_t restaurant_id, const struct menu **ret_menu)
{
	struct menu_head head;
	enum err e = menu_head_read(op, restaurant_id, &head);

	return e == OK ? menu_of(op, restaurant_id, &head, ret_menu) : e;
}

enum err
menu_get_at(struct op *op, int64_t restaurant_id, int64_t version, const char *currency,
    const struct menu **ret_menu)
{
	const struct menu_head head = { .version = version, .currency = currency };

	return version != 0 ? menu_of(op, restaurant_id, &head, ret_menu)
			    : menu_get(op, restaurant_id, ret_menu);
}

struct bytes
menu_body(const struct menu *menu, enum menu_body which)
{
	return menu->home->bodies[which];
}

struct bytes
menu_body_keep(const struct menu *menu, enum menu_body which, struct bytes body)
{
	struct menu_home *home = menu->home;

	home->bodies[which].data = arena_bytes(home->arena, body.data, body.len);
	home->bodies[which].len = body.len;
	return home->bodies[which];
}

static int
by_id_compare(const void *key, const void *entry)
{
	return memcmp(key, ((const struct menu_by_id *)entry)->public_id, 16);
}

static const void *
index_find(const struct menu_by_id *index, size_t n, const void *public_id)
{
	const struct menu_by_id *found;

	if (n == 0)
		return NULL;
	found = bsearch(public_id, index, n, sizeof *index, by_id_compare);
	return found != NULL ? found->row : NULL;
}

const struct menu_category *
menu_category_find(const struct menu *menu, const void *public_id)
{
	for (size_t i = 0; i < menu->categories_n; i++)
		if (memcmp(menu->categories[i].public_id, public_id, 16) == 0)
			return &menu->categories[i];
	return NULL;
}

const struct menu_item *
menu_item_find(const struct menu *menu, const void *public_id)
{
	return index_find(menu->item_index, menu->items_n, public_id);
}

const struct menu_variation *
menu_variation_find(const struct menu *menu, const void *public_id)
{
	return index_find(menu->variation_index, menu->variations_n, public_id);
}

const struct menu_addon *
menu_addon_find(const struct menu *menu, const void *public_id)
{
	return index_find(menu->addon_index, menu->addons_n, public_id);
}

static const struct menu_choice *
choice_of(const struct menu_choice *choices, size_t n, const struct menu_addon_group *group)
{
	for (size_t i = 0; i < n; i++)
		if (choices[i].group == group)
			return &choices[i];
	return NULL;
}

const struct menu_choice *
menu_choice_find(const struct menu_item *item, const struct menu_variation *variation,
    const struct menu_addon_group *group)
{
	const struct menu_choice *own = NULL;

	if (variation != NULL)
		own = choice_of(variation->choices, variation->choices_n, group);
	return own != NULL ? own : choice_of(item->choices, item->choices_n, group);
}

enum err
menu_take(struct op *op, int64_t restaurant_id, int64_t *ret_version)
{
	struct menu_head head;
	enum err e;

	if (!op->in_transaction)
		abort();
	e = db_run(op, STMT_menu_take, DB_ARGS(DB_I64("restaurant_id", restaurant_id)));
	if (e == OK)
		e = menu_head_read(op, restaurant_id, &head);
	if (e == OK)
		*ret_version = head.version;
	return e;
}

static enum err
version_bump(struct op *op, void *arg)
{
	const int64_t *restaurant_id = arg;
	int64_t n;
	enum err e;

	e = db_changed(op, STMT_menu_version_bump,
	    DB_ARGS(DB_I64("restaurant_id", *restaurant_id)), &n);
	if (e == OK && n != 1)
		return fail(op, ERR_INTERNAL_ERROR, "The restaurant has no counters");
	return e;
}

void
menu_changed(struct op *op, int64_t restaurant_id)
{
	int64_t *arg = arena_alloc(op->arena, sizeof *arg);

	*arg = restaurant_id;
	op_before_commit(op, version_bump, arg);
	event_note(op, restaurant_id, "menu_changed", 0, "{}");
}
