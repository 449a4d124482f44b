/*
 * price: a cart becomes lines with names, prices and taxes, and a total, by the restaurant's menu
 * of one version.
 *
 * Pure: a menu, settings and a cart in, a struct order out, or the fault that says what is wrong
 * with the cart. The client's idea of a price is never asked for. All sums are checked for
 * overflow; rounding is half up, once per tax and line.
 *
 *	line      = (price of item or variation + add-ons) × quantity
 *	discount  = what the order's discount takes off all lines (discount.h), shared by them in proportion
 *	tax       = (line - its share) × rate, each rate for itself; for an inclusive item what is contained there, split by
 *	            rate; a fixed tax is per piece, whatever the discount
 *	on charge = packing, or delivery charge, × rate, always added; a fixed tax is once per order
 *	total     = lines - discount + exclusive taxes + packing + delivery charge + taxes on these + tip
 */
#ifndef TICKETRAIL_ORDER_PRICE_H
#define TICKETRAIL_ORDER_PRICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "order/discount.h"
#include "order/order.h"

struct absent;
struct op;
struct menu;
struct restaurant;
struct settings;

#define CART_LINES_MAX 100
#define CART_ADDONS_MAX 50
#define CART_QUANTITY_MAX 999

struct cart_addon {
	unsigned char addon_item_id[16];
	int64_t quantity;
};

struct cart_line {
	unsigned char menu_item_id[16];
	bool has_variation;
	unsigned char variation_id[16];
	const struct cart_addon *addons;
	size_t addons_n;
	int64_t quantity;
	const char *special_instructions;
};

struct cart {
	const struct cart_line *lines;
	size_t lines_n;
	const char *order_type; /* "dine_in", "pickup", "delivery" */
	int64_t tip_minor;
	const char *discount_code;     /* as discount_code() makes it; NULL: none */
	struct discount_uses uses;     /* of limited discounts, by this guest (discount_use.h) */
	const struct absent *absent;   /* what it names and the menu has not (unavailable.h) */
	size_t absent_n;
};

/*
 * Fills lines, taxes, discounts, sums, currency and menu_version of *ret (everything else stays).
 * Faults: ERR_CART_EMPTY, ERR_VALIDATION_ERROR with the fields, ERR_ITEM_UNAVAILABLE with details
 * (unavailable.h).
 */
enum err cart_price(struct op *, const struct menu *, const struct settings *,
    const struct restaurant *, const struct cart *, struct order *ret);

#endif
