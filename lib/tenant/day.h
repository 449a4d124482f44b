/*
 * day: the business day that an instant belongs to: a date of the restaurant's own calendar, begun
 * when its clock shows the hour at which it closes its books (setting day_starts_at). With 04:00 a
 * sale at 01:30 is one of the day before.
 *
 * A day is a number, that of its date counted from 1970-01-01 (text/civil.h), so days are compared,
 * added and subtracted as numbers. It lasts from its own beginning to that of the next: 24 hours,
 * but 23 or 25 on days when clocks are changed.
 *
 * A day begins with the first instant at which the wall shows the hour or a later one. Where clocks
 * skip the hour that is the moment of the change; where they show it twice it is the first time,
 * and the second falls into the day that has begun: later instants never belong to earlier days.
 *
 * Functions of zone and hour alone: no clock, no database.
 */
#ifndef TICKETRAIL_TENANT_DAY_H
#define TICKETRAIL_TENANT_DAY_H

#include <stdbool.h>
#include <stdint.h>

struct civil;

/* "2026-02-13" and NUL. */
#define DAY_TEXT_LEN 11
/* As it stands in an order's number, and a date to SQL too: "20260213" and NUL. */
#define DAY_DIGITS_LEN 9

/*
 * The business day of an instant; starts_min is the hour at which a day begins, in minutes after
 * midnight. False if there is no such zone or the instant is no time of years 2 to 9998.
 */
bool day_of(const char *time_zone, int starts_min, int64_t us, int64_t *ret_day);

/*
 * The business day of so many minutes before a time on the wall, by the wall alone: what somebody
 * who looks at a clock on it would say, however often the clocks were set meanwhile. For parts of a
 * day that have their name from the wall.
 */
int64_t day_of_wall(const struct civil *, int starts_min, int minutes_before);

/*
 * When a day begins and when the next one does: it holds every instant from *ret_from_us on and
 * before *ret_to_us. A date that a zone left out altogether is empty: both are the same. False as
 * above.
 */
bool day_bounds(
    const char *time_zone, int starts_min, int64_t day, int64_t *ret_from_us, int64_t *ret_to_us);

/*
 * The instant at which the wall of a calendar date first shows a time of day or a later one;
 * minutes of 24:00 and more are those of the next date. False as above.
 */
bool day_minute(const char *time_zone, int64_t date, int minute, int64_t *ret_us);

/* Reads "2026-02-13" and nothing else; NULL is false. */
bool day_parse(const char *text, int64_t *ret_day);
void day_format(int64_t day, char ret_text[DAY_TEXT_LEN]);
void day_digits(int64_t day, char ret_text[DAY_DIGITS_LEN]);

#endif
