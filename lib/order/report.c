#include "order/report.h"

#include <string.h>

#include "db/db.h"
#include "op/clock.h"
#include "op/op.h"
#include "order/report_inside.h"
#include "tenant/day.h"
#include "text/money.h"

/* Longer nobody waits; a day that is over and was not summed up yet takes milliseconds. */
#define READING_US (INT64_C(8) * 1000000)
#define AGAIN_S 30
#define PAGE_MAX ((size_t)48 << 20)

struct true_row {
	int64_t day;
};
static const struct db_col true_cols[] = { COL_I64(struct true_row, day) };
static const struct db_shape true_shape = DB_SHAPE(struct true_row, true_cols);

struct reading {
	const struct report_reading *of;
	struct arena *page;
	int64_t until_us;
};

/* The days whose sums are true, in order. */
static enum err
true_days(struct op *op, const struct report_ask *ask, struct true_row **ret, size_t *ret_n)
{
	char from[DAY_TEXT_LEN], to[DAY_TEXT_LEN];

	day_format(ask->day_from, from);
	day_format(ask->day_to, to);
	return db_many(op, STMT_day_sums_true,
	    DB_ARGS(DB_I64("restaurant_id", ask->restaurant_id),
		DB_TEXT("time_zone", ask->time_zone), DB_TEXT("day_from", from),
		DB_TEXT("day_to", to), DB_I64("n", REPORT_DAYS_MAX)),
	    &true_shape, ret, ret_n);
}

/* One span, on memory of its own, which is forgotten with the next. */
static enum err
span_read(struct op *op, const struct reading *r, const struct figures_span *span)
{
	struct arena *keep = op->arena;
	enum err e;

	if (clock_steady_us() > r->until_us) {
		e = fail(op, ERR_UNAVAILABLE, NULL);
		op->fault.internal = "the report took too long";
		op->fault.retry_after_s = AGAIN_S;
		return e;
	}
	arena_reset(r->page);
	op->arena = r->page;
	e = r->of->span(op, span, keep, r->of->arg);
	op->arena = keep;
	return e;
}

/* The span that begins on a day, and how many of the true days it uses up. */
static struct figures_span
span_from(const struct report_reading *r, int64_t day, const struct true_row *rows, size_t n,
    size_t *ret_used)
{
	const struct report_ask *ask = r->ask;
	struct figures_span s = { .restaurant_id = ask->restaurant_id,
		.day_from = day,
		.day_to = day,
		.time_zone = ask->time_zone,
		.is_kept = n > 0 && rows[0].day == day };
	size_t used = s.is_kept ? 1 : 0;

	while (s.day_to < ask->day_to && s.day_to - s.day_from + 1 < r->days_max &&
	       (used < n && rows[used].day == s.day_to + 1) == s.is_kept) {
		s.day_to++;
		used += s.is_kept ? 1 : 0;
	}
	*ret_used = used;
	return s;
}

static enum err
reading_body(struct op *op, void *arg)
{
	const struct reading *r = arg;
	struct true_row *rows;
	size_t n, used;
	enum err e = true_days(op, r->of->ask, &rows, &n);

	r->of->begin(r->of->arg);
	for (int64_t day = r->of->ask->day_from; e == OK && day <= r->of->ask->day_to;) {
		struct figures_span s = span_from(r->of, day, rows, n, &used);

		e = span_read(op, r, &s);
		rows += used;
		n -= used;
		day = s.day_to + 1;
	}
	return e;
}

static void
page_done(void *object)
{
	struct arena *page = object;

	arena_free(&page);
}

enum err
report_read(struct op *op, const struct report_reading *of)
{
	struct reading r = {
		.of = of, .page = arena_new(PAGE_MAX), .until_us = clock_steady_us() + READING_US
	};

	/* It ends with the op: what a fault says may be in it. */
	arena_adopt(op->arena, page_done, r.page);
	return db_snapshot(op, reading_body, &r);
}

bool
report_is_sold(const char *status, bool is_released)
{
	return is_released && strcmp(status, status_name(STATUS_cancelled)) != 0 &&
	       strcmp(status, status_name(STATUS_rejected)) != 0;
}

void
report_count(struct report_counts *c, const char *status, bool is_released, int64_t n)
{
	enum order_status s = status_by_name(status);

	c->placed += n;
	if (s == STATUS_cancelled)
		c->cancelled += n;
	else if (s == STATUS_rejected)
		c->rejected += n;
	else if (!is_released)
		c->unreleased += n;
	else {
		c->sold += n;
		if (s == STATUS_completed)
			c->completed += n;
		else
			c->open += n;
	}
}

void
report_currency_add(
    struct arena *arena, const char *list[REPORT_CURRENCIES_MAX], size_t *n, const char *currency)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(list[i], currency) == 0)
			return;
	if (*n < REPORT_CURRENCIES_MAX)
		list[(*n)++] = arena_strdup(arena, currency);
}

bool
report_add(int64_t *sum, int64_t n)
{
	return money_add(*sum, n, sum);
}
