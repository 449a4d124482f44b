/*
 * integrations: the pool in which a restaurant's connection to its POS is set up and looked after.
 *
 * {restaurant} is the number or the slug. Staff act in their own restaurant only.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "audit/audit.h"
#include "db/db.h"
#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
#include "inbox/inbox.h"
#include "person/role.h"
#include "provider/connect.h"
#include "provider/menu.h"
#include "text/hex.h"
#include "text/json_read.h"
#include "text/json_write.h"

#define SECRET_LEN 32
#define OVERLAP_US (INT64_C(86400) * 1000000) /* deliveries under way when a secret changes arrive within a day */

struct save_input {
	const char *provider_name, *pos_restaurant_id, *endpoint, *api_key, *webhook_secret,
	    *authorization;
	struct json_object *restaurant_config;
};
static const struct body_field save_fields[] = {
	BODY_TEXT(struct save_input, provider_name, .min = 1, .max = 50),
	BODY_TEXT(struct save_input, pos_restaurant_id, .min = 1, .max = 255, .is_optional = true,
	    .is_nullable = true),
	BODY_TEXT(struct save_input, endpoint, .min = 1, .max = 500, .is_optional = true,
	    .is_nullable = true),
	BODY_TEXT(struct save_input, api_key, .min = 1, .max = 255, .is_optional = true,
	    .is_nullable = true),
	BODY_JSON(struct save_input, restaurant_config, .is_optional = true),
	BODY_TEXT(struct save_input, webhook_secret, .min = 16, .max = 255, .is_optional = true,
	    .is_nullable = true),
	BODY_TEXT(struct save_input, authorization, .min = 16, .max = 255, .is_optional = true,
	    .is_nullable = true),
};
static const struct body_shape save_body = BODY_SHAPE(struct save_input, save_fields);

/* The restaurant of the path, if the caller belongs there. */
static enum err
restaurant_load(struct op *op, const struct request *r, struct restaurant *ret)
{
	const char *name = request_path(r, "restaurant");
	char *end;
	int64_t id = strtoll(name, &end, 10);
	enum err e = *end == '\0' && id > 0 ? restaurant_by_id(op, id, ret)
					    : restaurant_by_slug(op, name, ret);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK && op->actor.restaurant_id != 0 && op->actor.restaurant_id != ret->id)
		return fail(op, ERR_INSUFFICIENT_ROLE, "You do not work at this restaurant");
	if (e == OK)
		op->restaurant_id = ret->id;
	return e;
}

static void
connection_write(struct op *op, struct reply *reply, const struct connection *c)
{
	struct json_write *w = reply_json(reply, 200);

	json_write_object(w, NULL);
	json_write_int64(w, "restaurant_id", c->restaurant.id);
	json_write_string(w, "provider_name", c->integration.provider_name);
	json_write_string(w, "pos_restaurant_id", c->integration.pos_restaurant_id);
	json_write_string(w, "endpoint", c->integration.endpoint);
	json_write_bool(w, "active", c->integration.active);
	json_write_raw(w, "config", connection_shown(op, c));
	json_write_object_end(w);
}

/* The connection with the provider of the path. */
static enum err
connection_load(struct op *op, const struct request *r, struct connection *ret)
{
	struct restaurant restaurant;
	struct integration integration;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = integration_with(op, restaurant.id, request_path(r, "provider"), &integration);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	return e != OK ? e : connection_make(op, &restaurant, &integration, ret);
}

static enum err
config_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct connection c;
	enum err e = connection_load(op, r, &c);

	if (e == OK)
		connection_write(op, reply, &c);
	return e;
}

struct saving {
	struct restaurant restaurant;
	struct connection_wish wish;
	struct connection saved;
};

static enum err
save_in_tx(struct op *op, void *arg)
{
	struct saving *s = arg;

	return connection_save(op, &s->restaurant, &s->wish, &s->saved);
}

static enum err
save_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct save_input *in = r->input;
	struct saving s = { .wish = { .provider_name = in->provider_name,
				.pos_restaurant_id = in->pos_restaurant_id,
				.endpoint = in->endpoint,
				.api_key = in->api_key,
				.webhook_secret = in->webhook_secret,
				.authorization = in->authorization } };
	enum err e = restaurant_load(op, r, &s.restaurant);

	if (e != OK)
		return e;
	if (in->restaurant_config != NULL) {
		const char *text = json_text(op->arena, in->restaurant_config);

		s.wish.config = (struct bytes){ .data = text, .len = strlen(text) };
	}
	e = db_tx(op, save_in_tx, &s);
	if (e == OK)
		connection_write(op, reply, &s.saved);
	return e;
}

struct rotating {
	struct connection connection;
	char *secret;
};

static enum err
rotate_in_tx(struct op *op, void *arg)
{
	struct rotating *t = arg;
	enum err e = webhook_secret_rotate(op, &t->connection.integration, WEBHOOK_SIGNATURE,
	    (struct bytes){ .data = t->secret, .len = strlen(t->secret) }, OVERLAP_US);

	return e != OK ? e
		       : audit_record(op, "integration.rotate_secret",
			     t->connection.integration.provider_name, NULL);
}

/* The only time that a secret is shown: to whom it was made for. */
static enum err
rotate_post(struct op *op, const struct request *r, struct reply *reply)
{
	unsigned char bytes[SECRET_LEN];
	struct rotating t;
	struct json_write *w;
	enum err e = connection_load(op, r, &t.connection);

	if (e != OK)
		return e;
	op_random(op, bytes, sizeof bytes);
	t.secret = hex_encode(op->arena, bytes, sizeof bytes);
	e = db_tx(op, rotate_in_tx, &t);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "webhook_secret", t.secret);
	json_write_null(w, "expires_at");
	json_write_object_end(w);
	return OK;
}

/* How one integration does, in the older surface's words. *ret_status: healthy or degraded. */
static enum err
health_write(
    struct op *op, struct json_write *w, const struct integration *i, const char **ret_status)
{
	const char *const *errors = NULL;
	bool has_callback = false;
	size_t n = 0;
	enum err e = inbox_errors(op, i->restaurant_id, i->provider_name, &errors, &n);

	if (e == OK)
		e = webhook_secret_exists(op, i, WEBHOOK_CALLBACK, &has_callback);
	if (e != OK)
		return e;
	*ret_status = n == 0 && has_callback ? "healthy" : "degraded";
	json_write_object(w, NULL);
	json_write_string(w, "status", *ret_status);
	json_write_string(w, "pos_type", i->provider_name);
	json_write_time(w, "last_sync", i->last_sync_at);
	json_write_string(w, "webhook_status", has_callback ? "active" : "inactive");
	json_write_array(w, "recent_errors");
	for (size_t k = 0; k < n; k++)
		json_write_string(w, NULL, errors[k]);
	json_write_array_end(w);
	json_write_object_end(w);
	return OK;
}

static enum err
health_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct restaurant restaurant;
	struct integration integration;
	const char *status;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = integration_of(op, restaurant.id, &integration);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, "This restaurant has no POS");
	return e != OK ? e : health_write(op, reply_json(reply, 200), &integration, &status);
}

static enum err
healths_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct integration *all = NULL;
	const char *worst = "healthy", *status;
	struct json_write *w;
	size_t n = 0;
	enum err e = integrations_list(op, op->actor.restaurant_id, &all, &n);

	(void)r;
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "integrations");
	for (size_t i = 0; i < n && e == OK; i++) {
		e = health_write(op, w, &all[i], &status);
		if (e == OK && strcmp(status, "healthy") != 0)
			worst = status;
	}
	if (e != OK)
		return e;
	json_write_array_end(w);
	json_write_string(w, "status", worst);
	json_write_object_end(w);
	return OK;
}

static enum err
status_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct restaurant restaurant;
	struct integration i = { .last_sync_at = TIME_NONE };
	struct json_write *w;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = integration_of(op, restaurant.id, &i);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "pos_type", i.provider_name);
	json_write_bool(w, "active", i.active);
	json_write_string(w, "pos_restaurant_id", i.pos_restaurant_id);
	json_write_time(w, "last_sync", i.last_sync_at);
	json_write_object_end(w);
	return OK;
}

struct syncing {
	int64_t restaurant_id, sync_id;
};

static enum err
sync_in_tx(struct op *op, void *arg)
{
	struct syncing *s = arg;
	enum err e = menu_sync_start(op, s->restaurant_id, &s->sync_id);

	return e != OK ? e : audit_record(op, "menu.sync", "", NULL);
}

static enum err
sync_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct restaurant restaurant;
	struct syncing s;
	struct json_write *w;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e != OK)
		return e;
	s.restaurant_id = restaurant.id;
	e = db_tx(op, sync_in_tx, &s);
	if (e != OK)
		return e;
	w = reply_json(reply, 202);
	json_write_object(w, NULL);
	json_write_string(w, "status", "running");
	json_write_int64(w, "items_synced", 0);
	json_write_int64(w, "categories_synced", 0);
	json_write_array(w, "errors");
	json_write_array_end(w);
	json_write_time(w, "started_at", op->now_us);
	json_write_time(w, "completed_at", TIME_NONE);
	json_write_object_end(w);
	return OK;
}

static const struct route routes[] = {
	{ .method = METHOD_GET,
	    .path = "/api/pos-config/{restaurant}/{provider}",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_READ,
	    .handle = config_get,
	    .sentence = "The merged configuration, secrets masked" },
	{ .method = METHOD_POST,
	    .path = "/api/pos-integration/{restaurant}",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .body = &save_body,
	    .body_max = 65536,
	    .rate = RATE_WRITE,
	    .handle = save_post,
	    .sentence = "Make or change an integration" },
	{ .method = METHOD_POST,
	    .path = "/api/pos-integration/{restaurant}/{provider}/rotate-secret",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_WRITE,
	    .handle = rotate_post,
	    .sentence = "A new webhook secret; the old one is good for a day" },
	{ .method = METHOD_GET,
	    .path = "/api/pos-integration/health",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_READ,
	    .handle = healths_get,
	    .sentence = "Whether integrations work, over all one may see" },
	{ .method = METHOD_GET,
	    .path = "/api/pos-integration/{restaurant}/health",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_READ,
	    .handle = health_get,
	    .sentence = "Whether a restaurant's integration works" },
	{ .method = METHOD_GET,
	    .path = "/api/pos-integration/{restaurant}/status",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_READ,
	    .handle = status_get,
	    .sentence = "What a restaurant's integration is set to" },
	{ .method = METHOD_POST,
	    .path = "/api/menu-sync/{restaurant}/sync",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_WRITE,
	    .handle = sync_post,
	    .sentence = "Bring the menu from the POS" },
};

static const struct pool pool = { .name = "integrations",
	.program = PROGRAM_integrations,
	.routes = ROUTE_TABLE(routes),
	.has_credentials = true };

int
main(int argc, char **argv)
{
	return front_main(argc, argv, &pool);
}
