/*
 * network: what an address counts as, where somebody may have only so much of us.
 */
#ifndef TICKETRAIL_PERSON_NETWORK_H
#define TICKETRAIL_PERSON_NETWORK_H

#include <netinet/in.h>

#define NETWORK_SIZE (INET6_ADDRSTRLEN + 4)

/*
 * One caller: an IPv4 address, also one in IPv6's dress; of IPv6 the /64, of which every subscriber
 * has 2^64 addresses (RFC 6177). Text that is no address stands for itself.
 */
void network_caller(const char *address, char ret_name[NETWORK_SIZE]);

/* Whoever has many callers: the /24 of IPv4, the /48 of IPv6. */
void network_site(const char *address, char ret_name[NETWORK_SIZE]);

#endif
