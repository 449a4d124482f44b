#include "relay/batch.h"

#include <stdlib.h>
#include <string.h>

#include "log/log.h"
#include "op/crash.h"
#include "provider/gather.h"
#include "provider/rate.h"

struct batch {
	struct shift *shift;
	const struct provider *provider;
	struct batch_item *items;
	size_t n;
	bool goes_on; /* what may follow at once does */
	size_t at; /* the item under way; n: all were written, and the commit is next */

	/* of the items, by their places in the batch */
	struct provider_ending endings[BATCH_MAX];
	/* what follows; next_n of them */
	struct provider_beginning beginnings[BATCH_MAX];
	struct batch_next *nexts[BATCH_MAX];
	size_t next_n;
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

/* --- what follows ----------------------------------------------------------------------------- */

/* The place of the item's destination; it is made if there is none. */
static struct outbox_place *
place_of(struct op *op, const struct batch *b, const struct message *m, struct outbox_place *places,
    size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(places[i].destination, m->destination) == 0)
			return &places[i];
	places[*n] = (struct outbox_place){ .destination = m->destination,
		.rate = provider_rate(op->arena, &b->shift->config, m->destination) };
	return &places[(*n)++];
}

static bool
may_follow(const struct batch *b, size_t i)
{
	return b->goes_on && b->endings[i].has_next && b->items[i].next != NULL;
}

/* It is kept and will be begun, or given back. */
static enum err
follow(struct op *op, struct batch *b, size_t i, bool is_kept)
{
	const struct batch_item *item = &b->items[i];
	struct batch_next *next = item->next;
	struct message *kept;
	enum err e;

	if (!is_kept)
		return outbox_next(op, item->message, b->endings[i].payload);
	e = outbox_go_on(op, item->message, b->endings[i].payload, b->shift->lease_us, &kept);
	if (e != OK)
		return e;
	next->message = message_copy(next->op.arena, kept);
	b->beginnings[b->next_n] = (struct provider_beginning){
		.op = &next->op, .message = next->message, .call = &next->call
	};
	b->nexts[b->next_n++] = next;
	return OK;
}

/* Keeps as many of them as the rates allow, and gives back the others. */
static enum err
follow_all(struct op *op, struct batch *b)
{
	struct outbox_place *places = arena_array(op->arena, b->n, sizeof *places);
	size_t places_n = 0;
	enum err e;

	for (size_t i = 0; i < b->n; i++)
		if (may_follow(b, i))
			place_of(op, b, b->items[i].message, places, &places_n)->n++;
	qsort(places, places_n, sizeof *places, outbox_place_compare);
	e = places_n > 0 ? outbox_debit(op, places, places_n) : OK;
	for (size_t i = 0; i < b->n && e == OK; i++) {
		struct outbox_place *place = NULL;

		if (!b->endings[i].has_next)
			continue;
		if (may_follow(b, i))
			place = place_of(op, b, b->items[i].message, places, &places_n);
		e = follow(op, b, i, place != NULL && place->n > 0);
		if (place != NULL && place->n > 0)
			place->n--;
	}
	return e;
}

/* Committed. */
static void
followed(struct batch *b)
{
	provider_begun(b->beginnings, b->next_n);
	for (size_t i = 0; i < b->next_n; i++) {
		b->nexts[i]->message->kept_until = 0;
		b->nexts[i]->e = b->beginnings[i].e;
		b->nexts[i]->send = b->beginnings[i].send;
	}
}

/* --- all of it -------------------------------------------------------------------------------- */

static enum err
batch_body(struct op *op, void *arg)
{
	struct batch *b = arg;
	enum err e;

	b->at = b->n;
	b->next_n = 0;
	e = gather(op, b);
	if (e != OK)
		return e;
	for (b->at = 0; b->at < b->n; b->at++) {
		struct batch_item *item = &b->items[b->at];

		/* What follows from an ending belongs to its trace. */
		memcpy(op->trace_id, item->message->trace_id, sizeof op->trace_id);
		op->restaurant_id = item->message->restaurant_id;
		e = provider_end_step(
		    op, b->provider, item->message, item->result, &b->endings[b->at]);
		item->outcome = b->endings[b->at].outcome;
		if (e != OK)
			return e;
	}
	e = follow_all(op, b);
	CRASH_POINT("batch.before_next");
	if (e == OK)
		e = b->next_n > 0
			? provider_begin_within(op, b->provider, b->beginnings, b->next_n)
			: db_notes_write(op);
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
write_all(struct op *op, struct shift *s, const struct provider *provider,
    struct batch_item *items, size_t n, bool goes_on, size_t *ret_at)
{
	struct batch b = {
		.shift = s, .provider = provider, .items = items, .n = n, .goes_on = goes_on
	};
	enum err e = db_tx(op, batch_body, &b);
	enum batch_end end = end_of(op, e);

	if (e == OK) {
		CRASH_POINT("batch.after_commit");
		followed(&b);
	}
	for (size_t i = 0; i < n && e == ERR_COMMIT_UNSURE; i++)
		items[i].is_unsure = true;
	(void)shift_has_lost(s, op, e);
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
	struct op op;
	size_t at;

	if (end != BATCH_OPEN || db_connection_id(s->db) == 0)
		return end;
	item->is_unsure = false;
	shift_op(s, &op, item->message->trace_id);
	end = write_all(&op, s, provider, item, 1, false, &at);
	log_end(&op, item->message, end);
	op_end(&op);
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

/* As one, with what follows. False: some are open still, and nothing has followed any of them. */
static bool
write_together(struct op *op, struct shift *s, const struct provider *provider,
    struct batch_item *items, size_t n)
{
	size_t at;
	enum batch_end end = write_all(op, s, provider, items, n, true, &at);

	for (size_t i = 0; i < n && end == BATCH_DONE; i++)
		items[i].end = BATCH_DONE;
	if (end == BATCH_DONE)
		return true;
	/* The one that met the lock is known, unless it was the last, which the commit takes. */
	if (end == BATCH_LOCKED && at < n) {
		items[at].end = BATCH_LOCKED;
		log_end(op, items[at].message, BATCH_LOCKED);
	}
	for (size_t i = 0; i < n; i++)
		if (items[i].next != NULL)
			items[i].next->message = NULL;
	return false;
}

void
batch_finish(struct op *op, struct shift *s, const struct provider *provider,
    struct batch_item *items, size_t n)
{
	bool is_unsure = false;

	for (size_t i = 0; i < n; i++) {
		items[i].end = BATCH_OPEN;
		is_unsure = is_unsure || items[i].is_unsure;
	}
	if (n == 0)
		return;
	qsort(items, n, sizeof *items, by_lock);
	if (is_unsure || (n == 1 && items[0].next == NULL) ||
	    !write_together(op, s, provider, items, n))
		write_each(s, provider, items, n);
}
