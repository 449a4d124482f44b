/*
 * Toast: what it knows of an order, and taking one back.
 *
 * Looking: by GUID where it is known; else through all that was modified since the order can have
 * come there (ordersBulk), page after page, for its external id. Progress of that:
 * {"from":...,"to":...,"page":"2"}.
 *
 * Taking back: the order is voided, with its payments. Whatever Toast answers but a plain yes, the
 * order is read once more to see how it stands: one that is voided already is what we wanted, and
 * one that lives is a refusal. Progress: {"step":"check","why":...}.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_toast.h"
#include "text/civil.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/url.h"
#include "text/utf8.h"

#define PAGE_SIZE 100
#define PAGES_MAX 200
#define BEFORE_US (2 * US_PER_MINUTE) /* their clock may be behind */
#define AFTER_US (5 * US_PER_MINUTE)
#define STEP_CHECK "check"
#define WHY_MAX 300

/* ---- looking ---- */

static bool
get_order(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	const char *guid = toast_guid(a, task->pos_order_id), *url;

	if (guid == NULL) {
		pos_problem_add(a, problems, "pos_order_id", "must be a GUID of Toast's");
		return false;
	}
	url = toast_url(
	    a, task->config, arena_printf(a, "/orders/v2/orders/%s", guid), problems);
	if (url == NULL)
		return false;
	*ret_call = toast_call(a, task->config, url, NULL, 0);
	return true;
}

/* When it can have come there; a day back where that is not known. */
static const char *
window_start(struct arena *a, const struct pos_task *task)
{
	const char *from = toast_progress(a, task, "from");
	char *text = arena_alloc(a, TOAST_TIME_LEN);

	if (*from != '\0')
		return from;
	toast_time(
	    task->since != TIME_NONE ? task->since - BEFORE_US : task->now - US_PER_DAY, text);
	return text;
}

static const char *
window_end(struct arena *a, const struct pos_task *task)
{
	const char *to = toast_progress(a, task, "to");
	char *text = arena_alloc(a, TOAST_TIME_LEN);

	if (*to != '\0')
		return to;
	toast_time(task->now + AFTER_US, text);
	return text;
}

static int
page_of(struct arena *a, const struct pos_task *task)
{
	const char *page = toast_progress(a, task, "page");
	long n = strlen(page) <= 4 ? strtol(page, NULL, 10) : 0;

	return n < 1 || n > PAGES_MAX ? 1 : (int)n;
}

bool
toast_look_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	const char *url;

	if (task->pos_order_id != NULL)
		return get_order(a, task, ret_call, problems);
	if (task->reference == NULL) {
		pos_problem_add(a, problems, "pos_reference", "is required");
		return false;
	}
	url = toast_url(a, task->config,
	    arena_printf(a,
		"/orders/v2/ordersBulk?startDate=%s&endDate=%s&page=%d&pageSize=%d",
		url_encode(a, window_start(a, task)), url_encode(a, window_end(a, task)),
		page_of(a, task), PAGE_SIZE),
	    problems);
	if (url == NULL)
		return false;
	*ret_call = toast_call(a, task->config, url, NULL, 0);
	return true;
}

static void
tell(struct arena *a, const struct pos_task *task, struct json_object *order,
    struct pos_outcome *o)
{
	const char *code;

	toast_read_order(a, task->config, order, o);
	toast_add_tip(task, order, o);
	o->presence = POS_PRESENT;
	o->status = toast_order_status(order, &code);
	o->verdict.sentence = arena_printf(a, "Toast has it: %s", code);
}

/* Toast's own 404, not that of something before it, and not about the restaurant. */
static bool
is_unknown_order(struct arena *a, const struct http_reply *r)
{
	struct json_object *top = NULL;
	const char *why, *message = "";
	int64_t status;

	if (r->status != 404 ||
	    json_read(a, r->body.data, r->body.len, &json_limits_default, &top, &why) != OK ||
	    !json_lax_int64(json_member(top, "status"), &status) || status != 404)
		return false;
	json_lax_string(json_member(top, "message"), &message);
	return strstr(message, "estaurant") == NULL && strstr(message, "ocation") == NULL;
}

static struct pos_outcome
read_one(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct json_object *top = NULL, *order;
	struct pos_outcome o;
	const char *guid;

	if (is_unknown_order(a, r)) {
		o = pos_outcome_of(toast_verdict_of(
		    OUTCOME_DONE, CAUSE_NONE, "Toast does not know the order"));
		o.presence = POS_ABSENT;
		return o;
	}
	o = pos_outcome_of(toast_verdict(a, task, r, false, &top));
	if (o.verdict.outcome != OUTCOME_DONE)
		return o;
	order = toast_reply_order(top);
	if (!json_as_string(json_member(order, "guid"), &guid) || task->pos_order_id == NULL ||
	    strcasecmp(guid, task->pos_order_id) != 0)
		return pos_outcome_of(toast_verdict_of(OUTCOME_LATER, CAUSE_GARBLED,
		    "Toast's answer is not about the order"));
	tell(a, task, order, &o);
	return o;
}

static bool
is_ours(struct json_object *order, const char *external_id)
{
	const char *theirs;

	return json_as_string(json_member(order, "externalId"), &theirs) &&
	       strcmp(theirs, external_id) == 0;
}

/* The one of the page that is ours: a living one before one that is gone. */
static struct json_object *
find(struct arena *a, const struct pos_task *task, struct json_object *list, const char **ret_other)
{
	const char *external_id = toast_external_id(a, task->config, task->reference), *guid;
	struct json_object *found = NULL;

	for (size_t i = 0; i < json_array_n(list); i++) {
		struct json_object *order = json_element(list, i);
		if (!is_ours(order, external_id) ||
		    !json_as_string(json_member(order, "guid"), &guid) ||
		    toast_guid(a, guid) == NULL)
			continue;
		if (found == NULL || toast_order_is_gone(found))
			found = order;
		else if (!toast_order_is_gone(order))
			*ret_other = toast_guid(a, guid);
	}
	return found;
}

static struct pos_outcome
next_page(struct arena *a, const struct pos_task *task, struct pos_outcome o)
{
	struct json_write w;
	struct buf b;

	if (page_of(a, task) >= PAGES_MAX)
		return pos_outcome_of(toast_verdict_of(
		    OUTCOME_LATER, CAUSE_PROVIDER, "Toast has too many orders to look through"));
	buf_init(&b, a, POS_PROGRESS_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "from", window_start(a, task));
	json_write_string(&w, "to", window_end(a, task));
	json_write_string(&w, "page", arena_printf(a, "%d", page_of(a, task) + 1));
	json_write_object_end(&w);
	json_write_done(&w);
	o.progress = (struct bytes){ b.data, b.len };
	o.has_next = true;
	return o;
}

static struct pos_outcome
read_bulk(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct json_object *top = NULL, *found;
	struct pos_outcome o = pos_outcome_of(toast_verdict(a, task, r, false, &top));
	const char *other = NULL;

	if (o.verdict.outcome != OUTCOME_DONE)
		return o;
	if (!json_is_array(top) || task->reference == NULL)
		return pos_outcome_of(toast_verdict_of(
		    OUTCOME_LATER, CAUSE_GARBLED, "Toast's answer is not a list of orders"));
	found = find(a, task, top, &other);
	if (found == NULL && json_array_n(top) >= PAGE_SIZE)
		return next_page(a, task, o);
	if (found == NULL) {
		o.presence = POS_ABSENT;
		o.verdict.sentence = "Toast has no order of this name";
		return o;
	}
	tell(a, task, found, &o);
	o.other_id = other;
	return o;
}

struct pos_outcome
toast_look_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	return task->pos_order_id != NULL ? read_one(a, task, r) : read_bulk(a, task, r);
}

/* ---- taking back ---- */

bool
toast_is_checking(struct arena *a, const struct pos_task *task)
{
	return strcmp(toast_progress(a, task, "step"), STEP_CHECK) == 0;
}

bool
toast_cancel_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	static const char body[] =
	    "{\"selections\":{\"voidAll\":true},\"payments\":{\"voidAll\":true}}";
	struct http_call call;

	if (!get_order(a, task, &call, problems))
		return false;
	*ret_call = toast_is_checking(a, task)
			? call
			: toast_call(a, task->config, arena_printf(a, "%s/void", call.url), body,
			      sizeof(body) - 1);
	return true;
}

/* The order is to be read again, and why, should it live. */
static struct pos_outcome
check_next(struct arena *a, const char *why)
{
	struct pos_outcome o = pos_outcome_of(
	    toast_verdict_of(OUTCOME_DONE, CAUSE_NONE, "Toast is asked how the order stands"));
	struct json_write w;
	struct buf b;

	buf_init(&b, a, POS_PROGRESS_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "step", STEP_CHECK);
	json_write_string(&w, "why", toast_text(a, why, WHY_MAX));
	json_write_object_end(&w);
	json_write_done(&w);
	o.progress = (struct bytes){ b.data, b.len };
	o.has_next = true;
	return o;
}

static struct pos_outcome
read_void(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct json_object *top = NULL;
	struct verdict v = toast_verdict(a, task, r, true, &top);
	struct pos_outcome o = pos_outcome_of(v);

	if (v.outcome == OUTCOME_DONE && toast_order_is_gone(toast_reply_order(top))) {
		o.verdict.sentence = "Toast voided it";
		return o;
	}
	if (v.outcome == OUTCOME_DONE)
		return check_next(a, "Toast did not void it");
	if (r->status == 400 || r->status == 404 || r->status == 409 || r->status == 422)
		return check_next(a, v.sentence);
	return o;
}

static bool
is_over(const char *status)
{
	return status != NULL &&
	       (strcmp(status, "cancelled") == 0 || strcmp(status, "rejected") == 0);
}

static struct pos_outcome
read_check(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct pos_outcome o = read_one(a, task, r), ret = o;
	const char *why = toast_progress(a, task, "why");

	ret.presence = POS_NO_ANSWER;
	ret.status = NULL;
	if (o.verdict.outcome != OUTCOME_DONE)
		return ret;
	if (o.presence != POS_PRESENT || is_over(o.status)) {
		ret.verdict.sentence = "Toast has it no more";
		return ret;
	}
	ret.verdict = toast_verdict_of(OUTCOME_REFUSED, CAUSE_PROVIDER,
	    arena_printf(a, "%s; the order lives there still, void it at the till",
		*why == '\0' ? "Toast did not void it" : why));
	ret.progress = (struct bytes){ "{}", 2 }; /* who tries again begins with the voiding */
	return ret;
}

struct pos_outcome
toast_cancel_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	return toast_is_checking(a, task) ? read_check(a, task, r) : read_void(a, task, r);
}
