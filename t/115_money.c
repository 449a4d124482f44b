/* Money: decimal text and minor units, what does not fit, rounding, and the tax inside a price. */
#include <string.h>

#include "tap.h"
#include "text/money.h"

static void
parses(const char *text, unsigned exponent, int64_t want)
{
	int64_t got = 0;

	ok(money_parse(text, exponent, &got), "D14 '%s' with %u decimals is read", text, exponent);
	is_int(got, want, "D14 as %lld", (long long)want);
}

static void
test_parse(void)
{
	parses("180.00", 2, 18000);
	parses("180", 2, 18000);
	parses("180.5", 2, 18050);
	parses("0.05", 2, 5);
	parses("0", 2, 0);
	parses("-0", 2, 0);
	parses("-0.00", 2, 0);
	parses("-12.34", 2, -1234);
	parses("439.0000", 2, 43900);
	parses("439.000000000000000000000000000000000000000", 2, 43900);
	parses("100", 0, 100);
	parses("100.0", 0, 100);
	parses("1.234", 3, 1234);
	parses("1.8e2", 2, 18000);
	parses("1.8E+2", 2, 18000);
	parses("18000e-2", 2, 18000);
	parses("5e-2", 2, 5);
	parses("0e99999999999999999999", 2, 0);
	parses("0.00000000001e12", 2, 1000);
	parses("92233720368547758.07", 2, INT64_MAX);
	parses("-92233720368547758.08", 2, INT64_MIN);
	parses("9223372036854775807", 0, INT64_MAX);
	parses("-9223372036854775808", 0, INT64_MIN);
	parses("0.000001", 6, 1);
	/* 0.1 + 0.2 and 19.99 × 100 are where doubles go astray. */
	parses("0.30", 2, 30);
	parses("19.99", 2, 1999);
	parses("1.005", 3, 1005);
}

static void
test_parse_refused(void)
{
	static const struct {
		const char *text;
		unsigned exponent;
	} bad[] = {
		{ "", 2 },
		{ " 1", 2 },
		{ "1 ", 2 },
		{ "+1", 2 },
		{ "1,000.00", 2 },
		{ "1.", 2 },
		{ ".5", 2 },
		{ "-", 2 },
		{ "--1", 2 },
		{ "01", 2 },
		{ "00.5", 2 },
		{ "1.2.3", 2 },
		{ "Rs 5", 2 },
		{ "0x10", 2 },
		{ "1e", 2 },
		{ "1e+", 2 },
		{ "1e2x", 2 },
		{ "NaN", 2 },
		{ "Infinity", 2 },
		{ "null", 2 },
		{ "1.005", 2 },
		{ "0.001", 2 },
		{ "1e-3", 2 },
		{ "1.5", 0 },
		{ "1e-999999999999", 2 },
		{ "92233720368547758.08", 2 },
		{ "-92233720368547758.09", 2 },
		{ "9223372036854775808", 0 },
		{ "1e17", 2 },
		{ "1e999999999999", 2 },
		{ "99999999999999999999999999999999999999999999", 2 },
		{ "340282366920938463463374607431768211456", 0 },
		{ "18446744073709551616", 0 },
	};
	int64_t got = 7;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!money_parse(bad[i].text, bad[i].exponent, &got),
		    "D14 refused: '%s' with %u decimals", bad[i].text, bad[i].exponent);
	ok(!money_parse(NULL, 2, &got), "D14 refused: NULL");
	is_int(got, 7, "a refusal leaves the output alone");
}

static void
rounds(const char *text, unsigned exponent, int64_t want)
{
	int64_t got = 0;

	ok(money_parse_rounded(text, exponent, &got), "'%s' is rounded to %u decimals", text,
	    exponent);
	is_int(got, want, "to %lld", (long long)want);
}

static void
test_parse_rounded(void)
{
	int64_t got = 7;

	rounds("8.5725", 2, 857);
	rounds("8.575", 2, 858);
	rounds("8.5749999999999999999999999999999999", 2, 857);
	rounds("-8.575", 2, -858);
	rounds("-8.574", 2, -857);
	rounds("0.005", 2, 1);
	rounds("0.004999", 2, 0);
	rounds("-0.004", 2, 0);
	rounds("0.9999", 2, 100);
	rounds("5e-3", 2, 1);
	rounds("5e-4", 2, 0);
	rounds("9e-99999", 2, 0);
	rounds("0.5", 0, 1);
	rounds("1.5", 0, 2);
	rounds("180.00", 2, 18000);
	ok(!money_parse_rounded("92233720368547758.075", 2, &got),
	    "rounding up past int64 is refused");
	ok(!money_parse_rounded("8.57x", 2, &got) && got == 7,
	    "what is no number is refused here too");
}

static void
formats(int64_t minor, unsigned exponent, const char *want)
{
	char text[MONEY_TEXT_LEN];
	int64_t back = 7;

	money_format(minor, exponent, text);
	is_str(text, want, "D14 %lld with %u decimals", (long long)minor, exponent);
	ok(money_parse(text, exponent, &back) && back == minor, "and back");
}

static void
exponent_7(void *text)
{
	money_format(1, MONEY_EXPONENT_MAX + 1, text);
}

static void
test_format(void)
{
	char text[MONEY_TEXT_LEN];

	formats(18000, 2, "180.00");
	formats(5, 2, "0.05");
	formats(-5, 2, "-0.05");
	formats(50, 2, "0.50");
	formats(100, 2, "1.00");
	formats(0, 2, "0.00");
	formats(0, 0, "0");
	formats(7, 0, "7");
	formats(-700, 0, "-700");
	formats(1234, 3, "1.234");
	formats(1, 6, "0.000001");
	formats(INT64_MAX, 2, "92233720368547758.07");
	formats(INT64_MIN, 2, "-92233720368547758.08");
	formats(INT64_MIN, 0, "-9223372036854775808");
	formats(INT64_MIN, 6, "-9223372036854.775808");
	ok(tap_aborts(exponent_7, text), "an exponent no currency has is a defect");
}

static void
test_currencies(void)
{
	static const struct {
		const char *code;
		unsigned exponent;
	} want[] = { { "INR", 2 }, { "USD", 2 }, { "EUR", 2 }, { "GBP", 2 }, { "AED", 2 },
		{ "JPY", 0 }, { "KRW", 0 }, { "KWD", 3 }, { "BHD", 3 }, { "OMR", 3 } };
	unsigned exponent = 9;

	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
		ok(money_exponent(want[i].code, &exponent) && exponent == want[i].exponent,
		    "%s has %u decimals", want[i].code, want[i].exponent);
	exponent = 9;
	ok(!money_exponent("QQQ", &exponent) && !money_exponent("inr", &exponent) &&
		!money_exponent("", &exponent) && !money_exponent("INRX", &exponent) &&
		!money_exponent(NULL, &exponent) && exponent == 9,
	    "other codes have none");
}

static void
test_arithmetic(void)
{
	int64_t r = 7;

	ok(money_add(18000, 950, &r) && r == 18950, "a sum");
	ok(money_sub(18000, 18001, &r) && r == -1, "a difference");
	ok(money_mul(4550, 999, &r) && r == 4545450, "a product");
	r = 7;
	ok(!money_add(INT64_MAX, 1, &r) && !money_add(INT64_MIN, -1, &r),
	    "a sum that does not fit");
	ok(!money_sub(INT64_MIN, 1, &r) && !money_sub(0, INT64_MIN, &r),
	    "a difference that does not fit");
	ok(!money_mul(INT64_MAX, 2, &r) && !money_mul(INT64_MIN, -1, &r),
	    "a product that does not fit");
	is_int(r, 7, "and the output is left alone");
	ok(money_add(INT64_MAX, INT64_MIN, &r) && r == -1, "the extremes add up");
}

static void
test_scale(void)
{
	static const struct {
		int64_t minor, rate, want;
	} rows[] = {
		{ 18000, 50000, 900 },  /* 5 % of 180.00 */
		{ 17150, 25000, 429 },  /* 2.5 %: 428.75 */
		{ 10, 50000, 1 },       /* 0.5 away from zero */
		{ 9, 50000, 0 },        /* 0.45 */
		{ -10, 50000, -1 },     /* -0.5 away from zero */
		{ -9, 50000, 0 },
		{ 30, 50000, 2 },       /* 1.5: not to even */
		{ 50, 50000, 3 },       /* 2.5: not to even */
		{ 18000, -50000, -900 },
		{ 18000, 0, 0 },
		{ 0, 50000, 0 },
		{ INT64_MAX, 1000000, INT64_MAX },
		{ INT64_MIN, 1000000, INT64_MIN },
		{ INT64_MAX, 1, INT64_C(9223372036855) },
	};
	int64_t r = 7;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ok(money_scale(rows[i].minor, rows[i].rate, &r) && r == rows[i].want,
		    "%lld at %lld millionths is %lld", (long long)rows[i].minor,
		    (long long)rows[i].rate, (long long)rows[i].want);
	}
	r = 7;
	ok(!money_scale(INT64_MAX, 1000001, &r) && !money_scale(INT64_MIN, -1000000, &r) &&
		!money_scale(INT64_MIN, INT64_MIN, &r) && !money_scale(INT64_MAX, INT64_MAX, &r) &&
		r == 7,
	    "what does not fit is refused");
}

static void
test_tax_within(void)
{
	static const struct {
		int64_t minor, rate, want;
	} rows[] = {
		{ 10500, 50000, 500 },    /* 105.00 at 5 % is 100.00 + 5.00 */
		{ 18000, 50000, 857 },    /* 857.14 */
		{ 11800, 180000, 1800 },  /* 18 % */
		{ 10000, 180000, 1525 },  /* 1525.42 */
		{ 21, 50000, 1 },
		{ 10, 50000, 0 },         /* 0.476 */
		{ 3, 1000000, 2 },        /* 100 %: 1.5 away from zero */
		{ -3, 1000000, -2 },
		{ -10500, 50000, -500 },
		{ 10500, 0, 0 },
		{ INT64_MAX, INT64_MAX, INT64_C(9223372036853775807) },
		{ INT64_MIN, 1000000, INT64_MIN / 2 },
	};
	int64_t r = 7;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ok(money_tax_within(rows[i].minor, rows[i].rate, &r),
		    "%lld holds a tax of %lld millionths", (long long)rows[i].minor,
		    (long long)rows[i].rate);
		is_int(r, rows[i].want, "of %lld", (long long)rows[i].want);
	}
}

/*
 * The contained tax is the integer nearest to the true one: |2 × (tax × (1 + rate) - amount ×
 * rate)| ≤ 1 + rate.
 */
static void
test_tax_nearest(void)
{
	static const int64_t rates[] = { 1, 25000, 50000, 90000, 120000, 180000, 280000, 333333,
		999999 };
	unsigned wrong = 0;

	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		for (int64_t minor = -5000; minor <= 5000; minor++) {
			int64_t whole = MONEY_ONE_MILLION + rates[i], tax = 0, mirrored = 0, twice;

			wrong += !money_tax_within(minor, rates[i], &tax) ||
			    !money_tax_within(-minor, rates[i], &mirrored);
			twice = 2 * (tax * whole - minor * rates[i]);
			wrong += twice > whole || twice < -whole || mirrored != -tax;
		}
	is_int(wrong, 0,
	    "the tax inside every amount up to 50.00 is the nearest one, and a refund takes the "
	    "same");
}

static void
test_percent(void)
{
	int64_t r = 7;

	ok(money_parse_percent("2.5", &r) && r == 25000, "2.5 percent");
	ok(money_parse_percent("18", &r) && r == 180000, "18 percent");
	ok(money_parse_percent("0.0001", &r) && r == 1, "the smallest");
	r = 7;
	ok(!money_parse_percent("0.00001", &r) && !money_parse_percent("5%", &r) && r == 7,
	    "finer or adorned is refused");
}

int
main(void)
{
	test_parse();
	test_parse_refused();
	test_parse_rounded();
	test_format();
	test_currencies();
	test_arithmetic();
	test_scale();
	test_tax_within();
	test_tax_nearest();
	test_percent();
	return tap_done();
}
