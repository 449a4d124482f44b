/*
 * What the files of the outbox share, and nobody else.
 */
#ifndef TICKETRAIL_OUTBOX_INSIDE_H
#define TICKETRAIL_OUTBOX_INSIDE_H

#include <stdint.h>

#include "db/db.h"
#include "outbox/outbox.h"

/* In message.def: as many as ATTEMPTS says. */
#define MESSAGE_ATTEMPTS_CONFIGURED (-1)

/*
 * The attempt has ended, in the way of that statement, and another is due after the delay.
 * ERR_CONFLICT with the fault set: the claim is stale.
 */
enum err outbox_put_off(struct op *, enum stmt, const struct message *, int64_t delay_us,
    const char *last_error);

#endif
