/* The rows of an order that is being placed: its own, its lines, their add-ons, taxes, discount. */
#include "order/place_rows.h"

#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "text/uuid.h"

static enum err
order_row_insert(struct op *op, const struct order *o, const struct order_axes *x, const char *day,
    int64_t *ret_id)
{
	const unsigned char *id = x->public_id;
	char provisional[21];

	/*
	 * Unique until the counter gives the real one; the time and random parts of a UUIDv7 are at
	 * its two ends.
	 */
	(void)snprintf(provisional, sizeof provisional, "~%02x%02x%02x%02x%02x%02x%02x%02x%02x",
	    id[4], id[5], id[9], id[10], id[11], id[12], id[13], id[14], id[15]);
	return db_newid(op, STMT_order_insert,
	    DB_ARGS(DB_BYTES("public_id", id, UUID_LEN),
		DB_I64("restaurant_id", o->restaurant_id), DB_ID("user_id", o->user_id),
		DB_TEXT("order_number", provisional), DB_TEXT("status", status_name(x->status)),
		DB_TEXT("pos_state", pos_state_name(x->pos_state)),
		DB_TEXT("pos_place", x->pos_place), DB_I64("by_hand", x->by_hand),
		DB_I64("submission_no", x->submission_no), DB_TEXT("order_type", o->order_type),
		DB_TEXT("table_number", o->table_number),
		DB_TEXT("customer_name", o->customer_name),
		DB_TEXT("customer_phone", o->customer_phone),
		DB_TEXT("delivery_address", o->delivery_address),
		DB_TEXT("special_instructions", o->special_instructions),
		DB_TIME("scheduled_time", o->scheduled_time), DB_TEXT("currency", o->currency),
		DB_I64("subtotal_minor", o->subtotal_minor),
		DB_I64("discount_minor", o->discount_minor), DB_I64("tax_minor", o->tax_minor),
		DB_I64("packing_minor", o->packing_minor),
		DB_I64("delivery_charge_minor", o->delivery_charge_minor),
		DB_I64("tip_minor", o->tip_minor), DB_I64("total_minor", o->total_minor),
		DB_I64("menu_version", o->menu_version),
		DB_TEXT("payment_method", o->payment_method), DB_TEXT("business_date", day),
		DB_TIME("estimated_ready_time", o->estimated_ready_time),
		DB_TEXT("slot_date", o->slot_date), DB_TEXT("slot", o->slot),
		DB_ID("discount_id", o->discount_id),
		DB_TIME("released_at", x->released_at),
		DB_TIME("confirmed_at", x->stamps[STATUS_confirmed])),
	    ret_id);
}

static enum err
lines_insert(struct op *op, int64_t order_id, const struct order *o)
{
	struct db_rows rows = { 0 };

	for (size_t i = 0; i < o->lines_n; i++) {
		const struct order_line *l = &o->lines[i];
		const struct db_arg row[] = {
			DB_I64("order_id", order_id),
			DB_I64("line_no", l->line_no),
			DB_I64("item_id", l->item_id),
			DB_BYTES("item_public_id", l->item_public_id.data, l->item_public_id.len),
			DB_TEXT("external_id", l->external_id),
			DB_TEXT("item_name", l->item_name),
			DB_ID("variation_id", l->variation_id),
			DB_BYTES("variation_public_id", l->variation_public_id.data,
			    l->variation_public_id.len),
			DB_TEXT("variation_external_id", l->variation_external_id),
			DB_TEXT("variation_code", l->variation_code),
			DB_TEXT("variation_name", l->variation_name),
			DB_I64("item_price_minor", l->item_price_minor),
			DB_I64("addons_minor", l->addons_minor),
			DB_I64("quantity", l->quantity),
			DB_I64("line_total_minor", l->line_total_minor),
			DB_I64("discount_minor", l->discount_minor),
			DB_I64("packing_minor", l->packing_minor),
			DB_I64("tax_inclusive", l->tax_inclusive),
			DB_TEXT("gst_liability", l->gst_liability),
			DB_TEXT("special_instructions", l->special_instructions),
		};

		(void)db_rows_add(op, &rows, row, sizeof row / sizeof row[0]);
	}
	return db_rows_insert(op, STMT_order_item_insert, &rows);
}

static enum err
addons_insert(struct op *op, int64_t order_id, const struct order *o)
{
	struct db_rows rows = { 0 };

	for (size_t i = 0; i < o->lines_n; i++)
		for (size_t k = 0; k < o->lines[i].addons_n; k++) {
			const struct order_addon *a = &o->lines[i].addons[k];
			const struct db_arg row[] = {
				DB_I64("order_id", order_id),
				DB_I64("line_no", a->line_no),
				DB_I64("addon_no", a->addon_no),
				DB_I64("addon_item_id", a->addon_item_id),
				DB_BYTES("addon_public_id", a->addon_public_id.data,
				    a->addon_public_id.len),
				DB_TEXT("external_id", a->external_id),
				DB_TEXT("name", a->name),
				DB_TEXT("group_external_id", a->group_external_id),
				DB_TEXT("group_name", a->group_name),
				DB_I64("price_minor", a->price_minor),
				DB_I64("quantity", a->quantity),
			};

			(void)db_rows_add(op, &rows, row, sizeof row / sizeof row[0]);
		}
	return db_rows_insert(op, STMT_order_addon_insert, &rows);
}

static void
tax_row(struct op *op, struct db_rows *rows, int64_t order_id, const struct order_tax *t)
{
	const struct db_arg row[] = {
		DB_I64("order_id", order_id),
		DB_I64("line_no", t->line_no),
		DB_I64("tax_no", t->tax_no),
		DB_TEXT("external_id", t->external_id),
		DB_TEXT("name", t->name),
		DB_TEXT("kind", t->kind),
		DB_I64("rate_micro", t->rate_micro),
		DB_I64("amount_minor", t->amount_minor),
		DB_I64("is_inclusive", t->is_inclusive),
		DB_TEXT("charge", t->charge),
	};

	(void)db_rows_add(op, rows, row, sizeof row / sizeof row[0]);
}

static enum err
taxes_insert(struct op *op, int64_t order_id, const struct order *o)
{
	struct db_rows rows = { 0 };

	for (size_t k = 0; k < o->taxes_n; k++)
		tax_row(op, &rows, order_id, &o->taxes[k]);
	for (size_t i = 0; i < o->lines_n; i++)
		for (size_t k = 0; k < o->lines[i].taxes_n; k++)
			tax_row(op, &rows, order_id, &o->lines[i].taxes[k]);
	return db_rows_insert(op, STMT_order_tax_insert, &rows);
}

static enum err
discounts_insert(struct op *op, int64_t order_id, const struct order *o)
{
	struct db_rows rows = { 0 };

	for (size_t i = 0; i < o->discounts_n; i++) {
		const struct order_discount *d = &o->discounts[i];
		const struct db_arg row[] = {
			DB_I64("order_id", order_id),
			DB_I64("discount_no", d->discount_no),
			DB_I64("discount_id", d->discount_id),
			DB_BYTES("discount_public_id", d->discount_public_id.data,
			    d->discount_public_id.len),
			DB_ID("user_id", o->user_id),
			DB_TEXT("external_id", d->external_id),
			DB_TEXT("name", d->name),
			DB_TEXT("code", d->code),
			DB_TEXT("kind", d->kind),
			DB_I64("rate_micro", d->rate_micro),
			DB_I64("amount_minor", d->amount_minor),
		};

		(void)db_rows_add(op, &rows, row, sizeof row / sizeof row[0]);
	}
	return db_rows_insert(op, STMT_order_discount_insert, &rows);
}

enum err
place_rows_insert(struct op *op, const struct order *o, const struct order_axes *x, const char *day,
    int64_t *ret_id)
{
	enum err e = order_row_insert(op, o, x, day, ret_id);

	if (e == OK)
		e = lines_insert(op, *ret_id, o);
	if (e == OK)
		e = addons_insert(op, *ret_id, o);
	if (e == OK)
		e = taxes_insert(op, *ret_id, o);
	if (e == OK)
		e = discounts_insert(op, *ret_id, o);
	return e;
}
