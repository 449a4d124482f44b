#include "text/hex.h"

#include <sodium.h>
#include <string.h>

char *
hex_encode(struct arena *a, const void *data, size_t len)
{
	size_t room = len * 2 + 1;

	return sodium_bin2hex(arena_array(a, len + 1, 2), room, data, len);
}

bool
hex_decode(const char *text, void *ret, size_t n)
{
	/* Looked at first, so that a failure leaves the output alone. */
	if (strlen(text) != n * 2 || strspn(text, "0123456789abcdefABCDEF") != n * 2)
		return false;
	return sodium_hex2bin(ret, n, text, n * 2, NULL, NULL, NULL) == 0;
}

static char *
encode(struct arena *a, const void *data, size_t len, int variant)
{
	/* sodium_base64_encoded_len() counts the NUL, and aborts on absurd lengths only. */
	size_t room = sodium_base64_encoded_len(len, variant);

	return sodium_bin2base64(arena_alloc(a, room), room, data, len, variant);
}

/*
 * libsodium 1.0.18 compares chars as ints and takes some bytes from 0x80 on for letters of the
 * alphabet.
 */
static bool
is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((text[i] & 0x80) != 0)
			return false;
	return true;
}

static bool
decode(struct arena *a, const char *text, size_t len, int variant, struct bytes *ret)
{
	size_t room = len / 4 * 3 + 3, got;
	unsigned char *data = arena_alloc(a, room + 1);

	if (!is_ascii(text, len))
		return false;
	if (sodium_base642bin(data, room, text, len, NULL, &got, NULL, variant) != 0)
		return false;
	*ret = (struct bytes){ .data = data, .len = got };
	return true;
}

char *
base64_encode(struct arena *a, const void *data, size_t len)
{
	return encode(a, data, len, sodium_base64_VARIANT_ORIGINAL);
}

char *
base64url_encode(struct arena *a, const void *data, size_t len)
{
	return encode(a, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool
base64_decode(struct arena *a, const char *text, size_t len, struct bytes *ret)
{
	return decode(a, text, len, sodium_base64_VARIANT_ORIGINAL, ret);
}

bool
base64url_decode(struct arena *a, const char *text, size_t len, struct bytes *ret)
{
	return decode(a, text, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING, ret);
}
