#include "inbox/inbox.h"

#include <sodium.h>
#include <string.h>

#include "db/db.h"
#include "inbox/inbox_log.h"
#include "log/log.h"
#include "metric/counter.h"
#include "op/op.h"
#include "text/hex.h"

#define DIGEST_LEN 32
/* What the column holds; a key of just that length is a hash. */
#define EVENT_KEY_MAX 120
#define EVENT_KEY_SHOWN (EVENT_KEY_MAX - 2 * DIGEST_LEN - 1)

static const struct db_col delivery_cols[] = {
	COL_I64(struct delivery, id),
	COL_I64(struct delivery, restaurant_id),
	COL_TEXT(struct delivery, provider),
	COL_TEXT(struct delivery, type),
	COL_TEXT(struct delivery, subject),
	COL_TEXT(struct delivery, state),
	COL_BYTES(struct delivery, body),
	COL_BOOL(struct delivery, is_verified),
	COL_I64(struct delivery, http_status),
	COL_TIME(struct delivery, received_at),
	COL_TEXT(struct delivery, trace_id),
};
static const struct db_shape delivery_shape = DB_SHAPE(struct delivery, delivery_cols);

struct count_row {
	int64_t n;
};
static const struct db_col count_cols[] = { COL_I64(struct count_row, n) };
static const struct db_shape count_shape = DB_SHAPE(struct count_row, count_cols);

/* Errors of the column's length would lose the delivery; a cut sentence loses nothing. */
static const char *
cut(struct op *op, const char *s, size_t max)
{
	return s == NULL || strlen(s) <= max ? s : arena_strndup(op->arena, s, max);
}

static enum err
unverified_room(struct op *op, const struct delivery_new *d, bool *ret)
{
	struct count_row row;
	enum err e = db_one(op, STMT_inbox_unverified_count,
	    DB_ARGS(DB_ID("restaurant_id", d->restaurant_id),
		DB_I64("is_nothing", d->is_nothing)),
	    &count_shape, &row);

	if (e == OK)
		*ret = row.n < (d->is_nothing ? INBOX_NOTHING_PER_MINUTE
					      : INBOX_UNVERIFIED_PER_MINUTE);
	return e;
}

/* A name of theirs that is longer than ours: how it begins, and a hash of all of it. */
static const char *
event_key(struct op *op, const char *id)
{
	unsigned char digest[DIGEST_LEN];
	size_t len = strlen(id);

	if (len < EVENT_KEY_MAX)
		return id;
	(void)crypto_generichash(digest, DIGEST_LEN, (const unsigned char *)id, len, NULL, 0);
	return arena_printf(op->arena, "%.*s#%s", EVENT_KEY_SHOWN, id,
	    hex_encode(op->arena, digest, sizeof digest));
}

static enum delivery_state
state_of(const struct delivery_new *d)
{
	if (d->is_nothing)
		return DELIVERY_IGNORED;
	return d->error == NULL ? DELIVERY_RECEIVED : DELIVERY_FAILED;
}

enum err
inbox_store(struct op *op, const struct delivery_new *d, int64_t *ret_id)
{
	const char *key = d->event_key == NULL ? NULL : event_key(op, d->event_key);
	unsigned char digest[DIGEST_LEN];
	bool has_room = true;
	enum err e = OK;

	if (!d->is_verified)
		e = unverified_room(op, d, &has_room);
	if (e != OK)
		return e;
	if (!has_room) {
		*ret_id = 0;
		return OK;
	}
	(void)crypto_generichash(digest, DIGEST_LEN, d->body.data, d->body.len, NULL, 0);
	return db_newid(op, STMT_inbox_store,
	    DB_ARGS(DB_ID("restaurant_id", d->restaurant_id), DB_TEXT("provider", d->provider),
		DB_TEXT("webhook_type", d->type), DB_TEXT("subject", cut(op, d->subject, 100)),
		DB_TEXT("headers", d->headers),
		DB_BYTES("source_address", d->source_address, strlen(d->source_address)),
		d->is_verified ? DB_BYTES("body", d->body.data, d->body.len) : DB_NULL("body"),
		DB_I64("body_len", (int64_t)d->body.len),
		DB_BYTES("body_digest", digest, DIGEST_LEN), DB_I64("is_verified", d->is_verified),
		key != NULL ? DB_BYTES("event_key", key, strlen(key)) : DB_NULL("event_key"),
		DB_TEXT("state", inbox_states[state_of(d)]),
		DB_I64("http_status", d->http_status),
		DB_TEXT("error_message", cut(op, d->error, 500)),
		DB_TEXT("trace_id", op->trace_id)),
	    ret_id);
}

enum err
inbox_lock(struct op *op, int64_t id, struct delivery *ret)
{
	return db_one(op, STMT_inbox_lock, DB_ARGS(DB_I64("id", id)), &delivery_shape, ret);
}

struct dead {
	int64_t id, restaurant_id;
	const char *error, *trace_id;
};

/* Somebody must look: it counts, and stands in the log. */
static void
dead_tell(void *arg)
{
	const struct dead *d = arg;

	counter_add(COUNTER_deliveries_dead, 1);
	log_event(LOG_LEVEL_ERROR, "delivery_dead", d->trace_id,
	    LOG_FIELDS(LOG_I64("delivery", d->id), LOG_I64("restaurant_id", d->restaurant_id),
		LOG_TEXT("why", d->error)));
}

enum err
inbox_set(struct op *op, int64_t id, enum delivery_state state, const char *error)
{
	if (state == DELIVERY_DEAD) {
		struct dead *d = arena_alloc(op->arena, sizeof *d);

		*d = (struct dead){ .id = id,
			.restaurant_id = op->restaurant_id,
			.error = error,
			.trace_id = arena_strdup(op->arena, op->trace_id) };
		op_after_commit(op, dead_tell, d);
	}
	return db_run(op, STMT_inbox_set,
	    DB_ARGS(DB_I64("id", id), DB_TEXT("state", inbox_states[state]),
		DB_TEXT("error_message", cut(op, error, 500))));
}

enum err
inbox_forget(struct op *op, int64_t id)
{
	return db_run(op, STMT_inbox_forget, DB_ARGS(DB_I64("id", id)));
}

enum err
inbox_is_repeat(struct op *op, const struct delivery *d, bool *ret)
{
	struct count_row row;
	enum err e;

	if (d->subject == NULL) {
		*ret = false;
		return OK;
	}
	e = db_one(op, STMT_inbox_is_repeat,
	    DB_ARGS(DB_I64("id", d->id), DB_ID("restaurant_id", d->restaurant_id),
		DB_TEXT("provider", d->provider), DB_TEXT("webhook_type", d->type),
		DB_TEXT("subject", d->subject)),
	    &count_shape, &row);
	if (e == ERR_NO_ROW) {
		*ret = false;
		return OK;
	}
	if (e == OK)
		*ret = row.n != 0;
	return e;
}

enum err
inbox_unpark(struct op *op, int64_t restaurant_id, const char *provider, const char *subject)
{
	return db_note(op, STMT_inbox_unpark,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("provider", provider),
		DB_TEXT("subject", subject)),
	    NULL);
}

struct sentence_row {
	const char *sentence;
};
static const struct db_col sentence_cols[] = { COL_TEXT(struct sentence_row, sentence) };
static const struct db_shape sentence_shape = DB_SHAPE(struct sentence_row, sentence_cols);

enum err
inbox_errors(struct op *op, int64_t restaurant_id, const char *provider, const char *const **ret,
    size_t *ret_n)
{
	struct sentence_row *rows = NULL;
	const char **sentences;
	size_t n = 0;
	enum err e = db_many(op, STMT_inbox_errors,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("provider", provider)),
	    &sentence_shape, &rows, &n);

	if (e != OK)
		return e;
	sentences = arena_array(op->arena, n + 1, sizeof *sentences);
	for (size_t i = 0; i < n; i++)
		sentences[i] = rows[i].sentence != NULL ? rows[i].sentence : "Failed";
	*ret = sentences;
	*ret_n = n;
	return OK;
}
