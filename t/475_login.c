/* login: access to a POS that has to be got and renewed, who waits for it, and who is told when there is none. */
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "mem/arena.h"
#include "op/op.h"
#include "provider/call.h"
#include "provider/connect.h"
#include "provider/login.h"
#include "tap.h"
#include "till.h"

static struct shop shop;
static int64_t integration_id;

#define GUID(n) "000000" n "-0000-4000-8000-0000000000" n
#define TOAST_CONFIG "\"naming_authority\":\"TICKETRAIL\",\"use_price_call\":false,\"restaurant_guid\":\"" GUID("0a") "\"," \
	"\"dining_options\":{\"pickup\":\"" GUID("d1") "\",\"delivery\":\"" GUID("d2") "\"}"
#define TOAST_CREDENTIALS "\"client_id\":\"CANARY-ID\",\"client_secret\":\"CANARY-SECRET\""

/* --- connecting ------------------------------------------------------------------------------------------------- */

struct connecting {
	const char *provider, *config;
	struct connection saved;
};

static enum err
connect_body(struct op *op, void *arg)
{
	struct connecting *c = arg;

	return connection_save(op, &shop.restaurant, &(struct connection_wish){ .provider_name = c->provider,
	    .endpoint = "https://pos.example", .config = { .data = c->config, .len = strlen(c->config) } }, &c->saved);
}

static void
connect_to(const char *provider, const char *config)
{
	struct connecting c = { .provider = provider, .config = config };
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_integrations, &shop);
	e = db_tx(&op, connect_body, &c);
	if (e != OK)
		diag("%s: %s %s", provider, err_info(e)->name, op.fault.details != NULL ? op.fault.details : "");
	ok(e == OK, "the restaurant is connected to %s", provider);
	integration_id = c.saved.integration.id;
	op_end(&op);
}

static struct login_health
health(void)
{
	struct login_health h = { 0 };
	static char state[40], last_error[500];
	struct op op;

	shop_op(&op, PROGRAM_integrations, &shop);
	ok(login_health(&op, integration_id, &h) == OK, "its health is to be had");
	(void)snprintf(state, sizeof state, "%s", h.state != NULL ? h.state : "");
	(void)snprintf(last_error, sizeof last_error, "%s", h.last_error != NULL ? h.last_error : "");
	h.state = state;
	h.last_error = last_error;
	op_end(&op);
	return h;
}

/* --- looking ---------------------------------------------------------------------------------------------------- */

static const char *
logins(void)
{
	return shop_text("SELECT CONCAT_WS(' ', COUNT(*), MAX(lane), MAX(destination)) FROM outbox WHERE kind = 'pos_login'");
}

/* In how many seconds, by the shop's clock. */
static int64_t
login_due_in(int64_t clock_shift_us)
{
	return world_int("SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6) + INTERVAL %lld MICROSECOND, due_at) / 1000000)"
	    " FROM outbox WHERE kind = 'pos_login'", (long long)clock_shift_us);
}

static const char *
waiting(int64_t order_id)
{
	return shop_text("SELECT CONCAT_WS(' ', attempts, begun_at IS NULL, last_error) FROM outbox WHERE kind = 'pos_submit'"
	    " AND subject_id = %lld", (long long)order_id);
}

static const char *
told(void)
{
	return shop_text("SELECT COALESCE(GROUP_CONCAT(CONCAT(type, ':', n) ORDER BY type SEPARATOR ' '), '') FROM (SELECT type, COUNT(*) AS n"
	    " FROM notification_queue WHERE type IN ('pos_access', 'pos_renewal') GROUP BY type) t");
}

static void
told_nothing(void)
{
	world_sql("DELETE FROM notification_queue WHERE type IN ('pos_access', 'pos_renewal')");
}

/* An order of something that the POS knows. */
static int64_t
order_placed(void)
{
	int64_t id = shop_order(&shop);

	world_sql("UPDATE order_items SET external_id = '" GUID("e1") "/" GUID("e2") "' WHERE order_id = %lld", (long long)id);
	return id;
}

static struct till_reply
toast_token(const char *token, int64_t life_s)
{
	static char body[8][400];
	static size_t n;
	char *to = body[n++ % 8];

	(void)snprintf(to, sizeof body[0], "{\"token\":{\"tokenType\":\"Bearer\",\"scope\":null,\"expiresIn\":%lld,\"accessToken\":\"%s\","
	    "\"idToken\":null,\"refreshToken\":null},\"status\":\"SUCCESS\"}", (long long)life_s, token);
	return TILL_REPLY(200, to);
}

static struct till_reply
toast_yes(int64_t order_id)
{
	return TILL_REPLY(200, shop_text("SELECT CONCAT('{\"guid\":\"" GUID("0b") "\",\"entityType\":\"Order\",\"externalId\":\"TICKETRAIL:tk.',"
	    " order_number, '\",\"checks\":[{\"guid\":\"" GUID("0c") "\",\"totalAmount\":180.0}]}') FROM orders WHERE id = %lld",
	    (long long)order_id));
}

static struct attempt_seen
attempt(enum message_kind kind, int64_t subject_id, struct till_reply reply)
{
	return till_attempt_alone(&shop, kind, subject_id, reply);
}

static struct attempt_seen
submit(int64_t order_id, struct till_reply reply)
{
	return attempt(MESSAGE_pos_submit, order_id, reply);
}

static struct attempt_seen
log_in(struct till_reply reply)
{
	return attempt(MESSAGE_pos_login, integration_id, reply);
}

static int64_t clock_us;

/* Time passes, and nothing else. */
static void
pass(int64_t seconds)
{
	shop_clock(clock_us += seconds * 1000000);
}

/* --- the stories ------------------------------------------------------------------------------------------------ */

static void
test_first(void)
{
	struct attempt_seen a;
	int64_t id, between;

	connect_to("toast", "{" TOAST_CONFIG "," TOAST_CREDENTIALS "}");
	is_str(logins(), shop_text("SELECT '1 -%lld toast:%lld'", (long long)integration_id, (long long)integration_id),
	    "POS-19 saving credentials makes a login due, in a lane of its own");
	is_str(health().state, "waiting", "E54 nobody has logged in yet");
	id = order_placed();
	a = submit(id, toast_yes(id));
	ok(a.is_claimed && !a.is_sent, "POS-19 an order does not go without a token");
	is_str(shop_axes(id), "received/queued/pending", "POS-19 it stays queued");
	is_str(waiting(id), "0 1 " LOGIN_WAITS, "POS-19 that was no attempt");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'pos_login'"), 1, "E54 single flight: one login is enough");
	between = order_placed();
	world_sql("UPDATE orders SET pos_state = 'submitting', pos_reference = order_number, pos_order_id = 'T-1' WHERE id = %lld",
	    (long long)between);
	a = submit(between, toast_yes(between));
	ok(a.is_claimed && !a.is_sent, "POS-19 nor does the next step of one that stands between two");
	is_str(shop_axes(between), "received/submitting/pending", "rule 6 it has a name there: nobody may cancel it as if it were not");
	a = log_in(toast_token("CANARY-TOKEN-1", 4000));
	ok(a.is_sent, "POS-19 the login goes out");
	ok(strstr(a.body, "CANARY-ID") != NULL && strstr(a.body, "CANARY-SECRET") != NULL, "POS-19 with the credentials");
	is_int(a.outcome, OUTCOME_DONE, "POS-19 and is answered");
	is_str(shop_text("SELECT COUNT(*) FROM integration_secrets WHERE name = 'access_token' AND LENGTH(sealed) > 40 AND sealed NOT LIKE '%%CANARY%%'"),
	    "1", "DB-37 SEC-07 the token is kept, sealed");
	is_int(login_due_in(0), 3950, "E54 Toast's is renewed in its last minute: before, it would be the same one");
	is_str(health().state, "valid", "E54 there is access");
	is_int(health().days_left, 0, "E54 for less than a day");
	a = submit(id, toast_yes(id));
	ok(a.is_sent, "POS-19 now the order goes");
	ok(strstr(a.headers, "Bearer CANARY-TOKEN-1") != NULL, "POS-19 with the token");
	is_str(shop_axes(id), "received/accepted/pending", "POS-19 and is there");
	is_str(told(), "", "E54 nobody had to be told of anything");
	a = log_in(toast_token("CANARY-TOKEN-2", 4000));
	ok(a.is_claimed && !a.is_sent, "E54 a login that comes too early is not made");
	is_int(login_due_in(0), 3950, "E54 but put off to its time");
}

static void
test_renewal(void)
{
	struct attempt_seen a;

	pass(3960);
	a = log_in(toast_token("CANARY-TOKEN-1", 40));
	ok(a.is_sent, "E54 in the last minute a new token is asked for");
	is_int(login_due_in(clock_us), 10, "E54 should the answer be the old one it is asked for again, soon");
	pass(10);
	a = log_in(toast_token("CANARY-TOKEN-2", 86400));
	ok(a.is_sent, "E54 it is");
	is_int(login_due_in(clock_us), 86350, "E54 and the next one is far away");
}

static void
test_failing(void)
{
	struct attempt_seen a;
	int64_t id, due;

	pass(86360);
	told_nothing();
	a = log_in(TILL_FAILURE(CALL_NOT_CONNECTED));
	is_int(a.outcome, OUTCOME_LATER, "E54 Toast is not there when the token is to be renewed");
	is_str(told(), "pos_renewal:1", "E54 the first failure alerts");
	is_str(health().state, "failing", "E54 health says so");
	ok(health().is_degraded, "E54 and calls it degraded");
	due = login_due_in(clock_us);
	ok(due >= 4 && due <= 6, "E54 it is tried again soon: %lld s", (long long)due);
	pass(60);
	log_in(TILL_FAILURE(CALL_TIMED_OUT));
	is_str(told(), "pos_access:1 pos_renewal:1", "E54 when it is over, that is told too");
	is_str(health().state, "expired", "E54 there is no access");
	id = order_placed();
	a = submit(id, toast_yes(id));
	ok(!a.is_sent, "E54 orders wait");
	due = world_int("SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6) + INTERVAL %lld MICROSECOND, due_at) / 1000000) FROM outbox"
	    " WHERE kind = 'pos_submit' AND subject_id = %lld", (long long)clock_us, (long long)id);
	ok(due >= 4 && due <= 10, "E54 and look again after some seconds, not each: %lld s", (long long)due);
	due = login_due_in(clock_us);
	ok(due >= 8 && due <= 12, "E54 and do not hurry what is failing: %lld s", (long long)due);
	for (int i = 0; i < 4; i++)
		log_in(TILL_REPLY(503, ""));
	is_str(told(), "pos_access:1 pos_renewal:1", "E54 once");
	a = log_in(TILL_REPLY(302, ""));
	is_int(a.outcome, OUTCOME_REFUSED, "E54 a redirect is no access");
	is_str(health().state, "expired", "E54 but nobody has refused our credentials");
	is_str(logins(), "1 -1 toast:1", "E54 so it is tried again");
	log_in(toast_token("CANARY-TOKEN-3", 86400));
	is_str(health().state, "valid", "E54 it works again");
	is_str(health().last_error, "", "E54 and what was is forgotten");
	a = submit(id, toast_yes(id));
	ok(a.is_sent && strstr(a.headers, "CANARY-TOKEN-3") != NULL, "E54 the order goes");
	pass(86399);
	log_in(TILL_REPLY(503, ""));
	is_str(told(), "pos_access:2 pos_renewal:1", "E54 the next outage is told again");
	log_in(toast_token("CANARY-TOKEN-4", 86400));
}

static void
test_refused(void)
{
	struct attempt_seen a;
	int64_t id;

	told_nothing();
	pass(86360);
	a = log_in(TILL_REPLY(401, "{\"status\":401,\"code\":10010,\"message\":\"Invalid credentials\"}"));
	is_int(a.outcome, OUTCOME_REFUSED, "E54 our credentials are refused");
	is_str(told(), "pos_access:1", "E54 people are told");
	is_str(logins(), "0", "E54 nobody tries that again");
	is_str(health().state, "refused", "E54 health says that somebody must act");
	pass(100);
	id = order_placed();
	a = submit(id, toast_yes(id));
	ok(!a.is_sent, "E54 the order waits");
	is_str(logins(), "0", "E54 and asks for nothing that is known to be of no use");
	is_str(told(), "pos_access:1", "E54 it was told before");
	connect_to("toast", "{" TOAST_CONFIG "," TOAST_CREDENTIALS "}");
	is_int(login_due_in(clock_us), 0, "E54 new credentials: a login is due");
	log_in(toast_token("CANARY-TOKEN-5", 86400));
	is_str(health().state, "valid", "E54 and there is access again");
	a = submit(id, toast_yes(id));
	ok(a.is_sent, "E54 the order goes");
}

/* The token is refused before its time. */
static void
test_revoked(void)
{
	static const char no[] = "{\"status\":401,\"message\":\"Unauthorized\"}";
	int64_t id = order_placed(), unsure = order_placed();
	struct attempt_seen a;

	pass(100);
	submit(unsure, TILL_FAILURE(CALL_TIMED_OUT));
	is_str(shop_axes(unsure), "received/unsure/pending", "an order is in doubt");
	a = submit(id, TILL_REPLY(401, no));
	is_int(a.outcome, OUTCOME_LATER, "POS-19 the token is refused: it may go again with another");
	is_str(shop_axes(id), "received/queued/pending", "POS-19 it surely is not there");
	is_int(login_due_in(clock_us), 0, "POS-19 a login is due");
	is_str(health().state, "expired", "POS-19 what we have is of no use");
	a = submit(id, toast_yes(id));
	ok(!a.is_sent, "POS-19 meanwhile it waits");
	a = submit(unsure, TILL_REPLY(401, no));
	ok(!a.is_sent, "POS-19 and so does what is in doubt");
	is_str(shop_axes(unsure), "received/unsure/pending", "rule 5 which stays so");
	log_in(toast_token("CANARY-TOKEN-6", 86400));
	pass(1);
	(void)submit(unsure, TILL_REPLY(401, no));
	is_str(shop_axes(unsure), "received/unsure/pending", "rule 5 a token that is refused says nothing of what was sent before");
	is_str(health().state, "valid", "POS-19 and a fresh one is not renewed for it");
	a = submit(id, toast_yes(id));
	ok(a.is_sent && strstr(a.headers, "CANARY-TOKEN-6") != NULL, "POS-19 the other goes with the new token");
	is_str(shop_axes(id), "received/accepted/pending", "POS-19 and is there");
	is_str(told(), "pos_access:1", "E54 nobody is told of a token that could be renewed");
}

/* Calls that were under way with the token before are sent again, without another login. */
static void
test_overlap(void)
{
	int64_t id = order_placed();
	struct till_reply r = TILL_REPLY(401, "{\"status\":401,\"message\":\"Unauthorized\"}");
	struct attempt_seen a;

	pass(100);
	r.meanwhile = shop_text("SELECT 'UPDATE pos_sessions SET refreshed_at = UTC_TIMESTAMP(6) + INTERVAL %lld MICROSECOND'",
	    (long long)clock_us + 1000000);
	a = submit(id, r);
	is_int(a.outcome, OUTCOME_LATER, "POS-19 refused, but by now there is another token");
	is_str(health().state, "valid", "POS-19 which is not doubted");
	ok(login_due_in(clock_us) > 100, "E54 no second login");
}

/* The relay dies with the login in its hands. */
static void
test_lost(void)
{
	struct attempt_seen a;

	pass(90000);
	a = log_in(TILL_LOST);
	ok(a.is_sent, "a relay dies between the answer and its commit");
	a = log_in(toast_token("CANARY-TOKEN-7", 86400));
	ok(a.is_sent, "E54 the next one logs in again");
	is_str(health().state, "valid", "E54 and there is access");
	is_str(logins(), shop_text("SELECT '1 -%lld toast:%lld'", (long long)integration_id, (long long)integration_id), "E54 one login there is");
}

/* Somebody saves other credentials while a login is under way. */
static void
test_saved_meanwhile(void)
{
	struct till_reply no = TILL_REPLY(401, "{\"status\":401,\"message\":\"Unauthorized\"}");
	struct attempt_seen a;

	told_nothing();
	pass(90000);
	no.meanwhile = shop_text("SELECT 'UPDATE pos_sessions SET saved_at = UTC_TIMESTAMP(6) + INTERVAL %lld MICROSECOND'",
	    (long long)clock_us + 1000000);
	a = log_in(no);
	is_int(a.outcome, OUTCOME_REFUSED, "E54 a no to credentials that are not ours any more");
	is_str(told(), "", "E54 is nobody's business");
	ok(login_due_in(clock_us) <= 1, "E54 the new ones are tried at once");
	pass(2);
	log_in(toast_token("CANARY-TOKEN-8", 86400));
	is_str(health().state, "valid", "E54 and are good");
}

/* --- tokens that renew themselves ------------------------------------------------------------------------------- */

static struct till_reply
clover_pair(int n, int64_t life_s)
{
	return TILL_REPLY(200, shop_text("SELECT CONCAT('{\"access_token\":\"CANARY-A%d\",\"refresh_token\":\"CANARY-R%d\",',"
	    "'\"access_token_expiration\":', FLOOR(UNIX_TIMESTAMP(UTC_TIMESTAMP(6) + INTERVAL %lld MICROSECOND)) + %lld, '}')", n, n,
	    (long long)clock_us, (long long)life_s));
}

/* Each token is asked for with the one that came before, while that one is good for a while yet. */
static void
test_pairs(void)
{
	static const struct {
		int64_t life_s, due_s;
		const char *name;
	} lives[] = {
		{ 3600, 2700, "after three quarters of its life" },
		{ 200, 140, "a minute before its end where a quarter is less than that" },
		{ 80, 40, "but not before half of it is over" },
		{ 30 * 86400, 7 * 86400, "every week, however long it lives" },
	};
	struct till_reply no = TILL_REPLY(401, "{\"message\":\"401 Unauthorized\"}");
	struct attempt_seen a;
	int64_t id, due;

	world_sql("DELETE FROM outbox WHERE kind IN ('pos_submit', 'pos_login')");
	connect_to("clover", "{\"merchant_id\":\"DEMO4BISTRO01\",\"client_id\":\"APP\",\"refresh_token\":\"CANARY-R0\",\"order_types\":{\"pickup\":\"OTYPICKUP0001\"}}");
	pass(1);
	for (int i = 0; i < (int)(sizeof lives / sizeof lives[0]); i++) {
		a = log_in(clover_pair(i + 1, lives[i].life_s));
		ok(a.is_sent && strstr(a.body, shop_text("SELECT 'CANARY-R%d'", i)) != NULL, "E54 the refresh token that came last is used: %s", a.body);
		due = login_due_in(clock_us);
		ok(due >= lives[i].due_s - 1 && due <= lives[i].due_s, "E54 renewed %s: in %lld s", lives[i].name, (long long)due);
		is_int(world_int("SELECT COUNT(*) FROM integration_secrets WHERE integration_id = %lld AND name = 'refresh_token' AND"
		    " sealed NOT LIKE '%%CANARY%%'", (long long)integration_id), 1, "DB-37 what it is renewed with next is kept, sealed");
		pass(lives[i].due_s + 1);
	}
	is_int(health().days_left, 22, "E54 health says how long the last one is good for");
	no.meanwhile = shop_text("SELECT 'UPDATE pos_sessions SET refreshed_at = UTC_TIMESTAMP(6) + INTERVAL %lld MICROSECOND'",
	    (long long)clock_us + 1000000);
	id = order_placed();
	a = submit(id, no);
	ok(a.is_sent && a.outcome == OUTCOME_LATER, "POS-19 a no to the token that was just replaced: %s", outcome_name(a.outcome));
	is_str(shop_axes(id), "received/queued/pending", "POS-19 is none to the order, which goes again with the new one");
	pass(8 * 86400);
	a = log_in((struct till_reply){ .status = 429, .body = "", .retry_after = "90" });
	ok(a.is_sent && login_due_in(clock_us) == 90, "E46 E54 whoever is asked for peace keeps it");
	pass(30 * 86400);
	world_sql("UPDATE pos_sessions SET failures = 0");
	is_str(health().state, "expired", "E54 a token that is over, though nobody tried to renew it");
	ok(health().is_degraded, "E54 is not well either");
}

static enum err
aside_body(struct op *op, void *arg)
{
	return provider_quarantine(op, arg, "three relays died of it");
}

/* Whoever logs in dies of it, three times. */
static void
test_deadly(void)
{
	struct message *m = NULL;
	struct op op;
	size_t n = 0;

	told_nothing();
	world_sql("UPDATE pos_sessions SET failures = 0, told = 0, failing_since = NULL");
	world_sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND, lost_claims = 2 WHERE kind = 'pos_login'");
	shop_op(&op, PROGRAM_relay, NULL);
	is_int(outbox_claim(&op, RUNNER_RELAY, shop_text("SELECT destination FROM outbox WHERE kind = 'pos_login'"), 1, false,
		   INT64_C(60000000), &m, &n), OK, "a login is claimed");
	ok(n == 1 && db_tx(&op, aside_body, m) == OK, "F48 and set aside");
	op_end(&op);
	is_str(logins(), "0", "F48 nobody takes it again");
	is_str(told(), "pos_access:1", "E54 F48 people hear that there is no access");
	is_str(health().state, "refused", "E54 F48 health says that somebody must act");
	is_str(health().last_error, "three relays died of it", "E54 F48 and why");
}

int
main(void)
{
	shop_make(&shop, "tk");
	test_first();
	test_renewal();
	test_failing();
	test_refused();
	test_revoked();
	test_overlap();
	test_lost();
	test_saved_meanwhile();
	test_pairs();
	test_deadly();
	return tap_done();
}
