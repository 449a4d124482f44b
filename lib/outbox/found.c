#include "outbox/found.h"

#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "op/op.h"
#include "text/json_write.h"

/*
 * So many of each place are looked for at once, and two statements do for all places. Where the
 * shares are larger there are few places, and each has a statement of its own.
 */
#define FIRSTS_MAX 4
#define PLACE_LEN_MAX 512 /* escaped */
#define CHOSEN_LEN 44
/* Somebody has locked what was seen: they may not move on, and it is not asked for without end. */
#define LOCKED_WAIT_US (INT64_C(50) * 1000)

static const struct db_col message_cols[] = {
	COL_I64(struct found_message, id),
	COL_I64(struct found_message, lost_claims),
};
static const struct db_shape message_shape = DB_SHAPE(struct found_message, message_cols);

/* Of one of several places, counted from 1. */
struct numbered {
	int64_t place;
	int64_t id, lost_claims;
};
static const struct db_col first_cols[] = {
	COL_I64(struct numbered, place),
	COL_I64(struct numbered, id),
};
static const struct db_shape first_shape = DB_SHAPE(struct numbered, first_cols);
static const struct db_col numbered_cols[] = {
	COL_I64(struct numbered, place),
	COL_I64(struct numbered, id),
	COL_I64(struct numbered, lost_claims),
};
static const struct db_shape numbered_shape = DB_SHAPE(struct numbered, numbered_cols);

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* --- place by place --------------------------------------------------------------------------- */

/* Locks what can be had at a place. */
static enum err
place_read(struct op *op, const struct finding *f, struct outbox_place *place, size_t share,
    struct found *ret)
{
	size_t n = smaller(place->n, share);
	enum err e = db_many(op, STMT_outbox_claimable,
	    DB_ARGS(DB_TEXT("runner", runner_name(f->runner)),
		DB_TEXT("destination", place->destination), DB_I64("n", (int64_t)n),
		DB_I64("suspect", f->suspect)),
	    &message_shape, &ret->messages, &ret->n);

	place->is_cut = e == OK && n < place->n && ret->n == n;
	return e;
}

/* Of what one leaves over those behind it have more. */
static enum err
each_read(struct op *op, const struct finding *f, struct found *ret)
{
	size_t left = f->max;
	enum err e = OK;

	for (size_t i = 0; i < f->places_n && e == OK; i++) {
		size_t share = left / (f->places_n - i);

		if (share == 0 && left > 0)
			share = 1;
		f->places[i].is_cut = share == 0;
		if (share > 0)
			e = place_read(op, f, &f->places[i], share, &ret[i]);
		left -= ret[i].n;
	}
	return e;
}

/* --- all at once ------------------------------------------------------------------------------ */

/* [["petpooja:1",2],...]: of each place at most so many. */
static const char *
wanted_write(struct op *op, const struct finding *f, size_t most)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, f->places_n * PLACE_LEN_MAX + 3);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < f->places_n; i++) {
		json_write_array(&w, NULL);
		json_write_string(&w, NULL, f->places[i].destination);
		json_write_int64(&w, NULL, (int64_t)smaller(f->places[i].n, most));
		json_write_array_end(&w);
	}
	json_write_array_end(&w);
	json_write_done(&w);
	return b.data;
}

/* Looks without locking: at most so many of each place. seen: how many at each. */
static enum err
firsts_read(struct op *op, const struct finding *f, size_t most, size_t *seen,
    struct numbered **ret, size_t *ret_n)
{
	enum err e = db_many(op, STMT_outbox_firsts,
	    DB_ARGS(DB_TEXT("runner", runner_name(f->runner)),
		DB_TEXT("places", wanted_write(op, f, most)), DB_I64("suspect", f->suspect)),
	    &first_shape, ret, ret_n);

	for (size_t i = 0; i < *ret_n && e == OK; i++)
		seen[(*ret)[i].place - 1]++;
	return e;
}

/* How many of those seen each place gets. */
static void
shares_give(const struct finding *f, const size_t *seen, size_t *share)
{
	size_t left = f->max;

	for (size_t i = 0; i < f->places_n; i++) {
		share[i] = smaller(seen[i], left / (f->places_n - i));
		left -= share[i];
	}
}

/* [[1,4711],...]: what is to be locked at which place. */
static const char *
chosen_write(struct op *op, const struct numbered *rows, size_t n, const size_t *share,
    size_t places_n)
{
	size_t *left = arena_array(op->arena, places_n, sizeof *left);
	struct buf list;

	memcpy(left, share, places_n * sizeof *left);
	buf_init(&list, op->arena, n * CHOSEN_LEN + 3);
	buf_addc(&list, '[');
	for (size_t i = 0; i < n; i++) {
		size_t *of = &left[rows[i].place - 1];

		if (*of == 0)
			continue;
		(*of)--;
		buf_addf(&list, "%s[%lld,%lld]", list.len == 1 ? "" : ",", (long long)rows[i].place,
		    (long long)rows[i].id);
	}
	buf_addc(&list, ']');
	return list.data;
}

/* Locks by name what was chosen and is still to be had. */
static enum err
chosen_lock(struct op *op, const struct finding *f, const char *chosen, struct found *ret)
{
	struct numbered *rows;
	size_t n = 0;
	enum err e = db_many(op, STMT_outbox_seen_lock,
	    DB_ARGS(DB_TEXT("seen", chosen), DB_I64("suspect", f->suspect)), &numbered_shape, &rows,
	    &n);

	for (size_t i = 0; i < n && e == OK; i++) {
		struct found *at = &ret[rows[i].place - 1];

		if (at->messages == NULL)
			at->messages = arena_array(op->arena, FIRSTS_MAX, sizeof *at->messages);
		at->messages[at->n++] = (struct found_message){
			.id = rows[i].id, .lost_claims = rows[i].lost_claims };
	}
	return e;
}

static enum err
together_read(struct op *op, const struct finding *f, size_t most, struct found *ret)
{
	size_t *seen = arena_array(op->arena, f->places_n, sizeof *seen);
	size_t *share = arena_array(op->arena, f->places_n, sizeof *share);
	struct numbered *rows;
	size_t n = 0;
	enum err e = firsts_read(op, f, most, seen, &rows, &n);

	if (e != OK)
		return e;
	shares_give(f, seen, share);
	e = chosen_lock(op, f, chosen_write(op, rows, n, share, f->places_n), ret);
	for (size_t i = 0; i < f->places_n; i++) {
		f->places[i].is_cut =
		    seen[i] > share[i] || (seen[i] == most && most < f->places[i].n);
		if (ret[i].n < share[i])
			f->places[i].wait_us = LOCKED_WAIT_US;
	}
	return e;
}

enum err
found_read(struct op *op, const struct finding *f, struct found *ret)
{
	size_t share = f->max / f->places_n;

	/* Of one place the one statement is as quick, and sees past what somebody has locked. */
	return f->places_n > 1 && share > 0 && share <= FIRSTS_MAX
		   ? together_read(op, f, smaller(FIRSTS_MAX, 2 * share), ret)
		   : each_read(op, f, ret);
}
