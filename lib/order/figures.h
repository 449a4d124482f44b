/*
 * figures: what the orders of some business days come to, in the smallest parts that reports are
 * made of. They are read from the orders themselves, or, of days that are over, as they were
 * written down (day_sums.h): either way the same rows.
 *
 * An order counts as sold when it was released (a cash order at once, another when it is paid) and
 * is neither cancelled nor rejected. Money is in minor units of the row's own currency. Days are
 * numbers as in tenant/day.h.
 *
 * Rows live in the op's arena. Nothing here decides which days may be read in which way.
 */
#ifndef TICKETRAIL_ORDER_FIGURES_H
#define TICKETRAIL_ORDER_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"

struct op;

/* Days of one restaurant, both ends included. */
struct figures_span {
	int64_t restaurant_id;
	int64_t day_from, day_to;
	bool is_kept;          /* as written down; else from the orders */
	const char *time_zone; /* whose clock tells the hours */
};

/* Orders of a day that stand where they stand, sold or not. */
struct figures_sale {
	int64_t day;
	const char *currency, *order_type, *status, *payment_method, *payment_status;
	bool is_released;
	int64_t orders_n;
	int64_t gross_minor; /* the lines, before discounts */
	int64_t discount_minor, tax_minor, packing_minor, delivery_charge_minor, tip_minor;
	int64_t total_minor;
};

/* Orders that came within one hour of the wall's clock: 0 to 23. A row may come several times. */
struct figures_hour {
	int64_t day, hour;
	const char *status;
	bool is_released;
	int64_t orders_n;
};

/* What a tax took from sold orders. */
struct figures_tax {
	int64_t day;
	const char *currency;
	const char *tax_name;
	const char *kind;   /* "percent" or "fixed" */
	int64_t rate_micro; /* of "percent" */
	bool is_inclusive;  /* contained in prices, not added to them */
	bool is_of_lines;   /* of what was sold; else of charges */
	int64_t amount_minor;
};

/* What was sold of an item in one variation, over all days of a span. */
struct figures_item {
	const char *currency;
	int64_t item_id, variation_id; /* 0: without a variation */
	int64_t quantity;
	int64_t gross_minor;   /* with add-ons, before discounts */
	int64_t addons_minor;  /* of which add-ons */
	int64_t orders_n;      /* that have it */
	int64_t item_orders_n; /* summed over an item's variations: the orders that have the item */
	int64_t last_order_id; /* the newest of them: there stands what it was called */
};

struct figures_addon {
	const char *currency;
	int64_t addon_item_id;
	int64_t quantity, gross_minor, orders_n, last_order_id;
};

/* More rows than these are ERR_VALIDATION_ERROR: the days are too many for what is in them. */
#define FIGURES_ROWS_MAX 50000

enum err figures_sales(
    struct op *, const struct figures_span *, struct figures_sale **ret, size_t *ret_n);
enum err figures_hours(
    struct op *, const struct figures_span *, struct figures_hour **ret, size_t *ret_n);
enum err figures_taxes(
    struct op *, const struct figures_span *, struct figures_tax **ret, size_t *ret_n);
enum err figures_items(
    struct op *, const struct figures_span *, struct figures_item **ret, size_t *ret_n);
enum err figures_addons(
    struct op *, const struct figures_span *, struct figures_addon **ret, size_t *ret_n);

#endif
