/*
 * unavailable: what of a cart cannot be had, and why: what ERR_ITEM_UNAVAILABLE says.
 *
 * A menu has what is active, sold out or not. What is not in it was taken off (gone), or stands in
 * a category or group that was (hidden): that is asked of the database, once, and only when a cart
 * names something that the menu has not. An id that was never the restaurant's is none of this: it
 * is a mistake in the cart.
 */
#ifndef TICKETRAIL_ORDER_UNAVAILABLE_H
#define TICKETRAIL_ORDER_UNAVAILABLE_H

#include <stddef.h>
#include <stdint.h>

#include "err/err.h"

struct op;
struct cart;
struct menu;

enum unavailable_cause {
	UNAVAILABLE_SOLD_OUT,
	UNAVAILABLE_HIDDEN,
	UNAVAILABLE_NOT_NOW,            /* in other time slots */
	UNAVAILABLE_NOT_FOR_ORDER_TYPE, /* at tables only, say */
	UNAVAILABLE_GONE,
	UNAVAILABLE_CAUSE__MAX
};

struct unavailable {
	const unsigned char *id;      /* of the item, variation or add-on item; 16 bytes */
	const unsigned char *item_id; /* of the line's item; of an add-on its own */
	const char *field;            /* "items[0].variation_id" */
	enum unavailable_cause cause;
	int64_t until;                /* when it can be had; TIME_NONE: not known */
};

/* ERR_ITEM_UNAVAILABLE with details {"items":[ids],"unavailable":[{id, field, cause, until}]}. */
enum err unavailable_fail(struct op *, const struct unavailable *, size_t n);

/* Something that the restaurant has and its menu has not. */
struct absent {
	unsigned char id[16];
	enum unavailable_cause cause;
};

/* Looks up what the cart names and the menu has not: cart->absent. */
enum err absent_read(struct op *, const struct menu *, struct cart *);

/* NULL: the restaurant has no such thing. */
const struct absent *absent_find(const struct cart *, const unsigned char id[16]);

#endif
