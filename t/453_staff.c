/* staff, role: accounts that are made twice and exist once, logins, and what each may. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/hmac.h"
#include "crypto/password.h"
#include "person/role.h"
#include "person/staff.h"
#include "tap.h"
#include "world.h"

#define BCRYPT_TAIL "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"

static enum err
save_body(struct op *op, void *arg)
{
	struct staff saved;

	return staff_save(op, arg, &saved);
}

static enum err
save(struct staff_draft draft)
{
	struct op op;
	enum err e;

	world_op(&op, PROGRAM_ticketrail);
	e = db_tx(&op, save_body, &draft);
	op_end(&op);
	return e;
}

static const unsigned char hash_key[HASH_KEY_SIZE] = { 1 };
static const char *from = "192.0.2.1";

/* The role they have, ROLE_NOBODY if they are not let in; *ret_restaurant is where. */
static enum role
login_at(int64_t restaurant_id, const char *username, const char *password, int64_t *ret_restaurant)
{
	enum role role = ROLE_NOBODY;
	struct staff staff;
	struct op op;

	world_op(&op, PROGRAM_auth);
	op.restaurant_id = restaurant_id;
	if (staff_login(&op, &(struct staff_proof){ username, password, from, hash_key }, &staff) == OK) {
		role = staff_role(&staff);
		*ret_restaurant = staff.restaurant_id;
	} else {
		is_int(op.fault.code, ERR_INVALID_CREDENTIALS, "AUTH-12 %s at %d is refused", username, (int)restaurant_id);
	}
	op_end(&op);
	return role;
}

static void
test_save(void)
{
	struct staff_draft d = { .restaurant_id = 1, .username = "asha", .password = "correct horse", .role_name = "kitchen",
		.name = "Asha", .is_active = true };
	char *hash, *again;

	is_int(save(d), OK, "an account is made");
	hash = world_text("SELECT password_hash FROM staff_users WHERE username = 'asha'");
	ok(strncmp(hash, "$argon2id$", 10) == 0, "AUTH-13 with an Argon2id hash");
	is_int(save(d), OK, "and made again");
	again = world_text("SELECT password_hash FROM staff_users WHERE username = 'asha'");
	is_int(world_int("SELECT COUNT(*) FROM staff_users"), 1, "DB-25 it is one account");
	is_str(again, hash, "with the same hash: nothing changed");
	free(hash);
	free(again);
	world_sql("INSERT INTO refresh_tokens (token_hash, family, staff_id, expires_at, created_at) "
	    "SELECT REPEAT('h', 32), REPEAT('f', 16), id, UTC_TIMESTAMP(6) + INTERVAL 1 DAY, UTC_TIMESTAMP(6) FROM staff_users");
	is_int(save(d), OK, "once more");
	is_int(world_int("SELECT COUNT(*) FROM refresh_tokens WHERE revoked_at IS NULL"), 1, "which ends no session");
	d.password = NULL;
	d.name = "Asha Rao";
	is_int(save(d), OK, "another name, the same password");
	is_int(world_int("SELECT COUNT(*) FROM refresh_tokens WHERE revoked_at IS NULL"), 1, "ends none either");
	d.role_name = "admin";
	is_int(save(d), OK, "another role");
	is_int(world_int("SELECT COUNT(*) FROM refresh_tokens WHERE revoked_at IS NULL"), 0, "S05 ends them all");
	is_int(world_int("SELECT COUNT(*) FROM audit_log WHERE action = 'staff.save'"), 5, "ARC-09 all of it is recorded");
	d.restaurant_id = 2;
	d.password = "another horse";
	is_int(save(d), OK, "DB-25 the same name in another restaurant is somebody else");
	d.restaurant_id = 0;
	d.username = "root";
	is_int(save(d), OK, "staff of the platform");
}

static void
test_refused(void)
{
	static const struct {
		struct staff_draft draft;
		const char *what;
	} rows[] = {
		{ { 1, "", "long enough", "admin", "N", NULL, true, NULL }, "no name" },
		{ { 1, "Asha", "long enough", "admin", "N", NULL, true, NULL }, "capitals" },
		{ { 1, "a b", "long enough", "admin", "N", NULL, true, NULL }, "a blank" },
		{ { 1, "a\xc3\xa9", "long enough", "admin", "N", NULL, true, NULL }, "an accent" },
		{ { 1, "new", NULL, "admin", "N", NULL, true, NULL }, "somebody new without a password" },
		{ { 1, "new", "short", "admin", "N", NULL, true, NULL }, "a short password" },
		{ { 1, "new", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "admin", "N", NULL, true, NULL }, "four characters of eight bytes" },
		{ { 1, "new", "Password1", "admin", "N", NULL, true, NULL }, "a password that everybody tries" },
		{ { 1, "new.cook.of.ours", "New.Cook.Of.Ours", "admin", "N", NULL, true, NULL }, "the username as password" },
		{ { 1, "new", NULL, "admin", "N", NULL, true, "$argon2id$v=19$m=19456,t=2,p=1$x" }, "a hash that is no bcrypt" },
		{ { 1, "new", NULL, "admin", "N", NULL, true, "$2y$31$" BCRYPT_TAIL }, "bcrypt that would take a day" },
		{ { 1, "new", "long enough", "admin", "N", NULL, true, "$2y$10$" BCRYPT_TAIL }, "a password and a hash" },
		{ { 1, "new", "long enough", "admin", "  ", NULL, true, NULL }, "a blank name" },
		{ { 1, "new", "long enough", "admin", "\u00a0\u2003", NULL, true, NULL }, "blanks of other scripts" },
		{ { 1, "new", "long enough", "admin", "a\nb", NULL, true, NULL }, "a name of two lines" },
		{ { 1, "new", "long enough", "guest", "N", NULL, true, NULL }, "a guest" },
		{ { 1, "new", "long enough", "platform", "N", NULL, true, NULL }, "a platform role in a restaurant" },
		{ { 1, "new", "long enough", "", "N", NULL, true, NULL }, "no role" },
		{ { 0, "new", "long enough", "kitchen", "N", NULL, true, NULL }, "a kitchen of the platform" },
		{ { 1, "new", "long enough", "admin", "", NULL, true, NULL }, "no name" },
		{ { 1, "new", "long enough", "admin", "N", "12", true, NULL }, "a phone that is none" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(save(rows[i].draft), ERR_VALIDATION_ERROR, "SEC-04 %s", rows[i].what);
	is_int(world_int("SELECT COUNT(*) FROM staff_users WHERE username = 'new'"), 0, "nobody was made");
}

static void
test_login(void)
{
	int64_t at = -1;

	is_int(login_at(1, "asha", "correct horse", &at), ROLE_ADMIN, "AUTH-12 name and password");
	is_int(at, 1, "AUTH-18 in her restaurant");
	is_int(login_at(1, "asha", "another horse", &at), ROLE_NOBODY, "AUTH-18 not the namesake's password");
	is_int(login_at(2, "asha", "another horse", &at), ROLE_ADMIN, "AUTH-18 the namesake in the other");
	is_int(at, 2, "AUTH-18 is the namesake");
	is_int(login_at(0, "asha", "correct horse", &at), ROLE_NOBODY, "AUTH-18 without a restaurant only the platform's staff");
	is_int(login_at(0, "root", "another horse", &at), ROLE_PLATFORM, "staff of the platform");
	is_int(login_at(1, "root", "another horse", &at), ROLE_PLATFORM, "from any restaurant");
	is_int(at, 0, "are of the platform");
	is_int(login_at(1, "nobody", "correct horse", &at), ROLE_NOBODY, "S07 nobody");
	is_int(login_at(1, "ASHA", "correct horse", &at), ROLE_NOBODY, "a name is exact");
	is_int(login_at(1, "asha' OR '1'='1", "correct horse", &at), ROLE_NOBODY, "S70 a name is a value");
	is_int(login_at(1, "\xf0\x9f\x8d\x95", "correct horse", &at), ROLE_NOBODY, "a name beyond ASCII is nobody's");
	is_int(login_at(1, "asha", "", &at), ROLE_NOBODY, "no password");
	world_sql("UPDATE staff_users SET is_active = 0 WHERE username = 'asha' AND restaurant_id = 1");
	is_int(login_at(1, "asha", "correct horse", &at), ROLE_NOBODY, "AUTH-20 a disabled account");
	world_sql("UPDATE staff_users SET is_active = 1 WHERE username = 'asha'");
}

static void
test_rehash(void)
{
	char old[crypto_pwhash_STRBYTES], *now;
	int64_t at;

	if (crypto_pwhash_str_alg(old, "correct horse", 13, 1, 8192 * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return;
	world_sql("UPDATE staff_users SET password_hash = '%s' WHERE username = 'asha' AND restaurant_id = 1", old);
	is_int(login_at(1, "asha", "correct horse", &at), ROLE_ADMIN, "AUTH-13 a hash of yesterday's cost lets in");
	now = world_text("SELECT password_hash FROM staff_users WHERE username = 'asha' AND restaurant_id = 1");
	ok(strcmp(now, old) != 0 && !password_is_stale(now), "AUTH-13 and is made again");
	free(now);
	is_int(login_at(1, "asha", "correct horse", &at), ROLE_ADMIN, "AUTH-13 and still lets in");
}

static void
test_import(void)
{
	struct staff_draft d = { .restaurant_id = 1, .username = "older", .role_name = "kitchen", .name = "Older", .is_active = true,
		.bcrypt = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" };
	char *now, *again;
	int64_t at;

	is_int(save(d), OK, "AUTH-13 an account comes with the hash of an older system");
	is_int(login_at(1, "older", "U*U*", &at), ROLE_NOBODY, "AUTH-13 a wrong password is wrong");
	now = world_text("SELECT password_hash FROM staff_users WHERE username = 'older'");
	is_str(now, d.bcrypt, "AUTH-13 and makes nothing again");
	free(now);
	is_int(login_at(1, "older", "U*U", &at), ROLE_KITCHEN, "AUTH-13 the right one lets in");
	now = world_text("SELECT password_hash FROM staff_users WHERE username = 'older'");
	ok(strncmp(now, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "AUTH-13 and is hashed with Argon2id from then on");
	is_int(login_at(1, "older", "U*U", &at), ROLE_KITCHEN, "AUTH-13 which lets in");
	is_int(save(d), OK, "AUTH-13 the document once more");
	again = world_text("SELECT password_hash FROM staff_users WHERE username = 'older'");
	is_str(again, now, "AUTH-13 brings the older hash not back");
	free(now);
	free(again);
	world_sql("UPDATE staff_users SET password_hash = '$2y$31$" BCRYPT_TAIL "' WHERE username = 'older'");
	is_int(login_at(1, "older", "U*U", &at), ROLE_NOBODY, "AUTH-13 a hash that would take a day is nobody's, at once");
}

/* What a try comes to: OK, ERR_INVALID_CREDENTIALS or ERR_RATE_LIMITED. */
static enum err
tried_at(int64_t restaurant_id, const char *username, const char *password, int *ret_retry_s)
{
	struct staff staff;
	struct op op;
	enum err e;

	world_op(&op, PROGRAM_auth);
	op.restaurant_id = restaurant_id;
	e = staff_login(&op, &(struct staff_proof){ username, password, from, hash_key }, &staff);
	if (ret_retry_s != NULL)
		*ret_retry_s = op.fault.retry_after_s;
	op_end(&op);
	return e;
}

static enum err
tried(const char *username, const char *password, int *ret_retry_s)
{
	return tried_at(1, username, password, ret_retry_s);
}

/* How many of n wrong passwords are looked at. */
static int
looked_at(const char *username, int n)
{
	int looked_n = 0;

	for (int i = 0; i < n; i++)
		looked_n += tried(username, "wrong password", NULL) == ERR_INVALID_CREDENTIALS;
	return looked_n;
}

static void
test_held_back(void)
{
	int retry_s = 0, looked_n = 0;
	time_t begun;
	char name[40];

	world_sql("DELETE FROM budgets");
	is_int(looked_at("asha", 14), 10, "S07 ten wrong passwords of one network for one account are looked at");
	is_int(tried("asha", "correct horse", &retry_s), ERR_RATE_LIMITED, "S07 then not even the right one is");
	ok(retry_s > 80 && retry_s <= 91, "S07 but in a minute and a half: nobody is shut out for good (%d s)", retry_s);
	is_int(looked_at("nobody.is.called.so", 14), 10, "S07 a name that is nobody's is held back alike");
	is_int(tried("root", "another horse", NULL), OK, "S07 another account is not");
	from = "198.51.100.1";
	is_int(tried("asha", "correct horse", NULL), OK, "S07 nor the owner from another network");
	from = "192.0.2.200";
	is_int(tried("asha", "correct horse", NULL), ERR_RATE_LIMITED, "S07 a neighbour of the guesser is");
	world_sql("UPDATE budgets SET spent_until = spent_until - INTERVAL 90 SECOND");
	is_int(looked_at("asha", 3), 1, "S07 a minute and a half later there is one more");
	world_sql("UPDATE budgets SET spent_until = spent_until - INTERVAL 90 SECOND");
	is_int(tried("asha", "correct horse", NULL), OK, "S07 the right one lets in");
	is_int(looked_at("asha", 14), 10, "S07 and all is forgotten");
	world_sql("DELETE FROM budgets");
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "203.0.%d.1", i);
		from = name;
		is_int(looked_at("asha", 10), 10, "S07 network %d", i);
	}
	from = "203.1.0.1";
	is_int(tried("asha", "correct horse", &retry_s), ERR_RATE_LIMITED, "S07 a hundred a day from strange networks");
	ok(retry_s > 0 && retry_s <= 865, "S07 then one every quarter of an hour (%d s)", retry_s);
	from = "198.51.100.77";
	is_int(tried("asha", "correct horse", NULL), OK, "S07 whoever comes from where she works is let in all the while");
	world_sql("UPDATE staff_networks SET last_at = last_at - INTERVAL 31 DAY");
	is_int(tried("asha", "correct horse", NULL), ERR_RATE_LIMITED, "S07 as long as that was lately");
	world_sql("DELETE FROM budgets");
	from = "192.0.2.1";
	begun = time(NULL);
	for (int i = 0; i < 100 && looked_n == i * 8; i++) {
		snprintf(name, sizeof name, "somebody-%d", i);
		looked_n += looked_at(name, 8);
	}
	ok(looked_n >= 300 && looked_n <= 301 + (time(NULL) - begun) / 3,
	    "S07 three hundred wrong ones of one network are looked at, and one more every three seconds (%d)", looked_n);
	world_sql("UPDATE budgets SET spent_until = spent_until + INTERVAL 1 MINUTE"); /* for a machine that has much to do */
	is_int(tried("asha", "correct horse", NULL), ERR_RATE_LIMITED, "S07 then nobody is, whoever it is for");
	world_sql("DELETE FROM budgets");
	is_int(world_int("SELECT COUNT(*) FROM staff_networks WHERE network = '198.51.100.0/24'"), 1, "a network is kept by its /24");
}

/* Whoever may log in at every restaurant is not guessed at anew in each. */
static void
test_held_back_everywhere(void)
{
	int looked_n = 0;

	world_sql("DELETE FROM budgets");
	world_sql("DELETE FROM staff_networks");
	from = "192.0.2.1";
	for (int i = 0; i < 21; i++)
		looked_n += tried_at(i % 3, "root", "wrong password", NULL) == ERR_INVALID_CREDENTIALS;
	is_int(looked_n, 10, "S07 staff of the platform are guessed at ten times from one network, wherever that is tried");
	is_int(tried_at(2, "root", "another horse", NULL), ERR_RATE_LIMITED, "S07 then not even the right password is looked at, there either");
	is_int(looked_at("asha", 14), 10, "S07 one restaurant's staff of a name");
	is_int(tried_at(2, "asha", "another horse", NULL), OK, "S07 are not held back with the namesakes of another");
	world_sql("DELETE FROM budgets");
}

static void
test_roles(void)
{
	ok(role_may(ROLE_KITCHEN, ROLE_KITCHEN | ROLE_ADMIN), "AUTH-15 kitchen may what kitchen may");
	ok(!role_may(ROLE_DELIVERY, ROLE_KITCHEN | ROLE_ADMIN), "AUTH-15 delivery may not");
	ok(!role_may(ROLE_GUEST, ROLES_STAFF), "AUTH-15 a guest is no staff");
	ok(role_may(ROLE_PLATFORM, ROLE_ADMIN) && !role_may(ROLE_PLATFORM, ROLE_GUEST), "the platform may what an admin may");
	ok(!role_may(ROLE_ADMIN, ROLE_PLATFORM), "an admin may not what the platform may");
	ok(!role_may(ROLE_NOBODY, ROLES_STAFF | ROLE_GUEST), "nobody may nothing");
	is_str(role_word(ROLE_KITCHEN), "kitchen", "AUTH-14 a role has its word");
	ok(role_parse("delivery") == ROLE_DELIVERY && role_parse("Admin") == ROLE_NOBODY && role_parse("") == ROLE_NOBODY,
	    "AUTH-14 and the word its role");
}

int
main(void)
{
	world_begin();
	world_sql("INSERT INTO restaurants (id, slug, name, created_at, updated_at) VALUES (1, 'one', 'One', UTC_TIMESTAMP(6), "
	    "UTC_TIMESTAMP(6)), (2, 'two', 'Two', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	test_save();
	test_refused();
	test_login();
	test_rehash();
	test_import();
	test_held_back();
	test_held_back_everywhere();
	test_roles();
	return tap_done();
}
