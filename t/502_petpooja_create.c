/*
 * PetPooja: orders as save_order wants them, byte for byte. The golden files are written from the
 * vendor's guide, not by the adapter; t/golden/check.js adds every one of them up again.
 */
#include <string.h>

#include "op/op.h"
#include "order_file.h"
#include "pos/pos.h"
#include "tap.h"

#define CALLBACK "https://hub.example/pp_callback/my-bistro/?k=AAAAAAAAAAAAAAAAAAAAAA"
#define DIR "t/golden/petpooja/"

static const char *const secret_names[] = { "app_key", "app_secret", "access_token" };

static const struct pos_core core = {
	.base_api_url = "https://pos.example/V1",
	.pos_restaurant_id = "demo4bistro",
	.restaurant_slug = "my-bistro",
	.restaurant_name = "Demo Bistro",
	.restaurant_address = "12 Church Street, Bengaluru 560001",
	.restaurant_contact = "9900000001",
	.time_zone = "Asia/Kolkata",
	.currency = "INR",
};

static struct bytes
text(const char *s)
{
	return (struct bytes){ s, strlen(s) };
}

static struct pos_config *
config_of(struct arena *a, const char *restaurant)
{
	struct pos_problems problems = { 0 };
	struct pos_config *config = pos_config_merge(a, &pos_petpooja,
	    text("{\"device_type\":\"Web\",\"udid_prefix\":\"web_\"}"), text(restaurant), &core,
	    secret_names, 3, &problems);

	for (size_t i = 0; i < problems.n; i++)
		diag("%s %s", problems.v[i].field, problems.v[i].sentence);
	ok(problems.n == 0, "the configuration %s is right", restaurant);
	return config;
}

static const struct {
	const char *name, *proves;
} goldens[] = {
	{ "pickup", "POS-12 POS-02 POS-03 a pickup: packing in the total, COD, phone without +91" },
	{ "delivery", "POS-15 a delivery is H: its charge and tax beside the total, not in it" },
	{ "dine_in", "POS-15 dine-in is D, with its table" },
	{ "variation", "POS-12 a variation goes by its own id and its variationid" },
	{ "addons", "POS-03 add-ons stand in AddonItem.details and in the price" },
	{ "addons_apart", "POS-13 price_includes_addons off: the price is the item's alone" },
	{ "taxes", "POS-12 several taxes, one of them fixed, are summed by tax" },
	{ "inclusive", "C19 a tax that is in the price is told, and not added" },
	{ "vendor", "C19 GST that the platform owes does not enter the total" },
	{ "scheduled",
	    "POS-02 a scheduled order is advanced, its times by the restaurant's clock" },
	{ "tip", "POS-02 a tip is in the note and in the cash, never in the total" },
	{ "notes", "POS-31 notes lose control characters and can name no secret" },
	{ "unicode", "POS-31 names and notes are cut by code points, the tip's never" },
	{ "discount_fixed", "E29 C9 POS-12 a discount is the order's, as an amount; charges bear their own taxes" },
	{ "discount_block", "E29 C19 of a percentage the amount too, and its name where the block is wanted" },
	{ "no_phone", "POS-30 a guest without a name or phone; a udid of the restaurant's own" },
	{ "gifts",
	    "POS-03 POS-31 what is free or untaxed, a size with add-ons; every name is cut" },
};

/* The one call of a verb. */
static bool
make(struct arena *a, enum pos_verb verb, const struct order *order,
    const struct pos_config *config, struct http_call *ret_call, struct pos_problems *problems)
{
	struct pos_task task = { .config = config,
		.order = order,
		.reference = order == NULL ? NULL : order->pos_reference,
		.pos_order_id = order == NULL ? NULL : order->pos_order_id,
		.callback_url = CALLBACK,
		.reason = "Guest\nchanged their mind" };

	return pos_petpooja.talks[verb].call(a, &task, ret_call, problems);
}

static void
check_call(const struct http_call *call)
{
	ok(strcmp(call->method, "POST") == 0 && call->headers_n == 2 &&
		strcmp(call->headers[0].value, "application/json") == 0,
	    "POS-12 is a POST of JSON");
	is_str(call->url, "https://pos.example/V1/save_order", "POS-12 goes to save_order");
	ok(call->secrets_n == 3 && call->body_kind == CALL_BODY_JSON,
	    "SEC-07 the credentials are named, not told");
}

static void
test_goldens(void)
{
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		struct arena *a = arena_new(8u << 20);
		const char *in = arena_printf(a, DIR "%s.order.json", goldens[i].name);
		const char *want =
		    json_file_compact(a, arena_printf(a, DIR "%s.json", goldens[i].name));
		struct pos_problems problems = { 0 };
		struct http_call call = { 0 };
		bool is_made = make(a, POS_CREATE, order_file(a, in),
		    config_of(a, order_file_config(a, in)), &call, &problems);
		for (size_t k = 0; k < problems.n; k++)
			diag("%s %s", problems.v[k].field, problems.v[k].sentence);
		ok(is_made, "%s: a call is made", goldens[i].name);
		if (is_made)
			is_str(call.body.data, want, "%s", goldens[i].proves);
		if (is_made && i == 0)
			check_call(&call);
		arena_free(&a);
	}
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
	((struct order_line *)o->lines)->external_id = "";
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
	((struct order_line *)o->lines)->item_price_minor++;
}
static void
bad_addons(struct order *o)
{
	((struct order_line *)o->lines)->addons_minor++;
}
static void
no_group(struct order *o)
{
	((struct order_addon *)o->lines->addons)->group_external_id = NULL;
}
static void
no_addon_id(struct order *o)
{
	((struct order_addon *)o->lines->addons)->external_id = NULL;
}
static void
no_addon_name(struct order *o)
{
	((struct order_addon *)o->lines->addons)->name = "";
}
static void
no_tax_id(struct order *o)
{
	((struct order_tax *)o->lines->taxes)->external_id = NULL;
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
huge(struct order *o)
{
	o->tip_minor = INT64_MAX / 2;
}
static void
dollars(struct order *o)
{
	o->currency = "USD";
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
no_time(struct order *o)
{
	o->created_at = TIME_NONE;
}
static void
no_address(struct order *o)
{
	o->order_type = "delivery";
}
static void
no_phone(struct order *o)
{
	o->customer_phone = NULL;
}
static void
no_name(struct order *o)
{
	o->customer_name = "";
}

static const struct {
	void (*spoil)(struct order *);
	const char *field;
	const char *config;
} refused[] = {
	{ no_reference, "order_id", "{}" },
	{ no_lines, "items", "{}" },
	{ no_item_id, "items[0].id", "{}" },
	{ no_item_name, "items[0].name", "{}" },
	{ no_pieces, "items[0].quantity", "{}" },
	{ bad_price, "items[0].price", "{}" },
	{ bad_addons, "items[0].addons", "{}" },
	{ no_group, "items[0].addons[0].group_id", "{}" },
	{ no_addon_id, "items[0].addons[0].id", "{}" },
	{ no_addon_name, "items[0].addons[0].name", "{}" },
	{ no_tax_id, "items[0].taxes[0].id", "{}" },
	{ bad_total, "total", "{}" },
	{ bad_tax, "tax_total", "{}" },
	{ huge, "total", "{}" },
	{ dollars, "currency", "{}" },
	{ no_method, "payment_type", "{}" },
	{ odd_type, "order_type", "{}" },
	{ no_time, "created_on", "{}" },
	{ no_address, "customer_address", "{}" },
	{ no_phone, "customer_phone", "{\"require_customer_details\":true}" },
	{ no_name, "customer_name", "{\"require_customer_details\":true}" },
	{ no_name, "customer_name",
	    "{\"default_customer_name\":null,\"require_customer_details\":1}" },
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
		refused[i].spoil(order);
		ok(!make(a, POS_CREATE, order, config_of(a, refused[i].config), &call,
		       &problems) &&
			names(&problems, refused[i].field) && call.url == NULL,
		    "POS-16 POS-32 an order without a good %s is not sent", refused[i].field);
		arena_free(&a);
	}
}

static void
test_cancel(void)
{
	struct arena *a = arena_new(1u << 20);
	struct order *order = order_file(a, DIR "pickup.order.json");
	struct pos_problems problems = { 0 };
	struct http_call call = { 0 };

	order->pos_order_id = "991234";
	ok(make(a, POS_CANCEL, order, config_of(a, "{}"), &call, &problems),
	    "POS-01 a cancellation is made");
	is_str(call.url, "https://pos.example/V1/update_order_status",
	    "it goes to update_order_status");
	is_str(call.body.data, json_file_compact(a, DIR "cancel.call.json"),
	    "POS-01 it spells clientorderID as the vendor does");
	order->pos_reference = NULL;
	ok(!make(a, POS_CANCEL, order, config_of(a, "{}"), &call, &problems) &&
		names(&problems, "pos_reference"),
	    "an order that was never sent is not cancelled there");
	arena_free(&a);
}

static void
test_fetch_menu(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_problems problems = { 0 };
	struct http_call call = { 0 };

	ok(make(a, POS_MENU, NULL, config_of(a, "{}"), &call, &problems),
	    "POS-14 a menu request is made");
	is_str(call.url, "https://pos.example/V1/mapped_restaurant_menus",
	    "POS-14 to the menu's address");
	is_str(call.body.data, "{\"restID\":\"demo4bistro\"}", "POS-14 it names the outlet");
	ok(call.headers_n == 5 && strcmp(call.headers[2].name, "app-key") == 0 &&
		strcmp(call.headers[2].value, "{{secret:app_key}}") == 0 &&
		strcmp(call.headers[4].value, "{{secret:access_token}}") == 0,
	    "POS-14 the credentials go in headers, by name");
	ok(make(a, POS_MENU, NULL,
	       config_of(a, "{\"fetch_menu_endpoint\":\"https://m.example/x\"}"), &call,
	       &problems) &&
		strcmp(call.url, "https://m.example/x") == 0,
	    "POS-30 an address of its own wins");
	arena_free(&a);
}

int
main(void)
{
	test_goldens();
	test_refused();
	test_cancel();
	test_fetch_menu();
	return tap_done();
}
