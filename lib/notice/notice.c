#include "notice/notice.h"

#include <string.h>

#include "db/db.h"
#include "log/log.h"
#include "mem/buf.h"
#include "metric/counter.h"
#include "op/op.h"
#include "outbox/outbox.h"
#include "text/utf8.h"

#define TEXT_MAX 480   /* three segments of a text message */
#define REASON_MAX 300 /* what is to be done stands behind it */
#define SMS_DESTINATION "notice_sms"

struct notice_info {
	const char *name, *text;
};
static const struct notice_info infos[] = {
#define NOTICE_ROW(kind, audience, words) [NOTICE_##kind] = { .name = #kind, .text = (words) },
#include "notice/notice.def"
#undef NOTICE_ROW
};
_Static_assert(sizeof infos / sizeof infos[0] == NOTICE__MAX, "one row per kind");

/* A row of notice.def has one of counter.def. */
static const enum counter counters[] = {
#define NOTICE_ROW(kind, audience, words) [NOTICE_##kind] = COUNTER_notice_##kind,
#include "notice/notice.def"
#undef NOTICE_ROW
};

struct recipient {
	int64_t user_id, staff_id;
	const char *phone;
};
static const struct db_col recipient_cols[] = {
	COL_I64(struct recipient, staff_id),
	COL_TEXT(struct recipient, phone),
};
static const struct db_shape recipient_shape = DB_SHAPE(struct recipient, recipient_cols);

struct any_row {
	bool is_any;
};
static const struct db_col any_cols[] = { COL_BOOL(struct any_row, is_any) };
static const struct db_shape any_shape = DB_SHAPE(struct any_row, any_cols);

static const struct db_col notice_cols[] = {
	COL_I64(struct notice, id),
	COL_TEXT(struct notice, type),
	COL_TEXT(struct notice, phone_number),
	COL_TEXT(struct notice, message),
	COL_TEXT(struct notice, status),
	COL_I64(struct notice, retry_count),
};
static const struct db_shape notice_shape = DB_SHAPE(struct notice, notice_cols);

/* The row's text with its two names filled in. */
static const char *
notice_text(struct op *op, enum notice_kind kind, const struct notice_about *a)
{
	static const struct {
		const char *name;
		size_t len;
	} order = { "{order}", 7 }, reason = { "{reason}", 8 };
	struct buf b;

	buf_init(&b, op->arena, 4096);
	for (const char *p = infos[kind].text; *p != '\0';) {
		if (strncmp(p, order.name, order.len) == 0) {
			buf_adds(&b, a->order_number);
			p += order.len;
		} else if (strncmp(p, reason.name, reason.len) == 0) {
			if (a->reason != NULL)
				buf_adds(&b, utf8_truncate(op->arena, a->reason, REASON_MAX));
			p += reason.len;
		} else {
			buf_addc(&b, *p++);
		}
	}
	return utf8_truncate(op->arena, b.data, TEXT_MAX);
}

static enum err
notice_put(
    struct op *op, enum notice_kind kind, const struct notice_about *a, const struct recipient *to)
{
	const char *dedupe =
	    arena_printf(op->arena, "%lld:%s:%lld:sms:%c%lld", (long long)a->order_id,
		infos[kind].name, (long long)a->round, to->staff_id != 0 ? 's' : 'u',
		(long long)(to->staff_id != 0 ? to->staff_id : to->user_id));
	int64_t id;
	enum err e = db_newid(op, STMT_notice_put,
	    DB_ARGS(DB_I64("restaurant_id", a->restaurant_id), DB_ID("user_id", to->user_id),
		DB_ID("staff_id", to->staff_id), DB_ID("order_id", a->order_id),
		DB_TEXT("type", infos[kind].name), DB_TEXT("phone_number", to->phone),
		DB_TEXT("message", notice_text(op, kind, a)),
		DB_BYTES("dedupe_key", dedupe, strlen(dedupe))),
	    &id);

	if (e == ERR_DUPLICATE)
		return OK;
	if (e != OK)
		return e;
	return outbox_put(op, &(struct message_new){ .kind = MESSAGE_notice_sms,
				  .destination = SMS_DESTINATION,
				  .restaurant_id = a->restaurant_id,
				  .subject_id = id });
}

struct told {
	enum notice_kind kind;
	int64_t order_id, restaurant_id;
	const char *trace_id;
};

static void
told_count(void *arg)
{
	const struct told *t = arg;

	counter_add(counters[t->kind], 1);
	log_event(LOG_LEVEL_INFO, "notice", t->trace_id,
	    LOG_FIELDS(LOG_TEXT("kind", infos[t->kind].name), LOG_I64("order", t->order_id),
		LOG_I64("restaurant_id", t->restaurant_id)));
}

/* Once it is committed, for the operator too: counted and logged, whoever can be reached. */
static void
told(struct op *op, enum notice_kind kind, const struct notice_about *a)
{
	struct told *t = arena_alloc(op->arena, sizeof *t);

	*t = (struct told){ .kind = kind,
		.order_id = a->order_id,
		.restaurant_id = a->restaurant_id,
		.trace_id = arena_strdup(op->arena, op->trace_id) };
	op_after_commit(op, told_count, t);
}

enum err
notice_guest(struct op *op, enum notice_kind kind, const struct notice_about *a)
{
	told(op, kind, a);
	if (a->phone == NULL)
		return OK;
	return notice_put(
	    op, kind, a, &(struct recipient){ .user_id = a->user_id, .phone = a->phone });
}

enum err
notice_staff(struct op *op, enum notice_kind kind, const struct notice_about *a)
{
	struct recipient *staff;
	size_t n = 0;
	enum err e = db_many(op, STMT_notice_staff,
	    DB_ARGS(DB_I64("restaurant_id", a->restaurant_id)), &recipient_shape, &staff, &n);

	told(op, kind, a);
	for (size_t i = 0; i < n && e == OK; i++)
		e = notice_put(op, kind, a, &staff[i]);
	return e;
}

enum err
notice_staff_any(struct op *op, int64_t restaurant_id, bool *ret_any)
{
	struct any_row row = { false };
	enum err e = db_one(op, STMT_notice_staff_any,
	    DB_ARGS(DB_I64("restaurant_id", restaurant_id)), &any_shape, &row);

	if (e == OK)
		*ret_any = row.is_any;
	return e;
}

enum err
notice_read(struct op *op, int64_t id, struct notice *ret)
{
	return db_one(op, STMT_notice_read, DB_ARGS(DB_I64("id", id)), &notice_shape, ret);
}

static void
failed_count(void *arg)
{
	(void)arg;
	counter_add(COUNTER_notices_failed, 1);
}

enum err
notice_mark(struct op *op, int64_t id, const char *status)
{
	if (strcmp(status, "failed") == 0)
		op_after_commit(op, failed_count, NULL);
	return db_run(op, STMT_notice_mark, DB_ARGS(DB_I64("id", id), DB_TEXT("status", status)));
}
