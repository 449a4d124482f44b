#include "http/guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "http/route.h"
#include "person/access.h"
#include "person/role.h"
#include "person/signing_key.h"
#include "tenant/restaurant.h"
#include "text/url.h"

struct guard {
	const struct config *config;
	struct keyring *keyring;
	char public_host[256]; /* of PUBLIC_URL: nobody's own, so it is not looked up */
};

/* How the tenant was told. */
enum told_by { TOLD_BY_NOTHING, TOLD_BY_PATH, TOLD_BY_HOST, TOLD_BY_DEFAULT };

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

static enum err
caller_find(struct op *op, struct guard *g, const struct request *r)
{
	const char *token = bearer(r->authorization);

	if (token == NULL)
		return fail(op, ERR_INVALID_TOKEN, NULL);
	return access_check(
	    op, g->keyring, g->config->jwt_issuer, token, strlen(token), &op->actor);
}

static enum err
caller_check(struct op *op, struct guard *g, const struct request *r)
{
	int roles = r->route->roles;
	enum err e;

	if (roles == ROLE_ANYBODY)
		return OK;
	if (r->authorization == NULL)
		return (roles & ROLE_ANYBODY) != 0
			   ? OK
			   : fail(op, ERR_INVALID_TOKEN, "A bearer token is needed");
	e = caller_find(op, g, r);
	if (e == OK && (roles & ROLE_ANYBODY) == 0 && !role_may((enum role)op->actor.role, roles))
		e = fail(op, ERR_INSUFFICIENT_ROLE, NULL);
	return e;
}

/* --- the tenant ------------------------------------------------------------------------------- */

/*
 * OK with *ret_by TOLD_BY_NOTHING when nothing names one. A slug that names none is ERR_NOT_FOUND.
 */
static enum err
tenant_find(struct op *op, struct guard *g, const struct request *r, struct restaurant *ret,
    enum told_by *ret_by)
{
	enum err e = ERR_NO_ROW;

	if (r->tenant_slug != NULL) {
		*ret_by = TOLD_BY_PATH;
		e = restaurant_by_slug(op, r->tenant_slug, ret);
		return e == ERR_NO_ROW ? fail(op, ERR_NOT_FOUND, "There is no such restaurant") : e;
	}
	if (r->host != NULL && strcmp(r->host, g->public_host) != 0) {
		*ret_by = TOLD_BY_HOST;
		e = restaurant_by_host(op, r->host, ret);
	}
	if (e == ERR_NO_ROW && g->config->default_restaurant[0] != '\0') {
		*ret_by = TOLD_BY_DEFAULT;
		e = restaurant_by_slug(op, g->config->default_restaurant, ret);
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
tenant_check(struct op *op, struct guard *g, struct request *r)
{
	struct restaurant *tenant = arena_alloc(op->arena, sizeof *tenant);
	enum told_by by = TOLD_BY_NOTHING;
	enum err e;

	op->restaurant_id = op->actor.restaurant_id;
	if (r->route->tenant == TENANT_NONE)
		return OK;
	e = tenant_find(op, g, r, tenant, &by);
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
	enum err e = caller_check(op, g, r);

	return e == OK ? tenant_check(op, g, r) : e;
}
