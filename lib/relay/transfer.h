/*
 * transfer: one attempt on the wire, and all that are on their way together.
 *
 * A wrapper of libcurl's multi interface that makes of it what a relay must be able to rely on:
 *
 * - A request leaves once. libcurl sends again by itself when a kept connection turns out to be
 *   dead; here the second time is stopped, and the attempt ends as cut while waiting.
 * - Nothing leaves too late. Once the connection stands, and before the first byte of the request,
 *   the clock is looked at: the attempt's window and its claim's lease must both be open. A process
 *   that was frozen sends nothing.
 * - No redirect is followed; no proxy, netrc, cookie or password of the environment is used; https
 *   only (but for tests), to public addresses only; the answer is read up to a size and never
 *   unpacked.
 * - How it ended is said in the words of outbox/call.h; where libcurl leaves a doubt, the doubting
 *   word is taken.
 *
 * The transfer belongs to the caller, who keeps it, its call and its arena in place until it has
 * ended.
 */
#ifndef TICKETRAIL_RELAY_TRANSFER_H
#define TICKETRAIL_RELAY_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "mem/arena.h"
#include "mem/buf.h"
#include "outbox/call.h"
#include "provider/call.h"

struct transfers;

struct transfer_options {
	const char *ca_file; /* NULL or "": the system's */
	bool allow_http;     /* http, and addresses that are not public */
	size_t most;         /* on the wire at once; those beyond wait, the first goes first */
};

struct transfer {
	/* to be set before the start */
	const struct http_call *call;
	const struct call_limits *limits;
	struct arena *arena;     /* of the reply */
	const char *trace_id;    /* 32 hex digits */
	int64_t window_until_us; /* steady clock: nothing leaves later ... */
	int64_t lease_until_us;  /* ... nor later than this, which heartbeats may move meanwhile */
	void *owner;             /* the caller's */

	/* how it ended */
	struct provider_result result;
	const char *detail; /* what libcurl says, a constant text */
	int64_t elapsed_us;

	/* its own */
	TAILQ_ENTRY(transfer) entry;
	CURL *easy;
	struct curl_slist *lines;
	struct buf body;
	struct call_header *headers;
	size_t headers_n, headers_len;
	int64_t started_us;
	bool is_released; /* the first byte may have left */
	bool is_repeated; /* libcurl wanted to send again */
	bool is_too_large;
	bool is_too_late;
	bool is_forbidden; /* an address was not public */
	bool is_over;
};

/* Never NULL. curl_global_init() is the program's. */
struct transfers *transfers_new(const struct transfer_options *);
/* Nothing may be under way. */
void transfers_free(struct transfers **);

/*
 * The next transfers_perform() sends it off, or the first one with room for it. It ends by itself
 * at the latest when its total time is over, which is counted from then on.
 */
void transfer_start(struct transfers *, struct transfer *);

/*
 * Ends it now: sender_lost if a byte may have left, else window_closed. It appears among the ended
 * ones. One that has ended by itself stays as it is.
 */
void transfer_abandon(struct transfers *, struct transfer *);

/* Has all of its request left, while it is under way? */
bool transfer_is_sent(const struct transfer *);

/* Moves what can be moved without waiting: all of it, or a few, which takes 0.1 ms or so. */
void transfers_perform(struct transfers *);
void transfers_perform_few(struct transfers *);

/* The next one that has ended; it is the caller's alone again. NULL: none. */
struct transfer *transfers_ended(struct transfers *);

/*
 * Waits until something can be moved, one of the descriptors is readable, or the time is over. It
 * does not while one that has ended was not taken.
 */
void transfers_wait(struct transfers *, const int *fds, size_t fds_n, int timeout_ms);

/*
 * For whoever waits for something else: transfers_perform() has something to do when the descriptor
 * is readable, and from that time on (steady clock; INT64_MAX: none).
 */
int transfers_fd(const struct transfers *);
int64_t transfers_at_us(const struct transfers *);

/* How many are under way, and how many of them still wait for room on the wire. */
size_t transfers_n(const struct transfers *);
size_t transfers_waiting_n(const struct transfers *);

/* What libcurl's code means, from what is known of the attempt. */
struct transfer_end {
	CURLcode code;
	bool is_released, is_repeated, is_too_large, is_too_late;
	bool is_sent_whole; /* all of the request left */
};
enum call_failure transfer_failure(const struct transfer_end *);

#endif
