#define _XOPEN_SOURCE 700 /* nftw */
#define _DEFAULT_SOURCE

/* outbox, event: who may have a message, for how long, and what a claim that was lost may still do: nothing. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/inside.h"
#include "event/event.h"
#include "metric/counter.h"
#include "op/op.h"
#include "shop.h"
#include "tap.h"

#define SECOND_US INT64_C(1000000)
#define LEASE_US (8 * SECOND_US)

static struct shop shop;
static char counter_dir[] = "/tmp/trnXXXXXX";

struct doing {
	const struct message *message;
	struct message_new put;
	enum { PUT, BEGIN, LATER, YIELD, FINISH, DROP, NOTE } what;
	int64_t delay_us;
};

static enum err
do_body(struct op *op, void *arg)
{
	struct doing *d = arg;

	switch (d->what) {
	case PUT: return outbox_put(op, &d->put);
	case BEGIN: return outbox_begin(op, d->message);
	case LATER: return outbox_later(op, d->message, d->delay_us, "busy");
	case YIELD: return outbox_yield(op, d->message, 0, "busy");
	case FINISH: return outbox_finish(op, d->message, OUTCOME_DONE, "all well");
	case DROP: return outbox_drop(op, MESSAGE_inbox_apply, d->put.subject_id);
	case NOTE: event_note(op, shop.restaurant.id, "test", 0, "{}"); return OK;
	}
	abort();
}

static enum err
do_as(enum program program, struct doing d)
{
	struct op op;
	enum err e;

	shop_op(&op, program, &shop);
	e = db_tx(&op, do_body, &d);
	op_end(&op);
	return e;
}

static int64_t
put(enum message_kind kind, const char *destination, int64_t lane, int64_t subject_id, int64_t delay_us)
{
	struct doing d = { .what = PUT, .put = { .kind = kind, .destination = destination, .lane = lane, .restaurant_id =
	    shop.restaurant.id, .subject_id = subject_id, .delay_us = delay_us } };

	if (do_as(PROGRAM_orders, d) != OK)
		diag("not put");
	return world_int("SELECT MAX(id) FROM outbox");
}

/* What an op of its own claims; *ret_first lives for the test. */
static size_t
claim_as(struct db *db, const char *destination, size_t max, int64_t lease_us, struct message *ret_first)
{
	struct message *messages = NULL;
	struct op op;
	size_t n = 0;

	op_begin(&op, db, (size_t)1 << 24, NULL);
	if (db_ready(&op) != OK || outbox_claim(&op, RUNNER_RELAY, destination, max, false, lease_us, &messages, &n) != OK)
		diag("claim: %s", op.fault.internal);
	if (n > 0 && ret_first != NULL)
		*ret_first = messages[0];
	op_end(&op);
	return n;
}

static struct db *
relay_new(int64_t shift_us)
{
	struct db_options o = world_options(PROGRAM_relay);

	o.clock_shift_us = shift_us;
	return db_new(&o);
}

/* Does the holder of m still hold it after a heartbeat? */
static bool
is_held(struct db *db, const struct message *m)
{
	const struct message *held[] = { m };
	struct op op;
	bool ret = false;

	op_begin(&op, db, (size_t)1 << 20, NULL);
	if (db_ready(&op) != OK || outbox_heartbeat(&op, held, 1, LEASE_US, &ret) != OK)
		diag("heartbeat: %s", op.fault.internal);
	op_end(&op);
	return ret;
}

static int64_t
counted(enum counter c)
{
	struct arena *arena = arena_new(1 << 20);
	struct counter_sum *sums;
	int64_t value = 0;
	size_t n = 0;

	if (counters_sum(arena, counter_dir, &sums, &n) == OK && n == 1)
		value = (int64_t)sums[0].value[c];
	arena_free(&arena);
	return value;
}

static const char *
state_of(int64_t id)
{
	return shop_text("SELECT CONCAT_WS(' ', attempts, lost_claims, token, owner <> 0, begun_at IS NOT NULL) FROM outbox WHERE id = %lld",
	    (long long)id);
}

/* --- claims ---------------------------------------------------------------------------------------------------- */

static void
test_claim(struct db *a, struct db *b)
{
	struct message m = { .id = 0 };
	int64_t first = put(MESSAGE_pos_submit, "p:1", 0, 11, 0), late = put(MESSAGE_pos_submit, "p:1", 0, 12, 3600 * SECOND_US);

	(void)late;
	is_int(claim_as(a, "p:2", 8, LEASE_US, NULL), 0, "another destination is another queue");
	is_int(claim_as(a, "p:1", 8, LEASE_US, &m), 1, "what is due is claimed, what is not yet is not");
	ok(m.id == first && m.kind == MESSAGE_pos_submit && m.subject_id == 11 && m.token == 1 && m.attempts == 0 &&
	    m.lost_claims == 0 && m.begun_at == TIME_NONE, "as it was put");
	is_str(state_of(first), "0 0 1 1 0", "I8 it has an owner and a token");
	is_int(claim_as(b, "p:1", 8, LEASE_US, NULL), 0, "I8 nobody else gets it");
	is_int(claim_as(a, "p:1", 8, LEASE_US, NULL), 0, "nor the same one twice");
	is_int(world_int("SELECT TIMESTAMPDIFF(SECOND, NOW(6), lease_until) BETWEEN -86400 AND 86400 AND due_at = lease_until FROM outbox"
	    " WHERE id = %lld", (long long)first), 1, "it falls due when its lease ends");
	is_int(do_as(PROGRAM_relay, (struct doing){ .what = BEGIN, .message = &m }), OK, "an attempt begins");
	is_str(state_of(first), "1 0 1 1 1", "and is counted");
	is_int(do_as(PROGRAM_relay, (struct doing){ .what = FINISH, .message = &m }), OK, "it is finished");
	is_str(shop_text("SELECT CONCAT_WS(' ', kind, destination, subject_id, outcome, attempts, last_error) FROM outbox_done WHERE id = %lld",
	    (long long)first), "pos_submit p:1 11 DONE 1 all well", "and kept with its outcome");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE id = %lld", (long long)first), 0, "it does not wait any more");
	is_int(do_as(PROGRAM_relay, (struct doing){ .what = FINISH, .message = &m }), ERR_CONFLICT, "I8 nothing is finished twice");
}

static void
test_fence(struct db *a)
{
	struct db *later = relay_new(9 * SECOND_US);
	int64_t stale = counted(COUNTER_stale_token_writes), lost = counted(COUNTER_lost_claims);
	struct message old = { .id = 0 }, new = { .id = 0 };
	int64_t id = put(MESSAGE_pos_submit, "p:3", 0, 31, 0);

	claim_as(a, "p:3", 1, LEASE_US, &old);
	(void)do_as(PROGRAM_relay, (struct doing){ .what = BEGIN, .message = &old });
	is_int(claim_as(later, "p:3", 1, LEASE_US, &new), 1, "I8 a lease that has run out is taken over");
	ok(new.token == old.token + 1 && new.lost_claims == 1 && new.begun_at != TIME_NONE && new.attempts == 1,
	    "I8 with a newer token, and knowing that an attempt was lost");
	is_int(counted(COUNTER_lost_claims) - lost, 1, "I8 it is counted");
	is_int(do_as(PROGRAM_relay, (struct doing){ .what = FINISH, .message = &old }), ERR_CONFLICT, "I8 the old owner cannot finish");
	is_int(do_as(PROGRAM_relay, (struct doing){ .what = LATER, .message = &old }), ERR_CONFLICT, "I8 nor delay");
	is_int(do_as(PROGRAM_relay, (struct doing){ .what = BEGIN, .message = &old }), ERR_CONFLICT, "I8 nor begin");
	is_int(counted(COUNTER_stale_token_writes) - stale, 3, "I8 and each try is counted");
	is_str(state_of(id), "1 1 2 1 1", "I8 nothing of that changed a row");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done WHERE id = %lld", (long long)id), 0, "I8 nor finished anything");
	is_int(do_as(PROGRAM_relay, (struct doing){ .what = LATER, .message = &new, .delay_us = 60 * SECOND_US }), OK, "the new owner can");
	is_int(do_as(PROGRAM_relay, (struct doing){ .what = LATER, .message = &new }), ERR_CONFLICT, "I8 once");
	is_int(do_as(PROGRAM_relay, (struct doing){ .what = FINISH, .message = &new }), ERR_CONFLICT, "I8 and that was it");
	ok(!is_held(world_db(PROGRAM_relay), &new), "I8 a heartbeat does not take back what was delayed");
	is_str(state_of(id), "1 0 3 0 0", "delayed: nobody's, no attempt is open, and lost claims in a row begin anew");
	is_int(world_int("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due_at) BETWEEN 58 AND 60 FROM outbox WHERE id = %lld", (long long)id),
	    1, "for as long as was said");
	is_int(claim_as(a, "p:3", 1, LEASE_US, NULL), 0, "until then it is not claimed");
	world_sql("DELETE FROM outbox WHERE id = %lld", (long long)id);
	db_free(&later);
}

struct held_work {
	const struct message *message;
	struct db *later;
	size_t claimed_n;
};

static enum err
held_body(struct op *op, void *arg)
{
	struct held_work *w = arg;
	enum err e = outbox_hold(op, w->message);

	if (e == OK)
		w->claimed_n = claim_as(w->later, "p:9", 1, LEASE_US, NULL);
	return e;
}

/* Work in one transaction that takes longer than its lease. */
static void
test_hold(struct db *a)
{
	struct db *later = relay_new(9 * SECOND_US);
	struct message m = { .id = 0 };
	struct held_work w = { .message = &m, .later = later, .claimed_n = 9 };
	int64_t id = put(MESSAGE_menu_fetch, "p:9", 0, 91, 0);
	struct op op;

	claim_as(a, "p:9", 1, LEASE_US, &m);
	op_begin(&op, a, (size_t)1 << 20, NULL);
	is_int(db_tx(&op, held_body, &w), OK, "I8 what is held");
	op_end(&op);
	is_int((int64_t)w.claimed_n, 0, "I8 is not taken, though its lease is over");
	is_int(claim_as(later, "p:9", 1, LEASE_US, NULL), 1, "I8 but when its transaction has ended");
	op_begin(&op, a, (size_t)1 << 20, NULL);
	is_int(db_tx(&op, held_body, &w), ERR_CONFLICT, "I8 and then it cannot be held any more");
	op_end(&op);
	world_sql("DELETE FROM outbox WHERE id = %lld", (long long)id);
	db_free(&later);
}

static void
test_lane(struct db *a, struct db *b)
{
	struct message m = { .id = 0 };
	int64_t first = put(MESSAGE_pos_submit, "p:4", 4, 41, 0), second = put(MESSAGE_pos_void, "p:4", 4, 41, 0);
	int64_t other = put(MESSAGE_pos_submit, "p:4", 5, 42, 0);

	is_int(claim_as(a, "p:4", 8, LEASE_US, &m), 2, "I8 of a lane only the first can be had");
	is_int(m.id, first, "I8 the older one");
	is_int(claim_as(b, "p:4", 8, LEASE_US, NULL), 0, "I8 not the next while it is held");
	(void)do_as(PROGRAM_relay, (struct doing){ .what = LATER, .message = &m, .delay_us = 60 * SECOND_US });
	is_int(claim_as(b, "p:4", 8, LEASE_US, NULL), 0, "I8 nor while it waits");
	world_sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE id = %lld", (long long)first);
	is_int(claim_as(a, "p:4", 8, LEASE_US, &m), 1, "until its time has come");
	(void)do_as(PROGRAM_relay, (struct doing){ .what = FINISH, .message = &m });
	is_int(claim_as(b, "p:4", 8, LEASE_US, &m), 1, "I8 but when it is finished");
	is_int(m.id, second, "I8 the next");
	world_sql("DELETE FROM outbox WHERE id IN (%lld, %lld)", (long long)second, (long long)other);
}

static void
test_heartbeat(struct db *a, struct db *b)
{
	struct db *later = relay_new(6 * SECOND_US), *much_later = relay_new(10 * SECOND_US);
	struct message m = { .id = 0 }, old;

	put(MESSAGE_pos_submit, "p:5", 0, 51, 0);
	claim_as(a, "p:5", 1, LEASE_US, &m);
	world_sql("UPDATE outbox SET lease_until = lease_until - INTERVAL 6 SECOND, due_at = due_at - INTERVAL 6 SECOND"
	    " WHERE destination = 'p:5'");
	ok(is_held(a, &m), "I8 a heartbeat says that it is held");
	is_int(claim_as(later, "p:5", 1, LEASE_US, NULL), 0, "I8 and lengthens its lease");
	ok(is_held(b, &m), "I8 a claim outlives the connection that it was made on");
	old = m;
	is_int(claim_as(much_later, "p:5", 1, LEASE_US, &m), 1, "I8 but without heartbeats it ends");
	ok(!is_held(a, &old), "I8 whoever lost it is told so");
	is_int(world_int("SELECT token FROM outbox WHERE destination = 'p:5'"), m.token, "I8 and does not get it back");
	world_sql("DELETE FROM outbox WHERE destination = 'p:5'");
	db_free(&later);
	db_free(&much_later);
}

static void
test_takeover(struct db *a)
{
	struct db *doomed = relay_new(0);
	struct message m = { .id = 0 };
	int64_t id = put(MESSAGE_pos_submit, "p:6", 0, 61, 0), n = -1;
	struct op op;

	claim_as(doomed, "p:6", 1, 3600 * SECOND_US, &m);
	op_begin(&op, a, (size_t)1 << 20, NULL);
	is_int(db_ready(&op) == OK ? outbox_takeover(&op, RUNNER_RELAY, &n) : ERR__MAX, OK, "looking for the dead");
	is_int(n, 0, "one who lives keeps what it has");
	op_end(&op);
	db_free(&doomed);
	for (int i = 0; i < 200 && n == 0; i++) {
		op_begin(&op, a, (size_t)1 << 20, NULL);
		if (db_ready(&op) == OK)
			(void)outbox_takeover(&op, RUNNER_RELAY, &n);
		op_end(&op);
	}
	is_int(n, 1, "I9 what a dead connection held is free at once");
	is_int(claim_as(a, "p:6", 1, LEASE_US, &m), 1, "I9 and claimed");
	ok(m.id == id && m.lost_claims == 1 && m.token == 2, "I8 as a claim that was lost");
	world_sql("DELETE FROM outbox WHERE destination = 'p:6'");
}

/* Two processes at one queue. */
static void
test_two_claimers(void)
{
	enum { MESSAGES = 400 };
	pid_t pids[2];
	int status, fds[2];
	int64_t ids[MESSAGES + 1];
	static char seen[1 << 20];
	size_t n = 0;

	for (int i = 0; i < MESSAGES; i++)
		world_sql("INSERT INTO outbox (runner, kind, destination, subject_id, due_at, trace_id, created_at)"
		    " VALUES ('relay', 'pos_submit', 'p:7', %d, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6))", i);
	if (pipe(fds) != 0)
		return;
	fflush(NULL);
	for (int c = 0; c < 2; c++)
		if ((pids[c] = fork()) == 0) {
			struct db *db = relay_new(0);

			for (int empty = 0; empty < 3;) {
				struct message *m = NULL;
				struct op op;
				size_t got = 0;

				op_begin(&op, db, (size_t)1 << 24, NULL);
				if (db_ready(&op) != OK || outbox_claim(&op, RUNNER_RELAY, "p:7", 7, false, 60 * SECOND_US, &m, &got) != OK)
					_exit(1);
				for (size_t i = 0; i < got; i++)
					if (write(fds[1], &m[i].id, sizeof m[i].id) != sizeof m[i].id)
						_exit(1);
				empty = got == 0 ? empty + 1 : 0;
				op_end(&op);
			}
			_exit(0);
		}
	close(fds[1]);
	while (read(fds[0], &ids[n], sizeof ids[n]) == sizeof ids[n] && n < MESSAGES)
		n++;
	for (int c = 0; c < 2; c++) {
		waitpid(pids[c], &status, 0);
		is_int(status, 0, "a claimer gets through");
	}
	close(fds[0]);
	is_int(n, MESSAGES, "I8 two claimers get all of it");
	for (size_t i = 0; i < n; i++)
		seen[ids[i] % (int64_t)sizeof seen]++;
	for (size_t i = 0; i < n; i++)
		if (seen[ids[i] % (int64_t)sizeof seen] != 1)
			n = 0;
	ok(n == MESSAGES, "I8 and share nothing");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 'p:7' AND token = 1 AND owner <> 0"), MESSAGES, "I8 each once");
	world_sql("DELETE FROM outbox WHERE destination = 'p:7'");
}

static void
test_drop(void)
{
	put(MESSAGE_inbox_apply, "jobs", 0, 4, 0);
	is_int(do_as(PROGRAM_orders, (struct doing){ .what = DROP, .put = { .subject_id = 4 } }), OK, "what is not needed is dropped");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 'jobs'"), 0, "it is gone");
	put(MESSAGE_inbox_apply, "jobs", 0, 4, 0);
	world_sql("UPDATE outbox SET owner = 7 WHERE destination = 'jobs'");
	(void)do_as(PROGRAM_orders, (struct doing){ .what = DROP, .put = { .subject_id = 4 } });
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 'jobs'"), 1, "but not what somebody holds");
	world_sql("DELETE FROM outbox");
}

/* --- pauses ---------------------------------------------------------------------------------------------------- */

/* Whoever has waited for long already is not sent away every second. */
static void
test_yield(struct db *a)
{
	static const struct {
		int64_t waited_s, least_s, most_s;
	} waits[] = { { 0, 0, 2 }, { 100, 20, 30 } };
	struct message m = { .id = 0 };

	put(MESSAGE_pos_submit, "p:10", 0, 92, 0);
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		is_int(claim_as(a, "p:10", 1, LEASE_US, &m), 1, "a message is claimed");
		m.created_at -= waits[i].waited_s * SECOND_US;
		is_int(do_as(PROGRAM_relay, (struct doing){ .what = BEGIN, .message = &m }), OK, "tried");
		is_int(do_as(PROGRAM_relay, (struct doing){ .what = YIELD, .message = &m }), OK, "and asked for peace");
		is_int(world_int("SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), due_at) BETWEEN %lld AND %lld FROM outbox WHERE destination = 'p:10'",
			   (long long)((waits[i].least_s - 1) * SECOND_US), (long long)(waits[i].most_s * SECOND_US)), 1,
		    "E46 after %lld s it is tried again in %lld to %lld s", (long long)waits[i].waited_s, (long long)waits[i].least_s, (long long)waits[i].most_s);
		is_int(world_int("SELECT attempts FROM outbox WHERE destination = 'p:10'"), 0, "E46 and that was no attempt");
		world_sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) WHERE destination = 'p:10'");
	}
	world_sql("DELETE FROM outbox WHERE destination = 'p:10'");
}

static void
test_pause(struct db *a)
{
	/* pos_submit begins with BACKOFF_MS, here 60 s; attempts so far, the least and the most in seconds. */
	static const struct {
		int64_t attempts;
		int retry_after_s;
		int64_t least_s, most_s;
		const char *name;
	} pauses[] = {
		{ 0, 0, 48, 72, "POS-23 the first pause is a minute, give or take a fifth" },
		{ 1, 0, 96, 144, "POS-23 then twice as long" },
		{ 2, 0, 192, 288, "POS-23 and again" },
		{ 12, 0, 2880, 4320, "POS-23 at most an hour" },
		{ 60, 0, 2880, 4320, "POS-23 however often" },
		{ 0, 600, 600, 600, "POS-23 never less than they asked for" },
		{ 0, 3600, 900, 900, "POS-23 up to a quarter of an hour" },
	};
	struct op op;

	op_begin(&op, a, (size_t)1 << 20, NULL);
	op.config = &shop_config;
	for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
		struct message m = { .kind = MESSAGE_pos_submit, .attempts = pauses[i].attempts };
		int64_t least_us = INT64_MAX, most_us = 0;
		bool good = true;

		for (int k = 0; k < 100; k++) {
			int64_t us = outbox_pause(&op, &m, pauses[i].retry_after_s);

			least_us = us < least_us ? us : least_us;
			most_us = us > most_us ? us : most_us;
			good &= us >= pauses[i].least_s * SECOND_US && us <= pauses[i].most_s * SECOND_US;
		}
		ok(good, "%s", pauses[i].name);
		ok(pauses[i].retry_after_s > 0 || most_us - least_us > (pauses[i].most_s - pauses[i].least_s) * SECOND_US / 2,
		    "POS-23 and never the same: from %lld to %lld us", (long long)least_us, (long long)most_us);
	}
	if (db_ready(&op) == OK && db_now(&op) == OK) {
		ok(outbox_may_yield(&op, &(struct message){ .created_at = op.now_us - OUTBOX_YIELD_US + SECOND_US, .expires_at = TIME_NONE }) &&
			!outbox_may_yield(&op, &(struct message){ .created_at = op.now_us - OUTBOX_YIELD_US, .expires_at = TIME_NONE }),
		    "E46 who is asked for peace loses no attempt by it, for two minutes");
		ok(!outbox_is_last(&op, &(struct message){ .kind = MESSAGE_pos_submit, .attempts = 1, .expires_at = TIME_NONE }),
		    "POS-23 the second attempt is not the last");
		ok(outbox_is_last(&op, &(struct message){ .kind = MESSAGE_pos_submit, .attempts = 2, .expires_at = TIME_NONE }),
		    "POS-23 the third is");
		ok(outbox_is_last(&op, &(struct message){ .kind = MESSAGE_pos_submit, .attempts = 0, .expires_at = op.now_us }),
		    "or when its time is over");
	}
	op_end(&op);
}

/* --- pokes and events ------------------------------------------------------------------------------------------ */

static void
test_poke(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/trpXXXXXX", text[32] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	int64_t id;

	if (mkdtemp(dir) == NULL)
		return;
	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s/relay.poke", dir);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
		return;
	shop_config.run_dir = dir;
	id = put(MESSAGE_pos_submit, "p:8", 0, 1, 0);
	is_int(recv(fd, text, sizeof text - 1, MSG_DONTWAIT) > 0 ? strtoll(text, NULL, 10) : 0, id, "after the commit its runner is poked");
	put(MESSAGE_pos_submit, "p:8", 0, 1, SECOND_US);
	ok(recv(fd, text, sizeof text - 1, MSG_DONTWAIT) < 0, "not for what is due later");
	shop_config.run_dir = "/nonexistent";
	put(MESSAGE_pos_submit, "p:8", 0, 1, 0);
	ok(true, "a runner that is not there does not matter");
	close(fd);
	unlink(at.sun_path);
	rmdir(dir);
	world_sql("DELETE FROM outbox");
}

static enum err
rolled_back(struct op *op, void *arg)
{
	struct doing d = { .what = PUT, .put = { .kind = MESSAGE_pos_submit, .destination = "p:9" } };

	(void)arg;
	event_note(op, shop.restaurant.id, "never", 0, "{}");
	return do_body(op, &d) == OK ? ERR_CONFLICT : ERR_INTERNAL_ERROR;
}

static void
test_events(void)
{
	int64_t before = world_int("SELECT event_seq FROM restaurant_counters WHERE restaurant_id = %lld", (long long)shop.restaurant.id);
	struct op op;

	shop_op(&op, PROGRAM_orders, &shop);
	(void)db_tx(&op, rolled_back, NULL);
	op_end(&op);
	is_int(world_int("SELECT COUNT(*) FROM events WHERE kind = 'never'"), 0, "I7 what is rolled back leaves no event");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 'p:9'"), 0, "I7 and no message");
	is_int(world_int("SELECT event_seq FROM restaurant_counters WHERE restaurant_id = %lld", (long long)shop.restaurant.id), before,
	    "I7 nor a gap");
	is_int(do_as(PROGRAM_orders, (struct doing){ .what = NOTE }), OK, "I7 what is committed");
	is_int(world_int("SELECT MAX(seq) FROM events WHERE kind = 'test'"), before + 1, "I7 leaves the next one");
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void
remove_counters(void)
{
	(void)nftw(counter_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#define TOGETHER 12

struct together {
	const struct message *messages;
	bool each, begins;
};

/* Many endings in one transaction: their statements wait for one another, or run one by one inside the server. */
static enum err
together_body(struct op *op, void *arg)
{
	static const struct db_waiting waiting[] = { { STMT_outbox_drop, STMT__MAX }, { STMT_outbox_put_all, STMT__MAX },
		{ STMT_outbox_begin, STMT_outbox_begin_all }, { STMT_outbox_done, STMT_outbox_done_all },
		{ STMT_outbox_delete, STMT_outbox_delete_all } };
	const struct together *t = arg;
	struct db_arg args[TOGETHER * 4];
	int64_t changed = 0;
	enum err e = OK;

	for (size_t i = 0; i < TOGETHER && t->each; i++) {
		args[i * 4] = DB_I64("id", t->messages[i].id);
		args[i * 4 + 1] = DB_I64("token", t->messages[i].token);
		args[i * 4 + 2] = DB_TIME("due_at", i % 3 == 0 ? INT64_C(4102444800123456) : INT64_C(4102444800000000) + (int64_t)i);
		args[i * 4 + 3] = DB_TEXT("last_error", i % 2 == 0 ? NULL : "so so");
	}
	if (t->each) {
		e = db_each(op, STMT_outbox_later, args, 4, TOGETHER, &changed);
		return e == OK && changed != TOGETHER ? ERR_CONFLICT : e;
	}
	db_notes_begin(op, waiting, sizeof waiting / sizeof waiting[0], NULL);
	for (size_t i = 0; i < TOGETHER && e == OK && t->begins; i++)
		e = outbox_begin(op, &t->messages[i]);
	for (size_t i = 0; i < TOGETHER && e == OK && !t->begins; i++) {
		e = outbox_finish(op, &t->messages[i], OUTCOME_DONE, i == 1 ? "a \"quoted\" \\ word, \xc3\xa9" : NULL);
		if (e == OK)
			e = outbox_drop(op, MESSAGE_pos_undecided, t->messages[i].subject_id);
		if (e == OK)
			e = outbox_put(op, &(struct message_new){ .kind = MESSAGE_pos_proof, .destination = "together", .subject_id =
			    t->messages[i].subject_id, .payload = { .data = i == 2 ? NULL : "\0p", .len = 2 } });
	}
	return e != OK ? e : db_notes_write(op);
}

static void
test_together(struct db *a)
{
	struct message *messages = NULL, stale[TOGETHER];
	struct together t = { .each = false };
	struct op op, ending;
	size_t n = 0;

	for (int i = 0; i < TOGETHER; i++) {
		put(MESSAGE_pos_submit, "t:1", 0, 7700 + i, 0);
		put(MESSAGE_pos_undecided, "together", 0, 7700 + i, 0);
	}
	op_begin(&op, a, (size_t)1 << 24, NULL);
	ok(db_ready(&op) == OK && outbox_claim(&op, RUNNER_RELAY, "t:1", TOGETHER, false, LEASE_US, &messages, &n) == OK && n == TOGETHER,
	    "a dozen are claimed");
	memcpy(stale, messages, sizeof stale);
	stale[7].token--;
	t.messages = stale;
	op_begin(&ending, a, (size_t)1 << 24, NULL);
	ok(db_ready(&ending) == OK && db_tx(&ending, together_body, &t) == ERR_CONFLICT, "F05 one stale token among a dozen endings");
	op_end(&ending);
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination IN ('t:1', 'together')"), 2 * TOGETHER, "F05 and none is written");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done WHERE destination = 't:1'"), 0, "F05 nowhere");
	t.begins = true;
	op_begin(&ending, a, (size_t)1 << 24, NULL);
	ok(db_ready(&ending) == OK && db_tx(&ending, together_body, &t) == ERR_CONFLICT, "F05 or among a dozen beginnings");
	op_end(&ending);
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 't:1' AND begun_at IS NOT NULL"), 0, "F05 and none is begun");
	t.messages = messages;
	op_begin(&ending, a, (size_t)1 << 24, NULL);
	ok(db_ready(&ending) == OK && db_tx(&ending, together_body, &t) == OK, "all are begun at once");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 't:1' AND begun_at IS NOT NULL AND attempts = 1"), TOGETHER,
	    "each of them once");
	op_end(&ending);
	t.begins = false;
	op_begin(&ending, a, (size_t)1 << 24, NULL);
	ok(db_ready(&ending) == OK && db_tx(&ending, together_body, &t) == OK, "all of them at once");
	op_end(&ending);
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 't:1' OR kind = 'pos_undecided' AND destination = 'together'"), 0,
	    "none waits any more, nor what was dropped");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done WHERE destination = 't:1' AND outcome = 'DONE' AND (last_error <=>"
	    " IF(id = %lld, 'a \"quoted\" \\\\ word, \xc3\xa9', NULL))", (long long)messages[1].id), TOGETHER, "each has its own last word");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'pos_proof' AND destination = 'together' AND subject_id BETWEEN 7700 AND"
	    " 7711 AND (payload <=> IF(subject_id = %lld, NULL, UNHEX('0070')))", (long long)messages[2].subject_id), TOGETHER,
	    "and its own new message");
	op_end(&op);
	for (int i = 0; i < TOGETHER; i++)
		put(MESSAGE_pos_submit, "t:2", 0, 7800 + i, 0);
	op_begin(&op, a, (size_t)1 << 24, NULL);
	ok(db_ready(&op) == OK && outbox_claim(&op, RUNNER_RELAY, "t:2", TOGETHER, false, LEASE_US, &messages, &n) == OK && n == TOGETHER,
	    "a dozen more");
	t = (struct together){ .messages = messages, .each = true };
	op_begin(&ending, a, (size_t)1 << 24, NULL);
	ok(db_ready(&ending) == OK && db_tx(&ending, together_body, &t) == OK, "a dozen rows of one statement");
	op_end(&ending);
	is_int(world_int("SELECT SUM((subject_id - 7800) %% 3 = 0 AND due_at = '2100-01-01 00:00:00.123456' OR (subject_id - 7800) %% 3 <> 0 AND"
	    " MICROSECOND(due_at) = subject_id - 7800) FROM outbox WHERE destination = 't:2' AND (last_error <=> IF(subject_id %% 2 = 0,"
	    " NULL, 'so so'))"), TOGETHER, "each with its own values, to the microsecond");
	op_end(&op);
	world_sql("DELETE FROM outbox WHERE destination IN ('t:2', 'together')");
	world_sql("DELETE FROM outbox_done WHERE destination = 't:1'");
}

int
main(void)
{
	struct db *a, *b;

	if (mkdtemp(counter_dir) == NULL || counter_init(counter_dir, "relay") != OK)
		diag("no counters");
	shop_make(&shop, "queue");
	a = relay_new(0);
	b = relay_new(0);
	test_claim(a, b);
	test_fence(a);
	test_hold(a);
	test_lane(a, b);
	test_heartbeat(a, b);
	test_takeover(a);
	test_two_claimers();
	test_drop();
	test_yield(a);
	test_pause(a);
	test_poke();
	test_events();
	ok(a->has_bulk, "MariaDB takes many rows of arguments at once");
	test_together(a);
	a->has_bulk = false; /* MySQL does not */
	test_together(a);
	db_free(&a);
	db_free(&b);
	remove_counters();
	return tap_done();
}
