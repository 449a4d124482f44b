/*
 * Clover: giving it an order, step by step or in one call.
 *
 *	sweep?  customer?  draft  lines…  discount…  check  (modify… check)…  open
 *	sweep?  customer?  atomic
 *
 * Until it is opened nobody sees it, so whatever goes wrong is put off. Where a step may have been
 * done without our knowing, and doing it again would do it twice, all begins anew with another
 * draft, and the one before is deleted first: should Clover open an order by itself once it has
 * lines (its reference can be read so), there are still not two. Refused half-way, the draft is
 * deleted and then the refusal told.
 *
 * What is done with it then is pos_clover_follow.c's.
 */
#include <string.h>

#include "pos/pos_clover.h"
#include "text/json_read.h"
#include "text/money.h"

/* How often a draft may be read back and mended beyond what its add-ons need. */
#define ROUNDS_MORE 2

static struct pos_outcome
with_progress(struct arena *a, struct verdict v, const struct clover_progress *p)
{
	struct pos_outcome o = pos_outcome_of(v);

	o.progress = clover_progress_write(a, p);
	return o;
}

static struct pos_outcome
go_on(struct arena *a, struct clover_progress *p, enum clover_step step)
{
	struct pos_outcome o;

	p->step = step;
	o = with_progress(a, clover_done("Clover took this step"), p);
	o.has_next = true;
	return o;
}

/* Nothing has happened that anybody could see: again, from the same place. */
static struct pos_outcome
put_off(struct verdict v)
{
	v = clover_without_effect(v);
	if (v.outcome == OUTCOME_REFUSED)
		v.outcome = OUTCOME_LATER;
	return pos_outcome_of(v);
}

/* ... or from the beginning, without the draft. */
static struct pos_outcome
put_off_anew(struct arena *a, struct verdict v, const struct clover_progress *p)
{
	struct clover_progress fresh = clover_progress_anew(p);
	struct pos_outcome o = put_off(v);

	o.progress = clover_progress_write(a, &fresh);
	return o;
}

/*
 * Refused: the draft goes, and then it is told. A refused token says nothing of the order, nor
 * could it delete: with the next one the draft is gone on with.
 */
static struct pos_outcome
refuse(struct arena *a, struct verdict v, struct clover_progress *p)
{
	if (p->draft == NULL || v.cause == CAUSE_AUTH)
		return pos_outcome_of(v);
	p->cause = v.cause;
	p->why = v.sentence;
	p->again_n = p->fix_n = 0;
	return go_on(a, p, CLOVER_DROP);
}

/* It is there. */
static struct pos_outcome
finish(struct arena *a, const struct clover_progress *p)
{
	struct clover_progress fresh = { .step = CLOVER_FIRST,
		.reference = p->reference,
		.total_minor = -1 };
	struct pos_outcome o = with_progress(a, clover_done("Clover has the order"), &fresh);

	o.pos_order_id = p->draft;
	o.total_minor = p->total_minor;
	return o;
}

/* ---- replies ---- */

static int64_t
read_total(struct json_object *order)
{
	int64_t total;

	return json_as_int64(json_member(order, "total"), &total) && total >= 0 ? total : -1;
}

/* What the guest is to pay by their books, as ours say it: theirs are without the tip. */
static int64_t
total_with_tip(const struct pos_task *task, struct json_object *order)
{
	int64_t total = read_total(order);

	if (total < 0 || task->order == NULL || !money_add(total, task->order->tip_minor, &total))
		return -1;
	return total;
}

static size_t
pieces_n(const struct pos_task *task)
{
	return task->order == NULL ? 0 : (size_t)clover_pieces_n(task->order);
}

static struct pos_outcome
read_lines(struct arena *a, const struct pos_task *task, struct clover_progress *p)
{
	bool was_again = p->again_n > 0;

	p->again_n = 0;
	if (was_again)
		return go_on(a, p, CLOVER_CHECK);
	p->at += CLOVER_BULK_MAX;
	if ((size_t)p->at < pieces_n(task))
		return go_on(a, p, CLOVER_LINES);
	p->at = 0;
	return go_on(a, p,
	    task->order != NULL && clover_discount(task->order, 0) != NULL ? CLOVER_DISCOUNT
									   : CLOVER_CHECK);
}

static struct pos_outcome
read_discount(struct arena *a, const struct pos_task *task, struct clover_progress *p)
{
	p->at++;
	if (task->order != NULL && clover_discount(task->order, (size_t)p->at) != NULL)
		return go_on(a, p, CLOVER_DISCOUNT);
	p->at = 0;
	return go_on(a, p, CLOVER_CHECK);
}

static struct pos_outcome
read_modify(struct arena *a, struct clover_progress *p)
{
	if (p->fix_n > 0)
		memmove(p->fix, p->fix + 1, --p->fix_n * sizeof(p->fix[0]));
	return go_on(a, p, p->fix_n > 0 ? CLOVER_MODIFY : CLOVER_CHECK);
}

/* So often may it be read back: for every round of add-ons, and a few times more. */
static int64_t
rounds_max(struct arena *a, const struct pos_task *task)
{
	size_t n, mods = 0;
	const struct clover_piece *all = clover_pieces(a, task->order, &n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; clover_modification(&all[i], k) != NULL; k++)
			mods++;
	return (int64_t)(mods / CLOVER_FIXES_MAX) + ROUNDS_MORE;
}

static struct pos_outcome
read_check(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    struct json_object *top)
{
	static const struct verdict other = { OUTCOME_LATER, CAUSE_PROVIDER,
		"Clover's draft is not what it was sent: a new one is made", 0 };
	bool is_order = pieces_n(task) <= CLOVER_NESTED_MAX;
	const char *id = clover_id(a, json_member(top, "id"));
	struct json_object *lines =
	    json_member(is_order ? json_member(top, "lineItems") : top, "elements");
	enum clover_match match;

	/* A list that is not there is not an empty one: lines would be sent twice for it. */
	if (task->order == NULL || !json_is_array(lines) ||
	    (is_order && (id == NULL || strcmp(id, p->draft) != 0)))
		return pos_outcome_of((struct verdict){
		    OUTCOME_LATER, CAUSE_GARBLED, "Clover's answer is not the draft", 0 });
	match = clover_compare(a, task, lines, p);
	if (match == CLOVER_SAME)
		return go_on(a, p, CLOVER_OPEN);
	if (match == CLOVER_DIFFERS || ++p->rounds > rounds_max(a, task))
		return put_off_anew(a, other, p);
	return go_on(a, p, match == CLOVER_LACKS_LINES ? CLOVER_LINES : CLOVER_MODIFY);
}

/* The draft's id, or the customer's. */
static struct pos_outcome
read_made(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    struct json_object *top)
{
	const char *id = clover_id(a, json_member(top, "id"));

	if (p->step == CLOVER_CUSTOMER) {
		p->customer = id;
		return go_on(a, p, clover_order_step(task));
	}
	if (id == NULL)
		return pos_outcome_of((struct verdict){
		    OUTCOME_LATER, CAUSE_GARBLED, "Clover's answer names no order", 0 });
	p->draft = id;
	p->at = p->rounds = 0;
	return go_on(a, p, CLOVER_LINES);
}

/* In doubt: the same bytes may go out once more, so progress stays as it is. */
static struct pos_outcome
doubt(struct verdict v)
{
	v.outcome = OUTCOME_UNSURE;
	return pos_outcome_of(v);
}

static struct pos_outcome
garbled(const char *sentence)
{
	return doubt((struct verdict){ OUTCOME_UNSURE, CAUSE_GARBLED, sentence, 0 });
}

/* The order, open: its answer says so itself. */
static struct pos_outcome
read_opened(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    struct json_object *top)
{
	const char *id = clover_id(a, json_member(top, "id"));

	if (id == NULL || (p->step == CLOVER_OPEN && strcmp(id, p->draft) != 0))
		return garbled("Clover's answer is about no order, or another one");
	if (!pos_is_word(top, "state", "open") && !pos_is_word(top, "state", "locked"))
		return garbled("Clover's answer does not say that the order is open");
	p->draft = id;
	p->total_minor = total_with_tip(task, top);
	return finish(a, p);
}

static struct pos_outcome
read_said(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    struct json_object *top)
{
	switch (p->step) {
	case CLOVER_CUSTOMER:
	case CLOVER_DRAFT:
		return read_made(a, task, p, top);
	case CLOVER_LINES:
		return read_lines(a, task, p);
	case CLOVER_DISCOUNT:
		return read_discount(a, task, p);
	case CLOVER_CHECK:
		return read_check(a, task, p, top);
	case CLOVER_MODIFY:
		return read_modify(a, p);
	default:
		return read_opened(a, task, p, top);
	}
}

/* Deleting a draft: once it is gone one goes on, or says why. */
static struct pos_outcome
read_deleted(struct arena *a, struct clover_progress *p, const struct clover_reply *reply)
{
	bool is_gone = reply->kind == CLOVER_SAID || reply->kind == CLOVER_GARBLED ||
		       reply->kind == CLOVER_GONE;
	struct clover_progress fresh;

	if (!is_gone && reply->kind != CLOVER_REFUSED)
		return put_off(reply->verdict);
	if (p->step == CLOVER_DROP) {
		fresh = clover_progress_anew(p);
		fresh.old_n -= is_gone && fresh.old_n > 0;
		return with_progress(a,
		    (struct verdict){ OUTCOME_REFUSED, p->cause,
			p->why == NULL ? "Clover refused the order" : p->why, 0 },
		    &fresh);
	}
	if (!is_gone)
		return pos_outcome_of((struct verdict){ OUTCOME_REFUSED, reply->verdict.cause,
		    arena_printf(a, "An earlier try is at Clover and can not be deleted: %s",
			reply->verdict.sentence),
		    0 });
	memmove(p->old, p->old + 1, --p->old_n * sizeof(p->old[0]));
	return go_on(a, p, p->old_n > 0 ? CLOVER_SWEEP : CLOVER_FIRST);
}

/* Before anybody sees the order. */
static struct pos_outcome
read_hidden(struct arena *a, const struct pos_task *task, struct clover_progress *p,
    const struct clover_reply *reply)
{
	if (reply->kind == CLOVER_LATER)
		return put_off(reply->verdict);
	/* An order is not kept waiting for a record of who ordered it. */
	if (p->step == CLOVER_CUSTOMER && reply->verdict.cause != CAUSE_AUTH)
		return go_on(a, p, clover_order_step(task));
	if (reply->kind == CLOVER_REFUSED || (reply->kind == CLOVER_GONE && p->draft == NULL))
		return refuse(a, reply->verdict, p);
	if (reply->kind == CLOVER_GONE) {
		p->draft = NULL;
		return put_off_anew(a,
		    (struct verdict){ OUTCOME_LATER, CAUSE_PROVIDER,
			"Clover's draft is gone: a new one is made", 0 },
		    p);
	}
	return p->step == CLOVER_CHECK ? put_off(reply->verdict)
				       : put_off_anew(a, reply->verdict, p);
}

/*
 * The one step that shows it. Refused it may be because an earlier one was done, and more since: so
 * nothing is deleted for that.
 */
static struct pos_outcome
read_open(struct arena *a, struct clover_progress *p, const struct clover_reply *reply)
{
	switch (reply->kind) {
	case CLOVER_LATER:
		return put_off(reply->verdict);
	case CLOVER_REFUSED:
		return pos_outcome_of(reply->verdict);
	case CLOVER_GONE:
		p->draft = NULL;
		return put_off_anew(a,
		    (struct verdict){ OUTCOME_LATER, CAUSE_PROVIDER,
			"Clover's draft is gone: a new one is made", 0 },
		    p);
	default:
		return doubt(reply->verdict);
	}
}

struct pos_outcome
clover_create_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct clover_progress p = clover_where(a, task);
	struct clover_reply reply = clover_reply_read(a, r);

	if (p.step == CLOVER_SWEEP || p.step == CLOVER_DROP)
		return read_deleted(a, &p, &reply);
	if (reply.kind == CLOVER_SAID)
		return read_said(a, task, &p, reply.top);
	if (p.step == CLOVER_OPEN)
		return read_open(a, &p, &reply);
	if (p.step == CLOVER_STEP_ATOMIC)
		return pos_outcome_of(reply.verdict);
	return read_hidden(a, task, &p, &reply);
}

struct pos_outcome
clover_create_failure(struct arena *a, const struct pos_task *task, enum call_failure failure)
{
	struct clover_progress p = clover_where(a, task);
	struct verdict v = pos_failure(failure, true);

	if (v.outcome != OUTCOME_UNSURE)
		return pos_outcome_of(v);
	switch (p.step) {
	case CLOVER_OPEN:
	case CLOVER_STEP_ATOMIC:
		return doubt(v);
	case CLOVER_SWEEP:
	case CLOVER_DROP:
	case CLOVER_CHECK:
		return put_off(v);
	case CLOVER_CUSTOMER:
		p.step = clover_order_step(task);
		v.outcome = OUTCOME_LATER;
		return with_progress(a, v, &p);
	default:
		return put_off_anew(a, v, &p);
	}
}

/* ---- quotes ---- */

struct pos_outcome
clover_quote_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct clover_reply reply = clover_reply_read(a, r);
	struct pos_outcome o = pos_outcome_of(clover_without_effect(reply.verdict));

	if (reply.kind != CLOVER_SAID)
		return o;
	o.total_minor = total_with_tip(task, reply.top);
	o.verdict = o.total_minor >= 0 ? clover_done("Clover worked it out")
				       : (struct verdict){ OUTCOME_LATER, CAUSE_GARBLED,
						 "Clover's answer holds no total", 0 };
	return o;
}
