/* authorize: a merchant gives access to their POS, in the browser in which it was begun, in time, and once. */
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "db/db.h"
#include "http/cookie.h"
#include "mem/arena.h"
#include "op/op.h"
#include "provider/authorize.h"
#include "provider/call.h"
#include "provider/connect.h"
#include "provider/login.h"
#include "tap.h"
#include "till.h"

#define SQUARE_CONFIG "{\"client_id\":\"sq0idp-us\",\"client_secret\":\"CANARY-SECRET\",\"notification_url\":\"https://us.example/hook\"}"
#define MINUTE_US (INT64_C(60) * 1000000)

static struct shop shop;
static struct arena *memory;
static int64_t integration_id;
static int64_t clock_us;

/* --- connecting --------------------------------------------------------------------------------------------------- */

static enum err
connect_body(struct op *op, void *arg)
{
	struct connection *saved = arg;

	return connection_save(op, &shop.restaurant, &(struct connection_wish){ .provider_name = "square",
	    .pos_restaurant_id = "L1", .endpoint = "https://pos.example", .config = { SQUARE_CONFIG, sizeof SQUARE_CONFIG - 1 } }, saved);
}

static void
connect(void)
{
	struct connection saved;
	struct op op;

	shop_op(&op, PROGRAM_integrations, &shop);
	ok(db_tx(&op, connect_body, &saved) == OK, "the restaurant is connected to Square");
	integration_id = saved.integration.id;
	op_end(&op);
}

/* --- the merchant's way ------------------------------------------------------------------------------------------- */

/* What follows name= in a URL. */
static const char *
parameter_of(const char *url, const char *name)
{
	const char *at = strstr(url, arena_printf(memory, "%s=", name));

	if (at == NULL)
		return NULL;
	at += strlen(name) + 1;
	return arena_strndup(memory, at, strcspn(at, "&"));
}

static const char *
ticket(void)
{
	const char *url = NULL, *found = NULL;
	struct connection c;
	int64_t until;
	struct op op;

	shop_op(&op, PROGRAM_integrations, &shop);
	if (connection_of(&op, shop.restaurant.id, &c) == OK && authorize_link(&op, &c, &url, &until) == OK)
		found = parameter_of(url, "ticket");
	ok(found != NULL && until == op.now_us + AUTHORIZE_LIFE_US, "E54 staff are given a link, for a quarter of an hour");
	op_end(&op);
	return found;
}

/* "OK", or what is wrong. */
static const char *
start(const char *of, const char *browser, const char **ret_state, const char **ret_browser)
{
	const char *url, *kept, *said = "OK";
	struct op op;
	enum err e;

	*ret_state = *ret_browser = "";
	shop_op(&op, PROGRAM_integrations, NULL);
	e = authorize_start(&op, &(struct authorize_visit){ .provider = "square", .ticket = of, .browser = browser }, &url, &kept);
	if (e != OK) {
		said = arena_strdup(memory, op.fault.fields != NULL ? op.fault.fields->sentence : err_info(e)->name);
	} else {
		*ret_state = parameter_of(url, "state");
		*ret_browser = arena_strdup(memory, kept);
	}
	op_end(&op);
	return said;
}

struct coming {
	struct authorize_return from;
	bool is_taken;
};

static enum err
take_body(struct op *op, void *arg)
{
	struct coming *c = arg;

	return authorize_take(op, &c->from, &c->is_taken);
}

static const char *
take(const char *state, const char *browser)
{
	struct coming c = { .from = { .provider = "square", .state = state, .code = "CANARY-CODE", .browser = browser } };
	const char *said = "OK";
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_integrations, NULL);
	e = db_tx(&op, take_body, &c);
	if (e != OK)
		said = arena_strdup(memory, op.fault.fields != NULL ? op.fault.fields->sentence : err_info(e)->name);
	op_end(&op);
	return said;
}

static const char *
secrets(void)
{
	return shop_text("SELECT COALESCE(GROUP_CONCAT(name ORDER BY name SEPARATOR ' '), '') FROM integration_secrets");
}

/* --- the stories -------------------------------------------------------------------------------------------------- */

static void
test_browser(void)
{
	const char *of = ticket(), *mine, *state, *other, *others, *again, *same;

	is_str(start(of, NULL, &state, &mine), "OK", "E54 the merchant follows it");
	is_int((int64_t)strlen(mine), (int64_t)AUTHORIZE_BROWSER_LEN, "SEC-04 and the browser keeps a secret");
	ok(strstr(state, mine) == NULL, "SEC-04 which does not go to the POS");
	is_str(start(of, NULL, &others, &other), "OK", "E54 so does another, by the same link");
	ok(strcmp(mine, other) != 0 && strcmp(state, others) != 0, "SEC-04 with a secret of its own");
	is_str(start(of, mine, &again, &same), "OK", "E54 and the first once more");
	is_str(same, mine, "E54 it keeps the secret it has");
	is_str(start(of, "short", &again, &same), "OK", "SEC-04 what is none");
	ok(strcmp(same, "short") != 0, "SEC-04 is replaced");
	ok(strstr(take(state, NULL), "another browser") != NULL, "SEC-04 nobody comes back without a secret");
	ok(strstr(take(state, other), "another browser") != NULL, "SEC-04 or with another one's");
	ok(strstr(take(of, mine), "none of ours") != NULL, "SEC-04 a link is no state");
	ok(strstr(start(state, mine, &again, &same), "none of ours") != NULL, "SEC-04 and a state no link");
	is_str(secrets(), "client_secret", "SEC-04 nothing of that is kept");
	is_str(take(state, mine), "OK", "E54 who has it comes back");
	is_str(secrets(), "authorization_code client_secret", "E54 with a code, which is kept");
	shop_clock(++clock_us);
	ok(strstr(take(state, mine), "used already") != NULL, "SEC-04 once");
	ok(strstr(take(others, other), "used already") != NULL, "SEC-04 and nobody else by that link");
	ok(strstr(start(of, NULL, &again, &same), "used already") != NULL, "SEC-04 which leads nowhere now");
}

static void
test_late(void)
{
	const char *of = ticket(), *mine, *state, *again, *same;

	is_str(start(of, NULL, &state, &mine), "OK", "E54 a merchant takes their time");
	shop_clock(clock_us += 14 * MINUTE_US);
	is_str(start(of, mine, &state, &same), "OK", "E54 the link is still good");
	shop_clock(clock_us += 2 * MINUTE_US);
	ok(strstr(start(of, mine, &again, &same), "is too old") != NULL, "SEC-04 after a quarter of an hour it is not, and that is said");
	ok(strstr(take(state, mine), "is too old") != NULL, "SEC-04 nor is the way back");
}

/* --- whose it is -------------------------------------------------------------------------------------------------- */

static struct attempt_seen
log_in(struct till_reply reply)
{
	return till_attempt(&shop, MESSAGE_pos_login, integration_id, reply);
}

static const char *
told(void)
{
	return shop_text("SELECT COALESCE(GROUP_CONCAT(CONCAT(type, ':', n) ORDER BY type SEPARATOR ' '), '') FROM (SELECT type, COUNT(*) AS n"
	    " FROM notification_queue WHERE type IN ('pos_access', 'pos_renewal') GROUP BY type) t");
}

static const char *
merchant(void)
{
	return shop_text("SELECT COALESCE(pos_merchant_id, '-') FROM restaurant_pos_integrations");
}

static const char *
state(void)
{
	static char text[40];
	struct login_health h;
	struct op op;

	shop_op(&op, PROGRAM_integrations, &shop);
	ok(login_health(&op, integration_id, &h) == OK, "its health is to be had");
	(void)snprintf(text, sizeof text, "%s", h.is_used ? h.state : "-");
	op_end(&op);
	return text;
}

/* The merchant has been there and brought a code. */
static void
bring(void)
{
	const char *back, *mine;

	world_sql("DELETE FROM notification_queue");
	shop_clock(clock_us += MINUTE_US);
	is_str(start(ticket(), NULL, &back, &mine), "OK", "E54 the merchant goes");
	is_str(take(back, mine), "OK", "E54 and comes back");
	shop_clock(clock_us += 1000000);
}

#define TOKENS(n) TILL_REPLY(200, "{\"access_token\":\"CANARY-ACCESS-" n "\",\"refresh_token\":\"CANARY-REFRESH-" n "\"," \
	"\"expires_at\":\"2036-03-15T00:00:00Z\",\"merchant_id\":\"ML" n "\"}")
#define LOCATION(id, merchant) TILL_REPLY(200, "{\"location\":{\"id\":\"" id "\",\"merchant_id\":\"" merchant "\"}}")
#define SCOPES TILL_REPLY(200, "{\"scopes\":[\"ORDERS_READ\",\"ORDERS_WRITE\",\"ITEMS_READ\",\"PAYMENTS_READ\",\"PAYMENTS_WRITE\",\"MERCHANT_PROFILE_READ\"]}")
#define NONE TILL_REPLY(404, "{\"errors\":[{\"code\":\"NOT_FOUND\"}]}")

static void
test_whose(void)
{
	struct attempt_seen a;

	bring();
	a = log_in(TOKENS("1"));
	ok(strstr(a.body, "CANARY-CODE") != NULL, "E54 the code is exchanged");
	is_str(secrets(), "client_secret unconfirmed_access_token unconfirmed_refresh_token", "E54 what it brings is held, sealed");
	is_str(state(), "waiting", "E54 and is no access yet");
	a = log_in(SCOPES);
	ok(strstr(a.url, "/oauth2/token/status") != NULL && strstr(a.headers, "Bearer CANARY-ACCESS-1") != NULL, "POS-34 it is asked what it is good for");
	is_str(state(), "waiting", "E54 which is no access yet either");
	a = log_in(LOCATION("L1", "ML1"));
	ok(strstr(a.url, "/v2/locations/L1") != NULL && strstr(a.headers, "Bearer CANARY-ACCESS-1") != NULL, "E54 it is asked whose it is");
	is_str(secrets(), "access_token client_secret refresh_token", "E54 ours: it is kept");
	is_str(state(), "valid", "E54 and there is access");
	is_str(merchant(), "ML1", "E54 whose restaurant it is there is known now");
	is_str(told(), "", "E54 nobody had to be told");

	bring();
	log_in(TOKENS("2"));
	is_str(secrets(), "access_token client_secret refresh_token unconfirmed_access_token unconfirmed_refresh_token", "E54 somebody else brings theirs");
	is_str(state(), "valid", "E54 what there was is in use");
	a = log_in(SCOPES);
	ok(strstr(a.url, "/oauth2/token/status") != NULL, "E54 from the first question on");
	a = log_in(TILL_REPLY(503, ""));
	ok(strstr(a.headers, "CANARY-ACCESS-2") != NULL, "E54 Square does not answer");
	is_str(secrets(), "access_token client_secret refresh_token unconfirmed_access_token unconfirmed_refresh_token", "E54 it is asked again");
	a = log_in(NONE);
	is_int(a.outcome, OUTCOME_REFUSED, "SEC-04 it is another merchant's");
	is_str(secrets(), "access_token client_secret refresh_token", "SEC-04 nothing of it is kept");
	is_str(merchant(), "ML1", "SEC-04 nor whose it was");
	is_str(shop_text("SELECT COUNT(*) FROM notification_queue WHERE message LIKE '%%has no location L1%%'"), "1", "E54 staff are told why");
	a = log_in(TOKENS("1"));
	ok(strstr(a.body, "CANARY-REFRESH-1") != NULL, "E54 and what there was is renewed");
	is_str(state(), "valid", "E54 as it was");
}

/* Without anything before, and with a token that people gave us. */
static void
test_whose_alone(void)
{
	struct attempt_seen a;
	bool ready = false;
	struct connection c;
	struct op op;

	world_sql("DELETE FROM integration_secrets WHERE name IN ('access_token', 'refresh_token')");
	world_sql("DELETE FROM pos_sessions");
	bring();
	log_in(TOKENS("2"));
	log_in(SCOPES);
	log_in(NONE);
	is_str(secrets(), "client_secret", "SEC-04 nothing is kept");
	is_str(state(), "refused", "E54 there is no access");
	is_str(told(), "pos_access:1", "E54 staff are told");
	is_str(shop_text("SELECT COUNT(*) FROM outbox WHERE kind = 'pos_login'"), "0", "E54 nobody tries what is not there");
	bring();
	log_in(TOKENS("1"));
	log_in(SCOPES);
	log_in(LOCATION("L1", "ML1"));
	is_str(state(), "valid", "E54 the right one may still come");

	world_sql("DELETE FROM integration_secrets WHERE name = 'refresh_token'");
	world_sql("DELETE FROM pos_sessions");
	bring();
	shop_op(&op, PROGRAM_relay, &shop);
	ok(connection_of(&op, shop.restaurant.id, &c) == OK && login_ready(&op, &c, &ready) == OK && ready, "E54 a token that lasts is used meanwhile");
	op_end(&op);
	log_in(TOKENS("2"));
	log_in(SCOPES);
	a = log_in(TILL_REPLY(200, "{\"location\":{\"id\":\"L9\"}}"));
	is_int(a.outcome, OUTCOME_REFUSED, "SEC-04 another's");
	is_str(secrets(), "access_token client_secret", "SEC-04 is not kept");
	is_str(state(), "-", "E54 and what lasts needs no login");
	is_str(told(), "pos_renewal:1", "E54 staff are told all the same");
}

static void
test_cookie(void)
{
	static const struct {
		const char *header, *value, *name;
	} rows[] = {
		{ NULL, NULL, "no header" },
		{ "", NULL, "an empty one" },
		{ "a=1", "1", "the only one" },
		{ "b=2; a=1", "1", "the last one" },
		{ "a=1; b=2", "1", "the first one" },
		{ " ;; a=1;", "1", "among blanks" },
		{ "b=a=1", NULL, "within another's value" },
		{ "ba=1; aa=2", NULL, "another name that ends so" },
		{ "a", NULL, "without a value" },
		{ "a=", "", "with an empty one" },
		{ "a=1; a=1", "1", "twice the same" },
		{ "a=1; a=2", NULL, "two: nobody knows which" },
		{ "b=2, a=1", "1", "two headers that were joined" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *found = cookie_find(memory, rows[i].header, "a");

		is_str(found != NULL ? found : "(none)", rows[i].value != NULL ? rows[i].value : "(none)", "a cookie: %s", rows[i].name);
	}
}

int
main(void)
{
	memory = arena_new((size_t)1 << 20);
	shop_make(&shop, "tk");
	connect();
	test_cookie();
	test_browser();
	test_late();
	test_whose();
	test_whose_alone();
	arena_free(&memory);
	return tap_done();
}
