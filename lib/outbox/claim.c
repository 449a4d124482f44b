/* Claims: which messages a runner gets, and how many of them its rate allows. */
#include "db/db.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "op/op.h"
#include "outbox/outbox.h"

/* More than this in one claim would hold the locks for longer than a lease is worth. */
#define CLAIM_MAX 256

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

struct due_row {
	int64_t id, lost_claims;
};
static const struct db_col due_row_cols[] = { COL_I64(struct due_row, id),
	COL_I64(struct due_row, lost_claims) };
static const struct db_shape due_row_shape = DB_SHAPE(struct due_row, due_row_cols);

struct claim {
	enum runner runner;
	struct outbox_place *places;
	size_t places_n, max;
	bool without_suspects;
	int64_t lease_us;
	struct message *messages;
	size_t n;
};

/* "[1,2,3" as it grows; or a suspect alone, and then it is complete. */
struct chosen {
	struct buf list;
	size_t n;
	bool without_suspects, is_complete;
};

static void
choose(struct chosen *c, const struct due_row *rows, size_t n)
{
	for (size_t i = 0; i < n && !c->is_complete; i++) {
		c->is_complete = rows[i].lost_claims >= OUTBOX_LOST_CLAIMS_SUSPECT;
		/* What was locked before it is left for the next claim. */
		if (c->is_complete) {
			buf_clear(&c->list);
			c->n = 0;
		}
		buf_addf(&c->list, "%c%lld", c->n == 0 ? '[' : ',', (long long)rows[i].id);
		c->n++;
	}
}

/* rate_take answers with one number: µs of waiting times this plus how many may go. */
#define RATE_GRANTED_MAX 1000
_Static_assert(CLAIM_MAX < RATE_GRANTED_MAX, "what is granted stands beside the waiting");

/*
 * Debits the rate for up to *n calls; *n is how many are granted. The message rows are locked
 * already, so that nobody waits for this row for longer than a claim takes.
 */
static enum err
rate_debit(struct op *op, const struct outbox_rate *rate, size_t *n, int64_t *ret_wait_us)
{
	const struct db_arg args[] = {
		DB_TEXT("name", rate->name),
		DB_I64("n", (int64_t)*n),
		DB_I64("burst", rate->burst),
		DB_I64("interval_us", rate->interval_us),
	};
	int64_t told;
	enum err e = db_newid(op, STMT_rate_take, args, sizeof args / sizeof args[0], &told);

	if (e == ERR_NO_ROW) {
		e = db_run(op, STMT_rate_put, DB_ARGS(DB_TEXT("name", rate->name)));
		if (e == OK)
			e = db_newid(
			    op, STMT_rate_take, args, sizeof args / sizeof args[0], &told);
	}
	if (e != OK)
		return e;
	*n = (size_t)(told % RATE_GRANTED_MAX);
	*ret_wait_us = told / RATE_GRANTED_MAX;
	return OK;
}

/* Locks what can be had at a place: what is left of the claim, and what the rate allows of it. */
static enum err
place_choose(
    struct op *op, const struct claim *c, struct outbox_place *place, struct chosen *chosen)
{
	size_t left = c->max - chosen->n, n;
	struct due_row *rows;
	enum err e = db_many(op, STMT_outbox_claimable,
	    DB_ARGS(DB_TEXT("runner", runner_name(c->runner)),
		DB_TEXT("destination", place->destination),
		DB_I64("n", (int64_t)(place->n < left ? place->n : left)),
		DB_I64("suspect",
		    chosen->without_suspects ? OUTBOX_LOST_CLAIMS_SUSPECT : INT32_MAX)),
	    &due_row_shape, &rows, &n);

	place->wait_us = 0;
	if (e == OK && n > 0 && place->rate != NULL)
		e = rate_debit(op, place->rate, &n, &place->wait_us);
	if (e == OK)
		choose(chosen, rows, n);
	return e;
}

static enum err
claim_body(struct op *op, void *arg)
{
	struct claim *c = arg;
	struct chosen chosen = { .without_suspects = c->without_suspects };
	const char *list;
	int64_t taken;
	enum err e = OK;

	c->n = 0;
	buf_init(&chosen.list, op->arena, CLAIM_MAX * 21 + 2);
	for (size_t i = 0; i < c->places_n && chosen.n < c->max && !chosen.is_complete && e == OK;
	     i++)
		e = place_choose(op, c, &c->places[i], &chosen);
	if (e != OK || chosen.n == 0)
		return e;
	buf_addc(&chosen.list, ']');
	list = chosen.list.data;
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

	for (size_t i = 0; i < places_n; i++)
		places[i].wait_us = 0;
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
