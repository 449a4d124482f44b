#include "http/deed.h"

#include "audit/audit.h"
#include "crypto/hmac.h"
#include "db/db.h"
#include "http/reply.h"
#include "op/op.h"
#include "order/order.h"
#include "provider/connect.h"
#include "tenant/restaurant.h"
#include "text/hex.h"
#include "text/uuid.h"

#define DIGEST_LEN 8 /* of what is shown */

/* What all tags of an order begin with, as long as nobody moves it. */
static const char *
tag_head(struct op *op, int64_t history_seq)
{
	return arena_printf(op->arena, "%lld-", (long long)history_seq);
}

void
order_tag(struct op *op, const struct request *r, struct reply *reply, int64_t history_seq)
{
	bool reads = (r->method & (METHOD_GET | METHOD_HEAD)) != 0;
	struct request asks = { .if_none_match = reads ? r->if_none_match : NULL };
	unsigned char digest[HMAC_SIZE];

	reply_close(reply);
	hmac_sha256("", 0, reply->body.data, reply->body.len, digest);
	(void)reply_not_modified(reply, &asks,
	    arena_printf(op->arena, "%s%s", tag_head(op, history_seq),
		hex_encode(op->arena, digest, DIGEST_LEN)));
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
		e = request_match_head(op, d->request, tag_head(op, x.history_seq));
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
