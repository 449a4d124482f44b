#include "provider/call.h"

#include <string.h>

#include "db/db.h"
#include "op/crash.h"
#include "op/op.h"
#include "provider/gather.h"
#include "provider/handler.h"

struct handler {
	handler_begin *begin;
	handler_end *end;
	handler_dead *dead; /* NULL: nobody waits for it */
};

/* The remote kinds of message.def. */
static const struct handler handlers[MESSAGE__MAX] = {
	[MESSAGE_pos_submit] = { submit_begin, submit_end, submit_dead },
	[MESSAGE_pos_follow] = { follow_begin, follow_end, follow_dead },
	[MESSAGE_pos_void] = { void_begin, void_end, void_dead },
	[MESSAGE_pos_tidy] = { tidy_begin, tidy_end, NULL },
	[MESSAGE_pos_look] = { look_begin, look_end, NULL },
	[MESSAGE_pos_hint] = { look_begin, look_end, NULL },
	[MESSAGE_pos_watch] = { look_begin, look_end, NULL },
	[MESSAGE_pos_login] = { login_begin, login_end, login_dead },
	[MESSAGE_pos_probe] = { probe_ask, probe_hear, probe_dead },
	[MESSAGE_menu_fetch] = { menu_fetch_begin, menu_fetch_end, menu_fetch_dead },
	[MESSAGE_otp_sms] = { otp_begin, otp_end, NULL },
	[MESSAGE_notice_sms] = { notice_begin, notice_end, notice_dead },
};

static const struct handler *
handler_of(const struct message *m)
{
	return m->kind < MESSAGE__MAX && handlers[m->kind].begin != NULL ? &handlers[m->kind]
									 : NULL;
}

/* All of a beginning but that the message says so. */
static enum err
attempt_begin(struct op *op, struct attempt *a)
{
	const struct handler *h = handler_of(a->message);

	a->is_sent = false;
	/* A kind of a newer version: left for a relay that knows it. */
	if (h == NULL)
		return outbox_later(
		    op, a->message, INT64_C(60) * 1000000, "This version does not know the kind");
	return h->begin(op, a);
}

static enum err
begin_body(struct op *op, void *arg)
{
	struct attempt *a = arg;
	enum err e = attempt_begin(op, a);

	if (e == OK && a->is_sent)
		e = outbox_begin(op, a->message);
	CRASH_POINT("provider_begin.before_commit");
	return e;
}

static bool
secret_find(void *arg, const char *name, const char **ret_value)
{
	const struct attempt *a = arg;

	for (size_t i = 0; i < a->secrets_n; i++)
		if (strcmp(a->secrets[i].name, name) == 0) {
			*ret_value = a->secrets[i].value;
			return true;
		}
	return false;
}

/* A credential is missing: surely nothing was sent, and that is how the attempt ends. */
static enum err
unfilled_body(struct op *op, void *arg)
{
	const struct attempt *a = arg;
	enum outcome outcome;

	return provider_end(op, a->provider, a->message,
	    &(struct provider_result){ .failure = CALL_NOT_FILLED }, &outcome);
}

/* Committed: the call gets its credentials. *ret_send as in provider_begin(). */
static enum err
begun(struct op *op, struct attempt *a, bool *ret_send, struct provider_call *ret_call)
{
	const char *missing;
	enum err e = OK;

	CRASH_POINT("provider_begin.after_commit");
	if (a->is_sent &&
	    !call_fill(op->arena, &a->call, secret_find, a, &ret_call->call, &missing)) {
		a->is_sent = false;
		e = db_tx(op, unfilled_body, a);
		*ret_send = e != OK;
	}
	if (e != OK)
		return e;
	ret_call->limits = a->limits;
	ret_call->intent = a->call;
	ret_call->secrets = a->secrets;
	ret_call->secrets_n = a->secrets_n;
	*ret_send = a->is_sent;
	return OK;
}

enum err
provider_begin(struct op *op, const struct provider *provider, const struct message *m,
    bool *ret_send, struct provider_call *ret_call)
{
	struct attempt a = { .provider = provider, .message = m };
	enum err e = db_tx(op, begin_body, &a);

	return e == OK ? begun(op, &a, ret_send, ret_call) : e;
}

/* What an attempt allocates must outlive the transaction: it goes to its own op's arena. */
enum err
provider_begin_within(struct op *op, const struct provider *provider,
    struct provider_beginning *beginnings, size_t n)
{
	struct arena *own = op->arena;
	const struct message **messages = arena_array(own, n, sizeof(void *));
	enum err e;

	for (size_t i = 0; i < n; i++)
		messages[i] = beginnings[i].message;
	e = gather_begin(op, messages, n, GATHER_BEGINNINGS);
	for (size_t i = 0; i < n && e == OK; i++) {
		struct provider_beginning *b = &beginnings[i];
		struct attempt *a = arena_alloc(b->op->arena, sizeof *a);

		*a = (struct attempt){ .provider = provider, .message = b->message };
		b->attempt = a;
		memcpy(op->trace_id, b->message->trace_id, sizeof op->trace_id);
		op->restaurant_id = b->message->restaurant_id;
		op->arena = b->op->arena;
		e = attempt_begin(op, a);
		if (e == OK && a->is_sent)
			e = outbox_begin(op, b->message);
		else if (e == OK && b->message->kept_until != 0)
			e = outbox_keep(op, b->message);
		op->arena = own;
	}
	if (e == OK)
		e = db_notes_write(op);
	CRASH_POINT("provider_begin.before_commit");
	return e;
}

void
provider_begun(struct provider_beginning *beginnings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct provider_beginning *b = &beginnings[i];

		b->send = false;
		b->e = begun(b->op, b->attempt, &b->send, b->call);
	}
}

struct some {
	const struct provider *provider;
	struct provider_beginning *beginnings;
	size_t n;
};

static enum err
some_body(struct op *op, void *arg)
{
	const struct some *s = arg;

	return provider_begin_within(op, s->provider, s->beginnings, s->n);
}

enum err
provider_begin_some(struct op *op, const struct provider *provider,
    struct provider_beginning *beginnings, size_t n)
{
	struct some s = { .provider = provider, .beginnings = beginnings, .n = n };
	enum err e = db_tx(op, some_body, &s);

	if (e == OK)
		provider_begun(beginnings, n);
	return e;
}

enum err
provider_end_step(struct op *op, const struct provider *provider, const struct message *m,
    const struct provider_result *result, struct provider_ending *ret)
{
	const struct handler *h = handler_of(m);

	if (h == NULL)
		return fail(op, ERR_INTERNAL_ERROR, "No such kind of message");
	*ret = (struct provider_ending){ .outcome = OUTCOME_REFUSED };
	return h->end(op, provider, m, result, ret);
}

enum err
provider_end(struct op *op, const struct provider *provider, const struct message *m,
    const struct provider_result *result, enum outcome *ret_outcome)
{
	struct provider_ending ending = { .outcome = OUTCOME_REFUSED };
	enum err e = provider_end_step(op, provider, m, result, &ending);

	if (e == OK && ending.has_next)
		e = outbox_next(op, m, ending.payload);
	*ret_outcome = ending.outcome;
	return e;
}

enum err
provider_quarantine(struct op *op, const struct message *m, const char *why)
{
	const struct handler *h = handler_of(m);
	enum err e = h != NULL && h->dead != NULL ? h->dead(op, m, why) : OK;

	return e != OK ? e : outbox_quarantine(op, m, why);
}

static int64_t
lock_key(const struct message *m)
{
	return gather_is_about_order(m) ? m->subject_id : INT64_MAX;
}

int
provider_lock_compare(const struct message *a, const struct message *b)
{
	int64_t ka = lock_key(a), kb = lock_key(b);

	return ka != kb ? (ka > kb) - (ka < kb) : (a->id > b->id) - (a->id < b->id);
}

struct pos_outcome
attempt_heard(struct op *op, const struct pos_adapter *adapter, enum pos_verb verb,
    const struct pos_task *task, const struct provider_result *r)
{
	return r->has_reply ? adapter->talks[verb].read(op->arena, task, &r->reply)
			    : adapter->read_failure(op->arena, verb, task, r->failure);
}

static bool
may_yield(const struct op *op, const struct message *m, const struct verdict *v)
{
	return v->outcome == OUTCOME_LATER && v->cause == CAUSE_BUSY && outbox_may_yield(op, m);
}

bool
attempt_is_last(const struct op *op, const struct message *m, const struct verdict *v)
{
	return !may_yield(op, m, v) && outbox_is_last(op, m);
}

enum err
attempt_again(struct op *op, const struct message *m, const struct verdict *v)
{
	return may_yield(op, m, v)
		   ? outbox_yield(op, m, v->retry_after_s, v->sentence)
		   : outbox_later(op, m, outbox_pause(op, m, v->retry_after_s), v->sentence);
}

enum err
attempt_next(struct provider_ending *ret, struct bytes payload)
{
	ret->has_next = true;
	ret->payload = payload;
	return OK;
}

enum err
attempt_again_or_finish(struct op *op, const struct message *m, const struct verdict *v)
{
	bool may_repeat = v->outcome == OUTCOME_LATER;

	if (may_repeat && !outbox_is_last(op, m))
		return outbox_later(op, m, outbox_pause(op, m, v->retry_after_s), v->sentence);
	return outbox_finish(op, m, v->outcome, v->sentence);
}
