/*
 * hostile: an HTTP server that does what real ones do on bad days, one way per path.
 *
 * /ok /slow/MS /status/NNN /busy (429, Retry-After: 1) /hang (reads and says nothing) /hang-headers
 * (says half) /drip (a byte every 20 ms) /large (as its length says) /flood (without an end)
 * /headers (without an end) /continue (100 for ever) /short (less than its length) /chunk (a chunk
 * missing) /garbage /http09 /redirect /gzip /reset (reads, then RST) /commit (reads, counts an
 * effect, closes) /unread (RST without reading) /once (keeps the connection, and closes it at the
 * second request without a word).
 *
 * It listens on a port of 127.0.0.1 the kernel chose, one process per connection, and counts every
 * whole request and every effect where the test can see it. It ends with the test.
 */
#ifndef TICKETRAIL_HOSTILE_H
#define TICKETRAIL_HOSTILE_H

#include <stddef.h>

struct hostile {
	int port;
	/* kept in memory that all processes share */
	struct hostile_seen {
		_Atomic int connections, requests, effects, under_way, most_under_way;
		char last[8192]; /* the head of the last whole request */
	} *seen;
};

struct hostile hostile_start(void);

/* A port at which nobody listens. */
int hostile_free_port(void);

/*
 * A port at which connections are taken and nothing is ever said: for TLS that never comes about.
 */
int hostile_mute_port(void);

#endif
