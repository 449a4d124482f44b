#include "provider/login.h"

#include <string.h>

#include "config/config.h"
#include "db/db.h"
#include "notice/notice.h"
#include "op/crash.h"
#include "op/op.h"
#include "provider/handler.h"
#include "provider/subject.h"
#include "tenant/integration.h"
#include "text/json_write.h"

#define SECOND_US (INT64_C(1) * 1000000)
#define DAY_US (INT64_C(86400) * SECOND_US)
/* A token with less than this left may be over when the call arrives. */
#define SPARE_US (INT64_C(5) * SECOND_US)
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

/* What staff were told of an outage. */
enum told { TOLD_NOTHING, TOLD_NOT_RENEWED, TOLD_NO_ACCESS };

/* A row of pos_sessions. */
struct session_row {
	int64_t expires_at, refresh_expires_at, refreshed_at, begun_at;
	/* by people: any credentials, and such that a login would replace */
	int64_t saved_at, replaced_at;
	int64_t failing_since;
	int64_t failures, told;
	bool is_refused;
	const char *last_error;
};
static const struct db_col session_cols[] = {
	COL_TIME(struct session_row, expires_at),
	COL_TIME(struct session_row, refresh_expires_at),
	COL_TIME(struct session_row, refreshed_at),
	COL_TIME(struct session_row, begun_at),
	COL_TIME(struct session_row, saved_at),
	COL_TIME(struct session_row, replaced_at),
	COL_TIME(struct session_row, failing_since),
	COL_I64(struct session_row, failures),
	COL_I64(struct session_row, told),
	COL_BOOL(struct session_row, is_refused),
	COL_TEXT(struct session_row, last_error),
};
static const struct db_shape session_shape = DB_SHAPE(struct session_row, session_cols);

bool
login_is_needed(const struct connection *c)
{
	return c->adapter != NULL && c->adapter->logs_in != NULL && c->adapter->logs_in(c->config);
}

/* --- the session's row ------------------------------------------------------------------------ */

static enum err
session_lock(struct op *op, const struct connection *c, struct session_row *ret)
{
	const struct db_arg id[] = { DB_I64("integration_id", c->integration.id) };
	enum err e = db_one(op, STMT_login_lock, id, 1, &session_shape, ret);

	if (e != ERR_NO_ROW)
		return e;
	e = db_run(op, STMT_login_add, id, 1);
	return e != OK ? e : db_one(op, STMT_login_lock, id, 1, &session_shape, ret);
}

static enum err
session_save(struct op *op, const struct connection *c, const struct session_row *s)
{
	return db_run(op, STMT_login_save,
	    DB_ARGS(DB_I64("integration_id", c->integration.id),
		DB_TIME("expires_at", s->expires_at),
		DB_TIME("refresh_expires_at", s->refresh_expires_at),
		DB_TIME("refreshed_at", s->refreshed_at), DB_TIME("begun_at", s->begun_at),
		DB_TIME("saved_at", s->saved_at), DB_TIME("replaced_at", s->replaced_at),
		DB_TIME("failing_since", s->failing_since),
		DB_I64("failures", s->failures), DB_I64("told", s->told),
		DB_I64("is_refused", s->is_refused), DB_TEXT("last_error", s->last_error)));
}

static bool
is_good(int64_t refreshed_at, int64_t expires_at, int64_t now_us)
{
	return refreshed_at != TIME_NONE &&
	       (expires_at == TIME_NONE || expires_at > now_us + SPARE_US);
}

static bool
session_is_good(const struct op *op, const struct session_row *s)
{
	return is_good(s->refreshed_at, s->expires_at, op->now_us);
}

/* Of two times that may be none. */
static bool
is_after(int64_t at, int64_t other)
{
	return at != TIME_NONE && (other == TIME_NONE || at > other);
}

/* When the token is to be renewed. */
static int64_t
renewal_at(const struct connection *c, const struct session_row *s)
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

/* --- who needs a token ------------------------------------------------------------------------ */

/* With the row locked: a login is due, if none is and it may be of use. */
static enum err
login_want(struct op *op, const struct connection *c)
{
	struct session_row s;
	enum err e = session_lock(op, c, &s);

	if (e != OK || s.is_refused || s.failures > 0 || session_is_good(op, &s))
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
	    !login_is_needed(c) || is_good(s->refreshed_at, s->expires_at, op->now_us);
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
	struct session_row s;
	enum err e = login_is_needed(c) ? session_lock(op, c, &s) : ERR_NO_ROW;

	if (e != OK)
		return e == ERR_NO_ROW ? OK : e;
	if (s.refreshed_at != TIME_NONE) {
		s.expires_at = op->now_us;
		e = session_save(op, c, &s);
	}
	return e != OK || s.is_refused || s.failures > 0 ? e : login_put(op, c);
}

enum err
login_review(
    struct op *op, const struct connection *c, const struct message *m, struct verdict *v)
{
	struct session_row s;
	int64_t begun_at;
	enum err e;

	if (v->cause != CAUSE_AUTH || !login_is_needed(c) ||
	    (v->outcome != OUTCOME_REFUSED && v->outcome != OUTCOME_LATER))
		return OK;
	e = session_lock(op, c, &s);
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
		.callback_url = login_redirect_uri(op, c) };
}

/* Staff hear of it once: that it could not be renewed, or that there is none. */
static enum err
outage_tell(struct op *op, const struct connection *c, struct session_row *s, const char *why)
{
	bool is_lost = s->is_refused || !session_is_good(op, s);
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
failing_pause(struct op *op, const struct session_row *s, int retry_after_s)
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

/*
 * It did not work. A definite no ends it, but for one to a code that somebody brought: then what we
 * had before may still be good.
 */
static enum err
login_failed(struct op *op, const struct message *m, const struct connection *c,
    struct session_row *s, const struct verdict *v)
{
	bool is_no = v->outcome == OUTCOME_REFUSED;
	bool had_code = is_no && pos_config_has_secret(c->config, POS_CODE);
	/* Only a no to our credentials is for good; a wrong address may be put right over there. */
	bool is_over = is_no && v->cause == CAUSE_AUTH &&
		       !(had_code && pos_config_has_secret(c->config, "refresh_token"));
	enum err e = had_code ? integration_secret_drop(op, &c->integration, POS_CODE) : OK;

	s->failures++;
	if (s->failing_since == TIME_NONE)
		s->failing_since = op->now_us;
	s->last_error = v->sentence;
	s->is_refused = is_over;
	if (e == OK)
		e = outage_tell(op, c, s, v->sentence);
	if (e == OK)
		e = session_save(op, c, s);
	if (e != OK)
		return e;
	return is_over ? outbox_finish(op, m, v->outcome, v->sentence)
		       : outbox_later(op, m,
			     had_code ? AGAIN_US : failing_pause(op, s, v->retry_after_s),
			     v->sentence);
}

enum err
login_begin(struct op *op, struct attempt *a)
{
	static const char gone[] = "This POS is not logged in to any more";
	const struct message *m = a->message;
	struct pos_problems problems;
	struct connection c;
	struct session_row s;
	struct pos_task task;
	bool is_wanted;
	enum err e = login_load(op, m, &c, &is_wanted);

	if (e == OK && !is_wanted)
		return outbox_finish(op, m, OUTCOME_DONE, gone);
	if (e == OK)
		e = session_lock(op, &c, &s);
	if (e != OK)
		return e;
	if (session_is_good(op, &s) && !is_after(s.saved_at, s.refreshed_at) && s.failures == 0 &&
	    renewal_at(&c, &s) > op->now_us)
		return outbox_later(op, m, renewal_at(&c, &s) - op->now_us, NULL);
	problems = c.problems;
	task = login_task(op, m, &c);
	if (problems.n > 0 ||
	    !c.adapter->talks[POS_LOGIN].call(op->arena, &task, &a->call, &problems))
		return login_failed(op, m, &c, &s,
		    &(struct verdict){ OUTCOME_REFUSED, CAUSE_CONFIG,
			subject_problems(op, &problems), 0 });
	a->limits = c.adapter->ask_limits;
	s.begun_at = op->now_us;
	e = session_save(op, &c, &s);
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
	if (e == OK && pos_config_has_secret(c->config, POS_CODE))
		e = integration_secret_drop(op, &c->integration, POS_CODE);
	return e;
}

/*
 * There is a token. The message waits until it is to be renewed; should the POS have said the one
 * it said before, whose last minute has begun already, for a moment only.
 */
static enum err
login_done(struct op *op, const struct message *m, struct connection *c, struct session_row *s,
    const struct pos_session *tokens)
{
	bool is_saved = is_after(s->saved_at, s->begun_at);
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
		e = session_save(op, c, s);
	CRASH_POINT("login.before_commit");
	due_at = renewal_at(c, s);
	if (due_at < op->now_us + AGAIN_US)
		due_at = op->now_us + MACHINE_AGAIN_US;
	if (is_saved)
		due_at = op->now_us;
	return e != OK ? e : outbox_later(op, m, due_at - op->now_us, NULL);
}

static enum err
login_apply(struct op *op, const struct message *m, struct connection *c, struct pos_outcome *o)
{
	struct session_row s;
	enum err e = session_lock(op, c, &s);

	if (e != OK)
		return e;
	/*
	 * Tokens belong to the authorisation that they were asked under; whoever has brought others
	 * since is not to lose them. A no to credentials that are not ours any more says nothing.
	 */
	if (is_after(s.replaced_at, s.begun_at) ||
	    (o->verdict.outcome != OUTCOME_DONE && is_after(s.saved_at, s.begun_at)))
		return outbox_later(op, m, 0, "Other credentials were saved meanwhile");
	if (o->verdict.outcome == OUTCOME_DONE)
		return login_done(op, m, c, &s, &o->session);
	return login_failed(op, m, c, &s, &o->verdict);
}

enum err
login_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, enum outcome *ret_outcome)
{
	struct connection c;
	struct pos_outcome o;
	struct pos_task task;
	bool is_wanted;
	enum err e = login_load(op, m, &c, &is_wanted);

	(void)p;
	*ret_outcome = OUTCOME_REFUSED;
	if (e != OK)
		return e;
	if (!is_wanted)
		return outbox_finish(
		    op, m, OUTCOME_REFUSED, "This POS is not logged in to any more");
	task = login_task(op, m, &c);
	o = r->has_reply
		? c.adapter->talks[POS_LOGIN].read(op->arena, &task, &r->reply)
		: c.adapter->read_failure(op->arena, POS_LOGIN, &task, r->failure);
	CRASH_POINT("login.answered");
	if (o.verdict.outcome == OUTCOME_DONE && !o.has_next && o.session.access_token == NULL)
		o.verdict = (struct verdict){ OUTCOME_LATER, CAUSE_GARBLED,
			"The POS answered a login without a token", 0 };
	*ret_outcome = o.verdict.outcome;
	if (o.verdict.outcome == OUTCOME_DONE && o.has_next)
		return outbox_next(op, m, o.progress);
	return login_apply(op, m, &c, &o);
}

/* Whoever logs in there dies of it: that is no access either. */
enum err
login_dead(struct op *op, const struct message *m, const char *why)
{
	struct connection c;
	struct session_row s;
	bool is_wanted;
	enum err e = login_load(op, m, &c, &is_wanted);

	if (e != OK || !is_wanted)
		return e;
	e = session_lock(op, &c, &s);
	if (e != OK)
		return e;
	s.is_refused = true;
	s.failures++;
	if (s.failing_since == TIME_NONE)
		s.failing_since = op->now_us;
	s.last_error = why;
	e = outage_tell(op, &c, &s, why);
	return e != OK ? e : session_save(op, &c, &s);
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
saving_time(const struct op *op, const struct session_row *s)
{
	int64_t at = op->now_us;

	if (is_after(s->begun_at, at - 1))
		at = s->begun_at + 1;
	return is_after(s->refreshed_at, at - 1) ? s->refreshed_at + 1 : at;
}

enum err
login_saved(struct op *op, const struct connection *c, enum login_saving saving)
{
	struct session_row s;
	enum err e;

	if (!login_is_needed(c)) {
		e = db_run(op, STMT_login_drop,
		    DB_ARGS(DB_I64("integration_id", c->integration.id)));
		return e != OK ? e : outbox_drop(op, MESSAGE_pos_login, c->integration.id);
	}
	e = session_lock(op, c, &s);
	if (e == OK)
		e = db_now(op);
	if (e != OK ||
	    (saving == LOGIN_SAVES_NONE && session_is_good(op, &s) && !s.is_refused))
		return e;
	s.saved_at = saving_time(op, &s);
	if (saving == LOGIN_SAVES_TOKENS)
		s.replaced_at = s.saved_at;
	s.is_refused = false;
	s.failures = 0;
	s.told = TOLD_NOTHING;
	s.failing_since = TIME_NONE;
	s.last_error = NULL;
	e = session_save(op, c, &s);
	return e != OK ? e : login_put(op, c);
}

static const char *
state_of(const struct op *op, const struct session_row *s)
{
	if (s->is_refused)
		return "refused";
	if (s->failures > 0)
		return session_is_good(op, s) ? "failing" : "expired";
	if (session_is_good(op, s))
		return "valid";
	return s->refreshed_at == TIME_NONE ? "waiting" : "expired";
}

enum err
login_health(struct op *op, int64_t integration_id, struct login_health *ret)
{
	struct session_row s;
	enum err e = db_one(op, STMT_login_read, DB_ARGS(DB_I64("integration_id", integration_id)),
	    &session_shape, &s);

	*ret = (struct login_health){
		.expires_at = TIME_NONE, .refresh_expires_at = TIME_NONE, .days_left = -1
	};
	if (e == ERR_NO_ROW)
		return OK;
	if (e == OK)
		e = db_now(op);
	if (e != OK)
		return e;
	ret->is_used = true;
	ret->state = state_of(op, &s);
	ret->is_degraded = s.is_refused || s.failures > 0 || !session_is_good(op, &s);
	ret->expires_at = s.refreshed_at != TIME_NONE ? s.expires_at : TIME_NONE;
	ret->refresh_expires_at = s.refresh_expires_at;
	if (ret->expires_at != TIME_NONE)
		ret->days_left = ret->expires_at > op->now_us
				     ? (ret->expires_at - op->now_us) / DAY_US
				     : 0;
	ret->last_error = s.last_error;
	return OK;
}

void
login_health_write(struct json_write *w, const struct login_health *h)
{
	if (!h->is_used) {
		json_write_null(w, "token");
		return;
	}
	json_write_object(w, "token");
	json_write_string(w, "state", h->state);
	json_write_time(w, "expires_at", h->expires_at);
	json_write_time(w, "refresh_expires_at", h->refresh_expires_at);
	if (h->days_left < 0)
		json_write_null(w, "days_left");
	else
		json_write_int64(w, "days_left", h->days_left);
	json_write_string(w, "last_error", h->last_error);
	json_write_object_end(w);
}
