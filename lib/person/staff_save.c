#include <string.h>
#include <strings.h>

#include "audit/audit.h"
#include "crypto/password.h"
#include "db/db.h"
#include "mem/buf.h"
#include "op/crash.h"
#include "person/session.h"
#include "person/staff.h"
#include "person/user.h"
#include "text/json_write.h"
#include "text/utf8.h"
#include "text/uuid.h"

#define NAME_MAX_N 100

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

/* --- what may be written ---------------------------------------------------------------------- */

enum err
staff_password_check(struct op *op, const char *field, const char *password, const char *username)
{
	size_t n = utf8_n(password);

	if (n < STAFF_PASSWORD_MIN || n > STAFF_PASSWORD_MAX)
		return fail_field(op, field, "must have %d to %d characters", STAFF_PASSWORD_MIN,
		    STAFF_PASSWORD_MAX);
	if (password_is_common(password))
		return fail_field(op, field, "is one of those that everybody tries first");
	if (strcasecmp(password, username) == 0)
		return fail_field(op, field, "must not be the username");
	return OK;
}

static void
role_check(struct op *op, const char *role_name, int64_t restaurant_id)
{
	enum role role = role_parse(role_name);

	if (role != ROLE_ADMIN && role != ROLE_KITCHEN && role != ROLE_DELIVERY)
		fail_field(op, "role", "must be admin, kitchen or delivery");
	else if (role != ROLE_ADMIN && restaurant_id == 0)
		fail_field(op, "role", "must be admin for staff of the platform");
}

static void
name_check(struct op *op, const char *name)
{
	if (utf8_n(name) > NAME_MAX_N || utf8_sanitise(op->arena, name, SIZE_MAX)[0] == '\0' ||
	    strpbrk(name, "\r\n") != NULL)
		fail_field(op, "name", "must be one line of 1 to %d characters", NAME_MAX_N);
}

static void
phone_check(struct op *op, const char *phone)
{
	if (phone != NULL && !phone_is_valid(phone))
		fail_field(op, "phone", "must be + and 8 to 15 digits");
}

static enum err
draft_check(struct op *op, const struct staff_draft *d, bool is_new)
{
	if (!staff_username_ok(d->username))
		fail_field(op, "username", "must be 1 to %d of a-z 0-9 . _ -", STAFF_USERNAME_MAX);
	if (d->password != NULL)
		(void)staff_password_check(op, "password", d->password, d->username);
	else if (d->bcrypt == NULL && is_new)
		fail_field(op, "password", "is missing");
	if (d->bcrypt != NULL && (d->password != NULL || !password_is_bcrypt(d->bcrypt)))
		fail_field(op, "password_hash",
		    "must be a bcrypt hash of cost %d to %d, without a password",
		    PASSWORD_BCRYPT_MIN, PASSWORD_BCRYPT_MAX);
	role_check(op, d->role_name, d->restaurant_id);
	name_check(op, d->name);
	phone_check(op, d->phone);
	return op->fault.code;
}

/* --- accounts that are made ------------------------------------------------------------------- */

/* ERR_DUPLICATE: the username is taken. */
static enum err
staff_make(struct op *op, const struct staff_draft *d, const char *hash, int64_t *ret_id)
{
	uint8_t random[UUID_RANDOM_LEN], public_id[UUID_LEN];

	op_random(op, random, sizeof random);
	uuid_v7(op->now_us, random, public_id);
	return db_newid(op, STMT_staff_make,
	    DB_ARGS(DB_BYTES("public_id", public_id, sizeof public_id),
		DB_ID("restaurant_id", d->restaurant_id), DB_TEXT("username", d->username),
		DB_TEXT("password_hash", hash), DB_TEXT("role", d->role_name),
		DB_TEXT("name", d->name), DB_TEXT("phone", d->phone),
		DB_I64("is_active", d->is_active)),
	    ret_id);
}

/* Of a new account. */
static const char *
draft_hash(const struct staff_draft *d, char buffer[PASSWORD_HASH_SIZE])
{
	if (d->password == NULL)
		return d->bcrypt;
	password_hash(d->password, strlen(d->password), buffer);
	return buffer;
}

static enum err
staff_update(struct op *op, const struct staff *s, const char *hash)
{
	int64_t n;

	return db_changed(op, STMT_staff_update,
	    DB_ARGS(DB_TEXT("password_hash", hash), DB_TEXT("role", s->role_name),
		DB_TEXT("name", s->name), DB_TEXT("phone", s->phone),
		DB_I64("is_active", s->is_active), DB_I64("id", s->id)),
	    &n);
}

static enum err
staff_bring(struct op *op, const struct staff_draft *d, const struct staff *was)
{
	bool is_new_password = d->password != NULL &&
	    !password_verify(was->password_hash, d->password, strlen(d->password));
	struct staff is = { .id = was->id, .role_name = d->role_name, .name = d->name,
		.phone = d->phone, .is_active = d->is_active };
	char hash[PASSWORD_HASH_SIZE];
	enum err e;

	if (is_new_password)
		password_hash(d->password, strlen(d->password), hash);
	e = staff_update(op, &is, is_new_password ? hash : was->password_hash);
	if (e == OK &&
	    (is_new_password || !d->is_active || strcmp(d->role_name, was->role_name) != 0))
		e = session_end_of_staff(op, was->id);
	return e;
}

/* Locks the account; ERR_NO_ROW if there is none. */
static enum err
draft_lock(struct op *op, const struct staff_draft *d, struct staff *ret_was)
{
	struct id_row row;
	enum err e = ERR_NO_ROW;

	if (staff_username_ok(d->username))
		e = db_one(op, STMT_staff_lock, DB_ARGS(DB_I64("restaurant_id", d->restaurant_id),
		    DB_TEXT("username", d->username)), &id_shape, &row);
	return e == OK ? staff_by_id(op, row.id, ret_was) : e;
}

enum err
staff_save(struct op *op, const struct staff_draft *d, struct staff *ret_staff)
{
	char hash[PASSWORD_HASH_SIZE];
	struct staff was;
	bool is_new;
	int64_t id;
	enum err e;

	e = db_now(op);
	if (e == OK)
		e = draft_lock(op, d, &was);
	is_new = e == ERR_NO_ROW;
	if (e != OK && !is_new)
		return e;
	e = draft_check(op, d, is_new);
	if (e != OK)
		return e;
	if (is_new) {
		e = staff_make(op, d, draft_hash(d, hash), &id);
		if (e == ERR_DUPLICATE)
			return fail(op, ERR_CONFLICT, "Somebody else is making this account");
	} else {
		id = was.id;
		e = staff_bring(op, d, &was);
	}
	if (e == OK)
		e = audit_record(op, "staff.save", d->username, NULL);
	return e == OK ? staff_by_id(op, id, ret_staff) : e;
}

struct adding {
	const struct staff_draft *draft;
	const char *hash;
	int64_t id;
};

static enum err
add_body(struct op *op, void *arg)
{
	struct adding *a = arg;
	enum err e = staff_make(op, a->draft, a->hash, &a->id);

	if (e == ERR_DUPLICATE) {
		e = fail(op, ERR_CONFLICT, "This username is taken");
		op->fault.details = "{\"fields\":[{\"field\":\"username\","
				    "\"message\":\"is taken\"}]}";
		return e;
	}
	if (e == OK)
		e = audit_record(op, "staff.add", a->draft->username,
		    arena_printf(op->arena, "{\"role\":\"%s\"}", a->draft->role_name));
	CRASH_POINT("staff_add.before_commit");
	return e;
}

enum err
staff_add(struct op *op, const struct staff_draft *d, struct staff *ret_staff)
{
	struct adding a = { .draft = d };
	char hash[PASSWORD_HASH_SIZE];
	enum err e = db_now(op);

	if (e == OK)
		e = draft_check(op, d, true);
	if (e != OK)
		return e;
	a.hash = draft_hash(d, hash); /* outside of the transaction: it takes its time */
	e = db_tx(op, add_body, &a);
	return e == OK ? staff_by_id(op, a.id, ret_staff) : e;
}

/* --- accounts that are changed ---------------------------------------------------------------- */

struct altering {
	int64_t restaurant_id;
	const unsigned char *public_id;
	const struct staff_change *change;
	const char *hash; /* of the new password; NULL: none */
	int64_t id;
};

static enum err
change_check(struct op *op, const struct altering *a)
{
	const struct staff_change *c = a->change;
	struct staff now;
	enum err e = staff_of_restaurant(op, a->restaurant_id, a->public_id, &now);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e != OK)
		return e;
	if (c->name != NULL)
		name_check(op, c->name);
	if (c->role_name != NULL)
		role_check(op, c->role_name, a->restaurant_id);
	if (c->has_phone)
		phone_check(op, c->phone);
	if (c->password != NULL && now.id == op->actor.id && op->actor.kind == ACTOR_STAFF)
		fail_field(op, "password", "of your own is changed at /api/v1/admin/auth/password");
	else if (c->password != NULL)
		(void)staff_password_check(op, "password", c->password, now.username);
	return op->fault.code;
}

/* A restaurant that nobody may run can be helped by the platform only. */
static enum err
last_admin_check(struct op *op, const struct staff *was, const struct staff *is,
    const struct id_row *admins, size_t admins_n)
{
	if (!was->is_active || strcmp(was->role_name, "admin") != 0 ||
	    (is->is_active && strcmp(is->role_name, "admin") == 0))
		return OK;
	if (admins_n > 1 || (admins_n == 1 && admins[0].id != was->id))
		return OK;
	return fail(op, ERR_CONFLICT, "The restaurant would be left without an active admin");
}

/* What changed, for the record: never what a password or a number is. */
static const char *
change_detail(struct op *op, const struct staff *was, const struct staff *is, bool has_password)
{
	struct json_write w;
	struct buf json;

	buf_init(&json, op->arena, 2000);
	json_write_init(&w, &json);
	json_write_object(&w, NULL);
	if (strcmp(was->name, is->name) != 0)
		json_write_bool(&w, "name", true);
	if (strcmp(was->phone != NULL ? was->phone : "", is->phone != NULL ? is->phone : "") != 0)
		json_write_bool(&w, "phone", true);
	if (strcmp(was->role_name, is->role_name) != 0) {
		json_write_string(&w, "old_role", was->role_name);
		json_write_string(&w, "role", is->role_name);
	}
	if (was->is_active != is->is_active)
		json_write_bool(&w, "is_active", is->is_active);
	if (has_password)
		json_write_bool(&w, "password", true);
	json_write_object_end(&w);
	json_write_done(&w);
	return json.data;
}

static struct staff
changed(const struct staff *was, const struct staff_change *c)
{
	struct staff is = *was;

	if (c->name != NULL)
		is.name = c->name;
	if (c->role_name != NULL)
		is.role_name = c->role_name;
	if (c->has_phone)
		is.phone = c->phone;
	if (c->has_is_active)
		is.is_active = c->is_active;
	return is;
}

static enum err
alter_write(struct op *op, const struct altering *a, const struct staff *was,
    const struct id_row *admins, size_t admins_n)
{
	struct staff is = changed(was, a->change);
	enum err e = last_admin_check(op, was, &is, admins, admins_n);

	if (e == OK)
		e = staff_update(op, &is, a->hash != NULL ? a->hash : was->password_hash);
	if (e == OK && (a->hash != NULL || !is.is_active ||
			   strcmp(is.role_name, was->role_name) != 0))
		e = session_end_of_staff(op, was->id);
	if (e == OK)
		e = audit_record(op, "staff.change", was->username,
		    change_detail(op, was, &is, a->hash != NULL));
	CRASH_POINT("staff_alter.before_commit");
	return e;
}

static enum err
alter_body(struct op *op, void *arg)
{
	struct altering *a = arg;
	struct id_row *admins, row;
	struct staff was;
	size_t n;
	enum err e = db_many(op, STMT_staff_admins_lock,
	    DB_ARGS(DB_I64("restaurant_id", a->restaurant_id)), &id_shape, &admins, &n);

	if (e == OK)
		e = db_one(op, STMT_staff_lock_public,
		    DB_ARGS(DB_BYTES("public_id", a->public_id, UUID_LEN),
			DB_I64("restaurant_id", a->restaurant_id)),
		    &id_shape, &row);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK)
		e = staff_by_id(op, row.id, &was);
	if (e != OK)
		return e;
	a->id = was.id;
	return alter_write(op, a, &was, admins, n);
}

enum err
staff_alter(struct op *op, int64_t restaurant_id, const unsigned char public_id[16],
    const struct staff_change *change, struct staff *ret_staff)
{
	struct altering a = {
		.restaurant_id = restaurant_id, .public_id = public_id, .change = change };
	char hash[PASSWORD_HASH_SIZE];
	enum err e = db_now(op);

	if (e == OK)
		e = change_check(op, &a);
	if (e != OK)
		return e;
	if (change->password != NULL) {
		password_hash(change->password, strlen(change->password), hash);
		a.hash = hash;
	}
	e = db_tx(op, alter_body, &a);
	return e == OK ? staff_by_id(op, a.id, ret_staff) : e;
}
