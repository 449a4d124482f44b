/*
 * inside: what the files of integration.h share, for nobody else.
 */
#ifndef TICKETRAIL_TENANT_INTEGRATION_INSIDE_H
#define TICKETRAIL_TENANT_INTEGRATION_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "mem/arena.h"

struct op;
struct integration;

/* A secret as it is stored. */
struct sealed_row {
	const char *name;
	struct bytes sealed;
};

/* What integrations_read_ahead() has read of this one; false: nothing. */
bool credentials_ahead(
    struct op *, const struct integration *, struct sealed_row **ret, size_t *ret_n);
bool callback_keys_ahead(
    struct op *, const struct integration *, struct sealed_row **ret, size_t *ret_n);

#endif
