#include "inbox/inbox_log.h"

#include <string.h>

#include "db/db.h"
#include "inbox/inbox.h"
#include "inbox/redact.h"
#include "op/op.h"
#include "text/json_write.h"

const char *const inbox_states[] = {
	[DELIVERY_RECEIVED] = "received",
	[DELIVERY_PROCESSED] = "processed",
	[DELIVERY_DUPLICATE] = "duplicate",
	[DELIVERY_IGNORED] = "ignored",
	[DELIVERY_PARKED] = "parked",
	[DELIVERY_FAILED] = "failed",
	[DELIVERY_DEAD] = "dead",
	NULL,
};
_Static_assert(sizeof inbox_states / sizeof inbox_states[0] == DELIVERY_STATE__MAX + 1,
    "one word per state");

#define LOG_COLS \
	COL_I64(struct delivery_log, id), COL_I64(struct delivery_log, restaurant_id), \
	    COL_TEXT(struct delivery_log, provider), COL_TEXT(struct delivery_log, type), \
	    COL_TEXT(struct delivery_log, subject), COL_TEXT(struct delivery_log, state), \
	    COL_TEXT(struct delivery_log, status), COL_I64(struct delivery_log, http_status), \
	    COL_BOOL(struct delivery_log, is_verified), COL_TEXT(struct delivery_log, error), \
	    COL_I64(struct delivery_log, body_len), \
	    COL_TEXT(struct delivery_log, source_address), \
	    COL_TEXT(struct delivery_log, trace_id), \
	    COL_TIME(struct delivery_log, received_at), \
	    COL_TIME(struct delivery_log, processed_at)

static const struct db_col list_cols[] = { LOG_COLS };
static const struct db_shape list_shape = DB_SHAPE(struct delivery_log, list_cols);

static const struct db_col whole_cols[] = {
	LOG_COLS,
	COL_TEXT(struct delivery_log, headers),
	COL_BYTES(struct delivery_log, body),
};
static const struct db_shape whole_shape = DB_SHAPE(struct delivery_log, whole_cols);

enum err
inbox_list(struct op *op, const struct delivery_filter *f, struct delivery_log **ret, size_t *ret_n)
{
	return db_many(op, STMT_inbox_list,
	    DB_ARGS(DB_ID("restaurant_id", f->restaurant_id), DB_TEXT("type", f->type),
		DB_TEXT("states", f->states), DB_TEXT("subject", f->subject),
		DB_TIME("since", f->since_us), DB_TIME("until", f->until_us),
		DB_I64("before_id", f->before_id == 0 ? INT64_MAX : f->before_id),
		DB_I64("n", f->n)),
	    &list_shape, ret, ret_n);
}

enum err
inbox_read(struct op *op, int64_t restaurant_id, int64_t id, struct delivery_log *ret)
{
	return db_one(op, STMT_inbox_read,
	    DB_ARGS(DB_I64("id", id), DB_ID("restaurant_id", restaurant_id)), &whole_shape, ret);
}

static void
members_write(struct json_write *w, const struct delivery_log *l)
{
	json_write_int64(w, "id", l->id);
	if (l->restaurant_id == 0)
		json_write_null(w, "restaurant_id");
	else
		json_write_int64(w, "restaurant_id", l->restaurant_id);
	json_write_string(w, "provider", l->provider);
	json_write_string(w, "webhook_type", l->type);
	json_write_string(w, "subject", l->subject);
	json_write_string(w, "status", l->status);
	json_write_string(w, "state", l->state);
	json_write_int64(w, "http_status", l->http_status);
	json_write_bool(w, "is_verified", l->is_verified);
	json_write_string(w, "error_message", l->error);
	json_write_string(w, "source_address", l->source_address);
	json_write_int64(w, "body_len", l->body_len);
	json_write_string(w, "trace_id", l->trace_id);
	json_write_time(w, "received_at", l->received_at);
	json_write_time(w, "processed_at", l->processed_at);
}

/* Lines, without what opens something: that was withheld when they were written. */
static void
headers_write(struct json_write *w, const char *lines)
{
	json_write_array(w, "headers");
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");

		json_write_string_n(w, NULL, lines, len);
		lines += len + (lines[len] == '\n');
	}
	json_write_array_end(w);
}

void
inbox_log_write(struct json_write *w, const char *key, const struct delivery_log *l)
{
	json_write_object(w, key);
	members_write(w, l);
	json_write_object_end(w);
}

void
inbox_log_write_whole(
    struct op *op, struct json_write *w, const char *key, const struct delivery_log *l)
{
	json_write_object(w, key);
	members_write(w, l);
	headers_write(w, l->headers);
	json_write_string(w, "body", redact_json(op, l->body));
	json_write_object_end(w);
}
