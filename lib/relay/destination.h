/*
 * destination: how much a place that messages go to is trusted with at the moment.
 *
 * One hung place must not hold up another, and a place in trouble is not helped by more calls. So
 * each destination has
 *
 * - a window: how many calls may be under way at once. It grows by one for every window's worth of
 *   successes and is halved by a failure (as Postfix's queue manager does it, postconf(5):
 *   default_destination_concurrency_*_feedback). A window that has shrunk is not to be filled for
 *   ten seconds by one call that hangs: up to the first size one more may begin each second;
 * - a circuit: closed; open after some failures in a row: nothing goes for a while; then half-open:
 *   one call probes, and its end closes the circuit or opens it for twice as long. Times are
 *   jittered, so that five hundred places that failed together do not come back together;
 * - a hold: until when the place itself has asked for peace (Retry-After).
 *
 * Pure: times come in (steady clock, µs), so does randomness. What counts as a failure is said by
 * destination_news_of(): the place's own troubles, never a refusal, and never what we ourselves did
 * not send. Destinations that are at rest are forgotten, so the table does not grow with the
 * history of the house.
 */
#ifndef TICKETRAIL_RELAY_DESTINATION_H
#define TICKETRAIL_RELAY_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "provider/call.h"

#define DESTINATION_WINDOW_FIRST 5
#define DESTINATION_WINDOW_MAX 50
#define DESTINATION_TRICKLE_US (INT64_C(1) * 1000000)
#define DESTINATION_FAILURES_OPEN 5 /* failures in a row that open the circuit */
#define DESTINATION_OPEN_FIRST_US (INT64_C(1) * 1000000)
#define DESTINATION_OPEN_MAX_US (INT64_C(30) * 1000000)
/*
 * Longer peace is a message's own affair: an hour asked for by one answer must not silence a
 * restaurant for an hour.
 */
#define DESTINATION_HOLD_MAX_US (INT64_C(60) * 1000000)
#define DESTINATION_BAR_US (INT64_C(500) * 1000)
#define DESTINATION_REST_US (INT64_C(300) * 1000000)

enum circuit { CIRCUIT_CLOSED, CIRCUIT_OPEN, CIRCUIT_HALF_OPEN };

struct destination {
	struct destination *next;
	char *name;
	int64_t window_milli; /* calls under way at once, in thousandths */
	size_t in_flight;
	unsigned failures_in_row;
	enum circuit circuit;
	int64_t open_us;       /* how long the circuit was, or is, open */
	int64_t probe_at_us;   /* open: when it becomes half-open */
	int64_t hold_until_us; /* they asked for peace until then, or the rate is spent */
	int64_t used_at_us, entered_at_us;
};

struct destinations;

/* random: as op->random. */
struct destinations *destinations_new(void (*random)(void *, size_t));
void destinations_free(struct destinations **);

/* The destination of this name, made if it was not known. Good until destinations_forget(). */
struct destination *destination_of(struct destinations *, const char *name, int64_t now_us);

/*
 * Forgets those that nothing is on its way to and that have been at rest for DESTINATION_REST_US.
 * How many are left.
 */
size_t destinations_forget(struct destinations *, int64_t now_us);

/* How many more calls may begin now. */
size_t destination_room(struct destination *, int64_t now_us);

/* What is to be sent there waits for a lock of ours: for a moment nothing is begun. */
void destination_bar(struct destination *, int64_t now_us);

/* Nothing may begin there before a time: the rate is spent. */
void destination_hold(struct destination *, int64_t until_us);

/* A call is about to begin: it takes its place. */
void destination_enter(struct destination *, int64_t now_us);

/* What a call's end says about the place. */
enum destination_news {
	NEWS_NONE,    /* nothing: we did not get to ask */
	NEWS_WELL,    /* it answered */
	NEWS_FAILURE, /* it did not, or said that it is not well */
	NEWS_BUSY     /* it asked for peace, and is well otherwise */
};

/* The news in an ending, and the seconds of peace asked for (0: none). */
enum destination_news destination_news_of(const struct provider_result *, int *ret_retry_after_s);

/* A call has ended: gives its place back. True if this opened the circuit. */
bool destination_leave(struct destinations *, struct destination *, enum destination_news,
    int retry_after_s, int64_t now_us);

#endif
