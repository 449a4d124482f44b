/* When a message is tried again, and whether. */
#include "config/config.h"
#include "op/op.h"
#include "outbox/inside.h"

#define PAUSE_MAX_US (INT64_C(3600) * 1000000)
#define PAUSE_DOUBLINGS_MAX 20
#define YIELD_FIRST_US INT64_C(1000000)

static int64_t
first_pause(const struct op *op, const struct message *m)
{
	int64_t of_kind = message_info(m->kind)->pause_us;

	return of_kind != 0 ? of_kind : op->config->backoff_ms * 1000;
}

/* Give or take a fifth, and not less than was asked for. */
static int64_t
pause_or_asked(struct op *op, int64_t pause, int retry_after_s)
{
	int64_t asked =
	    INT64_C(1000000) *
	    (retry_after_s < OUTBOX_RETRY_AFTER_MAX_S ? retry_after_s : OUTBOX_RETRY_AFTER_MAX_S);
	uint32_t random;

	op_random(op, &random, sizeof random);
	pause = pause * 4 / 5 + pause * 2 / 5 * (random % 1000) / 1000;
	return pause > asked ? pause : asked;
}

int64_t
outbox_pause(struct op *op, const struct message *m, int retry_after_s)
{
	int64_t pause = first_pause(op, m);
	int64_t doublings = m->attempts < PAUSE_DOUBLINGS_MAX ? m->attempts : PAUSE_DOUBLINGS_MAX;

	pause = pause > PAUSE_MAX_US >> doublings ? PAUSE_MAX_US : pause << doublings;
	return pause_or_asked(op, pause, retry_after_s);
}

bool
outbox_may_yield(const struct op *op, const struct message *m)
{
	return op->now_us < m->created_at + OUTBOX_YIELD_US &&
	       (m->expires_at == TIME_NONE || op->now_us < m->expires_at);
}

enum err
outbox_yield(struct op *op, const struct message *m, int retry_after_s, const char *last_error)
{
	int64_t first = first_pause(op, m), waited = op->now_us - m->created_at;
	int64_t pause = first < YIELD_FIRST_US ? first : YIELD_FIRST_US;

	if (pause < waited / 4)
		pause = waited / 4;
	return outbox_put_off(
	    op, STMT_outbox_yield, m, pause_or_asked(op, pause, retry_after_s), last_error);
}

bool
outbox_is_last(const struct op *op, const struct message *m)
{
	int64_t most = message_info(m->kind)->attempts;

	if (most == MESSAGE_ATTEMPTS_CONFIGURED)
		most = op->config->attempts;
	return (most != 0 && m->attempts + 1 >= most) ||
	       (m->expires_at != TIME_NONE && op->now_us >= m->expires_at);
}
