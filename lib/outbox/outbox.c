#include "outbox/outbox.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/config.h"
#include "db/db.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "op/op.h"

/* More than this in one claim would hold the locks for longer than a lease is worth. */
#define CLAIM_MAX 256

static const struct message_info infos[] = {
#define MESSAGE_ROW(kind, by, delay, life, tries, pause, effect, text) \
	[MESSAGE_##kind] = { .name = #kind, .runner = RUNNER_##by, .first_delay_us = INT64_C(1000) * (delay), \
		.lifetime_us = INT64_C(1000000) * (life), .attempts = (tries), .pause_us = INT64_C(1000) * (pause), \
		.is_effect = (effect), .sentence = (text) },
#include "outbox/message.def"
#undef MESSAGE_ROW
};
_Static_assert(sizeof infos / sizeof infos[0] == MESSAGE__MAX, "one row per kind");

static const char *const runner_names[] = { [RUNNER_RELAY] = "relay", [RUNNER_JOBS] = "jobs" };

static const struct db_col message_cols[] = {
	COL_I64(struct message, id),
	COL_TEXT(struct message, kind_name),
	COL_TEXT(struct message, destination),
	COL_I64(struct message, lane),
	COL_I64(struct message, restaurant_id),
	COL_I64(struct message, subject_id),
	COL_I64(struct message, subject_no),
	COL_BYTES(struct message, payload),
	COL_I64(struct message, attempts),
	COL_I64(struct message, lost_claims),
	COL_I64(struct message, token),
	COL_TIME(struct message, expires_at),
	COL_TIME(struct message, begun_at),
	COL_TIME(struct message, created_at),
	COL_TEXT(struct message, trace_id),
};
static const struct db_shape message_shape = DB_SHAPE(struct message, message_cols);

static const struct db_col due_cols[] = {
	COL_TEXT(struct outbox_due, destination),
	COL_TIME(struct outbox_due, due_at),
};
static const struct db_shape due_shape = DB_SHAPE(struct outbox_due, due_cols);

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

const struct message_info *
message_info(enum message_kind kind)
{
	return &infos[kind];
}

const char *
runner_name(enum runner runner)
{
	return runner_names[runner];
}

static enum message_kind
kind_of(const char *name)
{
	enum message_kind kind = 0;

	while (kind < MESSAGE__MAX && strcmp(infos[kind].name, name) != 0)
		kind++;
	return kind;
}

struct message *
message_copy(struct arena *a, const struct message *m)
{
	struct message *copy = arena_alloc(a, sizeof *copy);

	*copy = *m;
	copy->kind_name = arena_strdup(a, m->kind_name);
	copy->destination = arena_strdup(a, m->destination);
	copy->trace_id = arena_strdup(a, m->trace_id);
	if (m->payload.data != NULL)
		copy->payload.data = arena_bytes(a, m->payload.data, m->payload.len);
	return copy;
}

void
outbox_poke(const char *run_dir, enum runner runner, int64_t message_id)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char text[24];
	int fd, n;

	n = snprintf(to.sun_path, sizeof to.sun_path, "%s/%s.poke", run_dir, runner_names[runner]);
	if (n < 0 || (size_t)n >= sizeof to.sun_path)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	n = snprintf(text, sizeof text, "%lld", (long long)message_id);
	/*
	 * A full queue or an absent runner is no matter: it looks by itself several times a second.
	 */
	(void)sendto(
	    fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to);
	close(fd);
}

struct poke {
	const char *run_dir;
	enum runner runner;
	int64_t message_id;
};

static void
poke_send(void *arg)
{
	const struct poke *p = arg;

	outbox_poke(p->run_dir, p->runner, p->message_id);
}

static void
poke_after_commit(struct op *op, enum runner runner, int64_t id)
{
	struct poke *p;

	if (op->config == NULL)
		return;
	p = arena_alloc(op->arena, sizeof *p);
	*p = (struct poke){ .run_dir = op->config->run_dir, .runner = runner, .message_id = id };
	op_after_commit(op, poke_send, p);
}

enum err
outbox_put(struct op *op, const struct message_new *m)
{
	const struct message_info *info = &infos[m->kind];
	int64_t due_at, id;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	due_at = op->now_us + info->first_delay_us + m->delay_us;
	e = db_newid(op, STMT_outbox_put,
	    DB_ARGS(DB_TEXT("runner", runner_names[info->runner]), DB_TEXT("kind", info->name),
		DB_TEXT("destination", m->destination != NULL ? m->destination : info->name),
		DB_ID("lane", m->lane), DB_ID("restaurant_id", m->restaurant_id),
		DB_I64("subject_id", m->subject_id), DB_I64("subject_no", m->subject_no),
		DB_BYTES("payload", m->payload.data, m->payload.len), DB_TIME("due_at", due_at),
		DB_TIME(
		    "expires_at", info->lifetime_us == 0 ? TIME_NONE : due_at + info->lifetime_us),
		DB_TEXT("trace_id", op->trace_id)),
	    &id);
	if (e == OK && due_at <= op->now_us)
		poke_after_commit(op, info->runner, id);
	return e;
}

enum err
outbox_due(struct op *op, enum runner runner, struct outbox_due **ret, size_t *ret_n)
{
	return db_many(op, STMT_outbox_due, DB_ARGS(DB_TEXT("runner", runner_names[runner])),
	    &due_shape, ret, ret_n);
}

struct claim {
	enum runner runner;
	const char *destination;
	size_t max;
	int64_t lease_us;
	struct message *messages;
	size_t n;
};

static enum err
claim_body(struct op *op, void *arg)
{
	struct claim *c = arg;
	struct id_row *ids;
	struct buf list;
	int64_t taken;
	size_t n;
	enum err e;

	c->n = 0;
	e = db_many(op, STMT_outbox_claimable,
	    DB_ARGS(DB_TEXT("runner", runner_names[c->runner]),
		DB_TEXT("destination", c->destination), DB_I64("n", (int64_t)c->max)),
	    &id_shape, &ids, &n);
	if (e != OK || n == 0)
		return e;
	buf_init(&list, op->arena, CLAIM_MAX * 21 + 2);
	for (size_t i = 0; i < n; i++)
		buf_addf(&list, "%c%lld", i == 0 ? '[' : ',', (long long)ids[i].id);
	buf_addc(&list, ']');
	CRASH_POINT("outbox_claim.before_take");
	e = db_changed(op, STMT_outbox_take,
	    DB_ARGS(DB_TEXT("ids", list.data), DB_TIME("lease_until", op->now_us + c->lease_us)),
	    &taken);
	if (e == OK)
		e = db_many(op, STMT_outbox_taken, DB_ARGS(DB_TEXT("ids", list.data)),
		    &message_shape, &c->messages, &c->n);
	return e;
}

enum err
outbox_claim(struct op *op, enum runner runner, const char *destination, size_t n, int64_t lease_us,
    struct message **ret, size_t *ret_n)
{
	struct claim c = { .runner = runner,
		.destination = destination,
		.max = n < CLAIM_MAX ? n : CLAIM_MAX,
		.lease_us = lease_us };
	enum err e = db_tx(op, claim_body, &c);

	if (e != OK)
		return e;
	CRASH_POINT("outbox_claim.after_commit");
	for (size_t i = 0; i < c.n; i++) {
		c.messages[i].kind = kind_of(c.messages[i].kind_name);
		if (c.messages[i].lost_claims > 0)
			counter_add(COUNTER_lost_claims, 1);
	}
	*ret = c.messages;
	*ret_n = c.n;
	return OK;
}

struct held_row {
	int64_t id;
};
static const struct db_col held_cols[] = { COL_I64(struct held_row, id) };
static const struct db_shape held_shape = DB_SHAPE(struct held_row, held_cols);

/* Which of the messages still bear their token. Both lists are short, and this is rarely asked. */
static enum err
held_find(
    struct op *op, const char *list, const struct message *const *held, size_t n, bool *ret_is_held)
{
	struct held_row *rows;
	size_t rows_n;
	enum err e = db_many(
	    op, STMT_outbox_held, DB_ARGS(DB_TEXT("held", list)), &held_shape, &rows, &rows_n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n; i++) {
		ret_is_held[i] = false;
		for (size_t k = 0; k < rows_n && !ret_is_held[i]; k++)
			ret_is_held[i] = rows[k].id == held[i]->id;
	}
	return OK;
}

enum err
outbox_heartbeat(
    struct op *op, const struct message *const *held, size_t n, int64_t lease_us, bool *ret_is_held)
{
	struct buf list;
	int64_t renewed;
	enum err e;

	if (n == 0)
		return OK;
	e = db_now(op);
	if (e != OK)
		return e;
	buf_init(&list, op->arena, n * 44 + 3);
	for (size_t i = 0; i < n; i++)
		buf_addf(&list, "%c[%lld,%lld]", i == 0 ? '[' : ',', (long long)held[i]->id,
		    (long long)held[i]->token);
	buf_addc(&list, ']');
	e = db_changed(op, STMT_outbox_heartbeat,
	    DB_ARGS(DB_TEXT("held", list.data), DB_TIME("lease_until", op->now_us + lease_us)),
	    &renewed);
	if (e != OK)
		return e;
	if (renewed != (int64_t)n)
		return held_find(op, list.data, held, n, ret_is_held);
	for (size_t i = 0; i < n; i++)
		ret_is_held[i] = true;
	return OK;
}

enum err
outbox_release(struct op *op, const struct message *m, int64_t delay_us)
{
	int64_t changed;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	return db_changed(op, STMT_outbox_release,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token),
		DB_TIME("due_at", op->now_us + delay_us)),
	    &changed);
}

enum err
outbox_takeover(struct op *op, enum runner runner, int64_t *ret_n)
{
	return db_changed(
	    op, STMT_outbox_takeover, DB_ARGS(DB_TEXT("runner", runner_names[runner])), ret_n);
}

/* A write under a token: no row means that the token is not the newest any more. */
static enum err
fenced(struct op *op, enum err e, int64_t changed)
{
	if (e != OK || changed == 1)
		return e;
	counter_add(COUNTER_stale_token_writes, 1);
	return fail(op, ERR_CONFLICT, "Somebody else has this message");
}

enum err
outbox_begin(struct op *op, const struct message *m)
{
	int64_t changed;
	enum err e = db_changed(op, STMT_outbox_begin,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token)), &changed);

	return fenced(op, e, changed);
}

static enum err
move_to_done(struct op *op, const struct message *m, const char *outcome, const char *last_error)
{
	int64_t changed;
	enum err e;

	e = db_changed(op, STMT_outbox_done,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token), DB_TEXT("outcome", outcome),
		DB_TEXT("last_error", last_error)),
	    &changed);
	e = fenced(op, e, changed);
	if (e == OK) {
		e = db_changed(op, STMT_outbox_delete,
		    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token)), &changed);
		e = fenced(op, e, changed);
	}
	return e;
}

enum err
outbox_finish(struct op *op, const struct message *m, enum outcome outcome, const char *last_error)
{
	return move_to_done(op, m, outcome_name(outcome), last_error);
}

enum err
outbox_quarantine(struct op *op, const struct message *m, const char *why)
{
	return move_to_done(op, m, "DEAD", why);
}

enum err
outbox_later(struct op *op, const struct message *m, int64_t delay_us, const char *last_error)
{
	int64_t changed;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	e = db_changed(op, STMT_outbox_later,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token),
		DB_TIME("due_at", op->now_us + delay_us), DB_TEXT("last_error", last_error)),
	    &changed);
	return fenced(op, e, changed);
}

enum err
outbox_drop(struct op *op, enum message_kind kind, int64_t subject_id)
{
	return db_run(op, STMT_outbox_drop,
	    DB_ARGS(DB_TEXT("kind", infos[kind].name), DB_I64("subject_id", subject_id)));
}

#define PAUSE_MAX_US (INT64_C(3600) * 1000000)
#define PAUSE_DOUBLINGS_MAX 20

int64_t
outbox_pause(struct op *op, const struct message *m, int retry_after_s)
{
	int64_t pause =
	    infos[m->kind].pause_us != 0 ? infos[m->kind].pause_us : op->config->backoff_ms * 1000;
	int64_t asked = INT64_C(1000000) * retry_after_s;
	int64_t doublings = m->attempts < PAUSE_DOUBLINGS_MAX ? m->attempts : PAUSE_DOUBLINGS_MAX;
	uint32_t random;

	pause = pause > PAUSE_MAX_US >> doublings ? PAUSE_MAX_US : pause << doublings;
	op_random(op, &random, sizeof random);
	pause = pause * 4 / 5 + pause * 2 / 5 * (random % 1000) / 1000;
	return pause > asked ? pause : asked;
}

bool
outbox_is_last(const struct op *op, const struct message *m)
{
	int64_t most = infos[m->kind].attempts;

	return (most != 0 && m->attempts + 1 >= most) ||
	       (m->expires_at != TIME_NONE && op->now_us >= m->expires_at);
}
