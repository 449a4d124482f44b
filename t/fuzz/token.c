/*
 * token: crypto/token. What is taken was signed byte for byte as it stands, names one algorithm, type and key, and has just the
 * claims that token.h lists. Input: a token; or, behind a "!", header and claims as text with a line between, which are
 * encoded here. A signature is right when its first byte is 's' (rsa_verify() is not what is looked at).
 */
#include <json-c/json.h>
#include <string.h>

#include "crypto/rsa.h"
#include "crypto/token.h"
#include "fuzz.h"
#include "text/hex.h"
#include "text/uuid.h"

#define NOW_S 1800000000

/* What was last held against a signature. */
static struct {
	const void *data;
	size_t len;
	bool was_asked;
} signed_part;

bool __wrap_rsa_verify(const struct rsa_key *, const void *, size_t, const void *, size_t);
bool
__wrap_rsa_verify(const struct rsa_key *key, const void *data, size_t len, const void *signature, size_t signature_len)
{
	must(key == (const struct rsa_key *)&signed_part, "the key is the one that was found");
	signed_part.data = data;
	signed_part.len = len;
	signed_part.was_asked = true;
	return signature_len > 0 && *(const char *)signature == 's';
}

static const struct rsa_key *
find(void *arg, const char *kid)
{
	(void)arg;
	must(kid != NULL && kid[0] != '\0', "a key is asked for by a name");
	return strcmp(kid, "k1") == 0 ? (const struct rsa_key *)&signed_part : NULL;
}

static const char *
text_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	must(json_object_object_get_ex(o, name, &value) && json_object_is_type(value, json_type_string), "%s is there", name);
	return json_object_get_string(value);
}

/* A part of a token as json-c alone reads it; to be put back. */
static struct json_object *
part_of(struct arena *a, const char *text, size_t len)
{
	struct json_object *o;
	struct bytes raw;

	must(base64url_decode(a, text, len, &raw), "a part is base64url");
	must(strlen(base64url_encode(a, raw.data, raw.len)) == len && memcmp(base64url_encode(a, raw.data, raw.len), text, len) == 0,
	    "in its only spelling");
	o = json_tokener_parse(arena_strndup(a, raw.data, raw.len));
	must(json_object_is_type(o, json_type_object), "and an object");
	return o;
}

static void
taken_check(struct arena *a, const char *token, size_t len, const struct token_claims *c)
{
	const char *payload = strchr(token, '.') + 1, *signature = strchr(payload, '.') + 1;
	struct json_object *header = part_of(a, token, (size_t)(payload - 1 - token));
	struct json_object *claims = part_of(a, payload, (size_t)(signature - 1 - payload));
	unsigned char id[UUID_LEN];

	must(len <= TOKEN_MAX && strchr(signature, '.') == NULL, "it has three parts");
	must(signed_part.was_asked && signed_part.data == token && signed_part.len == (size_t)(signature - 1 - token),
	    "what was signed is all of both parts");
	must(json_object_object_length(header) == 3 && strcmp(text_of(header, "alg"), "RS256") == 0 &&
		strcmp(text_of(header, "typ"), "at+jwt") == 0 && strcmp(text_of(header, "kid"), "k1") == 0,
	    "there is one header");
	must(json_object_object_length(claims) == 8 && strcmp(text_of(claims, "iss"), "me") == 0 &&
		strcmp(text_of(claims, "sub"), c->sub) == 0 && strcmp(text_of(claims, "user_id"), c->sub) == 0 &&
		strcmp(text_of(claims, "sid"), c->sid) == 0 && strcmp(text_of(claims, "role"), c->role) == 0,
	    "there are eight claims");
	must(uuid_parse(c->sub, id) && uuid_parse(c->sid, id) && c->iat_s >= 0 && c->exp_s > c->iat_s, "of their types");
	json_object_put(header);
	json_object_put(claims);
}

static const char *
token_of(struct arena *a, const uint8_t *data, size_t size)
{
	struct bytes header;

	if (size == 0 || *data != '!')
		return fuzz_text(a, data, size);
	data++;
	size--;
	header = fuzz_until(&data, &size, '\n');
	return arena_printf(a, "%s.%s.c2lnbmVk", base64url_encode(a, header.data, header.len), base64url_encode(a, data, size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct token_policy policy = { .iss = "me", .now_us = (int64_t)NOW_S * 1000000, .find = find };
	struct arena *a = fuzz_arena();
	const char *token = token_of(a, data, size);
	struct token_claims read = { 0 }, verified = { 0 };
	enum err e, v;

	signed_part.was_asked = false;
	e = token_read(a, token, strlen(token), &policy, &read);
	must(e == OK || (e == ERR_INVALID_TOKEN && read.sub == NULL), "what is refused leaves nothing");
	if (e == OK)
		taken_check(a, token, strlen(token), &read);
	v = token_verify(a, token, strlen(token), &policy, &verified);
	must(e == OK || v == ERR_INVALID_TOKEN, "it is not verified what is not read");
	if (v == OK)
		must(read.exp_s > NOW_S && read.iat_s <= NOW_S + TOKEN_SKEW_S, "now is in its time");
	else if (e == OK)
		must(v == token_time_check(&read, policy.now_us), "and else its time is over, or has not begun");
	arena_free(&a);
	return 0;
}
