/*
 * apply: a stored delivery becomes moves. For webhook.c alone.
 */
#ifndef TICKETRAIL_PROVIDER_APPLY_H
#define TICKETRAIL_PROVIDER_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "inbox/inbox.h"
#include "order/state.h"
#include "provider/connect.h"

/* What came of it. */
struct applied {
	enum delivery_state state;
	/* PARKED: so long until the next try; 0: by its age, delivery_pause() */
	int64_t pause_us;
	bool is_forgotten; /* it was about nothing of ours: its row is gone */
	bool has_status; /* it was about an order, whose status is now: */
	enum order_status status;
	bool is_open;        /* it asked whether the restaurant takes orders */
	int http_status;     /* with refusal */
	const char *refusal; /* it could not be applied, and never can */
};

/*
 * Applies a locked delivery by the state of what it is about and writes down what became of it. One
 * that was applied before is left alone. In a transaction.
 */
enum err delivery_apply(
    struct op *, struct connection *, const struct delivery *, struct applied *ret);

/*
 * How long a parked delivery of that age waits for the next try: a quarter of it, from a second to
 * an hour.
 */
int64_t delivery_pause(int64_t age_us);

#endif
