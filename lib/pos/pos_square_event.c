/*
 * Square's calls to us: one address for all kinds, an envelope {merchant_id, location_id, type,
 * event_id, created_at, data{type, id, object{...}}}, and a signature over the address and the
 * bytes.
 *
 * order.fulfillment.updated says how the order stands; the others of an order only that something
 * happened. Square tells of all orders of the location.
 */
#include <string.h>

#include "crypto/hmac.h"
#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_square.h"
#include "text/hex.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/utf8.h"

#define BODY_MAX ((size_t)512 << 10)
#define SENTENCE_MAX 255
#define REPLY_MAX 4096
#define PARTS_MAX 1000
#define COUNTED "inventory.count.updated"

/* ---- proof ---- */

const char *
square_policy_header(enum pos_policy policy)
{
	return policy == POS_POLICY_HMAC ? "x-square-hmacsha256-signature" : NULL;
}

/* Base64 of the HMAC-SHA256 of the address, as it is registered there, and the raw body. */
bool
square_verify(enum pos_policy policy, struct bytes secret, const struct pos_proof *proof)
{
	const char *url = pos_config_text(proof->config, "notification_url");
	unsigned char computed[HMAC_SIZE];
	struct arena *a;
	struct buf message;
	struct bytes given;
	bool is_proved = false;

	if (policy != POS_POLICY_HMAC || proof->header == NULL || secret.len == 0 || url == NULL)
		return false;
	a = arena_new(2 * (BODY_MAX + strlen(url) + proof->body.len) + 65536);
	if (base64_decode(a, proof->header, strlen(proof->header), &given) &&
	    given.len == HMAC_SIZE) {
		buf_init(&message, a, strlen(url) + proof->body.len);
		buf_adds(&message, url);
		buf_add(&message, proof->body.data, proof->body.len);
		hmac_sha256(secret.data, secret.len, message.data, message.len, computed);
		is_proved = hmac_equal(given.data, computed, HMAC_SIZE);
	}
	arena_free(&a);
	return is_proved;
}

/* ---- reading ---- */

static const char *
text_of(struct arena *a, struct json_object *node, size_t max)
{
	const char *s;

	if (!json_as_string(node, &s))
		return NULL;
	s = utf8_sanitise(a, s, max);
	return *s == '\0' ? NULL : s;
}

static int64_t
time_of(struct json_object *node)
{
	int64_t us = TIME_NONE;
	const char *s;

	if (json_as_string(node, &s))
		(void)iso8601_parse(s, &us);
	return us;
}

/* The member of data.object, under whatever name: it is the only one there. */
static struct json_object *
object_of(struct json_object *top, const char *name)
{
	return json_member(json_member(json_member(top, "data"), "object"), name);
}

static struct pos_event
event_of(struct arena *a, struct json_object *top, enum pos_event_kind kind)
{
	struct pos_event e = pos_event_of(kind);

	e.rest_id = square_id(a, json_member(top, "location_id"));
	e.occurred_at = time_of(json_member(top, "created_at"));
	e.event_id = square_id(a, json_member(top, "event_id"));
	e.merchant_id = square_id(a, json_member(top, "merchant_id"));
	return e;
}

/* Which order, and of which location; the envelope may leave both to what is in it. */
static const char *
read_about(struct arena *a, struct json_object *object, struct json_object *top,
    struct pos_event *e)
{
	int64_t at = time_of(json_member(object, "updated_at"));
	const char *location = square_id(a, json_member(object, "location_id"));

	e->is_anybodys = true;
	if (location != NULL)
		e->rest_id = location;
	if (at != TIME_NONE)
		e->occurred_at = at;
	e->pos_order_id = square_id(a, json_member(object, "order_id"));
	if (e->pos_order_id == NULL)
		e->pos_order_id = square_id(a, json_member(json_member(top, "data"), "id"));
	return e->pos_order_id == NULL ? "data.id is missing or not an order id" : NULL;
}

static const char *
read_hint(struct arena *a, struct json_object *top, struct pos_event *ret)
{
	static const char *const names[] = { "order_created", "order_updated" };
	struct pos_event e = event_of(a, top, POS_EVENT_ORDER);
	struct json_object *object = NULL;
	const char *why;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && object == NULL; i++)
		object = object_of(top, names[i]);
	why = read_about(a, object, top, &e);
	if (why != NULL)
		return why;
	e.is_hint = true;
	e.code = text_of(a, json_member(object, "state"), 64);
	*ret = e;
	return NULL;
}

/* The newest of its changes; one that says nothing that we have a word for is a hint. */
static const char *
read_fulfillment(struct arena *a, struct json_object *top, struct pos_event *ret)
{
	struct json_object *object = object_of(top, "order_fulfillment_updated");
	struct json_object *list = json_member(object, "fulfillment_update");
	struct pos_event e = event_of(a, top, POS_EVENT_ORDER);
	const char *why = read_about(a, object, top, &e), *word;
	size_t n = json_array_n(list);

	if (why != NULL)
		return why;
	if (n > 0)
		e.code = square_id(a, json_member(json_element(list, n - 1), "new_state"));
	if (e.code != NULL && strlen(e.code) > 64)
		e.code = NULL;
	word = square_fulfillment_status(e.code);
	e.is_hint = word == NULL || strcmp(word, "received") == 0;
	e.status = e.is_hint ? NULL : word;
	*ret = e;
	return NULL;
}

/* One count; several come in parts. Only what is there to be sold counts. */
static const char *
read_counts(struct arena *a, struct json_object *top, struct pos_event *ret)
{
	struct json_object *list = object_of(top, "inventory_counts");
	struct json_object *count = json_element(list, 0);
	struct pos_event e = event_of(a, top, POS_EVENT_STOCK);
	const char **ids = arena_array(a, 1, sizeof(*ids));
	const char *quantity, *state;

	if (json_array_n(list) != 1 || !json_as_string(json_member(count, "state"), &state) ||
	    strcmp(state, "IN_STOCK") != 0) {
		e.kind = POS_EVENT_NOTHING;
		*ret = e;
		return NULL;
	}
	ids[0] = square_id(a, json_member(count, "catalog_object_id"));
	if (ids[0] == NULL)
		return "catalog_object_id is missing or not an id";
	if (!json_lax_string(json_member(count, "quantity"), &quantity))
		return "quantity is missing";
	e.rest_id = square_id(a, json_member(count, "location_id"));
	if (e.rest_id == NULL)
		return "location_id is missing or not an id";
	/* "0", "0.00000" and less than nothing are nothing. */
	e.is_available = *quantity != '-' && strpbrk(quantity, "123456789") != NULL;
	e.stock_kind = POS_STOCK_ITEM;
	e.external_ids = ids;
	e.external_ids_n = 1;
	*ret = e;
	return NULL;
}

static const char *
read_plain(struct arena *a, struct json_object *top, enum pos_event_kind kind,
    struct pos_event *ret)
{
	struct pos_event e = event_of(a, top, kind);

	if (kind == POS_EVENT_HELLO)
		e.code = "webhooks.test_notification";
	*ret = e;
	return NULL;
}

static const char *
read_event(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top;
	const char *why, *type;

	if (json_read(a, body.data, body.len, &json_limits_default, &top, &why) != OK ||
	    !json_is_object(top))
		return "The body must be a JSON object";
	if (!json_as_string(json_member(top, "type"), &type) || *type == '\0')
		return "type is missing or not text";
	if (strcmp(type, "order.fulfillment.updated") == 0)
		return read_fulfillment(a, top, ret);
	if (strcmp(type, "order.created") == 0 || strcmp(type, "order.updated") == 0)
		return read_hint(a, top, ret);
	if (strcmp(type, COUNTED) == 0)
		return read_counts(a, top, ret);
	if (strcmp(type, "catalog.version.updated") == 0)
		return read_plain(a, top, POS_EVENT_MENU_CHANGED, ret);
	if (strcmp(type, "oauth.authorization.revoked") == 0)
		return read_plain(a, top, POS_EVENT_REVOKED, ret);
	return read_plain(a, top,
	    strcmp(type, "webhooks.test_notification") == 0 ? POS_EVENT_HELLO
							      : POS_EVENT_NOTHING,
	    ret);
}

/* ---- several counts in one call ---- */

/* Whoever calls is not proved yet: what each part repeats must be short. */
static void
put_word(struct arena *a, struct json_write *w, struct json_object *top, const char *key)
{
	const char *word = square_id(a, json_member(top, key));

	if (word != NULL)
		json_write_string(w, key, word);
}

/* The envelope with one of the counts, and a name of its own. */
static struct bytes
part_of(struct arena *a, struct json_object *top, struct json_object *count, size_t i)
{
	const char *id = square_id(a, json_member(top, "event_id"));
	struct json_write w;
	struct buf b;

	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "type", COUNTED);
	put_word(a, &w, top, "merchant_id");
	put_word(a, &w, top, "created_at");
	if (id != NULL)
		json_write_string(&w, "event_id", arena_printf(a, "%s:%zu", id, i));
	json_write_object(&w, "data");
	json_write_object(&w, "object");
	json_write_array(&w, "inventory_counts");
	json_write_raw(&w, NULL, json_text(a, count));
	json_write_array_end(&w);
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_done(&w);
	return (struct bytes){ b.data, b.len };
}

static void
split_counts(struct arena *a, struct bytes body, const struct bytes **ret, size_t *ret_n)
{
	struct json_object *top, *list;
	struct bytes *parts;
	const char *why, *type;
	size_t n;

	*ret = NULL;
	*ret_n = 0;
	if (json_read(a, body.data, body.len, &json_limits_default, &top, &why) != OK ||
	    !json_as_string(json_member(top, "type"), &type) || strcmp(type, COUNTED) != 0)
		return;
	list = object_of(top, "inventory_counts");
	n = json_array_n(list);
	if (n < 2 || n > PARTS_MAX)
		return;
	parts = arena_array(a, n, sizeof(*parts));
	for (size_t i = 0; i < n; i++)
		parts[i] = part_of(a, top, json_element(list, i), i);
	*ret = parts;
	*ret_n = n;
}

const struct pos_delivery square_deliveries[SQUARE_DELIVERIES_N] = {
	{ .name = "events",
	    .trust = POS_TRUST_POLICY,
	    .body_max = BODY_MAX,
	    .read = read_event,
	    .reply = pos_reply_plain,
	    .split = split_counts },
};

/* A fulfillment's states mean the same however the guest gets the order. */
bool
square_applies_to(const struct pos_event *e, const char *order_type)
{
	(void)e;
	(void)order_type;
	return true;
}
