#include "relay/destination.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_N 1024
#define ONE 1000 /* of window_milli */

struct destinations {
	struct destination *buckets[BUCKETS_N];
	void (*random)(void *, size_t);
	size_t n;
};

struct destinations *
destinations_new(void (*random)(void *, size_t))
{
	struct destinations *all = calloc(1, sizeof *all);

	if (all == NULL)
		abort();
	all->random = random;
	return all;
}

static void
destination_end(struct destination *d)
{
	free(d->name);
	free(d);
}

void
destinations_free(struct destinations **ref)
{
	struct destinations *all = *ref;

	if (all == NULL)
		return;
	for (size_t i = 0; i < BUCKETS_N; i++)
		while (all->buckets[i] != NULL) {
			struct destination *d = all->buckets[i];

			all->buckets[i] = d->next;
			destination_end(d);
		}
	free(all);
	*ref = NULL;
}

/* FNV-1a: names are our own, nobody chooses them to collide. */
static size_t
bucket_of(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h % BUCKETS_N;
}

struct destination *
destination_of(struct destinations *all, const char *name, int64_t now_us)
{
	struct destination **bucket = &all->buckets[bucket_of(name)], *d;

	for (d = *bucket; d != NULL; d = d->next)
		if (strcmp(d->name, name) == 0)
			return d;
	d = calloc(1, sizeof *d);
	if (d == NULL || (d->name = strdup(name)) == NULL)
		abort();
	d->window_milli = (int64_t)DESTINATION_WINDOW_FIRST * ONE;
	d->used_at_us = now_us;
	d->next = *bucket;
	*bucket = d;
	all->n++;
	return d;
}

size_t
destinations_forget(struct destinations *all, int64_t now_us)
{
	for (size_t i = 0; i < BUCKETS_N; i++) {
		struct destination **at = &all->buckets[i];

		while (*at != NULL) {
			struct destination *d = *at;

			if (d->in_flight > 0 || now_us < d->used_at_us + DESTINATION_REST_US) {
				at = &d->next;
				continue;
			}
			*at = d->next;
			destination_end(d);
			all->n--;
		}
	}
	return all->n;
}

size_t
destination_room(struct destination *d, int64_t now_us)
{
	size_t window = (size_t)(d->window_milli / ONE);

	if (now_us < d->hold_until_us)
		return 0;
	if (d->circuit == CIRCUIT_OPEN && now_us < d->probe_at_us)
		return 0;
	if (d->circuit == CIRCUIT_OPEN)
		d->circuit = CIRCUIT_HALF_OPEN;
	if (d->circuit == CIRCUIT_HALF_OPEN)
		window = 1;
	else if (d->in_flight >= window && d->in_flight < DESTINATION_WINDOW_FIRST &&
		 now_us >= d->entered_at_us + DESTINATION_TRICKLE_US)
		return 1;
	return window > d->in_flight ? window - d->in_flight : 0;
}

void
destination_enter(struct destination *d, int64_t now_us)
{
	d->in_flight++;
	d->used_at_us = d->entered_at_us = now_us;
}

enum destination_news
destination_news_of(const struct provider_result *r, int *ret_retry_after_s)
{
	*ret_retry_after_s = 0;
	if (!r->has_reply)
		/* Our own doing, or undoing. */
		return r->failure == CALL_WINDOW_CLOSED || r->failure == CALL_NOT_FILLED ||
			       r->failure == CALL_SENDER_LOST
			   ? NEWS_NONE
			   : NEWS_FAILURE;
	if (r->reply.status != 429 && r->reply.status < 500)
		return NEWS_WELL;
	*ret_retry_after_s = http_reply_retry_after(&r->reply);
	return r->reply.status == 429 ? NEWS_BUSY : NEWS_FAILURE;
}

/* A fifth more or less. */
static int64_t
jittered(const struct destinations *all, int64_t us)
{
	uint32_t r;

	all->random(&r, sizeof r);
	return us * 4 / 5 + us * 2 / 5 * (r % 1000) / 1000;
}

static void
window_open(struct destination *d)
{
	d->window_milli += (int64_t)ONE * ONE / d->window_milli;
	if (d->window_milli > (int64_t)DESTINATION_WINDOW_MAX * ONE)
		d->window_milli = (int64_t)DESTINATION_WINDOW_MAX * ONE;
}

static void
window_shrink(struct destination *d)
{
	d->window_milli = d->window_milli / 2 < ONE ? ONE : d->window_milli / 2;
}

static void
circuit_open(struct destinations *all, struct destination *d, int64_t now_us)
{
	d->open_us = d->open_us == 0 ? DESTINATION_OPEN_FIRST_US : d->open_us * 2;
	if (d->open_us > DESTINATION_OPEN_MAX_US)
		d->open_us = DESTINATION_OPEN_MAX_US;
	d->circuit = CIRCUIT_OPEN;
	d->probe_at_us = now_us + jittered(all, d->open_us);
}

void
destination_hold(struct destination *d, int64_t until_us)
{
	if (d->hold_until_us < until_us)
		d->hold_until_us = until_us;
}

static void
hold(struct destination *d, int64_t us, int64_t now_us)
{
	destination_hold(d, now_us + (us < DESTINATION_HOLD_MAX_US ? us : DESTINATION_HOLD_MAX_US));
}

void
destination_bar(struct destination *d, int64_t now_us)
{
	hold(d, DESTINATION_BAR_US, now_us);
}

bool
destination_leave(struct destinations *all, struct destination *d, enum destination_news news,
    int retry_after_s, int64_t now_us)
{
	bool opens = false;

	d->in_flight--;
	d->used_at_us = now_us;
	if (retry_after_s > 0)
		hold(d, INT64_C(1000000) * retry_after_s, now_us);
	switch (news) {
	case NEWS_NONE:
		break;
	case NEWS_WELL:
		d->failures_in_row = 0;
		/*
		 * What began before the circuit opened proves nothing about now, but that the place
		 * can answer.
		 */
		if (d->circuit != CIRCUIT_CLOSED) {
			d->circuit = CIRCUIT_CLOSED;
			d->window_milli = ONE;
		} else
			window_open(d);
		if (d->window_milli >= (int64_t)DESTINATION_WINDOW_FIRST * ONE)
			d->open_us = 0; /* well again: the next trouble is a new one */
		break;
	case NEWS_BUSY:
		window_shrink(d);
		break;
	case NEWS_FAILURE:
		window_shrink(d);
		d->failures_in_row++;
		/* A failure of a call from before the circuit opened is old news. */
		opens = d->circuit == CIRCUIT_HALF_OPEN ||
			(d->circuit == CIRCUIT_CLOSED &&
			    d->failures_in_row >= DESTINATION_FAILURES_OPEN);
		if (opens)
			circuit_open(all, d, now_us);
		break;
	}
	return opens;
}
