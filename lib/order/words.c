#include "order/words.h"

#include <string.h>

/* NULL: our own word. */
static const char *const words[WORDS__MAX][STATUS__MAX] = {
	[WORDS_CALLBACK] = { [STATUS_received] = "processing", [STATUS_ready] = "food_ready" },
	[WORDS_WEBHOOK] = { [STATUS_out_for_delivery] = "dispatched",
	    [STATUS_completed] = "delivered" },
};

const char *
status_word(enum word_surface surface, enum order_status status)
{
	return words[surface][status] != NULL ? words[surface][status] : status_name(status);
}

enum order_status
status_of_word(enum word_surface surface, const char *word)
{
	enum order_status s = 0;

	while (s < STATUS__MAX && strcmp(status_word(surface, s), word) != 0)
		s++;
	return s;
}
