/* otp, user: codes that guests log in with, their budgets, and races for them. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "person/otp.h"
#include "tap.h"
#include "world.h"

static unsigned char hash_key[HASH_KEY_SIZE];
static struct secret_keypair relay;
static struct otp_keys keys = { .hash_key = hash_key, .relay_public_key = relay.public_key };

static const char *try_from = "10.0.0.99";
static const char *request_id; /* of both, unless NULL */

static enum err
ask(const char *phone, const char *address, int *ret_retry_s)
{
	struct otp_caller caller = { phone, request_id, address };
	struct op op;
	enum err e;

	world_op(&op, PROGRAM_auth);
	e = otp_request(&op, &keys, &caller);
	if (ret_retry_s != NULL)
		*ret_retry_s = op.fault.retry_after_s;
	op_end(&op);
	return e;
}

static enum err
try(const char *phone, const char *code, int64_t *ret_user_id)
{
	struct otp_caller caller = { phone, request_id, try_from };
	struct user user;
	struct op op;
	enum err e;

	world_op(&op, PROGRAM_auth);
	e = otp_verify(&op, &keys, &caller, code, NULL, &user);
	if (e == OK && ret_user_id != NULL)
		*ret_user_id = user.id;
	op_end(&op);
	return e;
}

/* The code that was sent last, as the relay finds it; the oracle is the message, not the code under test's memory. */
static const char *
sent(const char *phone)
{
	static char code[OTP_DIGITS + 1];
	int64_t id = world_int("SELECT MAX(id) FROM otp_codes WHERE phone = '%s'", phone);
	char *hex = world_text("SELECT HEX(payload) FROM outbox WHERE kind = 'otp_sms' AND subject_id = %lld", (long long)id);
	struct arena *arena = arena_new(1 << 20);
	unsigned char *raw = arena_alloc(arena, strlen(hex));
	struct otp_message m;
	size_t len = 0;

	sodium_hex2bin(raw, strlen(hex), hex, strlen(hex), NULL, &len, NULL);
	free(hex);
	code[0] = '\0';
	if (otp_message_open(arena, &relay, id, (struct bytes){ raw, len }, &m) == OK && strcmp(m.phone, phone) == 0 &&
	    m.expires_in_s == 300)
		snprintf(code, sizeof code, "%s", m.otp);
	ok(otp_message_open(arena, &relay, id + 1, (struct bytes){ raw, len }, &m) != OK, "a message opens as itself only");
	arena_free(&arena);
	return code;
}

static const char *
wrong(const char *code)
{
	static char other[OTP_DIGITS + 1];

	snprintf(other, sizeof other, "%s", code);
	other[5] = other[5] == '0' ? '1' : '0';
	return other;
}

static void
age(const char *phone, int seconds)
{
	world_sql("UPDATE otp_codes SET created_at = created_at - INTERVAL %d SECOND, expires_at = expires_at - INTERVAL %d SECOND "
	    "WHERE phone = '%s'", seconds, seconds, phone);
}

static void
test_login(void)
{
	const char *phone = "+919876543210";
	int64_t id = 0, again = 0;
	char code[OTP_DIGITS + 1];

	is_int(ask(phone, "10.0.0.1", NULL), OK, "AUTH-01 a code is asked for");
	snprintf(code, sizeof code, "%s", sent(phone));
	is_int(strlen(code), 6, "AUTH-02 it has six digits");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE kind = 'otp_sms' AND runner = 'relay'"), 1,
	    "AUTH-21 it leaves through the outbox");
	is_int(world_int("SELECT COUNT(*) FROM outbox WHERE INSTR(payload, '%s') > 0 OR INSTR(payload, '%s') > 0", code, phone + 1), 0,
	    "S21 neither code nor number stands there in clear");
	is_int(world_int("SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) FROM otp_codes"), 300, "AUTH-02 it lives 300 s");
	is_int(world_int("SELECT COUNT(*) FROM users"), 0, "S23 asking touches no user");
	is_int(try(phone, wrong(code), NULL), ERR_INVALID_OTP, "AUTH-06 a wrong code");
	is_int(try(phone, code, &id), OK, "AUTH-04 the right code");
	is_int(world_int("SELECT COUNT(*) FROM users WHERE phone = '%s' AND name IS NULL AND is_active = 1", phone), 1,
	    "AUTH-05 makes the user, without a name");
	is_int(try(phone, code, NULL), ERR_INVALID_OTP, "AUTH-02 a code is good once");
	is_int(ask(phone, "10.0.0.1", NULL), OK, "the next login");
	snprintf(code, sizeof code, "%s", sent(phone));
	is_int(try(phone, code, &again), OK, "AUTH-05 finds the user");
	is_int(again, id, "AUTH-05 the same one");
	is_int(try("+919876543211", code, NULL), ERR_INVALID_OTP, "S23 a number that never asked");
}

static void
test_lifetime(void)
{
	const char *phone = "+14155550101";
	char first[OTP_DIGITS + 1], second[OTP_DIGITS + 1];

	ask(phone, "10.0.0.2", NULL);
	snprintf(first, sizeof first, "%s", sent(phone));
	ask(phone, "10.0.0.2", NULL);
	snprintf(second, sizeof second, "%s", sent(phone));
	if (strcmp(first, second) != 0)
		is_int(try(phone, first, NULL), ERR_INVALID_OTP, "S21 a new code takes the place of the old one");
	age(phone, 301);
	is_int(try(phone, second, NULL), ERR_INVALID_OTP, "AUTH-06 an expired code");
	age(phone, -2);
	is_int(try(phone, second, NULL), OK, "AUTH-02 a second before, it is good");
	ask(phone, "10.0.0.2", NULL);
	world_sql("UPDATE users SET is_active = 0 WHERE phone = '%s'", phone);
	is_int(try(phone, sent(phone), NULL), ERR_INVALID_OTP, "AUTH-20 a disabled user can not log in, and is not told why");
}

static void
test_budgets(void)
{
	const char *phone = "+14155550102";
	char code[OTP_DIGITS + 1];
	int retry_s = 0;

	for (int i = 0; i < 3; i++)
		is_int(ask(phone, "10.0.0.3", NULL), OK, "AUTH-03 code %d of 3", i + 1);
	is_int(ask(phone, "10.0.0.3", &retry_s), ERR_RATE_LIMITED, "AUTH-03 the fourth in 10 minutes is refused");
	ok(retry_s > 590 && retry_s <= 601, "AUTH-03 and says when (%d s)", retry_s);
	is_int(world_int("SELECT COUNT(*) FROM otp_codes WHERE phone = '%s'", phone), 3, "AUTH-03 nothing is sent for it");
	snprintf(code, sizeof code, "%s", sent(phone));
	for (int i = 0; i < 5; i++)
		is_int(try(phone, wrong(code), NULL), ERR_INVALID_OTP, "S20 wrong try %d of 5", i + 1);
	is_int(try(phone, code, NULL), ERR_INVALID_OTP, "S20 after five the right one is too late");
	is_int(world_int("SELECT wrong_tries FROM otp_codes WHERE phone = '%s' ORDER BY id DESC LIMIT 1", phone), 5,
	    "S20 five were judged");
	for (int i = 0; i < 3; i++) {
		age(phone, 601);
		is_int(ask(phone, "10.0.0.3", NULL), OK, "S20 later there is another code");
		snprintf(code, sizeof code, "%s", sent(phone));
		for (int j = 0; j < 5; j++)
			try(phone, wrong(code), NULL);
	}
	is_int(world_int("SELECT SUM(wrong_tries) FROM otp_codes WHERE phone = '%s'", phone), 20, "S20 twenty wrong tries a day");
	is_int(try(phone, code, NULL), ERR_RATE_LIMITED, "S20 are all there are");
	age(phone, 601);
	is_int(ask(phone, "10.0.0.3", &retry_s), ERR_RATE_LIMITED, "S20 and no new code helps");
	ok(retry_s > 80000 && retry_s <= 86401, "S20 until the day is over (%d s)", retry_s);
	world_sql("UPDATE otp_codes SET wrong_tries = 0 WHERE phone = '%s'", phone);
	for (int i = 0; i < 4; i++) {
		age(phone, 301);
		is_int(ask(phone, "10.0.0.3", NULL), OK, "S20 code %d of the day", 7 + i);
	}
	age(phone, 601);
	is_int(ask(phone, "10.0.0.3", NULL), ERR_RATE_LIMITED, "S20 ten codes a day");
	age(phone, 86400);
	is_int(ask(phone, "10.0.0.3", NULL), OK, "S20 tomorrow is another day");
	is_int(world_int("SELECT COUNT(*) FROM otp_codes WHERE phone = '%s'", phone), 1, "yesterday's codes are forgotten");
}

/* A budget as it is after so much was taken of it at once. */
static void
spend(const char *name, const char *until)
{
	world_sql("REPLACE INTO budgets (name, spent_until) VALUES ('%s', UTC_TIMESTAMP(6) + INTERVAL %s)", name, until);
}

static void
test_addresses(void)
{
	int retry_s = 0;

	spend("otp address 2001:db8:1:2::/64", "599 SECOND");
	is_int(ask("+14155550103", "2001:db8:1:2:aaaa::1", &retry_s), ERR_RATE_LIMITED, "S20 a caller has a budget, IPv6 by /64");
	ok(retry_s > 0 && retry_s <= 7, "S20 and is told when the next one is due (%d s)", retry_s);
	is_int(world_int("SELECT COUNT(*) FROM otp_codes WHERE phone = '+14155550103'"), 0, "S20 nothing is sent for it");
	is_int(ask("+14155550103", "2001:db8:1:3:aaaa::1", NULL), OK, "S20 its neighbour another");
	spend("otp network 2001:db8:1::/48", "599 SECOND");
	is_int(ask("+14155550103", "2001:db8:1:4:aaaa::1", NULL), ERR_RATE_LIMITED, "S20 all neighbours one, IPv6 by /48");
	is_int(ask("+14155550103", "::ffff:192.0.2.7", NULL), OK, "an IPv4 address in IPv6 dress");
	is_int(world_int("SELECT COUNT(*) FROM budgets WHERE name IN ('otp address 192.0.2.7', 'otp network 192.0.2.0/24')"), 2, "S20 counts as itself");
	spend("otp network 192.0.2.0/24", "599 SECOND");
	is_int(ask("+14155550105", "192.0.2.8", NULL), ERR_RATE_LIMITED, "S20 and shares with its /24");
	is_int(ask("+14155550105", "192.0.3.8", NULL), OK, "S20 not with the next one");
}

/* How many of 12 codes for numbers of a block are sent when so many may be. */
static int
sent_of_twelve(const char *beginning)
{
	int sent_n = 0;
	char phone[20];

	for (int i = 0; i < 12; i++) {
		snprintf(phone, sizeof phone, "%s%04d", beginning, i);
		sent_n += ask(phone, "203.0.113.1", NULL) == OK;
	}
	return sent_n;
}

static void
test_pumping(void)
{
	int retry_s = 0;

	keys.limits = (struct otp_limits){ .block_n = 5, .country_n = 8, .all_n = 16 };
	is_int(sent_of_twelve("+99298100"), 5, "S23 numbers in a row share a budget");
	is_int(ask("+992981000500", "203.0.113.1", &retry_s), ERR_RATE_LIMITED, "S23 and go on sharing it");
	ok(retry_s > 600 && retry_s <= 721, "S23 one every twelve minutes, of five an hour (%d s)", retry_s);
	is_int(sent_of_twelve("+99298200"), 3, "S23 so do all of a country");
	is_int(sent_of_twelve("+99398200"), 5, "S23 not with another country");
	is_int(sent_of_twelve("+1415777"), 3, "S20 and all there are");
	is_int(world_int("SELECT COUNT(*) FROM budgets WHERE name IN ('otp country +992', 'otp country +993', 'otp country +1', 'otp all')"), 4,
	    "S23 a calling code is what it is");
	world_sql("UPDATE budgets SET spent_until = spent_until - INTERVAL 1 HOUR");
	is_int(sent_of_twelve("+1415778"), 5, "S20 an hour later they may again");
	keys.limits = (struct otp_limits){ .countries = " +91  +4420 " };
	is_int(ask("+14155550106", "203.0.113.2", NULL), ERR_VALIDATION_ERROR, "S23 a country that is not served");
	is_int(ask("+442079460000", "203.0.113.2", NULL), OK, "S23 one that is");
	is_int(ask("+447700900000", "203.0.113.2", NULL), ERR_VALIDATION_ERROR, "S23 of which a part is not");
	is_int(ask("+919800000001", "203.0.113.2", NULL), OK, "S23 and another");
	keys.limits = (struct otp_limits){ .countries = " " };
	is_int(ask("+14155550106", "203.0.113.2", NULL), OK, "S23 no list is every country");
	is_int(phone_country_len("+14155550106"), 1, "E.164: one digit");
	is_int(phone_country_len("+447700900000"), 2, "E.164: two");
	is_int(phone_country_len("+992981000500"), 3, "E.164: three");
}

static void
test_guessing(void)
{
	const char *phone = "+14155550107";
	char code[OTP_DIGITS + 1];

	ask(phone, "203.0.113.3", NULL);
	snprintf(code, sizeof code, "%s", sent(phone));
	try_from = "203.0.113.3";
	world_sql("DELETE FROM budgets WHERE name LIKE 'wrong%%'");
	try(phone, wrong(code), NULL);
	try("+14155559999", "000000", NULL);
	is_int(world_int("SELECT ROUND(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), spent_until) / 12) FROM budgets WHERE name = 'wrong address 203.0.113.3'"), 2,
	    "S20 S23 a wrong code is counted for who tries it, whether the number ever asked or not");
	spend("wrong address 203.0.113.3", "599 SECOND");
	is_int(try(phone, code, NULL), ERR_RATE_LIMITED, "S20 who tried too many wrong codes has to wait, even with the right one");
	try_from = "203.0.113.4";
	spend("wrong network 203.0.113.0/24", "599 SECOND");
	is_int(try(phone, code, NULL), ERR_RATE_LIMITED, "S20 and so have those beside");
	try_from = "198.51.100.4";
	spend("wrong all", "3599 SECOND");
	is_int(try(phone, code, NULL), ERR_INVALID_OTP, "S20 when wrong ones come from everywhere, one try is all that a code has");
	ask(phone, "203.0.113.5", NULL);
	is_int(try(phone, sent(phone), NULL), OK, "S20 which is enough for who types what they got");
	world_sql("DELETE FROM budgets");
	try_from = "10.0.0.99";
}

static void
test_binding(void)
{
	const char *phone = "+14155550108";
	char code[OTP_DIGITS + 1];

	request_id = "0123456789abcdef";
	ask(phone, "203.0.113.6", NULL);
	snprintf(code, sizeof code, "%s", sent(phone));
	request_id = NULL;
	is_int(try(phone, code, NULL), ERR_INVALID_OTP, "S21 a code of a named request is not good without its name");
	request_id = "0123456789abcdeF";
	is_int(try(phone, code, NULL), ERR_INVALID_OTP, "S21 nor with another");
	request_id = "0123456789abcdef";
	is_int(try(phone, code, NULL), OK, "S21 but with that");
	request_id = NULL;
	ask(phone, "203.0.113.6", NULL);
	snprintf(code, sizeof code, "%s", sent(phone));
	request_id = "0123456789abcdef";
	is_int(try(phone, code, NULL), ERR_INVALID_OTP, "S21 one of a request without a name is not good with one");
	request_id = NULL;
	is_int(try(phone, code, NULL), OK, "S21 but without");
}

static void
test_forms(void)
{
	static const char *const bad[] = { "", "+", "919876543210", "+91 9876543210", "+9198765", "+0919876543210",
	    "+9198765432101234", "+91987654321x", "+91-987654321", "++919876543210", "+919876543210\n" };
	static const char *const codes[] = { "", "12345", "1234567", "12345x", " 12345", "-12345" };
	struct op op;
	struct user user;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		is_int(ask(bad[i], "10.0.0.4", NULL), ERR_VALIDATION_ERROR, "SEC-04 number %zu is none", i);
	ok(phone_is_valid("+12345678") && phone_is_valid("+123456789012345") && !phone_is_valid(NULL), "8 to 15 digits are");
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		is_int(try("+919876543210", codes[i], NULL), ERR_VALIDATION_ERROR, "SEC-04 '%s' is no code", codes[i]);
	world_op(&op, PROGRAM_auth);
	otp_verify(&op, &keys, &(struct otp_caller){ "x", NULL, "10.0.0.4" }, "y", NULL, &user);
	ok(strcmp(op.fault.fields->field, "phone") == 0 && strcmp(op.fault.fields->next->field, "otp") == 0,
	    "SEC-04 both wrong fields are named");
	op_end(&op);
}

/* n processes do the same thing at the same time; how many succeeded. */
static int
race(int n, enum err (*act)(struct op *, const char *, const char *), const char *phone, const char *code)
{
	int go[2], status, won = 0;
	pid_t pids[16];

	if (pipe(go) != 0)
		return -1;
	for (int i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct db_options options;
			struct db *db;
			struct op op;
			char c;

			close(go[1]);
			options = world_options(PROGRAM_auth);
			db = db_new(&options);
			op_begin(&op, db, 1 << 20, NULL);
			if (db_ready(&op) != OK || read(go[0], &c, 1) != 0)
				_exit(2);
			_exit(act(&op, phone, code) == OK ? 0 : 1);
		}
	}
	sleep(1);
	close(go[1]);
	for (int i = 0; i < n; i++)
		won += waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	close(go[0]);
	return won;
}

static enum err
act_ask(struct op *op, const char *phone, const char *code)
{
	(void)code;
	return otp_request(op, &keys, &(struct otp_caller){ phone, NULL, "10.0.0.5" });
}

static enum err
act_try(struct op *op, const char *phone, const char *code)
{
	struct user user;

	return otp_verify(op, &keys, &(struct otp_caller){ phone, NULL, "10.0.0.5" }, code, NULL, &user);
}

static void
test_races(void)
{
	const char *phone = "+14155550104";
	char code[OTP_DIGITS + 1];

	is_int(race(12, act_ask, phone, NULL), 3, "AUTH-03 of 12 first requests at the same time 3 get a code");
	snprintf(code, sizeof code, "%s", sent(phone));
	is_int(race(12, act_try, phone, wrong(code)), 0, "S22 12 wrong tries at the same time");
	is_int(world_int("SELECT wrong_tries FROM otp_codes WHERE phone = '%s' ORDER BY id DESC LIMIT 1", phone), 5,
	    "S22 5 of them were judged");
	world_sql("UPDATE otp_codes SET wrong_tries = 0 WHERE phone = '%s'", phone);
	is_int(race(12, act_try, phone, code), 1, "S22 12 right tries at the same time: one success");
	is_int(world_int("SELECT COUNT(*) FROM users WHERE phone = '%s'", phone), 1, "AUTH-05 and one user");
}

/* A source that gives what the test says. */
static uint32_t drawn[3];
static int draws;

static void
draw(void *data, size_t len)
{
	memset(data, 0, len);
	if (len == sizeof drawn[0])
		memcpy(data, &drawn[draws++], len);
}

static void
test_drawing(void)
{
	static const struct {
		uint32_t first, second;
		const char *want;
		int draws;
	} rows[] = {
		{ 0, 0, "000000", 1 }, { 999999, 0, "999999", 1 }, { 1000001, 0, "000001", 1 }, { 4293999999, 0, "999999", 1 },
		{ 4294000000, 42, "000042", 2 }, { UINT32_MAX, 7, "000007", 2 },
	};
	char phone[16];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct op op;

		snprintf(phone, sizeof phone, "+1415556%04zu", i);
		world_op(&op, PROGRAM_auth);
		drawn[0] = rows[i].first;
		drawn[1] = rows[i].second;
		draws = 0;
		op.random = draw;
		otp_request(&op, &keys, &(struct otp_caller){ phone, NULL, "10.0.0.6" });
		op_end(&op);
		is_str(sent(phone), rows[i].want, "S21 %u is drawn as %s", rows[i].first, rows[i].want);
		is_int(draws, rows[i].draws, "S21 what would favour some codes is drawn again");
	}
}

int
main(void)
{
	randombytes_buf(hash_key, sizeof hash_key);
	secret_keypair_new(&relay);
	world_begin();
	test_login();
	test_lifetime();
	test_budgets();
	test_addresses();
	test_pumping();
	test_guessing();
	test_binding();
	test_forms();
	test_races();
	test_drawing();
	return tap_done();
}
