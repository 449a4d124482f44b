#include "crypto/password.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define OPS_LIMIT 2U
#define MEM_LIMIT (19U * 1024 * 1024)

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
password_verify(const char *hash, const char *password, size_t len)
{
	bool is_right;

	if (len > PASSWORD_MAX)
		return false;
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
