#include "provider/rate.h"

#include <string.h>

#include "config/config.h"
#include "notify/notify.h"
#include "pos/pos.h"

#define MINUTE_US (INT64_C(60) * 1000000)

static const struct outbox_rate *
rate_of(struct arena *a, const struct config *c, const char *name, int64_t per_min, int64_t burst,
    int64_t concurrency)
{
	struct outbox_rate *rate = arena_alloc(a, sizeof *rate);

	if (c->rate_per_min > 0)
		per_min = c->rate_per_min;
	if (c->rate_burst > 0)
		burst = c->rate_burst;
	*rate = (struct outbox_rate){ .name = name,
		.interval_us = MINUTE_US / per_min,
		.burst = burst,
		.concurrency = concurrency };
	return rate;
}

/* Both kinds of text go by one account. */
static bool
is_text(const char *destination)
{
	return strcmp(destination, message_info(MESSAGE_notice_sms)->name) == 0 ||
	       strcmp(destination, message_info(MESSAGE_otp_sms)->name) == 0;
}

const struct outbox_rate *
provider_rate(struct arena *a, const struct config *c, const char *destination)
{
	const struct notify_adapter *texts = &notify_msg91;
	const struct pos_adapter *pos;
	const char *adapter;

	if (is_text(destination))
		return rate_of(a, c, texts->name, texts->rate_per_min, texts->rate_burst, 0);
	adapter = arena_strndup(a, destination, strcspn(destination, ":"));
	pos = pos_adapter_find(adapter);
	if (pos == NULL || pos->traits.rate_per_min <= 0)
		return NULL;
	return rate_of(a, c,
	    pos->traits.rate_scope == POS_SCOPE_PROVIDER ? adapter : destination,
	    pos->traits.rate_per_min, pos->traits.rate_burst, pos->traits.concurrency);
}
