/*
 * menu: menus on their way from a POS: asked for, taken in as a delivery, published as one version.
 */
#ifndef TICKETRAIL_PROVIDER_MENU_H
#define TICKETRAIL_PROVIDER_MENU_H

#include <stdint.h>

#include "err/err.h"
#include "outbox/outbox.h"
#include "tenant/integration.h"

struct connection;
struct op;

/*
 * Somebody wants the menu of the POS: a history row in state "running" and the message that fetches
 * it. In a transaction. ERR_VALIDATION_ERROR with the fault set where the POS has no such call.
 */
enum err menu_sync_start(struct op *, int64_t restaurant_id, int64_t *ret_sync_id);

/*
 * The POS says that the menu has changed, as it may do for each item of many: a fetch that is to
 * begin yet will see that too; after one that has begun a moment ago there is one more. As above.
 */
enum err menu_sync_news(struct op *, int64_t restaurant_id);

/*
 * A stored delivery holds a whole menu: the message that publishes it. In a transaction. documents:
 * of several that make one menu, "12:items 13:categories "; NULL: the delivery is all.
 */
enum err menu_publish_put(struct op *, int64_t restaurant_id, int64_t delivery_id, int64_t sync_id,
    const char *documents);

/*
 * The job: a stored document becomes the menu, as one version. In a transaction; finishes the
 * message.
 */
enum err menu_publish(struct op *, const struct message *);

/* A fetch that nobody asked for is due, a while from now (pos_traits.menu_poll_s). */
enum err menu_poll_put(struct op *, const struct connection *);
/* The job that begins it, and is due again after that. */
enum err menu_poll(struct op *, const struct message *);

/*
 * The document kills whoever reads it: the sync has failed. In the transaction that sets it aside.
 */
enum err menu_publish_dead(struct op *, const struct message *, const char *why);

#endif
