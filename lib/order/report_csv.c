#include <stdio.h>
#include <string.h>

#include "mem/buf.h"
#include "order/report_form.h"
#include "order/report_inside.h"
#include "tenant/day.h"
#include "text/csv_write.h"
#include "text/uuid.h"

#define TOTAL "total"
#define HEADING_LEN 480 /* a name of 100 characters, each of four bytes */

static void
headings(struct csv_write *w, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_write_text(w, words[i]);
}
#define HEADINGS(w, ...) \
	headings((w), (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void
date_write(struct csv_write *w, int64_t day)
{
	char text[DAY_TEXT_LEN];

	day_format(day, text);
	csv_write_text(w, text);
}

static void
counts_write(struct csv_write *w, const struct report_counts *c)
{
	for (size_t i = 0; i < REPORT_COUNTS_N; i++)
		csv_write_int64(w, report_member_of(c, &report_counts[i]));
}

static void
counts_head(struct csv_write *w)
{
	for (size_t i = 0; i < REPORT_COUNTS_N; i++)
		csv_write_text(w, report_counts[i].name);
}

/* --- daily sales -------------------------------------------------------------------------- */

/* The columns that there are for the sake of what was found: each tax, each way of paying. */
static void
found_head(struct csv_write *w, const struct report_sales *s)
{
	char text[HEADING_LEN], rate[REPORT_RATE_LEN];

	for (size_t i = 0; i < s->taxes_n; i++) {
		const struct report_tax *tax = &s->taxes[s->taxes_order[i]];
		bool is_percent = strcmp(tax->kind, "percent") == 0;

		report_rate_format(tax->rate_micro, rate);
		for (int k = 0; k < 2; k++) {
			(void)snprintf(text, sizeof text, "tax %s %s%s %s", tax->name,
			    is_percent ? rate : "fixed", is_percent ? "%" : "",
			    k == 0 ? "added" : "included");
			csv_write_text(w, text);
		}
	}
	for (size_t i = 0; i < s->payments_n; i++) {
		const struct report_payment *p = &s->payments[s->payments_order[i]];

		(void)snprintf(text, sizeof text, "%s %s orders", p->method, p->status);
		csv_write_text(w, text);
		(void)snprintf(text, sizeof text, "%s %s total", p->method, p->status);
		csv_write_text(w, text);
	}
}

static void
sales_day_write(struct csv_write *w, const struct report_head *h, const struct report_sales *s,
    const struct report_sales_day *d)
{
	int64_t average;

	csv_write_text(w, h->ask->currency);
	counts_write(w, &d->orders);
	for (size_t i = 0; i < REPORT_MONEYS_N; i++)
		csv_write_money(w, report_member_of(d, &report_moneys[i]), h->exponent);
	if (report_average(d, &average))
		csv_write_money(w, average, h->exponent);
	else
		csv_write_empty(w);
	csv_write_int64(w, d->refunds_n);
	csv_write_money(w, d->refunds_minor, h->exponent);
	csv_write_int64(w, d->partial_refunds_n);
	for (size_t i = 0; i < s->taxes_n; i++) {
		csv_write_money(w, d->taxes[s->taxes_order[i]].added_minor, h->exponent);
		csv_write_money(w, d->taxes[s->taxes_order[i]].included_minor, h->exponent);
	}
	for (size_t i = 0; i < s->payments_n; i++) {
		csv_write_int64(w, d->payments[s->payments_order[i]].orders_n);
		csv_write_money(w, d->payments[s->payments_order[i]].total_minor, h->exponent);
	}
	csv_write_row_end(w);
}

void
report_csv_sales(struct buf *out, const struct report_head *h, const struct report_sales *s)
{
	struct csv_write w;

	csv_write_init(&w, out);
	HEADINGS(&w, "business_date", "currency");
	counts_head(&w);
	for (size_t i = 0; i < REPORT_MONEYS_N; i++)
		csv_write_text(&w, report_moneys[i].name);
	HEADINGS(&w, "average_order_value", "refunds_orders", "refunds_amount",
	    "refunds_partial_orders");
	found_head(&w, s);
	csv_write_row_end(&w);
	for (size_t i = 0; i < s->days_n; i++) {
		date_write(&w, s->days[i].day);
		sales_day_write(&w, h, s, &s->days[i]);
	}
	csv_write_text(&w, TOTAL);
	sales_day_write(&w, h, s, &s->all);
}

/* --- items -------------------------------------------------------------------------------- */

static void
id_write(struct csv_write *w, struct bytes id)
{
	char text[UUID_TEXT_LEN];

	if (id.len != UUID_LEN) {
		csv_write_empty(w);
		return;
	}
	uuid_format(id.data, text);
	csv_write_text(w, text);
}

static void
sold_write(struct csv_write *w, const struct report_head *h, const struct report_sold *s)
{
	csv_write_text(w, h->ask->currency);
	csv_write_int64(w, s->quantity);
	csv_write_money(w, s->gross_minor, h->exponent);
	csv_write_money(w, s->addons_minor, h->exponent);
	csv_write_int64(w, s->orders_n);
	csv_write_money(w, s->share, 2);
	csv_write_row_end(w);
}

static void
item_write(struct csv_write *w, const struct report_head *h, const struct report_item *item)
{
	csv_write_text(w, "item");
	id_write(w, item->sold.public_id);
	csv_write_text(w, item->sold.name);
	HEADINGS(w, NULL, NULL, NULL, NULL);
	sold_write(w, h, &item->sold);
	for (size_t i = 0; report_has_variations(item) && i < item->variations_n; i++) {
		csv_write_text(w, "variation");
		id_write(w, item->sold.public_id);
		csv_write_text(w, item->sold.name);
		id_write(w, item->variations[i].public_id);
		csv_write_text(w, item->variations[i].name);
		HEADINGS(w, NULL, NULL);
		sold_write(w, h, &item->variations[i]);
	}
}

/* Its gross is part of that of items: it has no share of its own. */
static void
addon_write(struct csv_write *w, const struct report_head *h, const struct report_sold *addon)
{
	csv_write_text(w, "addon");
	HEADINGS(w, NULL, NULL, NULL, NULL);
	id_write(w, addon->public_id);
	csv_write_text(w, addon->name);
	csv_write_text(w, h->ask->currency);
	csv_write_int64(w, addon->quantity);
	csv_write_money(w, addon->gross_minor, h->exponent);
	csv_write_empty(w);
	csv_write_int64(w, addon->orders_n);
	csv_write_empty(w);
	csv_write_row_end(w);
}

void
report_csv_items(
    struct buf *out, const struct report_head *h, const struct report_items *s, size_t limit)
{
	struct csv_write w;

	csv_write_init(&w, out);
	HEADINGS(&w, "kind", "item_id", "item", "variation_id", "variation", "addon_item_id",
	    "addon", "currency", "quantity", "gross", "addons", "orders", "share");
	csv_write_row_end(&w);
	for (size_t i = 0; i < s->items_n && i < limit; i++)
		item_write(&w, h, &s->items[i]);
	for (size_t i = 0; i < s->addons_n && i < limit; i++)
		addon_write(&w, h, &s->addons[i]);
	csv_write_text(&w, TOTAL);
	HEADINGS(&w, NULL, NULL, NULL, NULL, NULL, NULL, h->ask->currency);
	csv_write_int64(&w, s->all.quantity);
	csv_write_money(&w, s->all.gross_minor, h->exponent);
	csv_write_money(&w, s->all.addons_minor, h->exponent);
	HEADINGS(&w, NULL, NULL);
	csv_write_row_end(&w);
}

/* --- volume ------------------------------------------------------------------------------- */

static void
row_write(struct csv_write *w, const char *by, const char *value, const struct report_counts *c)
{
	csv_write_text(w, by);
	csv_write_text(w, value);
	counts_write(w, c);
	csv_write_row_end(w);
}

/* A row of which nothing but their number is known. */
static void
placed_write(struct csv_write *w, const char *by, const char *value, int64_t n)
{
	csv_write_text(w, by);
	csv_write_text(w, value);
	csv_write_int64(w, n);
	for (size_t i = 1; i < REPORT_COUNTS_N; i++)
		csv_write_empty(w);
	csv_write_row_end(w);
}

static void
hours_write(struct csv_write *w, const struct report_volume *v)
{
	char text[HEADING_LEN];

	for (int h = 0; h < 24; h++) {
		(void)snprintf(text, sizeof text, "%d", h);
		row_write(w, "hour", text, &v->hours[h]);
	}
	for (int d = 0; d < 7; d++)
		row_write(w, "weekday", report_weekdays[d], &v->weekdays[d]);
	for (int d = 0; d < 7; d++)
		for (int h = 0; h < 24; h++) {
			(void)snprintf(text, sizeof text, "%s %d", report_weekdays[d], h);
			placed_write(w, "weekday_hour", text, v->weekday_hours[d][h]);
		}
}

void
report_csv_volume(struct buf *out, const struct report_volume *v)
{
	char date[DAY_TEXT_LEN];
	struct csv_write w;

	csv_write_init(&w, out);
	HEADINGS(&w, "by", "value");
	counts_head(&w);
	csv_write_row_end(&w);
	for (size_t i = 0; i < v->days_n; i++) {
		day_format(v->days[i].day, date);
		row_write(&w, "business_date", date, &v->days[i].orders);
	}
	hours_write(&w, v);
	for (size_t i = 0; i < v->order_types.n; i++)
		row_write(
		    &w, "order_type", v->order_types.of[i].word, &v->order_types.of[i].orders);
	for (size_t i = 0; i < v->payment_methods.n; i++)
		row_write(&w, "payment_method", v->payment_methods.of[i].word,
		    &v->payment_methods.of[i].orders);
	for (int s = 0; s < STATUS__MAX; s++)
		placed_write(&w, "status", status_name((enum order_status)s), v->statuses[s]);
	row_write(&w, TOTAL, NULL, &v->all);
}
