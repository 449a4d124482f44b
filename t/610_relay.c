/*
 * The relay on a real database: leases, lanes, fairness, freezing, dying, stopping.
 *
 * The relay is this program itself (RELAY_TEST), with a provider room of its own below: a message's
 * payload is the URL to call. It is linked before the library's, which therefore is not; so what is
 * tested is the relay and the outbox.
 */
#define _GNU_SOURCE /* pipe2 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "between.h"
#include "hostile.h"
#include "op/clock.h"
#include "op/crash.h"
#include "provider/call.h"
#include "relay/relay.h"
#include "tap.h"
#include "world.h"

#define WAIT_MS 20000
#define POLL_MS "50"
#define KEY "1111111111111111111111111111111111111111111111111111111111111111"

/* --- the provider room of this test ----------------------------------------------------------- */

/* A message to /poison kills whoever begins it. */
static enum err
begin_one(struct op *op, const struct message *m)
{
	if (m->payload.len > 7 && memcmp(m->payload.data + m->payload.len - 7, "/poison", 7) == 0)
		(void)raise(SIGKILL);
	return outbox_begin(op, m);
}

static enum err
begin_body(struct op *op, void *arg)
{
	return begin_one(op, arg);
}

static enum err
begun(struct op *op, const struct message *m, bool *ret_send, struct provider_call *ret_call)
{
	CRASH_POINT("test.begun");
	*ret_send = true;
	ret_call->limits = (struct call_limits){
		.connect_ms = 1000, .total_ms = 2500, .window_ms = 1500, .reply_max = 4096
	};
	ret_call->call = (struct http_call){ .method = "POST",
		.body_kind = CALL_BODY_JSON,
		.body = { "{}", 2 },
		.url = arena_strndup(op->arena, m->payload.data, m->payload.len) };
	return OK;
}

enum err
provider_begin(struct op *op, const struct provider *p, const struct message *m, bool *ret_send,
    struct provider_call *ret_call)
{
	enum err e = db_tx(op, begin_body, (void *)m);

	(void)p;
	return e == OK ? begun(op, m, ret_send, ret_call) : e;
}

struct some {
	const struct provider_beginning *b;
	size_t n;
};

static enum err
some_body(struct op *op, void *arg)
{
	const struct some *s = arg;
	enum err e = OK;

	for (size_t i = 0; i < s->n && e == OK; i++)
		e = begin_one(op, s->b[i].message);
	return e;
}

enum err
provider_begin_some(
    struct op *op, const struct provider *p, struct provider_beginning *b, size_t n)
{
	enum err e = db_tx(op, some_body, &(struct some){ .b = b, .n = n });

	(void)p;
	for (size_t i = 0; i < n && e == OK; i++)
		b[i].e = begun(b[i].op, b[i].message, &b[i].send, b[i].call);
	return e;
}

enum err
provider_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, enum outcome *ret_outcome)
{
	bool is_unsure = !r->has_reply && call_failure_is_after_send(r->failure);

	(void)p;
	*ret_outcome = is_unsure                                    ? OUTCOME_UNSURE
		       : r->has_reply && r->reply.status < 300      ? OUTCOME_DONE
		       : r->has_reply && r->reply.status / 100 == 4 ? OUTCOME_REFUSED
								    : OUTCOME_LATER;
	if (*ret_outcome == OUTCOME_LATER && !outbox_is_last(op, m))
		return outbox_later(op, m, outbox_pause(op, m, 0),
		    r->has_reply ? "HTTP" : call_failure_name(r->failure));
	return outbox_finish(
	    op, m, *ret_outcome, r->has_reply ? "HTTP" : call_failure_name(r->failure));
}

enum err
provider_quarantine(struct op *op, const struct message *m, const char *why)
{
	return outbox_quarantine(op, m, why);
}

int
provider_lock_compare(const struct message *a, const struct message *b)
{
	return (a->id > b->id) - (a->id < b->id);
}

/* --- tools ------------------------------------------------------------------------------------ */

static struct hostile hostile;
static char dir[] = "/tmp/trailXXXXXX";

struct relay_process {
	pid_t pid;
	int ready_fd;
	char log[64];
};

static void
pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static int64_t
now_ms(void)
{
	return clock_steady_us() / 1000;
}

/* Waits until a number in the database is as wanted. */
static bool
reaches(const char *sql, int64_t want)
{
	int64_t until = now_ms() + WAIT_MS;

	while (world_int("%s", sql) != want) {
		if (now_ms() > until)
			return false;
		pause_ms(10);
	}
	return true;
}

static bool
requests_reach(int n)
{
	int64_t until = now_ms() + WAIT_MS;

	while (hostile.seen->requests < n && now_ms() < until)
		pause_ms(5);
	return hostile.seen->requests >= n;
}

static int
log_n(const struct relay_process *r, const char *needle)
{
	static char text[1 << 20];
	int fd = open(r->log, O_RDONLY | O_CLOEXEC), n = 0;
	ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	for (const char *at = text; (at = strstr(at, needle)) != NULL; at++)
		n++;
	return n;
}

static bool
log_reaches(const struct relay_process *r, const char *needle)
{
	int64_t until = now_ms() + WAIT_MS;

	while (log_n(r, needle) == 0 && now_ms() < until)
		pause_ms(10);
	return log_n(r, needle) > 0;
}

static void
config_set(void)
{
	struct db_options o = world_options(PROGRAM_relay);

	setenv("DB_SOCKET", o.socket, 1);
	setenv("DB_NAME", o.database, 1);
	setenv("DB_USER", o.user, 1);
	setenv("DB_PASSWORD", o.password, 1);
	setenv("RUN_DIR", dir, 1);
	setenv("HASH_KEY", KEY, 1);
	setenv("RELAY_PUBLIC_KEY", KEY, 1);
	setenv("RELAY_SECRET_KEY", KEY, 1);
	setenv("ALLOW_HTTP", "yes", 1);
	setenv("BACKOFF_MS", "100", 1);
	setenv("RATE_PER_MIN", "6000000", 1);
	setenv("RATE_BURST", "1000", 1);
	setenv("RELAY_POLL_MS", POLL_MS, 1);
	setenv("TICKETRAIL_CRASH_DIR", dir, 1);
	setenv("RELAY_TEST", "1", 1);
}

static struct relay_process
relay_start(const char *lease_ms, bool is_once)
{
	static int nth;
	struct relay_process r;
	int ready[2];

	(void)snprintf(r.log, sizeof r.log, "%s/relay%d.log", dir, nth++);
	if (pipe2(ready, 0) != 0)
		abort();
	fflush(NULL);
	r.pid = fork();
	if (r.pid == 0) {
		char fd[12];

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		(void)dup2(open(r.log, O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
		(void)snprintf(fd, sizeof fd, "%d", ready[1]);
		setenv("READY_FD", fd, 1);
		setenv("LEASE_MS", lease_ms, 1);
		execl("/proc/self/exe", "relay", is_once ? "--once" : (char *)NULL, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	r.ready_fd = ready[0];
	return r;
}

static bool
relay_is_ready(struct relay_process *r)
{
	struct pollfd fd = { .fd = r->ready_fd, .events = POLLIN };
	char said = 0;
	bool is_ready =
	    poll(&fd, 1, WAIT_MS) == 1 && read(r->ready_fd, &said, 1) == 1 && said == 'R';

	close(r->ready_fd);
	return is_ready;
}

static int
relay_wait(const struct relay_process *r)
{
	int64_t until = now_ms() + 40000;
	int status;

	while (waitpid(r->pid, &status, WNOHANG) == 0) {
		if (now_ms() > until) {
			kill(r->pid, SIGKILL);
			waitpid(r->pid, &status, 0);
			return -1;
		}
		pause_ms(5);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int
relay_stop(const struct relay_process *r)
{
	kill(r->pid, SIGTERM);
	return relay_wait(r);
}

static struct relay_process
relay_ready(const char *lease_ms)
{
	struct relay_process r = relay_start(lease_ms, false);

	if (!relay_is_ready(&r)) {
		printf("Bail out! the relay does not get ready: %s\n", r.log);
		exit(1);
	}
	return r;
}

/* A message that is due now. */
static void
put(const char *destination, int64_t lane, const char *path)
{
	char lane_text[24] = "NULL";

	if (lane != 0)
		(void)snprintf(lane_text, sizeof lane_text, "%lld", (long long)lane);
	world_sql("INSERT INTO outbox (runner, kind, destination, lane, payload, due_at, trace_id, "
		  "created_at) VALUES"
		  " ('relay', 'pos_submit', '%s', %s, 'http://127.0.0.1:%d%s', UTC_TIMESTAMP(6),"
		  " '0123456789abcdef0123456789abcdef', UTC_TIMESTAMP(6))",
	    destination, lane_text, hostile.port, path);
}

static void
fresh(void)
{
	world_sql("DELETE FROM outbox");
	world_sql("DELETE FROM outbox_done");
	hostile.seen->requests = hostile.seen->effects = hostile.seen->connections = 0;
	hostile.seen->most_under_way = hostile.seen->under_way = 0;
}

static void
crash_file(const char *name)
{
	char path[96];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	close(open(path, O_WRONLY | O_CREAT, 0600));
}

#define DONE_N "SELECT COUNT(*) FROM outbox_done WHERE outcome = 'DONE'"
#define LEFT_N "SELECT COUNT(*) FROM outbox"

/* --- the tests -------------------------------------------------------------------------------- */

static void
test_delivery(void)
{
	struct relay_process r;
	char *text;

	fresh();
	setenv("RELAY_POLL_MS", "60000", 1);
	r = relay_ready("8000");
	setenv("RELAY_POLL_MS", POLL_MS, 1);
	pause_ms(100);
	put("petpooja:1", 0, "/ok");
	outbox_poke(dir, RUNNER_RELAY, 1);
	ok(requests_reach(1), "ARC-06 a due message is called out at its poke, long before the relay looks by itself");
	ok(reaches(DONE_N, 1), "its ending is written");
	is_int(world_int(LEFT_N), 0, "and it is gone from the outbox");
	ok(strstr(hostile.seen->last, "traceparent: 00-0123456789abcdef0123456789abcdef-") != NULL,
	    "the call bears its trace");
	ok(log_reaches(&r, "\"event\":\"provider_call\""), "one line says so");
	is_int(log_n(&r, "127.0.0.1"), 0, "which has no URL");
	put("petpooja:1", 0, "/status/404");
	outbox_poke(dir, RUNNER_RELAY, 1);
	ok(reaches("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'REFUSED'", 1),
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

	fresh();
	r = relay_ready("8000");
	put("petpooja:1", 0, "/status/503");
	ok(reaches("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'LATER' AND attempts = 3", 1),
	    "POS-23 three attempts, then it is given up");
	is_int(hostile.seen->requests, 3, "POS-23 which the POS saw");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_fairness(void)
{
	struct relay_process r;
	char name[32];

	fresh();
	for (int i = 0; i < 60; i++)
		put("hung:1", 0, "/hang");
	for (int i = 0; i < 60; i++) {
		(void)snprintf(name, sizeof name, "petpooja:%d", i % 20);
		put(name, 0, "/ok");
	}
	r = relay_ready("8000");
	ok(reaches(DONE_N, 60), "F29 one hung POS does not hold up the others");
	is_int(log_n(&r, "timed_out"), 0,
	    "F29 they are served before the first of its calls even times out");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE destination = 'hung:1' AND owner <> 0"),
	    5, "F29 of the hung place's messages only a window's worth is held");
	ok(log_reaches(&r, "circuit_opened"), "F29 its circuit opens");
	world_sql("DELETE FROM outbox WHERE owner = 0");
	kill(r.pid, SIGTERM);
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_lane(void)
{
	struct relay_process r;

	fresh();
	for (int i = 0; i < 4; i++)
		put("petpooja:1", 77, "/slow/60");
	r = relay_ready("8000");
	ok(reaches(DONE_N, 4), "all of a lane are done");
	is_int(hostile.seen->most_under_way, 1, "I8 never two of a lane at once");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done a JOIN outbox_done b ON b.id > a.id AND "
			 "b.finished_at < a.finished_at"),
	    0, "in their order");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_killed(void)
{
	struct relay_process a, b;
	int64_t begun;

	fresh();
	a = relay_ready("8000");
	put("petpooja:1", 0, "/slow/1500");
	ok(requests_reach(1), "F03 a call is under way");
	b = relay_ready("8000");
	kill(a.pid, SIGKILL);
	begun = now_ms();
	(void)relay_wait(&a);
	ok(requests_reach(2), "F03 the relay is killed: another takes the message over");
	diag("E6 taken over after %lld ms", (long long)(now_ms() - begun));
	ok(now_ms() - begun <= 4000, "E6 long before its lease of eight seconds is over");
	is_int(world_int("SELECT lost_claims FROM outbox"), 1, "and the claim counts as lost");
	is_int(world_int("SELECT begun_at IS NOT NULL FROM outbox"), 1,
	    "the attempt that nobody ended is known");
	ok(reaches(DONE_N, 1), "it is finished once");
	is_int(relay_stop(&b), 0, "stopped");
}

static void
test_frozen(void)
{
	struct relay_process a, b;
	int status;

	fresh();
	a = relay_ready("600");
	crash_file("stop.test.begun");
	put("petpooja:1", 0, "/ok");
	ok(waitpid(a.pid, &status, WUNTRACED) == a.pid && WIFSTOPPED(status),
	    "F04 frozen between intent and send");
	b = relay_ready("600");
	ok(reaches(DONE_N, 1), "F04 when its lease is over, another does it");
	is_int(hostile.seen->requests, 1, "F04 once");
	kill(a.pid, SIGCONT);
	ok(log_reaches(&a, "claim_passed_on"),
	    "F04 thawed, it learns that the claim has passed on");
	is_int(hostile.seen->requests, 1, "F04 and sends nothing");
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

	fresh();
	r = relay_ready("8000");
	crash_file("stop.test.begun");
	put("petpooja:1", 0, "/ok");
	ok(waitpid(r.pid, &status, WUNTRACED) == r.pid && WIFSTOPPED(status),
	    "frozen between intent and send");
	pause_ms(1700);
	kill(r.pid, SIGCONT);
	ok(log_reaches(&r, "window_closed"),
	    "protocol 3: thawed after its window it sends nothing");
	ok(reaches(DONE_N, 1), "the next attempt does");
	is_int(hostile.seen->requests, 1, "once");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_stale(void)
{
	struct relay_process r;

	fresh();
	r = relay_ready("8000");
	put("petpooja:1", 0, "/slow/400");
	put("petpooja:2", 0, "/slow/400");
	ok(requests_reach(2), "two calls are under way");
	world_sql("UPDATE outbox SET token = token + 1, due_at = '2100-01-01' WHERE destination = "
		  "'petpooja:1'");
	ok(log_reaches(&r, "claim_passed_on"),
	    "I8 an ending with a stale token is refused and told");
	ok(reaches(DONE_N, 1), "I8 it harms none of its batch");
	is_int(world_int(LEFT_N " WHERE destination = 'petpooja:1' AND last_error IS NULL AND "
				"due_at > '2099-01-01'"),
	    1, "I8 and changes nothing of the message");
	is_int(relay_stop(&r), 0, "stopped");
}

static void
test_stop(void)
{
	struct relay_process r;

	fresh();
	r = relay_ready("8000");
	put("petpooja:1", 0, "/slow/700");
	ok(requests_reach(1), "a call is under way");
	kill(r.pid, SIGTERM);
	ok(log_reaches(&r, "\"stopping\""), "F41 TERM is heard");
	put("petpooja:2", 0, "/ok");
	is_int(relay_wait(&r), 0, "F41 it ends well");
	is_int(world_int(DONE_N), 1, "F41 when the call has ended and that is written");
	is_int(hostile.seen->requests, 1, "F41 nothing new was begun");

	fresh();
	r = relay_ready("8000");
	put("petpooja:1", 0, "/hang");
	ok(requests_reach(1), "a call hangs");
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

	fresh();
	r = relay_start("8000", true);
	ok(relay_is_ready(&r), "--once says that it is ready too");
	is_int(relay_wait(&r), 0, "and goes when nothing is due");
	for (int i = 0; i < 300; i++)
		put(i % 2 == 0 ? "petpooja:1" : "petpooja:2", 0, "/ok");
	put("petpooja:3", 5, "/slow/50");
	put("petpooja:3", 5, "/slow/50");
	r = relay_start("8000", true);
	(void)relay_is_ready(&r);
	is_int(relay_wait(&r), 0, "--once ends");
	is_int(world_int(DONE_N), 302, "when everything is done");
	is_int(hostile.seen->effects, 302, "once each");
}

static void
test_two(void)
{
	struct relay_process a, b;
	char name[32];

	fresh();
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof name, "petpooja:%d", i % 10);
		put(name, 1 + i % 50, "/ok");
	}
	a = relay_ready("8000");
	b = relay_ready("8000");
	ok(reaches(DONE_N, 300), "F08 two relays share the work");
	is_int(hostile.seen->effects, 300, "F08 and nothing is done twice");
	is_int(relay_stop(&a), 0, "one goes");
	put("petpooja:1", 0, "/ok");
	ok(reaches(DONE_N, 301), "the other goes on");
	is_int(relay_stop(&b), 0, "stopped");
}

static void
test_database(void)
{
	struct relay_process r;

	fresh();
	r = relay_ready("20000");
	put("petpooja:1", 0, "/slow/1500");
	ok(requests_reach(1), "a call is under way");
	world_server_kill();
	ok(log_reaches(&r, "database_unavailable"), "F09 the database is gone, and that is told");
	pause_ms(1800);
	world_server_start();
	ok(reaches(DONE_N, 1), "F09 what ended meanwhile is written when it is back");
	is_int(hostile.seen->requests, 1, "F09 and was not done again");
	put("petpooja:1", 0, "/ok");
	ok(reaches(DONE_N, 2), "F09 and it goes on");
	is_int(log_n(&r, "database_unavailable"), 1, "one outage is told once");
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

	fresh();
	r = relay_ready("2000");
	put("petpooja:1", 0, "/slow/1200");
	ok(requests_reach(1), "a call is under way");
	world_sql("KILL %lld", (long long)world_int("SELECT owner FROM outbox"));
	ok(reaches(DONE_N, 1), "F11 a cut connection loses no ending");
	is_int(hostile.seen->requests, 1, "F11 nor repeats a call");
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

	fresh();
	(void)snprintf(path, sizeof path, "%s/between.sock", dir);
	between_start(path, o.socket);
	setenv("DB_SOCKET", path, 1);
	r = relay_ready("8000");
	between_cut(CUT_AFTER, 2);
	put("petpooja:1", 0, "/ok");
	ok(log_reaches(&r, "provider_call"), "F11 an ending whose COMMIT got no answer is told once it is known");
	is_int(between_waits_for(), CUT_NOTHING, "F11 it was cut");
	is_int(world_int(DONE_N), 1, "F11 it is there");
	is_int(hostile.seen->requests, 1, "F11 nothing was sent again");
	is_int(log_n(&r, "claim_passed_on"), 0, "F11 nobody else had it");
	between_cut(CUT_BEFORE, 2);
	put("petpooja:1", 0, "/ok");
	ok(reaches(DONE_N, 2), "F11 one that never came there is written again");
	is_int(hostile.seen->requests, 2, "F11 nor was this one sent again");
	is_int(log_n(&r, "claim_passed_on"), 0, "F11 nor had anybody else this one");
	is_int(relay_stop(&r), 0, "stopped");
	setenv("DB_SOCKET", o.socket, 1);
}

static void
test_poison(void)
{
	struct relay_process r;

	fresh();
	put("petpooja:1", 0, "/ok");
	world_sql("UPDATE outbox SET lost_claims = 3");
	put("petpooja:1", 0, "/ok");
	r = relay_ready("8000");
	ok(reaches("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'DEAD'", 1),
	    "F48 what killed three is set aside");
	ok(log_reaches(&r, "message_dead"), "F48 with an error in the log");
	ok(reaches(DONE_N, 1), "F48 the others proceed");
	is_int(hostile.seen->requests, 1, "F48 and it is not tried again");
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

	fresh();
	for (int i = 0; i < 2; i++) {
		put("petpooja:1", 0, "/slow/300");
		put("petpooja:1", 0, "/slow/300");
		put("petpooja:1", 0, "/poison");
		put("petpooja:1", 0, "/slow/300");
		put("petpooja:2", 0, "/slow/300");
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

		fresh();
		(void)snprintf(name, sizeof name, "kill.%s", points[i]);
		crash_file(name);
		put("petpooja:1", 0, "/ok");
		r = relay_start("8000", false);
		is_int(relay_wait(&r), 1000 + SIGKILL, "F03 killed at %s", points[i]);
		close(r.ready_fd);
		r = relay_ready("8000");
		ok(reaches(DONE_N, 1) && world_int(LEFT_N) == 0, "F03 the next one ends it");
		ok(hostile.seen->effects <= 2, "F03 after at most one send that nobody remembers");
		is_int(relay_stop(&r), 0, "stopped");
	}
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
	put("petpooja:1", 0, "/ok");
	for (int have = 1; have < n; have *= 2)
		world_sql("INSERT INTO outbox (runner, kind, destination, payload, due_at, trace_id, created_at)"
			  " SELECT runner, kind, CONCAT('petpooja:', id %% 20), payload, due_at, trace_id, created_at"
			  " FROM outbox");
}

/* A sanitizer's quarantine keeps 256 MB of what was freed: there, only a leak without end would show. */
#ifdef __SANITIZE_ADDRESS__
#define GROWTH_MAX_KB (400 * 1024)
#else
#define GROWTH_MAX_KB 2048
#endif

static void
test_memory(void)
{
	struct relay_process r;
	long before, after;

	fresh();
	put_many(512);
	r = relay_ready("8000");
	ok(reaches(LEFT_N, 0), "five hundred calls");
	before = rss_kib(r.pid);
	kill(r.pid, SIGSTOP);
	put_many(4096);
	kill(r.pid, SIGCONT);
	ok(reaches(LEFT_N, 0), "and four thousand more");
	after = rss_kib(r.pid);
	ok(after - before < GROWTH_MAX_KB, "E31 leave the relay as large as it was (%ld kB, then %ld)", before, after);
	is_int(relay_stop(&r), 0, "stopped");
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

int
main(int argc, char **argv)
{
	char clean[64];

	if (getenv("RELAY_TEST") != NULL)
		return relay_main(argc, argv);
	if (mkdtemp(dir) == NULL)
		abort();
	hostile =
	    hostile_start(); /* before the world: its processes would hold the world's pipes open */
	world_begin();
	config_set();
	test_delivery();
	test_retries();
	test_fairness();
	test_lane();
	test_killed();
	test_frozen();
	test_frozen_alone();
	test_stale();
	test_stop();
	test_once();
	test_two();
	test_connection();
	test_commit_lost();
	test_poison();
	test_neighbours();
	test_points();
	test_memory();
	test_wrong();
	test_database();
	(void)snprintf(clean, sizeof clean, "exec rm -rf %s", dir);
	if (getenv("TICKETRAIL_KEEP") == NULL) {
		pid_t pid = fork();

		if (pid == 0)
			execl("/bin/sh", "sh", "-c", clean, (char *)NULL);
		waitpid(pid, NULL, 0);
	}
	return tap_done();
}
