#include "order/submission.h"

#include <string.h>

#include "config/config.h"
#include "db/db.h"
#include "notice/notice.h"
#include "op/op.h"
#include "order/submission_inside.h"
#include "outbox/outbox.h"
#include "tenant/settings.h"
#include "text/utf8.h"

#define MINUTE_US (INT64_C(60) * 1000000)

/* What is decided needs nobody's attention any more: whether it is there, or whether it goes. */
static bool
is_decision(const struct pos_row *row)
{
	return (pos_is_undecided(row->from) && !pos_is_undecided(row->to)) ||
	       row->from == POS_accepted;
}

enum err
submission_move(struct op *op, struct order_axes *x, enum pos_event_name event, const char *reason,
    bool *ret_moved)
{
	const struct pos_row *row = pos_row_find(x->pos_state, event);
	enum err e;

	*ret_moved = row != NULL;
	if (row == NULL)
		return OK;
	e = order_history_add(op, x, "pos", pos_event_name(event), pos_state_name(x->pos_state),
	    pos_state_name(row->to), reason);
	if (e != OK)
		return e;
	x->pos_state = row->to;
	x->pos_status_updated_at = op->now_us;
	order_tell(op, x, "pos_changed");
	return is_decision(row) ? outbox_drop(op, MESSAGE_pos_undecided, x->id) : OK;
}

void
submission_failed_because(
    struct op *op, struct order_axes *x, const char *failure, const char *reason)
{
	x->pos_failure = failure;
	x->pos_failure_reason = reason == NULL ? NULL : utf8_truncate(op->arena, reason, 500);
	x->failed_at = op->now_us;
}

static enum err
tell_staff(struct op *op, const struct order_axes *x, enum notice_kind kind, const char *reason,
    int64_t round)
{
	return notice_staff(op, kind,
	    &(struct notice_about){ .restaurant_id = x->restaurant_id,
		.order_id = x->id,
		.order_number = x->order_number,
		.reason = reason,
		.round = round });
}

enum err
submission_tell_staff(
    struct op *op, const struct order_axes *x, enum notice_kind kind, const char *reason)
{
	return tell_staff(op, x, kind, reason, x->submission_no);
}

enum err
submission_tell_staff_again(
    struct op *op, const struct order_axes *x, enum notice_kind kind, const char *reason)
{
	return tell_staff(op, x, kind, reason, x->history_seq);
}

enum err
submission_close_as_wanted(struct op *op, struct order_axes *x)
{
	bool by_guest = x->cancel_wanted != NULL && strcmp(x->cancel_wanted, "guest") == 0;
	const char *reason = x->cancellation_reason != NULL ? x->cancellation_reason : "Cancelled";

	return order_close(
	    op, x, STATUS_EVENT_cancel, by_guest ? WHO_GUEST | WHO_HOUSE : WHO_HOUSE, reason);
}

void
submission_start(struct op *op, struct order_axes *x, const struct submission_terms *terms)
{
	x->released_at = op->now_us;
	if (terms == NULL) {
		x->by_hand = true;
		x->status = STATUS_confirmed;
		x->stamps[STATUS_confirmed] = op->now_us;
	} else {
		x->pos_state = POS_queued;
		x->submission_no = 1;
		x->pos_place = terms->place;
	}
}

bool
submission_is_elsewhere(const struct order_axes *x, const struct submission_terms *terms)
{
	return x->pos_place != NULL && terms->place != NULL &&
	       strcmp(x->pos_place, terms->place) != 0;
}

struct message_new
submission_undecided_message(const struct op *op, const struct order_axes *x, int64_t hold_us)
{
	bool is_configured = op->config != NULL && op->config->undecided_ms > 0;

	return (struct message_new){ .kind = MESSAGE_pos_undecided,
		.destination = "orders",
		.restaurant_id = x->restaurant_id,
		.subject_id = x->id,
		.subject_no = x->submission_no,
		.delay_us = hold_us + (is_configured ? op->config->undecided_ms * 1000
						     : SUBMISSION_UNDECIDED_US) };
}

enum err
submission_held_us(struct op *op, const struct order_axes *x,
    const struct submission_terms *terms, int64_t *ret_us)
{
	struct settings settings;
	enum err e = OK;

	*ret_us = 0;
	if (x->scheduled_time == TIME_NONE || terms->holds_scheduled)
		return OK;
	e = settings_read(op, x->restaurant_id, x->currency, &settings);
	if (e != OK)
		return e;
	*ret_us = x->scheduled_time - settings.prep_minutes * MINUTE_US - SUBMISSION_LEAD_US -
		  op->now_us;
	if (*ret_us < 0)
		*ret_us = 0;
	return OK;
}

enum err
submission_put(struct op *op, const struct order_axes *x, const struct submission_terms *terms)
{
	int64_t hold_us;
	enum err e = submission_held_us(op, x, terms, &hold_us);
	const struct message_new messages[] = {
		{ .kind = MESSAGE_pos_submit,
		    .destination = terms->destination,
		    .lane = x->id,
		    .restaurant_id = x->restaurant_id,
		    .subject_id = x->id,
		    .subject_no = x->submission_no,
		    .delay_us = hold_us },
		submission_undecided_message(op, x, hold_us),
	};

	return e != OK ? e : outbox_put_all(op, messages, sizeof messages / sizeof messages[0]);
}

enum err
submission_started(struct op *op, struct order_axes *x, const struct submission_terms *terms)
{
	enum err e;

	if (terms == NULL)
		return order_history_add(op, x, "status", status_event_name(STATUS_EVENT_confirm),
		    status_name(STATUS_received), status_name(STATUS_confirmed),
		    "No POS is connected: handled by hand");
	e = order_history_add(op, x, "pos", pos_event_name(POS_EVENT_release),
	    pos_state_name(POS_not_required), pos_state_name(POS_queued), NULL);
	return e != OK ? e : submission_put(op, x, terms);
}

enum err
submission_begin(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    const char *reference, struct bytes request, bool *ret_go)
{
	bool moved;
	enum err e = OK;

	*ret_go = false;
	if (x->pos_state == POS_queued && x->cancel_wanted == NULL && !status_is_end(x->status)) {
		e = submission_move(op, x, POS_EVENT_claim, NULL, &moved);
		x->pos_reference = reference;
		if (x->pos_place == NULL)
			x->pos_place = terms->place;
		*ret_go = true;
	} else if (x->pos_state == POS_unsure && !status_is_end(x->status)) {
		/* Also when it is to be cancelled: what surely exists can be voided. */
		*ret_go = true;
	}
	if (e != OK || !*ret_go)
		return e;
	x->settled_at = op->now_us + terms->settle_us;
	if (request.data != NULL)
		x->pos_request = request;
	return OK;
}

struct taken_row {
	int64_t n;
};
static const struct db_col taken_cols[] = { COL_I64(struct taken_row, n) };
static const struct db_shape taken_shape = DB_SHAPE(struct taken_row, taken_cols);

void
submission_go_on(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    struct bytes request, bool *ret_go)
{
	*ret_go = x->pos_state == POS_submitting && !status_is_end(x->status);
	if (!*ret_go)
		return;
	x->settled_at = op->now_us + terms->settle_us;
	x->pos_request = request;
}

/*
 * Did the POS give this id to another order as well? Of many at once nobody asks: the unique key
 * refuses to save them all, and then each is asked about by itself.
 */
static enum err
pos_order_id_taken(
    struct op *op, const struct order_axes *x, const char *pos_order_id, bool *ret_taken)
{
	struct taken_row row = { .n = 0 };
	enum err e = OK;

	if (!db_notes_wait(op, STMT_orders_save))
		e = db_one(op, STMT_order_pos_id_taken,
		    DB_ARGS(DB_I64("restaurant_id", x->restaurant_id),
			DB_TEXT("pos_order_id", pos_order_id)),
		    &taken_shape, &row);
	if (e == OK)
		*ret_taken = row.n != 0;
	return e;
}

/*
 * The first id the POS told stays. One that it gave to another order as well is a matter for
 * people.
 */
static enum err
pos_order_id_keep(struct op *op, struct order_axes *x, const char *pos_order_id)
{
	bool is_taken;
	enum err e;

	if (x->pos_order_id != NULL || pos_order_id == NULL || pos_order_id[0] == '\0')
		return OK;
	e = pos_order_id_taken(op, x, pos_order_id, &is_taken);
	if (e != OK)
		return e;
	if (is_taken)
		return submission_tell_staff(
		    op, x, NOTICE_pos_manual, "the POS answered with the id of another order");
	x->pos_order_id = pos_order_id;
	return OK;
}

/* An order that is there under an id that we were not told. */
#define ID_LOOK_US (INT64_C(2) * 1000000)

void
submission_progress(struct op *op, struct order_axes *x, struct bytes progress)
{
	static const struct bytes nothing = { "", 0 };

	x->pos_progress = (struct bytes){
		arena_bytes(op->arena, progress.data, progress.len), progress.len };
	x->pos_request = nothing;
	x->has_request = false;
}

enum err
submission_stepped(struct op *op, struct order_axes *x, const char *pos_order_id,
    const char *reason, bool *ret_goes_on)
{
	bool moved = false;
	enum err e = OK;

	if (x->pos_state == POS_unsure)
		e = submission_move(op, x, POS_EVENT_step, reason, &moved);
	if (e == OK)
		e = pos_order_id_keep(op, x, pos_order_id);
	if (e == OK)
		*ret_goes_on = x->pos_state == POS_submitting;
	return e;
}

/*
 * It is there: what an acceptance means for the status, for a wish to cancel, and for an order that
 * has ended.
 */
static enum err
accepted(struct op *op, struct order_axes *x, const struct submission_terms *terms, bool confirms)
{
	bool moved;
	enum err e = OK;

	x->pos_failure = x->pos_failure_reason = x->pos_cause = NULL;
	if (status_is_end(x->status) && x->status != STATUS_completed) {
		e = submission_tell_staff_again(op, x, NOTICE_pos_late_acceptance, NULL);
		if (x->cancel_wanted == NULL)
			x->cancel_wanted = "house";
	}
	if (e == OK && x->cancel_wanted != NULL)
		return submission_wish_pursue(op, x, terms);
	if (e == OK && confirms)
		e = order_status_move(op, x, STATUS_EVENT_confirm, WHO_POS, NULL, &moved);
	if (e == OK)
		e = submission_follow(op, x, terms);
	if (e == OK && terms->can_look && (terms->poll_us > 0 || x->pos_order_id == NULL))
		e = submission_look_put(op, x, terms, MESSAGE_pos_look,
		    x->pos_order_id == NULL ? ID_LOOK_US : terms->poll_us);
	return e;
}

/* What is known, and could not be taken off there, is for staff: that it is there is no news. */
static bool
is_news(const struct order_axes *x)
{
	return x->pos_state != POS_manual || x->pos_proved_at == TIME_NONE;
}

/*
 * It is there after people were told otherwise, or that nobody knows: they may have entered it, and
 * may be about to. Of one that has ended they hear in other words; one that is to be cancelled goes
 * again, and they hear of that if it does not.
 */
static enum err
tell_after_all(
    struct op *op, const struct order_axes *x, enum pos_state was, const char *reason)
{
	if (x->pos_state == POS_accepted && x->by_hand)
		return submission_tell_staff(op, x, NOTICE_pos_late_answer, reason);
	if (x->pos_state != POS_accepted || status_is_end(x->status))
		return OK;
	if (was == POS_failed)
		return submission_tell_staff(op, x, NOTICE_pos_late_answer, reason);
	return was == POS_manual && x->cancel_wanted == NULL
		   ? submission_tell_staff_again(op, x, NOTICE_pos_found, reason)
		   : OK;
}

enum err
submission_done(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    const char *pos_order_id, int64_t estimated_ready_time, const char *reason)
{
	enum pos_state was = x->pos_state;
	bool moved = false;
	enum err e = is_news(x) ? submission_move(op, x, POS_EVENT_done, reason, &moved) : OK;

	if (e == OK)
		e = pos_order_id_keep(op, x, pos_order_id);
	if (estimated_ready_time != TIME_NONE)
		order_estimate(op, x, estimated_ready_time);
	if (e == OK)
		e = tell_after_all(op, x, was, reason);
	/* Not moved: an event was quicker than the answer, and everything has happened already. */
	if (e != OK || !moved)
		return e;
	e = accepted(op, x, terms, terms->accepts_on_create);
	if (e == OK && terms->needs_proof_us > 0 && x->cancel_wanted == NULL)
		e = submission_deadline_put(op, x, MESSAGE_pos_proof, terms->needs_proof_us);
	return e;
}

enum err
submission_present(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    const char *pos_order_id, const char *reason)
{
	bool is_first = x->pos_proved_at == TIME_NONE, moved = false;
	enum pos_state was = x->pos_state;
	enum err e = is_news(x) ? submission_move(op, x, POS_EVENT_present, reason, &moved) : OK;

	if (e == OK)
		e = pos_order_id_keep(op, x, pos_order_id);
	if (is_first)
		x->pos_proved_at = op->now_us;
	if (e == OK && (moved || is_first))
		e = tell_after_all(op, x, was, reason);
	if (e == OK && moved)
		e = accepted(op, x, terms, false);
	return e;
}

enum err
submission_compensation_put(struct op *op, const struct order_axes *x)
{
	struct settings settings;
	enum err e = settings_read(op, x->restaurant_id, x->currency, &settings);

	return e != OK ? e
		       : submission_deadline_put(op, x, MESSAGE_pos_compensate,
			     settings.pos_compensate_minutes * MINUTE_US);
}

/*
 * Surely not there, and no attempt under way: staff are told and may mend it until the compensation
 * deadline.
 */
static enum err
failed(struct op *op, struct order_axes *x, const char *failure, const char *reason)
{
	enum err e;

	submission_failed_because(op, x, failure, reason);
	if (x->cancel_wanted != NULL)
		return submission_close_as_wanted(op, x);
	if (status_is_end(x->status))
		return OK;
	e = submission_tell_staff(op, x, NOTICE_pos_failed, reason);
	return e != OK ? e : submission_compensation_put(op, x);
}

enum err
submission_tidy(
    struct op *op, const struct order_axes *x, const struct submission_terms *terms)
{
	if (terms == NULL || !terms->leaves_drafts || x->pos_progress.len == 0)
		return OK;
	return outbox_put(op, &(struct message_new){ .kind = MESSAGE_pos_tidy,
				  .destination = terms->destination,
				  .restaurant_id = x->restaurant_id,
				  .subject_id = x->id,
				  .subject_no = x->submission_no,
				  .payload = x->pos_progress });
}

enum err
submission_refused(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    const char *reason)
{
	bool moved;
	enum err e = submission_move(op, x, POS_EVENT_refused, reason, &moved);

	if (e == OK && moved)
		e = submission_watch_if_doubted(op, x, terms);
	if (e == OK && moved)
		e = submission_tidy(op, x, terms);
	return e != OK || !moved ? e : failed(op, x, "refused", reason);
}

enum err
submission_later(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    bool is_last, const char *reason, bool *ret_again)
{
	bool moved, is_doubted = x->pos_state == POS_unsure;
	enum err e = OK;

	*ret_again = false;
	if (x->pos_state == POS_submitting)
		e = submission_was_in_doubt(op, x, &is_doubted);
	if (e == OK && is_doubted) {
		/*
		 * This attempt surely did nothing, an earlier one may have: the doubt stays, or is
		 * back if this was a step by which it was to be ended, and may be asked again.
		 */
		*ret_again = !is_last;
		return submission_unsure(op, x, terms, false, reason);
	}
	if (e != OK)
		return e;
	if (x->cancel_wanted != NULL)
		e = submission_move(op, x, POS_EVENT_cancelled, reason, &moved);
	else
		e = submission_move(
		    op, x, is_last ? POS_EVENT_exhausted : POS_EVENT_later, reason, &moved);
	if (e != OK || !moved)
		return e;
	if (x->pos_state == POS_failed) {
		e = submission_watch_if_doubted(op, x, terms);
		if (e == OK)
			e = submission_tidy(op, x, terms);
		return e != OK ? e
			       : failed(op, x,
				     x->cancel_wanted != NULL ? "cancelled" : "exhausted", reason);
	}
	*ret_again = true;
	return OK;
}

enum err
submission_absent(struct op *op, struct order_axes *x, const struct submission_terms *terms,
    bool is_last, const char *reason)
{
	bool moved;
	enum err e = submission_move(op, x, POS_EVENT_absent, reason, &moved);

	if (e != OK || !moved)
		return e;
	/* Whatever becomes of it now: what was sent may be under way still. */
	e = submission_watch(op, x, terms);
	if (e != OK)
		return e;
	if (x->cancel_wanted == NULL && !is_last)
		return outbox_put(op, &(struct message_new){ .kind = MESSAGE_pos_submit,
					  .destination = terms->destination,
					  .lane = x->id,
					  .restaurant_id = x->restaurant_id,
					  .subject_id = x->id,
					  .subject_no = x->submission_no });
	e = submission_move(op, x,
	    x->cancel_wanted != NULL ? POS_EVENT_cancelled : POS_EVENT_exhausted, reason, &moved);
	if (e != OK)
		return e;
	return failed(op, x, x->cancel_wanted != NULL ? "cancelled" : "exhausted", reason);
}

enum err
submission_pos_cancelled(
    struct op *op, struct order_axes *x, enum status_event event, const char *reason)
{
	const struct status_row *row;
	bool moved;
	enum err e;

	/* Eaten and paid: what the POS strikes out now is a matter between people. */
	if (x->status == STATUS_completed)
		return submission_tell_staff(op, x, NOTICE_pos_cancelled_late, reason);
	e = submission_move(op, x, POS_EVENT_pos_cancelled, reason, &moved);
	if (e != OK)
		return e;
	if (moved) {
		submission_failed_because(op, x, "cancelled", reason);
		e = outbox_drop(op, MESSAGE_pos_submit, x->id);
	}
	/* What is being cooked is not rejected any more, but it is off the POS all the same. */
	row = status_row_find(x->status, event);
	if (row == NULL || (row->who & WHO_POS) == 0)
		event = STATUS_EVENT_cancel;
	return e != OK ? e : order_close(op, x, event, WHO_POS, reason);
}

enum err
submission_voided(struct op *op, struct order_axes *x, const char *reason)
{
	bool moved;
	enum err e = submission_move(op, x, POS_EVENT_voided, reason, &moved);

	if (e != OK || !moved)
		return e;
	/* Staff have completed it while it was being taken off. */
	if (x->status == STATUS_completed)
		return submission_tell_staff(op, x, NOTICE_pos_cancelled_late, reason);
	return failed(op, x, "cancelled", reason);
}
