#include "provider/discrepancy.h"

#include "mem/arena.h"
#include "notice/notice.h"
#include "op/op.h"
#include "text/money.h"

/* So far their sum and ours may be apart without anybody being told: a hundredth. */
#define TOTAL_SLACK 100
#define NAMES_MAX 3

enum err
discrepancy_items(struct op *op, const struct connection *c, const struct order *o)
{
	const char *names = "";
	size_t n = 0;

	for (size_t i = 0; i < o->lines_n; i++)
		if (o->lines[i].external_id == NULL && n++ < NAMES_MAX)
			names = arena_printf(op->arena, "%s%s%s", names, n == 1 ? "" : ", ",
			    o->lines[i].item_name);
	if (n == 0 || !pos_traits_of(c->config).takes_open_items)
		return OK;
	return notice_staff(op, NOTICE_pos_open_items,
	    &(struct notice_about){ .restaurant_id = o->restaurant_id,
		.order_id = o->id,
		.order_number = o->order_number,
		.reason = names,
		.round = o->submission_no });
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
