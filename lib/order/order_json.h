/*
 * order_json: an order as the API shows it (s3's shape), and as the older surface of order details
 * shows it.
 *
 * Money is decimal in JSON, always with the currency's decimals. Times are RFC 3339 in UTC. Nothing
 * of the POS's own documents and no secret is ever in it.
 */
#ifndef TICKETRAIL_ORDER_ORDER_JSON_H
#define TICKETRAIL_ORDER_ORDER_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "mem/arena.h"
#include "order/order.h"

struct json_write;

/*
 * {order:{id,order_number,status,total,payment_status,created_at}, payment:null}: the answer to
 * placing.
 */
struct bytes order_json_placed(struct arena *, const struct order *);

/* What an order would be: {order_type, currency and sums, its times, items}. */
void order_json_quote(struct json_write *, const char *key, const struct order *);

/* The order with its lines, for a guest. As the value of `key`. */
void order_json_full(struct json_write *, const char *key, const struct order *);

/*
 * What a guest polls: {id, order_number, status, payment_status, estimated_ready_time, updated_at}.
 */
void order_json_status(struct json_write *, const char *key, const struct order *);

/*
 * For staff: the guest's part and what the kitchen and the back office need besides; history may be
 * n 0. Who need not call the guest sees the last four digits of the number only.
 */
void order_json_staff(struct json_write *, const char *key, const struct order *,
    const struct order_move *, size_t n, bool phone_is_whole);

/*
 * For who brings it: what, where to, whom to call, and how much cash to take. Where to and whom are
 * null once there is nothing to bring any more. The order has an assignment.
 */
void order_json_delivery(struct json_write *, const char *key, const struct order *);

/*
 * The older vocabulary: {id, order_number, order_status, payment_status, total_amount, created_at,
 * items}.
 */
void order_json_classic(struct json_write *, const char *key, const struct order *);

#endif
