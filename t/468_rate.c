/* How often a place may be called: the row that all relays debit, and what providers' limits are. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.h"
#include "op/op.h"
#include "outbox/outbox.h"
#include "provider/rate.h"
#include "tap.h"
#include "world.h"

#define SECOND_US INT64_C(1000000)
#define MESSAGES 120

/* One claim: when, by the database's clock, and how many it was granted. */
struct grant {
	int64_t at_us, n, wait_us;
	char destination;
};

static struct db *
relay_new(int64_t shift_us)
{
	struct db_options o = world_options(PROGRAM_relay);

	o.clock_shift_us = shift_us;
	return db_new(&o);
}

static void
messages_put(const char *destination, int n)
{
	for (int i = 0; i < n; i++)
		world_sql("INSERT INTO outbox (runner, kind, destination, subject_id, due_at, trace_id, created_at)"
		    " VALUES ('relay', 'pos_submit', '%s', %d, '2020-01-01', REPEAT('0', 32), UTC_TIMESTAMP(6))", destination, i);
}

static struct grant
claim(struct db *db, const char *destination, size_t most, const struct outbox_rate *rate)
{
	const struct outbox_want want = { .runner = RUNNER_RELAY, .destination = destination, .n = most, .lease_us = 60 * SECOND_US,
		.rate = rate };
	struct grant g = { .n = -1, .destination = destination[2] };
	struct message *m = NULL;
	struct op op;
	size_t n = 0;

	op_begin(&op, db, (size_t)1 << 24, NULL);
	if (db_ready(&op) == OK && outbox_claim_within(&op, &want, &m, &n, &g.wait_us) == OK)
		g.n = (int64_t)n;
	else
		diag("claim: %s", op.fault.internal);
	g.at_us = op.now_us;
	op_end(&op);
	return g;
}

/* By a clock that a test moves: to the microsecond. */
static void
test_bucket(void)
{
	const struct outbox_rate rate = { .name = "r", .interval_us = 100000, .burst = 3 };
	struct db *db = relay_new(0), *later = relay_new(SECOND_US), *soon = relay_new(3600 * SECOND_US);
	struct grant g;

	messages_put("r:0", 40);
	g = claim(db, "r:0", 2, &rate);
	is_int(g.n, 2, "POS-18 what a burst allows goes at once");
	is_int(g.wait_us, 0, "POS-18 and something is left of it");
	g = claim(db, "r:0", 10, &rate);
	ok(g.n == 1 && g.wait_us > 0 && g.wait_us <= 100000, "POS-18 then no more, for as long as is said: %lld, %lld us", (long long)g.n,
	    (long long)g.wait_us);
	g = claim(db, "r:0", 10, &rate);
	ok(g.n <= 1, "POS-18 nor for whoever asks again");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 'r:0' AND owner = 0 AND due_at <= '2020-01-01' AND attempts = 0 AND"
	    " lost_claims = 0"), 40 - 3 - g.n, "POS-18 what waits is as it was: due, and no attempt the poorer");
	g = claim(later, "r:0", 10, &rate);
	is_int(g.n, 3, "POS-18 after a rest a whole burst again, and no more than that");
	g = claim(soon, "r:0", 10, &rate);
	is_int(g.n, 3, "POS-18 however long the rest was");
	g = claim(db, "r:0", 10, &rate);
	ok(g.n == 0 && g.wait_us > 3000 * SECOND_US, "POS-18 a clock that went back waits");
	is_int(claim(db, "r:0", 10, NULL).n, 10, "without a rate as many as are asked for");
	messages_put("s:0", 300);
	is_int(claim(db, "s:0", 1000, &(struct outbox_rate){ .name = "s", .interval_us = 1, .burst = 1000000 }).n, 256,
	    "a rate beyond any claim");
	world_sql("DELETE FROM outbox");
	world_sql("DELETE FROM rates");
	db_free(&db);
	db_free(&later);
	db_free(&soon);
}

/* Few are free, and at each of many places more is due than that. */
static void
test_shares(void)
{
	const struct outbox_rate rates[] = { { .name = "q:0", .interval_us = 1, .burst = 100 }, { .name = "q:1", .interval_us = 1, .burst = 100 },
		{ .name = "q:2", .interval_us = 1, .burst = 100 }, { .name = "q:3", .interval_us = 1, .burst = 100 } };
	struct outbox_place places[4];
	int64_t of[4] = { 0 }, cut = 0;
	struct message *m = NULL;
	struct op op;
	size_t n = 0;

	for (size_t i = 0; i < 4; i++) {
		messages_put(rates[i].name, i == 1 ? 1 : 10);
		places[i] = (struct outbox_place){ .destination = rates[i].name, .n = 5, .rate = &rates[i] };
	}
	world_op(&op, PROGRAM_relay);
	ok(outbox_claim_places(&op, RUNNER_RELAY, places, 4, 8, false, 60 * SECOND_US, &m, &n) == OK, "eight of four places");
	for (size_t i = 0; i < n; i++)
		of[m[i].destination[2] - '0']++;
	for (size_t i = 0; i < 4; i++)
		cut += places[i].is_cut;
	is_int((int64_t)n, 8, "POS-18 all that are free are claimed");
	ok(of[0] == 2 && of[1] == 1 && of[2] == 2 && of[3] == 3, "POS-18 the first place does not take them all: %lld, %lld, %lld, %lld",
	    (long long)of[0], (long long)of[1], (long long)of[2], (long long)of[3]);
	is_int(cut, 3, "POS-18 and where a share was used up there may be more");
	op_end(&op);
	world_op(&op, PROGRAM_relay);
	world_sql("UPDATE outbox SET lost_claims = 2 WHERE destination = 'q:2' AND owner = 0");
	ok(outbox_claim_places(&op, RUNNER_RELAY, places, 4, 7, false, 60 * SECOND_US, &m, &n) == OK && n == 1 && m[0].lost_claims == 2,
	    "F48 of many places too a suspect is claimed alone");
	op_end(&op);
	world_sql("DELETE FROM outbox");
	world_sql("DELETE FROM rates");
}

/* What somebody else is just claiming at one of many places is passed over, and the place is one to come back to. */
static void
test_seen(void)
{
	struct outbox_place places[3] = { { .destination = "q:0", .n = 2 }, { .destination = "q:1", .n = 2 }, { .destination = "q:2", .n = 2 } };
	struct message *m = NULL;
	struct op op;
	size_t n = 0;

	messages_put("q:0", 1);
	messages_put("q:1", 1);
	world_sql("INSERT INTO outbox (runner, kind, destination, lane, due_at, trace_id, created_at) SELECT runner, kind, 'q:2', 9, due_at,"
	    " trace_id, created_at FROM outbox");
	world_sql("INSERT INTO outbox (runner, kind, destination, lane, due_at, trace_id, created_at) SELECT runner, kind, 'q:0', NULL,"
	    " UTC_TIMESTAMP(6) + INTERVAL 1 DAY, trace_id, created_at FROM outbox WHERE destination = 'q:1'");
	world_op(&op, PROGRAM_relay);
	world_sql("BEGIN");
	world_sql("SELECT id FROM outbox WHERE id = (SELECT MIN(id) FROM outbox) FOR UPDATE"); /* that of q:0 */
	ok(outbox_claim_places(&op, RUNNER_RELAY, places, 3, 6, false, 60 * SECOND_US, &m, &n) == OK, "six of three places");
	world_sql("COMMIT");
	is_int((int64_t)n, 2, "what is locked, not due or not first of its lane is left alone");
	ok(n == 2 && strcmp(m[0].destination, "q:1") == 0 && strcmp(m[1].destination, "q:2") == 0, "the others are claimed");
	ok(places[0].wait_us > 0 && places[0].wait_us <= 100000 && places[1].wait_us == 0 && places[2].wait_us == 0,
	    "where one was locked is looked again in a moment");
	ok(!places[0].is_cut && !places[1].is_cut && !places[2].is_cut, "and not without end");
	op_end(&op);
	world_op(&op, PROGRAM_relay);
	ok(outbox_claim_places(&op, RUNNER_RELAY, places, 3, 6, false, 60 * SECOND_US, &m, &n) == OK && n == 1 &&
		strcmp(m[0].destination, "q:0") == 0 && places[0].wait_us == 0, "then it is claimed");
	op_end(&op);
	world_sql("DELETE FROM outbox");
}

/* Claims from two places under one rate until told to stop by the clock. */
static void
claimer(int fd, const struct outbox_rate *rate)
{
	struct db *db = relay_new(0);
	int64_t begun_us = 0;

	for (int i = 0;; i++) {
		struct grant g = claim(db, i % 2 == 0 ? "r:1" : "r:2", 7, rate);

		if (begun_us == 0)
			begun_us = g.at_us;
		if (g.n < 0 || (g.n > 0 && write(fd, &g, sizeof g) != sizeof g))
			_exit(1);
		if (g.at_us > begun_us + SECOND_US)
			_exit(0);
	}
}

static void
test_shared(void)
{
	const struct outbox_rate rate = { .name = "r", .interval_us = 20000, .burst = 4 };
	struct grant g[2 * MESSAGES];
	int64_t all = 0, worst = 0, by[2] = { 0, 0 };
	int fds[2], status;
	size_t n = 0;
	pid_t pids[2];

	messages_put("r:1", MESSAGES);
	messages_put("r:2", MESSAGES);
	if (pipe(fds) != 0)
		abort();
	fflush(NULL);
	for (int c = 0; c < 2; c++)
		if ((pids[c] = fork()) == 0)
			claimer(fds[1], &rate);
	close(fds[1]);
	while (n < 2 * MESSAGES && read(fds[0], &g[n], sizeof g[n]) == sizeof g[n])
		n++;
	close(fds[0]);
	for (int c = 0; c < 2; c++) {
		waitpid(pids[c], &status, 0);
		is_int(status, 0, "a claimer gets through");
	}
	for (size_t i = 0; i < n; i++) {
		all += g[i].n;
		by[g[i].destination == '2'] += g[i].n;
		for (size_t k = 0; k < n; k++) {
			int64_t in = 0, over;

			if (g[k].at_us < g[i].at_us)
				continue;
			for (size_t j = 0; j < n; j++)
				if (g[j].at_us >= g[i].at_us && g[j].at_us <= g[k].at_us)
					in += g[j].n;
			over = in - rate.burst - (g[k].at_us - g[i].at_us) / rate.interval_us;
			worst = over > worst ? over : worst;
		}
	}
	is_int(worst, 0, "POS-18 two relays, two places, one account: in no time more than burst + t / interval");
	ok(all >= 40, "POS-18 and not much less: %lld in a second of 50", (long long)all);
	ok(by[0] > 0 && by[1] > 0, "POS-18 both places had their part: %lld, %lld", (long long)by[0], (long long)by[1]);
	is_int(world_int("SELECT COUNT(*) FROM outbox"), 2 * MESSAGES, "POS-18 nothing was dropped");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE owner <> 0"), all, "POS-18 nor claimed without a grant");
}

/* As a relay claims, and what it may have at once; how many it got. */
static size_t
crowd_claim(const struct outbox_rate *rate, int64_t *ret_wait_us)
{
	const struct outbox_want want = { .runner = RUNNER_RELAY, .destination = "crowd:1", .n = 10, .lease_us = 60 * SECOND_US, .rate = rate };
	struct message *messages;
	size_t n = 0;
	struct op op;

	world_op(&op, PROGRAM_relay);
	is_int(outbox_claim_within(&op, &want, &messages, &n, ret_wait_us), OK, "a claim goes through");
	op_end(&op);
	return n;
}

static void
test_crowd(void)
{
	const struct outbox_rate rate = { .name = "crowd:1", .interval_us = 1000, .burst = 100, .concurrency = 5 };
	int64_t wait_us;

	messages_put("crowd:1", 8);
	messages_put("crowd:2", 8);
	is_int((int64_t)crowd_claim(&rate, &wait_us), 5, "E46 no more than the place allows at once");
	is_int((int64_t)crowd_claim(&rate, &wait_us), 0, "E46 by whichever relay");
	ok(wait_us > 0 && wait_us < SECOND_US, "E46 it is looked at again soon: %lld us", (long long)wait_us);
	world_sql("DELETE FROM outbox WHERE destination = 'crowd:1' AND owner <> 0 LIMIT 2");
	is_int((int64_t)crowd_claim(&rate, &wait_us), 2, "E46 as soon as some have ended");
	world_sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE destination = 'crowd:1' AND owner <> 0");
	ok(crowd_claim(&rate, &wait_us) > 0, "E46 those whose lease has run out do not count");
	world_sql("DELETE FROM outbox WHERE destination LIKE 'crowd:%%'");
}

static void
test_limits(void)
{
	struct arena *a = arena_new((size_t)1 << 20);
	struct config c = { .rate_per_min = 0 };
	const struct outbox_rate *r = provider_rate(a, &c, "petpooja:12"), *s;

	ok(r != NULL && strcmp(r->name, "petpooja:12") == 0 && r->interval_us == 250000 && r->burst == 10, "POS-18 PetPooja: four a second to each outlet");
	r = provider_rate(a, &c, "notice_sms");
	s = provider_rate(a, &c, "otp_sms");
	ok(r != NULL && s != NULL && strcmp(r->name, s->name) == 0 && r->burst > 0, "POS-18 codes and notices go by one account");
	ok(provider_rate(a, &c, "menu:12") == NULL && provider_rate(a, &c, "orders") == NULL && provider_rate(a, &c, "") == NULL,
	    "what is no provider's has none");
	r = provider_rate(a, &c, "clover:12");
	ok(r != NULL && strcmp(r->name, "clover:12") == 0 && r->concurrency == 5 && r->burst + SECOND_US / r->interval_us <= 16,
	    "E46 Clover: five at once of each merchant's token, and sixteen a second");
	r = provider_rate(a, &c, "toast:12");
	ok(r != NULL && strcmp(r->name, "toast:12") == 0 && r->burst + SECOND_US / r->interval_us <= 20,
	    "E46 Toast: twenty a second of each restaurant");
	c.rate_per_min = 30;
	c.rate_burst = 2;
	r = provider_rate(a, &c, "petpooja:12");
	ok(r != NULL && r->interval_us == 2 * SECOND_US && r->burst == 2, "POS-18 or what the configuration says");
	arena_free(&a);
}

int
main(void)
{
	world_begin();
	test_limits();
	test_shares();
	test_seen();
	test_bucket();
	test_shared();
	test_crowd();
	return tap_done();
}
