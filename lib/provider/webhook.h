/*
 * webhook: what a provider calls us with is verified, stored as it came, applied, and answered in
 * the provider's form.
 *
 * Storing and applying are two transactions: a delivery that was stored is applied by the worker at
 * once, and by the job runner should the worker die. Applying decides by state, so that it may
 * happen again.
 */
#ifndef TICKETRAIL_PROVIDER_WEBHOOK_H
#define TICKETRAIL_PROVIDER_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/secret.h"
#include "err/err.h"
#include "mem/arena.h"
#include "outbox/outbox.h"

struct op;
struct restaurant;

/* A call as it arrived. */
struct webhook_call {
	const char *provider; /* "petpooja" */
	/* "callback", "order-status", "push-menu" ...: a delivery of the adapter */
	const char *type;
	const char *slug;     /* the restaurant of the path; NULL: the body alone names it */
	const char *token;    /* ?k=; NULL: none */
	/* any header of the request */
	const char *(*header)(const void *request, const char *name);
	const void *request;
	const char *headers;  /* for the log, without secrets */
	const char *source_address;
	struct bytes body;
};

struct webhook_answer {
	int http_status;
	const char *body; /* JSON in the provider's form */
};

/*
 * Takes one in. OK with the answer, also for a refused one; a fault only where nothing could be
 * stored or applied (the database): then the provider should come again.
 */
enum err webhook_take(struct op *, const struct secret_keypair *, const struct webhook_call *,
    struct webhook_answer *ret);

/*
 * Applies a stored delivery again or for the first time: the job runner's part. In a transaction;
 * finishes the message.
 */
enum err webhook_apply(struct op *, const struct message *);

/*
 * The delivery kills whoever applies it: it is listed as dead. In the transaction that sets it
 * aside.
 */
enum err webhook_dead(struct op *, const struct message *, const char *why);

#endif
