#include "order/order.h"

#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "op/op.h"
#include "order/ahead.h"
#include "order/delivery.h"

static const struct db_col order_cols[] = {
	COL_I64(struct order, id),
	COL_BYTES(struct order, public_id),
	COL_I64(struct order, restaurant_id),
	COL_I64(struct order, user_id),
	COL_TEXT(struct order, order_number),
	COL_TEXT(struct order, status),
	COL_TEXT(struct order, pos_state),
	COL_TEXT(struct order, payment_status),
	COL_TEXT(struct order, payment_method),
	COL_TEXT(struct order, order_type),
	COL_TEXT(struct order, table_number),
	COL_TEXT(struct order, customer_name),
	COL_TEXT(struct order, customer_email),
	COL_TEXT(struct order, customer_phone),
	COL_TEXT(struct order, delivery_address),
	COL_TEXT(struct order, special_instructions),
	COL_TIME(struct order, scheduled_time),
	COL_TEXT(struct order, currency),
	COL_I64(struct order, subtotal_minor),
	COL_I64(struct order, discount_minor),
	COL_I64(struct order, tax_minor),
	COL_I64(struct order, packing_minor),
	COL_I64(struct order, delivery_charge_minor),
	COL_I64(struct order, tip_minor),
	COL_I64(struct order, total_minor),
	COL_I64(struct order, menu_version),
	COL_TEXT(struct order, pos_reference),
	COL_TEXT(struct order, pos_order_id),
	COL_TEXT(struct order, pos_failure),
	COL_TEXT(struct order, pos_failure_reason),
	COL_TEXT(struct order, pos_cause),
	COL_I64(struct order, pos_total_minor),
	COL_TEXT(struct order, cancel_wanted),
	COL_TEXT(struct order, cancellation_reason),
	COL_TEXT(struct order, cancellation_code),
	COL_I64(struct order, submission_no),
	COL_TIME(struct order, estimated_ready_time),
	COL_TIME(struct order, estimated_delivery_time),
	COL_TIME(struct order, created_at),
	COL_TIME(struct order, updated_at),
	COL_TIME(struct order, released_at),
	COL_TIME(struct order, confirmed_at),
	COL_TIME(struct order, preparing_at),
	COL_TIME(struct order, ready_at),
	COL_TIME(struct order, out_for_delivery_at),
	COL_TIME(struct order, completed_at),
	COL_TIME(struct order, cancelled_at),
	COL_TIME(struct order, rejected_at),
	COL_TIME(struct order, failed_at),
	COL_TIME(struct order, pos_status_updated_at),
	COL_TIME(struct order, pos_proved_at),
	COL_TIME(struct order, pos_completed_at),
	COL_I64(struct order, history_seq),
	COL_BOOL(struct order, is_modified),
	COL_TEXT(struct order, pos_contents),
};
static const struct db_shape order_shape = DB_SHAPE(struct order, order_cols);

#define LINE_COLS \
	COL_I64(struct order_line, order_id), \
	COL_I64(struct order_line, line_no), \
	COL_I64(struct order_line, item_id), \
	COL_BYTES(struct order_line, item_public_id), \
	COL_TEXT(struct order_line, external_id), \
	COL_TEXT(struct order_line, item_name), \
	COL_I64(struct order_line, variation_id), \
	COL_BYTES(struct order_line, variation_public_id), \
	COL_TEXT(struct order_line, variation_external_id), \
	COL_TEXT(struct order_line, variation_code), \
	COL_TEXT(struct order_line, variation_name), \
	COL_I64(struct order_line, item_price_minor), \
	COL_I64(struct order_line, addons_minor), \
	COL_I64(struct order_line, quantity), \
	COL_I64(struct order_line, line_total_minor), \
	COL_I64(struct order_line, discount_minor), \
	COL_I64(struct order_line, packing_minor), \
	COL_BOOL(struct order_line, tax_inclusive), \
	COL_TEXT(struct order_line, gst_liability), \
	COL_TEXT(struct order_line, special_instructions)
static const struct db_col line_cols[] = { LINE_COLS };
static const struct db_shape line_shape = DB_SHAPE(struct order_line, line_cols);

/* A line, as often as it has add-ons, and one of them; addon_no 0: it has none. */
struct line_row {
	struct order_line line;
	int64_t addon_no, addon_item_id, addon_price_minor, addon_quantity;
	struct bytes addon_public_id;
	const char *addon_external_id, *addon_name, *group_external_id, *group_name;
};
_Static_assert(offsetof(struct line_row, line) == 0, "a line's columns have their own offsets");
static const struct db_col line_row_cols[] = {
	LINE_COLS,
	COL_I64(struct line_row, addon_no),
	COL_I64(struct line_row, addon_item_id),
	COL_BYTES(struct line_row, addon_public_id),
	COL_TEXT(struct line_row, addon_external_id),
	COL_TEXT(struct line_row, addon_name),
	COL_TEXT(struct line_row, group_external_id),
	COL_TEXT(struct line_row, group_name),
	COL_I64(struct line_row, addon_price_minor),
	COL_I64(struct line_row, addon_quantity),
};
static const struct db_shape line_row_shape = DB_SHAPE(struct line_row, line_row_cols);

static const struct db_col addon_cols[] = {
	COL_I64(struct order_addon, order_id),
	COL_I64(struct order_addon, line_no),
	COL_I64(struct order_addon, addon_no),
	COL_I64(struct order_addon, addon_item_id),
	COL_BYTES(struct order_addon, addon_public_id),
	COL_TEXT(struct order_addon, external_id),
	COL_TEXT(struct order_addon, name),
	COL_TEXT(struct order_addon, group_external_id),
	COL_TEXT(struct order_addon, group_name),
	COL_I64(struct order_addon, price_minor),
	COL_I64(struct order_addon, quantity),
};
static const struct db_shape addon_shape = DB_SHAPE(struct order_addon, addon_cols);

static const struct db_col tax_cols[] = {
	COL_I64(struct order_tax, order_id),
	COL_I64(struct order_tax, line_no),
	COL_I64(struct order_tax, tax_no),
	COL_TEXT(struct order_tax, external_id),
	COL_TEXT(struct order_tax, name),
	COL_TEXT(struct order_tax, kind),
	COL_I64(struct order_tax, rate_micro),
	COL_I64(struct order_tax, amount_minor),
	COL_BOOL(struct order_tax, is_inclusive),
	COL_TEXT(struct order_tax, charge),
};
static const struct db_shape tax_shape = DB_SHAPE(struct order_tax, tax_cols);

static const struct db_col discount_cols[] = {
	COL_I64(struct order_discount, order_id),
	COL_I64(struct order_discount, discount_no),
	COL_I64(struct order_discount, discount_id),
	COL_BYTES(struct order_discount, discount_public_id),
	COL_TEXT(struct order_discount, external_id),
	COL_TEXT(struct order_discount, name),
	COL_TEXT(struct order_discount, code),
	COL_TEXT(struct order_discount, kind),
	COL_I64(struct order_discount, rate_micro),
	COL_I64(struct order_discount, amount_minor),
};
static const struct db_shape discount_shape = DB_SHAPE(struct order_discount, discount_cols);

static const struct db_col move_cols[] = {
	COL_I64(struct order_move, seq),
	COL_TEXT(struct order_move, axis),
	COL_TEXT(struct order_move, event),
	COL_TEXT(struct order_move, old_status),
	COL_TEXT(struct order_move, new_status),
	COL_TEXT(struct order_move, changed_by),
	COL_TEXT(struct order_move, change_reason),
	COL_TIME(struct order_move, created_at),
};
static const struct db_shape move_shape = DB_SHAPE(struct order_move, move_cols);

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

/* What hangs on a set of orders, each list by order and line. The cursors: what is taken. */
struct parts {
	struct order_line *lines;
	struct order_addon *addons;
	struct order_tax *taxes;
	struct delivery_assignment *deliveries;
	struct order_discount *discounts;
	size_t lines_n, addons_n, taxes_n, deliveries_n, discounts_n;
	size_t line, addon, tax, delivery, discount;
};

/* Each line gets its stretch of the add-ons and taxes. Line 0 is the order itself. */
static void
line_join(struct parts *p, struct order_line *l)
{
	l->addons = p->addons + p->addon;
	while (p->addon < p->addons_n && p->addons[p->addon].order_id == l->order_id &&
	       p->addons[p->addon].line_no == l->line_no)
		p->addon++, l->addons_n++;
	l->taxes = p->taxes + p->tax;
	while (p->tax < p->taxes_n && p->taxes[p->tax].order_id == l->order_id &&
	       p->taxes[p->tax].line_no == l->line_no)
		p->tax++, l->taxes_n++;
}

/* The orders' own order is that of the lists. */
static void
parts_join(struct parts *p, struct order *o)
{
	o->taxes = p->taxes + p->tax;
	while (p->tax < p->taxes_n && p->taxes[p->tax].order_id == o->id &&
	       p->taxes[p->tax].line_no == 0)
		p->tax++, o->taxes_n++;
	o->lines = p->lines + p->line;
	while (p->line < p->lines_n && p->lines[p->line].order_id == o->id) {
		line_join(p, &p->lines[p->line]);
		p->line++, o->lines_n++;
	}
	if (p->delivery < p->deliveries_n && p->deliveries[p->delivery].order_id == o->id)
		o->delivery = &p->deliveries[p->delivery++];
	o->discounts = p->discounts + p->discount;
	while (p->discount < p->discounts_n && p->discounts[p->discount].order_id == o->id)
		p->discount++, o->discounts_n++;
}

/* Rows come by line and add-on: a line begins where its number does. */
static void
lines_split(struct op *op, const struct line_row *rows, size_t n, struct parts *p)
{
	p->lines = arena_array(op->arena, n, sizeof *p->lines);
	p->addons = arena_array(op->arena, n, sizeof *p->addons);
	for (size_t i = 0; i < n; i++) {
		const struct line_row *r = &rows[i];

		if (i == 0 || r->line.line_no != rows[i - 1].line.line_no)
			p->lines[p->lines_n++] = r->line;
		if (r->addon_no == 0)
			continue;
		p->addons[p->addons_n++] = (struct order_addon){
			.order_id = r->line.order_id,
			.line_no = r->line.line_no,
			.addon_no = r->addon_no,
			.addon_item_id = r->addon_item_id,
			.addon_public_id = r->addon_public_id,
			.external_id = r->addon_external_id,
			.name = r->addon_name,
			.group_external_id = r->group_external_id,
			.group_name = r->group_name,
			.price_minor = r->addon_price_minor,
			.quantity = r->addon_quantity,
		};
	}
}

static bool
is_delivered(const struct order *o)
{
	return strcmp(o->order_type, "delivery") == 0;
}

static enum err
parts_read(struct op *op, struct order *o)
{
	struct line_row *rows = NULL;
	struct parts p = { 0 };
	size_t rows_n = 0;
	enum err e = db_many(op, STMT_order_lines, DB_ARGS(DB_I64("order_id", o->id)),
	    &line_row_shape, &rows, &rows_n);

	if (e == OK)
		lines_split(op, rows, rows_n, &p);
	if (e == OK)
		e = db_many(op, STMT_order_taxes, DB_ARGS(DB_I64("order_id", o->id)), &tax_shape,
		    &p.taxes, &p.taxes_n);
	if (e == OK && is_delivered(o))
		e = deliveries_read(op, o->restaurant_id,
		    arena_printf(op->arena, "[%lld]", (long long)o->id), &p.deliveries,
		    &p.deliveries_n);
	if (e == OK && o->discount_minor > 0)
		e = db_many(op, STMT_order_discounts, DB_ARGS(DB_I64("order_id", o->id)),
		    &discount_shape, &p.discounts, &p.discounts_n);
	if (e == OK)
		parts_join(&p, o);
	return e;
}

struct reading {
	int64_t restaurant_id, id;
	const unsigned char *public_id;
	struct order order;
};

static enum err
reading_head(struct op *op, struct reading *r)
{
	if (r->public_id != NULL)
		return db_one(op, STMT_order_by_public_id,
		    DB_ARGS(DB_BYTES("public_id", r->public_id, 16),
			DB_I64("restaurant_id", r->restaurant_id)),
		    &order_shape, &r->order);
	return db_one(op, STMT_order_by_id,
	    DB_ARGS(DB_I64("id", r->id), DB_I64("restaurant_id", r->restaurant_id)), &order_shape,
	    &r->order);
}

static enum err
reading_body(struct op *op, void *arg)
{
	struct reading *r = arg;
	enum err e = reading_head(op, r);

	return e != OK ? e : parts_read(op, &r->order);
}

/*
 * No snapshot is needed around the statements: what belongs to an order is written with it, in one
 * transaction, and never changed, so that whatever row is met its parts are all there and its own.
 * Only who brings it changes. (Inside a transaction the row is locked already.)
 */
static enum err
reading_run(struct op *op, struct reading *r, struct order *ret)
{
	enum err e = reading_head(op, r);

	if (e == OK && is_delivered(&r->order) && !op->in_transaction)
		e = db_snapshot(op, reading_body, r);
	else if (e == OK)
		e = parts_read(op, &r->order);
	if (e == OK)
		*ret = r->order;
	return e;
}

enum err
order_read(struct op *op, int64_t restaurant_id, int64_t id, struct order *ret)
{
	const struct order *already = order_read_already(op, restaurant_id, id);
	enum err e;

	if (already != NULL) {
		*ret = *already;
		return OK;
	}
	e = db_notes_write(op);
	if (e != OK)
		return e;
	return reading_run(op, &(struct reading){ .restaurant_id = restaurant_id, .id = id }, ret);
}

enum err
order_read_public(
    struct op *op, int64_t restaurant_id, const unsigned char public_id[16], struct order *ret)
{
	return reading_run(
	    op, &(struct reading){ .restaurant_id = restaurant_id, .public_id = public_id }, ret);
}

enum err
order_head(
    struct op *op, int64_t restaurant_id, const unsigned char public_id[16], struct order *ret)
{
	struct reading r = { .restaurant_id = restaurant_id, .public_id = public_id };
	enum err e = reading_head(op, &r);

	if (e == OK)
		*ret = r.order;
	return e;
}

enum err
order_find(struct op *op, int64_t restaurant_id, const char *pos_reference,
    const char *pos_order_id, int64_t *ret_id)
{
	struct id_row row = { 0 };
	enum err e = ERR_NO_ROW;

	if (pos_reference != NULL)
		e = db_one(op, STMT_order_by_reference,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id),
			DB_TEXT("pos_reference", pos_reference)),
		    &id_shape, &row);
	if (e == ERR_NO_ROW && pos_order_id != NULL)
		e = db_one(op, STMT_order_by_pos_order_id,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id),
			DB_TEXT("pos_order_id", pos_order_id)),
		    &id_shape, &row);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret_id = row.id;
	return OK;
}

enum err
order_find_earlier(struct op *op, int64_t restaurant_id, const char *reference, int64_t *ret_id)
{
	const char *dash = strrchr(reference, '-');
	struct id_row row = { 0 };
	enum err e = db_one(op, STMT_order_by_number,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("order_number", reference)),
	    &id_shape, &row);

	if (e == ERR_NO_ROW && dash != NULL)
		e = db_one(op, STMT_order_by_number,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id),
			DB_TEXT("order_number",
			    arena_strndup(op->arena, reference, (size_t)(dash - reference)))),
		    &id_shape, &row);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret_id = row.id;
	return OK;
}

enum err
order_list(struct op *op, int64_t restaurant_id, const struct order_filter *f, struct order **ret,
    size_t *ret_n)
{
	return db_many(op, STMT_orders_of_user,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_I64("user_id", f->user_id),
		DB_TEXT("status", f->status), DB_TEXT("pos_state", f->pos_state),
		DB_TEXT("order_type", f->order_type), DB_TEXT("payment_status", f->payment_status),
		DB_TIME("since", f->since_us), DB_TIME("until", f->until_us),
		DB_I64("before_id", f->before_id == 0 ? INT64_MAX : f->before_id),
		DB_I64("n", f->n)),
	    &order_shape, ret, ret_n);
}

/* --- several ---------------------------------------------------------------------------------- */

/* The LIMITs of the statements. One order has fewer than that of each, so one is always whole. */
#define PAGE_LINES_MAX 2001
#define PAGE_ADDONS_MAX 10001
#define PAGE_TAXES_MAX 10001

struct page {
	int64_t restaurant_id; /* 0: of several, and nobody asks who brings them */
	struct order *orders;
	size_t n;
};

static void
id_add(struct buf *b, int64_t id)
{
	buf_addf(b, "%c%lld", b->len == 0 ? '[' : ',', (long long)id);
}

/* A JSON array. */
static const char *
ids_text(struct op *op, const int64_t *ids, size_t n)
{
	struct buf b;

	buf_init(&b, op->arena, 24 * n + 3);
	for (size_t i = 0; i < n; i++)
		id_add(&b, ids[i]);
	buf_addc(&b, ']');
	return b.data;
}

static const char *
page_ids(struct op *op, const struct page *p)
{
	struct buf b;

	buf_init(&b, op->arena, 24 * p->n + 3);
	for (size_t i = 0; i < p->n; i++)
		id_add(&b, p->orders[i].id);
	buf_addc(&b, ']');
	return b.data;
}

/* A list that was cut ends within this order: the page ends before it. */
static void
page_cut(struct page *p, int64_t order_id)
{
	for (size_t i = 1; i < p->n; i++)
		if (p->orders[i].id == order_id)
			p->n = i;
}

static bool
page_has_discounts(const struct page *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->orders[i].discount_minor > 0)
			return true;
	return false;
}

static enum err
page_parts(struct op *op, struct page *p)
{
	const char *ids = page_ids(op, p);
	const struct db_arg args[] = { DB_TEXT("ids", ids) };
	struct parts parts = { 0 };
	enum err e;

	e = db_many(op, STMT_lines_of_orders, args, 1, &line_shape, &parts.lines, &parts.lines_n);
	if (e == OK)
		e = db_many(op, STMT_addons_of_orders, args, 1, &addon_shape, &parts.addons,
		    &parts.addons_n);
	if (e == OK)
		e = db_many(op, STMT_taxes_of_orders, args, 1, &tax_shape, &parts.taxes,
		    &parts.taxes_n);
	if (e == OK && p->restaurant_id != 0)
		e = deliveries_read(
		    op, p->restaurant_id, ids, &parts.deliveries, &parts.deliveries_n);
	if (e == OK && page_has_discounts(p))
		e = db_many(op, STMT_discounts_of_orders, args, 1, &discount_shape,
		    &parts.discounts, &parts.discounts_n);
	if (e != OK)
		return e;
	if (parts.lines_n == PAGE_LINES_MAX)
		page_cut(p, parts.lines[parts.lines_n - 1].order_id);
	if (parts.addons_n == PAGE_ADDONS_MAX)
		page_cut(p, parts.addons[parts.addons_n - 1].order_id);
	if (parts.taxes_n == PAGE_TAXES_MAX)
		page_cut(p, parts.taxes[parts.taxes_n - 1].order_id);
	for (size_t i = 0; i < p->n; i++)
		parts_join(&parts, &p->orders[i]);
	return OK;
}

struct page_wish {
	const char *ids;
	struct page page;
};

static enum err
page_body(struct op *op, void *arg)
{
	struct page_wish *wish = arg;
	struct page *p = &wish->page;
	enum err e = db_many(op, STMT_orders_of_ids,
	    DB_ARGS(DB_TEXT("ids", wish->ids), DB_I64("restaurant_id", p->restaurant_id)),
	    &order_shape, &p->orders, &p->n);

	return e != OK || p->n == 0 ? e : page_parts(op, p);
}

enum err
orders_read(struct op *op, int64_t restaurant_id, const int64_t *ids, size_t n, struct order **ret,
    size_t *ret_n)
{
	struct page_wish wish = { .page.restaurant_id = restaurant_id };
	enum err e = OK;

	if (n > 0) {
		wish.ids = ids_text(op, ids, n);
		e = op->in_transaction ? page_body(op, &wish) : db_snapshot(op, page_body, &wish);
	}
	if (e != OK)
		return e;
	*ret = wish.page.orders;
	*ret_n = wish.page.n;
	return OK;
}

static bool
is_read(const struct op *op, const struct order_name *name)
{
	return order_read_already(op, name->restaurant_id, name->id) != NULL;
}

static void
read_add(struct op *op, const struct page *p)
{
	struct orders_ahead *ahead = orders_ahead_of(op);
	struct order *all = arena_array(op->arena, ahead->read_n + p->n, sizeof *all);

	for (size_t i = 0; i < ahead->read_n; i++)
		all[i] = ahead->read[i];
	for (size_t i = 0; i < p->n; i++)
		all[ahead->read_n + i] = p->orders[i];
	ahead->read = all;
	ahead->read_n += p->n;
}

enum err
orders_read_ahead(struct op *op, const struct order_name *names, size_t n)
{
	size_t missing_n;
	const struct order_name *missing = orders_missing(op, names, n, is_read, &missing_n);
	struct page p = { 0 };
	enum err e;

	if (missing_n == 0)
		return OK;
	e = db_many(op, STMT_orders_by_id,
	    DB_ARGS(DB_TEXT("orders", orders_named(op, missing, missing_n))), &order_shape,
	    &p.orders, &p.n);
	if (e == OK && p.n > 0)
		e = page_parts(op, &p);
	if (e == OK)
		read_add(op, &p);
	return e;
}

enum err
order_history(struct op *op, int64_t order_id, struct order_move **ret, size_t *ret_n)
{
	return db_many(
	    op, STMT_order_history, DB_ARGS(DB_I64("order_id", order_id)), &move_shape, ret, ret_n);
}
