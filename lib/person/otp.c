#include "person/otp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "outbox/outbox.h"
#include "text/json_read.h"
#include "text/json_write.h"

#define SECOND_US INT64_C(1000000)
#define SHORT_US (600 * SECOND_US)
#define DAY_US (86400 * SECOND_US)
#define SHORT_MAX 3
#define DAY_MAX 10
#define TRIES_MAX 5
#define WRONG_MAX 20
#define ADDRESS_MAX 100 /* in SHORT_US: a campus at lunch, not a farm of numbers */
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

struct address_row {
	int64_t n, first;
};
static const struct db_col address_cols[] = {
	COL_I64(struct address_row, n),
	COL_TIME(struct address_row, first),
};
static const struct db_shape address_shape = DB_SHAPE(struct address_row, address_cols);

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
	const char *phone, *code;
	const struct otp_success *success; /* of a try; NULL: nothing follows */
	char address[INET6_ADDRSTRLEN + 4];
	struct user user; /* of a try that succeeded */
	enum err verdict; /* of a try, told after the commit */
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

/* A code is bound to its number: hashed alone, equal codes of two numbers would show. */
static void
code_hash(struct op *op, const struct otp_keys *keys, const char *phone, const char *code,
    unsigned char ret_hash[HASH_SIZE])
{
	const char *text = arena_printf(op->arena, "%s %s", phone, code);

	hash_keyed(keys->hash_key, "otp", text, strlen(text), ret_hash);
}

/* Whoever has IPv6 has 2^64 addresses: they count as one. */
static void
address_of(const char *text, char *ret, size_t size)
{
	struct in6_addr six;
	char prefix[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET6, text, &six) != 1) {
		snprintf(ret, size, "%s", text);
	} else if (IN6_IS_ADDR_V4MAPPED(&six)) {
		snprintf(
		    ret, size, "%s", inet_ntop(AF_INET, six.s6_addr + 12, prefix, sizeof prefix));
	} else {
		memset(six.s6_addr + 8, 0, 8);
		snprintf(ret, size, "%s/64", inet_ntop(AF_INET6, &six, prefix, sizeof prefix));
	}
}

/* 429, and when the oldest thing that fills the window leaves it. */
static enum err
too_many(struct op *op, int64_t first_us, int64_t window_us, const char *sentence)
{
	int64_t wait_us = first_us + window_us - op->now_us;

	fail(op, ERR_RATE_LIMITED, "%s", sentence);
	op->fault.retry_after_s = wait_us > 0 ? (int)(wait_us / SECOND_US) + 1 : 1;
	return ERR_RATE_LIMITED;
}

static enum err
budget_read(struct op *op, const char *phone, struct budget_row *ret)
{
	return db_one(op, STMT_otp_budget,
	    DB_ARGS(DB_TIME("short_from", op->now_us - SHORT_US), DB_TEXT("phone", phone),
		DB_TIME("day_from", op->now_us - DAY_US)),
	    &budget_shape, ret);
}

static enum err
budget_check(struct op *op, const struct attempt *a)
{
	struct address_row address;
	struct budget_row b;
	enum err e;

	e = budget_read(op, a->phone, &b);
	if (e == OK)
		e = db_one(op, STMT_otp_address_budget,
		    DB_ARGS(DB_BYTES("address", a->address, strlen(a->address)),
			DB_TIME("short_from", op->now_us - SHORT_US)),
		    &address_shape, &address);
	if (e != OK)
		return e;
	if (b.day_n >= DAY_MAX)
		return too_many(op, b.day_first, DAY_US, "Too many codes were asked for today");
	if (b.wrong_n >= WRONG_MAX)
		return too_many(op, b.wrong_first, DAY_US, "Too many wrong codes were tried today");
	if (b.short_n >= SHORT_MAX)
		return too_many(op, b.short_first, SHORT_US,
		    "Too many codes were asked for; wait for the last one");
	if (address.n >= ADDRESS_MAX)
		return too_many(
		    op, address.first, SHORT_US, "Too many codes were asked for from this network");
	return OK;
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
	const struct attempt *a = arg;
	unsigned char hash[HASH_SIZE];
	int64_t id;
	enum err e;

	e = db_run(op, STMT_otp_phone_ask, DB_ARGS(DB_TEXT("phone", a->phone)));
	if (e == OK)
		e = budget_check(op, a);
	if (e == OK)
		e = db_run(op, STMT_otp_forget, DB_ARGS(DB_TEXT("phone", a->phone),
		    DB_TIME("day_from", op->now_us - DAY_US)));
	if (e != OK)
		return e;
	code_hash(op, a->keys, a->phone, a->code, hash);
	e = db_newid(op, STMT_otp_make,
	    DB_ARGS(DB_TEXT("phone", a->phone), DB_BYTES("address", a->address, strlen(a->address)),
		DB_BYTES("code_hash", hash, sizeof hash),
		DB_TIME("expires_at", op->now_us + OTP_LIFE_S * SECOND_US)),
	    &id);
	if (e == OK)
		e = message_put(op, a, id);
	CRASH_POINT("otp_request.before_commit");
	return e;
}

enum err
otp_request(struct op *op, const struct otp_keys *keys, const char *phone, const char *address)
{
	struct attempt a = { .keys = keys, .phone = phone };
	enum err e;

	if (!phone_is_valid(phone))
		return fail_field(op, "phone", "must be + and 8 to 15 digits, as in +919876543210");
	e = db_now(op);
	if (e != OK)
		return e;
	a.code = code_draw(op);
	address_of(address, a.address, sizeof a.address);
	e = db_tx(op, request_body, &a);
	if (e == OK)
		counter_add(COUNTER_otp_sent, 1);
	return e;
}

/* OK with the row if there is a code that may be tried at all; ERR_NO_ROW if not. */
static enum err
code_find(struct op *op, const char *phone, struct code_row *ret)
{
	enum err e;

	e = db_one(op, STMT_otp_newest, DB_ARGS(DB_TEXT("phone", phone)), &code_shape, ret);
	if (e == OK && (ret->used_at != TIME_NONE || ret->expires_at <= op->now_us ||
			   ret->wrong_tries >= TRIES_MAX))
		e = ERR_NO_ROW;
	return e;
}

/* A wrong try must be remembered: it commits, and the refusal is told afterwards. */
static enum err
verify_body(struct op *op, void *arg)
{
	struct attempt *a = arg;
	unsigned char hash[HASH_SIZE];
	struct phone_row phone;
	struct budget_row b;
	struct code_row code;
	int64_t n;
	enum err e;

	a->verdict = ERR_INVALID_OTP;
	e = db_one(
	    op, STMT_otp_phone_lock, DB_ARGS(DB_TEXT("phone", a->phone)), &phone_shape, &phone);
	if (e == OK)
		e = budget_read(op, a->phone, &b);
	if (e == OK && b.wrong_n >= WRONG_MAX)
		return too_many(op, b.wrong_first, DAY_US, "Too many wrong codes were tried today");
	if (e == OK)
		e = code_find(op, a->phone, &code);
	if (e != OK)
		return e == ERR_NO_ROW ? OK : e;
	code_hash(op, a->keys, a->phone, a->code, hash);
	if (!hmac_equal(hash, code.code_hash, sizeof hash))
		return db_run(op, STMT_otp_wrong, DB_ARGS(DB_I64("id", code.id)));
	e = db_changed(op, STMT_otp_use, DB_ARGS(DB_I64("id", code.id)), &n);
	if (e == OK)
		e = user_take(op, a->phone, &a->user);
	if (e == OK && a->user.is_active)
		a->verdict = OK;
	if (e == OK && a->verdict == OK && a->success != NULL)
		e = a->success->then(op, &a->user, a->success->arg);
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
otp_verify(struct op *op, const struct otp_keys *keys, const char *phone, const char *code,
    const struct otp_success *success, struct user *ret_user)
{
	struct attempt a = { .keys = keys, .phone = phone, .code = code, .success = success };
	enum err e;

	if (!phone_is_valid(phone))
		fail_field(op, "phone", "must be + and 8 to 15 digits, as in +919876543210");
	if (strlen(code) != OTP_DIGITS || strspn(code, "0123456789") != OTP_DIGITS)
		fail_field(op, "otp", "must be %d digits", OTP_DIGITS);
	if (op->fault.code != OK)
		return op->fault.code;
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
