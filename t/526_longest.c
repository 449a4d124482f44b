/*
 * Whatever the longest words are that a guest may say (fcgi/orders.c), the POS is told all of them: in a field of their own, or
 * in the note to the kitchen. A POS whose field is too short for them gets them elsewhere.
 */
#include <string.h>

#include "adapter.h"
#include "op/op.h"
#include "order_file.h"
#include "tap.h"
#include "toast.h"

#define WORDS_N 500
#define LINE_WORDS_N 255
#define ADDRESS_N 500
#define TOWN ", Boston, MA 02215"

static const struct {
	const struct pos_adapter *adapter;
	const char *folder, *config, *currency;
} places[] = {
	{ &pos_petpooja, "petpooja", "{}", "INR" },
	{ &pos_toast, "toast", "{}", "USD" },
	{ &pos_square, "square", "{}", "USD" },
	{ &pos_square, "square", "{\"dine_in_as\":\"none\"}", "USD" },
	{ &pos_square, "square", "{\"square_version\":\"2026-09-16\"}", "USD" },
	/* all of it in one call */
	{ &pos_clover, "clover", "{\"use_atomic\":true}", "USD" },
	{ &pos_clover, "clover", "{\"use_atomic\":true,\"customer_mode\":\"note\"}", "USD" },
};

/* So many letters, of which the last ones can be found again. */
static const char *
long_text(struct arena *a, char letter, size_t n, const char *end)
{
	char *s = arena_alloc(a, n + 1);
	size_t len = strlen(end);

	memset(s, letter, n - len);
	memcpy(s + n - len, end, len + 1);
	return s;
}

static const struct order *
longest(struct arena *a, const char *path)
{
	struct order *o = order_file(a, path);
	struct order_line *line = arena_alloc(a, sizeof(*line));

	*line = o->lines[0];
	line->special_instructions = long_text(a, 'l', LINE_WORDS_N, "LINE-END");
	o->lines = line;
	o->lines_n = 1;
	o->subtotal_minor = line->line_total_minor;
	o->tax_minor = 0;
	for (size_t i = 0; i < line->taxes_n; i++)
		o->tax_minor += line->taxes[i].is_inclusive ? 0 : line->taxes[i].amount_minor;
	for (size_t i = 0; i < o->taxes_n; i++)
		o->tax_minor += o->taxes[i].is_inclusive ? 0 : o->taxes[i].amount_minor;
	o->total_minor = o->subtotal_minor + o->tax_minor + o->packing_minor + o->delivery_charge_minor + o->tip_minor;
	o->special_instructions = long_text(a, 'w', WORDS_N, "WORDS-END");
	o->customer_name = arena_printf(
	    a, "%s %s", long_text(a, 'f', 49, "FIRST-END"), long_text(a, 's', 50, "SECOND-END"));
	if (strcmp(o->order_type, "delivery") == 0)
		o->delivery_address = arena_printf(a, "%s" TOWN,
		    long_text(a, 'a', ADDRESS_N - strlen(TOWN), "STREET-END"));
	return o;
}

static void
test_type(size_t i, const char *type)
{
	static const char *const ends[] = { "LINE-END", "WORDS-END", "FIRST-END", "SECOND-END", "STREET-END" };
	struct arena *a = arena_new(16u << 20);
	const char *path = arena_printf(a, "t/golden/%s/%s.order.json", places[i].folder, type);
	const struct order *o = longest(a, path);
	struct pos_problems problems = { 0 };
	struct pos_task task = { .order = o,
		.reference = o->pos_reference,
		.callback_url = "https://us.example/",
		.now = o->created_at,
		.since = TIME_NONE };
	struct http_call call = { 0 };

	task.config = places[i].adapter == &pos_toast
			  ? toast_config(a, places[i].config, places[i].currency)
			  : adapter_config(a, places[i].adapter, places[i].config, places[i].currency);
	if (!places[i].adapter->talks[POS_CREATE].call(a, &task, &call, &problems)) {
		ok(false, "%s, %s: %s %s", places[i].folder, type, problems.v[0].field,
		    problems.v[0].sentence);
		arena_free(&a);
		return;
	}
	for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++)
		if (strcmp(ends[k], "STREET-END") != 0 || o->delivery_address != NULL)
			ok(strstr(call.body.data, ends[k]) != NULL, "POS-31 %s %s, %s: up to its %s",
			    places[i].folder, places[i].config, type, ends[k]);
	arena_free(&a);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		test_type(i, "pickup");
		test_type(i, "delivery");
		test_type(i, "dine_in");
	}
	return tap_done();
}
