#include "db/raw.h"

#include <stdlib.h>
#include <string.h>

#include "db/inside.h"

struct raw {
	MYSQL *mysql;
};

enum err
raw_open(struct op *op, const struct db_options *o, struct raw **ret)
{
	struct db_options options = *o;
	const char *why = NULL;
	struct raw *r;
	MYSQL *m;

	/* The migration's guard stays in its transaction while statements run elsewhere. */
	options.may_idle = true;
	m = db_open(&options, op->arena, &why);
	if (m == NULL)
		return fail(op, ERR_UNAVAILABLE, "%s", why);
	r = malloc(sizeof *r);
	if (r == NULL)
		abort();
	*r = (struct raw){ .mysql = m };
	*ret = r;
	return OK;
}

void
raw_close(struct raw **ref)
{
	if (*ref == NULL)
		return;
	mysql_close((*ref)->mysql);
	free(*ref);
	*ref = NULL;
}

unsigned
raw_try(struct raw *r, const char *sql)
{
	MYSQL_RES *rows;

	if (mysql_real_query(r->mysql, sql, (unsigned long)strlen(sql)) != 0)
		return mysql_errno(r->mysql);
	rows = mysql_store_result(r->mysql);
	if (rows != NULL)
		mysql_free_result(rows);
	return mysql_errno(r->mysql);
}

const char *
raw_error(const struct raw *r)
{
	return mysql_error(r->mysql);
}

static enum err
failed(struct op *op, struct raw *r, const char *what)
{
	unsigned number = mysql_errno(r->mysql);
	enum err e = db_classify(number) == DB_CLASS_BROKEN ? ERR_UNAVAILABLE : ERR_INTERNAL_ERROR;

	return fail(op, e, "%s: %u %s", what, number, mysql_error(r->mysql));
}

enum err
raw_run(struct op *op, struct raw *r, const char *what, const char *sql)
{
	return raw_try(r, sql) == 0 ? OK : failed(op, r, what);
}

enum err
raw_rows(struct op *op, struct raw *r, const char *what, const char *sql, size_t columns,
    char ***ret_cells, size_t *ret_rows_n)
{
	MYSQL_RES *rows;
	MYSQL_ROW row;
	char **cells;
	size_t n;

	if (mysql_real_query(r->mysql, sql, (unsigned long)strlen(sql)) != 0 ||
	    (rows = mysql_store_result(r->mysql)) == NULL)
		return failed(op, r, what);
	if (mysql_num_fields(rows) != columns)
		db_bug(what, "gives %u columns, not %zu", mysql_num_fields(rows), columns);
	n = (size_t)mysql_num_rows(rows);
	cells = arena_array(op->arena, n * columns, sizeof *cells);
	for (size_t i = 0; (row = mysql_fetch_row(rows)) != NULL; i++)
		for (size_t c = 0; c < columns; c++)
			cells[i * columns + c] = arena_strdup(op->arena, row[c]);
	mysql_free_result(rows);
	*ret_cells = cells;
	*ret_rows_n = n;
	return OK;
}

char *
raw_quote(struct op *op, struct raw *r, const char *text)
{
	size_t len = strlen(text);
	char *q = arena_alloc(op->arena, 2 * len + 3);

	q[0] = '\'';
	len = mysql_real_escape_string(r->mysql, q + 1, text, (unsigned long)len);
	/* MySQL's library refuses where backslashes are no escapes. */
	if (len == (unsigned long)-1)
		db_bug("quote", "%u %s", mysql_errno(r->mysql), mysql_error(r->mysql));
	q[len + 1] = '\'';
	q[len + 2] = '\0';
	return q;
}
