/*
 * Toast: an order as POST /orders/v2/prices and /orders/v2/orders want it, the same but for the
 * payment.
 *
 * Toast counts: prices and taxes are those of its menu. What it can not find there goes as an open
 * item, by our name and price. A modifier is repeated as often as it is taken, each time in the
 * quantity of its selection; one that Toast does not know is an open item beside it. An order has
 * no note: ours is a special request on its first selection.
 */
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_toast.h"
#include "text/civil.h"
#include "text/json_write.h"
#include "text/money.h"

#define BODY_MAX 1000000 /* Toast takes a megabyte */
#define NAME_MAX 200
#define TAB_MAX 255

struct writer {
	struct arena *arena;
	const struct order *order;
	const struct pos_config *config;
	const char *note; /* of the order; "" for none */
	unsigned exponent;
	struct json_write json;
};

static void
put_text(struct writer *w, const char *key, const char *s, size_t max)
{
	json_write_string(&w->json, key, toast_text(w->arena, s, max));
}

static void
put_money(struct writer *w, const char *key, int64_t minor)
{
	json_write_money(&w->json, key, minor, w->exponent);
}

/* {"guid":...}; nothing for NULL. */
static void
put_guid(struct writer *w, const char *key, const char *guid, const char *type)
{
	if (guid == NULL)
		return;
	json_write_object(&w->json, key);
	put_text(w, "guid", guid, TOAST_GUID_LEN);
	if (type != NULL)
		json_write_string(&w->json, "entityType", type);
	json_write_object_end(&w->json);
}

static void
put_time(struct writer *w, const char *key, int64_t us)
{
	char text[TOAST_TIME_LEN];

	toast_time(us, text);
	json_write_string(&w->json, key, text);
}

/* ---- selections ---- */

static void
begin_selection(struct writer *w)
{
	json_write_object(&w->json, NULL);
	json_write_string(&w->json, "entityType", "MenuItemSelection");
}

static void
put_modifier(struct writer *w, const char *item, const char *group, int64_t quantity)
{
	const char *first = NULL, *rest = NULL;

	toast_key(w->arena, group, &first, &rest);
	begin_selection(w);
	put_guid(w, "item", item, NULL);
	put_guid(w, "optionGroup", first, NULL);
	json_write_int64(&w->json, "quantity", quantity);
	json_write_object_end(&w->json);
}

static void
put_request(struct writer *w, const char *text, int64_t quantity)
{
	begin_selection(w);
	json_write_string(&w->json, "selectionType", "SPECIAL_REQUEST");
	put_text(w, "displayName", text, TOAST_NOTE_MAX);
	json_write_int64(&w->json, "quantity", quantity);
	json_write_object_end(&w->json);
}

/* An add-on of a line that is on Toast's menu. */
static void
put_addons(struct writer *w, const struct order_line *line)
{
	for (size_t i = 0; i < line->addons_n; i++) {
		const struct order_addon *addon = &line->addons[i];
		if (toast_addon_is_open(w->arena, addon))
			continue; /* put_open_addons() */
		for (int64_t n = 0; n < addon->quantity; n++)
			put_modifier(
			    w, addon->external_id, addon->group_external_id, line->quantity);
	}
}

/* "Dosa (Large)" */
static const char *
line_name(struct writer *w, const struct order_line *line)
{
	const char *name = toast_text(w->arena, line->item_name, NAME_MAX / 2);

	if (line->variation_id == 0 || pos_is_blank(line->variation_name))
		return name;
	return arena_printf(w->arena, "%s (%s)", name,
	    toast_text(w->arena, line->variation_name, NAME_MAX / 2 - 3));
}

/*
 * Of one that is not: its name, since a display may show the open item's own, and its add-ons, for
 * which there is nothing that they could be modifiers of.
 */
static void
put_open_requests(struct writer *w, const struct order_line *line)
{
	put_request(w, line_name(w, line), line->quantity);
	for (size_t i = 0; i < line->addons_n; i++)
		put_request(w,
		    arena_printf(w->arena, "%lld x %s", (long long)line->addons[i].quantity,
			toast_text(w->arena, line->addons[i].name, NAME_MAX)),
		    line->quantity);
}

static void
put_modifiers(struct writer *w, const struct order_line *line, bool is_open, bool is_first)
{
	json_write_array(&w->json, "modifiers");
	if (is_open) {
		put_open_requests(w, line);
	} else {
		if (line->variation_id != 0)
			put_modifier(
			    w, line->variation_external_id, line->variation_code, line->quantity);
		put_addons(w, line);
	}
	if (!pos_is_blank(line->special_instructions))
		put_request(w, line->special_instructions, line->quantity);
	if (is_first && *w->note != '\0')
		put_request(w, w->note, line->quantity);
	json_write_array_end(&w->json);
}

/* The beginning of an open item. */
static void
put_open(struct writer *w, const char *name, int64_t quantity, int64_t price_minor)
{
	const char *item = NULL, *group = NULL;

	toast_key(w->arena, pos_config_text(w->config, "open_item_guid"), &item, &group);
	begin_selection(w);
	json_write_string(&w->json, "selectionType", "OPEN_ITEM");
	put_guid(w, "item", item, NULL);
	put_guid(w, "itemGroup", group, NULL);
	json_write_int64(&w->json, "quantity", quantity);
	put_text(w, "displayName", name, NAME_MAX);
	put_money(w, "openPriceAmount", price_minor);
}

/* Add-ons that Toast does not know, of a line that it does: beside the line. */
static void
put_open_addons(struct writer *w, const struct order_line *line)
{
	for (size_t i = 0; i < line->addons_n; i++) {
		const struct order_addon *addon = &line->addons[i];
		const char *name = arena_printf(w->arena, "%s (with %s)",
		    toast_text(w->arena, addon->name, NAME_MAX / 2 - 8),
		    toast_text(w->arena, line->item_name, NAME_MAX / 2));
		int64_t quantity = addon->quantity * line->quantity;
		if (!toast_addon_is_open(w->arena, addon))
			continue;
		put_open(w, name, quantity, addon->price_minor);
		json_write_array(&w->json, "modifiers");
		put_request(w, name, quantity);
		json_write_array_end(&w->json);
		json_write_object_end(&w->json);
	}
}

static void
put_line(struct writer *w, const struct order_line *line, bool is_first)
{
	bool is_open = toast_line_is_open(w->arena, line);
	const char *item = NULL, *group = NULL;

	if (is_open) {
		put_open(w, line_name(w, line), line->quantity,
		    line->item_price_minor + line->addons_minor);
	} else {
		toast_key(w->arena, line->external_id, &item, &group);
		begin_selection(w);
		put_guid(w, "item", item, NULL);
		put_guid(w, "itemGroup", group, NULL);
		json_write_int64(&w->json, "quantity", line->quantity);
	}
	put_modifiers(w, line, is_open, is_first);
	json_write_object_end(&w->json);
	if (!is_open)
		put_open_addons(w, line);
}

/* ---- the check ---- */

/* Who the tab is: the guest, and the table where there is one. */
static void
put_tab_name(struct writer *w)
{
	const struct order *o = w->order;
	const char *name = toast_text(w->arena, o->customer_name, 100);
	const char *table = toast_text(w->arena, o->table_number, 20);

	if (*name == '\0')
		name = toast_text(w->arena, o->pos_reference, 100);
	if (*table != '\0')
		name = arena_printf(w->arena, "%s, table %s", name, table);
	put_text(w, "tabName", name, TAB_MAX);
}

static void
put_customer(struct writer *w)
{
	struct toast_guest g;

	toast_guest(w->arena, w->config, w->order, &g);
	if (g.phone == NULL) /* at a table, where nobody is asked for it */
		return;
	json_write_object(&w->json, "customer");
	json_write_string(&w->json, "firstName", g.first_name);
	json_write_string(&w->json, "lastName", g.last_name);
	json_write_string(&w->json, "phone", g.phone);
	if (g.country_code != NULL)
		json_write_string(&w->json, "phoneCountryCode", g.country_code);
	json_write_string(&w->json, "email", g.email);
	json_write_object_end(&w->json);
}

/* What is charged beside the goods and has a service charge to go by. */
static void
put_charges(struct writer *w)
{
	const struct order *o = w->order;
	const struct {
		const char *key;
		int64_t minor;
	} charges[] = {
		{ "delivery_fee_service_charge_guid", o->delivery_charge_minor },
		{ "packing_service_charge_guid", o->packing_minor },
		{ "tip_service_charge_guid",
		    toast_is_paid_there(w->config, o) ? 0 : o->tip_minor },
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(charges) / sizeof(charges[0]); i++) {
		const char *guid = pos_config_text(w->config, charges[i].key);
		if (guid == NULL || charges[i].minor <= 0)
			continue;
		if (n++ == 0)
			json_write_array(&w->json, "appliedServiceCharges");
		json_write_object(&w->json, NULL);
		put_guid(w, "serviceCharge", guid, NULL);
		put_money(w, "chargeAmount", charges[i].minor);
		json_write_object_end(&w->json);
	}
	if (n > 0)
		json_write_array_end(&w->json);
}

static void
put_discount(struct writer *w)
{
	bool with_amount;
	const char *guid = toast_discount(w->arena, w->config, w->order, &with_amount);

	if (guid == NULL)
		return;
	json_write_array(&w->json, "appliedDiscounts");
	json_write_object(&w->json, NULL);
	put_guid(w, "discount", guid, NULL);
	if (with_amount)
		put_money(w, "discountAmount", w->order->discount_minor);
	json_write_object_end(&w->json);
	json_write_array_end(&w->json);
}

static void
put_payment(struct writer *w, int64_t paid_minor)
{
	if (!toast_is_paid_there(w->config, w->order) || paid_minor < 0)
		return;
	json_write_array(&w->json, "payments");
	json_write_object(&w->json, NULL);
	json_write_string(&w->json, "type", "OTHER");
	put_money(w, "amount", paid_minor);
	put_money(w, "tipAmount", w->order->tip_minor);
	put_guid(w, "otherPayment", pos_config_text(w->config, "other_payment_guid"), NULL);
	json_write_object_end(&w->json);
	json_write_array_end(&w->json);
}

static void
put_check(struct writer *w, int64_t paid_minor)
{
	json_write_object(&w->json, NULL);
	json_write_string(&w->json, "entityType", "Check");
	put_tab_name(w);
	put_customer(w);
	json_write_array(&w->json, "selections");
	for (size_t i = 0; i < w->order->lines_n; i++)
		put_line(w, &w->order->lines[i], i == 0);
	json_write_array_end(&w->json);
	put_charges(w);
	put_discount(w);
	put_payment(w, paid_minor);
	json_write_object_end(&w->json);
}

/* ---- the order ---- */

/* Of an order for later both are the time at which it is wanted; one for now has neither. */
static void
put_times(struct writer *w)
{
	int64_t prep_min = (pos_config_int(w->config, "required_prep_time", 0) + 4) / 5 * 5;

	if (w->order->scheduled_time != TIME_NONE) {
		put_time(w, "promisedDate", w->order->scheduled_time);
		put_time(w, "openedDate", w->order->scheduled_time);
	} else if (prep_min > 0) {
		json_write_string(&w->json, "requiredPrepTime",
		    arena_printf(w->arena, "PT%lldM", (long long)prep_min));
	}
}

static void
put_place(struct writer *w, bool is_curbside)
{
	const struct order *o = w->order;
	const char *table = toast_table(w->arena, w->config, o->table_number);
	struct toast_address t = { 0 };

	if (table == NULL && strcmp(o->order_type, "dine_in") == 0)
		table = pos_config_text(w->config, "default_table_guid");
	put_guid(w, "table", table, NULL);
	put_guid(w, "revenueCenter", pos_config_text(w->config, "revenue_center_guid"), NULL);
	if (is_curbside) {
		json_write_object(&w->json, "curbsidePickupInfo");
		json_write_string(&w->json, "notes", w->note);
		json_write_object_end(&w->json);
	}
	if (strcmp(o->order_type, "delivery") != 0 ||
	    !toast_address(w->arena, w->config, o->delivery_address, &t))
		return;
	json_write_object(&w->json, "deliveryInfo");
	json_write_string(&w->json, "address1", t.address1);
	json_write_string(&w->json, "city", t.city);
	json_write_string(&w->json, "state", t.state);
	json_write_string(&w->json, "zipCode", t.zip);
	json_write_string(&w->json, "notes", w->note);
	json_write_object_end(&w->json);
}

static void
put_order(struct writer *w, const char *reference, int64_t paid_minor)
{
	bool is_curbside;
	const char *option =
	    toast_dining_option(w->config, w->order->order_type, &is_curbside);

	json_write_object(&w->json, NULL);
	json_write_string(&w->json, "entityType", "Order");
	json_write_string(
	    &w->json, "externalId", toast_external_id(w->arena, w->config, reference));
	put_guid(w, "diningOption", option, "DiningOption");
	put_times(w);
	put_place(w, is_curbside);
	json_write_array(&w->json, "checks");
	put_check(w, paid_minor);
	json_write_array_end(&w->json);
	json_write_object_end(&w->json);
	json_write_done(&w->json);
}

bool
toast_write_order(struct arena *a, const struct pos_config *config, const struct order *order,
    const char *reference, int64_t paid_minor, struct bytes *ret, struct pos_problems *problems)
{
	struct writer w = { .arena = a, .order = order, .config = config };
	size_t before = problems->n;
	struct buf body;

	toast_check_order(a, order, config, problems);
	if (problems->n > before || !money_exponent(order->currency, &w.exponent))
		return false;
	w.note = toast_order_note(a, config, order);
	buf_init(&body, a, BODY_MAX);
	json_write_init(&w.json, &body);
	put_order(&w, reference, paid_minor);
	if (body.overflowed) {
		pos_problem_add(a, problems, "items", "are too many to send");
		return false;
	}
	*ret = (struct bytes){ body.data, body.len };
	return true;
}
