#include "crypto/secret.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define KEY_ID_SIZE 8
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define DATA_KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define SEALED_KEY_SIZE (DATA_KEY_SIZE + crypto_box_SEALBYTES)
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(1 + KEY_ID_SIZE + NONCE_SIZE + SEALED_KEY_SIZE + TAG_SIZE == SECRET_OVERHEAD,
    "as the header says");
_Static_assert(
    crypto_box_PUBLICKEYBYTES == SECRET_KEY_SIZE && crypto_box_SECRETKEYBYTES == SECRET_KEY_SIZE,
    "both halves have one size");

/* The stored form, byte for byte; the value and its tag follow. */
struct head {
	unsigned char version;
	unsigned char key_id[KEY_ID_SIZE];
	unsigned char nonce[NONCE_SIZE];
	unsigned char sealed_key[SEALED_KEY_SIZE];
};
_Static_assert(sizeof(struct head) == SECRET_OVERHEAD - TAG_SIZE, "no padding");

/*
 * What was opened, in the set that the first bytes of the sealed form say: those are a fresh public
 * key, so sets are as good as random. Of 2,000 in use hardly one finds its set full; it takes the
 * place of another there.
 */
#define SETS_N 512
#define SET_SIZE 8
struct opened_key {
	unsigned char sealed_key[SEALED_KEY_SIZE];
	unsigned char data_key[DATA_KEY_SIZE];
	bool is_used;
};
struct secret_memory {
	struct opened_key sets[SETS_N][SET_SIZE];
};

void
secret_keypair_new(struct secret_keypair *ret_pair)
{
	ret_pair->memory = NULL;
	crypto_box_keypair(ret_pair->public_key, ret_pair->secret_key);
}

void
secret_keypair_from(
    const unsigned char secret_key[SECRET_KEY_SIZE], struct secret_keypair *ret_pair)
{
	ret_pair->memory = NULL;
	memcpy(ret_pair->secret_key, secret_key, SECRET_KEY_SIZE);
	crypto_scalarmult_base(ret_pair->public_key, secret_key);
}

void
secret_keypair_remember(struct secret_keypair *pair)
{
	pair->memory = calloc(1, sizeof *pair->memory);
	if (pair->memory == NULL)
		abort();
}

void
secret_keypair_wipe(struct secret_keypair *pair)
{
	if (pair->memory != NULL)
		sodium_memzero(pair->memory, sizeof *pair->memory);
	free(pair->memory);
	sodium_memzero(pair, sizeof *pair);
}

void
secret_key_hex(const unsigned char key[SECRET_KEY_SIZE], char ret_hex[SECRET_KEY_HEX])
{
	sodium_bin2hex(ret_hex, SECRET_KEY_HEX, key, SECRET_KEY_SIZE);
}

enum err
secret_key_parse(const char *hex, unsigned char ret_key[SECRET_KEY_SIZE])
{
	unsigned char key[SECRET_KEY_SIZE];
	const char *end = NULL;
	size_t n = 0;
	enum err e = ERR_VALIDATION_ERROR;

	if (hex != NULL && strlen(hex) == SECRET_KEY_HEX - 1 &&
	    sodium_hex2bin(key, sizeof key, hex, SECRET_KEY_HEX - 1, NULL, &n, &end) == 0 &&
	    n == sizeof key && *end == '\0') {
		memcpy(ret_key, key, sizeof key);
		e = OK;
	}
	sodium_memzero(key, sizeof key);
	return e;
}

static void
key_id(const unsigned char public_key[SECRET_KEY_SIZE], unsigned char ret_id[KEY_ID_SIZE])
{
	unsigned char hash[crypto_generichash_BYTES];

	crypto_generichash(hash, sizeof hash, public_key, SECRET_KEY_SIZE, NULL, 0);
	memcpy(ret_id, hash, KEY_ID_SIZE);
}

/*
 * What is authenticated with the value. Every part stands behind its length, so that no two places
 * give the same bytes; it is hashed to have one size.
 */
static void
place_hash(const struct secret_place *place, const struct head *head,
    unsigned char ret_hash[crypto_generichash_BYTES])
{
	const char *parts[] = { "ticketrail secret 1", place->table, place->column, place->row };
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, crypto_generichash_BYTES);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		uint64_t len = strlen(parts[i]);

		crypto_generichash_update(&state, (const unsigned char *)&len, sizeof len);
		crypto_generichash_update(&state, (const unsigned char *)parts[i], len);
	}
	crypto_generichash_update(
	    &state, (const unsigned char *)&place->restaurant_id, sizeof place->restaurant_id);
	crypto_generichash_update(&state, &head->version, 1);
	crypto_generichash_update(&state, head->key_id, sizeof head->key_id);
	crypto_generichash_final(&state, ret_hash, crypto_generichash_BYTES);
}

struct bytes
secret_seal(struct arena *arena, const unsigned char public_key[SECRET_KEY_SIZE],
    const struct secret_place *place, const void *value, size_t len)
{
	unsigned char data_key[DATA_KEY_SIZE], aad[crypto_generichash_BYTES];
	struct head *head;
	unsigned char *out;

	if (len > SECRET_VALUE_MAX)
		abort();
	out = arena_alloc(arena, len + SECRET_OVERHEAD);
	head = (struct head *)(void *)out;
	head->version = VERSION;
	key_id(public_key, head->key_id);
	randombytes_buf(head->nonce, sizeof head->nonce);
	randombytes_buf(data_key, sizeof data_key);
	place_hash(place, head, aad);
	/* Fails only on a public key of small order, which no key pair of ours is. */
	if (crypto_box_seal(head->sealed_key, data_key, sizeof data_key, public_key) != 0)
		abort();
	crypto_aead_xchacha20poly1305_ietf_encrypt(
	    out + sizeof *head, NULL, value, len, aad, sizeof aad, NULL, head->nonce, data_key);
	sodium_memzero(data_key, sizeof data_key);
	return (struct bytes){ out, len + SECRET_OVERHEAD };
}

/* Its place, if it is remembered; else the one that it is to have. */
static struct opened_key *
memory_find(struct secret_memory *memory, const unsigned char sealed_key[SEALED_KEY_SIZE])
{
	struct opened_key *set, *place;
	uint32_t first;

	memcpy(&first, sealed_key, sizeof first);
	set = memory->sets[first % SETS_N];
	place = &set[first / SETS_N % SET_SIZE];
	for (size_t i = 0; i < SET_SIZE; i++) {
		if (!set[i].is_used)
			place = &set[i];
		else if (memcmp(set[i].sealed_key, sealed_key, SEALED_KEY_SIZE) == 0)
			return &set[i];
	}
	return place;
}

/* False: it was not sealed to this pair. */
static bool
data_key_open(const struct secret_keypair *pair, const unsigned char sealed_key[SEALED_KEY_SIZE],
    unsigned char ret_data_key[DATA_KEY_SIZE])
{
	struct opened_key *place =
	    pair->memory != NULL ? memory_find(pair->memory, sealed_key) : NULL;

	if (place != NULL && place->is_used &&
	    memcmp(place->sealed_key, sealed_key, SEALED_KEY_SIZE) == 0) {
		memcpy(ret_data_key, place->data_key, DATA_KEY_SIZE);
		return true;
	}
	if (crypto_box_seal_open(ret_data_key, sealed_key, SEALED_KEY_SIZE, pair->public_key,
		pair->secret_key) != 0)
		return false;
	if (place != NULL) {
		memcpy(place->sealed_key, sealed_key, SEALED_KEY_SIZE);
		memcpy(place->data_key, ret_data_key, DATA_KEY_SIZE);
		place->is_used = true;
	}
	return true;
}

enum err
secret_open(struct arena *arena, const struct secret_keypair *pair,
    const struct secret_place *place, struct bytes sealed, struct bytes *ret_value)
{
	unsigned char data_key[DATA_KEY_SIZE], aad[crypto_generichash_BYTES], id[KEY_ID_SIZE], *out;
	const struct head *head = sealed.data;
	size_t len;
	int bad;

	if (sealed.data == NULL || sealed.len < SECRET_OVERHEAD ||
	    sealed.len - SECRET_OVERHEAD > SECRET_VALUE_MAX)
		return ERR_INTERNAL_ERROR;
	key_id(pair->public_key, id);
	if (head->version != VERSION || memcmp(head->key_id, id, sizeof id) != 0)
		return ERR_INTERNAL_ERROR;
	if (!data_key_open(pair, head->sealed_key, data_key))
		return ERR_INTERNAL_ERROR;
	len = sealed.len - SECRET_OVERHEAD;
	out = arena_alloc_wiped(arena, len + 1);
	place_hash(place, head, aad);
	bad = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
	    (const unsigned char *)sealed.data + sizeof *head, len + TAG_SIZE, aad, sizeof aad,
	    head->nonce, data_key);
	sodium_memzero(data_key, sizeof data_key);
	if (bad != 0)
		return ERR_INTERNAL_ERROR;
	*ret_value = (struct bytes){ out, len };
	return OK;
}
