/*
 * id_set: which ids a provider's document has named, and where; for finding repeats and dangling
 * references in one pass.
 *
 * It is made for a number of ids known beforehand and does not grow. The ids are not copied: they
 * must live as long.
 */
#ifndef TICKETRAIL_POS_ID_SET_H
#define TICKETRAIL_POS_ID_SET_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Open addressing, at most half full. */
struct id_set {
	struct id_slot {
		const char *id; /* NULL: free */
		size_t at;
	} *slots;
	size_t slots_n; /* a power of two */
};

/* An empty set for at most n ids. */
void id_set_init(struct id_set *, struct arena *, size_t n);

/* False if the id is there already; then it keeps its place. */
bool id_set_add(struct id_set *, const char *id, size_t at);

/* Where the id is; false if it is not in the set. */
bool id_set_find(const struct id_set *, const char *id, size_t *ret_at);

#endif
