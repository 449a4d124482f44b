#include "relay/batch.h"

#include <stdlib.h>
#include <string.h>

#include "log/log.h"
#include "op/crash.h"

struct batch {
	const struct provider *provider;
	struct batch_item *items;
	size_t n;
};

static int
by_lock_key(const void *a, const void *b)
{
	const struct message *x = ((const struct batch_item *)a)->message,
			     *y = ((const struct batch_item *)b)->message;
	int64_t kx = provider_lock_key(x), ky = provider_lock_key(y);

	if (kx != ky)
		return kx < ky ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static enum err
batch_body(struct op *op, void *arg)
{
	const struct batch *b = arg;
	enum err e = OK;

	for (size_t i = 0; i < b->n && e == OK; i++) {
		struct batch_item *item = &b->items[i];

		/* What follows from an ending belongs to its trace. */
		memcpy(op->trace_id, item->message->trace_id, sizeof op->trace_id);
		op->restaurant_id = item->message->restaurant_id;
		e = provider_end(op, b->provider, item->message, item->result, &item->outcome);
	}
	CRASH_POINT("batch.before_commit");
	return e;
}

/* Writes these in one transaction. */
static enum err
write_all(struct shift *s, const struct provider *provider, struct batch_item *items, size_t n)
{
	struct batch b = { .provider = provider, .items = items, .n = n };
	struct op op;
	enum err e;

	shift_op(s, &op, items[0].message->trace_id);
	e = db_tx(&op, batch_body, &b);
	if (e == OK)
		CRASH_POINT("batch.after_commit");
	else if (n == 1 && e == ERR_CONFLICT)
		log_event(LOG_LEVEL_WARN, "claim_passed_on", items[0].message->trace_id,
		    LOG_FIELDS(LOG_TEXT("kind", items[0].message->kind_name),
			LOG_I64("message", items[0].message->id),
			LOG_TEXT("destination", items[0].message->destination)));
	else if (!shift_has_lost(s, &op, e) && n == 1)
		shift_complain("ending_not_written", &op, items[0].message);
	op_end(&op);
	return e;
}

static enum batch_end
end_of(enum err e)
{
	switch (e) {
	case OK:
		return BATCH_DONE;
	case ERR_CONFLICT:
		return BATCH_STALE;
	case ERR_UNAVAILABLE:
	case ERR_COMMIT_UNSURE:
		return BATCH_OPEN;
	default:
		return BATCH_BROKEN;
	}
}

void
batch_finish(struct shift *s, const struct provider *provider, struct batch_item *items, size_t n)
{
	enum err e;

	for (size_t i = 0; i < n; i++)
		items[i].end = BATCH_OPEN;
	if (n == 0)
		return;
	qsort(items, n, sizeof *items, by_lock_key);
	e = write_all(s, provider, items, n);
	if (e == OK || n == 1) {
		for (size_t i = 0; i < n; i++)
			items[i].end = end_of(e);
		return;
	}
	for (size_t i = 0; i < n && db_connection_id(s->db) != 0; i++)
		items[i].end = end_of(write_all(s, provider, &items[i], 1));
}
