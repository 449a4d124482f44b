#include "text/civil.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define DAYS_PER_ERA 146097 /* 400 years */
#define EPOCH_SHIFT 719468  /* days from 0000-03-01 to 1970-01-01 */

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
civil_days_in_month(int year, int month)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	assert(month >= 1 && month <= 12);
	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool
civil_is_valid(const struct civil *c)
{
	return c->year >= 1 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	    c->day <= civil_days_in_month(c->year, c->month) && c->hour >= 0 && c->hour <= 23 &&
	    c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 59 && c->us >= 0 &&
	    c->us <= 999999;
}

int64_t
civil_to_days(int year, int month, int day)
{
	/* The year begins in March here, so that the leap day is its last one. */
	int y = month <= 2 ? year - 1 : year;
	int era = y / 400, year_of_era = y % 400;
	int month_from_march = month > 2 ? month - 3 : month + 9;
	int day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	assert(year >= 1);
	return (int64_t)era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT;
}

struct civil
civil_from_days(int64_t days)
{
	int64_t shifted = days + EPOCH_SHIFT;
	int day_of_era, year_of_era, day_of_year, month_from_march;
	struct civil c = { 0 };

	assert(shifted >= 306); /* 0001-01-01; the division below wants no negative number */
	day_of_era = (int)(shifted % DAYS_PER_ERA);
	year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month_from_march = (5 * day_of_year + 2) / 153;
	c.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
	c.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
	c.year = (int)(shifted / DAYS_PER_ERA) * 400 + year_of_era + (c.month <= 2);
	return c;
}

int
civil_weekday(int64_t days)
{
	int r = (int)((days + 4) % 7); /* 1970-01-01 was a Thursday */

	return r < 0 ? r + 7 : r;
}

int64_t
civil_to_us(const struct civil *c)
{
	assert(civil_is_valid(c));
	return civil_to_days(c->year, c->month, c->day) * US_PER_DAY + c->hour * US_PER_HOUR +
	    c->minute * US_PER_MINUTE + c->second * US_PER_SECOND + c->us;
}

struct civil
civil_from_us(int64_t us)
{
	int64_t days = us / US_PER_DAY, rest = us % US_PER_DAY;
	struct civil c;

	assert(us >= CIVIL_US_MIN && us <= CIVIL_US_MAX);
	if (rest < 0) {
		rest += US_PER_DAY;
		days--;
	}
	c = civil_from_days(days);
	c.hour = (int)(rest / US_PER_HOUR);
	c.minute = (int)(rest / US_PER_MINUTE % 60);
	c.second = (int)(rest / US_PER_SECOND % 60);
	c.us = (int)(rest % US_PER_SECOND);
	return c;
}

/* Exactly n digits; NULL if there are fewer. */
static const char *
digits_scan(const char *s, int n, int *ret)
{
	int v = 0;

	for (; n > 0; n--, s++) {
		if (*s < '0' || *s > '9')
			return NULL;
		v = v * 10 + (*s - '0');
	}
	*ret = v;
	return s;
}

/* n digits behind one character of `before`. */
static const char *
field_scan(const char *s, const char *before, int n, int *ret)
{
	if (s == NULL || *s == '\0' || strchr(before, *s) == NULL)
		return NULL;
	return digits_scan(s + 1, n, ret);
}

/* ".5" to ".123456789" as µs, cut and not rounded: rounding up might reach the next second. */
static const char *
fraction_scan(const char *s, int *ret_us)
{
	int us = 0, n = 0;

	for (s++; *s >= '0' && *s <= '9'; s++, n++)
		if (n < 6)
			us = us * 10 + (*s - '0');
	if (n == 0 || n > 9)
		return NULL;
	for (; n < 6; n++)
		us *= 10;
	*ret_us = us;
	return s;
}

static const char *
date_scan(const char *s, struct civil *c)
{
	s = digits_scan(s, 4, &c->year);
	s = field_scan(s, "-", 2, &c->month);
	return field_scan(s, "-", 2, &c->day);
}

const char *
civil_scan(const char *s, struct civil *ret)
{
	struct civil c = { 0 };

	s = date_scan(s, &c);
	s = field_scan(s, "Tt ", 2, &c.hour);
	s = field_scan(s, ":", 2, &c.minute);
	s = field_scan(s, ":", 2, &c.second);
	if (s != NULL && *s == '.')
		s = fraction_scan(s, &c.us);
	if (s == NULL || !civil_is_valid(&c))
		return NULL;
	*ret = c;
	return s;
}

bool
civil_parse(const char *text, struct civil *ret)
{
	struct civil c = { 0 };
	const char *end;

	if (text == NULL)
		return false;
	end = civil_scan(text, &c);
	if (end == NULL)
		end = date_scan(text, &c);
	if (end == NULL || *end != '\0' || !civil_is_valid(&c))
		return false;
	*ret = c;
	return true;
}

static char *
digits_put(char *p, int v, int n)
{
	for (int i = n - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

bool
civil_parse_http(const char *s, struct civil *ret)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct civil c = { .month = 1 };

	if (s == NULL || strlen(s) < 5 || s[3] != ',' ||
	    (s = field_scan(s + 4, " ", 2, &c.day)) == NULL || *s != ' ' || strlen(s) < 5)
		return false;
	while (c.month <= 12 && strncmp(months + (c.month - 1) * 3, s + 1, 3) != 0)
		c.month++;
	s = field_scan(s + 4, " ", 4, &c.year);
	s = field_scan(s, " ", 2, &c.hour);
	s = field_scan(s, ":", 2, &c.minute);
	s = field_scan(s, ":", 2, &c.second);
	if (s == NULL || strcmp(s, " GMT") != 0 || !civil_is_valid(&c))
		return false;
	*ret = c;
	return true;
}

void
civil_format(const struct civil *c, char ret_text[CIVIL_TEXT_LEN])
{
	char *p = ret_text;

	assert(civil_is_valid(c));
	p = digits_put(p, c->year, 4);
	*p++ = '-';
	p = digits_put(p, c->month, 2);
	*p++ = '-';
	p = digits_put(p, c->day, 2);
	*p++ = ' ';
	p = digits_put(p, c->hour, 2);
	*p++ = ':';
	p = digits_put(p, c->minute, 2);
	*p++ = ':';
	p = digits_put(p, c->second, 2);
	*p = '\0';
}
