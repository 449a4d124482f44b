/*
 * Toast: what its form has no field for, as words for the kitchen. Only a special request on a
 * selection shows on its screens, so that is where they go (pos_toast_order.c).
 */
#include <string.h>

#include "mem/buf.h"
#include "pos/pos_toast.h"
#include "text/money.h"
#include "text/utf8.h"

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

/* An amount for which Toast has nothing set up; the setting that it takes. */
struct untold {
	const char *what, *and_so, *setting;
	int64_t minor;
};
#define UNTOLD_MAX 4

static size_t
untold_amounts(struct arena *a, const struct pos_config *config, const struct order *o,
    struct untold *ret)
{
	bool with_amount;
	const struct untold all[UNTOLD_MAX] = {
		{ "Delivery charge", "not in the total", "delivery_fee_service_charge_guid",
		    o->delivery_charge_minor },
		{ "Packing", "not in the total", "packing_service_charge_guid", o->packing_minor },
		{ "Tip", "not in the total", "tip_service_charge_guid",
		    toast_is_paid_there(config, o) ? 0 : o->tip_minor },
		{ "Discount", "not taken off", "open_discount_guid",
		    toast_discount(a, config, o, &with_amount) == NULL ? o->discount_minor : 0 },
	};
	size_t n = 0;

	for (size_t i = 0; i < UNTOLD_MAX; i++)
		if (all[i].minor > 0 && pos_config_text(config, all[i].setting) == NULL)
			ret[n++] = all[i];
	return n;
}

static void
put_charges(struct arena *a, const struct pos_config *config, const struct order *o,
    struct buf *b)
{
	bool is_paid = o->payment_status != NULL && strcmp(o->payment_status, "paid") == 0;
	struct untold untold[UNTOLD_MAX];
	size_t n = untold_amounts(a, config, o, untold);

	if (is_paid && !toast_is_paid_there(config, o))
		put_amount(b, o, "Paid", o->total_minor, "nothing to collect");
	for (size_t i = 0; i < n; i++)
		put_amount(b, o, untold[i].what, untold[i].minor, untold[i].and_so);
}

/* A tip is given into the hand where Toast is not told of it: nothing is wrong with its sum. */
const char *
toast_untold(struct arena *a, const struct pos_config *config, const struct order *o)
{
	struct untold untold[UNTOLD_MAX];
	size_t n = untold_amounts(a, config, o, untold);
	char text[MONEY_TEXT_LEN];
	const char *all = NULL;
	unsigned exponent = 2;

	(void)money_exponent(o->currency, &exponent);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(untold[i].setting, "tip_service_charge_guid") == 0)
			continue;
		money_format(untold[i].minor, exponent, text);
		all = arena_printf(a, "%s%s%s %s (%s is not set)", all == NULL ? "" : all,
		    all == NULL ? "" : ", ", untold[i].what, text, untold[i].setting);
	}
	return all;
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
	if (g.other_email != NULL)
		buf_addf(&extra, "%s[E-mail %s]", extra.len > 0 ? " " : "", g.other_email);
	put_charges(a, config, o, &extra);
	room = TOAST_NOTE_MAX - (extra.len == 0 ? 0 : utf8_n(extra.data) + 1);
	words = toast_text(a, o->special_instructions, room);
	if (extra.len == 0)
		return words;
	return arena_printf(
	    a, "%s%s%s", words, *words == '\0' ? "" : " ", toast_text(a, extra.data, EXTRA_MAX));
}
