/*
 * Toast: its calls to us, read, and how they prove themselves (Developer Guide, "Webhooks").
 *
 * All come to one address; eventCategory and eventType say what it is. Their spelling differs from
 * page to page, so only letters count, in either case. An order's events leave out its external
 * id: they are known by the GUID alone.
 */
#include <string.h>

#include "crypto/hmac.h"
#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_toast.h"
#include "text/hex.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/utf8.h"

#define BODY_MAX ((size_t)2 << 20) /* an order of a large party may exceed 600 kB */
#define WORD_MAX 64
#define SENTENCE_MAX 255
#define TIMESTAMP_MAX 64
#define SIGNATURE_TEXT_LEN 44 /* 32 bytes as base64 */

/* ---- reading ---- */

/* "guest_order_status" and "guestOrderStatus" are "guestorderstatus". "" for none. */
static const char *
bare_word(struct arena *a, struct json_object *node)
{
	const char *s;
	char *word = arena_alloc(a, WORD_MAX + 1);
	size_t n = 0;

	if (!json_as_string(node, &s))
		return "";
	for (; *s != '\0' && n < WORD_MAX; s++) {
		if (*s >= 'A' && *s <= 'Z')
			word[n++] = (char)(*s - 'A' + 'a');
		else if (*s >= 'a' && *s <= 'z')
			word[n++] = *s;
	}
	return word;
}

static const char *
read_guid(struct arena *a, struct json_object *o, const char *key)
{
	const char *s;

	return json_as_string(json_member(o, key), &s) ? toast_guid(a, s) : NULL;
}

/* A short text of their own, as it came; NULL: none that could be kept. */
static const char *
read_word(struct arena *a, struct json_object *o, const char *key)
{
	const char *s;

	if (!json_as_string(json_member(o, key), &s))
		return NULL;
	s = utf8_sanitise(a, s, WORD_MAX);
	return *s == '\0' ? NULL : s;
}

/* What guests are told (guest_order_status). */
static const struct {
	const char *word, *status;
} guest_words[] = {
	{ "RECEIVED", "confirmed" },
	{ "IN_PREPARATION", "preparing" },
	{ "READY_FOR_PICKUP", "ready" },
	{ "CLOSED", "completed" },
	{ "VOIDED", "cancelled" },
};

static const char *
read_guest_status(struct arena *a, struct json_object *details, struct pos_event *e)
{
	e->kind = POS_EVENT_ORDER;
	e->pos_order_id = read_guid(a, details, "orderGuid");
	if (e->pos_order_id == NULL)
		return "details.orderGuid is missing or not a GUID";
	e->code = read_word(a, details, "guestOrderStatus");
	if (e->code == NULL)
		return "details.guestOrderStatus is missing";
	for (size_t i = 0; i < sizeof(guest_words) / sizeof(guest_words[0]); i++)
		if (strcmp(guest_words[i].word, e->code) == 0)
			e->status = guest_words[i].status;
	e->is_hint = e->status == NULL;
	toast_read_time(json_member(details, "lastUpdated"), &e->occurred_at);
	return NULL;
}

/*
 * The whole order, as far as guests' names are not in it. It is told of every order that anybody
 * gave the restaurant, channel_order_updated of ours alone.
 */
static const char *
read_order_updated(
    struct arena *a, struct json_object *details, bool is_anybodys, struct pos_event *e)
{
	struct json_object *order = json_member(details, "order");
	int64_t us;

	e->kind = POS_EVENT_ORDER;
	e->is_anybodys = is_anybodys;
	e->pos_order_id = read_guid(a, order, "guid");
	if (e->pos_order_id == NULL)
		return "details.order.guid is missing or not a GUID";
	e->status = toast_order_status(order, &e->code);
	e->is_hint = e->status == NULL;
	if (toast_read_time(json_member(order, "modifiedDate"), &us))
		e->occurred_at = us;
	if (toast_read_time(json_member(order, "estimatedFulfillmentDate"), &us))
		e->ready_at = us;
	return NULL;
}

/* Fills kind and what belongs to it; NULL or what is wrong. */
typedef const char *reader(struct arena *, struct json_object *details, struct pos_event *);

static const char *
read_any_order(struct arena *a, struct json_object *details, struct pos_event *e)
{
	return read_order_updated(a, details, true, e);
}

static const char *
read_own_order(struct arena *a, struct json_object *details, struct pos_event *e)
{
	return read_order_updated(a, details, false, e);
}

static const char *
read_menus(struct arena *a, struct json_object *details, struct pos_event *e)
{
	(void)a;
	(void)details;
	e->kind = POS_EVENT_MENU_CHANGED;
	return NULL;
}

/* By the item's own GUID, which may stand in our menu several times, as item and as modifier. */
static const char *
read_stock(struct arena *a, struct json_object *details, bool is_available, struct pos_event *e)
{
	const char **ids = arena_array(a, 1, sizeof(*ids));

	ids[0] = read_guid(a, details, "itemGuid");
	if (ids[0] == NULL)
		return "details.itemGuid is missing or not a GUID";
	e->kind = POS_EVENT_STOCK;
	e->stock_kind = POS_STOCK_ANY;
	e->external_ids = ids;
	e->external_ids_n = 1;
	e->is_available = is_available;
	return NULL;
}

static const char *
read_in_stock(struct arena *a, struct json_object *details, struct pos_event *e)
{
	return read_stock(a, details, true, e);
}

static const char *
read_out_of_stock(struct arena *a, struct json_object *details, struct pos_event *e)
{
	return read_stock(a, details, false, e);
}

static const char *
read_online(struct arena *a, struct json_object *details, struct pos_event *e)
{
	(void)a;
	(void)details;
	e->kind = POS_EVENT_STORE_SET;
	e->is_open = true;
	return NULL;
}

static const char *
read_offline(struct arena *a, struct json_object *details, struct pos_event *e)
{
	(void)a;
	(void)details;
	e->kind = POS_EVENT_STORE_SET;
	e->reason = "Toast says that the restaurant is offline";
	return NULL;
}

static const char *
read_removed(struct arena *a, struct json_object *details, struct pos_event *e)
{
	(void)a;
	(void)details;
	e->kind = POS_EVENT_REVOKED;
	return NULL;
}

/*
 * By type first, but that an order of our own channel may be told by its category alone. Whatever
 * is not here is nothing to us.
 */
static const struct {
	const char *word; /* a type, or else a category */
	reader *read;
} kinds[] = {
	{ "guestorderstatusupdated", read_guest_status },
	{ "guestorderstatus", read_guest_status },
	{ "channelorderupdated", read_own_order },
	{ "orderupdated", read_any_order },
	{ "menusupdated", read_menus },
	{ "menus", read_menus },
	{ "instock", read_in_stock },
	{ "lowquantity", read_in_stock }, /* there is some left */
	{ "outofstock", read_out_of_stock },
	{ "availabilityonline", read_online },
	{ "restaurantonline", read_online },
	{ "availabilityoffline", read_offline },
	{ "restaurantoffline", read_offline },
	{ "partnerremoved", read_removed },
};

static reader *
reader_of(const char *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].word, word) == 0)
			return kinds[i].read;
	return NULL;
}

static reader *
reader_or(const char *word, reader *otherwise)
{
	reader *read = reader_of(word);

	return read == NULL ? otherwise : read;
}

static const char *
read_event(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct pos_event e = pos_event_of(POS_EVENT_NOTHING);
	struct json_object *top = NULL, *details;
	reader *read;
	const char *why;

	if (json_read(a, body.data, body.len, &json_limits_menu, &top, &why) != OK ||
	    !json_is_object(top))
		return "The body must be a JSON object";
	if (!json_as_string(json_member(top, "timestamp"), &why))
		return "timestamp is missing";
	details = json_member(top, "details");
	e.rest_id = read_guid(a, details, "restaurantGuid");
	e.event_id = read_word(a, top, "guid");
	toast_read_time(json_member(top, "timestamp"), &e.occurred_at);
	read = reader_of(bare_word(a, json_member(top, "eventType")));
	if (read == NULL || read == read_any_order)
		read = reader_or(bare_word(a, json_member(top, "eventCategory")), read);
	if (read != NULL && e.rest_id == NULL)
		return "details.restaurantGuid is missing or not a GUID";
	why = read == NULL ? NULL : read(a, details, &e);
	if (why == NULL)
		*ret = e;
	return why;
}

const struct pos_delivery toast_deliveries[TOAST_DELIVERIES_N] = {
	{ .name = "events",
	    .trust = POS_TRUST_POLICY,
	    .body_max = BODY_MAX,
	    .read = read_event,
	    .reply = pos_reply_plain },
};

/* An order that is fetched or eaten at a table is not on its way. */
bool
toast_applies_to(const struct pos_event *e, const char *order_type)
{
	return e->kind != POS_EVENT_ORDER || e->status == NULL ||
	       strcmp(e->status, "out_for_delivery") != 0 || strcmp(order_type, "delivery") == 0;
}

/* ---- proof ---- */

const char *
toast_policy_header(enum pos_policy policy)
{
	return policy == POS_POLICY_HMAC ? "toast-signature" : NULL;
}

/* What is signed: the body, and behind it its member `timestamp` once more. */
static bool
signed_text(struct arena *a, struct bytes body, struct buf *b)
{
	struct json_object *top = NULL;
	const char *why, *timestamp;

	if (json_read(a, body.data, body.len, &json_limits_menu, &top, &why) != OK ||
	    !json_as_string(json_member(top, "timestamp"), &timestamp) ||
	    strlen(timestamp) > TIMESTAMP_MAX)
		return false;
	buf_init(b, a, body.len + TIMESTAMP_MAX + 1);
	buf_add(b, body.data, body.len);
	buf_adds(b, timestamp);
	return !b->overflowed;
}

/* Each subscription has a secret of its own: there may be several, with blanks between. */
static bool
is_signed_by_any(struct bytes secret, const struct buf *text, const unsigned char *given)
{
	const char *at = secret.data, *end = at + secret.len;
	unsigned char computed[HMAC_SIZE];
	bool is_signed = false;

	while (at < end) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));
		size_t len = (size_t)((blank == NULL ? end : blank) - at);
		if (len > 0) {
			hmac_sha256(at, len, text->data, text->len, computed);
			is_signed |= hmac_equal(given, computed, sizeof(computed));
		}
		at += len + 1;
	}
	return is_signed;
}

bool
toast_verify(enum pos_policy policy, struct bytes secret, const struct pos_proof *proof)
{
	struct arena *a;
	struct bytes given;
	struct buf text;
	bool is_proved = false;

	if (policy != POS_POLICY_HMAC || secret.len == 0 || proof->header == NULL ||
	    strlen(proof->header) != SIGNATURE_TEXT_LEN || proof->body.len > BODY_MAX)
		return false;
	a = arena_new(16 * BODY_MAX);
	if (base64_decode(a, proof->header, SIGNATURE_TEXT_LEN, &given) &&
	    given.len == HMAC_SIZE && signed_text(a, proof->body, &text))
		is_proved = is_signed_by_any(secret, &text, given.data);
	arena_free(&a);
	return is_proved;
}
