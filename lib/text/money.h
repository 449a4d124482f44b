/*
 * money: amounts as int64 minor units (paise, cents) of a currency, and their decimal text.
 *
 * Nothing here is ever a floating point number, and nothing wraps: what does not fit is a false.
 * Rounding happens in three named places (money_parse_rounded, money_scale, money_tax_within) and
 * is always half away from zero, the way bills are rounded. Exponents are those of ISO 4217. Rates
 * are int64 millionths: 5 % is 50000.
 */
#ifndef TICKETRAIL_TEXT_MONEY_H
#define TICKETRAIL_TEXT_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MONEY_EXPONENT_MAX 6
#define MONEY_TEXT_LEN 24 /* sign, 19 digits, point, one leading 0, NUL and room */
#define MONEY_ONE_MILLION 1000000

/* Decimals of a currency: "INR" 2, "JPY" 0, "KWD" 3. False if we do not know the code. */
bool money_exponent(const char *currency, unsigned *ret_exponent);

/*
 * An RFC 8259 number ("439", "439.00", "-0.5", "1.8e2") as minor units. False if it is no such
 * number, has a digit that is not zero beyond the exponent, or does not fit. No spaces, plus sign,
 * or thousands separators.
 */
bool money_parse(const char *text, unsigned exponent, int64_t *ret_minor);

/*
 * As money_parse, but further decimals are rounded ("8.5725" with 2 is 857): for amounts a provider
 * computed.
 */
bool money_parse_rounded(const char *text, unsigned exponent, int64_t *ret_minor);

/* A percentage as text ("2.5") as a rate in millionths (25000); at most four decimals. */
bool money_parse_percent(const char *text, int64_t *ret_millionths);

/* "180.00": exactly `exponent` decimals. */
void money_format(int64_t minor, unsigned exponent, char ret_text[MONEY_TEXT_LEN]);

bool money_add(int64_t a, int64_t b, int64_t *ret);
bool money_sub(int64_t a, int64_t b, int64_t *ret);
bool money_mul(int64_t minor, int64_t n, int64_t *ret);

/* minor × rate, rounded: the tax on an amount that excludes it. */
bool money_scale(int64_t minor, int64_t rate_millionths, int64_t *ret_minor);

/*
 * The tax contained in an amount that includes it: minor × rate / (1 + rate), rounded; the rest is
 * net, so the two always add up to the amount. The rate is not negative.
 */
bool money_tax_within(int64_t minor, int64_t rate_millionths, int64_t *ret_tax_minor);

#endif
