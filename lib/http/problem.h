/*
 * problem: a fault in the form of RFC 9457, application/problem+json, for clients whose Accept asks
 * for it. The envelope that all others get is reply's.
 *
 *	{"type":"/problems/validation-error","title":"The request is not valid","status":400,
 *	 "detail":"The request is not valid","code":"VALIDATION_ERROR","details":{},
 *	 "errors":[{"detail":"must be between 1 and 999","pointer":"#/items/0/quantity"},
 *	   {"detail":"must be a number between 1 and 200","parameter":"limit"}]}
 *
 * `type` is the path of a page that says what the code means (nginx/problems.awk makes one of each
 * row of err.def). It is relative, with its whole path (RFC 9457 section 3.1.1): the same house
 * answers under many names, and `code` is what a program compares. `errors` is there where fields
 * are wrong: a member of the body by its JSON Pointer as a URI fragment (RFC 6901 section 6),
 * anything else by the name of the parameter. `details` is the envelope's, without those fields.
 */
#ifndef TICKETRAIL_HTTP_PROBLEM_H
#define TICKETRAIL_HTTP_PROBLEM_H

#include <stdbool.h>

#include "err/err.h"
#include "mem/arena.h"

struct fault;
struct json_write;
struct request;

/* Does an Accept (NULL: none) name application/problem+json, and not with q=0? */
bool problem_is_wanted(const char *accept);

/* Writes the object. `code` and `detail` are what may leave the house of the fault. */
void problem_write(struct json_write *, struct arena *, const struct fault *, enum err code,
    const char *detail, const struct request *);

/*
 * A field as body.h names it, items[0].quantity or items[0]["a.b"], as "#/items/0/quantity" or
 * "#/items/0/a.b".
 */
const char *problem_pointer(struct arena *, const char *field);

#endif
