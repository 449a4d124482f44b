/*
 * relays_room: a provider room for tests of the relay: a message's payload is the URL to call, on a
 * server that is as hostile as the path says (hostile.h), and /poison kills whoever begins it.
 *
 * Included by the test itself: so it is linked before the library's, which therefore is not, and
 * what is tested is the relay and the outbox.
 */
#ifndef TICKETRAIL_T_RELAYS_ROOM_H
#define TICKETRAIL_T_RELAYS_ROOM_H

#include <signal.h>
#include <string.h>

#include "db/db.h"
#include "op/crash.h"
#include "op/op.h"
#include "outbox/outbox.h"
#include "provider/call.h"

static bool
ends_with(const struct message *m, const char *end)
{
	size_t len = strlen(end);

	return m->payload.len > len && memcmp(m->payload.data + m->payload.len - len, end, len) == 0;
}

/* "http://...\nhttp://...": one call after the other. */
static struct bytes
next_of(const struct message *m)
{
	const char *all = m->payload.data, *end = all != NULL ? memchr(all, '\n', m->payload.len) : NULL;

	if (end == NULL)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ end + 1, m->payload.len - (size_t)(end + 1 - all) };
}

/* A message to /poison kills whoever begins it; one to /unbegun cannot be begun. */
static enum err
begin_one(struct op *op, const struct message *m)
{
	if (ends_with(m, "/poison"))
		(void)raise(SIGKILL);
	if (ends_with(m, "/unbegun") && next_of(m).len == 0)
		return fail(op, ERR_INTERNAL_ERROR, "It cannot be begun");
	return outbox_begin(op, m);
}

static enum err
begin_body(struct op *op, void *arg)
{
	return begin_one(op, arg);
}

#define BEGIN_LEN ((size_t)1024 * 1024)

/*
 * Beginning takes memory (much, if the call is to hang), and what several that are begun together
 * have in common lies in the arena of the op that began them.
 */
static enum err
begun(struct op *op, struct op *common, const struct message *m, bool *ret_send,
    struct provider_call *ret_call)
{
	CRASH_POINT("test.begun");
	(void)arena_alloc(op->arena, ends_with(m, "/hang") ? BEGIN_LEN : 1);
	*ret_send = true;
	ret_call->limits = (struct call_limits){
		.connect_ms = 1000, .total_ms = 2500, .window_ms = 1500, .reply_max = 4096
	};
	ret_call->call = (struct http_call){ .method = "POST",
		.body_kind = CALL_BODY_JSON,
		.body = { "{}", 2 },
		.url = arena_strndup(common->arena, m->payload.data,
		    m->payload.len - next_of(m).len - (next_of(m).len > 0 ? 1 : 0)) };
	return OK;
}

enum err
provider_begin(struct op *op, const struct provider *p, const struct message *m, bool *ret_send,
    struct provider_call *ret_call)
{
	enum err e = db_tx(op, begin_body, (void *)m);

	(void)p;
	return e == OK ? begun(op, op, m, ret_send, ret_call) : e;
}

/* What they have in common is what the URLs are read from. */
enum err
provider_begin_within(
    struct op *op, const struct provider *p, struct provider_beginning *b, size_t n)
{
	enum err e = OK;

	(void)p;
	for (size_t i = 0; i < n && e == OK; i++) {
		e = begin_one(op, b[i].message);
		b[i].attempt = (struct attempt *)op;
	}
	return e == OK ? db_notes_write(op) : e;
}

void
provider_begun(struct provider_beginning *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b[i].e = begun(b[i].op, (struct op *)b[i].attempt, b[i].message, &b[i].send, b[i].call);
}

struct some {
	struct provider_beginning *b;
	size_t n;
};

static enum err
some_body(struct op *op, void *arg)
{
	const struct some *s = arg;

	return provider_begin_within(op, NULL, s->b, s->n);
}

enum err
provider_begin_some(
    struct op *op, const struct provider *p, struct provider_beginning *b, size_t n)
{
	enum err e = db_tx(op, some_body, &(struct some){ .b = b, .n = n });

	(void)p;
	if (e == OK)
		provider_begun(b, n);
	return e;
}

enum err
provider_end_step(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	bool is_unsure = !r->has_reply && call_failure_is_after_send(r->failure);

	(void)p;
	*ret = (struct provider_ending){
		.outcome = is_unsure                                    ? OUTCOME_UNSURE
			   : r->has_reply && r->reply.status < 300      ? OUTCOME_DONE
			   : r->has_reply && r->reply.status / 100 == 4 ? OUTCOME_REFUSED
									: OUTCOME_LATER,
		.payload = next_of(m)
	};
	ret->has_next = ret->outcome == OUTCOME_DONE && ret->payload.len > 0;
	if (ret->has_next)
		return OK;
	if (ret->outcome == OUTCOME_LATER && !outbox_is_last(op, m))
		return outbox_later(op, m, outbox_pause(op, m, 0),
		    r->has_reply ? "HTTP" : call_failure_name(r->failure));
	return outbox_finish(
	    op, m, ret->outcome, r->has_reply ? "HTTP" : call_failure_name(r->failure));
}

enum err
provider_quarantine(struct op *op, const struct message *m, const char *why)
{
	return outbox_quarantine(op, m, why);
}

int
provider_lock_compare(const struct message *a, const struct message *b)
{
	return (a->id > b->id) - (a->id < b->id);
}

#endif
