/*
 * raw: SQL as text, for what cannot stand in the statement table: migrations, accounts, tests.
 *
 * Nothing that serves a request uses it. Every value that goes into such a text goes through
 * raw_quote().
 */
#ifndef TICKETRAIL_DB_RAW_H
#define TICKETRAIL_DB_RAW_H

#include <stddef.h>

#include "db/db.h"

struct raw; /* a connection */

/*
 * Connects; options->database may be NULL, options->program is of no interest. OK or
 * ERR_UNAVAILABLE, saying why.
 */
enum err raw_open(struct op *, const struct db_options *, struct raw **ret);
void raw_close(struct raw **);

/*
 * Runs one statement and drops what it gives. 0, or the server's error number, whose text
 * raw_error() has.
 */
unsigned raw_try(struct raw *, const char *sql);
const char *raw_error(const struct raw *);

/*
 * As raw_try; failing, ERR_UNAVAILABLE or ERR_INTERNAL_ERROR with "what: number text" as the
 * sentence.
 */
enum err raw_run(struct op *, struct raw *, const char *what, const char *sql);

/*
 * Rows of `columns` texts each (NULL is NULL), one after the other, in the arena. Bytes: ask for
 * HEX().
 */
enum err raw_rows(struct op *, struct raw *, const char *what, const char *sql, size_t columns,
    char ***ret_cells, size_t *ret_rows_n);

/* 'quoted' for use in a statement, in the arena. */
char *raw_quote(struct op *, struct raw *, const char *);

#endif
