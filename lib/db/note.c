#include <stdlib.h>
#include <string.h>

#include "db/inside.h"
#include "mem/buf.h"
#include "text/json_write.h"

#define JSON_NUMBER_MAX 26 /* and what stands around it */
#define JSON_ESCAPED_MAX 6

/* The rows of one statement that wait. */
struct note_list {
	struct db_rows rows;
	bool is_fenced; /* each of them must change one row */
};

struct db_notes {
	const struct db_waiting *waiting;
	size_t n;
	struct note_list *lists; /* one for each statement */
	enum err (*late)(struct op *);
};

void
db_notes_begin(struct op *op, const struct db_waiting *waiting, size_t n,
    enum err (*late)(struct op *))
{
	struct db_notes *notes = arena_alloc(op->arena, sizeof *notes);

	if (!op->in_transaction)
		db_bug("db_notes_begin", "is called outside of a transaction");
	*notes = (struct db_notes){ .waiting = waiting,
		.n = n,
		.lists = arena_array(op->arena, n, sizeof *notes->lists),
		.late = late };
	op->notes = notes;
}

static struct note_list *
list_of(const struct op *op, enum stmt s)
{
	for (size_t i = 0; op->notes != NULL && i < op->notes->n; i++)
		if (op->notes->waiting[i].stmt == s)
			return &op->notes->lists[i];
	return NULL;
}

bool
db_notes_wait(const struct op *op, enum stmt s)
{
	return list_of(op, s) != NULL;
}

/* The callers' values may be gone by the time they are written. */
static void
row_add(struct op *op, struct note_list *list, const struct db_arg *args, size_t n)
{
	struct db_arg *row = db_rows_add(op, &list->rows, args, n);

	for (size_t i = 0; i < n; i++)
		if (args[i].data != NULL)
			row[i].data = arena_bytes(op->arena, args[i].data, args[i].len);
}

static enum err
run_now(struct op *op, enum stmt s, const struct db_arg *args, size_t n, int64_t *ret_n)
{
	int64_t changed;
	enum err e;

	if (stmt_texts[s].shape == STMT_ROWS)
		return db_insert(op, s, args, n, 1);
	e = db_changed(op, s, args, n, &changed);
	if (e == OK && ret_n != NULL)
		*ret_n = changed;
	return e;
}

enum err
db_note(struct op *op, enum stmt s, const struct db_arg *args, size_t n, int64_t *ret_n)
{
	struct note_list *list = list_of(op, s);

	if (list == NULL)
		return run_now(op, s, args, n, ret_n);
	row_add(op, list, args, n);
	if (ret_n != NULL) {
		list->is_fenced = true;
		*ret_n = 1;
	}
	return OK;
}

static const char *
rows_json(struct op *op, const struct db_rows *list)
{
	size_t len_max = 3;
	struct json_write w;
	struct buf b;

	for (size_t i = 0; i < list->rows_n * list->n; i++)
		len_max += JSON_NUMBER_MAX + JSON_ESCAPED_MAX * list->args[i].len;
	buf_init(&b, op->arena, len_max);
	json_write_init(&w, &b);
	json_write_array(&w, NULL);
	for (size_t row = 0; row < list->rows_n; row++) {
		json_write_array(&w, NULL);
		for (size_t i = 0; i < list->n; i++) {
			const struct db_arg *a = &list->args[row * list->n + i];

			if (a->kind == DB_KIND_I64)
				json_write_int64(&w, NULL, a->i64);
			else if (a->kind == DB_KIND_TEXT)
				json_write_string(&w, NULL, a->data);
			else
				db_bug(a->name, "is neither a number nor text");
		}
		json_write_array_end(&w);
	}
	json_write_array_end(&w);
	json_write_done(&w);
	return b.data;
}

static enum err
rows_write(struct op *op, const struct db_waiting *w, const struct note_list *list)
{
	const struct db_rows *rows = &list->rows;
	int64_t changed = 0;
	enum err e;

	if (stmt_texts[w->stmt].shape == STMT_ROWS)
		return db_rows_insert(op, w->stmt, rows);
	if (w->all != STMT__MAX && rows->rows_n > 1)
		e = db_changed(
		    op, w->all, DB_ARGS(DB_TEXT("rows", rows_json(op, rows))), &changed);
	else
		e = db_each(op, w->stmt, rows->args, rows->n, rows->rows_n, &changed);
	if (e == OK && list->is_fenced && changed != (int64_t)rows->rows_n)
		return fail(op, ERR_CONFLICT, "One of several writes found another row");
	return e;
}

enum err
db_notes_write(struct op *op)
{
	enum err e = op->notes != NULL && op->notes->late != NULL ? op->notes->late(op) : OK;

	for (size_t i = 0; op->notes != NULL && i < op->notes->n && e == OK; i++) {
		struct note_list *list = &op->notes->lists[i];

		if (list->rows.rows_n > 0)
			e = rows_write(op, &op->notes->waiting[i], list);
		list->rows.rows_n = 0;
	}
	return e;
}
