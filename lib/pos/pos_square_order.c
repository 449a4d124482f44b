/*
 * Square: an order as POST /v2/orders wants it.
 *
 * Prices are ours, also of what is on Square's menu: the guest was told them. A discount is one of
 * the order as a whole, as an amount, which Square divides among the lines in proportion, as we do.
 * Packing and delivery are service charges before taxes; a tip is one after them, where it can not
 * come with the payment.
 */
#include "pos/pos_square.h"

#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "text/json_write.h"

/* Code points, of the description. Nothing bounds address_line_1 there. */
#define TICKET_MAX 30
#define NAME_MAX 512
#define VARIATION_MAX 400
#define ADDON_NAME_MAX 255
#define CHARGE_NAME_MAX 255
#define LINE_NOTE_MAX 2000
#define NOTE_MAX 500
#define FIRST_NOTE_MAX 1000 /* of a line's */
#define DELIVERY_NOTE_MAX 550
#define PERSON_MAX 255
#define ADDRESS_MAX 500
#define SOURCE_MAX 255

struct writer {
	struct arena *arena;
	const struct order *order;
	const struct pos_config *config;
	struct json_write *json;
	struct square_taxes taxes;
	enum square_fulfillment fulfillment;
};

static void
put_text(struct writer *w, const char *key, const char *s, size_t max)
{
	json_write_string(w->json, key, pos_text(w->arena, s, max));
}

static void
put_text_if(struct writer *w, const char *key, const char *s, size_t max)
{
	const char *clean = pos_text(w->arena, s, max);

	if (*clean != '\0')
		json_write_string(w->json, key, clean);
}

static void
put_money(struct writer *w, const char *key, int64_t minor)
{
	square_write_money(w->json, key, minor, w->order->currency);
}

static void
put_count(struct writer *w, const char *key, int64_t n)
{
	json_write_string(w->json, key, arena_printf(w->arena, "%lld", (long long)n));
}

/* ---- lines ---- */

/* A modifier's quantity is per piece of the line, as ours is. */
static void
put_addons(struct writer *w, const struct order_line *line)
{
	if (line->addons_n == 0)
		return;
	json_write_array(w->json, "modifiers");
	for (size_t i = 0; i < line->addons_n; i++) {
		const struct order_addon *addon = &line->addons[i];
		json_write_object(w->json, NULL);
		json_write_string(w->json, "uid",
		    arena_printf(
			w->arena, "%lld-%zu", (long long)line->line_no, i + 1));
		if (square_is_open_item(w->arena, line, addon))
			put_text(w, "name",
			    pos_is_blank(addon->name) ? addon->external_id : addon->name,
			    ADDON_NAME_MAX);
		else
			put_text(w, "catalog_object_id", addon->external_id, SQUARE_ID_MAX);
		put_count(w, "quantity", addon->quantity);
		put_money(w, "base_price_money", addon->price_minor);
		json_write_object_end(w->json);
	}
	json_write_array_end(w->json);
}

static size_t
note_max(const struct writer *w)
{
	return w->fulfillment == SQUARE_DELIVERY ? DELIVERY_NOTE_MAX : NOTE_MAX;
}

/*
 * What the first line bears of the order's note: all of it where nobody hands the order out, and
 * the guest's words where there is too little room for them.
 */
static const char *
first_note(struct writer *w)
{
	return w->fulfillment == SQUARE_NO_FULFILLMENT
		   ? square_note(w->arena, w->order, w->config, FIRST_NOTE_MAX)
		   : square_note_rest(w->arena, w->order, w->config, note_max(w));
}

static const char *
line_note(struct writer *w, const struct order_line *line, bool is_first)
{
	const char *extra = is_first ? first_note(w) : "", *words;
	size_t room = *extra != '\0' ? LINE_NOTE_MAX - FIRST_NOTE_MAX - 1 : LINE_NOTE_MAX;

	words = pos_text(w->arena, line->special_instructions, room);
	return arena_printf(
	    w->arena, "%s%s%s", words, *words == '\0' || *extra == '\0' ? "" : " ", extra);
}

static void
put_line(struct writer *w, const struct order_line *line, bool is_first)
{
	const char *id = square_line_id(line), *note = line_note(w, line, is_first);

	json_write_object(w->json, NULL);
	put_count(w, "uid", line->line_no);
	put_count(w, "quantity", line->quantity);
	if (id != NULL) {
		put_text(w, "catalog_object_id", id, SQUARE_ID_MAX);
	} else {
		put_text(w, "name", line->item_name, NAME_MAX);
		if (line->variation_id != 0)
			put_text_if(w, "variation_name", line->variation_name, VARIATION_MAX);
	}
	put_money(w, "base_price_money", line->item_price_minor);
	put_addons(w, line);
	square_write_line_taxes(w->json, &w->taxes, line);
	if (*note != '\0')
		json_write_string(w->json, "note", note);
	json_write_object_end(w->json);
}

static void
put_lines(struct writer *w)
{
	json_write_array(w->json, "line_items");
	for (size_t i = 0; i < w->order->lines_n; i++)
		put_line(w, &w->order->lines[i], i == 0);
	json_write_array_end(w->json);
}

/* ---- what is on the order as a whole ---- */

static void
put_discounts(struct writer *w)
{
	const struct order *o = w->order;

	if (o->discount_minor == 0)
		return;
	json_write_array(w->json, "discounts");
	for (size_t i = 0; i < o->discounts_n; i++) {
		const struct order_discount *d = &o->discounts[i];
		const char *name = pos_is_blank(d->name) ? "Discount" : d->name;
		if (d->amount_minor == 0)
			continue;
		json_write_object(w->json, NULL);
		json_write_string(
		    w->json, "uid", arena_printf(w->arena, "discount%zu", i + 1));
		put_text(w, "name",
		    pos_is_blank(d->code) ? name
				      : arena_printf(w->arena, "%s (%s)", name, d->code),
		    CHARGE_NAME_MAX);
		json_write_string(w->json, "type", "FIXED_AMOUNT");
		put_money(w, "amount_money", d->amount_minor);
		json_write_string(w->json, "scope", "ORDER");
		json_write_object_end(w->json);
	}
	json_write_array_end(w->json);
}

/* One charge; the list begins with the first. */
static void
put_charge(struct writer *w, bool *has_any, const char *uid, const char *name, int64_t minor,
    const char *phase)
{
	bool is_taxed = square_charge_is_taxed(w->order, uid);

	if (minor == 0)
		return;
	if (!*has_any)
		json_write_array(w->json, "service_charges");
	*has_any = true;
	json_write_object(w->json, NULL);
	json_write_string(w->json, "uid", uid);
	put_text(w, "name", name, CHARGE_NAME_MAX);
	put_money(w, "amount_money", minor);
	json_write_string(w->json, "calculation_phase", phase);
	json_write_bool(w->json, "taxable", is_taxed);
	if (is_taxed)
		square_write_charge_taxes(w->json, &w->taxes, w->order, uid);
	json_write_object_end(w->json);
}

static void
put_tax_charges(struct writer *w, bool *has_any, const struct order_tax *taxes, size_t n,
    int64_t line_no)
{
	for (size_t i = 0; i < n; i++)
		put_charge(w, has_any,
		    arena_printf(w->arena, "tax-%lld-%zu", (long long)line_no, i + 1),
		    pos_is_blank(taxes[i].name) ? "Tax" : taxes[i].name,
		    square_tax_as_charge(w->order, &taxes[i]), "TOTAL_PHASE");
}

static void
put_charges(struct writer *w, bool tip_is_charge)
{
	const struct order *o = w->order;
	bool has_any = false;

	put_charge(w, &has_any, "packing", "Packing", o->packing_minor, "SUBTOTAL_PHASE");
	put_charge(
	    w, &has_any, "delivery", "Delivery", o->delivery_charge_minor, "SUBTOTAL_PHASE");
	for (size_t i = 0; i < o->lines_n; i++)
		put_tax_charges(
		    w, &has_any, o->lines[i].taxes, o->lines[i].taxes_n, o->lines[i].line_no);
	put_tax_charges(w, &has_any, o->taxes, o->taxes_n, 0);
	if (tip_is_charge)
		put_charge(w, &has_any, "tip", "Tip", o->tip_minor, "TOTAL_PHASE");
	if (has_any)
		json_write_array_end(w->json);
}

/* ---- who gets it, how and when ---- */

static void
put_recipient(struct writer *w)
{
	const struct order *o = w->order;

	json_write_object(w->json, "recipient");
	put_text(w, "display_name",
	    pos_is_blank(o->customer_name) ? pos_config_text(w->config, "default_customer_name")
				       : o->customer_name,
	    PERSON_MAX);
	if (square_is_email(o->customer_email))
		json_write_string(w->json, "email_address", o->customer_email);
	if (square_is_phone(o->customer_phone))
		json_write_string(w->json, "phone_number", o->customer_phone);
	if (w->fulfillment == SQUARE_DELIVERY) {
		json_write_object(w->json, "address");
		put_text(w, "address_line_1", o->delivery_address, ADDRESS_MAX);
		json_write_object_end(w->json);
	}
	json_write_object_end(w->json);
}

static void
put_times(struct writer *w, const char *key)
{
	const struct order *o = w->order;

	if (o->scheduled_time != TIME_NONE) {
		json_write_string(w->json, "schedule_type", "SCHEDULED");
		json_write_time(w->json, key, o->scheduled_time);
		return;
	}
	json_write_string(w->json, "schedule_type", "ASAP");
	json_write_string(w->json, "prep_time_duration",
	    arena_printf(w->arena, "PT%lldM",
		(long long)pos_config_int(w->config, "prep_time_min", 15)));
}

static void
put_fulfillment(struct writer *w)
{
	static const struct {
		const char *type, *details, *time;
	} forms[] = {
		[SQUARE_PICKUP] = { "PICKUP", "pickup_details", "pickup_at" },
		[SQUARE_DELIVERY] = { "DELIVERY", "delivery_details", "deliver_at" },
		[SQUARE_IN_STORE] = { "IN_STORE", "in_store_details", NULL },
	};
	const char *note;

	if (w->fulfillment == SQUARE_NO_FULFILLMENT)
		return;
	note = square_note(w->arena, w->order, w->config, note_max(w));
	json_write_array(w->json, "fulfillments");
	json_write_object(w->json, NULL);
	json_write_string(w->json, "uid", "1");
	json_write_string(w->json, "type", forms[w->fulfillment].type);
	json_write_string(w->json, "state", "PROPOSED");
	json_write_object(w->json, forms[w->fulfillment].details);
	put_recipient(w);
	if (forms[w->fulfillment].time != NULL)
		put_times(w, forms[w->fulfillment].time);
	if (*note != '\0')
		json_write_string(w->json, "note", note);
	json_write_object_end(w->json);
	json_write_object_end(w->json);
	json_write_array_end(w->json);
}

/* What the ticket is called: the table, or the order's number. */
static const char *
ticket_name(struct writer *w)
{
	const struct order *o = w->order;

	return strcmp(o->order_type, "dine_in") != 0 || pos_is_blank(o->table_number)
		   ? o->pos_reference
		   : arena_printf(w->arena, "Table %s", o->table_number);
}

void
square_write_order(struct arena *a, struct json_write *json, const struct pos_task *task,
    bool tip_is_charge)
{
	struct writer w = { .arena = a,
		.order = task->order,
		.config = task->config,
		.json = json,
		.taxes = square_taxes_of(a, task->order, task->config),
		.fulfillment = square_fulfillment(task->order, task->config) };

	json_write_object(json, "order");
	put_text(&w, "location_id", pos_config_text(w.config, SQ_LOCATION), SQUARE_ID_MAX);
	json_write_string(json, "reference_id", w.order->pos_reference);
	json_write_object(json, "source");
	put_text(&w, "name", pos_config_text(w.config, "source_name"), SOURCE_MAX);
	json_write_object_end(json);
	put_text(&w, "ticket_name", ticket_name(&w), TICKET_MAX);
	json_write_string(json, "state", "OPEN");
	put_lines(&w);
	square_write_taxes(a, json, &w.taxes);
	put_discounts(&w);
	put_charges(&w, tip_is_charge);
	put_fulfillment(&w);
	if (w.taxes.is_auto) {
		json_write_object(json, "pricing_options");
		json_write_bool(json, "auto_apply_taxes", true);
		json_write_object_end(json);
	}
	json_write_object_end(json);
}

/* A payment of nothing can bear none, and where nothing is marked as paid there is no payment. */
bool
square_tip_is_paid(const struct order *o, const struct pos_config *config)
{
	const char *as = pos_config_text(config, "tip_as");

	return o->tip_minor > 0 && square_paid(config) != SQUARE_PAID_NONE &&
	       o->total_minor > o->tip_minor && (as == NULL || strcmp(as, "payment") == 0);
}
