#include "tenant/restaurant.h"

#include <string.h>

#include "db/db.h"

static const struct db_col restaurant_cols[] = {
	COL_I64(struct restaurant, id),
	COL_TEXT(struct restaurant, slug),
	COL_TEXT(struct restaurant, name),
	COL_TEXT(struct restaurant, address),
	COL_TEXT(struct restaurant, contact),
	COL_TEXT(struct restaurant, time_zone),
	COL_TEXT(struct restaurant, currency),
	COL_BOOL(struct restaurant, is_active),
};
static const struct db_shape restaurant_shape = DB_SHAPE(struct restaurant, restaurant_cols);

struct accepting_row {
	bool accepting;
};
static const struct db_col accepting_cols[] = { COL_BOOL(struct accepting_row, accepting) };
static const struct db_shape accepting_shape = DB_SHAPE(struct accepting_row, accepting_cols);

bool
restaurant_slug_ok(const char *slug)
{
	size_t len = strlen(slug);

	return len >= 1 && len <= 64 &&
	       strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

enum err
restaurant_by_slug(struct op *op, const char *slug, struct restaurant *ret)
{
	if (!restaurant_slug_ok(slug))
		return ERR_NO_ROW;
	return db_one(
	    op, STMT_restaurant_by_slug, DB_ARGS(DB_TEXT("slug", slug)), &restaurant_shape, ret);
}

enum err
restaurant_by_host(struct op *op, const char *host_name, struct restaurant *ret)
{
	return db_one(op, STMT_restaurant_by_host, DB_ARGS(DB_TEXT("host_name", host_name)),
	    &restaurant_shape, ret);
}

enum err
restaurant_by_id(struct op *op, int64_t id, struct restaurant *ret)
{
	return db_one(op, STMT_restaurant_by_id, DB_ARGS(DB_I64("id", id)), &restaurant_shape, ret);
}

enum err
restaurant_save(struct op *op, const struct restaurant *r, int64_t *ret_id)
{
	struct restaurant saved;
	enum err e;

	e = db_run(op, STMT_restaurant_save,
	    DB_ARGS(DB_TEXT("slug", r->slug), DB_TEXT("name", r->name),
		DB_TEXT("address", r->address), DB_TEXT("contact", r->contact),
		DB_TEXT("time_zone", r->time_zone), DB_TEXT("currency", r->currency),
		DB_I64("is_active", r->is_active)));
	if (e == OK)
		e = restaurant_by_slug(op, r->slug, &saved);
	if (e == OK)
		e = db_run(
		    op, STMT_restaurant_counters_make, DB_ARGS(DB_I64("restaurant_id", saved.id)));
	if (e == OK)
		*ret_id = saved.id;
	return e;
}

enum err
restaurant_accepting_set(struct op *op, int64_t restaurant_id, bool accepting)
{
	return db_run(op, STMT_restaurant_accepting_set,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_I64("accepting", accepting)));
}

enum err
restaurant_accepting(struct op *op, int64_t restaurant_id, bool *ret)
{
	struct accepting_row row;
	enum err e = db_one(op, STMT_restaurant_accepting,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id)), &accepting_shape, &row);

	if (e == OK)
		*ret = row.accepting;
	return e;
}
