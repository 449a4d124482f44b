/*
 * pos_square: Square's Orders, Payments, Refunds, Catalog and OAuth APIs, the parts of one adapter.
 * Only pos_square*.c include this.
 *
 * Sources: Square's OpenAPI description (square/connect-api-specification, release 2025-08-20),
 * square/square-nodejs-sdk, developer.squareup.com. Where these are silent the comment says so.
 *
 * An order takes two calls: the order itself, which no kitchen sees, and a payment that was taken
 * elsewhere, by which the kitchen sees it ("orders appear if they have a fulfillment and are fully
 * paid"). Each call has a key of its own, made of location and reference, under which Square does
 * a thing once only.
 */
#ifndef TICKETRAIL_POS_POS_SQUARE_H
#define TICKETRAIL_POS_POS_SQUARE_H

#include "pos/pos.h"
#include "pos/pos_reply.h"
#include "pos/pos_text.h"

struct json_object;
struct json_write;

/* Settings that several parts read. */
#define SQ_LOCATION "location_id"
#define SQ_VERSION "square_version"
#define SQ_ZONE "timezone"

/* Since this version of the API there is a fulfillment for guests at a table. */
#define SQUARE_IN_STORE_SINCE "2026-09-16"

/* Code points, or bytes where it is ASCII, of what the description bounds. */
#define SQUARE_ID_MAX 192
#define SQUARE_REFERENCE_MAX 40
#define SQUARE_CURSOR_MAX 1000

/* ---- pos_square_call.c: what every call has in common ---- */


/* base_url and the path. */
const char *square_url(struct arena *, const struct pos_config *, const char *path);

/* A request with the token's name; body len 0: none. */
struct http_call square_call(struct arena *, const struct pos_config *, const char *method,
    const char *url, struct bytes body);

/*
 * The key of one thing that is to happen once: what it is, and a hash of the location, the
 * reference and whatever else tells it from others. At most 45 bytes, as payments want it.
 */
const char *square_key(struct arena *, const struct pos_task *, const char *what, const char *more);

void square_write_money(
    struct json_write *, const char *key, int64_t minor, const char *currency);

/* How orders are marked as paid. */
enum square_paid { SQUARE_PAID_EXTERNAL, SQUARE_PAID_CASH, SQUARE_PAID_NONE };
enum square_paid square_paid(const struct pos_config *);

/* ---- pos_square_progress.c ---- */

/* What steps leave to the steps behind them. */
struct square_progress {
	const char *step;      /* NULL: the first */
	const char *reference; /* of which submission this is told */
	const char *order;     /* their id */
	int64_t version;       /* of the order; 0: not known */
	int64_t minor;         /* to be paid, was paid, or to be refunded; -1: not known */
	const char *payment;   /* their id */
	const char *fulfillment, *kind; /* its uid and type */
	bool has_asked;        /* CANCEL: the payment itself was read */
	const char *why;       /* CREATE: what it will be refused for, once it is undone */
	int64_t cause;
	const char *cursor;
	const char *other; /* LOOK: a second order's id */
	int64_t page;      /* MENU: from 1 */
	const char *merchant; /* CONFIRM: whose the token is */
};

struct square_progress square_progress_read(struct arena *, struct bytes);
struct bytes square_progress_write(struct arena *, const struct square_progress *);
bool square_is_step(const struct square_progress *, const char *step);

/* ---- pos_square_reply.c: what a reply says by itself ---- */

struct square_reply {
	struct json_object *top; /* NULL: no JSON object */
	/* the first error's; "" when not said */
	const char *code, *detail, *field;
	bool is_good; /* 2xx with an object */
};

struct square_reply square_reply_read(
    struct arena *, const struct http_reply *, bool may_be_large);

/*
 * What a reply that is not the wished-for one means. Of a request with an effect only a plain no is
 * REFUSED; one without is never in doubt.
 */
struct verdict square_verdict(struct arena *, const struct pos_task *, const struct http_reply *,
    const struct square_reply *, bool has_effect);
/* It came, and is not what was asked for. */
struct verdict square_garbled(bool has_effect, const char *sentence);
/* Does the order have another version by now? */
bool square_is_outdated(const struct http_reply *, const struct square_reply *);

/* An id of theirs: 1 to SQUARE_ID_MAX printable ASCII characters; else NULL. */
const char *square_id(struct arena *, struct json_object *);
/* The amount of a Money, if it is one of that currency (NULL: any). */
bool square_money(struct json_object *, const char *currency, int64_t *ret_minor);

/* ---- pos_square_state.c: an order as Square tells it ---- */

struct square_order {
	const char *id, *location, *reference; /* NULL: not said */
	int64_t version;
	const char *state;        /* "OPEN" */
	int64_t total_minor, due_minor;
	struct json_object *lines;
	const char *fulfillment, *kind, *fulfillment_state; /* NULL: none */
	const char *payment;      /* of the one tender; NULL: none, or several */
	size_t tenders_n;
	int64_t ready_at; /* TIME_NONE: not said */
};

bool square_order_read(struct arena *, const struct pos_config *, struct json_object *,
    struct square_order *ret);
bool square_order_is(const struct square_order *, const char *state);
/* Does the kitchen have it? */
bool square_order_is_seen(const struct square_order *, const struct pos_config *);
/* Its lines in words (contents.h); NULL: none. */
const char *square_order_contents(struct arena *, const struct square_order *);
/* Our word; NULL: none. */
const char *square_order_status(const struct square_order *);
const char *square_fulfillment_status(const char *state);

/* ---- pos_square_check.c ---- */

void square_check_order(
    struct arena *, const struct order *, const struct pos_config *, struct pos_problems *);
/* Their id of what a line is; NULL: it is not on their menu. */
const char *square_line_id(const struct order_line *);
bool square_is_open_item(
    struct arena *, const struct order_line *, const struct order_addon *);

/* ---- pos_square_tax.c: which taxes are told with an order ---- */

struct square_tax {
	const struct order_tax *tax;
	const char *uid;
};

struct square_taxes {
	struct square_tax *v;
	size_t n;
	bool is_auto; /* Square applies those of its own menu by itself */
};

struct square_taxes square_taxes_of(
    struct arena *, const struct order *, const struct pos_config *);
void square_write_taxes(struct arena *, struct json_write *, const struct square_taxes *);
/* "applied_taxes" of a line, or of a charge ("packing", "delivery"); nothing if there are none. */
void square_write_line_taxes(
    struct json_write *, const struct square_taxes *, const struct order_line *);
bool square_charge_is_taxed(const struct order *, const char *charge);
void square_write_charge_taxes(struct json_write *, const struct square_taxes *,
    const struct order *, const char *charge);
/* A tax that is no percentage, or on nothing: what of it goes as a charge; 0: it is none such. */
int64_t square_tax_as_charge(const struct order *, const struct order_tax *);

/* ---- pos_square_order.c: an order as Square wants it ---- */

/* The member "order". A tip is a charge of it, or comes with the payment. */
void square_write_order(struct arena *, struct json_write *, const struct pos_task *,
    bool tip_is_charge);
/* Does the tip come with the payment? */
bool square_tip_is_paid(const struct order *, const struct pos_config *);

/* ---- pos_square_note.c ---- */

enum square_fulfillment {
	SQUARE_PICKUP,
	SQUARE_DELIVERY,
	SQUARE_IN_STORE,
	SQUARE_NO_FULFILLMENT
};
enum square_fulfillment square_fulfillment(const struct order *, const struct pos_config *);
/* What the kitchen is to know beside the lines; at most max code points. "": nothing. */
const char *square_note(
    struct arena *, const struct order *, const struct pos_config *, size_t max);
/* The guest's words, where that had to cut them; "": it did not. */
const char *square_note_rest(
    struct arena *, const struct order *, const struct pos_config *, size_t max);
/* Fit to be sent as a telephone number, or an address? Else they stand in the note. */
bool square_is_phone(const char *);
bool square_is_email(const char *);

/* ---- the verbs ---- */

bool square_create_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome square_create_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
/* Has the step an effect that anybody could see? */
bool square_create_has_effect(struct arena *, const struct pos_task *);

bool square_cancel_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome square_cancel_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
bool square_cancel_has_effect(struct arena *, const struct pos_task *);
/* PUT /v2/orders/{id}: its fulfillment, and itself if so wished, to CANCELED. */
struct http_call square_void_call(struct arena *, const struct pos_task *,
    const struct square_progress *, const char *key_what, bool with_order);

bool square_look_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome square_look_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
/* Orders made at the location since then. */
struct http_call square_search_call(
    struct arena *, const struct pos_task *, int64_t since, const char *cursor);
struct http_call square_get_order_call(
    struct arena *, const struct pos_config *, const char *order_id);

bool square_quote_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome square_quote_read(
    struct arena *, const struct pos_task *, const struct http_reply *);

bool square_login_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome square_login_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
bool square_confirm_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome square_confirm_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
bool square_logs_in(const struct pos_config *);
const char *square_authorize_url(
    struct arena *, const struct pos_config *, const char *redirect_uri, const char *state);

bool square_menu_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome square_menu_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
const char *square_read_menu(struct arena *, const struct pos_config *, const struct pos_page *,
    size_t pages_n, struct menu_doc *ret_menu);

/* ---- pos_square_event.c ---- */

#define SQUARE_DELIVERIES_N 1
extern const struct pos_delivery square_deliveries[SQUARE_DELIVERIES_N];
const char *square_policy_header(enum pos_policy);
bool square_verify(enum pos_policy, struct bytes secret, const struct pos_proof *);
bool square_applies_to(const struct pos_event *, const char *order_type);

#endif
