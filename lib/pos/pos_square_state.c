/*
 * Square: an order as it tells it.
 *
 * Order: DRAFT, OPEN, COMPLETED, CANCELED. Fulfillment: PROPOSED (new) → RESERVED (in progress) →
 * PREPARED (ready) → COMPLETED; CANCELED, FAILED.
 */
#include <string.h>

#include "op/op.h"
#include "pos/contents.h"
#include "pos/pos_square.h"
#include "text/iso8601.h"
#include "text/json_read.h"

static bool
is(const char *s, const char *word)
{
	return s != NULL && strcmp(s, word) == 0;
}

static void
read_fulfillment(struct arena *a, struct json_object *f, struct square_order *o)
{
	static const char *const times[][2] = {
		{ "pickup_details", "pickup_at" },
		{ "delivery_details", "courier_pickup_at" },
	};
	const char *s;

	o->fulfillment = square_id(a, json_member(f, "uid"));
	o->kind = square_id(a, json_member(f, "type"));
	o->fulfillment_state = square_id(a, json_member(f, "state"));
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (json_as_string(json_member(json_member(f, times[i][0]), times[i][1]), &s))
			(void)iso8601_parse(s, &o->ready_at);
}

/* Square calls payments tenders here; payment_id is theirs, in older orders id alone. */
static void
read_tenders(struct arena *a, struct json_object *list, struct square_order *o)
{
	struct json_object *tender = json_element(list, 0);

	o->tenders_n = json_array_n(list);
	if (o->tenders_n != 1)
		return;
	o->payment = square_id(a, json_member(tender, "payment_id"));
	if (o->payment == NULL)
		o->payment = square_id(a, json_member(tender, "id"));
}

const char *
square_order_contents(struct arena *a, const struct square_order *o)
{
	struct contents c;

	contents_init(&c, a);
	for (size_t i = 0; i < json_array_n(o->lines); i++) {
		struct json_object *line = json_element(o->lines, i);
		contents_add(&c, json_member(line, "quantity"), json_member(line, "name"),
		    json_member(line, "modifiers"), "name");
	}
	return contents_text(&c);
}

bool
square_order_read(struct arena *a, const struct pos_config *config, struct json_object *node,
    struct square_order *ret)
{
	struct square_order o = { .ready_at = TIME_NONE };
	const char *currency = config->core.currency;

	o.id = square_id(a, json_member(node, "id"));
	o.state = square_id(a, json_member(node, "state"));
	o.location = square_id(a, json_member(node, "location_id"));
	o.reference = square_id(a, json_member(node, "reference_id"));
	if (!json_as_int64(json_member(node, "version"), &o.version))
		o.version = 0;
	if (o.id == NULL || o.state == NULL ||
	    !square_money(json_member(node, "total_money"), currency, &o.total_minor) ||
	    o.total_minor < 0)
		return false;
	if (!square_money(json_member(node, "net_amount_due_money"), currency, &o.due_minor))
		o.due_minor = o.total_minor;
	if (o.due_minor < 0)
		o.due_minor = 0;
	o.lines = json_member(node, "line_items");
	read_tenders(a, json_member(node, "tenders"), &o);
	read_fulfillment(a, json_element(json_member(node, "fulfillments"), 0), &o);
	*ret = o;
	return true;
}

bool
square_order_is(const struct square_order *o, const char *state)
{
	return is(o->state, state);
}

/*
 * What is not paid is shown to nobody, unless nothing is ever marked as paid. One that costs
 * nothing looks alike before and after; its version tells.
 */
bool
square_order_is_seen(const struct square_order *o, const struct pos_config *config)
{
	if (is(o->state, "DRAFT"))
		return false;
	if (square_paid(config) == SQUARE_PAID_NONE || !is(o->state, "OPEN"))
		return true;
	if (o->fulfillment_state != NULL && !is(o->fulfillment_state, "PROPOSED"))
		return true;
	return o->due_minor == 0 && (o->total_minor > 0 || o->version > 1);
}

/* Whoever has it in progress has taken it, and is at it: there is no step between. */
const char *
square_fulfillment_status(const char *state)
{
	static const char *const words[][2] = {
		{ "PROPOSED", "received" },
		{ "RESERVED", "preparing" },
		{ "PREPARED", "ready" },
		{ "COMPLETED", "completed" },
		{ "CANCELED", "cancelled" },
		{ "FAILED", "cancelled" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is(state, words[i][0]))
			return words[i][1];
	return NULL;
}

/* Taken back, whichever of the two says it; then the order's own end, then how far it has come. */
const char *
square_order_status(const struct square_order *o)
{
	const char *word = square_fulfillment_status(o->fulfillment_state);

	if (is(o->state, "CANCELED") || is(word, "cancelled"))
		return "cancelled";
	return is(o->state, "COMPLETED") ? "completed" : word;
}
