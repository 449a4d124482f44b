#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CURRENCY "INR"
#define LINES_MAX 8
#define MODIFICATIONS_MAX 8
#define SHORT_ID 24

struct line {
	char item[SHORT_ID];
	long price;
	size_t modifications_n;
	char modifications[MODIFICATIONS_MAX][SHORT_ID];
};

/* An order, under the id that its place in the list makes. */
struct kept {
	char number[ID_MAX];
	char *json; /* as a look shows it; of Clover's NULL: it is written out of what follows */
	bool is_open;
	long total;
	size_t lines_n;
	struct line *lines;
};

static struct {
	long total_minor;
	struct kept *orders;
	size_t n, room;
} kept;

void
words_total(long minor)
{
	kept.total_minor = minor;
}

static void __attribute__((format(printf, 2, 3)))
say(struct said *a, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(a->json + a->len, sizeof a->json - a->len, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof a->json - a->len) {
		fprintf(stderr, "pos: an answer is too long\n");
		exit(1);
	}
	a->len += (size_t)n;
}

/* The text behind "key":" up to the next quote, without the backslashes that JSON may put before slashes. */
static void
text_find(const char *body, const char *key, char *ret, size_t size)
{
	const char *at = strstr(body, key);
	size_t n = 0;

	if (at != NULL && (at = strchr(at + strlen(key), ':')) != NULL && (at = strchr(at, '"')) != NULL)
		for (at++; *at != '\0' && *at != '"' && n + 1 < size; at++)
			if (*at != '\\')
				ret[n++] = *at;
	ret[n] = '\0';
}

static long
number_find(const char *body, const char *key)
{
	const char *at = strstr(body, key);

	return at == NULL ? 0 : strtol(at + strlen(key), NULL, 10);
}

/* --- what is kept ----------------------------------------------------------------------------- */

static size_t
order_keep(const char *number, const char *json)
{
	if (kept.n == kept.room) {
		kept.room = kept.room == 0 ? 1024 : 2 * kept.room;
		kept.orders = realloc(kept.orders, kept.room * sizeof *kept.orders);
		if (kept.orders == NULL)
			exit(1);
	}
	kept.orders[kept.n] = (struct kept){ .json = json == NULL ? NULL : strdup(json) };
	(void)snprintf(kept.orders[kept.n].number, ID_MAX, "%s", number);
	return kept.n++;
}

/* The order of an id that ends with so many digits of its place. NULL: there is none. */
static struct kept *
order_find(const char *id, size_t digits)
{
	size_t len = strlen(id), at;

	if (len < digits)
		return NULL;
	at = strtoul(id + len - digits, NULL, 10);
	return at < kept.n ? &kept.orders[at] : NULL;
}

static void
not_found(struct said *a)
{
	a->status = 404;
	say(a, "{\"message\":\"Not Found\"}");
}

/* --- PetPooja --------------------------------------------------------------------------------- */

static void
save_order(const struct asked *q, struct said *a)
{
	static size_t made;

	text_find(q->body, "\"orderID\"", a->number, sizeof a->number);
	text_find(q->body, "\"callback_url\"", a->url, sizeof a->url);
	say(a, "{\"success\":\"1\",\"message\":\"Your order is saved.\",\"restID\":\"%ld\",\"clientOrderID\":\"%s\",\"orderID\":\"P%zu-%s\"}",
	    q->who, a->number, ++made, a->number);
}

/* --- Toast ------------------------------------------------------------------------------------ */

static void
toast_login(const struct asked *q, struct said *a)
{
	say(a, "{\"@class\":\".SuccessfulResponse\",\"token\":{\"tokenType\":\"Bearer\",\"scope\":null,\"expiresIn\":86400,"
	    "\"accessToken\":\"bench-token-%ld\",\"idToken\":null,\"refreshToken\":null},\"status\":\"SUCCESS\"}", q->who);
}

/* The order as it was sent, with what Toast adds; guid NULL: it is only priced. */
static void
toast_echo(const struct asked *q, struct said *a, const char *guid)
{
	static const char checks[] = "\"checks\":[{";
	const char *at = strstr(q->body, checks);
	char external[2 * ID_MAX];

	text_find(q->body, "\"externalId\"", external, sizeof external);
	(void)snprintf(a->number, sizeof a->number, "%s", external + strcspn(external, ":") + (strchr(external, ':') != NULL));
	if (at == NULL) {
		not_found(a);
		return;
	}
	at += sizeof checks - 1;
	if (guid != NULL)
		say(a, "{\"guid\":\"%s\",\"approvalStatus\":\"APPROVED\",\"voided\":false,\"deleted\":false,", guid);
	else
		say(a, "{\"approvalStatus\":null,");
	say(a, "%.*s\"amount\":%ld.%02ld,\"taxAmount\":0.00,\"totalAmount\":%ld.%02ld,\"paymentStatus\":\"OPEN\",%s",
	    (int)(at - q->body - 1), q->body + 1, kept.total_minor / 100, kept.total_minor % 100, kept.total_minor / 100,
	    kept.total_minor % 100, at);
}

static void
toast_prices(const struct asked *q, struct said *a)
{
	toast_echo(q, a, NULL);
}

static void
toast_orders(const struct asked *q, struct said *a)
{
	char guid[ID_MAX];

	(void)snprintf(guid, sizeof guid, "70a50000-0000-4000-8000-%012zu", kept.n);
	toast_echo(q, a, guid);
	(void)order_keep(a->number, a->json);
}

static void
kept_look(const struct asked *q, struct said *a)
{
	const struct kept *o = order_find(q->ids[0], 12);

	if (o == NULL || o->json == NULL) {
		not_found(a);
		return;
	}
	(void)snprintf(a->number, sizeof a->number, "%s", o->number);
	say(a, "%s", o->json);
}

/* --- Square ----------------------------------------------------------------------------------- */

/* is_paid: as it will stand when its payment has come. */
static void
square_echo(const struct asked *q, struct said *a, bool is_paid)
{
	static const char order[] = "\"order\":{";
	const char *at = strstr(q->body, order);

	text_find(q->body, "\"reference_id\"", a->number, sizeof a->number);
	if (at == NULL) {
		not_found(a);
		return;
	}
	a->len = 0;
	say(a, "{\"order\":{\"id\":\"SQ%012zu\",\"version\":%d,\"total_money\":{\"amount\":%ld,\"currency\":\"" CURRENCY "\"},"
	    "\"net_amount_due_money\":{\"amount\":%ld,\"currency\":\"" CURRENCY "\"},", kept.n, is_paid ? 2 : 1, kept.total_minor,
	    is_paid ? 0 : kept.total_minor);
	if (is_paid)
		say(a, "\"tenders\":[{\"id\":\"PAY%012zu\",\"payment_id\":\"PAY%012zu\",\"type\":\"OTHER\"}],", kept.n, kept.n);
	say(a, "%s", at + sizeof order - 1);
}

static void
square_orders(const struct asked *q, struct said *a)
{
	char *paid;

	square_echo(q, a, true);
	paid = strdup(a->json);
	square_echo(q, a, false);
	(void)order_keep(a->number, paid);
	free(paid);
}

static void
square_payments(const struct asked *q, struct said *a)
{
	char order[ID_MAX], location[ID_MAX];

	text_find(q->body, "\"reference_id\"", a->number, sizeof a->number);
	text_find(q->body, "\"order_id\"", order, sizeof order);
	text_find(q->body, "\"location_id\"", location, sizeof location);
	say(a, "{\"payment\":{\"id\":\"PAY%s\",\"status\":\"COMPLETED\",\"source_type\":\"EXTERNAL\",\"order_id\":\"%s\",\"location_id\":\"%s\","
	    "\"reference_id\":\"%s\",\"amount_money\":{\"amount\":%ld,\"currency\":\"" CURRENCY "\"},\"total_money\":{\"amount\":%ld,"
	    "\"currency\":\"" CURRENCY "\"},\"external_details\":{\"type\":\"OTHER\",\"source\":\"Ticketrail\"}}}",
	    strlen(order) > 2 ? order + 2 : "", order, location, a->number, kept.total_minor, kept.total_minor);
}

/* --- Clover ----------------------------------------------------------------------------------- */

#define CLOVER_DIGITS 12

static struct kept *
clover_find(const struct asked *q, struct said *a)
{
	struct kept *o = order_find(q->ids[1], CLOVER_DIGITS);

	if (o == NULL || o->json != NULL) {
		not_found(a);
		return NULL;
	}
	(void)snprintf(a->number, sizeof a->number, "%s", o->number);
	return o;
}

/* Hidden, since it was sent without a state. */
static void
clover_draft(const struct asked *q, struct said *a)
{
	text_find(q->body, "\"title\"", a->number, sizeof a->number);
	say(a, "{\"href\":\"https://pos/v3/merchants/%s/orders/C%012zu\",\"id\":\"C%012zu\",%s", q->ids[0], kept.n, kept.n, q->body + 1);
	(void)order_keep(a->number, NULL);
}

static void
clover_line(struct said *a, const struct kept *o, size_t i, bool with_modifications)
{
	const struct line *line = &o->lines[i];

	say(a, "%s{\"id\":\"L%09zu%03zu\",\"orderRef\":{\"id\":\"C%012zu\"},\"item\":{\"id\":\"%s\"},\"name\":\"Dish %s\",\"price\":%ld,"
	    "\"printed\":false,\"createdTime\":1771000000000,\"exchanged\":false,\"refunded\":false,\"isRevenue\":true", i == 0 ? "" : ",",
	    (size_t)(o - kept.orders), i, (size_t)(o - kept.orders), line->item, line->item, line->price);
	for (size_t k = 0; with_modifications && k < line->modifications_n; k++)
		say(a, "%s{\"id\":\"M%012zu\",\"modifier\":{\"id\":\"%s\"},\"name\":\"Extra %s\",\"amount\":1000}",
		    k == 0 ? ",\"modifications\":{\"elements\":[" : ",", k, line->modifications[k], line->modifications[k]);
	say(a, with_modifications && line->modifications_n > 0 ? "]}}" : "}");
}

/*
 * Every line names an item, and the whole order comes at once, as the measured ones do. Modifications that stand in a line are
 * dropped, as they are there; the lines come instead of those before, so that who only sends may send the same again and again.
 */
static void
clover_lines(const struct asked *q, struct said *a)
{
	static const char item[] = "{\"item\":{\"id\":\"";
	struct kept *o = clover_find(q, a);
	const char *at = q->body;

	if (o == NULL)
		return;
	if (o->lines == NULL && (o->lines = malloc(LINES_MAX * sizeof *o->lines)) == NULL)
		exit(1);
	for (o->lines_n = 0; o->lines_n < LINES_MAX && (at = strstr(at, item)) != NULL; o->lines_n++) {
		struct line *line = &o->lines[o->lines_n];

		*line = (struct line){ .price = number_find(at, "\"price\":") };
		at += sizeof item - 1;
		(void)snprintf(line->item, sizeof line->item, "%.*s", (int)strcspn(at, "\""), at);
	}
	say(a, "[");
	for (size_t i = 0; i < o->lines_n; i++)
		clover_line(a, o, i, false);
	say(a, "]");
}

static void
clover_modify(const struct asked *q, struct said *a)
{
	struct kept *o = clover_find(q, a);
	size_t len = strlen(q->ids[2]), i = len < 3 ? LINES_MAX : strtoul(q->ids[2] + len - 3, NULL, 10), k = 0;
	char modifier[SHORT_ID];
	struct line *line;

	if (o == NULL)
		return;
	if (i >= o->lines_n) {
		not_found(a);
		return;
	}
	line = &o->lines[i];
	text_find(q->body, "\"id\"", modifier, sizeof modifier);
	while (k < line->modifications_n && strcmp(line->modifications[k], modifier) != 0)
		k++;
	if (k == line->modifications_n && k < MODIFICATIONS_MAX)
		(void)snprintf(line->modifications[line->modifications_n++], SHORT_ID, "%s", modifier);
	(void)snprintf(a->more, sizeof a->more, "%s %s", q->ids[2], modifier);
	say(a, "{\"id\":\"M%012zu\",\"lineItemRef\":{\"id\":\"%s\"},%s", k, q->ids[2], q->body + 1);
}

static void
clover_discount(const struct asked *q, struct said *a)
{
	if (clover_find(q, a) != NULL)
		say(a, "{\"id\":\"D000000000001\",%s", q->body + 1);
}

static void
clover_write(struct said *a, const struct kept *o, bool with_modifications)
{
	size_t at = (size_t)(o - kept.orders);

	say(a, "{\"href\":\"https://pos/v3/merchants/m/orders/C%012zu\",\"id\":\"C%012zu\",\"currency\":\"" CURRENCY "\",\"title\":\"%s\","
	    "\"total\":%ld,%s\"testMode\":false,\"createdTime\":1771000000000,\"lineItems\":{\"elements\":[", at, at, o->number, o->total,
	    o->is_open ? "\"state\":\"open\",\"paymentState\":\"OPEN\"," : "");
	for (size_t i = 0; i < o->lines_n; i++)
		clover_line(a, o, i, with_modifications);
	say(a, "]}}");
}

static void
clover_open(const struct asked *q, struct said *a)
{
	struct kept *o = clover_find(q, a);

	if (o == NULL)
		return;
	o->is_open = true;
	o->total = number_find(q->body, "\"total\":");
	clover_write(a, o, false);
}

static void
clover_read(const struct asked *q, struct said *a)
{
	struct kept *o = clover_find(q, a);
	bool is_check = strstr(q->query, "lineItems.modifications") != NULL;

	if (o == NULL)
		return;
	a->step = is_check ? "check" : "look";
	clover_write(a, o, is_check);
}

static void
clover_print(const struct asked *q, struct said *a)
{
	const struct kept *o;
	char id[ID_MAX];

	text_find(q->body, "\"id\"", id, sizeof id);
	o = order_find(id, CLOVER_DIGITS);
	if (o != NULL)
		(void)snprintf(a->number, sizeof a->number, "%s", o->number);
	say(a, "{\"id\":\"E%s\",\"orderRef\":{\"id\":\"%s\"},\"state\":\"CREATED\",\"createdTime\":1771000000000}", *id != '\0' ? id + 1 : "", id);
}

/* --- who is asked ----------------------------------------------------------------------------- */

static const struct route {
	const char *method, *path; /* a star stands for what is between two slashes */
	const char *step;
	void (*answer)(const struct asked *, struct said *);
	bool is_instant;
} routes[] = {
	{ "POST", "save_order", "save_order", save_order, false },
	{ "POST", "authentication/v1/authentication/login", "login", toast_login, true },
	{ "POST", "orders/v2/prices", "prices", toast_prices, false },
	{ "POST", "orders/v2/orders", "order", toast_orders, false },
	{ "GET", "orders/v2/orders/*", "look", kept_look, false },
	{ "POST", "v2/orders", "order", square_orders, false },
	{ "POST", "v2/payments", "pay", square_payments, false },
	{ "GET", "v2/orders/*", "look", kept_look, false },
	{ "POST", "v3/merchants/*/orders", "draft", clover_draft, false },
	{ "POST", "v3/merchants/*/orders/*/bulk_line_items", "lines", clover_lines, false },
	{ "POST", "v3/merchants/*/orders/*/line_items/*/modifications", "modify", clover_modify, false },
	{ "POST", "v3/merchants/*/orders/*/discounts", "discount", clover_discount, false },
	{ "POST", "v3/merchants/*/orders/*", "open", clover_open, false },
	{ "GET", "v3/merchants/*/orders/*", "check", clover_read, false },
	{ "POST", "v3/merchants/*/print_event", "print", clover_print, false },
};

static bool
path_matches(const char *pattern, const char *path, struct asked *q)
{
	size_t stars = 0;

	while (*pattern != '\0') {
		if (*pattern == '*' && stars < IDS_MAX) {
			size_t n = strcspn(path, "/");

			if (n == 0 || n >= ID_MAX)
				return false;
			memcpy(q->ids[stars], path, n);
			q->ids[stars++][n] = '\0';
			path += n;
			pattern++;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

void
words_answer(struct asked *q, struct said *a)
{
	a->status = 200;
	a->step = "?";
	a->is_instant = false;
	a->number[0] = a->more[0] = a->url[0] = a->json[0] = '\0';
	a->len = 0;
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
		if (strcmp(routes[i].method, q->method) == 0 && path_matches(routes[i].path, q->path, q)) {
			a->step = routes[i].step;
			a->is_instant = routes[i].is_instant;
			routes[i].answer(q, a);
			return;
		}
	not_found(a);
}
