/*
 * budget: how often somebody may have something that costs us, or try what may be a guess.
 *
 * A budget is n in a period: so many at once after a rest, then one every period / n. It is one
 * row, whatever it is for: the time until which it is spent lies at most a period ahead (the
 * generic cell rate algorithm, ITU-T I.371 Annex A). Nobody is ever shut out for longer than it
 * takes to wait for the next one. Names are the caller's; what identifies a person is hashed by
 * whoever makes a name.
 *
 * Several are taken in one order everywhere, from what few share to what all share, because the
 * rows stay locked until the commit.
 */
#ifndef TICKETRAIL_PERSON_BUDGET_H
#define TICKETRAIL_PERSON_BUDGET_H

#include <stdint.h>

#include "err/err.h"
#include "op/op.h"

struct budget {
	const char *name; /* at most 80 bytes */
	int64_t n;        /* 0: without end */
	int64_t period_us;
};

/*
 * In a transaction: one is taken (*ret_wait_us is 0), or none is left until *ret_wait_us from now.
 */
enum err budget_take(struct op *, const struct budget *, int64_t *ret_wait_us);

/* The same without taking it. */
enum err budget_look(struct op *, const struct budget *, int64_t *ret_wait_us);

/* One that was taken and not used is given back. */
enum err budget_return(struct op *, const struct budget *);

/* As after a long rest. */
enum err budget_clear(struct op *, const struct budget *);

#endif
