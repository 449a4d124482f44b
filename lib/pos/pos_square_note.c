/*
 * Square: what the kitchen is to know beside the lines. What Square has no field for stands in
 * brackets behind the guest's words and is never cut; the words are.
 */
#include <string.h>

#include "op/op.h"
#include "pos/pos_square.h"
#include "text/civil.h"
#include "text/money.h"
#include "text/utf8.h"
#include "text/zone.h"

#define EMAIL_MAX 255
#define PHONE_MAX 17
#define TABLE_MAX 60
#define NAME_MAX 255
#define CONTACT_SHOWN_MAX 80
#define WORDS_MAX 500 /* a guest can say no more */

/* As `dine_in_as` says; else what the version of the API has. */
static enum square_fulfillment
at_table(const struct pos_config *config)
{
	const char *as = pos_config_text(config, "dine_in_as");
	const char *version = pos_config_text(config, SQ_VERSION);

	if (as == NULL)
		return version != NULL && strcmp(version, SQUARE_IN_STORE_SINCE) >= 0
			   ? SQUARE_IN_STORE
			   : SQUARE_PICKUP;
	if (strcmp(as, "none") == 0)
		return SQUARE_NO_FULFILLMENT;
	return strcmp(as, "in_store") == 0 ? SQUARE_IN_STORE : SQUARE_PICKUP;
}

enum square_fulfillment
square_fulfillment(const struct order *o, const struct pos_config *config)
{
	if (strcmp(o->order_type, "delivery") == 0)
		return SQUARE_DELIVERY;
	return strcmp(o->order_type, "dine_in") == 0 ? at_table(config) : SQUARE_PICKUP;
}

bool
square_is_phone(const char *s)
{
	size_t n;

	if (pos_is_blank(s) || strlen(s) > PHONE_MAX)
		return false;
	n = *s == '+' ? 1 : 0;
	return strlen(s + n) >= 7 && strspn(s + n, "0123456789") == strlen(s + n);
}

/* No more than Square is known to look at. */
bool
square_is_email(const char *s)
{
	const char *at;

	if (pos_is_blank(s) || strlen(s) > EMAIL_MAX)
		return false;
	for (const char *c = s; *c != '\0'; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f)
			return false;
	at = strchr(s, '@');
	return at != NULL && at != s && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
	       strchr(s, '{') == NULL;
}

static void
remark(struct arena *a, const char **all, const char *what, const char *value)
{
	*all = arena_printf(a, "%s%s[%s%s%s]", *all, **all == '\0' ? "" : " ", what,
	    *value == '\0' ? "" : " ", value);
}

/* The cash that a guest still owes: Square shows the order as paid, so nobody else would ask. */
static void
remark_cash(struct arena *a, const struct order *o, const char **all)
{
	char text[MONEY_TEXT_LEN];
	unsigned exponent = 0;

	if (strcmp(o->payment_method, "cash") != 0 ||
	    (o->payment_status != NULL && strcmp(o->payment_status, "paid") == 0) ||
	    o->total_minor == 0)
		return;
	(void)money_exponent(o->currency, &exponent);
	money_format(o->total_minor, exponent, text);
	remark(a, all, "Cash to collect:", arena_printf(a, "%s %s", o->currency, text));
}

/* Only pickups and deliveries have a time there. */
static void
remark_time(struct arena *a, const struct order *o, const struct pos_config *config,
    const char **all)
{
	enum square_fulfillment f = square_fulfillment(o, config);
	char text[CIVIL_TEXT_LEN];
	struct civil civil;

	if (o->scheduled_time == TIME_NONE || f == SQUARE_PICKUP || f == SQUARE_DELIVERY ||
	    !zone_to_civil(pos_config_text(config, SQ_ZONE), o->scheduled_time, &civil))
		return;
	civil_format(&civil, text);
	text[16] = '\0'; /* "2026-02-13 08:30" */
	remark(a, all, "For", text);
}

/* Who it is for has a place of its own only where something is handed out; and not all fits it. */
static void
remark_guest(struct arena *a, const struct order *o, const struct pos_config *config,
    const char **all)
{
	bool has_place = square_fulfillment(o, config) != SQUARE_NO_FULFILLMENT;

	if (!has_place && !pos_is_blank(o->customer_name))
		remark(a, all, "Guest:", pos_text(a, o->customer_name, NAME_MAX));
	if (!pos_is_blank(o->customer_phone) &&
	    !(has_place && square_is_phone(o->customer_phone)))
		remark(a, all, "Phone:", pos_text(a, o->customer_phone, CONTACT_SHOWN_MAX));
	if (!pos_is_blank(o->customer_email) &&
	    !(has_place && square_is_email(o->customer_email)))
		remark(a, all, "E-mail:", pos_text(a, o->customer_email, CONTACT_SHOWN_MAX));
}

static const char *
remarks(struct arena *a, const struct order *o, const struct pos_config *config)
{
	const char *all = "", *table = pos_text(a, o->table_number, TABLE_MAX);

	if (strcmp(o->order_type, "dine_in") == 0)
		remark(a, &all, *table == '\0' ? "Dine-in" : "Dine-in, table", table);
	remark_time(a, o, config, &all);
	remark_cash(a, o, &all);
	remark_guest(a, o, config, &all);
	return all;
}

/* How many code points of the guest's words there is room for. */
static size_t
room_for_words(const char *extra, size_t max)
{
	size_t taken = *extra == '\0' ? 0 : utf8_n(extra) + 1;

	return taken < max ? max - taken : 0;
}

const char *
square_note(
    struct arena *a, const struct order *o, const struct pos_config *config, size_t max)
{
	const char *extra = remarks(a, o, config);
	const char *words = pos_text(a, o->special_instructions, room_for_words(extra, max));

	return arena_printf(
	    a, "%s%s%s", words, *words == '\0' || *extra == '\0' ? "" : " ", extra);
}

const char *
square_note_rest(
    struct arena *a, const struct order *o, const struct pos_config *config, size_t max)
{
	const char *words = pos_text(a, o->special_instructions, WORDS_MAX);

	return utf8_n(words) <= room_for_words(remarks(a, o, config), max)
		   ? ""
		   : arena_printf(a, "[For the whole order: %s]", words);
}
