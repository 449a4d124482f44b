/*
 * probe: does a restaurant's POS answer us as it should? (POS-34, POS-35)
 *
 * Somebody asks, and the relay puts questions to the POS that change nothing there: whether our
 * access is for this restaurant, its menu, and an order that does not exist. What came of each is a
 * check: {"name":"menu", "passed":false, "cause":"auth", "sentence":"...", "remedy":"..."}. The
 * checks before the first call are about what is set here: the configuration, and how the POS's own
 * calls would prove themselves. An integration has one probe, the last.
 */
#ifndef TICKETRAIL_PROVIDER_PROBE_H
#define TICKETRAIL_PROVIDER_PROBE_H

#include <stdint.h>

#include "err/err.h"
#include "provider/connect.h"

struct op;

struct probe {
	const char *status; /* "running", "passed", "failed" */
	const char *checks; /* a JSON array */
	int64_t started_at, completed_at;
};

/*
 * Begins one, or tells of the one that is running. In a transaction. Without a configuration that
 * is fit for use nothing is asked, and it has failed.
 */
enum err probe_begin(struct op *, const struct connection *, struct probe *ret);

/* The last one. ERR_NO_ROW (no fault): there was none. */
enum err probe_read(struct op *, const struct connection *, struct probe *ret);

#endif
