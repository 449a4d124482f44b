/*
 * secret: a value that any program may write into the database and only the holder of a secret key
 * may read back.
 *
 * Each value has its own random data key: the value is encrypted with XChaCha20-Poly1305 under it,
 * and the data key is sealed (libsodium crypto_box_seal: X25519) to a public key. The place where
 * the value stands (table, column, row, tenant) and the id of the key are authenticated with it, so
 * a sealed value copied to another row, column or restaurant does not open there. Stored form:
 *
 *	version (1), 1 byte | key id, 8 | nonce, 24 | sealed data key, 80 | value + tag, 16
 *
 * Opening fails closed: one error for every cause, nothing of the value is given out. Opened values
 * live in the arena and are wiped when it ends.
 */
#ifndef TICKETRAIL_CRYPTO_SECRET_H
#define TICKETRAIL_CRYPTO_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"

#define SECRET_KEY_SIZE 32
#define SECRET_KEY_HEX (2 * SECRET_KEY_SIZE + 1)
#define SECRET_OVERHEAD (1 + 8 + 24 + 80 + 16)
#define SECRET_VALUE_MAX (1 << 20)

struct secret_memory;

struct secret_keypair {
	unsigned char public_key[SECRET_KEY_SIZE];
	unsigned char secret_key[SECRET_KEY_SIZE];
	struct secret_memory *memory; /* NULL: it remembers nothing */
};

/*
 * Where a value stands. row is what names its row for ever (an id in decimal, a kid), restaurant_id
 * 0 the platform.
 */
struct secret_place {
	const char *table, *column, *row;
	int64_t restaurant_id;
};

/* A new key pair. */
void secret_keypair_new(struct secret_keypair *ret_pair);

/* The pair that belongs to a secret key (its public half is computed). */
void secret_keypair_from(
    const unsigned char secret_key[SECRET_KEY_SIZE], struct secret_keypair *ret_pair);

/*
 * From now on the data keys that it opened are remembered, until it is wiped: opening one costs two
 * multiplications on the curve, more than all the rest of a call to a provider. Nothing is told
 * that the secret half beside it would not tell; a value is still checked against its place. For a
 * pair that stays where it is, for as long as its program runs.
 */
void secret_keypair_remember(struct secret_keypair *);

/* Overwrites both halves and what was remembered. */
void secret_keypair_wipe(struct secret_keypair *);

/* A key as 64 hex digits, and back: ERR_VALIDATION_ERROR unless it is exactly 64 hex digits. */
void secret_key_hex(const unsigned char key[SECRET_KEY_SIZE], char ret_hex[SECRET_KEY_HEX]);
enum err secret_key_parse(const char *hex, unsigned char ret_key[SECRET_KEY_SIZE]);

/*
 * The sealed value, SECRET_OVERHEAD bytes longer, in the arena. Aborts on a value longer than
 * SECRET_VALUE_MAX.
 */
struct bytes secret_seal(struct arena *, const unsigned char public_key[SECRET_KEY_SIZE],
    const struct secret_place *, const void *value, size_t len);

/* The value (with a NUL behind it that is not counted), or ERR_INTERNAL_ERROR. */
enum err secret_open(struct arena *, const struct secret_keypair *, const struct secret_place *,
    struct bytes sealed, struct bytes *ret_value);

#endif
