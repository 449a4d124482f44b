#include "order/order_json.h"

#include <stdio.h>
#include <string.h>

#include "mem/buf.h"
#include "order/delivery.h"
#include "order/state.h"
#include "outbox/outcome.h"
#include "text/json_write.h"
#include "text/money.h"

static unsigned
exponent_of(const struct order *o)
{
	unsigned exponent = 2;

	(void)money_exponent(o->currency, &exponent);
	return exponent;
}

static void
addons_write(struct json_write *w, const struct order_line *l, unsigned exponent)
{
	json_write_array(w, "addons");
	for (size_t i = 0; i < l->addons_n; i++) {
		json_write_object(w, NULL);
		json_write_uuid(w, "addon_item_id", l->addons[i].addon_public_id.data);
		json_write_string(w, "name", l->addons[i].name);
		json_write_string(w, "group_name", l->addons[i].group_name);
		json_write_money(w, "price", l->addons[i].price_minor, exponent);
		json_write_int64(w, "quantity", l->addons[i].quantity);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void
discounts_write(struct json_write *w, const struct order *o, unsigned exponent)
{
	json_write_array(w, "discounts");
	for (size_t i = 0; i < o->discounts_n; i++) {
		json_write_object(w, NULL);
		json_write_uuid(w, "id", o->discounts[i].discount_public_id.data);
		json_write_string(w, "name", o->discounts[i].name);
		json_write_string(w, "code", o->discounts[i].code);
		json_write_money(w, "amount", o->discounts[i].amount_minor, exponent);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

/* Those of orders of before do not say on which charge they were. */
static void
charge_taxes_write(struct json_write *w, const struct order *o, unsigned exponent)
{
	json_write_array(w, "charge_taxes");
	for (size_t i = 0; i < o->taxes_n; i++) {
		json_write_object(w, NULL);
		json_write_string(w, "charge", o->taxes[i].charge);
		json_write_string(w, "name", o->taxes[i].name);
		json_write_money(w, "amount", o->taxes[i].amount_minor, exponent);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

/* How the sums of a whole order came about. */
static void
parts_write(struct json_write *w, const struct order *o, unsigned exponent)
{
	discounts_write(w, o, exponent);
	charge_taxes_write(w, o, exponent);
}

static void
taxes_write(struct json_write *w, const struct order_line *l, unsigned exponent)
{
	json_write_array(w, "taxes");
	for (size_t i = 0; i < l->taxes_n; i++) {
		json_write_object(w, NULL);
		json_write_string(w, "name", l->taxes[i].name);
		json_write_money(w, "amount", l->taxes[i].amount_minor, exponent);
		json_write_bool(w, "is_inclusive", l->taxes[i].is_inclusive);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void
line_write(struct json_write *w, const struct order_line *l, unsigned exponent)
{
	json_write_object(w, NULL);
	json_write_uuid(w, "menu_item_id", l->item_public_id.data);
	json_write_string(w, "name", l->item_name);
	if (l->variation_id == 0) {
		json_write_null(w, "variation");
	} else {
		json_write_object(w, "variation");
		json_write_uuid(w, "id", l->variation_public_id.data);
		json_write_string(w, "name", l->variation_name);
		json_write_object_end(w);
	}
	addons_write(w, l, exponent);
	json_write_int64(w, "quantity", l->quantity);
	json_write_money(w, "unit_price", l->item_price_minor + l->addons_minor, exponent);
	json_write_money(w, "line_total", l->line_total_minor, exponent);
	json_write_money(w, "discount", l->discount_minor, exponent);
	taxes_write(w, l, exponent);
	json_write_string(w, "special_instructions", l->special_instructions);
	json_write_object_end(w);
}

static void
lines_write(struct json_write *w, const struct order *o, unsigned exponent)
{
	json_write_array(w, "items");
	for (size_t i = 0; i < o->lines_n; i++)
		line_write(w, &o->lines[i], exponent);
	json_write_array_end(w);
}

static void
sums_write(struct json_write *w, const struct order *o, unsigned exponent)
{
	json_write_string(w, "currency", o->currency);
	json_write_money(w, "subtotal", o->subtotal_minor, exponent);
	json_write_money(w, "discount", o->discount_minor, exponent);
	json_write_money(w, "tax", o->tax_minor, exponent);
	json_write_money(w, "packing_charge", o->packing_minor, exponent);
	json_write_money(w, "delivery_charge", o->delivery_charge_minor, exponent);
	json_write_money(w, "tip", o->tip_minor, exponent);
	json_write_money(w, "total", o->total_minor, exponent);
}

static const struct {
	const char *name;
	size_t offset;
} stamps[] = {
	{ "confirmed_at", offsetof(struct order, confirmed_at) },
	{ "preparing_at", offsetof(struct order, preparing_at) },
	{ "ready_at", offsetof(struct order, ready_at) },
	{ "out_for_delivery_at", offsetof(struct order, out_for_delivery_at) },
	{ "completed_at", offsetof(struct order, completed_at) },
	{ "cancelled_at", offsetof(struct order, cancelled_at) },
	{ "failed_at", offsetof(struct order, failed_at) },
	{ "scheduled_time", offsetof(struct order, scheduled_time) },
	{ "estimated_ready_time", offsetof(struct order, estimated_ready_time) },
	{ "estimated_delivery_time", offsetof(struct order, estimated_delivery_time) },
	{ "created_at", offsetof(struct order, created_at) },
	{ "updated_at", offsetof(struct order, updated_at) },
};

static void
stamps_write(struct json_write *w, const struct order *o)
{
	for (size_t i = 0; i < sizeof stamps / sizeof stamps[0]; i++) {
		int64_t us;

		memcpy(&us, (const char *)o + stamps[i].offset, sizeof us);
		json_write_time(w, stamps[i].name, us);
	}
}

/* What everybody who may see the order sees of it. */
/* What the restaurant has made of it at its POS; the order itself is as it was placed. */
static void
amended_write(struct json_write *w, const struct order *o, unsigned exponent)
{
	if (!o->is_modified) {
		json_write_null(w, "amended");
		return;
	}
	json_write_object(w, "amended");
	json_write_string(w, "items", o->pos_contents);
	if (o->pos_total_minor >= 0)
		json_write_money(w, "total", o->pos_total_minor, exponent);
	else
		json_write_null(w, "total");
	json_write_object_end(w);
}

static void
members_write(struct json_write *w, const struct order *o)
{
	unsigned exponent = exponent_of(o);

	json_write_uuid(w, "id", o->public_id.data);
	json_write_string(w, "order_number", o->order_number);
	json_write_string(w, "status", o->status);
	json_write_string(w, "order_type", o->order_type);
	json_write_string(w, "table_number", o->table_number);
	json_write_string(w, "payment_method", o->payment_method);
	json_write_string(w, "payment_status", o->payment_status);
	sums_write(w, o, exponent);
	json_write_string(w, "special_instructions", o->special_instructions);
	json_write_string(w, "delivery_address", o->delivery_address);
	json_write_bool(w, "cancel_requested", o->cancel_wanted != NULL);
	json_write_string(w, "cancellation_reason", o->cancellation_reason);
	amended_write(w, o, exponent);
	stamps_write(w, o);
}

void
order_json_quote(struct json_write *w, const char *key, const struct order *o)
{
	unsigned exponent = exponent_of(o);

	json_write_object(w, key);
	json_write_string(w, "order_type", o->order_type);
	sums_write(w, o, exponent);
	parts_write(w, o, exponent);
	json_write_time(w, "scheduled_time", o->scheduled_time);
	json_write_time(w, "estimated_ready_time", o->estimated_ready_time);
	lines_write(w, o, exponent);
	json_write_object_end(w);
}

static void
delivery_steps_write(struct json_write *w, const struct delivery_assignment *a)
{
	json_write_time(w, "assigned_at", a->assigned_at);
	json_write_time(w, "picked_up_at", a->picked_up_at);
	json_write_time(w, "delivered_at", a->delivered_at);
}

/* A guest learns the name to ask for, and no more of who brings it. */
static void
delivery_write(struct json_write *w, const struct delivery_assignment *a)
{
	size_t blanks, len;

	if (a == NULL) {
		json_write_null(w, "delivery");
		return;
	}
	blanks = strspn(a->staff_name, " ");
	len = strcspn(a->staff_name + blanks, " ");
	json_write_object(w, "delivery");
	json_write_string(w, "status", a->status);
	json_write_string_n(w, "staff_name", a->staff_name + blanks, len);
	delivery_steps_write(w, a);
	json_write_object_end(w);
}

static void
delivery_staff_write(struct json_write *w, const struct delivery_assignment *a)
{
	if (a == NULL) {
		json_write_null(w, "delivery");
		return;
	}
	json_write_object(w, "delivery");
	json_write_string(w, "status", a->status);
	json_write_object(w, "staff");
	json_write_uuid(w, "id", a->staff_public_id.data);
	json_write_string(w, "name", a->staff_name);
	json_write_bool(w, "is_active", a->staff_can);
	json_write_object_end(w);
	delivery_steps_write(w, a);
	json_write_object_end(w);
}

void
order_json_full(struct json_write *w, const char *key, const struct order *o)
{
	json_write_object(w, key);
	members_write(w, o);
	/* A head alone has no lines; a whole order has at least one. */
	if (o->lines_n > 0) {
		parts_write(w, o, exponent_of(o));
		lines_write(w, o, exponent_of(o));
		delivery_write(w, o->delivery);
	}
	json_write_object_end(w);
}

void
order_json_status(struct json_write *w, const char *key, const struct order *o)
{
	json_write_object(w, key);
	json_write_uuid(w, "id", o->public_id.data);
	json_write_string(w, "order_number", o->order_number);
	json_write_string(w, "status", o->status);
	json_write_string(w, "payment_status", o->payment_status);
	json_write_time(w, "estimated_ready_time", o->estimated_ready_time);
	json_write_time(w, "updated_at", o->updated_at);
	json_write_object_end(w);
}

static void
history_write(struct json_write *w, const struct order_move *moves, size_t n)
{
	json_write_array(w, "history");
	for (size_t i = 0; i < n; i++) {
		json_write_object(w, NULL);
		json_write_int64(w, "seq", moves[i].seq);
		json_write_string(w, "axis", moves[i].axis);
		json_write_string(w, "event", moves[i].event);
		json_write_string(w, "old_status", moves[i].old_status);
		json_write_string(w, "new_status", moves[i].new_status);
		json_write_string(w, "changed_by", moves[i].changed_by);
		json_write_string(w, "reason", moves[i].change_reason);
		json_write_time(w, "created_at", moves[i].created_at);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

/* Enough to know one guest from another, and no number to call. */
static void
phone_tail_write(struct json_write *w, const char *phone)
{
	char masked[16];
	size_t len = phone == NULL ? 0 : strlen(phone);

	(void)snprintf(masked, sizeof masked, "******%s", len > 4 ? phone + len - 4 : "");
	json_write_string(w, "customer_phone", phone == NULL ? NULL : masked);
}

/* What has become of a wish to cancel it that the POS must hear of (E25). */
static const char *
cancel_state(const struct order *o)
{
	if (o->cancel_wanted == NULL)
		return NULL;
	if (strcmp(o->pos_state, pos_state_name(POS_manual)) == 0)
		return "refused";
	return strcmp(o->pos_state, pos_state_name(POS_failed)) == 0 ? "done" : "requested";
}

static const char *
remedy(const struct order *o)
{
	bool is_there = strcmp(o->pos_state, pos_state_name(POS_accepted)) == 0;

	return is_there ? cause_remedy_there(o->pos_cause) : cause_remedy(o->pos_cause);
}

void
order_json_staff(struct json_write *w, const char *key, const struct order *o,
    const struct order_move *moves, size_t n, bool phone_is_whole)
{
	json_write_object(w, key);
	members_write(w, o);
	parts_write(w, o, exponent_of(o));
	lines_write(w, o, exponent_of(o));
	delivery_staff_write(w, o->delivery);
	json_write_string(w, "customer_name", o->customer_name);
	if (phone_is_whole)
		json_write_string(w, "customer_phone", o->customer_phone);
	else
		phone_tail_write(w, o->customer_phone);
	json_write_string(w, "cancellation_code", o->cancellation_code);
	json_write_time(w, "released_at", o->released_at);
	json_write_time(w, "pos_completed_at", o->pos_completed_at);
	json_write_string(w, "pos_state", o->pos_state);
	json_write_string(w, "pos_reference", o->pos_reference);
	json_write_string(w, "pos_order_id", o->pos_order_id);
	json_write_string(w, "pos_failure", o->pos_failure);
	json_write_string(w, "pos_failure_reason", o->pos_failure_reason);
	json_write_string(w, "pos_cause", o->pos_cause);
	json_write_string(w, "pos_remedy", remedy(o));
	if (o->pos_total_minor >= 0)
		json_write_money(w, "pos_total", o->pos_total_minor, exponent_of(o));
	else
		json_write_null(w, "pos_total");
	json_write_string(w, "cancel_state", cancel_state(o));
	json_write_time(w, "pos_status_updated_at", o->pos_status_updated_at);
	if (n > 0)
		history_write(w, moves, n);
	json_write_object_end(w);
}

void
order_json_delivery(struct json_write *w, const char *key, const struct order *o)
{
	const struct delivery_assignment *a = o->delivery;
	unsigned exponent = exponent_of(o);
	bool is_due = a->is_open && strcmp(o->payment_method, "cash") == 0 &&
		      strcmp(o->payment_status, "pending") == 0;

	json_write_object(w, key);
	json_write_uuid(w, "id", o->public_id.data);
	json_write_string(w, "order_number", o->order_number);
	json_write_string(w, "status", o->status);
	json_write_object(w, "delivery");
	json_write_string(w, "status", a->status);
	json_write_bool(w, "is_open", a->is_open);
	delivery_steps_write(w, a);
	json_write_object_end(w);
	json_write_string(w, "payment_method", o->payment_method);
	json_write_string(w, "payment_status", o->payment_status);
	json_write_string(w, "currency", o->currency);
	json_write_money(w, "total", o->total_minor, exponent);
	json_write_money(w, "cash_due", is_due ? o->total_minor : 0, exponent);
	json_write_string(w, "customer_name", a->is_open ? o->customer_name : NULL);
	json_write_string(w, "customer_phone", a->is_open ? o->customer_phone : NULL);
	json_write_string(w, "delivery_address", a->is_open ? o->delivery_address : NULL);
	json_write_string(w, "special_instructions", o->special_instructions);
	json_write_bool(w, "cancel_requested", o->cancel_wanted != NULL);
	json_write_string(w, "cancellation_reason", o->cancellation_reason);
	amended_write(w, o, exponent);
	json_write_time(w, "scheduled_time", o->scheduled_time);
	json_write_time(w, "estimated_ready_time", o->estimated_ready_time);
	json_write_time(w, "estimated_delivery_time", o->estimated_delivery_time);
	json_write_time(w, "created_at", o->created_at);
	lines_write(w, o, exponent);
	json_write_object_end(w);
}

/* One vocabulary per surface: the words of the order details of old. */
static const char *
classic_order_status(const struct order *o)
{
	if (strcmp(o->status, "cancelled") == 0 || strcmp(o->status, "rejected") == 0)
		return "CANCELLED";
	return strcmp(o->payment_status, "paid") == 0 ? "CONFIRMED" : "PENDING";
}

static const char *
classic_payment_status(const struct order *o)
{
	if (strcmp(o->payment_status, "paid") == 0)
		return "COMPLETED";
	return strcmp(o->payment_status, "failed") == 0 ? "FAILED" : "PENDING";
}

void
order_json_classic(struct json_write *w, const char *key, const struct order *o)
{
	unsigned exponent = exponent_of(o);

	json_write_object(w, key);
	json_write_uuid(w, "id", o->public_id.data);
	json_write_string(w, "order_number", o->order_number);
	json_write_string(w, "order_status", classic_order_status(o));
	json_write_string(w, "payment_status", classic_payment_status(o));
	json_write_money(w, "total_amount", o->total_minor, exponent);
	json_write_money(w, "discount_amount", o->discount_minor, exponent);
	json_write_string(w, "currency", o->currency);
	json_write_time(w, "created_at", o->created_at);
	discounts_write(w, o, exponent);
	lines_write(w, o, exponent);
	json_write_object_end(w);
}

struct bytes
order_json_placed(struct arena *arena, const struct order *o)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, arena, 4096);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_object(&w, "order");
	json_write_uuid(&w, "id", o->public_id.data);
	json_write_string(&w, "order_number", o->order_number);
	json_write_string(&w, "status", o->status);
	json_write_money(&w, "total", o->total_minor, exponent_of(o));
	json_write_string(&w, "payment_status", o->payment_status);
	json_write_time(&w, "created_at", o->created_at);
	json_write_object_end(&w);
	json_write_null(&w, "payment");
	json_write_object_end(&w);
	json_write_done(&w);
	return (struct bytes){ .data = b.data, .len = b.len };
}
