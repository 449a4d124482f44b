/* What stands beside the orders: events, numbers, places, messages, deliveries, notices, keys. */

#include <stdlib.h>
#include <string.h>

#include "check/inside.h"

#define EVENTS_PAGE 2000

/* --- restaurants: events, numbers, places ------------------------------------------------- */

struct restaurant_row {
	int64_t restaurant_id, event_seq, order_seq;
	const char *order_day;
};
static const struct db_col restaurant_cols[] = {
	COL_I64(struct restaurant_row, restaurant_id),
	COL_I64(struct restaurant_row, event_seq),
	COL_I64(struct restaurant_row, order_seq),
	COL_TEXT(struct restaurant_row, order_day),
};
static const struct db_shape restaurant_shape = DB_SHAPE(struct restaurant_row, restaurant_cols);

struct event_row {
	int64_t seq, order_id;
	const char *kind;
	bool is_orphan;
};
static const struct db_col event_cols[] = {
	COL_I64(struct event_row, seq),
	COL_TEXT(struct event_row, kind),
	COL_I64(struct event_row, order_id),
	COL_BOOL(struct event_row, is_orphan),
};
static const struct db_shape event_shape = DB_SHAPE(struct event_row, event_cols);

struct day_row {
	const char *day;
	int64_t orders_n, last_n;
};
static const struct db_col day_cols[] = {
	COL_TEXT(struct day_row, day),
	COL_I64(struct day_row, orders_n),
	COL_I64(struct day_row, last_n),
};
static const struct db_shape day_shape = DB_SHAPE(struct day_row, day_cols);

static void
event_look(struct check *c, int64_t restaurant_id, int64_t last, const struct event_row *ev)
{
	if (ev->seq != last + 1)
		check_tell(c, FINDING_event_gap, restaurant_id,
		    "restaurant %lld: its events go from %lld to %lld", (long long)restaurant_id,
		    (long long)last, (long long)ev->seq);
	if (ev->is_orphan)
		check_tell(c, FINDING_event_orphan, restaurant_id,
		    "restaurant %lld: event %lld (%s) is of order %lld, which is not there",
		    (long long)restaurant_id, (long long)ev->seq, ev->kind,
		    (long long)ev->order_id);
}

static enum err
events_look(struct check *c, const struct restaurant_row *r)
{
	struct event_row *events;
	int64_t last = 0;
	size_t n;

	do {
		enum err e;

		check_page(c, c->inner);
		e = db_many(c->op, STMT_check_events,
		    DB_ARGS(DB_I64("restaurant_id", r->restaurant_id), DB_I64("after_seq", last),
			DB_I64("n", EVENTS_PAGE)),
		    &event_shape, &events, &n);
		if (e != OK)
			return e;
		for (size_t i = 0; i < n; i++) {
			event_look(c, r->restaurant_id, last, &events[i]);
			last = events[i].seq;
		}
	} while (n == EVENTS_PAGE);
	if (last != r->event_seq)
		check_tell(c, FINDING_event_gap, r->restaurant_id,
		    "restaurant %lld: its events end with %lld, it counts %lld",
		    (long long)r->restaurant_id, (long long)last, (long long)r->event_seq);
	return OK;
}

static enum err
numbers_look(struct check *c, const struct restaurant_row *r)
{
	struct day_row *days;
	size_t n;
	enum err e;

	check_page(c, c->inner);
	e = db_many(c->op, STMT_check_days, DB_ARGS(DB_I64("restaurant_id", r->restaurant_id)),
	    &day_shape, &days, &n);
	for (size_t i = 0; e == OK && i < n; i++) {
		if (days[i].orders_n != days[i].last_n)
			check_tell(c, FINDING_number_gap, r->restaurant_id,
			    "restaurant %lld: %lld orders of %s, numbered to %lld",
			    (long long)r->restaurant_id, (long long)days[i].orders_n, days[i].day,
			    (long long)days[i].last_n);
		if (strcmp(days[i].day, r->order_day) == 0 && days[i].last_n != r->order_seq)
			check_tell(c, FINDING_number_behind, r->restaurant_id,
			    "restaurant %lld: order %lld of %s is the last, it counts %lld",
			    (long long)r->restaurant_id, (long long)days[i].last_n, days[i].day,
			    (long long)r->order_seq);
	}
	return e;
}

struct place_row {
	const char *day, *slot;
	int64_t taken_n, held_n;
};
static const struct db_col place_cols[] = {
	COL_TEXT(struct place_row, day),
	COL_TEXT(struct place_row, slot),
	COL_I64(struct place_row, taken_n),
	COL_I64(struct place_row, held_n),
};
static const struct db_shape place_shape = DB_SHAPE(struct place_row, place_cols);

static enum err
places_look(struct check *c, const struct restaurant_row *r)
{
	struct place_row *rows;
	size_t n;
	enum err e;

	check_page(c, c->inner);
	e = db_many(c->op, STMT_check_places, DB_ARGS(DB_I64("restaurant_id", r->restaurant_id)),
	    &place_shape, &rows, &n);
	for (size_t i = 0; e == OK && i < n; i++)
		check_tell(c, FINDING_place_miscounted, r->restaurant_id,
		    "restaurant %lld: of %s on %s %lld places are taken, %lld orders hold one",
		    (long long)r->restaurant_id, rows[i].slot, rows[i].day,
		    (long long)rows[i].taken_n, (long long)rows[i].held_n);
	return e;
}

struct use_row {
	int64_t discount_id, used_n, held_n;
};
static const struct db_col use_cols[] = {
	COL_I64(struct use_row, discount_id),
	COL_I64(struct use_row, used_n),
	COL_I64(struct use_row, held_n),
};
static const struct db_shape use_shape = DB_SHAPE(struct use_row, use_cols);

static enum err
uses_look(struct check *c, const struct restaurant_row *r)
{
	struct use_row *rows;
	size_t n;
	enum err e;

	check_page(c, c->inner);
	e = db_many(c->op, STMT_check_discounts,
	    DB_ARGS(DB_I64("restaurant_id", r->restaurant_id)), &use_shape, &rows, &n);
	for (size_t i = 0; e == OK && i < n; i++)
		check_tell(c, FINDING_discount_miscounted, r->restaurant_id,
		    "restaurant %lld: discount %lld counts %lld uses, %lld orders have it",
		    (long long)r->restaurant_id, (long long)rows[i].discount_id,
		    (long long)rows[i].used_n, (long long)rows[i].held_n);
	return e;
}

struct switch_row {
	int64_t restaurant_id;
	bool is_accepting, is_split;
};
static const struct db_col switch_cols[] = {
	COL_I64(struct switch_row, restaurant_id),
	COL_BOOL(struct switch_row, is_accepting),
	COL_BOOL(struct switch_row, is_split),
};
static const struct db_shape switch_shape = DB_SHAPE(struct switch_row, switch_cols);

/* Of all restaurants: there are few to tell of. */
static enum err
switches_look(struct check *c)
{
	struct switch_row *rows;
	size_t n;
	enum err e = db_many(c->op, STMT_check_switches, DB_NO_ARGS, &switch_shape, &rows, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		if (rows[i].is_split)
			check_tell(c, FINDING_switch_split, rows[i].restaurant_id,
			    "restaurant %lld %s orders, and its setting says otherwise",
			    (long long)rows[i].restaurant_id,
			    rows[i].is_accepting ? "takes" : "takes no");
		else
			check_tell(c, FINDING_pause_for_ever, rows[i].restaurant_id,
			    "restaurant %lld is paused until a time, and nothing waits for it",
			    (long long)rows[i].restaurant_id);
	return e;
}

enum err
check_restaurants(struct check *c)
{
	struct restaurant_row *rows;
	int64_t after = 0;
	size_t n;

	do {
		enum err e;

		check_page(c, c->page);
		e = db_many(c->op, STMT_check_restaurants,
		    DB_ARGS(DB_I64("after_id", after), DB_I64("n", CHECK_PAGE)), &restaurant_shape,
		    &rows, &n);
		for (size_t i = 0; e == OK && i < n; i++) {
			e = events_look(c, &rows[i]);
			if (e == OK)
				e = numbers_look(c, &rows[i]);
			if (e == OK)
				e = places_look(c, &rows[i]);
			if (e == OK)
				e = uses_look(c, &rows[i]);
			after = rows[i].restaurant_id;
		}
		if (e != OK)
			return e;
	} while (n == CHECK_PAGE);
	return switches_look(c);
}

/* --- messages ----------------------------------------------------------------------------- */

struct late_row {
	const char *kind, *destination;
	bool is_held;
	int64_t messages_n, id, due_at;
};
static const struct db_col late_cols[] = {
	COL_TEXT(struct late_row, kind),
	COL_TEXT(struct late_row, destination),
	COL_BOOL(struct late_row, is_held),
	COL_I64(struct late_row, messages_n),
	COL_I64(struct late_row, id),
	COL_TIME(struct late_row, due_at),
};
static const struct db_shape late_shape = DB_SHAPE(struct late_row, late_cols);

struct twice_row {
	int64_t id, subject_id;
	const char *kind;
};
static const struct db_col twice_cols[] = {
	COL_I64(struct twice_row, id),
	COL_TEXT(struct twice_row, kind),
	COL_I64(struct twice_row, subject_id),
};
static const struct db_shape twice_shape = DB_SHAPE(struct twice_row, twice_cols);

static enum err
messages_late(struct check *c)
{
	struct late_row *rows;
	size_t n;
	enum err e = db_many(c->op, STMT_check_messages_late,
	    DB_ARGS(DB_TIME("late_at", c->op->now_us - CHECK_LATE_US)), &late_shape, &rows, &n);

	for (size_t i = 0; e == OK && i < n; i++) {
		const struct late_row *r = &rows[i];
		long long late_s = (long long)((c->op->now_us - r->due_at) / 1000000);

		if (r->is_held)
			check_tell(c, FINDING_message_held, 0,
			    "%lld messages %s to %s are held past their lease, %lld the first",
			    (long long)r->messages_n, r->kind, r->destination, (long long)r->id);
		else
			check_tell(c, FINDING_message_late, 0,
			    "%lld messages %s to %s are due, the oldest, %lld, for %lld s",
			    (long long)r->messages_n, r->kind, r->destination, (long long)r->id,
			    late_s);
	}
	return e;
}

enum err
check_messages(struct check *c)
{
	struct twice_row *rows;
	size_t n;
	enum err e = messages_late(c);

	if (e == OK)
		e = db_many(
		    c->op, STMT_check_messages_twice, DB_NO_ARGS, &twice_shape, &rows, &n);
	for (size_t i = 0; e == OK && i < n; i++)
		check_tell(c, FINDING_message_twice, 0,
		    "message %lld (%s of %lld) is finished and waits", (long long)rows[i].id,
		    rows[i].kind, (long long)rows[i].subject_id);
	return e;
}

/* --- deliveries --------------------------------------------------------------------------- */

struct delivery_row {
	int64_t id, restaurant_id;
	const char *type, *subject, *state;
};
static const struct db_col delivery_cols[] = {
	COL_I64(struct delivery_row, id),
	COL_I64(struct delivery_row, restaurant_id),
	COL_TEXT(struct delivery_row, type),
	COL_TEXT(struct delivery_row, subject),
	COL_TEXT(struct delivery_row, state),
};
static const struct db_shape delivery_shape = DB_SHAPE(struct delivery_row, delivery_cols);

struct digest_row {
	int64_t id;
	const char *digest, *event_key;
};
static const struct db_col digest_cols[] = {
	COL_I64(struct digest_row, id),
	COL_TEXT(struct digest_row, digest),
	COL_TEXT(struct digest_row, event_key),
};
static const struct db_shape digest_shape = DB_SHAPE(struct digest_row, digest_cols);

struct sync_row {
	int64_t id, restaurant_id;
};
static const struct db_col sync_cols[] = {
	COL_I64(struct sync_row, id),
	COL_I64(struct sync_row, restaurant_id),
};
static const struct db_shape sync_shape = DB_SHAPE(struct sync_row, sync_cols);

static enum err
deliveries_tell(struct check *c, enum stmt stmt, enum finding_kind kind, const char *sentence)
{
	struct delivery_row *rows;
	size_t n;
	enum err e = db_many(c->op, stmt, DB_NO_ARGS, &delivery_shape, &rows, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		check_tell(c, kind, rows[i].restaurant_id, "delivery %lld (%s of %s, %s) %s",
		    (long long)rows[i].id, rows[i].type,
		    rows[i].subject != NULL ? rows[i].subject : "nothing", rows[i].state, sentence);
	return e;
}

/* By its bytes; by its name only where of what came no bytes are known. */
static void
delivery_tell_off(struct check *c, const struct digest_row *row)
{
	struct arena *a = c->op->arena;
	struct journal_entry *x =
	    journal_find(c->journal, JOURNAL_DELIVERY, journal_key(a, "", row->digest));

	if (x != NULL && x->event != NULL)
		x = x->event;
	else if (x == NULL && row->event_key != NULL) {
		x = journal_find(c->journal, JOURNAL_EVENT, journal_key(a, "", row->event_key));
		if (x != NULL && x->has_bytes)
			return;
	}
	if (x != NULL)
		x->ours_n++;
}

/* What is stored is told off against what was acknowledged. */
static enum err
deliveries_compare(struct check *c)
{
	struct digest_row *rows;
	int64_t after = 0;
	size_t n;

	do {
		enum err e;

		check_page(c, c->page);
		e = db_many(c->op, STMT_check_deliveries,
		    DB_ARGS(DB_I64("after_id", after), DB_I64("n", CHECK_PAGE)), &digest_shape,
		    &rows, &n);
		if (e != OK)
			return e;
		for (size_t i = 0; i < n; i++) {
			delivery_tell_off(c, &rows[i]);
			after = rows[i].id;
		}
	} while (n == CHECK_PAGE);
	return OK;
}

enum err
check_deliveries(struct check *c)
{
	struct sync_row *syncs;
	size_t n;
	enum err e = deliveries_tell(c, STMT_check_deliveries_lost, FINDING_delivery_lost,
	    "is not applied and nothing waits to do so");

	if (e == OK)
		e = deliveries_tell(
		    c, STMT_check_deliveries_empty, FINDING_delivery_empty, "has no body");
	if (e == OK)
		e = db_many(c->op, STMT_check_syncs_lost, DB_NO_ARGS, &sync_shape, &syncs, &n);
	for (size_t i = 0; e == OK && i < n; i++)
		check_tell(c, FINDING_sync_lost, syncs[i].restaurant_id,
		    "reading %lld of the menu of restaurant %lld is under way and has no message",
		    (long long)syncs[i].id, (long long)syncs[i].restaurant_id);
	return e == OK && c->journal != NULL ? deliveries_compare(c) : e;
}

/* --- notices ------------------------------------------------------------------------------ */

struct wrong_row {
	int64_t id, restaurant_id;
	const char *type;
};
static const struct db_col wrong_cols[] = {
	COL_I64(struct wrong_row, id),
	COL_I64(struct wrong_row, restaurant_id),
	COL_TEXT(struct wrong_row, type),
};
static const struct db_shape wrong_shape = DB_SHAPE(struct wrong_row, wrong_cols);

struct notice_row {
	int64_t id, restaurant_id, attempts;
	const char *type, *phone_number, *message, *status;
};
static const struct db_col notice_cols[] = {
	COL_I64(struct notice_row, id),
	COL_I64(struct notice_row, restaurant_id),
	COL_TEXT(struct notice_row, type),
	COL_TEXT(struct notice_row, phone_number),
	COL_TEXT(struct notice_row, message),
	COL_TEXT(struct notice_row, status),
	COL_I64(struct notice_row, attempts),
};
static const struct db_shape notice_shape = DB_SHAPE(struct notice_row, notice_cols);

static enum err
notices_tell(struct check *c, enum stmt stmt, enum finding_kind kind, const char *sentence)
{
	struct wrong_row *rows;
	size_t n;
	enum err e = db_many(c->op, stmt, DB_NO_ARGS, &wrong_shape, &rows, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		check_tell(c, kind, rows[i].restaurant_id, "notice %lld (%s) %s",
		    (long long)rows[i].id, rows[i].type, sentence);
	return e;
}

/* Several notices may have the same words for the same phone: their attempts add up. */
static void
notice_look(struct check *c, const struct notice_row *n)
{
	struct journal_entry *x = journal_find(c->journal, JOURNAL_TEXT,
	    journal_key(c->op->arena, n->phone_number != NULL ? n->phone_number : "",
		n->message != NULL ? n->message : ""));

	if (x != NULL)
		x->ours_n += n->attempts > 0 ? n->attempts : 1;
	else if (strcmp(n->status, "sent") == 0)
		check_tell(c, FINDING_text_unsent, n->restaurant_id,
		    "notice %lld (%s) counts as sent and was not", (long long)n->id, n->type);
}

static enum err
notices_compare(struct check *c)
{
	struct notice_row *rows;
	int64_t after = 0;
	size_t n;

	do {
		enum err e;

		check_page(c, c->page);
		e = db_many(c->op, STMT_check_notices,
		    DB_ARGS(DB_I64("after_id", after), DB_I64("n", CHECK_PAGE)), &notice_shape,
		    &rows, &n);
		if (e != OK)
			return e;
		for (size_t i = 0; i < n; i++)
			notice_look(c, &rows[i]);
		after = n > 0 ? rows[n - 1].id : after;
	} while (n == CHECK_PAGE);
	return OK;
}

enum err
check_notices(struct check *c)
{
	enum err e = notices_tell(c, STMT_check_notices_lost, FINDING_notice_lost,
	    "waits and has no message");

	if (e == OK)
		e = notices_tell(c, STMT_check_notices_again, FINDING_notice_again,
		    "is done with and has a message still");
	return e == OK && c->journal != NULL ? notices_compare(c) : e;
}

/* --- keys --------------------------------------------------------------------------------- */

struct key_row {
	struct bytes principal, idempotency_key;
	bool is_unanswered;
};
static const struct db_col key_cols[] = {
	COL_BYTES(struct key_row, principal),
	COL_BYTES(struct key_row, idempotency_key),
	COL_BOOL(struct key_row, is_unanswered),
};
static const struct db_shape key_shape = DB_SHAPE(struct key_row, key_cols);

enum err
check_keys(struct check *c)
{
	struct key_row *rows;
	size_t n;
	enum err e =
	    db_many(c->op, STMT_check_keys_wrong, DB_NO_ARGS, &key_shape, &rows, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		check_tell(c,
		    rows[i].is_unanswered ? FINDING_key_unanswered : FINDING_key_orderless, 0,
		    "key %.*s of %.*s %s", (int)rows[i].idempotency_key.len,
		    (const char *)rows[i].idempotency_key.data, (int)rows[i].principal.len,
		    (const char *)rows[i].principal.data,
		    rows[i].is_unanswered ? "was kept without an answer"
					  : "was answered with an order that is not there");
	return e;
}
