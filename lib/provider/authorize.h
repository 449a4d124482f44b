/*
 * authorize: a merchant gives us access to their POS themselves (OAuth's code flow, E54).
 *
 * Staff get an address to send the merchant to. From there they come back with a code and our own
 * state, which proves that we sent them and for which restaurant: a keyed MAC over the provider,
 * the restaurant, an end after AUTHORIZE_LIFE_US, a nonce, and what the session's credentials were,
 * so that it is of no use once somebody has come back with it. The code is sealed, and a login is
 * due that exchanges it (login.h).
 */
#ifndef TICKETRAIL_PROVIDER_AUTHORIZE_H
#define TICKETRAIL_PROVIDER_AUTHORIZE_H

#include <stdint.h>

#include "err/err.h"
#include "provider/connect.h"

struct op;

#define AUTHORIZE_LIFE_US (INT64_C(15) * 60 * 1000000)
#define AUTHORIZE_STATE_MAX 200
#define AUTHORIZE_CODE_MAX 1024

/*
 * ERR_VALIDATION_ERROR with the fault set where the POS, or its configuration, has no such way.
 * *ret_until: how long the address is good.
 */
enum err authorize_url(
    struct op *, const struct connection *, const char **ret_url, int64_t *ret_until);

/* Who comes back. */
struct authorize_return {
	const char *provider;
	const char *state, *code; /* NULL: not there */
	const char *error;        /* they said no, in one word; NULL: they did not */
	const char *merchant_id;  /* whom the POS says it was; NULL: it does not say */
};

/*
 * In a transaction. ERR_VALIDATION_ERROR with the fault set: state or code are none of ours, or
 * another merchant came back. ERR_NOT_FOUND: no such provider. *ret_taken false: the merchant said
 * no.
 */
enum err authorize_take(struct op *, const struct authorize_return *, bool *ret_taken);

#endif
