/* hmac, password: published vectors (RFC 4231, computed BLAKE2b), and what a login costs. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crypto/hmac.h"
#include "crypto/password.h"
#include "crypto/password_common.h"
#include "tap.h"

static const char *
mac_hex(const void *key, size_t key_len, const void *data, size_t len)
{
	static char hex[2 * HMAC_SIZE + 1];
	unsigned char mac[HMAC_SIZE];

	hmac_sha256(key, key_len, data, len, mac);
	return sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
}

static void
test_hmac(void)
{
	unsigned char key[131], data[50];

	memset(key, 0x0b, 20);
	is_str(mac_hex(key, 20, "Hi There", 8), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
	    "WH-04 RFC 4231 case 1");
	is_str(mac_hex("Jefe", 4, "what do ya want for nothing?", 28),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "WH-04 RFC 4231 case 2, a short key");
	memset(key, 0xaa, sizeof key);
	memset(data, 0xdd, sizeof data);
	is_str(mac_hex(key, 20, data, sizeof data), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
	    "WH-04 RFC 4231 case 3");
	is_str(mac_hex(key, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 54),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", "WH-04 RFC 4231 case 6, a key longer than a block");
	ok(hmac_equal("abc", "abd", 2) && !hmac_equal("abc", "abd", 3), "S31 equal is equal in all n bytes");
	ok(hmac_equal_text("abc", "abc") && !hmac_equal_text("abc", "abcd") && !hmac_equal_text("abc", "abd"),
	    "S31 texts are equal whole or not at all");
	ok(!hmac_equal_text(NULL, NULL) && !hmac_equal_text(NULL, ""), "S31 no signature equals nothing");
}

static void
test_hash(void)
{
	static const unsigned char key[HASH_KEY_SIZE] = { 1 }, other[HASH_KEY_SIZE] = { 2 };
	unsigned char a[HASH_SIZE], b[HASH_SIZE];

	hash_keyed(key, "otp", "123456", 6, a);
	hash_keyed(key, "otp", "123456", 6, b);
	ok(memcmp(a, b, sizeof a) == 0, "a keyed hash is the same each time");
	hash_keyed(other, "otp", "123456", 6, b);
	ok(memcmp(a, b, sizeof a) != 0, "S21 another key, another hash");
	hash_keyed(key, "refresh", "123456", 6, b);
	ok(memcmp(a, b, sizeof a) != 0, "S21 another purpose, another hash");
	hash_keyed(key, "otp", "123457", 6, b);
	ok(memcmp(a, b, sizeof a) != 0, "another value, another hash");
}

static void
too_long(void *arg)
{
	unsigned char hash[HASH_SIZE];

	(void)arg;
	hash_keyed((const unsigned char[HASH_KEY_SIZE]){ 1 }, "a purpose too long", "", 0, hash);
}

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Processor time, so that a busy machine does not matter: the least of three. */
static int64_t
cost_us(const char *hash)
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < 3; i++) {
		int64_t t = cpu_us();

		password_verify(hash, "wrong", 5);
		t = cpu_us() - t;
		least = t < least ? t : least;
	}
	return least;
}

static void
test_password(void)
{
	char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
	static char big[PASSWORD_MAX + 1];
	int64_t known, unknown;

	password_hash("correct horse", 13, hash);
	password_hash("correct horse", 13, again);
	ok(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "AUTH-13 Argon2id with 19 MiB and 2 passes");
	ok(strcmp(hash, again) != 0, "AUTH-13 each hash has its own salt");
	ok(password_verify(hash, "correct horse", 13), "AUTH-13 the password is right");
	ok(!password_verify(hash, "correct horsf", 13), "AUTH-13 another is wrong");
	ok(!password_verify(hash, "correct horse", 12), "AUTH-13 a part of it is wrong");
	ok(!password_verify(hash, "", 0), "AUTH-13 nothing is wrong");
	ok(!password_verify(NULL, "", 0) && !password_verify(NULL, "wrong", 5), "S07 nobody has no password");
	ok(!password_verify("$2b$12$abcdefghijklmnopqrstuv", "x", 1), "a hash of another kind verifies nothing");
	ok(!password_is_stale(hash), "today's cost is not stale");
	ok(password_is_stale("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
	    "Q29mZmVlQ29mZmVlQ29mZmVlQ29mZmVlQ29mZmVlQ28"), "yesterday's is");
	ok(!password_verify(hash, big, sizeof big), "a password too long is refused");
	known = cost_us(hash);
	unknown = cost_us(NULL);
	ok(unknown > known / 2 && known > unknown / 2, "S07 an unknown name costs the same (%lld and %lld us)",
	    (long long)known, (long long)unknown);
}

/* Solar Designer's and jBCrypt's published vectors, and Wikipedia's. */
static void
test_bcrypt(void)
{
	static const struct {
		const char *hash, *password;
	} rows[] = {
		{ "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a" },
		{ "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", "abc" },
		{ "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U" },
		{ "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U" },
		{ "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U" },
		{ "$2a$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", "abc123xyz" },
	};
	static const char *const strangers[] = {
		"", "$", "$2", "$2a", "$2a$", "$2a$06", "x", "$1$salt$hash", "$6$salt$hash", "$y$j9T$salt$hash", "*", "!", "*0",
		"$2a$03$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "$2a$15$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
		"$2a$31$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "$2a$99$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
		"$2x$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "$2$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxex",
		"$2a$6$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxex", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfx",
		"$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxex", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGms:GlMfOxih58VYVfxe",
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *hash = rows[i].hash, *password = rows[i].password;

		ok(password_is_bcrypt(hash) && password_is_stale(hash), "AUTH-13 bcrypt, to be made again: %s", hash);
		ok(password_verify(hash, password, strlen(password)), "AUTH-13 '%s' is its password", password);
		ok(!password_verify(hash, "U*U*", 4) && !password_verify(hash, "A", 1), "AUTH-13 and no other");
	}
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
		ok(!password_is_bcrypt(strangers[i]) && !password_verify(strangers[i], "a", 1), "AUTH-13 none that is taken: '%s'",
		    strangers[i]);
}

static void
test_common(void)
{
	static const char *const common[] = { "password", "PASSWORD", "PassWord", "12345678", "123456789", "1234567890", "qwertyuiop",
		"iloveyou", "baseball", "football", "1q2w3e4r", "superman", "trustno1", "sunshine", "princess" };
	static const char *const rare[] = { "", "a", "correct horse", "saffron thali 42", "password that nobody has thought of yet",
		"p\xc3\xa4ssword", "zzzzzzzzzzzzzzzzzzzzzzzz", "passwor", "~" };

	for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
		ok(password_is_common(common[i]), "S07 everybody tries %s", common[i]);
	for (size_t i = 0; i < sizeof rare / sizeof rare[0]; i++)
		ok(!password_is_common(rare[i]), "S07 nobody tries '%s' first", rare[i]);
	ok(password_common_n >= 3000, "S07 %zu of them", password_common_n);
	for (size_t i = 1; i < password_common_n; i++)
		if (strcmp(password_common[i - 1], password_common[i]) >= 0 || strlen(password_common[i]) < 8 ||
		    !password_is_common(password_common[i]))
			ok(false, "S07 %s is out of its place, or too short to be a password here", password_common[i]);
}

int
main(void)
{
	if (sodium_init() < 0)
		return 1;
	test_hmac();
	test_hash();
	ok(tap_aborts(too_long, NULL), "a purpose of more than 16 bytes is a bug");
	test_password();
	test_bcrypt();
	test_common();
	return tap_done();
}
