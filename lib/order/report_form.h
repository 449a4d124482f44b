/*
 * report_form: a report as it is told: as JSON, and as a table for spreadsheets (CSV).
 *
 * Money is decimal with the currency's decimals, dates are those of business days. The two forms
 * have the same figures. A table ends with a row of what all others come to.
 */
#ifndef TICKETRAIL_ORDER_REPORT_FORM_H
#define TICKETRAIL_ORDER_REPORT_FORM_H

#include <stddef.h>
#include <stdint.h>

#include "order/report.h"

struct buf;
struct json_write;

/* What a report says of itself. */
struct report_head {
	const struct report_ask *ask;
	int day_starts_min;
	unsigned exponent; /* of ask->currency */
};

/* As one object. limit: so many items and add-ons at most. */
void report_json_sales(
    struct json_write *, const struct report_head *, const struct report_sales *);
void report_json_items(
    struct json_write *, const struct report_head *, const struct report_items *, size_t limit);
void report_json_volume(
    struct json_write *, const struct report_head *, const struct report_volume *);

void report_csv_sales(struct buf *, const struct report_head *, const struct report_sales *);
void report_csv_items(
    struct buf *, const struct report_head *, const struct report_items *, size_t limit);
void report_csv_volume(struct buf *, const struct report_volume *);

#endif
