/*
 * How connections are.
 */
#include "integrations.h"

#include <string.h>

#include "http/reply.h"
#include "op/op.h"
#include "provider/health.h"
#include "text/json_write.h"

enum err
health_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct restaurant restaurant;
	struct integration integration;
	const char *status;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = integration_of(op, restaurant.id, &integration);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, "This restaurant has no POS");
	return e != OK ? e : health_write(op, reply_json(reply, 200), &integration, &status);
}

enum err
healths_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct integration *all = NULL;
	const char *worst = "healthy", *status;
	struct json_write *w;
	size_t n = 0;
	enum err e = integrations_list(op, op->actor.restaurant_id, &all, &n);

	(void)r;
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "integrations");
	for (size_t i = 0; i < n && e == OK; i++) {
		e = health_write(op, w, &all[i], &status);
		if (e == OK && strcmp(status, "healthy") != 0)
			worst = status;
	}
	if (e != OK)
		return e;
	json_write_array_end(w);
	json_write_string(w, "status", worst);
	json_write_object_end(w);
	return OK;
}

enum err
status_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct restaurant restaurant;
	struct integration i = { .last_sync_at = TIME_NONE };
	struct json_write *w;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = integration_of(op, restaurant.id, &i);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_string(w, "pos_type", i.provider_name);
	json_write_bool(w, "active", i.active);
	json_write_string(w, "pos_restaurant_id", i.pos_restaurant_id);
	json_write_time(w, "last_sync", i.last_sync_at);
	json_write_object_end(w);
	return OK;
}
