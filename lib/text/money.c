#include "text/money.h"

#include <assert.h>
#include <string.h>

/*
 * ISO 4217 (list one, 2024): currencies that a restaurant we may meet bills in, each with its
 * minor-unit digits.
 */
static const struct currency {
	char code[4];
	unsigned exponent;
} currencies[] = {
	{ "AED", 2 }, { "AUD", 2 }, { "BDT", 2 }, { "BHD", 3 }, { "BRL", 2 }, { "CAD", 2 },
	{ "CHF", 2 }, { "CLP", 0 }, { "CNY", 2 }, { "CZK", 2 }, { "DKK", 2 }, { "EGP", 2 },
	{ "EUR", 2 }, { "GBP", 2 }, { "HKD", 2 }, { "HUF", 2 }, { "IDR", 2 }, { "ILS", 2 },
	{ "INR", 2 }, { "IQD", 3 }, { "ISK", 0 }, { "JOD", 3 }, { "JPY", 0 }, { "KES", 2 },
	{ "KRW", 0 }, { "KWD", 3 }, { "LKR", 2 }, { "LYD", 3 }, { "MUR", 2 }, { "MVR", 2 },
	{ "MXN", 2 }, { "MYR", 2 }, { "NGN", 2 }, { "NOK", 2 }, { "NPR", 2 }, { "NZD", 2 },
	{ "OMR", 3 }, { "PHP", 2 }, { "PKR", 2 }, { "PLN", 2 }, { "QAR", 2 }, { "RON", 2 },
	{ "SAR", 2 }, { "SEK", 2 }, { "SGD", 2 }, { "THB", 2 }, { "TND", 3 }, { "TRY", 2 },
	{ "TWD", 2 }, { "UGX", 0 }, { "USD", 2 }, { "VND", 0 }, { "ZAR", 2 },
};

bool
money_exponent(const char *code, unsigned *ret_exponent)
{
	if (code == NULL)
		return false;
	for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++)
		if (strcmp(currencies[i].code, code) == 0) {
			*ret_exponent = currencies[i].exponent;
			return true;
		}
	return false;
}

/*
 * An RFC 8259 number taken apart. Its value is its digits with the decimal point behind the first
 * `point` of them.
 */
struct number {
	bool is_negative;
	const char *digits; /* may have one '.' inside */
	size_t digits_len;
	int64_t point; /* the exponent applied; may be negative or past the last digit */
};

static const char *
digits_skip(const char *s)
{
	while (*s >= '0' && *s <= '9')
		s++;
	return s;
}

/*
 * An exponent of a thousand is past every int64 and every rounding, so larger ones are cut to that.
 */
#define TEN_POWER_MAX 1000

static bool
ten_power_scan(const char *s, int64_t *ret)
{
	bool is_negative = *s == '-';
	int64_t v = 0;
	const char *end;

	if (*s == '-' || *s == '+')
		s++;
	end = digits_skip(s);
	if (end == s || *end != '\0')
		return false;
	for (; s < end; s++)
		if (v < TEN_POWER_MAX)
			v = v * 10 + (*s - '0');
	if (v > TEN_POWER_MAX)
		v = TEN_POWER_MAX;
	*ret = is_negative ? -v : v;
	return true;
}

static bool
number_scan(const char *s, struct number *ret)
{
	struct number n = { .is_negative = *s == '-' };
	int64_t ten_power = 0;
	const char *end;

	if (n.is_negative)
		s++;
	n.digits = s;
	end = digits_skip(s);
	if (end == s || (*s == '0' && end - s > 1))
		return false;
	n.point = end - s;
	if (*end == '.') {
		const char *fraction = end + 1;

		end = digits_skip(fraction);
		if (end == fraction)
			return false;
	}
	n.digits_len = (size_t)(end - s);
	if ((*end == 'e' || *end == 'E') ? !ten_power_scan(end + 1, &ten_power) : *end != '\0')
		return false;
	n.point += ten_power;
	*ret = n;
	return true;
}

/* value × 10^exponent without its sign, cut towards zero. */
struct whole {
	unsigned __int128 magnitude;
	int first_cut; /* the first digit that was cut: 5 and more rounds up */
	bool is_exact; /* nothing but zeros was cut */
};

/* More than any int64 and far from the end of the 128 bits. */
#define MAGNITUDE_MAX ((unsigned __int128)UINT64_MAX)

static bool
digit_take(struct whole *w, int digit, bool is_kept, bool is_first_cut)
{
	if (is_kept) {
		w->magnitude = w->magnitude * 10 + (unsigned)digit;
		return w->magnitude <= MAGNITUDE_MAX;
	}
	if (is_first_cut)
		w->first_cut = digit;
	if (digit != 0)
		w->is_exact = false;
	return true;
}

static bool
number_shift(const struct number *n, unsigned exponent, struct whole *ret)
{
	struct whole w = { .is_exact = true };
	int64_t keep = n->point + (int64_t)exponent, i = 0;

	for (size_t k = 0; k < n->digits_len; k++) {
		if (n->digits[k] == '.')
			continue;
		if (!digit_take(&w, n->digits[k] - '0', i < keep, i == keep))
			return false;
		i++;
	}
	for (; i < keep && w.magnitude != 0; i++) /* 1.8e2 has fewer digits than places */
		if (!digit_take(&w, 0, true, false))
			return false;
	*ret = w;
	return true;
}

static bool
sign_apply(unsigned __int128 magnitude, bool is_negative, int64_t *ret)
{
	if (magnitude > (unsigned __int128)INT64_MAX + (is_negative ? 1 : 0))
		return false;
	/* INT64_MIN is a value too, and its magnitude is none. */
	*ret = is_negative ? (int64_t)-(__int128)magnitude : (int64_t)magnitude;
	return true;
}

static bool
parse(const char *text, unsigned exponent, bool may_round, int64_t *ret_minor)
{
	struct number n;
	struct whole w;

	assert(exponent <= MONEY_EXPONENT_MAX);
	if (text == NULL || !number_scan(text, &n) || !number_shift(&n, exponent, &w))
		return false;
	if (!may_round && !w.is_exact)
		return false;
	if (w.first_cut >= 5)
		w.magnitude++;
	return sign_apply(w.magnitude, n.is_negative, ret_minor);
}

bool
money_parse(const char *text, unsigned exponent, int64_t *ret_minor)
{
	return parse(text, exponent, false, ret_minor);
}

bool
money_parse_rounded(const char *text, unsigned exponent, int64_t *ret_minor)
{
	return parse(text, exponent, true, ret_minor);
}

bool
money_parse_percent(const char *text, int64_t *ret_millionths)
{
	return parse(text, 4, false, ret_millionths); /* a percent is ten thousand millionths */
}

void
money_format(int64_t minor, unsigned exponent, char ret_text[MONEY_TEXT_LEN])
{
	uint64_t rest = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
	char backwards[MONEY_TEXT_LEN];
	unsigned n = 0, digits_n = 0;

	assert(exponent <= MONEY_EXPONENT_MAX);
	do {
		if (digits_n == exponent && exponent > 0)
			backwards[n++] = '.';
		backwards[n++] = (char)('0' + rest % 10);
		rest /= 10;
		digits_n++;
	} while (rest > 0 || digits_n <= exponent);
	if (minor < 0)
		backwards[n++] = '-';
	for (unsigned i = 0; i < n; i++)
		ret_text[i] = backwards[n - 1 - i];
	ret_text[n] = '\0';
}

bool
money_add(int64_t a, int64_t b, int64_t *ret)
{
	int64_t r;

	if (__builtin_add_overflow(a, b, &r))
		return false;
	*ret = r;
	return true;
}

bool
money_sub(int64_t a, int64_t b, int64_t *ret)
{
	int64_t r;

	if (__builtin_sub_overflow(a, b, &r))
		return false;
	*ret = r;
	return true;
}

bool
money_mul(int64_t minor, int64_t n, int64_t *ret)
{
	int64_t r;

	if (__builtin_mul_overflow(minor, n, &r))
		return false;
	*ret = r;
	return true;
}

/* num / den, half away from zero; den > 0. The product of two int64 leaves room for the half. */
static bool
divide_rounded(__int128 num, __int128 den, int64_t *ret)
{
	bool is_negative = num < 0;
	unsigned __int128 n = is_negative ? -(unsigned __int128)num : (unsigned __int128)num;
	unsigned __int128 d = (unsigned __int128)den;

	return sign_apply((n + d / 2) / d, is_negative, ret);
}

bool
money_scale(int64_t minor, int64_t rate_millionths, int64_t *ret_minor)
{
	return divide_rounded((__int128)minor * rate_millionths, MONEY_ONE_MILLION, ret_minor);
}

bool
money_tax_within(int64_t minor, int64_t rate_millionths, int64_t *ret_tax_minor)
{
	assert(rate_millionths >= 0);
	return divide_rounded((__int128)minor * rate_millionths,
	    (__int128)MONEY_ONE_MILLION + rate_millionths, ret_tax_minor);
}
