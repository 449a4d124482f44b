/*
 * idempotency: one request, one effect, however often a client repeats it under the same
 * Idempotency-Key.
 *
 * Inside the transaction that has the effect: idempotency_take() first of all (it is the first lock
 * of the house's order), then the deed, then idempotency_keep() with the answer. Only answers of
 * success are kept; a failure rolls the key back with everything else, so that the client may try
 * again. Keys belong to a principal; another one's equal key is another key.
 */
#ifndef TICKETRAIL_IDEMPOTENCY_IDEMPOTENCY_H
#define TICKETRAIL_IDEMPOTENCY_IDEMPOTENCY_H

#include <stdbool.h>

#include "err/err.h"
#include "mem/arena.h"

struct op;

struct idempotency {
	const char *principal; /* "user:17", "staff:3" */
	const char *key;       /* as the client sent it, 1 to 255 bytes */
	struct bytes request;  /* what must be the same the second time: method, path and body */
	/* set by idempotency_take() when the request was answered before */
	bool is_answered;
	int status;
	struct bytes answer;
};

/*
 * OK: the key is ours now, or it was answered and the answer is there. ERR_IDEMPOTENCY_IN_PROGRESS
 * when another transaction holds it, ERR_IDEMPOTENCY_MISMATCH when it was used with another
 * request; both with the fault set.
 */
enum err idempotency_take(struct op *, struct idempotency *);

enum err idempotency_keep(struct op *, const struct idempotency *, int status, struct bytes answer);

#endif
