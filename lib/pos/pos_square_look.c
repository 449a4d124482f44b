/*
 * Square: what does it know of an order? By its id; else among the orders made since it can have
 * come there, whose references are compared here: there is no filter by reference. What is found so
 * is then read by its id.
 */
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_square.h"
#include "text/civil.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/url.h"

#define BODY_MAX (16u << 10)
#define PAGE_N 100
/* Its clock and ours may differ by so much. */
#define SKEW_US (5 * US_PER_MINUTE)

struct http_call
square_get_order_call(struct arena *a, const struct pos_config *config, const char *order_id)
{
	const char *path = arena_printf(a, "/v2/orders/%s", url_encode(a, order_id));

	return square_call(
	    a, config, "GET", square_url(a, config, path), (struct bytes){ NULL, 0 });
}

struct http_call
square_search_call(
    struct arena *a, const struct pos_task *task, int64_t since, const char *cursor)
{
	static const char *const states[] = { "OPEN", "COMPLETED", "CANCELED" };
	struct json_write w;
	struct buf b;

	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_array(&w, "location_ids");
	json_write_string(&w, NULL,
	    pos_text(a, pos_config_text(task->config, SQ_LOCATION), SQUARE_ID_MAX));
	json_write_array_end(&w);
	json_write_object(&w, "query");
	json_write_object(&w, "filter");
	json_write_object(&w, "state_filter");
	json_write_array(&w, "states");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		json_write_string(&w, NULL, states[i]);
	json_write_array_end(&w);
	json_write_object_end(&w);
	json_write_object(&w, "date_time_filter");
	json_write_object(&w, "created_at");
	json_write_time(&w, "start_at", since);
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_object(&w, "sort");
	json_write_string(&w, "sort_field", "CREATED_AT");
	json_write_string(&w, "sort_order", "ASC");
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_int64(&w, "limit", PAGE_N);
	if (cursor != NULL)
		json_write_string(&w, "cursor", cursor);
	json_write_object_end(&w);
	json_write_done(&w);
	return square_call(a, task->config, "POST",
	    square_url(a, task->config, "/v2/orders/search"), (struct bytes){ b.data, b.len });
}

/* By which id it is read; NULL: it is to be found first. */
static const char *
id_of(const struct pos_task *task, const struct square_progress *p)
{
	if (task->pos_order_id != NULL)
		return task->pos_order_id;
	return square_is_step(p, "order") ? p->order : NULL;
}

bool
square_look_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct square_progress p = square_progress_read(a, task->progress);
	const char *id = id_of(task, &p);
	int64_t since = task->since == TIME_NONE ? task->now - US_PER_DAY : task->since - SKEW_US;

	if (id != NULL) {
		*ret_call = square_get_order_call(a, task->config, id);
		return true;
	}
	if (task->reference == NULL) {
		pos_problem_add(a, problems, "pos_reference", "is required");
		return false;
	}
	*ret_call = square_search_call(a, task, since, p.cursor);
	return true;
}

static struct pos_outcome
found(enum pos_presence presence, const char *sentence)
{
	struct pos_outcome o =
	    pos_outcome_of((struct verdict){ OUTCOME_DONE, CAUSE_NONE, sentence, 0 });

	o.presence = presence;
	return o;
}

static struct pos_outcome
read_order(struct arena *a, const struct pos_task *task, const struct square_progress *p,
    const char *id, const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	struct square_order order;
	struct pos_outcome o;

	if (!s.is_good ||
	    !square_order_read(a, task->config, json_member(s.top, "order"), &order) ||
	    strcmp(order.id, id) != 0)
		return pos_outcome_of(square_verdict(a, task, r, &s, false));
	if (!square_order_is_seen(&order, task->config))
		return found(POS_NO_ANSWER, "Square has the order, but no kitchen sees it yet");
	o = found(POS_PRESENT, "Square has the order");
	o.pos_order_id = order.id;
	o.status = square_order_status(&order);
	o.estimated_ready_time = order.ready_at;
	o.total_minor = order.total_minor;
	o.contents = square_order_contents(a, &order);
	if (p->other != NULL && strcmp(p->other, id) != 0)
		o.other_id = p->other;
	return o;
}

/* One that is not cancelled before one that is; two of the former are two tickets. */
static void
take(struct square_progress *p, bool *is_live, const struct square_order *o)
{
	bool is_cancelled = square_order_is(o, "CANCELED");

	if (p->order == NULL || (!*is_live && !is_cancelled)) {
		p->order = o->id;
		*is_live = !is_cancelled;
	} else if (!is_cancelled && p->other == NULL && strcmp(p->order, o->id) != 0) {
		p->other = o->id;
	}
}

static struct pos_outcome
read_search(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, true);
	struct json_object *list = json_member(s.top, "orders");
	struct square_order order;
	/* Of an earlier page it is known by the step alone. */
	bool is_live = p.order != NULL && square_is_step(&p, "search");
	struct pos_outcome o;
	const char *cursor = NULL;

	if (!s.is_good || (list != NULL && !json_is_array(list)))
		return pos_outcome_of(square_verdict(a, task, r, &s, false));
	for (size_t i = 0; i < json_array_n(list); i++)
		if (square_order_read(a, task->config, json_element(list, i), &order) &&
		    order.reference != NULL && task->reference != NULL &&
		    strcmp(order.reference, task->reference) == 0 &&
		    (square_order_is(&order, "CANCELED") ||
			square_order_is_seen(&order, task->config) || p.order == NULL))
			take(&p, &is_live, &order);
	json_as_string(json_member(s.top, "cursor"), &cursor);
	if (cursor != NULL && strlen(cursor) > SQUARE_CURSOR_MAX)
		return pos_outcome_of(square_garbled(false, "Square's cursor is too long"));
	if (cursor == NULL || *cursor == '\0') {
		if (p.order == NULL)
			return task->since == TIME_NONE
				   ? found(POS_NO_ANSWER, "Square has no such order of today")
				   : found(POS_ABSENT, "Square has no such order");
		p.cursor = NULL;
		p.step = "order";
	} else {
		p.cursor = cursor;
		p.step = p.order == NULL || is_live ? "search" : "search_on";
	}
	o = found(POS_NO_ANSWER, "Square's orders are being gone through");
	o.has_next = true;
	o.progress = square_progress_write(a, &p);
	return o;
}

struct pos_outcome
square_look_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct square_progress p = square_progress_read(a, task->progress);
	const char *id = id_of(task, &p);

	return id != NULL ? read_order(a, task, &p, id, r) : read_search(a, task, p, r);
}
