/*
 * login: access to a POS that has to be got and renewed (verb LOGIN, message pos_login).
 *
 * An integration that logs in has a session (pos_sessions: how long the access token is good, and
 * how getting one goes) and one pos_login message, which is due when the token is to be renewed:
 * well ahead of its end, if there is a refresh token to do that with; in its last minute, if the
 * POS would only say the same one again before. The tokens are sealed credentials of the
 * integration, written in the transaction that ends the message, so that a refresh token that may
 * be used once is never used before its successor is kept.
 *
 * Whoever has something for a POS asks login_ready() first; without a token that is good it waits,
 * and the login is due now. The row of the session is locked by whoever decides that: however many
 * relays and messages wait, one login is under way.
 *
 * What a code is good for (authorize.h) is held until the POS has said, by a CONFIRM, that it is
 * for this restaurant: a merchant may have agreed who is another one. Till then, and if it is not,
 * all is as it was; staff are told.
 *
 * What fails is tried again with growing pauses, and staff are told once, until it works again. A
 * POS that will have none of our credentials is not asked again until somebody saves others.
 */
#ifndef TICKETRAIL_PROVIDER_LOGIN_H
#define TICKETRAIL_PROVIDER_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "outbox/outbox.h"
#include "provider/connect.h"

struct op;

#define LOGIN_WAITS "Waiting for access to the POS"

/* Is there a token to be got, for this POS as it is configured? */
bool login_is_needed(const struct connection *);

/*
 * In a transaction: can a call be made now? If not a login is due, unless that is known to be of no
 * use; then see login_wait().
 */
enum err login_ready(struct op *, const struct connection *, bool *ret_ready);
/* The message waits a moment for that. It counts as no attempt. */
enum err login_wait(struct op *, const struct message *, const struct connection *);
/* Has its lifetime been over for as long as it waited? */
bool login_waited_too_long(const struct op *, const struct message *);

/*
 * In the transaction that ends an attempt: did the POS refuse the token? Then the attempt is worth
 * another one (*v becomes LATER) if the token in use was not quite fresh: it has been renewed
 * since, or is to be. A fresh one that is refused is refused. What this attempt came to says
 * nothing of an earlier one that is in doubt.
 */
enum err login_review(
    struct op *, const struct connection *, const struct message *, struct verdict *v);

/*
 * Which credentials are saved, at most. TOKENS: such that a login under way would replace. CODE:
 * one that is good for tokens (POS_CODE), by which a POS is logged in to, if it was not before.
 */
enum login_saving {
	LOGIN_SAVES_NONE,
	LOGIN_SAVES_CREDENTIALS,
	LOGIN_SAVES_TOKENS,
	LOGIN_SAVES_CODE
};
enum login_saving login_saving_of(const char *secret_name);
/*
 * In the transaction that saves an integration or its credentials, before these are written. With
 * new ones a login is due at once, and what was amiss is forgotten. A POS that is not logged in to
 * any more has no session.
 */
enum err login_saved(struct op *, const struct connection *, enum login_saving);

/* In a transaction: whatever we logged in with is of no use any more. */
enum err login_forget(struct op *, const struct connection *);

/* Where a merchant comes back to, who was sent to give us access (authorize.h). */
const char *login_redirect_uri(struct op *, const struct connection *);

/* In a transaction: the access token counts as gone, and a login is due. */
enum err login_renew(struct op *, const struct connection *);

/* How it stands, for people. */
struct login_health {
	bool is_used;              /* false: nobody logs in there */
	const char *state;         /* "valid", "waiting", "expired", "failing" or "refused" */
	bool is_degraded;          /* somebody should look */
	int64_t expires_at;        /* TIME_NONE: not known, or there is none */
	int64_t refresh_expires_at;
	int64_t days_left;         /* whole ones, of the access token; -1: not known */
	const char *last_error;
};
enum err login_health(struct op *, int64_t integration_id, struct login_health *ret);
/* Its member "token": null where nobody logs in. */
struct json_write;
void login_health_write(struct json_write *, const struct login_health *);

#endif
