#include "order/day_sums.h"

#include <string.h>

#include "db/db.h"
#include "op/clock.h"
#include "op/crash.h"
#include "op/op.h"
#include "order/figures.h"
#include "tenant/day.h"
#include "tenant/restaurant.h"

/* A transaction makes sums of so many days, or for so long: orders are locked meanwhile. */
#define DAYS_AT_ONCE 32
#define WORK_US (INT64_C(300) * 1000)

/* --- what makes them necessary ------------------------------------------------------------ */

struct there_row {
	int64_t is_there;
};
static const struct db_col there_cols[] = { COL_I64(struct there_row, is_there) };
static const struct db_shape there_shape = DB_SHAPE(struct there_row, there_cols);

static enum err
message_put(struct op *op, int64_t restaurant_id)
{
	return outbox_put(op, &(struct message_new){ .kind = MESSAGE_day_sums,
				  .restaurant_id = restaurant_id,
				  .subject_id = restaurant_id });
}

enum err
day_sums_wanted(struct op *op, int64_t restaurant_id, const char *day)
{
	struct there_row row;
	enum err e = db_one(op, STMT_day_sums_earlier,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("day", day)), &there_shape,
	    &row);

	if (e == ERR_NO_ROW)
		return OK;
	return e != OK ? e : message_put(op, restaurant_id);
}

enum err
day_sums_spoil(struct op *op, int64_t restaurant_id, int64_t order_id)
{
	int64_t was;
	enum err e;

	CRASH_POINT("day_sums.before_spoil");
	e = db_newid(op, STMT_day_sums_spoil,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_I64("order_id", order_id)), &was);
	if (e == ERR_NO_ROW)
		return OK;
	/* Stale already: there is a message. */
	return e != OK || was == 2 ? e : message_put(op, restaurant_id);
}

/* --- making them -------------------------------------------------------------------------- */

/* One day under the job's hands. */
struct summing {
	struct figures_span span;
	char day[DAY_TEXT_LEN];
};

static enum err
clear(struct op *op, const struct summing *s)
{
	static const enum stmt stmts[] = { STMT_day_sales_clear, STMT_day_hours_clear,
		STMT_day_taxes_clear, STMT_day_items_clear, STMT_day_addons_clear };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < sizeof stmts / sizeof stmts[0]; i++)
		e = db_run(op, stmts[i],
		    DB_ARGS(
			DB_I64("restaurant_id", s->span.restaurant_id), DB_TEXT("day", s->day)));
	return e;
}

/* What every row has, and its own. */
static void
row_add(struct op *op, const struct summing *s, struct db_rows *rows, const struct db_arg *own,
    size_t own_n)
{
	struct db_arg *row = arena_array(op->arena, own_n + 2, sizeof *row);

	row[0] = DB_I64("restaurant_id", s->span.restaurant_id);
	row[1] = DB_TEXT("day", s->day);
	memcpy(row + 2, own, own_n * sizeof *own);
	(void)db_rows_add(op, rows, row, own_n + 2);
}

static enum err
sales_write(struct op *op, const struct summing *s)
{
	struct db_rows rows = { 0 };
	struct figures_sale *f;
	size_t n;
	enum err e = figures_sales(op, &s->span, &f, &n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n; i++)
		row_add(op, s, &rows,
		    DB_ARGS(DB_TEXT("currency", f[i].currency),
			DB_TEXT("order_type", f[i].order_type), DB_TEXT("status", f[i].status),
			DB_I64("is_released", f[i].is_released),
			DB_TEXT("payment_method", f[i].payment_method),
			DB_TEXT("payment_status", f[i].payment_status),
			DB_I64("orders_n", f[i].orders_n), DB_I64("gross_minor", f[i].gross_minor),
			DB_I64("discount_minor", f[i].discount_minor),
			DB_I64("tax_minor", f[i].tax_minor),
			DB_I64("packing_minor", f[i].packing_minor),
			DB_I64("delivery_charge_minor", f[i].delivery_charge_minor),
			DB_I64("tip_minor", f[i].tip_minor),
			DB_I64("total_minor", f[i].total_minor)));
	return db_rows_insert(op, STMT_day_sales_insert, &rows);
}

/* Adds rows of the same hour up, in place; the hour of a row comes from several quarters. */
static size_t
hours_fold(struct figures_hour *f, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < m && (f[k].hour != f[i].hour || f[k].is_released != f[i].is_released ||
				    strcmp(f[k].status, f[i].status) != 0))
			k++;
		if (k == m)
			f[m++] = f[i];
		else
			f[k].orders_n += f[i].orders_n;
	}
	return m;
}

static enum err
hours_write(struct op *op, const struct summing *s)
{
	struct db_rows rows = { 0 };
	struct figures_hour *f;
	size_t n;
	enum err e = figures_hours(op, &s->span, &f, &n);

	if (e != OK)
		return e;
	n = hours_fold(f, n);
	for (size_t i = 0; i < n; i++)
		row_add(op, s, &rows,
		    DB_ARGS(DB_I64("hour", f[i].hour), DB_TEXT("status", f[i].status),
			DB_I64("is_released", f[i].is_released),
			DB_I64("orders_n", f[i].orders_n)));
	return db_rows_insert(op, STMT_day_hours_insert, &rows);
}

static enum err
taxes_write(struct op *op, const struct summing *s)
{
	struct db_rows rows = { 0 };
	struct figures_tax *f;
	size_t n;
	enum err e = figures_taxes(op, &s->span, &f, &n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n; i++)
		row_add(op, s, &rows,
		    DB_ARGS(DB_TEXT("currency", f[i].currency), DB_TEXT("name", f[i].tax_name),
			DB_TEXT("kind", f[i].kind), DB_I64("rate_micro", f[i].rate_micro),
			DB_I64("is_inclusive", f[i].is_inclusive),
			DB_I64("is_of_lines", f[i].is_of_lines),
			DB_I64("amount_minor", f[i].amount_minor)));
	return db_rows_insert(op, STMT_day_taxes_insert, &rows);
}

static enum err
items_write(struct op *op, const struct summing *s)
{
	struct db_rows rows = { 0 };
	struct figures_item *f;
	size_t n;
	enum err e = figures_items(op, &s->span, &f, &n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n; i++)
		row_add(op, s, &rows,
		    DB_ARGS(DB_TEXT("currency", f[i].currency), DB_I64("item_id", f[i].item_id),
			DB_I64("variation_id", f[i].variation_id),
			DB_I64("quantity", f[i].quantity), DB_I64("gross_minor", f[i].gross_minor),
			DB_I64("addons_minor", f[i].addons_minor),
			DB_I64("orders_n", f[i].orders_n),
			DB_I64("item_orders_n", f[i].item_orders_n),
			DB_I64("last_order_id", f[i].last_order_id)));
	return db_rows_insert(op, STMT_day_items_insert, &rows);
}

static enum err
addons_write(struct op *op, const struct summing *s)
{
	struct db_rows rows = { 0 };
	struct figures_addon *f;
	size_t n;
	enum err e = figures_addons(op, &s->span, &f, &n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n; i++)
		row_add(op, s, &rows,
		    DB_ARGS(DB_TEXT("currency", f[i].currency),
			DB_I64("addon_item_id", f[i].addon_item_id),
			DB_I64("quantity", f[i].quantity), DB_I64("gross_minor", f[i].gross_minor),
			DB_I64("orders_n", f[i].orders_n),
			DB_I64("last_order_id", f[i].last_order_id)));
	return db_rows_insert(op, STMT_day_addons_insert, &rows);
}

struct locked_row {
	int64_t orders_n;
};
static const struct db_col locked_cols[] = { COL_I64(struct locked_row, orders_n) };
static const struct db_shape locked_shape = DB_SHAPE(struct locked_row, locked_cols);

struct taken_row {
	bool is_stale;
	const char *time_zone;
};
static const struct db_col taken_cols[] = {
	COL_BOOL(struct taken_row, is_stale),
	COL_TEXT(struct taken_row, time_zone),
};
static const struct db_shape taken_shape = DB_SHAPE(struct taken_row, taken_cols);

/* The orders, then the row of the day. *ret_is_due: nobody else has made its sums meanwhile. */
static enum err
day_lock(struct op *op, const struct summing *s, bool *ret_is_due)
{
	struct locked_row locked;
	struct taken_row taken;
	enum err e = db_one(op, STMT_day_sums_orders,
	    DB_ARGS(DB_I64("restaurant_id", s->span.restaurant_id), DB_TEXT("day", s->day)),
	    &locked_shape, &locked);

	CRASH_POINT("day_sums.between_locks");
	if (e == OK)
		e = db_one(op, STMT_day_sums_take,
		    DB_ARGS(DB_I64("restaurant_id", s->span.restaurant_id), DB_TEXT("day", s->day)),
		    &taken_shape, &taken);
	if (e == OK)
		*ret_is_due = taken.is_stale || strcmp(taken.time_zone, s->span.time_zone) != 0;
	return e;
}

static enum err
day_write(struct op *op, const struct figures_span *span)
{
	static enum err (*const parts[])(struct op *, const struct summing *) = { clear,
		sales_write, hours_write, taxes_write, items_write, addons_write };
	struct summing s = { .span = *span };
	bool is_due = false;
	enum err e;

	day_format(span->day_from, s.day);
	e = day_lock(op, &s, &is_due);
	if (e != OK || !is_due)
		return e;
	for (size_t i = 0; e == OK && i < sizeof parts / sizeof parts[0]; i++)
		e = parts[i](op, &s);
	CRASH_POINT("day_sums.before_done");
	return e != OK ? e
		       : db_run(op, STMT_day_sums_done,
			     DB_ARGS(DB_I64("restaurant_id", span->restaurant_id),
				 DB_TEXT("day", s.day), DB_TEXT("time_zone", span->time_zone)));
}

struct due_row {
	int64_t day;
};
static const struct db_col due_cols[] = { COL_I64(struct due_row, day) };
static const struct db_shape due_shape = DB_SHAPE(struct due_row, due_cols);

/* Days whose rows were there before this transaction. *ret_is_all: they are done. */
static enum err
days_write(struct op *op, const struct restaurant *r, bool *ret_is_all)
{
	int64_t until = clock_steady_us() + WORK_US;
	struct due_row *due;
	size_t n, i;
	enum err e = db_many(op, STMT_day_sums_due,
	    DB_ARGS(DB_I64("restaurant_id", r->id), DB_TEXT("time_zone", r->time_zone),
		DB_I64("n", DAYS_AT_ONCE)),
	    &due_shape, &due, &n);

	if (e != OK)
		return e;
	for (i = 0; e == OK && i < n && (i == 0 || clock_steady_us() < until); i++)
		e = day_write(op, &(struct figures_span){ .restaurant_id = r->id,
				      .day_from = due[i].day,
				      .day_to = due[i].day,
				      .time_zone = r->time_zone });
	if (e == OK)
		*ret_is_all = i == n && n < DAYS_AT_ONCE;
	return e;
}

enum err
day_sums_write(struct op *op, const struct message *m)
{
	struct restaurant r;
	bool is_all = false;
	int64_t begun_n;
	enum err e = restaurant_by_id(op, m->restaurant_id, &r);

	if (e == ERR_NO_ROW)
		return outbox_finish(op, m, OUTCOME_DONE, "The restaurant is gone");
	if (e == OK)
		e = days_write(op, &r, &is_all);
	if (e != OK || !is_all)
		return e != OK ? e : outbox_later(op, m, 0, NULL);
	e = db_changed(op, STMT_day_sums_begin, DB_ARGS(DB_I64("restaurant_id", r.id)), &begun_n);
	if (e != OK)
		return e;
	return begun_n > 0 ? outbox_later(op, m, 0, NULL)
			   : outbox_finish(op, m, OUTCOME_DONE, NULL);
}
