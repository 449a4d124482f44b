/*
 * Square: fresh access tokens by POST /oauth2/token. They last 30 days; the refresh token of the
 * code flow stays good however often it is used, and is said again with each. A seller gives access
 * at /oauth2/authorize and brings a code, which is good once, within five minutes. Whose a token is
 * stands in the answer; whether it is good for the restaurant, pos_square_confirm.c asks.
 */
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_square.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/url.h"

#define TOKEN_MAX 1024
#define BODY_MAX (16u << 10)
/* What we do there: orders, their payments, the menu, what is in stock. */
#define SCOPES \
	"ORDERS_WRITE+ORDERS_READ+PAYMENTS_WRITE+PAYMENTS_READ+ITEMS_READ+INVENTORY_READ" \
	"+MERCHANT_PROFILE_READ"

bool
square_logs_in(const struct pos_config *config)
{
	return pos_config_text(config, "client_id") != NULL &&
	       pos_config_has_secret(config, "client_secret") &&
	       (pos_config_has_secret(config, "refresh_token") ||
		   pos_config_has_secret(config, POS_CODE) ||
		   !pos_config_has_secret(config, "access_token"));
}

const char *
square_authorize_url(struct arena *a, const struct pos_config *config, const char *redirect_uri,
    const char *state)
{
	const char *client = pos_config_text(config, "client_id");

	if (client == NULL || !pos_config_has_secret(config, "client_secret"))
		return NULL;
	return square_url(a, config,
	    arena_printf(a,
		"/oauth2/authorize?client_id=%s&scope=" SCOPES
		"&session=false&redirect_uri=%s&state=%s",
		url_encode(a, client), url_encode(a, redirect_uri), url_encode(a, state)));
}

bool
square_login_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call,
    struct pos_problems *problems)
{
	static const char *const refresh[] = { "client_secret", "refresh_token" };
	static const char *const code[] = { "client_secret", POS_CODE };
	bool has_code = pos_config_has_secret(task->config, POS_CODE);
	struct http_call call;
	struct json_write w;
	struct buf b;

	if (!square_logs_in(task->config)) {
		pos_problem_add(a, problems, "client_id",
		    "is required, with client_secret and refresh_token");
		return false;
	}
	if (!has_code && !pos_config_has_secret(task->config, "refresh_token")) {
		pos_problem_add(
		    a, problems, "refresh_token", "is missing: the seller has to authorise us");
		return false;
	}
	buf_init(&b, a, BODY_MAX);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_string(
	    &w, "client_id", pos_text(a, pos_config_text(task->config, "client_id"), 191));
	json_write_string(&w, "client_secret", call_secret(a, "client_secret"));
	json_write_string(&w, "grant_type", has_code ? "authorization_code" : "refresh_token");
	if (has_code) {
		json_write_string(&w, "code", call_secret(a, POS_CODE));
		json_write_string(&w, "redirect_uri", task->callback_url);
	} else {
		json_write_string(&w, "refresh_token", call_secret(a, "refresh_token"));
	}
	json_write_object_end(&w);
	json_write_done(&w);
	call = square_call(a, task->config, "POST", square_url(a, task->config, "/oauth2/token"),
	    (struct bytes){ b.data, b.len });
	/* Whoever fetches a token has none yet. */
	call.headers++;
	call.headers_n--;
	call.secrets = has_code ? code : refresh;
	call.secrets_n = sizeof(code) / sizeof(code[0]);
	*ret_call = call;
	return true;
}

static int64_t
time_of(struct json_object *top, const char *key)
{
	int64_t us = TIME_NONE;
	const char *s;

	if (json_as_string(json_member(top, key), &s))
		(void)iso8601_parse(s, &us);
	return us;
}

struct pos_outcome
square_login_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	struct square_reply s = square_reply_read(a, r, false);
	struct pos_outcome o;
	struct verdict v;

	if (s.is_good && pos_plain_of(a, s.top, "access_token", TOKEN_MAX) != NULL) {
		o = pos_outcome_of(
		    (struct verdict){ OUTCOME_DONE, CAUSE_NONE, "Square gave a fresh token", 0 });
		o.session = (struct pos_session){
			.access_token = pos_plain_of(a, s.top, "access_token", TOKEN_MAX),
			.refresh_token = pos_plain_of(a, s.top, "refresh_token", TOKEN_MAX),
			.expires_at = time_of(s.top, "expires_at"),
			.refresh_expires_at = time_of(s.top, "refresh_token_expires_at"),
		};
		o.merchant_id = square_id(a, json_member(s.top, "merchant_id"));
		return o;
	}
	/* A no to the token that renews tokens is not to be mended by another of the same. */
	if (r->status == 400 || r->status == 401 || r->status == 403)
		return pos_outcome_of((struct verdict){ OUTCOME_REFUSED, CAUSE_AUTH,
		    arena_printf(a,
			"Square does not renew our access: connect the account again (%s %s)",
			pos_text(a, s.code, 60), pos_text(a, s.detail, 120)),
		    0 });
	v = square_verdict(a, task, r, &s, false);
	return pos_outcome_of(v);
}
