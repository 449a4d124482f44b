/*
 * pos_toast: Toast's Orders v2, Menus, Stock, Config and Authentication APIs, the parts of one
 * adapter. Only pos_toast*.c include this.
 *
 * Sources: Toast Developer Guide (doc.toasttab.com/doc/devguide) and its API specifications: orders
 * 2.9.0, authentication 1.0.0, menus 2.4.1, stock 1.0.0. Where these are silent the place says so.
 * Amounts are JSON numbers in the restaurant's currency, things are named by GUIDs.
 *
 * A thing of the menu is named to us by two GUIDs where one is not enough: an item goes by
 * "ITEM/MENU-GROUP", since an item may stand in several groups and an order has to say which one
 * it was ordered from.
 */
#ifndef TICKETRAIL_POS_POS_TOAST_H
#define TICKETRAIL_POS_POS_TOAST_H

#include "pos/pos.h"
#include "pos/pos_reply.h"
#include "pos/pos_text.h"

struct json_object;
struct json_write;

#define TOAST_GUID_LEN 36
/* Of "AUTHORITY:id": what is behind the colon has at most 256 characters. */
#define TOAST_SLUG_MAX 64
#define TOAST_REFERENCE_MAX 190

/* Settings that more than one part reads. */
#define TOAST_RESTAURANT "restaurant_guid"
#define TOAST_AUTHORITY "naming_authority"
#define TOAST_MENUS_API "menus_api"

/* pos_toast.c: what all calls share. */

/* A text from people or from the POS, made fit to be sent: sanitised, cut, naming no secret. "" for
 * NULL. */
const char *toast_text(struct arena *, const char *, size_t max);

/* NULL or a GUID, in lower or upper case as it came. */
const char *toast_guid(struct arena *, const char *);

/* base_url and the path; NULL, and a problem, when there is no base_url. */
const char *toast_url(struct arena *, const struct pos_config *, const char *path,
    struct pos_problems *);

/* A GET, or a POST of JSON where body is not NULL, with token and restaurant in its headers. */
struct http_call toast_call(
    struct arena *, const struct pos_config *, const char *url, const char *body, size_t len);

/*
 * "AUTHORITY:slug.reference". The authority is one for all restaurants, whose numbers are alike; a
 * name may be used once, and nobody says whether that is in one restaurant or in all.
 */
const char *toast_external_id(struct arena *, const struct pos_config *, const char *reference);

/* "2026-02-13T08:30:00.000+0000", the form of Toast's samples, and back in any form it may have. */
#define TOAST_TIME_LEN 29
void toast_time(int64_t us, char ret_text[TOAST_TIME_LEN]);
bool toast_read_time(struct json_object *, int64_t *ret_us);

/* pos_toast_guest.c: who ordered, and where it is to go. */
struct toast_guest {
	const char *first_name, *last_name;
	const char *phone, *country_code; /* ten digits; country code NULL: the house's own */
	const char *email;
	/* a number and an address that have no place there; NULL: none */
	const char *other_phone, *other_email;
};
void toast_guest(struct arena *, const struct pos_config *, const struct order *,
    struct toast_guest *ret);
struct toast_address {
	const char *address1, *city, *state, *zip;
};
/* False: town, state or ZIP code can not be told. */
bool toast_address(struct arena *, const struct pos_config *, const char *text,
    struct toast_address *ret);

/* pos_toast_check.c: what keeps an order from being sent. */
void toast_check_order(
    struct arena *, const struct order *, const struct pos_config *, struct pos_problems *);
/* The dining option's GUID; *ret_is_curbside: it is one for guests who wait in a car. */
const char *toast_dining_option(
    const struct pos_config *, const char *order_type, bool *ret_is_curbside);
/* Is the line none of Toast's menu, to be sold by name and price? */
bool toast_line_is_open(struct arena *, const struct order_line *);
/* Likewise an add-on of a line that is. */
bool toast_addon_is_open(struct arena *, const struct order_addon *);
bool toast_is_open_item(
    struct arena *, const struct order_line *, const struct order_addon *);
/* The first and second GUID of "GUID/GUID"; the second NULL where there is none. False: no such. */
bool toast_key(struct arena *, const char *, const char **ret_first, const char **ret_second);
/* The table's GUID; NULL: not known. */
const char *toast_table(struct arena *, const struct pos_config *, const char *number);

/* pos_toast_note.c: what the form has no field for. */
#define TOAST_NOTE_MAX 1000
const char *toast_order_note(struct arena *, const struct pos_config *, const struct order *);
const char *toast_untold(struct arena *, const struct pos_config *, const struct order *);
/* Is Toast told of the payment? (Else the note says that it is paid, or it is to be collected.) */
bool toast_is_paid_there(const struct pos_config *, const struct order *);
/* The discount that the check gets, and whether with an amount; NULL: none, the note says it. */
const char *toast_discount(struct arena *, const struct pos_config *, const struct order *,
    bool *ret_with_amount);

/*
 * pos_toast_order.c: an order as Toast wants it. paid_minor: what a payment is to say that came
 * in; -1: the order is only to be priced and no payment is written.
 */
bool toast_write_order(struct arena *, const struct pos_config *, const struct order *,
    const char *reference, int64_t paid_minor, struct bytes *ret, struct pos_problems *);

/* pos_toast_reply.c: what replies have in common. */

/*
 * What the status of a reply says of a request that has, or has not, an effect. DONE: it is a 2xx
 * whose body is JSON, *ret_top.
 */
struct verdict toast_verdict(struct arena *, const struct pos_task *, const struct http_reply *,
    bool has_effect, struct json_object **ret_top);
struct verdict toast_verdict_of(enum outcome, enum cause, const char *sentence);
/* The error's own words, short; "" if there are none. */
const char *toast_error_words(struct arena *, const struct http_reply *);
/* The order of a reply, bare or the only one of {"orders":[...]}; NULL: there is none. */
struct json_object *toast_reply_order(struct json_object *top);
/* Fills id, total and estimated time. False: it has no GUID. */
bool toast_read_order(
    struct arena *, const struct pos_config *, struct json_object *, struct pos_outcome *);
/*
 * A tip that is to be paid in cash and has no service charge was not sent: it belongs to what the
 * guest pays by our books, and not to theirs. Whoever has paid there has paid it too.
 */
void toast_add_tip(const struct pos_task *, struct json_object *order, struct pos_outcome *);
/* "confirmed", ...; NULL: nothing that we have a word for. *ret_code: Toast's own. */
const char *toast_order_status(struct json_object *, const char **ret_code);
/* Is it voided or deleted? */
bool toast_order_is_gone(struct json_object *);
/* A member of the progress: a text, or "" */
const char *toast_progress(struct arena *, const struct pos_task *, const char *key);

/* pos_toast_create.c */
bool toast_create_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome toast_create_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
bool toast_quote_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome toast_quote_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
bool toast_confirm_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome toast_confirm_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
struct pos_outcome toast_read_failure(
    struct arena *, enum pos_verb, const struct pos_task *, enum call_failure);

/* pos_toast_look.c */
bool toast_look_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome toast_look_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
bool toast_cancel_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome toast_cancel_read(
    struct arena *, const struct pos_task *, const struct http_reply *);

/* Has the voiding been asked for, and is it now to be seen what became of it? */
bool toast_is_checking(struct arena *, const struct pos_task *);

/* pos_toast_menu.c, pos_toast_menu_read.c */
bool toast_menu_call(
    struct arena *, const struct pos_task *, struct http_call *, struct pos_problems *);
struct pos_outcome toast_menu_read(
    struct arena *, const struct pos_task *, const struct http_reply *);
const char *toast_read_menu(struct arena *, const struct pos_config *, const struct pos_page *,
    size_t pages_n, struct menu_doc *ret_menu);

/* pos_toast_event.c */
#define TOAST_DELIVERIES_N 1
extern const struct pos_delivery toast_deliveries[TOAST_DELIVERIES_N];
bool toast_applies_to(const struct pos_event *, const char *order_type);
const char *toast_policy_header(enum pos_policy);
bool toast_verify(enum pos_policy, struct bytes secret, const struct pos_proof *);

#endif
