/*
 * deadline: what happens to an order when a time has passed and nothing else has (pos_undecided,
 * pos_deadline, pos_proof, pos_compensate). Each looks at the locked order whether it still
 * applies.
 */
#ifndef TICKETRAIL_PROVIDER_DEADLINE_H
#define TICKETRAIL_PROVIDER_DEADLINE_H

#include "err/err.h"
#include "outbox/outbox.h"

struct op;

/* In a transaction; finishes the message. */
enum err deadline_apply(struct op *, const struct message *);

/*
 * The deadline kills whoever takes it: people are told of the order instead. In the transaction
 * that sets it aside.
 */
enum err deadline_dead(struct op *, const struct message *, const char *why);

#endif
