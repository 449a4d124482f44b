/*
 * journal: what happened at the providers, in a form of no provider's own.
 *
 * A file of one JSON object a line. Lines without "what" are passed over, so that others' journals
 * may carry these among their own:
 *
 *	{"what":"ticket","restaurant":OUTLET,"reference":NAME}       the POS made a ticket; where it adds
 *	                                                             up itself, "total" is its sum, with
 *	                                                             or without the tip; "to_print":true
 *	                                                             where the kitchen sees it on paper only;
 *	                                                             "to_pay" where it is to be marked as paid
 *	                                                             there: "all" always, "paid" if it was paid
 *	                                                             here before it was sent
 *	{"what":"printed","restaurant":OUTLET,"reference":NAME}      it was printed
 *	{"what":"paid","restaurant":OUTLET,"reference":NAME,"total":MINOR}
 *	                                                             what is paid of it there by now
 *	{"what":"ticket_gone","restaurant":OUTLET,"reference":NAME}  it was cancelled there
 *	{"what":"request","restaurant":OUTLET,"reference":NAME,"sha256":HEX}
 *	                                                             the POS was asked to make one; "part",
 *	                                                             if any, is which request of several
 *	{"what":"delivery","sha256":HEX,"status":200,"about":TEXT}   a call to us, and our answer to it
 *	{"what":"delivery","event":NAME,"status":200,"about":TEXT}   such a call with news that has a name:
 *	                                                             it may come often and is kept once;
 *	                                                             "sha256" if the news is all of the body
 *	{"what":"text","to":"+91...","text":TEXT}                    a text left for a phone
 *
 * restaurant is the provider's name for it, reference ours for the order; sums are in minor units.
 * Kept in memory, folded by subject: some 200 bytes for each ticket, delivery and text.
 */
#ifndef TICKETRAIL_CHECK_JOURNAL_H
#define TICKETRAIL_CHECK_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"

struct arena;
struct op;

enum journal_kind {
	JOURNAL_TICKET,
	JOURNAL_REQUEST,
	JOURNAL_DELIVERY, /* by its bytes */
	JOURNAL_EVENT,    /* by its name */
	JOURNAL_TEXT,
	JOURNAL__MAX
};

/* Everything that was journalled about one ticket, one body or one text. */
struct journal_entry {
	enum journal_kind kind;
	const char *key;        /* see journal_key() */
	const char *about;      /* for sentences */
	const char *digest;     /* requests: of the first one; or NULL */
	int64_t made_n, gone_n; /* tickets; deliveries acknowledged; texts */
	int64_t total_minor;    /* tickets: the sum there; -1: not said */
	int64_t paid_minor;     /* tickets */
	bool is_to_print, is_printed; /* tickets */
	const char *to_pay;           /* tickets: "all", "paid", or NULL: not at all */
	bool is_changed;        /* a request came with another digest */
	bool has_bytes;         /* events: what came is known by its bytes too */
	struct journal_entry *event; /* deliveries: the news that it is; NULL: it has no name */
	int64_t ours_n;         /* what the database knows of it; kept by check */
	struct journal_entry *next;
};

struct journal;

/* Empty; lives in the arena, which should allow for what is going to be read. */
struct journal *journal_new(struct arena *);

/* Adds a file. ERR_VALIDATION_ERROR with the file and line in the sentence. */
enum err journal_read(struct op *, struct journal *, const char *path);

/*
 * Two words as one key: outlet and reference, phone and text; "" and a digest or an event. In the
 * arena.
 */
const char *journal_key(struct arena *, const char *first, const char *second);

/* NULL: there is none. */
struct journal_entry *journal_find(struct journal *, enum journal_kind, const char *key);

/* All of them, in the order in which they were first read. */
struct journal_entry *journal_first(const struct journal *);

#endif
