/*
 * Clover: what has no field of its own stands in the order's note, which the kitchen's ticket
 * shows: the time it is wanted for, the table, the guest, what is paid, a tip.
 */
#include <string.h>

#include "mem/buf.h"
#include "op/op.h"
#include "pos/pos_clover.h"
#include "text/civil.h"
#include "text/iso8601.h"
#include "text/money.h"
#include "text/utf8.h"
#include "text/zone.h"

#define CENTS 2
#define ADDRESS_MAX 500
#define NAME_MAX 100
#define TABLE_MAX 30

/* What is said so far, and one thing more. */
static void
say(struct buf *b, const char *s)
{
	if (*s == '\0')
		return;
	if (b->len > 0)
		buf_adds(b, "; ");
	buf_adds(b, s);
}

static const char *
amount(struct arena *a, int64_t minor)
{
	char text[MONEY_TEXT_LEN];

	money_format(minor, CENTS, text);
	return arena_strdup(a, text);
}

static bool
is_paid(const struct order *o)
{
	return o->payment_status != NULL && strcmp(o->payment_status, "paid") == 0;
}

const char *
clover_order_type_id(struct arena *a, const struct pos_task *task)
{
	return pos_config_text(
	    task->config, arena_printf(a, "order_types.%s", task->order->order_type));
}

bool
clover_is_to_be_paid(const struct pos_task *task)
{
	const struct order *o = task->order;

	return is_paid(o) && pos_config_text(task->config, CLOVER_TENDER) != NULL &&
	       o->total_minor - o->tip_minor > 0;
}

bool
clover_wants_customer(const struct pos_task *task)
{
	const char *mode = pos_config_text(task->config, "customer_mode");

	return mode != NULL && strcmp(mode, "record") == 0 &&
	       (!pos_is_blank(task->order->customer_name) ||
		   !pos_is_blank(task->order->customer_phone) ||
		   !pos_is_blank(task->order->customer_email));
}

/* When, how and where. */
static void
say_way(struct buf *b, struct arena *a, const struct pos_task *task)
{
	const struct order *o = task->order;
	char when[CIVIL_TEXT_LEN];
	struct civil civil;

	if (o->scheduled_time != TIME_NONE &&
	    zone_to_civil(pos_config_text(task->config, CLOVER_ZONE), o->scheduled_time, &civil)) {
		civil_format(&civil, when);
		when[16] = '\0'; /* "2026-02-13 08:30": no seconds */
		say(b, arena_printf(a, "For %s", when));
	}
	if (clover_order_type_id(a, task) == NULL)
		say(b, strcmp(o->order_type, "pickup") == 0	? "Pickup"
			: strcmp(o->order_type, "delivery") == 0 ? "Delivery"
								 : "Dine-in");
	if (!pos_is_blank(o->table_number))
		say(b, arena_printf(a, "Table %s", pos_text(a, o->table_number, TABLE_MAX)));
	if (!pos_is_blank(o->delivery_address))
		say(b,
		    arena_printf(a, "To %s", pos_text(a, o->delivery_address, ADDRESS_MAX)));
}

static void
say_guest(struct buf *b, struct arena *a, const struct pos_task *task)
{
	const struct order *o = task->order;

	say(b, pos_text(a,
		   pos_is_blank(o->customer_name)
		       ? pos_config_text(task->config, "default_customer_name")
		       : o->customer_name,
		   NAME_MAX));
	say(b, pos_text(a, o->customer_phone, CLOVER_PHONE_MAX));
	if (!clover_wants_customer(task))
		say(b, pos_text(a, o->customer_email, CLOVER_EMAIL_MAX));
}

/*
 * Told in any case: whether the payment can be marked, nobody knows yet. A tip goes with it; where
 * we make none, it is only told.
 */
static void
say_money(struct buf *b, struct arena *a, const struct pos_task *task)
{
	const struct order *o = task->order;

	if (is_paid(o))
		say(b, arena_printf(a, "Paid: %s", amount(a, o->total_minor)));
	else
		say(b, arena_printf(a, "To be paid: %s, %s", amount(a, o->total_minor),
			   pos_text(a, o->payment_method, TABLE_MAX)));
	if (o->tip_minor > 0 && !clover_is_to_be_paid(task))
		say(b, arena_printf(
			   a, "of it tip %s, not in Clover's total", amount(a, o->tip_minor)));
}

/* What has no field, which is never cut, and the guest's words behind it. */
const char *
clover_note(struct arena *a, const struct pos_task *task)
{
	struct buf b;
	size_t used;

	buf_init(&b, a, 8 * CLOVER_NOTE_MAX);
	say_way(&b, a, task);
	say_guest(&b, a, task);
	say_money(&b, a, task);
	used = utf8_n(b.data) + 2;
	if (used < CLOVER_NOTE_MAX)
		say(&b, pos_text(a, task->order->special_instructions, CLOVER_NOTE_MAX - used));
	return b.data;
}
