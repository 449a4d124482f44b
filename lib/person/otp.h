/*
 * otp: one-time passwords that guests log in with.
 *
 * Six digits without bias, good for 300 s and for one success, kept only as a keyed hash. Only the
 * newest code of a number is good, and only for 5 tries. A number gets 3 codes in 10 minutes and 10
 * a day, and 20 wrong tries a day: a guesser has less than one chance in 50,000 per number and day
 * (NIST SP 800-63B section 5.2.2 asks for a bound). An address has a budget too, wide enough for a
 * campus behind one address. All of it counts alike whether the number is known.
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

struct otp_keys {
	const unsigned char *hash_key;         /* HASH_KEY_SIZE bytes */
	const unsigned char *relay_public_key; /* SECRET_KEY_SIZE bytes */
};

/*
 * Sends a code to the number. address is where the request came from. ERR_VALIDATION_ERROR (phone),
 * ERR_RATE_LIMITED with retry_after_s, or a database fault. Opens its own transaction.
 */
enum err otp_request(struct op *, const struct otp_keys *, const char *phone, const char *address);

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
 * ERR_RATE_LIMITED when the day's tries are spent. Opens its own transaction.
 */
enum err otp_verify(struct op *, const struct otp_keys *, const char *phone, const char *code,
    const struct otp_success *success, struct user *ret_user);

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
