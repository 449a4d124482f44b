/*
 * tap: a test program says what it found, in the Test Anything Protocol that prove reads.
 *
 * A name starts with the ids of the requirements it shows: "ORD-06 an empty cart is refused". A test file ends with
 * `return tap_done();`, which prints the plan and is 1 if anything failed.
 */
#ifndef TICKETRAIL_TAP_H
#define TICKETRAIL_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)
bool tap_ok(bool, const char *file, int line, const char *name, ...) __attribute__((format(printf, 4, 5)));

/* Both NULL is equal. */
#define is_str(got, want, ...) tap_is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)
bool tap_is_str(const char *, const char *, const char *file, int line, const char *name, ...)
    __attribute__((format(printf, 5, 6)));

#define is_int(got, want, ...) tap_is_int((int64_t)(got), (int64_t)(want), __FILE__, __LINE__, __VA_ARGS__)
bool tap_is_int(int64_t, int64_t, const char *file, int line, const char *name, ...)
    __attribute__((format(printf, 5, 6)));

/* A line for people. */
void diag(const char *, ...) __attribute__((format(printf, 1, 2)));

/* True if fn(arg), run in a child process, was ended by SIGABRT. */
bool tap_aborts(void (*fn)(void *), void *arg);

/* A whole file from the source tree (path relative to its top), NUL-terminated, to be freed. Ends the test if missing. */
char *tap_file(const char *path, size_t *ret_len);

int tap_done(void);

#endif
