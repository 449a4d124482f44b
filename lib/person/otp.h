/*
 * otp: one-time passwords that guests log in with.
 *
 * Six digits without bias, good for 300 s and for one success, kept only as a keyed hash. Only the
 * newest code of a number is good, and only for 5 tries. A number gets 3 codes in 10 minutes and 10
 * a day, and 20 wrong tries a day: a guesser has less than one chance in 50,000 per number and day
 * (NIST SP 800-63B section 5.2.2 asks for a bound). An address has a budget too, wide enough for a
 * campus behind one address, and so have its network, the block of numbers, the country and the
 * whole platform, because texts cost money and fraud has them sent to numbers in a row. When wrong
 * codes come from everywhere, a code has one try instead of five. All of it counts alike, and takes
 * the same work, whether the number is known.
 *
 * A client may name its request by a random text; then the code is good together with that only,
 * and whoever reads it off somebody's screen has nothing (OWASP ASVS 5.0 6.6.2). Without one it is
 * bound to the number, whose newest request it must be.
 *
 * The code leaves as an outbox message (kind otp_sms) of the same transaction, its payload sealed
 * to the relay's key, so that it stands nowhere in clear. Requests and tries of one number queue up
 * on its row in otp_phones, which is what makes the budgets exact.
 */
#ifndef TICKETRAIL_PERSON_OTP_H
#define TICKETRAIL_PERSON_OTP_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "err/err.h"
#include "op/op.h"
#include "person/user.h"

#define OTP_DIGITS 6
#define OTP_LIFE_S 300

/* How many codes are sent in an hour at most; 0: without end. */
struct otp_limits {
	int64_t block_n;       /* to numbers that differ in their last four digits only */
	int64_t country_n;     /* to one calling code */
	int64_t all_n;
	const char *countries; /* "+91 +44": beginnings of numbers; "": every number */
};

struct otp_keys {
	const unsigned char *hash_key;         /* HASH_KEY_SIZE bytes */
	const unsigned char *relay_public_key; /* SECRET_KEY_SIZE bytes */
	struct otp_limits limits;
};

#define OTP_REQUEST_ID_MIN 16
#define OTP_REQUEST_ID_MAX 64

/* Who asks for a code, or shows one. */
struct otp_caller {
	const char *phone;
	const char *request_id; /* the client's own name of the request; NULL: none */
	const char *address;    /* where the request came from */
};

/*
 * Sends a code to the number. ERR_VALIDATION_ERROR (phone), ERR_RATE_LIMITED with retry_after_s, or
 * a database fault. Opens its own transaction.
 */
enum err otp_request(struct op *, const struct otp_keys *, const struct otp_caller *);

/*
 * What follows from the right code, in the transaction that uses it up: a code is spent only by
 * whoever got something for it. happened() is db_tx_keyed's question.
 */
struct otp_success {
	enum err (*then)(struct op *, const struct user *, void *arg);
	enum err (*happened)(struct op *, void *arg, bool *ret);
	void *arg;
};

/*
 * The user of the number, made at the first success; success may be NULL. ERR_INVALID_OTP for a
 * code that is wrong, too old, used or tried too often, and for a user who is disabled;
 * ERR_RATE_LIMITED when the day's tries are spent, or those of the network. Opens its own
 * transaction.
 */
enum err otp_verify(struct op *, const struct otp_keys *, const struct otp_caller *,
    const char *code, const struct otp_success *success, struct user *ret_user);

/* What the relay finds in an otp_sms message. */
struct otp_message {
	const char *phone, *otp;
	int64_t expires_in_s;
};

/*
 * For the relay: opens the payload of a message; subject_id is the message's. ERR_INTERNAL_ERROR if
 * it does not open.
 */
enum err otp_message_open(struct arena *, const struct secret_keypair *relay, int64_t subject_id,
    struct bytes payload, struct otp_message *ret_message);

#endif
