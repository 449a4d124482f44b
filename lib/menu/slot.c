#include "menu/slot.h"

#include <string.h>

#include "text/zone.h"

const struct settings_slot *
slot_find(const struct settings_slot *slots, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(slots[i].name, name) == 0)
			return &slots[i];
	return NULL;
}

bool
slot_holds(const struct settings_slot *slot, int local_minute)
{
	if (slot->start_min < slot->end_min)
		return local_minute >= slot->start_min && local_minute < slot->end_min;
	return local_minute >= slot->start_min || local_minute < slot->end_min;
}

bool
item_is_orderable_at(const struct menu_item *item, const struct settings_slot *slots, size_t n,
    const char *time_zone, int64_t at_us)
{
	struct civil wall;

	if (item->time_slots_n == 0)
		return true;
	if (!zone_to_civil(time_zone, at_us, &wall))
		return false;
	for (size_t i = 0; i < item->time_slots_n; i++) {
		const struct settings_slot *slot = slot_find(slots, n, item->time_slots[i]);

		if (slot != NULL && slot_holds(slot, wall.hour * 60 + wall.minute))
			return true;
	}
	return false;
}

#define DAYS_AHEAD 2

/* The beginning of the slot on the so many'th day from then. */
static bool
slot_begins(const struct settings_slot *slot, const char *time_zone, int64_t at_us, int days,
    int64_t *ret_us)
{
	struct civil wall, begin;

	if (!zone_to_civil(time_zone, at_us, &wall))
		return false;
	begin = civil_from_days(civil_to_days(wall.year, wall.month, wall.day) + days);
	begin.hour = slot->start_min / 60;
	begin.minute = slot->start_min % 60;
	return zone_from_civil(time_zone, &begin, ret_us);
}

bool
item_next_orderable(const struct menu_item *item, const struct settings_slot *slots, size_t n,
    const char *time_zone, int64_t at_us, int64_t *ret_us)
{
	int64_t best = INT64_MAX, us;

	for (size_t i = 0; i < item->time_slots_n; i++) {
		const struct settings_slot *slot = slot_find(slots, n, item->time_slots[i]);

		for (int days = 0; slot != NULL && days <= DAYS_AHEAD; days++)
			if (slot_begins(slot, time_zone, at_us, days, &us) && us > at_us &&
			    us < best)
				best = us;
	}
	if (best != INT64_MAX)
		*ret_us = best;
	return best != INT64_MAX;
}
