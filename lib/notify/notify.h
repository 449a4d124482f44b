/*
 * notify: what the house needs to know of a messaging provider in order to have a text delivered to
 * a person.
 *
 * An adapter is a const struct of pure functions: an arena and values in, values out; no socket,
 * clock, database or log. What it returns lives in the arena it was given. Codes and texts are made
 * by others; an adapter only carries them. Two adapters in a row would be one in the registry
 * (notify.c) and one file each.
 */
#ifndef TICKETRAIL_NOTIFY_NOTIFY_H
#define TICKETRAIL_NOTIFY_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem/arena.h"
#include "outbox/call.h"
#include "outbox/outcome.h"

/* The name under which a call asks for the one-time password that it carries. */
#define NOTIFY_OTP_SECRET "otp"

/*
 * Where and as whom to send; from the program's configuration. The key itself is the secret
 * {{secret:msg91_authkey}}.
 */
struct notify_config {
	const char *base_url;
	const char *otp_template_id, *flow_template_id;
	const char *sender; /* NULL or "": the template's */
};

/* A variable of a text's template, as the template spells it. */
struct notify_var {
	const char *name, *value;
};

struct notify_outcome {
	struct verdict verdict;
	const char *request_id; /* theirs; NULL: they did not say */
};

struct notify_adapter {
	const char *name;
	const char *display_name;
	const char *secret; /* the name under which calls ask for the key */
	struct call_limits limits;
	int rate_per_min, rate_burst; /* calls of one account, of whatever kind */
	/*
	 * An UNSURE text is sent once more after this many seconds, and never again; 0: never by
	 * itself. A guest who got no code asks for another one, and two codes in a row only
	 * confuse: OTPs are not repeated.
	 */
	int otp_repeat_after_s, text_repeat_after_s;

	/*
	 * The request that has `code` delivered to a phone (E.164). ttl_s: how long the code lives.
	 * The code itself is not in the call, but filled in as the secret NOTIFY_OTP_SECRET. False
	 * and a sentence when it can not be sent as asked.
	 */
	bool (*otp_call)(struct arena *, const struct notify_config *, const char *phone,
	    const char *code, int64_t ttl_s, struct http_call *ret_call, const char **ret_problem);
	/*
	 * The request that has a template filled with `vars` delivered. template_id NULL: the
	 * configured one.
	 */
	bool (*text_call)(struct arena *, const struct notify_config *, const char *phone,
	    const char *template_id, const struct notify_var *vars, size_t vars_n,
	    struct http_call *ret_call, const char **ret_problem);
	/* The reply to either. */
	struct notify_outcome (*read_reply)(struct arena *, const struct http_reply *);
	/* A call that ended without a reply. The sentence is constant. */
	struct verdict (*read_failure)(enum call_failure);
};

/* NULL: there is no such provider. */
const struct notify_adapter *notify_adapter_find(const char *name);

extern const struct notify_adapter notify_msg91;

#endif
