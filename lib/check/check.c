#include "check/check.h"

#include <stdarg.h>

#include "check/inside.h"

#define JOURNAL_MAX ((size_t)8 * 1024 * 1024 * 1024)
#define PAGE_MAX ((size_t)256 * 1024 * 1024)

static const struct finding_info infos[] = {
#define FINDING_ROW(what, of, needs, text) \
	[FINDING_##what] = { .name = #what, .invariant = #of, .needs_journal = (needs), .meaning = (text) },
#include "check/finding.def"
#undef FINDING_ROW
};
_Static_assert(sizeof infos / sizeof infos[0] == FINDING__MAX, "a row per kind");

const struct finding_info *
finding_info(enum finding_kind kind)
{
	return &infos[kind];
}

void
check_tell(
    struct check *c, enum finding_kind kind, int64_t restaurant_id, const char *format, ...)
{
	struct finding f = { .kind = kind, .restaurant_id = restaurant_id };
	va_list args;

	va_start(args, format);
	f.sentence = arena_vprintf(c->op->arena, format, args);
	va_end(args);
	c->report->findings_n++;
	c->options->tell(c->options->arg, &f);
}

void
check_page(struct check *c, struct arena *arena)
{
	arena_reset(arena);
	c->op->arena = arena;
}

struct waiting_row {
	int64_t held_n, due_n;
};
static const struct db_col waiting_cols[] = {
	COL_I64(struct waiting_row, held_n),
	COL_I64(struct waiting_row, due_n),
};
static const struct db_shape waiting_shape = DB_SHAPE(struct waiting_row, waiting_cols);

/* Is the house at rest? Only then what happened outside can be compared with it. */
static enum err
rest_look(struct check *c)
{
	struct waiting_row w;
	enum err e = db_one(c->op, STMT_check_waiting, DB_NO_ARGS, &waiting_shape, &w);

	if (e != OK)
		return e;
	c->report->messages_held_n = w.held_n;
	c->report->messages_due_n = w.due_n;
	if (w.held_n + w.due_n > 0)
		c->journal = NULL;
	c->report->is_compared = c->journal != NULL;
	return OK;
}

static const struct db_col outlet_cols[] = {
	COL_I64(struct outlet, restaurant_id),
	COL_TEXT(struct outlet, outlet),
};
static const struct db_shape outlet_shape = DB_SHAPE(struct outlet, outlet_cols);

static enum err
check_body(struct op *op, void *arg)
{
	static enum err (*const parts[])(struct check *) = { check_orders, check_restaurants,
		check_messages, check_deliveries, check_notices, check_keys,
		check_sums };
	struct check *c = arg;
	struct arena *kept = op->arena;
	enum err e;

	/* What has been told cannot be taken back: no second run. */
	if (c->has_begun)
		return fail(op, ERR_UNAVAILABLE, "The database went away while it was read");
	c->has_begun = true;
	e = rest_look(c);
	if (e == OK && c->journal != NULL)
		e = db_many(op, STMT_check_outlets, DB_NO_ARGS, &outlet_shape, &c->outlets,
		    &c->outlets_n);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0] && e == OK; i++) {
		check_page(c, c->page);
		e = parts[i](c);
	}
	if (e == OK && c->journal != NULL)
		check_strangers(c);
	op->arena = kept;
	return e;
}

static void
arena_done(void *object)
{
	struct arena *arena = object;

	arena_free(&arena);
}

/* An arena that ends with the op: what a fault says may be in it. */
static struct arena *
arena_beside(struct op *op, size_t max)
{
	struct arena *arena = arena_new(max);

	arena_adopt(op->arena, arena_done, arena);
	return arena;
}

enum err
check_run(struct op *op, const struct check_options *options, struct check_report *ret)
{
	struct check_report report = { .findings_n = 0 };
	struct check c = { .op = op, .options = options, .report = &report };
	enum err e = OK;

	c.page = arena_beside(op, PAGE_MAX);
	c.inner = arena_beside(op, PAGE_MAX);
	if (options->journals_n > 0)
		c.journal = journal_new(arena_beside(op, JOURNAL_MAX));
	/* Before the snapshot: what was acknowledged by now is in it. */
	for (size_t i = 0; i < options->journals_n && e == OK; i++)
		e = journal_read(op, c.journal, options->journals[i]);
	if (e == OK)
		e = db_snapshot(op, check_body, &c);
	if (e == OK)
		*ret = report;
	return e;
}
