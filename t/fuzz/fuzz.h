/*
 * fuzz: what every target has. A target is one file, t/fuzz/NAME.c: it takes any bytes whatever, gives them to a reader of
 * ours, and holds what comes out to what the reader's header promises. `make fuzz F=NAME` looks for bytes that break a
 * promise (libFuzzer; https://llvm.org/docs/LibFuzzer.html); 190_corpus.sh runs those that are kept in corpus/NAME.
 *
 * A promise is more than not to crash: what is written is read again as the same, what two readers take they take alike,
 * what was refused is said why. A target knows nothing of the inside of what it tests.
 */
#ifndef TICKETRAIL_T_FUZZ_FUZZ_H
#define TICKETRAIL_T_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem/arena.h"

/* The target. 0, always: an input that should not be kept would be -1. */
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A promise. Broken, it says so and ends the program, which is how a finding is told from a run. */
#define must(cond, ...) ((cond) ? (void)0 : must_fail(__FILE__, __LINE__, #cond, __VA_ARGS__))
_Noreturn void must_fail(const char *file, int line, const char *cond, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * An arena for one input, freed by the caller. Past 256 MiB it aborts as in a program: no input that a target takes may
 * need that much.
 */
struct arena *fuzz_arena(void);

/* A configuration in which nothing is set but what has a default. */
struct pos_adapter;
const struct pos_config *fuzz_config(struct arena *, const struct pos_adapter *);

/*
 * The bytes as a text, up to their first NUL, in a block of memory of just that size, so that the sanitizer sees one byte
 * too many; it goes with the arena.
 */
char *fuzz_text(struct arena *, const uint8_t *, size_t);

/* The same of raw bytes. */
struct bytes fuzz_bytes(struct arena *, const uint8_t *, size_t);

/* Takes the bytes up to the first of a kind, which goes, off the front; all of them if there is none. */
struct bytes fuzz_until(const uint8_t **data, size_t *len, uint8_t end);

/* Is it JSON by the strict reader's light? NULL is not. */
bool fuzz_is_json(struct arena *, const char *);

/* Fit to be shown: UTF-8 in which nothing moves a cursor or ends a line. */
bool fuzz_is_printable(const char *);

#endif
