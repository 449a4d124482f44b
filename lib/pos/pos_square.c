/*
 * Square: settings, limits, and what there is of it.
 */
#include "pos/pos_square.h"

#include <string.h>

/* Limits of the description where it has some; a name of a key is what Square calls it. */
static const struct pos_field fields[] = {
	{ .key = "access_token",
	    .is_secret = true,
	    .max = 1024,
	    .sentence = "Access token of the seller, if it is not renewed by client_id, "
			"client_secret and refresh_token" },
	{ .key = "client_id",
	    .also = "application_id",
	    .max = 191,
	    .sentence = "Our application's id, where access is renewed by OAuth" },
	{ .key = "client_secret",
	    .also = "application_secret",
	    .is_secret = true,
	    .max = 1024,
	    .sentence = "Our application's secret, for the same" },
	{ .key = "refresh_token",
	    .is_secret = true,
	    .max = 1024,
	    .sentence = "What access tokens are renewed with, of the seller's authorization" },
	{ .key = SQ_LOCATION,
	    .is_required = true,
	    .max = 50,
	    .role = POS_ROLE_REST_ID,
	    .sentence = "Which of the seller's locations the restaurant is" },
	{ .key = "base_url",
	    .kind = POS_URL,
	    .role = POS_ROLE_BASE_URL,
	    .sentence = "Where the API is, if it is not Square's own address" },
	{ .key = "environment",
	    .kind = POS_CHOICE,
	    .choices = "sandbox|production",
	    .sentence = "Square's sandbox, or the real thing" },
	{ .key = "notification_url",
	    .kind = POS_URL,
	    .is_ours = true,
	    .sentence = "The address of our webhook exactly as it is registered at Square: it is "
			"signed along; not set: webhooks are refused" },
	{ .key = SQ_VERSION,
	    .max = 10,
	    .def = "2025-08-20",
	    .sentence = "Version of the API, as a date" },
	{ .key = "source_name",
	    .max = 100,
	    .def = "Ticketrail",
	    .sentence = "What Square shows as the origin of our orders" },
	{ .key = "mark_paid",
	    .kind = POS_CHOICE,
	    .choices = "external|cash|none",
	    .def = "external",
	    .sentence = "How orders are marked as paid, without which Square shows them to no "
			"kitchen: external: all as paid elsewhere; cash: those to be paid in cash "
			"as cash, which goes into the drawer's count; none: not at all" },
	{ .key = "external_type",
	    .max = 50,
	    .def = "OTHER",
	    .sentence = "Type of the payments that were taken elsewhere" },
	{ .key = "external_source",
	    .max = 255,
	    .sentence = "Who took them; else source_name" },
	{ .key = "auto_apply_taxes",
	    .kind = POS_SWITCH,
	    .def = "1",
	    .sentence = "Square applies the taxes of its own menu; else ours are sent" },
	{ .key = "tip_as",
	    .kind = POS_CHOICE,
	    .choices = "payment|service_charge",
	    .def = "payment",
	    .sentence = "A tip comes with the payment, or is a charge of the order" },
	{ .key = "prep_time_min",
	    .kind = POS_INT,
	    .min = 0,
	    .max = 1440,
	    .def = "15",
	    .sentence = "Minutes of preparation that Square is told of orders that are wanted at "
			"once" },
	{ .key = "dine_in_as",
	    .kind = POS_CHOICE,
	    .choices = "pickup|in_store|none",
	    .sentence = "How orders of guests at a table are handed out: in_store needs "
			"square_version " SQUARE_IN_STORE_SINCE
			" and is the default from there on; before, pickup with a note is; none: "
			"Square may show them to no kitchen" },
	{ .key = "default_customer_name",
	    .max = 100,
	    .def = "Guest",
	    .sentence = "Name of a guest who gave none" },
	{ .key = SQ_ZONE,
	    .kind = POS_ZONE,
	    .role = POS_ROLE_TIME_ZONE,
	    .def = "America/New_York",
	    .sentence = "The zone of times in notes to the kitchen" },
	{ .key = "require_callback_ack_s",
	    .kind = POS_INT,
	    .min = 60,
	    .max = 86400,
	    .def = "600",
	    .sentence = "Seconds after which an order that nothing has proved goes to staff" },
	{ .key = "custom_settings.enable_auto_accept",
	    .also = "enable_auto_accept",
	    .kind = POS_SWITCH,
	    .def = "1",
	    .sentence = "Square's receipt counts as acceptance: it always does" },
	{ .key = "custom_settings.notification_preferences",
	    .also = "notification_preferences",
	    .kind = POS_LIST,
	    .choices = "sms|email|push",
	    .sentence = "By which ways the guest is told" },
};

static bool
is_date(const char *s)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	return true;
}

static void
check_config(struct arena *a, const struct pos_config *config, struct pos_problems *problems)
{
	const char *version = pos_config_text(config, SQ_VERSION);
	const char *dine_in = pos_config_text(config, "dine_in_as");

	if (!pos_config_has_secret(config, "access_token") && !square_logs_in(config))
		pos_problem_add(a, problems, "access_token",
		    "is required, or client_id and client_secret are, by which it is got");
	if (version == NULL || !is_date(version))
		pos_problem_add(a, problems, SQ_VERSION, "must be a date such as 2025-08-20");
	else if (dine_in != NULL && strcmp(dine_in, "in_store") == 0 &&
		 strcmp(version, SQUARE_IN_STORE_SINCE) < 0)
		pos_problem_add(a, problems, "dine_in_as",
		    "in_store needs square_version " SQUARE_IN_STORE_SINCE);
}

/*
 * Once a byte may have left, what the step was to do may have happened; of a step that nobody sees
 * that is no matter, since its key makes it happen once.
 */
/* They sign the address along: not knowing which it is we can not tell that it was they. */
static void
traits_of(const struct pos_config *config, struct pos_traits *ret)
{
	if (pos_config_text(config, "notification_url") == NULL)
		ret->policy = POS_POLICY_NONE;
}

static struct pos_outcome
read_failure(
    struct arena *a, enum pos_verb verb, const struct pos_task *task, enum call_failure failure)
{
	bool has_effect = (verb == POS_CREATE && square_create_has_effect(a, task)) ||
			  (verb == POS_CANCEL && square_cancel_has_effect(a, task));

	return pos_outcome_of(pos_failure(failure, has_effect));
}

const struct pos_adapter pos_square = {
	.name = "square",
	.display_name = "Square",
	.api_key_is = "access_token",
	.fields = fields,
	.fields_n = sizeof(fields) / sizeof(fields[0]),
	/* No time-out of theirs is published; their own SDK waits 60 s. What was just made may be
	   missing from a search for a minute. */
	.create_limits = { .connect_ms = 3000,
	    .total_ms = 20000,
	    .window_ms = 5000,
	    .flight_ms = 60000,
	    .lag_ms = 60000,
	    .reply_max = 4u << 20 },
	.ask_limits = { .connect_ms = 3000,
	    .total_ms = 20000,
	    .window_ms = 5000,
	    .flight_ms = 60000,
	    .reply_max = 4u << 20 },
	.menu_limits = { .connect_ms = 3000,
	    .total_ms = 30000,
	    .window_ms = 5000,
	    .flight_ms = 60000,
	    .reply_max = 16u << 20 },
	.traits = {
	    .repeat_is_safe = POS_REPEAT_YES, /* each step has its key */
	    /* They do not say for how long. A day is what others keep theirs for (Stripe's
	       "Idempotent requests": at least 24 hours), and longer than any kitchen waits. */
	    .repeat_lasts_s = 86400,
	    .accepts_on_create = true, /* a paid order is in the kitchen's queue */
	    .binds_by_reference = true,
	    .takes_open_items = true,
	    .holds_scheduled = true, /* pickup_at, deliver_at */
	    .needs_proof_s = 600,
	    .poll_s = 120,
	    .menu_poll_s = 3600,
	    .policy = POS_POLICY_HMAC,
	    /* None published. */
	    .rate_scope = POS_SCOPE_RESTAURANT,
	    .rate_per_min = 300,
	    .rate_burst = 10,
	},
	.deliveries = square_deliveries,
	.deliveries_n = SQUARE_DELIVERIES_N,
	.check_config = check_config,
	.traits_of = traits_of,
	.logs_in = square_logs_in,
	.authorize_url = square_authorize_url,
	.talks = {
	    [POS_CREATE] = { square_create_call, square_create_read },
	    [POS_CANCEL] = { square_cancel_call, square_cancel_read },
	    [POS_LOOK] = { square_look_call, square_look_read },
	    [POS_MENU] = { square_menu_call, square_menu_read },
	    [POS_LOGIN] = { square_login_call, square_login_read },
	    [POS_QUOTE] = { square_quote_call, square_quote_read },
	    [POS_CONFIRM] = { square_confirm_call, square_confirm_read },
	},
	.is_open_item = square_is_open_item,
	.read_failure = read_failure,
	.read_menu = square_read_menu,
	.policy_header = square_policy_header,
	.verify = square_verify,
	.applies_to = square_applies_to,
};
