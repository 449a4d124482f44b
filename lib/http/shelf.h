/*
 * shelf: large answers that are the same for many, laid where nginx can give them out by itself.
 *
 * A worker that has checked all there is to check about a request answers with the name of a file
 * (X-Accel-Redirect), and nginx sends that file instead of what it would have to fetch from the
 * worker for each client. The files lie in RUN_DIR/shelf.
 *
 * A file is named by whose it is and by a digest of what is in it, so that none is ever old,
 * whatever becomes of the database; it gets the name when all of it is written, so that none is
 * ever a half, and whoever dies before has left nothing. A new file takes its owner's others away;
 * should all of them together have more than the shelf may hold, all others go. A file may
 * therefore vanish between the answer and nginx, which then asks again, without a shelf.
 *
 * Nothing depends on a shelf. Where nginx has none, or a file cannot be laid there, the caller
 * answers as ever.
 */
#ifndef TICKETRAIL_HTTP_SHELF_H
#define TICKETRAIL_HTTP_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#include "mem/arena.h"

struct op;
struct reply;
struct request;

/* A process has one; zeroes are a good beginning. */
struct shelf {
	int64_t max_bytes; /* 0: 64 MiB. Each worker that lays a file just then may add its own. */
	int64_t again_us;  /* of the steady clock: it failed, and is not tried before then */
};

/*
 * What the file of these bytes is called, in the op's arena. It costs reading all of them: to be
 * kept with them. The owner is what there is one answer for: a new one replaces the one before.
 */
const char *shelf_name(struct op *, int64_t owner_id, struct bytes);

/*
 * True if the reply now is the file of that name, which has these bytes; the headers that were set
 * stay. False, and the reply untouched, if there is no shelf, or the file cannot be laid (logged,
 * and not tried again for ten seconds), or the answer is so small that a file would cost more.
 */
bool shelf_reply(struct shelf *, struct op *, const struct request *, struct reply *,
    const char *name, struct bytes);

#endif
