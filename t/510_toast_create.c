/*
 * Toast: orders as /prices and /orders want them, byte for byte; the calls that look, void, fetch
 * and log in; and what may not be sent. The golden files are worked out by t/golden/toast.js from
 * what was ordered, by the rules of Toast's guide.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "mem/buf.h"
#include "op/op.h"
#include "order_file.h"
#include "tap.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "toast.h"

#define DIR "t/golden/toast/"

/* The whole call as the golden files have it. */
static const char *
call_text_of(struct arena *a, const struct http_call *call)
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
	if (call->body.data != NULL)
		json_write_raw(&w, "body", call->body.data);
	json_write_object_end(&w);
	json_write_done(&w);
	return b.data;
}

/* The price that the order's file says Toast counts. */
static const char *
priced(struct arena *a, const char *path)
{
	size_t len;
	char *all = tap_file(path, &len);
	struct json_object *top = NULL;
	const char *why, *s = "1.00";

	if (json_read(a, all, len, &json_limits_default, &top, &why) == OK)
		json_as_string(json_member(top, "priced"), &s);
	free(all);
	return arena_printf(a, "{\"guid\":null,\"checks\":[{\"totalAmount\":%s}]}", s);
}

static bool
make(struct arena *a, const struct pos_task *task, enum pos_verb verb, struct http_call *ret)
{
	struct pos_problems problems = { 0 };
	bool is_made = pos_toast.talks[verb].call(a, task, ret, &problems);

	for (size_t i = 0; i < problems.n; i++)
		diag("%s %s", problems.v[i].field, problems.v[i].sentence);
	return is_made;
}

static void
is_golden(struct arena *a, const struct pos_task *task, enum pos_verb verb, const char *name,
    const char *step, const char *proves)
{
	struct http_call call = { 0 };
	const char *want = json_file_compact(a, arena_printf(a, DIR "%s.%s.json", name, step));
	bool is_made = make(a, task, verb, &call);

	is_str(is_made ? call_text_of(a, &call) : NULL, want, "%s: %s: %s", proves, name, step);
}

static const struct {
	const char *name, *proves;
} goldens[] = {
	{ "pickup", "POS-06 POS-07 a pick-up order, unpaid" },
	{ "paid", "POS-06 D16 what was paid is an OTHER payment of what Toast counts, and its tip" },
	{ "delivery", "POS-06 a delivery: address taken apart, charges as open service charges" },
	{ "delivery_zip4", "POS-06 an address in another order" },
	{ "delivery_plain", "POS-06 an address that shows no town" },
	{ "dine_in", "POS-06 a guest at a table without name or number" },
	{ "dine_in_no_table", "POS-06 a table that Toast does not know is in the note" },
	{ "variation", "POS-06 a size is a modifier; a group of one size goes by its GUID" },
	{ "addons", "POS-03 POS-06 modifiers in the line's quantity, repeated when taken twice" },
	{ "open_item", "E38 what is not on Toast's menu is an open item, its add-ons too" },
	{ "open_first", "E38 a note finds its place on an open item" },
	{ "unmapped_size", "E38 a size that Toast does not know makes an open item" },
	{ "bare_item", "POS-06 an item without its group" },
	{ "scheduled", "POS-06 E7 an order for later is promised and opened then" },
	{ "prep_time", "POS-06 time of preparation and revenue center" },
	{ "discount_open", "E29 a discount as an open one, with its amount" },
	{ "discount_theirs", "E29 a discount of Toast's own" },
	{ "discount_untold", "E29 a discount that Toast does not know is in the note" },
	{ "tip_cash", "POS-02 a tip to be paid in cash is in the note" },
	{ "tip_charge", "POS-02 or a service charge" },
	{ "paid_untold", "POS-06 what Toast is not told is in the note, never lost" },
	{ "no_price_call", "POS-06 without the price call the amount is ours" },
	{ "inclusive", "POS-02 a tax that is in the price is paid once" },
	{ "curbside", "POS-06 who waits in a car" },
	{ "india", "POS-08 one name, and a number of another country with ten digits" },
	{ "foreign_phone", "POS-08 a number that does not fit is in the note" },
	{ "notes", "POS-31 SEC-07 notes lose control characters and can name no secret" },
	{ "unicode", "POS-31 texts are cut by code points, what we add never" },
	{ "yen", "POS-06 a currency without decimals" },
	{ "gifts", "POS-06 POS-31 what is free, paid with nothing; every name is cut" },
};

static void
test_golden(const char *name, const char *proves)
{
	struct arena *a = arena_new(16u << 20);
	const char *in = arena_printf(a, DIR "%s.order.json", name), *answer = priced(a, in);
	const struct order *order = order_file(a, in);
	struct pos_config *config = toast_config(a, order_file_config(a, in), order->currency);
	struct pos_task task = { .config = config,
		.order = order,
		.reference = order->pos_reference,
		.now = TOAST_NOW };
	struct pos_outcome o;
	struct http_reply r = { .status = 200, .body = adapter_text(answer) };

	if (pos_config_is_on(config, "use_price_call")) {
		is_golden(a, &task, POS_CREATE, name, "prices", proves);
		is_golden(a, &task, POS_QUOTE, name, "prices", "POS-01 a quote is the same");
		o = pos_toast.talks[POS_CREATE].read(a, &task, &r);
		ok(o.verdict.outcome == OUTCOME_DONE && o.has_next && o.pos_order_id == NULL &&
			o.progress.len > 0 && o.progress.len <= POS_PROGRESS_MAX &&
			o.total_minor == -1,
		    "POS-06 its price is known: %s", o.verdict.sentence);
		task.progress = o.progress;
	}
	is_golden(a, &task, POS_CREATE, name, "orders", proves);
	arena_free(&a);
}

/* ---- what must not be sent ---- */

static void
no_reference(struct order *o)
{
	o->pos_reference = NULL;
}
static void
no_lines(struct order *o)
{
	o->lines_n = 0;
}
static void
no_item_id(struct order *o)
{
	((struct order_line *)o->lines)->external_id = NULL;
}
static void
no_addon_id(struct order *o)
{
	((struct order_addon *)o->lines->addons)->external_id = "1150783";
}
static void
no_group(struct order *o)
{
	((struct order_addon *)o->lines->addons)->group_external_id = NULL;
}
static void
no_item_name(struct order *o)
{
	((struct order_line *)o->lines)->item_name = NULL;
}
static void
no_pieces(struct order *o)
{
	((struct order_line *)o->lines)->quantity = 0;
}
static void
bad_price(struct order *o)
{
	((struct order_line *)o->lines)->item_price_minor = -1;
}
static void
no_addon_name(struct order *o)
{
	((struct order_addon *)o->lines->addons)->name = "";
}
static void
no_addon_pieces(struct order *o)
{
	((struct order_addon *)o->lines->addons)->quantity = 0;
}
static void
many_addons(struct order *o)
{
	((struct order_addon *)o->lines->addons)->quantity = 99;
}
static void
rupees(struct order *o)
{
	o->currency = "INR";
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
static void
vague_address(struct order *o)
{
	o->order_type = "delivery";
	o->delivery_address = "behind the mill";
}
static void
no_phone(struct order *o)
{
	o->customer_phone = NULL;
}
static void
long_phone(struct order *o)
{
	o->customer_phone = "+4915123456789";
}
static void
huge(struct order *o)
{
	o->tip_minor = INT64_MAX / 2;
}
static void
no_time(struct order *o)
{
	o->scheduled_time = INT64_MAX;
}

static const struct {
	void (*spoil)(struct order *);
	const char *field;
	const char *config;
} refused[] = {
	{ no_item_id, "items[0].id", "{\"open_item_guid\":null}" },
	{ no_addon_id, "items[0].addons[0].id", "{\"open_item_guid\":null}" },
	{ no_group, "items[0].addons[0].id", "{\"open_item_guid\":null}" },
	{ no_reference, "order_id", "{}" },
	{ no_lines, "items", "{}" },
	{ no_item_name, "items[0].name", "{}" },
	{ no_pieces, "items[0].quantity", "{}" },
	{ bad_price, "items[0].price", "{}" },
	{ no_addon_name, "items[0].addons[0].name", "{}" },
	{ no_addon_pieces, "items[0].addons[0].quantity", "{}" },
	{ many_addons, "items[0].addons", "{}" },
	{ rupees, "currency", "{}" },
	{ odd_type, "order_type", "{}" },
	{ no_address, "customer_address", "{}" },
	{ vague_address, "customer_address", "{}" },
	{ no_phone, "customer_phone", "{}" },
	{ long_phone, "customer_phone", "{}" },
	{ huge, "total", "{}" },
	{ no_time, "scheduled_time", "{}" },
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
		struct arena *a = arena_new(8u << 20);
		struct order *order = order_file(a, DIR "addons.order.json");
		struct pos_problems problems = { 0 };
		struct http_call call = { 0 };
		struct pos_task task = { .config = toast_config(a, refused[i].config, "USD"),
			.order = order };
		refused[i].spoil(order);
		ok(!pos_toast.talks[POS_CREATE].call(a, &task, &call, &problems) &&
			names(&problems, refused[i].field) && call.url == NULL,
		    "POS-16 POS-32 an order without a good %s is not sent", refused[i].field);
		arena_free(&a);
	}
}

/* ---- settings ---- */

static const struct {
	const char *json, *field;
} settings[] = {
	{ "{\"naming_authority\":null}", "naming_authority" },
	{ "{\"naming_authority\":\"SEVENTEENLETTERSS\"}", "naming_authority" },
	{ "{\"naming_authority\":\"A:B\"}", "naming_authority" },
	{ "{\"dining_options\":{\"pickup\":\"TAKE_OUT\"}}", "dining_options.pickup" },
	{ "{\"dining_options\":{\"pickup\":null,\"delivery\":null,\"dine_in\":null}}",
	    "dining_options" },
	{ "{\"other_payment_guid\":\"cash\"}", "other_payment_guid" },
	{ "{\"open_item_guid\":\"1/2\"}", "open_item_guid" },
	{ "{\"tables\":\"12\"}", "tables" },
	{ "{\"tables\":\"12=x\"}", "tables" },
	{ "{\"tables\":\"=00000012-0000-4000-8000-000000000012\"}", "tables" },
	{ "{\"fallback_phone\":\"617555010\"}", "fallback_phone" },
	{ "{\"fallback_phone\":\"617555010x\"}", "fallback_phone" },
	{ "{\"menus_api\":\"v1\"}", "menus_api" },
	{ "{\"client_secret\":\"x\"}", "client_secret" },
	{ "{\"required_prep_time\":0}", "required_prep_time" },
	{ "{\"colour\":\"red\"}", "colour" },
};

static void
test_settings(void)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct pos_problems problems = { 0 };
		toast_config_with(a, settings[i].json, "USD", &problems);
		ok(names(&problems, settings[i].field), "POS-17 %s is refused", settings[i].json);
		arena_free(&a);
	}
	for (size_t i = 0; i < pos_toast.fields_n; i++)
		ok(pos_toast.fields[i].sentence != NULL, "POS-17 %s is explained",
		    pos_toast.fields[i].key);
	ok(pos_adapter_find("Toast") == &pos_toast, "POS-33 Toast is supported");
}

static void
test_traits(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_config *config = toast_config(a, "{}", "USD");
	struct pos_traits t = pos_traits_of(config);

	ok(t.repeat_is_safe == POS_REPEAT_YES && t.binds_by_reference && t.takes_open_items &&
		t.holds_scheduled && !t.accepts_on_create && t.needs_proof_s == 600,
	    "POS-01 what Toast can be relied on for");
	ok(!pos_traits_of(toast_config(a, "{\"open_item_guid\":null}", "USD")).takes_open_items,
	    "E38 open items are an item of its menu");
	ok(t.rate_scope == POS_SCOPE_RESTAURANT && t.rate_burst + t.rate_per_min / 60 <= 20 &&
		t.rate_per_min * 15 <= 10000,
	    "POS-18 its limits: 20 a second, 10,000 in 15 minutes");
	ok(pos_webhook_policy(config) == POS_POLICY_HMAC && pos_toast.logs_in(config),
	    "POS-19 it signs, and we log in");
	ok(pos_accepts_on_create(toast_config(
	       a, "{\"custom_settings\":{\"enable_auto_accept\":true}}", "USD")),
	    "POS-30 a restaurant may approve by itself");
	for (int verb = 0; verb <= POS_CONFIRM; verb++)
		ok(pos_can(&pos_toast, (enum pos_verb)verb), "POS-01 verb %d is spoken", verb);
	arena_free(&a);
}

/* ---- the other calls ---- */

#define AUTH                                                                                       \
	"\"headers\":{\"Authorization\":\"Bearer {{secret:access_token}}\","                       \
	"\"Toast-Restaurant-External-ID\":\"" TOAST_RESTAURANT_GUID                                \
	"\",\"Accept\":\"application/json\""

static const struct {
	enum pos_verb verb;
	const char *config, *pos_order_id, *progress, *want;
	bool has_since;
} calls[] = {
	{ POS_LOGIN, "{}", NULL, "",
	    "{\"method\":\"POST\",\"url\":\"https://toast.example/authentication/v1/authentication/"
	    "login\",\"headers\":{\"Accept\":\"application/json\",\"Content-Type\":\"application/"
	    "json\"},\"body\":{\"clientId\":\"{{secret:client_id}}\",\"clientSecret\":\"{{secret:"
	    "client_secret}}\",\"userAccessType\":\"TOAST_MACHINE_CLIENT\"}}",
	    false },
	{ POS_LOOK, "{}", TOAST_ORDER_GUID, "",
	    "{\"method\":\"GET\",\"url\":\"https://toast.example/orders/v2/orders/" TOAST_ORDER_GUID
	    "\"," AUTH "}}",
	    false },
	{ POS_LOOK, "{}", NULL, "",
	    "{\"method\":\"GET\",\"url\":\"https://toast.example/orders/v2/"
	    "ordersBulk?startDate=2026-02-13T16%3A58%3A00.000%2B0000&endDate=2026-02-13T17%3A15%"
	    "3A00."
	    "000%2B0000&page=1&pageSize=100\"," AUTH "}}",
	    true },
	{ POS_LOOK, "{}", NULL, "",
	    "{\"method\":\"GET\",\"url\":\"https://toast.example/orders/v2/"
	    "ordersBulk?startDate=2026-02-12T17%3A10%3A00.000%2B0000&endDate=2026-02-13T17%3A15%"
	    "3A00."
	    "000%2B0000&page=1&pageSize=100\"," AUTH "}}",
	    false },
	{ POS_LOOK, "{}", NULL, "{\"from\":\"a b\",\"to\":\"c\",\"page\":\"3\"}",
	    "{\"method\":\"GET\",\"url\":\"https://toast.example/orders/v2/"
	    "ordersBulk?startDate=a%20b&endDate=c&page=3&pageSize=100\"," AUTH "}}",
	    true },
	{ POS_CANCEL, "{}", TOAST_ORDER_GUID, "{\"step\":\"order\",\"total\":\"1.00\"}",
	    "{\"method\":\"POST\",\"url\":\"https://toast.example/orders/v2/orders/" TOAST_ORDER_GUID
	    "/void\"," AUTH ",\"Content-Type\":\"application/json\"},\"body\":{\"selections\":{"
	    "\"voidAll\":true},\"payments\":{\"voidAll\":true}}}",
	    false },
	{ POS_CANCEL, "{}", TOAST_ORDER_GUID, "{\"step\":\"check\",\"why\":\"\"}",
	    "{\"method\":\"GET\",\"url\":\"https://toast.example/orders/v2/orders/" TOAST_ORDER_GUID
	    "\"," AUTH "}}",
	    false },
	{ POS_MENU, "{}", NULL, "",
	    "{\"method\":\"GET\",\"url\":\"https://toast.example/menus/v2/menus\"," AUTH "}}",
	    false },
	{ POS_MENU, "{\"menus_api\":\"v3\"}", NULL, "{}",
	    "{\"method\":\"GET\",\"url\":\"https://toast.example/menus/v3/menus\"," AUTH "}}",
	    false },
	{ POS_MENU, "{}", NULL, "{\"step\":\"taxes\"}",
	    "{\"method\":\"GET\",\"url\":\"https://toast.example/config/v2/taxRates\"," AUTH "}}",
	    false },
	{ POS_MENU, "{}", NULL, "{\"step\":\"stock\"}",
	    "{\"method\":\"GET\",\"url\":\"https://toast.example/stock/v1/"
	    "inventory?status=OUT_OF_STOCK\"," AUTH "}}",
	    false },
};

static void
test_calls(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct http_call call = { 0 };
		struct pos_task task = { .config = toast_config(a, calls[i].config, "USD"),
			.reference = "ORD-20260213-001",
			.pos_order_id = calls[i].pos_order_id,
			.progress = adapter_text(calls[i].progress),
			.since = calls[i].has_since ? TOAST_NOW - INT64_C(600000000) : TIME_NONE,
			.now = TOAST_NOW };
		bool is_made = make(a, &task, calls[i].verb, &call);
		is_str(is_made ? call_text_of(a, &call) : NULL, calls[i].want,
		    "POS-01 POS-07 call %zu: verb %d, %s", i, calls[i].verb, calls[i].progress);
		ok(call.secrets_n == (calls[i].verb == POS_LOGIN ? 2 : 1),
		    "SEC-07 it may name its own secrets");
		arena_free(&a);
	}
}

/* What is flagged of an order: open items, and amounts that Toast is not told. */
static void
test_flags(void)
{
	static const struct {
		const char *name, *open, *untold;
	} rows[] = {
		{ "addons", "", NULL },
		{ "open_item", "Dosa, Dosa:Cheddar, Dosa:Bacon, Cheeseburger:House sauce", NULL },
		{ "delivery", "", NULL },
		{ "paid_untold", "",
		    "Delivery charge 3.99 (delivery_fee_service_charge_guid is not set), Packing "
		    "0.25 (packing_service_charge_guid is not set)" },
		{ "discount_untold", "", "Discount 1.00 (open_discount_guid is not set)" },
		{ "discount_theirs", "", NULL },
		{ "tip_cash", "", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *a = arena_new(4u << 20);
		const char *in = arena_printf(a, DIR "%s.order.json", rows[i].name);
		const struct order *o = order_file(a, in);
		const struct pos_config *config =
		    toast_config(a, order_file_config(a, in), o->currency);
		is_str(adapter_open_items(a, &pos_toast, o), rows[i].open,
		    "E38 %s: what is not on Toast's menu", rows[i].name);
		is_str(pos_toast.untold(a, config, o), rows[i].untold,
		    "E38 %s: which amounts it is not told", rows[i].name);
		arena_free(&a);
	}
}

static void
test_uncallable(void)
{
	static const struct {
		enum pos_verb verb;
		const char *pos_order_id, *field;
	} bad[] = {
		{ POS_LOOK, NULL, "pos_reference" },
		{ POS_LOOK, "../../menus", "pos_order_id" },
		{ POS_CANCEL, NULL, "pos_order_id" },
		{ POS_CANCEL, "12345", "pos_order_id" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct http_call call = { 0 };
		struct pos_problems problems = { 0 };
		struct pos_task task = { .config = toast_config(a, "{}", "USD"),
			.pos_order_id = bad[i].pos_order_id,
			.since = TIME_NONE,
			.now = TOAST_NOW };
		ok(!pos_toast.talks[bad[i].verb].call(a, &task, &call, &problems) &&
			names(&problems, bad[i].field),
		    "POS-16 verb %d needs %s", bad[i].verb, bad[i].field);
		arena_free(&a);
	}
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++)
		test_golden(goldens[i].name, goldens[i].proves);
	test_refused();
	test_settings();
	test_traits();
	test_calls();
	test_flags();
	test_uncallable();
	return tap_done();
}
