#include "provider/gather.h"

#include "db/db.h"
#include "op/op.h"
#include "order/ahead.h"
#include "outbox/outbox.h"
#include "tenant/integration.h"

/*
 * In this order what waits is written. What is dropped was put by an earlier transaction: no
 * handler drops what it has put. A message is kept as done before it is deleted.
 */
static const struct db_waiting writes[] = {
	{ STMT_history_add, STMT__MAX },
	{ STMT_orders_save, STMT__MAX },
	{ STMT_outbox_drop, STMT__MAX },
	{ STMT_outbox_put_all, STMT__MAX },
	{ STMT_inbox_unpark, STMT__MAX },
	{ STMT_outbox_begin, STMT__MAX },
	{ STMT_outbox_next, STMT__MAX },
	{ STMT_outbox_done, STMT_outbox_done_all },
	{ STMT_outbox_delete, STMT__MAX },
};

bool
gather_is_about_order(const struct message *m)
{
	return m->kind == MESSAGE_pos_submit || m->kind == MESSAGE_pos_void ||
	       m->kind == MESSAGE_pos_look || m->kind == MESSAGE_pos_hint ||
	       m->kind == MESSAGE_pos_watch;
}

enum err
gather_begin(struct op *op, const struct message *const *messages, size_t n, enum gathering what)
{
	struct order_name *orders = arena_array(op->arena, n, sizeof *orders);
	int64_t *restaurants = arena_array(op->arena, n, sizeof *restaurants);
	size_t orders_n = 0;
	enum err e;

	db_notes_begin(op, writes, sizeof writes / sizeof writes[0]);
	for (size_t i = 0; i < n; i++)
		if (gather_is_about_order(messages[i])) {
			restaurants[orders_n] = messages[i]->restaurant_id;
			orders[orders_n++] = (struct order_name){
				.restaurant_id = messages[i]->restaurant_id,
				.id = messages[i]->subject_id };
		}
	if (orders_n == 0)
		return OK;
	e = orders_lock_ahead(op, orders, orders_n);
	if (e == OK && what == GATHER_BEGINNINGS)
		e = orders_read_ahead(op, orders, orders_n);
	return e != OK ? e
		       : integrations_read_ahead(
			     op, restaurants, orders_n, what == GATHER_BEGINNINGS);
}
