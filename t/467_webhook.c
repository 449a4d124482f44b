/* webhook: what PetPooja calls us with is proved, kept as it came, applied by state, and answered in its own form. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inbox/inbox.h"
#include "log/log.h"
#include "op/op.h"
#include "provider/connect.h"
#include "tap.h"
#include "till.h"

#define NOT_FOUND "{\"success\":false,\"message\":\"No such order\"}"

static struct shop shop, other;

static int64_t
order_of(const struct shop *s, const char *type)
{
	struct order_wish w = shop_wish(s);
	int64_t id;

	w.cart.order_type = type;
	w.table_number = strcmp(type, "dine_in") == 0 ? "7" : NULL;
	w.delivery_address = "7 Hill Road";
	w.table_number = "4";
	id = shop_place(s, &w);
	till_attempt(s, MESSAGE_pos_submit, id, till_yes(id, NULL));
	return id;
}

static const char *
log_of(const struct till_answer *a)
{
	return shop_text("SELECT CONCAT_WS(' ', state, is_verified, http_status, body IS NOT NULL) FROM webhook_logs WHERE id = %lld",
	    (long long)a->delivery_id);
}

static int64_t
history_n(int64_t order_id)
{
	return world_int("SELECT COUNT(*) FROM order_status_history WHERE order_id = %lld", (long long)order_id);
}

/* --- callbacks -------------------------------------------------------------------------------------------------- */

static const struct {
	const char *type, *codes, *axes, *word, *state, *name;
} callbacks[] = {
	{ "delivery", "1", "confirmed/accepted/pending", "confirmed", "processed", "WH-03 1 is confirmed" },
	{ "delivery", "2", "confirmed/accepted/pending", "confirmed", "processed", "WH-03 2 is confirmed" },
	{ "delivery", "3", "confirmed/accepted/pending", "confirmed", "processed", "WH-03 3 is confirmed" },
	{ "delivery", "5", "ready/accepted/pending", "food_ready", "processed", "WH-03 5 is food_ready" },
	{ "delivery", "4", "out_for_delivery/accepted/pending", "out_for_delivery", "processed", "C6 4 is for deliveries" },
	{ "delivery", "-1", "cancelled/failed/pending", "cancelled", "processed", "WH-03 -1 is cancelled" },
	{ "delivery", "1 5 4", "out_for_delivery/accepted/pending", "out_for_delivery", "processed", "ORD-14 forward" },
	{ "delivery", "5 1", "ready/accepted/pending", "food_ready", "processed", "D13 late: nothing goes back" },
	{ "delivery", "1 1", "confirmed/accepted/pending", "confirmed", "duplicate", "I4 repeated" },
	{ "delivery", "1 5 1 5", "ready/accepted/pending", "food_ready", "processed", "D13 late and out of order" },
	{ "delivery", "-1 1", "cancelled/accepted/pending", "cancelled", "processed", "rule 11 alive after its end" },
	{ "delivery", "-1 -1", "cancelled/failed/pending", "cancelled", "duplicate", "I4 cancelled twice" },
	{ "delivery", "10", "received/accepted/pending", "processing", "processed", "ADM-06 delivered, but not paid" },
	{ "pickup", "4", "received/accepted/pending", "processing", "ignored", "C6 4 means nothing for a pickup" },
	{ "dine_in", "4", "received/accepted/pending", "processing", "ignored", "WH-04 4 means nothing at a table" },
	{ "dine_in", "10", "received/accepted/pending", "processing", "ignored", "WH-04 nor does 10" },
	{ "dine_in", "5", "ready/accepted/pending", "food_ready", "processed", "WH-04 5 does" },
};

static void
test_callbacks(void)
{
	for (size_t i = 0; i < sizeof callbacks / sizeof callbacks[0]; i++) {
		int64_t id = order_of(&shop, callbacks[i].type);
		struct till_answer a = { .status = 0 };
		char codes[16], *code, *rest;

		(void)snprintf(codes, sizeof codes, "%s", callbacks[i].codes);
		for (code = strtok_r(codes, " ", &rest); code != NULL; code = strtok_r(NULL, " ", &rest))
			a = till_callback(&shop, id, code, NULL);
		is_int(a.status, 200, "%s (%s)", callbacks[i].name, callbacks[i].codes);
		is_str(a.body, shop_text("SELECT CONCAT('{\"success\":true,\"message\":\"Order status updated successfully\",\"order_id\":\"',"
		    " pos_reference, '\",\"new_status\":\"%s\"}') FROM orders WHERE id = %lld", callbacks[i].word, (long long)id),
		    "WH-05 %s: the answer", callbacks[i].name);
		is_str(shop_axes(id), callbacks[i].axes, "%s: the order", callbacks[i].name);
		is_str(log_of(&a), shop_text("SELECT '%s 1 200 1'", callbacks[i].state), "WH-10 %s: the log", callbacks[i].name);
		is_int(world_int("SELECT pos_proved_at IS NOT NULL OR pos_state = 'failed' FROM orders WHERE id = %lld", (long long)id), 1,
		    "rule 13 %s: whatever it says, it proves that the order is there", callbacks[i].name);
		is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'inbox_apply' AND subject_id = %lld", (long long)a.delivery_id), 0,
		    "I4 %s: nothing of it is left to do", callbacks[i].name);
		shop_check(&shop, id, callbacks[i].name);
	}
}

static void
test_details(void)
{
	int64_t id = order_of(&shop, "delivery"), n;
	struct till_answer a;

	a = till_callback(&shop, id, "1", ",\"minimum_prep_time\":\"20\",\"minimum_delivery_time\":\"45\",\"rider_name\":\"Manoj\","
	    "\"rider_phone_number\":\"9900000009\",\"is_modified\":\"Yes\"");
	is_int(a.status, 200, "WH-11 a callback with all there is");
	is_str(shop_column(id, "CONCAT_WS(' ', rider_name, rider_phone, is_modified)"), "Manoj 9900000009 1", "WH-11 rider, modified");
	is_int(world_int("SELECT TIMESTAMPDIFF(SECOND, w.received_at, o.estimated_ready_time) FROM orders o, webhook_logs w WHERE o.id = %lld"
	    " AND w.id = %lld", (long long)id, (long long)a.delivery_id), 1200, "POS-26 ORD-15 ready in twenty minutes");
	is_int(world_int("SELECT TIMESTAMPDIFF(SECOND, w.received_at, o.estimated_delivery_time) FROM orders o, webhook_logs w"
	    " WHERE o.id = %lld AND w.id = %lld", (long long)id, (long long)a.delivery_id), 2700, "DB-08 there in forty-five");
	is_int(world_int("SELECT o.pos_callback = w.body FROM orders o, webhook_logs w WHERE o.id = %lld AND w.id = %lld", (long long)id,
	    (long long)a.delivery_id), 1, "WH-09 the whole callback");
	is_int(world_int("SELECT pos_proved_at IS NOT NULL FROM orders WHERE id = %lld", (long long)id), 1, "rule 13 which is the proof");
	n = history_n(id);
	till_callback(&shop, id, "1", ",\"minimum_prep_time\":\"20\",\"minimum_delivery_time\":\"45\",\"rider_name\":\"Manoj\","
	    "\"rider_phone_number\":\"9900000009\",\"is_modified\":\"Yes\"");
	is_int(history_n(id), n, "I4 the same once more is no history");
	till_callback(&shop, id, "-1", ",\"cancel_reason\":\"Out of paneer\"");
	is_str(shop_column(id, "cancellation_reason"), "Out of paneer", "ORD-24 why it was cancelled");
	is_str(shop_text("SELECT changed_by FROM order_status_history WHERE order_id = %lld ORDER BY seq DESC LIMIT 1", (long long)id),
	    "petpooja_callback", "DB-14 and by whom");
	till_callback(&shop, id, "5", ",\"minimum_prep_time\":\"99\"");
	ok(world_int("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), estimated_ready_time) FROM orders WHERE id = %lld", (long long)id) <= 1200,
	    "D13 what ended is not estimated anew");
	id = order_of(&shop, "delivery");
	till_callback(&shop, id, "5", ",\"minimum_prep_time\":\"5\"");
	till_callback(&shop, id, "1", ",\"minimum_prep_time\":\"30\"");
	ok(world_int("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), estimated_ready_time) FROM orders WHERE id = %lld", (long long)id) <= 300,
	    "D13 nor by what is late");
}

/* The callback overtakes the answer to the order. */
static void
test_early(void)
{
	struct order_wish w = shop_wish(&shop);
	int64_t id = shop_place(&shop, &w);
	struct attempt_seen s;

	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	is_int(till_callback(&shop, id, "1", NULL).status, 200, "WH-27 a callback before we have their answer");
	is_str(shop_axes(id), "confirmed/accepted/pending", "WH-27 is applied, and proves that it is there");
	s = till_attempt(&shop, MESSAGE_pos_submit, id, TILL_LOST);
	ok(s.is_claimed && !s.is_sent, "I3 nothing is sent again");
	is_str(shop_messages(id), "", "rule 13 and nothing is left to prove");
	shop_check(&shop, id, "an early callback");
}

/* Whatever is wrong about who asks for what, the answer is the same. */
static void
test_strangers(void)
{
	int64_t id = order_of(&shop, "pickup"), theirs = order_of(&other, "pickup"), parked;
	const char *number = shop_column(id, "pos_reference");
	char body[200], token[64];
	struct till_answer a;
	struct {
		const char *slug, *token, *name;
	} tries[] = {
		{ "pp-in", NULL, "SEC-12 no token" },
		{ "pp-in", "", "SEC-12 an empty token" },
		{ "pp-in", "AAAAAAAAAAAAAAAAAAAAAA", "SEC-12 a wrong token" },
		{ "pp-other", token, "SEC-12 another restaurant" },
		{ "nobody", token, "WH-06 an unknown restaurant" },
		{ "No Slug!", token, "WH-07 no slug at all" },
	};

	(void)snprintf(token, sizeof token, "%s", till_token(&shop, number));
	(void)snprintf(body, sizeof body, "{\"restID\":\"rest-pp-in\",\"orderID\":\"%s\",\"status\":\"1\"}", number);
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		a = till_callback_raw(&shop, tries[i].slug, tries[i].token, body);
		is_int(a.status, 404, "%s", tries[i].name);
		is_str(a.body, NOT_FOUND, "%s: one and the same answer", tries[i].name);
		is_str(log_of(&a), "failed 0 404 0", "WH-10 %s: logged as unverified", tries[i].name);
	}
	a = till_callback_raw(&shop, "pp-in", token, "{\"restID\":\"x\",\"orderID\":\"ORD-20200101-001\",\"status\":\"1\"}");
	is_int(a.status, 404, "WH-06 an unknown order");
	is_str(a.body, NOT_FOUND, "WH-06 the same answer");
	(void)snprintf(body, sizeof body, "{\"restID\":\"x\",\"orderID\":\"%s\",\"status\":\"-1\"}", shop_column(theirs, "pos_reference"));
	(void)snprintf(token, sizeof token, "%s", till_token(&shop, "ORD-20200101-777"));
	a = till_callback_raw(&shop, "pp-in", token, body);
	is_int(a.status, 404, "I10 another's order under another order's token");
	is_str(shop_axes(id), "received/accepted/pending", "SEC-12 nothing happened here");
	is_str(shop_axes(theirs), "received/accepted/pending", "I10 nor there");
	parked = world_int("SELECT COUNT(*) FROM webhook_logs WHERE state = 'parked'");
	is_int(parked, 0, "SEC-12 and nothing of it is parked");
}

/* Lines of the log that hold these words. */
static int
lines_with(FILE *log, const char *words)
{
	char line[LOG_LINE_MAX + 1];
	int n = 0;

	rewind(log);
	while (fgets(line, sizeof line, log) != NULL)
		n += strstr(line, words) != NULL;
	return n;
}

/* A flood of forged calls is counted, kept and logged for so many a minute, and fills no disk. */
static void
test_flood(void)
{
	FILE *log = tmpfile();
	int n;

	world_sql("DELETE FROM webhook_logs WHERE is_verified = 0");
	log_init("test", LOG_LEVEL_WARN, NULL);
	log_to_fd(fileno(log));
	for (int i = 0; i < INBOX_UNVERIFIED_PER_MINUTE + 20; i++)
		till_webhook(&shop, "order-status", "x-petpooja-signature", "sha256=00", "{\"order_id\":\"A-1\",\"status\":\"READY\",\"restaurant_id\":\"rest-pp-in\"}");
	log_to_fd(STDERR_FILENO);
	log_init("test", LOG_LEVEL_ERROR, NULL);
	n = lines_with(log, "delivery_unverified");
	fclose(log);
	is_int(world_int("SELECT COUNT(*) FROM webhook_logs WHERE is_verified = 0"), INBOX_UNVERIFIED_PER_MINUTE, "WH-10 so many are kept");
	is_int(n, INBOX_UNVERIFIED_PER_MINUTE, "WH-10 and of those that are not no line is logged");
	world_sql("DELETE FROM webhook_logs WHERE is_verified = 0");
}

static enum err
retry_body(struct op *op, void *arg)
{
	int64_t id = *(int64_t *)arg;
	struct submission_terms terms;
	struct order_axes x;
	bool has, did;
	enum err e = connection_terms(op, &shop.restaurant, &has, &terms);

	if (e == OK)
		e = order_lock(op, shop.restaurant.id, id, &x);
	if (e == OK)
		e = submission_retry(op, &x, &terms, &did);
	return e != OK ? e : order_save(op, &x);
}

/* A good token is no order: what nobody placed is not there, and what was sent again is reported to people. */
static void
test_names(void)
{
	struct order_wish w = shop_wish(&shop);
	int64_t id = shop_place(&shop, &w);
	struct till_answer a;
	char first[40], token[80];
	struct op op;

	(void)snprintf(token, sizeof token, "%s", till_token(&shop, "ORD-20200101-777"));
	a = till_callback_raw(&shop, "pp-in", token, "{\"restID\":\"x\",\"orderID\":\"ORD-20200101-777\",\"status\":\"1\"}");
	is_int(a.status, 404, "WH-06 a name that no order ever had");
	is_str(a.body, NOT_FOUND, "WH-06 the same answer as for a wrong token");
	is_str(log_of(&a), "dead 1 200 1", "SEC-12 and it is not parked");
	till_attempt(&shop, MESSAGE_pos_submit, id, till_no());
	(void)snprintf(first, sizeof first, "%s", shop_column(id, "pos_reference"));
	shop_op(&op, PROGRAM_admin, &shop);
	is_int(db_tx(&op, retry_body, &id), OK, "staff send a refused order again");
	op_end(&op);
	till_attempt(&shop, MESSAGE_pos_submit, id, TILL_REPLY(200, shop_text("SELECT '{\"success\":\"1\",\"message\":\"Saved\","
	    "\"restID\":\"rest-pp-in\",\"clientOrderID\":\"%s-2\",\"orderID\":\"\"}'", first)));
	(void)snprintf(token, sizeof token, "%s", till_token(&shop, first));
	a = till_callback_raw(&shop, "pp-in", token, shop_text("SELECT '{\"restID\":\"x\",\"orderID\":\"%s\",\"status\":\"1\"}'", first));
	is_int(a.status, 200, "rule 9 a word about the ticket that was refused");
	is_str(shop_axes(id), "received/accepted/pending", "rule 9 moves nothing");
	ok(strstr(shop_notices(id), "pos_earlier") != NULL, "rule 11 but staff are told to look for two tickets");
	shop_check(&shop, id, "an earlier submission");
}

static void
test_malformed(void)
{
	static const char *const bodies[] = { "", "[]", "{\"orderID\":\"x\"", "{\"status\":\"1\"}", "{\"orderID\":\"%s\"}",
		"{\"orderID\":\"%s\",\"status\":\"7\"}", "{\"orderID\":\"%s\",\"status\":\"x\"}", "{\"orderID\":\"a b\",\"status\":\"1\"}" };
	int64_t id = order_of(&shop, "pickup");
	const char *number = shop_column(id, "pos_reference");
	const char *token = till_token(&shop, number);

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		char body[200];
		const char *hole = strstr(bodies[i], "%s");
		struct till_answer a;

		if (hole != NULL)
			(void)snprintf(body, sizeof body, "%.*s%s%s", (int)(hole - bodies[i]), bodies[i], number, hole + 2);
		else
			(void)snprintf(body, sizeof body, "%s", bodies[i]);
		a = till_callback_raw(&shop, "pp-in", token, body);
		is_int(a.status, 400, "WH-06 WH-31 %s", body);
		ok(strncmp(a.body, "{\"success\":false,\"message\":\"", 28) == 0, "WH-06 in their form: %s", a.body);
	}
	is_str(shop_axes(id), "received/accepted/pending", "WH-06 nothing happened");
}

/* --- the other order webhook ------------------------------------------------------------------------------------ */

static const char *
status_body(const char *order_id, const char *pos_order_id, const char *status)
{
	return shop_text("SELECT JSON_OBJECT('restaurant_id', 'rest-pp-in', 'status', '%s', 'timestamp', '2026-01-15T10:30:00Z'%s%s%s%s%s%s)",
	    status, order_id != NULL ? ", 'order_id', '" : "", order_id != NULL ? order_id : "", order_id != NULL ? "'" : "",
	    pos_order_id != NULL ? ", 'pos_order_id', '" : "", pos_order_id != NULL ? pos_order_id : "", pos_order_id != NULL ? "'" : "");
}

static void
test_order_status(void)
{
	int64_t id = order_of(&shop, "delivery"), second;
	const char *number = shop_column(id, "pos_reference"), *body = status_body(number, NULL, "CONFIRMED");
	struct till_answer a;

	a = till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, body);
	is_int(a.status, 200, "WH-16 a signed delivery");
	is_str(shop_axes(id), "confirmed/accepted/pending", "WH-19 CONFIRMED");
	is_str(log_of(&a), "processed 1 200 1", "WH-18 verified, logged, applied");
	a = till_webhook(&shop, "order-status", NULL, NULL, body);
	is_int(a.status, 401, "WH-17 without a signature");
	is_str(a.body, "{\"error\":\"Invalid signature\"}", "WH-17 in s1's form");
	is_int(till_webhook(&shop, "order-status", "x-petpooja-signature",
	    "sha256=0000000000000000000000000000000000000000000000000000000000000000", body).status, 401, "WH-17 with a wrong one");
	is_int(till_webhook(&shop, "order-status", "x-petpooja-signature", "sha256=", body).status, 401, "WH-17 with half of one");
	is_int(till_webhook(&shop, "order-status", "authorization", NULL, body).status, 401, "C7 another proof than the agreed one");
	a = till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, status_body(number, NULL, "PREPARING"));
	is_str(shop_axes(id), "preparing/accepted/pending", "WH-19 PREPARING");
	till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, status_body(number, NULL, "DISPATCHED"));
	is_str(shop_axes(id), "out_for_delivery/accepted/pending", "WH-19 DISPATCHED");
	a = till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, status_body(number, NULL, "READY"));
	is_int(a.status, 200, "D13 READY comes late");
	is_str(shop_axes(id), "out_for_delivery/accepted/pending", "D13 and changes nothing");
	is_int(till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, status_body(number, NULL, "EATEN")).status, 400,
	    "WH-31 a word that is none");
	shop_check(&shop, id, "a signed status");

	second = order_of(&shop, "pickup");
	till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, status_body(shop_column(second, "pos_reference"), NULL, "REJECTED"));
	is_str(shop_axes(second), "rejected/failed/pending", "WH-19 REJECTED");
}

/* It names an id of theirs that we do not know yet. */
static void
test_parked(void)
{
	struct order_wish w = shop_wish(&shop);
	int64_t id = shop_place(&shop, &w), second = order_of(&shop, "pickup");
	struct till_answer a = till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, status_body(NULL, "PP-900", "CONFIRMED"));

	is_int(a.status, 202, "D10 a delivery about an order of theirs that we do not know");
	is_str(log_of(&a), "parked 1 200 1", "D10 is parked");
	ok(till_job(&shop, MESSAGE_inbox_apply, a.delivery_id), "WH-25 looked at again");
	is_str(log_of(&a), "parked 1 200 1", "D10 it still waits");
	is_int(world_int("SELECT due_at > UTC_TIMESTAMP(6) FROM outbox WHERE kind = 'inbox_apply' AND subject_id = %lld",
	    (long long)a.delivery_id), 1, "WH-25 and will be looked at again");
	till_attempt(&shop, MESSAGE_pos_submit, id, till_yes(id, "PP-900"));
	is_int(world_int("SELECT due_at <= UTC_TIMESTAMP(6) FROM outbox WHERE kind = 'inbox_apply' AND subject_id = %lld",
	    (long long)a.delivery_id), 1, "D10 their answer brings the id, and the delivery its turn");
	ok(till_job(&shop, MESSAGE_inbox_apply, a.delivery_id), "D10 it is applied");
	is_str(shop_axes(id), "confirmed/accepted/pending", "D10 to the order");
	is_str(log_of(&a), "processed 1 200 1", "D10 and done");
	a = till_webhook(&shop, "order-status", "x-petpooja-signature", NULL,
	    status_body(shop_column(second, "pos_reference"), "PP-900", "READY"));
	is_int(a.status, 400, "C8 two ids of two orders");
	is_str(log_of(&a), "dead 1 200 1", "C8 are listed");
	is_str(shop_axes(second), "received/accepted/pending", "C8 and change neither");
	a = till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, status_body("ORD-20200101-777", "PP-900", "READY"));
	is_int(a.status, 400, "C8 nor does a name that no order has go with the id of one");
	is_str(log_of(&a), "dead 1 200 1", "C8 it is listed");
	is_str(shop_axes(id), "confirmed/accepted/pending", "C8 and changes nothing");
	a = till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, status_body(NULL, "PP-901", "CONFIRMED"));
	world_sql("UPDATE outbox SET expires_at = UTC_TIMESTAMP(6) WHERE kind = 'inbox_apply' AND subject_id = %lld", (long long)a.delivery_id);
	till_job(&shop, MESSAGE_inbox_apply, a.delivery_id);
	is_str(log_of(&a), "dead 1 200 1", "D10 what nothing ever comes of is listed in the end");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'inbox_apply'"), 0, "I4 and nothing waits any more");
	shop_check(&shop, id, "a parked delivery");
}

static void
policy_set(const char *policy)
{
	world_sql("UPDATE restaurant_pos_integrations SET restaurant_specific_config = '%s' WHERE restaurant_id = %lld", policy,
	    (long long)shop.restaurant.id);
}

static void
test_policies(void)
{
	int64_t id = order_of(&shop, "pickup");
	const char *body = status_body(shop_column(id, "pos_reference"), NULL, "CONFIRMED");

	policy_set("{}");
	is_int(till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, body).status, 401, "C7 no policy: refused");
	policy_set("{\"webhook_policy\":\"authorization\"}");
	is_int(till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, body).status, 401, "C7 a signature where a value is agreed");
	is_int(till_webhook(&shop, "order-status", "authorization", "agreed valuf", body).status, 401, "C7 a wrong value");
	is_int(till_webhook(&shop, "order-status", "authorization", NULL, body).status, 200, "C7 the agreed value");
	is_str(shop_axes(id), "confirmed/accepted/pending", "C7 is heard");
	policy_set("{\"webhook_policy\":\"hmac\"}");
	is_int(till_webhook(&shop, "order-status", "x-petpooja-signature", NULL,
	    "{\"restaurant_id\":\"rest-nobody\",\"order_id\":\"x\",\"status\":\"READY\"}").status, 401, "D3 a restaurant that nobody is");
	is_int(till_webhook(&shop, "order-status", "x-petpooja-signature", NULL,
	    shop_text("SELECT REPLACE('%s', 'rest-pp-in', 'rest-pp-other')", body)).status, 401,
	    "D3 I10 another restaurant has another policy");
}

static enum err
rotate_body(struct op *op, void *arg)
{
	const char *config = arg;
	struct connection c;

	return connection_save(op, &shop.restaurant, &(struct connection_wish){ .provider_name = "petpooja",
	    .config = { config, config != NULL ? strlen(config) : 0 }, .webhook_secret = "a new one", .authorization = "a new value" },
	    &c);
}

static void
test_rotation(void)
{
	int64_t id = order_of(&shop, "pickup");
	const char *body = status_body(shop_column(id, "pos_reference"), NULL, "CONFIRMED");
	const char *stock = "{\"restID\":\"rest-pp-in\",\"type\":\"item\",\"inStock\":true,\"itemID\":[\"i1\"]}";
	char policy[] = "{\"webhook_policy\":\"hmac\"}";
	struct op op;

	for (int twice = 0; twice < 2; twice++) {
		shop_op(&op, PROGRAM_integrations, &shop);
		is_int(db_tx(&op, rotate_body, twice == 0 ? policy : NULL), OK, "WH-23 the secrets are rotated");
		op_end(&op);
	}
	is_str(shop_text("SELECT JSON_UNQUOTE(JSON_EXTRACT(restaurant_specific_config, '$.webhook_policy')) FROM"
	    " restaurant_pos_integrations WHERE restaurant_id = %lld", (long long)shop.restaurant.id), "hmac",
	    "WH-23 who saves the secrets alone changes no setting");
	is_int(world_int("SELECT COUNT(*) FROM restaurant_webhook_secrets WHERE restaurant_id = %lld AND purpose = 'signature'",
	    (long long)shop.restaurant.id), 2, "WH-23 told twice it is rotated once");
	is_int(till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, body).status, 200, "WH-23 the old one still holds");
	is_int(till_webhook(&shop, "item-stock", "authorization", "a new value", stock).status, 200, "WH-23 the new value holds");
	is_int(till_webhook(&shop, "item-stock", "authorization", NULL, stock).status, 200, "WH-23 and the old one");
	shop_clock(INT64_C(25) * 3600 * 1000000);
	is_int(till_webhook(&shop, "order-status", "x-petpooja-signature", NULL, body).status, 401, "WH-23 a day later it does not");
	is_int(till_webhook(&shop, "item-stock", "authorization", NULL, stock).status, 401, "WH-23 nor the value");
	is_int(till_webhook(&shop, "item-stock", "authorization", "a new value", stock).status, 200, "WH-23 the new one does");
	shop_clock(0);
	world_sql("UPDATE restaurant_webhook_secrets SET is_active = 0, expires_at = '2000-01-01' WHERE restaurant_id = %lld AND"
	    " purpose <> 'callback' AND is_active = 1", (long long)shop.restaurant.id);
	world_sql("UPDATE restaurant_webhook_secrets SET is_active = 1, expires_at = NULL WHERE restaurant_id = %lld AND purpose <> 'callback'"
	    " AND expires_at > '2001-01-01'", (long long)shop.restaurant.id);
}

/* --- stock, store, menu ----------------------------------------------------------------------------------------- */

static void
test_stock(void)
{
	static const char off[] = "{\"restID\":\"rest-pp-in\",\"type\":\"item\",\"inStock\":false,\"itemID\":[\"i1\"]}";
	static const char on[] = "{\"restID\":\"rest-pp-in\",\"type\":\"item\",\"inStock\":true,\"itemID\":[\"i1\"]}";
	struct till_answer a = till_webhook(&shop, "item-stock", "authorization", NULL, off);
	int64_t first = a.delivery_id;

	is_int(a.status, 200, "WH-22 an item is off");
	is_str(a.body, "{\"code\":200,\"status\":\"success\",\"message\":\"Stock status updated successfully\"}", "WH-22 in their form");
	is_int(shop_order(&shop), 0, "WH-22 and cannot be ordered");
	till_webhook(&shop, "item-stock", "authorization", NULL, on);
	ok(shop_order(&shop) > 0, "WH-22 it is on");
	till_webhook(&shop, "item-stock", "authorization", NULL, off);
	is_int(shop_order(&shop), 0, "WH-22 off again, with the same bytes as before: off");
	till_webhook(&shop, "item-stock", "authorization", NULL, on);
	ok(shop_order(&shop) > 0, "WH-22 and on");
	is_int(till_webhook(&shop, "item-stock", NULL, NULL, off).status, 401, "C7 not by anybody");
	ok(shop_order(&shop) > 0, "C7 whose word counts for nothing");
	a = till_webhook(&shop, "inventory-update", "x-petpooja-signature", NULL,
	    "{\"restaurant_id\":\"rest-pp-in\",\"item_id\":\"i1\",\"availability\":false}");
	is_int(a.status, 200, "WH-15 s1's way");
	is_int(shop_order(&shop), 0, "WH-15 off");
	till_webhook(&shop, "inventory-update", "x-petpooja-signature", NULL,
	    "{\"restaurant_id\":\"rest-pp-in\",\"item_id\":\"i1\",\"availability\":true}");
	a = till_webhook(&shop, "item-stock", "authorization", NULL,
	    "{\"restID\":\"rest-pp-in\",\"type\":\"item\",\"inStock\":false,\"itemID\":[\"nothing\"]}");
	is_str(log_of(&a), "ignored 1 200 1", "WH-22 an item that we do not have");

	/* The job runner claimed the first one before the worker had applied it, and gets to it only now. */
	world_sql("INSERT INTO outbox (runner, kind, destination, restaurant_id, subject_id, due_at, trace_id, created_at) VALUES"
		  " ('jobs', 'inbox_apply', 'inbox:1', %lld, %lld, UTC_TIMESTAMP(6), REPEAT('0', 32), UTC_TIMESTAMP(6))",
	    (long long)shop.restaurant.id, (long long)first);
	ok(till_job(&shop, MESSAGE_inbox_apply, first), "I8 a delivery that was applied comes up again");
	is_int(world_int("SELECT is_available FROM items WHERE external_id = 'i1' AND restaurant_id = %lld",
	    (long long)shop.restaurant.id), 1, "I8 and does not undo what came after it");
}

static void
test_store(void)
{
	struct till_answer a;

	a = till_webhook(&shop, "store-status-update", "authorization", NULL,
	    "{\"restID\":\"rest-pp-in\",\"store_status\":\"0\",\"reason\":\"rain\"}");
	is_int(a.status, 200, "ORD-08 the store is closed from the till");
	is_int(shop_order(&shop), 0, "ORD-08 it takes no orders");
	a = till_webhook(&shop, "store-status", "authorization", NULL, "{\"restID\":\"rest-pp-in\"}");
	ok(strstr(a.body, "\"store_status\":\"0\"") != NULL, "ORD-08 and says so: %s", a.body);
	till_webhook(&shop, "store-status-update", "authorization", NULL, "{\"restID\":\"rest-pp-in\",\"store_status\":1}");
	ok(shop_order(&shop) > 0, "ORD-08 open again");
	a = till_webhook(&shop, "store-status", "authorization", NULL, "{\"restID\":\"rest-pp-in\"}");
	ok(strstr(a.body, "\"store_status\":\"1\"") != NULL, "ORD-08 and says so: %s", a.body);
	is_int(world_int("SELECT COUNT(*) = MAX(seq) FROM events WHERE restaurant_id = %lld", (long long)shop.restaurant.id), 1,
	    "RT-04 whoever watches is told without gaps");
}

static void
test_push_menu(void)
{
	struct till_answer a;
	char *menu = tap_file("t/golden/petpooja/menu_small.json", NULL), *code = strstr(menu, "\"menusharingcode\"");
	char *mine = malloc(strlen(menu) + 100);
	char *start = strchr(strchr(code, ':'), '"') + 1, *stop = strchr(start, '"');

	(void)snprintf(mine, strlen(menu) + 100, "%.*srest-pp-in%s", (int)(start - menu), menu, stop);
	is_int(till_webhook(&shop, "push-menu", NULL, NULL, mine).status, 401, "C7 a menu from anybody");
	a = till_webhook(&shop, "push-menu", "authorization", NULL, mine);
	is_int(a.status, 200, "WH-32 a menu is pushed, and answered before it is read");
	is_str(a.body, "{\"success\":\"1\",\"message\":\"Menu items are successfully listed.\"}", "SYNC-02 in their form");
	is_str(log_of(&a), "received 1 200 1", "WH-32 it is kept");
	ok(till_job(&shop, MESSAGE_menu_publish, a.delivery_id), "SYNC-02 a job publishes it");
	is_str(log_of(&a), "processed 1 200 1", "SYNC-02 as the menu");
	ok(world_int("SELECT COUNT(*) FROM items WHERE restaurant_id = %lld AND external_id = 'i1' AND is_active = 1",
	    (long long)shop.restaurant.id) == 0, "SYNC-02 which replaces the one before");
	a = till_webhook(&shop, "push-menu", "authorization", NULL,
	    "{\"success\":\"1\",\"restaurants\":[{\"details\":{\"menusharingcode\":\"rest-pp-in\"}}],\"items\":[]}");
	is_int(a.status, 200, "SYNC-04 a menu with nothing in it");
	ok(till_job(&shop, MESSAGE_menu_publish, a.delivery_id), "SYNC-04 is looked at");
	is_str(log_of(&a), "dead 1 200 1", "SYNC-04 and refused: it would close the shop");
	ok(world_int("SELECT COUNT(*) FROM items WHERE restaurant_id = %lld AND is_active = 1", (long long)shop.restaurant.id) > 0,
	    "SYNC-04 the menu stands");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'menu_publish'"), 0, "SYNC-04 and nothing is left to do");
	a = till_webhook(&shop, "menu-update", "x-petpooja-signature", NULL, "{\"restaurant_id\":\"rest-pp-in\"}");
	is_int(a.status, 200, "WH-14 something changed");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'menu_fetch'"), 1, "WH-21 the menu will be fetched");
	free(menu);
	free(mine);
	shop_menu_import(&shop);
}

/* --- dying in between ------------------------------------------------------------------------------------------- */

static void
test_killed(void)
{
	static const char *const points[] = { "webhook.stored", "webhook.before_apply_commit" };

	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		int64_t id = order_of(&shop, "pickup"), delivery;
		char dir[] = "/tmp/trcXXXXXX";
		struct arena *arena = arena_new(1 << 16);
		int status;
		pid_t pid;

		if (mkdtemp(dir) == NULL)
			return;
		close(open(arena_printf(arena, "%s/kill.%s", dir, points[i]), O_CREAT | O_WRONLY, 0600));
		shop_cut(PROGRAM_webhooks);
		fflush(NULL);
		pid = fork();
		if (pid == 0) {
			setenv("TICKETRAIL_CRASH_DIR", dir, 1);
			_exit(till_callback(&shop, id, "1", NULL).status == 200 ? 0 : 1);
		}
		waitpid(pid, &status, 0);
		ok(WIFSIGNALED(status), "a worker is killed at %s", points[i]);
		while (shop_open() > 0)
			;
		is_str(shop_axes(id), "received/accepted/pending", "I4 nothing has happened yet");
		delivery = world_int("SELECT MAX(id) FROM webhook_logs");
		ok(till_job(&shop, MESSAGE_inbox_apply, delivery), "I4 what was stored is applied by a job");
		is_str(shop_axes(id), "confirmed/accepted/pending", "I4 once");
		ok(!till_job(&shop, MESSAGE_inbox_apply, delivery), "I4 and then it is done");
		shop_check(&shop, id, points[i]);
		unlink(arena_printf(arena, "%s/seen", dir));
		rmdir(dir);
		arena_free(&arena);
	}
}

int
main(void)
{
	shop_make(&shop, "pp-in");
	shop_connect(&shop, "\"webhook_policy\":\"hmac\"");
	shop_make(&other, "pp-other");
	shop_connect(&other, NULL);
	test_callbacks();
	test_details();
	test_early();
	test_strangers();
	test_flood();
	test_malformed();
	test_order_status();
	test_parked();
	test_names();
	test_policies();
	test_rotation();
	test_stock();
	test_store();
	test_killed();
	test_push_menu();
	return tap_done();
}
