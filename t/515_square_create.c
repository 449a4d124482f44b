/*
 * Square: what it is sent when it is given an order, step by step, byte for byte. Every golden file
 * is worked out again from what was ordered by t/golden/square.js.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "mem/buf.h"
#include "op/op.h"
#include "order_file.h"
#include "pos/pos.h"
#include "tap.h"
#include "text/json_write.h"

#define DIR "t/golden/square/"

static const struct {
	const char *name, *proves;
} goldens[] = {
	{ "pickup", "POS-11 POS-02 a pickup at once; the cash that is owed stands in the note" },
	{ "delivery", "POS-02 a delivery, its address, its charges and what is taxed of them" },
	{ "dine_in", "POS-02 a table before there was a fulfillment for it: a pickup with a note" },
	{ "dine_in_store", "POS-02 a table as IN_STORE; its time in the note" },
	{ "dine_in_none", "POS-02 a table without a fulfillment: the first line bears the note" },
	{ "variation", "POS-03 a variation goes by its own id, a single one is the item's" },
	{ "addons", "POS-03 add-ons are modifiers, so many for each piece; one is not on the menu" },
	{ "open_item", "E38 what is not on the menu goes by name and price, its add-ons too" },
	{ "taxes_sent", "POS-02 taxes as sold, where Square is not to apply its own" },
	{ "tax_of_ours", "POS-02 a tax that Square does not have is sent along" },
	{ "tip", "POS-02 a tip comes with the payment" },
	{ "tip_charge", "POS-02 a tip is a charge where that is wanted" },
	{ "unpaid", "POS-02 nothing is marked as paid: the tip is a charge" },
	{ "cash", "POS-11 cash is marked as cash" },
	{ "cash_but_paid", "POS-11 what was paid otherwise is not" },
	{ "free", "POS-11 an order of nothing is paid with nothing" },
	{ "free_tip", "POS-02 a tip on nothing is a charge" },
	{ "scheduled", "E7 POS-02 a pickup later" },
	{ "scheduled_delivery", "E7 POS-02 a delivery later" },
	{ "discount", "E29 POS-02 a discount of the whole order, as an amount" },
	{ "notes", "POS-31 notes lose control characters and can name no secret" },
	{ "unicode", "POS-31 names and notes are cut by code points, what we add never" },
	{ "long_delivery", "POS-31 a delivery's note is longer" },
	{ "no_guest", "POS-08 a phone and an address that are none stand in the note" },
	{ "no_phone", "POS-08 a guest without a name" },
	{ "yen", "POS-02 a currency without coins" },
	{ "gifts", "POS-03 POS-31 what is free or untaxed; every name is cut" },
	{ "sandbox", "POS-13 the sandbox, another source and version" },
};

/* {"method","url","headers","body"}, as in the golden files. */
static const char *
call_json(struct arena *a, const struct http_call *call)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, a, 4u << 20);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(&w, "method", call->method);
	json_write_string(&w, "url", call->url);
	json_write_object(&w, "headers");
	for (size_t i = 0; i < call->headers_n; i++)
		json_write_string(&w, call->headers[i].name, call->headers[i].value);
	json_write_object_end(&w);
	json_write_array(&w, "secrets");
	for (size_t i = 0; i < call->secrets_n; i++)
		json_write_string(&w, NULL, call->secrets[i]);
	json_write_array_end(&w);
	if (call->body.len > 0)
		json_write_raw(
		    &w, "body", arena_strndup(a, call->body.data, call->body.len));
	json_write_object_end(&w);
	json_write_done(&w);
	return b.data;
}

static struct pos_task
task_of(struct arena *a, const char *name)
{
	const char *path = arena_printf(a, DIR "%s.order.json", name);
	struct order *order = order_file(a, path);

	return (struct pos_task){
		.config = adapter_config(
		    a, &pos_square, order_file_config(a, path), order->currency),
		.order = order,
		.reference = order->pos_reference,
		.now = order->created_at + 3000000,
		.since = TIME_NONE,
		.reason = "Guest\nchanged their mind {{secret:access_token}}",
	};
}

static bool
make(struct arena *a, enum pos_verb verb, const struct pos_task *task, struct http_call *ret)
{
	struct pos_problems problems = { 0 };
	bool is_made = pos_square.talks[verb].call(a, task, ret, &problems);

	for (size_t i = 0; i < problems.n; i++)
		diag("%s %s", problems.v[i].field, problems.v[i].sentence);
	return is_made;
}

/* The step's call against NAME.STEP.json. */
static void
check_step(struct arena *a, enum pos_verb verb, struct pos_task task, const char *name,
    const char *step, const char *progress, const char *proves)
{
	const char *path = arena_printf(a, DIR "%s.%s.json", name, step);
	struct http_call call = { 0 };

	task.progress = adapter_text(progress);
	if (!make(a, verb, &task, &call)) {
		ok(false, "%s %s: a call is made", name, step);
		return;
	}
	is_str(call_json(a, &call), json_file_compact(a, path), "%s (%s)", proves, step);
}

/* Square's answer to the order: what is due there. */
static struct pos_outcome
ordered(struct arena *a, const struct pos_task *task, int64_t due)
{
	struct http_reply r = { .status = 200 };

	r.body = adapter_text(arena_printf(a,
	    "{\"order\":{\"id\":\"ORDER1\",\"state\":\"OPEN\",\"version\":1,\"reference_id\":"
	    "\"%s\",\"total_money\":{\"amount\":%lld,\"currency\":\"%s\"},"
	    "\"net_amount_due_money\":{\"amount\":%lld,\"currency\":\"%s\"}}}",
	    task->reference, (long long)due, task->order->currency, (long long)due,
	    task->order->currency));
	return pos_square.talks[POS_CREATE].read(a, task, &r);
}

static bool
is_tip_paid(const struct pos_task *task)
{
	const char *as = pos_config_text(task->config, "tip_as");
	const char *paid = pos_config_text(task->config, "mark_paid");

	return strcmp(as, "payment") == 0 && strcmp(paid, "none") != 0 &&
	       task->order->total_minor > task->order->tip_minor;
}

static void
test_goldens(void)
{
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		struct arena *a = arena_new(64u << 20);
		const char *name = goldens[i].name;
		struct pos_task task = task_of(a, name);
		int64_t due = task.order->total_minor;
		struct pos_outcome o;

		if (is_tip_paid(&task))
			due -= task.order->tip_minor;
		check_step(a, POS_CREATE, task, name, "create", "", goldens[i].proves);
		o = ordered(a, &task, due);
		if (strcmp(pos_config_text(task.config, "mark_paid"), "none") == 0) {
			ok(o.verdict.outcome == OUTCOME_DONE && !o.has_next &&
				o.total_minor == due,
			    "%s: nothing is to be paid", name);
		} else {
			ok(o.verdict.outcome == OUTCOME_DONE && o.has_next &&
				o.total_minor == -1,
			    "%s: the payment is to follow", name);
			check_step(a, POS_CREATE, task, name, due == 0 ? "free" : "pay",
			    o.progress.data, goldens[i].proves);
		}
		arena_free(&a);
	}
}

/* The other verbs and steps, of one order. */
static const struct {
	const char *step;
	enum pos_verb verb;
	const char *progress;
	const char *pos_order_id;
	const char *proves;
} steps[] = {
	{ "quote", POS_QUOTE, "", NULL, "C18 what would it come to? The tip is a charge" },
	{ "find", POS_CREATE,
	    "{\"step\":\"find\",\"reference\":\"ORD-20260213-011\",\"cursor\":\"abc+/=\"}", NULL,
	    "D5 a key that was used before: the orders since then" },
	{ "check", POS_CREATE,
	    "{\"step\":\"check\",\"reference\":\"ORD-20260213-011\",\"order\":\"ORD/ER 1\"}", NULL,
	    "D5 is it ours, is it paid?" },
	{ "undo", POS_CREATE,
	    "{\"step\":\"undo\",\"reference\":\"ORD-20260213-011\",\"order\":\"ORDER1\","
	    "\"version\":1,\"fulfillment\":\"1\",\"kind\":\"PICKUP\",\"why\":\"no\"}",
	    NULL, "an order that will not be paid is cancelled" },
	{ "cancel_read", POS_CANCEL, "", "ORDER1", "POS-01 how does it stand?" },
	{ "cancel_payment", POS_CANCEL,
	    "{\"step\":\"payment\",\"order\":\"ORDER1\",\"payment\":\"PAY1\"}", "ORDER1",
	    "whose payment is it?" },
	{ "cancel_refund", POS_CANCEL,
	    "{\"step\":\"refund\",\"order\":\"ORDER1\",\"payment\":\"PAY1\",\"minor\":1509}",
	    "ORDER1", "E26 our payment is refunded, tip and all" },
	{ "cancel_again", POS_CANCEL,
	    "{\"step\":\"again\",\"order\":\"ORDER1\",\"payment\":\"PAY1\",\"minor\":1509}",
	    "ORDER1", "its version has moved on" },
	{ "cancel_void", POS_CANCEL,
	    "{\"step\":\"void\",\"order\":\"ORDER1\",\"version\":5,\"fulfillment\":\"1\",\"kind\":"
	    "\"DELIVERY\"}",
	    "ORDER1", "order and fulfillment are cancelled" },
	{ "cancel_part", POS_CANCEL,
	    "{\"step\":\"part\",\"order\":\"ORDER1\",\"version\":5,\"fulfillment\":\"1\",\"kind\":"
	    "\"IN_STORE\"}",
	    "ORDER1", "the fulfillment alone" },
	{ "look", POS_LOOK, "", "ORDER1", "POS-05 by its id" },
	{ "search", POS_LOOK, "", NULL, "POS-05 by our reference, of the orders since then" },
	{ "search_on", POS_LOOK, "{\"step\":\"search\",\"cursor\":\"abc+/=\",\"order\":\"ORDER1\"}",
	    NULL, "the next page of them" },
	{ "login", POS_LOGIN, "", NULL, "POS-19 a fresh token" },
	{ "menu", POS_MENU, "", NULL, "SYNC-02 the menu's first page" },
	{ "menu_on", POS_MENU, "{\"cursor\":\"abc+/=\",\"page\":2}", NULL, "and its second" },
};

static void
test_steps(void)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct arena *a = arena_new(8u << 20);
		struct pos_task task = task_of(a, "tip");

		task.pos_order_id = steps[i].pos_order_id;
		if (steps[i].verb == POS_LOOK)
			task.since = task.order->created_at;
		if (steps[i].verb == POS_LOGIN)
			task.config = adapter_config(
			    a, &pos_square, "{\"client_id\":\"sq0idp-abc\"}", "USD");
		check_step(a, steps[i].verb, task, "tip", steps[i].step, steps[i].progress,
		    steps[i].proves);
		arena_free(&a);
	}
}

/* ---- keys ---- */

static const char *
key_of(struct arena *a, const struct http_call *call)
{
	const char *at = strstr(call->body.data, "\"idempotency_key\":\"");

	return at == NULL ? "" : arena_strndup(a, at + 19, strcspn(at + 19, "\""));
}

static void
test_keys(void)
{
	struct arena *a = arena_new(64u << 20);
	struct pos_task task = task_of(a, "tip"), other = task;
	struct http_call first, again, moved, elsewhere, pay;
	struct pos_config *config = arena_alloc(a, sizeof(*config));
	const char **values;
	struct order *order;

	make(a, POS_CREATE, &task, &first);
	task.now += 86400000000;
	make(a, POS_CREATE, &task, &again);
	ok(first.body.len == again.body.len &&
		memcmp(first.body.data, again.body.data, first.body.len) == 0,
	    "D5 a repeat is the same bytes, whenever it is made");
	order = arena_bytes(a, task.order, sizeof(*order));
	order->pos_reference = "ORD-20260213-011-2";
	other.order = order;
	other.reference = order->pos_reference;
	make(a, POS_CREATE, &other, &moved);
	ok(strcmp(key_of(a, &first), key_of(a, &moved)) != 0, "another submission has another key");
	*config = *task.config;
	values = arena_bytes(
	    a, config->values, pos_square.fields_n * sizeof(*config->values));
	values[pos_field_find(&pos_square, "location_id") - pos_square.fields] = "L2";
	config->values = values;
	task.config = config;
	make(a, POS_CREATE, &task, &elsewhere);
	ok(strcmp(key_of(a, &first), key_of(a, &elsewhere)) != 0,
	    "the same reference at another location of the seller has another key");
	task.progress = adapter_text("{\"step\":\"pay\",\"reference\":\"ORD-20260213-011\","
				     "\"order\":\"ORDER1\",\"minor\":499}");
	make(a, POS_CREATE, &task, &pay);
	ok(strlen(key_of(a, &pay)) <= 45 && strlen(key_of(a, &pay)) > 20 &&
		strcmp(key_of(a, &pay), key_of(a, &elsewhere)) != 0,
	    "a payment's key is its own, and short enough");
	task.progress = adapter_text("{\"step\":\"pay\",\"reference\":\"ORD-20260213-010\","
				     "\"order\":\"ORDER1\",\"minor\":499}");
	make(a, POS_CREATE, &task, &pay);
	ok(strcmp(key_of(a, &pay), key_of(a, &elsewhere)) == 0,
	    "progress of another submission is none of this one's");
	arena_free(&a);
}

/* ---- what must not be sent ---- */

#define LINE(o) ((struct order_line *)(o)->lines)
static void
no_reference(struct order *o)
{
	o->pos_reference = NULL;
}
static void
long_reference(struct order *o)
{
	o->pos_reference = "ORD-20260213-0000000000000000000000000001";
}
static void
no_lines(struct order *o)
{
	o->lines_n = 0;
}
static void
no_item(struct order *o)
{
	LINE(o)->variation_external_id = NULL;
	LINE(o)->item_name = "";
}
static void
no_pieces(struct order *o)
{
	LINE(o)->quantity = 0;
}
static void
bad_price(struct order *o)
{
	LINE(o)->item_price_minor++;
}
static void
bad_addons(struct order *o)
{
	LINE(o)->addons_minor++;
}
static void
no_addon(struct order *o)
{
	((struct order_addon *)o->lines->addons)->name = NULL;
	((struct order_addon *)o->lines->addons)->external_id = NULL;
}
static void
many_addons(struct order *o)
{
	((struct order_addon *)o->lines->addons)->quantity = 10000;
}
static void
no_tax(struct order *o)
{
	((struct order_tax *)o->lines->taxes)->external_id = NULL;
	((struct order_tax *)o->lines->taxes)->name = NULL;
}
static void
bad_rate(struct order *o)
{
	((struct order_tax *)o->lines->taxes)->rate_micro = 1000001;
}
static void
bad_total(struct order *o)
{
	o->total_minor++;
}
static void
bad_tax(struct order *o)
{
	o->tax_minor--;
	o->total_minor--;
}
static void
bad_discount(struct order *o)
{
	o->discount_minor = 1;
	o->total_minor--;
}
static void
huge(struct order *o)
{
	o->tip_minor = INT64_MAX / 2;
}
static void
odd_currency(struct order *o)
{
	o->currency = "XXX";
}
static void
no_method(struct order *o)
{
	o->payment_method = NULL;
}
static void
odd_type(struct order *o)
{
	o->order_type = "drive_in";
}
static void
no_address(struct order *o)
{
	o->order_type = "delivery";
}

static const struct {
	void (*spoil)(struct order *);
	const char *field;
} refused[] = {
	{ no_reference, "order_id" },
	{ long_reference, "order_id" },
	{ no_lines, "items" },
	{ no_item, "items[0].name" },
	{ no_pieces, "items[0].quantity" },
	{ bad_price, "items[0].price" },
	{ bad_addons, "items[0].addons" },
	{ no_addon, "items[0].addons[0].name" },
	{ many_addons, "items[0].addons[0].quantity" },
	{ no_tax, "items[0].taxes[0].name" },
	{ bad_rate, "items[0].taxes[0].amount" },
	{ bad_total, "total" },
	{ bad_tax, "tax_total" },
	{ bad_discount, "discount_total" },
	{ huge, "total" },
	{ odd_currency, "currency" },
	{ no_method, "payment_type" },
	{ odd_type, "order_type" },
	{ no_address, "customer_address" },
};

static bool
names(const struct pos_problems *problems, const char *field)
{
	for (size_t i = 0; i < problems->n; i++)
		if (strcmp(problems->v[i].field, field) == 0)
			return true;
	return false;
}

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct arena *a = arena_new(16u << 20);
		struct pos_task task = task_of(a, "addons");
		struct pos_problems problems = { 0 }, quoted = { 0 };
		struct http_call call = { 0 };

		refused[i].spoil((struct order *)task.order);
		task.reference = task.order->pos_reference;
		ok(!pos_square.talks[POS_CREATE].call(a, &task, &call, &problems) &&
			names(&problems, refused[i].field) && call.url == NULL,
		    "POS-16 POS-32 an order without a good %s is not sent", refused[i].field);
		ok(!pos_square.talks[POS_QUOTE].call(a, &task, &call, &quoted),
		    "POS-16 nor is its price asked");
		arena_free(&a);
	}
}

static void
test_nameless(void)
{
	struct arena *a = arena_new(16u << 20);
	struct pos_task task = task_of(a, "tip");
	struct pos_problems problems = { 0 };
	struct http_call call = { 0 };

	ok(!pos_square.talks[POS_CANCEL].call(a, &task, &call, &problems) &&
		names(&problems, "pos_order_id"),
	    "an order without their id is not cancelled there");
	task.reference = NULL;
	ok(!pos_square.talks[POS_LOOK].call(a, &task, &call, &problems) &&
		names(&problems, "pos_reference"),
	    "an order that was never sent is not looked for");
	ok(!pos_square.talks[POS_LOGIN].call(a, &task, &call, &problems) &&
		names(&problems, "client_id"),
	    "POS-19 without an application nothing is renewed");
	arena_free(&a);
}

/* ---- a seller's authorisation ---- */

static void
test_authorize(void)
{
	static const char *const secret[] = { "client_secret" };
	static const char *const code[] = { "client_secret", "refresh_token", POS_CODE };
	static const char json[] = "{\"client_id\":\"sq0idp\"}";
	struct arena *a = arena_new(16u << 20);
	struct pos_problems problems = { 0 };
	struct pos_config *config =
	    adapter_config_with(a, &pos_square, json, "USD", secret, 1, &problems);
	struct pos_task task = { .config = config };
	struct http_call call = { 0 };

	is_str(pos_square.authorize_url(a, config, "https://hub.example/back", "1.2.a_b"),
	    "https://pos.example/oauth2/authorize?client_id=sq0idp&scope=ORDERS_WRITE+ORDERS_READ"
	    "+PAYMENTS_WRITE+PAYMENTS_READ+ITEMS_READ+INVENTORY_READ+MERCHANT_PROFILE_READ&session="
	    "false&redirect_uri=https%3A%2F%2Fhub.example%2Fback&state=1.2.a_b",
	    "E54 where the seller gives access");
	ok(!pos_square.talks[POS_LOGIN].call(a, &task, &call, &problems) &&
		names(&problems, "refresh_token"),
	    "E54 before that there is nothing to log in with");
	task.config = adapter_config_with(a, &pos_square, json, "USD", code, 3, &problems);
	task.callback_url = "https://hub.example/back";
	ok(pos_square.talks[POS_LOGIN].call(a, &task, &call, &problems), "E54 a code is exchanged");
	is_str(call.body.data,
	    "{\"client_id\":\"sq0idp\",\"client_secret\":\"{{secret:client_secret}}\",\"grant_"
	    "type\":\"authorization_code\",\"code\":\"{{secret:authorization_code}}\",\"redirect_"
	    "uri\":\"https://hub.example/back\"}",
	    "E54 before the refresh token is used, and from the same address");
	config = adapter_config_with(a, &pos_square, "{}", "USD", secret, 1, &problems);
	ok(pos_square.authorize_url(a, config, "https://hub.example/back", "x") == NULL,
	    "E54 not without an application");
	arena_free(&a);
}

/* ---- settings ---- */

static void
check_settings(struct arena *a, const char *json, const char *const *secrets, size_t secrets_n,
    const char *wrong, bool logs_in)
{
	struct pos_problems problems = { 0 };
	struct pos_config *config =
	    adapter_config_with(a, &pos_square, json, "USD", secrets, secrets_n, &problems);

	ok(wrong == NULL ? problems.n == 0 : names(&problems, wrong), "POS-17 %s: %s", json,
	    wrong == NULL ? "is right" : wrong);
	if (wrong == NULL)
		ok(pos_square.logs_in(config) == logs_in, "POS-19 %s",
		    logs_in ? "access is renewed" : "access is as it is");
}

static void
test_settings(void)
{
	static const char *const token[] = { "access_token" };
	static const char *const oauth[] = { "client_secret", "refresh_token" };
	struct arena *a = arena_new(16u << 20);
	const struct pos_field *url = pos_field_find(&pos_square, "notification_url");

	check_settings(a, "{}", token, 1, NULL, false);
	check_settings(a, "{}", NULL, 0, "access_token", false);
	check_settings(a, "{\"client_id\":\"sq0idp\"}", NULL, 0, "access_token", false);
	check_settings(a, "{\"client_id\":\"sq0idp\"}", oauth, 1, NULL, true);
	check_settings(a, "{\"client_id\":\"sq0idp\"}", oauth, 2, NULL, true);
	check_settings(a, "{}", oauth, 2, "access_token", false);
	check_settings(a, "{\"mark_paid\":\"maybe\"}", token, 1, "mark_paid", false);
	check_settings(a, "{\"square_version\":\"latest\"}", token, 1, "square_version", false);
	check_settings(a, "{\"square_version\":\"2025-1-1\"}", token, 1, "square_version", false);
	check_settings(a, "{\"dine_in_as\":\"in_store\"}", token, 1, "dine_in_as", false);
	check_settings(a, "{\"dine_in_as\":\"in_store\",\"square_version\":\"2026-09-16\"}", token,
	    1, NULL, false);
	check_settings(a, "{\"notification_url\":\"ftp://x\"}", token, 1, "notification_url", false);
	check_settings(a, "{\"access_token\":\"EAAA\"}", token, 1, "access_token", false);
	ok(url != NULL && url->kind == POS_URL, "WH-16 the registered address is a setting");
	is_str(pos_config_text(
		   adapter_config(a, &pos_square,
		       "{\"notification_url\":\"https://Hub.example/x/?a=1&b=%20\"}", "USD"),
		   "notification_url"),
	    "https://Hub.example/x/?a=1&b=%20", "WH-16 to the byte");
	is_str(pos_config_text(adapter_config(a, &pos_square, "{}", "USD"), "location_id"),
	    "demo4bistro", "POS-29 the restaurant's id at the POS is its location");
	ok(pos_adapter_find("Square") == &pos_square && pos_can(&pos_square, POS_LOOK) &&
		pos_can(&pos_square, POS_QUOTE) && pos_can(&pos_square, POS_LOGIN),
	    "POS-33 Square is supported, whatever the case of its name");
	arena_free(&a);
}

/* What is flagged of an order, since it is not on their menu. */
static void
test_flags(void)
{
	static const struct {
		const char *name, *open;
	} rows[] = {
		{ "addons", "Paneer Tikka:Candle" },
		{ "open_item", "Soup of the day, Soup of the day:Bread" },
		{ "variation", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *a = arena_new(4u << 20);
		const char *in = arena_printf(a, DIR "%s.order.json", rows[i].name);
		is_str(adapter_open_items(a, &pos_square, order_file(a, in)), rows[i].open, "E38 %s",
		    rows[i].name);
		arena_free(&a);
	}
}

int
main(void)
{
	test_goldens();
	test_flags();
	test_steps();
	test_keys();
	test_refused();
	test_nameless();
	test_authorize();
	test_settings();
	return tap_done();
}
