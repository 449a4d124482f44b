#include "outbox/due.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "op/clock.h"
#include "op/op.h"
#include "text/json_write.h"

#define PLACES_MAX 10000 /* as the LIMIT of outbox_places */
#define NAME_MAX_LEN 80  /* of a destination, ASCII; escaped at most six times as long */
#define NAMES_MAX ((size_t)16 * 1024 * 1024)
#define SECOND_US INT64_C(1000000)
#define WALK_PART 100 /* of the time, at most, is spent with walks */
#define WALK_MAX_US (5 * SECOND_US)
#define SETTLED_US (SECOND_US / 4) /* an id that was taken so long ago is committed, or nearly always */
#define SLOW_US (SECOND_US / 50) /* a walk in one statement; 500 places take 3 ms */
#define ASK_ALL_US (SECOND_US / 6) /* seldomer than the poll, none of its looks would be one */
#define ASK_ALL_MAX_US SECOND_US   /* but where that takes longer than a part of the time */
#define ASK_ALL_PART 100
#define STEPWISE_US (60 * SECOND_US)

/* A place with anything at it: when the first of that falls due. Members as outbox_due's. */
static const struct db_col place_cols[] = {
	COL_TEXT(struct outbox_due, destination),
	COL_TIME(struct outbox_due, due_at),
};
static const struct db_shape place_shape = DB_SHAPE(struct outbox_due, place_cols);

struct next_row {
	const char *destination;
};
static const struct db_col next_cols[] = { COL_TEXT(struct next_row, destination) };
static const struct db_shape next_shape = DB_SHAPE(struct next_row, next_cols);

struct first_row {
	int64_t due_at;
};
static const struct db_col first_cols[] = { COL_TIME(struct first_row, due_at) };
static const struct db_shape first_shape = DB_SHAPE(struct first_row, first_cols);

struct last_row {
	int64_t id;
};
static const struct db_col last_cols[] = { COL_I64(struct last_row, id) };
static const struct db_shape last_shape = DB_SHAPE(struct last_row, last_cols);

void
outbox_places_begin(struct outbox_places *p, enum runner runner)
{
	*p = (struct outbox_places){ .runner = runner, .arena = arena_new(NAMES_MAX) };
}

void
outbox_places_doubt(struct outbox_places *p)
{
	p->ask_all_at_us = 0;
}

void
outbox_places_poked(struct outbox_places *p, int64_t id)
{
	if (p->poked_n == sizeof p->poked / sizeof p->poked[0])
		outbox_places_doubt(p);
	else if (id > 0)
		p->poked[p->poked_n++] = id;
}

void
outbox_places_end(struct outbox_places *p)
{
	arena_free(&p->arena);
}

/* --- lists ------------------------------------------------------------------------------------ */

static int
by_name(const void *a, const void *b)
{
	const struct outbox_due *x = a, *y = b;

	return strcmp(x->destination, y->destination);
}

static int
by_due(const void *a, const void *b)
{
	const struct outbox_due *x = a, *y = b;

	return (x->due_at > y->due_at) - (x->due_at < y->due_at);
}

/* Of each place, sorted by name, one row: the sooner. How many are left. */
static size_t
once_each(struct outbox_due *rows, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || by_name(&rows[kept - 1], &rows[i]) != 0)
			rows[kept++] = rows[i];
		else if (rows[kept - 1].due_at == TIME_NONE ||
			 (rows[i].due_at != TIME_NONE && rows[i].due_at < rows[kept - 1].due_at))
			rows[kept - 1].due_at = rows[i].due_at;
	}
	return kept;
}

static bool
is_due(const struct op *op, const struct outbox_due *d)
{
	return d->due_at != TIME_NONE && d->due_at <= op->now_us;
}

/* What is due of them comes first, the longest waiting before all. How many that is. */
static size_t
only_due(const struct op *op, struct outbox_due *rows, size_t n)
{
	size_t due_n = 0;

	for (size_t i = 0; i < n; i++)
		if (is_due(op, &rows[i]))
			rows[due_n++] = rows[i];
	if (due_n > 1)
		qsort(rows, due_n, sizeof *rows, by_due);
	return due_n;
}

/* These are the places from now on. */
static void
places_remember(struct outbox_places *p, const struct outbox_due *rows, size_t n)
{
	arena_reset(p->arena);
	p->all = arena_array(p->arena, n, sizeof *p->all);
	p->n = n;
	for (size_t i = 0; i < n; i++)
		p->all[i] = (struct outbox_due){
			.destination = arena_strdup(p->arena, rows[i].destination),
			.due_at = rows[i].due_at,
		};
}

/* --- a walk ----------------------------------------------------------------------------------- */

/* A list as it grows. */
struct place_list {
	struct outbox_due *all;
	size_t n, room;
};

static void
place_add(struct op *op, struct place_list *list, const char *destination, int64_t due_at)
{
	if (list->n == list->room) {
		size_t room = 2 * list->room + 64;
		struct outbox_due *all = arena_array(op->arena, room, sizeof *all);

		if (list->n > 0)
			memcpy(all, list->all, list->n * sizeof *all);
		list->all = all;
		list->room = room;
	}
	list->all[list->n++] =
	    (struct outbox_due){ .destination = destination, .due_at = due_at };
}

/*
 * With two statements for each place, each of which is one dive into an index: 35 ms for 500
 * places, whatever the server thinks.
 */
static enum err
walk_stepwise(struct op *op, enum runner runner, struct outbox_due **ret, size_t *ret_n)
{
	struct place_list list = { .n = 0 };
	struct next_row next = { .destination = "" };
	enum err e = OK;

	while (e == OK && next.destination != NULL && list.n < PLACES_MAX) {
		struct first_row first;

		e = db_one(op, STMT_outbox_place_next,
		    DB_ARGS(DB_TEXT("runner", runner_name(runner)),
			DB_TEXT("after", next.destination)),
		    &next_shape, &next);
		if (e != OK || next.destination == NULL)
			break;
		e = db_one(op, STMT_outbox_place_first,
		    DB_ARGS(DB_TEXT("runner", runner_name(runner)),
			DB_TEXT("destination", next.destination)),
		    &first_shape, &first);
		if (e == OK)
			place_add(op, &list, next.destination, first.due_at);
	}
	if (e != OK)
		return e;
	*ret = list.all;
	*ret_n = list.n;
	return OK;
}

/* Slow once, it is done in steps for as long as it takes the server to look at the table anew. */
static enum err
walk_find(struct op *op, struct outbox_places *p, struct outbox_due **ret, size_t *ret_n)
{
	int64_t begun_us = clock_steady_us();
	enum err e;

	if (begun_us < p->stepwise_until_us)
		return walk_stepwise(op, p->runner, ret, ret_n);
	e = db_many(op, STMT_outbox_places, DB_ARGS(DB_TEXT("runner", runner_name(p->runner))),
	    &place_shape, ret, ret_n);
	if (clock_steady_us() - begun_us > SLOW_US)
		p->stepwise_until_us = begun_us + STEPWISE_US;
	return e;
}

/* after_id: what was the highest a while ago (SETTLED_US), or longer. */
static enum err
ids_settle(struct op *op, struct outbox_places *p, int64_t now_us)
{
	struct last_row last;
	enum err e;

	if (p->last_id_us != 0 && now_us < p->last_id_us + SETTLED_US)
		return OK;
	e = db_one(op, STMT_outbox_last, DB_NO_ARGS, &last_shape, &last);
	if (e != OK)
		return e;
	p->after_id = p->last_id_us == 0 ? last.id : p->last_id;
	p->last_id = last.id;
	p->last_id_us = now_us;
	return OK;
}

static enum err
walk(struct op *op, struct outbox_places *p, struct outbox_due **ret, size_t *ret_n)
{
	int64_t begun_us = clock_steady_us(), pause_us;
	enum err e = ids_settle(op, p, begun_us);

	if (e == OK)
		e = walk_find(op, p, ret, ret_n);
	if (e != OK)
		return e;
	places_remember(p, *ret, *ret_n);
	p->poked_n = 0;
	p->ask_all_at_us = begun_us + ASK_ALL_US;
	pause_us = (clock_steady_us() - begun_us) * WALK_PART;
	p->walk_at_us = begun_us + (pause_us < WALK_MAX_US ? pause_us : WALK_MAX_US);
	return OK;
}

/* --- a look ----------------------------------------------------------------------------------- */

/* Those at which something may be due, or all of them. */
static const char *
names_list(struct op *op, const struct outbox_places *p, bool all)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, p->n * (NAME_MAX_LEN * 6 + 3) + 3);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < p->n; i++)
		if (all || is_due(op, &p->all[i]))
			json_write_string(&w, NULL, p->all[i].destination);
	json_write_array_end(&w);
	json_write_done(&w);
	return b.data;
}

static const char *
poked_list(struct op *op, const struct outbox_places *p)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, p->poked_n * 21 + 3);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < p->poked_n; i++)
		json_write_int64(&w, NULL, p->poked[i]);
	json_write_array_end(&w);
	json_write_done(&w);
	return b.data;
}

/* Both are sorted by name, and each place is there once. Returns whether one of the rows is new. */
static bool
places_learn(const struct op *op, struct outbox_places *p, const struct outbox_due *rows, size_t n,
    bool all)
{
	bool has_new = false;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		struct outbox_due *known;

		while (at < p->n && by_name(&p->all[at], &rows[i]) < 0)
			at++;
		known = at < p->n && by_name(&p->all[at], &rows[i]) == 0 ? &p->all[at] : NULL;
		if (known == NULL)
			has_new = true;
		else if (all || is_due(op, known) || known->due_at == TIME_NONE ||
			 rows[i].due_at < known->due_at)
			known->due_at = rows[i].due_at;
	}
	return has_new;
}

/* Those remembered and those of the rows. */
static void
places_join(struct op *op, struct outbox_places *p, const struct outbox_due *rows, size_t n)
{
	struct outbox_due *all = arena_array(op->arena, p->n + n, sizeof *all);

	for (size_t i = 0; i < p->n; i++)
		all[i] = p->all[i];
	for (size_t i = 0; i < n; i++)
		all[p->n + i] = rows[i];
	n += p->n;
	qsort(all, n, sizeof *all, by_name);
	n = once_each(all, n);
	for (size_t i = 0; i < n; i++)
		all[i].destination = arena_strdup(op->arena, all[i].destination);
	places_remember(p, all, n);
}

static int64_t
ask_all_pause(int64_t took_us)
{
	int64_t pause_us = took_us * ASK_ALL_PART;

	return pause_us < ASK_ALL_US	   ? ASK_ALL_US
	       : pause_us < ASK_ALL_MAX_US ? pause_us
					   : ASK_ALL_MAX_US;
}

static enum err
look(struct op *op, struct outbox_places *p, struct outbox_due **ret, size_t *ret_n)
{
	int64_t begun_us = clock_steady_us();
	bool all = begun_us >= p->ask_all_at_us;
	struct outbox_due *rows;
	size_t n;
	enum err e = db_many(op, STMT_outbox_look,
	    DB_ARGS(DB_TEXT("runner", runner_name(p->runner)),
		DB_TEXT("places", names_list(op, p, all)), DB_I64("after", p->after_id),
		DB_TIME("soon", op->now_us + 2 * WALK_MAX_US), /* later on there was a walk */
		DB_TEXT("poked", poked_list(op, p))),
	    &place_shape, &rows, &n);

	if (e != OK)
		return e;
	if (n > 1)
		qsort(rows, n, sizeof *rows, by_name);
	n = once_each(rows, n);
	if (places_learn(op, p, rows, n, all))
		places_join(op, p, rows, n);
	p->poked_n = 0;
	if (all)
		p->ask_all_at_us = begun_us + ask_all_pause(clock_steady_us() - begun_us);
	*ret = rows;
	*ret_n = n;
	return OK;
}

enum err
outbox_due(struct op *op, struct outbox_places *p, struct outbox_due **ret, size_t *ret_n)
{
	struct outbox_due *rows;
	size_t n;
	enum err e = db_now(op);

	if (e == OK)
		e = clock_steady_us() >= p->walk_at_us ? walk(op, p, &rows, &n)
						       : look(op, p, &rows, &n);
	if (e != OK)
		return e;
	*ret_n = only_due(op, rows, n);
	*ret = rows;
	return OK;
}
