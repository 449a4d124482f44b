/*
 * ops: whether the house is well (/health) and what it counts (/metrics).
 *
 * This pool serves without a database too: being asked whether it is there is its business. nginx
 * decides who may ask.
 */
#include <time.h>

#include "config/config.h"
#include "http/front.h"
#include "http/reply.h"
#include "http/request.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "text/json_write.h"
#include "text/version.h"

#define METRICS_MAX ((size_t)4 * 1024 * 1024)
#define DB_TIMEOUT_S 2 /* a probe gives up after a few seconds; so must its answer */

struct queue_row {
	const char *runner; /* who carries it out: "relay" or "jobs" */
	int64_t waiting_n, due_n, oldest_s;
};
static const struct db_col queue_cols[] = {
	COL_TEXT(struct queue_row, runner),
	COL_I64(struct queue_row, waiting_n),
	COL_I64(struct queue_row, due_n),
	COL_I64(struct queue_row, oldest_s),
};
static const struct db_shape queue_shape = DB_SHAPE(struct queue_row, queue_cols);

struct queue {
	struct queue_row *rows;
	size_t n;
};

/* What waits in the outbox, or that the database cannot be asked. */
static bool
queue_read(struct op *op, struct queue *ret)
{
	enum err e = db_ready(op);

	if (e == OK)
		e = db_now(op);
	if (e == OK)
		e = db_many(op, STMT_ops_queue, DB_NO_ARGS, &queue_shape, &ret->rows, &ret->n);
	return e == OK;
}

/* The database's time; without a database that of this host. */
static int64_t
op_time(const struct op *op)
{
	struct timespec t;

	if (op->now_us != TIME_NONE)
		return op->now_us;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
write_queue(struct json_write *w, const struct queue *q)
{
	int64_t due_n = 0, oldest_s = 0;

	for (size_t i = 0; i < q->n; i++) {
		due_n += q->rows[i].due_n;
		if (q->rows[i].oldest_s > oldest_s)
			oldest_s = q->rows[i].oldest_s;
	}
	json_write_object(w, "queue");
	json_write_int64(w, "due", due_n);
	json_write_int64(w, "oldest_s", oldest_s);
	json_write_object_end(w);
}

static enum err
health(struct op *op, const struct request *request, struct reply *reply)
{
	struct queue queue = { 0 };
	bool has_db = queue_read(op, &queue);
	struct json_write *w = reply_json(reply, has_db ? 200 : 503);

	(void)request;
	json_write_object(w, NULL);
	json_write_string(w, "status", has_db ? "healthy" : "unhealthy");
	json_write_string(w, "database", has_db ? "connected" : "disconnected");
	json_write_string(w, "redis", "not_used");
	if (has_db)
		write_queue(w, &queue);
	else
		json_write_null(w, "queue");
	json_write_string(w, "realtime", "not_used");
	json_write_string(w, "version", VERSION);
	json_write_time(w, "timestamp", op_time(op));
	json_write_object_end(w);
	if (!has_db)
		reply_header(reply, "Retry-After", "1");
	return OK;
}

/* One family of the queue, a line per runner. */
static void
print_gauge(struct buf *out, const struct queue *q, const char *name, const char *help,
    size_t offset)
{
	buf_addf(out, "# HELP ticketrail_%s %s\n# TYPE ticketrail_%s gauge\n", name, help, name);
	for (size_t i = 0; i < q->n; i++)
		buf_addf(out, "ticketrail_%s{runner=\"%s\"} %lld\n", name, q->rows[i].runner,
		    (long long)*(
			const int64_t *)(const void *)((const char *)&q->rows[i] + offset));
}

static enum err
metrics(struct op *op, const struct request *request, struct reply *reply)
{
	struct queue queue = { 0 };
	bool has_db = queue_read(op, &queue);
	struct buf out;
	enum err e;

	buf_init(&out, op->arena, METRICS_MAX);
	e = counters_print(op->arena, request->config->run_dir, &out);
	if (e != OK)
		return e;
	buf_adds(&out, "# HELP ticketrail_database_up Whether the database answered this request\n"
		       "# TYPE ticketrail_database_up gauge\n");
	buf_addf(&out, "ticketrail_database_up %d\n", has_db);
	if (has_db) {
		print_gauge(&out, &queue, "outbox_messages", "Messages not carried out yet",
		    offsetof(struct queue_row, waiting_n));
		print_gauge(&out, &queue, "outbox_due_messages",
		    "Messages that could be carried out now", offsetof(struct queue_row, due_n));
		print_gauge(&out, &queue, "outbox_oldest_due_seconds",
		    "How long the oldest of them has been due",
		    offsetof(struct queue_row, oldest_s));
	}
	reply_raw(reply, 200, "text/plain; version=0.0.4; charset=utf-8",
	    (struct bytes){ out.data, out.len });
	return OK;
}

static const struct route routes[] = {
	{
		.method = METHOD_GET,
		.path = "/health",
		.roles = ROLE_ANYBODY,
		.rate = RATE_NONE,
		.handle = health,
		.sentence = "Whether the database answers and how much waits in the queue",
	},
	{
		.method = METHOD_GET,
		.path = "/metrics",
		.roles = ROLE_ANYBODY,
		.rate = RATE_NONE,
		.handle = metrics,
		.sentence = "The counters of all processes, for Prometheus",
	},
};

static const struct pool pool = {
	.name = "ops",
	.program = PROGRAM_ops,
	.routes = ROUTE_TABLE(routes),
	.db_timeout_s = DB_TIMEOUT_S,
	.is_without_db = true,
};

int
main(int argc, char **argv)
{
	return front_main(argc, argv, &pool);
}
