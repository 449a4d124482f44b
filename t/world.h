/*
 * world: a MariaDB of its own for one test program, with the schema and the programs' users.
 *
 * It lies in a new directory under /tmp, listens on a unix socket only, and is gone when the test has ended, however it
 * ended: a keeper process waits for that and then kills the server and removes the directory.
 * What goes wrong here ends the test ("Bail out!").
 */
#ifndef TICKETRAIL_WORLD_H
#define TICKETRAIL_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

/* Server, schema, users. Any other call here does it first. */
void world_begin(void);

/* The server alone, with no database in it; for tests of the migration itself. */
void world_begin_empty(void);

/* The connection of a program, made at the first call and owned by the world: it connects with the program's own user. */
struct db *world_db(enum program);

/* How a program connects, for a test that makes connections of its own with db_new(). */
struct db_options world_options(enum program);

/* A new op with a ready connection; end it with op_end(). */
void world_op(struct op *, enum program);

/* As the administrator. world_text: the first column of the first row, to be freed; NULL when it is NULL or there is none. */
void world_sql(const char *sql, ...) __attribute__((format(printf, 1, 2)));
unsigned world_sql_errno(const char *sql, ...) __attribute__((format(printf, 1, 2)));
int64_t world_int(const char *sql, ...) __attribute__((format(printf, 1, 2)));
char *world_text(const char *sql, ...) __attribute__((format(printf, 1, 2)));

/* In a forked child, before any call above: connections of its own instead of the parent's. */
void world_own(void);

/* How to connect as the administrator, the database included. */
const struct db_options *world_admin(void);
#define WORLD_PASSWORD "it's a \\ secret\""

/* kill -9 of the server, and a new start on the same data. */
void world_server_kill(void);
void world_server_start(void);

#endif
