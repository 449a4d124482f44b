#include "order/figures.h"

#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "tenant/day.h"
#include "text/zone.h"

static const struct db_col sale_cols[] = {
	COL_I64(struct figures_sale, day),
	COL_TEXT(struct figures_sale, currency),
	COL_TEXT(struct figures_sale, order_type),
	COL_TEXT(struct figures_sale, status),
	COL_BOOL(struct figures_sale, is_released),
	COL_TEXT(struct figures_sale, payment_method),
	COL_TEXT(struct figures_sale, payment_status),
	COL_I64(struct figures_sale, orders_n),
	COL_I64(struct figures_sale, gross_minor),
	COL_I64(struct figures_sale, discount_minor),
	COL_I64(struct figures_sale, tax_minor),
	COL_I64(struct figures_sale, packing_minor),
	COL_I64(struct figures_sale, delivery_charge_minor),
	COL_I64(struct figures_sale, tip_minor),
	COL_I64(struct figures_sale, total_minor),
};
static const struct db_shape sale_shape = DB_SHAPE(struct figures_sale, sale_cols);

static const struct db_col hour_cols[] = {
	COL_I64(struct figures_hour, day),
	COL_I64(struct figures_hour, hour),
	COL_TEXT(struct figures_hour, status),
	COL_BOOL(struct figures_hour, is_released),
	COL_I64(struct figures_hour, orders_n),
};
static const struct db_shape hour_shape = DB_SHAPE(struct figures_hour, hour_cols);

struct quarter_row {
	int64_t day, quarter;
	const char *status;
	bool is_released;
	int64_t orders_n;
};
static const struct db_col quarter_cols[] = {
	COL_I64(struct quarter_row, day),
	COL_I64(struct quarter_row, quarter),
	COL_TEXT(struct quarter_row, status),
	COL_BOOL(struct quarter_row, is_released),
	COL_I64(struct quarter_row, orders_n),
};
static const struct db_shape quarter_shape = DB_SHAPE(struct quarter_row, quarter_cols);

static const struct db_col tax_cols[] = {
	COL_I64(struct figures_tax, day),
	COL_TEXT(struct figures_tax, currency),
	COL_TEXT(struct figures_tax, tax_name),
	COL_TEXT(struct figures_tax, kind),
	COL_I64(struct figures_tax, rate_micro),
	COL_BOOL(struct figures_tax, is_inclusive),
	COL_BOOL(struct figures_tax, is_of_lines),
	COL_I64(struct figures_tax, amount_minor),
};
static const struct db_shape tax_shape = DB_SHAPE(struct figures_tax, tax_cols);

static const struct db_col item_cols[] = {
	COL_TEXT(struct figures_item, currency),
	COL_I64(struct figures_item, item_id),
	COL_I64(struct figures_item, variation_id),
	COL_I64(struct figures_item, quantity),
	COL_I64(struct figures_item, gross_minor),
	COL_I64(struct figures_item, addons_minor),
	COL_I64(struct figures_item, orders_n),
	COL_I64(struct figures_item, item_orders_n),
	COL_I64(struct figures_item, last_order_id),
};
static const struct db_shape item_shape = DB_SHAPE(struct figures_item, item_cols);

static const struct db_col addon_cols[] = {
	COL_TEXT(struct figures_addon, currency),
	COL_I64(struct figures_addon, addon_item_id),
	COL_I64(struct figures_addon, quantity),
	COL_I64(struct figures_addon, gross_minor),
	COL_I64(struct figures_addon, orders_n),
	COL_I64(struct figures_addon, last_order_id),
};
static const struct db_shape addon_shape = DB_SHAPE(struct figures_addon, addon_cols);

/* One of the two statements that give the same rows. */
static enum err
rows_read(struct op *op, const struct figures_span *span, enum stmt orders, enum stmt kept,
    const struct db_shape *shape, void *ret, size_t *ret_n)
{
	char from[DAY_TEXT_LEN], to[DAY_TEXT_LEN];
	enum err e;

	day_format(span->day_from, from);
	day_format(span->day_to, to);
	e = db_many(op, span->is_kept ? kept : orders,
	    DB_ARGS(DB_I64("restaurant_id", span->restaurant_id), DB_TEXT("day_from", from),
		DB_TEXT("day_to", to), DB_I64("n", FIGURES_ROWS_MAX + 1)),
	    shape, ret, ret_n);
	if (e == OK && *ret_n > FIGURES_ROWS_MAX)
		return fail_field(op, "from", "asks for more than one report can hold");
	return e;
}

enum err
figures_sales(
    struct op *op, const struct figures_span *span, struct figures_sale **ret, size_t *ret_n)
{
	return rows_read(op, span, STMT_figures_sales, STMT_kept_sales, &sale_shape, ret, ret_n);
}

enum err
figures_taxes(
    struct op *op, const struct figures_span *span, struct figures_tax **ret, size_t *ret_n)
{
	return rows_read(op, span, STMT_figures_taxes, STMT_kept_taxes, &tax_shape, ret, ret_n);
}

enum err
figures_items(
    struct op *op, const struct figures_span *span, struct figures_item **ret, size_t *ret_n)
{
	return rows_read(op, span, STMT_figures_items, STMT_kept_items, &item_shape, ret, ret_n);
}

enum err
figures_addons(
    struct op *op, const struct figures_span *span, struct figures_addon **ret, size_t *ret_n)
{
	return rows_read(op, span, STMT_figures_addons, STMT_kept_addons, &addon_shape, ret, ret_n);
}

/* Quarters of an hour since 1970 as hours of the wall. */
static enum err
hours_of_quarters(struct op *op, const struct figures_span *span, const struct quarter_row *rows,
    size_t n, struct figures_hour **ret)
{
	struct figures_hour *hours = arena_array(op->arena, n, sizeof *hours);

	for (size_t i = 0; i < n; i++) {
		struct civil wall;

		if (!zone_to_civil(span->time_zone, rows[i].quarter * 15 * US_PER_MINUTE, &wall))
			return fail(
			    op, ERR_INTERNAL_ERROR, "The restaurant's time zone is unknown");
		hours[i] = (struct figures_hour){ .day = rows[i].day,
			.hour = wall.hour,
			.status = rows[i].status,
			.is_released = rows[i].is_released,
			.orders_n = rows[i].orders_n };
	}
	*ret = hours;
	return OK;
}

enum err
figures_hours(
    struct op *op, const struct figures_span *span, struct figures_hour **ret, size_t *ret_n)
{
	struct quarter_row *rows;
	size_t n;
	enum err e;

	if (span->is_kept)
		return rows_read(
		    op, span, STMT_figures_hours, STMT_kept_hours, &hour_shape, ret, ret_n);
	e = rows_read(op, span, STMT_figures_hours, STMT_kept_hours, &quarter_shape, &rows, &n);
	if (e == OK)
		e = hours_of_quarters(op, span, rows, n, ret);
	if (e == OK)
		*ret_n = n;
	return e;
}
