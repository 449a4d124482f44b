/*
 * pos_reply: what a reply says by its status and headers alone. For the adapters, each of which has
 * a table of the statuses that mean something of their own there.
 */
#ifndef TICKETRAIL_POS_POS_REPLY_H
#define TICKETRAIL_POS_POS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outbox/call.h"
#include "outbox/outcome.h"

/* What a status says, whatever the body: surely not done. */
struct pos_status {
	int status;
	enum outcome outcome; /* REFUSED or LATER */
	enum cause cause;
	const char *sentence;
};

/* The row of their own table, else what it says everywhere; NULL: nothing by itself. */
const struct pos_status *pos_status_of(const struct pos_status *, size_t n, int status);

/*
 * In how many seconds they listen again, by a header that names the second of the world's clock; at
 * most an hour. -1: it is not there, or says nothing.
 */
int pos_reset_s(const struct http_reply *, const char *header, int64_t now_us);

/* Nobody knows what became of a request that has an effect; one without is made again. */
struct verdict pos_in_doubt(bool has_effect, enum cause, const char *sentence);

#endif
