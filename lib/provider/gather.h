/*
 * gather: what many messages have in common when they are begun, or ended, in one transaction.
 *
 * Their orders are locked and read ahead, and so are their restaurants' connections; what the
 * handlers write waits and is written for all at once (db_notes_begin(), order/ahead.h). A handler
 * does not know of any of this: it does for each message what it does for one alone.
 */
#ifndef TICKETRAIL_PROVIDER_GATHER_H
#define TICKETRAIL_PROVIDER_GATHER_H

#include <stdbool.h>
#include <stddef.h>

#include "err/err.h"

struct op;
struct message;

/*
 * An ending needs no credentials, and what was ordered only where an adapter reads answers by it.
 */
enum gathering { GATHER_BEGINNINGS, GATHER_ENDINGS };

/* Is its subject an order, which is locked before anything is done about it? */
bool gather_is_about_order(const struct message *);

/*
 * At the beginning of the transaction; the messages in the order of provider_lock_compare(). Again
 * for those of them that go on: what was locked and read for their endings is there, and what waits
 * goes on waiting. At its end comes db_notes_write().
 */
enum err gather_begin(
    struct op *, const struct message *const *, size_t n, enum gathering);

#endif
