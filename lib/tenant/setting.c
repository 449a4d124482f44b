#include "tenant/setting.h"

#include <string.h>

#include <json-c/json.h>

#include "mem/arena.h"
#include "tenant/pause.h"
#include "tenant/settings.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/money.h"
#include "text/utf8.h"

#define NOON_MIN (12 * 60)
#define SLOTS_MAX 24
#define SLOT_NAME_MAX 50
#define AMOUNT_MAX INT64_C(1000000000)

#define KEY(key, k, member, json, ...) \
	{ \
		.name = (key), .kind = (k), .offset = offsetof(struct settings, member), \
		.fallback = (json), __VA_ARGS__ \
	}
static const struct setting_key keys[] = {
	KEY("restaurant_open", SETTING_BOOL, restaurant_open, "true", .changed = pause_switched,
	    .sentence = "Master switch for ordering; changing it ends a pause"),
	KEY("delivery_enabled", SETTING_BOOL, delivery_enabled, "true",
	    .sentence = "Delivery is offered"),
	KEY("delivery_charge", SETTING_MONEY, delivery_charge_minor, "20.00", .max = AMOUNT_MAX,
	    .sentence = "What a delivery costs"),
	KEY("cash_payment_enabled", SETTING_BOOL, cash_payment_enabled, "true",
	    .sentence = "Cash is taken"),
	KEY("upi_payment_enabled", SETTING_BOOL, upi_payment_enabled, "true",
	    .sentence = "UPI is taken, where a payment gateway is connected"),
	KEY("max_orders_per_slot", SETTING_INTEGER, max_orders_per_slot, "50", .max = 1000000,
	    .sentence = "How many orders a time slot takes"),
	KEY("time_slots", SETTING_SLOTS, slots,
	    "{\"breakfast\":{\"start\":\"07:00\",\"end\":\"10:00\"},"
	    "\"lunch\":{\"start\":\"12:00\",\"end\":\"15:00\"},"
	    "\"dinner\":{\"start\":\"18:00\",\"end\":\"22:00\"}}",
	    .sentence = "Slots of the day by name; one that ends before it starts goes over "
			"midnight"),
	KEY("slot_minutes", SETTING_INTEGER, slot_minutes, "0", .max = 24 * 60,
	    .sentence = "max_orders_per_slot counts per window of so many minutes; 0: per time "
			"slot of the business day"),
	KEY("public_menu", SETTING_BOOL, public_menu, "false",
	    .sentence = "The menu can be read without logging in"),
	KEY("prep_minutes", SETTING_INTEGER, prep_minutes, "20", .max = 24 * 60,
	    .sentence = "From placing an order to its being ready"),
	KEY("busy_minutes", SETTING_INTEGER, busy_minutes, "0", .max = 24 * 60,
	    .changed = pause_busy_changed, .sentence = "What a busy kitchen adds to every promise"),
	KEY("weekly_hours", SETTING_WEEK, hours, "null",
	    .sentence = "When orders are taken, per weekday; null: always"),
	KEY("holidays", SETTING_HOLIDAYS, hours, "{}",
	    .sentence = "What holds on single dates instead; an empty list is a closed day"),
	KEY("schedule_days_max", SETTING_INTEGER, schedule_days_max, "7", .max = 365,
	    .sentence = "How many days ahead an order may be wanted; 0: the same day only"),
	KEY("day_starts_at", SETTING_MORNING, day_starts_min, "\"00:00\"",
	    .sentence = "When a business day begins: with 04:00 a sale at 01:30 is one of the day "
			"before"),
	KEY("pos_compensate_minutes", SETTING_INTEGER, pos_compensate_minutes, "10", .max = 24 * 60,
	    .sentence = "An order that the POS does not have and nobody has mended for so long is "
			"closed"),
	KEY("accept_minutes", SETTING_INTEGER, accept_minutes, "0", .max = 24 * 60,
	    .sentence = "An order that the kitchen has not confirmed for so long is told to staff; "
			"0: never"),
	KEY("accept_or_cancel", SETTING_BOOL, accept_or_cancel, "false",
	    .sentence = "And it is cancelled then, at the POS too"),
	KEY("pos_traffic_debug", SETTING_BOOL, pos_traffic_debug, "false",
	    .sentence = "What goes to the POS and comes from it is in the log, without secrets and "
			"without what says who a guest is"),
	KEY(PAUSE_KEY, SETTING_PAUSE, pause, NULL, .is_inner = true,
	    .sentence = "Why the restaurant is paused, and until when"),
	KEY(PAUSE_BUSY_KEY, SETTING_UNTIL, busy_until, NULL, .is_inner = true,
	    .sentence = "When busy_minutes is 0 again"),
};
#undef KEY
#define KEYS_N (sizeof keys / sizeof keys[0])

const struct setting_key *
setting_keys(size_t *ret_n)
{
	*ret_n = KEYS_N;
	return keys;
}

const struct setting_key *
setting_find(const char *name)
{
	for (size_t i = 0; i < KEYS_N; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

const char *
setting_type(const struct setting_key *key)
{
	static const char *const words[] = {
		[SETTING_BOOL] = "boolean",
		[SETTING_MONEY] = "money",
		[SETTING_INTEGER] = "integer",
		[SETTING_MORNING] = "time",
		[SETTING_SLOTS] = "slots",
		[SETTING_WEEK] = "hours",
		[SETTING_HOLIDAYS] = "dates",
		[SETTING_PAUSE] = "pause",
		[SETTING_UNTIL] = "instant",
	};
	_Static_assert(sizeof words / sizeof words[0] == SETTING_UNTIL + 1, "a word for each kind");

	return words[key->kind];
}

/* --- values ----------------------------------------------------------------------------------- */

/* Not in what people read, or type again (C0, DEL, C1). */
static bool
has_controls(const char *name)
{
	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)name[0], next = (unsigned char)name[1];

		if (c < ' ' || c == 0x7f || (c == 0xc2 && next < 0xa0))
			return true;
	}
	return false;
}

static const char *
slot_take(struct arena *arena, const char *name, struct json_object *node,
    struct settings_slot *ret, const char **ret_at)
{
	const char *shown;

	if (name[0] == '\0' || utf8_n(name) > SLOT_NAME_MAX)
		return "must name each slot with 1 to 50 characters";
	shown = utf8_sanitise(arena, name, SLOT_NAME_MAX);
	*ret_at = arena_printf(arena, ".%s", shown);
	if (has_controls(name))
		return "has a character that is not allowed here";
	if (!json_is_object(node) || json_object_object_length(node) != 2)
		return "must be {\"start\":\"HH:MM\",\"end\":\"HH:MM\"}";
	*ret_at = arena_printf(arena, ".%s.start", shown);
	if (!hours_minute_read(json_member(node, "start"), false, &ret->start_min))
		return "must be a time of day from \"00:00\" to \"23:59\"";
	*ret_at = arena_printf(arena, ".%s.end", shown);
	if (!hours_minute_read(json_member(node, "end"), true, &ret->end_min))
		return "must be a time of day from \"00:00\" to \"24:00\"";
	ret->name = arena_strdup(arena, name);
	return NULL;
}

static const char *
slots_take(struct arena *arena, struct json_object *node, struct settings *s, const char **ret_at)
{
	struct settings_slot *slots;
	size_t n = 0;

	if (!json_is_object(node) || json_object_object_length(node) > SLOTS_MAX)
		return "must be an object of at most 24 slots, each with start and end";
	slots = arena_array(arena, (size_t)json_object_object_length(node), sizeof *slots);
	json_object_object_foreach(node, name, slot)
	{
		const char *why = slot_take(arena, name, slot, &slots[n++], ret_at);

		if (why != NULL)
			return why;
	}
	s->slots = slots;
	s->slots_n = n;
	return NULL;
}

static const char *
money_take(struct arena *arena, const struct setting_key *key, struct json_object *node,
    unsigned exponent, int64_t *ret)
{
	char min[MONEY_TEXT_LEN], max[MONEY_TEXT_LEN];
	const char *text;
	int64_t minor;

	if ((json_as_decimal(node, &text) || json_as_string(node, &text)) &&
	    money_parse(text, exponent, &minor) && minor >= key->min && minor <= key->max) {
		*ret = minor;
		return NULL;
	}
	money_format(key->min, exponent, min);
	money_format(key->max, exponent, max);
	return arena_printf(
	    arena, "must be an amount from %s to %s with at most %u decimals", min, max, exponent);
}

static const char *
integer_take(
    struct arena *arena, const struct setting_key *key, struct json_object *node, int64_t *ret)
{
	int64_t n;

	if (!json_as_int64(node, &n) || n < key->min || n > key->max)
		return arena_printf(arena, "must be a whole number from %lld to %lld",
		    (long long)key->min, (long long)key->max);
	*ret = n;
	return NULL;
}

static const char *
morning_take(struct json_object *node, int *ret)
{
	int minute;

	if (!hours_minute_read(node, false, &minute) || minute > NOON_MIN)
		return "must be a time of day from \"00:00\" to \"12:00\"";
	*ret = minute;
	return NULL;
}

static const char *
until_take(struct json_object *node, int64_t *ret)
{
	const char *text;

	if (node == NULL)
		*ret = TIME_NONE;
	else if (!json_as_string(node, &text) || !iso8601_parse(text, ret))
		return "must be an instant or null";
	return NULL;
}

static const char *
pause_take(struct arena *arena, struct json_object *node, struct settings_pause *ret)
{
	struct settings_pause p = { .is_on = true, .until = TIME_NONE };
	const char *why;

	if (!json_is_object(node))
		return "must be an object";
	why = until_take(json_member(node, "until"), &p.until);
	if (json_as_string(json_member(node, "reason"), &p.reason))
		p.reason = arena_strdup(arena, p.reason);
	if (why == NULL)
		*ret = p;
	return why;
}

const char *
setting_take(struct arena *arena, const struct setting_key *key, const char *json,
    unsigned exponent, struct settings *s, const char **ret_at)
{
	void *at = (char *)s + key->offset;
	struct json_object *node;
	const char *why;

	*ret_at = "";
	if (json_read(arena, json, strlen(json), &json_limits_default, &node, &why) != OK)
		return "is not JSON";
	switch (key->kind) {
	case SETTING_BOOL:
		return json_as_bool(node, at) ? NULL : "must be true or false";
	case SETTING_MONEY:
		return money_take(arena, key, node, exponent, at);
	case SETTING_INTEGER:
		return integer_take(arena, key, node, at);
	case SETTING_MORNING:
		return morning_take(node, at);
	case SETTING_SLOTS:
		return slots_take(arena, node, s, ret_at);
	case SETTING_WEEK:
		return hours_week_read(arena, node, at, ret_at);
	case SETTING_HOLIDAYS:
		return hours_holidays_read(arena, node, at, ret_at);
	case SETTING_PAUSE:
		return pause_take(arena, node, at);
	case SETTING_UNTIL:
		return until_take(node, at);
	}
	return "is of no kind";
}

const char *
setting_show(
    struct arena *arena, const struct setting_key *key, const char *json, unsigned exponent)
{
	struct settings scratch;
	char text[MONEY_TEXT_LEN];
	const char *at;

	if (key->kind != SETTING_MONEY)
		return json;
	if (setting_take(arena, key, json, exponent, &scratch, &at) != NULL)
		return json;
	money_format(*(int64_t *)(void *)((char *)&scratch + key->offset), exponent, text);
	return arena_strdup(arena, text);
}
