/*
 * discount: what a restaurant takes off an order, and how that is spread over its lines.
 *
 * Pure: discounts of a menu, a sum of goods, a moment and what is used up in, an amount out. An
 * order has one discount at most. A guest who names a code has that code's, or is told why not; a
 * guest who names none has, of those that apply by themselves, the one that takes most off, and of
 * several that take as much the oldest. A discount is on the goods: never on packing, delivery or
 * tip, and never more than the goods cost.
 *
 *	percent   goods × rate, rounded half up; at most max_discount
 *	fixed     amount
 *
 * Counting uses is discount_use.h's affair.
 */
#ifndef TICKETRAIL_ORDER_DISCOUNT_H
#define TICKETRAIL_ORDER_DISCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct menu;
struct menu_discount;

/* Of what one discount is used: by everybody, and by the guest whose order it is. */
struct discount_use {
	int64_t discount_id, used, used_by_guest;
	bool guest_has_ordered;
};

/* Of those with a bound on their uses; one that is not named is not used at all. */
struct discount_uses {
	const struct discount_use *list;
	size_t n;
};

/* What is to be discounted. */
struct discount_case {
	int64_t subtotal_minor;
	unsigned order_type; /* one bit of MENU_ALL_TYPES */
	int64_t now_us;      /* when it is ordered, not when it is eaten */
	struct discount_uses uses;
};

enum discount_verdict {
	DISCOUNT_APPLIES,
	DISCOUNT_UNKNOWN, /* no such code */
	DISCOUNT_EARLY,
	DISCOUNT_OVER,
	DISCOUNT_OTHER_TYPE,
	DISCOUNT_BELOW_MINIMUM,
	DISCOUNT_NOT_FIRST,
	DISCOUNT_USED_UP,
	DISCOUNT_USED_BY_GUEST,
	DISCOUNT_NOTHING, /* it would take nothing off */
	DISCOUNT_TOO_LARGE, /* sums beyond what can be reckoned with */
	DISCOUNT_VERDICT__MAX
};

/* A code as it is stored: in capitals, without blanks around it; NULL for none, NULL or blank. */
const char *discount_code(struct arena *, const char *text);

/* The active one of that code, as discount_code() made it, or of that id; NULL: none. */
const struct menu_discount *discount_by_code(const struct menu *, const char *code);
const struct menu_discount *discount_by_id(const struct menu *, int64_t id);

/* Do its uses have to be looked at? */
bool discount_is_limited(const struct menu_discount *);

/* Are uses left, of one that is used so much? APPLIES, NOT_FIRST, USED_UP or USED_BY_GUEST. */
enum discount_verdict discount_left(const struct menu_discount *, const struct discount_use *);

/* What it takes off: APPLIES and *ret_minor, between 1 and the goods, or why it does not. */
enum discount_verdict discount_look(
    const struct menu_discount *, const struct discount_case *, int64_t *ret_minor);

/* The one that a guest without a code has; NULL, and *ret_minor untouched: none. */
const struct menu_discount *discount_best(
    const struct menu *, const struct discount_case *, int64_t *ret_minor);

/* What to tell a guest about a code that does not apply. */
const char *discount_sentence(
    struct arena *, enum discount_verdict, const struct menu_discount *, unsigned exponent);

/*
 * Shares amount over n parts in proportion to them: what rounding down leaves goes, one unit each,
 * to those who lost most by it, of equals to the first. The shares add up to the amount, and none
 * is more than its part. 0 <= amount <= the sum of the parts, which fits; none is negative.
 */
void discount_spread(struct arena *, const int64_t *parts, size_t n, int64_t amount,
    int64_t *ret_shares);

#endif
