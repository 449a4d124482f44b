/*
 * poller: which of a thousand connections can be moved, without asking each of them.
 *
 * libcurl says which descriptors it waits for and until when (its socket and timer callbacks, see
 * curl_multi_socket_action(3)); they are kept in an epoll set. curl_multi_perform() would ask the
 * kernel for each transfer in every turn: a tenth of a busy relay's time.
 *
 * What the kernel reports is a hint: libcurl looks at the descriptor itself, so that an end and the
 * last bytes before it are told apart as they always are.
 */
#ifndef TICKETRAIL_RELAY_POLLER_H
#define TICKETRAIL_RELAY_POLLER_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

struct poller {
	CURLM *multi;
	int epoll;
	int64_t timer_at_us; /* steady clock: libcurl wants to be called; INT64_MAX: it does not */
};

/* Of this multi handle, which is the caller's. It must stay where it is. Aborts without memory. */
void poller_begin(struct poller *, CURLM *);
/* Before or after the handle's own end. */
void poller_end(struct poller *);

/* Waits until something can be moved, one of the descriptors is readable, or the time is over. */
void poller_wait(const struct poller *, const int *fds, size_t fds_n, int timeout_ms);

/* Moves what can be moved without waiting: so many connections at most. */
#define POLLER_ALL 256 /* in one go; what is ready beyond them is so the next time too */
void poller_perform(struct poller *, int most);

#endif
