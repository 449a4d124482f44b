/*
 * opening: does a restaurant take orders at an instant, and if not, why, and from when on?
 *
 * The switch comes first (pause.h): while it is thrown nothing is taken, also not for later. Then
 * the hours (hours.h). Functions of settings, zone and instant alone.
 */
#ifndef TICKETRAIL_TENANT_OPENING_H
#define TICKETRAIL_TENANT_OPENING_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct json_write;
struct settings;

enum opening_cause {
	OPENING_NOTHING, /* it is open */
	OPENING_CLOSED,  /* by the switch, until somebody throws it */
	OPENING_PAUSED,
	OPENING_HOURS,
	OPENING__MAX
};

struct opening {
	enum opening_cause cause;
	const char *reason; /* of a pause, for guests; NULL: none */
	int64_t closes_at;  /* open: TIME_NONE if it is not known */
	int64_t opens_at;   /* not open: likewise */
};

/* "closed", "paused", "outside_hours"; NULL: it is open. */
const char *opening_word(enum opening_cause);

/* Is it open at that instant? Cheap: no more is looked for. */
enum opening_cause opening_cause_at(
    const struct settings *, const char *time_zone, int64_t us);

/*
 * The whole of it. While it is paused until an instant that lies outside its hours it opens with
 * them.
 */
struct opening opening_at(const struct settings *, const char *time_zone, int64_t us);

/* {"cause":...,"reason":...,"opens_at":...}: the details of ERR_RESTAURANT_CLOSED, in the arena. */
const char *opening_details(struct arena *, const struct opening *);

#endif
