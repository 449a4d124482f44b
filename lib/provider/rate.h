/*
 * rate: how often a provider may be called.
 *
 * What an adapter says of its provider (pos_traits, notify_adapter), or what the configuration says
 * instead, for the place that messages go to. Counted over one restaurant's integration or over all
 * that is the provider's, as the provider counts.
 */
#ifndef TICKETRAIL_PROVIDER_RATE_H
#define TICKETRAIL_PROVIDER_RATE_H

#include "mem/arena.h"
#include "outbox/outbox.h"

struct config;

/*
 * The limit under which messages for a destination go, in the arena. NULL: there is none. Its name
 * may be the destination's.
 */
const struct outbox_rate *provider_rate(
    struct arena *, const struct config *, const char *destination);

#endif
