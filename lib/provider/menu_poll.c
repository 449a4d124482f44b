/*
 * A menu whose POS tells of changes is fetched once in a while all the same, lest a call was lost
 * (E48). Whatever publishes one sees to it that the next such fetch is due.
 */
#include "op/op.h"
#include "provider/connect.h"
#include "provider/menu.h"

static int64_t
poll_us(const struct connection *c)
{
	return pos_can(c->adapter, POS_MENU) && c->problems.n == 0
		   ? INT64_C(1000000) * pos_traits_of(c->config).menu_poll_s
		   : 0;
}

enum err
menu_poll_put(struct op *op, const struct connection *c)
{
	if (poll_us(c) == 0)
		return OK;
	return outbox_hasten(op,
	    &(struct message_new){ .kind = MESSAGE_menu_poll,
		.destination = arena_printf(op->arena, "menu:%lld", (long long)c->restaurant.id),
		.restaurant_id = c->restaurant.id,
		.subject_id = c->restaurant.id,
		.delay_us = poll_us(c) });
}

enum err
menu_poll(struct op *op, const struct message *m)
{
	struct connection c;
	bool has_another = false;
	int64_t sync_id;
	enum err e = outbox_has_another(op, m, &has_another);

	if (e == OK && !has_another)
		e = connection_of(op, m->restaurant_id, &c);
	if (has_another || e == ERR_NO_ROW || (e == OK && poll_us(&c) == 0))
		return outbox_finish(op, m, OUTCOME_DONE, "There is nothing to fetch");
	if (e == OK)
		e = menu_sync_start(op, m->restaurant_id, &sync_id);
	return e != OK ? e : outbox_later(op, m, poll_us(&c), NULL);
}
