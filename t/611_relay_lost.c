/*
 * The relay on a real database: what becomes of its messages when it is killed or frozen, when its
 * claim has passed on, when its database is lost, and when a message kills whoever touches it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "between.h"
#include "relays.h"
#include "relays_room.h"
#include "tap.h"
#include "world.h"

static void
test_killed(void)
{
	struct relay_process a, b;
	int64_t begun;

	relays_fresh();
	a = relay_ready("8000");
	relays_put("petpooja:1", 0, "/slow/1500");
	ok(relays_requests(1), "F03 a call is under way");
	b = relay_ready("8000");
	kill(a.pid, SIGKILL);
	begun = now_ms();
	(void)relay_wait(&a);
	ok(relays_requests(2), "F03 the relay is killed: another takes the message over");
	diag("E6 taken over after %lld ms", (long long)(now_ms() - begun));
	ok(now_ms() - begun <= 4000, "E6 long before its lease of eight seconds is over");
	is_int(world_int("SELECT lost_claims FROM outbox"), 1, "and the claim counts as lost");
	is_int(world_int("SELECT begun_at IS NOT NULL FROM outbox"), 1,
	    "the attempt that nobody ended is known");
	ok(relays_reach(DONE_N, 1), "it is finished once");
	is_int(relay_stop(&b), 0, "stopped");
}

static void
test_frozen(void)
{
	struct relay_process a, b;
	int status;

	relays_fresh();
	a = relay_ready("600");
	relays_crash("stop.test.begun");
	relays_put("petpooja:1", 0, "/ok");
	ok(waitpid(a.pid, &status, WUNTRACED) == a.pid && WIFSTOPPED(status),
	    "F04 frozen between intent and send");
	b = relay_ready("600");
	ok(relays_reach(DONE_N, 1), "F04 when its lease is over, another does it");
	is_int(relays.hostile.seen->requests, 1, "F04 once");
	kill(a.pid, SIGCONT);
	ok(relay_log_reaches(&a, "claim_passed_on"),
	    "F04 thawed, it learns that the claim has passed on");
	is_int(relays.hostile.seen->requests, 1, "F04 and sends nothing");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done"), 1, "F04 it wrote nothing either");
	is_int(relay_stop(&a), 0, "stopped");
	is_int(relay_stop(&b), 0, "stopped");
}

/* Alone it finds its message still its own, but too late to be sent under that claim. */
static void
test_frozen_alone(void)
{
	struct relay_process r;
	int status;

	relays_fresh();
	r = relay_ready("8000");
	relays_crash("stop.test.begun");
	relays_put("petpooja:1", 0, "/ok");
	ok(waitpid(r.pid, &status, WUNTRACED) == r.pid && WIFSTOPPED(status),
	    "frozen between intent and send");
	pause_ms(1700);
	kill(r.pid, SIGCONT);
	ok(relay_log_reaches(&r, "window_closed"),
	    "protocol 3: thawed after its window it sends nothing");
	ok(relays_reach(DONE_N, 1), "the next attempt does");
	is_int(relays.hostile.seen->requests, 1, "once");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_stale(void)
{
	struct relay_process r;

	relays_fresh();
	r = relay_ready("8000");
	relays_put("petpooja:1", 0, "/slow/400");
	relays_put("petpooja:2", 0, "/slow/400");
	ok(relays_requests(2), "two calls are under way");
	world_sql("UPDATE outbox SET token = token + 1, due_at = '2100-01-01' WHERE destination = "
		  "'petpooja:1'");
	ok(relay_log_reaches(&r, "claim_passed_on"),
	    "I8 an ending with a stale token is refused and told");
	ok(relays_reach(DONE_N, 1), "I8 it harms none of its batch");
	is_int(world_int(LEFT_N " WHERE destination = 'petpooja:1' AND last_error IS NULL AND "
				"due_at > '2099-01-01'"),
	    1, "I8 and changes nothing of the message");
	is_int(relay_stop(&r), 0, "stopped");
}

/*
 * The connection is cut under a call; the claim goes over to the next one before anybody takes it
 * for dead.
 */
static void
test_connection(void)
{
	struct relay_process r;

	relays_fresh();
	r = relay_ready("2000");
	relays_put("petpooja:1", 0, "/slow/1200");
	ok(relays_requests(1), "a call is under way");
	world_sql("KILL %lld", (long long)world_int("SELECT owner FROM outbox"));
	ok(relays_reach(DONE_N, 1), "F11 a cut connection loses no ending");
	is_int(relays.hostile.seen->requests, 1, "F11 nor repeats a call");
	is_int(relay_stop(&r), 0, "stopped");
}

/*
 * The third COMMIT, of the ending, is done and its answer lost: it is not written again, and not
 * taken for somebody else's.
 */
static void
test_commit_lost(void)
{
	struct db_options o = world_options(PROGRAM_relay);
	struct relay_process r;
	char path[64];

	relays_fresh();
	(void)snprintf(path, sizeof path, "%s/between.sock", relays.dir);
	between_start(path, o.socket);
	setenv("DB_SOCKET", path, 1);
	r = relay_ready("8000");
	between_cut(CUT_AFTER, 2);
	relays_put("petpooja:1", 0, "/ok");
	ok(relay_log_reaches(&r, "provider_call"), "F11 an ending whose COMMIT got no answer is told once it is known");
	is_int(between_waits_for(), CUT_NOTHING, "F11 it was cut");
	is_int(world_int(DONE_N), 1, "F11 it is there");
	is_int(relays.hostile.seen->requests, 1, "F11 nothing was sent again");
	is_int(relay_log_n(&r, "claim_passed_on"), 0, "F11 nobody else had it");
	between_cut(CUT_BEFORE, 2);
	relays_put("petpooja:1", 0, "/ok");
	ok(relays_reach(DONE_N, 2), "F11 one that never came there is written again");
	is_int(relays.hostile.seen->requests, 2, "F11 nor was this one sent again");
	is_int(relay_log_n(&r, "claim_passed_on"), 0, "F11 nor had anybody else this one");
	is_int(relay_stop(&r), 0, "stopped");
	setenv("DB_SOCKET", o.socket, 1);
}

static void
test_poison(void)
{
	struct relay_process r;

	relays_fresh();
	relays_put("petpooja:1", 0, "/ok");
	world_sql("UPDATE outbox SET lost_claims = 3");
	relays_put("petpooja:1", 0, "/ok");
	r = relay_ready("8000");
	ok(relays_reach("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'DEAD'", 1),
	    "F48 what killed three is set aside");
	ok(relay_log_reaches(&r, "message_dead"), "F48 with an error in the log");
	ok(relays_reach(DONE_N, 1), "F48 the others proceed");
	is_int(relays.hostile.seen->requests, 1, "F48 and it is not tried again");
	is_int(relay_stop(&r), 0, "stopped");
}

/*
 * The poison one in the middle of a claim, the innocent before and behind it: three deaths, and it
 * alone is set aside.
 */
static void
test_neighbours(void)
{
	struct relay_process r;
	int deaths = 0;

	relays_fresh();
	for (int i = 0; i < 2; i++) {
		relays_put("petpooja:1", 0, "/slow/300");
		relays_put("petpooja:1", 0, "/slow/300");
		relays_put("petpooja:1", 0, "/poison");
		relays_put("petpooja:1", 0, "/slow/300");
		relays_put("petpooja:2", 0, "/slow/300");
	}
	do {
		r = relay_start("8000", true);
		close(r.ready_fd);
	} while (relay_wait(&r) == 1000 + SIGKILL && ++deaths < 20);
	ok(deaths >= OUTBOX_LOST_CLAIMS_MAX && deaths <= 2 * OUTBOX_LOST_CLAIMS_MAX,
	    "F48 two poison messages among eight innocent ones kill the relay %d times", deaths);
	is_int(world_int("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'DEAD'"), 2,
	    "F48 then they are set aside");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'DEAD' AND lost_claims = %d "
			 "AND payload LIKE '%%/poison'", OUTBOX_LOST_CLAIMS_MAX), 2,
	    "F48 with all that is needed to send them after all");
	is_int(world_int(DONE_N), 8, "F48 and none of their neighbours");
}

#define WAITING_N "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'ticketrail_relay' AND INFO LIKE 'SELECT r.name%%'"

/*
 * Somebody does not move on with the rate of a place in his hands. Whoever claims many places and
 * meets that waits for a second, and then claims them one by one: there too, what may be killing
 * relays is claimed with nothing behind it.
 */
static void
test_one_by_one(void)
{
	struct relay_process r;

	relays_fresh();
	relays_put("petpooja:1", 0, "/poison");
	world_sql("UPDATE outbox SET lost_claims = %d", OUTBOX_LOST_CLAIMS_SUSPECT);
	relays_put("petpooja:2", 0, "/ok");
	world_sql("INSERT IGNORE INTO rates (name, spent_until) VALUES ('petpooja:1', UTC_TIMESTAMP(6))");
	world_sql("BEGIN");
	world_sql("UPDATE rates SET spent_until = spent_until WHERE name = 'petpooja:1'");
	r = relay_start("8000", false);
	close(r.ready_fd);
	ok(relays_reach(WAITING_N, 1), "F48 a claim waits for what somebody holds");
	pause_ms(1500);
	world_sql("COMMIT");
	is_int(relay_wait(&r), 1000 + SIGKILL, "F48 one by one the first is the poison, and the relay dies of it");
	is_int(world_int("SELECT token FROM outbox WHERE destination = 'petpooja:1'"), 1, "F48 which was claimed");
	is_int(world_int("SELECT token FROM outbox WHERE destination = 'petpooja:2'"), 0, "F48 and with it nothing of the next place");
}

/*
 * At every place where dying matters: killed there, the next relay brings the message to its end.
 */
static void
test_points(void)
{
	static const char *const points[] = { "outbox_claim.before_take",
		"outbox_claim.after_commit", "test.begun", "relay.call_ended",
		"batch.before_commit", "batch.after_commit", "relay.before_beat" };
	char name[96];

	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		struct relay_process r;

		relays_fresh();
		(void)snprintf(name, sizeof name, "kill.%s", points[i]);
		relays_crash(name);
		relays_put("petpooja:1", 0, "/ok");
		r = relay_start("8000", false);
		is_int(relay_wait(&r), 1000 + SIGKILL, "F03 killed at %s", points[i]);
		close(r.ready_fd);
		r = relay_ready("8000");
		ok(relays_reach(DONE_N, 1) && world_int(LEFT_N) == 0, "F03 the next one ends it");
		ok(relays.hostile.seen->effects <= 2, "F03 after at most one send that nobody remembers");
		is_int(relay_stop(&r), 0, "stopped");
	}
}

static void
test_database(void)
{
	struct relay_process r;

	relays_fresh();
	r = relay_ready("20000");
	relays_put("petpooja:1", 0, "/slow/1500");
	ok(relays_requests(1), "a call is under way");
	world_server_kill();
	ok(relay_log_reaches(&r, "database_unavailable"), "F09 the database is gone, and that is told");
	pause_ms(1800);
	world_server_start();
	ok(relays_reach(DONE_N, 1), "F09 what ended meanwhile is written when it is back");
	is_int(relays.hostile.seen->requests, 1, "F09 and was not done again");
	relays_put("petpooja:1", 0, "/ok");
	ok(relays_reach(DONE_N, 2), "F09 and it goes on");
	is_int(relay_log_n(&r, "database_unavailable"), 1, "one outage is told once");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
tests(void)
{
	test_killed();
	test_frozen();
	test_frozen_alone();
	test_stale();
	test_connection();
	test_commit_lost();
	test_poison();
	test_neighbours();
	test_one_by_one();
	test_points();
	test_database();
}

int
main(int argc, char **argv)
{
	return relays_main(argc, argv, tests);
}
