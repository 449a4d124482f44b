#include "event/event.h"

#include <stddef.h>

#include "db/db.h"
#include "mem/arena.h"
#include "op/crash.h"
#include "op/op.h"

struct event_note {
	struct event_note *next;
	int64_t restaurant_id, order_id;
	const char *kind, *data;
};

enum err
event_insert(struct op *op, int64_t restaurant_id, int64_t seq, const char *kind, int64_t order_id,
    const char *data)
{
	return db_run(op, STMT_event_insert,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_I64("seq", seq),
		DB_TEXT("kind", kind), DB_ID("order_id", order_id), DB_TEXT("data", data)));
}

/* Counter rows are locked in the order of restaurants, whoever is told first. */
static enum err
events_write(struct op *op, void *unused)
{
	(void)unused;
	CRASH_POINT("event.before_counter");
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
