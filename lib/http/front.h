/*
 * front: the main program of every pool's worker.
 *
 * A pool's file is its route table, its handlers and
 *
 *	static const struct pool pool = {
 *		.name = "orders", .program = PROGRAM_orders, .routes = ROUTE_TABLE(routes),
 *	};
 *	int main(int argc, char **argv) { return front_main(argc, argv, &pool); }
 *
 * front reads the configuration (exit 78 when it is wrong), connects and prepares, writes 'R' to
 * READY_FD, and then serves one request after the other from the listening socket the pool master
 * passes as fd 0 (systemd: fd 3). It takes connections itself and lets libfcgi speak the protocol
 * only: libfcgi's own accept loop loses requests to signals. Signals stay blocked and are read from
 * a signalfd, so one that comes during a request waits for its end.
 *
 * Per request: one op, one line in the log {"event":"request",...} with the route's pattern (never
 * a query string, token, phone or body), the fault once, the counters. The handler's database work
 * is its own affair: nothing is open when it is called.
 */
#ifndef TICKETRAIL_HTTP_FRONT_H
#define TICKETRAIL_HTTP_FRONT_H

#include "db/db.h"
#include "err/err.h"
#include "http/route.h"
#include "op/op.h"

struct config;

struct pool {
	const char *name;         /* as the pool master and nginx call it */
	enum program program;     /* whose statements and database user */
	struct route_table routes;
	size_t arena_max;         /* of one op; 0 is 64 MiB */
	/* passwords, codes or keys come in bodies: what an op held is overwritten */
	bool has_credentials;
	unsigned db_timeout_s;    /* at most; 0 is DB_TIMEOUT_S */
	/*
	 * Further checks before 'R': a failure is logged and ends the worker with 78. May be NULL.
	 */
	enum err (*ready)(struct op *, const struct config *);
	/* Lends an op what the program keeps from one to the next (op->menus). May be NULL. */
	void (*begin)(struct op *);
	/* Serves without a database too (ops): db_ready() is the handlers' affair then. */
	bool is_without_db;
};

/* Runs until told to stop. `--routes` prints the table and ends. Returns the exit status. */
int front_main(int argc, char **argv, const struct pool *);

#endif
