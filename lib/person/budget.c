#include "person/budget.h"

#include <string.h>

#include "db/db.h"

#define TRIES_MAX 3 /* of a row that others make or clear at the same time */

struct spent_row {
	int64_t spent_until;
};
static const struct db_col spent_cols[] = { COL_TIME(struct spent_row, spent_until) };
static const struct db_shape spent_shape = DB_SHAPE(struct spent_row, spent_cols);

#define NAME(b) DB_BYTES("name", (b)->name, strlen((b)->name))

static int64_t
cost_us(const struct budget *b)
{
	return b->period_us / b->n;
}

/* One more fits if it is not spent beyond this. */
static int64_t
latest_us(const struct op *op, const struct budget *b)
{
	return op->now_us + b->period_us - cost_us(b);
}

enum err
budget_look(struct op *op, const struct budget *b, int64_t *ret_wait_us)
{
	struct spent_row row = { .spent_until = 0 };
	enum err e = OK;

	if (b->n > 0)
		e = db_one(op, STMT_budget_read, DB_ARGS(NAME(b)), &spent_shape, &row);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret_wait_us = 0;
	if (b->n > 0 && e == OK && row.spent_until > latest_us(op, b))
		*ret_wait_us = row.spent_until - latest_us(op, b);
	return OK;
}

/* OK with *ret_done if it was taken or certainly is not to be had. */
static enum err
take_once(struct op *op, const struct budget *b, bool *ret_done, int64_t *ret_wait_us)
{
	struct spent_row row;
	int64_t n = 0;
	enum err e = db_changed(op, STMT_budget_take,
	    DB_ARGS(DB_I64("cost_us", cost_us(b)), NAME(b), DB_TIME("latest", latest_us(op, b))),
	    &n);

	*ret_wait_us = 0;
	*ret_done = n > 0;
	if (e != OK || n > 0)
		return e;
	e = db_one(op, STMT_budget_read, DB_ARGS(NAME(b)), &spent_shape, &row);
	if (e == OK && row.spent_until > latest_us(op, b)) {
		*ret_wait_us = row.spent_until - latest_us(op, b);
		*ret_done = true;
	}
	if (e != ERR_NO_ROW)
		return e;
	e = db_run(op, STMT_budget_make,
	    DB_ARGS(NAME(b), DB_TIME("spent_until", op->now_us + cost_us(b))));
	*ret_done = e == OK;
	return e == ERR_DUPLICATE ? OK : e;
}

enum err
budget_take(struct op *op, const struct budget *b, int64_t *ret_wait_us)
{
	bool is_done = b->n == 0;
	int64_t wait_us = 0;
	enum err e = OK;

	for (int i = 0; i < TRIES_MAX && e == OK && !is_done; i++)
		e = take_once(op, b, &is_done, &wait_us);
	if (e != OK)
		return e;
	*ret_wait_us = is_done ? wait_us : cost_us(b);
	return OK;
}

enum err
budget_return(struct op *op, const struct budget *b)
{
	if (b->n == 0)
		return OK;
	return db_run(op, STMT_budget_return, DB_ARGS(DB_I64("cost_us", cost_us(b)), NAME(b)));
}

enum err
budget_clear(struct op *op, const struct budget *b)
{
	return db_run(op, STMT_budget_clear, DB_ARGS(NAME(b)));
}
