/*
 * user: a guest, known by a telephone number, the same one in every restaurant of the platform.
 *
 * The number is E.164: + and 8 to 15 digits, no digit 0 first (ITU-T E.164 section 6). Rows come
 * into the op's arena.
 */
#ifndef TICKETRAIL_PERSON_USER_H
#define TICKETRAIL_PERSON_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "op/op.h"

struct user {
	int64_t id;
	unsigned char public_id[16];
	const char *phone;
	const char *name;  /* NULL until the guest gave one */
	const char *email; /* NULL if none */
	bool is_active;
};

/* True if the text is such a number, written without blanks. NULL is not. */
bool phone_is_valid(const char *);

/* How many digits of a valid number are the country's calling code (ITU-T E.164 Annex D). */
size_t phone_country_len(const char *phone);

/* The user, active or not; ERR_NO_ROW (not a fault) if there is none. */
enum err user_by_id(struct op *, int64_t id, struct user *ret_user);

/* The same by what an access token says, and whether the session in it has ended. */
enum err user_of_session(struct op *, const unsigned char public_id[16],
    const unsigned char family[16], struct user *ret_user, bool *ret_has_ended);

/* What a guest sees and changes of themselves. */
struct user_profile {
	struct user user;
	int64_t created_at;
};
enum err user_profile(struct op *, int64_t id, struct user_profile *ret_profile);

/*
 * Gives a guest the name, and the e-mail address (NULL: none) if has_email. Blanks around either
 * are taken off. ERR_VALIDATION_ERROR naming the field; ERR_NOT_FOUND.
 */
enum err user_update(
    struct op *, int64_t id, const char *name, bool has_email, const char *email);

/* True if mail can be sent to such an address: local@domain.tld, as RFC 5321 has it in ASCII. */
bool email_is_valid(const char *);

/* In a transaction: the user of the number, made with a name of NULL if there is none yet. */
enum err user_take(struct op *, const char *phone, struct user *ret_user);

#endif
