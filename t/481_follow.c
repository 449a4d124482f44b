/* follow: what is done with an order that is there, however it became known that it is (POS-10, POS-21). */
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "order/settle.h"
#include "order/trouble.h"
#include "provider/connect.h"
#include "tap.h"
#include "till.h"

#define AT_CLOVER "{\"merchant_id\":\"MERCH00000001\",\"use_atomic\":true"
#define FIXED AT_CLOVER ",\"access_token\":\"CANARY-TOKEN\"}"
#define PAYING AT_CLOVER ",\"mark_paid_tender_id\":\"TENDER0000001\",\"client_id\":\"APP\",\"refresh_token\":\"CANARY-RENEW\"}"
#define OPENED "{\"id\":\"ORDER00000001\",\"state\":\"open\"}"
#define PRINTED "{\"id\":\"ORDER00000001\",\"state\":\"open\",\"lineItems\":{\"elements\":[{\"printed\":true}]}}"
#define NOT_PRINTED "{\"id\":\"ORDER00000001\",\"state\":\"open\",\"lineItems\":{\"elements\":[{\"printed\":false}]}}"
#define EVENT "{\"id\":\"EVENT00000001\",\"state\":\"CREATED\"}"
#define TOKENS "{\"access_token\":\"CANARY-FRESH\",\"access_token_expiration\":4102444800,\"refresh_token\":\"CANARY-NEXT\"}"

static struct shop shop;
static int64_t integration_id;

static enum err
connect_body(struct op *op, void *arg)
{
	const char *config = arg;
	struct connection c;
	enum err e = connection_save(op, &shop.restaurant, &(struct connection_wish){ .provider_name = "clover",
	    .endpoint = "https://pos.example", .config = { config, strlen(config) } }, &c);

	integration_id = c.integration.id;
	return e;
}

static void
connect(const char *config)
{
	struct op op;

	shop_op(&op, PROGRAM_integrations, &shop);
	ok(db_tx(&op, connect_body, (void *)(uintptr_t)config) == OK, "the restaurant is at Clover");
	op_end(&op);
}

static struct attempt_seen
attempt(enum message_kind kind, int64_t subject_id, struct till_reply reply)
{
	return till_attempt_alone(&shop, kind, subject_id, reply);
}

static int64_t
order_new(void)
{
	static int n;
	int64_t id = shop_order(&shop);

	/* Ids of Clover's are of one order each. */
	world_sql("UPDATE orders SET pos_order_id = CONCAT('WAS', LPAD(%d, 10, '0')) WHERE pos_order_id = 'ORDER00000001'", ++n);
	world_sql("UPDATE order_items SET external_id = 'ITEM000000001' WHERE order_id = %lld", (long long)id);
	return id;
}

static int64_t
order_taken(void)
{
	int64_t id = order_new();

	attempt(MESSAGE_pos_submit, id, TILL_REPLY(200, OPENED));
	return id;
}

static bool
waits(int64_t id, const char *kind)
{
	return strstr(shop_messages(id), kind) != NULL;
}

#define PRINTS(a) ((a).is_sent && strstr((a).url, "/print_event") != NULL)
#define LOOKS(a) ((a).is_sent && strstr((a).url, "/orders/ORDER00000001?expand=lineItems,payments") != NULL)
#define PAYS(a) ((a).is_sent && strstr((a).url, "/orders/ORDER00000001/payments") != NULL)

static void
test_answered(void)
{
	int64_t id = order_taken();
	struct attempt_seen a;

	is_str(shop_axes(id), "confirmed/accepted/pending", "POS-10 it is accepted when it is there, printed or not");
	ok(waits(id, "pos_follow:1"), "POS-10 and is to be printed: %s", shop_messages(id));
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, EVENT));
	ok(PRINTS(a) && !waits(id, "pos_follow"), "POS-10 which is one call: %s", a.url);
	is_str(shop_notices(id), "", "nobody is told");
	shop_check(&shop, id, "an order that is printed");
}

/* Its opening was in doubt, and a look shows it. */
static void
test_doubt(void)
{
	int64_t id = order_new();
	struct attempt_seen a;

	attempt(MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	is_str(shop_axes(id), "received/unsure/pending", "POS-21 in doubt");
	ok(!waits(id, "pos_follow"), "nothing is done with what may not be there");
	world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = %lld", (long long)id);
	attempt(MESSAGE_pos_look, id, TILL_REPLY(200, shop_text("SELECT CONCAT('{\"elements\":[{\"id\":\"ORDER00000001\",\"state\":\"open\",\"title\":\"',"
	    " pos_reference, '\"}]}') FROM orders WHERE id = %lld", (long long)id)));
	is_str(shop_axes(id), "confirmed/accepted/pending", "POS-21 a look shows it");
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, EVENT));
	ok(PRINTS(a) && strstr(a.body, "ORDER00000001") != NULL, "POS-10 and then it is printed too: %s %s", a.url, a.body);
	shop_check(&shop, id, "an order in doubt that is printed");
}

/* Whoever was to print it is killed. */
static void
test_killed(void)
{
	int64_t id = order_taken();
	struct attempt_seen a = attempt(MESSAGE_pos_follow, id, TILL_LOST);

	ok(PRINTS(a), "POS-10 a relay vanishes while it prints");
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, NOT_PRINTED));
	ok(LOOKS(a), "POS-10 the next one looks first: %s", a.url);
	a = attempt(MESSAGE_pos_follow, id, TILL_FAILURE(CALL_TIMED_OUT));
	ok(PRINTS(a), "POS-10 and prints what is not printed");
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, PRINTED));
	ok(LOOKS(a) && !waits(id, "pos_follow"), "POS-10 what was printed after all is not printed again");
	is_str(shop_notices(id), "", "nobody is told");
}

static void
test_refused(void)
{
	int64_t id = order_taken();

	attempt(MESSAGE_pos_follow, id, TILL_REPLY(400, "{\"message\":\"no printer\"}"));
	is_str(shop_axes(id), "confirmed/accepted/pending", "POS-10 what can not be printed is there all the same");
	is_str(shop_notices(id), "pos_unfinished", "POS-10 and staff are told");
	ok(!waits(id, "pos_follow"), "it is not tried again");

	id = order_taken();
	for (int i = 0; i < 7; i++)
		attempt(MESSAGE_pos_follow, id, TILL_REPLY(429, ""));
	ok(waits(id, "pos_follow"), "POS-23 what is asked for peace waits");
	world_sql("UPDATE outbox SET created_at = created_at - INTERVAL 121 SECOND WHERE subject_id = %lld", (long long)id);
	for (int i = 0; i < 6; i++)
		attempt(MESSAGE_pos_follow, id, TILL_REPLY(429, ""));
	is_str(shop_notices(id), "pos_unfinished", "POS-10 nor is it tried for ever");
	ok(!waits(id, "pos_follow"), "it is over: %s", shop_messages(id));
}

static void
cancel(int64_t id, const char *wanted)
{
	world_sql("UPDATE orders SET cancel_wanted = '%s' WHERE id = %lld", wanted, (long long)id);
}

static void
test_unwanted(void)
{
	int64_t id = order_taken();
	struct attempt_seen a;

	cancel(id, "guest");
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, EVENT));
	ok(!a.is_sent && !waits(id, "pos_follow"), "rule 7 what is to be cancelled is not printed");

	id = order_taken();
	attempt(MESSAGE_pos_follow, id, (struct till_reply){ .failure = CALL_TIMED_OUT,
	    .meanwhile = shop_text("SELECT 'UPDATE orders SET cancel_wanted = ''guest'' WHERE id = %lld'", (long long)id) });
	ok(!waits(id, "pos_follow"), "rule 7 nor looked after, whose void waits");

	id = order_taken();
	world_sql("UPDATE orders SET by_hand = 1 WHERE id = %lld", (long long)id);
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, EVENT));
	ok(!a.is_sent, "what staff have by hand they see to");
}

/* What a submission that is given up leaves there is taken off, and the order does not wait for that. */
static void
test_drafts(void)
{
	int64_t id;
	struct attempt_seen a;

	connect("{\"merchant_id\":\"MERCH00000001\",\"use_atomic\":false,\"access_token\":\"CANARY-TOKEN\"}");
	id = order_new();
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(200, "{\"id\":\"DRAFT00000001\"}"));
	is_str(shop_axes(id), "received/submitting/pending", "POS-10 a draft is begun");
	cancel(id, "guest");
	a = attempt(MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	ok(a.is_sent && strstr(a.url, "/bulk_line_items") != NULL, "its lines are put off: %s", a.url);
	is_str(shop_axes(id), "cancelled/failed/pending", "rule 6 and the guest does not want it: it ends at once");
	a = attempt(MESSAGE_pos_tidy, id, TILL_REPLY(200, "{\"id\":\"DRAFT00000001\"}"));
	ok(a.is_sent && strstr(a.url, "/orders/DRAFT00000001?") != NULL, "POS-10 then the draft is looked at: %s", a.url);
	a = attempt(MESSAGE_pos_tidy, id, TILL_FAILURE(CALL_TIMED_OUT));
	ok(a.is_sent && waits(id, "pos_tidy"), "and deleted, until that is sure");
	a = attempt(MESSAGE_pos_tidy, id, TILL_REPLY(404, ""));
	ok(a.is_sent && !waits(id, "pos_tidy"), "which it is when it is gone");
	is_str(shop_axes(id), "cancelled/failed/pending", "the order is as it was");

	id = order_new();
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(200, "{\"id\":\"DRAFT00000002\"}"));
	cancel(id, "guest");
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(429, ""));
	world_sql("UPDATE orders SET pos_state = 'accepted' WHERE id = %lld", (long long)id);
	a = attempt(MESSAGE_pos_tidy, id, TILL_REPLY(200, "{}"));
	ok(!a.is_sent && !waits(id, "pos_tidy"), "rule 11 what has come to be there after all is no draft");
	world_sql("UPDATE orders SET pos_state = 'failed' WHERE id = %lld", (long long)id);
}

/* A token that is refused is an access problem, and no reason to leave an order unpaid. */
static void
test_access(void)
{
	int64_t id;
	struct attempt_seen a;

	connect(PAYING);
	attempt(MESSAGE_pos_login, integration_id, TILL_REPLY(200, TOKENS));
	id = order_taken();
	world_sql("UPDATE orders SET payment_method = 'upi', payment_status = 'paid' WHERE id = %lld", (long long)id);
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, EVENT));
	ok(PRINTS(a), "POS-10 printed first");
	world_sql("UPDATE pos_sessions SET refreshed_at = refreshed_at - INTERVAL 1 HOUR");
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(401, "{\"message\":\"401 Unauthorized\"}"));
	ok(PAYS(a), "POS-19 the payment meets a token that is refused: %s", a.url);
	is_str(shop_notices(id), "", "POS-19 which is not the order's fault");
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, "{\"id\":\"P\"}"));
	ok(!a.is_sent && waits(id, "pos_follow"), "POS-19 it waits for access");
	attempt(MESSAGE_pos_login, integration_id, TILL_REPLY(200, TOKENS));
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, "{\"id\":\"P\"}"));
	ok(PAYS(a) && !waits(id, "pos_follow"), "POS-19 and is marked as paid with the next one: %s", a.url);

	id = order_taken();
	world_sql("UPDATE orders SET payment_method = 'upi', payment_status = 'paid' WHERE id = %lld", (long long)id);
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(401, "{\"message\":\"401 Unauthorized\"}"));
	ok(PRINTS(a), "POS-19 a fresh token may lack the permission to print");
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, "{\"id\":\"P\"}"));
	ok(PAYS(a), "POS-10 which keeps nobody from paying");
	is_str(shop_notices(id), "pos_unfinished", "POS-10 at the end staff hear of it");
}

static enum err
settle_body(struct op *op, void *arg)
{
	struct order_axes x;
	enum err e = order_lock(op, shop.restaurant.id, *(const int64_t *)arg, &x);

	if (e == OK)
		e = order_settle_cash(op, &x);
	return e != OK ? e : order_save(op, &x);
}

static void
settle(int64_t id)
{
	struct op op;

	shop_op(&op, PROGRAM_admin, &shop);
	ok(db_tx(&op, settle_body, &id) == OK, "its cash is received");
	op_end(&op);
}

/* "To be paid", its note says: the till takes the money, or has, when staff press the button here. */
static void
test_paid_since(void)
{
	int64_t id = order_taken();
	struct attempt_seen a;

	settle(id);
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, EVENT));
	ok(PRINTS(a) && !waits(id, "pos_follow"), "I2 what is paid once it is there is not booked there once more: %s", shop_messages(id));
	is_str(shop_notices(id), "", "nobody is told");

	id = order_new();
	settle(id);
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(200, OPENED));
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, EVENT));
	ok(PRINTS(a) && waits(id, "pos_follow"), "POS-10 what was paid before it was sent is printed");
	a = attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, "{\"id\":\"P\"}"));
	ok(PAYS(a) && !waits(id, "pos_follow"), "POS-10 and marked as paid: %s", a.url);
}

/* The orders on the staff's list, as numbers. */
static const char *
listed(void)
{
	static char text[200];
	struct order *orders = NULL;
	size_t n = 0, at = 0;
	bool more;
	struct op op;

	text[0] = '\0';
	shop_op(&op, PROGRAM_admin, &shop);
	ok(trouble_read(&op, shop.restaurant.id, 0, 50, &orders, &n, &more) == OK, "the staff's list");
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%lld %s", i > 0 ? ", " : "", (long long)orders[i].id, orders[i].pos_cause);
	op_end(&op);
	return text;
}

static void
list_clear(void)
{
	world_sql("UPDATE orders SET pos_cause = NULL WHERE pos_state = 'accepted'");
	is_str(listed(), "", "E36 nothing is amiss");
}

static const char *
entry(int64_t id, const char *cause)
{
	return shop_text("SELECT '%lld %s'", (long long)id, cause);
}

static bool
undecided(int64_t id)
{
	return till_job(&shop, MESSAGE_pos_undecided, id);
}

/* No relay, no access, a circuit that is open: the kitchen does not know of it, and somebody must. */
static void
test_waits(void)
{
	int64_t id;

	list_clear();
	id = order_taken();
	ok(waits(id, "pos_undecided:1"), "E12 it is to be seen to in ninety seconds: %s", shop_messages(id));
	is_str(shop_text("SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) FROM outbox WHERE kind = 'pos_follow' AND subject_id = %lld",
	    (long long)id), "900", "POS-10 and is given up after a quarter of an hour");
	ok(undecided(id), "E12 which are over");
	is_str(shop_notices(id), "pos_follow_waits", "E12 NOT-08 staff are told");
	is_str(listed(), entry(id, "none"), "E36 and have it on their list");
	is_str(shop_column(id, "pos_failure_reason"), "nobody has seen to it", "E36 with why");
	attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, EVENT));
	is_str(listed(), "", "E36 until it is printed");
	is_str(shop_column(id, "pos_failure_reason"), "NULL", "E36 and nothing is said of it");
	is_str(shop_notices(id), "pos_follow_waits", "I14 nobody is told again");

	id = order_taken();
	attempt(MESSAGE_pos_follow, id, TILL_REPLY(200, EVENT));
	ok(!undecided(id), "E12 what is printed in time is waited for no more");
	id = order_taken();
	cancel(id, "guest");
	ok(undecided(id), "E12 what is to be cancelled is not to be printed");
	ok(strstr(shop_notices(id), "pos_follow_waits") == NULL, "NOT-08 of that nobody is told: %s", shop_notices(id));
}

static void
test_listed(void)
{
	int64_t refused, silent;

	list_clear();
	refused = order_taken();
	attempt(MESSAGE_pos_follow, refused, TILL_REPLY(400, "{\"message\":\"no printer\"}"));
	is_str(listed(), entry(refused, "payload"), "E36 what could not be printed is on the staff's list, with the cause");
	ok(!undecided(refused), "E12 and is waited for no more");
	silent = order_taken();
	for (int i = 0; i < 6; i++)
		attempt(MESSAGE_pos_follow, silent, TILL_REPLY(503, ""));
	is_str(shop_notices(silent), "pos_unfinished", "POS-10 what was tried in vain is told");
	is_str(listed(), shop_text("SELECT '%lld payload, %lld provider'", (long long)refused, (long long)silent), "E36 and listed");
	world_sql("UPDATE orders SET status = 'completed' WHERE id = %lld", (long long)refused);
	is_str(listed(), entry(silent, "provider"), "E36 until the order has ended");
	world_sql("UPDATE orders SET by_hand = 0 WHERE id = %lld", (long long)silent);
	list_clear();
}

/* It goes on there, and nobody hears how. */
static void
test_unseen(void)
{
	int64_t id = order_taken();

	for (int i = 0; i < 4; i++)
		attempt(MESSAGE_pos_look, id, TILL_REPLY(503, ""));
	is_str(shop_notices(id), "", "POS-21 a POS may be silent for a moment");
	attempt(MESSAGE_pos_look, id, TILL_REPLY(200, NOT_PRINTED));
	for (int i = 0; i < 4; i++)
		attempt(MESSAGE_pos_look, id, TILL_FAILURE(CALL_TIMED_OUT));
	is_str(shop_notices(id), "", "POS-21 or for two");
	for (int i = 0; i < 4; i++)
		attempt(MESSAGE_pos_look, id, TILL_FAILURE(CALL_TIMED_OUT));
	is_str(shop_notices(id), "pos_unseen", "NOT-08 of more than that staff are told, once");
	ok(waits(id, "pos_look"), "POS-21 and it is looked at all the same");
}

int
main(void)
{
	shop_make(&shop, "fw");
	world_sql("UPDATE restaurants SET currency = 'USD' WHERE id = %lld", (long long)shop.restaurant.id);
	shop.restaurant.currency = "USD";
	connect(FIXED);
	test_answered();
	test_doubt();
	test_killed();
	test_refused();
	test_unwanted();
	test_drafts();
	test_access();
	test_paid_since();
	test_waits();
	test_listed();
	test_unseen();
	return tap_done();
}
