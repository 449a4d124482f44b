#include "http/cookie.h"

#include <string.h>

#include "http/reply.h"

const char *
cookie_find(struct arena *a, const char *header, const char *name)
{
	const char *found = NULL, *at = header;
	size_t name_len = strlen(name), len;

	while (at != NULL && *at != '\0') {
		at += strspn(at, " \t;,");
		len = strcspn(at, ";,");
		if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
			const char *value =
			    arena_strndup(a, at + name_len + 1, len - name_len - 1);

			if (found != NULL && strcmp(found, value) != 0)
				return NULL;
			found = value;
		}
		at += len;
	}
	return found;
}

void
cookie_set(struct reply *r, const char *name, const char *value, int64_t seconds)
{
	reply_header(r, "Set-Cookie",
	    arena_printf(r->arena, "%s=%s; Path=/; Max-Age=%lld; Secure; HttpOnly; SameSite=Lax",
		name, value, (long long)seconds));
}
