#include "person/device.h"

#include <string.h>

#include "crypto/hmac.h"
#include "db/db.h"
#include "op/crash.h"

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

struct device {
	int64_t user_id;
	const char *token, *platform;
	unsigned char hash[HMAC_SIZE];
};

/* What the table finds it by. The key is nobody's secret: it is the same token under every key. */
static void
device_hash(const char *token, unsigned char ret_hash[HMAC_SIZE])
{
	static const char purpose[] = "device_tokens";

	hmac_sha256(purpose, sizeof purpose - 1, token, strlen(token), ret_hash);
}

/* The guest's row first: two devices at the same time would not count each other. */
static enum err
register_body(struct op *op, void *arg)
{
	const struct device *d = arg;
	struct id_row row;
	enum err e = db_one(
	    op, STMT_user_lock, DB_ARGS(DB_I64("id", d->user_id)), &id_shape, &row);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_INVALID_TOKEN, NULL);
	if (e == OK)
		e = db_run(op, STMT_device_put,
		    DB_ARGS(DB_I64("user_id", d->user_id), DB_TEXT("token", d->token),
			DB_BYTES("token_hash", d->hash, sizeof d->hash),
			DB_TEXT("platform", d->platform)));
	if (e == OK)
		e = db_run(op, STMT_device_surplus,
		    DB_ARGS(DB_I64("user_id", d->user_id), DB_I64("n", DEVICES_MAX)));
	CRASH_POINT("device_register.before_commit");
	return e;
}

enum err
device_register(struct op *op, int64_t user_id, const char *token, const char *platform)
{
	struct device d = { .user_id = user_id, .token = token, .platform = platform };

	device_hash(token, d.hash);
	return db_tx(op, register_body, &d);
}

enum err
device_forget(struct op *op, int64_t user_id, const char *token)
{
	unsigned char hash[HMAC_SIZE];

	device_hash(token, hash);
	return db_run(op, STMT_device_forget,
	    DB_ARGS(DB_BYTES("token_hash", hash, sizeof hash), DB_I64("user_id", user_id)));
}
