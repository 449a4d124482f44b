#include "order_file.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "tap.h"
#include "text/iso8601.h"
#include "text/json_read.h"

static struct json_object *
read_file(struct arena *a, const char *path)
{
	struct json_object *top = NULL;
	const char *why = "";
	size_t len;
	char *text = tap_file(path, &len);

	if (json_read(a, text, len, &json_limits_menu, &top, &why) != OK) {
		printf("Bail out! %s: %s\n", path, why);
		exit(1);
	}
	free(text);
	return top;
}

static const char *
text(struct json_object *o, const char *key, const char *otherwise)
{
	const char *s;

	return json_as_string(json_member(o, key), &s) ? s : otherwise;
}

static int64_t
number(struct json_object *o, const char *key, int64_t otherwise)
{
	int64_t n;

	return json_as_int64(json_member(o, key), &n) ? n : otherwise;
}

static bool
flag(struct json_object *o, const char *key)
{
	bool is_on;

	return json_as_bool(json_member(o, key), &is_on) && is_on;
}

static int64_t
instant(struct json_object *o, const char *key)
{
	int64_t us = TIME_NONE;
	const char *s = text(o, key, NULL);

	if (s != NULL && !iso8601_parse(s, &us)) {
		printf("Bail out! %s is not a time\n", s);
		exit(1);
	}
	return us;
}

static const struct order_tax *
taxes(struct arena *a, struct json_object *list, int64_t line_no, bool is_inclusive, size_t *ret_n)
{
	size_t n = json_array_n(list);
	struct order_tax *v = arena_array(a, n, sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_element(list, i);
		v[i] = (struct order_tax){
			.line_no = line_no,
			.tax_no = (int64_t)i + 1,
			.external_id = text(o, "id", NULL),
			.name = text(o, "name", NULL),
			.kind = text(o, "kind", "percent"),
			.rate_micro = number(o, "rate_micro", 0),
			.amount_minor = number(o, "amount_minor", 0),
			.is_inclusive = is_inclusive,
			.charge = text(o, "charge", NULL),
		};
	}
	*ret_n = n;
	return v;
}

static void
addons(struct arena *a, struct json_object *list, struct order_line *line)
{
	size_t n = json_array_n(list);
	struct order_addon *v = arena_array(a, n, sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_element(list, i);
		v[i] = (struct order_addon){
			.line_no = line->line_no,
			.addon_no = (int64_t)i + 1,
			.external_id = text(o, "id", NULL),
			.name = text(o, "name", NULL),
			.group_external_id = text(o, "group_id", NULL),
			.group_name = text(o, "group_name", NULL),
			.price_minor = number(o, "price_minor", 0),
			.quantity = number(o, "quantity", 1),
		};
		line->addons_minor += v[i].price_minor * v[i].quantity;
	}
	line->addons = v;
	line->addons_n = n;
}

static void
read_line(struct arena *a, struct json_object *o, int64_t line_no, struct order_line *line)
{
	struct json_object *variation = json_member(o, "variation");

	*line = (struct order_line){
		.line_no = line_no,
		.item_id = line_no,
		.external_id = text(o, "id", NULL),
		.item_name = text(o, "name", NULL),
		.variation_id = variation == NULL ? 0 : line_no,
		.variation_external_id = text(variation, "id", NULL),
		.variation_code = text(variation, "code", NULL),
		.variation_name = text(variation, "name", NULL),
		.item_price_minor = number(o, "price_minor", 0),
		.quantity = number(o, "quantity", 1),
		.discount_minor = number(o, "discount_minor", 0),
		.tax_inclusive = flag(o, "tax_inclusive"),
		.gst_liability = text(o, "gst_liability", "restaurant"),
		.special_instructions = text(o, "note", NULL),
	};
	addons(a, json_member(o, "addons"), line);
	line->line_total_minor = (line->item_price_minor + line->addons_minor) * line->quantity;
	line->taxes =
	    taxes(a, json_member(o, "taxes"), line_no, line->tax_inclusive, &line->taxes_n);
}

static void
lines(struct arena *a, struct json_object *list, struct order *order)
{
	size_t n = json_array_n(list);
	struct order_line *v = arena_array(a, n, sizeof(*v));

	for (size_t i = 0; i < n; i++) {
		read_line(a, json_element(list, i), (int64_t)i + 1, &v[i]);
		order->subtotal_minor += v[i].line_total_minor;
		for (size_t k = 0; k < v[i].taxes_n; k++)
			order->tax_minor += v[i].tax_inclusive ? 0 : v[i].taxes[k].amount_minor;
	}
	order->lines = v;
	order->lines_n = n;
}

static void
discount(struct arena *a, struct json_object *o, struct order *order)
{
	struct order_discount *d = arena_alloc(a, sizeof(*d));

	if (o == NULL)
		return;
	*d = (struct order_discount){
		.discount_no = 1,
		.discount_id = 1,
		.external_id = text(o, "id", NULL),
		.name = text(o, "name", NULL),
		.kind = "fixed",
		.amount_minor = number(o, "amount_minor", 0),
	};
	order->discounts = d;
	order->discounts_n = 1;
	order->discount_minor = d->amount_minor;
}

struct order *
order_file(struct arena *a, const char *path)
{
	struct json_object *top = read_file(a, path);
	struct order *o = arena_alloc(a, sizeof(*o));

	*o = (struct order){
		.id = 1,
		.restaurant_id = 1,
		.order_number = text(top, "reference", NULL),
		.pos_reference = text(top, "reference", NULL),
		.pos_order_id = text(top, "pos_order_id", NULL),
		.status = "received",
		.payment_status = text(top, "payment_status", "pending"),
		.payment_method = text(top, "payment_method", NULL),
		.order_type = text(top, "order_type", NULL),
		.table_number = text(top, "table_number", NULL),
		.customer_name = text(top, "customer_name", NULL),
		.customer_email = text(top, "customer_email", NULL),
		.customer_phone = text(top, "customer_phone", NULL),
		.delivery_address = text(top, "delivery_address", NULL),
		.special_instructions = text(top, "special_instructions", NULL),
		.scheduled_time = instant(top, "scheduled_time"),
		.created_at = instant(top, "created_at"),
		.currency = text(top, "currency", "INR"),
		.packing_minor = number(top, "packing_minor", 0),
		.delivery_charge_minor = number(top, "delivery_charge_minor", 0),
		.tip_minor = number(top, "tip_minor", 0),
	};
	lines(a, json_member(top, "lines"), o);
	o->taxes = taxes(a, json_member(top, "taxes"), 0, false, &o->taxes_n);
	for (size_t i = 0; i < o->taxes_n; i++)
		o->tax_minor += o->taxes[i].amount_minor;
	discount(a, json_member(top, "discount"), o);
	o->total_minor = o->subtotal_minor - o->discount_minor + o->tax_minor + o->packing_minor +
			 o->delivery_charge_minor + o->tip_minor;
	return o;
}

const char *
order_file_config(struct arena *a, const char *path)
{
	struct json_object *config = json_member(read_file(a, path), "config");

	return config == NULL ? "{}" : arena_strdup(a, json_object_to_json_string(config));
}

char *
json_file_compact(struct arena *a, const char *path)
{
	size_t len;
	char *all = tap_file(path, &len);
	struct buf b;
	bool in_string = false;

	buf_init(&b, a, len);
	for (size_t i = 0; i < len; i++) {
		if (!in_string && strchr(" \t\r\n", all[i]) != NULL)
			continue;
		buf_addc(&b, all[i]);
		if (in_string && all[i] == '\\')
			buf_addc(&b, all[++i]);
		else if (all[i] == '"')
			in_string = !in_string;
	}
	free(all);
	return b.data;
}
