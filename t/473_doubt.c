/*
 * doubt: what becomes of an order of which it was not known whether the POS has it, at Square, where it takes an order and a payment,
 * and what a look brings to light.
 */
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "order/settle.h"
#include "order/submission.h"
#include "provider/connect.h"
#include "tap.h"
#include "till.h"

#define CONFIG "{\"access_token\":\"CANARY-TOKEN\",\"location_id\":\"L1\"}"
#define DECLINED "{\"errors\":[{\"category\":\"PAYMENT_METHOD_ERROR\",\"code\":\"GENERIC_DECLINE\",\"detail\":\"no\"}]}"

static struct shop shop;

static enum err
connect_body(struct op *op, void *arg)
{
	struct connection *c = arg;

	return connection_save(op, &shop.restaurant, &(struct connection_wish){ .provider_name = "square",
	    .endpoint = "https://pos.example", .config = { CONFIG, sizeof CONFIG - 1 } }, c);
}

static void
connect(void)
{
	struct connection c;
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_integrations, &shop);
	e = db_tx(&op, connect_body, &c);
	if (e != OK)
		diag("%s %s", err_info(e)->name, op.fault.details != NULL ? op.fault.details : "");
	ok(e == OK, "the restaurant is at Square");
	op_end(&op);
}

static struct attempt_seen
attempt(enum message_kind kind, int64_t order_id, struct till_reply reply)
{
	return till_attempt_alone(&shop, kind, order_id, reply);
}

/* The order as Square tells it: `state`, and with so much due. */
static const char *
square_order(int64_t id, const char *state, bool is_paid)
{
	return shop_text("SELECT CONCAT('{\"id\":\"SQ', id, '\",\"location_id\":\"L1\",\"state\":\"%s\",\"version\":1,\"reference_id\":\"', order_number,"
	    " '\",\"total_money\":{\"amount\":', total_minor, ',\"currency\":\"INR\"},\"net_amount_due_money\":{\"amount\":', IF(%d, 0, total_minor),"
	    " ',\"currency\":\"INR\"}}') FROM orders WHERE id = %lld", state, is_paid, (long long)id);
}

static struct till_reply
order_reply(int64_t id, const char *state, bool is_paid)
{
	return TILL_REPLY(200, shop_text("SELECT '{\"order\":%s}'", square_order(id, state, is_paid)));
}

static struct till_reply
search_reply(int64_t id, bool is_paid)
{
	return TILL_REPLY(200, shop_text("SELECT '{\"orders\":[%s]}'", square_order(id, "OPEN", is_paid)));
}

/* The order is there, and whether its payment is nobody knows. */
static int64_t
doubtful(void)
{
	int64_t id = shop_order(&shop);
	struct attempt_seen a;

	attempt(MESSAGE_pos_submit, id, order_reply(id, "OPEN", false));
	a = attempt(MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	ok(strstr(a.url, "/v2/payments") != NULL, "POS-12 the order is made, and then paid: %s", a.url);
	is_str(shop_axes(id), "received/unsure/pending", "D5 of which nothing is known");
	return id;
}

static bool
is_watched(int64_t id)
{
	return strstr(shop_messages(id), "pos_watch") != NULL;
}

static void
settled_ago(int64_t id, int seconds)
{
	world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL %d SECOND WHERE id = %lld", seconds, (long long)id);
}

/* The payment is refused when it is repeated, and the order, which is not paid, is undone. */
static int64_t
failed_after_doubt(bool is_cancelled)
{
	int64_t id = doubtful();

	attempt(MESSAGE_pos_submit, id, TILL_REPLY(402, DECLINED));
	is_str(shop_axes(id), "received/submitting/pending", "rule 5 the repeat is refused, and its order is looked at");
	ok(!is_watched(id), "PERF-03 no watch is put for what goes on");
	if (is_cancelled)
		world_sql("UPDATE orders SET cancel_wanted = 'guest' WHERE id = %lld", (long long)id);
	attempt(MESSAGE_pos_submit, id, order_reply(id, "OPEN", false));
	attempt(MESSAGE_pos_submit, id, order_reply(id, "CANCELED", false));
	ok(is_watched(id), "rule 5 it fails, and what was in doubt once is watched for");
	return id;
}

/* The watch as the relay makes it: the order is searched for by its name, and then read. */
static void
watch_finds(int64_t id)
{
	struct attempt_seen a = attempt(MESSAGE_pos_watch, id, search_reply(id, true));

	ok(a.is_sent && strstr(a.url, "/v2/orders/search") != NULL, "rule 11 the watch looks for its name: %s", a.url);
	a = attempt(MESSAGE_pos_watch, id, order_reply(id, "OPEN", true));
	ok(a.is_sent && strstr(a.url, "/v2/orders/SQ") != NULL, "rule 11 and reads what it finds: %s", a.url);
}

static void
test_watch_open(void)
{
	int64_t id = failed_after_doubt(false);

	is_str(shop_axes(id), "received/failed/pending", "POS-25 the order failed");
	is_str(shop_notices(id), "pos_failed", "NOT-08 as staff are told");
	attempt(MESSAGE_pos_watch, id, TILL_REPLY(200, "{}"));
	is_str(shop_axes(id), "received/failed/pending", "rule 11 nothing is found yet");
	ok(is_watched(id), "rule 11 and it goes on");
	watch_finds(id);
	is_str(shop_axes(id), "received/accepted/pending", "rule 11 it is there after all");
	is_str(shop_column(id, "pos_order_id = CONCAT('SQ', id)"), "1", "POS-24 under this id");
	is_str(shop_notices(id), "pos_failed pos_late_answer", "NOT-08 and staff hear of that");
	ok(till_job(&shop, MESSAGE_pos_compensate, id), "C16 the time to mend it is over");
	is_str(shop_axes(id), "received/accepted/pending", "C16 and nothing is closed");
	shop_check(&shop, id, "an order that was found by the watch");
}

static void
test_watch_ended(void)
{
	int64_t id = failed_after_doubt(true);

	is_str(shop_axes(id), "cancelled/failed/pending", "rule 7 the order ends as wished");
	watch_finds(id);
	is_str(shop_axes(id), "cancelled/accepted/pending", "rule 11 and lives at the POS");
	is_str(shop_notices(id), "order_ended pos_late_acceptance", "rule 11 which staff are told");
	ok(strstr(shop_messages(id), "pos_void") != NULL, "rule 11 and which is cancelled there: %s", shop_messages(id));
	attempt(MESSAGE_pos_void, id, order_reply(id, "CANCELED", true));
	is_str(shop_axes(id), "cancelled/failed/pending", "rule 11 both agree in the end");
	ok(strstr(shop_messages(id), "pos_void") == NULL, "rule 11 and nothing is left of that");
	shop_check(&shop, id, "an order that was found after its end");
}

/* A second ticket, of a submission that was sent again under another name. */
static void
test_watch_twice(void)
{
	int64_t id = failed_after_doubt(false);

	world_sql("UPDATE orders SET submission_no = 2, pos_state = 'accepted', pos_order_id = 'SQ-SECOND' WHERE id = %lld", (long long)id);
	watch_finds(id);
	is_str(shop_notices(id), "pos_failed pos_twice", "rule 11 two of them live: people must take one off");
	is_str(shop_column(id, "pos_order_id"), "SQ-SECOND", "rule 9 and the order is what it was");
}

/* After four hours it is over. */
static void
test_watch_over(void)
{
	int64_t id = failed_after_doubt(false);

	world_sql("UPDATE outbox SET created_at = created_at - INTERVAL 239 MINUTE WHERE kind = 'pos_watch' AND subject_id = %lld", (long long)id);
	ok(attempt(MESSAGE_pos_watch, id, TILL_REPLY(200, "{}")).is_sent, "rule 11 it is looked for until the last minute");
	world_sql("UPDATE outbox SET created_at = created_at - INTERVAL 2 MINUTE WHERE kind = 'pos_watch' AND subject_id = %lld", (long long)id);
	ok(!attempt(MESSAGE_pos_watch, id, TILL_REPLY(200, "{}")).is_sent, "rule 11 for four hours");
	ok(!is_watched(id), "rule 11 and then no more");
}

/* How the order stands after its payment was refused can not be seen: the doubt is what it was, and nothing ends by that. */
static void
test_doubt_stays(void)
{
	int64_t id = doubtful();
	struct attempt_seen a;

	attempt(MESSAGE_pos_submit, id, TILL_REPLY(402, DECLINED));
	world_sql("UPDATE orders SET cancel_wanted = 'guest' WHERE id = %lld", (long long)id);
	for (int i = 0; i < 3; i++) {
		a = attempt(MESSAGE_pos_submit, id, TILL_REPLY(503, ""));
		ok(a.is_sent && strstr(a.url, "/v2/orders/SQ") != NULL, "POS-23 it can not be looked at: %s", a.url);
		is_str(shop_axes(id), "received/unsure/pending", "rule 5 whether it is paid is not known still");
	}
	is_str(shop_text("SELECT CONCAT_WS(' ', outcome, attempts) FROM outbox_done WHERE id = %lld", (long long)a.message_id), "LATER 3",
	    "POS-23 three times");
	is_str(shop_notices(id), "", "rule 6 nobody is told that it is cancelled");
	settled_ago(id, 1);
	attempt(MESSAGE_pos_look, id, search_reply(id, true));
	attempt(MESSAGE_pos_look, id, order_reply(id, "OPEN", true));
	is_str(shop_axes(id), "received/accepted/pending", "rule 5 a look shows that it is there");
	ok(strstr(shop_messages(id), "pos_void") != NULL, "rule 7 and it is taken off: %s", shop_messages(id));
	shop_check(&shop, id, "an order in doubt that was not wanted");

	id = doubtful();
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(402, DECLINED));
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(503, ""));
	attempt(MESSAGE_pos_submit, id, order_reply(id, "OPEN", true));
	is_str(shop_axes(id), "confirmed/accepted/pending", "rule 5 or the next attempt does: the payment had come");

	id = doubtful();
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(402, DECLINED));
	for (int i = 0; i < 3; i++)
		attempt(MESSAGE_pos_submit, id, TILL_REPLY(503, ""));
	for (int i = 0; i < 3; i++) {
		settled_ago(id, 31);
		till_job(&shop, MESSAGE_pos_deadline, id);
	}
	is_str(shop_axes(id), "received/manual/pending", "rule 8 or people do");
	is_str(shop_notices(id), "pos_manual", "NOT-08 who are told");
	shop_check(&shop, id, "an order in doubt that could not be looked at");
}

/* Of what was never in doubt nothing can come. */
static void
test_no_watch(void)
{
	int64_t id = shop_order(&shop);

	attempt(MESSAGE_pos_submit, id, TILL_REPLY(400, "{\"errors\":[{\"code\":\"INVALID_VALUE\",\"detail\":\"no\"}]}"));
	is_str(shop_axes(id), "received/failed/pending", "POS-25 an order that is refused");
	ok(!is_watched(id), "PERF-03 is watched for by nobody");
	id = shop_order(&shop);
	attempt(MESSAGE_pos_submit, id, order_reply(id, "OPEN", false));
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(402, DECLINED));
	attempt(MESSAGE_pos_submit, id, order_reply(id, "OPEN", false));
	attempt(MESSAGE_pos_submit, id, order_reply(id, "CANCELED", false));
	is_str(shop_axes(id), "received/failed/pending", "POS-25 one whose payment was refused, and that was undone");
	ok(!is_watched(id), "PERF-03 nor is this one: %s", shop_messages(id));
}

static int64_t
deadlines(int64_t id)
{
	return world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'pos_deadline' AND subject_id = %lld", (long long)id);
}

/* Of two doubts, one after the other, the first one's deadline says nothing of the second. */
static void
test_two_doubts(void)
{
	int64_t id = doubtful();

	attempt(MESSAGE_pos_submit, id, TILL_REPLY(402, DECLINED));
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(403, ""));
	is_str(shop_axes(id), "received/unsure/pending", "rule 5 whether the order is paid can not be seen: in doubt once more");
	is_int(deadlines(id), 2, "rule 8 which has its deadline, behind that of the doubt before");
	settled_ago(id, 60);
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "rule 8 the first one is over");
	is_str(shop_axes(id), "received/unsure/pending", "rule 8 which is not the end of the second");
	is_int(deadlines(id), 1, "rule 8 that has its own");
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "rule 8 over too");
	is_str(shop_axes(id), "received/manual/pending", "rule 8 it is the staff's");
	is_str(shop_notices(id), "pos_manual", "NOT-08 who are told");
	shop_check(&shop, id, "an order that was in doubt twice");
}

/* A repeat that was put off for long ends in doubt as well: then too there is time to look. */
static void
test_looks_have_time(void)
{
	int64_t id = doubtful();

	settled_ago(id, 0);
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "rule 8 the deadline, when what was sent has just settled");
	is_str(shop_axes(id), "received/unsure/pending", "rule 8 looks begin only now");
	is_int(world_int("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due_at) BETWEEN 25 AND 30 FROM outbox WHERE kind = 'pos_deadline'"
	    " AND subject_id = %lld", (long long)id), 1, "rule 8 and have half a minute");
	settled_ago(id, 31);
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "rule 8 which is over");
	is_str(shop_axes(id), "received/manual/pending", "rule 8 so that people look");
}

static void
first_sent_ago(int64_t id, int hours)
{
	world_sql("UPDATE order_status_history SET created_at = created_at - INTERVAL %d HOUR WHERE order_id = %lld AND event = 'claim'", hours,
	    (long long)id);
}

static int64_t
first_sent(int64_t id)
{
	struct order_axes x = { .id = id };
	int64_t at = 0;
	struct op op;

	shop_op(&op, PROGRAM_relay, &shop);
	ok(submission_first_sent(&op, &x, &at) == OK, "when it was sent first");
	op_end(&op);
	return at;
}

/* A doubt that nobody could see to for a day: the POS may not know the key any more, under which a repeat would be none. */
static void
test_key_forgotten(void)
{
	int64_t id = doubtful();
	struct attempt_seen a;

	first_sent_ago(id, 23);
	a = attempt(MESSAGE_pos_submit, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	ok(a.is_sent, "rule 12 within a day it is repeated");
	first_sent_ago(id, 1);
	a = attempt(MESSAGE_pos_submit, id, order_reply(id, "OPEN", true));
	ok(a.is_claimed && !a.is_sent, "rule 12 later it is not");
	is_str(shop_axes(id), "received/unsure/pending", "rule 5 the doubt stays");
	is_str(shop_text("SELECT CONCAT_WS(' ', outcome, last_error) FROM outbox_done WHERE id = %lld", (long long)a.message_id),
	    "UNSURE The POS may have forgotten what it was sent", "rule 12 and why stands with it");
	settled_ago(id, 1);
	attempt(MESSAGE_pos_look, id, search_reply(id, true));
	attempt(MESSAGE_pos_look, id, order_reply(id, "OPEN", true));
	is_str(shop_axes(id), "received/accepted/pending", "rule 12 but a look shows it");
	shop_check(&shop, id, "an order that was not repeated");

	id = doubtful();
	first_sent_ago(id, 24);
	attempt(MESSAGE_pos_submit, id, order_reply(id, "OPEN", true));
	settled_ago(id, 31);
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "rule 12 or nothing does");
	is_str(shop_axes(id), "received/manual/pending", "rule 12 and people look");
	is_str(shop_notices(id), "pos_manual", "NOT-08 as they are told");

	/* Its relay died, and for a day there was none. */
	id = shop_order(&shop);
	attempt(MESSAGE_pos_submit, id, order_reply(id, "OPEN", false));
	attempt(MESSAGE_pos_submit, id, TILL_LOST);
	first_sent_ago(id, 24);
	a = attempt(MESSAGE_pos_submit, id, order_reply(id, "OPEN", true));
	ok(!a.is_sent, "rule 12 what was lost so long ago is not sent again");
	is_str(shop_axes(id), "received/unsure/pending", "rule 1 it is in doubt");
	ok(strstr(shop_messages(id), "pos_deadline") != NULL, "rule 8 which has its deadline: %s", shop_messages(id));

	/* Another submission has another name. */
	world_sql("UPDATE orders SET pos_state = 'failed' WHERE id = %lld", (long long)id);
	world_sql("INSERT INTO order_status_history (order_id, seq, axis, event, old_status, new_status, changed_by, trace_id, created_at)"
	    " SELECT id, history_seq + 1, 'pos', 'retry', 'failed', 'queued', 'test', '', NOW(6) FROM orders WHERE id = %lld", (long long)id);
	is_int(first_sent(id), TIME_NONE, "rule 12 of one that staff send again nothing was sent yet");
}

/* --- a late yes -------------------------------------------------------------------------------------------------- */

/*
 * At PetPooja: nobody confirms the order in time, the house wants it cancelled, and then the kitchen says yes. One letter per deed:
 *	b an attempt ends with a yes  x it is lost  u it ends in doubt   D the time is over   Y the kitchen confirms   K it cancels
 *	v it is voided  V that is refused  w nobody knows whether it is   C staff complete it
 */
static const struct {
	const char *way, *axes, *notices;
	bool is_voided_next; /* a void waits */
	const char *name;
} late[] = {
	{ "D", "cancelled/failed/pending", "unaccepted_ended order_ended", false, "it had not left: it ends at once" },
	{ "DY", "cancelled/failed/pending", "unaccepted_ended order_ended pos_earlier", false, "a yes to what never left is for people" },
	{ "xDY", "confirmed/accepted/pending", "unaccepted_ended", true, "the yes is the first that is heard of it: it is voided" },
	{ "xDYbv", "cancelled/failed/pending", "unaccepted_ended order_ended", false, "and ends" },
	{ "uDY", "confirmed/accepted/pending", "unaccepted_ended", true, "a doubt that the yes ends: it is voided" },
	{ "uDYbv", "cancelled/failed/pending", "unaccepted_ended order_ended", false, "and ends" },
	{ "uDYbV", "confirmed/manual/pending", "unaccepted_ended pos_void_refused", false, "or is for people" },
	{ "bDY", "confirmed/accepted/pending", "unaccepted_ended", true, "the yes does not drop the wish" },
	{ "bDYv", "cancelled/failed/pending", "unaccepted_ended order_ended", false, "it is voided after its yes" },
	{ "bDYV", "confirmed/manual/pending", "unaccepted_ended pos_void_refused", false, "the kitchen keeps it: people" },
	{ "bDYwwwwww", "confirmed/manual/pending", "unaccepted_ended pos_void_refused", false, "nobody answers the void: people" },
	{ "bDwY", "confirmed/accepted/pending", "unaccepted_ended", true, "a yes while the void is in doubt: it goes on" },
	{ "bDwYv", "cancelled/failed/pending", "unaccepted_ended order_ended", false, "and decides" },
	{ "bDvY", "cancelled/accepted/pending", "unaccepted_ended order_ended pos_late_acceptance", true, "a yes after the void: once more" },
	{ "bDvYv", "cancelled/failed/pending", "unaccepted_ended order_ended pos_late_acceptance", false, "until both agree" },
	{ "bDVY", "confirmed/accepted/pending", "unaccepted_ended pos_void_refused", true, "a yes after a refused void: once more" },
	{ "bDVYV", "confirmed/manual/pending", "unaccepted_ended pos_void_refused pos_void_refused", false, "refused again it stays with people, who hear of it again" },
	{ "bDYK", "cancelled/failed/pending", "unaccepted_ended order_ended", true, "the kitchen itself takes it back" },
	{ "bYD", "confirmed/accepted/pending", "", false, "a yes in time is one" },
	{ "bDYC", "completed/accepted/paid", "unaccepted_ended", true, "staff have served it meanwhile" },
	{ "bDYCv", "completed/accepted/paid", "unaccepted_ended", false, "what was eaten is not taken off" },
};

static struct shop kitchen;

static enum err
complete_body(struct op *op, void *arg)
{
	const int64_t *id = arg;
	struct order_axes x;
	bool moved;
	enum err e = order_lock(op, kitchen.restaurant.id, *id, &x);

	if (e == OK)
		e = order_settle_cash(op, &x);
	if (e == OK)
		e = order_status_move(op, &x, STATUS_EVENT_complete, WHO_STAFF, NULL, &moved);
	return e != OK ? e : order_save(op, &x);
}

static void
late_deed(int64_t id, char letter)
{
	struct till_reply yes = TILL_REPLY(200, "{\"success\":\"1\",\"message\":\"ok\"}");
	struct op op;

	switch (letter) {
	case 'b': (void)till_attempt(&kitchen, MESSAGE_pos_submit, id, till_yes(id, NULL)); break;
	case 'x': (void)till_attempt(&kitchen, MESSAGE_pos_submit, id, TILL_LOST); break;
	case 'u': (void)till_attempt(&kitchen, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT)); break;
	case 'D': (void)till_job(&kitchen, MESSAGE_pos_accept, id); break;
	case 'Y': (void)till_callback(&kitchen, id, "1", NULL); break;
	case 'K': (void)till_callback(&kitchen, id, "-1", ",\"cancel_reason\":\"closed\""); break;
	case 'v': (void)till_attempt(&kitchen, MESSAGE_pos_void, id, yes); break;
	case 'V': (void)till_attempt(&kitchen, MESSAGE_pos_void, id, till_no()); break;
	case 'w': (void)till_attempt(&kitchen, MESSAGE_pos_void, id, TILL_FAILURE(CALL_TIMED_OUT)); break;
	default:
		shop_op(&op, PROGRAM_admin, &kitchen);
		ok(db_tx(&op, complete_body, &id) == OK, "staff complete it");
		op_end(&op);
	}
}

static void
test_late_yes(void)
{
	shop_make(&kitchen, "pp");
	shop_connect(&kitchen, NULL);
	world_sql("INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by) VALUES"
	    " (%lld, 'accept_minutes', '5', NOW(6), 'test'), (%lld, 'accept_or_cancel', 'true', NOW(6), 'test')",
	    (long long)kitchen.restaurant.id, (long long)kitchen.restaurant.id);
	for (size_t i = 0; i < sizeof late / sizeof late[0]; i++) {
		int64_t id = shop_order(&kitchen);

		for (const char *c = late[i].way; *c != '\0'; c++)
			late_deed(id, *c);
		is_str(shop_axes(id), late[i].axes, "E8 rule 7 %s (%s)", late[i].name, late[i].way);
		is_str(shop_notices(id), late[i].notices, "NOT-08 who is told (%s)", late[i].way);
		is_int(strstr(shop_messages(id), "pos_void") != NULL, late[i].is_voided_next, "rule 7 whether a void waits (%s)", late[i].way);
		shop_check(&kitchen, id, late[i].way);
	}
}

/* Staff complete it while the POS takes it off. */
static void
test_completed_meanwhile(void)
{
	int64_t id = shop_order(&kitchen);
	struct till_reply yes = TILL_REPLY(200, "{\"success\":\"1\",\"message\":\"ok\"}");

	late_deed(id, 'b');
	late_deed(id, 'D');
	yes.meanwhile = shop_text("SELECT 'UPDATE orders SET status = \\'completed\\' WHERE id = %lld'", (long long)id);
	(void)till_attempt(&kitchen, MESSAGE_pos_void, id, yes);
	is_str(shop_axes(id), "completed/failed/pending", "rule 7 what was completed stays so");
	is_str(shop_notices(id), "unaccepted_ended pos_cancelled_late", "NOT-08 and staff hear that the POS has it no more");
}

int
main(void)
{
	shop_make(&shop, "sq");
	connect();
	test_watch_open();
	test_watch_ended();
	test_watch_twice();
	test_watch_over();
	test_no_watch();
	test_doubt_stays();
	test_two_doubts();
	test_looks_have_time();
	test_key_forgotten();
	test_late_yes();
	test_completed_meanwhile();
	return tap_done();
}
