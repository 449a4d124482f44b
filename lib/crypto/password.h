/*
 * password: staff passwords, kept as Argon2id hashes (RFC 9106; OWASP: 19 MiB, 2 passes, 1 lane).
 *
 * A hash costs some tens of milliseconds and 19 MiB on purpose. It is the encoded text
 * "$argon2id$v=19$m=19456,t=2,p=1$...". Who comes from an older system may bring a bcrypt hash
 * ("$2a$", "$2b$", "$2y$"; crypt(5)): it is verified as it is and is stale, so that the first login
 * makes an Argon2id hash of it. Until then such an account takes longer to refuse than others.
 */
#ifndef TICKETRAIL_CRYPTO_PASSWORD_H
#define TICKETRAIL_CRYPTO_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_HASH_SIZE 128 /* with the NUL */
#define PASSWORD_MAX 1024      /* bytes; a longer one is refused before any work is spent on it */

/*
 * The costs of a bcrypt hash that are taken: 2^14 rounds are a second of a processor, and one more
 * is twice that.
 */
#define PASSWORD_BCRYPT_MIN 4
#define PASSWORD_BCRYPT_MAX 14

/* The hash of a password with a new salt. Aborts if there is no memory for it. */
void password_hash(const char *password, size_t len, char ret_hash[PASSWORD_HASH_SIZE]);

/*
 * True if the password is the one of the hash. hash NULL means that there is no such account: the
 * same work is done and the answer is false, so that the time does not tell which names exist. A
 * hash that is none, or of a cost that is not taken, is nobody's.
 */
bool password_verify(const char *hash, const char *password, size_t len);

/*
 * True if the hash was made otherwise than today's and should be made again at the next login.
 */
bool password_is_stale(const char *hash);

/* True if an older system's hash can be taken over: bcrypt, of a cost that is taken. */
bool password_is_bcrypt(const char *hash);

/*
 * True if it is one of those that everybody tries first, in whatever case (password_common.txt).
 */
bool password_is_common(const char *password);

#endif
