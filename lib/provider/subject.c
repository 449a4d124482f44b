#include "provider/subject.h"

#include <string.h>

#include "op/op.h"
#include "tenant/integration.h"

enum err
subject_load_answered(struct op *op, const struct message *m, struct subject *ret)
{
	struct subject s = { .has_order = false };
	bool is_another;
	enum err e = order_lock(op, m->restaurant_id, m->subject_id, &s.order);

	s.has_order = e == OK;
	if (e == OK)
		e = connection_of(op, m->restaurant_id, &s.connection);
	if (e != OK && e != ERR_NO_ROW)
		return e;
	is_another = e == OK && strcmp(m->destination, s.connection.terms.destination) != 0;
	if (is_another)
		s.connection.adapter = NULL;
	if (is_another || (e == OK && submission_is_elsewhere(&s.order, &s.connection.terms)))
		s.gone = SUBMISSION_ELSEWHERE;
	else if (e != OK)
		s.gone = "the restaurant has no POS any more";
	*ret = s;
	return OK;
}

enum err
subject_load(struct op *op, const struct message *m, struct subject *ret)
{
	enum err e = subject_load_answered(op, m, ret);

	if (e == OK && ret->gone != NULL)
		ret->connection.adapter = NULL;
	return e;
}

struct pos_task
subject_task(const struct op *op, const struct subject *s)
{
	return (struct pos_task){ .config = s->connection.config,
		.progress = s->order.pos_progress,
		.reference = s->order.pos_reference,
		.pos_order_id = s->order.pos_order_id,
		.now = op->now_us,
		.since = s->order.released_at,
		.tip_minor = s->order.tip_minor };
}

const char *
subject_reference(struct op *op, const struct order_axes *x, int64_t submission_no)
{
	if (submission_no <= 1)
		return x->order_number;
	return arena_printf(op->arena, "%s-%lld", x->order_number, (long long)submission_no);
}

enum err
subject_secrets(
    struct op *op, struct attempt *a, const struct subject *s, const char *reference)
{
	const struct connection *c = &s->connection;
	struct named_secret *stored, *all;
	struct bytes *keys;
	size_t n, keys_n;
	enum err e = integration_secrets_open(op, &a->provider->keys, &c->integration, &stored, &n);

	if (e == OK)
		e = webhook_secrets_open(
		    op, &a->provider->keys, &c->integration, WEBHOOK_CALLBACK, &keys, &keys_n);
	if (e != OK)
		return e;
	if (keys_n == 0)
		return fail(op, ERR_INTERNAL_ERROR, "The integration has no callback key");
	all = arena_array(op->arena, n + 1, sizeof *all);
	memcpy(all, stored, n * sizeof *all);
	all[n] = (struct named_secret){ .name = SUBJECT_CALLBACK_TOKEN,
		.value = callback_token(op->arena, keys[0], c->restaurant.id, reference) };
	a->secrets = all;
	a->secrets_n = n + 1;
	return OK;
}

enum err
subject_settle(struct op *op, const struct message *m, struct subject *s, enum outcome outcome,
    const char *why)
{
	enum err e = order_save(op, &s->order);

	return e != OK ? e : outbox_finish(op, m, outcome, why);
}

const char *
subject_problems(struct op *op, const struct pos_problems *p)
{
	const char *all = "";

	for (size_t i = 0; i < p->n && i < 5; i++)
		all = arena_printf(op->arena, "%s%s%s %s", all, i == 0 ? "" : "; ", p->v[i].field,
		    p->v[i].sentence);
	return all;
}
