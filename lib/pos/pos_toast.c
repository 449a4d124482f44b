/*
 * Toast: settings, limits, what all its calls share, and logging in.
 */
#include "pos/pos_toast.h"

#include <stdio.h>
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "text/civil.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/utf8.h"
#include "text/uuid.h"

#define ACCESS_TOKEN "access_token"
#define TOKEN_MAX 3500 /* what a sealed secret can hold */
#define LIFE_MAX_S INT64_C(31536000)
#define AUTHORITY_MAX 16

#define GUID(word, text) { .key = (word), .max = TOAST_GUID_LEN, .sentence = (text) }

static const struct pos_field fields[] = {
	{ .key = "client_id",
	    .is_required = true,
	    .is_secret = true,
	    .max = 200,
	    .sentence = "Client identifier of the API account that Toast gave us" },
	{ .key = "client_secret",
	    .is_required = true,
	    .is_secret = true,
	    .max = 500,
	    .sentence = "Client secret of the same account" },
	{ .key = TOAST_RESTAURANT,
	    .also = "restaurant_external_id",
	    .is_required = true,
	    .max = TOAST_GUID_LEN,
	    .role = POS_ROLE_REST_ID,
	    .sentence = "The location's GUID, sent as Toast-Restaurant-External-ID" },
	{ .key = TOAST_AUTHORITY,
	    .is_required = true,
	    .max = AUTHORITY_MAX,
	    .sentence = "Our naming authority, assigned by Toast: it makes external ids unique" },
	{ .key = "base_url",
	    .is_required = true,
	    .kind = POS_URL,
	    .role = POS_ROLE_BASE_URL,
	    .sentence = "The host of the API, as Toast handed it out" },
	GUID("dining_options.pickup", "Dining option of orders that are fetched (TAKE_OUT)"),
	GUID("dining_options.delivery", "Dining option of orders that are brought (DELIVERY)"),
	GUID("dining_options.dine_in", "Dining option of orders at a table (DINE_IN)"),
	GUID("dining_options.curbside", "Dining option of pick-up orders where none else is set"),
	GUID("other_payment_guid", "Alternate payment type of what was paid to us; not set: Toast "
				   "is told of no payment, and the note says that it is paid"),
	GUID("delivery_fee_service_charge_guid", "Open service charge for the delivery charge"),
	GUID("packing_service_charge_guid", "Open service charge for the packing charge"),
	GUID("tip_service_charge_guid", "Open service charge for tips that are not yet paid"),
	GUID("open_discount_guid", "Open discount that takes our discounts off the check"),
	{ .key = "open_item_guid",
	    .max = 2 * TOAST_GUID_LEN + 1,
	    .sentence = "Item with an open price, ITEM or ITEM/GROUP, for what Toast's menu does "
			"not have; not set: such orders go to staff" },
	GUID("revenue_center_guid", "Revenue center of our orders"),
	GUID("default_table_guid", "Table of orders at a table that `tables` does not name"),
	{ .key = "tables",
	    .max = 8000,
	    .sentence = "Tables by number: 12=GUID 13=GUID, with blanks or commas between" },
	{ .key = TOAST_MENUS_API,
	    .kind = POS_CHOICE,
	    .choices = "v2|v3",
	    .def = "v2",
	    .sentence = "Version of the menus API: v3 is for ordering partners" },
	{ .key = "use_tax_rates",
	    .kind = POS_SWITCH,
	    .def = "1",
	    .sentence = "Fetch tax rates with the menu; off: Toast alone knows the taxes" },
	{ .key = "use_stock",
	    .kind = POS_SWITCH,
	    .def = "1",
	    .sentence = "Fetch with the menu what is out of stock" },
	{ .key = "use_price_call",
	    .kind = POS_SWITCH,
	    .def = "1",
	    .sentence = "Ask for the price before each order, to pay exactly what Toast counts" },
	{ .key = "fallback_email",
	    .max = 53,
	    .def = "guest@example.com",
	    .sentence = "Address of guests who gave none that Toast takes; it demands one" },
	{ .key = "fallback_phone",
	    .max = 10,
	    .sentence = "Ten digits for guests whose number Toast does not take" },
	{ .key = "default_first_name",
	    .max = 50,
	    .def = "Guest",
	    .sentence = "First name of a guest who gave no name" },
	{ .key = "default_last_name",
	    .max = 50,
	    .def = "Guest",
	    .sentence = "Last name of a guest who gave one name only" },
	{ .key = "delivery_city",
	    .max = 100,
	    .sentence = "Town of addresses that do not show theirs" },
	{ .key = "delivery_state", .max = 2, .sentence = "State of such addresses, two letters" },
	{ .key = "delivery_zip", .max = 10, .sentence = "ZIP code of such addresses" },
	{ .key = "required_prep_time",
	    .kind = POS_INT,
	    .min = 1,
	    .max = 600,
	    .sentence = "Minutes of preparation that Toast is told, in fives; else its own" },
	{ .key = "custom_settings.enable_auto_accept",
	    .also = "enable_auto_accept",
	    .kind = POS_SWITCH,
	    .def = "0",
	    .sentence = "Toast approves orders by itself: its receipt counts as acceptance" },
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
toast_text(struct arena *a, const char *s, size_t max)
{
	return utf8_truncate(a, pos_text(a, s, max), max);
}

const char *
toast_guid(struct arena *a, const char *s)
{
	uint8_t bytes[UUID_LEN];

	return uuid_parse(s, bytes) ? arena_strdup(a, s) : NULL;
}

const char *
toast_url(struct arena *a, const struct pos_config *config, const char *path,
    struct pos_problems *problems)
{
	const char *base = pos_config_text(config, "base_url");

	if (base == NULL || pos_config_text(config, TOAST_RESTAURANT) == NULL) {
		pos_problem_add(a, problems, base == NULL ? "base_url" : TOAST_RESTAURANT,
		    "is required");
		return NULL;
	}
	return pos_url(a, base, path);
}

struct http_call
toast_call(struct arena *a, const struct pos_config *config, const char *url, const char *body,
    size_t len)
{
	static const char *const secrets[] = { ACCESS_TOKEN };
	struct call_header *headers = arena_array(a, 4, sizeof(*headers));
	size_t n = 0;

	headers[n++] = (struct call_header){ "Authorization",
		arena_printf(a, "Bearer %s", call_secret(a, ACCESS_TOKEN)) };
	headers[n++] = (struct call_header){ "Toast-Restaurant-External-ID",
		toast_text(a, pos_config_text(config, TOAST_RESTAURANT), TOAST_GUID_LEN) };
	headers[n++] = (struct call_header){ "Accept", "application/json" };
	if (body != NULL)
		headers[n++] = (struct call_header){ "Content-Type", "application/json" };
	return (struct http_call){
		.method = body == NULL ? "GET" : "POST",
		.url = url,
		.headers = headers,
		.headers_n = n,
		.body_kind = body == NULL ? CALL_BODY_NONE : CALL_BODY_JSON,
		.body = { body, len },
		.secrets = secrets,
		.secrets_n = 1,
	};
}

const char *
toast_external_id(struct arena *a, const struct pos_config *config, const char *reference)
{
	return arena_printf(a, "%s:%s.%s",
	    toast_text(a, pos_config_text(config, TOAST_AUTHORITY), AUTHORITY_MAX),
	    toast_text(a, config->core.restaurant_slug, TOAST_SLUG_MAX),
	    toast_text(a, reference, TOAST_REFERENCE_MAX));
}

void
toast_time(int64_t us, char ret_text[TOAST_TIME_LEN])
{
	struct civil c;
	char whole[CIVIL_TEXT_LEN];

	if (us < CIVIL_US_MIN)
		us = CIVIL_US_MIN;
	if (us > CIVIL_US_MAX)
		us = CIVIL_US_MAX;
	c = civil_from_us(us);
	civil_format(&c, whole);
	whole[10] = 'T';
	snprintf(ret_text, TOAST_TIME_LEN, "%.19s.%03u+0000", whole,
	    (unsigned)c.us / 1000 % 1000);
}

/* Offsets come as "+0000", which RFC 3339 writes with a colon. */
bool
toast_read_time(struct json_object *node, int64_t *ret_us)
{
	char text[40];
	const char *s;
	size_t len;

	if (!json_as_string(node, &s))
		return false;
	len = strlen(s);
	if (len < 20 || len > 36)
		return false;
	memcpy(text, s, len + 1);
	if ((text[len - 5] == '+' || text[len - 5] == '-') && strchr(text, 'T') < text + len - 5) {
		memmove(text + len - 1, text + len - 2, 3);
		text[len - 2] = ':';
	}
	return iso8601_parse(text, ret_us);
}

/* ---- settings ---- */

static const char *const guid_keys[] = { TOAST_RESTAURANT, "dining_options.pickup",
	"dining_options.delivery", "dining_options.dine_in", "dining_options.curbside",
	"other_payment_guid", "delivery_fee_service_charge_guid", "packing_service_charge_guid",
	"tip_service_charge_guid", "open_discount_guid", "revenue_center_guid",
	"default_table_guid" };

static bool
is_made_of(const char *s, const char *allowed)
{
	return s[strspn(s, allowed)] == '\0';
}

static void
check_tables(struct arena *a, const struct pos_config *config, struct pos_problems *problems)
{
	const char *at = pos_config_text(config, "tables");

	while (at != NULL && *(at += strspn(at, " ,")) != '\0') {
		size_t len = strcspn(at, " ,"), name = strcspn(at, "=");
		if (name == 0 || name >= len ||
		    toast_guid(a, arena_strndup(a, at + name + 1, len - name - 1)) == NULL) {
			pos_problem_add(a, problems, "tables",
			    "must be tables by number, such as 12=GUID 13=GUID");
			return;
		}
		at += len;
	}
}

static void
check_config(struct arena *a, const struct pos_config *config, struct pos_problems *problems)
{
	static const char *const types[] = { "pickup", "delivery", "dine_in" };
	const char *authority = pos_config_text(config, TOAST_AUTHORITY);
	const char *phone = pos_config_text(config, "fallback_phone");
	const char *open_item = pos_config_text(config, "open_item_guid"), *item, *group;
	bool has_option = false, is_curbside;

	for (size_t i = 0; i < sizeof(guid_keys) / sizeof(guid_keys[0]); i++) {
		const char *s = pos_config_text(config, guid_keys[i]);
		if (s != NULL && toast_guid(a, s) == NULL)
			pos_problem_add(a, problems, guid_keys[i],
			    "must be a GUID such as 01234567-89ab-cdef-0123-456789abcdef");
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		has_option |= toast_dining_option(config, types[i], &is_curbside) != NULL;
	if (!has_option)
		pos_problem_add(
		    a, problems, "dining_options", "must name at least one dining option");
	if (authority != NULL && !is_made_of(authority, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							"abcdefghijklmnopqrstuvwxyz0123456789_-"))
		pos_problem_add(a, problems, TOAST_AUTHORITY, "must be letters and digits");
	if (phone != NULL && (strlen(phone) != 10 || !is_made_of(phone, "0123456789")))
		pos_problem_add(a, problems, "fallback_phone", "must be ten digits");
	if (open_item != NULL && !toast_key(a, open_item, &item, &group))
		pos_problem_add(
		    a, problems, "open_item_guid", "must be a GUID, or two with a / between");
	check_tables(a, config, problems);
}

/* An open item is one of the menu with an open price: without one there are none. */
static void
traits_of(const struct pos_config *config, struct pos_traits *ret)
{
	ret->takes_open_items = pos_config_text(config, "open_item_guid") != NULL;
}

/* ---- logging in ---- */

static bool
logs_in(const struct pos_config *config)
{
	(void)config;
	return true;
}

/*
 * The token that is in force, or a new one: Toast answers with the same until it nears its end, so
 * that asking twice does no harm.
 */
static bool
login_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	static const struct call_header headers[] = {
		{ "Accept", "application/json" },
		{ "Content-Type", "application/json" },
	};
	static const char *const secrets[] = { "client_id", "client_secret" };
	const char *url =
	    toast_url(a, task->config, "/authentication/v1/authentication/login", problems);
	struct json_write w;
	struct buf b;

	if (url == NULL)
		return false;
	buf_init(&b, a, 4096);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "clientId", call_secret(a, "client_id"));
	json_write_string(&w, "clientSecret", call_secret(a, "client_secret"));
	json_write_string(&w, "userAccessType", "TOAST_MACHINE_CLIENT");
	json_write_object_end(&w);
	json_write_done(&w);
	*ret_call = (struct http_call){
		.method = "POST",
		.url = url,
		.headers = headers,
		.headers_n = 2,
		.body_kind = CALL_BODY_JSON,
		.body = { b.data, b.len },
		.secrets = secrets,
		.secrets_n = 2,
	};
	return true;
}

static struct pos_outcome
read_login(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct json_object *top = NULL, *token;
	struct pos_outcome o;
	const char *s;
	int64_t life_s;

	if (r->status == 401 || r->status == 400)
		return pos_outcome_of(toast_verdict_of(OUTCOME_REFUSED, CAUSE_AUTH,
		    arena_printf(a, "Toast does not accept our client_id or client_secret%s",
			toast_error_words(a, r))));
	o = pos_outcome_of(toast_verdict(a, task, r, false, &top));
	if (o.verdict.outcome != OUTCOME_DONE)
		return o;
	token = json_member(top, "token");
	s = pos_plain_of(a, token, "accessToken", TOKEN_MAX);
	if (s == NULL) {
		o.verdict = toast_verdict_of(
		    OUTCOME_LATER, CAUSE_GARBLED, "Toast's answer to the login has no token");
		return o;
	}
	o.session.access_token = arena_strdup(a, s);
	if (json_lax_int64(json_member(token, "expiresIn"), &life_s) && life_s >= 0 &&
	    life_s <= LIFE_MAX_S)
		o.session.expires_at = task->now + life_s * US_PER_SECOND;
	o.verdict.sentence = "Toast gave a token";
	return o;
}

const struct pos_adapter pos_toast = {
    .name = "toast",
    .display_name = "Toast",
    .fields = fields,
    .fields_n = sizeof(fields) / sizeof(fields[0]),
    /* Toast says that a POST may go on after our side gave up, not for how long: a minute is more
       than its own gateways wait. */
    .create_limits = {.connect_ms = 5000,
	.total_ms = 30000,
	.window_ms = 5000,
	.flight_ms = 60000,
	.lag_ms = 30000,
	.reply_max = 4u << 20},
    .ask_limits = {.connect_ms = 5000,
	.total_ms = 30000,
	.window_ms = 5000,
	.flight_ms = 60000,
	.reply_max = 16u << 20},
    .menu_limits = {.connect_ms = 5000,
	.total_ms = 60000,
	.window_ms = 5000,
	.flight_ms = 60000,
	.reply_max = 16u << 20},
    .traits =
	{
	    .repeat_is_safe = POS_REPEAT_YES, /* an externalId can be used once */
	    .binds_by_reference = true,
	    .takes_open_items = true,
	    .holds_scheduled = true,
	    /* a refused duplicate only says that somebody used the name */
	    .needs_proof_s = 600,
	    .poll_s = 120,
	    .menu_poll_s = 3600,
	    .policy = POS_POLICY_HMAC,
	    /* 20 a second, which are the burst and what has come since, and 10,000 in 15
	       minutes, for each client and restaurant. */
	    .rate_scope = POS_SCOPE_RESTAURANT,
	    .rate_per_min = 660,
	    .rate_burst = 8,
	},
    .deliveries = toast_deliveries,
    .deliveries_n = TOAST_DELIVERIES_N,
    .check_config = check_config,
    .traits_of = traits_of,
    .logs_in = logs_in,
    .talks = { [POS_CREATE] = { toast_create_call, toast_create_read },
	[POS_QUOTE] = { toast_quote_call, toast_quote_read },
	[POS_LOOK] = { toast_look_call, toast_look_read },
	[POS_CANCEL] = { toast_cancel_call, toast_cancel_read },
	[POS_MENU] = { toast_menu_call, toast_menu_read },
	[POS_LOGIN] = { login_call, read_login },
	[POS_CONFIRM] = { toast_confirm_call, toast_confirm_read } },
    .is_open_item = toast_is_open_item,
    .untold = toast_untold,
    .read_failure = toast_read_failure,
    .read_menu = toast_read_menu,
    .policy_header = toast_policy_header,
    .verify = toast_verify,
    .applies_to = toast_applies_to,
};
