#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "crypto/hmac.h"
#include "crypto/password.h"
#include "db/db.h"
#include "log/log.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "person/budget.h"
#include "person/network.h"
#include "person/session.h"
#include "person/staff.h"
#include "text/hex.h"

#define SECOND_US INT64_C(1000000)
#define QUARTER_US (900 * SECOND_US)
#define DAY_US (86400 * SECOND_US)
#define PAIR_MAX 10     /* in QUARTER_US: one account, one network */
#define ACCOUNT_MAX 100 /* in DAY_US, from strange networks; NIST SP 800-63B section 5.2.2 */
#define NETWORK_MAX 300 /* in QUARTER_US: a campus behind one address has many accounts */
#define KNOWN_US (30 * DAY_US)
#define NAME_HASH_LEN 16

struct known_row {
	bool is_known;
};
static const struct db_col known_cols[] = { COL_BOOL(struct known_row, is_known) };
static const struct db_shape known_shape = DB_SHAPE(struct known_row, known_cols);

/* One try, taken before the password is looked at: many at once would all be looked at else. */
struct attempt {
	struct budget pair, account, network;
	char site[NETWORK_SIZE];
	struct staff staff; /* id 0: nobody */
	bool is_known;      /* they have come from there lately */
	const char *spent;  /* which of them, of a try that was held back */
};

/*
 * What people type as a name may be their password: it is kept as a hash. An account is one
 * wherever it is tried: the platform's, which every restaurant lets in, is not guessed at anew in
 * each.
 */
static const char *
budget_name(struct op *op, const struct staff_proof *p, const struct attempt *a, const char *kind,
    const char *more)
{
	unsigned char hash[HASH_SIZE];
	int64_t scope_id = a->staff.id != 0 ? a->staff.restaurant_id : op->restaurant_id;
	const char *text = arena_printf(
	    op->arena, "%s %lld %s %s", kind, (long long)scope_id, p->username, more);

	hash_keyed(p->hash_key, "login", text, strlen(text), hash);
	return arena_printf(
	    op->arena, "login %s %s", kind, hex_encode(op->arena, hash, NAME_HASH_LEN));
}

/* Once it is known whom the name means. */
static void
budgets_set(struct op *op, const struct staff_proof *p, struct attempt *a)
{
	a->pair = (struct budget){ budget_name(op, p, a, "pair", a->site), PAIR_MAX, QUARTER_US };
	a->account = (struct budget){ budget_name(op, p, a, "account", ""), ACCOUNT_MAX, DAY_US };
	a->network = (struct budget){
		arena_printf(op->arena, "login network %s", a->site), NETWORK_MAX, QUARTER_US };
}

static enum err
known_read(struct op *op, struct attempt *a)
{
	struct known_row row = { .is_known = false };
	enum err e = db_one(op, STMT_staff_network_is_known,
	    DB_ARGS(DB_I64("staff_id", a->staff.id),
		DB_BYTES("network", a->site, strlen(a->site)),
		DB_TIME("since", op->now_us - KNOWN_US)),
	    &known_shape, &row);

	a->is_known = row.is_known;
	return e;
}

static enum err
take_one(struct op *op, struct attempt *a, const struct budget *b, const char *kind)
{
	int64_t wait_us = 0;
	enum err e = budget_take(op, b, &wait_us);

	if (e != OK || wait_us == 0)
		return e;
	a->spent = kind;
	fail(op, ERR_RATE_LIMITED, "Too many wrong passwords; try later");
	op->fault.retry_after_s = (int)(wait_us / SECOND_US) + 1;
	return ERR_RATE_LIMITED;
}

static enum err
take_body(struct op *op, void *arg)
{
	struct attempt *a = arg;
	enum err e = take_one(op, a, &a->pair, "pair");

	if (e == OK && !a->is_known)
		e = take_one(op, a, &a->account, "account");
	return e == OK ? take_one(op, a, &a->network, "network") : e;
}

/* The try is over, and it was no guess. */
static enum err
right_body(struct op *op, void *arg)
{
	struct attempt *a = arg;
	enum err e = budget_clear(op, &a->pair);

	if (e == OK && !a->is_known)
		e = budget_return(op, &a->account);
	if (e == OK)
		e = budget_return(op, &a->network);
	if (e == OK)
		e = db_run(op, STMT_staff_network_put,
		    DB_ARGS(DB_I64("staff_id", a->staff.id),
			DB_BYTES("network", a->site, strlen(a->site))));
	return e;
}

/*
 * OK with the account, whoever it is, or nobody; ERR_RATE_LIMITED. The same statements for those
 * who are there and those who are not.
 */
static enum err
attempt_begin(struct op *op, const struct staff_proof *p, struct attempt *a)
{
	enum err e;

	*a = (struct attempt){ .staff = { .id = 0 } };
	network_site(p->address, a->site);
	e = staff_by_username(op, p->username, &a->staff);
	budgets_set(op, p, a);
	if (e == OK || e == ERR_NO_ROW)
		e = db_now(op);
	if (e == OK)
		e = known_read(op, a);
	if (e == OK)
		e = db_tx(op, take_body, a);
	if (e == ERR_RATE_LIMITED) {
		counter_add(COUNTER_logins_held_back, 1);
		log_event(LOG_LEVEL_WARN, "login_held_back", op->trace_id,
		    LOG_FIELDS(LOG_TEXT("budget", a->spent),
			LOG_I64("restaurant", op->restaurant_id), LOG_I64("staff", a->staff.id),
			LOG_I64("wait_s", op->fault.retry_after_s)));
	}
	return e;
}

/* Not reaching the database here is no reason to refuse a login that was right. */
static void
attempt_was_right(struct op *op, struct attempt *a)
{
	if (db_tx(op, right_body, a) != OK)
		op_forgive(op);
}

/* Under which the session begins; not known to be written, it stays the one that was right. */
static void
rehash(struct op *op, struct staff *s, const char *password)
{
	char hash[PASSWORD_HASH_SIZE];
	int64_t n = 0;

	if (!password_is_stale(s->password_hash))
		return;
	password_hash(password, strlen(password), hash);
	if (db_changed(op, STMT_staff_rehash,
		DB_ARGS(DB_TEXT("password_hash", hash), DB_I64("id", s->id),
		    DB_TEXT("old_hash", s->password_hash)),
		&n) != OK)
		op_forgive(op);
	else if (n == 1)
		s->password_hash = arena_strdup(op->arena, hash);
}

static bool
is_right(const struct staff *s, const char *password)
{
	return password_verify(
	    s->id != 0 ? s->password_hash : NULL, password, strlen(password));
}

enum err
staff_login(struct op *op, const struct staff_proof *p, struct staff *ret_staff)
{
	struct attempt a;
	enum err e = attempt_begin(op, p, &a);

	if (e != OK)
		return e;
	if (!is_right(&a.staff, p->password) || !a.staff.is_active) {
		counter_add(COUNTER_logins_refused, 1);
		return fail(op, ERR_INVALID_CREDENTIALS, NULL);
	}
	attempt_was_right(op, &a);
	rehash(op, &a.staff, p->password);
	counter_add(COUNTER_logins, 1);
	*ret_staff = a.staff;
	return OK;
}

/* --- a password of one's own ------------------------------------------------------------------ */

struct changing {
	const struct staff *staff;
	const struct staff_success *success;
	const char *hash, *old_hash;
};

static enum err
change_body(struct op *op, void *arg)
{
	struct changing *c = arg;
	int64_t n = 0;
	enum err e = db_changed(op, STMT_staff_rehash,
	    DB_ARGS(DB_TEXT("password_hash", c->hash), DB_I64("id", c->staff->id),
		DB_TEXT("old_hash", c->old_hash)),
	    &n);

	if (e == OK && n == 0)
		return fail(op, ERR_CONFLICT, NULL);
	if (e == OK)
		e = session_end_of_staff(op, c->staff->id);
	if (e == OK)
		e = c->success->then(op, c->staff, c->success->arg);
	if (e == OK)
		e = audit_record(op, "staff.password", c->staff->username, NULL);
	CRASH_POINT("staff_password_change.before_commit");
	return e;
}

/* After a commit whose answer was lost. */
static enum err
change_happened(struct op *op, void *arg, bool *ret)
{
	const struct changing *c = arg;

	return c->success->happened(op, c->success->arg, ret);
}

enum err
staff_password_change(struct op *op, const struct staff *staff, const struct staff_proof *p,
    const char *new_password, const struct staff_success *success)
{
	struct changing c = { .staff = staff, .success = success };
	char hash[PASSWORD_HASH_SIZE];
	struct attempt a;
	enum err e = staff_password_check(op, "new_password", new_password, staff->username);

	if (e != OK)
		return e;
	e = attempt_begin(op, p, &a);
	if (e != OK)
		return e;
	if (a.staff.id != staff->id || !is_right(&a.staff, p->password)) {
		counter_add(COUNTER_logins_refused, 1);
		return fail_field(op, "old_password", "is not the present one");
	}
	attempt_was_right(op, &a);
	if (is_right(&a.staff, new_password))
		return fail_field(op, "new_password", "is the present one");
	password_hash(new_password, strlen(new_password), hash);
	c.hash = hash;
	c.old_hash = a.staff.password_hash;
	return db_tx_keyed(op, change_body, &c, change_happened);
}
