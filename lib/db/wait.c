/*
 * Waiting for the server's answers, with something else to be done meanwhile.
 *
 * MariaDB's client can be called so that it returns where it would wait (its documentation: "Using
 * the Non-blocking Library"); each call is then gone on with until it has an answer. MySQL's own
 * client has no such thing for prepared statements: there the program waits.
 */
#include "db/inside.h"

#include <poll.h>

#include "op/clock.h"

#if defined(MARIADB_PACKAGE_VERSION)

bool
db_wait_prepare(MYSQL *mysql, const struct db_options *o)
{
	return o->meanwhile == NULL || mysql_options(mysql, MYSQL_OPT_NONBLOCK, 0) == 0;
}

/* How long poll() may sleep until then: rounded up, so that it is not woken too early. */
static int
poll_ms(int64_t now_us, int64_t until_us)
{
	int64_t ms = until_us <= now_us ? 0 : (until_us - now_us - 1) / 1000 + 1;

	return ms < 60000 ? (int)ms : 60000;
}

/* Works until the connection can do what the call waits for, or its time is over. */
static int
waited(struct db *db, int what)
{
	const struct db_meanwhile *m = db->options.meanwhile;
	int64_t now = clock_steady_us(), over = INT64_MAX;
	struct pollfd fds[] = { { .fd = (int)mysql_get_socket(db->mysql),
				    .events = (short)(((what & MYSQL_WAIT_READ) != 0 ? POLLIN : 0) |
					((what & MYSQL_WAIT_WRITE) != 0 ? POLLOUT : 0) |
					((what & MYSQL_WAIT_EXCEPT) != 0 ? POLLPRI : 0)) },
		{ .fd = m->fd, .events = POLLIN } };

	if ((what & MYSQL_WAIT_TIMEOUT) != 0)
		over = now + mysql_get_timeout_value_ms(db->mysql) * INT64_C(1000);
	for (;; now = clock_steady_us()) {
		int64_t at = m->at_us(m->arg);
		int ready = poll(fds, 2, poll_ms(now, at < over ? at : over));

		/* What failed (EINTR, or for want of memory) says nothing: it is asked again. */
		if (ready > 0 && fds[0].revents != 0)
			return what & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE | MYSQL_WAIT_EXCEPT);
		now = clock_steady_us();
		if (now >= over)
			return MYSQL_WAIT_TIMEOUT;
		if ((ready > 0 && fds[1].revents != 0) || now >= at)
			m->work(m->arg);
	}
}

int
db_wait_execute(struct db *db, MYSQL_STMT *stmt)
{
	int what, ret = 0;

	if (db->options.meanwhile == NULL)
		return mysql_stmt_execute(stmt);
	what = mysql_stmt_execute_start(&ret, stmt);
	while (what != 0)
		what = mysql_stmt_execute_cont(&ret, stmt, waited(db, what));
	return ret;
}

int
db_wait_store(struct db *db, MYSQL_STMT *stmt)
{
	int what, ret = 0;

	if (db->options.meanwhile == NULL)
		return mysql_stmt_store_result(stmt);
	what = mysql_stmt_store_result_start(&ret, stmt);
	while (what != 0)
		what = mysql_stmt_store_result_cont(&ret, stmt, waited(db, what));
	return ret;
}

int
db_wait_query(struct db *db, const char *text, unsigned long len)
{
	int what, ret = 0;

	if (db->options.meanwhile == NULL)
		return mysql_real_query(db->mysql, text, len);
	what = mysql_real_query_start(&ret, db->mysql, text, len);
	while (what != 0)
		what = mysql_real_query_cont(&ret, db->mysql, waited(db, what));
	return ret;
}

#else

bool
db_wait_prepare(MYSQL *mysql, const struct db_options *o)
{
	(void)mysql;
	(void)o;
	return true;
}

int
db_wait_execute(struct db *db, MYSQL_STMT *stmt)
{
	(void)db;
	return mysql_stmt_execute(stmt);
}

int
db_wait_store(struct db *db, MYSQL_STMT *stmt)
{
	(void)db;
	return mysql_stmt_store_result(stmt);
}

int
db_wait_query(struct db *db, const char *text, unsigned long len)
{
	return mysql_real_query(db->mysql, text, len);
}

#endif
