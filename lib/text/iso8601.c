#include "text/iso8601.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "text/civil.h"

/* "Z" or "+05:30" up to the end of the text. "-00:00" (offset unknown) is UTC too. */
static bool
offset_parse(const char *s, int64_t *ret_us)
{
	int hours, minutes;

	if ((s[0] == 'Z' || s[0] == 'z') && s[1] == '\0') {
		*ret_us = 0;
		return true;
	}
	if (strlen(s) != 6 || (s[0] != '+' && s[0] != '-') || s[3] != ':')
		return false;
	for (int i = 1; i < 6; i++)
		if (i != 3 && (s[i] < '0' || s[i] > '9'))
			return false;
	hours = (s[1] - '0') * 10 + s[2] - '0';
	minutes = (s[4] - '0') * 10 + s[5] - '0';
	if (hours > 23 || minutes > 59)
		return false;
	*ret_us = (hours * US_PER_HOUR + minutes * US_PER_MINUTE) * (s[0] == '-' ? -1 : 1);
	return true;
}

bool
iso8601_parse(const char *text, int64_t *ret_us)
{
	struct civil c;
	int64_t offset_us, us;
	const char *end;

	if (text == NULL)
		return false;
	end = civil_scan(text, &c);
	if (end == NULL || !offset_parse(end, &offset_us))
		return false;
	us = civil_to_us(&c) - offset_us;
	if (us < CIVIL_US_MIN || us > CIVIL_US_MAX)
		return false;
	*ret_us = us;
	return true;
}

void
iso8601_format(int64_t us, char ret_text[ISO8601_LEN])
{
	struct civil c;
	size_t len;

	if (us == TIME_NONE) {
		ret_text[0] = '\0';
		return;
	}
	c = civil_from_us(us);
	civil_format(&c, ret_text);
	ret_text[10] = 'T';
	len = CIVIL_TEXT_LEN - 1;
	if (c.us != 0)
		len += (size_t)snprintf(ret_text + len, ISO8601_LEN - len, ".%06d", c.us);
	ret_text[len] = 'Z';
	ret_text[len + 1] = '\0';
}
