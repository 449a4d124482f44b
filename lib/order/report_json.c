#include <stdio.h>
#include <string.h>

#include "order/report_form.h"
#include "order/report_inside.h"
#include "tenant/day.h"
#include "text/json_write.h"
#include "text/money.h"

/* --- names -------------------------------------------------------------------------------- */

#define COUNT(word, member) { .name = (word), .offset = offsetof(struct report_counts, member) }
const struct report_member report_counts[REPORT_COUNTS_N] = {
	COUNT("placed", placed),
	COUNT("sold", sold),
	COUNT("completed", completed),
	COUNT("open", open),
	COUNT("unreleased", unreleased),
	COUNT("cancelled", cancelled),
	COUNT("rejected", rejected),
};

#define MONEY(word, member) \
	{ .name = (word), .offset = offsetof(struct report_sales_day, member) }
const struct report_member report_moneys[REPORT_MONEYS_N] = {
	MONEY("gross", gross_minor),
	MONEY("discounts", discount_minor),
	MONEY("net", net_minor),
	MONEY("taxes_added", tax_added_minor),
	MONEY("taxes_included", tax_included_minor),
	MONEY("packing", packing_minor),
	MONEY("delivery", delivery_charge_minor),
	MONEY("tips", tip_minor),
	MONEY("total", total_minor),
	MONEY("paid", paid_minor),
	MONEY("unpaid", unpaid_minor),
	MONEY("refunded", refunded_minor),
};

const char *const report_weekdays[7] = { "monday", "tuesday", "wednesday", "thursday", "friday",
	"saturday", "sunday" };

int64_t
report_member_of(const void *of, const struct report_member *member)
{
	int64_t n;

	memcpy(&n, (const char *)of + member->offset, sizeof n);
	return n;
}

#define RATE_DECIMALS 4 /* a percent is ten thousand millionths */

void
report_rate_format(int64_t rate_micro, char ret[REPORT_RATE_LEN])
{
	char text[MONEY_TEXT_LEN];
	size_t len;

	money_format(rate_micro, RATE_DECIMALS, text);
	len = strlen(text);
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	(void)snprintf(ret, REPORT_RATE_LEN, "%.*s", (int)len, text);
}

bool
report_has_variations(const struct report_item *item)
{
	return item->variations_n > 1 || item->variations[0].id != 0;
}

/* --- what all reports begin with ---------------------------------------------------------- */

static void
date_write(struct json_write *w, const char *key, int64_t day)
{
	char text[DAY_TEXT_LEN];

	day_format(day, text);
	json_write_string(w, key, text);
}

static void
head_write(struct json_write *w, const struct report_head *h)
{
	char starts[sizeof "24:00"];
	unsigned minutes = (unsigned)h->day_starts_min % (24 * 60);

	(void)snprintf(starts, sizeof starts, "%02u:%02u", minutes / 60, minutes % 60);
	date_write(w, "from", h->ask->day_from);
	date_write(w, "to", h->ask->day_to);
	json_write_string(w, "time_zone", h->ask->time_zone);
	json_write_string(w, "day_starts_at", starts);
}

static void
currency_write(
    struct json_write *w, const struct report_head *h, const char *const *others, size_t others_n)
{
	json_write_string(w, "currency", h->ask->currency);
	json_write_array(w, "other_currencies");
	for (size_t i = 0; i < others_n; i++)
		json_write_string(w, NULL, others[i]);
	json_write_array_end(w);
}

static void
counts_write(struct json_write *w, const struct report_counts *c)
{
	for (size_t i = 0; i < REPORT_COUNTS_N; i++)
		json_write_int64(w, report_counts[i].name, report_member_of(c, &report_counts[i]));
}

/* --- daily sales -------------------------------------------------------------------------- */

static void
taxes_write(struct json_write *w, const struct report_head *h, const struct report_sales *s,
    const struct report_sales_day *d)
{
	char rate[REPORT_RATE_LEN];

	json_write_array(w, "taxes");
	for (size_t i = 0; i < s->taxes_n; i++) {
		const struct report_tax *tax = &s->taxes[s->taxes_order[i]];
		const struct report_tax_sum *sum = &d->taxes[s->taxes_order[i]];

		if (sum->added_minor == 0 && sum->included_minor == 0)
			continue;
		report_rate_format(tax->rate_micro, rate);
		json_write_object(w, NULL);
		json_write_string(w, "name", tax->name);
		json_write_raw(w, "rate", strcmp(tax->kind, "percent") == 0 ? rate : NULL);
		json_write_money(w, "added", sum->added_minor, h->exponent);
		json_write_money(w, "included", sum->included_minor, h->exponent);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void
payments_write(struct json_write *w, const struct report_head *h, const struct report_sales *s,
    const struct report_sales_day *d)
{
	json_write_array(w, "payments");
	for (size_t i = 0; i < s->payments_n; i++) {
		const struct report_payment *p = &s->payments[s->payments_order[i]];
		const struct report_payment_sum *sum = &d->payments[s->payments_order[i]];

		if (sum->orders_n == 0)
			continue;
		json_write_object(w, NULL);
		json_write_string(w, "payment_method", p->method);
		json_write_string(w, "payment_status", p->status);
		json_write_int64(w, "orders", sum->orders_n);
		json_write_money(w, "total", sum->total_minor, h->exponent);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void
sales_day_write(struct json_write *w, const struct report_head *h, const struct report_sales *s,
    const struct report_sales_day *d)
{
	int64_t average;

	json_write_object(w, "orders");
	counts_write(w, &d->orders);
	json_write_object_end(w);
	for (size_t i = 0; i < REPORT_MONEYS_N; i++)
		json_write_money(
		    w, report_moneys[i].name, report_member_of(d, &report_moneys[i]), h->exponent);
	if (report_average(d, &average))
		json_write_money(w, "average_order_value", average, h->exponent);
	else
		json_write_null(w, "average_order_value");
	taxes_write(w, h, s, d);
	payments_write(w, h, s, d);
	json_write_object(w, "refunds");
	json_write_int64(w, "orders", d->refunds_n);
	json_write_money(w, "amount", d->refunds_minor, h->exponent);
	json_write_int64(w, "partial_orders", d->partial_refunds_n);
	json_write_object_end(w);
}

void
report_json_sales(struct json_write *w, const struct report_head *h, const struct report_sales *s)
{
	json_write_object(w, NULL);
	head_write(w, h);
	currency_write(w, h, s->other_currencies, s->other_currencies_n);
	json_write_object(w, "totals");
	sales_day_write(w, h, s, &s->all);
	json_write_object_end(w);
	json_write_array(w, "days");
	for (size_t i = 0; i < s->days_n; i++) {
		json_write_object(w, NULL);
		date_write(w, "business_date", s->days[i].day);
		sales_day_write(w, h, s, &s->days[i]);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_object_end(w);
}

/* --- items -------------------------------------------------------------------------------- */

static void
id_write(struct json_write *w, const char *key, struct bytes id)
{
	json_write_uuid(w, key, id.len == 16 ? id.data : NULL);
}

static void
sold_write(struct json_write *w, const struct report_head *h, const struct report_sold *s)
{
	json_write_int64(w, "quantity", s->quantity);
	json_write_money(w, "gross", s->gross_minor, h->exponent);
	json_write_money(w, "addons", s->addons_minor, h->exponent);
	json_write_int64(w, "orders", s->orders_n);
	json_write_money(w, "share", s->share, 2);
}

static void
item_write(struct json_write *w, const struct report_head *h, const struct report_item *item)
{
	json_write_object(w, NULL);
	id_write(w, "item_id", item->sold.public_id);
	json_write_string(w, "name", item->sold.name);
	sold_write(w, h, &item->sold);
	json_write_array(w, "variations");
	for (size_t i = 0; report_has_variations(item) && i < item->variations_n; i++) {
		json_write_object(w, NULL);
		id_write(w, "variation_id", item->variations[i].public_id);
		json_write_string(w, "name", item->variations[i].name);
		sold_write(w, h, &item->variations[i]);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_object_end(w);
}

static void
addon_write(struct json_write *w, const struct report_head *h, const struct report_sold *addon)
{
	json_write_object(w, NULL);
	id_write(w, "addon_item_id", addon->public_id);
	json_write_string(w, "name", addon->name);
	json_write_int64(w, "quantity", addon->quantity);
	json_write_money(w, "gross", addon->gross_minor, h->exponent);
	json_write_int64(w, "orders", addon->orders_n);
	json_write_object_end(w);
}

void
report_json_items(
    struct json_write *w, const struct report_head *h, const struct report_items *s, size_t limit)
{
	json_write_object(w, NULL);
	head_write(w, h);
	currency_write(w, h, s->other_currencies, s->other_currencies_n);
	json_write_object(w, "totals");
	json_write_int64(w, "items", (int64_t)s->items_n);
	json_write_int64(w, "quantity", s->all.quantity);
	json_write_money(w, "gross", s->all.gross_minor, h->exponent);
	json_write_money(w, "addons", s->all.addons_minor, h->exponent);
	json_write_object_end(w);
	json_write_array(w, "items");
	for (size_t i = 0; i < s->items_n && i < limit; i++)
		item_write(w, h, &s->items[i]);
	json_write_array_end(w);
	json_write_array(w, "addons");
	for (size_t i = 0; i < s->addons_n && i < limit; i++)
		addon_write(w, h, &s->addons[i]);
	json_write_array_end(w);
	json_write_object_end(w);
}

/* --- volume ------------------------------------------------------------------------------- */

static void
words_write(
    struct json_write *w, const char *key, const char *word_key, const struct report_words *words)
{
	json_write_array(w, key);
	for (size_t i = 0; i < words->n; i++) {
		json_write_object(w, NULL);
		json_write_string(w, word_key, words->of[i].word);
		counts_write(w, &words->of[i].orders);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void
hours_write(struct json_write *w, const struct report_volume *v)
{
	json_write_array(w, "hours");
	for (int h = 0; h < 24; h++) {
		json_write_object(w, NULL);
		json_write_int64(w, "hour", h);
		counts_write(w, &v->hours[h]);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_array(w, "weekdays");
	for (int d = 0; d < 7; d++) {
		json_write_object(w, NULL);
		json_write_string(w, "weekday", report_weekdays[d]);
		counts_write(w, &v->weekdays[d]);
		json_write_array(w, "hours");
		for (int h = 0; h < 24; h++)
			json_write_int64(w, NULL, v->weekday_hours[d][h]);
		json_write_array_end(w);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void
peak_write(struct json_write *w, const struct report_volume *v)
{
	json_write_object(w, "peak");
	if (v->peak_day != NULL) {
		json_write_object(w, "day");
		date_write(w, "business_date", v->peak_day->day);
		json_write_int64(w, "placed", v->peak_day->orders.placed);
		json_write_object_end(w);
	} else
		json_write_null(w, "day");
	if (v->peak_hour >= 0) {
		json_write_object(w, "hour");
		json_write_int64(w, "hour", v->peak_hour);
		json_write_int64(w, "placed", v->hours[v->peak_hour].placed);
		json_write_object_end(w);
	} else
		json_write_null(w, "hour");
	json_write_object_end(w);
}

void
report_json_volume(struct json_write *w, const struct report_head *h, const struct report_volume *v)
{
	json_write_object(w, NULL);
	head_write(w, h);
	json_write_object(w, "totals");
	counts_write(w, &v->all);
	json_write_object_end(w);
	json_write_array(w, "days");
	for (size_t i = 0; i < v->days_n; i++) {
		json_write_object(w, NULL);
		date_write(w, "business_date", v->days[i].day);
		counts_write(w, &v->days[i].orders);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	hours_write(w, v);
	words_write(w, "order_types", "order_type", &v->order_types);
	words_write(w, "payment_methods", "payment_method", &v->payment_methods);
	json_write_array(w, "statuses");
	for (int s = 0; s < STATUS__MAX; s++) {
		json_write_object(w, NULL);
		json_write_string(w, "status", status_name((enum order_status)s));
		json_write_int64(w, "placed", v->statuses[s]);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	peak_write(w, v);
	json_write_object_end(w);
}
