/* Daily sales: one row for each day of the range, and all of them together. */

#include "order/report.h"

#include <string.h>

#include "op/op.h"
#include "order/report_inside.h"

struct sales {
	const struct report_ask *ask;
	struct report_sales *out;
};

/* --- the table that is filled ------------------------------------------------------------- */

static void
day_clear(struct report_sales_day *d, int64_t day)
{
	struct report_tax_sum *taxes = d->taxes;
	struct report_payment_sum *payments = d->payments;

	memset(taxes, 0, REPORT_TAXES_MAX * sizeof *taxes);
	memset(payments, 0, REPORT_PAYMENTS_MAX * sizeof *payments);
	*d = (struct report_sales_day){ .day = day, .taxes = taxes, .payments = payments };
}

static void
day_make(struct arena *arena, struct report_sales_day *d)
{
	d->taxes = arena_array(arena, REPORT_TAXES_MAX, sizeof *d->taxes);
	d->payments = arena_array(arena, REPORT_PAYMENTS_MAX, sizeof *d->payments);
}

static void
sales_begin(void *arg)
{
	struct sales *s = arg;
	struct report_sales *out = s->out;

	out->taxes_n = out->payments_n = out->other_currencies_n = 0;
	for (size_t i = 0; i < out->days_n; i++)
		day_clear(&out->days[i], s->ask->day_from + (int64_t)i);
	day_clear(&out->all, s->ask->day_from);
}

static void
sales_make(struct arena *arena, const struct report_ask *ask, struct report_sales *out)
{
	*out = (struct report_sales){ .days_n = (size_t)(ask->day_to - ask->day_from + 1) };
	out->days = arena_array(arena, out->days_n, sizeof *out->days);
	out->taxes = arena_array(arena, REPORT_TAXES_MAX, sizeof *out->taxes);
	out->payments = arena_array(arena, REPORT_PAYMENTS_MAX, sizeof *out->payments);
	for (size_t i = 0; i < out->days_n; i++)
		day_make(arena, &out->days[i]);
	day_make(arena, &out->all);
}

/* Its place among the taxes; REPORT_TAXES_MAX: there is no more room. */
static size_t
tax_at(struct report_sales *out, struct arena *keep, const struct figures_tax *f)
{
	size_t i;

	for (i = 0; i < out->taxes_n; i++)
		if (out->taxes[i].rate_micro == f->rate_micro &&
		    strcmp(out->taxes[i].name, f->tax_name) == 0 &&
		    strcmp(out->taxes[i].kind, f->kind) == 0)
			return i;
	if (i < REPORT_TAXES_MAX)
		out->taxes[out->taxes_n++] =
		    (struct report_tax){ .name = arena_strdup(keep, f->tax_name),
			    .kind = arena_strdup(keep, f->kind),
			    .rate_micro = f->rate_micro };
	return i;
}

static size_t
payment_at(struct report_sales *out, struct arena *keep, const struct figures_sale *f)
{
	size_t i;

	for (i = 0; i < out->payments_n; i++)
		if (strcmp(out->payments[i].method, f->payment_method) == 0 &&
		    strcmp(out->payments[i].status, f->payment_status) == 0)
			return i;
	if (i < REPORT_PAYMENTS_MAX)
		out->payments[out->payments_n++] =
		    (struct report_payment){ .method = arena_strdup(keep, f->payment_method),
			    .status = arena_strdup(keep, f->payment_status) };
	return i;
}

/* --- adding up ---------------------------------------------------------------------------- */

/* What was paid of orders that stand so. */
static bool
settled_add(struct report_sales_day *d, const struct figures_sale *f)
{
	switch (payment_by_name(f->payment_status)) {
	case PAYMENT_paid:
	case PAYMENT_partially_refunded:
		return report_add(&d->paid_minor, f->total_minor);
	case PAYMENT_refunded:
		return report_add(&d->refunded_minor, f->total_minor);
	default:
		return report_add(&d->unpaid_minor, f->total_minor);
	}
}

static bool
sold_add(struct report_sales_day *d, const struct figures_sale *f, size_t payment)
{
	d->payments[payment].orders_n += f->orders_n;
	return settled_add(d, f) && report_add(&d->payments[payment].total_minor, f->total_minor) &&
	       report_add(&d->gross_minor, f->gross_minor) &&
	       report_add(&d->discount_minor, f->discount_minor) &&
	       report_add(&d->net_minor, f->gross_minor) &&
	       report_add(&d->net_minor, -f->discount_minor) &&
	       report_add(&d->tax_added_minor, f->tax_minor) &&
	       report_add(&d->packing_minor, f->packing_minor) &&
	       report_add(&d->delivery_charge_minor, f->delivery_charge_minor) &&
	       report_add(&d->tip_minor, f->tip_minor) &&
	       report_add(&d->total_minor, f->total_minor);
}

static bool
refunds_add(struct report_sales_day *d, const struct figures_sale *f)
{
	enum payment_status p = payment_by_name(f->payment_status);

	if (p == PAYMENT_partially_refunded)
		d->partial_refunds_n += f->orders_n;
	if (p != PAYMENT_refunded)
		return true;
	d->refunds_n += f->orders_n;
	return report_add(&d->refunds_minor, f->total_minor);
}

static enum err
sale_add(struct op *op, struct sales *s, struct arena *keep, const struct figures_sale *f)
{
	struct report_sales_day *const of[] = { &s->out->days[f->day - s->ask->day_from],
		&s->out->all };
	bool is_sold = report_is_sold(f->status, f->is_released);
	size_t payment = is_sold ? payment_at(s->out, keep, f) : 0;

	if (payment == REPORT_PAYMENTS_MAX)
		return fail_field(op, "from", "asks for too many ways of paying");
	for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
		report_count(&of[i]->orders, f->status, f->is_released, f->orders_n);
		if (!refunds_add(of[i], f) || (is_sold && !sold_add(of[i], f, payment)))
			return report_overflow(op);
	}
	return OK;
}

static enum err
tax_add(struct op *op, struct sales *s, struct arena *keep, const struct figures_tax *f)
{
	struct report_sales_day *const of[] = { &s->out->days[f->day - s->ask->day_from],
		&s->out->all };
	size_t tax = tax_at(s->out, keep, f);

	if (tax == REPORT_TAXES_MAX)
		return fail_field(
		    op, "from", "asks for more than %d different taxes", REPORT_TAXES_MAX);
	for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
		struct report_tax_sum *sum = &of[i]->taxes[tax];

		if (!report_add(f->is_inclusive ? &sum->included_minor : &sum->added_minor,
			f->amount_minor) ||
		    (f->is_inclusive && !report_add(&of[i]->tax_included_minor, f->amount_minor)) ||
		    (f->is_inclusive && f->is_of_lines &&
			!report_add(&of[i]->net_minor, -f->amount_minor)))
			return report_overflow(op);
	}
	return OK;
}

static enum err
sales_span(struct op *op, const struct figures_span *span, struct arena *keep, void *arg)
{
	struct sales *s = arg;
	struct figures_sale *sales;
	struct figures_tax *taxes;
	size_t n;
	enum err e = figures_sales(op, span, &sales, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		if (strcmp(sales[i].currency, s->ask->currency) == 0)
			e = sale_add(op, s, keep, &sales[i]);
		else
			report_currency_add(keep, s->out->other_currencies,
			    &s->out->other_currencies_n, sales[i].currency);
	if (e == OK)
		e = figures_taxes(op, span, &taxes, &n);
	for (size_t i = 0; e == OK && i < n; i++)
		if (strcmp(taxes[i].currency, s->ask->currency) == 0)
			e = tax_add(op, s, keep, &taxes[i]);
	return e;
}

static int
tax_compare(const struct report_tax *a, const struct report_tax *b)
{
	int order = strcmp(a->name, b->name);

	if (order == 0)
		order = strcmp(a->kind, b->kind);
	return order != 0 ? order
			  : (a->rate_micro > b->rate_micro) - (a->rate_micro < b->rate_micro);
}

static int
payment_compare(const struct report_payment *a, const struct report_payment *b)
{
	int order = strcmp(a->method, b->method);

	return order != 0 ? order : strcmp(a->status, b->status);
}

/* They are few: by insertion. */
static void
order_set(struct report_sales *out)
{
	for (size_t i = 0; i < out->taxes_n; i++) {
		size_t k = i;

		for (;
		     k > 0 && tax_compare(&out->taxes[out->taxes_order[k - 1]], &out->taxes[i]) > 0;
		     k--)
			out->taxes_order[k] = out->taxes_order[k - 1];
		out->taxes_order[k] = i;
	}
	for (size_t i = 0; i < out->payments_n; i++) {
		size_t k = i;

		for (; k > 0 && payment_compare(&out->payments[out->payments_order[k - 1]],
				    &out->payments[i]) > 0;
		     k--)
			out->payments_order[k] = out->payments_order[k - 1];
		out->payments_order[k] = i;
	}
}

enum err
report_sales_read(struct op *op, const struct report_ask *ask, struct report_sales *ret)
{
	struct report_sales out;
	struct sales s = { .ask = ask, .out = &out };
	enum err e;

	sales_make(op->arena, ask, &out);
	e = report_read(op, &(struct report_reading){ .ask = ask,
				.days_max = REPORT_SPAN_DAYS,
				.arg = &s,
				.begin = sales_begin,
				.span = sales_span });
	if (e != OK)
		return e;
	order_set(&out);
	*ret = out;
	return OK;
}

bool
report_average(const struct report_sales_day *d, int64_t *ret_minor)
{
	int64_t n = d->orders.sold, rest;

	if (n == 0)
		return false;
	rest = d->total_minor % n;
	*ret_minor = d->total_minor / n + (rest >= n - rest ? 1 : 0);
	return true;
}
