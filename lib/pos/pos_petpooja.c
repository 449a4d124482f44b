/*
 * PetPooja: settings, limits, the small calls, and what its replies mean.
 */
#include "pos/pos_petpooja.h"

#include <string.h>
#include <strings.h>

#include "mem/buf.h"
#include "op/op.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/utf8.h"

#define SHOWN_MAX 120 /* code points of a provider's message that we repeat */
#define CANCEL_REASON_MAX 200
#define BODY_MAX (64u << 10)

/*
 * The names of s1's guide (POS-13); the second spelling is the vendor's own, or the shorter one in
 * use.
 */
static const struct pos_field fields[] = {
	{ .key = "app_key",
	    .is_required = true,
	    .is_secret = true,
	    .max = 200,
	    .sentence = "Application key from PetPooja's developer dashboard" },
	{ .key = "app_secret",
	    .is_required = true,
	    .is_secret = true,
	    .max = 200,
	    .sentence = "Application secret from the same place" },
	{ .key = "access_token",
	    .is_required = true,
	    .is_secret = true,
	    .max = 200,
	    .sentence = "Access token from the same place" },
	{ .key = PP_REST_ID,
	    .is_required = true,
	    .max = 64,
	    .role = POS_ROLE_REST_ID,
	    .sentence = "The outlet's menu sharing code (not the numeric restaurant id)" },
	{ .key = "base_url",
	    .kind = POS_URL,
	    .role = POS_ROLE_BASE_URL,
	    .sentence = "Where the API is, without the last part of the path" },
	{ .key = "save_order_endpoint",
	    .also = "save_order_url",
	    .kind = POS_URL,
	    .sentence = "Full address for new orders, if it is not base_url/save_order" },
	{ .key = "update_status_endpoint",
	    .also = "update_status_url",
	    .kind = POS_URL,
	    .sentence = "Full address for cancelling, if it is not base_url/update_order_status" },
	{ .key = "fetch_menu_endpoint",
	    .also = "menu_url",
	    .kind = POS_URL,
	    .sentence = "Full address of the menu, if it is not base_url/mapped_restaurant_menus" },
	{ .key = "restaurant_name_petpooja",
	    .also = "res_name",
	    .max = 200,
	    .role = POS_ROLE_NAME,
	    .sentence = "The outlet's name as PetPooja knows it" },
	{ .key = "restaurant_address_petpooja",
	    .also = "address",
	    .role = POS_ROLE_ADDRESS,
	    .sentence = "The outlet's address as PetPooja knows it" },
	{ .key = "restaurant_contact_petpooja",
	    .also = "contact_information",
	    .max = 100,
	    .role = POS_ROLE_CONTACT,
	    .sentence = "The outlet's phone as PetPooja knows it" },
	{ .key = PP_ZONE,
	    .kind = POS_ZONE,
	    .role = POS_ROLE_TIME_ZONE,
	    .def = "Asia/Kolkata",
	    .sentence = "The zone of the times that PetPooja is given" },
	{ .key = "udid",
	    .max = 100,
	    .sentence = "Device id sent with orders; else udid_prefix and the restaurant's slug" },
	{ .key = "udid_prefix", .max = 30, .sentence = "What a device id made by us begins with" },
	{ .key = "device_type",
	    .max = 30,
	    .def = "Web",
	    .sentence = "Device type sent with orders" },
	{ .key = "enable_delivery",
	    .kind = POS_INT,
	    .min = 0,
	    .max = 1,
	    .def = "1",
	    .sentence = "1: the restaurant's own riders deliver; 0: somebody else's" },
	{ .key = "gst_liability",
	    .kind = POS_CHOICE,
	    .choices = "restaurant|vendor",
	    .def = "restaurant",
	    .sentence = "Who owes the GST on charges" },
	{ .key = "payment_type",
	    .kind = POS_CHOICE,
	    .choices = "COD|CARD|ONLINE|CREDIT|OTHER",
	    .def = "ONLINE",
	    .sentence = "Payment type of orders that are not paid in cash" },
	{ .key = "min_prep_time",
	    .kind = POS_INT,
	    .min = 0,
	    .max = 600,
	    .sentence = "Minutes of preparation that PetPooja is told" },
	{ .key = "price_includes_addons",
	    .kind = POS_SWITCH,
	    .def = "1",
	    .sentence =
		"Is an item's price sent with its add-ons in it (the guide's text says so)" },
	{ .key = "discount_block",
	    .kind = POS_SWITCH,
	    .def = "0",
	    .sentence = "Is a discount named in the block Discount too (the guide says not)" },
	{ .key = "default_customer_name",
	    .max = 50,
	    .def = "Guest",
	    .sentence = "Name of a guest who gave none" },
	{ .key = "require_customer_details",
	    .kind = POS_SWITCH,
	    .def = "0",
	    .sentence = "Refuse to send an order without the guest's own name, address and phone" },
	{ .key = "require_callback_ack_s",
	    .kind = POS_INT,
	    .min = 60,
	    .max = 86400,
	    .def = "600",
	    .sentence = "Seconds after which an order that no callback has proved goes to staff" },
	{ .key = "webhook_policy",
	    .kind = POS_CHOICE,
	    .choices = "hmac|authorization",
	    .sentence = "How PetPooja's webhooks prove themselves; not set: they are refused" },
	{ .key = "custom_settings.enable_auto_accept",
	    .also = "enable_auto_accept",
	    .kind = POS_SWITCH,
	    .def = "0",
	    .sentence = "The till accepts orders by itself: its receipt counts as acceptance" },
	{ .key = "custom_settings.notification_preferences",
	    .also = "notification_preferences",
	    .kind = POS_LIST,
	    .choices = "sms|email|push",
	    .sentence = "By which ways the guest is told" },
	{ .key = "environment",
	    .kind = POS_CHOICE,
	    .choices = "sandbox|production",
	    .sentence = "Which set of credentials this is; for people" },
};

const char *
petpooja_url(struct arena *a, const struct pos_config *config, const char *key, const char *path)
{
	const char *own = pos_config_text(config, key);
	const char *base = pos_config_text(config, "base_url");

	if (own != NULL)
		return own;
	return base == NULL ? NULL : pos_url(a, base, arena_printf(a, "/%s", path));
}

struct http_call
petpooja_post(const char *url, const char *body, size_t len)
{
	static const struct call_header headers[] = {
		{ "Content-Type", "application/json" }, /* a form is answered with 415 */
		{ "Accept", "application/json" },
	};
	static const char *const secrets[] = { "app_key", "app_secret", "access_token" };

	return (struct http_call){
		.method = "POST",
		.url = url,
		.headers = headers,
		.headers_n = sizeof(headers) / sizeof(headers[0]),
		.body_kind = CALL_BODY_JSON,
		.body = { body, len },
		.secrets = secrets,
		.secrets_n = sizeof(secrets) / sizeof(secrets[0]),
	};
}

static void
check_config(struct arena *a, const struct pos_config *config, struct pos_problems *problems)
{
	static const char *const endpoints[] = { "save_order_endpoint", "update_status_endpoint" };

	if (pos_config_text(config, "base_url") != NULL)
		return;
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (pos_config_text(config, endpoints[i]) == NULL)
			pos_problem_add(
			    a, problems, endpoints[i], "is required where base_url is not set");
}

/* ---- replies ---- */

/*
 * Failures that PetPooja names, mostly under HTTP 200. GN_103 is also its answer to a cancellation
 * it does not want.
 */
static const struct {
	const char *code;    /* errorCode, or code */
	const char *message; /* or what the message begins with */
	enum cause cause;
	const char *sentence;
} refusals[] = {
	{ "GN_105", "Invalid client credentials", CAUSE_AUTH,
	    "PetPooja does not accept our app_key or app_secret" },
	{ "GN_102", "Invalid Token", CAUSE_AUTH, "PetPooja does not accept our access_token" },
	{ "MS_101", "There were some error in restaurant mapping", CAUSE_CONFIG,
	    "PetPooja does not know this restID, or it is not mapped to our integration" },
	{ "GN_103", "Invalid request", CAUSE_PAYLOAD, "PetPooja calls the request invalid" },
	{ "100", "Please provide all request parameters", CAUSE_PAYLOAD,
	    "PetPooja misses a field in the request" },
	{ NULL, "Invalid order relay payload", CAUSE_PAYLOAD, "PetPooja can not read the order" },
};

/*
 * What a status says by itself, whatever the body. Those not listed are decided by the body or are
 * UNSURE.
 */
static const struct pos_status statuses[] = {
	{ 400, OUTCOME_REFUSED, CAUSE_PAYLOAD, "PetPooja calls the request malformed" },
	{ 401, OUTCOME_REFUSED, CAUSE_AUTH, "PetPooja does not accept our credentials" },
	/* The API gateway's own answers, before PetPooja: wrong path (its case matters), or our
	   address is not listed. */
	{ 403, OUTCOME_REFUSED, CAUSE_CONFIG,
	    "The gateway forbids it: wrong path, or our IP address is not on the list" },
	{ 404, OUTCOME_REFUSED, CAUSE_CONFIG, "There is nothing at this address" },
	{ 405, OUTCOME_REFUSED, CAUSE_CONFIG, "The address takes no POST" },
	{ 413, OUTCOME_REFUSED, CAUSE_PAYLOAD, "The order is too large for PetPooja" },
	{ 415, OUTCOME_REFUSED, CAUSE_CONFIG, "PetPooja does not take this content type" },
	{ 422, OUTCOME_REFUSED, CAUSE_PAYLOAD, "PetPooja calls the request invalid" },
	{ 429, OUTCOME_LATER, CAUSE_BUSY, "PetPooja asks us to slow down" },
};

static const char *
with_their_words(struct arena *a, const char *ours, const char *code, const char *message)
{
	const char *words = pos_text(a, message, SHOWN_MAX);

	return pos_with_words(a, ours, *words == '\0' ? "" : pos_text(a, code, 20), words);
}

/* The reason they give. */
static struct verdict
read_refusal(struct arena *a, struct json_object *top)
{
	const char *code = "", *message = "";

	if (!json_lax_string(json_member(top, "errorCode"), &code))
		json_lax_string(json_member(top, "code"), &code);
	json_lax_string(json_member(top, "message"), &message);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if ((refusals[i].code != NULL && strcasecmp(refusals[i].code, code) == 0) ||
		    strncasecmp(refusals[i].message, message, strlen(refusals[i].message)) == 0)
			return (struct verdict){ OUTCOME_REFUSED, refusals[i].cause,
				with_their_words(a, refusals[i].sentence, code, message), 0 };
	return (struct verdict){ OUTCOME_REFUSED, CAUSE_PROVIDER,
		with_their_words(a, "PetPooja refused without a reason known to us", code, message),
		0 };
}

static struct verdict
unsure(enum cause cause, const char *sentence)
{
	return (struct verdict){ OUTCOME_UNSURE, cause, sentence, 0 };
}

/* "1", 1, true, "success"; and their opposites. False: it says neither. */
static bool
read_success(struct json_object *node, bool *ret)
{
	const char *s;

	if (json_lax_bool(node, ret))
		return true;
	if (!json_as_string(node, &s) ||
	    (strcasecmp(s, "success") != 0 && strcasecmp(s, "failed") != 0))
		return false;
	*ret = strcasecmp(s, "success") == 0;
	return true;
}

/*
 * What a reply to an order or a cancellation means. *ret_top is the body, if it is an object. Only
 * a plain yes is DONE, only a plain no is REFUSED: a 5xx may come from a gateway whose PetPooja
 * went on working, a body that is not the documented one proves nothing about the order.
 */
static struct verdict
read_reply(struct arena *a, const char *reference, const struct http_reply *r,
    struct json_object **ret_top)
{
	const struct pos_status *row =
	    pos_status_of(statuses, sizeof(statuses) / sizeof(statuses[0]), r->status);
	struct json_object *top = NULL;
	const char *why, *theirs;
	bool is_success;

	if (row != NULL)
		return (struct verdict){ row->outcome, row->cause, row->sentence,
			row->outcome == OUTCOME_LATER ? http_reply_retry_after(r) : 0 };
	if (r->status >= 500) {
		struct verdict v =
		    unsure(CAUSE_PROVIDER, arena_printf(a, "PetPooja answered HTTP %d", r->status));
		v.retry_after_s = http_reply_retry_after(r);
		return v;
	}
	if (r->status < 200 || r->status > 299)
		return unsure(
		    CAUSE_GARBLED, arena_printf(a, "PetPooja answered HTTP %d", r->status));
	if (json_read(a, r->body.data, r->body.len, &json_limits_default, &top, &why) != OK ||
	    !json_is_object(top))
		return unsure(CAUSE_GARBLED, "PetPooja's answer is not a JSON object");
	if (!read_success(json_member(top, "success"), &is_success))
		return unsure(CAUSE_GARBLED, "PetPooja's answer says neither success nor failure");
	if (!is_success)
		return read_refusal(a, top);
	if (json_lax_string(json_member(top, "clientOrderID"), &theirs) && *theirs != '\0' &&
	    strcmp(theirs, reference) != 0)
		return unsure(CAUSE_GARBLED, "PetPooja's answer is about another order");
	*ret_top = top;
	return (struct verdict){ OUTCOME_DONE, CAUSE_NONE, "PetPooja took it", 0 };
}

/*
 * A success may carry no orderID of theirs, and usually does. It is a receipt, no acceptance: the
 * kitchen's yes, and the only proof that there is a ticket, is the callback.
 */
static struct pos_outcome
read_create(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct json_object *top = NULL;
	struct pos_outcome o = pos_outcome_of(read_reply(a, task->reference, r, &top));
	const char *id;

	if (json_lax_string(json_member(top, "orderID"), &id) && *id != '\0')
		o.pos_order_id = arena_strdup(a, utf8_sanitise(a, id, 255));
	return o;
}

static struct pos_outcome
read_cancel(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct json_object *top = NULL;

	return pos_outcome_of(read_reply(a, task->reference, r, &top));
}

/*
 * The rule is the transport's: once a byte of the request may have left, PetPooja may have the
 * order. Its orderID is claimed to make a repeat harmless, but that is for the relay to use; it
 * does not make one sure.
 */
static struct pos_outcome
read_failure(
    struct arena *a, enum pos_verb verb, const struct pos_task *task, enum call_failure failure)
{
	(void)a;
	(void)task;
	return pos_outcome_of(pos_failure(failure, verb != POS_MENU));
}

/* ---- small calls ---- */

void
petpooja_write_credentials(struct arena *a, struct json_write *w)
{
	json_write_string(w, "app_key", call_secret(a, "app_key"));
	json_write_string(w, "app_secret", call_secret(a, "app_secret"));
	json_write_string(w, "access_token", call_secret(a, "access_token"));
}

/*
 * POST update_order_status: only -1 exists. The request spells it clientorderID, the answer
 * clientOrderID.
 */
static bool
cancel_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	const struct pos_config *config = task->config;
	struct buf b;
	struct json_write w;
	const char *url = petpooja_url(a, config, "update_status_endpoint", "update_order_status");

	if (task->reference == NULL || url == NULL) {
		pos_problem_add(
		    a, problems, url == NULL ? "base_url" : "pos_reference", "is required");
		return false;
	}
	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	petpooja_write_credentials(a, &w);
	json_write_string(&w, "restID", pos_text(a, pos_config_text(config, PP_REST_ID), 64));
	json_write_string(&w, "orderID", pos_text(a, task->pos_order_id, 255));
	json_write_string(&w, "clientorderID", task->reference);
	json_write_string(&w, "cancelReason", pos_text(a, task->reason, CANCEL_REASON_MAX));
	json_write_string(&w, "status", "-1");
	json_write_object_end(&w);
	json_write_done(&w);
	*ret_call = petpooja_post(url, b.data, b.len);
	return true;
}

/* POST mapped_restaurant_menus: here the credentials stand in headers. */
static bool
fetch_menu_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	static const char *const names[][2] = {
		{ "app-key", "app_key" },
		{ "app-secret", "app_secret" },
		{ "access-token", "access_token" },
	};
	struct buf b;
	struct json_write w;
	struct http_call call;
	struct call_header *headers;
	const struct pos_config *config = task->config;
	const char *url = petpooja_url(a, config, "fetch_menu_endpoint", "mapped_restaurant_menus");

	if (url == NULL) {
		pos_problem_add(a, problems, "fetch_menu_endpoint", "is required");
		return false;
	}
	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "restID", pos_text(a, pos_config_text(config, PP_REST_ID), 64));
	json_write_object_end(&w);
	json_write_done(&w);
	call = petpooja_post(url, b.data, b.len);
	headers = arena_array(a, call.headers_n + 3, sizeof(*headers));
	memcpy(headers, call.headers, call.headers_n * sizeof(*headers));
	for (size_t i = 0; i < 3; i++)
		headers[call.headers_n++] =
		    (struct call_header){ names[i][0], call_secret(a, names[i][1]) };
	call.headers = headers;
	*ret_call = call;
	return true;
}

/*
 * Asking for the menu changes nothing: whatever is not a menu and not a refusal is asked again
 * later.
 */
static struct pos_outcome
read_menu_reply(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct json_object *top = NULL;
	struct verdict v = { OUTCOME_LATER, CAUSE_GARBLED, NULL, 0 };
	struct pos_page page = { .body = r->body };
	struct menu_doc menu;
	const char *why;
	bool is_success;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == r->status)
			return pos_outcome_of((struct verdict){ statuses[i].outcome,
			    statuses[i].cause, statuses[i].sentence, http_reply_retry_after(r) });
	if (r->status < 200 || r->status > 299)
		return pos_outcome_of((struct verdict){ OUTCOME_LATER, CAUSE_PROVIDER,
		    arena_printf(a, "PetPooja answered HTTP %d", r->status),
		    http_reply_retry_after(r) });
	if (json_read(a, r->body.data, r->body.len, &json_limits_menu, &top, &why) == OK &&
	    read_success(json_member(top, "success"), &is_success) && !is_success)
		return pos_outcome_of(read_refusal(a, top));
	v.sentence = petpooja_read_menu(a, task->config, &page, 1, &menu);
	if (v.sentence == NULL)
		v = (struct verdict){ OUTCOME_DONE, CAUSE_NONE, "PetPooja sent its menu", 0 };
	return pos_outcome_of(v);
}

const struct pos_adapter pos_petpooja = {
    .name = "petpooja",
    .display_name = "PetPooja POS",
    .api_key_is = "app_key",
    .fields = fields,
    .fields_n = sizeof(fields) / sizeof(fields[0]),
    /* No flight time is published; their gateway (AWS API Gateway) ends a request after 29 s at the
       latest. */
    .create_limits = {.connect_ms = 3000,
	.total_ms = 10000,
	.window_ms = 5000,
	.flight_ms = 30000,
	.reply_max = 1u << 20},
    .ask_limits = {.connect_ms = 3000,
	.total_ms = 10000,
	.window_ms = 5000,
	.flight_ms = 30000,
	.reply_max = 1u << 20},
    .menu_limits = {.connect_ms = 3000,
	.total_ms = 30000,
	.window_ms = 5000,
	.flight_ms = 30000,
	.reply_max = 16u << 20},
    .traits =
	{
	    /* "Re-using an orderID answers success and changes nothing": seen by integrators,
	       promised by nobody. */
	    .repeat_is_safe = POS_REPEAT_CLAIMED,
	    /* Nobody says for how long; what was seen was seen within the day. */
	    .repeat_lasts_s = 86400,
	    .binds_by_reference = true,
	    .holds_scheduled = true, /* advanced_order */
	    /* It can answer success and drop the order: without a callback in ten minutes, staff
	       look. */
	    .needs_proof_s = 600,
	    /* None published: a few a second for each outlet, beyond what any kitchen cooks. */
	    .rate_scope = POS_SCOPE_RESTAURANT,
	    .rate_per_min = 240,
	    .rate_burst = 10,
	},
    .deliveries = petpooja_deliveries,
    .deliveries_n = PETPOOJA_DELIVERIES_N,
    .check_config = check_config,
    .talks = { [POS_CREATE] = { petpooja_create_call, read_create },
	[POS_CANCEL] = { cancel_call, read_cancel },
	[POS_MENU] = { fetch_menu_call, read_menu_reply } },
    .read_failure = read_failure,
    .read_menu = petpooja_read_menu,
    .policy_header = petpooja_policy_header,
    .verify = petpooja_verify,
    .applies_to = petpooja_applies_to,
};
