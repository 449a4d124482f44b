#include "person/user.h"

#include <string.h>

#include "db/db.h"
#include "text/utf8.h"
#include "text/uuid.h"

#define NAME_MAX_N 100
#define EMAIL_MAX 254      /* RFC 5321 section 4.5.3.1.3, less the brackets */
#define EMAIL_LOCAL_MAX 64 /* section 4.5.3.1.1 */

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

static const struct db_col profile_cols[] = { USER_COLS,
	COL_TIME(struct user_profile, created_at) };
static const struct db_shape profile_shape = DB_SHAPE(struct user_profile, profile_cols);

bool
phone_is_valid(const char *phone)
{
	size_t n;

	if (phone == NULL || phone[0] != '+' || phone[1] == '0')
		return false;
	n = strspn(phone + 1, "0123456789");
	return phone[1 + n] == '\0' && n >= 8 && n <= 15;
}

size_t
phone_country_len(const char *phone)
{
	/* Of two digits; 1 and 7 are zones of one country code each, all others have three. */
	static const char two[] = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53"
				  " 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94"
				  " 95 98 ";
	const char code[] = { ' ', phone[1], phone[2], ' ', '\0' };

	if (phone[1] == '1' || phone[1] == '7')
		return 1;
	return strstr(two, code) != NULL ? 2 : 3;
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
user_profile(struct op *op, int64_t id, struct user_profile *ret_profile)
{
	return db_one(
	    op, STMT_user_profile, DB_ARGS(DB_I64("id", id)), &profile_shape, ret_profile);
}

/* RFC 1035 section 2.3.1: labels of letters, digits and hyphens between dots, two at least. */
static bool
domain_is_valid(const char *domain)
{
	size_t labels_n = 0;

	for (const char *label = domain;; label++) {
		size_t len = strspn(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789-");

		if (len < 1 || len > 63 || label[0] == '-' || label[len - 1] == '-')
			return false;
		labels_n++;
		label += len;
		if (*label == '\0')
			return labels_n >= 2 && len >= 2;
		if (*label != '.')
			return false;
	}
}

bool
email_is_valid(const char *email)
{
	static const char local_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "0123456789!#$%&'*+/=?^_`{|}~-.";
	size_t len = strspn(email, local_chars);

	return strlen(email) <= EMAIL_MAX && len >= 1 && len <= EMAIL_LOCAL_MAX &&
	       email[len] == '@' && email[0] != '.' && email[len - 1] != '.' &&
	       strstr(email, "..") == NULL && domain_is_valid(email + len + 1);
}

/* Without the blanks around it, in the arena. */
static const char *
trimmed(struct op *op, const char *text)
{
	static const char blanks[] = " \t\r\n";
	const char *from = text + strspn(text, blanks);
	size_t len = strlen(from);

	while (len > 0 && strchr(blanks, from[len - 1]) != NULL)
		len--;
	return arena_printf(op->arena, "%.*s", (int)len, from);
}

enum err
user_update(struct op *op, int64_t id, const char *name, bool has_email, const char *email)
{
	int64_t n = 0;
	enum err e;

	name = trimmed(op, name);
	if (utf8_sanitise(op->arena, name, SIZE_MAX)[0] == '\0' || utf8_n(name) > NAME_MAX_N ||
	    strpbrk(name, "\t\r\n") != NULL)
		fail_field(op, "name", "must be one line of 1 to %d characters", NAME_MAX_N);
	if (has_email && email != NULL) {
		email = trimmed(op, email);
		if (!email_is_valid(email))
			fail_field(op, "email", "must be an address such as asha@example.com");
	}
	if (op->fault.code != OK)
		return op->fault.code;
	e = db_now(op);
	if (e == OK)
		e = db_changed(op, STMT_user_update,
		    DB_ARGS(DB_TEXT("name", name), DB_I64("has_email", has_email),
			DB_TEXT("email", email), DB_I64("id", id)),
		    &n);
	return e == OK && n == 0 ? fail(op, ERR_NOT_FOUND, NULL) : e;
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
