/*
 * One statement for many rows of arguments in one round trip: MariaDB's COM_STMT_BULK_EXECUTE. The
 * server carries it out row after row and answers with the sum of what was changed. MySQL has no
 * such thing; there the rows go one by one (stmt.c).
 */
#include "db/inside.h"

bool
db_bulk_is_known(MYSQL *mysql)
{
#ifdef MARIADB_CLIENT_STMT_BULK_OPERATIONS
	unsigned long known = 0;

	return mariadb_get_infov(mysql, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &known) ==
		   0 &&
	       (known & (unsigned long)(MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0;
#else
	(void)mysql;
	return false;
#endif
}

void
db_bulk_rows(MYSQL_STMT *stmt, size_t rows_n)
{
#ifdef MARIADB_CLIENT_STMT_BULK_OPERATIONS
	unsigned n = (unsigned)rows_n;

	(void)mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &n);
#else
	(void)stmt;
	(void)rows_n;
#endif
}

#ifdef MARIADB_CLIENT_STMT_BULK_OPERATIONS

static bool
is_null(const struct db_arg *a)
{
	switch (a->kind) {
	case DB_KIND_NULL:
		return true;
	case DB_KIND_I64:
		return false;
	case DB_KIND_TEXT:
	case DB_KIND_BYTES:
		return a->data == NULL;
	case DB_KIND_TIME:
		return a->i64 == TIME_NONE;
	}
	return true;
}

/* Numbers stand one behind the other; everything else is pointed at. */
static bool
column_fill(struct arena *arena, MYSQL_BIND *b, const struct db_arg *a, size_t stride, size_t n,
    enum db_kind kind)
{
	int64_t *numbers = arena_array(arena, n, sizeof *numbers);
	const void **pointers = arena_array(arena, n, sizeof *pointers);
	unsigned long *lens = arena_array(arena, n, sizeof *lens);
	MYSQL_TIME *times = kind == DB_KIND_TIME ? arena_array(arena, n, sizeof *times) : NULL;

	for (size_t i = 0; i < n; i++, a += stride) {
		pointers[i] = "";
		if (is_null(a))
			continue;
		numbers[i] = a->i64;
		lens[i] = (unsigned long)a->len;
		if (kind == DB_KIND_TIME && !db_time_encode(a->i64, &times[i]))
			return false;
		pointers[i] = kind == DB_KIND_TIME ? (const void *)&times[i] : a->data;
	}
	b->buffer = kind == DB_KIND_I64 ? (void *)numbers : (void *)pointers;
	b->length = lens;
	return true;
}

bool
db_bulk_bind(struct arena *arena, MYSQL_BIND *b, const struct db_arg *a, size_t stride, size_t n)
{
	static const enum enum_field_types types[] = {
		[DB_KIND_NULL] = MYSQL_TYPE_STRING,
		[DB_KIND_I64] = MYSQL_TYPE_LONGLONG,
		[DB_KIND_TEXT] = MYSQL_TYPE_STRING,
		[DB_KIND_BYTES] = MYSQL_TYPE_BLOB,
		[DB_KIND_TIME] = MYSQL_TYPE_DATETIME,
	};
	enum db_kind kind = DB_KIND_NULL;
	char *nulls = arena_array(arena, n, 1);

	for (size_t i = 0; i < n; i++) {
		const struct db_arg *one = a + i * stride;

		nulls[i] = is_null(one) ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
		if (one->kind == DB_KIND_NULL)
			continue;
		if (kind != DB_KIND_NULL && one->kind != kind)
			db_bug(one->name, "has two kinds of value in one bulk");
		kind = one->kind;
	}
	*b = (MYSQL_BIND){ .buffer_type = types[kind], .u.indicator = nulls };
	return column_fill(arena, b, a, stride, n, kind);
}

#else

bool
db_bulk_bind(struct arena *arena, MYSQL_BIND *b, const struct db_arg *a, size_t stride, size_t n)
{
	(void)arena, (void)b, (void)stride, (void)n;
	db_bug(a->name, "is bound in bulk, which this library does not know");
}

#endif
