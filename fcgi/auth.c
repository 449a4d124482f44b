/*
 * auth: the pool of all logins, of guests and of staff, and the only one that can sign access
 * tokens.
 *
 * Each answer that follows from a guess (a code, a password, a refresh token) is the same whatever
 * was wrong with it.
 */
#include <stddef.h>

#include "config/config.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "http/body.h"
#include "http/front.h"
#include "http/reply.h"
#include "person/otp.h"
#include "person/role.h"
#include "person/session.h"
#include "person/signing_key.h"
#include "person/staff.h"
#include "person/user.h"
#include "text/json_write.h"
#include "text/uuid.h"

#define BODY_LARGEST 4096

/* What this process keeps from one request to the next: the opened signing key. */
static struct signer *signer;

#define REQUEST_ID_CHARS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

struct otp_input {
	const char *phone, *request_id;
};
static const struct body_field otp_fields[] = {
	BODY_TEXT(struct otp_input, phone, .max = 32),
	BODY_TEXT(struct otp_input, request_id, .min = OTP_REQUEST_ID_MIN,
	    .max = OTP_REQUEST_ID_MAX, .charset = REQUEST_ID_CHARS, .is_optional = true),
};
static const struct body_shape otp_body = BODY_SHAPE(struct otp_input, otp_fields);

struct proof_input {
	const char *phone, *otp, *request_id;
};
static const struct body_field proof_fields[] = {
	BODY_TEXT(struct proof_input, phone, .max = 32),
	BODY_TEXT(struct proof_input, otp, .max = 32),
	BODY_TEXT(struct proof_input, request_id, .min = OTP_REQUEST_ID_MIN,
	    .max = OTP_REQUEST_ID_MAX, .charset = REQUEST_ID_CHARS, .is_optional = true),
};
static const struct body_shape proof_body = BODY_SHAPE(struct proof_input, proof_fields);

struct refresh_input {
	const char *refresh_token;
};
static const struct body_field refresh_fields[] = {
	BODY_TEXT(struct refresh_input, refresh_token, .min = 1, .max = 200),
};
static const struct body_shape refresh_body = BODY_SHAPE(struct refresh_input, refresh_fields);

static const struct body_field logout_fields[] = {
	BODY_TEXT(struct refresh_input, refresh_token, .max = 200, .is_optional = true,
	    .is_nullable = true),
};
static const struct body_shape logout_body = BODY_SHAPE(struct refresh_input, logout_fields);

struct login_input {
	const char *username, *password;
};
static const struct body_field login_fields[] = {
	BODY_TEXT(struct login_input, username, .min = 1, .max = STAFF_USERNAME_MAX),
	BODY_TEXT(struct login_input, password, .min = 1, .max = STAFF_PASSWORD_MAX),
};
static const struct body_shape login_body = BODY_SHAPE(struct login_input, login_fields);

struct password_input {
	const char *old_password, *new_password;
};
static const struct body_field password_fields[] = {
	BODY_TEXT(struct password_input, old_password, .min = 1, .max = STAFF_PASSWORD_MAX),
	BODY_TEXT(struct password_input, new_password, .min = 1, .max = STAFF_PASSWORD_MAX),
};
static const struct body_shape password_body = BODY_SHAPE(struct password_input, password_fields);

static struct otp_keys
otp_keys(const struct op *op)
{
	return (struct otp_keys){
		.hash_key = op->config->hash_key.bytes,
		.relay_public_key = op->config->relay_public_key.bytes,
		.limits = {
		    .block_n = op->config->otp_block_per_hour,
		    .country_n = op->config->otp_country_per_hour,
		    .all_n = op->config->otp_per_hour,
		    .countries = op->config->otp_countries,
		},
	};
}

static struct session_maker
session_maker(const struct op *op)
{
	return (struct session_maker){
		.issuer = op->config->jwt_issuer,
		.hash_key = op->config->hash_key.bytes,
		.signer = signer,
	};
}

/* The members that every answer with tokens has, inside an open object. */
static void
tokens_write(struct json_write *w, const struct session_tokens *t)
{
	json_write_string(w, "access_token", t->access_token);
	json_write_string(w, "refresh_token", t->refresh_token);
	json_write_string(w, "token_type", "bearer");
	json_write_int64(w, "expires_in", t->expires_in_s);
}

static enum err
otp_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct otp_input *in = r->input;
	struct otp_caller caller = { in->phone, in->request_id, r->client_address };
	struct otp_keys keys = otp_keys(op);
	struct json_write *w;
	enum err e;

	e = otp_request(op, &keys, &caller);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "message", "OTP sent successfully");
	json_write_int64(w, "expires_in", OTP_LIFE_S);
	json_write_object_end(w);
	return OK;
}

static enum err
session_follows(struct op *op, const struct user *user, void *draft)
{
	return session_put(op, draft, user);
}

static enum err
proof_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct proof_input *in = r->input;
	struct session_maker maker = session_maker(op);
	struct otp_keys keys = otp_keys(op);
	struct otp_caller caller = { in->phone, in->request_id, r->client_address };
	struct otp_success success = { session_follows, session_is_there, NULL };
	struct session_draft *draft = NULL;
	struct session_tokens tokens;
	struct json_write *w;
	struct user user;
	enum err e = session_draft(op, &maker, &draft);

	success.arg = draft;
	if (e == OK)
		e = otp_verify(op, &keys, &caller, in->otp, &success, &user);
	if (e != OK)
		return e;
	session_give(op, draft, &tokens);
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	tokens_write(w, &tokens);
	json_write_object(w, "user");
	json_write_uuid(w, "id", user.public_id);
	json_write_string(w, "phone", user.phone);
	json_write_string(w, "name", user.name);
	json_write_object_end(w);
	json_write_object_end(w);
	return OK;
}

static enum err
refresh_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct refresh_input *in = r->input;
	struct session_maker maker = session_maker(op);
	struct session_tokens tokens;
	struct json_write *w;
	enum err e;

	e = session_refresh(op, &maker, in->refresh_token, &tokens);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	tokens_write(w, &tokens);
	json_write_object_end(w);
	return OK;
}

static enum err
logout_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct refresh_input *in = r->input;
	struct json_write *w;
	enum err e;

	e = session_end(op, op->config->hash_key.bytes, in->refresh_token);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "message", "Logged out");
	json_write_object_end(w);
	return OK;
}

static struct staff_proof
staff_proof(const struct op *op, const struct request *r, const char *username,
    const char *password)
{
	return (struct staff_proof){
		.username = username,
		.password = password,
		.address = r->client_address,
		.hash_key = op->config->hash_key.bytes,
	};
}

static void
session_reply(struct reply *reply, const struct session_tokens *tokens, const struct staff *staff)
{
	struct json_write *w = reply_json(reply, 200);

	json_write_object(w, NULL);
	tokens_write(w, tokens);
	json_write_object(w, "user");
	json_write_uuid(w, "id", staff->public_id);
	json_write_string(w, "username", staff->username);
	json_write_string(w, "name", staff->name);
	json_write_string(w, "role", role_word(staff_role(staff)));
	json_write_string(w, "restaurant", staff->restaurant_slug);
	json_write_object_end(w);
	json_write_object_end(w);
}

static enum err
login_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct login_input *in = r->input;
	struct session_maker maker = session_maker(op);
	struct staff_proof proof = staff_proof(op, r, in->username, in->password);
	struct session_tokens tokens;
	struct staff staff;
	enum err e;

	e = staff_login(op, &proof, &staff);
	if (e == OK)
		e = session_begin_staff(op, &maker, &staff, &tokens);
	if (e == OK)
		session_reply(reply, &tokens, &staff);
	return e;
}

static enum err
staff_session_follows(struct op *op, const struct staff *staff, void *draft)
{
	return session_put_staff(op, draft, staff);
}

static enum err
password_post(struct op *op, const struct request *r, struct reply *reply)
{
	const struct password_input *in = r->input;
	struct session_maker maker = session_maker(op);
	struct staff_success success = { staff_session_follows, session_is_there, NULL };
	struct session_draft *draft = NULL;
	struct session_tokens tokens;
	struct staff_proof proof;
	struct staff staff;
	enum err e = staff_by_id(op, op->actor.id, &staff);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_INVALID_TOKEN, NULL);
	if (e == OK)
		e = session_draft(op, &maker, &draft);
	if (e != OK)
		return e;
	op->restaurant_id = staff.restaurant_id; /* theirs, wherever they ask */
	proof = staff_proof(op, r, staff.username, in->old_password);
	success.arg = draft;
	e = staff_password_change(op, &staff, &proof, in->new_password, &success);
	if (e != OK)
		return e;
	session_give(op, draft, &tokens);
	session_reply(reply, &tokens, &staff);
	return OK;
}

/* A kid is never used for another key, so that their names name the set. */
static const char *
keys_tag(struct op *op, const struct signing_key_public *keys, size_t n)
{
	const char *tag = "k";

	for (size_t i = 0; i < n; i++)
		tag = arena_printf(op->arena, "%s-%s", tag, keys[i].kid);
	return tag;
}

/*
 * RFC 7517. A verifier that keeps it for a minute sees a new key soon enough, and an old one
 * outlives its tokens.
 */
static enum err
jwks_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct signing_key_public *keys;
	struct json_write *w;
	size_t n;
	enum err e;

	e = signing_key_publics(op, &keys, &n);
	if (e != OK)
		return e;
	reply_header(reply, "Cache-Control", "public, max-age=60");
	if (reply_not_modified(reply, r, keys_tag(op, keys, n)))
		return OK;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "keys");
	for (size_t i = 0; i < n; i++) {
		json_write_object(w, NULL);
		json_write_string(w, "kty", "RSA");
		json_write_string(w, "use", "sig");
		json_write_string(w, "alg", "RS256");
		json_write_string(w, "kid", keys[i].kid);
		json_write_string(w, "n", keys[i].n);
		json_write_string(w, "e", keys[i].e);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_object_end(w);
	return OK;
}

static const struct route routes[] = {
	{ .method = METHOD_POST,
	    .path = "/api/v1/auth/request-otp",
	    .roles = ROLE_ANYBODY,
	    .tenant = TENANT_OPTIONAL,
	    .body = &otp_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_LOGIN,
	    .handle = otp_post,
	    .sentence = "Sends a one-time password to a phone" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/auth/verify-otp",
	    .roles = ROLE_ANYBODY,
	    .tenant = TENANT_OPTIONAL,
	    .body = &proof_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_LOGIN,
	    .handle = proof_post,
	    .sentence = "Logs a guest in with the one-time password" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/auth/refresh",
	    .roles = ROLE_ANYBODY,
	    .tenant = TENANT_OPTIONAL,
	    .body = &refresh_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_LOGIN,
	    .handle = refresh_post,
	    .sentence = "Exchanges a refresh token for new tokens" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/auth/logout",
	    .roles = ROLE_GUEST | ROLES_STAFF,
	    .tenant = TENANT_OPTIONAL,
	    .body = &logout_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_LOGIN,
	    .handle = logout_post,
	    .sentence = "Ends one session, or all of the caller's" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/admin/auth/login",
	    .roles = ROLE_ANYBODY,
	    .tenant = TENANT_OPTIONAL,
	    .body = &login_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_LOGIN,
	    .handle = login_post,
	    .sentence = "Logs staff in by name and password" },
	{ .method = METHOD_POST,
	    .path = "/api/v1/admin/auth/password",
	    .roles = ROLES_STAFF,
	    .tenant = TENANT_OPTIONAL,
	    .body = &password_body,
	    .body_max = BODY_LARGEST,
	    .rate = RATE_LOGIN,
	    .handle = password_post,
	    .sentence = "Staff change their own password" },
	{ .method = METHOD_GET,
	    .path = "/.well-known/jwks.json",
	    .roles = ROLE_ANYBODY,
	    .tenant = TENANT_NONE,
	    .rate = RATE_READ,
	    .handle = jwks_get,
	    .sentence = "The public keys that access tokens are signed with" },
};

/* A pool whose keys do not belong together would seem well and refuse every login. */
static enum err
auth_ready(struct op *op, const struct config *config)
{
	struct secret_keypair pair;
	const struct rsa_key *key;
	const char *kid;
	bool is_pair;

	secret_keypair_from(config->auth_secret_key.bytes, &pair);
	is_pair =
	    hmac_equal(pair.public_key, config->auth_public_key.bytes, sizeof pair.public_key);
	if (is_pair && signer == NULL)
		signer = signer_new(&pair);
	secret_keypair_wipe(&pair);
	if (!is_pair)
		return fail(
		    op, ERR_INTERNAL_ERROR, "AUTH_PUBLIC_KEY does not belong to AUTH_SECRET_KEY");
	return signer_key(op, signer, &kid, &key);
}

static const struct pool pool = {
	.name = "auth",
	.program = PROGRAM_auth,
	.routes = ROUTE_TABLE(routes),
	.has_credentials = true,
	.ready = auth_ready,
};

int
main(int argc, char **argv)
{
	int status = front_main(argc, argv, &pool);

	signer_free(&signer);
	return status;
}
