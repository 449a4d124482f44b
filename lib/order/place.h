/*
 * place: an order comes to be.
 *
 * One transaction writes the order, its lines, its history, its messages and, last, takes order
 * number and event number from the restaurant's counter row, asserting that the menu is still the
 * one it was priced by and that the restaurant takes orders. If the menu has changed meanwhile, the
 * cart is priced again.
 */
#ifndef TICKETRAIL_ORDER_PLACE_H
#define TICKETRAIL_ORDER_PLACE_H

#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"
#include "order/order.h"
#include "order/price.h"

struct op;
struct idempotency;
struct restaurant;
struct submission_terms;

struct order_wish {
	struct cart cart;
	const char *payment_method; /* "cash", "upi" */
	const char *special_instructions, *delivery_address, *table_number, *customer_name;
	const char *customer_phone; /* E.164 */
	int64_t user_id;
	int64_t scheduled_time; /* TIME_NONE: as soon as possible */
};

/*
 * Places it. terms: the restaurant's POS; NULL: it has none. idem: NULL, or the Idempotency-Key, in
 * which an earlier answer is found (then *ret_order is untouched). render(order) makes the answer
 * to be kept, with status 201. Faults: those of cart_price(), ERR_RESTAURANT_CLOSED,
 * ERR_VALIDATION_ERROR, ERR_IDEMPOTENCY_*.
 */
enum err order_place(struct op *, const struct restaurant *, const struct submission_terms *terms,
    const struct order_wish *, struct idempotency *idem,
    struct bytes (*render)(struct arena *, const struct order *), struct order *ret_order);

#endif
