#include "idempotency/idempotency.h"

#include <sodium.h>
#include <string.h>

#include "db/db.h"
#include "op/op.h"

#define HASH_LEN 32
#define IN_PROGRESS_RETRY_S 1

struct key_row {
	unsigned char request_hash[HASH_LEN];
	int64_t status; /* 0: taken and not answered yet, seen only by its own transaction */
	struct bytes answer;
};
static const struct db_col key_cols[] = {
	COL_FIXED(struct key_row, request_hash),
	COL_I64(struct key_row, status),
	COL_BYTES(struct key_row, answer),
};
static const struct db_shape key_shape = DB_SHAPE(struct key_row, key_cols);

static void
request_hash(const struct idempotency *i, unsigned char ret[HASH_LEN])
{
	(void)crypto_generichash(ret, HASH_LEN, i->request.data, i->request.len, NULL, 0);
}

static enum err
in_progress(struct op *op)
{
	enum err e = fail(op, ERR_IDEMPOTENCY_IN_PROGRESS, NULL);

	op->fault.retry_after_s = IN_PROGRESS_RETRY_S;
	return e;
}

static enum err
key_find(struct op *op, const struct idempotency *i, struct key_row *ret)
{
	return db_one(op, STMT_idempotency_find,
	    DB_ARGS(DB_BYTES("principal", i->principal, strlen(i->principal)),
		DB_BYTES("idempotency_key", i->key, strlen(i->key))),
	    &key_shape, ret);
}

static enum err
key_answer(struct op *op, struct idempotency *i, const struct key_row *row)
{
	unsigned char hash[HASH_LEN];

	request_hash(i, hash);
	if (sodium_memcmp(hash, row->request_hash, HASH_LEN) != 0)
		return fail(op, ERR_IDEMPOTENCY_MISMATCH, NULL);
	i->is_answered = true;
	i->status = (int)row->status;
	i->answer = row->answer;
	return OK;
}

enum err
idempotency_take(struct op *op, struct idempotency *i)
{
	unsigned char hash[HASH_LEN];
	struct key_row row;
	enum err e = key_find(op, i, &row);

	if (e == OK)
		return key_answer(op, i, &row);
	if (e == ERR_BUSY)
		return in_progress(op);
	if (e != ERR_NO_ROW)
		return e;
	request_hash(i, hash);
	e = db_run(op, STMT_idempotency_take,
	    DB_ARGS(DB_BYTES("principal", i->principal, strlen(i->principal)),
		DB_BYTES("idempotency_key", i->key, strlen(i->key)),
		DB_BYTES("request_hash", hash, HASH_LEN)));
	/* Somebody was quicker between the two statements; by now they are done or failed. */
	return e == ERR_DUPLICATE ? in_progress(op) : e;
}

enum err
idempotency_keep(struct op *op, const struct idempotency *i, int status, struct bytes answer)
{
	return db_run(op, STMT_idempotency_keep,
	    DB_ARGS(DB_BYTES("principal", i->principal, strlen(i->principal)),
		DB_BYTES("idempotency_key", i->key, strlen(i->key)), DB_I64("status", status),
		DB_BYTES("answer", answer.data, answer.len)));
}
