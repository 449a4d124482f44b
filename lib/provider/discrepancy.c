#include "provider/discrepancy.h"

#include "mem/arena.h"
#include "notice/notice.h"
#include "op/op.h"
#include "text/money.h"

/* So far their sum and ours may be apart without anybody being told: a hundredth. */
#define TOTAL_SLACK 100
#define NAMES_MAX 3

/* The first few of them, and how many there are. */
struct names {
	const char *text;
	size_t n;
};

static void
name_add(struct op *op, struct names *names, const char *name)
{
	if (names->n++ < NAMES_MAX)
		names->text = arena_printf(
		    op->arena, "%s%s%s", names->text, names->n == 1 ? "" : ", ", name);
}

/* Lines that go as open items; and of those that do not, the add-ons that do. */
static struct names
open_items(struct op *op, const struct pos_adapter *pos, const struct order *o)
{
	struct names names = { "", 0 };

	for (size_t i = 0; i < o->lines_n; i++) {
		const struct order_line *line = &o->lines[i];
		bool is_open = pos->is_open_item(op->arena, line, NULL);

		if (is_open)
			name_add(op, &names, line->item_name);
		for (size_t k = 0; k < line->addons_n && !is_open; k++)
			if (pos->is_open_item(op->arena, line, &line->addons[k]))
				name_add(op, &names,
				    arena_printf(op->arena, "%s (%s)", line->addons[k].name,
					line->item_name));
	}
	if (names.n > NAMES_MAX)
		names.text = arena_printf(
		    op->arena, "%s and %zu more", names.text, names.n - NAMES_MAX);
	return names;
}

static enum err
staff_tell(struct op *op, enum notice_kind kind, const struct order *o, const char *reason)
{
	return notice_staff(op, kind,
	    &(struct notice_about){ .restaurant_id = o->restaurant_id,
		.order_id = o->id,
		.order_number = o->order_number,
		.reason = reason,
		.round = o->submission_no });
}

enum err
discrepancy_given(struct op *op, const struct connection *c, const struct order *o)
{
	const struct pos_adapter *pos = c->adapter;
	struct names names = { "", 0 };
	const char *untold = NULL;
	enum err e = OK;

	if (pos->is_open_item != NULL)
		names = open_items(op, pos, o);
	if (pos->untold != NULL)
		untold = pos->untold(op->arena, c->config, o);
	if (names.n > 0)
		e = staff_tell(op, NOTICE_pos_open_items, o, names.text);
	return e != OK || untold == NULL ? e : staff_tell(op, NOTICE_pos_untold, o, untold);
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

enum err
discrepancy_total(struct op *op, const struct order_axes *x)
{
	int64_t apart = x->pos_total_minor - x->total_minor;

	apart = apart < 0 ? -apart : apart;
	if (x->pos_total_minor < 0 || apart <= x->total_minor / TOTAL_SLACK)
		return OK;
	return notice_staff(op, NOTICE_pos_total,
	    &(struct notice_about){ .restaurant_id = x->restaurant_id,
		.order_id = x->id,
		.order_number = x->order_number,
		.reason = arena_printf(op->arena, "%s there, %s here",
		    money_shown(op, x, x->pos_total_minor),
		    money_shown(op, x, x->total_minor)),
		.round = x->submission_no });
}
