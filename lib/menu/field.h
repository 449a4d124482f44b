/*
 * field: the members of a menu's rows that can be locked (field.def), as bits of locked_fields.
 */
#ifndef TICKETRAIL_MENU_FIELD_H
#define TICKETRAIL_MENU_FIELD_H

#include <stdint.h>

#include "text/json_write.h"

enum field {
#define FIELD_ROW(name, bit, word, sentence) FIELD_##name = 1 << (bit),
#include "menu/field.def"
#undef FIELD_ROW
};

enum field_bit {
#define FIELD_ROW(name, bit, word, sentence) FIELD_BIT_##name = (bit),
#include "menu/field.def"
#undef FIELD_ROW
	FIELD_BIT__MAX
};
#define FIELDS_ALL ((INT64_C(1) << FIELD_BIT__MAX) - 1)

/* The words by bit, NULL behind the last. */
extern const char *const field_words[FIELD_BIT__MAX + 1];

/* The words of a set, as an array in the order of their bits. */
void fields_write(struct json_write *, const char *key, int64_t fields);

#endif
