/*
 * order: what a guest bought, with every name and price as it was then, and where it stands on its
 * three axes: status (the kitchen's word), pos_state (where it is on its way to the POS) and
 * payment_status.
 *
 * An order read by order_read() lives in the op's arena and is a picture: deciding on it needs
 * order_lock() (order/move.h). Money is in minor units of `currency`.
 */
#ifndef TICKETRAIL_ORDER_ORDER_H
#define TICKETRAIL_ORDER_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "mem/arena.h"

struct order_tax {
	int64_t order_id;
	int64_t line_no; /* 0: on the order as a whole (charges) */
	int64_t tax_no;
	const char *external_id; /* the POS's tax id */
	const char *name;
	const char *kind;      /* "percent" or "fixed" */
	int64_t rate_micro;    /* millionths of one: 2.5 % is 25000 */
	int64_t amount_minor;  /* of the whole line, all its pieces */
	bool is_inclusive;     /* contained in the price, not added to it */
	/* line 0: "packing" or "delivery", the charge it is on; NULL: not known */
	const char *charge;
};

/* What the order was placed with, as it was then (discount.h). */
struct order_discount {
	int64_t order_id;
	int64_t discount_no; /* from 1 */
	int64_t discount_id;
	struct bytes discount_public_id;
	const char *external_id; /* the POS's */
	const char *name;
	const char *code; /* NULL: it applied by itself */
	const char *kind; /* "percent" or "fixed" */
	int64_t rate_micro;
	int64_t amount_minor; /* taken off, whatever the kind */
};

struct order_addon {
	int64_t order_id;
	int64_t line_no, addon_no;
	int64_t addon_item_id;
	struct bytes addon_public_id; /* 16 bytes */
	const char *external_id;
	const char *name;
	const char *group_external_id;
	const char *group_name;
	int64_t price_minor; /* of one */
	int64_t quantity;    /* per piece of the line */
};

struct order_line {
	int64_t order_id;
	int64_t line_no; /* from 1 */
	int64_t item_id;
	struct bytes item_public_id;
	const char *external_id; /* the POS's item id */
	const char *item_name;
	int64_t variation_id; /* 0: none */
	struct bytes variation_public_id;
	const char *variation_external_id; /* PetPooja: `id` of the pair (item, variation) */
	const char *variation_code;        /* PetPooja: `variationid` */
	const char *variation_name;
	int64_t item_price_minor; /* of one, the variation's where there is one, without add-ons */
	int64_t addons_minor;     /* of one piece's add-ons together */
	int64_t quantity;
	int64_t line_total_minor; /* (item_price + addons) * quantity, before the discount */
	int64_t discount_minor;   /* its part of the order's discount; taxes are on the rest */
	int64_t packing_minor;    /* for the whole line */
	bool tax_inclusive;
	const char *gst_liability; /* "restaurant" or "vendor" */
	const char *special_instructions;
	const struct order_addon *addons;
	size_t addons_n;
	const struct order_tax *taxes;
	size_t taxes_n;
};

struct order {
	int64_t id;
	struct bytes public_id; /* 16 bytes, UUIDv7 */
	int64_t restaurant_id;
	int64_t user_id; /* 0: none */
	const char *order_number;
	const char *status;         /* order_state.def */
	const char *pos_state;      /* pos_state.def */
	const char *payment_status;
	const char *payment_method; /* "cash", "upi" */
	const char *order_type;     /* "dine_in", "pickup", "delivery" */
	const char *table_number;
	const char *customer_name, *customer_email, *customer_phone; /* phone in E.164 */
	const char *delivery_address;
	const char *special_instructions;
	int64_t scheduled_time; /* µs, TIME_NONE: as soon as possible */
	const char *slot_date, *slot; /* set by placing: the place it takes (capacity.h) */
	int64_t discount_id; /* set by placing: which one it uses (discount_use.h); 0: none */
	const char *currency;   /* ISO 4217 */
	int64_t subtotal_minor; /* sum of the lines */
	int64_t discount_minor; /* taken off it: the sum of the lines' parts */
	int64_t tax_minor;      /* taxes added on top: exclusive ones of lines, those on charges */
	int64_t packing_minor, delivery_charge_minor, tip_minor;
	int64_t total_minor;    /* subtotal - discount + tax + packing + delivery + tip */
	int64_t menu_version;
	/* our name for it at the POS; NULL before the first submission */
	const char *pos_reference;
	const char *pos_order_id;  /* theirs; NULL while unknown */
	const char *pos_failure, *pos_failure_reason;
	const char *pos_cause;   /* an enum cause's name; NULL: nothing stands in the way */
	int64_t pos_total_minor; /* what the POS says it comes to; -1: it has not said */
	bool is_modified;         /* it was changed there */
	/* what it consists of there by now, in words; NULL: as it was, or not known */
	const char *pos_contents;
	const char *cancel_wanted;
	const char *cancellation_reason;
	const char *cancellation_code; /* cancel_reason.def; NULL: none of these */
	int64_t submission_no;
	int64_t estimated_ready_time, estimated_delivery_time;
	int64_t created_at, updated_at, released_at, confirmed_at, preparing_at, ready_at,
	    out_for_delivery_at;
	int64_t completed_at, cancelled_at, rejected_at, failed_at, pos_status_updated_at,
	    pos_proved_at;
	int64_t pos_completed_at; /* the POS said that it was, while it was not paid */
	int64_t history_seq; /* counts what has happened to it: another one, another order */
	const struct order_line *lines;
	size_t lines_n;
	const struct order_tax *taxes; /* those on charges, line 0 */
	size_t taxes_n;
	const struct order_discount *discounts;
	size_t discounts_n;
	const struct delivery_assignment *delivery; /* delivery.h; NULL: nobody is to bring it */
};

struct op;
struct delivery_assignment;

/*
 * A whole order in one consistent picture, by our id or its public id (16 bytes); lines and taxes
 * are as they were sold, and stay so. ERR_NO_ROW (no
 * fault) if this restaurant has none.
 */
enum err order_read(struct op *, int64_t restaurant_id, int64_t id, struct order *ret);
enum err order_read_public(
    struct op *, int64_t restaurant_id, const unsigned char public_id[16], struct order *ret);

/*
 * Several whole orders in the order of their ids, in seven statements at most however many they
 * are. Ids that are none of this restaurant's are passed over. What would be too much for one
 * answer is left out at the end, of whole orders, and at least one is there: *ret_n says how many
 * were read, so the caller goes on behind the last of these.
 */
#define ORDERS_READ_MAX 200
enum err orders_read(struct op *, int64_t restaurant_id, const int64_t *ids, size_t n,
    struct order **ret, size_t *ret_n);

/* The same without lines and taxes: one statement. */
enum err order_head(
    struct op *, int64_t restaurant_id, const unsigned char public_id[16], struct order *ret);

/*
 * Our id of the order that the POS knows under one of these names; 0 if there is none. Either may
 * be NULL.
 */
enum err order_find(struct op *, int64_t restaurant_id, const char *pos_reference,
    const char *pos_order_id, int64_t *ret_id);

/*
 * Our id of the order that an earlier submission carried under this name: its number, or its number
 * and "-2". 0 if there is none.
 */
enum err order_find_earlier(
    struct op *, int64_t restaurant_id, const char *reference, int64_t *ret_id);

/* Which orders of a guest to list: the newest first, older than `before_id` (0: any). */
struct order_filter {
	const char *status;     /* NULL: any */
	const char *pos_state;  /* NULL: any */
	const char *order_type; /* NULL: any */
	const char *payment_status; /* NULL: any */
	int64_t user_id;
	int64_t since_us, until_us; /* created within; TIME_NONE: no bound */
	int64_t before_id;
	int64_t n;
};

/* Heads only (no lines). */
enum err order_list(struct op *, int64_t restaurant_id, const struct order_filter *,
    struct order **ret, size_t *ret_n);

/* A move of an axis, as history tells it. */
struct order_move {
	int64_t seq;
	const char *axis, *event, *old_status, *new_status, *changed_by, *change_reason;
	int64_t created_at;
};
enum err order_history(struct op *, int64_t order_id, struct order_move **ret, size_t *ret_n);

#endif
