/*
 * Square: what its replies say by themselves. Errors are {"errors":[{category, code, detail,
 * field}]}; there are some 160 codes and new ones come, so a code that is not known here goes by
 * the status.
 */
#include <stdlib.h>
#include <string.h>

#include "op/op.h"
#include "pos/pos_square.h"
#include "text/civil.h"
#include "text/json_read.h"
#include "text/utf8.h"

#define CODE_SHOWN_MAX 60
#define DETAIL_SHOWN_MAX 160
#define FIELD_SHOWN_MAX 80
#define RETRY_MAX_S 3600

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

static const struct {
	int status;
	enum cause cause;
	const char *sentence;
} statuses[] = {
	/* A redirect is answered before the application sees the request, and we follow none. */
	{ 301, CAUSE_CONFIG, "The address answers with a redirect" },
	{ 302, CAUSE_CONFIG, "The address answers with a redirect" },
	{ 307, CAUSE_CONFIG, "The address answers with a redirect" },
	{ 308, CAUSE_CONFIG, "The address answers with a redirect" },
	{ 401, CAUSE_AUTH, "Square does not accept our access token" },
	{ 403, CAUSE_AUTH, "Square forbids this to our access token" },
	{ 405, CAUSE_CONFIG, "The address does not take this kind of request" },
	{ 410, CAUSE_CONFIG, "There is nothing at this address any more" },
	{ 413, CAUSE_PAYLOAD, "The order is too large for Square" },
	{ 415, CAUSE_CONFIG, "Square does not take this content type" },
};

/* Our words, and theirs behind them where they say something. */
static const char *
with_their_words(struct arena *a, const char *ours, const struct square_reply *s)
{
	const char *code = square_text(a, s->code, CODE_SHOWN_MAX);
	const char *detail = square_text(a, s->detail, DETAIL_SHOWN_MAX);
	const char *field = square_text(a, s->field, FIELD_SHOWN_MAX);

	if (*code == '\0' && *detail == '\0')
		return ours;
	return arena_printf(a, "%s (%s%s%s%s%s)", ours, code,
	    *code != '\0' && *detail != '\0' ? ": " : "", detail, *field == '\0' ? "" : ", ",
	    field);
}

/*
 * How long they ask for peace: Retry-After, or X-RateLimit-Reset, which is the second at which
 * there is room again.
 */
static int
retry_after(const struct pos_task *task, const struct http_reply *r)
{
	const char *reset = http_reply_header(r, "X-RateLimit-Reset");
	int s = http_reply_retry_after(r);
	int64_t until, now_s = task->now / US_PER_SECOND;

	if (s > 0 || reset == NULL || strspn(reset, "0123456789") != strlen(reset) ||
	    strlen(reset) > 12)
		return s;
	until = (int64_t)strtoll(reset, NULL, 10) - now_s;
	return until <= 0 ? 0 : until > RETRY_MAX_S ? RETRY_MAX_S : (int)until;
}

static struct verdict
doubt(bool has_effect, enum cause cause, const char *sentence, int retry_after_s)
{
	return (struct verdict){ has_effect ? OUTCOME_UNSURE : OUTCOME_LATER, cause, sentence,
		retry_after_s };
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
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strcmp(refusals[i].code, s->code) == 0)
			return refusal(a, refusals[i].cause, refusals[i].sentence, s);
	if (r->status == 404)
		return not_found(a, s);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == r->status)
			return refusal(a, statuses[i].cause, statuses[i].sentence, s);
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
	size_t n = 0;

	if (!json_as_string(node, &s))
		return NULL;
	while (s[n] > 0x20 && s[n] < 0x7f)
		n++;
	return n > 0 && n <= SQUARE_ID_MAX && s[n] == '\0' ? arena_strdup(a, s) : NULL;
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
