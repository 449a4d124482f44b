#include "order/discount_use.h"

#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "menu/menu.h"
#include "op/crash.h"
#include "op/op.h"

static const struct db_col use_cols[] = {
	COL_I64(struct discount_use, discount_id),
	COL_I64(struct discount_use, used),
	COL_I64(struct discount_use, used_by_guest),
	COL_BOOL(struct discount_use, guest_has_ordered),
};
static const struct db_shape use_shape = DB_SHAPE(struct discount_use, use_cols);

/* --- looking ---------------------------------------------------------------------------------- */

/* order_id: one that is not counted; 0: all are. */
static enum err
uses_of(struct op *op, int64_t restaurant_id, int64_t user_id, int64_t order_id, const char *ids,
    struct discount_use **ret, size_t *ret_n)
{
	return db_many(op, STMT_discount_uses_of,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_I64("user_id", user_id),
		DB_I64("order_id", order_id), DB_TEXT("ids", ids)),
	    &use_shape, ret, ret_n);
}

static bool
is_candidate(const struct op *op, const struct menu_discount *d, const char *code)
{
	if (!discount_is_limited(d) || (code == NULL) != (d->code == NULL))
		return false;
	if (code != NULL)
		return strcmp(code, d->code) == 0;
	return d->ends_at == TIME_NONE || op->now_us < d->ends_at;
}

enum err
discount_uses_read(struct op *op, const struct menu *menu, int64_t restaurant_id, int64_t user_id,
    const char *code, struct discount_uses *ret)
{
	struct discount_use *list = NULL;
	struct buf ids;
	size_t n = 0;
	enum err e = OK;

	buf_init(&ids, op->arena, 24 * menu->discounts_n + 3);
	for (size_t i = 0; i < menu->discounts_n; i++)
		if (is_candidate(op, &menu->discounts[i], code))
			buf_addf(&ids, "%c%lld", n++ == 0 ? '[' : ',',
			    (long long)menu->discounts[i].id);
	if (n > 0) {
		buf_addc(&ids, ']');
		e = uses_of(op, restaurant_id, user_id, 0, ids.data, &list, &n);
	}
	if (e == OK)
		*ret = (struct discount_uses){ list, n };
	return e;
}

/* --- taken ------------------------------------------------------------------------------------ */

static enum err
row_take(struct op *op, const struct menu_discount *d, int64_t restaurant_id, bool *ret_took)
{
	int64_t changed = 0;
	enum err e = db_changed(op, STMT_discount_use_take,
	    DB_ARGS(DB_I64("discount_id", d->id), DB_I64("restaurant_id", restaurant_id),
		DB_I64("uses_max", d->uses_max)),
	    &changed);

	*ret_took = changed == 1;
	return e;
}

struct used_row {
	int64_t used;
};
static const struct db_col used_cols[] = { COL_I64(struct used_row, used) };
static const struct db_shape used_shape = DB_SHAPE(struct used_row, used_cols);

/*
 * None was left, or the row is not there yet. From the locked read on, or from the making, the row
 * is ours.
 */
static enum err
row_take_slowly(struct op *op, const struct menu_discount *d, int64_t restaurant_id, bool *ret_took)
{
	struct used_row row = { 0 };
	enum err e = db_one(op, STMT_discount_use_lock,
	    DB_ARGS(DB_I64("discount_id", d->id), DB_I64("restaurant_id", restaurant_id)),
	    &used_shape, &row);

	if (e == ERR_NO_ROW)
		e = db_run(op, STMT_discount_use_make,
		    DB_ARGS(DB_I64("discount_id", d->id), DB_I64("restaurant_id", restaurant_id)));
	return e != OK ? e : row_take(op, d, restaurant_id, ret_took);
}

/*
 * The discount's row is locked, and for first orders the guest's: whoever else uses it waits, and
 * who was before has committed.
 */
static enum err
guest_look(struct op *op, const struct menu_discount *d, int64_t restaurant_id, int64_t user_id,
    int64_t order_id, enum discount_verdict *ret)
{
	struct discount_use *use;
	size_t n;
	enum err e = uses_of(op, restaurant_id, user_id, order_id,
	    arena_printf(op->arena, "[%lld]", (long long)d->id), &use, &n);

	if (e != OK || n == 0)
		return e;
	use->used = 0; /* ours is among them, and was counted when it was taken */
	*ret = discount_left(d, use);
	return OK;
}

enum err
discount_use_take(struct op *op, const struct menu_discount *d, int64_t restaurant_id,
    int64_t user_id, int64_t order_id, enum discount_verdict *ret)
{
	enum discount_verdict v = DISCOUNT_APPLIES;
	bool took = false;
	enum err e = OK;

	CRASH_POINT("discount_use.before_take");
	if (d->first_order_only)
		e = db_run(op, STMT_first_order_lock,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_I64("user_id", user_id)));
	if (e == OK)
		e = row_take(op, d, restaurant_id, &took);
	if (e == OK && !took)
		e = row_take_slowly(op, d, restaurant_id, &took);
	if (e == OK && !took)
		v = DISCOUNT_USED_UP;
	if (e == OK && took && (d->uses_per_user_max > 0 || d->first_order_only))
		e = guest_look(op, d, restaurant_id, user_id, order_id, &v);
	CRASH_POINT("discount_use.after_take");
	if (e == OK)
		*ret = v;
	return e;
}

/* --- and given back --------------------------------------------------------------------------- */

struct discount_note {
	struct discount_note *next;
	int64_t restaurant_id, discount_id, uses;
};

/* A row that is not there, or counts none, is a finding of `ticketrail check`. */
static enum err
releases_write(struct op *op, void *unused)
{
	enum err e = OK;

	(void)unused;
	CRASH_POINT("discount_use.before_release");
	for (const struct discount_note *n = op->discounts; e == OK && n != NULL; n = n->next)
		e = db_run(op, STMT_discount_use_release,
		    DB_ARGS(DB_I64("discount_id", n->discount_id),
			DB_I64("restaurant_id", n->restaurant_id), DB_I64("uses", n->uses)));
	return e;
}

void
discount_use_release(struct op *op, int64_t restaurant_id, int64_t discount_id)
{
	struct discount_note **at = &op->discounts, *n;

	while (*at != NULL && (*at)->discount_id < discount_id)
		at = &(*at)->next;
	if (*at != NULL && (*at)->discount_id == discount_id) {
		(*at)->uses++;
		return;
	}
	n = arena_alloc(op->arena, sizeof *n);
	*n = (struct discount_note){ .next = *at, .restaurant_id = restaurant_id,
		.discount_id = discount_id, .uses = 1 };
	*at = n;
	op_before_commit_early(op, releases_write, NULL);
}
