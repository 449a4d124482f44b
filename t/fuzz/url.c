/*
 * url: text/url and relay/address. A URL that is taken and put together again of its parts is taken as the same; its host is
 * one name to everybody, and an address in it is public or not whatever way it is written (SSRF: relay/address.h).
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "relay/address.h"
#include "text/url.h"
#include "text/utf8.h"

static const char *
put_together(struct arena *a, const struct url *u)
{
	bool is_6 = strchr(u->host, ':') != NULL;

	return arena_printf(a, "%s://%s%s%s:%u%s%s%s", u->scheme, is_6 ? "[" : "", u->host, is_6 ? "]" : "", u->port, u->path,
	    u->query != NULL ? "?" : "", u->query != NULL ? u->query : "");
}

static bool
is_same(const struct url *u, const struct url *v)
{
	return u->is_https == v->is_https && strcmp(u->scheme, v->scheme) == 0 && strcmp(u->host, v->host) == 0 &&
	       u->port == v->port && strcmp(u->path, v->path) == 0 && (u->query == NULL) == (v->query == NULL) &&
	       (u->query == NULL || strcmp(u->query, v->query) == 0);
}

/* A host that the C library takes for an address without asking anybody is the address that we see in it. */
static void
host_check(const struct url *u)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *found = NULL;
	unsigned char four[4], six[16];
	bool is_4 = inet_pton(AF_INET, u->host, four) == 1, is_6 = inet_pton(AF_INET6, u->host, six) == 1;

	for (const char *c = u->host; *c != '\0'; c++)
		must(*c > ' ' && *c < 0x7f && strchr("@/\\#?%[]", *c) == NULL && (*c < 'A' || *c > 'Z'), "a host is plain: %s",
		    u->host);
	must(u->port != 0, "a port is one");
	if (getaddrinfo(u->host, NULL, &hints, &found) != 0)
		return;
	must(is_4 || is_6, "%s is an address in a disguise", u->host);
	must(found->ai_family == (is_4 ? AF_INET : AF_INET6), "of its family");
	if (is_4)
		must(address_is_public(found->ai_addr) == !(four[0] == 0 || four[0] == 10 || four[0] == 127 || four[0] >= 224 ||
			(four[0] == 100 && (four[1] & 0xc0) == 64) || (four[0] == 169 && four[1] == 254) ||
			(four[0] == 172 && (four[1] & 0xf0) == 16) || (four[0] == 192 && four[1] == 168) ||
			(four[0] == 192 && four[1] == 0 && (four[2] == 0 || four[2] == 2)) ||
			(four[0] == 192 && four[1] == 88 && four[2] == 99) || (four[0] == 198 && (four[1] & 0xfe) == 18) ||
			(four[0] == 198 && four[1] == 51 && four[2] == 100) || (four[0] == 203 && four[1] == 0 && four[2] == 113)),
		    "%s is public by the registry", u->host);
	if (is_6 && (memcmp(six, (unsigned char[12]){ [10] = 0xff, [11] = 0xff }, 12) == 0)) {
		struct sockaddr_in v4 = { .sin_family = AF_INET };

		memcpy(&v4.sin_addr, six + 12, 4);
		must(address_is_public(found->ai_addr) == address_is_public((struct sockaddr *)&v4), "a mapped address is its own");
	}
	if (is_6 && address_is_public(found->ai_addr))
		must((six[0] & 0xe0) == 0x20 || six[10] == 0xff || memcmp(six, (unsigned char[4]){ 0, 0x64, 0xff, 0x9b }, 4) == 0,
		    "only what is handed out is public: %s", u->host);
	freeaddrinfo(found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	char *text = fuzz_text(a, data, size);
	struct url u = { .scheme = NULL }, again = { .scheme = NULL };
	const char *decoded = NULL, *whole;

	if (url_parse(a, text, &u)) {
		must(strlen(text) <= URL_LEN_MAX && u.path[0] == '/', "it has a path and an end");
		must(strncasecmp(text, u.scheme, strlen(u.scheme)) == 0, "it is of its scheme");
		host_check(&u);
		whole = put_together(a, &u);
		if (strlen(whole) <= URL_LEN_MAX)
			must(url_parse(a, whole, &again) && is_same(&u, &again), "put together it is the same: %s", whole);
	}
	if (url_decode(a, text, strlen(text), &decoded)) {
		must(utf8_is_valid(decoded, strlen(decoded)) && strlen(decoded) <= strlen(text), "what was encoded is text");
		must(url_decode(a, url_encode(a, decoded), strlen(url_encode(a, decoded)), &whole) && strcmp(whole, decoded) == 0,
		    "encoded again it is the same");
	} else if (utf8_is_valid(text, strlen(text)))
		must(strchr(text, '%') != NULL, "only a %% can be wrong in a text");
	arena_free(&a);
	return 0;
}
