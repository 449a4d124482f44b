/*
 * zone: an instant as the clock on a restaurant's wall shows it, and back, by IANA zone name.
 *
 * glibc reads the zone files; it knows one zone at a time, the one TZ names. TZ is put into the
 * environment once, as a static buffer (putenv), which is then changed in place: setenv() may move
 * the environment while another thread (libcurl's resolver) walks it in getenv(). That thread looks
 * for other names and never reads past "TZ=". Our own code calls this from one thread only.
 * Changing zones rereads a file of a few kB from the page cache; calls for the zone of the last
 * call cost no system call, nor does it to ask whether there is one that was found lately.
 *
 * Names are checked before glibc sees them, since it silently takes UTC for a zone it cannot find.
 */
#ifndef TICKETRAIL_TEXT_ZONE_H
#define TICKETRAIL_TEXT_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "text/civil.h"

#define ZONE_NAME_MAX 64

/* Does /usr/share/zoneinfo have this plain IANA name ("Asia/Kolkata")? No dots, no leading /. */
bool zone_is_valid(const char *name);

/*
 * What the wall shows at an instant. False if there is no such zone or the year is outside 1 to
 * 9999.
 */
bool zone_to_civil(const char *name, int64_t us, struct civil *ret);

/*
 * The instant at which the wall shows a civil time. When clocks go back and it shows it twice: the
 * first time. When clocks go forward and it never shows it: as much later as was skipped (02:30 is
 * what the wall shows as 03:30). False if there is no such zone or the civil time is not valid.
 */
bool zone_from_civil(const char *name, const struct civil *, int64_t *ret_us);

/* Seconds east of Greenwich at an instant. */
bool zone_offset(const char *name, int64_t us, int *ret_offset_s);

#endif
