/*
 * traffic: what goes between a restaurant and its POS, in the log, for who looks for a fault there.
 *
 * A restaurant is watched while its setting pos_traffic_debug is on. Then each call of ours is one
 * line (pos_call: method, URL, headers, body; status and body of the answer, or how it failed), and
 * so is each delivery of theirs (pos_delivery). Secrets stand in a call of ours by name, and what
 * says who a guest is is left out of everything (inbox/redact.h); bodies are cut. Text messages are
 * no business of a POS and are never shown.
 *
 * Who is watched is read anew after TRAFFIC_FRESH_US, and only when there would be something to
 * show. That reading fails is nobody's trouble: then it is as it was.
 */
#ifndef TICKETRAIL_PROVIDER_TRAFFIC_H
#define TICKETRAIL_PROVIDER_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "provider/call.h"
#include "provider/webhook.h"

struct arena;
struct message;
struct op;

#define TRAFFIC_FRESH_US (INT64_C(400) * 1000)
#define TRAFFIC_BODY_MAX ((size_t)16 * 1024) /* of a body, without what was left out */

/* Who is watched, as last read. Zeroed at first; one per process. */
struct traffic {
	struct arena *arena;
	int64_t read_at_us;
	struct traffic_row *rows; /* by restaurant; what holds for all, as restaurant 0, first */
	size_t n;
};
void traffic_forget(struct traffic *);

/* Is the message a call to a POS of somebody who is watched? op NULL: as last read. */
bool traffic_is_watched(struct op *, struct traffic *, const struct message *);
/* Is the restaurant? */
bool traffic_watches(struct op *, struct traffic *, int64_t restaurant_id);

/* How a call went. */
void traffic_log_call(struct op *, const struct message *, const struct provider_call *,
    const struct provider_result *);

/* What came, and what was answered; answer NULL: nothing, we failed. path: without a query. */
void traffic_log_delivery(struct op *, const struct webhook_call *, const char *path,
    const struct webhook_answer *answer);

#endif
