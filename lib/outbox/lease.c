/* Leases: whoever holds messages says so again; what somebody left behind is taken over. */
#include "outbox/outbox.h"

#include "db/db.h"
#include "mem/buf.h"
#include "op/crash.h"
#include "op/op.h"

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

/* Which of the messages still bear their token. Both lists are short, and this is rarely asked. */
static enum err
held_find(
    struct op *op, const char *list, const struct message *const *held, size_t n, bool *ret_is_held)
{
	struct id_row *rows;
	size_t rows_n;
	enum err e = db_many(
	    op, STMT_outbox_held, DB_ARGS(DB_TEXT("held", list)), &id_shape, &rows, &rows_n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n; i++) {
		ret_is_held[i] = false;
		for (size_t k = 0; k < rows_n && !ret_is_held[i]; k++)
			ret_is_held[i] = rows[k].id == held[i]->id;
	}
	return OK;
}

enum err
outbox_heartbeat(
    struct op *op, const struct message *const *held, size_t n, int64_t lease_us, bool *ret_is_held)
{
	struct buf list;
	int64_t renewed;
	enum err e;

	e = db_now(op);
	if (e != OK)
		return e;
	/* With nothing held too: whoever beats wants to know that it is heard. */
	buf_init(&list, op->arena, n * 44 + 3);
	buf_addc(&list, '[');
	for (size_t i = 0; i < n; i++)
		buf_addf(&list, "%s[%lld,%lld]", i == 0 ? "" : ",", (long long)held[i]->id,
		    (long long)held[i]->token);
	buf_addc(&list, ']');
	e = db_changed(op, STMT_outbox_heartbeat,
	    DB_ARGS(DB_TEXT("held", list.data), DB_TIME("lease_until", op->now_us + lease_us)),
	    &renewed);
	if (e != OK)
		return e;
	if (renewed != (int64_t)n)
		return held_find(op, list.data, held, n, ret_is_held);
	for (size_t i = 0; i < n; i++)
		ret_is_held[i] = true;
	return OK;
}

enum err
outbox_release(struct op *op, const struct message *m, int64_t delay_us)
{
	int64_t changed;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	return db_changed(op, STMT_outbox_release,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token),
		DB_TIME("due_at", op->now_us + delay_us)),
	    &changed);
}

struct orphan_row {
	int64_t id, token, owner;
};
static const struct db_col orphan_cols[] = { COL_I64(struct orphan_row, id),
	COL_I64(struct orphan_row, token), COL_I64(struct orphan_row, owner) };
static const struct db_shape orphan_shape = DB_SHAPE(struct orphan_row, orphan_cols);

struct takeover {
	const struct orphan_row *orphans;
	size_t n;
	int64_t freed;
};

/* "[1,2,3]" */
static const char *
id_list(struct op *op, const struct id_row *rows, size_t n)
{
	struct buf list;

	buf_init(&list, op->arena, n * 21 + 2);
	buf_addc(&list, '[');
	for (size_t i = 0; i < n; i++)
		buf_addf(&list, "%s%lld", i == 0 ? "" : ",", (long long)rows[i].id);
	buf_addc(&list, ']');
	return list.data;
}

static enum err
takeover_body(struct op *op, void *arg)
{
	struct takeover *t = arg;
	struct id_row *ids;
	struct buf list;
	size_t n;
	enum err e;

	t->freed = 0;
	buf_init(&list, op->arena, t->n * 64 + 2);
	buf_addc(&list, '[');
	for (size_t i = 0; i < t->n; i++)
		buf_addf(&list, "%s[%lld,%lld,%lld]", i == 0 ? "" : ",",
		    (long long)t->orphans[i].id, (long long)t->orphans[i].token,
		    (long long)t->orphans[i].owner);
	buf_addc(&list, ']');
	e = db_many(op, STMT_outbox_orphans_lock, DB_ARGS(DB_TEXT("orphans", list.data)),
	    &id_shape, &ids, &n);
	if (e != OK || n == 0)
		return e;
	CRASH_POINT("outbox_takeover.before_free");
	return db_changed(op, STMT_outbox_orphans_free,
	    DB_ARGS(DB_TEXT("ids", id_list(op, ids, n))), &t->freed);
}

/*
 * Two steps: an UPDATE by the same condition would wait for the rows of whoever is frozen inside a
 * transaction.
 */
enum err
outbox_takeover(struct op *op, enum runner runner, int64_t *ret_n)
{
	struct takeover t = { .n = 0 };
	struct orphan_row *orphans;
	enum err e = db_now(op);

	if (e == OK)
		e = db_many(op, STMT_outbox_orphans,
		    DB_ARGS(DB_TEXT("runner", runner_name(runner))), &orphan_shape, &orphans,
		    &t.n);
	if (e == OK && t.n > 0) {
		t.orphans = orphans;
		e = db_tx(op, takeover_body, &t);
	}
	if (e == OK)
		*ret_n = t.freed;
	return e;
}
