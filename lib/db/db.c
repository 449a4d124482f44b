#include "db/inside.h"

#include <errmsg.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "metric/counter.h"
#include "op/clock.h"

#define TIMEOUT_S 10
#define CONNECT_S 3 /* a server that is well greets in milliseconds */
#define LOCK_WAIT_S 5
#define CLOCK_BEHIND_US 500 /* as db_options says; a round trip takes 100 to 200 us */

/* --- what an error number means ----------------------------------------------------------- */

/*
 * Numbers, not names: the headers of the two client libraries know different sets of them. Those of
 * both servers are listed (MariaDB's reference "MariaDB Error Codes", MySQL's "Server Error Message
 * Reference").
 */
static const struct errno_row {
	unsigned from, to;
	enum db_class class;
} errno_rows[] = {
	{ 1062, 1062, DB_CLASS_DUPLICATE },   /* duplicate entry */
	{ 1586, 1586, DB_CLASS_DUPLICATE },   /* the same, with the key's name */
	{ 1267, 1267, DB_CLASS_TEXT },        /* compared with an ASCII column */
	{ 1300, 1300, DB_CLASS_TEXT },        /* not UTF-8 */
	{ 1366, 1366, DB_CLASS_TEXT },        /* written to an ASCII column, or not UTF-8 */
	{ 3854, 3854, DB_CLASS_TEXT },        /* MySQL: cannot be converted */
	{ 3572, 3572, DB_CLASS_BUSY },        /* MySQL: NOWAIT found a lock (MariaDB says 1205) */
	/* record changed since read (snapshot isolation, Galera) */
	{ 1020, 1020, DB_CLASS_RETRY },
	/* lock wait time-out; rolls back the statement only */
	{ 1205, 1205, DB_CLASS_RETRY },
	{ 1213, 1213, DB_CLASS_RETRY },       /* deadlock, or Galera's certification */
	{ 1412, 1412, DB_CLASS_RETRY },       /* the table was changed: a new snapshot sees it */
	/* the server's own file layer: cannot create, write, allocate; disk full */
	{ 1, 1, DB_CLASS_UNAVAILABLE },
	{ 3, 3, DB_CLASS_UNAVAILABLE },
	{ 5, 5, DB_CLASS_UNAVAILABLE },
	{ 20, 20, DB_CLASS_UNAVAILABLE },
	{ 1021, 1021, DB_CLASS_UNAVAILABLE }, /* disk full */
	{ 1026, 1026, DB_CLASS_UNAVAILABLE }, /* error writing a file */
	{ 1030, 1030, DB_CLASS_UNAVAILABLE }, /* error of the storage engine: the disk, mostly */
	{ 1037, 1038, DB_CLASS_UNAVAILABLE }, /* out of memory, to sort in */
	{ 1040, 1041, DB_CLASS_UNAVAILABLE }, /* too many connections, out of memory */
	{ 1114, 1114, DB_CLASS_UNAVAILABLE }, /* table full */
	{ 1135, 1135, DB_CLASS_UNAVAILABLE }, /* cannot create a thread */
	{ 1180, 1180, DB_CLASS_UNAVAILABLE }, /* error during COMMIT */
	{ 1203, 1203, DB_CLASS_UNAVAILABLE }, /* too many connections of this user */
	{ 1206, 1206, DB_CLASS_UNAVAILABLE }, /* no room for more locks */
	{ 1226, 1226, DB_CLASS_UNAVAILABLE }, /* a limit of this user */
	{ 1317, 1317, DB_CLASS_UNAVAILABLE }, /* KILL QUERY */
	{ 1637, 1637, DB_CLASS_UNAVAILABLE }, /* too many transactions */
	{ 1969, 1969, DB_CLASS_UNAVAILABLE }, /* max_statement_time */
	{ 3024, 3024, DB_CLASS_UNAVAILABLE }, /* MySQL: max_execution_time */
	/* a Galera node outside of the primary component: try another */
	{ 1047, 1047, DB_CLASS_BROKEN },
	{ 1053, 1053, DB_CLASS_BROKEN },      /* server shutting down */
	{ 1077, 1080, DB_CLASS_BROKEN },      /* the same, in other words */
	{ 1152, 1161, DB_CLASS_BROKEN },      /* connection aborted, packets cut or late */
	{ 1184, 1184, DB_CLASS_BROKEN },      /* connection aborted */
	/* unknown prepared statement: not the session we prepared on (a proxy) */
	{ 1243, 1243, DB_CLASS_BROKEN },
	{ 1290, 1290, DB_CLASS_BROKEN },      /* read-only: no longer the primary */
	/* a prepared statement that must be prepared again */
	{ 1615, 1615, DB_CLASS_BROKEN },
	{ 1792, 1792, DB_CLASS_BUG },         /* a write in a snapshot */
	{ 1836, 1836, DB_CLASS_BROKEN },      /* read-only mode */
	{ 1927, 1927, DB_CLASS_BROKEN },      /* KILL CONNECTION */
	/* the client library: the protocol's state is not known any more */
	{ 2000, 2999, DB_CLASS_BROKEN },
	{ 3169, 3169, DB_CLASS_BROKEN },      /* MySQL: session was killed */
	{ 4031, 4031, DB_CLASS_BROKEN },      /* MySQL: idle too long */
	{ 5000, 5999, DB_CLASS_BROKEN },      /* Connector/C's own */
};

enum db_class
db_classify(unsigned number)
{
	for (size_t i = 0; i < sizeof errno_rows / sizeof errno_rows[0]; i++)
		if (number >= errno_rows[i].from && number <= errno_rows[i].to)
			return errno_rows[i].class;
	return DB_CLASS_BUG;
}

/* "Duplicate entry 'x' for key 'uq_a'" (MariaDB) or "... 'table.uq_a'" (MySQL). */
static void
remember_duplicate(struct db *db, const char *message)
{
	const char *end = strrchr(message, '\''), *start = end;
	size_t len;

	db->duplicate_key[0] = '\0';
	if (end == NULL)
		return;
	while (start > message && start[-1] != '\'' && start[-1] != '.')
		start--;
	len = (size_t)(end - start);
	if (len < sizeof db->duplicate_key) {
		memcpy(db->duplicate_key, start, len);
		db->duplicate_key[len] = '\0';
	}
}

bool
db_was_locked(const struct op *op)
{
	return op->db->was_locked;
}

bool
db_duplicate_is(const struct op *op, const char *key)
{
	return strcmp(op->db->duplicate_key, key) == 0;
}

static enum err
fault_of(struct op *op, enum err code, unsigned number, const char *message, const char *what)
{
	bool is_first = op->fault.code == OK;
	enum err e = fail(op, code, NULL);

	if (is_first) {
		op->fault.internal = arena_printf(op->arena, "%s: %u %s", what, number, message);
		if (code == ERR_UNAVAILABLE)
			op->fault.retry_after_s = 1;
	}
	return e;
}

enum err
db_failed(struct op *op, unsigned number, const char *message, const char *what, bool is_nowait)
{
	struct db *db = op->db;
	enum db_class class = db_classify(number);

	if (is_nowait && number == 1205)
		class = DB_CLASS_BUSY;
	db->was_locked = class == DB_CLASS_RETRY;
	switch (class) {
	case DB_CLASS_DUPLICATE:
		remember_duplicate(db, message);
		return ERR_DUPLICATE;
	case DB_CLASS_BUSY:
		db->has_met_lock = true;
		return ERR_BUSY;
	case DB_CLASS_RETRY:
		if (op->in_transaction)
			db->doom = DB_DOOM_RETRY;
		return fault_of(op, ERR_UNAVAILABLE, number, message, what);
	case DB_CLASS_UNAVAILABLE:
		return fault_of(op, ERR_UNAVAILABLE, number, message, what);
	case DB_CLASS_BROKEN: {
		/* The message lies in what is about to be closed. */
		enum err e = fault_of(op, ERR_UNAVAILABLE, number, message, what);

		if (op->in_transaction)
			db->doom = DB_DOOM_BROKEN;
		db_disconnect(db);
		return e;
	}
	case DB_CLASS_TEXT:
		return fault_of(op, ERR_VALIDATION_ERROR, number, message, what);
	case DB_CLASS_BUG:
		break;
	}
	return fault_of(op, ERR_INTERNAL_ERROR, number, message, what);
}

void
db_bug(const char *statement, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "db: %s: ", statement);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/* --- the connection ----------------------------------------------------------------------- */

static char *
copy(const char *s)
{
	char *t = s != NULL ? strdup(s) : NULL;

	if (s != NULL && t == NULL)
		abort();
	return t;
}

struct db *
db_new(const struct db_options *o)
{
	struct db *db = calloc(1, sizeof *db);

	if (db == NULL)
		abort();
	db->options = *o;
	db->options.socket = copy(o->socket);
	db->options.host = copy(o->host);
	db->options.user = copy(o->user);
	db->options.password = copy(o->password);
	db->options.database = copy(o->database);
	return db;
}

void
db_meanwhile(struct db *db, const struct db_meanwhile *meanwhile)
{
	db->options.meanwhile = meanwhile;
}

struct db_options
db_options_of(enum program program, const struct config *c)
{
	return (struct db_options){
		.socket = c->db_socket[0] != '\0' ? c->db_socket : NULL,
		.host = c->db_host,
		.port = (unsigned)c->db_port,
		.user = c->db_user,
		.password = c->db_password,
		.database = c->db_name,
		.program = program,
		.timeout_s = (unsigned)c->db_timeout_s,
		.budget_ms = (unsigned)c->db_timeout_s * 1000,
		.clock_shift_us = c->clock_shift_us,
	};
}

struct db *
db_of_program(enum program program, const struct config *c, unsigned timeout_s)
{
	struct db_options o = db_options_of(program, c);

	if (timeout_s != 0 && timeout_s < o.timeout_s)
		o.timeout_s = timeout_s;
	return db_new(&o);
}

void
db_free(struct db **ref)
{
	struct db *db = *ref;

	if (db == NULL)
		return;
	db_disconnect(db);
	for (size_t s = 0; s < STMT__MAX; s++)
		free(db->wide[s]);
	free((char *)db->options.socket);
	free((char *)db->options.host);
	free((char *)db->options.user);
	if (db->options.password != NULL)
		explicit_bzero((char *)db->options.password, strlen(db->options.password));
	free((char *)db->options.password);
	free((char *)db->options.database);
	free(db);
	*ref = NULL;
}

void
db_disconnect(struct db *db)
{
	/* First: closing a statement whose rows are not all read would wait for them. */
	if (db->mysql != NULL)
		mysql_close(db->mysql);
	db->mysql = NULL;
	db_unprepare_all(db);
	db->connection_id = 0;
	db->clock_read_us = 0; /* the next server's may be another */
	db->was_locked = false;
}

unsigned
db_say(struct db *db, const char *verb, const char **ret_why)
{
	if (db->mysql == NULL) {
		*ret_why = "not connected";
		return CR_SERVER_GONE_ERROR;
	}
	if (db_wait_query(db, verb, (unsigned long)strlen(verb)) == 0)
		return 0;
	*ret_why = mysql_error(db->mysql);
	return mysql_errno(db->mysql);
}

/*
 * What a session must be, whatever the server's own settings are. Locks are given up before the
 * read time-out, and so are statements (MySQL: reads): the server says so itself, the connection
 * stays good, and it does no work that nobody waits for. What stands between the signs is read by
 * MariaDB or by MySQL alone. A migration takes its time (may_idle).
 */
static void
session_format(const struct db_options *o, unsigned timeout_s, char *ret, size_t size)
{
	unsigned lock_s = o->lock_wait_s != 0 ? o->lock_wait_s : LOCK_WAIT_S;
	unsigned most_ms = o->may_idle ? 0 : timeout_s * 1000 - 500;
	char lock_of_table[40] = "";

	if (lock_s >= timeout_s)
		lock_s = timeout_s - 1;
	if (!o->may_idle)
		(void)snprintf(
		    lock_of_table, sizeof lock_of_table, ", lock_wait_timeout = %u", lock_s);
	(void)snprintf(ret, size,
	    "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci, time_zone = '+00:00',"
	    " sql_mode = "
	    "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
	    "NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY',"
	    " innodb_lock_wait_timeout = %u%s, autocommit = 1, @clock_shift = %lld"
	    " /*M!100300 , idle_transaction_timeout = %d, max_statement_time = %u.%03u */"
	    " /*!80000 , max_execution_time = %u */",
	    lock_s, lock_of_table, (long long)o->clock_shift_us, o->may_idle ? 0 : DB_IDLE_TX_S,
	    most_ms / 1000, most_ms % 1000, most_ms);
}

/* FOUND_ROWS makes UPDATE count the rows it matched. */
MYSQL *
db_open(const struct db_options *o, struct arena *arena, const char **ret_why)
{
	unsigned timeout_s = o->timeout_s != 0 ? o->timeout_s : TIMEOUT_S, off = 0;
	unsigned connect_s = timeout_s < CONNECT_S ? timeout_s : CONNECT_S;
	unsigned protocol = o->socket != NULL ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	MYSQL *m = mysql_init(NULL);
	char set[768];

	/* Out of memory. Without its time-outs a connection could hang for ever. */
	if (m == NULL || mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s) != 0 ||
	    mysql_options(m, MYSQL_OPT_READ_TIMEOUT, &timeout_s) != 0 ||
	    mysql_options(m, MYSQL_OPT_WRITE_TIMEOUT, &timeout_s) != 0 ||
	    mysql_options(m, MYSQL_OPT_PROTOCOL, &protocol) != 0 ||
	    mysql_options(m, MYSQL_OPT_LOCAL_INFILE, &off) != 0 ||
	    mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4") != 0 || !db_wait_prepare(m, o))
		abort();
	session_format(o, timeout_s, set, sizeof set);
	if (mysql_real_connect(m, o->socket != NULL ? NULL : o->host, o->user, o->password,
		o->database, o->socket != NULL ? 0 : o->port, o->socket,
		CLIENT_FOUND_ROWS) == NULL ||
	    mysql_query(m, set) != 0 ||
	    mysql_query(m, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED") != 0) {
		*ret_why = arena_printf(arena, "connect as %s: %u %s", o->user, mysql_errno(m),
		    mysql_error(m));
		mysql_close(m);
		return NULL;
	}
	return m;
}

static enum err
db_connect(struct op *op)
{
	struct db *db = op->db;
	const char *why = NULL;

	if (db->was_connected)
		counter_add(COUNTER_db_reconnects, 1);
	db->mysql = db_open(&db->options, op->arena, &why);
	db->has_bulk = db->mysql != NULL && db_bulk_is_known(db->mysql);
	if (db->mysql != NULL && db_prepare_all(db, op->arena, &why)) {
		db->connection_id = mysql_thread_id(db->mysql);
		db->was_connected = true;
		return OK;
	}
	db_disconnect(db);
	if (op->fault.code == OK) {
		(void)fail(op, ERR_UNAVAILABLE, NULL);
		op->fault.internal = why;
		op->fault.retry_after_s = 1;
	}
	return op->fault.code;
}

/*
 * The server sends nothing on its own but its farewell, so a connection on which something can be
 * read is dead: closed, killed, or idle past wait_timeout. Looking costs one system call, and saves
 * the op from finding out half-way.
 */
static bool
is_dead(struct db *db)
{
#if defined(MARIADB_PACKAGE_VERSION)
	struct pollfd p = { .fd = (int)mysql_get_socket(db->mysql), .events = POLLIN };
#else
	struct pollfd p = { .fd = (int)db->mysql->net.fd, .events = POLLIN };
#endif
	return poll(&p, 1, 0) != 0;
}

enum err
db_ready(struct op *op)
{
	struct db *db = op->db;

	if (op->in_transaction)
		db_bug("db_ready", "called inside a transaction");
	if (db->mysql != NULL && is_dead(db))
		db_disconnect(db);
	return db->mysql != NULL ? OK : db_connect(op);
}

uint64_t
db_connection_id(const struct db *db)
{
	return db->connection_id;
}

struct now_row {
	int64_t now_us;
};
static const struct db_col now_cols[] = { COL_TIME(struct now_row, now_us) };
static const struct db_shape now_shape = DB_SHAPE(struct now_row, now_cols);

/* As it was read, and what has passed since. False: that was too long ago, or elsewhere. */
static bool
clock_reckon(const struct db *db, int64_t *ret_now_us)
{
	int64_t passed_us = clock_steady_us() - db->clock_read_us;

	if (db->mysql == NULL || db->clock_read_us == 0 || passed_us >= db->options.clock_kept_us)
		return false;
	*ret_now_us = db->clock_us + passed_us;
	return true;
}

/* Somewhere between these two the clock was read: only if they are close is it known when. */
static void
clock_keep(struct db *db, int64_t asked_us, int64_t now_us)
{
	int64_t told_us = clock_steady_us();

	if (told_us - asked_us > CLOCK_BEHIND_US)
		return;
	db->clock_us = now_us;
	db->clock_read_us = told_us;
}

enum err
db_now(struct op *op)
{
	int64_t asked_us;
	struct now_row row;
	enum err e;

	if (op->now_us != TIME_NONE || clock_reckon(op->db, &op->now_us))
		return OK;
	asked_us = clock_steady_us();
	e = db_one(op, STMT_op_now, DB_NO_ARGS, &now_shape, &row);
	if (e != OK)
		return e;
	op->now_us = row.now_us;
	clock_keep(op->db, asked_us, row.now_us);
	return OK;
}
