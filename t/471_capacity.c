/* order/capacity: which part of the day an order takes a place of, that none is taken twice, and who gives it back. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "between.h"
#include "op/op.h"
#include "order/capacity.h"
#include "provider/connect.h"
#include "tap.h"
#include "tenant/settings.h"
#include "text/civil.h"
#include "till.h"

/* --- which part ------------------------------------------------------------------------------------------------ */

static const struct settings_slot named[] = {
	{ "lunch", 12 * 60, 15 * 60 },
	{ "brunch", 11 * 60, 13 * 60 },
	{ "dinner", 22 * 60, 2 * 60 },
	{ "also lunch", 12 * 60, 14 * 60 },
};

static const struct {
	const char *at, *zone;
	int day_starts_min;
	int64_t slot_minutes;
	const char *want, *name;
} parts[] = {
	{ "2026-02-13T07:00:00Z", "Asia/Kolkata", 0, 0, "2026-02-13 also lunch", "12:30 on the wall; of two that began together the first by name" },
	{ "2026-02-13T06:29:59.999999Z", "Asia/Kolkata", 0, 0, "2026-02-13 brunch", "the last instant before 12:00" },
	{ "2026-02-13T06:30:00Z", "Asia/Kolkata", 0, 0, "2026-02-13 also lunch", "12:00: what began last" },
	{ "2026-02-13T08:30:00Z", "Asia/Kolkata", 0, 0, "2026-02-13 lunch", "14:00: the one that still is" },
	{ "2026-02-13T09:30:00Z", "Asia/Kolkata", 0, 0, "2026-02-13 other", "15:00: a slot holds no more when it ends" },
	{ "2026-02-13T16:30:00Z", "Asia/Kolkata", 0, 0, "2026-02-13 dinner", "22:00" },
	{ "2026-02-13T19:00:00Z", "Asia/Kolkata", 0, 0, "2026-02-13 dinner", "00:30: the dinner of the day before" },
	{ "2026-02-13T20:29:59Z", "Asia/Kolkata", 0, 0, "2026-02-13 dinner", "01:59:59 too" },
	{ "2026-02-13T20:30:00Z", "Asia/Kolkata", 0, 0, "2026-02-14 other", "02:00: the next day's" },
	{ "2026-02-13T20:30:00Z", "Asia/Kolkata", 240, 0, "2026-02-13 other", "02:00 where the day begins at 04:00: still the day before" },
	{ "2026-02-13T19:00:00Z", "Asia/Kolkata", 30, 0, "2026-02-13 dinner", "a slot that runs past the hour of the books is one" },
	{ "2026-02-13T07:14:59Z", "Asia/Kolkata", 0, 15, "2026-02-13 12:30", "12:44:59 by quarters" },
	{ "2026-02-13T07:15:00Z", "Asia/Kolkata", 0, 15, "2026-02-13 12:45", "12:45 by quarters" },
	{ "2026-02-13T18:29:59Z", "Asia/Kolkata", 0, 50, "2026-02-13 23:20", "the last window of a day is what is left of it" },
	{ "2026-02-13T18:30:00Z", "Asia/Kolkata", 0, 50, "2026-02-14 00:00", "and the next day begins with one" },
	{ "2026-02-13T22:29:59Z", "Asia/Kolkata", 240, 50, "2026-02-13 03:20", "windows are counted from where the day begins" },
	{ "2026-02-13T22:30:00Z", "Asia/Kolkata", 240, 50, "2026-02-14 04:00", "there the first one" },
	{ "2026-02-13T07:00:00Z", "Asia/Kolkata", 0, 1440, "2026-02-13 00:00", "one window a day" },
	{ "2026-11-01T05:30:00Z", "America/New_York", 0, 30, "2026-11-01 01:30", "01:30, and when clocks have gone back" },
	{ "2026-11-01T06:30:00Z", "America/New_York", 0, 30, "2026-11-01 01:30", "01:30 again: the same window" },
	{ "2026-03-08T05:30:00Z", "America/New_York", 0, 240, "2026-03-08 00:00", "00:30 of a night in which clocks are set on" },
	{ "2026-03-08T07:30:00Z", "America/New_York", 0, 240, "2026-03-08 00:00", "03:30, an hour later: the same window" },
	{ "2026-03-09T03:30:00Z", "America/New_York", 0, 1440, "2026-03-08 00:00", "23:30 of a day of 23 hours is of that day" },
	{ "2026-11-02T04:30:00Z", "America/New_York", 0, 1440, "2026-11-01 00:00", "23:30 of a day of 25 hours is too" },
	{ "2026-03-08T07:10:00Z", "America/New_York", 150, 60, "2026-03-08 02:30", "03:10 where the day begins in the hour that was left out" },
	{ "2026-10-24T23:30:00Z", "Europe/Berlin", 240, 0, "2026-10-24 dinner", "a dinner in a night in which clocks were set back" },
};

static void
test_parts(void)
{
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		struct settings s = { .slots = named, .slots_n = sizeof named / sizeof named[0], .slot_minutes = parts[i].slot_minutes,
			.day_starts_min = parts[i].day_starts_min };
		struct restaurant r = { .time_zone = parts[i].zone };
		struct capacity_slot slot = { .day = "none", .name = "none" };
		int64_t at_us = 0;
		struct op op;

		op_begin(&op, NULL, 1 << 16, NULL);
		ok(iso8601_parse(parts[i].at, &at_us) && capacity_slot_at(&op, &r, &s, at_us, &slot) == OK, "ORD-09 %s is a time", parts[i].at);
		is_str(arena_printf(op.arena, "%s %s", slot.day, slot.name), parts[i].want, "ORD-09 %s", parts[i].name);
		op_end(&op);
	}
}

/* --- taking ---------------------------------------------------------------------------------------------------- */

static struct shop shop;

static void
set_of(const struct shop *s, const char *key, const char *json)
{
	world_sql("REPLACE INTO system_config VALUES (%lld, '%s', '%s', NOW(6), 'test')", (long long)s->restaurant.id, key, json);
}

static void
open_shop(struct shop *s, const char *slug, const char *max)
{
	shop_make(s, slug);
	set_of(s, "max_orders_per_slot", max);
	set_of(s, "time_slots", "{}");
}

static int64_t
taken(const struct shop *s)
{
	return world_int("SELECT COALESCE(SUM(taken), 0) FROM order_slots WHERE restaurant_id = %lld", (long long)s->restaurant.id);
}

static struct bytes
render(struct arena *arena, const struct order *o)
{
	const char *text = arena_strdup(arena, o->order_number);

	return (struct bytes){ .data = text, .len = strlen(text) };
}

/* "OK", or the error's name and its details. */
static const char *
place(const struct shop *s, const struct order_wish *w, const char *key, bool is_quote)
{
	static char said[200];
	struct idempotency idem = { .principal = "user:1", .key = key, .request = { "once", 4 } };
	struct submission_terms terms;
	struct order order;
	bool has_pos;
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_orders, s);
	op.actor = (struct actor){ .kind = ACTOR_USER, .id = s->guest_id, .name = "user" };
	e = connection_terms(&op, &s->restaurant, &has_pos, &terms);
	if (e == OK)
		e = is_quote ? order_quote(&op, &s->restaurant, w, &order)
			     : order_place(&op, &s->restaurant, has_pos ? &terms : NULL, w, key != NULL ? &idem : NULL, render, &order);
	(void)snprintf(said, sizeof said, "%s%s%s", err_info(e)->name, op.fault.details != NULL ? " " : "",
	    op.fault.details != NULL ? op.fault.details : "");
	op_end(&op);
	return said;
}

static const char *
wished(const struct shop *s)
{
	struct order_wish w = shop_wish(s);

	return place(s, &w, NULL, false);
}

static const char *
quoted(const struct shop *s)
{
	struct order_wish w = shop_wish(s);

	return place(s, &w, NULL, true);
}

static void
test_limit(void)
{
	struct order_wish w;
	struct shop s;

	open_shop(&s, "limit", "2");
	is_str(quoted(&s), "OK", "ORD-09 before anybody has ordered there is a place");
	is_str(wished(&s), "OK", "ORD-09 the first");
	is_str(wished(&s), "OK", "ORD-09 the second of two");
	is_str(wished(&s), "ORDER_LIMIT_REACHED {\"current\":2,\"max\":2}", "ORD-09 ERR-06 the third is told how many there are and may be");
	is_str(quoted(&s), "ORDER_LIMIT_REACHED {\"current\":2,\"max\":2}", "ORD-09 and so is who only asks");
	is_int(err_info(ERR_ORDER_LIMIT_REACHED)->status, 409, "ERR-06 with 409");
	is_int(taken(&s), 2, "ORD-09 and takes none");
	is_str(shop_text("SELECT CONCAT_WS(' ', (SELECT COUNT(*) FROM orders WHERE restaurant_id = r), (SELECT order_seq FROM restaurant_counters"
	    " WHERE restaurant_id = r)) FROM (SELECT %lld AS r) x", (long long)s.restaurant.id), "2 2", "DB-40 nothing is left of it");
	set_of(&s, "max_orders_per_slot", "3");
	is_str(wished(&s), "OK", "ORD-09 CFG-06 a higher limit holds at once");
	set_of(&s, "max_orders_per_slot", "1");
	is_str(wished(&s), "ORDER_LIMIT_REACHED {\"current\":3,\"max\":1}", "ORD-09 CFG-06 and so does a lower one");
	is_int(taken(&s), 3, "ORD-09 of which those that were taken stay");
	set_of(&s, "max_orders_per_slot", "0");
	is_str(wished(&s), "ORDER_LIMIT_REACHED {\"current\":3,\"max\":0}", "ORD-09 a limit of 0 takes none");
	set_of(&s, "max_orders_per_slot", "4");
	w = shop_wish(&s);
	w.scheduled_time = world_int("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))") + 2 * US_PER_DAY;
	is_str(place(&s, &w, NULL, false), "OK", "ORD-09 ORD-17 one for the day after tomorrow");
	is_int(world_int("SELECT COUNT(*) FROM order_slots WHERE restaurant_id = %lld", (long long)s.restaurant.id), 2,
	    "ORD-09 ORD-17 takes a place of that day");
	is_str(wished(&s), "OK", "ORD-09 and leaves this day's");
	is_str(shop_text("SELECT GROUP_CONCAT(x.n ORDER BY x.n) FROM (SELECT COUNT(*) AS n FROM orders WHERE restaurant_id = %lld"
	    " GROUP BY slot_date, slot) x", (long long)s.restaurant.id), "1,4", "ORD-09 which one is on the order");
	open_shop(&s, "limit-none", "0");
	is_str(wished(&s), "ORDER_LIMIT_REACHED {\"current\":0,\"max\":0}", "ORD-09 0 from the beginning: nobody is let in");
	is_str(quoted(&s), "ORDER_LIMIT_REACHED {\"current\":0,\"max\":0}", "ORD-09 nor told otherwise");
}

static void
test_once(void)
{
	struct order_wish w;
	struct shop s;
	struct db_options o = world_options(PROGRAM_orders);
	char path[64];

	open_shop(&s, "once", "3");
	w = shop_wish(&s);
	is_str(place(&s, &w, "once-1", false), "OK", "I6 ORD-09 one");
	is_str(place(&s, &w, "once-1", false), "OK", "I6 ORD-09 and its repetition");
	is_int(taken(&s), 1, "I6 ORD-09 take one place");
	set_of(&s, "max_orders_per_slot", "1");
	is_str(place(&s, &w, "once-1", false), "OK", "I6 ORD-09 which is answered also when none is left");
	is_str(place(&s, &w, "once-2", false), "ORDER_LIMIT_REACHED {\"current\":1,\"max\":1}", "ORD-09 one that comes too late");
	set_of(&s, "max_orders_per_slot", "2");
	is_str(place(&s, &w, "once-2", false), "OK", "I6 ORD-09 does not use its key up");
	(void)snprintf(path, sizeof path, "%s.cut", o.socket);
	between_start(path, o.socket);
	for (int how = CUT_BEFORE; how <= CUT_AFTER; how++) {
		open_shop(&s, how == CUT_BEFORE ? "once-before" : "once-after", "1");
		w = shop_wish(&s);
		shop_socket(path);
		between_cut((enum cut)how, 1);
		is_str(place(&s, &w, s.restaurant.slug, false), "OK", "B1 ORD-09 a COMMIT %s", how == CUT_BEFORE ? "that never arrived"
		    : "whose answer never arrived");
		is_int(between_waits_for(), CUT_NOTHING, "B1 which was cut");
		shop_socket(NULL);
		is_int(taken(&s), 1, "B1 ORD-09 takes one place");
		is_str(wished(&s), "ORDER_LIMIT_REACHED {\"current\":1,\"max\":1}", "B1 ORD-09 the only one");
	}
}

/* --- two at once ----------------------------------------------------------------------------------------------- */

static char crash_dir[] = "/tmp/trcXXXXXX";

static void
file(const char *what, bool is_there)
{
	char path[100];

	(void)snprintf(path, sizeof path, "%s/%s", crash_dir, what);
	if (is_there)
		close(open(path, O_CREAT | O_WRONLY, 0600));
	else
		unlink(path);
}

/* A process that places one; its exit status says what came of it. */
enum { PLACED = 1, FULL = 2, BROKEN = 3 };

static pid_t
start(const struct shop *s)
{
	pid_t pid;

	fflush(NULL);
	shop_cut(PROGRAM_orders);
	pid = fork();
	if (pid == 0) {
		struct order_wish w;
		const char *said;

		world_own();
		setenv("TICKETRAIL_CRASH_DIR", crash_dir, 1);
		w = shop_wish(s);
		said = place(s, &w, NULL, false);
		_exit(strcmp(said, "OK") == 0 ? PLACED : strncmp(said, "ORDER_LIMIT", 11) == 0 ? FULL : BROKEN);
	}
	return pid;
}

static int
exit_of(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* The first holds the last place and is frozen before its commit; the second stands before it. Then the first goes on, or dies. */
static void
test_last_place(void)
{
	static const char *const slugs[2][2] = { { "last-00", "last-01" }, { "last-10", "last-11" } };

	for (int dies = 0; dies <= 1; dies++)
		for (int is_first_of_day = 0; is_first_of_day <= 1; is_first_of_day++) {
			struct shop s;
			pid_t a, b;
			int status;

			open_shop(&s, slugs[dies][is_first_of_day], is_first_of_day ? "1" : "2");
			if (!is_first_of_day)
				is_str(wished(&s), "OK", "ORD-09 one of two");
			file("stop.capacity.after_take", true);
			a = start(&s);
			waitpid(a, &status, WUNTRACED);
			ok(WIFSTOPPED(status), "M11 one holds the last place and has not committed");
			file("stop.capacity.after_take", false);
			b = start(&s);
			for (int i = 0; i < 50 && shop_waiting() == 0; i++)
				;
			kill(a, dies ? SIGKILL : SIGCONT);
			is_int(exit_of(a), dies ? 99 : PLACED, "M11 it %s", dies ? "dies" : "has it");
			is_int(exit_of(b), dies ? PLACED : FULL, "M11 who stood behind it %s", dies ? "gets the place" : "is told that there is none");
			is_int(taken(&s), is_first_of_day ? 1 : 2, "M11 all are taken");
			is_int(world_int("SELECT COUNT(*) FROM orders WHERE restaurant_id = %lld", (long long)s.restaurant.id),
			    is_first_of_day ? 1 : 2, "M11 as often as there is an order");
		}
}

static void
test_rush(void)
{
	enum { N = 12, MAX = 5 };
	struct shop s;
	pid_t pids[N];
	int placed = 0, full = 0;

	open_shop(&s, "rush", "5");
	for (int i = 0; i < N; i++)
		pids[i] = start(&s);
	for (int i = 0; i < N; i++) {
		int said = exit_of(pids[i]);

		placed += said == PLACED;
		full += said == FULL;
	}
	is_int(placed, MAX, "M11 twelve at once on an empty day with five places: five");
	is_int(full, N - MAX, "M11 and the others are told");
	is_int(taken(&s), MAX, "M11 five are taken");
	is_int(world_int("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Innodb_deadlocks'"), 0,
	    "design 5: without a deadlock");
}

/* --- giving back ----------------------------------------------------------------------------------------------- */

enum deed { GUEST, GUEST_CUT_OFF, STAFF_CANCEL, STAFF_REJECT, COMPLETE, SEEN_NO_MORE, NOBODY };

struct doing {
	int64_t order_id;
	enum deed deed;
	struct connection connection;
	int tries;
};

static enum err
doing_body(struct op *op, void *arg)
{
	struct doing *d = arg;
	struct order_axes x;
	bool said;
	enum err e = order_lock(op, shop.restaurant.id, d->order_id, &x);

	if (e != OK)
		return e;
	switch (d->deed) {
	case GUEST:
	case GUEST_CUT_OFF:
		e = submission_cancel(op, &x, &d->connection.terms, STATUS_EVENT_cancel, WHO_GUEST, "no", &said);
		/* The database goes away in the middle, and all is done again. */
		if (d->deed == GUEST_CUT_OFF && d->tries++ == 0)
			world_sql("KILL %llu", (unsigned long long)db_connection_id(op->db));
		break;
	case STAFF_CANCEL:
		e = submission_cancel(op, &x, &d->connection.terms, STATUS_EVENT_cancel, WHO_STAFF, "no", &said);
		break;
	case STAFF_REJECT:
		e = submission_cancel(op, &x, &d->connection.terms, STATUS_EVENT_reject, WHO_STAFF, "no", &said);
		break;
	case COMPLETE:
		x.payment_status = PAYMENT_paid;
		e = order_status_move(op, &x, STATUS_EVENT_complete, WHO_STAFF, NULL, &said);
		break;
	case SEEN_NO_MORE:
		x.settled_at = TIME_NONE;
		e = submission_decide(op, &x, NULL, SEEN_REMOVED, "not here");
		break;
	case NOBODY:
		break;
	}
	return e != OK ? e : order_save(op, &x);
}

static void
does(int64_t order_id, enum deed deed)
{
	struct doing d = { .order_id = order_id, .deed = deed };
	struct op op;
	enum err e;

	shop_op(&op, deed == GUEST || deed == GUEST_CUT_OFF ? PROGRAM_orders : PROGRAM_admin, &shop);
	op.actor.name = "somebody";
	e = connection_of(&op, shop.restaurant.id, &d.connection);
	if (e == OK)
		e = db_tx(&op, doing_body, &d);
	is_str(err_info(e)->name, "OK", "it is done");
	op_end(&op);
}

/* From placing to how it stands, told by who has spoken: then what becomes of its place. */
static void
test_released(void)
{
	int64_t id;

	open_shop(&shop, "pp-given", "1");
	shop_connect(&shop, NULL);
	id = shop_order(&shop);
	is_int(taken(&shop), 1, "ORD-09 an order takes a place");
	does(id, GUEST);
	is_int(taken(&shop), 0, "ORD-09 the guest cancels what is queued: the place is free");
	does(id, NOBODY);
	is_int(taken(&shop), 0, "ORD-09 once");

	id = shop_order(&shop);
	ok(id > 0, "ORD-09 another has it");
	does(id, STAFF_CANCEL);
	is_int(taken(&shop), 0, "ORD-09 staff cancel: free");
	set_of(&shop, "max_orders_per_slot", "2");
	ok(shop_order(&shop) > 0, "one that stays");
	id = shop_order(&shop);
	is_int(taken(&shop), 2, "and one that is cancelled");
	does(id, GUEST_CUT_OFF);
	is_int(taken(&shop), 1, "DB-40 ORD-09 in a transaction that had to be run twice: one place is free, not two");
	does(world_int("SELECT MAX(id) FROM orders WHERE restaurant_id = %lld AND status = 'received'", (long long)shop.restaurant.id), GUEST);
	set_of(&shop, "max_orders_per_slot", "1");
	id = shop_order(&shop);
	does(id, STAFF_REJECT);
	is_int(taken(&shop), 0, "ORD-09 staff reject: free");

	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, till_no());
	is_int(taken(&shop), 1, "ORD-09 the POS refuses, which staff may mend: held");
	ok(till_job(&shop, MESSAGE_pos_compensate, id), "and nobody mends it");
	is_str(shop_axes(id), "cancelled/failed/pending", "C16 so it is closed");
	is_int(taken(&shop), 0, "ORD-09 and its place is free");

	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
	is_int(till_callback(&shop, id, "-1", NULL).status, 200, "the kitchen says no");
	is_int(taken(&shop), 0, "ORD-09 the POS cancels: free");
	is_int(till_callback(&shop, id, "-1", NULL).status, 200, "and says it again");
	is_int(taken(&shop), 0, "ORD-09 once");

	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
	does(id, GUEST);
	is_int(taken(&shop), 1, "ORD-09 a wish to cancel what is at the POS: held until the POS has let go");
	till_attempt(&shop, MESSAGE_pos_void, id, TILL_REPLY(200, "{\"success\":\"1\"}"));
	is_str(shop_axes(id), "cancelled/failed/pending", "which it has");
	is_int(taken(&shop), 0, "ORD-09 then it is free");
	is_int(till_callback(&shop, id, "-1", NULL).status, 200, "and a callback says so too");
	is_int(taken(&shop), 0, "ORD-09 once");

	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	world_sql("UPDATE orders SET settled_at = NULL WHERE id = %lld", (long long)id);
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "nobody knows whether the POS has it");
	is_int(taken(&shop), 1, "ORD-09 in doubt it is held");
	does(id, SEEN_NO_MORE);
	is_int(taken(&shop), 0, "ORD-09 staff have taken it off: free");

	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
	does(id, COMPLETE);
	is_str(shop_axes(id), "completed/accepted/paid", "one is eaten");
	is_int(taken(&shop), 1, "ORD-09 and keeps its place");
	is_str(wished(&shop), "ORDER_LIMIT_REACHED {\"current\":1,\"max\":1}", "ORD-09 for the part of the day that it was cooked in");
	is_int(world_int("SELECT COUNT(*) FROM order_slots s WHERE taken <> (SELECT COUNT(*) FROM orders o WHERE o.restaurant_id = s.restaurant_id"
	    " AND o.slot_date = s.slot_date AND o.slot = s.slot AND o.status NOT IN ('cancelled', 'rejected'))"), 0,
	    "M11 all over the place: taken is what orders hold");
}

/* Of one part of a day, in one transaction: a row is given back as many places as orders have ended. */
static void
test_released_together(void)
{
	struct till_reply yes[2] = { TILL_REPLY(200, "{\"success\":\"1\"}"), TILL_REPLY(200, "{\"success\":\"1\"}") };
	struct attempt_seen a[2];
	int64_t ids[2];

	open_shop(&shop, "pp-both", "3");
	shop_connect(&shop, NULL);
	ok(shop_order(&shop) > 0, "one stays");
	for (int i = 0; i < 2; i++) {
		ids[i] = shop_order(&shop);
		till_attempt(&shop, MESSAGE_pos_submit, ids[i], till_yes(ids[i], NULL));
		does(ids[i], GUEST);
	}
	is_int(taken(&shop), 3, "ORD-09 two are to be cancelled at the POS");
	till_together(&shop, MESSAGE_pos_void, ids, 2, yes, a);
	ok(a[0].e == OK && a[1].e == OK, "whose two answers are written down together");
	is_int(taken(&shop), 1, "ORD-09 and both places are free");
}

/*
 * Everybody orders and cancels at once: whoever gives a place back holds the order, then the place, then the counters, and so does
 * whoever takes one.
 */
static void
test_storm(void)
{
	enum { N = 6, EACH = 15 };
	pid_t pids[N];
	struct shop s;
	int64_t before = world_int("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Innodb_deadlocks'");
	int broken = 0;

	open_shop(&s, "pp-storm", "1000");
	shop_connect(&s, NULL); /* so that a cancel tells of two moves */
	shop = s;
	fflush(NULL);
	for (size_t p = 0; p < PROGRAM__MAX; p++)
		shop_cut((enum program)p);
	for (int i = 0; i < N; i++)
		if ((pids[i] = fork()) == 0) {
			world_own();
			for (int k = 0; k < EACH; k++) {
				int64_t id = shop_order(&s);
				struct doing d = { .order_id = id, .deed = GUEST };
				struct op op;
				bool good;

				shop_op(&op, PROGRAM_orders, &s);
				op.actor.name = "somebody";
				good = id > 0 && (k % 3 == 0 || db_tx(&op, doing_body, &d) == OK);
				op_end(&op);
				if (!good)
					_exit(BROKEN);
			}
			_exit(0);
		}
	for (int i = 0; i < N; i++)
		broken += exit_of(pids[i]) != 0;
	is_int(broken, 0, "M11 six order and cancel all the time");
	is_int(taken(&s), N * EACH / 3, "M11 what was not cancelled holds its place");
	is_int(world_int("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Innodb_deadlocks'") - before, 0,
	    "design 5: without a deadlock");
}

/* Orders of before there were places. */
static void
test_placeless(void)
{
	int64_t id;

	world_sql("DELETE FROM order_slots WHERE restaurant_id = %lld", (long long)shop.restaurant.id);
	world_sql("UPDATE orders SET slot = NULL, slot_date = NULL WHERE restaurant_id = %lld", (long long)shop.restaurant.id);
	id = shop_order(&shop);
	world_sql("UPDATE orders SET slot = NULL, slot_date = NULL WHERE id = %lld", (long long)id);
	does(id, GUEST);
	is_int(taken(&shop), 1, "DB-41 an order without a place gives none back");
	set_of(&shop, "max_orders_per_slot", "2");
	id = shop_order(&shop);
	world_sql("DELETE FROM order_slots WHERE restaurant_id = %lld", (long long)shop.restaurant.id);
	does(id, GUEST);
	is_str(shop_axes(id), "cancelled/failed/pending", "ORD-24 a count that is gone keeps nobody from cancelling");
}

int
main(void)
{
	int64_t now;

	test_parts();
	if (mkdtemp(crash_dir) == NULL)
		return 1;
	/* Noon in India, so that no midnight comes by while this runs. */
	now = world_int("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))");
	shop_clock(US_PER_DAY - (now + 5 * US_PER_HOUR + US_PER_HOUR / 2) % US_PER_DAY + US_PER_DAY / 2);
	test_limit();
	test_once();
	test_last_place();
	test_rush();
	test_released();
	test_released_together();
	test_placeless();
	test_storm();
	file("seen", false);
	rmdir(crash_dir);
	return tap_done();
}
