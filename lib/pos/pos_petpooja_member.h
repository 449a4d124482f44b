/*
 * pos_petpooja_member: members of PetPooja's documents, read leniently: nearly every scalar is a
 * string, some are numbers, absent ones are "". What is returned lives in the arena.
 */
#ifndef TICKETRAIL_POS_PETPOOJA_MEMBER_H
#define TICKETRAIL_POS_PETPOOJA_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem/arena.h"

struct json_object;

#define PETPOOJA_MEMBER_ID_MAX 64

/* NULL when absent or empty; cut at max code points. */
const char *member_text(struct arena *, struct json_object *, const char *key, size_t max);

/* NULL unless it is one: not empty, no longer than its column. An id is never cut. */
const char *member_id(struct arena *, struct json_object *, const char *key);

int64_t member_int(struct json_object *, const char *key, int64_t otherwise);

/* "1", 1, true, and their opposites; anything else is `otherwise`. */
bool member_flag(struct json_object *, const char *key, bool otherwise);

/* in_stock is "2" for "available", and anything else but 0 and false is too. */
bool member_is_in_stock(struct json_object *);

/*
 * Amounts as PetPooja computed them may have more decimals than a coin. Absent or empty: 0. False:
 * no amount.
 */
bool member_amount(
    unsigned exponent, struct json_object *, const char *key, int64_t *ret_minor);
bool member_has_amount(struct json_object *, const char *key);

/* "1,2,3": 1 delivery, 2 pick-up, 3 dine-in. Nothing that we know: all of them. */
unsigned member_order_types(struct arena *, struct json_object *, const char *key);

/*
 * The value as JSON: an array or object, or a string that holds one, as it is; other text as a JSON
 * string. NULL: nothing, or too much.
 */
const char *member_json(struct arena *, struct json_object *node);

#endif
