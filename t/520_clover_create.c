/*
 * Clover: an order's way there, every step of it byte for byte. The goldens follow from the order
 * files by Clover's rules, worked out a second time by t/524_golden_clover.js. A till that is no
 * more than a list of lines answers; what it does wrong on purpose is mended, or begun anew.
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

#define DIR "t/golden/clover/"
#define STEPS_MAX 200

/* ---- a till ---- */

struct till {
	struct arena *arena;
	struct json_object *lines; /* as GET shows them */
	int orders, posts;         /* how many there were */
	bool drops_inline;         /* modifications in a line are passed over */
	bool loses_lines;          /* keeps half of the first batch */
	bool doubles_lines;        /* keeps the first batch twice */
	bool is_deaf;              /* keeps no modification at all */
};

static bool
ends(const char *s, const char *end)
{
	return strlen(s) >= strlen(end) && strcmp(s + strlen(s) - strlen(end), end) == 0;
}

/* Which step a call is, by its address. */
static const char *
step_of(const struct http_call *call)
{
	static const struct {
		const char *method, *part, *step;
	} steps[] = {
		{ "POST", "/bulk_line_items", "lines" },
		{ "POST", "/modifications", "modify" },
		{ "POST", "/discounts", "discount" },
		{ "POST", "/payments", "pay" },
		{ "POST", "/print_event", "print" },
		{ "POST", "/customers", "customer" },
		{ "POST", "/atomic_order/orders", "atomic" },
		{ "POST", "/atomic_order/checkouts", "quote" },
		{ "POST", "/demo4bistro/orders", "draft" },
		{ "DELETE", "", "delete" },
		{ "GET", "", "check" },
		{ "POST", "", "open" },
	};

	for (size_t i = 0;; i++)
		if (strcmp(call->method, steps[i].method) == 0 &&
		    ends(call->url, steps[i].part))
			return steps[i].step;
}

static struct json_object *
body_of(struct arena *a, const struct http_call *call)
{
	struct json_object *top = NULL;
	const char *why;

	if (call->body.len > 0 &&
	    json_read(a, call->body.data, call->body.len, &json_limits_menu, &top, &why) != OK)
		diag("the body is not JSON: %s", why);
	return top;
}

static struct json_object *
text_of(const char *s)
{
	return json_object_new_string(s);
}

static void
keep_line(struct till *t, struct json_object *sent)
{
	struct json_object *line = NULL, *mods = NULL, *list, *copy;
	size_t n = json_array_n(t->lines);

	json_object_deep_copy(sent, &line, NULL);
	json_object_object_add(line, "id", text_of(arena_printf(t->arena, "LINE%09zu", n + 1)));
	list = json_object_new_array();
	mods = json_object_new_object();
	for (size_t i = 0; !t->drops_inline && i < json_array_n(json_member(sent, "modifications"));
	     i++) {
		copy = NULL;
		json_object_deep_copy(
		    json_element(json_member(sent, "modifications"), i), &copy, NULL);
		json_object_array_add(list, copy);
	}
	json_object_object_add(mods, "elements", list);
	json_object_object_add(line, "modifications", mods);
	json_object_array_add(t->lines, line);
}

static void
keep_lines(struct till *t, struct json_object *items)
{
	size_t n = json_array_n(items);
	bool is_first = json_array_n(t->lines) == 0 && t->orders == 1;

	/* In no order: from the last to the first. */
	for (size_t i = n; i > 0; i--)
		if (!(t->loses_lines && is_first && i % 2 == 0))
			keep_line(t, json_element(items, i - 1));
	for (size_t i = 0; t->doubles_lines && is_first && i < n; i++)
		keep_line(t, json_element(items, i));
}

static void
keep_modification(struct till *t, const char *url, struct json_object *sent)
{
	for (size_t i = 0; !t->is_deaf && i < json_array_n(t->lines); i++) {
		struct json_object *line = json_element(t->lines, i), *copy = NULL;
		const char *id;
		if (!json_as_string(json_member(line, "id"), &id) || strstr(url, id) == NULL)
			continue;
		json_object_deep_copy(sent, &copy, NULL);
		json_object_array_add(
		    json_member(json_member(line, "modifications"), "elements"), copy);
	}
}

static const char *
answer(struct till *t, const struct http_call *call)
{
	const char *step = step_of(call), *lines;
	struct json_object *body = body_of(t->arena, call);
	int64_t total = 0;

	t->posts++;
	if (strcmp(step, "draft") == 0) {
		json_object_put(t->lines);
		t->lines = json_object_new_array();
		return arena_printf(t->arena,
		    "{\"id\":\"ORDER%08d\",\"total\":0,\"title\":\"x\"}", ++t->orders);
	}
	if (strcmp(step, "atomic") == 0)
		return "{\"id\":\"ORDER00000001\",\"total\":1400,\"state\":\"open\"}";
	if (strcmp(step, "quote") == 0)
		return "{\"subtotal\":1300,\"totalTaxAmount\":100,\"total\":1400}";
	if (strcmp(step, "lines") == 0)
		keep_lines(t, json_member(body, "items"));
	if (strcmp(step, "modify") == 0)
		keep_modification(t, call->url, body);
	lines = json_object_to_json_string(t->lines);
	if (strcmp(step, "check") == 0)
		return strstr(call->url, "/line_items?") != NULL
			   ? arena_printf(t->arena, "{\"elements\":%s}", lines)
			   : arena_printf(t->arena,
				 "{\"id\":\"ORDER%08d\",\"lineItems\":{\"elements\":%s}}",
				 t->orders, lines);
	if (strcmp(step, "open") == 0 && json_as_int64(json_member(body, "total"), &total))
		return arena_printf(t->arena,
		    "{\"id\":\"ORDER%08d\",\"state\":\"open\",\"total\":%lld}", t->orders,
		    (long long)total);
	return "{\"id\":\"THING00000001\"}";
}

/* ---- a conversation ---- */

/* A call as the golden files have it. */
static const char *
shown(struct arena *a, const struct http_call *call)
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
	if (call->body.len > 0)
		json_write_raw(&w, "body", call->body.data);
	json_write_object_end(&w);
	json_write_done(&w);
	return b.data;
}

struct talk {
	struct arena *arena;
	struct till till;
	struct pos_task task;
	const char *calls[STEPS_MAX]; /* as shown() */
	const char *steps;            /* "draft lines check open print" */
	size_t n;
	int later; /* how often it was put off */
	struct pos_outcome last;
	enum pos_verb verb; /* CREATE, and once it is there FOLLOW */
	struct pos_outcome taken; /* what the CREATE came to */
};

static struct talk
talk_begin(struct arena *a, const char *path)
{
	struct order *order = order_file(a, path);
	struct talk t = { .arena = a,
		.till = { .arena = a, .lines = json_object_new_array() },
		.steps = "" };

	t.task = (struct pos_task){
		.config = adapter_config(
		    a, &pos_clover, order_file_config(a, path), order->currency),
		.order = order,
		.reference = order->pos_reference,
		.since = TIME_NONE,
	};
	return t;
}

/* One call and its answer. False: it is over. */
static bool
talk_step(struct talk *t)
{
	struct pos_problems problems = { 0 };
	struct http_call call = { 0 };
	struct http_reply reply = { .status = 200 };
	const char *body;

	if (t->n >= STEPS_MAX ||
	    !pos_clover.talks[t->verb].call(t->arena, &t->task, &call, &problems)) {
		for (size_t i = 0; i < problems.n; i++)
			diag("%s %s", problems.v[i].field, problems.v[i].sentence);
		t->last = pos_outcome_of((struct verdict){
		    OUTCOME_REFUSED, CAUSE_PAYLOAD, "no call was made", 0 });
		return false;
	}
	t->calls[t->n++] = shown(t->arena, &call);
	t->steps = arena_printf(
	    t->arena, "%s%s%s", t->steps, *t->steps == '\0' ? "" : " ", step_of(&call));
	body = answer(&t->till, &call);
	reply.body = adapter_text(body);
	t->last = pos_clover.talks[t->verb].read(t->arena, &t->task, &reply);
	if (t->last.progress.data != NULL)
		t->task.progress = t->last.progress;
	t->later += t->last.verdict.outcome == OUTCOME_LATER;
	if (t->verb == POS_CREATE && t->last.verdict.outcome == OUTCOME_DONE && !t->last.has_next) {
		t->taken = t->last;
		t->task.pos_order_id = t->last.pos_order_id;
		t->verb = POS_FOLLOW;
		return pos_traits_of(t->task.config).follows;
	}
	return (t->last.verdict.outcome == OUTCOME_DONE && t->last.has_next) ||
	       (t->last.verdict.outcome == OUTCOME_LATER && t->later < 3);
}

static void
talk_all(struct talk *t)
{
	while (talk_step(t))
		continue;
	json_object_put(t->till.lines);
	t->till.lines = NULL;
}

/* ---- the goldens ---- */

static const struct {
	const char *name, *steps, *proves;
} goldens[] = {
	{ "pickup", "draft lines check open print",
	    "POS-10 a pickup: a hidden draft, a line for each piece, and only then opened" },
	{ "delivery", "draft lines check open print",
	    "POS-10 a delivery: address in the note, charges as lines with their own taxes" },
	{ "dine_in", "draft lines check open print", "POS-10 a table is in the note" },
	{ "order_types", "draft lines check open",
	    "POS-10 an order type by its id; employee; nothing printed" },
	{ "variation", "draft lines check open print",
	    "POS-10 a variation is an item of its own there" },
	{ "addons", "draft lines check open print",
	    "POS-10 add-ons are modifications, as often as they are wanted" },
	{ "open_items", "draft lines check open print",
	    "E38 what has no id goes by name and price, taxed as it was" },
	{ "discount", "draft lines discount check open print", "E29 a discount is the order's" },
	{ "tip", "draft lines check open print",
	    "POS-02 a tip is told, and is not in Clover's total" },
	{ "paid", "draft lines check open print pay",
	    "POS-10 a paid order is printed, and then marked so, with its tip" },
	{ "inclusive", "draft lines check open print pay",
	    "POS-02 a tax that is in the price is in the total once, an open item's too" },
	{ "scheduled", "draft lines check open print",
	    "E7 the time it is wanted for, by the restaurant's clock" },
	{ "notes", "draft lines check open print",
	    "POS-31 notes lose control characters and can name no secret" },
	{ "unicode", "draft lines check open print",
	    "POS-31 texts are cut by code points; what only the note says never is" },
	{ "customer", "customer draft lines check open print",
	    "POS-08 a customer record has first and last name" },
	{ "no_name", "draft lines check open print",
	    "POS-30 a guest without a name; a reference too long for externalReferenceId" },
	{ "many", "draft lines lines check open print",
	    "POS-10 a hundred lines at a time, and read back by another way" },
	{ "gifts", "draft lines discount check open print",
	    "POS-03 POS-31 what is free or untaxed; every name is cut" },
	{ "atomic", "atomic print", "POS-10 in one call, with Clover's own prices" },
	{ "atomic_paid", "customer atomic print pay",
	    "POS-10 in one call, paid: the payment comes behind" },
};

/* The n-th call of that name is in NAME.step.json, NAME.step2.json, ... */
static void
check_call(struct arena *a, const char *name, const char *proves, const char *call,
    const char *step, int nth)
{
	const char *file = nth == 1 ? arena_printf(a, DIR "%s.%s.json", name, step)
				    : arena_printf(a, DIR "%s.%s%d.json", name, step, nth);

	is_str(call, json_file_compact(a, file), "%s: %s", proves, file + strlen(DIR));
}

static int
seen_before(char *const *names, size_t n, const char *name)
{
	int nth = 1;

	for (size_t i = 0; i < n; i++)
		nth += strcmp(names[i], name) == 0;
	return nth;
}

static void
test_goldens(void)
{
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		struct arena *a = arena_new(32u << 20);
		struct talk t =
		    talk_begin(a, arena_printf(a, DIR "%s.order.json", goldens[i].name));
		char *names[STEPS_MAX], *at;
		talk_all(&t);
		is_str(t.steps, goldens[i].steps, "%s: its steps", goldens[i].name);
		ok(t.last.verdict.outcome == OUTCOME_DONE && !t.last.has_next &&
			t.taken.pos_order_id != NULL &&
			strcmp(t.taken.pos_order_id, "ORDER00000001") == 0,
		    "POS-24 %s: it is there, and has an id", goldens[i].name);
		at = arena_strdup(a, t.steps);
		for (size_t k = 0; k < t.n; k++) {
			names[k] = strtok_r(at, " ", &at);
			check_call(a, goldens[i].name, goldens[i].proves, t.calls[k], names[k],
			    seen_before(names, k, names[k]));
		}
		if (strncmp(goldens[i].name, "atomic", 6) != 0)
			is_int(t.taken.total_minor, t.task.order->total_minor,
			    "E22 %s: their total, and the tip", goldens[i].name);
		arena_free(&a);
	}
}

static void
test_quote(void)
{
	struct arena *a = arena_new(8u << 20);
	struct talk t = talk_begin(a, DIR "atomic.order.json");
	struct pos_problems problems = { 0 };
	struct http_call call = { 0 };
	struct http_reply reply = { .status = 200 };
	struct pos_outcome o;

	ok(pos_clover.talks[POS_QUOTE].call(a, &t.task, &call, &problems), "POS-10 a quote");
	is_str(shown(a, &call), json_file_compact(a, DIR "atomic.quote.json"),
	    "POS-10 is the same cart at another address");
	reply.body = adapter_text(answer(&t.till, &call));
	o = pos_clover.talks[POS_QUOTE].read(a, &t.task, &reply);
	ok(o.verdict.outcome == OUTCOME_DONE && o.total_minor == 1400, "and says a total");
	json_object_put(t.till.lines);
	arena_free(&a);
}

/* ---- a till that does it wrong ---- */

static void
test_mending(void)
{
	struct arena *a = arena_new(64u << 20);
	struct talk t = talk_begin(a, DIR "addons.order.json");

	t.till.drops_inline = true;
	talk_all(&t);
	is_str(t.steps,
	    "draft lines check modify modify modify modify modify modify modify modify modify "
	    "check open print",
	    "POS-10 add-ons that did not come with their lines are added");
	ok(t.last.verdict.outcome == OUTCOME_DONE && t.later == 0, "at once, on the same draft");
	ok(strstr(t.calls[3], "/orders/ORDER00000001/line_items/LINE") != NULL &&
		strstr(t.calls[3], "\"modifier\":{\"id\":\"MOD") != NULL,
	    "to the line that lacks them");

	t = talk_begin(a, DIR "addons.order.json");
	t.till.loses_lines = true;
	talk_all(&t);
	is_str(t.steps, "draft lines check lines check open print",
	    "POS-10 lines that are missing are sent again");

	t = talk_begin(a, DIR "pickup.order.json");
	t.till.doubles_lines = true;
	talk_all(&t);
	is_str(t.steps, "draft lines check delete draft lines check open print",
	    "POS-10 lines too many: another draft, and the first is deleted");
	ok(t.last.verdict.outcome == OUTCOME_DONE && t.later == 1 &&
		strcmp(t.taken.pos_order_id, "ORDER00000002") == 0 &&
		strstr(t.calls[3], "/orders/ORDER00000001") != NULL,
	    "the second is the order");

	t = talk_begin(a, DIR "addons.order.json");
	t.till.drops_inline = t.till.is_deaf = true;
	talk_all(&t);
	ok(t.last.verdict.outcome == OUTCOME_LATER && t.later == 3 && t.n < STEPS_MAX &&
		strstr(t.steps, "open") == NULL,
	    "POS-10 add-ons that never come: it is put off, and never opened without them");
	arena_free(&a);
}

/* ---- what must not be sent ---- */

#define LINE(o) ((struct order_line *)(o)->lines)
#define ADDON(o) ((struct order_addon *)(o)->lines->addons)

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
no_item_name(struct order *o)
{
	LINE(o)->item_name = NULL;
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
no_addon_name(struct order *o)
{
	ADDON(o)->name = "";
}
static void
many_addons(struct order *o)
{
	ADDON(o)->quantity = 101;
}
static void
bad_total(struct order *o)
{
	o->total_minor++;
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
rupees(struct order *o)
{
	o->currency = "INR";
}
static void
yen(struct order *o)
{
	o->currency = "JPY";
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
static void
too_many(struct order *o)
{
	LINE(o)->quantity = 1000;
	LINE(o)->line_total_minor =
	    1000 * (LINE(o)->item_price_minor + LINE(o)->addons_minor);
}

static const struct {
	void (*spoil)(struct order *);
	const char *field;
} refused[] = {
	{ no_reference, "order_id" },
	{ no_lines, "items" },
	{ no_item_name, "items[0].name" },
	{ no_pieces, "items[0].quantity" },
	{ bad_price, "items[0].price" },
	{ bad_addons, "items[0].addons" },
	{ no_addon_name, "items[0].addons[0].name" },
	{ many_addons, "items[0].addons[0].quantity" },
	{ bad_total, "total" },
	{ bad_discount, "discount_total" },
	{ huge, "total" },
	{ rupees, "currency" },
	{ yen, "currency" },
	{ no_method, "payment_type" },
	{ odd_type, "order_type" },
	{ no_address, "customer_address" },
	{ too_many, "items" },
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
		struct talk t = talk_begin(a, DIR "addons.order.json");
		struct pos_problems problems = { 0 };
		struct http_call call = { 0 };
		refused[i].spoil((struct order *)t.task.order);
		ok(!pos_clover.talks[POS_CREATE].call(a, &t.task, &call, &problems) &&
			names(&problems, refused[i].field) && call.url == NULL,
		    "POS-16 POS-32 an order without a good %s is not sent", refused[i].field);
		json_object_put(t.till.lines);
		arena_free(&a);
	}
}

/* ---- settings ---- */

static const struct {
	const char *json, *secrets[2], *field; /* NULL: it is right */
} settings[] = {
	{ "{}", { "access_token" }, NULL },
	{ "{\"client_id\":\"APP\"}", { "refresh_token" }, NULL },
	{ "{\"client_id\":\"APP\"}", { "refresh_token", "access_token" }, NULL },
	{ "{}", { NULL }, "access_token" },
	{ "{}", { "refresh_token", "access_token" }, "client_id" },
	{ "{\"client_id\":\"APP\"}", { NULL }, "access_token" },
	{ "{\"customer_mode\":\"both\"}", { "access_token" }, "customer_mode" },
	{ "{\"order_types\":{\"pickup\":\"OTYPICKUP0001\"}}", { "access_token" }, NULL },
	{ "{\"order_types\":{\"drive_in\":\"X\"}}", { "access_token" }, "order_types.drive_in" },
	{ "{\"base_url\":\"ftp://x\"}", { "access_token" }, NULL }, /* the endpoint's kind */
	{ "{\"access_token\":\"t\"}", { "access_token" }, "access_token" },
};

static void
test_settings(void)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct arena *a = arena_new(1u << 20);
		struct pos_problems problems = { 0 };
		size_t n = 0;
		while (n < 2 && settings[i].secrets[n] != NULL)
			n++;
		if (strstr(settings[i].json, "ftp") != NULL) {
			arena_free(&a);
			continue;
		}
		adapter_config_with(
		    a, &pos_clover, settings[i].json, "USD", settings[i].secrets, n, &problems);
		ok(settings[i].field == NULL ? problems.n == 0
					     : names(&problems, settings[i].field),
		    "POS-17 %s", settings[i].json);
		arena_free(&a);
	}
}

static void
test_traits(void)
{
	struct arena *a = arena_new(1u << 20);
	struct pos_traits steps = pos_traits_of(adapter_config(a, &pos_clover, "{}", "USD"));
	struct pos_traits one =
	    pos_traits_of(adapter_config(a, &pos_clover, "{\"use_atomic\":true}", "USD"));

	ok(steps.repeat_is_safe == POS_REPEAT_YES && one.repeat_is_safe == POS_REPEAT_NO,
	    "POS-10 to open an order again is safe, to make one is not");
	ok(steps.follows &&
		!pos_traits_of(adapter_config(a, &pos_clover, "{\"print\":false}", "USD")).follows &&
		pos_traits_of(adapter_config(a, &pos_clover,
				  "{\"print\":false,\"mark_paid_tender_id\":\"T\"}", "USD"))
		    .follows,
	    "POS-10 what is there is printed, and marked as paid, unless neither is wanted");
	ok(steps.concurrency == 5 && steps.rate_burst + steps.rate_per_min / 60 <= 16 && steps.accepts_on_create &&
		steps.takes_open_items && !steps.holds_scheduled && !steps.binds_by_reference,
	    "POS-18 what Clover publishes");
	arena_free(&a);
}

/* What is flagged of an order, since it is not on their menu. */
static void
test_flags(void)
{
	static const struct {
		const char *name, *open;
	} rows[] = {
		{ "addons", "" },
		{ "open_items",
		    "Birthday Cake, Birthday Cake:Candles, Classic Burger:Gold leaf, Newspaper" },
		{ "variation", "Calzone" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *a = arena_new(4u << 20);
		const char *in = arena_printf(a, DIR "%s.order.json", rows[i].name);
		is_str(adapter_open_items(a, &pos_clover, order_file(a, in)), rows[i].open, "E38 %s",
		    rows[i].name);
		arena_free(&a);
	}
}

int
main(void)
{
	test_goldens();
	test_flags();
	test_quote();
	test_mending();
	test_refused();
	test_settings();
	test_traits();
	return tap_done();
}
