/*
 * json_scan: is this a JSON document (RFC 8259) that is safe to build in memory? It looks and
 * builds nothing.
 *
 * One pass over the bytes, no backtracking, recursion no deeper than the limit. Duplicate members
 * are found with a hash keyed afresh for each document, so nobody can make up names that collide.
 *
 * Refused beyond the grammar, because no honest sender needs it and readers differ on it: \u0000,
 * lone surrogates, a byte order mark, duplicate members of an object (compared after unescaping),
 * integers outside int64, numbers of 1e308 and more or of more than JSON_NUMBER_LEN_MAX bytes. "-0"
 * and numbers too small for a double are taken.
 */
#ifndef TICKETRAIL_TEXT_JSON_SCAN_H
#define TICKETRAIL_TEXT_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "err/err.h"

struct arena;

#define JSON_DEPTH_MAX 32
#define JSON_OBJECT_WEIGHT 8 /* json-c gives each a hash table of 700 bytes */
#define JSON_NUMBER_LEN_MAX 256

struct json_limits {
	size_t len_max;     /* bytes of the document, at most INT_MAX - 1 */
	unsigned depth_max; /* arrays and objects inside one another, at most JSON_DEPTH_MAX */
	size_t node_max;    /* values; an object weighs JSON_OBJECT_WEIGHT */
};

/* A request of a client or a small delivery: 1 MiB, depth 32, 50,000 nodes. */
extern const struct json_limits json_limits_default;

/* A whole menu pushed or fetched: 16 MiB, depth 32, 1,000,000 nodes. */
extern const struct json_limits json_limits_menu;

/* What a scan saw and how much work it was. */
struct json_survey {
	size_t steps;   /* turns of its loops over bytes */
	size_t nodes;   /* values, by weight */
	size_t members; /* over all objects */
	size_t probes;  /* slots looked at in search of duplicate members */
	unsigned depth; /* the deepest nesting */
};

/*
 * OK, or ERR_VALIDATION_ERROR and a sentence in the arena that says what is wrong and at which
 * byte, counted from 0.
 */
enum err json_scan(struct arena *, const void *data, size_t len, const struct json_limits *,
    struct json_survey *ret, const char **ret_why);

/* Is the whole text one number that json_scan() takes? */
bool json_is_number(const char *);

#endif
