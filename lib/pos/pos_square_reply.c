/*
 * Square: what its replies say by themselves. Errors are {"errors":[{category, code, detail,
 * field}]}; there are some 160 codes and new ones come, so a code that is not known here goes by
 * the status.
 */
#include <string.h>

#include "op/op.h"
#include "pos/pos_square.h"
#include "text/civil.h"
#include "text/json_read.h"

#define CODE_SHOWN_MAX 60
#define DETAIL_SHOWN_MAX 160
#define FIELD_SHOWN_MAX 80

struct square_reply
square_reply_read(struct arena *a, const struct http_reply *r, bool may_be_large)
{
	struct square_reply s = { .code = "", .detail = "", .field = "" };
	struct json_object *top = NULL, *error;
	const char *why;

	if (json_read(a, r->body.data, r->body.len,
		may_be_large ? &json_limits_menu : &json_limits_default, &top, &why) != OK ||
	    !json_is_object(top))
		return s;
	s.top = top;
	s.is_good = r->status >= 200 && r->status <= 299;
	error = json_element(json_member(top, "errors"), 0);
	json_as_string(json_member(error, "code"), &s.code);
	json_as_string(json_member(error, "detail"), &s.detail);
	json_as_string(json_member(error, "field"), &s.field);
	/* OAuth's own form. */
	if (*s.code == '\0')
		json_as_string(json_member(top, "type"), &s.code);
	if (*s.detail == '\0')
		json_as_string(json_member(top, "message"), &s.detail);
	return s;
}

/* A plain no: which one, and what is to be repaired. */
static const struct {
	const char *code;
	enum cause cause;
	const char *sentence;
} refusals[] = {
	{ "ACCESS_TOKEN_EXPIRED", CAUSE_AUTH,
	    "Square's access token has expired: connect the account again" },
	{ "ACCESS_TOKEN_REVOKED", CAUSE_AUTH,
	    "Square's access token was revoked: connect the account again" },
	{ "CLIENT_DISABLED", CAUSE_AUTH, "Square has disabled our application" },
	{ "UNAUTHORIZED", CAUSE_AUTH, "Square does not accept our access token" },
	{ "INSUFFICIENT_SCOPES", CAUSE_AUTH,
	    "The access token lacks a permission: ORDERS_WRITE, ORDERS_READ, PAYMENTS_WRITE, "
	    "PAYMENTS_READ and ITEMS_READ are needed" },
	{ "FORBIDDEN", CAUSE_AUTH, "Square forbids this to our access token" },
	{ "INSUFFICIENT_PERMISSIONS", CAUSE_AUTH, "Square forbids this to our access token" },
	{ "CURRENCY_MISMATCH", CAUSE_CONFIG,
	    "The restaurant's currency is not that of its Square location" },
	{ "INVALID_LOCATION", CAUSE_CONFIG, "Square does not know this location_id" },
	{ "LOCATION_MISMATCH", CAUSE_CONFIG, "The location_id is another one's" },
	{ "INVALID_SQUARE_VERSION_FORMAT", CAUSE_CONFIG, "Square does not know this "
							 "square_version" },
	{ "API_VERSION_INCOMPATIBLE", CAUSE_CONFIG, "Square does not take this square_version" },
	{ "MERCHANT_SUBSCRIPTION_NOT_FOUND", CAUSE_CONFIG,
	    "The seller has no Square subscription for this" },
	{ "IDEMPOTENCY_KEY_REUSED", CAUSE_PAYLOAD,
	    "Square has this order's key for something else" },
	{ "INVALID_PHONE_NUMBER", CAUSE_PAYLOAD, "Square does not take the guest's phone number" },
	{ "INVALID_EMAIL_ADDRESS", CAUSE_PAYLOAD, "Square does not take the guest's e-mail" },
	{ "REFUND_AMOUNT_INVALID", CAUSE_PAYLOAD, "There is not so much left to be refunded" },
	{ "PAYMENT_NOT_REFUNDABLE", CAUSE_PAYLOAD, "Square can not refund this payment" },
};

static const struct pos_status statuses[] = {
	{ 401, OUTCOME_REFUSED, CAUSE_AUTH, "Square does not accept our access token" },
	{ 403, OUTCOME_REFUSED, CAUSE_AUTH, "Square forbids this to our access token" },
	{ 405, OUTCOME_REFUSED, CAUSE_CONFIG, "The address does not take this kind of request" },
	{ 413, OUTCOME_REFUSED, CAUSE_PAYLOAD, "The order is too large for Square" },
	{ 415, OUTCOME_REFUSED, CAUSE_CONFIG, "Square does not take this content type" },
};

static const char *
with_their_words(struct arena *a, const char *ours, const struct square_reply *s)
{
	const char *code = pos_text(a, s->code, CODE_SHOWN_MAX);
	const char *detail = pos_text(a, s->detail, DETAIL_SHOWN_MAX);
	const char *field = pos_text(a, s->field, FIELD_SHOWN_MAX);

	if (*field != '\0' && *detail != '\0')
		detail = arena_printf(a, "%s, %s", detail, field);
	else if (*field != '\0' && *code != '\0')
		code = arena_printf(a, "%s, %s", code, field);
	return pos_with_words(a, ours, code, detail);
}

/* How long they ask for peace. */
static int
retry_after(const struct pos_task *task, const struct http_reply *r)
{
	int s = http_reply_retry_after(r);
	int reset_s = pos_reset_s(r, "X-RateLimit-Reset", task->now);

	return s > 0 || reset_s < 0 ? s : reset_s;
}

static struct verdict
doubt(bool has_effect, enum cause cause, const char *sentence, int retry_after_s)
{
	struct verdict v = pos_in_doubt(has_effect, cause, sentence);

	v.retry_after_s = retry_after_s;
	return v;
}

struct verdict
square_garbled(bool has_effect, const char *sentence)
{
	return doubt(has_effect, CAUSE_GARBLED, sentence, 0);
}

static struct verdict
refusal(struct arena *a, enum cause cause, const char *ours, const struct square_reply *s)
{
	return (struct verdict){ OUTCOME_REFUSED, cause, with_their_words(a, ours, s), 0 };
}

/* 404 is of the address, of the location, or of something that the request names. */
static struct verdict
not_found(struct arena *a, const struct square_reply *s)
{
	if (s->top == NULL || *s->code == '\0')
		return refusal(a, CAUSE_CONFIG, "There is nothing at this address", s);
	if (strstr(s->field, "location") != NULL || strstr(s->detail, "ocation") != NULL)
		return refusal(a, CAUSE_CONFIG, "Square does not know this location_id", s);
	if (strstr(s->detail, "atalog") != NULL)
		return refusal(a, CAUSE_PAYLOAD,
		    "Something of the order is not on Square's menu any more: fetch the menu", s);
	return refusal(a, CAUSE_PAYLOAD, "Square does not know what the request names", s);
}

static struct verdict
read_refusal(struct arena *a, const struct http_reply *r, const struct square_reply *s)
{
	const struct pos_status *row =
	    pos_status_of(statuses, sizeof(statuses) / sizeof(statuses[0]), r->status);

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strcmp(refusals[i].code, s->code) == 0)
			return refusal(a, refusals[i].cause, refusals[i].sentence, s);
	if (r->status == 404)
		return not_found(a, s);
	if (row != NULL)
		return refusal(a, row->cause, row->sentence, s);
	return refusal(a, CAUSE_PAYLOAD, "Square calls the request invalid", s);
}

/* A token that LOGIN renews is only late. */
static bool
is_stale_token(
    const struct pos_task *task, const struct http_reply *r, const struct square_reply *s)
{
	return r->status == 401 && square_logs_in(task->config) &&
	       strcmp(s->code, "ACCESS_TOKEN_REVOKED") != 0;
}

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 307 || status == 308;
}

struct verdict
square_verdict(struct arena *a, const struct pos_task *task, const struct http_reply *r,
    const struct square_reply *s, bool has_effect)
{
	int wait = retry_after(task, r);

	if (r->status == 429)
		return (struct verdict){ OUTCOME_LATER, CAUSE_BUSY,
			"Square asks us to slow down", wait };
	if (r->status == 408 || r->status >= 500)
		return doubt(has_effect, CAUSE_PROVIDER,
		    arena_printf(a, "Square answered HTTP %d", r->status), wait);
	if (r->status == 409)
		return doubt(has_effect, CAUSE_PROVIDER,
		    with_their_words(a, "Something else is under way there", s), wait);
	if (is_stale_token(task, r, s))
		return (struct verdict){ OUTCOME_LATER, CAUSE_AUTH,
			with_their_words(a, "The access token is to be renewed", s), 0 };
	if (is_redirect(r->status) || (r->status >= 400 && r->status <= 499))
		return read_refusal(a, r, s);
	if (r->status >= 200 && r->status <= 299)
		return square_garbled(has_effect,
		    s->top == NULL ? "Square's answer is not a JSON object"
				   : "Square's answer is not what was asked for");
	return square_garbled(has_effect, arena_printf(a, "Square answered HTTP %d", r->status));
}

bool
square_is_outdated(const struct http_reply *r, const struct square_reply *s)
{
	return (r->status == 409 || r->status == 400) &&
	       (strcmp(s->code, "VERSION_MISMATCH") == 0 || r->status == 409);
}

const char *
square_id(struct arena *a, struct json_object *node)
{
	const char *s;

	return json_as_string(node, &s) ? pos_plain(a, s, SQUARE_ID_MAX) : NULL;
}

bool
square_money(struct json_object *node, const char *currency, int64_t *ret_minor)
{
	const char *theirs;
	int64_t n;

	if (!json_as_int64(json_member(node, "amount"), &n))
		return false;
	if (currency != NULL && json_as_string(json_member(node, "currency"), &theirs) &&
	    strcmp(theirs, currency) != 0)
		return false;
	*ret_minor = n;
	return true;
}
