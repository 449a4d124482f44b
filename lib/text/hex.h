/*
 * hex: bytes as hexadecimal, base64 (RFC 4648 section 4, padded) and base64url (section 5, no
 * padding, as in JWT).
 *
 * Readers are strict: no blanks, no missing or surplus padding, no bits left over, so one value has
 * one text (hex takes both cases, since providers sign in both). The coders are libsodium's.
 */
#ifndef TICKETRAIL_TEXT_HEX_H
#define TICKETRAIL_TEXT_HEX_H

#include <stdbool.h>
#include <stddef.h>

#include "mem/arena.h"

/* Lower case, in the arena. */
char *hex_encode(struct arena *, const void *, size_t);

/* The n bytes of a text of exactly 2 × n hex digits. */
bool hex_decode(const char *text, void *ret, size_t n);

char *base64_encode(struct arena *, const void *, size_t);
char *base64url_encode(struct arena *, const void *, size_t);

/* The bytes, in the arena. text need not be NUL-terminated. */
bool base64_decode(struct arena *, const char *text, size_t len, struct bytes *ret);
bool base64url_decode(struct arena *, const char *text, size_t len, struct bytes *ret);

#endif
