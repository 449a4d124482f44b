#include "person/session.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/hmac.h"
#include "crypto/token.h"
#include "db/db.h"
#include "log/log.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "text/hex.h"
#include "text/uuid.h"

#define REFRESH_BYTES 32
#define REFRESH_TEXT_LEN 43 /* of REFRESH_BYTES in base64url */
#define FORGET_AFTER_US (INT64_C(24) * 3600 * 1000000)

struct refresh_row {
	int64_t id, user_id, staff_id;
	unsigned char family[16];
	int64_t expires_at, used_at, revoked_at;
};
static const struct db_col refresh_cols[] = {
	COL_I64(struct refresh_row, id),
	COL_I64(struct refresh_row, user_id),
	COL_I64(struct refresh_row, staff_id),
	COL_FIXED(struct refresh_row, family),
	COL_TIME(struct refresh_row, expires_at),
	COL_TIME(struct refresh_row, used_at),
	COL_TIME(struct refresh_row, revoked_at),
};
static const struct db_shape refresh_shape = DB_SHAPE(struct refresh_row, refresh_cols);

struct ended_row {
	bool has_ended;
};
static const struct db_col ended_cols[] = { COL_BOOL(struct ended_row, has_ended) };
static const struct db_shape ended_shape = DB_SHAPE(struct ended_row, ended_cols);

/* Whose session it is: exactly one of user_id and staff_id. Their claims come of it. */
struct owner {
	int64_t user_id, staff_id;
	unsigned char public_id[16];
	const char *role;
	const char *slug; /* NULL: none */
};

/* One new refresh token, chosen before the first try of its transaction. */
struct minting {
	const struct session_maker *maker;
	const char *token;
	unsigned char hash[HASH_SIZE], family[16];
	struct owner owner;

	/* of a refresh only */
	unsigned char old_hash[HASH_SIZE];
	enum err verdict; /* what the caller is told after the commit */
};

static void
refresh_hash(const unsigned char *hash_key, const char *token, unsigned char ret_hash[HASH_SIZE])
{
	hash_keyed(hash_key, "refresh", token, strlen(token), ret_hash);
}

static struct owner
owner_of_user(const struct user *user)
{
	struct owner o = { .user_id = user->id, .role = role_word(ROLE_GUEST) };

	memcpy(o.public_id, user->public_id, sizeof o.public_id);
	return o;
}

static struct owner
owner_of_staff(const struct staff *staff)
{
	struct owner o = {
		.staff_id = staff->id,
		.role = role_word(staff_role(staff)),
		.slug = staff->restaurant_slug,
	};

	memcpy(o.public_id, staff->public_id, sizeof o.public_id);
	return o;
}

/* The row's owner as they are now; ERR_NO_ROW if they may not go on. */
static enum err
owner_load(struct op *op, const struct refresh_row *row, struct owner *ret_owner)
{
	struct staff staff;
	struct user user;
	enum err e;

	if (row->user_id != 0) {
		e = user_by_id(op, row->user_id, &user);
		if (e == OK)
			*ret_owner = owner_of_user(&user);
		return e == OK && !user.is_active ? ERR_NO_ROW : e;
	}
	e = staff_by_id(op, row->staff_id, &staff);
	if (e == OK)
		*ret_owner = owner_of_staff(&staff);
	return e == OK && !staff.is_active ? ERR_NO_ROW : e;
}

static void
mint(struct op *op, struct minting *m)
{
	unsigned char raw[REFRESH_BYTES];

	op_random(op, raw, sizeof raw);
	m->token = base64url_encode(op->arena, raw, sizeof raw);
	refresh_hash(m->maker->hash_key, m->token, m->hash);
}

static enum err
refresh_put(struct op *op, const struct minting *m)
{
	return db_run(op, STMT_session_put, DB_ARGS(DB_BYTES("token_hash", m->hash, sizeof m->hash),
	    DB_BYTES("family", m->family, sizeof m->family), DB_ID("user_id", m->owner.user_id),
	    DB_ID("staff_id", m->owner.staff_id),
	    DB_TIME("expires_at", op->now_us + INT64_C(1000000) * REFRESH_LIFE_S)));
}

/* After a commit whose answer was lost: our token's row tells. */
static enum err
refresh_happened(struct op *op, void *arg, bool *ret)
{
	const struct minting *m = arg;
	struct refresh_row row;
	enum err e;

	e = db_one(op, STMT_session_by_hash,
	    DB_ARGS(DB_BYTES("token_hash", m->hash, sizeof m->hash)), &refresh_shape, &row);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret = e == OK;
	return OK;
}

/* What the client gets for a refresh token that is in the table. */
static void
hand_out(struct op *op, const struct minting *m, const char *kid, const struct rsa_key *key,
    struct session_tokens *ret_tokens)
{
	char sub[UUID_TEXT_LEN], sid[UUID_TEXT_LEN];
	struct token_claims claims = {
		.iss = m->maker->issuer,
		.sub = sub,
		.sid = sid,
		.role = m->owner.role,
		.rid = m->owner.slug,
		.iat_s = op->now_us / 1000000,
		.exp_s = op->now_us / 1000000 + ACCESS_LIFE_S,
	};

	uuid_format(m->owner.public_id, sub);
	uuid_format(m->family, sid);
	*ret_tokens = (struct session_tokens){
		.access_token = token_make(op->arena, key, kid, &claims),
		.refresh_token = m->token,
		.expires_in_s = ACCESS_LIFE_S,
	};
}

static enum err
begin_body(struct op *op, void *arg)
{
	const struct minting *m = arg;
	enum err e;

	e = refresh_put(op, m);
	if (e == OK)
		e = db_run(op, STMT_session_forget,
		    DB_ARGS(DB_TIME("before", op->now_us - FORGET_AFTER_US),
			DB_ID("user_id", m->owner.user_id), DB_ID("staff_id", m->owner.staff_id)));
	CRASH_POINT("session_begin.before_commit");
	return e;
}

/* A draft is what a login mints, and the key that was there to sign with. */
struct session_draft {
	struct minting m;
	const struct rsa_key *key;
	const char *kid;
};

enum err
session_draft(struct op *op, const struct session_maker *maker, struct session_draft **ret)
{
	struct session_draft *d = arena_alloc(op->arena, sizeof *d);
	enum err e = db_now(op);

	if (e == OK)
		e = signer_key(op, maker->signer, &d->kid, &d->key);
	if (e != OK)
		return e;
	d->m.maker = maker;
	op_random(op, d->m.family, sizeof d->m.family);
	mint(op, &d->m);
	*ret = d;
	return OK;
}

enum err
session_put(struct op *op, struct session_draft *d, const struct user *user)
{
	d->m.owner = owner_of_user(user);
	return begin_body(op, &d->m);
}

enum err
session_put_staff(struct op *op, struct session_draft *d, const struct staff *staff)
{
	d->m.owner = owner_of_staff(staff);
	return begin_body(op, &d->m);
}

enum err
session_is_there(struct op *op, void *draft, bool *ret)
{
	struct session_draft *d = draft;

	return refresh_happened(op, &d->m, ret);
}

void
session_give(struct op *op, const struct session_draft *d, struct session_tokens *ret_tokens)
{
	hand_out(op, &d->m, d->kid, d->key, ret_tokens);
}

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

/* A login of staff: whom the password was right for. */
struct entering {
	struct session_draft *draft;
	const struct staff *staff;
};

/*
 * The password was looked at before this transaction. One that has been changed since, and ended
 * all sessions there were, begins none.
 */
static enum err
enter_body(struct op *op, void *arg)
{
	const struct entering *x = arg;
	struct id_row row;
	enum err e = db_one(op, STMT_session_staff_holds,
	    DB_ARGS(DB_I64("staff_id", x->staff->id),
		DB_TEXT("password_hash", x->staff->password_hash)),
	    &id_shape, &row);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_INVALID_CREDENTIALS, NULL);
	return e == OK ? session_put_staff(op, x->draft, x->staff) : e;
}

static enum err
enter_happened(struct op *op, void *arg, bool *ret)
{
	const struct entering *x = arg;

	return session_is_there(op, x->draft, ret);
}

enum err
session_begin_staff(struct op *op, const struct session_maker *maker, const struct staff *staff,
    struct session_tokens *ret_tokens)
{
	struct entering x = { .staff = staff };
	struct session_draft *d;
	enum err e = session_draft(op, maker, &d);

	if (e != OK)
		return e;
	x.draft = d;
	e = db_tx_keyed(op, enter_body, &x, enter_happened);
	if (e == OK)
		session_give(op, d, ret_tokens);
	return e;
}

static enum err
family_end(struct op *op, const unsigned char family[16])
{
	enum err e = db_run(op, STMT_session_void_family, DB_ARGS(DB_BYTES("family", family, 16)));

	if (e == OK)
		e = db_run(op, STMT_session_end_family, DB_ARGS(DB_BYTES("family", family, 16)));
	return e;
}

enum err
session_end_of_staff(struct op *op, int64_t staff_id)
{
	enum err e = db_run(op, STMT_session_void_staff, DB_ARGS(DB_I64("staff_id", staff_id)));

	if (e == OK)
		e = db_run(op, STMT_session_end_staff, DB_ARGS(DB_I64("staff_id", staff_id)));
	return e;
}

static enum err
session_end_of_user(struct op *op, int64_t user_id)
{
	enum err e = db_run(op, STMT_session_void_user, DB_ARGS(DB_I64("user_id", user_id)));

	if (e == OK)
		e = db_run(op, STMT_session_end_user, DB_ARGS(DB_I64("user_id", user_id)));
	return e;
}

/* Somebody may have ended it while this token of it was being made, and not have seen the row. */
static enum err
has_ended(struct op *op, const struct refresh_row *row, bool *ret)
{
	struct ended_row ended = { .has_ended = false };
	enum err e = OK;

	if (row->revoked_at == TIME_NONE)
		e = db_one(op, STMT_session_has_ended,
		    DB_ARGS(DB_BYTES("family", row->family, sizeof row->family)), &ended_shape,
		    &ended);
	if (e == OK)
		*ret = row->revoked_at != TIME_NONE || ended.has_ended;
	return e;
}

/* A refusal that must be remembered commits, and is told afterwards: see the verdict. */
static enum err
refresh_body(struct op *op, void *arg)
{
	struct minting *m = arg;
	struct refresh_row row;
	bool is_over = false;
	int64_t n;
	enum err e;

	m->verdict = ERR_INVALID_TOKEN;
	e = db_one(op, STMT_session_by_hash,
	    DB_ARGS(DB_BYTES("token_hash", m->old_hash, sizeof m->old_hash)), &refresh_shape, &row);
	if (e == ERR_NO_ROW)
		return OK;
	if (e == OK)
		e = has_ended(op, &row, &is_over);
	if (e != OK || is_over)
		return e;
	if (row.used_at != TIME_NONE) {
		counter_add(COUNTER_refresh_reused, 1);
		log_event(LOG_LEVEL_WARN, "refresh_reused", op->trace_id, LOG_NO_FIELDS);
		return family_end(op, row.family);
	}
	if (row.expires_at <= op->now_us) {
		m->verdict = ERR_TOKEN_EXPIRED;
		return OK;
	}
	e = owner_load(op, &row, &m->owner);
	if (e == ERR_NO_ROW)
		return family_end(op, row.family);
	if (e == OK)
		e = db_changed(op, STMT_session_use, DB_ARGS(DB_I64("id", row.id)), &n);
	if (e != OK)
		return e;
	memcpy(m->family, row.family, sizeof m->family);
	m->verdict = OK;
	e = refresh_put(op, m);
	CRASH_POINT("session_refresh.before_commit");
	return e;
}

enum err
session_refresh(struct op *op, const struct session_maker *maker, const char *refresh_token,
    struct session_tokens *ret_tokens)
{
	struct minting m = { .maker = maker };
	const struct rsa_key *key;
	const char *kid;
	enum err e;

	if (strlen(refresh_token) != REFRESH_TEXT_LEN)
		return fail(op, ERR_INVALID_TOKEN, NULL);
	e = db_now(op);
	if (e == OK)
		e = signer_key(op, maker->signer, &kid, &key);
	if (e != OK)
		return e;
	refresh_hash(maker->hash_key, refresh_token, m.old_hash);
	mint(op, &m);
	e = db_tx_keyed(op, refresh_body, &m, refresh_happened);
	if (e != OK)
		return e;
	if (m.verdict != OK)
		return fail(op, m.verdict, NULL);
	hand_out(op, &m, kid, key, ret_tokens);
	return OK;
}

struct ending {
	bool is_one;
	unsigned char hash[HASH_SIZE];
};

static enum err
end_body(struct op *op, void *arg)
{
	const struct ending *ending = arg;
	bool is_user = op->actor.kind == ACTOR_USER;
	struct refresh_row row;
	enum err e;

	if (!ending->is_one && is_user)
		return session_end_of_user(op, op->actor.id);
	if (!ending->is_one)
		return session_end_of_staff(op, op->actor.id);
	e = db_one(op, STMT_session_by_hash,
	    DB_ARGS(DB_BYTES("token_hash", ending->hash, sizeof ending->hash)), &refresh_shape,
	    &row);
	if (e == ERR_NO_ROW || (e == OK && (is_user ? row.user_id : row.staff_id) != op->actor.id))
		return OK;
	return e == OK ? family_end(op, row.family) : e;
}

enum err
session_end(struct op *op, const unsigned char *hash_key, const char *refresh_token)
{
	struct ending ending = { .is_one = refresh_token != NULL };
	enum err e;

	e = db_now(op);
	if (e != OK)
		return e;
	if (refresh_token != NULL)
		refresh_hash(hash_key, refresh_token, ending.hash);
	return db_tx(op, end_body, &ending);
}
