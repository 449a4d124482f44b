/*
 * Clover's webhook: one address for an app, all merchants of which it brings news in one call.
 *
 *	{"appId":"…","merchants":{"MERCHANT":[{"objectId":"O:ORDER","type":"UPDATE","ts":1767607203120}]}}
 *
 * It says that something changed, never how: an order is looked at, a menu fetched. It is proved by
 * a value agreed with the app (X-Clover-Auth), no signature. When the address is set up Clover
 * sends it {"verificationCode":"…"} without a proof, which the operator types into its dashboard.
 */
#include <json-c/json.h>
#include <string.h>

#include "crypto/hmac.h"
#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_clover.h"
#include "text/civil.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/json_write.h"

#define BODY_MAX ((size_t)1 << 20)
#define PARTS_MAX 1000
#define SENTENCE_MAX 255
#define TYPE_MAX 20
#define CODE_MAX 64
#define US_PER_MS 1000

/* What an objectId begins with. Those not listed are nothing to us: the list may grow. */
static const struct {
	const char *prefix;
	enum pos_event_kind kind;
} objects[] = {
	{ "O:", POS_EVENT_ORDER },
	{ "I:", POS_EVENT_MENU_CHANGED },
	{ "IC:", POS_EVENT_MENU_CHANGED },
	{ "IG:", POS_EVENT_MENU_CHANGED },
	{ "IM:", POS_EVENT_MENU_CHANGED },
};

static struct json_object *
read_top(struct arena *a, struct bytes body)
{
	struct json_object *top;
	const char *why;

	if (json_read(a, body.data, body.len, &json_limits_default, &top, &why) != OK ||
	    !json_is_object(top))
		return NULL;
	return top;
}

static int64_t
read_ms(struct json_object *node)
{
	int64_t ms;

	return json_as_int64(node, &ms) && ms > 0 && ms <= CIVIL_US_MAX / US_PER_MS
		   ? ms * US_PER_MS
		   : TIME_NONE;
}

/* One entry of a merchant's list. False: it is none. */
static bool
read_entry(struct arena *a, const char *merchant, struct json_object *entry, struct pos_event *e)
{
	const char *object, *type, *id;

	if (!json_as_string(json_member(entry, "objectId"), &object) ||
	    !json_as_string(json_member(entry, "type"), &type))
		return false;
	object = pos_plain(a, object, CLOVER_ID_MAX);
	type = pos_plain(a, type, TYPE_MAX);
	id = object == NULL ? NULL : strchr(object, ':');
	if (type == NULL || id == NULL || id[1] == '\0')
		return false;
	e->kind = POS_EVENT_NOTHING;
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (strncmp(object, objects[i].prefix, strlen(objects[i].prefix)) == 0)
			e->kind = objects[i].kind;
	e->rest_id = merchant;
	e->code = type;
	e->occurred_at = read_ms(json_member(entry, "ts"));
	if (e->kind == POS_EVENT_ORDER) {
		e->pos_order_id = id + 1;
		e->is_hint = e->is_anybodys = true;
	}
	/* The app itself: the merchant has removed it. */
	if (strncmp(object, "A:", 2) == 0 && strcmp(type, "DELETE") == 0)
		e->kind = POS_EVENT_REVOKED;
	if (e->occurred_at != TIME_NONE)
		e->event_id = arena_printf(a, "%s/%s/%s/%lld", merchant, object, type,
		    (long long)(e->occurred_at / US_PER_MS));
	return true;
}

/* The one entry that split() leaves in each part; of a whole call, the first. */
static const char *
read_events(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top = read_top(a, body), *merchants;
	struct pos_event e = pos_event_of(POS_EVENT_NOTHING);
	const char *code;

	if (top == NULL)
		return "The body must be a JSON object";
	if (json_as_string(json_member(top, "verificationCode"), &code)) {
		e.code = pos_plain(a, code, CODE_MAX);
		if (e.code == NULL)
			return "verificationCode must be a short word";
		e.kind = POS_EVENT_HELLO;
		*ret = e;
		return NULL;
	}
	merchants = json_member(top, "merchants");
	if (!json_is_object(merchants))
		return "merchants is missing or not an object";
	json_object_object_foreach(merchants, key, list)
	{
		const char *merchant = pos_plain(a, key, CLOVER_ID_MAX);
		if (merchant == NULL || !json_is_array(list))
			return "merchants must hold lists by merchant id";
		if (e.rest_id == NULL && json_array_n(list) > 0 &&
		    !read_entry(a, merchant, json_element(list, 0), &e))
			return "an event must have an objectId and a type";
	}
	*ret = e;
	return NULL;
}

/* A part as if it had come alone, with nothing but what read() looks at. */
static struct bytes
part_of(struct arena *a, const char *merchant, struct json_object *entry)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_object(&w, "merchants");
	json_write_array(&w, merchant);
	json_write_raw(&w, NULL, json_text(a, entry));
	json_write_array_end(&w);
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_done(&w);
	return (struct bytes){ b.data, b.len };
}

/*
 * The entries of all merchants, each a part. Beyond a thousand, polling finds the rest. Whoever
 * calls is not proved yet, and each part holds the merchant's id: one that can not be an id makes
 * the call one piece, which read() refuses.
 */
static void
split_events(struct arena *a, struct bytes body, const struct bytes **ret, size_t *ret_n)
{
	struct json_object *top = read_top(a, body);
	struct json_object *merchants = json_member(top, "merchants");
	struct bytes *parts;
	size_t n = 0;

	*ret = NULL;
	*ret_n = 0;
	if (!json_is_object(merchants) || json_has_member(top, "verificationCode"))
		return;
	parts = arena_array(a, PARTS_MAX, sizeof(*parts));
	json_object_object_foreach(merchants, merchant, list)
	{
		if (pos_plain(a, merchant, CLOVER_ID_MAX) == NULL)
			return;
		for (size_t i = 0; i < json_array_n(list) && n < PARTS_MAX; i++)
			parts[n++] = part_of(a, merchant, json_element(list, i));
	}
	*ret = parts;
	*ret_n = n;
}

const struct pos_delivery clover_deliveries[CLOVER_DELIVERIES_N] = {
	{ .name = "events",
	    .trust = POS_TRUST_POLICY,
	    .body_max = BODY_MAX,
	    .read = read_events,
	    .reply = pos_reply_plain,
	    .split = split_events },
};

const char *
clover_policy_header(enum pos_policy policy)
{
	return policy == POS_POLICY_AUTHORIZATION ? "x-clover-auth" : NULL;
}

/* Digests are compared, so that not even the length of the agreed value shows. */
bool
clover_verify(enum pos_policy policy, struct bytes secret, const struct pos_proof *proof)
{
	static const char key[] = "x-clover-auth";
	unsigned char given[HMAC_SIZE], wanted[HMAC_SIZE];

	if (policy != POS_POLICY_AUTHORIZATION || proof->header == NULL || secret.len == 0)
		return false;
	hmac_sha256(key, sizeof(key) - 1, proof->header, strlen(proof->header), given);
	hmac_sha256(key, sizeof(key) - 1, secret.data, secret.len, wanted);
	return hmac_equal(given, wanted, sizeof(given));
}

bool
clover_applies_to(const struct pos_event *e, const char *order_type)
{
	(void)e;
	(void)order_type;
	return true;
}
