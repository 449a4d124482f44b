/*
 * shop: a restaurant with a menu, perhaps with PetPooja, and orders at it, for tests of rooms over a real database.
 *
 * The menu, in paise (see shop.c): i1 Paneer Tikka 180.00, i2 Margherita in sizes with cheese and crust, i3 Masala Chai,
 * i4 Thali with its taxes in the price, i5 Cola with a deposit, i6 for breakfast, i7 at tables only, i8 sold out, i9 Lassi of
 * which one size is sold out, i10 as dear as an item may be.
 *
 * Programs get connections of their own here, so that their clock can be shifted and they can be cut. All of a shop lives as
 * long as the test.
 */
#ifndef TICKETRAIL_SHOP_H
#define TICKETRAIL_SHOP_H

#include "config/config.h"
#include "crypto/secret.h"
#include "idempotency/idempotency.h"
#include "menu/menu_doc.h"
#include "order/move.h"
#include "order/order.h"
#include "order/place.h"
#include "order/price.h"
#include "order/submission.h"
#include "outbox/outbox.h"
#include "tenant/restaurant.h"
#include "world.h"

struct shop {
	struct restaurant restaurant;
	int64_t staff_id;
	char guest_phone[24];
	int64_t guest_id;
};

extern struct config shop_config;
extern struct secret_keypair shop_keys;

/* The menu as a document that a test may change before it imports it again. */
struct menu_doc *shop_menu(void);
struct menu_doc_item *shop_menu_item(const char *external_id);

/* A restaurant with the menu, one member of the kitchen who has a telephone, and a guest. */
void shop_make(struct shop *, const char *slug); /* the slug is kept */
/* Connects it to PetPooja as "rest-<slug>"; config: more members of its JSON, or NULL. */
void shop_connect(const struct shop *, const char *config);
void shop_menu_import(const struct shop *);

/* A new op of a program at the shop (NULL: at none) by the shifted clock; end it with op_end(). */
void shop_op(struct op *, enum program, const struct shop *);
/* From now on the programs' clocks show so much more than the database's. */
void shop_clock(int64_t shift_us);
/* The connection on which shop_op works, and its end: whoever owned something by it is gone. */
void shop_cut(enum program);
/* From now on they connect to this socket. */
void shop_socket(const char *path);

/* 16 bytes of a row of the shop's menu by the POS's id: table is items, variations or addon_items. */
void shop_id(const struct shop *, const char *table, const char *external_id, unsigned char ret[16]);

/* A line without add-ons; variation NULL: none. */
struct cart_line shop_line(const struct shop *, const char *item, const char *variation, int64_t quantity);
/* The same with one add-on (by its group's and its own id), in static memory. */
struct cart_line shop_line_with(const struct shop *, const char *item, const char *variation, int64_t quantity,
    const char *addon, int64_t addon_quantity);

/* A cash order of one i1 for pickup; change it before placing. */
struct order_wish shop_wish(const struct shop *);
/* Places it as the orders pool does, with the shop's POS if it has one; 0 if that failed. */
int64_t shop_place(const struct shop *, const struct order_wish *);
int64_t shop_order(const struct shop *); /* shop_wish placed */

/* --- looking ------------------------------------------------------------------------------------------------- */

/* A column of an order as text, "NULL" for NULL; in memory that lasts for a dozen more calls. */
const char *shop_column(int64_t order_id, const char *column);
/* "status/pos_state/payment_status" */
const char *shop_axes(int64_t order_id);
/* "pos_submit:queued pos_void:held" kinds of the order's messages that wait, by id; "" none. */
const char *shop_messages(int64_t order_id);
/* Kinds of the notices about the order, by id. */
const char *shop_notices(int64_t order_id);
/* What a query's first column says, joined by blanks. */
const char *shop_text(const char *sql, ...) __attribute__((format(printf, 1, 2)));

/* I3, I5, I8: history is a path, it ends where the order stands, events are gapless, nothing is done twice. One test line. */
bool shop_check(const struct shop *, int64_t order_id, const char *name);

/*
 * How many transactions wait for a lock, or are open at all. It waits before it looks: InnoDB shows an old picture to whoever
 * asks again within a tenth of a second.
 */
int64_t shop_waiting(void);
int64_t shop_open(void);

/* --- moving -------------------------------------------------------------------------------------------------- */

/* Claims the one due message of that kind about the subject for a minute; NULL if there is none. Lives in the op. */
struct message *shop_claim(struct op *, enum runner, enum message_kind, int64_t subject_id);

#endif
