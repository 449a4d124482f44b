#include "crypto/password.h"

#include <crypt.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/password_common.h"

#define OPS_LIMIT 2U
#define MEM_LIMIT (19U * 1024 * 1024)
#define BCRYPT_LEN 60 /* "$2b$12$", 22 characters of salt and 31 of the hash */

/*
 * A hash of nobody's password at today's costs: 16 bytes of salt and a tag that no input is known
 * to give.
 */
static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$dGlja2V0cmFpbCBub2JvZA$"
			     "Wk5vYm9keSBrbm93cyB0aGlzIHBhc3N3b3JkLCBub2I";

_Static_assert(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES, "the encoded hash fits");

void
password_hash(const char *password, size_t len, char ret_hash[PASSWORD_HASH_SIZE])
{
	memset(ret_hash, 0, PASSWORD_HASH_SIZE);
	if (crypto_pwhash_str_alg(
		ret_hash, password, len, OPS_LIMIT, MEM_LIMIT, crypto_pwhash_ALG_ARGON2ID13) != 0)
		abort();
}

bool
password_is_bcrypt(const char *hash)
{
	static const char digits[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789";
	int cost;

	if (strncmp(hash, "$2", 2) != 0 || hash[2] == '\0' || strchr("aby", hash[2]) == NULL ||
	    hash[3] != '$' || hash[4] < '0' || hash[4] > '3' || hash[5] < '0' || hash[5] > '9' ||
	    hash[6] != '$' || strlen(hash) != BCRYPT_LEN)
		return false;
	cost = (hash[4] - '0') * 10 + (hash[5] - '0');
	return cost >= PASSWORD_BCRYPT_MIN && cost <= PASSWORD_BCRYPT_MAX &&
	       strspn(hash + 7, digits) == BCRYPT_LEN - 7;
}

/* bcrypt looks at 72 bytes; so did the system that the hash comes from. */
static bool
bcrypt_verify(const char *hash, const char *password)
{
	struct crypt_data *data = calloc(1, sizeof *data); /* 32 kB */
	const char *mine;
	bool is_right;

	if (data == NULL)
		abort();
	mine = crypt_r(password, hash, data);
	is_right = mine != NULL && strlen(mine) == BCRYPT_LEN &&
		   sodium_memcmp(mine, hash, BCRYPT_LEN) == 0;
	sodium_memzero(data, sizeof *data);
	free(data);
	return is_right;
}

bool
password_verify(const char *hash, const char *password, size_t len)
{
	bool is_right;

	if (len > PASSWORD_MAX)
		return false;
	if (hash != NULL && password_is_bcrypt(hash))
		return bcrypt_verify(hash, password);
	errno = 0;
	is_right = crypto_pwhash_str_verify(hash != NULL ? hash : nobody, password, len) == 0;
	if (!is_right && errno == ENOMEM)
		abort(); /* 19 MiB were not to be had: nobody's password is wrong */
	return is_right && hash != NULL;
}

bool
password_is_stale(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, OPS_LIMIT, MEM_LIMIT) != 0;
}

static int
common_compare(const void *password, const void *row)
{
	return strcmp(password, row);
}

bool
password_is_common(const char *password)
{
	char lower[PASSWORD_COMMON_SIZE];
	size_t len = strlen(password);

	if (len >= sizeof lower)
		return false;
	for (size_t i = 0; i <= len; i++)
		lower[i] = password[i] >= 'A' && password[i] <= 'Z'
			       ? (char)(password[i] - 'A' + 'a')
			       : password[i];
	return bsearch(lower, password_common, password_common_n, sizeof password_common[0],
		   common_compare) != NULL;
}
