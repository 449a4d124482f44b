/*
 * due: where something is due, at any length of the queue.
 *
 * A runner asks this many times a second, and everything waits for the answer. One statement that
 * groups a queue by places is carried out as the server thinks best, which goes by statistics from
 * long ago: with 15,000 messages waiting it read them all, 20 ms each time. So the places at which
 * there is anything are remembered, and a look asks for the first message of each by name, 7 us a
 * place, and for what was put lately by its id. Neither can be carried out in another way.
 *
 * Every now and then there is a walk, which finds all places anew: the oftener the quicker it is.
 * It forgets places that are empty, and finds what no look does: a message that became visible long
 * after its id was taken (its transaction took seconds, or it is a dead one that was revived) at a
 * place that had none. That takes five seconds at most.
 */
#ifndef TICKETRAIL_OUTBOX_DUE_H
#define TICKETRAIL_OUTBOX_DUE_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "outbox/outbox.h"

struct op;
struct arena;

/* What a runner remembers. Begins and ends with the two below. */
struct outbox_places {
	enum runner runner;
	struct arena *arena; /* the names */
	const char **names;
	size_t n;
	int64_t after_id; /* whatever is behind it a look goes through */
	int64_t last_id, last_id_us; /* the highest, as it was then: after_id of later on */
	int64_t walk_at_us, stepwise_until_us; /* steady clock */
};
void outbox_places_begin(struct outbox_places *, enum runner);
void outbox_places_end(struct outbox_places *);

/* The longest waiting first; *ret lives in the op's arena. */
struct outbox_due {
	const char *destination;
	int64_t due_at;
};
enum err outbox_due(
    struct op *, struct outbox_places *, struct outbox_due **ret, size_t *ret_n);

#endif
