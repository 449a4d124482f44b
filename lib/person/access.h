/*
 * access: who the bearer of an access token is, now.
 *
 * The token says who it was made for; the rows say whether that still holds. A user or staff who is
 * no longer active, or whose role or restaurant is not the one in the token, is refused at once,
 * whatever the token says; so is a token of a session that was ended.
 */
#ifndef TICKETRAIL_PERSON_ACCESS_H
#define TICKETRAIL_PERSON_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "err/err.h"
#include "op/op.h"
#include "person/role.h"
#include "person/signing_key.h"

struct user;

/* What a token says, when one of our keys signed it; nothing else has been looked at yet. */
struct access {
	struct token_claims claims;
	enum role role;
	unsigned char public_id[16]; /* of the user or staff */
	unsigned char family[16];    /* the session */
};

/* OK and that, or ERR_INVALID_TOKEN, or a database fault, with the fault set. */
enum err access_read(struct op *, struct keyring *, const char *issuer, const char *token,
    size_t len, struct access *ret_access);

/*
 * OK and the actor: kind USER or STAFF, role, id, restaurant_id (staff; 0 is the platform), name
 * ("user", "staff:asha"), user (of a guest, in the arena). ERR_TOKEN_EXPIRED, ERR_INVALID_TOKEN, or
 * a database fault, with the fault set. It does not decide what the actor may do.
 */
enum err access_actor(struct op *, const struct access *, struct actor *ret_actor);

/*
 * The same for a guest whose row the caller has read in this op already, with the op's time, and
 * whether the session has ended; NULL: there is none. The row must live as long as the op.
 */
enum err access_guest(struct op *, const struct access *, const struct user *row, bool has_ended,
    struct actor *ret_actor);

/* access_read and access_actor. */
enum err access_check(struct op *, struct keyring *, const char *issuer, const char *token,
    size_t len, struct actor *ret_actor);

#endif
