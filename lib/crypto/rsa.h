/*
 * rsa: a key for RS256 (RFC 7518 section 3.3: RSASSA-PKCS1-v1_5 with SHA-256), by OpenSSL.
 *
 * A key is 2048 to 4096 bits, either both halves or the public one. It is owned by whoever made it
 * and freed by rsa_free. Texts come from the arena; the private PEM is wiped when the arena ends.
 */
#ifndef TICKETRAIL_CRYPTO_RSA_H
#define TICKETRAIL_CRYPTO_RSA_H

#include <stdbool.h>
#include <stddef.h>

#include "err/err.h"
#include "mem/arena.h"

struct rsa_key;

/* A new key of 2048 bits, both halves. Never NULL: aborts if OpenSSL cannot. */
struct rsa_key *rsa_generate(void);

/* Nulls the pointer; NULL is fine. */
void rsa_free(struct rsa_key **);

/*
 * Public half as "BEGIN PUBLIC KEY", private one as unencrypted PKCS #8. The key must have the half
 * asked for.
 */
const char *rsa_public_pem(struct arena *, const struct rsa_key *);
const char *rsa_private_pem(struct arena *, const struct rsa_key *);

/* Reads what the two above wrote. ERR_INTERNAL_ERROR if it is no RSA key of an accepted size. */
enum err rsa_from_public_pem(const char *pem, struct rsa_key **ret_key);
enum err rsa_from_private_pem(const char *pem, size_t len, struct rsa_key **ret_key);

/* True if the key can sign. */
bool rsa_has_private(const struct rsa_key *);

/* The signature of the data, in the arena. Aborts on a key without private half. */
struct bytes rsa_sign(struct arena *, const struct rsa_key *, const void *data, size_t len);

/* True if it is the signature of the data by this key. */
bool rsa_verify(const struct rsa_key *, const void *data, size_t len, const void *signature,
    size_t signature_len);

/* Modulus and exponent for a JWK: base64url without padding (RFC 7518 section 6.3.1). */
void rsa_jwk(struct arena *, const struct rsa_key *, const char **ret_n, const char **ret_e);

#endif
