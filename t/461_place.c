/* order, idempotency: an order comes to be, once, whole, and numbered. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "menu/menu_import.h"
#include "between.h"
#include "op/op.h"
#include "provider/connect.h"
#include "shop.h"
#include "tap.h"
#include "text/civil.h"
#include "text/uuid.h"
#include "text/zone.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define DAY_US (24 * HOUR_US)

static struct bytes
render(struct arena *arena, const struct order *o)
{
	const char *text = arena_printf(arena, "{\"number\":\"%s\",\"total\":%lld}", o->order_number, (long long)o->total_minor);

	return (struct bytes){ .data = text, .len = strlen(text) };
}

/* What an attempt at placing came to. */
struct tried {
	enum err e;
	int64_t id;
	bool is_answered;
	int status;
	char answer[200], number[40], fault[200];
	int retry_s;
};

static struct tried
try(const struct shop *s, const struct order_wish *w, const char *key, const char *request)
{
	struct tried t = { .id = 0 };
	struct idempotency idem = { .principal = "user:1", .key = key, .request = { request, request != NULL ? strlen(request) : 0 } };
	struct submission_terms terms;
	struct order order = { .id = 0 };
	bool has_pos;
	struct op op;

	shop_op(&op, PROGRAM_orders, s);
	op.actor = (struct actor){ .kind = ACTOR_USER, .id = s->guest_id, .name = "user" };
	(void)connection_terms(&op, &s->restaurant, &has_pos, &terms);
	t.e = order_place(&op, &s->restaurant, has_pos ? &terms : NULL, w, key != NULL ? &idem : NULL, render, &order);
	t.is_answered = idem.is_answered;
	t.status = idem.status;
	t.retry_s = op.fault.retry_after_s;
	if (t.e == OK && idem.is_answered)
		(void)snprintf(t.answer, sizeof t.answer, "%.*s", (int)idem.answer.len, (const char *)idem.answer.data);
	if (t.e == OK && !idem.is_answered) {
		t.id = order.id;
		(void)snprintf(t.number, sizeof t.number, "%s", order.order_number);
		(void)snprintf(t.answer, sizeof t.answer, "%s", (const char *)render(op.arena, &order).data);
	}
	(void)snprintf(t.fault, sizeof t.fault, "%s", op.fault.sentence != NULL ? op.fault.sentence : "");
	op_end(&op);
	return t;
}

static const char *
rows_n(const struct shop *s)
{
	return shop_text("SELECT CONCAT_WS(' ', (SELECT COUNT(*) FROM orders WHERE restaurant_id = r.id),"
	    "(SELECT COUNT(*) FROM order_items i JOIN orders o ON o.id = i.order_id WHERE o.restaurant_id = r.id),"
	    "(SELECT COUNT(*) FROM order_item_addons i JOIN orders o ON o.id = i.order_id WHERE o.restaurant_id = r.id),"
	    "(SELECT COUNT(*) FROM order_taxes i JOIN orders o ON o.id = i.order_id WHERE o.restaurant_id = r.id),"
	    "(SELECT COUNT(*) FROM order_status_history i JOIN orders o ON o.id = i.order_id WHERE o.restaurant_id = r.id),"
	    "(SELECT COUNT(*) FROM events e WHERE e.restaurant_id = r.id AND kind LIKE 'order%%'),"
	    "(SELECT COUNT(*) FROM outbox e WHERE e.restaurant_id = r.id))"
	    " FROM restaurants r WHERE id = %lld", (long long)s->restaurant.id);
}

/* --- rows ------------------------------------------------------------------------------------------------------ */

static void
test_rows(void)
{
	struct cart_line lines[2];
	struct order_wish w;
	struct shop s;
	int64_t id;

	shop_make(&s, "rows");
	shop_connect(&s, NULL);
	w = shop_wish(&s);
	lines[0] = shop_line_with(&s, "i2", "v2", 2, "a2", 1);
	lines[0].special_instructions = "no onion";
	lines[1] = shop_line(&s, "i3", NULL, 1);
	w.cart = (struct cart){ .lines = lines, .lines_n = 2, .order_type = "delivery", .tip_minor = 500 };
	w.delivery_address = "7 Hill Road";
	w.special_instructions = "ring twice";
	is_str(rows_n(&s), "0 0 0 0 0 0 0", "nothing is there before");
	id = shop_place(&s, &w);
	ok(id > 0, "ORD-01 an order is placed");
	is_str(rows_n(&s), "1 2 1 2 2 1 2", "DB-40 order, lines, add-ons, taxes, history, event and messages");
	is_str(shop_axes(id), "received/queued/pending", "C4 where it stands on its three axes");
	is_str(shop_messages(id), "pos_submit:1 pos_undecided:1", "ORD-25 E12 the messages that have it submitted, and watched over");
	/* (350.00 + 40.50) * 2 + 25.00; tax twice 2.5 % of 781.00 = 19.525, up to 19.53; packing 2 * 5.00; 20.00; 5.00 */
	is_str(shop_text("SELECT CONCAT_WS(' ', subtotal_minor, tax_minor, packing_minor, delivery_charge_minor, tip_minor, total_minor,"
	    " currency) FROM orders WHERE id = %lld", (long long)id), "80600 3906 1000 2000 500 88006 INR", "ORD-05 ORD-19 its sums");
	is_str(shop_text("SELECT CONCAT_WS('|', line_no, external_id, item_name, variation_external_id, variation_code, variation_name,"
	    " item_price_minor, addons_minor, quantity, line_total_minor, packing_minor, special_instructions) FROM order_items"
	    " WHERE order_id = %lld AND line_no = 1", (long long)id),
	    "1|i2|Margherita|v2|89059|Large|35000|4050|2|78100|1000|no onion", "DB-12 DB-13 ORD-18 a line is a picture of what was sold");
	is_str(shop_text("SELECT CONCAT_WS('|', line_no, addon_no, external_id, name, group_external_id, group_name, price_minor,"
	    " quantity) FROM order_item_addons WHERE order_id = %lld", (long long)id), "1|1|a2|Feta|g1|Cheese|4050|1",
	    "DB-12 and so is an add-on");
	is_str(shop_text("SELECT GROUP_CONCAT(CONCAT_WS('|', line_no, tax_no, external_id, name, kind, rate_micro, amount_minor,"
	    " is_inclusive) ORDER BY tax_no) FROM order_taxes WHERE order_id = %lld", (long long)id),
	    "1|1|t1|CGST|percent|25000|1953|0,1|2|t2|SGST|percent|25000|1953|0", "DB-12 and so are taxes");
	is_str(shop_text("SELECT CONCAT_WS('|', customer_name, customer_phone, delivery_address, special_instructions, payment_method,"
	    " user_id, released_at = created_at, menu_version) FROM orders WHERE id = %lld", (long long)id),
	    shop_text("SELECT CONCAT_WS('|', 'Ravi', '%s', '7 Hill Road', 'ring twice', 'cash', %lld, 1, 1)", s.guest_phone,
		(long long)s.guest_id), "ORD-01 who wants it and where");
	is_str(shop_text("SELECT GROUP_CONCAT(CONCAT_WS('|', seq, axis, event, old_status, new_status, changed_by) ORDER BY seq)"
	    " FROM order_status_history WHERE order_id = %lld", (long long)id),
	    "1|status|place|none|received|user,2|pos|release|not_required|queued|user", "DB-14 its history begins");
	is_str(shop_column(id, "history_seq"), "2", "DB-14 and is counted on from there");
	is_str(shop_text("SELECT JSON_VALUE(data, '$.status') FROM events WHERE order_id = %lld AND kind = 'order_placed'",
	    (long long)id), "received", "RT-04 watchers are told");
	shop_check(&s, id, "a placed order");
}

static void
test_by_hand(void)
{
	struct shop s;
	int64_t id;

	shop_make(&s, "byhand");
	id = shop_order(&s);
	is_str(shop_axes(id), "confirmed/not_required/pending", "POS-22 without a POS an order is confirmed at once");
	is_str(shop_column(id, "CONCAT(by_hand, confirmed_at = created_at, submission_no)"), "110", "POS-22 and in people's hands");
	is_str(shop_messages(id), "", "POS-22 nothing is to be submitted");
	shop_check(&s, id, "an order by hand");
}

/* --- numbers --------------------------------------------------------------------------------------------------- */

/* The day it is at the restaurant, as the test reckons it: India is 5 h 30 ahead and has no summer time. */
static const char *
day_at(int64_t us)
{
	return shop_text("SELECT DATE_FORMAT(FROM_DAYS(TO_DAYS('1970-01-01')) + INTERVAL FLOOR(%lld / 86400000000) DAY, '%%Y%%m%%d')",
	    (long long)(us + 5 * HOUR_US + HOUR_US / 2));
}

static void
test_numbers(void)
{
	struct shop s, other;
	int64_t now, to_midnight;
	struct tried t;
	struct order_wish w, wo;

	shop_make(&s, "numbers");
	shop_make(&other, "numbers-too");
	w = shop_wish(&s);
	wo = shop_wish(&other);
	/* Noon in India, so that no midnight comes by while this runs. */
	now = world_int("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))");
	to_midnight = DAY_US - (now + 5 * HOUR_US + HOUR_US / 2) % DAY_US;
	shop_clock(to_midnight + DAY_US / 2);
	now += to_midnight + DAY_US / 2;
	t = try(&s, &w, NULL, NULL);
	is_str(t.number, shop_text("SELECT 'ORD-%s-001'", day_at(now)), "ORD-03 the day and a number of it");
	t = try(&s, &w, NULL, NULL);
	is_str(t.number, shop_text("SELECT 'ORD-%s-002'", day_at(now)), "ORD-03 the next one");
	t = try(&other, &wo, NULL, NULL);
	is_str(t.number, shop_text("SELECT 'ORD-%s-001'", day_at(now)), "ORD-03 each restaurant counts for itself");
	shop_clock(to_midnight + DAY_US - 60 * INT64_C(1000000));
	t = try(&s, &w, NULL, NULL);
	is_str(t.number, shop_text("SELECT 'ORD-%s-003'", day_at(now)), "ORD-03 a minute before midnight there it is the same day");
	shop_clock(to_midnight + DAY_US + 60 * INT64_C(1000000));
	t = try(&s, &w, NULL, NULL);
	is_str(t.number, shop_text("SELECT 'ORD-%s-001'", day_at(now + DAY_US)), "ORD-03 a minute after it the count begins again");
	/* Somebody who began before midnight and comes late. */
	shop_clock(to_midnight + DAY_US - 60 * INT64_C(1000000));
	t = try(&s, &w, NULL, NULL);
	is_int(t.e, OK, "ORD-03 one who looked at the clock before midnight and comes after it is served");
	is_str(t.number, shop_text("SELECT 'ORD-%s-002'", day_at(now + DAY_US)), "ORD-03 with a number of the new day");
	shop_clock(to_midnight + DAY_US + 120 * INT64_C(1000000));
	t = try(&s, &w, NULL, NULL);
	is_str(t.number, shop_text("SELECT 'ORD-%s-003'", day_at(now + DAY_US)), "ORD-03 and the count does not begin once more");
	is_int(world_int("SELECT COUNT(*) = MAX(seq) AND MIN(seq) = 1 FROM events WHERE restaurant_id = %lld",
	    (long long)s.restaurant.id), 1, "RT-04 events are numbered without gaps");
	/* Books that are closed at four in the morning: 03:59 and 04:01 of the second day after. */
	world_sql("INSERT INTO system_config VALUES (%lld, 'day_starts_at', '\"04:00\"', NOW(6), 'x')", (long long)s.restaurant.id);
	shop_clock(to_midnight + 2 * DAY_US + 4 * HOUR_US - 60 * INT64_C(1000000));
	t = try(&s, &w, NULL, NULL);
	is_str(t.number, shop_text("SELECT 'ORD-%s-004'", day_at(now + DAY_US)), "E5 ORD-03 before the hour it is the day before");
	shop_clock(to_midnight + 2 * DAY_US + 4 * HOUR_US + 60 * INT64_C(1000000));
	t = try(&s, &w, NULL, NULL);
	is_str(t.number, shop_text("SELECT 'ORD-%s-001'", day_at(now + 2 * DAY_US)), "E5 ORD-03 behind it the next");
	world_sql("UPDATE system_config SET value = '\"06:00\"' WHERE restaurant_id = %lld AND config_key = 'day_starts_at'", (long long)s.restaurant.id);
	t = try(&s, &w, NULL, NULL);
	is_str(t.number, shop_text("SELECT 'ORD-%s-002'", day_at(now + 2 * DAY_US)), "E5 ORD-03 a day that has begun does not end when the hour is moved");
	shop_clock(0);
}

/* --- what stands in the way ------------------------------------------------------------------------------------ */

static void
test_closed(void)
{
	struct order_wish w;
	struct tried t;
	struct shop s;

	shop_make(&s, "closed");
	w = shop_wish(&s);
	world_sql("UPDATE restaurant_counters SET accepting = 0 WHERE restaurant_id = %lld", (long long)s.restaurant.id);
	t = try(&s, &w, "k", "body");
	is_int(t.e, ERR_RESTAURANT_CLOSED, "ORD-08 a restaurant that takes no orders takes none");
	is_str(rows_n(&s), "0 0 0 0 0 0 0", "DB-40 and nothing is left of it");
	is_int(world_int("SELECT COUNT(*) FROM idempotency_keys WHERE idempotency_key = 'k'"), 0, "I6 nor of its key");
	world_sql("UPDATE restaurant_counters SET accepting = 1 WHERE restaurant_id = %lld", (long long)s.restaurant.id);
	world_sql("INSERT INTO system_config VALUES (%lld, 'restaurant_open', 'false', NOW(6), 'x')", (long long)s.restaurant.id);
	is_int(try(&s, &w, NULL, NULL).e, ERR_RESTAURANT_CLOSED, "ORD-08 closed by its settings");
	world_sql("DELETE FROM system_config WHERE restaurant_id = %lld", (long long)s.restaurant.id);
	s.restaurant.is_active = false;
	is_int(try(&s, &w, NULL, NULL).e, ERR_RESTAURANT_CLOSED, "ORD-08 or gone from the platform");
	s.restaurant.is_active = true;
	world_sql("INSERT INTO system_config VALUES (%lld, 'cash_payment_enabled', 'false', NOW(6), 'x')", (long long)s.restaurant.id);
	is_int(try(&s, &w, NULL, NULL).e, ERR_VALIDATION_ERROR, "ORD-10 a restaurant that takes no cash takes none");
	world_sql("DELETE FROM system_config WHERE restaurant_id = %lld", (long long)s.restaurant.id);
	w.payment_method = "upi";
	is_int(try(&s, &w, NULL, NULL).e, ERR_VALIDATION_ERROR, "ORD-10 a way of paying that is not offered");
	w = shop_wish(&s);
	w.cart.order_type = "delivery";
	is_int(try(&s, &w, NULL, NULL).e, ERR_VALIDATION_ERROR, "ORD-22 a delivery needs an address");
	w.delivery_address = " \t\n ";
	is_int(try(&s, &w, NULL, NULL).e, ERR_VALIDATION_ERROR, "ORD-22 and blanks are none");
	w.delivery_address = "7 Hill Road";
	w.cart.order_type = "dine_in";
	w.table_number = "  ";
	is_int(try(&s, &w, NULL, NULL).e, ERR_VALIDATION_ERROR, "ORD-22 nor are they a table");
	w.cart.order_type = "delivery";
	world_sql("INSERT INTO system_config VALUES (%lld, 'delivery_enabled', 'false', NOW(6), 'x')", (long long)s.restaurant.id);
	is_int(try(&s, &w, NULL, NULL).e, ERR_VALIDATION_ERROR, "ORD-10 and a restaurant that delivers");
	w = shop_wish(&s);
	w.scheduled_time = 1000000;
	is_int(try(&s, &w, NULL, NULL).e, ERR_VALIDATION_ERROR, "ORD-17 a time that is not over");
	is_str(rows_n(&s), "0 0 0 0 0 0 0", "DB-40 nothing is left of any of them");
	w = shop_wish(&s);
	is_int(try(&s, &w, NULL, NULL).e, OK, "ORD-08 and open again it takes orders");
}

/* The file's path; good until the next call. */
static const char *
in_dir(const char *dir, const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

/* A writer of the menu between pricing and numbering. */
static void
test_menu_changes(void)
{
	struct order_wish w;
	struct shop s;
	int64_t id;
	char dir[] = "/tmp/trcXXXXXX";
	pid_t pid;
	int status;

	shop_make(&s, "changes");
	w = shop_wish(&s);
	if (mkdtemp(dir) == NULL)
		return;
	fflush(NULL);
	close(open(in_dir(dir, "stop.order_place.before_counter"), O_CREAT | O_WRONLY, 0600));
	shop_cut(PROGRAM_orders);
	pid = fork();
	if (pid == 0) {
		setenv("TICKETRAIL_CRASH_DIR", dir, 1);
		_exit(shop_place(&s, &w) > 0 ? 0 : 1);
	}
	waitpid(pid, &status, WUNTRACED);
	ok(WIFSTOPPED(status), "an order stands before its number, priced and unnumbered");
	shop_menu_item("i1")->price_minor = 19000;
	shop_menu_import(&s);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "ORD-04 an order whose menu changes is placed all the same");
	id = world_int("SELECT MAX(id) FROM orders WHERE restaurant_id = %lld", (long long)s.restaurant.id);
	/* 190.00, tax 2 * 4.75, packing 7.00 */
	is_str(shop_column(id, "CONCAT(subtotal_minor, ' ', total_minor, ' ', menu_version)"), "19000 20650 2",
	    "ORD-04 at the price of the menu that held when it was numbered");
	is_int(world_int("SELECT COUNT(*) FROM orders WHERE restaurant_id = %lld", (long long)s.restaurant.id), 1, "ORD-04 once");
	shop_check(&s, id, "an order placed while the menu changed");
	unlink(in_dir(dir, "seen"));
	rmdir(dir);

	shop_menu_item("i1")->price_minor = 25000;
	shop_menu_item("i1")->name = "Paneer";
	shop_menu_item("i1")->is_active = false;
	shop_menu_import(&s);
	is_str(shop_text("SELECT CONCAT_WS('|', item_name, item_price_minor, line_total_minor) FROM order_items WHERE order_id = %lld",
	    (long long)id), "Paneer Tikka|19000|19000", "DB-12 what was sold stays as it was sold");
	is_int(try(&s, &w, NULL, NULL).e, ERR_ITEM_UNAVAILABLE, "ORD-06 what is no longer on the menu is not sold");
}

/* --- idempotency ----------------------------------------------------------------------------------------------- */

static void
test_idempotency(void)
{
	struct tried first, again, t;
	struct order_wish w, empty;
	char dir[] = "/tmp/trcXXXXXX";
	struct shop s;
	pid_t pid;
	int status;

	shop_make(&s, "idem");
	w = shop_wish(&s);
	first = try(&s, &w, "key-1", "POST /orders {1}");
	ok(first.e == OK && !first.is_answered, "I6 the first time it is done");
	again = try(&s, &w, "key-1", "POST /orders {1}");
	ok(again.e == OK && again.is_answered && again.status == 201, "I6 the second time it was done");
	is_str(again.answer, first.answer, "I6 and answered with the same bytes");
	is_int(world_int("SELECT COUNT(*) FROM orders WHERE restaurant_id = %lld", (long long)s.restaurant.id), 1, "I6 one order");
	is_int(try(&s, &w, "key-1", "POST /orders {2}").e, ERR_IDEMPOTENCY_MISMATCH, "I6 another request under the key is refused");
	is_int(err_info(ERR_IDEMPOTENCY_MISMATCH)->status, 422, "I6 with 422");
	t = try(&s, &w, "key-2", "POST /orders {1}");
	ok(t.e == OK && !t.is_answered, "I6 another key is another order");

	empty = w;
	empty.cart.lines_n = 0;
	is_int(try(&s, &empty, "key-3", "x").e, ERR_CART_EMPTY, "I6 a failure");
	t = try(&s, &w, "key-3", "y");
	ok(t.e == OK && !t.is_answered, "I6 frees the key, for another request even");

	/* Held: the child stands in the middle of its transaction. */
	if (mkdtemp(dir) == NULL)
		return;
	close(open(in_dir(dir, "stop.order_place.before_insert"), O_CREAT | O_WRONLY, 0600));
	shop_cut(PROGRAM_orders);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		setenv("TICKETRAIL_CRASH_DIR", dir, 1);
		t = try(&s, &w, "key-4", "z");
		_exit(t.e == OK && !t.is_answered ? 0 : 1);
	}
	waitpid(pid, &status, WUNTRACED);
	t = try(&s, &w, "key-4", "z");
	is_int(t.e, ERR_IDEMPOTENCY_IN_PROGRESS, "I6 a key that is held is told so at once");
	is_int(err_info(t.e)->status, 409, "I6 with 409");
	ok(t.retry_s > 0, "I6 and when to come again");
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	is_int(status, 0, "I6 whoever holds it gets it done");
	t = try(&s, &w, "key-4", "z");
	ok(t.e == OK && t.is_answered, "I6 and then it was done");
	unlink(in_dir(dir, "seen"));
	rmdir(dir);
}

/* --- dying ----------------------------------------------------------------------------------------------------- */

static void
test_dying(void)
{
	static const char *const points[] = { "order_place.before_insert", "order_place.before_counter", "db.before_commit" };
	struct order_wish w;
	struct shop s;

	shop_make(&s, "dying");
	shop_connect(&s, NULL);
	w = shop_wish(&s);
	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		char dir[] = "/tmp/trcXXXXXX";
		struct arena *a = arena_new(1 << 16);
		pid_t pid;
		int status;

		if (mkdtemp(dir) == NULL)
			return;
		close(open(arena_printf(a, "%s/kill.%s", dir, points[i]), O_CREAT | O_WRONLY, 0600));
		/* The first of these is that of reading the menu. */
		if (strcmp(points[i], "db.before_commit") == 0)
			close(open(arena_printf(a, "%s/skip.%s", dir, points[i]), O_CREAT | O_WRONLY, 0600));
		shop_cut(PROGRAM_orders);
		fflush(NULL);
		pid = fork();
		if (pid == 0) {
			setenv("TICKETRAIL_CRASH_DIR", dir, 1);
			_exit((int)shop_place(&s, &w));
		}
		waitpid(pid, &status, 0);
		ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a worker is killed at %s", points[i]);
		while (shop_open() > 0)
			;
		is_str(rows_n(&s), "0 0 0 0 0 0 0", "DB-40 nothing half is left of the order");
		unlink(arena_printf(a, "%s/seen", dir));
		rmdir(dir);
		arena_free(&a);
	}
	is_str(shop_text("SELECT CONCAT_WS(' ', order_seq, event_seq) FROM restaurant_counters WHERE restaurant_id = %lld",
	    (long long)s.restaurant.id), "0 1", "ORD-03 and no number was used up");
	ok(shop_place(&s, &w) > 0, "the next one is placed");
	is_str(rows_n(&s), "1 1 0 2 2 1 2", "DB-40 whole");
}

/* The answer to COMMIT is lost: the server did it, or did not. The first COMMIT is that of reading the menu. */
static void
test_ambiguous(void)
{
	static const struct {
		enum cut how;
		const char *slug, *name;
	} cuts[] = {
		{ CUT_BEFORE, "cut-before", "B1 a COMMIT that never arrived" },
		{ CUT_AFTER, "cut-after", "B1 a COMMIT whose answer never arrived" },
	};
	struct db_options o = world_options(PROGRAM_orders);
	char path[64];

	(void)snprintf(path, sizeof path, "%s.cut", o.socket);
	between_start(path, o.socket);
	for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
		struct order_wish w;
		struct tried t;
		struct shop s;
		int64_t id;

		shop_make(&s, cuts[i].slug);
		shop_connect(&s, NULL);
		w = shop_wish(&s);
		shop_socket(path);
		between_cut(cuts[i].how, 1);
		t = try(&s, &w, cuts[i].slug, "once");
		is_int(between_waits_for(), CUT_NOTHING, "%s", cuts[i].name);
		shop_socket(NULL);
		is_int(t.e, OK, "DB-40 and yet the guest is told what happened: %s", t.number);
		is_str(rows_n(&s), "1 1 0 2 2 1 2", "DB-40 exactly one order, whole");
		ok(try(&s, &w, cuts[i].slug, "once").is_answered, "I6 its key knows the answer");
		id = world_int("SELECT id FROM orders WHERE restaurant_id = %lld", (long long)s.restaurant.id);
		is_str(shop_column(id, "order_number"), t.number, "ORD-03 it is the one");
		shop_check(&s, id, "an order with an ambiguous COMMIT");
	}
}

int
main(void)
{
	test_rows();
	test_by_hand();
	test_numbers();
	test_closed();
	test_menu_changes();
	test_idempotency();
	test_dying();
	test_ambiguous();
	return tap_done();
}
