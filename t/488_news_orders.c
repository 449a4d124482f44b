/*
 * News in any order, at each POS: what PetPooja, Toast, Square and Clover really call us with, proved as they prove it and read by
 * their adapters, some of it twice, before the answer to the create and after it. The end is always the same, and the way there is
 * a path of the tables. (476 has all orders and ways of a made-up POS.)
 *
 * Where news only says that something changed, the order is looked at, and shows how far it had come by then.
 */
#include <stdio.h>
#include <string.h>

#include "crypto/hmac.h"
#include "inbox/inbox.h"
#include "mem/arena.h"
#include "op/op.h"
#include "order/settle.h"
#include "order/submission.h"
#include "provider/connect.h"
#include "provider/webhook.h"
#include "shop.h"
#include "tap.h"
#include "text/hex.h"
#include "till.h"

#define WORDS_MAX 5
#define URL "https://us.example/api/webhooks/square"
#define SECRET "the-secret-of-their-calls"
#define PLACE "ab6a07b8-3c36-4e3c-9e3c-2d3a2c1b0a99"
#define STAMP "2026-01-05T10:00:00.000+0000"

/* One restaurant at one POS, and the order in hand. */
struct run;
struct play {
	const char *provider, *outlet, *config, *header;
	/* how the POS's ids of orders begin, and how many digits follow; NULL: it has only our name */
	const char *id_prefix;
	int id_digits;
	/* one of their words as they tell it; variant: in which of their ways, and is it the same news as before */
	const char *(*body)(const struct run *, const char *word, unsigned variant);
	const char *(*look)(const struct run *, const char *word); /* NULL: it can not be asked */
};

struct run {
	const struct play *play;
	struct shop shop;
	struct connection connection;
	int64_t order_id;
	int n;
	char id[64];
	const char *furthest; /* of their words, by now */
	bool is_good;
	long bound_n, looks_n;
	struct arena *memory;
};

/* What their words mean. */
static const struct {
	const char *word, *status;
} words[] = {
	/* PetPooja */
	{ "1", "confirmed" },
	{ "5", "ready" },
	{ "4", "out_for_delivery" },
	{ "10", "completed" },
	{ "-1", "cancelled" },
	/* Toast */
	{ "RECEIVED", "confirmed" },
	{ "IN_PREPARATION", "preparing" },
	{ "READY_FOR_PICKUP", "ready" },
	{ "CLOSED", "completed" },
	{ "VOIDED", "cancelled" },
	/* Square */
	{ "PROPOSED", "received" },
	{ "RESERVED", "preparing" },
	{ "PREPARED", "ready" },
	{ "COMPLETED", "completed" },
	{ "CANCELED", "cancelled" },
	/* Clover */
	{ "open", "confirmed" },
	{ "paid", "completed" },
	{ "deleted", "cancelled" },
};

static enum order_status
status_of(const char *word)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i].word, word) == 0)
			return status_by_name(words[i].status);
	return STATUS__MAX;
}

/* ---- what they say ---- */

static const char *
petpooja_body(const struct run *r, const char *word, unsigned variant)
{
	/* A number or a text, with a reason or without. */
	return arena_printf(r->memory, "{\"restID\":\"%s\",\"orderID\":\"%s\",\"status\":%s%s%s%s}", r->play->outlet,
	    shop_column(r->order_id, "order_number"), variant & 1 ? "" : "\"", word, variant & 1 ? "" : "\"",
	    variant & 2 ? ",\"cancel_reason\":\"\",\"minimum_prep_time\":20" : "");
}

static const char *
toast_state(const struct run *r, const char *word)
{
	static const char *const kitchen[] = { [STATUS_confirmed] = "NEW", [STATUS_preparing] = "SENT", [STATUS_ready] = "READY" };
	enum order_status s = status_of(word);

	return arena_printf(r->memory, "{\"guid\":\"%s\",\"approvalStatus\":\"APPROVED\",\"voided\":%s,\"checks\":[{\"paymentStatus\":\"%s\","
	    "\"selections\":[{\"displayName\":\"Tea\",\"quantity\":1,\"fulfillmentStatus\":\"%s\"}]}]}", r->id,
	    s == STATUS_cancelled ? "true" : "false", s == STATUS_completed ? "CLOSED" : "OPEN",
	    s <= STATUS_ready ? kitchen[s] : "READY");
}

static const char *
toast_body(const struct run *r, const char *word, unsigned variant)
{
	const char *details = variant & 1
		? arena_printf(r->memory, "\"order\":%s", toast_state(r, word))
		: arena_printf(r->memory, "\"orderGuid\":\"%s\",\"guestOrderStatus\":\"%s\"", r->id, word);

	return arena_printf(r->memory, "{\"timestamp\":\"" STAMP "\",\"eventCategory\":\"%s\",\"eventType\":\"%s\",\"guid\":\"%s-%s-%u\","
	    "\"details\":{\"restaurantGuid\":\"" PLACE "\",%s}}", variant & 1 ? "order_updated" : "guest_order_status",
	    variant & 1 ? "order_updated" : "guest_order_status_updated", r->id, word, variant & 3, details);
}

static const char *
toast_look(const struct run *r, const char *word)
{
	return toast_state(r, word);
}

static const char *
square_body(const struct run *r, const char *word, unsigned variant)
{
	bool is_hint = variant & 1;
	const char *kind = is_hint ? "order_updated" : "order_fulfillment_updated";
	const char *more = is_hint ? "" : arena_printf(r->memory, ",\"fulfillment_update\":[{\"old_state\":\"PROPOSED\",\"new_state\":\"%s\"}]", word);

	return arena_printf(r->memory, "{\"merchant_id\":\"M1\",\"location_id\":\"%s\",\"type\":\"%s\",\"event_id\":\"%s-%s-%u\","
	    "\"created_at\":\"2026-01-05T10:00:00Z\",\"data\":{\"type\":\"%s\",\"id\":\"%s\",\"object\":{\"%s\":{\"order_id\":\"%s\",\"version\":2,"
	    "\"location_id\":\"%s\",\"state\":\"OPEN\"%s}}}}", r->play->outlet, is_hint ? "order.updated" : "order.fulfillment.updated", r->id, word,
	    variant & 3, kind, r->id, kind, r->id, r->play->outlet, more);
}

static const char *
square_look(const struct run *r, const char *word)
{
	enum order_status s = status_of(word);

	return arena_printf(r->memory, "{\"order\":{\"id\":\"%s\",\"location_id\":\"%s\",\"state\":\"%s\",\"version\":3,\"total_money\":{\"amount\":100,"
	    "\"currency\":\"INR\"},\"net_amount_due_money\":{\"amount\":0,\"currency\":\"INR\"},\"fulfillments\":[{\"type\":\"PICKUP\",\"state\":\"%s\"}]}}",
	    r->id, r->play->outlet, s == STATUS_completed ? "COMPLETED" : s == STATUS_cancelled ? "CANCELED" : "OPEN", word);
}

static const char *
clover_body(const struct run *r, const char *word, unsigned variant)
{
	return arena_printf(r->memory, "{\"appId\":\"APP\",\"merchants\":{\"%s\":[{\"objectId\":\"O:%s\",\"type\":\"%s\",\"ts\":%u}]}}", r->play->outlet,
	    r->id, status_of(word) == STATUS_cancelled ? "DELETE" : "UPDATE", 1767607203u + 10u * (unsigned)status_of(word) + (variant & 3));
}

static const char *
clover_look(const struct run *r, const char *word)
{
	enum order_status s = status_of(word);

	return arena_printf(r->memory, "{\"id\":\"%s\",\"state\":\"%s\",\"paymentState\":\"%s\"%s}", r->id, s == STATUS_completed ? "locked" : "open",
	    s == STATUS_completed ? "PAID" : "OPEN", s == STATUS_cancelled ? ",\"deletedTime\":1767607209000" : "");
}

static const struct play plays[] = {
	{ "petpooja", "rest-news-petpooja", "{\"app_key\":\"CANARY-KEY\",\"app_secret\":\"CANARY-SECRET\",\"access_token\":\"CANARY-TOKEN\"}", NULL, NULL, 0,
	    petpooja_body, NULL },
	{ "toast", PLACE, "{\"client_id\":\"CANARY-ID\",\"client_secret\":\"CANARY-SECRET\",\"naming_authority\":\"TICKETRAIL\","
	    "\"dining_options.pickup\":\"" PLACE "\"}", "toast-signature", "00000000-0000-4000-8000-", 12, toast_body, toast_look },
	{ "square", "L1", "{\"access_token\":\"CANARY-TOKEN\",\"notification_url\":\"" URL "\"}", "x-square-hmacsha256-signature", "SQ", 10, square_body,
	    square_look },
	{ "clover", "MERCH00000001", "{\"access_token\":\"CANARY-TOKEN\",\"order_types.pickup\":\"PICKUP0000001\"}", "x-clover-auth", "CLO", 10,
	    clover_body, clover_look },
};

/* ---- calling us ---- */

static const char *
proof(const struct run *r, const char *body)
{
	const char *signed_text = body;
	unsigned char mac[HMAC_SIZE];

	if (r->play->header == NULL || strcmp(r->play->provider, "clover") == 0)
		return SECRET;
	signed_text = strcmp(r->play->provider, "toast") == 0 ? arena_printf(r->memory, "%s" STAMP, body) : arena_printf(r->memory, URL "%s", body);
	hmac_sha256(SECRET, sizeof SECRET - 1, signed_text, strlen(signed_text), mac);
	return base64_encode(r->memory, mac, sizeof mac);
}

/* What is answered; 0 for a fault. */
static int
call(struct run *r, const char *body)
{
	struct till_header h = { r->play->header, proof(r, body) };
	struct webhook_call c = { .provider = r->play->provider, .type = r->play->header == NULL ? "callback" : "events", .slug = r->shop.restaurant.slug,
		.token = r->play->header == NULL ? till_token(&r->shop, shop_column(r->order_id, "order_number")) : NULL, .header = till_header_find,
		.request = &h, .headers = "x: y\n", .source_address = "192.0.2.7", .body = { body, strlen(body) } };
	struct webhook_answer answer = { .http_status = 0 };
	struct op op;
	enum err e;

	shop_op(&op, PROGRAM_webhooks, NULL);
	e = webhook_take(&op, &shop_keys, &c, &answer);
	if (e != OK)
		diag("%s: %s %s", r->play->provider, err_info(e)->name, op.fault.internal != NULL ? op.fault.internal : "");
	op_end(&op);
	return e == OK ? answer.http_status : 0;
}

/* ---- one order's way ---- */

enum deed { BEGIN, ANSWER, PAID, VOIDED };
struct doing {
	struct run *run;
	enum deed deed;
};

static enum err
deed_body(struct op *op, void *arg)
{
	const struct doing *d = arg;
	struct run *r = d->run;
	struct order_axes x;
	bool go;
	enum err e = order_lock(op, r->shop.restaurant.id, r->order_id, &x);

	if (e == OK && d->deed == BEGIN)
		e = submission_begin(op, &x, &r->connection.terms, x.order_number, (struct bytes){ "{}", 2 }, &go);
	if (e == OK && d->deed == ANSWER)
		e = submission_done(op, &x, &r->connection.terms, r->play->id_prefix != NULL ? arena_strdup(op->arena, r->id) : NULL, TIME_NONE, "taken");
	if (e == OK && d->deed == PAID)
		e = order_settle_cash(op, &x);
	/* A late word may have brought what has ended to life: it is taken off. */
	if (e == OK && d->deed == VOIDED && x.cancel_wanted != NULL)
		e = submission_voided(op, &x, "taken off");
	if (e == OK)
		e = order_save(op, &x);
	return e == OK && d->deed == ANSWER && r->play->id_prefix != NULL
		   ? inbox_unpark(op, r->shop.restaurant.id, r->play->provider, r->id)
		   : e;
}

static bool
go(struct run *r, enum deed deed)
{
	struct doing d = { r, deed };
	struct op op;
	enum err e;

	shop_op(&op, deed == PAID ? PROGRAM_admin : PROGRAM_relay, &r->shop);
	e = db_tx(&op, deed_body, &d);
	if (e != OK)
		diag("deed %d: %s %s", (int)deed, err_info(e)->name, op.fault.internal != NULL ? op.fault.internal : "");
	op_end(&op);
	return e == OK;
}

/* What waits for the id is applied as the job runner would, once somebody has made it due. */
static int64_t
parked_apply(struct run *r)
{
	int64_t id = world_int("SELECT COALESCE(MIN(subject_id), 0) FROM outbox WHERE kind = 'inbox_apply' AND restaurant_id = %lld"
	    " AND due_at <= UTC_TIMESTAMP(6)", (long long)r->shop.restaurant.id);

	if (id == 0)
		return 0;
	till_others_aside(MESSAGE_inbox_apply, id);
	r->is_good &= till_job(&r->shop, MESSAGE_inbox_apply, id);
	till_others_back();
	r->bound_n++;
	return r->is_good ? id : 0;
}

/* And what only changed is looked at. */
static void
catch_up(struct run *r)
{
	while (parked_apply(r) != 0)
		;
	if (r->play->look == NULL || r->furthest == NULL || strstr(shop_messages(r->order_id), "pos_hint") == NULL)
		return;
	till_others_aside(MESSAGE_pos_hint, r->order_id);
	r->looks_n += till_attempt(&r->shop, MESSAGE_pos_hint, r->order_id, TILL_REPLY(200, r->play->look(r, r->furthest))).is_sent;
	till_others_back();
}

static bool
tell(struct run *r, const char *word, unsigned variant)
{
	int status;

	if (r->furthest == NULL || status_of(word) > status_of(r->furthest))
		r->furthest = word;
	status = call(r, r->play->body(r, word, variant));
	catch_up(r);
	if (status != 200 && status != 202)
		diag("%s: %s is answered %d", r->play->provider, word, status);
	return status == 200 || status == 202;
}

static void
order_make(struct run *r)
{
	r->order_id = shop_order(&r->shop);
	r->n++;
	r->furthest = NULL;
	r->is_good = true;
	if (r->play->id_prefix == NULL)
		(void)snprintf(r->id, sizeof r->id, "%s", shop_column(r->order_id, "order_number"));
	else
		(void)snprintf(r->id, sizeof r->id, "%s%0*d", r->play->id_prefix, r->play->id_digits, r->n);
}

/* Goes one way; false if it does not end where it must. */
static bool
case_run(struct run *r, const char *const *news, size_t n, size_t answer_at, unsigned seed)
{
	char want[60], said[200] = "";
	enum order_status end = STATUS_received;
	bool good, is_end;

	order_make(r);
	for (size_t i = 0; i < n; i++) {
		end = status_of(news[i]) > end ? status_of(news[i]) : end;
		(void)snprintf(said + strlen(said), sizeof said - strlen(said), "%s %s/%u", i == answer_at ? " answer" : "", news[i], seed >> 2 * i & 3);
	}
	is_end = end == STATUS_cancelled;
	good = r->order_id != 0 && go(r, BEGIN) && (is_end || go(r, PAID));
	for (size_t i = 0; i <= n && good; i++) {
		if (i == answer_at) {
			good = go(r, ANSWER);
			catch_up(r);
		}
		good = good && (i == n || tell(r, news[i], seed >> 2 * i & 3));
	}
	good = good && r->is_good && go(r, VOIDED);
	(void)snprintf(want, sizeof want, "%s/%s/%s", status_name(end), is_end ? "failed" : "accepted", is_end ? "pending" : "paid");
	if (!good || strcmp(shop_axes(r->order_id), want) != 0) {
		diag("%s:%s: %s, not %s", r->play->provider, said, shop_axes(r->order_id), want);
		good = false;
	}
	good &= shop_check(&r->shop, r->order_id, said);
	world_sql("DELETE FROM outbox WHERE restaurant_id = %lld", (long long)r->shop.restaurant.id); /* what is left waits for hours */
	return good;
}

/* ---- all orders of it ---- */

static const struct {
	size_t play, n;
	const char *words[WORDS_MAX]; /* in the order of their letters: so the first of all orders */
	const char *name;
} sets[] = {
	{ 0, 5, { "1", "10", "10", "5", "5" }, "WH-03 PetPooja: confirmed, ready, completed, two of it twice" },
	{ 0, 5, { "-1", "-1", "1", "5", "5" }, "WH-03 PetPooja: cancelled" },
	{ 1, 5, { "CLOSED", "CLOSED", "IN_PREPARATION", "READY_FOR_PICKUP", "READY_FOR_PICKUP" }, "WH-26 Toast: cooked and closed" },
	{ 1, 5, { "IN_PREPARATION", "READY_FOR_PICKUP", "READY_FOR_PICKUP", "VOIDED", "VOIDED" }, "WH-26 Toast: voided" },
	{ 2, 5, { "COMPLETED", "COMPLETED", "PREPARED", "PREPARED", "RESERVED" }, "WH-26 Square: prepared and completed" },
	{ 2, 5, { "CANCELED", "CANCELED", "PREPARED", "PREPARED", "RESERVED" }, "WH-26 Square: cancelled" },
	{ 3, 5, { "open", "open", "open", "paid", "paid" }, "WH-26 Clover: paid at the till" },
	{ 3, 5, { "deleted", "deleted", "open", "open", "open" }, "WH-26 Clover: deleted" },
};

/* The next order of the same, by letters; false: that was the last. */
static bool
next_order(const char **list, size_t n)
{
	size_t i = n - 1, k = n - 1;
	const char *t;

	while (i > 0 && strcmp(list[i - 1], list[i]) >= 0)
		i--;
	if (i == 0)
		return false;
	while (strcmp(list[k], list[i - 1]) <= 0)
		k--;
	t = list[k], list[k] = list[i - 1], list[i - 1] = t;
	for (k = n - 1; i < k; i++, k--)
		t = list[i], list[i] = list[k], list[k] = t;
	return true;
}

static void
test_set(struct run *runs, size_t s, unsigned *state)
{
	const char *list[WORDS_MAX];
	long cases = 0, bad = 0;

	memcpy(list, sets[s].words, sizeof list);
	do {
		*state = *state * 1103515245u + 12345u;
		bad += !case_run(&runs[sets[s].play], list, sets[s].n, (size_t)cases % (sets[s].n + 1), *state >> 8);
		cases++;
	} while (next_order(list, sets[s].n));
	ok(bad == 0, "M18 F33 %s (%ld orders)", sets[s].name, cases);
}

/* ---- restaurants ---- */

static enum err
connect_body(struct op *op, void *arg)
{
	struct run *r = arg;
	bool is_clover = strcmp(r->play->provider, "clover") == 0;

	return connection_save(op, &r->shop.restaurant, &(struct connection_wish){ .provider_name = r->play->provider,
	    .pos_restaurant_id = r->play->outlet, .endpoint = "https://pos.example", .config = { r->play->config, strlen(r->play->config) },
	    .authorization = is_clover ? SECRET : NULL, .webhook_secret = is_clover ? NULL : SECRET }, &r->connection);
}

static enum err
terms_body(struct op *op, void *arg)
{
	struct run *r = arg;
	bool has;

	return connection_terms(op, &r->shop.restaurant, &has, &r->connection.terms);
}

static void
open_at(struct run *r, const struct play *play)
{
	struct op op;
	enum err e;

	*r = (struct run){ .play = play, .memory = arena_new((size_t)256 << 20) };
	shop_make(&r->shop, arena_printf(r->memory, "news-%s", play->provider));
	shop_op(&op, PROGRAM_integrations, &r->shop);
	e = db_tx(&op, connect_body, r);
	if (e != OK)
		diag("%s %s %s", err_info(e)->name, op.fault.sentence, op.fault.details != NULL ? op.fault.details : "");
	op_end(&op);
	shop_op(&op, PROGRAM_orders, &r->shop);
	if (e == OK)
		e = terms_body(&op, r);
	if (r->connection.terms.destination != NULL)
		r->connection.terms.destination = arena_strdup(r->memory, r->connection.terms.destination);
	op_end(&op);
	ok(e == OK, "a restaurant is at %s", play->provider);
}

int
main(void)
{
	static struct run runs[sizeof plays / sizeof plays[0]];
	unsigned state = 1;

	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++)
		open_at(&runs[i], &plays[i]);
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
		test_set(runs, i, &state);
	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
		ok((plays[i].id_prefix == NULL) == (runs[i].bound_n == 0), "WH-27 %s: %ld of them waited for the id", plays[i].provider, runs[i].bound_n);
		arena_free(&runs[i].memory);
	}
	ok(runs[2].looks_n > 0 && runs[3].looks_n > 0, "E46 where news is a hint there are looks: %ld and %ld", runs[2].looks_n, runs[3].looks_n);
	return tap_done();
}
