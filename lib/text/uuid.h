/*
 * uuid: our public ids, 16 bytes, RFC 9562. Version 7 begins with the time, so they are inserted at
 * the right end of an index.
 *
 * Of the 128 bits 74 are random: an id cannot be guessed, yet it is never a permission.
 */
#ifndef TICKETRAIL_TEXT_UUID_H
#define TICKETRAIL_TEXT_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_LEN 16
#define UUID_TEXT_LEN 37 /* with the NUL */
#define UUID_RANDOM_LEN 10

/*
 * Version 7 of an instant (µs since 1970, not negative; the millisecond is kept) and ten random
 * bytes.
 */
void uuid_v7(int64_t us, const uint8_t random[UUID_RANDOM_LEN], uint8_t ret[UUID_LEN]);

/* Hyphenated, lower case. */
void uuid_format(const uint8_t[UUID_LEN], char ret_text[UUID_TEXT_LEN]);

/* The hyphenated form, either case, any version. False for all else; NULL too. */
bool uuid_parse(const char *, uint8_t ret[UUID_LEN]);

#endif
