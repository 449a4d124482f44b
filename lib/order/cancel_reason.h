/*
 * cancel_reason: the reasons that staff may name for ending an order, and what each says to the
 * guest (cancel_reason.def). Their own words may stand in its place; the code is kept beside them.
 */
#ifndef TICKETRAIL_ORDER_CANCEL_REASON_H
#define TICKETRAIL_ORDER_CANCEL_REASON_H

#include <stddef.h>

enum cancel_reason {
#define CANCEL_REASON(code, sentence) CANCEL_REASON_##code,
#include "order/cancel_reason.def"
#undef CANCEL_REASON
	CANCEL_REASON__MAX
};

/* By number, and a NULL behind the last. */
extern const char *const cancel_reason_codes[];

const char *cancel_reason_sentence(enum cancel_reason);

#endif
