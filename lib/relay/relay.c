#include "relay/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <sodium.h>

#include "log/log.h"
#include "metric/counter.h"
#include "op/clock.h"
#include "op/crash.h"
#include "relay/inside.h"

#define LOSSES_WAIT_US (INT64_C(3) * 1000000) /* for a database, once stopping has taken its time */
#define FORGET_US (INT64_C(60) * 1000000)
#define DESCRIPTORS 4096
#define DISCARDS_AT_ONCE 2 /* then it is looked whether the answer is there */
#define WRITE_AGAIN_US INT64_C(500000) /* what is locked; twice as long each time, up to */
#define WRITE_AGAIN_MAX_US INT64_C(4000000)

static const enum counter outcome_counters[] = {
	[OUTCOME_DONE] = COUNTER_relay_done,
	[OUTCOME_REFUSED] = COUNTER_relay_refused,
	[OUTCOME_LATER] = COUNTER_relay_later,
	[OUTCOME_UNSURE] = COUNTER_relay_unsure,
};
_Static_assert(sizeof outcome_counters / sizeof outcome_counters[0] == OUTCOME__MAX,
    "one counter per outcome");

/* --- ending ----------------------------------------------------------------------------------- */

/* Before it is written down: what was sent and came back is so whatever becomes of that. */
static void
flight_show(struct relay *r, struct flight *f)
{
	struct op *op = r->shift.has_no_database ? NULL : &f->op;

	if (traffic_is_watched(op, &r->traffic, f->message))
		traffic_log_call(&f->op, f->message, &f->call, &f->transfer.result);
}

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
		flight_show(r, f);
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

/* It could not be written now. */
static void
flight_write_later(struct flight *f, const struct batch_item *item)
{
	f->is_unsure = item->is_unsure;
	f->outcome = item->outcome;
	if (item->end != BATCH_LOCKED)
		return;
	f->write_pause_us = f->write_pause_us == 0 ? WRITE_AGAIN_US : f->write_pause_us * 2;
	if (f->write_pause_us > WRITE_AGAIN_MAX_US)
		f->write_pause_us = WRITE_AGAIN_MAX_US;
	f->write_at_us = clock_steady_us() + f->write_pause_us;
}

static void
flight_written(struct relay *r, struct flight *f, const struct batch_item *item)
{
	if (item->end != BATCH_BROKEN) {
		flight_end(r, f);
		return;
	}
	/* The attempt stays begun: the next claimer knows that something may have been sent. */
	f->release_delay_us = outbox_pause(&f->op, f->message, 0);
	TAILQ_INSERT_TAIL(&r->unbegun, f, entry);
}

/*
 * May a step that follows begin at once? Else it takes its turn among all that is due: nothing is
 * begun by a relay that is to stop, or is not sure of its leases, or tries what may be killing it,
 * nor at a place that is to be left in peace.
 */
static bool
flight_may_go_on(struct relay *r, const struct flight *f, int64_t now_us)
{
	struct destination *d;

	if (r->shift.is_stopping || r->shift.is_unconfirmed || r->suspects_n > 0 || f->is_lost)
		return false;
	d = destination_of(r->destinations, f->message->destination, now_us);
	return destination_room(d, now_us) > 0;
}

/* Flights whose time has come, to be written together. */
struct writing {
	struct flight *flights[BATCH_MAX];
	struct batch_item items[BATCH_MAX];
	struct batch_next nexts[BATCH_MAX];
	size_t n;
	int64_t begun_us;
};

static void
writing_add(struct relay *r, struct writing *w, struct flight *f)
{
	struct batch_next *next = NULL;

	if (flight_may_go_on(r, f, w->begun_us)) {
		next = &w->nexts[w->n];
		*next = (struct batch_next){ .message = NULL };
		shift_op(&r->shift, &next->op, f->message->trace_id);
		arena_wipes(next->op.arena);
		next->op.restaurant_id = f->message->restaurant_id;
	}
	w->flights[w->n] = f;
	w->items[w->n++] = (struct batch_item){ .message = f->message,
		.result = &f->transfer.result,
		.next = next,
		.is_unsure = f->is_unsure,
		.outcome = f->outcome };
}

/*
 * What became of one. Returns what the step that follows was begun in, if one was: to be freed when
 * all of them have gone on.
 */
static struct arena *
writing_end(struct relay *r, const struct writing *w, struct flight *f,
    const struct batch_item *item, bool *was_locked)
{
	struct batch_next *next = item->next;

	if (item->end == BATCH_OPEN || item->end == BATCH_LOCKED) {
		*was_locked = *was_locked || item->end == BATCH_LOCKED;
		flight_write_later(f, item);
	} else {
		TAILQ_REMOVE(&r->ended, f, entry);
		if (item->end == BATCH_DONE)
			flight_log(f, item->outcome);
		if (next != NULL && next->message != NULL)
			return flight_go_on(r, f, next, w->begun_us);
		flight_written(r, f, item);
	}
	if (next != NULL)
		op_end(&next->op);
	return NULL;
}

/* One batch. False: there is none, or there was a lock. */
static bool
relay_write_some(struct relay *r)
{
	struct writing w = { .n = 0, .begun_us = clock_steady_us() };
	struct arena *begun_in[BATCH_MAX];
	bool was_locked = false;
	struct flight *f;
	struct op op;

	TAILQ_FOREACH(f, &r->ended, entry)
		if (w.n < BATCH_MAX && f->write_at_us <= w.begun_us)
			writing_add(r, &w, f);
	if (w.n == 0)
		return false;
	shift_op(&r->shift, &op, NULL);
	arena_wipes(op.arena);
	batch_finish(&op, &r->shift, &r->provider, w.items, w.n);
	for (size_t i = 0; i < w.n; i++) {
		size_t k = 0;

		while (w.items[k].message != w.flights[i]->message) /* they were sorted */
			k++;
		begun_in[i] = writing_end(r, &w, w.flights[i], &w.items[k], &was_locked);
	}
	for (size_t i = 0; i < w.n; i++)
		discard_arena(&r->discards, &begun_in[i]);
	discard_op(&r->discards, &op);
	return !was_locked;
}

static void
relay_write(struct relay *r)
{
	while (!r->shift.has_no_database && relay_write_some(r))
		continue;
}

static void
relay_release(struct relay *r)
{
	struct flight *f;

	while ((f = TAILQ_FIRST(&r->unbegun)) != NULL && !r->shift.has_no_database) {
		bool was_locked;
		struct op op;
		enum err e;

		shift_op(&r->shift, &op, f->message->trace_id);
		e = outbox_release(&op, f->message, f->release_delay_us);
		was_locked = shift_was_locked(&op, e);
		if (e != OK && !shift_has_lost(&r->shift, &op, e) && !was_locked)
			shift_complain("release_failed", &op, f->message);
		op_end(&op);
		if (r->shift.has_no_database || was_locked)
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

/* When the first of the endings is to be written. */
static int64_t
write_at_us(const struct relay *r)
{
	const struct flight *f;
	int64_t at = INT64_MAX;

	TAILQ_FOREACH(f, &r->ended, entry)
		at = f->write_at_us < at ? f->write_at_us : at;
	return at;
}

static int
relay_wait_ms(const struct relay *r)
{
	int ms = shift_wait_ms(&r->shift, relay_may_begin(r));
	int64_t at, now = clock_steady_us();

	if (r->shift.has_no_database)
		return ms;
	at = TAILQ_EMPTY(&r->unbegun) ? write_at_us(r) : 0;
	if (at <= now)
		return 0;
	return at < now + ms * INT64_C(1000) ? (int)((at - now) / 1000 + 1) : ms;
}

static void
relay_loop(struct relay *r)
{
	int fds[SHIFT_FDS_N];

	while (!relay_is_over(r)) {
		int64_t now = clock_steady_us();

		shift_fds(&r->shift, fds);
		discards_free(&r->discards, DISCARDS_MAX);
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

/* --- while the database is waited for --------------------------------------------------------- */

static int64_t
meanwhile_at_us(void *arg)
{
	const struct relay *r = arg;

	return r->discards.n > 0 ? 0 : transfers_at_us(r->transfers);
}

static void
meanwhile_work(void *arg)
{
	struct relay *r = arg;

	transfers_perform_few(r->transfers);
	discards_free(&r->discards, DISCARDS_AT_ONCE);
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
	secret_keypair_remember(&r.provider.keys);
	r.transfers = transfers_new(&(struct transfer_options){
	    .ca_file = r.shift.config.ca_file,
	    .allow_http = r.shift.config.allow_http,
	    .most = RELAY_CALLS_MAX });
	r.meanwhile = (struct db_meanwhile){ .fd = transfers_fd(r.transfers),
		.at_us = meanwhile_at_us,
		.work = meanwhile_work,
		.arg = &r };
	db_meanwhile(r.shift.db, &r.meanwhile);
	r.destinations = destinations_new(randombytes_buf);
	TAILQ_INIT(&r.under_way);
	TAILQ_INIT(&r.ended);
	TAILQ_INIT(&r.unbegun);
	relay_loop(&r);
	list_end(&r, &r.ended);
	list_end(&r, &r.unbegun);
	discards_free(&r.discards, DISCARDS_MAX);
	status = r.shift.exit_status;
	traffic_forget(&r.traffic);
	destinations_free(&r.destinations);
	db_meanwhile(r.shift.db, NULL);
	transfers_free(&r.transfers);
	secret_keypair_wipe(&r.provider.keys);
	shift_end(&r.shift);
	curl_global_cleanup();
	return status;
}
