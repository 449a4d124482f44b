#include "order/delivery.h"

#include <string.h>

#include "db/db.h"
#include "event/event.h"
#include "mem/buf.h"
#include "op/op.h"
#include "order/forward.h"
#include "order/settle.h"
#include "person/staff.h"
#include "text/json_write.h"

static const struct db_col assignment_cols[] = {
	COL_I64(struct delivery_assignment, order_id),
	COL_I64(struct delivery_assignment, staff_id),
	COL_BYTES(struct delivery_assignment, staff_public_id),
	COL_TEXT(struct delivery_assignment, staff_name),
	COL_TEXT(struct delivery_assignment, status),
	COL_BOOL(struct delivery_assignment, is_open),
	COL_BOOL(struct delivery_assignment, staff_can),
	COL_TIME(struct delivery_assignment, assigned_at),
	COL_TIME(struct delivery_assignment, picked_up_at),
	COL_TIME(struct delivery_assignment, delivered_at),
};
static const struct db_shape assignment_shape =
    DB_SHAPE(struct delivery_assignment, assignment_cols);

struct id_row {
	int64_t id;
};
static const struct db_col id_cols[] = { COL_I64(struct id_row, id) };
static const struct db_shape id_shape = DB_SHAPE(struct id_row, id_cols);

/* --- reading ---------------------------------------------------------------------------------- */

enum err
deliveries_read(struct op *op, int64_t restaurant_id, const char *ids,
    struct delivery_assignment **ret, size_t *ret_n)
{
	return db_many(op, STMT_deliveries_of_orders,
	    DB_ARGS(DB_TEXT("ids", ids), DB_I64("restaurant_id", restaurant_id)), &assignment_shape,
	    ret, ret_n);
}

/* ERR_NO_ROW (no fault): nobody has it. */
static enum err
assignment_find(struct op *op, const struct order_axes *x, struct delivery_assignment *ret)
{
	return db_one(op, STMT_delivery_of_order,
	    DB_ARGS(DB_I64("order_id", x->id), DB_I64("restaurant_id", x->restaurant_id)),
	    &assignment_shape, ret);
}

/* The one who asks has it, or for them there is no such order. */
static enum err
own_find(struct op *op, const struct order_axes *x, int64_t staff_id,
    struct delivery_assignment *ret)
{
	struct delivery_assignment a;
	enum err e = assignment_find(op, x, &a);

	if (e == ERR_NO_ROW || (e == OK && a.staff_id != staff_id))
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK)
		*ret = a;
	return e;
}

const char *
delivery_first_name(struct arena *arena, const struct delivery_assignment *a)
{
	const char *name = a->staff_name + strspn(a->staff_name, " ");

	return arena_strndup(arena, name, strcspn(name, " "));
}

/* --- moving ----------------------------------------------------------------------------------- */

/* Whoever watches the restaurant sees who has it; a NULL: nobody. */
static void
delivery_tell(struct op *op, const struct order_axes *x, const struct delivery_assignment *a)
{
	struct json_write w;
	struct buf b;

	buf_init(&b, op->arena, 4096);
	json_write_init(&w, &b);
	json_write_object(&w, NULL);
	json_write_uuid(&w, "order_id", x->public_id);
	json_write_string(&w, "order_number", x->order_number);
	json_write_string(&w, "status", status_name(x->status));
	if (a == NULL) {
		json_write_null(&w, "delivery");
	} else {
		json_write_object(&w, "delivery");
		json_write_string(&w, "status", a->status);
		json_write_uuid(&w, "staff_id", a->staff_public_id.data);
		json_write_string(&w, "staff_name", delivery_first_name(op->arena, a));
		json_write_object_end(&w);
	}
	json_write_int64(&w, "seq", x->history_seq);
	json_write_time(&w, "updated_at", op->now_us);
	json_write_object_end(&w);
	json_write_done(&w);
	event_note(op, x->restaurant_id, "delivery_changed", x->id, b.data);
}

/* One step of the table, in history and in the picture; the row is the caller's. */
static enum err
assignment_step(struct op *op, struct order_axes *x, struct delivery_assignment *a,
    enum assignment_event event)
{
	const struct assignment_row *row =
	    assignment_row_find(assignment_by_name(a->status), event);

	if (row == NULL)
		return fail(op, ERR_INTERNAL_ERROR, "The assignment is in no known state");
	a->status = assignment_name(row->to);
	if (row->to == ASSIGNMENT_picked_up)
		a->picked_up_at = op->now_us;
	if (row->to == ASSIGNMENT_delivered)
		a->delivered_at = op->now_us;
	return order_history_add(op, x, "delivery", assignment_event_name(event),
	    assignment_name(row->from), assignment_name(row->to), a->staff_name);
}

static enum err
assignment_save(struct op *op, const struct order_axes *x, const struct delivery_assignment *a)
{
	int64_t changed;
	enum err e = db_changed(op, STMT_delivery_save,
	    DB_ARGS(DB_I64("order_id", x->id), DB_I64("restaurant_id", x->restaurant_id),
		DB_I64("staff_id", a->staff_id), DB_TEXT("status", a->status),
		DB_I64("is_open", a->is_open), DB_TIME("picked_up_at", a->picked_up_at),
		DB_TIME("delivered_at", a->delivered_at)),
	    &changed);

	if (e == OK && changed != 1)
		return fail(op, ERR_CONFLICT, NULL);
	if (e == OK)
		delivery_tell(op, x, a);
	return e;
}

enum err
delivery_follow(struct op *op, struct order_axes *x)
{
	struct delivery_assignment a;
	enum err e;

	if (strcmp(x->order_type, "delivery") != 0 ||
	    (x->status != STATUS_out_for_delivery && !status_is_end(x->status)))
		return OK;
	e = assignment_find(op, x, &a);
	if (e == ERR_NO_ROW || (e == OK && !a.is_open))
		return OK;
	if (e == OK && assignment_by_name(a.status) == ASSIGNMENT_assigned &&
	    (x->status == STATUS_out_for_delivery || x->status == STATUS_completed))
		e = assignment_step(op, x, &a, ASSIGNMENT_EVENT_pick_up);
	if (e == OK && x->status == STATUS_completed)
		e = assignment_step(op, x, &a, ASSIGNMENT_EVENT_deliver);
	a.is_open = !status_is_end(x->status);
	return e != OK ? e : assignment_save(op, x, &a);
}

/* --- who has it ------------------------------------------------------------------------------- */

static enum err
order_check(struct op *op, const struct order_axes *x)
{
	if (strcmp(x->order_type, "delivery") != 0)
		return fail(op, ERR_ILLEGAL_TRANSITION, "This order is not to be delivered");
	if (status_is_end(x->status))
		return fail(
		    op, ERR_ILLEGAL_TRANSITION, "The order is %s", status_name(x->status));
	if (x->released_at == TIME_NONE)
		return fail(op, ERR_ILLEGAL_TRANSITION, "The order is not paid for yet");
	return OK;
}

static enum err
candidate_find(struct op *op, const struct order_axes *x, const unsigned char public_id[16],
    struct staff *ret)
{
	struct staff s;
	enum err e = staff_of_restaurant(op, x->restaurant_id, public_id, &s);

	if (e == ERR_NO_ROW)
		return fail_field(op, "staff_id", "is nobody who works here");
	if (e != OK)
		return e;
	if (!s.is_active)
		return fail_field(op, "staff_id", "is not active");
	if ((staff_role(&s) & (ROLE_DELIVERY | ROLE_ADMIN)) == 0)
		return fail_field(op, "staff_id", "is nobody who delivers");
	*ret = s;
	return OK;
}

/* Nobody has it, or somebody who has not left with it. */
static enum err
not_picked_up(struct op *op, const struct delivery_assignment *a)
{
	if (assignment_by_name(a->status) == ASSIGNMENT_assigned)
		return OK;
	return fail(op, ERR_ILLEGAL_TRANSITION, "%s has picked it up", a->staff_name);
}

enum err
delivery_assign(struct op *op, struct order_axes *x, const unsigned char staff_public_id[16])
{
	struct delivery_assignment a = { 0 };
	struct staff staff;
	bool is_new;
	enum err e = order_check(op, x);

	if (e == OK)
		e = candidate_find(op, x, staff_public_id, &staff);
	if (e != OK)
		return e;
	e = assignment_find(op, x, &a);
	is_new = e == ERR_NO_ROW;
	if (e == OK && a.staff_id == staff.id)
		return OK;
	if (e == OK)
		e = not_picked_up(op, &a);
	if (e != OK && !is_new)
		return e;
	a = (struct delivery_assignment){
		.order_id = x->id,
		.staff_id = staff.id,
		.staff_public_id = { arena_bytes(op->arena, staff.public_id, 16), 16 },
		.staff_name = staff.name,
		.status = assignment_name(is_new ? ASSIGNMENT_none : ASSIGNMENT_assigned),
		.is_open = true,
		.staff_can = true,
		.assigned_at = op->now_us,
		.picked_up_at = TIME_NONE,
		.delivered_at = TIME_NONE,
	};
	if (is_new)
		e = assignment_step(op, x, &a, ASSIGNMENT_EVENT_assign);
	else
		e = order_history_add(
		    op, x, "delivery", "reassign", a.status, a.status, a.staff_name);
	if (e == OK)
		e = db_run(op, STMT_delivery_assign,
		    DB_ARGS(DB_I64("order_id", x->id), DB_I64("restaurant_id", x->restaurant_id),
			DB_I64("staff_id", staff.id)));
	if (e == OK)
		delivery_tell(op, x, &a);
	return e;
}

enum err
delivery_unassign(struct op *op, struct order_axes *x)
{
	struct delivery_assignment a;
	enum err e = order_check(op, x);

	if (e == OK)
		e = assignment_find(op, x, &a);
	if (e == ERR_NO_ROW)
		return OK;
	if (e == OK)
		e = not_picked_up(op, &a);
	if (e == OK)
		e = assignment_step(op, x, &a, ASSIGNMENT_EVENT_unassign);
	if (e == OK)
		e = db_run(op, STMT_delivery_unassign,
		    DB_ARGS(DB_I64("order_id", x->id), DB_I64("restaurant_id", x->restaurant_id)));
	if (e == OK)
		delivery_tell(op, x, NULL);
	return e;
}

/* --- the word of who brings it ---------------------------------------------------------------- */

static enum err
own_open_find(struct op *op, const struct order_axes *x, int64_t staff_id,
    enum assignment_state repeated, struct delivery_assignment *ret)
{
	enum err e = own_find(op, x, staff_id, ret);

	if (e == OK && !ret->is_open && assignment_by_name(ret->status) != repeated)
		return fail(
		    op, ERR_ILLEGAL_TRANSITION, "The order is %s", status_name(x->status));
	return e;
}

enum err
delivery_pick_up(struct op *op, struct order_axes *x, int64_t staff_id)
{
	struct delivery_assignment a;
	enum err e = own_open_find(op, x, staff_id, ASSIGNMENT_picked_up, &a);

	if (e != OK || assignment_by_name(a.status) == ASSIGNMENT_picked_up)
		return e;
	/* The kitchen had sent it out before somebody was named. */
	if (x->status == STATUS_out_for_delivery) {
		e = assignment_step(op, x, &a, ASSIGNMENT_EVENT_pick_up);
		return e != OK ? e : assignment_save(op, x, &a);
	}
	return order_forward(op, x, STATUS_out_for_delivery, WHO_DELIVERY, NULL);
}

enum err
delivery_hand_over(struct op *op, struct order_axes *x, int64_t staff_id, bool is_paid)
{
	struct delivery_assignment a;
	enum err e = own_open_find(op, x, staff_id, ASSIGNMENT_delivered, &a);

	if (e == OK && assignment_by_name(a.status) == ASSIGNMENT_assigned)
		return fail(op, ERR_ILLEGAL_TRANSITION, "It has not been picked up");
	/* With the money it may be completed already, because the POS had said so. */
	if (e == OK && is_paid)
		e = order_settle_cash(op, x);
	return e != OK ? e : order_forward(op, x, STATUS_completed, WHO_DELIVERY, NULL);
}

/* --- what somebody has to bring --------------------------------------------------------------- */

enum err
delivery_list(struct op *op, int64_t restaurant_id, int64_t staff_id,
    const struct delivery_cursor *after, int64_t n, int64_t **ret_ids, size_t *ret_n)
{
	struct id_row *rows;
	int64_t *ids;
	size_t rows_n;
	enum err e = db_many(op, STMT_deliveries_of_staff,
	    DB_ARGS(DB_I64("staff_id", staff_id), DB_I64("restaurant_id", restaurant_id),
		DB_I64("cursor_open", after == NULL || after->is_open),
		DB_I64("cursor_id", after == NULL ? INT64_MAX : after->order_id), DB_I64("n", n)),
	    &id_shape, &rows, &rows_n);

	if (e != OK)
		return e;
	ids = arena_array(op->arena, rows_n, sizeof *ids);
	for (size_t i = 0; i < rows_n; i++)
		ids[i] = rows[i].id;
	*ret_ids = ids;
	*ret_n = rows_n;
	return OK;
}
