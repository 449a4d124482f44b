/*
 * event: what everybody who watches a restaurant can see, numbered without gaps per restaurant.
 *
 * event_note() only remembers; the rows are written as the last thing before the commit, because
 * their numbers come from the restaurant's counter row, which is locked last of all. A rolled-back
 * transaction leaves none.
 */
#ifndef TICKETRAIL_EVENT_EVENT_H
#define TICKETRAIL_EVENT_EVENT_H

#include <stdint.h>

#include "err/err.h"

struct op;

/*
 * kind and data (a JSON object) live in the arena or longer. order_id 0: about no order. In a
 * transaction.
 */
void event_note(
    struct op *, int64_t restaurant_id, const char *kind, int64_t order_id, const char *data);

/*
 * For a mover that takes its number itself together with another one (placing an order). In a
 * transaction.
 */
enum err event_insert(struct op *, int64_t restaurant_id, int64_t seq, const char *kind,
    int64_t order_id, const char *data);

#endif
