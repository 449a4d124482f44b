/* Items: what was sold how often, and for how much. */

#include "order/report.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "op/op.h"
#include "order/report_inside.h"
#include "text/money.h"

#define SOLD_MAX 20000 /* different items, variations, add-ons of one report */
#define KEYS_TEXT_MAX ((size_t)4 << 20)
#define SHARE_OF_ALL 10000

struct items {
	const struct report_ask *ask;
	struct report_items *out;
	/* by item and variation, and by add-on; each once */
	struct figures_item *rows;
	size_t rows_n, rows_cap;
	struct figures_addon *addons;
	size_t addons_n, addons_cap;
};

static void
items_begin(void *arg)
{
	struct items *t = arg;

	t->rows_n = t->addons_n = t->out->other_currencies_n = 0;
}

/* --- adding up ---------------------------------------------------------------------------- */

/* Room for more elements of a growing array. */
static void *
grown(struct arena *keep, void *old, size_t n, size_t more, size_t size, size_t *cap)
{
	void *new;

	if (n + more <= *cap)
		return old;
	*cap = 2 * (n + more);
	new = arena_array(keep, *cap, size);
	if (n != 0)
		memcpy(new, old, n * size);
	return new;
}

static int
row_order(const void *a, const void *b)
{
	const struct figures_item *x = a, *y = b;

	if (x->item_id != y->item_id)
		return x->item_id < y->item_id ? -1 : 1;
	return (x->variation_id > y->variation_id) - (x->variation_id < y->variation_id);
}

static int
addon_order(const void *a, const void *b)
{
	const struct figures_addon *x = a, *y = b;

	return (x->addon_item_id > y->addon_item_id) - (x->addon_item_id < y->addon_item_id);
}

/* False: too much for an int64. */
static bool
row_add(struct figures_item *to, const struct figures_item *f)
{
	to->orders_n += f->orders_n;
	to->item_orders_n += f->item_orders_n;
	if (f->last_order_id > to->last_order_id)
		to->last_order_id = f->last_order_id;
	return report_add(&to->quantity, f->quantity) &&
	       report_add(&to->gross_minor, f->gross_minor) &&
	       report_add(&to->addons_minor, f->addons_minor);
}

static bool
addon_add(struct figures_addon *to, const struct figures_addon *f)
{
	to->orders_n += f->orders_n;
	if (f->last_order_id > to->last_order_id)
		to->last_order_id = f->last_order_id;
	return report_add(&to->quantity, f->quantity) &&
	       report_add(&to->gross_minor, f->gross_minor);
}

/* qsort() may not be given a list that is not there. */
static void
list_sort(void *list, size_t n, size_t size, int (*order)(const void *, const void *))
{
	if (n > 1)
		qsort(list, n, size, order);
}

/* Each pair once. */
static bool
rows_fold(struct items *t)
{
	size_t m = 0;

	list_sort(t->rows, t->rows_n, sizeof *t->rows, row_order);
	for (size_t i = 0; i < t->rows_n; i++)
		if (m == 0 || row_order(&t->rows[m - 1], &t->rows[i]) != 0)
			t->rows[m++] = t->rows[i];
		else if (!row_add(&t->rows[m - 1], &t->rows[i]))
			return false;
	t->rows_n = m;
	return true;
}

static bool
addons_fold(struct items *t)
{
	size_t m = 0;

	list_sort(t->addons, t->addons_n, sizeof *t->addons, addon_order);
	for (size_t i = 0; i < t->addons_n; i++)
		if (m == 0 || addon_order(&t->addons[m - 1], &t->addons[i]) != 0)
			t->addons[m++] = t->addons[i];
		else if (!addon_add(&t->addons[m - 1], &t->addons[i]))
			return false;
	t->addons_n = m;
	return true;
}

static enum err
rows_span(struct op *op, const struct figures_span *span, struct arena *keep, struct items *t)
{
	struct figures_item *f;
	size_t n;
	enum err e = figures_items(op, span, &f, &n);

	if (e != OK)
		return e;
	t->rows = grown(keep, t->rows, t->rows_n, n, sizeof *f, &t->rows_cap);
	for (size_t i = 0; i < n; i++)
		if (strcmp(f[i].currency, t->ask->currency) == 0)
			t->rows[t->rows_n++] = f[i]; /* its text is not looked at again */
		else
			report_currency_add(keep, t->out->other_currencies,
			    &t->out->other_currencies_n, f[i].currency);
	return rows_fold(t) ? OK : report_overflow(op);
}

static enum err
addons_span(struct op *op, const struct figures_span *span, struct arena *keep, struct items *t)
{
	struct figures_addon *f;
	size_t n;
	enum err e = figures_addons(op, span, &f, &n);

	if (e != OK)
		return e;
	t->addons = grown(keep, t->addons, t->addons_n, n, sizeof *f, &t->addons_cap);
	for (size_t i = 0; i < n; i++)
		if (strcmp(f[i].currency, t->ask->currency) == 0)
			t->addons[t->addons_n++] = f[i];
	return addons_fold(t) ? OK : report_overflow(op);
}

static enum err items_shape(struct op *, struct items *, struct arena *keep);

static enum err
items_span(struct op *op, const struct figures_span *span, struct arena *keep, void *arg)
{
	struct items *t = arg;
	enum err e = rows_span(op, span, keep, t);

	if (e == OK)
		e = addons_span(op, span, keep, t);
	if (e == OK && (t->rows_n > SOLD_MAX || t->addons_n > SOLD_MAX))
		return fail_field(op, "from", "asks for more than %d different items", SOLD_MAX);
	if (e == OK && span->day_to == t->ask->day_to)
		e = items_shape(op, t, keep);
	return e;
}

/* --- names -------------------------------------------------------------------------------- */

struct name_row {
	int64_t item_id, variation_id;
	struct bytes item_public_id, variation_public_id;
	const char *item_name, *variation_name;
};
static const struct db_col name_cols[] = {
	COL_I64(struct name_row, item_id),
	COL_I64(struct name_row, variation_id),
	COL_BYTES(struct name_row, item_public_id),
	COL_TEXT(struct name_row, item_name),
	COL_BYTES(struct name_row, variation_public_id),
	COL_TEXT(struct name_row, variation_name),
};
static const struct db_shape name_shape = DB_SHAPE(struct name_row, name_cols);

struct addon_name_row {
	int64_t addon_item_id;
	struct bytes addon_public_id;
	const char *name;
};
static const struct db_col addon_name_cols[] = {
	COL_I64(struct addon_name_row, addon_item_id),
	COL_BYTES(struct addon_name_row, addon_public_id),
	COL_TEXT(struct addon_name_row, name),
};
static const struct db_shape addon_name_shape = DB_SHAPE(struct addon_name_row, addon_name_cols);

static int
name_order(const void *a, const void *b)
{
	const struct name_row *x = a, *y = b;

	if (x->item_id != y->item_id)
		return x->item_id < y->item_id ? -1 : 1;
	return (x->variation_id > y->variation_id) - (x->variation_id < y->variation_id);
}

static int
addon_name_order(const void *a, const void *b)
{
	const struct addon_name_row *x = a, *y = b;

	return (x->addon_item_id > y->addon_item_id) - (x->addon_item_id < y->addon_item_id);
}

/* What the rows were called when they were sold last; in the order of the rows. */
static enum err
names_read(struct op *op, const struct items *t, struct arena *keep, struct name_row **ret)
{
	struct arena *page = op->arena;
	struct buf keys;
	size_t n;
	enum err e;

	buf_init(&keys, page, KEYS_TEXT_MAX);
	for (size_t i = 0; i < t->rows_n; i++)
		buf_addf(&keys, "%c[%lld,%lld,%lld]", i == 0 ? '[' : ',',
		    (long long)t->rows[i].last_order_id, (long long)t->rows[i].item_id,
		    (long long)t->rows[i].variation_id);
	buf_adds(&keys, t->rows_n == 0 ? "[]" : "]");
	if (keys.overflowed)
		return report_overflow(op);
	op->arena = keep;
	e = db_many(op, STMT_figures_item_names,
	    DB_ARGS(DB_TEXT("keys", keys.data), DB_I64("restaurant_id", t->ask->restaurant_id),
		DB_I64("n", SOLD_MAX)),
	    &name_shape, ret, &n);
	op->arena = page;
	if (e == OK && n != t->rows_n)
		return fail(op, ERR_INTERNAL_ERROR, "An order that was sold is not there");
	if (e == OK)
		list_sort(*ret, n, sizeof **ret, name_order);
	return e;
}

static enum err
addon_names_read(
    struct op *op, const struct items *t, struct arena *keep, struct addon_name_row **ret)
{
	struct arena *page = op->arena;
	struct buf keys;
	size_t n;
	enum err e;

	buf_init(&keys, page, KEYS_TEXT_MAX);
	for (size_t i = 0; i < t->addons_n; i++)
		buf_addf(&keys, "%c[%lld,%lld]", i == 0 ? '[' : ',',
		    (long long)t->addons[i].last_order_id, (long long)t->addons[i].addon_item_id);
	buf_adds(&keys, t->addons_n == 0 ? "[]" : "]");
	if (keys.overflowed)
		return report_overflow(op);
	op->arena = keep;
	e = db_many(op, STMT_figures_addon_names,
	    DB_ARGS(DB_TEXT("keys", keys.data), DB_I64("restaurant_id", t->ask->restaurant_id),
		DB_I64("n", SOLD_MAX)),
	    &addon_name_shape, ret, &n);
	op->arena = page;
	if (e == OK && n != t->addons_n)
		return fail(op, ERR_INTERNAL_ERROR, "An add-on that was sold is not there");
	if (e == OK)
		list_sort(*ret, n, sizeof **ret, addon_name_order);
	return e;
}

/* --- the report --------------------------------------------------------------------------- */

static bool
sold_add(struct report_sold *to, const struct figures_item *f)
{
	struct report_sold sum = *to;

	if (!report_add(&sum.quantity, f->quantity) ||
	    !report_add(&sum.gross_minor, f->gross_minor) ||
	    !report_add(&sum.addons_minor, f->addons_minor))
		return false;
	*to = sum;
	return true;
}

/* Rows of one item stand beside each other; the newest of them has its name. */
static bool
item_add(struct report_items *out, const struct figures_item *f, const struct name_row *name,
    struct report_sold *variation, int64_t *last_order_id)
{
	struct report_item *item = out->items_n > 0 ? &out->items[out->items_n - 1] : NULL;

	if (item == NULL || item->sold.id != f->item_id) {
		item = &out->items[out->items_n++];
		*item =
		    (struct report_item){ .sold = { .id = f->item_id }, .variations = variation };
		*last_order_id = 0;
	}
	item->variations_n++;
	item->sold.orders_n += f->item_orders_n;
	if (f->last_order_id > *last_order_id) {
		*last_order_id = f->last_order_id;
		item->sold.name = name->item_name;
		item->sold.public_id = name->item_public_id;
	}
	*variation = (struct report_sold){ .id = f->variation_id,
		.public_id = name->variation_public_id,
		.name = name->variation_name,
		.quantity = f->quantity,
		.gross_minor = f->gross_minor,
		.addons_minor = f->addons_minor,
		.orders_n = f->orders_n };
	return sold_add(&item->sold, f) && sold_add(&out->all, f);
}

/* In hundredths of a percent, half up. What is shared out is never less than nothing. */
static int64_t
share_of(int64_t part, int64_t all)
{
	__int128 twice = (__int128)part * SHARE_OF_ALL * 2;

	return all <= 0 ? 0 : (int64_t)((twice + all) / ((__int128)all * 2));
}

static void
shares_set(struct report_items *out)
{
	int64_t all = out->all.gross_minor;

	out->all.share = share_of(all, all);
	for (size_t i = 0; i < out->items_n; i++) {
		struct report_item *item = &out->items[i];

		item->sold.share = share_of(item->sold.gross_minor, all);
		for (size_t k = 0; k < item->variations_n; k++)
			item->variations[k].share = share_of(item->variations[k].gross_minor, all);
	}
}

static void
addons_shape(struct items *t, const struct addon_name_row *names, struct arena *keep)
{
	struct report_items *out = t->out;

	out->addons = arena_array(keep, t->addons_n, sizeof *out->addons);
	out->addons_n = t->addons_n;
	for (size_t i = 0; i < t->addons_n; i++)
		out->addons[i] = (struct report_sold){ .id = t->addons[i].addon_item_id,
			.public_id = names[i].addon_public_id,
			.name = names[i].name,
			.quantity = t->addons[i].quantity,
			.gross_minor = t->addons[i].gross_minor,
			.orders_n = t->addons[i].orders_n };
}

static enum err
items_shape(struct op *op, struct items *t, struct arena *keep)
{
	struct report_items *out = t->out;
	struct report_sold *variations;
	struct addon_name_row *addon_names;
	struct name_row *names;
	int64_t last_order_id = 0;
	enum err e = names_read(op, t, keep, &names);

	if (e == OK)
		e = addon_names_read(op, t, keep, &addon_names);
	if (e != OK)
		return e;
	out->items_n = 0;
	out->all = (struct report_sold){ .quantity = 0 };
	out->items = arena_array(keep, t->rows_n, sizeof *out->items);
	variations = arena_array(keep, t->rows_n, sizeof *variations);
	for (size_t i = 0; i < t->rows_n; i++)
		if (!item_add(out, &t->rows[i], &names[i], &variations[i], &last_order_id))
			return report_overflow(op);
	addons_shape(t, addon_names, keep);
	shares_set(out);
	return OK;
}

/* --- the best first ----------------------------------------------------------------------- */

static int
more_first(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

/* A public id begins with the time when it was made. */
static int
older_first(struct bytes a, struct bytes b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len != 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
by_revenue(const void *a, const void *b)
{
	const struct report_sold *x = a, *y = b;

	if (x->gross_minor != y->gross_minor)
		return more_first(x->gross_minor, y->gross_minor);
	if (x->quantity != y->quantity)
		return more_first(x->quantity, y->quantity);
	return older_first(x->public_id, y->public_id);
}

static int
by_quantity(const void *a, const void *b)
{
	const struct report_sold *x = a, *y = b;

	return x->quantity != y->quantity ? more_first(x->quantity, y->quantity) : by_revenue(a, b);
}

enum err
report_items_read(
    struct op *op, const struct report_ask *ask, enum report_sort sort, struct report_items *ret)
{
	int (*best_first)(const void *, const void *) =
	    sort == REPORT_BY_QUANTITY ? by_quantity : by_revenue;
	struct report_items out = { .items_n = 0 };
	struct items t = { .ask = ask, .out = &out };
	enum err e = report_read(op, &(struct report_reading){ .ask = ask,
					 .days_max = REPORT_DAYS_MAX,
					 .arg = &t,
					 .begin = items_begin,
					 .span = items_span });

	if (e != OK)
		return e;
	list_sort(out.items, out.items_n, sizeof *out.items, best_first);
	for (size_t i = 0; i < out.items_n; i++)
		list_sort(out.items[i].variations, out.items[i].variations_n,
		    sizeof *out.items[i].variations, best_first);
	list_sort(out.addons, out.addons_n, sizeof *out.addons, best_first);
	*ret = out;
	return OK;
}
