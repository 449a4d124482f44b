/*
 * trouble: a restaurant's orders that somebody must see to, because the POS does not have them, or
 * nobody knows, or not all was done there with them that should have been, or it did not take them
 * back (E36).
 */
#ifndef TICKETRAIL_ORDER_TROUBLE_H
#define TICKETRAIL_ORDER_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "order/order.h"

struct op;

/*
 * Whole orders, the oldest first, behind the one with the id `after` (0: from the beginning), at
 * most n and ORDERS_READ_MAX. *ret_more: there may be others behind the last one.
 */
enum err trouble_read(struct op *, int64_t restaurant_id, int64_t after, int64_t n,
    struct order **ret, size_t *ret_n, bool *ret_more);

#endif
