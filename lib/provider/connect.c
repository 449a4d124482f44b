#include "provider/connect.h"

#include <string.h>

#include "audit/audit.h"
#include "config/config.h"
#include "crypto/hmac.h"
#include "db/db.h"
#include "mem/buf.h"
#include "op/op.h"
#include "provider/login.h"
#include "text/hex.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/url.h"

#define CALLBACK_KEY_LEN 32
#define CALLBACK_TOKEN_LEN 16
/*
 * A rotated secret is still accepted for a day: orders handed out under it report back within that.
 */
#define ROTATION_OVERLAP_US (INT64_C(86400) * 1000000)

static struct bytes
json_bytes(const char *text)
{
	static const char empty[] = "{}";

	return text != NULL ? (struct bytes){ .data = text, .len = strlen(text) }
			    : (struct bytes){ .data = empty, .len = sizeof empty - 1 };
}

static struct pos_core
core_of(const struct op *op, const struct restaurant *r, const struct integration *i)
{
	return (struct pos_core){
		.base_api_url = i->base_api_url,
		.endpoint = i->endpoint,
		.pos_restaurant_id = i->pos_restaurant_id,
		.restaurant_slug = r->slug,
		.restaurant_name = r->name,
		.restaurant_address = r->address,
		.restaurant_contact = r->contact,
		.time_zone = r->time_zone,
		.currency = r->currency,
		.allow_http = op->config != NULL && op->config->allow_http,
	};
}

/* The POS's id of the restaurant, whichever way it was told. */
static const char *
rest_id_of(const struct connection *c)
{
	for (size_t i = 0; i < c->adapter->fields_n; i++)
		if (c->adapter->fields[i].role == POS_ROLE_REST_ID)
			return c->config->values[i];
	return c->integration.pos_restaurant_id;
}

static struct submission_terms
terms_of(struct op *op, const struct connection *c)
{
	const struct call_limits *l = &c->adapter->create_limits;
	struct pos_traits traits = pos_traits_of(c->config);
	const char *destination = arena_printf(
	    op->arena, "%s:%lld", c->adapter->name, (long long)c->integration.id);
	const char *rest_id = rest_id_of(c);

	return (struct submission_terms){
		.destination = destination,
		.place = arena_printf(
		    op->arena, "%s/%s", destination, rest_id != NULL ? rest_id : ""),
		.can_cancel = pos_can(c->adapter, POS_CANCEL),
		.accepts_on_create = traits.accepts_on_create,
		.needs_proof_us = INT64_C(1000000) * pos_proof_s(c->config),
		.settle_us = INT64_C(1000) * (l->window_ms + l->flight_ms + l->lag_ms),
		.can_look = pos_can(c->adapter, POS_LOOK),
		.holds_scheduled = traits.holds_scheduled,
		.follows = traits.follows,
		.leaves_drafts = traits.leaves_drafts,
		.absence_counts = traits.repeat_is_safe == POS_REPEAT_NO,
		.poll_us = INT64_C(1000000) * traits.poll_s,
	};
}

static enum err
connection_merge(struct op *op, struct connection *c, const char *const *secrets, size_t secrets_n)
{
	struct pos_core core = core_of(op, &c->restaurant, &c->integration);

	c->config =
	    pos_config_merge(op->arena, c->adapter, json_bytes(c->integration.global_config),
		json_bytes(c->integration.restaurant_specific_config), &core, secrets, secrets_n,
		&c->problems);
	c->terms = terms_of(op, c);
	return OK;
}

static enum err
connection_begin(struct op *op, const struct restaurant *restaurant,
    const struct integration *integration, struct connection *ret)
{
	*ret = (struct connection){ .restaurant = *restaurant, .integration = *integration,
		.adapter = pos_adapter_find(integration->provider_name) };
	if (ret->adapter == NULL)
		return fail(op, ERR_UNSUPPORTED_POS, "%s",
		    pos_unsupported(op->arena, integration->provider_name));
	return OK;
}

enum err
connection_make(struct op *op, const struct restaurant *restaurant,
    const struct integration *integration, struct connection *ret)
{
	struct connection c;
	const char *const *names;
	size_t n;
	enum err e = connection_begin(op, restaurant, integration, &c);

	if (e == OK)
		e = integration_secret_names(op, integration, &names, &n);
	if (e == OK)
		e = connection_merge(op, &c, names, n);
	if (e == OK)
		*ret = c;
	return e;
}

static enum err
connection_read(struct op *op, int64_t restaurant_id, struct connection *ret)
{
	struct restaurant restaurant;
	struct integration integration;
	const char *const *names;
	size_t n;
	enum err e = integration_whole(op, restaurant_id, &integration, &restaurant, &names, &n);

	if (e == OK)
		e = connection_begin(op, &restaurant, &integration, ret);
	if (e == OK)
		e = connection_merge(op, ret, names, n);
	return e;
}

/* What was read ahead for many is made once for all of them, and lives as long as that. */
enum err
connection_of(struct op *op, int64_t restaurant_id, struct connection *ret)
{
	struct arena *own = op->arena, *lasting = own;
	void **made = integration_made(op, restaurant_id, &lasting);
	struct connection *c = made != NULL ? *made : NULL;
	enum err e = OK;

	if (c == NULL) {
		op->arena = lasting;
		c = arena_alloc(lasting, sizeof *c);
		e = connection_read(op, restaurant_id, c);
		op->arena = own;
	}
	if (e != OK)
		return e;
	if (made != NULL)
		*made = c;
	*ret = *c;
	return OK;
}

enum err
connection_terms(
    struct op *op, const struct restaurant *restaurant, bool *ret_has, struct submission_terms *ret)
{
	struct integration integration;
	struct connection c;
	enum err e = integration_of(op, restaurant->id, &integration);

	if (e == ERR_NO_ROW) {
		*ret_has = false;
		return OK;
	}
	if (e == OK)
		e = connection_begin(op, restaurant, &integration, &c);
	if (e == OK)
		e = connection_merge(op, &c, NULL, 0);
	if (e == OK) {
		*ret_has = true;
		*ret = c.terms;
	}
	return e;
}

/* The credentials that somebody gives. */
struct secrets_fresh {
	const struct pos_secret *v;
	size_t n;
};

static enum err
problems_fail(struct op *op, const struct pos_problems *p)
{
	for (size_t i = 0; i < p->n; i++)
		fail_field(op, p->v[i].field, "%s", p->v[i].sentence);
	return op->fault.code;
}

/* The names of the secrets that are being saved, behind those of `stored`. */
static const char *const *
names_with(struct op *op, const struct connection_wish *w, const struct pos_adapter *adapter,
    const struct secrets_fresh *fresh, const char *const *stored, size_t stored_n, size_t *ret_n)
{
	const char **names = arena_array(op->arena, stored_n + fresh->n + 1, sizeof *names);
	size_t n = 0;

	for (size_t i = 0; i < stored_n; i++)
		names[n++] = stored[i];
	for (size_t i = 0; i < fresh->n; i++)
		names[n++] = fresh->v[i].name;
	if (w->api_key != NULL && adapter->api_key_is != NULL)
		names[n++] = adapter->api_key_is;
	*ret_n = n;
	return names;
}

/* Does what is sent to the POS go to another host than before? */
static bool
leads_elsewhere(struct op *op, const struct connection *before, const struct connection *after)
{
	for (size_t i = 0; i < after->adapter->fields_n; i++) {
		const struct pos_field *f = &after->adapter->fields[i];
		const char *was = before->config->values[i], *is = after->config->values[i];
		struct url from, to;

		if (f->kind != POS_URL || f->is_ours || is == NULL ||
		    (was != NULL && strcmp(was, is) == 0))
			continue;
		if (was == NULL || !url_parse(op->arena, was, &from) ||
		    !url_parse(op->arena, is, &to) || strcmp(from.scheme, to.scheme) != 0 ||
		    strcmp(from.host, to.host) != 0 || from.port != to.port)
			return true;
	}
	return false;
}

/*
 * The configuration as it will be, checked. Nobody at a restaurant sees its credentials, which may
 * be those of all that have our application: who leads our calls elsewhere has to bring them along,
 * or they would be told to whoever is there. *ret_forgets: those that are stored are not to stay.
 */
static enum err
connection_judge(struct op *op, const struct connection_wish *w, const struct secrets_fresh *fresh,
    struct connection *before, struct connection *c, bool *ret_forgets)
{
	const char *const *stored = NULL, *const *names;
	size_t stored_n = 0, n;
	bool is_new = before->integration.id == 0, forgets = false;
	enum err e =
	    is_new ? OK : integration_secret_names(op, &before->integration, &stored, &stored_n);

	if (e != OK)
		return e;
	names = names_with(op, w, c->adapter, fresh, stored, stored_n, &n);
	(void)connection_merge(op, c, names, n);
	if (!is_new && op->actor.kind == ACTOR_STAFF && op->actor.restaurant_id != 0) {
		(void)connection_merge(op, before, stored, stored_n);
		forgets = leads_elsewhere(op, before, c);
	}
	if (forgets && c->problems.n == 0) {
		names = names_with(op, w, c->adapter, fresh, NULL, 0, &n);
		(void)connection_merge(op, c, names, n);
		if (c->problems.n > 0)
			pos_problem_add(op->arena, &c->problems, "endpoint",
			    "leads elsewhere: the credentials are to be given with it");
	}
	*ret_forgets = forgets;
	return c->problems.n > 0 ? problems_fail(op, &c->problems) : OK;
}

/* What there was is of no use where our calls go now. */
static enum err
credentials_forget(struct op *op, const struct connection *c)
{
	enum err e = integration_secrets_forget(op, &c->integration);

	return e != OK ? e : login_forget(op, c);
}

static enum err
webhook_secrets_save(struct op *op, const struct integration *i, const struct connection_wish *w)
{
	const struct {
		enum webhook_purpose purpose;
		const char *value;
	} given[] = { { WEBHOOK_SIGNATURE, w->webhook_secret },
		{ WEBHOOK_AUTHORIZATION, w->authorization } };
	unsigned char key[CALLBACK_KEY_LEN];
	bool has_key;
	enum err e = webhook_secret_exists(op, i, WEBHOOK_CALLBACK, &has_key);

	if (e == OK && !has_key) {
		op_random(op, key, sizeof key);
		e = webhook_secret_rotate(
		    op, i, WEBHOOK_CALLBACK, (struct bytes){ .data = key, .len = sizeof key }, 0);
	}
	for (size_t k = 0; k < sizeof given / sizeof given[0] && e == OK; k++)
		if (given[k].value != NULL)
			e = webhook_secret_rotate(op, i, given[k].purpose,
			    (struct bytes){ .data = given[k].value, .len = strlen(given[k].value) },
			    ROTATION_OVERLAP_US);
	return e;
}

/* The provider's row, and the restaurant's own if there is one. */
static enum err
integration_before(
    struct op *op, const struct restaurant *r, const char *provider_name, struct integration *ret)
{
	struct integration own;
	enum err e = integration_lock(op, r->id, provider_name);

	if (e == OK)
		e = integration_provider(op, provider_name, ret);
	if (e == ERR_NO_ROW)
		return fail(
		    op, ERR_UNSUPPORTED_POS, "%s", pos_unsupported(op->arena, provider_name));
	if (e != OK)
		return e;
	ret->restaurant_id = r->id;
	e = integration_with(op, r->id, provider_name, &own);
	if (e == OK)
		*ret = own;
	return e == ERR_NO_ROW ? OK : e;
}

/* Of several secrets what matters most to a login. */
static enum login_saving
saving_of(const struct connection_wish *w, const struct pos_adapter *adapter,
    const struct secrets_fresh *fresh)
{
	enum login_saving most = LOGIN_SAVES_NONE, one;

	for (size_t i = 0; i < fresh->n; i++) {
		one = login_saving_of(fresh->v[i].name);
		most = one > most ? one : most;
	}
	if (w->api_key != NULL && adapter->api_key_is != NULL) {
		one = login_saving_of(adapter->api_key_is);
		most = one > most ? one : most;
	}
	return most;
}

static enum err
credentials_save(struct op *op, const struct connection *c, const struct connection_wish *w,
    const struct secrets_fresh *fresh)
{
	enum err e = login_saved(op, c, saving_of(w, c->adapter, fresh));

	for (size_t i = 0; i < fresh->n && e == OK; i++)
		e = integration_secret_put(
		    op, &c->integration, fresh->v[i].name, fresh->v[i].value);
	if (e == OK && w->api_key != NULL && c->adapter->api_key_is != NULL)
		e = integration_secret_put(
		    op, &c->integration, c->adapter->api_key_is, w->api_key);
	return e != OK ? e : webhook_secrets_save(op, &c->integration, w);
}

enum err
connection_save(struct op *op, const struct restaurant *r, const struct connection_wish *w,
    struct connection *ret)
{
	struct connection c = { .restaurant = *r, .adapter = pos_adapter_find(w->provider_name) };
	struct secrets_fresh fresh = { .n = 0 };
	struct pos_problems problems = { 0 };
	struct bytes plain = { 0 };
	struct connection before;
	bool forgets;
	enum err e;

	if (c.adapter == NULL)
		return fail(
		    op, ERR_UNSUPPORTED_POS, "%s", pos_unsupported(op->arena, w->provider_name));
	if (!pos_config_split(op->arena, c.adapter,
		w->config.data != NULL ? w->config : json_bytes(NULL), &plain, &fresh.v, &fresh.n,
		&problems))
		return problems_fail(op, &problems);
	e = integration_before(op, r, c.adapter->name, &c.integration);
	if (e != OK)
		return e;
	before = c;
	if (w->pos_restaurant_id != NULL)
		c.integration.pos_restaurant_id = w->pos_restaurant_id;
	if (w->endpoint != NULL)
		c.integration.endpoint = w->endpoint;
	if (w->config.data != NULL || c.integration.restaurant_specific_config == NULL)
		c.integration.restaurant_specific_config =
		    arena_strndup(op->arena, plain.data, plain.len);
	c.integration.active = true;
	e = connection_judge(op, w, &fresh, &before, &c, &forgets);
	if (e != OK)
		return e;
	c.integration.pos_restaurant_id = rest_id_of(&c);
	e = integration_save(op, &c.integration, &c.integration.id);
	c.terms = terms_of(op, &c);
	if (e == OK && forgets)
		e = credentials_forget(op, &c);
	if (e == OK)
		e = credentials_save(op, &c, w, &fresh);
	if (e == OK)
		e = audit_record(op, "integration.save", c.adapter->name, NULL);
	if (e == OK)
		*ret = c;
	return e;
}

const char *
connection_shown(struct op *op, const struct connection *c)
{
	const char *const *names = NULL;
	struct json_write w;
	struct buf b;
	size_t n = 0;

	if (integration_secret_names(op, &c->integration, &names, &n) != OK)
		return "{}";
	buf_init(&b, op->arena, 64 * 1024);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	for (size_t i = 0; i < c->adapter->fields_n; i++) {
		const struct pos_field *f = &c->adapter->fields[i];
		bool is_set = false;

		for (size_t k = 0; k < n; k++)
			is_set |= strcmp(names[k], f->key) == 0;
		if (f->is_secret)
			json_write_string(&w, f->key, is_set ? "********" : NULL);
		else
			json_write_string(&w, f->key, c->config->values[i]);
	}
	json_write_object_end(&w);
	json_write_done(&w);
	return b.data;
}

const char *
callback_token(struct arena *arena, struct bytes key, int64_t restaurant_id, const char *reference)
{
	const char *what = arena_printf(arena, "%lld\n%s", (long long)restaurant_id, reference);
	unsigned char mac[HMAC_SIZE];

	hmac_sha256(key.data, key.len, what, strlen(what), mac);
	return base64url_encode(arena, mac, CALLBACK_TOKEN_LEN);
}
