/*
 * Does the POS answer us?
 */
#include "integrations.h"

#include "audit/audit.h"
#include "db/db.h"
#include "http/reply.h"
#include "op/op.h"
#include "provider/probe.h"
#include "text/json_write.h"

static void
probe_show(struct reply *reply, int status, const struct probe *p)
{
	struct json_write *w = reply_json(reply, status);

	json_write_object(w, NULL);
	json_write_string(w, "status", p->status);
	json_write_raw(w, "checks", p->checks);
	json_write_time(w, "started_at", p->started_at);
	json_write_time(w, "completed_at", p->completed_at);
	json_write_object_end(w);
}

struct probing {
	struct connection connection;
	struct probe probe;
};

static enum err
probe_in_tx(struct op *op, void *arg)
{
	struct probing *p = arg;
	enum err e = probe_begin(op, &p->connection, &p->probe);

	return e != OK ? e
		       : audit_record(op, "integration.test",
			     p->connection.integration.provider_name, NULL);
}

enum err
test_post(struct op *op, const struct request *r, struct reply *reply)
{
	struct probing p;
	enum err e = connection_active(op, r, &p.connection);

	if (e == OK)
		e = db_tx(op, probe_in_tx, &p);
	if (e == OK)
		probe_show(reply, 202, &p.probe);
	return e;
}

enum err
test_get(struct op *op, const struct request *r, struct reply *reply)
{
	struct connection c;
	struct probe probe;
	enum err e = connection_active(op, r, &c);

	if (e != OK)
		return e;
	e = probe_read(op, &c, &probe);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, "It was never tested");
	if (e == OK)
		probe_show(reply, 200, &probe);
	return e;
}
