#include "tenant/hours.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "mem/arena.h"
#include "tenant/day.h"
#include "text/civil.h"
#include "text/iso8601.h"
#include "text/json_read.h"
#include "text/json_write.h"
#include "text/utf8.h"
#include "text/zone.h"

#define MINUTES_PER_DAY (24 * 60)
#define NAME_SHOWN_MAX 20 /* of one that is no weekday and no date */
#define DAYS_PER_WEEK 7

static const char *const weekdays[DAYS_PER_WEEK] = { "sunday", "monday", "tuesday", "wednesday",
	"thursday", "friday", "saturday" };

/* --- reading ---------------------------------------------------------------------------------- */

bool
hours_minute_read(struct json_object *node, bool is_end, int *ret)
{
	const char *s;
	int minute;

	if (!json_as_string(node, &s) || strlen(s) != 5 || strspn(s, "0123456789") != 2 ||
	    s[2] != ':' || strspn(s + 3, "0123456789") != 2 || s[3] > '5')
		return false;
	minute = ((s[0] - '0') * 10 + s[1] - '0') * 60 + (s[3] - '0') * 10 + s[4] - '0';
	if (minute > MINUTES_PER_DAY - (is_end ? 0 : 1))
		return false;
	*ret = minute;
	return true;
}

static const char *
span_read(struct json_object *node, struct hours_span *ret, const char **ret_at)
{
	struct hours_span s;

	*ret_at = "";
	if (!json_is_object(node) || json_object_object_length(node) != 2)
		return "must be {\"start\":\"HH:MM\",\"end\":\"HH:MM\"}";
	*ret_at = ".start";
	if (!hours_minute_read(json_member(node, "start"), false, &s.start_min))
		return "must be a time of day from \"00:00\" to \"23:59\"";
	*ret_at = ".end";
	if (!hours_minute_read(json_member(node, "end"), true, &s.end_min))
		return "must be a time of day from \"00:00\" to \"24:00\"";
	if (s.end_min <= s.start_min)
		s.end_min += MINUTES_PER_DAY;
	*ret = s;
	return NULL;
}

/* Puts a span among those before it; false if it overlaps one. */
static bool
span_put(struct hours_span *spans, size_t n, struct hours_span s)
{
	size_t i = n;

	for (; i > 0 && spans[i - 1].start_min >= s.start_min; i--)
		spans[i] = spans[i - 1];
	spans[i] = s;
	return (i == 0 || spans[i - 1].end_min <= s.start_min) &&
	       (i == n || s.end_min <= spans[i + 1].start_min);
}

/* One date's list; `at` is where it stands. */
static const char *
date_read(struct arena *arena, struct json_object *node, const char *at, struct hours_date *ret,
    const char **ret_at)
{
	size_t n = json_array_n(node);
	struct hours_span *spans;

	*ret_at = arena_printf(arena, ".%s", at);
	if (!json_is_array(node) || n > HOURS_SPANS_MAX)
		return "must be a list of at most 6 intervals; an empty one is a closed day";
	spans = arena_array(arena, n, sizeof *spans);
	for (size_t i = 0; i < n; i++) {
		struct hours_span s;
		const char *inner, *why = span_read(json_element(node, i), &s, &inner);

		*ret_at = arena_printf(arena, ".%s[%zu]%s", at, i, why != NULL ? inner : "");
		if (why != NULL)
			return why;
		if (!span_put(spans, i, s))
			return "overlaps another interval of the day";
	}
	*ret = (struct hours_date){ .spans = spans, .n = n };
	return NULL;
}

static size_t
weekday_of(const char *name)
{
	size_t i = 0;

	while (i < DAYS_PER_WEEK && strcmp(weekdays[i], name) != 0)
		i++;
	return i;
}

const char *
hours_week_read(
    struct arena *arena, struct json_object *node, struct hours *ret, const char **ret_at)
{
	struct hours_date week[DAYS_PER_WEEK] = { { .n = 0 } };
	const char *why;

	*ret_at = "";
	if (node == NULL) {
		ret->has_week = false;
		return NULL;
	}
	if (!json_is_object(node) || json_object_object_length(node) == 0)
		return "must be an object of weekdays with at least one, or null: always open";
	json_object_object_foreach(node, name, list)
	{
		size_t day = weekday_of(name);

		*ret_at = arena_printf(arena, ".%s", utf8_sanitise(arena, name, NAME_SHOWN_MAX));
		if (day == DAYS_PER_WEEK)
			return "is not a weekday: monday, tuesday ... sunday";
		why = date_read(arena, list, name, &week[day], ret_at);
		if (why != NULL)
			return why;
	}
	memcpy(ret->week, week, sizeof week);
	ret->has_week = true;
	return NULL;
}

const char *
hours_holidays_read(
    struct arena *arena, struct json_object *node, struct hours *ret, const char **ret_at)
{
	struct hours_holiday *holidays;
	size_t n = 0;
	const char *why;

	*ret_at = "";
	if (!json_is_object(node) || json_object_object_length(node) > HOURS_HOLIDAYS_MAX)
		return "must be an object of at most 400 dates";
	holidays = arena_array(arena, (size_t)json_object_object_length(node), sizeof *holidays);
	json_object_object_foreach(node, name, list)
	{
		struct hours_holiday h;
		size_t i = n++;

		*ret_at = arena_printf(arena, ".%s", utf8_sanitise(arena, name, NAME_SHOWN_MAX));
		if (!day_parse(name, &h.date))
			return "is not a date of the form 2026-12-25";
		why = date_read(arena, list, name, &h.hours, ret_at);
		if (why != NULL)
			return why;
		for (; i > 0 && holidays[i - 1].date > h.date; i--)
			holidays[i] = holidays[i - 1];
		holidays[i] = h;
	}
	ret->holidays = holidays;
	ret->holidays_n = n;
	return NULL;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void
minute_write(struct json_write *w, const char *key, int minute)
{
	char text[sizeof "00:00"];
	unsigned of_day = (unsigned)minute % (MINUTES_PER_DAY + 1);

	if (minute > MINUTES_PER_DAY)
		of_day = (unsigned)minute % MINUTES_PER_DAY;
	(void)snprintf(text, sizeof text, "%02u:%02u", of_day / 60 % 100, of_day % 60);
	json_write_string(w, key, text);
}

void
hours_span_write(struct json_write *w, const char *key, int start_min, int end_min)
{
	json_write_object(w, key);
	minute_write(w, "start", start_min);
	minute_write(w, "end", end_min);
	json_write_object_end(w);
}

static void
date_write(struct json_write *w, const char *key, const struct hours_date *d)
{
	json_write_array(w, key);
	for (size_t i = 0; i < d->n; i++)
		hours_span_write(w, NULL, d->spans[i].start_min, d->spans[i].end_min);
	json_write_array_end(w);
}

void
hours_week_write(struct json_write *w, const char *key, const struct hours *h)
{
	if (!h->has_week) {
		json_write_null(w, key);
		return;
	}
	json_write_object(w, key);
	/* As people have it: Monday first. */
	for (size_t i = 1; i <= DAYS_PER_WEEK; i++)
		date_write(w, weekdays[i % DAYS_PER_WEEK], &h->week[i % DAYS_PER_WEEK]);
	json_write_object_end(w);
}

void
hours_holidays_write(
    struct json_write *w, const char *key, const struct hours *h, int64_t from_date)
{
	char date[DAY_TEXT_LEN];

	json_write_object(w, key);
	for (size_t i = 0; i < h->holidays_n; i++)
		if (h->holidays[i].date >= from_date) {
			day_format(h->holidays[i].date, date);
			date_write(w, date, &h->holidays[i].hours);
		}
	json_write_object_end(w);
}

/* --- looking ---------------------------------------------------------------------------------- */

static const struct hours_date *
holiday_of(const struct hours *h, int64_t date)
{
	size_t low = 0, high = h->holidays_n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (h->holidays[middle].date < date)
			low = middle + 1;
		else
			high = middle;
	}
	return low < h->holidays_n && h->holidays[low].date == date ? &h->holidays[low].hours
								    : NULL;
}

static const struct hours_date *
date_of(const struct hours *h, int64_t date)
{
	static const struct hours_span whole[] = { { 0, MINUTES_PER_DAY } };
	static const struct hours_date open = { .spans = whole, .n = 1 };
	const struct hours_date *holiday = holiday_of(h, date);

	if (holiday != NULL)
		return holiday;
	return h->has_week ? &h->week[civil_weekday(date)] : &open;
}

static bool
is_always_open(const struct hours *h)
{
	return !h->has_week && h->holidays_n == 0;
}

static bool
span_bounds(
    const char *zone, int64_t date, const struct hours_span *s, int64_t *ret_from, int64_t *ret_to)
{
	return day_minute(zone, date, s->start_min, ret_from) &&
	       day_minute(zone, date, s->end_min, ret_to) && *ret_from < *ret_to;
}

/* The latest end of what holds at an instant; TIME_NONE if nothing does. No span lasts two days. */
static int64_t
end_of(const struct hours *h, const char *zone, int64_t us)
{
	int64_t today, from, to, end = TIME_NONE;

	if (!day_of(zone, 0, us, &today))
		return TIME_NONE;
	for (int64_t date = today - 1; date <= today; date++) {
		const struct hours_date *d = date_of(h, date);

		for (size_t i = 0; i < d->n; i++)
			if (span_bounds(zone, date, &d->spans[i], &from, &to) && from <= us &&
			    us < to && to > end)
				end = to;
	}
	return end;
}

bool
hours_hold(const struct hours *h, const char *zone, int64_t us)
{
	return is_always_open(h) || end_of(h, zone, us) != TIME_NONE;
}

int64_t
hours_close(const struct hours *h, const char *zone, int64_t us)
{
	int64_t until = us, end;

	if (is_always_open(h))
		return TIME_NONE;
	while ((end = end_of(h, zone, until)) != TIME_NONE) {
		if (end - us > HOURS_CLOSES_DAYS * US_PER_DAY)
			return TIME_NONE;
		until = end;
	}
	return until == us ? TIME_NONE : until;
}

int64_t
hours_open(const struct hours *h, const char *zone, int64_t us)
{
	int64_t today, from, to;

	if (!day_of(zone, 0, us, &today))
		return TIME_NONE;
	for (int64_t date = today; date <= today + HOURS_OPENS_DAYS; date++) {
		const struct hours_date *d = date_of(h, date);

		for (size_t i = 0; i < d->n; i++)
			if (span_bounds(zone, date, &d->spans[i], &from, &to) && from > us)
				return from;
	}
	return TIME_NONE;
}
