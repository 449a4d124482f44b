/* Business days over zones, hours of closing the books and changes of clocks. */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "tenant/day.h"
#include "text/civil.h"
#include "text/iso8601.h"

#define NEW_YORK "America/New_York"
#define LONDON "Europe/London"
#define KOLKATA "Asia/Kolkata"

static int64_t
instant(const char *text)
{
	int64_t us = 0;

	if (!iso8601_parse(text, &us))
		abort();
	return us;
}

static void
day_is(const char *zone, int starts_min, const char *at, const char *want)
{
	char text[DAY_TEXT_LEN] = "none";
	int64_t day;

	if (day_of(zone, starts_min, instant(at), &day))
		day_format(day, text);
	is_str(text, want, "ORD-03 %s, days from %02d:%02d: the day of %s", zone, starts_min / 60, starts_min % 60, at);
}

static void
bounds_are(const char *zone, int starts_min, const char *date, const char *from, const char *to)
{
	char from_text[ISO8601_LEN] = "none", to_text[ISO8601_LEN] = "none";
	int64_t day, from_us, to_us;

	if (day_parse(date, &day) && day_bounds(zone, starts_min, day, &from_us, &to_us)) {
		iso8601_format(from_us, from_text);
		iso8601_format(to_us, to_text);
	}
	is_str(from_text, from, "ADM-17 %s, days from %02d:%02d: %s begins", zone, starts_min / 60, starts_min % 60, date);
	is_str(to_text, to, "ADM-17 and ends");
}

static void
test_cut_off(void)
{
	day_is(KOLKATA, 0, "2026-02-13T18:29:59.999999Z", "2026-02-13");
	day_is(KOLKATA, 0, "2026-02-13T18:30:00Z", "2026-02-14");
	day_is(KOLKATA, 240, "2026-02-13T20:00:00Z", "2026-02-13"); /* 01:30 */
	day_is(KOLKATA, 240, "2026-02-13T22:29:59.999999Z", "2026-02-13");
	day_is(KOLKATA, 240, "2026-02-13T22:30:00Z", "2026-02-14");
	day_is(KOLKATA, 720, "2026-02-13T06:29:59Z", "2026-02-12");
	day_is(KOLKATA, 720, "2026-02-13T06:30:00Z", "2026-02-13");
	day_is("UTC", 0, "2026-03-01T00:00:00Z", "2026-03-01");
	day_is("UTC", 240, "2026-03-01T03:59:59Z", "2026-02-28");
	day_is("UTC", 240, "2028-03-01T03:59:59Z", "2028-02-29");
	day_is("UTC", 240, "2026-01-01T03:59:59Z", "2025-12-31");
	day_is("Asia/Kathmandu", 240, "2026-02-13T22:14:59Z", "2026-02-13");
	day_is("Asia/Kathmandu", 240, "2026-02-13T22:15:00Z", "2026-02-14");
	day_is("Pacific/Kiritimati", 0, "2026-02-13T10:00:00Z", "2026-02-14");
	day_is("Pacific/Pago_Pago", 0, "2026-02-13T10:59:59Z", "2026-02-12");
	day_is("UTC", 0, "1969-12-31T23:59:59.999999Z", "1969-12-31");
}

static void
test_bounds(void)
{
	bounds_are(KOLKATA, 0, "2026-02-13", "2026-02-12T18:30:00Z", "2026-02-13T18:30:00Z");
	bounds_are(KOLKATA, 240, "2026-02-13", "2026-02-12T22:30:00Z", "2026-02-13T22:30:00Z");
	/* 23 and 25 hours. */
	bounds_are(NEW_YORK, 0, "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z");
	bounds_are(NEW_YORK, 0, "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
	bounds_are(LONDON, 0, "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z");
	bounds_are(LONDON, 0, "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z");
	/* With a later hour the long and the short one are the days before. */
	bounds_are(NEW_YORK, 240, "2026-03-07", "2026-03-07T09:00:00Z", "2026-03-08T08:00:00Z");
	bounds_are(NEW_YORK, 240, "2026-03-08", "2026-03-08T08:00:00Z", "2026-03-09T08:00:00Z");
	bounds_are(NEW_YORK, 240, "2026-10-31", "2026-10-31T08:00:00Z", "2026-11-01T09:00:00Z");
	/* Half an hour. */
	bounds_are("Australia/Lord_Howe", 0, "2026-04-05", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z");
	bounds_are("Australia/Lord_Howe", 0, "2026-10-04", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z");
}

/* The hour at which a day begins is one that clocks skip or show twice. */
static void
test_change_at_the_hour(void)
{
	/* 02:30 is never shown on 8 March: 03:00 is the first later time. */
	bounds_are(NEW_YORK, 150, "2026-03-08", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z");
	day_is(NEW_YORK, 150, "2026-03-08T06:59:59.999999Z", "2026-03-07");
	day_is(NEW_YORK, 150, "2026-03-08T07:00:00Z", "2026-03-08");
	bounds_are(NEW_YORK, 120, "2026-03-08", "2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z");
	bounds_are(NEW_YORK, 180, "2026-03-08", "2026-03-08T07:00:00Z", "2026-03-09T07:00:00Z");
	/* 01:30 is shown twice on 1 November: the second time the day has begun. */
	bounds_are(NEW_YORK, 90, "2026-11-01", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z");
	day_is(NEW_YORK, 90, "2026-11-01T05:29:59Z", "2026-10-31");
	day_is(NEW_YORK, 90, "2026-11-01T05:30:00Z", "2026-11-01");
	day_is(NEW_YORK, 90, "2026-11-01T06:00:00Z", "2026-11-01"); /* 01:00 again */
	/* Clocks that change at midnight: 2026-04-24 has no 00:00 in Cairo; 2026-10-29 has two 23:30. */
	bounds_are("Africa/Cairo", 0, "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z");
	day_is("Africa/Cairo", 0, "2026-04-23T21:59:59Z", "2026-04-23");
	day_is("Africa/Cairo", 0, "2026-04-23T22:00:00Z", "2026-04-24");
	bounds_are("Africa/Cairo", 0, "2026-10-29", "2026-10-28T21:00:00Z", "2026-10-29T22:00:00Z");
	day_is("Africa/Cairo", 0, "2026-10-29T21:30:00Z", "2026-10-29");
	/* A date that never was. */
	bounds_are("Pacific/Apia", 0, "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z");
	day_is("Pacific/Apia", 0, "2011-12-30T09:59:59Z", "2011-12-29");
	day_is("Pacific/Apia", 0, "2011-12-30T10:00:00Z", "2011-12-31");
}

/* Every quarter of an hour of two years is in its own day's bounds, and no later one in an earlier day. */
static void
test_every_instant(const char *zone, int starts_min)
{
	unsigned wrong = 0;
	int64_t last = 0;

	for (int64_t us = instant("2025-01-01T00:00:00Z"); us < instant("2027-01-01T00:00:00Z"); us += 15 * US_PER_MINUTE) {
		int64_t day, from_us, to_us, before_from_us, before_to_us;

		if (!day_of(zone, starts_min, us, &day) || !day_bounds(zone, starts_min, day, &from_us, &to_us) ||
		    !day_bounds(zone, starts_min, day - 1, &before_from_us, &before_to_us))
			wrong++;
		else
			wrong += us < from_us || us >= to_us || before_to_us != from_us || (last != 0 && (day < last || day > last + 1)) ||
			    to_us - from_us < 23 * US_PER_HOUR || to_us - from_us > 25 * US_PER_HOUR;
		last = day;
	}
	is_int(wrong, 0, "ADM-17 %s, days from minute %d: days follow one another without gap", zone, starts_min);
}

static void
test_refusals(void)
{
	char text[DAY_TEXT_LEN], digits[DAY_DIGITS_LEN];
	int64_t day = 7, from_us = 7, to_us = 7;

	ok(!day_of("No/Where", 0, 0, &day) && !day_of(NULL, 0, 0, &day) && !day_bounds("No/Where", 0, 0, &from_us, &to_us),
	    "ORD-03 no zone, no day");
	ok(!day_of("UTC", 0, TIME_NONE, &day) && !day_of("UTC", 0, INT64_MAX, &day), "ORD-03 no time, no day");
	ok(!day_bounds("UTC", 0, INT64_MAX / 1500, &from_us, &to_us) && !day_bounds("UTC", 0, -800000, &from_us, &to_us),
	    "ORD-03 no such year");
	ok(!day_minute("UTC", 0, -1, &from_us), "ORD-03 no minute before midnight");
	ok(!day_parse("2026-02-30", &day) && !day_parse("2026-2-3", &day) && !day_parse("20260213", &day) &&
		!day_parse("2026-02-13T00:00:00", &day) && !day_parse("2026-02-13 ", &day) && !day_parse("", &day) && !day_parse(NULL, &day),
	    "ADM-17 what is no date");
	ok(day == 7 && from_us == 7 && to_us == 7, "ORD-03 a refusal leaves the outputs alone");
	ok(day_parse("2026-02-13", &day) && day == 20497, "ADM-17 a date is a number");
	day_format(day + 16, text);
	day_digits(day + 16, digits);
	is_str(text, "2026-03-01", "ADM-17 and a number a date");
	is_str(digits, "20260301", "ORD-03 in digits for the number");
	ok(day_minute(KOLKATA, day, 26 * 60, &from_us) && from_us == instant("2026-02-13T20:30:00Z"), "E5 26:00 is 02:00 of the next date");
}

int
main(void)
{
	test_cut_off();
	test_bounds();
	test_change_at_the_hour();
	test_every_instant(KOLKATA, 0);
	test_every_instant(NEW_YORK, 0);
	test_every_instant(NEW_YORK, 90);
	test_every_instant(NEW_YORK, 150);
	test_every_instant(LONDON, 240);
	test_every_instant("Africa/Cairo", 0);
	test_every_instant("Australia/Lord_Howe", 105);
	test_refusals();
	return tap_done();
}
