/*
 * pool: the master of one pool of workers.
 *
 *	pool --name orders --socket /run/ticketrail/orders.sock --workers 4 -- build/release/orders
 *	pool --reload PID
 *
 * It owns the listening socket (or takes the one systemd passes), starts the workers with that
 * socket as fd 0, starts a dead one again, and on SIGHUP replaces them one by one: a new worker
 * must say that it is ready before the old one is told to finish its request and leave. The first
 * one must also live a moment beside the old one. One that dies or is not ready in time leaves the
 * old one serving, and the slots behind it are not touched: a bad binary or configuration costs
 * nothing. --reload asks a master for that, waits, and says by its exit status what became of it.
 *
 * A worker says 'R' on the descriptor named by READY_FD; the master tells its own starter the same
 * when every worker is ready for the first time (process/starter.h). Workers ask for SIGTERM should
 * the master die (PR_SET_PDEATHSIG), so none is ever left without a master.
 *
 * It reads no configuration and opens no database: it must outlive a wrong one. How many workers
 * the configuration wants, it hears from them: without --workers (or WORKERS in the environment)
 * it starts one, and then as many as that one says; a reload follows the number.
 */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log/log.h"
#include "process/asker.h"
#include "process/listener.h"
#include "process/starter.h"

#define WORKERS_MAX 64
#define LEAVING_MAX (4 * WORKERS_MAX)
#define READY_WITHIN_S 10      /* a replacement that takes longer is given up */
#define PROVE_MS 100           /* the first replacement must live so long after it said 'R' */
#define DRAIN_MS 25000         /* then SIGKILL: all are gone before systemd's 30 s are over */
#define STEADY_MS 1000         /* a worker that lived this long was no crash loop */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 10000
#define WORKER_READY_FD 3
#define EXIT_CONFIG 78         /* sysexits.h EX_CONFIG: no use in starting it again */

#define NEVER (INT64_MAX / 1000)

struct worker {
	pid_t pid;     /* 0: none */
	int ready_fd;  /* read end; -1 once it spoke or closed it */
	bool is_ready;
	int workers_n; /* how many of it there should be, as it read; 0: it did not say */
	int64_t started_ms;
};

/* The old one serves until the next one is ready. */
struct slot {
	struct worker worker, next;
	int64_t spawn_at_ms; /* when a dead worker is started again; NEVER with a live one */
	int64_t died_ms;     /* when the one before died unasked; 0: it did not */
	unsigned failures;   /* deaths in a row that came too soon */
};

static const struct slot no_slot = {
	.worker.ready_fd = -1, .next.ready_fd = -1, .spawn_at_ms = NEVER
};

/* A worker told to go. */
struct leaver {
	pid_t pid;
	int64_t kill_at_ms;
};

struct master {
	const char *name, *socket_path;
	char **argv; /* of the worker */
	int workers_n;
	bool is_told_workers; /* nobody fixed the number: the workers say it */
	int64_t ready_within_ms;
	struct starter starter;
	struct askers askers;
	struct listener listener;
	int signals;
	struct slot slots[WORKERS_MAX];
	struct leaver leavers[LEAVING_MAX];
	int leavers_n;
	int reload_slot; /* being replaced; -1: no reload under way */
	int64_t reload_began_ms;
	int64_t proved_at_ms; /* when its first replacement has lived long enough: */
	bool is_proved;       /* it has */
	bool wants_reload, is_announced, is_stopping;
	int exit_status;
};

static int64_t
now_ms(void)
{
	struct timespec t;

	/*
	 * Suspended time counts: a worker that slept through its ready time is late all the same.
	 */
	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- workers ---------------------------------------------------------------------------------- */

static void
env_number(const char *name, int value)
{
	char text[16];

	if (snprintf(text, sizeof text, "%d", value) < 0 || setenv(name, text, 1) != 0)
		_exit(EXIT_FAILURE);
}

/*
 * In the child: becomes the worker. Only what is inherited on purpose is open: all else is
 * close-on-exec.
 */
static void __attribute__((noreturn))
worker_become(const struct master *m, int slot, bool is_replacement, int ready_fd, pid_t parent)
{
	sigset_t none;

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE); /* the master died before it could be watched */
	if (dup2(m->listener.fd, STDIN_FILENO) < 0)
		_exit(EXIT_FAILURE);
	if (ready_fd == WORKER_READY_FD ? fcntl(ready_fd, F_SETFD, 0) != 0
					: dup2(ready_fd, WORKER_READY_FD) < 0)
		_exit(EXIT_FAILURE);
	env_number("READY_FD", WORKER_READY_FD);
	env_number("COUNTER_SLOT", slot);
	env_number("REPLACES", is_replacement);
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	(void)signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(m->argv[0], m->argv);
	fprintf(stderr, "pool: cannot run %s: %s\n", m->argv[0], strerror(errno));
	_exit(127);
}

/* Starts one. A machine that cannot fork just now is a worker that died at once. */
static bool
worker_start(struct master *m, int slot, struct worker *w)
{
	pid_t parent = getpid(), pid;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	pid = fork();
	if (pid == 0)
		worker_become(m, slot, w == &m->slots[slot].next, fds[1], parent);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return false;
	}
	*w = (struct worker){ .pid = pid, .ready_fd = fds[0], .started_ms = now_ms() };
	return true;
}

static void
worker_forget(struct worker *w)
{
	if (w->pid != 0 && w->ready_fd >= 0)
		close(w->ready_fd);
	*w = (struct worker){ .ready_fd = -1 };
}

/* Tells a worker to finish what it does and go. */
static void
worker_dismiss(struct master *m, struct worker *w)
{
	if (w->pid == 0)
		return;
	(void)kill(w->pid, SIGTERM);
	if (m->leavers_n < LEAVING_MAX)
		m->leavers[m->leavers_n++] = (struct leaver){ w->pid, now_ms() + DRAIN_MS };
	else
		(void)kill(w->pid, SIGKILL);
	worker_forget(w);
}

static int64_t
backoff_ms(unsigned failures)
{
	int64_t ms = BACKOFF_FIRST_MS;

	if (failures <= 1)
		return 0; /* a single death is repaired at once */
	for (unsigned i = 2; i < failures && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

static void
slot_spawn(struct master *m, int i)
{
	struct slot *s = &m->slots[i];

	s->spawn_at_ms = NEVER;
	if (!worker_start(m, i, &s->worker)) {
		s->failures++;
		s->spawn_at_ms = now_ms() + BACKOFF_FIRST_MS;
	}
}

/*
 * The number that a worker read in its configuration. Those that are too many finish their request
 * and go; in a reload, its next steps start those that are missing.
 */
static void
workers_become(struct master *m, int n)
{
	if (!m->is_told_workers || n == 0 || n == m->workers_n)
		return;
	for (int i = n; i < m->workers_n; i++) {
		worker_dismiss(m, &m->slots[i].worker);
		m->slots[i] = no_slot;
	}
	for (int i = m->workers_n; i < n && m->reload_slot < 0; i++)
		slot_spawn(m, i);
	m->workers_n = n;
}

/* --- reload ----------------------------------------------------------------------------------- */

static void
reload_end(struct master *m, bool good, const char *why)
{
	m->reload_slot = -1;
	starter_tell(&m->starter, "%s",
	    good ? "READY=1\nSTATUS=" : "READY=1\nSTATUS=reload failed, the old workers serve on");
	if (good)
		log_event(
		    LOG_LEVEL_INFO, "pool_reloaded", NULL, LOG_FIELDS(LOG_TEXT("pool", m->name)));
	else
		log_event(LOG_LEVEL_ERROR, "pool_reload_failed", NULL,
		    LOG_FIELDS(LOG_TEXT("pool", m->name), LOG_TEXT("why", why)));
	askers_answer(&m->askers, good);
}

/* Starts the replacement of the next slot, or ends the reload behind the last one. */
static void
reload_step(struct master *m, int slot)
{
	struct slot *s;

	if (slot >= m->workers_n) {
		reload_end(m, true, NULL);
		return;
	}
	m->reload_slot = slot;
	s = &m->slots[slot];
	if (s->worker.pid == 0) {
		/* Nothing to keep alive: the new one simply becomes the slot's worker. */
		slot_spawn(m, slot);
		reload_step(m, slot + 1);
	} else if (!worker_start(m, slot, &s->next))
		reload_end(m, false, "cannot start a process");
}

static void
reload_give_up(struct master *m, const char *why)
{
	worker_dismiss(m, &m->slots[m->reload_slot].next);
	reload_end(m, false, why);
}

/* The replacement of the slot at hand becomes its worker. */
static void
reload_replace(struct master *m)
{
	struct slot *s = &m->slots[m->reload_slot];
	struct worker fresh = s->next;

	s->next = (struct worker){ .ready_fd = -1 };
	worker_dismiss(m, &s->worker);
	s->worker = fresh;
	s->failures = 0;
	m->is_proved = true;
	workers_become(m, fresh.workers_n);
	reload_step(m, m->reload_slot + 1);
}

static void
reload_begin(struct master *m)
{
	/* Before the first ready there is nothing worth keeping: it waits until then. */
	if (!m->wants_reload || !m->is_announced || m->reload_slot >= 0 || m->is_stopping)
		return;
	m->wants_reload = false;
	m->is_proved = false;
	m->reload_began_ms = now_ms();
	starter_reloading(&m->starter);
	askers_begin(&m->askers);
	reload_step(m, 0);
}

/* --- what happens ----------------------------------------------------------------------------- */

static void
announce(struct master *m)
{
	for (int i = 0; i < m->workers_n; i++)
		if (!m->slots[i].worker.is_ready)
			return;
	m->is_announced = true;
	log_event(LOG_LEVEL_INFO, "pool_ready", NULL,
	    LOG_FIELDS(LOG_TEXT("pool", m->name), LOG_I64("workers", m->workers_n)));
	if (!starter_ready(&m->starter, 0))
		log_event(LOG_LEVEL_WARN, "pool_ready_unheard", NULL,
		    LOG_FIELDS(LOG_TEXT("pool", m->name)));
}

/* What stands behind the R; 0 if that is no number of workers. */
static int
workers_n_of(const char *digits)
{
	long n = strtol(digits, NULL, 10);

	return n >= 1 && n <= WORKERS_MAX ? (int)n : 0;
}

static void
worker_spoke(struct master *m, int i, struct worker *w)
{
	struct slot *s = &m->slots[i];
	char said[24] = "";
	ssize_t n = read(w->ready_fd, said, sizeof said - 1);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	close(w->ready_fd);
	w->ready_fd = -1;
	w->is_ready = n > 0 && said[0] == 'R';
	if (!w->is_ready) {
		(void)kill(w->pid, SIGKILL); /* it will never say it: its death settles the rest */
		return;
	}
	w->workers_n = workers_n_of(said + 1);
	if (w == &s->next && !m->is_proved)
		m->proved_at_ms = now_ms() + PROVE_MS; /* see reload_work() */
	else if (w == &s->next)
		reload_replace(m);
	else if (!m->is_announced) {
		workers_become(m, w->workers_n);
		announce(m);
	} else if (s->died_ms != 0) {
		log_event(LOG_LEVEL_INFO, "worker_back", NULL,
		    LOG_FIELDS(LOG_TEXT("pool", m->name), LOG_I64("slot", i),
			LOG_I64("pause_ms", backoff_ms(s->failures)),
			LOG_I64("after_ms", now_ms() - s->died_ms)));
		s->died_ms = 0;
	}
}

static void
stop_begin(struct master *m)
{
	if (m->is_stopping)
		return;
	m->is_stopping = true;
	m->reload_slot = -1;
	starter_tell(&m->starter, "STOPPING=1");
	listener_close(&m->listener);
	for (int i = 0; i < m->workers_n; i++) {
		m->slots[i].spawn_at_ms = NEVER;
		worker_dismiss(m, &m->slots[i].worker);
		worker_dismiss(m, &m->slots[i].next);
	}
}

static void
death_log(const struct master *m, int slot, pid_t pid, int status)
{
	log_event(LOG_LEVEL_ERROR, "worker_died", NULL,
	    LOG_FIELDS(LOG_TEXT("pool", m->name), LOG_I64("slot", slot), LOG_I64("pid", pid),
		LOG_I64("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
		LOG_I64("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0)));
}

static const char died_ready[] = "a new worker died after it had said that it was ready",
		  died_unready[] = "the new worker ended before it was ready";

/* The very first start cannot work: no use in trying again. */
static bool
is_hopeless(const struct master *m, int status)
{
	return !m->is_announced && WIFEXITED(status) &&
	    (WEXITSTATUS(status) == EXIT_CONFIG || WEXITSTATUS(status) == 127);
}

/* The worker of a slot died without being told to. */
static void
slot_died(struct master *m, int i, int status)
{
	struct slot *s = &m->slots[i];
	struct worker dead = s->worker;
	bool was_steady = dead.is_ready && now_ms() - dead.started_ms >= STEADY_MS;

	worker_forget(&s->worker);
	if (is_hopeless(m, status)) {
		m->exit_status = WEXITSTATUS(status); /* for whoever started us */
		stop_begin(m);
		return;
	}
	if (s->next.pid != 0) {
		/* Its replacement is on the way; there is nothing to fall back to. */
		s->worker = s->next;
		s->next = (struct worker){ .ready_fd = -1 };
		reload_step(m, i + 1);
		return;
	}
	if (m->reload_slot >= 0 && dead.started_ms >= m->reload_began_ms)
		reload_give_up(m, dead.is_ready ? died_ready : died_unready);
	s->died_ms = now_ms();
	s->failures = was_steady ? 1 : s->failures + 1;
	s->spawn_at_ms = s->died_ms + backoff_ms(s->failures);
}

static void
reap(struct master *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < m->leavers_n; i++)
			if (m->leavers[i].pid == pid) {
				m->leavers[i] = m->leavers[--m->leavers_n];
				break;
			}
		for (int i = 0; i < m->workers_n; i++)
			if (m->slots[i].worker.pid == pid) {
				death_log(m, i, pid, status);
				slot_died(m, i, status);
			} else if (m->slots[i].next.pid == pid) {
				death_log(m, i, pid, status);
				reload_end(m, false, m->slots[i].next.is_ready ? died_ready
									       : died_unready);
				worker_forget(&m->slots[i].next);
			}
	}
}

static void
signals_read(struct master *m)
{
	struct signalfd_siginfo si;

	while (read(m->signals, &si, sizeof si) == (ssize_t)sizeof si) {
		if (si.ssi_signo == SIGCHLD)
			reap(m);
		else if (si.ssi_signo == (uint32_t)ASKER_SIGNAL) {
			askers_add(&m->askers, (pid_t)si.ssi_pid);
			m->wants_reload = true;
		} else if (si.ssi_signo == SIGHUP)
			m->wants_reload = true;
		else
			stop_begin(m);
	}
}

/* What is due of a reload; the time of what is due next. */
static int64_t
reload_work(struct master *m, int64_t now)
{
	const struct worker *fresh;
	int64_t until;

	if (m->reload_slot < 0)
		return NEVER;
	fresh = &m->slots[m->reload_slot].next;
	until = fresh->is_ready ? m->proved_at_ms : fresh->started_ms + m->ready_within_ms;
	if (until > now)
		return until;
	reap(m); /* we may have been asleep ourselves: a dead one proves nothing */
	if (m->reload_slot < 0 || fresh->pid == 0)
		return now;
	if (fresh->is_ready)
		reload_replace(m);
	else
		reload_give_up(m, "the new worker was not ready in time");
	return now;
}

/* Does what is due and returns the time of what is due next. */
static int64_t
clock_work(struct master *m)
{
	int64_t now = now_ms(), next = reload_work(m, now), alive_us;

	alive_us = starter_alive(&m->starter, now * 1000);
	if (alive_us / 1000 < next)
		next = alive_us / 1000 + 1;
	for (int i = 0; i < m->leavers_n; i++) {
		struct leaver *l = &m->leavers[i];

		if (l->kill_at_ms <= now) {
			(void)kill(l->pid, SIGKILL);
			l->kill_at_ms = NEVER;
		}
		next = l->kill_at_ms < next ? l->kill_at_ms : next;
	}
	for (int i = 0; i < m->workers_n; i++) {
		if (m->slots[i].spawn_at_ms <= now)
			slot_spawn(m, i);
		next = m->slots[i].spawn_at_ms < next ? m->slots[i].spawn_at_ms : next;
	}
	return next;
}

static void
wait_for_something(struct master *m, int64_t until)
{
	struct pollfd fds[1 + 2 * WORKERS_MAX] = { { .fd = m->signals, .events = POLLIN } };
	int64_t ms = until == NEVER ? -1 : until - now_ms();

	/* poll() passes over negative descriptors. */
	for (int i = 0; i < m->workers_n; i++) {
		const struct slot *s = &m->slots[i];

		fds[1 + 2 * i] =
		    (struct pollfd){ s->worker.pid ? s->worker.ready_fd : -1, POLLIN, 0 };
		fds[2 + 2 * i] = (struct pollfd){ s->next.pid ? s->next.ready_fd : -1, POLLIN, 0 };
	}
	if (until != NEVER && ms < 0)
		ms = 0;
	if (poll(fds, 1 + 2 * (nfds_t)m->workers_n, (int)ms) <= 0)
		return;
	/* Readiness before deaths: a worker that said 'R' and died was ready. */
	for (int i = 0; i < m->workers_n; i++) {
		struct slot *s = &m->slots[i];

		if (fds[2 + 2 * i].revents != 0 && s->next.pid != 0 &&
		    s->next.ready_fd == fds[2 + 2 * i].fd)
			worker_spoke(m, i, &s->next);
		else if (fds[1 + 2 * i].revents != 0 && s->worker.ready_fd == fds[1 + 2 * i].fd)
			worker_spoke(m, i, &s->worker);
	}
	if (fds[0].revents != 0)
		signals_read(m);
}

/* --- start ------------------------------------------------------------------------------------ */

static void __attribute__((noreturn))
usage(void)
{
	fputs("usage: pool --name NAME --socket PATH [--workers N] [--ready-within SECONDS]"
	      " -- PROGRAM [ARGS]\n"
	      "       pool --reload PID\n",
	    stderr);
	exit(64);
}

static int
number_read(const char *text, const char *what, int max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 1 || n > max) {
		fprintf(stderr, "pool: %s must be between 1 and %d\n", what, max);
		exit(EXIT_CONFIG);
	}
	return (int)n;
}

static void
arguments_read(struct master *m, int argc, char **argv)
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "socket", required_argument, NULL, 's' },
		{ "workers", required_argument, NULL, 'w' },
		{ "ready-within", required_argument, NULL, 'r' },
		{ "reload", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	const char *workers = getenv("WORKERS");
	int c;

	m->ready_within_ms = READY_WITHIN_S * INT64_C(1000);
	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (c == 'n')
			m->name = optarg;
		else if (c == 's')
			m->socket_path = optarg;
		else if (c == 'w')
			workers = optarg;
		else if (c == 'r')
			m->ready_within_ms =
			    number_read(optarg, "--ready-within", 3600) * INT64_C(1000);
		else if (c == 'a')
			exit(asker_run(number_read(optarg, "PID", INT_MAX)));
		else
			usage();
	}
	m->is_told_workers = workers == NULL;
	m->workers_n = workers != NULL ? number_read(workers, "WORKERS", WORKERS_MAX) : 1;
	m->argv = argv + optind;
	if (m->name == NULL || m->argv[0] == NULL)
		usage();
}

/*
 * The descriptors 0, 1 and 2 are taken in any case, so that no socket of ours ever gets one of
 * their numbers.
 */
static void
standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int
signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, ASKER_SIGNAL);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
main(int argc, char **argv)
{
	static struct master m = { .reload_slot = -1, .exit_status = EXIT_SUCCESS };
	int status;

	arguments_read(&m, argc, argv);
	log_init("pool", LOG_LEVEL_INFO, NULL);
	standard_descriptors();
	starter_find(&m.starter);
	(void)signal(SIGPIPE, SIG_IGN); /* a starter that has gone is told by the write */
	if ((m.signals = signals_open()) < 0)
		abort();
	if ((status = listener_open("pool", m.socket_path, &m.listener)) != 0)
		return status;
	if (m.listener.fd < 0)
		usage();
	for (int i = 0; i < WORKERS_MAX; i++)
		m.slots[i] = no_slot;
	for (int i = 0; i < m.workers_n; i++)
		slot_spawn(&m, i);
	while (!m.is_stopping || m.leavers_n > 0) {
		reload_begin(&m);
		wait_for_something(&m, clock_work(&m));
	}
	askers_begin(&m.askers);
	askers_answer(&m.askers, false);
	log_event(LOG_LEVEL_INFO, "pool_stopped", NULL, LOG_FIELDS(LOG_TEXT("pool", m.name)));
	return m.exit_status;
}
