#include "outbox/outcome.h"

#include <stddef.h>

static const struct {
	const char *name, *sentence;
} outcomes[] = {
#define OUTCOME_ROW(name, sentence) [OUTCOME_##name] = { #name, sentence },
#include "outbox/outcome.def"
#undef OUTCOME_ROW
};

static const char *const causes[] = {
	[CAUSE_NONE] = "none",
	[CAUSE_CONFIG] = "config",
	[CAUSE_AUTH] = "auth",
	[CAUSE_PAYLOAD] = "payload",
	[CAUSE_BUSY] = "busy",
	[CAUSE_PROVIDER] = "provider",
	[CAUSE_NETWORK] = "network",
	[CAUSE_GARBLED] = "garbled",
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
	return causes[(size_t)c < CAUSE__MAX ? c : CAUSE_NONE];
}

bool
cause_needs_repair(enum cause c)
{
	return c == CAUSE_CONFIG || c == CAUSE_AUTH;
}
