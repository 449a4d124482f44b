/*
 * Clover: what is done with an order that is there. It is printed, so that the kitchen sees it, and
 * marked as paid, so that nobody takes money for it again; in this order, because a cook waits for
 * the one and nobody for the other.
 *
 * Neither may be done twice without need, and neither has a key: where one may have been done, the
 * order is looked at, and only what does not show is done once more. What can not be done does not
 * keep the other from being done, and is said at the end.
 */
#include <string.h>

#include "pos/pos_clover.h"
#include "text/json_read.h"
#include "text/url.h"

/* How often one of them is done again because it does not show. */
#define AGAIN_MAX 1
/* A printer takes a moment. */
#define LOOK_AFTER_S 5

static const struct {
	enum clover_step see;
	const char *undone;
} deeds[CLOVER_STEP__MAX] = {
	[CLOVER_PRINTING] = { CLOVER_SEE_PRINTED, "it could not be printed" },
	[CLOVER_PAY] = { CLOVER_SEE_PAID, "it could not be marked as paid" },
};

/* The deed that a step is about. */
static enum clover_step
deed_of(enum clover_step step)
{
	return step == CLOVER_SEE_PRINTED ? CLOVER_PRINTING
	       : step == CLOVER_SEE_PAID  ? CLOVER_PAY
					  : step;
}

static bool
is_looking(enum clover_step step)
{
	return step == CLOVER_SEE_PRINTED || step == CLOVER_SEE_PAID;
}

/* What comes after that deed; CLOVER_FIRST: what comes first. */
static enum clover_step
step_after(const struct pos_task *task, enum clover_step deed)
{
	if (deed == CLOVER_FIRST && pos_config_is_on(task->config, CLOVER_PRINT))
		return CLOVER_PRINTING;
	if (deed != CLOVER_PAY && task->order != NULL && clover_is_to_be_paid(task))
		return CLOVER_PAY;
	return CLOVER_FOLLOWED;
}

/* Whatever a CREATE has left, it is there. */
static struct clover_progress
where(struct arena *a, const struct pos_task *task)
{
	struct clover_progress p = clover_progress_read(a, task);
	struct clover_progress begun = { .step = step_after(task, CLOVER_FIRST),
		.reference = task->reference,
		.draft = pos_is_blank(task->pos_order_id) ? p.draft : task->pos_order_id,
		.total_minor = -1 };

	if (p.step < CLOVER_PRINTING || p.step > CLOVER_FOLLOWED)
		return begun;
	p.draft = begun.draft;
	return p;
}

bool
clover_follow_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct clover_progress p = where(a, task);
	const char *id;

	if (p.step == CLOVER_FOLLOWED)
		return false;
	if (p.draft == NULL) {
		pos_problem_add(a, problems, "pos_order_id", "is not known");
		return false;
	}
	id = url_encode(a, p.draft);
	if (p.step == CLOVER_PRINTING)
		*ret_call = clover_call(
		    a, task->config, "POST", "print_event", clover_print_body(a, p.draft));
	else if (p.step == CLOVER_PAY)
		*ret_call = clover_call(a, task->config, "POST",
		    arena_printf(a, "orders/%s/payments", id), clover_payment_body(a, task));
	else
		*ret_call = clover_call(a, task->config, "GET",
		    arena_printf(a, "orders/%s?expand=lineItems,payments", id), NULL);
	return true;
}

/* ---- what came of a step ---- */

static struct pos_outcome
outcome_at(struct arena *a, struct verdict v, const struct clover_progress *p)
{
	struct pos_outcome o = pos_outcome_of(v);

	o.progress = clover_progress_write(a, p);
	return o;
}

/* The deed is done with: v says how. At the end what was not done is said again. */
static struct pos_outcome
over(struct arena *a, const struct pos_task *task, struct clover_progress *p, struct verdict v)
{
	struct pos_outcome o;

	p->step = step_after(task, deed_of(p->step));
	p->rounds = 0;
	if (p->step == CLOVER_FOLLOWED && p->why != NULL)
		v = (struct verdict){ OUTCOME_REFUSED, p->cause, p->why, 0 };
	o = outcome_at(a, v, p);
	o.has_next = p->step != CLOVER_FOLLOWED;
	return o;
}

static struct pos_outcome
undone(struct arena *a, const struct pos_task *task, struct clover_progress *p, struct verdict v)
{
	const char *what =
	    arena_printf(a, "%s: %s", deeds[deed_of(p->step)].undone, v.sentence);

	p->why = p->why == NULL ? what : arena_printf(a, "%s; %s", p->why, what);
	p->cause = v.cause;
	v.outcome = OUTCOME_REFUSED;
	return over(a, task, p, v);
}

/* It may have been done. */
static struct pos_outcome
doubt(struct arena *a, struct clover_progress *p, struct verdict v)
{
	p->step = deeds[p->step].see;
	v.outcome = OUTCOME_LATER;
	if (v.retry_after_s < LOOK_AFTER_S)
		v.retry_after_s = LOOK_AFTER_S;
	return outcome_at(a, v, p);
}

static struct pos_outcome
read_done(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    const struct clover_reply *reply)
{
	static const struct verdict jammed = { OUTCOME_REFUSED, CAUSE_PROVIDER,
		"the printer failed", 0 };

	switch (reply->kind) {
	case CLOVER_SAID:
		return p->step == CLOVER_PRINTING &&
			       pos_is_word(reply->top, "state", "failed")
			   ? undone(a, task, p, jammed)
			   : over(a, task, p, clover_done("Clover took this step"));
	case CLOVER_LATER:
		return pos_outcome_of(reply->verdict);
	case CLOVER_REFUSED:
	case CLOVER_GONE:
		return undone(a, task, p, reply->verdict);
	default:
		return doubt(a, p, reply->verdict);
	}
}

/* Does it show? */
static struct pos_outcome
read_seen(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    struct json_object *order)
{
	static const struct verdict unseen = { OUTCOME_REFUSED, CAUSE_PROVIDER,
		"Clover does not show it, though it was asked twice", 0 };
	const char *id = clover_id(a, json_member(order, "id"));
	struct pos_outcome o;

	if (id == NULL || strcmp(id, p->draft) != 0)
		return pos_outcome_of((struct verdict){
		    OUTCOME_LATER, CAUSE_GARBLED, "Clover's answer is about another order", 0 });
	/* Whoever deleted it, or took money for it, needs nothing of this. */
	if (clover_is_deleted(order) ||
	    (p->step == CLOVER_SEE_PRINTED
		    ? clover_is_printed(order)
		    : pos_is_word(order, "paymentState", "PAID") ||
			  clover_is_paid_by_us(order, task->reference)))
		return over(a, task, p, clover_done("Clover shows that it was done"));
	if (p->rounds >= AGAIN_MAX)
		return undone(a, task, p, unseen);
	p->rounds++;
	p->step = deed_of(p->step);
	o = outcome_at(a, clover_done("Clover does not show it: once more"), p);
	o.has_next = true;
	return o;
}

struct pos_outcome
clover_follow_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct clover_progress p = where(a, task);
	struct clover_reply reply = clover_reply_read(a, r);

	if (p.draft == NULL || p.step == CLOVER_FOLLOWED)
		return pos_outcome_of(reply.kind == CLOVER_SAID
					  ? clover_done("Nothing was to be done")
					  : clover_without_effect(reply.verdict));
	if (!is_looking(p.step))
		return read_done(a, task, &p, &reply);
	if (reply.kind == CLOVER_SAID)
		return read_seen(a, task, &p, reply.top);
	if (reply.kind == CLOVER_REFUSED || reply.kind == CLOVER_GONE)
		return undone(a, task, &p, reply.verdict);
	return pos_outcome_of(clover_without_effect(reply.verdict));
}

struct pos_outcome
clover_follow_failure(struct arena *a, const struct pos_task *task, enum call_failure failure)
{
	struct clover_progress p = where(a, task);
	bool has_effect = p.step == CLOVER_PRINTING || p.step == CLOVER_PAY;
	struct verdict v = pos_failure(failure, has_effect);

	return v.outcome == OUTCOME_UNSURE ? doubt(a, &p, v) : pos_outcome_of(v);
}
