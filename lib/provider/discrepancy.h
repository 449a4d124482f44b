/*
 * discrepancy: what of an order is not at the POS as it is here. Staff are told, the order goes on.
 */
#ifndef TICKETRAIL_PROVIDER_DISCREPANCY_H
#define TICKETRAIL_PROVIDER_DISCREPANCY_H

#include "err/err.h"
#include "order/move.h"
#include "order/order.h"
#include "provider/connect.h"

struct op;

/* What is not on the POS's menu goes by name and price, and somebody is to mend the menu (E38). */
enum err discrepancy_items(struct op *, const struct connection *, const struct order *);

/* Their books and ours say different sums: people must know before the guest does (E22). */
enum err discrepancy_total(struct op *, const struct order_axes *);

#endif
