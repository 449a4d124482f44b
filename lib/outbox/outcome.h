/*
 * outcome: what became of one attempt at the world outside (outcome.def), and why.
 *
 * Adapters turn a reply, or the lack of one, into a verdict; the relay's rules act on the outcome
 * alone, people read the cause and the sentence. UNSURE is never answered by sending blindly.
 */
#ifndef TICKETRAIL_OUTBOX_OUTCOME_H
#define TICKETRAIL_OUTBOX_OUTCOME_H

#include <stdbool.h>

enum outcome {
#define OUTCOME_ROW(name, sentence) OUTCOME_##name,
#include "outbox/outcome.def"
#undef OUTCOME_ROW
	OUTCOME__MAX
};

/* What stood in the way, for alarms and for the text that staff read. */
enum cause {
	CAUSE_NONE,
	/*
	 * a wrong restaurant id, path, address or content type: nothing works until somebody
	 * repairs it
	 */
	CAUSE_CONFIG,
	CAUSE_AUTH,     /* our credentials were refused: likewise */
	CAUSE_PAYLOAD,  /* this one request is wrong; others may be fine */
	CAUSE_BUSY,     /* they ask us to slow down */
	CAUSE_PROVIDER, /* they failed */
	CAUSE_NETWORK,  /* the way there or back failed */
	CAUSE_GARBLED,  /* an answer that cannot be understood */
	CAUSE__MAX
};

struct verdict {
	enum outcome outcome;
	enum cause cause;
	const char *sentence; /* for people; never NULL, holds no secret */
	int retry_after_s;    /* LATER: they asked for this much peace; 0: they did not say */
};

/* "DONE", as in outbox_done.outcome. Never NULL. */
const char *outcome_name(enum outcome);
const char *outcome_sentence(enum outcome);

/* "config". Never NULL. */
const char *cause_name(enum cause);

/* For the restaurant's people: what to do about it; NULL: nothing, or what they know best. */
const char *cause_remedy(const char *cause_name);
/* The same for what is there, and with which something is amiss: it is not to be sent again. */
const char *cause_remedy_there(const char *cause_name);

/* Must somebody repair the configuration before anything to this destination can succeed? */
bool cause_needs_repair(enum cause);

#endif
