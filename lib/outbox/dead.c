#include "outbox/dead.h"

#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "outbox/outbox.h"

static const struct db_col row_cols[] = {
	COL_I64(struct outbox_row, id),
	COL_TEXT(struct outbox_row, kind_name),
	COL_TEXT(struct outbox_row, destination),
	COL_I64(struct outbox_row, restaurant_id),
	COL_I64(struct outbox_row, subject_id),
	COL_I64(struct outbox_row, attempts),
	COL_I64(struct outbox_row, lost_claims),
	COL_BOOL(struct outbox_row, is_held),
	COL_TIME(struct outbox_row, at),
	COL_TEXT(struct outbox_row, last_error),
	COL_TEXT(struct outbox_row, trace_id),
};
static const struct db_shape row_shape = DB_SHAPE(struct outbox_row, row_cols);

enum err
outbox_list(
    struct op *op, bool dead, int64_t after_id, size_t n, struct outbox_row **ret, size_t *ret_n)
{
	return db_many(op, dead ? STMT_outbox_dead : STMT_outbox_waiting,
	    DB_ARGS(DB_I64("after", after_id), DB_I64("n", (int64_t)n)), &row_shape, ret, ret_n);
}

/* TIME_NONE: it does not expire, or its kind is of another version. */
static int64_t
expiry_of(const struct op *op, const char *kind_name)
{
	for (enum message_kind kind = 0; kind < MESSAGE__MAX; kind++) {
		const struct message_info *info = message_info(kind);

		if (strcmp(info->name, kind_name) == 0 && info->lifetime_us != 0)
			return op->now_us + info->lifetime_us;
	}
	return TIME_NONE;
}

enum err
outbox_dead(struct op *op, int64_t id, struct outbox_row *ret)
{
	enum err e = db_one(op, STMT_outbox_dead_lock, DB_ARGS(DB_I64("id", id)), &row_shape, ret);

	return e != ERR_NO_ROW ? e
			       : fail(op, ERR_NOT_FOUND, "No dead message has the id %lld",
				     (long long)id);
}

enum err
outbox_replay(struct op *op, int64_t id, struct outbox_row *ret)
{
	int64_t changed;
	enum err e = outbox_dead(op, id, ret);

	if (e == OK)
		e = db_changed(op, STMT_outbox_revive,
		    DB_ARGS(DB_I64("id", id), DB_TIME("expires_at", expiry_of(op, ret->kind_name))),
		    &changed);
	if (e == OK)
		e = db_changed(op, STMT_outbox_dead_delete, DB_ARGS(DB_I64("id", id)), &changed);
	return e;
}
