#include "provider/authorize.h"

#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "db/db.h"
#include "op/op.h"
#include "provider/login.h"
#include "text/hex.h"

#define PURPOSE "authorize"
#define NONCE_LEN 16

/*
 * "12.1760000000000000.NONCE.MAC": restaurant, end, nonce, and the MAC over them, the provider and
 * what the credentials were.
 */
static const char *
state_make(struct op *op, const struct connection *c, int64_t until, const char *nonce)
{
	const char *open = arena_printf(op->arena, "%lld.%lld.%s", (long long)c->restaurant.id,
	    (long long)until, nonce);
	const char *whole = arena_printf(op->arena, "%s\n%s\n%lld\n%lld", open, c->adapter->name,
	    (long long)c->integration.id, (long long)c->integration.session.saved_at);
	unsigned char mac[HASH_SIZE];

	hash_keyed(op->config->hash_key.bytes, PURPOSE, whole, strlen(whole), mac);
	return arena_printf(
	    op->arena, "%s.%s", open, base64url_encode(op->arena, mac, sizeof mac));
}

enum err
authorize_url(
    struct op *op, const struct connection *c, const char **ret_url, int64_t *ret_until)
{
	unsigned char nonce[NONCE_LEN];
	const char *url = NULL;
	int64_t until;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	op_random(op, nonce, sizeof nonce);
	until = op->now_us + AUTHORIZE_LIFE_US;
	if (c->adapter->authorize_url != NULL)
		url = c->adapter->authorize_url(op->arena, c->config, login_redirect_uri(op, c),
		    state_make(op, c, until, base64url_encode(op->arena, nonce, sizeof nonce)));
	if (url == NULL)
		return fail_field(op, "restaurant",
		    "has a POS to which access is not given in this way, or whose client_id or "
		    "client_secret is not set");
	*ret_url = url;
	*ret_until = until;
	return OK;
}

/* The parts of a state; false: it is none. Nothing of it is proved yet. */
static bool
state_split(
    struct op *op, const char *state, int64_t *ret_id, int64_t *ret_until, const char **ret_nonce)
{
	char *end;
	size_t nonce_len;

	if (state == NULL || strlen(state) > AUTHORIZE_STATE_MAX || *state < '1' || *state > '9')
		return false;
	*ret_id = strtoll(state, &end, 10);
	if (*end != '.' || end[1] < '1' || end[1] > '9')
		return false;
	*ret_until = strtoll(end + 1, &end, 10);
	if (*end != '.')
		return false;
	nonce_len = strcspn(end + 1, ".");
	*ret_nonce = arena_strndup(op->arena, end + 1, nonce_len);
	return true;
}

static enum err
state_unknown(struct op *op)
{
	return fail_field(op, "state", "is none of ours, or is too old: please begin anew");
}

/* Whose it is, once it is proved. */
static enum err
state_open(struct op *op, const struct authorize_return *r, struct connection *ret)
{
	int64_t restaurant_id, until;
	const char *nonce;
	enum err e = db_now(op);

	if (e != OK)
		return e;
	if (!state_split(op, r->state, &restaurant_id, &until, &nonce) || until < op->now_us)
		return state_unknown(op);
	e = connection_of(op, restaurant_id, ret);
	if (e == ERR_NO_ROW)
		return state_unknown(op);
	if (e != OK)
		return e;
	if (strcmp(ret->adapter->name, r->provider) != 0 || ret->adapter->authorize_url == NULL ||
	    !hmac_equal_text(r->state, state_make(op, ret, until, nonce)))
		return state_unknown(op);
	return OK;
}

static bool
is_code(const char *code)
{
	size_t n = 0;

	if (code == NULL)
		return false;
	while (code[n] > 0x20 && code[n] < 0x7f)
		n++;
	return n > 0 && n <= AUTHORIZE_CODE_MAX && code[n] == '\0';
}

enum err
authorize_take(struct op *op, const struct authorize_return *r, bool *ret_taken)
{
	struct connection c;
	enum err e;

	if (pos_adapter_find(r->provider) == NULL)
		return fail(op, ERR_NOT_FOUND, NULL);
	e = state_open(op, r, &c);
	if (e != OK)
		return e;
	op->restaurant_id = c.restaurant.id;
	*ret_taken = r->error == NULL;
	if (!*ret_taken)
		return audit_record(op, "integration.authorize_refused", c.adapter->name, NULL);
	if (!is_code(r->code))
		return fail_field(op, "code", "is not one");
	if (r->merchant_id != NULL && c.integration.pos_restaurant_id != NULL &&
	    strcmp(r->merchant_id, c.integration.pos_restaurant_id) != 0)
		return fail_field(op, "merchant_id", "is another merchant's than the restaurant's");
	e = login_saved(op, &c, LOGIN_SAVES_TOKENS);
	if (e == OK)
		e = integration_secret_put(op, &c.integration, POS_CODE, r->code);
	return e != OK ? e : audit_record(op, "integration.authorize", c.adapter->name, NULL);
}
