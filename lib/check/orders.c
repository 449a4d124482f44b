/* Orders, as far as the database alone knows: the three axes, what waits and who was told. */

#include <string.h>

#include "check/inside.h"
#include "order/state.h"

static const struct db_col order_cols[] = {
	COL_I64(struct check_order, id),
	COL_I64(struct check_order, restaurant_id),
	COL_TEXT(struct check_order, order_number),
	COL_TEXT(struct check_order, status),
	COL_TEXT(struct check_order, pos_state),
	COL_TEXT(struct check_order, payment_status),
	COL_BOOL(struct check_order, by_hand),
	COL_TEXT(struct check_order, cancel_wanted),
	COL_I64(struct check_order, submission_no),
	COL_TEXT(struct check_order, pos_reference),
	COL_TIME(struct check_order, pos_proved_at),
	COL_I64(struct check_order, history_seq),
	COL_BOOL(struct check_order, has_phone),
	COL_TEXT(struct check_order, delivery),
	COL_BOOL(struct check_order, delivery_is_open),
	COL_BOOL(struct check_order, is_delivery),
	COL_BOOL(struct check_order, was_paid_first),
	COL_I64(struct check_order, submits_n),
	COL_I64(struct check_order, voids_n),
	COL_I64(struct check_order, deadlines_n),
	COL_I64(struct check_order, proofs_n),
	COL_I64(struct check_order, compensations_n),
	COL_I64(struct check_order, looks_n),
	COL_I64(struct check_order, follows_n),
	COL_I64(struct check_order, submitted_n),
	COL_I64(struct check_order, absences_n),
	COL_I64(struct check_order, announced_n),
	COL_I64(struct check_order, told_failed_n),
	COL_I64(struct check_order, told_manual_n),
	COL_I64(struct check_order, told_ended_n),
	COL_I64(struct check_order, told_total_n),
	COL_I64(struct check_order, told_unfinished_n),
	COL_I64(struct check_order, total_minor),
	COL_I64(struct check_order, tip_minor),
};
static const struct db_shape order_shape = DB_SHAPE(struct check_order, order_cols);

static void
say(struct check *c, const struct check_order *o, enum finding_kind kind, const char *sentence)
{
	check_tell(c, kind, o->restaurant_id, "order %s (%s, pos %s) %s", o->order_number,
	    o->status, o->pos_state, sentence);
}

static bool
was_dropped(const struct check_order *o)
{
	return strcmp(o->status, "cancelled") == 0 || strcmp(o->status, "rejected") == 0;
}

/*
 * An acceptance by answer alone stands until its deadline, unless somebody knows more, or it is
 * looked at.
 */
static void
accepted_look(struct check *c, const struct check_order *o, bool is_open)
{
	if (!o->by_hand && o->pos_reference == NULL)
		say(c, o, FINDING_nameless, "is at the POS under no name");
	if (!o->by_hand && o->pos_proved_at == TIME_NONE && o->cancel_wanted == NULL &&
	    strcmp(o->status, "received") == 0 && o->proofs_n == 0 && o->looks_n == 0 &&
	    o->told_manual_n == 0)
		say(c, o, FINDING_unproved_for_ever, "is proved by nothing and no deadline is set");
	if (is_open && o->cancel_wanted != NULL && o->voids_n == 0)
		say(c, o, FINDING_cancel_dropped, "is to be cancelled and nobody sees to it");
}

static void
failed_look(struct check *c, const struct check_order *o, bool is_open)
{
	if (!is_open)
		return;
	/* Who was told to look, and said that it is not there, knows. */
	if (o->told_failed_n == 0 && o->told_manual_n == 0)
		say(c, o, FINDING_failed_untold, "is not at the POS and staff were not told");
	if (o->compensations_n == 0 && o->told_manual_n == 0)
		say(c, o, FINDING_failed_for_ever, "is not at the POS and no deadline is set");
	if (o->cancel_wanted != NULL)
		say(c, o, FINDING_cancel_dropped, "is to be cancelled and was not");
}

static void
under_way_look(struct check *c, const struct check_order *o, enum pos_state pos)
{
	bool is_carried = o->submits_n > 0 ||
			  (pos == POS_unsure && (o->deadlines_n > 0 || o->told_manual_n > 0));

	if (!is_carried)
		say(c, o, FINDING_waits_for_nothing, "waits for nothing");
}

static void
manual_look(struct check *c, const struct check_order *o)
{
	if (o->told_manual_n == 0)
		say(c, o, FINDING_manual_untold, "was given to staff, who were not told");
	if (o->submits_n > 0)
		say(c, o, FINDING_manual_sending, "was given to staff and would still be sent");
}

static void
submission_look(struct check *c, const struct check_order *o)
{
	bool is_open = !status_is_end(status_by_name(o->status));
	enum pos_state pos = pos_state_by_name(o->pos_state);

	switch (pos) {
	case POS_accepted:
		accepted_look(c, o, is_open);
		break;
	case POS_failed:
		failed_look(c, o, is_open);
		break;
	case POS_manual:
		manual_look(c, o);
		break;
	case POS_queued:
	case POS_submitting:
	case POS_unsure:
		under_way_look(c, o, pos);
		break;
	case POS_not_required:
	case POS__MAX:
		break;
	}
	/* Of one that failed, or is still on its way, the rest is said above. */
	if (is_open && strcmp(o->status, "received") != 0 && pos == POS_not_required && !o->by_hand)
		say(c, o, FINDING_nobody_has_it, "goes on and nobody has it");
	if (o->submits_n > 1)
		say(c, o, FINDING_submits_two, "has two submissions under way");
	if (o->submitted_n + o->submits_n > o->submission_no + o->absences_n)
		check_tell(c, FINDING_submitted_often, o->restaurant_id,
		    "order %s began %lld submissions and has %lld", o->order_number,
		    (long long)(o->submission_no + o->absences_n),
		    (long long)(o->submitted_n + o->submits_n));
}

/* Who brings it has got as far as the order has. */
static void
delivery_look(struct check *c, const struct check_order *o)
{
	enum assignment_state a = assignment_by_name(o->delivery);
	bool is_end = status_is_end(status_by_name(o->status));

	if (a == ASSIGNMENT_none)
		return;
	if (!o->is_delivery)
		say(c, o, FINDING_assignment_stray, "is somebody's to bring and not to be brought");
	if (o->delivery_is_open == is_end)
		say(c, o, FINDING_assignment_stray,
		    is_end ? "has ended and is somebody's to bring"
			   : "goes on and is nobody's to bring any more");
	if ((a == ASSIGNMENT_delivered) != (strcmp(o->status, "completed") == 0))
		say(c, o, FINDING_assignment_stray,
		    a == ASSIGNMENT_delivered ? "is delivered" : "is not delivered");
}

static void
order_look(struct check *c, const struct check_order *o)
{
	submission_look(c, o);
	delivery_look(c, o);
	if (strcmp(o->status, "completed") == 0 && strcmp(o->payment_status, "paid") != 0)
		say(c, o, FINDING_completed_unpaid, "is not paid");
	if (was_dropped(o) && o->has_phone && o->told_ended_n == 0)
		say(c, o, FINDING_guest_untold, "has ended and its guest was not told");
	if (!was_dropped(o) && o->told_ended_n > 0)
		say(c, o, FINDING_notice_untrue, "has not ended, its guest was told so");
	if (o->announced_n != 1)
		check_tell(c, FINDING_order_unannounced, o->restaurant_id,
		    "order %s has %lld events that it was placed, not one", o->order_number,
		    (long long)o->announced_n);
	if (c->journal != NULL)
		check_tickets(c, o);
}

struct bill_row {
	int64_t restaurant_id;
	const char *order_number;
};
static const struct db_col bill_cols[] = {
	COL_I64(struct bill_row, restaurant_id),
	COL_TEXT(struct bill_row, order_number),
};
static const struct db_shape bill_shape = DB_SHAPE(struct bill_row, bill_cols);

static enum err
bills_look(struct check *c, int64_t from_id, int64_t to_id)
{
	struct bill_row *rows;
	size_t n;
	enum err e = db_many(c->op, STMT_check_bills,
	    DB_ARGS(DB_I64("from_id", from_id), DB_I64("to_id", to_id)), &bill_shape, &rows, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		check_tell(c, FINDING_bill_wrong, rows[i].restaurant_id,
		    "order %s does not cost the sum of what it is made of", rows[i].order_number);
	return e;
}

enum err
check_orders(struct check *c)
{
	struct check_order *orders;
	int64_t after = 0;
	size_t n;

	do {
		enum err e;

		check_page(c, c->page);
		e = db_many(c->op, STMT_check_orders,
		    DB_ARGS(DB_I64("after_id", after), DB_I64("n", CHECK_PAGE)), &order_shape,
		    &orders, &n);
		if (e != OK)
			return e;
		for (size_t i = 0; i < n; i++)
			order_look(c, &orders[i]);
		if (n > 0)
			e = check_histories(c, orders, n);
		if (e == OK && n > 0)
			e = bills_look(c, orders[0].id, orders[n - 1].id);
		if (e != OK)
			return e;
		c->report->orders_n += (int64_t)n;
		after = n > 0 ? orders[n - 1].id : after;
	} while (n == CHECK_PAGE);
	return OK;
}
