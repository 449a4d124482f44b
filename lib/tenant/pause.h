/*
 * pause: the restaurant's switch, thrown for a while: it takes no orders, for a reason, until
 * somebody ends it or a time has come; and busy mode, which adds minutes to every promise instead.
 *
 * There is one switch, the setting restaurant_open, and whoever throws it last has it: staff with a
 * reason, an administrator with the bare setting, the POS. Throwing it ends the pause before, with
 * its end. The row that placing an order asserts (restaurant_accepting_set) follows it in the same
 * transaction, so that nothing is placed after the answer.
 *
 * A pause ends by itself by a local message of its own transaction (store_resume). The message
 * decides nothing: it looks whether the pause that is on now is over. So one that comes late,
 * twice, or of a pause that was ended or replaced meanwhile does nothing. The same for busy mode
 * (store_calm), which besides reads as over when its time has come (settings.h).
 *
 * Everybody who watches the restaurant sees the events store_closed, store_opened and store_busy;
 * who did it is in the audit.
 */
#ifndef TICKETRAIL_TENANT_PAUSE_H
#define TICKETRAIL_TENANT_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"

struct message;
struct op;
struct restaurant;
struct setting;

/* Inner keys of settings: {"reason":...,"until":...}, and an instant. */
#define PAUSE_KEY "pause"
#define PAUSE_BUSY_KEY "busy_until"

#define PAUSE_REASON_MAX 200
#define PAUSE_DAYS_MAX 366

/* The switch of a restaurant, locked, as it stands. In a transaction, which must throw it. */
enum err pause_lock(struct op *, const struct restaurant *, struct setting *ret_switch);

/*
 * Throws a locked switch. reason NULL: none is given; until_us TIME_NONE: until somebody ends it;
 * it must lie in the future.
 */
enum err pause_begin(
    struct op *, struct setting *locked_switch, const char *reason, int64_t until_us);
enum err pause_end(struct op *, struct setting *locked_switch);

/* Adds minutes to every promise from now on; 0: the kitchen is calm. In a transaction. */
enum err pause_busy(struct op *, const struct restaurant *, int64_t minutes, int64_t until_us);

/* Carries out store_resume and store_calm. In a transaction; finishes the message. */
enum err pause_apply(struct op *, const struct message *);

/* What else a change of restaurant_open and of busy_minutes means; for setting.c. */
enum err pause_switched(struct op *, int64_t restaurant_id, const char *json);
enum err pause_busy_changed(struct op *, int64_t restaurant_id, const char *json);

#endif
