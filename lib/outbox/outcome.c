#include "outbox/outcome.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *sentence;
} outcomes[] = {
#define OUTCOME_ROW(name, sentence) [OUTCOME_##name] = { #name, sentence },
#include "outbox/outcome.def"
#undef OUTCOME_ROW
};

#define IT_IS_THERE "The order is at the POS: "
#define SEE_TO_IT "see there that the kitchen has it, and that it is marked as paid if it is"

/* remedy: of what is not there; there: of what is. */
static const struct {
	const char *name, *remedy, *there;
} causes[] = {
	[CAUSE_NONE] = { "none", NULL, IT_IS_THERE SEE_TO_IT "." },
	[CAUSE_CONFIG] = { "config",
	    "Correct the POS settings, test them, then send the order again.",
	    IT_IS_THERE SEE_TO_IT ", then correct the POS settings." },
	[CAUSE_AUTH] = { "auth",
	    "Renew the POS credentials or authorise us again, then send the order again.",
	    IT_IS_THERE SEE_TO_IT ", then renew the POS credentials or authorise us again." },
	[CAUSE_PAYLOAD] = { "payload",
	    "The POS does not take this order as it is: fetch the menu anew if an item has "
	    "changed, or enter the order by hand.",
	    IT_IS_THERE SEE_TO_IT "." },
	[CAUSE_BUSY] = { "busy", "The POS was too busy: send the order again.",
	    IT_IS_THERE SEE_TO_IT "." },
	[CAUSE_PROVIDER] = { "provider",
	    "The POS has a failure of its own: send the order again when it works, or enter it "
	    "by hand.",
	    IT_IS_THERE SEE_TO_IT "." },
	[CAUSE_NETWORK] = { "network",
	    "The POS could not be reached: check its connection, then send the order again.",
	    IT_IS_THERE SEE_TO_IT ", then check the connection." },
	[CAUSE_GARBLED] = { "garbled",
	    "The POS gave an answer that nobody understands: look whether the order is there.",
	    IT_IS_THERE SEE_TO_IT "." },
};
_Static_assert(sizeof(causes) / sizeof(causes[0]) == CAUSE__MAX, "every cause has a name");

const char *
outcome_name(enum outcome o)
{
	return outcomes[(size_t)o < OUTCOME__MAX ? o : OUTCOME_UNSURE].name;
}

const char *
outcome_sentence(enum outcome o)
{
	return outcomes[(size_t)o < OUTCOME__MAX ? o : OUTCOME_UNSURE].sentence;
}

const char *
cause_name(enum cause c)
{
	return causes[(size_t)c < CAUSE__MAX ? c : CAUSE_NONE].name;
}

/* CAUSE__MAX: no such word, or none. */
static size_t
cause_by_name(const char *name)
{
	size_t i = 0;

	while (i < CAUSE__MAX && (name == NULL || strcmp(causes[i].name, name) != 0))
		i++;
	return i;
}

const char *
cause_remedy(const char *name)
{
	size_t i = cause_by_name(name);

	return i < CAUSE__MAX ? causes[i].remedy : NULL;
}

const char *
cause_remedy_there(const char *name)
{
	size_t i = cause_by_name(name);

	return i < CAUSE__MAX ? causes[i].there : NULL;
}

bool
cause_needs_repair(enum cause c)
{
	return c == CAUSE_CONFIG || c == CAUSE_AUTH;
}
