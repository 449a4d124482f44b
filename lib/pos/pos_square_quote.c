/* Square: what would an order come to? POST /v2/orders/calculate keeps nothing. */
#include "mem/buf.h"
#include "pos/pos_square.h"
#include "text/json_read.h"
#include "text/json_write.h"

#define BODY_MAX (2u << 20)

/* The tip as a charge, so that it is in the sum. */
bool
square_quote_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct json_write w;
	struct buf b;
	size_t before = problems->n;

	square_check_order(a, task->order, task->config, problems);
	if (problems->n > before)
		return false;
	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	square_write_order(a, &w, task, true);
	json_write_object_end(&w);
	json_write_done(&w);
	if (b.overflowed) {
		pos_problem_add(a, problems, "items", "are too many to send");
		return false;
	}
	*ret_call = square_call(a, task->config, "POST",
	    square_url(a, task->config, "/v2/orders/calculate"),
	    (struct bytes){ b.data, b.len });
	return true;
}

struct pos_outcome
square_quote_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	struct json_object *order = json_member(s.top, "order");
	struct pos_outcome o;
	int64_t minor;

	if (!s.is_good ||
	    !square_money(
		json_member(order, "total_money"), task->config->core.currency, &minor) ||
	    minor < 0)
		return pos_outcome_of(square_verdict(a, task, r, &s, false));
	o = pos_outcome_of(
	    (struct verdict){ OUTCOME_DONE, CAUSE_NONE, "Square has worked it out", 0 });
	o.total_minor = minor;
	return o;
}
