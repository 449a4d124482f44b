#include "provider/rate.h"

#include <string.h>

#include "config/config.h"
#include "notify/notify.h"
#include "pos/pos.h"

#define MINUTE_US (INT64_C(60) * 1000000)

static struct outbox_rate
rate_of(const struct config *c, const char *name, int64_t per_min, int64_t burst,
    int64_t concurrency)
{
	if (c->rate_per_min > 0)
		per_min = c->rate_per_min;
	if (c->rate_burst > 0)
		burst = c->rate_burst;
	return (struct outbox_rate){ .name = name,
		.interval_us = MINUTE_US / per_min,
		.burst = burst,
		.concurrency = concurrency };
}

/* Both kinds of text go by one account. */
static bool
is_text(const char *destination)
{
	return strcmp(destination, message_info(MESSAGE_notice_sms)->name) == 0 ||
	       strcmp(destination, message_info(MESSAGE_otp_sms)->name) == 0;
}

bool
provider_rate(struct arena *a, const struct config *c, const char *destination,
    struct outbox_rate *ret)
{
	const struct notify_adapter *texts = &notify_msg91;
	const struct pos_adapter *pos;
	const char *adapter;

	if (is_text(destination)) {
		*ret = rate_of(c, texts->name, texts->rate_per_min, texts->rate_burst, 0);
		return true;
	}
	adapter = arena_strndup(a, destination, strcspn(destination, ":"));
	pos = pos_adapter_find(adapter);
	if (pos == NULL || pos->traits.rate_per_min <= 0)
		return false;
	*ret = rate_of(c, pos->traits.rate_scope == POS_SCOPE_PROVIDER ? adapter : destination,
	    pos->traits.rate_per_min, pos->traits.rate_burst, pos->traits.concurrency);
	return true;
}
