/* Text messages: otp_sms and notice_sms, by whichever messaging provider is configured. */
#include <string.h>

#include "config/config.h"
#include "notice/notice.h"
#include "notify/notify.h"
#include "op/op.h"
#include "person/otp.h"
#include "provider/handler.h"

#define ADAPTER (&notify_msg91)

static struct notify_config
config_of(const struct config *c)
{
	return (struct notify_config){ .base_url = c->msg91_base_url,
		.otp_template_id = c->msg91_otp_template_id,
		.flow_template_id = c->msg91_flow_template_id,
		.sender = c->msg91_sender };
}

/* code: the one-time password that the call carries by name; NULL: it carries none. */
static void
secrets_set(struct op *op, struct attempt *a, const char *code)
{
	a->limits = ADAPTER->limits;
	a->secrets = arena_array(op->arena, 2, sizeof *a->secrets);
	a->secrets[0] = (struct named_secret){ .name = ADAPTER->secret,
		.value = a->provider->config->msg91_authkey };
	a->secrets[1] = (struct named_secret){ .name = NOTIFY_OTP_SECRET, .value = code };
	a->secrets_n = code == NULL ? 1 : 2;
}

/*
 * A code that has waited too long is no use any more, and one that may have arrived is not sent
 * twice.
 */
enum err
otp_begin(struct op *op, struct attempt *a)
{
	struct notify_config config = config_of(a->provider->config);
	const struct message *m = a->message;
	struct otp_message otp;
	const char *problem;

	if (m->begun_at != TIME_NONE)
		return outbox_finish(
		    op, m, OUTCOME_UNSURE, call_failure_sentence(CALL_SENDER_LOST));
	if (m->expires_at != TIME_NONE && op->now_us >= m->expires_at)
		return outbox_finish(op, m, OUTCOME_LATER, "The code has expired");
	if (otp_message_open(op->arena, &a->provider->keys, m->subject_id, m->payload, &otp) != OK)
		return outbox_finish(op, m, OUTCOME_REFUSED, "The message cannot be opened");
	if (!ADAPTER->otp_call(
		op->arena, &config, otp.phone, otp.otp, otp.expires_in_s, &a->call, &problem))
		return outbox_finish(op, m, OUTCOME_REFUSED, problem);
	secrets_set(op, a, otp.otp);
	a->is_sent = true;
	return OK;
}

static struct verdict
verdict_of(struct op *op, const struct provider_result *r)
{
	return r->has_reply ? ADAPTER->read_reply(op->arena, &r->reply).verdict
			    : ADAPTER->read_failure(r->failure);
}

enum err
otp_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	struct verdict v = verdict_of(op, r);

	(void)p;
	ret->outcome = v.outcome;
	return attempt_again_or_finish(op, m, &v);
}

enum err
notice_begin(struct op *op, struct attempt *a)
{
	struct notify_config config = config_of(a->provider->config);
	const struct message *m = a->message;
	struct notice n;
	const char *problem = NULL;
	enum err e = notice_read(op, m->subject_id, &n);

	if (e == ERR_NO_ROW)
		return outbox_finish(op, m, OUTCOME_REFUSED, "The notice is gone");
	if (e != OK)
		return e;
	if (!ADAPTER->text_call(op->arena, &config, n.phone_number, NULL,
		&(struct notify_var){ .name = "message", .value = n.message }, 1, &a->call,
		&problem)) {
		e = notice_mark(op, n.id, "failed");
		return e != OK ? e : outbox_finish(op, m, OUTCOME_REFUSED, problem);
	}
	secrets_set(op, a, NULL);
	a->is_sent = true;
	return OK;
}

/*
 * A text that may have arrived is sent once more; then it counts as sent: twice told is better than
 * never. retry_count counts such doubts and no attempts: one that died with its relay, or that was
 * put off, may have sent nothing.
 */
enum err
notice_end(struct op *op, const struct provider *p, const struct message *m,
    const struct provider_result *r, struct provider_ending *ret)
{
	struct verdict v = verdict_of(op, r);
	bool is_last = outbox_is_last(op, m);
	struct notice n = { .retry_count = 0 };
	enum err e = notice_read(op, m->subject_id, &n);

	(void)p;
	ret->outcome = v.outcome;
	if (e != OK && e != ERR_NO_ROW)
		return e;
	if (v.outcome == OUTCOME_UNSURE && n.retry_count == 0 && !is_last &&
	    ADAPTER->text_repeat_after_s > 0) {
		e = notice_mark(op, m->subject_id, "pending");
		return e != OK ? e
			       : outbox_later(op, m,
				     INT64_C(1000000) * ADAPTER->text_repeat_after_s, v.sentence);
	}
	if (v.outcome == OUTCOME_LATER && !is_last)
		return attempt_again_or_finish(op, m, &v);
	e = notice_mark(op, m->subject_id,
	    v.outcome == OUTCOME_DONE || v.outcome == OUTCOME_UNSURE ? "sent" : "failed");
	return e != OK ? e : attempt_again_or_finish(op, m, &v);
}

enum err
notice_dead(struct op *op, const struct message *m, const char *why)
{
	(void)why;
	return notice_mark(op, m->subject_id, "failed");
}
