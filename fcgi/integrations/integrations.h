/*
 * integrations: the parts of the pool fcgi/integrations.c, which has the table of their routes.
 */
#ifndef TICKETRAIL_FCGI_INTEGRATIONS_H
#define TICKETRAIL_FCGI_INTEGRATIONS_H

#include "err/err.h"
#include "http/body.h"
#include "http/route.h"
#include "provider/connect.h"
#include "tenant/restaurant.h"

struct op;
struct request;

/* --- scope: each fails with the fault set; else op->restaurant_id says whom it is about */

/* The restaurant of that number or slug, if the caller belongs there. */
enum err restaurant_named(struct op *, const char *name, struct restaurant *ret);
/* That of the path. */
enum err restaurant_load(struct op *, const struct request *, struct restaurant *ret);
/* Its connection with the provider of the path. */
enum err connection_load(struct op *, const struct request *, struct connection *ret);
/* Its present connection. */
enum err connection_active(struct op *, const struct request *, struct connection *ret);

/* --- settings */
extern const struct body_shape save_body;
route_handler config_get, providers_get, save_post, rotate_post;
/* --- health, test */
route_handler health_get, healths_get, status_get, test_post, test_get;
/* --- authorize */
route_handler authorize_get, start_get, return_get;
/* --- menu_sync */
route_handler sync_post, history_get;
/* --- deliveries */
route_handler logs_get, log_get;

#endif
