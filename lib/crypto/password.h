/*
 * password: staff passwords, kept as Argon2id hashes (RFC 9106; OWASP: 19 MiB, 2 passes, 1 lane).
 *
 * A hash costs some tens of milliseconds and 19 MiB on purpose. It is the encoded text
 * "$argon2id$v=19$m=19456,t=2,p=1$...".
 */
#ifndef TICKETRAIL_CRYPTO_PASSWORD_H
#define TICKETRAIL_CRYPTO_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_HASH_SIZE 128 /* with the NUL */
#define PASSWORD_MAX 1024      /* bytes; a longer one is refused before any work is spent on it */

/* The hash of a password with a new salt. Aborts if there is no memory for it. */
void password_hash(const char *password, size_t len, char ret_hash[PASSWORD_HASH_SIZE]);

/*
 * True if the password is the one of the hash. hash NULL means that there is no such account: the
 * same work is done and the answer is false, so that the time does not tell which names exist.
 */
bool password_verify(const char *hash, const char *password, size_t len);

/*
 * True if the hash was made with other costs than today's and should be made again at the next
 * login.
 */
bool password_is_stale(const char *hash);

#endif
