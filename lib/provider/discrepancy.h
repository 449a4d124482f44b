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

/*
 * Of an order that is being given to the POS: what is not on its menu and goes by name and price,
 * lines and add-ons, so that somebody mends the menu (E38); and amounts that it is not told.
 */
enum err discrepancy_given(struct op *, const struct connection *, const struct order *);

/* Their books and ours say different sums: people must know before the guest does (E22). */
enum err discrepancy_total(struct op *, const struct order_axes *);

#endif
