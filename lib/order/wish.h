/*
 * wish: what a guest asks for, beside the cart, and whether the restaurant does such things at all:
 * its order types, its ways of being paid, the times at which it can be had.
 *
 * By restaurant and settings alone, at the op's time; what is on the menu is price.h's affair.
 */
#ifndef TICKETRAIL_ORDER_WISH_H
#define TICKETRAIL_ORDER_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"
#include "order/price.h"

struct op;
struct restaurant;
struct settings;

struct order_wish {
	struct cart cart;
	const char *payment_method; /* "cash", "upi" */
	const char *special_instructions, *delivery_address, *table_number, *customer_name;
	const char *customer_phone; /* E.164 */
	int64_t user_id;
	int64_t scheduled_time; /* TIME_NONE: as soon as possible */
};

/*
 * Does the restaurant offer this type of order ("delivery"), does it take this way of being paid
 * ("cash")?
 */
bool wish_is_offered(const struct settings *, const char *order_type);
bool wish_is_taken(const struct settings *, const char *payment_method);

/*
 * ERR_RESTAURANT_CLOSED when orders are not taken now, or not at the time for which it is wanted
 * (one that is wanted for later may be placed outside the hours), or ERR_VALIDATION_ERROR with
 * every field that is wrong, and the fault set. Needs op->now_us.
 */
enum err wish_check(
    struct op *, const struct restaurant *, const struct settings *, const struct order_wish *);

/*
 * ERR_RESTAURANT_CLOSED with the fault set, and in its details why, and when orders are taken
 * again: {"cause":...,"reason":...,"opens_at":...}. No details if by these settings it is open.
 */
enum err wish_closed(
    struct op *, const struct restaurant *, const struct settings *, int64_t at_us);

/*
 * For when the order is promised (µs UTC): the time it is wanted for, else as soon as the kitchen
 * can.
 */
int64_t wish_promised(const struct op *, const struct settings *, const struct order_wish *);

/* When it will be ready: as promised, and never sooner than the kitchen can. */
int64_t wish_ready(const struct op *, const struct settings *, const struct order_wish *);

#endif
