/*
 * price: carts and what they cost. Every sum here was worked out on paper from the menu in shop.c; the code under test had no
 * part in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "menu/menu.h"
#include "op/op.h"
#include "order/unavailable.h"
#include "shop.h"
#include "tap.h"
#include "tenant/settings.h"
#include "text/hex.h"
#include "text/uuid.h"

#define LINES_MAX 4

/* A line by the POS's ids. */
struct want_line {
	const char *item, *variation;
	int64_t quantity;
	struct {
		const char *id;
		int64_t n;
	} addons[3];
};

#define LINE(id, n) { (id), NULL, (n), { { NULL, 0 } } }
#define SIZE(id, variation_id, n) { (id), (variation_id), (n), { { NULL, 0 } } }

struct priced {
	enum err e;
	int64_t subtotal, tax, packing, delivery, tip, total;
	char taxes[400], lines[400], details[400], fields[800];
};

static struct shop shop;
static int64_t at_us = TIME_NONE;

static void
cart_make(struct arena *a, const struct want_line *lines, size_t n, struct cart *ret)
{
	struct cart_line *out = arena_array(a, LINES_MAX, sizeof *out);

	for (size_t i = 0; i < n; i++) {
		struct cart_addon *addons = arena_array(a, 3, sizeof *addons);
		size_t k = 0;

		out[i] = shop_line(&shop, lines[i].item, lines[i].variation, lines[i].quantity);
		for (; k < 3 && lines[i].addons[k].id != NULL; k++) {
			shop_id(&shop, "addon_items", lines[i].addons[k].id, addons[k].addon_item_id);
			addons[k].quantity = lines[i].addons[k].n;
		}
		out[i].addons = addons;
		out[i].addons_n = k;
	}
	ret->lines = out;
	ret->lines_n = n;
}

static size_t
lines_n(const struct want_line *lines)
{
	size_t n = 0;

	while (n < LINES_MAX && lines[n].item != NULL)
		n++;
	return n;
}

static void
told(const struct order *o, struct priced *p)
{
	size_t at = 0, used = 0;

	for (size_t i = 0; i < o->lines_n; i++) {
		const struct order_line *l = &o->lines[i];

		used += (size_t)snprintf(p->lines + used, sizeof p->lines - used, "%s%lld*(%lld+%lld)=%lld", i == 0 ? "" : " ",
		    (long long)l->quantity, (long long)l->item_price_minor, (long long)l->addons_minor, (long long)l->line_total_minor);
		for (size_t t = 0; t < l->taxes_n; t++)
			at += (size_t)snprintf(p->taxes + at, sizeof p->taxes - at, "%s%lld:%s=%lld%s", at == 0 ? "" : " ",
			    (long long)l->line_no, l->taxes[t].external_id, (long long)l->taxes[t].amount_minor,
			    l->taxes[t].is_inclusive ? "i" : "");
	}
	p->subtotal = o->subtotal_minor;
	p->tax = o->tax_minor;
	p->packing = o->packing_minor;
	p->delivery = o->delivery_charge_minor;
	p->tip = o->tip_minor;
	p->total = o->total_minor;
}

static void
refused(const struct fault *f, struct priced *p)
{
	size_t at = 0;

	(void)snprintf(p->details, sizeof p->details, "%s", f->details != NULL ? f->details : "");
	for (const struct fault_field *x = f->fields; x != NULL; x = x->next)
		at += (size_t)snprintf(p->fields + at, sizeof p->fields - at, "%s%s %s", at == 0 ? "" : "; ", x->field, x->sentence);
}

static struct priced
price(const char *order_type, const struct want_line *lines, size_t n, int64_t tip_minor)
{
	struct cart cart = { .order_type = order_type, .tip_minor = tip_minor };
	struct order order = { .scheduled_time = at_us };
	struct priced p = { .e = ERR__MAX };
	const struct menu *menu;
	struct settings settings;
	struct op op;

	shop_op(&op, PROGRAM_orders, &shop);
	cart_make(op.arena, lines, n, &cart);
	if (menu_get(&op, shop.restaurant.id, &menu) != OK || settings_read(&op, shop.restaurant.id, "INR", &settings) != OK)
		diag("%s", op.fault.internal);
	else
		p.e = cart_price(&op, menu, &settings, &shop.restaurant, &cart, &order);
	if (p.e == OK)
		told(&order, &p);
	else
		refused(&op.fault, &p);
	op_end(&op);
	return p;
}

static const struct {
	const char *name, *order_type;
	struct want_line lines[LINES_MAX];
	int64_t tip, subtotal, tax, packing, delivery, total;
	const char *line_sums, *taxes;
} bills[] = {
	{ .name = "ORD-05 one item, two taxes", .order_type = "pickup", .lines = { LINE("i1", 1) }, .subtotal = 18000, .tax = 900,
	    .packing = 700, .total = 19600, .line_sums = "1*(18000+0)=18000", .taxes = "1:t1=450 1:t2=450" },
	{ .name = "ORD-05 a delivery: a third tax, the charge, a tip", .order_type = "delivery", .lines = { LINE("i1", 1) },
	    .tip = 500, .subtotal = 18000, .tax = 1080, .packing = 700, .delivery = 2000, .total = 22280,
	    .line_sums = "1*(18000+0)=18000", .taxes = "1:t1=450 1:t2=450 1:t3=180" },
	{ .name = "ORD-05 three of it, packed three times", .order_type = "dine_in", .lines = { LINE("i1", 3) }, .subtotal = 54000,
	    .tax = 2700, .packing = 2100, .total = 58800, .line_sums = "3*(18000+0)=54000", .taxes = "1:t1=1350 1:t2=1350" },
	{ .name = "MENU-08 a variation has its own price, an add-on may be free", .order_type = "pickup",
	    .lines = { { "i2", "v1", 1, { { "b1", 1 } } } }, .subtotal = 20000, .tax = 1000, .total = 21000,
	    .line_sums = "1*(20000+0)=20000", .taxes = "1:t1=500 1:t2=500" },
	{ .name = "MENU-08 add-ons are per piece", .order_type = "pickup", .lines = { { "i2", "v1", 2, { { "b2", 1 } } } },
	    .subtotal = 50000, .tax = 2500, .total = 52500, .line_sums = "2*(20000+5000)=50000", .taxes = "1:t1=1250 1:t2=1250" },
	{ .name = "ORD-05 a quarter of a paisa is rounded down", .order_type = "pickup", .lines = { { "i2", "v2", 1, { { "a2", 1 } } } },
	    .subtotal = 39050, .tax = 1952, .packing = 500, .total = 41502, .line_sums = "1*(35000+4050)=39050",
	    .taxes = "1:t1=976 1:t2=976" },
	{ .name = "MENU-08 two of one add-on on each of three", .order_type = "pickup",
	    .lines = { { "i2", "v2", 3, { { "a1", 2 } } } }, .subtotal = 123000, .tax = 6150, .packing = 1500, .total = 130650,
	    .line_sums = "3*(35000+6000)=123000", .taxes = "1:t1=3075 1:t2=3075" },
	{ .name = "MENU-08 a group of the variation and one of the item", .order_type = "pickup",
	    .lines = { { "i2", "v1", 1, { { "b2", 1 }, { "a1", 1 }, { "a2", 1 } } } }, .subtotal = 32050, .tax = 1602, .total = 33652,
	    .line_sums = "1*(20000+12050)=32050", .taxes = "1:t1=801 1:t2=801" },
	{ .name = "ORD-05 half a paisa is rounded up, a fixed tax is per piece", .order_type = "pickup", .lines = { LINE("i5", 1) },
	    .subtotal = 4020, .tax = 251, .total = 4271, .line_sums = "1*(4020+0)=4020", .taxes = "1:t1=101 1:t4=150" },
	{ .name = "ORD-05 rounding is per line, not per piece", .order_type = "pickup", .lines = { LINE("i5", 2) },
	    .subtotal = 8040, .tax = 501, .total = 8541, .line_sums = "2*(4020+0)=8040", .taxes = "1:t1=201 1:t4=300" },
	{ .name = "C9 taxes in the price are not added", .order_type = "pickup", .lines = { LINE("i4", 1) }, .subtotal = 9999,
	    .total = 9999, .line_sums = "1*(9999+0)=9999", .taxes = "1:t1=238i 1:t2=238i" },
	/* 9999 * 6 / 106 = 565.98, so 566 are contained: 235.83, 235.83 and the rest */
	{ .name = "C9 and split by rate", .order_type = "delivery", .lines = { LINE("i4", 1) }, .subtotal = 9999,
	    .delivery = 2000, .total = 11999, .line_sums = "1*(9999+0)=9999", .taxes = "1:t1=235i 1:t2=235i 1:t3=96i" },
	/* 49995 * 5 / 105 = 2380.71 */
	{ .name = "C9 an odd paisa goes to the last", .order_type = "pickup", .lines = { LINE("i4", 5) }, .subtotal = 49995,
	    .total = 49995, .line_sums = "5*(9999+0)=49995", .taxes = "1:t1=1190i 1:t2=1191i" },
	{ .name = "ORD-04 two lines of one item", .order_type = "pickup", .lines = { LINE("i3", 2), LINE("i3", 1) },
	    .subtotal = 7500, .total = 7500, .line_sums = "2*(2500+0)=5000 1*(2500+0)=2500", .taxes = "" },
	{ .name = "ORD-04 several items", .order_type = "delivery", .lines = { LINE("i1", 1), LINE("i5", 1), LINE("i4", 1) },
	    .subtotal = 32019, .tax = 1331, .packing = 700, .delivery = 2000, .total = 36050,
	    .line_sums = "1*(18000+0)=18000 1*(4020+0)=4020 1*(9999+0)=9999",
	    .taxes = "1:t1=450 1:t2=450 1:t3=180 2:t1=101 2:t4=150 3:t1=235i 3:t2=235i 3:t3=96i" },
	{ .name = "MENU-05 what is served at tables, at a table", .order_type = "dine_in", .lines = { LINE("i7", 1) },
	    .subtotal = 90000, .total = 90000, .line_sums = "1*(90000+0)=90000", .taxes = "" },
	{ .name = "MENU-05 the size that is there", .order_type = "pickup", .lines = { SIZE("i9", "v4", 1) }, .subtotal = 5000,
	    .total = 5000, .line_sums = "1*(5000+0)=5000", .taxes = "" },
	{ .name = "ORD-05 as dear as an item may be, as many as a line may have", .order_type = "pickup",
	    .lines = { LINE("i10", 999) }, .subtotal = 999000000000000, .total = 999000000000000,
	    .line_sums = "999*(1000000000000+0)=999000000000000", .taxes = "" },
};

static void
test_bills(void)
{
	for (size_t i = 0; i < sizeof bills / sizeof bills[0]; i++) {
		struct priced p = price(bills[i].order_type, bills[i].lines, lines_n(bills[i].lines), bills[i].tip);

		if (!ok(p.e == OK, "%s", bills[i].name)) {
			diag("%s %s", p.fields, p.details);
			continue;
		}
		is_str(p.lines, bills[i].line_sums, "%s: lines", bills[i].name);
		is_str(p.taxes, bills[i].taxes, "%s: taxes", bills[i].name);
		is_int(p.subtotal, bills[i].subtotal, "%s: subtotal", bills[i].name);
		is_int(p.tax, bills[i].tax, "%s: tax", bills[i].name);
		is_int(p.packing, bills[i].packing, "%s: packing", bills[i].name);
		is_int(p.delivery, bills[i].delivery, "%s: delivery", bills[i].name);
		is_int(p.tip, bills[i].tip, "%s: tip", bills[i].name);
		is_int(p.total, bills[i].total, "%s: total", bills[i].name);
	}
}

static const struct {
	const char *name;
	struct want_line lines[LINES_MAX];
	const char *fields;
} mistakes[] = {
	{ "ORD-04 an item that comes in variations, without one", { LINE("i2", 1) },
	    "items[0].variation_id is needed: Margherita comes in variations" },
	{ "ORD-04 a variation of another item", { SIZE("i1", "v1", 1) }, "items[0].variation_id is not a variation of this item" },
	{ "ORD-04 likewise where both have some", { SIZE("i9", "v2", 1) }, "items[0].variation_id is not a variation of this item" },
	{ "MENU-08 an add-on of another item", { { "i1", NULL, 1, { { "a1", 1 } } } },
	    "items[0].addons[0].addon_item_id does not go with this item" },
	{ "MENU-08 an add-on of another variation", { { "i2", "v2", 1, { { "b1", 1 } } } },
	    "items[0].addons[0].addon_item_id does not go with this item" },
	{ "MENU-08 too few of a group", { SIZE("i2", "v1", 1) }, "items[0].addons needs at least 1 of Crust" },
	{ "MENU-08 too many of a group", { { "i2", "v1", 1, { { "b1", 1 }, { "b2", 1 } } } }, "items[0].addons takes at most 1 of Crust" },
	{ "MENU-08 by quantity", { { "i2", "v1", 1, { { "b1", 2 } } } }, "items[0].addons takes at most 1 of Crust" },
	{ "MENU-08 too many of a group of the item", { { "i2", "v2", 1, { { "a1", 2 }, { "a2", 1 } } } },
	    "items[0].addons takes at most 2 of Cheese" },
	{ "MENU-08 one add-on named twice", { { "i2", "v2", 1, { { "a1", 1 }, { "a1", 1 } } } },
	    "items[0].addons[1].addon_item_id is named twice: use its quantity" },
	{ "ORD-04 all that is wrong is said at once", { SIZE("i1", "v1", 1), LINE("i3", 1), { "i2", "v2", 1, { { "b1", 1 } } } },
	    "items[0].variation_id is not a variation of this item; items[2].addons[0].addon_item_id does not go with this item" },
	{ "ORD-05 more than can be reckoned with", { LINE("i10", 10000000) }, "items make a total that is too large" },
	{ "ORD-05 nor by many lines", { LINE("i10", 9000000), LINE("i10", 9000000) }, "items make a total that is too large" },
};

static void
test_mistakes(void)
{
	struct want_line nothing[1] = { { .item = NULL } };
	struct cart_line unknown = { .quantity = 1 };
	struct cart cart = { .lines = &unknown, .lines_n = 1, .order_type = "pickup" };
	struct order order = { .scheduled_time = TIME_NONE };
	const struct menu *menu;
	struct settings settings;
	struct op op;

	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		struct priced p = price("pickup", mistakes[i].lines, lines_n(mistakes[i].lines), 0);

		is_int(p.e, ERR_VALIDATION_ERROR, "%s", mistakes[i].name);
		is_str(p.fields, mistakes[i].fields, "%s", mistakes[i].name);
	}
	is_int(price("pickup", nothing, 0, 0).e, ERR_CART_EMPTY, "ORD-06 an empty cart is refused");
	shop_op(&op, PROGRAM_orders, &shop);
	if (menu_get(&op, shop.restaurant.id, &menu) == OK && settings_read(&op, shop.restaurant.id, "INR", &settings) == OK)
		is_int(cart_price(&op, menu, &settings, &shop.restaurant, &cart, &order), ERR_VALIDATION_ERROR,
		    "ORD-06 an item that is on nobody's menu");
	is_str(op.fault.fields->field, "items[0].menu_item_id", "ORD-06 is named");
	op_end(&op);
}

/* {"items":[...]} of the things with these POS ids. */
static const char *
details_of(const char *table, const char *first, const char *second_table, const char *second)
{
	static char text[200];
	char a[UUID_TEXT_LEN], b[UUID_TEXT_LEN] = "";
	unsigned char id[16];

	shop_id(&shop, table, first, id);
	uuid_format(id, a);
	if (second != NULL) {
		shop_id(&shop, second_table, second, id);
		uuid_format(id, b);
	}
	(void)snprintf(text, sizeof text, second == NULL ? "{\"items\":[\"%s\"]" : "{\"items\":[\"%s\",\"%s\"]", a, b);
	return text;
}

/* Up to the list of reasons. */
static const char *
told_items(const char *details)
{
	static char text[1000];
	const char *end = strstr(details, ",\"unavailable\"");

	(void)snprintf(text, sizeof text, "%.*s", end != NULL ? (int)(end - details) : 0, details);
	return text;
}

/* The text of a member that comes last in the details. */
static const char *
told_last(const char *details, const char *member)
{
	static char texts[4][100];
	static size_t at;
	char key[40];
	const char *found = NULL, *next = details;
	char *text = texts[at++ % 4];

	(void)snprintf(key, sizeof key, "\"%s\":\"", member);
	while ((next = strstr(next, key)) != NULL) {
		next += strlen(key);
		found = next;
	}
	(void)snprintf(text, sizeof texts[0], "%.*s", found != NULL ? (int)strcspn(found, "\"") : 0, found != NULL ? found : "");
	return text;
}

static const char *
told_why(const char *details)
{
	static char text[300];
	const char *until = told_last(details, "until");

	(void)snprintf(text, sizeof text, "%s %s%s%s", told_last(details, "field"), told_last(details, "cause"), until[0] != '\0' ? " " : "", until);
	return text;
}

static void
test_unavailable(void)
{
	static const struct {
		const char *name, *type;
		struct want_line lines[LINES_MAX];
		const char *table, *first, *second_table, *second;
		const char *why; /* of the last one */
	} gone[] = {
		{ "ORD-07 E20 an item that is sold out", "pickup", { LINE("i8", 1) }, "items", "i8", NULL, NULL, "items[0].menu_item_id sold_out" },
		{ "ORD-07 E20 among others", "pickup", { LINE("i1", 1), LINE("i8", 1) }, "items", "i8", NULL, NULL, "items[1].menu_item_id sold_out" },
		{ "ORD-07 E20 a size that is sold out", "pickup", { SIZE("i9", "v3", 1) }, "items", "i9", NULL, NULL, "items[0].variation_id sold_out" },
		{ "ORD-07 E20 an add-on that is sold out", "pickup", { { "i2", "v2", 1, { { "a3", 1 } } } }, "addon_items", "a3", NULL, NULL, "items[0].addons[0].addon_item_id sold_out" },
		{ "MENU-05 E20 what is served at tables only", "pickup", { LINE("i7", 1) }, "items", "i7", NULL, NULL, "items[0].menu_item_id not_for_order_type" },
		{ "ORD-07 E20 all of them are named", "pickup", { LINE("i8", 1), LINE("i7", 1) }, "items", "i8", "items", "i7", "items[1].menu_item_id not_for_order_type" },
	};

	for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
		struct priced p = price(gone[i].type, gone[i].lines, lines_n(gone[i].lines), 0);

		is_int(p.e, ERR_ITEM_UNAVAILABLE, "%s", gone[i].name);
		is_str(told_items(p.details), details_of(gone[i].table, gone[i].first, gone[i].second_table, gone[i].second), "%s", gone[i].name);
		is_str(told_why(p.details), gone[i].why, "%s, and why", gone[i].name);
	}
}

/* Sizes that were taken off an item which is sold out beside: one reason for each line, whatever else could be said of it. */
static void
test_unavailable_twice(void)
{
	static const unsigned char size[16] = { 0x01, 0x90, 0x16 };
	const struct absent gone = { .id = { 0x01, 0x90, 0x16 }, .cause = UNAVAILABLE_GONE };
	struct cart_line lines[LINES_MAX];
	struct cart cart = { .lines = lines, .lines_n = LINES_MAX, .order_type = "pickup", .absent = &gone, .absent_n = 1 };
	struct order order = { .scheduled_time = TIME_NONE };
	const struct menu *menu;
	struct settings settings;
	size_t told_n = 0;
	struct op op;

	for (size_t i = 0; i < LINES_MAX; i++) {
		lines[i] = shop_line(&shop, "i8", NULL, 1);
		lines[i].has_variation = true;
		memcpy(lines[i].variation_id, size, sizeof size);
	}
	shop_op(&op, PROGRAM_orders, &shop);
	if (menu_get(&op, shop.restaurant.id, &menu) != OK || settings_read(&op, shop.restaurant.id, "INR", &settings) != OK ||
	    cart_price(&op, menu, &settings, &shop.restaurant, &cart, &order) != ERR_ITEM_UNAVAILABLE || op.fault.details == NULL)
		diag("%s", op.fault.internal);
	else {
		for (const char *at = op.fault.details; (at = strstr(at, "\"cause\":\"gone\"")) != NULL; at++)
			told_n++;
		is_str(told_why(op.fault.details), "items[3].variation_id gone", "ORD-07 E20 a size that is gone, of an item that is sold out");
	}
	is_int((long long)told_n, LINES_MAX, "ORD-07 E20 is told once for each line");
	op_end(&op);
}

/* Breakfast is from 7 to 10 by the clock in India, which is 5 h 30 ahead of UTC. */
static void
test_slots(void)
{
	static const struct {
		const char *utc;
		enum err e;
		const char *name, *until;
	} moments[] = {
		{ "2046-03-02 01:29:59", ERR_ITEM_UNAVAILABLE, "MENU-05 a second before breakfast", "2046-03-02T01:30:00Z" },
		{ "2046-03-02 01:30:00", OK, "MENU-05 breakfast", NULL },
		{ "2046-03-02 04:29:59", OK, "MENU-05 the last second of breakfast", NULL },
		{ "2046-03-02 04:30:00", ERR_ITEM_UNAVAILABLE, "MENU-05 breakfast is over", "2046-03-03T01:30:00Z" },
		{ "2046-03-02 08:00:00", ERR_ITEM_UNAVAILABLE, "MENU-05 lunch", "2046-03-03T01:30:00Z" },
		{ "2046-03-02 19:00:00", ERR_ITEM_UNAVAILABLE, "MENU-05 after midnight there", "2046-03-03T01:30:00Z" },
	};
	struct want_line poha[] = { LINE("i6", 1) };
	struct priced p;

	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		at_us = world_int("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', '%s')", moments[i].utc);
		p = price("pickup", poha, 1, 0);
		is_int(p.e, moments[i].e, "%s", moments[i].name);
		if (moments[i].until != NULL)
			is_str(told_why(p.details), shop_text("SELECT 'items[0].menu_item_id not_now %s'", moments[i].until), "%s, and when again", moments[i].name);
	}
	at_us = TIME_NONE;
}

static enum err
charge_body(struct op *op, void *json)
{
	return settings_write(op, shop.restaurant.id, "delivery_charge", json);
}

static void
test_settings(void)
{
	struct want_line chai[] = { LINE("i3", 1) };
	struct settings settings;
	struct op op;

	world_sql("INSERT INTO system_config VALUES (%lld, 'delivery_charge', '35.50', NOW(6), 'x')", (long long)shop.restaurant.id);
	is_int(price("delivery", chai, 1, 0).total, 6050, "ORD-05 the restaurant's own delivery charge");
	is_int(price("pickup", chai, 1, 0).total, 2500, "ORD-05 is for deliveries");
	shop_op(&op, PROGRAM_admin, &shop);
	is_int(db_tx(&op, charge_body, "12.345"), ERR_VALIDATION_ERROR,
	    "D14 a charge that the currency cannot express is not saved");
	op_end(&op);
	shop_op(&op, PROGRAM_admin, &shop);
	is_int(db_tx(&op, charge_body, "12.30"), OK, "D14 one that it can is");
	is_int(settings_read(&op, shop.restaurant.id, "INR", &settings), OK, "D14 and read");
	is_int(settings.delivery_charge_minor, 1230, "D14 as it was meant");
	op_end(&op);
}

int
main(void)
{
	shop_make(&shop, "bills");
	test_bills();
	test_mistakes();
	test_unavailable();
	test_unavailable_twice();
	test_slots();
	test_settings();
	return tap_done();
}
