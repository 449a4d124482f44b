/* The relay on a real database: delivery, attempts, fairness, lanes, several relays, stopping. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relays.h"
#include "relays_room.h"
#include "tap.h"
#include "world.h"

static void
test_delivery(void)
{
	struct relay_process r;
	char *text;

	relays_fresh();
	setenv("RELAY_POLL_MS", "60000", 1);
	r = relay_ready("8000");
	setenv("RELAY_POLL_MS", POLL_MS, 1);
	pause_ms(100);
	relays_put("petpooja:1", 0, "/ok");
	outbox_poke(relays.dir, RUNNER_RELAY, 1);
	ok(relays_requests(1), "ARC-06 a due message is called out at its poke, long before the relay looks by itself");
	ok(relays_reach(DONE_N, 1), "its ending is written");
	is_int(world_int(LEFT_N), 0, "and it is gone from the outbox");
	ok(strstr(relays.hostile.seen->last, "traceparent: 00-0123456789abcdef0123456789abcdef-") != NULL,
	    "the call bears its trace");
	ok(relay_log_reaches(&r, "\"event\":\"provider_call\""), "one line says so");
	is_int(relay_log_n(&r, "127.0.0.1"), 0, "which has no URL");
	relays_put("petpooja:1", 0, "/status/404");
	outbox_poke(relays.dir, RUNNER_RELAY, 1);
	ok(relays_reach("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'REFUSED'", 1),
	    "a refusal is written too");
	is_int(relay_stop(&r), 0, "TERM ends it");
	text = world_text("SELECT GROUP_CONCAT(attempts) FROM outbox_done");
	is_str(text, "1,1", "after one attempt each");
	free(text);
}

static void
test_retries(void)
{
	struct relay_process r;

	relays_fresh();
	r = relay_ready("8000");
	relays_put("petpooja:1", 0, "/status/503");
	ok(relays_reach("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'LATER' AND attempts = 3", 1),
	    "POS-23 three attempts, then it is given up");
	is_int(relays.hostile.seen->requests, 3, "POS-23 which the POS saw");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_fairness(void)
{
	struct relay_process r;
	char name[32];

	relays_fresh();
	for (int i = 0; i < 60; i++)
		relays_put("hung:1", 0, "/hang");
	for (int i = 0; i < 60; i++) {
		(void)snprintf(name, sizeof name, "petpooja:%d", i % 20);
		relays_put(name, 0, "/ok");
	}
	r = relay_ready("8000");
	ok(relays_reach(DONE_N, 60), "F29 one hung POS does not hold up the others");
	is_int(relay_log_n(&r, "timed_out"), 0,
	    "F29 they are served before the first of its calls even times out");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 'hung:1' AND owner <> 0"),
	    5, "F29 of the hung place's messages only a window's worth is held");
	ok(relay_log_reaches(&r, "circuit_opened"), "E45 F29 its circuit opens");
	world_sql("DELETE FROM outbox WHERE owner = 0");
	kill(r.pid, SIGTERM);
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_lane(void)
{
	struct relay_process r;

	relays_fresh();
	for (int i = 0; i < 4; i++)
		relays_put("petpooja:1", 77, "/slow/60");
	r = relay_ready("8000");
	ok(relays_reach(DONE_N, 4), "all of a lane are done");
	is_int(relays.hostile.seen->most_under_way, 1, "I8 never two of a lane at once");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done a JOIN outbox_done b ON b.id > a.id AND "
			 "b.finished_at < a.finished_at"),
	    0, "in their order");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_stop(void)
{
	struct relay_process r;

	relays_fresh();
	r = relay_ready("8000");
	relays_put("petpooja:1", 0, "/slow/700");
	ok(relays_requests(1), "a call is under way");
	kill(r.pid, SIGTERM);
	ok(relay_log_reaches(&r, "\"stopping\""), "F41 TERM is heard");
	relays_put("petpooja:2", 0, "/ok");
	is_int(relay_wait(&r), 0, "F41 it ends well");
	is_int(world_int(DONE_N), 1, "F41 when the call has ended and that is written");
	is_int(relays.hostile.seen->requests, 1, "F41 nothing new was begun");

	relays_fresh();
	r = relay_ready("8000");
	relays_put("petpooja:1", 0, "/hang");
	ok(relays_requests(1), "a call hangs");
	kill(r.pid, SIGQUIT);
	is_int(relay_wait(&r), 0, "F41 QUIT waits for nothing: the call has not even timed out");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'UNSURE' AND last_error "
			 "= 'sender_lost'"),
	    1, "F41 and what is not known is written down as that");
}

static void
test_once(void)
{
	struct relay_process r;

	relays_fresh();
	r = relay_start("8000", true);
	ok(relay_is_ready(&r), "--once says that it is ready too");
	is_int(relay_wait(&r), 0, "and goes when nothing is due");
	for (int i = 0; i < 300; i++)
		relays_put(i % 2 == 0 ? "petpooja:1" : "petpooja:2", 0, "/ok");
	relays_put("petpooja:3", 5, "/slow/50");
	relays_put("petpooja:3", 5, "/slow/50");
	r = relay_start("8000", true);
	(void)relay_is_ready(&r);
	is_int(relay_wait(&r), 0, "--once ends");
	is_int(world_int(DONE_N), 302, "when everything is done");
	is_int(relays.hostile.seen->effects, 302, "once each");
}

static void
test_two(void)
{
	struct relay_process a, b;
	char name[32];

	relays_fresh();
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof name, "petpooja:%d", i % 10);
		relays_put(name, 1 + i % 50, "/ok");
	}
	a = relay_ready("8000");
	b = relay_ready("8000");
	ok(relays_reach(DONE_N, 300), "F08 two relays share the work");
	is_int(relays.hostile.seen->effects, 300, "F08 and nothing is done twice");
	is_int(relay_stop(&a), 0, "one goes");
	relays_put("petpooja:1", 0, "/ok");
	ok(relays_reach(DONE_N, 301), "the other goes on");
	is_int(relay_stop(&b), 0, "stopped");
}

static long
rss_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (f != NULL)
		(void)fclose(f);
	return kib;
}

static void
put_many(int n)
{
	relays_put("petpooja:1", 0, "/ok");
	for (int have = 1; have < n; have *= 2)
		world_sql("INSERT INTO outbox (runner, kind, destination, payload, due_at, trace_id, created_at)"
			  " SELECT runner, kind, CONCAT('petpooja:', id %% 20), payload, due_at, trace_id, created_at"
			  " FROM outbox");
}

/* A sanitizer's quarantine keeps 256 MB of what was freed: there, only a leak without end would show. */
#ifdef __SANITIZE_ADDRESS__
#define QUARANTINE_KB (400 * 1024)
#else
#define QUARANTINE_KB 0
#endif
#define GROWTH_MAX_KB (4096 + QUARANTINE_KB) /* half a kilobyte of each call */

static void
test_memory(void)
{
	struct relay_process r;
	long before, after;

	relays_fresh();
	put_many(4096); /* so many that as much as may be is under way at once */
	r = relay_ready("8000");
	ok(relays_reach(LEFT_N, 0), "four thousand calls");
	before = rss_kib(r.pid);
	kill(r.pid, SIGSTOP);
	put_many(8192);
	kill(r.pid, SIGCONT);
	ok(relays_reach(LEFT_N, 0), "and twice as many again");
	after = rss_kib(r.pid);
	ok(after - before < GROWTH_MAX_KB, "E31 leave the relay as large as it was (%ld kB, then %ld)", before, after);
	is_int(relay_stop(&r), 0, "stopped");
}

#define HUNG_N 256 /* more than are begun together */

static void
test_light(void)
{
	struct relay_process r;
	char name[32];
	long before, after;

	relays_fresh();
	r = relay_ready("8000");
	before = rss_kib(r.pid);
	for (int i = 0; i < HUNG_N; i++) {
		(void)snprintf(name, sizeof name, "petpooja:%d", i);
		relays_put(name, 0, "/hang");
	}
	ok(relays_requests(HUNG_N), "many calls are under way");
	after = rss_kib(r.pid);
	ok(after - before < HUNG_N * (long)(BEGIN_LEN / 1024) / 2 + QUARANTINE_KB,
	    "E31 none keeps what its beginning took (%ld kB, then %ld)", before, after);
	kill(r.pid, SIGQUIT);
	is_int(relay_wait(&r), 0, "stopped");
}

static void
test_wrong(void)
{
	struct relay_process r;

	setenv("LOG_LEVEL", "loud", 1);
	r = relay_start("8000", false);
	is_int(relay_wait(&r), 78, "F47 a wrong configuration ends it with 78");
	close(r.ready_fd);
	unsetenv("LOG_LEVEL");
}

static void
tests(void)
{
	test_delivery();
	test_retries();
	test_fairness();
	test_lane();
	test_stop();
	test_once();
	test_two();
	test_memory();
	test_light();
	test_wrong();
}

int
main(int argc, char **argv)
{
	return relays_main(argc, argv, tests);
}
