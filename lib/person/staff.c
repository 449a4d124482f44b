#include "person/staff.h"

#include <string.h>

#include "db/db.h"
#include "text/uuid.h"

#define STAFF_COLS \
	COL_I64(struct staff, id), COL_FIXED(struct staff, public_id), \
	    COL_I64(struct staff, restaurant_id), COL_TEXT(struct staff, restaurant_slug), \
	    COL_TEXT(struct staff, username), COL_TEXT(struct staff, role_name), \
	    COL_TEXT(struct staff, name), COL_TEXT(struct staff, phone), \
	    COL_BOOL(struct staff, is_active), COL_TIME(struct staff, created_at)
static const struct db_col staff_cols[] = { STAFF_COLS, COL_TEXT(struct staff, password_hash) };
static const struct db_shape staff_shape = DB_SHAPE(struct staff, staff_cols);

/* Without the hash. */
static const struct db_col listed_cols[] = { STAFF_COLS };
static const struct db_shape listed_shape = DB_SHAPE(struct staff, listed_cols);

/* Staff so, first, and what is asked beside. */
struct session_row {
	struct staff staff;
	bool has_ended;
};
static const struct db_col session_cols[] = { STAFF_COLS, COL_BOOL(struct session_row, has_ended) };
static const struct db_shape session_shape = DB_SHAPE(struct session_row, session_cols);

enum role
staff_role(const struct staff *s)
{
	enum role role = role_parse(s->role_name);

	return role == ROLE_ADMIN && s->restaurant_id == 0 ? ROLE_PLATFORM : role;
}

enum err
staff_by_id(struct op *op, int64_t id, struct staff *ret_staff)
{
	return db_one(op, STMT_staff_by_id, DB_ARGS(DB_I64("id", id)), &staff_shape, ret_staff);
}

enum err
staff_of_session(struct op *op, const unsigned char public_id[16], const unsigned char family[16],
    struct staff *ret_staff, bool *ret_has_ended)
{
	struct session_row row = { .has_ended = false };
	enum err e = db_one(op, STMT_staff_of_session,
	    DB_ARGS(DB_BYTES("public_id", public_id, UUID_LEN), DB_BYTES("family", family, 16)),
	    &session_shape, &row);

	if (e != OK)
		return e;
	*ret_staff = row.staff;
	*ret_has_ended = row.has_ended;
	return OK;
}

enum err
staff_of_restaurant(struct op *op, int64_t restaurant_id, const unsigned char public_id[16],
    struct staff *ret_staff)
{
	struct staff staff = { .password_hash = NULL };
	enum err e = db_one(op, STMT_staff_of_restaurant,
	    DB_ARGS(DB_BYTES("public_id", public_id, UUID_LEN),
		DB_I64("restaurant_id", restaurant_id)),
	    &listed_shape, &staff);

	if (e == OK)
		*ret_staff = staff;
	return e;
}

enum err
staff_list(struct op *op, int64_t restaurant_id, const struct staff_filter *f,
    struct staff **ret_staff, size_t *ret_n)
{
	return db_many(op, STMT_staff_list,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_I64("after_id", f->after_id),
		DB_TEXT("role", f->role_name),
		f->is_active < 0 ? DB_NULL("is_active") : DB_I64("is_active", f->is_active),
		DB_I64("n", f->n)),
	    &listed_shape, ret_staff, ret_n);
}

bool
staff_username_ok(const char *username)
{
	size_t len = strlen(username);

	return len >= 1 && len <= STAFF_USERNAME_MAX &&
	    strspn(username, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

enum err
staff_by_username(struct op *op, const char *username, struct staff *ret_staff)
{
	/* Whatever cannot be a name is asked for as nobody's, so that it takes the same time. */
	return db_one(op, STMT_staff_for_login,
	    DB_ARGS(DB_TEXT("username", staff_username_ok(username) ? username : ""),
		DB_I64("restaurant_id", op->restaurant_id)),
	    &staff_shape, ret_staff);
}
