/* Claiming and beginning. */
#include <stdlib.h>
#include <string.h>

#include "log/log.h"
#include "metric/counter.h"
#include "op/clock.h"
#include "provider/rate.h"
#include "relay/inside.h"
#include "relay/relay.h"

/*
 * Begun between two looks at the calls under way, in one transaction. While they are, replies and
 * what falls due meanwhile wait: a few, unless there was at least as much to be had the last time.
 */
#define BEGIN_FEW 16
#define BEGIN_MAX 64
/*
 * What it is about may be locked by somebody: others go first. Longer than DESTINATION_BAR_US, or
 * it would be claimed together with those it barred, and bar them again.
 */
#define BEGIN_AGAIN_US INT64_C(2000000)
#define TRIAL_US INT64_C(1000000)

/* --- a flight's life -------------------------------------------------------------------------- */

static struct flight *
flight_new(struct relay *r, const struct message *m, int64_t claimed_us, struct destination *d)
{
	struct flight *f = calloc(1, sizeof *f);

	if (f == NULL)
		abort();
	shift_op(&r->shift, &f->op, m->trace_id);
	arena_wipes(f->op.arena);
	f->op.restaurant_id = m->restaurant_id;
	f->message = message_copy(f->op.arena, m);
	f->destination = d;
	f->claimed_us = claimed_us;
	destination_enter(d, claimed_us);
	r->flights_n++;
	if (message_is_suspect(m)) {
		r->suspects_n++;
		r->has_tried = true;
		r->trial_until_us = claimed_us + TRIAL_US;
	}
	return f;
}

void
flight_leave(struct relay *r, struct flight *f, enum destination_news news, int retry_after_s)
{
	bool opened = destination_leave(
	    r->destinations, f->destination, news, retry_after_s, clock_steady_us());

	if (!opened)
		return;
	counter_add(COUNTER_circuits_opened, 1);
	log_event(LOG_LEVEL_WARN, "circuit_opened", f->message->trace_id,
	    LOG_FIELDS(LOG_TEXT("destination", f->message->destination),
		LOG_I64("for_ms", f->destination->open_us / 1000)));
}

void
flight_end(struct relay *r, struct flight *f)
{
	r->flights_n--;
	r->suspects_n -= message_is_suspect(f->message) ? 1 : 0;
	discard_op(&r->discards, &f->op);
	free(f);
}

/*
 * It was not begun: its place is free again, its message is given back as soon as the database can
 * be told.
 */
static void
flight_release(struct relay *r, struct flight *f, int64_t delay_us)
{
	flight_leave(r, f, NEWS_NONE, 0);
	f->release_delay_us = delay_us;
	TAILQ_INSERT_TAIL(&r->unbegun, f, entry);
}

static void
flight_send(struct relay *r, struct flight *f)
{
	f->transfer = (struct transfer){
		.call = &f->call.call,
		.limits = &f->call.limits,
		.arena = f->op.arena,
		.trace_id = f->op.trace_id,
		.window_until_us = f->claimed_us + f->call.limits.window_ms * INT64_C(1000),
		.lease_until_us = f->claimed_us + r->shift.lease_us,
		.owner = f,
	};
	TAILQ_INSERT_TAIL(&r->under_way, f, entry);
	transfer_start(r->transfers, &f->transfer);
}

/* The intent is written and nothing can be sent: an ending like any other. */
static void
flight_unfilled(struct relay *r, struct flight *f)
{
	shift_complain("call_not_filled", &f->op, f->message);
	f->transfer.result = (struct provider_result){ .failure = CALL_NOT_FILLED };
	flight_leave(r, f, NEWS_NONE, 0);
	TAILQ_INSERT_TAIL(&r->ended, f, entry);
}

/*
 * Beginning takes much memory that a call under way does not need, and there are many of these.
 * Returns what it was begun in. That, and the op of those that were begun together, may be ended
 * when all of them have been lightened: they share what they have in common. NULL: there is nothing
 * to be sent.
 */
static struct arena *
flight_lighten(struct flight *f, enum err e, bool send)
{
	struct arena *begun_in = f->op.arena;

	if (e != OK || !send)
		return NULL;
	f->op.arena = arena_new(SHIFT_ARENA_MAX);
	arena_wipes(f->op.arena);
	f->message = message_copy(f->op.arena, f->message);
	f->call = provider_call_copy(f->op.arena, &f->call);
	return begun_in;
}

/* --- beginning -------------------------------------------------------------------------------- */

static enum err
quarantine_body(struct op *op, void *arg)
{
	const struct message *m = arg;

	return provider_quarantine(op, m, "Whoever carried it out died of it, again and again");
}

/*
 * It was not begun, and somebody else will not do better: after a lock or without a database others
 * go first. True if it was a lock.
 */
static bool
flight_put_off(struct relay *r, struct flight *f, enum err e, const char *event)
{
	bool was_locked = shift_was_locked(&f->op, e);

	if (was_locked || shift_has_lost(&r->shift, &f->op, e)) {
		flight_release(r, f, BEGIN_AGAIN_US);
		return was_locked;
	}
	shift_complain(event, &f->op, f->message);
	flight_release(r, f, outbox_pause(&f->op, f->message, 0));
	return false;
}

/* Somebody must look: it kills whoever touches it. */
static bool
flight_quarantine(struct relay *r, struct flight *f)
{
	enum err e = db_tx(&f->op, quarantine_body, (void *)f->message);

	if (e != OK && e != ERR_CONFLICT)
		return flight_put_off(r, f, e, "quarantine_failed");
	flight_leave(r, f, NEWS_NONE, 0);
	if (e == OK) {
		counter_add(COUNTER_relay_dead, 1);
		log_event(LOG_LEVEL_ERROR, "message_dead", f->message->trace_id,
		    LOG_FIELDS(LOG_TEXT("kind", f->message->kind_name),
			LOG_I64("message", f->message->id),
			LOG_TEXT("destination", f->message->destination),
			LOG_I64("lost_claims", f->message->lost_claims)));
	}
	flight_end(r, f);
	return false;
}

/* What came of beginning it. True if it met a lock: then it is given back. */
static bool
flight_begun(struct relay *r, struct flight *f, enum err e, bool send)
{
	if (e == OK && send) {
		flight_send(r, f);
	} else if (e == OK || e == ERR_CONFLICT) {
		flight_leave(r, f, NEWS_NONE, 0);
		flight_end(r, f);
	} else if (send) {
		flight_unfilled(r, f);
	} else {
		return flight_put_off(r, f, e, "call_not_begun");
	}
	return false;
}

struct arena *
flight_go_on(
    struct relay *r, struct flight *f, const struct batch_next *next, int64_t claimed_us)
{
	struct arena *begun_in;

	discard_op(&r->discards, &f->op);
	f->op = next->op;
	f->message = next->message;
	f->call = next->call;
	f->claimed_us = claimed_us;
	f->destination = destination_of(r->destinations, f->message->destination, claimed_us);
	destination_enter(f->destination, claimed_us);
	begun_in = flight_lighten(f, next->e, next->send);
	(void)flight_begun(r, f, next->e, next->send);
	return begun_in;
}

static bool
flight_begin(struct relay *r, struct flight *f)
{
	bool send = false, was_locked;
	struct arena *begun_in;
	enum err e;

	if (f->message->lost_claims >= OUTBOX_LOST_CLAIMS_MAX)
		return flight_quarantine(r, f);
	e = provider_begin(&f->op, &r->provider, f->message, &send, &f->call);
	begun_in = flight_lighten(f, e, send);
	was_locked = flight_begun(r, f, e, send);
	arena_free(&begun_in);
	return was_locked;
}

static bool
is_among(const struct destination *d, struct destination *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == d)
			return true;
	return false;
}

/* Each by itself. What belongs to the same place as one that met a lock would probably wait too. */
static void
flights_begin_each(struct relay *r, struct flight *const *flights, size_t n)
{
	struct destination *barred[BEGIN_MAX];
	size_t barred_n = 0;

	for (size_t i = 0; i < n; i++) {
		struct destination *d = flights[i]->destination;

		if (r->shift.has_no_database || is_among(d, barred, barred_n)) {
			flight_release(r, flights[i], 0);
		} else if (flight_begin(r, flights[i])) {
			destination_bar(d, clock_steady_us());
			barred[barred_n++] = d;
		}
	}
}

/* In one transaction. False: none was begun, and each may fare better by itself. */
static bool
flights_begin_together(struct relay *r, struct flight *const *flights, size_t n)
{
	struct provider_beginning beginnings[BEGIN_MAX];
	struct arena *begun_in[BEGIN_MAX] = { NULL };
	struct op op;
	bool is_lost;
	enum err e;

	for (size_t i = 0; i < n; i++)
		beginnings[i] = (struct provider_beginning){ .op = &flights[i]->op,
			.message = flights[i]->message,
			.call = &flights[i]->call };
	shift_op(&r->shift, &op, NULL);
	e = provider_begin_some(&op, &r->provider, beginnings, n);
	is_lost = e != OK && shift_has_lost(&r->shift, &op, e);
	for (size_t i = 0; i < n && e == OK; i++)
		begun_in[i] = flight_lighten(flights[i], beginnings[i].e, beginnings[i].send);
	for (size_t i = 0; i < n; i++) {
		if (e == OK)
			(void)flight_begun(r, flights[i], beginnings[i].e, beginnings[i].send);
		else if (is_lost)
			flight_release(r, flights[i], BEGIN_AGAIN_US);
	}
	for (size_t i = 0; i < n; i++)
		discard_arena(&r->discards, &begun_in[i]);
	discard_op(&r->discards, &op);
	return e == OK || is_lost;
}

static int
by_lock(const void *a, const void *b)
{
	const struct flight *const *x = a, *const *y = b;

	return provider_lock_compare((*x)->message, (*y)->message);
}

/* What may be killing relays is begun with nobody else. */
static void
flights_begin(struct relay *r, struct flight **flights, size_t n)
{
	size_t together_n = 0;

	qsort(flights, n, sizeof *flights, by_lock);
	for (size_t i = 0; i < n; i++)
		if (message_is_suspect(flights[i]->message))
			flights_begin_each(r, &flights[i], 1);
		else
			flights[together_n++] = flights[i];
	if (together_n < 2 || r->shift.has_no_database ||
	    !flights_begin_together(r, flights, together_n))
		flights_begin_each(r, flights, together_n);
}

/* Its rate is spent for so long: what is due there waits, and is not forgotten. */
static void
place_hold(struct relay *r, const struct outbox_place *place)
{
	int64_t now_us = clock_steady_us(), until_us = now_us + place->wait_us;

	destination_hold(destination_of(r->destinations, place->destination, now_us), until_us);
	shift_look_by(&r->shift, until_us);
	shift_claimed(&r->shift);
}

/* Of what may be under way there at once we alone must not take more than all. */
static size_t
room_within(const struct destination *d, size_t room, const struct outbox_rate *rate)
{
	size_t most = (size_t)rate->concurrency;

	if (most == 0)
		return room;
	if (d->in_flight >= most)
		return 0;
	return room < most - d->in_flight ? room : most - d->in_flight;
}

/*
 * Places at which something is due and may be begun, at most so many. The walk goes through all
 * places before it begins anew, the longest waiting first, and a claim of n out of at most n places
 * has something for each: no place starves, however much there is elsewhere.
 */
static size_t
places_find(struct op *op, struct relay *r, size_t most, struct outbox_place *ret_places)
{
	int64_t now_us = clock_steady_us();
	const char *name;
	size_t n = 0;

	while (n < most && (name = shift_due(&r->shift)) != NULL) {
		struct destination *d = destination_of(r->destinations, name, now_us);
		size_t room = destination_room(d, now_us);
		const struct outbox_rate *rate =
		    provider_rate(op->arena, &r->shift.config, d->name);

		if (rate != NULL)
			room = room_within(d, room, rate);
		ret_places[n] = (struct outbox_place){
			.destination = d->name, .n = room, .rate = rate };
		if (room > 0)
			n++;
		else if (d->in_flight == 0)
			shift_claimed(&r->shift); /* not over yet: it is only held back */
	}
	qsort(ret_places, n, sizeof *ret_places, outbox_place_compare);
	return n;
}

/* Claims up to `most` at these places: *ret_n flights, not begun. */
static enum err
places_claim(struct op *op, struct relay *r, struct outbox_place *places, size_t places_n,
    size_t most, struct flight **ret_flights, size_t *ret_n)
{
	int64_t claimed_us = clock_steady_us();
	struct message *messages;
	size_t n = 0;
	enum err e = outbox_claim_places(op, RUNNER_RELAY, places, places_n, most,
	    r->has_tried || r->suspects_n > 0, r->shift.lease_us, &messages, &n);

	if (e != OK)
		return e;
	if (r->has_tried) {
		/* Suspects were left out for this once. */
		r->has_tried = false;
		shift_claimed(&r->shift);
		shift_look(&r->shift);
	}
	for (size_t i = 0; i < n; i++)
		ret_flights[i] = flight_new(r, &messages[i], claimed_us,
		    destination_of(r->destinations, messages[i].destination, claimed_us));
	for (size_t i = 0; i < places_n; i++) {
		if (places[i].wait_us > 0)
			place_hold(r, &places[i]);
		else if (places[i].is_cut)
			shift_look(&r->shift); /* more was to be had there */
	}
	if (n > 0)
		shift_claimed(&r->shift);
	r->has_backlog = n >= BEGIN_FEW;
	*ret_n = n;
	return OK;
}

/*
 * For so many there is room on the wire, or will be at once: what would have to wait for it had
 * better be somebody else's.
 */
static size_t
room_for_new(const struct relay *r)
{
	size_t calls_n = transfers_n(r->transfers);
	size_t calls = calls_n < RELAY_CALLS_MAX ? RELAY_CALLS_MAX - calls_n : 0;
	size_t flights =
	    r->flights_n < RELAY_FLIGHTS_MAX ? RELAY_FLIGHTS_MAX - r->flights_n : 0;

	return calls < flights ? calls : flights;
}

bool
relay_may_begin(const struct relay *r)
{
	int64_t now_us = clock_steady_us();

	if (room_for_new(r) == 0 || r->shift.has_no_database || r->shift.is_unconfirmed)
		return false;
	/* A walk goes on when the heartbeat that is due has been heard. */
	return !shift_beats(&r->shift, now_us) &&
	       (r->suspects_n == 0 || now_us >= r->trial_until_us);
}

/*
 * Somebody who does not move on holds what one of the places needs: each is tried by itself, so
 * that the others do not wait with it. The first that is locked is barred for a while and ends the
 * round: there is a heartbeat to be sent.
 */
static size_t
places_claim_each(struct relay *r, struct outbox_place *places, size_t places_n, size_t most,
    struct flight **ret_flights)
{
	size_t suspects_n = r->suspects_n, n = 0;
	bool is_over = false;

	for (size_t i = 0; i < places_n && n < most && !is_over; i++) {
		int64_t now_us = clock_steady_us();
		size_t got = 0;
		struct op op;
		enum err e;

		shift_op(&r->shift, &op, NULL);
		e = places_claim(&op, r, &places[i], 1, most - n, ret_flights + n, &got);
		if (shift_was_locked(&op, e))
			destination_bar(
			    destination_of(r->destinations, places[i].destination, now_us), now_us);
		else if (e != OK && !shift_has_lost(&r->shift, &op, e))
			shift_complain("claim_failed", &op, NULL);
		/* What may be killing relays is begun with nobody else. */
		is_over = e != OK || r->suspects_n > suspects_n;
		op_end(&op);
		n += got;
	}
	return n;
}

void
relay_begin(struct relay *r)
{
	size_t free_n = room_for_new(r), places_n, n = 0;
	size_t few = r->has_backlog ? BEGIN_MAX : BEGIN_FEW, most = free_n < few ? free_n : few;
	struct outbox_place places[BEGIN_MAX];
	struct flight *flights[BEGIN_MAX];
	struct op op;
	enum err e = OK;

	if (!relay_may_begin(r))
		return;
	shift_op(&r->shift, &op, NULL);
	places_n = places_find(&op, r, most, places);
	if (places_n > 0)
		e = places_claim(&op, r, places, places_n, most, flights, &n);
	if (shift_was_locked(&op, e))
		n = places_claim_each(r, places, places_n, most, flights);
	else if (e != OK && !shift_has_lost(&r->shift, &op, e))
		shift_complain("claim_failed", &op, NULL);
	op_end(&op);
	if (n > 0)
		flights_begin(r, flights, n);
}
