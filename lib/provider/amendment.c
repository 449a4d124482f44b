#include "provider/amendment.h"

#include <string.h>

#include "db/db.h"
#include "notice/notice.h"
#include "op/op.h"
#include "text/money.h"

struct contents_row {
	const char *contents;
};
static const struct db_col contents_cols[] = { COL_TEXT(struct contents_row, contents) };
static const struct db_shape contents_shape = DB_SHAPE(struct contents_row, contents_cols);

/* Each change is told, by the place that it has in the order's history. */
static enum err
amended(struct op *op, struct order_axes *x, const char *for_staff, const char *for_guest)
{
	struct notice_about about = { .restaurant_id = x->restaurant_id,
		.order_id = x->id,
		.order_number = x->order_number,
		.reason = for_staff };
	enum err e = order_status_ignored(op, x, "amended", for_staff);

	x->is_modified = true;
	order_tell(op, x, "order_amended");
	about.round = x->history_seq;
	if (e == OK)
		e = notice_staff(op, NOTICE_pos_amended, &about);
	about.user_id = x->user_id;
	about.phone = x->customer_phone;
	about.reason = for_guest;
	return e != OK ? e : notice_guest(op, NOTICE_order_amended, &about);
}

static const char *
money_shown(struct op *op, const struct order_axes *x, int64_t minor)
{
	char text[MONEY_TEXT_LEN];
	unsigned exponent = 2;

	(void)money_exponent(x->currency, &exponent);
	money_format(minor, exponent, text);
	return arena_strdup(op->arena, text);
}

static enum err
amended_to(struct op *op, struct order_axes *x, const char *contents, int64_t total_before)
{
	const char *now = contents != NULL ? contents : "its lines are not known here";
	const char *sum = money_shown(op, x, x->pos_total_minor);

	return amended(op, x,
	    arena_printf(op->arena, "now %s; in all %s there, %s before, %s here", now, sum,
		money_shown(op, x, total_before), money_shown(op, x, x->total_minor)),
	    arena_printf(op->arena, "It is now %s; in all %s, and was %s.",
		contents != NULL ? contents : "another one", sum,
		money_shown(op, x, total_before)));
}

/* A tip is part of what some of them say and not of what others do. */
static bool
is_other_sum(const struct order_axes *x, int64_t total_before)
{
	int64_t apart = x->pos_total_minor - total_before;

	return apart != 0 && apart != x->tip_minor && apart != -x->tip_minor;
}

enum err
amendment_first(struct op *op, const struct order_axes *x, const char *contents)
{
	return contents == NULL ? OK
				: db_run(op, STMT_order_contents_save,
				      DB_ARGS(DB_I64("id", x->id), DB_TEXT("contents", contents)));
}

enum err
amendment_seen(struct op *op, struct order_axes *x, const char *contents, int64_t total_before)
{
	struct contents_row row = { .contents = NULL };
	bool is_known, is_other;
	enum err e = OK;

	if (total_before < 0)
		return amendment_first(op, x, contents);
	if (contents != NULL)
		e = db_one(op, STMT_order_contents, DB_ARGS(DB_I64("id", x->id)),
		    &contents_shape, &row);
	is_known = row.contents != NULL && contents != NULL;
	is_other = is_known && strcmp(row.contents, contents) != 0;
	if (e == OK && (!is_known || is_other))
		e = amendment_first(op, x, contents);
	if (e != OK || (!is_other && !is_other_sum(x, total_before)))
		return e;
	return amended_to(op, x, contents, total_before);
}

enum err
amendment_said(struct op *op, struct order_axes *x)
{
	if (x->is_modified)
		return OK;
	return amended(op, x, "the POS does not say how, please look there",
	    "Please ask the restaurant what it is now.");
}
