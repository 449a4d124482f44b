/* The tables of an order's axes, walked: what the code, the SQL and the documentation all rest on. */
#include <string.h>

#include "order/state.h"
#include "order/words.h"
#include "tap.h"

static void
status_reachable(void)
{
	bool reached[STATUS__MAX] = { [STATUS_received] = true };

	for (int round = 0; round < STATUS__MAX; round++)
		for (size_t i = 0; i < status_rows_n; i++)
			if (reached[status_rows[i].from])
				reached[status_rows[i].to] = true;
	for (enum order_status s = 0; s < STATUS__MAX; s++)
		ok(reached[s], "ORD-14 %s can be reached", status_name(s));
}

static void
status_rules(void)
{
	for (size_t i = 0; i < status_rows_n; i++) {
		const struct status_row *r = &status_rows[i];

		ok(!status_is_end(r->from), "ORD-14 %s -%s-> %s does not leave an end", status_name(r->from),
		    status_event_name(r->event), status_name(r->to));
		ok(status_is_end(r->to) || r->to > r->from, "ORD-14 %s -%s-> %s goes forward", status_name(r->from),
		    status_event_name(r->event), status_name(r->to));
		ok(r->who != 0 && (r->who & ~31u) == 0, "somebody may %s from %s", status_event_name(r->event), status_name(r->from));
		for (size_t j = 0; j < i; j++)
			if (status_rows[j].from == r->from && status_rows[j].event == r->event)
				ok(false, "%s from %s stands twice", status_event_name(r->event), status_name(r->from));
	}
	ok((status_row_find(STATUS_preparing, STATUS_EVENT_cancel)->who & WHO_GUEST) != 0 &&
	    (status_row_find(STATUS_ready, STATUS_EVENT_cancel)->who & WHO_GUEST) == 0,
	    "a guest may cancel until the food is ready");
	ok(status_row_find(STATUS_ready, STATUS_EVENT_confirm) == NULL, "ORD-14 a late confirmation moves nothing back");
}

/* Every event leads to one status, whatever it comes from. */
static void
status_events(void)
{
	for (size_t i = 0; i < status_rows_n; i++)
		ok(status_event_to(status_rows[i].to) == status_rows[i].event, "%s always leads to %s",
		    status_event_name(status_rows[i].event), status_name(status_rows[i].to));
}

static void
pos_reachable(void)
{
	bool reached[POS__MAX] = { [POS_not_required] = true };

	for (int round = 0; round < POS__MAX; round++)
		for (size_t i = 0; i < pos_rows_n; i++)
			if (reached[pos_rows[i].from])
				reached[pos_rows[i].to] = true;
	for (enum pos_state s = 0; s < POS__MAX; s++)
		ok(reached[s], "POS-20 %s can be reached", pos_state_name(s));
}

static void
assignment_rules(void)
{
	bool reached[ASSIGNMENT__MAX] = { [ASSIGNMENT_none] = true };

	for (int round = 0; round < ASSIGNMENT__MAX; round++)
		for (size_t i = 0; i < assignment_rows_n; i++)
			if (reached[assignment_rows[i].from])
				reached[assignment_rows[i].to] = true;
	for (enum assignment_state s = 0; s < ASSIGNMENT__MAX; s++) {
		ok(reached[s], "ADM-04 %s can be reached", assignment_name(s));
		ok(assignment_by_name(assignment_name(s)) == s, "%s reads back", assignment_name(s));
	}
	for (size_t i = 0; i < assignment_rows_n; i++) {
		const struct assignment_row *r = &assignment_rows[i];

		ok(r->to > r->from || r->event == ASSIGNMENT_EVENT_unassign, "ADM-04 %s -%s-> %s goes forward", assignment_name(r->from),
		    assignment_event_name(r->event), assignment_name(r->to));
		ok(r->from != ASSIGNMENT_delivered, "ADM-04 what is delivered stays so");
		ok(assignment_row_find(r->from, r->event) == r, "%s from %s stands once", assignment_event_name(r->event), assignment_name(r->from));
	}
	ok(assignment_row_find(ASSIGNMENT_picked_up, ASSIGNMENT_EVENT_unassign) == NULL, "ADM-03 what is picked up is not taken back");
	ok(assignment_row_find(ASSIGNMENT_assigned, ASSIGNMENT_EVENT_deliver) == NULL, "ADM-04 nothing is delivered that was not picked up");
	for (enum order_status s = 0; s < STATUS__MAX; s++)
		for (enum status_event ev = 0; ev < STATUS_EVENT__MAX; ev++) {
			const struct status_row *row = status_row_find(s, ev);

			if (row != NULL && (row->who & WHO_DELIVERY) != 0)
				ok((row->who & WHO_STAFF) != 0 && s != STATUS_received && (ev == STATUS_EVENT_depart || ev == STATUS_EVENT_complete),
				    "ADM-04 who brings it may %s from %s, as staff may", status_event_name(ev), status_name(s));
		}
}

/* The submission protocol's rules, as far as a table can show them. */
static void
pos_rules(void)
{
	for (size_t i = 0; i < pos_rows_n; i++) {
		const struct pos_row *r = &pos_rows[i];

		for (size_t j = 0; j < i; j++)
			if (pos_rows[j].from == r->from && pos_rows[j].event == r->event)
				ok(false, "%s from %s stands twice", pos_event_name(r->event), pos_state_name(r->from));
		if (r->to == POS_submitting)
			ok((r->from == POS_queued && r->event == POS_EVENT_claim) || (r->from == POS_unsure && r->event == POS_EVENT_step),
			    "an attempt begins only by a claim from queued, and goes on when its last step turns out to be done");
		if (r->to == POS_unsure)
			ok(r->from == POS_submitting, "doubt comes only out of an attempt");
		if (r->from == POS_unsure)
			ok(r->to != POS_submitting || r->event == POS_EVENT_step, "nothing leads from doubt to a fresh attempt");
	}
	ok(pos_row_find(POS_unsure, POS_EVENT_refused) == NULL && pos_row_find(POS_unsure, POS_EVENT_later) == NULL,
	    "doubt is sticky: a later refusal does not speak for an earlier send");
	ok(pos_row_find(POS_submitting, POS_EVENT_lost)->to == POS_unsure, "what a lost relay had is in doubt");
	ok(pos_row_find(POS_accepted, POS_EVENT_claim) == NULL && pos_row_find(POS_failed, POS_EVENT_claim) == NULL,
	    "POS-21 nothing that was submitted is submitted again by itself");
	for (enum pos_state s = 0; s < POS__MAX; s++)
		if (s != POS_not_required && s != POS_accepted)
			ok(pos_row_find(s, POS_EVENT_present) != NULL, "an event that proves the order is there is taken in %s",
			    pos_state_name(s));
}

static void
words(void)
{
	for (enum word_surface w = 0; w < WORDS__MAX; w++)
		for (enum order_status s = 0; s < STATUS__MAX; s++)
			ok(status_of_word(w, status_word(w, s)) == s, "C4 surface %d says %s for %s and means it", (int)w,
			    status_word(w, s), status_name(s));
	is_str(status_word(WORDS_CALLBACK, STATUS_ready), "food_ready", "WH-03 the callback's surface says food_ready");
	ok(status_of_word(WORDS_WEBHOOK, "eaten") == STATUS__MAX, "a word that no surface has is none");
	for (enum order_status s = 0; s < STATUS__MAX; s++)
		ok(status_by_name(status_name(s)) == s, "%s reads back", status_name(s));
	ok(status_by_name(NULL) == STATUS__MAX && pos_state_by_name("") == POS__MAX && payment_by_name("x") == PAYMENT__MAX,
	    "no word is no state");
}

int
main(void)
{
	status_reachable();
	status_rules();
	status_events();
	pos_reachable();
	pos_rules();
	assignment_rules();
	words();
	return tap_done();
}
