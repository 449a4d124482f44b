#include "text/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "mem/arena.h"
#include "text/utf8.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

/* RFC 3986, 2.3. */
static bool
is_unreserved(char c)
{
	return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * A name of letters, digits, hyphens, underscores and single dots, at most 253 long. If its last
 * label begins with a digit it must be a plain IPv4 address: inet_aton() would read 0x7f.1 and
 * 017700000001 as 127.0.0.1, inet_pton() does not.
 */
static bool
host_is_name(const char *host)
{
	size_t len = strlen(host);
	const char *dot = strrchr(host, '.'), *last = dot == NULL ? host : dot + 1;
	struct in_addr ignored;

	if (len == 0 || len > 253 || host[0] == '.' || host[0] == '-' ||
	    strstr(host, "..") != NULL || host[len - 1] == '.')
		return false;
	for (const char *p = host; *p != '\0'; p++)
		if (!is_alnum(*p) && *p != '.' && *p != '-' && *p != '_')
			return false;
	if (is_digit(*last))
		return inet_pton(AF_INET, host, &ignored) == 1;
	return true;
}

/* The host in front of a port or the end, in lower case; *ret_end is behind it. NULL: none. */
static char *
host_read(struct arena *a, const char *s, size_t len, size_t *ret_end)
{
	struct in6_addr ignored;
	size_t end;
	char *host;

	if (len > 0 && s[0] == '[') {
		const char *close = memchr(s, ']', len);

		if (close == NULL)
			return NULL;
		host = arena_strndup(a, s + 1, (size_t)(close - s) - 1);
		if (inet_pton(AF_INET6, host, &ignored) != 1)
			return NULL;
		end = (size_t)(close - s) + 1;
	} else {
		const char *colon = memchr(s, ':', len);

		end = colon == NULL ? len : (size_t)(colon - s);
		host = arena_strndup(a, s, end);
		if (!host_is_name(host))
			return NULL;
	}
	for (char *p = host; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	*ret_end = end;
	return host;
}

/* ":8080" of exactly len bytes. */
static bool
port_read(const char *s, size_t len, uint16_t *ret)
{
	unsigned port = 0;

	if (len < 2 || len > 6 || s[0] != ':')
		return false;
	for (size_t i = 1; i < len; i++) {
		if (!is_digit(s[i]))
			return false;
		port = port * 10 + (unsigned)(s[i] - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* Only characters that RFC 3986 knows, and every % begins two hex digits. */
static bool
chars_are_plain(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '%') {
			if (hex_value(s[1]) < 0 || hex_value(s[2]) < 0)
				return false;
		} else if (!is_unreserved(*s) && strchr(":/?[]@!$&'()*+,;=", *s) == NULL) {
			return false;
		}
	}
	return true;
}

bool
url_parse(struct arena *a, const char *text, struct url *ret)
{
	struct url u = { .scheme = "https", .is_https = true, .port = 443, .path = "/" };
	size_t len, host_end;
	const char *rest;

	if (text == NULL || strnlen(text, URL_LEN_MAX + 1) > URL_LEN_MAX || !chars_are_plain(text))
		return false;
	if (strncasecmp(text, "https://", 8) == 0) {
		text += 8;
	} else if (strncasecmp(text, "http://", 7) == 0) {
		text += 7;
		u = (struct url){ .scheme = "http", .port = 80, .path = "/" };
	} else {
		return false;
	}
	len = strcspn(text, "/?");
	if (memchr(text, '@', len) != NULL)
		return false;
	u.host = host_read(a, text, len, &host_end);
	if (u.host == NULL ||
	    (host_end < len && !port_read(text + host_end, len - host_end, &u.port)))
		return false;
	rest = text + len;
	len = strcspn(rest, "?");
	if (len > 0)
		u.path = arena_strndup(a, rest, len);
	if (rest[len] == '?')
		u.query = arena_strdup(a, rest + len + 1);
	*ret = u;
	return true;
}

char *
url_encode(struct arena *a, const char *s)
{
	static const char digits[] = "0123456789ABCDEF"; /* RFC 3986, 2.1: upper case */
	char *out = arena_array(a, strlen(s) + 1, 3), *p = out;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (is_unreserved(*s)) {
			*p++ = *s;
			continue;
		}
		*p++ = '%';
		*p++ = digits[c >> 4];
		*p++ = digits[c & 0x0f];
	}
	return out;
}

bool
url_decode(struct arena *a, const char *s, size_t len, const char **ret)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int high, low;

		if (s[i] != '%') {
			out[n++] = s[i];
			continue;
		}
		if (len - i < 3)
			return false;
		high = hex_value(s[i + 1]);
		low = hex_value(s[i + 2]);
		if (high < 0 || low < 0)
			return false;
		out[n++] = (char)(high << 4 | low);
		i += 2;
	}
	if (memchr(out, '\0', n) != NULL || !utf8_is_valid(out, n))
		return false;
	*ret = out;
	return true;
}
