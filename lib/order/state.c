#include "order/state.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const status_names[] = {
#define STATUS_STATE(word, stamp) [STATUS_##word] = #word,
#include "order/order_state.def"
#undef STATUS_STATE
};
static const char *const status_event_names[] = {
#define STATUS_EVENT(event) [STATUS_EVENT_##event] = #event,
#include "order/order_state.def"
#undef STATUS_EVENT
};
static const char *const pos_state_names[] = {
#define POS_STATE(word) [POS_##word] = #word,
#include "order/pos_state.def"
#undef POS_STATE
};
static const char *const pos_event_names[] = {
#define POS_EVENT(event) [POS_EVENT_##event] = #event,
#include "order/pos_state.def"
#undef POS_EVENT
};
static const char *const assignment_names[] = {
#define ASSIGNMENT_STATE(word) [ASSIGNMENT_##word] = #word,
#include "order/assignment_state.def"
#undef ASSIGNMENT_STATE
};
static const char *const assignment_event_names[] = {
#define ASSIGNMENT_EVENT(event) [ASSIGNMENT_EVENT_##event] = #event,
#include "order/assignment_state.def"
#undef ASSIGNMENT_EVENT
};
static const char *const payment_names[] = {
	[PAYMENT_pending] = "pending",
	[PAYMENT_authorized] = "authorized",
	[PAYMENT_paid] = "paid",
	[PAYMENT_failed] = "failed",
	[PAYMENT_partially_refunded] = "partially_refunded",
	[PAYMENT_refunded] = "refunded",
};
_Static_assert(COUNT(status_names) == STATUS__MAX, "a word per status");
_Static_assert(COUNT(status_event_names) == STATUS_EVENT__MAX, "a word per event");
_Static_assert(COUNT(pos_state_names) == POS__MAX, "a word per state");
_Static_assert(COUNT(pos_event_names) == POS_EVENT__MAX, "a word per event");
_Static_assert(COUNT(assignment_names) == ASSIGNMENT__MAX, "a word per state");
_Static_assert(COUNT(assignment_event_names) == ASSIGNMENT_EVENT__MAX, "a word per event");
_Static_assert(COUNT(payment_names) == PAYMENT__MAX, "a word per summary");

const struct status_row status_rows[] = {
#define STATUS_ROW(old, ev, new, may) { .from = STATUS_##old, .event = STATUS_EVENT_##ev, .to = STATUS_##new, .who = (may) },
#include "order/order_state.def"
#undef STATUS_ROW
};
const size_t status_rows_n = COUNT(status_rows);

const struct pos_row pos_rows[] = {
#define POS_ROW(old, ev, new) { .from = POS_##old, .event = POS_EVENT_##ev, .to = POS_##new },
#include "order/pos_state.def"
#undef POS_ROW
};
const size_t pos_rows_n = COUNT(pos_rows);

const struct assignment_row assignment_rows[] = {
#define ASSIGNMENT_ROW(old, ev, new) \
	{ .from = ASSIGNMENT_##old, .event = ASSIGNMENT_EVENT_##ev, .to = ASSIGNMENT_##new },
#include "order/assignment_state.def"
#undef ASSIGNMENT_ROW
};
const size_t assignment_rows_n = COUNT(assignment_rows);

const struct status_row *
status_row_find(enum order_status from, enum status_event event)
{
	for (size_t i = 0; i < status_rows_n; i++)
		if (status_rows[i].from == from && status_rows[i].event == event)
			return &status_rows[i];
	return NULL;
}

const struct pos_row *
pos_row_find(enum pos_state from, enum pos_event_name event)
{
	for (size_t i = 0; i < pos_rows_n; i++)
		if (pos_rows[i].from == from && pos_rows[i].event == event)
			return &pos_rows[i];
	return NULL;
}

const struct assignment_row *
assignment_row_find(enum assignment_state from, enum assignment_event event)
{
	for (size_t i = 0; i < assignment_rows_n; i++)
		if (assignment_rows[i].from == from && assignment_rows[i].event == event)
			return &assignment_rows[i];
	return NULL;
}

bool
status_is_end(enum order_status s)
{
	return s == STATUS_completed || s == STATUS_cancelled || s == STATUS_rejected;
}

bool
pos_is_undecided(enum pos_state s)
{
	return s == POS_queued || s == POS_submitting || s == POS_unsure;
}

const char *
status_name(enum order_status s)
{
	return status_names[s];
}

const char *
status_event_name(enum status_event e)
{
	return status_event_names[e];
}

const char *
pos_state_name(enum pos_state s)
{
	return pos_state_names[s];
}

const char *
pos_event_name(enum pos_event_name e)
{
	return pos_event_names[e];
}

const char *
payment_name(enum payment_status p)
{
	return payment_names[p];
}

const char *
assignment_name(enum assignment_state s)
{
	return assignment_names[s];
}

const char *
assignment_event_name(enum assignment_event e)
{
	return assignment_event_names[e];
}

static size_t
word_find(const char *const *words, size_t n, const char *word)
{
	size_t i = 0;

	while (i < n && (word == NULL || strcmp(words[i], word) != 0))
		i++;
	return i;
}

enum order_status
status_by_name(const char *word)
{
	return (enum order_status)word_find(status_names, STATUS__MAX, word);
}

enum pos_state
pos_state_by_name(const char *word)
{
	return (enum pos_state)word_find(pos_state_names, POS__MAX, word);
}

enum payment_status
payment_by_name(const char *word)
{
	return (enum payment_status)word_find(payment_names, PAYMENT__MAX, word);
}

enum assignment_state
assignment_by_name(const char *word)
{
	return (enum assignment_state)word_find(assignment_names, ASSIGNMENT__MAX, word);
}

enum status_event
status_event_to(enum order_status to)
{
	for (size_t i = 0; i < status_rows_n; i++)
		if (status_rows[i].to == to)
			return status_rows[i].event;
	return STATUS_EVENT__MAX;
}
