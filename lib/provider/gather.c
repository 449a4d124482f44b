#include "provider/gather.h"

#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "order/ahead.h"
#include "outbox/outbox.h"
#include "pos/pos.h"
#include "tenant/integration.h"

/*
 * In this order what waits is written. What is dropped was put by an earlier transaction: no
 * handler drops what it has put. A message that goes on does so before its next step begins, or is
 * put off, or is over; it is kept as done before it is deleted.
 */
static const struct db_waiting writes[] = {
	{ STMT_history_add, STMT__MAX },
	{ STMT_orders_save, STMT__MAX },
	{ STMT_outbox_drop, STMT__MAX },
	{ STMT_outbox_put_all, STMT__MAX },
	{ STMT_inbox_unpark, STMT_inbox_unpark_all },
	{ STMT_outbox_next, STMT__MAX },
	{ STMT_outbox_go_on, STMT__MAX },
	{ STMT_outbox_begin, STMT_outbox_begin_all },
	{ STMT_outbox_later, STMT__MAX },
	{ STMT_outbox_yield, STMT__MAX },
	{ STMT_outbox_anew, STMT__MAX },
	{ STMT_outbox_done, STMT_outbox_done_all },
	{ STMT_outbox_delete, STMT_outbox_delete_all },
};

bool
gather_is_about_order(const struct message *m)
{
	return m->kind == MESSAGE_pos_submit || m->kind == MESSAGE_pos_follow ||
	       m->kind == MESSAGE_pos_void || m->kind == MESSAGE_pos_tidy ||
	       m->kind == MESSAGE_pos_look || m->kind == MESSAGE_pos_hint ||
	       m->kind == MESSAGE_pos_watch;
}

/* Will the handler want to know what was ordered? */
static bool
wants_order(struct op *op, const struct message *m, enum gathering what)
{
	const struct pos_adapter *pos;

	if (what == GATHER_BEGINNINGS)
		return m->kind == MESSAGE_pos_submit || m->kind == MESSAGE_pos_follow ||
		       m->kind == MESSAGE_pos_void || m->kind == MESSAGE_pos_tidy;
	if (m->kind != MESSAGE_pos_submit && m->kind != MESSAGE_pos_follow)
		return false;
	pos = pos_adapter_find(
	    arena_strndup(op->arena, m->destination, strcspn(m->destination, ":")));
	return pos != NULL && pos->reads_with_order;
}

/* Locks all of these, and reads those that are wanted whole. */
static enum err
orders_gather(struct op *op, const struct order_name *orders, size_t n,
    const struct order_name *wanted, size_t wanted_n)
{
	enum err e = orders_lock_ahead(op, orders, n);

	return e != OK || wanted_n == 0 ? e : orders_read_ahead(op, wanted, wanted_n);
}

enum err
gather_begin(struct op *op, const struct message *const *messages, size_t n, enum gathering what)
{
	struct order_name *orders = arena_array(op->arena, n, sizeof *orders);
	struct order_name *wanted = arena_array(op->arena, n, sizeof *wanted);
	int64_t *restaurants = arena_array(op->arena, n, sizeof *restaurants);
	size_t orders_n = 0, wanted_n = 0;
	enum err e;

	if (op->notes == NULL)
		db_notes_begin(op, writes, sizeof writes / sizeof writes[0], orders_save_late);
	for (size_t i = 0; i < n; i++) {
		const struct message *m = messages[i];

		if (!gather_is_about_order(m))
			continue;
		restaurants[orders_n] = m->restaurant_id;
		orders[orders_n++] = (struct order_name){
			.restaurant_id = m->restaurant_id, .id = m->subject_id };
		if (wants_order(op, m, what))
			wanted[wanted_n++] = orders[orders_n - 1];
	}
	if (orders_n == 0)
		return OK;
	e = orders_gather(op, orders, orders_n, wanted, wanted_n);
	return e != OK ? e
		       : integrations_read_ahead(
			     op, restaurants, orders_n, what == GATHER_BEGINNINGS);
}
