/* Claims: which messages a runner gets, and how many of them its rate allows. */
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "op/op.h"
#include "outbox/found.h"
#include "outbox/outbox.h"
#include "text/json_write.h"

/* More than this in one claim would hold the locks for longer than a lease is worth. */
#define CLAIM_MAX 256
#define RATE_NAME_MAX 512 /* escaped */
/* Another runner has all that a place allows: how soon it is looked at again. */
#define CROWD_WAIT_US (INT64_C(50) * 1000)

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

struct claim {
	enum runner runner;
	struct outbox_place *places;
	size_t places_n, max;
	bool without_suspects;
	int64_t lease_us;
	struct message *messages;
	size_t n;
};

/* The first suspect among them is taken alone; what was locked beside it is left for the next. */
static bool
suspect_alone(struct found *found, size_t n)
{
	for (size_t p = 0; p < n; p++)
		for (size_t i = 0; i < found[p].n; i++)
			if (found[p].messages[i].lost_claims >= OUTBOX_LOST_CLAIMS_SUSPECT) {
				for (size_t q = 0; q < n; q++)
					found[q].n = 0;
				found[p].messages[0] = found[p].messages[i];
				found[p].n = 1;
				return true;
			}
	return false;
}

/* --- rates ------------------------------------------------------------------------------------ */

struct rate_row {
	const char *name;
	int64_t spent_until;
};
static const struct db_col rate_cols[] = { COL_TEXT(struct rate_row, name),
	COL_TIME(struct rate_row, spent_until) };
static const struct db_shape rate_shape = DB_SHAPE(struct rate_row, rate_cols);

static int64_t
longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* How many of *n may go now, and for how long the next one has to wait. */
static void
rate_debit(int64_t now_us, const struct outbox_rate *rate, int64_t *spent_until, size_t *n,
    int64_t *ret_wait_us)
{
	int64_t spent_us = longer(0, *spent_until - now_us);
	int64_t left = longer(0, rate->burst * rate->interval_us - spent_us) / rate->interval_us;

	if ((int64_t)*n > left)
		*n = (size_t)left;
	*spent_until = longer(*spent_until, now_us) + (int64_t)*n * rate->interval_us;
	*ret_wait_us = longer(0, *spent_until - now_us - (rate->burst - 1) * rate->interval_us);
}

/* The rates of those places at which something was found, each once, in the order of names. */
static const char *
rates_named(struct op *op, const struct claim *c, const struct found *found, size_t *ret_n)
{
	const char *last = NULL;
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, c->places_n * RATE_NAME_MAX + 3);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	*ret_n = 0;
	for (size_t i = 0; i < c->places_n; i++) {
		const struct outbox_rate *rate = c->places[i].rate;

		if (found[i].n == 0 || rate == NULL ||
		    (last != NULL && strcmp(rate->name, last) == 0))
			continue;
		json_write_string(&w, NULL, last = rate->name);
		(*ret_n)++;
	}
	json_write_array_end(&w);
	json_write_done(&w);
	return b.data;
}

static enum err
rates_lock(struct op *op, const struct claim *c, const struct found *found, struct rate_row **ret,
    size_t *ret_n)
{
	size_t wanted_n;
	const char *names = rates_named(op, c, found, &wanted_n);
	const struct db_arg args[] = { DB_TEXT("names", names) };
	enum err e = OK;

	*ret_n = 0;
	if (wanted_n == 0)
		return OK;
	e = db_many(op, STMT_rates_lock, args, 1, &rate_shape, ret, ret_n);
	if (e != OK || *ret_n == wanted_n)
		return e;
	/* Some were never called before. */
	for (size_t i = 0; i < c->places_n && e == OK; i++) {
		int64_t put;

		if (found[i].n > 0 && c->places[i].rate != NULL)
			e = db_changed(op, STMT_rate_put,
			    DB_ARGS(DB_TEXT("name", c->places[i].rate->name)), &put);
	}
	return e != OK ? e : db_many(op, STMT_rates_lock, args, 1, &rate_shape, ret, ret_n);
}

#define SPEND_ARGS_N 2

static enum err
rates_spend(struct op *op, const struct rate_row *rows, size_t n)
{
	struct db_arg *args = arena_array(op->arena, n * SPEND_ARGS_N, sizeof *args);
	int64_t changed;

	for (size_t i = 0; i < n; i++) {
		args[i * SPEND_ARGS_N] = DB_TEXT("name", rows[i].name);
		args[i * SPEND_ARGS_N + 1] = DB_TIME("spent_until", rows[i].spent_until);
	}
	return n == 0 ? OK : db_each(op, STMT_rate_spend, args, SPEND_ARGS_N, n, &changed);
}

struct held_row {
	const char *destination;
	int64_t n;
};
static const struct db_col held_cols[] = { COL_TEXT(struct held_row, destination),
	COL_I64(struct held_row, n) };
static const struct db_shape held_shape = DB_SHAPE(struct held_row, held_cols);

/*
 * '["clover:3","clover:7"]': where something was found and only so many may be held. NULL: nowhere.
 */
static const char *
crowded_named(struct op *op, const struct claim *c, const struct found *found)
{
	struct json_write w;
	struct buf b;
	size_t n = 0;

	buf_init(&b, op->arena, c->places_n * RATE_NAME_MAX + 3);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < c->places_n; i++)
		if (found[i].n > 0 && c->places[i].rate != NULL &&
		    c->places[i].rate->concurrency > 0) {
			json_write_string(&w, NULL, c->places[i].destination);
			n++;
		}
	json_write_array_end(&w);
	json_write_done(&w);
	return n > 0 ? b.data : NULL;
}

/*
 * How much of what was found may go without too much being under way there, whoever has it. Under
 * the locks of the rates: two claimers do not count at once.
 */
static enum err
crowds_thin(struct op *op, struct claim *c, struct found *found)
{
	const char *names = crowded_named(op, c, found);
	struct held_row *rows;
	size_t n;
	enum err e = names == NULL ? ERR_NO_ROW
				   : db_many(op, STMT_outbox_crowds,
					 DB_ARGS(DB_TEXT("runner", runner_name(c->runner)),
					     DB_TEXT("destinations", names)),
					 &held_shape, &rows, &n);

	for (size_t i = 0; i < c->places_n && e == OK; i++) {
		struct outbox_place *p = &c->places[i];
		int64_t room = p->rate != NULL ? p->rate->concurrency : 0;

		if (found[i].n == 0 || room == 0)
			continue;
		for (size_t k = 0; k < n; k++)
			if (strcmp(rows[k].destination, p->destination) == 0)
				room -= rows[k].n;
		if (room < (int64_t)found[i].n) {
			found[i].n = room > 0 ? (size_t)room : 0;
			p->wait_us = CROWD_WAIT_US;
		}
	}
	return e == ERR_NO_ROW ? OK : e;
}

/*
 * Debits the rates for what was found: of each place so many are left. The message rows are locked
 * already, so that nobody waits for these rows for longer than a claim takes.
 */
static enum err
rates_debit(struct op *op, struct claim *c, struct found *found)
{
	struct rate_row *rows = NULL;
	int64_t wait_us = 0;
	size_t n, at = 0;
	enum err e = rates_lock(op, c, found, &rows, &n);

	if (e == OK)
		e = crowds_thin(op, c, found);
	for (size_t i = 0; i < c->places_n && e == OK; i++) {
		const struct outbox_rate *rate = c->places[i].rate;

		if (found[i].n == 0 || rate == NULL)
			continue;
		while (at < n && strcmp(rows[at].name, rate->name) < 0)
			at++;
		if (at == n || strcmp(rows[at].name, rate->name) != 0)
			return fail(op, ERR_INTERNAL_ERROR, "Places are not in their rates' order");
		rate_debit(op->now_us, rate, &rows[at].spent_until, &found[i].n, &wait_us);
		c->places[i].wait_us = longer(c->places[i].wait_us, wait_us);
	}
	return e != OK ? e : rates_spend(op, rows, n);
}

/* --- claiming --------------------------------------------------------------------------------- */

/* "[1,2,3]"; *ret_n of them. */
static const char *
ids_of(struct op *op, const struct found *found, size_t places_n, size_t *ret_n)
{
	struct buf list;

	buf_init(&list, op->arena, CLAIM_MAX * 21 + 2);
	*ret_n = 0;
	for (size_t p = 0; p < places_n; p++)
		for (size_t i = 0; i < found[p].n; i++)
			buf_addf(&list, "%c%lld", (*ret_n)++ == 0 ? '[' : ',',
			    (long long)found[p].messages[i].id);
	buf_addc(&list, ']');
	return list.data;
}

static enum err
claim_body(struct op *op, void *arg)
{
	struct claim *c = arg;
	struct found *found = arena_array(op->arena, c->places_n, sizeof *found);
	const char *list;
	int64_t taken;
	size_t n;
	enum err e;

	c->n = 0;
	for (size_t i = 0; i < c->places_n; i++)
		c->places[i].wait_us = 0;
	e = found_read(op,
	    &(struct finding){ .runner = c->runner,
		.places = c->places,
		.places_n = c->places_n,
		.max = c->max,
		.suspect = c->without_suspects ? OUTBOX_LOST_CLAIMS_SUSPECT : INT32_MAX },
	    found);
	if (e != OK)
		return e;
	if (suspect_alone(found, c->places_n))
		for (size_t i = 0; i < c->places_n; i++)
			c->places[i].is_cut = true;
	e = rates_debit(op, c, found);
	list = ids_of(op, found, c->places_n, &n);
	if (e != OK || n == 0)
		return e;
	CRASH_POINT("outbox_claim.before_take");
	e = db_changed(op, STMT_outbox_take,
	    DB_ARGS(DB_TEXT("ids", list), DB_TIME("lease_until", op->now_us + c->lease_us)),
	    &taken);
	if (e == OK)
		e = db_many(op, STMT_outbox_taken, DB_ARGS(DB_TEXT("ids", list)), &message_shape,
		    &c->messages, &c->n);
	return e;
}

enum err
outbox_claim_places(struct op *op, enum runner runner, struct outbox_place *places,
    size_t places_n, size_t n, bool without_suspects, int64_t lease_us, struct message **ret,
    size_t *ret_n)
{
	struct claim c = { .runner = runner,
		.places = places,
		.places_n = places_n,
		.max = n < CLAIM_MAX ? n : CLAIM_MAX,
		.without_suspects = without_suspects,
		.lease_us = lease_us };
	enum err e;

	e = db_tx(op, claim_body, &c);
	if (e != OK)
		return e;
	CRASH_POINT("outbox_claim.after_commit");
	for (size_t i = 0; i < c.n; i++) {
		c.messages[i].kind = message_kind_by_name(c.messages[i].kind_name);
		if (c.messages[i].lost_claims > 0)
			counter_add(COUNTER_lost_claims, 1);
	}
	*ret = c.messages;
	*ret_n = c.n;
	return OK;
}

enum err
outbox_claim_within(struct op *op, const struct outbox_want *want, struct message **ret,
    size_t *ret_n, int64_t *ret_wait_us)
{
	struct outbox_place place = {
		.destination = want->destination, .n = want->n, .rate = want->rate };
	enum err e = outbox_claim_places(op, want->runner, &place, 1, want->n,
	    want->without_suspects, want->lease_us, ret, ret_n);

	if (e == OK)
		*ret_wait_us = place.wait_us;
	return e;
}

enum err
outbox_claim(struct op *op, enum runner runner, const char *destination, size_t n,
    bool without_suspects, int64_t lease_us, struct message **ret, size_t *ret_n)
{
	struct outbox_place place = { .destination = destination, .n = n };

	return outbox_claim_places(
	    op, runner, &place, 1, n, without_suspects, lease_us, ret, ret_n);
}

bool
message_is_suspect(const struct message *m)
{
	return m->lost_claims >= OUTBOX_LOST_CLAIMS_SUSPECT;
}
