/*
 * url: an absolute http or https URL taken apart, and percent-encoding of its parts (RFC 3986).
 *
 * It says whether a URL is well formed and plain; whether we may connect to that host is decided
 * where the connection is made. Refused: userinfo, fragments, spaces, control characters and
 * non-ASCII (a host name comes as punycode), a backslash, port 0, hosts that are numbers in a
 * disguise of their own (0x7f.1, 2130706433), since libraries differ in reading them.
 */
#ifndef TICKETRAIL_TEXT_URL_H
#define TICKETRAIL_TEXT_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define URL_LEN_MAX 2048

struct url {
	bool is_https;
	const char *scheme; /* "http" or "https" */
	const char *host;   /* lower case; an IPv6 address without its brackets */
	uint16_t port;      /* 80 or 443 where none is given */
	const char *path;   /* begins with /, still encoded; "/" where there is none */
	const char *query;  /* behind the ?, still encoded; NULL if there is no ? */
};

/* False if it is not such a URL. The parts live in the arena. */
bool url_parse(struct arena *, const char *, struct url *ret);

/* One component: everything but RFC 3986's unreserved characters becomes %XX. A / too. */
char *url_encode(struct arena *, const char *);

/*
 * The text of one component; + stays +. False unless every % has two hex digits and the result is
 * UTF-8 without NUL.
 */
bool url_decode(struct arena *, const char *, size_t len, const char **ret);

#endif
