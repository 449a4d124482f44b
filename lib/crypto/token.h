/*
 * token: the access token, a JWT signed with RS256 (RFC 7519, RFC 7515; hardened as RFC 8725 asks;
 * RFC 9068's typ).
 *
 *	header {"alg":"RS256","typ":"at+jwt","kid":K}
 *	claims {"iss":I,"sub":UUID,"user_id":UUID,"sid":UUID,"role":R,"rid":SLUG or null,
 *		"iat":S,"exp":S}
 *
 * There is one algorithm, one type, one spelling. Verification accepts exactly what token_make
 * writes: no other header member (so no jku, jwk, x5u, crit, b64), no claim missing, none doubled
 * or of another type, canonical base64url without padding, at most TOKEN_MAX bytes. The key is
 * found by kid among our own keys only; nothing is fetched or opened. user_id repeats sub, for
 * clients of the API that know it by that name. sid is the session (OpenID Connect Front-Channel
 * Logout 1.0), so that a token can be told to be of one that has ended.
 */
#ifndef TICKETRAIL_CRYPTO_TOKEN_H
#define TICKETRAIL_CRYPTO_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"

struct rsa_key;

#define TOKEN_MAX 4096
#define TOKEN_SKEW_S 60 /* how far in the future iat may lie: clocks of two hosts differ */

struct token_claims {
	const char *iss;
	const char *sub;  /* a UUID in lower-case hyphenated hex */
	const char *sid;  /* the session, likewise */
	const char *role; /* a word of person/role.def */
	const char *rid;  /* the restaurant's slug, or NULL */
	int64_t iat_s;    /* seconds since 1970 UTC */
	int64_t exp_s;
};

/* How a token is judged. find returns the public key called kid, or NULL; the key stays find's. */
struct token_policy {
	const char *iss;
	int64_t now_us;
	const struct rsa_key *(*find)(void *arg, const char *kid);
	void *arg;
};

/* The signed token, in the arena. The claims must be valid; the key must have its private half. */
const char *token_make(
    struct arena *, const struct rsa_key *, const char *kid, const struct token_claims *);

/*
 * OK and the claims (in the arena) of a token that we signed, whenever that was: policy->now_us is
 * not looked at. ERR_INVALID_TOKEN for everything else.
 */
enum err token_read(struct arena *, const char *token, size_t len, const struct token_policy *,
    struct token_claims *ret_claims);

/* Is now within their time? OK, ERR_TOKEN_EXPIRED, or ERR_INVALID_TOKEN for one from the future. */
enum err token_time_check(const struct token_claims *, int64_t now_us);

/*
 * Both. OK and the claims (in the arena); ERR_TOKEN_EXPIRED for a token that is ours and right
 * except that now >= exp; ERR_INVALID_TOKEN for everything else.
 */
enum err token_verify(struct arena *, const char *token, size_t len, const struct token_policy *,
    struct token_claims *ret_claims);

#endif
