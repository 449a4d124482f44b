/*
 * token: the one spelling that is good, and every other that is not. The refused tokens are made by hand from text, base64url and
 * a signature, never by the code under test; most of them carry a signature that is right.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "crypto/rsa.h"
#include "crypto/token.h"
#include "tap.h"

#define NOW_S 1800000000
#define SUB "0190163d-8694-739b-aea5-966c26f8ad91"
#define HEADER "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}"
#define SID "0190163d-8694-739b-aea5-966c26f8ad99"
#define CLAIMS_OF(iat, exp) "{\"iss\":\"me\",\"sub\":\"" SUB "\",\"user_id\":\"" SUB "\",\"sid\":\"" SID "\",\"role\":\"guest\",\"rid\":null," \
	"\"iat\":" iat ",\"exp\":" exp "}"
#define CLAIMS CLAIMS_OF("1799999000", "1800002600")

static struct arena *arena;
static struct rsa_key *key, *other;
static int finds;

static const struct rsa_key *
find(void *arg, const char *kid)
{
	(void)arg;
	finds++;
	return strcmp(kid, "k1") == 0 ? key : strcmp(kid, "k2") == 0 ? other : NULL;
}

static const struct token_policy policy = { .iss = "me", .now_us = (int64_t)NOW_S * 1000000 + 999999, .find = find };

static const char *
b64(const void *data, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = arena_alloc(arena, size);

	return sodium_bin2base64(text, size, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* header.claims.signature, signed with k1 over exactly the given texts as they stand between the dots. */
static const char *
sign_raw(const char *header64, const char *claims64)
{
	const char *data = arena_printf(arena, "%s.%s", header64, claims64);
	struct bytes s = rsa_sign(arena, key, data, strlen(data));

	return arena_printf(arena, "%s.%s", data, b64(s.data, s.len));
}

static const char *
sign(const char *header, const char *claims)
{
	return sign_raw(b64(header, strlen(header)), b64(claims, strlen(claims)));
}

static enum err
judge(const char *token)
{
	struct token_claims c;

	return token_verify(arena, token, strlen(token), &policy, &c);
}

static void
test_good(void)
{
	struct token_claims in = { .iss = "me", .sub = SUB, .sid = SID, .role = "kitchen", .rid = "demo", .iat_s = NOW_S, .exp_s = NOW_S + 3600 };
	struct token_claims out = { 0 };
	const char *token = token_make(arena, key, "k1", &in);

	is_int(token_verify(arena, token, strlen(token), &policy, &out), OK, "AUTH-07 our own token is good");
	is_str(out.sub, SUB, "AUTH-07 it carries the user's id");
	is_str(out.sid, SID, "S05 and the session's");
	is_str(out.role, "kitchen", "AUTH-07 and the role");
	is_str(out.rid, "demo", "AUTH-18 and the restaurant");
	is_int(out.exp_s - out.iat_s, 3600, "AUTH-07 and lives an hour");
	in.rid = NULL;
	token = token_make(arena, key, "k1", &in);
	ok(token_verify(arena, token, strlen(token), &policy, &out) == OK && out.rid == NULL, "a guest has no restaurant");
	is_int(judge(sign(HEADER, CLAIMS)), OK, "AUTH-11 one made by hand is good too: the refused ones below differ in one thing");
	is_int(judge(sign("{ \"kid\":\"k1\", \"typ\":\"at+jwt\", \"alg\":\"RS256\" }", CLAIMS)), OK, "order and blanks do not matter");
	is_str(sodium_bin2base64((char[200]){ 0 }, 200, (const unsigned char *)HEADER, strlen(HEADER),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING), arena_strndup(arena, token, strcspn(token, ".")),
	    "AUTH-11 alg RS256, typ at+jwt, kid: this is the header");
	in.role = "a \"quoted\" role";
	token = token_make(arena, key, "k1", &in);
	ok(token_verify(arena, token, strlen(token), &policy, &out) == OK && strcmp(out.role, in.role) == 0, "values are escaped");
}

static void
test_times(void)
{
	is_int(judge(sign(HEADER, CLAIMS_OF("1799996400", "1800000000"))), ERR_TOKEN_EXPIRED, "AUTH-16 expired this second");
	is_int(judge(sign(HEADER, CLAIMS_OF("1799996401", "1800000001"))), OK, "AUTH-16 good for one second more");
	is_int(judge(sign(HEADER, CLAIMS_OF("1", "2"))), ERR_TOKEN_EXPIRED, "AUTH-16 long expired");
	is_int(judge(sign(HEADER, CLAIMS_OF("1800000060", "1800003660"))), OK, "S12 made a minute ahead of our clock");
	is_int(judge(sign(HEADER, CLAIMS_OF("1800000061", "1800003661"))), ERR_INVALID_TOKEN, "S12 made more than a minute ahead");
	is_int(judge(sign("{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k2\"}", CLAIMS_OF("1", "2"))), ERR_INVALID_TOKEN,
	    "AUTH-16 expired and forged is invalid, not expired");
}

static void
test_headers(void)
{
	static const char *const rows[] = {
		"{\"alg\":\"none\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"NONE\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":null,\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":[\"RS256\"],\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"rs256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256 \",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS512\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"PS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\",\"kid\":\"k1\"}",
		"{\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256\",\"typ\":\"AT+JWT\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256\",\"typ\":\"application/at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":1}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k3\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"K1\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"../../k1\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1' OR '1'='1\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\\u0000\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k2\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"kid\":\"k1\"}",
		"{\"alg\":\"none\",\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256\",\"\\u0061lg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"jku\":\"https://evil.example/jwks\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"x5u\":\"https://evil.example/x\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"jwk\":{\"kty\":\"RSA\"}}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"x5c\":[\"AAAA\"]}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"crit\":[\"b64\"],\"b64\":false}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"crit\":[]}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"cty\":\"JWT\"}",
		"{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"zip\":\"DEF\"}",
		"[\"RS256\",\"at+jwt\",\"k1\"]",
		"{}", "null", "\"RS256\"", "",
		HEADER "x",
		"\xef\xbb\xbf" HEADER,
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(judge(sign(rows[i], CLAIMS)), ERR_INVALID_TOKEN, "S10 S11 header %s", rows[i]);
}

static void
test_claims(void)
{
#define USER "\"sub\":\"" SUB "\",\"user_id\":\"" SUB "\"," SESSION
#define SESSION "\"sid\":\"" SID "\","
#define REST "\"role\":\"guest\",\"rid\":null,\"iat\":1799999000,"
	static const char *const rows[] = {
		"{" USER REST "\"exp\":1800002600}",
		"{\"iss\":\"you\"," USER REST "\"exp\":1800002600}",
		"{\"iss\":[\"me\"]," USER REST "\"exp\":1800002600}",
		"{\"iss\":\"me\"," USER REST "\"exp\":1800002600,\"aud\":\"x\"}",
		"{\"iss\":\"me\"," USER REST "\"exp\":1800002600,\"nbf\":1}",
		"{\"iss\":\"me\"," USER REST "\"exp\":1800002600,\"iss\":\"me\"}",
		"{\"iss\":\"me\"," USER REST "\"nope\":1800002600}",
		"{\"iss\":\"me\"," USER REST "\"exp\":\"1800002600\"}",
		"{\"iss\":\"me\"," USER REST "\"exp\":1800002600.0}",
		"{\"iss\":\"me\"," USER REST "\"exp\":1.8e9}",
		"{\"iss\":\"me\"," USER REST "\"exp\":-1}",
		"{\"iss\":\"me\"," USER REST "\"exp\":null}",
		"{\"iss\":\"me\"," USER REST "\"exp\":9223372036854775808}",
		"{\"iss\":\"me\"," USER REST "\"exp\":1e400}",
		"{\"iss\":\"me\"," USER REST "\"exp\":NaN}",
		"{\"iss\":\"me\"," USER REST "\"exp\":1799999000}",
		"{\"iss\":\"me\"," USER "\"role\":\"guest\",\"rid\":null,\"exp\":1800002600}",
		"{\"iss\":\"me\"," USER "\"role\":\"guest\",\"rid\":null,\"iat\":\"1799999000\",\"exp\":1800002600}",
		"{\"iss\":\"me\"," USER "\"role\":\"guest\",\"rid\":null,\"iat\":-1,\"exp\":1800002600}",
		"{\"iss\":\"me\"," USER "\"role\":\"guest\",\"iat\":1799999000,\"exp\":1800002600}",
		"{\"iss\":\"me\"," USER "\"role\":\"guest\",\"rid\":7,\"iat\":1799999000,\"exp\":1800002600}",
		"{\"iss\":\"me\"," USER "\"role\":\"guest\",\"rid\":\"\",\"iat\":1799999000,\"exp\":1800002600}",
		"{\"iss\":\"me\"," USER "\"role\":\"\",\"rid\":null,\"iat\":1799999000,\"exp\":1800002600}",
		"{\"iss\":\"me\"," USER "\"role\":[\"admin\"],\"rid\":null,\"iat\":1799999000,\"exp\":1800002600}",
		"{\"iss\":\"me\",\"sub\":\"1\",\"user_id\":\"1\"," SESSION REST "\"exp\":1800002600}",
		"{\"iss\":\"me\",\"sub\":\"" SUB "\",\"user_id\":\"0190163d-8694-739b-aea5-966c26f8ad92\"," SESSION REST "\"exp\":1800002600}",
		"{\"iss\":\"me\",\"sub\":\"" SUB "\"," SESSION REST "\"exp\":1800002600}",
		"{\"iss\":\"me\",\"sub\":\"" SUB "\",\"user_id\":\"" SUB "\"," REST "\"exp\":1800002600}",
		"{\"iss\":\"me\",\"sub\":\"" SUB "\",\"user_id\":\"" SUB "\",\"sid\":\"1\"," REST "\"exp\":1800002600}",
		"{\"iss\":\"me\",\"sub\":\"" SUB "\",\"user_id\":\"" SUB "\",\"sid\":null," REST "\"exp\":1800002600}",
		"[]", "{}", "", "7", "{\"iss\":",
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(judge(sign(HEADER, rows[i])), ERR_INVALID_TOKEN, "S12 claims %s", rows[i]);
}

/* Right parts, wrong paper. */
static void
test_encoding(void)
{
	const char *good = sign(HEADER, CLAIMS), *h = b64(HEADER, strlen(HEADER)), *c = b64(CLAIMS, strlen(CLAIMS));
	const char *sig = strrchr(good, '.') + 1, *pem = rsa_public_pem(arena, key), *data;
	unsigned char mac[32];
	unsigned mac_len = sizeof mac;
	char *loose;
	struct {
		const char *token, *what;
	} rows[] = {
		{ "", "nothing" }, { ".", "a dot" }, { "..", "two dots" }, { "...", "three dots" },
		{ arena_printf(arena, "%s.%s", h, c), "no signature" },
		{ arena_printf(arena, "%s.%s.", h, c), "an empty signature" },
		{ arena_printf(arena, "%s.", good), "a dot behind" },
		{ arena_printf(arena, "%s.x", good), "a fourth part" },
		{ arena_printf(arena, ".%s", good), "a dot before" },
		{ arena_printf(arena, " %s", good), "a blank before" },
		{ arena_printf(arena, "%s\n", good), "a line end behind" },
		{ arena_printf(arena, "%s==", good), "padding of the signature" },
		{ arena_printf(arena, "%s.%s=.%s", h, c, sig), "padding of the claims" },
		{ sign_raw(arena_printf(arena, "%s=", h), c), "signed padding" },
		{ sign_raw(h, arena_printf(arena, "%.5s %s", c, c + 5)), "a signed blank inside" },
		{ sign_raw(arena_printf(arena, "%s\n", h), c), "a signed line end" },
		{ sign_raw(c, h), "header and claims in the wrong order" },
		{ arena_printf(arena, "%s.%s.%s", c, h, sig), "and with the old signature" },
		{ arena_printf(arena, "%s.%s.%.*s", h, c, (int)strlen(sig) - 4, sig), "a short signature" },
		{ arena_printf(arena, "%s.%s.%sAAAA", h, c, sig), "a long signature" },
		{ sign(HEADER, " "), "blank claims" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(judge(rows[i].token), ERR_INVALID_TOKEN, "S13 %s", rows[i].what);
	is_int(judge(good), OK, "S13 while the token itself is good");
	/* 256 bytes end in two unused bits: each other value of them is another spelling of the same signature. */
	loose = arena_strdup(arena, good);
	loose[strlen(loose) - 1]++;
	is_int(judge(loose), ERR_INVALID_TOKEN, "S13 trailing bits that are not zero");
	data = arena_printf(arena, "%s.%s", b64("{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}", 40), c);
	HMAC(EVP_sha256(), pem, (int)strlen(pem), (const unsigned char *)data, strlen(data), mac, &mac_len);
	is_int(judge(arena_printf(arena, "%s.%s", data, b64(mac, mac_len))), ERR_INVALID_TOKEN, "S10 HS256 with the public key");
}

static void
test_size(void)
{
	char *big = arena_alloc(arena, 70000);
	const char *good = sign(HEADER, CLAIMS);
	int before;

	memset(big, 'A', 65536);
	is_int(judge(big), ERR_INVALID_TOKEN, "S13 64 kB of one letter");
	memset(big, '.', 65536);
	is_int(judge(big), ERR_INVALID_TOKEN, "S13 64 kB of dots");
	memset(big, ' ', 4096);
	memcpy(big, HEADER, strlen(HEADER));
	big[4096] = '\0';
	before = finds;
	is_int(judge(sign(big, CLAIMS)), ERR_INVALID_TOKEN, "S13 a right token of more than 4 kB");
	is_int(finds, before, "S13 is refused before anything is looked up");
	for (size_t len = 0; len < strlen(good); len++) {
		struct token_claims c;

		if (token_verify(arena, good, len, &policy, &c) != ERR_INVALID_TOKEN)
			ok(false, "S13 cut after %zu bytes", len);
	}
	ok(true, "S13 cut anywhere it is invalid");
}

int
main(void)
{
	if (sodium_init() < 0)
		return 1;
	arena = arena_new(256 << 20);
	key = rsa_generate();
	other = rsa_generate();
	test_good();
	test_times();
	test_headers();
	test_claims();
	test_encoding();
	test_size();
	rsa_free(&key);
	rsa_free(&other);
	arena_free(&arena);
	return tap_done();
}
