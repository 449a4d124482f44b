#include "provider/login.h"

#include <string.h>

#include "config/config.h"
#include "db/db.h"
#include "notice/notice.h"
#include "op/crash.h"
#include "op/op.h"
#include "provider/handler.h"
#include "provider/login_state.h"
#include "provider/subject.h"
#include "tenant/integration.h"

#define SECOND_US (INT64_C(1) * 1000000)
#define DAY_US (INT64_C(86400) * SECOND_US)
/* A refresh token renews after three quarters of the life of an access token, at most a week. */
#define RENEW_MAX_US (INT64_C(7) * DAY_US)
#define RENEW_AHEAD_US (INT64_C(60) * SECOND_US)
/* Machine credentials are answered with the same token until its last minute (Toast). */
#define MACHINE_AHEAD_US (INT64_C(50) * SECOND_US)
#define MACHINE_AGAIN_US (INT64_C(10) * SECOND_US)
/* A token that is refused though it is no older than this will not be better for being renewed. */
#define FRESH_US (INT64_C(60) * SECOND_US)
#define PAUSE_FIRST_US (INT64_C(5) * SECOND_US)
#define PAUSE_MAX_US (INT64_C(300) * SECOND_US)
#define PAUSE_DOUBLINGS_MAX 6
#define AGAIN_US (INT64_C(1) * SECOND_US)
/* What waits for a login that is under way, and for one that fails. */
#define WAIT_US (INT64_C(1) * SECOND_US)
#define WAIT_FAILING_US (INT64_C(5) * SECOND_US)

/* What an authorisation brought is still to be taken up. */
static bool
has_new(const struct connection *c)
{
	return pos_config_has_secret(c->config, POS_NEW_ACCESS);
}

bool
login_is_needed(const struct connection *c)
{
	return c->adapter != NULL && c->adapter->logs_in != NULL &&
	       (c->adapter->logs_in(c->config) || has_new(c));
}

/* A token that people have given us, as good as it was while another is got by an authorisation. */
static bool
has_lasting(const struct connection *c, int64_t refreshed_at)
{
	return refreshed_at == TIME_NONE && c->adapter->authorize_url != NULL &&
	       pos_can(c->adapter, POS_CONFIRM) &&
	       pos_config_has_secret(c->config, "access_token") &&
	       !pos_config_has_secret(c->config, "refresh_token");
}

/* --- who needs a token ------------------------------------------------------------------------ */

/* When the token is to be renewed. */
static int64_t
renewal_at(const struct connection *c, const struct login_state *s)
{
	int64_t life = s->expires_at - s->refreshed_at, after;

	if (s->expires_at == TIME_NONE)
		return s->refreshed_at + RENEW_MAX_US;
	if (!pos_config_has_secret(c->config, "refresh_token"))
		return s->expires_at - MACHINE_AHEAD_US;
	after = life / 4 * 3;
	if (after > life - RENEW_AHEAD_US)
		after = life - RENEW_AHEAD_US;
	if (after < life / 2)
		after = life / 2;
	return s->refreshed_at + (after < RENEW_MAX_US ? after : RENEW_MAX_US);
}

static enum err
login_put(struct op *op, const struct connection *c)
{
	return outbox_hasten(op,
	    &(struct message_new){ .kind = MESSAGE_pos_login,
		.destination = c->terms.destination,
		.lane = -c->integration.id,
		.restaurant_id = c->restaurant.id,
		.subject_id = c->integration.id });
}

/* With the row locked: a login is due, if none is and it may be of use. */
static enum err
login_want(struct op *op, const struct connection *c)
{
	struct login_state s;
	enum err e = login_state_lock(op, c->integration.id, &s);

	if (e != OK || s.is_refused || s.failures > 0 || login_state_is_good(op, &s))
		return e;
	return login_put(op, c);
}

enum err
login_ready(struct op *op, const struct connection *c, bool *ret_ready)
{
	const struct integration_session *s = &c->integration.session;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	*ret_ready =
	    !login_is_needed(c) || has_lasting(c, s->refreshed_at) ||
	    login_state_reaches(s->refreshed_at, s->expires_at, op->now_us);
	return *ret_ready || s->is_refused || s->failures > 0 ? OK : login_want(op, c);
}

enum err
login_wait(struct op *op, const struct message *m, const struct connection *c)
{
	const struct integration_session *s = &c->integration.session;
	int64_t pause = s->is_refused || s->failures > 0 ? WAIT_FAILING_US : WAIT_US;
	uint32_t random;

	op_random(op, &random, sizeof random);
	return outbox_later(
	    op, m, pause + pause * (random % 1000) / 1000, LOGIN_WAITS);
}

bool
login_waited_too_long(const struct op *op, const struct message *m)
{
	return m->expires_at != TIME_NONE && op->now_us >= m->expires_at;
}

enum err
login_renew(struct op *op, const struct connection *c)
{
	struct login_state s;
	enum err e = login_is_needed(c) ? login_state_lock(op, c->integration.id, &s) : ERR_NO_ROW;

	if (e != OK)
		return e == ERR_NO_ROW ? OK : e;
	if (s.refreshed_at != TIME_NONE) {
		s.expires_at = op->now_us;
		e = login_state_save(op, c->integration.id, &s);
	}
	return e != OK || s.is_refused || s.failures > 0 ? e : login_put(op, c);
}

enum err
login_review(
    struct op *op, const struct connection *c, const struct message *m, struct verdict *v)
{
	struct login_state s;
	int64_t begun_at;
	enum err e;

	if (v->cause != CAUSE_AUTH || !login_is_needed(c) ||
	    (v->outcome != OUTCOME_REFUSED && v->outcome != OUTCOME_LATER))
		return OK;
	e = login_state_lock(op, c->integration.id, &s);
	if (e == OK)
		e = outbox_begun(op, m, &begun_at);
	if (e != OK)
		return e;
	if (s.refreshed_at != TIME_NONE && s.refreshed_at > begun_at) {
		v->outcome = OUTCOME_LATER; /* it went out with the token before */
		return OK;
	}
	if (s.refreshed_at != TIME_NONE && s.refreshed_at > op->now_us - FRESH_US)
		return OK;
	v->outcome = OUTCOME_LATER;
	return login_renew(op, c);
}

/* --- an attempt ------------------------------------------------------------------------------- */

const char *
login_redirect_uri(struct op *op, const struct connection *c)
{
	return arena_printf(op->arena, "%s/api/pos-integration/oauth/%s/callback",
	    op->config->public_url, c->adapter->name);
}

/* The integration the message is about, if it is still one that logs in. */
static enum err
login_load(struct op *op, const struct message *m, struct connection *ret, bool *ret_is_wanted)
{
	enum err e = connection_of(op, m->restaurant_id, ret);

	*ret_is_wanted =
	    e == OK && ret->integration.id == m->subject_id && login_is_needed(ret);
	return e == ERR_NO_ROW ? OK : e;
}

static struct pos_task
login_task(struct op *op, const struct message *m, const struct connection *c)
{
	return (struct pos_task){ .config = c->config,
		.progress = m->payload,
		.now = op->now_us,
		.since = TIME_NONE,
		.callback_url = login_redirect_uri(op, c),
		.token = POS_NEW_ACCESS };
}

/* Staff hear of it once: that it could not be renewed, or that there is none. */
static enum err
outage_tell(struct op *op, const struct connection *c, struct login_state *s, bool lasts,
    const char *why)
{
	bool is_lost = s->is_refused || (!lasts && !login_state_is_good(op, s));
	enum told told = is_lost ? TOLD_NO_ACCESS : TOLD_NOT_RENEWED;

	if (s->told >= told)
		return OK;
	s->told = told;
	return notice_staff(op, is_lost ? NOTICE_pos_access : NOTICE_pos_renewal,
	    &(struct notice_about){ .restaurant_id = c->restaurant.id,
		.reason = why,
		.round = s->failing_since });
}

static int64_t
failing_pause(struct op *op, const struct login_state *s, int retry_after_s)
{
	int64_t doublings =
	    s->failures < PAUSE_DOUBLINGS_MAX ? s->failures - 1 : PAUSE_DOUBLINGS_MAX;
	int64_t pause = PAUSE_FIRST_US << doublings, asked = SECOND_US * retry_after_s;
	uint32_t random;

	pause = pause < PAUSE_MAX_US ? pause : PAUSE_MAX_US;
	op_random(op, &random, sizeof random);
	pause = pause * 4 / 5 + pause * 2 / 5 * (random % 1000) / 1000;
	return pause > asked ? pause : asked;
}

/* What somebody brought is of no use. */
static enum err
brought_drop(struct op *op, const struct connection *c)
{
	static const char *const names[] = { POS_CODE, POS_NEW_ACCESS, POS_NEW_REFRESH };
	enum err e = OK;

	for (size_t i = 0; i < sizeof names / sizeof names[0] && e == OK; i++)
		e = integration_secret_drop(op, &c->integration, names[i]);
	return e;
}

/*
 * A code that somebody brought, or what came of it, is refused. What we had before is as good as it
 * was: a refresh token is used again, a token that lasts needs no login, and without either there
 * is no access.
 */
static enum err
brought_refused(struct op *op, const struct message *m, const struct connection *c,
    struct login_state *s, const struct verdict *v)
{
	bool goes_on = pos_config_has_secret(c->config, "refresh_token");
	bool lasts = has_lasting(c, s->refreshed_at);
	enum err e = brought_drop(op, c);

	/* Another story than a POS that did not answer: told whatever was told of that. */
	s->told = TOLD_NOTHING;
	s->failing_since = op->now_us;
	s->is_refused = !goes_on && !lasts;
	if (e == OK)
		e = outage_tell(op, c, s, lasts, v->sentence);
	if (e == OK)
		e = lasts ? login_state_drop(op, c->integration.id)
			  : login_state_save(op, c->integration.id, s);
	if (e != OK)
		return e;
	return goes_on ? outbox_later(op, m, AGAIN_US, v->sentence)
		       : outbox_finish(op, m, v->outcome, v->sentence);
}

/* It did not work. A definite no ends it. */
static enum err
login_failed(struct op *op, const struct message *m, const struct connection *c,
    struct login_state *s, const struct verdict *v)
{
	bool is_no = v->outcome == OUTCOME_REFUSED;
	/* Only a no to our credentials is for good; a wrong address may be put right over there. */
	bool is_over = is_no && v->cause == CAUSE_AUTH;
	enum err e;

	s->failures++;
	if (s->failing_since == TIME_NONE)
		s->failing_since = op->now_us;
	s->last_error = v->sentence;
	if (is_no && (has_new(c) || pos_config_has_secret(c->config, POS_CODE)))
		return brought_refused(op, m, c, s, v);
	s->is_refused = is_over;
	e = outage_tell(op, c, s, false, v->sentence);
	if (e == OK)
		e = login_state_save(op, c->integration.id, s);
	if (e != OK)
		return e;
	return is_over ? outbox_finish(op, m, v->outcome, v->sentence)
		       : outbox_later(op, m, failing_pause(op, s, v->retry_after_s), v->sentence);
}

/* What is asked: for a token, or whether one that was brought is for this restaurant. */
static enum pos_verb
login_verb(const struct connection *c)
{
	return has_new(c) && pos_can(c->adapter, POS_CONFIRM) ? POS_CONFIRM : POS_LOGIN;
}

enum err
login_begin(struct op *op, struct attempt *a)
{
	static const char gone[] = "This POS is not logged in to any more";
	const struct message *m = a->message;
	struct pos_problems problems;
	struct connection c;
	struct login_state s;
	struct pos_task task;
	bool is_wanted;
	enum err e = login_load(op, m, &c, &is_wanted);

	if (e == OK && !is_wanted)
		return outbox_finish(op, m, OUTCOME_DONE, gone);
	if (e == OK)
		e = login_state_lock(op, c.integration.id, &s);
	if (e != OK)
		return e;
	if (login_state_is_good(op, &s) && !time_is_after(s.saved_at, s.refreshed_at) &&
	    s.failures == 0 && !has_new(&c) && renewal_at(&c, &s) > op->now_us)
		return outbox_later(op, m, renewal_at(&c, &s) - op->now_us, NULL);
	problems = c.problems;
	task = login_task(op, m, &c);
	if (problems.n > 0 ||
	    !c.adapter->talks[login_verb(&c)].call(op->arena, &task, &a->call, &problems))
		return login_failed(op, m, &c, &s,
		    &(struct verdict){ OUTCOME_REFUSED, CAUSE_CONFIG,
			subject_problems(op, &problems), 0 });
	a->limits = c.adapter->ask_limits;
	s.begun_at = op->now_us;
	e = login_state_save(op, c.integration.id, &s);
	if (e == OK)
		e = integration_secrets_open(
		    op, &a->provider->keys, &c.integration, &a->secrets, &a->secrets_n);
	a->is_sent = e == OK;
	return e;
}

static enum err
tokens_put(struct op *op, const struct connection *c, const struct pos_session *tokens)
{
	enum err e = integration_secret_put(
	    op, &c->integration, "access_token", tokens->access_token);

	if (e == OK && tokens->refresh_token != NULL)
		e = integration_secret_put(
		    op, &c->integration, "refresh_token", tokens->refresh_token);
	if (e == OK && (has_new(c) || pos_config_has_secret(c->config, POS_CODE)))
		e = brought_drop(op, c);
	return e;
}

/*
 * A code was good for tokens. Whose they are is not known yet: nothing uses them, and nothing of
 * what we had is given up for them, before the POS has said that they are for this restaurant.
 */
static enum err
tokens_hold(struct op *op, const struct message *m, const struct connection *c,
    struct login_state *s, const struct pos_session *tokens)
{
	enum err e = brought_drop(op, c);

	if (e == OK)
		e = integration_secret_put(
		    op, &c->integration, POS_NEW_ACCESS, tokens->access_token);
	if (e == OK && tokens->refresh_token != NULL)
		e = integration_secret_put(
		    op, &c->integration, POS_NEW_REFRESH, tokens->refresh_token);
	s->new_expires_at = tokens->expires_at;
	s->new_refresh_expires_at = tokens->refresh_expires_at;
	if (e == OK)
		e = login_state_save(op, c->integration.id, s);
	return e != OK ? e : outbox_anew(op, m, 0, NULL);
}

/* Those that were held, to be kept now. */
static enum err
tokens_held(struct op *op, const struct provider *p, const struct connection *c,
    const struct login_state *s, struct pos_session *ret)
{
	struct named_secret *secrets;
	size_t n;
	enum err e = integration_secrets_open(op, &p->keys, &c->integration, &secrets, &n);

	*ret = (struct pos_session){ .expires_at = s->new_expires_at,
		.refresh_expires_at = s->new_refresh_expires_at };
	for (size_t i = 0; e == OK && i < n; i++) {
		if (strcmp(secrets[i].name, POS_NEW_ACCESS) == 0)
			ret->access_token = secrets[i].value;
		if (strcmp(secrets[i].name, POS_NEW_REFRESH) == 0)
			ret->refresh_token = secrets[i].value;
	}
	if (e == OK && ret->access_token == NULL)
		return fail(op, ERR_INTERNAL_ERROR, "A token that was held is gone");
	return e;
}

/*
 * There is a token. The message waits until it is to be renewed; should the POS have said the one
 * it said before, whose last minute has begun already, for a moment only.
 */
static enum err
login_done(struct op *op, const struct message *m, struct connection *c, struct login_state *s,
    const struct pos_session *tokens)
{
	bool is_saved = time_is_after(s->saved_at, s->begun_at);
	int64_t due_at;
	enum err e = tokens_put(op, c, tokens);

	s->expires_at = tokens->expires_at;
	if (tokens->refresh_token != NULL || tokens->refresh_expires_at != TIME_NONE)
		s->refresh_expires_at = tokens->refresh_expires_at;
	s->refreshed_at = op->now_us;
	s->failing_since = TIME_NONE;
	s->failures = 0;
	s->told = TOLD_NOTHING;
	s->is_refused = false;
	s->last_error = NULL;
	if (e == OK)
		e = login_state_save(op, c->integration.id, s);
	CRASH_POINT("login.before_commit");
	due_at = renewal_at(c, s);
	if (due_at < op->now_us + AGAIN_US)
		due_at = op->now_us + MACHINE_AGAIN_US;
	if (is_saved)
		due_at = op->now_us;
	return e != OK ? e : outbox_anew(op, m, due_at - op->now_us, NULL);
}

static enum err
login_apply(struct op *op, const struct provider *p, const struct message *m,
    struct connection *c, enum pos_verb verb, struct pos_outcome *o)
{
	struct pos_session tokens = o->session;
	struct login_state s;
	enum err e = login_state_lock(op, c->integration.id, &s);

	if (e != OK)
		return e;
	/*
	 * Tokens belong to the authorisation that they were asked under; whoever has brought others
	 * since is not to lose them. A no to credentials that are not ours any more says nothing.
	 */
	if (time_is_after(s.replaced_at, s.begun_at) ||
	    (o->verdict.outcome != OUTCOME_DONE && time_is_after(s.saved_at, s.begun_at)))
		return outbox_later(op, m, 0, "Other credentials were saved meanwhile");
	if (o->verdict.outcome != OUTCOME_DONE)
		return login_failed(op, m, c, &s, &o->verdict);
	if (verb == POS_LOGIN && pos_config_has_secret(c->config, POS_CODE) &&
	    pos_can(c->adapter, POS_CONFIRM))
		return tokens_hold(op, m, c, &s, &tokens);
	if (verb == POS_CONFIRM)
		e = tokens_held(op, p, c, &s, &tokens);
	if (e == OK)
		e = integration_merchant_told(op, &c->integration, o->merchant_id);
	return e != OK ? e : login_done(op, m, c, &s, &tokens);
}

enum err
login_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	struct connection c;
	struct pos_outcome o;
	struct pos_task task;
	enum pos_verb verb;
	bool is_wanted;
	enum err e = login_load(op, m, &c, &is_wanted);

	ret->outcome = OUTCOME_REFUSED;
	if (e != OK)
		return e;
	if (!is_wanted)
		return outbox_finish(
		    op, m, OUTCOME_REFUSED, "This POS is not logged in to any more");
	task = login_task(op, m, &c);
	verb = login_verb(&c);
	o = attempt_heard(op, c.adapter, verb, &task, r);
	CRASH_POINT("login.answered");
	if (o.verdict.outcome == OUTCOME_DONE && !o.has_next && verb == POS_LOGIN &&
	    o.session.access_token == NULL)
		o.verdict = (struct verdict){ OUTCOME_LATER, CAUSE_GARBLED,
			"The POS answered a login without a token", 0 };
	ret->outcome = o.verdict.outcome;
	if (o.verdict.outcome == OUTCOME_DONE && o.has_next)
		return attempt_next(ret, o.progress);
	return login_apply(op, p, m, &c, verb, &o);
}

/* Whoever logs in there dies of it: that is no access either. */
enum err
login_dead(struct op *op, const struct message *m, const char *why)
{
	struct connection c;
	struct login_state s;
	bool is_wanted;
	enum err e = login_load(op, m, &c, &is_wanted);

	if (e != OK || !is_wanted)
		return e;
	e = login_state_lock(op, c.integration.id, &s);
	if (e != OK)
		return e;
	s.is_refused = true;
	s.failures++;
	if (s.failing_since == TIME_NONE)
		s.failing_since = op->now_us;
	s.last_error = why;
	e = outage_tell(op, &c, &s, false, why);
	return e != OK ? e : login_state_save(op, c.integration.id, &s);
}

/* --- people ----------------------------------------------------------------------------------- */

enum login_saving
login_saving_of(const char *name)
{
	bool is_token = strcmp(name, "access_token") == 0 || strcmp(name, "refresh_token") == 0 ||
			strcmp(name, POS_CODE) == 0;

	return is_token ? LOGIN_SAVES_TOKENS : LOGIN_SAVES_CREDENTIALS;
}

/* Later than anything that was done without knowing of it, whenever its request began. */
static int64_t
saving_time(const struct op *op, const struct login_state *s)
{
	int64_t at = op->now_us;

	if (time_is_after(s->begun_at, at - 1))
		at = s->begun_at + 1;
	return time_is_after(s->refreshed_at, at - 1) ? s->refreshed_at + 1 : at;
}

enum err
login_forget(struct op *op, const struct connection *c)
{
	enum err e = login_state_drop(op, c->integration.id);

	return e != OK ? e : outbox_drop(op, MESSAGE_pos_login, c->integration.id);
}

enum err
login_saved(struct op *op, const struct connection *c, enum login_saving saving)
{
	struct login_state s;
	enum err e;

	if (saving != LOGIN_SAVES_CODE && !login_is_needed(c)) {
		return login_forget(op, c);
	}
	e = login_state_lock(op, c->integration.id, &s);
	if (e == OK)
		e = db_now(op);
	if (e != OK ||
	    (saving == LOGIN_SAVES_NONE && login_state_is_good(op, &s) && !s.is_refused))
		return e;
	s.saved_at = saving_time(op, &s);
	if (saving >= LOGIN_SAVES_TOKENS) {
		s.replaced_at = s.saved_at;
		e = brought_drop(op, c);
	}
	s.is_refused = false;
	s.failures = 0;
	s.told = TOLD_NOTHING;
	s.failing_since = TIME_NONE;
	s.last_error = NULL;
	if (e == OK)
		e = login_state_save(op, c->integration.id, &s);
	return e != OK ? e : login_put(op, c);
}
