/*
 * integration: a restaurant's connection to a POS: what holds for the provider (pos_providers),
 * what the restaurant overrides (restaurant_pos_integrations) and its credentials
 * (integration_secrets).
 *
 * Configuration is JSON that anybody may see. A credential is sealed to the relay's public key the
 * moment it is saved and never comes out of the database again but in the relay and the webhooks
 * pool, which hold the secret key. What the keys of a configuration mean, and which are
 * credentials, is the adapter's to say (pos/), not this room's.
 */
#ifndef TICKETRAIL_TENANT_INTEGRATION_H
#define TICKETRAIL_TENANT_INTEGRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"

struct op;
struct secret_keypair;

/*
 * Access that is got by logging in and has to be renewed (provider/login.h). Where nobody ever
 * logged in there is none of it.
 */
struct integration_session {
	int64_t expires_at;   /* of the access token; TIME_NONE: they did not say */
	int64_t refreshed_at; /* when we got it; TIME_NONE: there is none */
	int64_t failures;     /* to get one, in a row */
	bool is_refused;      /* none is asked for until somebody has saved credentials */
	int64_t saved_at;     /* when somebody last did; TIME_NONE: never since we log in */
};

struct integration {
	int64_t id, restaurant_id;
	int64_t provider_id;
	const char *provider_name, *display_name;
	const char *base_api_url;
	const char *webhook_base_url;           /* NULL: the platform's */
	const char *webhook_endpoints;          /* JSON object: webhook type to path */
	const char *global_config;              /* JSON object; NULL: empty */
	const char *pos_restaurant_id;          /* the POS's id of the restaurant */
	const char *endpoint;                   /* override of base_api_url; NULL: none */
	const char *restaurant_specific_config; /* JSON object; NULL: empty */
	bool active;
	int64_t last_sync_at;
	const char *pos_merchant_id; /* whose it is there, if that is told; NULL: not known */
	struct integration_session session; /* of integration_whole() alone */
};

/* The restaurant's active integration. ERR_NO_ROW (no fault): it has no POS. */
enum err integration_of(struct op *, int64_t restaurant_id, struct integration *ret);
/*
 * The same with all that goes with it, in one statement: the restaurant, and the names of the
 * credentials that are stored, in order.
 */
struct restaurant;
enum err integration_whole(struct op *, int64_t restaurant_id, struct integration *ret,
    struct restaurant *ret_restaurant, const char *const **ret_names, size_t *ret_n);

/*
 * Reads the active integrations of these restaurants in one statement each, for a transaction that
 * needs them one by one: until it ends integration_whole() takes from there what is there, and with
 * the secrets integration_secrets_open() and, for callbacks, webhook_secrets_open(). Nothing of it
 * outlives the transaction: what is changed is seen by the next one.
 */
enum err integrations_read_ahead(
    struct op *, const int64_t *restaurant_ids, size_t n, bool with_secrets);
/*
 * A place beside one that was read ahead, for what the caller makes of it in *ret_arena: it stays
 * there as long. NULL: it was not read ahead.
 */
void **integration_made(struct op *, int64_t restaurant_id, struct arena **ret_arena);
/* With one provider, active or not. */
enum err integration_with(
    struct op *, int64_t restaurant_id, const char *provider_name, struct integration *ret);
/* Who is to change it has it for themselves from here on, if it is there. In a transaction. */
enum err integration_lock(struct op *, int64_t restaurant_id, const char *provider_name);
/* Whom a provider means by its own id of a restaurant. */
enum err integration_by_pos_restaurant(
    struct op *, const char *provider_name, const char *pos_restaurant_id, struct integration *ret);

/* Those that are known to be a merchant's; at most a hundred, the oldest. */
enum err integrations_of_merchant(struct op *, const char *provider_name,
    const char *pos_merchant_id, struct integration **ret, size_t *ret_n);
/* The POS has said whose it is. NULL, and what is known already, is nothing new. */
enum err integration_merchant_told(
    struct op *, const struct integration *, const char *pos_merchant_id);

/*
 * A provider's row without a restaurant: id, names, URLs, global_config. ERR_NO_ROW if there is
 * none.
 */
enum err integration_provider(struct op *, const char *provider_name, struct integration *ret);

/* The active ones of one restaurant, or of all with restaurant_id 0; at most a thousand. */
enum err integrations_list(
    struct op *, int64_t restaurant_id, struct integration **ret, size_t *ret_n);

/*
 * Makes or updates the integration of r->restaurant_id with r->provider_id, and points the
 * restaurant's own row at it. If it is active no other one of the restaurant stays so. In a
 * transaction. ERR_VALIDATION_ERROR with the fault set: another restaurant of ours has that id at
 * the POS.
 */
enum err integration_save(struct op *, const struct integration *, int64_t *ret_id);
enum err integration_synced(struct op *, const struct integration *);

/* --- credentials of the calls we make ----------------------------------------------------- */

struct named_secret {
	const char *name, *value;
};

/* Seals and stores one. In a transaction. */
enum err integration_secret_put(
    struct op *, const struct integration *, const char *name, const char *value);
/* It is there no more. In a transaction. */
enum err integration_secret_drop(struct op *, const struct integration *, const char *name);
/* None is there any more. In a transaction. */
enum err integration_secrets_forget(struct op *, const struct integration *);
/* Which ones there are; no values. */
enum err integration_secret_names(
    struct op *, const struct integration *, const char *const **ret, size_t *ret_n);
/* All, opened; they live in the arena and are wiped with it. Fails closed. */
enum err integration_secrets_open(struct op *, const struct secret_keypair *,
    const struct integration *, struct named_secret **ret, size_t *ret_n);

/* --- secrets of the calls they make ------------------------------------------------------- */

/* What a secret proves; the words of restaurant_webhook_secrets.purpose. */
enum webhook_purpose {
	WEBHOOK_SIGNATURE,
	WEBHOOK_CALLBACK,
	WEBHOOK_AUTHORIZATION,
	WEBHOOK_PURPOSE__MAX
};

/*
 * A new active secret. The one before is accepted for overlap_us more. The one that is active
 * already stays. In a transaction.
 */
enum err webhook_secret_rotate(struct op *, const struct integration *, enum webhook_purpose,
    struct bytes value, int64_t overlap_us);
/* Is there an active one? */
enum err webhook_secret_exists(
    struct op *, const struct integration *, enum webhook_purpose, bool *ret);
/* The values that are accepted now, the active one first. */
enum err webhook_secrets_open(struct op *, const struct secret_keypair *,
    const struct integration *, enum webhook_purpose, struct bytes **ret, size_t *ret_n);

#endif
