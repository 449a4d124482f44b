#include "db/script.h"

#include <ctype.h>
#include <string.h>

/*
 * The length of the quoted text at s, both quotes included. A doubled quote inside is two quoted
 * texts side by side.
 */
static size_t
quoted_len(const char *s)
{
	size_t n = 1;

	while (s[n] != '\0' && s[n] != s[0])
		n += s[n] == '\\' && s[0] != '`' && s[n + 1] != '\0' ? 2 : 1;
	return s[n] != '\0' ? n + 1 : n;
}

/* The length of the comment at s; 0: it is none. */
static size_t
comment_len(const char *s)
{
	const char *end;

	if (s[0] == '#' ||
	    (s[0] == '-' && s[1] == '-' && (s[2] == '\0' || isspace((unsigned char)s[2]))))
		return strcspn(s, "\n");
	if (s[0] != '/' || s[1] != '*')
		return 0;
	end = strstr(s + 2, "*/");
	return end != NULL ? (size_t)(end - s) + 2 : strlen(s);
}

char *
script_next(const char **cursor, struct arena *arena)
{
	const char *s = *cursor;
	char *out = arena_alloc(arena, strlen(s) + 1);
	size_t n = 0;

	while (*s != '\0') {
		size_t skip = comment_len(s), take = 1;

		if (skip != 0) {
			s += skip;
			continue;
		}
		if (*s == ';') {
			s++;
			if (n != 0)
				break;
			continue;
		}
		if (*s == '\'' || *s == '"' || *s == '`')
			take = quoted_len(s);
		if (n != 0 || !isspace((unsigned char)*s)) {
			memcpy(out + n, s, take);
			n += take;
		}
		s += take;
	}
	while (n != 0 && isspace((unsigned char)out[n - 1]))
		n--;
	out[n] = '\0';
	*cursor = s;
	return n != 0 ? out : NULL;
}
