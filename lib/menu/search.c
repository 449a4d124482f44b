#include "menu/search.h"

#include <stdint.h>
#include <string.h>

#include "text/utf8.h"

/*
 * Base letters of U+00C0 to U+017F (Latin-1 and Latin Extended-A), lower case. Capitals stand for
 * two letters (see pair_of); a dot keeps the character as it is.
 */
#define LATIN_FIRST 0xc0
#define LATIN_END 0x180
static const char latin[] =
    "aaaaaaAceeeeiiiidnooooo.ouuuuyTS" /* C0 */
    "aaaaaaAceeeeiiiidnooooo.ouuuuyTy" /* E0 */
    "aaaaaaccccccccddddeeeeeeeeeegggg" /* 100 */
    "gggghhhhiiiiiiiiiiJJjjkkklllllll" /* 120 */
    "lllnnnnnnnnnooooooOOrrrrrrssssss" /* 140 */
    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs" /* 160 */;
_Static_assert(sizeof latin - 1 == LATIN_END - LATIN_FIRST, "one letter per character");

static const char *
pair_of(char mark)
{
	switch (mark) {
	case 'A':
		return "ae";
	case 'T':
		return "th";
	case 'S':
		return "ss";
	case 'J':
		return "ij";
	default:
		return "oe";
	}
}

static bool
is_blank(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0xa0 || cp == 0x3000 ||
	    (cp >= 0x2000 && cp <= 0x200b);
}

/* Capital letters of Greek and Cyrillic that have their small one at a fixed distance. */
static uint32_t
lower_by_distance(uint32_t cp)
{
	if ((cp >= 0x391 && cp <= 0x3a9) || (cp >= 0x410 && cp <= 0x42f))
		return cp + 0x20;
	if (cp >= 0x400 && cp <= 0x40f)
		return cp + 0x50;
	return cp;
}

/* Two bytes: all that lower_by_distance changes lies below U+0800. */
static size_t
put_two(char *out, uint32_t cp)
{
	out[0] = (char)(0xc0 | (cp >> 6));
	out[1] = (char)(0x80 | (cp & 0x3f));
	return 2;
}

/* Folds one character of len bytes at s into at most that many bytes; returns how many. */
static size_t
fold_one(char *out, const char *s, size_t len, uint32_t cp)
{
	char base;

	if (cp >= 'A' && cp <= 'Z') {
		out[0] = (char)(cp + 0x20);
		return 1;
	}
	if (cp >= 0x300 && cp <= 0x36f) /* combining accents */
		return 0;
	if (lower_by_distance(cp) != cp)
		return put_two(out, lower_by_distance(cp));
	base = cp >= LATIN_FIRST && cp < LATIN_END ? latin[cp - LATIN_FIRST] : '.';
	if (base == '.') {
		memcpy(out, s, len);
		return len;
	}
	if (base >= 'A' && base <= 'Z') {
		memcpy(out, pair_of(base), 2);
		return 2;
	}
	out[0] = base;
	return 1;
}

const char *
search_fold(struct arena *arena, const char *text)
{
	size_t len = strlen(text), n = 0;
	char *out = arena_alloc(arena, len + 1);

	for (size_t i = 0, step; i < len; i += step) {
		uint32_t cp = 0;

		step = utf8_next(text + i, len - i, &cp);
		if (step == 0) {
			step = 1;
			out[n++] = text[i];
		} else if (!is_blank(cp)) {
			n += fold_one(out + n, text + i, step, cp);
		} else if (n > 0 && out[n - 1] != ' ') {
			out[n++] = ' ';
		}
	}
	if (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return out;
}

bool
search_finds(struct arena *arena, const char *text, const char *folded_needle)
{
	return text != NULL && strstr(search_fold(arena, text), folded_needle) != NULL;
}
