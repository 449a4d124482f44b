#include "text/json_scan.h"

#include <assert.h>
#include <limits.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

#include "mem/arena.h"
#include "text/utf8.h"

const struct json_limits json_limits_default = {
	.len_max = 1 << 20,
	.depth_max = JSON_DEPTH_MAX,
	.node_max = 50000,
};
const struct json_limits json_limits_menu = {
	.len_max = 16 << 20,
	.depth_max = JSON_DEPTH_MAX,
	.node_max = 1000000,
};

/* A member's name, unescaped, and which object it belongs to. */
struct name {
	const char *text; /* NULL: the slot is free */
	size_t len;
	size_t object;
	uint64_t hash;
};

/* All names of the document in one table with open addressing, never more than half full. */
struct names {
	struct name *slots;
	size_t slots_n; /* a power of two */
	size_t used;
	unsigned char key[crypto_shorthash_KEYBYTES];
};

#define NAMES_FIRST ((size_t)64)

struct scan {
	const char *s;
	size_t len, at;
	const struct json_limits *limits;
	struct json_survey survey;
	unsigned depth;
	size_t objects; /* begun so far: the number of the latest */
	struct arena *scratch;
	struct names names;
	const char *why;
};

/* A JSON string as it stands in the document, without its quotes. */
struct raw {
	const char *text;
	size_t len;
	bool has_escape;
};

static bool scan_value(struct scan *);

static bool
refuse(struct scan *sc, const char *why)
{
	sc->why = why;
	return false;
}

/* The byte at hand; 0 at the end, which no rule takes, as it takes no NUL. */
static char
peek(const struct scan *sc)
{
	if (sc->at == sc->len)
		return '\0';
	return sc->s[sc->at];
}

static void
skip_blanks(struct scan *sc)
{
	for (char c = peek(sc); c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = peek(sc)) {
		sc->survey.steps++;
		sc->at++;
	}
}

static bool
refuse_here(struct scan *sc, const char *why)
{
	return refuse(sc, sc->at == sc->len ? "the document ends too early" : why);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* --- numbers --- */

/* Skips digits; their number. */
static size_t
skip_digits(struct scan *sc)
{
	size_t from = sc->at;

	for (; is_digit(peek(sc)); sc->at++)
		sc->survey.steps++;
	return sc->at - from;
}

static bool
fits_int64(const char *digits, size_t n, bool is_negative)
{
	uint64_t v = 0;

	if (n > 19)
		return false;
	for (size_t i = 0; i < n; i++) /* 19 digits fit a uint64 */
		v = v * 10 + (uint64_t)(digits[i] - '0');
	return v <= (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
}

/*
 * Would the number be 1e308 or more? The text lies between from and to and has the grammar of a
 * number without a sign.
 */
static bool
is_huge(const char *from, const char *to)
{
	long point = 0, leading = 0, ten_power = 0;
	bool has_point = false, is_zero = true, is_negative = false;
	const char *p = from;

	/*
	 * The value is at least 10^(point - leading - 1): digits before the point, and zeros before
	 * the first other digit.
	 */
	for (; p < to && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			has_point = true;
			continue;
		}
		point += !has_point;
		is_zero = is_zero && *p == '0';
		leading += is_zero;
	}
	if (p < to)
		p++;
	if (p < to && (*p == '-' || *p == '+'))
		is_negative = *p++ == '-';
	for (; p < to && ten_power < 100000; p++)
		ten_power = ten_power * 10 + (*p - '0');
	if (is_negative)
		ten_power = -ten_power;
	return !is_zero && point - leading - 1 + ten_power >= 308;
}

static bool
scan_exponent(struct scan *sc)
{
	sc->at++;
	if (peek(sc) == '+' || peek(sc) == '-')
		sc->at++;
	if (skip_digits(sc) == 0)
		return refuse_here(sc, "an exponent has no digits");
	return true;
}

static bool
scan_number(struct scan *sc)
{
	size_t start = sc->at, from, whole_n;
	bool is_negative = peek(sc) == '-', is_integer = true;

	sc->at += is_negative;
	from = sc->at;
	whole_n = skip_digits(sc);
	if (whole_n == 0)
		return refuse_here(sc, "a minus has no digits behind it");
	if (whole_n > 1 && sc->s[from] == '0') {
		sc->at = start;
		return refuse(sc, "a number may not begin with 0");
	}
	if (peek(sc) == '.') {
		is_integer = false;
		sc->at++;
		if (skip_digits(sc) == 0)
			return refuse_here(sc, "a decimal point has no digits behind it");
	}
	if (peek(sc) == 'e' || peek(sc) == 'E') {
		is_integer = false;
		if (!scan_exponent(sc))
			return false;
	}
	if (sc->at - start > JSON_NUMBER_LEN_MAX ||
	    (is_integer && !fits_int64(sc->s + from, whole_n, is_negative)) ||
	    (!is_integer && is_huge(sc->s + from, sc->s + sc->at))) {
		sc->at = start;
		return refuse(sc, "a number is too large");
	}
	return true;
}

bool
json_is_number(const char *text)
{
	struct scan sc = { .s = text, .len = strlen(text) };

	return (is_digit(text[0]) || text[0] == '-') && scan_number(&sc) && sc.at == sc.len;
}

/* --- strings --- */

/* Four hex digits at p, or -1. */
static long
hex4(const char *p)
{
	long v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (is_digit(c))
			v = v * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v = v * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return v;
}

/* \uXXXX at hand, the backslash first. */
static bool
scan_unit(struct scan *sc, long *ret_unit)
{
	long unit = -1;

	if (sc->len - sc->at >= 6 && sc->s[sc->at] == '\\' && sc->s[sc->at + 1] == 'u')
		unit = hex4(sc->s + sc->at + 2);
	if (unit < 0)
		return false;
	sc->at += 6;
	*ret_unit = unit;
	return true;
}

static bool
scan_unicode_escape(struct scan *sc)
{
	size_t start = sc->at;
	long high, low;

	if (!scan_unit(sc, &high))
		return refuse(sc, "\\u needs four hex digits");
	if (high == 0) {
		sc->at = start;
		return refuse(sc, "\\u0000 is not allowed");
	}
	if (high < 0xd800 || high > 0xdfff)
		return true;
	if (high > 0xdbff || !scan_unit(sc, &low) || low < 0xdc00 || low > 0xdfff) {
		sc->at = start;
		return refuse(sc, "a surrogate has no partner");
	}
	return true;
}

static bool
scan_escape(struct scan *sc)
{
	char c = '\0';

	if (sc->at + 1 < sc->len)
		c = sc->s[sc->at + 1];
	if (c == 'u')
		return scan_unicode_escape(sc);
	if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
		return refuse(sc, "an escape is not one of JSON's");
	sc->at += 2;
	return true;
}

static bool
scan_string(struct scan *sc, struct raw *ret)
{
	struct raw raw = { .text = sc->s + ++sc->at };
	uint32_t cp;

	for (;;) {
		unsigned char c;
		size_t n;

		if (sc->at == sc->len)
			return refuse_here(sc, "");
		sc->survey.steps++;
		c = (unsigned char)sc->s[sc->at];
		if (c == '"')
			break;
		if (c == '\\') {
			raw.has_escape = true;
			if (!scan_escape(sc))
				return false;
			continue;
		}
		if (c < 0x20)
			return refuse(sc, "a control character in a string must be escaped");
		n = c < 0x80 ? 1 : utf8_next(sc->s + sc->at, sc->len - sc->at, &cp);
		if (n == 0)
			return refuse(sc, "a string is not UTF-8");
		sc->at += n;
	}
	raw.len = (size_t)(sc->s + sc->at - raw.text);
	sc->at++;
	*ret = raw;
	return true;
}

/* --- names of members --- */

static size_t
utf8_put(char *out, uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/*
 * One escape of a string that scan_string() took, as UTF-8 into out; *ret_read is its length in the
 * string.
 */
static size_t
unescape_one(const char *p, char *out, size_t *ret_read)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	long unit;

	if (p[1] != 'u') {
		out[0] = to[strchr(from, p[1]) - from];
		*ret_read = 2;
		return 1;
	}
	unit = hex4(p + 2);
	*ret_read = 6;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		unit = 0x10000 + ((unit - 0xd800) << 10) + (hex4(p + 8) - 0xdc00);
		*ret_read = 12;
	}
	return utf8_put(out, (uint32_t)unit);
}

static struct name
name_unescape(struct scan *sc, const struct raw *raw)
{
	/* An escape is never shorter than what it stands for. */
	char *out = arena_alloc(sc->scratch, raw->len + 1);
	size_t n = 0, read = 1;

	for (size_t i = 0; i < raw->len; i += read) {
		sc->survey.steps++;
		read = 1;
		if (raw->text[i] == '\\')
			n += unescape_one(raw->text + i, out + n, &read);
		else
			out[n++] = raw->text[i];
	}
	return (struct name){ .text = out, .len = n };
}

/* The slot that holds the name, or the free one where it belongs. */
static struct name *
name_slot(struct scan *sc, const struct name *name)
{
	const struct names *names = &sc->names;
	struct name *slot;

	for (size_t i = name->hash;; i++) {
		slot = &names->slots[i & (names->slots_n - 1)];
		sc->survey.probes++;
		if (slot->text == NULL ||
		    (slot->hash == name->hash && slot->object == name->object &&
			slot->len == name->len && memcmp(slot->text, name->text, name->len) == 0))
			return slot;
	}
}

static void
names_grow(struct scan *sc)
{
	struct name *old = sc->names.slots;
	size_t old_n = sc->names.slots_n;

	sc->names.slots_n = old_n == 0 ? NAMES_FIRST : old_n * 2;
	sc->names.slots = arena_array(sc->scratch, sc->names.slots_n, sizeof *old);
	for (size_t i = 0; i < old_n; i++)
		if (old[i].text != NULL)
			*name_slot(sc, &old[i]) = old[i];
}

/*
 * What the scan itself takes from memory: the tables, each twice the one before it and the last one
 * at most four times the names; and unescaped names, which are no longer than the document, plus
 * the arena's rounding.
 */
static size_t
scratch_max(const struct scan *sc)
{
	return (8 * (sc->limits->node_max + 1) + 2 * NAMES_FIRST) * sizeof(struct name) +
	    32 * sc->len;
}

static bool
name_add(struct scan *sc, const struct raw *raw, size_t object)
{
	struct name name = { .text = raw->text, .len = raw->len }, *slot;
	unsigned char hash[crypto_shorthash_BYTES];

	if (sc->scratch == NULL) {
		sc->scratch = arena_new(scratch_max(sc));
		/* Not op->random: the key shows in no result. */
		randombytes_buf(sc->names.key, sizeof sc->names.key);
	}
	if (raw->has_escape)
		name = name_unescape(sc, raw);
	name.object = object;
	crypto_shorthash(hash, (const unsigned char *)name.text, name.len, sc->names.key);
	memcpy(&name.hash, hash, sizeof name.hash);
	/*
	 * Times an odd number: the same name in many objects, as in every menu, spreads over the
	 * whole table.
	 */
	name.hash += object * UINT64_C(0x9e3779b97f4a7c15);
	if (sc->names.used * 2 >= sc->names.slots_n)
		names_grow(sc);
	slot = name_slot(sc, &name);
	if (slot->text != NULL)
		return false;
	*slot = name;
	sc->names.used++;
	sc->survey.members++;
	return true;
}

/* --- structure --- */

static bool
scan_member(struct scan *sc, size_t object)
{
	size_t start = sc->at;
	struct raw raw;

	if (peek(sc) != '"')
		return refuse_here(sc, "a member's name is expected");
	if (!scan_string(sc, &raw))
		return false;
	if (!name_add(sc, &raw, object)) {
		sc->at = start;
		return refuse(sc, "an object has two members of the same name");
	}
	skip_blanks(sc);
	if (peek(sc) != ':')
		return refuse_here(sc, "a colon is expected");
	sc->at++;
	skip_blanks(sc);
	return scan_value(sc);
}

/* The inside of an object or, with object 0, of an array. */
static bool
scan_list(struct scan *sc, char close, size_t object)
{
	if (sc->depth == sc->limits->depth_max)
		return refuse(sc, "the document is nested too deeply");
	if (++sc->depth > sc->survey.depth)
		sc->survey.depth = sc->depth;
	sc->at++;
	skip_blanks(sc);
	if (peek(sc) != close) {
		for (;;) {
			if (!(object != 0 ? scan_member(sc, object) : scan_value(sc)))
				return false;
			skip_blanks(sc);
			if (peek(sc) != ',')
				break;
			sc->at++;
			skip_blanks(sc);
		}
		if (peek(sc) != close)
			return refuse_here(sc, "a comma or the closing bracket is expected");
	}
	sc->at++;
	sc->depth--;
	return true;
}

static bool
scan_word(struct scan *sc, const char *word)
{
	size_t n = strlen(word);

	if (sc->len - sc->at < n || memcmp(sc->s + sc->at, word, n) != 0)
		return refuse(sc, "a value is expected");
	sc->at += n;
	return true;
}

static bool
scan_value(struct scan *sc)
{
	struct raw ignored;
	char c = peek(sc);

	sc->survey.nodes += c == '{' ? JSON_OBJECT_WEIGHT : 1;
	if (sc->survey.nodes > sc->limits->node_max)
		return refuse(sc, "the document has too many values");
	switch (c) {
	case '{':
		return scan_list(sc, '}', ++sc->objects);
	case '[':
		return scan_list(sc, ']', 0);
	case '"':
		return scan_string(sc, &ignored);
	case 't':
		return scan_word(sc, "true");
	case 'f':
		return scan_word(sc, "false");
	case 'n':
		return scan_word(sc, "null");
	default:
		if (c == '-' || is_digit(c))
			return scan_number(sc);
		return refuse_here(sc, "a value is expected");
	}
}

static bool
scan_document(struct scan *sc)
{
	if (sc->len > sc->limits->len_max)
		return refuse(sc, "the document is too long");
	if (sc->len >= 3 && memcmp(sc->s, "\xef\xbb\xbf", 3) == 0)
		return refuse(sc, "a byte order mark is not allowed");
	skip_blanks(sc);
	if (!scan_value(sc))
		return false;
	skip_blanks(sc);
	if (sc->at != sc->len)
		return refuse(sc, "something follows the document");
	return true;
}

enum err
json_scan(struct arena *a, const void *data, size_t len, const struct json_limits *limits,
    struct json_survey *ret, const char **ret_why)
{
	struct scan sc = { .s = data, .len = len, .limits = limits };
	bool is_good;

	assert(limits->depth_max <= JSON_DEPTH_MAX && limits->len_max < INT_MAX);
	is_good = scan_document(&sc);
	arena_free(&sc.scratch);
	if (!is_good) {
		*ret_why = arena_printf(a, "%s (at byte %zu)", sc.why, sc.at);
		return ERR_VALIDATION_ERROR;
	}
	*ret = sc.survey;
	return OK;
}
