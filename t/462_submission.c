/*
 * submission, move, settle: every way an order can go on its three axes, and what each move leaves behind.
 *
 * A way is written as a word, one letter per deed:
 *	b an attempt begins   d done   r refused   l later   L later, the last time   u unsure   x its sender was lost
 *	n a step is done, another follows   g that one begins   a a look shows that it is not there   A likewise, and no attempt is left
 *	q not confirmed in time   Q likewise, and it is to end
 *	p the POS shows that it has it   K the POS cancels   k the POS rejects   v voided   V void refused
 *	D the doubt has lasted too long   U unproved for too long   s compensation is due   S that of an earlier submission is
 *	c the guest cancels   C staff cancel   j staff reject   t staff retry   h by hand   H likewise, and confirmed
 *	1 2 3 4 9 staff confirm, prepare, ready, depart, complete   $ cash is there
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "op/op.h"
#include "order/forward.h"
#include "order/settle.h"
#include "shop.h"
#include "tap.h"

#define SECOND_US INT64_C(1000000)

static struct submission_terms terms = {
	.destination = "petpooja:9", .can_cancel = true, .needs_proof_us = 600 * SECOND_US, .settle_us = 30 * SECOND_US,
};

struct deed {
	int64_t restaurant_id, order_id;
	char letter;
	const char *pos_order_id;
	bool said; /* go, again, ended, did, moved */
};

static enum err
cancel(struct op *op, struct order_axes *x, enum status_event event, unsigned who, struct deed *d)
{
	return submission_cancel(op, x, &terms, event, who, "changed my mind", &d->said);
}

static enum err
forward(struct op *op, struct order_axes *x, enum status_event event, struct deed *d)
{
	return order_status_move(op, x, event, WHO_STAFF, NULL, &d->said);
}

/* A step is done, and what follows begins where it ended. */
static enum err
stepped(struct op *op, struct order_axes *x, struct deed *d)
{
	static const char progress[] = "{\"at\":1}";
	enum err e = submission_stepped(op, x, NULL, "half done", &d->said);

	submission_progress(op, x, (struct bytes){ progress, sizeof progress - 1 });
	return e;
}

static enum err
act(struct op *op, struct order_axes *x, struct deed *d)
{
	static const char request[] = "{}";

	switch (d->letter) {
	case 'b': return submission_begin(op, x, &terms, arena_printf(op->arena, "%s-%lld", x->order_number,
	    (long long)x->submission_no), (struct bytes){ request, 2 }, &d->said);
	case 'd': return submission_done(op, x, &terms, d->pos_order_id, TIME_NONE, "taken");
	case 'r': return submission_refused(op, x, &terms, "wrong item");
	case 'l': return submission_later(op, x, &terms, false, "busy", &d->said);
	case 'L': return submission_later(op, x, &terms, true, "busy", &d->said);
	case 'u': return submission_unsure(op, x, &terms, false, "no answer");
	case 'x': return submission_unsure(op, x, &terms, true, "relay died");
	case 'n': return stepped(op, x, d);
	case 'g': submission_go_on(op, x, &terms, (struct bytes){ request, 2 }, &d->said); return OK;
	case 'a': return submission_absent(op, x, &terms, false, "not there");
	case 'A': return submission_absent(op, x, &terms, true, "not there");
	case 'p': return submission_present(op, x, &terms, d->pos_order_id, "seen");
	case 'K': return submission_pos_cancelled(op, x, STATUS_EVENT_cancel, "kitchen closed");
	case 'k': return submission_pos_cancelled(op, x, STATUS_EVENT_reject, "kitchen closed");
	case 'q': return submission_unaccepted(op, x, &terms, false);
	case 'Q': return submission_unaccepted(op, x, &terms, true);
	case 'v': return submission_voided(op, x, "gone");
	case 'V': return submission_void_refused(op, x, "too late");
	case 'D': return submission_doubt_over(op, x, "no answer");
	case 'U': return submission_unproved(op, x);
	case 's': return submission_compensate(op, x, x->submission_no);
	case 'S': return submission_compensate(op, x, x->submission_no - 1);
	case 'c': return cancel(op, x, STATUS_EVENT_cancel, WHO_GUEST, d);
	case 'C': return cancel(op, x, STATUS_EVENT_cancel, WHO_STAFF, d);
	case 'j': return cancel(op, x, STATUS_EVENT_reject, WHO_STAFF, d);
	case 't': return submission_retry(op, x, &terms, &d->said);
	case 'h': return submission_by_hand(op, x, "typed in");
	case 'H': return order_by_hand(op, x, &terms, "typed in");
	case 'w': return submission_undecided(op, x);
	case 'z': x->settled_at = op->now_us; return OK;
	case 'T': return submission_decide(op, x, &terms, SEEN_THERE, "on the screen");
	case 'R': return submission_decide(op, x, &terms, SEEN_REMOVED, "taken off");
	case 'N': return submission_decide(op, x, &terms, SEEN_NOT_THERE, "not on the screen");
	case '1': return forward(op, x, STATUS_EVENT_confirm, d);
	case '2': return forward(op, x, STATUS_EVENT_prepare, d);
	case '3': return forward(op, x, STATUS_EVENT_ready, d);
	case '4': return forward(op, x, STATUS_EVENT_depart, d);
	case '9': return forward(op, x, STATUS_EVENT_complete, d);
	case '$': return order_settle_cash(op, x);
	default: abort();
	}
}

static enum err
deed_body(struct op *op, void *arg)
{
	struct deed *d = arg;
	struct order_axes x;
	enum err e = order_lock(op, d->restaurant_id, d->order_id, &x);

	d->said = false;
	if (e == OK)
		e = act(op, &x, d);
	return e != OK ? e : order_save(op, &x);
}

/* Goes a way; the answer of the last deed. */
static enum err
go(const struct shop *s, int64_t order_id, const char *way, const char *pos_order_id, bool *ret_said)
{
	struct deed d = { .restaurant_id = s->restaurant.id, .order_id = order_id, .pos_order_id = pos_order_id };
	enum err e = OK;

	for (; *way != '\0'; way++) {
		struct op op;

		shop_op(&op, *way == 'w' ? PROGRAM_jobs : PROGRAM_relay, s);
		op.actor = (struct actor){ .kind = ACTOR_SYSTEM, .name = "relay" };
		d.letter = *way;
		e = db_tx(&op, deed_body, &d);
		if (e != OK && op.fault.internal != NULL)
			diag("%c: %s", *way, op.fault.internal);
		op_end(&op);
	}
	if (ret_said != NULL)
		*ret_said = d.said;
	return e;
}

/* A new order at a POS that goes that way. */
static int64_t
order_that(const struct shop *s, const char *way)
{
	struct op op;
	struct order_wish w = shop_wish(s);
	struct order order = { .id = 0 };

	shop_op(&op, PROGRAM_orders, s);
	op.actor = (struct actor){ .kind = ACTOR_USER, .id = s->guest_id, .name = "user" };
	if (order_place(&op, &s->restaurant, &terms, &w, NULL, NULL, &order) != OK)
		diag("placing: %s %s", op.fault.sentence, op.fault.internal);
	op_end(&op);
	(void)go(s, order.id, way, NULL, NULL);
	return order.id;
}

struct way {
	const char *way, *axes, *messages, *notices, *failure, *name;
};
static const struct way ways[] = {
	{ "", "received/queued", "pos_submit:1 pos_undecided:1", "", "NULL", "ORD-25 released" },
	{ "b", "received/submitting", "pos_submit:1 pos_undecided:1", "", "NULL", "rule 1 an attempt begun" },
	{ "bb", "received/submitting", "pos_submit:1 pos_undecided:1", "", "NULL", "rule 1 begins once" },
	{ "bd", "received/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "rule 13 done is to be proved" },
	{ "bdd", "received/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "done twice is done once" },
	{ "bdr", "received/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "rule 11 a refusal after the acceptance" },
	{ "bdu", "received/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "rule 11 a doubt after the acceptance" },
	{ "bdL", "received/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "rule 11 a delay after the acceptance" },
	{ "bdp", "received/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "done and seen" },
	{ "p", "received/accepted", "pos_submit:1", "", "NULL", "seen before we know of an attempt" },
	{ "pb", "received/accepted", "pos_submit:1", "", "NULL", "POS-21 seen, so that nothing more is sent" },
	{ "bp", "received/accepted", "pos_submit:1", "", "NULL", "seen before the answer" },
	{ "bpd", "received/accepted", "pos_submit:1", "", "NULL", "seen, then the answer: nothing is left to prove" },
	{ "bpr", "received/accepted", "pos_submit:1", "", "NULL", "rule 11 seen, then a refusal" },
	{ "br", "received/failed", "pos_submit:1 pos_compensate:1", "pos_failed", "refused", "POS-25 NOT-08 refused" },
	{ "bl", "received/queued", "pos_submit:1 pos_undecided:1", "", "NULL", "later" },
	{ "blb", "received/submitting", "pos_submit:1 pos_undecided:1", "", "NULL", "later, and again" },
	{ "bL", "received/failed", "pos_submit:1 pos_compensate:1", "pos_failed", "exhausted", "later for the last time" },
	{ "L", "received/failed", "pos_submit:1 pos_compensate:1", "pos_failed", "exhausted", "its lifetime was spent waiting" },
	{ "bu", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "D5 no answer is no failure" },
	{ "bx", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "rule 1 a lost sender is a doubt" },
	{ "buu", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "two doubts are one" },
	{ "bur", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "rule 5 a later refusal speaks for itself only" },
	{ "bul", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "rule 5 and so does later" },
	{ "buL", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "rule 5 even for the last time" },
	{ "bud", "received/accepted", "pos_submit:1 pos_deadline:1 pos_proof:1", "", "NULL", "a repeat that is done ends the doubt" },
	{ "bup", "received/accepted", "pos_submit:1 pos_deadline:1", "", "NULL", "an event ends the doubt" },
	{ "bupD", "received/accepted", "pos_submit:1 pos_deadline:1", "", "NULL", "whose deadline then means nothing" },
	{ "buD", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 a doubt that lasts is for staff" },
	{ "buDr", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 and stays theirs" },
	{ "buDp", "received/accepted", "pos_submit:1 pos_deadline:1", "pos_manual pos_found", "NULL", "unless an event shows it" },
	{ "bdU", "received/manual", "pos_submit:1 pos_proof:1", "pos_manual", "NULL", "rule 13 an acceptance that nothing proves" },
	{ "buDd", "received/accepted", "pos_submit:1 pos_deadline:1 pos_proof:1", "pos_manual pos_found", "NULL",
	    "NOT-08 or a late answer, and staff hear that it is there" },
	{ "buDdd", "received/accepted", "pos_submit:1 pos_deadline:1 pos_proof:1", "pos_manual pos_found", "NULL", "I14 once" },
	{ "buDdU", "received/manual", "pos_submit:1 pos_deadline:1 pos_proof:1", "pos_manual pos_found pos_manual", "NULL",
	    "rule 13 and if nothing proves it, that nobody knows" },
	{ "buDcd", "received/accepted", "pos_submit:1 pos_deadline:1 pos_void:1 pos_undecided:1", "pos_manual", "NULL",
	    "rule 7 the wish is not forgotten then" },
	{ "bcpVd", "received/manual", "pos_submit:1 pos_void:1", "pos_void_refused", "NULL", "rule 7 what is known is no news" },
	{ "buDhd", "received/accepted", "pos_submit:1 pos_deadline:1", "pos_manual pos_late_answer", "NULL",
	    "NOT-08 entered by hand, and there after all: there may be two" },
	{ "buDhp", "received/accepted", "pos_submit:1 pos_deadline:1", "pos_manual pos_late_answer", "NULL", "NOT-08 whoever says so" },
	{ "buDhpp", "received/accepted", "pos_submit:1 pos_deadline:1", "pos_manual pos_late_answer", "NULL", "I14 once" },
	{ "brhp", "received/accepted", "pos_submit:1 pos_compensate:1", "pos_failed pos_late_answer", "NULL", "NOT-08 also after a refusal" },
	{ "brhcp", "cancelled/accepted", "pos_submit:1 pos_compensate:1", "pos_failed order_ended pos_late_answer", "NULL",
	    "NOT-08 and after its end" },
	{ "bdpU", "received/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "rule 13 a proved one" },
	/* cancelling */
	{ "c", "cancelled/failed", "", "order_ended", "cancelled", "rule 6 not sent: it ends at once, and nothing is sent" },
	{ "j", "rejected/failed", "", "order_ended", "cancelled", "rule 6 staff reject it" },
	{ "cb", "cancelled/failed", "", "order_ended", "cancelled", "rule 6 nor begun any more" },
	{ "bc", "received/submitting", "pos_submit:1 pos_undecided:1", "", "NULL", "rule 6 under way: only a wish" },
	{ "bcd", "received/accepted", "pos_submit:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 done: to be voided, not proved" },
	{ "bcp", "received/accepted", "pos_submit:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 seen: to be voided" },
	{ "bcpd", "received/accepted", "pos_submit:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 once" },
	{ "bcdv", "cancelled/failed", "pos_submit:1 pos_void:1", "order_ended", "cancelled", "rule 6 voided: it ends" },
	{ "bcdV", "received/manual", "pos_submit:1 pos_void:1", "pos_void_refused", "NULL", "rule 7 not voided: staff" },
	{ "bcpVp", "received/manual", "pos_submit:1 pos_void:1", "pos_void_refused", "NULL", "rule 7 that it is there still is no news" },
	{ "bcdVp", "received/accepted", "pos_submit:1 pos_void:1 pos_void:1 pos_undecided:1", "pos_void_refused", "NULL",
	    "rule 7 but that it is there at all: once more" },
	{ "bcr", "cancelled/failed", "pos_submit:1", "order_ended", "refused", "rule 6 refused: it ends, as wished" },
	{ "bcl", "cancelled/failed", "pos_submit:1", "order_ended", "cancelled", "rule 6 surely not there: it ends" },
	{ "bcL", "cancelled/failed", "pos_submit:1", "order_ended", "cancelled", "rule 6 likewise the last time" },
	{ "bcu", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "rule 6 not known: the wish waits" },
	{ "buc", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "rule 6 in doubt: a wish" },
	{ "buC", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "rule 8 staff too wait for it to settle" },
	{ "bucr", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "", "NULL", "rule 5 a refusal does not end it" },
	{ "bucd", "received/accepted", "pos_submit:1 pos_deadline:1 pos_void:1 pos_undecided:1", "", "NULL", "the key is occupied, so it can be voided" },
	{ "bucp", "received/accepted", "pos_submit:1 pos_deadline:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 seen: to be voided" },
	{ "bucD", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 the wish goes to staff" },
	{ "bucDp", "received/accepted", "pos_submit:1 pos_deadline:1 pos_void:1 pos_undecided:1", "pos_manual", "NULL", "rule 7 and is not forgotten there" },
	{ "bdc", "received/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 at the POS: void it" },
	{ "bdcc", "received/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 twice wished is once voided" },
	{ "bdcC", "received/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 by whomever" },
	{ "bdcU", "received/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_undecided:1", "", "NULL", "the void, not the proof, decides now" },
	{ "bdcUv", "cancelled/failed", "pos_submit:1 pos_proof:1 pos_void:1", "order_ended", "cancelled", "rule 7 and is heard" },
	{ "bdcvv", "cancelled/failed", "pos_submit:1 pos_proof:1 pos_void:1", "order_ended", "cancelled", "rule 11 voided twice" },
	{ "bdcK", "cancelled/failed", "pos_proof:1 pos_void:1", "order_ended", "cancelled", "the POS is quicker than the void" },
	{ "bdcKv", "cancelled/failed", "pos_proof:1 pos_void:1", "order_ended", "cancelled", "whose answer is late" },
	{ "bdcKV", "cancelled/failed", "pos_proof:1 pos_void:1", "order_ended", "cancelled", "or a refusal" },
	{ "brc", "cancelled/failed", "pos_submit:1 pos_compensate:1", "pos_failed order_ended", "refused", "rule 6 failed: it ends at once" },
	{ "buDc", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 the guest can only wish" },
	{ "buDC", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 a cancel says nothing of the POS's screen" },
	{ "buDCzN", "cancelled/failed", "pos_submit:1 pos_deadline:1", "pos_manual order_ended", "exhausted", "rule 8 it is not there" },
	{ "buDcC", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 nor one that is repeated" },
	{ "bdcVC", "received/manual", "pos_submit:1 pos_proof:1 pos_void:1", "pos_void_refused", "NULL", "rule 7 it is on the kitchen's screen still" },
	{ "bdcVCzR", "cancelled/failed", "pos_submit:1 pos_proof:1 pos_void:1", "pos_void_refused order_ended", "cancelled",
	    "rule 7 staff took it off" },
	{ "buDch", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 7 what is to be cancelled is not entered by hand" },
	/* the POS cancels */
	{ "K", "cancelled/failed", "", "order_ended", "cancelled", "WH-03 cancelled by the POS before we know it is there" },
	{ "bK", "cancelled/failed", "", "order_ended", "cancelled", "WH-03 before its answer" },
	{ "bKd", "cancelled/failed", "", "order_ended", "cancelled", "rule 11 whose answer changes nothing" },
	{ "bKu", "cancelled/failed", "", "order_ended", "cancelled", "rule 11 nor does its absence" },
	{ "bdK", "cancelled/failed", "pos_proof:1", "order_ended", "cancelled", "WH-03 after its answer" },
	{ "bdKK", "cancelled/failed", "pos_proof:1", "order_ended", "cancelled", "WH-03 twice" },
	{ "bdKU", "cancelled/failed", "pos_proof:1", "order_ended", "cancelled", "rule 13 nothing is to be proved any more" },
	{ "buK", "cancelled/failed", "pos_deadline:1", "order_ended", "cancelled", "WH-03 in doubt" },
	{ "buDK", "cancelled/failed", "pos_deadline:1", "pos_manual order_ended", "cancelled", "WH-03 on the staff's list" },
	{ "bdk", "rejected/failed", "pos_proof:1", "order_ended", "cancelled", "WH-03 rejected" },
	{ "bd2k", "cancelled/failed", "pos_proof:1", "order_ended", "cancelled", "WH-03 rejected while it is cooked: the order ends all the same" },
	{ "bd3k", "cancelled/failed", "pos_proof:1", "order_ended", "cancelled", "WH-03 rejected when it was ready" },
	{ "brK", "cancelled/failed", "pos_submit:1 pos_compensate:1", "pos_failed order_ended", "refused", "WH-03 refused, then cancelled" },
	{ "Kp", "cancelled/accepted", "pos_void:1 pos_undecided:1", "order_ended pos_late_acceptance", "NULL", "rule 11 alive after its end" },
	/* mending */
	{ "brt", "received/queued", "pos_submit:1 pos_compensate:1 pos_submit:2 pos_undecided:2", "pos_failed", "NULL", "rule 9 retried" },
	{ "brtt", "received/queued", "pos_submit:1 pos_compensate:1 pos_submit:2 pos_undecided:2", "pos_failed", "NULL", "D6 two clicks send once" },
	{ "brtS", "received/queued", "pos_submit:1 pos_compensate:1 pos_submit:2 pos_undecided:2", "pos_failed", "NULL", "rule 9 the old deadline is void" },
	{ "brtbrS", "received/failed", "pos_submit:1 pos_compensate:1 pos_submit:2 pos_compensate:2", "pos_failed pos_failed", "refused",
	    "rule 9 also when the next try has failed, which has a time of its own" },
	{ "brtbr", "received/failed", "pos_submit:1 pos_compensate:1 pos_submit:2 pos_compensate:2", "pos_failed pos_failed", "refused",
	    "rule 9 refused again, told again" },
	{ "brtbd", "received/accepted", "pos_submit:1 pos_compensate:1 pos_submit:2 pos_proof:2", "pos_failed", "NULL", "rule 9 mended" },
	{ "brs", "cancelled/failed", "pos_submit:1 pos_compensate:1", "pos_failed order_ended", "refused", "C16 nobody mended it" },
	{ "brss", "cancelled/failed", "pos_submit:1 pos_compensate:1", "pos_failed order_ended", "refused", "C16 once" },
	{ "brst", "cancelled/failed", "pos_submit:1 pos_compensate:1", "pos_failed order_ended", "refused", "rule 9 an ended order is not retried" },
	{ "brh", "received/accepted", "pos_submit:1 pos_compensate:1", "pos_failed", "NULL", "entered by hand" },
	{ "brhs", "received/accepted", "pos_submit:1 pos_compensate:1", "pos_failed", "NULL", "C16 which is mending it" },
	{ "brht", "received/accepted", "pos_submit:1 pos_compensate:1", "pos_failed", "NULL", "rule 9 nothing to retry" },
	{ "brhc", "cancelled/accepted", "pos_submit:1 pos_compensate:1", "pos_failed order_ended", "NULL", "by hand: people take it off themselves" },
	{ "buDh", "received/accepted", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "entered by hand after a doubt" },
	{ "buDhc", "received/accepted", "pos_submit:1 pos_deadline:1 pos_void:1 pos_undecided:1", "pos_manual", "NULL",
	    "rule 7 the POS may have it too: a cancel asks it" },
	{ "buDhC", "received/accepted", "pos_submit:1 pos_deadline:1 pos_void:1 pos_undecided:1", "pos_manual", "NULL", "rule 7 whoever cancels" },
	{ "brp", "received/accepted", "pos_submit:1 pos_compensate:1", "pos_failed pos_late_answer", "NULL",
	    "refused, and yet it is there: staff, who may have entered it, hear of that" },
	{ "brps", "received/accepted", "pos_submit:1 pos_compensate:1", "pos_failed pos_late_answer", "NULL", "so that nothing is compensated" },
	{ "brsp", "cancelled/accepted", "pos_submit:1 pos_compensate:1 pos_void:1 pos_undecided:1", "pos_failed order_ended pos_late_acceptance", "NULL",
	    "rule 11 there after it ended: void and alert" },
	{ "brspp", "cancelled/accepted", "pos_submit:1 pos_compensate:1 pos_void:1 pos_undecided:1", "pos_failed order_ended pos_late_acceptance", "NULL",
	    "rule 11 once" },
	{ "brspv", "cancelled/failed", "pos_submit:1 pos_compensate:1 pos_void:1", "pos_failed order_ended pos_late_acceptance", "cancelled",
	    "rule 11 and voided" },
	{ "brspV", "cancelled/manual", "pos_submit:1 pos_compensate:1 pos_void:1",
	    "pos_failed order_ended pos_late_acceptance pos_void_refused", "NULL", "rule 11 or on the staff's list" },
	{ "cp", "cancelled/accepted", "pos_void:1 pos_undecided:1", "order_ended pos_late_acceptance", "NULL", "rule 11 cancelled before it was sent, and there" },
	/* nobody answers for it */
	{ "w", "received/queued", "pos_submit:1 pos_undecided:1", "pos_undecided", "NULL", "E12 not sent yet: staff are told, and it goes on" },
	{ "bw", "received/submitting", "pos_submit:1 pos_undecided:1", "pos_undecided", "NULL", "E12 under way" },
	{ "buw", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "pos_undecided", "NULL", "E12 in doubt" },
	{ "blww", "received/queued", "pos_submit:1 pos_undecided:1", "pos_undecided", "NULL", "I14 once" },
	{ "brtw", "received/queued", "pos_submit:1 pos_compensate:1 pos_submit:2 pos_undecided:2", "pos_failed pos_undecided", "NULL",
	    "E12 of what was sent again likewise" },
	{ "wbrtw", "received/queued", "pos_submit:1 pos_compensate:1 pos_submit:2 pos_undecided:2",
	    "pos_undecided pos_failed pos_undecided", "NULL", "E12 told anew" },
	{ "bdw", "received/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "E12 what is accepted is decided" },
	{ "brw", "received/failed", "pos_submit:1 pos_compensate:1", "pos_failed", "refused", "E12 and what failed was told" },
	{ "buDw", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "E12 and what is theirs" },
	{ "cw", "cancelled/failed", "", "order_ended", "cancelled", "E12 what has ended worries nobody" },
	{ "bdcw", "received/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_undecided:1", "pos_void_waits", "NULL",
	    "E12 NOT-08 the POS has long not taken it back: staff are told, and it goes on" },
	{ "bdcww", "received/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_undecided:1", "pos_void_waits", "NULL", "I14 once" },
	{ "bdcvw", "cancelled/failed", "pos_submit:1 pos_proof:1 pos_void:1", "order_ended", "cancelled", "E12 taken back in time: nobody is told" },
	{ "bdcVw", "received/manual", "pos_submit:1 pos_proof:1 pos_void:1", "pos_void_refused", "NULL", "E12 refused, they know it" },
	{ "bdcwV", "received/manual", "pos_submit:1 pos_proof:1 pos_void:1", "pos_void_waits pos_void_refused", "NULL",
	    "rule 8 and in the end it is theirs" },
	{ "bdcVzTcw", "confirmed/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_void:1 pos_undecided:1",
	    "pos_void_refused cancel_declined pos_void_waits", "NULL", "E12 wished again, it is waited for again" },
	{ "brspw", "cancelled/accepted", "pos_submit:1 pos_compensate:1 pos_void:1 pos_undecided:1",
	    "pos_failed order_ended pos_late_acceptance pos_void_waits", "NULL", "E12 also of one that has ended here" },
	/* the kitchen does not answer */
	{ "bdq", "received/accepted", "pos_submit:1 pos_proof:1", "unaccepted", "NULL", "E8 not confirmed in time: staff are told" },
	{ "bdqq", "received/accepted", "pos_submit:1 pos_proof:1", "unaccepted", "NULL", "E8 once" },
	{ "bdp1q", "confirmed/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "E8 what is confirmed is" },
	{ "bdQ", "received/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_undecided:1", "unaccepted_ended", "NULL", "E8 or it is cancelled, at the POS first" },
	{ "bdQv", "cancelled/failed", "pos_submit:1 pos_proof:1 pos_void:1", "unaccepted_ended order_ended", "cancelled", "E8 and then here" },
	{ "blQ", "cancelled/failed", "", "unaccepted_ended order_ended", "cancelled", "E8 at once where it is not there" },
	{ "buQ", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1", "unaccepted_ended", "NULL", "rule 6 and in doubt it is a wish" },
	{ "bdcQ", "received/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_undecided:1", "", "NULL", "E8 one wish is enough" },
	/* staff look, and say what they see */
	{ "buDzT", "confirmed/accepted", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 it is there" },
	{ "buDzTc", "confirmed/accepted", "pos_submit:1 pos_deadline:1 pos_void:1 pos_undecided:1", "pos_manual", "NULL", "rule 7 where it can be voided" },
	{ "buDcT", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 not before it has settled" },
	{ "buDczT", "confirmed/accepted", "pos_submit:1 pos_deadline:1", "pos_manual cancel_declined", "NULL",
	    "rule 8 there and kept: the guest hears that it is not cancelled" },
	{ "buDzR", "cancelled/failed", "pos_submit:1 pos_deadline:1", "pos_manual order_ended", "cancelled", "rule 8 taken off: it ends" },
	{ "buDR", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 not before it has settled" },
	{ "buDN", "received/manual", "pos_submit:1 pos_deadline:1", "pos_manual", "NULL", "rule 8 nor is its absence believed" },
	{ "buDzN", "received/failed", "pos_submit:1 pos_deadline:1 pos_compensate:1", "pos_manual", "exhausted", "rule 8 not there: it failed" },
	{ "buDzNt", "received/queued", "pos_submit:1 pos_deadline:1 pos_compensate:1 pos_submit:2 pos_undecided:2", "pos_manual", "NULL",
	    "rule 9 and may be sent again" },
	{ "buDzNs", "cancelled/failed", "pos_submit:1 pos_deadline:1 pos_compensate:1", "pos_manual order_ended", "exhausted",
	    "C16 or nobody mends it" },
	{ "buDczN", "cancelled/failed", "pos_submit:1 pos_deadline:1", "pos_manual order_ended", "exhausted", "rule 7 as the guest wished" },
	{ "bdcVzT", "confirmed/accepted", "pos_submit:1 pos_proof:1 pos_void:1", "pos_void_refused cancel_declined", "NULL",
	    "rule 7 the kitchen keeps it" },
	{ "bdcVzTcV", "confirmed/manual", "pos_submit:1 pos_proof:1 pos_void:1 pos_void:1", "pos_void_refused cancel_declined pos_void_refused", "NULL",
	    "NOT-08 wished again and refused again: staff hear of each" },
	{ "bdcVzTcVzT", "confirmed/accepted", "pos_submit:1 pos_proof:1 pos_void:1 pos_void:1",
	    "pos_void_refused cancel_declined pos_void_refused cancel_declined", "NULL", "NOT-09 and the guest of each no" },
	{ "bdUzN", "received/failed", "pos_submit:1 pos_proof:1 pos_compensate:1", "pos_manual", "exhausted", "rule 13 said yes and dropped it" },
	{ "brspVzT", "cancelled/manual", "pos_submit:1 pos_compensate:1 pos_void:1",
	    "pos_failed order_ended pos_late_acceptance pos_void_refused", "NULL", "rule 11 what has ended is not kept" },
	{ "brspVzR", "cancelled/failed", "pos_submit:1 pos_compensate:1 pos_void:1",
	    "pos_failed order_ended pos_late_acceptance pos_void_refused", "cancelled", "rule 11 but taken off" },
	{ "bT", "received/submitting", "pos_submit:1 pos_undecided:1", "", "NULL", "rule 8 only what is theirs" },
	{ "bdzN", "received/accepted", "pos_submit:1 pos_proof:1", "", "NULL", "rule 8 is theirs to decide" },
	/* the kitchen's word */
	{ "bp1", "confirmed/accepted", "pos_submit:1", "", "NULL", "ORD-14 confirmed" },
	{ "bp3", "ready/accepted", "pos_submit:1", "", "NULL", "ORD-14 forward jumps are allowed" },
	{ "bp32", "ready/accepted", "pos_submit:1", "", "NULL", "D13 nothing goes back" },
	{ "bp3c", "ready/accepted", "pos_submit:1", "", "NULL", "a guest does not cancel what is ready" },
	{ "bp9", "received/accepted", "pos_submit:1", "", "NULL", "ADM-06 unpaid is not completed" },
};

/* At a POS that takes several calls, and that can be looked at. */
static const struct way looked_ways[] = {
	{ "bn", "received/submitting", "pos_submit:1 pos_undecided:1", "", "NULL", "POS-21 half done: the next step is to follow" },
	{ "bng", "received/submitting", "pos_submit:1 pos_undecided:1", "", "NULL", "rule 1 and has its own intent" },
	{ "bngd", "received/accepted", "pos_submit:1 pos_look:1", "", "NULL", "done when the last step is; then it is polled" },
	{ "bngr", "received/failed", "pos_submit:1 pos_compensate:1", "pos_failed", "refused", "POS-25 a later step is refused" },
	{ "bngl", "received/queued", "pos_submit:1 pos_undecided:1", "", "NULL", "or put off" },
	{ "bnglb", "received/submitting", "pos_submit:1 pos_undecided:1", "", "NULL", "and begun again" },
	{ "bngu", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1", "", "NULL", "D5 or in doubt: it is looked for" },
	{ "bun", "received/submitting", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1", "", "NULL",
	    "a step that was in doubt is done after all" },
	{ "bungd", "received/accepted", "pos_submit:1 pos_deadline:1 pos_look:1 pos_look:1", "", "NULL", "and the rest follows" },
	{ "buDn", "received/manual", "pos_submit:1 pos_deadline:1 pos_look:1", "pos_manual", "NULL", "rule 8 but not when it is with staff" },
	{ "bungr", "received/failed", "pos_submit:1 pos_deadline:1 pos_look:1 pos_watch:1 pos_compensate:1", "pos_failed", "refused",
	    "rule 5 one that was in doubt once fails: it is watched" },
	{ "bungl", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1 pos_deadline:1 pos_look:1", "", "NULL",
	    "rule 5 put off, a step by which a doubt was to be ended leaves it where it was" },
	{ "bunglbn", "received/submitting", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1 pos_deadline:1 pos_look:1", "", "NULL",
	    "rule 5 to be ended by the next attempt" },
	{ "bungL", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1 pos_deadline:1 pos_look:1", "", "NULL",
	    "rule 5 likewise for the last time" },
	{ "bungLD", "received/manual", "pos_submit:1 pos_deadline:1 pos_look:1 pos_deadline:1 pos_look:1", "pos_manual", "NULL",
	    "rule 8 it is the staff's then" },
	{ "buncgl", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1 pos_deadline:1 pos_look:1", "", "NULL",
	    "rule 6 nor does the order end by that, though it is not wanted any more" },
	{ "bunglc", "received/unsure", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1 pos_deadline:1 pos_look:1", "", "NULL",
	    "rule 6 or is cancelled while it waits to go on" },
	{ "buncgr", "cancelled/failed", "pos_submit:1 pos_deadline:1 pos_look:1 pos_watch:1", "order_ended", "refused",
	    "rule 6 refused it ends, and is watched" },
	{ "buabr", "received/failed", "pos_submit:1 pos_deadline:1 pos_look:1 pos_watch:1 pos_submit:1 pos_compensate:1", "pos_failed", "refused",
	    "rule 4 sent again for not being there, and refused" },
	{ "bungrtbr", "received/failed", "pos_submit:1 pos_deadline:1 pos_look:1 pos_watch:1 pos_compensate:1 pos_submit:2 pos_compensate:2",
	    "pos_failed pos_failed", "refused", "rule 9 a doubt of the first is none of the second" },
	{ "bungrp", "received/accepted", "pos_submit:1 pos_deadline:1 pos_look:1 pos_watch:1 pos_compensate:1 pos_look:1",
	    "pos_failed pos_late_answer", "NULL", "rule 11 found by the watch it is there, and staff hear of that" },
	{ "bnp", "received/accepted", "pos_submit:1 pos_look:1", "", "NULL", "seen whole in the middle of it" },
	{ "bncgd", "received/accepted", "pos_submit:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 a wish in the middle: whole, then voided" },
	{ "bua", "received/queued", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1 pos_watch:1 pos_submit:1", "", "NULL",
	    "rule 4 not there: it is sent again" },
	{ "buab", "received/submitting", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1 pos_watch:1 pos_submit:1", "", "NULL", "by whoever comes" },
	{ "buabl", "received/queued", "pos_submit:1 pos_undecided:1 pos_deadline:1 pos_look:1 pos_watch:1 pos_submit:1", "", "NULL",
	    "rule 4 what is put off then was never there" },
	{ "buA", "received/failed", "pos_submit:1 pos_deadline:1 pos_look:1 pos_watch:1 pos_compensate:1", "pos_failed", "exhausted",
	    "POS-23 or not, for the last time: staff, and it is watched" },
	{ "buca", "cancelled/failed", "pos_submit:1 pos_deadline:1 pos_look:1 pos_watch:1", "order_ended", "cancelled",
	    "rule 6 not there and not wanted: it ends, and is watched" },
	{ "bucap", "cancelled/accepted", "pos_submit:1 pos_deadline:1 pos_look:1 pos_watch:1 pos_void:1 pos_undecided:1", "order_ended pos_late_acceptance", "NULL",
	    "rule 11 a request that was under way for longer than anybody believes" },
	{ "ba", "received/submitting", "pos_submit:1 pos_undecided:1", "", "NULL", "rule 4 absence says nothing of what is under way" },
	{ "bda", "received/accepted", "pos_submit:1 pos_look:1", "", "NULL", "nor of what was accepted" },
	{ "buDa", "received/manual", "pos_submit:1 pos_deadline:1 pos_look:1", "pos_manual", "NULL", "rule 8 nor when it is with staff" },
	{ "buDH", "confirmed/accepted", "pos_submit:1 pos_deadline:1 pos_look:1 pos_watch:1", "pos_manual", "NULL",
	    "E37 by hand out of a doubt: should a ticket come all the same, staff hear of two" },
	{ "brH", "confirmed/accepted", "pos_submit:1 pos_compensate:1", "pos_failed", "NULL", "E37 out of a refusal nothing can come" },
	{ "buDzN", "received/failed", "pos_submit:1 pos_deadline:1 pos_look:1 pos_compensate:1 pos_watch:1", "pos_manual", "exhausted",
	    "rule 11 what people do not see is watched all the same" },
};

/* At a POS where what is there has still to be seen to. */
static const struct way followed_ways[] = {
	{ "bd", "received/accepted", "pos_submit:1 pos_follow:1 pos_undecided:1 pos_look:1", "", "NULL", "POS-10 there: it is to be seen to" },
	{ "bdw", "received/accepted", "pos_submit:1 pos_follow:1 pos_undecided:1 pos_look:1", "pos_follow_waits", "NULL",
	    "E12 NOT-08 long not seen to: staff are told, as the kitchen may not have been" },
	{ "bdww", "received/accepted", "pos_submit:1 pos_follow:1 pos_undecided:1 pos_look:1", "pos_follow_waits", "NULL", "I14 once" },
	{ "bup", "received/accepted", "pos_submit:1 pos_deadline:1 pos_look:1 pos_follow:1 pos_undecided:1 pos_look:1", "", "NULL",
	    "POS-21 also when a look has shown it" },
	{ "p", "received/accepted", "pos_submit:1 pos_follow:1 pos_undecided:1 pos_look:1", "", "NULL", "or an event, before we know of an attempt" },
	{ "bcd", "received/accepted", "pos_submit:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 but not when it is to be cancelled" },
	{ "bdc", "received/accepted", "pos_submit:1 pos_look:1 pos_void:1 pos_undecided:1", "", "NULL", "rule 7 nor does the void wait for it" },
	{ "bcdVzT", "confirmed/accepted", "pos_submit:1 pos_void:1 pos_follow:1 pos_undecided:1", "pos_void_refused cancel_declined", "NULL",
	    "rule 8 unless the kitchen keeps it" },
	{ "buDzT", "confirmed/accepted", "pos_submit:1 pos_deadline:1 pos_look:1 pos_follow:1 pos_undecided:1", "pos_manual", "NULL", "rule 8 found by staff" },
	{ "brH", "confirmed/accepted", "pos_submit:1 pos_compensate:1", "pos_failed", "NULL", "E37 by hand it is staff's" },
	{ "cp", "cancelled/accepted", "pos_void:1 pos_undecided:1", "order_ended pos_late_acceptance", "NULL", "rule 11 nor of one that has ended" },
};

static void
way_check(const struct shop *s, const struct way *w)
{
	int64_t id = order_that(s, w->way);
	char want[64];

	(void)snprintf(want, sizeof want, "%s/pending", w->axes);
	is_str(shop_axes(id), want, "%s (%s)", w->name, w->way);
	is_str(shop_messages(id), w->messages, "%s (%s): messages", w->name, w->way);
	is_str(shop_notices(id), w->notices, "%s (%s): notices", w->name, w->way);
	is_str(shop_column(id, "pos_failure"), w->failure, "%s (%s): why", w->name, w->way);
	shop_check(s, id, w->way);
}

static void
test_ways(const struct shop *s)
{
	const struct submission_terms usual = terms;

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		way_check(s, &ways[i]);
	terms.needs_proof_us = 0;
	terms.can_look = terms.absence_counts = true;
	terms.poll_us = 60 * SECOND_US;
	for (size_t i = 0; i < sizeof looked_ways / sizeof looked_ways[0]; i++)
		way_check(s, &looked_ways[i]);
	terms.absence_counts = false;
	terms.follows = terms.leaves_drafts = true;
	for (size_t i = 0; i < sizeof followed_ways / sizeof followed_ways[0]; i++)
		way_check(s, &followed_ways[i]);
	terms = usual;
}

/* Every row of the table was gone. */
static void
test_rows_met(const struct shop *s)
{
	for (size_t r = 0; r < pos_rows_n; r++) {
		const char *event = pos_event_name(pos_rows[r].event), *from = pos_state_name(pos_rows[r].from),
			   *to = pos_state_name(pos_rows[r].to);

		ok(world_int("SELECT COUNT(*) FROM order_status_history h JOIN orders o ON o.id = h.order_id"
		    " WHERE o.restaurant_id = %lld AND axis = 'pos' AND old_status = '%s' AND event = '%s' AND new_status = '%s'",
		    (long long)s->restaurant.id, from, event, to) > 0, "I5 %s -%s-> %s was gone", from, event, to);
	}
}

static const struct {
	const char *way, *name;
	bool said;
	enum err e;
} answers[] = {
	{ "b", "rule 1 go", true, OK },
	{ "bb", "rule 1 no go while it is under way", false, OK },
	{ "bub", "a doubt may be sent again", true, OK },
	{ "bucb", "also to be cancelled then", true, OK },
	{ "bdb", "no go when it is there", false, OK },
	{ "brb", "no go when it was refused", false, OK },
	{ "buDb", "no go when staff have it", false, OK },
	{ "bl", "again", true, OK },
	{ "bL", "not again", false, OK },
	{ "bcl", "not again when it is to be cancelled", false, OK },
	{ "bul", "again, to end the doubt", true, OK },
	{ "buL", "not again", false, OK },
	{ "bdl", "not again when it is there", false, OK },
	{ "c", "ended", true, OK },
	{ "bc", "202", false, OK },
	{ "buc", "202 in doubt", false, OK },
	{ "bdc", "202 at the POS", false, OK },
	{ "bdcc", "202 again", false, OK },
	{ "brc", "ended", true, OK },
	{ "buDc", "202 on the staff's list", false, OK },
	{ "buDC", "202 for staff too", false, OK },
	{ "brhc", "ended by hand", true, OK },
	{ "cc", "an ended order is not cancelled", false, ERR_ILLEGAL_TRANSITION },
	{ "bp3c", "nor a ready one by its guest", false, ERR_ILLEGAL_TRANSITION },
	{ "bp3C", "202 but staff may", false, OK },
	{ "bp3j", "though not reject it", false, ERR_ILLEGAL_TRANSITION },
	{ "brt", "retried", true, OK },
	{ "brtt", "D6 only once", false, OK },
	{ "t", "not what was not refused", false, OK },
	{ "but", "D5 nor what is in doubt", false, OK },
	{ "bp9", "ADM-06 unpaid", false, ERR_ORDER_NOT_PAID },
	{ "bp$9", "ADM-06 paid", true, OK },
	{ "c$", "ADM-05 no cash for a cancelled order", false, ERR_ILLEGAL_TRANSITION },
	{ "buDch", "rule 7 not by hand against a wish", false, ERR_ILLEGAL_TRANSITION },
	{ "buDT", "rule 8 not settled", false, ERR_ILLEGAL_TRANSITION },
	{ "buDzTT", "rule 8 decided once", false, ERR_ILLEGAL_TRANSITION },
	{ "buT", "rule 8 still the house's", false, ERR_ILLEGAL_TRANSITION },
	{ "brspVzT", "rule 11 ended", false, ERR_ILLEGAL_TRANSITION },
};

static void
test_answers(const struct shop *s)
{
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		char head[16];
		size_t n = strlen(answers[i].way) - 1;
		int64_t id;
		bool said;

		(void)snprintf(head, sizeof head, "%.*s", (int)n, answers[i].way);
		id = order_that(s, head);
		is_int(go(s, id, answers[i].way + n, NULL, &said), answers[i].e, "%s (%s)", answers[i].name, answers[i].way);
		if (answers[i].e == OK)
			is_int(said, answers[i].said, "%s (%s)", answers[i].name, answers[i].way);
	}
}

/* --- ids, stamps, reasons -------------------------------------------------------------------------------------- */

static void
test_ids(const struct shop *s)
{
	int64_t first = order_that(s, "b"), second = order_that(s, "b"), third = order_that(s, "b");

	go(s, first, "d", "P-77", NULL);
	is_str(shop_column(first, "pos_order_id"), "P-77", "POS-24 the POS's id is kept");
	go(s, first, "p", "P-78", NULL);
	is_str(shop_column(first, "pos_order_id"), "P-77", "POS-24 the first one stays");
	is_int(go(s, second, "d", "P-77", NULL), OK, "C8 an id that another order has is no failure");
	is_str(shop_axes(second), "received/accepted/pending", "C8 it is there");
	is_str(shop_column(second, "pos_order_id"), "NULL", "C8 but not known by that id");
	is_str(shop_notices(second), "pos_manual", "C8 and people are told");
	go(s, third, "d", "", NULL);
	is_str(shop_column(third, "pos_order_id"), "NULL", "POS-24 an empty id is none");
	third = order_that(s, "b");
	go(s, third, "dUzNtb", "P-79", NULL);
	go(s, third, "d", "P-80", NULL);
	is_str(shop_column(third, "CONCAT_WS(' ', pos_order_id, submission_no, pos_proved_at)"), "P-80 2",
	    "rule 9 what was sent again is known by its own id, and not proved by what was said of the first");
	third = order_that(s, "br");
	world_sql("UPDATE orders SET pos_cause = 'config', pos_total_minor = 17, pos_progress = 'x', pos_proved_at = created_at WHERE id = %lld", (long long)third);
	go(s, third, "t", NULL, NULL);
	is_str(shop_column(third, "CONCAT_WS(' ', submission_no, pos_failure, pos_cause, COALESCE(pos_total_minor, -1), COALESCE(LENGTH(pos_progress), 0), pos_proved_at)"),
	    "2 -1 0", "ADM-20 neither cause nor sum, nor how far it had come, nor that it was seen is said of the next try");
	third = order_that(s, "bdUz");
	world_sql("UPDATE orders SET pos_failure = 'exhausted', pos_failure_reason = 'x', pos_cause = 'garbled' WHERE id = %lld", (long long)third);
	go(s, third, "T", NULL, NULL);
	is_str(shop_column(third, "CONCAT_WS(' ', pos_state, pos_failure, pos_failure_reason, pos_cause)"), "accepted",
	    "E36 what was wrong with it is said no more");
	is_int(world_int("SELECT pos_proved_at IS NOT NULL FROM orders WHERE id = %lld", (long long)third), 1, "rule 8 what staff have seen there is proved");
	third = order_that(s, "b");
	is_str(shop_column(third, "pos_reference = CONCAT(order_number, '-1')"), "1", "POS-02 our name for it there");
}

static void
test_stamps(const struct shop *s)
{
	int64_t id = order_that(s, "bp1234$9"), failed = order_that(s, "br"), ended = order_that(s, "c");

	is_str(shop_axes(id), "completed/accepted/paid", "ORD-14 all the way");
	is_str(shop_column(id, "CONCAT_WS(' ', created_at < confirmed_at, confirmed_at < preparing_at, preparing_at < ready_at,"
	    " ready_at < out_for_delivery_at, out_for_delivery_at < completed_at, cancelled_at IS NULL, rejected_at IS NULL,"
	    " failed_at IS NULL, pos_proved_at IS NOT NULL, pos_status_updated_at IS NOT NULL)"), "1 1 1 1 1 1 1 1 1 1",
	    "ORD-23 DB-08 each status has its moment");
	is_str(shop_column(failed, "CONCAT_WS(' ', failed_at IS NOT NULL, pos_failure_reason, cancelled_at IS NULL)"), "1 wrong item 1",
	    "DB-10 why and when the POS did not take it");
	is_str(shop_column(ended, "CONCAT_WS(' ', cancelled_at = updated_at, cancellation_reason)"), "1 changed my mind",
	    "ORD-24 a cancelled order says why");
	is_int(world_int("SELECT COUNT(*) FROM order_status_history WHERE order_id = %lld AND axis = 'status' AND"
	    " new_status = 'cancelled' AND change_reason = 'changed my mind' AND changed_by = 'relay'", (long long)ended), 1,
	    "DB-14 and so does its history");
	id = order_that(s, "bcd");
	is_str(shop_column(id, "CONCAT_WS(' ', cancel_wanted, cancellation_reason)"), "guest changed my mind", "ORD-24 a wish says why");
	id = order_that(s, "bCd");
	is_str(shop_column(id, "cancel_wanted"), "house", "ORD-24 and whose it is");
	id = order_that(s, "b");
	is_str(shop_column(id, "TIMESTAMPDIFF(MICROSECOND, updated_at, settled_at)"), "30000000", "rule 4 when its request has surely settled");
	is_str(shop_column(id, "pos_request"), "{}", "rule 1 what is about to be sent");
	id = order_that(s, "bu");
	is_str(shop_text("SELECT TIMESTAMPDIFF(SECOND, created_at, due_at) FROM outbox WHERE kind = 'pos_deadline' AND subject_id = %lld",
	    (long long)id), "90", "rule 8 a doubt goes to staff after 90 s");
	id = order_that(s, "br");
	is_str(shop_text("SELECT TIMESTAMPDIFF(SECOND, created_at, due_at) FROM outbox WHERE kind = 'pos_compensate' AND subject_id = %lld",
	    (long long)id), "600", "C16 POS-25 staff have ten minutes");
	world_sql("INSERT INTO system_config (restaurant_id, config_key, value, updated_at, updated_by)"
	    " VALUES (%lld, 'pos_compensate_minutes', '25', NOW(6), 'test')", (long long)s->restaurant.id);
	id = order_that(s, "br");
	is_str(shop_text("SELECT TIMESTAMPDIFF(SECOND, created_at, due_at) FROM outbox WHERE kind = 'pos_compensate' AND subject_id = %lld",
	    (long long)id), "1500", "C16 POS-25 or as many as their restaurant gives them");
	world_sql("DELETE FROM system_config WHERE config_key = 'pos_compensate_minutes'");
	id = order_that(s, "");
	is_str(shop_text("SELECT TIMESTAMPDIFF(SECOND, created_at, due_at) FROM outbox WHERE kind = 'pos_undecided' AND subject_id = %lld",
	    (long long)id), "90", "E12 after ninety seconds without an answer staff are told");
	shop_config.undecided_ms = 45000;
	id = order_that(s, "");
	is_str(shop_text("SELECT TIMESTAMPDIFF(SECOND, created_at, due_at) FROM outbox WHERE kind = 'pos_undecided' AND subject_id = %lld",
	    (long long)id), "45", "E12 or as configured");
	shop_config.undecided_ms = 0;
}

static void
test_cash(const struct shop *s)
{
	int64_t id = order_that(s, "bp$$");

	is_str(shop_axes(id), "received/accepted/paid", "ADM-05 cash was received");
	is_int(world_int("SELECT COUNT(*) FROM order_status_history WHERE order_id = %lld AND axis = 'payment'", (long long)id), 1,
	    "ADM-05 once");
	is_int(go(s, id, "$", NULL, NULL), OK, "ADM-05 said again it is no mistake");
	shop_check(s, id, "paid in cash");
	id = order_that(s, "");
	world_sql("UPDATE orders SET payment_method = 'upi' WHERE id = %lld", (long long)id);
	is_int(go(s, id, "$", NULL, NULL), ERR_ILLEGAL_TRANSITION, "ADM-05 not for an order that is paid otherwise");
}

/* A POS whose answer is the kitchen's yes, and one that cannot be asked to cancel. */
static void
test_terms(const struct shop *s)
{
	int64_t id;

	terms.accepts_on_create = true;
	terms.needs_proof_us = 0;
	id = order_that(s, "bd");
	is_str(shop_axes(id), "confirmed/accepted/pending", "POS-30 done is confirmed where the POS accepts by itself");
	is_str(shop_messages(id), "pos_submit:1", "POS-30 and needs no proof");
	terms.accepts_on_create = terms.can_cancel = false;
	id = order_that(s, "bdc");
	is_str(shop_axes(id), "received/manual/pending", "rule 7 a POS that cannot be asked: staff");
	is_str(shop_notices(id), "pos_void_refused", "rule 7 are told so");
	id = order_that(s, "bcd");
	is_str(shop_axes(id), "received/manual/pending", "rule 7 likewise when the wish came first");
	shop_check(s, id, "a POS that cannot cancel");
	terms.can_cancel = true;
}

/* How many minutes after its release an order for so many minutes later is sent, and told when nobody answers. */
static const char *
held(const struct shop *s, int64_t later_min, int64_t *ret_id)
{
	static char text[64];
	struct order_wish w = shop_wish(s);
	struct order order = { .id = 0 };
	struct op op;
	char *minutes;

	shop_op(&op, PROGRAM_orders, s);
	op.actor = (struct actor){ .kind = ACTOR_USER, .id = s->guest_id, .name = "user" };
	if (db_ready(&op) == OK && later_min > 0)
		w.scheduled_time = op.now_us + later_min * 60 * SECOND_US;
	if (order_place(&op, &s->restaurant, &terms, &w, NULL, NULL, &order) != OK)
		diag("placing: %s %s", op.fault.sentence, op.fault.internal);
	op_end(&op);
	*ret_id = order.id;
	minutes = world_text("SELECT GROUP_CONCAT(TIMESTAMPDIFF(MINUTE, o.released_at + INTERVAL -1 SECOND, b.due_at) ORDER BY b.kind)"
	    " FROM outbox b JOIN orders o ON o.id = b.subject_id AND b.kind IN ('pos_submit', 'pos_undecided') WHERE o.id = %lld",
	    (long long)order.id);
	(void)snprintf(text, sizeof text, "%s", minutes != NULL ? minutes : "none");
	free(minutes);
	return text;
}

static void
test_scheduled(const struct shop *s)
{
	int64_t id;

	is_str(held(s, 0, &id), "0,1", "E7 an order for now is sent at once");
	is_str(held(s, 120, &id), "95,96", "E7 one for later when its preparation must start, twenty minutes and five before");
	is_str(shop_axes(id), "received/queued/pending", "E7 until then it waits");
	is_int(go(s, id, "c", NULL, NULL), OK, "E7 and may be cancelled");
	is_str(shop_axes(id), "cancelled/failed/pending", "rule 6 at once: nobody has it");
	is_str(held(s, 10, &id), "0,1", "E7 one for soon is sent at once");
	terms.holds_scheduled = true;
	is_str(held(s, 120, &id), "0,1", "E7 and any where the POS itself keeps it");
	terms.holds_scheduled = false;
}

/* The assertion in the UPDATE. */
static enum err
stolen_body(struct op *op, void *arg)
{
	struct deed *d = arg;
	struct order_axes x;
	enum err e = order_lock(op, d->restaurant_id, d->order_id, &x);

	x.was_status = STATUS_ready;
	return e != OK ? e : order_save(op, &x);
}

/* Whoever looks at an order in order to move it holds it: what else is decided by the picture would be decided twice. */
static enum err
looking_body(struct op *op, void *arg)
{
	struct deed *d = arg;
	struct order_axes x;
	enum err e = order_lock(op, d->restaurant_id, d->order_id, &x);

	d->said = world_sql_errno("SELECT id FROM orders WHERE id = %lld FOR UPDATE NOWAIT", (long long)d->order_id) != 0;
	return e;
}

static void
test_lock_holds(const struct shop *s)
{
	struct deed d = { .restaurant_id = s->restaurant.id, .order_id = order_that(s, "") };
	struct op op;

	shop_op(&op, PROGRAM_relay, s);
	ok(db_tx(&op, looking_body, &d) == OK && d.said, "I8 who has an order's picture has its row, until the commit");
	op_end(&op);
	is_int(world_sql_errno("SELECT id FROM orders WHERE id = %lld FOR UPDATE NOWAIT", (long long)d.order_id), 0,
	    "and no longer");
}

static void
test_save_asserts(const struct shop *s)
{
	struct deed d = { .restaurant_id = s->restaurant.id, .order_id = order_that(s, "") };
	struct op op;

	shop_op(&op, PROGRAM_relay, s);
	is_int(db_tx(&op, stolen_body, &d), ERR_CONFLICT, "I8 a picture that is not the row's is not written");
	op_end(&op);
	d.restaurant_id++;
	shop_op(&op, PROGRAM_relay, s);
	is_int(db_tx(&op, deed_body, &d), ERR_NO_ROW, "I10 another restaurant has no such order");
	op_end(&op);
}

int
main(void)
{
	struct shop s;

	shop_make(&s, "kitchen");
	test_ways(&s);
	test_rows_met(&s);
	test_answers(&s);
	test_ids(&s);
	test_stamps(&s);
	test_cash(&s);
	test_terms(&s);
	test_scheduled(&s);
	test_lock_holds(&s);
	test_save_asserts(&s);
	return tap_done();
}
