#include "person/network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* The first bytes of a kind of address, the others zero, and how many bits that is. */
static void
prefix_write(int family, void *bytes, size_t n, size_t kept, char ret[NETWORK_SIZE])
{
	char text[INET6_ADDRSTRLEN];

	memset((char *)bytes + kept, 0, n - kept);
	if (inet_ntop(family, bytes, text, sizeof text) == NULL)
		text[0] = '\0';
	if (kept == n)
		(void)snprintf(ret, NETWORK_SIZE, "%s", text);
	else
		(void)snprintf(ret, NETWORK_SIZE, "%s/%zu", text, kept * 8);
}

static void
network_write(const char *address, size_t four_kept, size_t six_kept, char ret[NETWORK_SIZE])
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET6, address, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six)) {
		prefix_write(AF_INET6, &six, sizeof six, six_kept, ret);
	} else if (inet_pton(AF_INET6, address, &six) == 1) {
		prefix_write(AF_INET, six.s6_addr + 12, sizeof four, four_kept, ret);
	} else if (inet_pton(AF_INET, address, &four) == 1) {
		prefix_write(AF_INET, &four, sizeof four, four_kept, ret);
	} else {
		(void)snprintf(ret, NETWORK_SIZE, "%s", address);
	}
}

void
network_caller(const char *address, char ret_name[NETWORK_SIZE])
{
	network_write(address, 4, 8, ret_name);
}

void
network_site(const char *address, char ret_name[NETWORK_SIZE])
{
	network_write(address, 3, 6, ret_name);
}
