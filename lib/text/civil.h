/*
 * civil: a date and a time of day as people write them, without a time zone, and plain calendar arithmetic
 * (proleptic Gregorian; algorithms after H. Hinnant, "chrono-compatible low-level date algorithms").
 *
 * No libc time functions: they look at the process's time zone. Years 1 to 9999.
 */
#ifndef TICKETRAIL_TEXT_CIVIL_H
#define TICKETRAIL_TEXT_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

struct civil {
	int year, month, day;     /* month 1-12, day 1-31 */
	int hour, minute, second; /* 0-23, 0-59, 0-59 */
	int us;                   /* 0-999999 */
};

#define CIVIL_TEXT_LEN 20 /* "2026-02-13 08:30:00" and NUL */

/* Is it a date and time that exists in the calendar? (Daylight saving is zone.h's affair.) */
bool civil_is_valid(const struct civil *);

int civil_days_in_month(int year, int month);

/* Days since 1970-01-01 of a valid date, and back. */
int64_t civil_to_days(int year, int month, int day);
struct civil civil_from_days(int64_t days);

/* 0 Sunday ... 6 Saturday. */
int civil_weekday(int64_t days);

/* The civil time as if it were UTC, in µs since 1970, and back. The way back takes any int64 within years 1 to 9999. */
int64_t civil_to_us(const struct civil *);
struct civil civil_from_us(int64_t us);

/* "2026-02-13 08:30:00", a T for the space and .fraction up to nine digits allowed; and a bare "2026-02-13". Zone-less. */
bool civil_parse(const char *, struct civil *ret);

/* "2026-02-13 08:30:00"; the fraction is left out. */
void civil_format(const struct civil *, char ret_text[CIVIL_TEXT_LEN]);

#endif
