/*
 * report: what a restaurant has sold, and when, over a range of business days.
 *
 * Each report is one consistent picture: all of it is read in one snapshot, days that are over from
 * their sums while these are true, the others from the orders (day_sums.h, figures.h); so no figure
 * is older than the request. Nothing is written and nothing locked. What is held in memory goes by
 * the number of days, items and taxes, not by that of orders.
 *
 * An order counts as *sold* when it was released to the kitchen and is neither cancelled nor
 * rejected, paid or not. All money is that of sold orders but for refunds, which are of all:
 *
 *	total = gross - discounts + added taxes + packing + delivery + tips = paid + unpaid + refunded
 *	net   = gross - discounts - taxes contained in the prices of what was sold
 *
 * Money is in one currency; orders of another are not in it, and that there are some is said.
 */
#ifndef TICKETRAIL_ORDER_REPORT_H
#define TICKETRAIL_ORDER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "order/state.h"

struct op;

#define REPORT_DAYS_MAX 1098   /* three years */
#define REPORT_TAXES_MAX 100   /* different names and rates */
#define REPORT_PAYMENTS_MAX 32 /* pairs of payment method and status */
#define REPORT_CURRENCIES_MAX 8
#define REPORT_WORDS_MAX 16    /* order types, payment methods */

/* What is asked for. Days as in tenant/day.h, both ends included, from <= to. */
struct report_ask {
	int64_t restaurant_id;
	const char *time_zone;
	int64_t day_from, day_to;
	const char *currency;
};

/*
 * placed = completed + open + unreleased + cancelled + rejected; sold = completed + open.
 * unreleased: not paid yet and not for the kitchen's eyes. open: in the kitchen's hands.
 */
struct report_counts {
	int64_t placed, sold, completed, open, unreleased, cancelled, rejected;
};

/* --- daily sales -------------------------------------------------------------------------- */

struct report_tax {
	const char *name, *kind; /* "percent" or "fixed" */
	int64_t rate_micro;
};
struct report_tax_sum {
	int64_t added_minor, included_minor;
};

struct report_payment {
	const char *method, *status;
};
struct report_payment_sum {
	int64_t orders_n, total_minor;
};

/* A day, or all of them. The arrays go with those of struct report_sales. */
struct report_sales_day {
	int64_t day;
	struct report_counts orders;
	int64_t gross_minor, discount_minor, net_minor;
	int64_t tax_added_minor, tax_included_minor;
	int64_t packing_minor, delivery_charge_minor, tip_minor;
	int64_t total_minor, paid_minor, unpaid_minor, refunded_minor;
	/* orders that were paid back, sold or not: wholly, with what they came to, and in part */
	int64_t refunds_n, refunds_minor, partial_refunds_n;
	struct report_tax_sum *taxes;
	struct report_payment_sum *payments;
};

struct report_sales {
	struct report_sales_day *days; /* every day of the range */
	size_t days_n;
	struct report_sales_day all;
	struct report_tax *taxes;
	size_t taxes_n;
	struct report_payment *payments;
	size_t payments_n;
	/* the places of these two in the order in which they are shown, by their words */
	size_t taxes_order[REPORT_TAXES_MAX], payments_order[REPORT_PAYMENTS_MAX];
	const char *other_currencies[REPORT_CURRENCIES_MAX];
	size_t other_currencies_n;
};

enum err report_sales_read(struct op *, const struct report_ask *, struct report_sales *ret);

/* total / sold, rounded half up. False: nothing was sold. */
bool report_average(const struct report_sales_day *, int64_t *ret_minor);

/* --- items -------------------------------------------------------------------------------- */

/* Something that was sold: an item, one of its variations, an add-on. */
struct report_sold {
	int64_t id; /* of a variation 0: the item without one */
	struct bytes public_id;
	const char *name; /* as it was called when it was sold last; NULL for variation 0 */
	int64_t quantity;
	int64_t gross_minor;  /* of items with add-ons, before discounts */
	int64_t addons_minor; /* of which add-ons */
	int64_t orders_n;     /* that have it */
	int64_t share; /* of the gross of all items, in hundredths of a percent, half up */
};

struct report_item {
	struct report_sold sold; /* first: they are sorted by it */
	struct report_sold *variations;
	size_t variations_n;
};

enum report_sort { REPORT_BY_REVENUE, REPORT_BY_QUANTITY };

struct report_items {
	struct report_item *items; /* the best first */
	size_t items_n;
	struct report_sold *addons; /* whose gross is in that of items already */
	size_t addons_n;
	struct report_sold all; /* orders_n is 0: an order may have many items */
	const char *other_currencies[REPORT_CURRENCIES_MAX];
	size_t other_currencies_n;
};

enum err report_items_read(
    struct op *, const struct report_ask *, enum report_sort, struct report_items *ret);

/* --- volume ------------------------------------------------------------------------------- */

struct report_volume_day {
	int64_t day;
	struct report_counts orders;
};

struct report_word {
	const char *word;
	struct report_counts orders;
};

struct report_words {
	struct report_word of[REPORT_WORDS_MAX];
	size_t n;
};

/* Orders of all currencies. Weekdays are those of the business day, from Monday. */
struct report_volume {
	struct report_volume_day *days; /* every day of the range */
	size_t days_n;
	struct report_counts all;
	struct report_counts hours[24]; /* by the wall's clock when they came */
	struct report_counts weekdays[7];
	int64_t weekday_hours[7][24]; /* placed */
	int64_t statuses[STATUS__MAX]; /* placed, by where they stand */
	struct report_words order_types, payment_methods;
	const struct report_volume_day *peak_day; /* the first with the most; NULL: no order */
	int peak_hour;                            /* likewise; -1: no order */
};

enum err report_volume_read(struct op *, const struct report_ask *, struct report_volume *ret);

#endif
