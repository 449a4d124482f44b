#include "relay/batch.h"

#include <stdlib.h>
#include <string.h>

#include "log/log.h"
#include "op/crash.h"
#include "provider/gather.h"

struct batch {
	const struct provider *provider;
	struct batch_item *items;
	size_t n;
	size_t at; /* the item under way; n: all were written, and the commit is next */
};

static int
by_lock(const void *a, const void *b)
{
	return provider_lock_compare(
	    ((const struct batch_item *)a)->message, ((const struct batch_item *)b)->message);
}

/* One alone is written as it comes, so that its own failure is told as what it is. */
static enum err
gather(struct op *op, const struct batch *b)
{
	const struct message **messages = arena_array(op->arena, b->n, sizeof(void *));

	for (size_t i = 0; i < b->n; i++)
		messages[i] = b->items[i].message;
	return b->n == 1 ? OK : gather_begin(op, messages, b->n, GATHER_ENDINGS);
}

static enum err
batch_body(struct op *op, void *arg)
{
	struct batch *b = arg;
	enum err e;

	b->at = b->n;
	e = gather(op, b);
	if (e != OK)
		return e;
	for (b->at = 0; b->at < b->n; b->at++) {
		struct batch_item *item = &b->items[b->at];

		/* What follows from an ending belongs to its trace. */
		memcpy(op->trace_id, item->message->trace_id, sizeof op->trace_id);
		op->restaurant_id = item->message->restaurant_id;
		e = provider_end(op, b->provider, item->message, item->result, &item->outcome);
		if (e != OK)
			return e;
	}
	e = db_notes_write(op);
	CRASH_POINT("batch.before_commit");
	return e;
}

static enum batch_end
end_of(const struct op *op, enum err e)
{
	switch (e) {
	case OK:
		return BATCH_DONE;
	case ERR_CONFLICT:
		return BATCH_STALE;
	case ERR_UNAVAILABLE:
	case ERR_COMMIT_UNSURE:
		return shift_was_locked(op, e) ? BATCH_LOCKED : BATCH_OPEN;
	default:
		return BATCH_BROKEN;
	}
}

static void
log_end(const struct op *op, const struct message *m, enum batch_end end)
{
	if (end == BATCH_STALE)
		log_event(LOG_LEVEL_WARN, "claim_passed_on", m->trace_id,
		    LOG_FIELDS(LOG_TEXT("kind", m->kind_name), LOG_I64("message", m->id),
			LOG_TEXT("destination", m->destination)));
	else if (end == BATCH_BROKEN)
		shift_complain("ending_not_written", op, m);
	else if (end == BATCH_LOCKED)
		log_event(LOG_LEVEL_WARN, "ending_locked_out", m->trace_id,
		    LOG_FIELDS(LOG_TEXT("kind", m->kind_name), LOG_I64("message", m->id),
			LOG_I64("restaurant_id", m->restaurant_id)));
}

/*
 * Writes these in one transaction: how that ended, for all of them. *ret_at: how many were written
 * when it failed.
 */
static enum batch_end
write_all(struct shift *s, const struct provider *provider, struct batch_item *items, size_t n,
    size_t *ret_at)
{
	struct batch b = { .provider = provider, .items = items, .n = n };
	enum batch_end end;
	struct op op;
	enum err e;

	shift_op(s, &op, items[0].message->trace_id);
	e = db_tx(&op, batch_body, &b);
	if (e == OK)
		CRASH_POINT("batch.after_commit");
	end = end_of(&op, e);
	for (size_t i = 0; i < n && e == ERR_COMMIT_UNSURE; i++)
		items[i].is_unsure = true;
	if (!shift_has_lost(s, &op, e) && n == 1)
		log_end(&op, items[0].message, end);
	op_end(&op);
	*ret_at = b.at;
	return end;
}

/* A commit of it got no answer. BATCH_OPEN: there was none. */
static enum batch_end
ask_one(struct shift *s, const struct batch_item *item)
{
	enum batch_end end = BATCH_OPEN;
	bool is_ended = false;
	struct op op;
	enum err e;

	shift_op(s, &op, item->message->trace_id);
	e = outbox_ended(&op, item->message, &is_ended);
	if (e != OK && !shift_has_lost(s, &op, e))
		end = end_of(&op, e);
	else if (is_ended)
		end = BATCH_DONE;
	log_end(&op, item->message, end);
	op_end(&op);
	return end;
}

static enum batch_end
write_one(struct shift *s, const struct provider *provider, struct batch_item *item)
{
	enum batch_end end = item->is_unsure ? ask_one(s, item) : BATCH_OPEN;
	size_t at;

	if (end == BATCH_OPEN && db_connection_id(s->db) != 0) {
		item->is_unsure = false;
		end = write_all(s, provider, item, 1, &at);
	}
	return end;
}

/*
 * Each by itself. The first that meets a lock is the last to wait for one in this round: there is a
 * heartbeat to be sent.
 */
static void
write_each(struct shift *s, const struct provider *provider, struct batch_item *items, size_t n)
{
	const struct message *locked = NULL;

	for (size_t i = 0; i < n && db_connection_id(s->db) != 0; i++) {
		if (items[i].end != BATCH_OPEN)
			continue;
		if (locked == NULL) {
			items[i].end = write_one(s, provider, &items[i]);
			if (items[i].end == BATCH_LOCKED)
				locked = items[i].message;
		} else if (items[i].message->restaurant_id == locked->restaurant_id)
			items[i].end = BATCH_LOCKED;
	}
}

void
batch_finish(struct shift *s, const struct provider *provider, struct batch_item *items, size_t n)
{
	bool is_unsure = false;
	enum batch_end end;
	size_t at;

	for (size_t i = 0; i < n; i++) {
		items[i].end = BATCH_OPEN;
		is_unsure = is_unsure || items[i].is_unsure;
	}
	if (n == 0)
		return;
	qsort(items, n, sizeof *items, by_lock);
	if (n == 1 || is_unsure) {
		write_each(s, provider, items, n);
		return;
	}
	end = write_all(s, provider, items, n, &at);
	if (end == BATCH_DONE) {
		for (size_t i = 0; i < n; i++)
			items[i].end = BATCH_DONE;
		return;
	}
	/* The one that met the lock is known, unless it was the last, which the commit takes. */
	if (end == BATCH_LOCKED && at < n)
		items[at].end = BATCH_LOCKED;
	write_each(s, provider, items, n);
}
