#include "menu/menu_import.h"

#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "mem/buf.h"
#include "menu/import_rows.h"
#include "menu/menu.h"
#include "op/crash.h"
#include "text/json_write.h"

#define ERRORS_JSON_MAX ((size_t)1024 * 1024)
#define ERRORS_SHOWN 200

/* How often an import begins again because another one made the same new rows first. */
#define CONFLICT_TRIES 3

static const char *const sync_words[] = {
	[MENU_SYNC_FULL] = "full",
	[MENU_SYNC_PARTIAL] = "partial",
	[MENU_SYNC_CATEGORIES] = "categories",
	[MENU_SYNC_ITEMS] = "items",
};
_Static_assert(sizeof sync_words / sizeof sync_words[0] == MENU_SYNC_ITEMS + 1,
    "one word per kind");

/* What the body of the transaction gets, and leaves behind. */
struct run {
	const struct menu_import *what;
	const struct menu_doc *doc; /* checked */
	struct problems checked;    /* as the check left them: every run starts with these */
	struct menu_import_result result;
};

/* --- history ------------------------------------------------------------------------------- */

enum err
menu_sync_begin(struct op *op, int64_t restaurant_id, enum menu_sync sync, int64_t delivery_id,
    int64_t *ret_sync_id)
{
	return db_newid(op, STMT_menu_sync_begin,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id), DB_TEXT("sync_type", sync_words[sync]),
		DB_ID("delivery_id", delivery_id)), ret_sync_id);
}

static void
error_write(struct json_write *w, const char *what, const char *sentence)
{
	json_write_object(w, NULL);
	json_write_string(w, "what", what);
	json_write_string(w, "sentence", sentence);
	json_write_object_end(w);
}

static const char *
errors_json(struct arena *arena, const struct problems *p)
{
	size_t shown = p->n < ERRORS_SHOWN ? p->n : ERRORS_SHOWN;
	struct json_write w;
	struct buf buf;

	buf_init(&buf, arena, ERRORS_JSON_MAX);
	json_write_init(&w, &buf);
	json_write_array(&w, NULL);
	for (size_t i = 0; i < shown; i++)
		error_write(&w, p->list[i].what, p->list[i].sentence);
	if (p->n - shown + p->lost > 0)
		error_write(&w, "menu",
		    arena_printf(arena, "%zu more problems", p->n - shown + p->lost));
	json_write_array_end(&w);
	json_write_done(&w);
	return buf.overflowed ? "[]" : buf.data;
}

enum err
menu_sync_fail(struct op *op, int64_t restaurant_id, int64_t sync_id, const char *sentence)
{
	struct problems p;

	problems_init(&p, op->arena);
	problem_add(&p, "menu", NULL, "%s", sentence);
	return db_run(op, STMT_menu_sync_fail,
	    DB_ARGS(DB_I64("id", sync_id), DB_I64("restaurant_id", restaurant_id),
		DB_TEXT("errors", errors_json(op->arena, &p))));
}

static enum err
history_finish(struct op *op, const struct import *im, struct menu_import_result *r)
{
	r->items = im->items_n;
	r->categories = (int64_t)im->doc->categories_n;
	r->changed = im->changed;
	r->problems = im->problems.list;
	r->problems_n = im->problems.n;
	r->status = im->problems.n > 0 ? "partial" : "success";
	return db_run(op, STMT_menu_sync_finish,
	    DB_ARGS(DB_I64("id", r->sync_id), DB_I64("restaurant_id", im->restaurant_id),
		DB_TEXT("status", r->status), DB_I64("items", r->items),
		DB_I64("categories", r->categories), DB_I64("changed", r->changed),
		DB_I64("menu_version", r->version),
		DB_TEXT("errors", errors_json(op->arena, &im->problems)),
		DB_TEXT("overrides", overrides_json(op->arena, &im->overrides))));
}

/* --- the transaction ----------------------------------------------------------------------- */

static enum err
parts_bring(struct import *im)
{
	const bool has_parts = im->sync == MENU_SYNC_FULL || im->sync == MENU_SYNC_PARTIAL;
	enum err e = OK;

	if (has_parts)
		e = import_taxes(im);
	if (e == OK && im->sync != MENU_SYNC_ITEMS)
		e = import_categories(im);
	CRASH_POINT("menu_import.categories_written");
	if (e == OK && has_parts)
		e = import_groups(im);
	if (e == OK && im->sync != MENU_SYNC_CATEGORIES)
		e = import_items(im);
	CRASH_POINT("menu_import.items_written");
	return e;
}

static struct import
import_make(struct op *op, const struct run *run, const struct import_rows *rows)
{
	const struct menu_doc *doc = run->doc;

	return (struct import){
		.op = op,
		.restaurant_id = run->what->restaurant_id,
		.sync = run->what->sync,
		.told = doc,
		.doc = doc,
		.rows = *rows,
		.taxes = pairs_make(op->arena,
		    KEYED_ROWS(rows->taxes, rows->taxes_n, struct tax_row),
		    KEYED(doc->taxes, doc->taxes_n, struct menu_doc_tax)),
		.categories = pairs_make(op->arena,
		    KEYED_ROWS(rows->categories, rows->categories_n, struct category_row),
		    KEYED(doc->categories, doc->categories_n, struct menu_doc_category)),
		.groups = pairs_make(op->arena,
		    KEYED_ROWS(rows->groups, rows->groups_n, struct group_row),
		    KEYED(doc->addon_groups, doc->addon_groups_n, struct menu_doc_addon_group)),
		.items = pairs_make(op->arena,
		    KEYED_ROWS(rows->items, rows->items_n, struct item_row),
		    KEYED(doc->items, doc->items_n, struct menu_doc_item)),
		.problems = run->checked,
	};
}

/* What a unique key refused was made by another import since we read: the caller may try again. */
static enum err
conflict(struct op *op, enum err e)
{
	return e == ERR_DUPLICATE
	    ? fail(op, ERR_CONFLICT, "Another import of this menu was faster") : e;
}

static enum err
import_body(struct op *op, void *arg)
{
	struct run *run = arg;
	struct menu_import_result r = { .sync_id = run->what->sync_id };
	const int64_t restaurant_id = run->what->restaurant_id;
	struct import_rows rows;
	struct import im;
	enum err e;

	e = menu_take(op, restaurant_id, &r.version);
	if (e == OK && r.sync_id == 0)
		e = menu_sync_begin(op, restaurant_id, run->what->sync, run->what->delivery_id,
		    &r.sync_id);
	if (e == OK)
		e = import_rows_read(op, restaurant_id, &rows);
	if (e != OK)
		return e;
	im = import_make(op, run, &rows);
	e = import_locks_apply(&im);
	if (e == OK)
		e = parts_bring(&im);
	if (e != OK)
		return conflict(op, e);
	if (im.sync == MENU_SYNC_FULL && im.sellable_n == 0)
		return fail(op, ERR_MENU_SYNC_ERROR, "The menu holds no item that could be sold");
	if (im.changed > 0) {
		r.version++; /* nobody else can raise it: they wait in menu_take */
		menu_changed(op, restaurant_id);
	}
	e = history_finish(op, &im, &r);
	CRASH_POINT("menu_import.before_commit");
	if (e == OK)
		run->result = r;
	return e;
}

/*
 * The failure of an import of our own transaction, in its history. It stays the op's fault whatever
 * becomes of this.
 */
static void
failure_keep(struct op *op, const struct menu_import *what)
{
	const struct fault fault = op->fault;
	const char *sentence =
	    fault.sentence != NULL ? fault.sentence : err_info(fault.code)->sentence;
	int64_t sync_id = what->sync_id;
	enum err e = OK;

	op_forgive(op);
	if (sync_id == 0)
		e = menu_sync_begin(op, what->restaurant_id, what->sync, what->delivery_id,
		    &sync_id);
	if (e == OK)
		(void)menu_sync_fail(op, what->restaurant_id, sync_id, sentence);
	op->fault = fault;
}

enum err
menu_import(struct op *op, const struct menu_import *what, struct menu_import_result *ret)
{
	struct run run = { .what = what };
	struct menu_doc doc;
	enum err e;

	problems_init(&run.checked, op->arena);
	doc = menu_check(what->doc, &run.checked);
	run.doc = &doc;
	if (op->in_transaction)
		e = import_body(op, &run);
	else {
		e = db_now(op); /* public ids are of this time */
		for (int i = 0; e == OK && i < CONFLICT_TRIES; i++) {
			e = db_tx(op, import_body, &run);
			if (e != ERR_CONFLICT || i + 1 == CONFLICT_TRIES)
				break;
			op_forgive(op);
			e = OK;
		}
		/* Neither when it may have happened, nor when there is nobody to tell. */
		if (e != OK && e != ERR_COMMIT_UNSURE && e != ERR_UNAVAILABLE)
			failure_keep(op, what);
	}
	CRASH_POINT("menu_import.after_commit");
	if (e == OK)
		*ret = run.result;
	return e;
}
