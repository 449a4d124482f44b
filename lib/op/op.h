/*
 * op: one request, delivery, message or test, and everything that belongs to it while it lasts.
 *
 * It is the first argument of everything that touches the database or can fail. It owns its arena
 * and its fault; the database connection is lent by the program. What must happen only after the
 * commit (pokes) waits in its after-commit list. Nothing in it outlives op_end().
 */
#ifndef TICKETRAIL_OP_OP_H
#define TICKETRAIL_OP_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "text/iso8601.h" /* TIME_NONE */

struct db;
struct config;
struct menu_cache;
struct user;

enum actor_kind { ACTOR_NOBODY, ACTOR_USER, ACTOR_STAFF, ACTOR_PROVIDER, ACTOR_SYSTEM };

/*
 * Who is acting. `name` is what history rows say: "user", "staff:asha", "petpooja_callback",
 * "relay".
 */
struct actor {
	enum actor_kind kind;
	int role;              /* a value of person/role.h; 0 is nobody */
	int64_t id;            /* users.id or staff_users.id, else 0 */
	int64_t restaurant_id; /* staff: where they work; 0 is the whole platform */
	const char *name;
	/* a guest: the row (person/user.h), read when the token was checked; else NULL */
	const struct user *user;
};

/* One field that is wrong, for the `details` of the error envelope. */
struct fault_field {
	struct fault_field *next;
	const char *field;    /* "items[0].quantity" */
	const char *sentence; /* "must be between 1 and 999" */
};

/* The first failure of an op: it wins and is kept until op_forgive(). */
struct fault {
	enum err code;
	const char *sentence;      /* for the client; NULL: the table's sentence */
	/* a JSON object, e.g. {"current":50,"max":50}; NULL: none, or the fields */
	const char *details;
	/* for the log only: what the database or a library said; may be NULL */
	const char *internal;
	struct fault_field *fields;
	int retry_after_s;         /* > 0: sent as Retry-After */
	const char *file;
	int line;
};

struct op {
	struct arena *arena;
	struct db *db;               /* lent; may be NULL in tests of pure code */
	const struct config *config; /* lent; set by the program after op_begin() */
	struct menu_cache *menus;    /* lent; set by programs that read menus */
	int64_t now_us;        /* µs since 1970 UTC, from the database, once per op: see op_now() */
	struct actor actor;
	int64_t restaurant_id; /* the tenant of this op; 0 until known */
	struct fault fault;
	char trace_id[33];     /* 32 hex digits, W3C trace id */
	void (*random)(void *, size_t);
	struct op_hook *before_commit, *after_commit;
	/* event/event.h: what this transaction will tell, in order of happening */
	struct event_note *events;
	/* order/capacity.h: places that this transaction gives back, in the order of their keys */
	struct capacity_note *places;
	/* order/discount_use.h: the same for uses of discounts */
	struct discount_note *discounts;
	/* db/db.h: writes that wait for one another; NULL: each is made at once */
	struct db_notes *notes;
	/* order/ahead.h, tenant/integration.h: read ahead for this transaction; may be NULL */
	struct orders_ahead *orders_ahead;
	struct integrations_ahead *integrations_ahead;
	bool in_transaction;       /* kept by db/tx */
};

/*
 * A new op with an arena of at most arena_max bytes. trace_id NULL or malformed: a new one is made.
 */
void op_begin(struct op *, struct db *, size_t arena_max, const char *trace_id);

/* Ends the arena. What still waits for a commit is dropped. */
void op_end(struct op *);

/* A fault is never OK: an analyser that sees one file at a time has to be told. */
#ifdef __clang_analyzer__
static inline enum err
fault_certain(enum err e)
{
	if (e == OK)
		__builtin_unreachable();
	return e;
}
#define FAULT_CERTAIN(e) fault_certain(e)
#else
#define FAULT_CERTAIN(e) (e)
#endif

/*
 * fail(op, ERR_X, "sentence for the client", ...): records the fault unless there is one already,
 * and returns the code recorded first. Format NULL: the table's sentence.
 */
#define fail(op, code, ...) FAULT_CERTAIN(fail_at((op), (code), __FILE__, __LINE__, __VA_ARGS__))
enum err fail_at(struct op *, enum err, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * ERR_VALIDATION_ERROR with one more wrong field; the first call makes the fault, further ones add
 * fields.
 */
#define fail_field(op, field, ...) FAULT_CERTAIN(fail_field_at((op), __FILE__, __LINE__, (field), __VA_ARGS__))
enum err fail_field_at(struct op *, const char *file, int line, const char *field,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Drops the fault: for code that tries something and has an answer to its failure. */
void op_forgive(struct op *);

/* Random bytes by the op's source: libsodium's, or a seeded one under test. */
void op_random(struct op *, void *, size_t);

/*
 * do_it(op, arg) as the last thing before COMMIT, once per transaction however often it is asked
 * for: for what must be locked last. Its failure rolls back. Outside a transaction it is a bug and
 * aborts.
 */
void op_before_commit(struct op *, enum err (*do_it)(struct op *, void *), void *arg);

/*
 * The same, ahead of all that op_before_commit() was and will be asked for: for what is locked late
 * and not last.
 */
void op_before_commit_early(struct op *, enum err (*do_it)(struct op *, void *), void *arg);

/*
 * do_it(arg) after the transaction under way has committed (at once if none is). Never on rollback.
 * arg lives in the arena.
 */
void op_after_commit(struct op *, void (*do_it)(void *), void *arg);

/*
 * For db/tx only: a transaction begins (what waits of an earlier try is dropped), is about to
 * commit, has ended.
 */
void op_transaction_begins(struct op *);
enum err op_transaction_commits(struct op *);
void op_transaction_ended(struct op *, bool committed);

#endif
