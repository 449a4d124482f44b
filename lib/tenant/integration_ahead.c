/* Integrations with their restaurants, one by one or for many ahead. */
#include "tenant/integration.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "op/op.h"
#include "tenant/integration_inside.h"
#include "tenant/restaurant.h"

struct whole_row {
	struct integration i;
	struct restaurant r;
	const char *secret_names; /* between commas; NULL: none */
	bool has_secrets;         /* read ahead with their values */
	void *made;               /* integration_made() */
};
static const struct db_col whole_cols[] = {
	COL_I64(struct whole_row, i.id),
	COL_I64(struct whole_row, i.restaurant_id),
	COL_I64(struct whole_row, i.provider_id),
	COL_TEXT(struct whole_row, i.provider_name),
	COL_TEXT(struct whole_row, i.display_name),
	COL_TEXT(struct whole_row, i.base_api_url),
	COL_TEXT(struct whole_row, i.webhook_base_url),
	COL_TEXT(struct whole_row, i.webhook_endpoints),
	COL_TEXT(struct whole_row, i.global_config),
	COL_TEXT(struct whole_row, i.pos_restaurant_id),
	COL_TEXT(struct whole_row, i.endpoint),
	COL_TEXT(struct whole_row, i.restaurant_specific_config),
	COL_BOOL(struct whole_row, i.active),
	COL_TIME(struct whole_row, i.last_sync_at),
	COL_TEXT(struct whole_row, i.pos_merchant_id),
	COL_TIME(struct whole_row, i.session.expires_at),
	COL_TIME(struct whole_row, i.session.refreshed_at),
	COL_I64(struct whole_row, i.session.failures),
	COL_BOOL(struct whole_row, i.session.is_refused),
	COL_TIME(struct whole_row, i.session.saved_at),
	COL_I64(struct whole_row, r.id),
	COL_TEXT(struct whole_row, r.slug),
	COL_TEXT(struct whole_row, r.name),
	COL_TEXT(struct whole_row, r.address),
	COL_TEXT(struct whole_row, r.contact),
	COL_TEXT(struct whole_row, r.time_zone),
	COL_TEXT(struct whole_row, r.currency),
	COL_BOOL(struct whole_row, r.is_active),
	COL_TEXT(struct whole_row, secret_names),
};
static const struct db_shape whole_shape = DB_SHAPE(struct whole_row, whole_cols);

/* "a,b" as a list. A credential's name has no comma. */
static const char **
names_split(struct arena *arena, const char *text, size_t *ret_n)
{
	const char **names;
	size_t n = text != NULL;

	for (const char *c = text; c != NULL && *c != '\0'; c++)
		n += *c == ',';
	names = arena_array(arena, n + 1, sizeof *names);
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(text, ",");

		names[i] = arena_strndup(arena, text, len);
		text += len + 1;
	}
	*ret_n = n;
	return names;
}

/* A secret of one integration, or of one restaurant with one provider. */
struct owned_row {
	int64_t owner_id, provider_id;
	const char *name;
	struct bytes sealed;
};
static const struct db_col owned_cols[] = {
	COL_I64(struct owned_row, owner_id),
	COL_I64(struct owned_row, provider_id),
	COL_TEXT(struct owned_row, name),
	COL_BYTES(struct owned_row, sealed),
};
static const struct db_shape owned_shape = DB_SHAPE(struct owned_row, owned_cols);

struct integrations_ahead {
	struct arena *arena;
	struct whole_row *wholes; /* of a restaurant the first one counts */
	struct owned_row *credentials, *callback_keys;
	size_t wholes_n, credentials_n, callback_keys_n;
};

static bool
is_named_before(const int64_t *ids, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (ids[i] == ids[at])
			return true;
	return false;
}

static struct whole_row *
whole_ahead(const struct op *op, int64_t restaurant_id)
{
	const struct integrations_ahead *ahead = op->integrations_ahead;

	for (size_t i = 0; ahead != NULL && i < ahead->wholes_n; i++)
		if (ahead->wholes[i].r.id == restaurant_id)
			return &ahead->wholes[i];
	return NULL;
}

static int
by_integration(const void *a, const void *b)
{
	const struct whole_row *x = a, *y = b;

	return (x->i.id > y->i.id) - (x->i.id < y->i.id);
}

static struct sealed_row *
owned_by(struct op *op, const struct owned_row *rows, size_t rows_n, int64_t owner_id,
    int64_t provider_id, size_t *ret_n)
{
	struct sealed_row *own = arena_array(op->arena, rows_n, sizeof *own);
	size_t n = 0;

	for (size_t i = 0; i < rows_n; i++)
		if (rows[i].owner_id == owner_id && rows[i].provider_id == provider_id)
			own[n++] = (struct sealed_row){ .name = rows[i].name,
				.sealed = rows[i].sealed };
	*ret_n = n;
	return own;
}

/* "[1,2,3]", each once. */
static const char *
ids_named(struct op *op, const int64_t *ids, size_t n)
{
	struct buf list;

	buf_init(&list, op->arena, n * 22 + 3);
	buf_addc(&list, '[');
	for (size_t i = 0; i < n; i++)
		if (!is_named_before(ids, i))
			buf_addf(&list, "%s%lld", i == 0 ? "" : ",", (long long)ids[i]);
	buf_addc(&list, ']');
	return list.data;
}

static bool
are_ahead(const struct op *op, const int64_t *restaurant_ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (whole_ahead(op, restaurant_ids[i]) == NULL)
			return false;
	return true;
}

static enum err
secrets_read_ahead(struct op *op, const int64_t *restaurant_ids, size_t n,
    const struct db_arg *args)
{
	struct integrations_ahead *ahead = op->integrations_ahead;
	enum err e = db_many(op, STMT_integrations_secrets, args, 1, &owned_shape,
	    &ahead->credentials, &ahead->credentials_n);

	if (e == OK)
		e = db_many(op, STMT_callback_keys, args, 1, &owned_shape, &ahead->callback_keys,
		    &ahead->callback_keys_n);
	for (size_t i = 0; i < ahead->wholes_n && e == OK; i++)
		ahead->wholes[i].has_secrets = false;
	for (size_t i = 0; i < n && e == OK; i++) {
		struct whole_row *whole = whole_ahead(op, restaurant_ids[i]);

		if (whole != NULL)
			whole->has_secrets = true;
	}
	return e;
}

enum err
integrations_read_ahead(
    struct op *op, const int64_t *restaurant_ids, size_t n, bool with_secrets)
{
	const struct db_arg args[] = {
		DB_TEXT("restaurants", ids_named(op, restaurant_ids, n))
	};
	enum err e = OK;

	if (!are_ahead(op, restaurant_ids, n)) {
		struct integrations_ahead *ahead = arena_alloc(op->arena, sizeof *ahead);

		*ahead = (struct integrations_ahead){ .arena = op->arena };
		e = db_many(op, STMT_connections_of, args, 1, &whole_shape, &ahead->wholes,
		    &ahead->wholes_n);
		if (e == OK && ahead->wholes_n > 1)
			qsort(ahead->wholes, ahead->wholes_n, sizeof *ahead->wholes,
			    by_integration);
		if (e == OK)
			op->integrations_ahead = ahead;
	}
	return e == OK && with_secrets ? secrets_read_ahead(op, restaurant_ids, n, args) : e;
}

/* False: they were not read with it. */
static bool
owned_ahead(struct op *op, const struct integration *i, const struct owned_row *rows, size_t n,
    int64_t owner_id, int64_t provider_id, struct sealed_row **ret, size_t *ret_n)
{
	const struct whole_row *whole = whole_ahead(op, i->restaurant_id);

	if (whole == NULL || whole->i.id != i->id || !whole->has_secrets)
		return false;
	*ret = owned_by(op, rows, n, owner_id, provider_id, ret_n);
	return true;
}

bool
credentials_ahead(
    struct op *op, const struct integration *i, struct sealed_row **ret, size_t *ret_n)
{
	const struct integrations_ahead *ahead = op->integrations_ahead;

	return ahead != NULL && owned_ahead(op, i, ahead->credentials, ahead->credentials_n,
				    i->id, 0, ret, ret_n);
}

bool
callback_keys_ahead(
    struct op *op, const struct integration *i, struct sealed_row **ret, size_t *ret_n)
{
	const struct integrations_ahead *ahead = op->integrations_ahead;

	return ahead != NULL && owned_ahead(op, i, ahead->callback_keys, ahead->callback_keys_n,
				    i->restaurant_id, i->provider_id, ret, ret_n);
}

void **
integration_made(struct op *op, int64_t restaurant_id, struct arena **ret_arena)
{
	struct whole_row *whole = whole_ahead(op, restaurant_id);

	if (whole == NULL)
		return NULL;
	*ret_arena = op->integrations_ahead->arena;
	return &whole->made;
}

enum err
integration_whole(struct op *op, int64_t restaurant_id, struct integration *ret,
    struct restaurant *ret_restaurant, const char *const **ret_names, size_t *ret_n)
{
	const struct whole_row *ahead = whole_ahead(op, restaurant_id);
	struct whole_row row;
	enum err e = OK;

	if (ahead != NULL)
		row = *ahead;
	else
		e = db_one(op, STMT_connection_of,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id)), &whole_shape, &row);
	if (e != OK)
		return e;
	*ret = row.i;
	*ret_restaurant = row.r;
	*ret_names = names_split(op->arena, row.secret_names, ret_n);
	return OK;
}
