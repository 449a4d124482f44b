#include "http/deed.h"

#include "audit/audit.h"
#include "db/db.h"
#include "op/op.h"
#include "order/order.h"
#include "provider/connect.h"
#include "tenant/restaurant.h"
#include "text/uuid.h"

const char *
order_tag(struct op *op, int64_t history_seq)
{
	return arena_printf(op->arena, "%lld", (long long)history_seq);
}

static enum err
deed_body(struct op *op, void *arg)
{
	struct deed *d = arg;
	struct order_axes x;
	enum err e = order_lock(op, d->request->restaurant->id, d->order_id, &x);

	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK)
		e = request_match(op, d->request, order_tag(op, x.history_seq));
	if (e == OK)
		e = d->act(op, d, &x);
	if (e == OK)
		e = order_save(op, &x);
	return e != OK ? e : audit_record(op, d->audit, x.order_number, d->detail);
}

enum err
deed_do(struct op *op, const struct request *r, struct deed *d)
{
	unsigned char id[UUID_LEN];
	struct order order;
	enum err e = request_path_uuid(op, r, "id", id);

	if (e == OK)
		e = order_head(op, r->restaurant->id, id, &order);
	if (e == ERR_NO_ROW)
		return fail(op, ERR_NOT_FOUND, NULL);
	if (e == OK && d->wants_pos)
		e = connection_terms(op, r->restaurant, &d->has_pos, &d->terms);
	if (e != OK)
		return e;
	d->request = r;
	d->order_id = order.id;
	if (d->status == 0)
		d->status = 200;
	return db_tx(op, deed_body, d);
}
