/*
 * form: name=value pairs, in a query string or an application/x-www-form-urlencoded body (WHATWG
 * URL, section 5).
 *
 * Strict: every %XX is two hex digits, what comes out is UTF-8 without NUL, raw bytes are printable
 * ASCII, and a name comes once (of two values of a name, one check would see the first and another
 * the last), except names ending in "[]". Everything lives in the arena.
 */
#ifndef TICKETRAIL_TEXT_FORM_H
#define TICKETRAIL_TEXT_FORM_H

#include <stddef.h>

#include "err/err.h"

struct arena;
struct buf;

#define FORM_PAIRS_MAX 256

struct form_pair {
	const char *name, *value; /* decoded; value "" where there is no = */
};

struct form {
	struct form_pair *pairs;
	size_t n;
};

/*
 * ERR_VALIDATION_ERROR and a sentence if it is not such a form or has more than FORM_PAIRS_MAX
 * pairs. "" has none.
 */
enum err form_read(
    struct arena *, const char *data, size_t len, struct form *ret, const char **ret_why);

/* The value of a name, the first where there are several; NULL if there is none. */
const char *form_get(const struct form *, const char *name);

/* Adds name=value, percent-encoded, with a & in front unless the buf is empty. */
void form_write(struct buf *, const char *name, const char *value);

#endif
