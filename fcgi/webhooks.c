/*
 * webhooks: the pool that providers call. With the relay the only one that can open providers'
 * secrets.
 */
#include <string.h>

#include "config/config.h"
#include "crypto/secret.h"
#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
#include "mem/buf.h"
#include "person/role.h"
#include "provider/traffic.h"
#include "provider/webhook.h"
#include "text/utf8.h"

#define SMALL_MAX ((size_t)64 * 1024)
#define MENU_MAX ((size_t)1024 * 1024)
/* Toast sends whole orders, of more than 600 kB at times. */
#define EVENTS_MAX ((size_t)2 * 1024 * 1024)
#define HEADERS_KEPT_MAX ((size_t)8 * 1024)

/* What a header may hold that opens something: its name is kept, its value is not. */
static const char *const withheld[] = { "authorization", "cookie", "proxy-authorization",
	"x-petpooja-signature", "toast-signature", "x-square-hmacsha256-signature",
	"x-clover-auth" };

static const char *
header_find(const void *request, const char *name)
{
	return request_header(request, name);
}

static const char *
headers_for_log(struct op *op, const struct request *r)
{
	struct buf b;

	buf_init(&b, op->arena, HEADERS_KEPT_MAX);
	for (size_t i = 0; i < r->headers_n; i++) {
		const char *value = utf8_sanitise(op->arena, r->headers[i].value, 500);

		for (size_t k = 0; k < sizeof withheld / sizeof withheld[0]; k++)
			if (strcmp(r->headers[i].name, withheld[k]) == 0)
				value = "(withheld)";
		buf_addf(&b, "%s: %s\n", r->headers[i].name, value);
	}
	return b.data;
}

/* Opens what providers and we know of each other; made with the first delivery. */
static struct secret_keypair keys;
static bool has_keys;

static const struct secret_keypair *
keys_of(const struct op *op)
{
	if (!has_keys) {
		secret_keypair_from(op->config->relay_secret_key.bytes, &keys);
		secret_keypair_remember(&keys);
		has_keys = true;
	}
	return &keys;
}

/* Who is watched, as this worker read it last. */
static struct traffic traffic;

static enum err
delivery_take(struct op *op, const struct request *r, const char *provider, const char *type,
    const char *slug, const char *token, struct reply *reply)
{
	struct webhook_call call = {
		.provider = provider,
		.type = type,
		.slug = slug,
		.token = token,
		.header = header_find,
		.request = r,
		.headers = headers_for_log(op, r),
		.source_address = r->client_address,
		.body = r->body,
	};
	struct webhook_answer answer;
	enum err e = webhook_take(op, keys_of(op), &call, &answer);

	if (traffic_watches(e == OK ? op : NULL, &traffic, op->restaurant_id))
		traffic_log_delivery(op, &call, r->path, e == OK ? &answer : NULL);
	if (e == OK)
		reply_raw(reply, answer.http_status, "application/json",
		    (struct bytes){ .data = answer.body, .len = strlen(answer.body) });
	return e;
}

static enum err
callback_post(struct op *op, const struct request *r, struct reply *reply)
{
	return delivery_take(op, r, "petpooja", "callback", request_path(r, "slug"),
	    request_query(r, "k"), reply);
}

/* The last part of the path is the type. */
static enum err
petpooja_post(struct op *op, const struct request *r, struct reply *reply)
{
	return delivery_take(
	    op, r, "petpooja", strrchr(r->path, '/') + 1, NULL, NULL, reply);
}

/* Others send all their news to one address; the restaurant is in the path, or in the news. */
static enum err
events_post(struct op *op, const struct request *r, struct reply *reply)
{
	return delivery_take(op, r, request_path(r, "provider"), "events",
	    request_path(r, "slug"), NULL, reply);
}

#define PETPOOJA(type, max, text) \
	{ .method = METHOD_POST, .path = "/api/webhooks/petpooja/" type, .roles = ROLE_ANYBODY, .tenant = TENANT_NONE, \
	    .body = &body_raw, .body_max = (max), .query = QUERY_ANY, .rate = RATE_WEBHOOK, .handle = petpooja_post, .sentence = (text) }

#define EVENTS(where, text) \
	{ .method = METHOD_POST, .path = where, .roles = ROLE_ANYBODY, .tenant = TENANT_NONE, .body = &body_raw, \
	    .body_max = EVENTS_MAX, .query = QUERY_ANY, .rate = RATE_WEBHOOK, .handle = events_post, .sentence = (text) }

static const struct route routes[] = {
	{ .method = METHOD_POST,
	    .path = "/pp_callback/{slug}/",
	    .roles = ROLE_ANYBODY,
	    .tenant = TENANT_NONE,
	    .body = &body_raw,
	    .body_max = SMALL_MAX,
	    .query = QUERY_ANY,
	    .rate = RATE_WEBHOOK,
	    .handle = callback_post,
	    .sentence = "PetPooja says where an order stands" },
	PETPOOJA("order-status", SMALL_MAX, "An order moved at the POS"),
	PETPOOJA("menu-update", SMALL_MAX, "The menu changed at the POS; it is fetched"),
	PETPOOJA("inventory-update", SMALL_MAX, "One item is, or is not, to be had"),
	PETPOOJA("push-menu", MENU_MAX, "The whole menu, when the merchant triggers it"),
	PETPOOJA("item-stock", SMALL_MAX, "Items or add-ons are, or are not, to be had"),
	PETPOOJA("store-status", SMALL_MAX, "Does the restaurant take orders here?"),
	EVENTS("/api/webhooks/{provider}", "A POS tells its news, of whichever restaurant"),
	EVENTS("/api/webhooks/{provider}/{slug}", "A POS tells its news of this restaurant"),
	PETPOOJA(
	    "store-status-update", SMALL_MAX, "The restaurant takes orders, or stops taking them"),
};

static const struct pool pool = {
	.name = "webhooks", .program = PROGRAM_webhooks, .routes = ROUTE_TABLE(routes)
};

int
main(int argc, char **argv)
{
	int status = front_main(argc, argv, &pool);

	secret_keypair_wipe(&keys);
	traffic_forget(&traffic);
	return status;
}
