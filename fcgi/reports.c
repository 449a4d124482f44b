/*
 * reports: the pool that tells a restaurant what it has sold, and when.
 *
 * It reads and writes nothing. Its statements may take longer than others': it is a pool of its own
 * so that nobody who orders waits behind one, and each statement and each report is given up after
 * a while (503) rather than holding a worker.
 */
#include <string.h>
#include <strings.h>

#include "http/front.h"
#include "http/reply.h"
#include "mem/buf.h"
#include "op/op.h"
#include "order/report.h"
#include "order/report_form.h"
#include "person/role.h"
#include "tenant/day.h"
#include "tenant/restaurant.h"
#include "tenant/settings.h"
#include "text/money.h"

#define DAYS_DEFAULT 7
#define DB_TIMEOUT_S 8
#define YEAR_2000 INT64_C(10957) /* as days */
#define YEAR_3000 INT64_C(376200)

/* --- what is asked for -------------------------------------------------------------------- */

struct wish {
	struct report_ask ask;
	struct report_head head;
	bool is_csv;
};

static enum err
day_read(struct op *op, const struct request *r, const char *name, bool *ret_is_there, int64_t *ret)
{
	const char *text = request_query(r, name);
	int64_t day;

	if (text == NULL)
		return OK;
	if (!day_parse(text, &day) || day < YEAR_2000 || day >= YEAR_3000)
		return fail_field(op, name, "must be a date, as 2026-02-13");
	*ret_is_there = true;
	*ret = day;
	return OK;
}

/* The last seven days; what is given of the range moves the rest. */
static enum err
range_read(struct op *op, const struct request *r, int64_t today, struct report_ask *a)
{
	bool has_from = false, has_to = false;
	enum err e;

	a->day_to = today;
	e = day_read(op, r, "to", &has_to, &a->day_to);
	if (e == OK)
		e = day_read(op, r, "from", &has_from, &a->day_from);
	if (e != OK)
		return e;
	if (!has_from)
		a->day_from = a->day_to - (DAYS_DEFAULT - 1);
	if (a->day_from > a->day_to)
		return fail_field(op, has_to ? "to" : "from", "must not lie %s",
		    has_to ? "before `from`" : "in the future");
	if (a->day_to - a->day_from >= REPORT_DAYS_MAX)
		return fail_field(
		    op, "from", "must be at most %d days before `to`", REPORT_DAYS_MAX - 1);
	return OK;
}

static enum err
currency_read(struct op *op, const struct request *r, struct wish *w)
{
	const char *currency = request_query(r, "currency");

	if (currency == NULL)
		currency = r->restaurant->currency;
	if (!money_exponent(currency, &w->head.exponent))
		return fail_field(op, "currency", "must be a currency's code, as INR");
	w->ask.currency = currency;
	return OK;
}

/* "0.5" in thousandths. */
static int
weight_read(const char *q)
{
	int weight = *q == '1' ? 1000 : 0;

	if (*q++ != '0' || *q++ != '.')
		return weight;
	for (int place = 100; place > 0 && *q >= '0' && *q <= '9'; place /= 10)
		weight += place * (*q++ - '0');
	return weight;
}

/*
 * How much a client wants a media type, in thousandths, by its Accept (RFC 9110, 12.5.1); -1: it
 * does not name it.
 */
static int
accept_weight(const char *accept, const char *type)
{
	size_t len = strlen(type);

	for (const char *s = accept; *s != '\0'; s += *s == ',') {
		const char *end, *q;

		s += strspn(s, " \t,");
		end = s + strcspn(s, ",");
		if ((size_t)(end - s) >= len && strncasecmp(s, type, len) == 0 &&
		    (s[len] == '\0' || strchr(",; \t", s[len]) != NULL)) {
			q = strstr(s, "q=");
			return q != NULL && q < end ? weight_read(q + 2) : 1000;
		}
		s = end;
	}
	return -1;
}

static enum err
format_read(struct op *op, const struct request *r, bool *ret_is_csv)
{
	static const char *const formats[] = { "json", "csv", NULL };
	int format = -1;
	enum err e = request_query_word(op, r, "format", formats, &format);

	if (e != OK)
		return e;
	*ret_is_csv = format == 1;
	if (format < 0 && r->accept != NULL) {
		int csv = accept_weight(r->accept, "text/csv");

		*ret_is_csv = csv > 0 && csv > accept_weight(r->accept, "application/json");
	}
	return OK;
}

static enum err
wish_read(struct op *op, const struct request *r, struct wish *ret)
{
	const struct restaurant *restaurant = r->restaurant;
	struct wish w = { .ask = { .restaurant_id = restaurant->id,
			      .time_zone = restaurant->time_zone } };
	struct settings settings;
	int64_t today;
	enum err e = format_read(op, r, &w.is_csv);

	if (e == OK)
		e = currency_read(op, r, &w);
	if (e == OK)
		e = settings_read(op, restaurant->id, restaurant->currency, &settings);
	if (e != OK)
		return e;
	if (!day_of(restaurant->time_zone, settings.day_starts_min, op->now_us, &today))
		return fail(op, ERR_INTERNAL_ERROR, "The restaurant's time zone is unknown");
	w.head.day_starts_min = settings.day_starts_min;
	e = range_read(op, r, today, &w.ask);
	if (e == OK)
		*ret = w;
	return e;
}

/* --- the answer --------------------------------------------------------------------------- */

static struct buf *
csv_begin(struct op *op)
{
	struct buf *b = arena_alloc(op->arena, sizeof *b);

	buf_init(b, op->arena, REPLY_BODY_MAX);
	return b;
}

/* A file with a name that says what is in it. */
static enum err
csv_send(struct op *op, const struct request *r, const struct wish *w, const char *name,
    const struct buf *b, struct reply *reply)
{
	char from[DAY_TEXT_LEN], to[DAY_TEXT_LEN];

	if (b->overflowed)
		return fail_field(op, "from", "asks for more than an answer may hold");
	day_format(w->ask.day_from, from);
	day_format(w->ask.day_to, to);
	reply_raw(reply, 200, "text/csv; charset=utf-8; header=present",
	    (struct bytes){ b->data, b->len });
	reply_header(reply, "Content-Disposition",
	    arena_printf(op->arena, "attachment; filename=\"%s-%s-%s-to-%s.csv\"",
		r->restaurant->slug, name, from, to));
	return OK;
}

static enum err
daily_sales_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct report_sales sales;
	struct buf *csv;
	struct wish w;
	enum err e = wish_read(op, r, &w);

	if (e != OK)
		return e;
	w.head.ask = &w.ask;
	e = report_sales_read(op, &w.ask, &sales);
	if (e != OK)
		return e;
	if (!w.is_csv) {
		report_json_sales(reply_json(reply, 200), &w.head, &sales);
		return OK;
	}
	csv = csv_begin(op);
	report_csv_sales(csv, &w.head, &sales);
	return csv_send(op, r, &w, "daily-sales", csv, reply);
}

static enum err
item_performance_get(struct op *op, const struct request *r, struct reply *reply)
{
	static const char *const sorts[] = { "revenue", "quantity", NULL };
	int sort = REPORT_BY_REVENUE;
	int64_t limit = INT64_MAX;
	struct report_items items;
	struct buf *csv;
	struct wish w;
	enum err e = wish_read(op, r, &w);

	w.head.ask = &w.ask;
	if (e == OK)
		e = request_query_word(op, r, "sort", sorts, &sort);
	if (e == OK)
		e = request_query_i64(op, r, "limit", 1, 1000, &limit);
	if (e == OK)
		e = report_items_read(op, &w.ask, (enum report_sort)sort, &items);
	if (e != OK)
		return e;
	if (!w.is_csv) {
		report_json_items(reply_json(reply, 200), &w.head, &items, (size_t)limit);
		return OK;
	}
	csv = csv_begin(op);
	report_csv_items(csv, &w.head, &items, (size_t)limit);
	return csv_send(op, r, &w, "item-performance", csv, reply);
}

static enum err
order_volume_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct report_volume volume;
	struct buf *csv;
	struct wish w;
	enum err e = wish_read(op, r, &w);

	if (e != OK)
		return e;
	w.head.ask = &w.ask;
	e = report_volume_read(op, &w.ask, &volume);
	if (e != OK)
		return e;
	if (!w.is_csv) {
		report_json_volume(reply_json(reply, 200), &w.head, &volume);
		return OK;
	}
	csv = csv_begin(op);
	report_csv_volume(csv, &volume);
	return csv_send(op, r, &w, "order-volume", csv, reply);
}

static const struct route routes[] = {
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/reports/daily-sales",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .query = "from to format currency",
	    .rate = RATE_READ,
	    .handle = daily_sales_get,
	    .sentence = "What was sold, day by day" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/reports/item-performance",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .query = "from to format currency sort limit",
	    .rate = RATE_READ,
	    .handle = item_performance_get,
	    .sentence = "What was sold how often, and for how much" },
	{ .method = METHOD_GET,
	    .path = "/api/v1/admin/reports/order-volume",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NEEDED,
	    .query = "from to format",
	    .rate = RATE_READ,
	    .handle = order_volume_get,
	    .sentence = "How many orders came, and when" },
};

static const struct pool pool = {
	.name = "reports",
	.program = PROGRAM_reports,
	.routes = ROUTE_TABLE(routes),
	.arena_max = (size_t)128 << 20,
	.db_timeout_s = DB_TIMEOUT_S,
};

int
main(int argc, char **argv)
{
	return front_main(argc, argv, &pool);
}
