/*
 * Clover: what it knows of an order.
 *
 * There is no accepted, no ready: an order there is open, and at some time paid, which a till does
 * when it is handed over (locked, or PAID), unless the payment is the one we made. Orders without a
 * state are hidden: they are not there yet. Lists show an order only after a while, so "absent" by
 * title counts only when it was looked for late (call_limits.lag_ms).
 */
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "pos/contents.h"
#include "pos/pos_clover.h"
#include "text/civil.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/money.h"
#include "text/url.h"

#define US_PER_MS 1000
#define CLOCKS_APART_US (10 * US_PER_MINUTE) /* theirs may be behind ours */
#define BY_EXTERNAL "{\"by\":\"external\"}"
#define GONE "{\"by\":\"gone\"}"

/* ---- an order as it stands there ---- */

static bool
has_state(struct json_object *order)
{
	const char *s;

	return json_as_string(json_member(order, "state"), &s) && *s != '\0';
}

bool
clover_is_deleted(struct json_object *order)
{
	int64_t at;

	return (json_as_int64(json_member(order, "deletedTimestamp"), &at) && at > 0) ||
	       (json_as_int64(json_member(order, "deletedTime"), &at) && at > 0);
}

static struct json_object *
elements(struct json_object *order, const char *list)
{
	return json_member(json_member(order, list), "elements");
}

bool
clover_is_paid(struct json_object *order)
{
	return pos_is_word(order, "state", "locked") ||
	       pos_is_word(order, "paymentState", "PAID");
}

/* Only by the payment that we made: nobody at the till has taken money. */
bool
clover_is_paid_by_us(struct json_object *order, const char *reference)
{
	struct json_object *list = elements(order, "payments");
	size_t n = json_array_n(list);

	for (size_t i = 0; i < n; i++) {
		const char *id;
		if (!json_as_string(
			json_member(json_element(list, i), "externalPaymentId"), &id) ||
		    reference == NULL || *id == '\0' || strncmp(id, reference, 32) != 0)
			return false;
	}
	return n > 0;
}

bool
clover_is_printed(struct json_object *order)
{
	struct json_object *list = elements(order, "lineItems");
	bool printed;

	for (size_t i = 0; i < json_array_n(list); i++)
		if (json_as_bool(json_member(json_element(list, i), "printed"), &printed) &&
		    printed)
			return true;
	return false;
}

static const char *
status_of(const struct pos_task *task, struct json_object *order)
{
	/* What was paid was given back at the till: whoever does that has taken the order back. */
	if (clover_is_deleted(order) ||
	    pos_is_word(order, "paymentState", "REFUNDED"))
		return "cancelled";
	if (clover_is_paid(order) && !clover_is_paid_by_us(order, task->reference))
		return "completed";
	if (pos_config_is_on(task->config, "printed_is_preparing") && clover_is_printed(order))
		return "preparing";
	return "confirmed";
}

/* A line for each piece; one that was given back or swapped is none any more. */
static const char *
contents_of(struct arena *a, struct json_object *order)
{
	struct json_object *lines = json_member(json_member(order, "lineItems"), "elements");
	struct contents c;
	bool is_off, is_swapped;

	contents_init(&c, a);
	for (size_t i = 0; i < json_array_n(lines); i++) {
		struct json_object *line = json_element(lines, i);
		is_off = json_as_bool(json_member(line, "refunded"), &is_off) && is_off;
		is_swapped = json_as_bool(json_member(line, "exchanged"), &is_swapped) &&
			     is_swapped;
		if (!is_off && !is_swapped)
			contents_add(&c, NULL, json_member(line, "name"), NULL, NULL);
	}
	return contents_text(&c);
}

static struct pos_outcome
present(struct arena *a, const struct pos_task *task, struct json_object *order, const char *id)
{
	struct pos_outcome o = pos_outcome_of(clover_done("Clover has the order"));
	int64_t total;

	o.presence = POS_PRESENT;
	o.pos_order_id = id;
	o.status = status_of(task, order);
	o.contents = contents_of(a, order);
	/* Theirs is without the tip. */
	if (json_as_int64(json_member(order, "total"), &total) && total >= 0 &&
	    money_add(total, task->tip_minor, &total))
		o.total_minor = total;
	return o;
}

static struct pos_outcome
absent(const char *sentence)
{
	struct pos_outcome o = pos_outcome_of(clover_done(sentence));

	o.presence = POS_ABSENT;
	return o;
}

static struct pos_outcome
later(const char *sentence)
{
	return pos_outcome_of(
	    (struct verdict){ OUTCOME_LATER, CAUSE_GARBLED, sentence, 0 });
}

/* ---- LOOK ---- */

static bool
is_at(const struct pos_task *task, const char *progress)
{
	return task->progress.len == strlen(progress) &&
	       memcmp(task->progress.data, progress, task->progress.len) == 0;
}

static bool
is_by_external(const struct pos_task *task)
{
	return is_at(task, BY_EXTERNAL);
}

/* Its id says nothing to them: is it they who were asked? */
static bool
is_doubted(const struct pos_task *task)
{
	return !pos_is_blank(task->pos_order_id) && !pos_is_blank(task->reference) &&
	       is_at(task, GONE);
}

/* By title, which is our reference and nothing else; then by the other place where it stands. */
const char *
clover_list_path(struct arena *a, const struct pos_task *task)
{
	const char *field = is_by_external(task) ? "externalReferenceId" : "title";
	const char *filter = url_encode(a, arena_printf(a, "%s=%s", field, task->reference));
	const char *from = "";

	if (task->since != TIME_NONE && task->since > CLOCKS_APART_US)
		from = arena_printf(a, "&filter=createdTime%%3E%%3D%lld",
		    (long long)((task->since - CLOCKS_APART_US) / US_PER_MS));
	return arena_printf(
	    a, "orders?filter=%s%s&expand=lineItems,payments&limit=100", filter, from);
}

bool
clover_look_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	const char *path;

	if (!pos_is_blank(task->pos_order_id) && !is_doubted(task))
		path = arena_printf(a, "orders/%s?expand=lineItems,payments",
		    url_encode(a, task->pos_order_id));
	else if (!pos_is_blank(task->reference))
		path = clover_list_path(a, task);
	else {
		pos_problem_add(a, problems, "pos_reference", "is required");
		return false;
	}
	*ret_call = clover_call(a, task->config, "GET", path, NULL);
	return true;
}

static struct pos_outcome
read_one(struct arena *a, const struct pos_task *task, struct json_object *order)
{
	const char *id = clover_id(a, json_member(order, "id"));

	if (id == NULL || strcmp(id, task->pos_order_id) != 0)
		return later("Clover's answer is about another order");
	if (!has_state(order) && !clover_is_deleted(order))
		return absent("Clover has a draft of the order that is not open");
	return present(a, task, order, id);
}

static bool
bears(struct json_object *order, const char *key, const char *reference)
{
	const char *s;

	return json_as_string(json_member(order, key), &s) && strcmp(s, reference) == 0;
}

static struct pos_outcome
next_look(const char *sentence, const char *progress)
{
	struct pos_outcome o = pos_outcome_of(clover_done(sentence));

	o.has_next = true;
	o.progress = (struct bytes){ progress, strlen(progress) };
	return o;
}

/* Of several, the first is the order, and the next one is one too many. */
static struct pos_outcome
read_list(struct arena *a, const struct pos_task *task, struct json_object *list)
{
	struct json_object *first = NULL, *second = NULL;
	int64_t first_at = 0, at;
	struct pos_outcome o;

	for (size_t i = 0; i < json_array_n(list); i++) {
		struct json_object *order = json_element(list, i);
		if (!has_state(order) || clover_is_deleted(order) ||
		    clover_id(a, json_member(order, "id")) == NULL ||
		    (!bears(order, "title", task->reference) &&
			!bears(order, "externalReferenceId", task->reference)))
			continue;
		if (!json_as_int64(json_member(order, "createdTime"), &at))
			at = 0;
		if (first == NULL || at < first_at) {
			second = first;
			first = order;
			first_at = at;
		} else
			second = order;
	}
	if (first != NULL) {
		o = present(a, task, first, clover_id(a, json_member(first, "id")));
		o.other_id = clover_id(a, json_member(second, "id"));
		return o;
	}
	if (is_by_external(task))
		return absent("Clover has no order of that name");
	return next_look("Clover has no order of that title", BY_EXTERNAL);
}

/*
 * A merchant's list is answered, so it is they, and the order is not there any more: it was there,
 * or we would not know its id. An address or a merchant that is wrong answers no list: that
 * cancels nothing.
 */
static struct pos_outcome
read_doubted(struct arena *a, const struct pos_task *task, struct json_object *list)
{
	struct pos_outcome o;

	for (size_t i = 0; i < json_array_n(list); i++) {
		const char *id = clover_id(a, json_member(json_element(list, i), "id"));
		if (id != NULL && strcmp(id, task->pos_order_id) == 0)
			return read_one(a, task, json_element(list, i));
	}
	o = pos_outcome_of(clover_done("The order was deleted at Clover"));
	o.presence = POS_PRESENT;
	o.pos_order_id = task->pos_order_id;
	o.status = "cancelled";
	return o;
}

struct pos_outcome
clover_look_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct clover_reply reply = clover_reply_read(a, r);
	bool by_id = !pos_is_blank(task->pos_order_id);
	struct json_object *list = json_member(reply.top, "elements");

	if (reply.kind == CLOVER_GONE && by_id && !is_doubted(task) &&
	    !pos_is_blank(task->reference))
		return next_look("Clover does not know the order", GONE);
	if (reply.kind != CLOVER_SAID)
		return pos_outcome_of(clover_without_effect(reply.verdict));
	if (by_id && !is_doubted(task))
		return read_one(a, task, reply.top);
	if (task->reference == NULL || !json_is_array(list))
		return later("Clover's answer is not a list of orders");
	return by_id ? read_doubted(a, task, list) : read_list(a, task, list);
}
