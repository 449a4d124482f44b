/*
 * redact: a delivery's body made fit for a person to read: what is secret is left out, and of
 * numbers by which somebody can be called the last four digits stay.
 *
 * It goes by the names of members, in any spelling (access_token, accessToken, ACCESS-TOKEN), at
 * any depth, and for all that is in an array or an object of that name. Everything else stands as
 * it came.
 */
#ifndef TICKETRAIL_INBOX_REDACT_H
#define TICKETRAIL_INBOX_REDACT_H

#include "mem/arena.h"

struct op;

/* The document again as JSON, in the arena; NULL if it is none that we would read. */
const char *redact_json(struct op *, struct bytes);

#endif
