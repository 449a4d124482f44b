/* Sums of days that are over, against the orders they were made of: every figure of every day. */

#include <stdlib.h>
#include <string.h>

#include "check/inside.h"
#include "order/figures.h"

#define DAYS_PAGE 200

struct sums_row {
	int64_t restaurant_id, day;
	const char *business_date, *time_zone;
};
static const struct db_col sums_cols[] = {
	COL_I64(struct sums_row, restaurant_id),
	COL_I64(struct sums_row, day),
	COL_TEXT(struct sums_row, business_date),
	COL_TEXT(struct sums_row, time_zone),
};
static const struct db_shape sums_shape = DB_SHAPE(struct sums_row, sums_cols);

/* A day's figures as lines of text, one for each row. */
struct lines {
	struct op *op;
	const char **of;
	size_t n, cap;
};

static void
line_add(struct lines *l, const char *line)
{
	if (l->n == l->cap) {
		const char **more;

		l->cap = l->cap != 0 ? 2 * l->cap : 256;
		more = arena_array(l->op->arena, l->cap, sizeof *more);
		if (l->n != 0)
			memcpy(more, l->of, l->n * sizeof *more);
		l->of = more;
	}
	l->of[l->n++] = line;
}
#define LINE(l, ...) line_add((l), arena_printf((l)->op->arena, __VA_ARGS__))

static enum err
sales_tell(struct lines *l, const struct figures_span *span)
{
	struct figures_sale *f;
	size_t n;
	enum err e = figures_sales(l->op, span, &f, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		LINE(l, "sale %s %s %s %d %s %s %lld %lld %lld %lld %lld %lld %lld %lld",
		    f[i].currency, f[i].order_type, f[i].status, f[i].is_released,
		    f[i].payment_method, f[i].payment_status, (long long)f[i].orders_n,
		    (long long)f[i].gross_minor, (long long)f[i].discount_minor,
		    (long long)f[i].tax_minor, (long long)f[i].packing_minor,
		    (long long)f[i].delivery_charge_minor, (long long)f[i].tip_minor,
		    (long long)f[i].total_minor);
	return e;
}

static enum err
taxes_tell(struct lines *l, const struct figures_span *span)
{
	struct figures_tax *f;
	size_t n;
	enum err e = figures_taxes(l->op, span, &f, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		LINE(l, "tax %s %s %s %lld %d %d %lld", f[i].currency, f[i].tax_name, f[i].kind,
		    (long long)f[i].rate_micro, f[i].is_inclusive, f[i].is_of_lines,
		    (long long)f[i].amount_minor);
	return e;
}

static enum err
items_tell(struct lines *l, const struct figures_span *span)
{
	struct figures_addon *a;
	struct figures_item *f;
	size_t n;
	enum err e = figures_items(l->op, span, &f, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		LINE(l, "item %s %lld %lld %lld %lld %lld %lld %lld %lld", f[i].currency,
		    (long long)f[i].item_id, (long long)f[i].variation_id,
		    (long long)f[i].quantity, (long long)f[i].gross_minor,
		    (long long)f[i].addons_minor, (long long)f[i].orders_n,
		    (long long)f[i].item_orders_n, (long long)f[i].last_order_id);
	if (e == OK)
		e = figures_addons(l->op, span, &a, &n);
	for (size_t i = 0; e == OK && i < n; i++)
		LINE(l, "addon %s %lld %lld %lld %lld %lld", a[i].currency,
		    (long long)a[i].addon_item_id, (long long)a[i].quantity,
		    (long long)a[i].gross_minor, (long long)a[i].orders_n,
		    (long long)a[i].last_order_id);
	return e;
}

/* An hour may come in several rows: one line for each order of it. */
static enum err
hours_tell(struct lines *l, const struct figures_span *span)
{
	struct figures_hour *f;
	size_t n;
	enum err e = figures_hours(l->op, span, &f, &n);

	for (size_t i = 0; e == OK && i < n; i++) {
		const char *line = arena_printf(l->op->arena, "hour %lld %s %d",
		    (long long)f[i].hour, f[i].status, f[i].is_released);

		for (int64_t k = 0; k < f[i].orders_n; k++)
			line_add(l, line);
	}
	return e;
}

static int
line_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err
day_tell(struct op *op, const struct figures_span *span, struct lines *ret)
{
	static enum err (*const parts[])(struct lines *, const struct figures_span *) = {
		sales_tell, taxes_tell, items_tell, hours_tell
	};
	struct lines l = { .op = op };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < sizeof parts / sizeof parts[0]; i++)
		e = parts[i](&l, span);
	if (e != OK)
		return e;
	if (l.n > 0)
		qsort(l.of, l.n, sizeof *l.of, line_order);
	*ret = l;
	return OK;
}

static enum err
day_look(struct check *c, const struct sums_row *r)
{
	struct figures_span span = { .restaurant_id = r->restaurant_id,
		.day_from = r->day,
		.day_to = r->day,
		.time_zone = r->time_zone };
	struct lines orders, kept;
	size_t i = 0;
	enum err e;

	check_page(c, c->inner);
	e = day_tell(c->op, &span, &orders);
	span.is_kept = true;
	if (e == OK)
		e = day_tell(c->op, &span, &kept);
	if (e != OK)
		return e;
	while (i < orders.n && i < kept.n && strcmp(orders.of[i], kept.of[i]) == 0)
		i++;
	if (i < orders.n || i < kept.n)
		check_tell(c, FINDING_sums_untrue, r->restaurant_id,
		    "restaurant %lld: the sums of %s say \"%s\", the orders \"%s\"",
		    (long long)r->restaurant_id, r->business_date,
		    i < kept.n ? kept.of[i] : "nothing more",
		    i < orders.n ? orders.of[i] : "nothing more");
	return OK;
}

enum err
check_sums(struct check *c)
{
	int64_t after_id = 0;
	const char *after = "1000-01-01";
	char last[sizeof "9999-12-31"];
	struct sums_row *rows;
	size_t n;

	do {
		enum err e;

		check_page(c, c->page);
		e = db_many(c->op, STMT_check_sums,
		    DB_ARGS(DB_I64("after_id", after_id), DB_TEXT("after", after),
			DB_I64("n", DAYS_PAGE)),
		    &sums_shape, &rows, &n);
		for (size_t i = 0; e == OK && i < n; i++)
			e = day_look(c, &rows[i]);
		if (e != OK)
			return e;
		if (n > 0) {
			after_id = rows[n - 1].restaurant_id;
			memcpy(last, rows[n - 1].business_date,
			    strnlen(rows[n - 1].business_date, sizeof last - 1) + 1);
			after = last;
		}
	} while (n == DAYS_PAGE);
	return OK;
}
