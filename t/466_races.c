/*
 * Races: two processes move one order at the same moment. The first is frozen between its locked read and its write; the second
 * starts then, and must wait, and decide on what the first left. Each pair goes in both orders.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "op/op.h"
#include "order/settle.h"
#include "order/submission.h"
#include "provider/call.h"
#include "provider/connect.h"
#include "tap.h"
#include "till.h"

#define POINT "order_lock.between_read_and_write"

static struct shop shop;
static char crash_dir[] = "/tmp/trcXXXXXX";

/* --- deeds ------------------------------------------------------------------------------------------------------ */

enum deed {
	NOTHING, CALLBACK_CONFIRMED, CALLBACK_CANCELLED, RELAY_BEGINS, RELAY_DONE, RELAY_REFUSED, RELAY_UNSURE, RELAY_LATER, VOID_DONE,
	GUEST_CANCELS, STAFF_CONFIRM, STAFF_READY, STAFF_COMPLETE, STAFF_CASH, STAFF_RETRY, COMPENSATION, DEADLINE
};

/* What a deed said, as the exit status of its process. */
enum { SAID_NO = 0, SAID_YES = 1, SAID_REFUSED = 2, SAID_BROKEN = 9 };

struct doing {
	int64_t order_id;
	enum deed deed;
	struct connection connection;
	bool said;
};

static enum err
move(struct op *op, struct order_axes *x, struct doing *d)
{
	const struct submission_terms *terms = &d->connection.terms;

	switch (d->deed) {
	case GUEST_CANCELS: return submission_cancel(op, x, terms, STATUS_EVENT_cancel, WHO_GUEST, "changed my mind", &d->said);
	case STAFF_CONFIRM: return order_status_move(op, x, STATUS_EVENT_confirm, WHO_STAFF, NULL, &d->said);
	case STAFF_READY: return order_status_move(op, x, STATUS_EVENT_ready, WHO_STAFF, NULL, &d->said);
	case STAFF_COMPLETE: return order_status_move(op, x, STATUS_EVENT_complete, WHO_STAFF, NULL, &d->said);
	case STAFF_CASH: return order_settle_cash(op, x);
	case STAFF_RETRY: return submission_retry(op, x, terms, &d->said);
	default: abort();
	}
}

static enum err
move_body(struct op *op, void *arg)
{
	struct doing *d = arg;
	struct order_axes x;
	enum err e = order_lock(op, shop.restaurant.id, d->order_id, &x);

	d->said = false;
	if (e == OK)
		e = move(op, &x, d);
	return e != OK ? e : order_save(op, &x);
}

static int
deed_move(int64_t order_id, enum deed deed)
{
	struct doing d = { .order_id = order_id, .deed = deed };
	struct op op;
	enum err e;

	shop_op(&op, deed == GUEST_CANCELS ? PROGRAM_orders : PROGRAM_admin, &shop);
	op.actor.name = deed == GUEST_CANCELS ? "user" : "staff:asha";
	e = connection_of(&op, shop.restaurant.id, &d.connection);
	if (e == OK)
		e = db_tx(&op, move_body, &d);
	op_end(&op);
	return e == OK ? (d.said ? SAID_YES : SAID_NO) : e == ERR_ILLEGAL_TRANSITION || e == ERR_ORDER_NOT_PAID ? SAID_REFUSED : SAID_BROKEN;
}

static int
deed_attempt(int64_t order_id, enum message_kind kind, struct till_reply reply)
{
	struct attempt_seen a = till_attempt(&shop, kind, order_id, reply);

	return a.e != OK ? SAID_BROKEN : a.is_sent ? SAID_YES : SAID_NO;
}

/*
 * The end of an attempt that an earlier process began: the message is claimed again under the same token, as if this were the relay that
 * holds it.
 */
struct ending {
	const struct message *message;
	const struct provider_result *result;
};

static enum err
end_body(struct op *op, void *arg)
{
	const struct ending *e = arg;
	struct provider provider = { .config = &shop_config, .keys = shop_keys };
	enum outcome outcome;

	return provider_end(op, &provider, e->message, e->result, &outcome);
}

static int
deed_end(int64_t order_id, enum message_kind kind, struct till_reply reply)
{
	struct provider_result result = { .has_reply = reply.status > 0, .failure = reply.failure };
	struct message m = { .kind = kind, .kind_name = message_info(kind)->name, .lane = order_id, .restaurant_id = shop.restaurant.id,
		.subject_id = order_id, .subject_no = 1, .attempts = 0, .begun_at = TIME_NONE, .expires_at = TIME_NONE };
	struct ending ending = { .message = &m, .result = &result };
	struct op op;
	enum err e;

	m.id = world_int("SELECT MIN(id) FROM outbox WHERE kind = '%s' AND subject_id = %lld", m.kind_name, (long long)order_id);
	m.token = world_int("SELECT token FROM outbox WHERE id = %lld", (long long)m.id);
	m.destination = shop_text("SELECT destination FROM outbox WHERE id = %lld", (long long)m.id);
	if (reply.status > 0)
		result.reply = (struct http_reply){ .status = reply.status, .body = { reply.body, strlen(reply.body) } };
	shop_op(&op, PROGRAM_relay, &shop);
	op.actor.name = "relay";
	e = db_tx(&op, end_body, &ending);
	if (e != OK)
		diag("end: %s %s", err_info(e)->name, op.fault.internal != NULL ? op.fault.internal : "");
	op_end(&op);
	return e == OK ? SAID_YES : SAID_BROKEN;
}

static int
deed_do(int64_t id, enum deed deed)
{
	struct till_answer a;

	switch (deed) {
	case CALLBACK_CONFIRMED:
	case CALLBACK_CANCELLED:
		a = till_callback(&shop, id, deed == CALLBACK_CONFIRMED ? "1" : "-1", NULL);
		return a.e == OK && a.status == 200 ? SAID_YES : SAID_BROKEN;
	case RELAY_BEGINS: return deed_attempt(id, MESSAGE_pos_submit, TILL_LOST);
	case RELAY_DONE: return deed_end(id, MESSAGE_pos_submit, till_yes(id, NULL));
	case RELAY_REFUSED: return deed_end(id, MESSAGE_pos_submit, till_no());
	case RELAY_UNSURE: return deed_end(id, MESSAGE_pos_submit, TILL_FAILURE(CALL_TIMED_OUT));
	case RELAY_LATER: return deed_end(id, MESSAGE_pos_submit, TILL_FAILURE(CALL_NOT_CONNECTED));
	case VOID_DONE: return deed_end(id, MESSAGE_pos_void, TILL_REPLY(200, "{\"success\":\"1\"}"));
	case COMPENSATION: return till_job(&shop, MESSAGE_pos_compensate, id) ? SAID_YES : SAID_NO;
	case DEADLINE: return till_job(&shop, MESSAGE_pos_deadline, id) ? SAID_YES : SAID_NO;
	default: return deed_move(id, deed);
	}
}

/* --- two at once ------------------------------------------------------------------------------------------------ */

/* The administrator's connection of a child is the parent's: it gets its own. */
static pid_t
start(int64_t id, enum deed deed)
{
	pid_t pid;

	fflush(NULL);
	for (size_t p = 0; p < PROGRAM__MAX; p++)
		shop_cut((enum program)p);
	pid = fork();
	if (pid == 0) {
		world_own();
		setenv("TICKETRAIL_CRASH_DIR", crash_dir, 1);
		_exit(deed_do(id, deed));
	}
	return pid;
}

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

/* Until the second stands before the order's row, or is through with it. */
static void
wait_for_lock(pid_t pid)
{
	for (int i = 0; i < 50; i++) {
		siginfo_t info = { .si_pid = 0 };

		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0)
			return;
		if (shop_waiting() > 0)
			return;
	}
}

static int
exit_of(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* The first is frozen with the row in its hands; the second comes. */
static void
race(int64_t id, enum deed first, enum deed second, int *ret_first, int *ret_second)
{
	int status = 0;
	pid_t a, b;

	file("stop." POINT, true);
	a = start(id, first);
	waitpid(a, &status, WUNTRACED);
	if (!WIFSTOPPED(status)) {
		diag("the first did not come to the row");
		file("stop." POINT, false);
		*ret_first = WIFEXITED(status) ? WEXITSTATUS(status) : 99;
		*ret_second = exit_of(start(id, second));
		return;
	}
	b = start(id, second);
	wait_for_lock(b);
	kill(a, SIGCONT);
	*ret_first = exit_of(a);
	*ret_second = exit_of(b);
}

/* How an order comes to where the race begins. */
enum stage { QUEUED, SUBMITTING, ACCEPTED, ACCEPTED_PAID_READY, FAILED, UNSURE, VOIDING };

static int64_t
order_at(enum stage stage)
{
	int64_t id = shop_order(&shop);

	if (stage == SUBMITTING)
		till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	if (stage == ACCEPTED || stage == ACCEPTED_PAID_READY || stage == VOIDING)
		till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, NULL));
	if (stage == FAILED)
		till_attempt(&shop, MESSAGE_pos_submit, id, till_no());
	if (stage == UNSURE) {
		till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
		till_attempt(&shop, MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
		world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = %lld", (long long)id);
	}
	if (stage == ACCEPTED_PAID_READY) {
		deed_move(id, STAFF_CASH);
		deed_move(id, STAFF_READY);
	}
	if (stage == VOIDING)
		deed_move(id, GUEST_CANCELS);
	return id;
}

static const struct {
	enum stage stage;
	enum deed first, second;
	int said_first, said_second;
	const char *axes, *messages, *notices, *name;
} races[] = {
	{ SUBMITTING, CALLBACK_CONFIRMED, RELAY_DONE, SAID_YES, SAID_YES, "confirmed/accepted/pending", "", "",
	    "WH-27 the callback, then the answer" },
	{ SUBMITTING, RELAY_DONE, CALLBACK_CONFIRMED, SAID_YES, SAID_YES, "confirmed/accepted/pending", "pos_proof:1", "",
	    "WH-27 the answer, then the callback" },
	{ SUBMITTING, CALLBACK_CONFIRMED, RELAY_UNSURE, SAID_YES, SAID_YES, "confirmed/accepted/pending", "", "",
	    "D5 the callback, then no answer" },
	{ SUBMITTING, RELAY_UNSURE, CALLBACK_CONFIRMED, SAID_YES, SAID_YES, "confirmed/accepted/pending", "pos_submit:1 pos_deadline:1", "",
	    "D5 no answer, then the callback" },
	{ SUBMITTING, CALLBACK_CONFIRMED, RELAY_REFUSED, SAID_YES, SAID_YES, "confirmed/accepted/pending", "", "",
	    "rule 11 the callback, then a refusal" },
	{ SUBMITTING, RELAY_REFUSED, CALLBACK_CONFIRMED, SAID_YES, SAID_YES, "confirmed/accepted/pending", "pos_compensate:1",
	    "pos_failed pos_late_answer", "rule 11 a refusal, then the callback" },
	{ SUBMITTING, CALLBACK_CANCELLED, RELAY_DONE, SAID_YES, SAID_YES, "cancelled/failed/pending", "", "order_ended",
	    "WH-03 the POS cancels, then its answer" },
	{ SUBMITTING, RELAY_DONE, CALLBACK_CANCELLED, SAID_YES, SAID_YES, "cancelled/failed/pending", "pos_proof:1", "order_ended",
	    "WH-03 its answer, then the POS cancels" },
	{ QUEUED, GUEST_CANCELS, RELAY_BEGINS, SAID_YES, SAID_NO, "cancelled/failed/pending", "", "order_ended",
	    "rule 6 the guest, then the relay: nothing is sent" },
	{ QUEUED, RELAY_BEGINS, GUEST_CANCELS, SAID_YES, SAID_NO, "received/submitting/pending", "pos_submit:1 pos_undecided:1", "",
	    "rule 6 the relay, then the guest: a wish" },
	{ SUBMITTING, GUEST_CANCELS, RELAY_DONE, SAID_NO, SAID_YES, "received/accepted/pending", "pos_void:1 pos_undecided:1", "",
	    "rule 7 the guest, then done: void" },
	{ SUBMITTING, RELAY_DONE, GUEST_CANCELS, SAID_YES, SAID_NO, "received/accepted/pending", "pos_proof:1 pos_void:1 pos_undecided:1", "",
	    "rule 7 done, then the guest: void" },
	{ SUBMITTING, GUEST_CANCELS, RELAY_REFUSED, SAID_NO, SAID_YES, "cancelled/failed/pending", "", "order_ended",
	    "rule 6 the guest, then refused: it ends" },
	{ SUBMITTING, RELAY_REFUSED, GUEST_CANCELS, SAID_YES, SAID_YES, "cancelled/failed/pending", "pos_compensate:1",
	    "pos_failed order_ended", "rule 6 refused, then the guest: it ends" },
	{ SUBMITTING, GUEST_CANCELS, RELAY_LATER, SAID_NO, SAID_YES, "cancelled/failed/pending", "", "order_ended",
	    "rule 6 the guest, then surely not sent: it ends" },
	{ SUBMITTING, RELAY_LATER, GUEST_CANCELS, SAID_YES, SAID_YES, "cancelled/failed/pending", "", "order_ended",
	    "rule 6 surely not sent, then the guest: it ends" },
	{ SUBMITTING, GUEST_CANCELS, RELAY_UNSURE, SAID_NO, SAID_YES, "received/unsure/pending", "pos_submit:1 pos_undecided:1 pos_deadline:1", "",
	    "rule 6 the guest, then no answer" },
	{ SUBMITTING, RELAY_UNSURE, GUEST_CANCELS, SAID_YES, SAID_NO, "received/unsure/pending", "pos_submit:1 pos_undecided:1 pos_deadline:1", "",
	    "rule 6 no answer, then the guest" },
	{ ACCEPTED, STAFF_READY, CALLBACK_CONFIRMED, SAID_YES, SAID_YES, "ready/accepted/pending", "pos_proof:1", "",
	    "D13 staff, then an older callback" },
	{ ACCEPTED, CALLBACK_CONFIRMED, STAFF_READY, SAID_YES, SAID_YES, "ready/accepted/pending", "pos_proof:1", "",
	    "ORD-14 a callback, then staff" },
	{ ACCEPTED, STAFF_CONFIRM, CALLBACK_CONFIRMED, SAID_YES, SAID_YES, "confirmed/accepted/pending", "pos_proof:1", "",
	    "ORD-14 staff and the callback say the same" },
	{ ACCEPTED, CALLBACK_CONFIRMED, STAFF_CONFIRM, SAID_YES, SAID_NO, "confirmed/accepted/pending", "pos_proof:1", "",
	    "ORD-14 the callback and staff say the same" },
	{ ACCEPTED, STAFF_CASH, STAFF_CASH, SAID_NO, SAID_NO, "received/accepted/paid", "pos_proof:1", "", "ADM-05 cash is received once" },
	{ ACCEPTED, STAFF_CASH, GUEST_CANCELS, SAID_NO, SAID_NO, "received/accepted/paid", "pos_proof:1 pos_void:1 pos_undecided:1", "",
	    "rule 18 cash, then the guest" },
	{ ACCEPTED, GUEST_CANCELS, STAFF_CASH, SAID_NO, SAID_NO, "received/accepted/paid", "pos_proof:1 pos_void:1 pos_undecided:1", "",
	    "rule 18 the guest, then cash" },
	{ FAILED, STAFF_RETRY, STAFF_RETRY, SAID_YES, SAID_NO, "received/queued/pending", "pos_compensate:1 pos_submit:2 pos_undecided:2", "pos_failed",
	    "D6 two clicks send once" },
	{ FAILED, COMPENSATION, STAFF_RETRY, SAID_YES, SAID_NO, "cancelled/failed/pending", "", "pos_failed order_ended",
	    "C16 compensated, then retried: not" },
	{ FAILED, STAFF_RETRY, COMPENSATION, SAID_YES, SAID_YES, "received/queued/pending", "pos_submit:2 pos_undecided:2", "pos_failed",
	    "C16 retried, then compensated: not" },
	{ FAILED, COMPENSATION, CALLBACK_CONFIRMED, SAID_YES, SAID_YES, "cancelled/accepted/pending", "pos_void:1 pos_undecided:1",
	    "pos_failed order_ended pos_late_acceptance", "rule 11 compensated, and yet it is there" },
	{ FAILED, CALLBACK_CONFIRMED, COMPENSATION, SAID_YES, SAID_YES, "confirmed/accepted/pending", "", "pos_failed pos_late_answer",
	    "rule 11 it is there after all: not compensated" },
	{ ACCEPTED_PAID_READY, CALLBACK_CANCELLED, STAFF_COMPLETE, SAID_YES, SAID_NO, "cancelled/failed/paid", "pos_proof:1", "order_ended",
	    "ORD-14 the POS cancels, then staff complete" },
	{ ACCEPTED_PAID_READY, STAFF_COMPLETE, CALLBACK_CANCELLED, SAID_YES, SAID_YES, "completed/accepted/paid", "pos_proof:1",
	    "pos_cancelled_late", "ORD-14 staff complete, then the POS cancels" },
	{ UNSURE, DEADLINE, CALLBACK_CONFIRMED, SAID_YES, SAID_YES, "confirmed/accepted/pending", "", "pos_manual pos_found",
	    "rule 8 the deadline, then a late callback" },
	{ UNSURE, CALLBACK_CONFIRMED, DEADLINE, SAID_YES, SAID_YES, "confirmed/accepted/pending", "", "",
	    "rule 8 a late callback, then the deadline" },
	{ VOIDING, VOID_DONE, CALLBACK_CANCELLED, SAID_YES, SAID_YES, "cancelled/failed/pending", "pos_proof:1", "order_ended",
	    "rule 7 voided, then the callback says so" },
	{ VOIDING, CALLBACK_CANCELLED, VOID_DONE, SAID_YES, SAID_YES, "cancelled/failed/pending", "pos_proof:1", "order_ended",
	    "rule 7 the callback says so, then the answer" },
	{ VOIDING, VOID_DONE, CALLBACK_CONFIRMED, SAID_YES, SAID_YES, "cancelled/accepted/pending", "pos_proof:1 pos_void:1 pos_undecided:1",
	    "order_ended pos_late_acceptance", "rule 11 voided, and yet a word from the kitchen" },
	{ VOIDING, CALLBACK_CONFIRMED, VOID_DONE, SAID_YES, SAID_YES, "cancelled/failed/pending", "pos_proof:1", "order_ended",
	    "rule 7 a word from the kitchen, then voided" },
};

static void
test_races(void)
{
	for (size_t i = 0; i < sizeof races / sizeof races[0]; i++) {
		int64_t id = order_at(races[i].stage);
		int first = 0, second = 0;

		race(id, races[i].first, races[i].second, &first, &second);
		is_int(first, races[i].said_first, "%s: what the first was told", races[i].name);
		is_int(second, races[i].said_second, "%s: what the second was told", races[i].name);
		is_str(shop_axes(id), races[i].axes, "%s", races[i].name);
		is_str(shop_messages(id), races[i].messages, "%s: messages", races[i].name);
		is_str(shop_notices(id), races[i].notices, "%s: notices", races[i].name);
		shop_check(&shop, id, races[i].name);
	}
}

/* --- many at once, unfrozen -------------------------------------------------------------------------------------- */

static void
test_storm(void)
{
	static const enum deed deeds[] = { CALLBACK_CONFIRMED, CALLBACK_CANCELLED, RELAY_DONE, GUEST_CANCELS, STAFF_CASH, STAFF_READY };
	enum { N = sizeof deeds / sizeof deeds[0], ROUNDS = 10 };

	for (int round = 0; round < ROUNDS; round++) {
		int64_t id = order_at(SUBMITTING);
		pid_t pids[N];
		int broken = 0;

		for (size_t i = 0; i < N; i++)
			pids[i] = start(id, deeds[(i + (size_t)round) % N]);
		for (size_t i = 0; i < N; i++)
			broken += exit_of(pids[i]) >= SAID_BROKEN;
		is_int(broken, 0, "I5 six at once: nobody breaks");
		shop_check(&shop, id, "six at once");
		is_int(world_int("SELECT COUNT(*) FROM order_status_history WHERE order_id = %lld AND axis = 'payment'", (long long)id) <= 1, 1,
		    "ADM-05 cash once at most");
	}
}

int
main(void)
{
	if (mkdtemp(crash_dir) == NULL)
		return 1;
	shop_make(&shop, "pp-race");
	shop_connect(&shop, NULL);
	test_races();
	test_storm();
	file("seen", false);
	rmdir(crash_dir);
	return tap_done();
}
