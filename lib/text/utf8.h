/*
 * utf8: what is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF),
 * and text made fit to send.
 *
 * Lengths that people see (a POS's "at most 50 characters") are counted in code points.
 */
#ifndef TICKETRAIL_TEXT_UTF8_H
#define TICKETRAIL_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * The length (1-4) of the well-formed sequence that begins at s, which has len bytes; 0 if there is
 * none. *ret_cp is its code point; untouched on 0.
 */
size_t utf8_next(const void *s, size_t len, uint32_t *ret_cp);

bool utf8_is_valid(const void *, size_t len);

/* Code points; a byte that is not part of a well-formed sequence counts as one. */
size_t utf8_n(const char *);

/* The first n code points at most, in the arena. */
char *utf8_truncate(struct arena *, const char *, size_t n);

/*
 * Free text made fit for a provider, a printer or a message: at most n code points, blanks and line
 * ends of any kind become one space, leading and trailing ones go, control characters, invisible
 * direction marks and byte order marks go, bytes that are not UTF-8 become U+FFFD. NULL is NULL.
 */
char *utf8_sanitise(struct arena *, const char *, size_t n);

#endif
