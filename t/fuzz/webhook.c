/*
 * webhook: what providers call us with. Every delivery of every POS reads the same bytes: what is taken is fit to be kept and
 * shown, what is refused is said why, the answer is JSON, and what people are shown of a body (inbox/redact.h) holds no secret.
 * Input: the name of a header's proof, a line's end, and the body.
 */
#include <string.h>

#include "fuzz.h"
#include "inbox/redact.h"
#include "op/op.h"
#include "pos/pos.h"
#include "text/civil.h"
#include "text/json_read.h"

static const char *const statuses[] = { "confirmed", "preparing", "ready", "out_for_delivery", "completed", "cancelled",
	"rejected" };

static void
text_check(const char *text, const char *what, size_t max)
{
	if (text != NULL)
		must(text[0] != '\0' && fuzz_is_printable(text) && strlen(text) <= 4 * max, "%s can be kept: %s", what, text);
}

static void
order_check(const struct pos_event *e)
{
	bool is_ours = false;

	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		is_ours = is_ours || (e->status != NULL && strcmp(e->status, statuses[i]) == 0);
	must(e->is_hint || (is_ours && e->code != NULL), "an order has a status of ours, or is to be looked at");
	must(e->status == NULL || is_ours, "and no other");
	must(e->reference != NULL || e->pos_order_id != NULL, "and a name");
	must(e->minimum_prep_time_min >= -1 && e->minimum_prep_time_min <= 1440 && e->minimum_delivery_time_min >= -1 &&
		e->minimum_delivery_time_min <= 1440,
	    "minutes are a day's");
}

static void
event_check(const struct pos_event *e)
{
	struct civil c;

	text_check(e->rest_id, "the restaurant's id", 64);
	text_check(e->reference, "our reference", 64);
	text_check(e->pos_order_id, "their id", 64);
	text_check(e->code, "the code", 64);
	text_check(e->cancel_reason, "the reason", 255);
	text_check(e->rider_name, "the rider", 100);
	text_check(e->rider_phone, "the rider's number", 20);
	text_check(e->reason, "the store's reason", 255);
	for (size_t i = 0; i < e->external_ids_n; i++) {
		must(e->external_ids[i] != NULL, "an id is one");
		text_check(e->external_ids[i], "an id", 64);
	}
	must(e->occurred_at == TIME_NONE || (e->occurred_at >= CIVIL_US_MIN && e->occurred_at <= CIVIL_US_MAX), "a time is one");
	must((e->back == POS_RETURN_AT) == (e->back_local != NULL), "a time to be back is there when it is said");
	must(e->back_local == NULL || civil_parse(e->back_local, &c), "and is one");
	if (e->kind == POS_EVENT_ORDER)
		order_check(e);
}

static void
delivery_try(struct arena *a, const struct pos_adapter *pos, const struct pos_delivery *d, struct bytes body)
{
	struct pos_event e = { .kind = POS_EVENT_MENU };
	struct pos_answer answer = { .http_status = 200, .rest_id = "r" };
	struct menu_doc doc;
	const char *why = body.len <= d->body_max ? d->read(a, body, &e) : "too long";

	must(why == NULL || (fuzz_is_printable(why) && e.rest_id == NULL && e.reference == NULL), "what is refused leaves nothing");
	if (why == NULL) {
		event_check(&e);
		(void)pos->applies_to(&e, "dine_in");
		answer = (struct pos_answer){ .http_status = 200, .reference = e.reference, .status = e.status, .rest_id = e.rest_id };
		if (e.kind == POS_EVENT_MENU)
			(void)pos->read_menu(a, fuzz_config(a, pos), &(struct pos_page){ .body = body }, 1, &doc);
	} else
		answer = (struct pos_answer){ .http_status = 400, .sentence = why };
	must(fuzz_is_json(a, d->reply(a, &answer)), "the answer is JSON");
}

/* Members whose names say that they are secret, by json-c's own walk. */
static bool
has_secret(struct json_object *o, const char *name)
{
	struct json_object *value = json_member(o, name);
	const char *text;

	return value != NULL && (!json_as_string(value, &text) || strcmp(text, "[redacted]") != 0);
}

static void
redact_check(struct bytes body)
{
	struct json_object *tree = NULL, *shown = NULL;
	const char *why = NULL, *text;
	struct op op;
	enum err e;

	op_begin(&op, NULL, (size_t)256 << 20, NULL);
	e = json_read(op.arena, body.data, body.len, &json_limits_menu, &tree, &why);
	text = redact_json(&op, body);
	must((e == OK) == (text != NULL), "what is JSON is shown");
	if (text != NULL) {
		must(json_read(op.arena, text, strlen(text), &json_limits_menu, &shown, &why) == OK, "as JSON: %s", why);
		must(!has_secret(shown, "access_token") && !has_secret(shown, "AppKey") && !has_secret(shown, "password"),
		    "without its secrets");
		must(json_is_object(tree) == json_is_object(shown) && json_array_n(tree) == json_array_n(shown), "and is whole");
	}
	op_end(&op);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct bytes secret = { "key", 3 };
	struct arena *a = fuzz_arena();
	struct bytes proof = fuzz_until(&data, &size, '\n'), body = fuzz_bytes(a, data, size);
	const char *header = fuzz_text(a, proof.data, proof.len);

	for (const struct pos_adapter *const *pos = pos_adapters(); *pos != NULL; pos++) {
		struct pos_proof proof_of = { .header = header, .body = body, .config = fuzz_config(a, *pos) };

		for (size_t i = 0; i < (*pos)->deliveries_n; i++)
			delivery_try(a, *pos, &(*pos)->deliveries[i], body);
		must(!(*pos)->verify(POS_POLICY_NONE, secret, &proof_of), "nothing proves itself by no policy");
		if ((*pos)->verify(POS_POLICY_AUTHORIZATION, secret, &proof_of))
			must(strstr(header, "key") != NULL, "a proof holds the secret");
		if ((*pos)->verify(POS_POLICY_HMAC, secret, &proof_of))
			must(!(*pos)->verify(POS_POLICY_HMAC, (struct bytes){ "kez", 3 }, &proof_of), "of that key");
		must(!(*pos)->verify(POS_POLICY_HMAC, (struct bytes){ "", 0 }, &proof_of), "no secret proves nothing");
	}
	redact_check(body);
	arena_free(&a);
	return 0;
}
