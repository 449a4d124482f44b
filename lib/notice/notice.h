/*
 * notice: people are told. One row of notification_queue per order, kind, channel and recipient,
 * with the outbox message that carries it in the same transaction: a notice exists exactly if what
 * it tells was committed.
 *
 * What is said to whom is notice.def. A notice told before in the same round (an order's submission
 * number, say) is not told again. Staff without a telephone number are not reached by this; they
 * see the restaurant's events. What was told is counted and logged as well (notices_total).
 */
#ifndef TICKETRAIL_NOTICE_NOTICE_H
#define TICKETRAIL_NOTICE_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"

struct op;

enum notice_kind {
#define NOTICE_ROW(kind, audience, text) NOTICE_##kind,
#include "notice/notice.def"
#undef NOTICE_ROW
	NOTICE__MAX
};

struct notice_about {
	int64_t restaurant_id, order_id;
	int64_t user_id;          /* guest notices; 0: unknown */
	const char *phone;        /* guest notices, E.164; NULL: nobody is told */
	const char *order_number;
	const char *reason;       /* a sentence; NULL: none */
	int64_t round;            /* the same kind in another round is told again */
};

/*
 * In a transaction. notice_staff tells every active admin and kitchen member of the restaurant who
 * has a number.
 */
enum err notice_guest(struct op *, enum notice_kind, const struct notice_about *);
enum err notice_staff(struct op *, enum notice_kind, const struct notice_about *);

/* Whether notice_staff would tell anybody. */
enum err notice_staff_any(struct op *, int64_t restaurant_id, bool *ret_any);

/* A queued notice, for whoever sends it. */
struct notice {
	int64_t id;
	const char *type, *phone_number, *message, *status;
	int64_t retry_count;
};

/* ERR_NO_ROW if it is gone with its order. */
enum err notice_read(struct op *, int64_t id, struct notice *ret);

/*
 * "sent", "failed", or still "pending" after one more try. In the transaction that finishes the
 * message.
 */
enum err notice_mark(struct op *, int64_t id, const char *status);

#endif
