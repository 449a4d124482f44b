#include "crypto/rsa.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "mem/arena.h"
#include "text/hex.h"

#define BITS_LEAST 2048
#define BITS_MOST 4096

struct rsa_key {
	EVP_PKEY *pkey;
	bool has_private;
};

/* OpenSSL out of memory or out of random numbers: nothing that this op could repair. */
static void
must(bool done)
{
	if (!done)
		abort();
}

/*
 * OpenSSL says no in the same way to what is wrong and when it has no memory: a good token would be
 * refused, a good key passed over. Its queue of errors, empty before the question, tells which.
 */
static void
must_be_answer(void)
{
	unsigned long code;

	while ((code = ERR_get_error()) != 0)
		must(ERR_GET_REASON(code) != ERR_R_MALLOC_FAILURE);
}

static struct rsa_key *
wrap(EVP_PKEY *pkey, bool has_private)
{
	struct rsa_key *key = calloc(1, sizeof *key);

	must(key != NULL);
	key->pkey = pkey;
	key->has_private = has_private;
	return key;
}

struct rsa_key *
rsa_generate(void)
{
	EVP_PKEY *pkey = EVP_RSA_gen(BITS_LEAST);

	must(pkey != NULL);
	return wrap(pkey, true);
}

void
rsa_free(struct rsa_key **key)
{
	if (*key == NULL)
		return;
	EVP_PKEY_free((*key)->pkey);
	free(*key);
	*key = NULL;
}

bool
rsa_has_private(const struct rsa_key *key)
{
	return key->has_private;
}

const char *
rsa_public_pem(struct arena *arena, const struct rsa_key *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *pem;
	char *data;
	long len;

	must(bio != NULL && PEM_write_bio_PUBKEY(bio, key->pkey) == 1);
	len = BIO_get_mem_data(bio, &data);
	must(len > 0);
	pem = arena_strndup(arena, data, (size_t)len);
	BIO_free(bio);
	return pem;
}

const char *
rsa_private_pem(struct arena *arena, const struct rsa_key *key)
{
	/* A BIO of secure memory is wiped when it is freed. */
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem, *data;
	long len;

	must(key->has_private && bio != NULL);
	must(PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1);
	len = BIO_get_mem_data(bio, &data);
	must(len > 0);
	pem = arena_alloc_wiped(arena, (size_t)len + 1);
	memcpy(pem, data, (size_t)len);
	BIO_free(bio);
	return pem;
}

/* Takes the OpenSSL key whatever comes of it. */
static enum err
accept_key(EVP_PKEY *pkey, bool has_private, struct rsa_key **ret_key)
{
	must_be_answer();
	if (pkey == NULL || EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA ||
	    EVP_PKEY_get_bits(pkey) < BITS_LEAST || EVP_PKEY_get_bits(pkey) > BITS_MOST) {
		EVP_PKEY_free(pkey);
		return ERR_INTERNAL_ERROR;
	}
	*ret_key = wrap(pkey, has_private);
	return OK;
}

/* Nobody is asked for a passphrase: an encrypted key is not one that we wrote. */
static int
no_passphrase(char *data, int size, int is_writing, void *arg)
{
	(void)data, (void)size, (void)is_writing, (void)arg;
	return -1;
}

enum err
rsa_from_public_pem(const char *pem, struct rsa_key **ret_key)
{
	size_t len = strlen(pem);
	EVP_PKEY *pkey;
	BIO *bio;

	if (len > INT_MAX)
		return ERR_INTERNAL_ERROR;
	bio = BIO_new_mem_buf(pem, (int)len);
	must(bio != NULL);
	ERR_clear_error();
	pkey = PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	return accept_key(pkey, false, ret_key);
}

enum err
rsa_from_private_pem(const char *pem, size_t len, struct rsa_key **ret_key)
{
	EVP_PKEY *pkey;
	BIO *bio;

	if (len > INT_MAX)
		return ERR_INTERNAL_ERROR;
	bio = BIO_new_mem_buf(pem, (int)len);
	must(bio != NULL);
	ERR_clear_error();
	pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	return accept_key(pkey, true, ret_key);
}

struct bytes
rsa_sign(struct arena *arena, const struct rsa_key *key, const void *data, size_t len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char *out;
	size_t out_len = 0;

	must(key->has_private && md != NULL);
	must(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key->pkey) == 1);
	must(EVP_DigestSign(md, NULL, &out_len, data, len) == 1);
	out = arena_alloc(arena, out_len);
	must(EVP_DigestSign(md, out, &out_len, data, len) == 1);
	EVP_MD_CTX_free(md);
	return (struct bytes){ out, out_len };
}

bool
rsa_verify(const struct rsa_key *key, const void *data, size_t len, const void *signature,
    size_t signature_len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool is_good;

	must(md != NULL && EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key->pkey) == 1);
	ERR_clear_error();
	is_good = signature_len == (size_t)EVP_PKEY_get_size(key->pkey) &&
	    EVP_DigestVerify(md, signature, signature_len, data, len) == 1;
	if (!is_good)
		must_be_answer();
	EVP_MD_CTX_free(md);
	return is_good;
}

static const char *
jwk_number(struct arena *arena, const struct rsa_key *key, const char *name)
{
	unsigned char data[BITS_MOST / 8];
	BIGNUM *number = NULL;
	int len;

	must(EVP_PKEY_get_bn_param(key->pkey, name, &number) == 1);
	must(BN_num_bytes(number) <= (int)sizeof data);
	len = BN_bn2bin(number, data);
	BN_free(number);
	must(len > 0);
	return base64url_encode(arena, data, (size_t)len);
}

void
rsa_jwk(struct arena *arena, const struct rsa_key *key, const char **ret_n, const char **ret_e)
{
	*ret_n = jwk_number(arena, key, OSSL_PKEY_PARAM_RSA_N);
	*ret_e = jwk_number(arena, key, OSSL_PKEY_PARAM_RSA_E);
}
