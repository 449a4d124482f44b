/*
 * Clover: what its replies mean, before it is asked which step they answer. Their errors are
 * {"message": …, "details": …}; 401 is both a bad token and a missing permission.
 */
#include <string.h>
#include <strings.h>

#include "pos/pos_clover.h"
#include "text/json_read.h"

#define SHOWN_MAX 120 /* code points of a provider's message that we repeat */

/* Messages of 400 whose repair is known. */
static const struct {
	const char *message;
	enum cause cause;
	const char *sentence;
} refusals[] = {
	{ "item_does_not_exist", CAUSE_PAYLOAD,
	    "Clover does not know an item of the order: the menu has to be fetched again" },
	{ "invalid_modifier", CAUSE_PAYLOAD,
	    "Clover does not know an add-on of the order: the menu has to be fetched again" },
	{ "cart_is_empty_or_missing", CAUSE_PAYLOAD, "Clover finds no items in the order" },
	{ "order_uuid_is_null", CAUSE_PAYLOAD, "Clover misses the order's id" },
	{ "insufficient_customer_info", CAUSE_PAYLOAD,
	    "Clover does not take what we say of the guest" },
	{ "invalid_discount_attribute", CAUSE_PAYLOAD, "Clover does not take the discount" },
	{ "Payment must include", CAUSE_CONFIG,
	    "Clover does not take the payment: mark_paid_tender_id must be an enabled external "
	    "tender of the merchant" },
};

/* What a status says by itself. Those not listed are decided by the body, or are in doubt. */
static const struct pos_status statuses[] = {
	{ 400, OUTCOME_REFUSED, CAUSE_PAYLOAD, "Clover does not take the request" },
	/* Whether another token would do is for those to see who renew them. */
	{ 401, OUTCOME_REFUSED, CAUSE_AUTH,
	    "Clover does not accept our access token, or the app lacks a permission" },
	{ 403, OUTCOME_REFUSED, CAUSE_AUTH,
	    "Clover forbids it: the app may lack a permission, or the merchant has removed it" },
	{ 404, OUTCOME_REFUSED, CAUSE_CONFIG,
	    "Clover knows no such merchant, or the address is wrong" },
	{ 405, OUTCOME_REFUSED, CAUSE_CONFIG, "Clover does not allow this request" },
	{ 406, OUTCOME_REFUSED, CAUSE_CONFIG, "Clover does not allow this request" },
	{ 409, OUTCOME_REFUSED, CAUSE_PAYLOAD, "Clover does not take the request" },
	{ 413, OUTCOME_REFUSED, CAUSE_PAYLOAD, "The order is too large for Clover" },
	{ 415, OUTCOME_REFUSED, CAUSE_CONFIG, "Clover does not take this content type" },
	{ 422, OUTCOME_REFUSED, CAUSE_PAYLOAD, "Clover does not take the request" },
	{ 429, OUTCOME_LATER, CAUSE_BUSY, "Clover asks us to slow down" },
};

struct verdict
clover_done(const char *sentence)
{
	return (struct verdict){ OUTCOME_DONE, CAUSE_NONE, sentence, 0 };
}

struct verdict
clover_without_effect(struct verdict v)
{
	if (v.outcome == OUTCOME_UNSURE)
		v.outcome = OUTCOME_LATER;
	return v;
}

static void
refusal_explain(struct arena *a, const struct http_reply *r, struct verdict *v)
{
	struct json_object *top = NULL;
	const char *message = "", *details = "", *why;

	if (json_read(a, r->body.data, r->body.len, &json_limits_default, &top, &why) != OK ||
	    !json_is_object(top))
		return;
	/* details is a sentence or an id; other shapes are passed over. */
	json_lax_string(json_member(top, "message"), &message);
	json_lax_string(json_member(top, "details"), &details);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strncasecmp(
			message, refusals[i].message, strlen(refusals[i].message)) == 0) {
			v->cause = refusals[i].cause;
			v->sentence = refusals[i].sentence;
			break;
		}
	v->sentence = pos_with_words(a, v->sentence, pos_text(a, message, SHOWN_MAX),
	    pos_text(a, details, SHOWN_MAX));
}

static struct clover_reply
unread(enum clover_reply_kind kind, enum cause cause, const char *sentence, int retry_after_s)
{
	return (struct clover_reply){ .kind = kind,
		.verdict = { OUTCOME_UNSURE, cause, sentence, retry_after_s } };
}

static enum clover_reply_kind
kind_of(const struct pos_status *row)
{
	if (row->outcome == OUTCOME_LATER)
		return CLOVER_LATER;
	return row->status == 404 || row->status == 410 ? CLOVER_GONE : CLOVER_REFUSED;
}

struct clover_reply
clover_reply_read(struct arena *a, const struct http_reply *r)
{
	const struct pos_status *row =
	    pos_status_of(statuses, sizeof(statuses) / sizeof(statuses[0]), r->status);
	struct clover_reply reply = { .verdict = clover_done("Clover took it") };
	const char *why;

	if (row != NULL) {
		reply.kind = kind_of(row);
		reply.verdict = (struct verdict){ row->outcome, row->cause, row->sentence,
			reply.kind == CLOVER_LATER ? http_reply_retry_after(r) : 0 };
		if (reply.kind == CLOVER_LATER && reply.verdict.retry_after_s == 0)
			reply.verdict.retry_after_s = 1;
		refusal_explain(a, r, &reply.verdict);
		return reply;
	}
	if (r->status < 200 || r->status > 299)
		return unread(CLOVER_DOUBT, CAUSE_PROVIDER,
		    arena_printf(a, "Clover answered HTTP %d", r->status),
		    http_reply_retry_after(r));
	if (json_read(a, r->body.data, r->body.len, &json_limits_menu, &reply.top, &why) != OK ||
	    (!json_is_object(reply.top) && !json_is_array(reply.top)))
		return unread(
		    CLOVER_GARBLED, CAUSE_GARBLED, "Clover's answer is not what it documents", 0);
	return reply;
}
