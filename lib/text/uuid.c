#include "text/uuid.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "text/hex.h"

void
uuid_v7(int64_t us, const uint8_t random[UUID_RANDOM_LEN], uint8_t ret[UUID_LEN])
{
	uint64_t ms = (uint64_t)us / 1000;

	assert(us >= 0);
	for (unsigned i = 0; i < 6; i++)
		ret[i] = (uint8_t)(ms >> (40 - 8 * i));
	memcpy(ret + 6, random, UUID_RANDOM_LEN);
	ret[6] = (uint8_t)(0x70 | (ret[6] & 0x0f)); /* version 7 */
	ret[8] = (uint8_t)(0x80 | (ret[8] & 0x3f)); /* variant of RFC 9562 */
}

void
uuid_format(const uint8_t uuid[UUID_LEN], char ret_text[UUID_TEXT_LEN])
{
	static const char digits[] = "0123456789abcdef";
	char *p = ret_text;

	for (unsigned i = 0; i < UUID_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[uuid[i] >> 4];
		*p++ = digits[uuid[i] & 0x0f];
	}
	*p = '\0';
}

bool
uuid_parse(const char *text, uint8_t ret[UUID_LEN])
{
	char digits[2 * UUID_LEN + 1];
	uint8_t uuid[UUID_LEN];
	size_t n = 0;

	if (text == NULL || strnlen(text, UUID_TEXT_LEN) != UUID_TEXT_LEN - 1)
		return false;
	for (size_t i = 0; i < UUID_TEXT_LEN - 1; i++) {
		bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_hyphen != (text[i] == '-'))
			return false;
		if (!is_hyphen)
			digits[n++] = text[i];
	}
	digits[n] = '\0';
	if (!hex_decode(digits, uuid, UUID_LEN))
		return false;
	memcpy(ret, uuid, UUID_LEN);
	return true;
}
