/*
 * no_database: every word with the database ends in the same answer, that it is away. What a handler does before its first
 * word is what it makes of a client's bytes, and that is what is asked after here.
 *
 * Programs are linked with --wrap for these names (Makefile), so that the rooms call them instead.
 */
#include "db/db.h"

static enum err
away(struct op *op)
{
	return fail(op, ERR_UNAVAILABLE, NULL);
}

enum err __wrap_db_ready(struct op *);
enum err
__wrap_db_ready(struct op *op)
{
	return away(op);
}

enum err __wrap_db_now(struct op *);
enum err
__wrap_db_now(struct op *op)
{
	return away(op);
}

enum err __wrap_db_run(struct op *, enum stmt, const struct db_arg *, size_t);
enum err
__wrap_db_run(struct op *op, enum stmt stmt, const struct db_arg *args, size_t n)
{
	(void)stmt;
	(void)args;
	(void)n;
	return away(op);
}

enum err __wrap_db_changed(struct op *, enum stmt, const struct db_arg *, size_t, int64_t *);
enum err
__wrap_db_changed(struct op *op, enum stmt stmt, const struct db_arg *args, size_t n, int64_t *ret_n)
{
	(void)ret_n;
	return __wrap_db_run(op, stmt, args, n);
}

enum err __wrap_db_newid(struct op *, enum stmt, const struct db_arg *, size_t, int64_t *);
enum err
__wrap_db_newid(struct op *op, enum stmt stmt, const struct db_arg *args, size_t n, int64_t *ret_id)
{
	(void)ret_id;
	return __wrap_db_run(op, stmt, args, n);
}

enum err __wrap_db_insert(struct op *, enum stmt, const struct db_arg *, size_t, size_t);
enum err
__wrap_db_insert(struct op *op, enum stmt stmt, const struct db_arg *args, size_t n, size_t rows_n)
{
	(void)rows_n;
	return __wrap_db_run(op, stmt, args, n);
}

enum err __wrap_db_one(struct op *, enum stmt, const struct db_arg *, size_t, const struct db_shape *, void *);
enum err
__wrap_db_one(struct op *op, enum stmt stmt, const struct db_arg *args, size_t n, const struct db_shape *shape, void *ret_row)
{
	(void)shape;
	(void)ret_row;
	return __wrap_db_run(op, stmt, args, n);
}

enum err __wrap_db_many(struct op *, enum stmt, const struct db_arg *, size_t, const struct db_shape *, void *, size_t *);
enum err
__wrap_db_many(struct op *op, enum stmt stmt, const struct db_arg *args, size_t n, const struct db_shape *shape, void *ret_rows,
    size_t *ret_n)
{
	(void)shape;
	(void)ret_rows;
	(void)ret_n;
	return __wrap_db_run(op, stmt, args, n);
}

/* A body is run: what it looks at before its first statement may be wrong too. */
enum err __wrap_db_tx(struct op *, db_body *, void *);
enum err
__wrap_db_tx(struct op *op, db_body *body, void *arg)
{
	enum err e;

	op_transaction_begins(op);
	op->in_transaction = true;
	e = body(op, arg);
	op->in_transaction = false;
	op_transaction_ended(op, false);
	return e != OK ? e : away(op);
}

enum err __wrap_db_snapshot(struct op *, db_body *, void *);
enum err
__wrap_db_snapshot(struct op *op, db_body *body, void *arg)
{
	return __wrap_db_tx(op, body, arg);
}

enum err __wrap_db_tx_keyed(struct op *, db_body *, void *, enum err (*)(struct op *, void *, bool *));
enum err
__wrap_db_tx_keyed(struct op *op, db_body *body, void *arg, enum err (*happened)(struct op *, void *, bool *))
{
	(void)happened;
	return __wrap_db_tx(op, body, arg);
}
