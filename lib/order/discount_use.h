/*
 * discount_use: how often discounts are used, and that none is used more often than it may be,
 * however many guests ask at once.
 *
 * An order uses its discount once, from the transaction that places it to the one that cancels or
 * rejects it; one that is completed has used it. Which one stands on the order
 * (orders.discount_id), and is given back by order_status_move() and by nobody else. Uses are
 * counted also of a discount without bounds: one that is set later must know.
 *
 * The row of a discount's uses is locked before those of places (capacity.h), several of them in
 * the order of their ids. Who has it locked sees all uses there are, so a guest's own are counted
 * in the orders, and need no row. A first order is one by all discounts together: for one that is
 * for first orders only, a row of the guest's own is locked before that of the discount.
 */
#ifndef TICKETRAIL_ORDER_DISCOUNT_USE_H
#define TICKETRAIL_ORDER_DISCOUNT_USE_H

#include <stdint.h>

#include "err/err.h"
#include "order/discount.h"

struct menu;
struct menu_discount;
struct op;
struct order;

/*
 * What is used of the discounts that an order of this guest could have: that of the code (as
 * discount_code() made it), or without a code those that apply by themselves. No statement where
 * none of them is limited.
 */
enum err discount_uses_read(struct op *, const struct menu *, int64_t restaurant_id,
    int64_t user_id, const char *code, struct discount_uses *ret);

/*
 * In the placing transaction, when the order is written and before its place is taken: one use.
 * *ret APPLIES, or why none is left; then the transaction must be rolled back.
 */
enum err discount_use_take(struct op *, const struct menu_discount *, int64_t restaurant_id,
    int64_t user_id, int64_t order_id, enum discount_verdict *ret);

/* In a transaction: the use of an order that ends is given back with its commit. */
void discount_use_release(struct op *, int64_t restaurant_id, int64_t discount_id);

#endif
