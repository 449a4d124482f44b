#include "retention/purge.h"

#include <stddef.h>
#include <string.h>

#include "config/config.h"
#include "db/db.h"
#include "metric/counter.h"
#include "op/crash.h"
#include "op/op.h"
#include "text/civil.h"

#define AGAIN_SOON_US US_PER_SECOND
#define AGAIN_US US_PER_HOUR

static const struct {
	enum stmt stmt;
	int64_t kept_us;
	size_t days_at; /* kept_us 0: where struct config has them */
} kinds[] = {
#define PURGE_ROW(name, hours, sentence) { STMT_purge_##name, (hours) * US_PER_HOUR, 0 },
#define PURGE_SET_ROW(name, field, sentence) \
	{ STMT_purge_##name, 0, offsetof(struct config, field) },
#include "retention/purge.def"
#undef PURGE_ROW
#undef PURGE_SET_ROW
};

/* Older than this; TIME_NONE, which is before everything: nobody has said how old. */
static int64_t
before(const struct op *op, size_t i)
{
	int64_t days = 0;

	if (kinds[i].kept_us > 0)
		return op->now_us - kinds[i].kept_us;
	if (op->config != NULL)
		memcpy(&days, (const char *)op->config + kinds[i].days_at, sizeof days);
	return days > 0 ? op->now_us - days * US_PER_DAY : TIME_NONE;
}

static void
purged_count(void *rows)
{
	counter_add(COUNTER_rows_purged, (uint64_t)*(int64_t *)rows);
}

enum err
purge_run(struct op *op, const struct message *m)
{
	int64_t *deleted = arena_alloc(op->arena, sizeof *deleted);
	bool is_full = false;
	enum err e = db_now(op);

	/* One that was set aside and put back finds another in its place; one is enough. */
	if (e == OK)
		e = outbox_drop(op, MESSAGE_purge, m->subject_id);
	for (size_t i = 0; e == OK && i < sizeof kinds / sizeof kinds[0]; i++) {
		int64_t n = 0;

		e = db_changed(op, kinds[i].stmt,
		    DB_ARGS(DB_TIME("before", before(op, i)),
			DB_I64("n", PURGE_BATCH)),
		    &n);
		is_full |= n >= PURGE_BATCH;
		*deleted += n;
	}
	CRASH_POINT("purge.before_later");
	if (e == OK)
		e = outbox_later(op, m, is_full ? AGAIN_SOON_US : AGAIN_US, NULL);
	op_after_commit(op, purged_count, deleted);
	return e;
}

enum err
purge_dead(struct op *op, const struct message *m, const char *why)
{
	(void)m;
	(void)why;
	return outbox_put(op, &(struct message_new){
				  .kind = MESSAGE_purge, .delay_us = AGAIN_US });
}
