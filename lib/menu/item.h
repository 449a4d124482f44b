/*
 * item: switching single things of the menu on and off ("86"), as a POS or the staff do between two
 * imports.
 *
 * Every change that a guest could notice raises the menu version and leaves an event, so that no
 * process serves or sells from an older menu (menu/menu.h).
 *
 * The last word counts, whosever it was, with one exception: what staff here switched off no import
 * switches on again, because its document knows nothing of it (FIELD_AVAILABLE of menu/field.def).
 * The POS's word about just this thing does.
 *
 * Something switched off may have a time at which it is to be had again: returns_at of its row. A
 * message falls due then and switches on whatever of the restaurant has come to its time; the row
 * is what counts, so a message whose row was told otherwise meanwhile does nothing.
 */
#ifndef TICKETRAIL_MENU_ITEM_H
#define TICKETRAIL_MENU_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "op/op.h"
#include "outbox/outbox.h"
#include "tenant/restaurant.h"

/*
 * What the ids name. A POS that sells variations under ids of their own (PetPooja) sends those as
 * items too.
 */
enum stock_kind { STOCK_ITEM, STOCK_ADDON, STOCK_ANY };

/*
 * Sets is_available of all things that carry one of the POS's ids: STOCK_ITEM looks among the
 * items, then among the variations; STOCK_ADDON among the add-on items; STOCK_ANY among all, and
 * among items that go by the id and by what they stand in ("ID/GROUP"). In the caller's transaction
 * or one of its own. returns_at: when what is switched off comes back; TIME_NONE: nobody said.
 * ret_changed: rows that were the other way before; 0 means the version stayed. ret_unknown (may be
 * NULL): room for n pointers, filled with the ids that name nothing, ret_unknown_n of them.
 */
enum err item_stock_set(struct op *, int64_t restaurant_id, const char *const *external_ids,
    size_t n, enum stock_kind, bool is_available, int64_t returns_at, int64_t *ret_changed,
    const char **ret_unknown, size_t *ret_unknown_n);

/* Something of a menu by its public id, and where the client named it. */
enum thing_kind { THING_ITEM, THING_VARIATION, THING_ADDON, THING__MAX };
struct thing {
	enum thing_kind kind;
	unsigned char public_id[16];
	const char *field; /* "items[3]"; NULL: in the path */
};

/*
 * What staff say of some things, in the caller's transaction. ERR_NOT_FOUND when the restaurant
 * does not have all of them; then none was switched.
 */
enum err item_available_set(struct op *, int64_t restaurant_id, const struct thing *, size_t n,
    bool is_available, int64_t returns_at, int64_t *ret_changed);

/* The end of the business day that an instant belongs to. */
enum err item_day_end(struct op *, const struct restaurant *, int64_t at_us, int64_t *ret_us);

/* The job: MESSAGE_stock_return. */
enum err item_return(struct op *, const struct message *);

#endif
