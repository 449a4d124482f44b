/* Volume: how many orders came, and when. */

#include "order/report.h"

#include <string.h>

#include "op/op.h"
#include "order/report_inside.h"
#include "text/civil.h"

struct volume {
	const struct report_ask *ask;
	struct report_volume *out;
};

/* Known ones are shown even with no order. */
static const char *const known_types[] = { "dine_in", "pickup", "delivery" };
static const char *const known_methods[] = { "cash", "upi" };

static void
words_begin(struct report_words *w, const char *const *known, size_t n)
{
	*w = (struct report_words){ .n = n };
	for (size_t i = 0; i < n; i++)
		w->of[i].word = known[i];
}

static void
volume_begin(void *arg)
{
	struct volume *v = arg;
	struct report_volume *out = v->out, empty = { .days = out->days, .days_n = out->days_n };

	*out = empty;
	for (size_t i = 0; i < out->days_n; i++)
		out->days[i] = (struct report_volume_day){ .day = v->ask->day_from + (int64_t)i };
	words_begin(&out->order_types, known_types, sizeof known_types / sizeof known_types[0]);
	words_begin(
	    &out->payment_methods, known_methods, sizeof known_methods / sizeof known_methods[0]);
}

/* 0 Monday. */
static size_t
weekday_of(int64_t day)
{
	return (size_t)(civil_weekday(day) + 6) % 7;
}

static enum err
word_count(struct op *op, struct report_words *w, struct arena *keep, const char *word,
    const struct figures_sale *f)
{
	size_t i = 0;

	while (i < w->n && strcmp(w->of[i].word, word) != 0)
		i++;
	if (i == REPORT_WORDS_MAX)
		return fail_field(op, "from", "asks for too many kinds of orders");
	if (i == w->n)
		w->of[w->n++].word = arena_strdup(keep, word);
	report_count(&w->of[i].orders, f->status, f->is_released, f->orders_n);
	return OK;
}

static enum err
sale_count(struct op *op, struct volume *v, struct arena *keep, const struct figures_sale *f)
{
	struct report_volume *out = v->out;
	struct report_counts *const of[] = { &out->all,
		&out->days[f->day - v->ask->day_from].orders, &out->weekdays[weekday_of(f->day)] };
	enum order_status status = status_by_name(f->status);
	enum err e;

	for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
		report_count(of[i], f->status, f->is_released, f->orders_n);
	if (status < STATUS__MAX)
		out->statuses[status] += f->orders_n;
	e = word_count(op, &out->order_types, keep, f->order_type, f);
	return e != OK ? e : word_count(op, &out->payment_methods, keep, f->payment_method, f);
}

static enum err
volume_span(struct op *op, const struct figures_span *span, struct arena *keep, void *arg)
{
	struct volume *v = arg;
	struct figures_sale *sales;
	struct figures_hour *hours;
	size_t n;
	enum err e = figures_sales(op, span, &sales, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		e = sale_count(op, v, keep, &sales[i]);
	if (e == OK)
		e = figures_hours(op, span, &hours, &n);
	for (size_t i = 0; e == OK && i < n; i++) {
		const struct figures_hour *h = &hours[i];

		report_count(&v->out->hours[h->hour], h->status, h->is_released, h->orders_n);
		v->out->weekday_hours[weekday_of(h->day)][h->hour] += h->orders_n;
	}
	return e;
}

static void
peaks_find(struct report_volume *out)
{
	out->peak_day = NULL;
	out->peak_hour = -1;
	for (size_t i = 0; i < out->days_n; i++)
		if (out->days[i].orders.placed >
		    (out->peak_day != NULL ? out->peak_day->orders.placed : 0))
			out->peak_day = &out->days[i];
	for (int h = 0; h < 24; h++)
		if (out->hours[h].placed >
		    (out->peak_hour >= 0 ? out->hours[out->peak_hour].placed : 0))
			out->peak_hour = h;
}

enum err
report_volume_read(struct op *op, const struct report_ask *ask, struct report_volume *ret)
{
	struct report_volume out = { .days_n = (size_t)(ask->day_to - ask->day_from + 1) };
	struct volume v = { .ask = ask, .out = &out };
	enum err e;

	out.days = arena_array(op->arena, out.days_n, sizeof *out.days);
	e = report_read(op, &(struct report_reading){ .ask = ask,
				.days_max = REPORT_SPAN_DAYS,
				.arg = &v,
				.begin = volume_begin,
				.span = volume_span });
	if (e != OK)
		return e;
	peaks_find(&out);
	*ret = out;
	return OK;
}
