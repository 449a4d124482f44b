#include "provider/login_state.h"

#include "db/db.h"
#include "op/op.h"

/* A token with less than this left may be over when the call arrives. */
#define SPARE_US (INT64_C(5) * 1000000)

static const struct db_col login_state_cols[] = {
	COL_TIME(struct login_state, expires_at),
	COL_TIME(struct login_state, refresh_expires_at),
	COL_TIME(struct login_state, refreshed_at),
	COL_TIME(struct login_state, begun_at),
	COL_TIME(struct login_state, saved_at),
	COL_TIME(struct login_state, replaced_at),
	COL_TIME(struct login_state, failing_since),
	COL_I64(struct login_state, failures),
	COL_I64(struct login_state, told),
	COL_BOOL(struct login_state, is_refused),
	COL_TEXT(struct login_state, last_error),
	COL_TIME(struct login_state, new_expires_at),
	COL_TIME(struct login_state, new_refresh_expires_at),
};
static const struct db_shape login_state_shape = DB_SHAPE(struct login_state, login_state_cols);

enum err
login_state_lock(struct op *op, int64_t integration_id, struct login_state *ret)
{
	const struct db_arg id[] = { DB_I64("integration_id", integration_id) };
	enum err e = db_one(op, STMT_login_lock, id, 1, &login_state_shape, ret);

	if (e != ERR_NO_ROW)
		return e;
	e = db_run(op, STMT_login_add, id, 1);
	return e != OK ? e : db_one(op, STMT_login_lock, id, 1, &login_state_shape, ret);
}

enum err
login_state_save(struct op *op, int64_t integration_id, const struct login_state *s)
{
	return db_run(op, STMT_login_save,
	    DB_ARGS(DB_I64("integration_id", integration_id),
		DB_TIME("expires_at", s->expires_at),
		DB_TIME("refresh_expires_at", s->refresh_expires_at),
		DB_TIME("refreshed_at", s->refreshed_at), DB_TIME("begun_at", s->begun_at),
		DB_TIME("saved_at", s->saved_at), DB_TIME("replaced_at", s->replaced_at),
		DB_TIME("failing_since", s->failing_since),
		DB_I64("failures", s->failures), DB_I64("told", s->told),
		DB_I64("is_refused", s->is_refused), DB_TEXT("last_error", s->last_error),
		DB_TIME("new_expires_at", s->new_expires_at),
		DB_TIME("new_refresh_expires_at", s->new_refresh_expires_at)));
}

enum err
login_state_read(struct op *op, int64_t integration_id, struct login_state *ret)
{
	return db_one(op, STMT_login_read, DB_ARGS(DB_I64("integration_id", integration_id)),
	    &login_state_shape, ret);
}

enum err
login_state_drop(struct op *op, int64_t integration_id)
{
	return db_run(
	    op, STMT_login_drop, DB_ARGS(DB_I64("integration_id", integration_id)));
}

bool
login_state_reaches(int64_t refreshed_at, int64_t expires_at, int64_t now_us)
{
	return refreshed_at != TIME_NONE &&
	       (expires_at == TIME_NONE || expires_at > now_us + SPARE_US);
}

bool
login_state_is_good(const struct op *op, const struct login_state *s)
{
	return login_state_reaches(s->refreshed_at, s->expires_at, op->now_us);
}

bool
time_is_after(int64_t at, int64_t other)
{
	return at != TIME_NONE && (other == TIME_NONE || at > other);
}
