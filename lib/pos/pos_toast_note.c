/*
 * Toast: what its form has no field for, as words for the kitchen. Only a special request on a
 * selection shows on its screens, so that is where they go (pos_toast_order.c).
 */
#include <string.h>

#include "mem/buf.h"
#include "pos/pos_toast.h"
#include "text/money.h"

#define EXTRA_MAX 4000

bool
toast_is_paid_there(const struct pos_config *config, const struct order *o)
{
	return o->payment_status != NULL && strcmp(o->payment_status, "paid") == 0 &&
	       pos_config_text(config, "other_payment_guid") != NULL;
}

/*
 * The GUID of the one discount that a check may have. Where an open one is set it takes off what
 * ours came to; else a single one that Toast knows computes by Toast's own rules. NULL: the note
 * says it.
 */
const char *
toast_discount(struct arena *a, const struct pos_config *config, const struct order *o,
    bool *ret_with_amount)
{
	const char *open = pos_config_text(config, "open_discount_guid");

	*ret_with_amount = open != NULL;
	if (o->discount_minor <= 0)
		return NULL;
	if (open != NULL)
		return toast_guid(a, open);
	return o->discounts_n == 1 ? toast_guid(a, o->discounts[0].external_id) : NULL;
}

/* "[Tip 3.00, not in the total]" */
static void
put_amount(
    struct buf *b, const struct order *o, const char *what, int64_t minor, const char *and_so)
{
	char text[MONEY_TEXT_LEN];
	unsigned exponent = 2;

	money_exponent(o->currency, &exponent);
	money_format(minor, exponent, text);
	buf_addf(b, "%s[%s %s, %s]", b->len > 0 ? " " : "", what, text, and_so);
}

static void
put_charges(struct arena *a, const struct pos_config *config, const struct order *o,
    struct buf *b)
{
	bool is_paid = o->payment_status != NULL && strcmp(o->payment_status, "paid") == 0;
	bool with_amount;

	if (is_paid && !toast_is_paid_there(config, o))
		put_amount(b, o, "Paid", o->total_minor, "nothing to collect");
	if (o->delivery_charge_minor > 0 &&
	    pos_config_text(config, "delivery_fee_service_charge_guid") == NULL)
		put_amount(
		    b, o, "Delivery charge", o->delivery_charge_minor, "not in the total");
	if (o->packing_minor > 0 && pos_config_text(config, "packing_service_charge_guid") == NULL)
		put_amount(b, o, "Packing", o->packing_minor, "not in the total");
	if (o->tip_minor > 0 && !toast_is_paid_there(config, o) &&
	    pos_config_text(config, "tip_service_charge_guid") == NULL)
		put_amount(b, o, "Tip", o->tip_minor, "not in the total");
	if (o->discount_minor > 0 && toast_discount(a, config, o, &with_amount) == NULL)
		put_amount(b, o, "Discount", o->discount_minor, "not taken off");
}

/* The guest's words, and behind them ours, which are never cut. */
const char *
toast_order_note(struct arena *a, const struct pos_config *config, const struct order *o)
{
	struct toast_guest g;
	struct buf extra;
	const char *words;
	size_t room;

	toast_guest(a, config, o, &g);
	buf_init(&extra, a, EXTRA_MAX);
	if (!pos_is_blank(o->table_number) && toast_table(a, config, o->table_number) == NULL)
		buf_addf(&extra, "[Table %s]", toast_text(a, o->table_number, 20));
	if (g.other_phone != NULL)
		buf_addf(&extra, "%s[Phone %s]", extra.len > 0 ? " " : "", g.other_phone);
	put_charges(a, config, o, &extra);
	room = TOAST_NOTE_MAX - (extra.len == 0 ? 0 : extra.len + 1);
	words = toast_text(a, o->special_instructions, room);
	if (extra.len == 0)
		return words;
	return arena_printf(
	    a, "%s%s%s", words, *words == '\0' ? "" : " ", toast_text(a, extra.data, EXTRA_MAX));
}
