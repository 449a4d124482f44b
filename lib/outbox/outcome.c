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

static const struct {
	const char *name, *remedy;
} causes[] = {
	[CAUSE_NONE] = { "none", NULL },
	[CAUSE_CONFIG] = { "config",
	    "Correct the POS settings, test them, then send the order again." },
	[CAUSE_AUTH] = { "auth",
	    "Renew the POS credentials or authorise us again, then send the order again." },
	[CAUSE_PAYLOAD] = { "payload",
	    "The POS does not take this order as it is: fetch the menu anew if an item has "
	    "changed, or enter the order by hand." },
	[CAUSE_BUSY] = { "busy", "The POS was too busy: send the order again." },
	[CAUSE_PROVIDER] = { "provider",
	    "The POS has a failure of its own: send the order again when it works, or enter it "
	    "by hand." },
	[CAUSE_NETWORK] = { "network",
	    "The POS could not be reached: check its connection, then send the order again." },
	[CAUSE_GARBLED] = { "garbled",
	    "The POS gave an answer that nobody understands: look whether the order is there." },
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

const char *
cause_remedy(const char *name)
{
	for (size_t i = 0; name != NULL && i < CAUSE__MAX; i++)
		if (strcmp(causes[i].name, name) == 0)
			return causes[i].remedy;
	return NULL;
}

bool
cause_needs_repair(enum cause c)
{
	return c == CAUSE_CONFIG || c == CAUSE_AUTH;
}
