/* rsa: keys there and back, a published signature (RFC 7515 appendix A.2), and what is no key of ours. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/rsa.h"
#include "tap.h"
#include "text/hex.h"

/* The public key of RFC 7515 A.2 as SubjectPublicKeyInfo. */
static const char n_a2[] =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR"
    "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB"
    "dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia"
    "GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
static const char signed_a2[] = "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
static const char signature_a2[] =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9"
    "uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB"
    "_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq"
    "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/* DER by hand: SEQUENCE { AlgorithmIdentifier rsaEncryption, BIT STRING { SEQUENCE { n, e } } }. */
static const char *
pem_of(struct arena *arena, const char *n64)
{
	static const unsigned char head[] = { 0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	    0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01,
	    0x01, 0x00 }, tail[] = { 0x02, 0x03, 0x01, 0x00, 0x01 };
	unsigned char der[sizeof head + 256 + sizeof tail];
	struct bytes n;

	if (!base64url_decode(arena, n64, strlen(n64), &n) || n.len != 256)
		return "";
	memcpy(der, head, sizeof head);
	memcpy(der + sizeof head, n.data, 256);
	memcpy(der + sizeof head + 256, tail, sizeof tail);
	return arena_printf(arena, "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n",
	    base64_encode(arena, der, sizeof der));
}

static void
test_published(struct arena *arena)
{
	struct rsa_key *key = NULL;
	const char *n, *e;
	struct bytes sig;

	is_int(rsa_from_public_pem(pem_of(arena, n_a2), &key), OK, "the key of RFC 7515 A.2");
	rsa_jwk(arena, key, &n, &e);
	is_str(n, n_a2, "AUTH-11 its modulus as a JWK");
	is_str(e, "AQAB", "AUTH-11 its exponent as a JWK");
	ok(!rsa_has_private(key), "it has no private half");
	base64url_decode(arena, signature_a2, strlen(signature_a2), &sig);
	ok(rsa_verify(key, signed_a2, strlen(signed_a2), sig.data, sig.len), "AUTH-11 its signature is RS256");
	ok(!rsa_verify(key, signed_a2, strlen(signed_a2) - 1, sig.data, sig.len), "AUTH-11 not of other data");
	ok(!rsa_verify(key, signed_a2, strlen(signed_a2), sig.data, sig.len - 1), "AUTH-11 not a shorter one");
	ok(!rsa_verify(key, signed_a2, strlen(signed_a2), sig.data, 0), "AUTH-11 not none");
	rsa_free(&key);
	ok(key == NULL, "freed and nulled");
}

static void
test_own(struct arena *arena)
{
	struct rsa_key *key = rsa_generate(), *public = NULL, *private = NULL, *other = rsa_generate();
	const char *pem = rsa_private_pem(arena, key);
	struct bytes sig = rsa_sign(arena, key, "data", 4);
	unsigned char bad[512];

	is_int(rsa_from_public_pem(rsa_public_pem(arena, key), &public), OK, "the public half there and back");
	is_int(rsa_from_private_pem(pem, strlen(pem), &private), OK, "the private half there and back");
	ok(rsa_has_private(key) && rsa_has_private(private) && !rsa_has_private(public), "each knows its halves");
	is_int(sig.len, 256, "a signature of 2048 bits");
	ok(rsa_verify(public, "data", 4, sig.data, sig.len), "AUTH-11 signed with one half, verified with the other");
	ok(!rsa_verify(other, "data", 4, sig.data, sig.len), "AUTH-11 not with another key");
	memcpy(bad, sig.data, sig.len);
	bad[100] ^= 1;
	ok(!rsa_verify(public, "data", 4, bad, sig.len), "AUTH-11 not when a bit is wrong");
	sig = rsa_sign(arena, private, "data", 4);
	ok(rsa_verify(key, "data", 4, sig.data, sig.len), "the key that came back signs");
	rsa_free(&key), rsa_free(&public), rsa_free(&private), rsa_free(&other);
}

static const char *
pem_from(struct arena *arena, EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *pem;
	char *data;
	long len;

	PEM_write_bio_PUBKEY(bio, pkey);
	len = BIO_get_mem_data(bio, &data);
	pem = arena_strndup(arena, data, (size_t)len);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	return pem;
}

static void
test_refused(struct arena *arena)
{
	struct rsa_key *key = NULL;

	is_int(rsa_from_public_pem("", &key), ERR_INTERNAL_ERROR, "no text is no key");
	is_int(rsa_from_public_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", &key), ERR_INTERNAL_ERROR,
	    "rubbish is no key");
	is_int(rsa_from_public_pem(pem_from(arena, EVP_RSA_gen(1024)), &key), ERR_INTERNAL_ERROR, "1024 bits are too few");
	is_int(rsa_from_public_pem(pem_from(arena, EVP_EC_gen("P-256")), &key), ERR_INTERNAL_ERROR, "an elliptic curve is no RSA");
	is_int(rsa_from_private_pem("x", 1, &key), ERR_INTERNAL_ERROR, "rubbish is no private key");
	ok(key == NULL, "and nothing was returned");
}

static void
sign_public(void *arg)
{
	struct rsa_key *key = NULL;

	if (rsa_from_public_pem(pem_of(arg, n_a2), &key) == OK)
		rsa_sign(arg, key, "x", 1);
}

int
main(void)
{
	struct arena *arena = arena_new(8 << 20);

	test_published(arena);
	test_own(arena);
	test_refused(arena);
	ok(tap_aborts(sign_public, arena), "signing with a public key is a bug");
	arena_free(&arena);
	return tap_done();
}
