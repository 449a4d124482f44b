/* Rows of arguments, gathered one by one. */
#include <string.h>

#include "db/inside.h"

#define ROWS_FIRST 8

struct db_arg *
db_rows_add(struct op *op, struct db_rows *rows, const struct db_arg *row, size_t n)
{
	struct db_arg *at;

	if (rows->rows_n > 0 && rows->n != n)
		db_bug(row->name, "stands in a row of another number of arguments");
	if (rows->rows_n == rows->rows_max) {
		rows->rows_max = rows->rows_max == 0 ? ROWS_FIRST : 2 * rows->rows_max;
		at = arena_array(op->arena, rows->rows_max * n, sizeof *at);
		if (rows->rows_n > 0)
			memcpy(at, rows->args, rows->rows_n * n * sizeof *at);
		rows->args = at;
		rows->n = n;
	}
	at = rows->args + rows->rows_n++ * n;
	memcpy(at, row, n * sizeof *at);
	return at;
}

enum err
db_rows_insert(struct op *op, enum stmt s, const struct db_rows *rows)
{
	return db_insert(op, s, rows->args, rows->n, rows->rows_n);
}
