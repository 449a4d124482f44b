/* inbox, idempotency of deliveries: stored as they came before anything is made of them, and judged by state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inbox/inbox.h"
#include "op/op.h"
#include "shop.h"
#include "tap.h"

static struct shop shop;

struct storing {
	struct delivery_new d;
	int64_t id;
	bool fails;
};

static enum err
store_body(struct op *op, void *arg)
{
	struct storing *s = arg;
	enum err e = inbox_store(op, &s->d, &s->id);

	return e == OK && s->fails ? ERR_CONFLICT : e;
}

static enum err
store(struct delivery_new d, int64_t *ret_id)
{
	struct storing s = { .d = d, .id = -1 };
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_webhooks, &shop);
	e = db_tx(&op, store_body, &s);
	op_end(&op);
	if (ret_id != NULL)
		*ret_id = s.id;
	return e;
}

static struct delivery_new
delivery(const char *subject, const char *body, bool is_verified)
{
	return (struct delivery_new){ .restaurant_id = shop.restaurant.id, .provider = "petpooja", .type = "item-stock",
		.subject = subject, .headers = "content-type: application/json\n", .source_address = "192.0.2.7",
		.body = { body, strlen(body) }, .is_verified = is_verified, .http_status = is_verified ? 200 : 401,
		.error = is_verified ? NULL : "Invalid signature" };
}

struct judging {
	int64_t id;
	enum delivery_state state;
	bool is_repeat;
};

/* As whoever applies it does: under its lock, is it a repeat, and then what became of it. */
static enum err
judge_body(struct op *op, void *arg)
{
	struct judging *j = arg;
	struct delivery d;
	enum err e = inbox_lock(op, j->id, &d);

	if (e == OK)
		e = inbox_is_repeat(op, &d, &j->is_repeat);
	return e != OK ? e : inbox_set(op, j->id, j->state, j->state == DELIVERY_DEAD ? "given up" : NULL);
}

static bool
judge(int64_t id, enum delivery_state state)
{
	struct judging j = { .id = id, .state = state };
	struct op op;

	shop_op(&op, PROGRAM_jobs, &shop);
	if (db_tx(&op, judge_body, &j) != OK)
		diag("judging: %s", op.fault.internal);
	op_end(&op);
	return j.is_repeat;
}

static void
test_stored(void)
{
	static const char body[] = "{\"a\": 1 }\xff\0x"; /* not even text */
	struct delivery_new d = delivery("o1", "", true);
	struct storing undone;
	struct op op;
	int64_t id;

	d.body = (struct bytes){ body, sizeof body - 1 };
	is_int(store(d, &id), OK, "D2 a delivery is stored");
	is_str(shop_text("SELECT CONCAT_WS('|', HEX(body), body_len, state, status, is_verified, http_status, source_address, provider,"
	    " webhook_type, subject, headers, processed_at IS NULL) FROM webhook_logs WHERE id = %lld", (long long)id),
	    "7B2261223A2031207DFF0078|12|received|success|1|200|192.0.2.7|petpooja|item-stock|o1|content-type: application/json\n|1",
	    "DB-16 WH-10 byte for byte as it came");
	undone = (struct storing){ .d = d, .fails = true };
	shop_op(&op, PROGRAM_webhooks, &shop);
	(void)db_tx(&op, store_body, &undone);
	op_end(&op);
	is_int(world_int("SELECT COUNT(*) FROM webhook_logs WHERE id > %lld", (long long)id), 0, "I4 not stored is not stored");
	judge(id, DELIVERY_DEAD);
	is_str(shop_text("SELECT CONCAT_WS('|', state, status, error_message, processed_at IS NOT NULL) FROM webhook_logs WHERE id = %lld",
	    (long long)id), "dead|failed|given up|1", "DB-16 what became of it");
}

static void
test_unverified(void)
{
	struct delivery_new d = delivery("o2", "{\"rubbish\":true}", false), nobody;
	int64_t id, other;

	is_int(store(d, &id), OK, "WH-10 an unverified one is stored too");
	is_str(shop_text("SELECT CONCAT_WS('|', body IS NULL, body_len, LENGTH(body_digest), state, is_verified, http_status, error_message)"
	    " FROM webhook_logs WHERE id = %lld", (long long)id), "1|16|32|failed|0|401|Invalid signature",
	    "WH-10 by length and digest, not its body");
	for (int i = 1; i < INBOX_UNVERIFIED_PER_MINUTE; i++)
		store(d, NULL);
	is_int(store(d, &id), OK, "WH-10 more than the cap in a minute");
	is_int(id, 0, "WH-10 is not stored");
	is_int(world_int("SELECT COUNT(*) FROM webhook_logs WHERE is_verified = 0 AND restaurant_id = %lld", (long long)shop.restaurant.id),
	    INBOX_UNVERIFIED_PER_MINUTE, "WH-10 the cap holds");
	nobody = d;
	nobody.restaurant_id = 0;
	is_int(store(nobody, &other), OK, "WH-10 nobody's deliveries have a cap of their own");
	ok(other > 0, "WH-10 and are stored");
	is_int(store(delivery("o2", "{}", true), &id), OK, "WH-10 a verified one");
	ok(id > 0, "WH-10 is never capped");
	shop_clock(INT64_C(61) * 1000000);
	store(d, &id);
	ok(id > 0, "WH-10 a minute later there is room again");
	shop_clock(0);
}

/* PetPooja sends stock on, off, on: the third equals the first and must be applied. */
static void
test_repeats(void)
{
	int64_t on, off, on_again, on_twice, other;

	store(delivery("stock", "on", true), &on);
	ok(!judge(on, DELIVERY_PROCESSED), "WH-22 on: the first of its kind");
	store(delivery("stock", "off", true), &off);
	ok(!judge(off, DELIVERY_PROCESSED), "WH-22 off: another");
	store(delivery("stock", "on", true), &on_again);
	ok(!judge(on_again, DELIVERY_PROCESSED), "WH-22 on again is no repeat, though the same bytes came before");
	store(delivery("stock", "on", true), &on_twice);
	ok(judge(on_twice, DELIVERY_DUPLICATE), "I4 on after on is one");
	store(delivery("stock", "on", true), &on_twice);
	ok(judge(on_twice, DELIVERY_DUPLICATE), "I4 and so is the next");
	store(delivery("another", "on", true), &other);
	ok(!judge(other, DELIVERY_PROCESSED), "I4 not about something else");
	store(delivery(NULL, "on", true), &other);
	ok(!judge(other, DELIVERY_PROCESSED), "I4 nor about nothing known");
	store(delivery("ignored", "x", true), &other);
	(void)judge(other, DELIVERY_IGNORED);
	store(delivery("ignored", "x", true), &other);
	ok(!judge(other, DELIVERY_PROCESSED), "I4 what was ignored was not applied");
}

static void
test_event_key(void)
{
	struct delivery_new d = delivery("keyed", "{}", true);
	int64_t id;

	d.event_key = "evt-1";
	is_int(store(d, &id), OK, "D2 an event id that a signature covers");
	is_int(store(d, NULL), ERR_DUPLICATE, "D2 is taken once");
	d.event_key = "EVT-1";
	is_int(store(d, NULL), OK, "D2 case counts");
	d.provider = "square";
	is_int(store(d, NULL), OK, "D2 and so does whose it is");
}

struct unparking {
	const char *subject;
	bool is_together; /* with others */
};

static enum err
unpark_body(struct op *op, void *arg)
{
	static const struct db_waiting waiting[] = { { STMT_inbox_unpark, STMT_inbox_unpark_all } };
	const struct unparking *u = arg;
	enum err e = OK;

	if (u->is_together) {
		db_notes_begin(op, waiting, 1, NULL);
		e = inbox_unpark(op, shop.restaurant.id + 1, "petpooja", "P-10");
	}
	if (e == OK && u->is_together)
		e = inbox_unpark(op, shop.restaurant.id, "toast", "P-10");
	if (e == OK)
		e = inbox_unpark(op, shop.restaurant.id, "petpooja", u->subject);
	return e == OK && u->is_together ? db_notes_write(op) : e;
}

static void
test_unpark(void)
{
	struct op op;
	int64_t parked, other, done;

	store(delivery("P-9", "{}", true), &parked);
	store(delivery("P-10", "{}", true), &other);
	store(delivery("P-9", "{ }", true), &done);
	(void)judge(parked, DELIVERY_PARKED);
	(void)judge(other, DELIVERY_PARKED);
	(void)judge(done, DELIVERY_PROCESSED);
	world_sql("INSERT INTO outbox (runner, kind, destination, subject_id, due_at, trace_id, created_at)"
	    " SELECT 'jobs', 'inbox_apply', 'inbox', id, UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, REPEAT('0', 32), UTC_TIMESTAMP(6)"
	    " FROM webhook_logs WHERE id IN (%lld, %lld, %lld)", (long long)parked, (long long)other, (long long)done);
	for (int together = 0; together < 2; together++) {
		struct unparking u = { "P-9", together };

		world_sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, owner = 0 WHERE kind = 'inbox_apply'");
		shop_op(&op, PROGRAM_relay, &shop);
		is_int(db_tx(&op, unpark_body, &u), OK, "D10 what a parked delivery waited for has come");
		op_end(&op);
		is_int(world_int("SELECT GROUP_CONCAT(subject_id) FROM outbox WHERE kind = 'inbox_apply' AND due_at <= UTC_TIMESTAMP(6)"),
		    parked, "D10 it is due at once, and no other");
		world_sql("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, owner = 5 WHERE subject_id = %lld",
		    (long long)parked);
		shop_op(&op, PROGRAM_relay, &shop);
		(void)db_tx(&op, unpark_body, &u);
		op_end(&op);
		is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'inbox_apply' AND due_at <= UTC_TIMESTAMP(6)"), 0,
		    "I8 one that somebody has in hand keeps its lease");
	}
}

static void
test_errors(void)
{
	const char *const *sentences = NULL;
	struct op op;
	size_t n = 0;
	int64_t id;

	store(delivery("bad", "{}", true), &id);
	(void)judge(id, DELIVERY_DEAD);
	shop_op(&op, PROGRAM_integrations, &shop);
	is_int(inbox_errors(&op, shop.restaurant.id, "petpooja", &sentences, &n), OK, "WH-10 what went wrong lately");
	ok(n == 2 && strcmp(sentences[0], "given up") == 0, "WH-10 of deliveries that were theirs");
	op_end(&op);
}

int
main(void)
{
	shop_make(&shop, "inbox");
	test_stored();
	test_unverified();
	test_repeats();
	test_event_key();
	test_unpark();
	test_errors();
	return tap_done();
}
