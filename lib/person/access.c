#include "person/access.h"

#include <string.h>

#include "crypto/token.h"
#include "db/db.h"
#include "person/role.h"
#include "person/staff.h"
#include "person/user.h"
#include "text/uuid.h"

/* What the look-up of a key needs, and a database fault that came of it. */
struct look {
	struct op *op;
	struct keyring *keyring;
	enum err e;
};

static const struct rsa_key *
look_up(void *arg, const char *kid)
{
	struct look *look = arg;
	const struct rsa_key *key = NULL;

	look->e = keyring_find(look->op, look->keyring, kid, &key);
	return key;
}

static enum err
actor_of_user(struct op *op, const uint8_t id[UUID_LEN], struct actor *ret)
{
	struct user *user = arena_alloc(op->arena, sizeof *user);
	enum err e;

	e = user_by_public_id(op, id, user);
	if (e == ERR_NO_ROW || (e == OK && !user->is_active))
		return fail(op, ERR_INVALID_TOKEN, NULL);
	if (e == OK)
		*ret = (struct actor){ .kind = ACTOR_USER,
			.role = ROLE_GUEST,
			.id = user->id,
			.name = "user",
			.user = user };
	return e;
}

/* A role or restaurant that changed since makes the token void: it says what no longer holds. */
static enum err
actor_of_staff(
    struct op *op, const uint8_t id[UUID_LEN], enum role role, const char *rid, struct actor *ret)
{
	struct staff staff;
	enum err e;

	e = staff_by_public_id(op, id, &staff);
	if (e == OK && (!staff.is_active || staff_role(&staff) != role ||
			   (rid == NULL) != (staff.restaurant_slug == NULL) ||
			   (rid != NULL && strcmp(rid, staff.restaurant_slug) != 0)))
		e = ERR_NO_ROW;
	if (e == ERR_NO_ROW)
		return fail(op, ERR_INVALID_TOKEN, NULL);
	if (e == OK)
		*ret = (struct actor){ .kind = ACTOR_STAFF, .role = (int)role, .id = staff.id,
		    .restaurant_id = staff.restaurant_id,
		    .name = arena_printf(op->arena, "staff:%s", staff.username) };
	return e;
}

enum err
access_check(struct op *op, struct keyring *keyring, const char *issuer, const char *token,
    size_t len, struct actor *ret_actor)
{
	struct look look = { .op = op, .keyring = keyring };
	struct token_policy policy = { .iss = issuer, .find = look_up, .arg = &look };
	struct token_claims claims;
	uint8_t id[UUID_LEN];
	enum role role;
	enum err e;

	e = db_now(op);
	if (e != OK)
		return e;
	policy.now_us = op->now_us;
	e = token_verify(op->arena, token, len, &policy, &claims);
	if (look.e != OK)
		return look.e;
	if (e != OK)
		return fail(op, e, NULL);
	role = role_parse(claims.role);
	if (role == ROLE_NOBODY || !uuid_parse(claims.sub, id))
		return fail(op, ERR_INVALID_TOKEN, NULL);
	return role == ROLE_GUEST ? actor_of_user(op, id, ret_actor) :
	    actor_of_staff(op, id, role, claims.rid, ret_actor);
}
