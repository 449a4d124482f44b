/*
 * hours: when a restaurant takes orders: intervals of each weekday, and what holds instead on
 * single dates (holidays), by the clock on its wall.
 *
 * An interval belongs to the date on which it begins and may end on the next one ("18:00" to
 * "02:00"); one that ends when it begins lasts until that time of the next date. On a date among
 * the holidays its intervals begin instead of the weekday's, none when it has none; the evening
 * before still ends when it ends. Where no week is set, every date is open from 00:00 to 24:00.
 *
 * It begins with the first instant at which the wall shows its beginning or a later time, and ends
 * with the first at which it shows its end or a later one (day.h): on the night on which clocks go
 * back nothing closes and opens again, and an interval that clocks skip altogether is none.
 *
 * Functions of zone and instant alone: no clock, no database.
 */
#ifndef TICKETRAIL_TENANT_HOURS_H
#define TICKETRAIL_TENANT_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct json_object;
struct json_write;

#define HOURS_SPANS_MAX 6      /* of one date */
#define HOURS_HOLIDAYS_MAX 400
/* How far ahead it is looked for an opening, and for a closing, in days. */
#define HOURS_OPENS_DAYS 400
#define HOURS_CLOSES_DAYS 8

struct hours_span {
	int start_min, end_min; /* minutes after its date's midnight; 1440 and more: of the next */
};

struct hours_date {
	const struct hours_span *spans;
	size_t n;
};

struct hours_holiday {
	int64_t date; /* days since 1970-01-01 */
	struct hours_date hours;
};

struct hours {
	bool has_week;
	struct hours_date week[7];             /* 0 Sunday */
	const struct hours_holiday *holidays; /* by date */
	size_t holidays_n;
};

/*
 * Reads {"monday":[{"start":"09:00","end":"14:00"},...],...}: weekdays that are not named are
 * closed; null: no week is set. NULL, or a sentence saying what is wrong and in *ret_at where
 * (".monday[1].end", "" for all of it), both in the arena or constant.
 */
const char *hours_week_read(
    struct arena *, struct json_object *, struct hours *ret, const char **ret_at);

/* The same of {"2026-12-25":[],"2026-12-31":[{"start":"18:00","end":"02:00"}]}. */
const char *hours_holidays_read(
    struct arena *, struct json_object *, struct hours *ret, const char **ret_at);

/*
 * Writes them as they are read, the week with all its days (null: none is set), the holidays from a
 * date on.
 */
void hours_week_write(struct json_write *, const char *key, const struct hours *);
void hours_holidays_write(
    struct json_write *, const char *key, const struct hours *, int64_t from_date);
/* {"start":...,"end":...} of minutes of a day; an end beyond it is that of the next. */
void hours_span_write(struct json_write *, const char *key, int start_min, int end_min);

/* A time of day "HH:MM" as minutes; "24:00" only if it may be the end of one. */
bool hours_minute_read(struct json_object *, bool is_end, int *ret);

/* Does it take orders at that instant? False as well if there is no such zone. */
bool hours_hold(const struct hours *, const char *time_zone, int64_t us);

/*
 * When it closes, if it is open then; when it opens, if not. TIME_NONE: not within
 * HOURS_CLOSES_DAYS or HOURS_OPENS_DAYS.
 */
int64_t hours_close(const struct hours *, const char *time_zone, int64_t us);
int64_t hours_open(const struct hours *, const char *time_zone, int64_t us);

#endif
