/*
 * device: where a guest's apps can be told of what happens: a push token for each device.
 *
 * The token belongs to the app on that device and not to whoever is logged in there: the guest who
 * registers it last has it, and nobody else is told anything by it. A guest has at most DEVICES_MAX
 * active ones; one more ends the one that was registered longest ago. Tokens are never logged.
 */
#ifndef TICKETRAIL_PERSON_DEVICE_H
#define TICKETRAIL_PERSON_DEVICE_H

#include <stddef.h>

#include "err/err.h"
#include "op/op.h"

#define DEVICES_MAX 10
#define DEVICE_TOKEN_MAX 4096

/* What a token is made of: ASCII without blanks, quotes and brackets (FCM, APNs). */
#define DEVICE_TOKEN_CHARS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:.+/=~%!@#$&*|,;?"

/*
 * The guest's from now on, and active; doing it twice is doing it once. The platform is "android"
 * or "ios". Opens its own transaction.
 */
enum err device_register(
    struct op *, int64_t user_id, const char *token, const char *platform);

/* Nothing is told there any more, if it was this guest's. OK whether it was or not. */
enum err device_forget(struct op *, int64_t user_id, const char *token);

#endif
