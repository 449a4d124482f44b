/*
 * check: holds the database, and what providers have journalled, to the invariants of finding.def.
 *
 * It reads everything in one read-only snapshot, in pages, so that a million orders need no more
 * memory than a thousand; only what a journal holds is kept. It changes nothing and mends nothing.
 * It tells each finding as it comes and does not know how findings are shown. It knows no provider:
 * a journal is in the neutral form of journal.h.
 *
 * A house at work is never quite at rest: a message that is due now is no finding, one that has
 * been due for CHECK_LATE_US is. A journal can be compared only with a house at rest, because what
 * it is compared with would move meanwhile.
 */
#ifndef TICKETRAIL_CHECK_CHECK_H
#define TICKETRAIL_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err/err.h"

struct op;

#define CHECK_LATE_US (INT64_C(60) * 1000000)

enum finding_kind {
#define FINDING_ROW(name, invariant, needs_journal, meaning) FINDING_##name,
#include "check/finding.def"
#undef FINDING_ROW
	FINDING__MAX
};

struct finding_info {
	const char *name, *invariant, *meaning;
	bool needs_journal;
};
/* The row of a kind; never NULL. */
const struct finding_info *finding_info(enum finding_kind);

struct finding {
	enum finding_kind kind;
	int64_t restaurant_id; /* 0: of none, or not known */
	const char *sentence;  /* for people, without the invariant's id; lent for the call */
};

struct check_options {
	/* told once for each finding, in the order of reading */
	void (*tell)(void *arg, const struct finding *);
	void *arg;
	const char *const *journals; /* paths */
	size_t journals_n;
};

struct check_report {
	int64_t findings_n;
	int64_t orders_n, messages_due_n, messages_held_n;
	bool is_compared; /* with the journals: there are some, and the house is at rest */
};

/*
 * OK and the report. ERR_VALIDATION_ERROR: a journal cannot be read, the sentence says which line;
 * ERR_UNAVAILABLE: the database went away while it was being read, and what was told until then is
 * true but not all.
 */
enum err check_run(struct op *, const struct check_options *, struct check_report *ret);

#endif
