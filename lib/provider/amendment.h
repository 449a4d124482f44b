/*
 * amendment: an order that was accepted is changed at the POS: other lines, another sum (E23). For
 * this room alone.
 *
 * What an answer or a look shows is compared with what the one before showed; what we ordered is
 * compared by its sum alone (discrepancy.h). The order here stays what the guest ordered, with what
 * stands at the POS beside it, and staff and the guest are told.
 */
#ifndef TICKETRAIL_PROVIDER_AMENDMENT_H
#define TICKETRAIL_PROVIDER_AMENDMENT_H

#include <stdint.h>

#include "order/move.h"

struct op;

/* How it came there: its lines, in words (NULL: not said). */
enum err amendment_first(struct op *, const struct order_axes *, const char *contents);

/*
 * How it is seen there now, with the sum that is in the picture. total_before: the one that was
 * known before; -1: none, then it is seen for the first time.
 */
enum err amendment_seen(
    struct op *, struct order_axes *, const char *contents, int64_t total_before);

/* The POS says that it was changed, and not how. Once for an order. */
enum err amendment_said(struct op *, struct order_axes *);

#endif
