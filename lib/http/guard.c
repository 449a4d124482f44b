#include "http/guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "db/db.h"
#include "http/route.h"
#include "person/access.h"
#include "person/role.h"
#include "person/signing_key.h"
#include "person/user.h"
#include "tenant/restaurant.h"
#include "text/url.h"

struct guard {
	const struct config *config;
	struct keyring *keyring;
	char public_host[256]; /* of PUBLIC_URL: nobody's own, so it is not looked up */
};

/* How the tenant was told. */
enum told_by { TOLD_BY_NOTHING, TOLD_BY_PATH, TOLD_BY_HOST, TOLD_BY_DEFAULT };

/*
 * A guest at a restaurant, as one statement reads both: what most requests begin with. Members with
 * a prefix have a name in both rows.
 */
struct arrival {
	int64_t now_us, user_id, restaurant_id, menu_version;
	unsigned char user_public_id[16];
	const char *phone, *user_name, *email;
	const char *slug, *restaurant_name, *address, *contact, *time_zone, *currency;
	bool user_is_active, restaurant_is_active, has_ended;

	const char *asked; /* the slug that was asked for; NULL: nothing was read */
};
static const struct db_col arrival_cols[] = {
	COL_TIME(struct arrival, now_us),
	COL_I64(struct arrival, user_id),
	COL_FIXED(struct arrival, user_public_id),
	COL_TEXT(struct arrival, phone),
	COL_TEXT(struct arrival, user_name),
	COL_TEXT(struct arrival, email),
	COL_BOOL(struct arrival, user_is_active),
	COL_BOOL(struct arrival, has_ended),
	COL_I64(struct arrival, restaurant_id),
	COL_TEXT(struct arrival, slug),
	COL_TEXT(struct arrival, restaurant_name),
	COL_TEXT(struct arrival, address),
	COL_TEXT(struct arrival, contact),
	COL_TEXT(struct arrival, time_zone),
	COL_TEXT(struct arrival, currency),
	COL_BOOL(struct arrival, restaurant_is_active),
	COL_I64(struct arrival, menu_version),
};
static const struct db_shape arrival_shape = DB_SHAPE(struct arrival, arrival_cols);

struct guard *
guard_new(const struct config *config)
{
	struct arena *arena = arena_new((size_t)64 * 1024);
	struct guard *g = calloc(1, sizeof *g);
	struct url url;

	if (g == NULL)
		abort();
	g->config = config;
	g->keyring = keyring_new();
	if (url_parse(arena, config->public_url, &url) && strlen(url.host) < sizeof g->public_host)
		memcpy(g->public_host, url.host, strlen(url.host) + 1);
	arena_free(&arena);
	return g;
}

void
guard_free(struct guard **gp)
{
	if (*gp == NULL)
		return;
	keyring_free(&(*gp)->keyring);
	free(*gp);
	*gp = NULL;
}

/* --- the caller ------------------------------------------------------------------------------- */

/*
 * The token behind "Bearer " (RFC 6750 section 2.1; the scheme in any case), NULL if it is another
 * scheme.
 */
static const char *
bearer(const char *authorization)
{
	if (strncasecmp(authorization, "bearer ", 7) != 0)
		return NULL;
	authorization += 7;
	return authorization + strspn(authorization, " ");
}

/* Nobody's own host, so the path or the default says which restaurant. */
static bool
is_public(const struct guard *g, const char *host)
{
	return host == NULL || strcmp(host, g->public_host) == 0;
}

/* The slug by which the tenant will surely be looked up; NULL if that is not known yet. */
static const char *
slug_of(const struct guard *g, const struct request *r)
{
	const char *slug = r->tenant_slug;

	if (r->route->tenant == TENANT_NONE)
		return NULL;
	if (slug == NULL && is_public(g, r->host))
		slug = g->config->default_restaurant;
	return slug != NULL && restaurant_slug_ok(slug) ? slug : NULL;
}

static enum err
guest_arrive(struct op *op, const struct access *access, const char *slug, struct arrival *a)
{
	struct user *user;
	enum err e = db_one(op, STMT_access_guest,
	    DB_ARGS(DB_BYTES("user_public_id", access->public_id, sizeof access->public_id),
		DB_BYTES("family", access->family, sizeof access->family),
		DB_TEXT("slug", slug)),
	    &arrival_shape, a);

	/* One of them is not there: then each is looked for, and it is said which. */
	if (e == ERR_NO_ROW)
		return access_actor(op, access, &op->actor);
	if (e != OK)
		return e;
	a->asked = slug;
	if (op->now_us == TIME_NONE)
		op->now_us = a->now_us;
	user = arena_alloc(op->arena, sizeof *user);
	*user = (struct user){ .id = a->user_id, .phone = a->phone, .name = a->user_name,
	    .email = a->email, .is_active = a->user_is_active };
	memcpy(user->public_id, a->user_public_id, sizeof user->public_id);
	return access_guest(op, access, user, a->has_ended, &op->actor);
}

static enum err
caller_find(struct op *op, struct guard *g, const struct request *r, struct arrival *a)
{
	const char *token = bearer(r->authorization), *slug = slug_of(g, r);
	struct access access;
	enum err e;

	if (token == NULL)
		return fail(op, ERR_INVALID_TOKEN, NULL);
	e = access_read(op, g->keyring, g->config->jwt_issuer, token, strlen(token), &access);
	if (e != OK)
		return e;
	return access.role == ROLE_GUEST && slug != NULL ? guest_arrive(op, &access, slug, a)
							 : access_actor(op, &access, &op->actor);
}

static enum err
caller_check(struct op *op, struct guard *g, const struct request *r, struct arrival *a)
{
	int roles = r->route->roles;
	enum err e;

	if (roles == ROLE_ANYBODY)
		return OK;
	if (r->authorization == NULL)
		return (roles & ROLE_ANYBODY) != 0
			   ? OK
			   : fail(op, ERR_INVALID_TOKEN, "A bearer token is needed");
	e = caller_find(op, g, r, a);
	if (e == OK && (roles & ROLE_ANYBODY) == 0 && !role_may((enum role)op->actor.role, roles))
		e = fail(op, ERR_INSUFFICIENT_ROLE, NULL);
	return e;
}

/* --- the tenant ------------------------------------------------------------------------------- */

/* The restaurant of a slug, from the arrival where it was read with that. */
static enum err
tenant_by_slug(struct op *op, const struct arrival *a, const char *slug, struct restaurant *ret)
{
	if (a->asked == NULL || strcmp(a->asked, slug) != 0)
		return restaurant_by_slug(op, slug, ret);
	*ret = (struct restaurant){ .id = a->restaurant_id, .slug = a->slug,
	    .name = a->restaurant_name,
	    .address = a->address, .contact = a->contact, .time_zone = a->time_zone,
	    .currency = a->currency, .is_active = a->restaurant_is_active,
	    .menu_version = a->menu_version };
	return OK;
}

/*
 * OK with *ret_by TOLD_BY_NOTHING when nothing names one. A slug that names none is ERR_NOT_FOUND.
 */
static enum err
tenant_find(struct op *op, struct guard *g, const struct request *r, const struct arrival *a,
    struct restaurant *ret, enum told_by *ret_by)
{
	enum err e = ERR_NO_ROW;

	if (r->tenant_slug != NULL) {
		*ret_by = TOLD_BY_PATH;
		e = tenant_by_slug(op, a, r->tenant_slug, ret);
		return e == ERR_NO_ROW ? fail(op, ERR_NOT_FOUND, "There is no such restaurant") : e;
	}
	if (!is_public(g, r->host)) {
		*ret_by = TOLD_BY_HOST;
		e = restaurant_by_host(op, r->host, ret);
	}
	if (e == ERR_NO_ROW && g->config->default_restaurant[0] != '\0') {
		*ret_by = TOLD_BY_DEFAULT;
		e = tenant_by_slug(op, a, g->config->default_restaurant, ret);
	}
	if (e == ERR_NO_ROW) {
		*ret_by = TOLD_BY_NOTHING;
		e = OK;
	}
	return e;
}

/* Staff of one restaurant are always at theirs. */
static enum err
tenant_of_staff(struct op *op, struct restaurant *tenant, enum told_by *by)
{
	enum err e;

	if (*by != TOLD_BY_NOTHING && tenant->id == op->actor.restaurant_id)
		return OK;
	if (*by == TOLD_BY_PATH || *by == TOLD_BY_HOST)
		return fail(op, ERR_INSUFFICIENT_ROLE, "You do not work at this restaurant");
	*by = TOLD_BY_DEFAULT;
	e = restaurant_by_id(op, op->actor.restaurant_id, tenant);
	return e == ERR_NO_ROW ? fail(op, ERR_INTERNAL_ERROR, NULL) : e;
}

static enum err
tenant_check(struct op *op, struct guard *g, struct request *r, const struct arrival *a)
{
	struct restaurant *tenant = arena_alloc(op->arena, sizeof *tenant);
	enum told_by by = TOLD_BY_NOTHING;
	enum err e;

	op->restaurant_id = op->actor.restaurant_id;
	if (r->route->tenant == TENANT_NONE)
		return OK;
	e = tenant_find(op, g, r, a, tenant, &by);
	if (e == OK && op->actor.restaurant_id != 0)
		e = tenant_of_staff(op, tenant, &by);
	if (e != OK)
		return e;
	if (by != TOLD_BY_NOTHING && !tenant->is_active && op->actor.role != ROLE_PLATFORM)
		return fail(op, ERR_NOT_FOUND, "There is no such restaurant");
	if (by == TOLD_BY_NOTHING)
		return r->route->tenant == TENANT_OPTIONAL ?
		    OK : fail(op, ERR_NOT_FOUND, "Which restaurant? Use /r/{slug}/");
	r->restaurant = tenant;
	op->restaurant_id = tenant->id;
	return OK;
}

enum err
guard_check(struct op *op, struct guard *g, struct request *r)
{
	struct arrival a = { .asked = NULL };
	enum err e = caller_check(op, g, r, &a);

	if (e == OK)
		e = tenant_check(op, g, r, &a);
	return e;
}
