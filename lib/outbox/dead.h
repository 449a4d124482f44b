/*
 * dead: what an operator sees of the outbox, and messages that were set aside.
 *
 * A message is set aside (DEAD in outbox_done) when it has killed whoever took it, or when a job
 * has failed too often. What people had to be told of it they were told then. Once the reason is
 * mended it can be put back: as new, under its old id. Whether there is still anything to do is
 * decided by whoever carries it out: a message about an order that has gone on does nothing.
 */
#ifndef TICKETRAIL_OUTBOX_DEAD_H
#define TICKETRAIL_OUTBOX_DEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"

struct op;

struct outbox_row {
	int64_t id;
	const char *kind_name, *destination;
	int64_t restaurant_id, subject_id; /* 0: none */
	int64_t attempts, lost_claims;
	bool is_held;
	int64_t at;             /* due, or the end of its claim; dead: when it was set aside */
	const char *last_error; /* or NULL */
	const char *trace_id;
};

/* A page of what waits (or of the dead) behind this id, at most n. Rows live in the op. */
enum err outbox_list(
    struct op *, bool dead, int64_t after_id, size_t n, struct outbox_row **ret, size_t *ret_n);

/* The dead message of this id, locked; ERR_NOT_FOUND with the fault set when there is none. */
enum err outbox_dead(struct op *, int64_t id, struct outbox_row *ret);

/*
 * Puts it back, due at once, in a transaction of the caller's; one that expires gets its kind's
 * lifetime anew. Of two who do it at once the second finds none.
 */
enum err outbox_replay(struct op *, int64_t id, struct outbox_row *ret);

#endif
