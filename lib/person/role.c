#include "person/role.h"

#include <stddef.h>
#include <string.h>

static const struct {
	enum role role;
	const char *word;
} roles[] = {
#define ROLE_ROW(name, bit, text, sentence) { ROLE_##name, (text) },
#include "person/role.def"
#undef ROLE_ROW
};
#define ROLES (sizeof roles / sizeof roles[0])

const char *
role_word(enum role role)
{
	for (size_t i = 0; i < ROLES; i++) {
		if (roles[i].role == role)
			return roles[i].word;
	}
	return "";
}

enum role
role_parse(const char *word)
{
	for (size_t i = 0; i < ROLES; i++) {
		if (strcmp(roles[i].word, word) == 0)
			return roles[i].role;
	}
	return ROLE_NOBODY;
}

bool
role_may(enum role role, int set)
{
	return ((int)role & set) != 0 || (role == ROLE_PLATFORM && (set & ROLE_ADMIN) != 0);
}
