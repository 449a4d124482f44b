/* Opening hours on a restaurant's own clock: weeks, midnights, holidays and nights on which clocks are changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem/arena.h"
#include "tap.h"
#include "tenant/hours.h"
#include "tenant/opening.h"
#include "tenant/settings.h"
#include "text/civil.h"
#include "text/iso8601.h"
#include "text/json_read.h"

#define NEW_YORK "America/New_York"
#define KOLKATA "Asia/Kolkata"
#define LUNCH_AND_NIGHT "{\"friday\":[{\"start\":\"12:00\",\"end\":\"15:00\"},{\"start\":\"18:00\",\"end\":\"02:00\"}]," \
	"\"saturday\":[{\"start\":\"18:00\",\"end\":\"24:00\"}],\"sunday\":[{\"start\":\"00:00\",\"end\":\"03:00\"}]}"

static struct arena *arena;

static struct json_object *
json(const char *text)
{
	struct json_object *node;
	const char *why;

	if (json_read(arena, text, strlen(text), &json_limits_default, &node, &why) != OK)
		abort();
	return node;
}

static struct hours
hours_of(const char *week, const char *holidays)
{
	struct hours h = { .has_week = false };
	const char *at, *why = hours_week_read(arena, json(week), &h, &at);

	if (why == NULL)
		why = hours_holidays_read(arena, json(holidays), &h, &at);
	if (why != NULL) {
		diag("%s %s", at, why);
		abort();
	}
	return h;
}

static int64_t
instant(const char *text)
{
	int64_t us = 0;

	if (!iso8601_parse(text, &us))
		abort();
	return us;
}

/* "open until X" or "shut until X". */
static void
is_at(const struct hours *h, const char *zone, const char *at, const char *want, const char *name)
{
	bool is_open = hours_hold(h, zone, instant(at));
	int64_t then = is_open ? hours_close(h, zone, instant(at)) : hours_open(h, zone, instant(at));
	char text[ISO8601_LEN], got[80];

	iso8601_format(then, text);
	(void)snprintf(got, sizeof got, "%s until %s", is_open ? "open" : "shut", then == TIME_NONE ? "ever" : text);
	is_str(got, want, "E5 %s (%s at %s)", name, zone, at);
}

static void
test_always(void)
{
	struct hours h = hours_of("null", "{}");

	is_at(&h, KOLKATA, "2026-02-13T20:00:00Z", "open until ever", "none set: always open");
	h = hours_of("null", "{\"2026-02-14\":[]}");
	is_at(&h, "UTC", "2026-02-13T20:00:00Z", "open until 2026-02-14T00:00:00Z", "always but on a holiday");
	is_at(&h, "UTC", "2026-02-14T00:00:00Z", "shut until 2026-02-15T00:00:00Z", "which is closed");
	is_at(&h, "UTC", "2026-02-15T00:00:00Z", "open until ever", "and over");
	h = hours_of("{\"monday\":[{\"start\":\"09:00\",\"end\":\"09:00\"}],\"tuesday\":[{\"start\":\"09:00\",\"end\":\"09:00\"}]}", "{}");
	is_at(&h, "UTC", "2026-02-16T09:00:00Z", "open until 2026-02-18T09:00:00Z", "one that ends when it begins is a day long");
	ok(!hours_hold(&h, "No/Where", instant("2026-02-16T10:00:00Z")), "E5 no zone, no hours");
}

static void
test_week(void)
{
	struct hours h = hours_of(LUNCH_AND_NIGHT, "{}");

	/* 2026-02-13 is a Friday. */
	is_at(&h, "UTC", "2026-02-13T11:59:59.999999Z", "shut until 2026-02-13T12:00:00Z", "before lunch");
	is_at(&h, "UTC", "2026-02-13T12:00:00Z", "open until 2026-02-13T15:00:00Z", "lunch");
	is_at(&h, "UTC", "2026-02-13T14:59:59.999999Z", "open until 2026-02-13T15:00:00Z", "the end of lunch");
	is_at(&h, "UTC", "2026-02-13T15:00:00Z", "shut until 2026-02-13T18:00:00Z", "the afternoon");
	is_at(&h, "UTC", "2026-02-14T01:59:59Z", "open until 2026-02-14T02:00:00Z", "after midnight");
	is_at(&h, "UTC", "2026-02-14T02:00:00Z", "shut until 2026-02-14T18:00:00Z", "the night");
	is_at(&h, "UTC", "2026-02-14T20:00:00Z", "open until 2026-02-15T03:00:00Z", "two intervals that touch are one");
	is_at(&h, "UTC", "2026-02-15T03:00:00Z", "shut until 2026-02-20T12:00:00Z", "weekdays that are not named are closed");
	is_at(&h, KOLKATA, "2026-02-13T06:29:59Z", "shut until 2026-02-13T06:30:00Z", "by the restaurant's clock");
	is_at(&h, KOLKATA, "2026-02-13T06:30:00Z", "open until 2026-02-13T09:30:00Z", "by the restaurant's clock");
	is_at(&h, "Pacific/Kiritimati", "2026-02-12T22:00:00Z", "open until 2026-02-13T01:00:00Z", "where it is Friday already");
}

static void
test_holidays(void)
{
	struct hours h = hours_of(LUNCH_AND_NIGHT,
	    "{\"2026-02-20\":[],\"2026-02-14\":[],\"2026-02-16\":[{\"start\":\"23:00\",\"end\":\"01:00\"}]}");

	is_at(&h, "UTC", "2026-02-14T01:00:00Z", "open until 2026-02-14T02:00:00Z", "the evening before still ends when it ends");
	is_at(&h, "UTC", "2026-02-14T19:00:00Z", "shut until 2026-02-15T00:00:00Z", "a closed date");
	is_at(&h, "UTC", "2026-02-15T03:00:00Z", "shut until 2026-02-16T23:00:00Z", "special hours on a day that is closed otherwise");
	is_at(&h, "UTC", "2026-02-17T00:30:00Z", "open until 2026-02-17T01:00:00Z", "over midnight");
	is_at(&h, "UTC", "2026-02-17T01:00:00Z", "shut until 2026-02-21T18:00:00Z", "a closed Friday is passed over");
	h = hours_of("{\"monday\":[]}", "{\"2028-02-29\":[{\"start\":\"10:00\",\"end\":\"11:00\"}]}");
	is_at(&h, "UTC", "2026-02-13T00:00:00Z", "shut until ever", "two years is too far to look");
	is_at(&h, "UTC", "2027-02-01T00:00:00Z", "shut until 2028-02-29T10:00:00Z", "one is not");
}

static void
test_clock_changes(void)
{
	struct hours h = hours_of("{\"saturday\":[{\"start\":\"20:00\",\"end\":\"01:30\"}],"
				  "\"sunday\":[{\"start\":\"02:00\",\"end\":\"03:00\"},{\"start\":\"09:00\",\"end\":\"10:00\"}]}",
	    "{}");

	/* New York, 8 March 2026: 02:00 to 03:00 is never shown. */
	is_at(&h, NEW_YORK, "2026-03-08T06:00:00Z", "open until 2026-03-08T06:30:00Z", "01:30 is before the change");
	is_at(&h, NEW_YORK, "2026-03-08T06:30:00Z", "shut until 2026-03-08T13:00:00Z", "an interval that clocks skip is none");
	/* 1 November 2026: 01:00 to 02:00 is shown twice. */
	is_at(&h, NEW_YORK, "2026-11-01T05:29:59Z", "open until 2026-11-01T05:30:00Z", "01:30 for the first time ends the night");
	is_at(&h, NEW_YORK, "2026-11-01T06:10:00Z", "shut until 2026-11-01T07:00:00Z", "01:10 for the second time does not open again");
	is_at(&h, NEW_YORK, "2026-11-01T07:00:00Z", "open until 2026-11-01T08:00:00Z", "02:00 is shown once");
	h = hours_of("{\"sunday\":[{\"start\":\"01:15\",\"end\":\"04:00\"}]}", "{}");
	is_at(&h, NEW_YORK, "2026-11-01T05:15:00Z", "open until 2026-11-01T09:00:00Z", "from the first 01:15: an hour longer");
	is_at(&h, NEW_YORK, "2026-03-08T06:15:00Z", "open until 2026-03-08T08:00:00Z", "and an hour shorter in spring");
	h = hours_of("{\"sunday\":[{\"start\":\"02:30\",\"end\":\"04:00\"}]}", "{}");
	is_at(&h, NEW_YORK, "2026-03-08T06:59:59Z", "shut until 2026-03-08T07:00:00Z", "02:30 is skipped: with the change");
	h = hours_of("{\"saturday\":[{\"start\":\"23:00\",\"end\":\"02:30\"}]}", "{}");
	is_at(&h, NEW_YORK, "2026-03-08T06:59:59Z", "open until 2026-03-08T07:00:00Z", "an end that is skipped: with the change");
}

/* Every quarter of an hour of two years: what hours_close and hours_open say is when it changes. */
static void
test_agreement(const char *zone)
{
	struct hours h = hours_of(LUNCH_AND_NIGHT, "{\"2026-03-27\":[{\"start\":\"01:15\",\"end\":\"02:45\"}]}");
	unsigned wrong = 0;

	for (int64_t us = instant("2025-01-01T00:00:00Z"); us < instant("2027-01-01T00:00:00Z"); us += 15 * US_PER_MINUTE) {
		bool is_open = hours_hold(&h, zone, us);
		int64_t then = is_open ? hours_close(&h, zone, us) : hours_open(&h, zone, us);

		wrong += then <= us || hours_hold(&h, zone, then) == is_open || hours_hold(&h, zone, then - 1) != is_open;
	}
	is_int(wrong, 0, "E5 %s: it changes when it is said to, two years long", zone);
}

static void
test_forms(void)
{
	static const struct {
		const char *json, *at;
	} weeks[] = {
		{ "[]", "" }, { "{}", "" }, { "true", "" }, { "{\"monday\":null}", ".monday" }, { "{\"Monday\":[]}", ".Monday" },
		{ "{\"monday\":{}}", ".monday" }, { "{\"monday\":[1]}", ".monday[0]" },
		{ "{\"monday\":[{\"start\":\"09:00\"}]}", ".monday[0]" },
		{ "{\"monday\":[{\"start\":\"09:00\",\"end\":\"10:00\",\"x\":1}]}", ".monday[0]" },
		{ "{\"monday\":[{\"start\":\"9:00\",\"end\":\"10:00\"}]}", ".monday[0].start" },
		{ "{\"monday\":[{\"start\":\"24:00\",\"end\":\"10:00\"}]}", ".monday[0].start" },
		{ "{\"monday\":[{\"start\":\"09:60\",\"end\":\"10:00\"}]}", ".monday[0].start" },
		{ "{\"monday\":[{\"start\":\"09:00\",\"end\":\"24:01\"}]}", ".monday[0].end" },
		{ "{\"monday\":[{\"start\":\"09:00\",\"end\":\"25:00\"}]}", ".monday[0].end" },
		{ "{\"monday\":[{\"start\":\"09:00\",\"end\":900}]}", ".monday[0].end" },
		{ "{\"monday\":[{\"start\":\"09:00\",\"end\":\"12:00\"},{\"start\":\"11:59\",\"end\":\"13:00\"}]}", ".monday[1]" },
		{ "{\"monday\":[{\"start\":\"11:59\",\"end\":\"13:00\"},{\"start\":\"09:00\",\"end\":\"12:00\"}]}", ".monday[1]" },
		{ "{\"monday\":[{\"start\":\"09:00\",\"end\":\"12:00\"},{\"start\":\"09:00\",\"end\":\"10:00\"}]}", ".monday[1]" },
		{ "{\"monday\":[{\"start\":\"22:00\",\"end\":\"02:00\"},{\"start\":\"23:00\",\"end\":\"23:30\"}]}", ".monday[1]" },
	};
	static const struct {
		const char *json, *at;
	} dates[] = {
		{ "null", "" }, { "[]", "" }, { "{\"2026-02-30\":[]}", ".2026-02-30" }, { "{\"2026-2-3\":[]}", ".2026-2-3" },
		{ "{\"2026-02-13\":null}", ".2026-02-13" }, { "{\"2026-02-13\":[{}]}", ".2026-02-13[0]" },
		{ "{\"2026-02-13T00:00:00\":[]}", ".2026-02-13T00:00:00" },
	};
	struct hours h = { .has_week = false };
	const char *at, *why;

	for (size_t i = 0; i < sizeof weeks / sizeof weeks[0]; i++) {
		why = hours_week_read(arena, json(weeks[i].json), &h, &at);
		is_str(why != NULL ? at : "fine", weeks[i].at, "CFG-06 no week: %s (%s)", weeks[i].json, why);
	}
	for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		why = hours_holidays_read(arena, json(dates[i].json), &h, &at);
		is_str(why != NULL ? at : "fine", dates[i].at, "CFG-06 no dates: %s (%s)", dates[i].json, why);
	}
	ok(!h.has_week && h.holidays_n == 0, "CFG-06 a refusal leaves everything as it was");
	why = hours_week_read(arena, json("{\"monday\":[{\"start\":\"12:00\",\"end\":\"13:00\"},{\"start\":\"09:00\",\"end\":\"12:00\"},"
		"{\"start\":\"13:00\",\"end\":\"00:00\"}]}"), &h, &at);
	ok(why == NULL && h.week[1].n == 3 && h.week[1].spans[0].start_min == 540 && h.week[1].spans[2].end_min == 1440,
	    "CFG-06 intervals may touch and come in any order");
}

/* The switch, the pause and the hours together. */
static void
test_opening(void)
{
	struct settings s = { .restaurant_open = true, .pause = { .until = TIME_NONE }, .hours = hours_of(LUNCH_AND_NIGHT, "{}") };
	int64_t lunch = instant("2026-02-13T13:00:00Z"), afternoon = instant("2026-02-13T16:00:00Z");
	struct opening o = opening_at(&s, "UTC", lunch);

	ok(o.cause == OPENING_NOTHING && o.closes_at == instant("2026-02-13T15:00:00Z") && o.opens_at == TIME_NONE, "E5 open, and until when");
	o = opening_at(&s, "UTC", afternoon);
	is_str(opening_details(arena, &o), "{\"cause\":\"outside_hours\",\"reason\":null,\"opens_at\":\"2026-02-13T18:00:00Z\"}",
	    "E5 shut by its hours, and when it opens");
	s.restaurant_open = false;
	o = opening_at(&s, "UTC", lunch);
	is_str(opening_details(arena, &o), "{\"cause\":\"closed\",\"reason\":null,\"opens_at\":null}", "ORD-08 closed by the switch: nobody knows until when");
	s.pause = (struct settings_pause){ .is_on = true, .reason = "No \"gas\"", .until = instant("2026-02-13T14:00:00Z") };
	o = opening_at(&s, "UTC", lunch);
	is_str(opening_details(arena, &o), "{\"cause\":\"paused\",\"reason\":\"No \\\"gas\\\"\",\"opens_at\":\"2026-02-13T14:00:00Z\"}",
	    "E4 paused, why and until when");
	s.pause.until = instant("2026-02-13T17:00:00Z");
	o = opening_at(&s, "UTC", lunch);
	ok(o.opens_at == instant("2026-02-13T18:00:00Z"), "E4 a pause that ends outside the hours: it opens with them");
	s.pause.until = TIME_NONE;
	o = opening_at(&s, "UTC", lunch);
	ok(o.cause == OPENING_PAUSED && o.opens_at == TIME_NONE, "E4 a pause without an end");
}

int
main(void)
{
	arena = arena_new((size_t)16 * 1024 * 1024);
	test_always();
	test_week();
	test_holidays();
	test_clock_changes();
	test_agreement("UTC");
	test_agreement(KOLKATA);
	test_agreement(NEW_YORK);
	test_agreement("Australia/Lord_Howe");
	test_forms();
	test_opening();
	arena_free(&arena);
	return tap_done();
}
