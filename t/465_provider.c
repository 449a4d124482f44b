/* provider: what leaves the house, what is known before it does, and what every ending makes of an order. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "menu/menu_import.h"
#include "op/op.h"
#include "order/settle.h"
#include "person/otp.h"
#include "provider/call.h"
#include "provider/connect.h"
#include "provider/menu.h"
#include "tap.h"
#include "till.h"

static struct shop shop;

static const char *
waiting(enum message_kind kind, int64_t subject_id)
{
	return shop_text("SELECT CONCAT_WS(' ', attempts, owner <> 0, begun_at IS NOT NULL) FROM outbox WHERE kind = '%s' AND subject_id = %lld",
	    message_info(kind)->name, (long long)subject_id);
}

/* In how many seconds the message is due, from the moment it was put off. */
static int64_t
due_in(enum message_kind kind, int64_t subject_id)
{
	return world_int("SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), due_at) / 1000000) FROM outbox WHERE kind = '%s'"
	    " AND subject_id = %lld", message_info(kind)->name, (long long)subject_id);
}

static const char *
done(int64_t message_id)
{
	return shop_text("SELECT CONCAT_WS(' ', outcome, attempts) FROM outbox_done WHERE id = %lld", (long long)message_id);
}

/* --- an order goes out ------------------------------------------------------------------------------------------ */

static void
test_done(void)
{
	int64_t id = shop_order(&shop);
	struct attempt_seen a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	const char *number = shop_column(id, "order_number"), *request, *token;

	ok(a.is_claimed && a.is_sent && a.e == OK, "POS-12 an order is sent");
	is_str(shop_axes(id), "received/submitting/pending", "rule 1 the intent stands before the first byte");
	is_str(waiting(MESSAGE_pos_submit, id), "1 1 1", "rule 1 and so does the attempt");
	is_str(shop_column(id, "pos_reference = order_number"), "1", "POS-02 our name for it there");
	is_int(world_int("SELECT TIMESTAMPDIFF(MICROSECOND, updated_at, settled_at) FROM orders WHERE id = %lld", (long long)id),
	    (int64_t)1000 * (a.limits.window_ms + a.limits.flight_ms + a.limits.lag_ms), "rule 4 when it has surely settled");
	request = shop_column(id, "CAST(pos_request AS CHAR)");
	ok(strstr(request, "{{secret:app_key}}") != NULL && strstr(request, "{{secret:app_secret}}") != NULL &&
	    strstr(request, "{{secret:access_token}}") != NULL && strstr(request, "CANARY") == NULL,
	    "POS-31 SEC-07 what is kept of it names its secrets and holds none");
	ok(strstr(request, "/pp_callback/pp/?k={{secret:callback_token}}") != NULL, "POS-28 the callback URL has slug and token by name");
	ok(strstr(a.body, "CANARY-KEY") != NULL && strstr(a.body, "CANARY-SECRET") != NULL && strstr(a.body, "CANARY-TOKEN") != NULL,
	    "POS-13 what leaves has the values");
	token = till_token(&shop, number);
	is_int(strlen(token), 22, "C7 a token of 128 bits");
	ok(strstr(a.body, shop_text("SELECT '/pp_callback/pp/?k=%s'", token)) != NULL ||
	    strstr(a.body, shop_text("SELECT '\\\\/pp_callback\\\\/pp\\\\/?k=%s'", token)) != NULL, "POS-28 the order's own");
	ok(strstr(a.body, number) != NULL && strstr(a.body, "Paneer Tikka") != NULL, "POS-12 the order is in it");

	id = shop_order(&shop);
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(200, "{\"success\":\"1\",\"message\":\"saved\",\"orderID\":\"PP-1\"}"));
	is_int(a.outcome, OUTCOME_DONE, "POS-12 PetPooja says yes");
	is_str(shop_axes(id), "received/accepted/pending", "POS-12 it is there, and not yet the kitchen's");
	is_str(shop_column(id, "pos_order_id"), "PP-1", "POS-24 their id");
	is_str(shop_column(id, "CAST(pos_response AS CHAR)"), "{\"success\":\"1\",\"message\":\"saved\",\"orderID\":\"PP-1\"}",
	    "POS-27 their answer, whole");
	is_str(done(a.message_id), "DONE 1", "the message is done");
	is_str(shop_messages(id), "pos_proof:1", "rule 13 the kitchen is to prove it");
	ok(due_in(MESSAGE_pos_proof, id) > 500, "rule 13 within its time");
	ok(till_job(&shop, MESSAGE_pos_proof, id), "rule 13 it does not");
	is_str(shop_axes(id), "received/manual/pending", "rule 13 so people look");
	is_str(shop_notices(id), "pos_manual", "NOT-08 and are told to");
	shop_check(&shop, id, "an order that PetPooja dropped");
}

static void
test_refused(void)
{
	int64_t id = shop_order(&shop);
	struct attempt_seen a = till_attempt(&shop, MESSAGE_pos_submit, id, till_no());

	is_int(a.outcome, OUTCOME_REFUSED, "POS-25 PetPooja says no");
	is_str(shop_axes(id), "received/failed/pending", "POS-25 the order failed there");
	is_str(done(a.message_id), "REFUSED 1", "POS-23 and is not sent again");
	is_str(shop_notices(id), "pos_failed", "POS-25 NOT-08 staff are told");
	ok(strstr(shop_column(id, "pos_failure_reason"), "Invalid request") != NULL, "POS-32 with PetPooja's words");
	is_str(shop_messages(id), "pos_compensate:1", "C16 they have a while");
	ok(till_job(&shop, MESSAGE_pos_compensate, id), "C16 which passes");
	is_str(shop_axes(id), "cancelled/failed/pending", "C16 the order ends");
	is_str(shop_notices(id), "pos_failed order_ended", "NOT-09 the guest is told");
	shop_check(&shop, id, "an order that was refused");
}

/* The POS tells of an order while it is being given to it: what it is yet to be told comes first. */
static void
test_hint_early(void)
{
	int64_t id = shop_order(&shop);

	world_sql("INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, subject_no, due_at, trace_id, created_at)"
	    " SELECT runner, 'pos_hint', destination, restaurant_id, subject_id, subject_no, due_at, trace_id, created_at FROM outbox"
	    " WHERE kind = 'pos_submit' AND subject_id = %lld", (long long)id);
	world_sql("UPDATE orders SET pos_state = 'submitting' WHERE id = %lld", (long long)id);
	(void)till_attempt(&shop, MESSAGE_pos_hint, id, till_no());
	is_str(shop_text("SELECT CONCAT_WS(' ', attempts, last_error) FROM outbox WHERE kind = 'pos_hint' AND subject_id = %lld", (long long)id),
	    "0 It is being sent", "POS-21 a hint waits until the steps are done");
	is_str(shop_axes(id), "received/submitting/pending", "POS-21 and moves nothing meanwhile");
	world_sql("UPDATE orders SET pos_state = 'queued' WHERE id = %lld", (long long)id);
	world_sql("DELETE FROM outbox WHERE kind = 'pos_hint'");
}

/* An answer that was kept, for want of a database say, until people had decided that the order is not there. */
static void
test_past(void)
{
	int64_t id = shop_order(&shop);
	struct till_reply yes = till_yes(id, "PP-9");
	struct attempt_seen a;

	yes.meanwhile = shop_text("SELECT 'UPDATE orders SET pos_state = \\'failed\\', pos_failure = \\'exhausted\\' WHERE id = %lld'", (long long)id);
	a = till_attempt(&shop, MESSAGE_pos_submit, id, yes);
	is_str(shop_axes(id), "received/failed/pending", "rule 8 what staff said stands");
	is_str(shop_notices(id), "pos_late_answer", "rule 11 but a late yes is worth a look");
	is_str(done(a.message_id), "DONE 1", "and there is no more to it");
	id = shop_order(&shop);
	yes = till_yes(id, "PP-10");
	yes.meanwhile = shop_text("SELECT 'UPDATE orders SET pos_state = \\'queued\\', submission_no = 2 WHERE id = %lld'", (long long)id);
	(void)till_attempt(&shop, MESSAGE_pos_submit, id, yes);
	is_str(shop_axes(id), "received/queued/pending", "rule 9 what was sent again is still to be sent");
	is_str(shop_column(id, "pos_order_id"), "NULL", "rule 9 and does not take the name of the first for its own");
	is_str(shop_notices(id), "pos_late_answer", "rule 9 there may be two");
	id = shop_order(&shop);
	yes = till_no();
	yes.meanwhile = shop_text("SELECT 'UPDATE orders SET submission_no = 2 WHERE id = %lld'", (long long)id);
	till_attempt(&shop, MESSAGE_pos_submit, id, yes);
	is_str(shop_axes(id), "received/submitting/pending", "rule 9 a refusal of the first is none of the second");
	is_str(shop_notices(id), "", "rule 9 and nothing new");
}

/* ... or until its doubt was theirs, and they had not decided yet; or had entered it by hand. */
static void
test_late_yes(void)
{
	int64_t id = shop_order(&shop);
	struct till_reply yes = till_yes(id, "PP-11");

	yes.meanwhile = shop_text("SELECT 'UPDATE orders SET pos_state = \\'manual\\' WHERE id = %lld'", (long long)id);
	(void)till_attempt(&shop, MESSAGE_pos_submit, id, yes);
	is_str(shop_axes(id), "received/accepted/pending", "rule 8 what was theirs to decide is decided by a late yes");
	is_str(shop_notices(id), "pos_found", "NOT-08 and they are told");
	is_str(shop_column(id, "pos_order_id"), "PP-11", "POS-24 by its name there");
	is_str(shop_messages(id), "pos_undecided:1 pos_proof:1", "rule 13 and it is to be proved as any other");
	id = shop_order(&shop);
	yes = till_yes(id, "PP-12");
	yes.meanwhile = shop_text("SELECT 'UPDATE orders SET pos_state = \\'accepted\\', by_hand = 1 WHERE id = %lld'", (long long)id);
	(void)till_attempt(&shop, MESSAGE_pos_submit, id, yes);
	is_str(shop_notices(id), "pos_late_answer", "NOT-08 what they have entered by hand lives at the POS too");
}

static const char *
attempts_made(int64_t id)
{
	return shop_text("SELECT attempts FROM outbox WHERE kind = 'pos_submit' AND subject_id = %lld", (long long)id);
}

static void
test_later(void)
{
	int64_t id = shop_order(&shop), due;
	struct attempt_seen a;

	a = till_attempt(&shop, MESSAGE_pos_submit, id, (struct till_reply){ .status = 429, .body = "", .retry_after = "120" });
	is_int(a.outcome, OUTCOME_LATER, "POS-23 they ask for peace");
	is_str(shop_axes(id), "received/queued/pending", "POS-23 it surely is not there");
	is_str(waiting(MESSAGE_pos_submit, id), "0 0 0", "POS-23 and will be tried again");
	due = due_in(MESSAGE_pos_submit, id);
	ok(due >= 119 && due <= 120, "POS-23 E46 not sooner than they asked: %lld s", (long long)due);
	is_str(attempts_made(id), "0", "POS-23 whoever was asked for peace has not tried yet");
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	due = due_in(MESSAGE_pos_submit, id);
	ok(a.outcome == OUTCOME_LATER && due >= 0 && due <= 1, "POS-23 not asked for how long, it tries again at once: %lld s", (long long)due);
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	is_int(a.outcome, OUTCOME_LATER, "POS-23 nobody there");
	due = due_in(MESSAGE_pos_submit, id);
	ok(due >= 47 && due <= 72, "POS-23 a minute, give or take a fifth: %lld s", (long long)due);
	world_sql("UPDATE outbox SET created_at = created_at - INTERVAL 121 SECOND WHERE subject_id = %lld", (long long)id);
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	is_int(a.outcome, OUTCOME_LATER, "POS-23 asked for peace for too long, that counts");
	due = due_in(MESSAGE_pos_submit, id);
	ok(due >= 95 && due <= 144, "POS-23 twice a minute, give or take a fifth: %lld s", (long long)due);
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	is_str(done(a.message_id), "LATER 3", "POS-23 three attempts");
	is_str(shop_axes(id), "received/failed/pending", "POS-25 and it failed");
	is_str(shop_column(id, "pos_failure"), "exhausted", "POS-25 because nobody took it");
	shop_check(&shop, id, "an order that nobody took");
	id = shop_order(&shop);
	world_sql("UPDATE outbox SET expires_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_submit' AND subject_id = %lld", (long long)id);
	a = till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
	ok(!a.is_sent, "an order that waited for longer than its lifetime is not cooked now");
	is_str(shop_axes(id), "received/failed/pending", "POS-25 it failed");
	is_str(shop_notices(id), "pos_failed", "POS-25 NOT-08 and staff are told");
}

/* A wish to cancel does not end the asking: what surely exists can be voided. */
static void
test_doubt_unwanted(void)
{
	int64_t id = shop_order(&shop);

	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	world_sql("UPDATE orders SET cancel_wanted = 'guest' WHERE id = %lld", (long long)id);
	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	is_str(shop_axes(id), "received/unsure/pending", "rule 5 not reached this time: the doubt stays");
	till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
	is_str(shop_messages(id), "pos_deadline:1 pos_void:1 pos_undecided:1", "rule 7 it exists for sure, and is voided");
	shop_check(&shop, id, "a doubt that nobody wants");
}

static void
test_unsure(void)
{
	int64_t id = shop_order(&shop);
	struct attempt_seen first, second;
	const char *kept;

	first = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	is_int(first.outcome, OUTCOME_UNSURE, "D5 no answer");
	is_str(shop_axes(id), "received/unsure/pending", "D5 is no failure");
	ok(due_in(MESSAGE_pos_submit, id) <= 5, "D5 the key is to be occupied soon");
	kept = shop_column(id, "MD5(pos_request)");
	second = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(502, "bad gateway"));
	ok(second.is_sent, "rule 12 once more under the same key");
	is_str(second.body, first.body, "rule 12 with the same bytes");
	is_str(shop_column(id, "MD5(pos_request)"), kept, "rule 12 as they were kept");
	is_int(second.outcome, OUTCOME_UNSURE, "D5 again no answer");
	is_str(done(second.message_id), "UNSURE 2", "I3 and never again");
	is_str(shop_messages(id), "pos_undecided:1 pos_deadline:1", "rule 8 staff are waiting behind");
	/* It may not be theirs before the second request has settled. */
	shop_clock(0);
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "rule 8 the doubt's deadline");
	is_str(shop_axes(id), "received/unsure/pending", "rule 8 not before the last request has settled");
	world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) WHERE id = %lld", (long long)id);
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "rule 8 when it has");
	is_str(shop_axes(id), "received/manual/pending", "rule 8 it is the staff's");
	is_str(shop_notices(id), "pos_manual", "NOT-08 who are told");
	shop_check(&shop, id, "an order in doubt");

	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_CUT_WAITING));
	second = till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, "PP-7"));
	is_str(shop_axes(id), "received/accepted/pending", "D5 a repeat that is answered ends the doubt");
	is_str(done(second.message_id), "DONE 2", "I3 two sends under one key");
	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(200, "<html>"));
	second = till_attempt(&shop, MESSAGE_pos_submit, id, till_no());
	is_int(second.outcome, OUTCOME_REFUSED, "rule 5 a repeat that is refused");
	is_str(shop_axes(id), "received/unsure/pending", "rule 5 does not speak for the first");
	is_str(shop_messages(id), "pos_undecided:1 pos_deadline:1", "rule 5 it only ends the sending");
	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	is_str(shop_axes(id), "received/unsure/pending", "rule 5 nor does one that did not get there");
	is_str(shop_messages(id), "pos_submit:1 pos_undecided:1 pos_deadline:1", "rule 12 it may be tried once more");
}

/* The relay vanishes. */
static void
test_lost(void)
{
	int64_t id = shop_order(&shop);
	struct attempt_seen first, second, third;

	first = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	second = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	is_int(second.lost_claims, 1, "I8 somebody had it before");
	is_str(shop_text("SELECT GROUP_CONCAT(event ORDER BY seq) FROM order_status_history WHERE order_id = %lld AND axis = 'pos'",
	    (long long)id), "release,claim,lost", "rule 1 what a lost relay had is in doubt");
	ok(second.is_sent, "rule 12 it is sent once more");
	is_str(second.body, first.body, "rule 12 the same bytes");
	third = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	ok(third.is_claimed && !third.is_sent, "I3 but never a third time");
	is_str(done(second.message_id), "UNSURE 2", "I3 it is over");
	is_str(shop_axes(id), "received/unsure/pending", "D5 in doubt");
	is_str(shop_messages(id), "pos_undecided:1 pos_deadline:1", "rule 8 until its deadline");
	shop_check(&shop, id, "an order whose relays were lost");
}

/* Begun and ended in one transaction with others, each leaves, and is written down, as it would have been alone. */
static void
test_together(void)
{
	enum { N = 4 };
	static const char differs[] = "CONCAT_WS('|', status, pos_state, pos_failure, pos_order_id, by_hand, submission_no, history_seq,"
				      " CAST(pos_response AS CHAR), REGEXP_REPLACE(CAST(pos_request AS CHAR), 'ORD-[0-9-]+|[0-9]{4}-[0-9-]+|[0-9:]{8}', '#'))";
	struct till_reply replies[N] = { TILL_REPLY(200, "{\"success\":\"1\",\"message\":\"saved\"}"), till_no(), TILL_FAILURE(CALL_TIMED_OUT),
		TILL_REPLY(503, "") };
	struct cart_line lines[N][2];
	int64_t alone[N], ids[N];
	struct attempt_seen a[N], one;

	for (int i = 0; i < 2 * N; i++) {
		struct order_wish wish = shop_wish(&shop);
		struct cart_line *mine = lines[i % N];

		mine[0] = shop_line(&shop, "i3", NULL, i % N + 1);
		mine[1] = shop_line_with(&shop, "i2", "v2", i % N + 1, "a1", 1);
		wish.cart.lines = mine;
		wish.cart.lines_n = i % N == 1 ? 1 : 2;
		wish.special_instructions = i % N == 2 ? "no onions" : NULL;
		*(i < N ? &alone[i] : &ids[i - N]) = shop_place(&shop, &wish);
	}
	for (int i = 0; i < N; i++) {
		one = till_attempt(&shop, MESSAGE_pos_submit, alone[i], replies[i]);
		ok(one.e == OK && one.is_sent, "one is sent alone");
	}
	till_together(&shop, MESSAGE_pos_submit, ids, N, replies, a);
	for (int i = 0; i < N; i++) {
		ok(a[i].e == OK && a[i].is_sent, "POS-12 one of several is sent");
		ok(strstr(a[i].body, shop_column(ids[i], "order_number")) != NULL, "it is the one that was meant");
		is_str(shop_column(ids[i], differs), shop_column(alone[i], differs), "POS-12 with its own lines, and its own end");
		is_str(shop_messages(ids[i]), shop_messages(alone[i]), "what is left to do of it is the same");
		shop_check(&shop, ids[i], "an order among others");
	}
}

/* Written down in one statement they would not say that the sums of their day have become wrong: each is saved by itself. */
static void
test_together_of_old(void)
{
	struct till_reply replies[3] = { till_no(), till_no(), till_no() };
	int64_t ids[3] = { shop_order(&shop), shop_order(&shop), shop_order(&shop) };
	struct attempt_seen a[3];

	world_sql("UPDATE orders SET business_date = business_date - INTERVAL 1 DAY WHERE id = %lld", (long long)ids[1]);
	world_sql("INSERT INTO day_sums (restaurant_id, business_date, is_stale) SELECT restaurant_id, business_date, 0 FROM orders WHERE id = %lld",
	    (long long)ids[1]);
	till_together(&shop, MESSAGE_pos_submit, ids, 3, replies, a);
	for (size_t i = 0; i < 3; i++)
		ok(a[i].e == OK && a[i].is_sent, "ADM-17 an order of a day that is summed up is begun together with others");
	is_int(world_int("SELECT is_stale FROM day_sums"), 1, "ADM-17 and its day's sums are stale");
	world_sql("DELETE FROM day_sums");
}

/* Killed around the commit of the intent. */
static void
test_killed(void)
{
	static const struct {
		const char *point, *axes, *message, *name;
	} kills[] = {
		{ "submit.intent_written", "received/queued/pending", "0 1 0", "rule 1 an intent that was not committed is none" },
		{ "provider_begin.before_commit", "received/queued/pending", "0 1 0", "rule 1 nor is this one" },
		{ "provider_begin.after_commit", "received/submitting/pending", "1 1 1", "rule 1 a committed one stands, sent or not" },
		{ "submit.before_outcome", "received/submitting/pending", "1 1 1", "rule 1 an answer that was not written down was not heard" },
	};

	for (size_t i = 0; i < sizeof kills / sizeof kills[0]; i++) {
		int64_t id = shop_order(&shop);
		struct attempt_seen a;
		char dir[] = "/tmp/trcXXXXXX";
		struct arena *arena = arena_new(1 << 16);
		int status;
		pid_t pid;

		if (mkdtemp(dir) == NULL)
			return;
		close(open(arena_printf(arena, "%s/kill.%s", dir, kills[i].point), O_CREAT | O_WRONLY, 0600));
		shop_cut(PROGRAM_relay);
		fflush(NULL);
		pid = fork();
		if (pid == 0) {
			setenv("TICKETRAIL_CRASH_DIR", dir, 1);
			a = till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
			_exit(a.is_sent ? 0 : 1);
		}
		waitpid(pid, &status, 0);
		ok(WIFSIGNALED(status), "the relay is killed at %s", kills[i].point);
		while (shop_open() > 0)
			;
		is_str(shop_axes(id), kills[i].axes, "%s", kills[i].name);
		is_str(waiting(MESSAGE_pos_submit, id), kills[i].message, "%s", kills[i].name);
		a = till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
		ok(a.is_sent && a.outcome == OUTCOME_DONE, "I3 another relay goes on from there");
		is_str(shop_axes(id), "received/accepted/pending", "I3 to one order");
		shop_check(&shop, id, kills[i].point);
		unlink(arena_printf(arena, "%s/seen", dir));
		rmdir(dir);
		arena_free(&arena);
	}
}

/* --- what stops it ---------------------------------------------------------------------------------------------- */

struct deed {
	int64_t order_id;
	enum { CANCEL, RETRY, CASH } what;
	bool said;
};

static enum err
deed_body(struct op *op, void *arg)
{
	struct deed *d = arg;
	struct connection c;
	struct order_axes x;
	enum err e = connection_of(op, shop.restaurant.id, &c);

	if (e == OK)
		e = order_lock(op, shop.restaurant.id, d->order_id, &x);
	if (e == OK)
		e = d->what == CANCEL  ? submission_cancel(op, &x, &c.terms, STATUS_EVENT_cancel, WHO_GUEST, "changed my mind", &d->said)
		    : d->what == RETRY ? submission_retry(op, &x, &c.terms, &d->said)
				       : order_settle_cash(op, &x);
	return e != OK ? e : order_save(op, &x);
}

static bool
deed(int64_t order_id, int what)
{
	struct deed d = { .order_id = order_id, .what = what };
	struct op op;

	shop_op(&op, PROGRAM_admin, &shop);
	if (db_tx(&op, deed_body, &d) != OK)
		diag("deed: %s", op.fault.internal);
	op_end(&op);
	return d.said;
}

/* Put off and sent again: the POS sees the same bytes under the same name, whatever happened to the order meanwhile. */
static void
test_again(void)
{
	int64_t id = shop_order(&shop);
	struct attempt_seen first, second, third;
	const char *kept;

	first = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	kept = shop_column(id, "MD5(pos_request)");
	(void)deed(id, CASH);
	world_sql("UPDATE orders SET special_instructions = 'no salt' WHERE id = %lld", (long long)id);
	second = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	ok(second.is_sent, "POS-23 an order that was put off is sent again");
	is_str(second.body, first.body, "rule 12 with the same bytes, though it was paid for meanwhile");
	is_str(second.headers, first.headers, "rule 12 and the same headers");
	is_str(shop_column(id, "MD5(pos_request)"), kept, "rule 12 as they were kept");
	third = till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
	is_str(third.body, first.body, "rule 12 and a third time");
	shop_check(&shop, id, "an order that was put off and paid for");

	id = shop_order(&shop);
	(void)till_attempt(&shop, MESSAGE_pos_submit, id, till_no());
	world_sql("UPDATE orders SET special_instructions = 'no salt' WHERE id = %lld", (long long)id);
	ok(deed(id, RETRY), "rule 9 staff have mended it, and send it as another");
	first = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	ok(strstr(first.body, "no salt") != NULL, "rule 9 which is made anew");
	world_sql("UPDATE orders SET special_instructions = 'more salt' WHERE id = %lld", (long long)id);
	second = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	is_str(second.body, first.body, "rule 12 and then has bytes of its own");

	id = shop_order(&shop);
	(void)till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	world_sql("UPDATE orders SET pos_request = NULL, special_instructions = 'no salt' WHERE id = %lld", (long long)id);
	second = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	ok(second.e == OK && second.is_sent, "one whose request is not to be found is sent all the same");
	ok(strstr(second.body, "no salt") != NULL, "as it is now");
	third = till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
	is_str(third.body, second.body, "and from then on with the same bytes");
}

struct rotation {
	const struct shop *shop;
	const char *provider, *config;
};

static enum err
rotate_body(struct op *op, void *arg)
{
	const struct rotation *r = arg;
	struct connection c;

	return connection_save(op, &r->shop->restaurant, &(struct connection_wish){ .provider_name = r->provider,
	    .pos_restaurant_id = arena_printf(op->arena, "rest-%s", r->shop->restaurant.slug), .endpoint = "https://pos.example",
	    .config = { .data = r->config, .len = strlen(r->config) } }, &c);
}

/* What staff save of it later: credentials that are not in it stay. */
static void
connect_to(const struct shop *s, const char *provider, const char *config)
{
	struct rotation r = { .shop = s, .provider = provider, .config = config };
	struct op op;

	shop_op(&op, PROGRAM_integrations, s);
	ok(db_tx(&op, rotate_body, &r) == OK, "the configuration is changed");
	op_end(&op);
}

static void
rotate(const struct shop *s, const char *config)
{
	connect_to(s, "petpooja", config);
}

/* The address was wrong, or the credentials: what waits goes out by the right ones, and has not changed otherwise. */
static void
test_again_elsewhere(void)
{
	int64_t id;
	struct attempt_seen first, second, third;
	struct shop moving;

	shop_make(&moving, "pp-moving");
	shop_connect(&moving, NULL);
	id = shop_order(&moving);
	first = till_attempt(&moving, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	rotate(&moving, "{\"save_order_endpoint\":\"https://elsewhere.example/save\",\"res_name\":\"Another Name\"}");
	second = till_attempt(&moving, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	ok(strcmp(first.url, second.url) != 0, "POS-30 an order that waits goes to the corrected address");
	is_str(second.url, "https://elsewhere.example/save", "POS-30 which is this");
	is_str(second.body, first.body, "rule 12 with the bytes it had");
	rotate(&moving, "{\"save_order_endpoint\":\"https://third.example/save\",\"app_key\":\"CANARY-ROTATED\"}");
	third = till_attempt(&moving, MESSAGE_pos_submit, id, till_yes(id, NULL));
	is_str(third.url, second.url, "rule 12 a doubt is resolved where it arose");
	ok(strstr(third.body, "CANARY-ROTATED") != NULL && strstr(third.body, "CANARY-KEY") == NULL,
	    "POS-31 by the credentials of now, which the kept bytes only name");
	is_str(shop_axes(id), "received/accepted/pending", "D5 and so it is there");
	shop_check(&moving, id, "an order whose POS moved");
}

/*
 * A step is lost, and what follows is another one: what was stored of the lost step is none of its
 * business. (A Clover draft that may have got its lines is deleted.)
 */
static void
test_lost_step(void)
{
	static const char draft[] = "{\"id\":\"DRAFT00000001\"}";
	struct shop at_clover;
	struct attempt_seen a;
	int64_t id;

	shop_make(&at_clover, "at-clover");
	connect_to(&at_clover, "clover", "{\"access_token\":\"CANARY-TOKEN\"}");
	id = shop_order(&at_clover);
	a = till_attempt(&at_clover, MESSAGE_pos_submit, id, TILL_REPLY(200, draft));
	ok(strstr(a.body, "\"title\"") != NULL, "POS-12 a draft is made: %s", a.body);
	a = till_attempt(&at_clover, MESSAGE_pos_submit, id, TILL_LOST);
	ok(strstr(a.url, "/bulk_line_items") != NULL && strstr(a.body, "\"items\"") != NULL, "POS-12 then come its lines");
	a = till_attempt(&at_clover, MESSAGE_pos_submit, id, TILL_REPLY(200, "{}"));
	ok(a.is_sent && strstr(a.url, "/orders/DRAFT00000001") != NULL, "rule 5 lost on the way, the draft goes first");
	is_str(a.body, "", "rule 5 by a request of its own, not the lost one's");
	a = till_attempt(&at_clover, MESSAGE_pos_submit, id, TILL_REPLY(503, "{}"));
	ok(strstr(a.body, "\"title\"") != NULL, "rule 5 and another one is made");
	shop_check(&at_clover, id, "an order that lost a step");
}

static void
test_not_wanted(void)
{
	int64_t id = shop_order(&shop);
	struct attempt_seen a;

	/* The relay has the message already. */
	world_sql("UPDATE outbox SET owner = 1 WHERE kind = 'pos_submit' AND subject_id = %lld", (long long)id);
	ok(deed(id, CANCEL), "rule 6 an order that is not sent yet is cancelled");
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	ok(a.is_claimed && !a.is_sent, "rule 6 and is not sent");
	is_str(done(a.message_id), "DONE 0", "POS-21 nothing is left to send");

	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	world_sql("UPDATE orders SET status = 'completed', payment_status = 'paid' WHERE id = %lld", (long long)id);
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	ok(a.is_claimed && !a.is_sent, "I1 an order that staff completed while it was put off is not sent");
	is_str(shop_axes(id), "completed/failed/paid", "I1 and does not wait for ever to be");
	is_str(shop_column(id, "pos_failure_reason"), "The order ended before it was sent", "I1 it says so");
	is_str(shop_messages(id), "", "I1 no message is left");

	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	till_callback(&shop, id, "1", NULL);
	is_str(shop_axes(id), "confirmed/accepted/pending", "WH-03 an order that we believe was put off, and that the kitchen has");
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	ok(!a.is_sent, "POS-21 nor is one that the POS reports on already");

	id = shop_order(&shop);
	till_attempt(&shop, MESSAGE_pos_submit, id, till_no());
	ok(deed(id, RETRY), "D6 staff retry");
	ok(!deed(id, RETRY), "D6 two clicks");
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(200, "{\"success\":\"1\"}"));
	is_int(a.outcome, OUTCOME_DONE, "D6 are one order");
	is_str(shop_column(id, "pos_reference = CONCAT(order_number, '-2')"), "1", "rule 9 under another name");
	ok(strstr(a.body, shop_column(id, "pos_reference")) != NULL, "rule 9 which is what they are told");
	ok(strstr(a.body, till_token(&shop, shop_column(id, "pos_reference"))) != NULL, "POS-28 with a token of its own");
	shop_check(&shop, id, "a retried order");
}

static void
test_not_possible(void)
{
	int64_t id = shop_order(&shop);
	struct attempt_seen a;
	struct shop other;

	world_sql("UPDATE order_items SET external_id = NULL WHERE order_id = %lld", (long long)id);
	a = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	ok(!a.is_sent && a.e == OK, "POS-16 an order that lacks what PetPooja needs is not sent");
	is_str(shop_axes(id), "received/failed/pending", "POS-16 it failed before the first byte");
	is_str(shop_notices(id), "pos_failed", "NOT-08 staff are told");

	shop_make(&other, "pp-other");
	shop_connect(&other, NULL);
	id = shop_order(&other);
	world_sql("DELETE s FROM integration_secrets s JOIN restaurant_pos_integrations i ON i.id = s.integration_id"
	    " WHERE i.restaurant_id = %lld AND s.name = 'app_secret'", (long long)other.restaurant.id);
	a = till_attempt(&other, MESSAGE_pos_submit, id, TILL_LOST);
	ok(!a.is_sent && a.e == OK, "POS-17 nothing is sent without a credential");
	is_str(shop_axes(id), "received/failed/pending", "POS-17 it failed");
	shop_check(&other, id, "an order without credentials");
	shop_connect(&other, NULL);
	id = shop_order(&other);
	world_sql("UPDATE restaurant_pos_integrations SET active = 0 WHERE restaurant_id = %lld", (long long)other.restaurant.id);
	a = till_attempt(&other, MESSAGE_pos_submit, id, TILL_LOST);
	ok(!a.is_sent && a.e == OK, "POS-22 nor to a POS that is gone");
	is_str(shop_axes(id), "received/failed/pending", "POS-22 people take it");
	is_str(shop_notices(id), "pos_failed", "NOT-08 and are told");
}

/* --- off it again ----------------------------------------------------------------------------------------------- */

static int64_t
accepted(void)
{
	int64_t id = shop_order(&shop);

	till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
	return id;
}

static void
test_void(void)
{
	int64_t id = accepted();
	struct attempt_seen a;

	ok(!deed(id, CANCEL), "rule 7 what is at the POS is not just cancelled");
	a = till_attempt(&shop, MESSAGE_pos_void, id, TILL_REPLY(200, "{\"success\":\"1\",\"message\":\"cancelled\"}"));
	ok(a.is_sent && strstr(a.url, "update_order_status") != NULL && strstr(a.body, "\"-1\"") != NULL &&
	    strstr(a.body, "changed my mind") != NULL && strstr(a.body, "CANARY-KEY") != NULL, "rule 7 PetPooja is asked to cancel it");
	is_str(shop_axes(id), "cancelled/failed/pending", "rule 6 and then it ends");
	is_str(shop_notices(id), "order_ended", "NOT-09 the guest is told");
	shop_check(&shop, id, "a voided order");

	id = accepted();
	deed(id, CANCEL);
	till_attempt(&shop, MESSAGE_pos_void, id, till_no());
	is_str(shop_axes(id), "received/manual/pending", "rule 7 refused: staff");
	is_str(shop_notices(id), "pos_void_refused", "NOT-08 are told");

	id = accepted();
	deed(id, CANCEL);
	for (int i = 0; i < 5; i++) {
		a = till_attempt(&shop, MESSAGE_pos_void, id, i % 2 == 0 ? TILL_FAILURE(CALL_TIMED_OUT) : TILL_FAILURE(CALL_NOT_CONNECTED));
		ok(a.is_sent, "rule 7 a void may be repeated");
		is_str(shop_axes(id), "received/accepted/pending", "rule 7 and decides nothing until it is answered");
	}
	a = till_attempt(&shop, MESSAGE_pos_void, id, TILL_FAILURE(CALL_TIMED_OUT));
	is_str(shop_axes(id), "received/manual/pending", "rule 8 in the end staff");
	is_str(done(a.message_id), "UNSURE 6", "rule 8 after six attempts");
	shop_check(&shop, id, "a void that nobody answers");

	id = accepted();
	deed(id, CANCEL);
	till_attempt(&shop, MESSAGE_pos_void, id, TILL_LOST);
	till_callback(&shop, id, "-1", ",\"cancel_reason\":\"as asked\"");
	is_str(shop_axes(id), "cancelled/failed/pending", "WH-03 their word is as good as their answer");
	a = till_attempt(&shop, MESSAGE_pos_void, id, TILL_LOST);
	ok(!a.is_sent, "rule 7 then nothing is left to void");
	shop_check(&shop, id, "a void that the callback overtook");
}

/* One that merely lasts: the kitchen goes on with it meanwhile, and may be told to stop. */
static void
test_void_lasts(void)
{
	int64_t id = accepted();
	struct attempt_seen a;
	int64_t due;

	deed(id, CANCEL);
	due = due_in(MESSAGE_pos_undecided, id);
	ok(due > 80 && due <= 90, "E12 a POS has ninety seconds to take an order back: %lld s are left", (long long)due);
	is_str(shop_text("SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) FROM outbox WHERE kind = 'pos_void' AND subject_id = %lld", (long long)id),
	    "900", "rule 8 and a quarter of an hour before it is the staff's");
	(void)till_attempt(&shop, MESSAGE_pos_void, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	is_str(shop_notices(id), "", "E12 nobody is told too soon");
	ok(till_job(&shop, MESSAGE_pos_undecided, id), "E12 the time is over");
	is_str(shop_notices(id), "pos_void_waits", "E12 NOT-08 staff are told to stop it");
	is_str(shop_text("SELECT message FROM notification_queue WHERE order_id = %lld", (long long)id),
	    shop_text("SELECT CONCAT('Order ', order_number, ' is to be cancelled (changed my mind), and the POS has not done it yet. We go on"
	    " trying; please stop it in the kitchen.') FROM orders WHERE id = %lld", (long long)id), "NOT-08 in these words");
	ok(!till_job(&shop, MESSAGE_pos_undecided, id), "I14 once");
	is_str(shop_axes(id), "received/accepted/pending", "rule 7 and nothing is decided by that");
	world_sql("UPDATE outbox SET expires_at = UTC_TIMESTAMP(6) WHERE kind = 'pos_void' AND subject_id = %lld", (long long)id);
	a = till_attempt(&shop, MESSAGE_pos_void, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	is_str(done(a.message_id), "LATER 2", "rule 8 its time is over");
	is_str(shop_axes(id), "received/manual/pending", "rule 8 it is the staff's");
	is_str(shop_notices(id), "pos_void_waits pos_void_refused", "NOT-08 who are told of that too");
	shop_check(&shop, id, "a void that lasts");

	id = accepted();
	deed(id, CANCEL);
	(void)till_attempt(&shop, MESSAGE_pos_void, id, TILL_REPLY(200, "{\"success\":\"1\",\"message\":\"cancelled\"}"));
	ok(!till_job(&shop, MESSAGE_pos_undecided, id), "E12 one that was taken back in time is waited for no more");
	is_str(shop_notices(id), "order_ended", "E12 and staff are not told");
}

/* --- menus ------------------------------------------------------------------------------------------------------ */

static enum err
sync_body(struct op *op, void *arg)
{
	return menu_sync_start(op, shop.restaurant.id, arg);
}

static int64_t
sync_start(void)
{
	int64_t id = 0;
	struct op op;

	shop_op(&op, PROGRAM_integrations, &shop);
	if (db_tx(&op, sync_body, &id) != OK)
		diag("sync: %s", op.fault.internal);
	op_end(&op);
	return id;
}

static const char *
sync_state(int64_t id)
{
	return shop_text("SELECT CONCAT_WS(' ', status, items_synced > 0, completed_at IS NOT NULL) FROM menu_sync_history WHERE id = %lld",
	    (long long)id);
}

static void
test_menu(void)
{
	char *menu = tap_file("t/golden/petpooja/menu_small.json", NULL);
	int64_t id = sync_start(), delivery;
	struct attempt_seen a = till_attempt(&shop, MESSAGE_menu_fetch, id, TILL_FAILURE(CALL_TIMED_OUT));

	ok(a.is_sent && strstr(a.headers, "CANARY-TOKEN") != NULL && strstr(a.url, "mapped_restaurant_menus") != NULL,
	    "POS-14 the menu is asked for");
	is_str(waiting(MESSAGE_menu_fetch, id), "1 0 0", "POS-14 reading may be repeated");
	a = till_attempt(&shop, MESSAGE_menu_fetch, id, TILL_REPLY(200, menu));
	is_str(done(a.message_id), "DONE 2", "POS-14 it is there");
	delivery = world_int("SELECT MAX(id) FROM webhook_logs WHERE webhook_type = 'menu-fetch'");
	is_int(world_int("SELECT LENGTH(body) FROM webhook_logs WHERE id = %lld", (long long)delivery), (int64_t)strlen(menu),
	    "SYNC-02 kept as it came");
	is_str(sync_state(id), "running 0 0", "SYNC-04 not yet the menu");
	ok(till_job(&shop, MESSAGE_menu_publish, delivery), "SYNC-02 a job publishes it");
	ok(strncmp(sync_state(id), "success 1 1", 11) == 0 || strncmp(sync_state(id), "partial 1 1", 11) == 0, "SYNC-04 %s", sync_state(id));
	is_str(shop_text("SELECT state FROM webhook_logs WHERE id = %lld", (long long)delivery), "processed", "WH-10 from that document");
	is_int(world_int("SELECT last_sync_at IS NOT NULL FROM restaurant_pos_integrations WHERE restaurant_id = %lld",
	    (long long)shop.restaurant.id), 1, "DB-03 when");
	free(menu);

	id = sync_start();
	till_attempt(&shop, MESSAGE_menu_fetch, id, till_no());
	is_str(sync_state(id), "failed 0 1", "SYNC-04 refused: failed");
	id = sync_start();
	for (int i = 0; i < 4; i++)
		till_attempt(&shop, MESSAGE_menu_fetch, id, TILL_FAILURE(CALL_NOT_CONNECTED));
	is_str(sync_state(id), "failed 0 1", "SYNC-05 never reached: failed");
	is_str(waiting(MESSAGE_menu_fetch, id), "NULL", "SYNC-05 after four attempts");
	shop_menu_import(&shop);
}

/* --- texts ------------------------------------------------------------------------------------------------------ */

static void
test_otp(void)
{
	struct otp_keys keys = { .hash_key = shop_config.hash_key.bytes, .relay_public_key = shop_config.relay_public_key.bytes };
	struct attempt_seen a, b;
	struct op op;
	int64_t id;

	for (int round = 0; round < 3; round++) {
		char phone[16];

		(void)snprintf(phone, sizeof phone, "+91900000010%d", round);
		shop_op(&op, PROGRAM_auth, NULL);
		is_int(otp_request(&op, &keys, &(struct otp_caller){ phone, NULL, "192.0.2.1" }), OK, "a code is asked for");
		op_end(&op);
		id = world_int("SELECT MAX(id) FROM otp_codes");
		a = till_attempt(&shop, MESSAGE_otp_sms, id, round == 0 ? TILL_REPLY(200, "{\"type\":\"success\",\"request_id\":\"1\"}")
						      : round == 1 ? TILL_LOST : TILL_FAILURE(CALL_TIMED_OUT));
		ok(a.is_sent && strstr(a.headers, "MSG91-CANARY") != NULL, "the code is sent");
		b = till_attempt(&shop, MESSAGE_otp_sms, id, TILL_REPLY(200, "{\"type\":\"success\"}"));
		ok(!b.is_sent, "I14 once, whatever became of it (%d)", round);
		is_str(done(a.message_id), round == 0 ? "DONE 1" : "UNSURE 1", "I14 and that is written down");
	}
}

static void
test_notice(void)
{
	static const struct {
		struct till_reply replies[3];
		int n;
		const char *status, *name;
	} texts[] = {
		{ { { .status = 200, .body = "{\"type\":\"success\",\"message\":\"1\"}" } }, 1, "sent", "NOT-04 sent" },
		{ { { .failure = CALL_TIMED_OUT } }, 1, "pending", "I14 in doubt: told once more" },
		{ { { .failure = CALL_TIMED_OUT }, { .failure = CALL_TIMED_OUT } }, 2, "sent", "I14 and then never again" },
		{ { { .is_not_ended = true }, { .failure = CALL_TIMED_OUT } }, 2, "pending", "I14 a relay that died with it told nobody" },
		{ { { .failure = CALL_NOT_CONNECTED }, { .failure = CALL_TIMED_OUT } }, 2, "pending", "I14 nor did one that was put off" },
		{ { { .failure = CALL_NOT_CONNECTED }, { .failure = CALL_NOT_CONNECTED } }, 2, "pending", "NOT-05 tried again" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		int64_t id = shop_order(&shop), notice;
		struct attempt_seen a;

		till_attempt(&shop, MESSAGE_pos_submit, id, till_no());
		notice = world_int("SELECT MAX(id) FROM notification_queue WHERE order_id = %lld", (long long)id);
		for (int k = 0; k < texts[i].n; k++) {
			a = till_attempt(&shop, MESSAGE_notice_sms, notice, texts[i].replies[k]);
			ok(a.is_sent, "%s: it goes out", texts[i].name);
		}
		is_str(shop_text("SELECT status FROM notification_queue WHERE id = %lld", (long long)notice), texts[i].status, "%s", texts[i].name);
	}
}

int
main(void)
{
	shop_make(&shop, "pp");
	shop_connect(&shop, NULL);
	test_done();
	test_refused();
	test_past();
	test_late_yes();
	test_hint_early();
	test_later();
	test_doubt_unwanted();
	test_unsure();
	test_lost();
	test_lost_step();
	test_together();
	test_together_of_old();
	test_killed();
	test_again();
	test_again_elsewhere();
	test_not_wanted();
	test_not_possible();
	test_void();
	test_void_lasts();
	test_otp();
	test_notice();
	test_menu();
	return tap_done();
}
