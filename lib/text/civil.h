/*
 * civil: a date and a time of day as people write them, without a time zone, and plain calendar
 * arithmetic (proleptic Gregorian; algorithms after H. Hinnant, "chrono-compatible low-level date
 * algorithms").
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

/* Years 1 to 9999 in µs since 1970. */
#define CIVIL_US_MIN INT64_C(-62135596800000000)
#define CIVIL_US_MAX INT64_C(253402300799999999)

/* The civil time as if it were UTC, in µs since 1970, and back; aborts outside years 1 to 9999. */
int64_t civil_to_us(const struct civil *);
struct civil civil_from_us(int64_t us);

/*
 * A date and time at the beginning of a text: "2026-02-13 08:30:00", a T for the space allowed, and
 * a .fraction of one to nine digits, cut to µs. Returns where it ends; NULL if there is none or it
 * is not valid.
 */
const char *civil_scan(const char *, struct civil *ret);

/* A text that is nothing but that, or a bare date "2026-02-13" (midnight). NULL is false. */
bool civil_parse(const char *, struct civil *ret);

/*
 * A date as HTTP has it: "Wed, 21 Oct 2026 07:28:00 GMT" (RFC 9110, section 5.6.7, IMF-fixdate; the
 * day of the week is not held to the date). NULL is false, and so are the obsolete forms.
 */
bool civil_parse_http(const char *, struct civil *ret);

/* "2026-02-13 08:30:00"; the fraction is left out. */
void civil_format(const struct civil *, char ret_text[CIVIL_TEXT_LEN]);

#endif
