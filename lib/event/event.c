#include "event/event.h"

#include <stddef.h>
#include <stdlib.h>

#include "db/db.h"
#include "mem/arena.h"
#include "mem/buf.h"
#include "op/crash.h"
#include "op/op.h"

struct event_note {
	struct event_note *next;
	int64_t restaurant_id, order_id;
	const char *kind, *data;
};

#define EVENT_ARGS_N 5

static void
args_of(const struct event_note *n, int64_t seq, struct db_arg ret[EVENT_ARGS_N])
{
	ret[0] = (struct db_arg)DB_I64("restaurant_id", n->restaurant_id);
	ret[1] = (struct db_arg)DB_I64("seq", seq);
	ret[2] = (struct db_arg)DB_TEXT("kind", n->kind);
	ret[3] = (struct db_arg)DB_ID("order_id", n->order_id);
	ret[4] = (struct db_arg)DB_TEXT("data", n->data);
}

enum err
event_insert(struct op *op, int64_t restaurant_id, int64_t seq, const char *kind, int64_t order_id,
    const char *data)
{
	const struct event_note n = { .restaurant_id = restaurant_id,
		.order_id = order_id,
		.kind = kind,
		.data = data };
	struct db_arg args[EVENT_ARGS_N];

	args_of(&n, seq, args);
	return db_insert(op, STMT_event_insert, args, EVENT_ARGS_N, 1);
}

static enum err
events_of_one(struct op *op)
{
	for (const struct event_note *n = op->events; n != NULL; n = n->next) {
		int64_t seq;
		enum err e = db_newid(
		    op, STMT_event_next, DB_ARGS(DB_I64("restaurant_id", n->restaurant_id)), &seq);

		if (e == OK)
			e = event_insert(op, n->restaurant_id, seq, n->kind, n->order_id, n->data);
		if (e == ERR_NO_ROW)
			return fail(op, ERR_INTERNAL_ERROR, "A restaurant has no counters");
		if (e != OK)
			return e;
	}
	return OK;
}

/* --- of several restaurants ------------------------------------------------------------------- */

struct seq_row {
	int64_t restaurant_id, seq;
};
static const struct db_col seq_cols[] = { COL_I64(struct seq_row, restaurant_id),
	COL_I64(struct seq_row, seq) };
static const struct db_shape seq_shape = DB_SHAPE(struct seq_row, seq_cols);

static int
by_restaurant(const void *a, const void *b)
{
	const struct seq_row *x = a, *y = b;

	return (x->restaurant_id > y->restaurant_id) - (x->restaurant_id < y->restaurant_id);
}

static size_t
events_n(const struct event_note *n, int64_t restaurant_id)
{
	size_t events = 0;

	for (; n != NULL && n->restaurant_id == restaurant_id; n = n->next)
		events++;
	return events;
}

/* "[[restaurant,events],...]" in the order of restaurants; *ret_n of them. */
static const char *
wanted_list(struct op *op, size_t *ret_n)
{
	struct buf list;
	size_t notes = 0, n;

	for (const struct event_note *e = op->events; e != NULL; e = e->next)
		notes++;
	buf_init(&list, op->arena, notes * 44 + 3);
	*ret_n = 0;
	for (const struct event_note *e = op->events; e != NULL; (*ret_n)++) {
		n = events_n(e, e->restaurant_id);
		buf_addf(&list, "%s[%lld,%zu]", *ret_n == 0 ? "[" : ",",
		    (long long)e->restaurant_id, n);
		while (n-- > 0)
			e = e->next;
	}
	buf_addc(&list, ']');
	return list.data;
}

/* Two statements for the numbers of all, and a few for all rows: a batch has dozens of them. */
static enum err
events_of_many(struct op *op, const char *wanted, size_t restaurants_n)
{
	const struct event_note *n = op->events;
	struct db_arg *args;
	struct seq_row *rows;
	size_t rows_n, total = 0;
	int64_t changed;
	enum err e;

	e = db_changed(op, STMT_event_seqs_take, DB_ARGS(DB_TEXT("wanted", wanted)), &changed);
	if (e == OK)
		e = db_many(op, STMT_event_seqs, DB_ARGS(DB_TEXT("wanted", wanted)), &seq_shape,
		    &rows, &rows_n);
	if (e != OK)
		return e;
	if (rows_n != restaurants_n || changed != (int64_t)restaurants_n)
		return fail(op, ERR_INTERNAL_ERROR, "A restaurant has no counters");
	qsort(rows, rows_n, sizeof *rows, by_restaurant);
	for (const struct event_note *x = n; x != NULL; x = x->next)
		total++;
	args = arena_array(op->arena, total * EVENT_ARGS_N, sizeof *args);
	total = 0;
	for (size_t r = 0; r < rows_n; r++) {
		int64_t left = (int64_t)events_n(n, rows[r].restaurant_id);

		for (; left > 0; left--, n = n->next)
			args_of(n, rows[r].seq - left + 1, args + EVENT_ARGS_N * total++);
	}
	return db_insert(op, STMT_event_insert, args, EVENT_ARGS_N, total);
}

/* Counter rows are locked in the order of restaurants, whoever is told first. */
static enum err
events_write(struct op *op, void *unused)
{
	const char *wanted;
	size_t n;

	(void)unused;
	CRASH_POINT("event.before_counter");
	wanted = wanted_list(op, &n);
	return n == 1 ? events_of_one(op) : events_of_many(op, wanted, n);
}

void
event_note(
    struct op *op, int64_t restaurant_id, const char *kind, int64_t order_id, const char *data)
{
	struct event_note *n = arena_alloc(op->arena, sizeof *n), **at = &op->events;

	while (*at != NULL && (*at)->restaurant_id <= restaurant_id)
		at = &(*at)->next;
	*n = (struct event_note){ .next = *at, .restaurant_id = restaurant_id,
		.order_id = order_id, .kind = kind, .data = data };
	*at = n;
	op_before_commit(op, events_write, NULL);
}
