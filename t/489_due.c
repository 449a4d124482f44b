/* due: where something is due, and how a runner that does not ask everywhere hears of it. */
#include <stdio.h>

#include "op/clock.h"
#include "op/op.h"
#include "outbox/due.h"
#include "outbox/outbox.h"
#include "shop.h"
#include "tap.h"

#define SECOND_US INT64_C(1000000)

static struct shop shop;

static enum err
put_body(struct op *op, void *arg)
{
	return outbox_put(op, arg);
}

static void
put(enum message_kind kind, const char *destination, int64_t subject_id, int64_t delay_us)
{
	struct message_new m = { .kind = kind, .destination = destination, .restaurant_id = shop.restaurant.id, .subject_id = subject_id,
		.delay_us = delay_us };
	struct op op;

	shop_op(&op, PROGRAM_orders, &shop);
	if (db_tx(&op, put_body, &m) != OK)
		diag("not put");
	op_end(&op);
}

/* Where something is due, in the order in which it is told: "a b". */
static const char *
due_at(struct db *a, struct outbox_places *p)
{
	static char text[200];
	struct outbox_due *due;
	size_t n = 0, at = 0;
	struct op op;

	op_begin(&op, a, (size_t)1 << 20, NULL);
	text[0] = '\0';
	if (db_ready(&op) != OK || outbox_due(&op, p, &due, &n) != OK)
		return "a failure";
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i == 0 ? "" : " ", due[i].destination);
	op_end(&op);
	return text;
}

/* It was to fall due in a minute. */
static void
hurry(const char *destination)
{
	world_sql("UPDATE outbox SET due_at = due_at - INTERVAL 2 MINUTE WHERE destination = '%s'", destination);
}

/* A look asks where something is known to be due: what was made due sooner is seen by a poke, and by a look everywhere. */
static void
test_sooner(struct db *a, struct outbox_places *p)
{
	int64_t id = world_int("SELECT id FROM outbox WHERE destination = 'not-yet'");

	hurry("not-yet");
	is_str(due_at(a, p), "late new", "a look asks where something falls due now");
	outbox_places_poked(p, 0);
	is_str(due_at(a, p), "late new", "a poke without a name is none");
	outbox_places_poked(p, id);
	is_str(due_at(a, p), "late not-yet new", "where a poke says so");
	is_str(due_at(a, p), "late not-yet new", "from then on");
	put(MESSAGE_pos_submit, "a-second", 7, 60 * SECOND_US);
	put(MESSAGE_inbox_apply, "a-job", 8, 0);
	outbox_places_poked(p, world_int("SELECT MAX(id) FROM outbox WHERE destination = 'a-job'"));
	outbox_places_poked(p, world_int("SELECT MAX(id) FROM outbox WHERE destination = 'a-second'"));
	is_str(due_at(a, p), "late not-yet new", "a poke is a hint: it may be the other runner's, or too early");
	is_int(p->n, 5, "its place is known now");
	hurry("a-second");
	outbox_places_doubt(p);
	is_str(due_at(a, p), "late not-yet a-second new", "in doubt it asks everywhere");
	ok(p->ask_all_at_us > clock_steady_us() && p->ask_all_at_us < clock_steady_us() + SECOND_US / 5, "and so it does every now and then");
	p->ask_all_at_us = INT64_MAX;
	for (int i = 0; i <= OUTBOX_POKED_MAX; i++)
		outbox_places_poked(p, id);
	is_int(p->ask_all_at_us, 0, "of too many pokes it remembers that they came");
	p->ask_all_at_us = INT64_MAX;
	world_sql("DELETE FROM outbox WHERE destination IN ('a-second', 'a-job')");
}

static void
test_due(struct db *a)
{
	struct outbox_places p;

	world_sql("DELETE FROM outbox");
	put(MESSAGE_pos_submit, "late", 1, 0);
	put(MESSAGE_pos_submit, "early", 2, 0);
	put(MESSAGE_pos_submit, "not-yet", 3, 60 * SECOND_US);
	put(MESSAGE_inbox_apply, "jobs", 4, 0);
	world_sql("UPDATE outbox SET due_at = due_at - INTERVAL 1 MINUTE WHERE destination = 'early'");
	outbox_places_begin(&p, RUNNER_RELAY);
	is_str(due_at(a, &p), "early late", "where something is due, the longest waiting first");
	p.walk_at_us = 0;
	p.stepwise_until_us = INT64_MAX;
	is_str(due_at(a, &p), "early late", "F49 step by step that is the same");
	is_int(p.n, 3, "where anything is is remembered");
	p.walk_at_us = p.ask_all_at_us = INT64_MAX;
	is_str(due_at(a, &p), "early late", "F49 and so is what a look finds");
	put(MESSAGE_pos_submit, "new", 5, 0);
	put(MESSAGE_pos_submit, "late", 6, -3600 * SECOND_US);
	world_sql("DELETE FROM outbox WHERE destination = 'early'");
	is_str(due_at(a, &p), "late new", "what was put lately is found, and nothing where nothing is any more");
	is_int(p.n, 4, "a new place is remembered");
	put(MESSAGE_pos_submit, "far", 7, 60 * SECOND_US);
	is_str(due_at(a, &p), "late new", "what was put lately and is due later is left to a walk");
	is_int(p.n, 4, "its place too");
	put(MESSAGE_pos_submit, "soon", 8, 6 * SECOND_US);
	(void)due_at(a, &p);
	is_int(p.n, 5, "but for what is due before there was one");
	world_sql("DELETE FROM outbox WHERE destination IN ('far', 'soon')");
	p.n = 4; /* by name: it was the last */
	p.after_id = INT64_MAX;
	is_str(due_at(a, &p), "late new", "by its name from then on");
	test_sooner(a, &p);
	world_sql("UPDATE outbox SET destination = 'elsewhere' WHERE destination = 'new'");
	is_str(due_at(a, &p), "late not-yet", "what comes about at a new place under an old id is not seen");
	p.walk_at_us = 0;
	is_str(due_at(a, &p), "late not-yet elsewhere", "but by the next walk");
	is_int(p.n, 3, "which forgets places that are empty");
	ok(p.walk_at_us > 0 && p.walk_at_us < clock_steady_us() + 6 * SECOND_US, "and there is a walk within five seconds");
	outbox_places_end(&p);
	world_sql("DELETE FROM outbox");
}

int
main(void)
{
	struct db_options o = world_options(PROGRAM_relay);
	struct db *a = db_new(&o);

	shop_make(&shop, "due");
	test_due(a);
	db_free(&a);
	return tap_done();
}
