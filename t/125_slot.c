/* Time slots on a restaurant's own clocks. */

#include "menu/slot.h"
#include "tap.h"
#include "text/civil.h"
#include "text/iso8601.h"

static const struct settings_slot slots[] = {
	{ "breakfast", 7 * 60, 10 * 60 },
	{ "lunch", 12 * 60, 15 * 60 },
	{ "late", 22 * 60, 2 * 60 },
	{ "early", 1 * 60, 3 * 60 },
	{ "day", 0, 24 * 60 },
	{ "round", 9 * 60, 9 * 60 },
};
#define SLOTS_N (sizeof slots / sizeof slots[0])

static bool
orderable(const char *slot, const char *zone, const char *at)
{
	const struct menu_item item = { .time_slots = &slot, .time_slots_n = slot != NULL };
	int64_t us;

	if (!iso8601_parse(at, &us))
		return false;
	return item_is_orderable_at(&item, slots, SLOTS_N, zone, us);
}

static void
test_minutes(void)
{
	ok(slot_find(slots, SLOTS_N, "lunch") == &slots[1], "a slot by its name");
	ok(slot_find(slots, SLOTS_N, "Lunch") == NULL, "names are exact");
	ok(slot_find(slots, 0, "lunch") == NULL, "none among none");
	ok(slot_holds(&slots[1], 12 * 60) && slot_holds(&slots[1], 15 * 60 - 1), "MENU-05 a slot begins with its start");
	ok(!slot_holds(&slots[1], 15 * 60) && !slot_holds(&slots[1], 12 * 60 - 1), "MENU-05 and ends before its end");
	ok(slot_holds(&slots[2], 22 * 60) && slot_holds(&slots[2], 1439) && slot_holds(&slots[2], 0) &&
		slot_holds(&slots[2], 119),
	    "MENU-05 a slot over midnight holds on both sides of it");
	ok(!slot_holds(&slots[2], 120) && !slot_holds(&slots[2], 22 * 60 - 1), "MENU-05 and not beyond");
	for (int minute = 0; minute < 1440; minute++)
		if (!slot_holds(&slots[4], minute) || !slot_holds(&slots[5], minute)) {
			ok(false, "MENU-05 a whole day has every minute: %d", minute);
			return;
		}
	ok(true, "MENU-05 a slot from 00:00 to 24:00, and one that ends when it starts, is the whole day");
}

static void
test_zones(void)
{
	ok(orderable(NULL, "Asia/Kolkata", "2026-02-13T20:00:00Z"), "MENU-05 no slot: always");
	ok(orderable(NULL, "No/Where", "2026-02-13T20:00:00Z"), "MENU-05 even in no zone");
	ok(!orderable("lunch", "No/Where", "2026-02-13T08:00:00Z"), "MENU-05 but a slot needs one");
	ok(orderable("lunch", "Asia/Kolkata", "2026-02-13T06:30:00Z"), "MENU-05 12:00 in Kolkata is lunch");
	ok(!orderable("lunch", "Asia/Kolkata", "2026-02-13T06:29:59.999999Z"), "MENU-05 a microsecond before is not");
	ok(orderable("lunch", "Asia/Kolkata", "2026-02-13T09:29:59Z"), "MENU-05 14:59:59 is");
	ok(!orderable("lunch", "Asia/Kolkata", "2026-02-13T09:30:00Z"), "MENU-05 15:00 is not");
	ok(!orderable("lunch", "Asia/Kolkata", "2026-02-13T12:30:00Z"), "MENU-05 noon at Greenwich is not");
	ok(!orderable("brunch", "Asia/Kolkata", "2026-02-13T06:30:00Z"), "MENU-05 a slot that no longer is never holds");
	ok(orderable("late", "Asia/Kolkata", "2026-02-13T20:29:00Z"), "MENU-05 01:59 is still late");
	ok(!orderable("late", "Asia/Kolkata", "2026-02-13T20:30:00Z"), "MENU-05 02:00 is not");
}

/* Berlin 2026: forward on 29 March at 02:00 CET, back on 25 October at 03:00 CEST. */
static void
test_dst(void)
{
	ok(orderable("lunch", "Europe/Berlin", "2026-01-15T11:00:00Z"), "MENU-05 noon in winter");
	ok(!orderable("lunch", "Europe/Berlin", "2026-01-15T10:30:00Z"), "MENU-05 11:30 in winter is not noon");
	ok(orderable("lunch", "Europe/Berlin", "2026-07-15T10:00:00Z"), "MENU-05 noon in summer is an hour earlier");
	ok(!orderable("lunch", "Europe/Berlin", "2026-07-15T13:00:00Z"), "MENU-05 and so is its end");
	ok(orderable("early", "Europe/Berlin", "2026-10-25T00:30:00Z"), "MENU-05 02:30 the first time");
	ok(orderable("early", "Europe/Berlin", "2026-10-25T01:30:00Z"), "MENU-05 02:30 the second time");
	ok(!orderable("early", "Europe/Berlin", "2026-10-25T02:00:00Z"), "MENU-05 03:00 comes once");
	ok(orderable("early", "Europe/Berlin", "2026-03-29T00:59:59Z"), "MENU-05 01:59:59 on the short night");
	ok(!orderable("early", "Europe/Berlin", "2026-03-29T01:00:00Z"), "MENU-05 the next second is 03:00");
	ok(orderable("late", "Europe/Berlin", "2026-10-24T23:59:00Z"), "MENU-05 01:59 in the long night");
	ok(!orderable("late", "Europe/Berlin", "2026-10-25T00:00:00Z"), "MENU-05 02:00 in it");
}

static void
test_several(void)
{
	const char *both[] = { "brunch", "breakfast", "lunch" };
	const struct menu_item item = { .time_slots = both, .time_slots_n = 3 };
	int64_t at = 0;

	iso8601_parse("2026-02-13T12:30:00Z", &at);
	ok(item_is_orderable_at(&item, slots, SLOTS_N, "UTC", at), "MENU-05 one of several slots is enough");
	iso8601_parse("2026-02-13T11:00:00Z", &at);
	ok(!item_is_orderable_at(&item, slots, SLOTS_N, "UTC", at), "MENU-05 between them is in none");
	ok(!item_is_orderable_at(&item, NULL, 0, "UTC", at), "MENU-05 a restaurant without slots has none to be in");
}

int
main(void)
{
	test_minutes();
	test_zones();
	test_dst();
	test_several();
	return tap_done();
}
