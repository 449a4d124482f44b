/*
 * Toast: giving it an order, in two steps. The first asks what the order comes to
 * (/orders/v2/prices stores nothing), so that a payment says exactly that; use_price_call off
 * leaves it out. The second is the order.
 *
 * Progress: {"step":"order","total":"25.19"}, the total as Toast counts it; {} or nothing: not
 * priced yet.
 *
 * An externalId is used once: the same order sent again fails. What that failure looks like is
 * nowhere said, so every 400 and 409 that speaks of a duplicate, or of the external id, is taken
 * for it, and the order is looked up by its external id to see. A 409 that speaks of something else
 * leaves a doubt.
 */
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_toast.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/money.h"

#define STEP_ORDER "order"

static unsigned
exponent_of(const struct pos_config *config)
{
	unsigned exponent = 2;

	if (config != NULL && config->core.currency != NULL)
		money_exponent(config->core.currency, &exponent);
	return exponent;
}

/* Is the order's own turn, as far as is known from what steps before left? */
static bool
is_at_order(struct arena *a, const struct pos_task *task)
{
	return strcmp(toast_progress(a, task, "step"), STEP_ORDER) == 0 ||
	       (task->config != NULL && !pos_config_is_on(task->config, "use_price_call"));
}

/* The total that Toast counted; where it was not asked, ours. */
static int64_t
paid_minor(struct arena *a, const struct pos_task *task)
{
	int64_t minor;

	if (money_parse(toast_progress(a, task, "total"), exponent_of(task->config), &minor))
		return minor;
	return task->order->total_minor - task->order->tip_minor;
}

static bool
post_order(struct arena *a, const struct pos_task *task, const char *path, int64_t paid,
    struct http_call *ret_call, struct pos_problems *problems)
{
	size_t before = problems->n;
	const char *url = toast_url(a, task->config, path, problems);
	const char *reference =
	    task->reference != NULL ? task->reference : task->order->pos_reference;
	struct bytes body;

	if (!toast_write_order(a, task->config, task->order, reference, paid, &body, problems) ||
	    problems->n > before)
		return false;
	*ret_call = toast_call(a, task->config, url, body.data, body.len);
	return true;
}

bool
toast_create_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	if (is_at_order(a, task))
		return post_order(
		    a, task, "/orders/v2/orders", paid_minor(a, task), ret_call, problems);
	return post_order(a, task, "/orders/v2/prices", -1, ret_call, problems);
}

bool
toast_quote_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	return post_order(a, task, "/orders/v2/prices", -1, ret_call, problems);
}

/*
 * May we give orders at all (POS-34)? Standard access to Toast's API is for reading only. To price
 * an order takes what giving one takes, and one without anything is found fault with by whoever may
 * do so; nothing is stored.
 */
bool
toast_confirm_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	const char *url = toast_url(a, task->config, "/orders/v2/prices", problems);

	if (url == NULL)
		return false;
	*ret_call = toast_call(a, task->config, url, "{}", 2);
	pos_call_with(a, task->token, ret_call);
	return true;
}

/* ---- replies ---- */

/* All that an error says, in lower case; NULL: it is no JSON object. */
static const char *
error_text(struct arena *a, const struct http_reply *r)
{
	static const char *const members[] = { "code", "message", "messageKey", "fieldName",
		"developerMessage" };
	struct json_object *top = NULL;
	const char *why, *s;
	char *all = arena_strdup(a, "");

	if (json_read(a, r->body.data, r->body.len, &json_limits_default, &top, &why) != OK ||
	    !json_is_object(top))
		return NULL;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (json_lax_string(json_member(top, members[i]), &s))
			all = arena_printf(a, "%s %.1000s", all, s);
	all = arena_printf(a, "%s %.2000s", all, json_text(a, json_member(top, "errors")));
	for (char *c = all; *c != '\0'; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	return all;
}

struct pos_outcome
toast_quote_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct json_object *top = NULL;
	struct pos_outcome o = pos_outcome_of(toast_verdict(a, task, r, false, &top));

	if (o.verdict.outcome != OUTCOME_DONE)
		return o;
	toast_read_order(a, task->config, toast_reply_order(top), &o);
	o.pos_order_id = NULL; /* nothing was stored */
	o.verdict.sentence = "Toast counted it";
	if (o.total_minor < 0)
		o.verdict = toast_verdict_of(
		    OUTCOME_LATER, CAUSE_GARBLED, "Toast's answer does not say what it comes to");
	return o;
}

struct pos_outcome
toast_confirm_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	static const char may[] = "Toast lets us give orders to this restaurant";
	struct json_object *top = NULL;
	struct verdict v = toast_verdict(a, task, r, false, &top);

	if (r->status == 403)
		v.sentence = arena_printf(a,
		    "Toast does not let us give orders: the API account lacks the scope "
		    "orders.orders:write, which partners and custom integrations have, or access "
		    "to this location%s",
		    toast_error_words(a, r));
	if (v.outcome == OUTCOME_DONE || (r->status == 400 && error_text(a, r) != NULL))
		v = toast_verdict_of(OUTCOME_DONE, CAUSE_NONE, may);
	return pos_outcome_of(v);
}

static struct pos_outcome
read_prices(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct pos_outcome o = toast_quote_read(a, task, r);
	char total[MONEY_TEXT_LEN];
	const char *progress;

	if (o.verdict.outcome != OUTCOME_DONE)
		return o;
	money_format(o.total_minor, exponent_of(task->config), total);
	progress =
	    arena_printf(a, "{\"step\":\"" STEP_ORDER "\",\"total\":\"%s\"}", total);
	o.progress = (struct bytes){ progress, strlen(progress) };
	o.has_next = true;
	o.total_minor = -1; /* without the tip: the order itself will say */
	return o;
}

static bool
speaks_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strstr(text, *words) != NULL)
			return true;
	return false;
}

/*
 * May a failure mean that the external id is taken? One that only finds fault with its form, or
 * with the naming authority, does not; nor one about a modifier that is there twice.
 */
static bool
is_duplicate(struct arena *a, const struct http_reply *r)
{
	static const char *const taken[] = { "duplicate", "already exist", "already in use",
		"already used", "already been", "not unique", "must be unique", NULL };
	static const char *const id[] = { "externalid", "external id", "external_id", NULL };
	static const char *const other[] = { "modifier", "option", "discount", "selection", NULL };
	static const char *const form[] = { "authority", "invalid", "malformed", " form",
		"pattern", "too long", "length", "required", "missing", NULL };
	const char *all = r->status == 400 || r->status == 409 ? error_text(a, r) : NULL;

	if (all == NULL)
		return false;
	if (speaks_of(all, id))
		return speaks_of(all, taken) || !speaks_of(all, form);
	return speaks_of(all, taken) && !speaks_of(all, other);
}

/* Is it about an order that is not ours? A reply need not repeat the external id. */
static bool
is_anothers(struct arena *a, const struct pos_task *task, struct json_object *order)
{
	const char *theirs;

	return task->config != NULL && task->reference != NULL &&
	       json_as_string(json_member(order, "externalId"), &theirs) && *theirs != '\0' &&
	       strcmp(theirs, toast_external_id(a, task->config, task->reference)) != 0;
}

static struct pos_outcome
read_order(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct json_object *top = NULL, *order;
	struct pos_outcome o;

	if (is_duplicate(a, r))
		return pos_outcome_of(toast_verdict_of(OUTCOME_DONE, CAUSE_NONE,
		    arena_printf(a, "Toast has an order of this name already%s",
			toast_error_words(a, r))));
	o = pos_outcome_of(toast_verdict(a, task, r, true, &top));
	if (o.verdict.outcome != OUTCOME_DONE)
		return o;
	order = toast_reply_order(top);
	if (is_anothers(a, task, order))
		return pos_outcome_of(toast_verdict_of(
		    OUTCOME_UNSURE, CAUSE_GARBLED, "Toast's answer is about another order"));
	if (!toast_read_order(a, task->config, order, &o))
		return pos_outcome_of(toast_verdict_of(
		    OUTCOME_UNSURE, CAUSE_GARBLED, "Toast's answer does not name the order"));
	toast_add_tip(task, order, &o);
	return o;
}

struct pos_outcome
toast_create_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	return is_at_order(a, task) ? read_order(a, task, r) : read_prices(a, task, r);
}

/*
 * Only the order itself and its voiding have an effect; the way there and the look behind it have
 * none.
 */
struct pos_outcome
toast_read_failure(
    struct arena *a, enum pos_verb verb, const struct pos_task *task, enum call_failure failure)
{
	bool has_effect = (verb == POS_CREATE && is_at_order(a, task)) ||
			  (verb == POS_CANCEL && !toast_is_checking(a, task));

	return pos_outcome_of(pos_failure(failure, has_effect));
}
