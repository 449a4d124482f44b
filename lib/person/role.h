/*
 * role: what a person is to the house (role.def). Each is one bit; struct actor holds one, a route
 * a set.
 */
#ifndef TICKETRAIL_PERSON_ROLE_H
#define TICKETRAIL_PERSON_ROLE_H

#include <stdbool.h>

enum role {
	ROLE_NOBODY = 0,
#define ROLE_ROW(name, bit, word, sentence) ROLE_##name = 1 << (bit),
#include "person/role.def"
#undef ROLE_ROW
};

/* Everybody who works here. */
#define ROLES_STAFF (ROLE_KITCHEN | ROLE_ADMIN | ROLE_DELIVERY | ROLE_PLATFORM)

/* The word of a role; "" for ROLE_NOBODY or a value that is no role. */
const char *role_word(enum role);

/* The role of a word, ROLE_NOBODY if there is none. */
enum role role_parse(const char *word);

/*
 * True if somebody of this role may use what is open to the set. A platform admin may whatever an
 * admin may.
 */
bool role_may(enum role, int set);

#endif
