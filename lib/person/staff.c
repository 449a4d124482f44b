#include "person/staff.h"

#include <string.h>

#include "audit/audit.h"
#include "crypto/password.h"
#include "db/db.h"
#include "metric/counter.h"
#include "person/session.h"
#include "person/user.h"
#include "text/utf8.h"
#include "text/uuid.h"

#define STAFF_COLS \
	COL_I64(struct staff, id), COL_FIXED(struct staff, public_id), \
	    COL_I64(struct staff, restaurant_id), COL_TEXT(struct staff, restaurant_slug), \
	    COL_TEXT(struct staff, username), COL_TEXT(struct staff, role_name), \
	    COL_TEXT(struct staff, name), COL_TEXT(struct staff, phone), \
	    COL_BOOL(struct staff, is_active)
static const struct db_col staff_cols[] = { STAFF_COLS, COL_TEXT(struct staff, password_hash) };
static const struct db_shape staff_shape = DB_SHAPE(struct staff, staff_cols);

/* Staff, first and without the hash, and what is asked beside. */
struct session_row {
	struct staff staff;
	bool has_ended;
};
static const struct db_col session_cols[] = { STAFF_COLS, COL_BOOL(struct session_row, has_ended) };
static const struct db_shape session_shape = DB_SHAPE(struct session_row, session_cols);

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

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

/* The column is ASCII: anything else is nobody's name, and is not sent to the database. */
static bool
username_ok(const char *username)
{
	size_t len = strlen(username);

	return len >= 1 && len <= STAFF_USERNAME_MAX &&
	    strspn(username, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

/* Not reaching the database here is no reason to refuse a login that was right. */
static void
rehash(struct op *op, struct staff *s, const char *password)
{
	char hash[PASSWORD_HASH_SIZE];
	int64_t n;

	if (!password_is_stale(s->password_hash))
		return;
	password_hash(password, strlen(password), hash);
	if (db_changed(op, STMT_staff_rehash,
		DB_ARGS(DB_TEXT("password_hash", hash), DB_I64("id", s->id),
		    DB_TEXT("old_hash", s->password_hash)),
		&n) != OK)
		op_forgive(op);
}

enum err
staff_login(struct op *op, const char *username, const char *password, struct staff *ret_staff)
{
	struct staff s = { .is_active = false };
	bool is_right;
	enum err e = ERR_NO_ROW;

	if (username_ok(username)) {
		e = db_one(op, STMT_staff_for_login, DB_ARGS(DB_TEXT("username", username),
		    DB_I64("restaurant_id", op->restaurant_id)), &staff_shape, &s);
		if (e != OK && e != ERR_NO_ROW)
			return e;
	}
	is_right = password_verify(e == OK ? s.password_hash : NULL, password, strlen(password));
	if (!is_right || !s.is_active) {
		counter_add(COUNTER_logins_refused, 1);
		return fail(op, ERR_INVALID_CREDENTIALS, NULL);
	}
	rehash(op, &s, password);
	counter_add(COUNTER_logins, 1);
	*ret_staff = s;
	return OK;
}

static enum err
draft_check(struct op *op, const struct staff_draft *d, bool is_new)
{
	enum role role = role_parse(d->role_name);
	size_t password_len = d->password != NULL ? strlen(d->password) : 0;
	bool is_password_kept = d->password == NULL && !is_new;

	if (!username_ok(d->username))
		fail_field(op, "username", "must be 1 to %d of a-z 0-9 . _ -", STAFF_USERNAME_MAX);
	if (!is_password_kept && (password_len < STAFF_PASSWORD_MIN || password_len > PASSWORD_MAX))
		fail_field(
		    op, "password", "must have %d to %d bytes", STAFF_PASSWORD_MIN, PASSWORD_MAX);
	if (role != ROLE_ADMIN && role != ROLE_KITCHEN && role != ROLE_DELIVERY)
		fail_field(op, "role", "must be admin, kitchen or delivery");
	else if (role != ROLE_ADMIN && d->restaurant_id == 0)
		fail_field(op, "role", "must be admin for staff of the platform");
	if (utf8_n(d->name) < 1 || utf8_n(d->name) > 100)
		fail_field(op, "name", "must have 1 to 100 characters");
	if (d->phone != NULL && !phone_is_valid(d->phone))
		fail_field(op, "phone", "must be + and 8 to 15 digits");
	return op->fault.code;
}

static enum err
staff_make(struct op *op, const struct staff_draft *d, int64_t *ret_id)
{
	uint8_t random[UUID_RANDOM_LEN], public_id[UUID_LEN];
	char hash[PASSWORD_HASH_SIZE];
	enum err e;

	password_hash(d->password, strlen(d->password), hash);
	op_random(op, random, sizeof random);
	uuid_v7(op->now_us, random, public_id);
	e = db_newid(op, STMT_staff_make,
	    DB_ARGS(DB_BYTES("public_id", public_id, sizeof public_id),
		DB_ID("restaurant_id", d->restaurant_id), DB_TEXT("username", d->username),
		DB_TEXT("password_hash", hash), DB_TEXT("role", d->role_name),
		DB_TEXT("name", d->name), DB_TEXT("phone", d->phone),
		DB_I64("is_active", d->is_active)),
	    ret_id);
	if (e == ERR_DUPLICATE)
		return fail(op, ERR_CONFLICT, "Somebody else is making this account");
	return e;
}

static enum err
staff_change(struct op *op, const struct staff_draft *d, const struct staff *was)
{
	bool is_new_password = d->password != NULL &&
	    !password_verify(was->password_hash, d->password, strlen(d->password));
	char hash[PASSWORD_HASH_SIZE];
	int64_t n;
	enum err e;

	if (is_new_password)
		password_hash(d->password, strlen(d->password), hash);
	e = db_changed(op, STMT_staff_update,
	    DB_ARGS(DB_TEXT("password_hash", is_new_password ? hash : was->password_hash),
		DB_TEXT("role", d->role_name), DB_TEXT("name", d->name), DB_TEXT("phone", d->phone),
		DB_I64("is_active", d->is_active), DB_I64("id", was->id)),
	    &n);
	if (e == OK &&
	    (is_new_password || !d->is_active || strcmp(d->role_name, was->role_name) != 0))
		e = session_end_of_staff(op, was->id);
	return e;
}

/* Locks the account; ERR_NO_ROW if there is none. */
static enum err
staff_lock(struct op *op, const struct staff_draft *d, struct staff *ret_was)
{
	struct id_row row;
	enum err e = ERR_NO_ROW;

	if (username_ok(d->username))
		e = db_one(op, STMT_staff_lock, DB_ARGS(DB_I64("restaurant_id", d->restaurant_id),
		    DB_TEXT("username", d->username)), &id_shape, &row);
	return e == OK ? staff_by_id(op, row.id, ret_was) : e;
}

enum err
staff_save(struct op *op, const struct staff_draft *d, struct staff *ret_staff)
{
	struct staff was;
	bool is_new;
	int64_t id;
	enum err e;

	e = db_now(op);
	if (e == OK)
		e = staff_lock(op, d, &was);
	is_new = e == ERR_NO_ROW;
	if (e != OK && !is_new)
		return e;
	e = draft_check(op, d, is_new);
	if (e != OK)
		return e;
	if (is_new) {
		e = staff_make(op, d, &id);
	} else {
		id = was.id;
		e = staff_change(op, d, &was);
	}
	if (e == OK)
		e = audit_record(op, "staff.save", d->username, NULL);
	return e == OK ? staff_by_id(op, id, ret_staff) : e;
}
