#include "provider/probe.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "op/op.h"
#include "provider/handler.h"
#include "provider/login.h"
#include "provider/subject.h"
#include "tenant/integration.h"
#include "text/json_write.h"

/* Longer than the message lives: whoever ran it is gone. */
#define RUNNING_MAX_US (INT64_C(180) * 1000000)
#define CHECKS_MAX ((size_t)16 * 1024)
/* No order of ours is called so, and none of anybody's. */
#define NO_ORDER "TICKETRAIL-TEST"

/* What is asked, one after the other, of a POS that can be asked it. */
static const struct {
	enum pos_verb verb;
	const char *name;
} questions[] = { { POS_CONFIRM, "restaurant" }, { POS_MENU, "menu" }, { POS_LOOK, "orders" } };
#define QUESTIONS_N (sizeof questions / sizeof questions[0])

static const struct db_col probe_cols[] = {
	COL_TEXT(struct probe, status),
	COL_TEXT(struct probe, checks),
	COL_TIME(struct probe, started_at),
	COL_TIME(struct probe, completed_at),
};
static const struct db_shape probe_shape = DB_SHAPE(struct probe, probe_cols);

struct check {
	const char *name;
	bool passed;
	enum cause cause;
	const char *sentence;
};

/* The array with one more: [] becomes [x], [x] becomes [x,y]. */
static const char *
check_add(struct op *op, const char *checks, const struct check *c)
{
	size_t len = strlen(checks);
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, CHECKS_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "name", c->name);
	json_write_bool(&w, "passed", c->passed);
	json_write_string(&w, "cause", c->passed ? NULL : cause_name(c->cause));
	json_write_string(&w, "sentence", c->sentence);
	json_write_string(
	    &w, "remedy", c->passed ? NULL : cause_remedy(cause_name(c->cause)));
	json_write_object_end(&w);
	json_write_done(&w);
	return arena_printf(op->arena, "%.*s%s%s]", (int)(len - 1), checks, len > 2 ? "," : "",
	    b.data);
}

static bool
all_passed(const char *checks)
{
	return strstr(checks, "\"passed\":false") == NULL;
}

/* What can be seen from here. */
static enum err
checks_begin(struct op *op, const struct connection *c, const char **ret)
{
	enum pos_policy policy = pos_webhook_policy(c->config);
	bool is_proved = false;
	struct check check = { "configuration", c->problems.n == 0, CAUSE_CONFIG,
		c->problems.n == 0 ? "Nothing is missing"
				   : subject_problems(op, &c->problems) };
	enum err e = OK;

	*ret = check_add(op, "[]", &check);
	if (policy != POS_POLICY_NONE)
		e = webhook_secret_exists(op, &c->integration,
		    policy == POS_POLICY_HMAC ? WEBHOOK_SIGNATURE : WEBHOOK_AUTHORIZATION,
		    &is_proved);
	check = (struct check){ "webhooks", is_proved, CAUSE_CONFIG,
		is_proved ? "The POS's calls can prove themselves"
			  : "There is nothing by which the POS's own calls are known: their "
			    "secret, or how they sign" };
	if (e == OK)
		*ret = check_add(op, *ret, &check);
	return e;
}

static enum err
probe_write(struct op *op, const struct connection *c, const char *checks, bool is_over)
{
	return db_run(op, STMT_pos_probe_write,
	    DB_ARGS(DB_TEXT("checks", checks),
		DB_TEXT("status", !is_over		  ? "running"
				  : all_passed(checks) ? "passed"
						       : "failed"),
		DB_TIME("completed_at", is_over ? op->now_us : TIME_NONE),
		DB_I64("integration_id", c->integration.id),
		DB_I64("restaurant_id", c->restaurant.id)));
}

enum err
probe_read(struct op *op, const struct connection *c, struct probe *ret)
{
	return db_one(op, STMT_pos_probe_read,
	    DB_ARGS(DB_I64("integration_id", c->integration.id),
		DB_I64("restaurant_id", c->restaurant.id)),
	    &probe_shape, ret);
}

enum err
probe_begin(struct op *op, const struct connection *c, struct probe *ret)
{
	enum err e = db_one(op, STMT_pos_probe_lock,
	    DB_ARGS(DB_I64("integration_id", c->integration.id),
		DB_I64("restaurant_id", c->restaurant.id)),
	    &probe_shape, ret);

	if (e == OK && strcmp(ret->status, "running") == 0 &&
	    op->now_us < ret->started_at + RUNNING_MAX_US)
		return OK;
	*ret = (struct probe){ "running", NULL, op->now_us, TIME_NONE };
	if (e == OK || e == ERR_NO_ROW)
		e = checks_begin(op, c, &ret->checks);
	if (e == OK)
		e = db_run(op, STMT_pos_probe_begin,
		    DB_ARGS(DB_I64("integration_id", c->integration.id),
			DB_I64("restaurant_id", c->restaurant.id),
			DB_TEXT("checks", ret->checks)));
	return e != OK ? e
		       : outbox_put(op, &(struct message_new){ .kind = MESSAGE_pos_probe,
					    .destination = c->terms.destination,
					    .restaurant_id = c->restaurant.id,
					    .subject_id = c->integration.id });
}

/* --- the relay's part ------------------------------------------------------------------------- */

/* Which question is next: the payload's first character; then the verb's progress. */
static size_t
question_of(struct bytes payload)
{
	return payload.len > 0 ? (size_t)(((const char *)payload.data)[0] - '0') : 0;
}

static struct pos_task
question_task(const struct op *op, const struct connection *c, const struct message *m)
{
	struct pos_task task = { .config = c->config,
		.reference = NO_ORDER,
		.now = op->now_us,
		.since = op->now_us };

	if (m->payload.len > 1)
		task.progress = (struct bytes){ (const char *)m->payload.data + 1,
			m->payload.len - 1 };
	return task;
}

/* Over, with what is known. */
static enum err
probe_over(struct op *op, const struct message *m, const struct connection *c, const char *checks)
{
	enum err e = probe_write(op, c, checks, true);

	return e != OK ? e : outbox_finish(op, m, OUTCOME_DONE, NULL);
}

static enum err
probe_load(struct op *op, const struct message *m, struct connection *c, const char **ret_checks)
{
	struct probe probe;
	enum err e = connection_of(op, m->restaurant_id, c);

	if (e == OK && c->integration.id != m->subject_id)
		e = ERR_NO_ROW;
	if (e == OK)
		e = probe_read(op, c, &probe);
	if (e == OK)
		*ret_checks = probe.checks;
	return e;
}

enum err
probe_ask(struct op *op, struct attempt *a)
{
	const struct message *m = a->message;
	size_t q = question_of(m->payload);
	struct pos_problems problems = { 0 };
	const char *checks = NULL;
	struct pos_task task;
	struct connection c;
	bool ready;
	enum err e = probe_load(op, m, &c, &checks);

	if (e == ERR_NO_ROW)
		return outbox_finish(op, m, OUTCOME_REFUSED, "The integration is gone");
	if (e != OK)
		return e;
	while (q < QUESTIONS_N && !pos_can(c.adapter, questions[q].verb))
		q++;
	if (c.problems.n > 0 || q >= QUESTIONS_N)
		return probe_over(op, m, &c, checks);
	e = login_ready(op, &c, &ready);
	if (e == OK && !ready && login_waited_too_long(op, m))
		return probe_over(op, m, &c,
		    check_add(op, checks,
			&(struct check){ "access", false, CAUSE_AUTH, LOGIN_WAITS }));
	if (e != OK || !ready)
		return e != OK ? e : login_wait(op, m, &c);
	task = question_task(op, &c, m);
	if (!c.adapter->talks[questions[q].verb].call(op->arena, &task, &a->call, &problems))
		return probe_over(op, m, &c,
		    check_add(op, checks,
			&(struct check){ questions[q].name, false, CAUSE_CONFIG,
			    subject_problems(op, &problems) }));
	a->limits = questions[q].verb == POS_MENU ? c.adapter->menu_limits
						  : c.adapter->ask_limits;
	e = integration_secrets_open(
	    op, &a->provider->keys, &c.integration, &a->secrets, &a->secrets_n);
	a->is_sent = e == OK;
	return e;
}

/* Another step of the same question; of what takes many the first one shows that it is answered. */
static bool
goes_on(size_t q, const struct pos_outcome *o)
{
	return questions[q].verb == POS_CONFIRM && o->verdict.outcome == OUTCOME_DONE &&
	       o->has_next;
}

static enum err
question_go_on(
    struct op *op, size_t q, const struct pos_outcome *o, struct provider_ending *ret)
{
	const char *payload = arena_printf(
	    op->arena, "%zu%.*s", q, (int)o->progress.len, (const char *)o->progress.data);

	return attempt_next(ret, (struct bytes){ payload, strlen(payload) });
}

/* This one is answered; on to the next, or over. */
static enum err
question_over(struct op *op, const struct message *m, const struct connection *c, size_t q,
    const char *checks, const struct verdict *v, struct provider_ending *ret)
{
	bool passed = v->outcome == OUTCOME_DONE;
	char *next = arena_printf(op->arena, "%zu", q + 1);
	enum err e;

	checks = check_add(op, checks,
	    &(struct check){ questions[q].name, passed, v->cause, v->sentence });
	for (q++; q < QUESTIONS_N && !pos_can(c->adapter, questions[q].verb);)
		q++;
	if (q >= QUESTIONS_N)
		return probe_over(op, m, c, checks);
	e = probe_write(op, c, checks, false);
	return e != OK ? e : attempt_next(ret, (struct bytes){ next, strlen(next) });
}

enum err
probe_hear(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	size_t q = question_of(m->payload);
	const char *checks = NULL;
	struct pos_outcome o;
	struct pos_task task;
	struct connection c;
	enum err e = probe_load(op, m, &c, &checks);

	(void)p;
	ret->outcome = OUTCOME_REFUSED;
	if (e == ERR_NO_ROW)
		return outbox_finish(op, m, OUTCOME_REFUSED, "The integration is gone");
	if (e != OK)
		return e;
	while (q + 1 < QUESTIONS_N && !pos_can(c.adapter, questions[q].verb))
		q++;
	task = question_task(op, &c, m);
	o = attempt_heard(op, c.adapter, questions[q].verb, &task, r);
	e = login_review(op, &c, m, &o.verdict);
	if (e == OK && o.verdict.outcome == OUTCOME_DONE && !goes_on(q, &o))
		e = integration_merchant_told(op, &c.integration, o.merchant_id);
	if (e != OK)
		return e;
	ret->outcome = o.verdict.outcome;
	if (goes_on(q, &o))
		return question_go_on(op, q, &o, ret);
	if (o.verdict.outcome == OUTCOME_LATER && !outbox_is_last(op, m))
		return outbox_later(
		    op, m, outbox_pause(op, m, o.verdict.retry_after_s), o.verdict.sentence);
	return question_over(op, m, &c, q, checks, &o.verdict, ret);
}

enum err
probe_dead(struct op *op, const struct message *m, const char *why)
{
	const char *checks = NULL;
	struct connection c;
	enum err e = probe_load(op, m, &c, &checks);

	if (e == OK)
		e = probe_write(op, &c,
		    check_add(op, checks,
			&(struct check){ "relay", false, CAUSE_GARBLED, why }),
		    true);
	return e == ERR_NO_ROW ? OK : e;
}
