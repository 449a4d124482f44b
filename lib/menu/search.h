/*
 * search: finding words in a menu the way people type them.
 *
 * Text is compared folded: lower case, Latin letters without their accents, white space as one
 * blank. So "cafe" finds "Café", "PANEER" finds "paneer"; Devanagari and other scripts are compared
 * as they are. It is a substring search over a few hundred rows in memory, no language processing.
 */
#ifndef TICKETRAIL_MENU_SEARCH_H
#define TICKETRAIL_MENU_SEARCH_H

#include <stdbool.h>

#include "mem/arena.h"

/* The folded form, in the arena. Bytes that are not UTF-8 are kept as they are. */
const char *search_fold(struct arena *, const char *text);

/*
 * Whether the folded text holds the folded needle. text NULL holds nothing; an empty needle is
 * everywhere.
 */
bool search_finds(struct arena *, const char *text, const char *folded_needle);

#endif
