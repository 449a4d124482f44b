#include "order/trouble.h"

#include "db/db.h"
#include "op/op.h"

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

struct trouble {
	int64_t restaurant_id, after, n;
	struct order *orders;
	size_t orders_n;
	bool has_more;
};

static enum err
trouble_body(struct op *op, void *arg)
{
	struct trouble *t = arg;
	int64_t ids[ORDERS_READ_MAX];
	struct id_row *rows;
	size_t n;
	enum err e = db_many(op, STMT_orders_in_trouble,
	    DB_ARGS(DB_I64("restaurant_id", t->restaurant_id), DB_I64("after", t->after),
		DB_I64("n", t->n)),
	    &id_shape, &rows, &n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	e = orders_read(op, t->restaurant_id, ids, n, &t->orders, &t->orders_n);
	t->has_more = (int64_t)n == t->n || t->orders_n < n;
	return e;
}

enum err
trouble_read(struct op *op, int64_t restaurant_id, int64_t after, int64_t n, struct order **ret,
    size_t *ret_n, bool *ret_more)
{
	struct trouble t = { .restaurant_id = restaurant_id,
		.after = after,
		.n = n < ORDERS_READ_MAX ? n : ORDERS_READ_MAX };
	enum err e = db_snapshot(op, trouble_body, &t);

	if (e != OK)
		return e;
	*ret = t.orders;
	*ret_n = t.orders_n;
	*ret_more = t.has_more;
	return OK;
}
