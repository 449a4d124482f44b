/*
 * Wall clocks: days on which they are changed in New York, London, Lord Howe and Apia, and one that
 * never changes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tap.h"
#include "text/iso8601.h"
#include "text/zone.h"

#define NEW_YORK "America/New_York"
#define LONDON "Europe/London"
#define KOLKATA "Asia/Kolkata"
#define TOO_LONG "A23456789/123456789/123456789/123456789/123456789/123456789/12345"

static void
wall_is(const char *zone, const char *instant, const char *want)
{
	char text[CIVIL_TEXT_LEN] = "none";
	struct civil c;
	int64_t us;

	if (iso8601_parse(instant, &us) && zone_to_civil(zone, us, &c))
		civil_format(&c, text);
	is_str(text, want, "%s: the wall at %s", zone, instant);
}

static void
instant_is(const char *zone, const char *wall, const char *want)
{
	char text[ISO8601_LEN] = "none";
	struct civil c;
	int64_t us;

	if (civil_parse(wall, &c) && zone_from_civil(zone, &c, &us))
		iso8601_format(us, text);
	is_str(text, want, "%s: the instant of %s", zone, wall);
}

static void
test_to_civil(void)
{
	wall_is(KOLKATA, "2026-02-13T08:30:00Z", "2026-02-13 14:00:00");
	wall_is(KOLKATA, "2026-02-13T18:29:59Z", "2026-02-13 23:59:59");
	wall_is(KOLKATA, "2026-02-13T18:30:00Z", "2026-02-14 00:00:00");
	wall_is(NEW_YORK, "2026-01-15T12:00:00Z", "2026-01-15 07:00:00");
	wall_is(NEW_YORK, "2026-07-15T12:00:00Z", "2026-07-15 08:00:00");
	wall_is(NEW_YORK, "2026-03-08T06:59:59Z", "2026-03-08 01:59:59");
	wall_is(NEW_YORK, "2026-03-08T07:00:00Z", "2026-03-08 03:00:00");
	wall_is(NEW_YORK, "2026-11-01T05:59:59Z", "2026-11-01 01:59:59");
	wall_is(NEW_YORK, "2026-11-01T06:00:00Z", "2026-11-01 01:00:00");
	wall_is(LONDON, "2026-03-29T00:59:59Z", "2026-03-29 00:59:59");
	wall_is(LONDON, "2026-03-29T01:00:00Z", "2026-03-29 02:00:00");
	wall_is(LONDON, "2026-10-25T00:59:59Z", "2026-10-25 01:59:59");
	wall_is(LONDON, "2026-10-25T01:00:00Z", "2026-10-25 01:00:00");
	wall_is("UTC", "2026-02-13T08:30:00Z", "2026-02-13 08:30:00");
	wall_is("Asia/Kathmandu", "2026-02-13T00:00:00Z", "2026-02-13 05:45:00");
	wall_is("Etc/GMT+5", "2026-02-13T08:30:00Z", "2026-02-13 03:30:00");
	wall_is("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29 23:59:59");
	wall_is("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31 00:00:00");
	/* Far past the last transition written in the file, by its rule. */
	wall_is(NEW_YORK, "2099-07-15T12:00:00Z", "2099-07-15 08:00:00");
}

static void
test_from_civil(void)
{
	instant_is(KOLKATA, "2026-02-13 14:00:00", "2026-02-13T08:30:00Z");
	instant_is(KOLKATA, "2026-02-13 14:00:00.25", "2026-02-13T08:30:00.250000Z");
	instant_is(NEW_YORK, "2026-01-15 07:00:00", "2026-01-15T12:00:00Z");
	instant_is(NEW_YORK, "2026-07-15 08:00:00", "2026-07-15T12:00:00Z");
	/* Skipped hour: 02:00 to 03:00 on 8 March. */
	instant_is(NEW_YORK, "2026-03-08 01:59:59", "2026-03-08T06:59:59Z");
	instant_is(NEW_YORK, "2026-03-08 02:00:00", "2026-03-08T07:00:00Z");
	instant_is(NEW_YORK, "2026-03-08 02:30:00", "2026-03-08T07:30:00Z");
	instant_is(NEW_YORK, "2026-03-08 03:00:00", "2026-03-08T07:00:00Z");
	/* Shown twice: 01:00 to 02:00 on 1 November; the first time is meant. */
	instant_is(NEW_YORK, "2026-11-01 00:59:59", "2026-11-01T04:59:59Z");
	instant_is(NEW_YORK, "2026-11-01 01:00:00", "2026-11-01T05:00:00Z");
	instant_is(NEW_YORK, "2026-11-01 01:59:59", "2026-11-01T05:59:59Z");
	instant_is(NEW_YORK, "2026-11-01 02:00:00", "2026-11-01T07:00:00Z");
	instant_is(LONDON, "2026-03-29 01:30:00", "2026-03-29T01:30:00Z");
	instant_is(LONDON, "2026-03-29 02:00:00", "2026-03-29T01:00:00Z");
	instant_is(LONDON, "2026-10-25 01:30:00", "2026-10-25T00:30:00Z");
	instant_is(LONDON, "2026-10-25 02:00:00", "2026-10-25T02:00:00Z");
	/* A change of half an hour. */
	instant_is("Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04T14:45:00Z");
	instant_is("Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03T15:45:00Z");
	/* A day that never was: 30 December 2011. */
	instant_is("Pacific/Apia", "2011-12-29 23:59:59", "2011-12-30T09:59:59Z");
	instant_is("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30T22:00:00Z");
	instant_is("Pacific/Apia", "2011-12-31 00:00:00", "2011-12-30T10:00:00Z");
}

/*
 * Every quarter of an hour of two years, there and back: equal, or the first of two times of the
 * same wall.
 */
static void
test_there_and_back(const char *zone, unsigned twice_want)
{
	unsigned wrong = 0, twice = 0;
	int64_t from = 0, to = 0;

	(void)iso8601_parse("2025-01-01T00:00:00Z", &from);
	(void)iso8601_parse("2027-01-01T00:00:00Z", &to);
	for (int64_t us = from; us < to; us += 15 * US_PER_MINUTE) {
		struct civil c;
		int64_t back;

		if (!zone_to_civil(zone, us, &c) || !zone_from_civil(zone, &c, &back))
			wrong++;
		else if (back == us - US_PER_HOUR)
			twice++;
		else
			wrong += back != us;
	}
	is_int(wrong, 0, "%s: two years there and back", zone);
	is_int(twice, twice_want, "%s: the quarters of an hour shown twice", zone);
}

/* Whatever else there is none of. */
static void
test_known(void)
{
	static const char *const others[] = { "Africa/Cairo", "America/Lima", "Asia/Dubai", "Asia/Tokyo", "Europe/Oslo", "Europe/Paris",
		"Europe/Rome", "Europe/Vienna", "Pacific/Apia" };
	struct rlimit was, none;
	bool known;

	if (getrlimit(RLIMIT_NOFILE, &was) != 0)
		abort();
	none = was;
	none.rlim_cur = 0;
	for (int i = 0; i < 20; i++)
		(void)zone_is_valid(i % 2 == 0 ? KOLKATA : "Europe/Berlin");
	if (setrlimit(RLIMIT_NOFILE, &none) != 0)
		abort();
	known = zone_is_valid(KOLKATA) && zone_is_valid("Europe/Berlin");
	(void)setrlimit(RLIMIT_NOFILE, &was);
	ok(known, "what was found lately is known without a descriptor");
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		(void)zone_is_valid(others[i]);
	ok(zone_is_valid(KOLKATA) && !zone_is_valid("Mars/Base"), "however many there are");
}

static void
test_names(void)
{
	static const char *const bad[] = { "", "Asia", "Asia/", "/etc/localtime", "../zoneinfo/UTC",
		"Asia/../UTC", "Asia/Kolkata ", "asia/kolkata", "Mars/Base", ":UTC", "EST+5EDT",
		"right/UTC", "posix/UTC", "zone.tab", "tzdata.zi", "UTC\n", "Asia/Kolkata/x",
		"IST-5:30", "<+05>-5", TOO_LONG };
	struct civil c = { .year = 2026, .month = 1, .day = 1 };
	int64_t us = 7;
	int offset = 7;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!zone_is_valid(bad[i]) && !zone_to_civil(bad[i], 0, &c) &&
			!zone_from_civil(bad[i], &c, &us) && !zone_offset(bad[i], 0, &offset),
		    "no zone: sample %zu", i);
	ok(!zone_is_valid(NULL) && !zone_to_civil(NULL, 0, &c), "no zone: NULL");
	ok(us == 7 && offset == 7 && c.year == 2026, "a refusal leaves the output alone");
	ok(zone_is_valid(KOLKATA) && zone_is_valid("UTC") &&
		zone_is_valid("America/Argentina/Buenos_Aires"),
	    "zones there are");
	ok(zone_offset(KOLKATA, 0, &offset) && offset == 19800, "Kolkata is 5:30 east");
	test_known();
	ok(!zone_from_civil(KOLKATA, &(struct civil){ .year = 2026, .month = 2, .day = 30 }, &us),
	    "30 February has no instant");
}

static void
test_edges(void)
{
	struct civil c;
	int64_t us;

	ok(!zone_to_civil(KOLKATA, CIVIL_US_MAX, &c), "the wall past year 9999 is refused");
	ok(!zone_to_civil(NEW_YORK, CIVIL_US_MIN, &c), "the wall before year 1 is refused");
	ok(!zone_to_civil(KOLKATA, TIME_NONE, &c), "no time has no wall");
	ok(zone_to_civil(KOLKATA, -1, &c) && c.us == 999999 && c.second == 59,
	    "a microsecond before 1970");
	ok(zone_from_civil(KOLKATA, &c, &us) && us == -1, "and back");
}

int
main(void)
{
	test_to_civil();
	test_from_civil();
	test_there_and_back(KOLKATA, 0);
	test_there_and_back(NEW_YORK, 8);
	test_there_and_back(LONDON, 8);
	test_names();
	test_edges();
	return tap_done();
}
