/* Transactions: what is rolled back, what runs again, what one snapshot sees. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db/raw.h"
#include "tap.h"
#include "world.h"

#define ARENA_MAX ((size_t)16 * 1024 * 1024)

struct key_row {
	struct bytes request_hash, answer;
	int64_t status;
};
static const struct db_col key_cols[] = {
	COL_BYTES(struct key_row, request_hash), COL_BYTES(struct key_row, answer), COL_I64(struct key_row, status),
};
static const struct db_shape key_shape = DB_SHAPE(struct key_row, key_cols);

struct accepting_row {
	bool accepting;
};
static const struct db_col accepting_cols[] = { COL_BOOL(struct accepting_row, accepting) };
static const struct db_shape accepting_shape = DB_SHAPE(struct accepting_row, accepting_cols);

static int runs, told;

static void
tell(void *arg)
{
	told += *(int *)arg;
}

static int one = 1;

static enum err
take(struct op *op, const char *key)
{
	static const unsigned char hash[32];

	return db_run(op, STMT_idempotency_take,
	    DB_ARGS(DB_TEXT("principal", "p"), DB_TEXT("idempotency_key", key), DB_BYTES("request_hash", hash, sizeof hash)));
}

static enum err
find(struct op *op, const char *key)
{
	struct key_row row;

	return db_one(op, STMT_idempotency_find, DB_ARGS(DB_TEXT("principal", "p"), DB_TEXT("idempotency_key", key)), &key_shape,
	    &row);
}

static int64_t
keys_like(const char *key)
{
	return world_int("SELECT COUNT(*) FROM idempotency_keys WHERE idempotency_key = '%s'", key);
}

static enum err
lock_event(struct op *op, int64_t restaurant_id)
{
	int64_t n;

	return db_newid(op, STMT_event_next, DB_ARGS(DB_I64("restaurant_id", restaurant_id)), &n);
}

static int64_t
event_seq(int64_t restaurant_id)
{
	return world_int("SELECT event_seq FROM restaurant_counters WHERE restaurant_id = %lld", (long long)restaurant_id);
}

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- commit and rollback ------------------------------------------------------------------------------------- */

static enum err
body_good(struct op *op, void *key)
{
	op_after_commit(op, tell, &one);
	return take(op, key);
}

static enum err
body_bad(struct op *op, void *key)
{
	enum err e = body_good(op, key);

	return e == OK ? fail(op, ERR_CART_EMPTY, NULL) : e;
}

static enum err
refuse(struct op *op, void *arg)
{
	(void)arg;
	return fail(op, ERR_CONFLICT, NULL);
}

static enum err
body_refused_late(struct op *op, void *key)
{
	op_before_commit(op, refuse, NULL);
	return body_good(op, key);
}

static enum err
body_nested(struct op *op, void *key)
{
	return db_tx(op, body_good, key);
}

static void
nest(void *arg)
{
	struct db_options o = world_options(PROGRAM_orders);
	struct db *db = db_new(&o);
	struct op op;

	op_begin(&op, db, ARENA_MAX, NULL);
	if (db_ready(&op) == OK)
		db_tx(&op, body_nested, arg);
}

static void
test_ends(void)
{
	struct op op;

	world_op(&op, PROGRAM_orders);
	ok(db_tx(&op, body_good, "good") == OK && keys_like("good") == 1, "a body that is content commits");
	is_int(told, 1, "then what waited for the commit happens");
	ok(db_tx(&op, body_bad, "bad") == ERR_CART_EMPTY && keys_like("bad") == 0, "any other answer rolls back and is given back");
	is_int(op.fault.code, ERR_CART_EMPTY, "with its fault");
	is_int(told, 1, "and nothing waits any more");
	op_forgive(&op);
	ok(db_tx(&op, body_refused_late, "late") == ERR_CONFLICT && keys_like("late") == 0, "the last word before COMMIT counts");
	op_forgive(&op);
	ok(db_tx(&op, body_good, "good") == ERR_DUPLICATE && op.fault.code == OK, "a duplicate key is an answer here too");
	ok(!op.in_transaction, "no transaction stays open");
	op_end(&op);
	ok(tap_aborts(nest, "nested"), "a transaction inside a transaction aborts");
}

/* --- busy, read committed, snapshot -------------------------------------------------------------------------- */

static enum err
body_busy(struct op *op, void *key)
{
	enum err e = find(op, key);

	ok(e == ERR_BUSY && op->fault.code == OK, "NOWAIT on a locked row is an answer");
	return take(op, "after busy");
}

static void
test_busy(void)
{
	int64_t start;
	struct op op;

	world_op(&op, PROGRAM_orders);
	world_sql("START TRANSACTION");
	world_sql("SELECT * FROM idempotency_keys WHERE idempotency_key = 'good' FOR UPDATE");
	start = milliseconds();
	ok(db_tx(&op, body_busy, "good") == OK, "after which the transaction goes on");
	ok(milliseconds() - start < 1000, "it comes at once");
	world_sql("ROLLBACK");
	is_int(keys_like("after busy"), 1, "and commits");
	op_end(&op);
}

static bool
accepting(struct op *op)
{
	struct accepting_row row = { .accepting = false };

	ok(db_one(op, STMT_restaurant_accepting, DB_ARGS(DB_I64("restaurant_id", 1)), &accepting_shape, &row) == OK, "a read");
	return row.accepting;
}

static enum err
body_reads_twice(struct op *op, void *arg)
{
	bool *seen = arg;

	world_sql("UPDATE restaurant_counters SET accepting = 1 WHERE restaurant_id = 1");
	seen[0] = accepting(op);
	world_sql("UPDATE restaurant_counters SET accepting = 0 WHERE restaurant_id = 1");
	seen[1] = accepting(op);
	return OK;
}

static enum err
body_snapshot(struct op *op, void *arg)
{
	bool *seen = arg;

	world_sql("UPDATE restaurant_counters SET accepting = 0 WHERE restaurant_id = 1");
	seen[0] = accepting(op);
	return OK;
}

static enum err
body_writes(struct op *op, void *key)
{
	return take(op, key);
}

static void
test_sight(void)
{
	bool seen[2];
	struct op op;

	world_op(&op, PROGRAM_orders);
	ok(db_tx(&op, body_reads_twice, seen) == OK && seen[0] && !seen[1], "db_tx sees what others commit meanwhile");
	world_sql("UPDATE restaurant_counters SET accepting = 1 WHERE restaurant_id = 1");
	ok(db_snapshot(&op, body_snapshot, seen) == OK && seen[0],
	    "db_snapshot sees the world as it was when it began, even for its first read");
	ok(db_snapshot(&op, body_writes, "snap") == ERR_INTERNAL_ERROR && keys_like("snap") == 0, "and cannot write");
	op_forgive(&op);
	ok(db_tx(&op, body_reads_twice, seen) == OK && seen[0] && !seen[1], "afterwards all is as before");
	op_end(&op);
}

/* --- deadlock ------------------------------------------------------------------------------------------------ */

/* A party with an ordinary connection, in a process of its own. */
struct meeting {
	int to_child[2], to_parent[2];
	pid_t pid;
	bool swallows;
};

static void
say(int fd)
{
	if (write(fd, "x", 1) != 1)
		abort();
}

static void
hear(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		abort();
}

/* Locks 2 and, to be the one that is spared, 100 rows more; then 1. */
static void __attribute__((noreturn))
other_party(const struct meeting *m)
{
	struct raw *r = NULL;
	struct op op;

	op_begin(&op, NULL, ARENA_MAX, NULL);
	if (raw_open(&op, world_admin(), &r) != OK || raw_try(r, "START TRANSACTION") != 0 ||
	    raw_try(r, "UPDATE restaurant_counters SET event_seq = event_seq + 100 WHERE restaurant_id = 2 OR restaurant_id > 100") != 0)
		_exit(1);
	say(m->to_parent[1]);
	hear(m->to_child[0]);
	if (raw_try(r, "UPDATE restaurant_counters SET event_seq = event_seq + 100 WHERE restaurant_id = 1") != 0 ||
	    raw_try(r, "COMMIT") != 0)
		_exit(1);
	raw_close(&r);
	op_end(&op);
	_exit(0);
}

static enum err
body_meets(struct op *op, void *arg)
{
	struct meeting *m = arg;
	enum err e;

	op_after_commit(op, tell, &one);
	e = lock_event(op, 1);
	if (++runs == 1) {
		hear(m->to_parent[0]);
		say(m->to_child[1]);
		/* The table is a copy that stays as it is while it is looked at more often than every 0.1 s. */
		while (world_int("SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'") == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 120 * 1000000 }, NULL);
	}
	if (e == OK)
		e = lock_event(op, 2);
	if (runs == 1)
		ok(e == ERR_UNAVAILABLE && op->fault.code == e, "the victim of a deadlock is told that it failed");
	if (m->swallows && e != OK) {
		op_forgive(op);
		ok(lock_event(op, 3) == ERR_UNAVAILABLE, "and sends nothing more in that transaction");
		return OK;
	}
	return e == OK ? lock_event(op, 3) : e;
}

static void
test_deadlock(bool swallows)
{
	struct meeting m = { .swallows = swallows };
	int64_t first = event_seq(1), second = event_seq(2), third = event_seq(3);
	int status = -1;
	struct op op;

	runs = told = 0;
	world_op(&op, PROGRAM_orders);
	if (pipe(m.to_child) != 0 || pipe(m.to_parent) != 0)
		abort();
	fflush(NULL);
	m.pid = fork();
	if (m.pid == 0)
		other_party(&m);
	ok(db_tx(&op, body_meets, &m) == OK && op.fault.code == OK, "the body runs again and ends well");
	ok(waitpid(m.pid, &status, 0) == m.pid && status == 0, "as does the other party's");
	is_int(runs, 2, "it ran twice");
	is_int(told, 1, "what waited for the commit happened once");
	is_int(event_seq(1) - first, 101, "the first row was changed once by each");
	is_int(event_seq(2) - second, 101, "the second too");
	is_int(event_seq(3) - third, 1, "and the third once");
	for (int i = 0; i < 2; i++) {
		close(m.to_child[i]);
		close(m.to_parent[i]);
	}
	op_end(&op);
}

/* --- lock time-out ------------------------------------------------------------------------------------------- */

static enum err
body_waits(struct op *op, void *arg)
{
	enum err e;

	(void)arg;
	if (++runs == 2)
		world_sql("ROLLBACK");
	e = lock_event(op, 3);
	return e == OK ? lock_event(op, 4) : e;
}

static void
test_lock_timeout(void)
{
	int64_t third = event_seq(3), start = milliseconds();
	struct op op;

	runs = 0;
	world_op(&op, PROGRAM_orders);
	world_sql("START TRANSACTION");
	world_sql("UPDATE restaurant_counters SET accepting = 1 WHERE restaurant_id = 4");
	ok(db_tx(&op, body_waits, NULL) == OK && runs == 2, "a lock time-out runs the body again");
	ok(milliseconds() - start < 8000, "after 5 s");
	is_int(event_seq(3) - third, 1, "its first half was rolled back, though the server had not done that");
	op_end(&op);
}

/* --- the connection ------------------------------------------------------------------------------------------ */

static enum err
body_killed(struct op *op, void *key)
{
	enum err e = take(op, key);

	op_after_commit(op, tell, &one);
	if (++runs == 1)
		world_sql("KILL %llu", (unsigned long long)db_connection_id(op->db));
	return e == OK ? take(op, "after kill") : e;
}

static enum err
body_kills_server(struct op *op, void *key)
{
	if (++runs == 1) {
		world_server_kill();
		world_server_start();
	}
	return take(op, key);
}

static void
test_killed(void)
{
	struct op op;

	runs = told = 0;
	world_op(&op, PROGRAM_orders);
	ok(db_tx(&op, body_killed, "kill") == OK && runs == 2, "a connection that breaks before COMMIT is made again, the body run again");
	is_int(keys_like("kill"), 1, "with one effect");
	is_int(told, 1, "told once");
	runs = 0;
	ok(db_tx(&op, body_kills_server, "restart") == OK && runs == 2, "so is one that a dying server took with it");
	is_int(keys_like("restart"), 1, "with one effect too");
	op_end(&op);
}

/* What somebody else has locked is refused. The third run finds that they have gone. */
static enum err
body_meets_lock(struct op *op, void *arg)
{
	const bool *is_killed = arg;
	enum err e;

	if (++runs == 1 && *is_killed)
		world_sql("KILL %llu", (unsigned long long)db_connection_id(op->db));
	if (runs == 3)
		world_sql("ROLLBACK");
	e = find(op, "ghost");
	return e == ERR_BUSY ? fail(op, ERR_IDEMPOTENCY_IN_PROGRESS, NULL) : e == ERR_NO_ROW ? take(op, "ghost") : e;
}

static void
test_ghost(void)
{
	bool is_killed = false;
	struct op op;

	world_op(&op, PROGRAM_orders);
	world_sql("START TRANSACTION");
	world_sql("INSERT INTO idempotency_keys (principal, idempotency_key, request_hash, created_at) VALUES ('p', 'ghost', REPEAT('x', 32), NOW(6))");
	runs = 0;
	ok(db_tx(&op, body_meets_lock, &is_killed) == ERR_IDEMPOTENCY_IN_PROGRESS && runs == 1, "what somebody else has locked is refused at once");
	op_end(&op);
	world_op(&op, PROGRAM_orders);
	runs = 0;
	is_killed = true;
	ok(db_tx(&op, body_meets_lock, &is_killed) == OK && runs == 3,
	    "I6 F11 once a session was lost it may be that one's, and is asked for again until it has gone");
	is_int(keys_like("ghost"), 1, "with one effect");
	op_end(&op);
}

static enum err
body_always_killed(struct op *op, void *key)
{
	world_sql("KILL %llu", (unsigned long long)db_connection_id(op->db));
	runs++;
	return take(op, key);
}

static void
test_gives_up(void)
{
	struct op op;

	runs = 0;
	world_op(&op, PROGRAM_orders);
	ok(db_tx(&op, body_always_killed, "never") == ERR_UNAVAILABLE, "what fails every time is given up");
	is_int(runs, 10, "after ten tries");
	ok(op.fault.code == ERR_UNAVAILABLE && op.fault.retry_after_s > 0 && !op.in_transaction, "and the caller may try again");
	op_end(&op);
}

int
main(void)
{
	world_begin();
	world_sql("INSERT INTO restaurant_counters (restaurant_id) VALUES (1), (2), (3), (4)");
	for (int i = 101; i <= 200; i++)
		world_sql("INSERT INTO restaurant_counters (restaurant_id) VALUES (%d)", i);
	test_ends();
	test_busy();
	test_sight();
	test_deadlock(false);
	test_deadlock(true);
	test_lock_timeout();
	test_killed();
	test_ghost();
	test_gives_up();
	return tap_done();
}
