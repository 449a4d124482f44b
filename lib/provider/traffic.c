#include "provider/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "inbox/redact.h"
#include "log/log.h"
#include "mem/arena.h"
#include "mem/buf.h"
#include "op/clock.h"
#include "op/op.h"
#include "tenant/integration.h"

#define KEY "pos_traffic_debug"
#define ROWS_ARENA_MAX ((size_t)4 * 1024 * 1024)
#define HEADERS_MAX ((size_t)4 * 1024)

struct traffic_row {
	int64_t restaurant_id;
	const char *value;
};
static const struct db_col row_cols[] = {
	COL_I64(struct traffic_row, restaurant_id),
	COL_TEXT(struct traffic_row, value),
};
static const struct db_shape row_shape = DB_SHAPE(struct traffic_row, row_cols);

/* --- who is watched --------------------------------------------------------------------------- */

void
traffic_forget(struct traffic *t)
{
	if (t->arena != NULL)
		arena_free(&t->arena);
	*t = (struct traffic){ .n = 0 };
}

static void
traffic_read(struct op *op, struct traffic *t)
{
	struct traffic_row *rows;
	size_t n;

	t->read_at_us = clock_steady_us();
	if (db_many(op, STMT_settings_of_key, DB_ARGS(DB_TEXT("config_key", KEY)), &row_shape,
		&rows, &n) != OK) {
		op_forgive(op);
		return;
	}
	if (t->arena == NULL)
		t->arena = arena_new(ROWS_ARENA_MAX);
	arena_reset(t->arena);
	t->rows = arena_array(t->arena, n, sizeof *t->rows);
	t->n = n;
	for (size_t i = 0; i < n; i++)
		t->rows[i] = (struct traffic_row){ .restaurant_id = rows[i].restaurant_id,
			.value = arena_strdup(t->arena, rows[i].value) };
}

static int
by_restaurant(const void *key, const void *row)
{
	int64_t a = *(const int64_t *)key, b = ((const struct traffic_row *)row)->restaurant_id;

	return (a > b) - (a < b);
}

bool
traffic_watches(struct op *op, struct traffic *t, int64_t restaurant_id)
{
	const int64_t ids[] = { restaurant_id, 0 };
	const struct traffic_row *row = NULL;

	if (op != NULL &&
	    (t->read_at_us == 0 || clock_steady_us() - t->read_at_us >= TRAFFIC_FRESH_US))
		traffic_read(op, t);
	for (size_t i = 0; i < sizeof ids / sizeof ids[0] && t->n > 0 && row == NULL; i++)
		row = bsearch(&ids[i], t->rows, t->n, sizeof *t->rows, by_restaurant);
	return restaurant_id != 0 && row != NULL && strcmp(row->value, "true") == 0;
}

/* By the names of message.def: what goes to a POS is pos_ or menu_ something. */
bool
traffic_is_watched(struct op *op, struct traffic *t, const struct message *m)
{
	bool is_pos =
	    strncmp(m->kind_name, "pos_", 4) == 0 || strncmp(m->kind_name, "menu_", 5) == 0;

	return is_pos && traffic_watches(op, t, m->restaurant_id);
}

/* --- what is shown ---------------------------------------------------------------------------- */

static const char *
headers_shown(struct op *op, const struct http_call *call)
{
	struct buf b;

	buf_init(&b, op->arena, HEADERS_MAX);
	for (size_t i = 0; i < call->headers_n; i++)
		buf_addf(&b, "%s: %s\n", call->headers[i].name, call->headers[i].value);
	return b.data;
}

void
traffic_log_call(struct op *op, const struct message *m, const struct provider_call *c,
    const struct provider_result *r)
{
	const struct http_call *call = &c->intent;
	struct redact_hidden hidden = { .n = 0 };
	const char *sent, *answered;

	for (size_t i = 0; i < c->secrets_n; i++)
		redact_hide(op, &hidden, c->secrets[i].value);
	sent = redact_for_log(op, call->body, TRAFFIC_BODY_MAX, &hidden);
	answered = redact_for_log(op, r->has_reply ? r->reply.body : (struct bytes){ .data = NULL },
	    TRAFFIC_BODY_MAX, &hidden);
	log_event_long(LOG_LEVEL_INFO, "pos_call", m->trace_id,
	    LOG_FIELDS(LOG_I64("restaurant_id", m->restaurant_id), LOG_TEXT("kind", m->kind_name),
		LOG_I64("message", m->id), LOG_I64("attempt", m->attempts + 1),
		LOG_TEXT("method", call->method), LOG_TEXT("url", call->url),
		LOG_I64("status", r->has_reply ? r->reply.status : 0),
		LOG_TEXT("failure", r->has_reply ? NULL : call_failure_name(r->failure)),
		LOG_TEXT("headers", headers_shown(op, call)),
		LOG_I64("body_bytes", (int64_t)call->body.len),
		LOG_I64("answer_bytes", r->has_reply ? (int64_t)r->reply.body.len : 0),
		LOG_TEXT("body", sent), LOG_TEXT("answer", answered)));
}

void
traffic_log_delivery(struct op *op, const struct webhook_call *call, const char *path,
    const struct webhook_answer *answer)
{
	struct redact_hidden hidden = { .n = 0 };
	const char *came, *answered = NULL;

	redact_hide(op, &hidden, call->token);
	came = redact_for_log(op, call->body, TRAFFIC_BODY_MAX, &hidden);
	if (answer != NULL)
		answered = redact_for_log(op,
		    (struct bytes){ .data = answer->body, .len = strlen(answer->body) },
		    TRAFFIC_BODY_MAX, &hidden);
	log_event_long(LOG_LEVEL_INFO, "pos_delivery", op->trace_id,
	    LOG_FIELDS(LOG_I64("restaurant_id", op->restaurant_id),
		LOG_TEXT("provider", call->provider), LOG_TEXT("type", call->type),
		LOG_TEXT("source", call->source_address), LOG_TEXT("path", path),
		LOG_I64("status", answer != NULL ? answer->http_status : 0),
		LOG_TEXT("headers", call->headers),
		LOG_I64("body_bytes", (int64_t)call->body.len), LOG_TEXT("body", came),
		LOG_TEXT("answer", answered)));
}
