/*
 * cookie: what a browser keeps for us and sends along (RFC 6265).
 *
 * Only for what has to be known of a browser and not of a person: who somebody is, their token
 * says. A name begins with __Host-, so that the browser takes the cookie over TLS and from this
 * very host only; it is HttpOnly and SameSite=Lax.
 */
#ifndef TICKETRAIL_HTTP_COOKIE_H
#define TICKETRAIL_HTTP_COOKIE_H

#include <stdint.h>

#include "mem/arena.h"

struct reply;

/*
 * The value of that name in a Cookie header; in the arena. NULL: there is none, or several that
 * differ: one of them is not ours, and nobody knows which. `header` NULL: NULL.
 */
const char *cookie_find(struct arena *, const char *header, const char *name);

/* The browser is to keep it for so long. Name and value are words of our own making. */
void cookie_set(struct reply *, const char *name, const char *value, int64_t seconds);

#endif
