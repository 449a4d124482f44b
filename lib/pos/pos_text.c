#include "pos/pos_text.h"

#include <string.h>
#include <strings.h>

#include "outbox/call.h"
#include "text/json_read.h"
#include "text/utf8.h"

const char *
pos_text(struct arena *a, const char *s, size_t max)
{
	return s == NULL ? "" : call_text(a, utf8_sanitise(a, s, max));
}

bool
pos_is_blank(const char *s)
{
	return s == NULL || *s == '\0';
}

const char *
pos_plain(struct arena *a, const char *s, size_t max)
{
	size_t n = 0;

	while (s[n] > 0x20 && s[n] < 0x7f)
		n++;
	return n > 0 && n <= max && s[n] == '\0' ? arena_strdup(a, s) : NULL;
}

const char *
pos_plain_of(struct arena *a, struct json_object *o, const char *key, size_t max)
{
	const char *s;

	return json_as_string(json_member(o, key), &s) ? pos_plain(a, s, max) : NULL;
}

bool
pos_is_word(struct json_object *o, const char *key, const char *word)
{
	const char *s;

	return json_as_string(json_member(o, key), &s) && strcasecmp(s, word) == 0;
}

const char *
pos_url(struct arena *a, const char *base, const char *path)
{
	size_t len = strlen(base);

	while (len > 0 && base[len - 1] == '/')
		len--;
	return arena_printf(a, "%.*s%s", (int)len, base, path);
}

const char *
pos_with_words(struct arena *a, const char *ours, const char *code, const char *message)
{
	bool has_both = *code != '\0' && *message != '\0';

	if (*code == '\0' && *message == '\0')
		return ours;
	return arena_printf(a, "%s (%s%s%s)", ours, code, has_both ? ": " : "", message);
}
