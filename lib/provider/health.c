#include "provider/health.h"

#include <stdbool.h>
#include <stddef.h>

#include "inbox/inbox.h"
#include "op/op.h"
#include "provider/login.h"
#include "tenant/integration.h"
#include "text/json_write.h"

enum err
health_write(
    struct op *op, struct json_write *w, const struct integration *i, const char **ret_status)
{
	const char *const *errors = NULL;
	struct login_health login;
	bool has_callback = false;
	size_t n = 0;
	enum err e = inbox_errors(op, i->restaurant_id, i->provider_name, &errors, &n);

	if (e == OK)
		e = webhook_secret_exists(op, i, WEBHOOK_CALLBACK, &has_callback);
	if (e == OK)
		e = login_health(op, i->id, &login);
	if (e != OK)
		return e;
	*ret_status = n == 0 && has_callback && !login.is_degraded ? "healthy" : "degraded";
	json_write_object(w, NULL);
	json_write_string(w, "status", *ret_status);
	json_write_string(w, "pos_type", i->provider_name);
	json_write_time(w, "last_sync", i->last_sync_at);
	json_write_string(w, "webhook_status", has_callback ? "active" : "inactive");
	json_write_array(w, "recent_errors");
	for (size_t k = 0; k < n; k++)
		json_write_string(w, NULL, errors[k]);
	json_write_array_end(w);
	login_health_write(w, &login);
	json_write_object_end(w);
	return OK;
}
