/*
 * Permutations: what a POS reports of an order may come in any order, some of it twice, by its name for the order or by ours,
 * as an event or seen at a look, before its answer to the create or after it, which may come last. The end is always the same,
 * and the way there is a path of the tables.
 *
 * The POS is made up: a delivery's body is a line, "way id status".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inbox/inbox.h"
#include "op/op.h"
#include "order/submission.h"
#include "provider/apply.h"
#include "provider/report.h"
#include "shop.h"
#include "tap.h"

#define SEQUENCE_MAX 5
#define POS_NAME "madeup"

static struct shop shop;
static long cases, parked, bound;

/* --- the POS ---------------------------------------------------------------------------------------------------- */

static const char *
event_read(struct arena *a, struct bytes body, struct pos_event *ret)
{
	char *text = arena_alloc(a, body.len + 1), *save = NULL;
	const char *way, *id;

	memcpy(text, body.data, body.len);
	text[body.len] = '\0';
	way = strtok_r(text, " ", &save);
	id = strtok_r(NULL, " ", &save);
	*ret = pos_event_of(POS_EVENT_ORDER);
	ret->is_anybodys = true;
	if (strcmp(way, "name") == 0)
		ret->reference = id;
	else
		ret->pos_order_id = id;
	ret->is_hint = strcmp(way, "hint") == 0;
	ret->code = ret->status = strtok_r(NULL, " ", &save);
	return NULL;
}

static bool
is_for(const char *status, const char *order_type)
{
	return strcmp(status, "out_for_delivery") != 0 || strcmp(order_type, "delivery") == 0;
}

static bool
event_applies(const struct pos_event *e, const char *order_type)
{
	return is_for(e->status, order_type);
}

static const struct pos_delivery deliveries[] = {
	{ .name = "events", .trust = POS_TRUST_POLICY, .body_max = 200, .read = event_read },
};
static const struct pos_adapter pos = {
	.name = POS_NAME, .display_name = "Made up", .deliveries = deliveries, .deliveries_n = 1, .applies_to = event_applies,
	.traits = { .binds_by_reference = true },
};
static const struct pos_config pos_config = { .adapter = &pos };
/* The same, but two orders may have one name there. */
static const struct pos_adapter loose_pos = {
	.name = POS_NAME, .display_name = "Made up", .deliveries = deliveries, .deliveries_n = 1, .applies_to = event_applies,
};
static const struct pos_config loose_config = { .adapter = &loose_pos };

/* --- one case --------------------------------------------------------------------------------------------------- */

/* How news of a status comes. */
enum way { BY_ID, BY_NAME, AT_A_LOOK, AFTER_A_HINT, WAYS };

struct run {
	int64_t order_id;
	const char *order_type;
	char id[24]; /* the POS's */
	const char *const *words;
	const unsigned char *sequence; /* of words */
	size_t n, answer_at;           /* the answer to the create comes before so many of them */
	unsigned seed;
	const char *hinted; /* how it stood there when they last said that something changed */
	struct connection connection;
};

static enum err
delivery_take(struct op *op, struct run *r, const char *way, const char *word)
{
	const char *name = shop_column(r->order_id, "order_number");
	const char *line = arena_printf(op->arena, "%s %s %s", way, strcmp(way, "name") == 0 ? name : r->id, word);
	struct delivery_new d = { .restaurant_id = shop.restaurant.id, .provider = POS_NAME, .type = "events",
		.subject = strcmp(way, "name") == 0 ? name : r->id, .body = { line, strlen(line) }, .is_verified = true, .headers = "",
		.source_address = "", .http_status = 200 };
	struct delivery stored;
	struct applied applied;
	int64_t id;
	enum err e = inbox_store(op, &d, &id);

	if (e == OK)
		e = inbox_lock(op, id, &stored);
	if (e == OK)
		e = delivery_apply(op, &r->connection, &stored, &applied);
	if (e == OK && applied.state == DELIVERY_PARKED)
		parked++;
	return e;
}

/* As look.c does it with what the POS says. */
static enum err
look_take(struct op *op, struct run *r, const char *word)
{
	struct pos_event event = pos_event_of(POS_EVENT_ORDER);
	const struct report report = { .connection = &r->connection, .event = &event, .received_at = op->now_us, .seen = "A look" };
	struct order_axes x;
	struct reported came;
	enum err e = order_lock(op, shop.restaurant.id, r->order_id, &x);

	event.pos_order_id = arena_strdup(op->arena, r->id);
	event.code = event.status = word;
	if (e == OK)
		e = report_apply(op, &x, &report, &came);
	return e != OK ? e : order_save(op, &x);
}

/* What was parked is applied again, as the job runner does when it is brought forward. */
static enum err
parked_apply(struct op *op, struct run *r)
{
	struct delivery d;
	struct applied applied;
	enum err e = OK;
	const char *ids = shop_text("SELECT GROUP_CONCAT(id ORDER BY id SEPARATOR ' ') FROM webhook_logs WHERE subject = '%s' AND state = 'parked'", r->id);

	for (char *end; e == OK && *ids >= '0' && *ids <= '9'; ids = end + (*end == ' ')) {
		e = inbox_lock(op, strtoll(ids, &end, 10), &d);
		if (e == OK)
			e = delivery_apply(op, &r->connection, &d, &applied);
	if (e == OK && applied.state == DELIVERY_PARKED)
			diag("%s stays parked", r->id);
		bound += e == OK && applied.state != DELIVERY_PARKED;
	}
	return e;
}

/* One look for all hints that wait: at how it stands there by then, which is the furthest that any of them was about. */
static enum err
hint_follow(struct op *op, struct run *r)
{
	bool is_waiting = strstr(shop_messages(r->order_id), "pos_hint") != NULL;
	enum err e = is_waiting && r->hinted != NULL ? look_take(op, r, r->hinted) : OK;

	if (e == OK && is_waiting) {
		r->hinted = NULL;
		e = outbox_drop(op, MESSAGE_pos_hint, r->order_id);
	}
	return e;
}

static enum err
answer_take(struct op *op, struct run *r)
{
	struct order_axes x;
	enum err e = order_lock(op, shop.restaurant.id, r->order_id, &x);

	if (e == OK)
		e = submission_done(op, &x, &r->connection.terms, arena_strdup(op->arena, r->id), TIME_NONE, "taken");
	if (e == OK)
		e = order_save(op, &x);
	return e != OK ? e : inbox_unpark(op, shop.restaurant.id, POS_NAME, r->id);
}

static enum err
attempt_begin(struct op *op, struct run *r)
{
	struct order_axes x;
	bool go;
	enum err e = order_lock(op, shop.restaurant.id, r->order_id, &x);

	if (e == OK)
		e = submission_begin(op, &x, &r->connection.terms, x.order_number, (struct bytes){ "{}", 2 }, &go);
	return e != OK ? e : order_save(op, &x);
}

/* An order that has ended is taken off, should a late report have brought it to life there. */
static enum err
void_answer(struct op *op, struct run *r)
{
	struct order_axes x;
	enum err e = order_lock(op, shop.restaurant.id, r->order_id, &x);

	if (e == OK && x.cancel_wanted != NULL)
		e = submission_voided(op, &x, "taken off");
	return e != OK ? e : order_save(op, &x);
}

enum deed { BEGIN, ANSWER, PARKED, HINTED, VOIDED, NEWS };
struct doing {
	struct run *run;
	enum deed deed;
	enum way way;
	const char *word;
};

static enum err
deed_body(struct op *op, void *arg)
{
	const struct doing *d = arg;

	switch (d->deed) {
	case BEGIN: return attempt_begin(op, d->run);
	case ANSWER: return answer_take(op, d->run);
	case PARKED: return parked_apply(op, d->run);
	case HINTED: return hint_follow(op, d->run);
	case VOIDED: return void_answer(op, d->run);
	case NEWS: break;
	}
	switch (d->way) {
	case BY_ID: return delivery_take(op, d->run, "id", d->word);
	case BY_NAME: return delivery_take(op, d->run, "name", d->word);
	case AFTER_A_HINT: return delivery_take(op, d->run, "hint", d->word);
	default: return look_take(op, d->run, d->word);
	}
}

static bool
go(struct doing d)
{
	struct op op;
	enum err e;

	shop_op(&op, d.deed == NEWS && d.way != AT_A_LOOK ? PROGRAM_webhooks : d.deed == PARKED ? PROGRAM_jobs : PROGRAM_relay, &shop);
	e = db_tx(&op, deed_body, &d);
	if (e != OK)
		diag("deed %d way %d %s: %s %s", (int)d.deed, (int)d.way, d.word != NULL ? d.word : "", err_info(e)->name,
		    op.fault.internal != NULL ? op.fault.internal : "");
	op_end(&op);
	return e == OK;
}

static enum way
way_of(const struct run *r, size_t i)
{
	return (enum way)(r->seed >> 2 * i & 3);
}

static bool
news(struct run *r, size_t i)
{
	enum way way = way_of(r, i);
	const char *word = r->words[r->sequence[i]];

	if (way == AFTER_A_HINT && is_for(word, r->order_type) && (r->hinted == NULL || status_by_name(word) > status_by_name(r->hinted)))
		r->hinted = word;
	return go((struct doing){ r, NEWS, way, word }) &&
	       (way != AFTER_A_HINT || go((struct doing){ .run = r, .deed = HINTED }));
}

static void
order_make(struct run *r)
{
	struct op op;
	struct order_wish w = shop_wish(&shop);
	struct order order = { .id = 0 };

	w.cart.order_type = r->order_type;
	if (strcmp(r->order_type, "delivery") == 0)
		w.delivery_address = "1 Mill Lane";
	if (strcmp(r->order_type, "dine_in") == 0)
		w.table_number = "7";
	shop_op(&op, PROGRAM_orders, &shop);
	op.actor = (struct actor){ .kind = ACTOR_USER, .id = shop.guest_id, .name = "user" };
	if (order_place(&op, &shop.restaurant, &r->connection.terms, &w, NULL, NULL, &order) != OK)
		diag("placing: %s %s", op.fault.sentence, op.fault.internal);
	op_end(&op);
	r->order_id = order.id;
	(void)snprintf(r->id, sizeof r->id, "P%lld", (long long)order.id);
}

/* Where it must end: as far as anything said, unless it was ended. */
static const char *
end_of(const struct run *r)
{
	enum order_status furthest = STATUS_received;

	for (size_t i = 0; i < r->n; i++) {
		enum order_status s = status_by_name(r->words[r->sequence[i]]);
		if (is_for(r->words[r->sequence[i]], r->order_type) && s > furthest)
			furthest = s;
	}
	return status_name(furthest);
}

/* What is wrong with where it came to rest; NULL: nothing. */
static const char *
fault_of(const struct run *r)
{
	const char *status = end_of(r), *type_id;
	bool is_end = strcmp(status, "cancelled") == 0 || strcmp(status, "rejected") == 0;
	static char want[80];

	(void)snprintf(want, sizeof want, "%s/%s/pending", status, is_end ? "failed" : "accepted");
	if (strcmp(shop_axes(r->order_id), want) != 0)
		return want;
	type_id = shop_column(r->order_id, "CONCAT(order_type, ' ', pos_order_id)");
	if (strncmp(type_id, r->order_type, strlen(r->order_type)) != 0 || strstr(type_id, r->id) == NULL)
		return "its id there is not known";
	/* The guest hears that it is ready once, whoever said so how often (WH-28). */
	if (world_int("SELECT COUNT(*) FROM order_status_history WHERE order_id = %lld AND axis = 'status' AND new_status = 'ready'"
	    " AND old_status <> 'ready'", (long long)r->order_id) > 1)
		return "ready more than once";
	return NULL;
}

/* Goes one way; says what is wrong. */
static bool
case_run(struct run *r)
{
	char said[200] = "";
	const char *fault;
	bool good;

	r->hinted = NULL;
	order_make(r);
	good = r->order_id != 0 && go((struct doing){ .run = r, .deed = BEGIN });
	for (size_t i = 0; i <= r->n && good; i++) {
		if (i == r->answer_at)
			good = go((struct doing){ .run = r, .deed = ANSWER }) && go((struct doing){ .run = r, .deed = PARKED }) &&
			       go((struct doing){ .run = r, .deed = HINTED });
		if (i < r->n && good)
			good = news(r, i);
	}
	good = good && go((struct doing){ .run = r, .deed = VOIDED });
	cases++;
	fault = good ? fault_of(r) : "a deed failed";
	for (size_t i = 0; i < r->n; i++)
		(void)snprintf(said + strlen(said), sizeof said - strlen(said), " %s/%d%s", r->words[r->sequence[i]],
		    (int)way_of(r, i), i + 1 == r->answer_at ? " answer" : "");
	good = shop_check(&shop, r->order_id, said);
	if (fault != NULL)
		diag("%s:%s: %s, and is %s %s", r->order_type, said, fault, shop_axes(r->order_id),
		    shop_column(r->order_id, "pos_order_id"));
	return good && fault == NULL;
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

static unsigned
next(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 8;
}

/* What a POS may say of one order in the end; a set of at most SEQUENCE_MAX together with what is said twice. */
struct news {
	const char *order_type;
	size_t n;
	const char *words[SEQUENCE_MAX];
	const char *name;
};
static const struct news all[] = {
	{ "pickup", 3, { "confirmed", "preparing", "ready" }, "WH-26 a pickup goes forward" },
	{ "pickup", 5, { "confirmed", "preparing", "ready", "ready", "confirmed" }, "WH-26 two of it twice" },
	{ "pickup", 4, { "confirmed", "preparing", "ready", "cancelled" }, "WH-26 it is cancelled there" },
	{ "pickup", 5, { "confirmed", "ready", "cancelled", "cancelled", "ready" }, "WH-26 twice" },
	{ "pickup", 2, { "confirmed", "rejected" }, "WH-26 it is rejected" },
	{ "dine_in", 5, { "confirmed", "preparing", "ready", "ready", "preparing" }, "WH-26 at a table" },
	{ "dine_in", 4, { "confirmed", "ready", "out_for_delivery", "ready" }, "C6 what means nothing at a table" },
	{ "dine_in", 4, { "preparing", "ready", "cancelled", "preparing" }, "WH-26 cancelled at a table" },
	{ "delivery", 5, { "preparing", "ready", "out_for_delivery", "ready", "preparing" }, "WH-26 a delivery goes out" },
	{ "delivery", 4, { "ready", "out_for_delivery", "out_for_delivery", "cancelled" }, "WH-26 and is cancelled on its way" },
	{ "delivery", 1, { "ready" }, "WH-26 a single word" },
};

static bool
swap_up(unsigned char *p, size_t n)
{
	size_t i = n, j = n;
	unsigned char t;

	while (i > 1 && p[i - 2] >= p[i - 1])
		i--;
	if (i <= 1)
		return false;
	while (p[j - 1] <= p[i - 2])
		j--;
	t = p[i - 2], p[i - 2] = p[j - 1], p[j - 1] = t;
	for (size_t a = i - 1, b = n - 1; a < b; a++, b--)
		t = p[a], p[a] = p[b], p[b] = t;
	return true;
}

/* Every order of it, with the answer to the create at each place in turn, and every way for every word in its turn. */
static void
test_news(const struct news *w, struct run *r, unsigned *state)
{
	unsigned char sequence[SEQUENCE_MAX];
	long before = cases, bad = 0;

	for (size_t i = 0; i < w->n; i++) {
		sequence[i] = (unsigned char)i;
		for (size_t k = 0; k < i; k++)
			if (strcmp(w->words[k], w->words[i]) == 0 && sequence[i] == i)
				sequence[i] = (unsigned char)k;
	}
	for (size_t i = 0; i + 1 < w->n; i++)
		for (size_t k = i + 1; k < w->n; k++)
			if (sequence[k] < sequence[i]) {
				unsigned char t = sequence[i];
				sequence[i] = sequence[k];
				sequence[k] = t;
			}
	r->words = w->words;
	r->order_type = w->order_type;
	r->sequence = sequence;
	r->n = w->n;
	do
		for (r->answer_at = 0; r->answer_at <= r->n; r->answer_at++) {
			r->seed = next(state);
			bad += !case_run(r);
		}
	while (swap_up(sequence, w->n));
	ok(bad == 0, "M18 %s (%s, %ld cases)", w->name, w->order_type, cases - before);
}

static enum err
name_body(struct op *op, void *arg)
{
	return delivery_take(op, arg, "name", "ready");
}

/* Rule 10: a name that another one may bear there as well moves nothing by itself. */
static void
test_loose_name(struct run *r)
{
	struct op op;

	r->connection.adapter = &loose_pos;
	r->connection.config = &loose_config;
	r->order_type = "pickup";
	order_make(r);
	world_sql("UPDATE orders SET pos_reference = order_number WHERE id = %lld", (long long)r->order_id);
	shop_op(&op, PROGRAM_webhooks, &shop);
	ok(db_tx(&op, name_body, r) == OK, "news of a name that binds nothing");
	op_end(&op);
	is_str(shop_axes(r->order_id), "received/queued/pending", "rule 10 it proves nothing");
	ok(strstr(shop_messages(r->order_id), "pos_hint") != NULL, "rule 10 but is worth a look");
	r->connection.adapter = &pos;
	r->connection.config = &pos_config;
}

int
main(void)
{
	struct run r = { .connection = { .adapter = &pos, .config = &pos_config } };
	const char *seed = getenv("SEED");
	unsigned state = seed != NULL ? (unsigned)strtoul(seed, NULL, 10) : 1;

	shop_make(&shop, "news");
	r.connection.restaurant = shop.restaurant;
	r.connection.terms = (struct submission_terms){ .destination = "petpooja:9", .can_cancel = true, .can_look = true,
		.settle_us = 30 * INT64_C(1000000) };
	test_loose_name(&r);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		test_news(&all[i], &r, &state);
	ok(parked > 0 && bound > 0, "WH-27 what names an id that is not known yet waits, and binds: %ld of them", bound);
	diag("%ld cases, %ld parked, SEED=%s", cases, parked, seed != NULL ? seed : "1");
	return tap_done();
}
