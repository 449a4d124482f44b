/*
 * Square: is our access good for this restaurant, and for all that we do there (POS-34)?
 *
 *	         POST /oauth2/token/status   what the seller allows with it, and who they are
 *	location GET /v2/locations/{id}      is the location one of theirs? Takes MERCHANT_PROFILE_READ
 *	orders   POST /v2/orders/search      the same, asked by what every token of ours may do
 *
 * A seller's own token may well lack what only this question takes: it is as good without.
 */
#include <string.h>

#include "pos/pos_square.h"
#include "text/json_read.h"
#include "text/url.h"

#define AT_LOCATION "location"
#define AT_ORDERS "orders"

static bool
has_word(struct json_object *list, const char *word)
{
	const char *s;

	for (size_t i = 0; i < json_array_n(list); i++)
		if (json_as_string(json_element(list, i), &s) && strcmp(s, word) == 0)
			return true;
	return false;
}

/* "ORDERS_WRITE, PAYMENTS_WRITE": what our calls take and the token does not bring; "": nothing. */
static const char *
scopes_missing(struct arena *a, const struct pos_config *config, struct json_object *scopes)
{
	static const struct {
		const char *scope;
		bool is_for_payments;
	} wanted[] = {
		{ "ORDERS_WRITE", false },
		{ "ORDERS_READ", false },
		{ "ITEMS_READ", false },
		{ "PAYMENTS_WRITE", true },
		{ "PAYMENTS_READ", true },
	};
	const char *all = "";

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!has_word(scopes, wanted[i].scope) &&
		    !(wanted[i].is_for_payments && square_paid(config) == SQUARE_PAID_NONE))
			all = arena_printf(
			    a, "%s%s%s", all, *all == '\0' ? "" : ", ", wanted[i].scope);
	return all;
}

bool
square_confirm_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	struct square_progress p = square_progress_read(a, task->progress);
	const char *location = pos_config_text(task->config, SQ_LOCATION);

	if (location == NULL) {
		pos_problem_add(a, problems, SQ_LOCATION, "is required");
		return false;
	}
	if (square_is_step(&p, AT_LOCATION))
		*ret_call = square_call(a, task->config, "GET",
		    square_url(a, task->config,
			arena_printf(a, "/v2/locations/%s", url_encode(a, location))),
		    (struct bytes){ 0 });
	else if (square_is_step(&p, AT_ORDERS))
		*ret_call = square_search_call(a, task, task->now, NULL);
	else
		*ret_call = square_call(a, task->config, "POST",
		    square_url(a, task->config, "/oauth2/token/status"), (struct bytes){ 0 });
	pos_call_with(a, task->token, ret_call);
	return true;
}

static struct pos_outcome
refused(enum cause cause, const char *sentence)
{
	return pos_outcome_of((struct verdict){ OUTCOME_REFUSED, cause, sentence, 0 });
}

static struct pos_outcome
next(struct arena *a, struct square_progress p, const char *step)
{
	struct pos_outcome o = pos_outcome_of((struct verdict){
	    OUTCOME_DONE, CAUSE_NONE, "Square is asked whose the location is", 0 });

	p.step = step;
	o.has_next = true;
	o.progress = square_progress_write(a, &p);
	return o;
}

static struct pos_outcome
ours(const char *merchant)
{
	struct pos_outcome o = pos_outcome_of((struct verdict){
	    OUTCOME_DONE, CAUSE_NONE, "Our access is for this location", 0 });

	o.merchant_id = merchant;
	return o;
}

/* Whether another token would do is for those to see who renew them. */
static struct pos_outcome
not_accepted(struct arena *a, const struct square_reply *s)
{
	return refused(CAUSE_AUTH,
	    arena_printf(a, "Square does not accept our access token (%s %s)",
		pos_text(a, s->code, 60), pos_text(a, s->detail, 120)));
}

static struct pos_outcome
no_location(struct arena *a, const struct pos_task *task)
{
	return refused(CAUSE_CONFIG,
	    arena_printf(a, "The seller who gives us access has no location %s",
		pos_text(a, pos_config_text(task->config, SQ_LOCATION), SQUARE_ID_MAX)));
}

/* Where it is not said what a token may do, the questions behind this one say it. */
static struct pos_outcome
read_scopes(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r, const struct square_reply *s)
{
	struct json_object *scopes = json_member(s->top, "scopes");
	bool is_no = r->status >= 400 && r->status <= 499;
	const char *missing;

	if (r->status == 401)
		return not_accepted(a, s);
	if (r->status == 429 || r->status == 408 || (!s->is_good && !is_no))
		return pos_outcome_of(square_verdict(a, task, r, s, false));
	if (!s->is_good || !json_is_array(scopes))
		return next(a, p, AT_LOCATION);
	p.merchant = square_id(a, json_member(s->top, "merchant_id"));
	missing = scopes_missing(a, task->config, scopes);
	if (*missing != '\0')
		return refused(CAUSE_AUTH,
		    arena_printf(a,
			"The access token lacks %s: the seller has to authorise it for that",
			missing));
	return next(a, p, has_word(scopes, "MERCHANT_PROFILE_READ") ? AT_LOCATION : AT_ORDERS);
}

static struct pos_outcome
read_location(struct arena *a, const struct pos_task *task, struct square_progress p,
    const struct http_reply *r, const struct square_reply *s)
{
	const char *location = pos_config_text(task->config, SQ_LOCATION);
	struct json_object *found = json_member(s->top, "location");
	const char *id = square_id(a, json_member(found, "id"));
	const char *merchant = square_id(a, json_member(found, "merchant_id"));

	if (s->is_good && id != NULL && location != NULL && strcmp(id, location) == 0)
		return ours(merchant != NULL ? merchant : p.merchant);
	if (r->status == 400 || r->status == 404 || (s->is_good && id != NULL))
		return no_location(a, task);
	if (r->status == 401)
		return not_accepted(a, s);
	if (r->status == 403)
		return next(a, p, AT_ORDERS);
	return pos_outcome_of(square_verdict(a, task, r, s, false));
}

struct pos_outcome
square_confirm_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct square_progress p = square_progress_read(a, task->progress);
	struct square_reply s = square_reply_read(a, r, false);

	if (square_is_step(&p, AT_LOCATION))
		return read_location(a, task, p, r, &s);
	if (!square_is_step(&p, AT_ORDERS))
		return read_scopes(a, task, p, r, &s);
	if (s.is_good)
		return ours(p.merchant);
	if (r->status == 400 || r->status == 404)
		return no_location(a, task);
	return r->status == 401 ? not_accepted(a, &s)
				: pos_outcome_of(square_verdict(a, task, r, &s, false));
}
