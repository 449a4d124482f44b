#include "outbox/rates.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "op/op.h"
#include "text/json_write.h"

#define RATE_NAME_MAX 512 /* escaped */
#define SPEND_ARGS_N 2

struct rate_row {
	const char *name;
	int64_t spent_until;
};
static const struct db_col rate_cols[] = { COL_TEXT(struct rate_row, name),
	COL_TIME(struct rate_row, spent_until) };
static const struct db_shape rate_shape = DB_SHAPE(struct rate_row, rate_cols);

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct rate_row *)a)->name, ((const struct rate_row *)b)->name);
}

static enum err
rows_lock(struct op *op, const char *names, struct rates *ret)
{
	enum err e = db_many(op, STMT_rates_lock, DB_ARGS(DB_TEXT("names", names)), &rate_shape,
	    &ret->rows, &ret->n);

	if (e == OK && ret->n > 1)
		qsort(ret->rows, ret->n, sizeof *ret->rows, by_name);
	return e;
}

static int64_t
longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* How many of *n may go now, and for how long the next one has to wait. */
static void
debit(int64_t now_us, const struct outbox_rate *rate, int64_t *spent_until, size_t *n,
    int64_t *ret_wait_us)
{
	int64_t spent_us = longer(0, *spent_until - now_us);
	int64_t left = longer(0, rate->burst * rate->interval_us - spent_us) / rate->interval_us;

	if ((int64_t)*n > left)
		*n = (size_t)left;
	*spent_until = longer(*spent_until, now_us) + (int64_t)*n * rate->interval_us;
	*ret_wait_us = longer(0, *spent_until - now_us - (rate->burst - 1) * rate->interval_us);
}

/* Each once, in the order of names. */
static const char *
names_of(struct op *op, const struct outbox_place *places, const size_t *wanted, size_t places_n,
    size_t *ret_n)
{
	const char *last = NULL;
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, places_n * RATE_NAME_MAX + 3);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	*ret_n = 0;
	for (size_t i = 0; i < places_n; i++) {
		const struct outbox_rate *rate = places[i].rate;

		if (wanted[i] == 0 || rate == NULL ||
		    (last != NULL && strcmp(rate->name, last) == 0))
			continue;
		json_write_string(&w, NULL, last = rate->name);
		(*ret_n)++;
	}
	json_write_array_end(&w);
	json_write_done(&w);
	return b.data;
}

enum err
rates_lock(struct op *op, const struct outbox_place *places, const size_t *wanted, size_t places_n,
    struct rates *ret)
{
	size_t wanted_n;
	const char *names = names_of(op, places, wanted, places_n, &wanted_n);
	enum err e = OK;

	ret->n = 0;
	if (wanted_n == 0)
		return OK;
	e = rows_lock(op, names, ret);
	if (e != OK || ret->n == wanted_n)
		return e;
	/* Some were never called before. */
	for (size_t i = 0; i < places_n && e == OK; i++) {
		int64_t put;

		if (wanted[i] > 0 && places[i].rate != NULL)
			e = db_changed(op, STMT_rate_put,
			    DB_ARGS(DB_TEXT("name", places[i].rate->name)), &put);
	}
	return e != OK ? e : rows_lock(op, names, ret);
}

static enum err
spend(struct op *op, const struct rates *rates)
{
	struct db_arg *args = arena_array(op->arena, rates->n * SPEND_ARGS_N, sizeof *args);
	int64_t changed;

	for (size_t i = 0; i < rates->n; i++) {
		args[i * SPEND_ARGS_N] = DB_TEXT("name", rates->rows[i].name);
		args[i * SPEND_ARGS_N + 1] =
		    DB_TIME("spent_until", rates->rows[i].spent_until);
	}
	return rates->n == 0 ? OK
			     : db_each(op, STMT_rate_spend, args, SPEND_ARGS_N, rates->n, &changed);
}

enum err
rates_debit(struct op *op, const struct rates *rates, struct outbox_place *places, size_t *wanted,
    size_t places_n)
{
	int64_t wait_us = 0;
	size_t at = 0;

	for (size_t i = 0; i < places_n; i++) {
		const struct outbox_rate *rate = places[i].rate;

		if (wanted[i] == 0 || rate == NULL)
			continue;
		while (at < rates->n && strcmp(rates->rows[at].name, rate->name) < 0)
			at++;
		if (at == rates->n || strcmp(rates->rows[at].name, rate->name) != 0)
			return fail(op, ERR_INTERNAL_ERROR, "Places are not in their rates' order");
		debit(op->now_us, rate, &rates->rows[at].spent_until, &wanted[i], &wait_us);
		places[i].wait_us = longer(places[i].wait_us, wait_us);
	}
	return spend(op, rates);
}

int
outbox_place_compare(const void *a, const void *b)
{
	const struct outbox_rate *x = ((const struct outbox_place *)a)->rate,
				 *y = ((const struct outbox_place *)b)->rate;

	return strcmp(x != NULL ? x->name : "", y != NULL ? y->name : "");
}

enum err
outbox_debit(struct op *op, struct outbox_place *places, size_t places_n)
{
	size_t *wanted = arena_array(op->arena, places_n, sizeof *wanted);
	struct rates rates;
	enum err e = db_now(op);

	for (size_t i = 0; i < places_n; i++)
		wanted[i] = places[i].n;
	if (e == OK)
		e = rates_lock(op, places, wanted, places_n, &rates);
	if (e == OK)
		e = rates_debit(op, &rates, places, wanted, places_n);
	for (size_t i = 0; i < places_n && e == OK; i++)
		places[i].n = wanted[i];
	return e;
}
