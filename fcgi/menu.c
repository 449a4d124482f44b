/*
 * menu: the pool that shows what can be ordered.
 *
 * All answers are made of one menu version and say so in their ETag; a client that has that version
 * is told 304. The whole list is rendered once per version and kept with the menu; nginx gives it
 * out (http/shelf.h). Where the restaurant has public_menu set nobody needs a token; one that is
 * sent must be good all the same.
 */
#include <string.h>

#include "http/front.h"
#include "http/reply.h"
#include "http/shelf.h"
#include "mem/buf.h"
#include "menu/menu.h"
#include "menu/menu_json.h"
#include "menu/slot.h"
#include "op/op.h"
#include "person/role.h"
#include "tenant/restaurant.h"
#include "tenant/settings.h"
#include "text/utf8.h"
#include "text/uuid.h"

#define SEARCH_MAX 100

/*
 * An answer at most, and what an op may take while one that large grows: each item has its add-ons
 * with it, and a few hundred in four sizes, of dozens of toppings each, are ten megabytes.
 */
#define MENU_BYTES ((size_t)32 * 1024 * 1024)
#define ARENA_BYTES (5 * MENU_BYTES)

/* The form of the answers: raised with every change of menu_json.c, so that no old body is kept. */
#define FORM 1

/* Who has no token may read what is public. Asked first: they are told nothing else. */
static enum err
reader_check(struct op *op, const struct request *request)
{
	const struct restaurant *r = request->restaurant;
	struct settings settings;
	enum err e;

	if (op->actor.kind != ACTOR_NOBODY)
		return OK;
	e = settings_read(op, r->id, r->currency, &settings);
	if (e == OK && !settings.public_menu)
		return fail(op, ERR_INVALID_TOKEN, "A bearer token is needed");
	return e;
}

/* The restaurant's menu as it was when the request came, or newer. */
static enum err
menu_of(struct op *op, const struct request *request, const struct menu **ret_menu)
{
	const struct restaurant *r = request->restaurant;

	return menu_get_at(op, r->id, r->menu_version, r->currency, ret_menu);
}

/*
 * Sets the validators; true if the client has this version already. Whoever may read a menu may
 * keep it, but must ask whether it still holds; a cache for many, only what nobody needed a token
 * for, and it asks with the next one's.
 */
static bool
is_known(struct op *op, const struct request *request, struct reply *reply, const struct menu *menu)
{
	bool is_public = op->actor.kind == ACTOR_NOBODY;

	reply_header(reply, "Cache-Control", is_public ? "public, no-cache" : "private, no-cache");
	return reply_not_modified(reply, request,
	    arena_printf(op->arena, "%d-%lld-%lld-%s", FORM, (long long)menu->restaurant_id,
		(long long)menu->version, menu->currency));
}

/* A buf's JSON as the answer. */
static enum err
body_send(struct op *op, struct reply *reply, const struct buf *buf)
{
	if (buf->overflowed)
		return fail(op, ERR_INTERNAL_ERROR, "The menu is larger than an answer may be");
	reply_raw(reply, 200, "application/json", (struct bytes){ buf->data, buf->len });
	return OK;
}

/* An answer that is the same for everybody: rendered once, and kept with the menu. */
static enum err
body_keep(struct op *op, const struct menu *menu, enum menu_body which, const struct buf *buf,
    struct bytes *ret)
{
	if (buf->overflowed)
		return fail(op, ERR_INTERNAL_ERROR, "The menu is larger than an answer may be");
	*ret = menu_body_keep(menu, which, (struct bytes){ buf->data, buf->len });
	return OK;
}

static enum err
categories_route(struct op *op, const struct request *request, struct reply *reply)
{
	const struct menu *menu;
	struct bytes body;
	struct buf buf;
	enum err e;

	e = reader_check(op, request);
	if (e == OK)
		e = menu_of(op, request, &menu);
	if (e != OK)
		return e;
	if (is_known(op, request, reply, menu))
		return OK;
	body = menu_body(menu, MENU_BODY_CATEGORIES);
	if (body.data == NULL) {
		buf_init(&buf, op->arena, MENU_BYTES);
		menu_json_categories(&buf, menu);
		e = body_keep(op, menu, MENU_BODY_CATEGORIES, &buf, &body);
	}
	if (e == OK)
		reply_raw(reply, 200, "application/json", body);
	return e;
}

/* What the client asks for, not yet looked up in the menu. */
struct wish {
	bool has_category;
	unsigned char category_id[UUID_LEN];
	const char *time_slot, *search;
};

static enum err
time_slot_check(struct op *op, const struct restaurant *restaurant, const char *name)
{
	struct settings settings;
	enum err e;

	e = settings_read(op, restaurant->id, restaurant->currency, &settings);
	if (e != OK)
		return e;
	if (slot_find(settings.slots, settings.slots_n, name) == NULL)
		return fail_field(op, "time_slot", "is not a time slot of this restaurant");
	return OK;
}

static enum err
wish_read(struct op *op, const struct request *request, struct wish *ret)
{
	struct wish w = { .time_slot = request_query(request, "time_slot") };
	enum err e;

	w.search = request_query(request, "search");
	if (w.search != NULL && utf8_n(w.search) > SEARCH_MAX)
		return fail_field(op, "search", "must not be longer than %d characters",
		    SEARCH_MAX);
	if (w.search != NULL && w.search[0] == '\0')
		w.search = NULL;
	e = request_query_uuid(op, request, "category_id", &w.has_category, w.category_id);
	if (e == OK && w.time_slot != NULL)
		e = time_slot_check(op, request->restaurant, w.time_slot);
	if (e == OK)
		*ret = w;
	return e;
}

static struct shelf shelf;

/* The whole menu. */
static enum err
items_send(struct op *op, const struct request *request, struct reply *reply,
    const struct menu *menu)
{
	struct bytes body = menu_body(menu, MENU_BODY_ITEMS),
		     name = menu_body(menu, MENU_BODY_ITEMS_NAME);
	enum err e = OK;

	if (body.data == NULL) {
		const struct menu_filter all = { 0 };
		struct buf buf;

		buf_init(&buf, op->arena, MENU_BYTES);
		menu_json_items(&buf, menu, &all);
		e = body_keep(op, menu, MENU_BODY_ITEMS, &buf, &body);
	}
	if (e != OK)
		return e;
	if (name.data == NULL) {
		const char *text = shelf_name(op, menu->restaurant_id, body);

		name = menu_body_keep(
		    menu, MENU_BODY_ITEMS_NAME, (struct bytes){ text, strlen(text) + 1 });
	}
	if (!shelf_reply(&shelf, op, request, reply, name.data, body))
		reply_raw(reply, 200, "application/json", body);
	return OK;
}

static enum err
items_route(struct op *op, const struct request *request, struct reply *reply)
{
	struct menu_filter filter = { 0 };
	const struct menu *menu;
	struct wish wish = { 0 };
	struct buf buf;
	enum err e;

	e = reader_check(op, request);
	if (e == OK)
		e = wish_read(op, request, &wish);
	if (e == OK)
		e = menu_of(op, request, &menu);
	if (e != OK)
		return e;
	if (is_known(op, request, reply, menu))
		return OK;
	if (!wish.has_category && wish.time_slot == NULL && wish.search == NULL)
		return items_send(op, request, reply, menu);
	filter.time_slot = wish.time_slot;
	filter.search = wish.search;
	if (wish.has_category) {
		filter.category = menu_category_find(menu, wish.category_id);
		filter.is_nothing = filter.category == NULL;
	}
	buf_init(&buf, op->arena, MENU_BYTES);
	menu_json_items(&buf, menu, &filter);
	return body_send(op, reply, &buf);
}

static enum err
item_route(struct op *op, const struct request *request, struct reply *reply)
{
	const struct menu_item *item;
	const struct menu *menu;
	unsigned char id[UUID_LEN];
	struct buf buf;
	enum err e;

	e = reader_check(op, request);
	if (e == OK)
		e = request_path_uuid(op, request, "id", id);
	if (e == OK)
		e = menu_of(op, request, &menu);
	if (e != OK)
		return e;
	item = menu_item_find(menu, id);
	if (item == NULL)
		return fail(op, ERR_NOT_FOUND, "There is no such item on this menu");
	if (is_known(op, request, reply, menu))
		return OK;
	buf_init(&buf, op->arena, MENU_BYTES);
	menu_json_item(&buf, menu, item);
	return body_send(op, reply, &buf);
}

#define READERS (ROLE_ANYBODY | ROLE_GUEST | ROLES_STAFF)

static const struct route routes[] = {
	{
		.method = METHOD_GET,
		.path = "/api/v1/menu/categories",
		.roles = READERS,
		.tenant = TENANT_NEEDED,
		.rate = RATE_READ,
		.handle = categories_route,
		.sentence = "Active categories in display order",
	},
	{
		.method = METHOD_GET,
		.path = "/api/v1/menu/items",
		.roles = READERS,
		.tenant = TENANT_NEEDED,
		.query = "category_id time_slot search",
		.rate = RATE_READ,
		.handle = items_route,
		.sentence = "The menu, whole or by category, time slot and words",
	},
	{
		.method = METHOD_GET,
		.path = "/api/v1/menu/items/{id}",
		.roles = READERS,
		.tenant = TENANT_NEEDED,
		.rate = RATE_READ,
		.handle = item_route,
		.sentence = "One item",
	},
};

static struct menu_cache *menus;

static void
menus_lend(struct op *op)
{
	if (menus == NULL)
		menus = menu_cache_new(0);
	op->menus = menus;
}

static const struct pool pool = {
	.name = "menu",
	.program = PROGRAM_menu,
	.routes = ROUTE_TABLE(routes),
	.begin = menus_lend,
	.arena_max = ARENA_BYTES,
};

int
main(int argc, char **argv)
{
	int status = front_main(argc, argv, &pool);

	menu_cache_free(&menus);
	return status;
}
