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

#define NONCE_LEN 16
#define BOUND_LEN 16

/* What a MAC is good for: a link leads to the POS, a state back from there. */
static const char for_link[] = "authorize_link";
static const char for_state[] = "authorize_state";
static const char for_browser[] = "authorize_who";

/* "12.1760000000000000.NONCE", and of a state also ".BROWSER". */
struct ticket {
	int64_t restaurant_id, until;
	const char *nonce;
	const char *browser; /* a hash of what the browser keeps; NULL: a link has none */
};

/*
 * With the MAC over it, the provider and what the credentials were: once somebody has come back
 * with one, all that were handed out before are of no use.
 */
static const char *
ticket_write(
    struct op *op, const struct connection *c, const char *purpose, const struct ticket *t)
{
	const char *open = arena_printf(op->arena, "%lld.%lld.%s%s%s", (long long)t->restaurant_id,
	    (long long)t->until, t->nonce, t->browser != NULL ? "." : "",
	    t->browser != NULL ? t->browser : "");
	const char *whole = arena_printf(op->arena, "%s\n%s\n%lld\n%lld", open, c->adapter->name,
	    (long long)c->integration.id, (long long)c->integration.session.saved_at);
	unsigned char mac[HASH_SIZE];

	hash_keyed(op->config->hash_key.bytes, purpose, whole, strlen(whole), mac);
	return arena_printf(
	    op->arena, "%s.%s", open, base64url_encode(op->arena, mac, sizeof mac));
}

/* The digits up to the next dot; false: there are none. */
static bool
number_take(const char **text, int64_t *ret)
{
	char *end;

	if (**text < '1' || **text > '9')
		return false;
	*ret = strtoll(*text, &end, 10);
	if (*end != '.')
		return false;
	*text = end + 1;
	return true;
}

/* What stands before the next dot; NULL: there is no dot. */
static const char *
word_take(struct op *op, const char **text)
{
	const char *from = *text;
	size_t len = strcspn(from, ".");

	if (from[len] == '\0')
		return NULL;
	*text += len + 1;
	return arena_strndup(op->arena, from, len);
}

/* False: it is none. Nothing of it is proved yet. */
static bool
ticket_read(struct op *op, const char *text, bool has_browser, struct ticket *ret)
{
	struct ticket t = { .browser = NULL };

	if (text == NULL || strlen(text) > AUTHORIZE_STATE_MAX ||
	    !number_take(&text, &t.restaurant_id) || !number_take(&text, &t.until))
		return false;
	t.nonce = word_take(op, &text);
	if (t.nonce != NULL && has_browser)
		t.browser = word_take(op, &text);
	*ret = t;
	return t.nonce != NULL && (!has_browser || t.browser != NULL);
}

/* Whose it is, once it is proved. `field` is what it came as. */
static enum err
ticket_open(struct op *op, const char *provider, const char *field, const char *text,
    struct ticket *ret, struct connection *ret_connection)
{
	static const char unknown[] =
	    "is none of ours, or was used already: please ask for a new link";
	bool is_state = strcmp(field, "state") == 0, is_theirs;
	enum err e;

	if (pos_adapter_find(provider) == NULL)
		return fail(op, ERR_NOT_FOUND, NULL);
	e = db_now(op);
	if (e != OK)
		return e;
	if (!ticket_read(op, text, is_state, ret))
		return fail_field(op, field, unknown);
	/* Of two who come back with the same one, the other sees that it was used. */
	if (is_state)
		e = integration_lock(op, ret->restaurant_id, provider);
	if (e == OK)
		e = connection_of(op, ret->restaurant_id, ret_connection);
	if (e == ERR_NO_ROW)
		return fail_field(op, field, unknown);
	if (e != OK)
		return e;
	is_theirs = strcmp(ret_connection->adapter->name, provider) == 0 &&
		    ret_connection->adapter->authorize_url != NULL;
	if (!is_theirs ||
	    !hmac_equal_text(text,
		ticket_write(op, ret_connection, is_state ? for_state : for_link, ret)))
		return fail_field(op, field, unknown);
	if (ret->until < op->now_us)
		return fail_field(op, field, "is too old: please ask for a new link");
	return OK;
}

/* What a state says of a browser. */
static const char *
browser_hash(struct op *op, const char *browser)
{
	unsigned char hash[HASH_SIZE];

	hash_keyed(op->config->hash_key.bytes, for_browser, browser, strlen(browser), hash);
	return base64url_encode(op->arena, hash, BOUND_LEN);
}

static enum err
url_make(struct op *op, const struct connection *c, const char *state, const char **ret)
{
	const char *url = NULL;

	if (c->adapter->authorize_url != NULL)
		url = c->adapter->authorize_url(
		    op->arena, c->config, login_redirect_uri(op, c), state);
	if (url == NULL)
		return fail_field(op, "restaurant",
		    "has a POS to which access is not given in this way, or whose client_id or "
		    "client_secret is not set");
	*ret = url;
	return OK;
}

enum err
authorize_link(
    struct op *op, const struct connection *c, const char **ret_url, int64_t *ret_until)
{
	unsigned char nonce[NONCE_LEN];
	struct ticket t = { .restaurant_id = c->restaurant.id };
	const char *url;
	enum err e = db_now(op);

	if (e == OK)
		e = url_make(op, c, "", &url);
	if (e != OK)
		return e;
	op_random(op, nonce, sizeof nonce);
	t.nonce = base64url_encode(op->arena, nonce, sizeof nonce);
	t.until = op->now_us + AUTHORIZE_LIFE_US;
	*ret_url = arena_printf(op->arena, "%s/api/pos-integration/oauth/%s/start?ticket=%s",
	    op->config->public_url, c->adapter->name, ticket_write(op, c, for_link, &t));
	*ret_until = t.until;
	return OK;
}

static bool
is_browser(const char *s)
{
	static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-_";

	return s != NULL && strlen(s) == AUTHORIZE_BROWSER_LEN &&
	       strspn(s, chars) == AUTHORIZE_BROWSER_LEN;
}

enum err
authorize_start(struct op *op, const struct authorize_visit *v, const char **ret_url,
    const char **ret_browser)
{
	unsigned char random[HASH_SIZE];
	const char *browser = v->browser;
	struct connection c;
	struct ticket t;
	enum err e = ticket_open(op, v->provider, "ticket", v->ticket, &t, &c);

	if (e != OK)
		return e;
	op->restaurant_id = c.restaurant.id;
	if (!is_browser(browser)) {
		op_random(op, random, sizeof random);
		browser = base64url_encode(op->arena, random, sizeof random);
	}
	t.browser = browser_hash(op, browser);
	e = url_make(op, &c, ticket_write(op, &c, for_state, &t), ret_url);
	if (e == OK)
		*ret_browser = browser;
	return e;
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
	struct ticket t;
	enum err e = ticket_open(op, r->provider, "state", r->state, &t, &c);

	if (e != OK)
		return e;
	if (!is_browser(r->browser) ||
	    !hmac_equal_text(t.browser, browser_hash(op, r->browser)))
		return fail_field(op, "state",
		    "was given to another browser, or this one keeps no cookies: please open the "
		    "link in the browser in which access is given");
	op->restaurant_id = c.restaurant.id;
	*ret_taken = r->error == NULL;
	if (!*ret_taken)
		return audit_record(op, "integration.authorize_refused", c.adapter->name, NULL);
	if (!is_code(r->code))
		return fail_field(op, "code", "is not one");
	if (r->merchant_id != NULL && c.integration.pos_restaurant_id != NULL &&
	    strcmp(r->merchant_id, c.integration.pos_restaurant_id) != 0)
		return fail_field(op, "merchant_id", "is another merchant's than the restaurant's");
	e = login_saved(op, &c, LOGIN_SAVES_CODE);
	if (e == OK)
		e = integration_secret_put(op, &c.integration, POS_CODE, r->code);
	return e != OK ? e : audit_record(op, "integration.authorize", c.adapter->name, NULL);
}
