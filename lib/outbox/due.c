/* Where something is due. */
#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "outbox/outbox.h"

#define PLACES_MAX 10000 /* as the LIMIT of outbox_due */

static const struct db_col due_cols[] = {
	COL_TEXT(struct outbox_due, destination),
	COL_TIME(struct outbox_due, due_at),
};
static const struct db_shape due_shape = DB_SHAPE(struct outbox_due, due_cols);

struct next_row {
	const char *destination;
};
static const struct db_col next_cols[] = { COL_TEXT(struct next_row, destination) };
static const struct db_shape next_shape = DB_SHAPE(struct next_row, next_cols);

struct first_row {
	int64_t due_at;
};
static const struct db_col first_cols[] = { COL_TIME(struct first_row, due_at) };
static const struct db_shape first_shape = DB_SHAPE(struct first_row, first_cols);

enum err
outbox_due(struct op *op, enum runner runner, struct outbox_due **ret, size_t *ret_n)
{
	return db_many(op, STMT_outbox_due, DB_ARGS(DB_TEXT("runner", runner_name(runner))),
	    &due_shape, ret, ret_n);
}

/* A list as it grows. */
struct due_list {
	struct outbox_due *all;
	size_t n, room;
};

static void
due_add(struct op *op, struct due_list *list, const char *destination, int64_t due_at)
{
	if (list->n == list->room) {
		size_t room = 2 * list->room + 64;
		struct outbox_due *all = arena_array(op->arena, room, sizeof *all);

		if (list->n > 0)
			memcpy(all, list->all, list->n * sizeof *all);
		list->all = all;
		list->room = room;
	}
	list->all[list->n++] =
	    (struct outbox_due){ .destination = destination, .due_at = due_at };
}

static int
by_due(const void *a, const void *b)
{
	const struct outbox_due *x = a, *y = b;

	return (x->due_at > y->due_at) - (x->due_at < y->due_at);
}

enum err
outbox_due_stepwise(struct op *op, enum runner runner, struct outbox_due **ret, size_t *ret_n)
{
	struct due_list list = { .n = 0 };
	struct next_row next = { .destination = "" };
	enum err e = db_now(op);

	while (e == OK && next.destination != NULL && list.n < PLACES_MAX) {
		struct first_row first;

		e = db_one(op, STMT_outbox_due_next,
		    DB_ARGS(DB_TEXT("runner", runner_name(runner)),
			DB_TEXT("after", next.destination)),
		    &next_shape, &next);
		if (e != OK || next.destination == NULL)
			break;
		e = db_one(op, STMT_outbox_due_first,
		    DB_ARGS(DB_TEXT("runner", runner_name(runner)),
			DB_TEXT("destination", next.destination)),
		    &first_shape, &first);
		if (e == OK && first.due_at != TIME_NONE && first.due_at <= op->now_us)
			due_add(op, &list, next.destination, first.due_at);
	}
	if (e != OK)
		return e;
	if (list.n > 1)
		qsort(list.all, list.n, sizeof *list.all, by_due);
	*ret = list.all;
	*ret_n = list.n;
	return OK;
}
