#include "order/unavailable.h"

#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "menu/menu.h"
#include "op/op.h"
#include "order/price.h"
#include "text/json_write.h"
#include "text/uuid.h"

#define DETAILS_MAX ((size_t)1024 * 1024)
#define IDS_MAX ((size_t)512 * 1024)

static const char *const causes[] = {
	[UNAVAILABLE_SOLD_OUT] = "sold_out",
	[UNAVAILABLE_HIDDEN] = "hidden",
	[UNAVAILABLE_NOT_NOW] = "not_now",
	[UNAVAILABLE_NOT_FOR_ORDER_TYPE] = "not_for_order_type",
	[UNAVAILABLE_GONE] = "gone",
};
_Static_assert(sizeof causes / sizeof causes[0] == UNAVAILABLE_CAUSE__MAX, "a word per cause");

enum err
unavailable_fail(struct op *op, const struct unavailable *list, size_t n)
{
	struct buf b;
	struct json_write w;
	enum err e;

	buf_init(&b, op->arena, DETAILS_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_array(&w, "items");
	for (size_t i = 0; i < n; i++)
		json_write_uuid(&w, NULL, list[i].item_id);
	json_write_array_end(&w);
	json_write_array(&w, "unavailable");
	for (size_t i = 0; i < n; i++) {
		json_write_object(&w, NULL);
		json_write_uuid(&w, "id", list[i].id);
		json_write_string(&w, "field", list[i].field);
		json_write_string(&w, "cause", causes[list[i].cause]);
		json_write_time(&w, "until", list[i].until);
		json_write_object_end(&w);
	}
	json_write_array_end(&w);
	json_write_object_end(&w);
	json_write_done(&w);
	e = fail(op, ERR_ITEM_UNAVAILABLE, NULL);
	op->fault.details = b.data;
	return e;
}

/* --- what a menu has not ---------------------------------------------------------------------- */

struct absent_row {
	unsigned char public_id[UUID_LEN];
	bool is_gone;
};
static const struct db_col absent_cols[] = {
	COL_FIXED(struct absent_row, public_id),
	COL_BOOL(struct absent_row, is_gone),
};
static const struct db_shape absent_shape = DB_SHAPE(struct absent_row, absent_cols);

static void
id_add(struct json_write *w, const unsigned char id[UUID_LEN], size_t *n)
{
	json_write_uuid(w, NULL, id);
	(*n)++;
}

/* A JSON array of the ids that the menu has not; how many there are. */
static size_t
ids_write(struct json_write *w, const struct menu *menu, const struct cart *cart)
{
	size_t n = 0;

	json_write_array(w, NULL);
	for (size_t i = 0; i < cart->lines_n; i++) {
		const struct cart_line *line = &cart->lines[i];

		if (menu_item_find(menu, line->menu_item_id) == NULL)
			id_add(w, line->menu_item_id, &n);
		if (line->has_variation && menu_variation_find(menu, line->variation_id) == NULL)
			id_add(w, line->variation_id, &n);
		for (size_t k = 0; k < line->addons_n; k++)
			if (menu_addon_find(menu, line->addons[k].addon_item_id) == NULL)
				id_add(w, line->addons[k].addon_item_id, &n);
	}
	json_write_array_end(w);
	json_write_done(w);
	return n;
}

enum err
absent_read(struct op *op, const struct menu *menu, struct cart *cart)
{
	struct absent_row *rows;
	struct absent *absent;
	struct json_write w;
	struct buf ids;
	size_t n;
	enum err e;

	buf_init(&ids, op->arena, IDS_MAX);
	json_write_init(&w, &ids);
	if (ids_write(&w, menu, cart) == 0)
		return OK;
	e = db_many(op, STMT_menu_absent,
	    DB_ARGS(DB_TEXT("ids", ids.data), DB_I64("restaurant_id", menu->restaurant_id)),
	    &absent_shape, &rows, &n);
	if (e != OK)
		return e;
	absent = arena_array(op->arena, n, sizeof *absent);
	for (size_t i = 0; i < n; i++) {
		memcpy(absent[i].id, rows[i].public_id, UUID_LEN);
		absent[i].cause = rows[i].is_gone ? UNAVAILABLE_GONE : UNAVAILABLE_HIDDEN;
	}
	cart->absent = absent;
	cart->absent_n = n;
	return OK;
}

const struct absent *
absent_find(const struct cart *cart, const unsigned char id[UUID_LEN])
{
	for (size_t i = 0; i < cart->absent_n; i++)
		if (memcmp(cart->absent[i].id, id, UUID_LEN) == 0)
			return &cart->absent[i];
	return NULL;
}
