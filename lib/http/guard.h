/*
 * guard: which restaurant a request is about, and who is asking.
 *
 * The tenant is the slug of the path (/r/{slug}/), else the restaurant whose host name was asked
 * for, else DEFAULT_RESTAURANT. The caller is who a bearer token (RFC 6750) names, as
 * person/access.h says. Staff of one restaurant who name another one, by slug or host, get 403;
 * where only the default was meant, theirs is taken. A restaurant that is not active is there for
 * the platform's staff only.
 */
#ifndef TICKETRAIL_HTTP_GUARD_H
#define TICKETRAIL_HTTP_GUARD_H

#include "err/err.h"
#include "http/request.h"
#include "op/op.h"

struct config;

/* What a process keeps for it: the public keys. */
struct guard;
struct guard *guard_new(const struct config *);
void guard_free(struct guard **);

/*
 * Fills request->restaurant, op->restaurant_id and op->actor according to request->route.
 * ERR_NOT_FOUND without a needed tenant; ERR_INVALID_TOKEN or ERR_TOKEN_EXPIRED;
 * ERR_INSUFFICIENT_ROLE; a database fault.
 */
enum err guard_check(struct op *, struct guard *, struct request *);

#endif
