/*
 * item: switching single things of the menu on and off ("86"), as a POS or the staff do between two
 * imports.
 *
 * Every change that changes something raises the menu version and leaves an event, so that no
 * process serves or sells from an older menu (menu/menu.h).
 */
#ifndef TICKETRAIL_MENU_ITEM_H
#define TICKETRAIL_MENU_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"
#include "op/op.h"

/*
 * What the ids name. A POS that sells variations under ids of their own (PetPooja) sends those as
 * items too.
 */
enum stock_kind { STOCK_ITEM, STOCK_ADDON };

/*
 * Sets is_available of all things that carry one of the POS's ids: STOCK_ITEM looks among the
 * items, then among the variations; STOCK_ADDON among the add-on items. In the caller's transaction
 * or one of its own. ret_changed: rows that were the other way before; 0 means the version stayed.
 * ret_unknown (may be NULL): room for n pointers, filled with the ids that name nothing,
 * ret_unknown_n of them.
 */
enum err item_stock_set(struct op *, int64_t restaurant_id, const char *const *external_ids,
    size_t n, enum stock_kind, bool is_available, int64_t *ret_changed, const char **ret_unknown,
    size_t *ret_unknown_n);

#endif
