/* Settings, pauses and busy mode on a real database: what may be set, who did it, and that the switch is one switch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "op/op.h"
#include "shop.h"
#include "tap.h"
#include "tenant/pause.h"
#include "tenant/settings.h"
#include "text/civil.h"
#include "text/zone.h"
#include "till.h"

#define MINUTE_US (INT64_C(60) * 1000000)

static struct shop shop;

static const char *
text_of(const struct op *op, const char *what)
{
	return shop_text("SELECT '%s%s%s'", what, op->fault.fields != NULL ? " " : "", op->fault.fields != NULL ? op->fault.fields->field : "");
}

/* --- one key ----------------------------------------------------------------------------------------------------- */

struct put {
	const struct restaurant *restaurant;
	const char *key, *json, *tag;
	struct setting setting;
};

static enum err
put_body(struct op *op, void *arg)
{
	struct put *p = arg;
	enum err e = setting_lock(op, p->restaurant, p->key, &p->setting);

	if (e == OK && p->tag != NULL && strcmp(p->tag, setting_tag(op->arena, &p->setting)) != 0)
		return fail(op, ERR_PRECONDITION_FAILED, NULL);
	return e != OK ? e : setting_put(op, &p->setting, "value", p->json);
}

/* "OK value source by", or the code and the field. */
static const char *
put_as(const struct restaurant *r, const char *who, const char *key, const char *json)
{
	struct put p = { .restaurant = r, .key = key, .json = json };
	const char *ret;
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_office, r != NULL ? &shop : NULL);
	op.actor = (struct actor){ .kind = ACTOR_STAFF, .name = who };
	e = db_tx(&op, put_body, &p);
	if (e == OK)
		ret = shop_text("SELECT '%s %s %s'", p.setting.value,
		    p.setting.source == SETTING_DEFAULT        ? "default"
			: p.setting.source == SETTING_PLATFORM ? "platform"
							       : "restaurant",
		    p.setting.updated_by != NULL ? p.setting.updated_by : "nobody");
	else
		ret = text_of(&op, err_info(e)->name);
	op_end(&op);
	return ret;
}

static const char *
put(const char *key, const char *json)
{
	return put_as(&shop.restaurant, "staff:asha", key, json);
}

static void
read_settings(struct op *op, struct settings *ret)
{
	shop_op(op, PROGRAM_orders, &shop);
	if (settings_read(op, shop.restaurant.id, shop.restaurant.currency, ret) != OK)
		abort();
}

static void
test_defaults(void)
{
	static const struct {
		const char *key, *want;
	} defaults[] = {
		{ "restaurant_open", "true" }, { "delivery_enabled", "true" }, { "delivery_charge", "20.00" },
		{ "cash_payment_enabled", "true" }, { "upi_payment_enabled", "true" }, { "max_orders_per_slot", "50" },
		{ "time_slots", "{\"breakfast\":{\"start\":\"07:00\",\"end\":\"10:00\"},\"lunch\":{\"start\":\"12:00\",\"end\":\"15:00\"},"
				"\"dinner\":{\"start\":\"18:00\",\"end\":\"22:00\"}}" },
	};
	struct setting *list;
	struct settings s;
	struct op op;
	size_t n, inner = 0;

	shop_op(&op, PROGRAM_office, &shop);
	ok(settings_list(&op, &shop.restaurant, &list, &n) == OK, "ADM-13 all keys of a restaurant");
	for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
		is_str(list[i].key->name, defaults[i].key, "CFG-04 the key %s", defaults[i].key);
		is_str(list[i].value, defaults[i].want, "CFG-05 its default");
		ok(list[i].source == SETTING_DEFAULT && list[i].updated_at == TIME_NONE && list[i].updated_by == NULL,
		    "CFG-07 which nobody has set");
	}
	for (size_t i = 0; i < n; i++)
		inner += list[i].key->is_inner;
	is_int(inner, 0, "ADM-13 what has routes of its own is no key");
	op_end(&op);
	read_settings(&op, &s);
	ok(s.slots_n == 3 && strcmp(s.slots[1].name, "lunch") == 0 && s.slots[1].start_min == 720 && s.delivery_charge_minor == 2000 &&
		s.max_orders_per_slot == 50 && !s.public_menu && s.prep_minutes == 20 && s.busy_minutes == 0 && s.slot_minutes == 0 &&
		s.schedule_days_max == 7 && s.day_starts_min == 0 && !s.pause.is_on && s.busy_until == TIME_NONE && !s.hours.has_week,
	    "CFG-05 as programs read them");
	op_end(&op);
}

static void
test_values(void)
{
	static const struct {
		const char *key, *json, *want;
	} cases[] = {
		{ "restaurant_open", "1", "VALIDATION_ERROR value" }, { "restaurant_open", "\"true\"", "VALIDATION_ERROR value" },
		{ "restaurant_open", "null", "VALIDATION_ERROR value" }, { "delivery_enabled", "{}", "VALIDATION_ERROR value" },
		{ "delivery_charge", "-1", "VALIDATION_ERROR value" }, { "delivery_charge", "20.005", "VALIDATION_ERROR value" },
		{ "delivery_charge", "10000000.01", "VALIDATION_ERROR value" }, { "delivery_charge", "1e400", "VALIDATION_ERROR value" },
		{ "delivery_charge", "\"abc\"", "VALIDATION_ERROR value" }, { "delivery_charge", "true", "VALIDATION_ERROR value" },
		{ "max_orders_per_slot", "-1", "VALIDATION_ERROR value" }, { "max_orders_per_slot", "5.5", "VALIDATION_ERROR value" },
		{ "max_orders_per_slot", "1000001", "VALIDATION_ERROR value" }, { "max_orders_per_slot", "\"5\"", "VALIDATION_ERROR value" },
		{ "prep_minutes", "1441", "VALIDATION_ERROR value" }, { "schedule_days_max", "366", "VALIDATION_ERROR value" },
		{ "day_starts_at", "\"12:01\"", "VALIDATION_ERROR value" }, { "day_starts_at", "240", "VALIDATION_ERROR value" },
		{ "time_slots", "[]", "VALIDATION_ERROR value" }, { "time_slots", "{\"a\":{\"start\":\"25:00\",\"end\":\"26:00\"}}", "VALIDATION_ERROR value.a.start" },
		{ "time_slots", "{\"a\":{\"start\":\"10:00\"}}", "VALIDATION_ERROR value.a" },
		{ "time_slots", "{\"\":{\"start\":\"10:00\",\"end\":\"11:00\"}}", "VALIDATION_ERROR value" },
		{ "weekly_hours", "{\"monday\":[{\"start\":\"10:00\",\"end\":\"x\"}]}", "VALIDATION_ERROR value.monday[0].end" },
		{ "holidays", "{\"tomorrow\":[]}", "VALIDATION_ERROR value.tomorrow" },
		{ "colour", "1", "NOT_FOUND" }, { "", "1", "NOT_FOUND" }, { "pause", "{}", "NOT_FOUND" }, { "busy_until", "null", "NOT_FOUND" },
		{ "RESTAURANT_OPEN", "false", "NOT_FOUND" },
		{ "delivery_charge", "25.5", "25.50 restaurant staff:asha" }, { "delivery_charge", "\"30\"", "30.00 restaurant staff:asha" },
		{ "delivery_charge", "0", "0.00 restaurant staff:asha" }, { "delivery_charge", "1e1", "10.00 restaurant staff:asha" },
		{ "max_orders_per_slot", "0", "0 restaurant staff:asha" }, { "day_starts_at", "\"04:00\"", "\"04:00\" restaurant staff:asha" },
		{ "time_slots", "{}", "{} restaurant staff:asha" }, { "public_menu", "true", "true restaurant staff:asha" },
		{ "weekly_hours", "null", "null restaurant staff:asha" }, { "weekly_hours", "{\"monday\":[]}", "{\"monday\":[]} restaurant staff:asha" },
	};
	int64_t before = 0;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool is_refused = strstr(cases[i].want, "restaurant") == NULL;

		before = world_int("SELECT CONV(LEFT(MD5(GROUP_CONCAT(config_key, value, updated_at, updated_by)), 8), 16, 10)"
				   " + (SELECT COUNT(*) FROM audit_log) FROM (SELECT * FROM system_config UNION SELECT 0, '', '', '', '') c");
		is_str(put(cases[i].key, cases[i].json), cases[i].want, "ADM-14 %s = %s", cases[i].key, cases[i].json);
		if (is_refused)
			is_int(world_int("SELECT CONV(LEFT(MD5(GROUP_CONCAT(config_key, value, updated_at, updated_by)), 8), 16, 10)"
					 " + (SELECT COUNT(*) FROM audit_log) FROM (SELECT * FROM system_config UNION SELECT 0, '', '', '', '') c"),
			    before, "ADM-14 a refusal changes nothing");
	}
	is_str(shop_text("SELECT CONCAT_WS(' ', actor, action, subject, JSON_EXTRACT(detail, '$.scope'), JSON_EXTRACT(detail, '$.old'),"
			 " JSON_EXTRACT(detail, '$.new')) FROM audit_log WHERE subject = 'delivery_charge' ORDER BY id DESC LIMIT 1"),
	    "staff:asha config.set delivery_charge \"restaurant\" 0.00 10.00", "CFG-07 ARC-09 who, what it was and what it is");
	is_int(world_int("SELECT COUNT(*) FROM events WHERE kind = 'config_changed' AND restaurant_id = %lld", (long long)shop.restaurant.id),
	    10, "CFG-06 whoever watches is told of each");
	world_sql("DELETE FROM system_config");
}

static void
test_fallback(void)
{
	is_str(put_as(NULL, "staff:root", "prep_minutes", "35"), "35 platform staff:root", "C1 the platform's own word");
	is_str(put("prep_minutes", NULL), "35 platform staff:root", "C1 holds for a restaurant that says nothing");
	is_str(put("prep_minutes", "15"), "15 restaurant staff:asha", "C1 the restaurant's is the last");
	is_str(put_as(NULL, "staff:root", "prep_minutes", "40"), "40 platform staff:root", "C1 the platform changes its mind");
	is_str(shop_text("SELECT value FROM system_config WHERE restaurant_id = %lld", (long long)shop.restaurant.id), "15", "C1 which is its own affair");
	is_str(put("prep_minutes", NULL), "40 platform staff:root", "ADM-14 reset: the platform's again");
	is_str(put_as(NULL, "staff:root", "prep_minutes", NULL), "20 default nobody", "ADM-14 reset there: the default");
	is_str(put_as(NULL, "staff:root", "delivery_charge", "20.50"), "VALIDATION_ERROR value", "D14 the platform has no currency: whole amounts");
	is_int(world_int("SELECT COUNT(*) FROM system_config"), 0, "ADM-14 nothing is left of it");
	is_str(shop_text("SELECT GROUP_CONCAT(CONCAT(action, COALESCE(restaurant_id, '-')) ORDER BY id SEPARATOR ' ') FROM (SELECT * FROM audit_log"
			 " WHERE subject = 'prep_minutes' ORDER BY id DESC LIMIT 2) a"),
	    shop_text("SELECT 'config.reset%lld config.reset-'", (long long)shop.restaurant.id), "CFG-07 resets are in the audit too");
}

static void
test_tags(void)
{
	struct put p = { .restaurant = &shop.restaurant, .key = "prep_minutes", .json = "21" };
	char tag[100];
	struct op op;

	shop_op(&op, PROGRAM_office, &shop);
	ok(setting_get(&op, &shop.restaurant, "prep_minutes", &p.setting) == OK, "ADM-13 one key");
	(void)snprintf(tag, sizeof tag, "%s", setting_tag(op.arena, &p.setting));
	p.tag = tag;
	is_int(db_tx(&op, put_body, &p), OK, "ADM-14 from what was read");
	is_int(db_tx(&op, put_body, &p), ERR_PRECONDITION_FAILED, "ADM-14 not from what it was before");
	op_end(&op);
	shop_op(&op, PROGRAM_office, &shop);
	(void)setting_get(&op, &shop.restaurant, "prep_minutes", &p.setting);
	(void)snprintf(tag, sizeof tag, "%s", setting_tag(op.arena, &p.setting));
	op.now_us = p.setting.updated_at;
	p.json = "22";
	is_int(db_tx(&op, put_body, &p), OK, "ADM-14 by a clock that stands");
	ok(strcmp(tag, setting_tag(op.arena, &p.setting)) != 0, "ADM-14 a change has a tag of its own all the same");
	op_end(&op);
	put("prep_minutes", NULL);
	is_int(world_int("SELECT COUNT(*) FROM system_config"), 0, "ADM-14 a lock leaves no row");
}

/* --- the switch -------------------------------------------------------------------------------------------------- */

struct pausing {
	const char *reason;
	int64_t minutes; /* 0: without an end; -1: it ends */
};

static enum err
pausing_body(struct op *op, void *arg)
{
	const struct pausing *p = arg;
	struct setting s;
	enum err e = pause_lock(op, &shop.restaurant, &s);

	if (e == OK && p->minutes < 0)
		return pause_end(op, &s);
	return e != OK ? e
		       : pause_begin(op, &s, p->reason, p->minutes == 0 ? TIME_NONE : op->now_us + p->minutes * MINUTE_US);
}

static void
pausing(const char *reason, int64_t minutes)
{
	struct pausing p = { .reason = reason, .minutes = minutes };
	struct op op;

	shop_op(&op, PROGRAM_office, &shop);
	op.actor = (struct actor){ .kind = ACTOR_STAFF, .name = "staff:asha" };
	if (db_tx(&op, pausing_body, &p) != OK)
		diag("%s %s", op.fault.sentence, op.fault.internal);
	op_end(&op);
}

/* "open accepting" or "shut refusing", the reason, the minutes left, the messages that wait. */
static const char *
stands(void)
{
	struct settings s;
	const char *ret;
	struct op op;

	read_settings(&op, &s);
	ret = shop_text("SELECT CONCAT_WS(' ', '%s', IF(accepting, 'accepting', 'refusing'), '%s', %lld,"
			" (SELECT COUNT(*) FROM outbox WHERE kind = 'store_resume')) FROM restaurant_counters WHERE restaurant_id = %lld",
	    s.restaurant_open ? "open" : "shut", s.pause.is_on ? s.pause.reason : "-",
	    (long long)(s.pause.until == TIME_NONE ? 0 : (s.pause.until - op.now_us + MINUTE_US - 1) / MINUTE_US), (long long)shop.restaurant.id);
	op_end(&op);
	return ret;
}

static bool
resume_comes(void)
{
	return till_job(&shop, MESSAGE_store_resume, shop.restaurant.id);
}

static void
test_pause(void)
{
	const char *last = "SELECT CONCAT_WS(' ', actor, action, COALESCE(JSON_VALUE(detail, '$.reason'), '-')) FROM audit_log ORDER BY id DESC LIMIT 1";
	const char *told = "SELECT GROUP_CONCAT(kind ORDER BY seq DESC SEPARATOR ' ') FROM events WHERE kind LIKE 'store%%'";

	is_str(stands(), "open accepting - 0 0", "E4 open");
	pausing("rain", 30);
	is_str(stands(), "shut refusing rain 30 1", "E4 paused, why, for how long, and a message for its end");
	is_str(shop_text("%s", last), "staff:asha store.pause rain", "E4 ARC-09 who and why");
	is_int(shop_order(&shop), 0, "ORD-08 nothing is taken");
	ok(resume_comes(), "E4 the message comes too early");
	is_str(stands(), "shut refusing rain 30 1", "E4 and is told to come again");
	is_int(world_int("SELECT ABS(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6) + INTERVAL 30 MINUTE, due_at)) < 5 FROM outbox WHERE kind = 'store_resume'"),
	    1, "E4 when it is time");
	shop_clock(30 * MINUTE_US);
	ok(resume_comes(), "E4 its time has come");
	is_str(stands(), "open accepting - 0 0", "E4 it takes orders again by itself");
	is_str(shop_text("%s", last), "jobs store.resume Its time has come", "E4 ARC-09 which nobody did");
	is_str(shop_text("%s", told), "store_opened store_closed", "E4 whoever watches was told of both");
	ok(shop_order(&shop) > 0, "ORD-08 orders are taken");
	shop_clock(0);
}

/* Messages of pauses that are no more. */
static void
test_stale(void)
{
	int64_t id;

	pausing("rain", 10);
	/* A job runner has it in its hands while people go on. */
	world_sql("UPDATE outbox SET owner = 99999999 WHERE kind = 'store_resume'");
	id = world_int("SELECT MAX(id) FROM outbox WHERE kind = 'store_resume'");
	pausing(NULL, -1);
	is_str(stands(), "open accepting - 0 1", "E4 ended by a person before its time");
	pausing("no gas", 0);
	shop_clock(15 * MINUTE_US);
	world_sql("UPDATE outbox SET owner = 0 WHERE id = %lld", (long long)id);
	ok(resume_comes(), "E4 the message of the pause before");
	is_str(stands(), "shut refusing no gas 0 0", "E4 does not open what was closed after it");
	shop_clock(0);
	pausing("one", 60);
	pausing("two", 5);
	is_str(stands(), "shut refusing two 5 1", "E4 of several pauses the last wins, with its end");
	pausing("three", 90);
	is_str(stands(), "shut refusing three 90 1", "E4 also a longer one");
	is_str(put("restaurant_open", "true"), "true restaurant staff:asha", "E4 the bare switch");
	is_str(stands(), "open accepting - 0 0", "E4 ends a pause, and its end");
	pausing("four", 5);
	is_str(put("restaurant_open", "false"), "false restaurant staff:asha", "E4 the bare switch the other way");
	is_str(stands(), "shut refusing - 0 0", "E4 closes without an end");
	is_str(put("restaurant_open", NULL), "true default nobody", "ADM-14 reset to its default");
	is_str(stands(), "open accepting - 0 0", "ORD-08 which is open");
	pausing("five", 5);
	put("restaurant_open", "true");
	is_str(put_as(NULL, "staff:root", "restaurant_open", "false"), "false platform staff:root", "C1 the platform closes");
	is_str(stands(), "open accepting - 0 0", "C1 not those that say themselves that they are open");
	put("restaurant_open", NULL);
	is_str(stands(), "shut accepting - 0 0", "C1 but those that say nothing");
	is_int(shop_order(&shop), 0, "ORD-08 nothing is taken there");
	world_sql("DELETE FROM system_config");
}

static enum err
busy_body(struct op *op, void *arg)
{
	const int64_t *v = arg;

	return pause_busy(op, &shop.restaurant, v[0], v[1] == 0 ? TIME_NONE : op->now_us + v[1] * MINUTE_US);
}

static void
busy(int64_t minutes, int64_t for_minutes)
{
	int64_t v[] = { minutes, for_minutes };
	struct op op;

	shop_op(&op, PROGRAM_office, &shop);
	if (db_tx(&op, busy_body, v) != OK)
		diag("%s %s", op.fault.sentence, op.fault.internal);
	op_end(&op);
}

/* Minutes from placing to its being ready, and the messages that wait. */
static const char *
promised(void)
{
	return shop_text("SELECT CONCAT_WS(' ', TIMESTAMPDIFF(MINUTE, created_at, estimated_ready_time),"
			 " (SELECT COUNT(*) FROM outbox WHERE kind = 'store_calm')) FROM orders WHERE id = %lld", (long long)shop_order(&shop));
}

static void
test_busy(void)
{
	is_str(promised(), "20 0", "ORD-15 an order is ready as soon as the kitchen can");
	busy(25, 60);
	is_str(promised(), "45 1", "E3 busy: so much later");
	shop_clock(60 * MINUTE_US);
	is_str(promised(), "20 1", "E3 its time is over, whoever comes late to say so");
	ok(till_job(&shop, MESSAGE_store_calm, shop.restaurant.id), "E3 and it is said");
	is_str(shop_text("SELECT GROUP_CONCAT(CONCAT(config_key, '=', value)) FROM system_config"), "busy_minutes=0", "E3 nothing is left of it");
	shop_clock(0);
	busy(25, 60);
	is_str(put("busy_minutes", "5"), "5 restaurant staff:asha", "E3 the bare setting");
	is_str(promised(), "25 0", "E3 has no end");
	busy(30, 10);
	busy(30, 0);
	is_str(promised(), "50 0", "E3 nor has the later one of two");
	busy(30, 10);
	busy(0, 0);
	is_str(promised(), "20 0", "E3 calm again");
	put("prep_minutes", "7");
	is_str(promised(), "7 0", "ORD-15 the kitchen is quicker");
	world_sql("DELETE FROM system_config");
}

/* --- the POS throws it too --------------------------------------------------------------------------------------- */

static const char *
wall_in(int64_t minutes)
{
	struct civil c;
	char text[CIVIL_TEXT_LEN];
	struct op op;

	shop_op(&op, PROGRAM_orders, &shop);
	if (!zone_to_civil(shop.restaurant.time_zone, op.now_us + minutes * MINUTE_US, &c))
		abort();
	op_end(&op);
	civil_format(&c, text);
	return shop_text("SELECT '%s'", text);
}

static struct till_answer
pos_says(const char *status, const char *reason, const char *turn_on_time)
{
	return till_webhook(&shop, "store-status-update", "authorization", NULL,
	    shop_text("SELECT '{\"restID\":\"rest-office\",\"store_status\":\"%s\",\"reason\":\"%s\",\"turn_on_time\":\"%s\"}'", status, reason, turn_on_time));
}

static bool
pos_hears(const char *status)
{
	return strstr(till_webhook(&shop, "store-status", "authorization", NULL, "{\"restID\":\"rest-office\"}").body,
		   shop_text("SELECT '\"store_status\":\"%s\"'", status)) != NULL;
}

static void
test_pos(void)
{
	struct till_answer a;

	pos_says("0", "oven broke", wall_in(45));
	is_str(stands(), "shut refusing oven broke 45 1", "E4 the POS closes the store until a time of the restaurant's clock");
	ok(pos_hears("0"), "E4 and is told so when it asks");
	shop_clock(46 * MINUTE_US);
	ok(resume_comes(), "E4 at that time");
	is_str(stands(), "open accepting - 0 0", "E4 it opens by itself");
	ok(pos_hears("1"), "E4 and the POS is told so");
	shop_clock(0);
	world_sql("DELETE FROM system_config");
	pos_says("0", "", "");
	is_str(shop_text("SELECT value FROM system_config WHERE config_key = 'pause'"), "{\"reason\":null,\"until\":null}", "E4 without a time: until it is opened");
	pos_says("1", "", "");
	is_str(stands(), "open accepting - 0 0", "E4 the POS opens it");
	pos_says("0", "late", "2024-01-15 10:30:00");
	is_str(stands(), "shut refusing late 0 0", "E4 a time that had passed already is none");
	pausing("staff", 20);
	ok(pos_hears("0"), "E4 the POS hears of a pause by staff");
	pos_says("1", "", "");
	is_str(stands(), "open accepting - 0 0", "E4 the last word counts, also the POS's");

	/* A delivery whose worker died is applied by the job runner, later. */
	a = pos_says("0", "storm", wall_in(30));
	world_sql("UPDATE webhook_logs SET state = 'received' WHERE id = %lld", (long long)a.delivery_id);
	world_sql("INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at) VALUES"
		  " ('jobs', 'inbox_apply', 'inbox:1', %lld, %lld, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6))",
	    (long long)shop.restaurant.id, (long long)a.delivery_id);
	pausing(NULL, -1);
	ok(till_job(&shop, MESSAGE_inbox_apply, a.delivery_id), "E4 an older word of the POS comes up again");
	is_str(stands(), "open accepting - 0 0", "E4 and does not undo what people did since");
	is_str(shop_text("SELECT state FROM webhook_logs WHERE id = %lld", (long long)a.delivery_id), "ignored", "E4 it is recorded and ignored");
	world_sql("DELETE FROM system_config");
	world_sql("UPDATE webhook_logs SET state = 'received' WHERE id = %lld", (long long)a.delivery_id);
	world_sql("INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at) VALUES"
		  " ('jobs', 'inbox_apply', 'inbox:1', %lld, %lld, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6))",
	    (long long)shop.restaurant.id, (long long)a.delivery_id);
	shop_clock(31 * MINUTE_US);
	ok(till_job(&shop, MESSAGE_inbox_apply, a.delivery_id), "E4 one that is applied when its own time to open has passed");
	is_str(stands(), "open accepting - 0 0", "E4 leaves it open");
	shop_clock(0);
	world_sql("DELETE FROM system_config");
}

int
main(void)
{
	shop_make(&shop, "office");
	shop_connect(&shop, NULL);
	world_sql("DELETE FROM system_config"); /* a shop has no limit of orders */
	test_defaults();
	test_values();
	test_fallback();
	test_tags();
	test_pause();
	test_stale();
	test_busy();
	test_pos();
	return tap_done();
}
