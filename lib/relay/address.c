#include "relay/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * IANA IPv4 Special-Purpose Address Registry, what is not globally reachable; and multicast,
 * reserved, broadcast.
 */
static const struct {
	uint32_t net;
	int bits;
} not_public_4[] = {
	{ 0x00000000, 8 },  /* 0.0.0.0/8: this network */
	{ 0x0a000000, 8 },  /* 10.0.0.0/8: private */
	{ 0x64400000, 10 }, /* 100.64.0.0/10: carrier-grade NAT */
	{ 0x7f000000, 8 },  /* 127.0.0.0/8: loopback */
	{ 0xa9fe0000, 16 }, /* 169.254.0.0/16: link-local, and the clouds' metadata */
	{ 0xac100000, 12 }, /* 172.16.0.0/12: private */
	{ 0xc0000000, 24 }, /* 192.0.0.0/24: protocol assignments */
	{ 0xc0000200, 24 }, /* 192.0.2.0/24: documentation */
	{ 0xc0586300, 24 }, /* 192.88.99.0/24: 6to4 relays, deprecated */
	{ 0xc0a80000, 16 }, /* 192.168.0.0/16: private */
	{ 0xc6120000, 15 }, /* 198.18.0.0/15: benchmarks */
	{ 0xc6336400, 24 }, /* 198.51.100.0/24: documentation */
	{ 0xcb007100, 24 }, /* 203.0.113.0/24: documentation */
	{ 0xe0000000, 4 },  /* 224.0.0.0/4: multicast */
	{ 0xf0000000, 4 },  /* 240.0.0.0/4: reserved, broadcast */
};

static bool
is_public_4(uint32_t address)
{
	for (size_t i = 0; i < sizeof not_public_4 / sizeof not_public_4[0]; i++)
		if ((address ^ not_public_4[i].net) >> (32 - not_public_4[i].bits) == 0)
			return false;
	return true;
}

static uint32_t
v4_at(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool
is_public_6(const unsigned char a[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const unsigned char nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (memcmp(a, mapped, sizeof mapped) == 0 || memcmp(a, nat64, sizeof nat64) == 0)
		return is_public_4(v4_at(a + 12));
	if ((a[0] & 0xe0) != 0x20)
		return false; /* not handed out; loopback, ULA, link-local, multicast lie there */
	if (a[0] == 0x20 && a[1] == 0x02)
		return is_public_4(v4_at(a + 2)); /* 6to4 */
	if (a[0] == 0x20 && a[1] == 0x01 && a[2] < 0x02)
		return false; /* 2001::/23: protocol assignments, Teredo among them */
	if (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8)
		return false; /* 2001:db8::/32: documentation */
	return !(a[0] == 0x3f && a[1] == 0xff && (a[2] & 0xf0) == 0); /* 3fff::/20: documentation */
}

bool
address_is_public(const struct sockaddr *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	switch (a->sa_family) {
	case AF_INET:
		memcpy(&v4, a, sizeof v4);
		return is_public_4(ntohl(v4.sin_addr.s_addr));
	case AF_INET6:
		memcpy(&v6, a, sizeof v6);
		return is_public_6(v6.sin6_addr.s6_addr);
	default:
		return false;
	}
}
