/*
 * pos_text: texts of people's and of a POS's on their way to the other. For the adapters.
 *
 * What is sent names no secret; what is read is checked before it stands in a header or a column.
 */
#ifndef TICKETRAIL_POS_POS_TEXT_H
#define TICKETRAIL_POS_POS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "mem/arena.h"

struct json_object;

/* Fit to be sent: sanitised, cut to so many code points, naming no secret. "" for NULL. */
const char *pos_text(struct arena *, const char *, size_t max);
bool pos_is_blank(const char *);

/* A token or an id: 1 to max printable ASCII characters without blanks; NULL: it is none. */
const char *pos_plain(struct arena *, const char *, size_t max);
/* The same of a member. */
const char *pos_plain_of(struct arena *, struct json_object *, const char *key, size_t max);
/* Is that member this word, in whatever case? */
bool pos_is_word(struct json_object *, const char *key, const char *word);

/* The address, whether or not it ends with a slash, and the path behind it. */
const char *pos_url(struct arena *, const char *base, const char *path);

/* Our sentence, and behind it what they say, if anything: "ours (code: message)". */
const char *pos_with_words(
    struct arena *, const char *ours, const char *code, const char *message);

#endif
