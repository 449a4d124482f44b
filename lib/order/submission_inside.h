/*
 * What submission.c and submission_*.c share, and nobody else.
 */
#ifndef TICKETRAIL_ORDER_SUBMISSION_INSIDE_H
#define TICKETRAIL_ORDER_SUBMISSION_INSIDE_H

#include "notice/notice.h"
#include "order/submission.h"
#include "outbox/outbox.h"

/* Moves the axis and writes its history; *ret_moved false when the table has no such row. */
enum err submission_move(struct op *, struct order_axes *, enum pos_event_name, const char *reason,
    bool *ret_moved);

/*
 * Once in this submission; or each time that it happens, by the place that it has in the order's
 * history.
 */
enum err submission_tell_staff(
    struct op *, const struct order_axes *, enum notice_kind, const char *reason);
enum err submission_tell_staff_again(
    struct op *, const struct order_axes *, enum notice_kind, const char *reason);

/* Why it is not at the POS: "refused", "exhausted", "cancelled" or NULL, and a sentence. */
void submission_failed_because(
    struct op *, struct order_axes *, const char *failure, const char *reason);

/* It is there, and something is amiss with it, or nothing any more (NULL). */
void submission_trouble(
    struct op *, struct order_axes *, const char *cause, const char *reason);

/*
 * The order is to be sent, and staff to be told should nothing come of that: both messages in one
 * statement.
 */
enum err submission_put(
    struct op *, const struct order_axes *, const struct submission_terms *);

/* When nothing has come of it for long, counted from the end of hold_us, staff are to be told. */
struct message_new submission_undecided_message(
    const struct op *, const struct order_axes *, int64_t hold_us);

/* A message about this submission: of the job runner's, or one to look at the POS. */
enum err submission_deadline_put(
    struct op *, const struct order_axes *, enum message_kind, int64_t delay_us);
enum err submission_look_put(struct op *, const struct order_axes *,
    const struct submission_terms *, enum message_kind, int64_t delay_us);

/* Was this submission in doubt at any time? */
enum err submission_was_in_doubt(struct op *, const struct order_axes *, bool *ret_was);

/*
 * Nothing speaks for it being there any more. Of one that was in doubt once, or that has an id
 * there, something may come of what was sent all the same: it is looked for. terms NULL: no POS.
 */
enum err submission_watch_if_doubted(
    struct op *, const struct order_axes *, const struct submission_terms *);

/*
 * Nobody has it, and the order goes on: it is closed unless somebody mends that within the
 * restaurant's time.
 */
enum err submission_compensation_put(struct op *, const struct order_axes *);

/*
 * It is there and is to be cancelled: the POS is asked to, and nothing that waits to be done with
 * it stands before that.
 */
enum err submission_wish_pursue(
    struct op *, struct order_axes *, const struct submission_terms *);

/* It is given up: what may stand half done at the POS is taken off, and nothing waits for that. */
enum err submission_tidy(
    struct op *, const struct order_axes *, const struct submission_terms *);

/* Ends the order by the event that its wish to cancel stands for. */
enum err submission_close_as_wanted(struct op *, struct order_axes *);

#endif
