#include "tenant/settings.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "db/db.h"
#include "tenant/restaurant.h"
#include "text/json_read.h"
#include "text/money.h"

struct setting_row {
	const char *config_key, *value;
};
static const struct db_col setting_cols[] = {
	COL_TEXT(struct setting_row, config_key),
	COL_TEXT(struct setting_row, value),
};
static const struct db_shape setting_shape = DB_SHAPE(struct setting_row, setting_cols);

/*
 * A key: what its JSON must be, and where it goes. Amounts are decimal in JSON, minor units here.
 */
enum setting_kind {
	SETTING_BOOL,
	SETTING_MONEY,
	SETTING_COUNT,
	SETTING_MINUTES, /* of a day at most */
	SETTING_DAYS,    /* of a year at most */
	SETTING_MORNING, /* a time of day, "00:00" to "12:00" */
	SETTING_SLOTS,
};
#define MINUTES_MAX (24 * 60)
#define MORNING_MAX (12 * 60)
#define DAYS_MAX 365

struct setting_key {
	const char *name;
	enum setting_kind kind;
	size_t offset;
	const char *fallback;
};

#define SETTING(key, k, member, json) { .name = (key), .kind = (k), .offset = offsetof(struct settings, member), .fallback = (json) }
static const struct setting_key keys[] = {
	SETTING("restaurant_open", SETTING_BOOL, restaurant_open, "true"),
	SETTING("delivery_enabled", SETTING_BOOL, delivery_enabled, "true"),
	SETTING("cash_payment_enabled", SETTING_BOOL, cash_payment_enabled, "true"),
	SETTING("upi_payment_enabled", SETTING_BOOL, upi_payment_enabled, "true"),
	SETTING("delivery_charge", SETTING_MONEY, delivery_charge_minor, "20.00"),
	SETTING("max_orders_per_slot", SETTING_COUNT, max_orders_per_slot, "50"),
	SETTING("pos_compensate_minutes", SETTING_MINUTES, pos_compensate_minutes, "10"),
	SETTING("public_menu", SETTING_BOOL, public_menu, "false"),
	SETTING("prep_minutes", SETTING_MINUTES, prep_minutes, "20"),
	SETTING("busy_minutes", SETTING_MINUTES, busy_minutes, "0"),
	SETTING("slot_minutes", SETTING_MINUTES, slot_minutes, "0"),
	SETTING("schedule_days_max", SETTING_DAYS, schedule_days_max, "7"),
	SETTING("day_starts_at", SETTING_MORNING, day_starts_min, "\"00:00\""),
	SETTING("time_slots", SETTING_SLOTS, slots,
	    "{\"breakfast\":{\"start\":\"07:00\",\"end\":\"10:00\"},\"lunch\":{\"start\":\"12:00\","
	    "\"end\":\"15:00\"},"
	    "\"dinner\":{\"start\":\"18:00\",\"end\":\"22:00\"}}"),
};
#define KEYS_N (sizeof keys / sizeof keys[0])

/* "07:30" as minutes of the day; "24:00" is the end of it. */
static bool
minutes_parse(struct json_object *node, int *ret)
{
	const char *s;
	int hour, minute;

	if (!json_as_string(node, &s) || strlen(s) != 5 || strspn(s, "0123456789") != 2 ||
	    s[2] != ':' || strspn(s + 3, "0123456789") != 2)
		return false;
	hour = (s[0] - '0') * 10 + s[1] - '0';
	minute = (s[3] - '0') * 10 + s[4] - '0';
	if (minute > 59 || hour * 60 + minute > 24 * 60)
		return false;
	*ret = hour * 60 + minute;
	return true;
}

static bool
slots_parse(struct arena *arena, struct json_object *node, struct settings *s)
{
	struct settings_slot *slots;
	size_t n = 0;

	if (!json_is_object(node) || json_object_object_length(node) > 24)
		return false;
	slots = arena_array(arena, (size_t)json_object_object_length(node), sizeof *slots);
	json_object_object_foreach(node, name, slot) {
		if (!json_is_object(slot) ||
		    !minutes_parse(json_member(slot, "start"), &slots[n].start_min) ||
		    !minutes_parse(json_member(slot, "end"), &slots[n].end_min))
			return false;
		slots[n++].name = arena_strdup(arena, name);
	}
	s->slots = slots;
	s->slots_n = n;
	return true;
}

/* Puts a key's JSON into its member; false if it is of the wrong form. */
static bool
setting_apply(struct arena *arena, const struct setting_key *key, const char *json,
    unsigned exponent, struct settings *s)
{
	char *at = (char *)s + key->offset;
	struct json_object *node;
	const char *why, *text;
	int64_t n;
	int minute;

	if (json_read(arena, json, strlen(json), &json_limits_default, &node, &why) != OK)
		return false;
	switch (key->kind) {
	case SETTING_BOOL:
		return json_as_bool(node, (bool *)at);
	case SETTING_MONEY:
		if (!json_as_decimal(node, &text) || !money_parse(text, exponent, &n) || n < 0)
			return false;
		*(int64_t *)(void *)at = n;
		return true;
	case SETTING_COUNT:
	case SETTING_MINUTES:
	case SETTING_DAYS:
		if (!json_as_int64(node, &n) || n < 0 ||
		    (key->kind == SETTING_MINUTES && n > MINUTES_MAX) ||
		    (key->kind == SETTING_DAYS && n > DAYS_MAX))
			return false;
		*(int64_t *)(void *)at = n;
		return true;
	case SETTING_MORNING:
		if (!minutes_parse(node, &minute) || minute > MORNING_MAX)
			return false;
		*(int *)(void *)at = minute;
		return true;
	case SETTING_SLOTS:
		return slots_parse(arena, node, s);
	}
	return false;
}

static const struct setting_key *
setting_find(const char *name)
{
	for (size_t i = 0; i < KEYS_N; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

enum err
settings_read(struct op *op, int64_t restaurant_id, const char *currency, struct settings *ret)
{
	struct setting_row *rows;
	unsigned exponent = 0;
	struct settings s = { 0 };
	size_t n;
	enum err e;

	if (!money_exponent(currency, &exponent))
		return fail(op, ERR_INTERNAL_ERROR, "Unknown currency");
	e = db_many(op, STMT_settings_of, DB_ARGS(DB_I64("restaurant_id", restaurant_id)),
	    &setting_shape, &rows, &n);
	if (e != OK)
		return e;
	for (size_t i = 0; i < KEYS_N; i++)
		(void)setting_apply(op->arena, &keys[i], keys[i].fallback, exponent, &s);
	/* Platform-wide rows come first, so that the restaurant's own word is the last. */
	for (size_t i = 0; i < n; i++) {
		const struct setting_key *key = setting_find(rows[i].config_key);

		if (key != NULL && !setting_apply(op->arena, key, rows[i].value, exponent, &s))
			return fail(
			    op, ERR_INTERNAL_ERROR, "The setting %s has a wrong value", key->name);
	}
	*ret = s;
	return OK;
}

/*
 * How many decimals an amount may have: those of the restaurant's currency, or, for the platform,
 * those that any has.
 */
static enum err
decimals_of(struct op *op, int64_t restaurant_id, unsigned *ret)
{
	struct restaurant r;
	enum err e;

	*ret = 0;
	if (restaurant_id == 0)
		return OK;
	e = restaurant_by_id(op, restaurant_id, &r);
	if (e == OK && money_exponent(r.currency, ret))
		return OK;
	return e != OK && e != ERR_NO_ROW
		   ? e
		   : fail(op, ERR_INTERNAL_ERROR, "No such restaurant, or of no known currency");
}

enum err
settings_write(struct op *op, int64_t restaurant_id, const char *name, const char *json)
{
	const struct setting_key *key = setting_find(name);
	struct settings scratch = { 0 };
	unsigned exponent;
	enum err e;

	if (key == NULL)
		return fail_field(op, name, "is not a setting");
	e = decimals_of(op, restaurant_id, &exponent);
	if (e != OK)
		return e;
	/* What could be written and not be read would close the restaurant. */
	if (!setting_apply(op->arena, key, json, exponent, &scratch))
		return fail_field(op, name, "has a value of the wrong form");
	return db_run(op, STMT_setting_save,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("config_key", name),
		DB_TEXT("value", json),
		DB_TEXT("updated_by", op->actor.name != NULL ? op->actor.name : "system")));
}
