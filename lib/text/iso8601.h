/*
 * iso8601: instants as text, in the profile of RFC 3339. An instant is int64 µs since 1970 UTC.
 *
 * Read: full date and time with Z or a numeric offset, up to nine fractional digits (cut to µs). No
 * leap second: ":60" is refused, since no clock of ours can show it. Written: always Z, and no
 * fraction when it is zero.
 */
#ifndef TICKETRAIL_TEXT_ISO8601_H
#define TICKETRAIL_TEXT_ISO8601_H

#include <stdbool.h>
#include <stdint.h>

/* "No time": what a NULL DATETIME becomes, and what is bound as NULL. */
#define TIME_NONE INT64_MIN

#define ISO8601_LEN 28 /* "2026-02-13T08:30:00.123456Z" and NUL */

bool iso8601_parse(const char *, int64_t *ret_us);

/* The instant lies in years 1 to 9999; TIME_NONE gives "". */
void iso8601_format(int64_t us, char ret_text[ISO8601_LEN]);

#endif
