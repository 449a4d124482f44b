/*
 * The jobs on a real database: the program itself, with the handlers it has. What a handler does to
 * an order is its own test's affair.
 */
#define _GNU_SOURCE /* pipe2 */
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

#include "between.h"
#include "op/clock.h"
#include "outbox/outbox.h"
#include "tap.h"
#include "world.h"

#define WAIT_MS 20000
#define POLL_MS "50"
#define KEY "1111111111111111111111111111111111111111111111111111111111111111"

static char dir[] = "/tmp/trailXXXXXX", program[300];

struct process {
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
log_has(const struct process *p, const char *needle)
{
	static char text[1 << 20];
	int fd = open(p->log, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	return strstr(text, needle) != NULL;
}

static void
config_set(void)
{
	struct db_options o = world_options(PROGRAM_jobs);

	setenv("DB_SOCKET", o.socket, 1);
	setenv("DB_NAME", o.database, 1);
	setenv("DB_USER", o.user, 1);
	setenv("DB_PASSWORD", o.password, 1);
	setenv("RUN_DIR", dir, 1);
	setenv("HASH_KEY", KEY, 1);
	setenv("RELAY_PUBLIC_KEY", KEY, 1);
	setenv("RELAY_POLL_MS", POLL_MS, 1);
	setenv("TICKETRAIL_CRASH_DIR", dir, 1);
}

static struct process
jobs_start(const char *option)
{
	static int nth;
	struct process p;
	int ready[2];

	(void)snprintf(p.log, sizeof p.log, "%s/jobs%d.log", dir, nth++);
	if (pipe2(ready, 0) != 0)
		abort();
	fflush(NULL);
	p.pid = fork();
	if (p.pid == 0) {
		char fd[12];

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		(void)dup2(open(p.log, O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
		(void)snprintf(fd, sizeof fd, "%d", ready[1]);
		setenv("READY_FD", fd, 1);
		execl(program, "jobs", option, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	p.ready_fd = ready[0];
	return p;
}

static bool
is_ready(struct process *p)
{
	struct pollfd fd = { .fd = p->ready_fd, .events = POLLIN };
	char said = 0;
	bool ready = poll(&fd, 1, WAIT_MS) == 1 && read(p->ready_fd, &said, 1) == 1 && said == 'R';

	close(p->ready_fd);
	return ready;
}

static int
process_wait(const struct process *p)
{
	int64_t until = now_ms() + WAIT_MS;
	int status;

	while (waitpid(p->pid, &status, WNOHANG) == 0) {
		if (now_ms() > until) {
			kill(p->pid, SIGKILL);
			waitpid(p->pid, &status, 0);
			return -1;
		}
		pause_ms(5);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int
process_stop(const struct process *p)
{
	kill(p->pid, SIGTERM);
	return process_wait(p);
}

static int
run_once(void)
{
	struct process p = jobs_start("--once");

	(void)is_ready(&p);
	return process_wait(&p);
}

/* An order that does not exist: its deadline is over as soon as it is looked at. */
static void
put(const char *kind, const char *destination)
{
	world_sql("INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, "
		  "due_at, trace_id, created_at) VALUES"
		  " ('jobs', '%s', '%s', 1, 999999, UTC_TIMESTAMP(6), "
		  "'0123456789abcdef0123456789abcdef', UTC_TIMESTAMP(6))",
	    kind, destination);
}

static void
fresh(void)
{
	world_sql("DELETE FROM outbox");
	world_sql("DELETE FROM outbox_done");
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

static void
test_work(void)
{
	struct process p;

	fresh();
	setenv("RELAY_POLL_MS", "60000", 1);
	p = jobs_start(NULL);
	setenv("RELAY_POLL_MS", POLL_MS, 1);
	ok(is_ready(&p), "the jobs say when they are ready");
	put("pos_deadline", "orders");
	outbox_poke(dir, RUNNER_JOBS, 1);
	ok(reaches(DONE_N, 1), "ARC-06 a due job is done at a poke, long before they look by themselves");
	for (int i = 0; i < 100; i++)
		put(i % 2 == 0 ? "pos_proof" : "pos_compensate", i % 3 == 0 ? "orders" : "others");
	outbox_poke(dir, RUNNER_JOBS, 1);
	ok(reaches(DONE_N, 101), "and a hundred");
	is_int(world_int(LEFT_N), 0, "nothing is left");
	ok(log_has(&p, "\"event\":\"job\""), "each is a line in the log");
	is_int(process_stop(&p), 0, "TERM ends it");
}

static void
test_once(void)
{
	fresh();
	is_int(run_once(), 0, "--once ends when nothing is due");
	for (int i = 0; i < 40; i++)
		put("pos_deadline", "orders");
	world_sql("UPDATE outbox SET due_at = '2100-01-01' ORDER BY id LIMIT 1");
	is_int(run_once(), 0, "--once ends");
	is_int(world_int(DONE_N), 39, "when everything due is done");
	is_int(world_int(LEFT_N), 1, "and leaves what is not due");
}

static void
test_failing(void)
{
	struct process p;

	fresh();
	put("no_such_kind", "orders");
	put("pos_deadline", "orders");
	is_int(run_once(), 0, "a kind of another version");
	is_int(world_int(LEFT_N " WHERE attempts = 0 AND owner = 0 AND due_at > UTC_TIMESTAMP(6)"),
	    1, "is left for later");
	is_int(world_int(DONE_N), 1, "and the others proceed");
	fresh();
	p = jobs_start(NULL);
	(void)is_ready(&p);
	world_sql("RENAME TABLE orders TO orders_gone");
	put("pos_deadline", "orders");
	ok(reaches(LEFT_N
	       " WHERE attempts = 1 AND owner = 0 AND begun_at IS NULL AND last_error IS NOT NULL"
	       " AND due_at > UTC_TIMESTAMP(6)",
	       1),
	    "a job that fails is delayed");
	ok(log_has(&p, "job_failed"), "with an error in the log");
	world_sql("RENAME TABLE orders_gone TO orders");
	ok(reaches(DONE_N, 1), "and tried again");
	is_int(process_stop(&p), 0, "stopped");
}

static void
test_poison(void)
{
	fresh();
	put("pos_deadline", "orders");
	for (int i = 0; i < OUTBOX_LOST_CLAIMS_MAX + 1; i++) {
		crash_file("kill.job.before_commit");
		is_int(run_once(), 1000 + SIGKILL, "F48 a job that kills whoever takes it");
		if (world_int("SELECT COALESCE(MAX(lost_claims), 0) FROM outbox") ==
		    OUTBOX_LOST_CLAIMS_MAX - 1)
			break;
	}
	put("pos_proof", "orders");
	is_int(run_once(), 0, "F48 is not taken once more");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done WHERE outcome = 'DEAD' AND kind = "
			 "'pos_deadline'"),
	    1, "F48 it is set aside");
	is_int(world_int(DONE_N), 1, "F48 and the others proceed");
}

static void
test_killed(void)
{
	static const char *const points[] = { "outbox_claim.before_take",
		"outbox_claim.after_commit", "job.before_commit", "db.before_commit",
		"db.after_commit" };
	char name[96];

	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		fresh();
		put("pos_deadline", "orders");
		(void)snprintf(name, sizeof name, "kill.%s", points[i]);
		crash_file(name);
		is_int(run_once(), 1000 + SIGKILL, "F03 killed at %s", points[i]);
		is_int(run_once(), 0, "F03 the next one comes");
		ok(world_int(DONE_N) == 1 && world_int(LEFT_N) == 0, "F03 and it is done once");
	}
}

/* As the relay's: the second COMMIT is the job's. */
static void
test_commit_lost(void)
{
	struct db_options o = world_options(PROGRAM_jobs);
	struct process p;
	char path[64];

	fresh();
	(void)snprintf(path, sizeof path, "%s/between.sock", dir);
	between_start(path, o.socket);
	setenv("DB_SOCKET", path, 1);
	p = jobs_start(NULL);
	(void)is_ready(&p);
	between_cut(CUT_AFTER, 1);
	put("pos_deadline", "orders");
	ok(reaches(DONE_N, 1), "F11 a job whose COMMIT got no answer is done");
	put("pos_deadline", "orders");
	ok(reaches(DONE_N, 2), "F11 and the next");
	is_int(between_waits_for(), CUT_NOTHING, "F11 it was cut");
	is_int(process_stop(&p), 0, "stopped");
	ok(!log_has(&p, "claim_passed_on") && !log_has(&p, "job_failed"),
	    "F11 it is taken for neither failed nor somebody else's");
	setenv("DB_SOCKET", o.socket, 1);
}

static void
test_database(void)
{
	struct process p;

	fresh();
	p = jobs_start(NULL);
	(void)is_ready(&p);
	world_server_kill();
	pause_ms(300);
	world_server_start();
	put("pos_deadline", "orders");
	ok(reaches(DONE_N, 1), "F09 when the database is back, so are the jobs");
	is_int(process_stop(&p), 0, "stopped");
}

int
main(void)
{
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 16);
	char *at;

	if (len <= 0 || mkdtemp(dir) == NULL)
		abort();
	/* build/VARIANT/t/615_jobs stands beside build/VARIANT/jobs */
	program[len] = '\0';
	for (int i = 0; i < 2 && (at = strrchr(program, '/')) != NULL; i++)
		*at = '\0';
	(void)snprintf(program + strlen(program), 16, "/jobs");
	world_begin();
	config_set();
	test_work();
	test_once();
	test_failing();
	test_poison();
	test_killed();
	test_commit_lost();
	test_database();
	if (getenv("TICKETRAIL_KEEP") == NULL) {
		pid_t pid = fork();

		if (pid == 0)
			execl("/bin/rm", "rm", "-rf", dir, (char *)NULL);
		waitpid(pid, NULL, 0);
	}
	return tap_done();
}
