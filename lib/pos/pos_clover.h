/*
 * pos_clover: Clover's REST API v3, the parts of one adapter. Only pos_clover*.c include this.
 *
 * Sources: docs.clover.com ("Create custom orders", "Create an atomic order", "Calculate order
 * totals", "Use Clover REST API", "OAuth v2", "Webhooks", "API usage and rate limits"), the
 * constraint classes of clover-android-sdk (lengths), and, where these are silent, what integrators
 * measured; each such place says so. Amounts are integers in cents; there are no quantities: three
 * of a thing are three lines.
 *
 * An order is given step by step: a draft, hidden because its state was left out; its lines; its
 * discounts; a look whether all of it is there; and the update that opens it, which may be repeated
 * as often as one likes. Only that one can leave a doubt. With `use_atomic` one call does it all,
 * and a repeat of that call makes another order. Once it is there it is printed, and marked as paid
 * (FOLLOW).
 */
#ifndef TICKETRAIL_POS_POS_CLOVER_H
#define TICKETRAIL_POS_POS_CLOVER_H

#include "outbox/outcome.h"
#include "pos/pos.h"
#include "pos/pos_reply.h"
#include "pos/pos_text.h"

struct buf;
struct json_object;
struct json_write;

/* Settings that more than one file reads. */
#define CLOVER_MERCHANT "merchant_id"
#define CLOVER_ZONE "timezone"
#define CLOVER_ATOMIC "use_atomic"
#define CLOVER_TENDER "mark_paid_tender_id"
#define CLOVER_PRINT "print"
#define CLOVER_CLIENT "client_id"
#define CLOVER_SECRET "client_secret"

/* Their ids have 13 characters. */
#define CLOVER_ID_MAX 64
#define CLOVER_TITLE_MAX 127
#define CLOVER_NOTE_MAX 2047
#define CLOVER_NAME_MAX 127
#define CLOVER_LINE_NOTE_MAX 255
#define CLOVER_PERSON_MAX 64
#define CLOVER_EMAIL_MAX 127
#define CLOVER_PHONE_MAX 21
/* An order may have 2,500 lines there (3,000 until March 2026); no kitchen wants that many. */
#define CLOVER_PIECES_MAX 1000
#define CLOVER_BULK_MAX 100
/* Their lists inside a list end here. */
#define CLOVER_NESTED_MAX 100

/* pos_clover.c */
/* A call about the merchant: path is what stands behind /v3/merchants/{id}/; body NULL: none. */
struct http_call clover_call(struct arena *, const struct pos_config *, const char *method,
    const char *path, const struct buf *body);
/* An id as they write them: 1 to CLOVER_ID_MAX letters and digits; NULL: it is none. */
const char *clover_id(struct arena *, struct json_object *);

/* ---- replies: pos_clover_reply.c ---- */

enum clover_reply_kind {
	CLOVER_SAID,    /* 2xx and JSON */
	CLOVER_GARBLED, /* 2xx and something else */
	CLOVER_REFUSED, /* surely not done, and will not be */
	CLOVER_LATER,   /* surely not done */
	CLOVER_GONE,    /* 404: surely not done, since what it was about is not there */
	CLOVER_DOUBT,   /* it may have been done */
};

struct clover_reply {
	enum clover_reply_kind kind;
	/* For a call with an effect: REFUSED for GONE, UNSURE for GARBLED and DOUBT. */
	struct verdict verdict;
	struct json_object *top; /* SAID: an object or an array */
};

struct clover_reply clover_reply_read(struct arena *, const struct http_reply *);
/* The same verdict, but what is in doubt is only put off: the call has no effect. */
struct verdict clover_without_effect(struct verdict);
struct verdict clover_done(const char *sentence);

/* ---- an order in their words: pos_clover_check.c, _piece.c, _note.c, _order.c ---- */

/* What keeps an order from being sent. */
void clover_check_order(
    struct arena *, const struct order *, const struct pos_config *, struct pos_problems *);

/* One line of theirs: one piece of a line of ours, an add-on they do not know, or a charge. */
struct clover_piece {
	const char *item_id; /* NULL: an open item */
	const char *name;    /* open ones */
	int64_t price_minor;
	const char *note;    /* "": none */
	const struct order_line *line; /* whose add-ons are its modifications; NULL: it has none */
	const struct order_tax *taxes; /* open ones: what they are taxed with */
	size_t taxes_n;
	const char *charge; /* of the taxes, those on this charge; NULL: all */
};

/* All pieces, in the order they are sent in; at most CLOVER_PIECES_MAX. */
const struct clover_piece *clover_pieces(
    struct arena *, const struct order *, size_t *ret_n);
/* How many there are to be. */
int64_t clover_pieces_n(const struct order *);
bool clover_is_open_item(
    struct arena *, const struct order_line *, const struct order_addon *);
/* The k-th modification of a piece, each counted as often as it is wanted; NULL: no more. */
const struct order_addon *clover_modification(const struct clover_piece *, size_t k);

/* What has no field; the guest's words behind it. */
const char *clover_note(struct arena *, const struct pos_task *);
/* The merchant's id of the order's type; NULL: not known. */
const char *clover_order_type_id(struct arena *, const struct pos_task *);

/* Bodies. */
struct buf *clover_draft_body(struct arena *, const struct pos_task *, const char *customer_id);
struct buf *clover_lines_body(
    struct arena *, const struct clover_piece *const *pieces, size_t n);
struct buf *clover_modification_body(struct arena *, const struct order_addon *);
struct buf *clover_discount_body(struct arena *, const struct order_discount *);
struct buf *clover_customer_body(struct arena *, const struct pos_task *);
struct buf *clover_payment_body(struct arena *, const struct pos_task *);
struct buf *clover_open_body(struct arena *, const struct pos_task *);
struct buf *clover_print_body(struct arena *, const char *order_id);
struct buf *clover_cart_body(struct arena *, const struct pos_task *, const char *customer_id);
/* The k-th discount that takes something off; NULL: no more. */
const struct order_discount *clover_discount(const struct order *, size_t k);
/* Is it to be marked as paid there? */
bool clover_is_to_be_paid(const struct pos_task *);
/* Is the guest to be a customer of theirs? */
bool clover_wants_customer(const struct pos_task *);

/* ---- what the steps of a CREATE leave: pos_clover_progress.c ---- */

enum clover_step {
	CLOVER_FIRST, /* nothing was done yet */
	CLOVER_SWEEP, /* delete an earlier draft that something went wrong with */
	CLOVER_CUSTOMER,
	CLOVER_DRAFT,
	CLOVER_LINES,
	CLOVER_DISCOUNT,
	CLOVER_CHECK,  /* read it back */
	CLOVER_MODIFY, /* an add-on that did not come with its line */
	CLOVER_OPEN,
	CLOVER_DROP,   /* refused: delete the draft, then say so */
	CLOVER_STEP_ATOMIC,
	/* FOLLOW; SEE: it may have been done, was it? */
	CLOVER_PRINTING,
	CLOVER_SEE_PRINTED,
	CLOVER_PAY,
	CLOVER_SEE_PAID,
	CLOVER_FOLLOWED, /* nothing is left to be done */
	CLOVER_VOID_READ, /* CANCEL: is it paid? */
	CLOVER_VOID_DOUBTED, /* it is not known: is it they who say so? */
	CLOVER_VOID,
	CLOVER_STEP__MAX
};

#define CLOVER_FIXES_MAX 30
#define CLOVER_OLD_MAX 3

/* Members of the JSON have these names. */
struct clover_progress {
	enum clover_step step;
	const char *reference; /* whose it is */
	const char *draft;     /* the order there, hidden until it is opened */
	const char *customer;
	int64_t at;     /* LINES: so many pieces are there; DISCOUNT: so many discounts */
	int64_t rounds; /* how often it was read back; FOLLOW: how often it was not done */
	int64_t total_minor; /* of the answer, never written; -1: they did not say */
	enum cause cause;    /* DROP, FOLLOW: why it, or some of it, was refused */
	const char *why;     /* and what to say at the end */
	const char *old[CLOVER_OLD_MAX]; /* drafts that are to be deleted */
	size_t old_n;
	int64_t again[CLOVER_BULK_MAX]; /* LINES: send just these pieces */
	size_t again_n;
	struct clover_fix {
		const char *line;   /* theirs */
		int64_t piece, mod; /* clover_modification(pieces[piece], mod) */
	} fix[CLOVER_FIXES_MAX];
	size_t fix_n;
};

/* What stands there; progress of another reference is only something to sweep up. */
struct clover_progress clover_progress_read(struct arena *, const struct pos_task *);
struct bytes clover_progress_write(struct arena *, const struct clover_progress *);
/* Its draft goes to those that are to be deleted, and all begins again. */
struct clover_progress clover_progress_anew(const struct clover_progress *);

/* ---- the verbs ---- */

/* pos_clover_step.c: where one is, what an order is given in, and the calls. */
struct clover_progress clover_where(struct arena *, const struct pos_task *);
enum clover_step clover_order_step(const struct pos_task *);
bool clover_create_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
bool clover_quote_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);

/* pos_clover_create.c */
struct pos_outcome clover_create_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
struct pos_outcome clover_create_failure(
    struct arena *, const struct pos_task *, enum call_failure);
struct pos_outcome clover_quote_read(
    struct arena *, const struct pos_task *, const struct http_reply *);

/* pos_clover_follow.c */
bool clover_follow_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome clover_follow_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
struct pos_outcome clover_follow_failure(
    struct arena *, const struct pos_task *, enum call_failure);

/* pos_clover_compare.c: is what was read back what was wanted? */
enum clover_match {
	CLOVER_SAME,
	CLOVER_LACKS_LINES, /* progress->again */
	CLOVER_LACKS_ADDONS, /* progress->fix */
	CLOVER_DIFFERS,
};
enum clover_match clover_compare(
    struct arena *, const struct pos_task *, struct json_object *lines, struct clover_progress *);

/* pos_clover_look.c */
/* Of an order as it stands there: with its payments, and its lines. */
bool clover_is_deleted(struct json_object *order);
/* It is paid, and only by the payment that we made: nobody at the till has taken money. */
bool clover_is_paid_by_us(struct json_object *order, const char *reference);
bool clover_is_printed(struct json_object *order);
bool clover_is_paid(struct json_object *order);
/* Those that have our name for it, with lines and payments. */
const char *clover_list_path(struct arena *, const struct pos_task *);
bool clover_look_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome clover_look_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
/* pos_clover_cancel.c */
bool clover_cancel_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome clover_cancel_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
struct pos_outcome clover_cancel_failure(
    struct arena *, const struct pos_task *, enum call_failure);

/* pos_clover_fetch.c: the lists that a menu consists of. */
enum clover_part {
	CLOVER_PROPERTIES,
	CLOVER_CATEGORIES,
	CLOVER_TAX_RATES,
	CLOVER_GROUPS,
	CLOVER_ITEM_GROUPS,
	CLOVER_STOCKS,
	CLOVER_ITEMS,
	CLOVER_PART__MAX
};
/* "items" */
const char *clover_part_name(enum clover_part);
/* The rows of a part, from all its pages. */
struct clover_rows {
	struct json_object **v;
	size_t n;
};
/*
 * One page more, to the rows of each part (CLOVER_PART__MAX of them). A page without a name is all
 * lists in one object, by their names. NULL, or why it can not be used.
 */
const char *clover_rows_add(
    struct arena *, struct clover_rows *rows, const struct pos_page *);
bool clover_menu_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome clover_menu_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
/* pos_clover_menu.c */
const char *clover_read_menu(struct arena *, const struct pos_config *, const struct pos_page *,
    size_t pages_n, struct menu_doc *ret_menu);

/* pos_clover_event.c */
#define CLOVER_DELIVERIES_N 1
extern const struct pos_delivery clover_deliveries[CLOVER_DELIVERIES_N];
const char *clover_policy_header(enum pos_policy);
bool clover_verify(enum pos_policy, struct bytes secret, const struct pos_proof *);
bool clover_applies_to(const struct pos_event *, const char *order_type);

#endif
