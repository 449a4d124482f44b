/*
 * Menus that come from a POS.
 */
#include "integrations.h"

#include "audit/audit.h"
#include "db/db.h"
#include "http/reply.h"
#include "menu/sync_log.h"
#include "op/op.h"
#include "provider/menu.h"
#include "text/json_write.h"

#define HISTORY_DEFAULT 20 /* of menus, each with all that was wrong in it */
#define HISTORY_MAX 50

struct syncing {
	int64_t restaurant_id, sync_id;
};

static enum err
sync_in_tx(struct op *op, void *arg)
{
	struct syncing *s = arg;
	enum err e = menu_sync_start(op, s->restaurant_id, &s->sync_id);

	return e != OK ? e : audit_record(op, "menu.sync", "", NULL);
}

enum err
sync_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct restaurant restaurant;
	struct syncing s;
	struct json_write *w;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e != OK)
		return e;
	s.restaurant_id = restaurant.id;
	e = db_tx(op, sync_in_tx, &s);
	if (e != OK)
		return e;
	w = reply_json(reply, 202);
	json_write_object(w, NULL);
	json_write_string(w, "status", "running");
	json_write_int64(w, "items_synced", 0);
	json_write_int64(w, "categories_synced", 0);
	json_write_array(w, "errors");
	json_write_array_end(w);
	json_write_time(w, "started_at", op->now_us);
	json_write_time(w, "completed_at", TIME_NONE);
	json_write_object_end(w);
	return OK;
}

enum err
history_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct restaurant restaurant;
	struct sync_log *logs = NULL;
	int64_t limit = HISTORY_DEFAULT, cursor = 0;
	struct json_write *w;
	size_t n = 0;
	enum err e = restaurant_load(op, r, &restaurant);

	if (e == OK)
		e = request_query_i64(op, r, "limit", 1, HISTORY_MAX, &limit);
	if (e == OK)
		e = request_query_i64(op, r, "cursor", 1, INT64_MAX, &cursor);
	if (e == OK)
		e = sync_log_list(op, restaurant.id, cursor, limit, &logs, &n);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "syncs");
	for (size_t i = 0; i < n; i++)
		sync_log_write(w, &logs[i]);
	json_write_array_end(w);
	if ((int64_t)n == limit)
		json_write_int64(w, "next_cursor", logs[n - 1].id);
	else
		json_write_null(w, "next_cursor");
	json_write_object_end(w);
	return OK;
}
