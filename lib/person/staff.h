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

#define STAFF_PASSWORD_MIN 8 /* characters; NIST SP 800-63B section 5.1.1.2 */
#define STAFF_PASSWORD_MAX 200
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
	int64_t created_at;
};

/* What they may: the role of the row; an admin of the platform is ROLE_PLATFORM. */
enum role staff_role(const struct staff *);

/*
 * May it be somebody's password? Not one of those that everybody tries first, nor the username.
 * ERR_VALIDATION_ERROR naming the field.
 */
enum err staff_password_check(
    struct op *, const char *field, const char *password, const char *username);

/* True for 1 to STAFF_USERNAME_MAX of a-z 0-9 . _ -: nobody else is in the table. */
bool staff_username_ok(const char *);

/* The staff, active or not; ERR_NO_ROW (not a fault) if there is none. */
enum err staff_by_id(struct op *, int64_t id, struct staff *ret_staff);

/*
 * The same by what an access token says, and whether the session in it has ended. Without the hash.
 */
enum err staff_of_session(struct op *, const unsigned char public_id[16],
    const unsigned char family[16], struct staff *ret_staff, bool *ret_has_ended);

/*
 * Whom a name means, with the hash: in op->restaurant_id, else on the platform. ERR_NO_ROW (not a
 * fault) if nobody.
 */
enum err staff_by_username(struct op *, const char *username, struct staff *ret_staff);

/* Who says that they are somebody. */
struct staff_proof {
	const char *username, *password;
	const char *address;           /* where the request came from */
	const unsigned char *hash_key; /* HASH_KEY_SIZE bytes */
};

/*
 * The active staff of that name and password, in op->restaurant_id or on the platform; else
 * ERR_INVALID_CREDENTIALS. A hash that is not of today is made again. Outside of a transaction: it
 * takes tens of milliseconds.
 *
 * Wrong passwords are held back: ten of one network for one account, then one every minute and a
 * half; a hundred a day for one account from networks that its owner has not come from lately;
 * three hundred of one network in a quarter of an hour. Then ERR_RATE_LIMITED with retry_after_s,
 * before any password is looked at. Nobody is shut out for good, and an owner at their own place is
 * not shut out by strangers.
 */
enum err staff_login(struct op *, const struct staff_proof *, struct staff *ret_staff);

/*
 * Staff change their own password, and every session of theirs ends. proof is of the present one:
 * ERR_VALIDATION_ERROR naming old_password if it is not, or new_password; ERR_RATE_LIMITED as at a
 * login. then() follows in the same transaction, happened() is db_tx_keyed's question.
 */
struct staff_success {
	enum err (*then)(struct op *, const struct staff *, void *arg);
	enum err (*happened)(struct op *, void *arg, bool *ret);
	void *arg;
};
enum err staff_password_change(struct op *, const struct staff *, const struct staff_proof *,
    const char *new_password, const struct staff_success *);

/* The staff of a restaurant, active or not; ERR_NO_ROW (not a fault) for another one's. No hash. */
enum err staff_of_restaurant(struct op *, int64_t restaurant_id, const unsigned char public_id[16],
    struct staff *ret_staff);

struct staff_filter {
	const char *role_name; /* NULL: all */
	int is_active;         /* 1, 0; -1: both */
	int64_t after_id, n;   /* a page of n behind this one */
};
enum err staff_list(struct op *, int64_t restaurant_id, const struct staff_filter *,
    struct staff **ret_staff, size_t *ret_n);

/* What staff_save and staff_add write. */
struct staff_draft {
	int64_t restaurant_id; /* 0: the platform, role admin only */
	const char *username;  /* 1 to STAFF_USERNAME_MAX of a-z 0-9 . _ - */
	const char *password;  /* NULL: keep the present one; for somebody new it is needed */
	const char *role_name; /* admin, kitchen, delivery */
	const char *name;
	const char *phone;     /* NULL: none */
	bool is_active;
	/* instead of a password, for somebody new: a bcrypt hash (crypto/password.h) */
	const char *bcrypt;
};

/*
 * In a transaction: makes the account or brings it to this state; doing it twice is doing it once.
 * Ends the sessions of an account whose password, role or restaurant changed, or which is no longer
 * active. ERR_VALIDATION_ERROR naming the field.
 */
enum err staff_save(struct op *, const struct staff_draft *, struct staff *ret_staff);

/*
 * Makes an account that must not be there yet: ERR_CONFLICT, with the field in its details, if the
 * username is taken. Opens its own transaction.
 */
enum err staff_add(struct op *, const struct staff_draft *, struct staff *ret_staff);

/* What somebody else changes of an account; what is not said stays. */
struct staff_change {
	const char *name, *role_name, *password; /* NULL: stays */
	bool has_phone, has_is_active;
	const char *phone; /* NULL: none */
	bool is_active;
};

/*
 * Ends the sessions of an account as staff_save does. ERR_NOT_FOUND for another restaurant's;
 * ERR_CONFLICT if the restaurant would be left without an active admin; ERR_VALIDATION_ERROR, also
 * for the actor's own password: that is changed by who knows the present one. Opens its own
 * transaction.
 */
enum err staff_alter(struct op *, int64_t restaurant_id, const unsigned char public_id[16],
    const struct staff_change *, struct staff *ret_staff);

#endif
