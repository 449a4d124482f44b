/*
 * handler: what this room does for each kind of message, for call.c alone.
 *
 * begin runs in a transaction of its own and says in *ret_send whether there is something to send;
 * then ret_call is set, with secrets by name and their values beside it. end runs in the caller's
 * transaction.
 */
#ifndef TICKETRAIL_PROVIDER_HANDLER_H
#define TICKETRAIL_PROVIDER_HANDLER_H

#include "pos/pos.h"
#include "provider/call.h"
#include "tenant/integration.h"

struct attempt {
	const struct provider *provider;
	const struct message *message;
	bool is_sent; /* there is something to send */
	struct http_call call;
	struct call_limits limits;
	struct named_secret *secrets;
	size_t secrets_n;
};

typedef enum err handler_begin(struct op *, struct attempt *);
typedef enum err handler_end(struct op *, const struct provider *, const struct message *,
    const struct provider_result *, struct provider_ending *ret);

/*
 * Nobody will try the message again: what it was for goes to people. In the transaction that sets
 * it aside.
 */
typedef enum err handler_dead(struct op *, const struct message *, const char *why);

handler_begin submit_begin, follow_begin, void_begin, tidy_begin, look_begin, login_begin,
    probe_ask, menu_fetch_begin, otp_begin, notice_begin;
handler_end submit_end, follow_end, void_end, tidy_end, look_end, login_end, probe_hear,
    menu_fetch_end, otp_end, notice_end;
handler_dead submit_dead, follow_dead, void_dead, login_dead, probe_dead, menu_fetch_dead,
    notice_dead;

/* What came of a step: of its answer, or of there being none. */
struct pos_outcome attempt_heard(struct op *, const struct pos_adapter *, enum pos_verb,
    const struct pos_task *, const struct provider_result *);

/*
 * Of what a guest waits for. Is this outcome, of a LATER or a doubt, the last that the message
 * allows? Not if we were only asked for peace.
 */
bool attempt_is_last(const struct op *, const struct message *, const struct verdict *);
/* It is done, and another, of something else, follows at once: it goes on from the payload. */
enum err attempt_next(struct provider_ending *, struct bytes payload);
/* Another attempt, when it is time for one. */
enum err attempt_again(struct op *, const struct message *, const struct verdict *);
/* The message is delayed if the outcome allows another attempt, else finished with the outcome. */
enum err attempt_again_or_finish(struct op *, const struct message *, const struct verdict *);

#endif
