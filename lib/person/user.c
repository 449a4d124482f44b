#include "person/user.h"

#include <string.h>

#include "db/db.h"
#include "text/uuid.h"

#define USER_COLS \
	COL_I64(struct user, id), COL_FIXED(struct user, public_id), \
	    COL_TEXT(struct user, phone), COL_TEXT(struct user, name), \
	    COL_TEXT(struct user, email), COL_BOOL(struct user, is_active)
static const struct db_col user_cols[] = { USER_COLS };
static const struct db_shape user_shape = DB_SHAPE(struct user, user_cols);

/* A user, first, and what is asked beside. */
struct session_row {
	struct user user;
	bool has_ended;
};
static const struct db_col session_cols[] = { USER_COLS, COL_BOOL(struct session_row, has_ended) };
static const struct db_shape session_shape = DB_SHAPE(struct session_row, session_cols);

bool
phone_is_valid(const char *phone)
{
	size_t n;

	if (phone == NULL || phone[0] != '+' || phone[1] == '0')
		return false;
	n = strspn(phone + 1, "0123456789");
	return phone[1 + n] == '\0' && n >= 8 && n <= 15;
}

static enum err
user_by_phone(struct op *op, const char *phone, struct user *ret_user)
{
	return db_one(
	    op, STMT_user_by_phone, DB_ARGS(DB_TEXT("phone", phone)), &user_shape, ret_user);
}

enum err
user_by_id(struct op *op, int64_t id, struct user *ret_user)
{
	return db_one(op, STMT_user_by_id, DB_ARGS(DB_I64("id", id)), &user_shape, ret_user);
}

enum err
user_of_session(struct op *op, const unsigned char public_id[16], const unsigned char family[16],
    struct user *ret_user, bool *ret_has_ended)
{
	struct session_row row;
	enum err e = db_one(op, STMT_user_of_session,
	    DB_ARGS(DB_BYTES("public_id", public_id, UUID_LEN), DB_BYTES("family", family, 16)),
	    &session_shape, &row);

	if (e != OK)
		return e;
	*ret_user = row.user;
	*ret_has_ended = row.has_ended;
	return OK;
}

enum err
user_take(struct op *op, const char *phone, struct user *ret_user)
{
	uint8_t random[UUID_RANDOM_LEN], id[UUID_LEN];
	enum err e;

	/*
	 * Asked first, because an INSERT that finds a duplicate burns a number of AUTO_INCREMENT
	 * each time.
	 */
	e = user_by_phone(op, phone, ret_user);
	if (e != ERR_NO_ROW)
		return e;
	e = db_now(op);
	if (e != OK)
		return e;
	op_random(op, random, sizeof random);
	uuid_v7(op->now_us, random, id);
	e = db_run(op, STMT_user_make,
	    DB_ARGS(DB_BYTES("public_id", id, sizeof id), DB_TEXT("phone", phone)));
	return e == OK ? user_by_phone(op, phone, ret_user) : e;
}
