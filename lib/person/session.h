/*
 * session: one login, from its first tokens to its end.
 *
 * A session gives an access token (a JWT of one hour) and a refresh token (32 random bytes, 30
 * days, kept as a keyed hash). A refresh token works once: it is exchanged for new tokens of the
 * same family, and one that comes a second time means that somebody holds a copy, so the whole
 * family ends (RFC 9700 section 4.14.2).
 *
 * An access token names its session. One that was ended is refused with the next request, in every
 * program (access.h).
 */
#ifndef TICKETRAIL_PERSON_SESSION_H
#define TICKETRAIL_PERSON_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"
#include "op/op.h"
#include "person/signing_key.h"
#include "person/staff.h"
#include "person/user.h"

#define ACCESS_LIFE_S 3600
#define REFRESH_LIFE_S (30 * 24 * 3600)

/* What it takes to give out tokens; the auth pool has one. */
struct session_maker {
	const char *issuer;
	const unsigned char *hash_key; /* HASH_KEY_SIZE bytes */
	struct signer *signer;
};

/* In the arena; never logged. */
struct session_tokens {
	const char *access_token, *refresh_token;
	int64_t expires_in_s; /* of the access token */
};

/*
 * A session in two steps, for who proves who they are in the same transaction: drafted before it,
 * put in it, and its tokens given out after the commit. The draft lives in the arena.
 * session_is_there() is the question of db_tx_keyed, about a draft.
 */
struct session_draft;
enum err session_draft(struct op *, const struct session_maker *, struct session_draft **ret);
enum err session_put(struct op *, struct session_draft *, const struct user *);
enum err session_put_staff(struct op *, struct session_draft *, const struct staff *);
enum err session_is_there(struct op *, void *draft, bool *ret);
void session_give(struct op *, const struct session_draft *, struct session_tokens *ret_tokens);

/*
 * Begins a session for staff who have just proved who they are, by the password_hash that they
 * have: ERR_INVALID_CREDENTIALS if it is another by now, or they are not active. Opens its own
 * transaction.
 */
enum err session_begin_staff(struct op *, const struct session_maker *, const struct staff *,
    struct session_tokens *ret_tokens);

/*
 * New tokens for a refresh token. ERR_INVALID_TOKEN for one that is unknown, used, revoked or whose
 * owner is disabled, ERR_TOKEN_EXPIRED after 30 days. Opens its own transaction.
 */
enum err session_refresh(struct op *, const struct session_maker *, const char *refresh_token,
    struct session_tokens *ret_tokens);

/* In a transaction: ends all sessions of staff, their access tokens included. */
enum err session_end_of_staff(struct op *, int64_t staff_id);

/*
 * Ends the session of a refresh token if it is the actor's; NULL: all sessions of the actor. OK
 * whether there was one or not.
 */
enum err session_end(struct op *, const unsigned char *hash_key, const char *refresh_token);

#endif
