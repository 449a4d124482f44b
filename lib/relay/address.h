/*
 * address: may a call to a provider go there?
 *
 * Where a provider is stands in a configuration that restaurants write, and what a host name means
 * is its owner's word. So the address itself is looked at, at the moment of connecting (no time for
 * it to change): only what is globally reachable by the registries of special-purpose addresses is
 * (IANA, RFC 6890; RFC 4291, RFC 4193, RFC 6052, RFC 3056, RFC 4380). An IPv6 address that carries
 * an IPv4 address is as good as that.
 */
#ifndef TICKETRAIL_RELAY_ADDRESS_H
#define TICKETRAIL_RELAY_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* False for every family but AF_INET and AF_INET6. */
bool address_is_public(const struct sockaddr *);

#endif
