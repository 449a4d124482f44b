/*
 * staff: who works in a restaurant, or on the platform (restaurant_id 0), and logs in with a name
 * and a password.
 *
 * A username is unique within its restaurant. A login tries the restaurant at hand first and the
 * platform's staff next; an unknown name, a wrong password and a disabled account give one answer
 * at one cost.
 */
#ifndef TICKETRAIL_PERSON_STAFF_H
#define TICKETRAIL_PERSON_STAFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "op/op.h"
#include "person/role.h"

#define STAFF_PASSWORD_MIN 8
#define STAFF_USERNAME_MAX 50

struct staff {
	int64_t id;
	unsigned char public_id[16];
	int64_t restaurant_id;       /* 0: the platform */
	const char *restaurant_slug; /* NULL for the platform */
	const char *username;
	const char *password_hash;   /* NULL where nobody asked for it */
	const char *role_name;       /* as in the row: admin, kitchen, delivery */
	const char *name;
	const char *phone;           /* NULL if none */
	bool is_active;
};

/* What they may: the role of the row; an admin of the platform is ROLE_PLATFORM. */
enum role staff_role(const struct staff *);

/* The staff, active or not; ERR_NO_ROW (not a fault) if there is none. */
enum err staff_by_id(struct op *, int64_t id, struct staff *ret_staff);

/*
 * The same by what an access token says, and whether the session in it has ended. Without the hash.
 */
enum err staff_of_session(struct op *, const unsigned char public_id[16],
    const unsigned char family[16], struct staff *ret_staff, bool *ret_has_ended);

/*
 * The active staff of that name and password, in op->restaurant_id or on the platform; else
 * ERR_INVALID_CREDENTIALS. A hash of yesterday's cost is made again. Outside of a transaction: it
 * takes tens of milliseconds.
 */
enum err staff_login(
    struct op *, const char *username, const char *password, struct staff *ret_staff);

/* What staff_save writes. */
struct staff_draft {
	int64_t restaurant_id; /* 0: the platform, role admin only */
	const char *username;  /* 1 to STAFF_USERNAME_MAX of a-z 0-9 . _ - */
	const char *password;  /* NULL: keep the present one; for somebody new it is needed */
	const char *role_name; /* admin, kitchen, delivery */
	const char *name;
	const char *phone;     /* NULL: none */
	bool is_active;
};

/*
 * In a transaction: makes the account or brings it to this state; doing it twice is doing it once.
 * Ends the sessions of an account whose password, role or restaurant changed, or which is no longer
 * active. ERR_VALIDATION_ERROR naming the field.
 */
enum err staff_save(struct op *, const struct staff_draft *, struct staff *ret_staff);

#endif
