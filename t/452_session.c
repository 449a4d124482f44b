/* session, signing_key, access: tokens given out, used once, taken back; keys that change under way. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/hmac.h"
#include "person/access.h"
#include "person/session.h"
#include "tap.h"
#include "world.h"

static unsigned char hash_key[HASH_KEY_SIZE];
static struct secret_keypair auth;
static struct signer *signer;
static struct keyring *keyring;
static struct session_maker maker = { .issuer = "test", .hash_key = hash_key };

static struct user guest = { .id = 1, .public_id = { 1, 144, 22, 61, 134, 148, 115, 155, 174, 165, 150, 108, 38, 248, 173, 145 } };

/* Tokens that outlive their op. */
struct pair {
	char access[2048], refresh[128];
};

static enum err
keep(struct op *op, enum err e, const struct session_tokens *t, struct pair *ret)
{
	if (e == OK) {
		snprintf(ret->access, sizeof ret->access, "%s", t->access_token);
		snprintf(ret->refresh, sizeof ret->refresh, "%s", t->refresh_token);
		is_int(t->expires_in_s, 3600, "AUTH-04 an access token of an hour");
	}
	op_end(op);
	return e;
}

static enum err
put(struct op *op, void *draft)
{
	return session_put(op, draft, &guest);
}

static enum err
begin(struct pair *ret)
{
	struct session_draft *draft;
	struct session_tokens t;
	struct op op;
	enum err e;

	world_op(&op, PROGRAM_auth);
	e = session_draft(&op, &maker, &draft);
	if (e == OK)
		e = db_tx_keyed(&op, put, draft, session_is_there);
	if (e == OK)
		session_give(&op, draft, &t);
	return keep(&op, e, &t, ret);
}

static enum err
refresh(const char *token, struct pair *ret)
{
	struct session_tokens t;
	struct op op;

	world_op(&op, PROGRAM_auth);
	return keep(&op, session_refresh(&op, &maker, token, &t), &t, ret);
}

static enum err
end(enum actor_kind kind, int64_t id, const char *token)
{
	struct op op;
	enum err e;

	world_op(&op, PROGRAM_auth);
	op.actor = (struct actor){ .kind = kind, .id = id };
	e = session_end(&op, hash_key, token);
	op_end(&op);
	return e;
}

static enum err
access_of(const char *token, struct actor *ret)
{
	struct op op;
	enum err e;

	world_op(&op, PROGRAM_orders);
	e = access_check(&op, keyring, "test", token, strlen(token), ret);
	if (e != OK)
		is_int(op.fault.code, e, "the fault is what is returned");
	op_end(&op);
	return e;
}

/* The kid is copied: it outlives the op. */
static void
change(enum err (*body)(struct op *, const unsigned char *, const char **), char ret_kid[KID_MAX + 1])
{
	const char *kid = "";
	struct op op;

	world_op(&op, PROGRAM_ticketrail);
	is_int(body(&op, auth.public_key, &kid), OK, "the signing key is seen to");
	snprintf(ret_kid, KID_MAX + 1, "%s", kid);
	op_end(&op);
}

static void
test_keys(void)
{
	char first[KID_MAX + 1], again[KID_MAX + 1];
	const struct rsa_key *key;
	const char *kid;
	struct pair p;
	struct op op;

	is_int(begin(&p), ERR_UNAVAILABLE, "without a signing key nobody logs in");
	change(signing_key_ensure, first);
	change(signing_key_ensure, again);
	is_str(again, first, "ensuring twice makes one key");
	is_int(strlen(first), 16, "a kid is short");
	is_int(world_int("SELECT COUNT(*) FROM signing_keys WHERE INSTR(private_sealed, 'PRIVATE') > 0"), 0,
	    "SEC-07 the private half is not there to read");
	world_op(&op, PROGRAM_auth);
	is_int(signer_key(&op, signer, &kid, &key), OK, "the auth pool opens it");
	ok(strcmp(kid, first) == 0 && rsa_has_private(key), "AUTH-11 and can sign");
	op_end(&op);
}

static void
test_refresh(void)
{
	struct actor actor;
	struct pair p, q, r;

	is_int(begin(&p), OK, "AUTH-04 a session begins");
	is_int(strlen(p.refresh), 43, "AUTH-08 with a refresh token of 32 bytes");
	is_int(world_int("SELECT COUNT(*) FROM refresh_tokens WHERE INSTR(token_hash, '%.8s') > 0", p.refresh), 0,
	    "AUTH-08 of which the table knows a hash only");
	is_int(world_int("SELECT TIMESTAMPDIFF(DAY, created_at, expires_at) FROM refresh_tokens"), 30, "AUTH-08 for 30 days");
	is_int(refresh(p.refresh, &q), OK, "AUTH-09 it is exchanged for new tokens");
	ok(strcmp(p.refresh, q.refresh) != 0, "AUTH-09 which are others");
	is_int(world_int("SELECT COUNT(DISTINCT family) FROM refresh_tokens"), 1, "of the same session");
	is_int(refresh(q.refresh, &r), OK, "and again");
	is_int(access_of(p.access, &actor), OK, "AUTH-09 the access token before it is good until it is too old");
	is_int(refresh(p.refresh, &q), ERR_INVALID_TOKEN, "S05 a token that comes again is refused");
	is_int(refresh(r.refresh, &q), ERR_INVALID_TOKEN, "S05 and ends the session: the newest is void");
	is_int(access_of(p.access, &actor), ERR_INVALID_TOKEN, "S05 with its access tokens, the first");
	is_int(access_of(r.access, &actor), ERR_INVALID_TOKEN, "S05 and the last");
	is_int(refresh("", &q), ERR_INVALID_TOKEN, "no token");
	is_int(refresh("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &q), ERR_INVALID_TOKEN, "a made up token");
	is_int(refresh(p.access, &q), ERR_INVALID_TOKEN, "S12 an access token is no refresh token");
	begin(&p);
	world_sql("UPDATE refresh_tokens SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE used_at IS NULL AND revoked_at IS NULL");
	is_int(refresh(p.refresh, &q), ERR_TOKEN_EXPIRED, "AUTH-16 after 30 days it has expired");
	world_sql("UPDATE refresh_tokens SET expires_at = expires_at - INTERVAL 2 DAY");
	begin(&p);
	is_int(world_int("SELECT COUNT(*) FROM refresh_tokens WHERE expires_at < UTC_TIMESTAMP(6)"), 0,
	    "a login clears away what has long expired");
	world_sql("UPDATE users SET is_active = 0");
	is_int(refresh(p.refresh, &q), ERR_INVALID_TOKEN, "AUTH-20 a disabled user gets no new tokens");
	world_sql("UPDATE users SET is_active = 1");
	is_int(refresh(p.refresh, &q), ERR_INVALID_TOKEN, "AUTH-20 not when enabled again either: they log in");
}

static void
test_end(void)
{
	struct actor actor;
	struct pair p, q, r;

	begin(&p);
	begin(&q);
	is_int(end(ACTOR_USER, 2, p.refresh), OK, "somebody else's session");
	is_int(refresh(p.refresh, &p), OK, "AUTH-10 is not theirs to end");
	is_int(end(ACTOR_STAFF, 1, p.refresh), OK, "nor that of staff with the user's number");
	is_int(refresh(p.refresh, &p), OK, "AUTH-10 not either");
	is_int(end(ACTOR_USER, 1, p.refresh), OK, "AUTH-10 logout");
	is_int(refresh(p.refresh, &r), ERR_INVALID_TOKEN, "AUTH-10 ends the refresh token");
	is_int(access_of(p.access, &actor), ERR_INVALID_TOKEN, "S05 AUTH-10 and the access token at once");
	is_int(access_of(q.access, &actor), OK, "AUTH-10 but not another session's");
	is_int(refresh(q.refresh, &q), OK, "AUTH-10 of that session only");
	is_int(end(ACTOR_USER, 1, p.refresh), OK, "AUTH-10 twice does no harm");
	begin(&p);
	is_int(end(ACTOR_USER, 1, NULL), OK, "logout everywhere");
	ok(refresh(p.refresh, &r) == ERR_INVALID_TOKEN && refresh(q.refresh, &r) == ERR_INVALID_TOKEN, "ends all of them");
	ok(access_of(p.access, &actor) == ERR_INVALID_TOKEN && access_of(q.access, &actor) == ERR_INVALID_TOKEN,
	    "S05 and their access tokens");
	begin(&p);
	world_sql("INSERT INTO ended_sessions (family, ended_at) SELECT family, UTC_TIMESTAMP(6) FROM refresh_tokens"
	    " WHERE revoked_at IS NULL AND used_at IS NULL");
	is_int(refresh(p.refresh, &r), ERR_INVALID_TOKEN, "S05 a token made while all were being ended is of none");
	world_sql("UPDATE refresh_tokens SET revoked_at = UTC_TIMESTAMP(6) WHERE revoked_at IS NULL");
}

static void
test_race(void)
{
	int go[2], status, won = 0;
	pid_t pids[8];
	struct pair p, q;

	begin(&p);
	if (pipe(go) != 0)
		return;
	for (int i = 0; i < 8; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct db_options options = world_options(PROGRAM_auth);
			struct db *db = db_new(&options);
			struct session_tokens t;
			struct op op;
			char c;

			close(go[1]);
			op_begin(&op, db, 1 << 20, NULL);
			if (db_ready(&op) != OK || read(go[0], &c, 1) != 0)
				_exit(2);
			_exit(session_refresh(&op, &maker, p.refresh, &t) == OK ? 0 : 1);
		}
	}
	close(go[0]);
	close(go[1]);
	for (int i = 0; i < 8; i++)
		won += waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	is_int(won, 1, "AUTH-09 of 8 exchanges of one token at the same time one succeeds");
	is_int(world_int("SELECT COUNT(*) FROM refresh_tokens WHERE revoked_at IS NULL AND used_at IS NULL"), 0,
	    "S05 and its session is over, because the others were copies");
	is_int(refresh(p.refresh, &q), ERR_INVALID_TOKEN, "the token is void");
}

/* The sessions that begin with a password which was right when `meanwhile` was said. */
static int
begun_after(const char *meanwhile, enum err *ret_e)
{
	struct session_tokens t;
	struct staff staff;
	struct op op;

	world_sql("DELETE FROM refresh_tokens");
	world_sql("UPDATE staff_users SET password_hash = 'of old', is_active = 1");
	world_op(&op, PROGRAM_auth);
	is_int(staff_by_id(&op, 7, &staff), OK, "the password is looked at");
	world_sql("%s", meanwhile);
	*ret_e = session_begin_staff(&op, &maker, &staff, &t);
	op_end(&op);
	return (int)world_int("SELECT COUNT(*) FROM refresh_tokens WHERE staff_id = 7 AND revoked_at IS NULL");
}

/* A login that began before the password was changed, and ends after all sessions were ended. */
static void
test_changed_meanwhile(void)
{
	enum err e;

	world_sql("INSERT INTO restaurants (id, slug, name, created_at, updated_at) VALUES (1, 'one', 'One', NOW(6), NOW(6))");
	world_sql("INSERT INTO staff_users (id, public_id, restaurant_id, username, password_hash, role, name, is_active, created_at, updated_at)"
	    " VALUES (7, REPEAT('s', 16), 1, 'asha', '', 'admin', 'Asha', 1, NOW(6), NOW(6))");
	is_int(begun_after("UPDATE staff_users SET name = 'Asha Rao'", &e), 1, "S05 a login begins a session");
	is_int(e, OK, "and says so");
	is_int(begun_after("UPDATE staff_users SET password_hash = 'of now'", &e), 0,
	    "S05 the old password begins none that the change of it has not ended");
	is_int(e, ERR_INVALID_CREDENTIALS, "S05 and is a wrong one");
	is_int(begun_after("UPDATE staff_users SET is_active = 0", &e), 0, "S05 nor does one whose account was closed meanwhile");
	world_sql("DELETE FROM refresh_tokens");
}

static void
test_access(void)
{
	char kid[KID_MAX + 1];
	struct actor actor = { 0 };
	struct pair p, q;

	begin(&p);
	is_int(access_of(p.access, &actor), OK, "AUTH-07 the access token tells who it is");
	ok(actor.kind == ACTOR_USER && actor.role == ROLE_GUEST && actor.id == 1 && actor.restaurant_id == 0, "a guest");
	world_sql("UPDATE users SET is_active = 0");
	is_int(access_of(p.access, &actor), ERR_INVALID_TOKEN, "AUTH-20 a disabled user is refused at once");
	world_sql("UPDATE users SET is_active = 1");
	is_int(access_of(p.refresh, &actor), ERR_INVALID_TOKEN, "S12 a refresh token is no access token");
	sleep(1); /* unknown kids cost one read a second */
	change(signing_key_rotate, kid);
	is_int(world_int("SELECT COUNT(*) FROM signing_keys WHERE is_signing = 1"), 1, "S15 one key signs");
	is_int(world_int("SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(6), verify_until) FROM signing_keys WHERE is_signing = 0"), 119,
	    "S15 the old one outlives its tokens");
	signer_free(&signer);
	maker.signer = signer = signer_new(&auth);
	begin(&q);
	is_int(access_of(q.access, &actor), OK, "S15 a token of the new key is known without a restart");
	is_int(access_of(p.access, &actor), OK, "S15 and one of the old key is still good");
	world_sql("UPDATE signing_keys SET verify_until = UTC_TIMESTAMP(6) WHERE is_signing = 0");
	keyring_free(&keyring);
	keyring = keyring_new();
	is_int(access_of(p.access, &actor), ERR_INVALID_TOKEN, "S15 until its time is over");
	world_sql("UPDATE signing_keys SET private_sealed = CONCAT('x', private_sealed) WHERE is_signing = 1");
	signer_free(&signer);
	maker.signer = signer = signer_new(&auth);
	is_int(begin(&p), ERR_UNAVAILABLE, "S45 a key that does not open signs nothing");
}

int
main(void)
{
	randombytes_buf(hash_key, sizeof hash_key);
	secret_keypair_new(&auth);
	maker.signer = signer = signer_new(&auth);
	keyring = keyring_new();
	world_begin();
	world_sql("INSERT INTO users (id, public_id, phone, created_at, updated_at) VALUES "
	    "(1, UNHEX('0190163d8694739baea5966c26f8ad91'), '+919876543210', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))");
	test_keys();
	test_refresh();
	test_end();
	test_race();
	test_changed_meanwhile();
	test_access();
	signer_free(&signer);
	keyring_free(&keyring);
	return tap_done();
}
