#include "relay/shift.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log/log.h"
#include "metric/counter.h"
#include "op/clock.h"
#include "process/privacy.h"

#define SECOND_US INT64_C(1000000)
#define STOP_US (25 * SECOND_US) /* systemd waits for 30 s */
#define TAKEOVER_US                                                                                \
	SECOND_US         /* with the poll, a dead claimer's messages run elsewhere within two */
#define POKE_US SECOND_US /* how often a poke socket that another had is looked at */
#define DATABASE_FIRST_US (SECOND_US / 20)
#define DATABASE_MAX_US (2 * SECOND_US)
#define BEAT_AGAIN_US (SECOND_US / 4) /* after one that was not heard */
#define LOCK_WAIT_S 1                 /* the least that both servers know */
#define BUDGET_MS 500                 /* deadlocks are over at once; what waits a second waits its turn */
#define TIMEOUT_MIN_S 2
#define ONCE_PATIENCE_US (10 * SECOND_US) /* with --once, for a database */
#define EX_USAGE 64
#define EX_TEMPFAIL 75

/* --- telling ---------------------------------------------------------------------------------- */

static void
announce(struct shift *s)
{
	if (!starter_ready(&s->starter, 0))
		log_event(LOG_LEVEL_WARN, "ready_unheard", NULL, LOG_NO_FIELDS);
}

void
shift_complain(const char *event, const struct op *op, const struct message *m)
{
	const struct fault *f = &op->fault;

	log_event(LOG_LEVEL_ERROR, event, m != NULL ? m->trace_id : op->trace_id,
	    LOG_FIELDS(LOG_TEXT("fault", err_info(f->code)->name),
		LOG_TEXT("sentence", f->sentence), LOG_TEXT("internal", f->internal),
		LOG_TEXT("file", f->file), LOG_I64("line", f->line),
		LOG_I64("message", m != NULL ? m->id : 0),
		LOG_TEXT("kind", m != NULL ? m->kind_name : NULL),
		LOG_TEXT("destination", m != NULL ? m->destination : NULL)));
}

/* --- the poke socket -------------------------------------------------------------------------- */

/* Does somebody listen there? An abandoned file refuses. */
static bool
poke_is_served(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_served = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;

	if (fd >= 0)
		close(fd);
	return is_served;
}

/*
 * Bound beside the path and renamed over it: a path that exists is served, but for one whose owner
 * died.
 */
static int
poke_bind(const struct sockaddr_un *at, uint64_t *ret_inode)
{
	struct sockaddr_un beside = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, n;

	n = snprintf(beside.sun_path, sizeof beside.sun_path, "%s.%d", at->sun_path, (int)getpid());
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n < 0 || (size_t)n >= sizeof beside.sun_path || fd < 0)
		abort();
	(void)unlink(beside.sun_path);
	if (bind(fd, (const struct sockaddr *)&beside, sizeof beside) == 0 &&
	    chmod(beside.sun_path, 0666) == 0 && stat(beside.sun_path, &st) == 0 &&
	    rename(beside.sun_path, at->sun_path) == 0) {
		*ret_inode = st.st_ino;
		return fd;
	}
	log_event(LOG_LEVEL_WARN, "not_poked", NULL,
	    LOG_FIELDS(LOG_TEXT("path", at->sun_path), LOG_TEXT("why", strerror(errno))));
	(void)unlink(beside.sun_path);
	close(fd);
	return -1;
}

static bool
poke_path(const struct shift *s, struct sockaddr_un *ret_at)
{
	int n;

	*ret_at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(ret_at->sun_path, sizeof ret_at->sun_path, "%s/%s.poke", s->config.run_dir,
	    runner_name(s->runner));
	return n > 0 && (size_t)n < sizeof ret_at->sun_path;
}

/* One of several has it; when that one has gone, another takes it. */
static void
poke_take(struct shift *s, int64_t now_us)
{
	struct sockaddr_un at;

	if (s->pokes >= 0 || now_us < s->poke_at_us)
		return;
	s->poke_at_us = now_us + POKE_US;
	if (poke_path(s, &at) && !poke_is_served(&at))
		s->pokes = poke_bind(&at, &s->poke_inode);
}

static void
poke_end(struct shift *s)
{
	struct sockaddr_un at;
	struct stat st;

	if (s->pokes < 0)
		return;
	if (poke_path(s, &at) && stat(at.sun_path, &st) == 0 && st.st_ino == s->poke_inode)
		(void)unlink(at.sun_path);
	close(s->pokes);
	s->pokes = -1;
}

/* Whatever they say, whoever is poked looks; and at what they name first of all. */
static void
poke_drain(struct shift *s)
{
	char text[24];
	ssize_t n;

	while (s->pokes >= 0 && (n = recv(s->pokes, text, sizeof text - 1, MSG_DONTWAIT)) >= 0) {
		text[n] = '\0';
		outbox_places_poked(&s->places, strtoll(text, NULL, 10));
		s->is_poked = true;
		s->is_idle = false;
	}
}

/* --- beginning and end ------------------------------------------------------------------------ */

static int
signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN); /* a connection that ended is told by its write */
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
log_begin(const struct shift *s)
{
	enum log_level level = LOG_LEVEL_INFO;

	(void)log_level_parse(s->config.log_level, &level);
	log_init(runner_name(s->runner), level,
	    s->config.hash_key.is_set ? s->config.hash_key.bytes : NULL);
	if (counter_init(s->config.run_dir, runner_name(s->runner)) != OK)
		log_event(LOG_LEVEL_WARN, "not_counting", NULL,
		    LOG_FIELDS(
			LOG_TEXT("why", strerror(errno)), LOG_TEXT("run_dir", s->config.run_dir)));
}

/* Half a lease at most is waited for any answer. */
static struct db *
db_open_for(enum program program, const struct config *c)
{
	struct db_options o = db_options_of(program, c);
	unsigned half_s = (unsigned)(c->lease_ms / 2000);

	o.timeout_s = half_s > TIMEOUT_MIN_S ? half_s : TIMEOUT_MIN_S;
	o.lock_wait_s = LOCK_WAIT_S;
	o.budget_ms = BUDGET_MS;
	o.clock_kept_us = SECOND_US;
	return db_new(&o);
}

int
shift_begin(struct shift *s, enum runner runner, enum program program, int argc, char **argv)
{
	int status;

	*s = (struct shift){ .runner = runner, .program = program, .pokes = -1, .signals = -1 };
	outbox_places_begin(&s->places, runner);
	s->is_once = argc == 2 && strcmp(argv[1], "--once") == 0;
	if (argc != 1 && !s->is_once) {
		fprintf(stderr, "usage: %s [--once]\n", runner_name(runner));
		return EX_USAGE;
	}
	privacy_begin();
	starter_find(&s->starter);
	status = config_load(runner_name(runner), &s->config, stderr);
	if (status != 0)
		return status;
	if (sodium_init() < 0 || (s->signals = signals_open()) < 0)
		abort();
	log_begin(s);
	s->db = db_open_for(program, &s->config);
	s->lease_us = s->config.lease_ms * 1000;
	s->database_pause_us = DATABASE_FIRST_US;
	s->begun_us = clock_steady_us();
	poke_take(s, clock_steady_us());
	return 0;
}

static void
scan_end(struct shift *s)
{
	if (s->has_scan)
		op_end(&s->scan);
	s->has_scan = false;
	s->due_n = s->due_next = 0;
}

void
shift_end(struct shift *s)
{
	scan_end(s);
	outbox_places_end(&s->places);
	poke_end(s);
	if (s->signals >= 0)
		close(s->signals);
	db_free(&s->db);
	config_free(&s->config);
}

void
shift_op(struct shift *s, struct op *op, const char *trace_id)
{
	op_begin(op, s->db, SHIFT_ARENA_MAX, trace_id);
	op->config = &s->config;
	op->actor = (struct actor){ .kind = ACTOR_SYSTEM, .name = runner_name(s->runner) };
}

/* --- waiting and listening -------------------------------------------------------------------- */

void
shift_fds(const struct shift *s, int ret_fds[SHIFT_FDS_N])
{
	ret_fds[0] = s->signals;
	ret_fds[1] = s->pokes;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int
shift_wait_ms(const struct shift *s, bool may_begin)
{
	int64_t now = clock_steady_us(), at = now + SECOND_US;

	may_begin = may_begin && !s->is_stopping;
	if (s->has_no_database)
		at = sooner(at, s->database_at_us);
	else {
		at = sooner(at, s->beat_at_us);
		if (may_begin)
			at = sooner(at, s->has_scan || s->is_poked
					    ? now
					    : sooner(s->scan_at_us, s->takeover_at_us));
	}
	if (s->is_stopping && s->stop_at_us > now)
		at = sooner(at, s->stop_at_us);
	return at <= now ? 0 : (int)((at - now) / 1000 + 1);
}

void
shift_listen(struct shift *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (s->is_stopping || info.ssi_signo == SIGQUIT)
			s->is_hurried = true;
		if (!s->is_stopping) {
			s->is_stopping = true;
			s->stop_at_us = clock_steady_us() + STOP_US;
			starter_tell(&s->starter, "STOPPING=1");
			log_event(LOG_LEVEL_INFO, "stopping", NULL, LOG_NO_FIELDS);
		}
	}
	poke_take(s, clock_steady_us());
	poke_drain(s);
	(void)starter_alive(&s->starter, clock_steady_us());
}

/* --- the database ----------------------------------------------------------------------------- */

static void
database_lost(struct shift *s, const struct op *op)
{
	if (!s->has_no_database)
		log_event(LOG_LEVEL_ERROR, "database_unavailable", NULL,
		    LOG_FIELDS(LOG_TEXT("internal", op->fault.internal)));
	s->has_no_database = true;
	if (s->is_once && clock_steady_us() >= s->begun_us + ONCE_PATIENCE_US) {
		s->is_stopping = s->is_hurried = true;
		s->exit_status = EX_TEMPFAIL;
	}
	s->database_at_us = clock_steady_us() + s->database_pause_us;
	s->database_pause_us = sooner(s->database_pause_us * 2, DATABASE_MAX_US);
	scan_end(s);
}

bool
shift_has_lost(struct shift *s, const struct op *op, enum err e)
{
	if ((e != ERR_UNAVAILABLE && e != ERR_COMMIT_UNSURE) || shift_was_locked(op, e))
		return false;
	database_lost(s, op);
	return true;
}

bool
shift_was_locked(const struct op *op, enum err e)
{
	return e == ERR_UNAVAILABLE && db_was_locked(op);
}

bool
shift_database(struct shift *s, bool *ret_is_new)
{
	struct op op;
	enum err e;

	if (s->has_no_database && clock_steady_us() < s->database_at_us)
		return false;
	shift_op(s, &op, NULL);
	e = db_ready(&op);
	if (e != OK)
		database_lost(s, &op);
	op_end(&op);
	if (e != OK)
		return false;
	if (s->has_no_database)
		log_event(LOG_LEVEL_INFO, "database_back", NULL, LOG_NO_FIELDS);
	s->has_no_database = false;
	announce(s);
	*ret_is_new = s->connection_id != db_connection_id(s->db);
	return true;
}

bool
shift_beats(const struct shift *s, int64_t now_us)
{
	return now_us >= s->beat_at_us;
}

enum err
shift_beat(struct shift *s, const struct message *const *held, size_t n, bool *ret_is_held)
{
	uint64_t connection_id = db_connection_id(s->db);
	struct op op;
	enum err e;

	shift_op(s, &op, NULL);
	e = outbox_heartbeat(&op, held, n, s->lease_us, ret_is_held);
	if (e == OK) {
		s->connection_id = connection_id;
		s->beat_at_us = clock_steady_us() + s->lease_us / 4;
		s->database_pause_us = DATABASE_FIRST_US;
		if (s->is_unconfirmed)
			log_event(LOG_LEVEL_INFO, "leases_confirmed", NULL, LOG_NO_FIELDS);
		s->is_unconfirmed = false;
	} else {
		s->beat_at_us = clock_steady_us() + BEAT_AGAIN_US;
		if (db_connection_id(s->db) == 0)
			(void)shift_has_lost(s, &op, e);
		else if (!s->is_unconfirmed)
			shift_complain("leases_unconfirmed", &op, NULL);
		s->is_unconfirmed = true;
	}
	op_end(&op);
	return e;
}

void
shift_takeover(struct shift *s)
{
	int64_t now = clock_steady_us(), n = 0;
	struct op op;
	enum err e;

	if (now < s->takeover_at_us)
		return;
	s->takeover_at_us = now + TAKEOVER_US;
	shift_op(s, &op, NULL);
	e = db_now(&op);
	if (e == OK)
		e = outbox_takeover(&op, s->runner, &n);
	if (e != OK && !shift_has_lost(s, &op, e))
		shift_complain("takeover_failed", &op, NULL);
	if (n > 0) {
		log_event(LOG_LEVEL_WARN, "taken_over", NULL, LOG_FIELDS(LOG_I64("messages", n)));
		outbox_places_doubt(&s->places);
		shift_look(s);
	}
	op_end(&op);
}

/* --- what is due ------------------------------------------------------------------------------ */

static void
scan_begin(struct shift *s)
{
	enum err e;

	scan_end(s);
	s->is_poked = s->scan_claimed = false;
	s->scan_at_us = clock_steady_us() + s->config.relay_poll_ms * 1000;
	shift_op(s, &s->scan, NULL);
	s->has_scan = true;
	if (s->is_once) /* nobody comes again for what was overlooked */
		outbox_places_doubt(&s->places);
	e = outbox_due(&s->scan, &s->places, &s->due, &s->due_n);
	s->due_next = 0;
	if (e == OK)
		return;
	s->due_n = 0;
	if (!shift_has_lost(s, &s->scan, e)) {
		shift_complain("scan_failed", &s->scan, NULL);
		scan_end(s);
	}
}

const char *
shift_due(struct shift *s)
{
	/*
	 * The end of a walk is told once, whatever has come meanwhile: there is other work between
	 * two.
	 */
	if (s->has_scan && s->due_next == s->due_n) {
		s->is_idle = !s->scan_claimed;
		scan_end(s);
		return NULL;
	}
	if (!s->has_scan && (s->is_poked || clock_steady_us() >= s->scan_at_us))
		scan_begin(s);
	return s->due_next < s->due_n ? s->due[s->due_next++].destination : NULL;
}

void
shift_look(struct shift *s)
{
	s->scan_at_us = 0;
	s->is_idle = false;
}

void
shift_look_by(struct shift *s, int64_t at_us)
{
	s->scan_at_us = sooner(s->scan_at_us, at_us);
}

void
shift_claimed(struct shift *s)
{
	s->scan_claimed = true;
	s->is_idle = false; /* the walk may be over already */
}
