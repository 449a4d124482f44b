/*
 * db: one connection to MySQL or MariaDB, the statements a program may run on it, and transactions.
 *
 * All SQL stands in sql/stmt/<noun>.sql and is known here by number (db/stmt.h, made by
 * sql/stmt.awk); its parameters are named and bound, never pasted. A program prepares exactly the
 * statements whose header line names it. Times are int64_t µs since 1970 UTC (TIME_NONE is NULL)
 * and DATETIME(6) in the tables. Text is utf8mb4.
 *
 * Failures are recorded with fail(): ERR_UNAVAILABLE when the database cannot be reached or the
 * connection broke, ERR_INTERNAL_ERROR for what must not happen, ERR_VALIDATION_ERROR for text with
 * characters that its column does not have (a net under the callers: they look at what they are
 * given before it gets here). Three answers are not faults and are only returned, for the caller to
 * decide: ERR_NO_ROW, ERR_DUPLICATE (a unique key), ERR_BUSY (NOWAIT found the row locked).
 *
 * What the server said goes to op->fault.internal, for the log, and never into a sentence.
 *
 * The connection is the program's; an op borrows it. After a broken connection the next
 * op_begin+db_ready() connects and prepares again. No statement is ever resent by itself, because
 * its effect may be there already; what db_tx runs again is a whole body whose COMMIT was surely
 * never sent. A write outside of a transaction whose answer was lost is ERR_COMMIT_UNSURE, just as
 * a COMMIT is.
 */
#ifndef TICKETRAIL_DB_DB_H
#define TICKETRAIL_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/stmt.h"
#include "err/err.h"
#include "op/op.h"

struct db;

/*
 * What is to be done while an answer is waited for: work() is called when the descriptor is
 * readable, and from that time on (steady clock), again and again; it moves what can be moved
 * without waiting and leaves the database alone. With MySQL's own client nothing is done meanwhile.
 */
struct db_meanwhile {
	int fd;
	int64_t (*at_us)(void *arg); /* INT64_MAX: none */
	void (*work)(void *arg);
	void *arg;
};

struct db_options {
	const char *socket;   /* path of the unix socket, or NULL for TCP */
	const char *host;     /* with socket NULL */
	unsigned port;
	const char *user, *password, *database;
	enum program program; /* whose statements are prepared */
	unsigned timeout_s;   /* read and write; to connect at most 3; 0 is 10, else at least 2 */
	unsigned lock_wait_s; /* for one lock; 0 is 5; always less than timeout_s */
	unsigned budget_ms;   /* nothing is tried again after this; 0 is 10,000 */
	bool may_idle; /* in a transaction, for longer than DB_IDLE_TX_S */
	/*
	 * An op's time may be reckoned from a reading of the clock that is no older than this; 0:
	 * each op asks. It is never ahead of the clock, and half a millisecond behind at most.
	 */
	int64_t clock_kept_us;
	const struct db_meanwhile *meanwhile; /* lent; NULL: nothing */
	int64_t clock_shift_us; /* added to the database's clock: 0, but for tests */
};

/* Makes the object, does not connect yet. The options' strings are copied. Never NULL. */
struct db *db_new(const struct db_options *);

/* From now on; NULL: nothing any more. Before it connects first. */
void db_meanwhile(struct db *, const struct db_meanwhile *);

/* The options of this program by its configuration, whose strings they borrow. */
struct config;
struct db_options db_options_of(enum program, const struct config *);
struct db *db_of_program(enum program, const struct config *, unsigned timeout_s);
void db_free(struct db **);

/*
 * Connects and prepares if there is no live connection. OK, or ERR_UNAVAILABLE with the fault set.
 * Call it at the start of every op; it costs nothing while the connection lives.
 */
enum err db_ready(struct op *);

/*
 * Reads the op's time if it was not read yet: op->now_us, from the database's clock plus
 * @clock_shift, or as clock_kept_us says.
 */
enum err db_now(struct op *);

/* The connection's id at the server (CONNECTION_ID()), 0 when not connected. */
uint64_t db_connection_id(const struct db *);

/* --- parameters --------------------------------------------------------------------------- */

enum db_kind { DB_KIND_NULL, DB_KIND_I64, DB_KIND_TEXT, DB_KIND_BYTES, DB_KIND_TIME };

struct db_arg {
	const char *name; /* as in the SQL, without the colon */
	enum db_kind kind;
	int64_t i64;        /* I64, TIME */
	const void *data;   /* TEXT, BYTES; NULL is NULL */
	size_t len;
};

#define DB_I64(n, v) ((struct db_arg){ .name = (n), .kind = DB_KIND_I64, .i64 = (v) })
#define DB_TEXT(n, v) db_arg_text((n), (v))
#define DB_BYTES(n, p, l) ((struct db_arg){ .name = (n), .kind = DB_KIND_BYTES, .data = (p), .len = (l) })
#define DB_TIME(n, v) ((struct db_arg){ .name = (n), .kind = DB_KIND_TIME, .i64 = (v) })
#define DB_NULL(n) ((struct db_arg){ .name = (n), .kind = DB_KIND_NULL })
/* A reference to another row: 0 is NULL, as COL_I64 reads NULL as 0. */
#define DB_ID(n, v) db_arg_id((n), (v))
struct db_arg db_arg_id(const char *name, int64_t id);
struct db_arg db_arg_text(const char *name, const char *text); /* NULL text is NULL */

/*
 * A parameter called :now needs no argument: the op's time is bound. Every other parameter must be
 * given, and nothing else may be: a mismatch is a bug and aborts. Names are string literals.
 * DB_BYTES with NULL data is NULL.
 */
#define DB_ARGS(...) ((const struct db_arg[]){ __VA_ARGS__ }), (sizeof((const struct db_arg[]){ __VA_ARGS__ }) / sizeof(struct db_arg))
#define DB_NO_ARGS NULL, 0

/* --- rows --------------------------------------------------------------------------------- */

/*
 * A column table says into which member of a struct a column goes. It is matched by name against
 * the result set; a column without a member, or a member without a column, is a bug and aborts at
 * first use. The macros fail to compile when the member has the wrong type.
 */
struct db_col {
	const char *name;
	enum db_col_kind {
		DB_COL_I64,
		DB_COL_TEXT,
		DB_COL_BYTES,
		DB_COL_TIME,
		DB_COL_BOOL,
		DB_COL_FIXED
	} kind;
	size_t offset;
	size_t len; /* of the member */
};

#define DB_COL_CHECK(type, member, want) \
	(sizeof(struct { int ok : _Generic(((type *)0)->member, want : 1, default : -1); }))
#define DB_COL_OF(type, member, k, want) \
	{ .name = #member, .kind = (k), .offset = offsetof(type, member) + 0 * DB_COL_CHECK(type, member, want), \
	    .len = sizeof(((type *)0)->member) }
#define COL_I64(type, member) DB_COL_OF(type, member, DB_COL_I64, int64_t)              /* NULL is 0 */
#define COL_TEXT(type, member) DB_COL_OF(type, member, DB_COL_TEXT, const char *)       /* NULL is NULL */
#define COL_BYTES(type, member) DB_COL_OF(type, member, DB_COL_BYTES, struct bytes)     /* NULL is {NULL,0} */
#define COL_TIME(type, member) DB_COL_OF(type, member, DB_COL_TIME, int64_t)            /* NULL is TIME_NONE */
#define COL_BOOL(type, member) DB_COL_OF(type, member, DB_COL_BOOL, bool)               /* 0, 1; NULL is false */
/* BINARY(n) into `unsigned char member[n]`, n exact; NULL is all zero */
#define COL_FIXED(type, member) \
	{ .name = #member, .kind = DB_COL_FIXED, .len = sizeof(((type *)0)->member), .offset = offsetof(type, member) + \
	    0 * sizeof(struct { int ok : _Generic(&((type *)0)->member, \
	    unsigned char (*)[sizeof(((type *)0)->member)] : 1, default : -1); }) }

struct db_shape {
	size_t size; /* of the struct */
	size_t n;
	const struct db_col *cols;
};
#define DB_SHAPE(type, table) { .size = sizeof(type), .n = sizeof(table) / sizeof((table)[0]), .cols = (table) }

/* --- running ------------------------------------------------------------------------------ */

/* shape `none`: a write whose count nobody asks for. */
enum err db_run(struct op *, enum stmt, const struct db_arg *, size_t n);

/*
 * shape `changed`: rows matched (not only altered) by an UPDATE or DELETE, rows inserted by an
 * INSERT (IGNORE may make it 0; ON DUPLICATE KEY UPDATE counts 2 for a row it altered).
 */
enum err db_changed(struct op *, enum stmt, const struct db_arg *, size_t n, int64_t *ret_n);

/*
 * shape `rows`: an INSERT whose text has one row behind VALUES, run for any number of rows in few
 * round trips (8, 4, 2 and 1 at a time; more than 8 at once where the server can). args are n
 * arguments for each row, row after row, of the same names in the same order. In a transaction
 * only: several statements are all or nothing there.
 */
enum err db_insert(struct op *, enum stmt, const struct db_arg *args, size_t n, size_t rows_n);

/*
 * Such arguments, gathered row by row; begin with {0}. The list is in the op's arena, what a value
 * points to is not copied. All rows have the same names.
 */
struct db_rows {
	struct db_arg *args;
	size_t n, rows_n, rows_max;
};
struct db_arg *db_rows_add(struct op *, struct db_rows *, const struct db_arg *row, size_t n);
enum err db_rows_insert(struct op *, enum stmt, const struct db_rows *);

/*
 * shape `changed`, run once for each row of such arguments, in their order, and in one round trip
 * where the server can: *ret_n is the sum. In a transaction only.
 */
enum err db_each(struct op *, enum stmt, const struct db_arg *args, size_t n, size_t rows_n,
    int64_t *ret_n);

/*
 * shape `newid`: the AUTO_INCREMENT id, or LAST_INSERT_ID(expr). ERR_DUPLICATE is not a fault. For
 * an UPDATE that matched, or an INSERT IGNORE that inserted, no row: ERR_NO_ROW.
 */
enum err db_newid(struct op *, enum stmt, const struct db_arg *, size_t n, int64_t *ret_id);

/*
 * shape `one`: ERR_NO_ROW when there is none (not a fault). Text and bytes are copied into the
 * arena.
 */
enum err db_one(struct op *, enum stmt, const struct db_arg *, size_t n, const struct db_shape *,
    void *ret_row);

/* shape `many`: an array in the arena; n may be 0. */
enum err db_many(struct op *, enum stmt, const struct db_arg *, size_t n, const struct db_shape *,
    void *ret_rows, size_t *ret_n);

/*
 * Directly after ERR_UNAVAILABLE: was it for want of a lock that somebody holds, on a connection
 * that is good?
 */
bool db_was_locked(const struct op *);

/* Directly after ERR_DUPLICATE: was it this unique key? ("uq_orders_public") */
bool db_duplicate_is(const struct op *, const char *key);

/* --- writes that wait ------------------------------------------------------------------- */

/*
 * For a transaction that does the same for many: from db_notes_begin() until the transaction ends
 * the statements of a list only take note of their arguments, and db_notes_write() runs each of
 * them for all that was noted, in the order of the list. Whoever makes the list knows that they
 * may be run in that order, and that nobody reads meanwhile what is still to be written; who does
 * calls db_notes_write() first, and goes on taking notes.
 *
 * `late` is what db_notes_write() calls before it writes: for whoever changes the same several
 * times and notes only what has become of it. NULL: nobody does.
 *
 * db_note() is how such a statement (shape `changed` or `rows`) is written by everybody: if it does
 * not wait it is run at once. Of one that waits *ret_n is 1, and db_notes_write() is ERR_CONFLICT
 * with the fault set should it not have been so for all; with ret_n NULL nobody cares. Arguments
 * are copied. The list is a constant.
 */
struct db_waiting {
	enum stmt stmt;
	/*
	 * run once instead, with one argument `rows`: a JSON array of arrays of the arguments
	 * (numbers and text) in the order in which they are given; STMT__MAX: none. For what no
	 * server can run for many rows.
	 */
	enum stmt all;
};
void db_notes_begin(
    struct op *, const struct db_waiting *, size_t n, enum err (*late)(struct op *));
bool db_notes_wait(const struct op *, enum stmt);
enum err db_note(struct op *, enum stmt, const struct db_arg *, size_t n, int64_t *ret_n);
enum err db_notes_write(struct op *);

/* --- transactions ------------------------------------------------------------------------- */

/*
 * Who stops in the middle of a transaction (frozen, swapped out, at a debugger) holds its locks.
 * MariaDB ends the connection of one that says nothing for DB_IDLE_TX_S, and rolls back; whoever
 * thaws finds the connection broken and runs its body again. MySQL 8 has no such variable: there
 * the locks are held until the process goes on or is ended, others are told ERR_UNAVAILABLE when
 * their own lock wait is over, and only a supervisor's watchdog helps.
 */
#define DB_IDLE_TX_S 3

typedef enum err db_body(struct op *, void *arg);

/*
 * Runs the body between BEGIN and COMMIT at READ COMMITTED. Anything but OK rolls back and is
 * returned. Deadlock, lock time-out, certification failure and a connection that broke before
 * COMMIT was sent re-run the whole body, up to 10 times within the budget, with a growing random
 * pause, always after ROLLBACK and with the fault forgiven. A statement that failed so dooms the
 * transaction: whatever the body makes of it, further statements fail and the body runs again. A
 * commit whose answer was lost is ERR_COMMIT_UNSURE. The body must be able to run twice. Does not
 * nest: called inside a transaction it is a bug and aborts.
 */
enum err db_tx(struct op *, db_body *, void *arg);

/*
 * As db_tx, for a body whose first write carries a unique id chosen before the first try (an
 * order's public id, an Idempotency-Key): after an ambiguous COMMIT it connects again and asks
 * happened(), which sets whether the transaction is there; if it surely is not, the body runs
 * again. happened() must look the id up with FOR UPDATE: a plain read would not wait for the lost
 * session's commit and say "no" too early. With NOWAIT its ERR_BUSY asks again for a while. It runs
 * outside of a transaction.
 */
enum err db_tx_keyed(
    struct op *, db_body *, void *arg, enum err (*happened)(struct op *, void *arg, bool *ret));

/*
 * Runs the body in one consistent read-only snapshot (REPEATABLE READ). For reads of more than one
 * statement.
 */
enum err db_snapshot(struct op *, db_body *, void *arg);

#endif
