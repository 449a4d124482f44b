#include "menu/sync_log.h"

#include "db/db.h"
#include "op/op.h"
#include "text/json_write.h"

static const struct db_col cols[] = {
	COL_I64(struct sync_log, id),
	COL_TEXT(struct sync_log, type),
	COL_TEXT(struct sync_log, status),
	COL_I64(struct sync_log, items),
	COL_I64(struct sync_log, categories),
	COL_I64(struct sync_log, changed),
	COL_I64(struct sync_log, menu_version),
	COL_I64(struct sync_log, errors_n),
	COL_TEXT(struct sync_log, errors),
	COL_I64(struct sync_log, overrides_n),
	COL_TEXT(struct sync_log, overrides),
	COL_TIME(struct sync_log, started_at),
	COL_TIME(struct sync_log, completed_at),
};
static const struct db_shape shape = DB_SHAPE(struct sync_log, cols);

enum err
sync_log_list(struct op *op, int64_t restaurant_id, int64_t before_id, int64_t n,
    struct sync_log **ret, size_t *ret_n)
{
	return db_many(op, STMT_menu_syncs,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id),
		DB_I64("before_id", before_id == 0 ? INT64_MAX : before_id), DB_I64("n", n)),
	    &shape, ret, ret_n);
}

/* null: there are some, too many for a list. */
static void
list_write(struct json_write *w, const char *key, const char *json, int64_t n)
{
	json_write_raw(w, key, json == NULL && n == 0 ? "[]" : json);
}

void
sync_log_write(struct json_write *w, const struct sync_log *s)
{
	json_write_object(w, NULL);
	json_write_int64(w, "id", s->id);
	json_write_string(w, "type", s->type);
	json_write_string(w, "status", s->status);
	json_write_int64(w, "items_synced", s->items);
	json_write_int64(w, "categories_synced", s->categories);
	json_write_int64(w, "changed", s->changed);
	if (s->menu_version == 0)
		json_write_null(w, "menu_version");
	else
		json_write_int64(w, "menu_version", s->menu_version);
	json_write_int64(w, "errors_n", s->errors_n);
	list_write(w, "errors", s->errors, s->errors_n);
	json_write_int64(w, "overrides_n", s->overrides_n);
	list_write(w, "overrides", s->overrides, s->overrides_n);
	json_write_time(w, "started_at", s->started_at);
	json_write_time(w, "completed_at", s->completed_at);
	json_write_object_end(w);
}
