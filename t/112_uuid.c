/* Public ids: RFC 9562's own example of version 7, and the strictness of the reader. */
#include <string.h>

#include "tap.h"
#include "text/uuid.h"

static void
test_v7(void)
{
	/*
	 * RFC 9562, appendix A.6: 2022-02-22 14:22:22 GMT-05:00, rand_a CC3, rand_b
	 * 18C4DC0C0C07398F.
	 */
	static const uint8_t random[10] = { 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39,
		0x8f };
	static const uint8_t ones[10] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
	static const uint8_t zeros[10] = { 0 };
	uint8_t u[UUID_LEN], later[UUID_LEN];
	char text[UUID_TEXT_LEN];

	uuid_v7(INT64_C(1645557742000) * 1000, random, u);
	uuid_format(u, text);
	is_str(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "the example of RFC 9562");
	uuid_v7(0, ones, u);
	uuid_format(u, text);
	is_str(text, "00000000-0000-7fff-bfff-ffffffffffff",
	    "version and variant lie over the random bits");
	uuid_v7(999, zeros, u);
	uuid_format(u, text);
	is_str(text, "00000000-0000-7000-8000-000000000000", "microseconds are cut");
	uuid_v7(INT64_C(1771000000123000), ones, u);
	uuid_v7(INT64_C(1771000000124000), zeros, later);
	ok(memcmp(u, later, UUID_LEN) < 0, "a later id sorts behind an earlier one");
}

static void
v7_before_1970(void *arg)
{
	uint8_t u[UUID_LEN];

	uuid_v7(-1, arg, u);
}

static void
test_parse(void)
{
	static const char *const bad[] = { "", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f",
		"{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
		"017f22e27-9b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c0-398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398 ",
		"urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"------------------------------------", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f'--" };
	uint8_t u[UUID_LEN] = { 0 }, kept[UUID_LEN];
	uint8_t random[10] = { 0 };
	char text[UUID_TEXT_LEN];

	ok(uuid_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", u), "capitals are taken");
	uuid_format(u, text);
	is_str(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "and written small");
	memcpy(kept, u, UUID_LEN);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!uuid_parse(bad[i], u), "refused: '%s'", bad[i]);
	ok(!uuid_parse(NULL, u), "refused: NULL");
	ok(memcmp(u, kept, UUID_LEN) == 0, "a refusal leaves the output alone");
	ok(tap_aborts(v7_before_1970, random), "an id from before 1970 is a defect");
}

int
main(void)
{
	test_v7();
	test_parse();
	return tap_done();
}
