/*
 * Access that a merchant gives.
 */
#include "integrations.h"

#include <string.h>

#include "db/db.h"
#include "http/cookie.h"
#include "http/reply.h"
#include "op/op.h"
#include "provider/authorize.h"
#include "text/json_write.h"

enum err
authorize_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct connection c;
	struct json_write *w;
	const char *url;
	int64_t until;
	enum err e = connection_active(op, r, &c);

	if (e == OK)
		e = authorize_link(op, &c, &url, &until);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "url", url);
	json_write_time(w, "expires_at", until);
	json_write_object_end(w);
	return OK;
}

#define WORD_MAX 100 /* of what they add to it */
#define COOKIE "__Host-ticketrail_authorize"
#define COOKIE_S (AUTHORIZE_LIFE_US / 1000000)

struct coming_back {
	struct authorize_return from;
	bool is_taken;
};

static const char *
browser_of(struct op *op, const struct request *r)
{
	return cookie_find(op->arena, request_header(r, "cookie"), COOKIE);
}

static enum err
return_in_tx(struct op *op, void *arg)
{
	struct coming_back *t = arg;

	return authorize_take(op, &t->from, &t->is_taken);
}

/* A parameter that must not be longer; NULL: not there. */
static const char *
parameter(struct op *op, const struct request *r, const char *name, size_t max)
{
	const char *text = request_query(r, name);

	if (text != NULL && strlen(text) > max)
		fail_field(op, name, "must be at most %zu bytes", max);
	return text;
}

/* The browser that follows the link is the one that is to come back. */
enum err
start_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct authorize_visit visit = { .provider = request_path(r, "provider"),
		.ticket = parameter(op, r, "ticket", AUTHORIZE_STATE_MAX),
		.browser = browser_of(op, r) };
	const char *url, *browser;
	enum err e = op->fault.code;

	if (e == OK)
		e = authorize_start(op, &visit, &url, &browser);
	if (e != OK)
		return e;
	reply_empty(reply, 303);
	reply_header(reply, "Location", url);
	cookie_set(reply, COOKIE, browser, COOKIE_S);
	return OK;
}

enum err
return_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct coming_back t = { .from = { .provider = request_path(r, "provider"),
				     .state = parameter(op, r, "state", AUTHORIZE_STATE_MAX),
				     .browser = browser_of(op, r),
				     .code = parameter(op, r, "code", AUTHORIZE_CODE_MAX),
				     .error = parameter(op, r, "error", WORD_MAX),
				     .merchant_id = parameter(op, r, "merchant_id", WORD_MAX) } };
	struct json_write *w;
	enum err e = op->fault.code;

	if (e == OK)
		e = db_tx(op, return_in_tx, &t);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "status", t.is_taken ? "authorized" : "declined");
	json_write_string(w, "message",
	    t.is_taken ? "Thank you. Access to your POS is being set up; you may close this page."
		       : "Access to your POS was not given. Nothing has changed.");
	json_write_object_end(w);
	return OK;
}
