/* Histories: a path of the tables that movers use, from the beginning to where the row stands. */

#include <stdio.h>
#include <string.h>

#include "check/inside.h"
#include "order/state.h"

#define STEPS_PAGE 2000
#define WORD_MAX 51 /* of the column, with its end */

struct step {
	int64_t order_id, seq;
	const char *axis, *event, *old_status, *new_status;
};
static const struct db_col step_cols[] = {
	COL_I64(struct step, order_id),
	COL_I64(struct step, seq),
	COL_TEXT(struct step, axis),
	COL_TEXT(struct step, event),
	COL_TEXT(struct step, old_status),
	COL_TEXT(struct step, new_status),
};
static const struct db_shape step_shape = DB_SHAPE(struct step, step_cols);

enum axis { AXIS_STATUS, AXIS_POS, AXIS_PAYMENT, AXIS_DELIVERY, AXIS__MAX };

static const struct {
	const char *name, *first;
} axes[AXIS__MAX] = {
	[AXIS_STATUS] = { "status", "none" },
	[AXIS_POS] = { "pos", "not_required" },
	[AXIS_PAYMENT] = { "payment", "pending" },
	[AXIS_DELIVERY] = { "delivery", "none" },
};

/* One order's path so far. */
struct path {
	const struct check_order *order;
	int64_t seq;
	char at[AXIS__MAX][WORD_MAX];
};

static bool
status_step_exists(const struct step *s)
{
	if (strcmp(s->old_status, "none") == 0)
		return strcmp(s->event, "place") == 0 && strcmp(s->new_status, "received") == 0;
	for (size_t i = 0; i < status_rows_n; i++)
		if (strcmp(status_name(status_rows[i].from), s->old_status) == 0 &&
		    strcmp(status_event_name(status_rows[i].event), s->event) == 0 &&
		    strcmp(status_name(status_rows[i].to), s->new_status) == 0)
			return true;
	return false;
}

static bool
pos_step_exists(const struct step *s)
{
	for (size_t i = 0; i < pos_rows_n; i++)
		if (strcmp(pos_state_name(pos_rows[i].from), s->old_status) == 0 &&
		    strcmp(pos_event_name(pos_rows[i].event), s->event) == 0 &&
		    strcmp(pos_state_name(pos_rows[i].to), s->new_status) == 0)
			return true;
	return false;
}

/* Cash is all there is; a table of payments will say more. */
static bool
payment_step_exists(const struct step *s)
{
	const char *pending = payment_name(PAYMENT_pending), *paid = payment_name(PAYMENT_paid);

	if (strcmp(s->event, "cash_received") == 0)
		return strcmp(s->old_status, pending) == 0 && strcmp(s->new_status, paid) == 0;
	return strcmp(s->event, "cash_undone") == 0 && strcmp(s->old_status, paid) == 0 &&
	       strcmp(s->new_status, pending) == 0;
}

static bool
assignment_step_exists(const struct step *s)
{
	for (size_t i = 0; i < assignment_rows_n; i++) {
		const struct assignment_row *r = &assignment_rows[i];

		if (strcmp(assignment_name(r->from), s->old_status) == 0 &&
		    strcmp(assignment_event_name(r->event), s->event) == 0 &&
		    strcmp(assignment_name(r->to), s->new_status) == 0)
			return true;
	}
	return false;
}

/* A row that moves nothing notes an event that was late, repeated or only wished for. */
static bool
step_exists(enum axis axis, const struct step *s)
{
	if (strcmp(s->old_status, s->new_status) == 0)
		return true;
	switch (axis) {
	case AXIS_STATUS:
		return status_step_exists(s);
	case AXIS_POS:
		return pos_step_exists(s);
	case AXIS_PAYMENT:
		return payment_step_exists(s);
	case AXIS_DELIVERY:
		return assignment_step_exists(s);
	case AXIS__MAX:
		break;
	}
	return true; /* said where the axis was looked for */
}

static enum axis
axis_of(const char *name)
{
	enum axis axis = 0;

	while (axis < AXIS__MAX && strcmp(axes[axis].name, name) != 0)
		axis++;
	return axis;
}

static void
path_begin(struct path *p, const struct check_order *o)
{
	p->order = o;
	p->seq = 0;
	for (enum axis a = 0; a < AXIS__MAX; a++)
		snprintf(p->at[a], WORD_MAX, "%s", axes[a].first);
}

static void
path_step(struct check *c, struct path *p, const struct step *s)
{
	const struct check_order *o = p->order;
	enum axis axis = axis_of(s->axis);

	if (s->seq != p->seq + 1)
		check_tell(c, FINDING_history_gap, o->restaurant_id,
		    "order %s: its history goes from %lld to %lld", o->order_number,
		    (long long)p->seq, (long long)s->seq);
	p->seq = s->seq;
	if (axis == AXIS__MAX) {
		check_tell(c, FINDING_history_stray, o->restaurant_id,
		    "order %s: its history has a step on no axis", o->order_number);
		return;
	}
	if (strcmp(s->old_status, p->at[axis]) != 0)
		check_tell(c, FINDING_history_jump, o->restaurant_id,
		    "order %s: %s %s %s %s, but it was %s", o->order_number, s->axis, s->old_status,
		    s->event, s->new_status, p->at[axis]);
	if (!step_exists(axis, s))
		check_tell(c, FINDING_history_stray, o->restaurant_id,
		    "order %s: %s %s %s %s is in no table", o->order_number, s->axis, s->old_status,
		    s->event, s->new_status);
	snprintf(p->at[axis], WORD_MAX, "%s", s->new_status);
}

static void
path_end(struct check *c, const struct path *p)
{
	const struct check_order *o = p->order;
	const char *const stands[AXIS__MAX] = { [AXIS_STATUS] = o->status,
		[AXIS_POS] = o->pos_state,
		[AXIS_PAYMENT] = o->payment_status,
		[AXIS_DELIVERY] = o->delivery };

	if (p->seq != o->history_seq)
		check_tell(c, FINDING_history_gap, o->restaurant_id,
		    "order %s: its history ends with %lld, it counts %lld", o->order_number,
		    (long long)p->seq, (long long)o->history_seq);
	for (enum axis a = 0; a < AXIS__MAX; a++)
		if (strcmp(stands[a], p->at[a]) != 0)
			check_tell(c, FINDING_history_end, o->restaurant_id,
			    "order %s: %s is %s, its history ends with %s", o->order_number,
			    axes[a].name, stands[a], p->at[a]);
}

enum err
check_histories(struct check *c, const struct check_order *orders, size_t n)
{
	struct arena *page = c->op->arena;
	int64_t from = orders[0].id, after = 0;
	struct step *steps;
	struct path path;
	size_t steps_n, next = 1;

	path_begin(&path, &orders[0]);
	do {
		enum err e;

		check_page(c, c->inner);
		e = db_many(c->op, STMT_check_history,
		    DB_ARGS(DB_I64("from_id", from), DB_I64("to_id", orders[n - 1].id),
			DB_I64("after_seq", after), DB_I64("n", STEPS_PAGE)),
		    &step_shape, &steps, &steps_n);
		if (e != OK)
			return e;
		for (size_t i = 0; i < steps_n; i++) {
			/* A history hangs on its order by a foreign key: there is none between. */
			while (path.order->id < steps[i].order_id) {
				path_end(c, &path);
				path_begin(&path, &orders[next++]);
			}
			path_step(c, &path, &steps[i]);
			from = steps[i].order_id;
			after = steps[i].seq;
		}
	} while (steps_n == STEPS_PAGE);
	for (path_end(c, &path); next < n; path_end(c, &path))
		path_begin(&path, &orders[next++]);
	c->op->arena = page;
	return OK;
}
