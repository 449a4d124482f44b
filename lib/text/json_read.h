/*
 * json_read: a JSON document from outside (a client, a provider) becomes a tree of json-c objects,
 * or a refusal.
 *
 * json-c alone is not strict: 0.16 in JSON_TOKENER_STRICT takes NaN, -01, 1., duplicate members and
 * lone surrogates, and turns 99999999999999999999 into 18446744073709551615 without a word. So
 * json_scan() looks first, and json-c only ever sees what passed.
 *
 * The tree is adopted by the arena and ends with it; what a getter returns lives as long. json-c's
 * memory is not counted by the arena's cap: the node budget bounds it (about 100 bytes a node). A
 * decimal keeps the text it came as: 180.10 is never a double here.
 *
 * JSON null is NULL in json-c: json_member() cannot tell it from an absent member,
 * json_has_member() can.
 */
#ifndef TICKETRAIL_TEXT_JSON_READ_H
#define TICKETRAIL_TEXT_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "text/json_scan.h"

struct arena;

/* Of <json-c/json.h>; to walk all members of an object use its json_object_object_foreach. */
struct json_object;

/*
 * OK and the tree (NULL for the document `null`), or ERR_VALIDATION_ERROR and in *ret_why a
 * sentence such as "a number may not begin with 0 (at byte 17)", which lives in the arena and shows
 * nothing of the document itself. Bytes are counted from 0.
 */
enum err json_read(struct arena *, const void *data, size_t len, const struct json_limits *,
    struct json_object **ret, const char **ret_why);

/*
 * The member's value; NULL if it is null, absent, or the first argument is no object. Names are
 * exact.
 */
struct json_object *json_member(struct json_object *, const char *name);

/* Is there a member of that name, be it null? */
bool json_has_member(struct json_object *, const char *name);

bool json_is_object(struct json_object *);
bool json_is_array(struct json_object *);

/* Elements of an array; 0 if it is none. */
size_t json_array_n(struct json_object *);

/* The element; NULL if it is null, beyond the end, or the first argument is no array. */
struct json_object *json_element(struct json_object *, size_t i);

/* The node as JSON without white space, in the arena; "null" for NULL. */
const char *json_text(struct arena *, struct json_object *);

/*
 * Strict readers, for our own API: true and the value if the node has exactly that type, else
 * false. NULL has none. So json_as_string(json_member(body, "phone"), &phone) is false for a
 * missing, null or numeric phone.
 */
bool json_as_string(struct json_object *, const char **ret); /* no NUL inside, UTF-8; may be "" */
bool json_as_int64(struct json_object *, int64_t *ret);      /* no fraction, no exponent */
bool json_as_bool(struct json_object *, bool *ret);

/* A number as it was written, for money_parse(). */
bool json_as_decimal(struct json_object *, const char **ret);

/*
 * Lenient readers, for providers: the same values as several providers write them. Nothing is
 * trimmed or guessed.
 */
bool json_lax_string(struct json_object *, const char **ret); /* "x", or a number as its text */
bool json_lax_int64(struct json_object *, int64_t *ret);      /* 3, "3", 3.0, "3.00" */
bool json_lax_bool(struct json_object *, bool *ret);          /* true, 1, "1", "true"; false ... */

/* 439, 439.00, "439.00": always an RFC 8259 number. */
bool json_lax_decimal(struct json_object *, const char **ret);

#endif
