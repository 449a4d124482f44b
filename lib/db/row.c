/* How a row of a result set becomes a struct. */

#include "db/inside.h"

#include <string.h>

#include "text/civil.h"

/* 0001-01-01 and 10000-01-01: what DATETIME can hold. */
#define YEAR_1_US (INT64_C(-62135596800) * US_PER_SECOND)
#define YEAR_10000_US (INT64_C(253402300800) * US_PER_SECOND)

bool
db_time_encode(int64_t us, MYSQL_TIME *ret)
{
	struct civil c;

	if (us < YEAR_1_US || us >= YEAR_10000_US)
		return false;
	c = civil_from_us(us);
	*ret = (MYSQL_TIME){
		.year = (unsigned)c.year,
		.month = (unsigned)c.month,
		.day = (unsigned)c.day,
		.hour = (unsigned)c.hour,
		.minute = (unsigned)c.minute,
		.second = (unsigned)c.second,
		.second_part = (unsigned long)c.us,
		.time_type = MYSQL_TIMESTAMP_DATETIME,
	};
	return true;
}

int64_t
db_time_decode(const MYSQL_TIME *t)
{
	const struct civil c = {
		.year = (int)t->year,
		.month = (int)t->month,
		.day = (int)t->day,
		.hour = (int)t->hour,
		.minute = (int)t->minute,
		.second = (int)t->second,
		.us = (int)t->second_part,
	};

	return civil_to_us(&c);
}

/* --- matching ----------------------------------------------------------------------------- */

static bool
type_is_integer(const MYSQL_FIELD *f)
{
	switch (f->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_NULL:
		return true;
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		return f->decimals == 0; /* SUM() of integers */
	default:
		return false;
	}
}

static bool
type_is_bytes(const MYSQL_FIELD *f)
{
	switch (f->type) {
	case MYSQL_TYPE_STRING:
	case MYSQL_TYPE_VAR_STRING:
	case MYSQL_TYPE_VARCHAR:
	case MYSQL_TYPE_TINY_BLOB:
	case MYSQL_TYPE_BLOB:
	case MYSQL_TYPE_MEDIUM_BLOB:
	case MYSQL_TYPE_LONG_BLOB:
	case MYSQL_TYPE_ENUM:
	case MYSQL_TYPE_SET:
	case MYSQL_TYPE_JSON:
	case MYSQL_TYPE_NULL:
		return true;
	default:
		return false;
	}
}

static bool
type_fits(const struct db_col *c, const MYSQL_FIELD *f)
{
	switch (c->kind) {
	case DB_COL_I64:
	case DB_COL_BOOL:
		return type_is_integer(f);
	case DB_COL_TEXT:
		/* A date has no zone and no µs: it is read as it is written. */
		return type_is_bytes(f) || f->type == MYSQL_TYPE_DATE;
	case DB_COL_BYTES:
	case DB_COL_FIXED:
		return type_is_bytes(f);
	case DB_COL_TIME:
		return f->type == MYSQL_TYPE_DATETIME || f->type == MYSQL_TYPE_TIMESTAMP ||
		       f->type == MYSQL_TYPE_NULL;
	}
	return false;
}

static const struct db_col *
col_named(const struct db_shape *shape, const char *name)
{
	for (size_t i = 0; i < shape->n; i++)
		if (strcmp(shape->cols[i].name, name) == 0)
			return &shape->cols[i];
	return NULL;
}

/*
 * Numbers and times are fetched into a cell. Text and bytes are bound to no room at all: the fetch
 * only tells their length, and mysql_stmt_fetch_column() then copies exactly that into the arena.
 */
static void
col_bind(struct db_prepared *p, size_t i)
{
	MYSQL_BIND *b = &p->cols[i];

	*b = (MYSQL_BIND){
		.buffer = &p->col_cells[i],
		.length = &p->col_lens[i],
		.is_null = &p->col_nulls[i],
		.error = &p->col_errors[i],
	};
	switch (p->col_into[i]->kind) {
	case DB_COL_I64:
	case DB_COL_BOOL:
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->buffer_length = sizeof(int64_t);
		break;
	case DB_COL_TIME:
		b->buffer_type = MYSQL_TYPE_DATETIME;
		b->buffer_length = sizeof(MYSQL_TIME);
		break;
	case DB_COL_TEXT:
		b->buffer_type = MYSQL_TYPE_STRING;
		break;
	case DB_COL_BYTES:
	case DB_COL_FIXED:
		b->buffer_type = MYSQL_TYPE_BLOB;
		break;
	}
}

void
db_row_match(struct db_prepared *p, const struct stmt_text *text, const struct db_shape *shape)
{
	MYSQL_RES *meta;
	const MYSQL_FIELD *fields;

	if (p->shape == shape)
		return;
	meta = mysql_stmt_result_metadata(p->stmt);
	if (meta == NULL)
		db_bug(text->name, "gives no rows");
	fields = mysql_fetch_fields(meta);
	if (shape->n != p->cols_n)
		db_bug(text->name, "has %zu columns, the shape %zu", p->cols_n, shape->n);
	for (size_t i = 0; i < p->cols_n; i++) {
		const struct db_col *c = col_named(shape, fields[i].name);

		if (c == NULL)
			db_bug(text->name, "column %s is no member of the shape", fields[i].name);
		for (size_t j = 0; j < i; j++)
			if (p->col_into[j] == c)
				db_bug(text->name, "column %s comes twice", c->name);
		if (!type_fits(c, &fields[i]))
			db_bug(text->name, "column %s has type %d, which its member cannot hold",
			    c->name, (int)fields[i].type);
		p->col_into[i] = c;
		col_bind(p, i);
	}
	mysql_free_result(meta);
	p->shape = shape;
}

/* --- decoding ----------------------------------------------------------------------------- */

static enum err
misfit(struct op *op, const struct stmt_text *text, const struct db_col *c, const char *why)
{
	bool is_first = op->fault.code == OK;
	enum err e = fail(op, ERR_INTERNAL_ERROR, NULL);

	if (is_first)
		op->fault.internal =
		    arena_printf(op->arena, "%s: column %s %s", text->name, c->name, why);
	return e;
}

/* The bytes of column i into room of exactly that length. */
static bool
col_fetch(struct db_prepared *p, size_t i, void *room, unsigned long len)
{
	db_bool is_null = 0, is_cut = 0;
	MYSQL_BIND b = {
		.buffer_type = p->cols[i].buffer_type,
		.buffer = room,
		.buffer_length = len,
		.length = &len,
		.is_null = &is_null,
		.error = &is_cut,
	};

	return mysql_stmt_fetch_column(p->stmt, &b, (unsigned)i, 0) == 0 && !is_null && !is_cut;
}

static enum err
decode_bytes(
    struct op *op, struct db_prepared *p, const struct stmt_text *text, size_t i, void *member)
{
	const struct db_col *c = p->col_into[i];
	unsigned long len = p->col_lens[i];
	char *room;

	if (p->col_nulls[i])
		return OK; /* rows begin as zeros: NULL, {NULL, 0} */
	if (c->kind == DB_COL_FIXED) {
		if (len != c->len)
			return misfit(op, text, c, "has another length than its member");
		return col_fetch(p, i, member, len) ? OK : misfit(op, text, c, "cannot be fetched");
	}
	room = arena_alloc(op->arena, (size_t)len + 1);
	if (len > 0 && !col_fetch(p, i, room, len))
		return misfit(op, text, c, "cannot be fetched");
	if (c->kind == DB_COL_BYTES)
		memcpy(member, &(struct bytes){ .data = room, .len = len }, sizeof(struct bytes));
	else if (memchr(room, '\0', len) != NULL)
		return misfit(op, text, c, "has a NUL in its text");
	else
		memcpy(member, &(const char *){ room }, sizeof room);
	return OK;
}

static enum err
decode_col(struct op *op, struct db_prepared *p, const struct stmt_text *text, size_t i, char *row)
{
	const struct db_col *c = p->col_into[i];
	const union db_cell *cell = &p->col_cells[i];
	bool is_null = p->col_nulls[i];
	void *member = row + c->offset;
	int64_t v;

	switch (c->kind) {
	case DB_COL_TEXT:
	case DB_COL_BYTES:
	case DB_COL_FIXED:
		return decode_bytes(op, p, text, i, member);
	case DB_COL_I64:
		v = is_null ? 0 : cell->i64;
		break;
	case DB_COL_BOOL:
		memcpy(member, &(bool){ !is_null && cell->i64 != 0 }, sizeof(bool));
		return OK;
	case DB_COL_TIME:
		v = is_null ? TIME_NONE : db_time_decode(&cell->time);
		break;
	default:
		db_bug(text->name, "column %s is of no kind", c->name);
	}
	if (!is_null && p->col_errors[i])
		return misfit(op, text, c, "has a value out of range");
	memcpy(member, &v, sizeof v);
	return OK;
}

enum err
db_row_decode(struct op *op, struct db_prepared *p, const struct stmt_text *text, void *ret_row)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < p->cols_n; i++)
		e = decode_col(op, p, text, i, ret_row);
	return e;
}
