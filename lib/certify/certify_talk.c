/* Conversations with the POS, by the adapter and over the wire. */
#include <string.h>
#include <time.h>

#include "certify/inside.h"
#include "op/clock.h"
#include "op/op.h"
#include "relay/transfer.h"

#define STEPS_MAX 400
#define TRIES_MAX 5
#define PAUSE_US SECOND_US
#define PAUSE_MAX_US (60 * SECOND_US)
#define LOOK_AGAIN_US (SECOND_US / 4)
/* A request that was sent is given so long to be read before the connection is closed. */
#define CUT_AFTER_US (SECOND_US / 20)
#define PAGES_MAX 200
#define CALLBACK_TOKEN "callback_token"

int64_t
certify_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000;
}

static void
wait_us(struct certify *c, int64_t us)
{
	int64_t until = clock_steady_us() + us, left;

	while ((left = until - clock_steady_us()) > 0)
		transfers_wait(c->transfers, NULL, 0, (int)(left / 1000) + 1);
}

/* ---- secrets ---- */

const char *
certify_secret(const struct certify *c, const char *name)
{
	for (size_t i = 0; i < c->secrets_n; i++)
		if (strcmp(c->secrets[i].name, name) == 0)
			return c->secrets[i].value;
	return NULL;
}

void
certify_secret_set(struct certify *c, const char *name, const char *value)
{
	for (size_t i = 0; i < c->secrets_n; i++)
		if (strcmp(c->secrets[i].name, name) == 0) {
			c->secrets[i].value = value;
			return;
		}
	if (c->secrets_n < CERTIFY_SECRETS_MAX)
		c->secrets[c->secrets_n++] = (struct pos_secret){ name, value };
}

static bool
secret_find(void *arg, const char *name, const char **ret_value)
{
	const char *value = certify_secret(arg, name);

	if (value == NULL)
		return false;
	*ret_value = value;
	return true;
}

/* ---- one call ---- */

/* Until it has ended, or, to be cut, until all of it is sent. */
static void
carry(struct certify *c, struct transfer *t, bool is_to_be_cut)
{
	int64_t cut_at = 0;

	transfer_start(c->transfers, t);
	for (;;) {
		transfers_perform(c->transfers);
		if (transfers_ended(c->transfers) != NULL)
			break;
		if (is_to_be_cut && cut_at == 0 && transfer_is_sent(t))
			cut_at = clock_steady_us() + CUT_AFTER_US;
		if (cut_at == 0) {
			transfers_wait(c->transfers, NULL, 0, is_to_be_cut ? 1 : 100);
			continue;
		}
		/* The answer is not waited for: whoever reads it is gone. */
		while (clock_steady_us() < cut_at)
			(void)nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
		transfer_abandon(c->transfers, t);
	}
	/* One that was quicker than we were has not been heard. */
	if (is_to_be_cut)
		t->result = (struct provider_result){ .failure = CALL_SENDER_LOST };
}

static const struct call_limits *
limits_of(const struct certify *c, enum pos_verb verb)
{
	switch (verb) {
	case POS_CREATE:
	case POS_FOLLOW:
	case POS_CANCEL:
		return &c->adapter->create_limits;
	case POS_MENU:
		return &c->adapter->menu_limits;
	default:
		return &c->adapter->ask_limits;
	}
}

static struct provider_result
call_send(struct certify *c, const struct http_call *call, const struct call_limits *limits,
    bool is_to_be_cut)
{
	struct transfer t = { .limits = limits,
		.arena = c->op->arena,
		.trace_id = c->op->trace_id,
		.window_until_us = INT64_MAX,
		.lease_until_us = INT64_MAX,
		.result = { .failure = CALL_NOT_FILLED } };
	struct http_call filled;
	const char *missing;

	if (call_fill(c->op->arena, call, secret_find, c, &filled, &missing)) {
		t.call = &filled;
		carry(c, &t, is_to_be_cut);
	}
	if (!c->is_quiet)
		c->said[c->said_n++ % CERTIFY_SAID_MAX] =
		    (struct certify_exchange){ .call = call,
			    .has_reply = t.result.has_reply,
			    .reply = t.result.reply,
			    .failure = t.result.failure };
	return t.result;
}

/* ---- a conversation ---- */

static struct pos_outcome
result_read(struct certify *c, const struct certify_talk *t, const struct provider_result *r)
{
	return r->has_reply
		   ? c->adapter->talks[t->verb].read(c->op->arena, &t->task, &r->reply)
		   : c->adapter->read_failure(c->op->arena, t->verb, &t->task, r->failure);
}

/* Would it be in doubt, were nothing heard of it? */
static bool
has_effect(struct certify *c, const struct certify_talk *t)
{
	return t->verb != POS_LOOK && t->verb != POS_MENU &&
	       c->adapter->read_failure(c->op->arena, t->verb, &t->task, CALL_SENDER_LOST)
			   .verdict.outcome != OUTCOME_LATER;
}

static bool
step_make(struct certify *c, struct certify_talk *t, struct http_call **ret)
{
	struct arena *a = c->op->arena;
	struct pos_problems problems = { 0 };
	struct http_call *call = arena_alloc(a, sizeof *call);
	const char **names;

	t->task.now = certify_now();
	if (!c->adapter->talks[t->verb].call(a, &t->task, call, &problems)) {
		bool is_over = t->verb == POS_FOLLOW && problems.n == 0;

		if (is_over) {
			t->outcome = pos_outcome_of((struct verdict){
			    OUTCOME_DONE, CAUSE_NONE, "Nothing was to be done", 0 });
			return false;
		}
		t->outcome = pos_outcome_of((struct verdict){ OUTCOME_REFUSED, CAUSE_PAYLOAD,
		    problems.n == 0 ? "It can not be asked"
				    : arena_printf(a, "%s %s", problems.v[0].field,
					  problems.v[0].sentence),
		    0 });
		return false;
	}
	names = arena_array(a, call->secrets_n + 1, sizeof *names);
	for (size_t i = 0; i < call->secrets_n; i++)
		names[i] = call->secrets[i];
	names[call->secrets_n] = CALLBACK_TOKEN;
	call->secrets = names;
	call->secrets_n++;
	if (t->verb == POS_LOOK)
		certify_view_whole(c, call);
	*ret = call;
	return true;
}

/* They ask for peace: did they say for how long, or is that known of them? */
static void
busy_note(struct certify *c, const struct provider_result *r, const struct pos_outcome *o)
{
	if (!r->has_reply || r->reply.status != 429)
		return;
	c->busy_n++;
	if (o->verdict.retry_after_s <= 0 ||
	    o->verdict.retry_after_s < http_reply_retry_after(&r->reply))
		c->busy_unsaid_n++;
}

static void
page_keep(struct certify *c, struct certify_talk *t, const struct pos_outcome *o)
{
	if (t->pages == NULL)
		t->pages = arena_array(c->op->arena, PAGES_MAX, sizeof *t->pages);
	if (t->pages_n < PAGES_MAX)
		t->pages[t->pages_n++] =
		    (struct pos_page){ .name = o->page, .body = t->reply.body };
}

static struct pos_outcome
step_send(struct certify *c, struct certify_talk *t, const struct http_call *call, bool effect)
{
	bool is_to_be_cut = t->mode == TALK_CUT && effect && !t->was_cut;
	struct provider_result r =
	    call_send(c, call, limits_of(c, t->verb), is_to_be_cut);
	struct pos_outcome o = result_read(c, t, &r);

	t->calls_n++;
	t->was_cut = t->was_cut || is_to_be_cut;
	t->reply = r.has_reply ? r.reply : (struct http_reply){ .status = 0 };
	t->was_unknown |= t->reply.status == 404;
	busy_note(c, &r, &o);
	if (t->verb == POS_MENU && o.verdict.outcome == OUTCOME_DONE && r.has_reply)
		page_keep(c, t, &o);
	return o;
}

static bool
is_same(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* The same bytes once more, though all is well. */
static void
step_again(struct certify *c, struct certify_talk *t, const struct http_call *call, bool effect,
    const struct pos_outcome *first)
{
	struct pos_outcome o = step_send(c, t, call, effect);

	if (t->wrong != NULL)
		return;
	if (o.verdict.outcome != OUTCOME_DONE)
		t->wrong = certify_says(c, "The second time", &o);
	else if (first->pos_order_id != NULL && o.pos_order_id != NULL &&
		 strcmp(first->pos_order_id, o.pos_order_id) != 0)
		t->wrong = arena_printf(c->op->arena,
		    "The second time it became another order, %s and then %s",
		    first->pos_order_id, o.pos_order_id);
	else if (first->has_next && !is_same(first->progress, o.progress))
		t->wrong = "The second time it became something else";
}

/* Does a repeat have to come to the same? Of what nobody sees only where a name is a key. */
static bool
is_repeatable(const struct certify *c, const struct certify_talk *t, bool effect)
{
	return t->mode == TALK_TWICE &&
	       (effect || pos_traits_of(c->config).binds_by_reference);
}

static void
outcome_take(struct certify_talk *t, const struct pos_outcome *o)
{
	t->outcome = *o;
	if (o->pos_order_id != NULL && t->pos_order_id == NULL)
		t->pos_order_id = o->pos_order_id;
	if (o->total_minor >= 0)
		t->total_minor = o->total_minor;
	if (o->progress.data != NULL)
		t->progress = t->task.progress = o->progress;
}

/*
 * In doubt, where a repeat is not safe: is it there? True if that is settled, and if it is not
 * there it may be given again.
 */
static bool
doubt_settle(struct certify *c, struct certify_talk *t)
{
	struct certify_talk look;

	if (!pos_can(c->adapter, POS_LOOK))
		return true;
	if (certify_look_for(c, t->task.reference, NULL, &look)) {
		t->outcome = pos_outcome_of(
		    (struct verdict){ OUTCOME_DONE, CAUSE_NONE, "A look shows it", 0 });
		t->pos_order_id = look.outcome.pos_order_id;
		return true;
	}
	return !certify_is_done(&look);
}

/* What is to be done after a step that is not done. True: it is over. */
static bool
step_failed(struct certify *c, struct certify_talk *t, int *tries, bool *ret_again)
{
	const struct verdict *v = &t->outcome.verdict;
	int64_t pause = v->retry_after_s > 0 ? v->retry_after_s * SECOND_US : PAUSE_US;

	if (v->outcome == OUTCOME_REFUSED || ++*tries >= TRIES_MAX || pause > PAUSE_MAX_US)
		return true;
	if (v->outcome == OUTCOME_UNSURE && t->verb == POS_CREATE) {
		*ret_again =
		    pos_traits_of(c->config).repeat_is_safe != POS_REPEAT_NO;
		if (!*ret_again && doubt_settle(c, t))
			return true;
	}
	if (v->outcome == OUTCOME_UNSURE && v->retry_after_s == 0 && t->was_cut)
		return false;
	wait_us(c, pause);
	if (t->reply.status == 429)
		c->busy_waited_n++;
	return false;
}

void
certify_speak(struct certify *c, struct certify_talk *t)
{
	struct http_call *call = NULL;
	bool again = false;
	int tries = 0;

	t->task.config = c->config;
	t->task.order = t->order;
	t->progress = t->task.progress;
	t->total_minor = -1;
	for (int step = 0; step < STEPS_MAX; step++) {
		struct pos_outcome o;
		bool effect = has_effect(c, t);

		if (t->mode == TALK_STOP && effect) {
			t->has_stopped = true;
			return;
		}
		if (!again && !step_make(c, t, &call))
			return;
		again = false;
		o = step_send(c, t, call, effect);
		if (is_repeatable(c, t, effect) && o.verdict.outcome == OUTCOME_DONE)
			step_again(c, t, call, effect, &o);
		outcome_take(t, &o);
		if (o.verdict.outcome == OUTCOME_DONE) {
			if (!o.has_next)
				return;
			tries = 0;
		} else if (step_failed(c, t, &tries, &again))
			return;
	}
}

bool
certify_is_done(const struct certify_talk *t)
{
	return t->outcome.verdict.outcome == OUTCOME_DONE && !t->outcome.has_next;
}

const char *
certify_says(struct certify *c, const char *what, const struct pos_outcome *o)
{
	return arena_printf(c->op->arena, "%s: %s (%s%s%s)", what, o->verdict.sentence,
	    outcome_name(o->verdict.outcome), o->verdict.cause == CAUSE_NONE ? "" : ", ",
	    o->verdict.cause == CAUSE_NONE ? "" : cause_name(o->verdict.cause));
}

/* ---- looking ---- */

void
certify_look(struct certify *c, const char *reference, const char *pos_order_id,
    struct certify_talk *ret)
{
	int64_t now = certify_now();

	*ret = (struct certify_talk){ .verb = POS_LOOK,
		.task = { .reference = reference,
		    .pos_order_id = pos_order_id,
		    .now = now,
		    .since = now - 3600 * SECOND_US } };
	certify_speak(c, ret);
}

bool
certify_look_for(struct certify *c, const char *reference, const char *pos_order_id,
    struct certify_talk *ret)
{
	int64_t until = clock_steady_us() + c->wait_us;

	for (;;) {
		certify_look(c, reference, pos_order_id, ret);
		if (!certify_is_done(ret) || ret->outcome.presence == POS_PRESENT)
			return certify_is_done(ret);
		if (clock_steady_us() >= until)
			return false;
		wait_us(c, LOOK_AGAIN_US);
	}
}

/* ---- access ---- */

bool
certify_needs_login(const struct certify *c)
{
	return c->adapter->logs_in != NULL && pos_can(c->adapter, POS_LOGIN) &&
	       c->adapter->logs_in(c->config) && certify_secret(c, "access_token") == NULL;
}

const char *
certify_log_in(struct certify *c, struct certify_talk *ret)
{
	const struct pos_session *s = &ret->outcome.session;

	*ret = (struct certify_talk){ .verb = POS_LOGIN, .task.since = TIME_NONE };
	certify_speak(c, ret);
	if (!certify_is_done(ret))
		return certify_says(c, "Logging in", &ret->outcome);
	if (s->access_token == NULL)
		return "The login brought no token";
	certify_secret_set(c, "access_token", s->access_token);
	if (s->refresh_token != NULL)
		certify_secret_set(c, "refresh_token", s->refresh_token);
	return NULL;
}
