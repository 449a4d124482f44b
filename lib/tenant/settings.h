/*
 * settings: what a restaurant may change while everything runs (system_config).
 *
 * A key is looked for under the restaurant, then platform-wide (restaurant 0), then the default
 * below applies. They are read anew in every op that asks, so a change is seen by every worker with
 * its next request.
 */
#ifndef TICKETRAIL_TENANT_SETTINGS_H
#define TICKETRAIL_TENANT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"

struct op;

struct settings_slot {
	const char *name;       /* "breakfast" */
	int start_min, end_min; /* minutes of the local day; end < start goes over midnight */
};

struct settings {
	bool restaurant_open;
	bool delivery_enabled;
	bool cash_payment_enabled;
	bool upi_payment_enabled;
	int64_t delivery_charge_minor;
	int64_t max_orders_per_slot;
	/* an order that the POS does not have and nobody has mended for so long is closed */
	int64_t pos_compensate_minutes;
	/* guests read the menu without a token */
	bool public_menu;
	/* from placing to ready, and what a busy kitchen adds to every promise */
	int64_t prep_minutes, busy_minutes;
	/* capacity counts per window of so many minutes; 0: per named slot of the business day */
	int64_t slot_minutes;
	/* how many days ahead an order may be wanted */
	int64_t schedule_days_max;
	/* when a business day begins (day.h), in minutes after midnight */
	int day_starts_min;
	const struct settings_slot *slots;
	size_t slots_n;
};

/* All settings of a restaurant, in the currency's minor units. */
enum err settings_read(
    struct op *, int64_t restaurant_id, const char *currency, struct settings *ret);

/*
 * Writes one key; value is JSON. ERR_VALIDATION_ERROR for an unknown key or a value of the wrong
 * form.
 */
enum err settings_write(struct op *, int64_t restaurant_id, const char *key, const char *json);

#endif
