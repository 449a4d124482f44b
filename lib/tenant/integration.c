#include "tenant/integration.h"

#include <string.h>

#include "config/config.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "db/db.h"
#include "op/op.h"
#include "tenant/integration_inside.h"
#include "tenant/restaurant.h"

static const char *const purposes[] = {
	[WEBHOOK_SIGNATURE] = "signature",
	[WEBHOOK_CALLBACK] = "callback",
	[WEBHOOK_AUTHORIZATION] = "authorization",
};
_Static_assert(sizeof purposes / sizeof purposes[0] == WEBHOOK_PURPOSE__MAX, "a word per purpose");

static const struct db_col integration_cols[] = {
	COL_I64(struct integration, id),
	COL_I64(struct integration, restaurant_id),
	COL_I64(struct integration, provider_id),
	COL_TEXT(struct integration, provider_name),
	COL_TEXT(struct integration, display_name),
	COL_TEXT(struct integration, base_api_url),
	COL_TEXT(struct integration, webhook_base_url),
	COL_TEXT(struct integration, webhook_endpoints),
	COL_TEXT(struct integration, global_config),
	COL_TEXT(struct integration, pos_restaurant_id),
	COL_TEXT(struct integration, endpoint),
	COL_TEXT(struct integration, restaurant_specific_config),
	COL_BOOL(struct integration, active),
	COL_TIME(struct integration, last_sync_at),
	COL_TEXT(struct integration, pos_merchant_id),
};
static const struct db_shape integration_shape = DB_SHAPE(struct integration, integration_cols);

static const struct db_col sealed_cols[] = {
	COL_TEXT(struct sealed_row, name),
	COL_BYTES(struct sealed_row, sealed),
};
static const struct db_shape sealed_shape = DB_SHAPE(struct sealed_row, sealed_cols);

struct name_row {
	const char *name;
};
static const struct db_col name_cols[] = { COL_TEXT(struct name_row, name) };
static const struct db_shape name_shape = DB_SHAPE(struct name_row, name_cols);

enum err
integration_of(struct op *op, int64_t restaurant_id, struct integration *ret)
{
	return db_one(op, STMT_integration_of, DB_ARGS(DB_I64("restaurant_id", restaurant_id)),
	    &integration_shape, ret);
}

enum err
integration_with(
    struct op *op, int64_t restaurant_id, const char *provider_name, struct integration *ret)
{
	return db_one(op, STMT_integration_with,
	    DB_ARGS(
		DB_I64("restaurant_id", restaurant_id), DB_TEXT("provider_name", provider_name)),
	    &integration_shape, ret);
}

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

enum err
integration_lock(struct op *op, int64_t restaurant_id, const char *provider_name)
{
	struct id_row row;
	enum err e = db_one(op, STMT_integration_lock,
	    DB_ARGS(
		DB_I64("restaurant_id", restaurant_id), DB_TEXT("provider_name", provider_name)),
	    &id_shape, &row);

	return e == ERR_NO_ROW ? OK : e;
}

enum err
integration_by_pos_restaurant(struct op *op, const char *provider_name,
    const char *pos_restaurant_id, struct integration *ret)
{
	return db_one(op, STMT_integration_by_pos_restaurant,
	    DB_ARGS(DB_TEXT("provider_name", provider_name),
		DB_TEXT("pos_restaurant_id", pos_restaurant_id)),
	    &integration_shape, ret);
}

enum err
integrations_of_merchant(struct op *op, const char *provider_name, const char *pos_merchant_id,
    struct integration **ret, size_t *ret_n)
{
	return db_many(op, STMT_integrations_of_merchant,
	    DB_ARGS(DB_TEXT("provider_name", provider_name),
		DB_TEXT("pos_merchant_id", pos_merchant_id)),
	    &integration_shape, ret, ret_n);
}

enum err
integration_merchant_told(struct op *op, const struct integration *i, const char *pos_merchant_id)
{
	if (pos_merchant_id == NULL ||
	    (i->pos_merchant_id != NULL && strcmp(i->pos_merchant_id, pos_merchant_id) == 0))
		return OK;
	return db_run(op, STMT_integration_merchant,
	    DB_ARGS(DB_I64("id", i->id), DB_I64("restaurant_id", i->restaurant_id),
		DB_TEXT("pos_merchant_id", pos_merchant_id)));
}

enum err
integration_provider(struct op *op, const char *provider_name, struct integration *ret)
{
	return db_one(op, STMT_integration_provider,
	    DB_ARGS(DB_TEXT("provider_name", provider_name)), &integration_shape, ret);
}

enum err
integrations_list(struct op *op, int64_t restaurant_id, struct integration **ret, size_t *ret_n)
{
	return db_many(op, STMT_integrations_list, DB_ARGS(DB_I64("restaurant_id", restaurant_id)),
	    &integration_shape, ret, ret_n);
}

static enum err
integration_write(struct op *op, const struct integration *i)
{
	int64_t changed;
	enum err e = db_changed(op, STMT_integration_update,
	    DB_ARGS(DB_I64("restaurant_id", i->restaurant_id),
		DB_I64("pos_provider_id", i->provider_id),
		DB_TEXT("pos_restaurant_id", i->pos_restaurant_id),
		DB_TEXT("endpoint", i->endpoint), DB_TEXT("config", i->restaurant_specific_config),
		DB_I64("active", i->active)),
	    &changed);

	if (e == OK && changed == 0)
		e = db_run(op, STMT_integration_insert,
		    DB_ARGS(DB_I64("restaurant_id", i->restaurant_id),
			DB_TEXT("pos_type", i->provider_name),
			DB_I64("pos_provider_id", i->provider_id),
			DB_TEXT("pos_restaurant_id", i->pos_restaurant_id),
			DB_TEXT("endpoint", i->endpoint),
			DB_TEXT("config", i->restaurant_specific_config),
			DB_I64("active", i->active)));
	if (e != ERR_DUPLICATE)
		return e;
	if (db_duplicate_is(op, "uq_integration_pos_restaurant"))
		return fail_field(
		    op, "pos_restaurant_id", "is connected to another restaurant here");
	return fail(op, ERR_CONFLICT, NULL);
}

enum err
integration_save(struct op *op, const struct integration *i, int64_t *ret_id)
{
	struct integration saved;
	int64_t off;
	enum err e = integration_write(op, i);

	if (e == OK && i->active)
		e = db_changed(op, STMT_integration_others_off,
		    DB_ARGS(DB_I64("restaurant_id", i->restaurant_id),
			DB_I64("pos_provider_id", i->provider_id)),
		    &off);
	if (e == OK)
		e = db_run(op, STMT_restaurant_pos_set,
		    DB_ARGS(DB_I64("restaurant_id", i->restaurant_id),
			DB_TEXT("pos_provider", i->active ? i->provider_name : NULL),
			DB_TEXT("pos_location_id", i->active ? i->pos_restaurant_id : NULL)));
	if (e == OK)
		e = integration_with(op, i->restaurant_id, i->provider_name, &saved);
	if (e == OK)
		*ret_id = saved.id;
	return e;
}

enum err
integration_synced(struct op *op, const struct integration *i)
{
	return db_run(op, STMT_integration_synced,
	    DB_ARGS(DB_I64("id", i->id), DB_I64("restaurant_id", i->restaurant_id)));
}

static struct secret_place
credential_place(struct op *op, const struct integration *i, const char *name)
{
	return (struct secret_place){ .table = "integration_secrets",
		.column = "sealed",
		.row = arena_printf(op->arena, "%lld:%s", (long long)i->id, name),
		.restaurant_id = i->restaurant_id };
}

enum err
integration_secret_put(
    struct op *op, const struct integration *i, const char *name, const char *value)
{
	struct secret_place place = credential_place(op, i, name);
	struct bytes sealed = secret_seal(
	    op->arena, op->config->relay_public_key.bytes, &place, value, strlen(value));

	return db_run(op, STMT_integration_secret_put,
	    DB_ARGS(DB_I64("integration_id", i->id), DB_TEXT("name", name),
		DB_BYTES("sealed", sealed.data, sealed.len)));
}

enum err
integration_secret_drop(struct op *op, const struct integration *i, const char *name)
{
	return db_run(op, STMT_integration_secret_drop,
	    DB_ARGS(DB_I64("integration_id", i->id), DB_TEXT("name", name)));
}

enum err
integration_secrets_forget(struct op *op, const struct integration *i)
{
	return db_run(
	    op, STMT_integration_secrets_forget, DB_ARGS(DB_I64("integration_id", i->id)));
}

enum err
integration_secret_names(
    struct op *op, const struct integration *i, const char *const **ret, size_t *ret_n)
{
	struct name_row *rows = NULL;
	const char **names;
	size_t n = 0;
	enum err e = db_many(op, STMT_integration_secret_names,
	    DB_ARGS(DB_I64("integration_id", i->id)), &name_shape, &rows, &n);

	if (e != OK)
		return e;
	names = arena_array(op->arena, n + 1, sizeof *names);
	for (size_t k = 0; k < n; k++)
		names[k] = rows[k].name;
	*ret = names;
	*ret_n = n;
	return OK;
}

static enum err
credential_rows(struct op *op, const struct integration *i, struct sealed_row **ret, size_t *ret_n)
{
	if (credentials_ahead(op, i, ret, ret_n))
		return OK;
	return db_many(op, STMT_integration_secrets, DB_ARGS(DB_I64("integration_id", i->id)),
	    &sealed_shape, ret, ret_n);
}

enum err
integration_secrets_open(struct op *op, const struct secret_keypair *keys,
    const struct integration *i, struct named_secret **ret, size_t *ret_n)
{
	struct sealed_row *rows = NULL;
	struct named_secret *secrets;
	size_t n = 0;
	enum err e = credential_rows(op, i, &rows, &n);

	if (e != OK)
		return e;
	secrets = arena_array(op->arena, n, sizeof *secrets);
	for (size_t k = 0; k < n; k++) {
		struct secret_place place = credential_place(op, i, rows[k].name);
		struct bytes value;

		if (secret_open(op->arena, keys, &place, rows[k].sealed, &value) != OK)
			return fail(op, ERR_INTERNAL_ERROR, "A credential cannot be opened");
		secrets[k] = (struct named_secret){ .name = rows[k].name, .value = value.data };
	}
	*ret = secrets;
	*ret_n = n;
	return OK;
}

static struct secret_place
webhook_place(struct op *op, const struct integration *i, enum webhook_purpose purpose)
{
	return (struct secret_place){ .table = "restaurant_webhook_secrets",
		.column = "secret_key",
		.row = arena_printf(
		    op->arena, "%lld:%s", (long long)i->provider_id, purposes[purpose]),
		.restaurant_id = i->restaurant_id };
}

struct count_row {
	int64_t n;
};
static const struct db_col count_cols[] = { COL_I64(struct count_row, n) };
static const struct db_shape count_shape = DB_SHAPE(struct count_row, count_cols);

static enum err
webhook_secret_is_active(struct op *op, const struct integration *i, enum webhook_purpose purpose,
    const unsigned char digest[HASH_SIZE], bool *ret)
{
	struct count_row row;
	enum err e = db_one(op, STMT_webhook_secret_is_active,
	    DB_ARGS(DB_I64("restaurant_id", i->restaurant_id),
		DB_I64("pos_provider_id", i->provider_id), DB_TEXT("purpose", purposes[purpose]),
		DB_BYTES("digest", digest, HASH_SIZE)),
	    &count_shape, &row);

	if (e == OK)
		*ret = row.n != 0;
	return e;
}

enum err
webhook_secret_rotate(struct op *op, const struct integration *i, enum webhook_purpose purpose,
    struct bytes value, int64_t overlap_us)
{
	struct secret_place place = webhook_place(op, i, purpose);
	struct bytes sealed = secret_seal(
	    op->arena, op->config->relay_public_key.bytes, &place, value.data, value.len);
	unsigned char digest[HASH_SIZE];
	bool is_active = false;
	enum err e = db_now(op);

	hash_keyed(op->config->hash_key.bytes, "webhook", value.data, value.len, digest);
	if (e == OK)
		e = webhook_secret_is_active(op, i, purpose, digest, &is_active);
	if (e != OK || is_active)
		return e;
	e = db_run(op, STMT_webhook_secret_retire,
	    DB_ARGS(DB_I64("restaurant_id", i->restaurant_id),
		DB_I64("pos_provider_id", i->provider_id), DB_TEXT("purpose", purposes[purpose]),
		DB_TIME("expires_at", op->now_us + overlap_us)));
	if (e == OK)
		e = db_run(op, STMT_webhook_secret_put,
		    DB_ARGS(DB_I64("restaurant_id", i->restaurant_id),
			DB_I64("pos_provider_id", i->provider_id),
			DB_TEXT("purpose", purposes[purpose]),
			DB_BYTES("secret_key", sealed.data, sealed.len),
			DB_BYTES("digest", digest, HASH_SIZE)));
	return e == ERR_DUPLICATE ? fail(op, ERR_CONFLICT, NULL) : e;
}

static enum err
webhook_rows(struct op *op, const struct integration *i, enum webhook_purpose purpose,
    struct sealed_row **ret, size_t *ret_n)
{
	if (purpose == WEBHOOK_CALLBACK && callback_keys_ahead(op, i, ret, ret_n))
		return OK;
	return db_many(op, STMT_webhook_secrets,
	    DB_ARGS(DB_I64("restaurant_id", i->restaurant_id),
		DB_I64("pos_provider_id", i->provider_id), DB_TEXT("purpose", purposes[purpose])),
	    &sealed_shape, ret, ret_n);
}

enum err
webhook_secret_exists(
    struct op *op, const struct integration *i, enum webhook_purpose purpose, bool *ret)
{
	struct sealed_row *rows = NULL;
	size_t n = 0;
	enum err e = webhook_rows(op, i, purpose, &rows, &n);

	if (e == OK)
		*ret = n > 0;
	return e;
}

enum err
webhook_secrets_open(struct op *op, const struct secret_keypair *keys, const struct integration *i,
    enum webhook_purpose purpose, struct bytes **ret, size_t *ret_n)
{
	struct secret_place place = webhook_place(op, i, purpose);
	struct sealed_row *rows = NULL;
	struct bytes *values;
	size_t n = 0;
	enum err e = webhook_rows(op, i, purpose, &rows, &n);

	if (e != OK)
		return e;
	values = arena_array(op->arena, n, sizeof *values);
	for (size_t k = 0; k < n; k++)
		if (secret_open(op->arena, keys, &place, rows[k].sealed, &values[k]) != OK)
			return fail(op, ERR_INTERNAL_ERROR, "A webhook secret cannot be opened");
	*ret = values;
	*ret_n = n;
	return OK;
}
