/*
 * discard: memory that is given back when there is time for it.
 *
 * What a call took (its answer as a tree, its credentials, to be overwritten) is given back piece
 * by piece, which takes a tenth of a busy relay's time. It is done while the database is waited
 * for.
 */
#ifndef TICKETRAIL_RELAY_DISCARD_H
#define TICKETRAIL_RELAY_DISCARD_H

#include <stddef.h>

#include "mem/arena.h"
#include "op/op.h"

#define DISCARDS_MAX 512 /* what is beyond them is given back at once */

struct discards {
	struct arena *arenas[DISCARDS_MAX];
	size_t n;
};

/* Takes it over; NULL is fine. Nothing may point into it any more. */
void discard_arena(struct discards *, struct arena **);
/* As op_end(). */
void discard_op(struct discards *, struct op *);

/* Gives back so many at most. */
void discards_free(struct discards *, size_t most);

#endif
