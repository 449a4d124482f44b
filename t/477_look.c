/* look: an order is looked for page by page, and from the first page each time. */
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "op/op.h"
#include "provider/connect.h"
#include "tap.h"
#include "till.h"

#define GUID(n) "000000" n "-0000-4000-8000-0000000000" n
#define CONFIG "{\"naming_authority\":\"TICKETRAIL\",\"use_price_call\":false,\"restaurant_guid\":\"" GUID("0a") "\"," \
	"\"dining_options\":{\"pickup\":\"" GUID("d1") "\"},\"packing_service_charge_guid\":\"" GUID("c2") "\",\"client_id\":\"CANARY-ID\",\"client_secret\":\"CANARY-SECRET\"}"
#define TOKEN "{\"token\":{\"tokenType\":\"Bearer\",\"expiresIn\":86400,\"accessToken\":\"CANARY-TOKEN\"},\"status\":\"SUCCESS\"}"
#define TAKEN "{\"status\":400,\"code\":10025,\"message\":\"externalId already exists\"}"

#define ATOMIC "{\"access_token\":\"CANARY-TOKEN\",\"order_types.pickup\":\"PICKUP0000001\",\"use_atomic\":true}"

static struct shop at_toast, at_clover, *shop = &at_toast;
static int64_t integration_id;

struct connecting {
	const char *provider, *config;
	struct connection connection;
};

static enum err
connect_body(struct op *op, void *arg)
{
	struct connecting *c = arg;

	return connection_save(op, &shop->restaurant, &(struct connection_wish){ .provider_name = c->provider,
	    .pos_restaurant_id = strcmp(c->provider, "clover") == 0 ? "MERCH1" : NULL, .endpoint = "https://pos.example", .config = { c->config, strlen(c->config) } }, &c->connection);
}

static void
connect(const char *provider, const char *config)
{
	struct connecting c = { .provider = provider, .config = config };
	struct op op;

	shop_op(&op, PROGRAM_integrations, shop);
	ok(db_tx(&op, connect_body, &c) == OK, "the restaurant is at %s", provider);
	integration_id = c.connection.integration.id;
	op_end(&op);
}

static struct attempt_seen
attempt(enum message_kind kind, int64_t subject_id, struct till_reply reply)
{
	return till_attempt_alone(shop, kind, subject_id, reply);
}

/* So many orders of other people, and ours among them if it is given. */
static struct till_reply
page(struct buf *b, size_t n, int64_t order_id)
{
	buf_clear(b);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s{\"guid\":\"00000000-0000-4000-8000-%012zu\",\"entityType\":\"Order\",\"externalId\":null}", i == 0 ? "[" : ",", i);
	if (order_id != 0)
		buf_adds(b, shop_text("SELECT CONCAT('%s{\"guid\":\"0000000b-0000-4000-8000-', LPAD(id, 12, '0'), '\",\"entityType\":\"Order\",\"externalId\":\"TICKETRAIL:lk.',"
		    " order_number, '\",\"checks\":[]}') FROM orders WHERE id = %lld", n == 0 ? "[" : ",", (long long)order_id));
	buf_adds(b, n == 0 && order_id == 0 ? "[]" : "]");
	return TILL_REPLY(200, b->data);
}

/* Theirs. */
static const char *
guid(int64_t order_id)
{
	return shop_text("SELECT CONCAT('0000000b-0000-4000-8000-', LPAD(%lld, 12, '0'))", (long long)order_id);
}

static bool
asks_page(const struct attempt_seen *a, const char *n)
{
	char text[20];

	(void)snprintf(text, sizeof text, "&page=%s&", n);
	return a->is_sent && strstr(a->url, text) != NULL;
}

static enum err
cancel_body(struct op *op, void *arg)
{
	const int64_t *id = arg;
	struct connection c;
	struct order_axes x;
	bool ended;
	enum err e = connection_of(op, shop->restaurant.id, &c);

	if (e == OK)
		e = order_lock(op, shop->restaurant.id, *id, &x);
	if (e == OK)
		e = submission_cancel(op, &x, &c.terms, STATUS_EVENT_cancel, WHO_GUEST, "changed my mind", &ended);
	return e != OK ? e : order_save(op, &x);
}

static void
cancel(int64_t id)
{
	struct op op;

	shop_op(&op, PROGRAM_orders, shop);
	ok(db_tx(&op, cancel_body, &id) == OK, "the guest wants it cancelled");
	op_end(&op);
}

/* Toast says that it has one of this name, not which: it is looked for. */
static void
test_pages(void)
{
	struct arena *arena = arena_new(1 << 20);
	int64_t id = shop_order(shop);
	struct attempt_seen a;
	struct buf b;

	buf_init(&b, arena, 1 << 18);
	world_sql("UPDATE order_items SET external_id = '" GUID("e1") "/" GUID("e2") "' WHERE order_id = %lld", (long long)id);
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(200, "[]"));
	attempt(MESSAGE_pos_login, integration_id, TILL_REPLY(200, TOKEN));
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(400, TAKEN));
	is_str(shop_axes(id), "received/accepted/pending", "rule 1 a name that is taken is an order that is there");
	is_str(shop_column(id, "pos_order_id"), "NULL", "POS-21 under an id that we do not know");
	a = attempt(MESSAGE_pos_look, id, page(&b, 100, 0));
	ok(asks_page(&a, "1"), "E48 the first hundred orders are looked through: %s", a.url);
	a = attempt(MESSAGE_pos_look, id, TILL_REPLY(503, ""));
	ok(asks_page(&a, "2"), "E48 then the rest: %s", a.url);
	a = attempt(MESSAGE_pos_look, id, page(&b, 3, 0));
	ok(asks_page(&a, "2"), "E48 which is asked for again when Toast is not well");
	is_str(shop_column(id, "pos_order_id"), "NULL", "E48 it is not there yet");
	a = attempt(MESSAGE_pos_look, id, page(&b, 1, id));
	ok(asks_page(&a, "1"), "E48 the next look begins with the first page: %s", a.url);
	is_str(shop_column(id, "pos_order_id"), guid(id), "E48 and finds it");
	arena_free(&arena);
}

/* It is to be cancelled, and under which id it lives there we were not told. */
static int64_t
unnamed(void)
{
	int64_t id = shop_order(shop);

	world_sql("UPDATE order_items SET external_id = '" GUID("e1") "/" GUID("e2") "' WHERE order_id = %lld", (long long)id);
	attempt(MESSAGE_pos_submit, id, TILL_REPLY(400, TAKEN));
	is_str(shop_axes(id), "received/accepted/pending", "rule 1 a name that is taken is an order that is there");
	cancel(id);
	return id;
}

static void
test_void_unnamed(void)
{
	struct arena *arena = arena_new(1 << 20);
	int64_t id = unnamed();
	struct attempt_seen a;
	struct buf b;

	buf_init(&b, arena, 1 << 18);
	a = attempt(MESSAGE_pos_void, id, TILL_LOST);
	ok(a.is_claimed && !a.is_sent, "rule 7 what has no name can not be taken off");
	is_str(shop_axes(id), "received/accepted/pending", "rule 7 but people need not see to it yet");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'pos_look' AND subject_id = %lld AND due_at <= UTC_TIMESTAMP(6)", (long long)id),
	    1, "rule 7 it is looked for, at once");
	a = attempt(MESSAGE_pos_look, id, page(&b, 3, 0));
	ok(a.is_sent && strstr(a.url, "/ordersBulk") != NULL, "rule 7 by our name: %s", a.url);
	is_str(shop_axes(id), "received/accepted/pending", "rule 4 that it is not seen says nothing");
	attempt(MESSAGE_pos_void, id, TILL_LOST);
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'pos_look' AND subject_id = %lld", (long long)id), 1, "rule 7 by one look");
	attempt(MESSAGE_pos_look, id, page(&b, 3, id));
	is_str(shop_column(id, "pos_order_id"), guid(id), "rule 7 it is found");
	a = attempt(MESSAGE_pos_void, id, TILL_REPLY(200, "{}"));
	ok(a.is_sent && strstr(a.url, "/void") != NULL && strstr(a.url, guid(id)) != NULL, "rule 7 and can be taken off: %s", a.url);
	is_str(shop_notices(id), "", "NOT-08 nobody was called for that");
	attempt(MESSAGE_pos_look, id, TILL_LOST);
	ok(strstr(shop_messages(id), "pos_look") == NULL, "PERF-03 and nothing more is looked for: %s", shop_messages(id));
	shop_check(shop, id, "an order that was found to be taken off");
	arena_free(&arena);
}

/* An externalId is taken for ever: as late as one likes it can be asked for by using it again. */
static void
test_repeat_late(void)
{
	int64_t id = shop_order(shop);
	struct attempt_seen a;

	world_sql("UPDATE order_items SET external_id = '" GUID("e1") "/" GUID("e2") "' WHERE order_id = %lld", (long long)id);
	attempt(MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	is_str(shop_axes(id), "received/unsure/pending", "D5 no answer");
	world_sql("UPDATE order_status_history SET created_at = created_at - INTERVAL 30 DAY WHERE order_id = %lld AND event = 'claim'", (long long)id);
	a = attempt(MESSAGE_pos_submit, id, TILL_REPLY(400, TAKEN));
	ok(a.is_sent, "rule 12 Toast knows its names for ever");
	is_str(shop_axes(id), "received/accepted/pending", "rule 12 and says that it has one");
}

static void
test_void_never_found(void)
{
	int64_t id = unnamed();

	attempt(MESSAGE_pos_void, id, TILL_LOST);
	world_sql("UPDATE outbox SET created_at = created_at - INTERVAL 121 SECOND WHERE kind = 'pos_void' AND subject_id = %lld", (long long)id);
	attempt(MESSAGE_pos_void, id, TILL_LOST);
	is_str(shop_axes(id), "received/accepted/pending", "rule 8 not before what was sent has settled");
	world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL 121 SECOND WHERE id = %lld", (long long)id);
	attempt(MESSAGE_pos_void, id, TILL_LOST);
	is_str(shop_axes(id), "received/manual/pending", "rule 8 one that is not found is for people");
	is_str(shop_notices(id), "pos_void_refused", "NOT-08 who are told");
	ok(strstr(shop_column(id, "pos_failure_reason"), "not found") != NULL, "NOT-08 and why");
	shop_check(shop, id, "an order that was not found");
}

/* A POS of which "it is not there" is believed, once what was sent has settled. */
static void
test_void_absent(void)
{
	static const char nothing[] = "{\"elements\":[]}";
	int64_t id = shop_order(shop);
	struct attempt_seen a;

	attempt(MESSAGE_pos_submit, id, TILL_LOST);
	world_sql("UPDATE orders SET pos_state = 'accepted' WHERE id = %lld", (long long)id);
	cancel(id);
	world_sql("DELETE FROM outbox WHERE kind = 'pos_submit' AND subject_id = %lld", (long long)id);
	a = attempt(MESSAGE_pos_void, id, TILL_LOST);
	ok(a.is_claimed && !a.is_sent, "rule 7 what has no name can not be taken off");
	a = attempt(MESSAGE_pos_look, id, TILL_REPLY(200, nothing));
	ok(!a.is_sent, "rule 4 nor is absence asked for before all that was sent has settled");
	world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = %lld", (long long)id);
	attempt(MESSAGE_pos_look, id, TILL_REPLY(200, nothing));
	attempt(MESSAGE_pos_look, id, TILL_REPLY(200, nothing));
	is_str(shop_axes(id), "cancelled/failed/pending", "rule 6 it is not there: it ends");
	ok(strstr(shop_messages(id), "pos_watch") != NULL, "rule 11 and is watched for: %s", shop_messages(id));
	a = attempt(MESSAGE_pos_void, id, TILL_LOST);
	ok(a.is_claimed && !a.is_sent, "rule 7 nothing is left to take off");
}

static struct till_reply
there(int64_t id)
{
	return TILL_REPLY(200, shop_text("SELECT CONCAT('{\"elements\":[{\"id\":\"ORDER00000001\",\"state\":\"open\",\"title\":\"',"
	    " order_number, '\"}]}') FROM orders WHERE id = %lld", (long long)id));
}

/* How long, in seconds, until the order is looked at; 0: nobody waits to. */
static int64_t
early_in(int64_t id)
{
	return world_int("SELECT COALESCE(MAX(ROUND(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), due_at) / 1e6)), 0) FROM outbox"
	    " WHERE kind = 'pos_hint' AND subject_id = %lld", (long long)id);
}

/* Nothing is sent again: without a look the guest would wait two minutes for a yes that could be had at once. */
static void
test_early(void)
{
	static const char nothing[] = "{\"elements\":[]}";
	int64_t id = shop_order(shop), gone = shop_order(shop);
	struct attempt_seen a;

	attempt(MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	is_str(shop_axes(id), "received/unsure/pending", "rule 2 it may be there");
	is_int(early_in(id), 2, "POS-21 it is looked for soon");
	a = attempt(MESSAGE_pos_hint, id, TILL_REPLY(200, nothing));
	ok(a.is_sent, "POS-21 before it has settled");
	attempt(MESSAGE_pos_hint, id, TILL_REPLY(200, nothing));
	is_int(early_in(id), 2, "POS-21 by either of its names, and soon again");
	is_str(shop_axes(id), "received/unsure/pending", "rule 4 a look that finds nothing says nothing then");
	world_sql("UPDATE outbox SET created_at = created_at - INTERVAL 16 SECOND WHERE kind = 'pos_hint' AND subject_id = %lld", (long long)id);
	for (int i = 0; i < 8; i++)
		attempt(MESSAGE_pos_hint, id, TILL_REPLY(503, "{}"));
	is_int(early_in(id) / 4, 4, "POS-21 nor does one without an answer, however often: the older the doubt, the longer the pause");
	is_str(shop_axes(id), "received/unsure/pending", "rule 4 it stays in doubt");
	attempt(MESSAGE_pos_hint, id, there(id));
	is_str(shop_axes(id), "confirmed/accepted/pending", "POS-21 one that finds it ends the doubt");
	is_int(early_in(id), 0, "and is the last of them");
	attempt(MESSAGE_pos_submit, gone, TILL_FAILURE(CALL_TIMED_OUT));
	attempt(MESSAGE_pos_hint, gone, TILL_REPLY(200, nothing));
	world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = %lld", (long long)gone);
	attempt(MESSAGE_pos_hint, gone, TILL_REPLY(200, nothing));
	is_str(shop_axes(gone), "received/unsure/pending", "rule 4 when it has settled it is still not their word that counts");
	is_int(early_in(gone), 0, "and they are over");
	attempt(MESSAGE_pos_look, gone, TILL_REPLY(200, nothing));
	attempt(MESSAGE_pos_look, gone, TILL_REPLY(200, nothing));
	is_str(shop_axes(gone), "received/queued/pending", "rule 4 but that of the look that began then");
}

/* Where a repeat ends a doubt it is looked for when the repeat was lost too. */
static void
test_early_after_repeat(void)
{
	struct arena *arena = arena_new(1 << 20);
	int64_t lost = shop_order(shop), vanished = shop_order(shop), busy = shop_order(shop), late = shop_order(shop);
	struct buf b;

	buf_init(&b, arena, 1 << 18);
	world_sql("UPDATE order_items SET external_id = '" GUID("e1") "/" GUID("e2") "' WHERE order_id IN (%lld, %lld, %lld, %lld)", (long long)lost, (long long)vanished,
	    (long long)busy, (long long)late);
	attempt(MESSAGE_pos_submit, lost, TILL_FAILURE(CALL_TIMED_OUT));
	is_str(shop_axes(lost), "received/unsure/pending", "rule 2 it may be there");
	is_int(early_in(lost), 0, "rule 4 the same once more will show it");
	attempt(MESSAGE_pos_submit, lost, TILL_FAILURE(CALL_TIMED_OUT));
	is_int(early_in(lost), 2, "POS-21 when that has shown nothing either, it is looked for soon");
	attempt(MESSAGE_pos_hint, lost, page(&b, 1, 0));
	is_int(early_in(lost), 2, "POS-21 and again");
	attempt(MESSAGE_pos_hint, lost, page(&b, 1, lost));
	is_str(shop_axes(lost), "received/accepted/pending", "POS-21 until it is found");
	attempt(MESSAGE_pos_submit, vanished, TILL_LOST);
	attempt(MESSAGE_pos_submit, vanished, TILL_LOST);
	is_int(early_in(vanished), 0, "rule 4 a relay that vanished is followed by one that repeats");
	attempt(MESSAGE_pos_submit, vanished, TILL_LOST);
	is_int(early_in(vanished), 2, "POS-21 if that has vanished too it is looked for soon");
	attempt(MESSAGE_pos_submit, busy, TILL_FAILURE(CALL_TIMED_OUT));
	world_sql("UPDATE outbox SET attempts = 50 WHERE kind = 'pos_submit' AND subject_id = %lld", (long long)busy);
	attempt(MESSAGE_pos_submit, busy, TILL_FAILURE(CALL_NOT_CONNECTED));
	is_str(shop_axes(busy), "received/unsure/pending", "rule 5 a later no speaks for itself only");
	is_int(early_in(busy), 2, "POS-21 and if it was the last of them it is looked for soon");
	attempt(MESSAGE_pos_submit, late, TILL_LOST);
	attempt(MESSAGE_pos_submit, late, TILL_LOST);
	world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = %lld", (long long)late);
	attempt(MESSAGE_pos_submit, late, TILL_LOST);
	is_int(early_in(late), 0, "rule 4 when all has settled the look that counts is due");
	arena_free(&arena);
}

int
main(void)
{
	shop_make(&at_toast, "lk");
	connect("toast", CONFIG);
	test_pages();
	test_void_unnamed();
	test_void_never_found();
	test_repeat_late();
	test_early_after_repeat();
	shop = &at_clover;
	shop_make(&at_clover, "la");
	connect("clover", ATOMIC);
	test_void_absent();
	test_early();
	return tap_done();
}
