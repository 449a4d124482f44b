/* Claims: which messages a runner gets, and how many of them its rate allows. */
#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "op/op.h"
#include "outbox/found.h"
#include "outbox/outbox.h"
#include "outbox/rates.h"
#include "text/json_write.h"

/* More than this in one claim would hold the locks for longer than a lease is worth. */
#define CLAIM_MAX 256
#define PLACE_NAME_MAX 512 /* escaped */
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

static int
by_id(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

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

/* --- crowds ---------------------------------------------------------------------------------- */

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
crowded_named(struct op *op, const struct claim *c, const size_t *wanted)
{
	struct json_write w;
	struct buf b;
	size_t n = 0;

	buf_init(&b, op->arena, c->places_n * PLACE_NAME_MAX + 3);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < c->places_n; i++)
		if (wanted[i] > 0 && c->places[i].rate != NULL &&
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
crowds_thin(struct op *op, struct claim *c, size_t *wanted)
{
	const char *names = crowded_named(op, c, wanted);
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

		if (wanted[i] == 0 || room == 0)
			continue;
		for (size_t k = 0; k < n; k++)
			if (strcmp(rows[k].destination, p->destination) == 0)
				room -= rows[k].n;
		if (room < (int64_t)wanted[i]) {
			wanted[i] = room > 0 ? (size_t)room : 0;
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
found_debit(struct op *op, struct claim *c, struct found *found)
{
	size_t *wanted = arena_array(op->arena, c->places_n, sizeof *wanted);
	struct rates rates;
	enum err e;

	for (size_t i = 0; i < c->places_n; i++)
		wanted[i] = found[i].n;
	e = rates_lock(op, c->places, wanted, c->places_n, &rates);
	if (e == OK)
		e = crowds_thin(op, c, wanted);
	if (e == OK)
		e = rates_debit(op, &rates, c->places, wanted, c->places_n);
	for (size_t i = 0; i < c->places_n && e == OK; i++)
		found[i].n = wanted[i];
	return e;
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
	e = found_debit(op, c, found);
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
	if (c.n > 1)
		qsort(c.messages, c.n, sizeof *c.messages, by_id);
	for (size_t i = 0; i < c.n; i++) {
		c.messages[i].kind = message_kind_by_name(c.messages[i].kind_name);
		c.messages[i].kept_until = 0;
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
