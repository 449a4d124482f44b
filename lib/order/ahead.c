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
		*op->orders_ahead = (struct orders_ahead){ .locked_n = 0 };
	}
	return op->orders_ahead;
}

struct order_ahead *
order_locked_ahead(const struct op *op, int64_t restaurant_id, int64_t id)
{
	const struct orders_ahead *ahead = op->orders_ahead;

	for (size_t i = 0; ahead != NULL && i < ahead->locked_n; i++)
		if (ahead->locked[i].axes.id == id &&
		    ahead->locked[i].axes.restaurant_id == restaurant_id)
			return &ahead->locked[i];
	return NULL;
}

struct order *
order_read_already(const struct op *op, int64_t restaurant_id, int64_t id)
{
	const struct orders_ahead *ahead = op->orders_ahead;

	for (size_t i = 0; ahead != NULL && i < ahead->read_n; i++)
		if (ahead->read[i].id == id && ahead->read[i].restaurant_id == restaurant_id)
			return &ahead->read[i];
	return NULL;
}

static struct bytes
newer(struct bytes now, struct bytes before)
{
	return now.data != NULL ? now : before;
}

void
order_keep(struct order_ahead *kept, const struct order_axes *x)
{
	struct order_axes before = kept->axes;

	kept->axes = *x;
	if (kept->is_unwritten) {
		kept->axes.was_status = before.was_status;
		kept->axes.was_pos_state = before.was_pos_state;
		kept->axes.was_payment = before.was_payment;
		kept->axes.pos_request = newer(x->pos_request, before.pos_request);
		kept->axes.pos_response = newer(x->pos_response, before.pos_response);
		kept->axes.pos_callback = newer(x->pos_callback, before.pos_callback);
	}
	kept->is_taken = false;
	kept->is_unwritten = true;
}

const struct order_name *
orders_missing(struct op *op, const struct order_name *names, size_t n,
    bool (*is_there)(const struct op *, const struct order_name *), size_t *ret_n)
{
	struct order_name *missing = arena_array(op->arena, n, sizeof *missing);

	*ret_n = 0;
	for (size_t i = 0; i < n; i++)
		if (!is_there(op, &names[i]))
			missing[(*ret_n)++] = names[i];
	return missing;
}
