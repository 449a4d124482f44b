#include "menu/field.h"

const char *const field_words[FIELD_BIT__MAX + 1] = {
#define FIELD_ROW(name, bit, word, sentence) [bit] = (word),
#include "menu/field.def"
#undef FIELD_ROW
};
#define FIELD_ROW(name, bit, word, sentence) +1
_Static_assert((0
#include "menu/field.def"
		   ) == FIELD_BIT__MAX, "bits without gaps");
#undef FIELD_ROW

void
fields_write(struct json_write *w, const char *key, int64_t fields)
{
	json_write_array(w, key);
	for (int bit = 0; bit < FIELD_BIT__MAX; bit++)
		if ((fields & (INT64_C(1) << bit)) != 0)
			json_write_string(w, NULL, field_words[bit]);
	json_write_array_end(w);
}
