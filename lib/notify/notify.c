#include "notify/notify.h"

#include <string.h>

static const struct notify_adapter *const adapters[] = {
	&notify_msg91,
};

const struct notify_adapter *
notify_adapter_find(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof(adapters) / sizeof(adapters[0]); i++)
		if (strcmp(adapters[i]->name, name) == 0)
			return adapters[i];
	return NULL;
}
