#include "order/order.h"

#include <string.h>

#include "db/db.h"
#include "op/op.h"

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
	COL_TEXT(struct order, cancel_wanted),
	COL_TEXT(struct order, cancellation_reason),
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
	COL_I64(struct order, history_seq),
};
static const struct db_shape order_shape = DB_SHAPE(struct order, order_cols);

static const struct db_col line_cols[] = {
	COL_I64(struct order_line, line_no),
	COL_I64(struct order_line, item_id),
	COL_BYTES(struct order_line, item_public_id),
	COL_TEXT(struct order_line, external_id),
	COL_TEXT(struct order_line, item_name),
	COL_I64(struct order_line, variation_id),
	COL_BYTES(struct order_line, variation_public_id),
	COL_TEXT(struct order_line, variation_external_id),
	COL_TEXT(struct order_line, variation_code),
	COL_TEXT(struct order_line, variation_name),
	COL_I64(struct order_line, item_price_minor),
	COL_I64(struct order_line, addons_minor),
	COL_I64(struct order_line, quantity),
	COL_I64(struct order_line, line_total_minor),
	COL_I64(struct order_line, packing_minor),
	COL_BOOL(struct order_line, tax_inclusive),
	COL_TEXT(struct order_line, gst_liability),
	COL_TEXT(struct order_line, special_instructions),
};
static const struct db_shape line_shape = DB_SHAPE(struct order_line, line_cols);

static const struct db_col addon_cols[] = {
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
	COL_I64(struct order_tax, line_no),
	COL_I64(struct order_tax, tax_no),
	COL_TEXT(struct order_tax, external_id),
	COL_TEXT(struct order_tax, name),
	COL_TEXT(struct order_tax, kind),
	COL_I64(struct order_tax, rate_micro),
	COL_I64(struct order_tax, amount_minor),
	COL_BOOL(struct order_tax, is_inclusive),
};
static const struct db_shape tax_shape = DB_SHAPE(struct order_tax, tax_cols);

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

/*
 * Each line gets its stretch of the add-ons and taxes; both come ordered by line. Line 0 is the
 * order itself.
 */
static void
parts_join(struct order *o, struct order_line *lines, const struct order_addon *addons,
    size_t addons_n, const struct order_tax *taxes, size_t taxes_n)
{
	size_t a = 0, t = 0;

	o->taxes = taxes;
	while (t < taxes_n && taxes[t].line_no == 0)
		t++;
	o->taxes_n = t;
	for (size_t i = 0; i < o->lines_n; i++) {
		lines[i].addons = addons + a;
		while (a < addons_n && addons[a].line_no == lines[i].line_no)
			a++, lines[i].addons_n++;
		lines[i].taxes = taxes + t;
		while (t < taxes_n && taxes[t].line_no == lines[i].line_no)
			t++, lines[i].taxes_n++;
	}
}

static enum err
parts_read(struct op *op, struct order *o)
{
	struct order_line *lines = NULL;
	struct order_addon *addons = NULL;
	struct order_tax *taxes = NULL;
	size_t addons_n = 0, taxes_n = 0;
	enum err e;

	e = db_many(op, STMT_order_lines, DB_ARGS(DB_I64("order_id", o->id)), &line_shape, &lines,
	    &o->lines_n);
	if (e == OK)
		e = db_many(op, STMT_order_addons, DB_ARGS(DB_I64("order_id", o->id)), &addon_shape,
		    &addons, &addons_n);
	if (e == OK)
		e = db_many(op, STMT_order_taxes, DB_ARGS(DB_I64("order_id", o->id)), &tax_shape,
		    &taxes, &taxes_n);
	if (e != OK)
		return e;
	o->lines = lines;
	parts_join(o, lines, addons, addons_n, taxes, taxes_n);
	return OK;
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
 * Inside a transaction the row is locked already, and its children are written under that lock
 * only.
 */
static enum err
reading_run(struct op *op, struct reading *r, struct order *ret)
{
	enum err e = op->in_transaction ? reading_body(op, r) : db_snapshot(op, reading_body, r);

	if (e == OK)
		*ret = r->order;
	return e;
}

enum err
order_read(struct op *op, int64_t restaurant_id, int64_t id, struct order *ret)
{
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
	return db_many(op, f->user_id != 0 ? STMT_orders_of_user : STMT_orders_of_restaurant,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_I64("user_id", f->user_id),
		DB_TEXT("status", f->status), DB_TEXT("pos_state", f->pos_state),
		DB_TEXT("order_type", f->order_type), DB_TEXT("payment_status", f->payment_status),
		DB_TIME("since", f->since_us), DB_TIME("until", f->until_us),
		DB_I64("before_id", f->before_id == 0 ? INT64_MAX : f->before_id),
		DB_I64("n", f->n)),
	    &order_shape, ret, ret_n);
}

enum err
order_history(struct op *op, int64_t order_id, struct order_move **ret, size_t *ret_n)
{
	return db_many(
	    op, STMT_order_history, DB_ARGS(DB_I64("order_id", order_id)), &move_shape, ret, ret_n);
}
