/*
 * move: the one way in which an order changes.
 *
 * Whoever moves an order locks its row first (order_lock), looks at all three axes, changes the
 * picture in memory with the functions here and in submission.h and settle.h, and writes it back
 * once (order_save). The save asserts that the row still is what was locked. Every move leaves a
 * row of history and, where a watcher could see it, an event. Texts put into the picture live in
 * the op's arena.
 */
#ifndef TICKETRAIL_ORDER_MOVE_H
#define TICKETRAIL_ORDER_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "order/state.h"

struct op;

struct order_axes {
	int64_t id, restaurant_id, user_id;
	unsigned char public_id[16];
	const char *order_number, *order_type, *payment_method, *currency;
	const char *customer_phone;
	int64_t total_minor, tip_minor; /* the tip is part of the total */
	int64_t scheduled_time; /* TIME_NONE: as soon as possible */
	/* the axes */
	enum order_status status;
	enum pos_state pos_state;
	enum payment_status payment_status;
	/* as they stand in the row, for the assertion */
	enum order_status was_status;
	enum pos_state was_pos_state;
	enum payment_status was_payment;
	/* beside pos_state */
	const char *pos_failure, *pos_failure_reason, *cancel_wanted, *pos_reference, *pos_order_id;
	bool by_hand, is_modified;
	int64_t submission_no;
	int64_t settled_at, pos_proved_at, pos_status_updated_at, released_at;
	int64_t estimated_ready_time, estimated_delivery_time;
	const char *rider_name, *rider_phone, *cancellation_reason;
	const char *cancellation_code; /* cancel_reason.def; NULL: none of these */
	int64_t pos_completed_at; /* the POS said so, unpaid: see order_status_move() */
	/* time stamps of the status, by state */
	int64_t stamps[STATUS__MAX];
	int64_t failed_at;
	int64_t history_seq;
	const char *slot_date, *slot; /* its place (capacity.h); NULL: it has none */
	int64_t discount_id; /* what it uses (discount_use.h); 0: none */
	/* what the steps of a submission have come to, as its adapter says; len 0: nothing yet */
	struct bytes pos_progress;
	int64_t pos_total_minor; /* what the POS says the order comes to; -1: it has not said */
	const char *pos_cause;   /* why it is not there: an enum cause's name; NULL: it is */
	const char *pos_place;   /* terms->place of this submission; NULL: none, or not known */
	bool has_no_sums; /* its day, surely (day_sums.h): no sums become wrong with it */
	bool has_request; /* of the step that is next, or under way, a request is stored */
	/* to be kept: the request to the POS, its answer, its callback; NULL data: as it is */
	struct bytes pos_request, pos_response, pos_callback;
};

/*
 * Reads and locks. ERR_NO_ROW (no fault) if this restaurant has no such order. In a transaction,
 * before anything else of the order is touched.
 */
enum err order_lock(struct op *, int64_t restaurant_id, int64_t order_id, struct order_axes *ret);

/*
 * Writes the picture back. ERR_CONFLICT with the fault set if the row is not what was locked, which
 * is a bug.
 */
enum err order_save(struct op *, struct order_axes *);

/*
 * Moves the status. *ret_moved false, and nothing changed, when the table has no such row, or not
 * for `who`: the caller decides whether that is a fault or a repeat. completed without a paid
 * order: ERR_ORDER_NOT_PAID with the fault set for people, *ret_moved false for a POS, whose word
 * is kept in pos_completed_at until the money is there. Who brings the order goes with it
 * (delivery.h).
 */
enum err order_status_move(struct op *, struct order_axes *, enum status_event, unsigned who,
    const char *reason, bool *ret_moved);

/*
 * When it will be ready, as the kitchen or the POS says. Leaves an event, "estimated_time", if that
 * is news.
 */
void order_estimate(struct op *, struct order_axes *, int64_t ready_at);

/* An event that changed nothing (late, repeated, not for this type) is history all the same. */
enum err order_status_ignored(
    struct op *, struct order_axes *, const char *event, const char *reason);

/* One row of history on an axis: "status", "pos", "payment", "delivery". Numbers it. */
enum err order_history_add(struct op *, struct order_axes *, const char *axis, const char *event,
    const char *from, const char *to, const char *reason);

/*
 * Ends the order: moves the status by cancel or reject, tells the guest. The submission must be
 * closed.
 */
enum err order_close(
    struct op *, struct order_axes *, enum status_event, unsigned who, const char *reason);

/* What an event says of an order: a JSON object with all three axes as they are now. */
const char *order_event_data(struct op *, const struct order_axes *);

/*
 * An event about the order for whoever watches the restaurant, with all three axes as they are now.
 */
void order_tell(struct op *, const struct order_axes *, const char *kind);

#endif
