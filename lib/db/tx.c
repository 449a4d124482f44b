/* Transactions: what is run again, what is unsure, what is rolled back. */

#include "db/inside.h"

#include <time.h>

#include "metric/counter.h"
#include "op/clock.h"
#include "op/crash.h"

#define TRIES 10
#define BUDGET_MS 10000 /* no new try after this; a lock wait alone may take 5 s */
#define PATIENCE_US (INT64_C(2) * 1000000) /* a killed server is back within half a second, a cut session gone sooner */
#define PAUSE_FIRST_US 2000
#define PAUSE_MAX_US 200000

/*
 * 2 ms, doubling to 200 ms, of which a random half to whole: the two who met in a deadlock must not
 * meet again.
 */
void
db_pause(struct op *op, int try)
{
	int64_t us = try < 8 ? (int64_t)PAUSE_FIRST_US << (try - 1) : PAUSE_MAX_US;
	uint32_t r;

	if (us > PAUSE_MAX_US)
		us = PAUSE_MAX_US;
	op_random(op, &r, sizeof r);
	us = us / 2 + (int64_t)(r % (uint32_t)(us / 2 + 1));
	nanosleep(&(struct timespec){ .tv_sec = 0, .tv_nsec = us * 1000 }, NULL);
}

int64_t
db_until(const struct db *db)
{
	unsigned ms = db->options.budget_ms != 0 ? db->options.budget_ms : BUDGET_MS;

	return clock_steady_us() + INT64_C(1000) * ms;
}

/* How one run of a body ended. */
enum ending { DONE, FAILED, AGAIN, UNSURE };

typedef enum err ask(struct op *, void *arg, bool *ret);

static void
rollback(struct op *op)
{
	const char *why = NULL;

	/*
	 * A connection that cannot even roll back is closed; the server then rolls back by itself.
	 */
	if (op->db->mysql != NULL && db_say(op->db, "ROLLBACK", &why) != 0)
		db_disconnect(op->db);
	op->in_transaction = false;
}

static enum err
say(struct op *op, const char *verb)
{
	const char *why = NULL;
	unsigned number = db_say(op->db, verb, &why);

	return number == 0 ? OK : db_failed(op, number, why, verb, false);
}

/*
 * A refusal by name means that nothing was kept. Any other answer, or none, may hide a commit: the
 * server can die after writing it and before saying so.
 */
static enum ending
commit(struct op *op, enum err *ret_e)
{
	const char *why = NULL;
	unsigned number;

	CRASH_POINT("db.before_commit");
	number = db_say(op->db, "COMMIT", &why);
	if (number == 0) {
		CRASH_POINT("db.after_commit");
		op->in_transaction = false;
		return DONE;
	}
	*ret_e = db_failed(op, number, why, "COMMIT", false);
	rollback(op);
	return db_classify(number) == DB_CLASS_RETRY ? AGAIN : UNSURE;
}

/*
 * BEGIN, body, COMMIT, once. Anything but DONE leaves *ret_e other than OK and no transaction open.
 */
static enum ending
run_once(struct op *op, const char *const *begin, db_body *body, void *arg, enum err *ret_e)
{
	struct db *db = op->db;
	enum err e = OK;

	db->doom = DB_DOOM_NONE;
	db->has_met_lock = false;
	op_transaction_begins(op);
	for (; e == OK && *begin != NULL; begin++)
		e = say(op, *begin);
	if (e == OK)
		e = body(op, arg);
	if (e == OK)
		e = op_transaction_commits(op);
	if (e == OK && db->doom == DB_DOOM_NONE)
		return commit(op, ret_e);
	/* A body may have made another failure, or none, of the one that doomed it. */
	*ret_e = e != OK ? e : fail(op, ERR_UNAVAILABLE, NULL);
	rollback(op);
	return db->doom != DB_DOOM_NONE ? AGAIN : FAILED;
}

/* A server that was killed needs a moment. */
static enum err
reconnect(struct op *op)
{
	int64_t until = clock_steady_us() + PATIENCE_US;
	enum err e;

	for (int try = 4;; try++) {
		e = db_ready(op);
		if (e == OK || clock_steady_us() >= until)
			return e;
		op_forgive(op);
		db_pause(op, try);
	}
}

/* The lost session may hold its locks for another moment: BUSY is "not decided yet". */
static enum err
ask_patiently(struct op *op, ask *happened, void *arg, bool *ret_is_there)
{
	int64_t until = clock_steady_us() + PATIENCE_US;
	enum err e;

	for (int try = 1;; try++) {
		e = happened(op, arg, ret_is_there);
		if (e != ERR_BUSY || clock_steady_us() >= until)
			return e;
		db_pause(op, try);
	}
}

/* After a COMMIT without an answer: OK with *ret_is_there, or ERR_COMMIT_UNSURE. */
static enum err
settle(struct op *op, ask *happened, void *arg, bool *ret_is_there)
{
	struct fault first = op->fault;

	op_forgive(op);
	if (happened != NULL && reconnect(op) == OK &&
	    ask_patiently(op, happened, arg, ret_is_there) == OK) {
		op_forgive(op);
		return OK;
	}
	op->fault = first;
	op->fault.code = ERR_COMMIT_UNSURE;
	return ERR_COMMIT_UNSURE;
}

/* A snapshot changes nothing: whatever became of its COMMIT, everything was read. */
static enum err
read_all(struct op *op, void *arg, bool *ret)
{
	(void)op;
	(void)arg;
	*ret = true;
	return OK;
}

/*
 * Runs it until it is done or there is no more use in it. Whatever comes out, what waited for the
 * commit is settled.
 */
static enum err
run(struct op *op, const char *const *begin, db_body *body, void *arg, ask *happened)
{
	const struct fault before = op->fault;
	int64_t until = db_until(op->db), ghost_until = 0;
	bool is_there = false;
	enum err e = OK;

	for (int try = 1;; try++) {
		enum ending end = run_once(op, begin, body, arg, &e);

		if (end == UNSURE) {
			e = settle(op, happened, arg, &is_there);
			end = e != OK ? FAILED : is_there ? DONE : AGAIN;
			/*
			 * It surely is not there: without time for another try, that is the answer.
			 */
			if (end == AGAIN)
				e = fail(op, ERR_UNAVAILABLE, NULL);
		}
		/*
		 * The lock that it met may be that of the session that was lost on the way, which
		 * the server has not noticed yet.
		 */
		if (end == FAILED && op->db->has_met_lock && clock_steady_us() < ghost_until)
			end = AGAIN;
		if (end == DONE) {
			op_transaction_ended(op, true);
			return OK;
		}
		op_transaction_ended(op, false);
		if (end == FAILED || try == TRIES || clock_steady_us() >= until)
			return e;
		op->fault = before;
		counter_add(COUNTER_tx_retries, 1);
		db_pause(op, try);
		if (op->db->mysql == NULL) {
			if ((e = reconnect(op)) != OK)
				return e;
			ghost_until = clock_steady_us() + PATIENCE_US;
		}
	}
}

static void
assert_outside(const struct op *op, const char *who)
{
	if (op->in_transaction)
		db_bug(who, "a transaction inside a transaction");
}

enum err
db_tx_keyed(struct op *op, db_body *body, void *arg, ask *happened)
{
	static const char *const begin[] = { "START TRANSACTION", NULL };
	enum err e;

	assert_outside(op, "db_tx");
	/* The time is read before the body: all tries act at the same time. */
	e = db_now(op);
	return e == OK ? run(op, begin, body, arg, happened) : e;
}

enum err
db_tx(struct op *op, db_body *body, void *arg)
{
	return db_tx_keyed(op, body, arg, NULL);
}

/*
 * SET TRANSACTION without SESSION holds for the next transaction only; the session stays at READ
 * COMMITTED.
 */
enum err
db_snapshot(struct op *op, db_body *body, void *arg)
{
	static const char *const begin[] = { "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", NULL };
	enum err e;

	assert_outside(op, "db_snapshot");
	e = db_now(op);
	return e == OK ? run(op, begin, body, arg, read_all) : e;
}
