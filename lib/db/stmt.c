/* Preparing, binding and running statements. */

#include "db/inside.h"

#include <errmsg.h>
#include <stdlib.h>
#include <string.h>

#include "op/clock.h"

#define ARG_NOW UINT32_MAX
#define TRIES 10

/* --- preparing ---------------------------------------------------------------------------- */

static void *
room(size_t n, size_t size)
{
	void *p = calloc(n != 0 ? n : 1, size);

	if (p == NULL)
		abort();
	return p;
}

static void
unprepare(struct db_prepared *p)
{
	if (p->stmt != NULL)
		mysql_stmt_close(p->stmt);
	free(p->params);
	free(p->param_cells);
	free(p->param_arg);
	free(p->arg_names);
	free(p->cols);
	free(p->col_cells);
	free(p->col_lens);
	free(p->col_nulls);
	free(p->col_errors);
	free(p->col_into);
	*p = (struct db_prepared){ .stmt = NULL };
}

void
db_unprepare_all(struct db *db)
{
	for (size_t s = 0; s < STMT__MAX; s++) {
		unprepare(&db->prepared[s]);
		for (size_t w = 0; db->wide[s] != NULL && w < DB_WIDE_N; w++)
			unprepare(&db->wide[s][w]);
	}
}

/*
 * The text with what stands behind VALUES (sql/stmt.awk has seen to it that this is one row and the
 * end) several times.
 */
static const char *
widened(struct arena *arena, const char *sql, size_t rows)
{
	static const char values[] = " VALUES ";
	const char *row;
	size_t len = strlen(sql), row_len;
	char *wide, *end;

	if (rows == 1)
		return sql;
	row = strstr(sql, values) + sizeof values - 1;
	row_len = len - (size_t)(row - sql);
	wide = arena_alloc(arena, len + (rows - 1) * (row_len + 2) + 1);
	memcpy(wide, sql, len);
	end = wide + len;
	for (size_t i = 1; i < rows; i++) {
		memcpy(end, ", ", 2);
		memcpy(end + 2, row, row_len);
		end += row_len + 2;
	}
	*end = '\0';
	return wide;
}

static bool
prepare(struct db *db, struct arena *arena, const struct stmt_text *text, size_t rows,
    struct db_prepared *p)
{
	const char *sql = widened(arena, text->sql, rows);

	p->stmt = mysql_stmt_init(db->mysql);
	if (p->stmt == NULL)
		abort();
	if (mysql_stmt_prepare(p->stmt, sql, (unsigned long)strlen(sql)) != 0)
		return false;
	p->is_nowait = strstr(sql, "NOWAIT") != NULL;
	p->may_be_bulk = strncmp(sql, "INSERT", 6) != 0 || strstr(sql, " SELECT ") == NULL;
	while (text->params[p->names_n] != NULL) {
		if (strcmp(text->params[p->names_n], "now") == 0)
			p->has_now = true;
		p->names_n++;
	}
	p->rows = rows;
	p->params_n = p->names_n * rows;
	if (mysql_stmt_param_count(p->stmt) != p->params_n)
		db_bug(text->name, "the server counts %lu parameters",
		    mysql_stmt_param_count(p->stmt));
	p->cols_n = mysql_stmt_field_count(p->stmt);
	p->params = room(p->params_n, sizeof *p->params);
	p->param_cells = room(p->params_n, sizeof *p->param_cells);
	p->param_arg = room(p->names_n, sizeof *p->param_arg);
	p->arg_names = room(p->names_n, sizeof *p->arg_names);
	p->cols = room(p->cols_n, sizeof *p->cols);
	p->col_cells = room(p->cols_n, sizeof *p->col_cells);
	p->col_lens = room(p->cols_n, sizeof *p->col_lens);
	p->col_nulls = room(p->cols_n, sizeof *p->col_nulls);
	p->col_errors = room(p->cols_n, sizeof *p->col_errors);
	p->col_into = room(p->cols_n, sizeof *p->col_into);
	return true;
}

/*
 * One statement, and the wider ones of the shape `rows`. *ret_stmt: the one that could not be
 * prepared.
 */
static bool
prepare_each(struct db *db, struct arena *arena, enum stmt s, MYSQL_STMT **ret_stmt)
{
	const struct stmt_text *text = &stmt_texts[s];
	struct db_prepared *p = &db->prepared[s];
	bool good = prepare(db, arena, text, 1, p);

	if (good && text->shape == STMT_ROWS && db->wide[s] == NULL)
		db->wide[s] = room(DB_WIDE_N, sizeof *db->wide[s]);
	for (size_t w = 0; good && text->shape == STMT_ROWS && w < DB_WIDE_N; w++) {
		p = &db->wide[s][w];
		good = prepare(db, arena, text, (size_t)2 << w, p);
	}
	*ret_stmt = p->stmt;
	return good;
}

bool
db_prepare_all(struct db *db, struct arena *arena, const char **ret_why)
{
	for (size_t s = 0; s < STMT__MAX; s++) {
		const struct stmt_text *text = &stmt_texts[s];
		MYSQL_STMT *stmt;

		if ((text->programs >> db->options.program & 1u) == 0)
			continue;
		if (!prepare_each(db, arena, (enum stmt)s, &stmt)) {
			*ret_why = arena_printf(arena, "prepare %s: %u %s", text->name,
			    mysql_stmt_errno(stmt), mysql_stmt_error(stmt));
			return false;
		}
	}
	return true;
}

/* --- arguments ---------------------------------------------------------------------------- */

struct db_arg
db_arg_text(const char *name, const char *text)
{
	return (struct db_arg){ .name = name,
		.kind = DB_KIND_TEXT,
		.data = text,
		.len = text != NULL ? strlen(text) : 0 };
}

struct db_arg
db_arg_id(const char *name, int64_t id)
{
	return (
	    struct db_arg){ .name = name, .kind = id != 0 ? DB_KIND_I64 : DB_KIND_NULL, .i64 = id };
}

static bool
same_names(const struct db_prepared *p, const struct db_arg *args, size_t n)
{
	if (!p->resolved || n != p->arg_names_n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (args[i].name != p->arg_names[i])
			return false;
	return true;
}

/* Finds for each question mark its argument. Every argument must be used, and named once. */
static void
resolve(struct db_prepared *p, const struct stmt_text *text, const struct db_arg *args, size_t n)
{
	if (n > p->names_n)
		db_bug(text->name, "has %zu parameters, %zu arguments are given", p->names_n, n);
	for (size_t i = 0; i < n; i++) {
		bool used = false;

		for (size_t j = 0; j < i; j++)
			if (strcmp(args[i].name, args[j].name) == 0)
				db_bug(text->name, "argument %s is given twice", args[i].name);
		for (size_t k = 0; k < p->names_n; k++)
			used = used || strcmp(text->params[k], args[i].name) == 0;
		if (!used)
			db_bug(text->name, "has no parameter %s", args[i].name);
		p->arg_names[i] = args[i].name;
	}
	for (size_t k = 0; k < p->names_n; k++) {
		uint32_t i = 0;

		while (i < n && strcmp(text->params[k], args[i].name) != 0)
			i++;
		if (i == n && strcmp(text->params[k], "now") != 0)
			db_bug(text->name, "parameter %s is not given", text->params[k]);
		p->param_arg[k] = i < n ? i : ARG_NOW;
	}
	p->arg_names_n = n;
	p->resolved = true;
}

/* False: a time outside of the years 1 to 9999. */
static bool
bind_one(MYSQL_BIND *b, union db_cell *cell, const struct db_arg *a)
{
	*b = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_NULL };
	switch (a->kind) {
	case DB_KIND_NULL:
		return true;
	case DB_KIND_I64:
		cell->i64 = a->i64;
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->buffer = &cell->i64;
		return true;
	case DB_KIND_TEXT:
	case DB_KIND_BYTES:
		if (a->data == NULL)
			return true;
		b->buffer_type = a->kind == DB_KIND_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
		b->buffer = (void *)(uintptr_t)a->data; /* only read */
		b->buffer_length = (unsigned long)a->len;
		b->length = &b->buffer_length;
		return true;
	case DB_KIND_TIME:
		if (a->i64 == TIME_NONE)
			return true;
		b->buffer_type = MYSQL_TYPE_DATETIME;
		b->buffer = &cell->time;
		return db_time_encode(a->i64, &cell->time);
	}
	return false;
}

/* The arguments of an execution: n for each row, row after row. */
struct given {
	const struct db_arg *args;
	size_t n, rows_n;
	bool is_bulk; /* all rows in one execution of a statement for one */
};

static void
match(struct db_prepared *p, const struct stmt_text *text, const struct given *g)
{
	for (size_t row = 0; row < g->rows_n; row++)
		if (!same_names(p, g->args + row * g->n, g->n)) {
			if (row != 0)
				db_bug(
				    text->name, "row %zu has other arguments than the first", row);
			resolve(p, text, g->args, g->n);
		}
}

static enum err
bind(struct op *op, struct db_prepared *p, const struct stmt_text *text, const struct given *g)
{
	const struct db_arg now = DB_TIME("now", op->now_us);

	match(p, text, g);
	for (size_t k = 0; k < p->params_n; k++) {
		uint32_t arg = p->param_arg[k % p->names_n];
		bool is_now = arg == ARG_NOW;
		const struct db_arg *a =
		    is_now ? &now : &g->args[k / p->names_n * g->n + arg];
		bool good = g->is_bulk ? db_bulk_bind(op->arena, &p->params[k], a,
					     is_now ? 0 : g->n, g->rows_n)
				       : bind_one(&p->params[k], &p->param_cells[k], a);

		if (!good) {
			enum err e = fail(op, ERR_INTERNAL_ERROR, NULL);

			if (op->fault.internal == NULL)
				op->fault.internal = arena_printf(
				    op->arena, "%s: time %s is out of range", text->name, a->name);
			return e;
		}
	}
	return OK;
}

/* --- executing ---------------------------------------------------------------------------- */

static const struct stmt_text *
text_of(enum stmt s, enum stmt_shape shape)
{
	if (stmt_texts[s].shape != shape)
		db_bug(stmt_texts[s].name, "is run as another shape than its header line says");
	return &stmt_texts[s];
}

/*
 * A write whose answer was lost may have happened. Inside a transaction that is COMMIT's question,
 * not ours.
 */
static enum err
stmt_failed(struct op *op, const struct db_prepared *p, const struct stmt_text *text)
{
	unsigned number = mysql_stmt_errno(p->stmt);
	bool is_write = p->cols_n == 0, is_first = op->fault.code == OK;
	/* A broken connection is closed in here, and *p with it. */
	enum err e = db_failed(op, number, mysql_stmt_error(p->stmt), text->name, p->is_nowait);

	if (is_first && is_write && !op->in_transaction && db_classify(number) == DB_CLASS_BROKEN)
		e = op->fault.code = ERR_COMMIT_UNSURE;
	return e;
}

/*
 * Nothing is sent on a connection that is gone, or in a transaction that can only be rolled back.
 */
static enum err
not_sent(struct op *op, const struct stmt_text *text)
{
	bool is_first = op->fault.code == OK;
	enum err e = fail(op, ERR_UNAVAILABLE, NULL);

	if (is_first) {
		op->fault.internal = arena_printf(op->arena, "%s: not sent, %s", text->name,
		    op->db->mysql == NULL ? "there is no connection" : "the transaction is doomed");
		op->fault.retry_after_s = 1;
	}
	return e;
}

/* Sends it once; the whole result, if it gives one, is then at the client. */
static enum err
execute_once(struct op *op, struct db_prepared *p, const struct stmt_text *text,
    const struct db_shape *shape)
{
	if (p->params_n != 0 && mysql_stmt_bind_param(p->stmt, p->params) != 0)
		return stmt_failed(op, p, text);
	if (db_wait_execute(op->db, p->stmt) != 0)
		return stmt_failed(op, p, text);
	if (shape == NULL)
		return OK;
	db_row_match(p, text, shape);
	/* A locking read can fail while its rows arrive, hence here too. */
	if (mysql_stmt_bind_result(p->stmt, p->cols) != 0 || db_wait_store(op->db, p->stmt) != 0)
		return stmt_failed(op, p, text);
	return OK;
}

/*
 * May a failed statement simply run again? Alone it was rolled back as a whole; in a transaction
 * db_tx decides.
 */
static bool
may_repeat(const struct op *op, const struct db_prepared *p)
{
	return !op->in_transaction && op->db->mysql != NULL && op->fault.code == ERR_UNAVAILABLE &&
	    db_classify(mysql_stmt_errno(p->stmt)) == DB_CLASS_RETRY;
}

static enum err
execute_given(struct op *op, struct db_prepared *p, const struct stmt_text *text,
    const struct given *g, const struct db_shape *shape)
{
	struct db *db = op->db;
	bool is_clean = op->fault.code == OK;
	int64_t until = db_until(db);
	enum err e = OK;

	if ((text->programs >> db->options.program & 1u) == 0)
		db_bug(text->name, "is not a statement of %s", program_names[db->options.program]);
	if (db->mysql == NULL || (op->in_transaction && db->doom != DB_DOOM_NONE))
		return not_sent(op, text);
	if ((shape == NULL) != (p->cols_n == 0))
		db_bug(text->name, "gives %s rows, against its header line",
		    shape == NULL ? "" : "no");
	if (p->has_now)
		e = db_now(op);
	if (e == OK)
		e = bind(op, p, text, g);
	if (e != OK)
		return e;
	for (int try = 1;; try++) {
		e = execute_once(op, p, text, shape);
		if (e == OK || !is_clean || try == TRIES || !may_repeat(op, p) ||
		    clock_steady_us() >= until)
			return e;
		op_forgive(op);
		db_pause(op, try);
	}
}

static enum err
execute(struct op *op, struct db_prepared *p, const struct stmt_text *text,
    const struct db_arg *args, size_t n, const struct db_shape *shape)
{
	return execute_given(
	    op, p, text, &(struct given){ .args = args, .n = n, .rows_n = p->rows }, shape);
}

/* p is of one row; all of them at once. */
static enum err
execute_bulk(struct op *op, struct db_prepared *p, const struct stmt_text *text,
    const struct db_arg *args, size_t n, size_t rows_n)
{
	const struct given g = { .args = args, .n = n, .rows_n = rows_n, .is_bulk = true };
	enum err e;

	if (p->stmt != NULL)
		db_bulk_rows(p->stmt, rows_n);
	e = execute_given(op, p, text, &g, NULL);
	if (p->stmt != NULL)
		db_bulk_rows(p->stmt, 0);
	return e;
}

enum err
db_run(struct op *op, enum stmt s, const struct db_arg *args, size_t n)
{
	return execute(op, &op->db->prepared[s], text_of(s, STMT_NONE), args, n, NULL);
}

static void
in_transaction_only(const struct op *op, const struct stmt_text *text)
{
	if (!op->in_transaction)
		db_bug(text->name, "several rows are written outside of a transaction");
}

/* The widest statement there is for so many rows. */
static struct db_prepared *
widest(struct db *db, enum stmt s, size_t rows_n)
{
	size_t rows = rows_n >= 8 ? 8 : rows_n >= 4 ? 4 : rows_n >= 2 ? 2 : 1;

	/*
	 * Without a connection, or for another program's statement, there may be no wide ones:
	 * execute says so.
	 */
	return rows == 1 || db->wide[s] == NULL ? &db->prepared[s] : &db->wide[s][rows / 4];
}

enum err
db_insert(struct op *op, enum stmt s, const struct db_arg *args, size_t n, size_t rows_n)
{
	const struct stmt_text *text = text_of(s, STMT_ROWS);
	enum err e = OK;

	in_transaction_only(op, text);
	if (op->db->has_bulk && op->db->prepared[s].may_be_bulk && rows_n > DB_WIDE_MAX)
		return execute_bulk(op, &op->db->prepared[s], text, args, n, rows_n);
	while (rows_n > 0 && e == OK) {
		struct db_prepared *p = widest(op->db, s, rows_n);
		size_t rows = p->rows;

		e = execute(op, p, text, args, n, NULL);
		args += rows * n;
		rows_n -= rows;
	}
	return e;
}

enum err
db_each(struct op *op, enum stmt s, const struct db_arg *args, size_t n, size_t rows_n,
    int64_t *ret_n)
{
	const struct stmt_text *text = text_of(s, STMT_CHANGED);
	struct db_prepared *p = &op->db->prepared[s];
	bool is_bulk = op->db->has_bulk && p->may_be_bulk && rows_n > 1;
	int64_t changed = 0;
	enum err e = OK;

	in_transaction_only(op, text);
	if (is_bulk)
		e = execute_bulk(op, p, text, args, n, rows_n);
	if (is_bulk && e == OK)
		changed = (int64_t)mysql_stmt_affected_rows(p->stmt);
	for (size_t i = 0; i < rows_n && e == OK && !is_bulk; i++) {
		e = execute(op, p, text, args + i * n, n, NULL);
		if (e == OK)
			changed += (int64_t)mysql_stmt_affected_rows(p->stmt);
	}
	if (e == OK)
		*ret_n = changed;
	return e;
}

enum err
db_changed(struct op *op, enum stmt s, const struct db_arg *args, size_t n, int64_t *ret_n)
{
	enum err e = execute(op, &op->db->prepared[s], text_of(s, STMT_CHANGED), args, n, NULL);

	if (e == OK)
		*ret_n = (int64_t)mysql_stmt_affected_rows(op->db->prepared[s].stmt);
	return e;
}

enum err
db_newid(struct op *op, enum stmt s, const struct db_arg *args, size_t n, int64_t *ret_id)
{
	enum err e = execute(op, &op->db->prepared[s], text_of(s, STMT_NEWID), args, n, NULL);

	if (e != OK)
		return e;
	if (mysql_stmt_affected_rows(op->db->prepared[s].stmt) == 0)
		return ERR_NO_ROW;
	*ret_id = (int64_t)mysql_stmt_insert_id(op->db->prepared[s].stmt);
	return OK;
}

/* The next row of a stored result into a zeroed struct. */
static enum err
fetch(struct op *op, struct db_prepared *p, const struct stmt_text *text, void *ret_row)
{
	int got = mysql_stmt_fetch(p->stmt);

	if (got != 0 && got != MYSQL_DATA_TRUNCATED)
		return stmt_failed(op, p, text);
	return db_row_decode(op, p, text, ret_row);
}

enum err
db_one(struct op *op, enum stmt s, const struct db_arg *args, size_t n,
    const struct db_shape *shape, void *ret_row)
{
	const struct stmt_text *text = text_of(s, STMT_ONE);
	struct db_prepared *p = &op->db->prepared[s];
	enum err e = execute(op, &op->db->prepared[s], text, args, n, shape);
	void *row;

	if (e != OK)
		return e;
	if (mysql_stmt_num_rows(p->stmt) > 1)
		db_bug(text->name, "gives more than one row");
	if (mysql_stmt_num_rows(p->stmt) == 0) {
		e = ERR_NO_ROW;
	} else {
		row = arena_alloc(op->arena, shape->size);
		e = fetch(op, p, text, row);
		if (e == OK)
			memcpy(ret_row, row, shape->size);
	}
	if (p->stmt != NULL)
		mysql_stmt_free_result(p->stmt);
	return e;
}

enum err
db_many(struct op *op, enum stmt s, const struct db_arg *args, size_t n,
    const struct db_shape *shape, void *ret_rows, size_t *ret_n)
{
	const struct stmt_text *text = text_of(s, STMT_MANY);
	struct db_prepared *p = &op->db->prepared[s];
	enum err e = execute(op, &op->db->prepared[s], text, args, n, shape);
	size_t rows_n;
	char *rows;

	if (e != OK)
		return e;
	rows_n = (size_t)mysql_stmt_num_rows(p->stmt);
	rows = arena_array(op->arena, rows_n, shape->size);
	for (size_t i = 0; e == OK && i < rows_n; i++)
		e = fetch(op, p, text, rows + i * shape->size);
	if (p->stmt != NULL)
		mysql_stmt_free_result(p->stmt);
	if (e != OK)
		return e;
	memcpy(ret_rows, &rows, sizeof rows);
	*ret_n = rows_n;
	return OK;
}
