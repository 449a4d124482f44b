/* Claiming and beginning. */
#include <stdlib.h>

#include "log/log.h"
#include "metric/counter.h"
#include "op/clock.h"
#include "provider/rate.h"
#include "relay/inside.h"
#include "relay/relay.h"

/*
 * Begun between two looks at the calls under way: at a millisecond each, replies never wait for
 * long.
 */
#define BEGIN_MAX 32
/* What it is about may be locked by somebody: others go first. */
#define BEGIN_AGAIN_US INT64_C(1000000)

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
	r->suspects_n += message_is_suspect(m) ? 1 : 0;
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
	op_end(&f->op);
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

/* True if it met a lock: what belongs to the same place would probably wait for it too. */
static bool
flight_begin(struct relay *r, struct flight *f)
{
	bool send = false;
	enum err e;

	if (f->message->lost_claims >= OUTBOX_LOST_CLAIMS_MAX)
		return flight_quarantine(r, f);
	e = provider_begin(&f->op, &r->provider, f->message, &send, &f->call);
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

/* Its rate is spent for so long: what is due there waits, and is not forgotten. */
static void
place_hold(struct relay *r, struct destination *d, int64_t wait_us)
{
	int64_t until_us = clock_steady_us() + wait_us;

	destination_hold(d, until_us);
	shift_look_by(&r->shift, until_us);
	shift_claimed(&r->shift);
}

/* What there is room for, within the rate of the place. */
static enum err
place_claim(struct op *op, struct relay *r, const struct destination *d, size_t n,
    struct message **ret, size_t *ret_n, int64_t *ret_wait_us)
{
	struct outbox_rate rate;
	bool has_rate = provider_rate(op->arena, &r->shift.config, d->name, &rate);

	return outbox_claim_within(op,
	    &(struct outbox_want){ .runner = RUNNER_RELAY,
		.destination = d->name,
		.n = n,
		.has_suspect = r->suspects_n > 0,
		.lease_us = r->shift.lease_us,
		.rate = has_rate ? &rate : NULL },
	    ret, ret_n, ret_wait_us);
}

/* Claims for one place as much as it may have, and begins that. */
static size_t
place_begin(struct relay *r, struct destination *d, size_t most)
{
	int64_t claimed_us = clock_steady_us();
	size_t room = destination_room(d, claimed_us), n = 0;
	struct message *messages;
	bool is_barred = false;
	int64_t wait_us = 0;
	struct op op;
	enum err e;

	if (room == 0) {
		/* Not over yet: it is only held back. */
		if (d->in_flight == 0)
			shift_claimed(&r->shift);
		return 0;
	}
	shift_op(&r->shift, &op, NULL);
	e = place_claim(&op, r, d, room < most ? room : most, &messages, &n, &wait_us);
	if (e != OK && !shift_has_lost(&r->shift, &op, e))
		shift_complain("claim_failed", &op, NULL);
	for (size_t i = 0; e == OK && i < n; i++) {
		struct flight *f = flight_new(r, &messages[i], claimed_us, d);

		if (r->shift.has_no_database || is_barred)
			flight_release(r, f, 0);
		else
			is_barred = flight_begin(r, f);
	}
	if (e == OK && n > 0)
		shift_claimed(&r->shift);
	if (is_barred)
		destination_bar(d, clock_steady_us());
	if (wait_us > 0)
		place_hold(r, d, wait_us);
	op_end(&op);
	return e == OK ? n : 0;
}

void
relay_begin(struct relay *r)
{
	size_t left = BEGIN_MAX;
	const char *name;

	/* A walk goes on when the next heartbeat has been heard. */
	while (left > 0 && r->flights_n < RELAY_CALLS_MAX && !r->shift.has_no_database &&
	       !r->shift.is_unconfirmed && !shift_beats(&r->shift, clock_steady_us()) &&
	       (name = shift_due(&r->shift)) != NULL) {
		struct destination *d = destination_of(r->destinations, name, clock_steady_us());
		size_t free_n = RELAY_CALLS_MAX - r->flights_n;

		left -= place_begin(r, d, left < free_n ? left : free_n);
	}
}
