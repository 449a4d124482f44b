/*
 * Dates and instants: the calendar against libc's gmtime_r, RFC 3339's own examples, and what is
 * refused.
 */
#include <string.h>
#include <time.h>

#include "tap.h"
#include "text/civil.h"
#include "text/iso8601.h"

static void
test_calendar(void)
{
	unsigned wrong = 0, days_n = 0;
	int64_t days = civil_to_days(1, 1, 1);

	for (; days <= civil_to_days(9999, 12, 31); days++, days_n++) {
		struct civil c = civil_from_days(days);
		time_t t = days * 86400;
		struct tm tm;

		gmtime_r(&t, &tm);
		wrong += c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 ||
		    c.day != tm.tm_mday || civil_weekday(days) != tm.tm_wday ||
		    civil_to_days(c.year, c.month, c.day) != days;
	}
	is_int(wrong, 0,
	    "every day of the years 1 to 9999 agrees with libc, with its weekday, and comes back");
	is_int(days_n, 3652059, "and there are that many");
}

static void
test_us(void)
{
	struct civil c = civil_from_us(-1);

	ok(c.year == 1969 && c.month == 12 && c.day == 31 && c.hour == 23 && c.second == 59 &&
		c.us == 999999,
	    "a microsecond before 1970");
	is_int(civil_to_us(&c), -1, "and back");
	c = civil_from_us(CIVIL_US_MIN);
	ok(c.year == 1 && c.month == 1 && c.day == 1 && c.hour == 0, "the first instant");
	is_int(civil_to_us(&c), CIVIL_US_MIN, "and back");
	c = civil_from_us(CIVIL_US_MAX);
	ok(c.year == 9999 && c.month == 12 && c.day == 31 && c.us == 999999, "the last instant");
	is_int(civil_to_us(&c), CIVIL_US_MAX, "and back");
	ok(civil_days_in_month(2024, 2) == 29 && civil_days_in_month(2000, 2) == 29 &&
		civil_days_in_month(1900, 2) == 28 && civil_days_in_month(2026, 2) == 28,
	    "leap years");
}

static const struct sample {
	const char *text;
	int64_t us;
	const char *back; /* NULL: the same text */
} samples[] = {
	{ "1970-01-01T00:00:00Z", 0, NULL },
	{ "2026-02-13T08:30:00Z", INT64_C(1770971400000000), NULL },
	{ "2026-02-13T08:30:00.123456Z", INT64_C(1770971400123456), NULL },
	{ "2026-02-13T08:30:00.000001Z", INT64_C(1770971400000001), NULL },
	{ "2026-02-13T08:30:00.1Z", INT64_C(1770971400100000), "2026-02-13T08:30:00.100000Z" },
	{ "2026-02-13T08:30:00.123456789Z", INT64_C(1770971400123456),
	    "2026-02-13T08:30:00.123456Z" },
	{ "2026-02-13T08:30:00.999999999Z", INT64_C(1770971400999999),
	    "2026-02-13T08:30:00.999999Z" },
	{ "2026-02-13T08:30:00.0Z", INT64_C(1770971400000000), "2026-02-13T08:30:00Z" },
	{ "2026-02-13T14:00:00+05:30", INT64_C(1770971400000000), "2026-02-13T08:30:00Z" },
	{ "2026-02-13T08:30:00-00:00", INT64_C(1770971400000000), "2026-02-13T08:30:00Z" },
	{ "2026-02-13t08:30:00z", INT64_C(1770971400000000), "2026-02-13T08:30:00Z" },
	{ "2026-02-13 08:30:00Z", INT64_C(1770971400000000), "2026-02-13T08:30:00Z" },
	/* RFC 3339, 5.8 */
	{ "1985-04-12T23:20:50.52Z", INT64_C(482196050520000), "1985-04-12T23:20:50.520000Z" },
	{ "1996-12-19T16:39:57-08:00", INT64_C(851042397000000), "1996-12-20T00:39:57Z" },
	{ "1937-01-01T12:00:27.87+00:20", INT64_C(-1041337172130000),
	    "1937-01-01T11:40:27.870000Z" },
	{ "1969-12-31T23:59:59.999999Z", -1, NULL },
	{ "0001-01-01T00:00:00Z", CIVIL_US_MIN, NULL },
	{ "9999-12-31T23:59:59.999999Z", CIVIL_US_MAX, NULL },
	{ "2024-02-29T00:00:00Z", INT64_C(1709164800000000), NULL },
};

static void
test_samples(void)
{
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		char back[ISO8601_LEN] = "";
		int64_t us = 7;

		ok(iso8601_parse(samples[i].text, &us), "%s is read", samples[i].text);
		is_int(us, samples[i].us, "as the right instant");
		iso8601_format(us, back);
		is_str(back, samples[i].back ? samples[i].back : samples[i].text, "and written");
	}
}

static void
test_refused(void)
{
	static const char *const bad[] = { "", "2026", "2026-02-13", "2026-02-13T08:30:00",
		"2026-02-13T08:30Z", "2026-02-13T08:30:00 Z", "2026-02-13T08:30:00Z ",
		" 2026-02-13T08:30:00Z", "2026-02-13T08:30:00ZZ", "2026-2-13T08:30:00Z",
		"26-02-13T08:30:00Z", "2026-02-30T08:30:00Z", "2025-02-29T08:30:00Z",
		"2026-13-01T08:30:00Z", "2026-00-01T08:30:00Z", "2026-01-00T08:30:00Z",
		"2026-01-32T08:30:00Z", "2026-02-13T24:00:00Z", "2026-02-13T23:60:00Z",
		"1990-12-31T23:59:60Z", "2026-02-13T08:30:00.Z", "2026-02-13T08:30:00,5Z",
		"2026-02-13T08:30:00.1234567890Z", "2026-02-13T08:30:00+0530",
		"2026-02-13T08:30:00+05", "2026-02-13T08:30:00+24:00", "2026-02-13T08:30:00+05:60",
		"2026-02-13T08:30:00+5:30", "2026-02-13T08:30:00+05:3x", "2026-02-13X08:30:00Z",
		"0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
		"+2026-02-13T08:30:00Z", "20260213T083000Z", "2026-02-13T-1:30:00Z", "now" };
	int64_t us = 7;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!iso8601_parse(bad[i], &us), "refused: '%s'", bad[i]);
	ok(!iso8601_parse(NULL, &us), "refused: NULL");
	is_int(us, 7, "a refusal leaves the output alone");
}

static void
test_civil_text(void)
{
	static const char *const no_http[] = { NULL, "", "Wed", "Wed,", "Wed, ", "Wed, 09", "Wed, 09 ", "Wed, 09 Feb",
		"Wed, 09 Feb 2028", "Wed, 09 Feb 2028 23:59:59", "Wed, 09 Feb 2028 23:59:59 GMT ", "Wed, 09 Feb 2028 23:59:59 CET",
		"Wed, 30 Feb 2028 23:59:59 GMT", "Wed, 09 Foo 2028 23:59:59 GMT", "Wed, 9 Feb 2028 23:59:59 GMT",
		"Wed 09 Feb 2028 23:59:59 GMT", "Wednesday, 09-Feb-28 23:59:59 GMT", "Wed Feb  9 23:59:59 2028", "Wed, 09 Feb 2028 24:00:00 GMT",
		"120" };
	struct civil c = { 0 };
	char text[CIVIL_TEXT_LEN];
	char none[ISO8601_LEN] = "x";

	ok(civil_parse("2022-01-10 18:36:42", &c), "a provider's local time");
	civil_format(&c, text);
	is_str(text, "2022-01-10 18:36:42", "and back");
	ok(civil_parse("2022-01-10T18:36:42.5", &c) && c.us == 500000, "with a T and a fraction");
	ok(civil_parse("2022-01-10", &c) && c.hour == 0 && c.day == 10 && c.us == 0,
	    "a bare date is midnight");
	ok(civil_parse_http("Wed, 09 Feb 2028 23:59:59 GMT", &c) && c.year == 2028 && c.month == 2 && c.day == 9 &&
		c.hour == 23 && c.minute == 59 && c.second == 59 && c.us == 0,
	    "a date of HTTP's");
	for (size_t i = 0; i < sizeof no_http / sizeof no_http[0]; i++)
		ok(!civil_parse_http(no_http[i], &c), "\"%s\" is none", no_http[i] == NULL ? "NULL" : no_http[i]);
	ok(!civil_parse("2022-01-10 18:36", &c) && !civil_parse("2022-01-10 18:36:42Z", &c) &&
		!civil_parse("2022-02-30", &c) && !civil_parse("10-01-2022", &c) &&
		!civil_parse("", &c) && !civil_parse(NULL, &c) &&
		!civil_parse("0000-00-00 00:00:00", &c),
	    "other forms are not");
	iso8601_format(TIME_NONE, none);
	is_str(none, "", "no time has no text");
}

int
main(void)
{
	test_calendar();
	test_us();
	test_samples();
	test_refused();
	test_civil_text();
	return tap_done();
}
