/*
 * redact: what a provider and we say to each other, made fit to be looked at.
 *
 * Both ways go by the names of members, in any spelling (access_token, accessToken, ACCESS-TOKEN),
 * at any depth, and for all that is in an array or an object of that name.
 *
 * For staff, who look at one delivery: what is secret is left out, and of numbers by which somebody
 * can be called the last four digits stay. Everything else stands as it came.
 *
 * For a log, which many read and nobody forgets: nothing stays of what is secret, of numbers and
 * addresses, of who a person is, and of what people have written by hand. What was left out is kept
 * in a list, and whatever says it again (an answer that repeats the request) says [redacted]. The
 * names of dishes and the like stay.
 */
#ifndef TICKETRAIL_INBOX_REDACT_H
#define TICKETRAIL_INBOX_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "mem/arena.h"

struct op;

/* The document again as JSON, in the arena; NULL if it is none that we would read. */
const char *redact_json(struct op *, struct bytes);

#define REDACT_HIDDEN_MAX 256

/* What must not be said again. Zeroed at first. */
struct redact_hidden {
	struct redact_word {
		const char *text;
		size_t len;
		bool is_word; /* hidden where it stands alone: "Rao", not in "Raorani" */
	} v[REDACT_HIDDEN_MAX];
	size_t n;
	bool has_more; /* than there is room for: then nothing is shown */
};

/* Adds a secret. NULL is none. */
void redact_hide(struct op *, struct redact_hidden *, const char *);

/*
 * For a log, cut after max bytes: JSON as JSON; other text, unless it seems to begin as JSON, but
 * for what is hidden; NULL for what cannot be shown. Adds what it leaves out. In the arena.
 */
const char *redact_for_log(struct op *, struct bytes, size_t max, struct redact_hidden *);

#endif
