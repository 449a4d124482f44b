/*
 * report_inside: what the files report*.c share: which days are read how, one part after the other,
 * and how orders are counted.
 */
#ifndef TICKETRAIL_ORDER_REPORT_INSIDE_H
#define TICKETRAIL_ORDER_REPORT_INSIDE_H

#include <stddef.h>

#include "op/op.h"
#include "order/figures.h"
#include "order/report.h"

struct op;

/* Days at a time of figures that come day by day: no more of their rows than that in memory. */
#define REPORT_SPAN_DAYS 31

/*
 * Runs the reading of a report in one snapshot: the ask's days fall into spans that are read in one
 * way each, at most days_max long, in their order. `begin` makes *arg empty (a snapshot may be
 * taken again), `span` reads one and adds it up; whatever it reads is forgotten after it, so what
 * is kept is copied into `keep`. ERR_UNAVAILABLE if it takes longer than anybody waits.
 */
struct report_reading {
	const struct report_ask *ask;
	int64_t days_max;
	void *arg;
	void (*begin)(void *arg);
	enum err (*span)(struct op *, const struct figures_span *, struct arena *keep, void *arg);
};
enum err report_read(struct op *, const struct report_reading *);

/* Adds n orders that stand so. */
void report_count(struct report_counts *, const char *status, bool is_released, int64_t n);
bool report_is_sold(const char *status, bool is_released);

/* Remembers a currency that is not the one asked for; copied. Beyond the maximum it is not. */
void report_currency_add(
    struct arena *, const char *list[REPORT_CURRENCIES_MAX], size_t *n, const char *currency);

/* *sum += n. False, with nothing done, if that is no int64. */
bool report_add(int64_t *sum, int64_t n);

/* What no report can hold. */
static inline enum err
report_overflow(struct op *op)
{
	return fail_field(op, "from", "asks for sums that are too large to be told");
}

/* --- names, as JSON and CSV have them ----------------------------------------------------- */

/* A member that is an int64_t, of struct report_counts or struct report_sales_day. */
struct report_member {
	const char *name;
	size_t offset;
};
#define REPORT_COUNTS_N 7
#define REPORT_MONEYS_N 12
extern const struct report_member report_counts[REPORT_COUNTS_N];
extern const struct report_member report_moneys[REPORT_MONEYS_N];
int64_t report_member_of(const void *, const struct report_member *);

extern const char *const report_weekdays[7];

/* "2.5", of a rate that is 25000; at least 7 + 1 + 4 + 1 characters. */
#define REPORT_RATE_LEN 24
void report_rate_format(int64_t rate_micro, char ret[REPORT_RATE_LEN]);

/* Was the item sold in variations? Else its one variation is itself. */
bool report_has_variations(const struct report_item *);

#endif
