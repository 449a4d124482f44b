/*
 * settings: what a restaurant may change while everything runs (system_config).
 *
 * A key (setting.h) is looked for under the restaurant, then platform-wide (restaurant 0), then its
 * default applies. They are read anew, in one statement, in every op that asks, so a change is seen
 * by every worker with its next request.
 *
 * To change one is to lock it, which gives what holds now, and to put a new value: both in one
 * transaction, so that of two people who edit the same key the later one can be told (If-Match). It
 * is audited with the old and the new value.
 */
#ifndef TICKETRAIL_TENANT_SETTINGS_H
#define TICKETRAIL_TENANT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "tenant/hours.h"
#include "tenant/setting.h"

struct arena;
struct op;
struct restaurant;

struct settings_slot {
	const char *name;       /* "breakfast" */
	int start_min, end_min; /* minutes of the local day; end < start goes over midnight */
};

struct settings_pause {
	bool is_on;         /* closed by a pause (pause.h), not by the bare switch */
	const char *reason; /* for guests; NULL: none was given */
	int64_t until;      /* TIME_NONE: until somebody ends it */
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
	/* an order that the kitchen has not confirmed for so long is told to staff; 0: never */
	int64_t accept_minutes;
	/* and cancelled */
	bool accept_or_cancel;
	/* what passes between us and its POS is logged (provider/traffic.h) */
	bool pos_traffic_debug;
	/* guests read the menu without a token */
	bool public_menu;
	/* from placing to ready, and what a busy kitchen adds to every promise */
	int64_t prep_minutes, busy_minutes;
	/* TIME_NONE, or when busy_minutes is 0 again; past that it reads as 0 already */
	int64_t busy_until;
	/* capacity counts per window of so many minutes; 0: per named slot of the business day */
	int64_t slot_minutes;
	/* how many days ahead an order may be wanted */
	int64_t schedule_days_max;
	/* when a business day begins (day.h), in minutes after midnight */
	int day_starts_min;
	struct hours hours;
	struct settings_pause pause;
	const struct settings_slot *slots;
	size_t slots_n;
};

/* All settings of a restaurant, in the currency's minor units. */
enum err settings_read(
    struct op *, int64_t restaurant_id, const char *currency, struct settings *ret);

/* --- one by one ------------------------------------------------------------------------------- */

enum setting_source { SETTING_DEFAULT, SETTING_PLATFORM, SETTING_RESTAURANT };

/* A key as it stands. Lives in the op's arena. */
struct setting {
	const struct setting_key *key;
	int64_t restaurant_id;   /* whose it is; 0: the platform's */
	unsigned exponent;       /* decimals of an amount that is written here */
	const char *value;       /* JSON, as it is shown */
	const char *fallback;    /* what holds without a row here */
	enum setting_source source;
	int64_t updated_at;      /* of the row that holds; TIME_NONE: there is none */
	const char *updated_by;
	bool has_row;            /* there is one here */
};

/*
 * All keys of the configuration, of a restaurant, or the platform's with restaurant NULL: what
 * restaurants have that say nothing themselves.
 */
enum err settings_list(
    struct op *, const struct restaurant *, struct setting **ret, size_t *ret_n);

/* One of them. ERR_NOT_FOUND with the fault set: there is no such key. */
enum err setting_get(
    struct op *, const struct restaurant *, const char *name, struct setting *ret);

/*
 * The same, locked: in a transaction, which must put it, leave it or roll back. Before messages in
 * the order of locks.
 */
enum err setting_lock(
    struct op *, const struct restaurant *, const char *name, struct setting *ret);

/* Changes with every change of it: its entity tag, without quotes. */
const char *setting_tag(struct arena *, const struct setting *);

/*
 * Writes a locked one, which then is as it stands now, and does what else belongs to it (pause.h).
 * json NULL: its row is removed, the fallback holds again. ERR_VALIDATION_ERROR naming
 * "<field><place>" for a value of the wrong form, and nothing is changed. Audited.
 */
enum err setting_put(struct op *, struct setting *, const char *field, const char *json);

/* setting_put() without looking, and without an audit: for a deed that has a name of its own. */
enum err setting_save(struct op *, struct setting *, const char *json);

/* A locked one stays as it was. */
enum err setting_leave(struct op *, const struct setting *);

/* An inner key of a restaurant whose switch is locked; json NULL removes it. */
enum err setting_save_inner(
    struct op *, int64_t restaurant_id, const char *name, const char *json);

/*
 * Locks and writes one key; value is JSON. ERR_VALIDATION_ERROR, naming the key, for an unknown one
 * or a value of the wrong form. In a transaction.
 */
enum err settings_write(struct op *, int64_t restaurant_id, const char *key, const char *json);

#endif
