#include "tenant/day.h"

#include <stdio.h>
#include <string.h>

#include "text/civil.h"
#include "text/zone.h"

#define MINUTES_PER_DAY (24 * 60)
/* Days of years 2 to 9998: a day to either side is one that zone.h can name. */
#define DAY_MIN INT64_C(-718797)
#define DAY_MAX INT64_C(2932531)

/*
 * The clocks were changed after from_us and by until_us, over a wall time that they never showed:
 * when was it? To the second, as zone files have it.
 */
static bool
change_between(const char *zone, int64_t from_us, int64_t until_us, int64_t *ret_us)
{
	int64_t low = from_us / US_PER_SECOND, high = until_us / US_PER_SECOND;
	int before, offset;

	if (!zone_offset(zone, from_us, &before))
		return false;
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (!zone_offset(zone, middle * US_PER_SECOND, &offset))
			return false;
		if (offset == before)
			low = middle;
		else
			high = middle;
	}
	*ret_us = high * US_PER_SECOND;
	return true;
}

bool
day_minute(const char *zone, int64_t date, int minute, int64_t *ret_us)
{
	int64_t local_us = (date * MINUTES_PER_DAY + minute) * US_PER_MINUTE, us, skipped;
	struct civil want, shown;

	if (minute < 0 || date < DAY_MIN || date > DAY_MAX ||
	    date + minute / MINUTES_PER_DAY > DAY_MAX)
		return false;
	want = civil_from_us(local_us);
	if (!zone_from_civil(zone, &want, &us) || !zone_to_civil(zone, us, &shown))
		return false;
	skipped = civil_to_us(&shown) - local_us;
	if (skipped > 0)
		return change_between(zone, us - skipped, us, ret_us);
	*ret_us = us;
	return true;
}

bool
day_bounds(const char *zone, int starts_min, int64_t day, int64_t *ret_from_us, int64_t *ret_to_us)
{
	int64_t from_us, to_us;

	if (!day_minute(zone, day, starts_min, &from_us) ||
	    !day_minute(zone, day + 1, starts_min, &to_us))
		return false;
	*ret_from_us = from_us;
	*ret_to_us = to_us;
	return true;
}

/* Whole days, rounded down. */
static int64_t
days_of(int64_t us)
{
	return us >= 0 ? us / US_PER_DAY : -((-us + US_PER_DAY - 1) / US_PER_DAY);
}

bool
day_of(const char *zone, int starts_min, int64_t us, int64_t *ret_day)
{
	int64_t day, from_us, to_us;
	struct civil wall;

	if (!zone_to_civil(zone, us, &wall))
		return false;
	/* What the wall says is a day off at most, around a change of clocks. */
	day = days_of(civil_to_us(&wall) - starts_min * US_PER_MINUTE);
	for (int i = 0; i < 3; i++) {
		if (!day_bounds(zone, starts_min, day, &from_us, &to_us))
			return false;
		if (us >= from_us && us < to_us) {
			*ret_day = day;
			return true;
		}
		day += us < from_us ? -1 : 1;
	}
	return false;
}

int64_t
day_of_wall(const struct civil *wall, int starts_min, int minutes_before)
{
	return days_of(civil_to_us(wall) - (starts_min + minutes_before) * US_PER_MINUTE);
}

bool
day_parse(const char *text, int64_t *ret_day)
{
	struct civil c;

	if (text == NULL || strlen(text) != DAY_TEXT_LEN - 1 || !civil_parse(text, &c))
		return false;
	*ret_day = civil_to_days(c.year, c.month, c.day);
	return true;
}

void
day_format(int64_t day, char ret_text[DAY_TEXT_LEN])
{
	struct civil c = civil_from_days(day);

	(void)snprintf(ret_text, DAY_TEXT_LEN, "%04u-%02u-%02u", (unsigned)c.year % 10000,
	    (unsigned)c.month % 100, (unsigned)c.day % 100);
}

void
day_digits(int64_t day, char ret_text[DAY_DIGITS_LEN])
{
	struct civil c = civil_from_days(day);

	(void)snprintf(ret_text, DAY_DIGITS_LEN, "%04u%02u%02u", (unsigned)c.year % 10000,
	    (unsigned)c.month % 100, (unsigned)c.day % 100);
}
