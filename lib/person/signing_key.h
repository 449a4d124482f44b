/*
 * signing_key: the RSA keys that sign access tokens, as rows, so that they change without a
 * restart.
 *
 * One key signs; the ones before it verify until the last token they signed has expired. The
 * private half is sealed to the auth pool's key (crypto/secret.h): any program may make a new key,
 * only the auth pool can sign. The public halves are for everybody: each program keeps them in a
 * keyring, read again every minute and, at most once a second, when a token names a key that is not
 * in it.
 */
#ifndef TICKETRAIL_PERSON_SIGNING_KEY_H
#define TICKETRAIL_PERSON_SIGNING_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/rsa.h"
#include "crypto/secret.h"
#include "crypto/token.h"
#include "err/err.h"
#include "op/op.h"

#define KID_MAX 32

/* --- verifying: every program --- */

struct keyring;

/* Empty at first; belongs to the program, not to an op. */
struct keyring *keyring_new(void);
void keyring_free(struct keyring **);

/*
 * The public key called kid, owned by the keyring and good until the op ends. ERR_INVALID_TOKEN
 * (the fault set) if there is no such key; a database fault.
 */
enum err keyring_find(
    struct op *, struct keyring *, const char *kid, const struct rsa_key **ret_key);

/*
 * What an access token says (crypto/token.h: token_read), for our own keys; its time is not looked
 * at. One that was good lately is not verified again until the keys are read again. The fault is
 * set.
 */
enum err keyring_token(struct op *, struct keyring *, const char *issuer, const char *token,
    size_t len, struct token_claims *ret_claims);

/* A public key as the JWK set shows it. */
struct signing_key_public {
	const char *kid;
	const char *n, *e; /* base64url */
};

/* All keys that may still verify, newest first. */
enum err signing_key_publics(struct op *, struct signing_key_public **ret_keys, size_t *ret_n);

/* --- signing: the auth pool --- */

struct signer;

/* The pair is copied, and wiped by signer_free. */
struct signer *signer_new(const struct secret_keypair *);
void signer_free(struct signer **);

/*
 * The key that signs now, owned by the signer; looked up again when the last look is older than a
 * second. ERR_UNAVAILABLE if there is none or it does not open.
 */
enum err signer_key(
    struct op *, struct signer *, const char **ret_kid, const struct rsa_key **ret_key);

/* --- changing: the operator's command --- */

/*
 * Makes a new key the signing one, in a transaction of its own (the key itself is made before it
 * begins); the one before verifies for as long as its tokens may live. Audited. ret_kid is in the
 * arena.
 */
enum err signing_key_rotate(
    struct op *, const unsigned char auth_public_key[SECRET_KEY_SIZE], const char **ret_kid);

/* As rotate if there is no signing key at all, else nothing. For `onboard` and `make run`. */
enum err signing_key_ensure(
    struct op *, const unsigned char auth_public_key[SECRET_KEY_SIZE], const char **ret_kid);

#endif
