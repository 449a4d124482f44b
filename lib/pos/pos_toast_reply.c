/*
 * Toast: what its replies have in common: errors, and orders as it tells them.
 */
#include <string.h>

#include "op/op.h"
#include "pos/contents.h"
#include "pos/pos_toast.h"
#include "text/civil.h"
#include "text/json_read.h"
#include "text/money.h"

#define SHOWN_MAX 120 /* code points of a provider's message that we repeat */
#define PAUSE_MAX_S 3600

struct verdict
toast_verdict_of(enum outcome outcome, enum cause cause, const char *sentence)
{
	return (struct verdict){ outcome, cause, sentence, 0 };
}

/*
 * What a status says by itself. Those not listed are decided by the body, or nothing is known. An
 * access token that has run out, or was taken back, is renewed and the call made again: 401 is
 * LATER.
 */
static const struct pos_status statuses[] = {
	{ 400, OUTCOME_REFUSED, CAUSE_PAYLOAD, "Toast calls the request invalid" },
	{ 401, OUTCOME_LATER, CAUSE_AUTH, "Toast does not accept the access token" },
	{ 403, OUTCOME_REFUSED, CAUSE_CONFIG,
	    "Toast forbids it: the API account lacks the scope, or access to this location" },
	{ 404, OUTCOME_REFUSED, CAUSE_CONFIG,
	    "Toast does not know it: the restaurant is not connected, or a GUID is not its own" },
	{ 405, OUTCOME_REFUSED, CAUSE_CONFIG, "The address does not take this request" },
	{ 413, OUTCOME_REFUSED, CAUSE_PAYLOAD, "The order is too large for Toast" },
	{ 415, OUTCOME_REFUSED, CAUSE_CONFIG, "Toast does not take this content type" },
	{ 422, OUTCOME_REFUSED, CAUSE_PAYLOAD, "Toast can not process the request" },
	{ 429, OUTCOME_LATER, CAUSE_BUSY, "Toast asks us to slow down" },
};

/* ---- errors ---- */

static struct json_object *
read_object(struct arena *a, const struct http_reply *r)
{
	struct json_object *top = NULL;
	const char *why;

	if (json_read(a, r->body.data, r->body.len, &json_limits_menu, &top, &why) != OK)
		return NULL;
	return json_is_object(top) ? top : NULL;
}

/* " (10025: Unknown menu item)" */
const char *
toast_error_words(struct arena *a, const struct http_reply *r)
{
	struct json_object *top = read_object(a, r);
	const char *code = "", *message = "", *more = "";

	json_lax_string(json_member(top, "code"), &code);
	json_lax_string(json_member(top, "message"), &message);
	json_lax_string(json_member(top, "developerMessage"), &more);
	code = toast_text(a, code, 20);
	message = toast_text(a, message, SHOWN_MAX);
	more = toast_text(a, more, SHOWN_MAX);
	if (*message == '\0')
		message = more;
	else if (*more != '\0' && strcmp(more, message) != 0)
		message = arena_printf(a, "%s; %s", message, more);
	return pos_with_words(a, "", *message == '\0' ? "" : code, message);
}

/* X-Toast-RateLimit-Reset is the second, of the world's clock, at which they listen again. */
static int
pause_of(const struct pos_task *task, const struct http_reply *r)
{
	int pause = http_reply_retry_after(r);
	int reset_s = pos_reset_s(r, "X-Toast-RateLimit-Reset", task->now);

	if (pause > 0 || r->status != 429 || reset_s < 0)
		return pause;
	return reset_s < PAUSE_MAX_S ? reset_s + 1 : reset_s;
}

struct verdict
toast_verdict(struct arena *a, const struct pos_task *task, const struct http_reply *r,
    bool has_effect, struct json_object **ret_top)
{
	const struct pos_status *row =
	    pos_status_of(statuses, sizeof(statuses) / sizeof(statuses[0]), r->status);
	struct json_object *top = NULL;
	struct verdict v;
	const char *why;

	if (row != NULL) {
		v = toast_verdict_of(row->outcome, row->cause,
		    arena_printf(a, "%s%s", row->sentence, toast_error_words(a, r)));
		v.retry_after_s = v.outcome == OUTCOME_LATER ? pause_of(task, r) : 0;
		return v;
	}
	/* Of a new order it is hardly anything but that its name is taken: it may be there. */
	if (r->status == 409)
		return pos_in_doubt(has_effect, CAUSE_PAYLOAD,
		    arena_printf(a, "Toast says that it conflicts with what is there%s",
			toast_error_words(a, r)));
	if (r->status < 200 || r->status > 299) {
		/* 499 is theirs for a request that they gave up on. */
		v = pos_in_doubt(has_effect,
		    r->status >= 500 || r->status == 499 ? CAUSE_PROVIDER : CAUSE_GARBLED,
		    arena_printf(
			a, "Toast answered HTTP %d%s", r->status, toast_error_words(a, r)));
		v.retry_after_s = http_reply_retry_after(r);
		return v;
	}
	if (json_read(a, r->body.data, r->body.len, &json_limits_menu, &top, &why) != OK ||
	    top == NULL)
		return pos_in_doubt(has_effect, CAUSE_GARBLED, "Toast's answer is not JSON");
	*ret_top = top;
	return toast_verdict_of(OUTCOME_DONE, CAUSE_NONE, "Toast took it");
}

const char *
toast_progress(struct arena *a, const struct pos_task *task, const char *key)
{
	struct json_object *top = NULL;
	const char *why, *s = "";

	if (task->progress.len == 0 || json_read(a, task->progress.data, task->progress.len,
					   &json_limits_default, &top, &why) != OK)
		return "";
	return json_as_string(json_member(top, key), &s) ? arena_strdup(a, s) : "";
}

/* ---- orders ---- */

/* The specification names {"orders":[...]}, its example and the guide show the order itself. */
struct json_object *
toast_reply_order(struct json_object *top)
{
	struct json_object *list = json_member(top, "orders");

	if (json_is_array(list))
		return json_array_n(list) == 1 && json_is_object(json_element(list, 0))
			   ? json_element(list, 0)
			   : NULL;
	return json_is_object(top) ? top : NULL;
}

static bool
flag(struct json_object *o, const char *key)
{
	bool is_on;

	return json_as_bool(json_member(o, key), &is_on) && is_on;
}

bool
toast_order_is_gone(struct json_object *order)
{
	return flag(order, "voided") || flag(order, "deleted");
}

static bool
add_amount(struct json_object *node, unsigned exponent, int64_t *sum)
{
	const char *text;
	int64_t minor;

	return json_lax_decimal(node, &text) && money_parse_rounded(text, exponent, &minor) &&
	       minor >= 0 && money_add(*sum, minor, sum);
}

/* What its checks come to, and the tips that were paid with them. -1: they do not all say. */
static int64_t
total_of(const struct pos_config *config, struct json_object *order)
{
	struct json_object *checks = json_member(order, "checks");
	int64_t sum = 0;
	unsigned exponent;

	if (config == NULL || config->core.currency == NULL ||
	    !money_exponent(config->core.currency, &exponent) || json_array_n(checks) == 0)
		return -1;
	for (size_t i = 0; i < json_array_n(checks); i++) {
		struct json_object *check = json_element(checks, i);
		struct json_object *payments = json_member(check, "payments");
		if (!add_amount(json_member(check, "totalAmount"), exponent, &sum))
			return -1;
		for (size_t k = 0; k < json_array_n(payments); k++)
			(void)add_amount(json_member(json_element(payments, k), "tipAmount"),
			    exponent, &sum);
	}
	return sum;
}

void
toast_add_tip(const struct pos_task *task, struct json_object *order, struct pos_outcome *o)
{
	struct json_object *checks = json_member(order, "checks");

	if (o->total_minor < 0 || task->tip_minor <= 0 ||
	    pos_config_text(task->config, "tip_service_charge_guid") != NULL)
		return;
	for (size_t i = 0; i < json_array_n(checks); i++)
		if (json_array_n(json_member(json_element(checks, i), "payments")) > 0)
			return;
	if (!money_add(o->total_minor, task->tip_minor, &o->total_minor))
		o->total_minor = -1;
}

static const char *
contents_of(struct arena *a, struct json_object *order)
{
	struct json_object *checks = json_member(order, "checks");
	struct contents c;

	contents_init(&c, a);
	for (size_t i = 0; i < json_array_n(checks); i++) {
		struct json_object *list =
		    json_member(json_element(checks, i), "selections");
		for (size_t k = 0; k < json_array_n(list); k++) {
			struct json_object *s = json_element(list, k);
			if (!flag(s, "voided") && !flag(s, "deleted"))
				contents_add(&c, json_member(s, "quantity"),
				    json_member(s, "displayName"),
				    json_member(s, "modifiers"), "displayName");
		}
	}
	return contents_text(&c);
}

bool
toast_read_order(struct arena *a, const struct pos_config *config, struct json_object *order,
    struct pos_outcome *o)
{
	const char *guid;
	int64_t us;

	o->total_minor = total_of(config, order);
	o->contents = contents_of(a, order);
	if (toast_read_time(json_member(order, "estimatedFulfillmentDate"), &us))
		o->estimated_ready_time = us;
	if (!json_as_string(json_member(order, "guid"), &guid) || toast_guid(a, guid) == NULL)
		return false;
	o->pos_order_id = toast_guid(a, guid);
	return true;
}

/* How far the kitchen is with what is still to be cooked. */
struct kitchen {
	size_t n, ready, sent;
};

static void
count_selections(struct json_object *check, struct kitchen *k)
{
	struct json_object *list = json_member(check, "selections");

	for (size_t i = 0; i < json_array_n(list); i++) {
		struct json_object *s = json_element(list, i);
		if (flag(s, "voided") || flag(s, "deleted"))
			continue;
		k->n++;
		k->ready += pos_is_word(s, "fulfillmentStatus", "READY");
		k->sent += pos_is_word(s, "fulfillmentStatus", "SENT") ||
			   pos_is_word(s, "fulfillmentStatus", "READY");
	}
}

/* A check that we paid is closed at once; one that was not is closed when the guest has paid. */
static bool
is_closed_by_guest(struct json_object *order)
{
	struct json_object *checks = json_member(order, "checks");
	size_t n = json_array_n(checks);

	for (size_t i = 0; i < n; i++) {
		struct json_object *check = json_element(checks, i);
		struct json_object *payments = json_member(check, "payments");
		if (!pos_is_word(check, "paymentStatus", "CLOSED"))
			return false;
		for (size_t k = 0; k < json_array_n(payments); k++)
			if (pos_is_word(json_element(payments, k), "type", "OTHER"))
				return false;
	}
	return n > 0;
}

const char *
toast_order_status(struct json_object *order, const char **ret_code)
{
	struct json_object *checks = json_member(order, "checks");
	struct json_object *delivery = json_member(order, "deliveryInfo");
	struct kitchen kitchen = { 0 };

	for (size_t i = 0; i < json_array_n(checks); i++)
		count_selections(json_element(checks, i), &kitchen);
	if (toast_order_is_gone(order))
		return *ret_code = "VOIDED", "cancelled";
	if (pos_is_word(order, "approvalStatus", "NOT_APPROVED"))
		return *ret_code = "NOT_APPROVED", "rejected";
	if (pos_is_word(delivery, "deliveryState", "DELIVERED"))
		return *ret_code = "DELIVERED", "completed";
	if (is_closed_by_guest(order))
		return *ret_code = "CLOSED", "completed";
	if (pos_is_word(delivery, "deliveryState", "PICKED_UP"))
		return *ret_code = "PICKED_UP", "out_for_delivery";
	if (kitchen.n > 0 && kitchen.ready == kitchen.n)
		return *ret_code = "READY", "ready";
	if (kitchen.sent > 0)
		return *ret_code = "SENT", "preparing";
	if (pos_is_word(order, "approvalStatus", "APPROVED"))
		return *ret_code = "APPROVED", "confirmed";
	return *ret_code = "NEEDS_APPROVAL", NULL;
}
