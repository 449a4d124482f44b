#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pos/pos.h"
#include "text/json_read.h"
#include "text/utf8.h"

#define ARENA_MAX ((size_t)256 << 20)

void
must_fail(const char *file, int line, const char *cond, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: a promise is broken: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, " (%s)\n", cond);
	abort();
}

struct arena *
fuzz_arena(void)
{
	return arena_new(ARENA_MAX);
}

const struct pos_config *
fuzz_config(struct arena *a, const struct pos_adapter *pos)
{
	static const struct pos_core core = { .base_api_url = "https://pos.example",
		.pos_restaurant_id = "r",
		.time_zone = "Asia/Kolkata",
		.currency = "INR" };
	struct pos_problems problems = { 0 };

	return pos_config_merge(a, pos, (struct bytes){ "{}", 2 }, (struct bytes){ "{}", 2 }, &core,
	    NULL, 0, &problems);
}

struct bytes
fuzz_bytes(struct arena *a, const uint8_t *data, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, data, len);
	arena_adopt(a, free, copy);
	return (struct bytes){ copy, len };
}

char *
fuzz_text(struct arena *a, const uint8_t *data, size_t len)
{
	size_t n = len > 0 ? strnlen((const char *)data, len) : 0;
	char *copy = malloc(n + 1);

	if (copy == NULL)
		abort();
	if (n > 0)
		memcpy(copy, data, n);
	copy[n] = '\0';
	arena_adopt(a, free, copy);
	return copy;
}

struct bytes
fuzz_until(const uint8_t **data, size_t *len, uint8_t end)
{
	const uint8_t *found = *len > 0 ? memchr(*data, end, *len) : NULL;
	size_t n = found != NULL ? (size_t)(found - *data) : *len;
	struct bytes part = { *data, n };

	*data += n + (found != NULL);
	*len -= n + (found != NULL);
	return part;
}

bool
fuzz_is_json(struct arena *a, const char *text)
{
	struct json_survey survey;
	const char *why;

	return text != NULL && json_scan(a, text, strlen(text), &json_limits_menu, &survey, &why) == OK;
}

bool
fuzz_is_printable(const char *text)
{
	size_t len = strlen(text), n;
	uint32_t cp = 0;

	for (; len > 0; text += n, len -= n) {
		n = utf8_next(text, len, &cp);
		if (n == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029)
			return false;
	}
	return true;
}
