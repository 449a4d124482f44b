#include "relay/discard.h"

void
discard_arena(struct discards *d, struct arena **arena)
{
	if (*arena != NULL && d->n < DISCARDS_MAX) {
		d->arenas[d->n++] = *arena;
		*arena = NULL;
	}
	arena_free(arena);
}

void
discard_op(struct discards *d, struct op *op)
{
	discard_arena(d, &op->arena);
	op_end(op);
}

void
discards_free(struct discards *d, size_t most)
{
	for (size_t i = 0; i < most && d->n > 0; i++)
		arena_free(&d->arenas[--d->n]);
}
