/*
 * PetPooja: an order as save_order wants it (section "save_order" of the vendor's guide).
 *
 * What has no field there goes into the note: a tip, above all, which is not the restaurant's
 * turnover. `total` is what is due to the restaurant: goods less the discount, packing, and the GST
 * that the restaurant owes; no delivery charge, no tip.
 *
 * A discount is one of the order as a whole, as an amount (F): a share of it in each piece's
 * final_price would not add up to the paisa, and a percentage says nothing of its cap. The block
 * Discount, which the guide advises against and others send, is sent where `discount_block` says
 * so.
 */
#include "pos/pos_petpooja.h"

#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "text/civil.h"
#include "text/json_write.h"
#include "text/money.h"
#include "text/utf8.h"
#include "text/zone.h"

#define BODY_MAX (512u << 10)

/* Code points. The guide names no limits: what a guest may say goes as it is (500 at most). */
#define ID_MAX PETPOOJA_ID_MAX
#define NAME_MAX 100
#define ADDRESS_MAX 500
#define NOTE_MAX 600
#define CONTACT_MAX 100
#define TABLE_MAX 20

/* One row of Tax.details: all that one tax took. */
struct tax_sum {
	const struct order_tax *tax;
	int64_t amount_minor;
	int64_t liable_minor; /* of it, what the restaurant owes and adds to the price */
};

/* GST on a charge. */
struct charge {
	int64_t amount_minor;
	int64_t rate_micro;
	int64_t tax_minor;
};

struct writer {
	struct arena *arena;
	const struct order *order;
	const struct pos_config *config;
	const char *callback_url;
	struct json_write json;
	struct tax_sum *taxes;
	size_t taxes_n;
	struct charge packing, delivery;
	bool vendor_owes; /* GST on charges */
	int64_t total_minor, tax_total_minor;
	struct civil created, due;
};

static const char *
setting(struct writer *w, const char *key, size_t max)
{
	return pos_text(w->arena, pos_config_text(w->config, key), max);
}

static void
put_text(struct writer *w, const char *key, const char *s, size_t max)
{
	json_write_string(&w->json, key, pos_text(w->arena, s, max));
}

/* "439.00" */
static void
put_money(struct writer *w, const char *key, int64_t minor)
{
	char text[MONEY_TEXT_LEN];

	money_format(minor, PETPOOJA_EXPONENT, text);
	json_write_string(&w->json, key, text);
}

/* Millionths as a plain percentage: 25000 is "2.5". */
static void
put_percent(struct writer *w, const char *key, int64_t rate_micro)
{
	char text[MONEY_TEXT_LEN];
	size_t len;

	money_format(rate_micro, 4, text);
	for (len = strlen(text); text[len - 1] == '0'; len--)
		continue;
	text[text[len - 1] == '.' ? len - 1 : len] = '\0';
	json_write_string(&w->json, key, text);
}

static void
put_count(struct writer *w, const char *key, int64_t n)
{
	json_write_string(&w->json, key, arena_printf(w->arena, "%lld", (long long)n));
}

/* ---- sums ---- */

static bool
owes_vendor(const struct order_line *line)
{
	return line->gst_liability != NULL && strcmp(line->gst_liability, "vendor") == 0;
}

static bool
add(int64_t *sum, int64_t minor)
{
	return money_add(*sum, minor, sum);
}

/*
 * What enters `total` is GST that the restaurant owes and that is not in the price already;
 * restaurant_liable_amt says exactly that, so that PetPooja, whose sandbox adds it to the goods
 * even for inclusive items, finds our total.
 */
static bool
sum_tax(struct writer *w, const struct order_tax *tax, bool is_vendors)
{
	int64_t liable = is_vendors || tax->is_inclusive ? 0 : tax->amount_minor;
	size_t i = 0;

	while (i < w->taxes_n && !(strcmp(w->taxes[i].tax->external_id, tax->external_id) == 0 &&
				     w->taxes[i].tax->rate_micro == tax->rate_micro))
		i++;
	if (i == w->taxes_n)
		w->taxes[w->taxes_n++].tax = tax;
	return add(&w->taxes[i].amount_minor, tax->amount_minor) &&
	       add(&w->taxes[i].liable_minor, liable) &&
	       add(&w->tax_total_minor, tax->amount_minor) && add(&w->total_minor, liable);
}

/*
 * Taxes on the order as a whole are those on its charges. One that does not say on which is of an
 * order of before; its amount does: a tax on delivery is the rate of the delivery charge. What fits
 * neither is split, packing first. A tax that is in the charge already adds nothing and is not
 * repeated.
 */
static bool
sum_charge_tax(struct writer *w, const struct order_tax *tax)
{
	int64_t packing = 0, delivery = 0, part;

	if (tax->is_inclusive)
		return true;
	if (w->packing.amount_minor == 0 && w->delivery.amount_minor == 0)
		return sum_tax(w, tax, w->vendor_owes);
	if (!money_scale(w->packing.amount_minor, tax->rate_micro, &packing) ||
	    !money_scale(w->delivery.amount_minor, tax->rate_micro, &delivery))
		return false;
	if (tax->charge != NULL)
		part = strcmp(tax->charge, "packing") == 0 ? tax->amount_minor : 0;
	else if (w->delivery.amount_minor == 0)
		part = tax->amount_minor;
	else if (w->packing.amount_minor == 0 || delivery == tax->amount_minor)
		part = 0;
	else
		part = packing < tax->amount_minor ? packing : tax->amount_minor;
	if (part > 0)
		w->packing.rate_micro += tax->rate_micro;
	if (part < tax->amount_minor)
		w->delivery.rate_micro += tax->rate_micro;
	return add(&w->packing.tax_minor, part) &&
	       add(&w->delivery.tax_minor, tax->amount_minor - part);
}

static bool
sum_order(struct writer *w)
{
	const struct order *o = w->order;
	size_t n = o->taxes_n;

	w->total_minor = -o->discount_minor;
	for (size_t i = 0; i < o->lines_n; i++)
		n += o->lines[i].taxes_n;
	w->taxes = arena_array(w->arena, n, sizeof(*w->taxes));
	w->vendor_owes = strcmp(setting(w, "gst_liability", ID_MAX), "vendor") == 0;
	w->packing.amount_minor = o->packing_minor;
	w->delivery.amount_minor = o->delivery_charge_minor;
	for (size_t i = 0; i < o->lines_n; i++) {
		const struct order_line *line = &o->lines[i];
		if (!add(&w->total_minor, line->line_total_minor))
			return false;
		for (size_t k = 0; k < line->taxes_n; k++)
			if (!sum_tax(w, &line->taxes[k], owes_vendor(line)))
				return false;
	}
	for (size_t i = 0; i < o->taxes_n; i++)
		if (!sum_charge_tax(w, &o->taxes[i]))
			return false;
	return add(&w->total_minor, o->packing_minor) &&
	       add(&w->total_minor, w->vendor_owes ? 0 : w->packing.tax_minor);
}

/* Both as the clock on the restaurant's wall shows them. */
static bool
read_times(struct writer *w)
{
	const struct order *o = w->order;
	const char *zone = pos_config_text(w->config, PP_ZONE);

	return zone_to_civil(zone, o->created_at, &w->created) &&
	       zone_to_civil(zone,
		   o->scheduled_time == TIME_NONE ? o->created_at : o->scheduled_time, &w->due);
}

/* ---- writing ---- */

static void
put_line_taxes(struct writer *w, const struct order_line *line)
{
	/*
	 * Of one piece, as price and final_price are; the guide does not say, its sample has one
	 * piece.
	 */
	json_write_array(&w->json, "item_tax");
	for (size_t i = 0; i < line->taxes_n; i++) {
		const struct order_tax *tax = &line->taxes[i];
		json_write_object(&w->json, NULL);
		put_text(w, "id", tax->external_id, ID_MAX);
		put_text(w, "name", tax->name, NAME_MAX);
		put_percent(w, "tax_percentage", tax->rate_micro);
		put_money(
		    w, "amount", (2 * tax->amount_minor + line->quantity) / (2 * line->quantity));
		json_write_object_end(&w->json);
	}
	json_write_array_end(&w->json);
}

static void
put_addons(struct writer *w, const struct order_line *line)
{
	json_write_object(&w->json, "AddonItem");
	json_write_array(&w->json, "details");
	for (size_t i = 0; i < line->addons_n; i++) {
		const struct order_addon *addon = &line->addons[i];
		json_write_object(&w->json, NULL);
		put_text(w, "id", addon->external_id, ID_MAX);
		put_text(w, "name", addon->name, NAME_MAX);
		put_text(w, "group_name", addon->group_name, NAME_MAX);
		put_money(w, "price", addon->price_minor);
		put_text(w, "group_id", addon->group_external_id, ID_MAX);
		put_count(w, "quantity", addon->quantity);
		json_write_object_end(&w->json);
	}
	json_write_array_end(&w->json);
	json_write_object_end(&w->json);
}

/* A variation is ordered by its own `id` in the item's place, and its `variationid` beside it. */
static void
put_line(struct writer *w, const struct order_line *line)
{
	bool is_varied = line->variation_id != 0;
	int64_t price = line->item_price_minor;

	if (pos_config_is_on(w->config, "price_includes_addons"))
		price += line->addons_minor;
	json_write_object(&w->json, NULL);
	put_text(w, "id", is_varied ? line->variation_external_id : line->external_id, ID_MAX);
	put_text(w, "name", line->item_name, NAME_MAX);
	json_write_bool(&w->json, "tax_inclusive", line->tax_inclusive);
	json_write_string(&w->json, "gst_liability", owes_vendor(line) ? "vendor" : "restaurant");
	put_line_taxes(w, line);
	put_money(w, "item_discount", 0);
	put_money(w, "price", price);
	put_money(w, "final_price", price);
	put_count(w, "quantity", line->quantity);
	put_text(w, "description", line->special_instructions, NOTE_MAX);
	put_text(w, "variation_name", is_varied ? line->variation_name : NULL, NAME_MAX);
	put_text(w, "variation_id", is_varied ? line->variation_code : NULL, ID_MAX);
	put_addons(w, line);
	json_write_object_end(&w->json);
}

/*
 * OrderItem and Tax must be {"details":[...]}: a bare array is answered with success, and the order
 * dropped.
 */
static void
put_lines(struct writer *w)
{
	json_write_object(&w->json, "OrderItem");
	json_write_array(&w->json, "details");
	for (size_t i = 0; i < w->order->lines_n; i++)
		put_line(w, &w->order->lines[i]);
	json_write_array_end(&w->json);
	json_write_object_end(&w->json);
}

static void
put_taxes(struct writer *w)
{
	json_write_object(&w->json, "Tax");
	json_write_array(&w->json, "details");
	for (size_t i = 0; i < w->taxes_n; i++) {
		const struct tax_sum *sum = &w->taxes[i];
		bool is_fixed = sum->tax->kind != NULL && strcmp(sum->tax->kind, "fixed") == 0;
		json_write_object(&w->json, NULL);
		put_text(w, "id", sum->tax->external_id, ID_MAX);
		put_text(w, "title", sum->tax->name, NAME_MAX);
		json_write_string(&w->json, "type", is_fixed ? "F" : "P");
		if (is_fixed)
			put_money(w, "price", sum->amount_minor);
		else
			put_percent(w, "price", sum->tax->rate_micro);
		put_money(w, "tax", sum->amount_minor);
		put_money(w, "restaurant_liable_amt", sum->liable_minor);
		json_write_object_end(&w->json);
	}
	json_write_array_end(&w->json);
	json_write_object_end(&w->json);
}

static void
put_discounts(struct writer *w)
{
	json_write_object(&w->json, "Discount");
	json_write_array(&w->json, "details");
	for (size_t i = 0; i < w->order->discounts_n; i++) {
		const struct order_discount *d = &w->order->discounts[i];
		json_write_object(&w->json, NULL);
		put_text(w, "id", d->external_id, ID_MAX);
		put_text(w, "title", d->name, NAME_MAX);
		json_write_string(&w->json, "type", "F");
		put_money(w, "price", d->amount_minor);
		json_write_object_end(&w->json);
	}
	json_write_array_end(&w->json);
	json_write_object_end(&w->json);
}

static void
put_gst_details(struct writer *w, const char *key, int64_t tax_minor)
{
	json_write_array(&w->json, key);
	for (int vendor = 1; vendor >= 0; vendor--) {
		json_write_object(&w->json, NULL);
		json_write_string(&w->json, "gst_liable", vendor ? "vendor" : "restaurant");
		put_money(w, "amount", (bool)vendor == w->vendor_owes ? tax_minor : 0);
		json_write_object_end(&w->json);
	}
	json_write_array_end(&w->json);
}

static void
put_charges(struct writer *w)
{
	put_money(w, "discount_total", w->order->discount_minor);
	json_write_string(&w->json, "discount_type", "F");
	put_money(w, "delivery_charges", w->delivery.amount_minor);
	put_percent(w, "dc_tax_percentage", w->delivery.rate_micro);
	put_money(w, "dc_tax_amount", w->delivery.tax_minor);
	put_gst_details(w, "dc_gst_details", w->delivery.tax_minor);
	put_money(w, "packing_charges", w->packing.amount_minor);
	put_percent(w, "pc_tax_percentage", w->packing.rate_micro);
	put_money(w, "pc_tax_amount", w->packing.tax_minor);
	put_gst_details(w, "pc_gst_details", w->packing.tax_minor);
	put_money(w, "service_charge", 0);
	put_money(w, "sc_tax_amount", 0);
}

/* The guest's words, and behind them what the form has no field for; the latter is never cut. */
static const char *
note(struct writer *w)
{
	const struct order *o = w->order;
	const char *extra = "", *words;
	char tip[MONEY_TEXT_LEN];
	size_t room;

	if (o->tip_minor > 0) {
		money_format(o->tip_minor, PETPOOJA_EXPONENT, tip);
		extra = arena_printf(w->arena, "[Tip %s, not in the total]", tip);
	}
	room = NOTE_MAX - (*extra == '\0' ? 0 : utf8_n(extra) + 1);
	words = pos_text(w->arena, o->special_instructions, room);
	return arena_printf(
	    w->arena, "%s%s%s", words, *words == '\0' || *extra == '\0' ? "" : " ", extra);
}

static bool
is_cash(const struct order *o)
{
	return strcmp(o->payment_method, "cash") == 0;
}

static bool
is_paid(const struct order *o)
{
	return o->payment_status != NULL && strcmp(o->payment_status, "paid") == 0;
}

static void
put_times(struct writer *w)
{
	char text[CIVIL_TEXT_LEN];

	civil_format(&w->due, text);
	text[10] = '\0'; /* "2026-02-13 08:30:00": the date ends where the blank was */
	json_write_string(&w->json, "preorder_date", text);
	json_write_string(&w->json, "preorder_time", text + 11);
	json_write_string(
	    &w->json, "advanced_order", w->order->scheduled_time == TIME_NONE ? "N" : "Y");
	civil_format(&w->created, text);
	json_write_string(&w->json, "created_on", text);
}

static void
put_order(struct writer *w)
{
	const struct order *o = w->order;
	int64_t prep_min = pos_config_int(w->config, "min_prep_time", -1);

	json_write_object(&w->json, "Order");
	json_write_object(&w->json, "details");
	json_write_string(&w->json, "orderID", o->pos_reference);
	put_times(w);
	json_write_string(&w->json, "order_type", petpooja_order_type(o->order_type));
	json_write_string(
	    &w->json, "payment_type", is_cash(o) ? "COD" : setting(w, "payment_type", ID_MAX));
	put_money(w, "total", w->total_minor);
	put_money(w, "tax_total", w->tax_total_minor);
	put_charges(w);
	json_write_string(&w->json, "description", note(w));
	put_text(w, "table_no", o->table_number, TABLE_MAX);
	json_write_string(&w->json, "no_of_persons", "");
	json_write_int64(
	    &w->json, "enable_delivery", pos_config_int(w->config, "enable_delivery", 1));
	if (prep_min >= 0)
		json_write_int64(&w->json, "min_prep_time", prep_min);
	json_write_string(&w->json, "callback_url", w->callback_url);
	put_money(w, "collect_cash", is_cash(o) && !is_paid(o) ? o->total_minor : 0);
	json_write_object_end(&w->json);
	json_write_object_end(&w->json);
}

static void
put_restaurant(struct writer *w)
{
	json_write_object(&w->json, "Restaurant");
	json_write_object(&w->json, "details");
	json_write_string(&w->json, "res_name", setting(w, "restaurant_name_petpooja", NAME_MAX));
	json_write_string(
	    &w->json, "address", setting(w, "restaurant_address_petpooja", ADDRESS_MAX));
	json_write_string(&w->json, "contact_information",
	    setting(w, "restaurant_contact_petpooja", CONTACT_MAX));
	json_write_string(&w->json, "restID", setting(w, PP_REST_ID, ID_MAX));
	json_write_object_end(&w->json);
	json_write_object_end(&w->json);
}

/* Ten digits, without the country's 91; a foreign number keeps its own. */
static const char *
phone(const char *e164)
{
	if (pos_is_blank(e164))
		return "";
	if (strncmp(e164, "+91", 3) == 0 && strlen(e164) == 13)
		return e164 + 3;
	return *e164 == '+' ? e164 + 1 : e164;
}

/* PetPooja demands an address of everybody; who comes to fetch or sits at a table is there. */
static const char *
customer_address(struct writer *w)
{
	const struct order *o = w->order;

	if (!pos_is_blank(o->delivery_address))
		return pos_text(w->arena, o->delivery_address, ADDRESS_MAX);
	if (strcmp(o->order_type, "pickup") == 0)
		return "Pickup";
	return pos_is_blank(o->table_number) ? "Dine-in"
					 : arena_printf(w->arena, "Dine-in, table %s",
					       pos_text(w->arena, o->table_number, TABLE_MAX));
}

static void
put_customer(struct writer *w)
{
	const struct order *o = w->order;

	json_write_object(&w->json, "Customer");
	json_write_object(&w->json, "details");
	put_text(w, "email", o->customer_email, CONTACT_MAX);
	json_write_string(&w->json, "name",
	    pos_is_blank(o->customer_name) ? setting(w, "default_customer_name", NAME_MAX)
				       : pos_text(w->arena, o->customer_name, NAME_MAX));
	json_write_string(&w->json, "address", customer_address(w));
	put_text(w, "phone", phone(o->customer_phone), TABLE_MAX);
	json_write_string(&w->json, "latitude", "");
	json_write_string(&w->json, "longitude", "");
	json_write_object_end(&w->json);
	json_write_object_end(&w->json);
}

/* The restaurant's own device id, or one made of a prefix and its slug (POS-30). */
static const char *
udid(struct writer *w)
{
	const char *prefix = pos_config_text(w->config, "udid_prefix");
	const char *slug = w->config->core.restaurant_slug;

	if (pos_config_text(w->config, "udid") != NULL || prefix == NULL || pos_is_blank(slug))
		return setting(w, "udid", NAME_MAX);
	return pos_text(w->arena, arena_printf(w->arena, "%s%s", prefix, slug), NAME_MAX);
}

static void
put_body(struct writer *w)
{
	json_write_object(&w->json, NULL);
	petpooja_write_credentials(w->arena, &w->json);
	json_write_object(&w->json, "orderinfo");
	json_write_object(&w->json, "OrderInfo");
	put_restaurant(w);
	put_customer(w);
	put_order(w);
	put_lines(w);
	put_taxes(w);
	if (w->order->discounts_n > 0 && pos_config_is_on(w->config, "discount_block"))
		put_discounts(w);
	json_write_object_end(&w->json);
	json_write_string(&w->json, "udid", udid(w));
	json_write_string(&w->json, "device_type", setting(w, "device_type", ID_MAX));
	json_write_object_end(&w->json);
	json_write_object_end(&w->json);
	json_write_done(&w->json);
}

bool
petpooja_create_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct writer w = { .arena = a,
		.order = task->order,
		.config = task->config,
		.callback_url = task->callback_url };
	size_t before = problems->n;
	struct buf body;
	const char *url = petpooja_url(a, task->config, "save_order_endpoint", "save_order");

	if (url == NULL)
		pos_problem_add(a, problems, "save_order_endpoint", "is required");
	petpooja_check_order(a, task->order, task->config, task->callback_url, problems);
	if (problems->n > before)
		return false;
	if (!sum_order(&w) || !read_times(&w)) {
		pos_problem_add(a, problems, "total", "is too large");
		return false;
	}
	buf_init(&body, a, BODY_MAX);
	json_write_init(&w.json, &body);
	put_body(&w);
	if (body.overflowed) {
		pos_problem_add(a, problems, "items", "are too many to send");
		return false;
	}
	*ret_call = petpooja_post(url, body.data, body.len);
	return true;
}
