#define _GNU_SOURCE /* pipe2 */
#include "relays.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "op/clock.h"
#include "relay/relay.h"
#include "tap.h"
#include "world.h"

#define WAIT_MS 20000
#define KEY "1111111111111111111111111111111111111111111111111111111111111111"

struct relays relays = { .dir = "/tmp/trailXXXXXX" };

void
pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

int64_t
now_ms(void)
{
	return clock_steady_us() / 1000;
}

/* Waits until a number in the database is as wanted. */
bool
relays_reach(const char *sql, int64_t want)
{
	int64_t until = now_ms() + WAIT_MS;

	while (world_int("%s", sql) != want) {
		if (now_ms() > until)
			return false;
		pause_ms(10);
	}
	return true;
}

bool
relays_requests(int n)
{
	int64_t until = now_ms() + WAIT_MS;

	while (relays.hostile.seen->requests < n && now_ms() < until)
		pause_ms(5);
	return relays.hostile.seen->requests >= n;
}

int
relay_log_n(const struct relay_process *r, const char *needle)
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

bool
relay_log_reaches(const struct relay_process *r, const char *needle)
{
	int64_t until = now_ms() + WAIT_MS;

	while (relay_log_n(r, needle) == 0 && now_ms() < until)
		pause_ms(10);
	return relay_log_n(r, needle) > 0;
}

static void
config_set(void)
{
	struct db_options o = world_options(PROGRAM_relay);

	setenv("DB_SOCKET", o.socket, 1);
	setenv("DB_NAME", o.database, 1);
	setenv("DB_USER", o.user, 1);
	setenv("DB_PASSWORD", o.password, 1);
	setenv("RUN_DIR", relays.dir, 1);
	setenv("HASH_KEY", KEY, 1);
	setenv("RELAY_PUBLIC_KEY", KEY, 1);
	setenv("RELAY_SECRET_KEY", KEY, 1);
	setenv("ALLOW_HTTP", "yes", 1);
	setenv("BACKOFF_MS", "100", 1);
	setenv("RATE_PER_MIN", "6000000", 1);
	setenv("RATE_BURST", "1000", 1);
	setenv("RELAY_POLL_MS", POLL_MS, 1);
	setenv("TICKETRAIL_CRASH_DIR", relays.dir, 1);
	setenv("RELAY_TEST", "1", 1);
}

struct relay_process
relay_start(const char *lease_ms, bool is_once)
{
	static int nth;
	struct relay_process r;
	int ready[2];

	(void)snprintf(r.log, sizeof r.log, "%s/relay%d.log", relays.dir, nth++);
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

bool
relay_is_ready(struct relay_process *r)
{
	struct pollfd fd = { .fd = r->ready_fd, .events = POLLIN };
	char said = 0;
	bool is_ready =
	    poll(&fd, 1, WAIT_MS) == 1 && read(r->ready_fd, &said, 1) == 1 && said == 'R';

	close(r->ready_fd);
	return is_ready;
}

int
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

int
relay_stop(const struct relay_process *r)
{
	kill(r->pid, SIGTERM);
	return relay_wait(r);
}

struct relay_process
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
void
relays_put(const char *destination, int64_t lane, const char *path)
{
	char lane_text[24] = "NULL";

	if (lane != 0)
		(void)snprintf(lane_text, sizeof lane_text, "%lld", (long long)lane);
	world_sql("INSERT INTO outbox (runner, kind, destination, lane, payload, due_at, trace_id, "
		  "created_at) VALUES"
		  " ('relay', 'pos_submit', '%s', %s, 'http://127.0.0.1:%d%s', UTC_TIMESTAMP(6),"
		  " '0123456789abcdef0123456789abcdef', UTC_TIMESTAMP(6))",
	    destination, lane_text, relays.hostile.port, path);
}

void
relays_fresh(void)
{
	world_sql("DELETE FROM outbox");
	world_sql("DELETE FROM outbox_done");
	relays.hostile.seen->requests = relays.hostile.seen->effects = relays.hostile.seen->connections = 0;
	relays.hostile.seen->most_under_way = relays.hostile.seen->under_way = 0;
}

void
relays_crash(const char *name)
{
	char path[96];

	(void)snprintf(path, sizeof path, "%s/%s", relays.dir, name);
	close(open(path, O_WRONLY | O_CREAT, 0600));
}

int
relays_main(int argc, char **argv, void (*tests)(void))
{
	char clean[64];

	if (getenv("RELAY_TEST") != NULL)
		return relay_main(argc, argv);
	if (mkdtemp(relays.dir) == NULL)
		abort();
	/* before the world: its processes would hold the world's pipes open */
	relays.hostile = hostile_start();
	world_begin();
	config_set();
	tests();
	(void)snprintf(clean, sizeof clean, "exec rm -rf %s", relays.dir);
	if (getenv("TICKETRAIL_KEEP") == NULL) {
		pid_t pid = fork();

		if (pid == 0)
			execl("/bin/sh", "sh", "-c", clean, (char *)NULL);
		waitpid(pid, NULL, 0);
	}
	return tap_done();
}
