#include "person/access.h"

#include <string.h>

#include "db/db.h"
#include "person/role.h"
#include "person/staff.h"
#include "person/user.h"
#include "text/uuid.h"

static enum err
time_check(struct op *op, const struct access *a)
{
	enum err e = db_now(op);

	if (e == OK && (e = token_time_check(&a->claims, op->now_us)) != OK)
		return fail(op, e, NULL);
	return e;
}

enum err
access_guest(struct op *op, const struct access *a, const struct user *row, bool has_ended,
    struct actor *ret_actor)
{
	enum err e = time_check(op, a);

	if (e != OK)
		return e;
	if (row == NULL || !row->is_active || has_ended)
		return fail(op, ERR_INVALID_TOKEN, NULL);
	*ret_actor = (struct actor){
		.kind = ACTOR_USER, .role = ROLE_GUEST, .id = row->id, .name = "user",
		.user = row };
	return OK;
}

static enum err
actor_of_user(struct op *op, const struct access *a, struct actor *ret)
{
	struct user *user = arena_alloc(op->arena, sizeof *user);
	bool has_ended = false;
	enum err e = user_of_session(op, a->public_id, a->family, user, &has_ended);

	return e == OK || e == ERR_NO_ROW
		   ? access_guest(op, a, e == OK ? user : NULL, has_ended, ret)
		   : e;
}

/* A role or restaurant that changed since makes the token void: it says what no longer holds. */
static enum err
actor_of_staff(struct op *op, const struct access *a, struct actor *ret)
{
	const char *rid = a->claims.rid;
	bool has_ended = false;
	struct staff staff;
	enum err e;

	e = staff_of_session(op, a->public_id, a->family, &staff, &has_ended);
	if (e == OK && (!staff.is_active || has_ended || staff_role(&staff) != a->role ||
			   (rid == NULL) != (staff.restaurant_slug == NULL) ||
			   (rid != NULL && strcmp(rid, staff.restaurant_slug) != 0)))
		e = ERR_NO_ROW;
	if (e == ERR_NO_ROW)
		return fail(op, ERR_INVALID_TOKEN, NULL);
	if (e == OK)
		*ret = (struct actor){ .kind = ACTOR_STAFF, .role = (int)a->role, .id = staff.id,
		    .restaurant_id = staff.restaurant_id,
		    .name = arena_printf(op->arena, "staff:%s", staff.username) };
	return e;
}

enum err
access_read(struct op *op, struct keyring *keyring, const char *issuer, const char *token,
    size_t len, struct access *ret_access)
{
	struct access a;
	enum err e = keyring_token(op, keyring, issuer, token, len, &a.claims);

	if (e != OK)
		return e;
	a.role = role_parse(a.claims.role);
	if (a.role == ROLE_NOBODY || !uuid_parse(a.claims.sub, a.public_id) ||
	    !uuid_parse(a.claims.sid, a.family))
		return fail(op, ERR_INVALID_TOKEN, NULL);
	*ret_access = a;
	return OK;
}

enum err
access_actor(struct op *op, const struct access *a, struct actor *ret_actor)
{
	enum err e = time_check(op, a);

	if (e != OK)
		return e;
	return a->role == ROLE_GUEST ? actor_of_user(op, a, ret_actor)
				     : actor_of_staff(op, a, ret_actor);
}

enum err
access_check(struct op *op, struct keyring *keyring, const char *issuer, const char *token,
    size_t len, struct actor *ret_actor)
{
	struct access a;
	enum err e = access_read(op, keyring, issuer, token, len, &a);

	return e == OK ? access_actor(op, &a, ret_actor) : e;
}
