/*
 * place: an order comes to be.
 *
 * One transaction writes the order, its lines, its history, its messages, uses its discount
 * (discount_use.h), takes a place in the kitchen (capacity.h) and, last, order number and event
 * number from the restaurant's counter row, asserting that the menu is still the one it was priced
 * by and that the restaurant takes orders.
 * If the menu has changed meanwhile, or a discount that applies by itself is used up, the cart is
 * priced again.
 */
#ifndef TICKETRAIL_ORDER_PLACE_H
#define TICKETRAIL_ORDER_PLACE_H

#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "order/order.h"
#include "order/wish.h"

struct op;
struct idempotency;
struct restaurant;
struct submission_terms;

/*
 * Places it. terms: the restaurant's POS; NULL: it has none. idem: NULL, or the Idempotency-Key, in
 * which an earlier answer is found (then *ret_order is untouched). render(order) makes the answer
 * to be kept, with status 201. Faults: those of wish_check() and cart_price(),
 * ERR_ORDER_LIMIT_REACHED, ERR_IDEMPOTENCY_*.
 */
enum err order_place(struct op *, const struct restaurant *, const struct submission_terms *terms,
    const struct order_wish *, struct idempotency *idem,
    struct bytes (*render)(struct arena *, const struct order *), struct order *ret_order);

/*
 * What order_place() would make of it now: the same lines, sums and promise, or the same fault.
 * Nothing is written, and no place in the kitchen is kept. *ret_order has no id, number or status.
 */
enum err order_quote(
    struct op *, const struct restaurant *, const struct order_wish *, struct order *ret_order);

#endif
