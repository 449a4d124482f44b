/*
 * taking: one delivery on its way in (webhook.h): whose it is, whether that is proved, stored, and
 * applied. Only webhook.c includes this.
 */
#ifndef TICKETRAIL_PROVIDER_TAKING_H
#define TICKETRAIL_PROVIDER_TAKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "provider/apply.h"
#include "provider/connect.h"
#include "provider/webhook.h"

struct taking {
	const struct secret_keypair *keys;
	const struct webhook_call *call;
	const struct pos_adapter *adapter;
	const struct pos_delivery *kind;
	struct bytes body; /* the call's, or one part of it */
	bool is_nobodys; /* a part that is none of ours */
	struct connection connection;
	bool has_connection;
	struct pos_event event;
	const char *problem; /* what is wrong with the body; NULL: nothing */
	bool is_verified;
	bool is_judged; /* whether the call proves itself to the connection is known: is_proved */
	bool is_proved;
	int http_status;     /* of the answer so far */
	const char *refusal; /* why it is refused; NULL: it is not */
	int64_t delivery_id;
	bool is_known; /* it came before */
	struct applied applied;
};

/* By the path's slug or by what the body says; none found: OK, and has_connection is false. */
enum err taking_find(struct op *, struct taking *);
/*
 * is_verified: the call is proved by the connection's own secret. (What a path names and the body
 * contradicts is not yet looked at.)
 */
enum err taking_judge(struct op *, struct taking *);
/* Is it theirs, and what is answered if not? */
enum err taking_verify(struct op *, struct taking *);
/* In a transaction: it is kept, and if it is theirs it will be applied. */
enum err taking_store(struct op *, void *taking);
/*
 * The worker's own application of what it has just stored; the job runner may have been quicker.
 */
enum err taking_apply(struct op *, struct taking *);
void taking_count(const struct op *, const struct taking *);

#endif
