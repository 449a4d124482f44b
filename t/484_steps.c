/*
 * steps: what is kept of an order that takes several calls, when one of them is in doubt or can not be made.
 *
 * The POS is made up and stands in Toast's place: the linker takes this pos_toast, not the library's. What it is sent is where it
 * goes on from; what it answers is a letter and a text:
 *	N the next step follows, from here   D done, under this id   U in doubt   L later   R refused; from here
 */
#include <stdio.h>
#include <string.h>

#include "db/db.h"
#include "op/op.h"
#include "pos/pos.h"
#include "provider/connect.h"
#include "tap.h"
#include "till.h"

#define SAYS(s) TILL_REPLY(200, s)

static struct shop shop;
static bool can_not_be_made;

/* --- the POS ----------------------------------------------------------------------------------------------------- */

static bool
create_call(struct arena *a, const struct pos_task *task, struct http_call *ret_call, struct pos_problems *problems)
{
	static const char nothing[] = "@nothing";

	if (can_not_be_made || (task->progress.len == sizeof nothing - 1 && memcmp(task->progress.data, nothing, task->progress.len) == 0)) {
		pos_problem_add(a, problems, "kitchen", "is required");
		return false;
	}
	*ret_call = (struct http_call){ .method = "POST", .url = "https://pos.example/orders",
		.body = task->progress.len > 0 ? task->progress : (struct bytes){ "first", 5 } };
	return true;
}

static struct pos_outcome
create_read(struct arena *a, const struct pos_task *task, const struct http_reply *r)
{
	static const enum outcome outcomes[] = { ['N'] = OUTCOME_DONE, ['D'] = OUTCOME_DONE, ['U'] = OUTCOME_UNSURE,
		['L'] = OUTCOME_LATER, ['R'] = OUTCOME_REFUSED };
	const char *text = arena_strndup(a, r->body.data, r->body.len);
	struct pos_outcome o = pos_outcome_of((struct verdict){ outcomes[(unsigned char)*text], CAUSE_NONE, "so it says", 0 });

	(void)task;
	o.has_next = *text == 'N';
	if (*text == 'D')
		o.pos_order_id = text + 1;
	else if (text[1] != '\0')
		o.progress = (struct bytes){ text + 1, strlen(text + 1) };
	return o;
}

static struct pos_outcome
failure_read(struct arena *a, enum pos_verb verb, const struct pos_task *task, enum call_failure failure)
{
	(void)a, (void)task;
	return pos_outcome_of(pos_failure(failure, verb == POS_CREATE));
}

/* All is on its menu but Feta and Masala Chai. */
static bool
item_is_open(struct arena *a, const struct order_line *line, const struct order_addon *addon)
{
	(void)a;
	return strcmp(addon != NULL ? addon->name : line->item_name, addon != NULL ? "Feta" : "Masala Chai") == 0;
}

static const char *untold;

static const char *
order_untold(struct arena *a, const struct pos_config *config, const struct order *o)
{
	(void)a, (void)config, (void)o;
	return untold;
}

static bool
event_applies(const struct pos_event *e, const char *order_type)
{
	(void)e, (void)order_type;
	return true;
}

const struct pos_adapter pos_toast = {
	.name = "toast", .display_name = "Made up", .traits = { .repeat_is_safe = POS_REPEAT_YES },
	.create_limits = { .connect_ms = 1000, .total_ms = 1000, .window_ms = 1000, .flight_ms = 1000 },
	.talks = { [POS_CREATE] = { create_call, create_read } }, .read_failure = failure_read, .applies_to = event_applies,
	.is_open_item = item_is_open, .untold = order_untold,
};

/* --- the stories ------------------------------------------------------------------------------------------------- */

static enum err
connect_body(struct op *op, void *arg)
{
	return connection_save(op, &shop.restaurant, &(struct connection_wish){ .provider_name = "toast",
	    .endpoint = "https://pos.example", .config = { "{}", 2 } }, arg);
}

static void
connect(void)
{
	struct connection c;
	struct op op;

	shop_op(&op, PROGRAM_integrations, &shop);
	ok(db_tx(&op, connect_body, &c) == OK, "the restaurant is at a made-up POS");
	op_end(&op);
}

/* What is sent next, and how it ends. */
static const char *
sends(int64_t id, struct till_reply reply)
{
	struct attempt_seen a = till_attempt(&shop, MESSAGE_pos_submit, id, reply);
	return a.is_sent ? shop_text("SELECT '%s'", a.body) : "nothing";
}

static const char *
kept(int64_t id)
{
	return shop_column(id, "CONCAT_WS(' ', pos_state, CAST(pos_progress AS CHAR), LENGTH(pos_request) > 0)");
}

static void
test_doubt_keeps(void)
{
	int64_t id = shop_order(&shop);

	is_str(sends(id, SAYS("N@one")), "first", "POS-21 a first step is made");
	is_str(kept(id), "submitting @one 0", "POS-21 and where to go on from is kept");
	is_str(sends(id, SAYS("U@nowhere")), "@one", "POS-21 the second");
	is_str(kept(id), "unsure @one 1", "rule 5 is in doubt: neither where it stood nor its bytes are forgotten, whatever the adapter says");
	is_str(sends(id, SAYS("L@nowhere")), "@one", "rule 12 the same is sent again");
	is_str(kept(id), "unsure @one 1", "rule 5 one that was put off says nothing of the one before");
	is_str(sends(id, SAYS("N@two")), "@one", "rule 12 and a third time");
	is_str(kept(id), "submitting @two 0", "rule 5 done after all, it goes on from there");
	is_str(sends(id, SAYS("DP-1")), "@two", "POS-21 with the last one");
	is_str(shop_axes(id), "received/accepted/pending", "POS-21 and is there");
	shop_check(&shop, id, "a step in doubt");

	id = shop_order(&shop);
	sends(id, SAYS("N@one"));
	sends(id, SAYS("U"));
	sends(id, SAYS("R@nowhere"));
	is_str(kept(id), "unsure @one 1", "rule 5 nor does one that is refused");

	id = shop_order(&shop);
	sends(id, SAYS("U@nowhere"));
	is_str(kept(id), "unsure 1", "rule 5 in doubt at once there is nothing to go on from");
	is_str(sends(id, SAYS("DP-2")), "first", "rule 12 but the same again");

	id = shop_order(&shop);
	sends(id, SAYS("N@one"));
	sends(id, SAYS("L@half"));
	is_str(kept(id), "queued @half 0", "POS-23 a step that surely was not done goes on from where it says");
}

/* A step behind one that was in doubt is put off: nothing has ended the doubt, and that step is made anew from where it says. */
static void
test_doubt_back(void)
{
	int64_t id = shop_order(&shop);

	sends(id, SAYS("N@one"));
	sends(id, SAYS("U"));
	sends(id, SAYS("N@two"));
	is_str(kept(id), "submitting @two 0", "POS-21 a step behind the doubt");
	is_str(sends(id, SAYS("L")), "@two", "POS-23 is put off");
	is_str(kept(id), "unsure @two 1", "rule 5 so that the doubt is back");
	is_str(sends(id, SAYS("N@three")), "@two", "rule 5 it is made once more");
	is_str(sends(id, SAYS("L@half")), "@three", "POS-23 the next one is put off, and says from where to go on");
	is_str(kept(id), "unsure @half 0", "rule 5 in doubt, and nothing to repeat");
	is_str(sends(id, SAYS("DP-9")), "@half", "rule 5 it is made anew");
	is_str(shop_axes(id), "received/accepted/pending", "POS-21 and the order is there");
	shop_check(&shop, id, "a step behind a doubt");
}

/* Its configuration is gone between two steps: nobody knows what the first has come to. */
static void
test_stuck(void)
{
	int64_t id = shop_order(&shop);

	sends(id, SAYS("N@one"));
	can_not_be_made = true;
	is_str(sends(id, SAYS("DP-3")), "nothing", "POS-16 a later step that can not be made is not sent");
	is_str(shop_axes(id), "received/unsure/pending", "rule 5 nobody knows how much of the order is there");
	is_str(shop_messages(id), "pos_undecided:1 pos_deadline:1", "rule 8 it does not stay so for ever");
	is_str(kept(id), "unsure @one 0", "rule 5 and nothing is forgotten");
	world_sql("UPDATE orders SET settled_at = UTC_TIMESTAMP(6) WHERE id = %lld", (long long)id);
	ok(till_job(&shop, MESSAGE_pos_deadline, id), "rule 8 at its deadline");
	is_str(shop_axes(id), "received/manual/pending", "rule 8 it is for people");
	is_str(shop_notices(id), "pos_manual", "NOT-08 who are told");
	shop_check(&shop, id, "a step that could not be made");
	id = shop_order(&shop);
	is_str(sends(id, SAYS("DP-4")), "nothing", "POS-16 nor is a first one");
	is_str(shop_axes(id), "received/failed/pending", "POS-16 of which surely nothing is there");
	can_not_be_made = false;
}

static const char *
notice(int64_t order_id, const char *kind)
{
	return shop_text("SELECT message FROM notification_queue WHERE order_id = %lld AND type = '%s'", (long long)order_id, kind);
}

/* What the POS is given otherwise than as it stands here, staff hear of: once for a submission, and not if nothing was sent. */
static void
test_flags(void)
{
	struct order_wish w = shop_wish(&shop);
	struct cart_line lines[5] = { shop_line_with(&shop, "i2", "v2", 1, "a1", 1), shop_line_with(&shop, "i2", "v2", 1, "a2", 1) };
	int64_t id;

	for (size_t i = 2; i < 5; i++)
		lines[i] = shop_line(&shop, "i3", NULL, (int64_t)i);
	w.cart.lines = lines;
	w.cart.lines_n = 5;
	id = shop_place(&shop, &w);
	can_not_be_made = true;
	sends(id, SAYS("D"));
	is_str(shop_notices(id), "pos_failed", "E38 nothing was sent: there is nothing to flag");
	can_not_be_made = false;

	id = shop_place(&shop, &w);
	untold = "Delivery charge 3.00 (fee_guid is not set)";
	sends(id, SAYS("L"));
	sends(id, SAYS("DP-5"));
	untold = NULL;
	is_str(shop_notices(id), "pos_open_items pos_untold", "E38 what is not on its menu, and what it was not told, is flagged once");
	ok(strstr(notice(id, "pos_open_items"), "not on its menu: Feta (Margherita), Masala Chai, Masala Chai and 1 more. Please") != NULL,
	    "E38 by name, the add-on of a line that is on its menu too: %s", notice(id, "pos_open_items"));
	ok(strstr(notice(id, "pos_untold"), "Delivery charge 3.00 (fee_guid is not set). They stand in the note") != NULL,
	    "E38 which amount, and what is missing for it");
}

/* What is written of an order by the transactions of one call. */
static int64_t
writes_of(int64_t id)
{
	return world_int("SELECT COUNT(*) FROM writes_seen WHERE id = %lld", (long long)id);
}

/* A step's ending and the beginning of the next are one change of the order: what each knew of it is there, and it is written once. */
static void
test_onward(void)
{
	const struct till_reply replies[] = { SAYS("N@one"), SAYS("U"), SAYS("L"), SAYS("DP-6"), SAYS("N@nothing") };
	struct attempt_seen a[5], next[5];
	int64_t ids[5];

	for (size_t i = 0; i < 5; i++)
		ids[i] = shop_order(&shop);
	sends(ids[1], SAYS("N@b"));
	world_sql("CREATE TABLE writes_seen (id BIGINT, had_request INT)");
	world_sql("CREATE TRIGGER writes_see AFTER UPDATE ON orders FOR EACH ROW INSERT INTO writes_seen VALUES (NEW.id,"
	    " LENGTH(NEW.pos_request) > 0)");
	till_onward(&shop, MESSAGE_pos_submit, ids, 5, replies, a, next);
	world_sql("DROP TRIGGER writes_see");
	for (size_t i = 0; i < 5; i++)
		ok(a[i].e == OK && a[i].is_sent, "POS-21 order %zu is under way with four others", i);
	ok(next[0].is_claimed && next[0].is_sent && next[0].e == OK, "POS-21 one of them goes on at once");
	is_str(next[0].body, "@one", "POS-21 from where its last step said");
	ok(!next[1].is_claimed && !next[2].is_claimed && !next[3].is_claimed, "and only that");
	is_str(kept(ids[0]), "submitting @one 1", "POS-22 what is sent now is stored before it leaves");
	is_str(shop_column(ids[0], "pos_response"), "N@one", "beside the answer that came");
	is_int(writes_of(ids[0]), 2, "its first step and the second are two writes of the order");
	is_str(kept(ids[1]), "unsure @b 1", "rule 5 one beside it is in doubt");
	is_int(writes_of(ids[1]), 2, "in as many");
	is_str(kept(ids[2]), "queued 1", "POS-23 one is put off");
	is_str(shop_axes(ids[3]), "received/accepted/pending", "POS-21 and one is there");
	is_int(world_int("SELECT attempts FROM outbox WHERE kind = 'pos_submit' AND subject_id = %lld AND begun_at IS NOT NULL", (long long)ids[0]), 1,
	    "POS-23 and its message counts the attempt that has begun");
	ok(next[4].is_claimed && !next[4].is_sent && next[4].e == OK, "POS-16 one can not be made, and is not sent");
	is_str(shop_axes(ids[4]), "received/unsure/pending", "rule 5 what its first step has come to nobody knows");
	is_int(world_int("SELECT COUNT(*) FROM outbox_done WHERE kind = 'pos_submit' AND subject_id = %lld AND attempts = 0",
	    (long long)ids[4]), 1, "and its message is over, with no attempt of that step");
	is_str(shop_text("SELECT GROUP_CONCAT(event ORDER BY seq) FROM order_status_history WHERE order_id = %lld AND axis = 'pos'",
	    (long long)ids[0]), "release,claim", "the history has each move once");
	is_str(sends(ids[0], SAYS("N@two")), "@one", "rule 5 whoever had it is gone: the same is sent again");
	is_str(kept(ids[0]), "submitting @two 0", "rule 12 and goes on");
	is_str(sends(ids[0], SAYS("DP-7")), "@two", "to its end");
	shop_check(&shop, ids[0], "a step that followed at once");
	world_sql("DROP TABLE writes_seen");
}

static enum err
once_body(struct op *op, void *arg)
{
	struct arena *own = op->arena, *brief = arena_new(1 << 20);
	struct connection first, second, *alone = arg;
	enum err e = connection_of(op, shop.restaurant.id, alone);

	if (e == OK)
		e = integrations_read_ahead(op, &shop.restaurant.id, 1, false);
	op->arena = brief; /* as a call that is begun among others has its own */
	if (e == OK)
		e = connection_of(op, shop.restaurant.id, &first);
	op->arena = own;
	arena_free(&brief);
	if (e == OK)
		e = connection_of(op, shop.restaurant.id, &second);
	if (e != OK)
		return e;
	ok(first.config == second.config && first.config != alone->config, "what was read ahead is merged once");
	is_str(pos_config_text(second.config, "custom_settings.kitchen"), pos_config_text(alone->config, "custom_settings.kitchen"),
	    "and outlives whoever was first");
	is_str(second.terms.destination, alone->terms.destination, "with all that goes with it");
	return OK;
}

static void
test_connection_once(void)
{
	struct connection c;
	struct op op;

	shop_op(&op, PROGRAM_relay, &shop);
	is_int(db_tx(&op, once_body, &c), OK, "a transaction that needs a connection again and again");
	op_end(&op);
}

int
main(void)
{
	shop_make(&shop, "steps");
	connect();
	test_doubt_keeps();
	test_doubt_back();
	test_stuck();
	test_flags();
	test_onward();
	test_connection_once();
	return tap_done();
}
