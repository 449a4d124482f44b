/*
 * inbox: every delivery of a provider, as it came (webhook_logs).
 *
 * A delivery is stored before anything is made of it, in one transaction with the message that has
 * it applied should the worker die. An unverified one keeps its headers, length and digest only,
 * and is capped per restaurant and minute: whoever sends rubbish must not fill the disk. State:
 * received, then processed, duplicate, ignored, parked (it names something we do not know yet),
 * failed (tried, will be tried again), dead (given up, listed). One that proves to be about an
 * order that is not ours is not kept at all: a POS may tell of every order of a house.
 */
#ifndef TICKETRAIL_INBOX_INBOX_H
#define TICKETRAIL_INBOX_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"

struct op;

struct delivery_new {
	int64_t restaurant_id; /* 0: unknown */
	const char *provider;  /* "petpooja" */
	const char *type;      /* "order-status", "push-menu" */
	const char *subject;   /* what it is about, by the provider's or our name; NULL: unknown */
	const char *headers;   /* "name: value\n" lines, secrets left out */
	const char *source_address;
	struct bytes body;
	bool is_verified;
	/* only an event id that the signature covers, however long; NULL otherwise */
	const char *event_key;
	bool is_nothing;       /* nothing is to come of it: ignored from the beginning */
	int http_status;       /* what is answered */
	const char *error;     /* why it is refused; NULL: it is not */
};

struct delivery {
	int64_t id, restaurant_id;
	const char *provider, *type, *subject, *state;
	struct bytes body;
	bool is_verified;
	int64_t http_status;
	int64_t received_at;
	const char *trace_id;
};

enum delivery_state {
	DELIVERY_RECEIVED,
	DELIVERY_PROCESSED,
	DELIVERY_DUPLICATE,
	DELIVERY_IGNORED,
	DELIVERY_PARKED,
	DELIVERY_FAILED,
	DELIVERY_DEAD,
	DELIVERY_STATE__MAX
};

/*
 * How many unverified deliveries of a restaurant (or of nobody) are stored in a minute; more are
 * only counted.
 */
#define INBOX_UNVERIFIED_PER_MINUTE 60

/*
 * Of unverified ones that nothing is to come of so many of their own: they are no rubbish, but
 * could be anybody's.
 */
#define INBOX_NOTHING_PER_MINUTE 10

/*
 * In a transaction. A verified one of the restaurant's whose event_key was seen before is
 * ERR_DUPLICATE (not a fault).
 * An unverified one past the cap is OK with *ret_id 0.
 */
enum err inbox_store(struct op *, const struct delivery_new *, int64_t *ret_id);

/*
 * Reads one under a lock, so that only one applies it. ERR_NO_ROW if it is gone. In a transaction.
 */
enum err inbox_lock(struct op *, int64_t id, struct delivery *ret);

/* What became of it. error NULL: nothing was wrong. */
enum err inbox_set(struct op *, int64_t id, enum delivery_state, const char *error);

/* It was about nothing of ours: its row goes. In a transaction that has it locked. */
enum err inbox_forget(struct op *, int64_t id);

/* Is the body the same as that of the last processed delivery about the same subject? */
enum err inbox_is_repeat(struct op *, const struct delivery *, bool *ret);

/*
 * Brings the messages of parked deliveries about a subject forward: what they waited for has come.
 * In a transaction.
 */
enum err inbox_unpark(
    struct op *, int64_t restaurant_id, const char *provider, const char *subject);

/* The sentences of the last day's failures of verified deliveries, newest first, at most five. */
enum err inbox_errors(struct op *, int64_t restaurant_id, const char *provider,
    const char *const **ret, size_t *ret_n);

#endif
