/*
 * subject: the order that a message is about, locked, with the POS it goes to. For the handlers of
 * this room.
 */
#ifndef TICKETRAIL_PROVIDER_SUBJECT_H
#define TICKETRAIL_PROVIDER_SUBJECT_H

#include <stdbool.h>

#include "order/move.h"
#include "provider/connect.h"
#include "provider/handler.h"

struct subject {
	struct order_axes order;
	struct connection connection; /* adapter NULL: of its POS there is none any more */
	const char *gone;             /* why not, for people; NULL: there is, and it may be asked */
	bool has_order;               /* false: the order is gone */
};

/*
 * In a transaction, before anything else. What belongs to another place than the restaurant is at
 * now (submission_is_elsewhere) has no connection: nothing of it is to be sent.
 */
enum err subject_load(struct op *, const struct message *, struct subject *ret);
/*
 * The same for whoever has an answer: what was sent before the restaurant went elsewhere is
 * understood still, if by today's adapter. `gone` says so.
 */
enum err subject_load_answered(struct op *, const struct message *, struct subject *ret);

/* What the next step of any conversation about it starts with. */
struct pos_task subject_task(const struct op *, const struct subject *);

/*
 * Our name for a submission of the order. The first one's is the order's number; a later one, of an
 * order that was refused, has another: "-2".
 */
const char *subject_reference(struct op *, const struct order_axes *, int64_t submission_no);

/*
 * The credentials, and the order's own callback token among them, which stands in callback URLs as
 * a secret, by name.
 */
#define SUBJECT_CALLBACK_TOKEN "callback_token"
enum err subject_secrets(
    struct op *, struct attempt *, const struct subject *, const char *reference);

/* The order's picture is written and its message finished: what every way out ends with. */
enum err subject_settle(struct op *, const struct message *, struct subject *, enum outcome,
    const char *why);

/* "items[0].name is required; ...", at most five. */
const char *subject_problems(struct op *, const struct pos_problems *);

#endif
