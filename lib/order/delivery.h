/*
 * delivery: who brings an order to its guest (a delivery assignment; assignment_state.def).
 *
 * An assignment is a child of its order: whoever writes one has locked the order (order_lock) and
 * saves the picture afterwards, because every step is a row of the order's history. The order's
 * status leads: what leaves the house is picked up, what is completed is delivered, what ends
 * otherwise is nobody's task any more (delivery_follow). Who brings it moves the order by their own
 * word, and their assignment goes along.
 *
 * Who may be assigned: active staff of the restaurant with the role delivery, or admin, because in
 * a small house the owner drives. Somebody who is disabled afterwards keeps what they have until it
 * is given to somebody else or staff end it: it is in their hands. `staff_can` tells.
 */
#ifndef TICKETRAIL_ORDER_DELIVERY_H
#define TICKETRAIL_ORDER_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "order/move.h"

struct op;

struct delivery_assignment {
	int64_t order_id, staff_id;
	struct bytes staff_public_id; /* 16 bytes */
	const char *staff_name;
	const char *status; /* assignment_state.def, never none */
	bool is_open;       /* the order has not ended */
	bool staff_can;     /* still active, and still somebody who delivers here */
	int64_t assigned_at, picked_up_at, delivered_at;
};

/* Of a set of orders; in the order of the ids of `ids`, a JSON array. For whoever reads orders. */
enum err deliveries_read(struct op *, int64_t restaurant_id, const char *ids,
    struct delivery_assignment **ret, size_t *ret_n);

/* How a guest may call them: the first word of the name. In the arena. */
const char *delivery_first_name(struct arena *, const struct delivery_assignment *);

/*
 * Gives the order to this member of staff, or to another one as long as it is not picked up. Said
 * again it changes nothing. ERR_VALIDATION_ERROR naming staff_id for anybody who does not deliver
 * here; ERR_ILLEGAL_TRANSITION for an order that is not to be delivered, has ended, is not paid for
 * yet, or is under way already.
 */
enum err delivery_assign(
    struct op *, struct order_axes *, const unsigned char staff_public_id[16]);

/* Takes it from whoever has it, as long as it is not picked up. Nobody has it: OK. */
enum err delivery_unassign(struct op *, struct order_axes *);

/*
 * The word of who brings it: they have it in their hands; they have handed it over, and with
 * `is_paid` they have the cash for it. Said again it changes nothing. ERR_NOT_FOUND if it is not
 * theirs; ERR_ILLEGAL_TRANSITION where the order's state has no such step; ERR_ORDER_NOT_PAID.
 */
enum err delivery_pick_up(struct op *, struct order_axes *, int64_t staff_id);
enum err delivery_hand_over(struct op *, struct order_axes *, int64_t staff_id, bool is_paid);

/* The order's status has moved: its assignment goes along. For order_status_move(). */
enum err delivery_follow(struct op *, struct order_axes *);

/* --- what somebody has to bring --------------------------------------------------------------- */

/* Where a page begins: behind this order, which was open then, or not. */
struct delivery_cursor {
	bool is_open;
	int64_t order_id;
};

/*
 * Their orders, open ones first, of each kind the newest first: ids only. `after` NULL: from the
 * beginning.
 */
enum err delivery_list(struct op *, int64_t restaurant_id, int64_t staff_id,
    const struct delivery_cursor *after, int64_t n, int64_t **ret_ids, size_t *ret_n);

#endif
