/*
 * inside: what the files of this room share and nobody else may see: the connection itself, and
 * what an error number of the server or of the client library means.
 *
 * The same source compiles against MariaDB Connector/C and MySQL's own client. Neither reconnects
 * by itself: both would silently lose prepared statements and session settings.
 */
#ifndef TICKETRAIL_DB_INSIDE_H
#define TICKETRAIL_DB_INSIDE_H

#include <mysql.h>

#include "db/db.h"

#if defined(MARIADB_BASE_VERSION) || defined(MARIADB_PACKAGE_VERSION) || defined(MARIADB_VERSION_ID)
typedef my_bool db_bool;
#else
typedef bool db_bool; /* MySQL 8 dropped my_bool */
#endif

/* What a failure means for the statement, the transaction and the connection. */
enum db_class {
	DB_CLASS_BUG,         /* a wrong statement or value: ERR_INTERNAL_ERROR */
	DB_CLASS_TEXT,        /* characters that the column does not have: ERR_VALIDATION_ERROR */
	DB_CLASS_DUPLICATE,   /* a unique key: ERR_DUPLICATE */
	DB_CLASS_BUSY,        /* NOWAIT found a lock: ERR_BUSY */
	/* deadlock, lock time-out, certification: the whole transaction again */
	DB_CLASS_RETRY,
	DB_CLASS_UNAVAILABLE, /* the server will not just now; the connection is good */
	DB_CLASS_BROKEN,      /* the connection is of no use any more */
};

enum db_class db_classify(unsigned mysql_errno);

/* What has become of the transaction under way. A doomed one can only be rolled back. */
enum db_doom { DB_DOOM_NONE, DB_DOOM_RETRY, DB_DOOM_BROKEN };

/* One result column or one parameter of a statement, bound once and filled per execution. */
union db_cell {
	int64_t i64;
	MYSQL_TIME time;
};

#define DB_WIDE_N 3 /* 2, 4, 8 */
#define DB_WIDE_MAX 8

struct db_prepared {
	MYSQL_STMT *stmt; /* NULL: not this program's */
	bool has_now, is_nowait;
	bool may_be_bulk; /* MariaDB knows no bulk of INSERT ... SELECT */

	size_t rows;                   /* shape `rows`: how many it inserts; else 1 */
	size_t names_n;                /* parameters of one row */
	size_t params_n;               /* of all */
	MYSQL_BIND *params;
	union db_cell *param_cells;
	/* which argument of a row stands at its question mark; ARG_NOW: the op's time */
	uint32_t *param_arg;
	/* the names, as last given: literals, so comparing pointers is enough */
	const char **arg_names;
	size_t arg_names_n;
	bool resolved;

	size_t cols_n;
	MYSQL_BIND *cols;
	union db_cell *col_cells;
	unsigned long *col_lens;
	db_bool *col_nulls, *col_errors;
	const struct db_col **col_into;    /* the member each result column goes to */
	const struct db_shape *shape;      /* the shape the result was last matched with */
};

struct db {
	struct db_options options; /* owned copies */
	MYSQL *mysql;              /* NULL: not connected */
	uint64_t connection_id;
	bool has_bulk; /* the server takes many rows of arguments at once */
	enum db_doom doom;
	bool has_met_lock; /* in the transaction under way NOWAIT found one */
	bool was_connected;
	bool was_locked; /* the last failure was for want of a lock */
	char duplicate_key[65];
	/* the clock as it was read last, and when that was by the steady clock; 0: not known */
	int64_t clock_us, clock_read_us;
	struct db_prepared prepared[STMT__MAX];
	/* shape `rows`: the same for 2, 4 and 8 rows; NULL: never prepared */
	struct db_prepared *wide[STMT__MAX];
};

/* db.c */

/* A new connection with time-outs, or NULL with what the library said copied into the arena. */
MYSQL *db_open(const struct db_options *, struct arena *, const char **ret_why);

/* Forgets the connection and all that was prepared on it. */
void db_disconnect(struct db *);

/*
 * Turns a failure of the library into an answer: sets the fault where it is one, closes a broken
 * connection, dooms the transaction under way. `what` is the statement's name.
 */
enum err db_failed(
    struct op *, unsigned mysql_errno, const char *message, const char *what, bool is_nowait);

/*
 * One of the few verbs that are not in the statement table: BEGIN and its kin. 0 or the errno; the
 * text in *ret_why.
 */
unsigned db_say(struct db *, const char *verb, const char **ret_why);

/* tx.c */

/* Until when something that has failed may be tried again; steady clock. */
int64_t db_until(const struct db *);

/* Sleeps before the try after this one. */
void db_pause(struct op *, int try);

/* wait.c: as the calls of the library, and meanwhile other work is done */

/* Before it connects. False: there is no memory. */
bool db_wait_prepare(MYSQL *, const struct db_options *);
int db_wait_execute(struct db *, MYSQL_STMT *);
int db_wait_store(struct db *, MYSQL_STMT *);
int db_wait_query(struct db *, const char *text, unsigned long len);

/* stmt.c */

bool db_prepare_all(struct db *, struct arena *, const char **ret_why);
void db_unprepare_all(struct db *);

/* bulk.c */

bool db_bulk_is_known(MYSQL *);

/* How many rows the next execution is of; 0: no bulk. */
void db_bulk_rows(MYSQL_STMT *, size_t rows_n);

/*
 * One parameter of n rows, whose arguments stand `stride` apart. The values go into the arena.
 * False: a time outside of the years 1 to 9999.
 */
bool db_bulk_bind(
    struct arena *, MYSQL_BIND *, const struct db_arg *first, size_t stride, size_t n);

/* row.c */

/*
 * Matches the result's columns with the shape, unless that was done before. A mismatch is a bug and
 * aborts.
 */
void db_row_match(struct db_prepared *, const struct stmt_text *, const struct db_shape *);

/*
 * After mysql_stmt_fetch: the row into the struct. OK, or ERR_INTERNAL_ERROR when a value does not
 * fit its member.
 */
enum err db_row_decode(struct op *, struct db_prepared *, const struct stmt_text *, void *ret_row);

/* µs since 1970 to a calendar time and back. False: outside of the years 1 to 9999. */
bool db_time_encode(int64_t us, MYSQL_TIME *ret);
int64_t db_time_decode(const MYSQL_TIME *);

/* A bug in the program: says which statement and why, and aborts. */
void db_bug(const char *statement, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

#endif
