#include "crypto/token.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/rsa.h"
#include "mem/buf.h"
#include "text/hex.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/uuid.h"

#define ALG "RS256"
#define TYP "at+jwt"

/* Any header or payload of ours is far below this; the depth is 1 because claims are flat. */
static const struct json_limits limits = { .len_max = TOKEN_MAX, .depth_max = 1, .node_max = 64 };

static const char *const header_names[] = { "alg", "typ", "kid" };
static const char *const claim_names[] = { "iss", "sub", "user_id", "sid", "role", "rid", "iat",
	"exp" };

static const char *
part_made(struct arena *arena, struct buf *json)
{
	if (json->overflowed)
		abort();
	return base64url_encode(arena, json->data, json->len);
}

const char *
token_make(
    struct arena *arena, const struct rsa_key *key, const char *kid, const struct token_claims *c)
{
	const char *header, *payload, *signed_part, *token;
	struct json_write w;
	struct bytes signature;
	struct buf json;

	buf_init(&json, arena, TOKEN_MAX);
	json_write_init(&w, &json);
	json_write_object(&w, NULL);
	json_write_string(&w, "alg", ALG);
	json_write_string(&w, "typ", TYP);
	json_write_string(&w, "kid", kid);
	json_write_object_end(&w);
	json_write_done(&w);
	header = part_made(arena, &json);
	buf_clear(&json);
	json_write_init(&w, &json);
	json_write_object(&w, NULL);
	json_write_string(&w, "iss", c->iss);
	json_write_string(&w, "sub", c->sub);
	json_write_string(&w, "user_id", c->sub);
	json_write_string(&w, "sid", c->sid);
	json_write_string(&w, "role", c->role);
	json_write_string(&w, "rid", c->rid);
	json_write_int64(&w, "iat", c->iat_s);
	json_write_int64(&w, "exp", c->exp_s);
	json_write_object_end(&w);
	json_write_done(&w);
	payload = part_made(arena, &json);
	signed_part = arena_printf(arena, "%s.%s", header, payload);
	signature = rsa_sign(arena, key, signed_part, strlen(signed_part));
	token = arena_printf(
	    arena, "%s.%s", signed_part, base64url_encode(arena, signature.data, signature.len));
	if (strlen(token) > TOKEN_MAX)
		abort();
	return token;
}

/* The object of a part, if it has these members and no other. json_scan has counted the members. */
static bool
part_read(struct arena *arena, const char *text, size_t len, const char *const *names, size_t n,
    struct json_object **ret)
{
	struct json_survey survey;
	struct json_object *object;
	struct bytes json;
	const char *why;

	if (!base64url_decode(arena, text, len, &json))
		return false;
	if (json_scan(arena, json.data, json.len, &limits, &survey, &why) != OK ||
	    survey.members != n ||
	    json_read(arena, json.data, json.len, &limits, &object, &why) != OK ||
	    !json_is_object(object))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!json_has_member(object, names[i]))
			return false;
	}
	*ret = object;
	return true;
}

static bool
is_text(struct json_object *object, const char *name, const char **ret)
{
	return json_as_string(json_member(object, name), ret) && (*ret)[0] != '\0';
}

/* The header is ours; what it names is one of our keys. */
static bool
header_key(struct arena *arena, const char *text, size_t len, const struct token_policy *policy,
    const struct rsa_key **ret_key)
{
	struct json_object *header;
	const char *alg, *typ, *kid;

	if (!part_read(arena, text, len, header_names, sizeof header_names / sizeof header_names[0],
		&header))
		return false;
	if (!is_text(header, "alg", &alg) || strcmp(alg, ALG) != 0 ||
	    !is_text(header, "typ", &typ) || strcmp(typ, TYP) != 0 || !is_text(header, "kid", &kid))
		return false;
	*ret_key = policy->find(policy->arg, kid);
	return *ret_key != NULL;
}

/* Everything about the claims but their time. Only asked about claims that we signed. */
static bool
claims_read(struct arena *arena, const char *text, size_t len, const struct token_policy *policy,
    struct token_claims *ret)
{
	struct json_object *claims, *rid;
	struct token_claims c = { 0 };
	uint8_t id[UUID_LEN];
	const char *user_id;

	if (!part_read(
		arena, text, len, claim_names, sizeof claim_names / sizeof claim_names[0], &claims))
		return false;
	rid = json_member(claims, "rid");
	if (!is_text(claims, "iss", &c.iss) || strcmp(c.iss, policy->iss) != 0 ||
	    !is_text(claims, "sub", &c.sub) || !uuid_parse(c.sub, id) ||
	    !is_text(claims, "user_id", &user_id) || strcmp(user_id, c.sub) != 0 ||
	    !is_text(claims, "sid", &c.sid) || !uuid_parse(c.sid, id) ||
	    !is_text(claims, "role", &c.role) || (rid != NULL && !is_text(claims, "rid", &c.rid)) ||
	    !json_as_int64(json_member(claims, "iat"), &c.iat_s) ||
	    !json_as_int64(json_member(claims, "exp"), &c.exp_s))
		return false;
	if (c.iat_s < 0 || c.exp_s <= c.iat_s)
		return false;
	*ret = c;
	return true;
}

enum err
token_read(struct arena *arena, const char *token, size_t len, const struct token_policy *policy,
    struct token_claims *ret_claims)
{
	const char *payload, *signature;
	const struct rsa_key *key;
	struct token_claims claims;
	struct bytes raw;

	if (len == 0 || len > TOKEN_MAX)
		return ERR_INVALID_TOKEN;
	payload = memchr(token, '.', len);
	if (payload == NULL)
		return ERR_INVALID_TOKEN;
	payload++;
	signature = memchr(payload, '.', len - (size_t)(payload - token));
	if (signature == NULL)
		return ERR_INVALID_TOKEN;
	signature++;
	/* A further dot is no base64url digit: the signature's reader refuses it. */
	if (!header_key(arena, token, (size_t)(payload - 1 - token), policy, &key) ||
	    !base64url_decode(arena, signature, len - (size_t)(signature - token), &raw) ||
	    !rsa_verify(key, token, (size_t)(signature - 1 - token), raw.data, raw.len) ||
	    !claims_read(arena, payload, (size_t)(signature - 1 - payload), policy, &claims))
		return ERR_INVALID_TOKEN;
	*ret_claims = claims;
	return OK;
}

enum err
token_time_check(const struct token_claims *claims, int64_t now_us)
{
	int64_t now_s = now_us / 1000000;

	if (claims->iat_s > now_s + TOKEN_SKEW_S)
		return ERR_INVALID_TOKEN;
	return now_s >= claims->exp_s ? ERR_TOKEN_EXPIRED : OK;
}

enum err
token_verify(struct arena *arena, const char *token, size_t len, const struct token_policy *policy,
    struct token_claims *ret_claims)
{
	struct token_claims claims;
	enum err e = token_read(arena, token, len, policy, &claims);

	if (e == OK)
		e = token_time_check(&claims, policy->now_us);
	if (e == OK)
		*ret_claims = claims;
	return e;
}
