/*
 * integrations: the pool in which a restaurant's connection to its POS is set up and looked after,
 * and in which people look at what providers have delivered.
 *
 * {restaurant} is the number or the slug. Staff act in their own restaurant only.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "audit/audit.h"
#include "config/config.h"
#include "db/db.h"
#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
#include "inbox/inbox.h"
#include "inbox/inbox_log.h"
#include "mem/buf.h"
#include "menu/sync_log.h"
#include "person/role.h"
#include "provider/authorize.h"
#include "provider/connect.h"
#include "provider/health.h"
#include "provider/login.h"
#include "provider/menu.h"
#include "provider/probe.h"
#include "text/hex.h"
#include "text/json_read.h"
#include "text/json_write.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 200
#define HISTORY_DEFAULT 20 /* of menus, each with all that was wrong in it */
#define HISTORY_MAX 50
#define NAME_MAX 100 /* of a filter */
#define SECRET_LEN 32
#define OVERLAP_US (INT64_C(86400) * 1000000) /* deliveries under way when a secret changes arrive within a day */

/* What goes out or comes in as a header: a line break in one would be another header (RFC 9110). */
#define HEADER_CHARS \
	" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`" \
	"abcdefghijklmnopqrstuvwxyz{|}~"

struct save_input {
	const char *provider_name, *pos_restaurant_id, *endpoint, *api_key, *webhook_secret,
	    *authorization;
	struct json_object *restaurant_config;
};
static const struct body_field save_fields[] = {
	BODY_TEXT(struct save_input, provider_name, .min = 1, .max = 50),
	BODY_TEXT(struct save_input, pos_restaurant_id, .min = 1, .max = 255, .is_optional = true,
	    .is_nullable = true),
	BODY_TEXT(struct save_input, endpoint, .min = 1, .max = 500, .charset = HEADER_CHARS,
	    .is_optional = true, .is_nullable = true),
	BODY_TEXT(struct save_input, api_key, .min = 1, .max = 255, .charset = HEADER_CHARS,
	    .is_optional = true, .is_nullable = true),
	BODY_JSON(struct save_input, restaurant_config, .is_optional = true),
	BODY_TEXT(struct save_input, webhook_secret, .min = 16, .max = 255, .charset = HEADER_CHARS,
	    .is_optional = true, .is_nullable = true),
	BODY_TEXT(struct save_input, authorization, .min = 16, .max = 255, .charset = HEADER_CHARS,
	    .is_optional = true, .is_nullable = true),
};
static const struct body_shape save_body = BODY_SHAPE(struct save_input, save_fields);

/* The restaurant of that number or slug, if the caller belongs there. */
static enum err
restaurant_named(struct op *op, const char *name, struct restaurant *ret)
{
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

static enum err
restaurant_load(struct op *op, const struct request *r, struct restaurant *ret)
{
	return restaurant_named(op, request_path(r, "restaurant"), ret);
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

/* All that somebody needs to know to draw the form of config_get and save_post. */
static enum err
providers_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct json_write *w = reply_json(reply, 200);

	(void)r;
	json_write_object(w, NULL);
	json_write_array(w, "providers");
	for (const struct pos_adapter *const *a = pos_adapters(); *a != NULL; a++) {
		json_write_object(w, NULL);
		pos_form_write(w, *a);
		json_write_string(w, "webhook_url",
		    arena_printf(op->arena, "%s/api/webhooks/%s", op->config->webhook_base_url,
			(*a)->name));
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_object_end(w);
	return OK;
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

static void
probe_show(struct reply *reply, int status, const struct probe *p)
{
	struct json_write *w = reply_json(reply, status);

	json_write_object(w, NULL);
	json_write_string(w, "status", p->status);
	json_write_raw(w, "checks", p->checks);
	json_write_time(w, "started_at", p->started_at);
	json_write_time(w, "completed_at", p->completed_at);
	json_write_object_end(w);
}

/* The restaurant's present connection. */
static enum err
connection_active(struct op *op, const struct request *r, struct connection *ret)
{
	struct restaurant restaurant;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = connection_of(op, restaurant.id, ret);
	return e == ERR_NO_ROW ? fail(op, ERR_NOT_FOUND, "This restaurant has no POS") : e;
}

struct probing {
	struct connection connection;
	struct probe probe;
};

static enum err
probe_in_tx(struct op *op, void *arg)
{
	struct probing *p = arg;
	enum err e = probe_begin(op, &p->connection, &p->probe);

	return e != OK ? e
		       : audit_record(op, "integration.test",
			     p->connection.integration.provider_name, NULL);
}

static enum err
test_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct probing p;
	enum err e = connection_active(op, r, &p.connection);

	if (e == OK)
		e = db_tx(op, probe_in_tx, &p);
	if (e == OK)
		probe_show(reply, 202, &p.probe);
	return e;
}

static enum err
test_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct connection c;
	struct probe probe;
	enum err e = connection_active(op, r, &c);

	if (e != OK)
		return e;
	e = probe_read(op, &c, &probe);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, "It was never tested");
	if (e == OK)
		probe_show(reply, 200, &probe);
	return e;
}

/* --- access that a merchant gives ------------------------------------------------------------- */

static enum err
authorize_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct connection c;
	struct json_write *w;
	const char *url;
	int64_t until;
	enum err e = connection_active(op, r, &c);

	if (e == OK)
		e = authorize_url(op, &c, &url, &until);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "url", url);
	json_write_time(w, "expires_at", until);
	json_write_object_end(w);
	return OK;
}

struct coming_back {
	struct authorize_return from;
	bool is_taken;
};

static enum err
return_in_tx(struct op *op, void *arg)
{
	struct coming_back *t = arg;

	return authorize_take(op, &t->from, &t->is_taken);
}

/* A parameter that must not be longer; NULL: not there. */
static const char *
parameter(struct op *op, const struct request *r, const char *name, size_t max)
{
	const char *text = request_query(r, name);

	if (text != NULL && strlen(text) > max)
		fail_field(op, name, "must be at most %zu bytes", max);
	return text;
}

static enum err
return_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct coming_back t = { .from = { .provider = request_path(r, "provider"),
				     .state = parameter(op, r, "state", AUTHORIZE_STATE_MAX),
				     .code = parameter(op, r, "code", AUTHORIZE_CODE_MAX),
				     .error = parameter(op, r, "error", NAME_MAX),
				     .merchant_id = parameter(op, r, "merchant_id", NAME_MAX) } };
	struct json_write *w;
	enum err e = op->fault.code;

	if (e == OK)
		e = db_tx(op, return_in_tx, &t);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "status", t.is_taken ? "authorized" : "declined");
	json_write_string(w, "message",
	    t.is_taken ? "Thank you. Access to your POS is being set up; you may close this page."
		       : "Access to your POS was not given. Nothing has changed.");
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

static enum err
history_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct restaurant restaurant;
	struct sync_log *logs = NULL;
	int64_t limit = HISTORY_DEFAULT, cursor = 0;
	struct json_write *w;
	size_t n = 0;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = request_query_i64(op, r, "limit", 1, HISTORY_MAX, &limit);
	if (e == OK)
		e = request_query_i64(op, r, "cursor", 1, INT64_MAX, &cursor);
	if (e == OK)
		e = sync_log_list(op, restaurant.id, cursor, limit, &logs, &n);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "syncs");
	for (size_t i = 0; i < n; i++)
		sync_log_write(w, &logs[i]);
	json_write_array_end(w);
	if ((int64_t)n == limit)
		json_write_int64(w, "next_cursor", logs[n - 1].id);
	else
		json_write_null(w, "next_cursor");
	json_write_object_end(w);
	return OK;
}

/* --- what providers have delivered ------------------------------------------------------------ */

/* Succeeded or not, as the older surface counts it. */
static const char *const log_statuses[] = { "success", "failed", NULL };
#define STATES_FAILED (1u << DELIVERY_FAILED | 1u << DELIVERY_DEAD)
#define STATES_ALL ((1u << DELIVERY_STATE__MAX) - 1)

static enum err
states_filter(struct op *op, const struct request *r, struct delivery_filter *f)
{
	unsigned set = STATES_ALL;
	struct buf list;
	int status = -1;
	enum err e = request_query_words(op, r, "state", inbox_states, &set);

	if (e == OK)
		e = request_query_word(op, r, "status", log_statuses, &status);
	if (e != OK)
		return e;
	if (status >= 0)
		set &= status == 1 ? STATES_FAILED : ~STATES_FAILED;
	if (set == STATES_ALL)
		return OK;
	/* A state and a status that do not go together leave a list that nothing is in. */
	buf_init(&list, op->arena, 200);
	for (int i = 0; i < DELIVERY_STATE__MAX; i++)
		if ((set & 1u << i) != 0)
			buf_addf(&list, "%s%s", list.len > 0 ? "," : "", inbox_states[i]);
	f->states = list.len > 0 ? list.data : "";
	return OK;
}

static enum err
name_filter(struct op *op, const struct request *r, const char *name, const char **ret)
{
	const char *text = request_query(r, name);

	if (text != NULL && (text[0] == '\0' || strlen(text) > NAME_MAX))
		return fail_field(op, name, "must be 1 to %d bytes", NAME_MAX);
	*ret = text;
	return OK;
}

/*
 * Whose deliveries the caller is shown: their own restaurant's. The platform's staff see those of
 * the restaurant that the address names, or of all (0), also what belongs to none.
 */
static int64_t
logs_scope(const struct op *op, const struct request *r)
{
	if (op->actor.restaurant_id != 0)
		return op->actor.restaurant_id;
	return r->tenant_slug != NULL && r->restaurant != NULL ? r->restaurant->id : 0;
}

static enum err
logs_restaurant(struct op *op, const struct request *r, int64_t *ret_id)
{
	const char *name = request_query(r, "restaurant");
	struct restaurant restaurant = { .id = logs_scope(op, r) };
	enum err e = name == NULL ? OK : restaurant_named(op, name, &restaurant);

	if (e == OK)
		*ret_id = restaurant.id;
	return e;
}

static enum err
logs_filter(struct op *op, const struct request *r, struct delivery_filter *f)
{
	enum err e = logs_restaurant(op, r, &f->restaurant_id);

	if (e == OK)
		e = request_query_i64(op, r, "limit", 1, PAGE_MAX, &f->n);
	if (e == OK)
		e = request_query_i64(op, r, "cursor", 1, INT64_MAX, &f->before_id);
	if (e == OK)
		e = name_filter(op, r, "type", &f->type);
	if (e == OK)
		e = name_filter(op, r, "subject", &f->subject);
	if (e == OK)
		e = request_query_since(op, r, &f->since_us, &f->until_us);
	return e != OK ? e : states_filter(op, r, f);
}

static enum err
logs_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct delivery_filter filter = {
		.since_us = TIME_NONE, .until_us = TIME_NONE, .n = PAGE_DEFAULT
	};
	struct delivery_log *logs = NULL;
	struct json_write *w;
	size_t n = 0;
	enum err e = logs_filter(op, r, &filter);

	if (e == OK)
		e = inbox_list(op, &filter, &logs, &n);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "logs");
	for (size_t i = 0; i < n; i++)
		inbox_log_write(w, NULL, &logs[i]);
	json_write_array_end(w);
	if ((int64_t)n == filter.n)
		json_write_int64(w, "next_cursor", logs[n - 1].id);
	else
		json_write_null(w, "next_cursor");
	json_write_object_end(w);
	return OK;
}

/* Whoever looks at a body sees what a kitchen said of somebody: that is recorded. */
static enum err
log_seen(struct op *op, void *arg)
{
	const struct delivery_log *l = arg;

	return audit_record(op, "delivery.read",
	    arena_printf(op->arena, "%lld", (long long)l->id), NULL);
}

static enum err
log_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct delivery_log log;
	struct json_write *w;
	int64_t id;
	enum err e = request_path_i64(op, r, "id", &id);

	if (e == OK)
		e = inbox_read(op, logs_scope(op, r), id, &log);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e != OK)
		return e;
	op->restaurant_id = log.restaurant_id;
	e = db_tx(op, log_seen, &log);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	inbox_log_write_whole(op, w, "log", &log);
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
	{ .method = METHOD_GET,
	    .path = "/api/pos-integration/providers",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_READ,
	    .handle = providers_get,
	    .sentence = "The POS that can be integrated, with every setting of each" },
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
	    .path = "/api/pos-integration/{restaurant}/authorize",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_READ,
	    .handle = authorize_get,
	    .sentence = "Where to send the merchant, who is to give us access to the POS" },
	{ .method = METHOD_GET,
	    .path = "/api/pos-integration/oauth/{provider}/callback",
	    .roles = ROLE_ANYBODY,
	    .tenant = TENANT_NONE,
	    .query = QUERY_ANY,
	    .rate = RATE_WRITE,
	    .handle = return_get,
	    .sentence = "The merchant comes back, with a code or without" },
	{ .method = METHOD_GET,
	    .path = "/api/pos-integration/{restaurant}/status",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_READ,
	    .handle = status_get,
	    .sentence = "What a restaurant's integration is set to" },
	{ .method = METHOD_POST,
	    .path = "/api/pos-integration/{restaurant}/test",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_WRITE,
	    .handle = test_post,
	    .sentence = "Ask the POS questions that change nothing, to see whether it answers" },
	{ .method = METHOD_GET,
	    .path = "/api/pos-integration/{restaurant}/test",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_READ,
	    .handle = test_get,
	    .sentence = "What came of the last test" },
	{ .method = METHOD_GET,
	    .path = "/api/webhooks/logs",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_OPTIONAL,
	    .query = "type status state subject since until restaurant limit cursor",
	    .rate = RATE_READ,
	    .handle = logs_get,
	    .sentence = "What providers have delivered, newest first" },
	{ .method = METHOD_GET,
	    .path = "/api/webhooks/logs/{id}",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_OPTIONAL,
	    .rate = RATE_READ,
	    .handle = log_get,
	    .sentence = "One delivery with what was in it, secrets left out" },
	{ .method = METHOD_POST,
	    .path = "/api/menu-sync/{restaurant}/sync",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .rate = RATE_WRITE,
	    .handle = sync_post,
	    .sentence = "Bring the menu from the POS" },
	{ .method = METHOD_GET,
	    .path = "/api/menu-sync/{restaurant}/history",
	    .roles = ROLE_ADMIN,
	    .tenant = TENANT_NONE,
	    .query = "limit cursor",
	    .rate = RATE_READ,
	    .handle = history_get,
	    .sentence = "What became of the menus that the POS told, newest first" },
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
