/* Orders against the tickets that their POS has journalled. */

#include <string.h>

#include "check/inside.h"
#include "order/state.h"

/* So far their sum and ours may be apart without anybody being told: a hundredth (E22). */
#define TOTAL_SLACK 100

/* What the journal has of one order, under all its names. */
struct tickets {
	int64_t names_n; /* names under which the POS made one */
	int64_t live_n;
	const char *live; /* the last live one's name */
	int64_t total_minor, paid_minor; /* of that one; -1: not said */
	bool is_unprinted; /* that one, though it is to be */
	const char *to_pay;
};

/* The first of a restaurant's outlets; they are in order. */
static size_t
outlet_first(const struct check *c, int64_t restaurant_id)
{
	size_t low = 0, high = c->outlets_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->outlets[mid].restaurant_id < restaurant_id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
name_look(struct check *c, const char *outlet, const char *reference, struct tickets *t)
{
	struct journal_entry *x = journal_find(
	    c->journal, JOURNAL_TICKET, journal_key(c->op->arena, outlet, reference));

	if (x == NULL)
		return;
	x->ours_n++;
	if (x->made_n == 0)
		return;
	t->names_n++;
	if (x->gone_n == 0) {
		t->live_n++;
		t->live = reference;
		t->total_minor = x->total_minor;
		t->paid_minor = x->paid_minor;
		t->is_unprinted = x->is_to_print && !x->is_printed;
		t->to_pay = x->to_pay;
	}
}

/* An order's names are its number and, sent again, "-2" and so on behind it. */
static struct tickets
tickets_of(struct check *c, const struct check_order *o)
{
	struct tickets t = { .total_minor = -1 };

	for (size_t i = outlet_first(c, o->restaurant_id);
	     i < c->outlets_n && c->outlets[i].restaurant_id == o->restaurant_id; i++) {
		name_look(c, c->outlets[i].outlet, o->order_number, &t);
		for (int64_t no = 2; no <= o->submission_no; no++)
			name_look(c, c->outlets[i].outlet,
			    arena_printf(
				c->op->arena, "%s-%lld", o->order_number, (long long)no),
			    &t);
	}
	return t;
}

static void
say(struct check *c, const struct check_order *o, enum finding_kind kind, const char *sentence)
{
	check_tell(c, kind, o->restaurant_id, "order %s (%s, pos %s) %s", o->order_number,
	    o->status, o->pos_state, sentence);
}

static bool
is_near(int64_t sum, int64_t wanted)
{
	int64_t apart = sum < wanted ? wanted - sum : sum - wanted;

	return apart <= wanted / TOTAL_SLACK;
}

/* Their books against ours. A tip is part of an order here, and at some of them none. */
static void
sums_look(struct check *c, const struct check_order *o, const struct tickets *t)
{
	if (t->total_minor >= 0 && o->told_total_n == 0 &&
	    !is_near(t->total_minor, o->total_minor) &&
	    !is_near(t->total_minor, o->total_minor - o->tip_minor))
		check_tell(c, FINDING_ticket_sum, o->restaurant_id,
		    "order %s comes to %lld here and to %lld at the POS, and staff were not told",
		    o->order_number, (long long)o->total_minor, (long long)t->total_minor);
	if (t->total_minor >= 0 && t->paid_minor > t->total_minor)
		check_tell(c, FINDING_ticket_overpaid, o->restaurant_id,
		    "order %s comes to %lld at the POS, and %lld are booked as paid there",
		    o->order_number, (long long)t->total_minor, (long long)t->paid_minor);
}

/* All is done with it that was to be: nothing waits, nobody was told, and it goes on. */
static bool
is_followed(const struct check_order *o)
{
	return o->follows_n == 0 && o->told_unfinished_n == 0 && o->cancel_wanted == NULL &&
	       !status_is_end(status_by_name(o->status));
}

/* What was still to be done there with one that is: see order/submission.h, submission_follow(). */
static void
follow_look(struct check *c, const struct check_order *o, const struct tickets *t)
{
	bool is_due = t->to_pay != NULL && (strcmp(t->to_pay, "all") == 0 || o->was_paid_first);

	if (!is_followed(o))
		return;
	if (t->is_unprinted)
		say(c, o, FINDING_ticket_unprinted, "was never printed, and staff were not told");
	if (is_due && t->paid_minor == 0 && t->total_minor != 0)
		say(c, o, FINDING_ticket_unpaid,
		    "was never marked as paid at the POS, and staff were not told");
}

/* Cancelled there: whoever is still to look, or to ask for a proof, will notice. */
static bool
is_vanished(const struct check_order *o, const struct tickets *t)
{
	bool is_questioned = o->pos_proved_at == TIME_NONE && o->proofs_n > 0;

	return t->names_n > 0 && t->live_n == 0 && !status_is_end(status_by_name(o->status)) &&
	       o->cancel_wanted == NULL && o->looks_n == 0 && !is_questioned;
}

static void
accepted_look(struct check *c, const struct check_order *o, const struct tickets *t)
{
	enum order_status status = status_by_name(o->status);
	bool is_dropped = status == STATUS_cancelled || status == STATUS_rejected;

	if (o->by_hand)
		return;
	/* One that only an answer speaks for is questioned in time. */
	if (t->names_n == 0 && (o->pos_proved_at != TIME_NONE || o->proofs_n == 0))
		say(c, o, FINDING_ticket_missing, "is at no POS and nobody will notice");
	if (t->live_n == 1 && (o->pos_reference == NULL || strcmp(t->live, o->pos_reference) != 0))
		check_tell(c, FINDING_ticket_misnamed, o->restaurant_id,
		    "order %s is there as %s, we know it as %s", o->order_number, t->live,
		    o->pos_reference != NULL ? o->pos_reference : "nothing");
	if (is_vanished(o, t))
		say(c, o, FINDING_ticket_vanished,
		    "was cancelled at the POS and goes on here, and nobody will notice");
	if (t->live_n == 1) {
		sums_look(c, o, t);
		follow_look(c, o, t);
	}
	if (is_dropped && t->live_n > 0 && o->voids_n == 0)
		say(c, o, FINDING_ticket_of_ended, "is still on the kitchen's screen");
}

void
check_tickets(struct check *c, const struct check_order *o)
{
	struct tickets t = tickets_of(c, o);

	if (t.live_n > 1)
		check_tell(c, FINDING_tickets_two, o->restaurant_id,
		    "order %s has %lld live tickets", o->order_number, (long long)t.live_n);
	switch (pos_state_by_name(o->pos_state)) {
	case POS_accepted:
		accepted_look(c, o, &t);
		break;
	case POS_failed:
		if (t.live_n > 0)
			say(c, o, FINDING_ticket_unwanted,
			    "is on the kitchen's screen all the same");
		break;
	case POS_not_required:
	case POS_queued:
		/* An absence that was believed is sent again under the same name. */
		if (t.names_n > 0 && o->submission_no <= 1 && o->pos_reference == NULL)
			say(c, o, FINDING_ticket_unwanted, "was not sent and is at the POS");
		break;
	default:
		break;
	}
}

static void
ticket_end(struct check *c, const struct journal_entry *x)
{
	if (x->ours_n == 0)
		check_tell(c, FINDING_ticket_stranger, 0, "%s %s, which is no order", x->about,
		    x->made_n > 0 ? "is at the POS" : "was sent to the POS");
	if (x->made_n > 1)
		check_tell(c, FINDING_ticket_repeated, 0, "the POS made %s %lld times", x->about,
		    (long long)x->made_n);
}

static void
request_end(struct check *c, const struct journal_entry *x)
{
	if (x->is_changed)
		check_tell(c, FINDING_bytes_changed, 0, "%s was sent again with other bytes",
		    x->about);
}

static void
delivery_end(struct check *c, const struct journal_entry *x)
{
	if (x->event == NULL && x->ours_n < x->made_n)
		check_tell(c, FINDING_delivery_unstored, 0,
		    "%s: %lld deliveries were acknowledged, %lld are stored", x->about,
		    (long long)x->made_n, (long long)x->ours_n);
}

static void
event_end(struct check *c, const struct journal_entry *x)
{
	if (x->ours_n == 0)
		check_tell(c, FINDING_delivery_unstored, 0,
		    "%s: it was acknowledged and is not stored", x->about);
}

static void
text_end(struct check *c, const struct journal_entry *x)
{
	if (x->ours_n == 0)
		check_tell(
		    c, FINDING_text_stranger, 0, "nobody wrote the text \"%s\"", x->about);
	else if (x->made_n > x->ours_n)
		check_tell(c, FINDING_text_often, 0,
		    "sent %lld times and tried %lld times: \"%s\"", (long long)x->made_n,
		    (long long)x->ours_n, x->about);
}

void
check_strangers(struct check *c)
{
	static void (*const ends[JOURNAL__MAX])(struct check *, const struct journal_entry *) = {
		[JOURNAL_TICKET] = ticket_end,
		[JOURNAL_REQUEST] = request_end,
		[JOURNAL_DELIVERY] = delivery_end,
		[JOURNAL_EVENT] = event_end,
		[JOURNAL_TEXT] = text_end,
	};

	for (struct journal_entry *x = journal_first(c->journal); x != NULL; x = x->next)
		ends[x->kind](c, x);
}
