/*
 * Clover: taking an order back, or what is left of one that was given up.
 *
 *	read  (doubted)  delete
 *
 * A paid order can not be deleted, and a payment by an external tender, such as ours, can not be
 * refunded from outside (405, as integrators saw): that is for the till. That an order is not known
 * says that it was deleted only if it is the merchant's own list that does not show it: an address
 * or a merchant that is wrong knows no order either.
 */
#include <string.h>

#include "pos/pos_clover.h"
#include "text/json_read.h"
#include "text/url.h"

/* Where one is; without an id what was begun is taken off, one draft after the other. */
static struct clover_progress
where(struct arena *a, const struct pos_task *task)
{
	struct clover_progress p = clover_progress_read(a, task);

	if (!pos_is_blank(task->pos_order_id))
		p.draft = task->pos_order_id;
	else if (p.draft == NULL && p.old_n > 0) {
		p.draft = p.old[0];
		memmove(p.old, p.old + 1, --p.old_n * sizeof(p.old[0]));
	}
	if (p.step < CLOVER_VOID_READ)
		p.step = CLOVER_VOID_READ;
	p.again_n = p.fix_n = 0;
	p.why = NULL;
	return p;
}

bool
clover_cancel_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct clover_progress p = where(a, task);
	const char *path;

	if (p.draft == NULL) {
		pos_problem_add(a, problems, "pos_order_id", "is required");
		return false;
	}
	path = arena_printf(a, "orders/%s", url_encode(a, p.draft));
	if (p.step == CLOVER_VOID)
		*ret_call = clover_call(a, task->config, "DELETE", path, NULL);
	else if (p.step == CLOVER_VOID_DOUBTED)
		*ret_call =
		    clover_call(a, task->config, "GET", clover_list_path(a, task), NULL);
	else
		*ret_call = clover_call(a, task->config, "GET",
		    arena_printf(a, "%s?expand=payments", path), NULL);
	return true;
}

static struct pos_outcome
go_on(struct arena *a, struct clover_progress *p, enum clover_step step, const char *sentence)
{
	struct pos_outcome o = pos_outcome_of(clover_done(sentence));

	p->step = step;
	o.has_next = true;
	o.progress = clover_progress_write(a, p);
	return o;
}

/* It is gone; another draft may be left. */
static struct pos_outcome
cancelled(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    const char *sentence)
{
	struct clover_progress fresh = { .step = CLOVER_FIRST,
		.reference = task->reference,
		.total_minor = -1 };
	struct pos_outcome o = pos_outcome_of(clover_done(sentence));

	p->draft = NULL;
	if (pos_is_blank(task->pos_order_id) && p->old_n > 0)
		return go_on(a, p, CLOVER_SWEEP, sentence);
	o.progress = clover_progress_write(a, &fresh);
	return o;
}

static struct pos_outcome
later(const char *sentence)
{
	return pos_outcome_of(
	    (struct verdict){ OUTCOME_LATER, CAUSE_GARBLED, sentence, 0 });
}

static struct pos_outcome
read_order(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    struct json_object *order)
{
	const char *id = clover_id(a, json_member(order, "id"));

	if (id == NULL || strcmp(id, p->draft) != 0)
		return later("Clover's answer is about no order, or another one");
	if (clover_is_deleted(order))
		return cancelled(a, task, p, "The order was deleted at Clover before");
	if (clover_is_paid(order) ||
	    pos_is_word(order, "paymentState", "PARTIALLY_PAID") ||
	    json_array_n(json_member(json_member(order, "payments"), "elements")) > 0)
		return pos_outcome_of((struct verdict){ OUTCOME_REFUSED, CAUSE_PROVIDER,
		    clover_is_paid_by_us(order, task->reference)
			? "The order is marked as paid at Clover: it has to be refunded at the till"
			: "The order is paid at Clover: it has to be refunded at the till",
		    0 });
	return go_on(a, p, CLOVER_VOID, "Clover has the order, and it is not paid");
}

/* The merchant's list, asked because the order is not known by its id. */
static struct pos_outcome
read_list(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    struct json_object *list)
{
	if (!json_is_array(list))
		return later("Clover's answer is not a list of orders");
	for (size_t i = 0; i < json_array_n(list); i++) {
		const char *id = clover_id(a, json_member(json_element(list, i), "id"));
		if (id != NULL && strcmp(id, p->draft) == 0)
			return read_order(a, task, p, json_element(list, i));
	}
	return cancelled(a, task, p, "Clover has no such order any more");
}

/* Deleting it. What it says to that is written nowhere; that it did it, the status says. */
static struct pos_outcome
read_deleted(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    const struct clover_reply *reply)
{
	switch (reply->kind) {
	case CLOVER_SAID:
	case CLOVER_GARBLED:
		return cancelled(a, task, p, "Clover deleted the order");
	case CLOVER_GONE: /* they have just shown it */
		return cancelled(a, task, p, "Clover has no such order any more");
	default:
		return pos_outcome_of(reply->verdict);
	}
}

struct pos_outcome
clover_cancel_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct clover_progress p = where(a, task);
	struct clover_reply reply = clover_reply_read(a, r);

	if (p.draft == NULL)
		return pos_outcome_of(reply.kind == CLOVER_SAID
					  ? clover_done("Nothing was to be cancelled")
					  : clover_without_effect(reply.verdict));
	if (p.step == CLOVER_VOID)
		return read_deleted(a, task, &p, &reply);
	if (reply.kind == CLOVER_GONE && p.step == CLOVER_VOID_READ &&
	    !pos_is_blank(task->reference))
		return go_on(a, &p, CLOVER_VOID_DOUBTED, "Clover does not know the order");
	if (reply.kind != CLOVER_SAID)
		return pos_outcome_of(clover_without_effect(reply.verdict));
	return p.step == CLOVER_VOID_DOUBTED
		   ? read_list(a, task, &p, json_member(reply.top, "elements"))
		   : read_order(a, task, &p, reply.top);
}

struct pos_outcome
clover_cancel_failure(struct arena *a, const struct pos_task *task, enum call_failure failure)
{
	return pos_outcome_of(pos_failure(failure, where(a, task).step == CLOVER_VOID));
}
