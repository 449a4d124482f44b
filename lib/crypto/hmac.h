/*
 * hmac: codes that only the holder of a key can make, and comparing them without telling how far
 * they agree.
 *
 * HMAC-SHA256 (RFC 2104, FIPS 180-4) is for what others must be able to compute too: webhook
 * signatures, callback tokens. hash_keyed (BLAKE2b) is for our own tables: short values such as a
 * one-time password or a refresh token are kept as its result only. Keys and inputs stay the
 * caller's.
 */
#ifndef TICKETRAIL_CRYPTO_HMAC_H
#define TICKETRAIL_CRYPTO_HMAC_H

#include <stdbool.h>
#include <stddef.h>

#define HMAC_SIZE 32
#define HASH_SIZE 32
#define HASH_KEY_SIZE 32

/* The HMAC-SHA256 of the data under a key of any length. */
void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
    unsigned char ret_mac[HMAC_SIZE]);

/* True if the n bytes are equal, in a time that depends on n only. */
bool hmac_equal(const void *, const void *, size_t n);

/*
 * As above for texts; texts of different length are unequal (the length is not the secret). NULL
 * equals nothing.
 */
bool hmac_equal_text(const char *, const char *);

/*
 * BLAKE2b-256 under a key of HASH_KEY_SIZE bytes, for one purpose: a name of at most 16 bytes
 * ("otp", "refresh"), so that a hash made for one table says nothing in another.
 */
void hash_keyed(const unsigned char key[HASH_KEY_SIZE], const char *purpose, const void *data,
    size_t len, unsigned char ret_hash[HASH_SIZE]);

#endif
