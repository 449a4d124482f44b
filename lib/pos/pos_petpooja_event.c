/*
 * PetPooja's calls to us, read. Nothing in a body proves anything: a `signature` there is not
 * looked at, since it would have to sign itself (D3).
 */
#include "pos/pos_petpooja.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "op/op.h"
#include "text/civil.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/utf8.h"

#define ID_MAX 64
#define REASON_MAX 255
#define RIDER_NAME_MAX 100
#define RIDER_PHONE_MAX 20
#define MINUTES_MAX (24 * 60)
#define STOCK_IDS_MAX 1000
#define SMALL_BODY_MAX ((size_t)64 << 10)
#define MENU_BODY_MAX ((size_t)16 << 20)

#define NO_OBJECT "The body must be a JSON object"

/* ---- reading ---- */

static struct json_object *
read_object(struct arena *a, struct bytes body)
{
	struct json_object *top;
	const char *why;

	if (json_read(a, body.data, body.len, &json_limits_default, &top, &why) != OK)
		return NULL;
	return json_is_object(top) ? top : NULL;
}

/* A short text, sanitised; NULL when it is absent, empty, or no text. */
static const char *
read_text(struct arena *a, struct json_object *node, size_t max)
{
	const char *s;

	if (!json_lax_string(node, &s))
		return NULL;
	s = utf8_sanitise(a, s, max);
	return *s == '\0' ? NULL : s;
}

/* An identifier: 1 to ID_MAX printable ASCII characters without blanks, or it is none. */
static const char *
read_id(struct arena *a, struct json_object *node)
{
	const char *s;

	return json_lax_string(node, &s) ? pos_plain(a, s, ID_MAX) : NULL;
}

/* 20, "20", "" for not said; nonsense is not said either: it is not worth losing the event for. */
static int64_t
read_minutes(struct json_object *node)
{
	int64_t n;

	return json_lax_int64(node, &n) && n >= 0 && n <= MINUTES_MAX ? n : -1;
}

/* "Yes", "No", true, 1. */
static bool
read_yes(struct json_object *node)
{
	const char *s;
	bool is_yes;

	if (json_lax_bool(node, &is_yes))
		return is_yes;
	return json_as_string(node, &s) && strcasecmp(s, "yes") == 0;
}

/* Which code means what (C6). There is no code for "preparing". */
static const struct {
	const char *code, *status;
} callback_codes[] = {
	{ "-1", "cancelled" },
	{ "1", "confirmed" },
	{ "2", "confirmed" },
	{ "3", "confirmed" },
	{ "4", "out_for_delivery" },
	{ "5", "ready" },
	{ "10", "completed" },
};

/* The words of s1's webhook (C4). */
static const struct {
	const char *word, *status;
} status_words[] = {
	{ "CONFIRMED", "confirmed" },
	{ "PREPARING", "preparing" },
	{ "READY", "ready" },
	{ "DISPATCHED", "out_for_delivery" },
	{ "DELIVERED", "completed" },
	{ "CANCELLED", "cancelled" },
	{ "REJECTED", "rejected" },
};

/* The status callback of an order: status as text or number, orderID is ours. */
static const char *
read_callback(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top = read_object(a, body);
	struct pos_event e = pos_event_of(POS_EVENT_ORDER);
	int64_t code;

	if (top == NULL)
		return NO_OBJECT;
	e.kind = POS_EVENT_ORDER;
	e.rest_id = read_id(a, json_member(top, "restID"));
	e.reference = read_id(a, json_member(top, "orderID"));
	if (e.reference == NULL)
		return "orderID is missing or not an order id";
	if (!json_lax_int64(json_member(top, "status"), &code))
		return "status is missing or not a number";
	e.code = arena_printf(a, "%lld", (long long)code);
	for (size_t i = 0; i < sizeof(callback_codes) / sizeof(callback_codes[0]); i++)
		if (strcmp(callback_codes[i].code, e.code) == 0)
			e.status = callback_codes[i].status;
	if (e.status == NULL)
		return "status must be one of -1, 1, 2, 3, 4, 5, 10";
	e.cancel_reason = read_text(a, json_member(top, "cancel_reason"), REASON_MAX);
	e.minimum_prep_time_min = read_minutes(json_member(top, "minimum_prep_time"));
	e.minimum_delivery_time_min = read_minutes(json_member(top, "minimum_delivery_time"));
	e.rider_name = read_text(a, json_member(top, "rider_name"), RIDER_NAME_MAX);
	e.rider_phone = read_text(a, json_member(top, "rider_phone_number"), RIDER_PHONE_MAX);
	e.is_modified = read_yes(json_member(top, "is_modified"));
	*ret = e;
	return NULL;
}

/* False when there is a timestamp that is none. */
static bool
read_timestamp(struct json_object *top, struct pos_event *e)
{
	struct json_object *node = json_member(top, "timestamp");
	const char *s;

	return node == NULL || (json_as_string(node, &s) && iso8601_parse(s, &e->occurred_at));
}

/* s1's order-status: names the order by our id, by theirs, or by both. */
static const char *
read_order_status(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top = read_object(a, body);
	struct pos_event e = pos_event_of(POS_EVENT_ORDER);
	const char *word;

	if (top == NULL)
		return NO_OBJECT;
	e.kind = POS_EVENT_ORDER;
	e.rest_id = read_id(a, json_member(top, "restaurant_id"));
	e.reference = read_id(a, json_member(top, "order_id"));
	e.pos_order_id = read_id(a, json_member(top, "pos_order_id"));
	if (e.reference == NULL && e.pos_order_id == NULL)
		return "order_id and pos_order_id are missing or not order ids";
	if (e.rest_id == NULL)
		return "restaurant_id is missing or not an id";
	if (!json_as_string(json_member(top, "status"), &word))
		return "status is missing or not text";
	for (size_t i = 0; i < sizeof(status_words) / sizeof(status_words[0]); i++)
		if (strcasecmp(status_words[i].word, word) == 0) {
			e.code = status_words[i].word;
			e.status = status_words[i].status;
		}
	if (e.status == NULL)
		return "status must be one of CONFIRMED, PREPARING, READY, DISPATCHED, DELIVERED, "
		       "CANCELLED, REJECTED";
	if (!read_timestamp(top, &e))
		return "timestamp must be of the form 2024-01-15T10:30:00Z";
	e.cancel_reason = read_text(a, json_member(top, "reason"), REASON_MAX);
	*ret = e;
	return NULL;
}

static bool
add_id(struct arena *a, struct json_object *node, const char **ids, size_t *n)
{
	const char *id = *n < STOCK_IDS_MAX ? read_id(a, node) : NULL;

	if (id == NULL)
		return false;
	ids[(*n)++] = id;
	return true;
}

/* ["1","2"], one id alone, or an object whose members are the ids; true if all of them are ids. */
static bool
read_ids(struct arena *a, struct json_object *node, struct pos_event *e)
{
	const char **ids = arena_array(a, STOCK_IDS_MAX, sizeof(*ids));

	e->external_ids = ids;
	if (json_is_object(node)) {
		json_object_object_foreach(node, key, member)
		{
			(void)key;
			if (!add_id(a, member, ids, &e->external_ids_n))
				return false;
		}
		return true;
	}
	if (!json_is_array(node))
		return add_id(a, node, ids, &e->external_ids_n);
	for (size_t i = 0; i < json_array_n(node); i++)
		if (!add_id(a, json_element(node, i), ids, &e->external_ids_n))
			return false;
	return true;
}

/* s1's menu-update: something changed, fetch the menu. Which items is only a hint. */
static const char *
read_menu_update(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top = read_object(a, body), *items;
	struct pos_event e = pos_event_of(POS_EVENT_ORDER);

	if (top == NULL)
		return NO_OBJECT;
	e.kind = POS_EVENT_MENU_CHANGED;
	e.rest_id = read_id(a, json_member(top, "restaurant_id"));
	if (e.rest_id == NULL)
		return "restaurant_id is missing or not an id";
	if (!read_timestamp(top, &e))
		return "timestamp must be of the form 2024-01-15T10:30:00Z";
	items = json_member(top, "items_updated");
	if (items != NULL && (!json_is_array(items) || !read_ids(a, items, &e)))
		return "items_updated must be a list of item ids";
	*ret = e;
	return NULL;
}

/* s1's inventory-update: one item. */
static const char *
read_inventory_update(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top = read_object(a, body), *item;
	struct pos_event e = pos_event_of(POS_EVENT_ORDER);

	if (top == NULL)
		return NO_OBJECT;
	e.kind = POS_EVENT_STOCK;
	e.rest_id = read_id(a, json_member(top, "restaurant_id"));
	if (e.rest_id == NULL)
		return "restaurant_id is missing or not an id";
	item = json_member(top, "item_id");
	if (json_is_array(item) || json_is_object(item) || !read_ids(a, item, &e))
		return "item_id is missing or not an id";
	if (!json_lax_bool(json_member(top, "availability"), &e.is_available))
		return "availability must be true or false";
	if (!read_timestamp(top, &e))
		return "timestamp must be of the form 2024-01-15T10:30:00Z";
	*ret = e;
	return NULL;
}

/*
 * A pushed menu: only whose it is. The document is imported afterwards, from the stored bytes; here
 * it must at least be JSON with items, so that PetPooja's dashboard shows the mistake to whoever
 * pressed the button.
 */
static const char *
read_push_menu(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top, *details;
	struct pos_event e = pos_event_of(POS_EVENT_ORDER);
	const char *why;

	if (json_read(a, body.data, body.len, &json_limits_menu, &top, &why) != OK ||
	    !json_is_object(top))
		return NO_OBJECT;
	if (!json_is_array(json_member(top, "items")))
		return "items is missing or not a list";
	details = json_member(json_element(json_member(top, "restaurants"), 0), "details");
	e.kind = POS_EVENT_MENU;
	e.rest_id = read_id(a, json_member(details, "menusharingcode"));
	if (e.rest_id == NULL)
		return "restaurants[0].details.menusharingcode is missing";
	*ret = e;
	return NULL;
}

/* "YYYY-MM-DD HH:MM", with or without seconds, by the restaurant's clock. */
static const char *
read_local_time(struct arena *a, struct json_object *node)
{
	struct civil c;
	char text[CIVIL_TEXT_LEN];
	const char *s;

	if (!json_as_string(node, &s) || strlen(s) < 16 || strlen(s) > 19)
		return NULL;
	if (!civil_parse(strlen(s) == 16 ? arena_printf(a, "%s:00", s) : s, &c))
		return NULL;
	civil_format(&c, text);
	return arena_strdup(a, text);
}

/* Items (or variations) or add-ons that are, or are not, to be had. */
static const char *
read_item_stock(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top = read_object(a, body), *ids;
	struct pos_event e = pos_event_of(POS_EVENT_ORDER);
	const char *type, *when;

	if (top == NULL)
		return NO_OBJECT;
	e.kind = POS_EVENT_STOCK;
	e.rest_id = read_id(a, json_member(top, "restID"));
	if (e.rest_id == NULL)
		return "restID is missing or not an id";
	if (!json_as_string(json_member(top, "type"), &type) ||
	    (strcmp(type, "item") != 0 && strcmp(type, "addon") != 0))
		return "type must be item or addon";
	e.stock_kind = strcmp(type, "addon") == 0 ? POS_STOCK_ADDON : POS_STOCK_ITEM;
	if (!json_lax_bool(json_member(top, "inStock"), &e.is_available))
		return "inStock must be true or false";
	ids = json_member(top, "itemID");
	if (ids == NULL || !read_ids(a, ids, &e) || e.external_ids_n == 0)
		return "itemID must be a list of 1 to 1000 ids";
	if (!e.is_available && json_as_string(json_member(top, "autoTurnOnTime"), &when)) {
		if (strcasecmp(when, "endofday") == 0)
			e.back = POS_RETURN_END_OF_DAY;
		else if (strcasecmp(when, "custom") == 0)
			e.back = POS_RETURN_AT;
	}
	if (e.back == POS_RETURN_AT) {
		e.back_local = read_local_time(a, json_member(top, "customTurnOnTime"));
		if (e.back_local == NULL)
			return "customTurnOnTime must be of the form 2024-01-15 10:30";
	}
	*ret = e;
	return NULL;
}

static const char *
read_store_status(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top = read_object(a, body);
	struct pos_event e = pos_event_of(POS_EVENT_ORDER);

	if (top == NULL)
		return NO_OBJECT;
	e.kind = POS_EVENT_STORE_ASKED;
	e.rest_id = read_id(a, json_member(top, "restID"));
	if (e.rest_id == NULL)
		return "restID is missing or not an id";
	*ret = e;
	return NULL;
}

static const char *
read_store_update(struct arena *a, struct bytes body, struct pos_event *ret)
{
	struct json_object *top = read_object(a, body), *back;
	struct pos_event e = pos_event_of(POS_EVENT_ORDER);
	const char *s;

	if (top == NULL)
		return NO_OBJECT;
	e.kind = POS_EVENT_STORE_SET;
	e.rest_id = read_id(a, json_member(top, "restID"));
	if (e.rest_id == NULL)
		return "restID is missing or not an id";
	if (!json_lax_bool(json_member(top, "store_status"), &e.is_open))
		return "store_status must be 1 or 0";
	back = json_member(top, "turn_on_time");
	if (!e.is_open && back != NULL && !(json_as_string(back, &s) && *s == '\0')) {
		e.back = POS_RETURN_AT;
		e.back_local = read_local_time(a, back);
		if (e.back_local == NULL)
			return "turn_on_time must be of the form 2024-01-15 10:30:00";
	}
	e.reason = read_text(a, json_member(top, "reason"), REASON_MAX);
	*ret = e;
	return NULL;
}

#define DELIVERY(word, trusted, max, reader, answer) \
	{ .name = (word), .trust = (trusted), .body_max = (max), .read = (reader), .reply = (answer) }

const struct pos_delivery petpooja_deliveries[PETPOOJA_DELIVERIES_N] = {
	DELIVERY("callback", POS_TRUST_TOKEN, SMALL_BODY_MAX, read_callback,
	    petpooja_reply_callback),
	DELIVERY("order-status", POS_TRUST_POLICY, SMALL_BODY_MAX, read_order_status,
	    petpooja_reply_order_status),
	DELIVERY("menu-update", POS_TRUST_POLICY, SMALL_BODY_MAX, read_menu_update,
	    petpooja_reply_menu_update),
	DELIVERY("inventory-update", POS_TRUST_POLICY, SMALL_BODY_MAX, read_inventory_update,
	    petpooja_reply_inventory_update),
	DELIVERY("push-menu", POS_TRUST_AUTHORIZATION, MENU_BODY_MAX, read_push_menu,
	    petpooja_reply_push_menu),
	DELIVERY("item-stock", POS_TRUST_AUTHORIZATION, SMALL_BODY_MAX, read_item_stock,
	    petpooja_reply_item_stock),
	DELIVERY("store-status", POS_TRUST_AUTHORIZATION, SMALL_BODY_MAX, read_store_status,
	    petpooja_reply_store_status),
	DELIVERY("store-status-update", POS_TRUST_AUTHORIZATION, SMALL_BODY_MAX, read_store_update,
	    petpooja_reply_store_update),
};

/*
 * 4 (dispatched) says something of deliveries only; 10 (delivered) nothing of a guest at a table
 * (C6, WH-04). s1's word DELIVERED ends any order.
 */
bool
petpooja_applies_to(const struct pos_event *e, const char *order_type)
{
	if (e->kind != POS_EVENT_ORDER || e->status == NULL)
		return true;
	if (strcmp(e->status, "out_for_delivery") == 0)
		return strcmp(order_type, "delivery") == 0;
	return !(strcmp(e->code, "10") == 0 && strcmp(order_type, "dine_in") == 0);
}
