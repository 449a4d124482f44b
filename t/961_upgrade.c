/*
 * pool: what a new binary or configuration can do wrong, and what then goes on serving; what is
 * killed and what ends; and that none of it leaves anything behind in the master.
 *
 * As in 700_pool.c the worker is this program itself, run by a script that a test replaces.
 */
#define _GNU_SOURCE /* pipe2 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fcgi_client.h"
#include "house.h"
#include "http/front.h"
#include "http/reply.h"
#include "tap.h"
#include "text/json_write.h"

#define PIDS_MAX 32
#define WORKERS 5

/* --- the worker ------------------------------------------------------------------------------- */

/* Says who answers and which "binary" it is, after as many ms as it was built to take. */
static enum err
ping(struct op *op, const struct request *request, struct reply *reply)
{
	const char *edition = getenv("EDITION"), *ms = getenv("TAKES_MS");
	struct json_write *w = reply_json(reply, 200);

	(void)op;
	(void)request;
	if (ms != NULL)
		house_pause(strtol(ms, NULL, 10));
	json_write_object(w, NULL);
	json_write_int64(w, "pid", getpid());
	json_write_string(w, "edition", edition != NULL ? edition : "first");
	json_write_object_end(w);
	return OK;
}

static const struct route routes[] = {
	{ .method = METHOD_GET, .path = "/ping", .roles = ROLE_ANYBODY, .handle = ping, .sentence = "a row" },
};
static const struct pool worker = {
	.name = "ops",
	.program = PROGRAM_ops,
	.routes = ROUTE_TABLE(routes),
	.is_without_db = true,
};

/* --- tools ------------------------------------------------------------------------------------ */

/* The pid that answers, 0 without a whole 200; which edition it is, if ret is given. */
static long
ping_pid(char ret_edition[20])
{
	struct fcgi_answer a;
	const char *at;
	long pid = 0;

	if (fcgi_request(house.socket, &(struct fcgi_ask){ .method = "GET", .path = "/ping" }, &a) &&
	    a.status == 200 && strncmp(a.body, "{\"pid\":", 7) == 0)
		pid = strtol(a.body + 7, NULL, 10);
	at = a.body != NULL ? strstr(a.body, "\"edition\":\"") : NULL;
	if (ret_edition != NULL)
		(void)snprintf(ret_edition, 20, "%.*s", at ? (int)strcspn(at + 11, "\"") : 0, at ? at + 11 : "");
	fcgi_answer_free(&a);
	return pid;
}

static int
number_order(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Its children in the order of their pids. */
static int
children(pid_t pid, long ret[PIDS_MAX])
{
	char path[80], text[600] = "", *at = text, *end;
	FILE *f;
	int n = 0;

	(void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, (long)pid);
	f = fopen(path, "r");
	if (f == NULL)
		house_bail(path);
	if (fgets(text, sizeof text, f) == NULL)
		text[0] = '\0';
	fclose(f);
	while (n < PIDS_MAX && (ret[n] = strtol(at, &end, 10)) > 0) {
		at = end;
		n++;
	}
	qsort(ret, (size_t)n, sizeof ret[0], number_order);
	return n;
}

static bool
children_become(pid_t pid, int n, long ret[PIDS_MAX])
{
	int64_t until = house_ms() + HOUSE_WAIT_MS;

	while (children(pid, ret) != n) {
		if (house_ms() > until)
			return false;
		house_pause(5);
	}
	return true;
}

static int
descriptors_n(pid_t pid)
{
	char path[40];
	DIR *dir;
	int n = 0;

	(void)snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
	dir = opendir(path);
	if (dir == NULL)
		house_bail(path);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/*
 * At rest: what it told of itself last, that it is ready, and what a worker told it, are pipes that
 * it closes a moment after.
 */
static int
descriptors_least(pid_t pid)
{
	int least = descriptors_n(pid);

	for (int looks = 0; looks < 20; looks++) {
		int n = descriptors_n(pid);

		least = n < least ? n : least;
		house_pause(10);
	}
	return least;
}

/* Asks until told to stop; how many answers were no whole 200, at most 255, is its exit status. */
static pid_t
asker_start(const int stop[2])
{
	struct pollfd fd = { .fd = stop[0], .events = POLLIN };
	int bad = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid != 0)
		return pid;
	close(stop[1]);
	while (poll(&fd, 1, 2) == 0)
		bad += ping_pid(NULL) <= 0 && bad < 255;
	_exit(bad);
}

#define ASKERS 6
struct load {
	int stop[2];
	pid_t askers[ASKERS];
};

static struct load
load_start(void)
{
	struct load l;

	if (pipe2(l.stop, O_CLOEXEC) != 0)
		house_bail("pipe");
	for (int i = 0; i < ASKERS; i++)
		l.askers[i] = asker_start(l.stop);
	return l;
}

/* How many requests failed. */
static int
load_stop(struct load *l)
{
	int bad = 0, status;

	close(l->stop[1]);
	for (int i = 0; i < ASKERS; i++)
		bad += waitpid(l->askers[i], &status, 0) == l->askers[i] && WIFEXITED(status) ? WEXITSTATUS(status)
											     : 255;
	close(l->stop[0]);
	return bad;
}

static void
edition_install(const char *name)
{
	house_script("EDITION=%s exec %s", name, house.self);
}

/* --- tests ------------------------------------------------------------------------------------ */

/* A new binary that is no good, under load: nothing changes but the log. */
static void
refused(struct master *m, int nth, const char *what, const char *why)
{
	long before[PIDS_MAX], after[PIDS_MAX];
	struct load load = load_start();
	int told = house_log_n(why);

	(void)children_become(m->pid, 2, before);
	(void)kill(m->pid, SIGHUP);
	ok(house_log_reaches("\"pool_reload_failed\"", nth), "F40 %s: the reload is given up", what);
	ok(house_log_n(why) > told, "and the log says %s", why);
	ok(children_become(m->pid, 2, after) && memcmp(before, after, 2 * sizeof before[0]) == 0,
	    "the same two workers stay");
	house_pause(300); /* longer than a reload takes: no second try by itself */
	is_int(house_log_n("\"pool_reload_failed\""), nth, "nothing more is tried");
	is_int(load_stop(&load), 0, "and no request fails");
}

static void
test_upgrade(void)
{
	char edition[20] = "", mark[100];
	struct master m;

	(void)snprintf(mark, sizeof mark, "%s/lived", house.dir);
	edition_install("first");
	house.ready_within = "1";
	m = master_start("2", false);
	house.ready_within = "10";
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "two workers");
	house_script("exit 3");
	refused(&m, 1, "a binary that exits 3", "\"exit\":3");
	house_script("echo HASH_KEY is wrong >&2; exit 78");
	refused(&m, 2, "a configuration that is wrong", "HASH_KEY is wrong");
	house_script("exec sleep 1000");
	refused(&m, 3, "one that hangs before it is ready", "not ready in time");
	house_script("echo R >&$READY_FD; exit 0");
	refused(&m, 4, "one that says it is ready and ends", "died after it had said that it was ready");
	house_script("printf R >&$READY_FD; kill -SEGV $$");
	refused(&m, 5, "one that says it is ready and crashes", "\"signal\":11");
	house_script("exec /nonexistent/worker");
	refused(&m, 6, "one that is not there", "\"exit\":127");
	/* The first replacement lives, the second one does not. */
	house_script("if [ -e %s ]; then exit 3; fi; : >%s; EDITION=half exec %s", mark, mark, house.self);
	(void)kill(m.pid, SIGHUP);
	ok(house_log_reaches("\"pool_reload_failed\"", 7), "F40 one of which only the first lives is given up");
	edition_install("second");
	(void)kill(m.pid, SIGHUP);
	ok(house_log_reaches("\"pool_reloaded\"", 1), "F40 the next good one is taken");
	ok(ping_pid(edition) > 0, "it serves");
	is_str(edition, "second", "and it is the new one");
	is_int(master_stop(&m), 0, "TERM");
}

/* One of a new generation dies while the rest of the old one still serves. */
static void
test_died_in_reload(void)
{
	long before[PIDS_MAX], after[PIDS_MAX];
	char gate[100], first[100];
	struct master m;
	int kept = 0;

	(void)snprintf(gate, sizeof gate, "%s/second-gate", house.dir);
	(void)snprintf(first, sizeof first, "%s/first-pid", house.dir);
	edition_install("first");
	m = master_start("3", false);
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "three workers");
	(void)children(m.pid, before);
	house_script("if [ -e %s ]; then while [ ! -e %s ]; do sleep 0.02; done; fi\n"
	    "echo $$ >%s~; mv %s~ %s; exec %s", first, gate, first, first, first, house.self);
	(void)kill(m.pid, SIGHUP);
	ok(children_become(m.pid, 4, after), "the first replacement is on its way");
	for (int64_t until = house_ms() + HOUSE_WAIT_MS; house_ms() < until; house_pause(5)) {
		int n = children(m.pid, after), old = 0;

		for (int i = 0; i < n; i++)
			for (int k = 0; k < 3; k++)
				old += after[i] == before[k];
		if (n == 4 && old == 2)
			break;
	}
	{
		char *text = tap_file(first, NULL);

		(void)kill((pid_t)strtol(text, NULL, 10), SIGKILL);
		free(text);
	}
	ok(house_log_reaches("\"pool_reload_failed\"", 1), "F40 a new worker that dies before the reload is over ends it");
	close(open(gate, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	ok(children_become(m.pid, 3, after), "the pool is whole again");
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++)
			kept += after[i] == before[k];
	is_int(kept, 2, "with the two of the old workers that were left");
	edition_install("second");
	is_int(master_stop(&m), 0, "TERM");
}

/* 50 reloads, killed and refused workers: the master has what it had. */
static void
test_growth(void)
{
	long pids[PIDS_MAX];
	struct load load;
	struct master m;
	int descriptors, failures = 0;

	edition_install("first");
	m = master_start("2", false);
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "two workers");
	descriptors = descriptors_least(m.pid);
	load = load_start();
	for (int i = 1; i <= 50; i++) {
		(void)kill(m.pid, SIGHUP);
		failures += !house_log_reaches("\"pool_reloaded\"", i);
	}
	is_int(failures, 0, "F40 fifty reloads come to their end");
	is_int(load_stop(&load), 0, "and no request fails");
	for (int i = 1; i <= 5; i++) {
		(void)children_become(m.pid, 2, pids);
		(void)kill((pid_t)pids[0], SIGKILL);
		(void)house_log_reaches("\"worker_back\"", i);
	}
	house_script("exit 3");
	(void)kill(m.pid, SIGHUP);
	(void)house_log_reaches("\"pool_reload_failed\"", 1);
	ok(children_become(m.pid, 2, pids), "I12 two workers remain");
	is_int(descriptors_least(m.pid), descriptors, "I12 and the descriptors it began with");
	is_int(master_stop(&m), 0, "TERM");
}

struct backs {
	int n, paused;
	long quickest_ms; /* the slowest worker of the round that was over first */
};

/* What the log says of the workers that came back, WORKERS in a round. */
static struct backs
backs_read(void)
{
	struct backs b = { .quickest_ms = HOUSE_WAIT_MS };
	char *log = tap_file(house.log, NULL);
	long round_ms = 0;

	for (const char *at = log; (at = strstr(at, "\"pause_ms\":")) != NULL; at++) {
		const char *after = strstr(at, "\"after_ms\":");
		long ms = after != NULL ? strtol(after + 11, NULL, 10) : HOUSE_WAIT_MS;

		diag("worker back after %ld ms", ms);
		b.paused += strtol(at + 11, NULL, 10) != 0;
		round_ms = ms > round_ms ? ms : round_ms;
		if (++b.n % WORKERS != 0)
			continue;
		b.quickest_ms = round_ms < b.quickest_ms ? round_ms : b.quickest_ms;
		round_ms = 0;
	}
	free(log);
	return b;
}

/* How long it takes is the machine's, too: what must hold each time is that nothing is waited for. */
static void
test_five_killed(void)
{
	long before[PIDS_MAX], after[PIDS_MAX];
	struct master m;
	struct backs b;

	edition_install("first");
	m = master_start("5", false);
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "five workers");
	for (int round = 1; round <= 4; round++) {
		(void)children_become(m.pid, WORKERS, before);
		house_pause(1000); /* they have served a while: a killed one is no crash loop */
		for (int i = 0; i < WORKERS; i++)
			(void)kill((pid_t)before[i], SIGKILL);
		ok(house_log_reaches("\"worker_back\"", round * WORKERS), "F01 five workers killed are back");
		(void)children(m.pid, after);
	}
	b = backs_read();
	is_int(b.n, 4 * WORKERS, "each of them, each time");
	is_int(b.paused, 0, "F01 and none was made to wait, the fourth time as the first");
	diag("E the pool was whole after %ld ms, the quickest time", b.quickest_ms);
	is_int(master_stop(&m), 0, "TERM");
}

/* The new master comes while the workers of the killed one still answer. */
static void
test_master_killed(void)
{
	struct master first, second;
	struct fcgi_answer a;
	char edition[20] = "";
	int fd, refusals = 0;

	house_script("EDITION=slow TAKES_MS=1500 exec %s", house.self);
	first = master_start("2", false);
	is_int(master_said(&first, HOUSE_WAIT_MS), 'R', "two slow workers");
	fd = fcgi_connect(house.socket);
	(void)fcgi_head(fd, &(struct fcgi_ask){ .method = "GET", .path = "/ping" });
	(void)fcgi_body(fd, "", 0);
	house_pause(300);
	edition_install("new");
	(void)kill(first.pid, SIGKILL);
	second = master_start("2", true);
	is_int(master_said(&second, HOUSE_WAIT_MS), 'R', "F01 a new master is ready although an old worker holds the socket");
	ok(ping_pid(edition) > 0, "and serves");
	is_str(edition, "new", "with its own workers");
	fcgi_receive(fd, &a);
	ok(a.is_whole && a.status == 200 && strstr(a.body, "slow") != NULL,
	    "F01 the request that was under way is answered by the old one");
	fcgi_answer_free(&a);
	close(fd);
	(void)master_wait(&first);
	for (int i = 0; i < 20; i++) {
		(void)kill(second.pid, SIGKILL);
		first = second;
		second = master_start("2", true);
		refusals += master_said(&second, HOUSE_WAIT_MS) != 'R';
		refusals += ping_pid(NULL) <= 0;
		(void)master_wait(&first);
	}
	is_int(refusals, 0, "F01 twenty times killed, started before it was reaped: twenty times it serves");
	first = master_start("1", true);
	is_int(master_wait(&first), 1, "a second master beside a living one still gives up");
	is_int(master_stop(&second), 0, "TERM");
}

/* All that was accepted is answered; signals once more change nothing. */
static void
test_stop(int signal, const char *name, int times)
{
	enum { N = 2 };
	struct fcgi_ask ask = { .method = "GET", .path = "/ping" };
	struct fcgi_answer a;
	int fds[N], whole = 0, status;
	struct master m;
	int64_t begun;

	house_script("EDITION=slow TAKES_MS=700 exec %s", house.self);
	m = master_start("2", false);
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "two slow workers");
	for (int i = 0; i < N; i++) {
		fds[i] = fcgi_connect(house.socket);
		(void)fcgi_head(fds[i], &ask);
		(void)fcgi_body(fds[i], "", 0);
	}
	house_pause(300);
	begun = house_ms();
	for (int i = 0; i < times; i++) {
		(void)kill(m.pid, signal);
		house_pause(50);
	}
	for (int i = 0; i < N; i++) {
		fcgi_receive(fds[i], &a);
		whole += a.is_whole && a.status == 200;
		fcgi_answer_free(&a);
		close(fds[i]);
	}
	status = master_wait(&m);
	is_int(whole, N, "F41 %s %d times: what was under way is answered", name, times);
	is_int(status, 0, "and the end is a good one");
	ok(house_ms() - begun < 5000, "F41 as soon as it is (%lld ms)", (long long)(house_ms() - begun));
}

/* Five workers are in a request each, five more requests wait in the socket. */
static void
test_in_flight(void)
{
	enum { REQUESTS = 2 * WORKERS };
	struct fcgi_ask ask = { .method = "GET", .path = "/ping" };
	int fds[REQUESTS], lost = 0, whole = 0;
	long workers[PIDS_MAX];
	struct fcgi_answer a;
	struct master m;

	house_script("TAKES_MS=500 exec %s", house.self);
	m = master_start("5", false);
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "five slow workers");
	(void)children_become(m.pid, WORKERS, workers);
	for (int i = 0; i < REQUESTS; i++) {
		fds[i] = fcgi_connect(house.socket);
		(void)fcgi_head(fds[i], &ask);
		(void)fcgi_body(fds[i], "", 0);
	}
	house_pause(250);
	for (int i = 0; i < WORKERS; i++)
		(void)kill((pid_t)workers[i], SIGKILL);
	for (int i = 0; i < REQUESTS; i++) {
		fcgi_receive(fds[i], &a);
		whole += a.is_whole && a.status == 200;
		lost += !a.is_whole;
		fcgi_answer_free(&a);
		close(fds[i]);
	}
	is_int(lost, WORKERS, "F01 five workers killed in a request: these five are lost");
	is_int(whole, REQUESTS - WORKERS, "and those that waited are served by their successors");
	is_int(master_stop(&m), 0, "TERM");
}

/* How a request is answered that began to wait so many ms ago by nginx's clock; NULL: as it says. */
static int
status_of_waiting(int64_t ms, const char *text)
{
	static const char *params[] = { "QUEUED_AT", NULL, NULL };
	struct fcgi_answer a;
	struct timespec now;
	char at[40];
	int status;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - ms;
	(void)snprintf(at, sizeof at, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
	params[1] = text != NULL ? text : at;
	status = fcgi_request(house.socket, &(struct fcgi_ask){ .method = "GET", .path = "/ping", .params = params }, &a)
	    ? a.status : -1;
	if (status == 503)
		is_str(fcgi_header(&a, "Retry-After"), "2", "with a Retry-After");
	fcgi_answer_free(&a);
	return status;
}

static void
test_patience(void)
{
	struct master m;

	edition_install("first");
	m = master_start("1", false);
	is_int(master_said(&m, HOUSE_WAIT_MS), 'R', "one worker");
	is_int(status_of_waiting(0, NULL), 200, "SEC-03 a request that did not wait is served");
	is_int(status_of_waiting(4000, NULL), 200, "one that waited for four seconds too");
	is_int(status_of_waiting(5500, NULL), 503, "one that waited for more than five is not begun");
	is_int(status_of_waiting(29000, NULL), 503, "nor one that nginx is about to give up");
	is_int(status_of_waiting(86400000, NULL), 200, "I15 a clock that was set by a day changes nothing");
	is_int(status_of_waiting(-86400000, NULL), 200, "I15 in either direction");
	is_int(status_of_waiting(0, ""), 200, "and who does not say when");
	is_int(status_of_waiting(0, "1.5"), 200, "or says nonsense");
	is_int(status_of_waiting(0, "99999999999999999999.000"), 200, "or too much of it, is served");
	is_int(master_stop(&m), 0, "TERM");
}

int
main(int argc, char **argv)
{
	if (getenv("POOL_TEST_WORKER") != NULL)
		return front_main(argc, argv, &worker);
	house_open();
	(void)setenv("POOL_TEST_WORKER", "1", 1);
	test_upgrade();
	test_died_in_reload();
	test_growth();
	test_five_killed();
	test_in_flight();
	test_patience();
	test_master_killed();
	test_stop(SIGTERM, "SIGTERM", 1);
	test_stop(SIGTERM, "SIGTERM", 2);
	test_stop(SIGQUIT, "SIGQUIT", 1);
	test_stop(SIGINT, "SIGINT", 1);
	house_close();
	return tap_done();
}
