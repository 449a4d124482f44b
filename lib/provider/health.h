/*
 * health: how a restaurant's integration does: what went wrong with its calls to us lately, and
 * whether we have access.
 */
#ifndef TICKETRAIL_PROVIDER_HEALTH_H
#define TICKETRAIL_PROVIDER_HEALTH_H

#include "err/err.h"

struct integration;
struct json_write;
struct op;

/*
 * As an object, in the older surface's words. *ret_status, which is in it: "healthy" or "degraded".
 * Nothing is written when it fails.
 */
enum err health_write(struct op *, struct json_write *, const struct integration *,
    const char **ret_status);

#endif
