#include "order/ahead.h"

#include "mem/buf.h"
#include "op/op.h"

const char *
orders_named(struct op *op, const struct order_name *names, size_t n)
{
	struct buf list;

	buf_init(&list, op->arena, n * 44 + 3);
	buf_addc(&list, '[');
	for (size_t i = 0; i < n; i++)
		if (i == 0 || names[i].id != names[i - 1].id)
			buf_addf(&list, "%s[%lld,%lld]", i == 0 ? "" : ",",
			    (long long)names[i].restaurant_id, (long long)names[i].id);
	buf_addc(&list, ']');
	return list.data;
}

struct orders_ahead *
orders_ahead_of(struct op *op)
{
	if (op->orders_ahead == NULL) {
		op->orders_ahead = arena_alloc(op->arena, sizeof *op->orders_ahead);
		*op->orders_ahead = (struct orders_ahead){ .axes_n = 0 };
	}
	return op->orders_ahead;
}
