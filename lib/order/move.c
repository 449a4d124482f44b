#include "order/move.h"

#include <string.h>

#include "db/db.h"
#include "event/event.h"
#include "mem/buf.h"
#include "notice/notice.h"
#include "op/crash.h"
#include "op/op.h"
#include "order/ahead.h"
#include "order/capacity.h"
#include "order/day_sums.h"
#include "order/delivery.h"
#include "order/discount_use.h"
#include "text/json_write.h"
#include "text/utf8.h"

/* The row as the database gives it; words become values on the way into the picture. */
struct axes_row {
	struct order_axes x;
	const char *status, *pos_state, *payment_status;
	const char *order_number, *order_type, *payment_method, *currency, *customer_phone;
	const char *pos_failure, *pos_failure_reason, *cancel_wanted, *pos_reference, *pos_order_id;
	const char *rider_name, *rider_phone, *cancellation_reason, *cancellation_code;
	const char *slot_date, *slot;
	int64_t discount_id;
	int64_t id, restaurant_id, user_id, total_minor, tip_minor, submission_no, history_seq;
	unsigned char public_id[16];
	bool by_hand, is_modified, has_request;
	int64_t settled_at, pos_proved_at, pos_status_updated_at, released_at, estimated_ready_time,
	    estimated_delivery_time;
	int64_t created_at, confirmed_at, preparing_at, ready_at, out_for_delivery_at, completed_at,
	    cancelled_at, rejected_at;
	int64_t failed_at, pos_completed_at, pos_total_minor, scheduled_time;
	struct bytes pos_progress;
	const char *pos_cause, *pos_place;
};
static const struct db_col axes_cols[] = {
	COL_I64(struct axes_row, id),
	COL_I64(struct axes_row, restaurant_id),
	COL_I64(struct axes_row, user_id),
	COL_FIXED(struct axes_row, public_id),
	COL_TEXT(struct axes_row, order_number),
	COL_TEXT(struct axes_row, order_type),
	COL_TEXT(struct axes_row, payment_method),
	COL_TEXT(struct axes_row, currency),
	COL_TEXT(struct axes_row, customer_phone),
	COL_I64(struct axes_row, total_minor),
	COL_I64(struct axes_row, tip_minor),
	COL_TEXT(struct axes_row, status),
	COL_TEXT(struct axes_row, pos_state),
	COL_TEXT(struct axes_row, payment_status),
	COL_TEXT(struct axes_row, pos_failure),
	COL_TEXT(struct axes_row, pos_failure_reason),
	COL_TEXT(struct axes_row, cancel_wanted),
	COL_TEXT(struct axes_row, pos_reference),
	COL_TEXT(struct axes_row, pos_order_id),
	COL_BOOL(struct axes_row, by_hand),
	COL_BOOL(struct axes_row, is_modified),
	COL_I64(struct axes_row, submission_no),
	COL_TIME(struct axes_row, settled_at),
	COL_TIME(struct axes_row, pos_proved_at),
	COL_TIME(struct axes_row, pos_status_updated_at),
	COL_TIME(struct axes_row, released_at),
	COL_TIME(struct axes_row, estimated_ready_time),
	COL_TIME(struct axes_row, estimated_delivery_time),
	COL_TEXT(struct axes_row, rider_name),
	COL_TEXT(struct axes_row, rider_phone),
	COL_TEXT(struct axes_row, cancellation_reason),
	COL_TEXT(struct axes_row, cancellation_code),
	COL_TIME(struct axes_row, created_at),
	COL_TIME(struct axes_row, confirmed_at),
	COL_TIME(struct axes_row, preparing_at),
	COL_TIME(struct axes_row, ready_at),
	COL_TIME(struct axes_row, out_for_delivery_at),
	COL_TIME(struct axes_row, completed_at),
	COL_TIME(struct axes_row, cancelled_at),
	COL_TIME(struct axes_row, rejected_at),
	COL_TIME(struct axes_row, failed_at),
	COL_TIME(struct axes_row, pos_completed_at),
	COL_TIME(struct axes_row, scheduled_time),
	COL_BYTES(struct axes_row, pos_progress),
	COL_I64(struct axes_row, pos_total_minor),
	COL_TEXT(struct axes_row, pos_cause),
	COL_TEXT(struct axes_row, pos_place),
	COL_I64(struct axes_row, history_seq),
	COL_TEXT(struct axes_row, slot_date),
	COL_TEXT(struct axes_row, slot),
	COL_I64(struct axes_row, discount_id),
	COL_BOOL(struct axes_row, has_request),
};
static const struct db_shape axes_shape = DB_SHAPE(struct axes_row, axes_cols);

static struct order_axes
axes_of(const struct axes_row *r)
{
	struct order_axes x = {
		.id = r->id, .restaurant_id = r->restaurant_id, .user_id = r->user_id,
		.order_number = r->order_number, .order_type = r->order_type,
		.payment_method = r->payment_method, .currency = r->currency,
		.customer_phone = r->customer_phone, .total_minor = r->total_minor,
		.tip_minor = r->tip_minor,
		.status = status_by_name(r->status),
		.pos_state = pos_state_by_name(r->pos_state),
		.payment_status = payment_by_name(r->payment_status),
		.pos_failure = r->pos_failure, .pos_failure_reason = r->pos_failure_reason,
		.cancel_wanted = r->cancel_wanted, .pos_reference = r->pos_reference,
		.pos_order_id = r->pos_order_id, .by_hand = r->by_hand,
		.is_modified = r->is_modified, .submission_no = r->submission_no,
		.settled_at = r->settled_at, .pos_proved_at = r->pos_proved_at,
		.pos_status_updated_at = r->pos_status_updated_at,
		.released_at = r->released_at, .estimated_ready_time = r->estimated_ready_time,
		.estimated_delivery_time = r->estimated_delivery_time,
		.rider_name = r->rider_name, .rider_phone = r->rider_phone,
		.cancellation_reason = r->cancellation_reason,
		.cancellation_code = r->cancellation_code, .failed_at = r->failed_at,
		.pos_completed_at = r->pos_completed_at,
		.scheduled_time = r->scheduled_time, .pos_progress = r->pos_progress,
		.pos_total_minor = r->pos_total_minor, .pos_cause = r->pos_cause,
		.pos_place = r->pos_place,
		.history_seq = r->history_seq,
		.slot_date = r->slot_date, .slot = r->slot, .discount_id = r->discount_id,
		.has_request = r->has_request,
		.stamps = {
#define STATUS_STATE(word, stamp) [STATUS_##word] = r->stamp,
#include "order/order_state.def"
#undef STATUS_STATE
		},
	};

	memcpy(x.public_id, r->public_id, sizeof x.public_id);
	x.was_status = x.status;
	x.was_pos_state = x.pos_state;
	x.was_payment = x.payment_status;
	return x;
}

struct summed_row {
	int64_t id;
};
static const struct db_col summed_cols[] = { COL_I64(struct summed_row, id) };
static const struct db_shape summed_shape = DB_SHAPE(struct summed_row, summed_cols);

/* Of those that are locked. */
static enum err
sums_look(struct op *op, struct order_ahead *locked, size_t locked_n, const char *names)
{
	struct summed_row *summed;
	size_t n;
	enum err e = db_many(op, STMT_orders_of_summed_days, DB_ARGS(DB_TEXT("orders", names)),
	    &summed_shape, &summed, &n);

	for (size_t i = 0; i < locked_n && e == OK; i++) {
		struct order_axes *x = &locked[i].axes;

		x->has_no_sums = true;
		for (size_t k = 0; k < n && x->has_no_sums; k++)
			x->has_no_sums = summed[k].id != x->id;
	}
	return e;
}

static bool
is_to_be_had(const struct op *op, const struct order_name *name)
{
	const struct order_ahead *locked =
	    order_locked_ahead(op, name->restaurant_id, name->id);

	return locked != NULL && !locked->is_taken;
}

/* Behind those that are there; of one that is there twice the later one counts. */
static struct order_ahead *
locked_add(struct op *op, const struct axes_row *rows, size_t n)
{
	struct orders_ahead *ahead = orders_ahead_of(op);
	size_t all_n = ahead->locked_n + n;
	struct order_ahead *all = arena_array(op->arena, all_n, sizeof *all);
	struct order_ahead *added = all + ahead->locked_n;

	for (size_t i = 0; i < ahead->locked_n; i++)
		all[i] = ahead->locked[i];
	ahead->locked = all;
	for (size_t i = 0; i < n; i++) {
		struct order_ahead *before =
		    order_locked_ahead(op, rows[i].restaurant_id, rows[i].id);

		if (before != NULL)
			before->axes.id = 0;
		added[i] = (struct order_ahead){ .axes = axes_of(&rows[i]) };
	}
	ahead->locked_n = all_n;
	return added;
}

enum err
orders_lock_ahead(struct op *op, const struct order_name *orders, size_t n)
{
	size_t missing_n, rows_n;
	const struct order_name *missing =
	    orders_missing(op, orders, n, is_to_be_had, &missing_n);
	const char *names = orders_named(op, missing, missing_n);
	struct axes_row *rows;
	enum err e;

	if (missing_n == 0)
		return OK;
	e = db_notes_write(op);
	if (e == OK)
		e = db_many(op, STMT_orders_lock, DB_ARGS(DB_TEXT("orders", names)), &axes_shape,
		    &rows, &rows_n);
	return e != OK ? e : sums_look(op, locked_add(op, rows, rows_n), rows_n, names);
}

/* The row is as the picture, or will be. */
static void
saved(struct order_axes *x)
{
	x->was_status = x->status;
	x->was_pos_state = x->pos_state;
	x->was_payment = x->payment_status;
	x->pos_request = x->pos_response = x->pos_callback = (struct bytes){ 0 };
}

/* True: it was locked ahead, and nobody else has it. */
static bool
axes_take(struct op *op, int64_t restaurant_id, int64_t order_id, struct order_axes *ret)
{
	struct order_ahead *locked = order_locked_ahead(op, restaurant_id, order_id);

	if (locked == NULL || locked->is_taken)
		return false;
	locked->is_taken = true;
	*ret = locked->axes;
	saved(ret);
	return true;
}

static enum err
axes_read(struct op *op, int64_t restaurant_id, int64_t order_id, struct order_axes *ret)
{
	struct axes_row row;
	enum err e = db_notes_write(op);

	if (e == OK)
		e = db_one(op, STMT_order_lock,
		    DB_ARGS(DB_I64("id", order_id), DB_I64("restaurant_id", restaurant_id)),
		    &axes_shape, &row);
	if (e == OK)
		*ret = axes_of(&row);
	return e;
}

enum err
order_lock(struct op *op, int64_t restaurant_id, int64_t order_id, struct order_axes *ret)
{
	enum err e = OK;

	if (!axes_take(op, restaurant_id, order_id, ret))
		e = axes_read(op, restaurant_id, order_id, ret);
	if (e != OK)
		return e;
	if (ret->status == STATUS__MAX || ret->pos_state == POS__MAX ||
	    ret->payment_status == PAYMENT__MAX)
		return fail(op, ERR_INTERNAL_ERROR, "The order is in no known state");
	CRASH_POINT("order_lock.between_read_and_write");
	return OK;
}

#define SAVE_ARGS_N 43

static void
save_args(const struct order_axes *x, struct db_arg args[SAVE_ARGS_N])
{
	const struct db_arg all[] = {
		DB_I64("id", x->id), DB_I64("restaurant_id", x->restaurant_id),
		DB_TEXT("was_status", status_name(x->was_status)),
		DB_TEXT("was_pos_state", pos_state_name(x->was_pos_state)),
		DB_TEXT("was_payment", payment_name(x->was_payment)),
		DB_TEXT("status", status_name(x->status)),
		DB_TEXT("pos_state", pos_state_name(x->pos_state)),
		DB_TEXT("payment_status", payment_name(x->payment_status)),
		DB_TEXT("pos_failure", x->pos_failure),
		DB_TEXT("pos_failure_reason", x->pos_failure_reason),
		DB_TEXT("cancel_wanted", x->cancel_wanted),
		DB_TEXT("pos_reference", x->pos_reference),
		DB_TEXT("pos_order_id", x->pos_order_id), DB_I64("by_hand", x->by_hand),
		DB_I64("is_modified", x->is_modified), DB_I64("submission_no", x->submission_no),
		DB_TIME("settled_at", x->settled_at), DB_TIME("pos_proved_at", x->pos_proved_at),
		DB_TIME("pos_status_updated_at", x->pos_status_updated_at),
		DB_TIME("released_at", x->released_at),
		DB_TIME("estimated_ready_time", x->estimated_ready_time),
		DB_TIME("estimated_delivery_time", x->estimated_delivery_time),
		DB_TEXT("rider_name", x->rider_name), DB_TEXT("rider_phone", x->rider_phone),
		DB_TEXT("cancellation_reason", x->cancellation_reason),
		DB_TEXT("cancellation_code", x->cancellation_code),
		DB_TIME("pos_completed_at", x->pos_completed_at),
		DB_BYTES("pos_progress", x->pos_progress.len > 0 ? x->pos_progress.data : NULL,
		    x->pos_progress.len),
		DB_I64("pos_total_minor", x->pos_total_minor), DB_TEXT("pos_cause", x->pos_cause),
		DB_TEXT("pos_place", x->pos_place),
		DB_TIME("confirmed_at", x->stamps[STATUS_confirmed]),
		DB_TIME("preparing_at", x->stamps[STATUS_preparing]),
		DB_TIME("ready_at", x->stamps[STATUS_ready]),
		DB_TIME("out_for_delivery_at", x->stamps[STATUS_out_for_delivery]),
		DB_TIME("completed_at", x->stamps[STATUS_completed]),
		DB_TIME("cancelled_at", x->stamps[STATUS_cancelled]),
		DB_TIME("rejected_at", x->stamps[STATUS_rejected]),
		DB_TIME("failed_at", x->failed_at), DB_I64("history_seq", x->history_seq),
		DB_BYTES("pos_request", x->pos_request.data, x->pos_request.len),
		DB_BYTES("pos_response", x->pos_response.data, x->pos_response.len),
		DB_BYTES("pos_callback", x->pos_callback.data, x->pos_callback.len),
	};

	_Static_assert(sizeof all / sizeof all[0] == SAVE_ARGS_N, "as many as callers hold");
	memcpy(args, all, sizeof all);
}

/* What the statement says of the order's day. */
#define ORDER_SAVE_HAS_SUMS 2

static enum err
save_now(struct op *op, const struct order_axes *x)
{
	struct db_arg args[SAVE_ARGS_N];
	int64_t sums;
	enum err e;

	save_args(x, args);
	e = db_newid(op, STMT_order_save, args, SAVE_ARGS_N, &sums);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_CONFLICT, NULL);
	return e == OK && sums == ORDER_SAVE_HAS_SUMS
		   ? day_sums_spoil(op, x->restaurant_id, x->id)
		   : e;
}

enum err
order_save(struct op *op, struct order_axes *x)
{
	struct order_ahead *kept = x->has_no_sums && db_notes_wait(op, STMT_orders_save)
				       ? order_locked_ahead(op, x->restaurant_id, x->id)
				       : NULL;
	enum err e = OK;

	if (kept != NULL)
		order_keep(kept, x);
	else
		e = save_now(op, x);
	if (e == OK)
		saved(x);
	return e;
}

enum err
orders_save_late(struct op *op)
{
	const struct orders_ahead *ahead = op->orders_ahead;
	struct db_arg args[SAVE_ARGS_N];
	int64_t changed;
	enum err e = OK;

	for (size_t i = 0; ahead != NULL && i < ahead->locked_n && e == OK; i++) {
		struct order_ahead *locked = &ahead->locked[i];

		if (!locked->is_unwritten)
			continue;
		save_args(&locked->axes, args);
		e = db_note(op, STMT_orders_save, args, SAVE_ARGS_N, &changed);
		locked->is_unwritten = false;
		saved(&locked->axes);
	}
	return e;
}

enum err
order_history_add(struct op *op, struct order_axes *x, const char *axis, const char *event,
    const char *from, const char *to, const char *reason)
{
	return db_note(op, STMT_history_add,
	    DB_ARGS(DB_I64("order_id", x->id), DB_I64("seq", ++x->history_seq),
		DB_TEXT("axis", axis), DB_TEXT("event", event), DB_TEXT("old_status", from),
		DB_TEXT("new_status", to),
		DB_TEXT("changed_by", op->actor.name != NULL ? op->actor.name : "system"),
		DB_TEXT("change_reason", reason), DB_TEXT("trace_id", op->trace_id)),
	    NULL);
}

const char *
order_event_data(struct op *op, const struct order_axes *x)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, 4096);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_uuid(&w, "order_id", x->public_id);
	json_write_string(&w, "order_number", x->order_number);
	json_write_string(&w, "status", status_name(x->status));
	json_write_string(&w, "pos_state", pos_state_name(x->pos_state));
	json_write_string(&w, "payment_status", payment_name(x->payment_status));
	json_write_int64(&w, "seq", x->history_seq);
	json_write_time(&w, "updated_at", op->now_us);
	json_write_time(&w, "estimated_ready_time", x->estimated_ready_time);
	json_write_object_end(&w);
	json_write_done(&w);
	return b.data;
}

void
order_tell(struct op *op, const struct order_axes *x, const char *kind)
{
	event_note(op, x->restaurant_id, kind, x->id, order_event_data(op, x));
}

/* It will not be made, or not be wanted: the kitchen has room for another, and a discount too. */
static void
order_dropped(struct op *op, struct order_axes *x, const char *reason)
{
	x->cancellation_reason = reason == NULL ? NULL : utf8_truncate(op->arena, reason, 255);
	if (x->slot != NULL)
		capacity_release(op, x->restaurant_id, x->slot_date, x->slot);
	/* Asked for after the place, it is written before: as placing locks them. */
	if (x->discount_id != 0)
		discount_use_release(op, x->restaurant_id, x->discount_id);
}

/* It is with the guest, says the POS, and the house has yet to hear of the money. */
static void
completion_keep(struct op *op, struct order_axes *x)
{
	if (x->pos_completed_at != TIME_NONE)
		return;
	x->pos_completed_at = op->now_us;
	order_tell(op, x, "cash_due");
}

/* What is eaten at a table is not brought anywhere, whoever says so. */
static bool
is_brought_nowhere(const struct order_axes *x, const struct status_row *row)
{
	return row->to == STATUS_out_for_delivery && strcmp(x->order_type, "dine_in") == 0;
}

enum err
order_status_move(struct op *op, struct order_axes *x, enum status_event event, unsigned who,
    const char *reason, bool *ret_moved)
{
	const struct status_row *row = status_row_find(x->status, event);
	enum order_status from = x->status;
	enum err e;

	if (row == NULL || (row->who & who) == 0 || is_brought_nowhere(x, row)) {
		*ret_moved = false;
		return OK;
	}
	if (row->to == STATUS_completed && x->payment_status != PAYMENT_paid) {
		*ret_moved = false;
		if ((who & (WHO_STAFF | WHO_DELIVERY)) != 0)
			return fail(op, ERR_ORDER_NOT_PAID, NULL);
		completion_keep(op, x);
		return OK;
	}
	e = order_history_add(op, x, "status", status_event_name(event), status_name(from),
	    status_name(row->to), reason);
	if (e != OK)
		return e;
	x->status = row->to;
	if (x->stamps[row->to] == TIME_NONE)
		x->stamps[row->to] = op->now_us;
	if (row->to == STATUS_cancelled || row->to == STATUS_rejected)
		order_dropped(op, x, reason);
	order_tell(op, x, "status_changed");
	*ret_moved = true;
	return delivery_follow(op, x);
}

void
order_estimate(struct op *op, struct order_axes *x, int64_t ready_at)
{
	if (x->estimated_ready_time == ready_at)
		return;
	x->estimated_ready_time = ready_at;
	order_tell(op, x, "estimated_time");
}

enum err
order_status_ignored(struct op *op, struct order_axes *x, const char *event, const char *reason)
{
	return order_history_add(
	    op, x, "status", event, status_name(x->status), status_name(x->status), reason);
}

enum err
order_close(
    struct op *op, struct order_axes *x, enum status_event event, unsigned who, const char *reason)
{
	bool moved;
	enum err e = order_status_move(op, x, event, who, reason, &moved);

	if (e != OK || !moved)
		return e;
	return notice_guest(op, NOTICE_order_ended,
	    &(struct notice_about){ .restaurant_id = x->restaurant_id,
		.order_id = x->id,
		.user_id = x->user_id,
		.phone = x->customer_phone,
		.order_number = x->order_number,
		.reason = reason,
		.round = 1 });
}
