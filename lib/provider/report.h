/*
 * report: what a POS says of one order, in an event or when it is looked at, applied to the order.
 * For this room alone.
 */
#ifndef TICKETRAIL_PROVIDER_REPORT_H
#define TICKETRAIL_PROVIDER_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "order/move.h"
#include "provider/connect.h"

struct report {
	const struct connection *connection;
	const struct pos_event *event;
	int64_t received_at; /* what it estimates is counted from here */
	const char *seen;    /* why this is a proof, for history: "The POS reports on it" */
};

/* What came of it. */
struct reported {
	bool has_meaning; /* it says a status, and one that means something for such an order */
	bool has_moved;
	enum order_status to; /* what it says; STATUS__MAX: none of ours */
};

/*
 * Applies it to the locked picture, which the caller saves: the order is there, is where the POS
 * says if that is forward, and may have new estimates and a rider.
 */
enum err report_apply(
    struct op *, struct order_axes *, const struct report *, struct reported *ret);

/* Why a report that moved nothing did not, for history. */
const char *report_ignored_why(const struct order_axes *, const struct reported *);

#endif
