/*
 * access: who the bearer of an access token is, now.
 *
 * The token says who it was made for; the rows say whether that still holds. A user or staff who is
 * no longer active, or whose role or restaurant is not the one in the token, is refused at once,
 * whatever the token says.
 */
#ifndef TICKETRAIL_PERSON_ACCESS_H
#define TICKETRAIL_PERSON_ACCESS_H

#include <stddef.h>

#include "err/err.h"
#include "op/op.h"
#include "person/signing_key.h"

/*
 * OK and the actor: kind USER or STAFF, role, id, restaurant_id (staff; 0 is the platform), name
 * ("user", "staff:asha"), user (of a guest, in the arena). ERR_TOKEN_EXPIRED, ERR_INVALID_TOKEN, or
 * a database fault, with the fault set. Needs the op's time (db_now). It does not decide what the
 * actor may do.
 */
enum err access_check(struct op *, struct keyring *, const char *issuer, const char *token,
    size_t len, struct actor *ret_actor);

#endif
