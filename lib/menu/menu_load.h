/*
 * menu_load: reading a menu whole, for menu/menu.c: the rows as they are, tied together, the
 * indexes made.
 */
#ifndef TICKETRAIL_MENU_MENU_LOAD_H
#define TICKETRAIL_MENU_MENU_LOAD_H

#include <stdint.h>

#include "err/err.h"
#include "menu/menu.h"

struct op;

/* What, when it changes, makes a menu in memory stale. */
struct menu_head {
	int64_t version;
	const char *currency;
};

struct menu_by_id {
	unsigned char public_id[16];
	const void *row;
};

/* ERR_NOT_FOUND for an unknown restaurant, or a database fault. */
enum err menu_head_read(struct op *, int64_t restaurant_id, struct menu_head *ret);

/*
 * Fills the struct menu that arg points to, whose restaurant_id is set, from the op's arena. Reads
 * the version before and after the rows and starts over when it moved, so that outside of a
 * snapshot (in a transaction at READ COMMITTED) too the rows are those of one version. ERR_CONFLICT
 * when it keeps moving.
 */
enum err menu_load(struct op *, void *arg);

#endif
