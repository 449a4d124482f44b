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
	"\"dining_options\":{\"pickup\":\"" GUID("d1") "\"},\"client_id\":\"CANARY-ID\",\"client_secret\":\"CANARY-SECRET\"}"
#define TOKEN "{\"token\":{\"tokenType\":\"Bearer\",\"expiresIn\":86400,\"accessToken\":\"CANARY-TOKEN\"},\"status\":\"SUCCESS\"}"
#define TAKEN "{\"status\":400,\"code\":10025,\"message\":\"externalId already exists\"}"

static struct shop shop;
static int64_t integration_id;

static enum err
connect_body(struct op *op, void *arg)
{
	struct connection *c = arg;

	return connection_save(op, &shop.restaurant, &(struct connection_wish){ .provider_name = "toast",
	    .endpoint = "https://pos.example", .config = { CONFIG, sizeof CONFIG - 1 } }, c);
}

static void
connect(void)
{
	struct connection c;
	struct op op;

	shop_op(&op, PROGRAM_integrations, &shop);
	ok(db_tx(&op, connect_body, &c) == OK, "the restaurant is at Toast");
	integration_id = c.integration.id;
	op_end(&op);
}

/* One attempt of one message; whatever else is due at the same place is left alone. */
static struct attempt_seen
attempt(enum message_kind kind, int64_t subject_id, struct till_reply reply)
{
	struct attempt_seen a;

	world_sql("UPDATE outbox SET due_at = due_at + INTERVAL 10 YEAR WHERE kind <> '%s' OR subject_id <> %lld", message_info(kind)->name,
	    (long long)subject_id);
	a = till_attempt(&shop, kind, subject_id, reply);
	world_sql("UPDATE outbox SET due_at = due_at - INTERVAL 10 YEAR WHERE due_at > UTC_TIMESTAMP(6) + INTERVAL 5 YEAR");
	return a;
}

/* So many orders of other people, and ours among them if it is given. */
static struct till_reply
page(struct buf *b, size_t n, int64_t order_id)
{
	buf_clear(b);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s{\"guid\":\"00000000-0000-4000-8000-%012zu\",\"entityType\":\"Order\",\"externalId\":null}", i == 0 ? "[" : ",", i);
	if (order_id != 0)
		buf_adds(b, shop_text("SELECT CONCAT('%s{\"guid\":\"" GUID("0b") "\",\"entityType\":\"Order\",\"externalId\":\"TICKETRAIL:lk.',"
		    " order_number, '\",\"checks\":[]}') FROM orders WHERE id = %lld", n == 0 ? "[" : ",", (long long)order_id));
	buf_adds(b, n == 0 && order_id == 0 ? "[]" : "]");
	return TILL_REPLY(200, b->data);
}

static bool
asks_page(const struct attempt_seen *a, const char *n)
{
	char text[20];

	(void)snprintf(text, sizeof text, "&page=%s&", n);
	return a->is_sent && strstr(a->url, text) != NULL;
}

/* Toast says that it has one of this name, not which: it is looked for. */
static void
test_pages(void)
{
	struct arena *arena = arena_new(1 << 20);
	int64_t id = shop_order(&shop);
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
	is_str(shop_column(id, "pos_order_id"), GUID("0b"), "E48 and finds it");
	arena_free(&arena);
}

int
main(void)
{
	shop_make(&shop, "lk");
	connect();
	test_pages();
	return tap_done();
}
