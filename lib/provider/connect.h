/*
 * connect: a restaurant's integration together with the adapter that speaks to its POS.
 */
#ifndef TICKETRAIL_PROVIDER_CONNECT_H
#define TICKETRAIL_PROVIDER_CONNECT_H

#include <stdbool.h>
#include <stddef.h>

#include "err/err.h"
#include "order/submission.h"
#include "pos/pos.h"
#include "tenant/integration.h"
#include "tenant/restaurant.h"

struct op;

struct connection {
	struct restaurant restaurant;
	struct integration integration;
	const struct pos_adapter *adapter;
	/* merged: provider's defaults, the restaurant's overrides, core fields */
	const struct pos_config *config;
	struct pos_problems problems;    /* n > 0: the configuration is not fit for use */
	struct submission_terms terms;
};

/*
 * The restaurant's active connection. ERR_NO_ROW (no fault): it has no POS. ERR_UNSUPPORTED_POS
 * with the fault set: there is no adapter for it.
 */
enum err connection_of(struct op *, int64_t restaurant_id, struct connection *ret);

/* For an integration that was found in another way. */
enum err connection_make(
    struct op *, const struct restaurant *, const struct integration *, struct connection *ret);

/*
 * Only what placing an order needs to know: *ret_has false if there is no POS. Nothing of it
 * depends on credentials, so the names of those that are stored are not asked for.
 */
enum err connection_terms(
    struct op *, const struct restaurant *, bool *ret_has, struct submission_terms *ret);

/*
 * Saves an integration as somebody describes it: config is one JSON object with plain keys and
 * credentials together. Everything is checked first (ERR_VALIDATION_ERROR with the fields), then
 * the plain part is stored in place of the one before, credentials are sealed (those that are not
 * named stay), a callback key is made if there is none, and the deed is audited. In a transaction.
 * Where staff of the restaurant have calls go to another host, credentials that are not named are
 * forgotten.
 */
struct connection_wish {
	const char *provider_name;
	const char *pos_restaurant_id, *endpoint;
	const char *api_key;        /* the older single credential; NULL: none */
	struct bytes config;        /* JSON object; NULL data: unchanged */
	const char *webhook_secret; /* signature secret; NULL: unchanged */
	/* value of the Authorization header of their calls; NULL: unchanged */
	const char *authorization;
};
enum err connection_save(
    struct op *, const struct restaurant *, const struct connection_wish *, struct connection *ret);

/*
 * The configuration for people: plain values, and for credentials only whether they are set. A JSON
 * object.
 */
const char *connection_shown(struct op *, const struct connection *);

/*
 * The token in the callback URL of one order: base64url of 16 bytes of HMAC-SHA256 under the
 * restaurant's callback key. `reference` is our name of the order at the POS.
 */
const char *callback_token(
    struct arena *, struct bytes key, int64_t restaurant_id, const char *reference);

#endif
