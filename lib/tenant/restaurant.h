/*
 * restaurant: a tenant. Everything a guest, a staff member or a POS does, it does at one
 * restaurant.
 *
 * A row read here lives in the op's arena. This room knows who a restaurant is, its settings and
 * its integration; it does not know menus or orders.
 */
#ifndef TICKETRAIL_TENANT_RESTAURANT_H
#define TICKETRAIL_TENANT_RESTAURANT_H

#include <stdbool.h>
#include <stdint.h>

#include "err/err.h"

struct op;

struct restaurant {
	int64_t id;
	const char *slug;      /* [a-z0-9-], 1 to 64 */
	const char *name, *address, *contact;
	const char *time_zone; /* IANA name */
	const char *currency;  /* ISO 4217 */
	bool is_active;
	int64_t menu_version;  /* when the op began; 0: not read with it */
};

/* Is this the form of a slug? */
bool restaurant_slug_ok(const char *slug);

/* ERR_NO_ROW (no fault) if there is none. Inactive ones are found too. */
enum err restaurant_by_slug(struct op *, const char *slug, struct restaurant *ret);
enum err restaurant_by_host(struct op *, const char *host_name, struct restaurant *ret);
enum err restaurant_by_id(struct op *, int64_t id, struct restaurant *ret);

/* Makes or updates the restaurant with this slug, and its counter row. In a transaction. */
enum err restaurant_save(struct op *, const struct restaurant *, int64_t *ret_id);

/*
 * Whether the restaurant takes orders now; flips the row that placing an order asserts. In a
 * transaction.
 */
enum err restaurant_accepting_set(struct op *, int64_t restaurant_id, bool accepting);
enum err restaurant_accepting(struct op *, int64_t restaurant_id, bool *ret);

#endif
