/*
 * A COMMIT whose answer is lost: before the server had it, or after. A go-between on the socket cuts the connection
 * at exactly that packet.
 */

#include <stdio.h>

#include "between.h"
#include "tap.h"
#include "world.h"

#define ARENA_MAX ((size_t)16 * 1024 * 1024)

/* --- bodies -------------------------------------------------------------------------------------------------- */

struct key_row {
	struct bytes request_hash, answer;
	int64_t status;
};
static const struct db_col key_cols[] = {
	COL_BYTES(struct key_row, request_hash), COL_BYTES(struct key_row, answer), COL_I64(struct key_row, status),
};
static const struct db_shape key_shape = DB_SHAPE(struct key_row, key_cols);

static int runs, told;
static int one = 1;

static void
tell(void *arg)
{
	told += *(int *)arg;
}

static enum err
body(struct op *op, void *key)
{
	static const unsigned char hash[32];

	runs++;
	op_after_commit(op, tell, &one);
	return db_run(op, STMT_idempotency_take,
	    DB_ARGS(DB_TEXT("principal", "p"), DB_TEXT("idempotency_key", key), DB_BYTES("request_hash", hash, sizeof hash)));
}

/* Every one of its commits is lost. */
static enum err
body_in_vain(struct op *op, void *key)
{
	between_cut(CUT_BEFORE, 0);
	return body(op, key);
}

static enum err
happened(struct op *op, void *key, bool *ret)
{
	struct key_row row;
	enum err e = db_one(op, STMT_idempotency_find, DB_ARGS(DB_TEXT("principal", "p"), DB_TEXT("idempotency_key", key)),
	    &key_shape, &row);

	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret = e == OK;
	return OK;
}

static enum err
cannot_say(struct op *op, void *key, bool *ret)
{
	(void)key;
	(void)ret;
	return fail(op, ERR_INTERNAL_ERROR, NULL);
}

static int64_t
keys_like(const char *key)
{
	return world_int("SELECT COUNT(*) FROM idempotency_keys WHERE idempotency_key = '%s'", key);
}

typedef enum err ask(struct op *, void *, bool *);

static enum err
run(struct db *db, enum cut how, const char *key, db_body *what, ask *asks)
{
	struct op op;
	char name[32];
	enum err e;

	runs = told = 0;
	(void)snprintf(name, sizeof name, "%s", key);
	op_begin(&op, db, ARENA_MAX, NULL);
	e = db_ready(&op);
	between_cut(how, 0);
	if (e == OK)
		e = asks != NULL ? db_tx_keyed(&op, what, name, asks) : db_tx(&op, what, name);
	if (between_waits_for() != CUT_NOTHING || op.in_transaction || (e == OK) != (op.fault.code == OK))
		e = ERR__MAX;
	op_end(&op);
	return e;
}

int
main(void)
{
	struct db_options o = world_options(PROGRAM_orders);
	char path[64];
	struct db *db;

	(void)snprintf(path, sizeof path, "%s.cut", o.socket);
	between_start(path, o.socket);
	o.socket = path;
	db = db_new(&o);

	ok(run(db, CUT_NOTHING, "plain", body, NULL) == OK && keys_like("plain") == 1, "through the go-between all is as ever");

	ok(run(db, CUT_AFTER, "after", body, NULL) == ERR_COMMIT_UNSURE, "a commit that lost its answer is unsure");
	is_int(keys_like("after"), 1, "though here it took effect");
	ok(runs == 1 && told == 0, "it is not run again, and what waited for it does not happen");
	ok(run(db, CUT_BEFORE, "before", body, NULL) == ERR_COMMIT_UNSURE, "one that never arrived looks the same");
	is_int(keys_like("before"), 0, "though it had no effect");
	ok(runs == 1 && told == 0, "it is not run again either");

	ok(run(db, CUT_AFTER, "after keyed", body, happened) == OK, "with a key the question is settled: it is there");
	ok(runs == 1 && told == 1 && keys_like("after keyed") == 1, "so the body is not run again, and what waited happens");
	ok(run(db, CUT_BEFORE, "before keyed", body, happened) == OK, "or it is not there");
	ok(runs == 2 && told == 1 && keys_like("before keyed") == 1, "so the body runs again, with one effect in the end");

	ok(run(db, CUT_AFTER, "cannot say", body, cannot_say) == ERR_COMMIT_UNSURE, "a question without an answer leaves it unsure");
	ok(runs == 1 && told == 0 && keys_like("cannot say") == 1, "and the body is not run again");

	ok(run(db, CUT_NOTHING, "in vain", body_in_vain, happened) == ERR_UNAVAILABLE, "when every commit is lost it has failed");
	ok(runs > 1 && told == 0 && keys_like("in vain") == 0, "after several tries, and nothing is told");
	db_free(&db);
	return tap_done();
}
