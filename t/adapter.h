/*
 * adapter: what tests of POS adapters have in common.
 */
#ifndef TICKETRAIL_ADAPTER_H
#define TICKETRAIL_ADAPTER_H

#include "pos/pos.h"

/*
 * A restaurant's configuration out of JSON, with a value for each secret of the adapter's; id, name
 * and address of the restaurant are those of the demo. Problems are told by diag().
 */
struct pos_config *adapter_config(
    struct arena *, const struct pos_adapter *, const char *json, const char *currency);
/* The same with only these secrets; problems are the caller's. */
struct pos_config *adapter_config_with(struct arena *, const struct pos_adapter *, const char *json,
    const char *currency, const char *const *secrets, size_t secrets_n, struct pos_problems *);

/* Is the delivery proved? */
bool adapter_proves(const struct pos_config *, enum pos_policy, struct bytes secret,
    const char *header, struct bytes body);

/* The menu of one document. NULL, or why there is none. */
const char *adapter_menu(
    struct arena *, const struct pos_config *, struct bytes body, struct menu_doc *ret);

/* What of an order goes as open items: "Dosa, Burger:Cheddar", a line or an add-on of one. */
const char *adapter_open_items(
    struct arena *, const struct pos_adapter *, const struct order *);

struct bytes adapter_text(const char *);

#endif
