#include "outbox/outbox.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/config.h"
#include "db/db.h"
#include "metric/counter.h"
#include "op/op.h"
#include "outbox/inside.h"

#define CONFIGURED MESSAGE_ATTEMPTS_CONFIGURED
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

enum message_kind
message_kind_by_name(const char *name)
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

#define PUT_ARGS_N 11

/* The columns of a new message; when it falls due. */
static int64_t
put_args(const struct op *op, const struct message_new *m, struct db_arg args[PUT_ARGS_N])
{
	const struct message_info *info = &infos[m->kind];
	int64_t due_at = op->now_us + info->first_delay_us + m->delay_us;
	const struct db_arg row[] = {
		DB_TEXT("runner", runner_names[info->runner]),
		DB_TEXT("kind", info->name),
		DB_TEXT("destination", m->destination != NULL ? m->destination : info->name),
		DB_ID("lane", m->lane),
		DB_ID("restaurant_id", m->restaurant_id),
		DB_I64("subject_id", m->subject_id),
		DB_I64("subject_no", m->subject_no),
		DB_BYTES("payload", m->payload.data, m->payload.len),
		DB_TIME("due_at", due_at),
		DB_TIME(
		    "expires_at", info->lifetime_us == 0 ? TIME_NONE : due_at + info->lifetime_us),
		DB_TEXT("trace_id", op->trace_id),
	};

	_Static_assert(sizeof row / sizeof row[0] == PUT_ARGS_N, "as many as callers hold");
	memcpy(args, row, sizeof row);
	return due_at;
}

enum err
outbox_put(struct op *op, const struct message_new *m)
{
	struct db_arg args[PUT_ARGS_N];
	int64_t due_at, id;
	enum err e;

	if (db_notes_wait(op, STMT_outbox_put_all))
		return outbox_put_all(op, m, 1);
	e = db_now(op);
	if (e != OK)
		return e;
	due_at = put_args(op, m, args);
	e = db_newid(op, STMT_outbox_put, args, PUT_ARGS_N, &id);
	if (e == OK && due_at <= op->now_us)
		poke_after_commit(op, infos[m->kind].runner, id);
	return e;
}

struct pending_row {
	int64_t id, due_at;
	bool is_held;
};
static const struct db_col pending_cols[] = { COL_I64(struct pending_row, id),
	COL_TIME(struct pending_row, due_at), COL_BOOL(struct pending_row, is_held) };
static const struct db_shape pending_shape = DB_SHAPE(struct pending_row, pending_cols);

enum err
outbox_hasten(struct op *op, const struct message_new *m)
{
	struct db_arg args[PUT_ARGS_N];
	struct pending_row row;
	int64_t due_at, changed = 1;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	due_at = put_args(op, m, args);
	e = db_one(op, STMT_outbox_pending,
	    DB_ARGS(DB_TEXT("kind", infos[m->kind].name), DB_I64("subject_id", m->subject_id)),
	    &pending_shape, &row);
	if (e == ERR_NO_ROW)
		e = db_newid(op, STMT_outbox_put, args, PUT_ARGS_N, &row.id);
	else if (e != OK || row.is_held || row.due_at <= due_at)
		return e;
	else
		e = db_changed(op, STMT_outbox_hasten,
		    DB_ARGS(DB_I64("id", row.id), DB_TIME("due_at", due_at)), &changed);
	if (e == OK && changed == 1 && due_at <= op->now_us)
		poke_after_commit(op, infos[m->kind].runner, row.id);
	return e;
}

enum err
outbox_put_all(struct op *op, const struct message_new *m, size_t n)
{
	bool is_due[] = { [RUNNER_RELAY] = false, [RUNNER_JOBS] = false };
	struct db_arg *args = arena_array(op->arena, n * PUT_ARGS_N, sizeof *args);
	enum err e = db_now(op);

	for (size_t i = 0; i < n && e == OK; i++)
		is_due[infos[m[i].kind].runner] |=
		    put_args(op, &m[i], args + i * PUT_ARGS_N) <= op->now_us;
	if (e == OK && !db_notes_wait(op, STMT_outbox_put_all))
		e = db_insert(op, STMT_outbox_put_all, args, PUT_ARGS_N, n);
	else
		for (size_t i = 0; i < n && e == OK; i++)
			e = db_note(op, STMT_outbox_put_all, args + i * PUT_ARGS_N, PUT_ARGS_N,
			    NULL);
	for (enum runner r = RUNNER_RELAY; r <= RUNNER_JOBS && e == OK; r++)
		if (is_due[r])
			poke_after_commit(op, r, 0);
	return e;
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

/* What outbox_go_on() has promised. */
static enum err
kept(struct op *op, const struct message *m, int64_t attempts, int64_t begun_at)
{
	int64_t changed = 0;
	enum err e = db_note(op, STMT_outbox_go_on,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token - 1),
		DB_TIME("lease_until", m->kept_until), DB_TIME("begun_at", begun_at),
		DB_I64("attempts", attempts),
		DB_BYTES("payload", m->payload.data, m->payload.len)),
	    &changed);

	return fenced(op, e, changed);
}

enum err
outbox_keep(struct op *op, const struct message *m)
{
	return kept(op, m, 0, TIME_NONE);
}

enum err
outbox_begin(struct op *op, const struct message *m)
{
	int64_t changed = 0;
	enum err e;

	if (m->kept_until != 0)
		return kept(op, m, 1, op->now_us);
	e = db_note(op, STMT_outbox_begin,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token)), &changed);
	return fenced(op, e, changed);
}

/* Once its row of outbox_done is written. */
static enum err
leave(struct op *op, const struct message *m, enum err e, int64_t written)
{
	int64_t changed;

	e = fenced(op, e, written);
	if (e != OK)
		return e;
	e = db_note(op, STMT_outbox_delete,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token)), &changed);
	return fenced(op, e, changed);
}

enum err
outbox_finish(struct op *op, const struct message *m, enum outcome outcome, const char *last_error)
{
	int64_t changed = 0;
	enum err e = db_note(op, STMT_outbox_done,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token),
		DB_TEXT("outcome", outcome_name(outcome)), DB_TEXT("last_error", last_error)),
	    &changed);

	return leave(op, m, e, changed);
}

enum err
outbox_quarantine(struct op *op, const struct message *m, const char *why)
{
	int64_t changed = 0;
	enum err e = db_changed(op, STMT_outbox_bury,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token), DB_TEXT("last_error", why)),
	    &changed);

	return leave(op, m, e, changed);
}

struct ending_row {
	int64_t token, ended_token;
};
static const struct db_col ending_cols[] = { COL_I64(struct ending_row, token),
	COL_I64(struct ending_row, ended_token) };
static const struct db_shape ending_shape = DB_SHAPE(struct ending_row, ending_cols);

struct token_row {
	int64_t token;
};
static const struct db_col token_cols[] = { COL_I64(struct token_row, token) };
static const struct db_shape token_shape = DB_SHAPE(struct token_row, token_cols);

enum err
outbox_ended(struct op *op, const struct message *m, bool *ret_is_ended)
{
	struct ending_row row;
	struct token_row done;
	enum err e =
	    db_one(op, STMT_outbox_ended, DB_ARGS(DB_I64("id", m->id)), &ending_shape, &row);

	if (e == OK) {
		*ret_is_ended = row.ended_token == m->token;
		return OK;
	}
	if (e == ERR_NO_ROW)
		e = db_one(
		    op, STMT_outbox_done_by, DB_ARGS(DB_I64("id", m->id)), &token_shape, &done);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret_is_ended = e == OK && done.token == m->token;
	return OK;
}

enum err
outbox_hold(struct op *op, const struct message *m)
{
	struct ending_row row;
	enum err e =
	    db_one(op, STMT_outbox_ended, DB_ARGS(DB_I64("id", m->id)), &ending_shape, &row);

	if (e == ERR_NO_ROW)
		return fenced(op, OK, 0);
	return fenced(op, e, row.token == m->token);
}

enum err
outbox_put_off(struct op *op, enum stmt stmt, const struct message *m, int64_t delay_us,
    const char *last_error)
{
	int64_t changed;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	e = db_note(op, stmt,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token),
		DB_TIME("due_at", op->now_us + delay_us), DB_TEXT("last_error", last_error)),
	    &changed);
	return fenced(op, e, changed);
}

enum err
outbox_later(struct op *op, const struct message *m, int64_t delay_us, const char *last_error)
{
	return outbox_put_off(op, STMT_outbox_later, m, delay_us, last_error);
}

enum err
outbox_anew(struct op *op, const struct message *m, int64_t delay_us, const char *last_error)
{
	return outbox_put_off(op, STMT_outbox_anew, m, delay_us, last_error);
}

enum err
outbox_next(struct op *op, const struct message *m, struct bytes payload)
{
	int64_t changed;
	enum err e = db_note(op, STMT_outbox_next,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token),
		DB_BYTES("payload", payload.data, payload.len)),
	    &changed);

	e = fenced(op, e, changed);
	if (e == OK)
		poke_after_commit(op, infos[m->kind].runner, m->id);
	return e;
}

enum err
outbox_go_on(struct op *op, const struct message *m, struct bytes payload, int64_t lease_us,
    struct message **ret_next)
{
	struct message next = *m;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	next.kept_until = op->now_us + lease_us;
	next.payload = payload;
	next.token++;
	next.attempts = next.lost_claims = 0;
	next.begun_at = TIME_NONE;
	*ret_next = message_copy(op->arena, &next);
	return OK;
}

struct others_row {
	int64_t n;
};
static const struct db_col others_cols[] = { COL_I64(struct others_row, n) };
static const struct db_shape others_shape = DB_SHAPE(struct others_row, others_cols);

enum err
outbox_has_another(struct op *op, const struct message *m, bool *ret_has)
{
	struct others_row row = { 0 };
	enum err e = db_one(op, STMT_outbox_others,
	    DB_ARGS(DB_TEXT("kind", m->kind_name), DB_I64("subject_id", m->subject_id),
		DB_I64("subject_no", m->subject_no), DB_I64("id", m->id)),
	    &others_shape, &row);

	if (e == OK)
		*ret_has = row.n > 0;
	return e;
}

struct begun_row {
	int64_t begun_at;
};
static const struct db_col begun_cols[] = { COL_TIME(struct begun_row, begun_at) };
static const struct db_shape begun_shape = DB_SHAPE(struct begun_row, begun_cols);

enum err
outbox_begun(struct op *op, const struct message *m, int64_t *ret_begun_at)
{
	struct begun_row row;
	enum err e = db_one(op, STMT_outbox_begun,
	    DB_ARGS(DB_I64("id", m->id), DB_I64("token", m->token)), &begun_shape, &row);

	if (e == ERR_NO_ROW)
		return fenced(op, OK, 0);
	if (e == OK)
		*ret_begun_at = row.begun_at;
	return e;
}

enum err
outbox_drop(struct op *op, enum message_kind kind, int64_t subject_id)
{
	return db_note(op, STMT_outbox_drop,
	    DB_ARGS(DB_TEXT("kind", infos[kind].name), DB_I64("subject_id", subject_id)), NULL);
}
