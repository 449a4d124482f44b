#include "relay/poller.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "op/clock.h"

#define WAIT_FDS_MAX 8

/*
 * libcurl says so before it closes a descriptor, and at every change. `known` is what was assigned
 * to it: it is in the set.
 */
static int
socket_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct poller *p = arg;
	struct epoll_event event = { .data.fd = fd,
		.events = ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0) |
			  ((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0) };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, NULL); /* or with its end */
		return 0;
	}
	if (epoll_ctl(p->epoll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0)
		return -1;
	return known == NULL && curl_multi_assign(p->multi, fd, p) != CURLM_OK ? -1 : 0;
}

static int
timer_set(CURLM *multi, long ms, void *arg)
{
	struct poller *p = arg;

	(void)multi;
	p->timer_at_us = ms < 0 ? INT64_MAX : clock_steady_us() + ms * INT64_C(1000);
	return 0;
}

void
poller_begin(struct poller *p, CURLM *multi)
{
	*p = (struct poller){ .multi = multi, .epoll = epoll_create1(EPOLL_CLOEXEC),
		.timer_at_us = INT64_MAX };
	if (p->epoll < 0 ||
	    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket_watch) != CURLM_OK ||
	    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, p) != CURLM_OK ||
	    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer_set) != CURLM_OK ||
	    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, p) != CURLM_OK)
		abort();
}

void
poller_end(struct poller *p)
{
	close(p->epoll);
}

void
poller_wait(const struct poller *p, const int *fds, size_t fds_n, int timeout_ms)
{
	int64_t left_us = p->timer_at_us == INT64_MAX ? INT64_MAX
						      : p->timer_at_us - clock_steady_us();
	struct pollfd wait[1 + WAIT_FDS_MAX] = { { .fd = p->epoll, .events = POLLIN } };
	nfds_t n = 1;

	for (size_t i = 0; i < fds_n && i < WAIT_FDS_MAX; i++)
		wait[n++] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	if (left_us <= 0)
		timeout_ms = 0;
	else if (left_us < timeout_ms * INT64_C(1000))
		timeout_ms = (int)((left_us + 999) / 1000);
	(void)poll(wait, n, timeout_ms); /* after a failure too everything is looked at */
}

static void
act(struct poller *p, curl_socket_t fd)
{
	int running;

	if (curl_multi_socket_action(p->multi, fd, 0, &running) != CURLM_OK)
		abort();
}

void
poller_perform(struct poller *p, int most)
{
	struct epoll_event events[POLLER_ALL];
	int n = epoll_wait(p->epoll, events, most < POLLER_ALL ? most : POLLER_ALL, 0);

	if (n < 0 && errno != EINTR)
		abort();
	for (int i = 0; i < n; i++)
		act(p, events[i].data.fd);
	if (clock_steady_us() < p->timer_at_us)
		return;
	p->timer_at_us = INT64_MAX;
	act(p, CURL_SOCKET_TIMEOUT);
}
