/*
 * F06: whoever carried a message out finishes it at the very moment at which somebody else takes it
 * for lost. Both sides are stopped at every step, and all orders of their steps are gone through:
 * the message is ended once, by whoever's claim was the newest, and what is completed stays so.
 *
 * Two processes, stepped by SIGCONT. A step ends when the process stops again, ends, or waits for
 * the other's lock.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "op/clock.h"
#include "shop.h"
#include "tap.h"

#define LEASE_US (INT64_C(60) * 1000000)
#define STEPS_N 4      /* of each side, the last one to its end */
#define BLOCKED_MS 150 /* no step of ours takes so long */

enum side { COMPLETER, RESCUER };

struct party {
	pid_t pid;
	bool has_ended;
	int status;
};

static void
stop_here(void)
{
	(void)raise(SIGSTOP);
}

/* --- the two sides ---------------------------------------------------------------------------- */

enum ending { FINISHED, DELAYED };

struct completing {
	const struct message *message;
	enum ending ending;
};

static enum err
complete_body(struct op *op, void *arg)
{
	const struct completing *c = arg;
	enum err e;

	stop_here();
	e = c->ending == FINISHED
		? outbox_finish(op, c->message, OUTCOME_DONE, "by the first")
		: outbox_later(op, c->message, INT64_C(3600) * 1000000, "by the first");
	stop_here(); /* its row is locked */
	return e;
}

/* How a side ends, as an exit status. */
#define WROTE 0
#define STALE 1
#define NOTHING 2
#define BROKEN 3

static int
complete(struct op *op, const struct message *m, enum ending ending)
{
	enum err e = db_tx(op, complete_body, &(struct completing){ m, ending });

	return e == OK ? WROTE : e == ERR_CONFLICT ? STALE : BROKEN;
}

static enum err
rescued_body(struct op *op, void *arg)
{
	return outbox_finish(op, arg, OUTCOME_UNSURE, "by the second");
}

/* The lease has run out for it: it claims, and ends what it has claimed. */
static int
rescue(struct op *op)
{
	struct message *messages;
	struct op ending; /* what was claimed lives in the other's arena */
	size_t n;

	stop_here();
	if (outbox_claim(op, RUNNER_RELAY, "p:1", 4, false, LEASE_US, &messages, &n) != OK)
		return BROKEN;
	stop_here();
	if (n == 0)
		return NOTHING;
	op_begin(&ending, op->db, 1 << 20, NULL);
	ending.config = &shop_config;
	if (db_ready(&ending) != OK)
		return BROKEN;
	stop_here();
	switch (db_tx(&ending, rescued_body, messages)) {
	case OK:
		return WROTE;
	case ERR_CONFLICT:
		return STALE;
	default:
		return BROKEN;
	}
}

/* A process of its own with a connection of its own, stopped before its first step. */
static struct party
party_start(enum side side, const struct message *m, enum ending ending)
{
	struct party p = { .pid = fork() };
	int status;

	if (p.pid == 0) {
		struct db_options o = world_options(PROGRAM_relay);
		struct op op;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* The rescuer's clock is past the lease. */
		o.clock_shift_us = side == RESCUER ? 2 * LEASE_US : 0;
		op_begin(&op, db_new(&o), 1 << 20, NULL);
		op.config = &shop_config;
		if (db_ready(&op) != OK)
			_exit(BROKEN);
		stop_here();
		_exit(side == COMPLETER ? complete(&op, m, ending) : rescue(&op));
	}
	if (waitpid(p.pid, &status, WUNTRACED) != p.pid || !WIFSTOPPED(status))
		abort();
	return p;
}

/* Lets it take a step. */
static void
party_step(struct party *p)
{
	int64_t until = clock_steady_us() + BLOCKED_MS * 1000;
	int status;

	if (p->has_ended)
		return;
	kill(p->pid, SIGCONT);
	while (clock_steady_us() < until) {
		if (waitpid(p->pid, &status, WNOHANG | WUNTRACED) == p->pid) {
			p->has_ended = !WIFSTOPPED(status);
			p->status = WIFEXITED(status) ? WEXITSTATUS(status) : BROKEN;
			return;
		}
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	/* It waits for a lock, and goes on by itself when the other lets go. */
}

static int
party_end(struct party *p)
{
	for (int i = 0; i < 40 && !p->has_ended; i++)
		party_step(p);
	if (!p->has_ended) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, &p->status, 0);
		return BROKEN;
	}
	return p->status;
}

/* --- all orders ------------------------------------------------------------------------------- */

static struct message *
claimed(struct op *op)
{
	world_sql("DELETE FROM outbox");
	world_sql("DELETE FROM outbox_done");
	world_sql("INSERT INTO outbox (runner, kind, destination, due_at, trace_id, created_at) VALUES"
		  " ('relay', 'pos_submit', 'p:1', UTC_TIMESTAMP(6), REPEAT('a', 32), UTC_TIMESTAMP(6))");
	shop_op(op, PROGRAM_relay, NULL);
	return shop_claim(op, RUNNER_RELAY, MESSAGE_pos_submit, 0);
}

/* The bits of `order`: whose step it is. */
static bool
run(unsigned order, enum ending ending, int ends[4][4])
{
	struct party p[2];
	struct op op;
	struct message *m = claimed(&op);
	int done, by_first, by_second, left, first, second;
	bool is_right;

	if (m == NULL)
		return false;
	p[COMPLETER] = party_start(COMPLETER, m, ending);
	p[RESCUER] = party_start(RESCUER, m, ending);
	for (int i = 0; i < 2 * STEPS_N; i++)
		party_step(&p[order >> i & 1]);
	first = party_end(&p[COMPLETER]);
	second = party_end(&p[RESCUER]);
	op_end(&op);
	ends[first][second]++;
	done = (int)world_int("SELECT COUNT(*) FROM outbox_done");
	by_first = (int)world_int("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'DONE'") +
		   (int)world_int("SELECT COUNT(*) FROM outbox WHERE last_error = 'by the first'");
	by_second = (int)world_int("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'UNSURE'");
	left = (int)world_int("SELECT COUNT(*) FROM outbox");
	/* Each believes what is true of itself, and the message is in one place. */
	is_right = by_first == (first == WROTE) && by_second == (second == WROTE) &&
		   by_first + by_second == 1 && done + left == 1;
	if (!is_right)
		diag("order %02x: the first ended with %d, the second with %d; %d done, %d left",
		    order, first, second, done, left);
	return is_right;
}

static void
test_all(enum ending ending, const char *name)
{
	int ends[4][4] = { { 0 } }, n = 0, right = 0;

	for (unsigned order = 0; order < 1u << (2 * STEPS_N); order++)
		if (__builtin_popcount(order) == STEPS_N) {
			n++;
			right += run(order, ending, ends);
		}
	is_int(right, n, "F06 I8 %s: in all %d orders of their steps it is ended once", name, n);
	ok(ends[WROTE][NOTHING] > 0, "F06 in some the completer was first, and it stayed completed");
	ok(ends[STALE][WROTE] > 0, "F06 in some it was taken over, and the completer told so");
	is_int(ends[WROTE][NOTHING] + ends[STALE][WROTE], n, "F06 and there is no third way");
}

int
main(void)
{
	struct shop shop;

	world_begin();
	shop_make(&shop, "rescue");
	test_all(FINISHED, "completed");
	test_all(DELAYED, "delayed");
	return tap_done();
}
