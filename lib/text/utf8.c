#include "text/utf8.h"

#include <string.h>

#include "mem/arena.h"

static bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t
utf8_next(const void *data, size_t len, uint32_t *ret_cp)
{
	const unsigned char *s = data;

	if (len == 0)
		return 0;
	if (s[0] < 0x80) {
		*ret_cp = s[0];
		return 1;
	}
	/*
	 * The bounds on the second byte keep out overlong forms, surrogates and what lies past
	 * U+10FFFF.
	 */
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		if (len < 2 || !is_tail(s[1]))
			return 0;
		*ret_cp = (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
		return 2;
	}
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if (len < 3 || !is_tail(s[1]) || !is_tail(s[2]) || (s[0] == 0xe0 && s[1] < 0xa0) ||
		    (s[0] == 0xed && s[1] > 0x9f))
			return 0;
		*ret_cp = (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
		return 3;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if (len < 4 || !is_tail(s[1]) || !is_tail(s[2]) || !is_tail(s[3]) ||
		    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
			return 0;
		*ret_cp = (s[0] & 0x07u) << 18 | (s[1] & 0x3fu) << 12 | (s[2] & 0x3fu) << 6 |
		    (s[3] & 0x3fu);
		return 4;
	}
	return 0;
}

bool
utf8_is_valid(const void *data, size_t len)
{
	const char *s = data;
	uint32_t cp;

	while (len > 0) {
		size_t n = utf8_next(s, len, &cp);

		if (n == 0)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

/* The length of what counts as one code point: never 0 for a string that is not at its end. */
static size_t
step(const char *s, size_t len)
{
	uint32_t cp;
	size_t n = utf8_next(s, len, &cp);

	return n == 0 ? 1 : n;
}

size_t
utf8_n(const char *s)
{
	size_t len = strlen(s), n = 0;

	for (size_t at = 0; at < len; n++)
		at += step(s + at, len - at);
	return n;
}

char *
utf8_truncate(struct arena *a, const char *s, size_t n)
{
	size_t len = strlen(s), at = 0;

	while (at < len && n-- > 0)
		at += step(s + at, len - at);
	return arena_bytes(a, s, at);
}

static bool
is_blank(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0xa0 ||
	    cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 ||
	    cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

/*
 * Characters that show nothing and change how the rest is read. The joiners U+200C and U+200D stay:
 * Indic scripts and emoji are spelled with them.
 */
static bool
is_hidden(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0xad || cp == 0x061c ||
	    cp == 0x200b || cp == 0x200e || cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) ||
	    cp == 0x2060 || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff ||
	    (cp >= 0xfff9 && cp <= 0xfffb) || (cp & 0xfffe) == 0xfffe ||
	    (cp >= 0xe0000 && cp <= 0xe007f);
}

char *
utf8_sanitise(struct arena *a, const char *s, size_t n)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t len, out_len = 0;
	bool space = false;
	char *out;

	if (s == NULL)
		return NULL;
	len = strlen(s);
	out = arena_array(a, len + 1, 3); /* each byte may become a U+FFFD */
	for (size_t at = 0; at < len && n > 0;) {
		uint32_t cp = 0xfffd;
		size_t one = utf8_next(s + at, len - at, &cp);
		const char *from = one == 0 ? replacement : s + at;
		size_t from_len = one == 0 ? 3 : one;

		at += one == 0 ? 1 : one;
		if (is_blank(cp)) {
			space = out_len > 0;
			continue;
		}
		if (is_hidden(cp))
			continue;
		if (space) {
			if (n == 1)
				break; /* a space at the very end would be a trailing one */
			out[out_len++] = ' ';
			n--;
			space = false;
		}
		memcpy(out + out_len, from, from_len);
		out_len += from_len;
		n--;
	}
	return out;
}
