/*
 * state: the words of an order's three axes and the tables of their moves (order_state.def,
 * pos_state.def), and those of its delivery assignment (assignment_state.def).
 *
 * Everything here is constant: what may follow what. Who applies it to a row is move.h.
 */
#ifndef TICKETRAIL_ORDER_STATE_H
#define TICKETRAIL_ORDER_STATE_H

#include <stdbool.h>
#include <stddef.h>

enum order_status {
#define STATUS_STATE(word, stamp) STATUS_##word,
#include "order/order_state.def"
#undef STATUS_STATE
	STATUS__MAX
};

enum status_event {
#define STATUS_EVENT(event) STATUS_EVENT_##event,
#include "order/order_state.def"
#undef STATUS_EVENT
	STATUS_EVENT__MAX
};

enum pos_state {
#define POS_STATE(word) POS_##word,
#include "order/pos_state.def"
#undef POS_STATE
	POS__MAX
};

enum pos_event_name {
#define POS_EVENT(event) POS_EVENT_##event,
#include "order/pos_state.def"
#undef POS_EVENT
	POS_EVENT__MAX
};

/* The summary of an order's payments. */
enum payment_status {
	PAYMENT_pending,
	PAYMENT_authorized,
	PAYMENT_paid,
	PAYMENT_failed,
	PAYMENT_partially_refunded,
	PAYMENT_refunded,
	PAYMENT__MAX
};

/* How far whoever brings the order has got. */
enum assignment_state {
#define ASSIGNMENT_STATE(word) ASSIGNMENT_##word,
#include "order/assignment_state.def"
#undef ASSIGNMENT_STATE
	ASSIGNMENT__MAX
};

enum assignment_event {
#define ASSIGNMENT_EVENT(event) ASSIGNMENT_EVENT_##event,
#include "order/assignment_state.def"
#undef ASSIGNMENT_EVENT
	ASSIGNMENT_EVENT__MAX
};

/* Who may make a move. DELIVERY: who brings this order, and nobody else. */
enum { WHO_GUEST = 1, WHO_STAFF = 2, WHO_POS = 4, WHO_HOUSE = 8, WHO_DELIVERY = 16 };

struct status_row {
	enum order_status from;
	enum status_event event;
	enum order_status to;
	unsigned who;
};
struct pos_row {
	enum pos_state from;
	enum pos_event_name event;
	enum pos_state to;
};
struct assignment_row {
	enum assignment_state from;
	enum assignment_event event;
	enum assignment_state to;
};
extern const struct status_row status_rows[];
extern const size_t status_rows_n;
extern const struct pos_row pos_rows[];
extern const size_t pos_rows_n;
extern const struct assignment_row assignment_rows[];
extern const size_t assignment_rows_n;

/* The row of a move; NULL: from there this does not happen. */
const struct status_row *status_row_find(enum order_status, enum status_event);
const struct pos_row *pos_row_find(enum pos_state, enum pos_event_name);
const struct assignment_row *assignment_row_find(enum assignment_state, enum assignment_event);

/* completed, cancelled, rejected. */
bool status_is_end(enum order_status);
/*
 * queued, submitting, unsure: nobody knows yet what will become of it at the POS, and somebody
 * must.
 */
bool pos_is_undecided(enum pos_state);

const char *status_name(enum order_status);
const char *status_event_name(enum status_event);
const char *pos_state_name(enum pos_state);
const char *pos_event_name(enum pos_event_name);
const char *payment_name(enum payment_status);
const char *assignment_name(enum assignment_state);
const char *assignment_event_name(enum assignment_event);

/* The value of a word; __MAX: no such word. */
enum order_status status_by_name(const char *);
enum pos_state pos_state_by_name(const char *);
enum payment_status payment_by_name(const char *);
enum assignment_state assignment_by_name(const char *);

/* The event that leads to a status ("preparing": prepare); STATUS_EVENT__MAX for received. */
enum status_event status_event_to(enum order_status);

#endif
