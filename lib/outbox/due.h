/*
 * due: where something is due, at any length of the queue.
 *
 * A runner asks this many times a second, and everything waits for the answer. One statement that
 * groups a queue by places is carried out as the server thinks best, which goes by statistics from
 * long ago: with 15,000 messages waiting it read them all, 20 ms each time. So the places at which
 * there is anything are remembered, each with the time at which its first message falls due. A look
 * asks by name, 7 us a place, where that time has come, and for what was put lately and what a poke
 * named by id. Neither can be carried out in another way. Six times a second, where that is costly
 * once, it asks everywhere: a message may have been made due sooner without a word.
 *
 * Every now and then there is a walk, which finds all places anew: the oftener the quicker it is.
 * It forgets places that are empty, and finds what no look does: a message that became visible long
 * after its id was taken (its transaction took a quarter of a second and nobody was poked, or it is
 * a dead one that was revived) at a place that had none. That takes five seconds at most.
 */
#ifndef TICKETRAIL_OUTBOX_DUE_H
#define TICKETRAIL_OUTBOX_DUE_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "outbox/outbox.h"

struct op;
struct arena;

/* A place, and when the first message there falls due; TIME_NONE: there is none. */
struct outbox_due {
	const char *destination;
	int64_t due_at;
};

#define OUTBOX_POKED_MAX 64 /* named between two looks; with more of them the next asks everywhere */

/* What a runner remembers. Begins and ends with the two below. */
struct outbox_places {
	enum runner runner;
	struct arena *arena; /* the names */
	struct outbox_due *all; /* by name; when the first there falls due, as last heard */
	size_t n;
	int64_t ask_all_at_us; /* steady clock: time for a look everywhere */
	int64_t poked[OUTBOX_POKED_MAX];
	size_t poked_n;
	int64_t after_id; /* whatever is behind it a look goes through */
	int64_t last_id, last_id_us; /* the highest, as it was then: after_id of later on */
	int64_t walk_at_us, stepwise_until_us; /* steady clock */
};
void outbox_places_begin(struct outbox_places *, enum runner);
void outbox_places_end(struct outbox_places *);

/* The next look asks at every place. */
void outbox_places_doubt(struct outbox_places *);
/* A poke has named this message; 0: none. */
void outbox_places_poked(struct outbox_places *, int64_t id);

/* Where something is due, the longest waiting first; *ret lives in the op's arena. */
enum err outbox_due(
    struct op *, struct outbox_places *, struct outbox_due **ret, size_t *ret_n);

#endif
