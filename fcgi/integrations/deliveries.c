/*
 * What providers have delivered.
 */
#include "integrations.h"

#include <string.h>

#include "audit/audit.h"
#include "db/db.h"
#include "http/reply.h"
#include "inbox/inbox.h"
#include "inbox/inbox_log.h"
#include "mem/buf.h"
#include "op/op.h"
#include "text/json_write.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 200
#define NAME_MAX 100 /* of a filter */

/* Succeeded or not, as the older surface counts it. */
static const char *const log_statuses[] = { "success", "failed", NULL };
#define STATES_FAILED (1u << DELIVERY_FAILED | 1u << DELIVERY_DEAD)
#define STATES_ALL ((1u << DELIVERY_STATE__MAX) - 1)

static enum err
states_filter(struct op *op, const struct request *r, struct delivery_filter *f)
{
	unsigned set = STATES_ALL;
	struct buf list;
	int status = -1;
	enum err e = request_query_words(op, r, "state", inbox_states, &set);

	if (e == OK)
		e = request_query_word(op, r, "status", log_statuses, &status);
	if (e != OK)
		return e;
	if (status >= 0)
		set &= status == 1 ? STATES_FAILED : ~STATES_FAILED;
	if (set == STATES_ALL)
		return OK;
	/* A state and a status that do not go together leave a list that nothing is in. */
	buf_init(&list, op->arena, 200);
	for (int i = 0; i < DELIVERY_STATE__MAX; i++)
		if ((set & 1u << i) != 0)
			buf_addf(&list, "%s%s", list.len > 0 ? "," : "", inbox_states[i]);
	f->states = list.len > 0 ? list.data : "";
	return OK;
}

static enum err
name_filter(struct op *op, const struct request *r, const char *name, const char **ret)
{
	const char *text = request_query(r, name);

	if (text != NULL && (text[0] == '\0' || strlen(text) > NAME_MAX))
		return fail_field(op, name, "must be 1 to %d bytes", NAME_MAX);
	*ret = text;
	return OK;
}

/*
 * Whose deliveries the caller is shown: their own restaurant's. The platform's staff see those of
 * the restaurant that the address names, or of all (0), also what belongs to none.
 */
static int64_t
logs_scope(const struct op *op, const struct request *r)
{
	if (op->actor.restaurant_id != 0)
		return op->actor.restaurant_id;
	return r->tenant_slug != NULL && r->restaurant != NULL ? r->restaurant->id : 0;
}

static enum err
logs_restaurant(struct op *op, const struct request *r, int64_t *ret_id)
{
	const char *name = request_query(r, "restaurant");
	struct restaurant restaurant = { .id = logs_scope(op, r) };
	enum err e = name == NULL ? OK : restaurant_named(op, name, &restaurant);

	if (e == OK)
		*ret_id = restaurant.id;
	return e;
}

static enum err
logs_filter(struct op *op, const struct request *r, struct delivery_filter *f)
{
	enum err e = logs_restaurant(op, r, &f->restaurant_id);

	if (e == OK)
		e = request_query_i64(op, r, "limit", 1, PAGE_MAX, &f->n);
	if (e == OK)
		e = request_query_i64(op, r, "cursor", 1, INT64_MAX, &f->before_id);
	if (e == OK)
		e = name_filter(op, r, "type", &f->type);
	if (e == OK)
		e = name_filter(op, r, "subject", &f->subject);
	if (e == OK)
		e = request_query_since(op, r, &f->since_us, &f->until_us);
	return e != OK ? e : states_filter(op, r, f);
}

enum err
logs_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct delivery_filter filter = {
		.since_us = TIME_NONE, .until_us = TIME_NONE, .n = PAGE_DEFAULT
	};
	struct delivery_log *logs = NULL;
	struct json_write *w;
	size_t n = 0;
	enum err e = logs_filter(op, r, &filter);

	if (e == OK)
		e = inbox_list(op, &filter, &logs, &n);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	json_write_array(w, "logs");
	for (size_t i = 0; i < n; i++)
		inbox_log_write(w, NULL, &logs[i]);
	json_write_array_end(w);
	if ((int64_t)n == filter.n)
		json_write_int64(w, "next_cursor", logs[n - 1].id);
	else
		json_write_null(w, "next_cursor");
	json_write_object_end(w);
	return OK;
}

/* Whoever looks at a body sees what a kitchen said of somebody: that is recorded. */
static enum err
log_seen(struct op *op, void *arg)
{
	const struct delivery_log *l = arg;

	return audit_record(op, "delivery.read",
	    arena_printf(op->arena, "%lld", (long long)l->id), NULL);
}

enum err
log_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct delivery_log log;
	struct json_write *w;
	int64_t id;
	enum err e = request_path_i64(op, r, "id", &id);

	if (e == OK)
		e = inbox_read(op, logs_scope(op, r), id, &log);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e != OK)
		return e;
	op->restaurant_id = log.restaurant_id;
	e = db_tx(op, log_seen, &log);
	if (e != OK)
		return e;
	w = reply_json(reply, 200);
	json_write_object(w, NULL);
	inbox_log_write_whole(op, w, "log", &log);
	json_write_object_end(w);
	return OK;
}
