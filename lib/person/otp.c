#include "person/otp.h"

#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "outbox/outbox.h"
#include "person/budget.h"
#include "person/network.h"
#include "text/json_read.h"
#include "text/json_write.h"

#define SECOND_US INT64_C(1000000)
#define SHORT_US (600 * SECOND_US)
#define DAY_US (86400 * SECOND_US)
#define SHORT_MAX 3
#define DAY_MAX 10
#define TRIES_MAX 5
#define WRONG_MAX 20
#define BLOCK_DIGITS 4
/* Codes in SHORT_US: a campus at lunch, not a farm of numbers. Most type what they got. */
#define ADDRESS_MAX 100
#define NETWORK_MAX 300
#define ADDRESS_WRONG_MAX 50
#define NETWORK_WRONG_MAX 150
/* Wrong codes in an hour, from everywhere, before a code has one try only. */
#define ALL_WRONG_MAX 1000
#define HOUR_US (3600 * SECOND_US)
#define CODES 1000000   /* 10 to the OTP_DIGITS */

struct budget_row {
	int64_t short_n, day_n, wrong_n;
	int64_t short_first, day_first, wrong_first;
};
static const struct db_col budget_cols[] = {
	COL_I64(struct budget_row, short_n),
	COL_I64(struct budget_row, day_n),
	COL_I64(struct budget_row, wrong_n),
	COL_TIME(struct budget_row, short_first),
	COL_TIME(struct budget_row, day_first),
	COL_TIME(struct budget_row, wrong_first),
};
static const struct db_shape budget_shape = DB_SHAPE(struct budget_row, budget_cols);

struct phone_row {
	const char *phone;
};
static const struct db_col phone_cols[] = { COL_TEXT(struct phone_row, phone) };
static const struct db_shape phone_shape = DB_SHAPE(struct phone_row, phone_cols);

struct code_row {
	int64_t id, wrong_tries, expires_at, used_at;
	unsigned char code_hash[HASH_SIZE];
};
static const struct db_col code_cols[] = {
	COL_I64(struct code_row, id),
	COL_I64(struct code_row, wrong_tries),
	COL_TIME(struct code_row, expires_at),
	COL_TIME(struct code_row, used_at),
	COL_FIXED(struct code_row, code_hash),
};
static const struct db_shape code_shape = DB_SHAPE(struct code_row, code_cols);

/* One request or one try. */
struct attempt {
	const struct otp_keys *keys;
	const struct otp_caller *caller;
	const char *phone, *code;
	const struct otp_success *success; /* of a try; NULL: nothing follows */
	char address[NETWORK_SIZE], site[NETWORK_SIZE];
	int64_t tries_max;     /* of one code, as things are */
	struct user user;      /* of a try that succeeded */
	enum err verdict;      /* of a try, told after the commit */
	enum counter refused;  /* what was spent, if anything was */
};

/* Uniform over all codes: what would make some of them likelier is drawn again. */
static const char *
code_draw(struct op *op)
{
	uint32_t r;

	do
		op_random(op, &r, sizeof r);
	while (r >= UINT32_MAX - UINT32_MAX % CODES);
	return arena_printf(op->arena, "%0*u", OTP_DIGITS, (unsigned)(r % CODES));
}

/*
 * A code is bound to its number, and to the client's own name of the request: hashed alone, equal
 * codes of two numbers would show.
 */
static void
code_hash(struct op *op, const struct attempt *a, unsigned char ret_hash[HASH_SIZE])
{
	const char *id = a->caller->request_id;
	const char *text = arena_printf(op->arena, "%s %s%s%s", a->phone, a->code,
	    id != NULL ? " " : "", id != NULL ? id : "");

	hash_keyed(a->keys->hash_key, "otp", text, strlen(text), ret_hash);
}

/* 429, and when: of a window, when the oldest thing that fills it leaves it. */
static enum err
wait_first(struct op *op, int64_t wait_us, const char *sentence)
{
	fail(op, ERR_RATE_LIMITED, "%s", sentence);
	op->fault.retry_after_s = wait_us > 0 ? (int)(wait_us / SECOND_US) + 1 : 1;
	return ERR_RATE_LIMITED;
}

static enum err
too_many(struct op *op, int64_t first_us, int64_t window_us, const char *sentence)
{
	return wait_first(op, first_us + window_us - op->now_us, sentence);
}

static enum err
budget_read(struct op *op, const char *phone, struct budget_row *ret)
{
	return db_one(op, STMT_otp_budget,
	    DB_ARGS(DB_TIME("short_from", op->now_us - SHORT_US), DB_TEXT("phone", phone),
		DB_TIME("day_from", op->now_us - DAY_US)),
	    &budget_shape, ret);
}

/* What a number may still have, exactly: its row is locked. */
static enum err
number_check(struct op *op, struct attempt *a)
{
	struct budget_row b;
	enum err e = budget_read(op, a->phone, &b);

	if (e != OK)
		return e;
	a->refused = COUNTER_otp_refused_phone;
	if (b.day_n >= DAY_MAX)
		return too_many(op, b.day_first, DAY_US, "Too many codes were asked for today");
	if (b.wrong_n >= WRONG_MAX)
		return too_many(op, b.wrong_first, DAY_US, "Too many wrong codes were tried today");
	if (b.short_n >= SHORT_MAX)
		return too_many(op, b.short_first, SHORT_US,
		    "Too many codes were asked for; wait for the last one");
	return OK;
}

/* One code more, of all that share it: from few to all, so that the last row is locked shortly. */
static enum err
shares_take(struct op *op, struct attempt *a)
{
	const struct otp_limits *l = &a->keys->limits;
	int country_len = (int)phone_country_len(a->phone) + 1;
	int block_len = (int)strlen(a->phone) - BLOCK_DIGITS;
	const struct share {
		struct budget budget;
		enum counter refused;
	} shares[] = {
		{ { arena_printf(op->arena, "otp address %s", a->address), ADDRESS_MAX, SHORT_US },
		    COUNTER_otp_refused_address },
		{ { arena_printf(op->arena, "otp network %s", a->site), NETWORK_MAX, SHORT_US },
		    COUNTER_otp_refused_network },
		{ { arena_printf(op->arena, "otp block %.*s", block_len, a->phone), l->block_n,
		      HOUR_US },
		    COUNTER_otp_refused_block },
		{ { arena_printf(op->arena, "otp country %.*s", country_len, a->phone),
		      l->country_n, HOUR_US },
		    COUNTER_otp_refused_country },
		{ { "otp all", l->all_n, HOUR_US }, COUNTER_otp_refused_platform },
	};
	enum err e = OK;

	for (size_t i = 0; i < sizeof shares / sizeof shares[0] && e == OK; i++) {
		int64_t wait_us = 0;

		a->refused = shares[i].refused;
		e = budget_take(op, &shares[i].budget, &wait_us);
		if (e == OK && wait_us > 0)
			e = wait_first(op, wait_us, "Too many codes were asked for; try later");
	}
	return e;
}

static struct secret_place
place_of(struct arena *arena, int64_t subject_id)
{
	return (struct secret_place){
		.table = "outbox",
		.column = "payload",
		.row = arena_printf(arena, "otp_sms %lld", (long long)subject_id),
	};
}

static enum err
message_put(struct op *op, const struct attempt *a, int64_t id)
{
	struct message_new message = { .kind = MESSAGE_otp_sms, .subject_id = id };
	struct secret_place place = place_of(op->arena, id);
	struct json_write w;
	struct buf json;

	buf_init(&json, op->arena, 200);
	json_write_init(&w, &json);
	json_write_object(&w, NULL);
	json_write_string(&w, "phone", a->phone);
	json_write_string(&w, "otp", a->code);
	json_write_int64(&w, "expires_in", OTP_LIFE_S);
	json_write_object_end(&w);
	json_write_done(&w);
	message.payload =
	    secret_seal(op->arena, a->keys->relay_public_key, &place, json.data, json.len);
	return outbox_put(op, &message);
}

static enum err
request_body(struct op *op, void *arg)
{
	struct attempt *a = arg;
	unsigned char hash[HASH_SIZE];
	int64_t id;
	enum err e;

	e = db_run(op, STMT_otp_phone_ask, DB_ARGS(DB_TEXT("phone", a->phone)));
	if (e == OK)
		e = number_check(op, a);
	if (e == OK)
		e = db_run(op, STMT_otp_forget, DB_ARGS(DB_TEXT("phone", a->phone),
		    DB_TIME("day_from", op->now_us - DAY_US)));
	if (e != OK)
		return e;
	code_hash(op, a, hash);
	e = db_newid(op, STMT_otp_make,
	    DB_ARGS(DB_TEXT("phone", a->phone), DB_BYTES("address", a->address, strlen(a->address)),
		DB_BYTES("code_hash", hash, sizeof hash),
		DB_TIME("expires_at", op->now_us + OTP_LIFE_S * SECOND_US)),
	    &id);
	if (e == OK)
		e = message_put(op, a, id);
	if (e == OK)
		e = shares_take(op, a);
	CRASH_POINT("otp_request.before_commit");
	return e;
}

static void
attempt_init(struct attempt *a, const struct otp_keys *keys, const struct otp_caller *caller)
{
	*a = (struct attempt){ .keys = keys, .caller = caller, .phone = caller->phone };
	network_caller(caller->address, a->address);
	network_site(caller->address, a->site);
}

/* Is the number of a country that is served? `countries` are beginnings between blanks. */
static bool
is_served(const char *countries, const char *phone)
{
	if (countries == NULL || countries[strspn(countries, " ")] == '\0')
		return true;
	for (const char *at = countries + strspn(countries, " "); *at != '\0';) {
		size_t len = strcspn(at, " ");

		if (strncmp(phone, at, len) == 0)
			return true;
		at += len;
		at += strspn(at, " ");
	}
	return false;
}

enum err
otp_request(struct op *op, const struct otp_keys *keys, const struct otp_caller *caller)
{
	struct attempt a;
	enum err e;

	if (!phone_is_valid(caller->phone))
		return fail_field(op, "phone", "must be + and 8 to 15 digits, as in +919876543210");
	if (!is_served(keys->limits.countries, caller->phone))
		return fail_field(op, "phone", "is of a country that is not served");
	attempt_init(&a, keys, caller);
	e = db_now(op);
	if (e != OK)
		return e;
	a.code = code_draw(op);
	e = db_tx(op, request_body, &a);
	if (e == OK)
		counter_add(COUNTER_otp_sent, 1);
	else if (e == ERR_RATE_LIMITED)
		counter_add(a.refused, 1);
	return e;
}

/* --- a try ------------------------------------------------------------------------------------ */

struct guesses {
	struct budget address, site, all;
};

static struct guesses
guesses_of(struct op *op, const struct attempt *a)
{
	return (struct guesses){
		.address = { arena_printf(op->arena, "wrong address %s", a->address),
		    ADDRESS_WRONG_MAX, SHORT_US },
		.site = { arena_printf(op->arena, "wrong network %s", a->site), NETWORK_WRONG_MAX,
		    SHORT_US },
		.all = { "wrong all", ALL_WRONG_MAX, HOUR_US },
	};
}

/* May anything be tried from there, and how often one code? */
static enum err
guesses_look(struct op *op, struct attempt *a, const struct guesses *g)
{
	int64_t address_us = 0, site_us = 0, all_us = 0;
	enum err e = budget_look(op, &g->address, &address_us);

	if (e == OK)
		e = budget_look(op, &g->site, &site_us);
	if (e == OK)
		e = budget_look(op, &g->all, &all_us);
	if (e != OK)
		return e;
	a->tries_max = all_us > 0 ? 1 : TRIES_MAX;
	a->refused = address_us > 0 ? COUNTER_otp_refused_address : COUNTER_otp_refused_network;
	if (address_us > 0 || site_us > 0)
		return wait_first(op, address_us > site_us ? address_us : site_us,
		    "Too many wrong codes were tried from this network");
	return OK;
}

/* One more: what is spent already stays spent. */
static enum err
guesses_take(struct op *op, const struct guesses *g)
{
	int64_t wait_us;
	enum err e = budget_take(op, &g->address, &wait_us);

	if (e == OK)
		e = budget_take(op, &g->site, &wait_us);
	if (e == OK)
		e = budget_take(op, &g->all, &wait_us);
	return e;
}

/*
 * The newest code of the number; *ret_is_good: it may be tried at all. No code is one of zeroes, so
 * that what follows is the same work.
 */
static enum err
code_find(struct op *op, const struct attempt *a, struct code_row *ret, bool *ret_is_good)
{
	enum err e;

	*ret = (struct code_row){ .id = 0 };
	e = db_one(op, STMT_otp_newest, DB_ARGS(DB_TEXT("phone", a->phone)), &code_shape, ret);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	*ret_is_good = e == OK && ret->used_at == TIME_NONE && ret->expires_at > op->now_us &&
		       ret->wrong_tries < a->tries_max;
	return OK;
}

static enum err
code_spend(struct op *op, struct attempt *a, int64_t code_id)
{
	int64_t n;
	enum err e = db_changed(op, STMT_otp_use, DB_ARGS(DB_I64("id", code_id)), &n);

	if (e == OK)
		e = user_take(op, a->phone, &a->user);
	if (e == OK && a->user.is_active)
		a->verdict = OK;
	if (e == OK && a->verdict == OK && a->success != NULL)
		e = a->success->then(op, &a->user, a->success->arg);
	return e;
}

/*
 * A wrong try must be remembered: it commits, and the refusal is told afterwards. A number that
 * never asked takes the same steps as one that did.
 */
static enum err
verify_body(struct op *op, void *arg)
{
	struct attempt *a = arg;
	struct guesses guesses = guesses_of(op, a);
	unsigned char hash[HASH_SIZE];
	struct phone_row phone;
	struct budget_row b;
	struct code_row code;
	bool is_good = false;
	enum err e;

	a->verdict = ERR_INVALID_OTP;
	e = db_one(
	    op, STMT_otp_phone_lock, DB_ARGS(DB_TEXT("phone", a->phone)), &phone_shape, &phone);
	if (e == OK || e == ERR_NO_ROW)
		e = guesses_look(op, a, &guesses);
	if (e == OK)
		e = budget_read(op, a->phone, &b);
	if (e == OK && b.wrong_n >= WRONG_MAX) {
		a->refused = COUNTER_otp_refused_phone;
		return too_many(op, b.wrong_first, DAY_US, "Too many wrong codes were tried today");
	}
	if (e == OK)
		e = code_find(op, a, &code, &is_good);
	if (e != OK)
		return e;
	code_hash(op, a, hash);
	if (hmac_equal(hash, code.code_hash, sizeof hash) && is_good) {
		e = code_spend(op, a, code.id);
	} else {
		e = db_run(op, STMT_otp_wrong, DB_ARGS(DB_I64("id", is_good ? code.id : 0)));
		if (e == OK)
			e = guesses_take(op, &guesses);
	}
	CRASH_POINT("otp_verify.before_commit");
	return e;
}

/* Of a try that failed nothing can be found again: whether it was counted stays open. */
static enum err
verify_happened(struct op *op, void *arg, bool *ret)
{
	const struct attempt *a = arg;

	if (a->verdict != OK)
		return fail(op, ERR_UNAVAILABLE, NULL);
	return a->success->happened(op, a->success->arg, ret);
}

enum err
otp_verify(struct op *op, const struct otp_keys *keys, const struct otp_caller *caller,
    const char *code, const struct otp_success *success, struct user *ret_user)
{
	struct attempt a;
	enum err e;

	if (!phone_is_valid(caller->phone))
		fail_field(op, "phone", "must be + and 8 to 15 digits, as in +919876543210");
	if (strlen(code) != OTP_DIGITS || strspn(code, "0123456789") != OTP_DIGITS)
		fail_field(op, "otp", "must be %d digits", OTP_DIGITS);
	if (op->fault.code != OK)
		return op->fault.code;
	attempt_init(&a, keys, caller);
	a.code = code;
	a.success = success;
	e = db_now(op);
	if (e == OK)
		e = db_tx_keyed(op, verify_body, &a, success != NULL ? verify_happened : NULL);
	if (e == OK && a.verdict != OK)
		e = fail(op, a.verdict, NULL);
	if (e == OK) {
		counter_add(COUNTER_logins, 1);
		*ret_user = a.user;
	} else if (e == ERR_INVALID_OTP) {
		counter_add(COUNTER_logins_refused, 1);
	} else if (e == ERR_RATE_LIMITED) {
		counter_add(a.refused, 1);
	}
	return e;
}

enum err
otp_message_open(struct arena *arena, const struct secret_keypair *relay, int64_t subject_id,
    struct bytes payload, struct otp_message *ret_message)
{
	struct secret_place place = place_of(arena, subject_id);
	struct json_object *json;
	struct otp_message m;
	struct bytes text;
	const char *why;

	if (secret_open(arena, relay, &place, payload, &text) != OK ||
	    json_read(arena, text.data, text.len, &json_limits_default, &json, &why) != OK ||
	    !json_as_string(json_member(json, "phone"), &m.phone) ||
	    !json_as_string(json_member(json, "otp"), &m.otp) ||
	    !json_as_int64(json_member(json, "expires_in"), &m.expires_in_s))
		return ERR_INTERNAL_ERROR;
	*ret_message = m;
	return OK;
}
