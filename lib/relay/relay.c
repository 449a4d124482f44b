#include "relay/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>

#include <sodium.h>

#include "log/log.h"
#include "metric/counter.h"
#include "op/clock.h"
#include "op/crash.h"
#include "relay/batch.h"
#include "relay/destination.h"
#include "relay/shift.h"
#include "relay/transfer.h"

/*
 * Begun between two looks at the calls under way: at a millisecond each, replies never wait for
 * long.
 */
#define BEGIN_MAX 32
#define LOSSES_WAIT_US (INT64_C(3) * 1000000) /* for a database, once stopping has taken its time */
#define FORGET_US (INT64_C(60) * 1000000)
#define DESCRIPTORS 4096
/* What it is about may be locked by somebody: others go first. */
#define BEGIN_AGAIN_US INT64_C(1000000)

/*
 * One claimed message on its way through. Its op lives, with the credentials in it, until the
 * ending is written.
 */
struct flight {
	TAILQ_ENTRY(flight) entry;
	struct op op;
	const struct message *message;
	struct destination *destination;
	struct provider_call call;
	struct transfer transfer;
	int64_t claimed_us; /* steady clock, before the claim */
	bool is_lost;       /* somebody else has the message */
	int64_t release_delay_us;
};

TAILQ_HEAD(flight_list, flight);

struct relay {
	struct shift shift;
	struct provider provider;
	struct transfers *transfers;
	struct destinations *destinations;
	struct flight_list under_way; /* sent, or about to be */
	struct flight_list ended;     /* to be written down */
	struct flight_list unbegun;   /* to be given back */
	size_t flights_n;
	int64_t forget_at_us;
};

static const enum counter outcome_counters[] = {
	[OUTCOME_DONE] = COUNTER_relay_done,
	[OUTCOME_REFUSED] = COUNTER_relay_refused,
	[OUTCOME_LATER] = COUNTER_relay_later,
	[OUTCOME_UNSURE] = COUNTER_relay_unsure,
};
_Static_assert(sizeof outcome_counters / sizeof outcome_counters[0] == OUTCOME__MAX,
    "one counter per outcome");

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
	return f;
}

static void
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

static void
flight_end(struct relay *r, struct flight *f)
{
	op_end(&f->op);
	free(f);
	r->flights_n--;
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

/* Somebody must look: it kills whoever touches it. */
static void
flight_quarantine(struct relay *r, struct flight *f)
{
	enum err e = db_tx(&f->op, quarantine_body, (void *)f->message);

	flight_leave(r, f, NEWS_NONE, 0);
	if (e == OK) {
		counter_add(COUNTER_relay_dead, 1);
		log_event(LOG_LEVEL_ERROR, "message_dead", f->message->trace_id,
		    LOG_FIELDS(LOG_TEXT("kind", f->message->kind_name),
			LOG_I64("message", f->message->id),
			LOG_TEXT("destination", f->message->destination),
			LOG_I64("lost_claims", f->message->lost_claims)));
	} else if (e != ERR_CONFLICT && !shift_has_lost(&r->shift, &f->op, e))
		shift_complain("quarantine_failed", &f->op, f->message);
	flight_end(r, f);
}

static void
flight_begin(struct relay *r, struct flight *f)
{
	bool send = false;
	enum err e;

	if (f->message->lost_claims >= OUTBOX_LOST_CLAIMS_MAX) {
		flight_quarantine(r, f);
		return;
	}
	e = provider_begin(&f->op, &r->provider, f->message, &send, &f->call);
	if (e == OK && send) {
		flight_send(r, f);
	} else if (e == OK || e == ERR_CONFLICT) {
		flight_leave(r, f, NEWS_NONE, 0);
		flight_end(r, f);
	} else if (send) {
		flight_unfilled(r, f);
	} else if (shift_has_lost(&r->shift, &f->op, e)) {
		flight_release(r, f, BEGIN_AGAIN_US);
	} else {
		shift_complain("call_not_begun", &f->op, f->message);
		flight_release(r, f, outbox_pause(&f->op, f->message, 0));
	}
}

/* Claims for one place as much as it may have, and begins that. */
static size_t
place_begin(struct relay *r, struct destination *d, size_t most)
{
	int64_t claimed_us = clock_steady_us();
	size_t room = destination_room(d, claimed_us), n = 0;
	struct message *messages;
	struct op op;
	enum err e;

	if (room == 0) {
		/* Not over yet: it is only held back. */
		if (d->in_flight == 0)
			shift_claimed(&r->shift);
		return 0;
	}
	shift_op(&r->shift, &op, NULL);
	e = outbox_claim(&op, RUNNER_RELAY, d->name, room < most ? room : most, r->shift.lease_us,
	    &messages, &n);
	if (e != OK && !shift_has_lost(&r->shift, &op, e))
		shift_complain("claim_failed", &op, NULL);
	for (size_t i = 0; e == OK && i < n; i++) {
		struct flight *f = flight_new(r, &messages[i], claimed_us, d);

		if (r->shift.has_no_database)
			flight_release(r, f, 0);
		else
			flight_begin(r, f);
	}
	if (e == OK && n > 0)
		shift_claimed(&r->shift);
	op_end(&op);
	return e == OK ? n : 0;
}

static void
relay_begin(struct relay *r)
{
	size_t left = BEGIN_MAX;
	const char *name;

	while (left > 0 && r->flights_n < RELAY_CALLS_MAX && !r->shift.has_no_database &&
	       (name = shift_due(&r->shift)) != NULL) {
		struct destination *d = destination_of(r->destinations, name, clock_steady_us());
		size_t free_n = RELAY_CALLS_MAX - r->flights_n;

		left -= place_begin(r, d, left < free_n ? left : free_n);
	}
}

/* --- ending ----------------------------------------------------------------------------------- */

static void
relay_collect(struct relay *r)
{
	struct transfer *t;

	transfers_perform(r->transfers);
	while ((t = transfers_ended(r->transfers)) != NULL) {
		struct flight *f = t->owner;
		int retry_after_s;
		enum destination_news news = destination_news_of(&t->result, &retry_after_s);

		CRASH_POINT("relay.call_ended");
		flight_leave(r, f, news, retry_after_s);
		TAILQ_REMOVE(&r->under_way, f, entry);
		TAILQ_INSERT_TAIL(&r->ended, f, entry);
		shift_look(&r->shift);
	}
}

static void
flight_log(const struct flight *f, enum outcome outcome)
{
	const struct message *m = f->message;
	const struct provider_result *result = &f->transfer.result;

	counter_add(outcome_counters[outcome], 1);
	log_event(LOG_LEVEL_INFO, "provider_call", m->trace_id,
	    LOG_FIELDS(LOG_TEXT("kind", m->kind_name), LOG_TEXT("destination", m->destination),
		LOG_TEXT("outcome", outcome_name(outcome)),
		LOG_I64("status", result->has_reply ? result->reply.status : 0),
		LOG_TEXT("failure", result->has_reply ? NULL : call_failure_name(result->failure)),
		LOG_TEXT("detail", f->transfer.detail),
		LOG_I64("ms", f->transfer.elapsed_us / 1000), LOG_I64("attempt", m->attempts + 1),
		LOG_I64("restaurant_id", m->restaurant_id), LOG_I64("message", m->id)));
}

/* One batch. */
static void
relay_write_some(struct relay *r)
{
	struct batch_item items[BATCH_MAX];
	struct flight *f, *next;
	size_t n = 0;

	TAILQ_FOREACH(f, &r->ended, entry) {
		if (n == BATCH_MAX)
			break;
		items[n++] =
		    (struct batch_item){ .message = f->message, .result = &f->transfer.result };
	}
	batch_finish(&r->shift, &r->provider, items, n);
	for (f = TAILQ_FIRST(&r->ended); f != NULL; f = next) {
		size_t i = 0;

		next = TAILQ_NEXT(f, entry);
		while (i < n && items[i].message != f->message)
			i++;
		if (i == n)
			break; /* it and those behind it were not in the batch */
		if (items[i].end == BATCH_OPEN)
			continue;
		TAILQ_REMOVE(&r->ended, f, entry);
		if (items[i].end == BATCH_DONE)
			flight_log(f, items[i].outcome);
		if (items[i].end == BATCH_BROKEN) {
			/*
			 * The attempt stays begun: the next claimer knows that something may have
			 * been sent.
			 */
			f->release_delay_us = outbox_pause(&f->op, f->message, 0);
			TAILQ_INSERT_TAIL(&r->unbegun, f, entry);
		} else
			flight_end(r, f);
	}
}

static void
relay_write(struct relay *r)
{
	while (!TAILQ_EMPTY(&r->ended) && !r->shift.has_no_database)
		relay_write_some(r);
}

static void
relay_release(struct relay *r)
{
	struct flight *f;

	while ((f = TAILQ_FIRST(&r->unbegun)) != NULL && !r->shift.has_no_database) {
		struct op op;
		enum err e;

		shift_op(&r->shift, &op, f->message->trace_id);
		e = outbox_release(&op, f->message, f->release_delay_us);
		if (e != OK && !shift_has_lost(&r->shift, &op, e))
			shift_complain("release_failed", &op, f->message);
		op_end(&op);
		if (r->shift.has_no_database)
			return;
		TAILQ_REMOVE(&r->unbegun, f, entry);
		flight_end(r, f);
	}
}

/* --- leases ----------------------------------------------------------------------------------- */

static size_t
held_list(struct relay *r, struct flight **flights, const struct message **messages)
{
	struct flight_list *const lists[] = { &r->under_way, &r->ended, &r->unbegun };
	size_t n = 0;

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct flight *f;

		TAILQ_FOREACH(f, lists[i], entry)
			if (!f->is_lost) {
				flights[n] = f;
				messages[n++] = f->message;
			}
	}
	return n;
}

/*
 * Renews every lease. Without an answer nothing is moved: what has not left when its lease runs out
 * never leaves.
 */
static void
relay_beat(struct relay *r)
{
	struct op op;
	struct flight **flights;
	const struct message **messages;
	bool *is_held;
	int64_t now_us = clock_steady_us();
	size_t n;

	shift_op(&r->shift, &op, NULL);
	flights = arena_array(op.arena, r->flights_n, sizeof *flights);
	messages = arena_array(op.arena, r->flights_n, sizeof *messages);
	is_held = arena_array(op.arena, r->flights_n, sizeof *is_held);
	n = held_list(r, flights, messages);
	CRASH_POINT("relay.before_beat");
	if (shift_beat(&r->shift, messages, n, is_held) == OK)
		for (size_t i = 0; i < n; i++) {
			flights[i]->is_lost = !is_held[i];
			flights[i]->transfer.lease_until_us =
			    is_held[i] ? now_us + r->shift.lease_us : 0;
		}
	op_end(&op);
}

/* --- the loop --------------------------------------------------------------------------------- */

static void
relay_work(struct relay *r)
{
	bool is_new;

	if (!shift_database(&r->shift, &is_new))
		return;
	if (is_new || shift_beats(&r->shift, clock_steady_us()))
		relay_beat(r);
	if (!r->shift.has_no_database && !r->shift.is_stopping)
		shift_takeover(&r->shift);
	relay_write(r);
	relay_release(r);
	if (!r->shift.is_stopping)
		relay_begin(r);
}

/*
 * Nothing is waited for any longer: the endings of those still under way are that nothing is known.
 */
static void
relay_give_up(struct relay *r)
{
	struct flight *f;

	TAILQ_FOREACH(f, &r->under_way, entry)
		transfer_abandon(r->transfers, &f->transfer);
	relay_collect(r);
}

static bool
relay_is_over(struct relay *r)
{
	struct shift *s = &r->shift;
	int64_t now = clock_steady_us();

	if (s->is_once && s->is_idle && r->flights_n == 0)
		return true;
	if (!s->is_stopping)
		return false;
	if (s->is_hurried || now >= s->stop_at_us) {
		if (!TAILQ_EMPTY(&r->under_way))
			relay_give_up(r);
		if (!s->is_hurried && now < s->stop_at_us + LOSSES_WAIT_US)
			return r->flights_n == 0;
		relay_work(r);
		return true;
	}
	return r->flights_n == 0;
}

static int
relay_wait_ms(const struct relay *r)
{
	if (!r->shift.has_no_database && (!TAILQ_EMPTY(&r->ended) || !TAILQ_EMPTY(&r->unbegun)))
		return 0;
	return shift_wait_ms(&r->shift, r->flights_n < RELAY_CALLS_MAX);
}

static void
relay_loop(struct relay *r)
{
	int fds[SHIFT_FDS_N];

	while (!relay_is_over(r)) {
		int64_t now = clock_steady_us();

		shift_fds(&r->shift, fds);
		transfers_wait(r->transfers, fds, SHIFT_FDS_N, relay_wait_ms(r));
		shift_listen(&r->shift);
		relay_collect(r);
		relay_work(r);
		if (now >= r->forget_at_us) {
			r->forget_at_us = now + FORGET_US;
			(void)destinations_forget(r->destinations, now);
		}
	}
	if (r->flights_n > 0)
		log_event(LOG_LEVEL_WARN, "left_behind", NULL,
		    LOG_FIELDS(LOG_I64("messages", (int64_t)r->flights_n)));
}

/* Two descriptors a call, and then some. */
static void
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void
list_end(struct relay *r, struct flight_list *list)
{
	struct flight *f;

	while ((f = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, f, entry);
		flight_end(r, f);
	}
}

int
relay_main(int argc, char **argv)
{
	struct relay r = { .flights_n = 0 };
	int status = shift_begin(&r.shift, RUNNER_RELAY, PROGRAM_relay, argc, argv);

	if (status != 0) {
		shift_end(&r.shift);
		return status;
	}
	descriptors_raise();
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
	r.provider.config = &r.shift.config;
	secret_keypair_from(r.shift.config.relay_secret_key.bytes, &r.provider.keys);
	r.transfers = transfers_new(&(struct transfer_options){
	    .ca_file = r.shift.config.ca_file, .allow_http = r.shift.config.allow_http });
	r.destinations = destinations_new(randombytes_buf);
	TAILQ_INIT(&r.under_way);
	TAILQ_INIT(&r.ended);
	TAILQ_INIT(&r.unbegun);
	relay_loop(&r);
	list_end(&r, &r.ended);
	list_end(&r, &r.unbegun);
	status = r.shift.exit_status;
	destinations_free(&r.destinations);
	transfers_free(&r.transfers);
	secret_keypair_wipe(&r.provider.keys);
	shift_end(&r.shift);
	curl_global_cleanup();
	return status;
}
