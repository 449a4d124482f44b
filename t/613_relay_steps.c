/*
 * The relay on a real database: a message of several steps. Whoever has it keeps it from one to the
 * next, and nothing of that may be lost, sent twice, or go on for longer than it should.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "relays.h"
#include "relays_room.h"
#include "tap.h"
#include "world.h"

/* A message of so many steps, each of which is that path. */
static void
put_steps(const char *destination, const char *path, int n)
{
	relays_put(destination, 0, path);
	world_sql("UPDATE outbox SET payload = CONCAT(payload, REPEAT(CONCAT(CHAR(10), payload), %d)) ORDER BY id DESC LIMIT 1",
	    n - 1);
}

static void
test_kept(void)
{
	struct relay_process r;

	relays_fresh();
	put_steps("petpooja:1", "/slow/20", 4);
	put_steps("petpooja:2", "/slow/20", 4);
	r = relay_ready("8000");
	ok(relays_reach(DONE_N, 2), "POS-21 messages of four steps are carried out");
	is_int(relays.hostile.seen->requests, 8, "each step once");
	is_int(world_int("SELECT SUM(token) FROM outbox_done"), 8, "and claimed once: a step that follows has the next token");
	is_int(world_int("SELECT SUM(attempts) FROM outbox_done"), 2, "each step counts its own attempts");
	is_int(relay_log_n(&r, "\"outcome\":\"DONE\""), 8, "OBS-08 the log has each of them");
	is_int(relay_stop(&r), 0, "stopped");
}

/* Ten at once, then four a second. */
static void
test_rate(void)
{
	struct relay_process r;

	relays_fresh();
	world_sql("DELETE FROM rates");
	setenv("RATE_PER_MIN", "240", 1);
	setenv("RATE_BURST", "10", 1);
	put_steps("petpooja:1", "/ok", 12);
	r = relay_ready("8000");
	ok(relays_requests(10), "POS-18 steps go as long as the rate of their place allows");
	ok(relays_reach("SELECT COUNT(*) FROM outbox WHERE owner = 0 AND token > 1", 1) && world_int(DONE_N) == 0,
	    "POS-18 when it is spent the message is given back");
	ok(relays_reach(DONE_N, 1), "and goes on when there is some of it again");
	is_int(relays.hostile.seen->requests, 12, "each step once");
	ok(world_int("SELECT token FROM outbox_done") > 12, "claimed anew");
	is_int(relay_stop(&r), 0, "stopped");
	setenv("RATE_PER_MIN", "6000000", 1);
	setenv("RATE_BURST", "1000", 1);
	world_sql("DELETE FROM rates");
}

static void
test_stop(void)
{
	struct relay_process r;

	relays_fresh();
	put_steps("petpooja:1", "/slow/500", 2);
	r = relay_ready("8000");
	ok(relays_requests(1), "the first of two steps is under way");
	kill(r.pid, SIGTERM);
	is_int(relay_wait(&r), 0, "F41 told to stop, the relay waits for its end");
	is_int(relays.hostile.seen->requests, 1, "F41 and does not begin what follows");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE owner = 0 AND begun_at IS NULL AND due_at <= UTC_TIMESTAMP(6)"
	    " AND payload NOT LIKE CONCAT('%%', CHAR(10), '%%')"), 1, "F41 which is due for whoever comes");
	r = relay_ready("8000");
	ok(relays_reach(DONE_N, 1), "somebody comes");
	is_int(relays.hostile.seen->requests, 2, "for what was left");
	is_int(relay_stop(&r), 0, "stopped");
}

/* Killed there; another relay carries on. `requests` were seen by then, or by the end. */
static void
killed_at(const char *point, int requests, bool was_begun, int requests_in_the_end)
{
	struct relay_process r;
	char name[64];

	relays_fresh();
	put_steps("petpooja:1", "/ok", 2);
	(void)snprintf(name, sizeof name, "kill.%s", point);
	relays_crash(name);
	r = relay_start("8000", false);
	is_int(relay_wait(&r), 1000 + SIGKILL, "%s", point);
	is_int(relays.hostile.seen->requests, requests, "F02 one call has been made");
	is_int(world_int("SELECT token FROM outbox"), was_begun ? 2 : 1, "F02 its ending is written, or is not");
	is_int(world_int("SELECT begun_at IS NOT NULL FROM outbox"), 1,
	    "F02 whoever takes it over knows of an attempt that was begun");
	is_int(world_int("SELECT payload LIKE CONCAT('%%', CHAR(10), '%%') FROM outbox"), !was_begun, "F02 and which it is");
	r = relay_ready("8000");
	ok(relays_reach(DONE_N, 1), "F02 another carries on");
	is_int(relays.hostile.seen->requests, requests_in_the_end, "F02 from there");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_killed(void)
{
	killed_at("batch.before_next", 1, false, 3);
	killed_at("batch.before_commit", 1, false, 3);
	killed_at("batch.after_commit", 1, true, 2);
}

/* What follows cannot be begun: that is no harm to what was, nor to those that are written with it. */
static void
test_unbegun(void)
{
	struct relay_process r;

	relays_fresh();
	for (int i = 0; i < 5; i++)
		put_steps("petpooja:1", "/slow/300", 2);
	relays_put("petpooja:2", 0, "/slow/300");
	world_sql("UPDATE outbox SET payload = CONCAT(payload, CHAR(10), 'http://127.0.0.1/unbegun') ORDER BY id DESC LIMIT 1");
	r = relay_ready("8000");
	ok(relays_reach(DONE_N, 5), "the others go on");
	is_int(relays.hostile.seen->requests, 11, "F31 and no step is made twice");
	ok(relays_reach("SELECT ended_token > 0 AND payload = 'http://127.0.0.1/unbegun' FROM outbox", 1),
	    "F31 the step before it is over");
	ok(relay_log_reaches(&r, "call_not_begun"), "and the log says of the other that it cannot be begun");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
tests(void)
{
	test_kept();
	test_rate();
	test_stop();
	test_killed();
	test_unbegun();
}

int
main(int argc, char **argv)
{
	return relays_main(argc, argv, tests);
}
