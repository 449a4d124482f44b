/*
 * What a connection to a POS is set to, and its secrets.
 */
#include "integrations.h"

#include <string.h>

#include <json-c/json.h>

#include "audit/audit.h"
#include "config/config.h"
#include "db/db.h"
#include "http/body.h"
#include "http/reply.h"
#include "op/op.h"
#include "text/hex.h"
#include "text/json_read.h"
#include "text/json_write.h"

#define SECRET_LEN 32
/* deliveries under way when a secret changes arrive within a day */
#define OVERLAP_US (INT64_C(86400) * 1000000)

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
const struct body_shape save_body = BODY_SHAPE(struct save_input, save_fields);

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

enum err
config_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct connection c;
	enum err e = connection_load(op, r, &c);

	if (e == OK)
		connection_write(op, reply, &c);
	return e;
}

/* All that somebody needs to know to draw the form of config_get and save_post. */
enum err
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

enum err
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
	enum webhook_purpose purpose;
	char *secret;
};

static enum err
rotate_in_tx(struct op *op, void *arg)
{
	struct rotating *t = arg;
	enum err e = webhook_secret_rotate(op, &t->connection.integration, t->purpose,
	    (struct bytes){ .data = t->secret, .len = strlen(t->secret) }, OVERLAP_US);

	return e != OK ? e
		       : audit_record(op, "integration.rotate_secret",
			     t->connection.integration.provider_name, NULL);
}

/* The only time that a secret is shown: to whom it was made for. */
enum err
rotate_post(struct op *op, const struct request *r, struct reply *reply)
{
	unsigned char bytes[SECRET_LEN];
	struct rotating t;
	struct json_write *w;
	enum err e = connection_load(op, r, &t.connection);

	if (e != OK)
		return e;
	/* One that we made up would have theirs forgotten, and nobody over there would know it. */
	if (t.connection.adapter->traits.policy != POS_POLICY_NONE)
		return fail_field(op, "provider",
		    "makes its secret itself: make a new one there, and save it as "
		    "webhook_secret or authorization");
	t.purpose = pos_webhook_policy(t.connection.config) == POS_POLICY_AUTHORIZATION
			? WEBHOOK_AUTHORIZATION
			: WEBHOOK_SIGNATURE;
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
