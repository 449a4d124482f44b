/*
 * place_rows: what place.c writes of a priced order, for place.c alone.
 *
 * The row, its lines, their add-ons and taxes: pictures of what was sold, which nothing changes
 * afterwards. The order's number is a provisional one until the counter gives the real one.
 */
#ifndef TICKETRAIL_ORDER_PLACE_ROWS_H
#define TICKETRAIL_ORDER_PLACE_ROWS_H

#include <stdint.h>

#include "err/err.h"
#include "order/move.h"
#include "order/order.h"

struct op;

/*
 * In the placing transaction. x: where the order begins on its axes, and its public id; day: the
 * business day of its number, as digits.
 */
enum err place_rows_insert(struct op *, const struct order *, const struct order_axes *x,
    const char *day, int64_t *ret_id);

#endif
