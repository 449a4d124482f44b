/*
 * slot: whether an item may be ordered for a moment, by the named parts of a restaurant's day
 * (breakfast, lunch, dinner).
 *
 * Which slots there are is the setting `time_slots` (tenant/settings.h). A slot holds from its
 * start up to, not including, its end, as the clock on the restaurant's wall shows it: on the day
 * when clocks go back, an hour inside a slot is in it both times; an hour that is skipped is in
 * none. A slot whose end is before its start runs past midnight; one that ends when it starts is
 * the whole day.
 */
#ifndef TICKETRAIL_MENU_SLOT_H
#define TICKETRAIL_MENU_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "menu/menu.h"
#include "tenant/settings.h"

/* The slot of that name, or NULL. */
const struct settings_slot *slot_find(const struct settings_slot *, size_t n, const char *name);

/* Whether a minute (0-1439) of the local day is in the slot. */
bool slot_holds(const struct settings_slot *, int local_minute);

/*
 * Whether an item may be ordered for a moment (µs UTC) by its slots: one without slots always, else
 * when one of them holds. A slot that the restaurant no longer has holds at no time, nor does any
 * where time_zone is not a zone. Says nothing of is_available.
 */
bool item_is_orderable_at(const struct menu_item *, const struct settings_slot *, size_t n,
    const char *time_zone, int64_t at_us);

/*
 * The next moment after that at which it may be ordered, when it may not then: false if there is
 * none within two days.
 */
bool item_next_orderable(const struct menu_item *, const struct settings_slot *, size_t n,
    const char *time_zone, int64_t at_us, int64_t *ret_us);

#endif
