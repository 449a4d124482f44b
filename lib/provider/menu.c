#include "provider/menu.h"

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "inbox/inbox.h"
#include "mem/buf.h"
#include "menu/menu_import.h"
#include "op/op.h"
#include "provider/connect.h"
#include "provider/handler.h"
#include "provider/login.h"

/* The type under which a fetched document is stored beside the pushed ones. */
#define FETCHED "menu-fetch"

/* Of many changes, those that are told within so long of each other are fetched together. */
#define GATHER_US (INT64_C(5) * 1000000)

static enum err
sync_put(struct op *op, int64_t restaurant_id, int64_t delay_us, int64_t *ret_sync_id)
{
	struct connection c;
	int64_t sync_id;
	enum err e = connection_of(op, restaurant_id, &c);

	if (e == ERR_NO_ROW)
		return fail_field(op, "restaurant", "has no POS");
	if (e != OK)
		return e;
	if (!pos_can(c.adapter, POS_MENU))
		return fail_field(op, "restaurant", "has a POS whose menu cannot be fetched");
	e = menu_sync_begin(op, restaurant_id, MENU_SYNC_FULL, 0, &sync_id);
	if (e == OK)
		e = outbox_put(op, &(struct message_new){ .kind = MESSAGE_menu_fetch,
				       .destination = c.terms.destination,
				       .restaurant_id = restaurant_id,
				       .subject_id = sync_id,
				       .delay_us = delay_us });
	if (e == OK)
		*ret_sync_id = sync_id;
	return e;
}

enum err
menu_sync_start(struct op *op, int64_t restaurant_id, int64_t *ret_sync_id)
{
	return sync_put(op, restaurant_id, 0, ret_sync_id);
}

struct fetches_row {
	int64_t waiting_n;
	int64_t last_at; /* when one was last asked for */
};
static const struct db_col fetches_cols[] = {
	COL_I64(struct fetches_row, waiting_n),
	COL_TIME(struct fetches_row, last_at),
};
static const struct db_shape fetches_shape = DB_SHAPE(struct fetches_row, fetches_cols);

enum err
menu_sync_news(struct op *op, int64_t restaurant_id)
{
	struct fetches_row row;
	int64_t sync_id;
	enum err e = db_now(op);

	if (e == OK)
		e = db_one(op, STMT_menu_fetches,
		    DB_ARGS(DB_I64("restaurant_id", restaurant_id)), &fetches_shape, &row);
	if (e != OK || row.waiting_n > 0)
		return e;
	return sync_put(op, restaurant_id,
	    row.last_at != TIME_NONE && row.last_at > op->now_us - GATHER_US ? GATHER_US : 0,
	    &sync_id);
}

enum err
menu_publish_put(struct op *op, int64_t restaurant_id, int64_t delivery_id, int64_t sync_id,
    const char *documents)
{
	return outbox_put(
	    op, &(struct message_new){ .kind = MESSAGE_menu_publish,
		    .destination = arena_printf(op->arena, "menu:%lld", (long long)restaurant_id),
		    .restaurant_id = restaurant_id,
		    .subject_id = delivery_id,
		    .subject_no = sync_id,
		    .payload = { documents, documents != NULL ? strlen(documents) : 0 } });
}

/*
 * What a fetch that takes several calls has come to is its message's payload: a line naming the
 * documents that are stored already, "12:items 13:categories ", and the adapter's progress behind
 * it. The line alone goes to the message that publishes them.
 */
static struct bytes
payload_line(struct bytes payload)
{
	const char *end = payload.len > 0 ? memchr(payload.data, '\n', payload.len) : NULL;

	return (struct bytes){ payload.data,
		end != NULL ? (size_t)(end - (const char *)payload.data) : payload.len };
}

static struct bytes
payload_progress(struct bytes payload)
{
	size_t line_len = payload_line(payload).len;

	return payload.len <= line_len
		   ? (struct bytes){ 0 }
		   : (struct bytes){ (const char *)payload.data + line_len + 1,
			     payload.len - line_len - 1 };
}

/* The line with one more document. */
static const char *
line_with(struct op *op, struct bytes payload, int64_t id, const char *page)
{
	struct bytes line = payload_line(payload);

	return arena_printf(op->arena, "%.*s%lld:%s ", (int)line.len,
	    line.len > 0 ? (const char *)line.data : "", (long long)id, page != NULL ? page : "");
}

/* What was read of it so far is of no use any more. */
static enum err
fetch_failed(struct op *op, const struct message *m, const char *why)
{
	struct bytes line = payload_line(m->payload);
	char *rest = arena_strndup(op->arena, line.len > 0 ? line.data : "", line.len), *word;
	enum err e = menu_sync_fail(op, m->restaurant_id, m->subject_id, why);

	while (e == OK && (word = strsep(&rest, " ")) != NULL && *word != '\0')
		e = inbox_set(op, strtoll(word, NULL, 10), DELIVERY_DEAD, why);
	return e;
}

static enum err
fetch_impossible(struct op *op, const struct message *m, const char *why)
{
	enum err e = fetch_failed(op, m, why);

	return e != OK ? e : outbox_finish(op, m, OUTCOME_REFUSED, why);
}

enum err
menu_fetch_begin(struct op *op, struct attempt *a)
{
	struct pos_problems problems = { 0 };
	struct pos_task task = { .now = op->now_us,
		.since = TIME_NONE,
		.progress = payload_progress(a->message->payload) };
	static const char impossible[] = "The POS cannot be asked for its menu";
	const struct message *m = a->message;
	struct connection c;
	bool ready;
	enum err e = connection_of(op, m->restaurant_id, &c);

	if (e == ERR_NO_ROW)
		return fetch_impossible(op, m, impossible);
	if (e == OK)
		e = login_ready(op, &c, &ready);
	if (e != OK)
		return e;
	if (!ready)
		return login_waited_too_long(op, m)
			   ? fetch_impossible(op, m, "We had no access to the POS")
			   : login_wait(op, m, &c);
	task.config = c.config;
	if (!pos_can(c.adapter, POS_MENU) || c.problems.n > 0 ||
	    !c.adapter->talks[POS_MENU].call(op->arena, &task, &a->call, &problems))
		return fetch_impossible(op, m, impossible);
	a->limits = c.adapter->menu_limits;
	e = integration_secrets_open(
	    op, &a->provider->keys, &c.integration, &a->secrets, &a->secrets_n);
	a->is_sent = e == OK;
	return e;
}

/*
 * The document is stored as any delivery is. After the last one all are published by a job; before
 * it the fetch goes on.
 */
static enum err
document_store(struct op *op, const struct message *m, const struct connection *c,
    const struct provider_result *r, const struct pos_outcome *o, struct provider_ending *ret)
{
	const char *line;
	struct buf payload;
	struct delivery_new d = { .restaurant_id = m->restaurant_id,
		.provider = c->adapter->name,
		.type = FETCHED,
		.headers = "",
		.source_address = "",
		.body = r->reply.body,
		.is_verified = true,
		.http_status = r->reply.status };
	int64_t id;
	enum err e = inbox_store(op, &d, &id);

	if (e != OK)
		return e;
	line = line_with(op, m->payload, id, o->page);
	if (!o->has_next)
		return menu_publish_put(op, m->restaurant_id, id, m->subject_id, line);
	buf_init(&payload, op->arena, strlen(line) + o->progress.len + 2);
	buf_addf(&payload, "%s\n", line);
	buf_add(&payload, o->progress.data, o->progress.len);
	return attempt_next(ret, (struct bytes){ payload.data, payload.len });
}

enum err
menu_fetch_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	struct pos_task task = { .now = op->now_us,
		.since = TIME_NONE,
		.progress = payload_progress(m->payload) };
	struct pos_outcome o;
	struct connection c;
	struct verdict v;
	enum err e = connection_of(op, m->restaurant_id, &c);

	(void)p;
	if (e == ERR_NO_ROW)
		return outbox_finish(op, m, ret->outcome = OUTCOME_REFUSED, "The POS is gone");
	if (e != OK)
		return e;
	task.config = c.config;
	o = attempt_heard(op, c.adapter, POS_MENU, &task, r);
	e = login_review(op, &c, m, &o.verdict);
	if (e != OK)
		return e;
	v = o.verdict;
	ret->outcome = v.outcome;
	/* Reading changes nothing there, so a doubt is asked again like any other failure. */
	if (v.outcome == OUTCOME_UNSURE)
		v.outcome = OUTCOME_LATER;
	if (v.outcome == OUTCOME_DONE)
		e = document_store(op, m, &c, r, &o, ret);
	else if (v.outcome == OUTCOME_REFUSED || outbox_is_last(op, m))
		e = fetch_failed(op, m, v.sentence);
	if (e != OK || (v.outcome == OUTCOME_DONE && o.has_next))
		return e;
	return attempt_again_or_finish(op, m, &v);
}

enum err
menu_fetch_dead(struct op *op, const struct message *m, const char *why)
{
	return fetch_failed(op, m, why);
}

enum err
menu_publish_dead(struct op *op, const struct message *m, const char *why)
{
	enum err e = inbox_set(op, m->subject_id, DELIVERY_DEAD, why);

	return e != OK || m->subject_no == 0
		   ? e
		   : menu_sync_fail(op, m->restaurant_id, m->subject_no, why);
}

static enum err
publish_failed(struct op *op, const struct message *m, const char *why)
{
	enum err e = menu_publish_dead(op, m, why);

	return e != OK ? e : outbox_finish(op, m, OUTCOME_REFUSED, why);
}

static enum err
page_load(struct op *op, int64_t id, const char *name, struct pos_page *ret)
{
	struct delivery d;
	enum err e = inbox_lock(op, id, &d);

	if (e == OK)
		*ret = (struct pos_page){ .name = *name != '\0' ? name : NULL, .body = d.body };
	return e;
}

/* The documents that the payload names, or the one that was pushed. */
static enum err
pages_load(struct op *op, const struct message *m, struct pos_page **ret_pages, int64_t **ret_ids,
    size_t *ret_n)
{
	char *rest = arena_bytes(op->arena, m->payload.data, m->payload.len), *word;
	size_t most = 1, n = 0;
	enum err e = OK;

	for (size_t i = 0; i < m->payload.len; i++)
		most += rest[i] == ' ';
	*ret_pages = arena_array(op->arena, most, sizeof **ret_pages);
	*ret_ids = arena_array(op->arena, most, sizeof **ret_ids);
	while (e == OK && (word = strsep(&rest, " ")) != NULL && *word != '\0') {
		char *name;

		(*ret_ids)[n] = strtoll(word, &name, 10);
		e = page_load(op, (*ret_ids)[n], name + (*name == ':'), &(*ret_pages)[n]);
		n++;
	}
	if (n == 0) {
		(*ret_ids)[n] = m->subject_id;
		e = page_load(op, m->subject_id, "", &(*ret_pages)[n++]);
	}
	*ret_n = n;
	return e;
}

enum err
menu_publish(struct op *op, const struct message *m)
{
	struct menu_import_result result;
	struct connection c;
	struct pos_page *pages = NULL;
	int64_t *ids = NULL;
	size_t n = 0;
	struct menu_doc doc;
	const char *why;
	bool is_old;
	enum err e = connection_of(op, m->restaurant_id, &c);

	if (e == OK)
		e = pages_load(op, m, &pages, &ids, &n);
	if (e == ERR_NO_ROW)
		return outbox_finish(op, m, OUTCOME_REFUSED, "The POS or the document is gone");
	if (e != OK)
		return e;
	why = c.adapter->read_menu(op->arena, c.config, pages, n, &doc);
	if (why != NULL)
		return publish_failed(op, m, why);
	e = menu_import(op,
	    &(struct menu_import){ .restaurant_id = m->restaurant_id,
		.doc = &doc,
		.sync = MENU_SYNC_FULL,
		.sync_id = m->subject_no,
		.delivery_id = m->subject_id },
	    &result);
	if (e == ERR_MENU_SYNC_ERROR) {
		why = op->fault.sentence;
		op_forgive(op);
		return publish_failed(op, m, why);
	}
	if (e == OK)
		e = integration_synced(op, &c.integration);
	if (e == OK)
		e = menu_poll_put(op, &c);
	/* Fetched, and what we had already: a megabyte a day that says nothing. */
	is_old = e == OK && result.changed == 0 && m->payload.len > 0;
	for (size_t i = 0; i < n && e == OK; i++)
		e = is_old ? inbox_forget(op, ids[i])
			   : inbox_set(op, ids[i], DELIVERY_PROCESSED, NULL);
	return e != OK ? e : outbox_finish(op, m, OUTCOME_DONE, result.status);
}
