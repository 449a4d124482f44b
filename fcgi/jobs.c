/*
 * jobs: carries out the messages that stay in the house, one after the other (relay/shift.h).
 *
 *	jobs [--once]
 *
 * A job is one transaction, in which its handler also finishes the message; so it may die at any
 * point, and be run by two at once. A job that fails is tried again later, after a pause that
 * grows; one that has killed whoever took it several times is set aside.
 */
#include <poll.h>
#include <stdlib.h>

#include "log/log.h"
#include "menu/item.h"
#include "metric/counter.h"
#include "notice/notice.h"
#include "op/clock.h"
#include "op/crash.h"
#include "order/day_sums.h"
#include "provider/deadline.h"
#include "provider/menu.h"
#include "provider/webhook.h"
#include "relay/shift.h"
#include "retention/purge.h"
#include "tenant/pause.h"

#define CLAIM_N 16 /* at once: a few dozen milliseconds of work */
#define UNKNOWN_AGAIN_US (INT64_C(60) * 1000000)
#define LOCKED_AGAIN_US (INT64_C(2) * 1000000)
#define BARRED_AGAIN_US (LOCKED_AGAIN_US / 4) /* those behind it: before its turn comes again */

#define POISON "Whoever carried it out died of it, again and again"
#define GIVEN_UP "It failed too often, or for too long"

/* Nobody else sees that a restaurant stays shut: what is missing is that nothing happens. */
static enum err
pause_dead(struct op *op, const struct message *m, const char *why)
{
	return notice_staff(op,
	    m->kind == MESSAGE_store_resume ? NOTICE_pause_stuck : NOTICE_busy_stuck,
	    &(struct notice_about){
		.restaurant_id = m->restaurant_id, .reason = why, .round = m->id });
}

struct job {
	enum err (*run)(struct op *, const struct message *);
	/* what becomes of a poison one */
	enum err (*dead)(struct op *, const struct message *, const char *why);
	bool is_long; /* may take longer than a lease */
};

/* The local kinds of message.def. */
static const struct job job_kinds[MESSAGE__MAX] = {
	[MESSAGE_inbox_apply] = { webhook_apply, webhook_dead },
	[MESSAGE_menu_publish] = { menu_publish, menu_publish_dead, .is_long = true },
	[MESSAGE_menu_poll] = { menu_poll, NULL },
	[MESSAGE_stock_return] = { item_return, NULL },
	[MESSAGE_pos_undecided] = { deadline_apply, deadline_dead },
	[MESSAGE_pos_deadline] = { deadline_apply, deadline_dead },
	[MESSAGE_pos_proof] = { deadline_apply, deadline_dead },
	[MESSAGE_pos_accept] = { deadline_apply, deadline_dead },
	[MESSAGE_pos_compensate] = { deadline_apply, deadline_dead },
	[MESSAGE_day_sums] = { day_sums_write, NULL },
	[MESSAGE_store_resume] = { pause_apply, pause_dead },
	[MESSAGE_store_calm] = { pause_apply, pause_dead },
	[MESSAGE_purge] = { purge_run, purge_dead },
};

struct jobs {
	struct shift shift;
	struct op claim; /* holds the messages */
	struct message *messages;
	bool *is_held;
	size_t n, next; /* next: the first that is not done with */
	bool is_unsure; /* its commit got no answer */
};

static enum err
job_body(struct op *op, void *arg)
{
	const struct message *m = arg;
	enum err e;

	/* A kind of a newer version: left for a runner that knows it. */
	if (m->kind >= MESSAGE__MAX || job_kinds[m->kind].run == NULL)
		return outbox_later(op, m, UNKNOWN_AGAIN_US, "This version does not know the kind");
	e = job_kinds[m->kind].is_long ? outbox_hold(op, m) : OK;
	if (e == OK)
		e = job_kinds[m->kind].run(op, m);
	CRASH_POINT("job.before_commit");
	return e;
}

/* People are told, and it is kept for whoever mends it. */
static enum err
job_bury(struct op *op, const struct message *m, const char *why)
{
	enum err e = m->kind < MESSAGE__MAX && job_kinds[m->kind].dead != NULL
			 ? job_kinds[m->kind].dead(op, m, why)
			 : OK;

	return e != OK ? e : outbox_quarantine(op, m, why);
}

static enum err
dead_body(struct op *op, void *arg)
{
	return job_bury(op, arg, POISON);
}

/* The failure is an attempt that has ended. */
static enum err
failed_body(struct op *op, void *arg)
{
	const struct message *m = arg;
	enum err e;

	if (outbox_is_last(op, m))
		return job_bury(op, m, GIVEN_UP);
	e = outbox_begin(op, m);
	return e != OK ? e
		       : outbox_later(op, m, outbox_pause(op, m, 0), "It failed; see the log");
}

static void
job_log(enum log_level level, const char *event, const struct message *m, int64_t us)
{
	log_event(level, event, m->trace_id,
	    LOG_FIELDS(LOG_TEXT("kind", m->kind_name), LOG_TEXT("destination", m->destination),
		LOG_I64("message", m->id), LOG_I64("subject", m->subject_id),
		LOG_I64("attempt", m->attempts + 1), LOG_I64("lost_claims", m->lost_claims),
		LOG_I64("ms", us / 1000)));
}

/* What became of a try. */
enum job_end {
	JOB_OVER,   /* it is done with, one way or another */
	/* what it is about is locked, or the database takes nothing: no fault of its own */
	JOB_PUT_OFF,
	JOB_OPEN    /* the database has to come back first */
};

/*
 * A lock, or a database that is there and takes nothing (its disk is full): that is no attempt. The
 * job would be given up for it.
 */
static bool
was_put_off(const struct shift *s, const struct op *op, enum err e)
{
	return shift_was_locked(op, e) ||
	       (e == ERR_UNAVAILABLE && db_connection_id(s->db) != 0);
}

/*
 * The failure is written down. ERR_CONFLICT there: somebody else has the message, and with it the
 * matter; *ret_is_stale.
 */
static enum job_end
job_failed(struct jobs *j, const struct message *m, bool *ret_is_stale)
{
	enum job_end end = JOB_OVER;
	bool is_last = false;
	struct op op;
	enum err e;

	shift_op(&j->shift, &op, m->trace_id);
	e = db_tx(&op, failed_body, (void *)m);
	*ret_is_stale = e == ERR_CONFLICT;
	if (e == OK) {
		is_last = m->kind < MESSAGE__MAX && outbox_is_last(&op, m);
		counter_add(is_last ? COUNTER_jobs_failed : COUNTER_jobs_later, 1);
	} else if (e == ERR_CONFLICT)
		job_log(LOG_LEVEL_WARN, "claim_passed_on", m, 0);
	else if (was_put_off(&j->shift, &op, e))
		end = JOB_PUT_OFF;
	else if (shift_has_lost(&j->shift, &op, e))
		end = JOB_OPEN;
	else
		shift_complain("job_not_delayed", &op, m);
	op_end(&op);
	if (is_last) {
		counter_add(COUNTER_relay_dead, 1);
		job_log(LOG_LEVEL_ERROR, "message_dead", m, 0);
	}
	return end;
}

static void
job_done(const struct message *m, bool is_poison, int64_t us)
{
	counter_add(is_poison ? COUNTER_relay_dead : COUNTER_jobs_done, 1);
	job_log(is_poison ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, is_poison ? "message_dead" : "job", m,
	    us);
}

/* After a commit without an answer: false if the database is away again. */
static bool
job_ask(struct jobs *j, const struct message *m, bool *ret_is_ended)
{
	struct op op;
	enum err e;

	shift_op(&j->shift, &op, m->trace_id);
	e = outbox_ended(&op, m, ret_is_ended);
	if (e != OK && !shift_has_lost(&j->shift, &op, e))
		shift_complain("job_not_asked", &op, m);
	op_end(&op);
	return e == OK;
}

/* It did not end well. */
static enum job_end
job_end_of(struct jobs *j, const struct message *m, const struct op *op, enum err e)
{
	bool is_stale;
	enum job_end end;

	if (db_connection_id(j->shift.db) == 0) {
		(void)shift_has_lost(&j->shift, op, ERR_UNAVAILABLE);
		return JOB_OPEN;
	}
	if (was_put_off(&j->shift, op, e))
		return JOB_PUT_OFF;
	end = job_failed(j, m, &is_stale);
	if (!is_stale)
		shift_complain("job_failed", op, m);
	return end;
}

static enum job_end
job_run(struct jobs *j, const struct message *m)
{
	bool is_poison = m->lost_claims >= OUTBOX_LOST_CLAIMS_MAX, is_ended = false;
	int64_t begun_us = clock_steady_us();
	enum job_end end = JOB_OVER;
	struct op op;
	enum err e;

	if (j->is_unsure && !job_ask(j, m, &is_ended))
		return JOB_OPEN;
	j->is_unsure = false;
	if (is_ended) {
		job_done(m, is_poison, 0);
		return JOB_OVER;
	}
	shift_op(&j->shift, &op, m->trace_id);
	op.restaurant_id = m->restaurant_id;
	e = db_tx(&op, is_poison ? dead_body : job_body, (void *)m);
	j->is_unsure = e == ERR_COMMIT_UNSURE;
	if (e == OK)
		job_done(m, is_poison, clock_steady_us() - begun_us);
	else
		end = job_end_of(j, m, &op, e);
	op_end(&op);
	return end;
}

/* --- the loop --------------------------------------------------------------------------------- */

static void
claim_end(struct jobs *j)
{
	if (j->claim.arena != NULL)
		op_end(&j->claim);
	j->n = j->next = 0;
}

static void
jobs_claim(struct jobs *j)
{
	const char *destination = shift_due(&j->shift);
	enum err e;

	if (destination == NULL)
		return;
	claim_end(j);
	shift_op(&j->shift, &j->claim, NULL);
	e = outbox_claim(&j->claim, RUNNER_JOBS, arena_strdup(j->claim.arena, destination), CLAIM_N,
	    false, j->shift.lease_us, &j->messages, &j->n);
	if (e != OK) {
		j->n = 0;
		if (!shift_has_lost(&j->shift, &j->claim, e))
			shift_complain("claim_failed", &j->claim, NULL);
		return;
	}
	j->is_held = arena_array(j->claim.arena, j->n, sizeof *j->is_held);
	for (size_t i = 0; i < j->n; i++)
		j->is_held[i] = true;
	if (j->n > 0)
		shift_claimed(&j->shift);
}

static void
jobs_beat(struct jobs *j)
{
	const struct message *held[CLAIM_N];
	size_t n = 0;

	for (size_t i = j->next; i < j->n; i++)
		held[n++] = &j->messages[i];
	(void)shift_beat(&j->shift, held, n, n > 0 ? j->is_held + j->next : NULL);
}

/*
 * What was claimed and will not be run is given back, the first of it for first_us and the others
 * for rest_us.
 */
static void
jobs_release(struct jobs *j, int64_t first_us, int64_t rest_us)
{
	int64_t delay_us = first_us;
	struct op op;

	shift_op(&j->shift, &op, NULL);
	for (; j->next < j->n; j->next++, delay_us = rest_us)
		if (outbox_release(&op, &j->messages[j->next], delay_us) != OK)
			break; /* then their leases run out */
	j->next = j->n;
	op_end(&op);
}

/*
 * The next job. One that meets a lock bars those behind it, which are of the same place and would
 * most likely wait for it too, a second each: other places go first.
 */
static void
jobs_run_next(struct jobs *j)
{
	enum job_end end = JOB_OVER;

	/* What was perhaps written under a claim is asked after, whoever has it now. */
	if (j->is_held[j->next] || j->is_unsure)
		end = job_run(j, &j->messages[j->next]);
	if (end == JOB_OVER)
		j->next++;
	else if (end == JOB_PUT_OFF) {
		job_log(LOG_LEVEL_WARN, "job_put_off", &j->messages[j->next], 0);
		jobs_release(j, LOCKED_AGAIN_US, BARRED_AGAIN_US);
	}
}

/* One claim's worth of work at most. */
static void
jobs_work(struct jobs *j)
{
	struct shift *s = &j->shift;
	bool is_new;

	while (shift_database(s, &is_new)) {
		if (is_new || shift_beats(s, clock_steady_us()))
			jobs_beat(j);
		shift_listen(s);
		if (s->has_no_database || s->is_stopping || s->is_unconfirmed)
			break;
		if (j->next == j->n) {
			shift_takeover(s);
			jobs_claim(j);
			return;
		}
		jobs_run_next(j);
		if (j->next == j->n) {
			claim_end(j);
			shift_look(s);
			return;
		}
	}
}

static bool
jobs_are_over(const struct jobs *j)
{
	return j->shift.is_stopping || (j->shift.is_once && j->shift.is_idle && j->next == j->n);
}

static void
jobs_loop(struct jobs *j)
{
	int numbers[SHIFT_FDS_N];

	while (!jobs_are_over(j)) {
		struct pollfd fds[SHIFT_FDS_N];
		bool may_begin = !j->shift.is_unconfirmed;
		bool has_work = j->next < j->n && !j->shift.has_no_database && may_begin;

		shift_fds(&j->shift, numbers);
		for (size_t i = 0; i < SHIFT_FDS_N; i++)
			fds[i] = (struct pollfd){ .fd = numbers[i], .events = POLLIN };
		(void)poll(fds, SHIFT_FDS_N, has_work ? 0 : shift_wait_ms(&j->shift, may_begin));
		shift_listen(&j->shift);
		jobs_work(j);
	}
	if (!j->shift.has_no_database)
		jobs_release(j, 0, 0);
	claim_end(j);
}

int
main(int argc, char **argv)
{
	struct jobs j = { .n = 0 };
	int status = shift_begin(&j.shift, RUNNER_JOBS, PROGRAM_jobs, argc, argv);

	if (status == 0) {
		jobs_loop(&j);
		status = j.shift.exit_status;
	}
	shift_end(&j.shift);
	return status;
}
