/*
 * authorize: a merchant gives us access to their POS themselves (OAuth's code flow, E54).
 *
 * Staff get a link to send the merchant to. It leads to an address of ours, which leaves a secret
 * in the browser that follows it and sends it on to the POS. From there it comes back with a code
 * and our own state, and the state is good in that browser alone: nobody can have somebody else's
 * browser end what they have begun (RFC 9700, section 4.7).
 *
 * Link and state prove themselves and are kept nowhere: a keyed MAC over the restaurant, the
 * provider, an end after AUTHORIZE_LIFE_US, a nonce, what the session's credentials were, so that
 * all are of no use once somebody has come back with one, and in a state a hash of the browser's
 * secret. The code is sealed, and a login is due that exchanges it (login.h).
 */
#ifndef TICKETRAIL_PROVIDER_AUTHORIZE_H
#define TICKETRAIL_PROVIDER_AUTHORIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "provider/connect.h"

struct op;

#define AUTHORIZE_LIFE_US (INT64_C(15) * 60 * 1000000)
#define AUTHORIZE_STATE_MAX 200
#define AUTHORIZE_BROWSER_LEN ((size_t)43)
#define AUTHORIZE_CODE_MAX 1024

/*
 * The link. ERR_VALIDATION_ERROR with the fault set where the POS, or its configuration, has no
 * such way. *ret_until: how long it is good.
 */
enum err authorize_link(
    struct op *, const struct connection *, const char **ret_url, int64_t *ret_until);

/* Who follows it. */
struct authorize_visit {
	const char *provider;
	const char *ticket;  /* NULL: not there */
	const char *browser; /* what it keeps from another link; NULL: nothing */
};

/*
 * Where it is to go, and the secret it is to keep until it comes back: of several links in one
 * browser the same. ERR_VALIDATION_ERROR with the fault set: the ticket is none of ours.
 * ERR_NOT_FOUND: no such provider.
 */
enum err authorize_start(struct op *, const struct authorize_visit *, const char **ret_url,
    const char **ret_browser);

/* Who comes back. */
struct authorize_return {
	const char *provider;
	const char *state, *code; /* NULL: not there */
	const char *browser;      /* what the browser kept; NULL: nothing */
	const char *error;        /* they said no, in one word; NULL: they did not */
	const char *merchant_id;  /* whom the POS says it was; NULL: it does not say */
};

/*
 * In a transaction. ERR_VALIDATION_ERROR with the fault set: state or code are none of ours, or
 * another browser or merchant came back. ERR_NOT_FOUND: no such provider. *ret_taken false: the
 * merchant said no.
 */
enum err authorize_take(struct op *, const struct authorize_return *, bool *ret_taken);

#endif
