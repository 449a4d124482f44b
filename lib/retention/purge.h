/*
 * purge: what is old enough is deleted, a little at a time.
 *
 * Which rows and after how long is purge.def. One local message for ever (kind `purge`, made by the
 * schema) carries it out: it deletes a batch of each kind in one short transaction and puts itself
 * off, for a second where a batch was full and for an hour where none was. Nobody waits for more
 * than a batch's locks, and what is locked by others is waited for like anything else.
 */
#ifndef TICKETRAIL_RETENTION_PURGE_H
#define TICKETRAIL_RETENTION_PURGE_H

#include "err/err.h"
#include "outbox/outbox.h"

struct op;

/* Rows of one kind in one transaction: some ten milliseconds. */
#define PURGE_BATCH 500

/* The handler of the kind. */
enum err purge_run(struct op *, const struct message *);

/*
 * That message is set aside: another one takes its place, in an hour. (Whichever of them is carried
 * out first, should it be put back, makes the other disappear.)
 */
enum err purge_dead(struct op *, const struct message *, const char *why);

#endif
