/*
 * discount: what is taken off, and how it is shared. Sums were worked out on paper.
 */
#include <stdio.h>
#include <string.h>

#include "mem/arena.h"
#include "menu/menu.h"
#include "menu/menu_doc.h"
#include "order/discount.h"
#include "tap.h"
#include "text/iso8601.h"

#define PARTS_MAX 5

static const struct {
	const char *name;
	int64_t parts[PARTS_MAX];
	size_t n;
	int64_t amount, shares[PARTS_MAX];
} spreads[] = {
	{ "C9 equal parts: what is left goes to the first", { 100, 100, 100 }, 3, 100, { 34, 33, 33 } },
	{ "C9 in proportion", { 300, 100 }, 2, 40, { 30, 10 } },
	{ "C9 to who lost most", { 1, 2, 4 }, 3, 3, { 0, 1, 2 } },
	{ "C9 nothing from what costs nothing", { 0, 5, 0 }, 3, 5, { 0, 5, 0 } },
	{ "C9 nothing at all", { 0, 0 }, 2, 0, { 0, 0 } },
	{ "C9 all of it", { 7, 11, 13 }, 3, 31, { 7, 11, 13 } },
	{ "C9 one unit", { 3, 3, 3, 3, 4 }, 5, 1, { 0, 0, 0, 0, 1 } },
	{ "C9 beyond 64 bits on the way", { 4000000000000000000, 5000000000000000000 }, 2, 4500000000000000000,
	    { 2000000000000000000, 2500000000000000000 } },
};

static void
test_spread(struct arena *a)
{
	for (size_t i = 0; i < sizeof spreads / sizeof spreads[0]; i++) {
		int64_t shares[PARTS_MAX] = { 0 };

		discount_spread(a, spreads[i].parts, spreads[i].n, spreads[i].amount, shares);
		ok(memcmp(shares, spreads[i].shares, spreads[i].n * sizeof shares[0]) == 0, "%s", spreads[i].name);
	}
}

#define PERCENT .kind = "percent", .order_types = MENU_ALL_TYPES, .starts_at = TIME_NONE, .ends_at = TIME_NONE
#define FIXED .kind = "fixed", .order_types = MENU_ALL_TYPES, .starts_at = TIME_NONE, .ends_at = TIME_NONE

static const struct {
	const char *name;
	struct menu_discount d;
	struct discount_use use;
	int64_t subtotal;
	enum discount_verdict v;
	int64_t minor;
} looks[] = {
	{ "C9 half a paisa is rounded up", { PERCENT, .rate_micro = 125000 }, { 0 }, 1004, DISCOUNT_APPLIES, 126 },
	{ "C9 at most so much", { PERCENT, .rate_micro = 500000, .max_discount_minor = 75 }, { 0 }, 1000, DISCOUNT_APPLIES, 75 },
	{ "C9 one paisa more than that", { PERCENT, .rate_micro = 500000, .max_discount_minor = 75 }, { 0 }, 152, DISCOUNT_APPLIES, 75 },
	{ "C9 an amount, and no more than the goods", { FIXED, .amount_minor = 500 }, { 0 }, 300, DISCOUNT_APPLIES, 300 },
	{ "C9 nothing off nothing", { FIXED, .amount_minor = 500 }, { 0 }, 0, DISCOUNT_NOTHING, -1 },
	{ "C9 so little that it is nothing", { PERCENT, .rate_micro = 1 }, { 0 }, 400000, DISCOUNT_NOTHING, -1 },
	{ "C9 one paisa short of the least", { FIXED, .amount_minor = 5, .min_subtotal_minor = 200 }, { 0 }, 199, DISCOUNT_BELOW_MINIMUM, -1 },
	{ "C9 the least", { FIXED, .amount_minor = 5, .min_subtotal_minor = 200 }, { 0 }, 200, DISCOUNT_APPLIES, 5 },
	{ "F38 the last use", { FIXED, .amount_minor = 5, .uses_max = 3 }, { .used = 2 }, 200, DISCOUNT_APPLIES, 5 },
	{ "F38 none left", { FIXED, .amount_minor = 5, .uses_max = 3 }, { .used = 3 }, 200, DISCOUNT_USED_UP, -1 },
	{ "F38 none left for this guest", { FIXED, .amount_minor = 5, .uses_per_user_max = 1 }, { .used_by_guest = 1 }, 200,
	    DISCOUNT_USED_BY_GUEST, -1 },
	{ "C9 not the first order", { FIXED, .amount_minor = 5, .first_order_only = true }, { .guest_has_ordered = true }, 200,
	    DISCOUNT_NOT_FIRST, -1 },
};

static void
test_look(void)
{
	for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
		struct discount_case c = { .subtotal_minor = looks[i].subtotal, .order_type = MENU_PICKUP, .now_us = 1000,
			.uses = { &looks[i].use, 1 } };
		int64_t minor = -1;

		is_int(discount_look(&looks[i].d, &c, &minor), looks[i].v, "%s", looks[i].name);
		is_int(minor, looks[i].minor, "%s: so much", looks[i].name);
	}
}

static void
test_times(void)
{
	struct menu_discount d = { FIXED, .amount_minor = 5 };
	struct discount_case c = { .subtotal_minor = 100, .order_type = MENU_PICKUP };
	int64_t minor;

	d.starts_at = 1000;
	d.ends_at = 2000;
	for (c.now_us = 999; c.now_us <= 2000; c.now_us = c.now_us == 999 ? 1000 : c.now_us == 1000 ? 1999 : c.now_us + 1)
		is_int(discount_look(&d, &c, &minor),
		    c.now_us < 1000 ? DISCOUNT_EARLY : c.now_us < 2000 ? DISCOUNT_APPLIES : DISCOUNT_OVER, "C9 at %lld", (long long)c.now_us);
	d.starts_at = d.ends_at = TIME_NONE;
	d.order_types = MENU_DELIVERY;
	is_int(discount_look(&d, &c, &minor), DISCOUNT_OTHER_TYPE, "C9 for deliveries");
}

static void
test_best(struct arena *a)
{
	const struct menu_discount list[] = { { FIXED, .id = 1, .amount_minor = 5 }, { FIXED, .id = 2, .amount_minor = 9 },
		{ FIXED, .id = 3, .amount_minor = 9 }, { FIXED, .id = 4, .code = "X", .amount_minor = 50 } };
	const struct menu menu = { .discounts = list, .discounts_n = 4 };
	struct discount_case c = { .subtotal_minor = 100, .order_type = MENU_PICKUP };
	const struct menu_discount *d;
	int64_t minor = 0;

	d = discount_best(&menu, &c, &minor);
	ok(d != NULL && d->id == 2 && minor == 9, "C9 the best without a code, of equals the oldest");
	ok(discount_by_code(&menu, discount_code(a, " x\t")) == &list[3], "C9 a code in any case");
	ok(discount_code(a, " \n") == NULL && discount_code(a, NULL) == NULL, "C9 a blank one is none");
	c.subtotal_minor = 0;
	ok(discount_best(&menu, &c, &minor) == NULL, "C9 none off nothing");
}

int
main(void)
{
	struct arena *a = arena_new(1u << 20);

	test_spread(a);
	test_look();
	test_times();
	test_best(a);
	arena_free(&a);
	return tap_done();
}
