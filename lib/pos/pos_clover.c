/*
 * Clover: settings, limits, tokens, and the adapter's table.
 */
#include "pos/pos_clover.h"

#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "text/civil.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/url.h"

#define TOKEN_MAX 4000
#define EXPIRY_MAX_S (CIVIL_US_MAX / US_PER_SECOND)

static const struct pos_field fields[] = {
	{ .key = CLOVER_MERCHANT,
	    .is_required = true,
	    .max = CLOVER_ID_MAX,
	    .role = POS_ROLE_REST_ID,
	    .sentence = "The merchant's id, 13 letters and digits" },
	{ .key = "access_token",
	    .is_secret = true,
	    .max = TOKEN_MAX,
	    .sentence = "Access token; got by itself where client_id and refresh_token are set" },
	{ .key = "refresh_token",
	    .is_secret = true,
	    .max = TOKEN_MAX,
	    .sentence = "Refresh token of the app's installation; each is used once and replaced" },
	{ .key = CLOVER_CLIENT,
	    .max = 64,
	    .sentence = "The app's id, by which access tokens are renewed" },
	{ .key = CLOVER_SECRET,
	    .is_secret = true,
	    .max = 200,
	    .sentence = "The app's secret, by which a merchant's authorisation is taken up" },
	{ .key = "base_url",
	    .kind = POS_URL,
	    .role = POS_ROLE_BASE_URL,
	    .sentence = "https://api.clover.com, https://api.eu.clover.com, "
			"https://api.la.clover.com or https://apisandbox.dev.clover.com" },
	{ .key = "user_agent",
	    .max = 200,
	    .def = "Ticketrail/1.0 (restaurant order hub)",
	    .sentence = "How we call ourselves; Clover wants product/version (comment)" },
	{ .key = CLOVER_ZONE,
	    .kind = POS_ZONE,
	    .role = POS_ROLE_TIME_ZONE,
	    .def = "America/New_York",
	    .sentence = "The zone of the times in notes to the kitchen" },
	{ .key = CLOVER_ATOMIC,
	    .kind = POS_SWITCH,
	    .def = "0",
	    .sentence = "Give orders in one call (US, Canada); a repeat of it is another order" },
	{ .key = "order_types.pickup",
	    .max = CLOVER_ID_MAX,
	    .sentence = "Id of the merchant's order type for pickup" },
	{ .key = "order_types.delivery",
	    .max = CLOVER_ID_MAX,
	    .sentence = "Id of the merchant's order type for delivery" },
	{ .key = "order_types.dine_in",
	    .max = CLOVER_ID_MAX,
	    .sentence = "Id of the merchant's order type for guests at a table" },
	{ .key = CLOVER_TENDER,
	    .max = CLOVER_ID_MAX,
	    .sentence = "Id of the external tender by which paid orders are marked so; such an "
			"order can be cancelled at the till only" },
	{ .key = CLOVER_PRINT,
	    .kind = POS_SWITCH,
	    .def = "1",
	    .sentence = "Have the order printed when it is there" },
	{ .key = "printed_is_preparing",
	    .kind = POS_SWITCH,
	    .def = "0",
	    .sentence = "A printed line means that the kitchen has begun" },
	{ .key = "employee_id",
	    .max = CLOVER_ID_MAX,
	    .sentence = "Id of the employee whose orders they are" },
	{ .key = "customer_mode",
	    .kind = POS_CHOICE,
	    .choices = "note|record",
	    .def = "note",
	    .sentence = "Name and phone in the order's note, or a customer record at Clover too" },
	{ .key = "default_last_name",
	    .max = 64,
	    .def = "Guest",
	    .sentence = "Last name of a guest who gave one name only" },
	{ .key = "default_customer_name",
	    .max = 64,
	    .def = "Guest",
	    .sentence = "Name of a guest who gave none" },
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
clover_id(struct arena *a, struct json_object *node)
{
	const char *s;
	size_t n = 0;

	if (!json_as_string(node, &s))
		return NULL;
	while ((s[n] >= '0' && s[n] <= '9') || (s[n] >= 'A' && s[n] <= 'Z') ||
	       (s[n] >= 'a' && s[n] <= 'z') || s[n] == '-')
		n++;
	return n > 0 && n <= CLOVER_ID_MAX && s[n] == '\0' ? arena_strdup(a, s) : NULL;
}

/* ---- calls ---- */

static const char *
base_url(struct arena *a, const struct pos_config *config)
{
	const char *base = pos_config_text(config, "base_url");

	return pos_url(a, base == NULL ? "" : base, "");
}

/* User-Agent is demanded (since April 2026), and libcurl has none by itself. */
struct http_call
clover_call(struct arena *a, const struct pos_config *config, const char *method, const char *path,
    const struct buf *body)
{
	static const char *const secrets[] = { "access_token" };
	struct call_header *headers = arena_array(a, 4, sizeof(*headers));
	const char *merchant = pos_config_text(config, CLOVER_MERCHANT);
	struct http_call call = {
		.method = method,
		.url = arena_printf(a, "%s/v3/merchants/%s/%s", base_url(a, config),
		    url_encode(a, merchant == NULL ? "" : merchant), path),
		.headers = headers,
		.secrets = secrets,
		.secrets_n = 1,
	};

	headers[call.headers_n++] = (struct call_header){ "Authorization",
		arena_printf(a, "Bearer %s", call_secret(a, "access_token")) };
	headers[call.headers_n++] = (struct call_header){ "Accept", "application/json" };
	headers[call.headers_n++] = (struct call_header){ "User-Agent",
		pos_text(a, pos_config_text(config, "user_agent"), 200) };
	if (body != NULL) {
		headers[call.headers_n++] =
		    (struct call_header){ "Content-Type", "application/json" };
		call.body_kind = CALL_BODY_JSON;
		call.body = (struct bytes){ body->data, body->len };
	}
	return call;
}

/* ---- tokens ---- */

static bool
logs_in(const struct pos_config *config)
{
	return pos_config_text(config, CLOVER_CLIENT) != NULL &&
	       (pos_config_has_secret(config, "refresh_token") ||
		   (pos_config_has_secret(config, CLOVER_SECRET) &&
		       (pos_config_has_secret(config, POS_CODE) ||
			   !pos_config_has_secret(config, "access_token"))));
}

/* Where merchants log in, by where the API is (docs.clover.com, OAuth); else it is one address. */
static const char *
login_url(struct arena *a, const struct pos_config *config)
{
	static const struct {
		const char *api, *login;
	} hosts[] = {
		{ "https://api.clover.com", "https://www.clover.com" },
		{ "https://api.eu.clover.com", "https://www.eu.clover.com" },
		{ "https://api.la.clover.com", "https://www.la.clover.com" },
		{ "https://apisandbox.dev.clover.com", "https://sandbox.dev.clover.com" },
	};
	const char *base = base_url(a, config);

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (strcmp(hosts[i].api, base) == 0)
			return hosts[i].login;
	return base;
}

static const char *
authorize_url(struct arena *a, const struct pos_config *config, const char *redirect_uri,
    const char *state)
{
	const char *client = pos_config_text(config, CLOVER_CLIENT);

	if (client == NULL || !pos_config_has_secret(config, CLOVER_SECRET))
		return NULL;
	return arena_printf(a,
	    "%s/oauth/v2/authorize?client_id=%s&response_type=code&redirect_uri=%s&state=%s",
	    login_url(a, config), url_encode(a, client), url_encode(a, redirect_uri),
	    url_encode(a, state));
}

static void
check_config(struct arena *a, const struct pos_config *config, struct pos_problems *problems)
{
	if (pos_config_text(config, "base_url") == NULL)
		pos_problem_add(a, problems, "base_url", "is required");
	if (!logs_in(config) && !pos_config_has_secret(config, "access_token"))
		pos_problem_add(a, problems, "access_token",
		    "is required unless client_id and refresh_token or client_secret are set");
	if (pos_config_has_secret(config, "refresh_token") &&
	    pos_config_text(config, CLOVER_CLIENT) == NULL)
		pos_problem_add(
		    a, problems, CLOVER_CLIENT, "is required where refresh_token is set");
}

/*
 * POST /oauth/v2/refresh: no secret of the app, and the merchant is who the token is of. A code
 * that the merchant brought goes to /oauth/v2/token, with the app's secret.
 */
static bool
login_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	static const char *const refresh[] = { "refresh_token" };
	static const char *const code[] = { CLOVER_SECRET, POS_CODE };
	const struct pos_config *config = task->config;
	bool has_code = pos_config_has_secret(config, POS_CODE) &&
			pos_config_has_secret(config, CLOVER_SECRET);
	struct call_header *headers = arena_array(a, 3, sizeof(*headers));
	struct json_write w;
	struct buf b;

	if (!logs_in(config)) {
		pos_problem_add(a, problems, "refresh_token", "is required, and client_id");
		return false;
	}
	if (!has_code && !pos_config_has_secret(config, "refresh_token")) {
		pos_problem_add(a, problems, "refresh_token",
		    "is missing: the merchant has to authorise the app");
		return false;
	}
	buf_init(&b, a, 4096);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(
	    &w, "client_id", pos_text(a, pos_config_text(config, CLOVER_CLIENT), 64));
	if (has_code) {
		json_write_string(&w, "client_secret", call_secret(a, CLOVER_SECRET));
		json_write_string(&w, "code", call_secret(a, POS_CODE));
	} else {
		json_write_string(&w, "refresh_token", call_secret(a, "refresh_token"));
	}
	json_write_object_end(&w);
	json_write_done(&w);
	headers[0] = (struct call_header){ "Accept", "application/json" };
	headers[1] = (struct call_header){ "User-Agent",
		pos_text(a, pos_config_text(config, "user_agent"), 200) };
	headers[2] = (struct call_header){ "Content-Type", "application/json" };
	*ret_call = (struct http_call){ .method = "POST",
		.url = arena_printf(a, "%s/oauth/v2/%s", base_url(a, config),
		    has_code ? "token" : "refresh"),
		.headers = headers,
		.headers_n = 3,
		.body_kind = CALL_BODY_JSON,
		.body = { b.data, b.len },
		.secrets = has_code ? code : refresh,
		.secrets_n = has_code ? 2 : 1 };
	return true;
}

/* Seconds since 1970; not said, or no time: TIME_NONE. */
static int64_t
read_expiry(struct json_object *node)
{
	int64_t s;

	return json_lax_int64(node, &s) && s > 0 && s <= EXPIRY_MAX_S ? s * US_PER_SECOND
								       : TIME_NONE;
}

/*
 * A pair whose refresh token is missing would leave us with one that is spent, so it is none. Was
 * the answer to a refresh lost, the token may be spent too: the next attempt tells.
 */
static struct pos_outcome
login_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct clover_reply reply = clover_reply_read(a, r);
	struct pos_outcome o = pos_outcome_of(clover_without_effect(reply.verdict));

	(void)task;
	if (r->status == 400 || r->status == 401 || r->status == 403)
		o.verdict = (struct verdict){ OUTCOME_REFUSED, CAUSE_AUTH,
			"Clover does not renew our access: the merchant has to authorise the app "
			"again",
			0 };
	if (reply.kind != CLOVER_SAID)
		return o;
	o.session.access_token = pos_plain_of(a, reply.top, "access_token", TOKEN_MAX);
	o.session.refresh_token = pos_plain_of(a, reply.top, "refresh_token", TOKEN_MAX);
	o.session.expires_at = read_expiry(json_member(reply.top, "access_token_expiration"));
	o.session.refresh_expires_at =
	    read_expiry(json_member(reply.top, "refresh_token_expiration"));
	if (o.session.access_token != NULL && o.session.refresh_token != NULL) {
		o.verdict = clover_done("Clover gave a new pair of tokens");
		return o;
	}
	return pos_outcome_of((struct verdict){
	    OUTCOME_LATER, CAUSE_GARBLED, "Clover's answer holds no pair of tokens", 0 });
}

/* ---- the adapter ---- */

/*
 * The first part of the menu, which says whose it is. Who has no business there is told 401, as if
 * the token were none.
 */
static bool
confirm_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	(void)problems;
	*ret_call = clover_call(
	    a, task->config, "GET", clover_part_name(CLOVER_PROPERTIES), NULL);
	pos_call_with(a, task->token, ret_call);
	return true;
}

static struct pos_outcome
confirm_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	const char *merchant = pos_config_text(task->config, CLOVER_MERCHANT), *theirs;
	struct clover_reply reply = clover_reply_read(a, r);
	struct pos_outcome o = pos_outcome_of(clover_without_effect(reply.verdict));

	if (r->status == 401 || r->status == 403)
		o.verdict = (struct verdict){ OUTCOME_REFUSED, CAUSE_AUTH,
			arena_printf(a,
			    "Our access is not for the merchant %s, or the app may not read "
			    "merchants",
			    pos_text(a, merchant, CLOVER_ID_MAX)),
			0 };
	if (reply.kind != CLOVER_SAID)
		return o;
	theirs = clover_id(a, json_member(json_member(reply.top, "merchantRef"), "id"));
	o.verdict = theirs == NULL || merchant == NULL || strcmp(theirs, merchant) == 0
			? clover_done("Our access is for this merchant")
			: (struct verdict){ OUTCOME_REFUSED, CAUSE_CONFIG,
				  arena_printf(a, "Our access is for another merchant, %s", theirs),
				  0 };
	return o;
}

static struct pos_outcome
read_failure(
    struct arena *a, enum pos_verb verb, const struct pos_task *task, enum call_failure failure)
{
	if (verb == POS_CREATE)
		return clover_create_failure(a, task, failure);
	if (verb == POS_FOLLOW)
		return clover_follow_failure(a, task, failure);
	if (verb == POS_CANCEL)
		return clover_cancel_failure(a, task, failure);
	return pos_outcome_of(pos_failure(failure, false));
}

static void
traits_of(const struct pos_config *config, struct pos_traits *ret)
{
	if (pos_config_is_on(config, CLOVER_ATOMIC))
		ret->repeat_is_safe = POS_REPEAT_NO;
	ret->follows = pos_config_is_on(config, CLOVER_PRINT) ||
		       pos_config_text(config, CLOVER_TENDER) != NULL;
}

const struct pos_adapter pos_clover = {
	.name = "clover",
	.display_name = "Clover",
	.api_key_is = "access_token",
	.fields = fields,
	.fields_n = sizeof(fields) / sizeof(fields[0]),
	/* Neither a time-out nor the lag of their order lists is published; an order made by one
	   call has been seen missing from a search for seconds. */
	.create_limits = { .connect_ms = 3000,
	    .total_ms = 20000,
	    .window_ms = 5000,
	    .flight_ms = 60000,
	    .lag_ms = 60000,
	    .reply_max = 4u << 20 },
	.ask_limits = { .connect_ms = 3000,
	    .total_ms = 10000,
	    .window_ms = 5000,
	    .flight_ms = 30000,
	    .reply_max = 4u << 20 },
	.menu_limits = { .connect_ms = 3000,
	    .total_ms = 30000,
	    .window_ms = 5000,
	    .flight_ms = 30000,
	    .reply_max = 16u << 20 },
	.traits =
	    {
		.repeat_is_safe = POS_REPEAT_YES, /* opening by id; not so atomic, see traits_of */
		.accepts_on_create = true,        /* nobody there says yes or no to an order */
		/* titles are free text, and drafts and repeats may bear the same */
		.binds_by_reference = false,
		.takes_open_items = true,
		.leaves_drafts = true,
		.holds_scheduled = false, /* an open order is the kitchen's at once */
		.needs_proof_s = 900,
		.poll_s = 300,            /* webhooks are repeated by no published rule */
		.menu_poll_s = 3600,
		.policy = POS_POLICY_AUTHORIZATION,
		/* "16 requests per second per token", which are the burst and what has come
		   since; "5 concurrent per token" */
		.rate_scope = POS_SCOPE_RESTAURANT,
		.rate_per_min = 480,
		.rate_burst = 8,
		.concurrency = 5,
	    },
	.deliveries = clover_deliveries,
	.deliveries_n = CLOVER_DELIVERIES_N,
	.check_config = check_config,
	.traits_of = traits_of,
	.logs_in = logs_in,
	.authorize_url = authorize_url,
	.talks = { [POS_CREATE] = { clover_create_call, clover_create_read },
	    [POS_CANCEL] = { clover_cancel_call, clover_cancel_read },
	    [POS_LOOK] = { clover_look_call, clover_look_read },
	    [POS_MENU] = { clover_menu_call, clover_menu_read },
	    [POS_LOGIN] = { login_call, login_read },
	    [POS_QUOTE] = { clover_quote_call, clover_quote_read },
	    [POS_CONFIRM] = { confirm_call, confirm_read },
	    [POS_FOLLOW] = { clover_follow_call, clover_follow_read } },
	.read_failure = read_failure,
	.is_open_item = clover_is_open_item,
	.reads_with_order = true,
	.read_menu = clover_read_menu,
	.policy_header = clover_policy_header,
	.verify = clover_verify,
	.applies_to = clover_applies_to,
};
