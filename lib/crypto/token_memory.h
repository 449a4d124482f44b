/*
 * token_memory: the access tokens whose signature a process has verified lately.
 *
 * A guest asks for several things with one token, and verifying it costs more than answering some
 * of them. What is remembered is that these very bytes were signed with one of our keys, and the
 * claims in them; whether their time is over is looked at every time, and so is all that rows say.
 * Whoever reads the keys anew forgets it all, so that a key taken away takes its tokens with it.
 *
 * Tokens are known by a keyed hash: they cannot be read out of it, and nobody can choose two that
 * meet. Only what was verified comes in, so strangers cannot fill it.
 */
#ifndef TICKETRAIL_CRYPTO_TOKEN_MEMORY_H
#define TICKETRAIL_CRYPTO_TOKEN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/token.h"
#include "mem/arena.h"

struct token_memory;

/* Empty; never NULL. */
struct token_memory *token_memory_new(void);
void token_memory_free(struct token_memory **);

void token_memory_forget(struct token_memory *);

/* True and the claims, in the arena, if these bytes are remembered. */
bool token_memory_find(const struct token_memory *, struct arena *, const char *token, size_t len,
    struct token_claims *ret_claims);

/* From now on they are; another one may be forgotten for it. Too long claims are not kept. */
void token_memory_keep(
    struct token_memory *, const char *token, size_t len, const struct token_claims *);

#endif
