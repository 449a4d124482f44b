#include "crypto/hmac.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void
hmac_sha256(
    const void *key, size_t key_len, const void *data, size_t len, unsigned char ret_mac[HMAC_SIZE])
{
	crypto_auth_hmacsha256_state state;

	_Static_assert(crypto_auth_hmacsha256_BYTES == HMAC_SIZE, "SHA-256 gives 32 bytes");
	crypto_auth_hmacsha256_init(&state, key, key_len);
	crypto_auth_hmacsha256_update(&state, data, len);
	crypto_auth_hmacsha256_final(&state, ret_mac);
	sodium_memzero(&state, sizeof state);
}

bool
hmac_equal(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

bool
hmac_equal_text(const char *a, const char *b)
{
	size_t len;

	if (a == NULL || b == NULL)
		return false;
	len = strlen(a);
	return len == strlen(b) && hmac_equal(a, b, len);
}

void
hash_keyed(const unsigned char key[HASH_KEY_SIZE], const char *purpose, const void *data,
    size_t len, unsigned char ret_hash[HASH_SIZE])
{
	unsigned char personal[crypto_generichash_blake2b_PERSONALBYTES] = { 0 };
	size_t purpose_len = strlen(purpose);

	if (purpose_len == 0 || purpose_len > sizeof personal)
		abort();
	memcpy(personal, purpose, purpose_len);
	if (crypto_generichash_blake2b_salt_personal(
		ret_hash, HASH_SIZE, data, len, key, HASH_KEY_SIZE, NULL, personal) != 0)
		abort();
}
