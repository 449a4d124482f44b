/*
 * What the files of this room share: one check under way, and how its pages are read.
 *
 * Each part reads with the op's arena set aside for one that is emptied page by page. What must
 * outlive a page is copied by whoever needs it; a fault is never emptied away, because nobody turns
 * a page after one.
 */
#ifndef TICKETRAIL_CHECK_INSIDE_H
#define TICKETRAIL_CHECK_INSIDE_H

#include "check/check.h"
#include "check/journal.h"
#include "db/db.h"
#include "mem/arena.h"
#include "op/op.h"

#define CHECK_PAGE 500

/* Under which name a provider knows a restaurant. */
struct outlet {
	int64_t restaurant_id;
	const char *outlet;
};

struct check {
	struct op *op;
	const struct check_options *options;
	struct check_report *report;
	struct journal *journal; /* NULL: nothing is compared */
	struct outlet *outlets;  /* by restaurant_id */
	size_t outlets_n;
	struct arena *page, *inner; /* inner: pages within a page */
	bool has_begun;
};

/* Tells one finding. */
void check_tell(struct check *, enum finding_kind, int64_t restaurant_id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Forgets the page before and reads into this arena from now on. */
void check_page(struct check *, struct arena *);

/* The parts. Each tells what it finds; an error is the database's. */
enum err check_orders(struct check *);
enum err check_restaurants(struct check *);
enum err check_messages(struct check *);
enum err check_deliveries(struct check *);
enum err check_notices(struct check *);
enum err check_keys(struct check *);
enum err check_sums(struct check *);

/* orders.c: the path of each order of a page; rows in the order of their ids. */
struct check_order;
enum err check_histories(struct check *, const struct check_order *, size_t n);

/* An order, with how much of what goes with it is there. */
struct check_order {
	int64_t id, restaurant_id, submission_no, pos_proved_at, history_seq;
	const char *order_number, *status, *pos_state, *payment_status, *cancel_wanted;
	const char *pos_reference;
	const char *delivery; /* assignment_state.def */
	bool by_hand, has_phone, delivery_is_open, is_delivery;
	bool was_paid_first; /* it goes on, is paid, and was before it was sent */
	/* waiting */
	int64_t submits_n, voids_n, deadlines_n, proofs_n, compensations_n, looks_n, follows_n;
	int64_t submitted_n; /* finished */
	int64_t absences_n;  /* so often it was not there after a doubt, and could be sent again */
	int64_t announced_n;
	int64_t told_failed_n, told_manual_n, told_ended_n, told_total_n, told_unfinished_n;
	int64_t total_minor, tip_minor;
};

/* tickets.c: an order against the journal, and at the end what no order claimed. */
void check_tickets(struct check *, const struct check_order *);
void check_strangers(struct check *);

#endif
