#include "person/signing_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "db/db.h"
#include "op/clock.h"
#include "crypto/token_memory.h"
#include "person/session.h"
#include "text/hex.h"

#define KEYS_MAX 16             /* LIMIT of signing_key_publics */
#define RING_LIFE_US (INT64_C(60) * 1000000)  /* a key taken away stops verifying within this */
#define RING_RETRY_US INT64_C(1000000)        /* unknown kids, whoever makes them up, cost one read a second */
#define SIGNER_LIFE_US (INT64_C(1) * 1000000) /* a login takes twenty times what a look does */
#define NEVER INT64_MIN

/*
 * A retired key outlives the last token signed with it: a signer may use it SIGNER_LIFE_US longer,
 * then ACCESS_LIFE_S.
 */
#define RETIRED_LIFE_US (INT64_C(2) * ACCESS_LIFE_S * 1000000)

struct public_row {
	const char *kid, *public_pem;
};
static const struct db_col public_cols[] = {
	COL_TEXT(struct public_row, kid),
	COL_TEXT(struct public_row, public_pem),
};
static const struct db_shape public_shape = DB_SHAPE(struct public_row, public_cols);

struct current_row {
	const char *kid;
	struct bytes private_sealed;
};
static const struct db_col current_cols[] = {
	COL_TEXT(struct current_row, kid),
	COL_BYTES(struct current_row, private_sealed),
};
static const struct db_shape current_shape = DB_SHAPE(struct current_row, current_cols);

struct kid_row {
	const char *kid;
};
static const struct db_col kid_cols[] = { COL_TEXT(struct kid_row, kid) };
static const struct db_shape kid_shape = DB_SHAPE(struct kid_row, kid_cols);

struct keyring {
	struct {
		char kid[KID_MAX + 1];
		struct rsa_key *key;
	} keys[KEYS_MAX];
	size_t n;
	int64_t read_at_us; /* by the steady clock */
	struct token_memory *verified; /* under these keys */
};

struct signer {
	struct secret_keypair pair;
	char kid[KID_MAX + 1];
	struct rsa_key *key;
	int64_t looked_at_us;
};

static bool
is_older(int64_t at_us, int64_t age_us)
{
	return at_us == NEVER || clock_steady_us() - at_us >= age_us;
}

struct keyring *
keyring_new(void)
{
	struct keyring *ring = calloc(1, sizeof *ring);

	if (ring == NULL)
		abort();
	ring->read_at_us = NEVER;
	ring->verified = token_memory_new();
	return ring;
}

static void
ring_clear(struct keyring *ring)
{
	token_memory_forget(ring->verified);
	while (ring->n > 0)
		rsa_free(&ring->keys[--ring->n].key);
}

void
keyring_free(struct keyring **ring)
{
	if (*ring == NULL)
		return;
	ring_clear(*ring);
	token_memory_free(&(*ring)->verified);
	free(*ring);
	*ring = NULL;
}

static enum err
publics_read(struct op *op, struct public_row **ret_rows, size_t *ret_n)
{
	return db_many(op, STMT_signing_key_publics, DB_NO_ARGS, &public_shape, ret_rows, ret_n);
}

/* A row that holds no key is passed over: the others must go on verifying. */
static enum err
ring_read(struct op *op, struct keyring *ring)
{
	struct public_row *rows;
	size_t n;
	enum err e;

	e = publics_read(op, &rows, &n);
	if (e != OK)
		return e;
	ring_clear(ring);
	for (size_t i = 0; i < n && ring->n < KEYS_MAX; i++) {
		if (strlen(rows[i].kid) <= KID_MAX &&
		    rsa_from_public_pem(rows[i].public_pem, &ring->keys[ring->n].key) == OK) {
			snprintf(ring->keys[ring->n].kid, sizeof ring->keys[ring->n].kid, "%s",
			    rows[i].kid);
			ring->n++;
		}
	}
	ring->read_at_us = clock_steady_us();
	return OK;
}

static const struct rsa_key *
ring_search(const struct keyring *ring, const char *kid)
{
	for (size_t i = 0; i < ring->n; i++) {
		if (strcmp(ring->keys[i].kid, kid) == 0)
			return ring->keys[i].key;
	}
	return NULL;
}

enum err
keyring_find(struct op *op, struct keyring *ring, const char *kid, const struct rsa_key **ret_key)
{
	const struct rsa_key *key = ring_search(ring, kid);
	enum err e;

	if (is_older(ring->read_at_us, key != NULL ? RING_LIFE_US : RING_RETRY_US)) {
		e = ring_read(op, ring);
		if (e != OK)
			return e;
		key = ring_search(ring, kid);
	}
	if (key == NULL)
		return fail(op, ERR_INVALID_TOKEN, NULL);
	*ret_key = key;
	return OK;
}

/* What the look-up of a key needs, and a database fault that came of it. */
struct look {
	struct op *op;
	struct keyring *ring;
	enum err e;
};

static const struct rsa_key *
look_up(void *arg, const char *kid)
{
	struct look *look = arg;
	const struct rsa_key *key = NULL;

	look->e = keyring_find(look->op, look->ring, kid, &key);
	return key;
}

enum err
keyring_token(struct op *op, struct keyring *ring, const char *issuer, const char *token,
    size_t len, struct token_claims *ret_claims)
{
	struct look look = { .op = op, .ring = ring };
	struct token_policy policy = { .iss = issuer, .find = look_up, .arg = &look };
	struct token_claims claims;
	enum err e;

	if (!is_older(ring->read_at_us, RING_LIFE_US) &&
	    token_memory_find(ring->verified, op->arena, token, len, ret_claims))
		return OK;
	e = token_read(op->arena, token, len, &policy, &claims);
	if (look.e != OK)
		return look.e;
	if (e != OK)
		return fail(op, e, NULL);
	token_memory_keep(ring->verified, token, len, &claims);
	*ret_claims = claims;
	return OK;
}

enum err
signing_key_publics(struct op *op, struct signing_key_public **ret_keys, size_t *ret_n)
{
	struct signing_key_public *keys;
	struct public_row *rows;
	size_t rows_n, n = 0;
	enum err e;

	e = publics_read(op, &rows, &rows_n);
	if (e != OK)
		return e;
	keys = arena_array(op->arena, rows_n, sizeof *keys);
	for (size_t i = 0; i < rows_n; i++) {
		struct rsa_key *key;

		if (rsa_from_public_pem(rows[i].public_pem, &key) != OK)
			continue;
		keys[n].kid = rows[i].kid;
		rsa_jwk(op->arena, key, &keys[n].n, &keys[n].e);
		rsa_free(&key);
		n++;
	}
	*ret_keys = keys;
	*ret_n = n;
	return OK;
}

struct signer *
signer_new(const struct secret_keypair *pair)
{
	struct signer *s = calloc(1, sizeof *s);

	if (s == NULL)
		abort();
	s->pair = *pair;
	s->looked_at_us = NEVER;
	return s;
}

void
signer_free(struct signer **s)
{
	if (*s == NULL)
		return;
	rsa_free(&(*s)->key);
	secret_keypair_wipe(&(*s)->pair);
	free(*s);
	*s = NULL;
}

static struct secret_place
place_of(const char *kid)
{
	return (struct secret_place){
		.table = "signing_keys", .column = "private_sealed", .row = kid,
	};
}

static enum err
signer_open(struct op *op, struct signer *s, const struct current_row *row)
{
	struct secret_place place = place_of(row->kid);
	struct rsa_key *key;
	struct bytes pem;

	if (strlen(row->kid) > KID_MAX ||
	    secret_open(op->arena, &s->pair, &place, row->private_sealed, &pem) != OK ||
	    rsa_from_private_pem(pem.data, pem.len, &key) != OK) {
		fail(op, ERR_UNAVAILABLE, NULL);
		op->fault.internal =
		    arena_printf(op->arena, "the signing key %.32s does not open", row->kid);
		return ERR_UNAVAILABLE;
	}
	rsa_free(&s->key);
	s->key = key;
	snprintf(s->kid, sizeof s->kid, "%s", row->kid);
	return OK;
}

enum err
signer_key(struct op *op, struct signer *s, const char **ret_kid, const struct rsa_key **ret_key)
{
	struct current_row row;
	enum err e;

	if (s->key == NULL || is_older(s->looked_at_us, SIGNER_LIFE_US)) {
		e = db_one(op, STMT_signing_key_current, DB_NO_ARGS, &current_shape, &row);
		if (e == ERR_NO_ROW) {
			fail(op, ERR_UNAVAILABLE, NULL);
			op->fault.internal = "there is no signing key";
			return ERR_UNAVAILABLE;
		}
		if (e == OK && (s->key == NULL || strcmp(s->kid, row.kid) != 0))
			e = signer_open(op, s, &row);
		if (e != OK)
			return e;
		s->looked_at_us = clock_steady_us();
	}
	*ret_kid = s->kid;
	*ret_key = s->key;
	return OK;
}

/* --- changing -------------------------------------------------------------------------------- */

/* A key that is made and not in force yet. */
struct fresh {
	const char *kid, *public_pem;
	struct bytes sealed;
	bool only_if_none;
	const char *kid_in_force; /* what came of it */
};

/* Takes long: primes are a matter of luck, and of a busy machine. Outside of transactions. */
static void
fresh_make(struct op *op, const unsigned char auth_public_key[SECRET_KEY_SIZE], struct fresh *ret)
{
	unsigned char random[KID_MAX / 4];
	struct rsa_key *key = rsa_generate();
	const char *pem = rsa_private_pem(op->arena, key);
	struct secret_place place;

	op_random(op, random, sizeof random);
	ret->kid = hex_encode(op->arena, random, sizeof random);
	ret->public_pem = rsa_public_pem(op->arena, key);
	place = place_of(ret->kid);
	ret->sealed = secret_seal(op->arena, auth_public_key, &place, pem, strlen(pem));
	rsa_free(&key);
}

static enum err
fresh_put(struct op *op, void *arg)
{
	struct fresh *f = arg;
	struct kid_row row;
	int64_t n;
	enum err e = db_one(op, STMT_signing_key_lock, DB_NO_ARGS, &kid_shape, &row);

	if (e == OK && f->only_if_none) {
		f->kid_in_force = row.kid;
		return OK;
	}
	if (e == OK || e == ERR_NO_ROW)
		e = db_now(op);
	if (e == OK)
		e = db_changed(op, STMT_signing_key_retire,
		    DB_ARGS(DB_TIME("verify_until", op->now_us + RETIRED_LIFE_US)), &n);
	if (e != OK)
		return e;
	e = db_run(op, STMT_signing_key_make,
	    DB_ARGS(DB_TEXT("kid", f->kid), DB_TEXT("public_pem", f->public_pem),
		DB_BYTES("private_sealed", f->sealed.data, f->sealed.len)));
	if (e == ERR_DUPLICATE)
		return fail(op, ERR_CONFLICT, "Somebody else is changing the signing key");
	if (e == OK)
		e = audit_record(op, "signing_key.change", f->kid, NULL);
	f->kid_in_force = f->kid;
	return e;
}

static enum err
change(struct op *op, const unsigned char auth_public_key[SECRET_KEY_SIZE], bool only_if_none,
    const char **ret_kid)
{
	struct fresh f = { .only_if_none = only_if_none };
	enum err e;

	fresh_make(op, auth_public_key, &f);
	e = db_tx(op, fresh_put, &f);
	if (e == OK)
		*ret_kid = f.kid_in_force;
	return e;
}

enum err
signing_key_rotate(
    struct op *op, const unsigned char auth_public_key[SECRET_KEY_SIZE], const char **ret_kid)
{
	return change(op, auth_public_key, false, ret_kid);
}

enum err
signing_key_ensure(
    struct op *op, const unsigned char auth_public_key[SECRET_KEY_SIZE], const char **ret_kid)
{
	struct kid_row row;
	enum err e = db_one(op, STMT_signing_key_kid, DB_NO_ARGS, &kid_shape, &row);

	if (e == ERR_NO_ROW)
		return change(op, auth_public_key, true, ret_kid);
	if (e == OK)
		*ret_kid = row.kid;
	return e;
}
