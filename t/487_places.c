/*
 * An order belongs to the place that it was sent to. The restaurant may go to another POS, or to another account at the same one, while
 * orders are open: nobody there is asked about them, and staff see to them (POS-21, POS-22).
 */
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "provider/call.h"
#include "provider/connect.h"
#include "tap.h"
#include "till.h"

#define FIRST "MERCH00000001"
#define SECOND "MERCH00000002"
#define AT_CLOVER "{\"use_atomic\":true,\"access_token\":\"CANARY-TOKEN\"}"
#define NOT_PRINTING "{\"use_atomic\":true,\"print\":false,\"access_token\":\"CANARY-TOKEN\"}"
#define OPENED "{\"id\":\"ORDER00000001\",\"state\":\"open\"}"
#define NONE "{\"elements\":[]}"
#define CANCELLED "{\"id\":\"ORDER00000001\"}"

static struct shop shop;

/* --- the restaurant --------------------------------------------------------------------------------------------- */

struct moving {
	const char *provider, *rest_id, *config;
	int64_t order_id; /* sent while the change is not committed yet */
};

static int64_t order_sent(int64_t id);

static enum err
move_body(struct op *op, void *arg)
{
	const struct moving *m = arg;
	struct connection c;
	enum err e = connection_save(op, &shop.restaurant, &(struct connection_wish){ .provider_name = m->provider,
	    .pos_restaurant_id = m->rest_id, .endpoint = "https://pos.example", .config = { m->config, strlen(m->config) } }, &c);

	if (e == OK && m->order_id != 0)
		(void)order_sent(m->order_id);
	return e;
}

static void
move(struct moving m)
{
	struct op op;

	shop_op(&op, PROGRAM_integrations, &shop);
	ok(db_tx(&op, move_body, &m) == OK, "the restaurant goes to %s of %s", m.rest_id, m.provider);
	op_end(&op);
}

static void
move_to(const char *rest_id)
{
	move((struct moving){ .provider = "clover", .rest_id = rest_id, .config = NOT_PRINTING });
}

/* --- an order --------------------------------------------------------------------------------------------------- */

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
order_sent(int64_t id)
{
	struct attempt_seen a = attempt(MESSAGE_pos_submit, id, TILL_REPLY(200, OPENED));

	ok(a.is_sent && strstr(a.url, "/merchants/" FIRST "/atomic_order") != NULL, "an order is sent to the first place: %s", a.url);
	is_str(shop_axes(id), "confirmed/accepted/pending", "and is there");
	return id;
}

static int64_t
order_doubted(void)
{
	int64_t id = order_new();

	(void)attempt(MESSAGE_pos_submit, id, TILL_FAILURE(CALL_TIMED_OUT));
	is_str(shop_axes(id), "received/unsure/pending", "an order may be at the first place");
	world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE WHERE id = %lld", (long long)id);
	return id;
}

struct deed {
	int64_t order_id;
	enum { CANCEL, RETRY, NOT_THERE } what;
};

static enum err
deed_body(struct op *op, void *arg)
{
	const struct deed *d = arg;
	struct connection c;
	struct order_axes x;
	bool said;
	enum err e = connection_of(op, shop.restaurant.id, &c);

	if (e == OK)
		e = order_lock(op, shop.restaurant.id, d->order_id, &x);
	if (e == OK)
		e = d->what == CANCEL  ? submission_cancel(op, &x, &c.terms, STATUS_EVENT_cancel, WHO_GUEST, "changed my mind", &said)
		    : d->what == RETRY ? submission_retry(op, &x, &c.terms, &said)
				       : submission_decide(op, &x, &c.terms, SEEN_NOT_THERE, "not on the screen");
	return e != OK ? e : order_save(op, &x);
}

static void
deed(int64_t order_id, int what)
{
	struct deed d = { .order_id = order_id, .what = what };
	struct op op;

	shop_op(&op, PROGRAM_admin, &shop);
	ok(db_tx(&op, deed_body, &d) == OK, "which is what people want");
	op_end(&op);
}

/* A guest cancels: who would be asked to take it off there? */
static struct attempt_seen
void_of(int64_t id)
{
	deed(id, CANCEL);
	return attempt(MESSAGE_pos_void, id, TILL_REPLY(200, CANCELLED));
}

static const char *
told(int64_t id)
{
	return shop_text("SELECT message FROM notification_queue WHERE order_id = %lld ORDER BY id DESC LIMIT 1", (long long)id);
}

static bool
is_told_where(int64_t id)
{
	return strstr(told(id), SUBMISSION_ELSEWHERE) != NULL;
}

/* --- what stands at another place ------------------------------------------------------------------------------- */

static void
test_void(const struct moving *away)
{
	int64_t id;
	struct attempt_seen a;

	move_to(FIRST);
	id = order_sent(order_new());
	move(*away);
	a = void_of(id);
	ok(a.is_claimed && !a.is_sent, "POS-22 nobody but the POS that has an order is asked to cancel it: %s", a.url);
	is_str(shop_axes(id), "confirmed/manual/pending", "rule 7 it is not cancelled, and not forgotten");
	is_str(shop_notices(id), "pos_void_refused", "NOT-08 staff are told");
	ok(is_told_where(id), "NOT-08 and where it is: %s", told(id));
	shop_check(&shop, id, "an order at another place");
}

static void
test_doubt(void)
{
	int64_t id;
	struct attempt_seen a;

	move_to(FIRST);
	id = order_doubted();
	move_to(SECOND);
	a = attempt(MESSAGE_pos_look, id, TILL_REPLY(200, NONE));
	ok(a.is_claimed && !a.is_sent, "POS-21 nobody else is asked whether it is there: %s", a.url);
	(void)attempt(MESSAGE_pos_look, id, TILL_REPLY(200, NONE));
	is_str(shop_axes(id), "received/unsure/pending", "POS-21 so that nobody says that it is not");
	ok(strstr(shop_messages(id), "pos_submit") == NULL, "I3 and it is not sent again: %s", shop_messages(id));
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "rule 8 its time is over");
	is_str(shop_axes(id), "received/manual/pending", "rule 8 it is the staff's");
	is_str(shop_notices(id), "pos_manual", "NOT-08 who are told");
	ok(is_told_where(id), "NOT-08 and where to look: %s", told(id));
	deed(id, NOT_THERE);
	deed(id, RETRY);
	a = attempt(MESSAGE_pos_submit, id, TILL_REPLY(200, "{\"id\":\"ORDER00000009\",\"state\":\"open\"}"));
	ok(a.is_sent && strstr(a.url, "/merchants/" SECOND "/") != NULL, "ADM-20 sent once more it goes to where the restaurant is: %s", a.url);
	is_str(shop_axes(id), "confirmed/accepted/pending", "ADM-20 and belongs there");
	a = attempt(MESSAGE_pos_look, id, TILL_REPLY(200, "{\"id\":\"ORDER00000009\",\"state\":\"open\"}"));
	ok(a.is_sent, "POS-21 where it is looked at: %s", a.url);
	world_sql("UPDATE orders SET pos_order_id = NULL WHERE id = %lld", (long long)id);
	shop_check(&shop, id, "an order in doubt at another place");
}

/* A look went out in time, and its answer comes when the restaurant is elsewhere. */
static void
test_look_late(void)
{
	struct attempt_seen a;
	int64_t id;

	move_to(FIRST);
	id = order_doubted();
	a = attempt(MESSAGE_pos_look, id, TILL_REPLY(200, NONE));
	ok(a.is_sent, "POS-21 it is looked for under one name, and under another");
	a = attempt(MESSAGE_pos_look, id, (struct till_reply){ .status = 200, .body = NONE,
	    .meanwhile = "UPDATE restaurant_pos_integrations SET pos_restaurant_id = '" SECOND "'" });
	ok(a.is_sent && a.outcome == OUTCOME_DONE, "POS-21 and not found");
	is_str(shop_axes(id), "received/unsure/pending", "POS-21 \"not there\" counts where it belongs, and nowhere else");
}

/* What was not sent yet was made for the menu of another place. */
static void
test_waiting(void)
{
	int64_t ids[2];
	struct attempt_seen a;

	move_to(FIRST);
	ids[0] = order_new();
	ids[1] = order_new();
	(void)attempt(MESSAGE_pos_submit, ids[1], TILL_REPLY(429, ""));
	move_to(SECOND);
	for (size_t i = 0; i < 2; i++) {
		a = attempt(MESSAGE_pos_submit, ids[i], TILL_REPLY(200, OPENED));
		ok(a.is_claimed && !a.is_sent, "POS-22 what waits for one place is not sent to another: %s", a.url);
		is_str(shop_axes(ids[i]), "received/failed/pending", "POS-25 it failed");
		is_str(shop_notices(ids[i]), "pos_failed", "NOT-08 staff are told");
		ok(is_told_where(ids[i]), "NOT-08 and why: %s", told(ids[i]));
		shop_check(&shop, ids[i], "an order that waited for another place");
	}
}

/* Nothing is heard of it any more: whoever sees to it must know. */
static void
test_followed(void)
{
	static const enum message_kind kinds[] = { MESSAGE_pos_follow, MESSAGE_pos_look };
	int64_t id;
	struct attempt_seen a;

	for (size_t i = 0; i < 2; i++) {
		move((struct moving){ .provider = "clover", .rest_id = FIRST, .config = AT_CLOVER });
		id = order_sent(order_new());
		move((struct moving){ .provider = "clover", .rest_id = SECOND, .config = AT_CLOVER });
		a = attempt(kinds[i], id, TILL_REPLY(200, "{\"id\":\"EVENT00000001\",\"state\":\"CREATED\"}"));
		ok(a.is_claimed && !a.is_sent, "POS-10 nobody else prints it, or says how it stands: %s", a.url);
		is_str(shop_notices(id), "pos_unfinished", "POS-10 NOT-08 staff see to it");
		ok(is_told_where(id), "NOT-08 and know where: %s", told(id));
		is_str(shop_axes(id), "confirmed/accepted/pending", "POS-21 it is there all the same");
	}
}

/* --- the same place --------------------------------------------------------------------------------------------- */

static void
test_same(void)
{
	int64_t id, back;
	struct attempt_seen a;

	move_to(FIRST);
	id = order_sent(order_new());
	move((struct moving){ .provider = "clover", .rest_id = FIRST,
	    .config = "{\"use_atomic\":true,\"print\":false,\"base_url\":\"https://other.example\",\"access_token\":\"CANARY-OTHER\"}" });
	a = void_of(id);
	ok(a.is_sent && strstr(a.url, "/merchants/" FIRST "/orders/ORDER00000001") != NULL && strstr(a.headers, "CANARY-OTHER") != NULL,
	    "POS-31 with other credentials for the same account all goes on: %s", a.url);
	back = order_sent(order_new());
	move_to(SECOND);
	move_to(FIRST);
	a = void_of(back);
	ok(a.is_sent && strstr(a.url, "/merchants/" FIRST "/orders/ORDER00000001") != NULL, "POS-22 and when the restaurant is back: %s", a.url);
	id = order_sent(order_new());
	world_sql("UPDATE orders SET pos_place = NULL WHERE id = %lld", (long long)id);
	a = void_of(id);
	ok(a.is_sent, "DB-41 and of an order that was sent before places were kept: %s", a.url);
}

/* --- at the same moment ----------------------------------------------------------------------------------------- */

struct beginning {
	int64_t order_id;
	const struct provider *provider;
	struct provider_beginning b;
};

/* The intent is written and not committed; the change is. */
static enum err
begin_body(struct op *op, void *arg)
{
	struct beginning *b = arg;
	enum err e = provider_begin_within(op, b->provider, &b->b, 1);

	move_to(SECOND);
	return e;
}

struct ending {
	const struct provider *provider;
	const struct message *message;
	enum outcome outcome;
};

static enum err
end_body(struct op *op, void *arg)
{
	struct ending *e = arg;
	static const struct provider_result result = { .has_reply = true, .reply = { .status = 200, .body = { OPENED, sizeof OPENED - 1 } } };

	return provider_end(op, e->provider, e->message, &result, &e->outcome);
}

static void
test_begun_first(void)
{
	struct provider provider = { .config = &shop_config, .keys = shop_keys };
	struct provider_call call;
	struct beginning b = { .provider = &provider };
	struct ending ending = { .provider = &provider };
	struct op op, own;
	struct attempt_seen a;

	move_to(FIRST);
	b.order_id = order_new();
	world_sql("UPDATE outbox SET due_at = due_at - INTERVAL 1 HOUR WHERE kind = 'pos_submit' AND subject_id = %lld", (long long)b.order_id);
	shop_op(&op, PROGRAM_relay, &shop);
	shop_op(&own, PROGRAM_relay, &shop);
	ending.message = shop_claim(&op, RUNNER_RELAY, MESSAGE_pos_submit, b.order_id);
	b.b = (struct provider_beginning){ .op = &own, .message = ending.message, .call = &call };
	ok(db_tx(&op, begin_body, &b) == OK, "an attempt begins, the restaurant goes elsewhere, and then that is committed");
	provider_begun(&b.b, 1);
	ok(b.b.send && strstr(call.call.url, "/merchants/" FIRST "/") != NULL, "I5 it is sent to where it was to go: %s", b.b.send ? call.call.url : "");
	ok(db_tx(&op, end_body, &ending) == OK && ending.outcome == OUTCOME_DONE, "I5 and its answer is heard");
	op_end(&own);
	op_end(&op);
	is_str(shop_axes(b.order_id), "confirmed/accepted/pending", "I5 it is there");
	is_str(shop_column(b.order_id, "SUBSTRING_INDEX(pos_place, '/', -1)"), FIRST, "I5 which the order remembers");
	a = void_of(b.order_id);
	ok(!a.is_sent, "I5 and nobody asks the other place to take it back: %s", a.url);
	is_str(shop_notices(b.order_id), "pos_void_refused", "NOT-08 staff do that");
	shop_check(&shop, b.order_id, "an order that was on its way");
}

/* The change is made and not committed; whoever begins then does not see it. */
static void
test_moved_first(void)
{
	int64_t id;
	struct attempt_seen a;

	move_to(FIRST);
	id = order_new();
	move((struct moving){ .provider = "clover", .rest_id = SECOND, .config = NOT_PRINTING, .order_id = id });
	is_str(shop_column(id, "SUBSTRING_INDEX(pos_place, '/', -1)"), FIRST, "I5 sent while the restaurant was going, it belongs where it was sent");
	a = void_of(id);
	ok(!a.is_sent, "I5 and nobody asks the other place to take it back: %s", a.url);
	is_str(shop_axes(id), "confirmed/manual/pending", "rule 7 staff do that");
	id = order_new();
	a = attempt(MESSAGE_pos_submit, id, TILL_REPLY(200, OPENED));
	ok(a.is_sent && strstr(a.url, "/merchants/" SECOND "/atomic_order") != NULL, "I5 the next one goes there: %s", a.url);
	a = void_of(id);
	ok(a.is_sent && strstr(a.url, "/merchants/" SECOND "/orders/") != NULL, "I5 with all that follows: %s", a.url);
}

int
main(void)
{
	shop_make(&shop, "pl");
	world_sql("UPDATE restaurants SET currency = 'USD' WHERE id = %lld", (long long)shop.restaurant.id);
	shop.restaurant.currency = "USD";
	test_void(&(struct moving){ .provider = "clover", .rest_id = SECOND, .config = NOT_PRINTING });
	test_void(&(struct moving){ .provider = "petpooja", .rest_id = "rest-pl",
	    .config = "{\"app_key\":\"CANARY-KEY\",\"app_secret\":\"CANARY-SECRET\",\"access_token\":\"CANARY-TOKEN\"}" });
	test_doubt();
	test_look_late();
	test_waiting();
	test_followed();
	test_same();
	test_begun_first();
	test_moved_first();
	return tap_done();
}
