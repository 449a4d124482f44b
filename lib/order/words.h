/*
 * words: an order's status in the vocabularies of older surfaces, one table per surface.
 *
 * Where a surface has no word of its own for a status, ours stands there.
 */
#ifndef TICKETRAIL_ORDER_WORDS_H
#define TICKETRAIL_ORDER_WORDS_H

#include "order/state.h"

enum word_surface {
	WORDS_CALLBACK, /* /pp_callback/: processing, confirmed, food_ready, cancelled */
	WORDS_WEBHOOK,  /* /api/webhooks/petpooja/order-status: ... dispatched, delivered */
	WORDS__MAX
};

/* The surface's word of a status. */
const char *status_word(enum word_surface, enum order_status);

/* The status of a surface's word; STATUS__MAX if it has no such word. */
enum order_status status_of_word(enum word_surface, const char *);

#endif
