#include "order/board.h"

#include "db/db.h"
#include "op/op.h"

/* Times that every order lies between. */
#define EARLIEST_US INT64_C(0)
#define LATEST_US (INT64_C(253402300799) * 1000000) /* the end of the year 9999 */

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

/*
 * A place in the order of (time, id). What is looked for lies strictly between two of them: with id
 * 0 a time itself is inside behind it, and outside before it.
 */
struct place {
	int64_t at, id;
};

struct board {
	int64_t restaurant_id;
	const struct board_filter *filter;
	struct place from, to;
	struct order *orders;
	size_t n;
	bool has_more;
};

static bool
is_before(struct place a, struct place b)
{
	return a.at < b.at || (a.at == b.at && a.id < b.id);
}

static void
places_set(struct board *b)
{
	const struct board_filter *f = b->filter;

	b->from = (struct place){ f->since_us != TIME_NONE ? f->since_us : EARLIEST_US, 0 };
	b->to = (struct place){ f->until_us != TIME_NONE ? f->until_us : LATEST_US, 0 };
	if (f->after != NULL) {
		struct place cursor = { f->after->created_at, f->after->id };

		if (f->is_oldest_first && is_before(b->from, cursor))
			b->from = cursor;
		if (!f->is_oldest_first && is_before(cursor, b->to))
			b->to = cursor;
	}
}

static enum stmt
statement_of(const struct board_filter *f)
{
	if (f->is_open_only || f->delivery != BOARD_DELIVERY_ANY)
		return STMT_board_open;
	return f->is_oldest_first ? STMT_board_oldest : STMT_board_newest;
}

static enum err
ids_read(struct op *op, const struct board *b, struct id_row **ret, size_t *ret_n)
{
	const struct board_filter *f = b->filter;
	const struct db_arg args[] = {
		DB_I64("restaurant_id", b->restaurant_id),
		DB_TIME("from_at", b->from.at),
		DB_I64("from_id", b->from.id),
		DB_TIME("to_at", b->to.at),
		DB_I64("to_id", b->to.id),
		DB_TEXT("statuses", f->statuses),
		DB_TEXT("order_types", f->order_types),
		DB_TEXT("payment_statuses", f->payment_statuses),
		DB_TEXT("pos_states", f->pos_states),
		DB_I64("released", f->released == BOARD_RELEASED	? 1
				   : f->released == BOARD_UNRELEASED ? 0
								     : -1),
		DB_TEXT("order_number", f->order_number),
		DB_TEXT("tail", f->tail),
		DB_I64("tail_is_number", f->tail_is_number),
		DB_I64("n", f->n),
		/* of open orders only */
		DB_I64("delivery", f->delivery),
		DB_I64("oldest_first", f->is_oldest_first),
	};
	size_t n = sizeof args / sizeof args[0];
	enum stmt stmt = statement_of(f);

	return db_many(op, stmt, args, stmt == STMT_board_open ? n : n - 2, &id_shape, ret, ret_n);
}

static enum err
board_body(struct op *op, void *arg)
{
	struct board *b = arg;
	int64_t ids[ORDERS_READ_MAX];
	struct id_row *rows;
	size_t n;
	enum err e = ids_read(op, b, &rows, &n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n && i < ORDERS_READ_MAX; i++)
		ids[i] = rows[i].id;
	b->n = 0;
	e = orders_read(op, b->restaurant_id, ids, n, &b->orders, &b->n);
	b->has_more = (int64_t)n == b->filter->n || b->n < n;
	return e;
}

enum err
board_read(struct op *op, int64_t restaurant_id, const struct board_filter *f, struct order **ret,
    size_t *ret_n, bool *ret_more)
{
	struct board b = { .restaurant_id = restaurant_id, .filter = f };
	enum err e;

	places_set(&b);
	e = db_snapshot(op, board_body, &b);
	if (e != OK)
		return e;
	*ret = b.orders;
	*ret_n = b.n;
	*ret_more = b.has_more;
	return OK;
}
