#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db/migrate.h"
#include "db/raw.h"
#include "log/log.h"

#define ARENA_MAX ((size_t)64 * 1024 * 1024)
#define START_MS 60000

static struct {
	char dir[32], socket[48];
	int keeper_in;    /* the keeper's orders; closed when this process ends, and that is the last order */
	int keeper_out;
	pid_t keeper;
	pid_t owner;      /* a forked child of the test is not the world's owner */
	struct raw *admin;
	struct db *dbs[PROGRAM__MAX];
	bool has_server, has_schema;
} world = { .keeper_in = -1 };

static void __attribute__((noreturn, format(printf, 1, 2)))
bail_out(const char *format, ...)
{
	va_list args;

	fputs("Bail out! world: ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	exit(1);
}

/* --- the keeper ---------------------------------------------------------------------------------------------- */

static pid_t
server_spawn(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	(void)!freopen("/dev/null", "r", stdin);
	(void)!freopen("/dev/null", "w", stdout);
	setenv("SOCKET", world.socket, 1);
	execl("/bin/sh", "sh", "t/mariadb.sh", "serve", world.dir, (char *)NULL);
	_exit(127);
}

static void
server_end(pid_t *pid)
{
	if (*pid > 0) {
		kill(-*pid, SIGKILL); /* the group: initialising has children */
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = -1;
}

/* Orders: 's' start, 'k' kill; each answered by itself. End of orders: the test is gone. */
static void __attribute__((noreturn))
keep(int in, int out)
{
	pid_t server = -1;
	char order;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	while (read(in, &order, 1) == 1) {
		server_end(&server);
		if (order == 's')
			server = server_spawn();
		if (write(out, &order, 1) != 1)
			break;
	}
	server_end(&server);
	execlp("rm", "rm", "-rf", world.dir, (char *)NULL);
	_exit(1);
}

static void
world_end(void)
{
	if (getpid() != world.owner)
		return;
	for (size_t p = 0; p < PROGRAM__MAX; p++)
		db_free(&world.dbs[p]);
	raw_close(&world.admin);
	close(world.keeper_in);
	close(world.keeper_out);
	waitpid(world.keeper, NULL, 0);
}

static void
keeper_start(void)
{
	int orders[2], answers[2];
	pid_t pid;

	(void)snprintf(world.dir, sizeof world.dir, "/tmp/trXXXXXX");
	if (mkdtemp(world.dir) == NULL)
		bail_out("%s: %s", world.dir, strerror(errno));
	(void)snprintf(world.socket, sizeof world.socket, "%s/s", world.dir);
	if (pipe2(orders, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0)
		bail_out("pipe: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		bail_out("fork: %s", strerror(errno));
	if (pid == 0) {
		close(orders[1]);
		close(answers[0]);
		close(STDOUT_FILENO); /* prove waits for its end */
		keep(orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	world.keeper_in = orders[1];
	world.keeper_out = answers[0];
	world.keeper = pid;
	world.owner = getpid();
	atexit(world_end);
}

static void
order(char what)
{
	char answer;

	if (write(world.keeper_in, &what, 1) != 1 || read(world.keeper_out, &answer, 1) != 1)
		bail_out("the keeper is gone");
}

/* --- the server ---------------------------------------------------------------------------------------------- */

static struct db_options
options_of(const char *user, const char *password, const char *database, enum program program)
{
	return (struct db_options){ .socket = world.socket, .user = user, .password = password, .database = database,
		.program = program };
}

const struct db_options *
world_admin(void)
{
	static struct db_options admin;

	admin = options_of("root", "", "ticketrail", PROGRAM_ticketrail);
	return &admin;
}

/* Looks until the server answers. */
static void
wait_for_server(void)
{
	struct db_options admin = *world_admin();
	struct op op;

	admin.database = NULL;
	op_begin(&op, NULL, ARENA_MAX, NULL);
	for (int ms = 0; raw_open(&op, &admin, &world.admin) != OK; ms += 20) {
		if (ms >= START_MS)
			bail_out("no server: %s (see %s/error.log)", op.fault.sentence, world.dir);
		op_forgive(&op);
		nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000000 }, NULL);
	}
	op_end(&op);
}

void
world_server_start(void)
{
	order('s');
	wait_for_server();
	if (world.has_schema && raw_try(world.admin, "USE ticketrail") != 0)
		bail_out("%s", raw_error(world.admin));
}

void
world_server_kill(void)
{
	raw_close(&world.admin);
	order('k');
}

void
world_begin_empty(void)
{
	if (world.has_server)
		return;
	world.has_server = true;
	keeper_start();
	world_server_start();
}

void
world_begin(void)
{
	struct migrate_options o = { .migrations = migrations, .migrations_n = migrations_n, .password = WORLD_PASSWORD };
	struct migrate_report report;
	struct op op;

	if (world.has_schema)
		return;
	log_init("test", LOG_LEVEL_ERROR, NULL); /* what a room says in passing is no test's concern */
	world_begin_empty();
	o.admin = *world_admin();
	op_begin(&op, NULL, ARENA_MAX, NULL);
	if (migrate(&op, &o, &report) != OK)
		bail_out("%s", op.fault.sentence);
	op_end(&op);
	world.has_schema = true;
	world_sql("USE ticketrail");
}

/* --- connections --------------------------------------------------------------------------------------------- */

struct db_options
world_options(enum program program)
{
	static char users[PROGRAM__MAX][48];

	world_begin();
	(void)snprintf(users[program], sizeof users[program], "ticketrail_%s", program_names[program]);
	return options_of(users[program], WORLD_PASSWORD, "ticketrail", program);
}

struct db *
world_db(enum program program)
{
	struct db_options o = world_options(program);

	if (world.dbs[program] == NULL)
		world.dbs[program] = db_new(&o);
	return world.dbs[program];
}

void
world_op(struct op *op, enum program program)
{
	op_begin(op, world_db(program), ARENA_MAX, NULL);
	if (db_ready(op) != OK)
		bail_out("%s: %s", program_names[program], op->fault.internal);
}

/* The parent's sessions stay the parent's: nothing is said on them, not even goodbye. */
void
world_own(void)
{
	struct op op;

	world.admin = NULL;
	memset(world.dbs, 0, sizeof world.dbs);
	op_begin(&op, NULL, ARENA_MAX, NULL);
	if (raw_open(&op, world_admin(), &world.admin) != OK)
		_exit(1);
	op_end(&op);
}

/* --- the administrator --------------------------------------------------------------------------------------- */

static char *
sql_of(const char *format, va_list args)
{
	char *sql = NULL;

	if (!world.has_server)
		world_begin();
	if (vasprintf(&sql, format, args) < 0)
		abort();
	return sql;
}

unsigned
world_sql_errno(const char *format, ...)
{
	unsigned failed;
	va_list args;
	char *sql;

	va_start(args, format);
	sql = sql_of(format, args);
	va_end(args);
	failed = raw_try(world.admin, sql);
	free(sql);
	return failed;
}

void
world_sql(const char *format, ...)
{
	va_list args;
	char *sql;

	va_start(args, format);
	sql = sql_of(format, args);
	va_end(args);
	if (raw_try(world.admin, sql) != 0)
		bail_out("%s\n# in %s", raw_error(world.admin), sql);
	free(sql);
}

static char *
text_of(const char *sql)
{
	char **cells = NULL, *text = NULL;
	size_t n = 0;
	struct op op;

	op_begin(&op, NULL, ARENA_MAX, NULL);
	if (raw_rows(&op, world.admin, sql, sql, 1, &cells, &n) != OK)
		bail_out("%s", op.fault.sentence);
	if (n != 0 && cells[0] != NULL && (text = strdup(cells[0])) == NULL)
		abort();
	op_end(&op);
	return text;
}

char *
world_text(const char *format, ...)
{
	va_list args;
	char *sql, *text;

	va_start(args, format);
	sql = sql_of(format, args);
	va_end(args);
	text = text_of(sql);
	free(sql);
	return text;
}

int64_t
world_int(const char *format, ...)
{
	va_list args;
	char *sql, *text;
	int64_t n;

	va_start(args, format);
	sql = sql_of(format, args);
	va_end(args);
	text = text_of(sql);
	if (text == NULL)
		bail_out("no number: %s", sql);
	n = strtoll(text, NULL, 10);
	free(text);
	free(sql);
	return n;
}
